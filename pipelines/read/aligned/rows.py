"""Which lines of labels and which figures are one row of a table that no rules part.

Belongs here: pairing lines with heights of figures as a whole. Does not: finding either on a page
(`pipelines.read.aligned.regions` and what follows it). All lengths are in sizes of the type.

A label may be several lines, set to the middle, the top or the bottom of its row; lines of two labels may follow
each other as closely as those of one. So lines are not grouped one by one but by the best pairing of them all.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from pipelines.read.aligned.words import NEXT_LINE, is_ordinal
from pipelines.read.pages import MANY, is_figure, is_unit

MOST_LINES, MOST_LEVELS = 12, 5
"""Lines of a label, and of a figure with its note."""
OFF = 2.0
"""Cost of a label whose place is one size of type away from where it should be."""
NO_FIGURES, NO_LABEL = 1.0, 2.5
PARTED_LINES, NEW_ORDINAL, SHORT_LINE = 3.0, 2.0, 1.0
"""Cost of taking lines together that stand apart, the lower of which begins anew, the upper of which has room."""
RUNS_ON = 0.8
"""Cost of parting lines of which the lower seems to continue the upper."""
BROKEN_FIGURE, ALL_BROKEN = 0.5, 1.5
"""Cost of taking figures on two heights of a column for one, and those of a whole row."""
UNEVEN = 0.1
"""Lines of one cell are evenly apart, but for so much."""
ROOM = 1.6
"""A line that is so much narrower than the widest has room for more."""
ALIGNED = 1.0
"""Lines of a label begin, end or have their middle within this distance."""
TOO_CLOSE = 0.9
"""Figures nearer than this cannot be of two rows."""
FAR = 8.0
"""Rows end on one height: lines and levels so far from each other are of two."""
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
_SPACE = re.compile(r"(?<=\d) (?=\d)")
_BROKEN_OFF = re.compile(r"[-−–+]?\d{1,3}(?:,\d{3})*,\d{0,2}|[-−–+]?\d[\d,]*\.")


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


_Place = Callable[[float, float], float]
"""Where a label stands by the heights of its first and of its last line."""


class Pair(NamedTuple):
    """A row: lines and levels, each from the first up to, not including, the last; whether it could be another."""

    lines: tuple[int, int]
    levels: tuple[int, int]
    doubtful: bool = False


def paired(
    lines: Sequence[TextLine],
    levels: Sequence[Level],
    pitch: float | None = None,
    widths: Mapping[int, float] | None = None,
) -> list[Pair]:
    """The rows that lines of labels and levels of figures, both from the top down, are likeliest to be.

    `pitch` is the distance of lines within a cell, where more than these lines tell it; `widths` are those that the
    headings of the columns have.
    """
    pitch = min(pitch or _pitch(lines), _pitch(lines))
    runs = _Runs(lines, levels, _line_joins(lines, pitch), _level_joins(levels, pitch, widths or {}))
    options = [(*_best(runs, place), place) for place in (_centre, _first, _last)]
    cost, rows, place = min(options, key=lambda option: option[0])
    others = [set(other) for other_cost, other, _ in options if other_cost < cost + CLEAR]
    told = [
        row._replace(doubtful=runs.off(row, place) > ASKEW or any(row not in other for other in others)) for row in rows
    ]
    return _with_broken_figures(told, lines, levels)


@dataclass(frozen=True, slots=True)
class _Runs:
    """Lines and levels, and what it costs to take runs of them together.

    Args:
        lines: the lines of labels.
        levels: the levels of figures.
        line_joins: the cost of taking each line together with the next.
        level_joins: the costs of taking the levels after each together with it: one more each time, and of parting
            that one from those before.
    """

    lines: Sequence[TextLine]
    levels: Sequence[Level]
    line_joins: Sequence[float]
    level_joins: Sequence[Sequence[tuple[float, float]]]

    def off(self, row: Pair, place: _Place) -> float:
        """How far the label of a row is from where it should be."""
        (first, end), (top, bottom) = row.lines, row.levels
        if first == end or top == bottom:
            return 0.0
        label = place(self.lines[first].height, self.lines[end - 1].height)
        return abs(label - place(self.levels[top].height, self.levels[bottom - 1].height))


def is_put_together(texts: Sequence[str]) -> bool:
    """Whether lines are a number that nothing but its place shows to be one: no thousands that the break parts."""
    found = [_normal(text) for text in texts]
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
            whole = all(goes_on(upper.text, lower.text) for upper, lower in _pairs(above.figures, below))
            if above.band == below.band and below.height - above.height < NEXT_LINE and columns <= over and whole:
                found[-1] = last._replace(levels=(last.levels[0], row.levels[1]))
                continue
        found.append(row)
    return found


def _centre(first: float, last: float) -> float:
    return (first + last) / 2


def _first(first: float, last: float) -> float:  # noqa: ARG001 - one of several places
    return first


def _last(first: float, last: float) -> float:  # noqa: ARG001 - one of several places
    return last


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


def goes_on(upper: str, lower: str) -> bool:
    """Whether what stands under a number may be its rest: together they are a number as far as it goes."""
    upper, lower = _normal(upper), _normal(lower)
    return "(" in upper or _NUMBER_SO_FAR.fullmatch(upper + lower) is not None


def is_broken_off(text: str) -> bool:
    """Whether a number lacks its end: a group of its thousands is not whole, or nothing follows its point."""
    return _BROKEN_OFF.fullmatch(_normal(text)) is not None


@lru_cache(MANY)
def _normal(text: str) -> str:
    """A number with its digits as ASCII has them, thousands parted by commas: some are by spaces."""
    return _SPACE.sub(",", unicodedata.normalize("NFKC", text))


def _pairs(above: Iterable[Figure], below: Level) -> list[tuple[Figure, Figure]]:
    """The figures of a level, each after the one over it in its column."""
    lower = {figure.column: figure for figure in below.figures}
    return [(figure, lower[figure.column]) for figure in above if figure.column in lower]


def _level_joins(levels: Sequence[Level], pitch: float, widths: Mapping[int, float]) -> list[list[tuple[float, float]]]:
    """What it costs to take the levels after each together with it, as `_Runs` has it."""
    widest = dict(widths)
    for figure in (figure for level in levels for figure in level.figures):
        widest[figure.column] = max(figure.x1 - figure.x0, widest.get(figure.column, 0.0))
    return [_joins_from(levels, start, widest, pitch) for start in range(len(levels))]


def _joins_from(
    levels: Sequence[Level], start: int, widest: Mapping[int, float], pitch: float
) -> list[tuple[float, float]]:
    count = max(len(level.figures) for level in levels)
    so_far = {figure.column: (figure, "") for figure in levels[start].figures}
    costs: list[tuple[float, float]] = []
    for above, below in pairwise(levels[start : start + MOST_LEVELS + 1]):
        both = [(*so_far[figure.column], figure) for figure in below.figures if figure.column in so_far]
        costs.append(_join_of_levels(above, below, both, widest, pitch, count))
        if costs[-1][0] >= IMPOSSIBLE:
            break
        so_far |= {figure.column: (figure, before + upper.text) for upper, before, figure in both}
        so_far |= {figure.column: (figure, "") for figure in below.figures if figure.column not in so_far}
    return costs


def _join_of_levels(
    above: Level,
    below: Level,
    both: Sequence[tuple[Figure, str, Figure]],
    widest: Mapping[int, float],
    pitch: float,
    count: int,
) -> tuple[float, float]:
    """What it costs to take a level together with those before it, and to part it from them.

    `both` are the figures before it in each of its columns, what stands over these, and its own; `count` is how many
    figures stand on the fullest level.
    """
    if above.band != below.band:
        return IMPOSSIBLE, 0.0
    step = below.height - above.height
    if step < TOO_CLOSE:
        return 0.0, IMPOSSIBLE / 10
    if step > min(NEXT_LINE, pitch + UNEVEN):
        return PARTED_LINES, 0.0
    if not both:
        return 0.5, 0.0
    if not all(is_rest(upper, lower, widest[lower.column], before) for upper, before, lower in both):
        return IMPOSSIBLE, 0.0
    if any(is_broken_off(before + upper.text) or is_unit(lower.text) for upper, before, lower in both):
        return 0.0, IMPOSSIBLE / 10
    # A number broken over lines fills the upper one; two numbers of two rows seldom do. Not all of a row break.
    narrow = sum(upper.x1 - upper.x0 < lower.x1 - lower.x0 for upper, _, lower in both)
    return (ALL_BROKEN if len(both) == count > 1 else BROKEN_FIGURE) + narrow * 2.0, 0.0


def is_rest(upper: Figure, lower: Figure, widest: float, before: str = "") -> bool:
    """Whether `lower` may be the rest of `upper`: its next sign had no room where others of the column have more.

    `before` is what stands over `upper` of the same number.
    """
    so_far = before + upper.text
    if is_broken_off(so_far):
        return True
    if not (is_figure(upper.text) or is_figure(lower.text)):
        return True  # the lines of a text in place of a figure
    if not goes_on(so_far, lower.text):
        return False
    if not upper.text[-1:].isdigit() or is_unit(lower.text):
        return True
    sign = (upper.x1 - upper.x0) / len(upper.text)
    return upper.x1 - upper.x0 + 0.9 * sign > widest


def _best(runs: _Runs, place: _Place) -> tuple[float, list[Pair]]:
    """The cheapest pairing with labels set to `place` of their rows, with its cost."""
    lines, levels = runs.lines, runs.levels
    count, depth = len(lines), len(levels)
    width = max((len(level.figures) for level in levels), default=0)
    best = [[IMPOSSIBLE * 100] * (depth + 1) for _ in range(count + 1)]
    step: list[list[tuple[int, int]]] = [[(0, 0)] * (depth + 1) for _ in range(count + 1)]
    best[count][depth] = 0.0
    for i in range(count, -1, -1):
        labels = list(_labels_from(runs, i))
        for k in range(depth, -1, -1):
            if (i == count and k == depth) or _is_out_of_step(lines, levels, i, k):
                continue
            figures = list(_figures_from(runs, k))
            least, chosen = best[i][k], (0, 0)
            for taken, line_cost in labels:
                for held, level_cost in figures:
                    cost = line_cost + level_cost + best[i + taken][k + held]
                    if cost >= least or not taken + held:
                        continue
                    cost += _fit(runs, Pair((i, i + taken), (k, k + held)), place, width)
                    if cost < least:
                        least, chosen = cost, (taken, held)
            best[i][k], step[i][k] = least, chosen
    return best[0][0], _path(step, count, depth)


def _is_out_of_step(lines: Sequence[TextLine], levels: Sequence[Level], i: int, k: int) -> bool:
    """Whether rows cannot end so: what is left of lines or levels begins far above what is done of the others."""
    late = i > 0 and k < len(levels) and levels[k].height < lines[i - 1].height - FAR
    early = k > 0 and i < len(lines) and lines[i].height < levels[k - 1].height - FAR
    return late or early


def _labels_from(runs: _Runs, start: int) -> Iterator[tuple[int, float]]:
    """How many lines from one on may be a label, with the cost of taking them together and parting them from others."""
    yield 0, 0.0
    cost = 0.0
    for taken in range(1, min(MOST_LINES, len(runs.lines) - start) + 1):
        if taken > 1:
            cost += runs.line_joins[start + taken - 2]
        if cost >= IMPOSSIBLE:
            return
        goes_further = start + taken < len(runs.lines) and runs.line_joins[start + taken - 1] == 0.0
        yield taken, cost + (RUNS_ON if goes_further else 0.0)


def _figures_from(runs: _Runs, start: int) -> Iterator[tuple[int, float]]:
    """How many levels from one on may be of one row, with the cost likewise."""
    yield 0, 0.0
    cost = 0.0
    if start == len(runs.levels):
        return
    joins = runs.level_joins[start]
    for held in range(1, min(MOST_LEVELS, len(runs.levels) - start) + 1):
        if held > 1:
            cost += joins[held - 2][0]
        if cost >= IMPOSSIBLE:
            return
        yield held, cost + (joins[held - 1][1] if held <= len(joins) else 0.0)


def _fit(runs: _Runs, row: Pair, place: _Place, width: int) -> float:
    """What it costs that these lines label these figures; a row has about `width` of them."""
    (first, end), (top, bottom) = row.lines, row.levels
    if top == bottom:
        return NO_FIGURES
    if first == end:
        fullest = max(len(level.figures) for level in runs.levels[top:bottom])
        return NO_LABEL + (PARTED_LINES if 2 * fullest < width else 0.0)
    if runs.lines[first].band != runs.levels[top].band:
        return IMPOSSIBLE
    return OFF * runs.off(row, place)


def _path(step: Sequence[Sequence[tuple[int, int]]], count: int, depth: int) -> list[Pair]:
    found = []
    i = k = 0
    while i < count or k < depth:
        taken, held = step[i][k]
        found.append(Pair((i, i + taken), (k, k + held)))
        i, k = i + taken, k + held
    return found
