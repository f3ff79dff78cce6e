"""Figures that recognition read: which ones a person must compare with the page."""

from dataclasses import replace
from decimal import Decimal

from made_reports import DISCLOSURES, PARTITION, REQUESTS, examined, recognised
from test_rules import only

from pipelines.recognise.facts import OddLabel
from pipelines.validate.editions import editions
from pipelines.validate.frames import build
from pipelines.validate.rules import findings
from pipelines.validate.scanned import SURE


def scanned(report, unsure=(), confidence=0.4):
    """The report as if read from a scan: sure of every figure but those whose codes are named."""

    def read(figure):
        codes = tuple(getattr(figure, name) for name in figure.__slots__[:2])
        cell = replace(figure.ref.cell, confidence=confidence if codes in unsure else 0.99)
        return replace(figure, ref=replace(figure.ref, cell=cell))

    return replace(
        report,
        disclosures=tuple(map(read, report.disclosures)),
        requests=tuple(map(read, report.requests)),
        reviews=tuple(map(read, report.reviews)),
    )


def found(report):
    known = editions([examined(report)])
    return findings(build({PARTITION: known}, "1"), [report]).rows(named=True)


def test_a_scan_read_with_certainty_has_no_finding():
    assert found(scanned(recognised())) == []


def test_an_unsure_figure_that_no_sum_contains_is_an_error():
    key = next(iter(DISCLOSURES))
    (row,) = found(scanned(recognised(), [key]))
    assert (row["rule"], row["severity"], row["subject"]) == ("ocr.confidence", "error", "disclosures." + ".".join(key))
    assert "0.40" in row["message"]


def test_a_figure_is_unsure_below_the_bound_alone():
    key = next(iter(DISCLOSURES))
    assert found(scanned(recognised(), [key], SURE)) == []


def test_an_unsure_figure_that_a_sum_of_sure_ones_confirms_is_no_finding():
    assert found(scanned(recognised(), [("granted", "natural_person")])) == []


def test_a_figure_that_one_sum_confirms_is_sure_in_the_next():
    # Two unsure figures in a row: the column confirms the one, and with it the row the other.
    unsure = [("granted", "natural_person"), ("granted", "total"), ("total_processed", "natural_person")]
    assert found(scanned(recognised(), unsure)) == []


def test_two_unsure_figures_in_every_sum_do_not_confirm_each_other():
    alone = dict.fromkeys(REQUESTS, 0) | {
        (outcome, applicant): 1
        for outcome in ("new_requests", "granted", "total_processed")
        for applicant in ("natural_person", "total")
    }
    ones = [key for key, value in alone.items() if value == 1]
    rows = found(scanned(recognised(alone), ones))
    assert {row["subject"] for row in rows} == {"requests." + ".".join(key) for key in ones}
    assert {row["rule"] for row in rows} == {"ocr.confidence"}


def test_a_sum_that_fails_says_how_sure_its_least_sure_figure_is():
    figures = REQUESTS | {("granted", "total"): 70}
    report = scanned(recognised(figures), [("granted", "total")])
    assert "the least sure figure with 0.40" in only(found(report), "requests.row_total")["message"]


def test_a_sum_excused_by_blanks_in_a_scan_is_an_error_for_a_blank_may_be_overlooked_ink():
    figures = REQUESTS | {("granted", "natural_person"): None}
    assert "error" not in {row["severity"] for row in found(recognised(figures))}
    rows = found(scanned(recognised(figures)))
    assert {(row["rule"], row["severity"]) for row in rows} == {("form.blank", "info"), ("ocr.confidence", "error")}
    told = [row for row in rows if row["rule"] == "ocr.confidence"]
    assert {row["subject"] for row in told} == {
        "requests.row_total:granted",
        "requests.column_sum:natural_person",
    }
    assert all("overlooked" in row["message"] for row in told)


def test_an_unsure_blank_is_told_as_one():
    figures = dict(DISCLOSURES)
    key = next(iter(figures))
    report = recognised(disclosures=figures | {key: None})
    (row,) = found(scanned(report, [key], 0.0))
    assert "was read as blank with a confidence of 0.00" in row["message"]


def test_text_has_no_confidence_and_no_doubt():
    assert found(recognised(disclosures={key: Decimal(1) for key in DISCLOSURES})) == []


def test_a_dash_is_no_overlooked_figure():
    figures = REQUESTS | {("granted", "natural_person"): None}
    report = scanned(recognised(figures))
    dashed = tuple(
        replace(one, ref=replace(one.ref, cell=replace(one.ref.cell, text="—"))) if one.value is None else one
        for one in report.requests
    )
    assert {row["rule"] for row in found(replace(report, requests=dashed))} == {"form.blank"}


def test_a_label_that_recognition_is_not_sure_of_is_no_wording_of_the_publisher():
    cell = scanned(recognised()).requests[0].ref.cell
    for confidence, rules in ((0.99, ["form.label"]), (0.6, [])):
        ref = replace(recognised().requests[0].ref, cell=replace(cell, confidence=confidence))
        odd = OddLabel("requests.granted", "（一）予以公开", "（一）予以公關", ref)
        assert [row["rule"] for row in found(replace(scanned(recognised()), odd_labels=(odd,)))] == rules
