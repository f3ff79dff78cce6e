"""Which pieces of a table's rules are really drawn: each is looked for anew, now that it is known where it would be.

Belongs here: telling whether there is a line between two crossings, however faint or worn. Does not: finding rules
in the first place. A rule that is found in one row says where to look in the others, and far less ink is needed to
believe in it there; strokes of text that were taken for a rule have none between the lines of text.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median_high, median_low

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.read.document import Box
from pipelines.read.scan.marks import runs
from pipelines.read.scan.picture import Picture, as_picture
from pipelines.read.scan.rules import Rule

SAME = 0.15
"""Rules nearer to each other than this are one."""
AROUND = 0.12
"""So far to either side of its place a rule is looked for."""
HALF_WIDTH = 0.09
"""Half the width of a rule that is not seen as a whole."""
SIDES = 0.3
"""So far to either side there is paper."""
AVERAGED = 0.35
CORE = 0.15
"""Text fills the box found around it but for this share on each side."""
MARGIN, MARGIN_IN_TEXT = 0.2, 0.1
"""At its crossings a line is not looked for: there the other one is."""
DRAWN, DRAWN_IN_TEXT = 0.5, 0.9
"""Share of the length outside text over which there is ink; of all of it, where text leaves less than the following.
Strokes of text may look like a rule from one crossing to the next; text beside a rule may hide it."""
LEAST_OUTSIDE = 0.2
HALF, THROUGH, BARE = 0.5, 0.97, 0.3
"""Share of the darkness of a rule from which a pixel counts where digits stand against it, share of a length over which
there are such, and share of it over which there is paper on both sides: what is dark from one crossing to the next is
no stroke of text, which stays away from both."""
THICKEST = 0.3
"""No rule that is looked for only there is thicker, nor as near to another; a rule does not end between such."""
ALONE, LOWEST_ROW, LEAST_LEVEL = 0.4, 0.9, 32.0
"""For such a rule, share of the height of its row over which there is paper on both sides, least height of the row
(characters), and darkness of the other rules from which grain is no rule."""
UNBROKEN_IN_TEXT = 0.75
"""Share of a length at least that is as dark as a rule where text stands on part of it and no long rule was found: of
two lines in a cell the engine may have found one, and the strokes of the other lie outside text."""
EDGES = 0.2
"""How much farther the edges of a thick rule reach that is found as one."""
BEYOND = 0.5
"""Rules that go on so far beyond the last crossing do not end there."""
WORN, NEVER = 0.3, 1.1
"""Share of a length over which there are spots of ink where a black-and-white scan left a row of dots of a rule; no
share, for scans that know grey."""
UNBROKEN = 0.9
"""Share of spots where it was found from which a rule is not worn at all: no piece of it is lost anywhere."""
PAUSED, SOLID = 0.15, 0.5
"""Share of a length over which there are spots at least where a worn rule goes on. One is worn that has fewer spots
than the other where it was found: of a solid one, two or three spots in a gap of a text are nothing."""
CROSSED = 0.02
"""Share of a length at most over which strokes of text cross a rule that stands right beside it."""
SPOT, FEWEST, WIDEST_GAP = 96, 4, 0.6
FEWEST_BETWEEN = 2
"""Darkness of such spots, in how many runs they lie at least, and the longest gap between them as a share of the
length: a dash in a cell is one run or two. So few are enough in a row between two in which the rule is drawn."""
APART, SPECKS, STROKES = 0.3, 0.02, 0.08
"""So far from a lost rule there is text on either side, how much ink (squares of a character) there may be nearer to
it, and how much a lone digit has."""
NARROWEST = 1.0
"""Width (characters) of the narrowest cell that is closed where a piece of the border is lost."""
LONG = 4.0
"""A rule found as long as this is one, whatever text stands beside it: strokes of text end with the line."""
LEAST_CONTRAST, FAINTEST, LEVEL = 8.0, 0.06, 0.35
"""Grey levels, share of the darkest ink, and share of what the line has where it was found, by which it is darker than
the paper on both its sides."""
CLIPPED = 2.0
"""Ink counts as no darker than so many times that: what averaging leaves of dark strokes beside a gap is no line."""

Levels = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Span = tuple[int, int]


def drawn(
    rules: Sequence[Rule], darkness: Picture, em: float, texts: Sequence[Box], least_spotted: float = NEVER
) -> tuple[Rule, ...]:
    """The rules of a table, from crossing to crossing as far as they are drawn.

    Args:
        rules: rules found of one table.
        darkness: how much darker than the paper around it each pixel is.
        em: size of the smaller characters of the page in pixels.
        texts: lines of text found, in pixels.
        least_spotted: share of a length over which there are spots where a rule is worn: WORN where the scan knows
            only black and white, else NEVER.
    """
    across = [rule for rule in rules if not rule.is_vertical]
    down = [Rule(rule.y0, rule.x0, rule.y1, rule.x1) for rule in rules if rule.is_vertical]
    if not across or not down:
        return ()
    ys = _places(across, SAME * em)
    xs = _places(down, SAME * em)
    # Rules that just stop, at a page break or on an open side, do so all at one place.
    rows = _with_ends(ys, [end for rule in down for end in (rule.x0, rule.x1)], em)
    columns = _with_ends(xs, [end for rule in across for end in (rule.x0, rule.x1)], em)
    least = max(LEAST_CONTRAST, FAINTEST * float(np.percentile(darkness, 99.5)))
    found: list[Rule] = []
    for y in ys:
        way = _way(darkness, y, across, _cores(texts, y, darkness.shape[1]), least, em)
        flags = _drawn_pieces(columns, way, em, least_spotted)
        if least_spotted < NEVER:
            flags = _with_hidden(flags, columns, way, em)
            flags = _with_lost(flags, columns, darkness, (y, *_next_to(y, rows)), em) if way.usual < UNBROKEN else flags
            flags = _closed(flags, columns, em) if way.usual < UNBROKEN and y in (rows[0], rows[-1]) else flags
        found += [Rule(start, y, end, y) for start, end in _pieces(columns, flags)]
    turned = np.ascontiguousarray(darkness.T)
    sideways = [Box(box.top, box.x0, box.bottom, box.x1) for box in texts]
    for x in xs:
        way = _way(turned, x, down, _cores_across(sideways, x, turned.shape[1]), least, em)
        flags = _drawn_pieces(rows, way, em, least_spotted)
        if least_spotted < NEVER:
            flags = _with_hidden(flags, rows, way, em)
            flags = _with_parted(flags, rows, way, turned, (x, *_next_to(x, columns)), em)
        found += [Rule(x, start, x, end) for start, end in _pieces(rows, flags)]
    found += _overlooked(turned, rows, xs, found, em)
    return tuple(_with_cut(_framed(found, (columns[0], rows[0], columns[-1], rows[-1]))))


def _with_cut(rules: list[Rule]) -> list[Rule]:
    """The rules of a row that a page break left alone, with a third where the page cut it: two rules close no cell."""
    across = [rule for rule in rules if not rule.is_vertical]
    down = [rule for rule in rules if rule.is_vertical]
    if len(across) != 1 or len(down) != 1:
        return rules
    (edge,), (between,) = across, down
    end = max((between.y0, between.y1), key=lambda y: abs(y - edge.y0))
    return [*rules, Rule(edge.x0, end, edge.x1, end)]


def _overlooked(
    turned: Picture, rows: Sequence[float], xs: Sequence[float], found: Sequence[Rule], em: float
) -> Iterator[Rule]:
    """The vertical rules of single rows that were not found at all: digits stand against each of them.

    Args:
        turned: the darkness of the page, rows and columns exchanged.
        rows: the crossings along a vertical rule.
        xs: where there are vertical rules.
        found: the rules that were found.
        em: size of the smaller characters of the page in pixels.
    """
    known = [rule for rule in found if rule.is_vertical]
    if not known:
        return
    for top, bottom in pairwise(rows):
        beside = [rule for rule in known if rule.y0 <= top and bottom <= rule.y1]
        part = _between(top, bottom, MARGIN_IN_TEXT * em)
        if not beside or part.stop - part.start < LOWEST_ROW * em:
            continue
        left, right = round(min(rule.x0 for rule in beside)), round(max(rule.x0 for rule in beside))
        if left == right:
            continue  # the sides are open, and one rule parts the two columns
        level = float(np.median([turned[_line(rule.x0), part].max(axis=0) for rule in beside]))
        if level < LEAST_LEVEL:
            continue
        inside = cv2.dilate(turned[left:right, part], np.ones((3, 1), np.uint8))
        dark = np.asarray((inside > HALF * level).mean(axis=1) >= THROUGH)
        for start, end in runs(dark):
            x = left + (start + end - 1) / 2
            if end - start > THICKEST * em or any(abs(x - other) <= THICKEST * em for other in xs):
                continue
            line, around = _levels(turned[:, part], x, em)
            if np.asarray(line - around > HALF * level).mean() >= ALONE:
                yield Rule(x, top, x, bottom)


def _line(x: float) -> slice:
    """The pixels of a rule that lies there."""
    return slice(max(0, round(x) - 1), round(x) + 2)


def along(rules: Iterable[Rule], mask: Picture, em: float) -> Picture:
    """What of a mask lies along rules, and the rules where it has nothing of them.

    Strokes in it that were taken for rules at first do not; a rule that only lower rows show is in no mask there.

    Args:
        rules: rules as `drawn` gives them.
        mask: pixels of what was found.
        em: size of the smaller characters of the page in pixels.
    """
    near, unknown = np.zeros_like(mask), np.zeros_like(mask)
    away, half = round(SAME * em), max(2, round(HALF_WIDTH * em))
    for rule in rules:
        x, y = round(rule.x0), round(rule.y0)
        end_x, end_y = round(rule.x1), round(rule.y1)
        cv2.line(near, (x, y), (end_x, end_y), 255, 2 * away + 1)
        if rule.is_vertical:
            seen = mask[y : end_y + 1, max(0, x - away) : x + away + 1].max(axis=1)
            unknown[y : end_y + 1, max(0, x - half) : x + half + 1] |= 255 - seen[:, None]
        else:
            seen = mask[max(0, y - away) : y + away + 1, x : end_x + 1].max(axis=0)
            unknown[max(0, y - half) : y + half + 1, x : end_x + 1] |= 255 - seen[None, :]
    # A double border is found as one thick rule: its outer edges are farther from the middle of it.
    grown = cv2.dilate(cv2.bitwise_and(mask, near), np.ones((2 * round(EDGES * em) + 1,) * 2, np.uint8))
    return as_picture(cv2.bitwise_or(cv2.bitwise_and(mask, grown), unknown))


@dataclass(frozen=True, slots=True)
class _Way:
    """What there is at each pixel along the place of a rule.

    Args:
        ink: whether it is as dark as the rule is where it was found.
        spots: whether there is black ink with paper on both sides of it.
        crossed: whether there is black ink with more beside it: a stroke.
        whole: whether it is half as dark as the rule is where it was found.
        alone: whether it is by so much darker than what is beside it.
        found: whether a long rule was found there in the first place.
        outside: whether no text was found there.
        usual: share of spots where the rule was found.
    """

    ink: Flags
    spots: Flags
    crossed: Flags
    whole: Flags
    alone: Flags
    found: Flags
    outside: Flags
    usual: float


def _way(darkness: Picture, y: float, rules: Sequence[Rule], core: Flags, least: float, em: float) -> _Way:
    """What there is along the row `y`, where some of the horizontal `rules` lie."""
    here = [rule for rule in rules if abs(rule.y0 - y) <= SAME * em]
    found = _spanned(here, darkness.shape[1])
    first, last = _near(y, darkness.shape[0], em)
    as_seen, y = darkness[first:last], y - first
    line, beside = _profile(as_seen, y, em)
    enough = max(least, LEVEL * float(np.median((line - beside)[found])))
    # Between the two lines of a double border, blur leaves no white.
    line, beside = _profile(np.minimum(as_seen, float(np.median(beside[found])) + CLIPPED * enough), y, em)
    ink = line - beside > enough
    long = _spanned([rule for rule in here if rule.length >= LONG * em], darkness.shape[1])
    line, beside = _levels(as_seen, y, em)
    half = max(LEAST_CONTRAST, HALF * float(np.median(line[found])))
    spots = np.asarray((line > SPOT) & (beside <= SPOT))
    known = spots[found & ~core]
    return _Way(
        ink=ink,
        spots=spots,
        crossed=np.asarray((line > SPOT) & (beside > SPOT)),
        whole=np.asarray(line > half),
        alone=np.asarray(line - beside > half),
        found=long,
        outside=~core,
        usual=float(known.mean()) if known.size else 0.0,
    )


def _spanned(rules: Sequence[Rule], length: int) -> Flags:
    """Where along a row horizontal rules lie."""
    spanned = np.zeros(length, dtype=bool)
    for rule in rules:
        spanned[round(rule.x0) : round(rule.x1) + 1] = True
    return spanned


def _framed(rules: Sequence[Rule], frame: tuple[float, float, float, float]) -> list[Rule]:
    """The rules cut back to where they meet others or the edge of the table; what meets none is a stroke of text."""
    kept = list(rules)
    while True:
        cut = [piece for rule in kept if (piece := _between_others(rule, kept, frame)) is not None]
        if cut == kept:
            return kept
        kept = cut


def _between_others(rule: Rule, others: Sequence[Rule], frame: tuple[float, float, float, float]) -> Rule | None:
    x0, y0, x1, y1 = frame
    if rule.is_vertical:
        meets = [o.y0 for o in others if not o.is_vertical and o.x0 <= rule.x0 <= o.x1 and rule.y0 <= o.y0 <= rule.y1]
        meets += [end for end in (y0, y1) if end in (rule.y0, rule.y1)]
        return Rule(rule.x0, min(meets), rule.x0, max(meets)) if len(set(meets)) > 1 else None
    meets = [o.x0 for o in others if o.is_vertical and o.y0 <= rule.y0 <= o.y1 and rule.x0 <= o.x0 <= rule.x1]
    meets += [end for end in (x0, x1) if end in (rule.x0, rule.x1)]
    return Rule(min(meets), rule.y0, max(meets), rule.y0) if len(set(meets)) > 1 else None


def _places(rules: Sequence[Rule], same: float) -> list[float]:
    """Where there are horizontal rules: near a long one, a short one is part of it or a stroke beside it."""
    places: list[float] = []
    for rule in sorted(rules, key=lambda rule: rule.length, reverse=True):
        if all(abs(rule.y0 - other) > same for other in places):
            places.append(rule.y0)
    return sorted(places)


def _with_ends(places: Sequence[float], ends: Sequence[float], em: float) -> list[float]:
    """The crossings along a rule, with the outermost ends where they lie clearly beyond the last crossing.

    Of several ends the one in the middle counts: a speck below a rule makes it longer than the others.
    """
    before = [end for end in ends if places[0] - end > BEYOND * em]
    after = [end for end in ends if end - places[-1] > BEYOND * em]
    return [*map(median_high, [before] * bool(before)), *places, *map(median_low, [after] * bool(after))]


def _profile(darkness: Picture | Levels, y: float, em: float) -> tuple[Levels, Levels]:
    """Along the row `y`, averaged: how dark the line is, and how dark the lightest there is on its darker side."""
    first, last = _near(y, darkness.shape[0], em)
    band = cv2.blur(darkness[first:last].astype(np.float32), (2 * round(AVERAGED * em / 2) + 1, 1))
    return _levels(np.asarray(band, dtype=np.float32), y - first, em)


def _near(y: float, height: int, em: float) -> Span:
    """The rows around the row `y` on which it depends what there is."""
    reach, away = max(2, round(AROUND * em)), round(SIDES * em)
    return max(0, round(y) - reach - away), min(height, round(y) + reach + away + 1)


def _levels(darkness: Picture | Levels, y: float, em: float) -> tuple[Levels, Levels]:
    """Along the row `y`: how dark the line is, and how dark the lightest there is on its darker side."""
    first, last = _near(y, darkness.shape[0], em)
    reach = max(2, round(AROUND * em))
    band = darkness[first:last]
    middle = round(y) - first
    line = band[max(0, middle - reach) : middle + reach + 1].max(axis=0)
    above, below = band[: max(1, middle - reach - 1)].min(axis=0), band[middle + reach + 2 :]
    under = below.min(axis=0) if below.size else above
    return np.asarray(line, dtype=np.float32), np.asarray(np.maximum(above, under), dtype=np.float32)


def _cores(texts: Sequence[Box], y: float, length: int) -> Flags:
    """Where the row `y` runs through lines of text."""
    inside = np.zeros(length, dtype=bool)
    for box in texts:
        edge = CORE * (box.bottom - box.top)
        if box.top + edge < y < box.bottom - edge:
            inside[max(0, round(box.x0)) : max(0, round(box.x1))] = True
    return inside


def _cores_across(texts: Sequence[Box], y: float, length: int) -> Flags:
    """Where the row `y` runs through lines of text that run across it."""
    inside = np.zeros(length, dtype=bool)
    for box in texts:
        if box.top < y < box.bottom:
            edge = CORE * (box.x1 - box.x0)
            inside[max(0, round(box.x0 + edge)) : max(0, round(box.x1 - edge))] = True
    return inside


def _drawn_pieces(crossings: Sequence[float], way: _Way, em: float, least_spotted: float) -> list[bool]:
    """Whether there is a line from each crossing to the next.

    Between two crossings so near to each other that next to nothing is left to look at, a line that is drawn up to
    both goes on: where a table stands right below another, their columns may lie that near.
    """
    found = [_is_drawn(way, start, end, em, least_spotted) for start, end in pairwise(crossings)]
    for at in range(1, len(found) - 1):
        near = crossings[at + 1] - crossings[at] <= THICKEST * em
        found[at] = found[at] or (near and found[at - 1] and found[at + 1])
    return found


def _with_hidden(pieces: Sequence[bool], crossings: Sequence[float], way: _Way, em: float) -> list[bool]:
    """The pieces of a line with those whose spots stand right beside text, next to pieces that are drawn.

    Through the text of a cell over several rows or columns go strokes that cross where the line would be.
    """
    found = list(pieces)
    if way.usual >= SOLID:
        return found
    for order in (range(1, len(found)), range(len(found) - 2, -1, -1)):
        step = 1 if order.step > 0 else -1
        for at in order:
            part = _between(crossings[at], crossings[at + 1], MARGIN * em)
            if found[at - step] and not found[at] and way.crossed[part].mean() <= CROSSED:
                found[at] = _around(way.spots[part], em) >= PAUSED
    return found


def _with_parted(
    pieces: Sequence[bool],
    rows: Sequence[float],
    way: _Way,
    turned: Picture,
    columns: tuple[float, float, float],
    em: float,
) -> list[bool]:
    """The pieces of a worn vertical rule with those of single rows in which it is all but lost.

    Above and below such a row the rule goes on, and in the row there are spots of it where no text is, or text stands
    on both sides of it as far apart as in two cells.

    Args:
        pieces: whether each is drawn.
        rows: the crossings they lie between.
        way: what there is along the rule.
        turned: the darkness of the page, rows and columns exchanged.
        columns: the column, that left of it and that right of it.
        em: size of the smaller characters of the page in pixels.
    """
    found = list(pieces)
    if way.usual >= UNBROKEN:
        return found
    for at in range(1, len(pieces) - 1):
        part = _between(rows[at], rows[at + 1], MARGIN * em)
        if pieces[at] or not (pieces[at - 1] and pieces[at + 1] and way.outside[part].all()):
            continue
        spots = way.spots[part]
        left = len(runs(spots)) >= FEWEST_BETWEEN and _around(spots, em) >= PAUSED
        spotted = left and way.crossed[part].mean() <= CROSSED
        found[at] = spotted or _parts_text(turned, columns, (rows[at], rows[at + 1]), em)
    return found


def _with_lost(
    pieces: Sequence[bool], columns: Sequence[float], darkness: Picture, rows: tuple[float, float, float], em: float
) -> list[bool]:
    """The pieces of a row with those that are lost from a rule that goes on at both ends.

    That text stands above and below, as far apart as in two cells, tells a lost piece from a cell over two rows.

    Args:
        pieces: whether each is drawn.
        columns: the crossings they lie between.
        darkness: how much darker than the paper around it each pixel is.
        rows: the row, that above it and that below it.
        em: size of the smaller characters of the page in pixels.
    """
    found = list(pieces)
    within = [at for at, piece in enumerate(pieces) if piece]
    for at in range(within[0], within[-1]) if within else ():
        found[at] = found[at] or _parts_text(darkness, rows, (columns[at], columns[at + 1]), em)
    return found


def _parts_text(darkness: Picture, rows: tuple[float, float, float], between: tuple[float, float], em: float) -> bool:
    """Whether text stands on both sides of a row (beside it the rows next to it), and none near it.

    Args:
        darkness: how much darker than the paper around it each pixel is.
        rows: the row, that above it and that below it.
        between: the crossings along the row between which it is looked at.
        em: size of the smaller characters of the page in pixels.
    """
    y, top, bottom = rows
    part = _between(*between, MARGIN * em)
    above = darkness[_between(top, y - APART * em, MARGIN * em), part] > SPOT
    below = darkness[_between(y + APART * em, bottom, MARGIN * em), part] > SPOT
    close = darkness[round(y - APART * em) : round(y + APART * em) + 1, part] > SPOT
    return bool(min(above.sum(), below.sum()) >= STROKES * em**2 and close.sum() <= SPECKS * em**2)


def _closed(pieces: Sequence[bool], columns: Sequence[float], em: float) -> list[bool]:
    """The pieces of the first or last row with those between drawn ones: a cell there has none beyond to go on in.

    Between tables that lie beside each other, or columns of two that nearly are one, there is no cell.
    """
    found = list(pieces)
    within = [at for at, piece in enumerate(pieces) if piece]
    for at in range(within[0], within[-1]) if within else ():
        found[at] = found[at] or columns[at + 1] - columns[at] >= NARROWEST * em
    return found


def _next_to(y: float, rows: Sequence[float]) -> tuple[float, float]:
    """The nearest rows above and below."""
    return max((row for row in rows if row < y), default=y), min((row for row in rows if row > y), default=y)


def _pieces(crossings: Sequence[float], drawn: Sequence[bool]) -> list[tuple[float, float]]:
    """Start and end of what is drawn, crossing to crossing, pieces that follow each other joined."""
    pieces: list[tuple[float, float]] = []
    for (start, end), there in zip(pairwise(crossings), drawn, strict=True):
        if not there:
            continue
        if pieces and pieces[-1][1] == start:
            pieces[-1] = (pieces[-1][0], end)
        else:
            pieces.append((start, end))
    return pieces


def _is_drawn(way: _Way, start: float, end: float, em: float, least_spotted: float) -> bool:
    """Whether a line is drawn from one crossing to the next: in text, strokes may look like one here and there."""
    part = _between(start, end, MARGIN * em)
    ink, outside = way.ink[part], way.outside[part]
    if not ink.size:
        return False
    if _is_through(way, start, end, em):
        return True
    if least_spotted < NEVER and way.usual < SOLID and way.found[part].mean() >= DRAWN_IN_TEXT:
        # The dots of a long rule tell that it is one; here it must only not pause.
        return bool(outside.sum() < LEAST_OUTSIDE * len(ink) or _around(way.spots[part] & outside, em) >= PAUSED)
    if least_spotted == NEVER and not (way.found.any() or outside.all()) and way.whole[part].mean() < UNBROKEN_IN_TEXT:
        return False  # strokes of text above each other: nowhere is there a long rule at this place
    if outside.sum() >= max(3.0, LEAST_OUTSIDE * len(ink)):
        # Between strokes of text that the engine overlooked there are some that cross.
        worn = way.usual < UNBROKEN or (outside.all() and way.crossed[part].mean() <= CROSSED)
        return bool(ink[outside].mean() >= DRAWN or (worn and _spotted(way.spots[part] & outside, em) >= least_spotted))
    if way.found[part].mean() >= DRAWN_IN_TEXT:
        return bool(ink.mean() >= DRAWN)
    # A stroke as high as its row, 十 or 1, fills all but its ends.
    return bool(min(ink.mean(), way.ink[_between(start, end, MARGIN_IN_TEXT * em)].mean()) >= DRAWN_IN_TEXT)


def _is_through(way: _Way, start: float, end: float, em: float) -> bool:
    """Whether there is ink from one crossing to the next, more than strokes of text that touch it."""
    part = _between(start, end, MARGIN_IN_TEXT * em)
    return bool(way.whole[part].mean() >= THROUGH and way.alone[part].mean() >= BARE)


def _spotted(spots: Flags, em: float) -> float:
    """Over which share of a length there are or nearly are spots; 0 where they are not spread over it."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], spots.astype(np.int8), [0]])))
    gaps = np.diff(np.concatenate([[0], edges, [len(spots)]]))[::2]
    if len(edges) // 2 < FEWEST or gaps.max() > WIDEST_GAP * len(spots):
        return 0.0
    return _around(spots, em)


def _around(spots: Flags, em: float) -> float:
    """Over which share of a length there are or nearly are spots."""
    around = cv2.dilate(spots.astype(np.uint8)[None, :], np.ones((1, 2 * round(AVERAGED * em / 2) + 1), np.uint8))
    return float((around > 0).mean())


def _between(start: float, end: float, margin: float) -> slice:
    """The pixels between two crossings but for a margin at both."""
    inner = max(0.0, min(margin, (end - start) / 4))
    first = round(start + inner)
    return slice(first, max(first, round(end - inner)) + 1)
