"""From the picture of a page to its lines of text and tables."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from statistics import median

import cv2
import numpy as np

from pipelines.read.boxes import around, holds, middle
from pipelines.read.document import Box
from pipelines.read.pages import Grid, GridCell, Line, PageContent, Word, is_frame
from pipelines.read.ruling import horizontal, ruled_tables, vertical
from pipelines.read.scan.cells import Page, lines_of, page
from pipelines.read.scan.darkness import darkness
from pipelines.read.scan.engine import Quad, Reading, engine_version, read_lines
from pipelines.read.scan.faint import drawn_through
from pipelines.read.scan.figures import paired, read_cut_lines
from pipelines.read.scan.kept import kept_answers
from pipelines.read.scan.lattice import NEVER, WORN, along, drawn
from pipelines.read.scan.loose import has_lost_rules, loose_words
from pipelines.read.scan.picture import Affine, Picture, scaling, shift
from pipelines.read.scan.rules import Rule, Ruled, are_faint, find_rules
from pipelines.read.scan.sheets import Sheet
from pipelines.read.scan.spread import pages_of
from pipelines.read.scan.upright import Upright, cut, line_sizes, upright
from pipelines.read.scan.worn import is_bilevel, mended

PAPER_WIDTH = 595.0
"""Points of the shorter side of A4: pages are measured as if they were that wide, whatever size they claim."""
PRINT = (6.5, 20.0)
"""Sizes of print (points) on a page of that width; a picture that shows only part of a page has others."""
USUAL_PRINT = 11.0
FILLED = 0.92
"""Share of its size that the ink of an ideograph is high."""
LABEL = 3.0
"""A line at least so wide (characters) is no figure."""
HIGHEST = 1.5
"""No print in a table is so many times as large as the usual print of its page."""
LARGEST, FEWEST_LINES = 1.25, 2
"""How many times as large as its ink tells print is taken for at most, and of how many lines that is told."""
DIGIT, LOWEST_DIGIT, FEWEST_DIGITS = 0.7, 0.25, 4
"""How high digits are as a share of the size of their print, what is lower is none, and of how many that is told."""
SAME_SIZE = 0.25
"""Lines whose heights differ by less than this share are of one size of print."""


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page as read.

    Args:
        content: lines and grids, in points of the page turned upright.
        to_page: from those to points of the page as a viewer shows it.
        sure: the confidence of each of the words of `content`, in their order.
    """

    content: PageContent
    to_page: Affine
    sure: tuple[float, ...] = ()


def read_page(sheet: Sheet, answers: Path | None = None) -> ReadPage:
    """Read a sheet as one page: turn it upright, find its tables, read each cell and the lines between tables.

    Args:
        sheet: the page.
        answers: folder in which the engine's answers are kept, so that it is not asked the same again.
    """
    with kept_answers(answers, engine_version(), sheet.picture):
        return _read(sheet, upright(sheet.picture))


def read_pages(sheet: Sheet, answers: Path | None = None) -> tuple[ReadPage, ...]:
    """Read the page that a sheet shows, or the two that it shows side by side, the left one first.

    Args:
        sheet: the sheet.
        answers: as for `read_page`.
    """
    with kept_answers(answers, engine_version(), sheet.picture):
        lying = upright(sheet.picture)
        parts = pages_of(sheet, lying)
        if len(parts) == 1:
            return (_read(sheet, lying),)
        return tuple(_read(part, upright(part.picture)) for part in parts)


def _read(sheet: Sheet, lying: Upright) -> ReadPage:
    points = _points_per_pixel(sheet, lying)
    dark = darkness(lying.picture, lying.em)
    texts = [_box(line, 1.0) for line in lying.lines]
    straight = [_straight(line) for line in lying.lines]
    bilevel = is_bilevel(sheet.picture)
    ruled = find_rules(mended(dark, lying.small, straight) if bilevel else dark, lying.small)
    lines = dark
    if not bilevel and _may_be_faint(ruled, dark, lying.small, texts):
        through = drawn_through(dark, lying.small, straight)
        faint = find_rules(through, lying.small)
        # A page that is shaded in part has more grain than its paper: rules that stood out of it are not lost for that.
        if _length(faint) >= _length(ruled):
            lines, ruled = through, faint
    least = WORN if bilevel else NEVER
    lattices = [drawn(rules, lines, lying.small, texts, least) for rules in ruled.tables]
    tables = [cells for rules in lattices for cells in ruled_tables([_edge(rule, points) for rule in rules])]
    tables = [cells for cells in tables if not is_frame(Grid(tuple(GridCell(cell, "") for cell in cells)))]
    framed = [scaling(1 / points).box(around(cells)) for cells in tables]
    loose = bilevel and has_lost_rules(texts, framed, lying.small)
    if loose:
        lattices, tables = [], []
    wiped = along([rule for rules in lattices for rule in rules], ruled.mask, lying.small)
    cut_from = page(dark, wiped, lying.em)
    pieces = []
    for cells in tables:
        print_ = replace(cut_from, em=_print_of(cells, lying, cut_from, points))
        pieces.append([lines_of(scaling(1 / points).box(cell), print_) for cell in cells])
    outside = [line for line in lying.lines if not _within(line, tables, points)]
    readings = iter(read_cut_lines([line for table in pieces for cell in table for line in cell]))
    grids = tuple(
        Grid(tuple(_cell(box, [next(readings) for _ in lines]) for box, lines in zip(cells, table, strict=True)))
        for cells, table in zip(tables, pieces, strict=True)
    )
    prose = read_lines([cut(lying.picture, line) for line in outside])
    found = [(_box(line, points), reading) for line, reading in zip(outside, prose, strict=True)]
    outer = _joined(found, lying.em * points)
    height = lying.picture.shape[0] * points
    on_page = lying.to_sheet.then(shift(*sheet.corner)).then(scaling(1 / sheet.pixels_per_point))
    words, sure = _words(texts, replace(cut_from, em=_of_labels(lying)), points) if loose else ((), ())
    if words:
        outer = _joined(
            [(word.box, Reading(word.text, one)) for word, one in zip(words, sure, strict=True)], lying.em * points
        )
    return ReadPage(PageContent(sheet.number, height, outer, grids, words), scaling(1 / points).then(on_page), sure)


def _length(ruled: Ruled) -> float:
    """How long all rules are together."""
    return sum(rule.length for rules in ruled.tables for rule in rules)


def _may_be_faint(ruled: Ruled, dark: Picture, em: float, texts: Sequence[Box]) -> bool:
    """Whether there may be rules on a page that are too faint to be found by what makes others stand out."""
    return are_faint(ruled.tables, dark, em) if ruled.tables else has_lost_rules(texts, (), em)


def _of_labels(lying: Upright) -> float:
    """Size in pixels of the characters of the shorter lines of text, which a page of tables is full of."""
    sizes = line_sizes(lying.lines)
    wide = [size for size, line in zip(sizes, lying.lines, strict=False) if float(np.ptp(line[:, 0])) >= LABEL * size]
    return median(wide or sizes)


def _words(texts: Sequence[Box], cut_from: Page, points: float) -> tuple[tuple[Word, ...], tuple[float, ...]]:
    """The words of a page whose tables have lost their rules, and how sure each is."""
    cut = loose_words(texts, cut_from)
    readings = iter(read_cut_lines([line for _, lines in cut for line in lines]))
    of_labels = [box.bottom - box.top for box, _ in cut if box.x1 - box.x0 >= LABEL * cut_from.em]
    usual = median(of_labels) / FILLED if of_labels else cut_from.em
    words, sure = [], []
    for box, lines in cut:
        of_word = [reading for reading in (next(readings) for _ in lines) if reading.text]
        if of_word:
            size = max(usual, (box.bottom - box.top) / FILLED)
            size = usual if size - usual <= SAME_SIZE * usual else size
            text = "".join(reading.text for reading in of_word)
            words.append(Word(text, scaling(points).box(box), size * points, ""))
            sure.append(min(reading.confidence for reading in of_word))
    return tuple(words), tuple(sure)


def _points_per_pixel(sheet: Sheet, lying: Upright) -> float:
    """Points that a pixel of the upright picture is wide, on paper of the usual width."""
    step = lying.to_sheet
    shorter = (sheet.shorter or min(sheet.picture.shape[:2])) / (step.a**2 + step.d**2) ** 0.5
    points = PAPER_WIDTH / shorter
    return points if PRINT[0] <= lying.em * points <= PRINT[1] else USUAL_PRINT / lying.em


def _edge(rule: Rule, points: float) -> dict[str, object]:
    if rule.is_vertical:
        return vertical(rule.x0 * points, rule.y0 * points, rule.y1 * points)
    return horizontal(rule.y0 * points, rule.x0 * points, rule.x1 * points)


def _box(line: Quad, points: float) -> Box:
    (x0, top), (x1, bottom) = line.min(axis=0), line.max(axis=0)
    return Box(float(x0) * points, float(top) * points, float(x1) * points, float(bottom) * points)


def _straight(line: Quad) -> Box:
    """The box of a line of text that is level, whatever slope was found of it: on an upright page lines have none."""
    left, right = float(line[[0, 3], 0].mean()), float(line[[1, 2], 0].mean())
    return Box(left, float(line[[0, 1], 1].mean()), right, float(line[[2, 3], 1].mean()))


def _print_of(cells: Sequence[Box], lying: Upright, cut_from: Page, points: float) -> float:
    """Size in pixels of the characters in a table, which may be much smaller than those around it.

    The boxes found around lines of small print are too high for it, and a low row may be found as one line, rules and
    all; what ink there is tells how large print is at most.
    """
    lines = [line for line in lying.lines if _within(line, [cells], points)]
    sizes = [size for size in line_sizes(lines, lying.small) if size <= HIGHEST * lying.em]
    em = median(sizes) if sizes else lying.small
    heights = [height for line in lines if (height := _inked_height(_box(line, 1.0), cut_from.ink, em))]
    if len(heights) >= FEWEST_LINES:
        return min(em, LARGEST * median(heights) / FILLED)
    table = cut_from.ink[_pixels(scaling(1 / points).box(around(cells)))]
    digits = [height for height in _heights(table) if LOWEST_DIGIT * em <= height <= em]
    return min(em, LARGEST * float(np.percentile(digits, 75)) / DIGIT) if len(digits) >= FEWEST_DIGITS else em


def _inked_height(box: Box, ink: Picture, em: float) -> int:
    """How high the ink of a line of ideographs is, in pixels; 0 of what may be a figure."""
    if box.x1 - box.x0 < LABEL * em:
        return 0
    rows = np.flatnonzero(ink[_pixels(box)].any(axis=1))
    return int(rows[-1] - rows[0]) + 1 if rows.size else 0


def _heights(ink: Picture) -> list[int]:
    """The heights of all strokes, in pixels."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    return [int(height) for height in stats[1:, cv2.CC_STAT_HEIGHT]]


def _pixels(box: Box) -> tuple[slice, slice]:
    """The rows and columns of a box in pixels."""
    return slice(max(0, round(box.top)), round(box.bottom) + 1), slice(max(0, round(box.x0)), round(box.x1) + 1)


def _within(line: Quad, tables: Sequence[Sequence[Box]], points: float) -> bool:
    """Whether the middle of a line lies in a table."""
    x, y = (float(value) * points for value in line.mean(axis=0))
    return any(holds(around(cells), (x, y)) for cells in tables)


def _cell(box: Box, readings: Sequence[Reading]) -> GridCell:
    text = paired("\n".join(reading.text for reading in readings))  # a note may be broken between its brackets
    return GridCell(box, text, min((reading.confidence for reading in readings), default=1.0))


def _joined(found: Sequence[tuple[Box, Reading]], em: float) -> tuple[Line, ...]:
    """Lines of text from the parts that were found of them, those beside each other joined."""
    rows: list[list[tuple[Box, Reading]]] = []
    for part in sorted(found, key=lambda part: middle(part[0])):
        if not part[1].text:
            continue
        if rows and _beside(around([box for box, _ in rows[-1]]), part[0]):
            rows[-1].append(part)
        else:
            rows.append([part])
    return tuple(_line(sorted(row, key=lambda part: part[0].x0), em) for row in rows)


def _beside(one: Box, other: Box) -> bool:
    """Whether two boxes stand on one line of text: more than half of the lower one lies beside the other."""
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared > 0.5 * min(one.bottom - one.top, other.bottom - other.top)


def _line(parts: Sequence[tuple[Box, Reading]], em: float) -> Line:
    text = parts[0][1].text
    for (before, _), (after, reading) in pairwise(parts):
        text += (" " if after.x0 - before.x1 > em else "") + reading.text
    box = around([box for box, _ in parts])
    size = 0.72 * (box.bottom - box.top)
    return Line(text, box, em if abs(size - em) <= SAME_SIZE * em else size)
