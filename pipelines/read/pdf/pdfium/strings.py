"""The texts of a page that pdfium does not tell in full, by the strings in the content of the page.

Belongs here: which string is that of which text object, and where its characters lie. Does not: what the strings say
(`pipelines.read.pdf.strings`).
"""

import ctypes
from array import array
from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property
from typing import Any, TypeVar

import pikepdf
from pdfminer.psexceptions import PSException

from pipelines.read.drawn import Char
from pipelines.read.pdf.objects import Unreadable
from pipelines.read.pdf.pdfium import calls
from pipelines.read.pdf.pdfium.layers import EXACT, BeyondPdfium, Layer, Matrix, Point, Turned, times
from pipelines.read.pdf.pdfium.runs import font_name
from pipelines.read.pdf.strings import Shown, Sign, Typeface, Typefaces, Unclear, content_of, is_spaced, shown

Said = TypeVar("Said")


def said(ask: Callable[..., Said], *of: Any, **how: Any) -> Said:
    """What the file says of something by itself.

    Raises:
        BeyondPdfium: it is not clear, or damaged.
    """
    try:
        return ask(*of, **how)
    except Unclear as error:
        raise BeyondPdfium(str(error)) from error
    except (Unreadable, PSException, LookupError, RecursionError, TypeError, ValueError) as error:
        raise BeyondPdfium("the file is damaged") from error


class Strings:
    """The texts of a page by the strings in its content: what pdfium does not tell of some; looked up when needed."""

    def __init__(self, page: pikepdf.Page, layers: Sequence[Layer], typefaces: Typefaces, turned: Turned) -> None:
        self._page = page
        self._layers = layers
        self._typefaces = typefaces
        self._turned = turned
        self._known: dict[int, Shown] = {}
        self._fonts: dict[bytes, Typeface] = {}
        self._name = cache(lambda at: font_name(at).decode("utf-8", "replace"))

    @cached_property
    def _content(self) -> bytes:
        return said(content_of, self._page, is_layered=len(self._layers) > 1)

    def are_spaced(self) -> bool:
        """Whether there is space between characters anywhere on the page."""
        return said(is_spaced, self._content)

    def of(self) -> Mapping[int, Shown]:
        """The strings of all text objects that lie directly on the page.

        Raises:
            BeyondPdfium: it is not clear what belongs to which.
        """
        texts = self._layers[0].texts
        if not self._known and texts:
            found = said(shown, self._content)
            if len(found) != len(texts):
                raise BeyondPdfium("texts are not those of the content")
            self._known = dict(zip(texts, found, strict=True))
        return self._known

    def chars(self, owners: Sequence[int]) -> list[list[Char]]:
        """The characters of each of some text objects.

        Raises:
            BeyondPdfium: they are not clear from their strings.
        """
        texts = self.of()
        if not texts.keys() >= set(owners):
            raise BeyondPdfium("a text in a form is not told in full")
        sizes, matrices = (ctypes.c_float * len(owners))(), (ctypes.c_float * (6 * len(owners)))()
        calls.exhaust(map(calls.size_of, owners, calls.steps(sizes, 4)))
        calls.exhaust(map(calls.matrix_of, owners, calls.steps(matrices, 24)))
        own = iter(array("f", bytes(matrices)).tolist())
        fonts = map(calls.font_of, owners)
        found = []
        for owner, size, at, *matrix in zip(owners, sizes, fonts, own, own, own, own, own, own, strict=True):
            text = texts[owner]
            if abs(size - text.size) > EXACT:
                raise BeyondPdfium("texts are not those of the content")
            found.append(self._chars(text, (*matrix,), self._name(at or 0)))
        return found

    def _chars(self, text: Shown, matrix: Matrix, name: str) -> list[Char]:
        font = self._fonts.get(text.font)
        if font is None:
            font = self._fonts[text.font] = said(self._typefaces.of, self._page, text.font)
        low = font.descent * text.size
        place = times(matrix, self._turned.matrix), (low, low + text.size), name, self._turned
        return [_char(sign, sign.at - text.lost, *place) for sign in said(font.signs, text)]


def _char(sign: Sign, at: float, matrix: Matrix, reach: Point, font: str, turned: Turned) -> Char:
    """A character of a text that `matrix` puts on the page.

    Args:
        sign: what is to be seen.
        at: where it stands in the text.
        matrix: of the text.
        reach: from where to where its box reaches above the line.
        font: its name.
        turned: the page.
    """
    a, b, c, d, e, f = matrix
    e, f = e + a * at, f + b * at
    low, high = reach
    if b == c == 0 and a > 0 and d > 0:
        x0, x1, lower, upper = e, e + a * sign.width, f + d * low, f + d * high
    else:
        across = [e + a * along + c * up for along in (0.0, sign.width) for up in reach]
        upwards = [f + b * along + d * up for along in (0.0, sign.width) for up in reach]
        x0, x1, lower, upper = min(across), max(across), min(upwards), max(upwards)
    top, bottom = turned.height - upper, turned.height - lower
    placed = (a, b, c, d, e - turned.left, f + turned.top)
    return Char(sign.text, font, a * d > 0 and b * c <= 0, placed, x0, x1, top, bottom, bottom - top)
