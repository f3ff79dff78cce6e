"""The whole flow, run by Dagster for real into homes of its own."""

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import dagster as dg
import polars as pl
import pytest
from click.testing import CliRunner

from pipelines import steps
from pipelines.cli import main
from pipelines.definitions import defs
from pipelines.defs.assets import ASSETS
from pipelines.defs.jobs import NIGHTLY
from pipelines.defs.launch import RunFailed, launch
from pipelines.defs.resources import Work
from pipelines.sample.site import SITE, sample_sources
from schemas.derive import key
from schemas.tables import TABLES
from warehouse.layout import Home
from warehouse.reader import open_warehouse, sort_order

FIGURES = Path(steps.__file__).parent / "sample" / "figures"
APPLICANTS_AND_RESULTS = ("applicants", "results")
PARTITIONED = ("fetch", "read", "recognise", "validate", "store")
REDONE = ("read", "recognise", "validate", "store")
WHOLE = ("discover", "assemble", "publish")
ALL = {f"{source.city}|{source.year}" for source in sample_sources()}
HANGZHOU = next(source for source in sample_sources() if source.city == "hangzhou-330100")
PINGTAN = [source for source in sample_sources() if source.city == "fuzhou-350100"]
KEY = f"{HANGZHOU.city}|{HANGZHOU.year}"
PAGE = (SITE / HANGZHOU.url.split("/", 3)[3]).read_bytes()


@contextmanager
def history(home):
    """Dagster's instance of a home."""
    with dg.DagsterInstance.from_config(str(home.root / "dagster")) as instance:
        yield instance


def contents(*folders):
    """Every file below the folders with the hash of its bytes."""
    return {
        path: hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def times(*folders):
    return {path: path.stat().st_mtime_ns for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()}


def materialized(home, run_id):
    """(asset, partition) of every materialization of a run."""
    with history(home) as instance:
        entries = instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)
    return {(event.asset_key.to_user_string(), event.partition) for event in (entry.dagster_event for entry in entries)}


def rows(home, table, partitions=None):
    """The rows of a table as tuples, without what two runs may differ in, of some partitions or all."""
    with open_warehouse(home.database) as warehouse:
        found = warehouse.table(table)
    if partitions is not None and "city" in found.columns and table != "regions":
        found = found.filter(pl.format("{}|{}", "city", "year").is_in(list(partitions)))
    return found.drop("retrieved_at", strict=False).rows()


# --- what comes out -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(path.stem for path in FIGURES.glob("*.json")))
def test_every_figure_of_the_sample_stands_under_its_codes(sample_home, name):
    report = json.loads((FIGURES / f"{name}.json").read_text(encoding="utf-8"))
    with open_warehouse(sample_home.database) as warehouse:
        (identity,) = warehouse.query(
            "SELECT * FROM reports WHERE publisher = ? AND year = ?", [report["publisher"], report["year"]]
        ).rows(named=True)
        found = {
            table: warehouse.query(
                f"SELECT {key(table)[1]}, {key(table)[2]}, value FROM {table} WHERE report_id = ?",  # noqa: S608
                [identity["report_id"]],
            ).rows()
            for table in ("disclosures", "requests", "reviews")
        }
    for field in ("title", "publisher", "region", "region_code", "city", "year", "form"):
        assert identity[field] == report[field], field
    numbers = re.compile(r"-?[\d,.]+")
    assert {(row, column): value for row, column, value in found["disclosures"]} == {
        (category, measure): Decimal(numbers.match(text)[0].replace(",", "")) if numbers.match(text) else None
        for category, measures in report["disclosures"].items()
        for measure, text in measures.items()
    }
    for table, columns in zip(("requests", "reviews"), APPLICANTS_AND_RESULTS, strict=True):
        assert {(row, column): value for row, column, value in found[table]} == {
            (row, column): value
            for row, values in report[table].items()
            for column, value in zip(report[columns], values, strict=True)
        }


def test_the_findings_are_those_of_the_published_figures(sample_home):
    with open_warehouse(sample_home.database) as warehouse:
        found = warehouse.query(
            "SELECT publisher, r.year, rule, subject FROM findings JOIN reports r USING (report_id) "
            "WHERE severity = 'error' ORDER BY ALL"
        ).rows()
    # Totals of 0 beside 10 + 1 and beside 5, as Hongze published them.
    assert {
        ("洪泽区人民政府", 2023, "reviews.total", "administrative_review"),
        ("洪泽区人民政府", 2023, "reviews.total", "litigation_after_review"),
    } <= set(found)
    assert {rule for _, _, rule, _ in found} == {"reviews.total"}


def test_the_exports_hold_the_rows_of_the_warehouse(sample_home):
    for table in TABLES:
        with open_warehouse(sample_home.database) as warehouse:
            expected = warehouse.table(table)
        exported = pl.read_parquet(sample_home.parquet / f"{table}.parquet")
        assert exported.sort(sort_order(table)).equals(expected.sort(sort_order(table)))


# --- what Dagster knows ---------------------------------------------------------------------------------------------


def test_the_run_is_in_the_history(sample_home):
    with history(sample_home) as instance:
        (run,) = instance.get_runs()
    assert (run.job_name, run.status) == ("changed", dg.DagsterRunStatus.SUCCESS)


def test_every_partition_is_its_own_materialization(sample_home):
    with history(sample_home) as instance:
        for step in PARTITIONED:
            assert set(instance.get_materialized_partitions(dg.AssetKey(step))) == ALL
        for step in WHOLE:
            assert instance.get_latest_materialization_event(dg.AssetKey(step)) is not None


def checks(home, name):
    """Whether a check of `validate` passed at last, and how grave it is, by partition."""
    with history(home) as instance:
        records = instance.event_log_storage.get_asset_check_execution_history(
            dg.AssetCheckKey(dg.AssetKey("validate"), name), limit=500
        )
    found = {}
    for record in reversed(records):
        evaluation = record.event.dagster_event.event_specific_data
        if record.partition is not None:
            found[record.partition] = (evaluation.passed, evaluation.severity.value)
    return found


def test_every_partition_has_its_own_check_results(sample_home):
    with open_warehouse(sample_home.database) as warehouse:
        wrong = set(
            warehouse.query("SELECT DISTINCT city || '|' || year FROM findings WHERE severity = 'error'").to_series()
        )
    assert "huaian-320800|2023" in wrong
    assert checks(sample_home, "structure") == dict.fromkeys(ALL, (True, "ERROR"))
    assert checks(sample_home, "arithmetic") == {partition: (partition not in wrong, "ERROR") for partition in ALL}
    assert checks(sample_home, "plausibility") == dict.fromkeys(ALL, (True, "WARN"))


def test_each_materialization_says_what_a_person_wants_to_see(sample_home):
    wanted = {
        "fetch": {"sources", "new", "links"},
        "read": {"documents", "pages", "tables", "cells"},
        "recognise": {"reports", "titles"},
        "validate": {"reports", "findings", "quarantined", "preview"},
        "store": {"rows", "bytes"},
        "discover": {"sources", "partitions"},
        "assemble": {"reports", "findings", "database"},
        "publish": {"written", "parquet"},
    }
    with history(sample_home) as instance:
        for step, names in wanted.items():
            event = instance.get_latest_materialization_event(dg.AssetKey(step))
            assert names <= set(event.asset_materialization.metadata), step


# --- again ----------------------------------------------------------------------------------------------------------


def test_a_second_run_changes_no_byte_and_redoes_no_partition(home_after_a_run):
    home = home_after_a_run
    lasting = (home.archive, home.store)
    before = contents(*lasting, home.exports), times(*lasting), home.database.read_bytes()
    result = CliRunner().invoke(main, ["run", "--sample", "--home", str(home.root)])
    assert result.exit_code == 0, result.output
    assert f"fetched {len(sample_sources())} of {len(sample_sources())} from 1 hosts: " in result.output
    assert "nothing changed: no document was transferred and no partition redone" in result.output
    assert (contents(*lasting, home.exports), times(*lasting), home.database.read_bytes()) == before
    with history(home) as instance:
        run = instance.get_runs(limit=1)[0].run_id
    done = materialized(home, run)
    assert {step for step, _ in done}.isdisjoint(REDONE)
    assert {partition for step, partition in done if step == "fetch"} == ALL
    with history(home) as instance:
        assert [one.status for one in instance.get_runs()] == [dg.DagsterRunStatus.SUCCESS] * 2


def test_everything_is_redone_where_that_is_asked_and_comes_out_the_same(home_after_a_run):
    home = home_after_a_run
    before = contents(home.archive, home.store, home.exports), home.database.read_bytes()
    run = launch("everything", home, catalogue="sample")
    done = materialized(home, run)
    for step in REDONE:
        assert {partition for one, partition in done if one == step} == ALL
    assert (contents(home.archive, home.store, home.exports), home.database.read_bytes()) == before


def test_the_work_in_progress_may_be_deleted(home_after_a_run):
    home = home_after_a_run
    before = contents(home.archive, home.store, home.exports)
    for path in home.work.rglob("*"):
        if path.is_file():
            path.unlink()
    launch("everything", home, catalogue="none", partitions=[KEY])
    assert contents(home.archive, home.store, home.exports) == before


# --- documents that change ------------------------------------------------------------------------------------------


@contextmanager
def site(pages):
    """Serve pages, a mapping of path to content that may change meanwhile, on loopback; yields the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            content = pages.get(self.path)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *_):
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def home_at_the_loopback(tmp_path):
    """An empty home that may ask this machine, which the downloader does not do unasked."""
    home = Home(tmp_path / "home")
    home.root.mkdir()
    (home.root / "hosts.csv").write_text(
        "host,per_second,burst,at_once,loopback,note\n127.0.0.1,unlimited,,,yes,\n", encoding="utf-8"
    )
    return home


def became(home):
    """Edition, status and reason of every document, and the figure of licensing decisions."""
    with open_warehouse(home.database) as warehouse:
        documents = warehouse.query("SELECT edition, status, reason FROM documents ORDER BY edition").rows()
        decisions = warehouse.query("SELECT value FROM disclosures WHERE category = 'licensing'")["value"].to_list()
    return [(edition, status) for edition, status, _ in documents], [reason for _, _, reason in documents], decisions


def newest_report(home):
    return max((home.root / "reports").glob("*.md"), key=lambda path: path.stat().st_mtime_ns).read_text("utf-8")


def test_a_document_through_its_life(home_at_the_loopback, tmp_path, capfd):
    """First seen, revised, broken, gone, and back as it was at first."""
    home = home_at_the_loopback
    first, second = b"11398889", b"11398890"
    assert PAGE.count(first) == 1
    pages = {"/report.html": PAGE}
    with site(pages) as address:
        catalogue = tmp_path / "catalogue.csv"
        catalogue.write_text(
            f"url,region_code,year\n{address}/report.html,{HANGZHOU.region_code},{HANGZHOU.year}\n", encoding="utf-8"
        )

        def run():
            return launch("changed", home, catalogue=str(catalogue))

        run()
        assert became(home) == ([(1, "loaded")], [None], [11398889])

        pages["/report.html"] = PAGE.replace(first, second)
        assert ("store", KEY) in materialized(home, run())
        editions, reasons, decisions = became(home)
        assert editions == [(1, "superseded"), (2, "loaded")]
        assert reasons[0].startswith("replaced by the edition retrieved on ")
        assert decisions == [11398890]
        assert "edition 2: 行政许可 × 处理决定数量: 11398889 件 → 11398890 件" in newest_report(home)

        # The tables are gone: the new version is quarantined, the figures of the one before stay.
        pages["/report.html"] = re.sub(rb"<table.*</table>", b"", PAGE, flags=re.DOTALL)
        run()
        editions, reasons, decisions = became(home)
        assert editions == [(1, "superseded"), (2, "loaded"), (3, "quarantined")]
        assert "chapter 3" in reasons[2]
        assert decisions == [11398890]
        assert checks(home, "structure") == {KEY: (False, "ERROR")}

        pages.clear()
        capfd.readouterr()
        assert ("store", KEY) not in materialized(home, run())
        assert f"not fetched (missing): {address}/report.html: the server answered 404" in capfd.readouterr().err
        assert became(home)[0] == editions

        pages["/report.html"] = PAGE
        run()
        editions, _, decisions = became(home)
        assert editions == [(1, "loaded"), (2, "superseded"), (3, "quarantined")]
        assert decisions == [11398889]
    assert len(list((home.archive / "objects").rglob("*/*"))) == 3


def test_a_night_redoes_exactly_the_partitions_whose_bytes_changed_in_one_run(
    home_at_the_loopback, tmp_path, monkeypatch
):
    """By what a tick of the nightly schedule asks for, and what the environment says."""
    home = home_at_the_loopback
    pages = {f"/{source.year}.html": (SITE / source.url.split("/", 3)[3]).read_bytes() for source in PINGTAN}
    keys = {f"{source.city}|{source.year}" for source in PINGTAN}
    with site(pages) as address, dg.DagsterInstance.ephemeral() as instance:
        catalogue = tmp_path / "catalogue.csv"
        lines = [f"{address}/{source.year}.html,{source.region_code},{source.year}\n" for source in PINGTAN]
        catalogue.write_text("url,region_code,year\n" + "".join(lines), encoding="utf-8")

        def night():
            (request,) = NIGHTLY.evaluate_tick(dg.build_schedule_context(instance)).run_requests
            job = defs.resolve_job_def(NIGHTLY.job_name)
            result = job.execute_in_process(run_config=request.run_config or None, instance=instance)
            done = [event for event in result.all_events if event.is_step_materialization]
            return {(event.asset_key.to_user_string(), event.partition) for event in done if event.partition}

        monkeypatch.setenv("GONGKAI_HOME", str(home.root))
        monkeypatch.setenv("GONGKAI_CATALOGUE", str(catalogue))
        first = night()
        assert {key for step, key in first if step == "store"} == keys
        assert {key for step, key in night() if step in REDONE} == set()
        changed = PINGTAN[1]
        pages[f"/{changed.year}.html"] += b"<!-- -->"
        key = f"{changed.city}|{changed.year}"
        assert {(step, key) for step in REDONE} == {one for one in night() if one[0] in REDONE}
        assert len(instance.get_runs()) == 3


def test_reports_that_a_corrected_catalogue_moves_leave_their_old_partition(home_at_the_loopback, tmp_path):
    """A source was catalogued under a wrong year: quarantined there, then loaded where it belongs."""
    home = home_at_the_loopback
    with site({"/report.html": PAGE}) as address:
        catalogue = tmp_path / "catalogue.csv"
        for year in (HANGZHOU.year - 1, HANGZHOU.year):
            catalogue.write_text(
                f"url,region_code,year\n{address}/report.html,{HANGZHOU.region_code},{year}\n", encoding="utf-8"
            )
            launch("changed", home, catalogue=str(catalogue))
    with open_warehouse(home.database) as warehouse:
        documents = warehouse.query("SELECT year, status FROM documents").rows()
    assert documents == [(HANGZHOU.year, "loaded")]


# --- what fails -----------------------------------------------------------------------------------------------------


def test_a_partition_that_fails_keeps_its_last_good_state_and_stops_no_other(home_after_a_run, monkeypatch):
    home = home_after_a_run
    before = rows(home, "requests")
    original = steps.validate

    def failing(partition, *others):
        if partition.key == KEY:
            raise RuntimeError("out of luck")
        return original(partition, *others)

    monkeypatch.setattr(steps, "validate", failing)
    monkeypatch.setattr(steps, "validator_version", lambda: "another")
    done = CliRunner().invoke(main, ["run", "--sample", "--home", str(home.root)])
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1] == (
        f"Error: 1 partitions could not be redone and keep their last good state ({KEY}); the lines above say why"
    )
    assert f"{KEY} failed, its last good state stays: RuntimeError: out of luck" in done.stderr
    assert rows(home, "requests") == before
    with history(home) as instance:
        stored = materialized(home, instance.get_runs(limit=1)[0].run_id)
    assert {partition for step, partition in stored if step == "validate"} == ALL - {KEY}


def test_a_step_that_fails_as_a_whole_fails_the_run_with_its_reason(home_after_a_run, monkeypatch):
    home = home_after_a_run
    before = home.database.read_bytes()

    def failing(*_, **__):
        raise RuntimeError("no space left")

    monkeypatch.setattr(steps, "assemble_warehouse", failing)
    with pytest.raises(RunFailed, match=r"step assemble failed: .*no space left"):
        launch("changed", home, catalogue="sample")
    assert home.database.read_bytes() == before
    with history(home) as instance:
        assert instance.get_runs(limit=1)[0].status == dg.DagsterRunStatus.FAILURE


# --- kill -9 --------------------------------------------------------------------------------------------------------

SOME = ("fuzhou-350100|2023", "fuzhou-350100|2024", "huaian-320800|2023")
"""Web pages and a PDF, and two years of a series."""
POINTS = {
    "while fetching": "archive/objects/*/*",
    "while storing": "store/*/*/manifest.json",
    "while publishing": "exports/parquet/*.parquet",
}
"""What has just appeared when the run is killed."""
DEADLINE = 120


def killed_when(home, pattern):
    """Start a run and kill it as soon as a file of that pattern is there; returns how it ended."""
    arguments = ["run", "--sample", "--home", str(home.root), *(part for one in SOME for part in ("--partition", one))]
    with subprocess.Popen(
        [sys.executable, "-c", "from pipelines.cli import main; main()", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        end = time.monotonic() + DEADLINE
        while process.poll() is None and next(home.root.glob(pattern), None) is None:
            assert time.monotonic() < end, f"no {pattern} within {DEADLINE} s"
            time.sleep(0.002)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        return process.wait()


@pytest.mark.parametrize("point", POINTS)
def test_a_run_killed_and_run_again_is_as_if_undisturbed(sample_home, tmp_path, point):
    home = Home(tmp_path / "home")
    assert killed_when(home, POINTS[point]) == -signal.SIGKILL
    launch("changed", home, catalogue="sample", partitions=SOME)
    for table in TABLES:
        assert rows(home, table) == rows(sample_home, table, SOME), table
    assert {name for name in TABLES if rows(home, name)} >= {"reports", "requests", "findings", "cells", "regions"}
    left = [path for folder in (home.archive, home.store, home.exports) for path in folder.rglob("*.part")]
    assert left == []


# --- from the user interface ----------------------------------------------------------------------------------------


def materialize(home, **selected):
    """What the UI does: materialize assets, whole or for partitions."""
    with history(home) as instance:
        result = dg.materialize(
            ASSETS, resources={"work": Work(home=str(home.root), catalogue="sample")}, instance=instance, **selected
        )
    assert result.success
    return result.run_id


@pytest.fixture
def new_home(tmp_path):
    """A home with nothing but Dagster's folder."""
    home = Home(tmp_path / "home")
    (home.root / "dagster").mkdir(parents=True)
    return home


def test_one_partition_materialized_in_the_ui_is_that_partition_alone(new_home, sample_home):
    run = materialize(new_home, partition_key=KEY)
    assert {pair for pair in materialized(new_home, run) if pair[0] in PARTITIONED} == {
        (step, KEY) for step in PARTITIONED
    }
    for table in ("reports", "requests", "reviews", "disclosures", "cells"):
        assert rows(new_home, table) == rows(sample_home, table, [KEY]), table
    assert checks(new_home, "arithmetic") == {KEY: (True, "ERROR")}


def test_a_backfill_of_several_partitions_is_one_run_with_a_materialization_each(new_home, sample_home):
    wanted = ["fuzhou-350100|2023", "fuzhou-350100|2024"]
    run = materialize(
        new_home,
        tags={"dagster/asset_partition_range_start": wanted[0], "dagster/asset_partition_range_end": wanted[1]},
        selection=list(PARTITIONED),
    )
    done = materialized(new_home, run)
    assert {pair for pair in done if pair[0] == "store"} == {("store", one) for one in wanted}
    launch("changed", new_home, catalogue="none")
    assert rows(new_home, "requests") == rows(sample_home, "requests", wanted)
    assert set(checks(new_home, "structure")) == set(wanted)
