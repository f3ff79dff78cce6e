"""The words of a page on which the rules of a table are lost, each with its place.

Belongs here: whether a page is one, and which ink on it is a word. Does not: rows and columns, which the places of
the words tell (`pipelines.read.aligned`). A lone digit is too little for the engine to find it on a page: what ink
it found no line in is grouped into words here.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from pipelines.read.boxes import around, centre, holds
from pipelines.read.document import Box
from pipelines.read.scan.cells import CutLine, Page, lines_of
from pipelines.read.scan.marks import runs

FIGURE = 4.0
"""A line of text at most so wide may be a figure in a cell."""
FEWEST, FEWEST_OUTSIDE = 4, 2.0
"""So many of them, and so many times as many as in tables, stand outside tables where a table has lost its rules."""
LOW, HIGH, WIDE = 0.35, 1.5, 1.5
"""Height and width of ink that may be a digit."""
WORN = 0.05
"""Half the width of the gaps in worn digits."""
GAP = 0.6
"""Digits of one figure stand no farther apart."""
STROKE = 0.18
"""What is smaller in both directions is a speck or what is left of a rule."""
APART = 0.9
"""What stands farther apart, or by this share of its height, is two words."""
AROUND = 0.25
"""Paper around a word."""

# Lengths are in characters (`em`).


def has_lost_rules(texts: Sequence[Box], tables: Sequence[Box], em: float) -> bool:
    """Whether so many figures stand outside the tables of a page that there must be one that was not found.

    Args:
        texts: lines of text, in pixels.
        tables: the tables found.
        em: size of a character in pixels.
    """
    short = [centre(box) for box in texts if box.x1 - box.x0 <= FIGURE * em]
    inside = sum(any(holds(table, point) for table in tables) for point in short)
    outside = len(short) - inside
    return outside >= FEWEST and outside >= FEWEST_OUTSIDE * inside


def loose_words(texts: Sequence[Box], page: Page) -> list[tuple[Box, list[CutLine]]]:
    """The words of a page: their boxes in pixels and the lines cut out of them.

    Args:
        texts: lines of text that the engine found.
        page: what they are cut from.
    """
    words = [word for box in [*texts, *_overlooked(texts, page)] for word in _words(box, page)]
    cut = [(box, lines_of(_wider(box, page.em), page)) for box in words]
    return [(box, lines) for box, lines in cut if lines]


def _overlooked(texts: Sequence[Box], page: Page) -> list[Box]:
    """Boxes around the ink that may be digits and lies in no line of text."""
    em = page.em
    ink = page.ink.copy()
    for box in texts:
        ink[max(0, round(box.top)) : round(box.bottom) + 1, max(0, round(box.x0)) : round(box.x1) + 1] = 0
    joined = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((2 * round(WORN * em) + 1,) * 2, np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    digits = [
        Box(float(x), float(y), float(x + width), float(y + height))
        for x, y, width, height, _ in stats[1:].tolist()
        if LOW * em <= height <= HIGH * em and width <= WIDE * em
    ]
    groups: list[list[Box]] = []
    for digit in sorted(digits):
        group = next((group for group in groups if _follows(around(group), digit, em)), None)
        if group is None:
            groups.append([digit])
        else:
            group.append(digit)
    return [around(group) for group in groups]


def _words(box: Box, page: Page) -> list[Box]:
    """The words in a box, around their strokes: what stands far apart is two."""
    em = page.em
    rows = slice(max(0, round(box.top)), round(box.bottom) + 1)
    columns = slice(max(0, round(box.x0)), round(box.x1) + 1)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(page.ink[rows, columns], connectivity=8)
    large = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) >= STROKE * em
    large[0] = False
    strokes = large[labels]
    down = np.flatnonzero(strokes.any(axis=1))
    apart = APART * max(em, float(np.ptp(down)) if down.size else 0.0)
    spans: list[tuple[int, int]] = []
    for start, end in runs(np.asarray(strokes.any(axis=0))):
        if spans and start - spans[-1][1] <= apart:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    found = []
    for start, end in spans:
        down = np.flatnonzero(strokes[:, start:end].any(axis=1))
        top, bottom = rows.start + int(down[0]), rows.start + int(down[-1]) + 1
        found.append(Box(float(columns.start + start), float(top), float(columns.start + end), float(bottom)))
    return found


def _follows(word: Box, digit: Box, em: float) -> bool:
    shared = min(word.bottom, digit.bottom) - max(word.top, digit.top)
    return digit.x0 - word.x1 <= GAP * em and shared >= 0.5 * min(word.bottom - word.top, digit.bottom - digit.top)


def _wider(box: Box, em: float) -> Box:
    away = AROUND * em
    return Box(box.x0 - away, box.top - away, box.x1 + away, box.bottom + away)
