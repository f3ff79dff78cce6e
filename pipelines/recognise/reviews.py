"""Chapter 4: administrative review and litigation, fifteen figures under a heading of three levels."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from types import MappingProxyType

from pipelines.read.document import Cell
from pipelines.recognise.facts import CellRef, OddLabel, Review, Unplaced
from pipelines.recognise.grid import Row, above, holds_figure, holds_number
from pipelines.recognise.labels import closest, is_known
from pipelines.recognise.numbers import count
from pipelines.recognise.page_breaks import with_whole_headings
from schemas.forms import Form, Label

ALIKE = 0.6
LEGIBLE = 0.7
"""Share of the cells of the row of figures that hold a figure at least."""
PLAIN = 0.85
"""Likeness of a heading that tells a figure by itself, where figures do not stand in one row as in the form."""


@dataclass(frozen=True, slots=True)
class _Column:
    """What stands over a figure: proceeding and result, with the headings that name them where they are printed."""

    proceeding: Label
    result: Label
    heads: tuple[tuple[Label, Cell], ...]


@dataclass(frozen=True, slots=True)
class ReviewsTable:
    """Chapter 4 as recognised: figures, headings that are not the form's, other rows of figures that differ."""

    figures: tuple[Review, ...] = ()
    odd_labels: tuple[OddLabel, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()


def recognise_reviews(
    rows: tuple[Row, ...], form: Form, above: Mapping[int, str] = MappingProxyType({})
) -> ReviewsTable:
    """Recognise the row of figures of chapter 4 and its columns.

    Args:
        rows: the rows of the chapter's tables, one after the other.
        form: the form whose proceedings and results are looked for.
        above: the line above a table, by its number, where each proceeding has a table of its own.

    Headings decide where they say plainly what a column is; otherwise the form's order does, if the row has
    exactly the form's number of cells. Figures in several rows or tables are taken if all are told by what stands
    over and before them. Anything else is left out, and `form.incomplete` says so.
    """
    rows = with_whole_headings(rows, (*form.proceedings, *form.results))
    order = [(proceeding, result) for proceeding in form.proceedings for result in form.results]
    row, columns = _headed(rows, form, len(order)) or _in_order(rows, order) or (None, ())
    if row is None:
        return _of_another_shape(rows, form, above)
    found = tuple(
        Review(column.proceeding.code, column.result.code, *_count(cell), CellRef(row.table, cell))
        for cell, column in columns
    )
    odd = {
        (head, label.label): OddLabel(
            f"reviews.{column.proceeding.code}.{label.code}", label.label, head.text, CellRef(row.table, head)
        )
        for _, column in columns
        for label, head in column.heads
        if not is_known(head.text, label)
    }
    return ReviewsTable(found, tuple(odd.values()), (*_other_figures(rows, row, len(order)), *_beside(row, columns)))


def _other_figures(rows: tuple[Row, ...], chosen: Row, width: int) -> Iterator[Unplaced]:
    """The rows that could be the row of figures as well, and are not the same again: a table printed twice."""
    own = _printed_figures(chosen)
    for row in rows:
        figures = _printed_figures(row)
        if row != chosen and len(figures) >= width and any(map(holds_number, row.own)) and figures != own:
            refs = tuple(CellRef(row.table, cell) for cell in row.own)
            yield Unplaced(f"reviews.table{row.table}.row{row.index + 1}", "", refs)


def _beside(row: Row, columns: Iterable[tuple[Cell, _Column]]) -> Iterator[Unplaced]:
    """The numbers right of the first figure that are under no heading: a cell too many may have shifted the others."""
    taken = {cell for cell, _ in columns}
    first = min(cell.column for cell in taken)
    refs = tuple(
        CellRef(row.table, cell) for cell in row.own if cell.column > first and cell not in taken and holds_number(cell)
    )
    if refs:
        yield Unplaced(f"reviews.table{row.table}.row{row.index + 1}", "", refs)


def _printed_figures(row: Row) -> list[str]:
    return [cell.text for cell in row.own if holds_figure(cell)]


_Columns = tuple[Row, tuple[tuple[Cell, _Column], ...]]
"""The row of figures, and each of its cells with what stands over it."""


def _headed(rows: tuple[Row, ...], form: Form, width: int) -> _Columns | None:
    """The row of figures with a cell under the headings of every column of the form."""
    found = []
    for row in rows:
        under: dict[tuple[Label, Label], tuple[Cell, _Column]] = {}
        for cell in row.own if len(row.own) >= width else ():
            column = _told(_heads(rows, row, cell), form)
            if column is not None and (holds_figure(cell) or cell.confidence is not None):
                under.setdefault((column.proceeding, column.result), (cell, column))
        # Where every heading is told, a cell that recognition garbled does not take the others with it.
        if len(under) == width and sum(holds_figure(cell) for cell, _ in under.values()) >= LEGIBLE * width:
            found.append((row, tuple(under.values())))
    return _preferred(found)


def _in_order(rows: tuple[Row, ...], order: list[tuple[Label, Label]]) -> _Columns | None:
    """The row of exactly as many figures as the form has columns, which are taken to be in the form's order.

    A cell that recognition garbled counts as a figure among others that are.
    """
    width = len(order)
    found = []
    for row in rows:
        figures = [cell for cell in row.own if holds_figure(cell)]
        guessed = all(holds_figure(cell) or cell.confidence is not None for cell in row.own)
        cells = list(row.own) if guessed and len(figures) >= LEGIBLE * width else figures
        if len(cells) != width:
            continue
        columns = [
            _Column(*labels, _compared(*labels, _heads(rows, row, cell)))
            for labels, cell in zip(order, cells, strict=True)
        ]
        found.append((row, tuple(zip(cells, columns, strict=True))))
    return _preferred(found)


def _of_another_shape(rows: tuple[Row, ...], form: Form, above: Mapping[int, str]) -> ReviewsTable:
    """The figures of a table turned round, stacked or parted: a row for each proceeding, or a line for each figure.

    Nothing is taken if a number is told by no headings, two columns or two figures are told by the same, or a heading
    has no figure. A blank is one only where nothing else is.
    """
    told: dict[tuple[Label, Label], list[tuple[Row, Cell]]] = defaultdict(list)
    filled = {(row.table, cell.column) for row in rows for cell in row.own if cell.text and holds_figure(cell)}
    for row in rows:
        for cell in filter(holds_figure, row.own):
            before = [text for other in row.cells if other.column < cell.column and (text := _said(rows, row, other))]
            over = [head.text for head in _over(rows, row, cell)]
            heads = (*reversed(before), *reversed(over), above.get(row.table, ""))
            proceeding, result = _nearest(heads, form.proceedings), _nearest(heads, form.results)
            if proceeding is not None and result is not None:
                told[proceeding, result].append((row, cell))
            elif holds_number(cell):
                return ReviewsTable()
    if not told or set(told) != set(product(*_named(rows, form, above))):
        return ReviewsTable()
    figures = []
    for (proceeding, result), cells in told.items():
        printed = [(row, cell) for row, cell in cells if cell.text]
        columns = Counter(row for row, cell in cells if (row.table, cell.column) in filled)
        if len(printed) > 1 or max(columns.values(), default=0) > 1:
            return ReviewsTable()
        row, cell = (printed or cells)[0]
        figures.append(Review(proceeding.code, result.code, *_count(cell), CellRef(row.table, cell)))
    return ReviewsTable(tuple(figures))


def _said(rows: tuple[Row, ...], row: Row, cell: Cell) -> str:
    """What a cell before a figure says: where it is blank, what the one above it did, as if it were one with that.

    Only what stands before figures itself is said of the rows below; a heading is said of its column.
    """
    if cell.text:
        return cell.text
    for upper in reversed([one for one in rows if one.part == row.part and one.index < row.index]):
        over = next((other for other in upper.own if other.text and other.column == cell.column), None)
        if over is not None:
            before = any(other.column > cell.column and other.text and holds_figure(other) for other in upper.own)
            return over.text if before and not holds_figure(over) else ""
    return ""


def _named(rows: tuple[Row, ...], form: Form, above: Mapping[int, str]) -> tuple[set[Label], set[Label]]:
    """The proceedings and the results that the headings of a table name."""
    heads = [*(cell.text for row in rows for cell in row.own), *(above.get(row.table, "") for row in rows)]

    def named(labels: tuple[Label, ...]) -> set[Label]:
        return {label for head in heads if (label := _nearest([head], labels)) is not None}

    return named(form.proceedings), named(form.results)


def _nearest(heads: Iterable[str], labels: tuple[Label, ...]) -> Label | None:
    """The label that the first of the headings names which names one."""
    named = (closest(head, labels, at_least=PLAIN) for head in heads)
    return next((label for label in named if label is not None), None)


def _preferred(found: list[_Columns]) -> _Columns | None:
    """The first row with numbers: one of blanks may be a spacer."""
    with_numbers = [each for each in found if any(holds_number(cell) for cell, _ in each[1])]
    return next(iter(with_numbers or found), None)


def _heads(rows: tuple[Row, ...], figures: Row, cell: Cell) -> list[Cell]:
    """The headings over a figure, from the top down."""
    table = tuple(row for row in rows if row.table == figures.table)
    position = table.index(figures)
    return [head for head in above(table, position, cell) if head.text]


def _over(rows: tuple[Row, ...], figures: Row, cell: Cell) -> list[Cell]:
    """As `_heads`, and what stands alone in its row, which is over all columns though its cell may not be."""
    before = [row for row in rows if row.table == figures.table and row.index < figures.index]
    alone = [filled[0] for row in before if len(filled := [other for other in row.own if other.text]) == 1]
    heads = dict.fromkeys([*_heads(rows, figures, cell), *(head for head in alone if not holds_figure(head))])
    return sorted(heads, key=lambda head: head.row)


def _told(heads: list[Cell], form: Form) -> _Column | None:
    """What the headings say plainly: proceeding and result."""
    if not heads:
        return None
    result = closest(heads[-1].text, form.results, at_least=ALIKE)
    named = (
        (label, head)
        for head in reversed(heads[:-1])
        if (label := closest(head.text, form.proceedings, at_least=ALIKE)) is not None
    )
    proceeding = next(named, None)
    if result is None or proceeding is None:
        return None
    return _Column(proceeding[0], result, ((result, heads[-1]), proceeding))


def _compared(proceeding: Label, result: Label, heads: list[Cell]) -> tuple[tuple[Label, Cell], ...]:
    """The labels that the form has over a figure beside the headings that are printed there."""
    return tuple(zip((result, proceeding), reversed(heads), strict=False))


def _count(cell: Cell) -> tuple[int | None, str | None]:
    """The number in a cell and the note printed with it."""
    read = count(cell.text)
    return None if read.value is None else int(read.value), read.note
