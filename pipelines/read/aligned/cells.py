"""The cells of a table: its rows by labels and figures, headings over columns, and the grids of its pages.

Belongs here: boxes and their words once the columns are known. Does not: which lines pair with which figures (`rows`).
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, pairwise

from pipelines.read.aligned.blocks import blocks_of
from pipelines.read.aligned.columns import Parted, UnclearCells, column_edges, is_over, share_label_gaps, with_columns
from pipelines.read.aligned.regions import Page, Region, moved_down
from pipelines.read.aligned.rows import Figure, Level, TextLine, goes_on, is_put_together, paired
from pipelines.read.aligned.rules import INFINITY
from pipelines.read.aligned.words import (
    NEXT_LINE,
    SAME_LEVEL,
    beside_by,
    box_of,
    height_of,
    is_aligned,
    is_ordinal,
    is_whole,
    levels_of,
    share_width,
    stacks_of,
    text_of,
)
from pipelines.read.boxes import around, middle
from pipelines.read.document import Box, Doubt
from pipelines.read.pages import Grid, GridCell, Word, is_figure, is_unit
from pipelines.read.ruling import SNAP

MARGIN = 0.15
"""What is left free (of the size) between words and the edge of the cell that is drawn around them."""

BESIDE = 0.9
"""A line of a label is beside those that are nearer (of the size): the next line, above or below, is farther."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A row: the words of its label and of its figures, and whether these may be of another."""

    label: tuple[Word, ...]
    figures: tuple[Word, ...]
    doubtful: bool

    @property
    def box(self) -> Box:
        return around([word.box for word in (*self.label, *self.figures)])


def page_grids(region: Region) -> Iterator[tuple[int, Grid]]:
    """The grid of a table on each of its pages."""
    parted = [with_columns(block, region) for block in blocks_of(region)]
    share_label_gaps(parted)
    margin = MARGIN * region.size
    left = min(*(word.box.x0 - margin for word in region.words), *(rule.x0 for rule in region.rules.all))
    right = max(*(word.box.x1 + margin for word in region.words), *(rule.x1 for rule in region.rules.all))
    drawn = [
        cell
        for block, edges in zip(parted, column_edges(parted, left, right), strict=True)
        for cell in _cells(block, edges, region)
    ]
    placed = [id(word) for cell in drawn for word in cell.words if is_figure(word.text)]
    if sorted(placed) != sorted(id(word) for word in region.words if is_figure(word.text)):
        raise UnclearCells
    cells = [(*part, cell.doubt) for cell in drawn for part in _by_page(cell, region)]
    for page in region.pages:
        own = tuple(
            GridCell(moved_down(box, -page.moved), text, doubt=doubt)
            for where, box, text, doubt in cells
            if where == page
        )
        if own:
            yield page.number, Grid(_as_wide(own, left, right))


def _as_wide(cells: tuple[GridCell, ...], left: float, right: float) -> tuple[GridCell, ...]:
    """The cells of a page, those of rows begun on the page before with them: all parts of a table are as wide."""
    box = Grid(cells).box
    beside = [box._replace(x0=left, x1=box.x0), box._replace(x0=box.x1, x1=right)]
    return (*cells, *(GridCell(each, "") for each in beside if each.x1 - each.x0 > SNAP))


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell of a region, with its words."""

    box: Box
    words: tuple[Word, ...]
    doubt: Doubt | None = None


def _by_page(cell: _Cell, region: Region) -> Iterator[tuple[Page, Box, str]]:
    """The parts of a cell on each page that it has words on, or is on; what is broken goes on where the page begins."""
    on = {page: [word for word in cell.words if region.page_of(middle(word.box)) == page] for page in region.pages}
    if not cell.words:
        on[region.page_of(middle(cell.box))] = list(cell.words)
    margin = MARGIN * region.size
    for page, words in on.items():
        if not words and (cell.words or page != region.page_of(middle(cell.box))):
            continue
        top, bottom = cell.box.top, cell.box.bottom
        if words and region.page_of(top) != page:
            top = region.extent_of(page)[0] - margin
        if words and region.page_of(bottom) != page:
            bottom = region.extent_of(page)[1] + margin
        yield page, cell.box._replace(top=top, bottom=bottom), text_of(words, region.size)


def _cells(block: Parted, edges: Sequence[float], region: Region) -> Iterator[_Cell]:
    size = region.size
    inner = edges[1 : block.inner + 1]
    lead = edges[block.inner + 1] if len(edges) - 2 > block.inner + len(block.columns) - 1 else edges[0]
    columns = edges[-len(block.columns) - 1 :]
    lines, side = _label_lines(block, inner, region)
    head_words = [*block.spans, *(word for column in block.columns for word in column.heads)]
    head_bottom = max((word.box.bottom for word in head_words), default=float("-inf"))
    head_end = _end_of_heads(block, lines, head_bottom, region)
    rows = _doubted(_rows(block, lines, head_end, region), len(block.columns))
    body = [row for row in rows if row.figures or middle(row.box) > head_end]
    beside = [word for row in rows if row not in body for word in row.label]
    bands = _bands(body, region, max((word.box.bottom for word in (*head_words, *block.titles)), default=None))
    if head_words or block.titles:
        zone = [*head_words, *beside]
        end = bands[0][0] if bands else head_bottom + MARGIN * size
        titles = sorted(block.titles, key=lambda word: word.box.top)
        under = max((word.box.bottom for word in zone), default=INFINITY)
        lower = [word for word in titles if word.box.top > under]
        upper = titles[: len(titles) - len(lower)]
        ends = [
            (above + title.box.top) / 2
            for above, title in zip([under, *(word.box.bottom for word in lower)], lower, strict=False)
        ]
        yield from _head_cells(block, upper, zone, beside, columns, edges[0], [*ends, end][0], region)
        for title, (top, bottom) in zip(lower, pairwise([*ends, end]), strict=True):
            yield _Cell(Box(edges[0], top, columns[-1], bottom), (title,))
    starts = [_start(row, [edges[0], *inner], size) for row in body]
    for row, start, (top, bottom) in zip(body, starts, bands, strict=True):
        if row.label:
            yield _Cell(Box(start, top, lead, bottom), row.label)
        for column, (x0, x1) in zip(block.columns, pairwise(columns), strict=True):
            own = [word for word in column.figures if word in row.figures]
            yield _Cell(Box(x0, top, x1, bottom), tuple(own), _doubt(own, row))
    free = [(lead if not row.label else start, band) for row, start, band in zip(body, starts, bands, strict=True)]
    yield from _side_cells(side, [edges[0], *inner, lead], free, region)


def _start(row: _Row, edges: Sequence[float], size: float) -> float:
    """The edge between columns of labels at which the label of a row begins."""
    return max((edge for edge in edges if edge <= row.box.x0 + 0.2 * size), default=edges[0])


def _doubt(figures: Sequence[Word], row: _Row) -> Doubt | None:
    """What is not clear about a cell of figures."""
    if row.doubtful:
        return "row"
    lines = sorted((word for word in figures if is_figure(word.text)), key=lambda word: middle(word.box))
    put_together = is_put_together([word.text for word in lines])
    return "extent" if put_together and not _is_halfway(lines, row) else None


def _is_halfway(lines: Sequence[Word], row: _Row) -> bool:
    """Whether other figures of the row stand halfway between all lines of one: set to its middle, they have fewer.

    Rows cannot follow each other as closely as half a line, so the lines are those of one cell.
    """
    boxes = [word.box for word in row.figures if not any(share_width(word.box, line.box) for line in lines)]
    return all(
        any(abs(middle(box) - (upper + lower) / 2) < 0.25 * (lower - upper) for box in boxes)
        for upper, lower in pairwise([middle(word.box) for word in lines])
    )


def _label_lines(block: Parted, inner: Sequence[float], region: Region) -> tuple[list[list[Word]], list[Word]]:
    """The lines that label rows, and the words beside them, which stand for several rows; as rules or alignment tell.

    What reaches into the last column of labels is of a row; what does not may be, if figures but no label of that
    column stand beside it.
    """
    size = region.size
    if block.ruled or region.rows_ruled:
        left = [word for word in block.labels if inner and word.box.x1 <= inner[-1]]
        beside = [
            word
            for word in left
            if any(beside_by(word.box, other.box) > 0 for other in block.labels if other not in left)
        ]
        side = [word for word in block.labels if word in block.side or word in beside]
        return levels_of([word for word in block.labels if word not in side], size), side
    if not inner:
        return levels_of(block.labels, size), []
    last = [word for word in block.labels if word.box.x1 > inner[-1]]
    crossing = [word for word in last if word.box.x0 < inner[-1]]
    heights, certain = _row_heights(block, size)
    side = []
    stacks = stacks_of([word for word in block.labels if word not in last], size)
    # From the right: what stands for several rows is beside labels that stand further in.
    for stack in sorted(stacks, key=lambda each: -box_of(each).x0):
        lines = levels_of(stack, size)
        alone = [not any(abs(height_of(line) - middle(word.box)) < BESIDE * size for word in last) for line in lines]
        level = [_is_at(height_of(line), heights, size) for line in lines]
        if all(alone):
            box = box_of(stack)
            goes_on = not is_ordinal(stack[0].text) and any(
                is_aligned(box, word.box, size) and 0 < middle(stack[0].box) - middle(word.box) < NEXT_LINE * size
                for word in crossing
            )
            if any(level) or goes_on or (len(lines) > 1 and _is_at(middle(box), heights, size)):
                last += stack
                continue
        # Rows may follow the last line of what stands for several as closely as its own lines do.
        own = len(lines)
        while own and alone[own - 1] and _is_at(height_of(lines[own - 1]), certain, size):
            own -= 1
        last += [word for line in lines[own:] for word in line]
        side += [word for line in lines[:own] for word in line]
    return levels_of(last, size), side


def _is_at(height: float, heights: Sequence[float], size: float) -> bool:
    """Whether a height is about one of others."""
    return any(abs(each - height) < SAME_LEVEL * size for each in heights)


def _row_heights(block: Parted, size: float) -> tuple[list[float], list[float]]:
    """The heights of figures, and those halfway between two where the lower seem the rest of all above them.

    And of these heights those of rows for certain: no figures beside or under others may be of the same row.
    """
    levels = levels_of([word for column in block.columns for word in column.figures], size)
    heights = [height_of(level) for level in levels]
    certain = list(heights)
    for upper, lower in pairwise(levels):
        step = height_of(lower) - height_of(upper)
        under = [(one, other) for one in upper for other in lower if share_width(one.box, other.box)]
        rest = all(goes_on(one.text, other.text) or is_unit(other.text) for one, other in under)
        if step < NEXT_LINE * size and rest:
            certain = [height for height in certain if height not in (height_of(upper), height_of(lower))]
            heights += [(height_of(upper) + height_of(lower)) / 2] if under else []
    return heights, certain


def _doubted(rows: Sequence[_Row], columns: int) -> list[_Row]:
    """The rows; those are doubtful that have figures and no label where others have, and those beside them.

    Raises UnclearCells where no row has a label and figures may be lost, and where the first has none: what a page
    break left of a row is no row.
    """
    figures = [row for row in rows if row.figures]
    if not any(row.label for row in figures):
        if len(figures) > 1 and any(len(row.figures) < columns for row in figures):
            raise UnclearCells
        return list(rows)
    if not figures[0].label:
        raise UnclearCells
    doubtful: set[int] = set()
    for above, row, below in zip([None, *figures], figures, [*figures[1:], None], strict=False):
        if not row.label:
            doubtful |= {id(each) for each in (above, row, below) if each is not None}
    return [replace(row, doubtful=True) if id(row) in doubtful else row for row in rows]


def _end_of_heads(block: Parted, lines: Sequence[Sequence[Word]], bottom: float, region: Region) -> float:
    """How far down what is printed beside the headings goes: to a rule, or as far as a remark in brackets goes."""
    first = min((middle(word.box) for column in block.columns for word in column.figures), default=bottom)
    ruled = [at for at in _row_rules(block, region) if bottom - 0.3 * region.size < at < first]
    if ruled:
        return ruled[0]
    text = ""
    for line in lines:
        if height_of(line) > bottom and is_whole(text):
            break
        text += "".join(word.text for word in line)
        bottom = max(bottom, *(word.box.bottom for word in line))
    return bottom


def _rows(block: Parted, lines: Sequence[Sequence[Word]], head_end: float, region: Region) -> list[_Row]:
    """The rows of figures with their labels, and the labels beside the headings, from the top down."""
    size = region.size
    of_column = {id(word): at for at, column in enumerate(block.columns) for word in column.figures}
    levels = levels_of([word for column in block.columns for word in column.figures], size)
    starts = [page.start for page in region.pages[1:]]
    barriers = sorted([*starts, head_end, *_row_rules(block, region)])
    if region.rows_ruled:
        return [
            _Row(tuple(chain(*labels)), tuple(chain(*figures)), doubtful=False)
            for labels, figures in _bands_of(barriers, lines, levels)
        ]
    texts = [
        TextLine(
            height_of(line) / size,
            min(word.box.x0 for word in line) / size,
            max(word.box.x1 for word in line) / size,
            "".join(word.text for word in line),
            sum(barrier < height_of(line) for barrier in barriers),
        )
        for line in lines
    ]
    figures = [
        Level(
            height_of(level) / size,
            tuple(
                sorted(Figure(of_column[id(word)], word.box.x0 / size, word.box.x1 / size, word.text) for word in level)
            ),
            sum(barrier < height_of(level) for barrier in barriers),
        )
        for level in levels
    ]
    widths = {
        at: max((word.box.x1 - word.box.x0) / size for word in column.heads)
        for at, column in enumerate(block.columns)
        if column.heads
    }
    return [
        _Row(
            tuple(word for line in lines[slice(*pair.lines)] for word in line),
            tuple(word for level in levels[slice(*pair.levels)] for word in level),
            pair.doubtful,
        )
        for pair in paired(texts, figures, region.pitch / size, widths)
    ]


def _row_rules(block: Parted, region: Region) -> list[float]:
    """The heights of the rules that lie under all columns of figures."""
    boxes = [word.box for column in block.columns for word in (*column.figures, *column.heads)]
    return region.rules.below(min(box.x0 for box in boxes), max(box.x1 for box in boxes)) if boxes else []


def _bands_of(
    barriers: Sequence[float], lines: Sequence[Sequence[Word]], levels: Sequence[Sequence[Word]]
) -> Iterator[tuple[list[Sequence[Word]], list[Sequence[Word]]]]:
    """The lines and the heights of figures between each two barriers."""
    labels: dict[int, list[Sequence[Word]]] = {}
    figures: dict[int, list[Sequence[Word]]] = {}
    for found, words in ((labels, lines), (figures, levels)):
        for line in words:
            found.setdefault(bisect_left(barriers, height_of(line)), []).append(line)
    for band in sorted(labels.keys() | figures.keys()):
        yield labels.get(band, []), figures.get(band, [])


def _bands(rows: Sequence[_Row], region: Region, above: float | None) -> list[tuple[float, float]]:
    """Upper and lower edge of each row: halfway to its neighbours."""
    margin = MARGIN * region.size
    boxes = [row.box for row in rows]
    tops, bottoms = [box.top - margin for box in boxes], [box.bottom + margin for box in boxes]
    for at, (upper, lower) in enumerate(pairwise(boxes)):
        if region.page_of(middle(upper)) == region.page_of(middle(lower)):
            bottoms[at] = tops[at + 1] = (upper.bottom + lower.top) / 2
    if boxes and above is not None and region.page_of(above) == region.page_of(middle(boxes[0])):
        tops[0] = (above + boxes[0].top) / 2
    return list(zip(tops, bottoms, strict=True))


def _head_cells(
    block: Parted,
    titles: Sequence[Word],
    zone: Sequence[Word],
    beside: Sequence[Word],
    columns: Sequence[float],
    left: float,
    end: float,
    region: Region,
) -> Iterator[_Cell]:
    """The cells over the figures: titles across the table, headings over several columns, those of each column."""
    margin = MARGIN * region.size
    words = [*zone, *titles]
    top = min(word.box.top for word in words) - margin
    for title in titles:
        below = [word.box.top for word in words if word.box.top > middle(title.box)]
        bottom = (title.box.bottom + min(below)) / 2 if below else title.box.bottom + margin
        yield _Cell(Box(left, top, columns[-1], bottom), (title,))
        top = bottom
    if not zone:
        return
    tops = [top] * len(block.columns)
    for level in levels_of(block.spans, region.size):
        bottom = max(word.box.bottom for word in level) + margin
        for word, (first, last) in _spanned(level, block, columns):
            yield _Cell(Box(columns[first], max(tops[first:last]), columns[last], bottom), (word,))
            tops[first:last] = [bottom] * (last - first)
    for column, start, (x0, x1) in zip(block.columns, tops, pairwise(columns), strict=True):
        if column.heads:
            yield _Cell(Box(x0, min(start, end - margin), x1, end), tuple(column.heads))
    if beside:
        yield _Cell(Box(left, top, columns[0], end), tuple(beside))


def _spanned(level: Sequence[Word], block: Parted, columns: Sequence[float]) -> list[tuple[Word, tuple[int, int]]]:
    """The columns under each heading of a level: those it touches, and as many on both sides as its middle allows."""
    ordered = sorted(level, key=lambda word: word.box.x0)
    touched = {
        at: [number for number, column in enumerate(block.columns) if is_over(column, block.extent(word), word.size)]
        for at, word in enumerate(ordered)
    }
    taken = {number for numbers in touched.values() for number in numbers}
    # A heading of one column that stands on the same height, between those of two rows, is under no other.
    taken |= {
        number
        for number, column in enumerate(block.columns)
        if any(abs(middle(word.box) - height_of(level)) < SAME_LEVEL * word.size for word in column.heads)
    }
    spans = {
        at: (touched[at][0], touched[at][-1] + 1)
        for at, word in enumerate(ordered)
        if touched[at] and block.extent(word) != word.box
    }
    taken |= {number for first, last in spans.values() for number in range(first, last)}
    while len(spans) < len(ordered):
        options = {}
        for at, word in enumerate(ordered):
            if at not in spans:
                free = taken - set(touched[at])
                options[at] = _widest(word, touched[at], free, columns)
        at = min(options, key=lambda each: options[each][1] - options[each][0])
        spans[at] = options[at]
        taken |= set(range(*options[at]))
    return [(word, spans[at]) for at, word in enumerate(ordered)]


def _widest(word: Word, touched: Sequence[int], taken: set[int], columns: Sequence[float]) -> tuple[int, int]:
    """The widest run of columns around those touched whose middle is the word's, none of them taken."""
    middle = (word.box.x0 + word.box.x1) / 2
    count = len(columns) - 1
    if not touched:
        at = min(range(count), key=lambda number: abs((columns[number] + columns[number + 1]) / 2 - middle))
        touched = [at]
    best = (touched[0], touched[-1] + 1)
    for first in range(touched[0], -1, -1):
        if first in taken:
            break
        for last in range(touched[-1] + 1, count + 1):
            if last - 1 in taken:
                break
            off = abs((columns[first] + columns[last]) / 2 - middle)
            if off < 0.25 * (columns[last] - columns[first]) / (last - first) and last - first > best[1] - best[0]:
                best = (first, last)
    return best


def _side_cells(
    side: Sequence[Word], edges: Sequence[float], rows: Sequence[tuple[float, tuple[float, float]]], region: Region
) -> Iterator[_Cell]:
    """The cells of words that stand for several rows: over the rows beside them.

    `rows` are where the label of each row begins, and its upper and lower edge. No row is beside a cell that reaches
    further than its own label begins: lines may stand closer than rows.
    """
    for stack in stacks_of(side, region.size):
        box = around([word.box for word in stack])
        x0 = max((edge for edge in edges if edge <= box.x0 + 1), default=edges[0])
        x1 = min((edge for edge in edges if edge >= box.x1 - 1), default=edges[-1])
        near = [(start, band) for start, band in rows if band[0] < box.bottom and band[1] > box.top]
        near = [(start, band) for start, band in near if region.page_of(band[0]) == region.page_of(box.top)]
        beside = [band for start, band in near if start >= x1 - SNAP]
        top = min((band[0] for band in beside), default=box.top)
        bottom = max((band[1] for band in beside), default=box.bottom)
        yield _Cell(Box(x0, top, x1, bottom), tuple(stack))
