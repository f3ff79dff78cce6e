"""Generated reports through read, recognise and validate: every cell right, every planted error found, nothing else.

A failure names kind and seed: `python -m tests.generator.accuracy --kind pdf --only 17` writes that document, tells
how it was set out and what was read wrong. Word, Excel and OFD files are tested in `tests/generator`.
"""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.generator.accuracy import KINDS, judge
from tests.generator.choices import Choices
from tests.generator.figures import APPLICANTS, Report, expected_findings, outcomes, random_report, results

DOCUMENTS = [("html", seed) for seed in range(1, 41)] + [("pdf", seed) for seed in range(1, 26)]

# What each kind of planted error must at least lead to, by rule; the rest follows from the figures.
SHOWS_AS = {
    "row total": {"requests.row_total", "form.blank"},
    "column sum": {"requests.column_sum", "form.blank"},
    "balance": {"requests.balance", "form.blank"},
    "reviews total": {"reviews.total", "form.blank"},
    "unreadable": {"form.incomplete"},
    "row left out": {"form.incomplete"},
    "narrative": {"narrative.requests"},
}


def reports(count: int) -> list[Report]:
    return [random_report(Choices(f"report {seed}")) for seed in range(count)]


@pytest.mark.parametrize(("kind", "seed"), DOCUMENTS)
def test_a_generated_report_is_read_without_a_flaw(kind, seed):
    judged = judge(KINDS[kind](seed))
    assert judged.flawless, f"{judged.document}\n" + "\n".join(judged.problems())


@pytest.mark.parametrize(
    ("kind", "seed", "choice"),
    [
        ("pdf", 4, "paper=landscape"),
        ("pdf", 2, "rows broken over pages"),
        ("pdf", 14, "figures of a broken row=first"),
        ("pdf", 15, "figures of a broken row=last"),
        ("pdf", 3, "text of a cell on two pages=split"),
        ("pdf", 7, "heading rows repeated"),
        ("html", 1, "chapters renumbered"),
        ("html", 47, "whole report in a layout table"),
        ("html", 49, "chapters in rows of one table"),
        ("docx", 18, "chapters in rows of one table"),
        ("html", 43, "chapter 4 as=lines"),
        ("docx", 23, "chapter 4 as=stack"),
    ],
)
def test_what_sets_documents_apart_is_read_without_a_flaw(kind, seed, choice):
    judged = judge(KINDS[kind](seed))
    assert choice in judged.document.choices
    assert judged.flawless, "\n".join(judged.problems())


def test_labels_set_from_top_to_bottom_are_those_of_the_form():
    """Editors break narrow cells after each character."""
    document = KINDS["html"](1)
    page = document.content.decode()
    for label in ("不予公开", "无法提供", "不予处理", "办理结果"):
        assert label in page
        page = page.replace(label, "<br>".join(label))
    judged = judge(replace(document, content=page.encode()))
    assert judged.flawless, "\n".join(judged.problems())


@pytest.mark.parametrize("kind", ["html", "pdf"])
def test_a_seed_makes_the_same_document(kind):
    first, again, other = KINDS[kind](7), KINDS[kind](7), KINDS[kind](8)
    assert first.content == again.content
    assert first.findings == again.findings
    assert first.content != other.content


def test_the_documents_differ_in_what_they_plant_and_how_they_are_set_out():
    made = [KINDS["html"](seed).report for seed in range(1, 101)]
    assert {kind for report in made for kind in report.planted} > set(SHOWS_AS) - {"narrative"}
    assert {report.form for report in made} == {"2019", "2021"}
    assert {report.several for report in made} == {True, False}


def test_a_report_without_planted_errors_must_lead_to_no_finding():
    clean = [report for report in reports(200) if not report.planted]
    assert len(clean) > 50
    for report in clean:
        assert expected_findings(report, dict(report.values)) == frozenset()


def test_every_identity_of_the_form_holds_where_no_error_is_planted():
    for report in (report for report in reports(60) if not report.planted):
        rows = outcomes(report.several)
        cell = {
            (row, column): report.values["requests", row, column] for row in rows for column in (*APPLICANTS, "total")
        }
        for row in rows:
            assert sum(cell[row, applicant] for applicant in APPLICANTS) == cell[row, "total"]
        for column in (*APPLICANTS, "total"):
            processed = cell["total_processed", column]
            assert sum(cell[row, column] for row in results(rows)) == processed
            coming = cell["new_requests", column] + cell["carried_over", column]
            assert coming == processed + cell["carried_forward", column]


@pytest.mark.parametrize("kind", sorted(SHOWS_AS))
def test_a_planted_error_must_lead_to_its_finding(kind):
    planted = [report for report in reports(400) if kind in report.planted]
    assert planted
    for report in planted:
        read: dict[tuple[str, str, str], Decimal | None] = {
            key: None if key in report.blanked or key in report.unreadable else value
            for key, value in report.values.items()
            if key[:2] not in report.left_out
        }
        rules = {rule for rule, _ in expected_findings(report, read)}
        assert rules & SHOWS_AS[kind], report
