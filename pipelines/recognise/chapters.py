"""Chapters: headings of the first level, the text under them, and what the text says of requests."""

import re
from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz

from pipelines.read.document import Paragraph
from pipelines.recognise.facts import Section
from pipelines.recognise.text import ideographs, match_key, tidy, without_ordinal
from schemas.codes import TOPIC

_HEADING = re.compile(r"^\s*([一二三四五六七八九十]{1,3})\s*[、.．，,]\s*\S")
_LONGEST_HEADING = 40
_TOPIC_LIKENESS = 60
_PLAIN_LIKENESS = 85
"""Of a heading without a number, which any line may be; the form's with or without 情况 are as alike as that."""
_NUMBERED = (
    re.compile(r"^第[一二三四五六七八九十]{1,3}(?:部分|章)\s*[、.．，,:：]?"),
    re.compile(r"^(?:[IVX]{1,4}|[ⅰ-ⅿⅠ-Ⅿ])\s*[、.．，,:：\s]"),
    re.compile(r"^[壹贰叁肆伍陆柒捌玖拾]\s*[、.．，,:：\s]"),
    re.compile(r"^[一二三四五六七八九十]{1,3}(?:\s|\s*[:：])"),
    re.compile(r"^[（(][一二三四五六七八九十]{1,3}[)）]"),
    re.compile(r"^\d{1,2}\s*[、.．，,:：\s](?!\d)"),
)
"""How reports number their chapters where not as the form does, the ways that mean nothing else first."""
_LEAST_TOPICS = {True: 2, False: 3}
"""Different topics that lines of one kind must name to be the chapters: numbered as in the form, and otherwise."""
_SENTENCE_END = re.compile(r"[。；;]")

_RECEIVED = re.compile(
    r"(?:收到|受理|新收|接收|接到|办理)[^。；，,（(]{0,12}?(?:政府)?(?:信息)?(?:依申请公开|公开申请|依申请)[^。；，,（(\d]{0,12}?"
    r"(?P<number>\d[\d,，]*)\s*(?:件|宗|条|份|起)"
)


def sections(paragraphs: tuple[Paragraph, ...]) -> tuple[Section, ...]:
    """The chapters of a report: what stands before the first is chapter 0; one without text is kept for its heading.

    Headings are short lines that end like no sentence. The topic is told from a heading's words, not from its
    number, which reports change.
    """
    found: list[Section] = []
    heading, topic, lines = "", "preamble", list[str]()
    texts = [tidy(paragraph.text) for paragraph in paragraphs]
    topics = headings(texts)
    for position, text in enumerate(texts):
        if position in topics:
            found.append(Section(len(found), topic, heading, "\n".join(lines)))
            heading, topic, lines = text, topics[position], []
        else:
            lines.append(text)
    found.append(Section(len(found), topic, heading, "\n".join(lines)))
    return tuple(found)


def headings(texts: Sequence[str]) -> dict[int, str]:
    """The paragraphs that are headings of chapters, by position, with their topics.

    They are the lines that begin 一、 to 十、. Where hardly any of those is of a topic of the form, a report numbers
    its chapters otherwise (第一部分, 1., （一）) or not at all: then the lines of one kind that name most topics are
    the headings, the first of each topic.
    """
    formal = {position: topic_of(text) for position, text in enumerate(texts) if is_heading(text)}
    if _named(formal) >= _LEAST_TOPICS[True]:
        return formal
    others = [_numbered(texts, style) for style in _NUMBERED] + [_plain(texts)]
    best = max(others, key=len)
    return best if len(best) >= _LEAST_TOPICS[False] and len(best) > len(formal) else formal


def _named(topics: dict[int, str]) -> int:
    return len(set(topics.values()) - {"unclassified"})


def _numbered(texts: Sequence[str], style: re.Pattern[str]) -> dict[int, str]:
    """The first line of each topic among those numbered in a style."""
    short = ((position, ideographs(text)) for position, text in enumerate(texts) if _is_short(text))
    numbered = ((position, text, found) for position, text in short if (found := style.match(text)) is not None)
    return _first_of_each(
        (position, _topic(text[found.end() :], _TOPIC_LIKENESS)) for position, text, found in numbered
    )


def _plain(texts: Sequence[str]) -> dict[int, str]:
    """The first line of each topic among those that say nothing else."""
    short = ((position, text) for position, text in enumerate(texts) if _is_short(text))
    return _first_of_each((position, _topic(text, _PLAIN_LIKENESS)) for position, text in short)


def _first_of_each(topics: Iterable[tuple[int, str]]) -> dict[int, str]:
    firsts: dict[str, int] = {}
    for position, topic in topics:
        if topic != "unclassified":
            firsts.setdefault(topic, position)
    return {position: topic for topic, position in firsts.items()}


def is_heading(text: str) -> bool:
    """Whether a paragraph is a heading of the first level."""
    return _is_short(text) and _HEADING.match(ideographs(text)) is not None


def _is_short(text: str) -> bool:
    return len(text) <= _LONGEST_HEADING and not _SENTENCE_END.search(text)


def topic_of(heading: str) -> str:
    """The topic code of a chapter heading; `unclassified` for one like none of the form's."""
    return _topic(without_ordinal(heading)[1], _TOPIC_LIKENESS)


def _topic(heading: str, at_least: int) -> str:
    words = match_key(heading)
    scored = [
        (fuzz.ratio(words, match_key(code.zh)), code.code)
        for code in TOPIC.codes
        if code.code not in {"preamble", "unclassified"}
    ]
    score, code = max(scored)
    return code if score >= at_least else "unclassified"


def stated_requests(chapters: tuple[Section, ...]) -> tuple[int, ...]:
    """The numbers of requests received that the overview states, in order of appearance.

    Only a sentence that says in one breath that so many 申请 were received counts: precision before recall.
    """
    return tuple(
        int(re.sub(r"[,，]", "", match["number"]))
        for chapter in chapters
        if chapter.topic == "overview"
        for match in _RECEIVED.finditer(chapter.text.replace(" ", ""))
    )
