"""The characters of a page as pdfium reads them, in the form that pdfplumber has them.

Belongs here: where each character lies, in which order they are drawn, and of which texts pdfium does not give all as
it is. Does not: how they are set (`runs`), what such texts say (`strings`).
"""

import ctypes
import re
from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain, compress, pairwise, repeat
from operator import itemgetter, ne, not_
from typing import NamedTuple

import pypdfium2
import pypdfium2.raw as raw
from msgspec.structs import replace

from pipelines.read.document import Box
from pipelines.read.drawn import Char, drawn_char
from pipelines.read.pdf.pdfium import calls
from pipelines.read.pdf.pdfium.layers import EXACT, BeyondPdfium, Layer, Turned
from pipelines.read.pdf.pdfium.runs import Type, Types
from pipelines.read.pdf.pdfium.strings import Strings
from pipelines.read.pdf.strings import Shown

VERTICAL_ORIGIN = 0.88
"""How high above its lower side a character that is set from top to bottom has its origin: the format's default."""

_OTHERWISE = re.compile(
    "[\x00-\x09\x0b\x0c\x0e-\x1f\u0590-\u08ff\ud800-\udfff\ufb00-\ufdff\ufe70-\ufefc\ufffe\ufffd\U00010000-\U0010ffff]"
)
"""What pdfium takes apart, turns round or replaces: right-to-left scripts, ligatures, hyphens at the end of a line
(it has a control character for them), what lies beyond the basic plane."""
_BETWEEN = frozenset("\r\n ")
"""What pdfium puts between texts."""


class Run(NamedTuple):
    """Characters that are of one text object.

    Args:
        owner: the address of the object.
        kind: how it is set.
        first, end: which of the page's they are.
        is_spaced: whether there is, or may be, space between them and those before that is not their own, or whether
            they are raised.
        space_at: how far on the page the last of them is, if it is a space; there may be more, of which pdfium gives
            the first.
    """

    owner: int
    kind: Type
    first: int
    end: int
    is_spaced: bool
    space_at: float | None = None


def _close_up(chars: list[Char], runs: Iterable[Run], texts: Mapping[int, Shown]) -> None:
    """Move the characters to where pdfminer has them, which loses some of the spacing.

    Args:
        chars: the characters of a page.
        runs: what runs they are in.
        texts: the strings of the text objects, which tell what is lost.
    """
    for run in runs:
        across, up = run.kind.back(texts[run.owner].lost if run.owner in texts else 0.0)
        for place in range(run.first, run.end) if across or up else ():
            char = chars[place]
            *matrix, e, f = char.matrix
            chars[place] = replace(
                char,
                x0=char.x0 - across,
                x1=char.x1 - across,
                top=char.top + up,
                bottom=char.bottom + up,
                matrix=(*matrix, e - across, f - up),
            )


def chars_on(
    page: pypdfium2.PdfPage, layers: Sequence[Layer], turned: Turned, types: Types, strings: Strings
) -> list[Char]:
    """The characters of a page in the order in which they are drawn; by their strings where pdfium is not exact.

    Raises:
        BeyondPdfium: neither gives them all as they are.
    """
    texts = [at for layer in layers for at in layer.texts]
    unsure = _retold(texts)
    chars, runs = _read(page, turned, types, unsure) if any(map(types.know, texts)) else ([], [])
    ending = [run for run in runs if run.space_at is not None]
    unsure.update(run.owner for run in ending if _has_more_spaces(run, layers[0].texts))
    sure = [run for run in runs if run.owner not in unsure]
    missing = set(texts).difference(run.owner for run in sure)
    if missing or (any(run.is_spaced for run in sure) and strings.are_spaced()):
        _close_up(chars, sure, strings.of())
    retold = [at for at in texts if at in missing]
    for at, told in zip(retold, strings.chars(retold) if retold else (), strict=True):
        first = len(chars)
        chars += told
        sure.append(Run(at, types.none, first, len(chars), False))
    return _as_drawn(chars, sure, texts)


def _as_drawn(chars: list[Char], runs: list[Run], texts: Sequence[int]) -> list[Char]:
    """The characters of runs in the order in which they are drawn, as pdfminer has them; pdfium goes by lines."""
    places = {at: place for place, at in enumerate(texts)}
    order = [places.get(run.owner, -1) for run in runs]
    if sum(run.end - run.first for run in runs) == len(chars) and order == sorted(order):
        return chars
    return [
        char
        for _, run in sorted(zip(order, runs, strict=True), key=itemgetter(0))
        for char in chars[run.first : run.end]
    ]


def _retold(texts: Sequence[int]) -> set[int | None]:
    """The text objects for which other text stands in the file (`ActualText`), which pdfium gives in their place."""
    marked = [
        (at, number) for at, count in zip(texts, map(calls.count_marks, texts), strict=True) for number in range(count)
    ]
    return {at for at, number in marked if calls.mark_says(calls.mark(at, number), b"ActualText")}


def _read(
    page: pypdfium2.PdfPage, turned: Turned, types: Types, unsure: set[int | None]
) -> tuple[list[Char], list[Run]]:
    """The characters of a page that pdfium gives, and the runs they are in; adds to `unsure` as `_chars_of` does."""
    text = raw.FPDFText_LoadPage(page.raw)
    try:
        return _chars_of(calls.address(text), raw.FPDFText_CountChars(text), turned, types, unsure)
    finally:
        raw.FPDFText_ClosePage(text)


def _chars_of(
    page: int, count: int, turned: Turned, types: Types, unsure: set[int | None]
) -> tuple[list[Char], list[Run]]:
    """The characters that pdfium gives, and the runs they are in. One loop: it runs for every character.

    Adds to `unsure` the text objects of which it does not give all characters, or not as they are.
    """
    indices = range(count)
    text = _text(page, count)
    owners = list(map(calls.text_object, repeat(page), indices))
    unsure.update(compress(owners, map(calls.is_undecoded, repeat(page), indices)))
    unsure.update(owners[found.start()] for found in _OTHERWISE.finditer(text))
    if not set(compress(text, map(not_, owners))) <= _BETWEEN:
        raise BeyondPdfium("a character of no text")
    room = (ctypes.c_float * (4 * count))()
    calls.exhaust(map(calls.loose_box, repeat(page), indices, calls.steps(room, 16)))
    boxes = array("f", bytes(room))
    lefts, uppers, rights = boxes[::4].tolist(), boxes[1::4].tolist(), boxes[2::4].tolist()
    changes = [index for index in compress(indices, map(ne, owners, chain((0,), owners))) if owners[index]]
    begins = types.begin(page, changes, [owners[index] for index in changes], unsure)
    xs, ys = _origins(page, begins, [*changes, count], lefts)
    a, b, c, d, e, f = turned.matrix
    f = turned.height - f
    matrix_e, matrix_f = -turned.left, turned.height + turned.top
    where = (ctypes.c_double * 2)()
    at = calls.steps(where, 8)
    unsure.add(None)  # what pdfium puts between runs is no text's: a space or line end
    chars: list[Char] = []
    runs: list[Run] = []
    kind = types.none
    steps, font, is_upright = kind.steps, kind.font, kind.is_upright
    matrix_a, matrix_b, matrix_c, matrix_d = kind.matrix
    owner = first = 0
    expected = start = last_x = last_y = 0.0
    low_x = low_y = high_x = high_y = at_y = top = bottom = upper_side = 0.0
    is_spaced = is_plain = is_guessed = False
    spacing = 0.0  # between the characters of the run; guessed where it is seen behind spaces alone
    for index, sign, of, x, y, upper, right in zip(indices, text, owners, xs, ys, uppers, rights, strict=True):
        if of in unsure:
            continue
        if sign <= " " and (sign < " " or calls.is_generated(page, index)):
            unsure.add(of)  # nothing that is printed; after a space for a wide gap, those there are are left out
            continue
        if of != owner:
            if is_guessed:
                unsure.add(owner)
            end = len(chars)
            runs.append(Run(owner, kind, first, end, is_spaced, last_x if _ends_in_space(chars, first) else None))
            may_go_on = bool(spacing) or end == first + 1
            owner, first = of, end
            kind, start, _ = begins[index]
            steps, font, is_upright, is_plain = kind.steps, kind.font, kind.is_upright, kind.is_plain
            matrix_a, matrix_b, matrix_c, matrix_d = kind.matrix
            (low_x, low_y), (high_x, high_y) = kind.low, kind.high
            is_spaced = not is_plain or _may_belong(start - expected, y - last_y, kind, may_go_on=may_go_on)
            spacing, is_guessed = 0.0, False
            expected, upper_side, last_y = start, upper, y
            at_y = f - y
            top, bottom = at_y - high_y, at_y - low_y
        elif x == last_x and y == last_y:
            unsure.add(of)  # two for one that is printed
            continue
        if is_plain:
            if upper != upper_side or not -EXACT < x - expected < EXACT:
                calls.origin(page, index, *at)  # there is space, or the box is wider than the character
                x = where[0]
                if lefts[index] > x + EXACT and _is_ink(page, index, 0, lefts[index]):
                    unsure.add(of)  # another character for the one printed: then the box is of the ink alone
                    continue
                is_first = len(chars) == first
                is_off = not is_first and not -EXACT < x - expected < EXACT
                if (is_first and x > start + EXACT) or (is_off and x == last_x):
                    unsure.add(of)  # there is more before it than pdfium gives, or two for one that is printed
                    continue
                if is_off:
                    gap, is_after_space = x - expected, _ends_in_space(chars, first)
                    if spacing and not -EXACT < gap - spacing < EXACT and (is_guessed or is_after_space):
                        unsure.add(of)  # there are more spaces than pdfium gives
                        continue
                    # Behind a space it may be another space, unless there is as much between other characters.
                    is_guessed = is_after_space and (is_guessed or not spacing)
                    spacing = gap
            step = steps.get(sign)
            if step is None:
                step = steps[sign] = types.step(ord(sign), kind, right - x)
            step_x = step[0]
            if not -EXACT < right - x - step_x < EXACT:
                if kind.may_be_vertical and _is_square(boxes[4 * index : 4 * index + 4], kind.font_size):
                    chars.append(_set_vertically(x, y, sign, kind, turned))
                    expected, last_x, last_y = x + step_x, x, y
                    continue
                if not (right > x + step_x and _is_ink(page, index, 1, right)):
                    step_x = right - x  # of two glyphs for one character, the other
            if y != last_y:
                at_y = f - y
                top, bottom = at_y - high_y, at_y - low_y
            at_x = x0 = x + e
            x1 = x0 + step_x
            expected = x + step_x
        else:
            step = steps.get(sign)
            if step is None:
                step = steps[sign] = types.step(ord(sign), kind, 0.0)
            step_x, step_y = step
            expected = x + step_x
            at_x, at_y = a * x + c * y + e, f - b * x - d * y
            x0, x1 = sorted((at_x + low_x, at_x + high_x + step_x))
            top, bottom = sorted((at_y - low_y, at_y - high_y - step_y))
        last_x, last_y = x, y
        matrix = matrix_a, matrix_b, matrix_c, matrix_d, at_x + matrix_e, matrix_f - at_y
        chars.append(Char(sign, font, is_upright, matrix, x0, x1, top, bottom, bottom - top))
    if is_guessed:
        unsure.add(owner)
    space_at = last_x if _ends_in_space(chars, first) else None
    runs.append(Run(owner, kind, first, len(chars), is_spaced, space_at))
    return chars, runs


def _has_more_spaces(run: Run, direct: Collection[int]) -> bool:
    """Whether a text that ends in a space ends in more; `direct` are those that lie directly on the page.

    The bounds of a text reach to where its last space begins, or to the ink before it.
    """
    if not run.kind.is_plain or run.owner not in direct:
        return True
    room = (ctypes.c_float * 4)()
    is_known = calls.bounds(run.owner, *calls.steps(room, 4))
    return not is_known or room[2] > (run.space_at or 0.0) + EXACT


def _ends_in_space(chars: Sequence[Char], first: int) -> bool:
    """Whether the last of the characters from `first` on is a space."""
    return len(chars) > first and chars[-1].text == " "


def _text(page: int, count: int) -> str:
    """What pdfium has for the characters, one sign for each; half a pair for what lies beyond the basic plane."""
    room = (ctypes.c_uint16 * (count + 1))()
    if calls.text_of(page, 0, count, ctypes.addressof(room)) == count + 1:
        text = bytes(room)[:-2].decode("utf-16-le", "surrogatepass")
        return text if len(text) == count else "".join(map(chr, room[:count]))
    return "".join(map(chr, map(calls.unicode, repeat(page), range(count))))  # the text leaves out what says nothing


def _origins(
    page: int, begins: Mapping[int, tuple[Type, float, float]], changes: Sequence[int], lefts: Sequence[float]
) -> tuple[list[float], list[float]]:
    """Where the characters stand on the page; of level ones the left side of their box, which may be left of it.

    Args:
        page: the text of the page.
        begins: how each run is set, and where it begins, by its first character.
        changes: the first characters of the runs, and the end of the last.
        lefts: the left sides of the boxes.
    """
    xs = list(lefts)
    ys = [0.0] * len(xs)
    room = (ctypes.c_double * 2)()
    at = calls.steps(room, 8)
    for first, end in pairwise(changes):
        if first not in begins:
            continue
        kind, _, line = begins[first]
        if kind.is_plain and not kind.may_be_vertical:
            ys[first:end] = [line] * (end - first)
            continue
        for index in range(first, end):
            calls.origin(page, index, *at)
            xs[index], ys[index] = room
    return xs, ys


def _may_belong(gap: float, rise: float, kind: Type, *, may_go_on: bool) -> bool:
    """Whether a run may go on with the one before and be raised, or spaced if that one is, or is one character alone.

    What goes on stands where the run before ends, but for the space between characters.
    """
    size = kind.font_size * kind.matrix[0]
    return -size < gap < size and -size < rise < size and (abs(rise) > EXACT or (may_go_on and abs(gap) > EXACT))


def _is_square(box: Sequence[float], size: float) -> bool:
    left, upper, right, lower = box
    return abs(right - left - size) < EXACT and abs(upper - lower - size) < EXACT


def _is_ink(page: int, index: int, side: int, value: float) -> bool:
    """Whether the ink of a character ends at `value` on its left (0) or right (1) side."""
    room = (ctypes.c_double * 4)()
    calls.tight_box(page, index, *calls.steps(room, 8))
    return bool(abs(room[side] - value) < EXACT)


def _set_vertically(x: float, y: float, text: str, kind: Type, turned: Turned) -> Char:
    """A character that is set from top to bottom, with the measures that the format has for these by default."""
    size = kind.font_size
    wide, tall = kind.matrix[0] * size, kind.matrix[3] * size
    e, f = turned.matrix[4:]
    x0, bottom = x + e, turned.height - (y + f)
    origin = x0 + wide / 2 - turned.left, turned.height - bottom + tall * VERTICAL_ORIGIN + turned.top
    sides = Box(x0, bottom - tall, x0 + wide, bottom)
    return drawn_char(text, sides, wide, (*kind.matrix, *origin), font=kind.font, is_upright=kind.is_upright)
