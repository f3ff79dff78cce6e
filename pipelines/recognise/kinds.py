"""Which chapter of the form a table belongs to, by what it says rather than by the heading before it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from itertools import pairwise

from pipelines.read.document import Cell, Table
from pipelines.recognise.grid import Row, holds_figure, rows
from pipelines.recognise.labels import REMEMBERED, Wordings, wordings
from pipelines.recognise.numbers import number
from pipelines.recognise.text import without_remarks
from schemas.forms import Form, Label

ALIKE = 0.85
_SHARED = frozenset(("other.other", "total_processed", "other_organization", "total"))
"""Rows and columns of chapter 3 whose wording another chapter or each other has."""
LEAST = {"requests": 3, "reviews": 2, "disclosures": 2}
"""Labels of the form that a table must show to be taken for that chapter's."""


def kind(table: Table, forms: tuple[Form, ...]) -> str | None:
    """`disclosures`, `requests` or `reviews`; None for a table that is none of the form's."""
    hits = {name: len(_found(table, labels)) for name, labels in _labels(forms).items()}
    likeliest = max(hits, key=lambda name: hits[name])
    if hits[likeliest] >= LEAST[likeliest]:
        return likeliest
    return "reviews" if any(_is_row_of_reviews(table, form) for form in forms) else None


def _is_row_of_reviews(table: Table, form: Form) -> bool:
    """Whether a table is chapter 4 with its headings run together: on a scan, the rules between them may be lost.

    It has one row of as many figures as the form has there, and what else it says names each proceeding.
    """
    if all(cell.confidence is None for cell in table.cells):
        return False
    printed = [row.own for row in rows(table) if any(cell.text for cell in row.own)]
    *heads, figures = printed or [()]
    width = len(form.proceedings) * len(form.results)
    if len(figures) != width or not all(map(holds_figure, figures)):
        return False
    said = "".join("".join(cell.text.split()) for row in heads for cell in row if not holds_figure(cell))
    return bool(form.proceedings) and all(
        any(wording in said for wording in (label.label, *label.variants)) for label in form.proceedings
    )


def shows_most(table: Table, labels: Sequence[Label]) -> bool:
    """Whether the table shows more than half of the labels: it is the table itself, not a part of it."""
    return len(_found(table, wordings(labels))) > len(labels) / 2


def says_again(table: Table, first: Table, labels: Sequence[Label]) -> bool:
    """Whether a table shows mostly labels that another shows: one of its two halves does not."""
    own, others = _found(table, wordings(labels)), _found(first, wordings(labels))
    return len(own.keys() & others.keys()) > len(own) / 2


def goes_on(table: Table, name: str, forms: tuple[Form, ...]) -> bool:
    """Whether a table that shows too little to be told goes on with one of chapter `name`: its end on a further page.

    Every row with figures names a row of that chapter, which no table of other things does.
    """
    labels = _rows_of(name, forms)
    printed = [row for row in rows(table) if any(cell.text for cell in row.own)]
    with_figures = [row for row in printed if any(map(holds_figure, row.own))]
    return bool(with_figures) and all(any(_shown(cell.text, labels) for cell in row.own) for row in with_figures)


def chapters(table: Table, forms: tuple[Form, ...]) -> tuple[Table, ...]:
    """The table in parts of one chapter each, from the top down: a report may stand in one table.

    Parts keep the number and the rows of the table. A part ends after the last label of its chapter, so that the
    heading of the next one, which is no label, goes with what it heads.
    """
    found = {name: _found(table, labels) for name, labels in _labels(forms).items()}
    rows = {
        name: sorted(row for label_rows in of_name.values() for row in label_rows)
        for name, of_name in found.items()
        if len(of_name) >= LEAST[name]
    }
    ordered = sorted(rows.values(), key=lambda labelled: labelled[len(labelled) // 2])
    cuts = [_cut(table, above, below) for above, below in pairwise(ordered)]
    edges = [0, *cuts, table.row_count]
    return tuple(
        replace(table, cells=tuple(cell for cell in table.cells if start <= cell.row < end))
        for start, end in pairwise(edges)
    )


def _cut(table: Table, above: list[int], below: list[int]) -> int:
    """The row at which one chapter ends and the next begins, by the rows that hold labels of either."""
    options = range(min(*above, *below), max(*above, *below) + 2)
    kept = {row: sum(label < row for label in above) + sum(label >= row for label in below) for row in options}
    best = [row for row in options if kept[row] == max(kept.values())]
    whole = [row for row in best if not any(cell.row < row < cell.row + cell.row_span for cell in table.cells)]
    return (whole or best)[0]


def is_turned(table: Table, form: Form) -> bool:
    """Whether chapter 3 is printed with its applicants down the side and its rows across."""
    own = wordings(label for label in form.applicants if label.code not in _SHARED)
    heads = [cell for cell in table.cells if _shown(cell.text, own)]
    down, across = len({cell.row for cell in heads}), len({cell.column for cell in heads})
    return down >= LEAST["requests"] and across <= 2


def turned(table: Table) -> Table:
    """The table with its rows as columns."""
    cells = (turned_cell(cell) for cell in table.cells)
    return replace(table, cells=tuple(sorted(cells, key=lambda cell: (cell.row, cell.column))), breaks=())


def turned_cell(cell: Cell) -> Cell:
    """The cell as it is in the table with its rows as columns, and back."""
    return replace(cell, row=cell.column, column=cell.row, row_span=cell.column_span, column_span=cell.row_span)


def beside(table: Table, forms: tuple[Form, ...]) -> tuple[Table, ...]:
    """The table in parts without rows of its chapter side by side: each left part before the right one beside it.

    Two rows of a form stand in one printed row if figures stand between their labels. The parts go up and down as far
    as no cell lies over where they meet and no row has figures on both sides. They keep the number, the rows and the
    columns of the table.
    """
    printed = rows(table)
    for name in ("disclosures", "requests"):
        meeting = _meeting(table, printed, _rows_of(name, forms))
        if meeting is None:
            continue
        row, column = meeting
        over = {one.index for one in printed if _reaches_over(one, column, _rows_of(name, forms))}
        crossed = over | _rows_across(table, column)
        top = max((other + 1 for other in crossed if other < row), default=0)
        bottom = min((other for other in crossed if other > row), default=table.row_count)
        inside = [cell for cell in table.cells if top <= cell.row < bottom]
        parts = (
            replace(table, cells=tuple(cell for cell in table.cells if cell.row < top)),
            replace(table, cells=tuple(cell for cell in inside if cell.column < column)),
            replace(table, cells=tuple(cell for cell in inside if cell.column >= column)),
            replace(table, cells=tuple(cell for cell in table.cells if cell.row >= bottom)),
        )
        if row in crossed or not kind(parts[1], forms) == kind(parts[2], forms) == name:
            return (table,)
        return tuple(part for whole in parts if whole.cells for part in beside(whole, forms))
    return (table,)


def _reaches_over(row: Row, column: int, labels: Wordings[Label]) -> bool:
    """Whether a row of the form has figures on both sides of a column, and nothing else right of it."""
    right = [cell for cell in row.own if cell.column >= column and cell.text]
    left = [cell for cell in row.own if cell.column < column and cell.text]
    if not right or not all(map(holds_figure, right)) or not any(map(holds_figure, left)):
        return False
    return any(_shown(cell.text, labels) is not None for cell in left)


def _meeting(table: Table, printed: Iterable[Row], labels: Wordings[Label]) -> tuple[int, int] | None:
    """Where two rows of a form stand in one of the printed rows: that one, and the column where the right one begins.

    That is between the last figure of the left one and the label of the right one, where the fewest cells lie over it.
    """
    found: Counter[int] = Counter()
    first: dict[int, int] = {}
    for row in printed:
        between = _between_labels(row, labels)
        if between:
            across = {column: len(_rows_across(table, column)) for column in between}
            column = min(reversed(between), key=lambda column: across[column])
            # Headings of groups stand left of the labels: in cells of their own where none is merged.
            while across.get(column - 1) == across[column] and _holds_groups(table, column - 1):
                column -= 1
            found[column] += 1
            first.setdefault(column, row.index)
    if not found:
        return None
    column = min(found, key=lambda column: (-found[column], first[column]))
    return first[column], column


def _holds_groups(table: Table, column: int) -> bool:
    """Whether a column holds headings of rows: words beside figures, and no figure."""
    cells = [cell for cell in table.cells if cell.column == column and cell.text]
    words = {cell.row for cell in cells if not holds_figure(cell)}
    figures = {cell.row for cell in table.cells if cell.column > column and cell.text and holds_figure(cell)}
    return bool(words & figures) and all(not holds_figure(cell) for cell in cells)


def _between_labels(row: Row, labels: Wordings[Label]) -> range:
    """The columns from the last figure of a row of the form, or its first blank, up to the label of another."""
    before: str | None = None
    first: int | None = None
    for cell in row.own:
        code = _shown(cell.text, labels)
        if first is not None and code is not None and code != before:
            return range(first, cell.column + 1)
        before = before or code
        if before is not None and holds_figure(cell) and (cell.text or first is None):
            first = cell.column + cell.column_span
    return range(0)


def _rows_across(table: Table, column: int) -> set[int]:
    """The rows in which a cell lies over the left side of a column."""
    return {
        row
        for cell in table.cells
        if cell.column < column < cell.column + cell.column_span
        for row in range(cell.row, cell.row + cell.row_span)
    }


@cache
def _labels(forms: tuple[Form, ...]) -> dict[str, Wordings[Label]]:
    """The labels that tell each chapter."""
    return {
        "requests": wordings(label for form in forms for label in _of_requests(form)),
        "reviews": wordings(label for form in forms for label in (*form.proceedings, *_of_reviews(form))),
        "disclosures": wordings(label for form in forms for label in _of_disclosures(form)),
    }


@cache
def _rows_of(name: str, forms: tuple[Form, ...]) -> Wordings[Label]:
    """The rows of a chapter, also those that another has as well; chapter 4 has but one."""
    match name:
        case "requests":
            return wordings(label for form in forms for label in form.outcomes)
        case "disclosures":
            return wordings(label for form in forms for block in form.blocks for label in block.categories)
        case _:
            return wordings(())


def _of_requests(form: Form) -> Iterable[Label]:
    """The rows and columns of chapter 3 that no other chapter shares a wording with."""
    return (label for label in (*form.outcomes, *form.applicants) if label.code not in _SHARED)


def _of_reviews(form: Form) -> Iterable[Label]:
    return (label for label in form.results if label.code not in {"other", "total"})


def _of_disclosures(form: Form) -> Iterable[Label]:
    for block in form.blocks:
        yield from block.measures
        yield from block.categories


def _found(table: Table, labels: Wordings[Label]) -> dict[str, list[int]]:
    """The labels that the table shows, by code, with the rows in which they stand."""
    found: dict[str, list[int]] = {}
    for cell in table.cells:
        code = _shown(cell.text, labels)
        if code is not None:
            found.setdefault(code, []).append(cell.row)
    return found


@lru_cache(REMEMBERED)
def _shown(text: str, labels: Wordings[Label]) -> str | None:
    """The code of the label that a cell shows."""
    if number(text).state != "text":
        return None
    label = labels.closest(without_remarks(text), at_least=ALIKE)
    return label.code if label else None
