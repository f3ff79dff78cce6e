"""Rows that a spanning cell ties to each other are one band."""

from dataclasses import dataclass
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pipelines.read.bands import bands


@dataclass(frozen=True)
class Slot:
    row: int
    row_span: int = 1


def rows(slots):
    return [[slot.row for slot in band] for band in bands(slots)]


def test_each_row_is_a_band():
    assert rows([Slot(0), Slot(0), Slot(1), Slot(2)]) == [[0, 0], [1], [2]]


def test_a_spanning_cell_ties_the_rows_it_reaches():
    assert rows([Slot(0, 2), Slot(1), Slot(2, 3), Slot(3, 4), Slot(6), Slot(7)]) == [[0, 1], [2, 3, 6], [7]]


def test_no_slots_no_bands():
    assert rows([]) == []


@given(st.lists(st.builds(Slot, st.integers(0, 20), st.integers(1, 4))))
def test_no_cell_reaches_out_of_its_band(slots):
    ordered = sorted(slots, key=lambda slot: slot.row)
    found = list(bands(ordered))
    assert [slot for band in found for slot in band] == ordered
    for above, below in pairwise(found):
        assert max(slot.row + slot.row_span for slot in above) <= below[0].row
