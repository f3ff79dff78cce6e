"""Word documents (.docx), from their XML: paragraphs and tables in reading order, each with its element path.

Belongs here: what Word would print (automatic numbers, text boxes, footnotes; no deleted or hidden text, no headers
and footers), its table model, and which tables only lay out a page. Does not: what a table or a paragraph means.

The format is ECMA-376 (Office Open XML), parts 1 and 4; python-docx reads no tracked changes, automatic numbers or
text boxes, so the XML is read by lxml. `Place.path` is an XPath in the main part, with the prefixes that the part
itself declares; for a footnote it begins with the name of its part and `#`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import TypeGuard

from lxml import etree

from pipelines.read.bands import bands
from pipelines.read.document import Block, Cell, Document, Paragraph, Place, Table
from pipelines.read.errors import DamagedFile, NoTextLayer
from pipelines.read.media import DOCX
from pipelines.read.numbering import Numbering, Styles, list_of, read_numbering, read_styles
from pipelines.read.package import Package
from pipelines.read.raised import raised

Element = etree._Element

_NAMESPACES = frozenset(
    {
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "http://purl.oclc.org/ooxml/wordprocessingml/main",  # ISO/IEC 29500 Strict
    }
)
_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_TITLE = "{http://purl.org/dc/elements/1.1/}title"

_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_SPACE = re.compile(r"\s+")
_FALSE = frozenset(("0", "false", "off"))

# Of a paragraph, what holds runs or more of the same; everything else in it prints nothing.
_INLINE_WORDS = """
    hyperlink smartTag sdt sdtContent ins moveTo customXml fldSimple dir bdo oMath oMathPara e num den sub sup f rad
    sSub sSup sSubSup d
"""
_INLINE = frozenset(_INLINE_WORDS.split())
_AROUND_BLOCKS = frozenset(("sdt", "sdtContent", "ins", "moveTo", "customXml"))
_AROUND_ROWS = _AROUND_BLOCKS
_PLAIN = {"tab": " ", "ptab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_DRAWN = frozenset(("drawing", "pict", "object"))

# Symbol fonts have code points of their own; these are the ones that forms tick boxes and count with.
_WINGDINGS = {
    0x6C: "●",
    0x6E: "■",
    0x6F: "□",
    0x71: "□",
    0x75: "◆",
    0xA1: "○",
    0xA3: "□",
    0xA8: "□",
    0xD8: "➢",
    0xFB: "✗",
    0xFC: "✓",
    0xFD: "☒",
    0xFE: "☑",
    **{0x80 + number: chr(0x24EA if number == 0 else 0x245F + number) for number in range(11)},
}
_WINGDINGS_2 = {0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0xA3: "□", 0x30: "☒"}
_SYMBOLS = {0x2D: "−", 0xB4: "×", 0xB8: "÷", 0xB7: "·", 0xB1: "±", 0xA3: "≤", 0xB3: "≥"}
_SYMBOL_FONTS = {"wingdings": _WINGDINGS, "wingdings 2": _WINGDINGS_2, "symbol": _SYMBOLS}

_CHAPTER = re.compile(r"[一二三四五六七八九十]{1,3}\s*[、.．][^。]{2,38}")
_NUMBER = re.compile(r"[-+−－]?[\d０-９][\d０-９,，.．\s]*\D{0,3}|[-—–－/／…]{1,4}")
_PROSE = 60
"""Characters from which a cell with a full stop is prose: the forms' longest labels have no full stop."""
_FEW_CELLS = 3

_MOST_COLUMNS = 500
_DEEPEST = 40
"""Tables and text boxes in one another; Word itself stops long before."""


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    place: Place


@dataclass(slots=True)
class _Slot:
    """A cell of the grid with what is printed in it."""

    element: Element
    row: int
    column: int
    column_span: int
    items: "list[_Item]"
    row_span: int = 1

    @property
    def text(self) -> str:
        return "\n".join(item.text for item in self.items if isinstance(item, _Line))

    @property
    def holds_table(self) -> bool:
        return any(isinstance(item, _Grid) for item in self.items)


@dataclass(frozen=True, slots=True)
class _Grid:
    """A table of the document: some rows of a table element."""

    slots: tuple[_Slot, ...]


_Item = _Line | _Grid


def read_docx(content: bytes, sha256: str) -> Document:
    """Read a Word document.

    Args:
        content: the bytes of a .docx or .docm.
        sha256: hash of `content`.

    Raises:
        DamagedFile: it is no Word document, or one of its parts is damaged.
        LockedFile: its parts are encrypted.
        NoTextLayer: it prints nothing, or pictures only.
        OverLimit: it would unpack to more than any report.
    """
    package = Package(content, "Word document")
    main = package.related("", "officeDocument") or "word/document.xml"
    root = package.tree(main)
    namespace = _namespace(root)
    body = root.find(f"{namespace}body") if root is not None else None
    if root is None or body is None:
        raise DamagedFile(
            f"Word document: it has no text part ({main}); fetch it again, or open it in Word and save it again"
        )
    blocks = tuple(_blocks(_Walk(package, main, root, namespace).items_of(body, 0)))
    if not blocks:
        pictures = sum(1 for name in package.names if name.startswith("word/media/"))
        raise NoTextLayer(
            f"Word document: it prints no text; it has {pictures} pictures. Save it as PDF and archive that file: it is"
            " then read by optical character recognition"
        )
    core = package.related("", "metadata/core-properties") or package.related("", "core-properties")
    extended = package.related("", "extended-properties")
    return Document(
        sha256=sha256,
        media_type=DOCX,
        reading="docx",
        page_count=None,  # pages come into being when a program lays the document out
        producer=_property(package, extended, "{*}Application"),
        title=_property(package, core, _TITLE),
        facts=(),
        blocks=blocks,
    )


def _namespace(root: Element | None) -> str:
    name = etree.QName(root).namespace if root is not None else None
    if name not in _NAMESPACES:
        raise DamagedFile(
            f"Word document: its text part is of the namespace {name}, not WordprocessingML; open it in Word and save"
            " it again as .docx"
        )
    return f"{{{name}}}"


def _property(package: Package, part: str | None, name: str) -> str | None:
    properties = package.tree(part) if part else None
    if properties is None:
        return None
    return _fold(properties.findtext(name) or "") or None


def _fold(text: str) -> str:
    return _SPACE.sub(" ", text.translate(_INVISIBLE)).strip()


def _blocks(items: Iterable[_Item]) -> Iterator[Block]:
    number = 0
    for item in items:
        if isinstance(item, _Line):
            yield Paragraph(_fold(item.text), item.place)
            continue
        number += 1
        top = min(slot.row for slot in item.slots)
        cells = (
            Cell(
                row=slot.row - top,
                column=slot.column,
                row_span=slot.row_span,
                column_span=slot.column_span,
                text=slot.text,
                place=Place(path=_path(slot.element)),
            )
            for slot in item.slots
        )
        yield Table(number, tuple(sorted(cells, key=lambda cell: (cell.row, cell.column))))


def _path(element: Element, part: str = "") -> str:
    path = element.getroottree().getpath(element)
    return f"{part}#{path}" if part else path


# --- from elements to lines and tables -------------------------------------------------------------------------


@dataclass(slots=True)
class _Field:
    """A complex field that has begun: its instruction, and whether what it prints has begun."""

    instruction: str = ""
    printing: bool = False


class _Walk:
    """One walk over the document: counters of lists, open fields and deleted paragraph marks go along with it."""

    def __init__(self, package: Package, main: str, root: Element, namespace: str) -> None:
        self._w = namespace
        styles = _part(package, main, "styles")
        self._styles: Styles = read_styles(styles, namespace)
        self._numbering: Numbering = read_numbering(_part(package, main, "numbering"), styles, namespace)
        self._notes = {
            kind: (name, package.tree(name))
            for kind in ("footnotes", "endnotes")
            if (name := package.related(main, kind)) is not None
        }
        self._fields: list[_Field] = []
        self._joined: list[str] = []
        self._part = ""
        self._root = root

    def items_of(self, container: Element, depth: int) -> list[_Item]:
        """What a body, cell or text box prints, in reading order."""
        items: list[_Item] = []
        for child in container.iterchildren("*"):
            name = self._name(child)
            if name == "p":
                items += self._paragraph(child, depth)
            elif name == "tbl":
                items += self._table(child, depth)
            elif name == "AlternateContent" and (chosen := _chosen(child)) is not None:
                items += self.items_of(chosen, depth)
            elif name in _AROUND_BLOCKS and not self._is_contents(child):
                items += self.items_of(child, depth)
        return items

    def _name(self, element: Element) -> str:
        """The local name of an element that is Word's own or wraps alternatives; empty for any other."""
        tag: str = element.tag
        if tag.startswith(self._w):
            return tag[len(self._w) :]
        return "AlternateContent" if tag == f"{_COMPATIBILITY}AlternateContent" else ""

    def _is_contents(self, element: Element) -> bool:
        """Whether a content control is the table of contents, which repeats every heading."""
        w = self._w
        gallery = element.find(f"{w}sdtPr/{w}docPartObj/{w}docPartGallery")
        return gallery is not None and gallery.get(f"{w}val") == "Table of Contents"

    # paragraphs

    def _paragraph(self, element: Element, depth: int) -> list[_Item]:
        w = self._w
        text: list[str] = []
        around: list[_Item] = []
        self._inline(element, text, around, depth)
        if element.find(f"{w}pPr/{w}rPr/{w}del") is not None:  # its mark is deleted: it runs on into the next
            self._joined += text
            return around
        known = list_of(element, self._styles, self._numbering, w)
        label = self._numbering.label(known.number, known.level) if known is not None else ""
        whole = label + "".join(self._joined) + "".join(text)
        self._joined = []
        place = Place(path=_path(element, self._part))
        lines = [line.translate(_INVISIBLE).strip() for line in whole.split("\n")]
        return [*(_Line(line, place) for line in lines if line), *around]

    def _inline(self, element: Element, text: list[str], around: list[_Item], depth: int) -> None:
        """Add what runs under `element` print to `text`, and what stands in boxes and notes to `around`."""
        for child in element.iterchildren("*"):
            name = etree.QName(child).localname
            if name == "r":
                self._run(child, text, around, depth)
            elif name in _INLINE:
                self._inline(child, text, around, depth)
            elif name == "AlternateContent" and (chosen := _chosen(child)) is not None:
                self._inline(chosen, text, around, depth)

    def _run(self, run: Element, text: list[str], around: list[_Item], depth: int) -> None:
        if self._is_hidden(run):
            return
        for child in run.iterchildren("*"):
            name = etree.QName(child).localname
            if name == "fldChar":
                self._field(child)
            elif name == "instrText":
                if self._fields:
                    self._fields[-1].instruction += child.text or ""
            elif not self._prints():
                continue
            elif name == "t":
                plain = (child.text or "").replace("\t", " ").replace("\n", " ")
                text.append(raised(plain, "".join(text)) if self._is_raised(run) else plain)
            elif name in _PLAIN:
                text.append(_PLAIN[name])
            elif name == "sym":
                text.append(self._symbol(child))
            elif name == "ruby":
                for base in child.iterchildren(f"{self._w}rubyBase"):
                    self._inline(base, text, around, depth)
            elif name in _DRAWN:
                around += self._boxes(child, depth)
            elif name == "AlternateContent" and (chosen := _chosen(child)) is not None:
                around += self._boxes(chosen, depth)
            elif name in {"footnoteReference", "endnoteReference"}:
                around += self._note(f"{name[:-9]}s", child.get(f"{self._w}id"), depth)

    def _is_hidden(self, run: Element) -> bool:
        """Whether a run is hidden, or struck out: what was there before a correction."""
        marks = (run.find(f"{self._w}rPr/{self._w}{name}") for name in ("vanish", "strike", "dstrike"))
        return any(mark is not None and mark.get(f"{self._w}val") not in _FALSE for mark in marks)

    def _is_raised(self, run: Element) -> bool:
        raising = run.find(f"{self._w}rPr/{self._w}vertAlign")
        return raising is not None and raising.get(f"{self._w}val") == "superscript"

    def _field(self, mark: Element) -> None:
        match mark.get(f"{self._w}fldCharType"):
            case "begin":
                self._fields.append(_Field())
            case "separate" if self._fields:
                self._fields[-1].printing = True
            case "end" if self._fields:
                self._fields.pop()

    def _prints(self) -> bool:
        """Whether text here is printed: not in a field's instruction, nor in a table of contents."""
        return all(one.printing and not one.instruction.lstrip().upper().startswith("TOC") for one in self._fields)

    def _symbol(self, element: Element) -> str:
        code = element.get(f"{self._w}char") or ""
        if not re.fullmatch(r"[0-9A-Fa-f]{1,5}", code):
            return ""
        font = (element.get(f"{self._w}font") or "").lower()
        point = int(code, 16)
        own = point - 0xF000 if 0xF000 <= point <= 0xF0FF else point
        return _SYMBOL_FONTS.get(font, {}).get(own) or chr(point)

    def _boxes(self, drawn: Element, depth: int) -> list[_Item]:
        """What text boxes print that are drawn at this point."""
        if depth >= _DEEPEST:
            raise _too_deep()
        items: list[_Item] = []
        for box in _outermost(drawn, f"{self._w}txbxContent"):
            joined, self._joined = self._joined, []
            items += self.items_of(box, depth + 1)
            self._joined = joined
        return items

    def _note(self, kind: str, number: str | None, depth: int) -> list[_Item]:
        """The text of a footnote, after what it is a note to. Its mark is left out: beside a figure it is a digit."""
        name, root = self._notes.get(kind, ("", None))
        if root is None or self._part:
            return []
        for note in root.iterchildren(f"{self._w}{kind[:-1]}"):
            if note.get(f"{self._w}id") == number:
                fields, self._fields = self._fields, []
                joined, self._joined = self._joined, []
                self._part = name
                items = self.items_of(note, depth + 1)
                self._part, self._fields, self._joined = "", fields, joined
                return items
        return []

    # tables

    def _table(self, table: Element, depth: int) -> list[_Item]:
        if depth >= _DEEPEST:
            raise _too_deep()
        w = self._w
        placed: list[_Slot] = []
        merging: dict[int, _Slot] = {}  # by column, the cell that cells below may continue
        index = 0
        for row in self._children(table, "tr"):
            if row.find(f"{w}trPr/{w}del") is not None or row.find(f"{w}trPr/{w}hidden") is not None:
                continue
            column = first = _count(_value(row, f"trPr/{w}gridBefore", w))
            begun = len(placed)
            for cell in self._children(row, "tc"):
                if column >= _MOST_COLUMNS:
                    raise DamagedFile(
                        f"Word document: a table row has more than {_MOST_COLUMNS} columns; open it in Word and save"
                        " it again"
                    )
                span = min(_count(_value(cell, f"tcPr/{w}gridSpan", w)) or 1, _MOST_COLUMNS)
                horizontal = cell.find(f"{w}tcPr/{w}hMerge")
                if horizontal is not None and horizontal.get(f"{w}val") != "restart" and len(placed) > begun:
                    placed[-1].column_span += span
                    column += span
                    continue
                vertical = cell.find(f"{w}tcPr/{w}vMerge")
                above = merging.get(column)
                if vertical is None:
                    merging.pop(column, None)
                elif vertical.get(f"{w}val") != "restart" and _reaches(above, index, span):
                    above.row_span += 1
                    column += span
                    continue
                slot = _Slot(cell, index, column, span, self.items_of(cell, depth + 1))
                placed.append(slot)
                if vertical is not None:
                    merging[column] = slot
                column += span
            if column > first:
                index += 1
        return _resolved(placed)

    def _children(self, parent: Element, name: str) -> Iterator[Element]:
        """The rows of a table or cells of a row, those in content controls and insertions too."""
        for child in parent.iterchildren("*"):
            found = self._name(child)
            if found == name:
                yield child
            elif found == "AlternateContent" and (chosen := _chosen(child)) is not None:
                yield from self._children(chosen, name)
            elif found in _AROUND_ROWS:
                yield from self._children(child, name)


def _reaches(above: _Slot | None, row: int, span: int) -> TypeGuard[_Slot]:
    """Whether a cell of an earlier row reaches down to `row` and is as wide as the one that continues it."""
    return above is not None and above.row + above.row_span == row and above.column_span == span


def _part(package: Package, main: str, kind: str) -> Element | None:
    name = package.related(main, kind)
    return package.tree(name) if name else None


def _chosen(alternatives: Element) -> Element | None:
    """One of several ways to say the same: the first, which is what newer programs show, else the fallback."""
    choice = alternatives.find(f"{_COMPATIBILITY}Choice")
    return choice if choice is not None else alternatives.find(f"{_COMPATIBILITY}Fallback")


def _outermost(element: Element, tag: str) -> Iterator[Element]:
    """The descendants of that tag, but not those inside another of them, nor in a second alternative."""
    for child in element.iterchildren("*"):
        if child.tag == tag:
            yield child
        elif child.tag == f"{_COMPATIBILITY}AlternateContent":
            if (chosen := _chosen(child)) is not None:
                yield from _outermost(chosen, tag)
        else:
            yield from _outermost(child, tag)


def _value(element: Element, path: str, w: str) -> str | None:
    found = element.find(f"{w}{path}")
    return None if found is None else found.get(f"{w}val")


def _count(text: str | None) -> int:
    return int(text) if text is not None and re.fullmatch(r"\d{1,6}", text, re.ASCII) else 0


def _too_deep() -> DamagedFile:
    return DamagedFile(
        f"Word document: tables or text boxes are nested more than {_DEEPEST} deep; open it in Word and save it again"
    )


# --- tables that only lay out a page ---------------------------------------------------------------------------


def _resolved(slots: list[_Slot]) -> list[_Item]:
    """What a table prints: itself as a grid, or what it holds where it only lays out the page.

    Judged by rows, because a whole report can stand in one table: rows around prose or around a table lay out,
    the others between them are grids.
    """
    items: list[_Item] = []
    run: list[_Slot] = []
    laid_out = False
    for group in bands(slots):
        if _lays_out(group) or (laid_out and _is_heading(group)):
            laid_out = True
            items += _as_grid(run)
            run = []
            items += [item for slot in group for item in slot.items]
        else:
            run += group
    return items + _as_grid(run)


def _lays_out(group: list[_Slot]) -> bool:
    if any(slot.holds_table for slot in group):
        return True
    for _, cells in groupby(group, key=lambda slot: slot.row):
        texts = [slot.text for slot in cells]
        prose = any(len(text) >= _PROSE and "。" in text for text in texts)
        if prose and len(texts) <= _FEW_CELLS and not any(_NUMBER.fullmatch(text) for text in texts):
            return True
    return False


def _is_heading(group: list[_Slot]) -> bool:
    return len(group) == 1 and _CHAPTER.fullmatch(group[0].text) is not None


def _as_grid(slots: list[_Slot]) -> list[_Item]:
    """Rows as a table; as lines where they are one cell or cells under each other, which relate nothing to anything.

    A label beside many blanks is a row of a table: the last one, which a page break parted from the others.
    """
    filled = [slot for slot in slots if slot.items]
    if not filled or (len(filled) == 1 and len(slots) <= _FEW_CELLS) or len({slot.column for slot in slots}) == 1:
        return [item for slot in slots for item in slot.items]
    return [_Grid(tuple(slots))]
