"""Attachments of a web page: which files it offers, and which of them is the report that the page only announces.

Belongs here: links to files and what they say. Does not: fetching a file, or whether the page holds a report itself.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from lxml import etree

from pipelines.discover.addresses import host, in_script, resolve
from pipelines.discover.hosts import declared_hosts, domain
from pipelines.read.errors import UnreadableDocument
from pipelines.read.html.page import parse_page

Element = etree._Element

SUFFIXES = ("docx", "doc", "wps", "pdf", "ofd", "zip", "rar", "xlsx", "xls")
"""The kinds of files that reports come as; of two alike the earlier one is taken."""

_FILE = re.compile(rf"(?P<name>[^/\\?&=]*\.(?P<suffix>{'|'.join(SUFFIXES)}))$", re.IGNORECASE)
_VIEWER = re.compile(r"\.html?$", re.IGNORECASE)
_LINKS = {"a": "href", "area": "href", "iframe": "src", "frame": "src", "embed": "src", "object": "data"}
_SPACE = re.compile(r"[\s\u200b\ufeff]+")

_REPORT = re.compile(r"信息公开(?:工作|情况|年度|的|[(（]?20\d\d年?[)）]?)*(?:报告|年报)")
_SAYS_REPORT = re.compile("年报|年度报告|工作报告|报告")
_OTHER = re.compile(
    "解读|图解|一图|读懂|指南|申请表|登记表|目录|通知|办法|条例|规定|流程|须知|征求意见|公告|公示|名单|问答|预算|决算|说明"
)
_YEAR = re.compile(r"(20\d\d)年")
_SURE, _LIKELY, _UNSAID = 2, 1, 0


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that a page offers: its address, and what the link says, or else the name of the file."""

    url: str
    text: str


def attachments(content: bytes, base_url: str) -> tuple[Attachment, ...]:
    """The files that a page links or embeds which may be reports, the likeliest first; each address once.

    A file is told by its ending: of the path, of a value in the query (`downfile.jsp?filename=a.pdf`), or of the
    link's text. A viewer's page (`viewer.html?file=/a.pdf`) counts as the file that it shows.

    Args:
        content: the page as sent; a page that cannot be parsed offers none.
        base_url: its address, to which links are relative.
    """
    try:
        root = parse_page(content)
    except UnreadableDocument:
        return ()
    base = root.find(".//base[@href]")
    start = resolve(base_url, base.get("href") or "") if base is not None else None
    found: dict[str, tuple[int, int, Attachment]] = {}
    for url, text, name in _files(root, start or base_url):
        offered = Attachment(url, text or name)
        rank = (-_likelihood(f"{text} {name}"), SUFFIXES.index(_suffix(name)), offered)
        if url not in found or rank[:2] < found[url][:2]:
            found[url] = rank
    return tuple(offered for _, _, offered in sorted(found.values(), key=lambda rank: rank[:2]))


def report_attachment(content: bytes, base_url: str, year: int, *, sure: bool = False) -> Attachment | None:
    """The attachment that is the report of a year, where a page holds no report itself; None where none seems to be.

    It lies on the page's own host or that government's others, says that it is a report or is the only file, and
    names no other year.

    Args:
        content: the page as sent.
        base_url: its address.
        year: the year that the report must cover.
        sure: whether it must say in full that it is a 信息公开年度报告.
    """
    offered = [one for one in attachments(content, base_url) if is_near(one.url, base_url) and _may_be_of(one, year)]
    if not offered:
        return None
    best = offered[0]
    likelihood = _likelihood(f"{best.text} {_name(best)}")
    least = _SURE if sure else _LIKELY
    return best if likelihood >= least or (len(offered) == 1 and not sure) else None


def _files(root: Element, base_url: str) -> Iterator[tuple[str, str, str]]:
    """Address, text and file name of every link to a file."""
    for element in root.iter(*_LINKS):
        text = _bare(str(element.xpath("string()"))) or _bare(element.get("title") or "")
        written = element.get(_LINKS[element.tag]) or ""
        called = in_script(written) or in_script(element.get("onclick") or "")
        for address in (called or written, element.get("data-href") or ""):
            url = resolve(base_url, address) if address else None
            if url is None:
                continue
            url = _shown_in_viewer(url) or url
            name = _file_name(url) or _named(element.get("download") or "") or _named(text)
            if name is not None:
                yield url, text, name


def _shown_in_viewer(url: str) -> str | None:
    """The file that a page shows by a script of its own, or None for an address of another kind."""
    parts = urlsplit(url)
    if not _VIEWER.search(parts.path):
        return None
    shown = (value for _, value in parse_qsl(parts.query) if "/" in value and _named(value))
    return next((resolve(url, value) for value in shown), None)


def _file_name(url: str) -> str | None:
    parts = urlsplit(url)
    values = [value for _, value in parse_qsl(parts.query)]
    return next((name for text in (unquote(parts.path), *values) if (name := _named(text))), None)


def _named(text: str) -> str | None:
    """The file name that a text ends with, or None."""
    found = _FILE.search(text.strip())
    return found["name"] if found else None


def _name(offered: Attachment) -> str:
    return _file_name(offered.url) or ""


def _suffix(name: str) -> str:
    return name.rpartition(".")[2].lower()


def _bare(text: str) -> str:
    return _SPACE.sub("", text)


def _likelihood(said: str) -> int:
    """How likely a file is the report, by what its link and name say."""
    said = _bare(said)
    if _OTHER.search(said):
        return -1
    if _REPORT.search(said):
        return _SURE
    return _LIKELY if _SAYS_REPORT.search(said) else _UNSAID


def _may_be_of(offered: Attachment, year: int) -> bool:
    """Whether a file is no guide or form, and its link names the year or none."""
    years = {int(found) for found in _YEAR.findall(offered.text)}
    return _likelihood(f"{offered.text} {_name(offered)}") >= _UNSAID and (not years or year in years)


def is_near(url: str, page_url: str) -> bool:
    """Whether a file lies on the page's host, or another of the same government."""
    known = declared_hosts()
    return domain(host(url), known) == domain(host(page_url), known)
