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
MOSTLY = 0.5
"""Share of such a picture that is paper at least: where all paper is grey, what little is light tells nothing."""
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
DASH, SOLID, CRAMPED = 0.5, 0.75, 0.4
"""A run at least so long of which so much is inked is a dash, and in a narrow column has less paper beside it: no more
than this up to the dots of the rules on both sides."""
LONE = 0.5
"""Share of the ink in such runs from which a row is one of dashes or digits."""
CROSSED = 0.35, 1.5
"""So near and so far above and below a dot there is ink where it may be one of a rule down the page."""
LEAST_INK = 0.15
"""Share of a rule down the page that is inked at least: one point in each row of text, 1. 2. 3., is less."""
CLEAR = 3.0
"""A rule has so many times the ink of the rows beside it."""
BESIDE = 0.25
"""So far beside (characters) these rows lie."""

SPARSE = 0.5
"""Share of the rules of a page that is inked, below which others may be left as a dot here and there."""
PAUSE = 6.0
"""Nor does it pause for so long that there should have been so many spots."""
SPARSER, NARROW, CHANCE = 0.2, 1.0, 3.0
"""A rule goes on where there are spots at least so many times as dense as on the rest of it; over less than so many
characters none is needed, nor where by that density there would be fewer than so many."""
LOWEST_ROW, HIGHEST_ROW = 0.8, 8.0
"""Heights (characters) of a row between two rules, in which a sparse rule down is looked for."""
LOWEST = 0.35
"""A dot of such a rule is no higher."""
LEAST_SPREAD = {2: 1.0, 3: 0.8, 4: 0.5}
"""How far (characters) from the first to the last dot of a row, by their number, is no chance: two are farther apart
than a digit is high."""

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
    return bool(np.count_nonzero(light == 255) >= max(WHITE * light.size, MOSTLY * grey.size))


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
    across = list(_worn(ink, paper, em, LEAST_ACROSS, FARTHEST_ACROSS, 0.0, CRAMPED))
    sparse = _inked(across, ink, reach) < SPARSE
    if sparse:
        across = _continued(across, ink, paper, em)
    for at, start, end in across:  # else spots of rules one above the other would make a rule down the page
        ink[max(0, at - 2 * reach) : at + 2 * reach + 1, start:end] = False
    down = list(_worn(ink.T, paper.T, em, LEAST_DOWN, FARTHEST_DOWN, LEAST_INK, ALONE))  # no dash stands upright
    if sparse:
        down += _between_rows(across, down, ink, em)
    found = darkness.copy()
    for at, start, end in _extended(across, down, em):
        found[max(0, at - 1) : at + 2, start:end] = 255
    for at, start, end in _extended(down, across, em):
        found[start:end, max(0, at - 1) : at + 2] = 255
    return as_picture(found)


def _inked(across: Sequence[Piece], ink: Flags, reach: int) -> float:
    """Share of the horizontal rules that is inked: of a page with solid rules, none is left as a dot or two."""
    seen = sum(
        int(np.count_nonzero(ink[max(0, at - reach) : at + reach + 1, x0:x1].any(axis=0))) for at, x0, x1 in across
    )
    return seen / max(1, sum(end - start for _, start, end in across))


def _continued(pieces: Sequence[Piece], ink: Flags, paper: Picture, em: float) -> list[Piece]:
    """Pieces of horizontal rules with what is too sparse of them to be told alone: between two, or up to a common end.

    Args:
        pieces: what was found of the rules.
        ink: where there are spots.
        paper: what there is else (`_paper`).
        em: size of the smaller characters of the page in pixels.
    """
    reach = max(1, round(SLOPE * em))
    rules: list[list[Piece]] = []
    for piece in sorted(pieces):
        if rules and piece[0] - rules[-1][-1][0] <= 2 * reach:
            rules[-1].append(piece)
        else:
            rules.append([piece])
    starts = _common([min(start for _, start, _ in rule) for rule in rules], em)
    ends = _common([max(end for _, _, end in rule) for rule in rules], em)
    return [piece for rule in rules for piece in _whole_rule(rule, (starts, ends), ink, paper, em)]


def _whole_rule(
    rule: Sequence[Piece], common: tuple[Sequence[int], Sequence[int]], ink: Flags, paper: Picture, em: float
) -> list[Piece]:
    """The pieces of one rule, those joined between which it goes on, the outer ones to the `common` starts and ends."""
    reach = max(1, round(SLOPE * em))
    at = max(rule, key=lambda piece: piece[2] - piece[1])[0]
    rows = slice(max(0, at - 2 * reach), at + 2 * reach + 1)
    spots, known = np.asarray(ink[rows].any(axis=0)), paper[rows].max(axis=0)
    spans = sorted((start, end) for _, start, end in rule)
    bare = sum(int(np.count_nonzero(known[start:end] == BARE)) for start, end in spans)
    usual = sum(len(_runs(spots[start:end])) for start, end in spans) / max(1, bare)

    def goes_on(start: int, end: int) -> bool:
        return _goes_on(spots[start:end], known[start:end], usual, em)

    joined = [spans[0]]
    for start, end in spans[1:]:
        first, last = joined[-1]
        if start <= last or goes_on(last, start):
            joined[-1] = (first, max(last, end))
        else:
            joined.append((start, end))
    starts, ends = common
    first, last = joined[0]
    joined[0] = (next((one for one in starts if one < first and goes_on(one, first)), first), last)
    first, last = joined[-1]
    joined[-1] = (first, next((one for one in reversed(ends) if one > last and goes_on(last, one)), last))
    return [(at, start, end) for start, end in joined]


def _common(places: Sequence[int], em: float) -> list[int]:
    """Where several rules start or end, from left to right."""
    found: list[int] = []
    for place in sorted(places):
        near = sum(abs(place - other) <= AT_RULE * em for other in places)
        if near >= 2 and (not found or place - found[-1] > AT_RULE * em):
            found.append(place)
    return found


def _goes_on(spots: Flags, known: Picture, usual: float, em: float) -> bool:
    """Whether a rule with so many spots a pixel goes on over a length."""
    if (known == MIDDLE).any():
        return False
    bare = known == BARE
    length = int(np.count_nonzero(bare))
    expected = usual * length
    if length < NARROW * em or expected < CHANCE:
        return True
    parts = [0, *(place for run in _runs(spots & bare) for place in run), len(bare)]
    pause = max(np.count_nonzero(bare[start:end]) for start, end in zip(parts[::2], parts[1::2], strict=True))
    return len(parts) // 2 > max(2.0, SPARSER * expected) and bool(usual * pause < PAUSE)


def _between_rows(across: Sequence[Piece], down: Sequence[Piece], ink: Flags, em: float) -> list[Piece]:
    """Pieces of vertical rules that are too sparse to be told alone, from one horizontal rule to the next.

    Args:
        across: horizontal rules.
        down: what was found of the vertical ones.
        ink: where there are spots.
        em: size of the smaller characters of the page in pixels.
    """
    reach = max(1, round(SLOPE * em))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    dot = (stats[:, cv2.CC_STAT_WIDTH] <= max(4.0, THIN * em)) & (stats[:, cv2.CC_STAT_HEIGHT] <= LOWEST * em)
    dot[0] = False
    dots = cv2.dilate(dot[labels].astype(np.uint8), np.ones((1, 2 * reach + 1), np.uint8)) > 0
    known = cv2.dilate(ink.astype(np.uint8), np.ones((1, 2 * reach + 1), np.uint8)) > 0
    rows = sorted({at for at, _, _ in across})
    found: list[Piece] = []
    likely: list[tuple[Piece, int]] = []
    for top, bottom in pairwise(rows):
        low, high = top + 2 * reach, bottom - 2 * reach
        if not LOWEST_ROW * em <= high - low <= HIGHEST_ROW * em:
            continue
        for start, end in _shared(across, top, bottom):
            if end - start < LEAST_ACROSS * em:
                continue
            for x, count, spread in _columns(dots[low:high, start:end], known[low:high, start:end], em):
                piece = (start + x, top, bottom)
                if count >= 2 and spread >= LEAST_SPREAD[min(count, 4)] * em:
                    found.append(piece)
                else:
                    likely.append((piece, count))
    # In a row of its own a dot or two are a chance, above or below others they are not.
    for piece, count in likely:
        if any(count + other >= 3 and _follow(piece, one, reach, em) for one, other in likely):
            found.append(piece)
    while more := [
        piece
        for piece, _ in likely
        if piece not in found and any(_follow(piece, one, reach, em) for one in (*found, *down))
    ]:
        found += more
    return found


def _shared(across: Sequence[Piece], top: int, bottom: int) -> Iterator[Span]:
    """Where two rows both have a rule."""
    for _, start, end in (piece for piece in across if piece[0] == top):
        for _, first, last in (piece for piece in across if piece[0] == bottom):
            yield max(start, first), min(end, last)


def _follow(one: Piece, other: Piece, reach: int, em: float) -> bool:
    """Whether one piece ends where the other starts."""
    beside = abs(one[0] - other[0]) <= 2 * reach
    return beside and (abs(one[1] - other[2]) <= em or abs(other[1] - one[2]) <= em)


def _columns(dots: Flags, ink: Flags, em: float) -> Iterator[tuple[int, int, int]]:
    """The columns of a row of a table in which there are dots of a rule: how many, and how far apart."""
    width = dots.shape[1]
    starts = np.diff(np.concatenate([np.zeros((1, width), np.int8), dots.astype(np.int8)]), axis=0) > 0
    counts = starts.sum(axis=0)
    away = max(2, round(SLOPE * em)) * 2 + max(2, round(BESIDE * em))
    beside = np.zeros(width, dtype=np.int64)
    filled = ink.sum(axis=0)
    beside[away:] = filled[:-away]
    beside[:-away] = np.maximum(beside[:-away], filled[away:])
    for start, end in _runs((counts >= 1) & (beside == 0)):
        at = start + int(np.argmax(counts[start:end]))
        most = np.flatnonzero(counts[start:end] == counts[at])
        at = start + int(most[len(most) // 2])
        rows = np.flatnonzero(dots[:, at])
        yield at, int(counts[at]), int(rows[-1] - rows[0])


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


def _worn(
    ink: Flags, paper: Picture, em: float, least: float, farthest: float, least_ink: float, cramped: float
) -> Iterator[Piece]:
    """The unbroken pieces of horizontal rules.

    Args:
        ink: where there are spots.
        paper: what there is else (`_paper`).
        em: size of the smaller characters of the page in pixels.
        least: least length of a rule (characters).
        farthest: spots farther apart (characters) are not of one rule.
        least_ink: share of a rule that is inked at least.
        cramped: paper (characters) beside a dash that stands between the dots of two rules.
    """
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
        for start, end in _pieces(band[y], known[y], _crossed(ink, y, em), em, farthest, cramped):
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


def _crossed(ink: Flags, y: int, em: float) -> Flags:
    """Where along a row there is ink above it and below it, as of a rule down the page."""
    near, far = (round(one * em) for one in CROSSED)
    above, below = ink[max(0, y - far) : max(0, y - near)], ink[y + near + 1 : y + far + 1]
    across = np.ones((1, 2 * max(1, round(SLOPE * em)) + 1), np.uint8)
    there = np.stack([above.any(axis=0), below.any(axis=0)]).astype(np.uint8)
    return np.asarray(as_picture(cv2.dilate(there, across)).all(axis=0))


def _pieces(
    spots: Flags, paper: npt.NDArray[np.uint8], crossed: Flags, em: float, farthest: float, cramped: float
) -> Iterator[Span]:
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
            if (len(part) >= FEWEST or _ink(part) >= 2 * em) and _lone(part, inner, crossed, em, cramped) < LONE:
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


def _lone(runs: Sequence[Span], gaps: Sequence[float], crossed: Flags, em: float, cramped: float) -> float:
    """Share of the ink that is in runs as long as a dash with as much paper beside them as a cell has."""
    parts = [part for part, _ in _split(runs, gaps, BROKEN * em)]
    between = [gap for gap in gaps if gap > BROKEN * em]
    wide = [float("inf"), *between, float("inf")]
    lone = 0
    for at, (part, before, after) in enumerate(zip(parts, wide, wide[1:], strict=False)):
        beside = [parts[other] for other in (at - 1, at + 1) if 0 <= other < len(parts)]
        between_rules = _is_dash(part, em) and all(crossed[start:end].any() for other in beside for start, end in other)
        if part[-1][1] - part[0][0] >= STROKE * em and min(before, after) >= (cramped if between_rules else ALONE) * em:
            lone += _ink(part)
    return lone / _ink(runs)


def _is_dash(part: Sequence[Span], em: float) -> bool:
    """Whether runs of ink next to each other are one line with hardly a gap."""
    length = part[-1][1] - part[0][0]
    return length >= DASH * em and _ink(part) >= SOLID * length


def _ink(runs: Sequence[Span]) -> int:
    return sum(end - start for start, end in runs)


def _runs(flags: Flags) -> list[Span]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
