"""One walk over the elements of a web page, to the lines and grids that a browser would print.

Belongs here: block and inline elements, white space, what is hidden. Does not: what a table is for.
"""

import re
from collections.abc import Callable, Mapping

from lxml import etree

from pipelines.read.html.boxes import Role, box_roles
from pipelines.read.html.items import Area, Element, Item, Line, Picture
from pipelines.read.html.styles import Declared, sheet_styles
from pipelines.read.html.tables import OpenTable, resolved
from pipelines.read.raised import raised

_NOT_PRINTED_WORDS = """
    applet area audio base button canvas datalist embed head iframe input link map meta noembed noframes
    noscript object option rp script select style svg template textarea title video xml
"""
_NOT_PRINTED = frozenset(_NOT_PRINTED_WORDS.split())
_BLOCK_WORDS = """
    address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption
    figure footer form h1 h2 h3 h4 h5 h6 header hgroup html legend li main menu nav ol p section summary ul
"""
_BLOCKS = frozenset(_BLOCK_WORDS.split())
_CELLS = ("td", "th")
_SECTIONS = ("thead", "tbody", "tfoot")
_NO_BOX = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_DISPLAYED = re.compile(r"display\s*:\s*(?!none)[a-z]", re.IGNORECASE)
_STRUCK_TAGS = ("del", "s", "strike")
_STRUCK = re.compile(r"text-decoration(?:-line)?\s*:[^;]*line-through", re.IGNORECASE)
_LONGEST_STRUCK = 30
"""Characters struck out that are left out: an end tag that is missing must not strike out a report."""
_SHOWS_NO_VALUE = frozenset(("hidden", "button", "submit", "reset", "image", "checkbox", "radio", "file", "password"))
_FIELDS = ("input", "select", "textarea")
_RAISED = re.compile(r"vertical-align\s*:\s*super", re.IGNORECASE)
_INVISIBLE_BOX = re.compile(r"visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)

_WIDE = (
    r"[\u2014\u2018-\u201d\u2026\u2e80-\ua4cf\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff60"
    r"\U00020000-\U0003ffff]"
)
# CSS Text 3, 4.1.3: a line break in the source prints nothing between wide characters, elsewhere a space.
_BREAK_BETWEEN_WIDE = re.compile(rf"(?<={_WIDE})[ \t]*[\r\n][ \t\r\n\f]*(?={_WIDE})")
_SOURCE_SPACE = re.compile(r"[ \t\r\n\f]+")
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))


class Scan:
    """One walk over the tree: `items` is what the page prints, `areas` its blocks in document order.

    Args:
        shows: whether an `img` may show a part of the document.
    """

    def __init__(self, shows: Callable[[Element], bool]) -> None:
        self._shows = shows
        self.items: list[Item] = []
        self.areas: list[Area] = []
        self._area: Area | None = None
        self._tables: list[OpenTable] = []
        self._text: list[str] = []
        self._linked = 0
        self._links = 0
        self._in_link = 0
        self._in_pre = 0
        self._raised: Element | None = None
        self._styles: Mapping[Element, Declared] = {}
        self._roles: Mapping[Element, Role] = {}

    def walk(self, root: Element) -> None:
        """Read everything printed under `root`."""
        self._styles = sheet_styles(root)
        self._roles = box_roles(root, self._styles)
        walker = etree.iterwalk(root, events=("start", "end"))
        skipped: Element | None = None
        for event, element in walker:
            tag = element.tag
            if event == "start":
                if tag in _FIELDS and self._tables and not _is_hidden(element, tag):
                    self._print(_shown_value(element))
                if tag in _NOT_PRINTED or _is_hidden(element, tag) or self._is_hidden_by_sheet(element):
                    walker.skip_subtree()
                    skipped = element
                    continue
                role = self._roles.get(element) if self._roles else None
                if opened := _OPENED_AS[role] if role else _OPENED.get(tag):
                    opened(self, element)
                if self._raised is None and (tag == "sup" or (tag not in _CELLS and self._sets_high(element))):
                    self._raised = element
                if text := element.text:
                    self._print(text)
                continue
            role = self._roles.get(element) if self._roles else None
            if element is skipped:
                skipped = None
            elif closed := _CLOSED_AS[role] if role else _CLOSED.get(tag):
                closed(self, element)
            if element is self._raised:
                self._raised = None
            if text := element.tail:
                self._print(text)
        self._end_line(root)

    def _is_hidden_by_sheet(self, element: Element) -> bool:
        """Whether a style sheet hides an element of a table or strikes it out.

        Elsewhere scripts show what sheets hide, and what is hidden may be all of the report.
        """
        declared = self._styles.get(element) if self._styles and self._tables else None
        if not declared:
            return False
        if declared.get("display") == "none" and not _DISPLAYED.search(element.get("style") or ""):
            return True
        if declared.get("visibility") == "hidden" and element.tag not in _CELLS:
            return True
        struck = f"{declared.get('text-decoration')} {declared.get('text-decoration-line')}"
        return "line-through" in struck and _is_struck(element)

    def _sets_high(self, element: Element) -> bool:
        """Whether the style of an element sets it high."""
        declared = self._styles.get(element) if self._styles else None
        return _is_raised(element) or (declared is not None and declared.get("vertical-align") == "super")

    def _print(self, text: str) -> None:
        if self._in_pre and "\n" in text:
            for line in text.splitlines(keepends=True):
                self._text.append(line)
                if line.endswith("\n"):
                    self._end_line()
            return
        self._text.append(raised(text, "".join(self._text)) if self._raised is not None else text)
        if self._in_link:
            self._linked += len(text.strip())

    def _end_line(self, _: Element | None = None) -> None:
        """What came since the last break is a line, unless it is all white space."""
        if not self._text:
            return
        text = "".join(self._text)
        self._text.clear()
        if not text.isspace() and (text := _as_printed(text)) and self._area is not None:
            self.items.append(Line(text, self._area, self._linked, self._links))
        self._linked = self._links = 0

    def _open_block(self, element: Element) -> None:
        self._end_line()
        self._area = Area(element, self._area)
        self.areas.append(self._area)

    def _close_block(self, _: Element) -> None:
        self._end_line()
        if self._area is not None:
            self._area = self._area.parent

    def _open_pre(self, element: Element) -> None:
        self._open_block(element)
        self._in_pre += 1

    def _close_pre(self, element: Element) -> None:
        self._close_block(element)
        self._in_pre -= 1

    def _open_image(self, element: Element) -> None:
        if self._area is not None and self._shows(element):
            self._end_line()
            self.items.append(Picture(self._area, element))

    def _open_link(self, element: Element) -> None:
        if element.get("href") is not None:
            self._in_link += 1
            self._links += 1

    def _close_link(self, element: Element) -> None:
        if element.get("href") is not None:
            self._in_link -= 1

    def _open_table(self, element: Element) -> None:
        self._open_block(element)
        self._tables.append(OpenTable(self.areas[-1], self.items))

    def _close_table(self, element: Element) -> None:
        self._close_block(element)
        table = self._tables.pop()
        self.items = table.outer
        self.items.extend(resolved(table))

    def _open_section(self, element: Element) -> None:
        self._end_line()
        if self._tables:
            table = self._tables[-1]
            table.section += 1
            table.foot = element.tag == "tfoot"
            table.row = None

    def _close_section(self, _: Element) -> None:
        self._end_line()
        if self._tables:
            table = self._tables[-1]
            table.section += 1
            table.foot = False
            table.row = None

    def _open_row(self, _: Element) -> None:
        self._end_line()
        if self._tables:
            self._tables[-1].add_row()

    def _close_row(self, _: Element) -> None:
        self._end_line()
        if self._tables:
            self._tables[-1].row = None

    def _open_cell(self, element: Element) -> None:
        self._open_block(element)
        if self._tables:
            # A cell inside a cell: the end tag was missing. The parser nests them, a browser does not.
            self.items = self._tables[-1].add_cell(element).items

    def _close_cell(self, element: Element) -> None:
        self._close_block(element)
        if self._tables:
            table = self._tables[-1]
            if table.slot is not None and table.slot.element is element:
                table.slot = None
                self.items = table.outer


_Handler = Callable[[Scan, Element], None]
_OPENED: dict[str, _Handler] = {
    **dict.fromkeys(_BLOCKS, Scan._open_block),
    **dict.fromkeys(("br", "hr"), Scan._end_line),
    **dict.fromkeys(_SECTIONS, Scan._open_section),
    **dict.fromkeys(_CELLS, Scan._open_cell),
    "tr": Scan._open_row,
    "table": Scan._open_table,
    "pre": Scan._open_pre,
    "a": Scan._open_link,
    "img": Scan._open_image,
}
_CLOSED: dict[str, _Handler] = {
    **dict.fromkeys(_BLOCKS, Scan._close_block),
    **dict.fromkeys(_SECTIONS, Scan._close_section),
    **dict.fromkeys(_CELLS, Scan._close_cell),
    "tr": Scan._close_row,
    "table": Scan._close_table,
    "pre": Scan._close_pre,
    "a": Scan._close_link,
}
_OPENED_AS: dict[Role, _Handler] = {"table": Scan._open_table, "row": Scan._open_row, "cell": Scan._open_cell}
_CLOSED_AS: dict[Role, _Handler] = {"table": Scan._close_table, "row": Scan._close_row, "cell": Scan._close_cell}


def _is_hidden(element: Element, tag: str) -> bool:
    """Whether an element's attributes hide it, or strike it out."""
    if tag in _STRUCK_TAGS and _is_struck(element):
        return True
    if not element.keys():
        return False
    style = element.get("style")
    if style and (_NO_BOX.search(style) or (_INVISIBLE_BOX.search(style) and tag not in _CELLS)):
        return True  # an invisible cell keeps its place in the grid
    return element.get("hidden") is not None or (
        style is not None and _STRUCK.search(style) is not None and _is_struck(element)
    )


def _is_struck(element: Element) -> bool:
    """Whether an element that is struck out is a correction of a few characters."""
    return len(element) == 0 and len(element.text or "") <= _LONGEST_STRUCK


def _shown_value(element: Element) -> str:
    """What a field of a form shows."""
    if element.tag == "textarea":
        return "".join(map(str, element.itertext()))
    if element.tag == "select":
        chosen = (option for option in element.iter("option") if option.get("selected") is not None)
        return "".join(str(text) for option in chosen for text in option.itertext())
    kind = (element.get("type") or "text").lower()
    return "" if kind in _SHOWS_NO_VALUE else element.get("value") or ""


def _is_raised(element: Element) -> bool:
    """Whether its style sets an element high; a cell with such a style has its text at the top."""
    style = element.get("style")
    return style is not None and _RAISED.search(style) is not None


def _as_printed(text: str) -> str:
    """`text` with the source's white space folded as a browser does, no-break spaces kept, ends trimmed."""
    trimmed = text.strip()
    if trimmed.isalnum():
        return trimmed
    if "\n" in text or "\r" in text:
        text = _BREAK_BETWEEN_WIDE.sub("", text)
    return _SOURCE_SPACE.sub(" ", text.translate(_INVISIBLE)).strip()
