"""What the shape of the ink in a cell tells by itself: dashes and slashes, a minus sign, how many digits there are.

Belongs here: marks that an engine trained on lines of text takes for digits or overlooks. Does not: cutting lines
out of cells, or reading them. Each of these marks is plain in the picture: it is flat, or a slanting stroke.
"""

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.read.scan.picture import Picture

FLAT, ROUGH = 0.2, 0.32
"""A dash is no thicker than the one on the whole, nor than the other anywhere. The ideograph 一 is none either, but
stands in no cell alone."""
SHORTEST, FLATTER = 0.14, 1.3
"""A dash is at least so wide, and so many times as wide as high."""
HYPHEN, ONE_DASH = 0.6, 1.0
"""A hyphen is at most as wide as the one, a dash as the other; what is wider are two dashes."""
SLASH_HEIGHT = (0.36, 1.5)
SLASH_WIDTH = (0.2, 0.9)
"""Width of a slash as a share of its height; a 1 is narrower."""
WHOLE = 0.75
"""Share of its height over which there is ink: a worn stroke has gaps."""
SLANTING = 0.5
"""Share of its width by which the middle of a slash's stroke moves from its foot to its head."""
STRAIGHT, EVEN = 0.06, 2.0
"""How far the middle of a slash's stroke may lie off a straight line, as a share of its height, and how many times as
wide as usual it may be anywhere: a 7 has a bar, a 1 a serif."""
MINUS = (0.12, 0.75)
AT_MIDDLE = (0.25, 0.8)
"""Width of a minus sign, and between which shares of the height of the digits it stands."""
JOINED, CLEARLY_JOINED = 0.17, 0.25
"""What of a minus sign stands before the digit that it runs into is at least so wide; the bar of a 4 begins nearer.
What is as wide as the other is one, however thick wear has left it: no digit has such a stroke at half its height."""
NEAR = 0.8
"""A minus sign stands no further from the digits: what does is grain or dirt."""
TALL = 0.55
"""Share of a line's height that the ink of a digit has at least."""
DIGIT, EXTRA = 0.5, 0.15
"""Width of a digit with the gap to the next, and how much wider so many of them may be."""
SOLID = 90
"""Darkness of ink that is no blur."""
TAIL, TAIL_INK = 0.35, 0.35
"""How far below the digits, as a share of their height, a comma's tail is looked for, and its share of the ink."""
LARGEST_DOT, SPECK = 0.25, 0.35
"""Width and height of the dots of an ellipsis at most, and share of their ink that a speck beside them has at most."""
ONE_NUMBER = 1.3
"""Digits of one number stand no further apart; full-width ones have a gap of half a character."""

# Lengths are in characters (`em`).

Ink = npt.NDArray[np.bool_]
Span = tuple[int, int]
"""Start and end in pixels."""


def runs(filled: Ink) -> list[Span]:
    """Start and end of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], filled, [False])).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def mark(ink: Ink, em: float) -> str | None:
    """The dash or slash that is all the ink of a line; None where there is anything else.

    Args:
        ink: the strokes of the line, cut out without a margin.
        em: size of a character in pixels.
    """
    height, width = ink.shape
    thickness = float(ink.sum(axis=0).mean())
    if width >= SHORTEST * em and height <= ROUGH * em and thickness <= FLAT * em and width >= FLATTER * thickness:
        if width <= HYPHEN * em:
            return "-"
        return "—" if width <= ONE_DASH * em else "——"
    return "/" if _is_slash(ink, em) else None


def _is_slash(ink: Ink, em: float) -> bool:
    height, width = ink.shape
    if not SLASH_HEIGHT[0] * em <= height <= SLASH_HEIGHT[1] * em:
        return False
    if not SLASH_WIDTH[0] * height <= width <= SLASH_WIDTH[1] * height:
        return False
    slant = _slant(ink)
    return slant is not None and slant.evenly


@dataclass(frozen=True, slots=True)
class _Slant:
    """A stroke that rises to the right, and whether it is as straight and even as a slash."""

    evenly: bool


def _slant(ink: Ink) -> _Slant | None:
    """The one slanting stroke that the ink is; None where it is another shape."""
    height, width = ink.shape
    rows = np.flatnonzero(ink.any(axis=1))
    kept = ink[rows]
    stroke = kept.sum(axis=1)
    reach = width - np.argmax(kept[:, ::-1], axis=1) - np.argmax(kept, axis=1)
    if len(rows) < WHOLE * height or (reach > stroke + 1).any():
        return None  # two strokes beside each other, as in a 0
    middles = (kept * np.arange(width)).sum(axis=1) / stroke
    slope, start = np.polyfit(rows, middles, 1)
    if -slope * height < SLANTING * width:
        return None
    off = np.abs(middles - (start + slope * rows)).max()
    return _Slant(bool(off <= max(1.0, STRAIGHT * height) and stroke.max() <= EVEN * np.median(stroke) + 1))


def slants(ink: Ink) -> bool:
    """Whether the ink is one slanting stroke, straight or not: less a 1 than a slash."""
    height, width = ink.shape
    return width >= SLASH_WIDTH[0] * height and _slant(ink) is not None


def minus(ink: Ink, em: float) -> int:
    """Where the digits begin after a minus sign, in pixels; 0 where there is none.

    Args:
        ink: the strokes of a line of digits, cut out without a margin.
        em: size of a character in pixels.
    """
    columns = runs(np.asarray(ink.any(axis=0)))
    if len(columns) < 2:
        return 0
    start, end = columns[0]
    rows = np.flatnonzero(ink[:, start:end].any(axis=1))
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    flat = bottom - top <= FLAT * em and end - start >= FLATTER * (bottom - top)
    wide = MINUS[0] * em <= end - start <= MINUS[1] * em
    middle = (top + bottom) / 2 / len(ink)
    near = columns[1][0] - end <= NEAR * em
    return columns[1][0] if flat and wide and near and AT_MIDDLE[0] <= middle <= AT_MIDDLE[1] else 0


def joined_minus(ink: Ink, em: float) -> bool | None:
    """Whether a line of digits begins with a flat stroke that runs into the first: -4, whose bar is as high.

    Args:
        ink: the strokes of the line; what a mark before them left free may be a margin.
        em: size of a character in pixels.

    Returns:
        None where the stroke is so short that it may be part of the digit.
    """
    inked = runs(np.asarray(ink.any(axis=0)))
    if not inked:
        return False
    start, end = inked[0]
    if _height(ink[:, start:end]) < TALL * len(ink):
        return False
    for length, thickest, surely in ((CLEARLY_JOINED, FLAT, True), (JOINED, FLAT / 2, None)):
        columns = max(2, round(length * em))
        rows = np.flatnonzero(ink[:, start : start + columns].any(axis=1))
        middle = (rows[0] + rows[-1] + 1) / 2 / len(ink)
        flat = rows[-1] - rows[0] + 1 <= thickest * em
        if end - start > 2 * columns and flat and AT_MIDDLE[0] <= middle <= AT_MIDDLE[1]:
            return surely
    return False


def shows_more(ink: Ink, em: float, count: int) -> bool:
    """Whether a line holds more digits than so many: more tall strokes beside each other, and too wide for them.

    A thin 0 falls into two strokes, but is no wider for that.

    Args:
        ink: the strokes of a line of digits, cut out without a margin.
        em: size of a character in pixels.
        count: how many digits were read.
    """
    strokes = sum(_height(ink[:, start:end]) >= TALL * len(ink) for start, end in runs(np.asarray(ink.any(axis=0))))
    return strokes > count and ink.shape[1] > (DIGIT * count + EXTRA) * em


def is_one_number(ink: Ink, em: float) -> bool:
    """Whether nothing in a line of digits stands so far apart that there would be two numbers."""
    columns = runs(np.asarray(ink.any(axis=0)))
    return all(after[0] - before[1] <= ONE_NUMBER * em for before, after in pairwise(columns))


def has_tail(picture: Picture) -> bool | None:
    """Whether a mark between the digits of a line reaches below them, as a comma does and a point does not.

    Args:
        picture: the line with a margin, ink dark on white.

    Returns:
        None where no mark at the feet of the digits stands apart from them.
    """
    ink = 255 - picture.astype(np.int16)
    solid = ink > SOLID
    found = [
        (start, end, np.flatnonzero(solid[:, start:end].any(axis=1)))
        for start, end in runs(np.asarray(solid.any(axis=0)))
    ]
    height = max((int(rows[-1] - rows[0]) + 1 for _, _, rows in found), default=0)
    digits = [rows for _, _, rows in found if rows[-1] - rows[0] + 1 >= TALL * height]
    if not digits:
        return None
    foot = round(float(np.median([rows[-1] for rows in digits])))
    marks = [each for each in found if each[2][0] > foot - 0.5 * height and each[2][-1] - each[2][0] < 0.5 * height]
    below = slice(foot + 2, foot + 2 + round(TAIL * height))
    tails = [
        ink[below, max(0, start - 2) : end].max(initial=0) >= TAIL_INK * ink[:, start:end].max()
        for start, end, _ in marks
    ]
    return any(tails) if tails else None


def ellipsis(ink: Ink, em: float) -> bool:
    """Whether all the ink of a cell are the dots of an ellipsis: three or more, alike, in a row at equal distances.

    Args:
        ink: the ink of the cell; specks in it that are clearly smaller than the dots do not count.
        em: size of a character in pixels.
    """
    _, _, stats, middles = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    area, across = stats[1:, cv2.CC_STAT_AREA], stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
    dots = area >= SPECK * area.max(initial=0)
    if dots.sum() < 3 or across.max() > LARGEST_DOT * em:
        return False
    order = np.sort(middles[1:][dots, 0])
    gaps = np.diff(order)
    level = np.ptp(middles[1:][dots, 1]) <= 0.12 * em
    return bool(level and gaps.max() <= 0.7 * em and gaps.max() - gaps.min() <= 0.3 * em)


def _height(ink: Ink) -> int:
    rows = np.flatnonzero(ink.any(axis=1))
    return int(rows[-1] - rows[0] + 1) if rows.size else 0
