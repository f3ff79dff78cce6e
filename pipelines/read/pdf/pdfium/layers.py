"""What lies on a page as pdfium has it, and how the coordinates of the page become those of pdfplumber.

Belongs here: objects by their addresses, matrices. Does not: what the objects are (`chars`, `paths`).
"""

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat

import pikepdf
import pypdfium2
import pypdfium2.raw as raw

from pipelines.read.pdf.pdfium import calls

Matrix = tuple[float, float, float, float, float, float]
Point = tuple[float, float]

EXACT = 0.01
"""Points by which pdfium, which counts in single precision, may be off."""
UNTURNED: Matrix = (1, 0, 0, 1, 0, 0)
DEEPEST = 10
"""Forms within forms beyond this are not looked into."""


class BeyondPdfium(Exception):  # noqa: N818 - the name states the situation
    """What stands on a page is such that pdfium does not say all of it; pdfminer does. Says what."""


@dataclass(frozen=True, slots=True)
class Turned:
    """From a page's own coordinates, upwards from any corner, to those of pdfplumber, downwards from the top left.

    Args:
        matrix: turns the page, and puts its lower left corner at the origin.
        height: of the turned page, in points.
        left, top: where pdfplumber has the upper left corner; pdfminer's text matrices leave them out.
    """

    matrix: Matrix
    height: float
    left: float
    top: float


def turned(page: pikepdf.Page, rotation: int) -> Turned:
    """How pdfminer turns a page, and where pdfplumber then has its origin.

    Args:
        page: the page as it stands in the file.
        rotation: how far it is turned to be shown, in degrees.

    Raises:
        BeyondPdfium: it has no size.
    """
    sides = page.mediabox
    if not isinstance(sides, pikepdf.Array) or len(sides) != 4:
        raise BeyondPdfium("a page without size")
    x0, y0, x1, y1 = map(float, sides.as_list())
    turns: dict[int, Matrix] = {
        90: (0, -1, 1, 0, -y0, x1),
        180: (-1, 0, 0, -1, x1, y1),
        270: (0, 1, -1, 0, y1, -x0),
    }
    a, b, c, d, e, f = turns.get(rotation, (1, 0, 0, 1, -x0, -y0))
    (left, right), (low, high) = sorted((x0, x1)), sorted((y0, y1))
    if rotation in (90, 270):
        left, low, right, high = low, left, high, right
    return Turned((a, b, c, d, e + left, f + low), high - low, left, -low)


def times(inner: Matrix, outer: Matrix) -> Matrix:
    """The matrix that applies `inner` first."""
    a, b, c, d, e, f = inner
    g, h, i, j, k, m = outer
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def matrix_of(drawn: int) -> Matrix:
    """The matrix of an object in its layer."""
    room = (ctypes.c_float * 6)()
    calls.matrix_of(drawn, ctypes.addressof(room))
    a, b, c, d, e, f = room
    return (a, b, c, d, e, f)


@dataclass(frozen=True, slots=True)
class Layer:
    """What lies directly on a page, or in one form on it: addresses of texts and paths, and the form's matrix."""

    texts: tuple[int, ...]
    paths: tuple[int, ...]
    outer: Matrix


def layers_of(page: pypdfium2.PdfPage) -> tuple[Layer, ...]:
    """The objects on a page, and those in the forms on it."""
    holder = calls.address(page.raw)
    objects = list(map(calls.page_object, repeat(holder), range(raw.FPDFPage_CountObjects(page.raw))))
    return tuple(_with_forms(objects, UNTURNED, 0))


def _with_forms(ats: Sequence[int], outer: Matrix, deep: int) -> Iterator[Layer]:
    kinds = list(map(calls.kind_of, ats))
    yield Layer(
        tuple(at for at, kind in zip(ats, kinds, strict=True) if kind == calls.TEXT),
        tuple(at for at, kind in zip(ats, kinds, strict=True) if kind == calls.PATH),
        outer,
    )
    if calls.FORM in kinds and deep < DEEPEST:
        for at, kind in zip(ats, kinds, strict=True):
            if kind == calls.FORM:
                inside = list(map(calls.form_object, repeat(at), range(calls.count_in_form(at))))
                yield from _with_forms(inside, times(matrix_of(at), outer), deep + 1)
