"""Which lines of labels and which figures are one row of a table that no rules part.

Belongs here: pairing lines with heights of figures as a whole. Does not: finding either on a page
(`pipelines.read.aligned.regions` and what follows it). All lengths are in sizes of the type.

A label may be several lines, set to the middle, the top or the bottom of its row; lines of two labels may follow
each other as closely as those of one. So lines are not grouped one by one but by the best pairing of them all.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from pipelines.read.pages import is_unit

MOST_LINES, MOST_LEVELS = 12, 5
"""Lines of a label, and of a figure with its note."""
OFF = 2.0
"""Cost of a label whose place is one size of type away from where it should be."""
NO_FIGURES, NO_LABEL = 1.0, 1.2
PARTED_LINES, NEW_ORDINAL, SHORT_LINE = 3.0, 2.0, 1.0
"""Cost of taking lines together that stand apart, the lower of which begins anew, the upper of which has room."""
RUNS_ON = 0.8
"""Cost of parting lines of which the lower seems to continue the upper."""
BROKEN_FIGURE = 0.5
"""Cost of taking figures on two heights of a column for one; where all of a row's are, one more for each other."""
UNEVEN = 0.1
"""Lines of one cell are evenly apart, but for so much."""
ROOM = 1.6
"""A line that is so much narrower than the widest has room for more."""
ALIGNED = 0.7
"""Lines of a label begin, end or have their middle within this distance."""
NEXT_LINE = 1.5
"""Lines of one cell follow each other within this distance."""
TOO_CLOSE = 0.9
"""Figures nearer than this cannot be of two rows."""
IMPOSSIBLE = 1_000.0
ASKEW = 0.3
"""A label that is so far from where it should be may be another row's."""
CLEAR = 0.5
"""Rows are as they seem if to see them otherwise costs so much more."""

_NUMBER_SO_FAR = re.compile(
    r"[-−–+]?(?!0\d)(?:\d{1,3}(?:,\d{3})*(?:,\d{0,2})?|(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?)"
    r" *[万亿]?[元件项宗条份起个次人%]?(?:\(.*)?",
    re.DOTALL,
)
_BROKEN_OFF = re.compile(r"[-−–+]?\d{1,3}(?:,\d{3})*,\d{0,2}|[-−–+]?\d[\d,]*\.")
_ORDINAL = re.compile(r"^[(（]?(?:\d{1,2}|[一二三四五六七八九十]{1,3})[)）、.．]")


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of a label: its height, extent and text; `band` counts the page ends and ends of headings above it."""

    height: float
    x0: float
    x1: float
    text: str
    band: int


class Figure(NamedTuple):
    """What stands in a column of figures on one height: its extent and text."""

    column: int
    x0: float
    x1: float
    text: str


@dataclass(frozen=True, slots=True)
class Level:
    """Figures of one height; `band` as for lines."""

    height: float
    figures: tuple[Figure, ...]
    band: int


_Place = Callable[[Sequence[float]], float]
"""Where a label stands by the heights of its lines."""


class Pair(NamedTuple):
    """A row: lines and levels, each from the first up to, not including, the last; whether it could be another."""

    lines: tuple[int, int]
    levels: tuple[int, int]
    doubtful: bool = False


def paired(lines: Sequence[TextLine], levels: Sequence[Level], pitch: float | None = None) -> list[Pair]:
    """The rows that lines of labels and levels of figures, both from the top down, are likeliest to be.

    `pitch` is the distance of lines within a cell, where more than these lines tell it.
    """
    pitch = min(pitch or _pitch(lines), _pitch(lines))
    joins = _line_joins(lines, pitch)
    parts = _line_parts(joins)
    widest: dict[int, float] = {}
    for figure in (figure for level in levels for figure in level.figures):
        widest[figure.column] = max(figure.x1 - figure.x0, widest.get(figure.column, 0.0))
    level_joins = [_join_of_levels(levels, at, widest, pitch) for at in range(len(levels) - 1)]
    places = (_centre, _first, _last)
    options = [(*_best(lines, levels, joins, parts, level_joins, place), place) for place in places]
    cost, rows, place = min(options, key=lambda option: option[0])
    others = [set(other) for other_cost, other, _ in options if other_cost < cost + CLEAR]
    told = [
        row._replace(doubtful=_off(lines, levels, row, place) > ASKEW or any(row not in other for other in others))
        for row in rows
    ]
    return _with_broken_figures(told, lines, levels)


def is_put_together(texts: Sequence[str]) -> bool:
    """Whether lines are a number that nothing but its place shows to be one: no thousands that the break parts."""
    found = [unicodedata.normalize("NFKC", text) for text in texts]
    return any(
        upper[-1:].isdigit() and lower[:1].isdigit() and "," not in upper + lower for upper, lower in pairwise(found)
    )


def _with_broken_figures(rows: Sequence[Pair], lines: Sequence[TextLine], levels: Sequence[Level]) -> list[Pair]:
    """The rows, figures without a label that closely follow others in their columns counted as the rest of those.

    A number broken over lines must never lose its end, and a row without a label could not be told anyway.
    """
    found: list[Pair] = []
    for row in rows:
        last = found[-1] if found else None
        if last is not None and lines and row.lines[0] == row.lines[1] and last.levels[0] < last.levels[1]:
            above, below = levels[last.levels[1] - 1], levels[row.levels[0]]
            columns = {figure.column for figure in below.figures}
            over = {figure.column for level in levels[slice(*last.levels)] for figure in level.figures}
            whole = all(goes_on(upper.text, lower.text) for upper, lower in _pairs(above, below))
            if above.band == below.band and below.height - above.height < NEXT_LINE and columns <= over and whole:
                found[-1] = last._replace(levels=(last.levels[0], row.levels[1]))
                continue
        found.append(row)
    return found


def _off(lines: Sequence[TextLine], levels: Sequence[Level], row: Pair, place: _Place) -> float:
    """How far the label of a row is from where it should be."""
    label, figures = lines[slice(*row.lines)], levels[slice(*row.levels)]
    if not label or not figures:
        return 0.0
    return abs(place([line.height for line in label]) - place([level.height for level in figures]))


def _centre(heights: Sequence[float]) -> float:
    return (heights[0] + heights[-1]) / 2


def _first(heights: Sequence[float]) -> float:
    return heights[0]


def _last(heights: Sequence[float]) -> float:
    return heights[-1]


def _pitch(lines: Sequence[TextLine]) -> float:
    """The distance of lines within a label: the least there is."""
    steps = [below.height - above.height for above, below in pairwise(lines)]
    return min((step for step in steps if step > 0.9), default=1.2)


def _line_joins(lines: Sequence[TextLine], pitch: float) -> list[float]:
    """What it costs to take each line together with the next."""
    widest = max((line.x1 - line.x0 for line in lines), default=0.0)
    reach = max((line.x1 for line in lines), default=0.0)
    costs = []
    for above, below in pairwise(lines):
        if above.band != below.band:
            costs.append(IMPOSSIBLE)
            continue
        cost = PARTED_LINES if below.height - above.height > pitch + UNEVEN else 0.0
        if is_ordinal(below.text):
            cost += NEW_ORDINAL
        if above.x1 < reach - ROOM and above.x1 - above.x0 < widest - ROOM:
            cost += SHORT_LINE
        off = (above.x0 - below.x0, (above.x0 + above.x1 - below.x0 - below.x1) / 2, above.x1 - below.x1)
        if min(abs(each) for each in off) > ALIGNED:
            cost += PARTED_LINES
        costs.append(cost)
    return costs


def is_ordinal(text: str) -> bool:
    """Whether what begins a label does: its number."""
    return _ORDINAL.match(unicodedata.normalize("NFKC", text)) is not None


def _line_parts(joins: Sequence[float]) -> list[float]:
    """What it costs to part each line from the next."""
    return [RUNS_ON if cost == 0.0 else 0.0 for cost in joins]


def goes_on(upper: str, lower: str) -> bool:
    """Whether what stands under a number may be its rest: together they are a number as far as it goes."""
    upper, lower = (unicodedata.normalize("NFKC", text) for text in (upper, lower))
    return "(" in upper or _NUMBER_SO_FAR.fullmatch(upper + lower) is not None


def is_broken_off(text: str) -> bool:
    """Whether a number lacks its end: a group of its thousands is not whole, or nothing follows its point."""
    return _BROKEN_OFF.fullmatch(unicodedata.normalize("NFKC", text)) is not None


def _pairs(above: Level, below: Level) -> list[tuple[Figure, Figure]]:
    """The figures of two levels that stand in one column."""
    lower = {figure.column: figure for figure in below.figures}
    return [(figure, lower[figure.column]) for figure in above.figures if figure.column in lower]


def _join_of_levels(levels: Sequence[Level], at: int, widest: Mapping[int, float], pitch: float) -> tuple[float, float]:
    """What it costs to take a level together with the next, and to part them."""
    above, below = levels[at], levels[at + 1]
    if above.band != below.band:
        return IMPOSSIBLE, 0.0
    step = below.height - above.height
    if step < TOO_CLOSE:
        return 0.0, IMPOSSIBLE / 10
    if step > min(NEXT_LINE, pitch + UNEVEN):
        return PARTED_LINES, 0.0
    both = _pairs(above, below)
    if not both:
        return 0.5, 0.0
    if not all(is_rest(upper, lower, widest[upper.column]) for upper, lower in both):
        return IMPOSSIBLE, 0.0
    if any(is_broken_off(upper.text) or is_unit(lower.text) for upper, lower in both):
        return 0.0, IMPOSSIBLE / 10
    # A number broken over lines fills the upper one; two numbers of two rows seldom do. Not all of a row break.
    whole = len(both) == max(len(level.figures) for level in levels)
    narrow = sum(upper.x1 - upper.x0 < max(lower.x1 - lower.x0, 2.0) for upper, lower in both)
    return BROKEN_FIGURE + (len(both) - 1 if whole else 0) + narrow * 2.0, 0.0


def is_rest(upper: Figure, lower: Figure, widest: float) -> bool:
    """Whether `lower` may be the rest of `upper`: its next sign had no room where others of the column have more."""
    if not goes_on(upper.text, lower.text) and not is_broken_off(upper.text):
        return False
    if not upper.text[-1:].isdigit() or is_unit(lower.text):
        return True
    sign = (upper.x1 - upper.x0) / len(upper.text)
    return upper.x1 - upper.x0 + 0.9 * sign > widest


def _best(
    lines: Sequence[TextLine],
    levels: Sequence[Level],
    joins: Sequence[float],
    parts: Sequence[float],
    level_joins: Sequence[tuple[float, float]],
    place: _Place,
) -> tuple[float, list[Pair]]:
    """The cheapest pairing with labels set to `place` of their rows, with its cost."""
    count, depth = len(lines), len(levels)
    width = max((len(level.figures) for level in levels), default=0)
    best = [[IMPOSSIBLE * 100] * (depth + 1) for _ in range(count + 1)]
    step: list[list[tuple[int, int]]] = [[(0, 0)] * (depth + 1) for _ in range(count + 1)]
    best[count][depth] = 0.0
    for i in range(count, -1, -1):
        for k in range(depth, -1, -1):
            if i == count and k == depth:
                continue
            line_cost = 0.0
            for taken in range(min(MOST_LINES, count - i) + 1):
                if taken > 1:
                    line_cost += joins[i + taken - 2]
                if line_cost >= IMPOSSIBLE:
                    break
                after = parts[i + taken - 1] if taken > 0 and i + taken < count else 0.0
                level_cost = 0.0
                for held in range(min(MOST_LEVELS, depth - k) + 1):
                    if held > 1:
                        level_cost += level_joins[k + held - 2][0]
                    if level_cost >= IMPOSSIBLE:
                        break
                    if not taken and not held:
                        continue
                    cost = line_cost + level_cost + after + best[i + taken][k + held]
                    if held > 0 and k + held < depth:
                        cost += level_joins[k + held - 1][1]
                    if cost >= best[i][k]:
                        continue
                    cost += _fit(lines[i : i + taken], levels[k : k + held], place, width)
                    if cost < best[i][k]:
                        best[i][k], step[i][k] = cost, (taken, held)
    return best[0][0], _path(step, count, depth)


def _fit(lines: Sequence[TextLine], levels: Sequence[Level], place: _Place, width: int) -> float:
    """What it costs that these lines label these figures; a row has about `width` of them."""
    if not levels:
        return NO_FIGURES
    if not lines:
        return NO_LABEL + (PARTED_LINES if 2 * max(len(level.figures) for level in levels) < width else 0.0)
    if lines[0].band != levels[0].band:
        return IMPOSSIBLE
    whole = Pair((0, len(lines)), (0, len(levels)))
    return OFF * _off(lines, levels, whole, place)


def _path(step: Sequence[Sequence[tuple[int, int]]], count: int, depth: int) -> list[Pair]:
    found = []
    i = k = 0
    while i < count or k < depth:
        taken, held = step[i][k]
        found.append(Pair((i, i + taken), (k, k + held)))
        i, k = i + taken, k + held
    return found
