"""Tables whose cells no rule parts: from words that stand in rows and columns to grids.

Belongs here: which words of a page are a table, its columns by the gaps between words, its rows by the figures.
Does not: what the table says (a figure is what looks like one), ruled tables (`ruling`), how labels of several
lines are told apart by the figures beside them (`aligned_rows`).

The figures carry the rows: each row of a table has some, on one height, while its label may be several lines, or
be one line among the lines of others. Above them stand the headings, whose lowest line names the columns.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median, mode

from pipelines.read.aligned_rows import Figure, Level, TextLine, is_put_together, paired
from pipelines.read.boxes import around, centre, holds, middle
from pipelines.read.document import Box, Doubt
from pipelines.read.pages import Grid, GridCell, Line, PageContent, Word, is_figure, is_unit

LEAST_FIGURES = 3
"""Figures beside other words that make a table of them."""
OTHER_SIZE = 0.6
"""Type that differs by more (points) is of running text, not of the table."""
INDENT = 1.2
"""A line that begins so far (of its size) inside the table's left edge is that of a paragraph."""
SAME_LEVEL = 0.35
"""Words whose middles differ by less (of their size) stand beside each other."""
MARGIN = 0.15
"""What is left free (of the size) between words and the edge of the cell that is drawn around them."""
STACKED = 1.45
"""Lines of one cell follow each other within this distance (of their size)."""
BETWEEN_ROWS = 6.0
"""Words of one table follow each other within this distance (of their size)."""
CLOSE_UP = 0.4
"""What is left (of the size) between the parts of a table on two pages, as between two lines of a cell."""
UNIT_APART = 1.0
"""How far (of its size) a unit may stand behind its number."""

ROOMY = 2.2
"""Signs of a line that would have stood on the one above it, had there been so much room; one may be a space."""
TOUCHING = 1.0
"""Words of two columns are at least this far (points) from each other."""
SAME_PLACE = 2.0
"""Headings that are printed again on the next page stand within this distance (points) of their place."""

_SENTENCE_END = re.compile(r"[。：:；;]$")
_HEADING = re.compile(r"^[一二三四五六七八九十]{1,3}[、.．]")
_ORDINAL = re.compile(r"^(?:[(（ ]{1,2}[一二三四五六七八九十]|[一二三四五六七八九十][、.．])")
_NOTED = re.compile(r"\d[^(（]{0,2}[(（]")


class _UnclearCells(Exception):  # noqa: N818 - the name states the situation
    """Figures whose row or column cannot be told: better no table than a wrong one."""


def with_aligned_tables(pages: Sequence[PageContent]) -> list[PageContent]:
    """The pages with a grid for each table without rules, and without the lines of text that are now in one."""
    found: dict[int, list[Grid]] = {}
    pages = _with_headings(pages)
    for region in _regions(pages):
        try:
            grids = list(_grids(region))
        except _UnclearCells:
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


# --- which words are a table --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Piece:
    """Words of one page that may be a table or part of one, and whether text stands above or below them."""

    page: PageContent
    words: tuple[Word, ...]
    first: bool
    last: bool


@dataclass(frozen=True, slots=True)
class _Page:
    """A page of a region: its number, the height at which it begins there, how far its words were moved down."""

    number: int
    start: float
    moved: float


@dataclass(frozen=True, slots=True)
class _Region:
    """Words of a table, those of each further page moved up or down to follow those of the page before.

    Args:
        words: the words.
        pages: where each page begins.
        size: of the type.
    """

    words: tuple[Word, ...]
    pages: tuple[_Page, ...]
    size: float

    def page_of(self, height: float) -> _Page:
        """The page that a height lies on."""
        return next(page for page in reversed(self.pages) if page.start <= height or page == self.pages[0])

    def extent_of(self, page: _Page) -> tuple[float, float]:
        """How far up and down on a page the words of the table go."""
        boxes = [word.box for word in self.words if self.page_of(middle(word.box)) == page]
        return min(box.top for box in boxes), max(box.bottom for box in boxes)

    def is_on_one_page(self, one: Box, other: Box) -> bool:
        """Whether the middles of both lie on the same page."""
        return self.page_of(middle(one)) == self.page_of(middle(other))


def _regions(pages: Sequence[PageContent]) -> Iterator[_Region]:
    chain: list[_Piece] = []
    for piece in (piece for page in pages for piece in _pieces(page)):
        if chain and not (chain[-1].last and piece.first and piece.page.number == chain[-1].page.number + 1):
            yield from _region(chain)
            chain = []
        chain.append(piece)
    yield from _region(chain)


def _region(chain: Sequence[_Piece]) -> Iterator[_Region]:
    words: list[Word] = []
    pages: list[_Page] = []
    end = 0.0
    for piece in chain:
        box = _box(piece.words)
        size = median(word.size for word in piece.words)
        moved = end + CLOSE_UP * size - box.top if pages else 0.0
        pages.append(_Page(piece.page.number, end + CLOSE_UP / 2 * size if pages else box.top - size, moved))
        words += [replace(word, box=_moved(word.box, moved)) for word in piece.words]
        end = box.bottom + moved
    if sum(is_figure(word.text) for word in words) >= LEAST_FIGURES:
        yield _Region(tuple(words), tuple(pages), median(word.size for word in words))


def _moved(box: Box, by: float) -> Box:
    return box._replace(top=box.top + by, bottom=box.bottom + by)


def _pieces(page: PageContent) -> Iterator[_Piece]:
    """Runs of words, from the top down, that stand beside each other, with what stands alone among them."""
    words = sorted(_kept(page), key=lambda word: (middle(word.box), word.box.x0))
    beside = _beside(words)
    if not beside:
        return
    size = mode(round(words[at].size, 1) for at in beside)
    runs: list[list[int]] = [[]]
    for at, word in enumerate(words):
        if at not in beside and _is_text(words, at, beside, size):
            runs.append([])
            continue
        if runs[-1] and word.box.top - max(words[other].box.bottom for other in runs[-1][-20:]) > BETWEEN_ROWS * size:
            runs.append([])
        runs[-1].append(at)
    runs = [run for run in runs if not beside.isdisjoint(run)]
    runs = [_without_ends(run, words, beside, size) for run in runs]
    for number, run in enumerate(runs):
        box = around([words[at].box for at in run])
        between = [grid.box for grid in page.grids]
        yield _Piece(
            page,
            tuple(words[at] for at in run),
            first=number == 0 and run[0] == 0 and not any(grid.top < box.top for grid in between),
            last=run[-1] == len(words) - 1 and not any(grid.bottom > box.bottom for grid in between),
        )


def _kept(page: PageContent) -> list[Word]:
    """The words of the page's lines, not of its running header and footer; a number with the unit set apart as one."""
    found: list[Word] = []
    for word in _of_lines(page):
        before = found[-1] if found else None
        if before is not None and is_unit(word.text) and _is_unit_of(word, before):
            found[-1] = replace(before, text=f"{before.text} {word.text}", box=around([before.box, word.box]))
        else:
            found.append(word)
    return found


def _is_unit_of(word: Word, before: Word) -> bool:
    near = 0 <= word.box.x0 - before.box.x1 < UNIT_APART * word.size
    return near and _overlap(word.box, before.box) > 0 and before.text[-1:].isdigit()


def _of_lines(page: PageContent) -> list[Word]:
    return [word for word in page.words if any(holds(line.box, centre(word.box), 1.0) for line in page.lines)]


def _beside(words: Sequence[Word]) -> frozenset[int]:
    """Which of the words, sorted by height, have another one beside them."""
    found: set[int] = set()
    for at, word in enumerate(words):
        for other in range(at + 1, len(words)):
            if words[other].box.top > word.box.bottom + word.size:
                break
            if _overlap(word.box, words[other].box) > 0 and not _above(word.box, words[other].box):
                found |= {at, other}
    return frozenset(found)


def _overlap(one: Box, other: Box) -> float:
    """Height on which both stand, less what letters may touch by."""
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared - 0.15 * min(one.bottom - one.top, other.bottom - other.top)


def _above(one: Box, other: Box) -> bool:
    """Whether one stands above the other: they share some width."""
    return min(one.x1, other.x1) - max(one.x0, other.x0) > 0


def _is_text(words: Sequence[Word], at: int, beside: frozenset[int], size: float) -> bool:
    """Whether a word that stands alone is a line of running text rather than a part of a table around it."""
    word = words[at]
    if abs(word.size - size) > OTHER_SIZE or _SENTENCE_END.search(word.text):
        return True
    left, right = min(each.box.x0 for each in words), max(each.box.x1 for each in words)
    if word.box.x1 - word.box.x0 > 0.8 * (right - left):
        return True
    if not _HEADING.match(unicodedata.normalize("NFKC", word.text)):
        return False
    table = [words[other].box.x0 for other in beside]
    if word.box.x0 - min(table) > INDENT * size and word.box.x0 < min(table) + 4 * size:
        return True
    # What a table begins with below it is headings; a row of the table has figures below, in the columns above.
    below = [words[other] for other in sorted(beside) if other > at]
    level = [each for each in below if _overlap(each.box, below[0].box) > 0]
    return bool(level) and not any(is_figure(each.text) for each in level)


def _without_ends(run: list[int], words: Sequence[Word], beside: frozenset[int], size: float) -> list[int]:
    """The run without what stands alone before and after it, unless it is near and may head or end the table."""
    first = next(place for place, at in enumerate(run) if at in beside)
    last = next(place for place in reversed(range(len(run))) if run[place] in beside)
    box = around([words[at].box for at in run[first : last + 1]])
    while first and (
        run[0] == 0  # what a page begins with may be the rest of a label
        or _heads(words[run[first - 1]].box, words[run[first]].box, box, size)
    ):
        first -= 1
    while last + 1 < len(run) and (
        run[-1] == len(words) - 1  # and what it ends with the beginning of one
        or _ends(words[run[last + 1]].box, words[run[last]].box, box, size)
    ):
        last += 1
    return run[first : last + 1]


def _heads(word: Box, below: Box, table: Box, size: float) -> bool:
    """Whether a line stands over a table as its title does: near, and in its middle or in its right part."""
    centred = abs((word.x0 + word.x1) - (table.x0 + table.x1)) / 2 < 2 * size
    inner = word.x0 > table.x0 + 0.3 * (table.x1 - table.x0)
    return below.top - word.bottom < BETWEEN_ROWS / 2 * size and (centred or inner)


def _ends(word: Box, above: Box, table: Box, size: float) -> bool:
    """Whether a line under a table is the rest of its last label, or a label without figures."""
    return word.top - above.bottom < size and word.x1 < table.x0 + 0.6 * (table.x1 - table.x0)


# --- blocks of rows with the same columns -------------------------------------------------------------------------


@dataclass(slots=True)
class _Block:
    """Rows with the same columns, and the headings over them, as they are told apart.

    Args:
        heads: words over the figures.
        labels: words to the left of the figures, those beside the headings with them.
        figures: words in the columns of figures.
    """

    heads: list[Word]
    labels: list[Word]
    figures: list[Word]

    @property
    def words(self) -> list[Word]:
        return [*self.heads, *self.labels, *self.figures]


def _blocks(region: _Region) -> list[_Block]:
    """The blocks of a table, from the top down: what is no figure but stands over figures begins one."""
    size = region.size
    levels = _levels([word for word in region.words if is_figure(word.text)], size)
    others = sorted((word for word in region.words if not is_figure(word.text)), key=lambda word: middle(word.box))
    blocks = [_Block([], [], list(levels[0]))]
    for above, below in pairwise([*levels, []]):
        low = _height(above)
        high = _height(below) if below else float("inf")
        left = min(word.box.x0 for word in (*blocks[-1].figures, *below))
        between = [word for word in others if low - SAME_LEVEL * size < middle(word.box) < high - SAME_LEVEL * size]
        heads = [
            word
            for word in between
            if word.box.x1 > left + 0.5 * size
            and abs(middle(word.box) - low) > SAME_LEVEL * size
            and not _is_note(word, region.words, size)
        ]
        bare = [word for word in between if not _is_note(word, region.words, size)]
        if heads or _set_apart(bare, [*blocks[-1].figures, *below], others, size):
            blocks.append(_Block([], [], []))
        blocks[-1].figures += below
    return _filled(blocks, others, region)


def _set_apart(between: Sequence[Word], figures: Sequence[Word], others: Sequence[Word], size: float) -> list[Word]:
    """The words between two rows that are headings by their place: one is right of all labels, with another beside it.

    Where figures are set to the right of their columns, headings may end before the first of them begins.
    """
    reach = _reach(figures, others, size)
    rows = [
        (word, other)
        for word in between
        for other in between
        if word.box.x0 >= max(reach, other.box.x1) and _overlap(word.box, other.box) > 0
    ]
    return [word for row in rows for word in row]


def _reach(figures: Sequence[Word], others: Sequence[Word], size: float) -> float:
    """How far right the labels beside the figures go."""
    heights = [middle(word.box) for word in figures]
    ends = [word.box.x1 for word in others if any(abs(middle(word.box) - at) < 0.9 * size for at in heights)]
    return max(ends, default=float("inf"))


def _filled(blocks: list[_Block], others: Sequence[Word], region: _Region) -> list[_Block]:
    """The blocks with the words that are no figures in the first block that they can be of."""
    size = region.size
    starts: list[float] = []
    for block, after in pairwise(blocks):
        low = max((word.box.bottom for word in block.figures), default=float("-inf"))
        left = min((word.box.x0 for word in (*block.figures, *after.figures)), default=float("-inf"))
        high = min((word.box.top for word in after.figures), default=float("inf"))
        heads = [
            word
            for word in others
            if low - 0.3 * size < middle(word.box) < high
            and word.box.top > low - 0.5 * size
            and word.box.x1 > left + 0.5 * size
            and not _is_note(word, region.words, size)
        ]
        under = [word for word in after.figures if middle(word.box) - high < 2 * size]
        between = [word for word in others if low < middle(word.box) < high and not _is_note(word, region.words, size)]
        heads += _set_apart(between, [*block.figures, *under], others, size)
        if heads:
            first, reach = min(word.box.top for word in heads), _reach([*block.figures, *under], others, size)
            heads += [word for word in between if word.box.bottom <= first and word.box.x1 > reach + 0.5 * size]
        starts.append(min((word.box.top for word in heads), default=low))
    for word in others:
        at = sum(middle(word.box) >= start for start in starts)
        block = blocks[at]
        left = min((each.box.x0 for each in block.figures), default=float("-inf"))
        top = min((middle(each.box) for each in block.figures), default=float("inf"))
        if block.figures and word.box.x1 <= left + 0.5 * size:
            block.labels.append(word)
        elif middle(word.box) > top - SAME_LEVEL * size or _is_note(word, region.words, size):
            block.figures.append(word)
        else:
            block.heads.append(word)
    return [part for block in blocks for part in _once_headed(block, region)]


def _once_headed(block: _Block, region: _Region) -> list[_Block]:
    """The block, without headings that stand at the end of one page and again at the beginning of the next."""
    by_page = [[word for word in block.heads if region.page_of(middle(word.box)) == page] for page in region.pages]
    by_page = [words for words in by_page if words]
    if len(by_page) < 2:
        return [block]
    again = sum(_stands_again(word, by_page[-1]) for words in by_page[:-1] for word in words)
    if again < 0.6 * sum(map(len, by_page[:-1])):
        return [block]
    page = region.page_of(middle(by_page[-1][0].box))
    labels = [word for word in block.labels if region.page_of(middle(word.box)).start < page.start]
    before = [word for words in by_page[:-1] for word in words]
    kept = [word for word in block.labels if word not in labels]
    return [_Block(before, labels, []), _Block(by_page[-1], kept, block.figures)]


def _stands_again(word: Word, words: Sequence[Word]) -> bool:
    """Whether one of the words says the same at the same distance from the edge."""
    return any(word.text == other.text and abs(word.box.x0 - other.box.x0) < SAME_PLACE for other in words)


def _levels(words: Iterable[Word], size: float) -> list[list[Word]]:
    """Words by height, from the top down."""
    levels: list[list[Word]] = []
    for word in sorted(words, key=lambda each: middle(each.box)):
        if levels and middle(word.box) - _height(levels[-1]) < SAME_LEVEL * size:
            levels[-1].append(word)
        else:
            levels.append([word])
    return levels


def _height(level: Sequence[Word]) -> float:
    return sum(middle(word.box) for word in level) / len(level)


def _is_note(word: Word, words: Sequence[Word], size: float) -> bool:
    """Whether a word belongs to a note under or after a figure in its cell, or is the unit of the figure over it."""
    if is_unit(word.text) and any(
        other.text[-1:].isdigit()
        and _above(other.box, word.box)
        and 0 < middle(word.box) - middle(other.box) < STACKED * size
        for other in words
    ):
        return True
    stack = [word]
    for step in (-1, 1):
        last = word
        while True:
            near = [
                other
                for other in words
                if other is not last
                and _above(last.box, other.box)
                and 0 < step * (middle(other.box) - middle(last.box)) < STACKED * size
            ]
            if not near:
                break
            last = min(near, key=lambda other: abs(middle(other.box) - middle(last.box)))
            stack.insert(0, last) if step < 0 else stack.append(last)
    text = "".join(each.text for each in stack)
    noted = _NOTED.search(text)
    if noted is None:
        return False
    before = "".join(each.text for each in stack[: stack.index(word)])
    is_closed = noted.start() < len(before) and _is_whole(before)
    return len(before) + len(word.text) > noted.start() and not is_closed


# --- columns ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Column:
    """What stands in a column: its extent, the words of its heading, those of its figures."""

    x0: float
    x1: float
    heads: list[Word]
    figures: list[Word]

    def take(self, box: Box) -> None:
        """Widen the column to hold the box."""
        self.x0, self.x1 = min(self.x0, box.x0), max(self.x1, box.x1)


@dataclass(slots=True)
class _Parted:
    """A block with its columns.

    Args:
        titles: words that are a row by themselves.
        spans: headings over several columns.
        columns: the columns of figures.
        labels: words to the left of these.
        gaps: free intervals between columns, those among the labels first.
        inner: how many of the gaps are among the labels.
    """

    titles: list[Word]
    spans: list[Word]
    columns: list[_Column]
    labels: list[Word]
    gaps: list[tuple[float, float]]
    inner: int


def _parted(block: _Block, region: _Region) -> _Parted:
    size = region.size
    columns = _figure_columns([word for word in block.figures if is_figure(word.text)])
    titles = _titles(block, columns, region)
    block.labels = [word for word in block.labels if word not in titles]
    _set_apart_heads(block, size)
    labels = list(block.labels)
    extents = [(column.x0, column.x1) for column in columns]
    stacks = _heading_stacks([word for word in block.heads if word not in titles], extents, region)
    if not columns:
        lowest = [stack for stack in stacks if _overlap(_box(stack), _box(stacks[0])) > 0]
        for stack in sorted(lowest, key=lambda each: _box(each).x0)[1:]:
            columns.append(_Column(_box(stack).x0, _box(stack).x1, stack, []))
        stacks = [stack for stack in stacks if not any(stack is column.heads for column in columns)]
    spans: list[Word] = []
    reach = max((word.box.x1 for word in labels), default=float("-inf"))
    for stack in stacks:
        box = _box(stack)
        over = [column for column in columns if _shares(column, box, size)]
        named = [column for column in columns if column.heads]
        if columns and box.x1 <= columns[0].x0 and box.x0 < reach:
            labels += stack
        elif len(over) == 1 and not over[0].heads:
            over[0].take(box)
            over[0].heads += stack
        elif not over and (not named or any(_overlap(box, _box(each.heads)) > 0 for each in named)):
            columns.append(_Column(box.x0, box.x1, stack, []))
            columns.sort(key=lambda column: column.x0)
        else:
            spans += stack
    columns = _with_heads(columns)
    for word in block.figures:
        if is_figure(word.text):
            continue
        nearest = min(columns, key=lambda column: _distance(column, word), default=None)
        if nearest is not None:
            nearest.figures.append(word)
    gaps, inner = _gaps(columns, labels)
    return _Parted(titles, spans, columns, labels, gaps, inner)


def _set_apart_heads(block: _Block, size: float) -> None:
    """Count as headings what stands beside them, left of all figures, but to the right of all labels.

    Where figures are set to the right of their columns, the heading of the first is to their left.
    """
    top = min((middle(word.box) for word in block.figures), default=float("inf"))
    words = [*block.labels, *block.heads]
    over = [
        word
        for word in block.labels
        if middle(word.box) < top - 0.5 * size
        and any(other is not word and _overlap(word.box, other.box) > 0 for other in words)
    ]
    under = [word for word in block.labels if word not in over]
    reach = max((word.box.x1 for word in under), default=float("-inf"))
    moved = [
        word
        for word in over
        if word.box.x0 >= reach and (not under or any(other.box.x1 <= word.box.x0 for other in over))
    ]
    block.labels = [word for word in block.labels if word not in moved]
    block.heads += moved


def _figure_columns(figures: Iterable[Word]) -> list[_Column]:
    """A column for each run of widths that figures share."""
    columns: list[_Column] = []
    for word in sorted(figures, key=lambda each: each.box.x0):
        if columns and word.box.x0 < columns[-1].x1:
            columns[-1].take(word.box)
            columns[-1].figures.append(word)
        else:
            columns.append(_Column(word.box.x0, word.box.x1, [], [word]))
    return columns


def _box(words: Sequence[Word]) -> Box:
    return around([word.box for word in words])


def _heading_stacks(heads: Sequence[Word], figures: Sequence[tuple[float, float]], region: _Region) -> list[list[Word]]:
    """The headings, each the lines of one cell, from the lowest up: what stands over two of them is another's.

    `figures` are the left and right ends of the columns of figures, as far as these reach.
    """
    size = region.size
    reach = _line_distance(heads, region)
    stacks: list[list[Word]] = []
    for word in sorted(heads, key=lambda each: -middle(each.box)):
        under = [
            stack
            for stack in stacks
            if _above(stack[0].box, word.box) and middle(stack[0].box) - middle(word.box) < STACKED * size
        ]
        wide = _is_over_several(word, figures) or _is_over_several(word, [_box(stack)[::2] for stack in stacks])
        if (
            len(under) == 1
            and not wide
            and _overlap(under[0][0].box, word.box) <= 0
            and _is_next(word, under[0][0], reach, region)
        ):
            under[0].insert(0, word)
        else:
            stacks.append([word])
    whole = [part for stack in stacks for part in _by_pages(stack, stacks, region)]
    return [part for stack in whole for part in _as_beside(stack, whole, size)]


def _is_over_several(word: Word, extents: Iterable[Sequence[float]]) -> bool:
    """Whether a word reaches into two of these, left and right end each, that are side by side."""
    reached = [(x0, x1) for x0, x1 in extents if min(x1, word.box.x1) - max(x0, word.box.x0) > -TOUCHING]
    return any(one[1] <= other[0] for one in reached for other in reached)


def _line_distance(words: Sequence[Word], region: _Region) -> float:
    """How far the lines of a cell are apart: the least distance there is of words on one page, a little more."""
    steps = [
        middle(lower.box) - middle(upper.box)
        for upper in words
        for lower in words
        if _above(upper.box, lower.box) and region.is_on_one_page(upper.box, lower.box)
    ]
    return min((step for step in steps if step > 0.9 * region.size), default=STACKED * region.size) + 0.1 * region.size


def _is_next(upper: Word, lower: Word, reach: float, region: _Region) -> bool:
    """Whether the lines may be two of one cell: they follow each other as such do, or stand on two pages."""
    if not region.is_on_one_page(upper.box, lower.box):
        return True
    return middle(lower.box) - middle(upper.box) < reach


def _by_pages(stack: list[Word], stacks: Sequence[list[Word]], region: _Region) -> list[list[Word]]:
    """A stack without its lines on the page before, unless a heading beside it has some there as well.

    What ends a page may be the first lines of headings, or a heading over those that begin the next.
    """
    upper = [word for word in stack if not region.is_on_one_page(word.box, stack[-1].box)]
    if not upper:
        return [stack]
    lower = stack[len(upper) :]
    beside = [
        other
        for other in stacks
        if other is not stack
        and not region.is_on_one_page(other[0].box, other[-1].box)
        and _overlap(other[0].box, stack[0].box) > 0
        and min(abs(other[-1].box.x0 - stack[-1].box.x1), abs(other[-1].box.x1 - stack[-1].box.x0)) < 5 * region.size
    ]
    return [stack] if beside else [lower, *([word] for word in reversed(upper))]


def _as_beside(stack: list[Word], stacks: Sequence[list[Word]], size: float) -> list[list[Word]]:
    """A stack without what stands over the heading in it, lower part first, if the headings beside it tell.

    A heading over several columns stands over one in their middle, which has others on both sides; and headings side
    by side have their upper edge, their middle or their lower edge at one height.
    """
    own = _box(stack[-1:])
    others = [_box(other) for other in stacks if other is not stack and _overlap(_box(other), own) > 0]
    left = max((box for box in others if box.x1 <= own.x0), key=lambda box: box.x1, default=None)
    right = min((box for box in others if box.x0 >= own.x1), key=lambda box: box.x0, default=None)
    beside = [box for box in (left, right) if box is not None]
    found: list[tuple[int, int]] = []
    for place in (middle, *(edge for edge in (_top, _bottom) if _are_set_by(edge, others, size))):
        for start in range(len(stack)):
            at = place(_box(stack[start:]))
            found.append((sum(abs(place(box) - at) < 0.2 * size for box in beside), -start))
    agreeing, start = max(found)
    roomy = _outermost_roomy(stack)
    if roomy:
        start = -roomy
    elif not start or agreeing < 2:
        return [stack]
    return [stack[-start:], *([word] for word in reversed(stack[:-start]))]


def _are_set_by(edge: Callable[[Box], float], boxes: Sequence[Box], size: float) -> bool:
    """Whether headings side by side, of which one has more lines, have this edge at one height."""
    return any(
        abs(edge(one) - edge(other)) < 0.2 * size and abs(middle(one) - middle(other)) > 0.3 * size
        for one in boxes
        for other in boxes
    )


def _outermost_roomy(stack: Sequence[Word]) -> int:
    """How many lines at the top of a stack are no part of its cell: in one so wide, two lines below were one."""
    for start in range(len(stack) - 2, 0, -1):
        width = stack[start - 1].box.x1 - stack[start - 1].box.x0
        for upper, lower in pairwise(stack[start:]):
            sign = (lower.box.x1 - lower.box.x0) / len(lower.text)
            if upper.box.x1 - upper.box.x0 + ROOMY * sign < width:
                return start
    return 0


def _top(box: Box) -> float:
    return box.top


def _bottom(box: Box) -> float:
    return box.bottom


def _with_heads(columns: list[_Column]) -> list[_Column]:
    """The columns with those as one of which one has only figures, the other, beside it, only a heading.

    Figures stand at one side of their columns, headings in the middle: all such pairs are in the same order.
    """
    lacking = [at for at, column in enumerate(columns) if not column.heads]
    if not lacking or len(lacking) == len(columns):
        return columns
    for step in (1, -1):
        if all(_may_be_one(columns, at, at + step) for at in lacking):
            break
    else:
        return _in_order(columns)
    merged = []
    for at, column in enumerate(columns):
        if at in lacking:
            continue
        others = [columns[other] for other in lacking if other + step == at]
        x0 = min(each.x0 for each in (column, *others))
        x1 = max(each.x1 for each in (column, *others))
        merged.append(_Column(x0, x1, column.heads, [word for each in (column, *others) for word in each.figures]))
    return merged


def _in_order(columns: Sequence[_Column]) -> list[_Column]:
    """The columns that as many headings and runs of figures are, in order, where none could be of another.

    Raises _UnclearCells where one could.
    """
    heads = [(column, [word.box for word in column.heads]) for column in columns if column.heads]
    figures = [(column, [word.box for word in column.figures]) for column in columns if column.figures]
    if len(heads) != len(figures):
        raise _UnclearCells
    found = []
    for at, ((head, over), (column, under)) in enumerate(zip(heads, figures, strict=True)):
        box = around([*over, *under])
        others = [around(boxes) for pairs in (heads, figures) for place, (_, boxes) in enumerate(pairs) if place != at]
        if any(min(box.x1, other.x1) - max(box.x0, other.x0) > 0 for other in others):
            raise _UnclearCells
        found.append(_Column(box.x0, box.x1, head.heads, column.figures))
    return found


def _may_be_one(columns: Sequence[_Column], at: int, headed: int) -> bool:
    """Whether the figures of a column may stand under the heading of another: there are none beside them."""
    if not 0 <= headed < len(columns) or not columns[headed].heads:
        return False
    return not any(
        _overlap(word.box, other.box) > 0 for word in columns[at].figures for other in columns[headed].figures
    )


def _shares(column: _Column, box: Box, size: float) -> bool:
    return min(column.x1, box.x1) - max(column.x0, box.x0) > 0.1 * size


def _distance(column: _Column, word: Word) -> float:
    """How far a word is from a column; negative, the more it stands in it."""
    return max(column.x0, word.box.x0) - min(column.x1, word.box.x1)


def _titles(block: _Block, columns: Sequence[_Column], region: _Region) -> list[Word]:
    """The words over the figures that have nothing beside them, and are no line of the heading of a column."""
    alone = [
        word
        for word in (*block.heads, *block.labels)
        if not any(other is not word and _overlap(word.box, other.box) > 0 for other in block.words)
    ]
    top = min((middle(word.box) for word in block.figures), default=float("inf"))
    beside = [word for word in block.heads if word not in alone]
    rows = [word for word in (*beside, *block.labels) if word not in alone and middle(word.box) < top]
    first = min((word.box.top for word in rows), default=top)
    lowest = max((middle(word.box) for word in beside), default=top)
    return [
        word
        for word in alone
        if middle(word.box) < min(top, lowest if word in block.heads else first)
        and (word in block.heads or _is_whole(word.text))
        and not _is_of_heading(word, block, columns, alone, region.size)
    ]


def _is_whole(text: str) -> bool:
    """Whether a line closes the brackets that it opens."""
    return sum(text.count(sign) for sign in "（(") <= sum(text.count(sign) for sign in "）)")


def _is_of_heading(word: Word, block: _Block, columns: Sequence[_Column], alone: Sequence[Word], size: float) -> bool:
    over = [column for column in columns if _shares(column, word.box, size)]
    if len(over) != 1:
        return False
    return any(
        other not in alone
        and _is_aligned(word.box, other.box, size)
        and abs(middle(word.box) - middle(other.box)) < STACKED * size
        for other in block.heads
    )


def _is_aligned(one: Box, other: Box, size: float) -> bool:
    """Whether two lines of a cell could lie so: left edges, middles or right edges at one place."""
    off = (one.x0 - other.x0, (one.x0 + one.x1 - other.x0 - other.x1) / 2, one.x1 - other.x1)
    return min(abs(each) for each in off) < 0.3 * size


def _gaps(columns: Sequence[_Column], labels: Sequence[Word]) -> tuple[list[tuple[float, float]], int]:
    inner = _label_gaps(labels)
    ends = [max((word.box.x1 for word in labels), default=None), *(column.x1 for column in columns)]
    gaps = [
        (end, column.x0) if end <= column.x0 else (column.x0, column.x0)
        for end, column in zip(ends, columns, strict=False)
        if end is not None
    ]
    return [*inner, *gaps], len(inner)


def _label_gaps(labels: Sequence[Word]) -> list[tuple[float, float]]:
    """The gaps that part columns of labels: where several lines have words on both sides."""
    pairs = []
    for word in labels:
        right = [other for other in labels if other.box.x0 >= word.box.x1 and _overlap(word.box, other.box) > 0]
        if right:
            pairs.append((word.box.x1, min(other.box.x0 for other in right)))
    found = []
    for group in _stabbed(pairs):
        low, high = max(pair[0] for pair in group), min(pair[1] for pair in group)
        crossing = sum(word.box.x0 < low and word.box.x1 > high for word in labels)
        if len(group) > 1 and 3 * len(group) >= crossing:
            found.append((low, high))
    return found


def _stabbed(intervals: Iterable[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    """Intervals in as few groups as can be, those of each sharing a point."""
    groups: list[list[tuple[float, float]]] = []
    for low, high in sorted(intervals, key=lambda each: each[1]):
        if groups and low <= groups[-1][0][1]:
            groups[-1].append((low, high))
        else:
            groups.append([(low, high)])
    return groups


def _edges_of(parted: Sequence[_Parted], left: float, right: float) -> list[list[float]]:
    """The edges between the columns of each block, at the same place in all blocks where that is possible."""
    groups = _stabbed({gap for block in parted for gap in block.gaps})
    at = {gap: (max(low for low, _ in group) + group[0][1]) / 2 for group in groups for gap in group}
    return [[left, *(at[gap] for gap in block.gaps), right] for block in parted]


# --- rows and cells -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Row:
    """A row: the words of its label and of its figures, and whether these may be of another."""

    label: tuple[Word, ...]
    figures: tuple[Word, ...]
    doubtful: bool

    @property
    def box(self) -> Box:
        return around([word.box for word in (*self.label, *self.figures)])


def _grids(region: _Region) -> Iterator[tuple[int, Grid]]:
    """The grid of a table on each of its pages."""
    parted = [_parted(block, region) for block in _blocks(region)]
    margin = MARGIN * region.size
    left = min(word.box.x0 for word in region.words) - margin
    right = max(word.box.x1 for word in region.words) + margin
    drawn = [
        cell
        for block, edges in zip(parted, _edges_of(parted, left, right), strict=True)
        for cell in _cells(block, edges, region)
    ]
    placed = [id(word) for cell in drawn for word in cell.words if is_figure(word.text)]
    if sorted(placed) != sorted(id(word) for word in region.words if is_figure(word.text)):
        raise _UnclearCells
    cells = [(*part, cell.doubt) for cell in drawn for part in _by_page(cell, region)]
    for page in region.pages:
        own = tuple(
            GridCell(_moved(box, -page.moved), text, doubt=doubt) for where, box, text, doubt in cells if where == page
        )
        if own:
            yield page.number, Grid(own)


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell of a region, with its words."""

    box: Box
    words: tuple[Word, ...]
    doubt: Doubt | None = None


def _by_page(cell: _Cell, region: _Region) -> Iterator[tuple[_Page, Box, str]]:
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
        yield page, cell.box._replace(top=top, bottom=bottom), _text(words, region.size)


def _cells(block: _Parted, edges: Sequence[float], region: _Region) -> Iterator[_Cell]:
    size = region.size
    inner = edges[1 : block.inner + 1]
    lead = edges[block.inner + 1] if len(edges) - 2 > block.inner + len(block.columns) - 1 else edges[0]
    columns = edges[-len(block.columns) - 1 :] if block.columns else edges
    lines, side = _label_lines(block, inner, size)
    head_words = [*block.spans, *(word for column in block.columns for word in column.heads)]
    head_bottom = max((word.box.bottom for word in head_words), default=float("-inf"))
    head_end = _end_of_heads(lines, head_bottom)
    rows = _rows(block, lines, head_end, region)
    if _is_unclear(rows, len(block.columns)):
        raise _UnclearCells
    body = [row for row in rows if row.figures or middle(row.box) > head_end]
    beside = [word for row in rows if row not in body for word in row.label]
    bands = _bands(body, region, max((word.box.bottom for word in (*head_words, *block.titles)), default=None))
    if head_words or block.titles:
        zone = [*head_words, *beside]
        end = bands[0][0] if bands else head_bottom + MARGIN * size
        yield from _head_cells(block, zone, beside, columns, edges[0], end, region)
    for row, (top, bottom) in zip(body, bands, strict=True):
        if row.label:
            start = max((edge for edge in (edges[0], *inner) if edge <= row.box.x0 + 0.2 * size), default=edges[0])
            yield _Cell(Box(start, top, lead, bottom), row.label)
        for column, (x0, x1) in zip(block.columns, pairwise(columns), strict=True):
            own = [word for word in column.figures if word in row.figures]
            yield _Cell(Box(x0, top, x1, bottom), tuple(own), _doubt(own, row))
    yield from _side_cells(side, [edges[0], *inner, lead], bands, region)


def _doubt(figures: Sequence[Word], row: _Row) -> Doubt | None:
    """What is not clear about a cell of figures."""
    if row.doubtful:
        return "row"
    lines = sorted((word for word in figures if is_figure(word.text)), key=lambda word: middle(word.box))
    return "extent" if is_put_together([word.text for word in lines]) else None


def _label_lines(block: _Parted, inner: Sequence[float], size: float) -> tuple[list[list[Word]], list[Word]]:
    """The lines that label rows, and the words beside them, which stand for several rows.

    What reaches into the last column of labels is of a row; what does not may be, if figures but no label of that
    column stand beside it.
    """
    if not inner:
        return _levels(block.labels, size), []
    last = [word for word in block.labels if word.box.x1 > inner[-1]]
    crossing = [word for word in last if word.box.x0 < inner[-1]]
    heights = [_height(level) for level in _levels([word for column in block.columns for word in column.figures], size)]
    side = []
    for stack in _stacks([word for word in block.labels if word not in last], size):
        box = _box(stack)
        beside = any(_overlap(box, word.box) > 0 for word in last)
        level = len(_levels(stack, size)) == 1 and any(abs(each - middle(box)) < SAME_LEVEL * size for each in heights)
        goes_on = any(
            _is_aligned(box, word.box, size) and 0 < middle(stack[0].box) - middle(word.box) < STACKED * size
            for word in crossing
        )
        if not beside and (level or (goes_on and not _ORDINAL.match(stack[0].text))):
            last += stack
        else:
            side += stack
    return _levels(last, size), side


def _is_unclear(rows: Sequence[_Row], columns: int) -> bool:
    """Whether figures may be lost or of another row: some have no label where others have, or too few stand alone."""
    figures = [row for row in rows if row.figures]
    if any(row.label for row in figures):
        return not all(row.label for row in figures)
    return len(figures) > 1 and any(len(row.figures) < columns for row in figures)


def _end_of_heads(lines: Sequence[Sequence[Word]], bottom: float) -> float:
    """How far down what is printed beside the headings goes: a remark in brackets is as long as it is."""
    text = ""
    for line in lines:
        if _height(line) > bottom and _is_whole(text):
            break
        text += "".join(word.text for word in line)
        bottom = max(bottom, *(word.box.bottom for word in line))
    return bottom


def _rows(block: _Parted, lines: Sequence[Sequence[Word]], head_end: float, region: _Region) -> list[_Row]:
    """The rows of figures with their labels, and the labels beside the headings, from the top down."""
    size = region.size
    of_column = {id(word): at for at, column in enumerate(block.columns) for word in column.figures}
    levels = _levels([word for column in block.columns for word in column.figures], size)
    starts = [page.start for page in region.pages[1:]]
    barriers = sorted([*starts, head_end])
    texts = [
        TextLine(
            _height(line) / size,
            min(word.box.x0 for word in line) / size,
            max(word.box.x1 for word in line) / size,
            "".join(word.text for word in line),
            sum(barrier < _height(line) for barrier in barriers),
        )
        for line in lines
    ]
    figures = [
        Level(
            _height(level) / size,
            tuple(
                sorted(Figure(of_column[id(word)], word.box.x0 / size, word.box.x1 / size, word.text) for word in level)
            ),
            sum(barrier < _height(level) for barrier in barriers),
        )
        for level in levels
    ]
    return [
        _Row(
            tuple(word for line in lines[slice(*pair.lines)] for word in line),
            tuple(word for level in levels[slice(*pair.levels)] for word in level),
            pair.doubtful,
        )
        for pair in paired(texts, figures)
    ]


def _bands(rows: Sequence[_Row], region: _Region, above: float | None) -> list[tuple[float, float]]:
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
    block: _Parted,
    zone: Sequence[Word],
    beside: Sequence[Word],
    columns: Sequence[float],
    left: float,
    end: float,
    region: _Region,
) -> Iterator[_Cell]:
    """The cells over the figures: titles across the table, headings over several columns, those of each column."""
    margin = MARGIN * region.size
    words = [*zone, *block.titles]
    top = min(word.box.top for word in words) - margin
    for title in sorted(block.titles, key=lambda word: word.box.top):
        below = [word.box.top for word in words if word.box.top > middle(title.box)]
        bottom = (title.box.bottom + min(below)) / 2 if below else title.box.bottom + margin
        yield _Cell(Box(left, top, columns[-1], bottom), (title,))
        top = bottom
    if not zone:
        return
    tops = [top] * len(block.columns)
    for level in _levels(block.spans, region.size):
        bottom = max(word.box.bottom for word in level) + margin
        for word, (first, last) in _spanned(level, block, columns):
            yield _Cell(Box(columns[first], max(tops[first:last]), columns[last], bottom), (word,))
            tops[first:last] = [bottom] * (last - first)
    for column, start, (x0, x1) in zip(block.columns, tops, pairwise(columns), strict=True):
        if column.heads:
            yield _Cell(Box(x0, min(start, end - margin), x1, end), tuple(column.heads))
    if beside:
        yield _Cell(Box(left, top, columns[0], end), tuple(beside))


def _spanned(level: Sequence[Word], block: _Parted, columns: Sequence[float]) -> list[tuple[Word, tuple[int, int]]]:
    """The columns under each heading of a level: those it touches, and as many on both sides as its middle allows."""
    ordered = sorted(level, key=lambda word: word.box.x0)
    touched = {
        at: [number for number, column in enumerate(block.columns) if _shares(column, word.box, word.size)]
        for at, word in enumerate(ordered)
    }
    taken = {number for numbers in touched.values() for number in numbers}
    # A heading of one column that stands on the same height, between those of two rows, is under no other.
    taken |= {
        number
        for number, column in enumerate(block.columns)
        if any(abs(middle(word.box) - _height(level)) < SAME_LEVEL * word.size for word in column.heads)
    }
    spans: dict[int, tuple[int, int]] = {}
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
    side: Sequence[Word], edges: Sequence[float], bands: Sequence[tuple[float, float]], region: _Region
) -> Iterator[_Cell]:
    """The cells of words that stand for several rows: over the rows beside them."""
    for stack in _stacks(side, region.size):
        box = around([word.box for word in stack])
        beside = [band for band in bands if band[0] < box.bottom and band[1] > box.top]
        beside = [band for band in beside if region.page_of(band[0]) == region.page_of(box.top)]
        x0 = max((edge for edge in edges if edge <= box.x0 + 1), default=edges[0])
        x1 = min((edge for edge in edges if edge >= box.x1 - 1), default=edges[-1])
        top = min((band[0] for band in beside), default=box.top)
        bottom = max((band[1] for band in beside), default=box.bottom)
        yield _Cell(Box(x0, top, x1, bottom), tuple(stack))


def _stacks(words: Iterable[Word], size: float) -> list[list[Word]]:
    """Words that stand under each other, line by line, up to the next that begins with an ordinal."""
    stacks: list[list[Word]] = []
    for word in sorted(words, key=lambda each: middle(each.box)):
        for stack in stacks:
            near = middle(word.box) - middle(stack[-1].box) < STACKED * size
            if near and not _ORDINAL.match(word.text) and any(_above(word.box, other.box) for other in stack):
                stack.append(word)
                break
        else:
            stacks.append([word])
    return stacks


def _text(words: Sequence[Word], size: float) -> str:
    """The text of a cell, its lines from the top down."""
    return "\n".join(
        " ".join(word.text for word in sorted(line, key=lambda each: each.box.x0)) for line in _levels(words, size)
    )
