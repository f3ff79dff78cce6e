"""From the characters and lines drawn on a page to its words, lines of text and ruled grids, in PDF and OFD alike.

Belongs here: which characters are a word, which stand in which cell. Does not: how a format draws them (`pdf`,
`ofd`), which lines rule a table (`ruling`), tables without rules (`aligned`).
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby, pairwise, takewhile
from operator import attrgetter, itemgetter
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace as replaced
from pdfplumber.utils.text import LIGATURES, chars_to_textmap, extract_text

from pipelines.read.aligned.rows import goes_on
from pipelines.read.boxes import centre, holds
from pipelines.read.document import Box
from pipelines.read.pages import Grid, GridCell, Line, PageContent, Word, is_figure, is_frame, is_unit, may_hold_figure
from pipelines.read.raised import raised
from pipelines.read.ruling import LEAST_CELL, SNAP, Edge, as_boxes, merged, tables_of

HANGING = frozenset("、，。；：！？）》〉】〕」』”’")
"""Marks that a word processor lets hang over the end of a line; their ink is in the left half of their box."""
APART = 0.4
"""Characters with a wider gap between them (of their size) are of two words, which may be of two columns."""
SEAM = 0.2
"""Characters with a gap between them that is no wider, but wider than this, may still be of two words."""
UNIT_APART = 0.1
"""A figure that stands so far (of its size) behind the unit of another is of the next column."""
SPACE = 3.0
"""A gap between characters (points) that is a space, as in pdfplumber's own settings."""
FEW_CELLS = 24
"""Cells of a few rows, as a page break leaves them of a table."""
COLUMNS_APART = 1.2
"""A figure that stands farther (of its size) behind another word of a cell is of a column of its own."""
PADDING = 5.4
"""What word processors leave free (points) at either side of a cell."""
LOOSE = 0.3
"""What else (of the size) a line may leave free where its signs are set apart."""
LEVEL = 3.0
"""Characters that begin no farther below each other (points) are of one line, as in pdfplumber's own settings."""
EXACT = 2
"""Decimals to which the sides of words are told: readers differ in the fourth, and where a word stands as near to one
column as to another, all must decide alike."""
NO_TIE = 0.0002
"""What is added before (points): files tell places to few decimals, and what lies half-way, all must round alike."""
MARK, RAISED = 0.9, 0.15
"""The mark of a note is smaller than this and stands higher than this (of the size of what is before it). Browsers
have it a sixth smaller, word processors a third."""
SAME_BASELINE = 0.15
"""Baselines closer than this (of the type's size) are one."""
NO_STEP = 0.1
"""Baselines closer than this (points) are one whatever the type: readers tell them to different decimals."""

_FIRST_THOUSANDS = re.compile(r"[-−–+]?[1-9]\d{0,2}(?: \d{3})*")
_NEXT_THOUSANDS = re.compile(r"\d{3}(?!\d)")

Matrix = tuple[float, float, float, float, float, float]

_Item = TypeVar("_Item")
_TEXT, _X0, _X1, _TOP, _BOTTOM, _SIZE, _MATRIX = map(
    attrgetter, ("text", "x0", "x1", "top", "bottom", "size", "matrix")
)
_leans = itemgetter(1)
_is_upright = attrgetter("is_upright")
_up = itemgetter(5)
_top_of_run = itemgetter(0)
_EXPANDED = str.maketrans(LIGATURES)


class Char(Struct, frozen=True, gc=False):
    """A character; a record of msgspec's, as there are thousands on a page and these are made fastest.

    Args:
        text: what it says.
        font: the name of its font.
        is_upright: whether it stands upright, and runs from left to right.
        matrix: turns it and puts it on the page, upwards from below; as a PDF has it.
        x0, x1: its sides, in points from the left.
        top, bottom: in points from above; of a level one, from how high to how deep the type reaches.
        size: of the type, in points.
    """

    text: str
    font: str
    is_upright: bool
    matrix: Matrix
    x0: float
    x1: float
    top: float
    bottom: float
    size: float


def drawn_char(text: str, box: Box, size: float, matrix: Matrix, *, font: str = "", is_upright: bool = True) -> Char:
    """A character by its box: see `Char`."""
    return Char(text, font, is_upright, matrix, box.x0, box.x1, box.top, box.bottom, size)


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """What is drawn on a page.

    Args:
        number: of the page, from 1.
        height: of the page, in points.
        chars: its characters, each with its box, size, text and text matrix.
        edges: the lines drawn on it that may rule a table.
    """

    number: int
    height: float
    chars: list[Char]
    edges: list[Edge]


def page_content(page: DrawnPage) -> PageContent:
    """What a page holds, by what is drawn on it."""
    chars = levelled(with_marks(page.chars))
    by_height = _ByHeight(chars)
    lines_drawn = merged(page.edges)
    rules = as_boxes(lines_drawn)
    ruled = tables_of(lines_drawn)
    grids = [Grid(tuple(GridCell(box, _text(by_height.inside(box))) for box in cells)) for cells in ruled]
    partly = [
        grid
        for grid in grids
        if is_frame(grid)
        or _lacks_rules(grid, by_height)
        or _crosses_itself(grid)
        or _is_cut_out(grid.box, rules)
        or _parts_no_cells(grid, rules, by_height)
    ]
    tables = tuple(_with_words(grid, by_height) for grid in grids if grid not in partly)
    boxes = [grid.box for grid in tables]
    within = {id(char) for box in boxes for char in by_height.inside(box)}
    outside = [char for char in chars if id(char) not in within]
    return PageContent(
        page.number,
        page.height,
        tuple(line for line in lines_of(outside) if line.text),
        tables,
        tuple(words(outside)),
        tuple(_exact(rule) for rule in rules if not any(holds(box, centre(rule), SNAP) for box in boxes)),
        tuple(_exact(grid.box) for grid in partly),
    )


def with_marks(chars: list[Char]) -> list[Char]:
    """The characters in the order they are drawn, digits set small and high as the signs for marks of notes.

    523 with a mark of note 1 is no 5231. Digits of one mark are not more than two. As such signs they stand on the
    baseline, and belong to the word that they mark.
    """
    sizes = list(map(_SIZE, chars))
    small = [place for place in range(1, len(sizes)) if sizes[place] < MARK * sizes[place - 1]]
    found: dict[int, Char] = {}
    for first in small:
        base = chars[first - 1]
        digits = list(takewhile(partial(_is_raised, base=base), chars[first:]))
        text = "".join(map(_TEXT, digits))
        if digits and _goes_on_at(base, digits[0]):
            found.update(
                (first + place, replaced(char, text=sign, matrix=(*char.matrix[:5], base.matrix[5])))
                for place, (char, sign) in enumerate(zip(digits, raised(text, base.text), strict=True))
            )
    return [found.get(place, char) for place, char in enumerate(chars)] if found else chars


def levelled(chars: list[Char]) -> list[Char]:
    """The characters, those on one baseline as high as the highest if their tops would make two lines of them.

    Fonts reach to different heights: from 14 points on, the digits of a Western font begin so far below the top of the
    Chinese one beside them that pdfplumber has them on a line of their own, behind the text they stand in.
    """
    upright = chars if all(map(_is_upright, chars)) else list(filter(_is_upright, chars))
    placed = sorted(set(zip(map(_up, map(_MATRIX, upright)), map(_TOP, upright), strict=True)))
    lines = [[placed[0]]] if placed else []
    for before, one in pairwise(placed):
        if one[0] - before[0] <= NO_STEP:
            lines[-1].append(one)
        else:
            lines.append([one])
    highest = {one: top for line in lines for top in [min(top for _, top in line)] for one in line}
    low = {one for one, top in highest.items() if one[1] - top > LEVEL}
    if not low:
        return chars
    places = ((char.matrix[5], char.top) for char in chars)
    return [
        replaced(char, top=highest[place]) if place in low and char.is_upright else char
        for char, place in zip(chars, places, strict=True)
    ]


def _is_raised(char: Char, base: Char) -> bool:
    """Whether a character is a digit that is smaller than `base`, and stands higher."""
    is_small = char.text.isdigit() and char.size < MARK * base.size
    return bool(is_small and char.matrix[5] - base.matrix[5] > RAISED * base.size)


def _goes_on_at(base: Char, char: Char) -> bool:
    """Whether a character stands directly behind `base`."""
    return bool(abs(char.x0 - base.x1) < APART * base.size)


def _exact(box: Box) -> Box:
    """A box whose sides are told alike by all readers."""
    return Box(*(round(side + NO_TIE, EXACT) for side in box))


def _is_cut_out(box: Box, rules: Iterable[Box]) -> bool:
    """Whether the rules of a grid go on beyond it: it is what rules close of a table that lacks others."""
    for rule in rules:
        down = rule.bottom - rule.top > rule.x1 - rule.x0
        low, high = (box.top, box.bottom) if down else (box.x0, box.x1)
        start, end = (rule.top, rule.bottom) if down else (rule.x0, rule.x1)
        place, first, last = (rule.x0, box.x0, box.x1) if down else (rule.top, box.top, box.bottom)
        along = min(end, high) - max(start, low)
        if first - SNAP < place < last + SNAP and along > LEAST_CELL and max(low - start, end - high) > LEAST_CELL:
            return True
    return False


def _parts_no_cells(grid: Grid, rules: Iterable[Box], chars: "_ByHeight") -> bool:
    """Whether a rule runs down between words of a cell, where no cell begins: others lack that would close it."""
    box = grid.box
    edges = [cell.box.x0 for cell in grid.cells]
    for rule in rules:
        if rule.x0 != rule.x1 or not box.x0 + SNAP < rule.x0 < box.x1 - SNAP:
            continue
        if rule.bottom < box.top + LEAST_CELL or rule.top > box.bottom - LEAST_CELL:
            continue
        if any(abs(edge - rule.x0) <= SNAP for edge in edges):
            continue
        within = [cell.box for cell in grid.cells if cell.box.x0 < rule.x0 < cell.box.x1]
        beside = [word.box for each in within for word in chars.words(each) if _runs_beside(rule, word.box)]
        if any(one.x1 <= rule.x0 for one in beside) and any(one.x0 >= rule.x0 for one in beside):
            return True
    return False


def _runs_beside(rule: Box, box: Box) -> bool:
    """Whether a rule down passes the middle of a box."""
    return rule.top <= (box.top + box.bottom) / 2 <= rule.bottom


def _with_words(grid: Grid, chars: "_ByHeight") -> Grid:
    """The grid with its words if a page break may have left it of a table: few cells, headings or figures."""
    words: list[Word] = []
    kinds = set()
    for cell in grid.cells:
        words += chars.words(cell.box)
        kinds |= {is_figure(word.text) for word in chars.words(cell.box) if not is_unit(word.text)}
        if len(kinds) > 1 and len(grid.cells) > FEW_CELLS:
            return grid
    return replace(grid, words=tuple(words))


def _crosses_itself(grid: Grid) -> bool:
    """Whether cells lie upon each other: what closes one runs through another that lacks a rule there."""
    ordered = sorted((cell.box for cell in grid.cells), key=lambda box: box.top)
    for at, one in enumerate(ordered):
        for other in ordered[at + 1 :]:
            if other.top > one.bottom - SNAP:
                break
            if one.x1 - other.x0 > SNAP and other.x1 - one.x0 > SNAP:
                return True
    return False


def _lacks_rules(grid: Grid, chars: "_ByHeight") -> bool:
    """Whether rules part only rows, only columns or only some cells of what looks like a table.

    Then cells hold figures beside labels or other figures, or several under each other; one that is broken over
    lines would have filled its cell first.
    """
    edges = {cell.box.x0 for cell in grid.cells}
    stacked = alone = 0
    named: Counter[tuple[float, float]] = Counter()
    for cell in grid.cells:
        if cell.text.isdigit():
            alone += 1
            continue
        if not may_hold_figure(cell.text):
            continue
        held = _with_thousands(chars.words(cell.box))
        inside = [word for word in held if not is_unit(word.text)]
        figures = [word for word in inside if is_figure(word.text)]
        if not figures:
            continue
        if len(inside) == 1:
            alone += 1
            continue
        parted = [edge for edge in edges if cell.box.x0 + SNAP < edge < cell.box.x1 - SNAP]
        if any(_stands_beside(one, figure, parted) for figure in figures for one in inside):
            return True
        others = [word for word in inside if word not in figures]
        if any(_stands_beside(one, unit, parted) for one in others for unit in held if is_unit(unit.text)):
            return True  # the unit of a figure on the line above it
        lines = sorted(inside, key=lambda word: word.box.top)
        stacked += _stacked(lines, cell.box)
        if is_figure(lines[-1].text) and not is_figure(lines[0].text) and not lines[0].text[:1].isdigit():
            named[cell.box.top, cell.box.bottom] += 1
        else:
            alone += 1
    return stacked > 1 or max(named.values(), default=0) > (2 if alone else 0)


def _with_thousands(words: Iterable[Word]) -> list[Word]:
    """The words, groups of thousands that wide spaces part as one: 1 820 is no two figures."""
    found: list[Word] = []
    for word in words:
        last = found[-1] if found else None
        if last is not None and _are_thousands(last, word):
            box = Box(last.box.x0, min(last.box.top, word.box.top), word.box.x1, max(last.box.bottom, word.box.bottom))
            found[-1] = replace(last, text=f"{last.text} {word.text}", box=box, parts=())
        else:
            found.append(word)
    return found


def _are_thousands(one: Word, other: Word) -> bool:
    """Whether a word goes on with the thousands of the one right before it on its line."""
    level = min(one.box.bottom, other.box.bottom) - max(one.box.top, other.box.top) > 0.5 * other.size
    near = 0 <= other.box.x0 - one.box.x1 <= COLUMNS_APART * other.size
    return level and near and bool(_FIRST_THOUSANDS.fullmatch(one.text) and _NEXT_THOUSANDS.match(other.text))


def _stands_beside(word: Word, figure: Word, edges: Iterable[float]) -> bool:
    """Whether a figure stands to the right of a word, farther off than words of one text do, or beyond an edge.

    `edges` are those of other cells of the grid.
    """
    overlap = min(word.box.bottom, figure.box.bottom) - max(word.box.top, figure.box.top)
    if overlap <= 0.3 * figure.size:
        return False
    apart = figure.box.x0 - word.box.x1 > COLUMNS_APART * figure.size
    return apart or any(word.box.x1 < edge < figure.box.x0 for edge in edges)


def _stacked(lines: Sequence[Word], cell: Box) -> int:
    """How clearly words under each other, from the top down, are several figures, from 0 to 2."""
    most, before = 0, ""
    for upper, lower in pairwise(lines):
        apart = _apart(upper, lower, cell, before)
        before = "" if apart else before + upper.text
        most = max(most, apart)
    return most


def _apart(upper: Word, lower: Word, cell: Box, before: str) -> int:
    """How clearly two words under each other are two figures, from 0 to 2; `before` is what the upper goes on with.

    They are where they are no number together, or the lower would have stood on the line of the upper; they may be
    where it would have begun there.
    """
    if not (is_figure(upper.text) and is_figure(lower.text)):
        return 0
    room = cell.x1 - cell.x0 - 2 * PADDING - LOOSE * lower.size - (upper.box.x1 - upper.box.x0)
    whole = lower.box.x1 - lower.box.x0
    if not goes_on(before + upper.text, lower.text) or whole < room:
        return 2
    # Programs that break numbers fill the line first; others break them behind the mark of thousands alone.
    return 1 if whole / len(lower.text) < room and upper.text[-1:].isdigit() else 0


class _ByHeight:
    """Characters by the height of their middle: a table has hundreds of cells, each with few of the page's."""

    def __init__(self, chars: Sequence[Char]) -> None:
        middles = [(char.top + char.bottom) / 2 for char in chars]
        self._order = sorted(range(len(chars)), key=middles.__getitem__)
        self._middles = sorted(middles)
        self._chars = chars
        # The middle of each across the page; of a mark that may hang over the edge, that of its ink.
        self._across = [char.x0 + (char.x1 - char.x0) * (0.25 if char.text in HANGING else 0.5) for char in chars]
        self._known: dict[Box, list[Char]] = {}
        self._words: dict[Box, list[Word]] = {}

    def inside(self, box: Box) -> list[Char]:
        """The characters whose middle lies in `box`, in the order they are drawn."""
        known = self._known.get(box)
        if known is None:
            band = self._order[bisect_left(self._middles, box.top) : bisect_right(self._middles, box.bottom)]
            x0, x1, across, chars = box.x0, box.x1, self._across, self._chars
            drawn = [number for number in band if x0 <= across[number] <= x1]
            drawn.sort()
            known = self._known[box] = [chars[number] for number in drawn]
        return known

    def words(self, box: Box) -> list[Word]:
        """The words that they make."""
        known = self._words.get(box)
        if known is None:
            inside = self.inside(box)
            if len(inside) == 1:
                word = _word(inside, is_spaced=False)
                known = [word] if word else []
            else:
                known = list(words(inside)) if inside else []
            self._words[box] = known
        return known


def _text(chars: list[Char]) -> str:
    """The text of a cell: from left to right, or as its characters run where they are turned or set in columns.

    What runs from left to right, as pdfplumber's `extract_text` has it.
    """
    if not chars:
        return ""
    if len(chars) == 1:
        return chars[0].text.strip().translate(_EXPANDED)
    tops = list(map(_TOP, chars))
    if min(tops) != max(tops) and _runs_down(chars):
        return "".join(char.text for char in chars).strip()
    if any(map(_leans, map(_MATRIX, chars))):
        chars = [_upright(char) for char in chars]
        tops = list(map(_TOP, chars))
    if not all(map(_is_upright, chars)):
        return str(extract_text(list(map(as_pdfplumber, chars)))).strip()
    if max(tops) - min(tops) <= LEVEL:
        return " ".join([text for _, text, _ in _runs_of_line(chars)]).translate(_EXPANDED)
    rows = _clustered(list(_runs(chars)), _top_of_run)
    return "\n".join([" ".join([text for _, text, _ in row]) for row in rows]).strip().translate(_EXPANDED)


def _runs_down(chars: Sequence[Char]) -> bool:
    """Whether characters, in the order they are drawn, run down one column after the other, from right to left.

    A single column needs no such care: its characters are lines of one character each.
    """
    if not any(after.top < before.top for before, after in pairwise(chars)):
        return False  # no column begins above the end of another
    written = [char for char in chars if not char.text.isspace()]
    down = left = 0
    for before, after in pairwise(written):
        across, below = after.x0 - before.x0, after.top - before.top
        size = max(before.size, after.size)
        down += bool(abs(across) < 0.3 * size and 0.7 * size <= below <= 2.2 * size)
        left += bool(across <= -0.8 * size and below < 0)
    return left > 0 and down > left and down + left == len(written) - 1


def _upright(char: Char) -> Char:
    """A character of text that runs up or down the page, where it would be if the page were turned for it."""
    a, b = char.matrix[:2]
    if abs(b) <= abs(a):
        return char
    x0, x1, top, bottom = char.x0, char.x1, char.top, char.bottom
    if b > 0:
        return replaced(char, x0=-bottom, x1=-top, top=x0, bottom=x1, is_upright=True)
    return replaced(char, x0=top, x1=bottom, top=-x1, bottom=-x0, is_upright=True)


def as_pdfplumber(char: Char) -> dict[str, Any]:
    """A character as pdfplumber's own functions have it."""
    x0, x1, top, bottom = char.x0, char.x1, char.top, char.bottom
    return {
        "text": char.text,
        "fontname": char.font,
        "upright": char.is_upright,
        "matrix": char.matrix,
        "x0": x0,
        "x1": x1,
        "top": top,
        "bottom": bottom,
        "size": char.size,
        "doctop": top,
        "width": x1 - x0,
        "height": bottom - top,
    }


def lines_of(chars: list[Char]) -> Iterator[Line]:
    """The lines of text that characters make, as pdfplumber's `extract_text_lines` has them; a line may be blank."""
    if not all(map(_is_upright, chars)):
        textmap = chars_to_textmap(list(map(as_pdfplumber, chars)), x_tolerance=SPACE, y_tolerance=LEVEL)
        for line in textmap.extract_text_lines():
            box = Box(line["x0"], line["top"], line["x1"], line["bottom"])
            yield Line(line["text"].strip(), box, max(char["size"] for char in line["chars"]))
        return
    runs = list(_runs(chars))
    number_of = {id(run): number for number, row in enumerate(_clustered(runs, _top_of_run)) for run in row}
    for _, row in groupby(runs, key=lambda run: number_of[id(run)]):
        texts, inked = [], []
        for _, text, members in row:
            texts.append(text)
            inked += members
        box = Box(min(map(_X0, inked)), min(map(_TOP, inked)), max(map(_X1, inked)), max(map(_BOTTOM, inked)))
        yield Line(" ".join(texts).translate(_EXPANDED).strip(), box, max(map(_SIZE, inked)))


Run = tuple[float, str, list[Char]]
"""Characters without a space between them, from left to right: how high the highest reaches, their text, and they."""


def _runs(chars: list[Char]) -> Iterator[Run]:
    """The runs of upright characters, line by line: what pdfplumber calls words, in the order that it has them."""
    for line in _clustered(chars, _TOP):
        yield from _runs_of_line(line)


def _runs_of_line(line: list[Char]) -> Iterator[Run]:
    run: list[Char] = []
    last_x1 = last_top = 0.0
    for char in sorted(line, key=_X0):
        text, x0, top = char.text, char.x0, char.top
        if text.isspace():
            if run:
                yield min(map(_TOP, run)), "".join(map(_TEXT, run)), run
            run = []
            continue
        if run and (x0 > last_x1 + SPACE or abs(top - last_top) > LEVEL):
            yield min(map(_TOP, run)), "".join(map(_TEXT, run)), run
            run = []
        run.append(char)
        last_x1, last_top = char.x1, top
    if run:
        yield min(map(_TOP, run)), "".join(map(_TEXT, run)), run


def _clustered(items: list[_Item], height: Callable[[_Item], float]) -> list[list[_Item]]:
    """What lies on one line, from the highest on: each no more than `LEVEL` below another."""
    heights = sorted(set(map(height, items)))
    if not heights or heights[-1] - heights[0] <= LEVEL:
        return [items] if items else []
    starts = [lower for upper, lower in pairwise(heights) if lower > upper + LEVEL]
    rows: list[list[_Item]] = [[] for _ in range(len(starts) + 1)]
    for item in items:
        rows[bisect_right(starts, height(item))].append(item)
    return rows


# --- words ------------------------------------------------------------------------------------------------------


def words(chars: Iterable[Char]) -> Iterator[Word]:
    """The words that characters make: runs on one baseline without a gap such as parts columns."""
    for line in _baselines(chars):
        line.sort(key=_X0)
        run: list[Char] = []
        seams: list[int] = []
        is_spaced = False
        last_x1 = last_size = 0.0
        for char in line:
            size, gap = char.size, char.x0 - last_x1
            if run:
                last = run[-1].text
                apart = gap + _hangs_over(run) if last in HANGING and is_figure(char.text) else gap
                if apart > APART * max(size, last_size) or (gap >= UNIT_APART * size and _ends_with_unit(run, char)):
                    word = _word_of_parts(run, seams, is_spaced=is_spaced)
                    if word:
                        yield word
                    run, seams, is_spaced = [], [], False
                else:
                    if gap > SEAM * size:
                        seams.append(len(run))
                    is_spaced = is_spaced or gap > SPACE
            run.append(char)
            last_x1, last_size = char.x1, size
        word = _word_of_parts(run, seams, is_spaced=is_spaced)
        if word:
            yield word


def _word_of_parts(run: list[Char], seams: Sequence[int], *, is_spaced: bool) -> Word | None:
    """The word of a run, with its parts between seams, which are told by the character after each."""
    word = _word(run, is_spaced=is_spaced)
    if word is None or not seams:
        return word
    parts = [_word(run[start:end], is_spaced=is_spaced) for start, end in pairwise([0, *seams, len(run)])]
    return replace(word, parts=tuple(part for part in parts if part is not None))


def _ends_with_unit(run: Sequence[Char], char: Char) -> bool:
    """Whether a run is whole before a character: it ends with the unit of a figure, or is one, and another begins."""
    if not is_unit(run[-1].text) or not is_figure(char.text):
        return False
    text = "".join(map(_TEXT, run))
    return is_unit(text) or is_figure(text)


def _hangs_over(run: Sequence[Char]) -> float:
    """How far the mark at the end of a run may hang over into the next column; not at all where it parts a number."""
    in_number = len(run) > 1 and run[-2].text.isdigit()
    return 0.0 if in_number else (run[-1].x1 - run[-1].x0) / 2


def _baselines(chars: Iterable[Char]) -> Iterator[list[Char]]:
    """Characters by baseline: lines of neighbouring columns may lie a point apart, and are not to be mixed."""
    ordered = sorted(chars, key=_depth)
    if not ordered:
        return
    first = _depth(ordered[0])
    if first == _depth(ordered[-1]):
        yield ordered
        return
    line: list[Char] = []
    for char in ordered:
        depth = -char.matrix[5]
        if line and depth - first > SAME_BASELINE * char.size:
            yield line
            line = []
        if not line:
            first = depth
        line.append(char)
    yield line


def _depth(char: Char) -> float:
    """How deep on the page the baseline of a character lies."""
    return -char.matrix[5]


def _word(run: list[Char], *, is_spaced: bool) -> Word | None:
    """The word of a run, from left to right, unless it is white space; `is_spaced` if a gap in it is a space."""
    if len(run) == 1 and not run[0].text.isspace():
        return _word_of_one(run[0])
    text = "".join(map(_TEXT, run))
    inked = run
    if is_spaced or len(text.split()) != 1 or text[0].isspace() or text[-1].isspace():
        inked = [char for char in run if not char.text.isspace()]
        if not inked:
            return None
        text = _spaced_text(run, inked[0], inked[-1])
    last = inked[-1]
    x1 = (last.x0 + last.x1) / 2 if last.text in HANGING else max(map(_X1, inked))
    box = Box(
        round(inked[0].x0 + NO_TIE, EXACT),
        round(min(map(_TOP, inked)) + NO_TIE, EXACT),
        round(x1 + NO_TIE, EXACT),
        round(max(map(_BOTTOM, inked)) + NO_TIE, EXACT),
    )
    size = round(float(max(map(_SIZE, inked))) + NO_TIE, EXACT)
    return Word(text, box, size, last.font)


def _word_of_one(char: Char) -> Word:
    """The word of a single character: half of all words are figures of one digit."""
    x0, x1 = char.x0, char.x1
    box = Box(
        round(x0 + NO_TIE, EXACT),
        round(char.top + NO_TIE, EXACT),
        round(((x0 + x1) / 2 if char.text in HANGING else x1) + NO_TIE, EXACT),
        round(char.bottom + NO_TIE, EXACT),
    )
    return Word(char.text, box, round(float(char.size) + NO_TIE, EXACT), char.font)


def _spaced_text(run: Sequence[Char], first: Char, last: Char) -> str:
    """The text of a run from the first of its printed characters to the last, with a space for each wide gap."""
    text, before = "", first
    for char in run:
        if not text and char is not first:
            continue
        spaced = char.x0 - before.x1 > SPACE and not before.text.isspace() and not char.text.isspace()
        text += f" {char.text}" if spaced and text else char.text
        before = char
        if char is last:
            break
    return text
