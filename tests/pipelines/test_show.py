import io
from collections import defaultdict
from dataclasses import replace

import pdfplumber
import pytest
from PIL import Image

from pipelines.fetch.archive import Archive
from pipelines.read.document import Box
from pipelines.show import DPI, MARK, NothingToShow, cells_of_error_findings, find, picture
from warehouse.layout import Home
from warehouse.reader import NoWarehouse, open_warehouse

SCALE = DPI / 72
ZHOUKOU = ("zhoukou-411600", 2021)
GRANTED = ("requests", "granted", "total")


@pytest.fixture(scope="module")
def pages(sample_home):
    """The signs on each page of the sample's PDFs as another reader finds them: (middle across, middle down, sign)."""
    with open_warehouse(sample_home.database) as warehouse:
        documents = warehouse.query("SELECT DISTINCT sha256 FROM cells WHERE page IS NOT NULL")["sha256"]
    found = {}
    for sha256 in documents:
        with pdfplumber.open(io.BytesIO(Archive(sample_home.archive).content(sha256))) as pdf:
            for page in pdf.pages:
                found[sha256, page.page_number] = [
                    ((char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2, char["text"])
                    for char in page.chars
                ]
                page.close()
    return found


def signs_in(chars, box):
    inside = [text for x, y, text in chars if box.x0 <= x <= box.x1 and box.top <= y <= box.bottom]
    return sorted("".join("".join(inside).split()))


# --- finding --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("city", ["zhoukou-411600", "zhoukou", "周口市", "周口"])
def test_a_city_is_named_by_slug_its_start_or_its_region(sample_home, city):
    printed = find(sample_home, city, 2021, *GRANTED)
    assert (printed.publisher, printed.raw_text) == ("周口市人民政府", "203")
    assert printed.page is not None
    assert printed.box is not None


@pytest.mark.parametrize("table", [("disclosures", "fees", "amount"), ("reviews", "litigation_direct", "total")])
def test_cells_of_every_chapter_are_found(sample_home, table):
    assert find(sample_home, *ZHOUKOU, *table).raw_text


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ((*ZHOUKOU, "sections", "1", "text"), "choose requests, reviews, disclosures"),
        ((*ZHOUKOU, "requests", "granted", "everyone"), "SELECT DISTINCT outcome, applicant FROM requests"),
        ((*ZHOUKOU, "requests", "refused", "total"), "no cell refused, total of requests for zhoukou-411600 2021"),
        (("zhoukou-411600", 2020, *GRANTED), "2020"),
        (("atlantis", 2021, *GRANTED), "atlantis"),
        (("zhou", 2021, *GRANTED), "no cell"),
        (("' OR 1=1 --", 2021, *GRANTED), "no cell"),
    ],
)
def test_what_is_not_there_is_told_with_what_there_is(sample_home, asked, says):
    with pytest.raises(NothingToShow) as refused:
        find(sample_home, *asked)
    assert says in str(refused.value)


def test_of_several_reports_one_must_be_named(sample_home):
    with pytest.raises(NothingToShow, match=r"2 reports .* --publisher: 洪泽区人民政府, 金湖县人民政府"):
        find(sample_home, "huaian", 2023, *GRANTED)
    named = find(sample_home, "huaian", 2023, *GRANTED, publisher="金湖县人民政府")
    assert named.publisher == "金湖县人民政府"
    assert find(sample_home, "洪泽", 2023, *GRANTED).publisher == "洪泽区人民政府"


def test_a_home_without_a_warehouse_is_told(tmp_path):
    with pytest.raises(NoWarehouse, match="gongkai run"):
        find(Home(tmp_path / "none"), *ZHOUKOU, *GRANTED)


def test_error_findings_are_found_each_by_one_cell(sample_home):
    cells = cells_of_error_findings(sample_home, 99)
    assert len(cells) == len({cell.cell_id for cell in cells})
    assert all(cell.page is not None for cell in cells)
    # The totals of 0 beside 10 + 1 and beside 5, as printed.
    hongze = [cell for cell in cells if cell.publisher == "洪泽区人民政府"]
    assert [cell.raw_text for cell in hongze] == ["0", "0"]
    assert cells_of_error_findings(sample_home, 1) == cells[:1]


# --- the place of a number ------------------------------------------------------------------------------------------


def test_the_box_of_every_cell_of_a_pdf_holds_its_text_and_nothing_else(sample_home, pages):
    with open_warehouse(sample_home.database) as warehouse:
        # Table 0 is the text, whose sentences have the box of their paragraph.
        cells = warehouse.query("SELECT * FROM cells WHERE page IS NOT NULL AND table_no > 0 ORDER BY cell_id")
    assert cells.height > 1000
    wrong = defaultdict(list)
    for cell in cells.iter_rows(named=True):
        box = Box(cell["x0"], cell["top"], cell["x1"], cell["bottom"])
        if signs_in(pages[cell["sha256"], cell["page"]], box) != sorted("".join(cell["raw_text"].split())):
            wrong[cell["sha256"][:8]].append((cell["cell_id"], cell["raw_text"]))
    assert wrong == {}


def test_every_figure_of_a_pdf_is_in_its_box(sample_home, pages):
    with open_warehouse(sample_home.database) as warehouse:
        figures = warehouse.query(
            "SELECT value, c.* FROM requests JOIN cells c USING (cell_id) WHERE c.page IS NOT NULL"
        )
    for row in figures.iter_rows(named=True):
        box = Box(row["x0"], row["top"], row["x1"], row["bottom"])
        assert signs_in(pages[row["sha256"], row["page"]], box) == sorted(str(row["value"]))


def test_the_picture_marks_the_printed_number(sample_home, home_after_a_run, pages):
    home = home_after_a_run
    printed = find(home, *ZHOUKOU, *GRANTED)
    image = Image.open(picture(home, printed)).convert("RGB")
    box = printed.box
    assert signs_in(pages[printed.sha256, printed.page], box) == sorted("203")
    marked = [(x, y) for x in range(image.width) for y in range(image.height) if image.getpixel((x, y)) == MARK]
    left, right = min(x for x, _ in marked) / SCALE, max(x for x, _ in marked) / SCALE
    top, bottom = min(y for _, y in marked) / SCALE, max(y for _, y in marked) / SCALE
    # The frame surrounds the box, and closely.
    assert box.x0 - 3 <= left <= box.x0
    assert box.top - 3 <= top <= box.top
    assert box.x1 <= right <= box.x1 + 3
    assert box.bottom <= bottom <= box.bottom + 3
    # What is printed stays readable: there is dark ink in the frame.
    inside = image.crop(tuple(int(edge * SCALE) for edge in box))
    assert min(sum(inside.getpixel((x, y))) for x in range(inside.width) for y in range(inside.height)) < 250


def test_the_picture_is_the_whole_page_and_the_same_again(home_after_a_run):
    home = home_after_a_run
    printed = find(home, *ZHOUKOU, *GRANTED)
    path = picture(home, printed)
    assert path == home.pictures / f"{printed.cell_id}.png"
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    with pdfplumber.open(io.BytesIO(Archive(home.archive).content(printed.sha256))) as pdf:
        page = pdf.pages[printed.page - 1]
        expected = (page.width * SCALE, page.height * SCALE)
    assert Image.open(path).size == pytest.approx(expected, abs=2)
    assert picture(home, printed) == path
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_a_web_page_has_no_picture_but_a_path(sample_home):
    printed = find(sample_home, "hangzhou", 2025, *GRANTED)
    assert (printed.page, printed.box) == (None, None)
    assert printed.path
    with pytest.raises(NothingToShow, match="is a web page and has no page picture; the cell is at "):
        picture(sample_home, printed)


def test_a_page_that_the_document_has_not_is_no_picture_of_another(sample_home):
    printed = replace(find(sample_home, *ZHOUKOU, *GRANTED), page=99)
    with pytest.raises(Exception, match=r"."):
        picture(sample_home, printed)
