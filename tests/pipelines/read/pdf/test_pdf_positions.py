"""Pages that lie on their side and text that runs down: what is where it looks to be, whatever the file says."""

import io
from collections.abc import Callable
from itertools import pairwise

import pytest
from reportlab.pdfgen.canvas import Canvas

from pipelines.read.document import Document, Table
from pipelines.read.pdf.document import read_pdf
from tests.generator import fonts

WIDTH, HEIGHT = 842.0, 595.0
XS = (60, 260, 440, 620, 780)
ROW = 40.0
TOP = 200.0
HEADING = "三、收到和处理政府信息公开申请情况"
TEXTS = (("办理结果", "自然人", "商业企业", "总计"), ("予以公开", "12", "3", "15"), ("部分公开", "4", "806", "810"))

Draw = Callable[[Canvas], None]


def draw_report(canvas: Canvas) -> None:
    """A heading and a table on a landscape page, positions from its upper left."""
    canvas.setFont(fonts.SERIF, 16)
    canvas.drawString(60, HEIGHT - 150, HEADING)
    draw_grid(canvas, len(TEXTS))
    canvas.setFont(fonts.SERIF, 12)
    for row, cells in enumerate(TEXTS):
        for (x0, x1), text in zip(pairwise(XS), cells, strict=True):
            canvas.drawCentredString((x0 + x1) / 2, HEIGHT - TOP - (row + 0.6) * ROW, text)


def draw_grid(canvas: Canvas, rows: int) -> None:
    for at in range(rows + 1):
        canvas.line(XS[0], HEIGHT - TOP - at * ROW, XS[-1], HEIGHT - TOP - at * ROW)
    for x in XS:
        canvas.line(x, HEIGHT - TOP, x, HEIGHT - TOP - rows * ROW)


def page(draw: Draw, rotation: int = 0) -> bytes:
    """A PDF of one page that looks the same however its content is turned in the file.

    Args:
        draw: draws it as it looks, on a landscape page.
        rotation: degrees by which a viewer must turn the page, clockwise.
    """
    fonts.register()
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=(WIDTH, HEIGHT), invariant=1)  # reportlab lays a turned page's box on its side
    if rotation == 90:
        canvas.translate(HEIGHT, 0)
        canvas.rotate(90)
    elif rotation == 180:
        canvas.translate(WIDTH, HEIGHT)
        canvas.rotate(180)
    elif rotation == 270:
        canvas.translate(0, WIDTH)
        canvas.rotate(270)
    if rotation:
        canvas.setPageRotation(rotation)
    draw(canvas)
    canvas.showPage()
    canvas.save()
    return target.getvalue()


def rows(table: Table) -> tuple[tuple[str, ...], ...]:
    found = [["" for _ in TEXTS[0]] for _ in range(max(cell.row for cell in table.cells) + 1)]
    for cell in table.cells:
        found[cell.row][cell.column] = cell.text
    return tuple(map(tuple, found))


def read(content: bytes) -> Document:
    return read_pdf(content, "a" * 64)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_landscape_page_is_read_as_it_is_shown(rotation: int) -> None:
    document = read(page(draw_report, rotation))
    assert [paragraph.text for paragraph in document.paragraphs] == [HEADING]
    (table,) = document.tables
    assert rows(table) == TEXTS
    for cell in table.cells:
        box = cell.place.box
        assert box is not None
        assert abs((box.x0 + box.x1) / 2 - (XS[cell.column] + XS[cell.column + 1]) / 2) < 1
        assert abs((box.top + box.bottom) / 2 - (TOP + (cell.row + 0.5) * ROW)) < 1


def in_first_cell(draw: Draw) -> tuple[tuple[str, ...], ...]:
    """What is read of a table whose first cell of figures is drawn by `draw`, over three rows of labels."""

    def drawn(canvas: Canvas) -> None:
        draw_grid(canvas, 1)
        canvas.setFont(fonts.SERIF, 12)
        draw(canvas)
        for (x0, x1), text in zip(pairwise(XS[1:]), ("12", "3", "15"), strict=True):
            canvas.drawCentredString((x0 + x1) / 2, HEIGHT - TOP - 0.6 * ROW, text)
        canvas.drawString(60, HEIGHT - 150, HEADING)

    (table,) = read(page(drawn)).tables
    return rows(table)


def bare(text: str) -> str:
    return "".join(text.split())


def test_characters_set_one_below_the_other_are_one_text_from_top_to_bottom() -> None:
    def stacked(canvas: Canvas) -> None:
        canvas.setFont(fonts.SERIF, 9)
        for at, sign in enumerate("予以公开"):
            canvas.drawString(150, HEIGHT - TOP - 9 - at * 9.5, sign)

    label, *figures = in_first_cell(stacked)[0]
    assert bare(label) == "予以公开"
    assert figures == ["12", "3", "15"]


def test_columns_of_vertical_text_follow_each_other_from_right_to_left() -> None:
    def two_columns(canvas: Canvas) -> None:
        canvas.setFont(fonts.SERIF, 9)
        for column, text in enumerate(("不予", "公开")):
            for at, sign in enumerate(text):
                canvas.drawString(160 - column * 30, HEIGHT - TOP - 14 - at * 10, sign)

    label, *figures = in_first_cell(two_columns)[0]
    assert bare(label) == "不予公开"
    assert figures == ["12", "3", "15"]


@pytest.mark.parametrize("degrees", [90, 270])
def test_a_label_turned_on_its_side_is_read_in_its_direction(degrees: int) -> None:
    def turned(canvas: Canvas) -> None:
        canvas.saveState()
        canvas.translate(150, HEIGHT - TOP - (38 if degrees == 90 else 2))
        canvas.rotate(degrees)
        canvas.setFont(fonts.SERIF, 9)
        canvas.drawString(0, 0, "予以公开")
        canvas.restoreState()

    label, *figures = in_first_cell(turned)[0]
    assert bare(label) == "予以公开"
    assert figures == ["12", "3", "15"]
