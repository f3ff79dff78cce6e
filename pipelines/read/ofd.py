"""OFD documents (版式文档, GB/T 33190-2016): text and lines as they are drawn, joined to tables as those of a PDF.

Belongs here: the package, its pages and templates, where its characters and lines lie. Does not: what follows from
lines and characters, which `pipelines.read.ruling` and `pipelines.read.pages` know.

The libraries there are read invoices: ofdkit gives runs of text without the drawn lines or the place of a character,
easyofd draws through PyMuPDF, whose licence (AGPL) this project cannot take on. The format is XML in a zip archive;
what is needed of it is here. Lengths in OFD are millimetres from the top left, y downwards; here they are points.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from pipelines.read.aligned.tables import with_aligned_tables
from pipelines.read.boxes import holds
from pipelines.read.document import Box, Document
from pipelines.read.drawn import Char, DrawnPage, drawn_char, page_content
from pipelines.read.errors import DamagedFile, LockedFile, NoTextLayer, OverLimit
from pipelines.read.media import OFD
from pipelines.read.package import Element, Package, resolved
from pipelines.read.pages import PageContent, blocks, without_running_lines
from pipelines.read.ruling import Edge, horizontal, vertical

POINTS_PER_MM = 72 / 25.4
A4 = (0.0, 0.0, 210.0, 297.0)
"""The page where a file does not say: x, y, width, height in millimetres."""
RULE_WIDTH = 3.0
"""A filled box at most this thick (points) is a drawn line; a thicker one is a background."""
STRAIGHT = 0.5
"""How far (points) a line may be from upright or level."""
MIN_CHARS_PER_PAGE = 20
"""Below this average a document has no usable text: even a title page holds more."""
MOST_PAGES = 2_000
MOST_CHARS_PER_PAGE = 100_000

_ASCENT, _DESCENT = 0.88, 0.12
"""Of a character's size, what lies above and below its baseline: those of the usual Chinese fonts."""
_DEEPEST = 32
"""Nesting of page blocks and composite objects."""
_TOKEN = re.compile(r"[A-Za-z]|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_POINTS_OF = {"M": 1, "S": 1, "L": 1, "Q": 2, "B": 3, "A": 0, "C": 0}
"""Points that a path operator takes, the last of which is where it leads; A and C are dealt with by themselves."""


class _Affine(NamedTuple):
    """x' = a·x + c·y + e, y' = b·x + d·y + f."""

    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 1.0
    e: float = 0.0
    f: float = 0.0

    def after(self, inner: "_Affine") -> "_Affine":
        """The transformation that applies `inner` first."""
        return _Affine(
            self.a * inner.a + self.c * inner.b,
            self.b * inner.a + self.d * inner.b,
            self.a * inner.c + self.c * inner.d,
            self.b * inner.c + self.d * inner.d,
            self.a * inner.e + self.c * inner.f + self.e,
            self.b * inner.e + self.d * inner.f + self.f,
        )

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Where it takes a point."""
        return self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f


@dataclass(frozen=True, slots=True)
class _Resources:
    """What objects refer to by id: graphic units that are drawn again and again, and ways of drawing."""

    units: dict[str, Element]
    ways: dict[str, Element]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What a page shows, in points."""

    chars: list[Char]
    edges: list[Edge]


def read_ofd(content: bytes, sha256: str) -> Document:
    """Read an OFD document.

    Raises:
        DamagedFile: it is no OFD package, or a part that it needs is missing or damaged.
        LockedFile: it is encrypted.
        NoTextLayer: its pages are pictures.
        OverLimit: it would unpack to more, or has more pages, than any report.
    """
    package = Package(content, "OFD document")
    root = package.tree("OFD.xml")
    if root is None:
        raise DamagedFile("OFD document: its OFD.xml is missing; fetch it again")
    if root.find("{*}Encryptions") is not None or any(
        name.lower().endswith("encryptions.xml") for name in package.names
    ):
        raise LockedFile("OFD document: it is encrypted; ask the publisher for an open copy")
    pages: list[PageContent] = []
    for body in root.iterfind("{*}DocBody"):
        location = _text(body, "DocRoot")
        if location is not None:
            pages += _pages(package, resolved("OFD.xml", location), len(pages))
    if not pages:
        raise DamagedFile("OFD document: it has no pages; fetch it again")
    _check_text(pages)
    info = root.find("{*}DocBody/{*}DocInfo")
    return Document(
        sha256=sha256,
        media_type=OFD,
        reading="text",
        page_count=len(pages),
        producer=_text(info, "Creator"),
        title=_text(info, "Title"),
        facts=(),
        blocks=tuple(blocks(with_aligned_tables(without_running_lines(pages)))),
    )


def _check_text(pages: Sequence[PageContent]) -> None:
    length = sum(len(line.text) for page in pages for line in page.lines) + sum(
        len(cell.text) for page in pages for grid in page.grids for cell in grid.cells
    )
    if length < MIN_CHARS_PER_PAGE * len(pages):
        raise NoTextLayer(
            f"OFD document: {len(pages)} pages hold {length} characters of text: the pages are pictures. Print it to"
            " PDF from an OFD reader and archive that file: it is then read by optical character recognition"
        )


def _text(element: Element | None, name: str) -> str | None:
    if element is None:
        return None
    return (element.findtext(f"{{*}}{name}") or "").strip() or None


# --- the package -------------------------------------------------------------------------------------------------


def _pages(package: Package, document_part: str, before: int) -> list[PageContent]:
    """The pages of one document of the package, numbered on from `before`."""
    document = package.tree(document_part)
    if document is None:
        raise DamagedFile(f"OFD document: its part {document_part} is missing; fetch it again")
    common = document.find("{*}CommonData")
    area = _box(_text(common.find("{*}PageArea"), "PhysicalBox")) if common is not None else None
    templates: dict[str, Element] = {}
    shared: list[Element] = []
    for entry in common if common is not None else ():
        name = _local(entry)
        if name == "TemplatePage":
            template = package.tree(resolved(document_part, entry.get("BaseLoc") or ""))
            if template is not None:
                templates[entry.get("ID") or ""] = template
        elif name in {"PublicRes", "DocumentRes"}:
            resource = package.tree(resolved(document_part, (entry.text or "").strip()))
            if resource is not None:
                shared.append(resource)
    entries = document.findall("{*}Pages/{*}Page")
    if before + len(entries) > MOST_PAGES:
        raise OverLimit(f"OFD document: it has more than {MOST_PAGES:,} pages; look whether it is a report")
    pages = []
    for number, entry in enumerate(entries, before + 1):
        part = resolved(document_part, entry.get("BaseLoc") or "")
        page = package.tree(part)
        if page is None:
            raise DamagedFile(f"OFD document: page {number} ({part}) is missing; fetch it again")
        of_page = [
            resource
            for reference in page.iterfind("{*}PageRes")
            if (resource := package.tree(resolved(part, (reference.text or "").strip()))) is not None
        ]
        pages.append(_page(number, page, templates, _resources(shared + of_page), area or A4))
    return pages


def _resources(parts: Iterable[Element]) -> _Resources:
    units: dict[str, Element] = {}
    ways: dict[str, Element] = {}
    for part in parts:
        for unit in part.iterfind("{*}CompositeGraphicUnits/{*}CompositeGraphicUnit"):
            units[unit.get("ID") or ""] = unit
        for way in part.iterfind("{*}DrawParams/{*}DrawParam"):
            ways[way.get("ID") or ""] = way
    return _Resources(units, ways)


def _page(
    number: int,
    page: Element,
    templates: dict[str, Element],
    resources: _Resources,
    area: tuple[float, float, float, float],
) -> PageContent:
    left, top, width, height = _box(_text(page.find("{*}Area"), "PhysicalBox")) or area
    to_points = _Affine(POINTS_PER_MM, 0.0, 0.0, POINTS_PER_MM, -left * POINTS_PER_MM, -top * POINTS_PER_MM)
    drawn = _Drawn([], [])
    used = [templates.get(reference.get("TemplateID") or "") for reference in page.iterfind("{*}Template")]
    for shown in (*used, page):
        if shown is None:
            continue
        for layer in shown.iterfind("{*}Content/{*}Layer"):
            _draw(layer, to_points, resources, (layer,), drawn, 0)
    if len(drawn.chars) > MOST_CHARS_PER_PAGE:
        raise OverLimit(f"OFD document: page {number} has {len(drawn.chars):,} characters; look whether it is a report")
    sheet = Box(0.0, 0.0, width * POINTS_PER_MM, height * POINTS_PER_MM)
    chars = [char for char in drawn.chars if _is_on(sheet, char)]  # what lies beside the sheet is not printed
    edges = [edge for edge in drawn.edges if math.isfinite(edge["x0"] + edge["x1"] + edge["top"] + edge["bottom"])]
    return page_content(DrawnPage(number, sheet.bottom, _once(chars), edges))


def _is_on(sheet: Box, char: Char) -> bool:
    """Whether the middle of a character is on the sheet."""
    return holds(sheet, ((char.x0 + char.x1) / 2, (char.top + char.bottom) / 2))


def _once(chars: list[Char]) -> list[Char]:
    """The characters without those drawn a second time on the same spot, which makes them bold."""
    seen: set[tuple[str, int, int]] = set()
    kept = []
    for char in chars:
        spot = (char.text, round(char.x0), round(char.top))
        if spot not in seen:
            seen.add(spot)
            kept.append(char)
    return kept


# --- what is drawn -----------------------------------------------------------------------------------------------


def _draw(
    container: Element,
    transform: _Affine,
    resources: _Resources,
    around: tuple[Element, ...],
    drawn: _Drawn,
    depth: int,
) -> None:
    """Add what the objects of a layer or block draw to `drawn`; `around` are the elements that give a way to draw."""
    for item in container.iterchildren("*"):
        name = _local(item)
        if item.get("Visible") == "false":
            continue
        if name == "TextObject":
            drawn.chars.extend(_chars(item, transform.after(_own(item))))
        elif name == "PathObject":
            drawn.edges.extend(_edges(item, transform.after(_own(item)), resources, (item, *around)))
        elif depth >= _DEEPEST:
            raise DamagedFile(f"OFD document: objects are nested more than {_DEEPEST} deep; print it to PDF instead")
        elif name == "PageBlock":
            _draw(item, transform, resources, around, drawn, depth + 1)
        elif name == "CompositeObject":
            unit = resources.units.get(item.get("ResourceID") or "")
            content = unit.find("{*}Content") if unit is not None else None
            if content is not None:
                inner = transform.after(_own(item))
                _draw(content, inner, resources, (item, *around), drawn, depth + 1)


def _own(item: Element) -> _Affine:
    """From the object's space to that around it: its matrix, then to the upper left of its boundary."""
    boundary = _box(item.get("Boundary")) or (0.0, 0.0, 0.0, 0.0)
    matrix = _numbers(item.get("CTM"))
    own = _Affine(*matrix[:6]) if len(matrix) >= 6 else _Affine()
    return own._replace(e=own.e + boundary[0], f=own.f + boundary[1])


def _chars(item: Element, transform: _Affine) -> Iterator[Char]:
    """The characters of a text object, each with its box."""
    size = _number(item.get("Size")) or 0.0
    stretch = _number(item.get("HScale")) or 1.0
    scale = math.sqrt(abs(transform.a * transform.d - transform.b * transform.c)) or 1.0
    x = y = 0.0
    for code in item.iterfind("{*}TextCode"):
        text = code.text or ""
        x = _or(_number(code.get("X")), x)  # left out, it stays that of the code before
        y = _or(_number(code.get("Y")), y)
        steps_x = _steps(code.get("DeltaX"), len(text))
        steps_y = _steps(code.get("DeltaY"), len(text))
        at_x, at_y = x, y
        for index, sign in enumerate(text):
            width = size * stretch * (1.0 if unicodedata.east_asian_width(sign) in "WFA" else 0.5)
            if unicodedata.category(sign) != "Cc":
                yield _char(sign, at_x, at_y, width, size, scale, transform)
            if index < len(steps_x):
                at_x += steps_x[index]
            elif not steps_y:
                at_x += width
            if index < len(steps_y):
                at_y += steps_y[index]


def _char(sign: str, x: float, y: float, width: float, size: float, scale: float, transform: _Affine) -> Char:
    corners = [
        transform.point(at_x, at_y) for at_x in (x, x + width) for at_y in (y - size * _ASCENT, y + size * _DESCENT)
    ]
    x0, x1 = min(at[0] for at in corners), max(at[0] for at in corners)
    top, bottom = min(at[1] for at in corners), max(at[1] for at in corners)
    baseline = transform.point(x, y)
    matrix = (transform.a, -transform.b, -transform.c, transform.d, baseline[0], -baseline[1])
    return drawn_char(sign, Box(x0, top, x1, bottom), size * scale, matrix)


def _steps(text: str | None, most: int) -> list[float]:
    """Distances between characters, `g 3 4.2` written out as three times 4.2 (GB/T 33190, 11.3); `most` at most."""
    tokens = (text or "").split()
    steps: list[float] = []
    at = 0
    while at < len(tokens) and len(steps) < most:
        if tokens[at] == "g" and at + 2 < len(tokens):
            count, step = _number(tokens[at + 1]), _number(tokens[at + 2])
            steps += [step or 0.0] * min(int(max(count or 0, 0)), most - len(steps))
            at += 3
            continue
        steps.append(_number(tokens[at]) or 0.0)
        at += 1
    return steps


def _edges(item: Element, transform: _Affine, resources: _Resources, ways: tuple[Element, ...]) -> Iterator[Edge]:
    """The lines that a path rules with: level and upright strokes, and thin fills."""
    outlines = _outlines(_text(item, "AbbreviatedData") or "", transform)
    if item.get("Stroke") != "false" and not _is_white(_colour("StrokeColor", ways, resources)):
        for outline in outlines:
            for (x0, y0), (x1, y1) in pairwise(outline):
                if abs(y1 - y0) <= STRAIGHT < abs(x1 - x0):
                    yield horizontal((y0 + y1) / 2, min(x0, x1), max(x0, x1))
                elif abs(x1 - x0) <= STRAIGHT < abs(y1 - y0):
                    yield vertical((x0 + x1) / 2, min(y0, y1), max(y0, y1))
    elif item.get("Fill") == "true":
        colour = _colour("FillColor", ways, resources)
        if colour is None or _is_white(colour):
            return
        for outline in outlines:
            xs, ys = [x for x, _ in outline], [y for _, y in outline]
            width, height = max(xs) - min(xs), max(ys) - min(ys)
            if min(width, height) > RULE_WIDTH:
                continue
            if width < height:
                yield vertical((min(xs) + max(xs)) / 2, min(ys), max(ys))
            else:
                yield horizontal((min(ys) + max(ys)) / 2, min(xs), max(xs))


def _outlines(data: str, transform: _Affine) -> list[list[tuple[float, float]]]:
    """The corners of each part of a path, in points; of a curve, only its end."""
    outlines: list[list[tuple[float, float]]] = []
    tokens = _TOKEN.findall(data)
    at = 0
    while at < len(tokens):
        operator = tokens[at].upper()
        at += 1
        values = []
        while at < len(tokens) and not tokens[at].isalpha():
            values.append(float(tokens[at]))
            at += 1
        if operator == "C":
            if outlines and len(outlines[-1]) > 1:
                outlines[-1].append(outlines[-1][0])
            continue
        size = 7 if operator == "A" else 2 * _POINTS_OF.get(operator, 1)
        for start in range(0, len(values) - size + 1, size):
            end = transform.point(*values[start + size - 2 : start + size])
            if operator in {"M", "S"} or not outlines:
                outlines.append([end])
            elif operator in {"Q", "B", "A"}:
                outlines.append([end])  # a curve rules nothing: what follows begins anew
            else:
                outlines[-1].append(end)
    return outlines


def _colour(name: str, ways: tuple[Element, ...], resources: _Resources) -> list[float] | None:
    """The colour of a stroke or fill by the nearest element that states one, itself or by its way of drawing."""
    for element in ways:
        way: Element | None = element
        for _ in range(_DEEPEST):
            if way is None:
                break
            stated = way.find(f"{{*}}{name}")
            if stated is not None:
                if stated.get("Alpha") == "0":
                    return [255.0, 255.0, 255.0]
                return _numbers(stated.get("Value")) or [0.0, 0.0, 0.0]
            way = resources.ways.get(way.get("DrawParam") or way.get("Relative") or "")
    return None


def _is_white(colour: list[float] | None) -> bool:
    """Whether a colour is white in grey, RGB (255) or CMYK (0); where none is stated a stroke is black."""
    if not colour:
        return False
    if len(colour) == 4:
        return all(value <= 2 for value in colour)
    return all(value >= 252 for value in colour)


# --- values ------------------------------------------------------------------------------------------------------


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _numbers(text: str | None) -> list[float]:
    values = [_number(token) for token in (text or "").split()]
    return [value for value in values if value is not None]


def _box(text: str | None) -> tuple[float, float, float, float] | None:
    values = _numbers(text)
    return (values[0], values[1], values[2], values[3]) if len(values) >= 4 else None


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value
