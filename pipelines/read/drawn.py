"""From the characters and lines drawn on a page to its words, lines of text and ruled grids, in PDF and OFD alike.

Belongs here: which characters are a word, which stand in which cell. Does not: how a format draws them (`pdf`,
`ofd`), which lines rule a table (`ruling`), tables without rules (`aligned`).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any, TypeVar

from pdfplumber.utils.text import LIGATURES, chars_to_textmap, extract_text

from pipelines.read.document import Box
from pipelines.read.pages import Grid, GridCell, Line, PageContent, Word, is_frame, lacks_rules
from pipelines.read.ruling import Edge, ruled_tables

HANGING = frozenset("、，。；：！？）》〉】〕」』”’")
"""Marks that a word processor lets hang over the end of a line; their ink is in the left half of their box."""
APART = 0.4
"""Characters with a wider gap between them (of their size) are of two words, which may be of two columns."""
SPACE = 3.0
"""A gap between characters (points) that is a space, as in pdfplumber's own settings."""
LEVEL = 3.0
"""Characters that begin no farther below each other (points) are of one line, as in pdfplumber's own settings."""
EXACT = 2
"""Decimals to which the sides of words are told: readers differ in the fourth, and where a word stands as near to one
column as to another, all must decide alike."""
SAME_BASELINE = 0.15
"""Baselines closer than this (of the type's size) are one."""

Char = dict[str, Any]
"""A character as pdfplumber has it."""

_Item = TypeVar("_Item")
_TEXT, _X0, _X1, _TOP, _BOTTOM, _SIZE = map(itemgetter, ("text", "x0", "x1", "top", "bottom", "size"))
_is_upright = itemgetter("upright")
_top_of_run = itemgetter(0)
_EXPANDED = str.maketrans(LIGATURES)


def page_content(number: int, height: float, chars: Sequence[Char], edges: Sequence[Edge]) -> PageContent:
    """What a page holds.

    Args:
        number: the page, from 1.
        height: of the page, in points.
        chars: its characters, each with its box, size, text and text matrix.
        edges: the lines drawn on it that may rule a table.
    """
    by_height = _ByHeight(chars)
    grids = [Grid(tuple(GridCell(box, _text(by_height.inside(box))) for box in cells)) for cells in ruled_tables(edges)]
    tables = tuple(grid for grid in grids if not is_frame(grid) and not lacks_rules(grid))
    boxes = [grid.box for grid in tables]
    within = {id(char) for box in boxes for char in by_height.inside(box)}
    outside = [char for char in chars if id(char) not in within]
    found = _lines(outside) if outside else []
    lines = tuple(
        Line(
            line["text"].strip(),
            Box(line["x0"], line["top"], line["x1"], line["bottom"]),
            max(char["size"] for char in line["chars"]),
        )
        for line in found
        if line["text"].strip()
    )
    return PageContent(number, height, lines, tables, tuple(words(outside)))


class _ByHeight:
    """Characters by the height of their middle: a table has hundreds of cells, each with few of the page's."""

    def __init__(self, chars: Iterable[Char]) -> None:
        placed = sorted(((char["top"] + char["bottom"]) / 2, number, char) for number, char in enumerate(chars))
        self._middles = [middle for middle, _, _ in placed]
        self._chars = [char for _, _, char in placed]
        self._across = list(map(_across, self._chars))

    def inside(self, box: Box) -> list[Char]:
        """The characters whose middle lies in `box`."""
        band = slice(bisect_left(self._middles, box.top), bisect_right(self._middles, box.bottom))
        x0, x1 = box.x0, box.x1
        return [char for char, x in zip(self._chars[band], self._across[band], strict=True) if x0 <= x <= x1]


def _text(chars: list[Char]) -> str:
    """The text of a cell, as pdfplumber's `extract_text` has it."""
    if not chars:
        return ""
    if len(chars) == 1:
        return str(chars[0]["text"]).strip().translate(_EXPANDED)
    if not all(map(_is_upright, chars)):
        return str(extract_text(chars)).strip()
    if max(tops := list(map(_TOP, chars))) - min(tops) <= LEVEL:
        return " ".join([text for _, text, _ in _runs(chars)]).translate(_EXPANDED)
    rows = _clustered(list(_runs(chars)), _top_of_run)
    return "\n".join([" ".join([text for _, text, _ in row]) for row in rows]).strip().translate(_EXPANDED)


def _lines(chars: list[Char]) -> list[Char]:
    """The lines of text that characters make, as pdfplumber's `extract_text_lines` has them."""
    if not all(map(_is_upright, chars)):
        return list(chars_to_textmap(chars, x_tolerance=SPACE, y_tolerance=LEVEL).extract_text_lines())
    runs = list(_runs(chars))
    number_of = {id(run): number for number, row in enumerate(_clustered(runs, _top_of_run)) for run in row}
    lines: list[Char] = []
    for _, row in groupby(runs, key=lambda run: number_of[id(run)]):
        texts, inked = [], []
        for _, text, members in row:
            texts.append(text)
            inked += members
        lines.append(
            {
                "text": " ".join(texts).translate(_EXPANDED),
                "x0": min(map(_X0, inked)),
                "top": min(map(_TOP, inked)),
                "x1": max(map(_X1, inked)),
                "bottom": max(map(_BOTTOM, inked)),
                "chars": inked,
            }
        )
    return lines


Run = tuple[float, str, list[Char]]
"""Characters without a space between them, from left to right: how high the highest reaches, their text, and they."""


def _runs(chars: list[Char]) -> Iterator[Run]:
    """The runs of upright characters, line by line: what pdfplumber calls words, in the order that it has them."""
    for line in _clustered(chars, _TOP):
        run: list[Char] = []
        last_x1 = last_top = 0.0
        for char in sorted(line, key=_X0):
            text, x0, top = char["text"], char["x0"], char["top"]
            if text.isspace():
                if run:
                    yield min(map(_TOP, run)), "".join(map(_TEXT, run)), run
                run = []
                continue
            if run and (x0 > last_x1 + SPACE or abs(top - last_top) > LEVEL):
                yield min(map(_TOP, run)), "".join(map(_TEXT, run)), run
                run = []
            run.append(char)
            last_x1, last_top = char["x1"], top
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


def _across(char: Char) -> float:
    """Where the middle of a character lies; for a mark that may hang over the edge, that of its ink."""
    share = 0.25 if char["text"] in HANGING else 0.5
    x0 = char["x0"]
    return x0 + (char["x1"] - x0) * share  # type: ignore[no-any-return]  # asked for every character


# --- words ------------------------------------------------------------------------------------------------------


def words(chars: Iterable[Char]) -> Iterator[Word]:
    """The words that characters make: runs on one baseline without a gap such as parts columns."""
    for line in _baselines(chars):
        line.sort(key=_X0)
        run = line[:1]
        for before, char in pairwise(line):
            gap = char["x0"] - before["x1"]
            if gap > 0 and gap > APART * max(char["size"], before["size"]):
                yield from _word(run)
                run = []
            run.append(char)
        yield from _word(run)


def _baselines(chars: Iterable[Char]) -> Iterator[list[Char]]:
    """Characters by baseline: lines of neighbouring columns may lie a point apart, and are not to be mixed."""
    line: list[Char] = []
    first = 0.0
    for char in sorted(chars, key=_baseline):
        if line and _baseline(char) - first > SAME_BASELINE * char["size"]:
            yield line
            line = []
        if not line:
            first = _baseline(char)
        line.append(char)
    if line:
        yield line


def _baseline(char: Char) -> float:
    """Distance of the baseline from some height of the page, downwards."""
    return -float(char["matrix"][5])


def _word(run: list[Char]) -> Iterator[Word]:
    """The word of a run, unless it is white space."""
    inked = [char for char in run if not char["text"].isspace()]
    if not inked:
        return
    first, last = inked[0], inked[-1]
    text, before = "", first
    for char in run:
        if not text and char is not first:
            continue
        spaced = char["x0"] - before["x1"] > SPACE and not before["text"].isspace() and not char["text"].isspace()
        text += f" {char['text']}" if spaced and text else char["text"]
        before = char
        if char is last:
            break
    x1 = (last["x0"] + last["x1"]) / 2 if last["text"] in HANGING else max(map(_X1, inked))
    sides = min(map(_X0, inked)), min(map(_TOP, inked)), x1, max(map(_BOTTOM, inked))
    box = Box(*(round(side, EXACT) for side in sides))
    yield Word(text, box, float(max(map(_SIZE, inked))), str(last.get("fontname", "")))
