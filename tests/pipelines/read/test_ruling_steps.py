"""Lines are merged and cells found as pdfplumber does it."""

from itertools import pairwise
from operator import itemgetter
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pdfplumber.table import cells_to_tables, edges_to_intersections, intersections_to_cells, merge_edges

from pipelines.read.ruling import (
    DASH,
    LEAST_DASHES,
    SNAP,
    _cells,
    _length,
    _of_one_line,
    _parted,
    _tables,
    horizontal,
    merged,
    ruled_tables,
    vertical,
)

PLACES = st.one_of(st.integers(0, 12).map(lambda place: place * 10.0), st.floats(0, 120, allow_nan=False))


@st.composite
def lines(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Lines of a table, many at equal places, some in pieces."""
    made = []
    for _ in range(draw(st.integers(0, 24))):
        place, start, end = draw(PLACES), *sorted((draw(PLACES), draw(PLACES)))
        made.append(draw(st.sampled_from((horizontal, vertical)))(place, start, end))
    assume(sum(_length(edge) <= DASH for edge in made) < LEAST_DASHES)  # pdfplumber does not know dashes
    return made


@given(lines())
@settings(max_examples=200)
def test_lines_are_merged_as_by_pdfplumber(edges: list[dict[str, Any]]) -> None:
    edges.sort(key=_from_upper_left)  # the mean of places depends on their order, in the last digit
    expected = [
        edge
        for part in _near_each_other(edges)
        for edge in merge_edges([*map(_measured, part)], SNAP, SNAP, SNAP, SNAP)
        if _length(edge) >= SNAP
    ]
    assert sorted(map(_ends, merged(edges))) == sorted(map(_ends, expected))


def _from_upper_left(edge: dict[str, Any]) -> tuple[float, ...]:
    place, along = ("top", "x0") if edge["orientation"] == "h" else ("x0", "top")
    return edge[place], edge[along]


def _near_each_other(edges: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The lines across and those down, those of each that are no line together apart: pdfplumber moves them likewise."""
    across = [(edge["top"], edge["x0"], edge["x1"]) for edge in edges if edge["orientation"] == "h"]
    down = [(edge["x0"], edge["top"], edge["bottom"]) for edge in edges if edge["orientation"] == "v"]
    return [
        [line(*segment) for segment in part]
        for line, segments in ((horizontal, across), (vertical, down))
        for group in _parted(segments, itemgetter(0))
        for part in _of_one_line(group)
    ]


def test_columns_of_two_tables_on_a_page_do_not_move_each_other() -> None:
    upper = [vertical(x, 0.0, 20.0) for x in (0.0, 101.0, 200.0)] + [horizontal(y, 0.0, 200.0) for y in (0.0, 20.0)]
    lower = [vertical(x, 50.0, 90.0) for x in (0.0, 98.5, 200.0)] + [horizontal(y, 0.0, 200.0) for y in (50.0, 90.0)]
    tables = ruled_tables([*upper, *lower])
    assert [[cell.x1 for cell in table] for table in tables] == [[101.0, 200.0], [98.5, 200.0]]


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


def _dashes(start: float, end: float, dash: float, blank: float) -> list[tuple[float, float]]:
    """The dashes of a line, the last cut off where the line ends."""
    count = int((end - start) // (dash + blank)) + 1
    return [(start + at * (dash + blank), min(start + at * (dash + blank) + dash, end)) for at in range(count)]


def test_dashes_with_wide_blanks_are_lines_and_reach_the_corners() -> None:
    edges = [horizontal(y, *ends) for y in (0.0, 20.0, 40.0) for ends in _dashes(0.0, 100.0, 1.5, 4.7)]
    edges += [vertical(x, *ends) for x in (0.0, 50.0, 100.0) for ends in _dashes(0.0, 40.0, 1.5, 4.7)]
    ((*cells,),) = ruled_tables(edges)
    assert [(cell.x0, cell.top) for cell in cells] == [(0.0, 0.0), (50.0, 0.0), (0.0, 20.0), (50.0, 20.0)]


def test_lines_of_dashes_that_both_end_in_a_blank_meet_at_their_corner() -> None:
    edges = [horizontal(y, *ends) for y in (0.0, 21.7, 43.4) for ends in _dashes(0.0, 88.7, 1.2, 4.4)]
    edges += [vertical(x, *ends) for x in (0.0, 44.3, 88.7) for ends in _dashes(0.0, 43.4, 1.2, 4.4)]
    ((*cells,),) = ruled_tables(edges)
    assert len(cells) == 4


def test_short_lines_far_from_each_other_stay_apart() -> None:
    edges = [horizontal(0.0, 20.0 * at, 20.0 * at + 5.0) for at in range(8)]
    assert len(merged(edges)) == 8


@pytest.mark.parametrize("across", [(20.0, 23.5), (18.0, 21.1, 24.2)])
def test_bug_a_double_rule_within_a_table_parted_it_in_two(across: tuple[float, ...]) -> None:
    # Report 25226 of the generator: heading rows with a double border, right above a page that begins with one.
    edges = [horizontal(y, 0.0, 100.0) for y in (0.0, *across, 40.0, 60.0)]
    edges += [vertical(x, 0.0, 60.0) for x in (0.0, 50.0, 100.0)]
    ((*cells,),) = ruled_tables(edges)
    middle = (across[0] + across[-1]) / 2
    sides = [0.0, middle, 40.0, 60.0]
    assert [(cell.x0, cell.top, cell.bottom) for cell in cells] == [
        (x, top, bottom) for top, bottom in pairwise(sides) for x in (0.0, 50.0)
    ]
    turned = [vertical(y, 0.0, 100.0) for y in (0.0, *across, 40.0, 60.0)]
    turned += [horizontal(x, 0.0, 60.0) for x in (0.0, 50.0, 100.0)]
    ((*cells,),) = ruled_tables(turned)
    assert sorted({(cell.x0, cell.x1) for cell in cells}) == list(pairwise(sides))
