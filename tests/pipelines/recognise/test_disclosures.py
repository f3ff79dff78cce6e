from dataclasses import replace
from decimal import Decimal

import pytest
from printed import ARTICLES, chapter_2, disclosures_table, table

from pipelines.read.document import Paragraph, Place
from pipelines.recognise.disclosures import money_units, recognise_disclosures
from pipelines.recognise.grid import rows
from schemas.forms import all_forms, form

FORMS = (form("2021"), form("2019"))
MADE = ("本年制发件数", "本年废止件数", "现行有效件数")
CHAPTER_2 = {
    ("regulations", "issued"): "3",
    ("regulations", "repealed"): "5",
    ("regulations", "in_force"): "74",
    ("normative_documents", "issued"): "564",
    ("normative_documents", "repealed"): "984",
    ("normative_documents", "in_force"): "4185",
    ("licensing", "decisions"): "11398889",
    ("penalties", "decisions"): "6937489",
    ("coercion", "decisions"): "166105",
    ("fees", "amount"): "4166.241619",
}


def recognise(*tables, forms=FORMS):
    """Values by category and measure, odd labels, and the figures themselves."""
    printed = [row for number, lines in enumerate(tables, start=1) for row in rows(table(lines, number=number))]
    tables = recognise_disclosures(tuple(printed), forms)
    assert len(tables.versions) >= len(tables.figures)
    return {(one.category, one.measure): one.value for one in tables.figures}, tables.odd_labels, tables.figures


def unplaced(*tables, forms=FORMS):
    """Subject and text of the figures that were placed nowhere."""
    printed = [row for number, lines in enumerate(tables, start=1) for row in rows(table(lines, number=number))]
    return [(one.subject, one.printed) for one in recognise_disclosures(tuple(printed), forms).unplaced]


def decimals(values):
    return {key: None if value is None else Decimal(value) for key, value in values.items()}


def as_one_table():
    """Chapter 2 as one table of twelve columns, as most reports print it."""
    lines = []
    for block in chapter_2():
        for line in block:
            if len(line) == 1:
                lines.append([(line[0][0], 1, 12)])
                continue
            width = 12 // len(line)
            lines.append([(text, 1, width) for text in line])
    return lines


@pytest.mark.parametrize("tables", [chapter_2(), [as_one_table()]], ids=["four tables", "one table"])
def test_the_form_as_it_is_comes_out_whole(tables):
    found, odd, figures = recognise(*tables)
    assert found == decimals(CHAPTER_2)
    assert odd == ()
    assert {one.unit for one in figures if one.measure != "amount"} == {"件"}
    assert [one.unit for one in figures if one.measure == "amount"] == ["万元"]


def test_every_figure_refers_to_its_printed_cell():
    _, _, figures = recognise(*chapter_2())
    assert [one.ref.cell.text.replace(",", "") for one in figures] == [str(one.value) for one in figures]
    assert [one.ref.table for one in figures] == [1] * 6 + [2, 3, 3, 4]


def test_columns_in_another_order_are_told_by_their_headings():
    found, odd, _ = recognise(disclosures_table((MADE[2], MADE[0], MADE[1]), [("规章", ("74", "3", "5"))], ARTICLES[0]))
    assert found == decimals({key: value for key, value in CHAPTER_2.items() if key[0] == "regulations"})
    assert odd == ()


def test_headings_apart_from_their_figures_go_by_order():
    """A heading row broken off by a page break is another table: position decides where the width is the form's."""
    heading, body = [["信息内容", *MADE]], [["规章", "3", "5", "74"]]
    found, _, _ = recognise(heading, body)
    assert found == decimals({key: value for key, value in CHAPTER_2.items() if key[0] == "regulations"})


def test_a_block_without_headings_goes_by_order():
    found, _, _ = recognise([["规章", "3", "5", "74"], ["规范性文件", "564", "984", "4185"]])
    assert found == decimals(
        {key: value for key, value in CHAPTER_2.items() if key[1] in {"issued", "repealed", "in_force"}}
    )


def test_headings_of_the_block_before_do_not_name_the_next_one_s_figures():
    lines = disclosures_table(MADE, [("规章", ("3", "5", "74"))], ARTICLES[0])
    lines.append([("行政许可", 1, 2), ("550", 1, 2)])
    found, _, _ = recognise(lines)
    assert found[("licensing", "decisions")] == 550


@pytest.mark.parametrize(
    ("printed", "category"),
    [
        ("规范性文件", "normative_documents"),
        ("⾏政规范性⽂件", "normative_documents"),
        ("行政\n规范性文件", "normative_documents"),
        ("行政强制措施", "coercion"),
        ("行政处罚 ", "penalties"),
        ("⾏政事业性收费", "fees"),
    ],
)
def test_variants_radicals_and_spaces_leave_a_category_known(printed, category):
    found, odd, _ = recognise([[printed, "1", "2", "3"]] if category == "normative_documents" else [[printed, "1"]])
    assert {key[0] for key in found} == {category}
    assert odd == ()


@pytest.mark.parametrize(("printed", "category"), [("行政许", "licensing"), ("行政规范文件", "normative_documents")])
def test_a_damaged_category_lands_in_its_row_and_is_told(printed, category):
    width = 3 if category == "normative_documents" else 1
    found, odd, _ = recognise([[printed, *["7"] * width]])
    assert {key[0] for key in found} == {category}
    assert [(one.subject, one.printed) for one in odd] == [(f"disclosures.{category}", printed)]


def test_a_reworded_heading_is_told_with_what_is_printed():
    found, odd, _ = recognise(
        disclosures_table(("本年制发数", "本年废止件数", "现行有效件数"), [("规章", ("3", "5", "74"))], ARTICLES[0])
    )
    assert found[("regulations", "issued")] == 3
    assert [(one.subject, one.printed) for one in odd] == [("disclosures.regulations.issued", "本年制发数")]


@pytest.mark.parametrize(
    ("heading", "printed", "value", "unit"),
    [
        ("本年收费金额（单位：万元）", "7730.28", "7730.28", "万元"),
        ("本年收费金额\n（单位:元）", "73802895.90", "73802895.90", "元"),
        ("本年收费金额", "73802895.90元", "73802895.90", "元"),
        ("本年收费金额（单位：万元）", "73802895.90\n元", "73802895.90", "元"),
        ("本年收费金额（单位：万元）", "1.2亿元", "1.2", "亿元"),
        ("本年收费金额（元）", "73802895.90", "73802895.90", "元"),
        ("本年收费金额", "0", "0", "万元"),
    ],
)
def test_money_has_the_unit_printed_with_it_else_the_heading_s_else_the_form_s(heading, printed, value, unit):
    _, _, figures = recognise(disclosures_table((heading,), [("行政事业性收费", (printed,))], ARTICLES[3]))
    assert [(one.value, one.unit) for one in figures] == [(Decimal(value), unit)]


def test_money_has_the_unit_that_the_category_states():
    _, _, figures = recognise(
        disclosures_table(("本年收费金额（单位：万元）",), [("行政事业性收费（元）", ("73802895.90",))], ARTICLES[3])
    )
    assert [(one.category, one.unit) for one in figures] == [("fees", "元")]


def test_counting_words_that_mean_the_form_s_unit_become_it():
    _, _, figures = recognise(disclosures_table(("本年处理决定数量",), [("行政许可", ("550宗",))], ARTICLES[1]))
    assert [(one.value, one.unit) for one in figures] == [(550, "件")]


def test_a_note_in_a_number_s_cell_stands_beside_it():
    _, _, figures = recognise(
        disclosures_table(MADE, [("行政规范性文件", ("22（其中修订16件）", "5", "74"))], ARTICLES[0])
    )
    assert [(one.value, one.note) for one in figures] == [(22, "（其中修订16件）"), (5, None), (74, None)]


@pytest.mark.parametrize("printed", ["", "—", "/", "…", "见附件"])
def test_a_cell_without_a_number_is_a_figure_without_a_value(printed):
    found, _, _ = recognise(disclosures_table(MADE, [("规章", (printed, "5", "74"))], ARTICLES[0]))
    assert found[("regulations", "issued")] is None
    assert found[("regulations", "in_force")] == 74


def test_a_table_printed_twice_counts_once():
    found, _, figures = recognise(*chapter_2(), *chapter_2())
    assert found == decimals(CHAPTER_2)
    assert {one.ref.table for one in figures} <= {1, 2, 3, 4}
    assert unplaced(*chapter_2(), *chapter_2()) == []


def test_a_figure_printed_again_with_another_value_is_told():
    first = disclosures_table(MADE, [("规章", ("3", "5", "74"))], ARTICLES[0])
    again = disclosures_table(MADE, [("规章", ("3", "6", ""))], ARTICLES[0])
    (found,) = unplaced(first, again)
    assert found == ("disclosures.regulations.repealed.table2.row3", "6")


def test_a_row_of_numbers_that_is_none_of_the_form_s_is_told():
    lines = disclosures_table(
        MADE, [("规章", ("3", "5", "74")), ("天气预报", ("7", "8", "9")), ("规范性文件", ("1", "2", "3"))], ARTICLES[0]
    )
    assert unplaced(lines) == [("disclosures.table1.row4", "天气预报")]
    assert unplaced(lines[:-1]) == [("disclosures.table1.row4", "天气预报")]


def test_numbers_of_a_layout_table_around_the_chapter_are_no_figures():
    chapter = disclosures_table(MADE, [("规章", ("3", "5", "74"))], ARTICLES[0])
    assert unplaced([[("浏览次数", 1, 2), ("120", 1, 2)], *chapter, [("第", 1, 3), ("3", 1, 1)]]) == []


def test_a_figure_under_no_heading_is_told():
    lines = [["信息内容", *MADE, ""], ["规章", "3", "5", "74", "12"]]
    assert unplaced(lines) == [("disclosures.table1.row2.column5", "规章")]


def test_the_2019_form_has_its_own_measures_and_may_fall():
    handled = ("上一年项目数量", "本年增/减", "处理决定数量")
    lines = disclosures_table(
        handled, [("行政许可", ("31", "-2", "4")), ("其他对外管理服务事项", ("1", "0", "0"))], ARTICLES[1]
    )
    found, odd, figures = recognise(lines, forms=(form("2019"), form("2021")))
    assert found == decimals(
        {
            ("licensing", "prior_year_items"): "31",
            ("licensing", "change"): "-2",
            ("licensing", "decisions"): "4",
            ("other_external_management", "prior_year_items"): "1",
            ("other_external_management", "change"): "0",
            ("other_external_management", "decisions"): "0",
        }
    )
    assert odd == ()
    assert [one.unit for one in figures] == ["项", "项", "件"] * 2


def test_procurement_of_the_2019_form_keeps_the_unit_printed():
    lines = disclosures_table(
        ("采购项目数量", "采购总金额"), [("政府集中采购", ("6", "251000元"))], "第二十条第（九）项"
    )
    _, _, figures = recognise(lines, forms=(form("2019"), form("2021")))
    assert [(one.measure, one.value, one.unit) for one in figures] == [
        ("procurement_items", 6, "项"),
        ("procurement_amount", 251000, "元"),
    ]


def test_bug_a_heading_that_comes_down_from_the_row_above_kept_no_unit():
    lines = [
        [("信息内容", 2, 1), ("采购情况", 1, 1), ("采购总金额（单位：元）", 2, 1)],
        ["采购项目数量"],
        ["政府集中采购", "12", "3400000"],
    ]
    _, odd, figures = recognise(lines, forms=(form("2019"), form("2021")))
    assert [(one.measure, one.value, one.unit) for one in figures] == [
        ("procurement_items", 12, "项"),
        ("procurement_amount", 3400000, "元"),
    ]
    assert odd == ()


@pytest.mark.parametrize("heading", ["合计（元）", ""], ids=["another heading", "no heading"])
def test_a_measure_told_by_order_beside_headings_is_a_finding(heading):
    lines = [["信息内容", "采购项目数量", heading], ["政府集中采购", "12", "3400000"]]
    _, odd, figures = recognise(lines, forms=(form("2019"), form("2021")))
    assert [(one.measure, one.value) for one in figures] == [("procurement_items", 12), ("procurement_amount", 3400000)]
    assert [(one.subject, one.expected, one.printed) for one in odd] == [
        ("disclosures.centralized_procurement.procurement_amount", "采购总金额", heading)
    ]


def test_rows_of_other_tables_yield_nothing():
    assert recognise([["单位", "数量"], ["教育局", "12"]]) == ({}, (), ())
    assert unplaced([["单位", "数量"], ["教育局", "12"]]) == []
    assert recognise([]) == ({}, (), ())


def test_the_forms_of_today_are_among_all_forms():
    assert set(FORMS) <= set(all_forms())


@pytest.mark.parametrize(
    ("heading", "unit"),
    [
        ("本年收费金额（单位：人民币元）", "元"),
        ("本年收费金额/元", "元"),
        ("本年收费金额\n单位：元", "元"),
        ("本年收费金额【单位：元】", "元"),
        ("收费金额（单位为亿元）", "亿元"),
        ("本年收费金额（人民币：万元）", "万元"),
        ("本年收费金额", "万元"),
    ],
)
def test_the_unit_of_money_is_what_the_heading_says_however_it_says_it(heading, unit):
    found, odd, figures = recognise(disclosures_table((heading,), [("行政事业性收费", ("12.5",))], ARTICLES[3]))
    assert found == {("fees", "amount"): Decimal("12.5")}
    assert [one.unit for one in figures] == [unit]
    assert odd == ()


def test_amounts_in_thousands_are_loaded_in_yuan():
    lines = disclosures_table(("本年收费金额（千元）",), [("行政事业性收费", ("12.5",))], ARTICLES[3])
    found, _, (figure,) = recognise(lines)
    assert (found["fees", "amount"], figure.unit) == (12500, "元")


@pytest.mark.parametrize("within", [False, True])
def test_a_line_before_the_table_or_in_it_says_the_unit_where_no_heading_does(within):
    lines = disclosures_table(("本年收费金额",), [("行政事业性收费", ("12.5",))], ARTICLES[3])
    printed = table([["单位：件、元"], *lines] if within else lines)
    before = [] if within else [Paragraph("（单位：元）", Place())]
    units = money_units([Paragraph("单位：亿元", Place()), Paragraph("规章", Place()), *before, printed])
    (figure,) = recognise_disclosures(rows(printed), FORMS, units).figures
    assert (figure.value, figure.unit) == (Decimal("12.5"), "元")


@pytest.mark.parametrize(("printed", "value"), [("无", None), ("0", 0)])
def test_one_cell_for_nothing_over_several_columns_is_nothing_in_each(printed, value):
    lines = [["信息内容", *MADE], ["规章", (printed, 1, 3)], ["行政规范性文件", "1", "2", "3"]]
    found, _, _ = recognise(lines)
    assert [found["regulations", measure] for measure in ("issued", "repealed", "in_force")] == [value] * 3


def test_a_number_over_several_columns_is_not_taken_for_each():
    found, _, _ = recognise([["信息内容", *MADE], ["规章", ("7", 1, 3)], ["行政规范性文件", "1", "2", "3"]])
    assert [value for (category, _), value in found.items() if category == "regulations"] == [7]


def test_fewer_than_none_is_no_count():
    found, _, _ = recognise([["信息内容", *MADE], ["规章", "-1", "2.5", "3"], ["行政规范性文件", "1", "2", "3"]])
    assert [found["regulations", measure] for measure in ("issued", "repealed", "in_force")] == [None, None, 3]


def test_columns_cut_otherwise_below_a_page_break_keep_their_order():
    head = ["信息内容", ("本年制发件数", 1, 2), "本年废止件数", "现行有效件数"]
    found, odd, _ = recognise([head, ["规章", ("1", 1, 2), "0", "3"], ["行政规范性文件", "145", ("0", 1, 2), "71"]])
    assert [found["normative_documents", measure] for measure in ("issued", "repealed", "in_force")] == [145, 0, 71]
    assert odd == ()


def as_read(lines, garbled=()):
    """The rows of a table whose cells recognition guessed."""
    return tuple(
        replace(row, cells=tuple(replace(cell, confidence=0.4 if cell.text in garbled else 0.99) for cell in row.cells))
        for row in rows(table(lines))
    )


def test_a_garbled_heading_is_no_second_one_of_another_measure():
    # Report 1713 of the generator: 本年度废止件数 was read as 本年度北件数, which is as near to 本年度制发件数.
    lines = [["信息内容", "本年度制发件数", "本年度北件数", "现行有效件数"], ["规章", "1", "2", "3"]]
    found = {one.measure: one.value for one in recognise_disclosures(as_read(lines, ["本年度北件数"]), FORMS).figures}
    assert found == {"issued": 1, "repealed": 2, "in_force": 3}


def test_a_garbled_label_is_told_by_the_only_category_left_over():
    # Report 1713 of the generator: 规章 was read as 规教.
    lines = [["信息内容", *MADE], ["规教", "1", "2", "3"], ["行政规范性文件", "4", "5", "6"]]
    (first, *_), odd = (lambda read: (read.figures, read.odd_labels))(
        recognise_disclosures(as_read(lines, ["规教"]), FORMS)
    )
    assert (first.category, first.value) == ("regulations", 1)
    assert [one.printed for one in odd] == ["规教"]


def test_an_unknown_label_of_a_text_document_is_no_category():
    assert ("regulations", "issued") not in recognise(
        [["信息内容", *MADE], ["规教", "1", "2", "3"], ["行政规范性文件", "4", "5", "6"]]
    )[0]


@pytest.mark.parametrize("at", [0, 1])
@pytest.mark.parametrize("other", ["上年制发件数", "去年同期", "同比增减", "上一年度"])
def test_a_column_of_another_year_is_no_measure_and_nothing_lost(other, at):
    def with_other(measures, text):
        return [*measures[:at], text, *measures[at:]]

    lines = disclosures_table(
        with_other(MADE, other), [("规章", with_other(("3", "5", "74"), "88"))], "第二十条第（一）项"
    )
    values, _, _ = recognise(lines)
    assert values == decimals({key: value for key, value in CHAPTER_2.items() if key[0] == "regulations"})
    assert unplaced(lines) == []


def test_bug_a_column_of_last_year_in_place_of_a_measure_was_taken_for_it_by_its_order():
    heads = ("本年制发件数", "上年制发件数", "现行有效件数")
    lines = disclosures_table(heads, [("规章", ("3", "88", "74"))], "第二十条第（一）项")
    values, _, _ = recognise(lines)
    assert values == decimals({("regulations", "issued"): "3", ("regulations", "in_force"): "74"})


def test_the_measures_of_the_2019_form_that_are_of_the_year_before_stay():
    heads = ("上一年项目数量", "本年增/减", "处理决定数量")
    values, _, _ = recognise(disclosures_table(heads, [("行政许可", ("9", "2", "7"))], "第二十条第（五）项"))
    assert sorted(measure for _, measure in values) == ["change", "decisions", "prior_year_items"]


@pytest.mark.parametrize(
    ("heads", "guessed", "doubt"), [(False, True, "unit"), (True, True, None), (False, False, None)]
)
def test_bug_money_of_a_scan_under_no_heading_was_surely_ten_thousands(heads, guessed, doubt):
    # Report 1914 of the generator: its heading, 收费金额（单位：元）, was lost with the rules between its cells.
    lines = disclosures_table(("本年收费金额",), [("行政事业性收费", ("539.04",))], ARTICLES[3])[0 if heads else 2 :]
    cells = tuple(replace(cell, confidence=0.99 if guessed else None) for cell in table(lines).cells)
    (figure,) = recognise_disclosures(rows(replace(table(lines), cells=cells)), FORMS).figures
    assert (figure.unit, figure.ref.cell.doubt) == ("万元", doubt)
