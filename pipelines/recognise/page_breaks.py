"""Putting together what a page break parted: rows and labels cut in two, heading rows printed again.

Belongs here: deciding by what the halves say, since on the page a broken row looks like two. Does not: joining
a table's parts over pages, which needs no meaning (`pipelines.read.pages`).
"""

from collections.abc import Iterable
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import pairwise

from pipelines.read.document import Cell
from pipelines.recognise.grid import Row, holds_figure, holds_number
from pipelines.recognise.labels import is_known
from schemas.forms import Label

ALIKE = 0.85
"""How like each other (0 to 1) the texts are of a heading row of a scan and of the same on the next page."""


def without_repeated_heads(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """The rows of a table without those that a page begins with because the table does; what follows begins it."""
    start = next((position for position, row in enumerate(rows) if row.cells), 0)
    breaks = [position for position, row in enumerate(rows) if row.begins_page and position > start]
    dropped: set[int] = set()
    begins = set(breaks)
    for position in breaks:
        count = _repeated(rows[start:position], rows[position:])
        dropped.update(range(position, position + count))
        begins.add(position + count)
    return tuple(
        replace(row, begins_page=position in begins) for position, row in enumerate(rows) if position not in dropped
    )


def _repeated(head: tuple[Row, ...], page: tuple[Row, ...]) -> int:
    """How many rows at the beginning of a page are those at the beginning of the table, which hold no figures."""
    count = 0
    for first, again in zip(head, page, strict=False):
        if not _is_again(first, again) or any(holds_number(cell) for cell in first.cells):
            break
        count += 1
    return count


def _is_again(first: Row, again: Row) -> bool:
    """Whether a heading row is printed as another one.

    Only one of the two may have been cut by a page break, which leaves blank cells below those that go on; and where
    recognition guessed, a sign or two may be read otherwise.
    """
    before, after = ([cell for cell in row.own if cell.text] for row in (first, again))
    if [(cell.column, cell.column_span) for cell in before] != [(cell.column, cell.column_span) for cell in after]:
        return False
    texts, others = ("\n".join(cell.text for cell in cells) for cells in (before, after))
    if texts == others:
        return True
    guessed = any(cell.confidence is not None for cell in after) and not any(holds_number(cell) for cell in after)
    return guessed and SequenceMatcher(None, texts, others, autojunk=False).ratio() >= ALIKE


def joined(upper: Row, lower: Row) -> Row | None:
    """The one row that a page break parted, if `lower` begins a page and no cell has a figure in both halves.

    A figure stands in one half; a label may stand in both, its text broken off at the end of the page. Where no rules
    part a table, figures whose row is not clear may be those of a label that has none on its own line.
    """
    begins = lower.begins_page or (_lacks_figures(upper) and any(cell.doubt == "row" for cell in lower.own))
    if not begins or upper.part != lower.part:
        return None
    below = {(cell.column, cell.column_span): cell for cell in lower.cells}
    if below.keys() != {(cell.column, cell.column_span) for cell in upper.cells}:
        return None
    cells = [_whole(cell, below[cell.column, cell.column_span]) for cell in upper.cells]
    whole = tuple(cell for cell in cells if cell is not None)
    return replace(upper, cells=whole) if len(whole) == len(cells) else None


def _lacks_figures(row: Row) -> bool:
    """Whether a row has a label and blanks beside it."""
    return any(cell.text for cell in row.own) and not any(cell.text and holds_figure(cell) for cell in row.own)


def _whole(upper: Cell, lower: Cell) -> Cell | None:
    """The cell that two halves make, standing where its text does; None for two cells with a figure each."""
    if not lower.text or upper is lower:
        return upper
    if not upper.text:
        return lower
    if holds_figure(upper) or holds_figure(lower):
        return None
    return replace(upper, text=upper.text + lower.text)


def with_whole_headings(rows: tuple[Row, ...], labels: Iterable[Label]) -> tuple[Row, ...]:
    """The rows with one cell for two where a page break cut one of these labels, and neither half is one itself."""
    wanted = tuple(labels)
    whole: dict[Cell, Cell] = {}
    for upper, lower in pairwise(rows):
        if not lower.begins_page or upper.part != lower.part:
            continue
        above = {(cell.column, cell.column_span): cell for cell in upper.cells}
        for half in lower.own:
            other = above.get((half.column, half.column_span))
            if other is not None and not holds_figure(half) and _is_cut(other.text, half.text, wanted):
                span = other.row_span + half.row_span
                whole[other] = whole[half] = replace(other, text=other.text + half.text, row_span=span)
    if not whole:
        return rows
    return tuple(replace(row, cells=tuple(dict.fromkeys(whole.get(cell, cell) for cell in row.cells))) for row in rows)


def _is_cut(upper: str, lower: str, labels: tuple[Label, ...]) -> bool:
    def known(text: str) -> bool:
        return any(is_known(text, label) for label in labels)

    return bool(upper and lower) and known(upper + lower) and not (known(upper) and known(lower))
