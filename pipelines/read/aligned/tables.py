"""Pages with grids for the tables that no rules part: what to import from this package.

Belongs here: putting the tables found in place of their words. Does not: finding them.
"""

from collections.abc import Sequence
from dataclasses import replace

from pipelines.read.aligned.cells import page_grids
from pipelines.read.aligned.columns import UnclearCells
from pipelines.read.aligned.regions import table_regions
from pipelines.read.aligned.rules import INFINITY
from pipelines.read.boxes import around, middle
from pipelines.read.document import Box
from pipelines.read.pages import Grid, Line, PageContent, is_figure
from pipelines.read.ruling import SNAP


def with_aligned_tables(pages: Sequence[PageContent]) -> list[PageContent]:
    """The pages with a grid for each table without rules, and without the lines of text that are now in one."""
    found: dict[int, list[Grid]] = {}
    pages = _joined(pages)
    for region in table_regions(pages):
        try:
            grids = list(page_grids(region))
        except UnclearCells:
            continue
        for number, grid in grids:
            found.setdefault(number, []).append(grid)
    return [_with(page, found[page.number]) if page.number in found else page for page in pages]


def _joined(pages: Sequence[PageContent]) -> list[PageContent]:
    """The pages, what is ruled at a page break as words if it is of a table that is partly ruled on the other page."""
    found = list(pages)
    for at in range(len(found) - 1):
        page, after = found[at : at + 2]
        last = max(page.grids, key=lambda grid: grid.box.bottom, default=None)
        first = min(after.grids, key=lambda grid: grid.box.top, default=None)
        top = min((middle(line.box) for line in after.lines), default=INFINITY)
        bottom = max((middle(line.box) for line in page.lines), default=-INFINITY)
        if last is not None and last.words and bottom < last.box.bottom:
            beside = _ruled_at(after, top)
            headings = not any(is_figure(word.text) for word in last.words)
            if beside is not None and (headings or _are_as_wide(beside, last.box)):
                found[at] = _in_words(page, last)
        elif first is not None and first.words and first.box.top < top:
            beside = _ruled_at(page, bottom)
            if beside is not None and _are_as_wide(beside, first.box):
                found[at + 1] = _in_words(after, first)
    return found


def _ruled_at(page: PageContent, height: float) -> Box | None:
    """What a partly ruled table at a height lies in, if there is one: rules run down within it, and close no cells.

    Those at the sides alone tell nothing: a title across a table that is ruled is no grid either.
    """
    frames = [frame for frame in page.frames if frame.top <= height <= frame.bottom]
    down = [rule for rule in page.rules if rule.bottom - rule.top > rule.x1 - rule.x0]
    beside = [*frames, *(rule for rule in down if rule.top <= height <= rule.bottom)]
    if not beside:
        return None
    box = around(beside)
    inner = any(box.x0 + SNAP < rule.x0 < box.x1 - SNAP for rule in beside)
    return box if frames or inner else None


def _are_as_wide(one: Box, other: Box) -> bool:
    """Whether both begin and end at one place, as the parts of a table on two pages do."""
    return abs((one.x1 - one.x0) - (other.x1 - other.x0)) <= 3 * SNAP


def _in_words(page: PageContent, grid: Grid) -> PageContent:
    """The page with the words and rules of a grid instead of it."""
    words = tuple(dict.fromkeys(grid.words))  # one that lies in two cells is still one
    sides = {
        side
        for x0, top, x1, bottom in (cell.box for cell in grid.cells)
        for side in (
            Box(x0, top, x1, top),
            Box(x0, bottom, x1, bottom),
            Box(x0, top, x0, bottom),
            Box(x1, top, x1, bottom),
        )
    }
    return replace(
        page,
        grids=tuple(each for each in page.grids if each is not grid),
        words=(*page.words, *words),
        lines=(*page.lines, *(Line(word.text, word.box, word.size) for word in words)),
        rules=(*page.rules, *(Box(*side) for side in sorted(sides))),
        frames=(*page.frames, grid.box),
    )


def _with(page: PageContent, grids: list[Grid]) -> PageContent:
    boxes = [grid.box for grid in grids]
    lines = tuple(line for line in page.lines if not any(_in(box, line.box) for box in boxes))
    return replace(page, lines=lines, grids=(*page.grids, *grids))


def _in(box: Box, other: Box) -> bool:
    """Whether the middle of `other` lies at a height of `box`, beside which nothing else stands."""
    return box.top <= middle(other) <= box.bottom
