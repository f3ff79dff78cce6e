"""Web pages whose tables are pictures: which files those are, and the page with them inside, as a document of its own.

Belongs here: addresses and markup. Does not: fetching the files, whether the page holds the tables as text, or
reading pictures.
"""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urldefrag

from lxml import etree

from pipelines.discover.addresses import resolve
from pipelines.discover.attachments import is_near
from pipelines.read.encoding import decode
from pipelines.read.errors import UnreadableDocument
from pipelines.read.html.items import Element
from pipelines.read.html.page import content_pictures, parse_page
from pipelines.read.html.pictures import as_embedded, is_legible, linked

MOST = 60
"""A page with more pictures is an album: the longest reports have some thirty pages."""
LARGEST = 64 * 2**20
"""Bytes of pictures up to which a page is made with them inside."""

FRAGMENT = "pictures"
_FIRST_ROW = "本年新收"
_TABLE = re.compile("<table", re.IGNORECASE)


def with_pictures_address(page_url: str) -> str:
    """The address under which a page with its pictures inside is kept; no server is ever sent a fragment."""
    return f"{urldefrag(page_url).url}#{FRAGMENT}"


def pictures(content: bytes, base_url: str) -> tuple[str, ...]:
    """Addresses of the pictures in a page's text that may show a table, in reading order, each once.

    They lie on the page's host or another of the same government, and are not small by what the page says. None is
    named of a page that prints the table of chapter 3 as text, that cannot be parsed, or that has more pictures than
    a report.

    Args:
        content: the page as sent.
        base_url: its address.
    """
    if _prints_table(content):
        return ()
    try:
        root = parse_page(content)
    except UnreadableDocument:
        return ()
    found = tuple(dict.fromkeys(url for _, url in _pictures(root, base_url)))
    return found if len(found) <= MOST else ()


def page_with_pictures(content: bytes, base_url: str, files: Mapping[str, bytes]) -> bytes | None:
    """A page with the files of its pictures inside, as `data:` addresses; the same files give the same bytes.

    Args:
        content: the page as sent.
        base_url: its address.
        files: what the addresses that `pictures` names hold, those that could be had.

    Returns:
        None where no file is large enough to show a table, or all of them are larger than any report.
    """
    root = parse_page(content)
    legible = {url: file for url, file in files.items() if is_legible(file)}
    if not legible or sum(map(len, legible.values())) > LARGEST:
        return None
    for image, url in _pictures(root, base_url):
        if url in legible:
            image.set("src", as_embedded(legible[url]))
    # Plain ASCII with references, which means the same in whatever encoding the page declares.
    return bytes(etree.tostring(root, method="html", encoding="ascii"))


def _prints_table(content: bytes) -> bool:
    """Whether a page prints the table of chapter 3 by all appearances, told without parsing it: most pages do."""
    text = decode(content)
    return _FIRST_ROW in text and _TABLE.search(text) is not None


def _pictures(root: Element, base_url: str) -> Iterator[tuple[Element, str]]:
    base = root.find(".//base[@href]")
    start = resolve(base_url, base.get("href") or "") if base is not None else None
    for image in content_pictures(root, lambda image: linked(image) is not None):
        url = resolve(start or base_url, linked(image) or "")
        if url is not None and is_near(url, base_url):
            yield image, url
