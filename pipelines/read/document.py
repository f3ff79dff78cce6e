"""What reading yields: a document as paragraphs and tables in reading order, every cell with its place.

Belongs here: the values that pass from the readers to the recognisers. Does not: any judgement of what a table
or a paragraph means.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

Doubt = Literal["row", "extent", "unit"]
"""What is not clear about a figure of a table that no rules part: which row it is of, or where it ends, for it is put
together from what stands on several lines. And of an amount of money on a scan: its unit, where no heading was read."""


class Box(NamedTuple):
    """A box on a page in points, origin top left."""

    x0: float
    top: float
    x1: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is printed: page (from 1) and box, or the element path in a web page."""

    page: int | None = None
    box: Box | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell: its text as printed, its upper left position from 0, its spans, its place.

    `confidence`, from 0 to 1, is that of a reader that guesses (optical character recognition); None for text.
    `doubt` is what is not clear about its place; None where it is.
    """

    row: int
    column: int
    row_span: int
    column_span: int
    text: str
    place: Place
    confidence: float | None = None
    doubt: Doubt | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table, joined over page breaks: cells sorted by row and column, each printed once.

    `number` counts the document's tables from 1. `breaks` are the rows that begin a new page: there, one
    printed row may stand as two, its upper half ending one page and its lower half beginning the next.
    """

    number: int
    cells: tuple[Cell, ...]
    breaks: tuple[int, ...] = ()

    @property
    def row_count(self) -> int:
        """Rows of the grid."""
        return max((cell.row + cell.row_span for cell in self.cells), default=0)

    @property
    def column_count(self) -> int:
        """Columns of the grid."""
        return max((cell.column + cell.column_span for cell in self.cells), default=0)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of running text as printed, white space folded."""

    text: str
    place: Place


Block = Paragraph | Table


@dataclass(frozen=True, slots=True)
class Document:
    """A document as read.

    Args:
        sha256: hash of the bytes it was read from.
        media_type: told from the bytes.
        reading: a code of `schemas.codes.READING`.
        page_count: pages, or None for a web page.
        producer: the program that made it, where it says so.
        title: the title its metadata give (HTML title element, PDF document information), or None.
        facts: (name, value) pairs its metadata state: meta elements, rows of a metadata table before the body.
        blocks: paragraphs and tables in reading order.
    """

    sha256: str
    media_type: str
    reading: str
    page_count: int | None
    producer: str | None
    title: str | None
    facts: tuple[tuple[str, str], ...]
    blocks: tuple[Block, ...]

    @property
    def tables(self) -> tuple[Table, ...]:
        """The document's tables, in order."""
        return tuple(block for block in self.blocks if isinstance(block, Table))

    @property
    def paragraphs(self) -> tuple[Paragraph, ...]:
        """The document's paragraphs, in order."""
        return tuple(block for block in self.blocks if isinstance(block, Paragraph))
