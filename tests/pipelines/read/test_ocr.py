"""A scan from its bytes to its cells: one page is printed, scanned and read in several ways."""

import builtins
import io
import sys
from itertools import pairwise

import pytest

pytest.importorskip("rapidocr")
import numpy as np
from PIL import Image
from reportlab.pdfbase import ttfonts
from reportlab.pdfgen.canvas import Canvas

from pipelines.read.document import Box, Table
from pipelines.read.errors import DamagedFile, NeedsRecognition
from pipelines.read.ocr import _read_alike, read_image, read_scan
from pipelines.read.pages import Line, PageContent
from pipelines.read.reader import read
from pipelines.validate.scanned import SURE
from tests.generator import fonts
from tests.generator.scans import ROUGH, Wear, as_rough_scan, as_worn_scan, page_image

WIDTH, HEIGHT = 420.0, 298.0
XS, YS = (40, 160, 230, 300, 380), (90, 115, 140, 165, 190, 215)
TEXTS = (
    ("申请人情况", "自然人", "商业企业", "总计"),
    ("一、本年新收", "1,234", "0", "1,234"),
    ("二、上年结转", "-57", "/", "-57"),
    ("（一）予以公开", "——", "", "806"),
    ("（七）总计", "9", "13.5万元", "-"),
)
HEADING = "三、收到和处理政府信息公开申请情况"


def printed() -> bytes:
    """A page with a heading and a table, positions from the upper left in points."""
    fonts.register()
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=(WIDTH, HEIGHT), invariant=1)
    canvas.setFont(fonts.SERIF, 14)
    canvas.drawString(40, HEIGHT - 60, HEADING)
    for y in YS:
        canvas.line(XS[0], HEIGHT - y, XS[-1], HEIGHT - y)
    for x in XS:
        canvas.line(x, HEIGHT - YS[0], x, HEIGHT - YS[-1])
    canvas.setFont(fonts.SERIF, 10)
    for row, texts in enumerate(TEXTS):
        for (left, right), text in zip(pairwise(XS), texts, strict=True):
            canvas.drawCentredString((left + right) / 2, HEIGHT - YS[row] - 17, text)
    canvas.showPage()
    canvas.save()
    return target.getvalue()


PAGE = printed()
WORN = Wear(dpi=150, angle=1.1, blur=0.5, noise=5, ink=40, paper=240, shade=10, specks=10, quality=70)


def table_of(document):
    (table,) = (block for block in document.blocks if isinstance(block, Table))
    return table


def rows_of(document):
    rows = [["" for _ in texts] for texts in TEXTS]
    for cell in table_of(document).cells:
        rows[cell.row][cell.column] = cell.text
    return rows


def plain(rows):
    """Texts with full-width brackets and no spaces: which there are on a page is hard to see."""
    return [[text.replace("(", "（").replace(")", "）").replace(" ", "") for text in row] for row in rows]


@pytest.fixture(scope="module")
def document():
    return read(as_worn_scan(PAGE, 3, WORN), "a" * 64)


def test_every_cell_of_a_worn_scan_is_read(document):
    assert document.reading == "ocr"
    assert plain(rows_of(document)) == [list(texts) for texts in TEXTS]


def test_text_outside_the_table_is_read(document):
    assert [paragraph.text for paragraph in document.paragraphs] == [HEADING]


def test_every_figure_of_a_good_scan_is_sure(document):
    figures = [cell for cell in table_of(document).cells if cell.row and cell.column]
    assert {cell.text: cell.confidence for cell in figures if not SURE <= cell.confidence <= 1.0} == {}


def assert_in_place(document, place):
    """Cells lie where `place` moves the middle of where they were printed."""
    for cell in table_of(document).cells:
        x, y = place((XS[cell.column] + XS[cell.column + 1]) / 2, (YS[cell.row] + YS[cell.row + 1]) / 2)
        box = cell.place.box
        assert cell.place.page == 1
        assert abs((box.x0 + box.x1) / 2 - x) < 6, (cell.text, box)
        assert abs((box.top + box.bottom) / 2 - y) < 6, (cell.text, box)


def test_boxes_are_points_of_the_page_as_it_was_printed(document):
    assert_in_place(document, lambda x, y: (x, y))


@pytest.mark.parametrize(
    ("turn", "place"),
    [
        (1, lambda x, y: (y, WIDTH - x)),
        (2, lambda x, y: (WIDTH - x, HEIGHT - y)),
        (3, lambda x, y: (HEIGHT - y, x)),
    ],
    ids=["on its left side", "upside down", "on its right side"],
)
def test_a_sheet_fed_in_turned_is_read_and_its_boxes_lie_on_the_page_as_it_is_shown(turn, place):
    scanned = read_scan(as_worn_scan(PAGE, 5, Wear(dpi=150, angle=-0.6, turn=turn)), "a" * 64)
    assert plain(rows_of(scanned)) == [list(texts) for texts in TEXTS]
    assert_in_place(scanned, place)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF"])
def test_a_picture_file_of_a_page_is_read_like_a_scan(form):
    target = io.BytesIO()
    page_image(PAGE, 1, Wear(dpi=200, noise=2)).convert("RGB").save(target, form, dpi=(200, 200))
    found = read(target.getvalue(), "b" * 64)
    assert plain(rows_of(found)) == [list(texts) for texts in TEXTS]
    assert_in_place(found, lambda x, y: (x, y))


def test_a_blank_page_has_no_blocks_and_is_no_error():
    blank = np.full((600, 400), 255, np.uint8)
    target = io.BytesIO()
    Image.fromarray(blank).save(target, "PNG")
    assert read_image(target.getvalue(), "c" * 64).blocks == ()


@pytest.mark.parametrize("sign", ["\x01", "\ue123", "\ufffd", "(cid:7)"])
def test_a_text_layer_that_cannot_be_decoded_gives_way_to_what_the_page_looks_like(sign, monkeypatch):
    """Every glyph's /ToUnicode entry is the sign; the page looks as ever."""
    target = "".join(f"{ord(each):04X}" for each in sign)

    def undecodable(name, subset):
        entries = "".join(f"<{glyph:02X}> <{target}>\n" for glyph in range(len(subset)))
        return (
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
            "1 begincodespacerange <00> <FF> endcodespacerange\n"
            f"{len(subset)} beginbfchar\n{entries}endbfchar\nendcmap end end"
        )

    monkeypatch.setattr(ttfonts, "makeToUnicodeCMap", undecodable)
    found = read(printed(), "d" * 64)
    assert found.reading == "ocr"
    assert plain(rows_of(found)) == [list(texts) for texts in TEXTS]


def test_without_the_engine_a_scan_says_what_to_install(monkeypatch):
    def refuse(name, *arguments, **named):
        if name.startswith("pipelines.read.scan") or name in ("rapidocr", "cv2"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return imported(name, *arguments, **named)

    imported = builtins.__import__
    for module in [name for name in sys.modules if name.startswith("pipelines.read.scan")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(NeedsRecognition, match=r"pip install 'gongkai\[ocr\]', then read the document again"):
        read_scan(b"%PDF-", "e" * 64)


def test_bytes_that_only_begin_as_a_pdf_are_damaged():
    with pytest.raises(DamagedFile, match="fetch it again"):
        read_scan(b"%PDF-1.4 and no more", "f" * 64)


def test_a_picture_that_is_cut_off_is_damaged():
    target = io.BytesIO()
    page_image(PAGE, 1, Wear(dpi=72)).save(target, "PNG")
    with pytest.raises(DamagedFile, match="fetch it again"):
        read_image(target.getvalue()[:2000], "f" * 64)


def running(*texts, height=842.0, top=800.0):
    return [
        PageContent(
            number, height, (Line(text, Box(60.0, top + 3.0 * number, 300.0, top + 10 + 3.0 * number), 9.0),), ()
        )
        for number, text in enumerate(texts, 1)
    ]


def test_a_footer_read_in_two_ways_and_set_a_little_lower_is_one():
    # Report 614 of the generator: htps:// for https:// on one page parted a table from its last row on the next.
    found = _read_alike(running("https://www.example.gov.cn/nb.html", "htps://www.example.gov.cn/nb.html"))
    (one,), (other,) = (page.lines for page in found)
    assert (one.text, one.box) == (other.text, other.box)


def test_other_lines_at_the_foot_of_pages_stay_as_they_are():
    pages = running("https://www.example.gov.cn/nb.html", "共收到申请12件，均已答复。")
    assert _read_alike(pages) == pages
    in_the_middle = running("https://www.example.gov.cn/a", "htps://www.example.gov.cn/a", top=400.0)
    assert _read_alike(in_the_middle) == in_the_middle


@pytest.mark.parametrize("treatment", ROUGH)
def test_a_roughly_treated_sheet_is_read_or_its_cells_are_doubted(treatment):
    document = read_scan(as_rough_scan(PAGE, 11, treatment), "a" * 64)
    rows = plain(rows_of(document))
    cells = {(cell.row, cell.column): cell for cell in table_of(document).cells if cell.row}
    assert len(cells) == sum(map(len, TEXTS[1:]))
    wrong = [cell for (row, column), cell in cells.items() if rows[row][column] != TEXTS[row][column]]
    assert [cell.text for cell in wrong if cell.confidence >= SURE] == []
    assert len(wrong) <= 2


@pytest.mark.parametrize("turn", [0, 180])
def test_two_pages_on_one_sheet_are_read_one_after_the_other(turn):
    page = page_image(PAGE, 1, WORN).convert("RGB")
    sheet = Image.new("RGB", (2 * page.width, page.height), (240, 240, 240))
    sheet.paste(page, (0, 0))
    sheet.paste(page, (page.width, 0))
    target = io.BytesIO()
    sheet.rotate(turn).save(target, "PDF", resolution=WORN.dpi)
    document = read_scan(target.getvalue(), "a" * 64)
    tables = [block for block in document.blocks if isinstance(block, Table)]
    assert (document.page_count, len(tables)) == (1, 2)
    assert [paragraph.text for paragraph in document.paragraphs] == [HEADING] * 2
    for at, table in enumerate(tables):
        for cell in table.cells:
            x = at * WIDTH + (XS[cell.column] + XS[cell.column + 1]) / 2
            y = (YS[cell.row] + YS[cell.row + 1]) / 2
            x, y = (x, y) if not turn else (2 * WIDTH - x, HEIGHT - y)
            box = cell.place.box
            assert cell.place.page == 1
            assert max(abs((box.x0 + box.x1) / 2 - x), abs((box.top + box.bottom) / 2 - y)) < 6, (cell.text, box)
