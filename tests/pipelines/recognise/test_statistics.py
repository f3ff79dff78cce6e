from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from pipelines.read.document import Cell, Place, Table
from pipelines.read.html.page import read_html
from pipelines.recognise.report import NoStatutoryTable, recognise
from pipelines.recognise.statistics import UNKNOWN, is_statistics, recognise_statistics
from schemas.forms import statistics_forms

FIXTURES = Path(__file__).parents[2] / "fixtures" / "statistics"
NATIONAL, LOCAL = statistics_forms()


def report(name):
    content = (FIXTURES / name).read_bytes()
    return recognise(read_html(content, sha256(content).hexdigest()))


def values(found):
    return {figure.indicator: figure.value for figure in found.statistics}


def table(*lines, number=1):
    cells = tuple(
        Cell(row, column, 1, 1, text, Place(path=f"t/{row}/{column}"))
        for row, line in enumerate(lines)
        for column, text in enumerate(line)
    )
    return Table(number, cells)


HEAD = ("指标名称", "单位", "统计数")
CHANNELS = (
    ("（一）收到申请数", "件", "12"),
    ("1.当面申请数", "件", "2"),
    ("2.传真申请数", "件", "0"),
    ("3.网络申请数", "件", "7"),
    ("4.信函申请数", "件", "3"),
)
ANSWERS = ("按时办结数", "延期办结数", "属于已主动公开范围数", "同意公开答复数", "同意部分公开答复数")


def recognised(*lines, year=2016):
    return recognise_statistics([table(*lines)], statistics_forms(), year)


def placed(found):
    return {figure.indicator: figure.value for figure in found.figures}


# --- whole reports ----------------------------------------------------------------------------------------------


def test_the_national_table():
    found = report("national-2017.html")
    assert found.form == "2014"
    assert [figure.indicator for figure in found.statistics] == [
        one.code
        for one in NATIONAL.indicators
        # Lines of a province that the national table does not have.
        if one.unit and one.code not in {f"disclosure.{word}" for word in ANHUI}
    ]
    got = values(found)
    assert got["disclosure.total"] == 8651
    assert got["disclosure.weibo"] == 1020
    assert got["responses.online_interviews.by_leaders"] is None
    assert got["answers.denied.privacy"] == 2
    assert (got["reviews.other"], got["litigation.other"]) == (1, 0)
    assert (got["reviews.corrected"], got["litigation.corrected"]) == (0, 1)
    assert str(got["fees.collected"]) == "0.0125"
    assert not found.odd_labels
    assert not found.unplaced
    assert {figure.origin for figure in found.statistics} == {"table"}
    assert {(one.indicator, one.unit) for one in found.statistics} >= {
        ("fees.collected", "万元"),
        ("training.trainees", "人次"),
        ("responses.interpretations", "篇"),
    }


ANHUI = ("organization", "government_documents", "enforcement", "plans_and_statistics", "finance")


def test_each_figure_has_its_printed_cell_among_the_cells_of_the_report():
    found = report("national-2017.html")
    assert {figure.ref for figure in found.statistics} <= set(found.tables)
    (website,) = [one for one in found.statistics if one.indicator == "disclosure.website"]
    assert website.ref.cell.text == "4511"
    assert website.label == "2.政府网站公开政府信息数"


def test_of_this_year_and_all_years_only_this_year_is_loaded():
    found = report("cumulated-2016.html")
    assert {figure.heading for figure in found.statistics} == {"本年度"}
    got = values(found)
    assert got["requests.received"] == 41
    assert (got["reviews.total"], got["litigation.total"]) == (3, 2)
    assert "历年累计" in {ref.cell.text for ref in found.tables}


def test_the_word_for_cases_a_footnote_and_a_dash():
    found = report("cumulated-2016.html")
    by_code = {figure.indicator: figure for figure in found.statistics}
    assert by_code["reviews.total"].unit == "件"
    assert (by_code["litigation.corrected"].value, by_code["litigation.corrected"].note) == (1, "①")
    assert by_code["litigation.other"].value is None
    assert by_code["litigation.total"].ref.cell.text == "2宗"


def test_two_blocks_side_by_side_are_read_one_after_the_other():
    assert values(report("side-by-side-2015.html")) == values(report("national-2017.html"))


def test_a_column_for_each_kind_of_body_and_lines_of_a_province():
    found = report("bodies-2018.html")
    assert {figure.heading for figure in found.statistics} == {"部门统计数", "社区统计数"}
    got = {(figure.indicator, figure.heading): figure.value for figure in found.statistics}
    assert (got["disclosure.total", "部门统计数"], got["disclosure.total", "社区统计数"]) == (312, 58)
    assert got["disclosure.finance", "部门统计数"] == 17
    assert got["requests.received.online", "部门统计数"] == 2


def test_an_unknown_line_keeps_its_label_and_is_told():
    found = report("bodies-2018.html")
    unknown = [figure for figure in found.statistics if figure.indicator == UNKNOWN]
    assert [(one.label, one.value, one.unit) for one in unknown] == [
        ("主动公开村务公开栏更新次数", 0, "次"),
        ("主动公开村务公开栏更新次数", 36, "次"),
    ]
    assert [odd.printed for odd in found.odd_labels] == ["主动公开村务公开栏更新次数"]


def test_the_local_table_of_before():
    found = report("local-2008.html")
    assert found.form == "free"
    got = values(found)
    assert set(got) == {one.code for one in LOCAL.indicators if one.unit} - PUTIAN
    assert got["disclosure.total"] == 26803  # of the year, not of the period
    assert got["inquiries.page_views"] == 86_000
    assert (got["answers.exempt_1"], got["answers.not_existing"]) == (0, 2)
    notes = {one.indicator: one.note for one in found.statistics if one.note}
    assert notes == {"inquiries.telephone": "约"}
    assert not found.odd_labels


PUTIAN = {"disclosure.website", "disclosure.gazette"}


def test_the_local_table_of_another_city():
    # The form of 莆田 for 2009: indicators in another wording, this year beside all years.
    lines = (
        ("指   标  名  称", "计量 单位", "2009 年度", "历年 累计"),
        ("主动公开信息数", "条", "2036", "9120"),
        ("其中:1.政府网站", "条", "1980", "8801"),
        ("2.政府公报", "条", "56", "319"),
        ("受理依申请公开信息总数", "条", "9", "31"),
        ("其中:1.当面申请数", "条", "4", "14"),
        ("2.传真申请数", "条", "0", "0"),
        ("3.电子邮件申请数", "条", "1", "1"),
        ("4.网上申请数", "条", "4", "12"),
        ("5.信函申请数", "条", "0", "4"),
        ("6.其它形式申请数", "条", "0", "0"),
        ("本年度对申请的答复总数", "条", "9", "31"),
        ("其中:1.同意公开答复数", "条", "7", "26"),
        ("2.同意部分公开答复数", "条", "0", "1"),
        ("3.否决公开答复总数", "条", "2", "4"),
        ("行政复议数", "件", "1", "2"),
        ("行政诉讼数", "件", "0", "0"),
        ("行政申诉数", "件", "0", "0"),
    )
    found = recognised(*lines, year=2009)
    assert found.version == "free"
    assert [int(one.value or 0) for one in found.figures] == [int(line[2]) for line in lines[1:]]
    assert UNKNOWN not in placed(found)
    assert placed(found)["requests.received"] == 9
    assert placed(found)["answers.total"] == 9
    assert placed(found)["disclosure.website"] == 1980


# --- lines ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("damaged", "code"),
    [("3.网申请数", "requests.received.online"), ("3、网上申请", "requests.received.online")],
)
def test_a_damaged_label_is_placed_between_its_neighbours(damaged, code):
    lines = [(damaged, *line[1:]) if line[0] == "3.网络申请数" else line for line in CHANNELS]
    assert placed(recognised(HEAD, *lines))[code] == 7


def test_lines_in_another_order_are_placed_by_their_labels():
    assert placed(recognised(HEAD, *reversed(CHANNELS))) == placed(recognised(HEAD, *CHANNELS))


def test_a_line_that_says_nothing_of_itself_is_told_by_what_it_stands_under():
    lines = (
        *CHANNELS,
        ("四、行政复议数量", "件", "6"),
        ("（一）维持具体行政行为数", "件", "3"),
        ("（二）被依法纠错数", "件", "2"),
        ("（三）其他情形数", "件", "1"),
        ("五、行政诉讼数量", "件", "9"),
        ("（二）被依法纠错数", "件", "4"),
        ("（三）其他情形数", "件", "5"),
    )
    got = placed(recognised(HEAD, *lines))
    assert (got["reviews.corrected"], got["litigation.corrected"]) == (2, 4)
    assert (got["reviews.other"], got["litigation.other"]) == (1, 5)


def test_without_headings_the_only_column_of_figures_is_taken_and_numbers_of_lines_are_not():
    lines = [(str(number), *line) for number, line in enumerate(CHANNELS, 1)]
    assert placed(recognised(*lines)) == placed(recognised(HEAD, *CHANNELS))


def test_without_headings_two_columns_of_figures_are_not_guessed_between():
    found = recognised(*((*line, str(number * number + 40)) for number, line in enumerate(CHANNELS, 1)))
    assert not found.figures
    assert [(one.subject, len(one.refs)) for one in found.unplaced] == [("statistics.table1.column1", 10)]


def test_two_blocks_side_by_side_need_no_headings():
    left, right = (
        CHANNELS,
        [(f"（{sign}）{label}", "件", "4") for sign, label in zip("一二三四五", ANSWERS, strict=True)],
    )
    found = recognised(*(one + other for one, other in zip(left, right, strict=True)))
    assert placed(found) == placed(recognised(HEAD, *CHANNELS, *right))
    assert len(found.figures) == 10


@pytest.mark.parametrize(("second", "told"), [("7", 0), ("8", 1)])
def test_a_table_printed_again_is_read_once_and_told_where_it_says_otherwise(second, told):
    lines = [*CHANNELS, *(("（一）" + label, "件", "4") for label in ANSWERS)]
    again = [(label, unit, second if value == "7" else value) for label, unit, value in lines]
    tables = [table(HEAD, *lines), table(HEAD, *again, number=2)]
    found = recognise_statistics(tables, statistics_forms(), 2016)
    assert placed(found) == placed(recognised(HEAD, *lines))
    assert [one.printed for one in found.unplaced] == [second] * told


def test_a_column_of_another_year_is_left_out():
    head = ("指标名称", "单位", "2015年", "2016年")
    found = recognised(head, *((label, unit, "99", value) for label, unit, value in CHANNELS))
    assert {one.heading for one in found.figures} == {"2016年"}
    assert placed(found)["requests.received"] == 12


def test_of_a_total_beside_its_parts_the_total_is_taken():
    head = ("指标名称", "单位", "区政府", "区直部门", "合计")
    found = recognised(head, *((label, unit, "1", "2", value) for label, unit, value in CHANNELS))
    assert {one.heading for one in found.figures} == {"合计"}


@pytest.mark.parametrize(
    "halves",
    [
        (("3.网络", "件", "7"), ("申请数", "", "")),
        (("3.网络申请数", "", ""), ("", "件", "7")),
        (("3.网络", "", ""), ("申请数", "件", "7")),
    ],
)
def test_a_line_cut_in_two_by_a_page_break_is_one(halves):
    lines = (HEAD, *CHANNELS[:3], *halves, CHANNELS[4])
    broken = replace(table(*lines), breaks=(5,))
    found = recognise_statistics([broken], statistics_forms(), 2016)
    assert placed(found) == placed(recognised(HEAD, *CHANNELS))
    assert not found.odd_labels


def test_a_line_that_begins_a_page_is_one_of_its_own():
    broken = replace(table(HEAD, *CHANNELS), breaks=(1, 2, 3, 4, 5))
    assert placed(recognise_statistics([broken], statistics_forms(), 2016)) == placed(recognised(HEAD, *CHANNELS))


def test_text_in_place_of_a_number_is_no_value():
    lines = [(*line[:2], "见附件") if line[0] == "2.传真申请数" else line for line in CHANNELS]
    assert placed(recognised(HEAD, *lines))["requests.received.fax"] is None


def test_a_table_of_other_things_is_none():
    assert is_statistics(table(HEAD, *CHANNELS), statistics_forms())
    assert not is_statistics(table(("姓名", "职务", "电话"), ("某某", "主任", "8276078")), statistics_forms())
    assert not is_statistics(table(*CHANNELS[:3]), statistics_forms())


def test_a_report_of_a_later_year_without_the_tables_is_quarantined():
    content = (FIXTURES / "national-2017.html").read_bytes()
    page = content.decode().replace("2017", "2022")
    page = page[: page.index("<table")] + page[page.index("</table>") + 8 :]
    with pytest.raises(NoStatutoryTable, match="attachment"):
        recognise(read_html(page.encode(), "0" * 64))


# --- forms ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", statistics_forms(), ids=lambda form: form.version)
def test_a_form_refers_only_to_its_own_lines(form):
    codes = [one.code for one in form.indicators]
    assert len(codes) == len(set(codes))
    assert {one.parent for one in form.indicators} - {None} <= set(codes)
    assert {code for rule in form.sums for code in (rule.whole, *rule.parts)} <= set(codes)


def ordinal(indicator):
    if indicator.ordinal is None or indicator.ordinal.endswith("）"):
        return indicator.ordinal or ""
    return indicator.ordinal + ("." if indicator.ordinal.isdigit() else "、")


@pytest.mark.parametrize("form", statistics_forms(), ids=lambda form: form.version)
def test_a_table_as_the_form_prints_it_is_recognised_line_by_line(form):
    lines = [
        (f"{ordinal(one)}{one.label}", one.unit or "——", str(n) if one.unit else "——")
        for n, one in enumerate(form.indicators)
    ]
    found = recognised(HEAD, *lines)
    assert [one.indicator for one in found.figures] == [one.code for one in form.indicators if one.unit]
    assert [one.value for one in found.figures] == [n for n, one in enumerate(form.indicators) if one.unit]
    assert not found.odd_labels


def test_the_heading_above_a_part_of_the_table_tells_what_its_lines_are_of():
    """Lines for reviews and for lawsuits are worded alike."""
    lines = [
        ("（一）维持具体行政行为数", "件", "5"),
        ("（二）被依法纠错数", "件", "2"),
        ("（三）其他情形数", "件", "1"),
    ]
    tables = [table(HEAD, *CHANNELS), table(HEAD, *lines, number=2)]
    found = placed(recognise_statistics(tables, statistics_forms(), 2016, {2: "五、行政诉讼数量"}))
    assert (found["litigation.corrected"], found["litigation.other"]) == (2, 1)
    assert "reviews.corrected" not in found
