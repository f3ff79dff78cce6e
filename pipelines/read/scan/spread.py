"""Two pages side by side on one sheet: an open booklet on the glass, or two pages printed on one side.

Belongs here: where the gutter between them is, and the pictures of both. Does not: how each lies (`upright`) or what
it says. A wide page is left whole: lines of text or rules cross its middle. So is one whose middle happens to be
empty, between two columns of a table without rules: each half of a spread has lines as wide as a page, or rules.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np

from pipelines.read.scan.marks import runs
from pipelines.read.scan.picture import Affine, Picture, as_picture
from pipelines.read.scan.sheets import Sheet
from pipelines.read.scan.upright import Upright

WIDER = 1.15
"""A sheet with two pages is so many times as wide as high: two of A4 are 1.41 times, and the margins may be cut off."""
AROUND_MIDDLE = (0.4, 0.6)
"""Shares of the width of the sheet between which the middle of the gutter lies."""
GUTTER = 0.025
"""Least width of the gutter as a share of the sheet's: a narrow inner margin on both sides."""
FULL = 0.5
"""A line of text fills a page from such a share of its width."""
INNER = 0.1
"""Share of the gutter on each side at which boxes around text may reach into it."""
LEAST_CONTRAST, DEVIATIONS = 5.0, 8.0
"""Grey levels, and standard deviations of what other rows have, by which a row is darker than those around it that a
rule runs along."""
SAMPLED = 64
"""About so many pixels of each row are looked at."""
NEARBY = 0.7
"""Rows within so many characters tell how dark the paper is."""
STRIP = 0.6
"""Width (characters) of the strips that are looked at for rules one after the other."""
LONGEST = 0.5
"""Share of the rows at most that rules run along: else it is the shadow of the fold."""


def pages_of(sheet: Sheet, lying: Upright) -> tuple[Sheet, ...]:
    """The sheets that a sheet shows side by side, the left one first; itself alone where it shows one page.

    Args:
        sheet: the sheet.
        lying: the same turned upright.
    """
    middle = gutter(lying)
    if middle is None:
        return (sheet,)
    height, width = lying.picture.shape[:2]
    halves = ((0.0, middle), (middle, float(width)))
    return tuple(_part(sheet, lying.to_sheet, x0, x1, height) for x0, x1 in halves)


def gutter(lying: Upright) -> float | None:
    """Where the gutter between two pages is, in pixels from the left of an upright sheet; None where it shows one."""
    height, width = lying.picture.shape[:2]
    boxes = [(float(line[:, 0].min()), float(line[:, 0].max())) for line in lying.lines]
    if width < WIDER * height or not boxes:
        return None
    tops = [float(line[:, 1].min()) for line in lying.lines]
    bottoms = [float(line[:, 1].max()) for line in lying.lines]
    rows = slice(max(0, round(min(tops) - lying.em)), round(max(bottoms) + lying.em))
    red = lying.picture[rows, :, 0]
    start, end = _without_rules(red, _widest_gap(boxes, width), lying.em)
    inner = INNER * (end - start)
    middle = (start + end) / 2
    if (
        end - start < GUTTER * width
        or not AROUND_MIDDLE[0] * width <= middle <= AROUND_MIDDLE[1] * width
        or _ruled(red[:, round(start + inner) : round(end - inner)], lying.em)
    ):
        return None
    left, right = min(x0 for x0, _ in boxes), max(x1 for _, x1 in boxes)
    if not all(_is_page(red, boxes, side, lying.em) for side in ((left, start), (end, right))):
        return None
    return middle


def _widest_gap(boxes: Sequence[tuple[float, float]], width: int) -> tuple[float, float]:
    """The stretch without text that takes most of the middle of the sheet."""
    taken = np.zeros(width + 2, dtype=bool)
    taken[[0, -1]] = True
    for x0, x1 in boxes:
        taken[max(0, round(x0)) + 1 : max(0, round(x1)) + 2] = True
    filled = np.flatnonzero(taken).astype(np.float64)
    starts, ends = filled[:-1], filled[1:]
    low, high = (share * width for share in AROUND_MIDDLE)
    central = np.minimum(ends, high) - np.maximum(starts, low)
    at = int(np.argmax(central))
    return float(starts[at]), float(ends[at])


def _without_rules(red: Picture, gap: tuple[float, float], em: float) -> tuple[float, float]:
    """The widest stretch of a gap in the text that no rules of a table reach into."""
    step = max(4, round(STRIP * em))
    places = [*range(round(gap[0]), round(gap[1]), step), round(gap[1])]
    bare = np.array([not _ruled(red[:, x0:x1], em) for x0, x1 in pairwise(places)], dtype=bool)
    widest = max(runs(bare), key=lambda run: run[1] - run[0], default=(0, 0))
    return float(places[widest[0]]), float(places[widest[1]])


def _is_page(red: Picture, boxes: Sequence[tuple[float, float]], side: tuple[float, float], em: float) -> bool:
    """Whether what stands between two places fills a page: with a line of text, or a table with rules."""
    x0, x1 = side
    full = any(x0 < (start + end) / 2 < x1 and end - start >= FULL * (x1 - x0) for start, end in boxes)
    return full or _ruled(red[:, round(x0) : round(x1)], em)


def _ruled(band: Picture, em: float) -> bool:
    """Whether rules run across a band of the sheet, from side to side or nearly so."""
    if not band.size:
        return False
    # Among the lighter ones, not the lightest: a row of text is darker over less than half of it, a rule over all.
    sample = np.sort(band[:, :: max(1, band.shape[1] // SAMPLED)], axis=1)
    half, most = sample.shape[1] // 2, max(sample.shape[1] // 2 + 1, 3 * sample.shape[1] // 4)
    levels = np.asarray(sample[:, half:most].mean(axis=1, dtype=np.float32))[:, None]
    reach = 2 * round(NEARBY * em) + 1
    paper = cv2.morphologyEx(levels, cv2.MORPH_CLOSE, np.ones((reach, 1), np.uint8))
    darker = np.asarray(paper - levels, dtype=np.float32)
    usual = float(np.median(darker))
    deviation = 1.4826 * float(np.median(np.abs(darker - usual)))
    rules = darker > usual + max(LEAST_CONTRAST, DEVIATIONS * deviation)
    return bool(rules.any() and rules.mean() < LONGEST)


def _part(sheet: Sheet, to_sheet: Affine, x0: float, x1: float, height: int) -> Sheet:
    """The part of a sheet that shows a part of its upright picture; what else is in its corners is made paper."""
    corners = np.array([to_sheet(x, y) for x, y in ((x0, 0.0), (x1, 0.0), (x1, height), (x0, height))])
    high, wide = sheet.picture.shape[:2]
    left, top = np.clip(np.floor(corners.min(axis=0)), 0, (wide, high)).astype(int)
    right, bottom = np.clip(np.ceil(corners.max(axis=0)), 0, (wide, high)).astype(int)
    picture = sheet.picture[top:bottom, left:right]
    inside = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillConvexPoly(inside, np.round(corners - (left, top)).astype(np.int32), 255)
    paper = np.median(picture[::8, ::8], axis=(0, 1))
    shown = as_picture(np.where(inside[..., None] > 0, picture, paper.astype(np.uint8)))
    x, y = sheet.corner
    # Both pages are as large as each other, wherever the gutter was found: their tables must be of one scale.
    half = max(sheet.picture.shape[:2]) / 2
    return replace(
        sheet,
        picture=shown,
        corner=(x + float(left), y + float(top)),
        shorter=min(half, float(min(sheet.picture.shape[:2]))),
    )
