"""From the lines that rule a page to the cells between them.

Belongs here: what follows from lines alone, whoever found them, in a PDF's drawing or in a picture. Does not: which
lines of a page rule tables, or the text in the cells. pdfplumber's table finder does the work; two of its steps, which
took most of the time, are written anew and compared with it in a test.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from operator import itemgetter
from typing import Any

from pdfplumber.table import edges_to_intersections

from pipelines.read.document import Box

SNAP = 3.0
"""Lines and edges closer than this (points) are one, as in pdfplumber's own settings."""

LEAST_CELL = 6.0
"""What is narrower or lower (points) lies between the two lines of a double rule; no type would fit in it."""

DASH, BLANK, LEAST_DASHES = 8.0, 8.0, 5
"""Dashes and the blanks between them are no longer (points), and a line has at least so many of them."""

Edge = dict[str, Any]
"""A line as pdfplumber has it; `vertical` and `horizontal` make them."""
Point = tuple[float, float]
_Sides = tuple[float, float, float, float]
"""Of a cell: left, top, right, bottom."""
_Segment = tuple[float, float, float]
"""A line by its place, and where along it begins and ends."""
_Ends = tuple[float, float]
"""Where along a line a segment begins and ends."""
_ENDS = itemgetter("x0", "top", "x1", "bottom")
_PLACE, _START, _END = map(itemgetter, range(3))


def ruled_tables(edges: Sequence[Edge]) -> list[tuple[Box, ...]]:
    """The cells of each table that the lines rule; `edges` are the lines as they are drawn."""
    return tables_of(merged(edges))


def tables_of(rules: list[Edge]) -> list[tuple[Box, ...]]:
    """The cells of each table that the lines rule, tables and cells from top to bottom and left to right.

    Lines that end where a page breaks, or on a side that is left open, are joined by the line that lacks there.

    Args:
        rules: the lines, each whole.
    """
    closed = [edge for lines in _connected(rules) for edge in _closed(lines)]
    whole = {id(rule) for rule in rules}
    lines = closed if all(id(edge) in whole for edge in closed) else merged(closed)
    found = _tables(_cells(edges_to_intersections(lines, SNAP, SNAP)))
    tables = [
        tuple(Box(*map(float, cell)) for cell in sorted(cells, key=lambda cell: (cell[1], cell[0])))
        for cells in map(_between_rules, found)
        if len(cells) > 1
    ]
    return sorted(tables, key=lambda table: (min(box.top for box in table), min(box.x0 for box in table)))


def _between_rules(cells: list[_Sides]) -> list[_Sides]:
    """The cells of a table without what lies between the lines of a double rule; those beside it meet in its middle."""
    whole = [cell for cell in cells if min(cell[2] - cell[0], cell[3] - cell[1]) >= LEAST_CELL]
    if len(whole) == len(cells):
        return cells
    xs, ys = _meeting([(x0, x1) for x0, _, x1, _ in whole]), _meeting([(top, bottom) for _, top, _, bottom in whole])
    return [(xs.get(x0, x0), ys.get(top, top), xs.get(x1, x1), ys.get(bottom, bottom)) for x0, top, x1, bottom in whole]


def _meeting(ends: Sequence[_Ends]) -> dict[float, float]:
    """Where sides of cells are moved to: some only end and, next to that, others only begin."""
    starts, stops = {start for start, _ in ends}, {stop for _, stop in ends}
    near = [
        (stop, start)
        for stop, start in pairwise(sorted(starts | stops))
        if stop not in starts and start not in stops and start - stop <= 2 * LEAST_CELL
    ]
    return {side: (stop + start) / 2 for stop, start in near for side in (stop, start)}


def as_boxes(rules: Sequence[Edge]) -> list[Box]:
    """The lines as boxes without width or height."""
    return [Box(*map(float, _ENDS(rule))) for rule in rules]


def merged(edges: Sequence[Edge]) -> list[Edge]:
    """Lines for the segments, dots and dashes they are drawn as; the corners that Word draws apart are none.

    As pdfplumber's `merge_edges` makes them, but without a copy of an edge for every step, and with dashes as lines.
    """
    across = _by_place([(edge["top"], edge["x0"], edge["x1"]) for edge in edges if edge["orientation"] == "h"])
    down = _by_place([(edge["x0"], edge["top"], edge["bottom"]) for edge in edges if edge["orientation"] == "v"])
    blank = max((_blank(ends) for ends in (*across.values(), *down.values())), default=0.0)
    joined_across, joined_down = _joined(across, blank), _joined(down, blank)
    if blank:
        dashed_across = {place for place, ends in across.items() if _are_dashes(ends)}
        dashed_down = {place for place, ends in down.items() if _are_dashes(ends)}
        joined_across, joined_down = (
            [_reaching(line, joined_down, blank) if line[0] in dashed_across else line for line in joined_across],
            [_reaching(line, joined_across, blank) if line[0] in dashed_down else line for line in joined_down],
        )
    whole = [horizontal(*line) for line in joined_across] + [vertical(*line) for line in joined_down]
    return [edge for edge in whole if _length(edge) >= SNAP]


def _by_place(segments: Sequence[_Segment]) -> dict[float, list[_Ends]]:
    """The segments at each place, those at about one place at one."""
    starts = sorted({place for place, _, _ in segments})
    starts = starts[:1] + [place for before, place in pairwise(starts) if place > before + SNAP]
    groups: list[list[_Segment]] = [[] for _ in starts]
    for segment in segments:
        groups[bisect_right(starts, segment[0]) - 1].append(segment)
    at: dict[float, list[_Ends]] = {}
    for group in groups:
        for near in _of_one_line(group):
            places = list(map(_PLACE, near))
            mean = sum(places) / len(near)
            if len(set(places)) == 1:
                at.setdefault(places[0] + (mean - places[0]), []).extend([(start, end) for _, start, end in near])
                continue
            for place, start, end in near:
                at.setdefault(place + (mean - place), []).append((start, end))
    return {place: sorted(at[place]) for place in sorted(at)}


def _of_one_line(group: list[_Segment]) -> Iterator[list[_Segment]]:
    """The segments at about one place, those apart that are far from each other along it.

    Of two tables on a page each has its own columns: taken together, both were moved, and no more as on other pages.
    """
    if len(set(map(_PLACE, group))) == 1:
        yield group
        return
    parts = [part for run in _parted(group, _START, _END, BLANK) for part in _parted(run, _PLACE)]
    if len(parts) == 1:
        yield group
        return
    for part in parts:
        yield from _of_one_line(part)


def _parted(
    segments: Sequence[_Segment],
    start: Callable[[_Segment], float],
    end: Callable[[_Segment], float] | None = None,
    reach: float = SNAP,
) -> list[list[_Segment]]:
    """The segments in groups: each begins no farther than `reach` behind the end of those before it."""
    end = end or start
    groups: list[list[_Segment]] = []
    last = 0.0
    for segment in sorted(segments, key=start):
        if groups and start(segment) <= last + reach:
            groups[-1].append(segment)
            last = max(last, end(segment))
        else:
            groups.append([segment])
            last = end(segment)
    return groups


def _joined(at: Mapping[float, Sequence[_Ends]], blank: float) -> list[_Segment]:
    """Segments at one place as one that touch, or are dashes with no more than `blank` between them."""
    found: list[_Segment] = []
    for place, ends in at.items():
        reach = max(SNAP, blank) if blank and _are_dashes(ends) else SNAP
        low, high = ends[0]
        for start, end in ends[1:]:
            if start > high + reach:
                found.append((place, low, high))
                low, high = start, end
            else:
                high = max(high, end)
        found.append((place, low, high))
    return found


def _are_dashes(ends: Sequence[_Ends]) -> bool:
    """Whether the segments at one place are as short as dashes."""
    return sum(end - start <= DASH for start, end in ends) >= 0.9 * len(ends)


def _blank(ends: Sequence[_Ends]) -> float:
    """The widest blank between the dashes of a line, where the segments at one place are dashes; 0 where they are not.

    Dashes are short and many, and not far apart; where two lines of dashes lie on each other, blanks are uneven.
    """
    if len(ends) < LEAST_DASHES or not _are_dashes(ends):
        return 0.0
    blanks = [gap for before, after in pairwise(ends) if (gap := after[0] - before[1]) <= BLANK]
    return max(blanks) if len(blanks) >= max(LEAST_DASHES - 1, 0.8 * (len(ends) - 1)) else 0.0


def _reaching(line: _Segment, others: Sequence[_Segment], blank: float) -> _Segment:
    """A line of dashes as far as the lines across at which its last blanks lie; at a corner both may end in one."""
    place, low, high = line
    reach = max(SNAP, blank)
    met = [at for at, start, end in others if start - reach <= place <= end + reach]
    before = [at for at in met if low - blank <= at <= low]
    after = [at for at in met if high <= at <= high + blank]
    return place, min(before, default=low), max(after, default=high)


def _cells(crossings: Mapping[Point, Mapping[str, Sequence[Edge]]]) -> list[_Sides]:
    """The smallest cell to the lower right of each crossing: left, top, right, bottom.

    As pdfplumber's `intersections_to_cells` finds them, but each line is looked up once and not for every pair.
    """
    down = {point: frozenset(map(id, lines["v"])) for point, lines in crossings.items()}
    across = {point: frozenset(map(id, lines["h"])) for point, lines in crossings.items()}
    below: dict[float, list[Point]] = defaultdict(list)
    right: dict[float, list[Point]] = defaultdict(list)
    points = sorted(crossings)
    for point in reversed(points):
        right[point[1]].append(point)
        below[point[0]].append(point)
    cells: list[_Sides] = []
    for point in points:
        x, y = point
        below[x].pop()
        right[y].pop()  # left are those farther on, the nearest last
        corners = (
            (corner, under, beside)
            for under in reversed(below[x])
            if not down[point].isdisjoint(down[under])
            for beside in reversed(right[y])
            if (corner := (beside[0], under[1])) in down and not across[point].isdisjoint(across[beside])
        )
        for corner, under, beside in corners:
            if not (down[corner].isdisjoint(down[beside]) or across[corner].isdisjoint(across[under])):
                cells.append((x, y, *corner))
                break
    return cells


def _tables(cells: Sequence[_Sides]) -> list[list[_Sides]]:
    """The cells that hang together by their corners, but for those that stand alone.

    As pdfplumber's `cells_to_tables` finds them, but each corner is looked up once.
    """
    same = list(range(len(cells)))
    at: dict[Point, int] = {}
    for number, (x0, top, x1, bottom) in enumerate(cells):
        for corner in ((x0, top), (x1, top), (x0, bottom), (x1, bottom)):
            one, other = _first_of(same, at.setdefault(corner, number)), _first_of(same, number)
            same[max(one, other)] = min(one, other)
    tables: dict[int, list[_Sides]] = defaultdict(list)
    for number, cell in enumerate(cells):
        tables[_first_of(same, number)].append(cell)
    return [table for table in tables.values() if len(table) > 1]


def _connected(edges: list[Edge]) -> list[list[Edge]]:
    """The lines in groups that touch each other: those of a table, the rule under a page's header by itself."""
    group = list(range(len(edges)))
    numbered = list(enumerate(edges))
    across = [(n, edge["top"], edge["x0"], edge["x1"]) for n, edge in numbered if edge["orientation"] == "h"]
    down = [
        (number, edge["x0"], edge["top"], edge["bottom"]) for number, edge in numbered if edge["orientation"] == "v"
    ]
    for number, y, x0, x1 in across:
        left, right = x0 - SNAP, x1 + SNAP
        for other, x, top, bottom in down:
            if left <= x <= right and top - SNAP <= y <= bottom + SNAP:
                one, two = _first_of(group, number), _first_of(group, other)
                group[max(one, two)] = min(one, two)
    groups: dict[int, list[Edge]] = defaultdict(list)
    for number, edge in numbered:
        groups[_first_of(group, number)].append(edge)
    return _with_outer(list(groups.values()))


def _first_of(same: Sequence[int], number: int) -> int:
    """The first of what is the same as `number`: each names one before it, the first itself."""
    while same[number] != number:
        number = same[number]
    return number


def _with_outer(groups: list[list[Edge]]) -> list[list[Edge]]:
    """The groups with each upright line that touches nothing in the group whose upright lines end where it does.

    Where a page holds only inner rows of cells that began on the page before and end on the next, no line across
    reaches the outer ones.
    """
    alone = [group[0] for group in groups if len(group) == 1 and group[0]["orientation"] == "v"]
    tables = [group for group in groups if len(group) > 1]
    others = [group for group in groups if len(group) == 1 and group[0]["orientation"] == "h"]
    for edge in alone:
        beside = [table for table in tables if sum(_ends_alike(edge, other) for other in table) > 1]
        if beside:
            beside[0].append(edge)
        else:
            others.append([edge])
    return tables + others


def _ends_alike(one: Edge, other: Edge) -> bool:
    """Whether both are upright and begin and end at the same heights."""
    return bool(
        other["orientation"] == "v"
        and abs(one["top"] - other["top"]) <= SNAP
        and abs(one["bottom"] - other["bottom"]) <= SNAP
    )


def _closed(lines: list[Edge]) -> list[Edge]:
    """Lines that touch each other, with those that lack where they just stop; none where they rule no table."""
    across = [edge for edge in lines if edge["orientation"] == "h"]
    down = [edge for edge in lines if edge["orientation"] == "v"]
    if len(across) + len(down) < 3 or not across or not down:
        return []
    across += [horizontal(*ends) for ends in _open_ends(down, across, "top", "x0", "x1")]
    down += [vertical(*ends) for ends in _open_ends(across, down, "x0", "top", "bottom")]
    return across + down


def _length(edge: Edge) -> float:
    return float(max(edge["x1"] - edge["x0"], edge["bottom"] - edge["top"]))


def vertical(x: float, top: float, bottom: float) -> Edge:
    """A vertical line at `x`."""
    return {"orientation": "v", "x0": x, "x1": x, "top": top, "bottom": bottom}


def horizontal(y: float, x0: float, x1: float) -> Edge:
    """A horizontal line at `y`."""
    return {"orientation": "h", "x0": x0, "x1": x1, "top": y, "bottom": y}


def _open_ends(
    edges: list[Edge], across: list[Edge], position: str, start: str, end: str
) -> list[tuple[float, float, float]]:
    """Lines that a table lacks where its rulings just stop: at a page break, or on a side left open.

    Returns (position, start, end) of lines perpendicular to `edges` that join ends which no line of `across`
    touches: with each other, or with a line that is drawn along only part of the side. A page break cuts a row
    without a rule; Word's common table style has no left and right border.
    """
    far = {"top": "bottom", "x0": "x1"}[position]
    found: list[tuple[float, float, float]] = []
    # Where the sides are open, the lines across reach farther than any line along.
    beyond = [
        other
        for other in across
        if other[start] < min(edge[start] for edge in edges) - SNAP
        or other[end] > max(edge[end] for edge in edges) + SNAP
    ]
    for side in (position, far):
        loose = [
            edge for edge in edges if not any(_touches(other, edge, side, position, start, end) for other in across)
        ]
        for group in _clusters(loose, side):
            at = sum(edge[side] for edge in group) / len(group)
            partial = [other for other in across if abs(other[position] - at) <= SNAP]
            low = min(edge[start] for edge in [*group, *partial, *beyond])
            high = max(edge[end] for edge in [*group, *partial, *beyond])
            if high - low > SNAP:
                found.append((at, low, high))
    return found


def _touches(other: Edge, edge: Edge, side: str, position: str, start: str, end: str) -> bool:
    """Whether the perpendicular line `other` passes the end `side` of `edge`."""
    near = abs(other[position] - edge[side]) <= SNAP
    return bool(near and other[start] - SNAP <= edge[start] <= other[end] + SNAP)


def _clusters(edges: list[Edge], side: str) -> list[list[Edge]]:
    """Edges grouped by the coordinate `side`, within the snapping tolerance."""
    ordered = sorted(edges, key=lambda edge: edge[side])
    groups: list[list[Edge]] = []
    for edge in ordered:
        if groups and edge[side] - groups[-1][-1][side] <= SNAP:
            groups[-1].append(edge)
        else:
            groups.append([edge])
    return groups
