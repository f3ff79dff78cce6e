"""Chapter 4: administrative review and litigation, fifteen figures under a heading of three levels."""

from pipelines.read.document import Cell
from pipelines.recognise.facts import CellRef, OddLabel, Review
from pipelines.recognise.grid import Row, above, holds_figure, holds_number
from pipelines.recognise.labels import closest, is_known
from pipelines.recognise.numbers import count
from schemas.forms import Form, Label

ALIKE = 0.6


def recognise_reviews(rows: tuple[Row, ...], form: Form) -> tuple[tuple[Review, ...], tuple[OddLabel, ...]]:
    """The figures of chapter 4 and the headings that are not the form's.

    Headings decide where they say plainly what a column is; otherwise the form's order does, if the row has
    exactly the form's number of cells. Anything else is left out, and `form.incomplete` says so.
    """
    order = [(proceeding, result) for proceeding in form.proceedings for result in form.results]
    figures = _figure_row(rows, len(order))
    if figures is None:
        return (), ()
    cells = figures.own[-len(order) :]
    heads = [_heads(rows, figures, cell) for cell in cells]
    told = [_told(texts, form) for texts in heads]
    plain = [pair for pair in told if pair is not None]
    if len(plain) == len(order) and set(plain) == set(order):
        order = plain
    elif len(cells) != len(order):
        return (), ()
    found = tuple(
        Review(proceeding.code, result.code, _count(cell), CellRef(figures.table, cell))
        for (proceeding, result), cell in zip(order, cells, strict=True)
    )
    odd = tuple(
        OddLabel(f"reviews.{proceeding.code}.{label.code}", label.label, head.text, CellRef(figures.table, head))
        for (proceeding, result), texts in zip(order, heads, strict=True)
        for label, head in _compared(proceeding, result, texts)
        if not is_known(head.text, label)
    )
    return found, tuple({(label.ref, label.expected): label for label in odd}.values())


def _figure_row(rows: tuple[Row, ...], width: int) -> Row | None:
    """The row of figures: the first whose last `width` cells hold numbers, blanks or dashes.

    A row of numbers is preferred to a row of blanks, which may be a spacer.
    """
    full = [row for row in rows if len(row.own) >= width and all(holds_figure(c) for c in row.own[-width:])]
    with_numbers = [row for row in full if any(holds_number(cell) for cell in row.own)]
    return next(iter(with_numbers or full), None)


def _heads(rows: tuple[Row, ...], figures: Row, cell: Cell) -> list[Cell]:
    """The headings over a figure, from the top down."""
    table = tuple(row for row in rows if row.table == figures.table)
    position = table.index(figures)
    return [head for head in above(table, position, cell) if head.text]


def _told(heads: list[Cell], form: Form) -> tuple[Label, Label] | None:
    """What the headings say plainly: proceeding and result."""
    if not heads:
        return None
    result = closest(heads[-1].text, form.results, at_least=ALIKE)
    proceeding = next(
        (
            found
            for head in reversed(heads[:-1])
            if (found := closest(head.text, form.proceedings, at_least=ALIKE)) is not None
        ),
        None,
    )
    if result is None or proceeding is None:
        return None
    return proceeding, result


def _compared(proceeding: Label, result: Label, heads: list[Cell]) -> list[tuple[Label, Cell]]:
    """The labels that the form has over a figure beside the headings that are printed there."""
    compared = []
    if heads:
        compared.append((result, heads[-1]))
    if len(heads) > 1:
        compared.append((proceeding, heads[-2]))
    return compared


def _count(cell: Cell) -> int | None:
    value = count(cell.text).value
    return None if value is None else int(value)
