"""Scans: PDFs without a text layer and pictures of pages, by optical character recognition.

Belongs here: from the bytes to the document. Does not: how pages are read (`pipelines.read.scan`), which needs an
optional extra and is imported only when a scan is to be read.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.read.aligned.tables import with_aligned_tables
from pipelines.read.boxes import centre, holds, rounded
from pipelines.read.document import Block, Box, Document, Paragraph, Place
from pipelines.read.errors import DamagedFile, NeedsRecognition
from pipelines.read.media import JPEG, PDF, PNG, TIFF, media_type
from pipelines.read.pages import OUTER, Grid, Line, PageContent, blocks, without_running_lines

if TYPE_CHECKING:
    from pipelines.read.scan.page import ReadPage
    from pipelines.read.scan.picture import Affine

PICTURES = (PNG, JPEG, TIFF)
"""Media types of the pictures that can be read."""

ALIKE, SHORTEST, SHIFTED = 0.8, 6, 12.0
"""How like each other (0 to 1), how long and how far apart in height (points) headers and footers of a scan's pages are
that were printed alike: sheets lie differently, and a letter may be read in two ways."""

UNSEEN = 0.5
"""Confidence of a blank in a table that lost its rules: its ink may have been taken for what is left of them."""

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
        from pipelines.read.scan.page import read_pages
        from pipelines.read.scan.sheets import pdf_sheets
    except ImportError as error:
        raise _missing(error) from error
    return _document(sha256, PDF, [read_pages(sheet, _answers.get()) for sheet in pdf_sheets(content)])


def read_image(content: bytes, sha256: str) -> Document:
    """Read a PNG, JPEG or TIFF file that shows a page, or several.

    The places of cells are in points by the resolution the file states, or in pixels where it states none.

    Raises:
        DamagedFile: the bytes cannot be opened as a picture.
        NeedsRecognition: the extra `ocr` is not installed.
    """
    try:
        from pipelines.read.scan.page import read_pages
        from pipelines.read.scan.sheets import image_sheets
    except ImportError as error:
        raise _missing(error) from error
    return _document(
        sha256, media_type(content), [read_pages(sheet, _answers.get()) for sheet in image_sheets(content)]
    )


def read_pictures(pictures: Sequence[bytes]) -> tuple[Block, ...]:
    """What picture files show that are the pages of one document, their places by page from 1.

    Raises:
        DamagedFile: one of them cannot be opened as a picture.
        NeedsRecognition: the extra `ocr` is not installed.
    """
    try:
        from pipelines.read.scan.page import read_pages
        from pipelines.read.scan.sheets import image_sheets
    except ImportError as error:
        raise _missing(error) from error
    # A browser shows the first picture of a file that has several.
    sheets = (replace(next(image_sheets(one)), number=at) for at, one in enumerate(pictures, start=1))
    return _blocks([read_pages(sheet, _answers.get()) for sheet in sheets])


def with_pictures(
    content: bytes, pages: Sequence[PageContent], shown: Mapping[int, Sequence[Box]]
) -> tuple[list[PageContent], Mapping[int, "Affine"]]:
    """The pages of a PDF with what their pictures show beside their text.

    Args:
        content: the PDF.
        pages: its pages as read by their text.
        shown: where pictures are to be read, boxes by page number; text that lies in one is not used.

    Returns:
        The pages, and for those with pictures how their coordinates map to points on the page (`placed`).

    Raises:
        NeedsRecognition: the extra `ocr` is not installed.
    """
    if not shown:
        return list(pages), {}
    try:
        from pipelines.read.scan.page import read_page
        from pipelines.read.scan.sheets import pdf_sheets
    except ImportError as error:
        raise _missing(error) from error
    found = {sheet.number: read_page(sheet, _answers.get()) for sheet in pdf_sheets(content, shown)}
    merged = [_merged(page, found[page.number], shown[page.number]) if page.number in found else page for page in pages]
    return merged, {number: page.to_page for number, page in found.items()}


def _merged(text: PageContent, read: "ReadPage", pictures: Sequence[Box]) -> PageContent:
    """The text of a page outside its pictures and what was read in them, in the coordinates of the latter."""
    to_read = read.to_page.inverse()
    boxes = [to_read.box(box) for box in pictures]
    lines = [
        replace(line, box=to_read.box(line.box))
        for line in text.lines
        if not any(holds(box, centre(line.box)) for box in pictures)
    ]
    words = [
        replace(word, box=to_read.box(word.box))
        for word in text.words
        if not any(holds(box, centre(word.box)) for box in pictures)
    ]
    lines += [line for line in read.content.lines if any(holds(box, centre(line.box)) for box in boxes)]
    grids = [grid for grid in read.content.grids if any(holds(box, centre(grid.box)) for box in boxes)]
    return replace(read.content, lines=tuple(lines), grids=tuple(grids), words=tuple(words))


def _missing(error: ImportError) -> NeedsRecognition:
    return NeedsRecognition(
        f"the pages are pictures, and reading them takes optical character recognition, which is not installed "
        f"({error}): pip install 'gongkai[ocr]', then read the document again"
    )


def _document(sha256: str, kind: str, sheets: Sequence[Sequence["ReadPage"]]) -> Document:
    if not sheets:
        raise DamagedFile("the document has no pages; fetch it again")
    return Document(
        sha256=sha256,
        media_type=kind,
        reading="ocr",
        page_count=len(sheets),
        producer=None,
        title=None,
        facts=(),
        blocks=_blocks(sheets),
    )


def _blocks(sheets: Sequence[Sequence["ReadPage"]]) -> tuple[Block, ...]:
    """The blocks of the pages that sheets show, one after the other, placed on the sheets."""
    read = [page for sheet in sheets for page in sheet]
    sheet_of = {number: page.content.number for number, page in enumerate(read, start=1)}
    pages = [replace(page, content=replace(page.content, number=number)) for number, page in enumerate(read, start=1)]
    contents = without_running_lines(_read_alike([page.content for page in pages]))
    aligned = [
        replace(after, grids=tuple(_weighed(grid, page) for grid in after.grids))
        for after, page in zip(with_aligned_tables(contents), pages, strict=True)
    ]
    found = blocks(aligned)
    return tuple(placed(found, {page.content.number: page.to_page for page in pages}, sheet_of))


def _weighed(grid: Grid, page: "ReadPage") -> Grid:
    """A table with the confidence of the words in each cell, where it was made from words."""
    cells = [
        replace(
            cell,
            confidence=min(
                (
                    sure
                    for word, sure in zip(page.content.words, page.sure, strict=True)
                    if holds(cell.box, centre(word.box))
                ),
                default=UNSEEN,
            ),
        )
        if cell.confidence is None
        else cell
        for cell in grid.cells
    ]
    return replace(grid, cells=tuple(cells))


def _read_alike(pages: Sequence[PageContent]) -> list[PageContent]:
    """The pages, headers and footers that are nearly those of a page before worded and placed as there."""
    known: list[tuple[Line, float]] = []
    found = []
    for page in pages:
        lines = tuple(_as_known(line, page.height, known) for line in page.lines)
        found.append(replace(page, lines=lines))
        known += [(line, page.height) for line in lines if _is_outer(line, page.height)]
    return found


def _as_known(line: Line, height: float, known: Sequence[tuple[Line, float]]) -> Line:
    """A line worded and placed as one of other pages that it is likely to be, their heights beside them."""
    if not _is_outer(line, height):
        return line
    for other, other_height in known:
        above = line.box.top < height / 2
        moved = other.box.top - line.box.top if above else other.box.bottom - other_height - line.box.bottom + height
        if abs(moved) <= SHIFTED and SequenceMatcher(None, line.text, other.text).ratio() >= ALIKE:
            box = line.box._replace(top=line.box.top + moved, bottom=line.box.bottom + moved)
            return replace(line, text=other.text, box=box)
    return line


def _is_outer(line: Line, height: float) -> bool:
    outer = line.box.bottom < OUTER * height or line.box.top > (1 - OUTER) * height
    return outer and len(line.text) >= SHORTEST


def placed(
    found: Iterable[Block], to_page: Mapping[int, "Affine"], sheet_of: Mapping[int, int] | None = None
) -> Iterable[Block]:
    """Blocks with their places moved from the page turned upright to the page as it lies.

    Args:
        found: the blocks.
        to_page: the movement by page number; places on other pages stay.
        sheet_of: the page of the document by page number, where a page of that shows two.
    """
    sheets = sheet_of or {}
    for block in found:
        if isinstance(block, Paragraph):
            yield replace(block, place=_moved(block.place, to_page, sheets))
        else:
            cells = tuple(replace(cell, place=_moved(cell.place, to_page, sheets)) for cell in block.cells)
            yield replace(block, cells=cells)


def _moved(place: Place, to_page: Mapping[int, "Affine"], sheet_of: Mapping[int, int]) -> Place:
    if place.page is None or place.box is None or place.page not in to_page:
        return place
    return Place(sheet_of.get(place.page, place.page), rounded(to_page[place.page].box(place.box)))
