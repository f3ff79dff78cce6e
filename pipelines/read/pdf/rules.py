"""Which lines, rectangles and shapes drawn on a page of a PDF may rule a table.

Belongs here: what is true of them whoever read them, pdfium or pdfminer. Does not: which tables they rule (`ruling`).
WPS draws background rectangles behind text, which pdfplumber by itself takes for tables of one column.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from pdfplumber.page import Page

from pipelines.read.ruling import Edge, horizontal, vertical

RULE_WIDTH = 3.0
"""A filled rectangle at most this thick (points) is a drawn line; a thicker one is a background."""
SAME_SIDES = 0.05
"""Sides of a rectangle whose lengths differ by less (points) are equal: Word draws the corners of cells as squares."""
WHITE = 0.988
"""Share of light from which a colour is white: 252 of 255 parts."""

Obj = dict[str, Any]
Point = tuple[float, float]


def edges_on(page: Page) -> list[Edge]:
    """The edges that rule tables on a page as pdfplumber reads it: strokes and thin fills that are not white."""
    edges = [
        line_edge(line["x0"], line["top"], line["x1"], line["bottom"])
        for line in page.lines
        if not _is_white(line.get("stroking_color"))
    ]
    for curve in page.curves:
        if not _is_white(curve.get("stroking_color")):
            edges.extend(shape_edges(curve["pts"]))
    for rect in page.rects:
        edges.extend(
            rectangle_edges(
                rect["x0"],
                rect["top"],
                rect["x1"],
                rect["bottom"],
                is_stroked=bool(rect.get("stroke")) and not _is_white(rect.get("stroking_color")),
                is_filled=bool(rect.get("fill")) and not _is_white(rect.get("non_stroking_color")),
            )
        )
    return edges


def line_edge(x0: float, top: float, x1: float, bottom: float) -> Edge:
    """A line as the edge that it is to pdfplumber: what is not quite level is upright."""
    return horizontal(top, x0, x1) if top == bottom else vertical(x0, top, bottom)


def shape_edges(points: Sequence[Point]) -> Iterator[Edge]:
    """The sides of a shape as the edges that they are to pdfplumber, from point to point."""
    for (x, y), (to_x, to_y) in pairwise(points):
        top, bottom = (y, to_y) if y <= to_y else (to_y, y)
        if x == to_x:
            yield vertical(x, top, bottom)
        else:
            yield horizontal(top, *((x, to_x) if x <= to_x else (to_x, x)))


def rectangle_edges(
    x0: float, top: float, x1: float, bottom: float, *, is_stroked: bool, is_filled: bool
) -> tuple[Edge, ...]:
    """A thin rectangle is a line along its middle; a stroked one has four sides; a background has none.

    `is_stroked` and `is_filled` tell whether its outline and its area are drawn in a colour that is not white.
    """
    if min(x1 - x0, bottom - top) <= RULE_WIDTH:
        if not (is_stroked or is_filled):
            return ()
        if x1 - x0 < bottom - top - SAME_SIDES:
            return (vertical((x0 + x1) / 2, top, bottom),)
        return (horizontal((top + bottom) / 2, x0, x1),)
    if not is_stroked:
        return ()
    return horizontal(top, x0, x1), horizontal(bottom, x0, x1), vertical(x0, top, bottom), vertical(x1, top, bottom)


def _is_white(color: object) -> bool:
    """Whether a colour is white in grey, RGB or CMYK; an unknown colour is not."""
    if color is None:
        return False
    if isinstance(color, int | float):
        return color >= WHITE  # pdfminer has grey so
    if not isinstance(color, tuple | list) or not color:
        return False
    values = [value for value in color if isinstance(value, int | float)]
    if len(values) == 4:
        return all(value <= 0.01 for value in values)
    return bool(values) and all(value >= WHITE for value in values)
