"""The blocks of a table: rows with the same columns, and the headings over them.

Belongs here: which words are headings, labels and figures of which block. Does not: single columns or rows.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipelines.read.aligned.regions import Region
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
from pipelines.read.boxes import middle
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
    blocks = [Block([], [], list(levels[0]))]
    for above, below in pairwise([*levels, []]):
        low = height_of(above)
        high = height_of(below) if below else float("inf")
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
            blocks.append(Block([], [], []))
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
        if word.box.x0 >= max(reach, other.box.x1) and beside_by(word.box, other.box) > 0
    ]
    return [word for row in rows for word in row]


def _reach(figures: Sequence[Word], others: Sequence[Word], size: float) -> float:
    """How far right the labels beside the figures go."""
    heights = [middle(word.box) for word in figures]
    ends = [word.box.x1 for word in others if any(abs(middle(word.box) - at) < 0.9 * size for at in heights)]
    return max(ends, default=float("inf"))


def _filled(blocks: list[Block], others: Sequence[Word], region: Region) -> list[Block]:
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


def _stands_for_figure(stack: Sequence[Word], words: Sequence[Word], size: float) -> bool:
    """Whether a text stands where a figure should: on the height of a row of them that has none in its place."""
    box = box_of(stack)
    if any(is_figure(word.text) for word in stack):
        return False
    level = [word for word in words if is_figure(word.text) and abs(middle(word.box) - middle(box)) < SAME_LEVEL * size]
    return any(word.box.x1 < box.x0 for word in level) and not any(share_width(word.box, box) for word in level)


def _is_note(word: Word, words: Sequence[Word], size: float) -> bool:
    """Whether a word belongs to a note under or after a figure in its cell, or is the unit of the figure over it."""
    if is_unit(word.text) and any(
        other.text[-1:].isdigit()
        and share_width(other.box, word.box)
        and 0 < middle(word.box) - middle(other.box) < NEXT_LINE * size
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
                and share_width(last.box, other.box)
                and 0 < step * (middle(other.box) - middle(last.box)) < NEXT_LINE * size
            ]
            if not near:
                break
            last = min(near, key=lambda other: abs(middle(other.box) - middle(last.box)))
            stack.insert(0, last) if step < 0 else stack.append(last)
    if _stands_for_figure(stack, words, size):
        return True
    text = "".join(each.text for each in stack)
    noted = _NOTED.search(text)
    if noted is None:
        return False
    before = "".join(each.text for each in stack[: stack.index(word)])
    is_closed = noted.start() < len(before) and is_whole(before)
    return len(before) + len(word.text) > noted.start() and not is_closed
