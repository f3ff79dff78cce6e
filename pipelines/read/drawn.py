"""From the characters and lines drawn on a page to its words, lines of text and ruled grids, in PDF and OFD alike.

Belongs here: which characters are a word, which stand in which cell. Does not: how a format draws them (`pdf`,
`ofd`), which lines rule a table (`ruling`), tables without rules (`aligned`).
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from pdfplumber.utils.text import chars_to_textmap, extract_text

from pipelines.read.document import Box
from pipelines.read.pages import Grid, GridCell, Line, PageContent, Word, around, is_figure, is_frame, is_unit
from pipelines.read.ruling import SNAP, Edge, drawn_rules, ruled_tables

HANGING = frozenset("、，。；：！？）》〉】〕」』”’")
"""Marks that a word processor lets hang over the end of a line; their ink is in the left half of their box."""
APART = 0.4
"""Characters with a wider gap between them (of their size) are of two words, which may be of two columns."""
SPACE = 3.0
"""A gap between characters (points) that is a space, as in pdfplumber's own settings."""
COLUMNS_APART = 1.2
"""A figure that stands farther (of its size) behind another word of a cell is of a column of its own."""
PADDING = 5.4
"""What word processors leave free (points) at either side of a cell."""
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
    partly = [grid for grid in grids if is_frame(grid) or _lacks_rules(grid, by_height)]
    tables = tuple(_with_words(grid, by_height) for grid in grids if grid not in partly)
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
    return PageContent(
        number,
        height,
        lines,
        tables,
        tuple(words(outside)),
        tuple(rule for rule in drawn_rules(edges) if not any(_crosses(box, rule) for box in boxes)),
        tuple(grid.box for grid in partly),
    )


def _with_words(grid: Grid, chars: "_ByHeight") -> Grid:
    """The grid with its words if none of them is a figure."""
    found = tuple(word for cell in grid.cells for word in words(chars.inside(cell.box)))
    return grid if any(is_figure(word.text) for word in found) else replace(grid, words=found)


def _crosses(box: Box, rule: Box) -> bool:
    """Whether the middle of a drawn line lies in a box or on its edge."""
    x, y = (rule.x0 + rule.x1) / 2, (rule.top + rule.bottom) / 2
    return box.x0 - SNAP <= x <= box.x1 + SNAP and box.top - SNAP <= y <= box.bottom + SNAP


def _lacks_rules(grid: Grid, chars: "_ByHeight") -> bool:
    """Whether rules part only rows, only columns or only some cells of what looks like a table.

    Then cells hold figures beside labels or other figures, or several under each other; one that is broken over
    lines would have filled its cell first.
    """
    stacked = alone = 0
    named: Counter[tuple[float, float]] = Counter()
    for cell in grid.cells:
        inside = [word for word in words(chars.inside(cell.box)) if not is_unit(word.text)]
        if sum(map(is_figure, (word.text for word in inside))) == 0:
            continue
        if any(_stands_beside(one, other) for one in inside for other in inside if is_figure(other.text)):
            return True
        lines = sorted(inside, key=lambda word: word.box.top)
        stacked += any(_could_be_beside(one, other, cell.box) for one, other in pairwise(lines))
        if is_figure(lines[-1].text) and not is_figure(lines[0].text) and not lines[0].text[:1].isdigit():
            named[cell.box.top, cell.box.bottom] += 1
        else:
            alone += 1
    return stacked > 1 or max(named.values(), default=0) > (2 if alone else 0)


def _stands_beside(word: Word, figure: Word) -> bool:
    """Whether a figure stands to the right of a word, farther off than words of one text do."""
    overlap = min(word.box.bottom, figure.box.bottom) - max(word.box.top, figure.box.top)
    return overlap > 0.3 * figure.size and figure.box.x0 - word.box.x1 > COLUMNS_APART * figure.size


def _could_be_beside(upper: Word, lower: Word, cell: Box) -> bool:
    """Whether both are figures, and the lower would have begun on the line of the upper if it were its end."""
    if not (is_figure(upper.text) and is_figure(lower.text)):
        return False
    sign = (lower.box.x1 - lower.box.x0) / len(lower.text)
    return upper.box.x1 - upper.box.x0 + sign + 2 * PADDING < cell.x1 - cell.x0


class _ByHeight:
    """Characters by the height of their middle: a table has hundreds of cells, each with few of the page's."""

    def __init__(self, chars: Iterable[Char]) -> None:
        self._chars = sorted(chars, key=_middle)
        self._middles = [_middle(char) for char in self._chars]

    def inside(self, box: Box) -> list[Char]:
        """The characters whose middle lies in `box`."""
        band = self._chars[bisect_left(self._middles, box.top) : bisect_right(self._middles, box.bottom)]
        return [char for char in band if _holds(box, char)]


def _text(chars: list[Char]) -> str:
    return extract_text(chars).strip() if chars else ""


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
