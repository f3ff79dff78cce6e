"""The further pages of a listing: links to the next page, and what scripts would ask for.

Belongs here: the ways in which common government platforms cut a list into pages, and the columns by year below
a list. Does not: fetching the pages, or knowing when enough were fetched (`pipelines.discover.crawl`).
"""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from pipelines.discover.addresses import host, resolve
from pipelines.discover.link import Link, year_alone, year_named
from pipelines.discover.links import links, page_of
from pipelines.discover.links_data import json_of
from pipelines.discover.links_html import text_of
from pipelines.read.encoding import decode
from pipelines.read.html.items import Element
from pipelines.recognise.organs import is_body

_NEXT = re.compile(r"(?:下一?页|后一?页|下页|next(?:page)?|>|»|›|>>|＞)[>»›]*", re.IGNORECASE)
_PAGER = re.compile(
    r"(?:[上下前后]一?页|首页|末页|尾页|第一页|最后一页|prev(?:ious)?|next|[1-9]\d{0,2})", re.IGNORECASE
)
_NUMBER = re.compile(r"[1-9]\d{0,2}")
_MOST_PAGES = 200
"""Pages of one list that a page may announce: more is a slip or a trap."""

# TRS WCM: createPageHTML(pages, current, "index", "html"), with the id of an element before or after in variants.
_TRS_CALL = re.compile(r"createPageHTML\s*\(([^()]{1,200})\)")
_TRS_COUNT = re.compile(r"\bcountPage\s*=\s*(\d+)")
_TRS_FILE = re.compile(r"(?P<name>[\w-]+?)(?P<number>_\d+)?\.(?P<suffix>s?html?)")

# 大汉 jpage: the next group of records is a link in the data, or asked for with the numbers of a call.
_NEXT_GROUP = re.compile(r"<nextgroup>\s*(?:<!\[CDATA\[)?(.{0,2000}?)(?:\]\]>)?\s*</nextgroup>", re.DOTALL)
_HREF = re.compile(r"""href\s*=\s*(['"])(.*?)\1""", re.DOTALL)
_PROXY = re.compile(r"""(?i)['"]?proxyurl['"]?\s*[:=]\s*(['"])(?P<url>[^'"]+)\1""")
_PROXY_NUMBER = r"""(?i)['"]?{}['"]?\s*[:=]\s*['"]?(\d+)"""
_PROXY_PARAMETERS = re.compile(r"""(?i)['"]?(?:proxy|data)?params?['"]?\s*[:=]\s*\{([^{}]{1,2000})\}""")
_PARAMETER = re.compile(r"""['"]?(\w+)['"]?\s*:\s*['"]([^'"]*)['"]""")
_GROUP_PAGES = 3
"""Pages of records that jpage asks for at once."""

# 大汉 jpaas: a unit of the page names the parameters of the call that fills it.
_UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"
_UNIT_PARAMETERS = ("webId", "tplSetId", "pageType", "tagId", "editType", "pageId")
_UNIT_PAGE = re.compile(r"(?i)(?P<before>%22pageNo%22%3A|\"pageNo\":)(?P<page>\d+)")

# gkmlpt (Guangdong): the page knows its site, its address or its tree of columns the column.
_SITE = re.compile(r"""['"]?SID['"]?\s*:\s*['"]?(\d+)""")
_COLUMN = re.compile(r"#(?:/[^#]*?)?(\d+)$")
_NODES = (
    re.compile(r'"id"\s*:\s*"?(\d+)"?\s*,(?:[^{}\[\]]{0,200}?,)?\s*"name"\s*:\s*"([^"]*)"'),
    re.compile(r'(?P<name>"name"\s*:\s*"([^"]*)")\s*,(?:[^{}\[\]]{0,200}?,)?\s*"id"\s*:\s*"?(\d+)"?'),
)
_ANNUAL = re.compile("年报|年度报告")
_GKMLPT_SIZE = 100
"""Entries of a page of gkmlpt but the last."""

_PAGE_PARAMETER = re.compile(
    r"(?i)(?P<before>[?&](?:page|pageno|pageindex|pagenum|pagenumber|currentpage|curpage|cpage|p)=)(?P<page>\d{1,4})(?=&|$)"
)
_DIRECTORY = re.compile(r"(?:.*/)?(?:(?:index|list)\.(?:s?html?|jhtml|jsp|aspx?)|)")
_COLLECTIVE = re.compile("[各(（、]|区县|县区|市县|县市|乡镇|镇街|街镇|部门|直属|下属|市直|单位")
_COLUMN_PAGE = re.compile(r".*/col/col\d+/(?:index\.html)?")


@dataclass(frozen=True, slots=True)
class Column:
    """A column below a listing: its address, and the year or the body where its name is one's."""

    url: str
    year: int | None
    publisher: str | None


def further_pages(content: bytes, url: str) -> tuple[str, ...]:
    """The addresses of further pages of the same listing that a page tells of, in order; may include known ones.

    Args:
        content: the page as sent.
        url: the address it was asked for, with its fragment.
    """
    text = decode(content)
    root = page_of(content) if json_of(text) is None else None
    if root is None:
        return ()
    found = [
        *_linked(root, url),
        *_trs(text, url),
        *(_next_group(text, url) if "<nextgroup" in text else _proxied(text, url)),
        *_units(root, url),
        *_gkmlpt(text, url),
    ]
    return tuple(dict.fromkeys(each for each in found if each != url and host(each) == host(url)))


def guessed_page(content: bytes, url: str) -> str | None:
    """The address of the next page as its number in the address of this one suggests; None where nothing does.

    Only where the page itself tells nothing of other pages. The number alone changes; there may be no such page.
    """
    text = decode(content)
    data = json_of(text)
    if data is not None:
        return _next_unit(url) if _UNIT in url else None if _is_last(data, url) else _next_by_parameter(url)
    root = page_of(content)
    if root is None or "<nextgroup" in text or any(_PAGER.fullmatch(text_of(anchor)) for anchor in root.iter("a")):
        return None
    return _next_by_parameter(url)


def columns(content: bytes, url: str) -> tuple[Column, ...]:
    """The columns below a listing, such as one a year or one a department.

    A column is a page below the listing's own folder, or one of the same site whose name is a year and
    nothing else. An article is no column.
    """
    folder = _folder(url)
    found: dict[str, Column] = {}
    for link in links(content, url):
        if link.url == url or host(link.url) != host(url) or not _is_directory(link.url):
            continue
        below = folder != "/" and _folder(link.url) != folder and _folder(link.url).startswith(folder)
        if below or any(year_alone(title) for title in link.titles):
            found.setdefault(link.url, _column(link))
    return tuple(found.values())


def _column(link: Link) -> Column:
    year = next(filter(None, map(year_named, link.titles)), None)
    bodies = (title for title in link.titles if is_body(title) and not _COLLECTIVE.search(title))
    return Column(link.url, year, next(bodies, None))


def _folder(url: str) -> str:
    """The path up to the last slash; a last part without a suffix is a folder, too (`/zfxxgknb/2021n`)."""
    folder, _, last = (urlsplit(url).path or "/").rpartition("/")
    return f"{folder}/{last}/" if last and "." not in last else f"{folder}/"


def _is_directory(url: str) -> bool:
    parts = urlsplit(url)
    if parts.query:
        return False
    return (
        _DIRECTORY.fullmatch(parts.path) is not None
        or "." not in parts.path.rpartition("/")[2]
        or _COLUMN_PAGE.fullmatch(parts.path) is not None
    )


def _linked(root: Element, url: str) -> Iterator[str]:
    """Links called 下一页 or by a number in the same folder, and the pages of frames."""
    for anchor in root.iter("a", "link"):
        target = resolve(url, anchor.get("href") or "")
        if target is None:
            continue
        name = text_of(anchor) or (anchor.get("title") or "").strip()
        is_next = anchor.get("rel") == "next" or (anchor.tag == "a" and _NEXT.fullmatch(name) is not None)
        is_number = anchor.tag == "a" and _NUMBER.fullmatch(name) is not None and _folder(target) == _folder(url)
        if is_next or is_number:
            yield target
    for frame in root.iter("iframe", "frame"):
        target = resolve(url, frame.get("src") or "")
        if target is not None:
            yield target


def _trs(text: str, url: str) -> Iterator[str]:
    """`index_1.html` and on, as TRS's script would link them; the first page is `index.html`, without a number."""
    call = _TRS_CALL.search(text)
    count = _TRS_COUNT.search(text)
    if call is None and count is None:
        return
    arguments = [each.strip() for each in call[1].split(",")] if call else []
    numbers = [int(each) for each in arguments if each.isdecimal()]
    names = [each[1:-1] for each in arguments if len(each) > 2 and each[0] in "'\"" and each[-1] == each[0]]
    last = urlsplit(url).path.rpartition("/")[2]
    here = _TRS_FILE.fullmatch(last)
    if here is not None and here["number"]:
        return  # a further page; the first one has told them all
    total = numbers[0] if numbers else int(count[1]) if count else 0
    # The last two names are the file's: a first one is the id of the element the script fills.
    name, suffix = names[-2:] if len(names) > 1 else (here["name"], here["suffix"]) if here else ("index", "html")
    # TRS counts pages from 0; other systems that took over the name of its function count from 1.
    first = 2 if len(numbers) > 1 and numbers[1] == 1 else 1
    for number in range(first, min(total, _MOST_PAGES) + first - 1):
        target = resolve(url, f"{name}_{number}.{suffix}")
        if target is not None:
            yield target


def _next_group(text: str, url: str) -> Iterator[str]:
    for group in _NEXT_GROUP.finditer(text):
        link = _HREF.search(group[1])
        target = resolve(url, html.unescape(link[2] if link else group[1].strip()))
        if target is not None:
            yield target


def _proxied(text: str, url: str) -> Iterator[str]:
    """The groups of records that jpage would ask its proxy for, with the parameters in the order of its call."""
    proxy = _PROXY.search(text)
    total, per_page = (re.search(_PROXY_NUMBER.format(name), text) for name in ("totalrecord", "perpage"))
    if proxy is None or total is None or per_page is None or int(per_page[1]) == 0:
        return
    size = int(per_page[1])
    shown = text.count("<record>") or size
    parameters = _PROXY_PARAMETERS.search(text, proxy.start())
    named = _PARAMETER.findall(parameters[1]) if parameters else []
    said = "".join(f"&{name}={quote(value, safe='/:%')}" for name, value in named)
    for number, start in enumerate(range(shown + 1, int(total[1]) + 1, size * _GROUP_PAGES)):
        if number == _MOST_PAGES:
            return
        end = start + size * _GROUP_PAGES - 1
        target = resolve(url, f"{proxy['url']}?startrecord={start}&endrecord={end}&perpage={size}{said}")
        if target is not None:
            yield target


def _units(root: Element, url: str) -> Iterator[str]:
    """The calls that fill the units of a jpaas page (`<script url="…" queryData="{'webId': …}">`)."""
    for unit in root.iter():
        said = unit.get("querydata") if isinstance(unit.tag, str) else None
        if not said:
            continue
        named = dict(_PARAMETER.findall(said))
        address = unit.get("url") or _UNIT
        query = "&".join(f"{name}={quote(named[name], safe='')}" for name in _UNIT_PARAMETERS if name in named)
        target = resolve(url, f"{address}?parseType={named.get('parseType', 'bulidstatic')}&{query}")
        if query and target is not None:
            yield target


def _next_unit(url: str) -> str:
    """The next page of a unit of a jpaas page: its number stands in a JSON parameter."""
    known = _UNIT_PAGE.search(url)
    if known is not None:
        return f"{url[: known.start('page')]}{int(known['page']) + 1}{url[known.end('page') :]}"
    page = json.dumps({"pageNo": 2, "pageSize": 15}, separators=(",", ":"))
    return f"{url}&paramJson={quote(page, safe='')}"


def _gkmlpt(text: str, url: str) -> Iterator[str]:
    """The list of a column of annual reports on Guangdong's platform: the column of the address, else by its name."""
    before, platform, _ = url.partition("/gkmlpt/")
    site = _SITE.search(text)
    if not platform or site is None:
        return
    chosen = _COLUMN.search(url)
    by_id, by_name = _NODES
    named = [(found[1], found[2]) for found in by_id.finditer(text)]
    named += [(found[3], found[2]) for found in by_name.finditer(text)]
    ids = [chosen[1]] if chosen else [number for number, name in named if _ANNUAL.search(name)]
    for number in dict.fromkeys(ids):
        yield f"{before}/gkmlpt/api/all/{number}?page=1&sid={site[1]}"


def _is_last(data: object, url: str) -> bool:
    """Whether a JSON answer says that its page is the last; one that says nothing may have followers."""
    known = _PAGE_PARAMETER.search(url)
    if known is None or not isinstance(data, dict):
        return False
    page = int(known["page"])
    holders = [data, *(each for each in data.values() if isinstance(each, dict))]
    numbers = {
        str(name).lower(): value
        for holder in reversed(holders)
        for name, value in holder.items()
        if isinstance(value, int) and not isinstance(value, bool)
    }
    pages = next((numbers[name] for name in ("totalpages", "totalpage", "pages", "pagecount") if name in numbers), None)
    if pages is not None:
        return page >= pages
    total = next((numbers[name] for name in ("total", "totalcount", "totalrecord") if name in numbers), None)
    size = max((len(each) for holder in holders for each in holder.values() if isinstance(each, list)), default=0)
    if "/gkmlpt/" in url:
        size = max(size, _GKMLPT_SIZE)
    return total is not None and page * size >= total


def _next_by_parameter(url: str) -> str | None:
    """The same address with the number of its page one higher, everything else as it is."""
    known = _PAGE_PARAMETER.search(url)
    if known is None or int(known["page"]) >= _MOST_PAGES:
        return None
    return f"{url[: known.start('page')]}{int(known['page']) + 1}{url[known.end('page') :]}"
