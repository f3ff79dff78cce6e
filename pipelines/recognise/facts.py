"""What recognising yields: figures by the contract's codes, each with the printed cell it comes from."""

from dataclasses import dataclass
from decimal import Decimal

from pipelines.read.document import Cell
from pipelines.recognise.identity import Identity


@dataclass(frozen=True, slots=True)
class CellRef:
    """A printed cell of a document: table number (from 1) and the cell.

    A sentence of the text is a cell of table 0, its row the paragraph and its column the sentence in it.
    """

    table: int
    cell: Cell


@dataclass(frozen=True, slots=True)
class Disclosure:
    """A figure of chapter 2; `value` in `unit`, None where the cell holds no number."""

    category: str
    measure: str
    value: Decimal | None
    unit: str
    note: str | None
    ref: CellRef


@dataclass(frozen=True, slots=True)
class Request:
    """A figure of chapter 3, in 件; None where the cell holds no number."""

    outcome: str
    applicant: str
    value: int | None
    note: str | None
    ref: CellRef


@dataclass(frozen=True, slots=True)
class Review:
    """A figure of chapter 4, in 件; None where the cell holds no number."""

    proceeding: str
    result: str
    value: int | None
    note: str | None
    ref: CellRef


@dataclass(frozen=True, slots=True)
class Statistic:
    """A figure of a report before 2019: of a statistics table, or one that the text states.

    `heading` is that of its column as printed; `origin` a code of `schemas.codes.ORIGIN`; `sentence` where it stands
    in the text, None for a figure of a table. `value` in `unit`, None where the cell holds no number.
    """

    indicator: str
    label: str
    value: Decimal | None
    unit: str | None
    heading: str | None
    note: str | None
    origin: str
    sentence: str | None
    ref: CellRef


@dataclass(frozen=True, slots=True)
class Mention:
    """A number that the text states: what was done, how many of what, and where.

    `chapter` counts as that of `Section` does, `position` the numbers of a sentence from 1; `approximation` is a
    code of `schemas.codes.APPROXIMATION`. `ref` is the sentence, as a cell of table 0.
    """

    chapter: int
    position: int
    verb: str
    label: str
    value: Decimal
    unit: str
    approximation: str
    sentence: str
    ref: CellRef


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter: its position (0 is what precedes the first), topic code, heading as printed and text."""

    chapter: int
    topic: str
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class OddLabel:
    """A label that is neither the form's nor a known variant, and the code it was taken for."""

    subject: str
    expected: str
    printed: str
    ref: CellRef | None


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A printed row of figures that is no row of the form, or a figure printed twice: not loaded, but not lost."""

    subject: str
    printed: str
    refs: tuple[CellRef, ...]


@dataclass(frozen=True, slots=True)
class Recognised:
    """A report recognised in a document.

    Args:
        sha256: the document.
        identity: who published what, when, for where.
        form: version of the form, a code of `schemas.codes.FORM`.
        disclosures, requests, reviews: the figures of chapters 2 to 4.
        sections: the text of the chapters.
        tables: the cells of every statutory table, in order.
        odd_labels: labels that were placed by likeness and order.
        unplaced: printed figures that no row of the form could be found for.
        stated_requests: numbers of requests received that the text states.
        statistics: the figures of a statistics table, or those the text of a report without tables states.
        narrative: numbers that the text states.
    """

    sha256: str
    identity: Identity
    form: str
    disclosures: tuple[Disclosure, ...]
    requests: tuple[Request, ...]
    reviews: tuple[Review, ...]
    sections: tuple[Section, ...]
    tables: tuple[CellRef, ...]
    odd_labels: tuple[OddLabel, ...]
    unplaced: tuple[Unplaced, ...]
    stated_requests: tuple[int, ...]
    statistics: tuple[Statistic, ...] = ()
    narrative: tuple[Mention, ...] = ()
