"""PDFs with a text layer, by pdfplumber: paragraphs and ruled tables, every cell with its page and box.

Belongs here: which drawn lines rule a table, where text lies, which pages a table spans. Does not: what a table
means. pdfplumber finds the tables; it is given the lines that really rule them, because what it takes by itself
includes the background rectangles that WPS draws behind text.
"""

import io
import logging
import re
from collections.abc import Iterator, Sequence
from typing import Any

import pdfplumber
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfminer.psexceptions import PSException
from pdfplumber.page import Page
from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException

from pipelines.read.aligned import with_aligned_tables
from pipelines.read.document import Box, Document
from pipelines.read.drawn import page_content
from pipelines.read.errors import DamagedFile, NoTextLayer
from pipelines.read.ocr import placed, with_pictures
from pipelines.read.pages import PageContent, blocks, without_running_lines
from pipelines.read.pdf_pictures import pictured
from pipelines.read.ruling import horizontal, vertical

# Fonts without a bounding box are common and harmless; pdfminer warns once per character.
logging.getLogger("pdfminer").setLevel(logging.ERROR)

RULE_WIDTH = 3.0
"""A filled rectangle at most this thick (points) is a drawn line; a thicker one is a background."""
MIN_CHARS_PER_PAGE = 20
"""Below this average a PDF has no usable text layer: even a title page holds more."""
MAX_UNDECODED = 0.2
"""Above this share of undecodable characters, text is not what the page shows."""

_UNDECODED = re.compile(r"[\x00-\x08\x0e-\x1f\ufffd\ue000-\uf8ff]")
_FAR = 1e6
_CID = re.compile(r"\(cid:\d+\)")

Obj = dict[str, Any]


def read_pdf(content: bytes, sha256: str) -> Document:
    """Read a PDF with a text layer; single pages that are pictures are read by what they look like.

    Raises:
        DamagedFile: the bytes cannot be parsed as a PDF, or are locked by a password.
        NoTextLayer: the pages hold images, or text that cannot be decoded.
        NeedsRecognition: some pages are pictures, and the extra `ocr` is not installed.
    """
    try:
        with pdfplumber.open(io.BytesIO(content)) as pdf:
            metadata = pdf.metadata
            pages = [_read_page(page) for page in pdf.pages]
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
    edges: list[Obj] = []
    for edge in page.edges:
        source = edge.get("object_type")
        if source == "rect_edge":
            continue
        if not _is_white(edge.get("stroking_color")):
            edges.append(_edge(edge))
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
        if x1 - x0 < bottom - top:
            yield vertical((x0 + x1) / 2, top, bottom)
        else:
            yield horizontal((top + bottom) / 2, x0, x1)
        return
    if rect.get("stroke") and not _is_white(rect.get("stroking_color")) and rect.get("linewidth") != 0:
        yield horizontal(top, x0, x1)
        yield horizontal(bottom, x0, x1)
        yield vertical(x0, top, bottom)
        yield vertical(x1, top, bottom)


def _is_white(color: object) -> bool:
    """Whether a colour is white in grey, RGB or CMYK; an unknown colour is not."""
    if not isinstance(color, tuple | list) or not color:
        return False
    values = [value for value in color if isinstance(value, int | float)]
    if len(values) == 4:
        return all(value <= 0.01 for value in values)
    return bool(values) and all(value >= 0.99 for value in values)


def _edge(edge: Obj) -> Obj:
    if edge["orientation"] == "v":
        return vertical(edge["x0"], edge["top"], edge["bottom"])
    return horizontal(edge["top"], edge["x0"], edge["x1"])
