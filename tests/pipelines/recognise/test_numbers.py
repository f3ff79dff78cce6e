from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.recognise.numbers import BLANK, DASH, MOST_DIGITS, TEXT, Number, change, count, number

COUNTS = st.integers(0, 10**MOST_DIGITS - 1)
FULL_WIDTH = str.maketrans("0123456789,.-+ ", "０１２３４５６７８９，．－＋\u3000")


def grouped(value: int, separator: str) -> str:
    return f"{value:,}".replace(",", separator)


@pytest.mark.parametrize(
    ("printed", "value", "unit", "note"),
    [
        ("1,234", "1234", None, None),
        ("１２３４", "1234", None, None),
        ("1 295", "1295", None, None),
        ("4166.241619", "4166.241619", None, None),
        ("73802895.90元", "73802895.90", "元", None),
        ("73802895.90\n元", "73802895.90", "元", None),
        ("129,127.0135万元", "129127.0135", "万元", None),
        ("-3", "-3", None, None),
        ("－3", "-3", None, None),
        ("− 3", "-3", None, None),
        ("+2", "2", None, None),
        ("0", "0", None, None),
        ("22（其中修订16件）", "22", None, "（其中修订16件）"),
        ("22件 (其中修订16件)", "22", "件", "(其中修订16件)"),
        ("22【见附表①】", "22", None, "【见附表①】"),
        ("５宗", "5", "宗", None),
        ("12①", "12", None, "①"),
        ("12＊", "12", None, "＊"),
        ("12[1]", "12", None, "[1]"),
        ("约5", "5", None, "约"),
        ("近 1,000 件", "1000", "件", "近"),
        ("3000余人次", "3000", "人次", "余"),
        ("约12（含结转）", "12", None, "约 （含结转）"),
        ("十二", "12", None, None),
        ("一百零三条", "103", "条", None),
        ("两次", "2", "次", None),
        ("1.2 万件", "12000", "件", None),
        ("30余万条", "300000", "条", "余"),
        ("1.2万元", "1.2", "万元", None),
        ("1091.691199万\n元", "1091.691199", "万元", None),
        ("1.2 万 元", "1.2", "万元", None),
        ("\u200b7\ufeff", "7", None, None),
        ("\xa07\xa0", "7", None, None),
        ("零", "0", None, None),
        ("〇", "0", None, None),
        ("22，其中修订16件", "22", None, "，其中修订16件"),
        ("22件，含结转2件", "22", "件", "，含结转2件"),
        ("22注①", "22", None, "注①"),
        ("22★", "22", None, "★"),
        ("22\u00b9", "22", None, "\u00b9"),
        ("22〔1〕", "22", None, "〔1〕"),
    ],
)
def test_the_notations_of_the_contract_are_numbers(printed, value, unit, note):
    assert number(printed) == Number("number", Decimal(value), unit, note)


@pytest.mark.parametrize("printed", ["", " ", "\n", "\xa0", "\u3000", "\u200b", "\ufeff\xa0"])
def test_what_shows_nothing_is_blank(printed):
    assert number(printed) == BLANK


@pytest.mark.parametrize(
    "printed",
    [
        "—",
        "——",
        "-",
        "－",
        "–",
        "/",
        "／",
        "…",
        "……",
        "...",
        "~",
        "〜",
        "\\",
        "无",
        "- -",
        "‐",
        "━",
        "×",
        "无。",
        "没有",
        "暂无",
        "N/A",
    ],
)
def test_dashes_slashes_and_ellipses_are_dashes(printed):
    assert number(printed) == DASH


@pytest.mark.parametrize(
    "printed",
    [
        "自然人",
        "三",
        "⼀",
        "一",
        "二〇二一",
        "一百三",
        "1.2万",
        "5、6",
        "5；6",
        "5 6",
        "1 29",
        "12 345 67",
        "1,23",
        "12,3456",
        "1.2.3",
        "1.",
        ".5",
        "0/0",
        "12%",
        "1e5",
        "5元整",
        "（5）",
        "1’234",
        "①",
        "½",
        "9" * (MOST_DIGITS + 1),
        "9" * 1_000_000,
        "1、含国家秘密",
        "2其中",
    ],
)
def test_what_is_not_one_number_for_certain_is_text_without_a_value(printed):
    assert number(printed) == TEXT
    assert count(printed) == TEXT


@given(COUNTS, st.sampled_from(["", ",", "，", " ", "\u3000", "\xa0"]), st.booleans())
def test_separators_and_widths_do_not_change_a_number(value, separator, wide):
    printed = grouped(value, separator)
    assert number(printed.translate(FULL_WIDTH) if wide else printed) == Number("number", Decimal(value))


@given(st.integers(10, 10**MOST_DIGITS - 1), st.sampled_from(["", ","]), st.data())
def test_a_number_broken_over_lines_is_one(value, separator, data):
    printed = grouped(value, separator)
    at = data.draw(st.integers(1, len(printed) - 1))
    space = data.draw(st.sampled_from(["\n", " \n", "\n "]))
    assert number(printed[:at] + space + printed[at:]).value == value


@given(st.decimals(-(10**10), 10**10, places=6), st.sampled_from(["", "万元", "元", "亿元"]))
def test_money_keeps_every_decimal_its_sign_and_its_unit(value, unit):
    read = number(f"{value:f}{unit}")
    assert (read.value, read.unit) == (value, unit or None)


@given(COUNTS, st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20))
def test_a_note_never_changes_the_number_before_it(value, note):
    assert number(f"{value}（{note}）").value == value


@given(st.text(st.sampled_from("0123456789,.，． \n-—/件元（）()①²一自"), max_size=12))
def test_whatever_is_printed_has_a_value_exactly_if_it_is_a_number(printed):
    read = number(printed)
    assert read.state in {"number", "blank", "dash", "text"}
    assert (read.value is not None) == (read.state == "number")


@given(st.text(st.sampled_from("0123456789 ,"), min_size=1, max_size=12))
def test_no_digit_is_lost_or_made_up(printed):
    value = number(printed).value
    if value is not None:
        assert value == int("".join(sign for sign in printed if sign.isdigit()))


@pytest.mark.parametrize("printed", ["1.5", "-1", "0.000001"])
def test_a_fraction_of_a_thing_or_less_than_none_is_no_count(printed):
    assert count(printed) == TEXT


@pytest.mark.parametrize(("printed", "value"), [("3.000000", 3), ("1,234", 1234), ("0", 0)])
def test_whole_numbers_are_counts(printed, value):
    assert count(printed).value == value


@pytest.mark.parametrize("printed", ["", "—"])
def test_a_count_may_be_blank_or_a_dash(printed):
    assert count(printed) == number(printed)


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("增加5", 5),
        ("增5项", 5),
        ("↑5", 5),
        ("▲5", 5),
        ("▼913", -913),
        ("减少5项", -5),
        ("减 5", -5),
        ("—5", -5),
        ("－５", -5),
        ("5", 5),
        ("+5", 5),
    ],
)
def test_a_change_says_its_direction_in_words_and_arrows_too(printed, value):
    assert change(printed).value == value


@pytest.mark.parametrize("printed", ["增减", "减少-5", "增加若干", "较上年增加5", "—"])
def test_what_is_no_change_for_certain_has_no_value(printed):
    assert change(printed).value is None
