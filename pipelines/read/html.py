"""Web pages, by lxml: paragraphs and tables in reading order, each cell with its spans and element path.

Belongs here: what a browser would print (HTML's white space, hidden elements, its table model), which tables
are grids of figures and which only lay out a page, which parts of a page are the document and which the site
around it. Does not: what a table or a paragraph means.

The tree is parsed once and never changed, so that every `Place.path` resolves in it. One walk turns it into
lines and tables; a table is resolved when it closes, so an inner table is known before the table around it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import groupby

from lxml import etree

from pipelines.read.document import Block, Cell, Document, Paragraph, Place, Table
from pipelines.read.encoding import decode
from pipelines.read.errors import DamagedFile, EmptyPage
from pipelines.read.media import HTML

Element = etree._Element

# --- what elements are ---------------------------------------------------------------------------

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
_INVISIBLE_BOX = re.compile(r"visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)
_PLAIN_NAME = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
_TECHNICAL_META_WORDS = """
    apple-mobile-web-app-capable apple-mobile-web-app-status-bar-style changed created csrf-param csrf-token
    format-detection generator originator progid referrer renderer robots theme-color viewport
"""
_TECHNICAL_META = frozenset(_TECHNICAL_META_WORDS.split())

# --- what text looks like ------------------------------------------------------------------------

_WIDE = (
    r"[\u2014\u2018-\u201d\u2026\u2e80-\ua4cf\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff60"
    r"\U00020000-\U0003ffff]"
)
# CSS Text 3, 4.1.3: a line break in the source prints nothing between wide characters, elsewhere a space.
_BREAK_BETWEEN_WIDE = re.compile(rf"(?<={_WIDE})[ \t]*[\r\n][ \t\r\n\f]*(?={_WIDE})")
_SOURCE_SPACE = re.compile(r"[ \t\r\n\f]+")
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))

_NUMBER = re.compile(r"[-+−－]?\s*[\d０-９][\d０-９,，.．\s]*(?:[件项条次个人起宗例元%]|万元|亿元)?|[-—–－─/／…·]{1,4}")
_SENTENCE_END = re.compile("[。！？；]")
_CHAPTER = re.compile(r"(?:[一二三四五六七八九十]{1,3}\s*[、.．]|第[一二三四五六七八九十]{1,3}[章部])[^。]{2,38}")
_TITLE = re.compile(r"(?=.*(?:\d{4}|二[〇○零Oo0]))(?=.*公开).*(?:报告|年报)")
_TITLE_LENGTH = 8
_PROSE = 60
"""Characters from which a cell with a full stop is prose: the forms' longest labels have no full stop."""
_ESSAY = 400
"""Characters that no cell beside a figure has: such a cell is a column of the page, not of a table."""

# What sites call the metadata beside a page's text.
_LABEL_WORDS = """
    索引号 信息索引 信息索引号 统一索引号 索取号 发布机构 发布机关 发布单位 发布部门 发布人 发文机关 发文单位
    制发机关 制定机关 公开机构 公开单位 公开主体 公开责任部门 责任部门 责任单位 责任编辑 编辑 作者
    信息来源 来源 文章来源 稿件来源 栏目 所属栏目
    发布日期 发布时间 发文日期 发文时间 成文日期 成文时间 印发日期 生成日期 形成日期 产生日期 公开日期
    公开时间 公布日期 更新日期 更新时间 日期 时间 有效性 信息有效性 有效期 时效性 时效状态 文件状态 是否有效
    生效日期 生效时间 实施日期 废止日期 失效日期 失效时间
    名称 信息名称 文件名称 标题 文号 发文字号 文件编号 公文种类 文种 体裁 体裁分类 语种 记录形式 信息格式
    载体 载体类型 主题 主题词 主题分类 信息分类 信息类别 信息公开类别 分类 类别 所属分类 组配分类
    服务对象 服务对象分类 公开方式 公开形式 公开类别 公开类型 公开范围 公开时限 公开属性 公开程序
    关键词 关键字 内容概述 内容摘要 摘要
    点击数 点击率 点击量 浏览次数 浏览量 浏览数 阅读 阅读次数 阅读量 访问次数 访问量
"""
_LABELS = frozenset(_LABEL_WORDS.split())
_LABEL_EDGES = " \t\n\u00a0\u3000【】[]［］（(：:|｜，,；;"
_ANY_LABEL = "|".join(r"\s*".join(label) for label in sorted(_LABELS, key=len, reverse=True))
_INLINE_LABEL = re.compile(rf"(?P<label>{_ANY_LABEL})\s*[：:]")
_DATE = re.compile(r"\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?(?:\s*\d{1,2}:\d{2}(?::\d{2})?)?")
_CONTROLS = re.compile(r"[【\[（(|｜]?\s*(?:我要)?(?:打印|关闭|分享|字体|字号|收藏|保存|扫一扫|视力保护)")
_FACTS_LINE = 200
"""Characters up to which a line can be metadata."""

# --- what the site around a document looks like --------------------------------------------------

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
_LINK_SHARE = 0.6
_FEW_LINKS = 3

_SPAN_LIMIT = 100
"""A wider span means "to the right edge": no form has so many columns, pasted markup has spans of 1000."""
_ROW_SPAN_LIMIT = 65_534  # of the HTML standard


@dataclass(slots=True, eq=False)
class _Area:
    """A block element, with sums over everything printed inside it."""

    element: Element
    parent: "_Area | None"
    length: int = 0
    linked: int = 0
    links: int = 0
    weight: int = 0
    weighty: int = 0
    landmarks: int = 0
    heaviest: "_Area | None" = None
    inside: bool = False
    chrome: bool = False


@dataclass(frozen=True, slots=True)
class _Line:
    """A printed line: text between two breaks, how many of its characters are links, and how many links."""

    text: str
    area: _Area
    linked: int
    links: int

    @property
    def weight(self) -> int:
        """Characters of prose: all of a line with a sentence, unless it is a link, else 0."""
        return len(self.text) if _SENTENCE_END.search(self.text) and not self.is_link else 0

    @property
    def is_link(self) -> bool:
        """Whether it is a link and little else. A full stop tells an anchor that was never closed."""
        return self.linked > len(self.text) * _LINK_SHARE and "。" not in self.text

    @property
    def is_heading(self) -> bool:
        """Whether it is the heading of a chapter, and no entry of a table of contents."""
        return not self.linked and _CHAPTER.fullmatch(self.text) is not None


@dataclass(frozen=True, slots=True)
class _Fact:
    name: str
    value: str


@dataclass(slots=True, eq=False)
class _Slot:
    """A cell of the grid, placed by the table model, with the items printed inside it."""

    element: Element
    row_span: int
    column_span: int
    items: "list[_Item]" = field(default_factory=list)
    row: int = 0
    column: int = 0
    text: str = ""

    @property
    def filled(self) -> bool:
        return bool(self.items)

    @property
    def holds_table(self) -> bool:
        return any(isinstance(item, _Grid) for item in self.items)

    @property
    def is_number(self) -> bool:
        return _NUMBER.fullmatch(self.text) is not None

    @property
    def is_prose(self) -> bool:
        return len(self.text) >= _PROSE and "。" in self.text


@dataclass(frozen=True, slots=True)
class _Grid:
    """A table of the document: some rows of a table element."""

    area: _Area
    slots: tuple[_Slot, ...]
    figures: bool

    @property
    def length(self) -> int:
        return sum(len(slot.text) for slot in self.slots)


_Item = _Line | _Grid | _Fact


@dataclass(slots=True)
class _Row:
    section: int
    foot: bool
    slots: list[_Slot] = field(default_factory=list)


@dataclass(slots=True)
class _OpenTable:
    """A table element not yet ended; what is printed in it outside its cells goes to `outer`, before it."""

    area: _Area
    outer: list[_Item]
    rows: list[_Row] = field(default_factory=list)
    section: int = 0
    foot: bool = False
    row: _Row | None = None
    slot: _Slot | None = None

    def add_row(self) -> _Row:
        self.row = _Row(self.section, self.foot)
        self.rows.append(self.row)
        return self.row

    def add_cell(self, element: Element) -> _Slot:
        row = self.row or self.add_row()
        self.slot = _Slot(element, _row_span(element), _span(element.get("colspan")) or 1)
        row.slots.append(self.slot)
        return self.slot


# --- the whole page ------------------------------------------------------------------------------


def read_html(content: bytes, sha256: str) -> Document:
    """Read a web page.

    Args:
        content: the page as sent, of any encoding.
        sha256: hash of `content`.

    Raises:
        EmptyPage: its markup prints nothing.
        DamagedFile: its elements are nested too deeply to be parsed.
    """
    root = parse_page(content)
    scan = _Scan()
    scan.walk(root)
    if not scan.items:
        raise EmptyPage(_why_empty(root, content))
    title = _fold(root.findtext(".//title") or "") or None
    metas = list(_meta_facts(root))
    titles = [title or "", *(fact.value for fact in metas if fact.name.lower() == "articletitle")]
    items = _document(scan.items, scan.areas, titles)
    facts = [*metas, *(item for item in items if isinstance(item, _Fact))]
    return Document(
        sha256=sha256,
        media_type=HTML,
        reading="html",
        page_count=None,
        producer=_producer(root),
        title=title,
        facts=tuple(dict.fromkeys((fact.name, fact.value) for fact in facts)),
        blocks=tuple(_blocks(items, _Paths())),
    )


def parse_page(content: bytes) -> Element:
    """The element tree of a page, its root `html`: the tree in which a `Place.path` is an XPath.

    Raises:
        EmptyPage: there is no element in it.
        DamagedFile: its elements are nested too deeply to be parsed.
    """
    text = decode(content).encode("utf-8", "replace")
    # The parser drops what lies deeper than 256 elements. A page pasted from Word can have so many font
    # elements that are never closed; only for such a page the parser's limits are lifted.
    for huge in (False, True):
        parser = etree.HTMLParser(
            encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=huge
        )
        try:
            root = etree.fromstring(text, parser)
        except etree.ParserError:
            root = None
        if not any(entry.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for entry in parser.error_log):
            break
    else:
        raise DamagedFile(
            "web page: elements are nested more than 2,048 deep, so its end cannot be read; found after"
            f" {len(content):,} bytes of markup. Open it in a browser, save it again and archive that file."
        )
    if root is None:
        raise EmptyPage(
            f"web page: no element in {len(content):,} bytes. Fetch it again; if it stays empty, look for the"
            " report's new address."
        )
    return root


def _why_empty(root: Element, content: bytes) -> str:
    scripts = len(root.findall(".//script"))
    frames = [str(frame.get("src")) for frame in root.iter("iframe", "frame") if frame.get("src")]
    refreshes = [meta for meta in root.iter("meta") if (meta.get("http-equiv") or "").lower() == "refresh"]
    found = f"web page: no printed text in {len(content):,} bytes of markup"
    if refreshes:
        target = refreshes[0].get("content")
        return f"{found}: it redirects ({target}). Set the source's address to where it leads."
    if frames:
        return f"{found}: its text is in a frame. Set the source's address to the frame's ({frames[0]})."
    if scripts:
        return (
            f"{found}: {scripts} scripts build it in the browser. Fetch what the scripts load, or the page as"
            " a browser renders it."
        )
    return f"{found}. Fetch it again; if it stays empty, look for the report's new address."


def _meta_facts(root: Element) -> Iterator[_Fact]:
    for meta in root.iter("meta"):
        name = (meta.get("name") or meta.get("property") or "").strip()
        value = _fold(meta.get("content") or "")
        if name and value and name.lower() not in _TECHNICAL_META:
            yield _Fact(name, value)


def _producer(root: Element) -> str | None:
    for meta in root.iter("meta"):
        if (meta.get("name") or "").strip().lower() == "generator":
            return _fold(meta.get("content") or "") or None
    return None


def _blocks(items: Iterable[_Item], paths: "_Paths") -> Iterator[Block]:
    number = 0
    for item in items:
        if isinstance(item, _Line):
            yield Paragraph(_fold(item.text), Place(path=paths.of(item.area.element)))
        elif isinstance(item, _Grid):
            number += 1
            yield Table(number, tuple(_cells(item, paths)))


def _cells(grid: _Grid, paths: "_Paths") -> Iterator[Cell]:
    top = min(slot.row for slot in grid.slots)
    for slot in sorted(grid.slots, key=lambda slot: (slot.row, slot.column)):
        yield Cell(
            row=slot.row - top,
            column=slot.column,
            row_span=slot.row_span,
            column_span=slot.column_span,
            text=slot.text,
            place=Place(path=paths.of(slot.element)),
        )


class _Paths:
    """Element paths as lxml's `getpath` writes them, which counts siblings anew for every element."""

    def __init__(self) -> None:
        self._known: dict[Element, str] = {}

    def of(self, element: Element) -> str:
        unknown = []
        at: Element | None = element
        while at is not None and at not in self._known:
            unknown.append(at)
            at = at.getparent()
        for missing in reversed(unknown):
            if missing not in self._known:
                self._add_siblings(missing)
        return self._known[element]

    def _add_siblings(self, element: Element) -> None:
        parent = element.getparent()
        if parent is None:
            self._known[element] = f"/{element.tag}"
            return
        base = self._known[parent]
        children = list(parent.iterchildren("*"))
        of_name: dict[str, int] = {}
        for child in children:
            of_name[child.tag] = of_name.get(child.tag, 0) + 1
        seen: dict[str, int] = {}
        for position, child in enumerate(children, 1):
            name = child.tag
            seen[name] = seen.get(name, 0) + 1
            if not _PLAIN_NAME.fullmatch(name):
                self._known[child] = f"{base}/*[{position}]"  # `o:p` of Word: XPath knows no such prefix
            elif of_name[name] == 1:
                self._known[child] = f"{base}/{name}"
            else:
                self._known[child] = f"{base}/{name}[{seen[name]}]"


# --- from elements to lines and tables -----------------------------------------------------------


class _Scan:
    """One walk over the tree: `items` is what the page prints, `areas` its blocks in document order."""

    def __init__(self) -> None:
        self.items: list[_Item] = []
        self.areas: list[_Area] = []
        self._area: _Area | None = None
        self._tables: list[_OpenTable] = []
        self._text: list[str] = []
        self._linked = 0
        self._links = 0
        self._in_link = 0
        self._in_pre = 0

    def walk(self, root: Element) -> None:
        """Read everything printed under `root`."""
        walker = etree.iterwalk(root, events=("start", "end"))
        skipped: Element | None = None
        for event, element in walker:
            if event == "start":
                if _is_hidden(element):
                    walker.skip_subtree()
                    skipped = element
                    continue
                if opened := _OPENED.get(element.tag):
                    opened(self, element)
                if element.text:
                    self._print(element.text)
                continue
            if element is skipped:
                skipped = None
            elif closed := _CLOSED.get(element.tag):
                closed(self, element)
            if element.tail:
                self._print(element.tail)
        self.end_line(root)

    def _print(self, text: str) -> None:
        if self._in_pre and "\n" in text:
            for line in text.splitlines(keepends=True):
                self._text.append(line)
                if line.endswith("\n"):
                    self.end_line()
            return
        self._text.append(text)
        if self._in_link:
            self._linked += len(text.strip())

    def end_line(self, _: Element | None = None) -> None:
        """What came since the last break is a line, unless it is all white space."""
        if not self._text:
            return
        text = "".join(self._text)
        self._text.clear()
        if not text.isspace() and (text := _as_printed(text)) and self._area is not None:
            self.items.append(_Line(text, self._area, self._linked, self._links))
        self._linked = self._links = 0

    def open_block(self, element: Element) -> None:
        self.end_line()
        self._area = _Area(element, self._area)
        self.areas.append(self._area)

    def close_block(self, _: Element) -> None:
        self.end_line()
        if self._area is not None:
            self._area = self._area.parent

    def open_pre(self, element: Element) -> None:
        self.open_block(element)
        self._in_pre += 1

    def close_pre(self, element: Element) -> None:
        self.close_block(element)
        self._in_pre -= 1

    def open_link(self, element: Element) -> None:
        if element.get("href") is not None:
            self._in_link += 1
            self._links += 1

    def close_link(self, element: Element) -> None:
        if element.get("href") is not None:
            self._in_link -= 1

    def open_table(self, element: Element) -> None:
        self.open_block(element)
        self._tables.append(_OpenTable(self.areas[-1], self.items))

    def close_table(self, element: Element) -> None:
        self.close_block(element)
        table = self._tables.pop()
        self.items = table.outer
        self.items.extend(_resolved(table))

    def open_section(self, element: Element) -> None:
        self.end_line()
        if self._tables:
            table = self._tables[-1]
            table.section += 1
            table.foot = element.tag == "tfoot"
            table.row = None

    def close_section(self, _: Element) -> None:
        self.end_line()
        if self._tables:
            table = self._tables[-1]
            table.section += 1
            table.foot = False
            table.row = None

    def open_row(self, _: Element) -> None:
        self.end_line()
        if self._tables:
            self._tables[-1].add_row()

    def close_row(self, _: Element) -> None:
        self.end_line()
        if self._tables:
            self._tables[-1].row = None

    def open_cell(self, element: Element) -> None:
        self.open_block(element)
        if self._tables:
            # A cell inside a cell: the end tag was missing. The parser nests them, a browser does not.
            self.items = self._tables[-1].add_cell(element).items

    def close_cell(self, element: Element) -> None:
        self.close_block(element)
        if self._tables:
            table = self._tables[-1]
            if table.slot is not None and table.slot.element is element:
                table.slot = None
                self.items = table.outer


_Handler = Callable[[_Scan, Element], None]
_OPENED: dict[str, _Handler] = {
    **dict.fromkeys(_BLOCKS, _Scan.open_block),
    **dict.fromkeys(("br", "hr"), _Scan.end_line),
    **dict.fromkeys(_SECTIONS, _Scan.open_section),
    **dict.fromkeys(_CELLS, _Scan.open_cell),
    "tr": _Scan.open_row,
    "table": _Scan.open_table,
    "pre": _Scan.open_pre,
    "a": _Scan.open_link,
}
_CLOSED: dict[str, _Handler] = {
    **dict.fromkeys(_BLOCKS, _Scan.close_block),
    **dict.fromkeys(_SECTIONS, _Scan.close_section),
    **dict.fromkeys(_CELLS, _Scan.close_cell),
    "tr": _Scan.close_row,
    "table": _Scan.close_table,
    "pre": _Scan.close_pre,
    "a": _Scan.close_link,
}


def _is_hidden(element: Element) -> bool:
    if element.tag in _NOT_PRINTED:
        return True
    style = element.get("style")
    if style and (_NO_BOX.search(style) or (_INVISIBLE_BOX.search(style) and element.tag not in _CELLS)):
        return True  # an invisible cell keeps its place in the grid
    return element.get("hidden") is not None


def _as_printed(text: str) -> str:
    """`text` with the source's white space folded as a browser does, no-break spaces kept, ends trimmed."""
    trimmed = text.strip()
    if trimmed.isalnum():
        return trimmed
    if "\n" in text or "\r" in text:
        text = _BREAK_BETWEEN_WIDE.sub("", text)
    return _SOURCE_SPACE.sub(" ", text.translate(_INVISIBLE)).strip()


def _fold(text: str) -> str:
    return " ".join(text.split())


# --- tables --------------------------------------------------------------------------------------


def _span(value: str | None) -> int | None:
    """A span attribute by HTML's rules for non-negative integers: leading digits count, so `2px` is 2."""
    found = re.match(r"\s*\+?(\d{1,9})", value, re.ASCII) if value else None
    return int(found[1]) if found else None


def _row_span(element: Element) -> int:
    """Rows spanned; for 0, HTML's "to the end of the row group", more rows than any group has."""
    span = _span(element.get("rowspan"))
    if span is None:
        return 1
    return min(span or _ROW_SPAN_LIMIT, _ROW_SPAN_LIMIT)


def _place(rows: list[_Row]) -> list[_Slot]:
    """Give every cell its row, column and spans, as the HTML standard forms a table (4.9.12.1).

    Spans end with their row group. Where a browser would let two cells overlap, the later one is cut short.
    The cells come sorted by row and column.
    """
    ordered = [row for row in rows if not row.foot] + [row for row in rows if row.foot]
    ends: list[int] = []
    for _, group in groupby(ordered, key=lambda row: row.section):
        size = sum(1 for _ in group)
        ends.extend([len(ends) + size] * size)
    free_from: list[int] = []  # per column, the first row that no cell from above reaches
    placed: list[_Slot] = []
    for index, (row, end) in enumerate(zip(ordered, ends, strict=True)):
        column = 0
        for slot in row.slots:
            while column < len(free_from) and free_from[column] > index:
                column += 1
            slot.row, slot.column = index, column
            slot.row_span = min(slot.row_span, end - index)
            last = column + (1 if slot.column_span > _SPAN_LIMIT else slot.column_span)
            while column < last and (column == len(free_from) or free_from[column] <= index):
                free_from[column : column + 1] = [index + slot.row_span]
                column += 1
            if slot.column_span <= _SPAN_LIMIT:
                slot.column_span = column - slot.column
            placed.append(slot)
    for slot in placed:
        if slot.column_span > _SPAN_LIMIT:
            slot.column_span = _free_width(slot, placed, len(free_from))
    return placed


def _free_width(slot: _Slot, placed: list[_Slot], width: int) -> int:
    """Columns from the cell's to the next cell beside it, or to the edge of a grid of `width` columns."""
    below = slot.row + slot.row_span
    beside = (
        other.column
        for other in placed
        if other.column > slot.column and other.row < below and other.row + other.row_span > slot.row
    )
    return min(beside, default=width) - slot.column


class _Kind(Enum):
    """What a row is for, or several rows that a spanning cell ties together."""

    FIGURES = auto()
    FACTS = auto()
    LAYOUT = auto()
    OTHER = auto()


def _resolved(table: _OpenTable) -> list[_Item]:
    """What a closed table prints: itself as a grid, or what it holds if it only lays out or states metadata.

    Judged by rows, because pages put metadata, prose and figures into rows of one table. A row with a figure
    beside a label belongs to a grid; a row around prose or around a grid is layout. Rows that tell nothing go
    with the others.
    """
    slots = _place(table.rows)
    for slot in slots:
        slot.text = "\n".join(item.text for item in slot.items if isinstance(item, _Line))
    filled = sum(slot.filled for slot in slots)
    if not filled or (filled == 1 and len(slots) <= 3):
        return _inside(slots)  # a box around its contents: a single cell relates nothing to anything
    groups = [(group, _kind(group)) for group in _groups(slots)]
    telling = [kind for group, kind in groups if any(slot.filled for slot in group)]
    if _Kind.LAYOUT in telling:
        return list(_by_rows(table.area, groups))
    if telling.count(_Kind.FACTS) * 2 > len(telling):
        return [fact for group, _ in groups for fact in _facts_of(group)]
    if _Kind.FIGURES not in telling and _is_link_list(slots):
        return _inside(slots)
    return _grid(table.area, slots)


def _by_rows(area: _Area, groups: list[tuple[list[_Slot], _Kind]]) -> Iterator[_Item]:
    """The items of a layout table: its runs of rows with figures as grids, the rest as lines and facts."""
    run: list[_Slot] = []
    figures = laid_out = False
    for group, kind in groups:
        laid_out = laid_out or kind is _Kind.LAYOUT
        # Below prose, a chapter heading parts the grids of a report that stands in one table. Above all prose
        # it is a row of a grid that has a note under it.
        if kind in (_Kind.FIGURES, _Kind.OTHER) and not (laid_out and _is_heading(group)):
            run.extend(group)
            figures = figures or kind is _Kind.FIGURES
            continue
        yield from _grid(area, run) if figures else _inside(run)
        run, figures = [], False
        yield from _facts_of(group) if kind is _Kind.FACTS else _inside(group)
    yield from _grid(area, run) if figures else _inside(run)


def _grid(area: _Area, slots: list[_Slot]) -> list[_Item]:
    """The cells as a grid of their own, and after it what else they hold: inner grids and facts."""
    inner = [item for slot in slots for item in slot.items if not isinstance(item, _Line)]
    return [_Grid(area, tuple(slots), any(_has_figures(row) for row in _rows(slots))), *inner]


def _inside(slots: Iterable[_Slot]) -> list[_Item]:
    return [item for slot in slots for item in slot.items]


def _rows(slots: Iterable[_Slot]) -> Iterator[list[_Slot]]:
    for _, row in groupby(slots, key=lambda slot: slot.row):
        yield list(row)


def _groups(slots: list[_Slot]) -> Iterator[list[_Slot]]:
    """Rows, and together those that a spanning cell ties to each other."""
    group: list[_Slot] = []
    below = 0
    for slot in slots:
        if group and slot.row >= below:
            yield group
            group = []
        group.append(slot)
        below = max(below, slot.row + slot.row_span)
    if group:
        yield group


def _kind(group: list[_Slot]) -> _Kind:
    rows = list(_rows(group))
    filled = [row for row in rows if any(slot.filled for slot in row)]
    if filled and all(_pairs([slot.text for slot in row]) for row in filled):
        return _Kind.FACTS
    if any(_has_figures(row) for row in rows):
        return _Kind.FIGURES
    if any(slot.holds_table for slot in group):
        return _Kind.LAYOUT
    # A row with more cells is a grid's, prose or not: the others are figures left blank.
    if any(slot.is_prose for row in rows if len(row) <= 3 for slot in row):
        return _Kind.LAYOUT
    return _Kind.OTHER


def _has_figures(row: list[_Slot]) -> bool:
    filled = [slot for slot in row if slot.filled]
    if len(filled) < 2 or not any(slot.is_number for slot in filled):
        return False
    return not any(slot.holds_table or len(slot.text) >= _ESSAY for slot in filled)


def _is_heading(group: list[_Slot]) -> bool:
    return len(group) == 1 and _CHAPTER.fullmatch(group[0].text) is not None


def _is_link_list(slots: list[_Slot]) -> bool:
    length = sum(len(slot.text) for slot in slots)
    return sum(item.linked for item in _inside(slots) if isinstance(item, _Line)) > length * _LINK_SHARE


# --- metadata ------------------------------------------------------------------------------------


def _label(text: str) -> str | None:
    """The metadata label that `text` is, spelt without spaces (`索 引 号：` is 索引号), or None."""
    bare = _bare(text.strip(_LABEL_EDGES))
    return bare if bare in _LABELS else None


def _pairs(texts: list[str]) -> list[_Fact]:
    """A row of label and value cells as facts; none where it has no known label or holds anything else."""
    if any(len(text) >= _ESSAY for text in texts):
        return []
    facts: list[_Fact] = []
    known = False
    at = 0
    while at < len(texts):
        text = texts[at]
        following = texts[at + 1] if at + 1 < len(texts) else ""
        at += 1
        if name := _label(text):
            known = True
            if not _label(following):
                facts.append(_Fact(name, _fold(following)))
                at += 1
        elif inline := _inline_facts(text):
            known = True
            facts.extend(inline)
        elif text.endswith(("：", ":")):
            facts.append(_Fact(text.strip(_LABEL_EDGES), _fold(following)))
            at += 1
        elif text:
            return []
    return facts if known else []


def _facts_of(group: list[_Slot]) -> list[_Item]:
    """The facts of a metadata table's rows: known labels with their values, else the cells two by two."""
    facts: list[_Fact] = []
    for row in _rows(group):
        texts = [slot.text for slot in row]
        two_by_two = zip(texts[::2], texts[1::2], strict=False)
        facts += _pairs(texts) or [_Fact(_fold(name).strip(_LABEL_EDGES), _fold(value)) for name, value in two_by_two]
    return [fact for fact in facts if fact.name and fact.value]


def _inline_facts(text: str) -> list[_Fact]:
    """The facts of a line like `2022-01-20 来源：某局 浏览次数：12 打印`; none where it is anything else."""
    if len(text) > _FACTS_LINE or "。" in text:
        return []
    found = list(_INLINE_LABEL.finditer(text))
    if not found:
        return []
    facts = []
    if before := text[: found[0].start()].strip(_LABEL_EDGES):
        if not _DATE.fullmatch(before):
            return []
        facts.append(_Fact("日期", _fold(before)))
    ends = [*(match.start() for match in found[1:]), len(text)]
    for match, end in zip(found, ends, strict=True):
        value = _CONTROLS.split(text[match.end() : end])[0].strip(_LABEL_EDGES)
        facts.append(_Fact(_bare(match["label"]), _fold(value)))
    return facts


def _with_facts(items: list[_Item]) -> Iterator[_Item]:
    """`items` with the lines that state metadata turned into facts."""
    label: _Line | None = None
    for item in items:
        if not isinstance(item, _Line):
            yield item
        elif label is not None and _is_value_of(label, item):
            yield _Fact(_label(label.text) or "", _fold(item.text))
            label = None
        elif _is_label_line(item):
            label = item
        elif facts := _inline_facts(item.text):
            yield from (fact for fact in facts if fact.value)
        else:
            yield item


def _is_label_line(line: _Line) -> bool:
    if _label(line.text) is None:
        return False
    return line.area.element.tag == "dt" or line.text.endswith(("：", ":"))


def _is_value_of(label: _Line, line: _Line) -> bool:
    if _label(line.text) or len(line.text) > _FACTS_LINE:
        return False
    return label.area.element.getnext() is line.area.element


# --- the document and the site around it ---------------------------------------------------------


def _document(items: list[_Item], areas: list[_Area], titles: list[str]) -> list[_Item]:
    """The items that are the document and not the site around it, and the facts.

    The content element is the innermost one that holds every grid of figures, every chapter heading and
    nearly all prose. In it everything stays but link lists and share bars. Outside it only what reads like a
    report does: its title, any grid, and sentences after the title. Metadata are looked for before the first
    prose or figures in the content element.
    """
    _sum_up(items, areas)
    _mark(areas, _content_area(areas[0]))
    start = next((at for at, item in enumerate(items) if _weight(item) and _is_content(item)), len(items))
    before = list(_with_facts(items[:start]))
    bare_titles = [_bare(title) for title in titles]
    title_at = next((at for at, item in enumerate(before) if _is_title(item, bare_titles)), 0)
    items = before + items[start:]
    kept = [
        item for at, item in enumerate(items) if isinstance(item, _Fact) or _belongs(item, at < title_at, bare_titles)
    ]
    return kept if any(not isinstance(item, _Fact) for item in kept) else items


def _weight(item: _Item) -> int:
    """How much an item tells where the document is: prose and grids of figures do, by their length."""
    if isinstance(item, _Line):
        return item.weight
    if isinstance(item, _Grid):
        return item.length if item.figures else 0
    return 0


def _is_content(item: _Item) -> bool:
    return not isinstance(item, _Fact) and item.area.inside and not item.area.chrome


def _sum_up(items: Iterable[_Item], areas: Sequence[_Area]) -> None:
    for item in items:
        if isinstance(item, _Fact):
            continue
        area = item.area
        weight = _weight(item)
        area.weight += weight
        area.weighty += weight > 0
        if isinstance(item, _Line):
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


def _content_area(top: _Area) -> _Area:
    area = top
    while (inner := area.heaviest) is not None:
        if inner.weighty < 2 or inner.landmarks < top.landmarks or inner.weight < top.weight * _MOST:
            break
        area = inner
    return area


def _mark(areas: Sequence[_Area], content: _Area) -> None:
    """Note for every area whether it lies in the content element and whether it is the site's."""
    around: set[_Area] = set()
    at: _Area | None = content
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


def _is_chrome(area: _Area) -> bool:
    if area.links >= _FEW_LINKS and area.linked > area.length * _LINK_SHARE:
        return True
    element = area.element
    if element.tag in _CHROME_TAGS:
        return True
    return any(_CHROME_NAMES.search(element.get(name) or "") for name in ("class", "id", "role"))


def _belongs(item: _Line | _Grid, above_title: bool, titles: Sequence[str]) -> bool:
    area = item.area
    if isinstance(item, _Grid):
        return area.inside or not (area.chrome or above_title)
    if _is_chrome_line(item.text):
        return False
    if _is_title(item, titles):
        return True
    if area.chrome:
        return False
    return area.inside or (item.weight > 0 and not above_title)


def _is_title(item: _Item, titles: Sequence[str]) -> bool:
    if not isinstance(item, _Line) or item.weight or len(item.text) > _PROSE:
        return False
    tag = item.area.element.tag
    bare = _bare(item.text)
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


def _bare(text: str) -> str:
    return "".join(text.split())
