"""Pages as pictures, also those that are none."""

import pytest

from pipelines.read.errors import DamagedFile
from pipelines.read.scan.sheets import pdf_sheets

ONE = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 200]/Resources<<>>>>endobj
trailer<</Root 1 0 R/Size 4>>
%%EOF"""


def test_a_page_is_a_picture_of_its_size() -> None:
    (sheet,) = pdf_sheets(ONE)
    height, width, _ = sheet.picture.shape
    assert sheet.number == 1
    assert (width / sheet.pixels_per_point, height / sheet.pixels_per_point) == pytest.approx((100, 200), abs=1)


def test_only_the_pages_that_are_asked_for() -> None:
    assert list(pdf_sheets(ONE, {2})) == []


def test_bug_a_page_that_cannot_be_opened_is_told_and_no_traceback() -> None:
    broken = ONE.replace(b"/Kids[3 0 R]", b"/Kids[9 0 R]")
    with pytest.raises(DamagedFile, match="page 1 of the PDF cannot be opened"):
        list(pdf_sheets(broken))


def test_bug_a_page_without_size_is_drawn_and_no_traceback() -> None:
    (sheet,) = pdf_sheets(ONE.replace(b"[0 0 100 200]", b"[0 0 0 0]"))
    assert sheet.picture.size > 0
