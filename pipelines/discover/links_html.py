"""The anchors of a parsed page, each with the row or list item it stands in and the heading above it.

Belongs here: elements. Does not: bytes, data in scripts, or what a title means.
"""

import re
from collections.abc import Iterator

from lxml import etree

from pipelines.discover.addresses import in_script, resolve
from pipelines.discover.link import Link, date_in, tidy, year_alone
from pipelines.read.html.items import Element
from pipelines.recognise.organs import is_body

_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "dt", "caption", "legend"))
_ITEMS = frozenset(("li", "tr", "dd", "dt", "p"))
_OUTSIDE = frozenset(("body", "html", "ul", "ol", "dl", "table", "tbody", "thead", "form"))
_UNPRINTED = frozenset(("script", "style", "noscript", "template"))
_LONGEST_ITEM, _MOST_LINKS, _LONGEST_HEADING = 300, 4, 60
_PUBLISHER_COLUMN = re.compile("机构|单位|部门|机关|主体|来源|区县|地区")
_YEAR_COLUMN = re.compile("年度|年份")
_BRACKETS = "[]【】()（）「」〔〕:： "


def anchors(root: Element, base_url: str) -> Iterator[Link]:
    """Every anchor under `root` that leads to a page, in the order of the page."""
    heading = ""
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag in ("a", "area"):
            link = _link(element, base_url, heading)
            if link is not None:
                yield link
        else:
            heading = _heading(element) or heading


def text_of(element: Element) -> str:
    """What an element prints, folded; without what its scripts and styles hold."""
    return tidy(" ".join(_pieces(element, None)))


def _link(anchor: Element, base_url: str, heading: str) -> Link | None:
    href = anchor.get("href") or ""
    url = resolve(base_url, href)
    if url is None:
        named = in_script(href) or in_script(anchor.get("onclick") or "")
        url = resolve(base_url, named) if named else None
    if url is None:
        return None
    item = _item(anchor)
    cells = _cells(item, anchor)
    beside = tuple(text for _, text in cells)
    return Link(
        url=url,
        titles=_titles(anchor),
        heading=heading,
        beside=beside,
        publisher=_publisher(cells),
        year=_year(cells),
        published_on=next((day for text in (*beside, text_of(anchor)) if (day := date_in(text))), None),
    )


def _titles(anchor: Element) -> tuple[str, ...]:
    pictures = [image.get("alt") or image.get("title") or "" for image in anchor.iter("img")]
    named = [anchor.get("title") or "", text_of(anchor), *pictures]
    return tuple(dict.fromkeys(title for each in named if (title := tidy(each))))


def _heading(element: Element) -> str:
    """The text of a heading: of such an element, or of any that says a year and nothing else; else nothing.

    A heading that is itself a link, as of a column, does not count: what follows need not lie under it.
    """
    if element.tag in _UNPRINTED or element.tag in _OUTSIDE:
        return ""
    is_heading = element.tag in _HEADINGS
    if not is_heading and (len(element) or year_alone(element.text or "") is None):
        return ""
    if any(True for _ in element.iter("a")) or any(above.tag == "a" for above in element.iterancestors()):
        return ""
    text = text_of(element)
    return text if len(text) <= _LONGEST_HEADING else ""


def _item(anchor: Element) -> Element:
    """The row or list item an anchor stands in; else the largest element around it without other links."""
    for above in anchor.iterancestors():
        if above.tag in _OUTSIDE:
            break
        if above.tag in _ITEMS and _is_small(above, _MOST_LINKS):
            return above
    at = anchor
    for above in anchor.iterancestors():
        if above.tag in _OUTSIDE or not _is_small(above, 1):
            break
        at = above
    return at


def _is_small(element: Element, most_links: int) -> bool:
    """Whether an element has no more links and text than an entry; looked at only as far as it may be one."""
    targets: set[str] = set()
    length = 0
    walker = etree.iterwalk(element, events=("start", "end"))
    for event, at in walker:
        if event == "start" and at.tag in _UNPRINTED:
            walker.skip_subtree()
            continue
        if event == "start" and at.tag == "a":
            targets.add(at.get("href") or "")
        text = at.text if event == "start" else at.tail if at is not element else None
        length += len(text.strip()) if text else 0
        if len(targets) > most_links or length > _LONGEST_ITEM:
            return False
    return True


def _cells(item: Element, anchor: Element) -> list[tuple[str, str]]:
    """What stands beside an anchor, piece by piece, with the name of the column where it is a table's."""
    if item.tag != "tr":
        return [("", text) for text in _pieces(item, anchor)]
    names = _column_names(item)
    cells = [cell for cell in item if cell.tag in ("td", "th")]
    named = zip(cells, names if len(names) == len(cells) else [""] * len(cells), strict=True)
    return [(name, text) for cell, name in named if (text := tidy(" ".join(_pieces(cell, anchor))))]


def _column_names(row: Element) -> list[str]:
    """The cells of the table's first row, where that is no list entry itself."""
    table = next((above for above in row.iterancestors() if above.tag == "table"), None)
    first = next(table.iter("tr"), None) if table is not None else None
    if first is None or first is row or any(True for _ in first.iter("a")):
        return []
    return [text_of(cell) for cell in first if cell.tag in ("td", "th")]


def _pieces(element: Element, without: Element | None) -> list[str]:
    """The printed texts under an element, one for each text node, but for those of the element `without`."""
    found: list[str] = []
    walker = etree.iterwalk(element, events=("start", "end"))
    for event, at in walker:
        if event == "start":
            if at is without or at.tag in _UNPRINTED:
                walker.skip_subtree()
            else:
                found.append(at.text or "")
        elif at is not element:
            found.append(at.tail or "")
    return [text for each in found if (text := tidy(each))]


def _publisher(cells: list[tuple[str, str]]) -> str | None:
    """The body that a column of bodies names, else one that stands beside the link by itself."""
    named = [text for name, text in cells if _PUBLISHER_COLUMN.search(name)]
    alone = [text for name, text in cells if not name]
    found = (text.strip(_BRACKETS) for text in (*named, *alone))
    return next((text for text in found if is_body(text) and "报告" not in text and "年报" not in text), None)


def _year(cells: list[tuple[str, str]]) -> int | None:
    named = [text for name, text in cells if not name or _YEAR_COLUMN.search(name)]
    return next((year for text in named if (year := year_alone(text)) is not None), None)
