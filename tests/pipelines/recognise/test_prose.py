from hashlib import sha256
from pathlib import Path

import pytest

from pipelines.read.document import Paragraph, Place
from pipelines.read.html.page import read_html
from pipelines.recognise.prose import statistics_of_text
from pipelines.recognise.report import NoStatutoryTable, recognise
from pipelines.recognise.sentences import sentences
from schemas.forms import statistics_forms

FIXTURES = Path(__file__).parents[2] / "fixtures" / "free"
CODES = {one.code for form in statistics_forms() for one in form.indicators}


def stated(*lines, year=2012):
    found = statistics_of_text(sentences(tuple(Paragraph(line, Place()) for line in lines)), year)
    assert {one.indicator for one in found} <= CODES
    return {one.indicator: int(one.value) for one in found}


def report(name, change=lambda text: text):
    content = change((FIXTURES / name).read_text(encoding="utf-8")).encode()
    return recognise(read_html(content, sha256(content).hexdigest()))


def test_requests_answers_reviews_and_lawsuits_of_a_report_in_prose():
    found = report("requests-2012.html")
    assert found.form == "free"
    assert {one.indicator: int(one.value) for one in found.statistics} == {
        "requests.received": 85,
        "requests.received.in_person": 21,
        "requests.received.online": 52,
        "requests.received.letter": 12,
        "requests.completed": 84,
        "requests.completed.on_time": 80,
        "answers.granted": 46,
        "answers.partially_granted": 3,
        "answers.denied": 5,
        "answers.not_existing": 18,
        "answers.not_this_body": 10,
        "reviews.total": 4,
        "reviews.upheld": 3,
        "reviews.corrected": 1,
        "litigation.total": 12,
    }
    assert {one.indicator for one in found.statistics} <= CODES
    assert {one.origin for one in found.statistics} == {"prose"}
    assert [one.heading for one in found.sections][1:] == [
        "一、概述",
        "二、依申请公开政府信息情况",
        "三、复议和诉讼情况",
        "四、存在的主要问题",
    ]


def test_a_figure_keeps_its_sentence_and_unit_as_printed():
    (received, *_) = report("requests-2012.html").statistics
    assert received.sentence.startswith("2012年，全县共收到政府信息公开申请85件")
    assert received.ref.cell.text == received.sentence
    assert (received.unit, received.label) == ("件", "全县共收到政府信息公开申请")


def test_a_report_that_received_no_request():
    # 南山区安监局 2010.
    found = report("nanshan-safety-2010.html")
    assert [(one.indicator, one.value, one.unit) for one in found.statistics] == [("requests.received", 0, "宗")]


def test_a_report_that_states_no_figure_of_requests_is_loaded_for_its_text():
    found = report("yongjia-agriculture-2010.html")
    assert (found.form, found.statistics) == ("free", ())
    assert len(found.sections) == 5
    assert len(found.narrative) == 8


@pytest.mark.parametrize("year", ["2020", "2021", "2024"])
def test_a_report_that_must_have_the_tables_is_not_taken_without(year):
    with pytest.raises(NoStatutoryTable):
        report("requests-2012.html", lambda text: text.replace("2012", year))


def test_a_page_that_only_leads_to_a_report_is_none():
    page = "<html><head><title>{0}</title></head><body><h1>{0}</h1><p>{1}</p></body></html>".format(
        "平潭县人民政府2012年政府信息公开工作年度报告", "附件：平潭县人民政府2012年政府信息公开工作年度报告.doc"
    )
    with pytest.raises(NoStatutoryTable):
        report("requests-2012.html", lambda _: page)


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("共受理政府信息公开申请十二件。", {"requests.received": 12}),
        ("收到依申请公开约1.2万件。", {"requests.received": 12000}),
        ("收到申请20件，均已按时办结。", {"requests.received": 20}),
        (
            "收到申请20件。其中，通过网络申请8件，当面申请12件。",
            {
                "requests.received": 20,
                "requests.received.online": 8,
                "requests.received.in_person": 12,
            },
        ),
        ("申请人撤回申请后，延期答复2件。", {"requests.completed.extended": 2}),
        (
            "行政复议案件3件，其中维持2件，纠正1件。",
            {
                "reviews.total": 3,
                "reviews.upheld": 2,
                "reviews.corrected": 1,
            },
        ),
        (
            "发生行政诉讼5起，驳回4起，撤销1起。",
            {
                "litigation.total": 5,
                "litigation.upheld": 4,
                "litigation.corrected": 1,
            },
        ),
    ],
)
def test_what_a_sentence_states(sentence, found):
    assert stated(sentence) == found


@pytest.mark.parametrize(
    "sentence",
    [
        "2011年收到申请63件。",
        "2011年，收到申请63件。",
        "收到申请比上年增加35件。",
        "行政复议和行政诉讼共3件。",
        "受理群众投诉12件。",
        "受理咨询216人次。",
        "主动公开信息8651条。",
        "其中收到申请12件。",
        "市直收到申请12件，县区收到申请13件。",  # two numbers for one thing
        "通过网站公开申请指南12条。",
        "收到申请，网站和信函共8件。",
        "受理政府信息公开申请人12人。",
    ],
)
def test_what_is_not_taken(sentence):
    assert stated(sentence) == {}


def test_a_heading_says_what_the_sentences_under_it_are_about():
    lines = ("三、依申请公开政府信息情况", "（二）答复情况", "同意公开46件，不予公开5件。")
    assert stated(*lines) == {"answers.granted": 46, "answers.denied": 5}
    assert stated("二、主动公开情况", "同意公开46件，不予公开5件。") == {}


@pytest.mark.parametrize(
    "sentence",
    [
        "不予受理申请2件。",
        "公开申请中逾期答复2件。",
        "公开申请未答复3件。",
        "截至2012年底，累计受理政府信息公开申请120件。",
        "自2008年以来，累计受理政府信息公开申请120件。",
    ],
)
def test_what_was_not_done_or_is_of_all_years_is_no_figure_of_the_year(sentence):
    assert stated(sentence) == {}
