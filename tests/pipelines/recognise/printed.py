"""Tables as reports print them, built by hand: a row is a list of texts, or of (text, row span, column span)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pipelines.read.document import Cell, Document, Paragraph, Place, Table
from pipelines.recognise.grid import Row, rows

Item = str | tuple[str, int, int]
Line = list[Item]

RELATION = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
APPLICANTS = (
    "natural_person",
    "commercial_enterprise",
    "research_institution",
    "public_welfare_organization",
    "legal_service_institution",
    "other_organization",
    "total",
)
APPLICANT_HEADS = ("自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计")
OUTCOMES: tuple[tuple[str, str | None, str], ...] = (
    ("new_requests", None, "一、本年新收政府信息公开申请数量"),
    ("carried_over", None, "二、上年结转政府信息公开申请数量"),
    ("granted", None, "（一）予以公开"),
    ("partially_granted", None, "（二）部分公开（区分处理的，只计这一情形，不计其他情形）"),
    ("denied.state_secret", "（三）不予公开", "1.属于国家秘密"),
    ("denied.prohibited_by_law", "（三）不予公开", "2.其他法律行政法规禁止公开"),
    ("denied.security_stability", "（三）不予公开", "3.危及“三安全一稳定”"),
    ("denied.third_party_rights", "（三）不予公开", "4.保护第三方合法权益"),
    ("denied.internal_affairs", "（三）不予公开", "5.属于三类内部事务信息"),
    ("denied.process_information", "（三）不予公开", "6.属于四类过程性信息"),
    ("denied.enforcement_files", "（三）不予公开", "7.属于行政执法案卷"),
    ("denied.administrative_query", "（三）不予公开", "8.属于行政查询事项"),
    ("unavailable.not_held", "（四）无法提供", "1.本机关不掌握相关政府信息"),
    ("unavailable.needs_creation", "（四）无法提供", "2.没有现成信息需要另行制作"),
    ("unavailable.unclear_after_correction", "（四）无法提供", "3.补正后申请内容仍不明确"),
    ("not_processed.petition_complaint", "（五）不予处理", "1.信访举报投诉类申请"),
    ("not_processed.duplicate", "（五）不予处理", "2.重复申请"),
    ("not_processed.published_material", "（五）不予处理", "3.要求提供公开出版物"),
    ("not_processed.excessive_repeat", "（五）不予处理", "4.无正当理由大量反复申请"),
    ("not_processed.confirm_or_reissue", "（五）不予处理", "5.要求行政机关确认或重新出具已获取信息"),
    (
        "other.uncorrected_overdue",
        "（六）其他处理",
        "1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请",
    ),
    (
        "other.unpaid_fee_overdue",
        "（六）其他处理",
        "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请",
    ),
    ("other.other", "（六）其他处理", "3.其他"),
    ("total_processed", None, "（七）总计"),
    ("carried_forward", None, "四、结转下年度继续办理"),
)
"""Chapter 3 as the 2021 form prints it: code, group, label."""
ONE_OTHER: tuple[tuple[str, str | None, str], ...] = tuple(
    ("other", None, "（六）其他处理") if code == "other.other" else (code, group, label)
    for code, group, label in OUTCOMES
    if code not in {"other.uncorrected_overdue", "other.unpaid_fee_overdue"}
)
"""The same with （六）其他处理 as one row."""
RESULTS = ("upheld", "corrected", "other", "pending", "total")
RESULT_HEADS = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")
PROCEEDINGS = ("administrative_review", "litigation_direct", "litigation_after_review")


def table(lines: Sequence[Line], *, number: int = 1, breaks: tuple[int, ...] = ()) -> Table:
    """A table of these rows; a cell takes the next column that no span from above covers, as in a web page."""
    taken: set[tuple[int, int]] = set()
    cells: list[Cell] = []
    for row, line in enumerate(lines):
        column = 0
        for item in line:
            text, down, right = (item, 1, 1) if isinstance(item, str) else item
            while (row, column) in taken:
                column += 1
            taken |= {(row + i, column + j) for i in range(down) for j in range(right)}
            cells.append(Cell(row, column, down, right, text, Place(path=f"r{row}c{column}")))
            column += right
    return Table(number, tuple(sorted(cells, key=lambda cell: (cell.row, cell.column))), breaks)


def table_rows(lines: Sequence[Line], *, breaks: tuple[int, ...] = ()) -> tuple[Row, ...]:
    """The rows of such a table."""
    return rows(table(lines, breaks=breaks))


def figure(row: int, column: int) -> int:
    """A figure that no other row and column of a table has."""
    return row * 10 + column + 1


def requests_head() -> list[Line]:
    """The three rows of headings of chapter 3."""
    return [
        [(RELATION, 3, 3), ("申请人情况", 1, 7)],
        [("自然人", 2, 1), ("法人或其他组织", 1, 5), ("总计", 2, 1)],
        ["商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他"],
    ]


def requests_body(
    outcomes: Sequence[tuple[str, str | None, str]] = OUTCOMES,
    figures: Callable[[int, int], object] = figure,
    labels: Mapping[str, str] | None = None,
) -> list[Line]:
    """The rows of chapter 3: each with the heading of its group where that begins, its label and its figures."""
    worded = labels or {}
    groups = [group for _, group, _ in outcomes]
    results = [code for code, _, _ in outcomes if code not in {"new_requests", "carried_over", "carried_forward"}]
    lines: list[Line] = []
    for position, (code, group, label) in enumerate(outcomes):
        line: Line = []
        if results and code == results[0]:
            line.append(("三、本年度办理结果", len(results), 1))
        if group is not None and (position == 0 or groups[position - 1] != group):
            line.append((group, groups.count(group), 1))
        width = 1 if group is not None else 2 if code in results else 3
        line.append((worded.get(code, label), 1, width))
        line.extend(str(figures(position, column)) for column in range(len(APPLICANTS)))
        lines.append(line)
    return lines


def requests_values(
    outcomes: Sequence[tuple[str, str | None, str]] = OUTCOMES, figures: Callable[[int, int], Any] = figure
) -> dict[tuple[str, str], Any]:
    """The figures of chapter 3 by outcome and applicant."""
    return {
        (code, applicant): figures(row, column)
        for row, (code, _, _) in enumerate(outcomes)
        for column, applicant in enumerate(APPLICANTS)
    }


def reviews_table(figures: Sequence[object] = tuple(range(1, 16))) -> list[Line]:
    """Chapter 4 as the form prints it: headings of three levels over fifteen figures."""
    return [
        [("行政复议", 2, 5), ("行政诉讼", 1, 10)],
        [("未经复议直接起诉", 1, 5), ("复议后起诉", 1, 5)],
        [*RESULT_HEADS * 3],
        [str(value) for value in figures],
    ]


def disclosures_table(measures: Sequence[str], body: Sequence[tuple[str, Sequence[str]]], article: str) -> list[Line]:
    """A block of chapter 2: the article over it, the headings of its measures, a row for each category."""
    return [
        [(article, 1, len(measures) + 1)],
        ["信息内容", *measures],
        *([category, *values] for category, values in body),
    ]


ARTICLES = ("第二十条第（一）项", "第二十条第（五）项", "第二十条第（六）项", "第二十条第（八）项")


def chapter_2() -> list[list[Line]]:
    """The four blocks of chapter 2 of the 2021 form."""
    return [
        disclosures_table(
            ("本年制发件数", "本年废止件数", "现行有效件数"),
            [("规章", ("3", "5", "74")), ("行政规范性文件", ("564", "984", "4,185"))],
            ARTICLES[0],
        ),
        disclosures_table(("本年处理决定数量",), [("行政许可", ("11398889",))], ARTICLES[1]),
        disclosures_table(("本年处理决定数量",), [("行政处罚", ("6937489",)), ("行政强制", ("166105",))], ARTICLES[2]),
        disclosures_table(("本年收费金额（单位：万元）",), [("行政事业性收费", ("4166.241619",))], ARTICLES[3]),
    ]


def document(*blocks: str | Table) -> Document:
    """A web page of paragraphs and tables."""
    return Document(
        sha256="ab" * 32,
        media_type="text/html",
        reading="html",
        page_count=None,
        producer=None,
        title=None,
        facts=(),
        blocks=tuple(
            Paragraph(block, Place(path=f"p{position}")) if isinstance(block, str) else block
            for position, block in enumerate(blocks)
        ),
    )
