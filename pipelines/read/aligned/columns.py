"""The columns of a block: by the figures under each other, the headings over them, the gaps between them.

Belongs here: extents across. Does not: heights, which rows and cells (`cells`) follow.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipelines.read.aligned.blocks import Block
from pipelines.read.aligned.headings import head_extents, heading_stacks
from pipelines.read.aligned.regions import Region
from pipelines.read.aligned.rules import INFINITY, NEAR, Rules
from pipelines.read.aligned.words import NEXT_LINE, beside_by, box_of, is_aligned, is_ordinal, is_whole, share_width
from pipelines.read.boxes import around, centre, middle
from pipelines.read.document import Box
from pipelines.read.pages import Word, is_figure, is_unit

TOUCHING = 0.5
"""Figures of two columns are at least this far (of their size) from each other."""


CROSSING = 2.0
"""By less (points) columns may cross: the rules beside them are drawn anew on each page."""


class UnclearCells(Exception):  # noqa: N818 - the name states the situation
    """Figures whose row or column cannot be told: better no table than a wrong one."""


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
class Parted:
    """A block with its columns.

    Args:
        titles: words that are a row by themselves.
        spans: headings over several columns.
        columns: the columns of figures.
        labels: words to the left of these.
        gaps: free intervals between columns, those among the labels first.
        inner: how many of the gaps are among the labels.
        ruled: whether rules part the columns.
        side: labels that rules show to stand for several rows.
        extents: how far rules let the cells of headings reach, by the boxes of their words.
    """

    titles: list[Word]
    spans: list[Word]
    columns: list[_Column]
    labels: list[Word]
    gaps: list[tuple[float, float]]
    inner: int
    ruled: bool
    side: list[Word]
    extents: dict[Box, Box]

    def extent(self, word: Word) -> Box:
        """The box of a heading, as wide as its cell where rules tell."""
        return self.extents.get(word.box, word.box)


def with_columns(block: Block, region: Region) -> Parted:
    """The block with its columns.

    Raises UnclearCells where headings and figures cannot be matched.
    """
    size = region.size
    columns = _figure_columns([word for word in block.figures if is_figure(word.text)])
    ruled = region.columns_ruled and all(_is_closed(column, region) for column in columns)
    if ruled:
        columns = _by_rules(columns, region.rules)
    extents = head_extents(block.heads, region)
    titles = [word for word in _titles(block, columns, region) if word.box not in extents]
    block.labels = [word for word in block.labels if word not in titles]
    if ruled:
        _set_between_rules(block, columns)
    _set_apart_heads(block, size)
    labels = list(block.labels)
    ends = [(column.x0, column.x1) for column in columns]
    first = min((middle(word.box) for word in block.figures), default=INFINITY)
    over = [word for word in labels if word.box.bottom < first]
    stacks = heading_stacks([word for word in block.heads if word not in titles], over, ends, region)
    if not columns:
        lowest = [stack for stack in stacks if beside_by(box_of(stack), box_of(stacks[0])) > 0]
        for stack in sorted(lowest, key=lambda each: box_of(each).x0)[1:]:
            whole = around([extents.get(word.box, word.box) for word in stack])
            columns.append(_Column(whole.x0, whole.x1, stack, []))
        stacks = [stack for stack in stacks if not any(stack is column.heads for column in columns)]
    reach = max((word.box.x1 for word in labels), default=float("-inf"))
    boxes = [(stack, around([extents.get(word.box, word.box) for word in stack])) for stack in stacks]
    beside = [stack for stack, box in boxes if columns and box.x1 <= columns[0].x0 and box.x0 < reach]
    labels += [word for stack in beside for word in stack]
    boxes = [(stack, box) for stack, box in boxes if stack not in beside]
    lowest_heads = _in_order(columns, boxes, size)
    if lowest_heads:
        columns = lowest_heads
        named = [id(word) for column in columns for word in column.heads]
        spans = [word for stack, _ in boxes for word in stack if id(word) not in named]
    else:
        columns, spans = _by_overlap(columns, boxes, size)
    for word in block.figures:
        if is_figure(word.text):
            continue
        nearest = min(columns, key=lambda column: _distance(column, word), default=None)
        if nearest is not None:
            nearest.figures.append(word)
    side = _side_labels(labels, columns, region, ruled)
    gaps, inner = _gaps(columns, labels, side, region, ruled)
    return Parted(titles, spans, columns, labels, gaps, inner, ruled, side, extents)


def _set_between_rules(block: Block, columns: Sequence[_Column]) -> None:
    """Count as headings what stands over figures between the rules that part their columns, be it left of them all."""
    top = min((word.box.top for word in block.figures), default=INFINITY)
    over = [
        word
        for word in block.labels
        if word.box.bottom < top and any(column.x0 < centre(word.box)[0] < column.x1 for column in columns)
    ]
    block.labels = [word for word in block.labels if word not in over]
    block.heads += over


def _set_apart_heads(block: Block, size: float) -> None:
    """Count as headings what stands beside them, left of all figures, but to the right of all labels.

    Where figures are set to the right of their columns, the heading of the first is to their left.
    """
    top = min((middle(word.box) for word in block.figures), default=float("inf"))
    words = [*block.labels, *block.heads]
    over = [
        word
        for word in block.labels
        if middle(word.box) < top - 0.5 * size
        and any(other is not word and beside_by(word.box, other.box) > 0 for other in words)
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
        if columns and (word.box.x0 < columns[-1].x1 or _is_of_column(word, columns[-1])):
            columns[-1].take(word.box)
            columns[-1].figures.append(word)
        else:
            columns.append(_Column(word.box.x0, word.box.x1, [], [word]))
    return columns


def _in_order(columns: Sequence[_Column], stacks: Sequence[tuple[list[Word], Box]], size: float) -> list[_Column]:
    """The columns with their headings, if as many of these as there are columns are over no other; empty otherwise.

    Figures may stand at one side of their columns, headings in the middle, and need not share any width; but what
    one heading and its figures span, no other does.
    """
    leaves = [(stack, box) for stack, box in stacks if not any(_is_under(other, box, size) for _, other in stacks)]
    leaves.sort(key=lambda each: -each[1].bottom)
    lowest, over = leaves[: len(columns)], leaves[len(columns) :]
    if not columns or len(lowest) < len(columns):
        return []
    # A heading over two others may stand in the gap between them, but then it stands above both.
    beside = [each for each in over if any(beside_by(each[1], box) > 0 for _, box in lowest)]
    if beside:
        return _nearest(columns, [*lowest, *beside], size)
    if not any(box.bottom > lowest[-1][1].bottom - 0.5 * size for _, box in over):
        lowest.sort(key=lambda each: each[1].x0)
        return _if_apart(
            _Column(min(column.x0, box.x0), max(column.x1, box.x1), stack, column.figures)
            for column, (stack, box) in zip(columns, lowest, strict=True)
        )
    below = [each for each in leaves if each[1].bottom > leaves[-1][1].bottom + 0.5 * size]
    return _nearest(columns, leaves, size) or _nearest(columns, below, size)


def _if_apart(columns: Iterable[_Column]) -> list[_Column]:
    """The columns, if none reaches into the next; none otherwise."""
    found = list(columns)
    return [] if any(right.x0 < left.x1 - CROSSING for left, right in pairwise(found)) else found


def _nearest(columns: Sequence[_Column], heads: Sequence[tuple[list[Word], Box]], size: float) -> list[_Column]:
    """A column for each heading, with the figures that are nearest to it, if any; empty where that is not clear.

    Figures are in the order of their headings, so that one figure under another heading moves its neighbours as well:
    what counts is how far all are from theirs, and that no other order is about as near.
    """
    found = [_Column(box.x0, box.x1, stack, []) for stack, box in sorted(heads, key=lambda each: each[1].x0)]
    if not 0 < len(columns) <= len(found):
        return []
    gaps = [[max(0.0, head.x0 - column.x1, column.x0 - head.x1) for head in found] for column in columns]
    cost, chosen = _in_step(gaps)
    for row, at in enumerate(chosen):
        others = [*gaps[row]]
        others[at] = INFINITY
        if _in_step([*gaps[:row], others, *gaps[row + 1 :]])[0] < cost + size:
            return []
    for column, at in zip(columns, chosen, strict=True):
        found[at].x0, found[at].x1 = min(found[at].x0, column.x0), max(found[at].x1, column.x1)
        found[at].figures += column.figures
    return _if_apart(found)


def _in_step(gaps: Sequence[Sequence[float]]) -> tuple[float, list[int]]:
    """For each row, all in order, the column such that the sum of what stands there is the least; and this sum."""
    options: list[tuple[float, list[int]]] = [(0.0, [])] * (len(gaps[0]) + 1)
    for row in gaps:
        following: list[tuple[float, list[int]]] = [(INFINITY, [])]
        for at, gap in enumerate(row):
            cost, chosen = options[at]
            following.append(min(following[-1], (cost + gap, [*chosen, at])))
        options = following
    return options[-1]


def _is_under(lower: Box, upper: Box, size: float) -> bool:
    """Whether one heading stands below another, under some of it."""
    shared = min(lower.x1, upper.x1) - max(lower.x0, upper.x0)
    return lower.top > upper.bottom - 0.3 * size and shared > 0.1 * size


def _by_overlap(
    columns: list[_Column], stacks: Sequence[tuple[list[Word], Box]], size: float
) -> tuple[list[_Column], list[Word]]:
    """The columns with the headings that stand over them, and those over several: some columns may have no figures."""
    spans: list[Word] = []
    for stack, box in stacks:
        over = [column for column in columns if is_over(column, box, size)]
        named = [column for column in columns if column.heads]
        if len(over) == 1 and not over[0].heads:
            over[0].take(box)
            over[0].heads += stack
        elif not over and (not named or any(beside_by(box, box_of(each.heads)) > 0 for each in named)):
            columns.append(_Column(box.x0, box.x1, stack, []))
            columns.sort(key=lambda column: column.x0)
        else:
            spans += stack
    return _with_heads(columns), spans


def _is_of_column(word: Word, column: _Column) -> bool:
    """Whether a figure is of the column it begins beside: nearer than columns are, and on no height of its figures.

    What is set to the right ends with the room that its last sign leaves, which is more after a bracket.
    """
    near = word.box.x0 - column.x1 < TOUCHING * word.size
    return near and not any(beside_by(word.box, other.box) > 0 for other in column.figures)


def _with_heads(columns: list[_Column]) -> list[_Column]:
    """The columns with those as one of which one has only figures, the other, beside it, only a heading.

    Figures stand at one side of their columns, headings in the middle: all such pairs are in the same order.
    Raises UnclearCells where they cannot be.
    """
    lacking = [at for at, column in enumerate(columns) if not column.heads]
    if not lacking or len(lacking) == len(columns):
        return columns
    for step in (1, -1):
        if all(_may_be_one(columns, at, at + step) for at in lacking):
            break
    else:
        raise UnclearCells
    merged = []
    for at, column in enumerate(columns):
        if at in lacking:
            continue
        others = [columns[other] for other in lacking if other + step == at]
        x0 = min(each.x0 for each in (column, *others))
        x1 = max(each.x1 for each in (column, *others))
        merged.append(_Column(x0, x1, column.heads, [word for each in (column, *others) for word in each.figures]))
    return merged


def _may_be_one(columns: Sequence[_Column], at: int, headed: int) -> bool:
    """Whether the figures of a column may stand under the heading of another: there are none beside them."""
    if not 0 <= headed < len(columns) or not columns[headed].heads:
        return False
    return not any(
        beside_by(word.box, other.box) > 0 for word in columns[at].figures for other in columns[headed].figures
    )


def is_over(column: _Column, box: Box, size: float) -> bool:
    """Whether a box shares some width with a column."""
    return min(column.x1, box.x1) - max(column.x0, box.x0) > 0.1 * size


def _distance(column: _Column, word: Word) -> float:
    """How far a word is from a column; negative, the more it stands in it."""
    return max(column.x0, word.box.x0) - min(column.x1, word.box.x1)


def _titles(block: Block, columns: Sequence[_Column], region: Region) -> list[Word]:
    """The words over the figures that have nothing beside them, and are no line of the heading of a column.

    What stands under headings is one only if it reaches over several columns.
    """
    alone = [
        word
        for word in (*block.heads, *block.labels)
        if not any(other is not word and beside_by(word.box, other.box) > 0 for other in block.words)
    ]
    top = min((middle(word.box) for word in block.figures), default=float("inf"))
    beside = [word for word in block.heads if word not in alone]
    rows = [word for word in (*beside, *block.labels) if word not in alone and middle(word.box) < top]
    first = min((word.box.top for word in rows), default=top)
    lowest = max((middle(word.box) for word in beside), default=top)
    across = [word for word in block.heads if sum(is_over(column, word.box, region.size) for column in columns) > 1]
    return [
        word
        for word in alone
        if middle(word.box) < (top if word in across else min(top, lowest if word in block.heads else first))
        and (word in block.heads or is_whole(word.text))
        and not _is_within_brackets(word, block.labels, region.size)
        and not _is_of_heading(word, block, columns, alone, region)
    ]


def _is_within_brackets(word: Word, words: Sequence[Word], size: float) -> bool:
    """Whether a line goes on with a remark in brackets: the lines above it, as those of a cell follow, open some."""
    text, line = "", word
    while True:
        above = [
            other
            for other in words
            if 0 < middle(line.box) - middle(other.box) < NEXT_LINE * size and share_width(other.box, line.box)
        ]
        if not above:
            return False
        line = max(above, key=lambda other: middle(other.box))
        text = line.text + text
        if not is_whole(text):
            return True


def _is_of_heading(word: Word, block: Block, columns: Sequence[_Column], alone: Sequence[Word], region: Region) -> bool:
    size = region.size
    over = [column for column in columns if is_over(column, word.box, size)]
    if len(over) > 1:
        return False
    near = NEXT_LINE * size if over else region.pitch + 0.1 * size  # its figures may stand beside it
    return any(
        other not in alone
        and is_aligned(word.box, other.box, size)
        and region.is_on_one_page(word.box, other.box)
        and abs(middle(word.box) - middle(other.box)) < near
        for other in block.heads
    )


def _is_closed(column: _Column, region: Region) -> bool:
    """Whether nothing but the figures of a column stands between the rules beside it, at their heights."""
    for figure in column.figures:
        left, _, right, _ = region.rules.around(figure.box)
        if left == -INFINITY and right == INFINITY:
            return False
        for word in region.words:
            if not is_unit(word.text) and beside_by(word.box, figure.box) > 0 and not share_width(word.box, figure.box):
                x, _ = centre(word.box)
                if left < x < right:
                    return False
    return True


def _by_rules(columns: Sequence[_Column], rules: Rules) -> list[_Column]:
    """The columns as wide as the rules beside them let them be, those between the same two as one."""
    found: list[_Column] = []
    for column in columns:
        left, _, right, _ = rules.around(box_of(column.figures))
        x0 = left if left > -INFINITY else column.x0
        x1 = right if right < INFINITY else column.x1
        if found and x0 < (found[-1].x0 + found[-1].x1) / 2:
            found[-1].figures += column.figures
        else:
            found.append(_Column(x0, x1, [], column.figures))
    return found


def _side_labels(labels: Sequence[Word], columns: Sequence[_Column], region: Region, ruled: bool) -> list[Word]:
    """The labels that stand for several rows as far as rules tell: no rule between rows reaches them."""
    rules = region.rules
    if region.rows_ruled:
        boxes = [word.box for column in columns for word in column.figures]
        if not boxes:
            return []
        rows = rules.below(min(box.x0 for box in boxes), max(box.x1 for box in boxes))
        ends = [(around_it.top, around_it.bottom) for around_it in (rules.around(word.box) for word in labels)]
        return [
            word
            for word, (top, bottom) in zip(labels, ends, strict=True)
            if any(top + NEAR < row < bottom - NEAR for row in rows)
        ]
    if ruled and columns:
        return [word for word in labels if rules.around(word.box).x1 < columns[0].x0 - NEAR]
    return []


def _gaps(
    columns: Sequence[_Column], labels: Sequence[Word], side: Sequence[Word], region: Region, ruled: bool
) -> tuple[list[tuple[float, float]], int]:
    if ruled:
        inner = [(min(group)[0], min(group)[0]) for group in _stabbed((at, at + NEAR) for at in _ends(side, region))]
    elif region.rows_ruled:
        inner = _gaps_beside(side, labels, region)
    else:
        inner = _label_gaps(labels)
    ends = [max((word.box.x1 for word in labels), default=None), *(column.x1 for column in columns)]
    gaps = [
        (end, column.x0) if end <= column.x0 else (column.x0, column.x0)
        for end, column in zip(ends, columns, strict=False)
        if end is not None
    ]
    words = [word for column in columns for word in (*column.figures, *column.heads)]
    return [*inner, *(_at_rule(gap, words, region) for gap in gaps)], len(inner)


def _at_rule(gap: tuple[float, float], words: Sequence[Word], region: Region) -> tuple[float, float]:
    """The gap, or the rule in it that runs down beside the lowest of the words: parts on other pages end there too."""
    lowest = max((middle(word.box) for word in words), default=0.0)
    low, high = gap[0] - 2 * NEAR, gap[1] + 2 * NEAR
    drawn = [rule.x0 for rule in region.rules.down if low <= rule.x0 <= high and rule.top <= lowest <= rule.bottom]
    return (drawn[0], drawn[0]) if drawn else gap


def _ends(words: Sequence[Word], region: Region) -> list[float]:
    """Where the rules to the right of words lie."""
    return [region.rules.around(word.box).x1 for word in words]


def _gaps_beside(side: Sequence[Word], labels: Sequence[Word], region: Region) -> list[tuple[float, float]]:
    """The gaps between labels for several rows and those of these rows."""
    found = []
    for word in side:
        _, top, _, bottom = region.rules.around(word.box)
        beside = [
            other.box.x0
            for other in labels
            if other.box.x0 >= word.box.x1 and top <= middle(other.box) <= bottom and other is not word
        ]
        if beside:
            found.append((word.box.x1, min(beside)))
    return [(max(low for low, _ in group), min(high for _, high in group)) for group in _stabbed(found)]


def share_label_gaps(blocks: Sequence[Parted]) -> None:
    """Part the labels of each block where those of others are parted, unless words of its own stand there.

    A block may be a row or two, too few to tell columns of labels; together the blocks of a table tell.
    """
    shared = _label_gaps([word for block in blocks for word in block.labels])
    shared += [gap for block in blocks for gap in block.gaps[: block.inner]]
    for block in blocks:
        for low, high in shared:
            inner = block.gaps[: block.inner]
            known = any(low <= other_high and other_low <= high for other_low, other_high in inner)
            crossed = any(word.box.x0 < high and word.box.x1 > low for word in block.labels)
            left = [word.box for word in block.labels if word.box.x1 <= low]
            right = [word.box for word in block.labels if word.box.x0 >= high]
            both = any(beside_by(one, other) > 0 for one in left for other in right)
            if not known and left and (both or not crossed):
                block.gaps[: block.inner] = sorted([*inner, (low, high)])
                block.inner += 1


def _label_gaps(labels: Sequence[Word]) -> list[tuple[float, float]]:
    """The gaps that part columns of labels: where several lines have words on both sides, or one and none crosses."""
    pairs = []
    certain = set()
    for word in labels:
        right = [other for other in labels if other.box.x0 >= word.box.x1 and beside_by(word.box, other.box) > 0]
        if right:
            nearest = min(right, key=lambda other: other.box.x0)
            pairs.append((word.box.x1, nearest.box.x0))
            if is_ordinal(word.text) and is_ordinal(nearest.text):
                certain.add(pairs[-1])  # each begins a label of its own
    found = []
    for group in _stabbed(pairs):
        low, high = max(pair[0] for pair in group), min(pair[1] for pair in group)
        crossing = sum(word.box.x0 < low and word.box.x1 > high for word in labels)
        sides = (sum(word.box.x1 <= low for word in labels), sum(word.box.x0 >= high for word in labels))
        several = len(group) > 1 or (not crossing and min(sides) > 2)
        if not certain.isdisjoint(group) or (several and 3 * len(group) >= crossing):
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


def column_edges(parted: Sequence[Parted], left: float, right: float) -> list[list[float]]:
    """The edges between the columns of each block, at the same place in all blocks where that is possible."""
    groups = _stabbed({gap for block in parted for gap in block.gaps})
    at = {gap: (max(low for low, _ in group) + group[0][1]) / 2 for group in groups for gap in group}
    return [[left, *(at[gap] for gap in block.gaps), right] for block in parted]
