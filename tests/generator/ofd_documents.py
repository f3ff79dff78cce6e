"""Generated OFD documents: pages as converters and office programs write them of a report.

Belongs here: objects, boundaries and matrices, how rules are drawn, where tables break over pages. Does not: what
the report says. Lengths are millimetres from the upper left.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import accumulate
from typing import TYPE_CHECKING

from pipelines.read.document import Box
from pipelines.read.media import OFD
from tests.generator.choices import Choices
from tests.generator.documents import Generated, draft
from tests.generator.layouts import Chapter, Grid, Spot
from tests.generator.packages import ofd

if TYPE_CHECKING:
    from tests.generator.figures import Key

KIND = "ofd"
WIDTH, HEIGHT = 210.0, 297.0
POINTS = 72 / 25.4
_CLOSING = "，。；：、）》”"
"""What no line begins with."""


@dataclass(frozen=True, slots=True)
class _Style:
    """How a document looks and is written."""

    side: float
    top: float
    bottom: float
    prose: float
    leading: float
    cell: float
    padding: float
    runs: str
    matrix: str
    rules: str
    line: float
    bold_twice: bool
    shaded: bool
    closed_breaks: bool
    number: bool
    align: str


def ofd_document(seed: int) -> Generated:
    """The generated OFD document of this seed."""
    made = draft(KIND, seed)
    style = _style(made.choices)
    sheet = _Sheet(style, made.choices)
    sheet.line(made.layout.title, style.prose + 1.2, centred=True)
    for chapter in made.layout.chapters:
        sheet.chapter(chapter)
    template = ""
    if made.choices.chance("a template with a mark", 0.3):
        template = '<ofd:TextObject ID="1" Boundary="90 4 40 6" Size="4"><ofd:TextCode X="0" Y="4">—</ofd:TextCode></ofd:TextObject>'
    return Generated(
        kind=KIND,
        seed=seed,
        content=ofd(
            sheet.finished(), title=made.choices.pick("title property", ("", made.report.title)), template=template
        ),
        media_type=OFD,
        report=made.report,
        printed=made.layout.printed,
        places=dict(sheet.places),
        findings=made.findings(),
        choices=tuple(made.choices.made),
    )


def _style(choices: Choices) -> _Style:
    return _Style(
        side=choices.between("side margins", 15, 30),
        top=choices.between("top margin", 20, 35),
        bottom=choices.between("bottom margin", 25, 40),
        prose=choices.between("prose", 3.5, 5.6),
        leading=choices.between("leading", 1.3, 2.0),
        cell=choices.between("cells", 2.4, 3.6),
        padding=choices.between("padding", 0.5, 1.5),
        runs=choices.pick("text objects", ("a line", "a character", "a word")),
        matrix=choices.pick("matrix", ("none", "points", "boundary of the page"), (3, 2, 1)),
        rules=choices.pick("rules drawn as", ("strokes", "segments", "boxes", "fills", "one path")),
        line=choices.pick("rule", (0.1, 0.18, 0.25, 0.5)),
        bold_twice=choices.chance("bold drawn twice", 0.15),
        shaded=choices.chance("heading cells shaded", 0.25),
        closed_breaks=choices.chance("rule where a page breaks", 0.7),
        number=choices.chance("page numbers", 0.7),
        align=choices.pick("figures", ("left", "centre", "right"), (1, 3, 1)),
    )


def _advance(sign: str, size: float) -> float:
    return size if unicodedata.east_asian_width(sign) in "WFA" else size / 2


def _width(text: str, size: float) -> float:
    return sum(_advance(sign, size) for sign in text)


def _wrapped(text: str, size: float, width: float) -> Iterator[str]:
    for line in text.split("\n"):
        part, filled = "", 0.0
        for sign in line:
            if part and filled + _advance(sign, size) > width:
                keep = len(part) - 1 if sign in _CLOSING and len(part) > 1 else len(part)
                yield part[:keep]
                part = part[keep:]
                filled = _width(part, size)
            part += sign
            filled += _advance(sign, size)
        yield part


class _Sheet:
    """The page being filled, how far down it is, and the pages before it."""

    def __init__(self, style: _Style, choices: Choices) -> None:
        self.places: dict[Key, tuple[int, Box]] = {}
        self._style = style
        self._choices = choices
        self._pages: list[str] = []
        self._objects: list[str] = []
        self._y = style.top
        self._ids = 100

    def finished(self) -> list[str]:
        """The objects of every page."""
        self._next_page()
        return self._pages

    def chapter(self, chapter: Chapter) -> None:
        """Fill in a chapter."""
        style = self._style
        for text in (chapter.heading, *chapter.paragraphs):
            if text:
                for line in _wrapped("　　" + text, style.prose, WIDTH - 2 * style.side):
                    self.line(line, style.prose)
        for grid in chapter.grids:
            self._y += 2
            self._table(grid)
            self._y += 4

    def line(self, text: str, size: float, *, centred: bool = False) -> None:
        """Fill in a line of text."""
        style = self._style
        height = size * style.leading
        if self._y + height > HEIGHT - style.bottom:
            self._next_page()
        x = (WIDTH - _width(text, size)) / 2 if centred else style.side
        self._text(x, self._y + height / 2 + size * 0.35, size, text)
        self._y += height

    def _next_page(self) -> None:
        if self._style.number:
            number = f"— {len(self._pages) + 1} —"
            self._text((WIDTH - _width(number, 4)) / 2, HEIGHT - 15, 4, number)
        self._pages.append("".join(self._objects))
        self._objects = []
        self._y = self._style.top

    # objects

    def _add(self, written: str) -> None:
        self._ids += 1
        self._objects.append(written.replace("ID=''", f'ID="{self._ids}"'))

    def _text(self, x: float, y: float, size: float, text: str) -> None:
        match self._style.runs:
            case "a line":
                self._run(x, y, size, text)
            case "a character":
                for sign in text:
                    self._run(x, y, size, sign)
                    x += _advance(sign, size)
            case _:
                while text:
                    length = self._choices.random.randint(1, 6)
                    self._run(x, y, size, text[:length])
                    x += _width(text[:length], size)
                    text = text[length:]

    def _run(self, x: float, y: float, size: float, text: str) -> None:
        if not text.strip():
            return
        steps = [_advance(sign, size) for sign in text[:-1]]
        match self._style.matrix:
            case "none":
                boundary = f"{x:.4f} {y - size:.4f} {_width(text, size):.4f} {size * 1.3:.4f}"
                placed, scale = (0.0, size), 1.0
            case "points":
                boundary = f"{x:.4f} {y - size:.4f} {_width(text, size):.4f} {size * 1.3:.4f}"
                placed, scale = (0.0, size * POINTS), POINTS
            case _:
                boundary, placed, scale = f"0 0 {WIDTH} {HEIGHT}", (x, y), 1.0
        matrix = f' CTM="{1 / POINTS:.6f} 0 0 {1 / POINTS:.6f} 0 0"' if scale != 1.0 else ""
        scaled = [step * scale for step in steps]
        same = len(set(scaled)) == 1 and len(scaled) > 2
        listed = f"g {len(scaled)} {scaled[0]:.4f}" if same else " ".join(f"{step:.4f}" for step in scaled)
        delta = f' DeltaX="{listed}"' if scaled else ""
        written = (
            f'<ofd:TextObject ID=\'\' Boundary="{boundary}"{matrix} Font="3" Size="{size * scale:.4f}">'
            f'<ofd:FillColor Value="0 0 0"/><ofd:TextCode X="{placed[0]:.4f}" Y="{placed[1]:.4f}"{delta}>'
            f"{escape(text, quote=False)}</ofd:TextCode></ofd:TextObject>"
        )
        for _ in range(2 if self._style.bold_twice else 1):
            self._add(written)

    def _path(self, data: str, attributes: str = "", inside: str = "") -> None:
        self._add(
            f'<ofd:PathObject ID=\'\' Boundary="0 0 {WIDTH} {HEIGHT}" LineWidth="{self._style.line}"{attributes}>{inside}'
            f"<ofd:AbbreviatedData>{data}</ofd:AbbreviatedData></ofd:PathObject>"
        )

    # tables

    def _table(self, grid: Grid) -> None:
        style = self._style
        room = WIDTH - 2 * style.side
        xs = list(accumulate((width / sum(grid.widths) * room for width in grid.widths), initial=style.side))
        texts = {
            spot: list(
                _wrapped(
                    spot.text, style.cell, xs[spot.column + spot.column_span] - xs[spot.column] - 2 * style.padding
                )
            )
            for spot in grid.spots
        }
        heights = [style.cell * 1.3 + 2 * style.padding] * grid.row_count
        for spot in sorted(grid.spots, key=lambda spot: spot.row_span):
            needed = len(texts[spot]) * style.cell * 1.3 + 2 * style.padding
            lacking = needed - sum(heights[spot.row : spot.row + spot.row_span])
            if lacking > 0:
                heights[spot.row + spot.row_span - 1] += lacking
        forced = self._choices.random.randint(1, grid.row_count - 1) if self._choices.random.random() < 0.4 else 0
        start = 0
        while start < grid.row_count:
            end, y = start, self._y
            while (
                end < grid.row_count and y + heights[end] <= HEIGHT - style.bottom and not (end == forced > start + 1)
            ):
                y += heights[end]
                end += 1
            if end == start:
                if self._y == style.top:
                    raise AssertionError(f"row {start} of {grid.name} is higher than a page")
                self._next_page()
                continue
            self._rows(grid, texts, xs, heights, start, end)
            if end < grid.row_count:
                self._choices.tell(f"{grid.name} broken before row {end + 1}")
                self._next_page()
            start = end

    def _rows(
        self,
        grid: Grid,
        texts: dict[Spot, list[str]],
        xs: Sequence[float],
        heights: Sequence[float],
        start: int,
        end: int,
    ) -> None:
        style = self._style
        ys = dict(zip(range(start, end + 1), accumulate(heights[start:end], initial=self._y), strict=True))
        boxes = []
        for spot in grid.spots:
            first, last = max(spot.row, start), min(spot.row + spot.row_span, end)
            if first >= last:
                continue
            box = Box(xs[spot.column], ys[first], xs[spot.column + spot.column_span], ys[last])
            boxes.append(box)
            if style.shaded and spot.kind == "head":
                corners = f"M {box.x0} {box.top} L {box.x1} {box.top} L {box.x1} {box.bottom} L {box.x0} {box.bottom} C"
                self._path(corners, ' Stroke="false" Fill="true"', '<ofd:FillColor Value="217 217 217"/>')
            # What of a cell does not fit above the page break stands below it.
            room = int((box.bottom - box.top) / (style.cell * 1.3)) if last < spot.row + spot.row_span else None
            self._spot(spot, texts[spot][:room], box)
            texts[spot] = texts[spot][len(texts[spot][:room]) :]
        open_above = start > 0 and not style.closed_breaks
        open_below = end < grid.row_count and not style.closed_breaks
        self._rules(boxes, ys[start] if open_above else None, ys[end] if open_below else None)
        self._y = ys[end]

    def _spot(self, spot: Spot, lines: list[str], box: Box) -> None:
        style = self._style
        y = (box.top + box.bottom - len(lines) * style.cell * 1.3) / 2
        for line in lines:
            width = _width(line, style.cell)
            match style.align if spot.kind == "figure" else "left":
                case "left":
                    x = box.x0 + style.padding
                case "right":
                    x = box.x1 - style.padding - width
                case _:
                    x = (box.x0 + box.x1 - width) / 2
            self._text(x, y + style.cell * 1.05, style.cell, line)
            if spot.key is not None:
                printed = Box(x * POINTS, y * POINTS, (x + width) * POINTS, (y + style.cell * 1.3) * POINTS)
                self.places.setdefault(spot.key, (len(self._pages) + 1, printed))
            y += style.cell * 1.3

    def _rules(self, boxes: Sequence[Box], open_above: float | None, open_below: float | None) -> None:
        style = self._style
        lines = set()
        for box in boxes:
            lines |= {(box.x0, box.top, box.x1, box.top), (box.x0, box.bottom, box.x1, box.bottom)}
            lines |= {(box.x0, box.top, box.x0, box.bottom), (box.x1, box.top, box.x1, box.bottom)}
        drawn = sorted(line for line in lines if not (line[1] == line[3] and line[1] in {open_above, open_below}))
        match style.rules:
            case "one path":
                self._path(" ".join(f"M {x0:.4f} {y0:.4f} L {x1:.4f} {y1:.4f}" for x0, y0, x1, y1 in drawn))
            case "boxes" if open_above is None and open_below is None:
                for box in boxes:
                    self._path(
                        f"M {box.x0} {box.top} L {box.x1} {box.top} L {box.x1} {box.bottom} L {box.x0} {box.bottom} C"
                    )
            case "fills":
                for x0, y0, x1, y1 in drawn:
                    half = style.line / 2
                    data = f"M {x0 - half} {y0 - half} L {x1 + half} {y0 - half} L {x1 + half} {y1 + half} L {x0 - half} {y1 + half} C"
                    self._path(data, ' Stroke="false" Fill="true"', '<ofd:FillColor Value="0 0 0"/>')
            case "segments":
                for x0, y0, x1, y1 in drawn:
                    middle = (x0 + (x1 - x0) * 0.4, y0 + (y1 - y0) * 0.4)
                    self._path(f"M {x0} {y0} L {middle[0]} {middle[1]}")
                    self._path(f"M {middle[0]} {middle[1]} L {x1} {y1}")
            case _:
                for x0, y0, x1, y1 in drawn:
                    self._path(f"M {x0} {y0} L {x1} {y1}", inside='<ofd:StrokeColor Value="0 0 0"/>')
