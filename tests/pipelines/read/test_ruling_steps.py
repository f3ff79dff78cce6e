"""Lines are merged and cells found as pdfplumber does it."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pdfplumber.table import cells_to_tables, edges_to_intersections, intersections_to_cells, merge_edges

from pipelines.read.ruling import SNAP, _cells, _length, _tables, horizontal, merged, vertical

PLACES = st.one_of(st.integers(0, 12).map(lambda place: place * 10.0), st.floats(0, 120, allow_nan=False))


@st.composite
def lines(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Lines of a table, many at equal places, some in pieces."""
    made = []
    for _ in range(draw(st.integers(0, 24))):
        place, start, end = draw(PLACES), *sorted((draw(PLACES), draw(PLACES)))
        made.append(draw(st.sampled_from((horizontal, vertical)))(place, start, end))
    return made


@given(lines())
@settings(max_examples=200)
def test_lines_are_merged_as_by_pdfplumber(edges: list[dict[str, Any]]) -> None:
    expected = [edge for edge in merge_edges([*map(_measured, edges)], SNAP, SNAP, SNAP, SNAP) if _length(edge) >= SNAP]
    assert list(map(_ends, merged(edges))) == list(map(_ends, expected))


@given(lines())
@settings(max_examples=200)
def test_cells_are_found_as_by_pdfplumber(edges: list[dict[str, Any]]) -> None:
    crossings = edges_to_intersections(merged(edges), SNAP, SNAP)
    assert _cells(crossings) == intersections_to_cells(crossings)


@given(lines())
@settings(max_examples=200)
def test_tables_are_told_apart_as_by_pdfplumber(edges: list[dict[str, Any]]) -> None:
    cells = _cells(edges_to_intersections(merged(edges), SNAP, SNAP))
    assert sorted(map(sorted, _tables(cells))) == sorted(map(sorted, cells_to_tables(cells)))


def _measured(edge: dict[str, Any]) -> dict[str, Any]:
    """An edge with what pdfplumber's own functions need to know besides."""
    return {**edge, "width": edge["x1"] - edge["x0"], "height": edge["bottom"] - edge["top"]}


def _ends(edge: dict[str, Any]) -> tuple[object, ...]:
    return edge["orientation"], edge["x0"], edge["top"], edge["x1"], edge["bottom"]
