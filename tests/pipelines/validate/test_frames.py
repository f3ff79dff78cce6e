from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from made_reports import PARTITION, REQUESTS, digest, examined, identity, recognised, ref

from pipelines.read.document import Place
from pipelines.recognise.facts import CellRef, Section
from pipelines.validate.editions import editions, report_id
from pipelines.validate.examined import Rejected
from pipelines.validate.frames import build, cell_id, frame
from schemas.derive import model, polars_schema
from schemas.tables import PARTITIONED

REPORT = report_id(identity())


def built(*items):
    return build(PARTITION, editions(items), "reader-1")


def test_every_partitioned_table_but_what_judging_adds_is_built_and_valid():
    frames = built(examined())
    assert set(frames) | {"findings", "corrections"} == set(PARTITIONED)
    for table, rows in frames.items():
        assert rows.schema == polars_schema(table)
        assert model(table).validate(rows).equals(rows)


def test_nothing_gives_empty_frames_of_the_declared_types():
    assert all(rows.is_empty() and rows.schema == polars_schema(table) for table, rows in built().items())


def test_every_figure_stands_under_its_codes_with_its_cell():
    frames = built(examined())
    requests = {(row["outcome"], row["applicant"]): row for row in frames["requests"].iter_rows(named=True)}
    assert {key: row["value"] for key, row in requests.items()} == REQUESTS
    cells = {row["cell_id"]: row for row in frames["cells"].iter_rows(named=True)}
    for table in ("requests", "reviews", "disclosures"):
        for row in frames[table].iter_rows(named=True):
            assert Decimal(cells[row["cell_id"]]["raw_text"]) == row["value"]
            assert (row["report_id"], row["city"], row["year"]) == (REPORT, PARTITION.city, PARTITION.year)


def test_a_cell_is_known_by_its_document_table_row_and_column_from_1():
    assert cell_id("ab" * 32, ref(2, 0, 9, "5")) == "abababababababab-t2-r1-c10"


def test_a_cell_has_its_box_or_its_path():
    on_page = ref(1, 0, 0, "1,234")
    in_page = CellRef(2, replace(on_page.cell, text="—", place=Place(path="/html/body/table[1]/tr[1]/td[1]")))
    report = recognised(requests={}, reviews={}, disclosures={}, tables=(on_page, in_page))
    rows = built(examined(report))["cells"].rows(named=True)
    places = [tuple(row[name] for name in ("page", "x0", "top", "x1", "bottom", "path")) for row in rows]
    assert places == [
        (1, 0.0, 0.0, 50.0, 20.0, None),
        (None, None, None, None, None, "/html/body/table[1]/tr[1]/td[1]"),
    ]
    assert [(row["table_no"], row["raw_text"], row["state"]) for row in rows] == [
        (1, "1,234", "number"),
        (2, "—", "dash"),
    ]


def test_only_the_current_edition_has_rows_and_every_version_is_a_document():
    old = examined(recognised(REQUESTS | {("granted", "total"): 99}, sha256=digest("old")), day=1)
    new = examined(day=5)
    broken = examined(Rejected("quarantined", "no table was found"), day=7, sha=digest("broken"))
    frames = built(old, new, broken)
    assert frames["reports"]["sha256"].to_list() == [new.sha256]
    assert frames["cells"]["sha256"].unique().to_list() == [new.sha256]
    documents = {row["sha256"]: row for row in frames["documents"].iter_rows(named=True)}
    assert {sha: (row["edition"], row["status"]) for sha, row in documents.items()} == {
        old.sha256: (1, "superseded"),
        new.sha256: (2, "loaded"),
        broken.sha256: (3, "quarantined"),
    }
    assert {row["report_id"] for row in documents.values()} == {REPORT}
    assert documents[broken.sha256]["reason"] == "no table was found"
    assert documents[new.sha256]["reason"] is None


def test_a_document_is_described_by_its_capture_and_its_reading():
    (row,) = built(examined(day=3))["documents"].rows(named=True)
    assert row["retrieved_at"] == datetime(2022, 1, 3, tzinfo=UTC)
    assert (row["media_type"], row["size_bytes"], row["page_count"]) == ("application/pdf", 1000, 3)
    assert (row["producer"], row["reading"], row["reader_version"]) == ("WPS", "text", "reader-1")


def test_what_no_reader_read_has_no_reader_version():
    unread = replace(examined(Rejected("quarantined", "why")), reading=None, page_count=None, producer=None)
    (row,) = built(unread)["documents"].rows(named=True)
    assert (row["reading"], row["reader_version"], row["page_count"]) == (None, None, None)


def test_chapters_keep_their_order():
    chapters = (Section(0, "preamble", "", "前言"), Section(1, "overview", "一、总体情况", "文字"))
    rows = built(examined(recognised(sections=chapters)))["sections"]
    assert rows.select("chapter", "topic", "heading", "text").rows() == [
        (0, "preamble", "", "前言"),
        (1, "overview", "一、总体情况", "文字"),
    ]


def test_rows_are_sorted_by_key_whatever_their_order():
    rows = built(examined())["requests"].rows(named=True)
    assert frame("requests", reversed(rows)).rows(named=True) == rows
