"""Pages with grids for the tables that no rules part: what to import from this package.

Belongs here: putting the tables found in place of their words. Does not: finding them.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from pipelines.read.aligned.cells import page_grids
from pipelines.read.aligned.columns import UnclearCells
from pipelines.read.aligned.regions import table_regions
from pipelines.read.boxes import middle
from pipelines.read.document import Box
from pipelines.read.pages import Grid, Line, PageContent


def with_aligned_tables(pages: Sequence[PageContent]) -> list[PageContent]:
    """The pages with a grid for each table without rules, and without the lines of text that are now in one."""
    found: dict[int, list[Grid]] = {}
    pages = _with_headings(pages)
    for region in table_regions(pages):
        try:
            grids = list(page_grids(region))
        except UnclearCells:
            continue
        for number, grid in grids:
            found.setdefault(number, []).append(grid)
    return [_with(page, found[page.number]) if page.number in found else page for page in pages]


def _with_headings(pages: Sequence[PageContent]) -> list[PageContent]:
    """The pages, ruled headings at the end of one as words where the next begins with rows that no rules part."""
    found = list(pages)
    for at, (page, after) in enumerate(pairwise(pages)):
        last = max(page.grids, key=lambda grid: grid.box.bottom, default=None)
        first = min(after.lines, key=lambda line: line.box.top, default=None)
        if last is None or not last.words or any(line.box.top > last.box.bottom for line in page.lines):
            continue
        beside = [*after.frames, *(rule for rule in after.rules if rule.bottom - rule.top > rule.x1 - rule.x0)]
        if first is not None and any(_in(rule, first.box) for rule in beside):
            found[at] = replace(
                page,
                grids=tuple(grid for grid in page.grids if grid is not last),
                words=(*page.words, *last.words),
                lines=(*page.lines, *(Line(word.text, word.box, word.size) for word in last.words)),
                frames=(*page.frames, last.box),
            )
    return found


def _with(page: PageContent, grids: list[Grid]) -> PageContent:
    boxes = [grid.box for grid in grids]
    lines = tuple(line for line in page.lines if not any(_in(box, line.box) for box in boxes))
    return replace(page, lines=lines, grids=(*page.grids, *grids))


def _in(box: Box, other: Box) -> bool:
    """Whether the middle of `other` lies at a height of `box`, beside which nothing else stands."""
    return box.top <= middle(other) <= box.bottom
