"""Pages with grids for the tables that no rules part: what to import from this package.

Belongs here: putting the tables found in place of their words. Does not: finding them.
"""

from collections.abc import Sequence

from pipelines.read.aligned.cells import page_grids
from pipelines.read.aligned.columns import UnclearCells
from pipelines.read.aligned.fragments import with_grids, with_whole_fragments
from pipelines.read.aligned.regions import table_regions
from pipelines.read.pages import Grid, PageContent


def with_aligned_tables(pages: Sequence[PageContent]) -> list[PageContent]:
    """The pages with a grid for each table without rules, and without the lines of text that are now in one."""
    found: dict[int, list[Grid]] = {}
    pages = with_whole_fragments(pages)
    for region in table_regions(pages):
        try:
            grids = list(page_grids(region))
        except UnclearCells:
            continue
        for number, grid in grids:
            found.setdefault(number, []).append(grid)
    return [with_grids(page, found[page.number]) if page.number in found else page for page in pages]
