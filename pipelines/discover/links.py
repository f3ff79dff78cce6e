"""The links of a listing page, whatever platform made it: a page, XML records, JSON, or markup in scripts.

Belongs here: telling the forms apart. Does not: the elements of a page (`links_html`), the data that platforms
send instead (`links_data`), further pages (`paging`), or what a link's title means (`proposals`).

Everything works on bytes that were fetched; no script is run.
"""

from collections.abc import Iterable, Iterator

from pipelines.discover.addresses import resolve
from pipelines.discover.link import Link
from pipelines.discover.links_data import json_links, json_of, markup_in_json, records, script_markup
from pipelines.discover.links_html import anchors
from pipelines.read.encoding import decode
from pipelines.read.errors import UnreadableDocument
from pipelines.read.html.items import Element
from pipelines.read.html.page import parse_page

__all__ = ["Link", "links"]


def links(content: bytes, base_url: str) -> tuple[Link, ...]:
    """Every link of a listing page, in its order, each address and title once.

    Read are: anchors of a page; records of a `<datastore>` (大汉 jpage), in the page or alone; entries that
    scripts write; JSON with titles and addresses (gkmlpt and others), or with markup in it (jpaas).

    Args:
        content: the page as sent, of any encoding.
        base_url: the address that answered, for relative links.
    """
    text = decode(content)
    data = json_of(text)
    if data is not None:
        found = [*json_links(data, base_url), *_of_fragments(markup_in_json(data), base_url)]
    elif "<datastore" in text and "<html" not in text.lower():
        found = [*_of_fragments(records(text), base_url)]
    else:
        found = [*_of_page(content, base_url)]
    return tuple({(link.url, link.titles): link for link in found}.values())


def page_of(content: bytes) -> Element | None:
    """The element tree of a page; None where there is no element in it."""
    try:
        return parse_page(content)
    except UnreadableDocument:
        return None


def _of_page(content: bytes, base_url: str) -> Iterator[Link]:
    root = page_of(content)
    if root is None:
        return
    base = root.find(".//base[@href]")
    if base is not None:
        base_url = resolve(base_url, base.get("href") or "") or base_url
    yield from anchors(root, base_url)
    for script in root.iter("script"):
        written = script.text or ""
        kind = (script.get("type") or "").lower()
        if "json" in kind:
            yield from json_links(json_of(written), base_url)
        elif "<record>" in written:
            yield from _of_fragments(records(written), base_url)
        else:
            yield from _of_fragments(script_markup(written), base_url)


def _of_fragments(fragments: Iterable[str], base_url: str) -> Iterator[Link]:
    for fragment in fragments:
        # Rows alone would be dropped by the parser: it knows them only in a table.
        markup = f"<table>{fragment}</table>" if fragment.lstrip()[:3].lower() in ("<tr", "<td") else fragment
        root = page_of(f"<html><body>{markup}</body></html>".encode())
        if root is not None:
            yield from anchors(root, base_url)
