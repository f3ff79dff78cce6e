"""Chapter 3: rows of outcomes and columns of applicants, by label, group and order together."""

from collections import Counter
from dataclasses import dataclass

from pipelines.read.document import Cell
from pipelines.recognise.align import align
from pipelines.recognise.facts import CellRef, OddLabel, Request, Unplaced
from pipelines.recognise.grid import Row, holds_figure, holds_number
from pipelines.recognise.labels import closest, form_ordinal, is_known, likeness, ordinal, similarity
from pipelines.recognise.numbers import count
from schemas.forms import Form, Label

PLAUSIBLE = 0.45
"""A pairing scores its likeness less this: what is no more alike must be held by ordinal, group or order."""
SAME_ORDINAL = 0.25
SAME_GROUP = 0.15
LOSE_NUMBERS = -0.4
"""Cost of leaving out a printed row that holds numbers; one without costs nothing."""
LOSE_FORM_ROW = -0.05
HEADER_LIKENESS = 0.8


@dataclass(frozen=True, slots=True)
class _Line:
    """A row with its label, the headings it stands under, and its cells in the columns of figures."""

    row: Row
    label: Cell | None
    groups: tuple[str, ...]
    figures: tuple[Cell, ...]

    @property
    def text(self) -> str:
        return self.label.text if self.label else ""

    @property
    def has_numbers(self) -> bool:
        return any(holds_number(cell) for cell in self.figures)


@dataclass(frozen=True, slots=True)
class RequestsTable:
    """Chapter 3 as recognised: figures, labels placed by likeness and order, rows of figures placed nowhere."""

    figures: tuple[Request, ...]
    odd_labels: tuple[OddLabel, ...]
    unplaced: tuple[Unplaced, ...]


def recognise_requests(rows: tuple[Row, ...], form: Form) -> RequestsTable:
    """Recognise the rows and columns of chapter 3.

    Args:
        rows: the rows of the chapter's table, or of its parts one after the other.
        form: the form whose rows and columns are looked for.
    """
    width = len(form.applicants)
    lines = tuple(_line(row, _first_figure_column(rows, row.table, width), width) for row in rows)
    pairs = align(
        len(lines),
        len(form.outcomes),
        score=lambda i, j: _score(lines[i].text, lines[i].groups, form.outcomes[j]),
        merged_score=lambda i, j: _merged_score(lines, i, form.outcomes[j]),
        skip_printed=lambda i: LOSE_NUMBERS if lines[i].has_numbers else 0.0,
        skip_expected=LOSE_FORM_ROW,
    )
    found: list[Request] = []
    odd: list[OddLabel] = []
    first = min((pair.printed for pair in pairs), default=0)
    applicants, odd_headers = _columns(lines, first, form)
    odd.extend(odd_headers)
    for pair in pairs:
        outcome = form.outcomes[pair.expected]
        line = _merged(lines[pair.printed], lines[pair.printed + 1]) if pair.merged else lines[pair.printed]
        if not is_known(line.text, outcome):
            ref = CellRef(line.row.table, line.label) if line.label else None
            odd.append(OddLabel(f"requests.{outcome.code}", outcome.label, line.text, ref))
        found.extend(_figures(line, outcome, applicants))
    placed = {pair.printed for pair in pairs} | {pair.printed + 1 for pair in pairs if pair.merged}
    unplaced = tuple(
        _unplaced(line)
        for position, line in enumerate(lines)
        if position > first and position not in placed and line.has_numbers
    )
    return RequestsTable(tuple(found), tuple(odd), unplaced)


def _unplaced(line: _Line) -> Unplaced:
    refs = tuple(CellRef(line.row.table, cell) for cell in line.figures)
    return Unplaced(f"requests.table{line.row.table}.row{line.row.index + 1}", line.text, refs)


def _first_figure_column(rows: tuple[Row, ...], table: int, width: int) -> int | None:
    """The column where figures begin: that of the cell `width` from the right in most rows full of figures."""
    starts = Counter(
        row.own[-width].column
        for row in rows
        if row.table == table and len(row.own) > width and all(holds_figure(cell) for cell in row.own[-width:])
    )
    return starts.most_common(1)[0][0] if starts else None


def _line(row: Row, first: int | None, width: int) -> _Line:
    figures = tuple(cell for cell in row.own if first is not None and cell.column >= first)
    if len(figures) != width:
        tail = row.own[-width:]
        # A wrong row span in a web page shifts a row sideways; its last cells are the figures all the same.
        if len(row.own) > width and all(holds_figure(cell) for cell in tail):
            figures = tail
    taken = {(cell.row, cell.column) for cell in figures}
    labels = [cell for cell in row.cells if (cell.row, cell.column) not in taken and not holds_number(cell)]
    own = [cell for cell in labels if cell.row == row.index and cell.text]
    label = own[-1] if own else None
    groups = tuple(cell.text for cell in labels if cell is not label and cell.text)
    return _Line(row, label, groups, figures)


def _score(text: str, groups: tuple[str, ...], outcome: Label) -> float:
    """How well a printed row fits a row of the form."""
    if not text:
        return 0.0 + _group_score(groups, outcome)
    printed, expected = ordinal(text), form_ordinal(outcome)
    by_ordinal = 0.0
    if printed and expected:
        by_ordinal = SAME_ORDINAL if printed == expected else -SAME_ORDINAL
    return similarity(text, outcome) - PLAUSIBLE + by_ordinal + _group_score(groups, outcome)


def _group_score(groups: tuple[str, ...], outcome: Label) -> float:
    if not groups:
        return 0.0
    if outcome.group is None:
        return 0.0
    nearest = max(likeness(group, outcome.group) for group in groups)
    return SAME_GROUP if nearest >= 0.6 else -SAME_GROUP


def _merged_score(lines: tuple[_Line, ...], i: int, outcome: Label) -> float | None:
    """Score of a row cut in two by a page break: its halves together, if only one of them holds the numbers."""
    upper, lower = lines[i], lines[i + 1]
    if not lower.row.begins_page or (upper.has_numbers and lower.has_numbers):
        return None
    if len(upper.figures) != len(lower.figures) or not (upper.text and lower.text):
        return None
    return _score(upper.text + lower.text, upper.groups, outcome)


def _merged(upper: _Line, lower: _Line) -> _Line:
    """One row from its halves on two pages; the figures are those of the half that holds them."""
    figures = lower.figures if lower.has_numbers else upper.figures
    if upper.label is None or lower.label is None:
        return upper
    label = Cell(
        upper.label.row,
        upper.label.column,
        upper.label.row_span,
        upper.label.column_span,
        upper.label.text + lower.label.text,
        upper.label.place,
    )
    return _Line(upper.row, label, upper.groups, figures)


def _columns(
    lines: tuple[_Line, ...], first: int, form: Form
) -> tuple[tuple[Label, ...], tuple[OddLabel, ...]]:
    """The applicants from left to right, and the column headings that are not the form's.

    The form's order holds unless the headings say plainly that the columns were printed in another.
    """
    width = len(form.applicants)
    model = next((line for line in lines[first:] if len(line.figures) == width), None)
    if model is None:
        return form.applicants, ()
    heads = [_heading(lines[:first], cell) for cell in model.figures]
    by_heading = [
        closest(head.text, form.applicants, at_least=HEADER_LIKENESS) if head else None for head in heads
    ]
    if set(by_heading) == set(form.applicants):
        order = tuple(label for label in by_heading if label is not None)
    else:
        order = form.applicants
    odd = tuple(
        OddLabel(f"requests.{label.code}", label.label, head.text if head else "", _ref(model, head))
        for label, head in zip(order, heads, strict=True)
        if head is None or not is_known(head.text, label)
    )
    return order, odd


def _ref(line: _Line, head: Cell | None) -> CellRef | None:
    return CellRef(line.row.table, head) if head else None


def _heading(headers: tuple[_Line, ...], figure: Cell) -> Cell | None:
    """The lowest heading over a column of figures."""
    over = [
        cell
        for line in headers
        for cell in line.row.own
        if cell.text and cell.column <= figure.column < cell.column + cell.column_span
    ]
    return over[-1] if over else None


def _figures(line: _Line, outcome: Label, applicants: tuple[Label, ...]) -> list[Request]:
    """The figures of a row; none where the row has not one cell for each applicant: nothing is guessed."""
    if len(line.figures) != len(applicants):
        return []
    return [
        Request(outcome.code, applicant.code, _count(cell), CellRef(line.row.table, cell))
        for applicant, cell in zip(applicants, line.figures, strict=True)
    ]


def _count(cell: Cell) -> int | None:
    value = count(cell.text).value
    return None if value is None else int(value)
