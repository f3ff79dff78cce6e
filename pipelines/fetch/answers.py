"""What an answer is: the document, a page that leads to it, or one of the many things servers send instead.

Belongs here: telling these apart, by status, headers and bytes. Does not: sending requests, or reading the document.

A challenge page that was archived would pass for a new edition of the report, so what is doubtful is decided by how
little a page says: a report has paragraphs and tables, a page that stands in for it has a line at most.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import PurePosixPath

import httpx
from lxml import etree
from lxml import html as lxml_html

from pipelines.fetch.problems import FetchFailed, Passing, Problem
from pipelines.read import media
from pipelines.read.encoding import decode

OPENING = 512 * 1024
"""Bytes of a page that are looked at."""

_SCANT = 500
"""Characters of text up to which a page may be one that stands in for another."""
_BARE = 50
"""Characters of text up to which a page with scripts and without links says nothing itself."""
_LONGEST_REFRESH = 10
"""Seconds up to which a meta refresh is a redirect and not a page that keeps itself current."""

# 412: 瑞数 (Riversecurity); 521: 加速乐 (Jiasule). Neither has another meaning in an answer to a plain request.
_CHALLENGE_STATUS = frozenset({412, 521})

_CHALLENGES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("瑞数 Riversecurity", re.compile(r"\$_ts\s*=|\$_ts\.|<meta[^>]+\br=[\"']m[\"']")),
    ("加速乐 Jiasule", re.compile(r"__jsl_clearance|__jsluid")),
    ("阿里云 Alibaba Cloud WAF", re.compile(r"acw_sc__v\d|aliyun_waf|_waf_bd8ce2ce37")),
    ("360 网站卫士", re.compile(r"wzws[-_]?(?:waf|cid|ray)|WZWSRE", re.IGNORECASE)),
    ("腾讯云 EdgeOne", re.compile(r"EO_Bot_Ssid|__tst_status")),
    ("云锁 Yunsuo", re.compile(r"yunsuo_session|WebShieldDR|security_session_verify")),
    ("Cloudflare", re.compile(r"cf_chl_|/cdn-cgi/challenge-platform|cf-browser-verification")),
    (
        "a page that asks for proof of being a person",
        re.compile(
            r"(?:滑动|滑块|人机|安全|访问|图形)验证(?!码登录)|请输入验证码|拖动.{0,6}滑块|异常访问|访问(?:过于)?频繁"
            r"|开启\s*JavaScript|enable\s+JavaScript\s+and\s+cookies",
            re.IGNORECASE,
        ),
    ),
)

_SAYS_MISSING = re.compile(
    r"404\s*(?:not|error|错误|页)|not\s*found|(?:页面|网页|文章|信息|内容|文件|资源|栏目)[^，。]{0,8}"
    r"(?:不存在|未找到|找不到|没有找到|无法找到|已(?:被)?(?:删除|下线|撤销|移除))|(?:找不到|无法找到|没有找到)[^，。]{0,6}(?:页|内容|文件)",
    re.IGNORECASE,
)

_MISSING_TITLE = re.compile(r"(?<!\d)404(?!\d)")

# Beginnings of files that hold no text, which `media` has no need to know.
_NO_DOCUMENT: tuple[tuple[bytes, int, str], ...] = (
    (b"ftyp", 4, "a video"),
    (b"\x1aE\xdf\xa3", 0, "a video"),
    (b"FLV\x01", 0, "a video"),
    (b"RIFF", 0, "a recording"),
    (b"OggS", 0, "a recording"),
    (b"ID3", 0, "a recording"),
    (b"MZ", 0, "a program"),
    (b"\x7fELF", 0, "a program"),
    (b"wOF", 0, "a font"),
)
_OTHER_TYPES = re.compile(r"(?:audio|video|image|font)/|text/(?:css|javascript)|application/(?:x-)?(?:java|ecma)script")
_IMAGES = frozenset({media.PNG, media.JPEG, media.TIFF, media.GIF})
_IMAGE_NAMES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".gif"})
# Not .doc and .xls: Office saves web pages under these names too.
_FILE_NAMES = frozenset({".pdf", ".ofd", ".docx", ".xlsx", ".wps", ".zip", ".rar", ".7z"})


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer.

    Args:
        url: the address that gave it.
        status: its HTTP status.
        headers: (lower-case name, value) of its headers, in their order.
        content: its body, unpacked.
        request: (lower-case name, value) of the headers that asked for it.
        tls: version of TLS, with `old` where permissive settings were needed; None for plain HTTP.
        address: the network address that answered, where it is known.
    """

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    content: bytes
    request: tuple[tuple[str, str], ...] = ()
    tls: str | None = None
    address: str | None = None

    def header(self, name: str) -> str:
        """The first value of a header by its lower-case name, or an empty text."""
        return next((value for key, value in self.headers if key == name), "")


@dataclass(frozen=True, slots=True)
class _Page:
    """What a web page shows at a glance."""

    source: str
    title: str
    text: str
    links: int
    scripts: int
    refresh: str | None


def examine(answer: Answer) -> str | None:
    """Accept a document and refuse what stands in for one; for an answer of status 200.

    Returns:
        None for a document; for a page that only leads on by meta refresh, the address as it is written there.

    Raises:
        FetchFailed: `empty`, `challenged`, `missing`, `wrong_type`, or `truncated` (which may pass).
    """
    return _examined(answer, _challenge, _other_kind)


def examine_listing(answer: Answer) -> str | None:
    """Accept a page that lists documents, else as `examine`.

    Platforms fill such pages by script, and send what is filled in as data that they declare to be script. Neither
    could be a document, but both say where documents are.
    """
    return _examined(answer, _known_challenge, _other_file)


def examine_picture(answer: Answer) -> str | None:
    """Accept a picture, by whatever address it came, and nothing else; otherwise as `examine`."""
    if answer.content and media.media_type(answer.content) in _IMAGES:
        return None
    leads_to = examine(answer)
    if leads_to is None:
        raise FetchFailed("wrong_type", f"{answer.url}: no picture came; look at the page that shows it")
    return leads_to


def _examined(
    answer: Answer,
    challenge_of: Callable[[Answer, "_Page | None"], str | None],
    other_of: Callable[[Answer], str | None],
) -> str | None:
    if not answer.content:
        raise FetchFailed("empty", f"{answer.url}: the answer has no bytes; open the address in a browser")
    page = _page(answer)
    if page is not None and len(page.text) < _SCANT:
        challenge = challenge_of(answer, page)
        if challenge:
            raise _challenged(answer, challenge)
        if page.refresh is not None:
            return page.refresh
        if _SAYS_MISSING.search(page.title or page.text) or _MISSING_TITLE.search(page.title):
            raise FetchFailed("missing", f"{answer.url}: the page only says {(page.title or page.text)[:60]!r}")
    other = other_of(answer)
    if other:
        raise FetchFailed("wrong_type", f"{answer.url}: {other} came, no document; check the address")
    if _is_cut_off(answer):
        raise Passing("truncated", f"{answer.url}: the file has no end; fetch again later")
    return None


def refusal(answer: Answer, wait: float) -> FetchFailed:
    """What an answer of another status than 200 means; its content may be a beginning only.

    Args:
        answer: the answer.
        wait: seconds that the server asks to wait.

    Returns:
        `challenged`, `missing` or `refused`; `rate_limited` and `server_error`, which may pass.
    """
    page = _page(answer)
    challenge = _challenge(answer, page) if page is None or len(page.text) < _SCANT else None
    if challenge or answer.status in _CHALLENGE_STATUS:
        return _challenged(answer, challenge or f"status {answer.status}")
    said = f"{answer.url}: the server answered {answer.status} {_phrase(answer.status)}".strip()
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return Passing("rate_limited", f"{said}; fetch again later, or slow down for the host in hosts.csv", wait=wait)
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Passing("server_error", f"{said}; fetch again later", wait=wait)
    problem: Problem = "missing" if answer.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE} else "refused"
    return FetchFailed(problem, f"{said}, expected 200; check the address")


def _challenge(answer: Answer, page: _Page | None) -> str | None:
    """What kind of anti-bot page an answer with little text is; None if it is none."""
    name = _known_challenge(answer, page)
    if name or page is None or answer.status != HTTPStatus.OK:
        return name
    is_bare = page.scripts and len(page.text) < _BARE and not page.links and page.refresh is None
    return "a page that is only script" if is_bare else None


def _known_challenge(answer: Answer, page: _Page | None) -> str | None:
    """Which of the known anti-bot pages an answer with little text is; None if it is none."""
    if answer.header("cf-mitigated") == "challenge":
        return "Cloudflare"
    source = page.source if page is not None else decode(answer.content[:OPENING])
    return next((name for name, pattern in _CHALLENGES if pattern.search(source)), None)


def is_cookie_challenge(at: httpx.URL, target: httpx.URL, headers: httpx.Headers) -> bool:
    """Whether a redirect only wants to see its own cookie again."""
    return target == at and "set-cookie" in headers


def _challenged(answer: Answer, challenge: str) -> FetchFailed:
    return FetchFailed(
        "challenged",
        f"{answer.url}: an anti-bot page ({challenge}) came instead of the document; nothing was archived. Save the "
        "report from a browser and `gongkai ingest` it, or ask the publisher to admit this program",
    )


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _page(answer: Answer) -> _Page | None:
    if media.media_type(answer.content[:OPENING]) != media.HTML:
        return None
    source = decode(answer.content[:OPENING]).replace("\0", "")
    parser = lxml_html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False)
    try:
        root = lxml_html.document_fromstring(source.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    return _Page(
        source=source,
        title="".join(text for element in elements if element.tag == "title" for text in _words(element.text)),
        text=_text(root),
        links=sum(map(_shows_more, elements)),
        scripts=sum(element.tag == "script" for element in elements),
        refresh=next(filter(None, map(_refresh, elements)), None),
    )


_LOADED = frozenset({"iframe", "frame", "embed", "object", "table"})
_UNSEEN = frozenset({"script", "style", "noscript", "title", "template"})


def _shows_more(element: lxml_html.HtmlElement) -> bool:
    """Whether an element leads to a document or holds one: what a page of script alone does not have."""
    if element.tag in _LOADED:
        return True
    target = element.get("href", "") if element.tag == "a" else ""
    return bool(target) and not target.startswith(("#", "javascript:"))


def _text(root: lxml_html.HtmlElement) -> str:
    """The page's visible text without white space, as far as it matters."""
    parts: list[str] = []
    length = 0
    for element in root.iter():
        is_seen = isinstance(element.tag, str) and element.tag not in _UNSEEN
        for text in (element.text, element.tail) if is_seen else (element.tail,):
            words = "".join(_words(text))
            parts.append(words)
            length += len(words)
        if length >= _SCANT:
            break
    return "".join(parts)


def _words(text: str | None) -> list[str]:
    return text.split() if text else []


_REFRESH = re.compile(r"\s*(\d+)(?:\.\d*)?\s*[;,]?\s*(?:url\s*=\s*)?[\"']?([^\"']+)", re.IGNORECASE)


def _refresh(meta: lxml_html.HtmlElement) -> str | None:
    """The target of a `<meta http-equiv=refresh>`, by the algorithm of the HTML standard in essence."""
    if meta.tag != "meta" or (meta.get("http-equiv") or "").strip().lower() != "refresh":
        return None
    found = _REFRESH.fullmatch((meta.get("content") or "").strip().rstrip("\"'"))
    if not found or int(found[1]) > _LONGEST_REFRESH:
        return None
    return found[2].strip() or None


def _other_kind(answer: Answer) -> str | None:
    """What came in place of a document, told from bytes first, the address second and the header last."""
    other = _other_file(answer)
    if other:
        return other
    kind = media.media_type(answer.content)
    declared = answer.header("content-type").partition(";")[0].strip().lower()
    if kind in {media.TEXT, media.UNKNOWN, media.JSON} and (
        _OTHER_TYPES.match(declared) or declared.startswith("image/")
    ):
        return declared
    return None


def _other_file(answer: Answer) -> str | None:
    """What file came that holds no text, or a page in place of a file, by bytes and address."""
    content = answer.content
    for magic, at, name in _NO_DOCUMENT:
        if content[at : at + len(magic)] == magic:
            return name
    kind = media.media_type(content)
    suffix = PurePosixPath(httpx.URL(answer.url).path).suffix.lower()
    if kind in _IMAGES and suffix not in _IMAGE_NAMES:
        return f"an image ({kind})"
    if kind == media.HTML and suffix in _FILE_NAMES:
        return f"a web page in place of a {suffix} file"
    return None


def _is_cut_off(answer: Answer) -> bool:
    """Whether a file lacks its end, where neither length nor chunks told how long it would be."""
    if answer.header("content-length") or "chunked" in answer.header("transfer-encoding").lower():
        return False
    if answer.content.startswith(b"%PDF-"):
        return b"%%EOF" not in answer.content[-2048:]
    if answer.content.startswith(b"PK\x03\x04"):
        # APPNOTE 4.3.16: the directory's end, followed by a comment of at most 65,535 bytes.
        return b"PK\x05\x06" not in answer.content[-65_557:]
    return False
