"""Who published what, for which year: title, publisher, division, period and date of a report.

Belongs here: telling these from a document's text and metadata, and that a document is no annual report at all.
Does not: its figures, and the divisions themselves (`schemas.regions`).

The document itself is believed before the catalogue; a `Source` only settles what the document leaves open.
"""

import re
from dataclasses import dataclass
from datetime import date

from pipelines.discover.source import Source
from pipelines.read.document import Document
from pipelines.recognise.text import ideographs
from schemas.regions import Division, Located, division, divisions, find, inside, locate
from schemas.tables import FIRST_YEAR, LAST_YEAR


class UnidentifiedReport(Exception):  # noqa: N818 - named for the situation
    """A document of which title, year or publisher cannot be told."""


class NotAReport(UnidentifiedReport):
    """A document that is no annual report on open government information."""


class UnknownYear(UnidentifiedReport):
    """A report that does not say which year it covers."""


class UnknownPublisherRegion(UnidentifiedReport):
    """A report whose publisher lies in no division that could be told."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a report is.

    Args:
        title: as printed, without white space and without remarks on the file (文字版).
        publisher: the body whose report it is.
        region_code: code of the division that it governs or belongs to.
        region: name of that division, or of the functional area (平潭综合实验区) as printed.
        level: a code of `schemas.codes.LEVEL`.
        city: slug of the city partition.
        city_code: code of the city partition.
        year: the year the report covers.
        period_start: first day of the period it states.
        period_end: last day of the period it states.
        published_on: the date of publication it states.
    """

    title: str
    publisher: str
    region_code: str
    region: str
    level: str
    city: str
    city_code: str
    year: int
    period_start: date | None
    period_end: date | None
    published_on: date | None


@dataclass(frozen=True, slots=True)
class _Title:
    """A title of an annual report: its text, the body it names (empty if none), the year it names."""

    text: str
    body: str
    year: int | None


@dataclass(frozen=True, slots=True)
class _Organ:
    """A body: its name, the divisions it may belong to, its level, the functional area it belongs to.

    `level` is empty for the government of a division, which has the division's. `bare` where only a division
    or area was named, and the name of its government was supplied.
    """

    name: str
    candidates: tuple[Division, ...]
    level: str
    area: str = ""
    bare: bool = False


def identify(document: Document, source: Source | None = None) -> Identity:
    """What report a document is.

    The title is read from metadata and print, the year from the title, else from the stated period. The
    publisher is the body the title names; where it names a mere division, that division's government; where
    it names none, the body that the text says compiled the report, or the metadata. `source` fills in what
    the document leaves open and settles names that occur in several provinces.

    Raises:
        NotAReport: neither title nor text says that it is a 政府信息公开年度报告.
        UnknownYear: it names no year.
        UnknownPublisherRegion: its publisher names no division, or one of several of that name.
    """
    lines = tuple(_compact(paragraph.text) for paragraph in document.paragraphs)
    text = _fold("".join(lines))
    period = _period(text)
    title = _title(document, lines, text)
    year = _year(title, period, text, source)
    organ = _publisher(title, document, text, year, source)
    region = _settle(organ, document, text, title, source)
    return Identity(
        title=title.text or (source.title if source and source.title else None) or _composed(organ.name, year),
        publisher=organ.name,
        region_code=region.adcode,
        region=organ.area or region.name,
        level=organ.level or region.level,
        city=region.city,
        city_code=region.city_code,
        year=year,
        period_start=period[0] if period else None,
        period_end=period[1] if period else None,
        published_on=_published_on(document, lines, year),
    )


# Text: without white space, and folded one character for one, so that places in both agree.

_SPACES = re.compile(r"[\s\u200b-\u200d\ufeff\xad]+")
# Full-width signs, and the traditional forms that gateway pages (big5.www.gov.cn) print in the same phrases.
_FOLDED = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | str.maketrans("開報務區縣廳", "开报务区县厅")
_DIGITS = dict(zip("〇○零OoＯ一二三四五六七八九", "000000123456789", strict=True))
_WRITTEN_YEAR = re.compile(rf"[二2][{''.join(_DIGITS)}\d]{{3}}(?=年)")


def _compact(text: str) -> str:
    """Radicals as ideographs, no white space: a Chinese title has none."""
    return _SPACES.sub("", ideographs(text))


def _fold(compact: str) -> str:
    """`compact` with ASCII signs and years in digits, character for character."""
    return _WRITTEN_YEAR.sub(
        lambda found: "".join(_DIGITS.get(sign, sign) for sign in found[0]), compact.translate(_FOLDED)
    )


# Titles.

_PHRASE = re.compile(
    r"(?P<subject>(?:政府|政务)?信息(?P<open>公开)?)(?P<middle>(?:工作|情况|开展|20\d\d|年度|年|的|[()“”\"《》-])*)"
    r"(?P<kind>报告|年报)"
)
_YEAR = re.compile(r"(?<!\d)(?<![〔\[])(20\d\d)(?!\d)(?!年\d)")
_YEAR_WORDS = re.compile(r"(?<!\d)20\d\d(?!\d)(?:年度|年)?")
_TAIL = re.compile(r"[》”\"]*(?:[(\[【〔][^()\[\]【】〔〕]*[)\]】〕])*(?:全文|正文|\.(?:pdf|docx?|wps|ofd|html?))?", re.I)
_REMARK = re.compile(r"[(\[【（［][^()\[\]【】（）［］]*(?:版|全文|正文)[)\]】）］]|\.(?:pdf|docx?|wps|ofd|html?)$", re.I)
_PICTURED = re.compile("图解|一图|读懂|看懂|图说|文字解读|动漫")
_ABOUT = re.compile(
    f"{_PICTURED.pattern}|解读|问答|指南|通知|公告|公示|通报|招聘|发布|公布|印发|做好|报送|汇总|目录|名单|列表|专栏|栏目"
    "|召开|首页|当前位置"
)
_NEIGHBOUR = re.compile(r"[【\[]?(?:上一|下一|前一|后一|相关|附件|链接|推荐|更多)")
_LABEL = re.compile(r"^[【\[]?(?:标题|信息名称|名称|题名|文件名称|信息标题)[】\]]?[:：]")
_SEPARATOR = re.compile(r"[_|｜>＞»/／]|--+|——|(?<!\d)[-–—]|[-–—](?!\d)")
_NAMED_TITLE = ("ArticleTitle", "标题", "信息名称", "名称", "文件名称", "信息标题", "题名")
_LONGEST_LINE, _LONGEST_TITLE, _LINES_OF_A_TITLE = 60, 80, 4
_CHAPTERS = tuple(
    map(
        re.compile,
        (
            "总体情况|概述",
            "主动公开(?:政府信息)?(?:的)?(?:工作)?情况",
            "(?:收到和处理|依申请)[^。]{0,12}情况|申请(?:和处理|办理)情况",
            "(?:复议|诉讼)[^。]{0,8}情况",
            "存在的?(?:主要)?问题|主要问题",
            "统计期限|本(?:年度)?报告",
        ),
    )
)
"""What chapters of a report are called, in all forms; a guide (指南) names the same matters, but not so."""
_LISTED = 3


def _title(document: Document, lines: tuple[str, ...], text: str) -> _Title:
    """The title, or one without text where only the opening says what the document is."""
    stated = [*_facts(document, _NAMED_TITLE), *([document.title] if document.title else [])]
    of_metadata = [title for raw in stated for title in _titles_in(raw)]
    about = [raw for raw in stated if _is_about(_fold(_compact(raw)))]
    if about and (not of_metadata or any(_PICTURED.search(raw) for raw in about)):
        raise NotAReport(f"the title {about[0]!r} is about a report, not one; no figures are expected here")
    of_print = _printed_titles(lines)
    has_chapters = sum(chapter.search(text) is not None for chapter in _CHAPTERS) > 1
    if not has_chapters and len({(title.body, title.year) for title in of_print if title.year}) >= _LISTED:
        raise NotAReport(
            f"a list of reports, beginning with {of_print[0].text!r}; take its links as sources instead"
        )
    best = _best_title(document.reading, of_metadata, of_print)
    linked = document.reading == "html" and not of_metadata and not _ATTACHED.search(text)
    if best is not None and (has_chapters or not lines or (best.year is not None and not linked)):
        return best
    if has_chapters and _OPENING.search(text):
        return _Title("", "", None)
    found = best.text if best else (document.title or (lines[0] if lines else ""))
    raise NotAReport(
        f"nothing here says 政府信息公开年度报告 of a year and publisher; found {found[:60]!r}; "
        "if it is a report, give its title in the catalogue and check how the document was read"
    )


_OPENING = re.compile(r"信息公开(?:工作)?(?:年度报告|年报)|公开条例》?.{0,60}?编制.{0,20}?报告|本(?:年度)?报告由")
_ATTACHED = re.compile(r"附件|\.(?:pdf|docx?|wps|ofd|zip)", re.I)


def _facts(document: Document, names: tuple[str, ...]) -> list[str]:
    """The values of the document's facts of these names, in the order of the names."""
    stated = [(_fold(_compact(name)).strip(":[]【】").lower(), value) for name, value in document.facts]
    return [value for wanted in names for name, value in stated if name == wanted.lower()]


def _titles_in(raw: str) -> list[_Title]:
    """The titles in one of metadata: `周口市…年度报告_周口市人民政府门户网站` is a title and a site."""
    whole = _LABEL.sub("", _compact(raw))
    parts = dict.fromkeys((whole, *_SEPARATOR.split(whole)))
    return [title for part in parts if part and (title := _as_title(part)) is not None]


def _is_about(folded: str) -> bool:
    return _PHRASE.search(folded) is not None and _ABOUT.search(folded) is not None


def _as_title(compact: str) -> _Title | None:
    """A line as a title, or None when it is none: nothing may follow the phrase but remarks in brackets."""
    if len(compact) > _LONGEST_TITLE:
        return None
    compact = _LABEL.sub("", compact)
    folded = _fold(compact)
    if _ABOUT.search(folded) or _NEIGHBOUR.match(folded) or re.search("[。;!?]", folded):
        return None
    for phrase in _PHRASE.finditer(folded):
        if not _says_annual_report(phrase) or not _TAIL.fullmatch(folded, phrase.end()):
            continue
        body = _body(folded[: phrase.start()], phrase["subject"])
        if re.search("[:,_|>]", body):
            return None
        return _Title(_for_print(compact), body, _nearest_year(folded, phrase))
    return None


def _says_annual_report(phrase: re.Match[str]) -> bool:
    """信息公开 with 年报 or any 报告, or (公开 dropped in print) 政府信息工作年度报告."""
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
    body = re.sub(r"^[\[【][^\]】]*[\]】]", "", body).strip("“”\"《》·.、-度的")
    body = re.sub(r"^关于|关于$", "", body).strip("度的")
    if body.endswith("人民") and subject.startswith("政府"):
        body += "政府"  # 荆门市人民政府信息公开: 政府 belongs to both
    return re.sub(r"\(?本级\)?$|^[全本我]?[省市区县州旗盟]$", "", body)


def _for_print(compact: str) -> str:
    """A title for publication: digits and letters of ordinary width, remarks on the file dropped."""
    ordinary = "".join(_FOLDED[ord(sign)] if _is_wide_alnum(sign) else sign for sign in compact)
    return re.sub(r"^《(.*)》$", r"\1", _REMARK.sub("", ordinary))


def _is_wide_alnum(sign: str) -> bool:
    return 0xFF01 <= ord(sign) < 0xFF5F and _FOLDED[ord(sign)].isalnum()


def _printed_titles(lines: tuple[str, ...]) -> list[_Title]:
    """The titles among the lines, each as the run of up to four lines that says most."""
    titles: list[_Title] = []
    for end, line in enumerate(lines):
        if not titles and len(line) <= _LONGEST_LINE and _PICTURED.search(line) and _PHRASE.search(_fold(line)):
            return []  # what follows are links to the report that this page explains
        if not line or len(line) > _LONGEST_LINE or not re.search("报告|年报|告|报", _fold(line)):
            continue
        runs = []
        for begin in range(end, max(-1, end - _LINES_OF_A_TITLE), -1):
            if begin != end and (len(lines[begin]) > _LONGEST_LINE or _NEIGHBOUR.match(lines[begin])):
                break
            title = _as_title("".join(lines[begin : end + 1]))
            if title is not None:
                runs.append(title)
        if runs:
            titles.append(max(runs, key=lambda run: (_worth(run), -len(run.text))))
    return titles


def _worth(title: _Title) -> tuple[int, bool]:
    """How much a title says: a body in a division, some body, none; and a year."""
    if not title.body:
        return 1, title.year is not None
    known = locate(title.body, year=title.year) is not None
    return (3 if known else 2 if _ORGAN.search(title.body) else 0), title.year is not None


def _best_title(reading: str, of_metadata: list[_Title], of_print: list[_Title]) -> _Title | None:
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


# Period, year, date of publication.

_DAY = r"(?P<{0}year>20\d\d)[年.\-/]?(?P<{0}month>\d{{1,2}})[月.\-/](?P<{0}day>\d{{1,2}})日?"
_TO_DAY = r"(?:(?P<{0}year>20\d\d)[年.\-/]?)?(?P<{0}month>\d{{1,2}})[月.\-/](?P<{0}day>\d{{1,2}})日?"
_PERIOD = re.compile(
    _DAY.format("from_") + r"(?:起|开始)?(?:,)?(?:至|到|--?|—+|~|－|–)" + _TO_DAY.format("to_") + r"(?:止|为止)?"
)
_MONTHS = re.compile(r"(?P<year>20\d\d)年0?1月(?:份)?(?:至|到|--?|—+|~|－|–)(?:(?P=year)年)?12月(?!\d)")
_PERIOD_WORDS = re.compile(r"统计(?:数据)?(?:的)?(?:期限|时间|时限|周期|区间)|(?:期限|时限)(?:是|为|自|从)")
_DATE = re.compile(r"(?P<year>20\d\d)[年.\-/](?P<month>\d{1,2})[月.\-/](?P<day>\d{1,2})(?!\d)")
_DATE_LINE = re.compile(r"[(\[]?(?:日期:)?" + _DATE.pattern + r"日?(?:\d{1,2}:\d{2}(?::\d{2})?)?[)\]]?")
_DATE_NAMES = ("PubDate", "发布日期", "发布时间", "公开日期", "公开时间", "发文日期", "成文日期", "生成日期")
_DATE_LABEL = re.compile(rf"(?:{'|'.join(_DATE_NAMES[1:])}):?\[?" + _DATE.pattern)
_LAST_LINES = 6


def _period(text: str) -> tuple[date, date] | None:
    """The period that the text states, where both its days exist and are in order."""
    words = _PERIOD_WORDS.search(text)
    places = (words.start(), 0) if words else (0,)
    for begin in places:
        for found in _PERIOD.finditer(text, begin):
            start = _date(found["from_year"], found["from_month"], found["from_day"])
            end = _date(found["to_year"] or found["from_year"], found["to_month"], found["to_day"])
            if start and end and start < end:
                return start, end
    months = _MONTHS.search(text)
    if months is not None:
        return date(int(months["year"]), 1, 1), date(int(months["year"]), 12, 31)
    return None


def _year(title: _Title, period: tuple[date, date] | None, text: str, source: Source | None) -> int:
    if title.year is not None:
        return title.year
    if period is not None:
        return period[1].year
    stated = re.search(r"(20\d\d)年度?(?:政府|政务)?信息公开(?:工作)?年?度?(?:情况)?(?:的)?报告", text)
    if stated is not None:
        return int(stated[1])
    if source is not None:
        return source.year
    raise UnknownYear(
        f"the title {title.text!r} names no year and the text no period (统计期限 … 至 …); "
        "give the year in the catalogue, or check how the document was read"
    )


def _published_on(document: Document, lines: tuple[str, ...], year: int) -> date | None:
    """The date of publication: of the metadata, else labelled in the text, else a line that is only a date."""
    stated = _facts(document, _DATE_NAMES)
    folded = [_fold(line) for line in lines]
    found = [
        *(_DATE.search(_fold(_compact(value))) for value in stated),
        *(_DATE_LABEL.search(line) for line in folded),
        *(_DATE_LINE.fullmatch(_written_date(line)) for line in (*folded[:_LAST_LINES], *folded[-_LAST_LINES:])),
    ]
    for match in found:
        day = _date(match["year"], match["month"], match["day"]) if match else None
        if day is not None and day.year >= year:
            return day
    return None


def _written_date(line: str) -> str:
    """二〇二二年一月二十日, its year already in digits, with month and day in digits."""
    return re.sub(r"[一二三四五六七八九十]{1,3}(?=[月日])", lambda found: str(_number(found[0])), line)


def _number(written: str) -> int:
    """A number below 100 in characters: 二十八."""
    tens, ten, ones = written.rpartition("十")
    value = int(_DIGITS.get(ones, "0"))
    return value + (10 * int(_DIGITS.get(tens, "1")) if ten else 0)


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


# Publisher.

_GENERICS = tuple("省市区县州盟旗")
_GOVERNMENT = ("人民政府", "行政公署", "行署", "管理委员会", "管委会", "行政委员会")
_OFFICE_IN_BRACKETS = re.compile(r"[(（][^()（）]*(?:办公室|办公厅|政府办|委办)[)）]")
_ORGAN = re.compile(
    r"(?:政府|公署|行署|委员会|管委会|委|局|厅|署|院|所|站|中心|办公室|办公厅|办事处|办|处|队|社|馆|校|学|会|公司|集团|机关"
    r"|镇|乡|街道|苏木|区|县|市|园|城|分局|分中心|部)(?:[(（].*[)）])?$"
)
_AREA = re.compile(
    r"(?P<stem>.{0,8}?)(?P<area>(?:综合|经济|高新|高新技术|技术|产业|现代|工业|科技|旅游|管理|风景名胜|保税|港|国家级|循环化工|城乡一体化|农业)*"
    r"(?:实验区|试验区|开发区|高新区|经开区|新区|管理区|示范区|产业园区?|工业园区?|科技园区?|园区|保税区|度假区|名胜区|集聚区|合作区|新城|"
    r"中央商务区|岛))(?P<rest>.*)"
)
_TOWNSHIP = re.compile(
    r"(?P<town>.{1,10}?(?:镇|乡|街道|苏木))(?P<rest>(?:人民)?政府(?:办公室|机关)?|(?:街道)?办事处|党政(?:综合)?办公室|)"
)
_BRANCH = re.compile(r"(?P<stem>[^局院所]{2,6})(?:区|县|市)?(?:分局|分中心|支队|分院)$")
# 市统计局 and 市政府, but not 市场监督管理局 or 市政管理局: there the first sign is no division.
_RELATIVE = re.compile(
    r"(?P<generic>自治区|自治州|自治县|市(?!场|容|政[^府务协法研])|区(?!划|域)|县(?!域)|州|省|旗|盟)(?P<rest>.{2,})"
)
_VERBS = "根据|按照|依据|依照|遵照|汇总|负责|组织|统一|统筹|牵头|会同|结合|综合|编制|编写|撰写|起草"
_NAME = r"[^,，。.;；:：、《》“”]{2,40}?"
_COMPILED = (
    re.compile(rf"本(?:年度|年)?报告(?:系|是)?由(?P<name>{_NAME})(?:[(（][^()（）]*[)）])?(?:{_VERBS})"),
    re.compile(rf"由(?P<name>{_NAME})(?:[(（][^()（）]*[)）])?(?:{_VERBS})"),
    re.compile(rf"(?P<name>{_NAME})(?:根据|按照|依据|依照)《?(?:中华人民共和国)?政府信息公开条例"),
    re.compile(rf"[,，。]现?(?:将|公布|发布)(?P<name>{_NAME})20\d\d年"),
)
_BODY_NAMES = (
    "编制单位",
    "发布机构",
    "发文机关",
    "公开机构",
    "公开主体",
    "公开单位",
    "发布单位",
    "制发机构",
    "发布部门",
    "责任部门",
    "信息来源",
    "来源",
    "ContentSource",
)
_SITE = re.compile(r"(?:门户|官方|政务)?(?:网站|网)$")


def _publisher(title: _Title, document: Document, text: str, year: int, source: Source | None) -> _Organ:
    home = source.region_code if source is not None else None
    stated = [_organ(name, year, home) for name in _stated_bodies(document, text)]
    if source is not None and source.publisher:
        stated.append(_organ(source.publisher, year, home))
    if title.body:
        named = _organ(title.body, year, home)
    elif stated:
        named = min(stated, key=lambda each: not each.candidates)
        named = next((each for each in stated if _is_office_of(named, each)), named)
    elif home is not None:
        named = _organ(division(home).name, year, home)
    else:
        raise UnknownPublisherRegion(
            f"the report {title.text!r} of {year} names no publisher in title, text or metadata; "
            "give its publisher and region_code in the catalogue"
        )
    if named.bare and named.area:
        # An area has no fixed name for its administration: the text's, if it names one.
        own = (each for each in stated if (each.area, each.level) == (named.area, named.level))
        return next(own, named)
    if named.bare:
        return named
    full = next((each for each in stated if _abbreviates(named, each)), named)
    if full.candidates:
        return full
    return _with_division(full, [division(home)] if home is not None else _contexts(stated), year)


def _is_office_of(office: _Organ, government: _Organ) -> bool:
    """Whether one body is the other's office (办公室), which compiles its report without being its publisher."""
    return government.level == "" and re.fullmatch("办公[室厅]", office.name.removeprefix(government.name)) is not None


def _contexts(stated: list[_Organ]) -> list[Division]:
    return [each.candidates[0] for each in stated if len(each.candidates) == 1]


def _with_division(named: _Organ, contexts: list[Division], year: int) -> _Organ:
    """A body named without its division (市统计局, 审计局), with that of the context; unchanged without one."""
    relative = _RELATIVE.fullmatch(named.name)
    for context in contexts:
        if relative is not None:
            for each in (context, division(context.city_code)):
                if each.name.endswith(relative["generic"]):
                    return _organ(each.name + relative["rest"], year, each.adcode)
        elif named.level == "department" and not named.area and _ORGAN.search(named.name):
            return _organ(context.name + named.name, year, context.adcode)
    return named


def _abbreviates(short: _Organ, full: _Organ) -> bool:
    """Whether one name is the other with characters left out (上海市科委, 上海市科学技术委员会).

    A name that merely goes on (人民政府, 人民政府办公室) is a subordinate's. One that only has more divisions in
    front (淮安市洪泽区人民政府) is no fuller: the title's own wording stays.
    """
    if short.level != full.level or full.bare or len(short.name) >= len(full.name):
        return False
    if short.candidates and (
        full.name.endswith(short.name) or not set(short.candidates) & set(full.candidates)
    ):
        return False
    same_end = short.name[-1] == full.name[-1] or full.name.endswith(_ENDS.get(short.name[-1], "\0"))
    rest = iter(full.name)
    return same_end and not full.name.startswith(short.name) and all(sign in rest for sign in short.name)


_ENDS = {"委": "委员会", "办": ("办公室", "办公厅")}
"""Organs by the last character of their short names."""


def _stated_bodies(document: Document, text: str) -> list[str]:
    """The names of bodies that the opening says compiled the report, then those of the metadata."""
    named = [found["name"].split("报告")[-1] for pattern in _COMPILED if (found := pattern.search(text))]
    stated = [_SITE.sub("", _fold(_compact(value))) for value in _facts(document, _BODY_NAMES)]
    return [name for name in (*named, *stated) if _ORGAN.search(name) and not re.match("[本我各]", name)]


def _organ(name: str, year: int, home: str | None) -> _Organ:
    """A body's name in its parts; without candidates where it names no division.

    `home` is the code of a division in whose province the name is looked up first.
    """
    name = _OFFICE_IN_BRACKETS.sub("", name)
    province = home[:2] + "0000" if home is not None else None
    located = (locate(name, year=year, within=province) if province else None) or locate(name, year=year)
    if located is None:
        short = (find(name, year=year, within=province) if province else ()) or find(name, year=year)
        located = Located(short, (name,), "") if short else None
    if located is None:
        return _placed("", (), name, year)
    path, outer, rest = "".join(located.path), located.candidates, located.rest
    if _is_area(outer[0]):
        # Listed for statistics under a code of its own, in most cases no division: then the city's.
        inner = located.path[-1]
        outer = tuple(each if each in divisions() else division(each.city_code) for each in outer)
        return _placed(path.removesuffix(inner), outer, inner + rest, year)
    if rest in ("", "政府"):
        # A name short of its generic does not make a government's (辽宁); one that means several stays as it is.
        whole = path if path.endswith(_GENERICS) or len(outer) > 1 else outer[0].name
        league = whole.endswith(("盟", "地区")) and outer[0].level == "prefecture"
        return _Organ(whole + ("行政公署" if league else "人民政府"), outer, "", bare=True)
    return _placed(path, outer, rest, year)


def _placed(path: str, outer: tuple[Division, ...], rest: str, year: int) -> _Organ:
    """The body that `rest` names in the divisions of `path`."""
    if outer and rest in _GOVERNMENT:
        return _Organ(path + rest, outer, "")
    area = _AREA.fullmatch(rest)
    if area is not None:
        return _area_organ(path, outer, area, year)
    town = _TOWNSHIP.fullmatch(rest)
    if town is not None:
        supplied = "" if town["rest"] else "办事处" if town["town"].endswith("街道") else "人民政府"
        return _Organ(path + rest + supplied, outer, "township")
    if rest.startswith("政府办"):
        rest = "人民" + rest
    return _Organ(path + rest, _branch(rest, outer, year) or outer, "department")


def _is_area(each: Division) -> bool:
    """Whether a division is a functional area that statistics list, with 71 to 99 as last digits."""
    return each.adcode[4] in "789" and _AREA.fullmatch(each.name) is not None


def _area_organ(path: str, outer: tuple[Division, ...], found: re.Match[str], year: int) -> _Organ:
    """The body of a functional area (开发区, 综合实验区).

    It belongs to the county that shares its short name or stands in brackets after it, else to the city or
    province named before it, or at the head of its own name.
    """
    stem, rest = found["stem"], found["rest"]
    beside = re.match(r"\((?P<name>[^()]+)\)", rest)
    counties = tuple(
        each
        for each in find(beside["name"] if beside else stem, year=year)
        if not outer or any(inside(each, one.adcode) for one in outer)
    )
    area = ("" if path.endswith(_GENERICS) else path) + stem + found["area"]
    body = rest.removeprefix(beside[0]) if beside else rest
    level = "county" if body in ("", *_GOVERNMENT) else "department"
    if _TOWNSHIP.fullmatch(body):
        level = "township"
    name = path + stem + found["area"] + (rest or "管理委员会")
    return _Organ(name, counties or outer, level, area, bare=not rest)


def _branch(rest: str, outer: tuple[Division, ...], year: int) -> tuple[Division, ...]:
    """The county whose branch (揭东分局) of a city's department it is; none where no county is named."""
    found = _BRANCH.search(rest)
    if found is None:
        return ()
    for begin in range(len(found["stem"]) - 1):
        for each in outer:
            counties = find(found["stem"][begin:], year=year, within=each.adcode)
            if len(counties) == 1 and counties[0].level == "county":
                return counties
    return ()


def _settle(
    organ: _Organ, document: Document, text: str, title: _Title, source: Source | None
) -> Division:
    """The one division the body belongs to, of those its name may mean."""
    candidates = organ.candidates
    if not candidates and source is not None:
        return division(source.region_code)
    if len(candidates) > 1 and source is not None:
        home = source.region_code
        candidates = tuple(each for each in candidates if inside(each, home) or each.city_code == home) or candidates
    if len(candidates) > 1:
        context = _fold(_compact("".join([*(value for _, value in document.facts), document.title or ""]))) + text
        candidates = _mentioned(candidates, context)
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        among = ", ".join(f"{each.adcode} {division(each.city_code).name}" for each in candidates)
        raise UnknownPublisherRegion(
            f"{organ.name!r} (title {title.text!r}) may belong to {among}: neither text nor metadata tell which; "
            "give its region_code in the catalogue"
        )
    raise UnknownPublisherRegion(
        f"{organ.name!r} (title {title.text!r}) names no division of schemas/regions; "
        "give its region_code in the catalogue"
    )


def _mentioned(candidates: tuple[Division, ...], context: str) -> tuple[Division, ...]:
    """The candidates whose city, else whose province, the context mentions; all where it mentions none."""
    for outer in (_city_name, _province_name):
        named = tuple(each for each in candidates if outer(each) in context)
        if named:
            return named
    return candidates


def _city_name(each: Division) -> str:
    return division(each.city_code).name


def _province_name(each: Division) -> str:
    return division(each.adcode[:2] + "0000").name


def _composed(publisher: str, year: int) -> str:
    """A title for a report that prints none, as most are worded."""
    return f"{publisher}{year}年政府信息公开工作年度报告"

