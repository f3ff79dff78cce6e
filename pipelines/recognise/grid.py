"""A table's cells by row and column, spans expanded: what covers a position, what starts in a row."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter

from pipelines.read.document import Cell, Table
from pipelines.recognise.numbers import number

_COLUMN = attrgetter("column")


@dataclass(frozen=True)
class Row:
    """A row of a table.

    Args:
        table: number of the table in the document.
        index: position of the row in it, from 0.
        cells: the cells that cover the row, from left to right; those from above through their row span.
        begins_page: whether the row begins a new page.
        left: the column where its table begins, or the part of one that stands beside another.
    """

    table: int
    index: int
    cells: tuple[Cell, ...]
    begins_page: bool
    left: int = 0

    @property
    def part(self) -> tuple[int, int]:
        """What tells its table, or the part of one that stands beside another, from others."""
        return self.table, self.left

    @cached_property
    def own(self) -> tuple[Cell, ...]:
        """The cells that start in this row, or in its lower half where a page break parted it."""
        return tuple([cell for cell in self.cells if cell.row >= self.index])

    def owns(self, cell: Cell) -> bool:
        """Whether one of its cells starts in this row, or in its lower half where a page break parted it."""
        return cell.row >= self.index


def rows(table: Table) -> tuple[Row, ...]:
    """The rows of `table`, each with all the cells that cover it."""
    covering: dict[int, list[Cell]] = defaultdict(list)
    for cell in table.cells:
        for row in range(cell.row, cell.row + cell.row_span):
            covering[row].append(cell)
    left = min((cell.column for cell in table.cells), default=0)
    return tuple(
        Row(
            table.number,
            index,
            tuple(sorted(covering[index], key=_COLUMN)),
            index in table.breaks,
            left,
        )
        for index in range(table.row_count)
    )


def overlaps(cell: Cell, start: int, end: int) -> bool:
    """Whether the cell covers any of the columns from `start` up to, not including, `end`."""
    return cell.column < end and start < cell.column + cell.column_span


def holds_figure(cell: Cell) -> bool:
    """Whether the cell could stand in a column of figures: a number, a blank or a dash."""
    return number(cell.text).state != "text"


def holds_number(cell: Cell) -> bool:
    """Whether the cell holds a number."""
    return number(cell.text).state == "number"


def above(table_rows: tuple[Row, ...], row: int, cell: Cell) -> Iterator[Cell]:
    """The cells over `cell`, from the top of the table down to before `row`, each once."""
    seen: set[tuple[int, int]] = set()
    for candidate in table_rows[:row]:
        for other in candidate.cells:
            position = (other.row, other.column)
            if position in seen or not overlaps(other, cell.column, cell.column + cell.column_span):
                continue
            seen.add(position)
            yield other
