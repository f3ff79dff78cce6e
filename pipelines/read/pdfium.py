"""The characters and paths of a PDF's pages as pdfium reads them, in the form that pdfplumber has them.

pdfplumber reads with pdfminer, in Python: nine tenths of the time that a report takes. pdfium is what Chrome reads
PDFs with, and gives the same characters, lines and rectangles. Where it does not say all of what pdfminer says, the
page is left to pdfminer: so the readings are equal, and a test compares them.

pdfium is asked in batches, with `map` over plain addresses: a loop that asks character by character spends most of
its time on the way there and back.

Belongs here: what lies on a page. Does not: what it is (`pipelines.read.pdf`), what a font says of itself
(`pipelines.read.pdf_fonts`).
"""

import ctypes
import re
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, pairwise, repeat
from operator import itemgetter
from typing import Any, TypeVar

import pypdfium2
import pypdfium2.raw as pdfium
from pdfminer.pdfpage import PDFPage
from pdfminer.psexceptions import PSException
from pdfplumber.page import Page

from pipelines.read.pdf_fonts import Font, Fonts
from pipelines.read.pdf_strings import Shown, Sign, Typefaces, Unclear, is_spaced, shown

Obj = dict[str, Any]
Matrix = tuple[float, float, float, float, float, float]
Point = tuple[float, float]

EXACT = 0.01
"""Points by which pdfium, which counts in single precision, may be off."""
VERTICAL_ORIGIN = 0.88
"""How high above its lower side a character that is set from top to bottom has its origin: the format's default."""
UNTURNED: Matrix = (1, 0, 0, 1, 0, 0)
DEEPEST = 10
"""Forms within forms beyond this are not looked into."""

_OTHERWISE = re.compile(
    "[\x00-\x09\x0b\x0c\x0e-\x1f\u0590-\u08ff\ud800-\udfff\ufb00-\ufdff\ufe70-\ufefc\ufffe\ufffd\U00010000-\U0010ffff]"
)
"""What pdfium takes apart, turns round or replaces: right-to-left scripts, ligatures, hyphens at the end of a line
(it has a control character for them), what lies beyond the basic plane."""


def _address(pointer: Any) -> int:
    return ctypes.cast(pointer, ctypes.c_void_p).value or 0


def _plain(function: Any, result: Any, *arguments: Any) -> Callable[..., Any]:
    """A function of pdfium's that takes and gives addresses as numbers: half the time of a call goes into pointers."""
    return ctypes.CFUNCTYPE(result, *arguments)(_address(function))


_AT, _INT = ctypes.c_void_p, ctypes.c_int
_unicode = _plain(pdfium.FPDFText_GetUnicode, ctypes.c_uint, _AT, _INT)
_text_of = _plain(pdfium.FPDFText_GetText, _INT, _AT, _INT, _INT, _AT)
_is_generated = _plain(pdfium.FPDFText_IsGenerated, _INT, _AT, _INT)
_is_undecoded = _plain(pdfium.FPDFText_HasUnicodeMapError, _INT, _AT, _INT)
_text_object = _plain(pdfium.FPDFText_GetTextObject, _AT, _AT, _INT)
_loose_box = _plain(pdfium.FPDFText_GetLooseCharBox, _INT, _AT, _INT, _AT)
_tight_box = _plain(pdfium.FPDFText_GetCharBox, _INT, _AT, _INT, _AT, _AT, _AT, _AT)
_origin = _plain(pdfium.FPDFText_GetCharOrigin, _INT, _AT, _INT, _AT, _AT)
_text_matrix = _plain(pdfium.FPDFText_GetMatrix, _INT, _AT, _INT, _AT)
_text_size = _plain(pdfium.FPDFText_GetFontSize, ctypes.c_double, _AT, _INT)
_font_of = _plain(pdfium.FPDFTextObj_GetFont, _AT, _AT)
_size_of = _plain(pdfium.FPDFTextObj_GetFontSize, _INT, _AT, _AT)
_font_name = _plain(pdfium.FPDFFont_GetBaseFontName, ctypes.c_size_t, _AT, _AT, ctypes.c_size_t)
_glyph_width = _plain(pdfium.FPDFFont_GetGlyphWidth, _INT, _AT, ctypes.c_uint, ctypes.c_float, _AT)
_count_marks = _plain(pdfium.FPDFPageObj_CountMarks, _INT, _AT)
_mark = _plain(pdfium.FPDFPageObj_GetMark, _AT, _AT, ctypes.c_ulong)
_mark_says = _plain(pdfium.FPDFPageObjMark_GetParamValueType, _INT, _AT, ctypes.c_char_p)
_page_object = _plain(pdfium.FPDFPage_GetObject, _AT, _AT, _INT)
_count_in_form = _plain(pdfium.FPDFFormObj_CountObjects, _INT, _AT)
_form_object = _plain(pdfium.FPDFFormObj_GetObject, _AT, _AT, ctypes.c_ulong)
_kind_of = _plain(pdfium.FPDFPageObj_GetType, _INT, _AT)
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

_MOVE, _CURVE = pdfium.FPDF_SEGMENT_MOVETO, pdfium.FPDF_SEGMENT_BEZIERTO
_TEXT, _PATH, _FORM = pdfium.FPDF_PAGEOBJ_TEXT, pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_FORM
_RECTANGLE = bytes([_MOVE, *[pdfium.FPDF_SEGMENT_LINETO] * 4])


_Said = TypeVar("_Said")


class BeyondPdfium(Exception):  # noqa: N818 - the name states the situation
    """What stands on a page is such that pdfium does not say all of it; pdfminer does. Says what."""


class PdfiumPage(Page):
    """A page of pdfplumber's whose characters, lines, rectangles and curves are read by pdfium."""

    def __init__(self, page: Page, document: pypdfium2.PdfDocument, fonts: Fonts, typefaces: Typefaces) -> None:
        """Read `page`, of a document that pdfium has opened as well, with what is known of its fonts."""
        super().__init__(page.pdf, page.page_obj, page.page_number, page.initial_doctop)
        self._document = document
        self._fonts = fonts
        self._typefaces = typefaces

    def parse_objects(self) -> dict[str, list[Obj]]:
        """The objects of the page by kind; by pdfminer where pdfium does not say all."""
        page = self._document[self.page_number - 1]
        try:
            return self._read(page)
        except BeyondPdfium:
            return dict(super().parse_objects())
        finally:
            page.close()  # until here it must live: what it holds dies with it

    def _read(self, page: pypdfium2.PdfPage) -> dict[str, list[Obj]]:
        turned = _turned(self)
        layers = _layers(page)
        found: dict[str, list[Obj]] = {"char": [], "line": [], "rect": [], "curve": []}
        if any(layer.texts for layer in layers):
            fonts = _said(self._fonts.on, self.page_obj, is_layered=len(layers) > 1)
            strings = _Strings(self.page_obj, layers, self._typefaces, turned)
            found["char"] = _chars(page, layers, turned, _Types(turned, fonts), strings)
        for layer in layers:
            for path in _paths(layer.paths, _times(layer.outer, turned.matrix), turned.height):
                found[path["object_type"]].append(path)
        return found


def _steps(room: Any, size: int, offset: int = 0) -> range:
    """The addresses in `room` of every record of `size` bytes, or of what lies `offset` bytes into it."""
    first = ctypes.addressof(room)
    return range(first + offset, first + ctypes.sizeof(room), size)


def _exhaust(calls: Iterable[Any]) -> None:
    deque(calls, maxlen=0)


# --- coordinates ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Turned:
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
    return _Turned((a, b, c, d, e + left, f - top), float(page.height), left, top)


def _times(inner: Matrix, outer: Matrix) -> Matrix:
    """The matrix that applies `inner` first."""
    a, b, c, d, e, f = inner
    g, h, i, j, k, m = outer
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def _matrix(drawn: int) -> Matrix:
    room = (ctypes.c_float * 6)()
    _matrix_of(drawn, ctypes.addressof(room))
    a, b, c, d, e, f = room
    return (a, b, c, d, e, f)


# --- objects ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Layer:
    """What lies directly on a page, or in one form on it: addresses of texts and paths, and the form's matrix."""

    texts: tuple[int, ...]
    paths: tuple[int, ...]
    outer: Matrix


def _layers(page: pypdfium2.PdfPage) -> tuple[_Layer, ...]:
    """The objects on a page, and those in the forms on it."""
    holder = _address(page.raw)
    objects = list(map(_page_object, repeat(holder), range(pdfium.FPDFPage_CountObjects(page.raw))))
    return tuple(_with_forms(objects, UNTURNED, 0))


def _with_forms(ats: Sequence[int], outer: Matrix, deep: int) -> Iterator[_Layer]:
    kinds = list(map(_kind_of, ats))
    yield _Layer(
        tuple(at for at, kind in zip(ats, kinds, strict=True) if kind == _TEXT),
        tuple(at for at, kind in zip(ats, kinds, strict=True) if kind == _PATH),
        outer,
    )
    if _FORM in kinds and deep < DEEPEST:
        for at, kind in zip(ats, kinds, strict=True):
            if kind == _FORM:
                inside = list(map(_form_object, repeat(at), range(_count_in_form(at))))
                yield from _with_forms(inside, _times(_matrix(at), outer), deep + 1)


# --- characters -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Run:
    """Characters that are of one text object: its address, how it is set, and which of the page's they are.

    `is_spaced` tells whether there is, or may be, space between them and those before that is not their own, or
    whether they are raised.
    """

    owner: int
    kind: "_Type"
    first: int
    end: int
    is_spaced: bool


def _said(ask: Callable[..., _Said], *of: Any, **how: Any) -> _Said:
    """What the file says of something by itself.

    Raises:
        BeyondPdfium: it is not clear, or damaged.
    """
    try:
        return ask(*of, **how)
    except Unclear as error:
        raise BeyondPdfium(str(error)) from error
    except (PSException, LookupError, TypeError, ValueError) as error:
        raise BeyondPdfium("the file is damaged") from error


class _Strings:
    """The texts of a page by the strings in its content: what pdfium does not tell of some; looked up when needed."""

    def __init__(self, page: PDFPage, layers: Sequence[_Layer], typefaces: Typefaces, turned: _Turned) -> None:
        self._page = page
        self._layers = layers
        self._typefaces = typefaces
        self._turned = turned
        self._known: dict[int, Shown] = {}

    def are_spaced(self) -> bool:
        """Whether there is space between characters anywhere on the page."""
        return _said(is_spaced, self._page, is_layered=len(self._layers) > 1)

    def of(self) -> Mapping[int, Shown]:
        """The strings of all text objects that lie directly on the page.

        Raises:
            BeyondPdfium: it is not clear what belongs to which.
        """
        texts = self._layers[0].texts
        if not self._known and texts:
            found = _said(shown, self._page)
            if len(found) != len(texts):
                raise BeyondPdfium("texts are not those of the content")
            self._known = dict(zip(texts, found, strict=True))
        return self._known

    def chars(self, owner: int) -> list[Obj]:
        """The characters of a text object.

        Raises:
            BeyondPdfium: they are not clear from its string.
        """
        text = self.of().get(owner)
        if text is None:
            raise BeyondPdfium("a text in a form is not told in full")
        size = (ctypes.c_float * 1)()
        _size_of(owner, ctypes.addressof(size))
        if abs(size[0] - text.size) > EXACT:
            raise BeyondPdfium("texts are not those of the content")
        font = _said(self._typefaces.of, self._page, text.font)
        signs: list[Sign] = _said(list, font.signs(text))
        name = _name(_font_of(owner) or 0).decode("utf-8", "replace")
        matrix = _times(_matrix(owner), self._turned.matrix)
        low = font.descent * text.size
        return [_char(sign, matrix, (low, low + text.size), sign.at - text.lost, name, self._turned) for sign in signs]


def _char(sign: Sign, matrix: Matrix, reach: Point, at: float, font: str, turned: _Turned) -> Obj:
    """A character of a text that `matrix` puts on the page.

    Args:
        sign: what is to be seen.
        matrix: of the text.
        reach: from where to where its box reaches above the line.
        at: where it stands in the text.
        font: its name.
        turned: the page.
    """
    a, b, c, d, e, f = matrix
    e, f = e + a * at, f + b * at
    across = [e + a * along + c * up for along in (0.0, sign.width) for up in reach]
    upwards = [f + b * along + d * up for along in (0.0, sign.width) for up in reach]
    top, bottom = turned.height - max(upwards), turned.height - min(upwards)
    return {
        "object_type": "char",
        "text": sign.text,
        "fontname": font,
        "upright": a * d > 0 and b * c <= 0,
        "matrix": (a, b, c, d, e - turned.left, f + turned.top),
        "x0": min(across),
        "x1": max(across),
        "top": top,
        "bottom": bottom,
        "doctop": top,
        "width": max(across) - min(across),
        "height": bottom - top,
        "size": bottom - top,
    }


def _close_up(chars: list[Obj], runs: Iterable[_Run], texts: Mapping[int, Shown]) -> None:
    """Move the characters to where pdfminer has them, which loses some of the spacing.

    Args:
        chars: the characters of a page.
        runs: what runs they are in.
        texts: the strings of the text objects, which tell what is lost.
    """
    for run in runs:
        across, up = run.kind.back(texts[run.owner].lost if run.owner in texts else 0.0)
        for char in chars[run.first : run.end] if across or up else ():
            char["x0"], char["x1"] = char["x0"] - across, char["x1"] - across
            char["top"], char["bottom"] = char["top"] + up, char["bottom"] + up
            char["doctop"] = char["top"]
            *matrix, e, f = char["matrix"]
            char["matrix"] = (*matrix, e - across, f - up)


def _chars(
    page: pypdfium2.PdfPage, layers: Sequence[_Layer], turned: _Turned, types: "_Types", strings: _Strings
) -> list[Obj]:
    """The characters of a page in the order in which they are drawn; by their strings where pdfium is not exact.

    Raises:
        BeyondPdfium: neither gives them all as they are.
    """
    unsure = _retold(layers)
    text = pdfium.FPDFText_LoadPage(page.raw)
    try:
        chars, runs = _chars_of(_address(text), pdfium.FPDFText_CountChars(text), turned, types, unsure)
    finally:
        pdfium.FPDFText_ClosePage(text)
    texts = [at for layer in layers for at in layer.texts]
    sure = [run for run in runs if run.owner not in unsure]
    missing = set(texts).difference(run.owner for run in sure)
    if missing or (any(run.is_spaced for run in sure) and strings.are_spaced()):
        _close_up(chars, sure, strings.of())
    for at in texts:
        if at in missing:
            first = len(chars)
            chars += strings.chars(at)
            sure.append(_Run(at, types.none, first, len(chars), False))
    return _as_drawn(chars, sure, texts)


def _as_drawn(chars: list[Obj], runs: list[_Run], texts: Sequence[int]) -> list[Obj]:
    """The characters of runs in the order in which they are drawn, as pdfminer has them; pdfium goes by lines."""
    places = {at: place for place, at in enumerate(texts)}
    order = [places.get(run.owner, -1) for run in runs]
    if sum(run.end - run.first for run in runs) == len(chars) and all(one <= other for one, other in pairwise(order)):
        return chars
    return [
        char
        for _, run in sorted(zip(order, runs, strict=True), key=itemgetter(0))
        for char in chars[run.first : run.end]
    ]


def _retold(layers: Sequence[_Layer]) -> set[int]:
    """The text objects for which other text stands in the file (`ActualText`), which pdfium gives in their place."""
    texts = [at for layer in layers for at in layer.texts]
    marked = [
        (at, number) for at, count in zip(texts, map(_count_marks, texts), strict=True) for number in range(count)
    ]
    return {at for at, number in marked if _mark_says(_mark(at, number), b"ActualText")}


def _chars_of(
    page: int, count: int, turned: _Turned, types: "_Types", unsure: set[int]
) -> tuple[list[Obj], list[_Run]]:
    """The characters that pdfium gives, and the runs they are in. One loop: it runs for every character.

    Adds to `unsure` the text objects of which it does not give all characters, or not as they are.
    """
    indices = range(count)
    codes = _codes(page, count)
    owners = list(map(_text_object, repeat(page), indices))
    unsure.update(compress(owners, map(_is_undecoded, repeat(page), indices)))
    for found in _OTHERWISE.finditer("".join(map(chr, codes))):
        if not owners[found.start()] and not _is_generated(page, found.start()):
            raise BeyondPdfium("a character of no text")
        unsure.add(owners[found.start()])
    box_room, origin_room = (ctypes.c_float * (4 * count))(), (ctypes.c_double * (2 * count))()
    _exhaust(map(_loose_box, repeat(page), indices, _steps(box_room, 16)))
    _exhaust(map(_origin, repeat(page), indices, _steps(origin_room, 16), _steps(origin_room, 16, 8)))
    boxes, origins = array("f", bytes(box_room)), array("d", bytes(origin_room))
    lefts, rights = boxes[::4].tolist(), boxes[2::4].tolist()
    changes = [index for index, of, before in zip(indices, owners, [0, *owners], strict=False) if of and of != before]
    begins = types.begin(page, changes, [owners[index] for index in changes], unsure)
    a, b, c, d, e, f = turned.matrix
    f = turned.height - f
    matrix_e, matrix_f = -turned.left, turned.height + turned.top
    chars: list[Obj] = []
    runs: list[_Run] = []
    kind = types.none
    steps, font, is_upright, matrix = kind.steps, kind.font, kind.is_upright, kind.matrix
    owner = first = 0
    last_x = last_y = last_end = start = 0.0
    low_x = low_y = high_x = high_y = at_y = top = bottom = 0.0
    was_space = is_spaced = is_plain = False
    for index, code, of, x, y in zip(
        indices, codes, owners, origins[::2].tolist(), origins[1::2].tolist(), strict=True
    ):
        if of in unsure:
            continue
        if code <= 32:
            if _is_generated(page, index):
                if of:
                    unsure.add(of)  # a space for a wide gap within a text, after which it leaves out those there are
                continue  # a space or line end that pdfium puts between runs
            if code < 32:
                unsure.add(of)
                continue
        is_first = of != owner
        if is_first:
            if was_space:
                unsure.add(owner)  # there may be more, of which pdfium gives the first
            runs.append(_Run(owner, kind, first, len(chars), is_spaced))
            is_alone = len(chars) == first + 1
            owner, first = of, len(chars)
            kind, start = begins[index]
            steps, font, is_upright, matrix, is_plain = (
                kind.steps,
                kind.font,
                kind.is_upright,
                kind.matrix,
                kind.is_plain,
            )
            (low_x, low_y), (high_x, high_y) = kind.low, kind.high
            is_spaced = not is_plain or _may_belong(start - last_end, y - last_y, kind, is_alone=is_alone)
        elif x == last_x and y == last_y:
            unsure.add(of)  # two for one that is printed
            continue
        step = steps.get(code)
        if step is None:
            step = steps[code] = types.step(code, kind, rights[index] - x if is_plain else 0.0)
        step_x, step_y = step
        if is_plain:
            if is_first:
                if x > start + EXACT:
                    unsure.add(of)  # what comes first is no ink
                    continue
            elif not -EXACT < x - last_end < EXACT:
                is_spaced = True
                if was_space:
                    unsure.add(of)
                    continue
            left, right = lefts[index], rights[index]
            if left > x + EXACT and _is_ink(page, index, 0, left):
                unsure.add(of)  # another character for the one printed: then the box is of the ink alone
                continue
            if not -EXACT < right - x - step_x < EXACT:
                if kind.may_be_vertical and _is_square(boxes[4 * index : 4 * index + 4], kind.font_size):
                    chars.append(_set_vertically(x, y, chr(code), kind, turned))
                    last_x, last_y, last_end, was_space = x, y, x + step_x, False
                    continue
                if not (right > x + step_x and _is_ink(page, index, 1, right)):
                    step_x = right - x  # of two glyphs for one character, the other
            if is_first or y != last_y:
                at_y = f - y
                top, bottom = at_y - high_y, at_y - low_y
            at_x = x0 = x + e
            x1 = x0 + step_x
        else:
            at_x, at_y = a * x + c * y + e, f - b * x - d * y
            x0, x1 = sorted((at_x + low_x, at_x + high_x + step_x))
            top, bottom = sorted((at_y - low_y, at_y - high_y - step_y))
        last_x, last_y, last_end, was_space = x, y, x + step_x, code == 32
        chars.append(
            {
                "object_type": "char",
                "text": chr(code),
                "fontname": font,
                "upright": is_upright,
                "matrix": (*matrix, at_x + matrix_e, matrix_f - at_y),
                "x0": x0,
                "x1": x1,
                "top": top,
                "bottom": bottom,
                "doctop": top,
                "width": x1 - x0,
                "height": bottom - top,
                "size": bottom - top,
            }
        )
    if was_space:
        unsure.add(owner)
    runs.append(_Run(owner, kind, first, len(chars), is_spaced))
    return chars, runs


def _codes(page: int, count: int) -> Sequence[int]:
    """The characters by their numbers in Unicode."""
    room = (ctypes.c_uint16 * (count + 1))()
    if _text_of(page, 0, count, ctypes.addressof(room)) == count + 1:
        return room[:count]
    return list(map(_unicode, repeat(page), range(count)))  # one that stands for nothing is left out of the text


@dataclass(frozen=True, slots=True)
class _Type:
    """How a run of text is set.

    Args:
        font: its name.
        address: where pdfium has it.
        font_size: the size before its matrix.
        matrix: turns and scales it on the page as pdfplumber has it.
        low, high: from the origin of a character to the lower and the upper side of its box, upwards.
        is_plain: whether the page is not turned, and the text level and not mirrored.
        is_upright: whether it stands upright as the page is shown.
        may_be_vertical: whether its font can be set from top to bottom.
        steps: what a character takes along the line, upwards; filled as they come.
    """

    font: str
    address: int
    font_size: float
    matrix: tuple[float, float, float, float]
    low: Point
    high: Point
    is_plain: bool
    is_upright: bool
    may_be_vertical: bool
    steps: dict[int, Point]

    def back(self, lost: float) -> Point:
        """How far a character lies behind for what is lost of the spacing."""
        return lost * self.matrix[0], lost * self.matrix[1]


class _Types:
    """How the runs of a page are set: there are hundreds, in a few ways. `none` is that of nothing before them."""

    none = _Type("", 0, 0.0, (1.0, 0.0, 0.0, 1.0), (0.0, 0.0), (0.0, 0.0), False, True, False, {})

    def __init__(self, turned: _Turned, fonts: Callable[[bytes], Font | None]) -> None:
        self._turned = turned
        self._fonts = fonts
        self._known: dict[tuple[float, ...], _Type | None] = {}
        self._of_address: dict[int, tuple[str, Font | None]] = {}
        self._widths: dict[tuple[int, int], float] = {}
        self._room = (ctypes.c_float * 1)()
        self._at = ctypes.addressof(self._room)

    def begin(
        self, text: int, indices: Sequence[int], owners: Sequence[int], unsure: set[int]
    ) -> dict[int, tuple[_Type, float]]:
        """How the runs are set that begin with the characters of `indices`, and where, with the spaces before them.

        Adds to `unsure` the objects that are slanted, or whose font is not known.
        """
        room = (ctypes.c_float * (6 * len(indices)))()
        _exhaust(map(_text_matrix, repeat(text), indices, _steps(room, 24)))
        matrices = array("f", bytes(room))
        sizes = map(_text_size, repeat(text), indices)
        keys = zip(matrices[::6], matrices[1::6], matrices[2::6], matrices[3::6], sizes, owners, strict=True)
        kinds = [self._of(*key) for key in keys]
        unsure.update(owner for owner, kind in zip(owners, kinds, strict=True) if kind is None)
        return {
            index: (kind, start)
            for index, kind, start in zip(indices, kinds, matrices[4::6], strict=True)
            if kind is not None
        }

    def _of(self, a: float, b: float, c: float, d: float, size: float, owner: int) -> _Type | None:
        key = (a, b, c, d, size, _font_of(owner) or 0)
        if key not in self._known:
            self._known[key] = self._type((a, b, c, d, 0.0, 0.0), size, key[5], *self._font(key[5]))
        return self._known[key]

    def _font(self, address: int) -> tuple[str, Font | None]:
        """The name of a font, and what the file says of it; None where pdfium may read it otherwise than pdfminer."""
        if address not in self._of_address:
            name = _name(address)
            self._of_address[address] = name.decode("utf-8", "replace"), self._fonts(name)
        return self._of_address[address]

    def step(self, code: int, kind: _Type, seen: float = 0.0) -> Point:
        """What the character `code` takes along the line.

        Args:
            code: the character.
            kind: how it is set.
            seen: what its box takes on a level line: a full or half em is no ink that reaches beyond the character.
        """
        em = kind.font_size * kind.matrix[0]
        for usual in (em, em / 2):
            if seen and abs(seen - usual) < EXACT:
                return usual, 0.0
        key = kind.address, code
        width = self._widths.get(key)
        if width is None:
            if not _glyph_width(kind.address, code, 1.0, self._at):
                raise BeyondPdfium("a character without width")
            width = self._widths[key] = self._room[0]
        width *= kind.font_size
        return width * kind.matrix[0], width * kind.matrix[1]

    def _type(self, matrix: Matrix, size: float, address: int, name: str, font: Font | None) -> _Type | None:
        a, b, c, d, _, _ = _times(matrix, self._turned.matrix)
        is_level = b == c == 0
        if font is None or (not is_level and not a == d == 0):
            return None
        up_x, up_y = c * size, d * size
        return _Type(
            font=name,
            address=address,
            font_size=size,
            matrix=(a, b, c, d),
            low=(up_x * font.descent, up_y * font.descent),
            high=(up_x * (1 + font.descent), up_y * (1 + font.descent)),
            is_plain=self._turned.matrix[0] == 1 and is_level and a * size > 0 and d * size > 0,
            is_upright=a * d > 0 and b * c <= 0,
            may_be_vertical=font.is_vertical,
            steps={},
        )


def _name(font: int) -> bytes:
    length = _font_name(font, None, 0) if font else 0
    if length < 2:
        return b""
    buffer = ctypes.create_string_buffer(length)
    _font_name(font, ctypes.addressof(buffer), length)
    return buffer.value


def _may_belong(gap: float, rise: float, kind: _Type, *, is_alone: bool) -> bool:
    """Whether a run may go on with the one before, raised, or spaced if that is one character alone.

    How far more characters are spaced shows between them.
    """
    size = kind.font_size * kind.matrix[0]
    return -size < gap < size and -size < rise < size and (abs(rise) > EXACT or (is_alone and abs(gap) > EXACT))


def _is_square(box: Sequence[float], size: float) -> bool:
    left, upper, right, lower = box
    return abs(right - left - size) < EXACT and abs(upper - lower - size) < EXACT


def _is_ink(page: int, index: int, side: int, value: float) -> bool:
    """Whether the ink of a character ends at `value` on its left (0) or right (1) side."""
    room = (ctypes.c_double * 4)()
    _tight_box(page, index, *_steps(room, 8))
    return bool(abs(room[side] - value) < EXACT)


def _set_vertically(x: float, y: float, text: str, kind: _Type, turned: _Turned) -> Obj:
    """A character that is set from top to bottom, with the measures that the format has for these by default."""
    size = kind.font_size
    wide, tall = kind.matrix[0] * size, kind.matrix[3] * size
    e, f = turned.matrix[4:]
    x0, bottom = x + e, turned.height - (y + f)
    return {
        "object_type": "char",
        "text": text,
        "fontname": kind.font,
        "upright": kind.is_upright,
        "matrix": (
            *kind.matrix,
            x0 + wide / 2 - turned.left,
            turned.height - bottom + tall * VERTICAL_ORIGIN + turned.top,
        ),
        "x0": x0,
        "x1": x0 + wide,
        "top": bottom - tall,
        "bottom": bottom,
        "doctop": bottom - tall,
        "width": wide,
        "height": tall,
        "size": wide,
    }


# --- paths ------------------------------------------------------------------------------------------------------


def _paths(drawn: Sequence[int], outer: Matrix, page_height: float) -> Iterator[Obj]:
    """The lines, rectangles and curves that the paths of a layer consist of, as pdfplumber tells them apart."""
    if not drawn:
        return
    many = len(drawn)
    modes, widths = (ctypes.c_int * (2 * many))(), (ctypes.c_float * many)()
    matrices = (ctypes.c_float * (6 * many))()
    _exhaust(map(_draw_mode, drawn, _steps(modes, 8), _steps(modes, 8, 4)))
    _exhaust(map(_stroke_width, drawn, _steps(widths, 4)))
    _exhaust(map(_matrix_of, drawn, _steps(matrices, 24)))
    own = array("f", bytes(matrices))
    counts = list(map(_count_segments, drawn))
    segments = _Segments(drawn, counts)
    fills, strokes = modes[::2], modes[1::2]
    first = 0
    placed: dict[tuple[float, ...], Matrix] = {}
    colours = _Colours()
    for number, at in enumerate(drawn):
        end = first + counts[number]
        key = tuple(own[6 * number : 6 * number + 6])
        matrix = placed.get(key)
        if matrix is None:
            a, b, c, d, e, f = key
            matrix = placed[key] = _times((a, b, c, d, e, f), outer)
        fill, stroke = bool(fills[number]), bool(strokes[number])
        stroking = colours.of(at, _stroke_colour) if stroke else None
        filling = colours.of(at, _fill_colour) if fill else None
        a, b, c, d, e, f = matrix
        for kind, points in segments.shapes(first, end):
            pts = [(a * x + c * y + e, page_height - (b * x + d * y + f)) for x, y in points]
            if kind == "rect" and not _is_upright_rectangle(pts):
                kind = "curve"
            if kind == "curve":
                xs, ys = zip(*pts, strict=True)
                x0, x1, top, bottom = min(xs), max(xs), min(ys), max(ys)
            else:
                (x0, top), (x1, bottom) = pts[0], pts[1 if kind == "line" else 2]
                if x1 < x0:
                    x0, x1 = x1, x0
                if bottom < top:
                    top, bottom = bottom, top
            yield {
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
                "pts": pts,
                "stroke": stroke,
                "fill": fill,
                "linewidth": widths[number],
                "stroking_color": stroking,
                "non_stroking_color": filling,
            }
        first = end


class _Colours:
    """The colours of paths as red, green and blue, 0 to 1; None where one is a pattern."""

    def __init__(self) -> None:
        self._room = (ctypes.c_uint * 4)()
        self._ats = tuple(_steps(self._room, 4))

    def of(self, drawn: int, get: Callable[..., Any]) -> tuple[float, ...] | None:
        """The colour that `get` gets."""
        if not get(drawn, *self._ats):
            return None
        return (self._room[0] / 255, self._room[1] / 255, self._room[2] / 255)


class _Segments:
    """The segments of all paths of a layer, one path after the other."""

    def __init__(self, drawn: Sequence[int], counts: Sequence[int]) -> None:
        paths = [at for at, count in zip(drawn, counts, strict=True) for _ in range(count)]
        places = [place for count in counts for place in range(count)]
        self._ats = list(map(_segment, paths, places))
        self._kinds = array("b", map(_segment_kind, self._ats)).tobytes()
        room = (ctypes.c_float * (2 * len(paths)))()
        _exhaust(map(_segment_point, self._ats, _steps(room, 8), _steps(room, 8, 4)))
        points = array("f", bytes(room))
        self._points = list(zip(points[::2], points[1::2], strict=True))

    def shapes(self, first: int, end: int) -> Iterator[tuple[str, list[Point]]]:
        """The subpaths of a path, closed ones ending where they begin: line, curve, or what may be a rectangle."""
        points = self._points[first:end]
        if self._kinds[first:end] == _RECTANGLE and points[0] == points[4] != points[3]:
            yield "rect", points
            return
        starts = [first, *(at for at in range(first + 1, end) if self._kinds[at] == _MOVE), end]
        for start, stop in pairwise(starts):
            if stop - start < 2:
                continue
            points = self._points[start:stop]
            if _CURVE in self._kinds[start:stop]:
                yield "curve", self._without_controls(start, stop)
                continue
            is_shut = bool(_segment_closes(self._ats[stop - 1]))
            if is_shut and points[0] != points[-1]:
                points.append(points[0])
            if len(points) == 2 or (len(points) == 3 and is_shut):
                yield "line", points[:2]
            elif len(points) == 5 and points[0] == points[3]:
                yield "curve", points[:4]  # a rectangle without height
            else:
                yield "rect" if len(points) == 5 and points[0] == points[4] else "curve", points

    def _without_controls(self, start: int, stop: int) -> list[Point]:
        """The points that a path with curves passes, as pdfminer has them: not those that shape the curves."""
        points: list[Point] = []
        controls = 0
        for at in range(start, stop):
            controls = controls + 1 if self._kinds[at] == _CURVE else 0
            if controls in (0, 3):
                points.append(self._points[at])
                controls = 0
        if _segment_closes(self._ats[stop - 1]) and points[-1] != points[0]:
            points.append(points[0])
        return points


def _is_upright_rectangle(points: Sequence[Point]) -> bool:
    """Whether four corners are those of a rectangle with level sides."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = points[:4]
    across_first = (y0, x1, y2, x3) == (y1, x2, y3, x0)
    return across_first or (x0, y1, x2, y3) == (x1, y2, x3, y0)
