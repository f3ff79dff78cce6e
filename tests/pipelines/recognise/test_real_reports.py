"""Published reports against the figures that a person read from them, cell by cell.

The documents lie outside the repository; without them there is nothing to test.
"""

import json
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from pipelines.discover.source import Source
from pipelines.read.reader import read
from pipelines.recognise.report import recognise
from pipelines.validate.examined import Examined
from pipelines.validate.partition import validate
from warehouse.files import sha256
from warehouse.layout import Partition

REPORTS = Path(__file__).parents[3] / ".." / "shared" / "reports"
DOCUMENTS = sorted(
    path
    for suffix in ("pdf", "html")
    for path in REPORTS.glob(f"*.{suffix}")
    if not path.stem.endswith("-scan")  # takes optical character recognition, which has its own tests
)
UNITS = {"amount_wan": ("amount", "万元"), "procurement_amount_yuan": ("procurement_amount", "元")}
ERRORS = {
    "hongze-2023-wps": {
        ("reviews.total", "administrative_review", "11", "0"),
        ("reviews.total", "litigation_after_review", "5", "0"),
    }
}
"""The errors that were published: rule, subject, expected, actual."""

pytestmark = pytest.mark.skipif(not DOCUMENTS, reason=f"no documents in {REPORTS}")
each_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)


@cache
def recognised(path):
    content = path.read_bytes()
    return recognise(read(content, sha256(content)))


@cache
def gold(path):
    return json.loads((path.parent / f"{path.stem}.gold.json").read_text(encoding="utf-8"))


def numbers(values):
    return {key: None if value is None else Decimal(value) for key, value in values.items()}


@each_document
def test_every_figure_is_in_its_code_none_wrong_none_missing(path):
    expected, found = gold(path), recognised(path)
    assert numbers({(one.outcome, one.applicant): one.value for one in found.requests}) == numbers(
        {
            (outcome, applicant): value
            for outcome, row in expected["requests"].items()
            for applicant, value in row.items()
        }
    )
    assert numbers({(one.proceeding, one.result): one.value for one in found.reviews}) == numbers(
        {(one, result): value for one, row in expected["reviews"].items() for result, value in row.items()}
    )
    assert numbers({(one.category, one.measure): one.value for one in found.disclosures}) == numbers(
        {
            (category, UNITS.get(measure, (measure,))[0]): value
            for category, row in expected["disclosure"].items()
            if category != "_notes"
            for measure, value in row.items()
        }
    )
    assert found.unplaced == ()


@each_document
def test_money_has_the_unit_that_is_printed(path):
    printed = {UNITS[measure] for row in gold(path)["disclosure"].values() for measure in row if measure in UNITS}
    found = {(one.measure, one.unit) for one in recognised(path).disclosures if one.unit not in {"件", "项"}}
    assert found == printed


@each_document
def test_the_report_is_identified(path):
    expected, found = gold(path), recognised(path).identity
    assert (found.publisher, found.region, found.region_code, found.year, found.title) == (
        expected["publisher"],
        expected["region"],
        expected["adcode"],
        expected["year"],
        expected["title"],
    )
    assert recognised(path).form == expected["form"]


@each_document
def test_a_figure_s_cell_is_in_the_statutory_tables_with_its_place(path):
    found = recognised(path)
    known = set(found.tables)
    for figure in (*found.requests, *found.reviews, *found.disclosures):
        assert figure.ref in known
        place = figure.ref.cell.place
        assert (place.path is None) == (place.page is not None and place.box is not None)


@each_document
def test_all_chapters_are_told_apart(path):
    topics = [section.topic for section in recognised(path).sections]
    assert {"overview", "disclosure", "requests", "reviews", "problems"} <= set(topics)
    assert len(recognised(path).sections) == len({section.chapter for section in recognised(path).sections})


def findings(path):
    """Every finding on the report alone, as the flow would load it."""
    found = recognised(path)
    identity = found.identity
    item = Examined(
        sha256=found.sha256,
        source_url=path.resolve().as_uri(),
        retrieved_at=datetime(2026, 1, 1, tzinfo=UTC),
        size_bytes=path.stat().st_size,
        media_type="application/pdf",
        page_count=None,
        producer=None,
        reading="text",
        outcome=found,
    )
    validated = validate(Partition(identity.city, identity.year), [item], "1")
    assert validated.frames["documents"]["status"].to_list() == ["loaded"]
    return validated.frames["findings"].rows(named=True)


@each_document
def test_the_only_errors_are_those_that_were_published(path):
    errors = {
        (row["rule"], row["subject"], row["expected"], row["actual"])
        for row in findings(path)
        if row["severity"] == "error"
    }
    assert errors == ERRORS.get(path.stem, set())


def test_the_damaged_label_of_hongze_is_told_as_printed():
    path = REPORTS / "hongze-2023-wps.pdf"
    labels = [(row["subject"], row["actual"]) for row in findings(path) if row["rule"] == "form.label"]
    assert labels == [("requests.denied.prohibited_by_law", "2.其他法律行政止公开")]


@pytest.mark.parametrize(
    "path",
    [path for path in DOCUMENTS if path.suffix == ".html"],  # a PDF takes seconds to read again
    ids=lambda path: path.stem,
)
def test_a_catalogue_that_says_the_same_changes_nothing(path):
    found = recognised(path)
    identity = found.identity
    source = Source(
        "https://example.cn/report",
        identity.city,
        identity.year,
        identity.region_code,
        identity.publisher,
        identity.title,
    )
    content = path.read_bytes()
    assert recognise(read(content, sha256(content)), source) == found
