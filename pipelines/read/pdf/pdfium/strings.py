"""The texts of a page that pdfium does not tell in full, by the strings in the content of the page.

Belongs here: which string is that of which text object, and where its characters lie. Does not: what the strings say
(`pipelines.read.pdf.strings`).
"""

import ctypes
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

import pikepdf
from pdfminer.psexceptions import PSException

from pipelines.read.document import Box
from pipelines.read.drawn import Char, drawn_char
from pipelines.read.pdf.objects import Unreadable
from pipelines.read.pdf.pdfium import calls
from pipelines.read.pdf.pdfium.layers import EXACT, BeyondPdfium, Layer, Matrix, Point, Turned, matrix_of, times
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

    def chars(self, owner: int) -> list[Char]:
        """The characters of a text object.

        Raises:
            BeyondPdfium: they are not clear from its string.
        """
        text = self.of().get(owner)
        if text is None:
            raise BeyondPdfium("a text in a form is not told in full")
        size = (ctypes.c_float * 1)()
        calls.size_of(owner, ctypes.addressof(size))
        if abs(size[0] - text.size) > EXACT:
            raise BeyondPdfium("texts are not those of the content")
        font = self._fonts.get(text.font)
        if font is None:
            font = self._fonts[text.font] = said(self._typefaces.of, self._page, text.font)
        signs: list[Sign] = said(list, font.signs(text))
        name = font_name(calls.font_of(owner) or 0).decode("utf-8", "replace")
        matrix = times(matrix_of(owner), self._turned.matrix)
        low = font.descent * text.size
        return [_char(sign, matrix, (low, low + text.size), sign.at - text.lost, name, self._turned) for sign in signs]


def _char(sign: Sign, matrix: Matrix, reach: Point, at: float, font: str, turned: Turned) -> Char:
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
    box = Box(min(across), turned.height - max(upwards), max(across), turned.height - min(upwards))
    placed = (a, b, c, d, e - turned.left, f + turned.top)
    return drawn_char(sign.text, box, box.bottom - box.top, placed, font=font, is_upright=a * d > 0 and b * c <= 0)
