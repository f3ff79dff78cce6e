"""What page breaks leave of tables: rows that no rule closes, and ruled parts of tables that are partly ruled.

Belongs here: what the page before or after tells of the table at the edge of a page. Does not: tables that lie on one
page, and those without rules on all of theirs (`regions`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from pipelines.read.aligned.rules import INFINITY
from pipelines.read.aligned.words import beside_by, text_of
from pipelines.read.boxes import around, centre, holds, middle
from pipelines.read.document import Box
from pipelines.read.pages import Grid, GridCell, Line, PageContent, Word, is_figure
from pipelines.read.ruling import LEAST_CELL, SNAP, as_boxes, horizontal, merged, vertical


def with_whole_fragments(pages: Sequence[PageContent]) -> list[PageContent]:
    """The pages, each part of a table that a page break cut off read as the part on the other page is.

    A row whose rules are those of the ruled table on the page before or after is ruled, though nothing closes it.
    What is ruled is words again if the table is partly ruled on the other page.
    """
    found = list(pages)
    for at in range(len(found) - 1):
        found[at : at + 2] = _with_closed_row(*found[at : at + 2])
        found[at : at + 2] = _in_words_alike(*found[at : at + 2])
    return found


def with_grids(page: PageContent, grids: Iterable[Grid]) -> PageContent:
    """The page with these grids besides its own, and without the lines of text that are in them."""
    grids = tuple(grids)
    boxes = [grid.box for grid in grids]
    lines = tuple(line for line in page.lines if not any(_in(box, line.box) for box in boxes))
    return replace(page, lines=lines, grids=(*page.grids, *grids))


def _in(box: Box, other: Box) -> bool:
    """Whether the middle of `other` lies at a height of `box`, beside which nothing else stands."""
    return box.top <= middle(other) <= box.bottom


# --- rows that no rule closes -----------------------------------------------------------------------------------


def _with_closed_row(page: PageContent, after: PageContent) -> tuple[PageContent, PageContent]:
    """Two pages, with a grid for the row that ends the first or begins the second if the other has its table.

    Where a table has no borders at its sides and none where a page breaks, a row by itself draws less than a table:
    one rule across and those between its cells.
    """
    last = _lowest(page)
    first = min(after.grids, key=lambda grid: grid.box.top, default=None)
    if last is not None and _bottom_line(page) < last.box.bottom:
        return page, with_grids(after, _closed_rows(after, last, at_end=False))
    if first is not None and _top_line(after) > first.box.top:
        return with_grids(page, _closed_rows(page, first, at_end=True)), after
    return page, after


def _closed_rows(page: PageContent, table: Grid, *, at_end: bool) -> list[Grid]:
    """The row of a table at the edge of a page, if there is one that a rule across ends."""
    across = sorted(
        (rule for rule in page.rules if rule.x1 - rule.x0 > rule.bottom - rule.top),
        key=lambda rule: rule.top,
        reverse=at_end,
    )
    rows = (_closed(page, rule, across[:number], table, at_end=at_end) for number, rule in enumerate(across))
    return [row for row in rows if row is not None]


def _closed(page: PageContent, across: Box, beyond: Sequence[Box], table: Grid, *, at_end: bool) -> Grid | None:
    """The row at the edge of a page that a rule across ends on the other side, if its cells are those of a table.

    That is: it is as wide, and between its cells are rules down where the nearest row of the table has them. Of the
    rules across `beyond`, nearer to the edge, none may touch these: then it is no single row, or closed by itself.
    """
    box = table.box
    if abs(across.x0 - box.x0) > SNAP or abs(across.x1 - box.x1) > SNAP:
        return None
    nearest = box.top if at_end else box.bottom
    row = [cell.box for cell in table.cells if abs((cell.box.top if at_end else cell.box.bottom) - nearest) <= SNAP]
    edges = sorted(each.x0 for each in row)[1:]
    down = [
        rule
        for rule in page.rules
        if rule.x1 - rule.x0 <= rule.bottom - rule.top
        and abs((rule.top if at_end else rule.bottom) - across.top) <= SNAP
    ]
    drawn = sorted(rule.x0 for rule in down if across.x0 + SNAP < rule.x0 < across.x1 - SNAP)
    if not edges or len(drawn) != len(edges) or any(abs(x - y) > SNAP for x, y in zip(drawn, edges, strict=True)):
        return None
    whole = around([across, *down])
    if any(whole.top - SNAP <= rule.top <= whole.bottom + SNAP for rule in beyond):
        return None
    words = [word for word in page.words if _in(whole, word.box)]
    outside = [line for line in page.lines if middle(line.box) > whole.bottom] if at_end else []
    outside += [line for line in page.lines if middle(line.box) < whole.top] if not at_end else []
    cells = [Box(x0, whole.top, x1, whole.bottom) for x0, x1 in pairwise([across.x0, *drawn, across.x1])]
    held = [[word for word in words if cell.x0 <= word.box.x0 and word.box.x1 <= cell.x1] for cell in cells]
    if outside or not words or sum(map(len, held)) != len(words):
        return None
    return Grid(
        tuple(
            GridCell(cell, text_of(inside, max(word.size for word in words)))
            for cell, inside in zip(cells, held, strict=True)
        ),
        tuple(words),
    )


# --- ruled parts of tables that are partly ruled ----------------------------------------------------------------


def _in_words_alike(page: PageContent, after: PageContent) -> tuple[PageContent, PageContent]:
    """Two pages, what is ruled at the break between them as words if it is of a table partly ruled on the other."""
    last = _lowest(page)
    first = min(after.grids, key=lambda grid: grid.box.top, default=None)
    bottom, top = _bottom_line(page), _top_line(after)
    ends_ruled = last is not None and bottom < last.box.bottom
    begins_ruled = first is not None and first.box.top < top
    if ends_ruled and not begins_ruled and last is not None and last.words:
        beside = _ruled_at(after, top)
        headings = not any(is_figure(word.text) for word in last.words)
        if beside is not None and (headings or _are_as_wide(beside, last.box)):
            return _in_words(page, last), after
    elif begins_ruled and not ends_ruled and first is not None and first.words:
        beside = _ruled_at(page, bottom)
        if beside is not None and _are_as_wide(beside, first.box):
            return page, _in_words(after, first)
    return page, after


def _lowest(page: PageContent) -> Grid | None:
    return max(page.grids, key=lambda grid: grid.box.bottom, default=None)


def _bottom_line(page: PageContent) -> float:
    """The height of the last line of text."""
    return max((middle(line.box) for line in page.lines), default=-INFINITY)


def _top_line(page: PageContent) -> float:
    """The height of the first line of text."""
    return min((middle(line.box) for line in page.lines), default=INFINITY)


def _ruled_at(page: PageContent, height: float) -> Box | None:
    """What a partly ruled table at a height lies in, if there is one: rules run down beside it, and close no cells.

    Those at the sides alone tell nothing where no words stand beside each other: a title across a table that is ruled
    is no grid either.
    """
    down = [rule for rule in page.rules if rule.bottom - rule.top > rule.x1 - rule.x0]
    beside = [each for each in (*page.frames, *down) if each.top <= height <= each.bottom]
    if not beside:
        return None
    box = around(beside)
    inner = any(box.x0 + LEAST_CELL < rule.x0 < box.x1 - LEAST_CELL for rule in beside)  # sides may be double
    return box if inner or _holds_columns(box, page) else None


def _holds_columns(frame: Box, page: PageContent) -> bool:
    """Whether words stand beside each other in a frame."""
    words = [word.box for word in page.words if holds(frame, centre(word.box))]
    return any(beside_by(one, other) > 0 for one, other in pairwise(sorted(words, key=middle)))


def _are_as_wide(one: Box, other: Box) -> bool:
    """Whether both begin and end at one place, as the parts of a table on two pages do."""
    return abs((one.x1 - one.x0) - (other.x1 - other.x0)) <= 3 * SNAP


def _in_words(page: PageContent, grid: Grid) -> PageContent:
    """The page with the words and rules of a grid instead of it."""
    words: tuple[Word, ...] = tuple(dict.fromkeys(grid.words))  # one that lies in two cells is still one
    sides = [
        side
        for x0, top, x1, bottom in (cell.box for cell in grid.cells)
        for side in (
            horizontal(top, x0, x1),
            horizontal(bottom, x0, x1),
            vertical(x0, top, bottom),
            vertical(x1, top, bottom),
        )
    ]
    return replace(
        page,
        grids=tuple(each for each in page.grids if each is not grid),
        words=(*page.words, *words),
        lines=(*page.lines, *(Line(word.text, word.box, word.size) for word in words)),
        rules=(*page.rules, *as_boxes(merged(sides))),
        frames=(*page.frames, grid.box),
    )
