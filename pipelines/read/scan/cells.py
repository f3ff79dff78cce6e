"""Cutting the lines of text out of the cells of a table.

Belongs here: where in a cell there is ink, and which of it is a line of text. Does not: reading it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from pipelines.read.document import Box
from pipelines.read.scan.marks import FLATTER, NEAR, SHORTEST, Ink, Span, ellipsis, mark, runs
from pipelines.read.scan.picture import Picture, as_picture

INK = 0.3
"""A pixel is ink from this share of the contrast of the darkest ink on the page."""
LEAST_CONTRAST = 18.0
ABOVE, MOST = 4.0, 0.45
"""By so many standard deviations of the grain of the paper, but no larger a share of that contrast, ink is darker."""
CROSSING = 0.5
"""The crossing of two rules is at most so large."""
SPECK = 0.18
"""A spot smaller than this in both directions is a point or dirt, no stroke of a character."""
PARTED = 0.45
"""Strokes of one character lie no further apart than this (三)."""
HIGHEST_CHARACTER = 1.3
"""Strokes that together are higher than this are two lines."""
TWO_LINES = 1.75
"""A run of ink higher than this many characters is several lines that touch."""
WIDEST_STACKED, LOWEST_STACKED = 1.6, 2.2
"""Text set from top to bottom, one character a line: at most so wide, and at least so high and so many
times as high as it is wide: a lone 1 is narrow too."""
MARGIN, WIDER = 0.22, 0.34
"""Paper left around a line, as a share of its height, at the first and the second look: the engine was trained on
lines with a little."""
FOOT = 0.35
"""Share of a line's height at its foot in which decimal points stand."""
FLAT_MARKS = ("-", "—", "——")
GRAIN = (0.18, 0.3)
"""Grain that lies flat is no higher and no wider than this."""
REST, AT_SIDE = (0.13, 0.62), 0.3
"""What is left of a rule at the side of a cell is no wider (characters), no lower than such a share of the cell, and
no farther from the side."""
PIECE, FAR = (0.2, 0.5), 0.6
"""A piece of a rule ends so near to the side and is so low; text is farther from the side than the other length."""
BORDER, FRINGE = 0.8, 1
"""Share of the width of a cell over which a border is inked, which no text is, and pixels of grain along it."""
AT_EDGE = 0.22
"""A flat stroke that ends so near to the edge of its cell is what is left of the rule."""

SOFTENED = 0.05
"""Over so much around it ink is averaged before faint ink is looked for: grain is gone then, and so are specks."""
FAINT = (0.2, 0.45)
"""Darkness of the darkest ink of a cell as a share of the page's, from which and up to which it is faint: a thin slash
is so blurred that little of it is ink by what the page's print is. Less is print that shows through the sheet."""
FAINT_LEVEL, ABOVE_GRAIN = 0.5, 0.7
"""Share of that from which a pixel of a faint cell is ink, and share of the darkest grain."""
NEVER, SAMPLED = 5.0, 4
"""By how many standard deviations grain never is darker than usual, and every how many pixels it is looked at."""
FAINT_LONG = 0.26
"""Faint ink is at least so long: a hyphen, but no speck."""

# Lengths are in characters (`em`).

BLACK = 215.0
"""How dark full ink is on `Page.paper`."""


Part = tuple[slice, slice]
"""Rows and columns of a cell."""


@dataclass(frozen=True, slots=True)
class Page:
    """What cells are cut from.

    Args:
        paper: grey, rules wiped out, light and shading evened: 255 is paper.
        ink: 255 where there is ink that is not a rule.
        soft: how dark it is, averaged: 255 is black.
        grain: how dark the grain of the paper never is on that.
        em: size of a character in pixels.
    """

    paper: Picture
    ink: Picture
    soft: Picture
    grain: float
    em: float


def page(darkness: Picture, rules: Picture, em: float) -> Page:
    """Prepare a page for cutting: rules wiped out, paper white, ink told from paper.

    Args:
        darkness: how much darker than paper each pixel is.
        rules: 255 where a rule is drawn.
        em: size of a character in pixels.
    """
    # Where rules cross, neither is found: there is no paper beside it.
    across = 2 * round(CROSSING * em / 2) + 1
    whole = cv2.morphologyEx(rules, cv2.MORPH_CLOSE, np.ones((across, across), np.uint8))
    wiped = cv2.dilate(whole, np.ones((3, 3), np.uint8))
    dark = np.where(wiped > 0, 0, darkness).astype(np.uint8)
    grain = _grain(darkness, ABOVE)
    # Of a noisy page with little print, most of what is a little dark is grain, which tells nothing about ink.
    inked = dark[dark > max(LEAST_CONTRAST, grain)]
    contrast = float(np.percentile(inked, 90)) if inked.size else 255.0
    grain = min(grain, MOST * contrast)
    ink = np.asarray(dark > max(LEAST_CONTRAST, INK * contrast, grain), dtype=np.uint8) * 255
    # The median clears grain off, and would a minus sign too: it may be two pixels high.
    flat = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, max(3, round(SHORTEST * em))), np.uint8))
    # Ink as black as print on every page: faint scans are read as well as others then.
    paper = 255 - np.minimum(dark.astype(np.float32) * (BLACK / contrast), 255.0)
    soft = as_picture(cv2.GaussianBlur(as_picture(255 - paper), (0, 0), SOFTENED * em))
    return Page(
        as_picture(paper), as_picture(cv2.bitwise_or(cv2.medianBlur(ink, 3), flat)), soft, _grain(soft, NEVER), em
    )


def _grain(darkness: Picture, deviations: float) -> float:
    """How dark the grain of the paper is but for so many standard deviations: most of a page is paper."""
    sample = darkness[::SAMPLED, ::SAMPLED].astype(np.float32)
    usual = float(np.median(sample))
    return usual + deviations * 1.4826 * float(np.median(np.abs(sample - usual)))


@dataclass(frozen=True, slots=True)
class CutLine:
    """A line of text cut out of a cell.

    Args:
        picture: with a margin, as the engine wants it.
        again: the same line cut otherwise, for a second look.
        ink: its strokes, without a margin.
        em: size of a character in pixels.
        mark: what it is, where its shape tells.
    """

    picture: Picture
    again: Picture
    ink: Ink
    em: float
    mark: str | None


def lines_of(cell: Box, page: Page) -> list[CutLine]:
    """The lines of text in a cell, from top to bottom; none where it is blank.

    Args:
        cell: its box in pixels.
        page: what it is cut from.
    """
    em = page.em
    rows = slice(max(0, round(cell.top) + 1), round(cell.bottom))
    columns = slice(max(0, round(cell.x0) + 1), round(cell.x1))
    ink = as_picture(cv2.bitwise_or(page.ink[rows, columns], _faint(page.soft[rows, columns], page.grain, em)))
    borders = _borders(ink, em)
    ink[borders] = 0
    strokes, spots = _by_size(ink, em)
    strokes = _without_rests(strokes, em)
    if ellipsis(strokes | spots, em):
        return [_dots(strokes | spots, em)]
    strokes = _without_grain(strokes, em)
    if not strokes.any():
        return []
    down, across = runs(np.asarray(strokes.any(axis=1))), runs(np.asarray(strokes.any(axis=0)))
    wide, high = across[-1][1] - across[0][0], down[-1][1] - down[0][0]
    stacked = wide <= WIDEST_STACKED * em and high >= LOWEST_STACKED * max(em, wide)
    lines = [_tight(strokes, span) for span in _lines(strokes, down, wide if stacked else em)]
    points = spots.copy()
    for line_rows, line_columns in lines:
        # Between characters a spot may be a decimal point or the tail of a comma, beside them it is dirt.
        spots[line_rows.start : line_rows.stop + _below(line_rows), line_columns] = False
    paper = page.paper[rows, columns].copy()
    paper[borders] = 255
    paper[cv2.dilate(spots.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0] = 255
    if stacked:
        upright = _side_by_side([_cut(paper, line, em, MARGIN) for line in lines])
        return [CutLine(upright, upright, strokes, em, None)]
    clean = np.where(_beside(strokes | _points(points, lines)), paper, 255).astype(np.uint8)
    found = []
    for line in lines:
        said = mark(strokes[line], em)
        if said and _at_edge(line[0], strokes.shape[0], em):
            continue  # what is left of a rule
        found.append(CutLine(_cut(paper, line, em, MARGIN), _cut(clean, line, em, WIDER), strokes[line], em, said))
    # A dash above or below a figure is what is left of a rule too.
    return [one for one in found if not (one.mark in FLAT_MARKS and any(other.mark is None for other in found))]


def _points(spots: Ink, lines: Sequence[Part]) -> Ink:
    """The spots that stand where decimal points do, at the foot of a line."""
    feet = np.zeros_like(spots)
    for rows, columns in lines:
        feet[rows.stop - _below(rows) : rows.stop + _below(rows), columns] = True
    return spots & feet


def _below(rows: slice) -> int:
    """How far below the rows of a line the tail of a comma reaches."""
    return round(FOOT * float(rows.stop - rows.start))


def _dots(spots: Ink, em: float) -> CutLine:
    blank = as_picture(np.full((round(em), round(em)), 255))
    return CutLine(blank, blank, spots, em, "…")


def _beside(strokes: Ink) -> Ink:
    """The pixels around strokes, which blur has made grey."""
    return np.asarray(cv2.dilate(strokes.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)


def _at_edge(rows: slice, height: int, em: float) -> bool:
    """Whether rows lie right at the upper or lower edge of a cell, where no text stands."""
    return bool(rows.stop <= AT_EDGE * em or rows.start >= height - AT_EDGE * em)


def _by_size(ink: Picture, em: float) -> tuple[Ink, Ink]:
    """The ink of a cell in two: strokes, and spots smaller than any."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    width, height = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    large = np.maximum(width, height) >= max(3.0, SPECK * em)
    large |= (width >= max(3.0, SHORTEST * em)) & (width >= FLATTER * height)  # a hyphen
    large[0] = False
    strokes = large[labels]
    return strokes, (labels > 0) & ~strokes


def _borders(ink: Picture, em: float) -> Ink:
    """Where at the upper and lower edge of a cell the other line of a double border runs from side to side."""
    found = np.zeros(ink.shape, dtype=bool)
    height, away = len(ink), round(AT_SIDE * em)
    if height <= 2 * away:
        return found
    whole = np.flatnonzero((ink > 0).mean(axis=1) >= BORDER)
    above, below = whole[whole < away], whole[whole >= height - away]
    if above.size:
        found[: above[-1] + FRINGE + 1] = True
    if below.size:
        found[below[0] - FRINGE :] = True
    return found


def _without_rests(strokes: Ink, em: float) -> Ink:
    """The strokes of a cell without what is left of the rules at its sides: as high as the cell, which no digit is.

    Of a rule that the scan left in pieces, each may be low; then they are thin and lie right at the side, and the text
    of the cell is far from them.
    """
    height, width = strokes.shape
    _, labels, stats, _ = cv2.connectedComponentsWithStats(strokes.astype(np.uint8), connectivity=8)
    start, across, high = (stats[:, at] for at in (cv2.CC_STAT_LEFT, cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT))
    gap = np.minimum(start, width - start - across)
    thin = across <= REST[0] * em
    rests = thin & (gap <= AT_SIDE * em) & (high >= REST[1] * height)
    pieces = thin & (gap + across <= PIECE[0] * em) & (high <= PIECE[1] * em)
    others = ~rests & ~pieces
    others[0] = False
    if (gap[others] < FAR * em).any():
        pieces[:] = False
    rests |= pieces
    rests[0] = False
    return np.asarray(strokes & ~rests[labels]) if rests.any() else strokes


def _without_grain(strokes: Ink, em: float) -> Ink:
    """The strokes of a cell without grain of the paper that lies as flat as a hyphen, far from the others.

    What stands right before digits at half their height may be a minus sign.
    """
    _, labels, stats, _ = cv2.connectedComponentsWithStats(strokes.astype(np.uint8), connectivity=8)
    x, y, width, height = (stats[:, at] for at in range(4))
    flat = (height <= GRAIN[0] * em) & (width <= GRAIN[1] * em)
    flat[0] = False
    print_ = ~flat
    print_[0] = False
    if not flat.any() or not print_.any():
        return strokes
    for number in np.flatnonzero(flat):
        gap = np.maximum(x - x[number] - width[number], x[number] - x - width)
        level = (y <= y[number]) & (y[number] + height[number] <= y + height)
        flat[number] = not (print_ & level & (gap <= NEAR * em)).any()
    return np.asarray(strokes & ~flat[labels])


def _faint(soft: Picture, grain: float, em: float) -> Picture:
    """The strokes of a cell that holds faint ink alone, 255 where there is any; nothing in other cells."""
    edge = round(AT_EDGE * em)
    inner = soft[edge:-edge, edge:-edge]
    found = np.zeros_like(soft)
    darkest = float(inner.max(initial=0))
    if max(grain, FAINT[0] * BLACK) <= darkest < FAINT[1] * BLACK:
        ink = as_picture(inner > max(FAINT_LEVEL * darkest, ABOVE_GRAIN * grain))
        _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
        long = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) >= FAINT_LONG * em
        long[0] = False
        found[edge:-edge, edge:-edge] = long[labels] * np.uint8(255)
    return found


def _grouped(runs: Sequence[Span], em: float) -> list[Span]:
    """Runs of rows joined where they are strokes of one line of characters: 三, or the dots of 、and ：."""
    lines: list[Span] = []
    for start, end in runs:
        if lines:
            first, last = lines[-1]
            strokes = min(end - start, last - first) < 0.5 * em
            if strokes and start - last <= PARTED * em and end - first <= HIGHEST_CHARACTER * em:
                lines[-1] = (first, end)
                continue
        lines.append((start, end))
    return lines


def _lines(ink: Ink, runs: Sequence[Span], em: float) -> list[Span]:
    """Top and bottom of each line of characters `em` high."""
    return [part for span in _grouped(runs, em) for part in _parted(ink, span, em)]


def _parted(ink: Ink, span: Span, em: float) -> list[Span]:
    """Lines that touch, parted where there is the least ink between them."""
    start, end = span
    height = end - start
    if height <= TWO_LINES * em:
        return [span]
    count = max(2, round(height / (1.2 * em)))
    pitch = height / count
    filled = ink[start:end].sum(axis=1)
    cuts = [0]
    for number in range(1, count):
        low = round((number - 0.3) * pitch)
        high = max(low + 1, round((number + 0.3) * pitch))
        cuts.append(low + int(np.argmin(filled[low:high])))
    cuts.append(height)
    return [(start + one, start + other) for one, other in pairwise(cuts) if filled[one:other].any()]


def _tight(ink: Ink, rows: Span) -> Part:
    """The part of a cell that holds the ink of some rows."""
    columns = np.flatnonzero(ink[slice(*rows)].any(axis=0))
    return slice(*rows), slice(int(columns[0]), int(columns[-1]) + 1)


def _side_by_side(crops: Sequence[Picture]) -> Picture:
    """Characters set from top to bottom, as a line from left to right."""
    height = max(crop.shape[0] for crop in crops)
    padded = []
    for crop in crops:
        above = (height - crop.shape[0]) // 2
        padded.append(np.pad(crop, ((above, height - crop.shape[0] - above), (0, 0)), constant_values=255))
    return as_picture(np.hstack(padded))


def _cut(paper: Picture, line: Part, em: float, share: float) -> Picture:
    """A line with a margin of a share of its height: white where that is outside the cell; no line is very low."""
    rows, columns = line
    height = max(rows.stop - rows.start, 0.8 * em)
    margin = share * height
    middle = (rows.start + rows.stop) / 2
    top, bottom = round(middle - height / 2 - margin), round(middle + height / 2 + margin)
    left, right = round(columns.start - 1.5 * margin), round(columns.stop + 1.5 * margin)
    inside = paper[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]
    above, before = max(0, -top), max(0, -left)
    below, after = bottom - top - above - inside.shape[0], right - left - before - inside.shape[1]
    return as_picture(np.pad(inside, ((above, below), (before, after)), constant_values=255))
