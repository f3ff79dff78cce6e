"""The headings over columns: which lines are one heading, which words a title across the table.

Belongs here: what follows from headings among themselves. Does not: which columns they are over.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from pipelines.read.aligned.regions import Region
from pipelines.read.aligned.rules import INFINITY, NEAR
from pipelines.read.aligned.words import NEXT_LINE, beside_by, box_of, share_width, stacks_of
from pipelines.read.boxes import centre, holds, middle
from pipelines.read.document import Box
from pipelines.read.pages import Word, is_figure

ROOMY, ROOM = 2.2, 1.1
"""Signs of a line that would have stood on the one above it, had there been so much room; one may be a space."""
_OPENING = re.compile(r"[(（]")
TOUCHING = 1.0
"""Words of two columns are at least this far (points) from each other."""


def heading_stacks(
    heads: Sequence[Word], labels: Sequence[Word], figures: Sequence[tuple[float, float]], region: Region
) -> list[list[Word]]:
    """The headings, each the lines of one cell, from the lowest up: what stands over two of them is another's.

    `labels` are the words to their left, `figures` the left and right ends of the columns of figures, as far as these
    reach.
    """
    closed = _closed_stacks(heads, region)
    of_these = {id(word) for stack in closed for word in stack}
    beside = [box_of(stack) for stack in stacks_of(labels, region.size)]
    return [*closed, *_open_stacks([word for word in heads if id(word) not in of_these], beside, figures, region)]


def head_extents(heads: Sequence[Word], region: Region) -> dict[Box, Box]:
    """How wide the cells of headings are, where rules on both sides tell, one of them within the table."""
    rules = region.rules
    inner = [rule.x0 for rule in rules.down]
    if not inner:
        return {}
    low, high = min(inner) + NEAR, max(inner) - NEAR
    found = {}
    for word in heads:
        left, _, right, _ = rules.around(word.box)
        if left > -INFINITY and right < INFINITY and (left > low or right < high):
            found[word.box] = word.box._replace(x0=left + NEAR, x1=right - NEAR)
    return found


def _closed_stacks(heads: Sequence[Word], region: Region) -> list[list[Word]]:
    """The headings whose cells rules close, or at least above and below where rules part all rows."""
    rules, extents = region.rules, head_extents(heads, region)
    cells: dict[tuple[float, ...], list[Word]] = {}
    bands: dict[tuple[float, ...], list[Word]] = {}
    for word in heads:
        left, top, right, bottom = rules.around(word.box)
        page = region.page_of(middle(word.box)).start
        if word.box in extents and not _holds_figures(rules.around(word.box), region):
            cells.setdefault((page, top, bottom, left, right), []).append(word)
        elif region.rows_ruled:
            bands.setdefault((page, top, bottom), []).append(word)
    found = [stack for words in bands.values() for stack in _overlapping(words)]
    found += [sorted(words, key=lambda each: middle(each.box)) for words in cells.values()]
    return sorted(found, key=lambda stack: -box_of(stack).bottom)


def _holds_figures(box: Box, region: Region) -> bool:
    return any(is_figure(word.text) and holds(box, centre(word.box)) for word in region.words)


def _overlapping(words: Sequence[Word]) -> list[list[Word]]:
    """The lines of each of the cells beside each other: those that share some width, from the top down."""
    found: list[list[Word]] = []
    reach = 0.0
    for word in sorted(words, key=lambda each: each.box.x0):
        if found and word.box.x0 < reach:
            found[-1].append(word)
        else:
            found.append([word])
        reach = max(reach, word.box.x1) if found[-1][0] is not word else word.box.x1
    return [sorted(stack, key=lambda each: middle(each.box)) for stack in found]


def _open_stacks(
    heads: Sequence[Word], labels: Sequence[Box], figures: Sequence[tuple[float, float]], region: Region
) -> list[list[Word]]:
    size = region.size
    reach = _line_distance(region)
    stacks: list[list[Word]] = []
    for word in sorted(heads, key=lambda each: -middle(each.box)):
        under = [
            stack
            for stack in stacks
            if share_width(stack[0].box, word.box) and middle(stack[0].box) - middle(word.box) < NEXT_LINE * size
        ]
        wide = _is_over_several(word, figures) or _is_over_several(word, [box_of(stack)[::2] for stack in stacks])
        if (
            len(under) == 1
            and not wide
            and beside_by(under[0][0].box, word.box) <= 0
            and _is_next(word, under[0][0], reach, region)
            and not region.rules.part(word.box, under[0][0].box)
        ):
            under[0].insert(0, word)
        else:
            stacks.append([word])
    stacks = _without_single_signs(stacks, size)
    whole = [part for stack in stacks for part in _by_pages(stack, stacks, region)]
    return [part for stack in whole for part in _as_beside(stack, whole, labels, size)]


def _without_single_signs(stacks: Sequence[list[Word]], size: float) -> list[list[Word]]:
    """The headings, those of a single sign with the line that they end: no heading is that short, but gaps are wide."""
    found: list[list[Word]] = []
    for stack in sorted(stacks, key=lambda each: box_of(each).x0):
        before = found[-1] if found else None
        if before is not None and len(stack) == len(before) == 1 and len(stack[0].text) == 1:
            gap = stack[0].box.x0 - before[0].box.x1
            if 0 <= gap < size and beside_by(stack[0].box, before[0].box) > 0:
                found[-1] = [*before, *stack]
                continue
        found.append(stack)
    order = {id(stack[0]): at for at, stack in enumerate(stacks)}
    return sorted(found, key=lambda each: order[id(each[0])])


def _is_over_several(word: Word, extents: Iterable[Sequence[float]]) -> bool:
    """Whether a word reaches into two of these, left and right end each, that are side by side."""
    reached = [(x0, x1) for x0, x1 in extents if min(x1, word.box.x1) - max(x0, word.box.x0) > -TOUCHING]
    return any(one[1] <= other[0] for one in reached for other in reached)


def _line_distance(region: Region) -> float:
    """How far the lines of a cell are apart, and a little more."""
    return region.pitch + 0.1 * region.size


def _is_next(upper: Word, lower: Word, reach: float, region: Region) -> bool:
    """Whether the lines may be two of one cell: they follow each other as such do, or stand on two pages."""
    if not region.is_on_one_page(upper.box, lower.box):
        return True
    return middle(lower.box) - middle(upper.box) < reach


def _by_pages(stack: list[Word], stacks: Sequence[list[Word]], region: Region) -> list[list[Word]]:
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
        and beside_by(other[0].box, stack[0].box) > 0
        and min(abs(other[-1].box.x0 - stack[-1].box.x1), abs(other[-1].box.x1 - stack[-1].box.x0)) < 5 * region.size
    ]
    return [stack] if beside else [lower, *([word] for word in reversed(upper))]


def _as_beside(stack: list[Word], stacks: Sequence[list[Word]], labels: Sequence[Box], size: float) -> list[list[Word]]:
    """A stack without what stands over the heading in it, lower part first, if the headings beside it tell.

    A heading over several columns stands over one in their middle, which has others on both sides; and headings side
    by side have their upper edge, their middle or their lower edge at one height.
    """
    own = box_of(stack[-1:])
    others = [box_of(other) for other in stacks if other is not stack and beside_by(box_of(other), own) > 0]
    first = [box for box in labels if box.x1 <= own.x0 and beside_by(box, own) > 0]
    left = max((box for box in [*first, *others] if box.x1 <= own.x0), key=lambda box: box.x1, default=None)
    right = min((box for box in others if box.x0 >= own.x1), key=lambda box: box.x0, default=None)
    beside = [box for box in (left, right) if box is not None]
    found: list[tuple[int, int]] = []
    for place in (middle, *(edge for edge in (_top, _bottom) if _are_set_by(edge, others, size))):
        for start in range(len(stack)):
            at = place(box_of(stack[start:]))
            found.append((sum(abs(place(box) - at) < 0.2 * size for box in beside), -start))
    agreeing, start = max(found)
    spaced = any(sign.isspace() for each in stacks for word in each for sign in word.text)
    roomy = _outermost_roomy(stack, ROOMY if spaced else ROOM)
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


def _outermost_roomy(stack: Sequence[Word], room: float) -> int:
    """How many lines at the top of a stack are no part of its cell: in one so wide, two lines below were one."""
    for start in range(len(stack) - 2, 0, -1):
        width = stack[start - 1].box.x1 - stack[start - 1].box.x0
        for upper, lower in pairwise(stack[start:]):
            sign = (lower.box.x1 - lower.box.x0) / len(lower.text)
            if upper.box.x1 - upper.box.x0 + room * sign < width and not _OPENING.match(lower.text):
                return start
    return 0


def _top(box: Box) -> float:
    return box.top


def _bottom(box: Box) -> float:
    return box.bottom
