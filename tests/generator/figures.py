"""What a generated report says: its publisher, its figures, and errors planted among them.

Belongs here: figures for which every identity of the form holds, errors of known kinds, and, worked out anew
from the statutory form and not by the pipeline, which findings a set of printed figures must lead to. Does not:
how anything is printed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from schemas.codes import APPLICANT, OUTCOME, PROCEEDING, RESULT
from schemas.forms import form
from tests.generator.choices import Choices

Key = tuple[str, str, str]
"""A figure: table of the contract, row code, column code."""
Finding = tuple[str, str]
"""A rule's id and its subject."""

APPLICANTS = tuple(APPLICANT.values()[:-1])
OUTSIDE = ("new_requests", "carried_over", "total_processed", "carried_forward")
"""The rows of chapter 3 that are no results."""
OTHER_SEVERAL = ("other.uncorrected_overdue", "other.unpaid_fee_overdue", "other.other")

Place = tuple[str, str, str, str]
"""Printed name, code, city slug and name of a division."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose report on which year a generated one shall be; a report on 2021 or later has the form of 2021."""

    place: Place
    year: int


PLACES: tuple[Place, ...] = (
    ("周口市", "411600", "zhoukou-411600", "周口市"),
    ("淮安市洪泽区", "320813", "huaian-320800", "洪泽区"),
    ("苏州市", "320500", "suzhou-320500", "苏州市"),
    ("宿州市", "341300", "suzhou-341300", "宿州市"),
    ("昆山市", "320583", "suzhou-320500", "昆山市"),
    ("上海市浦东新区", "310115", "shanghai-310000", "浦东新区"),
    ("北京市海淀区", "110108", "beijing-110000", "海淀区"),
    ("深圳市南山区", "440305", "shenzhen-440300", "南山区"),
    ("延边朝鲜族自治州", "222400", "yanbian-222400", "延边朝鲜族自治州"),
    ("东莞市", "441900", "dongguan-441900", "东莞市"),
    ("济源市", "419001", "jiyuan-419001", "济源市"),
    ("成都市锦江区", "510104", "chengdu-510100", "锦江区"),
    ("厦门市思明区", "350203", "xiamen-350200", "思明区"),
    ("伊宁县", "654021", "yili-654000", "伊宁县"),
)
"""The divisions whose reports are made up, unless one is asked for."""
DEPARTMENTS = ("审计局", "统计局", "应急管理局", "卫生健康委员会")


@dataclass(frozen=True, slots=True)
class Report:
    """A report's figures and identity.

    Args:
        form: version of the statutory form.
        year: the year covered.
        title, publisher, region_code, region, city: as the contract has them.
        several: whether （六）其他处理 is three rows.
        values: every figure; money to six places.
        blanked: figures whose cells are left blank.
        unreadable: figures in whose cells stands what is no number, by the text.
        left_out: rows that are not printed (table, row code).
        damaged: labels to be printed damaged (table, code of the row or column).
        stated: the number of requests that the text states.
        planted: the kinds of errors planted.
    """

    form: str
    year: int
    title: str
    publisher: str
    region_code: str
    region: str
    city: str
    several: bool
    values: Mapping[Key, Decimal]
    stated: int
    blanked: frozenset[Key] = frozenset()
    unreadable: Mapping[Key, str] = field(default_factory=dict)
    left_out: frozenset[tuple[str, str]] = frozenset()
    damaged: frozenset[tuple[str, str]] = frozenset()
    planted: tuple[str, ...] = ()


def random_report(choices: Choices, asked: Asked | None = None) -> Report:
    """A report with random figures, half of the time with errors planted; of a random body and year, if none is asked."""
    version = choices.pick("form", ("2021", "2019"), (3, 1))
    year = choices.random.randint(2021, 2025) if version == "2021" else choices.random.randint(2019, 2020)
    if asked is not None:
        version, year = "2021" if asked.year >= 2021 else "2019", asked.year
    several = choices.chance("three rows of other handling", 0.6 if version == "2021" else 0.15)
    scale = choices.pick("scale", (0, 3, 40, 900, 20_000), (1, 3, 3, 2, 1))
    values = {
        **_disclosures(choices.random, version, scale),
        **_requests(choices.random, outcomes(several), scale),
        **_reviews(choices.random, scale),
    }
    plan = _Plan(values, outcomes(several), choices)
    for kind in choices.random.sample(sorted(_KINDS), choices.random.choice((0, 0, 0, 1, 1, 2))):
        _KINDS[kind](plan)
        choices.tell(f"planted {kind}")
        plan.planted.append(kind)
    name, code, city, region = asked.place if asked else choices.pick("place", PLACES)
    department = choices.pick("department", ("", *DEPARTMENTS), (5, 1, 1, 1, 1))
    new = values["requests", "new_requests", "total"]
    return Report(
        form=version,
        year=year,
        title=_title(choices, name + department, year),
        publisher=name + (department or "人民政府"),
        region_code=code,
        region=region,
        city=city,
        several=several,
        values=values,
        stated=int(new) + (7919 if "narrative" in plan.planted else 0),
        blanked=frozenset(plan.blanked),
        unreadable=plan.unreadable,
        left_out=frozenset(plan.left_out),
        damaged=frozenset(plan.damaged),
        planted=tuple(plan.planted),
    )


def outcomes(several: bool) -> tuple[str, ...]:
    """The rows of chapter 3, in the form's order."""
    absent = {"other"} if several else set(OTHER_SEVERAL)
    return tuple(code for code in OUTCOME.values() if code not in absent)


def results(rows: Iterable[str]) -> tuple[str, ...]:
    """Those of the rows of chapter 3 that （七）总计 sums up."""
    return tuple(code for code in rows if code not in OUTSIDE)


def expected_findings(report: Report, read: Mapping[Key, Decimal | None]) -> frozenset[Finding]:
    """The findings that the figures must lead to, those on labels excepted.

    Args:
        report: the report.
        read: the value in each printed cell, None for one without.
    """
    return frozenset(
        [*_sums(report, read), *_narrative(report, read)]
        + [("form.incomplete", ".".join(key)) for key in report.unreadable if key in read]
        + [("form.incomplete", f"{table}.{row}") for table, row in report.left_out]
    )


def _sums(report: Report, read: Mapping[Key, Decimal | None]) -> Iterable[Finding]:
    rows = [row for row in outcomes(report.several) if ("requests", row) not in report.left_out]
    for row in rows:
        yield from _unequal(
            "requests.row_total",
            row,
            [read["requests", row, column] for column in APPLICANTS],
            [read["requests", row, "total"]],
        )
    for column in (*APPLICANTS, "total"):
        cells = {row: read["requests", row, column] for row in rows}
        yield from _unequal(
            "requests.column_sum", column, [cells[row] for row in results(rows)], [cells["total_processed"]]
        )
        yield from _unequal(
            "requests.balance",
            column,
            [cells["new_requests"], cells["carried_over"]],
            [cells["total_processed"], cells["carried_forward"]],
        )
    for proceeding in PROCEEDING.values():
        *parts, whole = [read["reviews", proceeding, result] for result in RESULT.values()]
        yield from _unequal("reviews.total", proceeding, parts, [whole])


def _unequal(rule: str, subject: str, left: list[Decimal | None], right: list[Decimal | None]) -> Iterable[Finding]:
    if sum(value or 0 for value in left) == sum(value or 0 for value in right):
        return
    blank = None in left or None in right
    yield ("form.blank", f"{rule}:{subject}") if blank else (rule, subject)


def _narrative(report: Report, read: Mapping[Key, Decimal | None]) -> Iterable[Finding]:
    new, over, processed = (
        read["requests", row, "total"] for row in ("new_requests", "carried_over", "total_processed")
    )
    blank = all(value is None for (table, _, column), value in read.items() if (table, column) == ("requests", "total"))
    if new is None and not blank:
        return
    if report.stated not in (new or 0, (new or 0) + (over or 0), processed):
        yield ("narrative.requests", "requests.new_requests.total")


# --- figures ------------------------------------------------------------------------------------------------


def _disclosures(random: Random, version: str, scale: int) -> dict[Key, Decimal]:
    values = {}
    for block in form(version).blocks:
        for category in block.categories:
            for measure in block.measures:
                value = _count(random, scale * 20)
                if measure.unit == "万元" and value:
                    value += _fraction(random)
                if measure.code == "change":
                    value = value if random.random() < 0.5 else -value
                values["disclosures", category.code, measure.code] = value
    return values


def _fraction(random: Random) -> Decimal:
    places = random.choice((0, 0, 1, 2, 2, 4, 6))
    return Decimal(random.randrange(10**places)).scaleb(-places)


def _requests(random: Random, rows: tuple[str, ...], scale: int) -> dict[Key, Decimal]:
    """Figures for which all three identities hold, applicant by applicant; totals follow by addition."""
    columns: dict[str, dict[str, Decimal]] = {}
    for position, applicant in enumerate(APPLICANTS):
        share = scale if position == 0 else scale // 8
        column = {row: _count(random, share) for row in results(rows)}
        column["total_processed"] = sum(column.values(), Decimal(0))
        column["carried_forward"] = _count(random, share)
        both = column["total_processed"] + column["carried_forward"]
        column["carried_over"] = min(both, _count(random, share))
        column["new_requests"] = both - column["carried_over"]
        columns[applicant] = column
    columns["total"] = {row: sum((column[row] for column in columns.values()), Decimal(0)) for row in rows}
    return {("requests", row, applicant): columns[applicant][row] for row in rows for applicant in columns}


def _reviews(random: Random, scale: int) -> dict[Key, Decimal]:
    values = {}
    for proceeding in PROCEEDING.values():
        parts = {result: _count(random, scale // 2) for result in RESULT.values()[:-1]}
        parts["total"] = sum(parts.values(), Decimal(0))
        values |= {("reviews", proceeding, result): value for result, value in parts.items()}
    return values


def _count(random: Random, scale: int) -> Decimal:
    """A number of things: often none, mostly few, at times many."""
    if scale <= 0 or random.random() < 0.35:
        return Decimal(0)
    return Decimal(int(scale * random.random() ** 3 * random.choice((0.2, 1, 3))))


# --- errors -------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Plan:
    """A report being spoilt."""

    values: dict[Key, Decimal]
    rows: tuple[str, ...]
    choices: Choices
    blanked: set[Key] = field(default_factory=set)
    unreadable: dict[Key, str] = field(default_factory=dict)
    left_out: set[tuple[str, str]] = field(default_factory=set)
    damaged: set[tuple[str, str]] = field(default_factory=set)
    planted: list[str] = field(default_factory=list)

    def one(self, options: Iterable[str]) -> str:
        return self.choices.random.choice(list(options))

    def add(self, *key: str) -> None:
        table, row, column = key
        self.values[table, row, column] += self.choices.random.choice((1, 2, 10, 100))


def _row_total(plan: _Plan) -> None:
    plan.add("requests", plan.one(plan.rows), "total")


def _column_sum(plan: _Plan) -> None:
    plan.add("requests", plan.one(results(plan.rows)), plan.one(APPLICANTS))


def _balance(plan: _Plan) -> None:
    plan.add("requests", plan.one(("carried_over", "carried_forward")), plan.one(APPLICANTS))


def _reviews_total(plan: _Plan) -> None:
    plan.add("reviews", plan.one(PROCEEDING.values()), plan.one(RESULT.values()))


def _blank_cells(plan: _Plan) -> None:
    plan.blanked.update(plan.choices.random.sample(sorted(plan.values), plan.choices.random.randint(1, 12)))


def _unreadable(plan: _Plan) -> None:
    key = plan.choices.random.choice([key for key in sorted(plan.values) if key[0] == "requests"])
    plan.unreadable[key] = plan.one(("见附件", "1.5", "-2", "12/3", "详见说明", "*"))


def _row_left_out(plan: _Plan) -> None:
    inner = [row for row in plan.rows if row.startswith(("denied.", "unavailable.", "not_processed."))]
    row = plan.one(inner)
    plan.left_out.add(("requests", row))


def _damaged_labels(plan: _Plan) -> None:
    candidates = [("requests", row) for row in (*plan.rows, *APPLICANTS)] + [("disclosures", "fees")]
    plan.damaged.update(plan.choices.random.sample(candidates, plan.choices.random.randint(1, 5)))


def _narrative_off(plan: _Plan) -> None:
    """The text states another number than the table: `random_report` does it."""


_KINDS = {
    "row total": _row_total,
    "column sum": _column_sum,
    "balance": _balance,
    "reviews total": _reviews_total,
    "blank cells": _blank_cells,
    "unreadable": _unreadable,
    "row left out": _row_left_out,
    "damaged labels": _damaged_labels,
    "narrative": _narrative_off,
}


def _title(choices: Choices, name: str, year: int) -> str:
    return choices.pick(
        "title",
        (
            f"{name}{year}年政府信息公开工作年度报告",
            f"{name}{year}年度政府信息公开工作年度报告",
            f"{year}年{name}政府信息公开工作年度报告",
            f"{name}{year}年政府信息公开年度报告",
        ),
    )
