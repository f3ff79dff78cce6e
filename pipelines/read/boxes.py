"""Boxes on a page, and how they lie to each other.

Belongs here: what is true of boxes whatever is in them. Does not: what follows from it for text, tables or pictures.
"""

from collections.abc import Sequence
from functools import lru_cache

from pipelines.read.document import Box


def around(boxes: Sequence[Box]) -> Box:
    """The smallest box that holds all of `boxes`."""
    x0, top, x1, bottom = zip(*boxes, strict=True)
    return Box(min(x0), min(top), max(x1), max(bottom))


def rounded(box: Box) -> Box:
    """Boxes are kept to a thousandth of a point: enough to point, and the same on every platform."""
    x0, top, x1, bottom = box
    return Box(_to_thousandth(x0), _to_thousandth(top), _to_thousandth(x1), _to_thousandth(bottom))


@lru_cache(maxsize=4096)
def _to_thousandth(side: float) -> float:
    """Kept, as the cells of a table share their sides and rounding exactly takes long; nothing is no minus nothing."""
    return round(side, 3) + 0.0


def middle(box: Box) -> float:
    """The height of its middle."""
    return (box.top + box.bottom) / 2


def centre(box: Box) -> tuple[float, float]:
    """Its middle, across and down."""
    return (box.x0 + box.x1) / 2, middle(box)


def holds(box: Box, point: tuple[float, float], beyond: float = 0.0) -> bool:
    """Whether a point lies in a box or on its edge, or no farther `beyond` it (points)."""
    x, y = point
    return box.x0 - beyond <= x <= box.x1 + beyond and box.top - beyond <= y <= box.bottom + beyond
