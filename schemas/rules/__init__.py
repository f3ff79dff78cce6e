"""The rules of the contract, as data: what must hold between the figures, and how grave it is when it does not.

The arithmetic comes from the forms themselves: chapter 3 prints its own identity in the table's first cell
（第一项加第二项之和，等于第三项加第四项之和）, and every 总计 is the sum of what stands beside or above it.
Evaluation is set-wise, in `pipelines.validate`.
"""

from dataclasses import dataclass

from schemas.codes import APPLICANT, OUTCOME, RESULT

_RESULT_ROWS = tuple(
    code
    for code in OUTCOME.values()
    if code not in {"new_requests", "carried_over", "total_processed", "carried_forward"}
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule's id, severity and meaning."""

    id: str
    severity: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Identity(Rule):
    """Within one report: for each value of `by`, the sum over `left` codes of `dimension` equals that over `right`."""

    table: str
    by: str
    dimension: str
    left: tuple[str, ...]
    right: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Continuity(Rule):
    """Between a publisher's report and the one a year before, for each value of `by`.

    This year's `now` = last year's `before` + this year's `plus` - this year's `minus`, each the figure of that
    code of `dimension`; where one is blank, nothing is said.
    """

    table: str
    by: str
    dimension: str
    now: str
    before: str
    plus: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()


ROW_TOTAL = Identity(
    "requests.row_total",
    "error",
    "各类申请人之和等于总计",
    "the six applicant columns of a row sum to its total",
    table="requests",
    by="outcome",
    dimension="applicant",
    left=tuple(code for code in APPLICANT.values() if code != "total"),
    right=("total",),
)
COLUMN_SUM = Identity(
    "requests.column_sum",
    "error",
    "办理结果各行之和等于（七）总计",
    "the result rows of a column sum to total_processed",
    table="requests",
    by="applicant",
    dimension="outcome",
    left=_RESULT_ROWS,
    right=("total_processed",),
)
BALANCE = Identity(
    "requests.balance",
    "error",
    "第一项加第二项之和，等于第三项加第四项之和",
    "new_requests + carried_over = total_processed + carried_forward, in every column",
    table="requests",
    by="applicant",
    dimension="outcome",
    left=("new_requests", "carried_over"),
    right=("total_processed", "carried_forward"),
)
REVIEWS_TOTAL = Identity(
    "reviews.total",
    "error",
    "维持、纠正、其他、未审结之和等于总计",
    "upheld + corrected + other + pending = total, per proceeding",
    table="reviews",
    by="proceeding",
    dimension="result",
    left=tuple(code for code in RESULT.values() if code != "total"),
    right=("total",),
)
REQUESTS_CONTINUITY = Continuity(
    "requests.continuity",
    "warning",
    "上年结转等于上一年报告的结转下年度",
    "carried_over equals the same publisher's carried_forward a year before",
    table="requests",
    by="applicant",
    dimension="outcome",
    now="carried_over",
    before="carried_forward",
)
DISCLOSURES_CONTINUITY = Continuity(
    "disclosures.continuity",
    "warning",
    "现行有效 = 上年现行有效 + 本年制发 - 本年废止",
    "in_force = in_force a year before + issued - repealed",
    table="disclosures",
    by="category",
    dimension="measure",
    now="in_force",
    before="in_force",
    plus=("issued",),
    minus=("repealed",),
)
FEE_UNIT = Rule(
    "disclosures.unit",
    "warning",
    "收费金额与前后年份相差约一万倍",
    "a fee is about 10,000 times its neighbours in time: 元 printed where the form says 万元",
)
NARRATIVE_REQUESTS = Rule(
    "narrative.requests",
    "warning",
    "正文所述申请数与表格不符",
    "the number of requests the text names is the table's",
)
STATISTICS_SUM = Rule(
    "statistics.sum",
    "error",
    "统计表分项之和等于总数",
    "the lines that a statistics table lists under a total sum to it (schemas.forms)",
)
INCOMPLETE = Rule("form.incomplete", "error", "表格缺行或缺列", "every row and column of the form was found")
LABEL = Rule("form.label", "info", "标签与表式不同", "each label is the form's or a known variant")
UNSURE = Rule(
    "ocr.confidence",
    "error",
    "文字识别不确定",
    "optical character recognition was sure of the figure, or a sum of sure ones confirms it; else compare the page",
)
BLANK = Rule("form.blank", "info", "空白单元格使合计不成立", "a rule fails only because cells it needs are blank")

EXPECTATION = Rule(
    "corrections.expectation",
    "error",
    "更正条目与原文不符",
    "a correction finds the cell it names, printed as it expects (schemas.corrections)",
)
CONSISTENCY = Rule(
    "corrections.consistency",
    "error",
    "更正后勾稽关系反而不成立",
    "no sum that holds for the printed figures is broken by accepted corrections",
)

IDENTITIES: tuple[Identity, ...] = (ROW_TOTAL, COLUMN_SUM, BALANCE, REVIEWS_TOTAL)
CONTINUITIES: tuple[Continuity, ...] = (REQUESTS_CONTINUITY, DISCLOSURES_CONTINUITY)
RULES: tuple[Rule, ...] = (
    *IDENTITIES,
    *CONTINUITIES,
    FEE_UNIT,
    NARRATIVE_REQUESTS,
    STATISTICS_SUM,
    INCOMPLETE,
    LABEL,
    BLANK,
    UNSURE,
    EXPECTATION,
    CONSISTENCY,
)
"""Every rule, in the order of the contract."""


def severity(rule_id: str) -> str:
    """The severity of a rule; raises KeyError for an unknown id."""
    for rule in RULES:
        if rule.id == rule_id:
            return rule.severity
    raise KeyError(f"no rule {rule_id!r}; known: {', '.join(rule.id for rule in RULES)}")
