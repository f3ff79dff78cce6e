import pytest
from printed import document, requests_body, requests_head, table

from pipelines.recognise.report import recognise
from pipelines.recognise.unidentified import SeveralReports

OPENING = "本报告由苏州市人民政府按照《中华人民共和国政府信息公开条例》编制。"
CHAPTERS = ("一、总体情况", "二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况")


def titled(year: int, body: str = "苏州市") -> str:
    return f"{body}{year}年政府信息公开工作年度报告"


def requests_table(number: int, more: int = 0):
    return table(requests_head() + requests_body(figures=lambda row, column: row * 10 + column + more), number=number)


def test_the_reports_of_two_years_in_one_document_are_named_and_not_mixed():
    both = document(
        titled(2022), OPENING, *CHAPTERS, requests_table(1), titled(2023), OPENING, *CHAPTERS, requests_table(2, 1)
    )
    with pytest.raises(SeveralReports, match="2022年.*2023年.*split it"):
        recognise(both)


def test_the_reports_of_two_bodies_in_one_document_are_named_and_not_mixed():
    both = document(
        titled(2022),
        OPENING,
        *CHAPTERS,
        requests_table(1),
        titled(2022, "昆山市"),
        OPENING,
        *CHAPTERS,
        requests_table(2),
    )
    with pytest.raises(SeveralReports, match="苏州市2022年.*昆山市2022年"):
        recognise(both)


def test_two_tables_that_disagree_under_one_title_are_not_mixed():
    both = document(titled(2022), OPENING, *CHAPTERS, requests_table(1), requests_table(2, 1))
    with pytest.raises(SeveralReports, match="table 1 and table 2"):
        recognise(both)


def test_the_same_table_printed_twice_is_one_report():
    found = recognise(document(titled(2022), OPENING, *CHAPTERS, requests_table(1), "附件", requests_table(2)))
    assert {one.value for one in found.requests if one.outcome == "new_requests"} == set(range(7))


def test_a_title_of_another_year_without_a_table_is_no_second_report():
    found = recognise(
        document(titled(2022), OPENING, *CHAPTERS, requests_table(1), "相关链接", titled(2021), titled(2020))
    )
    assert found.identity.year == 2022
    assert len(found.requests) == 175
