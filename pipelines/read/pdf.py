"""PDFs with a text layer, by pdfplumber: paragraphs and ruled tables, every cell with its page and box.

Belongs here: which drawn lines rule a table, where text lies, which pages a table spans. Does not: what a table
means. pdfplumber finds the tables; it is given the lines that really rule them, because what it takes by itself
includes the background rectangles that WPS draws behind text.
"""

import io
import logging
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pdfplumber
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfminer.psexceptions import PSException
from pdfplumber.page import Page
from pdfplumber.table import Table as FoundTable
from pdfplumber.table import merge_edges
from pdfplumber.utils.text import extract_text
from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException

from pipelines.read.document import Block, Box, Cell, Document, Paragraph, Place, Table
from pipelines.read.errors import DamagedFile, NoTextLayer

# Fonts without a bounding box are common and harmless; pdfminer warns once per character.
logging.getLogger("pdfminer").setLevel(logging.ERROR)

RULE_WIDTH = 3.0
"""A filled rectangle at most this thick (points) is a drawn line; a thicker one is a background."""
SNAP = 3.0
"""Lines and edges closer than this (points) are one, as in pdfplumber's own settings."""
MIN_CHARS_PER_PAGE = 20
"""Below this average a PDF has no usable text layer: even a title page holds more."""
MAX_UNDECODED = 0.2
"""Above this share of undecodable characters, text is not what the page shows."""

_UNDECODED = re.compile(r"[\x00-\x08\x0e-\x1f\ufffd\ue000-\uf8ff]")
_CID = re.compile(r"\(cid:\d+\)")
_PAGE_NUMBER = re.compile(r"^[\s\-—–―_·.]*(第\s*)?\d{1,4}\s*页?([\s/／,，]*共?\s*\d{1,4}\s*页?)?[\s\-—–―_·.]*$")
_BETWEEN_IDEOGRAPHS = re.compile(r"(?<=[^\x00-\x7f]) +(?=[^\x00-\x7f])")
_STARTS_PARAGRAPH = re.compile(r"^\s*([一二三四五六七八九十⼀⼆⼋⼗]{1,3}、|[（(][一二三四五六七八九十⼀⼆⼋⼗]{1,3}[)）])")

Obj = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of text outside tables."""

    text: str
    box: Box
    size: float


@dataclass(frozen=True, slots=True)
class _Grid:
    """A table on one page: cell boxes with their text."""

    cells: tuple[tuple[Box, str], ...]

    @property
    def box(self) -> Box:
        boxes = [box for box, _ in self.cells]
        return Box(
            min(box.x0 for box in boxes),
            min(box.top for box in boxes),
            max(box.x1 for box in boxes),
            max(box.bottom for box in boxes),
        )


@dataclass(frozen=True, slots=True)
class _PageContent:
    """What one page holds: lines of text and grids."""

    number: int
    height: float
    lines: tuple[_Line, ...]
    grids: tuple[_Grid, ...]


def read_pdf(content: bytes, sha256: str) -> Document:
    """Read a PDF with a text layer.

    Raises:
        DamagedFile: the bytes cannot be parsed as a PDF, or are locked by a password.
        NoTextLayer: the pages hold images, or text that cannot be decoded.
    """
    try:
        with pdfplumber.open(io.BytesIO(content)) as pdf:
            metadata = pdf.metadata
            pages = [_read_page(page) for page in pdf.pages]
    except PDFPasswordIncorrect as error:
        raise DamagedFile("the PDF is locked by a password: ask the publisher for an open copy") from error
    except (MalformedPDFException, PdfminerException, PSException, ValueError, KeyError, TypeError) as error:
        raise DamagedFile(
            f"the bytes start as a PDF but cannot be parsed ({type(error).__name__}: {error}); fetch it again"
        ) from error
    if not pages:
        raise DamagedFile("the PDF has no pages; fetch it again")
    _check_text_layer(pages)
    return Document(
        sha256=sha256,
        media_type="application/pdf",
        reading="text",
        page_count=len(pages),
        producer=_text_of(metadata.get("Producer")) or _text_of(metadata.get("Creator")),
        title=_text_of(metadata.get("Title")),
        facts=(),
        blocks=tuple(_blocks(_without_running_lines(pages))),
    )


def _text_of(value: object) -> str | None:
    """A document information entry as text; editors write UTF-16 that pdfminer leaves undecoded."""
    if not isinstance(value, str) or not value.strip():
        return None
    if value.startswith("ÿþ"):
        return None
    return value.strip()


def _check_text_layer(pages: Sequence[_PageContent]) -> None:
    text = "".join(
        [line.text for page in pages for line in page.lines]
        + [text for page in pages for grid in page.grids for _, text in grid.cells]
    )
    if len(text) < MIN_CHARS_PER_PAGE * len(pages):
        raise NoTextLayer(
            f"{len(pages)} pages hold {len(text)} characters of text: the pages are images (a scan). "
            "Reading it takes optical character recognition, which this version does not have"
        )
    undecoded = len(_UNDECODED.findall(text)) + sum(len(cid) for cid in _CID.findall(text))
    if undecoded > MAX_UNDECODED * len(text):
        raise NoTextLayer(
            f"{undecoded} of {len(text)} characters cannot be decoded: the fonts carry no Unicode map. "
            "Reading it takes optical character recognition, which this version does not have"
        )


# --- one page ---------------------------------------------------------------------------------------------------


def _read_page(page: Page) -> _PageContent:
    grids = [_grid(table) for table in _find_tables(page)]
    tables = [grid for grid in grids if not _is_frame(grid)]
    boxes = [grid.box for grid in tables]
    outside = page.filter(lambda obj: not any(_holds(box, obj) for box in boxes))
    found = outside.extract_text_lines(return_chars=True, x_tolerance=3, y_tolerance=3)
    lines = tuple(
        _Line(
            line["text"].strip(),
            Box(line["x0"], line["top"], line["x1"], line["bottom"]),
            max(char["size"] for char in line["chars"]),
        )
        for line in found
        if line["text"].strip()
    )
    content = _PageContent(page.page_number, float(page.height), lines, tuple(tables))
    page.close()  # pdfplumber keeps every parsed page otherwise
    return content


def _holds(box: Box, obj: Obj) -> bool:
    """Whether the middle of `obj` lies in `box`."""
    x, y = (obj["x0"] + obj["x1"]) / 2, (obj["top"] + obj["bottom"]) / 2
    return bool(box.x0 <= x <= box.x1 and box.top <= y <= box.bottom)


def _find_tables(page: Page) -> list[FoundTable]:
    edges = merge_edges(_ruling_edges(page), SNAP, SNAP, SNAP, SNAP)
    vertical = [edge for edge in edges if edge["orientation"] == "v"]
    horizontal = [edge for edge in edges if edge["orientation"] == "h"]
    if len(vertical) < 2 or len(horizontal) < 2:
        return []
    horizontal += [_horizontal(*ends) for ends in _open_ends(vertical, horizontal, "top", "x0", "x1")]
    vertical += [_vertical(*ends) for ends in _open_ends(horizontal, vertical, "x0", "top", "bottom")]
    settings = {
        "vertical_strategy": "explicit",
        "horizontal_strategy": "explicit",
        "explicit_vertical_lines": vertical,
        "explicit_horizontal_lines": horizontal,
        "snap_tolerance": SNAP,
        "join_tolerance": SNAP,
        "intersection_tolerance": SNAP,
    }
    return sorted(page.find_tables(settings), key=lambda table: (table.bbox[1], table.bbox[0]))


def _ruling_edges(page: Page) -> list[Obj]:
    """The edges that rule tables: strokes and thin fills that are not white."""
    edges: list[Obj] = []
    for edge in page.edges:
        source = edge.get("object_type")
        if source == "rect_edge":
            continue
        if not _is_white(edge.get("stroking_color")):
            edges.append(_edge(edge))
    for rect in page.rects:
        edges.extend(_rect_edges(rect))
    return edges


def _rect_edges(rect: Obj) -> Iterator[Obj]:
    """A thin filled rectangle is a line along its middle; a stroked one has four sides; a background has none."""
    x0, x1, top, bottom = rect["x0"], rect["x1"], rect["top"], rect["bottom"]
    if min(x1 - x0, bottom - top) <= RULE_WIDTH:
        visible = (rect.get("fill") and not _is_white(rect.get("non_stroking_color"))) or (
            rect.get("stroke") and not _is_white(rect.get("stroking_color"))
        )
        if not visible:
            return
        if x1 - x0 < bottom - top:
            yield _vertical((x0 + x1) / 2, top, bottom)
        else:
            yield _horizontal((top + bottom) / 2, x0, x1)
        return
    if rect.get("stroke") and not _is_white(rect.get("stroking_color")) and rect.get("linewidth") != 0:
        yield _horizontal(top, x0, x1)
        yield _horizontal(bottom, x0, x1)
        yield _vertical(x0, top, bottom)
        yield _vertical(x1, top, bottom)


def _is_white(color: object) -> bool:
    """Whether a colour is white in grey, RGB or CMYK; an unknown colour is not."""
    if not isinstance(color, tuple | list) or not color:
        return False
    values = [value for value in color if isinstance(value, int | float)]
    if len(values) == 4:
        return all(value <= 0.01 for value in values)
    return bool(values) and all(value >= 0.99 for value in values)


def _edge(edge: Obj) -> Obj:
    if edge["orientation"] == "v":
        return _vertical(edge["x0"], edge["top"], edge["bottom"])
    return _horizontal(edge["top"], edge["x0"], edge["x1"])


def _vertical(x: float, top: float, bottom: float) -> Obj:
    return {
        "object_type": "line",
        "orientation": "v",
        "x0": x,
        "x1": x,
        "top": top,
        "bottom": bottom,
        "width": 0.0,
        "height": bottom - top,
    }


def _horizontal(y: float, x0: float, x1: float) -> Obj:
    return {
        "object_type": "line",
        "orientation": "h",
        "x0": x0,
        "x1": x1,
        "top": y,
        "bottom": y,
        "width": x1 - x0,
        "height": 0.0,
    }


def _open_ends(
    edges: list[Obj], across: list[Obj], position: str, start: str, end: str
) -> list[tuple[float, float, float]]:
    """Lines that a table lacks where its rulings just stop: at a page break, or on a side left open.

    Returns (position, start, end) of lines perpendicular to `edges` that join ends which no line of `across`
    touches: with each other, or with a line that is drawn along only part of the side. A page break cuts a row without a rule; Word's common table style has no
    left and right border.
    """
    far = {"top": "bottom", "x0": "x1"}[position]
    found: list[tuple[float, float, float]] = []
    for side in (position, far):
        loose = [edge for edge in edges if not any(_touches(other, edge, side, position, start, end) for other in across)]
        for group in _clusters(loose, side):
            at = sum(edge[side] for edge in group) / len(group)
            partial = [other for other in across if abs(other[position] - at) <= SNAP]
            low = min(edge[start] for edge in group + partial)
            high = max(edge[end] for edge in group + partial)
            if high - low > SNAP:
                found.append((at, low, high))
    return found


def _touches(other: Obj, edge: Obj, side: str, position: str, start: str, end: str) -> bool:
    """Whether the perpendicular line `other` passes the end `side` of `edge`."""
    near = abs(other[position] - edge[side]) <= SNAP
    return bool(near and other[start] - SNAP <= edge[start] <= other[end] + SNAP)


def _clusters(edges: list[Obj], side: str) -> list[list[Obj]]:
    """Edges grouped by the coordinate `side`, within the snapping tolerance."""
    ordered = sorted(edges, key=lambda edge: edge[side])
    groups: list[list[Obj]] = []
    for edge in ordered:
        if groups and edge[side] - groups[-1][-1][side] <= SNAP:
            groups[-1].append(edge)
        else:
            groups.append([edge])
    return groups


def _grid(table: FoundTable) -> _Grid:
    chars = table.page.chars
    cells = []
    for cell in sorted(table.cells, key=lambda box: (box[1], box[0])):
        box = Box(*(float(value) for value in cell))
        inside = [char for char in chars if _holds(box, char)]
        text = extract_text(inside) if inside else ""
        cells.append((box, text.strip()))
    return _Grid(tuple(cells))


def _is_frame(grid: _Grid) -> bool:
    """Whether the grid is a frame around running text rather than a table: one column of cells."""
    return len({round(box.x0) for box, _ in grid.cells}) == 1


# --- over pages -------------------------------------------------------------------------------------------------


def _without_running_lines(pages: Sequence[_PageContent]) -> list[_PageContent]:
    """Drop page numbers and the headers and footers that repeat on most pages."""
    seen: Counter[str] = Counter()
    for page in pages:
        seen.update({_shape(line.text) for line in _marginal(page)})
    least = max(3, (len(pages) + 1) // 2)
    return [
        _PageContent(
            page.number,
            page.height,
            tuple(line for line in page.lines if not _runs(line, page, seen, least)),
            page.grids,
        )
        for page in pages
    ]


def _shape(text: str) -> str:
    """A line with its numbers folded, so that a footer is the same on every page."""
    return re.sub(r"\d+", "#", text)


def _marginal(page: _PageContent) -> list[_Line]:
    """The lines in the upper and lower tenth of the page."""
    return [line for line in page.lines if line.box.bottom < page.height * 0.1 or line.box.top > page.height * 0.9]


def _runs(line: _Line, page: _PageContent, seen: Counter[str], least: int) -> bool:
    if line not in _marginal(page):
        return False
    return bool(_PAGE_NUMBER.match(line.text)) or seen[_shape(line.text)] >= least


def _blocks(pages: Sequence[_PageContent]) -> Iterator[Block]:
    """Paragraphs and tables in reading order, both joined over page breaks."""
    items = [item for page in pages for item in _items(page)]
    left, right = _margins([item.line for item in items if isinstance(item, _LineItem)])
    number = 0
    pending: list[_LineItem] = []
    grids: list[_GridItem] = []
    for item in items:
        if isinstance(item, _LineItem):
            if grids:
                number += 1
                yield _table(grids, number)
                grids = []
            if pending and _breaks(pending[-1], item, left, right):
                yield _paragraph(pending)
                pending = []
            pending.append(item)
            continue
        if pending:
            yield _paragraph(pending)
            pending = []
        if grids and not _continues(grids[-1], item):
            number += 1
            yield _table(grids, number)
            grids = []
        grids.append(item)
    if pending:
        yield _paragraph(pending)
    if grids:
        yield _table(grids, number + 1)


@dataclass(frozen=True, slots=True)
class _LineItem:
    page: int
    line: _Line


@dataclass(frozen=True, slots=True)
class _GridItem:
    page: int
    grid: _Grid


def _items(page: _PageContent) -> list[_LineItem | _GridItem]:
    lines: list[tuple[float, _LineItem | _GridItem]] = [
        (line.box.top, _LineItem(page.number, line)) for line in page.lines
    ]
    grids: list[tuple[float, _LineItem | _GridItem]] = [
        (grid.box.top, _GridItem(page.number, grid)) for grid in page.grids
    ]
    return [item for _, item in sorted(lines + grids, key=lambda pair: pair[0])]


def _margins(lines: list[_Line]) -> tuple[float, float]:
    """Left and right margin of running text: the commonest left edge, and the right edge nine in ten keep to."""
    if not lines:
        return 0.0, 0.0
    long = [line for line in lines if len(line.text) >= 15] or lines
    lefts = Counter(round(line.box.x0 / 2) * 2 for line in long)
    rights = sorted(line.box.x1 for line in long)
    return float(lefts.most_common(1)[0][0]), rights[int(len(rights) * 0.9)]


def _breaks(before: _LineItem, after: _LineItem, left: float, right: float) -> bool:
    """Whether a new paragraph begins at the line `after`."""
    size = max(before.line.size, after.line.size)
    if _STARTS_PARAGRAPH.match(after.line.text) or abs(before.line.size - after.line.size) > 1.0:
        return True
    if after.line.box.x0 - left > 1.2 * size or before.line.box.x1 < right - 2.2 * size:
        return True
    same_page = before.page == after.page
    return same_page and after.line.box.top - before.line.box.bottom > 2.0 * size


def _paragraph(items: list[_LineItem]) -> Paragraph:
    text = _BETWEEN_IDEOGRAPHS.sub("", "".join(_joined([item.line.text for item in items])))
    first = [item.line.box for item in items if item.page == items[0].page]
    box = Box(
        min(box.x0 for box in first),
        min(box.top for box in first),
        max(box.x1 for box in first),
        max(box.bottom for box in first),
    )
    return Paragraph(re.sub(r"\s+", " ", text), Place(page=items[0].page, box=_rounded(box)))


def _joined(lines: list[str]) -> Iterator[str]:
    """Lines of a paragraph; only between two Latin words does a line end stand for a space."""
    yield lines[0]
    for before, after in pairwise(lines):
        latin = before[-1].isascii() and before[-1].isalpha() and after[0].isascii() and after[0].isalpha()
        yield f" {after}" if latin else after


def _continues(above: _GridItem, below: _GridItem) -> bool:
    """Whether `below` is the same table on the next page: nothing stands between, and they are equally wide."""
    if below.page != above.page + 1:
        return False
    width_above = above.grid.box.x1 - above.grid.box.x0
    width_below = below.grid.box.x1 - below.grid.box.x0
    return abs(width_above - width_below) <= 3 * SNAP


def _table(items: list[_GridItem], number: int) -> Table:
    """One table from its parts on successive pages; columns are aligned by their distance from the left edge."""
    columns = _edges(
        [x - item.grid.box.x0 for item in items for box, _ in item.grid.cells for x in (box.x0, box.x1)]
    )
    cells: list[Cell] = []
    breaks: list[int] = []
    offset = 0
    for item in items:
        rows = _edges([y for box, _ in item.grid.cells for y in (box.top, box.bottom)])
        if offset:
            breaks.append(offset)
        for box, text in item.grid.cells:
            row, row_end = _index(rows, box.top), _index(rows, box.bottom)
            column = _index(columns, box.x0 - item.grid.box.x0)
            column_end = _index(columns, box.x1 - item.grid.box.x0)
            cells.append(
                Cell(
                    row=offset + row,
                    column=column,
                    row_span=max(1, row_end - row),
                    column_span=max(1, column_end - column),
                    text=text,
                    place=Place(page=item.page, box=_rounded(box)),
                )
            )
        offset += len(rows) - 1
    return Table(number, tuple(sorted(cells, key=lambda cell: (cell.row, cell.column))), tuple(breaks))


def _edges(values: list[float]) -> list[float]:
    """Coordinates with those closer than the tolerance folded into one."""
    edges: list[float] = []
    for value in sorted(values):
        if not edges or value - edges[-1] > SNAP:
            edges.append(value)
    return edges


def _index(edges: list[float], value: float) -> int:
    """The edge nearest to `value`."""
    return min(range(len(edges)), key=lambda index: abs(edges[index] - value))


def _rounded(box: Box) -> Box:
    """Boxes are kept to a thousandth of a point: enough to point, and the same on every platform."""
    return Box(*(round(value, 3) for value in box))
