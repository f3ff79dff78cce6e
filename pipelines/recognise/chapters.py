"""Chapters: headings of the first level, the text under them, and what the text says of requests."""

import re

from rapidfuzz import fuzz

from pipelines.read.document import Paragraph
from pipelines.recognise.facts import Section
from pipelines.recognise.text import ideographs, match_key, tidy, without_ordinal
from schemas.codes import TOPIC

_HEADING = re.compile(r"^\s*([一二三四五六七八九十]{1,3})\s*[、.．，,]\s*\S")
_LONGEST_HEADING = 40
_TOPIC_LIKENESS = 60
_SENTENCE_END = re.compile(r"[。；;]")

_RECEIVED = re.compile(
    r"(?:收到|受理|新收|接收|接到|办理)[^。；，,（(]{0,12}?(?:政府)?(?:信息)?(?:依申请公开|公开申请|依申请)[^。；，,（(\d]{0,12}?"
    r"(?P<number>\d[\d,，]*)\s*(?:件|宗|条|份|起)"
)


def sections(paragraphs: tuple[Paragraph, ...]) -> tuple[Section, ...]:
    """The chapters of a report: what stands before the first is chapter 0; one without text is kept for its heading.

    A heading is a short line that begins 一、 to 十、 and ends like no sentence. The topic is told from the
    heading's words, not from its number, which reports change.
    """
    found: list[Section] = []
    heading, topic, lines = "", "preamble", list[str]()
    for paragraph in paragraphs:
        text = tidy(paragraph.text)
        if is_heading(text):
            found.append(Section(len(found), topic, heading, "\n".join(lines)))
            heading, topic, lines = text, topic_of(text), []
        else:
            lines.append(text)
    found.append(Section(len(found), topic, heading, "\n".join(lines)))
    return tuple(found)


def is_heading(text: str) -> bool:
    """Whether a paragraph is a heading of the first level."""
    short = len(text) <= _LONGEST_HEADING and not _SENTENCE_END.search(text)
    return short and _HEADING.match(ideographs(text)) is not None


def topic_of(heading: str) -> str:
    """The topic code of a chapter heading; `unclassified` for one like none of the form's."""
    words = match_key(without_ordinal(heading)[1])
    scored = [
        (fuzz.ratio(words, match_key(code.zh)), code.code)
        for code in TOPIC.codes
        if code.code not in {"preamble", "unclassified"}
    ]
    score, code = max(scored)
    return code if score >= _TOPIC_LIKENESS else "unclassified"


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
