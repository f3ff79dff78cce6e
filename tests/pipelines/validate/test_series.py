from decimal import Decimal

import pytest
from made_reports import APPLICANTS, DISCLOSURES, REQUESTS, cell_ids, digest, examined, identity, recognised

from pipelines.validate.editions import editions, report_id
from pipelines.validate.frames import build
from pipelines.validate.series import series_findings
from schemas.derive import model
from warehouse.layout import Partition
from warehouse.store import manifests, write_partition

CARRIED_OVER = {("carried_over", applicant): REQUESTS["carried_forward", applicant] for applicant in APPLICANTS}
"""What carries on from the report of the year before, where that is `REQUESTS`."""
STEADY = DISCLOSURES | {
    (category, measure): Decimal(0)
    for category in ("regulations", "normative_documents")
    for measure in ("issued", "repealed")
}
"""Nothing issued, nothing repealed: 10 in force, year after year."""


@pytest.fixture
def load(tmp_path):
    """Puts a publisher's report into the store and returns it."""

    def put(year, *, requests=None, disclosures=None, publisher="周口市人民政府", unit="万元"):
        partition = Partition("zhoukou-411600", year)
        report = recognised(
            REQUESTS | CARRIED_OVER if requests is None else requests,
            disclosures=STEADY if disclosures is None else disclosures,
            sha256=digest(f"{publisher}{year}"),
            identity=identity(publisher, year),
        )
        frames = build({partition: editions([examined(report, url=f"https://example.cn/{year}")])}, "1")
        if unit != "万元":
            frames["disclosures"] = frames["disclosures"].with_columns(unit=_replaced(frames["disclosures"], unit))
        write_partition(tmp_path, partition, frames, "1")
        return report

    return put


def _replaced(rows, unit):
    return rows["unit"].replace("万元", unit)


def found(store):
    return model("findings").validate(series_findings(store, manifests(store))).rows(named=True)


def brief(rows):
    return [(row["year"], row["rule"], row["subject"], row["expected"], row["actual"]) for row in rows]


def test_an_empty_store_has_no_findings(tmp_path):
    assert found(tmp_path) == []


def test_a_series_that_continues_has_no_findings(tmp_path, load):
    for year in (2021, 2022, 2023):
        load(year)
    assert found(tmp_path) == []


def test_a_single_report_has_nothing_to_continue(tmp_path, load):
    load(2021, requests=REQUESTS | {("carried_over", "total"): 77})
    assert found(tmp_path) == []


def test_requests_carried_over_are_those_carried_forward_the_year_before(tmp_path, load):
    before = load(2021)
    wrong = {("carried_over", "natural_person"): 4, ("carried_over", "total"): 4}
    after = load(2022, requests=REQUESTS | CARRIED_OVER | wrong)
    rows = found(tmp_path)
    assert brief(rows) == [
        (2022, "requests.continuity", "natural_person", "3", "4"),
        (2022, "requests.continuity", "total", "3", "4"),
    ]
    assert {row["severity"] for row in rows} == {"warning"}
    assert {row["report_id"] for row in rows} == {report_id(after.identity)}
    assert rows[0]["cell_ids"] == sorted(
        [
            *cell_ids(after, "requests", ("carried_over", "natural_person")),
            *cell_ids(before, "requests", ("carried_forward", "natural_person")),
        ]
    )


def test_in_force_is_that_of_the_year_before_and_issued_less_repealed(tmp_path, load):
    before = load(2021)
    figures = STEADY | {("regulations", "issued"): Decimal(5), ("regulations", "repealed"): Decimal(2)}
    after = load(2022, disclosures=figures | {("regulations", "in_force"): Decimal(12)})
    (row,) = found(tmp_path)
    assert brief([row]) == [(2022, "disclosures.continuity", "regulations", "13", "12")]
    assert row["cell_ids"] == sorted(
        [
            *cell_ids(after, "disclosures", *(("regulations", one) for one in ("issued", "repealed", "in_force"))),
            *cell_ids(before, "disclosures", ("regulations", "in_force")),
        ]
    )


def test_in_force_that_follows_is_no_finding(tmp_path, load):
    load(2021)
    figures = STEADY | {("regulations", "issued"): Decimal(5), ("regulations", "repealed"): Decimal(2)}
    load(2022, disclosures=figures | {("regulations", "in_force"): Decimal(13)})
    assert found(tmp_path) == []


def test_where_a_figure_is_blank_nothing_is_said(tmp_path, load):
    load(2021, requests=REQUESTS | {("carried_forward", "total"): None}, disclosures=STEADY)
    load(2022, disclosures=STEADY | {("regulations", "issued"): None, ("regulations", "in_force"): Decimal(99)})
    assert found(tmp_path) == []


@pytest.mark.parametrize("years", [(2021, 2023), (2022, 2020)])
def test_years_that_do_not_adjoin_are_not_compared(tmp_path, load, years):
    first, second = years
    load(first)
    load(second, requests=REQUESTS | {("carried_over", "total"): 77})
    assert found(tmp_path) == []


def test_publishers_are_not_compared_with_each_other(tmp_path, load):
    load(2021)
    load(2022, publisher="周口市公安局", requests=REQUESTS | {("carried_over", "total"): 77})
    assert found(tmp_path) == []


def fees(value):
    return STEADY | {("fees", "amount"): None if value is None else Decimal(value)}


def test_a_fee_printed_in_yuan_under_the_form_s_ten_thousand_is_a_warning(tmp_path, load):
    load(2021, disclosures=fees("7000"))
    after = load(2022, disclosures=fees("73802895.90"))
    load(2023, disclosures=fees("7730.28"))
    (row,) = found(tmp_path)
    assert brief([row]) == [
        (2022, "disclosures.unit", "disclosures.fees.amount", "73651400", "738028959000"),
    ]
    assert row["severity"] == "warning"
    assert row["cell_ids"] == cell_ids(after, "disclosures", ("fees", "amount"))


@pytest.mark.parametrize(
    "amounts", [("7000", "8000"), ("7000", "2000000"), ("0", "7000"), (None, "7000"), ("1", "50000")]
)
def test_fees_that_merely_differ_are_no_finding(tmp_path, load, amounts):
    for year, amount in zip((2021, 2022), amounts, strict=True):
        load(year, disclosures=fees(amount))
    assert found(tmp_path) == []


def test_a_fee_with_its_true_unit_printed_is_no_finding(tmp_path, load):
    load(2021, disclosures=fees("7000"))
    load(2022, disclosures=fees("73802895.90"), unit="元")
    assert found(tmp_path) == []


def test_fees_far_apart_in_time_are_not_compared(tmp_path, load):
    load(2021, disclosures=fees("7000"))
    load(2024, disclosures=fees("73802895.90"))
    assert found(tmp_path) == []
