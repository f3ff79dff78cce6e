"""Generated PDFs: pages as word processors and browsers make them of the same report.

Belongs here: paper, type, how rules are drawn, where pages and tables break, what runs on every page. Does not:
what the report says. Positions are in points from the upper left, as in `pipelines.read.document`.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from pipelines.read.document import Box
from tests.generator import fonts
from tests.generator.choices import Choices
from tests.generator.documents import Draft, Generated, draft
from tests.generator.figures import Asked, Key
from tests.generator.layouts import Chapter, Grid, Spot

KIND, BORDERLESS, PARTLY = "pdf", "pdf-borderless", "pdf-partly"
SHOWN = ("0", "/", "-", "—", "——", "…", "０")
"""What a report without rules prints for nothing: where no cell is drawn, an empty one cannot be told."""
A4 = (595.276, 841.89)
_CLOSING = "，。；：、）》”"

_PAGE_NUMBERS: dict[str, Callable[[int], str]] = {
    "- 3 -": lambda number: f"- {number} -",
    "— 3 —": lambda number: f"— {number} —",
    "－3－": lambda number: f"－{number}－",
    "3": str,
    "第3页": lambda number: f"第 {number} 页",
    "第3页 共9页": lambda number: f"第{number}页 共9页",
    "3/9": lambda number: f"{number}/9",
    "3 / 9": lambda number: f"{number} / 9",
    "·3·": lambda number: f"·{number}·",
    "": lambda _: "",
}


@dataclass(frozen=True, slots=True)
class _Style:
    """How this PDF looks and breaks; sizes in points."""

    width: float
    height: float
    turned: bool
    side: float
    top: float
    bottom: float
    font: str
    latin: str
    prose: float
    leading: float
    cell: float
    padding: float
    above: float
    least: float
    spacing: float
    rules: str
    drawn: str
    dash: tuple[float, float]
    line: float
    grey: float
    double: bool
    open_sides: bool
    rule_above: bool
    rule_below: bool
    repeat: bool
    split_rows: bool
    share: str
    split_figure: str
    figure_align: str
    label_align: str
    vertical_align: str
    number: str
    number_at: float
    header: str
    footer: str
    background: str
    shaded: float
    zebra: float
    kangxi: bool
    unit_apart: float


def pdf_document(seed: int, asked: Asked | None = None) -> Generated:
    """The generated PDF of this seed; of whom and on what year, if that is asked."""
    return _document(KIND, seed, draft(KIND, seed, asked=asked), _style)


def borderless_pdf_document(seed: int) -> Generated:
    """The generated PDF of this seed whose tables have no rules at all."""
    return _document(BORDERLESS, seed, draft(BORDERLESS, seed, zeros=SHOWN), _borderless)


def partly_ruled_pdf_document(seed: int) -> Generated:
    """The generated PDF of this seed whose tables lack some of their rules, or draw them in dashes."""
    return _document(PARTLY, seed, draft(PARTLY, seed, zeros=SHOWN), _partly_ruled)


def _document(kind: str, seed: int, made: Draft, style: Callable[[Choices, Draft], "_Style"]) -> Generated:
    fonts.register()
    sheet = _Sheet(made, style(made.choices, made))
    sheet.draw()
    return Generated(
        kind=kind,
        seed=seed,
        content=sheet.content(),
        media_type="application/pdf",
        report=made.report,
        printed=made.layout.printed,
        places=dict(sheet.places),
        findings=made.findings(),
        choices=tuple(made.choices.made),
    )


def _borderless(choices: Choices, made: Draft) -> _Style:
    zebra = choices.pick("every other row shaded", (1.0, 0.95, 0.85), (3, 1, 1))
    return replace(
        _style(choices, made),
        drawn="nothing",
        zebra=zebra,
        double=False,
        split_rows=False,
        **_apart(choices),
    )


def _partly_ruled(choices: Choices, made: Draft) -> _Style:
    drawn = choices.pick(
        "drawn", ("rows", "three lines", "frame", "frame and rows", "columns", "frame and head", "dashes")
    )
    dash = choices.between("dash", 1, 5), choices.between("gap", 1, 5)
    return replace(
        _style(choices, made),
        drawn=drawn,
        dash=dash,
        double=False,
        open_sides=False,
        split_rows=False,
        rules=choices.pick("partly drawn as", ("strokes", "segments", "fills")),
        **_apart(choices),
    )


def _apart(choices: Choices) -> dict[str, float]:
    """Columns that can be told apart without rules; Word and Excel by themselves leave nothing above and below."""
    return {
        "padding": choices.between("padding without rules", 3, 6),
        "above": choices.pick("room above and below", (0.0, 1.0, 3.0)),
        "least": choices.between("least height without rules", 9, 24),
    }


def _style(choices: Choices, made: Draft) -> _Style:
    landscape = choices.pick("paper", ("portrait", "landscape", "portrait turned to landscape"), (8, 1, 1))
    width, height = A4 if landscape == "portrait" else A4[::-1]
    kangxi = choices.chance("radicals for ideographs", 0.12)
    font = choices.pick("font", (fonts.SERIF, fonts.SANS, fonts.NOT_EMBEDDED), (3, 3, 0 if kangxi else 1))
    prose = choices.between("prose", 9, 16)
    bottom = choices.between("bottom margin", 60, 110)
    rules = choices.pick("rules drawn as", ("strokes", "segments", "cells", "fills", "dotted fills", "shapes"))
    return _Style(
        width=width,
        height=height,
        turned=landscape.endswith("turned to landscape"),
        side=choices.between("side margins", 40, 90),
        top=choices.between("top margin", 60, 110),
        bottom=bottom,
        font=font,
        latin=choices.pick("digits in", (font, "Times-Roman", "Helvetica"), (3, 2, 1)),
        prose=prose,
        leading=prose * choices.between("leading", 1.3, 2.0),
        cell=choices.between("cells", 6.5, 11),
        padding=(padding := choices.between("padding", 1, 4)),
        above=padding,
        least=choices.between("least row height", 9, 34),
        spacing=choices.pick("character spacing", (0.0, 0.3, 1.0), (6, 1, 1)),
        rules=rules,
        drawn="all",
        dash=(0.0, 0.0),
        line=choices.pick("rule", (0.25, 0.48, 0.5, 0.75, 1.0, 1.5)),
        grey=choices.pick("grey", (0.0, 0.4, 0.75), (8, 1, 1)),
        double=rules != "cells" and choices.chance("double border", 0.1),
        open_sides=rules != "cells" and choices.chance("no border at the sides", 0.15),
        rule_below=choices.chance("rule where a page ends", 0.7),
        rule_above=choices.chance("rule where a page begins", 0.7),
        repeat=choices.chance("heading rows repeated", 0.2),
        split_rows=choices.chance("rows broken over pages", 0.35),
        share=choices.pick("text of a cell on two pages", ("first", "last", "split")),
        split_figure=choices.pick("figures of a broken row", ("first", "last")),
        figure_align=choices.pick("figures", ("centre", "left", "right"), (6, 1, 1)),
        label_align=choices.pick("labels", ("left", "centre"), (2, 1)),
        vertical_align=choices.pick("cells aligned", ("middle", "top", "bottom"), (6, 1, 1)),
        number=choices.pick("page number", tuple(_PAGE_NUMBERS)),
        number_at=choices.between("page number above the edge", 24, bottom - 24),
        header=choices.pick("running header", ("", made.report.title, "某某市人民政府门户网站"), (6, 1, 1)),
        footer=choices.pick("running footer", ("", "https://www.example.gov.cn/zfxxgk/nb.html"), (6, 1)),
        background=choices.pick("background", ("", "lines", "cells", "page"), (4, 2, 1, 1)),
        shaded=choices.pick("heading cells shaded", (1.0, 0.9, 0.7), (3, 1, 1)),
        zebra=1.0,
        kangxi=kangxi,
        unit_apart=choices.pick("unit apart from its number", (0.0, 0.0, 1.5, 4.0)),
    )


# --- pages --------------------------------------------------------------------------------------------------


class _Sheet:
    """The page being drawn and how far down it is filled."""

    def __init__(self, made: Draft, style: _Style) -> None:
        self.style = style
        self.places: dict[Key, tuple[int, Box]] = {}
        self._made = made
        self._choices = made.choices
        self._page = 1
        self._y = style.top
        self._buffer = io.BytesIO()
        self._canvas = Canvas(self._buffer, pagesize=(style.width, style.height), invariant=1)
        self._begin_page()

    def content(self) -> bytes:
        """The finished PDF."""
        return self._buffer.getvalue()

    def draw(self) -> None:
        """Draw the whole report."""
        style = self.style
        for line in _wrapped(self._made.layout.title, style, style.prose + 4, self._text_width()):
            width = _width(line, style, style.prose + 4)
            self._text((style.width - width) / 2, self._y + style.prose + 4, line, style.prose + 4)
            self._y += (style.prose + 4) * 1.5
        self._y += style.leading
        for chapter in self._made.layout.chapters:
            self._chapter(chapter)
        self._end_page()
        self._canvas.save()

    def _chapter(self, chapter: Chapter) -> None:
        if chapter.heading:
            self._paragraph("　　" + chapter.heading)
        for paragraph in chapter.paragraphs:
            self._paragraph("　　" + paragraph)
        for grid in chapter.grids:
            self._y += 4
            self._table(grid)
            self._y += self._choices.random.choice((6, 12, 24))

    def _paragraph(self, text: str) -> None:
        style = self.style
        for line in _wrapped(text, style, style.prose, self._text_width()):
            if self._y + style.leading > style.height - style.bottom:
                self._next_page()
            if style.background == "lines":
                self._fill(style.side, self._y, style.width - style.side, self._y + style.leading, 1.0)
            self._text(style.side, self._y + (style.leading + style.prose * 0.75) / 2, line, style.prose)
            self._y += style.leading

    def _text_width(self) -> float:
        return self.style.width - 2 * self.style.side

    # a page

    def _next_page(self) -> None:
        self._end_page()
        self._page += 1
        self._y = self.style.top
        self._begin_page()

    def _begin_page(self) -> None:
        style = self.style
        if style.turned:
            # reportlab itself swaps the sides of a page that it turns.
            self._canvas.setPageSize((style.width, style.height))
            self._canvas.setPageRotation(90)
            self._canvas.transform(0, 1, -1, 0, style.height, 0)
        if style.background == "page":
            self._fill(0, 0, style.width, style.height, 1.0)
        if style.header:
            self._text(style.side, style.top - 22, style.header, 9)
            self._canvas.setLineWidth(0.5)
            self._stroke(style.side, style.top - 18, style.width - style.side, style.top - 18)

    def _end_page(self) -> None:
        style = self.style
        number = _PAGE_NUMBERS[style.number](self._page)
        size = 10.5
        if style.footer:
            self._text(style.side, style.height - style.number_at + 14, style.footer, 8)
        if number:
            self._text((style.width - _width(number, style, size)) / 2, style.height - style.number_at, number, size)
        self._canvas.showPage()

    # tables

    def _table(self, grid: Grid) -> None:
        style = self.style
        columns = _edges(grid, style)
        lines = {spot: _spot_lines(spot, columns, style) for spot in grid.spots}
        wrapped = frozenset(spot.row for spot in grid.spots if spot.kind == "figure" and len(lines[spot]) > 1)
        bands = self._bands(grid, _heights(grid, lines, style), wrapped)
        shown: dict[Spot, int] = {}
        for number, (start, end, repeated) in enumerate(bands.fragments):
            if start and number:
                self._next_page()
            if repeated:
                self._repeated_heads(grid, columns, lines, bands)
            tops = list(accumulate(bands.heights[start:end], initial=self._y))
            pieces = []
            for spot in grid.spots:
                first, last = max(bands.first(spot), start), min(bands.last(spot), end)
                if first >= last:
                    continue
                box = Box(
                    columns[spot.column],
                    tops[first - start],
                    columns[spot.column + spot.column_span],
                    tops[last - start],
                )
                whole = bands.pieces(spot)
                at = shown.get(spot, 0)
                shown[spot] = at + 1
                pieces.append((spot, box, _share(spot, lines[spot], whole, at, style)))
            broken_above = number > 0 and not style.rule_above and not repeated
            broken_below = number + 1 < len(bands.fragments) and not style.rule_below
            self._pieces(pieces, tops[0], tops[-1], broken_above, broken_below)
            self._y = tops[-1]

    def _repeated_heads(
        self, grid: Grid, columns: Sequence[float], lines: dict[Spot, list[str]], bands: "_Bands"
    ) -> None:
        tops = list(accumulate(bands.heights[: grid.head_rows], initial=self._y))
        pieces = [
            (
                spot,
                Box(
                    columns[spot.column],
                    tops[spot.row],
                    columns[spot.column + spot.column_span],
                    tops[spot.row + spot.row_span],
                ),
                lines[spot],
            )
            for spot in grid.spots
            if spot.row < grid.head_rows
        ]
        self._pieces(pieces, tops[0], tops[-1], False, False)
        self._y = tops[-1]

    def _bands(self, grid: Grid, heights: Sequence[float], wrapped: frozenset[int]) -> "_Bands":
        """Where the table breaks over pages, by what fits and by chance, at times within a row.

        Never within one of the rows `wrapped`, where a figure stands on two lines: its halves would be two numbers.
        """
        style, random = self.style, self._choices.random
        limit = style.height - style.bottom
        unruled = style.open_sides and not style.rule_below
        if unruled and self._y + sum(heights[:4]) > limit:
            self._next_page()  # two lines that cross are no table, and one row without borders draws no more
        forced = set()
        if random.random() < 0.5:
            # Not near the end, where the rest of the table would be alone on a page that it does not need.
            forced = {random.randint(3 if unruled else 1, max(3, grid.row_count - 4))}
        rows: list[int] = []
        sizes: list[float] = []
        starts: list[int] = []
        y = self._y
        for row, height in enumerate(heights):
            room = limit - y
            splits = (
                style.split_rows
                and row >= grid.head_rows
                and row not in wrapped
                and height > 2.4 * style.cell
                and room > 1.3 * style.cell
            )
            breaks = height > room or (row in forced and not any(row - rows[start] < 4 for start in starts))
            if row and breaks and not (splits and random.random() < 0.7):
                starts.append(len(rows))
                self._choices.tell(f"{grid.name} broken before row {row + 1}")
                y = self._page_top(grid, heights, row)
            elif row and breaks:
                upper = min(room, height * random.uniform(0.35, 0.65))
                rows.append(row)
                sizes.append(upper)
                starts.append(len(rows))
                self._choices.tell(f"{grid.name} broken within row {row + 1}")
                # The line at which a cell breaks may fall on either side, and both halves keep their padding.
                height += 1.2 * style.cell + 2 * style.above - upper
                y = self._page_top(grid, heights, row)
            elif not row and height > room:
                starts.append(0)
                y = style.top
            rows.append(row)
            sizes.append(height)
            y += height
        if starts[:1] == [0]:
            self._next_page()
            starts = starts[1:]
        edges = [0, *starts, len(rows)]
        fragments = [
            (start, end, bool(start) and style.repeat and rows[start] >= grid.head_rows > 0)
            for start, end in pairwise(edges)
        ]
        return _Bands(tuple(rows), tuple(sizes), tuple(fragments))

    def _page_top(self, grid: Grid, heights: Sequence[float], row: int) -> float:
        repeats = self.style.repeat and row >= grid.head_rows
        return self.style.top + (sum(heights[: grid.head_rows]) if repeats else 0)

    def _pieces(
        self,
        pieces: Sequence[tuple[Spot, Box, Sequence[str]]],
        top: float,
        bottom: float,
        broken_above: bool,
        broken_below: bool,
    ) -> None:
        style = self.style
        if style.background == "cells":
            for _, box, _ in pieces:
                self._fill(box.x0, box.top, box.x1, box.bottom, 1.0)
        if style.zebra < 1:
            left, right = min(box.x0 for _, box, _ in pieces), max(box.x1 for _, box, _ in pieces)
            rows = sorted({(box.top, box.bottom) for spot, box, _ in pieces if spot.row_span == 1})
            for row_top, row_bottom in rows[::2]:
                self._fill(left, row_top, right, row_bottom, style.zebra)
        for spot, box, _ in pieces:
            if spot.kind in ("head", "title") and style.shaded < 1:
                self._fill(box.x0, box.top, box.x1, box.bottom, style.shaded)
        heads = [box.bottom for spot, box, _ in pieces if spot.kind == "head"]
        if style.drawn == "all":
            self._rules([box for _, box, _ in pieces], top, bottom, broken_above, broken_below)
        else:
            self._some_rules([box for _, box, _ in pieces], top, bottom, max(heads, default=None))
        for spot, box, lines in pieces:
            self._cell(spot, box, lines)

    def _cell(self, spot: Spot, box: Box, lines: Sequence[str]) -> None:
        style = self.style
        step = style.cell * 1.2
        room = box.bottom - box.top - len(lines) * step
        y = box.top + {"middle": room / 2, "top": min(room, 2), "bottom": room - 2}[style.vertical_align]
        align = {"figure": style.figure_align, "label": style.label_align}.get(spot.kind, "centre")
        for line in lines:
            width = _width(line, style, style.cell)
            left = {
                "left": box.x0 + style.padding,
                "centre": (box.x0 + box.x1 - width) / 2,
                "right": box.x1 - style.padding - width,
            }[align]
            if spot.kind == "figure" and style.unit_apart and line[-1:] in ("元", "件"):
                unit = line[len(line.rstrip("万亿元件项")) :]
                number = line.removesuffix(unit)
                left -= style.unit_apart / 2
                self._text(left, y + style.cell, number, style.cell)
                left += _width(number, style, style.cell) + style.unit_apart
                line = unit
            self._text(left, y + style.cell, line, style.cell)
            y += step
        if spot.key is not None and any(lines):
            # Where a cell is not drawn, it is only as high as its text for certain.
            printed = box._replace(top=y - len(lines) * step, bottom=y) if style.drawn != "all" else box
            self.places[spot.key] = self._page, printed

    # marks on the page

    def _rules(self, boxes: Sequence[Box], top: float, bottom: float, broken_above: bool, broken_below: bool) -> None:
        style = self.style
        left, right = min(box.x0 for box in boxes), max(box.x1 for box in boxes)
        if style.rules == "cells" and not (broken_above or broken_below):
            self._canvas.setStrokeGray(style.grey)
            self._canvas.setLineWidth(style.line)
            for box in boxes:
                self._canvas.rect(
                    box.x0, style.height - box.bottom, box.x1 - box.x0, box.bottom - box.top, stroke=1, fill=0
                )
            return
        across = {(y, box.x0, box.x1) for box in boxes for y in (box.top, box.bottom)}
        down = {(x, box.top, box.bottom) for box in boxes for x in (box.x0, box.x1)}
        across = {
            (y, x0, x1) for y, x0, x1 in across if not ((y == top and broken_above) or (y == bottom and broken_below))
        }
        if style.open_sides:
            down = {(x, y0, y1) for x, y0, y1 in down if x not in (left, right)}
        if style.rules == "strokes":
            across, down = set(_joined(across)), set(_joined(down))
        if style.double:
            gap = 1.6 + style.line
            across |= {
                (y + (-gap if y == top else gap), left, right)
                for y in (top, bottom)
                if any(each[0] == y for each in across)
            }
            if not style.open_sides:
                down |= {(left - gap, top - gap, bottom + gap), (right + gap, top - gap, bottom + gap)}
        for y, x0, x1 in sorted(across):
            self._line(x0, y, x1, y)
        for x, y0, y1 in sorted(down):
            self._line(x, y0, x, y1)

    def _some_rules(self, boxes: Sequence[Box], top: float, bottom: float, head: float | None) -> None:
        """The rules of a table that lacks some: `head` is where its headings end."""
        style = self.style
        left, right = min(box.x0 for box in boxes), max(box.x1 for box in boxes)
        sides = {(left, top, left, bottom), (right, top, right, bottom)}
        ends = {(left, top, right, top), (left, bottom, right, bottom)}
        across = {(box.x0, y, box.x1, y) for box in boxes for y in (box.top, box.bottom)}
        down = {(x, box.top, x, box.bottom) for box in boxes for x in (box.x0, box.x1)}
        headed = {(left, head, right, head)} if head is not None else set()
        in_head = {(x0, y0, x1, y1) for x0, y0, x1, y1 in across | down if head is not None and y1 <= head}
        drawn: set[tuple[float, float, float, float]] = {
            "nothing": set(),
            "rows": across,
            "three lines": ends | headed,
            "frame": ends | sides,
            "frame and rows": ends | sides | across,
            "columns": ends | down,
            "frame and head": ends | sides | in_head,
            "dashes": across | down,
        }[style.drawn]
        for x0, y0, x1, y1 in sorted(drawn):
            if style.drawn == "dashes":
                self._dashed(x0, y0, x1, y1)
            else:
                self._line(x0, y0, x1, y1)

    def _dashed(self, x0: float, y0: float, x1: float, y1: float) -> None:
        """A line as dashes: one stroke with a pattern, or each dash drawn apart."""
        dash, gap = self.style.dash
        if self.style.rules == "strokes":
            self._canvas.setDash(dash, gap)
            self._line(x0, y0, x1, y1)
            self._canvas.setDash()
            return
        length = max(x1 - x0, y1 - y0)
        at = 0.0
        while at < length:
            end = min(at + dash, length)
            if x0 == x1:
                self._line(x0, y0 + at, x0, y0 + end)
            else:
                self._line(x0 + at, y0, x0 + end, y0)
            at += dash + gap

    def _line(self, x0: float, y0: float, x1: float, y1: float) -> None:
        style, half = self.style, self.style.line / 2
        self._canvas.setStrokeGray(style.grey)
        self._canvas.setFillGray(style.grey)
        self._canvas.setLineWidth(style.line)
        if style.rules in ("strokes", "segments", "cells"):
            self._stroke(x0, y0, x1, y1)
        elif style.rules == "fills":
            self._bar(x0 - half, y0 - half, x1 + half, y1 + half)
        elif style.rules == "dotted fills":
            # Word's way: the line without its ends, and a square of its own at either end.
            if x0 == x1:
                self._bar(x0 - half, y0 + half, x1 + half, y1 - half)
            else:
                self._bar(x0 + half, y0 - half, x1 - half, y1 + half)
            for x, y in ((x0, y0), (x1, y1)):
                self._bar(x - half, y - half, x + half, y + half)
        else:
            self._mitred(x0, y0, x1, y1, half)

    def _mitred(self, x0: float, y0: float, x1: float, y1: float, half: float) -> None:
        """A line as a filled shape with slanting ends, as office suites join borders."""
        height = self.style.height
        if x0 == x1:
            corners = [(x0 - half, y0 - half), (x0 + half, y0 + half), (x0 + half, y1 - half), (x0 - half, y1 + half)]
        else:
            corners = [(x0 - half, y0 - half), (x0 + half, y0 + half), (x1 - half, y0 + half), (x1 + half, y0 - half)]
        path = self._canvas.beginPath()
        path.moveTo(corners[0][0], height - corners[0][1])
        for x, y in corners[1:]:
            path.lineTo(x, height - y)
        path.close()
        self._canvas.drawPath(path, stroke=0, fill=1)

    def _bar(self, x0: float, top: float, x1: float, bottom: float) -> None:
        self._canvas.rect(x0, self.style.height - bottom, x1 - x0, bottom - top, stroke=0, fill=1)

    def _fill(self, x0: float, top: float, x1: float, bottom: float, grey: float) -> None:
        self._canvas.setFillGray(grey)
        self._bar(x0, top, x1, bottom)

    def _stroke(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self._canvas.line(x0, self.style.height - y0, x1, self.style.height - y1)

    def _text(self, x: float, baseline: float, text: str, size: float) -> None:
        style = self.style
        self._canvas.setFillGray(0)
        for font, run in _runs(text, style):
            fonts.check(font, run)
            self._canvas.setFont(font, size)
            self._canvas.drawString(x, style.height - baseline, run, charSpace=style.spacing)
            x += stringWidth(run, font, size) + style.spacing * len(run)


@dataclass(frozen=True, slots=True)
class _Bands:
    """A table's rows, a broken one twice, with the runs of them that stand on one page.

    Args:
        rows: the row of each band.
        heights: the height of each band.
        fragments: first and last band (exclusive) on a page, and whether the heading rows are repeated there.
    """

    rows: tuple[int, ...]
    heights: tuple[float, ...]
    fragments: tuple[tuple[int, int, bool], ...]

    def first(self, spot: Spot) -> int:
        """The first band that the spot covers."""
        return self.rows.index(spot.row)

    def last(self, spot: Spot) -> int:
        """The band after the last that the spot covers."""
        return len(self.rows) - tuple(reversed(self.rows)).index(spot.row + spot.row_span - 1)

    def pieces(self, spot: Spot) -> list[float]:
        """The heights of the spot on each page it stands on."""
        first, last = self.first(spot), self.last(spot)
        runs = [(max(first, start), min(last, end)) for start, end, _ in self.fragments]
        return [sum(self.heights[start:end]) for start, end in runs if start < end]


def _share(spot: Spot, lines: Sequence[str], heights: Sequence[float], at: int, style: _Style) -> Sequence[str]:
    """The lines of a cell that stand on the piece `at` of the pages it is broken over."""
    if len(heights) == 1:
        return lines
    manner = style.split_figure if spot.kind == "figure" else style.share
    chosen = len(heights) - 1 if manner == "last" else 0
    if manner == "split" or len(lines) * style.cell * 1.2 > heights[chosen]:
        room = [int(height / (style.cell * 1.2)) for height in heights]
        first = [sum(room[:piece]) for piece in range(len(room))]
        last = len(lines) if at == len(room) - 1 else first[at] + room[at]
        return lines[first[at] : last]
    return lines if at == chosen else ()


def _edges(grid: Grid, style: _Style) -> list[float]:
    total, width = sum(grid.widths), style.width - 2 * style.side
    return [style.side + width * reached / total for reached in accumulate(grid.widths, initial=0.0)]


def _heights(grid: Grid, lines: dict[Spot, list[str]], style: _Style) -> list[float]:
    heights = [style.least] * grid.row_count
    for spot in sorted(grid.spots, key=lambda spot: spot.row_span):
        needed = len(lines[spot]) * style.cell * 1.2 + 2 * style.above
        rows = slice(spot.row, spot.row + spot.row_span)
        lacking = needed - sum(heights[rows])
        if lacking > 0:
            heights[rows] = [height + lacking / spot.row_span for height in heights[rows]]
    return heights


def _spot_lines(spot: Spot, columns: Sequence[float], style: _Style) -> list[str]:
    width = columns[spot.column + spot.column_span] - columns[spot.column] - 2 * style.padding
    return [line for part in spot.text.split("\n") for line in _wrapped(part, style, style.cell, width)]


def _wrapped(text: str, style: _Style, size: float, width: float) -> list[str]:
    """Lines no wider than `width` where that is possible; a closing mark hangs over if there is room for its ink."""
    text = fonts.radicals(text) if style.kangxi else text
    hanging = _CLOSING if style.padding > 0.3 * size else ""
    lines: list[str] = []
    line = ""
    for sign in text:
        if line and _width(line + sign, style, size) > width and sign not in hanging:
            if sign.isspace():
                continue  # a space hangs over, and never begins a line
            lines.append(line)
            line = ""
        line += sign
    return [*lines, line] if line else lines


def _width(text: str, style: _Style, size: float) -> float:
    return sum(stringWidth(run, font, size) + style.spacing * len(run) for font, run in _runs(text, style))


def _runs(text: str, style: _Style) -> Iterator[tuple[str, str]]:
    """The runs of one font: what is ASCII may stand in a face of its own."""
    run, last = "", style.font
    for sign in text:
        font = style.latin if sign.isascii() else style.font
        if run and font != last:
            yield last, run
            run = ""
        run, last = run + sign, font
    if run:
        yield last, run


def _joined(segments: Iterable[tuple[float, float, float]]) -> Iterator[tuple[float, float, float]]:
    """Collinear segments that touch as one."""
    open_at: tuple[float, float, float] | None = None
    for at, start, end in sorted(segments):
        if open_at is not None and open_at[0] == at and start <= open_at[2]:
            open_at = (at, open_at[1], max(open_at[2], end))
            continue
        if open_at is not None:
            yield open_at
        open_at = (at, start, end)
    if open_at is not None:
        yield open_at
