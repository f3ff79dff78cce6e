"""Pages of a PDF with a text layer that nevertheless show a table as a picture, by pypdfium2.

Belongs here: which pages, and where on them. Does not: reading what the pictures show (`ocr`). A report is printed to
PDF with its signed or stamped pages scanned in, or with a table pasted as a picture from elsewhere.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pypdfium2
from pypdfium2.raw import (
    FPDF_PAGEOBJ_FORM,
    FPDF_PAGEOBJ_IMAGE,
    FPDFFormObj_CountObjects,
    FPDFFormObj_GetObject,
    FPDFPageObj_GetType,
)

from pipelines.read.boxes import around, centre, holds
from pipelines.read.document import Box
from pipelines.read.pages import PageContent

WIDEST_SHARE, LEAST_HEIGHT = 0.5, 60.0
"""A picture that may show a table is at least so wide (of the page) and so high (points)."""
FEWEST = 20
"""Characters below which a page has no text of its own: a page number, or a stamp's."""
COVERED = 0.3
"""Share of such a page that its pictures cover together: scanners cut a page into strips."""
WRITTEN_ON = 10
"""Characters from which a picture is what text is printed on, a background or a scan with its text beneath."""
DEEPEST = 4

_IMAGE = re.compile(rb"/Subtype\s*/Image\b")
"""A picture is a stream, and the description of a stream is never compressed (ISO 32000-1, 7.5.7). Without one, the
pages need not be looked through a second time, which takes as long as reading them."""


def pictured(content: bytes, pages: Sequence[PageContent]) -> Mapping[int, tuple[Box, ...]]:
    """Where pages without a ruled table show pictures that may hold one: boxes (points) by page number.

    Args:
        content: the PDF.
        pages: its pages as read by their text.
    """
    bare = [page for page in pages if not page.grids]
    if not bare or _IMAGE.search(content) is None:
        return {}
    try:
        pdf = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError:
        return {}  # pdfium is stricter than the reader of the text
    try:
        if len(pdf) != len(pages):
            return {}
        found = {page.number: _pictures(pdf[page.number - 1], page) for page in bare}
    except pypdfium2.PdfiumError:
        return {}
    finally:
        pdf.close()
    return {number: boxes for number, boxes in found.items() if boxes}


def _pictures(page: Any, text: PageContent) -> tuple[Box, ...]:
    width, height = page.get_size()
    boxes = list(_boxes(page))
    if not boxes:
        return ()
    if sum(len(line.text) for line in text.lines) < FEWEST:
        whole = around(boxes)
        return (whole,) if _area(whole) >= COVERED * width * height else ()
    return tuple(
        box
        for box in boxes
        if box.x1 - box.x0 >= WIDEST_SHARE * width
        and box.bottom - box.top >= LEAST_HEIGHT
        and _characters(text, box) < WRITTEN_ON
    )


def _boxes(page: Any) -> Iterator[Box]:
    """The pictures on a page, as a viewer shows it; one in a group has the box of the group."""
    for obj in page.get_objects(max_depth=1):
        if obj.type == FPDF_PAGEOBJ_IMAGE or (obj.type == FPDF_PAGEOBJ_FORM and _holds_picture(obj.raw, 1)):
            yield _shown(page, obj.get_bounds())


def _holds_picture(group: Any, depth: int) -> bool:
    for index in range(FPDFFormObj_CountObjects(group)):
        inner = FPDFFormObj_GetObject(group, index)
        kind = FPDFPageObj_GetType(inner)
        if kind == FPDF_PAGEOBJ_IMAGE:
            return True
        if kind == FPDF_PAGEOBJ_FORM and depth < DEEPEST and _holds_picture(inner, depth + 1):
            return True
    return False


def _shown(page: Any, bounds: tuple[float, float, float, float]) -> Box:
    """Bounds in the page's own coordinates (origin below) as a box on the page as it is shown, cut to it."""
    left, low, right, high = page.get_cropbox()
    x0, y0, x1, y1 = bounds
    x0, x1 = max(x0, left) - left, min(x1, right) - left
    y0, y1 = max(y0, low) - low, min(y1, high) - low
    width, height = right - left, high - low
    match page.get_rotation():
        case 90:
            return Box(y0, x0, y1, x1)
        case 180:
            return Box(width - x1, y0, width - x0, y1)
        case 270:
            return Box(height - y1, width - x1, height - y0, width - x0)
        case _:
            return Box(x0, height - y1, x1, height - y0)


def _area(box: Box) -> float:
    return max(0.0, box.x1 - box.x0) * max(0.0, box.bottom - box.top)


def _characters(page: PageContent, box: Box) -> int:
    return sum(len(line.text) for line in page.lines if holds(box, centre(line.box)))
