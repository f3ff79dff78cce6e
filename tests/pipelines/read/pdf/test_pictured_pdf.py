"""PDFs that mix pages of text with pages, or parts of pages, that are pictures."""

import io
import sys
from collections.abc import Callable
from itertools import pairwise

import pypdfium2
import pytest

pytest.importorskip("rapidocr")
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import ttfonts
from reportlab.pdfgen.canvas import Canvas

from pipelines.read.document import Document, Paragraph, Table
from pipelines.read.errors import NeedsRecognition
from pipelines.read.reader import read
from tests.generator import fonts

WIDTH, HEIGHT = 595.0, 842.0
XS = (90, 210, 300, 390, 480)
ROW = 28
FIRST = (("项目", "自然人", "商业企业", "总计"), ("本年新收", "12", "3", "15"), ("上年结转", "4", "0", "4"))
SECOND = (("项目", "结果维持", "结果纠正", "合计"), ("行政复议", "27", "0", "27"), ("行政诉讼", "1", "806", "807"))
PROSE = "本年度主动公开政府信息，办理公开申请，因政府信息公开工作被申请行政复议。"


def draw_table(canvas: Canvas, texts: tuple[tuple[str, ...], ...], top: float, left: float = 0.0) -> None:
    for at in range(len(texts) + 1):
        canvas.line(left + XS[0], HEIGHT - top - at * ROW, left + XS[-1], HEIGHT - top - at * ROW)
    for x in XS:
        canvas.line(left + x, HEIGHT - top, left + x, HEIGHT - top - len(texts) * ROW)
    canvas.setFont(fonts.SERIF, 12)
    for row, cells in enumerate(texts):
        for (x0, x1), text in zip(pairwise(XS), cells, strict=True):
            canvas.drawCentredString(left + (x0 + x1) / 2, HEIGHT - top - row * ROW - 19, text)


def draw_text(canvas: Canvas, text: str, y: float) -> None:
    canvas.setFont(fonts.SERIF, 14)
    canvas.drawString(90, HEIGHT - y, text)


def picture_of(texts: tuple[tuple[str, ...], ...], heading: str = "") -> Image.Image:
    """A page with a heading and a table, as a scanner sees it."""
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=(WIDTH, HEIGHT))
    fonts.register()
    if heading:
        draw_text(canvas, heading, 200)
    draw_table(canvas, texts, 260)
    canvas.save()
    return pypdfium2.PdfDocument(target.getvalue())[0].render(scale=150 / 72).to_pil().convert("L")


def document(*pages: Callable[[Canvas], None]) -> bytes:
    """A PDF of pages that are drawn by functions of a canvas."""
    fonts.register()
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=(WIDTH, HEIGHT), invariant=1)
    for draw in pages:
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def text_page(canvas: Canvas, heading: str = "二、主动公开政府信息情况") -> None:
    draw_text(canvas, heading, 200)
    draw_text(canvas, PROSE[:20], 230)
    draw_table(canvas, FIRST, 260)


def another_text_page(canvas: Canvas) -> None:
    text_page(canvas, "三、收到和处理政府信息公开申请情况")


def scanned_page(canvas: Canvas) -> None:
    canvas.drawImage(ImageReader(picture_of(SECOND, "四、行政复议和行政诉讼情况")), 0, 0, WIDTH, HEIGHT)
    canvas.setFont(fonts.SERIF, 10)
    canvas.drawString(290, 30, "- 2 -")


def pasted_table(canvas: Canvas) -> None:
    """Text above and below a table that is a picture."""
    draw_text(canvas, "四、因政府信息公开工作被申请行政复议情况", 200)
    draw_text(canvas, PROSE[:25], 230)
    whole = picture_of(SECOND)
    scale = whole.width / WIDTH
    part = whole.crop((round(80 * scale), round(250 * scale), round(490 * scale), round((270 + 3 * ROW) * scale)))
    height = part.height / scale
    canvas.drawImage(ImageReader(part), 80, HEIGHT - 270 - height, part.width / scale, height)
    draw_text(canvas, "五、存在的主要问题及改进情况", 420)


def rows(table: Table) -> tuple[tuple[str, ...], ...]:
    width = max(cell.column for cell in table.cells) + 1
    texts = [cell.text.replace(" ", "") for cell in sorted(table.cells, key=lambda cell: (cell.row, cell.column))]
    return tuple(tuple(texts[at : at + width]) for at in range(0, len(texts), width))


def shown(found: Document) -> list[object]:
    return [block.text if isinstance(block, Paragraph) else rows(block) for block in found.blocks]


def test_a_page_that_is_a_picture_is_read_among_pages_of_text() -> None:
    found = read(document(text_page, scanned_page, another_text_page), "a" * 64)
    assert shown(found) == [
        "二、主动公开政府信息情况",
        PROSE[:20],
        FIRST,
        "四、行政复议和行政诉讼情况",
        SECOND,
        "三、收到和处理政府信息公开申请情况",
        PROSE[:20],
        FIRST,
    ]
    assert [table.number for table in found.tables] == [1, 2, 3]
    assert [{cell.place.page for cell in table.cells} for table in found.tables] == [{1}, {2}, {3}]
    assert found.reading == "ocr"
    assert found.page_count == 3


def test_only_what_was_recognised_has_a_confidence() -> None:
    as_text, recognised = read(document(text_page, scanned_page), "a" * 64).tables
    assert {cell.confidence for cell in as_text.cells} == {None}
    assert all(cell.confidence is not None for cell in recognised.cells)


def assert_in_place(table: Table, top: float) -> None:
    for cell in table.cells:
        box = cell.place.box
        assert box is not None
        x, y = (XS[cell.column] + XS[cell.column + 1]) / 2, top + (cell.row + 0.5) * ROW
        assert abs((box.x0 + box.x1) / 2 - x) < 4, (cell.text, box)
        assert abs((box.top + box.bottom) / 2 - y) < 4, (cell.text, box)


def test_a_table_pasted_as_a_picture_is_read_in_its_place_in_the_text() -> None:
    found = read(document(text_page, pasted_table), "a" * 64)
    assert shown(found)[3:] == [
        "四、因政府信息公开工作被申请行政复议情况",
        PROSE[:25],
        SECOND,
        "五、存在的主要问题及改进情况",
    ]
    assert_in_place(found.tables[0], 260)
    assert_in_place(found.tables[1], 280)  # the picture begins 10 points above its table, 20 lower than on its page


def test_a_page_of_which_the_fonts_cannot_be_decoded_is_read_by_its_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """One page's font has no Unicode map that means anything; the others' have."""
    real, calls = ttfonts.makeToUnicodeCMap, []

    def undecodable(name, subset):
        calls.append(name)
        entries = "".join(f"<{glyph:02X}> <E123>\n" for glyph in range(len(subset)))
        return (
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
            "1 begincodespacerange <00> <FF> endcodespacerange\n"
            f"{len(subset)} beginbfchar\n{entries}endbfchar\nendcmap end end"
        )

    plain = document(text_page, text_page)
    monkeypatch.setattr(ttfonts, "makeToUnicodeCMap", undecodable)
    broken = document(another_text_page)
    monkeypatch.setattr(ttfonts, "makeToUnicodeCMap", real)
    whole = pypdfium2.PdfDocument(plain)
    whole.import_pages(pypdfium2.PdfDocument(broken), index=1)
    target = io.BytesIO()
    whole.save(target)
    found = read(target.getvalue(), "a" * 64)
    assert calls
    assert [rows(table) for table in found.tables] == [FIRST] * 3
    assert [table.cells[0].confidence is None for table in found.tables] == [True, False, True]


def test_a_picture_that_text_is_printed_on_is_not_read() -> None:
    def on_background(canvas: Canvas) -> None:
        canvas.drawImage(ImageReader(Image.new("L", (600, 800), 240)), 0, 0, WIDTH, HEIGHT)
        draw_text(canvas, PROSE[:25], 200)
        draw_text(canvas, PROSE[5:30], 230)

    found = read(document(text_page, on_background), "a" * 64)
    assert found.reading == "text"
    assert len(found.tables) == 1


def test_an_emblem_or_a_stamp_is_not_read() -> None:
    def stamped(canvas: Canvas) -> None:
        draw_text(canvas, PROSE[:25], 200)
        canvas.drawImage(ImageReader(Image.new("L", (200, 200), 128)), 350, 300, 120, 120)

    assert read(document(text_page, stamped), "a" * 64).reading == "text"


def test_without_the_engine_a_page_that_is_a_picture_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pipelines.read.scan.page", None)
    with pytest.raises(NeedsRecognition, match=r"pip install 'gongkai\[ocr\]', then read the document again"):
        read(document(text_page, scanned_page), "a" * 64)
    assert read(document(text_page), "a" * 64).reading == "text"
