"""The characters and paths of a PDF's pages as pdfium reads them, in the form that pdfplumber has them.

pdfplumber reads with pdfminer, in Python: nine tenths of the time that a report takes. pdfium is what Chrome reads
PDFs with, and gives the same characters, lines and rectangles. What it cannot tell is left to pdfminer, page by page:
it folds the radicals that some browsers print for ordinary ideographs (⼈ for 人), where the warehouse keeps what is
printed, and says too little of slanted type.

Belongs here: what lies on a page. Does not: what it is (`pipelines.read.pdf`).
"""

import ctypes
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
from pdfplumber.page import Page

Obj = dict[str, Any]
Matrix = tuple[float, float, float, float, float, float]
Point = tuple[float, float]

DESCENT = -0.12
"""Where the box of a character begins below its baseline, as a share of its size: where fonts of ideographs have it.

Fonts differ in this, and files often do not say it. With one share for all, characters on one baseline are of one
height."""
SPACE = 0.25
"""Width of a space as a share of its size."""
THIN = 3.0
"""A filled shape no thicker (points) is a line, whatever its corners."""
EXACT = 0.01
"""Points by which pdfium, which counts in single precision, may be off."""
UNTURNED: Matrix = (1, 0, 0, 1, 0, 0)
DEEPEST = 10
"""Forms within forms beyond this are not looked into."""


def _plain(function: Any, result: Any, *arguments: Any) -> Callable[..., Any]:
    """A function of pdfium's that takes and gives addresses as numbers: half the time of a call goes into pointers."""
    address = ctypes.cast(function, ctypes.c_void_p).value
    return ctypes.CFUNCTYPE(result, *arguments)(address)


_AT, _INT = ctypes.c_void_p, ctypes.c_int
_unicode = _plain(pdfium.FPDFText_GetUnicode, ctypes.c_uint, _AT, _INT)
_is_generated = _plain(pdfium.FPDFText_IsGenerated, _INT, _AT, _INT)
_text_object = _plain(pdfium.FPDFText_GetTextObject, _AT, _AT, _INT)
_loose_box = _plain(pdfium.FPDFText_GetLooseCharBox, _INT, _AT, _INT, _AT)
_origin = _plain(pdfium.FPDFText_GetCharOrigin, _INT, _AT, _INT, _AT, _AT)
_page_object = _plain(pdfium.FPDFPage_GetObject, _AT, _AT, _INT)
_form_object = _plain(pdfium.FPDFFormObj_GetObject, _AT, _AT, ctypes.c_ulong)
_kind_of = _plain(pdfium.FPDFPageObj_GetType, _INT, _AT)
_bounds = _plain(pdfium.FPDFPageObj_GetBounds, _INT, _AT, _AT, _AT, _AT, _AT)
_matrix_of = _plain(pdfium.FPDFPageObj_GetMatrix, _INT, _AT, _AT)
_draw_mode = _plain(pdfium.FPDFPath_GetDrawMode, _INT, _AT, _AT, _AT)
_stroke_width = _plain(pdfium.FPDFPageObj_GetStrokeWidth, _INT, _AT, _AT)
_stroke_colour = _plain(pdfium.FPDFPageObj_GetStrokeColor, _INT, _AT, _AT, _AT, _AT, _AT)
_fill_colour = _plain(pdfium.FPDFPageObj_GetFillColor, _INT, _AT, _AT, _AT, _AT, _AT)
_count_segments = _plain(pdfium.FPDFPath_CountSegments, _INT, _AT)
_segment = _plain(pdfium.FPDFPath_GetPathSegment, _AT, _AT, _INT)
_segment_kind = _plain(pdfium.FPDFPathSegment_GetType, _INT, _AT)
_segment_point = _plain(pdfium.FPDFPathSegment_GetPoint, _INT, _AT, _AT, _AT)
_segment_closes = _plain(pdfium.FPDFPathSegment_GetClose, _INT, _AT)


class _Numbers:
    """Room for numbers that pdfium writes: `at` are their addresses, `values` what is written there now."""

    def __init__(self, kind: Any, count: int) -> None:
        room = (kind * count)()
        first, size = ctypes.addressof(room), ctypes.sizeof(kind)
        self.at = tuple(first + size * position for position in range(count))
        self.values = memoryview(room).cast("B").cast({4: "f", 8: "d"}[size] if kind is not ctypes.c_int else "i")
        self._room = room


class BeyondPdfium(Exception):  # noqa: N818 - the name states the situation
    """What stands on a page is such that pdfium does not say all of it; pdfminer does."""


class PdfiumPage(Page):
    """A page of pdfplumber's whose characters, lines, rectangles and curves are read by pdfium."""

    def __init__(self, page: Page, document: pypdfium2.PdfDocument) -> None:
        """Read `page`, of a document that pdfium has opened as well."""
        super().__init__(page.pdf, page.page_obj, page.page_number, page.initial_doctop)
        self._document = document

    def parse_objects(self) -> dict[str, list[Obj]]:
        """The objects of the page by kind; by pdfminer where pdfium does not say all."""
        page = self._document[self.page_number - 1]
        try:
            turned = _turned(self)
            objects = tuple(_objects(page))
            return {"char": [*_chars(page, turned), *_blanks(objects, turned)], **_paths(objects, turned)}
        except BeyondPdfium:
            return dict(super().parse_objects())
        finally:
            page.close()


# --- coordinates ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Turned:
    """From a page's own coordinates, upwards from any corner, to those of pdfplumber, downwards from the top left.

    Args:
        matrix: turns the page, and puts its lower left corner at the origin.
        height: of the turned page, in points.
    """

    matrix: Matrix
    height: float


def _turned(page: Page) -> _Turned:
    """How pdfminer turns a page, and where pdfplumber then has its origin."""
    x0, y0, x1, y1 = (float(value) for value in page.page_obj.mediabox)
    turns: dict[int, Matrix] = {
        90: (0, -1, 1, 0, -y0, x1),
        180: (-1, 0, 0, -1, x1, y1),
        270: (0, 1, -1, 0, y1, -x0),
    }
    a, b, c, d, e, f = turns.get(page.rotation, (1, 0, 0, 1, -x0, -y0))
    left, top = (float(value) for value in page.mediabox[:2])
    return _Turned((a, b, c, d, e + left, f - top), float(page.height))


def _times(inner: Matrix, outer: Matrix) -> Matrix:
    """The matrix that applies `inner` first."""
    a, b, c, d, e, f = inner
    g, h, i, j, k, m = outer
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


@dataclass(frozen=True, slots=True)
class _Object:
    """An object on a page: its kind, its address, and the matrix of the forms it stands in."""

    kind: int
    at: int
    outer: Matrix


def _objects(page: pypdfium2.PdfPage) -> Iterator[_Object]:
    """The objects on a page, and those in the forms on it."""
    holder = ctypes.cast(page.raw, ctypes.c_void_p).value
    waiting = [(_page_object(holder, i), UNTURNED, 0) for i in range(pdfium.FPDFPage_CountObjects(page.raw))]
    for at, outer, deep in waiting:
        kind = _kind_of(at)
        yield _Object(kind, at, outer)
        if kind == pdfium.FPDF_PAGEOBJ_FORM and deep < DEEPEST:
            inner = _times(_matrix(at), outer)
            count = pdfium.FPDFFormObj_CountObjects(ctypes.cast(at, pdfium.FPDF_PAGEOBJECT))
            waiting += [(_form_object(at, i), inner, deep + 1) for i in range(count)]


# --- characters -------------------------------------------------------------------------------------------------


def _chars(page: pypdfium2.PdfPage, turned: _Turned) -> Iterator[Obj]:
    """The characters of a page, in the order of its content.

    Raises:
        BeyondPdfium: a character was folded, or is slanted.
    """
    text = pdfium.FPDFText_LoadPage(page.raw)
    try:
        yield from _chars_of(text, turned)
    finally:
        pdfium.FPDFText_ClosePage(text)


def _chars_of(text: Any, turned: _Turned) -> Iterator[Obj]:
    page = ctypes.cast(text, ctypes.c_void_p).value
    boxes, origins = _Numbers(ctypes.c_float, 4), _Numbers(ctypes.c_double, 2)
    box_at, (x_at, y_at) = boxes.at[0], origins.at
    a, b, c, d, e, f = turned.matrix
    height = turned.height
    fonts: dict[int, str] = {}
    run: int | None = None
    for index in range(pdfium.FPDFText_CountChars(text)):
        code = _unicode(page, index)
        if code <= 32 and _is_generated(page, index):
            continue  # a space or line end that pdfium puts between runs
        owner = _text_object(page, index)
        if owner != run:
            run = owner
            kind = _type(text, index, turned, fonts)
        _loose_box(page, index, box_at)
        _origin(page, index, x_at, y_at)
        left, upper, right, lower = boxes.values
        x, y = origins.values
        along_x, along_y = 0.0, 0.0
        if kind.is_level:
            if left > x + EXACT and _is_folded(text, index, left, upper):
                raise BeyondPdfium
            along_x = (right - x) if kind.advances else (left - x)
            if abs(right - left - kind.font_size) < EXACT and abs(upper - lower - kind.font_size) < EXACT:
                along_x = kind.width  # set vertically: pdfium leaves the matrix out of these boxes
        else:
            along_y = (upper - y) if kind.advances else (lower - y)
        from_x, from_y = x + kind.low[0], y + kind.low[1]
        to_x, to_y = x + kind.high[0] + along_x, y + kind.high[1] + along_y
        x0, x1 = a * from_x + c * from_y + e, a * to_x + c * to_y + e
        bottom, top = height - (b * from_x + d * from_y + f), height - (b * to_x + d * to_y + f)
        if x1 < x0:
            x0, x1 = x1, x0
        if bottom < top:
            top, bottom = bottom, top
        yield {
            "object_type": "char",
            "text": chr(code),
            "fontname": kind.font,
            "upright": kind.is_upright,
            "matrix": (*kind.matrix, a * x + c * y + e, b * x + d * y + f),
            "x0": x0,
            "x1": x1,
            "top": top,
            "bottom": bottom,
            "doctop": top,
            "width": x1 - x0,
            "height": bottom - top,
            "size": bottom - top,
        }


@dataclass(frozen=True, slots=True)
class _Type:
    """How a run of text is set.

    Args:
        font: its name.
        font_size: the size before its matrix.
        matrix: turns and scales it on the page as pdfplumber has it.
        width: of a full character, in points.
        low, high: from the origin of a character to the lower and the upper side of its box.
        is_level: whether it runs along the x axis of the page's own coordinates, else along the y axis.
        advances: whether it runs in the direction of that axis.
        is_upright: whether it stands upright as the page is shown.
    """

    font: str
    font_size: float
    matrix: tuple[float, float, float, float]
    width: float
    low: Point
    high: Point
    is_level: bool
    advances: bool
    is_upright: bool


def _type(text: Any, index: int, turned: _Turned, fonts: dict[int, str]) -> _Type:
    """How the run of text is set that a character is of.

    Raises:
        BeyondPdfium: it is slanted.
    """
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFText_GetMatrix(text, index, ctypes.byref(matrix))
    font = pdfium.FPDFTextObj_GetFont(pdfium.FPDFText_GetTextObject(text, index))
    address = ctypes.cast(font, ctypes.c_void_p).value or 0
    if address not in fonts:
        fonts[address] = _font_name(font)
    size = float(pdfium.FPDFText_GetFontSize(text, index))
    a, b, c, d = matrix.a, matrix.b, matrix.c, matrix.d
    is_level = b == c == 0
    if not is_level and not a == d == 0:
        raise BeyondPdfium
    up_x, up_y = (0.0, d * size) if is_level else (c * size, 0.0)
    shown = _times((a, b, c, d, 0.0, 0.0), turned.matrix)
    return _Type(
        font=fonts[address],
        font_size=size,
        matrix=shown[:4],
        width=size * a,
        low=(up_x * DESCENT, up_y * DESCENT),
        high=(up_x * (1 + DESCENT), up_y * (1 + DESCENT)),
        is_level=is_level,
        advances=(a if is_level else b) > 0,
        is_upright=shown[0] * shown[3] > 0 and shown[1] * shown[2] <= 0,
    )


def _font_name(font: Any) -> str:
    length = pdfium.FPDFFont_GetBaseFontName(font, None, 0) if font else 0
    if length < 2:
        return ""
    buffer = ctypes.create_string_buffer(length)
    pdfium.FPDFFont_GetBaseFontName(font, buffer, length)
    return buffer.value.decode("utf-8", "replace")


def _is_folded(text: Any, index: int, loose_left: float, loose_top: float) -> bool:
    """Whether pdfium gives another character for the one printed: then it has for it the box of its ink alone."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    pdfium.FPDFText_GetCharBox(text, index, *map(ctypes.byref, (left, right, bottom, top)))
    return abs(left.value - loose_left) < EXACT and abs(top.value - loose_top) < EXACT


def _blanks(objects: Iterable[_Object], turned: _Turned) -> Iterator[Obj]:
    """The runs of white space alone, each as one space, which pdfium leaves out of a page's characters."""
    size = ctypes.c_float()
    sides = _Numbers(ctypes.c_float, 4)
    for one in objects:
        if one.kind != pdfium.FPDF_PAGEOBJ_TEXT:
            continue
        _bounds(one.at, *sides.at)
        if sides.values[2] - sides.values[0] >= EXACT:
            continue
        drawn = ctypes.cast(one.at, pdfium.FPDF_PAGEOBJECT)
        pdfium.FPDFTextObj_GetFontSize(drawn, ctypes.byref(size))
        a, b, c, d, e, f = _times(_matrix(one.at), _times(one.outer, turned.matrix))
        high = max(abs(c), abs(d)) * size.value
        bottom = turned.height - f - DESCENT * high
        yield {
            "object_type": "char",
            "text": " ",
            "fontname": "",
            "upright": a * d > 0 and b * c <= 0,
            "matrix": (a, b, c, d, e, f),
            "x0": e,
            "x1": e + SPACE * high,
            "top": bottom - high,
            "bottom": bottom,
            "doctop": bottom - high,
            "width": SPACE * high,
            "height": high,
            "size": high,
        }


# --- paths ------------------------------------------------------------------------------------------------------


def _paths(objects: Iterable[_Object], turned: _Turned) -> dict[str, list[Obj]]:
    """The lines, rectangles and curves drawn on a page, as pdfplumber tells them apart."""
    found: dict[str, list[Obj]] = {"line": [], "rect": [], "curve": []}
    room = _Room()
    for one in objects:
        if one.kind == pdfium.FPDF_PAGEOBJ_PATH:
            for path in _as_pdfplumber(one.at, _times(one.outer, turned.matrix), turned.height, room):
                found[path["object_type"]].append(path)
    return found


class _Room:
    """Room for what pdfium says of a path."""

    def __init__(self) -> None:
        self.modes = _Numbers(ctypes.c_int, 2)
        self.width = _Numbers(ctypes.c_float, 1)
        self.colour = _Numbers(ctypes.c_int, 4)
        self.sides = _Numbers(ctypes.c_float, 4)
        self.point = _Numbers(ctypes.c_float, 2)


def _as_pdfplumber(drawn: int, outer: Matrix, page_height: float, room: _Room) -> Iterator[Obj]:
    """The parts of a path, each as a line, a rectangle or a curve."""
    _draw_mode(drawn, *room.modes.at)
    fill, stroke = (bool(mode) for mode in room.modes.values)
    _stroke_width(drawn, *room.width.at)
    style = {
        "stroke": stroke,
        "fill": fill,
        "linewidth": room.width.values[0],
        "stroking_color": _colour(drawn, _stroke_colour, room) if stroke else None,
        "non_stroking_color": _colour(drawn, _fill_colour, room) if fill else None,
    }
    for kind, points in _shapes(drawn, outer, room, is_filled=fill and not stroke):
        xs, ys = [x for x, _ in points], [page_height - y for _, y in points]
        x0, x1, top, bottom = min(xs), max(xs), min(ys), max(ys)
        yield {
            **style,
            "object_type": kind,
            "x0": x0,
            "x1": x1,
            "top": top,
            "bottom": bottom,
            "y0": page_height - bottom,
            "y1": page_height - top,
            "doctop": top,
            "width": x1 - x0,
            "height": bottom - top,
            "pts": list(zip(xs, ys, strict=True)),
        }


def _shapes(drawn: int, outer: Matrix, room: _Room, *, is_filled: bool) -> Iterator[tuple[str, list[Point]]]:
    """What a path consists of: what pdfplumber calls each part, and its points, upwards from the lower left corner."""
    count = _count_segments(drawn)
    if is_filled and 4 <= count <= 5:
        # Word processors draw the lines of a table so: their bounds say all that counts, ten times as fast.
        _bounds(drawn, *room.sides.at)
        left, low, right, high = room.sides.values
        if right - left <= THIN or high - low <= THIN:
            corners = [(left, low), (right, low), (right, high), (left, high)]
            yield "rect", [_placed(x, y, outer) for x, y in corners]
            return
    matrix = _times(_matrix(drawn), outer)
    for points, is_straight in _parts(drawn, count, room):
        placed = [_placed(x, y, matrix) for x, y in points]
        yield _kind(placed, is_straight=is_straight), placed


def _placed(x: float, y: float, matrix: Matrix) -> Point:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _matrix(drawn: int) -> Matrix:
    matrix = pdfium.FS_MATRIX()
    _matrix_of(drawn, ctypes.addressof(matrix))
    return (matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)


def _colour(drawn: int, get: Callable[..., Any], room: _Room) -> tuple[float, ...] | None:
    """A colour as red, green and blue, 0 to 1; None where it is a pattern."""
    if not get(drawn, *room.colour.at):
        return None
    return tuple(part / 255 for part in room.colour.values[:3])


def _parts(drawn: int, count: int, room: _Room) -> Iterator[tuple[list[Point], bool]]:
    """The subpaths of a path: their points, closed ones ending where they begin, and whether all lines are straight."""
    points: list[Point] = []
    is_straight = True
    for index in range(count):
        segment = _segment(drawn, index)
        kind = _segment_kind(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            if len(points) > 1:
                yield points, is_straight
            points, is_straight = [], True
        elif kind == pdfium.FPDF_SEGMENT_BEZIERTO:
            is_straight = False
        _segment_point(segment, *room.point.at)
        x, y = room.point.values
        points.append((x, y))
        if _segment_closes(segment) and points[-1] != points[0]:
            points.append(points[0])
    if len(points) > 1:
        yield points, is_straight


def _kind(points: list[Point], *, is_straight: bool) -> str:
    """What pdfplumber calls a path of these points."""
    if is_straight and (len(points) == 2 or (len(points) == 3 and points[2] == points[0])):
        return "line"
    if is_straight and len(points) == 5 and points[4] == points[0] and _is_square(points):
        return "rect"
    return "curve"


def _is_square(points: list[Point]) -> bool:
    """Whether four corners are those of a rectangle with level sides."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = points[:4]
    across_first = (y0, x1, y2, x3) == (y1, x2, y3, x0)
    return across_first or (x0, y1, x2, y3) == (x1, y2, x3, y0)
