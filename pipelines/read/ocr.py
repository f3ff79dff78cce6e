"""Scans: PDFs without a text layer and pictures of pages, by optical character recognition.

Belongs here: from the bytes to the document. Does not: how pages are read (`pipelines.read.scan`), which needs an
optional extra and is imported only when a scan is to be read.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.read.document import Block, Document, Paragraph, Place
from pipelines.read.errors import DamagedFile, NeedsRecognition
from pipelines.read.media import JPEG, PDF, PNG, TIFF, media_type
from pipelines.read.pages import blocks, rounded, without_running_lines

if TYPE_CHECKING:
    from pipelines.read.scan.page import ReadPage
    from pipelines.read.scan.picture import Affine

PICTURES = (PNG, JPEG, TIFF)
"""Media types of the pictures that can be read."""

_answers: ContextVar[Path | None] = ContextVar("answers", default=None)


@contextmanager
def answers_kept_in(folder: Path) -> Iterator[None]:
    """Within the block, what recognition finds on a page is kept in a folder, and taken from there the next time.

    Answers are kept by the hash of the page's pixels and the version of the engine; code that reads them otherwise
    does not ask for them anew. The folder may be deleted at any time.
    """
    token = _answers.set(folder)
    try:
        yield
    finally:
        _answers.reset(token)


def read_scan(content: bytes, sha256: str) -> Document:
    """Read a PDF by what its pages look like; text it holds is not used.

    Every cell has a confidence; its place is on the page as a viewer shows it, however the sheet lay.

    Raises:
        DamagedFile: the bytes cannot be parsed as a PDF.
        NeedsRecognition: the extra `ocr` is not installed.
    """
    try:
        from pipelines.read.scan.page import read_page
        from pipelines.read.scan.sheets import pdf_sheets
    except ImportError as error:
        raise _missing(error) from error
    return _document(sha256, PDF, [read_page(sheet, _answers.get()) for sheet in pdf_sheets(content)])


def read_image(content: bytes, sha256: str) -> Document:
    """Read a PNG, JPEG or TIFF file that shows a page, or several.

    The places of cells are in points by the resolution the file states, or in pixels where it states none.

    Raises:
        DamagedFile: the bytes cannot be opened as a picture.
        NeedsRecognition: the extra `ocr` is not installed.
    """
    try:
        from pipelines.read.scan.page import read_page
        from pipelines.read.scan.sheets import image_sheets
    except ImportError as error:
        raise _missing(error) from error
    return _document(sha256, media_type(content), [read_page(sheet, _answers.get()) for sheet in image_sheets(content)])


def read_pictures(pictures: Sequence[bytes]) -> tuple[Block, ...]:
    """What picture files show that are the pages of one document, their places by page from 1.

    Raises:
        DamagedFile: one of them cannot be opened as a picture.
        NeedsRecognition: the extra `ocr` is not installed.
    """
    try:
        from pipelines.read.scan.page import read_page
        from pipelines.read.scan.sheets import image_sheets
    except ImportError as error:
        raise _missing(error) from error
    # A browser shows the first picture of a file that has several.
    sheets = (replace(next(image_sheets(one)), number=at) for at, one in enumerate(pictures, start=1))
    return _blocks([read_page(sheet, _answers.get()) for sheet in sheets])


def _missing(error: ImportError) -> NeedsRecognition:
    return NeedsRecognition(
        f"the pages are pictures, and reading them takes optical character recognition, which is not installed "
        f"({error}): pip install 'gongkai[ocr]', then read the document again"
    )


def _document(sha256: str, kind: str, pages: list["ReadPage"]) -> Document:
    if not pages:
        raise DamagedFile("the document has no pages; fetch it again")
    return Document(
        sha256=sha256,
        media_type=kind,
        reading="ocr",
        page_count=len(pages),
        producer=None,
        title=None,
        facts=(),
        blocks=_blocks(pages),
    )


def _blocks(pages: Sequence["ReadPage"]) -> tuple[Block, ...]:
    found = blocks(without_running_lines([page.content for page in pages]))
    return tuple(_placed(found, {page.content.number: page.to_page for page in pages}))


def _placed(found: Iterable[Block], to_page: Mapping[int, "Affine"]) -> Iterable[Block]:
    """Blocks with their places moved from the page turned upright to the page as it lies."""
    for block in found:
        if isinstance(block, Paragraph):
            yield replace(block, place=_moved(block.place, to_page))
        else:
            cells = tuple(replace(cell, place=_moved(cell.place, to_page)) for cell in block.cells)
            yield replace(block, cells=cells)


def _moved(place: Place, to_page: Mapping[int, "Affine"]) -> Place:
    if place.page is None or place.box is None:
        return place
    return Place(place.page, rounded(to_page[place.page].box(place.box)))
