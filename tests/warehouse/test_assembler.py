import hashlib
import json
import pickle
import subprocess
import sys
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stored_rows import (
    SUZHOU_2021,
    ZHOUKOU_2021,
    ZHOUKOU_2022,
    divisions,
    frame_of,
    frames_of,
    series_finding,
    store_frame,
)

import warehouse.assembler as assembler_module
import warehouse.store as store_module
from schemas import derive
from schemas.tables import PARTITIONED, TABLES
from warehouse import marts
from warehouse.assembler import BUILD_TABLE, IncompleteLoad, InvalidFrame, assemble
from warehouse.layout import Home, Partition
from warehouse.reader import open_warehouse, sort_order
from warehouse.store import BrokenPartition, OutdatedPartition, files, remove_partition, write_partition

ROOT = Path(__file__).parents[2]
NO_FINDINGS = derive.empty("findings")


def build(home, findings=NO_FINDINGS):
    return assemble(home, regions=divisions(), series_findings=findings)


def content(home):
    """Every table as it physically lies in the file."""
    with open_warehouse(home.database) as warehouse:
        return {table: warehouse.query(f"FROM {derive.quoted(table)}") for table in (*derive.tables(), BUILD_TABLE)}


def same(one, other):
    return one.keys() == other.keys() and all(one[table].equals(other[table]) for table in one)


@pytest.mark.parametrize("table", PARTITIONED)
def test_the_warehouse_has_the_rows_of_the_store(assembled_home, table):
    stored = pl.concat([derive.empty(table), *map(pl.read_parquet, files(assembled_home.store, table))])
    if table == "findings":
        stored = pl.concat([stored, series_finding(ZHOUKOU_2022)])
    with open_warehouse(assembled_home.database) as warehouse:
        loaded = warehouse.query(f"FROM {table}")
    assert loaded.equals(stored.sort(sort_order(table)))
    assert loaded.schema == derive.polars_schema(table)


def test_regions_are_loaded_by_code(assembled_home):
    with open_warehouse(assembled_home.database) as warehouse:
        assert warehouse.query("SELECT * FROM regions").equals(divisions().sort("adcode"))


def test_every_table_and_column_has_its_comment_and_type(assembled_home):
    with open_warehouse(assembled_home.database) as warehouse:
        tables = dict(warehouse.query("SELECT table_name, comment FROM duckdb_tables() ORDER BY 1").rows())
        columns = warehouse.query(
            "SELECT table_name, column_name, data_type, is_nullable, comment FROM duckdb_columns() "
            "WHERE NOT internal ORDER BY table_name, column_index"
        ).rows()
    assert tables.keys() == {*derive.tables(), BUILD_TABLE}
    assert all(" | " in comment for comment in tables.values())
    assert all(" | " in comment for *_, comment in columns)
    for table in derive.tables():
        assert [row[1:] for row in columns if row[0] == table] == [
            (column.name, derive.duckdb_type(column.dtype), column.nullable, derive.comment(column))
            for column in derive.columns(table)
        ]


def test_counts_are_reported(home):
    built = build(home, series_finding(ZHOUKOU_2021))
    assert built.rebuilt
    assert built.partitions == 3
    assert built.rows == {
        "regions": 2,
        "documents": 3,
        "reports": 3,
        "disclosures": 3,
        "requests": 6,
        "reviews": 3,
        "statistics": 0,
        "narrative": 0,
        "sections": 3,
        "cells": 12,
        "findings": 4,
        "corrections": 0,
        "population": 0,
    }
    assert built.marts == {
        "indicators": marts.declared()["declared_indicators"].height,
        "time_series": 12,
        "city_year": 3,
        "national_year": 2,
        "report_quality": 3,
        "quality": 2,
    }
    assert built.repeated_keys == {}


def test_assembling_again_does_nothing_and_says_so(home):
    first = build(home)
    before = home.database.stat()
    again = build(home)
    assert not again.rebuilt
    assert (again.rows, again.partitions) == (first.rows, first.partitions)
    after = home.database.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_assembling_anew_gives_the_same_content(home):
    build(home)
    first = content(home)
    home.database.unlink()
    assert build(home).rebuilt
    assert same(content(home), first)


def test_neither_the_order_of_frames_nor_a_data_version_is_a_change(home):
    build(home, pl.concat([series_finding(ZHOUKOU_2021), series_finding(ZHOUKOU_2022)]))
    write_partition(home.store, ZHOUKOU_2021, frames_of(ZHOUKOU_2021), "v2")
    again = assemble(
        home,
        regions=divisions().reverse(),
        series_findings=pl.concat([series_finding(ZHOUKOU_2022), series_finding(ZHOUKOU_2021)]),
    )
    assert not again.rebuilt


@pytest.mark.parametrize(
    "change",
    [
        lambda home: write_partition(home.store, ZHOUKOU_2021, frames_of(ZHOUKOU_2021, requests=8), "v1"),
        lambda home: remove_partition(home.store, SUZHOU_2021),
        lambda home: write_partition(home.store, Partition("suzhou-320500", 2022), {}, "v1"),
        lambda home: home.database.write_bytes(b"rubbish"),
    ],
    ids=["partition changed", "partition removed", "partition without rows added", "file spoilt"],
)
def test_a_change_is_assembled(home, change):
    build(home)
    change(home)
    assert build(home).rebuilt
    stored = pl.concat(map(pl.read_parquet, files(home.store, "requests")))
    assert content(home)["requests"].equals(stored)


def test_other_findings_divisions_or_tables_are_a_change(home, monkeypatch):
    build(home)
    assert build(home, series_finding(ZHOUKOU_2021)).rebuilt
    renamed = divisions().with_columns(name=pl.lit("市"))
    assert assemble(home, regions=renamed, series_findings=series_finding(ZHOUKOU_2021)).rebuilt
    ddl = derive.ddl
    monkeypatch.setattr(derive, "ddl", lambda table: [*ddl(table), f"COMMENT ON TABLE {table} IS 'x | y'"])
    assert assemble(home, regions=renamed, series_findings=series_finding(ZHOUKOU_2021)).rebuilt


def test_a_file_of_another_make_is_replaced(home):
    with duckdb.connect(home.database) as connection:
        connection.execute(f"CREATE TABLE {BUILD_TABLE} AS SELECT 'made' AS name, 'by hand' AS value")
    assert build(home).rebuilt
    assert content(home)["requests"].height == 6


def test_an_empty_store_makes_an_empty_warehouse(tmp_path):
    built = build(Home(tmp_path / "home"))
    assert built.rows == {table: 2 if table == "regions" else 0 for table in TABLES}
    assert built.partitions == 0


def test_what_is_not_valid_is_refused_before_anything_is_built(home):
    with pytest.raises(InvalidFrame) as raised:
        assemble(
            home,
            regions=divisions().with_columns(adcode=pl.lit("1")),
            series_findings=series_finding(ZHOUKOU_2021).with_columns(severity=pl.lit("grave")),
        )
    found = {(problem.table, problem.column) for problem in raised.value.problems}
    assert found == {("regions", "adcode"), ("findings", "severity")}
    assert not home.database.exists()
    copy = pickle.loads(pickle.dumps(raised.value))  # noqa: S301 - our own bytes
    assert str(copy) == str(raised.value)


class TestReaders:
    def test_who_has_the_old_file_open_keeps_it_and_who_comes_later_sees_the_new(self, home):
        build(home)
        with open_warehouse(home.database) as early:
            write_partition(home.store, ZHOUKOU_2021, frames_of(ZHOUKOU_2021, requests=8), "v2")
            assert build(home).rebuilt
            assert early.table("requests")["value"].sum() == 21
            with open_warehouse(home.database) as late:
                assert late.table("requests")["value"].sum() == 22
            assert not build(home).rebuilt
            assert early.table("requests")["value"].sum() == 21

    def test_another_process_reads_on_while_the_file_is_replaced(self, home):
        build(home)
        program = (
            "import sys\nfrom pathlib import Path\nfrom warehouse.reader import open_warehouse\n"
            "path = Path(sys.argv[1])\nwarehouse = open_warehouse(path)\n"
            "print('open', flush=True)\nsys.stdin.readline()\n"
            "print(warehouse.table('requests')['value'].sum())\n"
            "print(open_warehouse(path).table('requests')['value'].sum())\n"
        )
        with subprocess.Popen(
            [sys.executable, "-c", program, str(home.database)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as reader:
            assert reader.stdout.readline() == "open\n"
            write_partition(home.store, ZHOUKOU_2021, frames_of(ZHOUKOU_2021, requests=8), "v2")
            assert build(home).rebuilt
            found, _ = reader.communicate("\n", timeout=60)
        assert found.split() == ["21", "22"]


class TestFailure:
    def test_a_killed_assembler_leaves_rubbish_that_the_next_removes(self, home):
        build(home)
        before = content(home)
        for suffix in ("", ".wal"):
            (home.root / f".warehouse.duckdb.part{suffix}").write_bytes(b"half")
        (home.root / ".warehouse.duckdb.part.tmp").mkdir()
        assert same(content(home), before)
        assert not build(home).rebuilt
        assert {path.name for path in home.root.iterdir()} == {"store", "warehouse.duckdb", "work"}

    def test_a_failure_before_publishing_keeps_the_old_file(self, home, monkeypatch):
        build(home)
        before = content(home)
        write_partition(home.store, ZHOUKOU_2021, frames_of(ZHOUKOU_2021, requests=8), "v2")

        def killed(*_):
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(assembler_module, "publish", killed)
            with pytest.raises(KeyboardInterrupt):
                build(home)
        assert same(content(home), before)
        assert {path.name for path in home.root.iterdir()} == {"store", "warehouse.duckdb", "work"}
        assert build(home).rebuilt

    def test_the_log_of_a_stranger_is_not_replayed_on_the_new_file(self, home):
        build(home)
        program = (
            "import duckdb, os, sys\nconnection = duckdb.connect(sys.argv[1])\n"
            'connection.execute("UPDATE requests SET value = 1000")\nos._exit(9)\n'
        )
        subprocess.run([sys.executable, "-c", program, str(home.database)], check=False)
        assert home.database.with_name("warehouse.duckdb.wal").exists()
        write_partition(home.store, ZHOUKOU_2021, frames_of(ZHOUKOU_2021, requests=8), "v2")
        build(home)
        assert content(home)["requests"]["value"].sum() == 22

    def test_a_damaged_partition_is_named_and_the_old_file_stays(self, home):
        build(home)
        before = content(home)
        write_partition(home.store, ZHOUKOU_2021, frames_of(ZHOUKOU_2021, requests=8), "v2")
        (path,) = set(files(home.store, "cells")) & set((home.store / SUZHOU_2021.path).iterdir())
        path.write_bytes(path.read_bytes()[:-1])
        with pytest.raises(BrokenPartition, match=r"suzhou-320500\|2021"):
            build(home)
        path.unlink()
        with pytest.raises(BrokenPartition, match="is missing"):
            build(home)
        assert same(content(home), before)

    def test_a_partition_of_other_columns_is_named(self, home, monkeypatch):
        monkeypatch.setattr(store_module, "schema_fingerprint", lambda: "another")
        with pytest.raises(OutdatedPartition, match=r"suzhou-320500\|2021"):
            build(home)

    def test_rows_that_did_not_arrive_are_noticed(self, home, monkeypatch):
        scan = assembler_module.scan

        def lossy(store, known, table):
            return scan(store, known[1:] if table == "reviews" else known, table)

        monkeypatch.setattr(assembler_module, "scan", lossy)
        with pytest.raises(IncompleteLoad, match="reviews: 2 rows were loaded, the store has 3"):
            build(home)
        assert not home.database.exists()

    def test_partitions_are_read_a_few_at_a_time_in_their_order(self, home, monkeypatch):
        build(home)
        at_once = content(home)
        home.database.unlink()
        monkeypatch.setattr(assembler_module, "_MOST_ROWS", 1)
        build(home)
        assert same(content(home), at_once)

    def test_a_partition_replaced_while_assembling_is_read_again(self, home, monkeypatch):
        verify = assembler_module.verify
        pending = [frames_of(ZHOUKOU_2021, requests=8), frames_of(ZHOUKOU_2021, requests=9)]

        def meddling(store, known):
            verify(store, known)
            if known.partition == ZHOUKOU_2021 and pending:
                write_partition(home.store, ZHOUKOU_2021, pending.pop(0), "v2")

        monkeypatch.setattr(assembler_module, "verify", meddling)
        assert build(home).rebuilt
        assert content(home)["requests"]["value"].sum() == 23


def in_no_order(home):
    """Every table that is data, with its rows sorted."""
    return {table: rows.sort(rows.columns) for table, rows in content(home).items() if table != BUILD_TABLE}


STATES = (
    *({"requests": value, "document": letter * 64} for value, letter in ((7, "1"), (8, "2"), (9, "3"))),
    None,
)
"""What a partition may hold; None: it is not there."""


def put(home, partition, state):
    if state is None:
        remove_partition(home.store, partition)
    else:
        own = f"{partition.key}{state['document']}".encode()
        document = hashlib.sha256(own).hexdigest()
        write_partition(home.store, partition, frames_of(partition, **state | {"document": document}), "v1")


class TestUpdate:
    @pytest.fixture(autouse=True)
    def every_change_is_small(self, monkeypatch):
        monkeypatch.setattr(assembler_module, "MOST_LOOSE", 10.0)

    @pytest.fixture(autouse=True)
    def updates(self, monkeypatch):
        """The updates that were made."""
        made = []
        update = assembler_module._update

        def noted(*arguments):
            made.append(arguments)
            return update(*arguments)

        monkeypatch.setattr(assembler_module, "_update", noted)
        return made

    @settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.lists(
            st.tuples(st.sampled_from([ZHOUKOU_2021, ZHOUKOU_2022, SUZHOU_2021]), st.sampled_from(STATES)),
            min_size=1,
            max_size=4,
        ),
        st.booleans(),
    )
    def test_an_updated_file_holds_what_one_built_anew_holds(self, tmp_path_factory, updates, changes, found):
        home = Home(tmp_path_factory.mktemp("updated") / "home")
        put(home, ZHOUKOU_2021, STATES[0])
        put(home, SUZHOU_2021, STATES[0])
        build(home)
        for partition, state in changes:
            before = len(updates)
            put(home, partition, state)
            there = (home.store / ZHOUKOU_2021.path / "manifest.json").exists()
            findings = series_finding(ZHOUKOU_2021) if found and there else NO_FINDINGS
            built = build(home, findings)
            assert len(updates) == before + (built.rebuilt and built.partitions > 0)  # nothing left is built anew
            updated = in_no_order(home)
            home.database.rename(home.root / "updated.duckdb")
            anew = build(home, findings)
            assert same(updated, in_no_order(home))
            assert (built.rows, built.marts, built.partitions) == (anew.rows, anew.marts, anew.partitions)
            home.database.unlink()
            (home.root / "updated.duckdb").rename(home.database)
            status = home.database.stat()
            (home.work / "assembled.json").write_text(json.dumps([status.st_size, status.st_mtime_ns]))

    def test_a_file_that_somebody_wrote_to_is_built_anew(self, home, updates):
        build(home)
        with duckdb.connect(home.database) as connection:
            connection.execute("UPDATE requests SET value = 1000")
        write_partition(home.store, ZHOUKOU_2021, frames_of(ZHOUKOU_2021, requests=8), "v2")
        build(home)
        assert not updates
        assert content(home)["requests"]["value"].sum() == 22

    def test_other_tables_or_marts_are_built_anew(self, home, updates, monkeypatch):
        build(home)
        ddl = derive.ddl
        monkeypatch.setattr(derive, "ddl", lambda table: [*ddl(table), f"COMMENT ON TABLE {table} IS 'x | y'"])
        assert build(home).rebuilt
        assert not updates

    def test_with_too_many_rows_out_of_order_all_is_built_anew(self, home, updates, monkeypatch):
        build(home)
        monkeypatch.setattr(assembler_module, "MOST_LOOSE", 0.4)  # one of three
        for times, partition in enumerate((SUZHOU_2021, SUZHOU_2021, ZHOUKOU_2021)):
            write_partition(home.store, partition, frames_of(partition, requests=20 + times), "v2")
            build(home)
        assert len(updates) == 2
        stored = pl.concat(map(pl.read_parquet, files(home.store, "requests")))
        assert content(home)["requests"].equals(stored)

    def test_a_failure_keeps_the_old_file(self, home, updates, monkeypatch):
        build(home)
        before = content(home)
        write_partition(home.store, ZHOUKOU_2021, frames_of(ZHOUKOU_2021, requests=8), "v2")
        scan = assembler_module.scan

        def lossy(store, known, table):
            return scan(store, [] if table == "reviews" else known, table)

        with monkeypatch.context() as patched:
            patched.setattr(assembler_module, "scan", lossy)
            with pytest.raises(IncompleteLoad, match="reviews: 2 rows were loaded, the store has 3"):
                build(home)
        assert updates
        assert same(content(home), before)
        assert build(home).rebuilt


class TestRepeatedKeys:
    def test_a_document_filed_under_two_partitions_is_loaded_and_counted(self, home):
        write_partition(home.store, SUZHOU_2021, frames_of(SUZHOU_2021, document="a" * 64), "v2")
        write_partition(home.store, ZHOUKOU_2021, frames_of(ZHOUKOU_2021, document="a" * 64), "v2")
        built = build(home)
        assert built.repeated_keys == {"documents": 1, "cells": 4}
        assert built.rows["cells"] == 12
        assert build(home).repeated_keys == built.repeated_keys

    def test_a_finding_between_years_that_repeats_a_stored_one_is_counted(self, home):
        stored = store_frame(frames_of(ZHOUKOU_2021), "findings")
        assert build(home, stored).repeated_keys == {"findings": 1}


def test_text_arrives_as_it_was(home):
    odd = "'; DROP TABLE cells; --\n\t\"𠮷\u3000户\u0000⼾\ufeff"
    frames = frames_of(ZHOUKOU_2021)
    frames["cells"] = frames["cells"].with_columns(raw_text=pl.lit(odd))
    write_partition(home.store, ZHOUKOU_2021, frames, "v2")
    build(home)
    with open_warehouse(home.database) as warehouse:
        assert set(warehouse.table("cells", ZHOUKOU_2021.city, 2021)["raw_text"]) == {odd}


def test_the_file_opens_in_plain_duckdb(home):
    build(home)
    with duckdb.connect(home.database, read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM requests").fetchone() == (6,)
    assert not home.database.with_name("warehouse.duckdb.wal").exists()


def test_a_home_whose_path_needs_quoting(tmp_path):
    home = Home(tmp_path / "it's a [home] *")
    write_partition(home.store, ZHOUKOU_2021, frames_of(ZHOUKOU_2021), "v1")
    assert build(home).rows["requests"] == 2


def test_a_series_finding_stands_beside_those_of_its_partition(home):
    build(home, series_finding(SUZHOU_2021))
    found = content(home)["findings"]
    assert found["city"].to_list() == sorted(found["city"].to_list())
    expected = pl.concat([store_frame(frames_of(SUZHOU_2021), "findings"), series_finding(SUZHOU_2021)])
    assert found.filter(city=SUZHOU_2021.city).equals(expected.sort(derive.key("findings")))


def test_frames_of_no_rows_need_no_report(home):
    assert build(home, frame_of("findings", [])).rows["findings"] == 3
