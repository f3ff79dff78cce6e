from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.read.document import Paragraph, Place
from pipelines.recognise.numerals import written
from pipelines.recognise.sentences import clauses, sentences


def paragraphs(*lines):
    return tuple(Paragraph(line, Place(page=2, path=None)) for line in lines)


def counted(text):
    return [(count.before, count.value, count.unit, count.after) for _, count in clauses(text) if count is not None]


def test_a_sentence_knows_its_chapter_its_headings_and_its_place():
    found = sentences(
        paragraphs(
            "本报告由办公室编制。",
            "一、概述",
            "工作有序。⼈员到位！",
            "二、依申请公开情况",
            "（一）申请情况",
            "收到申请 12 件；",
            "（二）答复情况",
            "均已答复",
        )
    )
    assert [(one.chapter, one.headings, one.text) for one in found] == [
        (0, (), "本报告由办公室编制。"),
        (1, ("一、概述",), "工作有序。"),
        (1, ("一、概述",), "人员到位！"),
        (2, ("二、依申请公开情况", "（一）申请情况"), "收到申请12件；"),
        (2, ("二、依申请公开情况", "（二）答复情况"), "均已答复"),
    ]
    ref = found[2].ref
    assert (ref.table, ref.cell.row, ref.cell.column) == (0, 2, 1)
    assert ref.cell.text == "⼈员到位！"  # as printed
    assert ref.cell.place == Place(page=2)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("公开信息170,687条", [("公开信息", 170687, "条", "")]),
        ("公开信息１０条", [("公开信息", 10, "条", "")]),
        ("公开信息1.2万条", [("公开信息", 12000, "条", "")]),
        ("收取费用1.2万元", [("收取费用", Decimal("1.2"), "万元", "")]),
        ("召开会议两次", [("召开会议", 2, "次", "")]),
        ("召开两次会议", [("召开", 2, "次", "会议")]),
        ("制定一百零三件规章", [("制定", 103, "件", "规章")]),
        ("共收到申请共计5宗，", [("共收到申请", 5, "宗", "")]),
        ("公开A类3条、B类4条", [("公开A类", 3, "条", ""), ("B类", 4, "条", "")]),
    ],
)
def test_what_is_counted(text, found):
    assert counted(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "根据《条例》第二十条",
        "依照《条例》第五十条编制",
        "国务院令第711号",
        "国办发〔2021〕30号",
        "2021年12月31日",
        "电话0394-8276078",
        "邮编466000",
        "普及率54.8%",
        "名列第12名",
        "5个工作日内答复",
        "市委五届四次全会",
        "公开信息3-5条",
        "公开信息12，345条",
        "宣传“创业富民30条”",
        "学习《二十条》",
        "开展一次培训",
        "二〇二一条",
        "在3个乡镇选取5个村试点",
        "7×24次",
    ],
)
def test_what_is_not_a_counted_thing(text):
    assert counted(text) == []


@given(st.integers(0, 99_999_999), st.sampled_from(["件", "条", "人次", "万元"]))
def test_a_count_in_digits_or_characters_is_read_back(value, unit):
    assert counted(f"收到申请{value}{unit}。") == [("收到申请", value, unit, "")]
    assert counted(f"收到申请{value:,}{unit}。") == [("收到申请", value, unit, "")]
    if unit != "万元":
        assert counted(f"收到申请{written(value)}{unit}。") == [("收到申请", value, unit, "")]


@pytest.mark.parametrize(
    ("text", "approximation"),
    [
        ("公开信息120条", "exact"),
        ("公开信息约120条", "about"),
        ("公开信息近百条", None),
        ("公开信息近120条", "nearly"),
        ("公开信息120余条", "over"),
        ("公开信息超过120条", "over"),
        ("公开信息3万多条", "over"),
    ],
)
def test_how_exact_a_number_is(text, approximation):
    assert [count.approximation for _, count in clauses(text) if count] == ([approximation] if approximation else [])


@given(st.text(st.sampled_from("公开信息收到申请0123456789,，.、。；约近余万件条第年一二十百《》“”（）"), max_size=40))
def test_no_text_breaks_it(text):
    for sentence in sentences(paragraphs(text)):
        for clause, count in clauses(sentence.text):
            assert count is None or (clause.startswith(count.before) and count.value >= 0)
