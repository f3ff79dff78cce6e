from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_reports import (
    APPLICANTS,
    DISCLOSURES,
    KINDS,
    OUTCOMES,
    PARTITION,
    REQUESTS,
    RESULT_ROWS,
    REVIEWS,
    SIX,
    cell_ids,
    examined,
    identity,
    recognised,
    ref,
    valid_requests,
    valid_reviews,
)

from pipelines.recognise.facts import OddLabel, Section, Unplaced
from pipelines.validate.editions import editions, report_id
from pipelines.validate.frames import build
from pipelines.validate.rules import expected_cells, findings
from schemas.derive import model
from schemas.forms import form
from schemas.rules import RULES

REPORT = report_id(identity())


def found(*reports):
    """The findings on these reports, as rows."""
    known = editions([examined(one, url=f"https://example.cn/{position}") for position, one in enumerate(reports)])
    rows = findings(build({PARTITION: known}, "1"), reports)
    return model("findings").validate(rows).rows(named=True)


def brief(rows):
    """Rule, subject, expected and actual of each finding."""
    return [(row["rule"], row["subject"], row["expected"], row["actual"]) for row in rows]


def only(rows, rule):
    (one,) = [row for row in rows if row["rule"] == rule]
    return one


def test_a_report_whose_figures_agree_has_no_finding():
    assert found(recognised()) == []


def test_no_report_has_no_finding():
    assert found() == []


@settings(max_examples=15, deadline=None)
@given(valid_requests(), valid_reviews())
def test_valid_figures_never_have_a_finding(requests, reviews):
    assert found(recognised(requests, reviews)) == []


@settings(max_examples=15, deadline=None)
@given(valid_requests(), st.sampled_from(OUTCOMES), st.sampled_from(APPLICANTS), st.integers(-20, 20).filter(bool))
def test_a_changed_figure_of_chapter_3_is_always_found(requests, outcome, applicant, change):
    wrong = requests | {(outcome, applicant): requests[outcome, applicant] + change}
    rows = found(recognised(wrong))
    assert {row["rule"] for row in rows} >= {"requests.row_total"}
    assert all(row["severity"] == "error" for row in rows)
    assert (row_total := only(rows, "requests.row_total"))["subject"] == outcome
    assert int(row_total["expected"]) - int(row_total["actual"]) == (-change if applicant == "total" else change)


@settings(max_examples=15, deadline=None)
@given(valid_reviews(), st.sampled_from(sorted(REVIEWS)), st.integers(-20, 20).filter(bool))
def test_a_changed_figure_of_chapter_4_is_always_found(reviews, place, change):
    rows = found(recognised(reviews=reviews | {place: reviews[place] + change}))
    assert [(row["rule"], row["severity"], row["subject"]) for row in rows] == [("reviews.total", "error", place[0])]


def test_row_total_names_the_row_what_it_should_be_what_is_printed_and_its_cells():
    report = recognised(REQUESTS | {("denied.state_secret", "total"): 4, ("denied.internal_affairs", "total"): -3})
    rows = [row for row in found(report) if row["rule"] == "requests.row_total"]
    assert brief(rows) == [
        ("requests.row_total", "denied.internal_affairs", "0", "-3"),
        ("requests.row_total", "denied.state_secret", "1", "4"),
    ]
    assert rows[1]["cell_ids"] == cell_ids(report, "requests", *(("denied.state_secret", one) for one in APPLICANTS))
    assert (rows[1]["report_id"], rows[1]["city"], rows[1]["year"]) == (REPORT, PARTITION.city, PARTITION.year)
    assert "printed as 4" in rows[1]["message"]


def test_column_sum_names_the_column_and_all_result_rows():
    report = recognised(
        REQUESTS
        | {("total_processed", "natural_person"): 9, ("total_processed", "total"): 9}
        | {("new_requests", "natural_person"): 11 - 3 + 1, ("new_requests", "total"): 11}
    )
    rows = [row for row in found(report) if row["rule"] == "requests.column_sum"]
    assert brief(rows) == [
        ("requests.column_sum", "natural_person", "6", "9"),
        ("requests.column_sum", "total", "8", "9"),
    ]
    assert rows[0]["cell_ids"] == cell_ids(
        report, "requests", *((one, "natural_person") for one in (*RESULT_ROWS, "total_processed"))
    )


def test_column_sum_takes_the_single_row_of_other_handling():
    codes = [code for code in OUTCOMES if not code.startswith("other.")]
    single = {key: value for key, value in REQUESTS.items() if key[0] in codes}
    single |= {("other", applicant): 0 for applicant in APPLICANTS}
    assert found(recognised(single)) == []
    wrong = single | {("other", "natural_person"): 2, ("other", "total"): 2}
    assert [row[:2] for row in brief(found(recognised(wrong)))] == [
        ("requests.column_sum", "natural_person"),
        ("requests.column_sum", "total"),
    ]


def test_balance_names_the_column_and_its_four_cells():
    report = recognised(REQUESTS | {("carried_forward", "natural_person"): 4, ("carried_forward", "total"): 4})
    rows = found(report)
    assert brief(rows) == [
        ("requests.balance", "natural_person", "9", "10"),
        ("requests.balance", "total", "11", "12"),
    ]
    assert rows[0]["cell_ids"] == cell_ids(
        report,
        "requests",
        *((one, "natural_person") for one in ("new_requests", "carried_over", "total_processed", "carried_forward")),
    )


def test_reviews_total_names_the_proceeding():
    """As printed by a real report: totals of 0 beside 10 + 1 and beside 5."""
    figures = dict.fromkeys(REVIEWS, 0)
    figures |= {
        ("administrative_review", "upheld"): 10,
        ("administrative_review", "pending"): 1,
        ("litigation_after_review", "upheld"): 5,
    }
    report = recognised(reviews=figures)
    rows = found(report)
    assert brief(rows) == [
        ("reviews.total", "administrative_review", "11", "0"),
        ("reviews.total", "litigation_after_review", "5", "0"),
    ]
    assert rows[0]["cell_ids"] == cell_ids(
        report, "reviews", *(("administrative_review", one) for one in (*KINDS, "total"))
    )


def test_a_blank_counts_as_nothing_where_the_sum_holds_without_it():
    blank = {key: value or None for key, value in REQUESTS.items()}
    assert found(recognised(blank)) == []


def test_where_a_sum_fails_and_cells_are_blank_it_is_information_not_an_error():
    report = recognised(REQUESTS | {("granted", "other_organization"): None})
    rows = found(report)
    assert {row["severity"] for row in rows} == {"info"}
    # The figure is missing in its row and in its column.
    assert brief(rows) == [
        ("form.blank", "requests.column_sum:other_organization", "0", "2"),
        ("form.blank", "requests.row_total:granted", "5", "7"),
    ]
    assert rows[1]["cell_ids"] == cell_ids(report, "requests", *(("granted", one) for one in APPLICANTS))


def test_a_sum_fails_with_an_error_where_the_blanks_are_elsewhere():
    report = recognised(REQUESTS | {("granted", "total"): 8, ("denied.state_secret", "commercial_enterprise"): None})
    assert brief(found(report)) == [
        ("requests.column_sum", "total", "9", "8"),
        ("requests.row_total", "granted", "7", "8"),
    ]


def test_reports_do_not_mix():
    wrong = recognised(REQUESTS | {("granted", "total"): 8}, sha256="b" * 64, identity=identity("周口市公安局"))
    rows = found(recognised(), wrong)
    assert {row["report_id"] for row in rows} == {report_id(wrong.identity)}


# --- completeness ---------------------------------------------------------------------------------------------------


def test_a_chapter_that_is_not_there_is_one_finding():
    rows = found(recognised(reviews={}))
    assert brief(rows) == [("form.incomplete", "reviews", "15", None)]
    assert rows[0]["severity"] == "error"


def test_a_row_that_is_not_there_is_one_finding_and_breaks_no_sum_of_its_own():
    figures = {key: value for key, value in REQUESTS.items() if key[0] != "not_processed.duplicate"}
    assert brief(found(recognised(figures))) == [("form.incomplete", "requests.not_processed.duplicate", None, None)]


def test_a_cell_that_is_not_there_is_one_finding():
    figures = {key: value for key, value in REQUESTS.items() if key != ("not_processed.duplicate", "natural_person")}
    assert brief(found(recognised(figures))) == [
        ("form.incomplete", "requests.not_processed.duplicate.natural_person", None, None)
    ]


def test_a_missing_total_is_incomplete_and_no_sum_is_compared_with_it():
    figures = {key: value for key, value in REQUESTS.items() if key[0] != "total_processed"}
    assert brief(found(recognised(figures))) == [("form.incomplete", "requests.total_processed", None, None)]


def test_a_category_that_is_not_there_is_one_finding():
    figures = {key: value for key, value in DISCLOSURES.items() if key[0] != "coercion"}
    assert brief(found(recognised(disclosures=figures))) == [("form.incomplete", "disclosures.coercion", None, None)]


def test_of_three_rows_of_other_handling_none_may_be_missing():
    figures = {key: value for key, value in REQUESTS.items() if key[0] != "other.other"}
    assert brief(found(recognised(figures))) == [("form.incomplete", "requests.other.other", None, None)]


@pytest.mark.parametrize(
    ("chapter", "several", "cells"),
    [("requests", True, 175), ("requests", False, 161), ("reviews", False, 15), ("disclosures", False, 10)],
)
def test_the_cells_of_the_2021_form(chapter, several, cells):
    assert len(expected_cells(form("2021"), chapter, several)) == cells


def test_text_in_a_cell_of_figures_is_told_with_what_is_printed():
    report = recognised(REQUESTS | {("denied.internal_affairs", "natural_person"): None})
    spoilt = [
        replace(one, ref=replace(one.ref, cell=replace(one.ref.cell, text="5、6"))) if one.value is None else one
        for one in report.requests
    ]
    refs = {one.ref.cell.row * 10 + one.ref.cell.column: one.ref for one in spoilt}
    tables = [refs[one.cell.row * 10 + one.cell.column] if one.table == 2 else one for one in report.tables]
    report = replace(report, requests=tuple(spoilt), tables=tuple(tables))
    rows = found(report)
    assert brief(rows) == [("form.incomplete", "requests.denied.internal_affairs.natural_person", None, "5、6")]
    assert rows[0]["cell_ids"] == cell_ids(report, "requests", ("denied.internal_affairs", "natural_person"))


def test_a_row_of_figures_placed_nowhere_is_told_with_its_cells():
    extra = tuple(ref(2, 40, column, str(column)) for column in range(7))
    report = recognised(unplaced=(Unplaced("requests.table2.row41", "其中：网络申请", extra),))
    report = replace(report, tables=(*report.tables, *extra))
    rows = found(report)
    assert brief(rows) == [("form.incomplete", "requests.table2.row41", None, "其中：网络申请")]
    assert rows[0]["cell_ids"] == [f"{report.sha256[:16]}-t2-r41-c{column}" for column in range(1, 8)]


def test_labels_that_are_not_the_form_s_are_information_with_what_is_printed():
    label = ref(2, 5, 0, "2.其他法律行政\n止公开")
    report = recognised(
        odd_labels=(
            OddLabel("requests.denied.prohibited_by_law", "其他法律行政法规禁止公开", "2.其他法律行政\n止公开", label),
            OddLabel("requests.granted", "予以公开", "", None),
        )
    )
    rows = found(replace(report, tables=(*report.tables,)))
    assert brief(rows) == [
        ("form.label", "requests.denied.prohibited_by_law", "其他法律行政法规禁止公开", "2.其他法律行政止公开"),
        ("form.label", "requests.granted", "予以公开", ""),
    ]
    assert {row["severity"] for row in rows} == {"info"}
    assert [len(row["cell_ids"]) for row in rows] == [1, 0]


# --- what the text says ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stated", [(), (10,), (11,), (8,), (999, 10)])
def test_the_text_agrees_where_it_names_new_requests_all_requests_or_those_processed(stated):
    assert found(recognised(stated_requests=stated)) == []


def test_a_text_that_names_another_number_is_a_warning():
    report = recognised(stated_requests=(12, 13))
    (row,) = found(report)
    assert brief([row]) == [("narrative.requests", "requests.new_requests.total", "12", "10")]
    assert row["severity"] == "warning"
    assert row["cell_ids"] == cell_ids(report, "requests", ("new_requests", "total"))
    assert "12" in row["message"]
    assert "10" in row["message"]


def test_the_text_is_not_compared_with_a_blank():
    figures = REQUESTS | {("new_requests", one): None for one in APPLICANTS}
    assert {row["rule"] for row in found(recognised(figures, stated_requests=(12,)))} == {"form.blank"}


def test_bug_a_table_of_blanks_alone_did_not_contradict_the_text():
    blank = recognised(dict.fromkeys(REQUESTS), stated_requests=(12,))
    assert brief(found(blank)) == [("narrative.requests", "requests.new_requests.total", "12", "0")]
    assert found(replace(blank, stated_requests=(0,))) == []


def test_every_rule_s_severity_is_the_declared_one():
    declared = {rule.id: rule.severity for rule in RULES}
    report = recognised(
        REQUESTS | {("granted", "total"): 8, ("carried_over", "natural_person"): None},
        reviews={},
        disclosures={key: Decimal(1) for key in DISCLOSURES},
        stated_requests=(99,),
        sections=(Section(0, "preamble", "", ""),),
    )
    rows = found(report)
    assert {row["rule"] for row in rows} == {
        "requests.row_total",
        "requests.column_sum",
        "form.blank",
        "form.incomplete",
        "narrative.requests",
    }
    assert all(row["severity"] == declared[row["rule"]] for row in rows)


def test_the_six_applicants_make_the_total():
    assert [*SIX, "total"] == APPLICANTS
