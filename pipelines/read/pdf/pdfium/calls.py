"""Pdfium's functions as they are called here: in batches, with `map`, on plain addresses.

A loop that asks character by character, through pointers, spends most of its time on the way there and back.

Belongs here: what is called, and room for the answers. Does not: what is made of them.
"""

import ctypes
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import pypdfium2.raw as raw


def address(pointer: Any) -> int:
    """Where what a pointer of pypdfium2's points to lies."""
    return ctypes.cast(pointer, ctypes.c_void_p).value or 0


def plain(function: Any, result: Any, *arguments: Any) -> Callable[..., Any]:
    """A function of pdfium's that takes and gives addresses as numbers: half the time of a call goes into pointers.

    It keeps the lock of the interpreter, which takes as long to give and take as what is asked for.
    """
    return ctypes.PYFUNCTYPE(result, *arguments)(address(function))


_AT, _INT = ctypes.c_void_p, ctypes.c_int
unicode = plain(raw.FPDFText_GetUnicode, ctypes.c_uint, _AT, _INT)
text_of = plain(raw.FPDFText_GetText, _INT, _AT, _INT, _INT, _AT)
is_generated = plain(raw.FPDFText_IsGenerated, _INT, _AT, _INT)
is_undecoded = plain(raw.FPDFText_HasUnicodeMapError, _INT, _AT, _INT)
text_object = plain(raw.FPDFText_GetTextObject, _AT, _AT, _INT)
loose_box = plain(raw.FPDFText_GetLooseCharBox, _INT, _AT, _INT, _AT)
tight_box = plain(raw.FPDFText_GetCharBox, _INT, _AT, _INT, _AT, _AT, _AT, _AT)
origin = plain(raw.FPDFText_GetCharOrigin, _INT, _AT, _INT, _AT, _AT)
text_matrix = plain(raw.FPDFText_GetMatrix, _INT, _AT, _INT, _AT)
text_size = plain(raw.FPDFText_GetFontSize, ctypes.c_double, _AT, _INT)
font_of = plain(raw.FPDFTextObj_GetFont, _AT, _AT)
size_of = plain(raw.FPDFTextObj_GetFontSize, _INT, _AT, _AT)
font_name = plain(raw.FPDFFont_GetBaseFontName, ctypes.c_size_t, _AT, _AT, ctypes.c_size_t)
glyph_width = plain(raw.FPDFFont_GetGlyphWidth, _INT, _AT, ctypes.c_uint, ctypes.c_float, _AT)
count_marks = plain(raw.FPDFPageObj_CountMarks, _INT, _AT)
mark = plain(raw.FPDFPageObj_GetMark, _AT, _AT, ctypes.c_ulong)
mark_says = plain(raw.FPDFPageObjMark_GetParamValueType, _INT, _AT, ctypes.c_char_p)
page_object = plain(raw.FPDFPage_GetObject, _AT, _AT, _INT)
count_in_form = plain(raw.FPDFFormObj_CountObjects, _INT, _AT)
form_object = plain(raw.FPDFFormObj_GetObject, _AT, _AT, ctypes.c_ulong)
kind_of = plain(raw.FPDFPageObj_GetType, _INT, _AT)
bounds = plain(raw.FPDFPageObj_GetBounds, _INT, _AT, _AT, _AT, _AT, _AT)
matrix_of = plain(raw.FPDFPageObj_GetMatrix, _INT, _AT, _AT)
draw_mode = plain(raw.FPDFPath_GetDrawMode, _INT, _AT, _AT, _AT)
stroke_width = plain(raw.FPDFPageObj_GetStrokeWidth, _INT, _AT, _AT)
stroke_colour = plain(raw.FPDFPageObj_GetStrokeColor, _INT, _AT, _AT, _AT, _AT, _AT)
fill_colour = plain(raw.FPDFPageObj_GetFillColor, _INT, _AT, _AT, _AT, _AT, _AT)
count_segments = plain(raw.FPDFPath_CountSegments, _INT, _AT)
segment = plain(raw.FPDFPath_GetPathSegment, _AT, _AT, _INT)
segment_kind = plain(raw.FPDFPathSegment_GetType, _INT, _AT)
segment_point = plain(raw.FPDFPathSegment_GetPoint, _INT, _AT, _AT, _AT)
segment_closes = plain(raw.FPDFPathSegment_GetClose, _INT, _AT)

MOVE, LINE, CURVE = raw.FPDF_SEGMENT_MOVETO, raw.FPDF_SEGMENT_LINETO, raw.FPDF_SEGMENT_BEZIERTO
TEXT, PATH, FORM = raw.FPDF_PAGEOBJ_TEXT, raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_FORM


def steps(room: Any, size: int, offset: int = 0) -> range:
    """The addresses in `room` of every record of `size` bytes, or of what lies `offset` bytes into it."""
    first = ctypes.addressof(room)
    return range(first + offset, first + ctypes.sizeof(room), size)


def exhaust(calls: Iterable[Any]) -> None:
    """Make calls for what they leave in their room."""
    deque(calls, maxlen=0)
