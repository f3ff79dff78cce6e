"""Web pages, by lxml: paragraphs and tables in reading order, each cell with its spans and element path.

Belongs here: from bytes to a document, with its metadata and places. Does not: the steps between, which the other
modules of this package are, or what a table or a paragraph means.

The tree is parsed once and never changed, so that every `Place.path` resolves in it. One walk turns it into
lines and grids; a table is resolved when it closes, so an inner table is known before the table around it.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from lxml import etree

from pipelines.read.document import Block, Cell, Document, Paragraph, Place, Table
from pipelines.read.encoding import decode
from pipelines.read.errors import DamagedFile, EmptyPage
from pipelines.read.html.content import document_items
from pipelines.read.html.items import Element, Fact, Grid, Item, Line, Picture, fold
from pipelines.read.html.pictures import embedded
from pipelines.read.html.walk import Scan
from pipelines.read.media import HTML
from pipelines.read.memory import uncollected
from pipelines.read.ocr import read_pictures

_PLAIN_NAME = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
_DRAWS = ("img", "svg", "canvas", "object", "embed", "select", "script")
_WRITES = re.compile(r"document\s*\.\s*write")
_SPACER = frozenset(("0", "1", "2"))
"""Sides (in pixels) of a picture that shows nothing and holds a place."""
_OBJECT = "\ufffc"
"""Unicode's sign for what is no text."""
_TECHNICAL_META_WORDS = """
    apple-mobile-web-app-capable apple-mobile-web-app-status-bar-style changed created csrf-param csrf-token
    format-detection generator originator progid referrer renderer robots theme-color viewport
"""
_TECHNICAL_META = frozenset(_TECHNICAL_META_WORDS.split())


@uncollected()
def read_html(content: bytes, sha256: str) -> Document:
    """Read a web page.

    Pictures in its text, which are in the page itself as `data:` addresses, are read where no table of figures is
    printed as text.

    Args:
        content: the page as sent, of any encoding.
        sha256: hash of `content`.

    Raises:
        EmptyPage: its markup prints nothing.
        DamagedFile: its elements are nested too deeply to be parsed.
        NeedsRecognition: its tables may be in pictures, and the extra `ocr` is not installed.
    """
    root = parse_page(content)
    items = _document_items(root, lambda image: embedded(image) is not None)
    if not items:
        raise EmptyPage(_why_empty(root, content))
    if any(isinstance(item, Grid) and item.figures for item in items):
        items = [item for item in items if not isinstance(item, Picture)]
    title = _title(root)
    metas = list(_meta_facts(root))
    facts = [*metas, *(item for item in items if isinstance(item, Fact))]
    return Document(
        sha256=sha256,
        media_type=HTML,
        reading="ocr" if any(isinstance(item, Picture) for item in items) else "html",
        page_count=None,
        producer=_producer(root),
        title=title,
        facts=tuple(dict.fromkeys((fact.name, fact.value) for fact in facts)),
        blocks=tuple(_blocks(items, _Paths())),
    )


def content_pictures(root: Element, shows: Callable[[Element], bool]) -> list[Element]:
    """The `img` elements of a page's document, in reading order; those of the site around it are left out.

    Args:
        root: the page as `parse_page` gives it.
        shows: whether an `img` may show a part of the document.
    """
    return [item.element for item in _document_items(root, shows) if isinstance(item, Picture)]


def _document_items(root: Element, shows: Callable[[Element], bool]) -> list[Item]:
    """What the document in a page prints; nothing where the page prints nothing."""
    scan = Scan(shows)
    scan.walk(root)
    if not scan.items:
        return []
    titles = [
        _title(root) or "",
        *(fact.value for fact in _meta_facts(root) if fact.name.lower() == "articletitle"),
    ]
    return document_items(scan.items, scan.areas, titles)


def _title(root: Element) -> str | None:
    return fold(root.findtext(".//title") or "") or None


def parse_page(content: bytes) -> Element:
    """The element tree of a page, its root `html`: the tree in which a `Place.path` is an XPath.

    Raises:
        EmptyPage: there is no element in it.
        DamagedFile: its elements are nested too deeply to be parsed.
    """
    text = decode(content).encode("utf-8", "replace")
    # The parser drops what lies deeper than 256 elements. A page pasted from Word can have so many font
    # elements that are never closed; only for such a page the parser's limits are lifted.
    for huge in (False, True):
        parser = etree.HTMLParser(
            encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=huge
        )
        try:
            root = etree.fromstring(text, parser)
        except etree.ParserError:
            root = None
        if not any(entry.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for entry in parser.error_log):
            break
    else:
        raise DamagedFile(
            "web page: elements are nested more than 2,048 deep, so its end cannot be read; found after"
            f" {len(content):,} bytes of markup. Open it in a browser, save it again and archive that file."
        )
    if root is None:
        raise EmptyPage(
            f"web page: no element in {len(content):,} bytes. Fetch it again; if it stays empty, look for the"
            " report's new address."
        )
    return root


def _why_empty(root: Element, content: bytes) -> str:
    scripts = len(root.findall(".//script"))
    frames = [str(frame.get("src")) for frame in root.iter("iframe", "frame") if frame.get("src")]
    refreshes = [meta for meta in root.iter("meta") if (meta.get("http-equiv") or "").lower() == "refresh"]
    found = f"web page: no printed text in {len(content):,} bytes of markup"
    if refreshes:
        target = refreshes[0].get("content")
        return f"{found}: it redirects ({target}). Set the source's address to where it leads."
    if frames:
        return f"{found}: its text is in a frame. Set the source's address to the frame's ({frames[0]})."
    if scripts:
        return (
            f"{found}: {scripts} scripts build it in the browser. Fetch what the scripts load, or the page as"
            " a browser renders it."
        )
    return f"{found}. Fetch it again; if it stays empty, look for the report's new address."


def _meta_facts(root: Element) -> Iterator[Fact]:
    for meta in root.iter("meta"):
        name = (meta.get("name") or meta.get("property") or "").strip()
        value = fold(meta.get("content") or "")
        if name and value and name.lower() not in _TECHNICAL_META:
            yield Fact(name, value)


def _producer(root: Element) -> str | None:
    for meta in root.iter("meta"):
        if (meta.get("name") or "").strip().lower() == "generator":
            return fold(meta.get("content") or "") or None
    return None


def _blocks(items: Iterable[Item], paths: "_Paths") -> Iterator[Block]:
    number = 0
    printed = (item for item in items if not isinstance(item, Fact))
    for kind, run in groupby(printed, type):
        if kind is Picture:
            # One after the other, pictures are the pages of one document.
            for block in _in_pictures([item for item in run if isinstance(item, Picture)], paths):
                number += isinstance(block, Table)
                yield replace(block, number=number) if isinstance(block, Table) else block
            continue
        for item in run:
            if isinstance(item, Line):
                yield Paragraph(fold(item.text), Place(path=paths.of(item.area.element)))
            elif isinstance(item, Grid):
                number += 1
                yield Table(number, tuple(_cells(item, paths)))


def _in_pictures(pictures: Sequence[Picture], paths: "_Paths") -> Iterator[Block]:
    """What pictures show: their places are the `img`, and the box in its file."""
    of_page = [paths.of(picture.element) for picture in pictures]

    def moved(place: Place) -> Place:
        return Place(path=of_page[place.page - 1] if place.page else None, box=place.box)

    for block in read_pictures([embedded(picture.element) or b"" for picture in pictures]):
        if isinstance(block, Paragraph):
            yield replace(block, place=moved(block.place))
        else:
            yield replace(block, cells=tuple(replace(cell, place=moved(cell.place)) for cell in block.cells))


def _cells(grid: Grid, paths: "_Paths") -> Iterator[Cell]:
    top = min(slot.row for slot in grid.slots)
    for slot in sorted(grid.slots, key=lambda slot: (slot.row, slot.column)):
        yield Cell(
            row=slot.row - top,
            column=slot.column,
            row_span=slot.row_span,
            column_span=slot.column_span,
            text=slot.text or _drawn(slot.element),
            place=Place(path=paths.of(slot.element)),
        )


def _drawn(cell: Element) -> str:
    """The sign for what a cell without text shows otherwise, so that nobody takes it for blank; nothing where it is."""
    for shown in cell.iter(*_DRAWS):
        if shown.tag == "script" and not _WRITES.search(shown.text or ""):
            continue
        if shown.tag == "img" and {_pixels(shown, "width"), _pixels(shown, "height")} & _SPACER:
            continue
        return _OBJECT
    return ""


def _pixels(element: Element, side: str) -> str:
    """A side of a picture as its attributes or its style say; nothing where they do not."""
    stated = re.search(rf"(?:^|[;\s]){side}\s*:\s*(\d+)(?:px)?\s*(?:;|$)", element.get("style") or "")
    return stated[1] if stated else (element.get(side) or "").removesuffix("px").strip()


class _Paths:
    """Element paths as lxml's `getpath` writes them, which counts siblings anew for every element."""

    def __init__(self) -> None:
        self._known: dict[Element, str] = {}

    def of(self, element: Element) -> str:
        unknown = []
        at: Element | None = element
        while at is not None and at not in self._known:
            unknown.append(at)
            at = at.getparent()
        for missing in reversed(unknown):
            if missing not in self._known:
                self._add_siblings(missing)
        return self._known[element]

    def _add_siblings(self, element: Element) -> None:
        parent = element.getparent()
        if parent is None:
            self._known[element] = f"/{element.tag}"
            return
        base = self._known[parent]
        children = list(parent.iterchildren("*"))
        names = [child.tag for child in children]
        of_name = Counter(names)
        unplain = {name for name in of_name if not _PLAIN_NAME.fullmatch(name)}
        seen: dict[str, int] = dict.fromkeys(of_name, 0)
        for position, (child, name) in enumerate(zip(children, names, strict=True), 1):
            seen[name] += 1
            if name in unplain:
                self._known[child] = f"{base}/*[{position}]"  # `o:p` of Word: XPath knows no such prefix
            elif of_name[name] == 1:
                self._known[child] = f"{base}/{name}"
            else:
                self._known[child] = f"{base}/{name}[{seen[name]}]"
