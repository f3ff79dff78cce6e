"""HTML's table model, and which table elements are grids of figures and which only lay out a page.

Belongs here: rows, spans, and what each row of a table is for. Does not: which parts of a page are the document.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import groupby

from pipelines.read.bands import bands
from pipelines.read.errors import OverLimit
from pipelines.read.html.items import CHAPTER, ESSAY, LINK_SHARE, Area, Element, Grid, Item, Line, Slot, by_row
from pipelines.read.html.metadata import facts_of, pairs

_SPAN_LIMIT = 100
"""A wider span means "to the right edge": no form has so many columns, pasted markup has spans of 1000."""
_MOST_COLUMNS = 10_000
"""Columns that no table has: one that goes on is made to fill a reader's memory."""
_SPAN = re.compile(r"\s*\+?(\d{1,9})", re.ASCII)
_ROW_SPAN_LIMIT = 65_534  # of the HTML standard


@dataclass(slots=True)
class _Row:
    section: int
    foot: bool
    slots: list[Slot] = field(default_factory=list)


@dataclass(slots=True)
class OpenTable:
    """A table element not yet ended; what is printed in it outside its cells goes to `outer`, before it."""

    area: Area
    outer: list[Item]
    rows: list[_Row] = field(default_factory=list)
    section: int = 0
    foot: bool = False
    row: _Row | None = None
    slot: Slot | None = None

    def add_row(self) -> _Row:
        """Begin a row."""
        self.row = _Row(self.section, self.foot)
        self.rows.append(self.row)
        return self.row

    def add_cell(self, element: Element) -> Slot:
        """Begin a cell, and a row where none is begun."""
        row = self.row or self.add_row()
        self.slot = Slot(element, _row_span(element), _span(element.get("colspan")) or 1)
        row.slots.append(self.slot)
        return self.slot


def _span(value: str | None) -> int | None:
    """A span attribute by HTML's rules for non-negative integers: leading digits count, so `2px` is 2."""
    found = _SPAN.match(value) if value else None
    return int(found[1]) if found else None


def _row_span(element: Element) -> int:
    """Rows spanned; for 0, HTML's "to the end of the row group", more rows than any group has."""
    span = _span(element.get("rowspan"))
    if span is None:
        return 1
    return min(span or _ROW_SPAN_LIMIT, _ROW_SPAN_LIMIT)


def _place(rows: list[_Row]) -> list[Slot]:
    """Give every cell its row, column and spans, as the HTML standard forms a table (4.9.12.1).

    Spans end with their row group. Where a browser would let two cells overlap, the later one is cut short.
    The cells come sorted by row and column.

    Raises:
        OverLimit: it has more columns than any table.
    """
    ordered = [row for row in rows if not row.foot] + [row for row in rows if row.foot]
    ends: list[int] = []
    for _, group in groupby(ordered, key=lambda row: row.section):
        size = sum(1 for _ in group)
        ends.extend([len(ends) + size] * size)
    free_from: list[int] = []  # per column, the first row that no cell from above reaches
    placed: list[Slot] = []
    for index, (row, end) in enumerate(zip(ordered, ends, strict=True)):
        column = 0
        for slot in row.slots:
            while column < len(free_from) and free_from[column] > index:
                column += 1
            slot.row, slot.column = index, column
            slot.row_span = min(slot.row_span, end - index)
            if column > _MOST_COLUMNS:
                raise OverLimit(
                    f"web page: a table has more than {_MOST_COLUMNS:,} columns; look at the page, and save the report"
                    " by itself"
                )
            last = column + (1 if slot.column_span > _SPAN_LIMIT else slot.column_span)
            while column < last and (column == len(free_from) or free_from[column] <= index):
                free_from[column : column + 1] = [index + slot.row_span]
                column += 1
            if slot.column_span <= _SPAN_LIMIT:
                slot.column_span = column - slot.column
            placed.append(slot)
    for slot in placed:
        if slot.column_span > _SPAN_LIMIT:
            slot.column_span = _free_width(slot, placed, len(free_from))
    return placed


def _free_width(slot: Slot, placed: list[Slot], width: int) -> int:
    """Columns from the cell's to the next cell beside it, or to the edge of a grid of `width` columns."""
    below = slot.row + slot.row_span
    beside = (
        other.column
        for other in placed
        if other.column > slot.column and other.row < below and other.row + other.row_span > slot.row
    )
    return min(beside, default=width) - slot.column


class _Kind(Enum):
    """What a row is for, or several rows that a spanning cell ties together."""

    FIGURES = auto()
    FACTS = auto()
    LAYOUT = auto()
    OTHER = auto()


def resolved(table: OpenTable) -> list[Item]:
    """What a closed table prints: itself as a grid, or what it holds if it only lays out or states metadata.

    Judged by rows, because pages put metadata, prose and figures into rows of one table. A row with a figure
    beside a label belongs to a grid; a row around prose or around a grid is layout. Rows that tell nothing go
    with the others.
    """
    slots = _place(table.rows)
    for slot in slots:
        slot.text = "\n".join(item.text for item in slot.items if isinstance(item, Line))
    filled = sum(slot.filled for slot in slots)
    if not filled or (filled == 1 and len(slots) <= 3):
        return _inside(slots)  # a box around its contents: a single cell relates nothing to anything
    groups = [(group, _kind(group)) for group in bands(slots)]
    telling = [kind for group, kind in groups if any(slot.filled for slot in group)]
    if _Kind.LAYOUT in telling:
        return list(_by_rows(table.area, groups))
    if telling.count(_Kind.FACTS) * 2 > len(telling):
        return [fact for group, _ in groups for fact in facts_of(group)]
    if _Kind.FIGURES not in telling and _is_link_list(slots):
        return _inside(slots)
    return _grid(table.area, slots)


def _by_rows(area: Area, groups: list[tuple[list[Slot], _Kind]]) -> Iterator[Item]:
    """The items of a layout table: its runs of rows with figures as grids, the rest as lines and facts."""
    run: list[Slot] = []
    figures = laid_out = False
    for group, kind in groups:
        laid_out = laid_out or kind is _Kind.LAYOUT
        # Below prose, a chapter heading parts the grids of a report that stands in one table. Above all prose
        # it is a row of a grid that has a note under it.
        if kind in (_Kind.FIGURES, _Kind.OTHER) and not (laid_out and _is_heading(group)):
            run.extend(group)
            figures = figures or kind is _Kind.FIGURES
            continue
        yield from _grid(area, run) if figures else _inside(run)
        run, figures = [], False
        yield from facts_of(group) if kind is _Kind.FACTS else _inside(group)
    yield from _grid(area, run) if figures else _inside(run)


def _grid(area: Area, slots: list[Slot]) -> list[Item]:
    """The cells as a grid of their own, and after it what else they hold: inner grids and facts."""
    inner = [item for slot in slots for item in slot.items if not isinstance(item, Line)]
    return [Grid(area, tuple(slots), any(_has_figures(row) for row in by_row(slots))), *inner]


def _inside(slots: Iterable[Slot]) -> list[Item]:
    return [item for slot in slots for item in slot.items]


def _kind(group: list[Slot]) -> _Kind:
    rows = list(by_row(group))
    filled = [row for row in rows if any(slot.filled for slot in row)]
    if filled and all(pairs([slot.text for slot in row]) for row in filled):
        return _Kind.FACTS
    if any(_has_figures(row) for row in rows):
        return _Kind.FIGURES
    if any(slot.holds_table for slot in group):
        return _Kind.LAYOUT
    # A row with more cells is a grid's, prose or not: the others are figures left blank.
    if any(slot.is_prose for row in rows if len(row) <= 3 for slot in row):
        return _Kind.LAYOUT
    return _Kind.OTHER


def _has_figures(row: list[Slot]) -> bool:
    filled = [slot for slot in row if slot.filled]
    if len(filled) < 2 or not any(slot.is_number for slot in filled):
        return False
    return not any(slot.holds_table or len(slot.text) >= ESSAY for slot in filled)


def _is_heading(group: list[Slot]) -> bool:
    return len(group) == 1 and CHAPTER.fullmatch(group[0].text) is not None


def _is_link_list(slots: list[Slot]) -> bool:
    length = sum(len(slot.text) for slot in slots)
    return sum(item.linked for item in _inside(slots) if isinstance(item, Line)) > length * LINK_SHARE
