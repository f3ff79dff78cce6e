"""What the style sheets in a web page say of its elements, as far as reading a table needs it.

Belongs here: the rules of `style` elements for a few properties, and how an element is displayed. Does not: sheets that
a page links, which are not archived with it; rules for some media only; what an element is by its style (`boxes`).
"""

import re
from collections.abc import Iterator, Mapping
from itertools import islice, product

import tinycss2
from cssselect import HTMLTranslator, Selector, SelectorError
from cssselect import parse as parse_selectors
from cssselect.parser import CombinedSelector
from lxml import etree

from pipelines.read.html.items import Element

Declared = Mapping[str, str]
"""Values by property, in lower case."""

_PROPERTIES = frozenset(("display", "visibility", "text-decoration", "text-decoration-line", "vertical-align"))
_TELLING = re.compile(r"display\s*:|visibility\s*:\s*hidden|line-through|vertical-align\s*:\s*super", re.IGNORECASE)
_DISPLAY = re.compile(r"(?:^|[;\s])display\s*:\s*([a-z-]+)", re.IGNORECASE)
_MOST_CHARS = 200_000
"""Characters of a sheet that is read; longer ones are of a site's pages, not of a report."""
_MOST_SELECTORS, _MOST_PARTS = 200, 3
"""Selectors that are looked for, and elements within each other that one names: with more, a page is made to hang."""
_TRANSLATOR = HTMLTranslator()


def sheet_styles(root: Element) -> dict[Element, Declared]:
    """What the sheets in a page declare of its elements, the `style` attribute aside; only elements it is said of."""
    rules = [
        (important, selector.specificity(), order, selector, values)
        for order, (important, selector, values) in enumerate(islice(_rules(root), _MOST_SELECTORS))
    ]
    styles: dict[Element, dict[str, str]] = {}
    for _, _, _, selector, values in sorted(rules, key=lambda rule: rule[:3]):
        for element in _matched(root, selector):
            styles.setdefault(element, {}).update(values)
    return dict(styles)


def display(element: Element, sheets: Mapping[Element, Declared]) -> str:
    """How an element is displayed, by its own style or by that of the sheets; nothing where neither says."""
    own = _DISPLAY.findall(element.get("style") or "")
    return str(own[-1]).lower() if own else sheets.get(element, {}).get("display", "")


def _rules(root: Element) -> Iterator[tuple[bool, Selector, dict[str, str]]]:
    for sheet in root.iter("style"):
        text = "".join(map(str, sheet.itertext()))
        if len(text) > _MOST_CHARS or not _TELLING.search(text):
            continue
        try:
            yield from _rules_of(text)
        except RecursionError:
            continue  # brackets within brackets without end


def _rules_of(text: str) -> Iterator[tuple[bool, Selector, dict[str, str]]]:
    for rule in tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True):
        declared = list(_declarations(rule.content)) if rule.type == "qualified-rule" else []
        if not declared:
            continue
        try:
            selectors = parse_selectors(tinycss2.serialize(rule.prelude))
        except SelectorError:
            continue
        for selector, important in product(selectors, (False, True)):
            values = {name: value for is_important, name, value in declared if is_important is important}
            if values and selector.pseudo_element is None and _parts(selector) <= _MOST_PARTS:
                yield important, selector, values


def _parts(selector: Selector) -> int:
    """How many elements a selector names, one within or beside the other."""
    parts, tree = 1, selector.parsed_tree
    while isinstance(tree, CombinedSelector):
        parts, tree = parts + 1, tree.selector
    return parts


def _declarations(content: object) -> Iterator[tuple[bool, str, str]]:
    for declaration in tinycss2.parse_declaration_list(content, skip_comments=True, skip_whitespace=True):
        if declaration.type == "declaration" and declaration.lower_name in _PROPERTIES:
            value = tinycss2.serialize(declaration.value).strip().lower()
            yield declaration.important, declaration.lower_name, value


def _matched(root: Element, selector: Selector) -> list[Element]:
    try:
        find = etree.XPath(_TRANSLATOR.selector_to_xpath(selector))
    except SelectorError:
        return []  # of a state (:hover), or of what is not in the page
    found = find(root)
    return [element for element in found if isinstance(element, etree._Element)] if isinstance(found, list) else []
