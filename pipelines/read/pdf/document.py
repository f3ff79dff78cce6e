"""PDFs with a text layer: paragraphs and tables, every cell with its page and box.

Belongs here: opening a file, which reader reads which page, whether there is text to read. Does not: what is drawn on a
page (`pdfium`; `rules` for what rules a table), what it amounts to (`drawn`, `pages`), what a table means.
"""

import io
import logging
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, closing
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
from pipelines.read.drawn import Char, DrawnPage, page_content
from pipelines.read.errors import DamagedFile, NoTextLayer
from pipelines.read.memory import uncollected
from pipelines.read.ocr import placed, with_pictures
from pipelines.read.pages import PageContent, blocks, without_running_lines
from pipelines.read.pdf.fonts import Fonts
from pipelines.read.pdf.objects import Unreadable, information, opened
from pipelines.read.pdf.pdfium.layers import BeyondPdfium
from pipelines.read.pdf.pdfium.page import drawn_on
from pipelines.read.pdf.pictures import pictured
from pipelines.read.pdf.rules import edges_on
from pipelines.read.pdf.strings import Typefaces

# Fonts without a bounding box are common and harmless; pdfminer warns once per character.
logging.getLogger("pdfminer").setLevel(logging.ERROR)

MIN_CHARS_PER_PAGE = 20
"""Below this average a PDF has no usable text layer: even a title page holds more."""
MAX_UNDECODED = 0.2
"""Above this share of undecodable characters, text is not what the page shows."""

_log = logging.getLogger(__name__)
_UNDECODED = re.compile(r"[\x00-\x08\x0e-\x1f\ufffd\ue000-\uf8ff]")
_FAR = 1e6
_CID = re.compile(r"\(cid:\d+\)")


Pages = Callable[[bytes], Iterator[DrawnPage]]
"""The pages of a PDF, from its bytes."""


def pdfium_pages(content: bytes) -> Iterator[DrawnPage]:
    """The pages as pdfium reads them; as pdfminer does where pdfium cannot open the file, or does not tell all.

    Raises:
        MalformedPDFException, PdfminerException, PSException, ...: pdfminer cannot read what pdfium cannot.
    """
    with ExitStack() as open_files:
        try:
            document = open_files.enter_context(closing(pypdfium2.PdfDocument(content)))
            pages = open_files.enter_context(opened(content)).pages
            is_clear = len(document) == len(pages)
        except (pypdfium2.PdfiumError, Unreadable):
            is_clear = False
        if not is_clear:
            yield from plain_pages(content)  # a damaged file, of which each makes something else
            return
        fonts, typefaces = Fonts(), Typefaces()
        plain: PDF | None = None
        for number, page in enumerate(pages, start=1):
            try:
                with closing(document[number - 1]) as read:
                    drawn = drawn_on(number, page, read, fonts, typefaces)
            except (BeyondPdfium, pypdfium2.PdfiumError) as error:
                _log.debug("page %d is left to pdfminer: %s", number, error)
                plain = plain or open_files.enter_context(pdfplumber.open(io.BytesIO(content)))
                drawn = _plain_page(plain.pages[number - 1])
            yield drawn


def plain_pages(content: bytes) -> Iterator[DrawnPage]:
    """The pages as pdfplumber reads them by itself, with pdfminer: the reference, and several times slower."""
    with pdfplumber.open(io.BytesIO(content)) as pdf:
        yield from map(_plain_page, pdf.pages)


def _plain_page(page: Page) -> DrawnPage:
    found = DrawnPage(page.page_number, float(page.height), list(map(_char, page.chars)), edges_on(page))
    page.close()  # pdfplumber keeps every parsed page otherwise
    return found


def _char(read: Mapping[str, Any]) -> Char:
    """A character that pdfplumber has read."""
    x0, top, x1, bottom = read["x0"], read["top"], read["x1"], read["bottom"]
    return Char(read["text"], read["fontname"], read["upright"], read["matrix"], x0, x1, top, bottom, read["size"])


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
        pages = list(map(page_content, pages_of(content)))
    except PDFPasswordIncorrect as error:
        raise DamagedFile("the PDF is locked by a password: ask the publisher for an open copy") from error
    except (MalformedPDFException, PdfminerException, PSException, ValueError, LookupError, TypeError) as error:
        raise DamagedFile(
            f"the bytes start as a PDF but cannot be parsed ({type(error).__name__}: {error}); fetch it again"
        ) from error
    if not pages:
        raise DamagedFile("the PDF has no pages; fetch it again")
    texts = {page.number: _text_on(page) for page in pages}
    undecoded = _undecoded_pages(texts)
    _check_text_layer(texts, undecoded)
    shown = {**pictured(content, pages), **undecoded}
    pages, to_page = with_pictures(content, pages, shown)
    said = information(content)
    found = blocks(with_aligned_tables(without_running_lines(pages)))
    return Document(
        sha256=sha256,
        media_type="application/pdf",
        reading="ocr" if to_page else "text",
        page_count=len(pages),
        producer=said.get("Producer") or said.get("Creator"),
        title=said.get("Title"),
        facts=(),
        blocks=tuple(placed(found, to_page) if to_page else found),
    )


def _check_text_layer(texts: Mapping[int, str], undecoded: Collection[int]) -> None:
    """Whether there is text to read: `texts` are those of the pages, `undecoded` those that cannot be decoded."""
    text = "".join(texts.values())
    if len(text) < MIN_CHARS_PER_PAGE * len(texts):
        raise NoTextLayer(
            f"{len(texts)} pages hold {len(text)} characters of text: the pages are images (a scan). "
            "Reading it takes optical character recognition, which this version does not have"
        )
    lost = _undecoded(text)
    written = [number for number, text in texts.items() if text]
    if lost > MAX_UNDECODED * len(text) and set(written) <= set(undecoded):
        raise NoTextLayer(
            f"{lost} of {len(text)} characters cannot be decoded: the fonts carry no Unicode map. "
            "Reading it takes optical character recognition, which this version does not have"
        )


def _undecoded_pages(texts: Mapping[int, str]) -> dict[int, tuple[Box, ...]]:
    """The pages of which too much text cannot be decoded, each with a box around all of it."""
    everywhere = (Box(-_FAR, -_FAR, _FAR, _FAR),)
    return {
        number: everywhere for number, text in texts.items() if text and _undecoded(text) > MAX_UNDECODED * len(text)
    }


def _text_on(page: PageContent) -> str:
    return "".join([line.text for line in page.lines] + [cell.text for grid in page.grids for cell in grid.cells])


def _undecoded(text: str) -> int:
    """Characters of a text that cannot be decoded."""
    return len(_UNDECODED.findall(text)) + sum(len(cid) for cid in _CID.findall(text))
