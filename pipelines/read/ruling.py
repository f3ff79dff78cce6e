"""From the lines that rule a page to the cells between them.

Belongs here: what follows from lines alone, whoever found them, in a PDF's drawing or in a picture. Does not: which
lines of a page rule tables, or the text in the cells. pdfplumber's table finder does the work.
"""

from collections.abc import Sequence
from typing import Any

from pdfplumber.table import cells_to_tables, edges_to_intersections, intersections_to_cells, merge_edges

from pipelines.read.document import Box

SNAP = 3.0
"""Lines and edges closer than this (points) are one, as in pdfplumber's own settings."""

Edge = dict[str, Any]
"""A line as pdfplumber has it; `vertical` and `horizontal` make them."""


def ruled_tables(edges: Sequence[Edge]) -> list[tuple[Box, ...]]:
    """The cells of each table that the lines rule, tables and cells from top to bottom and left to right.

    Lines that end where a page breaks, or on a side that is left open, are joined by the line that lacks there.
    """
    merged = merge_edges(list(edges), SNAP, SNAP, SNAP, SNAP)
    across = [edge for edge in merged if edge["orientation"] == "h"]
    down = [edge for edge in merged if edge["orientation"] == "v"]
    if len(across) < 2 or len(down) < 2:
        return []
    across += [horizontal(*ends) for ends in _open_ends(down, across, "top", "x0", "x1")]
    down += [vertical(*ends) for ends in _open_ends(across, down, "x0", "top", "bottom")]
    lines = [edge for edge in merge_edges(across + down, SNAP, SNAP, SNAP, SNAP) if _length(edge) >= SNAP]
    cells = intersections_to_cells(edges_to_intersections(lines, SNAP, SNAP))
    tables = [
        tuple(Box(*map(float, cell)) for cell in sorted(table, key=lambda cell: (cell[1], cell[0])))
        for table in cells_to_tables(cells)
    ]
    return sorted(tables, key=lambda table: (min(box.top for box in table), min(box.x0 for box in table)))


def _length(edge: Edge) -> float:
    return float(max(edge["x1"] - edge["x0"], edge["bottom"] - edge["top"]))


def vertical(x: float, top: float, bottom: float) -> Edge:
    """A vertical line at `x`."""
    return {
        "object_type": "line",
        "orientation": "v",
        "x0": x,
        "x1": x,
        "top": top,
        "bottom": bottom,
        "width": 0.0,
        "height": bottom - top,
    }


def horizontal(y: float, x0: float, x1: float) -> Edge:
    """A horizontal line at `y`."""
    return {
        "object_type": "line",
        "orientation": "h",
        "x0": x0,
        "x1": x1,
        "top": y,
        "bottom": y,
        "width": x1 - x0,
        "height": 0.0,
    }


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
    for side in (position, far):
        loose = [
            edge
            for edge in edges
            if not any(_touches(other, edge, side, position, start, end) for other in across)
        ]
        for group in _clusters(loose, side):
            at = sum(edge[side] for edge in group) / len(group)
            partial = [other for other in across if abs(other[position] - at) <= SNAP]
            low = min(edge[start] for edge in group + partial)
            high = max(edge[end] for edge in group + partial)
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
