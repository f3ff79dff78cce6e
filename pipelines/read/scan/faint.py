"""Rules that are hardly darker than the grain of the paper, drawn through.

Belongs here: which rows and columns of pixels are a little darker all along. Does not: finding rules that stand out
(`rules`), or which of their pieces are drawn (`lattice`). A grey hairline on a noisy scan drowns in every pixel; only
averaged over a length does it come out. That costs time and short pieces, so it is for pages on which figures stand
in columns and no rule was found, or those found hardly stand out of the grain.
"""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.read.document import Box
from pipelines.read.scan.marks import runs
from pipelines.read.scan.picture import Picture, as_picture

AVERAGED, AVERAGED_DOWN = 1.5, 1.0
"""Length (characters) over which ink is averaged along a rule, across and down the page: rows are low."""
OVER = 1.0
"""Averaging draws a rule out beyond the one at which it ends by no more than this (characters)."""
AROUND = 0.3
"""So far (characters) above and below a rule there is paper."""
SIGMAS, LEAST = 5.0, 1.5
"""By how many standard deviations of what grain leaves, and how many grey levels, a rule is darker than the paper."""
CLIPPED = 40
"""No pixel counts as darker than this: a speck would be as much as a rule."""
SOFTENED, DARK, BESIDE = 0.05, 45, 0.12
"""What is darker than this when averaged over so much around it is no faint rule, nor what lies so near to it."""
ACROSS, DOWN = 5.0, 1.4
"""Least lengths (characters) of rules across and down the page."""
GAP = 0.5
"""Gaps so long (characters) are bridged."""
EDGE, SIDE = 0.14, 0.3
"""Text does not reach to the edge of the box found around it: from above and below by a share of its height, from the
sides in characters."""
BETWEEN = 0.3
"""Gaps in a line of text (characters) that are wider may have a rule in them; those between characters are not."""

Line = tuple[int, int, int]
"""Where a line lies across its direction, and its start and end along it."""


def drawn_through(darkness: Picture, em: float, texts: Sequence[Box]) -> Picture:
    """The darkness of a page with nothing but its faint rules, which are as dark as can be.

    Args:
        darkness: how much darker than the paper around it each pixel is.
        em: size of the smaller characters of the page in pixels.
        texts: lines of text found, in pixels: no rule goes through them.
    """
    text = cv2.GaussianBlur(darkness, (0, 0), SOFTENED * em) > DARK
    around = 2 * round(BESIDE * em) + 1
    paper = np.minimum(darkness, CLIPPED).astype(np.float32)
    blank = float(np.median(paper[::5, ::5]))  # grain is darker than nothing
    paper[cv2.dilate(text.astype(np.uint8), np.ones((around, around), np.uint8)) > 0] = blank
    between = paper.copy()
    for box in texts:
        edge = EDGE * (box.bottom - box.top)
        rows = slice(max(0, round(box.top + edge)), max(0, round(box.bottom - edge)))
        columns = slice(max(0, round(box.x0 + SIDE * em)), max(0, round(box.x1 - SIDE * em)))
        inside = text[rows, columns]  # nothing where a text is no wider than its sides
        paper[rows, columns] = blank
        # Lines of text that stand side by side in two cells may be found as one: a rule may go between them.
        for start, end in runs(_gapless(inside, em)) if inside.size else ():
            between[rows, columns.start + start : columns.start + end] = blank
    found = np.zeros_like(darkness)
    across = list(_lines(paper, em, ACROSS, AVERAGED))
    down = list(_lines(np.ascontiguousarray(between.T), em, DOWN, AVERAGED_DOWN))
    for y, start, end in _ended(across, down, OVER * em):
        found[max(0, y - 1) : y + 2, start : end + 1] = 255
    for x, start, end in _ended(down, across, OVER * em):
        found[start : end + 1, max(0, x - 1) : x + 2] = 255
    return as_picture(found)


def _gapless(text: npt.NDArray[np.bool_], em: float) -> npt.NDArray[np.bool_]:
    """The columns of a line of text but for its gaps that are wide enough for a rule with paper on both sides."""
    inked = np.asarray(text.any(axis=0), dtype=np.uint8)[None, :]
    size = 2 * round(BETWEEN * em / 2) + 1
    return np.asarray(cv2.morphologyEx(inked, cv2.MORPH_CLOSE, np.ones((1, size), np.uint8))[0] > 0)


def _ended(lines: Sequence[Line], others: Sequence[Line], over: float) -> Iterator[Line]:
    """Lines cut off at the others at which they end."""
    for at, start, end in lines:
        met = [place for place, first, last in others if first - over <= at <= last + over]
        begin = min((place for place in met if 0 <= place - start <= over), default=start)
        yield at, begin, max((place for place in met if 0 <= end - place <= over), default=end)


def _lines(paper: npt.NDArray[np.float32], em: float, shortest: float, averaged: float) -> Iterator[Line]:
    """Horizontal lines."""
    along = cv2.blur(paper, (2 * round(averaged * em / 2) + 1, 3))
    away = max(4, round(AROUND * em))
    padded = cv2.copyMakeBorder(along, away, away, 0, 0, cv2.BORDER_REPLICATE)
    ridge = np.asarray(along - np.maximum(padded[: -2 * away], padded[2 * away :]))
    sample = ridge[::7, ::7]
    middle = float(np.median(sample))
    deviation = 1.4826 * float(np.median(np.abs(sample - middle)))
    dark = as_picture((ridge > middle + max(LEAST, SIGMAS * deviation)) * np.uint8(255))
    dark = as_picture(cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((1, 2 * round(GAP * em) + 1), np.uint8)))
    dark = as_picture(cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((1, round(shortest * em)), np.uint8)))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    for number in range(1, count):
        x, y, width, height, _ = (int(value) for value in stats[number])
        inside = labels[y : y + height, x : x + width] == number
        weight = np.where(inside, ridge[y : y + height, x : x + width], 0.0).sum(axis=1)
        yield y + int(np.argmax(weight)), x, x + width
