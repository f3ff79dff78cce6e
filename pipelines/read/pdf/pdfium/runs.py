"""How the runs of text on a page are set: font, size, how they are turned, what each character takes.

Belongs here: what is the same for all characters of a kind. Does not: where each lies (`chars`).
"""

import ctypes
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import repeat

from pipelines.read.pdf.fonts import Font
from pipelines.read.pdf.pdfium import calls
from pipelines.read.pdf.pdfium.layers import EXACT, BeyondPdfium, Point, Turned, times


@dataclass(frozen=True, slots=True)
class Type:
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
    steps: dict[str, Point]

    def back(self, lost: float) -> Point:
        """How far a character lies behind for what is lost of the spacing."""
        return lost * self.matrix[0], lost * self.matrix[1]


class Types:
    """How the runs of a page are set: there are hundreds, in a few ways. `none` is that of nothing before them."""

    none = Type("", 0, 0.0, (1.0, 0.0, 0.0, 1.0), (0.0, 0.0), (0.0, 0.0), False, True, False, {})

    def __init__(self, turned: Turned, fonts: Callable[[bytes], Font | None]) -> None:
        self._turned = turned
        self._fonts = fonts
        self._type_of = cache(self._type)
        self._of_address: dict[int, tuple[str, Font | None]] = {}
        self._widths: dict[tuple[int, int], float] = {}
        self._room = (ctypes.c_float * 1)()
        self._at = ctypes.addressof(self._room)

    def begin(
        self, text: int, indices: Sequence[int], owners: Sequence[int], unsure: set[int | None]
    ) -> dict[int, tuple[Type, float, float]]:
        """How the runs are set that begin with the characters of `indices`, and where, with the spaces before them.

        Adds to `unsure` the objects that are slanted, or whose font is not known.
        """
        room = (ctypes.c_float * (6 * len(indices)))()
        calls.exhaust(map(calls.text_matrix, repeat(text), indices, calls.steps(room, 24)))
        matrices = array("f", bytes(room)).tolist()
        sizes = map(calls.text_size, repeat(text), indices)
        fonts = map(calls.font_of, owners)
        kinds = list(map(self._type_of, matrices[::6], matrices[1::6], matrices[2::6], matrices[3::6], sizes, fonts))
        unsure.update(owner for owner, kind in zip(owners, kinds, strict=True) if kind is None)
        return {
            index: (kind, x, y)
            for index, kind, x, y in zip(indices, kinds, matrices[4::6], matrices[5::6], strict=True)
            if kind is not None
        }

    def know(self, text: int) -> bool:
        """Whether the font of a text object is known."""
        return self._font(calls.font_of(text) or 0)[1] is not None

    def _font(self, address: int) -> tuple[str, Font | None]:
        """The name of a font, and what the file says of it; None where pdfium may read it otherwise than pdfminer."""
        if address not in self._of_address:
            name = font_name(address)
            self._of_address[address] = name.decode("utf-8", "replace"), self._fonts(name)
        return self._of_address[address]

    def step(self, code: int, kind: Type, seen: float = 0.0) -> Point:
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
            if not calls.glyph_width(kind.address, code, 1.0, self._at):
                raise BeyondPdfium("a character without width")
            width = self._widths[key] = self._room[0]
        width *= kind.font_size
        return width * kind.matrix[0], width * kind.matrix[1]

    def _type(self, a: float, b: float, c: float, d: float, size: float, address: int | None) -> Type | None:
        name, font = self._font(address or 0)
        a, b, c, d, _, _ = times((a, b, c, d, 0.0, 0.0), self._turned.matrix)
        is_level = b == c == 0
        if font is None or (not is_level and not a == d == 0):
            return None
        up_x, up_y = c * size, d * size
        return Type(
            font=name,
            address=address or 0,
            font_size=size,
            matrix=(a, b, c, d),
            low=(up_x * font.descent, up_y * font.descent),
            high=(up_x * (1 + font.descent), up_y * (1 + font.descent)),
            is_plain=self._turned.matrix[0] == 1 and is_level and a * size > 0 and d * size > 0,
            is_upright=a * d > 0 and b * c <= 0,
            may_be_vertical=font.is_vertical,
            steps={},
        )


def font_name(font: int) -> bytes:
    """The name that pdfium gives a font, by its address; empty for none."""
    length = calls.font_name(font, None, 0) if font else 0
    if length < 2:
        return b""
    buffer = ctypes.create_string_buffer(length)
    calls.font_name(font, ctypes.addressof(buffer), length)
    return buffer.value
