import pytest
from hypothesis import given
from hypothesis import strategies as st
from printed import document

from pipelines.recognise.chapters import is_heading, sections, stated_requests, topic_of
from pipelines.recognise.facts import Section


def chapters(*texts):
    return sections(document(*texts).paragraphs)


def overview(text):
    return (Section(1, "overview", "一、总体情况", text),)


def test_chapters_are_headings_with_the_text_under_them():
    assert chapters("根据条例编制本报告。", "一、总体情况", "⽂字一。", "文字  二。", "二、主动公开政府信息情况") == (
        Section(0, "preamble", "", "根据条例编制本报告。"),
        Section(1, "overview", "一、总体情况", "文字一。\n文字 二。"),
        Section(2, "disclosure", "二、主动公开政府信息情况", ""),
    )


def test_a_report_without_headings_is_all_preamble():
    assert chapters("文字。") == (Section(0, "preamble", "", "文字。"),)
    assert chapters() == (Section(0, "preamble", "", ""),)


@given(st.lists(st.sampled_from(["一、总体情况", "三、其他", "五、问题", "文字。", "更多文字"]), max_size=12))
def test_no_line_is_lost_and_chapters_are_numbered_in_order(texts):
    found = chapters(*texts)
    assert [section.chapter for section in found] == list(range(len(found)))
    lines = [line for one in found for line in (one.heading, *one.text.split("\n")) if line]
    assert lines == texts


TOPICS = ("总体情况", "主动公开政府信息情况", "收到和处理政府信息公开申请情况", "存在的主要问题及改进情况")


@pytest.mark.parametrize(
    "numbers",
    [
        ("第一部分 ", "第二部分 ", "第三部分 ", "第四部分 "),
        ("第一章", "第二章", "第三章", "第四章"),
        ("1.", "2.", "3.", "4."),
        ("1、", "2、", "3、", "4、"),
        ("（一）", "（二）", "（三）", "（四）"),
        ("I.", "II.", "III.", "IV."),
        ("Ⅰ、", "Ⅱ、", "Ⅲ、", "Ⅳ、"),
        ("壹、", "贰、", "叁、", "肆、"),
        ("一 ", "二 ", "三 ", "四 "),
        ("一：", "二：", "三：", "四："),
        ("", "", "", ""),
    ],
    ids=lambda numbers: numbers[0] or "none",
)
def test_chapters_numbered_otherwise_or_not_at_all_are_told_by_their_topics(numbers):
    heads = [number + topic for number, topic in zip(numbers, TOPICS, strict=True)]
    lines = [line for head in heads for line in (head, "（一）主动公开", "1.加强培训", "收到申请12件。")]
    found = chapters("前言。", *lines)
    assert [section.heading for section in found] == ["", *(head.strip() for head in heads)]
    assert [section.topic for section in found] == ["preamble", "overview", "disclosure", "requests", "problems"]


def test_subheadings_are_no_chapters_beside_chapters_numbered_as_in_the_form():
    found = chapters(
        "一、总体情况", "（一）主动公开政府信息情况", "（二）存在的主要问题", "（三）其他需要报告的事项", "六、其他事项"
    )
    assert [section.heading for section in found] == ["", "一、总体情况", "六、其他事项"]


@pytest.mark.parametrize("text", ["一、总体情况", "⼀、总体情况", "六． 其他需要报告的事项", "十一、附件"])
def test_headings_of_the_first_level(text):
    assert is_heading(text)


@pytest.mark.parametrize(
    "text",
    [
        "（一）主动公开",
        "1.属于国家秘密",
        "总体情况",
        "一、这一年收到申请12件，全部办结。",
        "二是加强培训，三是完善制度",
        "一、" + "字" * 60,
        "",
    ],
)
def test_other_lines_are_no_headings(text):
    assert not is_heading(text)


@pytest.mark.parametrize(
    ("heading", "topic"),
    [
        ("一、总体情况", "overview"),
        ("一、概述", "unclassified"),
        ("二、主动公开政府信息情况", "disclosure"),
        ("二、主动公开政府信息", "disclosure"),
        ("三、收到和处理政府信息公开申请情况", "requests"),
        ("四、收到和处理政府信息公开申请", "requests"),
        ("四、因政府信息公开工作被申请行政复议、提起行政诉讼情况", "reviews"),
        ("五、存在的主要问题及改进情况", "problems"),
        ("五、政府信息公开工作存在的主要问题及改进情况", "problems"),
        ("六、其他需要报告的事项", "other_matters"),
        ("七、附件", "unclassified"),
    ],
)
def test_the_topic_is_told_from_the_words_not_the_number(heading, topic):
    assert topic_of(heading) == topic


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("全年共收到政府信息公开申请337件，均已办结。", (337,)),
        ("收到政府信息公开申请 1,234 件。", (1234,)),
        ("2023年受理依申请公开21件；答复21件。", (21,)),
        ("新收到信息公开申请34件，上年结转2件。", (34,)),
        ("收到和处理政府信息公开申请情况良好。", ()),
        ("主动公开信息5000条。", ()),
        ("收到咨询12件。", ()),
    ],
)
def test_the_number_of_requests_is_taken_from_a_sentence_that_says_it(text, numbers):
    assert stated_requests(overview(text)) == numbers


def test_only_the_overview_states_the_number():
    assert stated_requests((Section(5, "problems", "五、", "收到政府信息公开申请337件。"),)) == ()
