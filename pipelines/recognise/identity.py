"""Who published what, for which year: title, publisher, division, period and date of a report.

Belongs here: bringing together what title, text and metadata say. Does not: reading a title
(`pipelines.recognise.titles`), a body's name (`pipelines.recognise.organs`) or the figures.

The document itself is believed before the catalogue; a `Source` only settles what the document leaves open.
"""

import re
from dataclasses import dataclass
from datetime import date

from pipelines.discover.source import Source
from pipelines.read.document import Document
from pipelines.recognise.organs import is_body, publisher_of, settle
from pipelines.recognise.text import ideographs
from pipelines.recognise.titles import DIGITS, Title, compact, facts, fold, title_of
from pipelines.recognise.unidentified import (
    NotAReport,
    UnidentifiedReport,
    UnknownPublisherRegion,
    UnknownYear,
)

__all__ = [
    "Identity",
    "NotAReport",
    "UnidentifiedReport",
    "UnknownPublisherRegion",
    "UnknownYear",
    "identify",
]


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


def identify(document: Document, source: Source | None = None, *, year: int | None = None) -> Identity:
    """What report a document is.

    The title is read from metadata and print, the year from the title, else from the stated period. The
    publisher is the body the title names; where it names a mere division, that division's government; where
    it names none, the body that the text says compiled the report, or the metadata. `source` fills in what
    the document leaves open and settles names that occur in several provinces; `year` is taken where there is
    no source and the document names none.

    Raises:
        NotAReport: neither title nor text says that it is a 政府信息公开年度报告.
        UnknownYear: it names no year.
        UnknownPublisherRegion: its publisher names no division, or one of several of that name.
    """
    lines = tuple(compact(paragraph.text) for paragraph in document.paragraphs)
    text = fold("".join(lines))
    title = title_of(document, lines, text)
    period = _period(text)
    year = _year(title, period, text, source.year if source is not None else year)
    publisher = publisher_of(title.body, _stated_bodies(document, text), year, source)
    metadata = fold(compact("".join([document.title or "", *(value for _, value in document.facts)])))
    region = settle(publisher, metadata + text, source)
    printed = title.text or (source.title if source is not None else None)
    return Identity(
        # Without a printed title, one as most reports word theirs.
        title=printed or f"{publisher.name}{year}年政府信息公开工作年度报告",
        publisher=publisher.name,
        region_code=region.adcode,
        region=publisher.area or region.name,
        level=publisher.level or region.level,
        city=region.city,
        city_code=region.city_code,
        year=year,
        period_start=period[0] if period else None,
        period_end=period[1] if period else None,
        published_on=_published_on(document, year),
    )


_DAY = r"(?P<{0}year>20\d\d)[年.\-/]?(?P<{0}month>\d{{1,2}})[月.\-/](?P<{0}day>\d{{1,2}})日?"
_TO_DAY = _DAY.replace("(?P<{0}year>20\\d\\d)[年.\\-/]?", "(?:(?P<{0}year>20\\d\\d)[年.\\-/]?)?")
_TO = r"(?:至|到|--?|—+|~|－|–)"
_PERIOD = re.compile(rf"{_DAY.format('from_')}(?:起|开始)?,?{_TO}{_TO_DAY.format('to_')}")
_MONTHS = re.compile(rf"(?P<year>20\d\d)年0?1月(?:份)?{_TO}(?:(?P=year)年)?12月(?!\d)")
_PERIOD_WORDS = re.compile(r"统计(?:数据)?的?(?:期限|时间|时限|周期|区间)|(?:期限|时限)[是为自从]")
_STATED_YEAR = re.compile(r"(20\d\d)年?度?(?:政府|政务)?信息公开(?:工作)?(?:情况)?(?:的)?(?:年度)?(?:报告|年报)")


def _period(text: str) -> tuple[date, date] | None:
    """The period that the text states, its first and last day, where both exist and are in order.

    Looked for after the words 统计期限 first, since a text also tells of other spans of time.
    """
    words = _PERIOD_WORDS.search(text)
    for begin in (words.start(), 0) if words else (0,):
        for found in _PERIOD.finditer(text, begin):
            start = _date(found["from_year"], found["from_month"], found["from_day"])
            end = _date(found["to_year"] or found["from_year"], found["to_month"], found["to_day"])
            if start and end and start < end:
                return start, end
    months = _MONTHS.search(text)
    if months is not None:
        return date(int(months["year"]), 1, 1), date(int(months["year"]), 12, 31)
    return None


def _year(title: Title, period: tuple[date, date] | None, text: str, given: int | None) -> int:
    """The year of the title, else the period, else beside 年度报告 in the text, else the one given."""
    if title.year is not None:
        return title.year
    if period is not None:
        return period[1].year
    stated = _STATED_YEAR.search(text)
    if stated is not None:
        return int(stated[1])
    if given is not None:
        return given
    raise UnknownYear(
        f"the title {title.text!r} names no year and the text no period (统计期限 … 至 …); "
        "give the year in the catalogue, or check how the document was read"
    )


_DATE = re.compile(r"(?P<year>20\d\d)\s*[年.\-/]\s*(?P<month>\d{1,2})\s*[月.\-/]\s*(?P<day>\d{1,2})(?!\d)")
_DATE_LINE = re.compile(rf"\s*[(\[]?(?:日期:)?\s*{_DATE.pattern}\s*日?\s*(?:\d{{1,2}}:\d{{2}}(?::\d{{2}})?)?[)\]]?\s*")
_DATE_NAMES = ("PubDate", "发布日期", "发布时间", "公开日期", "公开时间", "发文日期", "成文日期", "生成日期")
_DATE_LABEL = re.compile(rf"(?:{'|'.join(_DATE_NAMES[1:])})[\])】]?\s*:?\s*\[?{_DATE.pattern}")
_OUTER_LINES = 6


def _published_on(document: Document, year: int) -> date | None:
    """The date of publication: of the metadata, else labelled in the text, else a line that is only a date.

    Such a line counts near the head and the foot. A date before the year covered is some other date.
    """
    # With its white space: 2022-01-20 10:30 is a day and an hour.
    folded = [fold(ideographs(paragraph.text)) for paragraph in document.paragraphs]
    outer = folded[:_OUTER_LINES] + folded[-_OUTER_LINES:]
    found = [
        *(_DATE.search(fold(ideographs(value))) for value in facts(document, _DATE_NAMES)),
        *(_DATE_LABEL.search(line) for line in folded),
        *(_DATE_LINE.fullmatch(_in_digits(line)) for line in outer),
    ]
    days = (_date(match["year"], match["month"], match["day"]) for match in found if match is not None)
    return next((day for day in days if day is not None and day.year >= year), None)


def _in_digits(line: str) -> str:
    """A date written out (2022年一月二十日, its year already folded) with month and day in digits."""
    return re.sub("[一二三四五六七八九十]{1,3}(?=[月日])", lambda found: str(_number(found[0])), line)


def _number(written: str) -> int:
    """A number below 100 in characters: 二十八."""
    tens, ten, ones = written.rpartition("十")
    return (10 * int(DIGITS.get(tens, "1")) if ten else 0) + int(DIGITS.get(ones, "0"))


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


_VERBS = "根据|按照|依据|依照|遵照|汇总|负责|组织|统一|统筹|牵头|会同|结合|综合|编制|编写|撰写|起草"
_NAME = r"(?P<name>[^,，。.;；:：、《》“”]{2,40}?)"
_COMPILED = (
    re.compile(rf"本(?:年度|年)?报告(?:系|是)?由{_NAME}(?:[(（][^()（）]*[)）])?(?:{_VERBS})"),
    re.compile(rf"由{_NAME}(?:[(（][^()（）]*[)）])?(?:{_VERBS})"),
    re.compile(rf"{_NAME}(?:根据|按照|依据|依照)《?(?:中华人民共和国)?政府信息公开条例"),
    re.compile(rf"[,，。]现?(?:将|公布|发布){_NAME}20\d\d年"),
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


def _stated_bodies(document: Document, text: str) -> tuple[str, ...]:
    """The names of bodies that the opening says compiled the report, then those of the metadata."""
    # A name that follows the title without a stop is what comes after the title's last word.
    named = [found["name"].split("报告")[-1] for pattern in _COMPILED if (found := pattern.search(text))]
    stated = [_SITE.sub("", fold(compact(value))) for value in facts(document, _BODY_NAMES)]
    return tuple(name for name in (*named, *stated) if is_body(name) and not re.match("[本我各]", name))
