"""The blocks of a table: rows with the same columns, and the headings over them.

Belongs here: which words are headings, labels and figures of which block. Does not: single columns or rows.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

from pipelines.read.aligned.regions import BETWEEN_ROWS, Region
from pipelines.read.aligned.rows import goes_on
from pipelines.read.aligned.words import (
    NEXT_LINE,
    SAME_LEVEL,
    beside_by,
    box_of,
    height_of,
    is_whole,
    levels_of,
    share_width,
)
from pipelines.read.boxes import around, middle
from pipelines.read.document import Box
from pipelines.read.pages import Word, is_figure, is_unit

SAME_PLACE = 2.0
"""Headings that are printed again on the next page stand within this distance (points) of their place."""
_NOTED = re.compile(r"\d[^(（]{0,2}[(（]")


@dataclass(slots=True)
class Block:
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
        """All of them."""
        return [*self.heads, *self.labels, *self.figures]


def blocks_of(region: Region) -> list[Block]:
    """The blocks of a table, from the top down: what is no figure but stands over figures begins one."""
    size = region.size
    levels = levels_of([word for word in region.words if is_figure(word.text)], size)
    others = sorted((word for word in region.words if not is_figure(word.text)), key=lambda word: middle(word.box))
    by_height = _ByHeight(region.words)
    notes = {id(word) for word in others if _is_note(word, by_height, size)}
    free = [word for word in others if id(word) not in notes]
    blocks = [Block([], [], list(levels[0]))]
    for above, below in pairwise([*levels, []]):
        low = height_of(above)
        high = height_of(below) if below else float("inf")
        left = min(word.box.x0 for word in (*blocks[-1].figures, *below))
        between = [word for word in free if low - SAME_LEVEL * size < middle(word.box) < high - SAME_LEVEL * size]
        heads = [
            word
            for word in between
            if word.box.x1 > left + 0.5 * size and abs(middle(word.box) - low) > SAME_LEVEL * size
        ]
        if heads or _set_apart(between, [*blocks[-1].figures, *below], others, size):
            blocks.append(Block([], [], []))
        blocks[-1].figures += below
    return _filled(blocks, others, notes, region)


class _ByHeight:
    """Words by the height of their middle: what stands near one is a few of hundreds."""

    def __init__(self, words: Sequence[Word]) -> None:
        self._words = sorted(words, key=lambda word: middle(word.box))
        self._heights = [middle(word.box) for word in self._words]

    def within(self, low: float, high: float) -> list[Word]:
        """The words between two heights."""
        return self._words[bisect_right(self._heights, low) : bisect_left(self._heights, high)]


def _set_apart(between: Sequence[Word], figures: Sequence[Word], others: Sequence[Word], size: float) -> list[Word]:
    """The words between two rows that are headings by their place: one is right of all labels, with another beside it.

    Where figures are set to the right of their columns, headings may end before the first of them begins.
    """
    rows = [
        (word, other)
        for word in between
        for other in between
        if word.box.x0 >= other.box.x1 and beside_by(word.box, other.box) > 0
    ]
    if not rows:
        return []
    reach = _reach(figures, others, size)
    return [word for row in rows if row[0].box.x0 >= reach for word in row]


def _reach(figures: Sequence[Word], others: Sequence[Word], size: float) -> float:
    """How far right the labels beside the figures go."""
    heights = sorted(middle(word.box) for word in figures)
    ends = [word.box.x1 for word in others if _is_near(middle(word.box), heights, 0.9 * size)]
    return max(ends, default=float("inf"))


def _is_near(height: float, heights: Sequence[float], distance: float) -> bool:
    """Whether a height is nearer to one of others, in order, than a distance."""
    at = bisect_left(heights, height)
    return any(abs(height - other) < distance for other in heights[max(at - 1, 0) : at + 1])


def _filled(blocks: list[Block], others: Sequence[Word], notes: set[int], region: Region) -> list[Block]:
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
            and id(word) not in notes
        ]
        under = [word for word in after.figures if middle(word.box) - high < 2 * size]
        between = [word for word in others if low < middle(word.box) < high and id(word) not in notes]
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
        elif middle(word.box) > top - SAME_LEVEL * size or id(word) in notes:
            block.figures.append(word)
        else:
            block.heads.append(word)
    return [
        part for block in blocks for headed in _once_headed(block, region) for part in _with_blank_rows(headed, size)
    ]


def _with_blank_rows(block: Block, size: float) -> list[Block]:
    """The block without the headings over rows that have no figures, and these rows: labels stand between headings."""
    levels = levels_of(block.heads, size)
    for upper, lower in pairwise(levels):
        high, low = max(word.box.bottom for word in upper), min(word.box.top for word in lower)
        between = sorted(
            (word for word in block.labels if high < word.box.top and word.box.bottom < low),
            key=lambda word: word.box.top,
        )
        if not between or not all(any(share_width(word.box, over.box) for over in upper) for word in lower):
            continue
        # With several labels the last may be a title over the headings below.
        start = between[-1].box.top if len(between) > 1 else low
        beside = [word for word in block.labels if any(beside_by(word.box, head.box) > 0 for head in upper)]
        above = [word for word in block.labels if word.box.top < start and word not in beside]
        rest = [word for word in block.labels if word.box.top >= start]
        heads = [word for word in block.heads if word.box.top < low]
        left = Block([*heads, *beside], [word for word in above if word not in beside], [])
        return [left, Block([word for word in block.heads if word not in heads], rest, block.figures)]
    return [block]


def _once_headed(block: Block, region: Region) -> list[Block]:
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
    return [Block(before, labels, []), Block(by_page[-1], kept, block.figures)]


def _stands_again(word: Word, words: Sequence[Word]) -> bool:
    """Whether one of the words says the same at the same distance from the edge."""
    return any(word.text == other.text and abs(word.box.x0 - other.box.x0) < SAME_PLACE for other in words)


def _is_note(word: Word, words: _ByHeight, size: float) -> bool:
    """Whether a word is of a figure: of a note under or after it, its unit, or what is printed in its place."""
    height = middle(word.box)
    if is_unit(word.text) and any(
        (other.text[-1:].isdigit() or other.text[-1:] in ("万", "亿")) and share_width(other.box, word.box)
        for other in words.within(height - NEXT_LINE * size, height)
    ):
        return True
    over, under = _next_lines(word, words, -1, size), _next_lines(word, words, 1, size)
    if _stands_for_figure(word, over, under, words, size):
        return True
    before = "".join(each.text for each in reversed(over))
    noted = _NOTED.search(before + word.text + "".join(each.text for each in under))
    if noted is None:
        return False
    is_closed = noted.start() < len(before) and is_whole(before)
    return len(before) + len(word.text) > noted.start() and not is_closed


def _next_lines(word: Word, words: _ByHeight, step: int, size: float) -> list[Word]:
    """The words above (-1) or below (1) a word that follow each other as lines of a cell do, the nearest first."""
    found = [word]
    while True:
        height = middle(found[-1].box)
        reach = height + step * NEXT_LINE * size
        near = [other for other in words.within(*sorted((height, reach))) if share_width(found[-1].box, other.box)]
        if not near:
            return found[1:]
        found.append(min(near, key=lambda other: abs(middle(other.box) - height)))


def _stands_for_figure(word: Word, over: Sequence[Word], under: Sequence[Word], words: _ByHeight, size: float) -> bool:
    """Whether a text stands where a figure should: on the height of a row of them that has none in its place.

    That is the height of its middle, of its first line or of its last, as cells are set.
    """
    lines = [word]
    for direction in (over, under):
        lines += takewhile(lambda each: not is_figure(each.text), direction)
    ordered = sorted((each.box for each in lines), key=middle)
    return any(_is_in_place(box, words, size) for box in dict.fromkeys((around(ordered), ordered[0], ordered[-1])))


def _is_in_place(box: Box, words: _ByHeight, size: float) -> bool:
    """Whether figures stand on the height of a box, one of them to its left, and none where it is.

    Where it is the first of the row, a label is to its left, and figures near it stand above or below. The height of a
    figure with its unit or its rest under it is that of both.
    """
    at = middle(box)
    level: list[Box] = []
    for word in words.within(at - NEXT_LINE * size, at + SAME_LEVEL * size):
        if not is_figure(word.text):
            continue
        below = _next_lines(word, words, 1, size)[:1]
        rest = [each for each in below if is_unit(each.text) or goes_on(word.text, each.text)]
        level += [one for one in (word.box, box_of([word, *rest])) if abs(middle(one) - at) < SAME_LEVEL * size]
    if not level or any(share_width(each, box) for each in level):
        return False
    if any(each.x1 < box.x0 for each in level):
        return True
    near = words.within(at - BETWEEN_ROWS * size, at + BETWEEN_ROWS * size)
    if not any(is_figure(word.text) and share_width(word.box, box) for word in near):
        return False
    return any(word.box.x1 < box.x0 for word in words.within(at - 0.9 * size, at + 0.9 * size))
