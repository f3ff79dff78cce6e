"""The indicators of the marts: which printed cells each is made of, in every form version, and how well they compare.

An indicator is named by its cell in the current form (`requests.granted`, `disclosures.fees.amount`). Older forms
join it through what stands in `_COUNTERPARTS`; a line that only an older form has is an indicator of its own
(`statistics.disclosure.weibo`). Money is in 元 throughout.

Belongs here: what is counted as what. Does not: the SQL that adds up (`warehouse/marts`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from schemas.codes import APPLICANT, CATEGORY, MEASURE, OUTCOME, PROCEEDING, RESULT, CodeList
from schemas.forms import Form, all_forms, statistics_forms

CURRENT = "2021"
"""The form that the names are from."""
MONEY = {"万元": "元"}
"""Units that marts convert, with the unit they have there."""


@dataclass(frozen=True, slots=True)
class Figure:
    """The address of a figure: its table, and the codes of its row and column (no column in `statistics`)."""

    table: str
    row: str
    column: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """The figures of one form version whose sum an indicator is.

    Args:
        form: code of `schemas.codes.FORM`.
        comparability: code of `schemas.codes.COMPARABILITY`.
        figures: all of them are needed; where one is blank or missing, the indicator has no value.
    """

    form: str
    comparability: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Indicator:
    """An indicator: labels, unit, and what it is made of. Several parts of one form are printed alternatively."""

    code: str
    zh: str
    en: str
    unit: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class _Counterpart:
    """The line of a statistics table that comes nearest to an indicator of the current form."""

    indicator: str
    form: str
    line: str
    comparability: str = "near"


def _rows(group: str) -> tuple[Figure, ...]:
    """The totals of the rows of a group of chapter 3."""
    return tuple(Figure("requests", code, "total") for code in OUTCOME.values() if code.startswith(f"{group}."))


_SUMS: tuple[tuple[str, str, str, tuple[tuple[Figure, ...], ...]], ...] = (
    ("requests.denied", "不予公开", "denied, for all reasons", (_rows("denied"),)),
    ("requests.unavailable", "无法提供", "unavailable, for all reasons", (_rows("unavailable"),)),
    ("requests.not_processed", "不予处理", "not processed, for all reasons", (_rows("not_processed"),)),
    (
        "requests.other",
        "其他处理",
        "other handling, printed as one row or as several",
        ((Figure("requests", "other", "total"),), _rows("other")),
    ),
    *(
        (
            f"litigation.{result.code}",
            f"行政诉讼：{result.zh}",
            f"litigation, direct and after review: {result.en}",
            (tuple(Figure("reviews", code, result.code) for code in PROCEEDING.values() if "litigation" in code),),
        )
        for result in RESULT.codes
    ),
)
"""Sums of rows of chapters 3 and 4, with the alternative ways to print them."""

_COUNTERPARTS = (
    _Counterpart("requests.new_requests", "2014", "requests.received", "same"),
    _Counterpart("requests.total_processed", "2014", "answers.total"),
    _Counterpart("requests.granted", "2014", "answers.granted"),
    _Counterpart("requests.partially_granted", "2014", "answers.partially_granted"),
    _Counterpart("requests.denied", "2014", "answers.denied"),
    _Counterpart("requests.denied.state_secret", "2014", "answers.denied.state_secret"),
    _Counterpart("requests.denied.security_stability", "2014", "answers.denied.security_stability"),
    _Counterpart("requests.unavailable.not_held", "2014", "answers.not_existing"),
    _Counterpart("reviews.administrative_review.total", "2014", "reviews.total"),
    _Counterpart("reviews.administrative_review.upheld", "2014", "reviews.upheld"),
    _Counterpart("reviews.administrative_review.corrected", "2014", "reviews.corrected"),
    _Counterpart("reviews.administrative_review.other", "2014", "reviews.other"),
    _Counterpart("litigation.total", "2014", "litigation.total"),
    _Counterpart("litigation.upheld", "2014", "litigation.upheld"),
    _Counterpart("litigation.corrected", "2014", "litigation.corrected"),
    _Counterpart("litigation.other", "2014", "litigation.other"),
    _Counterpart("disclosures.normative_documents.issued", "2014", "normative_documents.issued"),
    _Counterpart("requests.new_requests", "free", "requests.received"),
    _Counterpart("requests.total_processed", "free", "answers.total"),
    _Counterpart("requests.granted", "free", "answers.granted"),
    _Counterpart("requests.partially_granted", "free", "answers.partially_granted"),
    _Counterpart("requests.unavailable.not_held", "free", "answers.not_existing"),
    _Counterpart("reviews.administrative_review.total", "free", "reviews.total"),
    _Counterpart("litigation.total", "free", "litigation.total"),
)
"""Not among them: refusals of the local tables, which count 信息不存在 and 非本部门掌握 as refusals."""


@cache
def indicators() -> tuple[Indicator, ...]:
    """Every indicator: the current form's first, in its order, then those of older forms alone."""
    return (*_chapters(), *_sums(), *_statistics())


def indicator(code: str) -> Indicator:
    """The indicator of that code; raises KeyError for an unknown one."""
    for candidate in indicators():
        if candidate.code == code:
            return candidate
    raise KeyError(f"no indicator {code!r}; see schemas.indicators")


def _chapters() -> Iterator[Indicator]:
    """Single cells of chapters 2 to 4: of chapter 3 the totals, and every kind of applicant's new requests."""
    chapters = [one.version for one in all_forms()]
    for outcome in OUTCOME.codes:
        if outcome.code != "other":
            yield _plain("requests", outcome.code, "total", outcome.zh, outcome.en, chapters, name=outcome.code)
    for applicant in APPLICANT.codes:
        if applicant.code != "total":
            zh, en = f"{OUTCOME.zh('new_requests')}：{applicant.zh}", f"requests newly received from {applicant.en}"
            yield _plain("requests", "new_requests", applicant.code, zh, en, chapters)
    for proceeding in PROCEEDING.codes:
        for result in RESULT.codes:
            zh, en = f"{proceeding.zh}：{result.zh}", f"{proceeding.en}: {result.en}"
            yield _plain("reviews", proceeding.code, result.code, zh, en, chapters)
    yield from _disclosures()


def _plain(table: str, row: str, column: str, zh: str, en: str, forms: list[str], name: str | None = None) -> Indicator:
    code = f"{table}.{name or f'{row}.{column}'}"
    parts = tuple(Part(version, "same", (Figure(table, row, column),)) for version in forms)
    return Indicator(code, zh, en, "件", (*parts, *_older(code)))


def _disclosures() -> Iterator[Indicator]:
    """Chapter 2, whose columns differ between forms; 处理决定数量 is common to them."""
    units: dict[Figure, dict[str, str]] = {}
    for one in all_forms():
        for figure, unit in _cells_of_chapter_2(one):
            units.setdefault(figure, {})[one.version] = unit
    for figure, by_form in units.items():
        code = f"disclosures.{figure.row}.{figure.column}"
        parts = tuple(Part(version, _of_chapter_2(version, by_form), (figure,)) for version in by_form)
        unit = next(iter(by_form.values()))
        yield Indicator(
            code,
            f"{CATEGORY.zh(figure.row)}：{MEASURE.zh(figure.column)}",
            f"{_en(CATEGORY, figure.row)}: {_en(MEASURE, figure.column)}",
            MONEY.get(unit, unit),
            (*parts, *_older(code)),
        )


def _cells_of_chapter_2(one: Form) -> Iterator[tuple[Figure, str]]:
    for block in one.blocks:
        for category in block.categories:
            for measure in block.measures:
                yield Figure("disclosures", category.code, measure.code), measure.unit


def _of_chapter_2(version: str, by_form: dict[str, str]) -> str:
    if version == CURRENT:
        return "same"
    return "near" if CURRENT in by_form else "own"


def _sums() -> Iterator[Indicator]:
    for code, zh, en, alternatives in _SUMS:
        parts = tuple(Part(one.version, "same", figures) for one in all_forms() for figures in alternatives)
        yield Indicator(code, zh, en, "件", (*parts, *_older(code)))


def _older(code: str) -> tuple[Part, ...]:
    return tuple(
        Part(one.form, one.comparability, (Figure("statistics", one.line),))
        for one in _COUNTERPARTS
        if one.indicator == code
    )


def _statistics() -> Iterator[Indicator]:
    """The lines of the statistics tables, each as an indicator of its own."""
    lines: dict[str, Indicator] = {}
    for table in statistics_forms():
        for line in table.indicators:
            if line.unit is None:
                continue
            part = Part(table.version, "own", (Figure("statistics", line.code),))
            known = lines.get(line.code)
            lines[line.code] = Indicator(
                f"statistics.{line.code}",
                known.zh if known else line.label,
                known.en if known else line.code.replace("_", " ").replace(".", ": "),
                known.unit if known else MONEY.get(line.unit, line.unit),
                (*known.parts, part) if known else (part,),
            )
    yield from lines.values()


def _en(codes: CodeList, code: str) -> str:
    return next(one.en for one in codes.codes if one.code == code)
