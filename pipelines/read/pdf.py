"""PDFs with a text layer: paragraphs and tables, every cell with its page and box.

Belongs here: which drawn lines rule a table, where text lies, which pages a table spans. Does not: what a table
means. pdfplumber finds the tables in what pdfium reads; it is given the lines that really rule them, because what it
takes by itself
includes the background rectangles that WPS draws behind text.
"""

import io
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import pdfplumber
import pypdfium2
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfminer.psexceptions import PSException
from pdfplumber.page import Page
from pdfplumber.pdf import PDF
from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException

from pipelines.read.aligned.tables import with_aligned_tables
from pipelines.read.document import Box, Document
from pipelines.read.drawn import page_content
from pipelines.read.errors import DamagedFile, NoTextLayer
from pipelines.read.memory import uncollected
from pipelines.read.ocr import placed, with_pictures
from pipelines.read.pages import PageContent, blocks, without_running_lines
from pipelines.read.pdf_fonts import Fonts
from pipelines.read.pdf_pictures import pictured
from pipelines.read.pdfium import PdfiumPage
from pipelines.read.ruling import horizontal, vertical

# Fonts without a bounding box are common and harmless; pdfminer warns once per character.
logging.getLogger("pdfminer").setLevel(logging.ERROR)

RULE_WIDTH = 3.0
"""A filled rectangle at most this thick (points) is a drawn line; a thicker one is a background."""
SAME_SIDES = 0.05
"""Sides of a rectangle whose lengths differ by less (points) are equal: Word draws the corners of cells as squares."""
WHITE = 0.988
"""Share of light from which a colour is white: 252 of 255 parts."""
MIN_CHARS_PER_PAGE = 20
"""Below this average a PDF has no usable text layer: even a title page holds more."""
MAX_UNDECODED = 0.2
"""Above this share of undecodable characters, text is not what the page shows."""

_UNDECODED = re.compile(r"[\x00-\x08\x0e-\x1f\ufffd\ue000-\uf8ff]")
_FAR = 1e6
_CID = re.compile(r"\(cid:\d+\)")

Obj = dict[str, Any]


Pages = Callable[[PDF, bytes], Iterator[Page]]
"""The pages of an open PDF, from it and its bytes."""


def pdfium_pages(pdf: PDF, content: bytes) -> Iterator[Page]:
    """The pages as pdfium reads them; as pdfminer does where pdfium cannot open the file."""
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError:
        yield from pdf.pages
        return
    try:
        if len(document) != len(pdf.pages):
            yield from pdf.pages  # a damaged file, of which each makes something else
            return
        fonts = Fonts()
        for page in pdf.pages:
            yield PdfiumPage(page, document, fonts)
    finally:
        document.close()


def plain_pages(pdf: PDF, content: bytes) -> Iterator[Page]:  # noqa: ARG001 - a signature in common
    """The pages as pdfplumber reads them by itself, with pdfminer: the reference, ten times slower."""
    yield from pdf.pages


@uncollected()
def read_pdf(content: bytes, sha256: str, pages_of: Pages = pdfium_pages) -> Document:
    """Read a PDF with a text layer; single pages that are pictures are read by what they look like.

    Args:
        content: the bytes.
        sha256: their hash.
        pages_of: what reads the characters and lines of the pages.

    Raises:
        DamagedFile: the bytes cannot be parsed as a PDF, or are locked by a password.
        NoTextLayer: the pages hold images, or text that cannot be decoded.
        NeedsRecognition: some pages are pictures, and the extra `ocr` is not installed.
    """
    try:
        with pdfplumber.open(io.BytesIO(content)) as pdf:
            metadata = pdf.metadata
            pages = [_read_page(page) for page in pages_of(pdf, content)]
    except PDFPasswordIncorrect as error:
        raise DamagedFile("the PDF is locked by a password: ask the publisher for an open copy") from error
    except (MalformedPDFException, PdfminerException, PSException, ValueError, KeyError, TypeError) as error:
        raise DamagedFile(
            f"the bytes start as a PDF but cannot be parsed ({type(error).__name__}: {error}); fetch it again"
        ) from error
    if not pages:
        raise DamagedFile("the PDF has no pages; fetch it again")
    _check_text_layer(pages)
    shown = {**pictured(content, pages), **_undecoded_pages(pages)}
    pages, to_page = with_pictures(content, pages, shown)
    found = blocks(with_aligned_tables(without_running_lines(pages)))
    return Document(
        sha256=sha256,
        media_type="application/pdf",
        reading="ocr" if to_page else "text",
        page_count=len(pages),
        producer=_text_of(metadata.get("Producer")) or _text_of(metadata.get("Creator")),
        title=_text_of(metadata.get("Title")),
        facts=(),
        blocks=tuple(placed(found, to_page)),
    )


def _text_of(value: object) -> str | None:
    """A document information entry as text; editors write UTF-16 that pdfminer leaves undecoded."""
    if not isinstance(value, str) or not value.strip():
        return None
    if value.startswith("ÿþ"):
        return None
    return value.strip()


def _check_text_layer(pages: Sequence[PageContent]) -> None:
    text = "".join(map(_text_on, pages))
    if len(text) < MIN_CHARS_PER_PAGE * len(pages):
        raise NoTextLayer(
            f"{len(pages)} pages hold {len(text)} characters of text: the pages are images (a scan). "
            "Reading it takes optical character recognition, which this version does not have"
        )
    undecoded = _undecoded(text)
    written = [page.number for page in pages if _text_on(page)]
    if undecoded > MAX_UNDECODED * len(text) and set(written) <= _undecoded_pages(pages).keys():
        raise NoTextLayer(
            f"{undecoded} of {len(text)} characters cannot be decoded: the fonts carry no Unicode map. "
            "Reading it takes optical character recognition, which this version does not have"
        )


def _undecoded_pages(pages: Sequence[PageContent]) -> dict[int, tuple[Box, ...]]:
    """The pages of which too much text cannot be decoded, each with a box around all of it."""
    everywhere = (Box(-_FAR, -_FAR, _FAR, _FAR),)
    return {
        page.number: everywhere
        for page in pages
        if (text := _text_on(page)) and _undecoded(text) > MAX_UNDECODED * len(text)
    }


def _text_on(page: PageContent) -> str:
    return "".join([line.text for line in page.lines] + [cell.text for grid in page.grids for cell in grid.cells])


def _undecoded(text: str) -> int:
    """Characters of a text that cannot be decoded."""
    return len(_UNDECODED.findall(text)) + sum(len(cid) for cid in _CID.findall(text))


# --- one page ---------------------------------------------------------------------------------------------------


def _read_page(page: Page) -> PageContent:
    content = page_content(page.page_number, float(page.height), page.chars, _ruling_edges(page))
    page.close()  # pdfplumber keeps every parsed page otherwise
    return content


def _ruling_edges(page: Page) -> list[Obj]:
    """The edges that rule tables: strokes and thin fills that are not white."""
    edges = [_line_edge(line) for line in page.lines if not _is_white(line.get("stroking_color"))]
    for curve in page.curves:
        if not _is_white(curve.get("stroking_color")):
            edges.extend(_curve_edges(curve))
    for rect in page.rects:
        edges.extend(_rect_edges(rect))
    return edges


def _rect_edges(rect: Obj) -> Iterator[Obj]:
    """A thin filled rectangle is a line along its middle; a stroked one has four sides; a background has none."""
    x0, x1, top, bottom = rect["x0"], rect["x1"], rect["top"], rect["bottom"]
    if min(x1 - x0, bottom - top) <= RULE_WIDTH:
        visible = (rect.get("fill") and not _is_white(rect.get("non_stroking_color"))) or (
            rect.get("stroke") and not _is_white(rect.get("stroking_color"))
        )
        if not visible:
            return
        if x1 - x0 < bottom - top - SAME_SIDES:
            yield vertical((x0 + x1) / 2, top, bottom)
        else:
            yield horizontal((top + bottom) / 2, x0, x1)
        return
    if rect.get("stroke") and not _is_white(rect.get("stroking_color")):
        yield horizontal(top, x0, x1)
        yield horizontal(bottom, x0, x1)
        yield vertical(x0, top, bottom)
        yield vertical(x1, top, bottom)


def _is_white(color: object) -> bool:
    """Whether a colour is white in grey, RGB or CMYK; an unknown colour is not."""
    if color is None:
        return False
    if isinstance(color, int | float):
        return color >= WHITE  # pdfminer has grey so
    if not isinstance(color, tuple | list) or not color:
        return False
    values = [value for value in color if isinstance(value, int | float)]
    if len(values) == 4:
        return all(value <= 0.01 for value in values)
    return bool(values) and all(value >= WHITE for value in values)


def _line_edge(line: Obj) -> Obj:
    """A line as the edge that it is to pdfplumber: what is not quite level is upright."""
    if line["top"] == line["bottom"]:
        return horizontal(line["top"], line["x0"], line["x1"])
    return vertical(line["x0"], line["top"], line["bottom"])


def _curve_edges(curve: Obj) -> Iterator[Obj]:
    """The sides of a shape as the edges that they are to pdfplumber, from point to point."""
    for (x, y), (to_x, to_y) in pairwise(curve["pts"]):
        top, bottom = (y, to_y) if y <= to_y else (to_y, y)
        if x == to_x:
            yield vertical(x, top, bottom)
        else:
            yield horizontal(top, *((x, to_x) if x <= to_x else (to_x, x)))
