"""Words and how they lie to each other, as far as that does not depend on what part of a table they are.

Belongs here: lines, stacks and levels of words, what a line's own text tells. Does not: regions, columns, rows.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from pipelines.read.boxes import around, middle
from pipelines.read.document import Box
from pipelines.read.pages import Word

SAME_LEVEL = 0.35
"""Words whose middles differ by less (of their size) stand beside each other."""
NEXT_LINE = 1.5
"""Lines of one cell follow each other within this distance (of their size)."""
_ORDINAL = re.compile(
    r"^(?:\( ?)?(?:\d{1,2}|[一二三四五六七八九十]{1,3}) ?[)、.]"
    r"|^\( ?[一二三四五六七八九十]"  # the bracket may be closed on the next line
)


def beside_by(one: Box, other: Box) -> float:
    """Height on which both stand, less what letters may touch by."""
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared - 0.15 * min(one.bottom - one.top, other.bottom - other.top)


def share_width(one: Box, other: Box) -> bool:
    """Whether one stands above the other: they share some width."""
    return min(one.x1, other.x1) - max(one.x0, other.x0) > 0


def box_of(words: Sequence[Word]) -> Box:
    """The box around all the words."""
    return around([word.box for word in words])


def levels_of(words: Iterable[Word], size: float) -> list[list[Word]]:
    """Words by height, from the top down."""
    levels: list[list[Word]] = []
    for word in sorted(words, key=lambda each: middle(each.box)):
        if levels and middle(word.box) - height_of(levels[-1]) < SAME_LEVEL * size:
            levels[-1].append(word)
        else:
            levels.append([word])
    return levels


def height_of(level: Sequence[Word]) -> float:
    """The mean height of the middles of the words."""
    return sum(middle(word.box) for word in level) / len(level)


def stacks_of(words: Iterable[Word], size: float) -> list[list[Word]]:
    """Words that stand under each other, line by line, up to the next that begins with an ordinal."""
    stacks: list[list[Word]] = []
    for word in sorted(words, key=lambda each: middle(each.box)):
        for stack in stacks:
            near = middle(word.box) - middle(stack[-1].box) < NEXT_LINE * size
            if near and not is_ordinal(word.text) and any(share_width(word.box, other.box) for other in stack):
                stack.append(word)
                break
        else:
            stacks.append([word])
    return stacks


def is_ordinal(text: str) -> bool:
    """Whether what begins a label does: its number."""
    return _ORDINAL.match(unicodedata.normalize("NFKC", text)) is not None


def is_whole(text: str) -> bool:
    """Whether a line closes the brackets that it opens."""
    return sum(text.count(sign) for sign in "（(") <= sum(text.count(sign) for sign in "）)")


def is_aligned(one: Box, other: Box, size: float) -> bool:
    """Whether two lines of a cell could lie so: left edges, middles or right edges at one place."""
    off = (one.x0 - other.x0, (one.x0 + one.x1 - other.x0 - other.x1) / 2, one.x1 - other.x1)
    return min(abs(each) for each in off) < 0.3 * size


def text_of(words: Sequence[Word], size: float) -> str:
    """The text of a cell, its lines from the top down."""
    return "\n".join(
        " ".join(word.text for word in sorted(line, key=lambda each: each.box.x0)) for line in levels_of(words, size)
    )
