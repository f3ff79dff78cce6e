"""Figures of a report without tables: what its text says of requests, answers, reviews and lawsuits.

Codes are those of the statistics tables (`schemas.forms.form_2014`, `form_local`). Precision before recall: a number
counts for an indicator only where its own clause says which, or where the clause goes on with what the sentence
began (`收到申请12件，其中网上申请8件`). Of two numbers for one indicator in one sentence, neither is taken.
"""

import re
from collections import defaultdict

from pipelines.recognise.facts import Statistic
from pipelines.recognise.sentences import Count, Sentence, begins_among, clauses, names_another_year

REQUESTS, ANSWERS, REVIEWS, LITIGATION = "requests", "answers", "reviews", "litigation"

_CASES = {"件", "宗", "条", "份", "起", "次", "例", "人次", "件次"}
_OTHER_TIMES = re.compile(
    r"上年|去年|上一年|以来|截至|截止|历年|同比|环比|比|较|增长|增加|减少|下降|目标|计划|不超过|平均|分别"
)
_UP_TO = re.compile(r"^(?:截至|截止|自|从).*(?:20\d\d|以来|底|末|止)")
_CUMULATED = re.compile(r"累计|总计|历年")
_REVIEW = re.compile(r"复议")
_LITIGATION = re.compile(r"诉讼|应诉|起诉")
_APPLIED = re.compile(r"申请|依申请")
_NOT_HERE = re.compile(r"申诉|举报|投诉|咨询|信访|收费|费用")

_RECEIVED = re.compile(
    r"(?<!不予)(?<![不未])(?:收到|受理|接收|接到|新收|收)(?:[\u4e00-\u9fff（）]*)(?:申请|依申请公开)"
)
_CHANNELS = (
    ("requests.received.in_person", re.compile(r"当面|现场|窗口|上门|来访")),
    ("requests.received.fax", re.compile(r"传真")),
    ("requests.received.email", re.compile(r"电子邮件|电子邮箱|邮箱|Email|E-mail", re.I)),
    ("requests.received.online", re.compile(r"网上|网络|网站|在线|互联网|网页")),
    ("requests.received.letter", re.compile(r"信函|邮寄|书信|信件|快递")),
)
_BY_CHANNEL = re.compile(r"(?:申请|提交|提出|方式|形式|渠道|受理)(?:的|政府信息公开)?(?:数量?|申请)?$")
_ANSWERS = (
    ("requests.completed.extended", re.compile(r"延期(?:办结|答复|办理)")),
    ("requests.completed.on_time", re.compile(r"(?:按时|按期|期限内|按规定时限)(?:予以)?办结")),
    ("requests.completed", re.compile(r"办结")),
    ("answers.not_this_body", re.compile(r"(?:不属于?|非)本(?:行政)?(?:机关|部门|单位)")),
    ("answers.not_existing", re.compile(r"(?:信息)?不存在")),
    ("answers.unclear", re.compile(r"(?:内容)?不明确")),
    ("answers.to_be_amended", re.compile(r"补正|更改补充")),
    ("answers.partially_granted", re.compile(r"部分公开")),
    ("answers.denied", re.compile(r"不予以?公开|不同意公开|不公开")),
    ("answers.already_public", re.compile(r"已主动公开|主动公开范围")),
    ("answers.granted", re.compile(r"(?<!不)同意公开|予以公开|全部公开")),
    ("answers.total", re.compile(r"(?<![未予不期])答复(?!率)")),
)
"""The first that a clause says is meant: 不予公开 before 予以公开, 按时办结 before 办结."""
_UPHELD = re.compile(r"维持|驳回")
_CORRECTED = re.compile(r"纠正|纠错|撤销|确认违法|败诉|变更")
_OF_CASES = re.compile(r"(?:行政)?(?:复议|诉讼|应诉)(?:的)?(?:案件|申请|情况|案)?(?:数|数量)?$")
_CASE_VERB = re.compile(r"收到|发生|受理|引发|提起|办理|产生|被申请|被提起|涉及|因")


def statistics_of_text(text: tuple[Sentence, ...], year: int) -> tuple[Statistic, ...]:
    """The figures that the sentences state, in order.

    Args:
        text: the sentences of the report.
        year: the year of the report; what a sentence says after it names another is left out.
    """
    found: list[Statistic] = []
    for sentence in text:
        subject = None
        for heading in sentence.headings:
            subject = _subject(heading, subject)
        if found and begins_among(sentence, found[-1].ref):
            subject = found[-1].indicator.partition(".")[0].replace(ANSWERS, REQUESTS)
        found.extend(_of_sentence(sentence, year, subject))
    return tuple(found)


def _of_sentence(sentence: Sentence, year: int, subject: str | None) -> list[Statistic]:
    """The figures of a sentence; `subject` is what it is about before it says itself."""
    found: dict[str, list[Statistic]] = defaultdict(list)
    among = up_to = False
    for clause, count in clauses(sentence.text):
        if names_another_year(clause, year):
            break
        up_to = up_to or _UP_TO.search(clause) is not None
        among = among or "其中" in clause
        subject = _subject(clause, subject)
        if count is None or count.unit not in _CASES or _OTHER_TIMES.search(clause):
            continue
        if up_to and _CUMULATED.search(clause):
            continue  # 截至年底，累计收到申请120件: of all years
        indicator = _indicator(count, subject, among)
        if indicator is not None:
            found[indicator].append(_statistic(indicator, count, sentence))
    return [figures[0] for figures in found.values() if len({figure.value for figure in figures}) == 1]


def _subject(words: str, before: str | None) -> str | None:
    """What a clause is about: reviews, lawsuits or requests; what the one before was, where it names none.

    None where it names reviews and lawsuits together, or complaints and inquiries, which are counted elsewhere.
    """
    review, litigation = _REVIEW.search(words), _LITIGATION.search(words)
    if (review and litigation) or _NOT_HERE.search(words):
        return None
    if review:
        return REVIEWS
    if litigation:
        return LITIGATION
    return REQUESTS if _APPLIED.search(words) else before


def _indicator(count: Count, subject: str | None, among: bool) -> str | None:
    words = count.before + count.after
    if subject in (REVIEWS, LITIGATION):
        return _of_case(words, subject, among)
    if subject == REQUESTS:
        return _of_request(words, among)
    return None


def _of_case(words: str, subject: str, among: bool) -> str | None:
    if _UPHELD.search(words):
        return f"{subject}.upheld"
    if _CORRECTED.search(words):
        return f"{subject}.corrected"
    if among or not _OF_CASES.search(words) or "不" in words:
        return None
    return f"{subject}.total" if _CASE_VERB.search(words) or _OF_CASES.fullmatch(words) else None


def _of_request(words: str, among: bool) -> str | None:
    channels = [code for code, named in _CHANNELS if named.search(words)]
    if channels:
        return channels[0] if len(channels) == 1 and _BY_CHANNEL.search(words) else None
    for code, named in _ANSWERS:
        if named.search(words):
            return code
    return "requests.received" if _RECEIVED.search(words) and not among else None


def _statistic(indicator: str, count: Count, sentence: Sentence) -> Statistic:
    note = None if count.approximation == "exact" else count.approximation
    return Statistic(
        indicator,
        count.before + count.after,
        count.value,
        count.unit,
        None,
        note,
        "prose",
        sentence.text,
        sentence.ref,
    )
