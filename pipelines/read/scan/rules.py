"""Finding the rules of tables in an upright picture.

Belongs here: which pixels are a drawn line. Does not: which lines make cells (`pipelines.read.ruling`).
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.read.scan.picture import Picture, as_picture

SHORTEST_ACROSS = 2.0
"""A horizontal rule is longer than two characters, or a dash would be one."""
SHORTEST_DOWN = 1.1
"""A vertical rule is as long as the lowest row is high; no stroke of a character is."""
LOWEST_ROW, LOW = 0.55, 0.8
"""Height of the lowest row between rules, which double borders are nearer to, and share of it over which a vertical
rule in it is found."""
LONG_ENOUGH = 0.99
"""A vertical line that is shorter ends at others on both sides, or it is a stroke."""
SURE, SURE_ACROSS = 2.5, 8.0
"""A vertical or horizontal line as long as this is a rule wherever it ends."""
SURE_BROKEN, SAME_LINE = 12.0, 0.1
"""So are lines that are together as long as this and lie within so much of one height."""
NARROWEST, WIDEST = 6.0, 20.0
"""A table is at least this wide; a large character with a frame in it is not. Two rules alone are one as wide as the
other, whose sides are open."""
AVERAGED = 0.5
"""Length over which a line's ink is averaged: gaps in it are wear, and noise is not a line."""
CLIPPED = 2.0
"""Ink counts as no darker than so many times the faintest rule: else what is left of dark strokes bridges gaps."""
BRIDGED = 0.3
"""Gaps up to this long are bridged as well; between lines of text there are longer ones."""
LEVEL = 0.35
"""Contrast of the faintest rule as a share of that of the long ones: the rules of a page are drawn alike."""
TOUCHING = 0.35
"""How near the end of a rule is to another one where they meet."""
SAME_END = 0.5
"""Borders that a page break cuts end within so much of each other."""
WIDTH, BESIDE = 0.12, 0.25
"""Half the width of the thickest rule, and how far beyond there is paper somewhere: beside a bar there is none."""
FAINTEST = 0.05
"""Contrast of the faintest rule, as a share of that of the darkest ink: a hairline is blurred to a fraction of it."""
LEAST_CONTRAST, CHANCE, QUARTILE = 6.0, 6.0, 0.674
"""Grey levels below which nothing is told from paper; standard deviations of its grain above which ink is no chance,
and how many of them a quartile lies away from the middle."""

STANDS_OUT = 2.2
"""How many times as dark as grain ever is the rules are that are found wherever there is one."""

# All lengths above are in characters (`em`), so that they hold at any resolution and for any size of print.


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line in pixels."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def is_vertical(self) -> bool:
        """Whether it runs down the page."""
        return self.y1 - self.y0 > self.x1 - self.x0

    @property
    def length(self) -> float:
        """Its longer side."""
        return max(self.x1 - self.x0, self.y1 - self.y0)


@dataclass(frozen=True, slots=True)
class Ruled:
    """The rules of a page.

    Args:
        tables: the rules of each table: those that hang together, at least two down and one across.
        mask: 255 where a rule of a table is drawn.
    """

    tables: tuple[tuple[Rule, ...], ...]
    mask: Picture


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines found in one direction: label of each pixel (0: none) and the line of each label from 1."""

    labels: npt.NDArray[np.int32]
    rules: tuple[Rule, ...]

    def pixels(self) -> dict[Rule, tuple[int, int]]:
        """Row and column of a pixel of each line."""
        ys, xs = np.nonzero(self.labels)
        numbers, at = np.unique(self.labels[ys, xs], return_index=True)
        found = zip(numbers.tolist(), ys[at].tolist(), xs[at].tolist(), strict=True)
        return {self.rules[number - 1]: (y, x) for number, y, x in found}

    def mask(self, kept: Container[Rule]) -> Picture:
        """255 where one of the lines `kept` is drawn."""
        shown = np.array([0, *(255 * (rule in kept) for rule in self.rules)], dtype=np.uint8)
        return as_picture(shown[self.labels])


def find_rules(darkness: Picture, em: float) -> Ruled:
    """The rules of the tables on a page.

    Args:
        darkness: how much darker than the paper around it each pixel is.
        em: size of the smaller characters of the page in pixels.
    """
    least = max(LEAST_CONTRAST, FAINTEST * float(np.percentile(darkness, 99.5)), _grain(darkness, em))
    long = _lines(darkness, em, least, SURE_ACROSS).rules
    least = max(least, LEVEL * _level(darkness, long))
    across = _lines(darkness, em, least, SHORTEST_ACROSS)
    turned = _lines(np.ascontiguousarray(darkness.T), em, least, _lowest_row(across.rules, em))
    down = _Lines(turned.labels.T, tuple(Rule(rule.y0, rule.x0, rule.y1, rule.x1) for rule in turned.rules))
    kept = _framing(across.rules, down.rules, em)
    mask = as_picture(cv2.bitwise_or(across.mask(kept), down.mask(kept)))
    count, hanging = cv2.connectedComponents(cv2.dilate(mask, np.ones((5, 5), np.uint8)))
    tables: list[list[Rule]] = [[] for _ in range(count)]
    for rule, pixel in {**across.pixels(), **down.pixels()}.items():
        if rule in kept:
            tables[int(hanging[pixel])].append(rule)
    found = _with_borders([group for group in tables[1:] if _is_table(group, list(kept), em)], down.rules, em)
    drawn = {rule for group in found for rule in group}
    return Ruled(found, as_picture(cv2.bitwise_or(across.mask(drawn), down.mask(drawn))))


def _lowest_row(across: Sequence[Rule], em: float) -> float:
    """Least height (characters) of a vertical rule, by the rows between long rules as long as each other.

    Where a row of a table stands alone among large prose, it is hardly as high as a character of that.
    """
    long = sorted((rule for rule in across if rule.length >= WIDEST * em), key=lambda rule: rule.y0)
    heights = [(below.y0 - above.y0) / em for above, below in pairwise(long) if _as_long(above, below, em)]
    return LOW * min(
        (height for height in heights if LOWEST_ROW <= height < SHORTEST_DOWN / LOW), default=SHORTEST_DOWN / LOW
    )


def _with_borders(tables: Sequence[list[Rule]], down: Sequence[Rule], em: float) -> tuple[tuple[Rule, ...], ...]:
    """The tables with the borders of cells that fill a page from break to break: nothing across meets these."""
    hanging = {rule for table in tables for rule in table}
    found = []
    for table in tables:
        top, bottom = min(rule.y0 for rule in table), max(rule.y1 for rule in table)
        beside = [
            rule
            for rule in down
            if rule not in hanging and abs(rule.y0 - top) <= SAME_END * em and abs(rule.y1 - bottom) <= SAME_END * em
        ]
        found.append((*table, *beside))
    return tuple(found)


def _grain(darkness: Picture, em: float) -> float:
    """How dark the grain of the paper hardly ever is, averaged along a line."""
    low, middle = np.percentile(cv2.blur(darkness[:: round(em)].astype(np.float32), (_odd(AVERAGED * em), 1)), (25, 50))
    return float(middle + CHANCE * (middle - low) / QUARTILE)


def _level(darkness: Picture, rules: Sequence[Rule]) -> float:
    """How dark the fainter ones of horizontal rules are."""
    levels = [
        float(
            np.median(
                darkness[max(0, round(rule.y0) - 1) : round(rule.y0) + 2, round(rule.x0) : round(rule.x1)].max(axis=0)
            )
        )
        for rule in rules
    ]
    return float(np.percentile(levels, 25)) if levels else 0.0


def are_faint(tables: Sequence[Sequence[Rule]], darkness: Picture, em: float) -> bool:
    """Whether the rules that were found hardly stand out of the grain of the paper: others are not found then."""
    across = [rule for table in tables for rule in table if not rule.is_vertical]
    return bool(across) and _level(darkness, across) < STANDS_OUT * _grain(darkness, em)


def _lines(darkness: Picture, em: float, least: float, shortest: float) -> _Lines:
    """The horizontal lines of at least `shortest` characters."""
    ink = cv2.dilate((darkness > least).astype(np.uint8) * 255, np.ones((3, 1), np.uint8))
    # Averaging along the line brings a faint one out of the noise; letting it be a pixel higher lets it slope.
    clipped = np.minimum(darkness, min(255, round(CLIPPED * least))).astype(np.uint8)
    along = as_picture(cv2.blur(clipped, (_odd(AVERAGED * em), 1)))
    dark = cv2.dilate((_ridge(along, em) > least).astype(np.uint8) * 255, np.ones((3, 1), np.uint8))
    lines = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((1, _odd(BRIDGED * em)), np.uint8))
    lines = cv2.morphologyEx(lines, cv2.MORPH_OPEN, np.ones((1, _odd(shortest * em)), np.uint8))
    return _segments(as_picture(lines), as_picture(ink), shortest * em)


def _ridge(along: Picture, em: float) -> Picture:
    """How much darker each pixel is than the lightest paper nearby, above it and below it."""
    reach, away = max(2, round(WIDTH * em)), round(BESIDE * em)
    lightest = as_picture(cv2.erode(along, np.ones((away, 1), np.uint8)))
    shift = reach + away // 2
    return as_picture(cv2.subtract(along, cv2.max(_shifted(lightest, shift), _shifted(lightest, -shift))))


def _shifted(picture: Picture, rows: int) -> Picture:
    """The picture moved down by some rows, or up, its edge rows repeated."""
    if rows > 0:
        return as_picture(cv2.copyMakeBorder(picture[:-rows], rows, 0, 0, 0, cv2.BORDER_REPLICATE))
    return as_picture(cv2.copyMakeBorder(picture[-rows:], 0, -rows, 0, 0, cv2.BORDER_REPLICATE))


def _odd(length: float) -> int:
    """An odd number of pixels: what a filter of even length leaves is shifted by half a pixel."""
    return 2 * round((length - 1) / 2) + 1


def _segments(lines: Picture, ink: Picture, shortest: float) -> _Lines:
    """The lines of a mask, each along the middle of its pixels and as far as there is ink."""
    count, labels = cv2.connectedComponents(lines)
    ys, xs = np.nonzero((lines > 0) & (ink > 0))
    of = np.asarray(labels[ys, xs], dtype=np.int64)
    middle = np.bincount(of, ys, count) / np.maximum(1, np.bincount(of, minlength=count))
    first = np.full(count, lines.shape[1], dtype=np.int64)
    last = np.zeros(count, dtype=np.int64)
    np.minimum.at(first, of, xs)
    np.maximum.at(last, of, xs)
    long = np.flatnonzero(last - first >= 0.9 * shortest)  # averaging had made it longer
    places = np.zeros(count, dtype=np.int32)
    places[long] = np.arange(1, len(long) + 1)
    rules = tuple(Rule(float(first[at]), float(middle[at]), float(last[at]), float(middle[at])) for at in long)
    return _Lines(places[labels], rules)


def _framing(across: Sequence[Rule], down: Sequence[Rule], em: float) -> dict[Rule, None]:
    """The lines but for strokes of large or dense print: a short line is a rule if both its ends are at others.

    A row that a page break cuts has rules that hang from the one above, and end at the same height; so a vertical line
    need only end at one other, unless it is as short as a stroke.
    """
    reach = TOUCHING * em
    broken = {rule for rule in across if _in_one_line(rule, across, em) >= SURE_BROKEN * em}
    while True:
        kept_down = [
            rule
            for rule in down
            if rule.length >= SURE * em or _ends(rule, across, reach, rule.length < LONG_ENOUGH * em)
        ]
        kept_across = [
            rule
            for rule in across
            if rule.length >= SURE_ACROSS * em or rule in broken or _ends(rule, kept_down, reach, True)
        ]
        if len(kept_down) == len(down) and len(kept_across) == len(across):
            return dict.fromkeys([*across, *down])
        across, down = kept_across, kept_down


def _in_one_line(rule: Rule, across: Sequence[Rule], em: float) -> float:
    """How long all the horizontal lines are together that are at the height of one: text close to a rule breaks it."""
    return sum(other.length for other in across if abs(other.y0 - rule.y0) <= SAME_LINE * em)


def _ends(rule: Rule, others: Sequence[Rule], reach: float, on_both: bool) -> bool:
    """Whether a line ends at `others`, on both sides or on either."""
    starts, ends = _meets(rule.x0, rule.y0, others, reach), _meets(rule.x1, rule.y1, others, reach)
    return starts and ends if on_both else starts or ends


def _meets(x: float, y: float, others: Sequence[Rule], reach: float) -> bool:
    """Whether one of the lines passes the point."""
    return any(
        other.x0 - reach <= x <= other.x1 + reach and other.y0 - reach <= y <= other.y1 + reach for other in others
    )


def _is_table(rules: Sequence[Rule], others: Sequence[Rule], em: float) -> bool:
    """Whether rules that hang together are those of a table, beside all `others` of the page."""
    down = [rule for rule in rules if rule.is_vertical]
    across = [rule for rule in rules if not rule.is_vertical]
    if not down or not across:
        return False
    # Where the sides are open, a row that a page break leaves alone has one rule across and one down.
    if len(down) + len(across) < 3:
        long_down = down[0].length >= SURE * em or any(_as_long(across[0], other, em) for other in others)
        return across[0].length >= WIDEST * em and long_down
    return max(rule.x1 for rule in across) - min(rule.x0 for rule in across) >= NARROWEST * em


def _as_long(one: Rule, other: Rule, em: float) -> bool:
    """Whether another horizontal rule starts and ends where one does, as those of one table do."""
    if other is one or other.is_vertical:
        return False
    return max(abs(one.x0 - other.x0), abs(one.x1 - other.x1)) <= TOUCHING * em
