"""What holds of a report as a whole; its chapters have tests of their own."""

import pytest
from printed import (
    APPLICANT_HEADS,
    OUTCOMES,
    document,
    figure,
    requests_body,
    requests_head,
    requests_values,
    reviews_table,
    table,
)

from pipelines.recognise.kinds import turned
from pipelines.recognise.report import recognise
from pipelines.recognise.unidentified import SeveralReports

TITLE = "周口市人民政府2021年政府信息公开工作年度报告"


def report(*tables):
    numbered = [table(lines, number=number) for number, lines in enumerate(tables, start=1)]
    return recognise(document(TITLE, "三、收到和处理政府信息公开申请情况", *numbered))


def values(found):
    return {(one.outcome, one.applicant): one.value for one in found.requests}


def test_a_report_that_prints_its_tables_twice_has_each_figure_once():
    chapter_3 = [*requests_head(), *requests_body()]
    once, twice = report(chapter_3, reviews_table()), report(chapter_3, reviews_table(), chapter_3, reviews_table())
    assert values(twice) == values(once) == requests_values()
    assert twice.reviews == once.reviews
    assert twice.unplaced == ()


def test_a_report_that_contradicts_itself_is_not_loaded():
    chapter_3 = [*requests_head(), *requests_body()]
    other = [*requests_head(), *requests_body(figures=lambda row, column: 0)]
    with pytest.raises(SeveralReports, match="table 1 and table 3"):
        report(chapter_3, reviews_table(), other)


@pytest.mark.parametrize("between", [[], ["（续表）"]])
@pytest.mark.parametrize("beyond", [[], [""]], ids=["as wide", "with a blank column"])
def test_the_end_of_a_table_on_a_further_page_goes_with_it_though_it_tells_little_by_itself(between, beyond):
    chapter_3 = [*requests_head(), *requests_body()]
    upper, lower = table(chapter_3[:-3]), table([[*line, *beyond] for line in chapter_3[-3:]], number=2)
    found = recognise(document(TITLE, "三、收到和处理政府信息公开申请情况", upper, *between, lower))
    assert values(found) == requests_values()


def test_a_part_of_one_row_with_text_in_it_has_the_columns_of_the_part_before():
    chapter_3 = [*requests_head(), *requests_body()]
    last = [*chapter_3[-1][:-1], "详见说明"]
    found = report(chapter_3[:-1], [last])
    assert values(found) == requests_values() | {("carried_forward", "total"): None}


def test_a_table_of_other_things_after_one_of_the_form_is_left_alone():
    chapter_3 = [*requests_head(), *requests_body()]
    other = table(
        [["其他", "1", "2", "3", "4", "5", "6", "21"], ["培训", "1", "2", "3", "4", "5", "6", "21"]], number=2
    )
    found = recognise(document(TITLE, table(chapter_3), other))
    assert (values(found), found.unplaced) == (requests_values(), ())


def test_two_halves_of_a_table_are_no_copies_of_each_other():
    """Each shows more than half of the labels, since headings of columns are worded as rows are."""
    head = [["项目", *APPLICANT_HEADS]]
    lines = [[label, *(str(figure(row, column)) for column in range(7))] for row, (_, _, label) in enumerate(OUTCOMES)]
    found = report([*head, *lines[:12]], [["（四）无法提供", *[""] * 7], *lines[12:]])
    assert (values(found), found.unplaced) == (requests_values(), ())


def test_bug_chapter_3_with_its_applicants_down_the_side_was_refused():
    upright = table([*requests_head(), *requests_body()])
    on_side = turned(upright)
    found = recognise(document(TITLE, "三、收到和处理政府信息公开申请情况", on_side))
    assert values(found) == requests_values()
    assert all(one.ref.cell in on_side.cells for one in found.requests)
    assert {ref.cell for ref in found.tables} == set(on_side.cells)
