"""The paths on a page as the lines that may rule a table.

Belongs here: which points a path has, and whether pdfplumber has it for a line, a rectangle or another shape. Does
not: which of these rule (`pipelines.read.pdf.rules`).
"""

import ctypes
from array import array
from collections.abc import Callable, Iterator, Sequence
from itertools import compress, pairwise
from operator import not_
from typing import Any

from pipelines.read.pdf.pdfium import calls
from pipelines.read.pdf.pdfium.layers import Matrix, Point, times
from pipelines.read.pdf.pdfium.segments import Segments, segments_of
from pipelines.read.pdf.rules import WHITE, line_edge, rectangle_edges, shape_edges
from pipelines.read.ruling import Edge

_LIGHT = WHITE * 255
_LINE, _AREA, _SHAPE = "line", "what may be a rectangle", "shape"
_STROKE, _RECTANGLE = bytes([calls.MOVE, calls.LINE]), bytes([calls.MOVE, *[calls.LINE] * 4])


def ruling_edges(drawn: Sequence[int], outer: Matrix, page_height: float) -> Iterator[Edge]:
    """The edges of the paths of a layer that may rule a table.

    Args:
        drawn: addresses of the paths.
        outer: the matrix of the layer on the page.
        page_height: in points.
    """
    many = len(drawn)
    if not many:
        return
    modes, matrices = (ctypes.c_int * (2 * many))(), (ctypes.c_float * (6 * many))()
    calls.exhaust(map(calls.draw_mode, drawn, calls.steps(modes, 8), calls.steps(modes, 8, 4)))
    calls.exhaust(map(calls.matrix_of, drawn, calls.steps(matrices, 24)))
    counts = list(map(calls.count_segments, drawn))
    shapes = _Shapes(segments_of(drawn, counts))
    own = iter(array("f", bytes(matrices)).tolist())
    end = 0
    placed: dict[tuple[float, ...], Matrix] = {}
    filled = list(compress(drawn, modes[::2]))  # most are lines
    inked = set(compress(filled, map(not_, _are_white(filled, calls.fill_colour))))
    for at, count, stroke, is_stroke_white, key in zip(
        drawn,
        counts,
        modes[1::2],
        _are_white(drawn, calls.stroke_colour),
        zip(own, own, own, own, own, own, strict=True),
        strict=True,
    ):
        first, end = end, end + count
        matrix = placed.get(key)
        if matrix is None:
            matrix = placed[key] = times(key, outer)
        is_stroked, is_filled = bool(stroke) and not is_stroke_white, at in inked
        for kind, points in shapes.of(first, end):
            if kind == _AREA and _is_upright(points, matrix):
                if is_stroked or is_filled:
                    sides = _sides(points[0], points[2], matrix, page_height)
                    yield from rectangle_edges(*sides, is_stroked=is_stroked, is_filled=is_filled)
            elif not is_stroke_white:
                if kind == _LINE:
                    yield line_edge(*_sides(points[0], points[1], matrix, page_height))
                else:
                    yield from shape_edges(_placed(points, matrix, page_height))


def _placed(points: Sequence[Point], matrix: Matrix, page_height: float) -> list[Point]:
    """Points of a path on the page, downwards from its top."""
    a, b, c, d, e, f = matrix
    return [(a * x + c * y + e, page_height - (b * x + d * y + f)) for x, y in points]


def _sides(one: Point, other: Point, matrix: Matrix, page_height: float) -> tuple[float, float, float, float]:
    """The left, upper, right and lower side of what reaches from one point to another, placed alike."""
    a, b, c, d, e, f = matrix
    (x, y), (to_x, to_y) = one, other
    x0, x1 = a * x + c * y + e, a * to_x + c * to_y + e
    top, bottom = page_height - (b * x + d * y + f), page_height - (b * to_x + d * to_y + f)
    if x1 < x0:
        x0, x1 = x1, x0
    return (x0, bottom, x1, top) if bottom < top else (x0, top, x1, bottom)


def _are_white(drawn: Sequence[int], get: Callable[..., Any]) -> list[bool]:
    """Whether the colours that `get` gets are white; a pattern is not."""
    room = (ctypes.c_uint * (4 * len(drawn)))()
    known = list(map(get, drawn, *(calls.steps(room, 16, 4 * part) for part in range(4))))
    parts = array("I", bytes(room)).tolist()
    colours = zip(known, parts[::4], parts[1::4], parts[2::4], strict=True)
    return [known and red >= _LIGHT and green >= _LIGHT and blue >= _LIGHT for known, red, green, blue in colours]


class _Shapes:
    """The shapes of all paths of a layer, by their segments."""

    def __init__(self, segments: Segments) -> None:
        self._points, self._kinds, self._closing = segments.points, segments.kinds, segments.closing

    def of(self, first: int, end: int) -> Sequence[tuple[str, list[Point]]]:
        """The subpaths of a path, by their kinds and points; what is shut ends where it begins."""
        points, kinds = self._points[first:end], self._kinds[first:end]
        if kinds == _STROKE:
            return ((_LINE, points),)
        if kinds == _RECTANGLE and points[0] == points[4] != points[3]:
            return ((_AREA, points),)
        return tuple(self._subpaths(first, end))

    def _subpaths(self, first: int, end: int) -> Iterator[tuple[str, list[Point]]]:
        starts = [first, *(at for at in range(first + 1, end) if self._kinds[at] == calls.MOVE), end]
        for start, stop in pairwise(starts):
            if stop - start < 2:
                continue
            points = self._points[start:stop]
            if calls.CURVE in self._kinds[start:stop]:
                yield _SHAPE, self._without_controls(start, stop)
                continue
            is_shut = bool(self._closing[stop - 1])
            if is_shut and points[0] != points[-1]:
                points.append(points[0])
            if len(points) == 2 or (len(points) == 3 and is_shut):
                yield _LINE, points[:2]
            elif len(points) == 5 and points[0] == points[3]:
                yield _SHAPE, points[:4]  # a rectangle without height
            else:
                yield _AREA if len(points) == 5 and points[0] == points[4] else _SHAPE, points

    def _without_controls(self, start: int, stop: int) -> list[Point]:
        """The points that a path with curves passes, as pdfminer has them: not those that shape the curves."""
        points: list[Point] = []
        controls = 0
        for at in range(start, stop):
            controls = controls + 1 if self._kinds[at] == calls.CURVE else 0
            if controls in (0, 3):
                points.append(self._points[at])
                controls = 0
        if self._closing[stop - 1] and points[-1] != points[0]:
            points.append(points[0])
        return points


def _is_upright(points: Sequence[Point], matrix: Matrix) -> bool:
    """Whether the corners of what may be a rectangle are those of one with level sides, on the page too."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = points[:4]
    is_level = (y0 == y1 and x1 == x2 and y2 == y3 and x3 == x0) or (x0 == x1 and y1 == y2 and x2 == x3 and y3 == y0)
    return is_level and (matrix[1] == matrix[2] == 0 or matrix[0] == matrix[3] == 0)
