"""The strings that a page of a PDF shows, with the fonts they are in: what pdfium does not tell of some texts.

pdfium leaves out texts without ink and what is printed twice, replaces what a tag names in other words, and takes
ligatures apart. What such a text says stands in the content of the page, and is read from there as pdfminer reads it.

Belongs here: operators that show text, their operands, and what fonts make of these. Does not: where on the page it
lies (`pipelines.read.pdf.pdfium`), whether pdfium reads a font alike (`pipelines.read.pdf.fonts`).
"""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from io import BytesIO
from typing import Any, NamedTuple

import pikepdf
from pdfminer.cmapdb import CMapParser, FileUnicodeMap, UnicodeMap
from pdfminer.pdffont import PDFFont, PDFUnicodeNotDefined
from pdfminer.pdfinterp import PDFResourceManager

from pipelines.read.pdf.objects import as_pdfminer, forms, is_dictionary, name_of, number_of, own_content

_STRING = rb"\((?:[^()\\]++|\\.|\((?:[^()\\]++|\\.)*+\))*+\)|<[0-9A-Fa-f\s]*+>"
_NUMBER = rb"[-+.\d]++"
_TOKENS = re.compile(
    rb"([^\[(</%TBqQ]*+)(?:"  # what holds no text, in one piece: most of a page is numbers
    rb"\[((?:[^\[\]()<>]++|" + _STRING + rb")*+)\]\s*+TJ\b"
    rb"|(" + _STRING + rb")(?:\s*+(Tj\b|['\"]))?"
    rb"|/([^\s/()<>\[\]{}%]++)(?:\s++(" + _NUMBER + rb")\s++Tf\b)?"
    rb"|%[^\r\n]*+"
    rb"|(?<![A-Za-z])(T[cwzsdDm*]|BT|BI|[qQ])(?![A-Za-z0-9])"
    rb"|.)",
    re.DOTALL,
)
_PARTS = re.compile(rb"(" + _STRING + rb")|(" + _NUMBER + rb")", re.DOTALL)
_STATES = frozenset((b"Tc", b"Tw", b"Tz", b"Ts"))
_PLACES = frozenset((b"Td", b"TD", b"Tm", b"T*", b"BT"))
_SPACING = re.compile(rb"\sT[cs]\b")
_LONGEST = 32
"""Bytes that a number takes at most, with the space behind it."""
_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|(\r\n|.))", re.DOTALL)
_ESCAPED = {
    b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"(": b"(", b")": b")", b"\\": b"\\",
    b"\n": b"", b"\r\n": b"",
}  # fmt: skip

_MAPPINGS = re.compile(rb"beginbf(char|range)\b(.*?)endbf", re.DOTALL)
_UNUSUAL = re.compile(rb"begincid|usecmap|%")
_FILES = frozenset(("/ToUnicode", "/FontFile", "/FontFile2", "/FontFile3"))
_NAMES, _WIDTHS = frozenset(("/Encoding",)), frozenset(("/Widths",))
_CODE = rb"<((?:[0-9A-Fa-f]{2})+)>\s*"
_PAIR, _RANGE = re.compile(_CODE * 2), re.compile(_CODE * 3)


class Unclear(Exception):  # noqa: N818 - the name states the situation
    """The content of a page is such that what pdfminer makes of its text is not clear; says why."""


class Shown(NamedTuple):
    """What one operator shows: a text of the page.

    Args:
        operand: one string, or several and the distances between them, as they stand in the file.
        font: the name that the page has for the font.
        size: of the type.
        spacing: after each character.
        word_spacing: after each space, besides.
        lost: what pdfminer forgets of the spacing before it.
    """

    operand: bytes
    font: bytes
    size: float
    spacing: float
    word_spacing: float
    lost: float


class Sign(NamedTuple):
    """A character of a text: what it says, where it begins and how wide it is, in the units of the type's size."""

    text: str
    at: float
    width: float


def content_of(page: pikepdf.Page, *, is_layered: bool) -> bytes:
    """The operators of a page, without those of the forms on it; `is_layered` tells that there are any.

    Raises:
        Unclear: the text in a form is spaced.
    """
    if is_layered and any(is_spaced(form.read_bytes()) for form in forms(page.resources)):
        raise Unclear("text in a form is spaced")
    return own_content(page)


def is_spaced(content: bytes) -> bool:
    """Whether characters are spaced, or text is raised, anywhere on a page."""
    places = map(re.Match.start, _SPACING.finditer(content))
    return any(float(content[max(0, place - _LONGEST) : place].split()[-1]) for place in places)


def shown(content: bytes) -> list[Shown]:
    """What a page shows by itself, without the forms on it, in its order.

    Where text goes on without being placed anew, pdfminer leaves out the space after the last character before, and
    all that follows lies too far left: by what is `lost`.

    Raises:
        Unclear: the page is set in ways of which this is not made out.
    """
    found: list[Shown] = []
    font, size = b"", 0.0
    spacing = word_spacing = shown_with = lost = 0.0
    saved: list[tuple[bytes, float, float, float]] = []
    is_shown = False
    for before, array, string, operator, font_name, points, other in _TOKENS.findall(content):
        if array or operator:
            if operator == b'"':
                raise Unclear("text is shown with spacing of its own")
            if operator == b"'" or not is_shown:
                lost = 0.0
            else:
                lost += shown_with
            parts = _PARTS.findall(array)
            if string not in (b"()", b"<>") and (string or any(len(part) > 2 for part, _ in parts)):
                if array and not parts[0][0]:
                    lost -= spacing
                found.append(Shown(array or string, font, size, spacing, word_spacing, lost))
                is_shown, shown_with = True, spacing
        elif points:
            font, size = font_name, float(points)
        elif other in _PLACES:
            is_shown, lost = False, 0.0
        elif other in _STATES:
            number = float(before.split()[-1])
            if other == b"Tc":
                spacing = number
            elif other == b"Tw":
                word_spacing = number
            elif number != (100 if other == b"Tz" else 0):
                raise Unclear("text is stretched or raised")
        elif other == b"q":
            saved.append((font, size, spacing, word_spacing))
        elif other == b"Q" and saved:
            font, size, spacing, word_spacing = saved.pop()
        elif other == b"BI":
            raise Unclear("there is a picture within the content")
    return found


def _parts(operand: bytes) -> Iterator[bytes | float]:
    """The strings and distances that an operand consists of."""
    for string, number in _PARTS.findall(operand):
        if number:
            yield float(number)
        elif string[:1] == b"(":
            yield _ESCAPE.sub(_unescaped, string[1:-1]) if b"\\" in string else string[1:-1]
        else:
            digits = b"".join(string[1:-1].split())
            if len(digits) % 2:
                raise Unclear("half a byte in a string")
            yield bytes.fromhex(digits.decode("ascii"))


def _unescaped(found: re.Match[bytes]) -> bytes:
    octal, sign = found.groups()
    if octal is not None:
        return bytes((int(octal, 8) & 0xFF,))
    if sign not in _ESCAPED:
        raise Unclear("an unknown escape in a string")
    return _ESCAPED[sign]


# --- fonts ------------------------------------------------------------------------------------------------------


class Typeface:
    """A font as pdfminer reads it: its `descent` as a share of the size, and the signs of what is shown in it."""

    def __init__(self, spec: pikepdf.Object) -> None:
        """Read the font that has the dictionary `spec`.

        Raises:
            Unclear: it is set from top to bottom.
        """
        self._spec = spec
        self._font = _mapped(spec) or self._named
        if self._font.is_vertical():
            raise Unclear("a font is set from top to bottom")
        self.descent = float(self._font.get_descent())
        self._signs: dict[int, tuple[str, float]] = {}
        self._known: dict[tuple[bytes, float, float, float], tuple[Sign, ...]] = {}

    def signs(self, text: Shown) -> Sequence[Sign]:
        """The signs of a text, one after the other; the same for all texts that say the same in the same size."""
        key = text.operand, text.size, text.spacing, text.word_spacing
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = tuple(self._signs_of(text))
        return known

    def _signs_of(self, text: Shown) -> Iterator[Sign]:
        word_spacing = 0.0 if self._font.is_multibyte() else text.word_spacing
        at = 0.0
        is_first = True
        for part in _parts(text.operand):
            if isinstance(part, float):
                at -= 0.0 if is_first else part * 0.001 * text.size  # pdfium tells where the first sign stands
                continue
            for code in self._font.decode(part):
                if not is_first:
                    at += text.spacing
                said, width = self._signs.get(code) or self._sign(code)
                width *= text.size
                yield Sign(said, at, width)
                at += width + (word_spacing if code == 32 else 0.0)
                is_first = False

    @cached_property
    def _named(self) -> PDFFont:
        """The font with the names that it has for its characters."""
        return PDFResourceManager().get_font(None, as_pdfminer(self._spec))

    def _sign(self, code: int) -> tuple[str, float]:
        try:
            text = self._font.to_unichr(code)
        except PDFUnicodeNotDefined:
            text = self._unmapped(code)
        found = self._signs[code] = text, float(self._font.char_width(code))
        return found

    def _unmapped(self, code: int) -> str:
        """What a character says for which there is no entry in a Unicode map."""
        try:
            return self._named.to_unichr(code)
        except PDFUnicodeNotDefined:
            return f"(cid:{code})"


class Typefaces:
    """The fonts of a document that texts are read in by their strings, each looked up once."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], Typeface] = {}

    def of(self, page: pikepdf.Page, name: bytes) -> Typeface:
        """The font that a page has under a name.

        Raises:
            Unclear: it has none, or none that can be read by itself.
        """
        resources = page.resources
        fonts = resources.get("/Font") if is_dictionary(resources) else None
        spec = fonts.get("/" + name.decode("utf-8", "surrogateescape")) if is_dictionary(fonts) else None
        if not is_dictionary(spec):
            raise Unclear("a font is missing")
        if not spec.is_indirect:
            return Typeface(spec)
        if spec.objgen not in self._known:
            self._known[spec.objgen] = Typeface(spec)
        return self._known[spec.objgen]


def _mapped(spec: pikepdf.Object) -> PDFFont | None:
    """Pdfminer's font that has a Unicode map, without the slow way in which it reads it; None where there is no map.

    It goes without font files, which pdfminer then ignores, and without names and widths for characters, of which
    programs that have a font for each character write hundreds; widths are looked up as they are asked for.
    """
    unicode_map = spec.get("/ToUnicode")
    if not isinstance(unicode_map, pikepdf.Stream):
        return None
    kind = name_of(spec.get("/Subtype"))
    is_composite = kind == b"Type0"
    widths = spec.get("/Widths") if kind == b"Type3" else None
    is_listed = isinstance(widths, pikepdf.Array)
    left_out = _FILES if is_composite else _FILES | _NAMES
    bare = as_pdfminer(spec, without=left_out | _WIDTHS if is_listed else left_out)
    if is_listed:
        bare["Widths"] = []
    for inner in bare.get("DescendantFonts", ()):
        # Without a font file pdfminer would look for a map of a known collection, which is not asked for.
        inner["CIDSystemInfo"] = {"Registry": b"Adobe", "Ordering": b"Identity"}
    font: Any = PDFResourceManager().get_font(None, bare)
    font.unicode_map = _unicode_map(unicode_map.read_bytes())
    if not is_composite:
        font.cid2unicode = {}
    if is_listed:
        font.widths = _Widths(widths, bare.get("FirstChar", 0))
    return font  # type: ignore[no-any-return]


class _Widths:
    """The widths of a font, by code: browsers have hundreds of fonts with hundreds each, of which a few are used."""

    def __init__(self, listed: Any, first: int) -> None:
        self._listed = listed
        self._first = first

    def get(self, code: int | str) -> float | None:
        """The width of a character; None of one that is not listed."""
        place = code - self._first if isinstance(code, int) else -1
        return number_of(self._listed[place]) if 0 <= place < len(self._listed) else None


def _unicode_map(data: bytes) -> UnicodeMap:
    """What a Unicode map says; written as usual it is read in one go, else by pdfminer."""
    said = data.partition(b"endcmap")[0]
    mappings = [(_PAIR if kind == b"char" else _RANGE, listed) for kind, listed in _MAPPINGS.findall(said)]
    found = FileUnicodeMap()
    if _UNUSUAL.search(said) or any(entry.sub(b"", listed).strip() for entry, listed in mappings):
        CMapParser(found, BytesIO(data)).run()
        return found
    for entry, listed in mappings:
        for start, *end, code in entry.findall(listed):
            first, text = int(start, 16), bytes.fromhex(code.decode())
            last = int(end[0], 16) if end else first
            prefix, base, size = text[:-4], int.from_bytes(text[-4:], "big"), len(text[-4:])
            for step in range(last - first + 1):
                found.add_cid2unichr(first + step, prefix + (base + step).to_bytes(8, "big")[-size:])
    return found
