"""The rules of a table that has only some: what they part, and what they close.

Belongs here: what follows from where rules lie. Does not: what alignment tells where none are drawn.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from pipelines.read.aligned.rows import Figure, is_rest
from pipelines.read.aligned.words import NEXT_LINE, share_width
from pipelines.read.boxes import around, centre, middle
from pipelines.read.document import Box
from pipelines.read.pages import Word, is_figure

NEAR = 1.5
"""What lies no farther from a rule (points) is at it."""
UNDER = 0.4
"""An underline is no farther below a word (of its size)."""
RULED = 0.75
"""Share of the figures beside each other between which rules lie, in a table in which they part all columns."""
UNEVEN = 0.25
"""What digits of one font may differ by (of their size)."""
INFINITY = float("inf")


@dataclass(frozen=True)
class Rules:
    """Rules, across and down, each as a box without height or without width."""

    across: tuple[Box, ...] = ()
    down: tuple[Box, ...] = ()
    _known: dict[Box, Box] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def all(self) -> tuple[Box, ...]:
        """All of them."""
        return self.across + self.down

    def around(self, box: Box) -> Box:
        """How far it is from the middle of a box to the next rules on its four sides; infinitely where none is."""
        known = self._known.get(box)
        if known is None:
            known = self._known[box] = self._around((box.x0 + box.x1) / 2, middle(box))
        return known

    def _around(self, x: float, y: float) -> Box:
        across = [rule.top for rule in self.across if rule.x0 - NEAR <= x <= rule.x1 + NEAR]
        down = [rule.x0 for rule in self.down if rule.top - NEAR <= y <= rule.bottom + NEAR]
        return Box(
            max((at for at in down if at <= x), default=-INFINITY),
            max((at for at in across if at <= y), default=-INFINITY),
            min((at for at in down if at > x), default=INFINITY),
            min((at for at in across if at > y), default=INFINITY),
        )

    def part(self, one: Box, other: Box) -> bool:
        """Whether both cannot be in one cell: a rule runs through the box around them, between their middles."""
        return self.part_down(one, other) or self.part_across(one, other)

    def part_down(self, one: Box, other: Box) -> bool:
        """Whether a rule between them runs across, so that one is below the other."""
        box = around([one, other])
        low, high = sorted((middle(one), middle(other)))
        return any(
            low < rule.top < high and rule.x0 < box.x1 - NEAR and rule.x1 > box.x0 + NEAR for rule in self.across
        )

    def part_across(self, one: Box, other: Box) -> bool:
        """Whether a rule between them runs down, so that one is beside the other."""
        box = around([one, other])
        left, right = sorted(((one.x0 + one.x1) / 2, (other.x0 + other.x1) / 2))
        return any(
            left < rule.x0 < right and rule.top < box.bottom - NEAR and rule.bottom > box.top + NEAR
            for rule in self.down
        )

    def below(self, x0: float, x1: float) -> list[float]:
        """The heights of the rules that lie under all of a width, from the top down."""
        return sorted(rule.top for rule in self.across if rule.x0 <= x0 + NEAR and rule.x1 >= x1 - NEAR)


def table_rules(rules: Iterable[Box], words: Sequence[Word]) -> Rules:
    """The rules among and around the words of a table, without underlines."""
    box = around([word.box for word in words])
    size = max(word.size for word in words)
    near = [
        rule
        for rule in rules
        if rule.bottom > box.top - 3 * size
        and rule.top < box.bottom + 3 * size
        and rule.x1 > box.x0 - 3 * size
        and rule.x0 < box.x1 + 3 * size
    ]
    across = [rule for rule in near if rule.x1 - rule.x0 > rule.bottom - rule.top]
    down = [rule for rule in near if rule.x1 - rule.x0 <= rule.bottom - rule.top]
    return Rules(tuple(rule for rule in across if not any(_underlines(rule, word) for word in words)), tuple(down))


def _underlines(rule: Box, word: Word) -> bool:
    """Whether a rule is as long as a word and just below it."""
    box = word.box
    alike = abs(rule.x0 - box.x0) <= NEAR and abs(rule.x1 - box.x1) <= NEAR
    return alike and -UNDER * word.size <= rule.top - box.bottom <= UNDER * word.size


def part_rows(
    rules: Rules, levels: Sequence[Sequence[Word]], words: Sequence[Word], page_starts: Sequence[float]
) -> bool:
    """Whether rules part all rows: between any two heights of figures is one, or a page ends, or a number goes on.

    `levels` are the figures among the words of the table, by height. Where all stand at one, the headings tell.
    """
    if len(levels) == 1:
        return _part_headings(rules, levels[0], words, page_starts)
    parted = 0
    for upper, lower in pairwise(levels):
        if any(middle(upper[0].box) < start <= middle(lower[0].box) for start in page_starts):
            continue
        if any(rules.part_down(one.box, other.box) for one in upper for other in lower):
            parted += 1
        elif not _could_go_on(upper, lower, words):
            return False
    return parted > 0


def _part_headings(rules: Rules, figures: Sequence[Word], words: Sequence[Word], page_starts: Sequence[float]) -> bool:
    """Whether rules part headings, of those over figures, from each other."""
    top = min(figure.box.top for figure in figures)
    heads = [word.box for word in words if word.box.bottom < top]
    return any(
        rules.part_down(one, other) and not any(middle(one) < start < middle(other) for start in page_starts)
        for one in heads
        for other in heads
        if one.top < other.top and share_width(one, other)
    )


def _could_go_on(upper: Sequence[Word], lower: Sequence[Word], words: Sequence[Word]) -> bool:
    """Whether figures may be those of one row, at different heights or broken over lines."""
    for one in upper:
        for other in lower:
            if not share_width(one.box, other.box):
                continue
            if middle(other.box) - middle(one.box) > NEXT_LINE * one.size:
                return False
            beside = [figure.box for figure in (*upper, *lower) if figure is not one and figure is not other]
            widest = min((abs(centre(box)[0] - centre(one.box)[0]) for box in beside), default=INFINITY)
            column = [
                width
                for word in words
                if share_width(word.box, one.box) and not any(share_width(word.box, box) for box in beside)
                if (width := word.box.x1 - word.box.x0) < max(widest, one.box.x1 - one.box.x0 + NEAR)
            ]
            room = max(column) - UNEVEN * one.size
            if not is_rest(Figure(0, *one.box[::2], one.text), Figure(0, *other.box[::2], other.text), room):
                return False
    return True


def part_columns(rules: Rules, words: Sequence[Word]) -> bool:
    """Whether rules lie between about all figures that stand beside each other."""
    if not rules.down:
        return False
    figures = sorted((word for word in words if is_figure(word.text)), key=lambda word: (middle(word.box), word.box.x0))
    pairs = [
        (one, other)
        for one, other in pairwise(figures)
        if abs(middle(one.box) - middle(other.box)) < NEAR and other.box.x0 > one.box.x1
    ]
    parted = sum(rules.part_across(one.box, other.box) for one, other in pairs)
    return len(pairs) > 1 and parted >= RULED * len(pairs)
