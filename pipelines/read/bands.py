"""The bands of a table: rows, and together those that a spanning cell ties to each other.

For whoever must tell a grid from cells that only lay out a page, as web pages and word processors use tables for both.
"""

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar


class Spanning(Protocol):
    """What stands in a row and may reach down over others."""

    @property
    def row(self) -> int:
        """The first of its rows, from 0."""

    @property
    def row_span(self) -> int:
        """How many they are."""


Slot = TypeVar("Slot", bound=Spanning)


def bands(slots: Iterable[Slot]) -> Iterator[list[Slot]]:
    """The slots of each band; they come by rows, from the top down."""
    band: list[Slot] = []
    below = 0
    for slot in slots:
        if band and slot.row >= below:
            yield band
            band = []
        band.append(slot)
        below = max(below, slot.row + slot.row_span)
    if band:
        yield band
