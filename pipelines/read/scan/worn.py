"""Rules that a black-and-white scan left as rows of dots, drawn through again.

Belongs here: which dots are what is left of a rule, and how far it went. Does not: finding rules that are there
(`rules`), or which of their pieces are drawn (`lattice`). A copier or fax machine that knows only black and white
turns a thin or grey rule into dots and dashes wherever it falls between two rows of pixels. Dots in a row by
chance are few; a row of dashes or of figures in the cells of a table is told by the paper around each.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.read.document import Box
from pipelines.read.scan.picture import Picture, as_picture

LIGHT, WHITE = 208, 0.97
"""Grey levels of paper, and share of it that is pure white in a picture that knows no grey: all other paper has grain.
What rendering blurs lies at the edges of ink."""
INK = 96
"""Darkness from which a pixel is ink."""
FEWEST = 6
"""Spots of ink that are no chance where they lie in a row."""
LEAST_ACROSS, LEAST_DOWN = 8.0, 1.3
"""A rule is at least so long (characters); else the spots are what is left of print."""
FARTHEST_ACROSS, FARTHEST_DOWN = 6.0, 3.0
"""Spots farther apart (characters) are not of one rule."""
TIMES = 6.0
"""Nor are those that lie so many times as far apart as spots on this rule do on the whole: there it pauses."""
NEAREST = 1.8
"""Spots nearer (characters) to each other than this may always be of one rule."""
STROKE, ALONE = 0.2, 0.8
"""A run of ink at least so long with paper for the other length on both sides is a dash or a digit in a cell."""
BROKEN = 0.25
"""Spots nearer to each other than this may be one worn stroke."""
LONE = 0.5
"""Share of the ink in such runs from which a row is one of dashes or digits."""
LEAST_INK = 0.15
"""Share of a rule down the page that is inked at least: one point in each row of text, 1. 2. 3., is less."""
CLEAR = 3.0
"""A rule has so many times the ink of the rows beside it."""
BESIDE = 0.25
"""So far beside (characters) these rows lie."""

SLOPE = 0.08
"""A rule wanders so far (characters) to either side: the sheet is straight but for a fraction of a degree."""
EDGE, CORE, SIDE = 0.1, 0.3, 0.4
"""Text does not reach to the upper and lower edge of the box found around it, by a share of its height. A rule may be
nearer to it, but not so far inside: from above and below by a share of the height, from the sides in characters."""
THIN, PAPER, WORDS_APART = 0.17, 0.08, 0.8
"""A stroke in a line of text so thin, with so much paper on both sides, may be a rule; and words so far apart may have
one between them."""
BARE, TEXT, MIDDLE = 0, 1, 2
AT_RULE = 0.6
"""A rule that ends so near to another ends there."""

Flags = npt.NDArray[np.bool_]
Span = tuple[int, int]
Piece = tuple[int, int, int]
"""Where a rule lies across its direction, and its start and end along it."""


def is_bilevel(picture: Picture) -> bool:
    """Whether the paper of a picture is white throughout, as where only black and white are known."""
    grey = picture[..., 0] if picture.ndim == 3 else picture
    light = grey[grey >= LIGHT]
    return bool(np.count_nonzero(light == 255) >= WHITE * light.size)


def mended(darkness: Picture, em: float, texts: Sequence[Box]) -> Picture:
    """The darkness of a page with its worn rules drawn through.

    Args:
        darkness: how much darker than the paper around it each pixel is.
        em: size of the smaller characters of the page in pixels.
        texts: lines of text found, in pixels: their strokes are no spots of a rule.
    """
    ink = darkness > INK
    paper = _paper(ink, texts, em)
    ink &= paper == BARE
    reach = max(1, round(SLOPE * em))
    across = list(_worn(ink, paper, em, LEAST_ACROSS, FARTHEST_ACROSS, 0.0))
    for at, start, end in across:  # else spots of rules one above the other would make a rule down the page
        ink[max(0, at - 2 * reach) : at + 2 * reach + 1, start:end] = False
    down = list(_worn(ink.T, paper.T, em, LEAST_DOWN, FARTHEST_DOWN, LEAST_INK))
    found = darkness.copy()
    for at, start, end in _extended(across, down, em):
        found[max(0, at - 1) : at + 2, start:end] = 255
    for at, start, end in _extended(down, across, em):
        found[start:end, max(0, at - 1) : at + 2] = 255
    return as_picture(found)


def _paper(ink: Flags, texts: Sequence[Box], em: float) -> Picture:
    """Where there is no text, where there may be the edge of one, and where there is its middle."""
    paper = np.full(ink.shape, BARE, dtype=np.uint8)
    for box in texts:
        height = box.bottom - box.top
        rows = _slice(box.top + EDGE * height, box.bottom - EDGE * height)
        middle = _slice(box.top + CORE * height, box.bottom - CORE * height)
        before = max(0, round(box.x0))
        for start, end in _words(np.asarray(ink[rows, before : max(0, round(box.x1)) + 1].any(axis=0)), em):
            paper[rows, before + start : before + end] = np.maximum(paper[rows, before + start : before + end], TEXT)
            inside = slice(before + start + round(SIDE * em), max(0, before + end - round(SIDE * em)))
            paper[middle, inside] = MIDDLE
    return as_picture(paper)


def _words(columns: Flags, em: float) -> Iterator[Span]:
    """What of a line of text is text: a thin stroke with paper on both sides may be a rule between two cells."""
    strokes = (
        [part for part, _ in _split(_runs(columns), _gaps(_runs(columns)), max(1.0, PAPER * em))]
        if columns.any()
        else []
    )
    word: Span | None = None
    for part in strokes:
        start, end = part[0][0], part[-1][1]
        thin = end - start <= max(4.0, THIN * em)
        if word is not None and (thin or start - word[1] > WORDS_APART * em):
            yield word
            word = None
        if not thin:
            word = (word[0] if word else start, end)
    if word is not None:
        yield word


def _gaps(runs: Sequence[Span]) -> list[float]:
    return [float(after[0] - before[1]) for before, after in pairwise(runs)]


def _slice(first: float, last: float) -> slice:
    return slice(max(0, round(first)), max(0, round(last) + 1))


def _worn(ink: Flags, paper: Picture, em: float, least: float, farthest: float, least_ink: float) -> Iterator[Piece]:
    """The unbroken pieces of horizontal rules."""
    reach = max(1, round(SLOPE * em))
    window = np.ones((2 * reach + 1, 1), np.uint8)
    band = cv2.dilate(ink.astype(np.uint8), window) > 0
    known = cv2.dilate(np.ascontiguousarray(paper), window)
    amounts = band.sum(axis=1).astype(np.int64)
    away = 2 * reach + max(2, round(BESIDE * em))
    taken = -away
    for y in _peaks(amounts, reach):
        if y - taken <= reach:
            continue
        beside = [band[row] for row in (y - away, y + away) if 0 <= row < len(amounts)]
        for start, end in _pieces(band[y], known[y], em, farthest):
            inside = int(band[y, start:end].sum())
            if (
                end - start < least * em
                or inside < least_ink * (end - start)
                or any(CLEAR * row[start:end].sum() > inside for row in beside)
            ):
                continue
            taken = y
            yield y, start, end


def _peaks(amounts: npt.NDArray[np.int64], reach: int) -> Iterator[int]:
    """Rows with more ink than those nearby; of several alike the one in the middle."""
    most = np.array([amounts[max(0, y - 2 * reach) : y + 2 * reach + 1].max() for y in range(len(amounts))])
    for start, end in _runs((amounts == most) & (amounts >= FEWEST)):
        yield (start + end - 1) // 2


def _extended(pieces: Sequence[Piece], crossing: Sequence[Piece], em: float) -> Iterator[Piece]:
    """Pieces drawn on to the rule at which they end: no rule ends in the middle of a cell."""
    for at, start, end in pieces:
        places = [place for place, first, last in crossing if first - em <= at <= last + em]
        yield at, _end(start, places, -NEAREST * em, em), _end(end, places, NEAREST * em, em)


def _end(end: int, places: Sequence[int], farthest: float, em: float) -> int:
    if any(abs(place - end) <= AT_RULE * em for place in places):
        return end
    beyond = [place for place in places if 0 < (place - end) * np.sign(farthest) <= abs(farthest)]
    return min(beyond, key=lambda place: abs(place - end), default=end)


def _pieces(spots: Flags, paper: npt.NDArray[np.uint8], em: float, farthest: float) -> Iterator[Span]:
    """Where the spots of a row are those of a rule, from the first to the last of each piece of it."""
    runs = _runs(spots)
    if not runs:
        return
    # Beside text there may be spots that are not seen; through the middle of one no rule goes.
    length = np.concatenate(
        [[0.0], np.cumsum(np.select([paper == BARE, paper == TEXT], [1.0, 0.0], float(len(paper))))]
    )
    gaps = [float(length[after[0]] - length[before[1]]) for before, after in pairwise(runs)]
    rough = _split(runs, gaps, farthest * em)
    for piece, between in rough:
        if len(piece) < FEWEST and _ink(piece) < 2 * em:
            continue
        usual = float(np.mean(between)) if between else 0.0
        for part, inner in _split(piece, between, max(NEAREST * em, TIMES * usual)):
            if (len(part) >= FEWEST or _ink(part) >= 2 * em) and _lone(part, inner, em) < LONE:
                yield part[0][0], part[-1][1]


def _split(runs: Sequence[Span], gaps: Sequence[float], widest: float) -> list[tuple[list[Span], list[float]]]:
    """Runs, and the gaps between them, parted where a gap is wider."""
    parts: list[tuple[list[Span], list[float]]] = [([runs[0]], [])]
    for run, gap in zip(runs[1:], gaps, strict=True):
        if gap > widest:
            parts.append(([run], []))
        else:
            parts[-1][0].append(run)
            parts[-1][1].append(gap)
    return parts


def _lone(runs: Sequence[Span], gaps: Sequence[float], em: float) -> float:
    """Share of the ink that is in runs as long as a dash with as much paper beside them as a cell has."""
    parts = [part for part, _ in _split(runs, gaps, BROKEN * em)]
    between = [gap for gap in gaps if gap > BROKEN * em]
    wide = [float("inf"), *between, float("inf")]
    lone = sum(
        _ink(part)
        for part, before, after in zip(parts, wide, wide[1:], strict=False)
        if part[-1][1] - part[0][0] >= STROKE * em and min(before, after) >= ALONE * em
    )
    return lone / _ink(runs)


def _ink(runs: Sequence[Span]) -> int:
    return sum(end - start for start, end in runs)


def _runs(flags: Flags) -> list[Span]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
