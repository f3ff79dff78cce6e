"""From the characters and lines drawn on a page to its words, lines of text and ruled grids, in PDF and OFD alike.

Belongs here: which characters are a word, which stand in which cell. Does not: how a format draws them (`pdf`,
`ofd`), which lines rule a table (`ruling`), tables without rules (`aligned`).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from operator import itemgetter
from typing import Any

from pdfplumber.utils.text import chars_to_textmap, extract_text

from pipelines.read.document import Box
from pipelines.read.pages import Grid, GridCell, Line, PageContent, Word, around, is_frame, lacks_rules
from pipelines.read.ruling import Edge, ruled_tables

HANGING = frozenset("、，。；：！？）》〉】〕」』”’")
"""Marks that a word processor lets hang over the end of a line; their ink is in the left half of their box."""
APART = 0.4
"""Characters with a wider gap between them (of their size) are of two words, which may be of two columns."""
SPACE = 3.0
"""A gap between characters (points) that is a space, as in pdfplumber's own settings."""
SAME_BASELINE = 0.15
"""Baselines closer than this (of the type's size) are one."""

Char = dict[str, Any]
"""A character as pdfplumber has it."""


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
    outside = [char for char in chars if not any(_holds(box, char) for box in boxes)]
    found = chars_to_textmap(outside, x_tolerance=SPACE, y_tolerance=3).extract_text_lines() if outside else []
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
        drawn = list(chars)
        order = sorted(range(len(drawn)), key=lambda at: _middle(drawn[at]))
        self._chars = [(at, drawn[at]) for at in order]
        self._middles = [_middle(char) for _, char in self._chars]

    def inside(self, box: Box) -> list[Char]:
        """The characters whose middle lies in `box`, in the order they are drawn."""
        band = self._chars[bisect_left(self._middles, box.top) : bisect_right(self._middles, box.bottom)]
        return [char for _, char in sorted((each for each in band if _holds(box, each[1])), key=itemgetter(0))]


def _text(chars: list[Char]) -> str:
    """The text of a cell: from left to right, or as its characters run where they are turned or set in columns."""
    if not chars:
        return ""
    if _runs_down(chars):
        return "".join(str(char["text"]) for char in chars).strip()
    return extract_text([_upright(char) for char in chars]).strip()


def _runs_down(chars: Sequence[Char]) -> bool:
    """Whether characters, in the order they are drawn, run down one column after the other, from right to left.

    A single column needs no such care: its characters are lines of one character each.
    """
    written = [char for char in chars if not str(char["text"]).isspace()]
    down = left = 0
    for before, after in pairwise(written):
        across, below = after["x0"] - before["x0"], after["top"] - before["top"]
        size = max(before["size"], after["size"])
        down += bool(abs(across) < 0.3 * size and 0.7 * size <= below <= 2.2 * size)
        left += bool(across <= -0.8 * size and below < 0)
    return left > 0 and down > left and down + left == len(written) - 1


def _upright(char: Char) -> Char:
    """A character of text that runs up or down the page, where it would be if the page were turned for it."""
    a, b = char["matrix"][:2]
    if abs(b) <= abs(a):
        return char
    x0, x1, top, bottom = char["x0"], char["x1"], char["top"], char["bottom"]
    turned = (-bottom, -top, x0, x1) if b > 0 else (top, bottom, -x1, -x0)
    return {**char, **dict(zip(("x0", "x1", "top", "bottom"), turned, strict=True)), "upright": True}


def _middle(char: Char) -> float:
    return float(char["top"] + char["bottom"]) / 2


def _holds(box: Box, char: Char) -> bool:
    """Whether the middle of a character lies in `box`; for a mark that may hang over the edge, that of its ink."""
    share = 0.25 if char["text"] in HANGING else 0.5
    x, y = char["x0"] + (char["x1"] - char["x0"]) * share, _middle(char)
    return bool(box.x0 <= x <= box.x1 and box.top <= y <= box.bottom)


# --- words ------------------------------------------------------------------------------------------------------


def words(chars: Iterable[Char]) -> Iterator[Word]:
    """The words that characters make: runs on one baseline without a gap such as parts columns."""
    for line in _baselines(chars):
        run: list[Char] = []
        for char in sorted(line, key=lambda each: float(each["x0"])):
            if run and char["x0"] - run[-1]["x1"] > APART * max(char["size"], run[-1]["size"]):
                yield from _word(run)
                run = []
            run.append(char)
        yield from _word(run)


def _baselines(chars: Iterable[Char]) -> Iterator[list[Char]]:
    """Characters by baseline: lines of neighbouring columns may lie a point apart, and are not to be mixed."""
    line: list[Char] = []
    for char in sorted(chars, key=_baseline):
        if line and _baseline(char) - _baseline(line[0]) > SAME_BASELINE * char["size"]:
            yield line
            line = []
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
    written = run[run.index(inked[0]) : run.index(inked[-1]) + 1]
    text = written[0]["text"]
    for before, after in pairwise(written):
        spaced = after["x0"] - before["x1"] > SPACE and not before["text"].isspace()
        text += (" " if spaced and not after["text"].isspace() else "") + after["text"]
    box = around([Box(char["x0"], char["top"], char["x1"], char["bottom"]) for char in inked])
    last = inked[-1]
    if last["text"] in HANGING:
        box = box._replace(x1=(last["x0"] + last["x1"]) / 2)
    yield Word(text, box, max(float(char["size"]) for char in inked), str(last.get("fontname", "")))
