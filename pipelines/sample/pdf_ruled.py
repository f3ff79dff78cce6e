"""Reports as ruled PDFs in the manner of an office suite, drawn with reportlab.

What is typical of them, and wanted here: a white rectangle behind every line of prose, tables ruled cell by
cell, page numbers below, and tables that break wherever the page ends: between a heading row and its rows, or
inside a merged cell, whose text then stands on both pages.
"""

import io
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from pipelines.sample.fonts import SANS_BOLD, SERIF, cut
from pipelines.sample.layout import Grid, Printed, disclosure_grids, requests_grid, reviews_grid, stacked
from pipelines.sample.report import Report
from pipelines.sample.web import NOTICE

_WIDTH, _HEIGHT = A4
_LEFT, _RIGHT = 74.0, _WIDTH - 74.0
_TOP, _BOTTOM = _HEIGHT - 74.0, 80.0
_CLOSING = "，。；：、）》”"
Share = Callable[[Sequence[str], Sequence[float]], Sequence[Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Manner:
    """How a ruled PDF looks and where its tables break.

    Args:
        page_number: the text below a page, from its number.
        prose, cell: size of prose and of the text in cells, in points.
        leading: distance of two lines of prose, in points.
        row: least height of a row of chapter 2 and of the other tables, in points.
        title: fill of the rows that name an item of article 20, as red, green, blue from 0 to 1.
        breaks: (table, row) before which a new page begins, rows counted from 0.
        share: how the lines of a merged cell are shared out over the pages it stands on, by its heights there.
    """

    page_number: Callable[[int], str]
    prose: float
    cell: float
    leading: float
    row: tuple[float, float]
    title: tuple[float, float, float]
    breaks: frozenset[tuple[str, int]]
    share: Share


def on_first_page(lines: Sequence[str], heights: Sequence[float]) -> Sequence[Sequence[str]]:
    """A merged cell's text stands whole where it begins."""
    return [lines, *([] for _ in heights[1:])]


def on_both_pages(lines: Sequence[str], heights: Sequence[float]) -> Sequence[Sequence[str]]:
    """A merged cell's text runs on from one page to the next."""
    shares, start, reached = [], 0, 0.0
    for height in heights:
        reached += height
        end = round(len(lines) * reached / sum(heights))
        shares.append(lines[start:end])
        start = end
    return shares


WPS = Manner(
    page_number=lambda number: f"- {number} -",
    prose=16,
    cell=9.5,
    leading=28,
    row=(36, 17.5),
    title=(0.77, 0.85, 0.94),
    breaks=frozenset({("disclosures", 8), ("requests", 17)}),
    share=on_first_page,
)
OFFICE = Manner(
    page_number=lambda number: f"— {number} —",
    prose=14,
    cell=9.5,
    leading=25,
    row=(23, 18),
    title=(1, 1, 1),
    breaks=frozenset({("disclosures", 5), ("requests", 16)}),
    share=on_both_pages,
)


def ruled(report: Report, manner: Manner) -> bytes:
    """The report as a ruled PDF; raises MissingFont."""
    tables = {
        "disclosures": (stacked(disclosure_grids(report)), manner.row[0]),
        "requests": (requests_grid(report), manner.row[1]),
        "reviews": (reviews_grid(report), manner.row[1]),
    }
    with tempfile.TemporaryDirectory() as folder:
        fonts = _register(report, [grid for grid, _ in tables.values()], Path(folder))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1, pageCompression=1)
    canvas.setTitle(report.title)
    canvas.setSubject(NOTICE)
    canvas.setCreator("gongkai sample")
    sheet = _Sheet(canvas, manner, fonts)
    sheet.title(report)
    for chapter in report.chapters:
        if chapter.heading:
            sheet.prose(chapter.heading, fonts.bold)
        for paragraph in chapter.paragraphs:
            sheet.prose(paragraph, fonts.text)
        if chapter.table:
            sheet.table(chapter.table, *tables[chapter.table])
    sheet.end()
    canvas.save()
    return buffer.getvalue()


@dataclass(frozen=True, slots=True)
class _Fonts:
    """The names under which a report's two faces are registered."""

    text: str
    bold: str

    def of(self, cell: Printed) -> str:
        return self.bold if cell.kind == "head" else self.text


class _Sheet:
    """The page being drawn and how far down it is filled."""

    def __init__(self, canvas: Canvas, manner: Manner, fonts: _Fonts) -> None:
        self.canvas = canvas
        self.manner = manner
        self.fonts = fonts
        self.y = _TOP

    def title(self, report: Report) -> None:
        """The title over two lines, the publisher's name above."""
        first = report.publisher if report.title.startswith(report.publisher) else ""
        for line in filter(None, [first, report.title.removeprefix(first)]):
            self.canvas.setFont(self.fonts.text, 20)
            self.canvas.drawCentredString(_WIDTH / 2, self.y - 22, line)
            self.y -= 34
        self.y -= 20

    def prose(self, text: str, font: str) -> None:
        """A paragraph, each of its lines on a white rectangle."""
        leading, size = self.manner.leading, self.manner.prose
        for line in _wrapped("　　" + text, font, size, _RIGHT - _LEFT):
            if self.y - leading < _BOTTOM:
                self.next_page()
            self.canvas.setFillGray(1)
            self.canvas.rect(_LEFT, self.y - leading, _RIGHT - _LEFT, leading, stroke=0, fill=1)
            self.canvas.setFillGray(0)
            self.canvas.setFont(font, size)
            self.canvas.drawString(_LEFT, self.y - (leading + size) / 2 + 2, line)
            self.y -= leading

    def table(self, name: str, grid: Grid, least: float) -> None:
        """A table, broken where the page ends or the manner says so."""
        columns = _edges(grid.widths)
        lines_of = {cell: self._lines(cell, columns) for cell in grid.cells}
        heights = _heights(grid, lines_of, self.manner.cell, least)
        shown: dict[Printed, int] = {}
        fragments = list(self._fragments(name, heights))
        for number, (start, end) in enumerate(fragments):
            if number:
                self.next_page()
            tops = [self.y - sum(heights[start:row]) for row in range(start, end + 1)]
            for cell in grid.cells:
                first, last = max(cell.row, start), min(cell.row + cell.row_span, end)
                if first >= last:
                    continue
                pieces = [
                    sum(heights[max(cell.row, a) : min(cell.row + cell.row_span, b)])
                    for a, b in fragments
                    if max(cell.row, a) < min(cell.row + cell.row_span, b)
                ]
                shares = self.manner.share(lines_of[cell], pieces)
                piece = shown.get(cell, 0)
                shown[cell] = piece + 1
                self._cell(cell, columns, tops[first - start], tops[last - start], shares[piece])
            self.y = tops[-1]
        self.y -= 8

    def next_page(self) -> None:
        self.end()
        self.y = _TOP

    def end(self) -> None:
        number = self.canvas.getPageNumber()
        self.canvas.setFillGray(0)
        self.canvas.setFont(self.fonts.text, 11)
        self.canvas.drawCentredString(_WIDTH / 2, 48, self.manner.page_number(number))
        self.canvas.showPage()

    def _lines(self, cell: Printed, columns: Sequence[float]) -> list[str]:
        width = columns[cell.column + cell.column_span] - columns[cell.column] - 5
        return [
            line
            for part in cell.text.split("\n")
            for line in _wrapped(part, self.fonts.of(cell), self.manner.cell, width)
        ]

    def _fragments(self, name: str, heights: Sequence[float]) -> Iterator[tuple[int, int]]:
        """Rows from and to which the table stands on one page."""
        start, y = 0, self.y
        for row, height in enumerate(heights):
            if row > start and (y - height < _BOTTOM or (name, row) in self.manner.breaks):
                yield start, row
                start, y = row, _TOP
            y -= height
        yield start, len(heights)

    def _cell(self, cell: Printed, columns: Sequence[float], top: float, bottom: float, lines: Sequence[str]) -> None:
        left, right = columns[cell.column], columns[cell.column + cell.column_span]
        if cell.kind == "title":
            self.canvas.setFillColorRGB(*self.manner.title)
            self.canvas.rect(left, bottom, right - left, top - bottom, stroke=0, fill=1)
        self.canvas.setLineWidth(0.5)
        self.canvas.rect(left, bottom, right - left, top - bottom, stroke=1, fill=0)
        self.canvas.setFillGray(0)
        size = self.manner.cell
        self.canvas.setFont(self.fonts.of(cell), size)
        y = (top + bottom) / 2 + len(lines) * size * 0.6 - size
        for line in lines:
            if cell.kind == "label" and cell.row_span == 1:
                self.canvas.drawString(left + 3, y, line)
            else:
                self.canvas.drawCentredString((left + right) / 2, y, line)
            y -= size * 1.2


def _register(report: Report, grids: Sequence[Grid], folder: Path) -> _Fonts:
    """Cut and register the two faces, with what the report prints and what page numbers need."""
    prose = [text for chapter in report.chapters for text in (chapter.heading, *chapter.paragraphs)]
    cells = [cell.text.replace("\n", "") for grid in grids for cell in grid.cells]
    text = "".join([report.title, *prose, *cells, "0123456789-—　 "])
    # reportlab keeps fonts by name, and their faces too, for the life of the process: one name a report.
    fonts = _Fonts(f"{report.name}-text", f"{report.name}-bold")
    registerFont(TTFont(fonts.text, cut(SERIF, text, fonts.text, folder / "text.ttf")))
    registerFont(TTFont(fonts.bold, cut(SANS_BOLD, text, fonts.bold, folder / "bold.ttf")))
    return fonts


def _edges(widths: Sequence[float]) -> list[float]:
    total = sum(widths)
    return [_LEFT + (_RIGHT - _LEFT) * sum(widths[:column]) / total for column in range(len(widths) + 1)]


def _heights(grid: Grid, lines_of: Mapping[Printed, Sequence[str]], size: float, least: float) -> list[float]:
    heights = [least] * grid.row_count
    for cell in grid.cells:
        if cell.row_span == 1:
            heights[cell.row] = max(heights[cell.row], len(lines_of[cell]) * size * 1.2 + 5)
    return heights


def _wrapped(text: str, font: str, size: float, width: float) -> list[str]:
    """Lines no wider than `width`, save for a closing mark that may not begin a line."""
    lines, line = [], ""
    for character in text:
        if line and stringWidth(line + character, font, size) > width and character not in _CLOSING:
            lines.append(line)
            line = ""
        line += character
    return [*lines, line]
