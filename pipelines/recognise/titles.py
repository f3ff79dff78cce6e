"""The title of a report, and that a document is no report at all.

Belongs here: which line or metadata is the title, what body and year it names, and the signs of news about a
report, guides and lists. Does not: what division the body belongs to (`pipelines.recognise.organs`).
"""

import re
from dataclasses import dataclass

from pipelines.read.document import Document
from pipelines.recognise.kinds import kind
from pipelines.recognise.organs import is_body
from pipelines.recognise.text import ideographs
from pipelines.recognise.unidentified import NotAReport
from schemas.forms import all_forms
from schemas.regions import locate
from schemas.tables import FIRST_YEAR, LAST_YEAR

_SPACES = re.compile(r"[\s\u200b-\u200d\ufeff\xad]+")
_WIDE = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
# The traditional forms are those that gateway pages (big5.www.gov.cn) print in the phrases looked for.
_FOLDED = str.maketrans(_WIDE | dict(zip("開報務區縣廳", "开报务区县厅", strict=True)))
DIGITS = dict(zip("〇○零OoＯ一二三四五六七八九", "000000123456789", strict=True))
"""The digits of a year written out: 二〇二一."""
_WRITTEN_YEAR = re.compile(rf"[二2][{''.join(DIGITS)}\d]{{3}}(?=年)")


@dataclass(frozen=True, slots=True)
class Title:
    """A title of an annual report: its text, the body it names (empty if none), the year it names."""

    text: str
    body: str
    year: int | None


_PHRASE = re.compile(
    r"(?P<subject>(?:政府|政务)?信息(?P<open>公开)?|政务公开)"
    r"(?P<middle>(?:工作|情况|开展|20\d\d|年度|年|的|[()“”\"《》-])*)(?:报告|年报)"
)
# Of a report on two matters, 周口市法治政府建设暨政府信息公开: the first is no part of the body's name.
_TOGETHER_WITH = re.compile(
    r"(?:(?:法治(?:政府)?|依法行政|政务(?:公开|服务)|电子政务|网站|建设|工作)+(?:情况)?)?(?:暨|及|和|与)$"
)
_YEAR = re.compile(r"(?<!\d)(?<![〔\[])(20\d\d)(?!\d)(?!年\d)")
_YEAR_WORDS = re.compile(r"(?<!\d)20\d\d(?!\d)(?:年\d{1,2}月(?:\d{1,2}日)?|年度|年)?")
_DATED = re.compile(r"[(\[【〔][^()\[\]【】〔〕]*20\d\d[^()\[\]【】〔〕]*[)\]】〕]$")
_FILE = r"\.(?:pdf|docx?|wps|ofd|html?)"
_TAIL = re.compile(rf"[》”\"]*(?:[(\[【〔][^()\[\]【】〔〕]*[)\]】〕])*(?:全文|正文|{_FILE})?", re.I)
_REMARK = re.compile(rf"[(\[【（［][^()\[\]【】（）［］]*(?:版|全文|正文)[)\]】）］]|{_FILE}$", re.I)
_PICTURED = re.compile("图解|一图|读懂|看懂|图说|文字解读|动漫")
_ABOUT = re.compile(
    f"{_PICTURED.pattern}|解读|问答|指南|通知|公告|公示|通报|招聘|发布|公布|印发|做好|报送|汇总|目录|名单|列表"
    "|专栏|栏目|召开|首页|当前位置"
)
_NEIGHBOUR = re.compile(r"[【\[]?(?:上一|下一|前一|后一|相关|附件|链接|推荐|更多)")
_LABEL = re.compile(r"^[【\[]?(?:标题|信息名称|名称|题名|文件名称|信息标题)[】\]]?[:：]")
_SEPARATOR = re.compile(r"[_|｜>＞»/／]|--+|——|(?<!\d)[-–—]|[-–—](?!\d)")
_NAMED_TITLE = ("ArticleTitle", "标题", "信息名称", "名称", "文件名称", "信息标题", "题名")
_LONGEST_LINE, _LONGEST_TITLE, _LINES_OF_A_TITLE = 60, 80, 4
_OPENING = re.compile(r"信息公开(?:工作)?(?:年度报告|年报)|公开条例》?.{0,60}?编制.{0,20}?报告|本(?:年度)?报告由")
_BEGINS_TEXT = re.compile(r"本报告|本年度报告|根据|按照|依据|为|现|目录|引言|前言|一、|\(")
_ATTACHED = re.compile(rf"附件|{_FILE}", re.I)
_CHAPTERS = tuple(
    map(
        re.compile,
        (
            "总体情况|概述",
            "主动公开(?:政府信息)?(?:的)?(?:工作)?情况",
            "(?:收到和处理|依申请)[^。]{0,12}情况|申请(?:和处理|办理)情况",
            "(?:复议|诉讼)[^。]{0,8}情况",
            "存在的?(?:主要)?问题|主要问题",
            "统计期限",
            "本(?:年度)?报告[由是系]|编制本(?:年度)?报告",
        ),
    )
)
"""What chapters of a report are called, in all forms; a guide (指南) names the same matters, but not so."""
_LISTED = 3


def title_of(document: Document, lines: tuple[str, ...], text: str) -> Title:
    """The title, or one without text where only the opening says what the document is.

    Args:
        document: its metadata count for a web page first, for a file last.
        lines: its paragraphs, compact.
        text: the lines in one, folded.

    Raises:
        NotAReport: there is no title of an annual report, or it is one of news, a guide or a list.
    """
    stated = [*facts(document, _NAMED_TITLE), *([document.title] if document.title else [])]
    of_metadata = [title for raw in stated for title in _titles_in(raw)]
    about = [raw for raw in stated if _is_about(fold(compact(raw)))]
    if about and (not of_metadata or any(_PICTURED.search(raw) for raw in about)):
        raise NotAReport(f"the title {about[0]!r} is about a report, not one; no figures are expected here")
    of_print = [title for _, title in printed_titles(lines)]
    first = next((line for line in lines if len(line) <= _LONGEST_LINE and _PHRASE.search(fold(line))), "")
    if not of_metadata and _PICTURED.search(first):
        raise NotAReport(f"{first!r} explains a report; the report itself is another page")
    has_chapters = sum(chapter.search(text) is not None for chapter in _CHAPTERS) > 1 or _has_tables(document)
    if not has_chapters and len({(title.body, title.year) for title in of_print if title.year}) >= _LISTED:
        raise NotAReport(f"a list of reports, beginning with {of_print[0].text!r}; take its links as sources instead")
    best = _best_title(document.reading, of_metadata, of_print)
    linked = document.reading == "html" and not of_metadata and not _ATTACHED.search(text)
    if best is not None and (has_chapters or not lines or (best.year is not None and not linked)):
        return best
    if has_chapters and _OPENING.search(text):
        return Title("", "", None)
    found = best.text if best else (document.title or (lines[0] if lines else ""))
    raise NotAReport(
        f"nothing here says 政府信息公开年度报告 of a year and publisher; found {found[:60]!r}; "
        "if it is a report, give its title in the catalogue and check how the document was read"
    )


def _has_tables(document: Document) -> bool:
    """Whether one of the document's tables is one of the form's: that is as good as the headings of chapters."""
    return any(kind(table, all_forms()) is not None for table in document.tables)


def compact(text: str) -> str:
    """`text` with radicals as ideographs and without white space, of which a Chinese title has none."""
    return _SPACES.sub("", ideographs(text))


def fold(compacted: str) -> str:
    """`compacted` with ASCII signs and years in digits, character for character."""
    return _WRITTEN_YEAR.sub(
        lambda found: "".join(DIGITS.get(sign, sign) for sign in found[0]), compacted.translate(_FOLDED)
    )


def facts(document: Document, names: tuple[str, ...]) -> list[str]:
    """The values of the document's facts of these names, in the order of the names."""
    stated = [(fold(compact(name)).strip(":[]【】").lower(), value) for name, value in document.facts]
    return [value for wanted in names for name, value in stated if name == wanted.lower()]


def _titles_in(raw: str) -> list[Title]:
    """The titles in one of metadata: `周口市…年度报告_周口市人民政府门户网站` is a title and a site."""
    whole = _LABEL.sub("", compact(raw))
    parts = dict.fromkeys((whole, *_SEPARATOR.split(whole)))
    return [title for part in parts if part and (title := _as_title(part)) is not None]


def _is_about(folded: str) -> bool:
    """Whether a line with the phrase is news about a report; when it was published (2022年1月发布) is not."""
    return _PHRASE.search(folded) is not None and _ABOUT.search(_DATED.sub("", folded)) is not None


def _as_title(line: str) -> Title | None:
    """A line as a title, or None when it is none: nothing may follow the phrase but remarks in brackets."""
    line = _LABEL.sub("", line)
    folded = fold(line)
    if len(line) > _LONGEST_TITLE or _is_about(folded) or _NEIGHBOUR.match(folded):
        return None
    for phrase in _PHRASE.finditer(folded):
        if not _says_annual_report(phrase) or not _TAIL.fullmatch(folded, phrase.end()):
            continue
        body = _body(folded[: phrase.start()], phrase["subject"])
        if re.search("[:,。;!?_|>]", body):
            return None
        return Title(_for_print(line), body, _nearest_year(folded, phrase))
    return None


def _says_annual_report(phrase: re.Match[str]) -> bool:
    """信息公开 with 年报 or any 报告; 政务公开工作年度报告 or (公开 dropped in print) 政府信息工作年度报告."""
    return phrase["open"] is not None or (phrase["subject"] != "信息" and "年度" in phrase["middle"])


def _nearest_year(folded: str, phrase: re.Match[str]) -> int | None:
    """The year attached to the phrase: inside it, else the nearest, before rather than after."""
    found = [
        (max(phrase.start() - match.end(), match.start() - phrase.end(), 0), match.start(), int(match[1]))
        for match in _YEAR.finditer(folded)
        if FIRST_YEAR <= int(match[1]) <= LAST_YEAR
    ]
    return min(found)[2] if found else None


def _body(before: str, subject: str) -> str:
    """The body named before the phrase: without year, remarks and 关于."""
    body = _REMARK.sub("", _YEAR_WORDS.sub("", before))
    body = re.sub(r"^[\[【][^\]】]*[\]】]", "", body).strip('“”"《》·.、-度的')
    body = re.sub(r"^关于|关于$", "", body).strip("度的")
    body = _TOGETHER_WITH.sub("", body)
    if body.endswith("人民") and subject.startswith("政府"):
        body += "政府"  # 荆门市人民政府信息公开: 政府 belongs to both
    return re.sub(r"\(?本级\)?$|^[全本我]?[省市区县州旗盟]$|^(?:镇|乡|街道)(?:人民政府|办事处)?$", "", body)


def _for_print(line: str) -> str:
    """A title for publication: digits and letters of ordinary width, remarks on the file dropped."""
    ordinary = "".join(_WIDE[sign] if sign in _WIDE and _WIDE[sign].isalnum() else sign for sign in line)
    return re.sub(r"^《(.*)》$", r"\1", _REMARK.sub("", ordinary))


def printed_titles(lines: tuple[str, ...]) -> list[tuple[int, Title]]:
    """The titles among compact lines, each as the run of up to four lines that says most, with the line it ends on."""
    titles: list[tuple[int, Title]] = []
    for end, line in enumerate(lines):
        last = line if len(line) <= _LONGEST_LINE else _heading_run_into_text(line)
        if not re.search("[报報告]", last):
            continue
        runs = []
        for begin in range(end, max(-1, end - _LINES_OF_A_TITLE), -1):
            if begin != end and (len(lines[begin]) > _LONGEST_LINE or _NEIGHBOUR.match(lines[begin])):
                break
            title = _as_title("".join(lines[begin:end]) + last)
            if title is not None:
                runs.append(title)
        if runs:
            titles.append((end, max(runs, key=lambda run: (_worth(run), -len(run.text)))))
    return titles


def _heading_run_into_text(line: str) -> str:
    """The title at the head of a paragraph into which a reader has joined title and text; else nothing."""
    found = _PHRASE.search(fold(line), 0, _LONGEST_TITLE)
    if found is None or not _BEGINS_TEXT.match(line, found.end()):
        return ""
    return line[: found.end()]


def _worth(title: Title) -> tuple[int, bool]:
    """How much a title says: a body in a division, some body, none; and a year."""
    if not title.body:
        return 1, title.year is not None
    known = locate(title.body, year=title.year) is not None
    return (3 if known else 2 if is_body(title.body) else 0), title.year is not None


def _best_title(reading: str, of_metadata: list[Title], of_print: list[Title]) -> Title | None:
    """Metadata first for a web page, whose print has links to other reports; print first for a file.

    A file's metadata often are those of last year's file that it was made from.
    """
    first, second = (of_metadata, of_print) if reading == "html" else (of_print, of_metadata)
    if not first:
        first, second = second, first
    if not first:
        return None
    best = max(first, key=_worth)
    agreeing = [title for title in second if best.year in (None, title.year)]
    return max([best, *agreeing], key=_worth)
