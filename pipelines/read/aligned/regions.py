"""Which words of the pages are a table without rules.

Belongs here: telling tables from running text, following a table over page breaks. Does not: the order in a table.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median, mode

from pipelines.read.aligned.rules import INFINITY, NEAR, Rules, part_columns, part_rows, table_rules
from pipelines.read.aligned.words import NEXT_LINE, beside_by, box_of, is_ordinal, is_whole, levels_of, share_width
from pipelines.read.boxes import around, holds, middle
from pipelines.read.document import Box
from pipelines.read.pages import PageContent, Word, is_figure, is_unit

LEAST_FIGURES = 3
"""Figures beside other words that make a table of them."""
LEAST_RULES = 3
"""Rules across, and down within it, that make a table of a single figure."""
OTHER_SIZE = 0.6
"""Type that differs by more (points) is of running text, not of the table."""
INDENT = 1.2
"""A line that begins so far (of its size) inside the table's left edge is that of a paragraph."""
BETWEEN_ROWS = 6.0
"""Words of one table follow each other within this distance (of their size)."""
CLOSE_UP = 0.4
"""What is left (of the size) between the parts of a table on two pages, as between two lines of a cell."""
SAME_START, LEAST_STARTS = 0.5, 3
"""So many words above and below that begin within this distance (points) across the page begin a column."""
SPACE = 3.0
"""A gap between characters (points) that is a space."""
UNIT_APART, NOTE_APART = 1.5, 1.0
"""How far (of its size) a unit, and the end of a note, may stand behind its number."""
WITHIN_SIGN = 0.2
"""What is so far (of its size) behind the beginning of a word lies in its first sign."""
_SENTENCE_END = re.compile(r"[。：:；;]$")
_BARE_ORDINAL = re.compile(r"[(（] *[一二三四五六七八九十⼀⼆⼋⼗]{1,3} *[)）]|[一二三四五六七八九十⼀⼆⼋⼗]{1,3}、")
_HEADING = re.compile(r"^[一二三四五六七八九十]{1,3}[、.．]")


@dataclass(frozen=True, slots=True)
class _Piece:
    """Words of one page that may be a table or part of one, and whether text stands above or below them."""

    page: PageContent
    words: tuple[Word, ...]
    first: bool
    last: bool


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a region: its number, the height at which it begins there, how far its words were moved down."""

    number: int
    start: float
    moved: float


@dataclass(frozen=True, slots=True)
class Region:
    """Words of a table, those of each further page moved up or down to follow those of the page before.

    Args:
        words: the words.
        pages: where each page begins.
        size: of the type.
        pitch: from one line of a cell to the next, in points.
        rules: those among them, moved likewise.
        rows_ruled: whether rules part all rows.
        columns_ruled: whether rules part all columns.
    """

    words: tuple[Word, ...]
    pages: tuple[Page, ...]
    size: float
    pitch: float
    rules: Rules
    rows_ruled: bool
    columns_ruled: bool

    def page_of(self, height: float) -> Page:
        """The page that a height lies on."""
        return next(page for page in reversed(self.pages) if page.start <= height or page == self.pages[0])

    def extent_of(self, page: Page) -> tuple[float, float]:
        """How far up and down on a page the words of the table go."""
        boxes = [word.box for word in self.words if self.page_of(middle(word.box)) == page]
        return min(box.top for box in boxes), max(box.bottom for box in boxes)

    def is_on_one_page(self, one: Box, other: Box) -> bool:
        """Whether the middles of both lie on the same page."""
        return self.page_of(middle(one)) == self.page_of(middle(other))


def table_regions(pages: Sequence[PageContent]) -> Iterator[Region]:
    """The tables without rules of a document, from the first page on."""
    found = list(_found(pages))
    for region in found:
        # A table of a single line a cell does not tell how close lines stand; those beside it do.
        alike = [other.pitch / other.size for other in found if abs(other.size - region.size) < OTHER_SIZE]
        yield replace(region, pitch=min(alike) * region.size)


def _pitch(words: Sequence[Word], size: float) -> float:
    """The least distance of words under each other."""
    ordered = sorted(words, key=lambda word: middle(word.box))
    least = NEXT_LINE * size
    for at, upper in enumerate(ordered):
        for lower in ordered[at + 1 :]:
            step = middle(lower.box) - middle(upper.box)
            if step >= least:
                break
            if step > 0.9 * size and share_width(upper.box, lower.box):
                least = step
    return least


def _found(pages: Sequence[PageContent]) -> Iterator[Region]:
    chain: list[_Piece] = []
    for piece in (piece for page in pages for piece in _pieces(page)):
        if chain and not (chain[-1].last and piece.first and piece.page.number == chain[-1].page.number + 1):
            yield from _region(chain)
            chain = []
        chain.append(piece)
    yield from _region(chain)


def _region(chain: Sequence[_Piece]) -> Iterator[Region]:
    words: list[Word] = []
    pages: list[Page] = []
    across: list[Box] = []
    down: list[Box] = []
    end = 0.0
    for piece in chain:
        box = box_of(piece.words)
        size = median(word.size for word in piece.words)
        moved = end + CLOSE_UP * size - box.top if pages else 0.0
        pages.append(Page(piece.page.number, end + CLOSE_UP / 2 * size if pages else box.top - size, moved))
        words += [replace(word, box=moved_down(word.box, moved)) for word in piece.words]
        rules = table_rules(piece.page.rules, piece.words)
        # Pages are moved together: what is drawn beyond the words of one must not lie among those of the next.
        beyond = CLOSE_UP / 3 * size
        low, high = box.top - beyond, box.bottom + beyond
        across += [moved_down(_between(rule, low, high), moved) for rule in rules.across]
        down += [moved_down(_between(rule, low, high), moved) for rule in rules.down]
        end = box.bottom + moved
    figures = [word for word in words if is_figure(word.text)]
    left, right = min((rule.x0 for rule in down), default=0.0), max((rule.x0 for rule in down), default=0.0)
    parting = len(across) + sum(left + NEAR < rule.x0 < right - NEAR for rule in down)
    if len(figures) < (1 if parting >= LEAST_RULES else LEAST_FIGURES):
        return
    size = median(word.size for word in words)
    rules = Rules(tuple(across), tuple(down))
    rows = part_rows(rules, levels_of(figures, size), words, [page.start for page in pages[1:]])
    columns = part_columns(rules, figures)
    yield Region(tuple(words), tuple(pages), size, _pitch(words, size), rules, rows, columns)


def _between(box: Box, low: float, high: float) -> Box:
    """The box, its edges no higher and no lower than these heights."""
    return box._replace(top=min(max(box.top, low), high), bottom=min(max(box.bottom, low), high))


def moved_down(box: Box, by: float) -> Box:
    """The box, so many points farther down."""
    return box._replace(top=box.top + by, bottom=box.bottom + by)


def _pieces(page: PageContent) -> Iterator[_Piece]:
    """Runs of words, from the top down, that stand beside each other, with what stands alone among them."""
    words = sorted(_kept(page), key=lambda word: (middle(word.box), word.box.x0))
    beside = _beside(words)
    if not beside:
        return
    size = mode(round(words[at].size, 1) for at in beside)
    last = max(beside)
    runs: list[list[int]] = [[]]
    for at, word in enumerate(words):
        if at not in beside and _is_text(words, at, beside, size):
            runs.append([])
            continue
        far = runs[-1] and word.box.top - max(words[other].box.bottom for other in runs[-1][-20:]) > BETWEEN_ROWS * size
        # What stands alone where a page ends may be the title of what begins the next.
        if far and (at < last or any(_is_text(words, other, beside, size) for other in range(at, len(words)))):
            runs.append([])
        runs[-1].append(at)
    runs = [run for run in runs if not beside.isdisjoint(run)]
    sides = [*page.frames, *(rule for rule in page.rules if rule.bottom - rule.top > rule.x1 - rule.x0)]
    runs = [_without_ends(run, words, beside, size, sides) for run in runs]
    for number, run in enumerate(runs):
        box = around([words[at].box for at in run])
        between = [grid.box for grid in page.grids]
        yield _Piece(
            page,
            tuple(words[at] for at in run),
            first=number == 0 and run[0] == 0 and not any(grid.top < box.top for grid in between),
            last=run[-1] == len(words) - 1 and not any(grid.bottom > box.bottom for grid in between),
        )


def _kept(page: PageContent) -> list[Word]:
    """The words of the page's lines, not of its running header and footer; a number with the unit set apart as one."""
    found: list[Word] = []
    for word in _parted(_of_lines(page)):
        before = found[-1] if found else None
        if before is not None and _goes_with(word, before):
            found[-1] = replace(before, text=f"{before.text} {word.text}", box=around([before.box, word.box]))
        else:
            found.append(word)
    return found


def _parted(words: Sequence[Word]) -> Iterator[Word]:
    """The words, those of two columns in two: one of their parts begins where words of lines near it do."""
    if not any(word.parts for word in words):
        yield from words
        return
    starts = sorted((word.box.x0, middle(word.box)) for word in words)
    for word in words:
        whole: list[Word] = []
        for part in word.parts or (word,):
            if whole and not (_may_begin(part, whole[-1]) and _begins_column(part, starts)):
                before = whole[-1]
                gap = " " if part.box.x0 - before.box.x1 > SPACE else ""
                whole[-1] = replace(before, text=before.text + gap + part.text, box=around([before.box, part.box]))
            else:
                whole.append(part)
        yield from whole if len(whole) > 1 else (word,)


def _may_begin(part: Word, before: Word) -> bool:
    """Whether a part of a word may be a label of its own: it begins with its number, or follows that of another."""
    return not is_figure(part.text) and (is_ordinal(part.text) or _BARE_ORDINAL.fullmatch(before.text) is not None)


def _begins_column(part: Word, starts: Sequence[tuple[float, float]]) -> bool:
    """Whether lines above or below begin where part of a word does; `starts` are those of all, and their heights."""
    first = bisect_left(starts, (part.box.x0 - SAME_START, 0.0))
    last = bisect_right(starts, (part.box.x0 + SAME_START, INFINITY))
    near = BETWEEN_ROWS * part.size
    return sum(abs(height - middle(part.box)) < near for _, height in starts[first:last]) >= LEAST_STARTS


def _goes_with(word: Word, before: Word) -> bool:
    """Whether a word is a unit or the end of a note that is set apart from its number."""
    gap = word.box.x0 - before.box.x1
    if gap < 0 or beside_by(word.box, before.box) <= 0:
        return False
    if is_unit(word.text):
        return gap < UNIT_APART * word.size and before.text[-1:].isdigit()
    return (
        gap < NOTE_APART * word.size
        and before.text[:1].isdigit()
        and not is_whole(before.text)
        and word.text[-1:] in ")）"
    )


def _of_lines(page: PageContent) -> list[Word]:
    """The words of which a line of the page has the first sign: a space in one may part two lines."""
    found = []
    for word in page.words:
        first = word.box.x0 + WITHIN_SIGN * word.size, middle(word.box)
        if any(holds(line.box, first, 1.0) for line in page.lines):
            found.append(word)
    return found


def _beside(words: Sequence[Word]) -> frozenset[int]:
    """Which of the words, sorted by height, have another one beside them."""
    found: set[int] = set()
    for at, word in enumerate(words):
        for other in range(at + 1, len(words)):
            if words[other].box.top > word.box.bottom + word.size:
                break
            if beside_by(word.box, words[other].box) > 0 and not share_width(word.box, words[other].box):
                found |= {at, other}
    return frozenset(found)


def _is_text(words: Sequence[Word], at: int, beside: frozenset[int], size: float) -> bool:
    """Whether a word that stands alone is a line of running text rather than a part of a table around it."""
    word = words[at]
    ends_here = _SENTENCE_END.search(word.text) and is_whole(word.text)  # a heading's "（单位：" does not
    if abs(word.size - size) > OTHER_SIZE or ends_here:
        return True
    left, right = min(each.box.x0 for each in words), max(each.box.x1 for each in words)
    if word.box.x1 - word.box.x0 > 0.8 * (right - left):
        return True
    if not _HEADING.match(unicodedata.normalize("NFKC", word.text)):
        return False
    table = [words[other].box.x0 for other in beside]
    if word.box.x0 - min(table) > INDENT * size and word.box.x0 < min(table) + 4 * size:
        return True
    # What a table begins with below it is headings; a row of the table has figures below, in the columns above.
    below = [words[other] for other in sorted(beside) if other > at]
    level = [each for each in below if beside_by(each.box, below[0].box) > 0]
    return bool(level) and not any(is_figure(each.text) for each in level)


def _without_ends(
    run: list[int], words: Sequence[Word], beside: frozenset[int], size: float, sides: Sequence[Box]
) -> list[int]:
    """The run without what stands alone before and after it, unless it is near and may head or end the table.

    What is near and between the same `sides` (rules down, frames) is of it in any case.
    """
    first = next(place for place, at in enumerate(run) if at in beside)
    last = next(place for place in reversed(range(len(run))) if run[place] in beside)
    box = around([words[at].box for at in run[first : last + 1]])
    while first and (
        run[0] == 0  # what a page begins with may be the rest of a label
        or _heads(words[run[first - 1]].box, words[run[first]].box, box, size)
        or _are_closed_in(words[run[first - 1]].box, words[run[first]].box, sides, size)
    ):
        first -= 1
    while (
        last + 1 < len(run)
        and (
            run[-1] == len(words) - 1  # and what it ends with the beginning of one
            or _ends(words[run[last + 1]].box, words[run[last]].box, box, size)
            or _are_closed_in(words[run[last]].box, words[run[last + 1]].box, sides, size)
            or _closes_note(words[run[last + 1]], [words[at] for at in run[: last + 1]])
        )
    ):
        last += 1
    return run[first : last + 1]


def _closes_note(word: Word, above: Sequence[Word]) -> bool:
    """Whether a line is the rest of a remark in brackets that the word above it opens."""
    over = [each for each in above if share_width(each.box, word.box) and middle(each.box) < middle(word.box)]
    if not over or word.text[-1:] not in ")）":
        return False
    nearest = max(over, key=lambda each: middle(each.box))
    return middle(word.box) - middle(nearest.box) < NEXT_LINE * word.size and not is_whole(nearest.text)


def _are_closed_in(upper: Box, lower: Box, sides: Sequence[Box], size: float) -> bool:
    """Whether what lies on both sides of two lines that are near each other runs from one to the other."""
    if lower.top - upper.bottom >= BETWEEN_ROWS / 2 * size:
        return False
    along = [side for side in sides if side.top <= middle(upper) and middle(lower) <= side.bottom]
    left, right = min(upper.x0, lower.x0), max(upper.x1, lower.x1)
    return any(side.x0 <= left for side in along) and any(side.x1 >= right for side in along)


def _heads(word: Box, below: Box, table: Box, size: float) -> bool:
    """Whether a line stands over a table as its title does: near, and in its middle or in its right part."""
    centred = abs((word.x0 + word.x1) - (table.x0 + table.x1)) / 2 < 2 * size
    inner = word.x0 > table.x0 + 0.3 * (table.x1 - table.x0)
    return below.top - word.bottom < BETWEEN_ROWS / 2 * size and (centred or inner)


def _ends(word: Box, above: Box, table: Box, size: float) -> bool:
    """Whether a line under a table is the rest of its last label, or a label without figures."""
    return word.top - above.bottom < size and word.x1 < table.x0 + 0.6 * (table.x1 - table.x0)
