from dataclasses import replace

import pytest
from made_reports import PARTITION, REQUESTS, digest, examined, identity, recognised, ref

from pipelines.recognise.facts import Section
from pipelines.validate.editions import report_id
from pipelines.validate.examined import Rejected
from pipelines.validate.partition import LEAST_SHARE, rules_version, validate
from schemas.derive import model
from schemas.tables import PARTITIONED
from warehouse.layout import Partition


def statuses(validated):
    return {row["sha256"]: row["status"] for row in validated.frames["documents"].iter_rows(named=True)}


def reason(validated):
    (found,) = validated.frames["documents"]["reason"].drop_nulls().to_list()
    return found


def test_a_valid_report_is_loaded_into_every_table():
    validated = validate(PARTITION, [examined()], "1")
    assert set(validated.frames) == set(PARTITIONED)
    for table, rows in validated.frames.items():
        model(table).validate(rows)
    assert {
        table: validated.count(table) for table in ("reports", "requests", "reviews", "disclosures", "findings")
    } == {
        "reports": 1,
        "requests": 175,
        "reviews": 15,
        "disclosures": 10,
        "findings": 0,
    }


def test_a_partition_without_documents_has_empty_tables():
    validated = validate(PARTITION, [], "1")
    assert all(rows.is_empty() for rows in validated.frames.values())


def test_wrong_arithmetic_is_loaded_as_printed_with_findings():
    validated = validate(PARTITION, [examined(recognised(REQUESTS | {("granted", "total"): 99}))], "1")
    rows = validated.frames["requests"].filter(outcome="granted", applicant="total")
    assert rows["value"].to_list() == [99]
    assert set(validated.frames["findings"]["rule"]) == {"requests.row_total", "requests.column_sum"}
    assert statuses(validated) == {digest("document"): "loaded"}


def test_a_document_of_another_year_or_city_is_quarantined_with_what_to_do():
    other = recognised(identity=identity(year=2022))
    validated = validate(PARTITION, [examined(other)], "1")
    assert statuses(validated) == {other.sha256: "quarantined"}
    assert validated.count("reports") == validated.count("requests") == 0
    assert reason(validated) == (
        "the document is 周口市人民政府's report on 2022 (zhoukou-411600), but it is expected in "
        "zhoukou-411600|2021: correct the source in the catalogue"
    )
    elsewhere = validate(Partition("suzhou-320500", 2021), [examined()], "1")
    assert statuses(elsewhere) == {digest("document"): "quarantined"}


@pytest.mark.parametrize(("rows", "status"), [(22, "loaded"), (13, "loaded"), (11, "quarantined"), (1, "quarantined")])
def test_a_table_of_which_less_than_half_was_found_is_quarantined(rows, status):
    kept = sorted({outcome for outcome, _ in REQUESTS})[:rows]
    figures = {key: value for key, value in REQUESTS.items() if key[0] in kept}
    validated = validate(PARTITION, [examined(recognised(figures))], "1")
    assert statuses(validated) == {digest("document"): status}
    assert 11 / 23 < LEAST_SHARE < 13 / 23
    if status == "quarantined":
        assert f"only {7 * rows} of 161 cells" in reason(validated)


BROKEN = {
    "negative chapter": lambda report: replace(report, sections=(Section(-1, "overview", "一、", ""),)),
    "unknown topic": lambda report: replace(report, sections=(Section(0, "weather", "", ""),)),
    "no such code": lambda report: replace(
        report, requests=(replace(report.requests[0], outcome="granted.twice"), *report.requests[1:])
    ),
    "the same figure twice": lambda report: replace(report, requests=(*report.requests, report.requests[0])),
    "the same cell twice": lambda report: replace(report, tables=(*report.tables, report.tables[0])),
    "bad division": lambda report: replace(report, identity=replace(report.identity, region_code="4116")),
}


@pytest.mark.parametrize("defect", BROKEN)
def test_a_document_whose_rows_break_a_declaration_is_quarantined_and_the_others_are_loaded(defect):
    broken = BROKEN[defect](recognised(sha256=digest("broken"), identity=identity("周口市公安局")))
    items = [examined(), examined(broken, url="https://example.cn/ga.html")]
    validated = validate(PARTITION, items, "1")
    assert statuses(validated) == {digest("document"): "loaded", digest("broken"): "quarantined"}
    assert validated.frames["reports"]["sha256"].to_list() == [digest("document")]
    assert reason(validated).startswith("its rows break the declared tables: ")


def test_a_broken_new_edition_is_quarantined_and_the_good_old_one_stays():
    old = recognised(sha256=digest("old"))
    new = BROKEN["unknown topic"](recognised(sha256=digest("new")))
    validated = validate(PARTITION, [examined(old, day=1), examined(new, day=5)], "1")
    assert statuses(validated) == {digest("old"): "loaded", digest("new"): "quarantined"}
    assert validated.frames["reports"]["sha256"].to_list() == [digest("old")]
    assert validated.count("requests") == 175


def test_a_rejected_document_keeps_its_reason():
    items = [examined(), examined(Rejected("not_a_report", "it is a notice"), url="https://example.cn/notice.html")]
    validated = validate(PARTITION, items, "1")
    assert sorted(statuses(validated).values()) == ["loaded", "not_a_report"]
    assert reason(validated) == "it is a notice"


def test_bytes_that_came_back_do_not_break_the_partition():
    items = [examined(recognised(sha256=digest(name)), day=day) for name, day in (("a", 1), ("b", 5), ("a", 9))]
    validated = validate(PARTITION, items, "1")
    assert statuses(validated) == {digest("a"): "loaded", digest("b"): "superseded"}


def test_two_reports_of_one_partition_stand_side_by_side():
    second = recognised(sha256=digest("second"), identity=identity("周口市公安局"))
    validated = validate(PARTITION, [examined(), examined(second, url="https://example.cn/ga.html")], "1")
    assert set(validated.frames["reports"]["report_id"]) == {report_id(identity()), report_id(second.identity)}
    assert validated.count("requests") == 350


def test_findings_refer_to_cells_that_are_there():
    extra = ref(2, 40, 0, "x")
    report = replace(recognised(REQUESTS | {("granted", "total"): 99}), tables=(*recognised(REQUESTS).tables, extra))
    validated = validate(PARTITION, [examined(report)], "1")
    known = set(validated.frames["cells"]["cell_id"])
    assert set(validated.frames["findings"]["cell_ids"].explode()) <= known


def test_the_version_of_the_rules_is_stable_and_names_nothing_else():
    assert rules_version() == rules_version()
    assert len(rules_version()) == 12
