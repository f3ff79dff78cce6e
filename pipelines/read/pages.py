"""From what the pages of a document hold, lines of text and ruled grids, to paragraphs and tables over all pages.

Belongs here: running headers, what continues over a page break, where a paragraph begins, rows and columns of a
table from the boxes of its cells. Does not: finding lines, grids or text on a page, which each reader does its way.
"""

import re
import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import pairwise

from pipelines.read.boxes import around, centre, holds, rounded
from pipelines.read.document import Block, Box, Cell, Doubt, Paragraph, Place, Table
from pipelines.read.ruling import SNAP

OUTER = 0.17
"""Share of a page's height in which page numbers stand: GB/T 9704 has them 28 mm above the lower edge of A4,
of which this is 36 mm across and 50 mm upright."""

PAGE_NUMBER_APART = 0.5
"""A page number stands off what the page says by at least this much of its size."""

MANY = 4096
"""Words that are remembered as figures or none: most are 0, and the same few words come again in every report."""

_PAGE_NUMBER = re.compile(
    # Recognition takes the dashes beside it for an ideograph: 一4-.
    r"^\s*(?:[\-—–―_·•.一]\s*){0,4}(第\s*)?\d{1,4}\s*页?(\s*(?:[/／,，]\s*共?|共)\s*\d{1,4}\s*页?)?"
    r"\s*(?:[\-—–―_·•.一]\s*){0,4}$"  # more on one side are figures of a row, of which one is a number
)
_BETWEEN_IDEOGRAPHS = re.compile(r"(?<=[^\x00-\x7f]) +(?=[^\x00-\x7f])")
_FIGURE = re.compile(
    r"[-−–+]?(?:\d[\d,. ]*)?\d(?: *[万亿]?[元件项宗条份起个次人%]|[万亿])?(?:[(（].*)?"
    r"|\d{1,3}(?:,\d{3})*,|\d[\d,]{2,}\."  # a number that a cell's end breaks off
    r"|[-—–―─/\\⋯.]+",
    re.DOTALL,
)
_OF_FIGURES = re.compile(r"[\d\-—–―─/\\⋯.]")
_UNIT = re.compile(r"[万亿]?[元件项宗条份起个次人%]")
_STARTS_PARAGRAPH = re.compile(
    r"^\s*([一二三四五六七八九十⼀⼆⼋⼗]{1,3}、|[（(][一二三四五六七八九十⼀⼆⼋⼗]{1,3}[)）])"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text outside tables: its box and the size of its largest character, in points."""

    text: str
    box: Box
    size: float


@dataclass(frozen=True, slots=True)
class Word:
    """Text outside tables with nothing wide between its characters: its ink, its size in points and its font.

    `parts` are what it may be, if there are gaps in it that are wider than between other characters.
    """

    text: str
    box: Box
    size: float
    font: str
    parts: tuple["Word", ...] = ()


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell of a table on one page: its box and text, `confidence` and `doubt` as in `document.Cell`."""

    box: Box
    text: str
    confidence: float | None = None
    doubt: Doubt | None = None


@dataclass(frozen=True)
class Grid:
    """A table on one page, with its words where other pages may have most of it: few cells, headings, figures."""

    cells: tuple[GridCell, ...]
    words: tuple[Word, ...] = ()

    @cached_property
    def box(self) -> Box:
        """The box around all its cells."""
        return around([cell.box for cell in self.cells])


@dataclass(frozen=True, slots=True)
class PageContent:
    """What one page holds: its number from 1, its height in points, lines of text and grids.

    `words` are those of the lines, once more; empty where a reader does not tell. `rules` are the drawn lines that
    part no grid, as boxes without width or without height; `frames` the boxes that such lines close.
    """

    number: int
    height: float
    lines: tuple[Line, ...]
    grids: tuple[Grid, ...]
    words: tuple[Word, ...] = ()
    rules: tuple[Box, ...] = ()
    frames: tuple[Box, ...] = ()


@lru_cache(MANY)
def is_figure(text: str) -> bool:
    """Whether a word looks like a number or like what stands for none."""
    return _FIGURE.fullmatch(unicodedata.normalize("NFKC", text)) is not None


@lru_cache(MANY)
def may_hold_figure(text: str) -> bool:
    """Whether any word of a text may be a figure: without a sign of which these consist, none is."""
    return _OF_FIGURES.search(unicodedata.normalize("NFKC", text)) is not None


@lru_cache(MANY)
def is_unit(text: str) -> bool:
    """Whether a word is a unit that is set apart from its number."""
    return _UNIT.fullmatch(unicodedata.normalize("NFKC", text)) is not None


def is_frame(grid: Grid) -> bool:
    """Whether the grid is a frame around running text rather than a table: one column of cells."""
    return len({round(cell.box.x0) for cell in grid.cells}) == 1


def without_running_lines(pages: Sequence[PageContent]) -> list[PageContent]:
    """Drop what runs on every page: page numbers, and outermost lines that others pages have at the same height."""
    edges = [(page, _outermost(page)) for page in pages]
    within = {
        _place_across(line)
        for page, (upper, lower) in edges
        for line in page.lines
        if line not in upper and line not in lower
    }
    at_heights: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for page, outer in edges:
        for lines in outer:
            for line in lines:
                if _place_across(line) in within:
                    continue  # the headings of a table, which are printed again where it goes on
                at_heights[_shape(line.text)].append((page.number, _from_edge(line, page)))
    return [
        replace(page, lines=tuple(line for line in page.lines if line not in running))
        for page, outer in edges
        for running in [[line for lines in outer for line in _running(lines, page, at_heights, len(pages))]]
    ]


def _place_across(line: Line) -> tuple[str, int, int]:
    """What a line says and where across the page."""
    return line.text, round(line.box.x0), round(line.box.x1)


def _shape(text: str) -> str:
    """A line with its numbers folded, so that a footer is the same on every page."""
    return re.sub(r"\d+", "#", text)


def _outermost(page: PageContent) -> tuple[list[Line], list[Line]]:
    """The lines above all else from the upper edge on, and those below all else from the lower edge on."""
    ordered = sorted(page.lines, key=lambda line: line.box.top)
    first = min((grid.box.top for grid in page.grids), default=page.height)
    last = max((grid.box.bottom for grid in page.grids), default=0.0)
    upper = [line for line in ordered if line.box.bottom < min(first + SNAP, page.height * OUTER)]
    lower = [line for line in reversed(ordered) if line.box.top > max(last - SNAP, page.height * (1 - OUTER))]
    return upper, lower


def _from_edge(line: Line, page: PageContent) -> float:
    """Distance from the nearer edge: pages may differ in height."""
    return min(line.box.top, page.height - line.box.bottom)


def _running(
    lines: Sequence[Line], page: PageContent, at_heights: Mapping[str, Sequence[tuple[int, float]]], count: int
) -> Iterator[Line]:
    """Which of the lines from an edge on run on every page: one number of the page, and what other pages have there."""
    numbered = False
    for line in lines:
        others = (
            other
            for other in page.lines
            if other is not line
            and (any(map(is_figure, other.text.split())) or not _recurs(other, page, at_heights, count))
        )
        if not numbered and _is_page_number(line, others):
            numbered = True
        elif not _recurs(line, page, at_heights, count):
            return
        yield line


def _is_page_number(line: Line, others: Iterable[Line]) -> bool:
    """Whether a line is a page number: the rest of a figure broken over lines is one too, but for its place.

    Args:
        line: one of the outermost lines of a page.
        others: the other lines of the page but for those that run on every page, which may stand close to its number.
    """
    if not _PAGE_NUMBER.match(unicodedata.normalize("NFKC", line.text)):
        return False
    room = PAGE_NUMBER_APART * line.size
    return not any(
        other.box.top - line.box.bottom < room and line.box.top - other.box.bottom < room for other in others
    )


def _recurs(line: Line, page: PageContent, at_heights: Mapping[str, Sequence[tuple[int, float]]], count: int) -> bool:
    """Whether other pages, of `count`, have the line at the same height; what a table has there is none."""
    parts = line.text.split()
    if len(parts) > 1 and all(map(is_figure, parts)):
        return False
    height = _from_edge(line, page)
    if any(holds(frame, centre(line.box)) for frame in page.frames):
        return False
    known = at_heights.get(_shape(line.text), ())
    on = {number for number, other in known if abs(other - height) <= SNAP}
    if len(on) == 2 and min(on) > 1 and max(on) < count:
        return False
    return bool(on - {page.number})


def blocks(pages: Sequence[PageContent]) -> Iterator[Block]:
    """Paragraphs and tables in reading order, both joined over page breaks."""
    items = [item for page in pages for item in _items(page)]
    left, right = _margins([item.line for item in items if isinstance(item, _LineItem)])
    number = 0
    pending: list[_LineItem] = []
    grids: list[_GridItem] = []
    for item in items:
        if isinstance(item, _LineItem):
            if grids:
                number += 1
                yield _table(grids, number)
                grids = []
            if pending and _breaks(pending[-1], item, left, right):
                yield _paragraph(pending)
                pending = []
            pending.append(item)
            continue
        if pending:
            yield _paragraph(pending)
            pending = []
        if grids and not _continues(grids[-1], item):
            number += 1
            yield _table(grids, number)
            grids = []
        grids.append(item)
    if pending:
        yield _paragraph(pending)
    if grids:
        yield _table(grids, number + 1)


@dataclass(frozen=True, slots=True)
class _LineItem:
    page: int
    line: Line


@dataclass(frozen=True, slots=True)
class _GridItem:
    page: int
    grid: Grid


def _items(page: PageContent) -> list[_LineItem | _GridItem]:
    lines: list[tuple[float, _LineItem | _GridItem]] = [
        (line.box.top, _LineItem(page.number, line)) for line in page.lines
    ]
    grids: list[tuple[float, _LineItem | _GridItem]] = [
        (grid.box.top, _GridItem(page.number, grid)) for grid in page.grids
    ]
    return [item for _, item in sorted(lines + grids, key=lambda pair: pair[0])]


def _margins(lines: list[Line]) -> tuple[float, float]:
    """Left and right margin of running text: the commonest left edge, and the right edge nine in ten keep to."""
    if not lines:
        return 0.0, 0.0
    long = [line for line in lines if len(line.text) >= 15] or lines
    lefts = Counter(round(line.box.x0 / 2) * 2 for line in long)
    rights = sorted(line.box.x1 for line in long)
    return float(lefts.most_common(1)[0][0]), rights[int(len(rights) * 0.9)]


def _breaks(before: _LineItem, after: _LineItem, left: float, right: float) -> bool:
    """Whether a new paragraph begins at the line `after`."""
    size = max(before.line.size, after.line.size)
    if _STARTS_PARAGRAPH.match(after.line.text) or abs(before.line.size - after.line.size) > 1.0:
        return True
    if after.line.box.x0 - left > 1.2 * size or before.line.box.x1 < right - 2.2 * size:
        return True
    same_page = before.page == after.page
    return same_page and after.line.box.top - before.line.box.bottom > 2.0 * size


def _paragraph(items: list[_LineItem]) -> Paragraph:
    text = _BETWEEN_IDEOGRAPHS.sub("", "".join(_joined([item.line.text for item in items])))
    box = around([item.line.box for item in items if item.page == items[0].page])
    return Paragraph(re.sub(r"\s+", " ", text), Place(page=items[0].page, box=rounded(box)))


def _joined(lines: list[str]) -> Iterator[str]:
    """Lines of a paragraph; only between two Latin words does a line end stand for a space."""
    yield lines[0]
    for before, after in pairwise(lines):
        latin = before[-1].isascii() and before[-1].isalpha() and after[0].isascii() and after[0].isalpha()
        yield f" {after}" if latin else after


def _continues(above: _GridItem, below: _GridItem) -> bool:
    """Whether `below` is the same table on the next page: nothing stands between, and they are equally wide."""
    if below.page != above.page + 1:
        return False
    width_above = above.grid.box.x1 - above.grid.box.x0
    width_below = below.grid.box.x1 - below.grid.box.x0
    return abs(width_above - width_below) <= 3 * SNAP


def _table(items: list[_GridItem], number: int) -> Table:
    """One table from its parts on successive pages; columns are aligned by their distance from the left edge."""
    lefts = [item.grid.box.x0 for item in items]
    columns = _edges(
        [
            x - left
            for item, left in zip(items, lefts, strict=True)
            for cell in item.grid.cells
            for x in (cell.box.x0, cell.box.x1)
        ]
    )
    cells: list[Cell] = []
    breaks: list[int] = []
    offset = 0
    for item, left in zip(items, lefts, strict=True):
        rows = _edges([y for cell in item.grid.cells for y in (cell.box.top, cell.box.bottom)])
        row_at = {y: _index(rows, y) for y in {y for cell in item.grid.cells for y in (cell.box.top, cell.box.bottom)}}
        column_at = {
            x: _index(columns, x - left) for x in {x for cell in item.grid.cells for x in (cell.box.x0, cell.box.x1)}
        }
        if offset:
            breaks.append(offset)
        for cell in item.grid.cells:
            box = cell.box
            row, row_end = row_at[box.top], row_at[box.bottom]
            column, column_end = column_at[box.x0], column_at[box.x1]
            cells.append(
                Cell(
                    row=offset + row,
                    column=column,
                    row_span=max(1, row_end - row),
                    column_span=max(1, column_end - column),
                    text=cell.text,
                    place=Place(page=item.page, box=rounded(box)),
                    confidence=cell.confidence,
                    doubt=cell.doubt,
                )
            )
        offset += len(rows) - 1
    return Table(number, _one_at_each_place(cells), tuple(breaks))


def _one_at_each_place(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """The cells in order, those that fold into one place of the table as one, with the text of all: none is lost."""
    places: dict[tuple[int, int], Cell] = {}
    for cell in sorted(cells, key=lambda each: (each.row, each.column, each.place.page or 0, _top(each))):
        first = places.get((cell.row, cell.column))
        if first is None or not first.text:
            places[cell.row, cell.column] = cell
        elif cell.text:
            places[cell.row, cell.column] = replace(first, text=f"{first.text}\n{cell.text}")
    return tuple(places.values())


def _top(cell: Cell) -> float:
    return cell.place.box.top if cell.place.box else 0.0


def _edges(values: list[float]) -> list[float]:
    """Coordinates with those closer than the tolerance folded into one."""
    edges: list[float] = []
    for value in sorted(values):
        if not edges or value - edges[-1] > SNAP:
            edges.append(value)
    return edges


def _index(edges: list[float], value: float) -> int:
    """The edge nearest to `value`, of two the first."""
    after = bisect_left(edges, value)
    if after == len(edges) or (after > 0 and value - edges[after - 1] <= edges[after] - value):
        return after - 1
    return after
