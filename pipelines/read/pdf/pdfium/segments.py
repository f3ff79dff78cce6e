"""The segments of paths, all at once: asked one by one they take longer than all else that pdfium tells of lines.

pdfium gives the address of a segment, whose fields it then reads. They lie one behind the other, and how, is found out
by asking it of a path that is drawn for this; where it keeps them otherwise than is known, they are asked one by one.

Belongs here: points, kinds, ends. Does not: what shapes they make (`paths`).
"""

import ctypes
import struct
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, repeat

import pypdfium2.raw as raw

from pipelines.read.pdf.pdfium import calls
from pipelines.read.pdf.pdfium.layers import Point

_KEPT = struct.Struct("<ffBB2x")
"""A segment as pdfium keeps it: its end, its kind, whether it closes the figure."""


@dataclass(frozen=True, slots=True)
class Segments:
    """The segments of several paths, one path after the other.

    Args:
        points: where each ends.
        kinds: of each, as pdfium numbers them.
        closing: 1 for what closes a figure, else 0.
    """

    points: list[Point]
    kinds: bytes
    closing: bytes


def segments_of(paths: Sequence[int], counts: Sequence[int]) -> Segments:
    """The segments of the paths at some addresses, which have `counts` of them."""
    return kept(paths, counts) if _are_kept_as_known() else asked(paths, counts)


def kept(paths: Sequence[int], counts: Sequence[int]) -> Segments:
    """The segments as they lie in pdfium's memory."""
    firsts = map(calls.segment, paths, repeat(0))
    memory = b"".join(
        [ctypes.string_at(at, count * _KEPT.size) for at, count in zip(firsts, counts, strict=True) if at]
    )
    return Segments(
        [(x, y) for x, y, _, _ in _KEPT.iter_unpack(memory)], memory[8 :: _KEPT.size], memory[9 :: _KEPT.size]
    )


def asked(paths: Sequence[int], counts: Sequence[int]) -> Segments:
    """The segments as pdfium tells them one by one."""
    all_paths = chain.from_iterable(map(repeat, paths, counts))
    ats = list(map(calls.segment, all_paths, chain.from_iterable(map(range, counts))))
    room = (ctypes.c_float * (2 * len(ats)))()
    calls.exhaust(map(calls.segment_point, ats, calls.steps(room, 8), calls.steps(room, 8, 4)))
    points = iter(array("f", bytes(room)).tolist())
    return Segments(
        list(zip(points, points, strict=True)),
        bytes(map(calls.segment_kind, ats)),
        bytes(map(calls.segment_closes, ats)),
    )


@cache
def _are_kept_as_known() -> bool:
    """Whether pdfium keeps segments as is known: those of a path with all kinds, read in both ways, are the same."""
    path = raw.FPDFPageObj_CreateNewPath(1.5, -2.25)
    try:
        raw.FPDFPath_LineTo(path, 3.125, 4.75)
        raw.FPDFPath_BezierTo(path, 5.5, 6.25, 7.125, 8.0, -9.5, 10.0)
        raw.FPDFPath_Close(path)
        raw.FPDFPath_MoveTo(path, 11.0, 12.5)
        raw.FPDFPath_LineTo(path, 13.5, 14.0)
        at = calls.address(path)
        count = calls.count_segments(at)
        places = list(map(calls.segment, repeat(at), range(count)))
        is_in_a_row = places == [places[0] + number * _KEPT.size for number in range(count)]
        return is_in_a_row and kept([at], [count]) == asked([at], [count])
    finally:
        raw.FPDFPageObj_Destroy(path)
