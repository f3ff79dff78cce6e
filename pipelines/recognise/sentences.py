"""Running text as sentences and clauses, and the counted things in a clause: `公开行政处罚信息170687条`.

Belongs here: where a sentence stands, and which numbers in it are followed by a counting word. Does not: what a
number means (`pipelines.recognise.narrative`, `pipelines.recognise.prose`). Dates, article and document numbers,
telephone numbers, percentages and rankings have no counting word after them or say 第 before: they are none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from pipelines.read.document import Cell, Paragraph
from pipelines.recognise.chapters import headings as chapter_headings
from pipelines.recognise.facts import CellRef
from pipelines.recognise.numerals import SIGNS, numeral
from pipelines.recognise.text import tidy


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a report.

    Args:
        chapter: as `Section.chapter` counts.
        headings: the headings it stands under, that of the chapter first.
        text: radicals as ideographs, without white space.
        ref: the sentence as printed, as a cell of table 0: its row is the paragraph, its column the sentence.
    """

    chapter: int
    headings: tuple[str, ...]
    text: str
    ref: CellRef


@dataclass(frozen=True, slots=True)
class Count:
    """A number with its counting word at the end of a clause, or before the thing it counts.

    Args:
        clause: the whole clause.
        before: what stands before the number, without words that only lead to it (共, 累计, 达).
        value: the number, in `unit`.
        unit: the counting word or unit as printed.
        after: the thing counted where it stands after the number (制定12件规章), else nothing.
        approximation: a code of `schemas.codes.APPROXIMATION`.
    """

    clause: str
    before: str
    value: Decimal
    unit: str
    after: str
    approximation: str


UNITS = (
    *("万元", "亿元", "元", "人次", "件次", "条次", "场次", "篇次"),
    *("件", "条", "次", "篇", "期", "份", "个", "项", "宗", "场", "起", "例", "册", "部", "批"),
    *("人", "家", "名", "幅", "张", "封", "处", "版", "页", "块", "台"),
)
_LONGEST_SUBHEADING = 40
_MOST_DIGITS = 12

# A list goes on after a semicolon: 其中机构信息1条；工作信息126条。
_SENTENCE = re.compile(r"[^。！!？?\n]+[。！!？?]?")
_SUBHEADING = re.compile(r"^[（(][一二三四五六七八九十]{1,3}[)）]")
_SPACE = re.compile(r"\s+")
_WIDE = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), 0xFF05, 0xFF0E)}
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
# No longer than any title: a sign that is never closed must not be followed to the end of the text.
_QUOTED = re.compile(r"《[^》]{0,200}》|“[^”]{0,200}”|〔[^〕]{0,200}〕|「[^」]{0,200}」")
_BETWEEN = re.compile(r"[，,、：:（）()\[\]【】。；;！!？?]")
_LEADING = r"(?:共计|共有|共|合计|累计|总计|总数|达到|达|分别为|为|是|有|了|过|出|计)"
_HEDGE = {"约": "about", "大约": "about", "近": "nearly", "将近": "nearly", "接近": "nearly"}
_HEDGE |= dict.fromkeys(("超过", "超", "逾", "余", "多"), "over")
_TIMES = {"万": 10_000, "亿": 100_000_000}
_UNIT = "|".join(UNITS)
_COUNT = re.compile(
    rf"(?P<leading>{_LEADING}*)(?P<hedge>大约|约|将近|接近|近|超过|超|逾)?(?P<leading2>{_LEADING}*)"
    # Not the rest of a longer number, a date, a range or an ordinal.
    rf"(?<![第届年月前{SIGNS}\d.\-－—–~～至/×xX])(?P<number>\d+(?:\.\d+)?|[{SIGNS}]+)"
    rf"(?P<more>[余多])?(?P<times>[万亿](?!元))?(?P<over>[余多])?(?P<unit>{_UNIT})(?P<over2>[余多])?"
)
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?=年)")
_NO_COUNTED_THING = re.compile(r"工作日|自然日|月|小时|百分点|年|周|季度|方面|环节|星期|性|式|档")


def sentences(paragraphs: tuple[Paragraph, ...]) -> tuple[Sentence, ...]:
    """The sentences of a report in order, without its headings."""
    found = []
    chapter, headings = 0, tuple[str, ...]()
    texts = [tidy(paragraph.text) for paragraph in paragraphs]
    of_chapters = chapter_headings(texts)
    for row, (paragraph, text) in enumerate(zip(paragraphs, texts, strict=True)):
        if row in of_chapters:
            chapter, headings = chapter + 1, (text,)
            continue
        if _SUBHEADING.match(text) and len(text) <= _LONGEST_SUBHEADING and "。" not in text:
            headings = (*headings[:1], text)
            continue
        for column, printed in enumerate(_SENTENCE.findall(paragraph.text)):
            plain = _SPACE.sub("", tidy(printed))
            if plain:
                cell = Cell(row, column, 1, 1, printed.strip(), paragraph.place)
                found.append(Sentence(chapter, headings, plain, CellRef(0, cell)))
    return tuple(found)


def clauses(sentence: str) -> tuple[tuple[str, Count | None], ...]:
    """The clauses of a sentence in order, each with what it counts, if it counts one thing for certain."""
    plain = _THOUSANDS.sub("", sentence.translate(_WIDE))
    # A full-width comma between digits may part a number or two: then neither is certain.
    plain = re.sub(r"\d+，\d{3}(?!\d)", lambda found: "□" * len(found[0]), plain)
    masked = _QUOTED.sub(lambda found: "□" * len(found[0]), plain)
    found, start = list[tuple[str, Count | None]](), 0
    for end in (*(match.start() for match in _BETWEEN.finditer(masked)), len(masked)):
        if end > start:
            found.append((plain[start:end], _count(plain[start:end], masked[start:end])))
        start = end + 1
    return tuple(found)


def begins_among(sentence: Sentence, before: CellRef) -> bool:
    """Whether a sentence goes on with what the one at `before` began, with the word 其中, in the same paragraph."""
    follows = (before.cell.row, before.cell.column + 1) == (sentence.ref.cell.row, sentence.ref.cell.column)
    return follows and sentence.text.startswith("其中")


def names_another_year(clause: str, year: int) -> bool:
    """Whether a clause says a year that is not `year`."""
    return any(int(named) != year for named in _YEAR.findall(clause))


def _count(clause: str, masked: str) -> Count | None:
    """The only counted thing of a clause, its number at the end or before the thing; None where unsure."""
    candidates = [(match, value) for match in _COUNT.finditer(masked) if (value := _value(match)) is not None]
    at_end = [one for one in candidates if one[0].end() == len(masked)]
    if at_end:
        match, value = at_end[0]
        after = ""
    elif len(candidates) == 1:
        match, value = candidates[0]
        after = clause[match.end() :]
        lone = match["number"] == "一"
        if lone or _NO_COUNTED_THING.match(after) or not re.fullmatch(r"[\u4e00-\u9fff《》“”]{2,25}", after):
            return None
    else:
        return None
    words = (match["hedge"], match["more"], match["over"], match["over2"])
    approximation = next((_HEDGE[word] for word in words if word), "exact")
    return Count(clause, clause[: match.start()], value, match["unit"], after, approximation)


def _value(match: re.Match[str]) -> Decimal | None:
    text = match["number"]
    value = Decimal(text) if text[0].isascii() else numeral(text)
    if value is None or value >= 10**_MOST_DIGITS:
        return None
    return Decimal(value) * _TIMES.get(match["times"], 1)


def counts(text: tuple[Sentence, ...]) -> Iterator[tuple[Sentence, Count]]:
    """Every counted thing of the sentences, in order."""
    for sentence in text:
        for _, count in clauses(sentence.text):
            if count is not None:
                yield sentence, count
