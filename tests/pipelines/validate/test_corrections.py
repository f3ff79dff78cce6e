from decimal import Decimal

import polars as pl
import pytest
from made_reports import PARTITION, REQUESTS, REVIEWS, digest, examined, identity, recognised

from pipelines.validate.partition import validate
from schemas.corrections import Correction

WRONG = REQUESTS | {("granted", "total"): 99}
"""granted is 5 + 2 = 7 in its row, and printed as 99 in total."""


def correction(**changes):
    said = {
        "id": "one",
        "sha256": digest("document"),
        "table": "requests",
        "row": "granted",
        "column": "total",
        "cell": "",
        "printed": "99",
        "corrected": Decimal(7),
        "basis": "arithmetic",
        "reason": "the six columns sum to 7",
        "source": "page 1",
        "status": "accepted",
    }
    return Correction(**said | changes)


def validated(entry, report=None, **more):
    items = [examined(report or recognised(WRONG)), *more.get("others", ())]
    return validate(PARTITION, items, "1", [entry]).frames


def granted(frames):
    return frames["requests"].filter(outcome="granted", applicant="total").select("value", "corrected").row(0)


def errors(frames):
    return frames["findings"].filter(severity="error").select("rule", "subject", "settled").rows()


def test_a_correction_stands_beside_what_is_printed():
    frames = validated(correction())
    assert granted(frames) == (99, 7)
    assert frames["requests"]["corrected"].count() == 1
    listed = frames["corrections"].row(0, named=True)
    assert (listed["state"], listed["found"], listed["problem"]) == ("applied", "99", None)
    assert listed["cell_id"] in frames["cells"]["cell_id"].to_list()


def test_the_findings_stay_and_say_that_they_are_settled():
    found = errors(validated(correction()))
    assert {rule for rule, _, _ in found} == {"requests.row_total", "requests.column_sum"}
    assert all(settled for *_, settled in found)


def test_without_corrections_nothing_is_settled():
    frames = validate(PARTITION, [examined(recognised(WRONG))], "1").frames
    assert not any(settled for *_, settled in errors(frames))
    assert granted(frames) == (99, None)


@pytest.mark.parametrize("status", ["proposed", "withdrawn"])
def test_an_entry_that_is_not_accepted_has_no_effect(status):
    frames = validated(correction(status=status))
    assert granted(frames) == (99, None)
    assert frames["corrections"]["state"].to_list() == ["idle"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"printed": "98"}, "expected '98' to be printed, found '99'"),
        ({"cell": "t9-r1-c1", "row": "", "column": ""}, "no figure requests t9-r1-c1 was found"),
        ({"row": "other", "printed": "0"}, "no figure requests other, total was found"),
    ],
)
def test_an_entry_that_does_not_match_is_an_error_finding_and_has_no_effect(changes, said):
    report = recognised({codes: value for codes, value in WRONG.items() if codes[0] != "other"})
    frames = validated(correction(**changes), report)
    assert frames["requests"]["corrected"].count() == 0
    (finding,) = frames["findings"].filter(rule="corrections.expectation").iter_rows(named=True)
    assert finding["severity"] == "error"
    assert said in finding["message"]
    assert "set its status to withdrawn" in finding["message"]
    assert frames["corrections"]["state"].to_list() == ["unmatched"]


def test_an_entry_for_an_edition_that_was_revised_is_an_error_finding_of_the_new_one():
    revised = recognised(REQUESTS, sha256=digest("revised"))
    frames = validated(correction(), others=[examined(revised, day=2)])
    (finding,) = frames["findings"].filter(rule="corrections.expectation").iter_rows(named=True)
    assert "its document is superseded" in finding["message"]
    assert finding["report_id"] == frames["reports"]["report_id"].item()


def test_a_withdrawn_entry_that_does_not_match_is_no_error():
    frames = validated(correction(printed="98", status="withdrawn"))
    assert frames["findings"].filter(rule="corrections.expectation").is_empty()


def test_a_cell_may_be_named_by_its_place():
    frames = validated(correction())
    place = frames["corrections"]["cell_id"].item().partition("-")[2]
    by_place = validated(correction(row="", column="", cell=place))
    assert granted(by_place) == (99, 7)
    assert by_place["corrections"].select("row_code", "column_code").row(0) == ("granted", "total")


def test_a_correction_that_breaks_a_sum_which_held_is_an_error_finding():
    frames = validated(correction(printed="7", corrected=Decimal(8)), recognised(REQUESTS))
    found = [(rule, subject) for rule, subject, _ in errors(frames)]
    assert ("corrections.consistency", "requests.row_total:granted") in found
    assert ("corrections.consistency", "requests.column_sum:total") in found


def test_a_review_and_a_fee_are_corrected_too():
    reviews = REVIEWS | {("administrative_review", "total"): 0}
    entries = [
        correction(id="a", table="reviews", row="administrative_review", column="total", printed="0"),
        correction(
            id="b",
            table="disclosures",
            row="fees",
            column="amount",
            printed="10",
            corrected=Decimal("0.001"),
            basis="unit",
        ),
    ]
    frames = validate(PARTITION, [examined(recognised(REQUESTS, reviews))], "1", entries).frames
    assert frames["reviews"].drop_nulls("corrected").select("value", "corrected").rows() == [(0, 7)]
    assert frames["disclosures"].drop_nulls("corrected").select("value", "corrected").rows() == [
        (Decimal(10), Decimal("0.001"))
    ]
    assert errors(frames) == [("reviews.total", "administrative_review", True)]


def test_a_correction_of_another_report_s_document_leaves_this_one_alone():
    other = recognised(WRONG, sha256=digest("other"), identity=identity("周口市财政局"))
    frames = validated(correction(), others=[examined(other, url="https://example.cn/2.html")])
    assert frames["requests"].filter(pl.col("corrected").is_not_null())["report_id"].n_unique() == 1
