"""Which parts of a web page are the document and which the site around it.

Belongs here: the content element, and navigation, notices, share bars and link lists. Does not: markup or tables.
"""

import re
from collections.abc import Iterable, Sequence

from pipelines.read.html.items import LINK_SHARE, PROSE, Area, Fact, Grid, Item, Line, Picture, unspaced
from pipelines.read.html.metadata import with_facts

_TITLE = re.compile(r"(?=.*(?:\d{4}|二[〇○零Oo0]))(?=.*公开).*(?:报告|年报)")
_TITLE_LENGTH = 8
_HEADINGS = frozenset(("h1", "h2", "h3"))
_CHROME_TAGS = frozenset(("nav", "header", "footer", "aside"))
_CHROME_NAMES = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|header|footer|foot|copyright|crumbs?|breadcrumbs?|sidebar|aside"
    r"|share|bdsharebuttonbox|related|relates|recommend|pager|pagination|toolbar|qrcode|search|login"
    r"|friendlinks?)(?:$|[\s_-])",
    re.IGNORECASE,
)
_CHROME_CONTROL = re.compile(
    r"[\s【\[|]*(?:(?:您|你)?(?:现在|当前)?(?:所在|所处)?的?位置\s*[:：]|首页\s*(?:[>＞»›]|$)|[上下]一[篇条页]"
    r"|相关(?:链接|文章|新闻|信息|阅读|文档|稿件|解读)\s*(?:[:：]|$)|打印(?:本页|此页|页面|文章|本文)?\s*(?:$|[】\]|])"
    r"|关闭(?:窗口|本页|页面)?\s*(?:$|[】\]|])|返回(?:顶部|首页|列表|上[一级]|$)|分享(?:到|至|$)"
    r"|字[体号](?:大小)?\s*[:：]|视力保护|(?:用)?(?:微信)?扫一扫|扫描?二维码|收藏(?:本页|$)|无障碍(?:浏览|阅读|模式|$)|繁[體体]|长者(?:版|模式))"
)
_CONTROL_LINE = 60
_CHROME_NOTICE = re.compile(
    r"(?:主办|承办)(?:单位)?\s*[:：]|技术支持\s*[:：]|版权所有|网站地图|您访问的链接即将离开|Copyright|©"
)
_CHROME_ANYWHERE = re.compile(r"(?:ICP\s*备|公网安备|网站标识码)\W*\w?\W*\d", re.IGNORECASE)
_NOTICE_LINE = 200

_MOST = 0.8
"""Share of a page's prose that the content element holds; outside it, what reads like prose is kept too."""
_MUCH = 0.1
"""Share of a page's prose up to which an element outside it may be a header, footer or sidebar."""
_FEW_LINKS = 3


def document_items(items: list[Item], areas: list[Area], titles: list[str]) -> list[Item]:
    """The items that are the document and not the site around it, and the facts.

    The content element is the innermost one that holds every grid of figures, every chapter heading and
    nearly all prose. In it everything stays but link lists and share bars. Outside it only what reads like a
    report does: its title, any grid, and sentences after the title. Metadata are looked for before the first
    prose or figures in the content element.
    """
    _sum_up(items, areas)
    _mark(areas, _content_area(areas[0]))
    start = next((at for at, item in enumerate(items) if _weight(item) and _is_content(item)), len(items))
    before = list(with_facts(items[:start]))
    bare_titles = [unspaced(title) for title in titles]
    title_at = next((at for at, item in enumerate(before) if _is_title(item, bare_titles)), 0)
    items = before + items[start:]
    kept = [
        item for at, item in enumerate(items) if isinstance(item, Fact) or _belongs(item, at < title_at, bare_titles)
    ]
    return kept if any(not isinstance(item, Fact) for item in kept) else items


def _weight(item: Item) -> int:
    """How much an item tells where the document is: prose and grids of figures do, by their length."""
    if isinstance(item, Line):
        return item.weight
    if isinstance(item, Grid):
        return item.length if item.figures else 0
    return 0


def _is_content(item: Item) -> bool:
    return not isinstance(item, Fact) and item.area.inside and not item.area.chrome


def _sum_up(items: Iterable[Item], areas: Sequence[Area]) -> None:
    for item in items:
        if isinstance(item, Fact):
            continue
        area = item.area
        weight = _weight(item)
        area.weight += weight
        area.weighty += weight > 0
        if isinstance(item, Line):
            area.length += len(item.text)
            area.linked += item.linked
            area.links += item.links
            area.landmarks += item.is_heading
        else:
            area.length += item.length
            area.landmarks += item.figures
    for area in reversed(areas):  # children come after their parents
        parent = area.parent
        if parent is None or not area.length:
            continue
        parent.length += area.length
        parent.linked += area.linked
        parent.links += area.links
        parent.landmarks += area.landmarks
        parent.weight += area.weight
        parent.weighty += area.weighty
        if parent.heaviest is None or area.weight >= parent.heaviest.weight:
            parent.heaviest = area


def _content_area(top: Area) -> Area:
    area = top
    while (inner := area.heaviest) is not None:
        if inner.weighty < 2 or inner.landmarks < top.landmarks or inner.weight < top.weight * _MOST:
            break
        area = inner
    return area


def _mark(areas: Sequence[Area], content: Area) -> None:
    """Note for every area whether it lies in the content element and whether it is the site's."""
    around: set[Area] = set()
    at: Area | None = content
    while at is not None:
        around.add(at)
        at = at.parent
    much = areas[0].weight * _MUCH
    for area in areas:
        parent = area.parent
        area.inside = area is content or (parent is not None and parent.inside)
        if area in around or not area.length:
            continue
        if parent is not None and parent.chrome:
            area.chrome = True
        elif not area.landmarks and area.weight <= (0 if area.inside else much):
            area.chrome = _is_chrome(area)


def _is_chrome(area: Area) -> bool:
    if area.links >= _FEW_LINKS and area.linked > area.length * LINK_SHARE:
        return True
    element = area.element
    if element.tag in _CHROME_TAGS:
        return True
    return any(_CHROME_NAMES.search(element.get(name) or "") for name in ("class", "id", "role"))


def _belongs(item: Line | Grid | Picture, above_title: bool, titles: Sequence[str]) -> bool:
    area = item.area
    if isinstance(item, Grid):
        return area.inside or not (area.chrome or above_title)
    if isinstance(item, Picture):
        return not area.chrome and (area.inside or not above_title)
    if _is_chrome_line(item.text):
        return False
    if _is_title(item, titles):
        return True
    if area.chrome:
        return False
    return area.inside or (item.weight > 0 and not above_title)


def _is_title(item: Item, titles: Sequence[str]) -> bool:
    if not isinstance(item, Line) or item.weight or len(item.text) > PROSE:
        return False
    tag = item.area.element.tag
    bare = unspaced(item.text)
    # The title element goes on with the names of column and site.
    if len(bare) >= _TITLE_LENGTH and any(title.startswith(bare) for title in titles):
        return not item.linked or tag in _HEADINGS
    return not item.linked and (tag == "h1" or _TITLE.match(item.text) is not None)


def _is_chrome_line(text: str) -> bool:
    if len(text) <= _CONTROL_LINE and "。" not in text and _CHROME_CONTROL.match(text):
        return True
    if len(text) > _NOTICE_LINE:
        return False
    return _CHROME_NOTICE.match(text) is not None or _CHROME_ANYWHERE.search(text) is not None
