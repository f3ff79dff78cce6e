"""Chapter 3: rows of outcomes and columns of applicants, by label, group and order together."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise, takewhile

from pipelines.read.document import Cell
from pipelines.recognise.align import align
from pipelines.recognise.facts import CellRef, OddLabel, Request, Unplaced
from pipelines.recognise.grid import Row, holds_figure, holds_number, overlaps
from pipelines.recognise.labels import closest, form_ordinal, is_known, likeness, ordinal, similarities
from pipelines.recognise.numbers import count
from pipelines.recognise.page_breaks import joined, with_whole_headings
from schemas.forms import Form, Label

PLAUSIBLE = 0.45
"""A pairing scores its likeness less this: what is no more alike must be held by ordinal, group or order."""
SAME_ORDINAL = 0.25
SAME_GROUP = 0.15
LOSE_NUMBERS = -0.4
"""Cost of leaving out a printed row that holds numbers; one without costs nothing."""
NOTHING = -1.0
"""Score of an empty row: it is no row of the form's."""
LOSE_FORM_ROW = -0.05
HEADER_LIKENESS = 0.8
LEAST_APPLICANTS = 4
"""Columns that a table must have which leaves some of the form's out."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A row with its label, the headings it stands under, and its cells in the columns of figures.

    `astray` are the numbers beside these that no other row has cells for.
    """

    row: Row
    label: Cell | None
    groups: tuple[str, ...]
    figures: tuple[Cell, ...]
    astray: tuple[Cell, ...]

    @property
    def text(self) -> str:
        return self.label.text if self.label else ""

    @property
    def is_empty(self) -> bool:
        """Whether neither label nor figures are printed: a spacer, or the empty half of a broken row."""
        return not self.text and not any(cell.text for cell in self.figures)

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
    rows = with_whole_headings(rows, form.applicants)
    form = _with_printed_applicants(rows, form)
    layouts = _layouts(rows, form)
    lines = tuple(_line(row, layouts[row.part]) for row in rows)
    halved = {
        position: _line(whole, layouts[whole.part])
        for position, (upper, lower) in enumerate(pairwise(rows))
        if (whole := joined(upper, lower)) is not None
    }
    subtotals = _subtotals(lines, form.outcomes)
    scores = [
        [NOTHING] * len(form.outcomes) if position in subtotals else _scores(line, form.outcomes)
        for position, line in enumerate(lines)
    ]
    for upper in halved:
        # A label and the figures beside it, one on either side of the break, are no rows of their own.
        for one, other in ((upper, upper + 1), (upper + 1, upper)):
            if not lines[one].has_numbers and not lines[other].text:
                scores[other] = [NOTHING] * len(form.outcomes)
    merged = {position: _scores(line, form.outcomes) for position, line in halved.items()}
    pairs = align(
        len(lines),
        len(form.outcomes),
        score=lambda i, j: scores[i][j],
        merged_score=lambda i, j: merged[i][j] if i in merged else None,
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
        line = halved[pair.printed] if pair.merged else lines[pair.printed]
        if not is_known(line.text, outcome):
            ref = CellRef(line.row.table, line.label) if line.label else None
            odd.append(OddLabel(f"requests.{outcome.code}", outcome.label, line.text, ref))
        found.extend(_figures(line, outcome, applicants))
    placed = {pair.printed for pair in pairs} | {pair.printed + 1 for pair in pairs if pair.merged}
    placed |= {at for at, members in subtotals.items() if _adds_up(lines[at], members, found, applicants)}
    unplaced = tuple(
        _unplaced(line)
        for position, line in enumerate(lines)
        if line.has_numbers and (line.astray if position in placed else position > first)
    )
    return RequestsTable(tuple(found), tuple(odd), unplaced)


def _with_printed_applicants(rows: tuple[Row, ...], form: Form) -> Form:
    """The form with the applicants that a table has columns for, where its headings say plainly that some are left out.

    They say so if each is the form's, they stand side by side, and no number stands elsewhere: beside them, it would
    be under a heading that cannot be read.
    """
    for part in dict.fromkeys(row.part for row in rows):
        own = tuple(row for row in rows if row.part == part)
        heads = _applicant_heads(own, form, 1.0)
        if len(heads) < LEAST_APPLICANTS:
            continue
        columns = _side_by_side(heads.values())
        numbers = [cell for row in own for cell in row.own if holds_number(cell)]
        if not columns or not all(columns[0][0] <= cell.column < columns[-1][1] for cell in numbers):
            return form
        return replace(form, applicants=tuple(label for label in form.applicants if label.code in heads))
    return form


def _subtotals(lines: tuple[_Line, ...], outcomes: tuple[Label, ...]) -> dict[int, tuple[Label, ...]]:
    """The rows that are but the heading of a group (（三）不予公开), with the rows that the group has.

    （六）其他处理 is a row of the form as well: it is the heading where a row of its group follows.
    """
    found: dict[int, tuple[Label, ...]] = {}
    groups = {outcome.group for outcome in outcomes if outcome.group is not None}
    for position, line in enumerate(lines):
        group = next((name for name in groups if line.text and likeness(line.text, name) == 1.0), None)
        members = tuple(outcome for outcome in outcomes if outcome.group == group)
        below = next((other.text for other in lines[position + 1 :] if other.text), "")
        if group is not None and closest(below, members, at_least=HEADER_LIKENESS) is not None:
            found[position] = members
    return found


def _adds_up(line: _Line, members: tuple[Label, ...], found: list[Request], applicants: tuple[Label, ...]) -> bool:
    """Whether the row of a group says the sums of its rows: then nothing is lost with it."""
    sums: Counter[str] = Counter()
    for figure in found:
        if any(figure.outcome == member.code for member in members):
            sums[figure.applicant] += figure.value or 0
    return [_count(cell)[0] or 0 for cell in line.figures] == [sums[applicant.code] for applicant in applicants]


def with_copies(found: RequestsTable, copies: Iterable[RequestsTable]) -> RequestsTable:
    """The table, and as unplaced what its copies (in the text and in an appendix) say otherwise."""
    first = {(figure.outcome, figure.applicant): figure for figure in found.figures}
    contradictions = tuple(
        Unplaced(
            f"requests.{figure.outcome}.{figure.applicant}.table{figure.ref.table}",
            figure.ref.cell.text,
            (first[key].ref, figure.ref) if key in first else (figure.ref,),
        )
        for copy in copies
        for figure in copy.figures
        if (key := (figure.outcome, figure.applicant)) and figure.value is not None
        if key not in first or first[key].value != figure.value
    )
    return replace(found, unplaced=found.unplaced + contradictions)


def _unplaced(line: _Line) -> Unplaced:
    refs = tuple(CellRef(line.row.table, cell) for cell in line.figures)
    return Unplaced(f"requests.table{line.row.table}.row{line.row.index + 1}", line.text, refs)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where a table has its figures.

    Args:
        width: how many figures a row has.
        headed: the columns under the headings of the applicants, from and to, if each was found.
        first: the column where figures begin.
        after: how many cells most rows have to the right of their figures.
    """

    width: int
    headed: tuple[tuple[int, int], ...]
    first: int | None
    after: int


def _layouts(rows: tuple[Row, ...], form: Form) -> dict[tuple[int, int], _Layout]:
    """The layout of each table; a part that neither headings nor figures tell has that of the part before it."""
    found: dict[tuple[int, int], _Layout] = {}
    before: _Layout | None = None
    for part in dict.fromkeys(row.part for row in rows):
        layout = _layout(tuple(row for row in rows if row.part == part), form)
        before = found[part] = before if before is not None and layout.first is None else layout
    return found


def _layout(own: tuple[Row, ...], form: Form) -> _Layout:
    """Where the figures of a table's rows are: under the headings, else in the last columns."""
    width = len(form.applicants)
    headed = _headed_columns(own, form)
    if headed:
        beyond = [sum(cell.column >= headed[-1][1] for cell in row.own) for row in own if len(row.own) > width]
        return _Layout(width, headed, headed[0][0], Counter(beyond).most_common(1)[0][0] if beyond else 0)
    after = _blank_at_the_end(own, width)
    kept = [row.own[: len(row.own) - after] for row in own]
    starts = Counter(
        cells[-width].column for cells in kept if len(cells) > width and all(map(holds_figure, cells[-width:]))
    )
    return _Layout(width, (), starts.most_common(1)[0][0] if starts else None, after)


def _blank_at_the_end(rows: tuple[Row, ...], width: int) -> int:
    """How many columns at the right end hold nothing, where each row has its label and figures left of them."""
    lines = [row.own for row in rows if len(row.own) > width]
    most = min((sum(1 for _ in takewhile(lambda cell: not cell.text, reversed(cells))) for cells in lines), default=0)
    for after in range(most, 0, -1):
        kept = [cells[: len(cells) - after] for cells in lines]
        if all(len(cells) > width and all(map(holds_figure, cells[-width:])) for cells in kept):
            return after
    return 0


def _headed_columns(rows: tuple[Row, ...], form: Form) -> tuple[tuple[int, int], ...]:
    """The columns under the first heading of each applicant, in order; none unless all are found side by side.

    Headings stand over the figures: beside them, 总计 is the name of a row.
    """
    heads = _applicant_heads(rows, form, HEADER_LIKENESS)
    return _side_by_side(heads.values()) if len(heads) == len(form.applicants) else ()


def _applicant_heads(rows: tuple[Row, ...], form: Form, at_least: float) -> dict[str, Cell]:
    """The first heading of each applicant, by code."""
    heads: dict[str, Cell] = {}
    for row in takewhile(lambda row: sum(map(holds_number, row.own)) < 2, rows):
        for cell in row.own:
            label = closest(cell.text, form.applicants, at_least=at_least)
            if label is not None:
                heads.setdefault(label.code, cell)
        if len(heads) == len(form.applicants):
            break
    return heads


def _side_by_side(heads: Iterable[Cell]) -> tuple[tuple[int, int], ...]:
    """The columns under headings, from left to right; none where others stand between them."""
    ordered = sorted(heads, key=lambda cell: cell.column)
    columns = tuple((cell.column, cell.column + cell.column_span) for cell in ordered)
    return columns if all(left[1] == right[0] for left, right in pairwise(columns)) else ()


def _line(row: Row, layout: _Layout) -> _Line:
    figures = _figure_cells(row, layout)
    taken = {(cell.row, cell.column) for cell in figures}
    others = [cell for cell in row.cells if (cell.row, cell.column) not in taken and not holds_number(cell)]
    # Beside the figures stand remarks and comparisons (同比); only where nothing is left of them are they labels.
    before = [cell for cell in others if figures and cell.column < figures[0].column]
    labels = before if any(cell.text for cell in before) else others
    own = [cell for cell in labels if row.owns(cell)]
    label = next((cell for cell in reversed(own) if cell.text and not _is_group(cell, own)), None)
    groups = tuple(cell.text for cell in labels if cell is not label and cell.text)
    return _Line(row, label, groups, figures, _astray(row, layout, figures))


def _astray(row: Row, layout: _Layout, figures: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """The numbers of a row beside its figures: it has more cells than others, so that a blank may have shifted them."""
    if layout.first is None or len(figures) != layout.width:
        return ()
    kept = row.own[: len(row.own) - layout.after]
    first = min(layout.first, figures[0].column)
    taken = {cell.column for cell in figures}  # all of one row, which begins no two cells at a column
    return tuple(cell for cell in kept if cell.column >= first and cell.column not in taken and holds_number(cell))


def _figure_cells(row: Row, layout: _Layout) -> tuple[Cell, ...]:
    """The cells of a row that stand in the columns of figures, whatever they hold."""
    own, width = row.own, layout.width
    under = dict.fromkeys(cell for columns in layout.headed for cell in own if overlaps(cell, *columns))
    if len(under) == width and all(holds_figure(cell) for cell in under):
        return tuple(under)
    # A wrong row span in a web page shifts a row sideways; its last cells are the figures all the same.
    kept = own[: len(own) - layout.after]
    if len(kept) > width and all(holds_figure(cell) for cell in kept[-width:]):
        return kept[-width:]
    if len(under) == width:
        return tuple(under)
    return tuple(cell for cell in own if layout.first is not None and cell.column >= layout.first)


def _is_group(cell: Cell, own: list[Cell]) -> bool:
    """Whether the cell is the heading of several rows: taller than one, with a cell for labels to its right."""
    return cell.row_span > 1 and cell is not own[-1]


def _scores(line: _Line, outcomes: tuple[Label, ...]) -> list[float]:
    """How well a printed row fits each row of the form."""
    if line.is_empty:
        return [NOTHING] * len(outcomes)
    of_group = {group: _group_score(line.groups, group) for group in {outcome.group for outcome in outcomes}}
    in_group = [of_group[outcome.group] for outcome in outcomes]
    if not line.text:
        return in_group
    printed = ordinal(line.text)
    return [
        alike - PLAUSIBLE + _ordinal_score(printed, form_ordinal(outcome)) + group_score
        for alike, outcome, group_score in zip(similarities(line.text, outcomes), outcomes, in_group, strict=True)
    ]


def _ordinal_score(printed: str | None, expected: str | None) -> float:
    if not printed or not expected:
        return 0.0
    return SAME_ORDINAL if printed == expected else -SAME_ORDINAL


def _group_score(printed: tuple[str, ...], expected: str | None) -> float:
    """How well the headings that a row stands under fit the one that the form has."""
    if not printed or expected is None:
        return 0.0
    nearest = max(likeness(group, expected) for group in printed)
    return SAME_GROUP if nearest >= 0.6 else -SAME_GROUP


def _columns(lines: tuple[_Line, ...], first: int, form: Form) -> tuple[tuple[Label, ...], tuple[OddLabel, ...]]:
    """The applicants from left to right, and the column headings that are not the form's.

    The form's order holds unless the headings say plainly that the columns were printed in another.
    """
    width = len(form.applicants)
    model = next((line for line in lines[first:] if len(line.figures) == width), None)
    if model is None:
        return form.applicants, ()
    heads = [_heading(lines[:first], cell) for cell in model.figures]
    by_heading = [closest(head.text, form.applicants, at_least=HEADER_LIKENESS) if head else None for head in heads]
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
    """The figures of a row; none where it has not one cell for each applicant, or more: nothing is guessed."""
    if len(line.figures) != len(applicants) or line.astray:
        return []
    return [
        Request(outcome.code, applicant.code, *_count(cell), CellRef(line.row.table, cell))
        for applicant, cell in zip(applicants, line.figures, strict=True)
    ]


def _count(cell: Cell) -> tuple[int | None, str | None]:
    """The number in a cell and the note printed with it."""
    read = count(cell.text)
    return None if read.value is None else int(read.value), read.note
