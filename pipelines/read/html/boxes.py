"""Tables that a web page sets without table elements: by the styles of the elements that stand for rows and cells.

Belongs here: which elements are a table, its rows and its cells by their style. Does not: what their rows hold
(`tables`), reading styles (`styles`).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Literal

from pipelines.read.html.items import Element, is_number
from pipelines.read.html.styles import Declared, display

Role = Literal["table", "row", "cell"]

_OF_TABLES = frozenset(("table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption", "html", "body"))
_ROW_GROUPS = frozenset(("table-row-group", "table-header-group", "table-footer-group"))
_FLEX = frozenset(("flex", "inline-flex"))
_LEAST_ROWS = 2
_LEAST_FIGURES, _LEAST_SHARE = 4, 0.2
"""Figures, and their share of the filled cells, in rows of flexible boxes: sites set menus with these, too."""


def box_roles(root: Element, sheets: Mapping[Element, Declared]) -> dict[Element, Role]:
    """The elements that are tables, rows and cells by their styles, where figures stand in them."""
    rows: dict[Element, list[tuple[Element, list[Element], bool]]] = defaultdict(list)
    for element, displayed in _displays(root, sheets):
        is_flex = displayed in _FLEX
        if element.tag in _OF_TABLES or not (is_flex or displayed == "table-row"):
            continue
        cells = [
            child
            for child in element.iterchildren("*")
            if child.tag not in _OF_TABLES and (is_flex or display(child, sheets) == "table-cell")
        ]
        parent = element.getparent()
        if parent is not None and display(parent, sheets) in _ROW_GROUPS:
            parent = parent.getparent()
        if parent is not None and parent.tag not in _OF_TABLES and len(cells) > is_flex:
            rows[parent].append((element, cells, is_flex))
    roles: dict[Element, Role] = {}
    for table, of_table in rows.items():
        within: dict[Element, Role] = {table: "table"}
        for row, cells, _ in of_table:
            within[row] = "row"
            within.update(dict.fromkeys(cells, "cell"))
        # Of boxes within boxes the outer ones come first; an inner one that is part of both is none of its own.
        if roles.keys().isdisjoint(within) and _relates(of_table):
            roles.update(within)
    return roles


def _relates(rows: list[tuple[Element, list[Element], bool]]) -> bool:
    """Whether rows are of a table and not of the page around it: figures stand in them, or many cells in several."""
    printed = ("".join(map(str, cell.itertext())).strip() for _, cells, _ in rows for cell in cells)
    texts = [text for text in printed if text]
    figures = sum(map(is_number, texts))
    if any(is_flex for *_, is_flex in rows):
        return len(rows) >= _LEAST_ROWS and figures >= max(_LEAST_FIGURES, _LEAST_SHARE * len(texts))
    wide = sum(len(cells) >= _LEAST_FIGURES for _, cells, _ in rows)
    return figures >= (1 if len(rows) >= _LEAST_ROWS else _LEAST_FIGURES) or wide >= _LEAST_ROWS


def _displays(root: Element, sheets: Mapping[Element, Declared]) -> Iterator[tuple[Element, str]]:
    """The elements whose style says how they are displayed, in the order of the page."""
    for element in root.iter("*"):
        if (element in sheets or element.get("style")) and (displayed := display(element, sheets)):
            yield element, displayed
