import json
import pickle
import threading

import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from stored_rows import SUZHOU_2021, ZHOUKOU_2021, ZHOUKOU_2022, any_frames, frames_of, store_frame

import warehouse.store as store_module
from schemas import derive
from schemas.tables import PARTITIONED
from warehouse.files import write_durably
from warehouse.layout import Partition
from warehouse.store import (
    BrokenPartition,
    InvalidPartition,
    NoPartition,
    NoSuchTable,
    OutdatedPartition,
    files,
    manifest,
    manifests,
    partitions,
    read_partition,
    remove_partition,
    verify,
    write_partition,
)


def folder_state(folder):
    """Names, bytes and modification times: what an unnecessary write would change."""
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}


def checks(error: InvalidPartition):
    return {(problem.table, problem.column, problem.check) for problem in error.problems}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(frames=any_frames(ZHOUKOU_2021))
def test_what_is_written_is_read(tmp_path_factory, frames):
    store = tmp_path_factory.mktemp("store")
    written = write_partition(store, ZHOUKOU_2021, frames, "v1")
    for table in PARTITIONED:
        expected = store_frame(frames, table)
        found = read_partition(store, ZHOUKOU_2021, table)
        assert found.schema == derive.polars_schema(table)
        assert found.equals(expected)
        assert written.rows(table) == expected.height
    before = folder_state(store / ZHOUKOU_2021.path)
    shuffled = {table: frame.sample(fraction=1, shuffle=True, seed=1) for table, frame in frames.items()}
    assert write_partition(store, ZHOUKOU_2021, shuffled, "v1") == written
    assert folder_state(store / ZHOUKOU_2021.path) == before


def test_the_bytes_depend_on_the_rows_alone(tmp_path):
    frames = frames_of(ZHOUKOU_2021)
    parts = {table: pl.concat([frame[:1], frame[1:]], rechunk=False) for table, frame in frames.items()}
    first = write_partition(tmp_path / "a", ZHOUKOU_2021, frames, "v1")
    second = write_partition(tmp_path / "b", ZHOUKOU_2021, parts, "v1")
    assert first == second


def test_files_have_the_declared_arrow_schema_and_are_compressed(tmp_path):
    write_partition(tmp_path, ZHOUKOU_2021, frames_of(ZHOUKOU_2021), "v1")
    for table in frames_of(ZHOUKOU_2021):
        (path,) = files(tmp_path, table)
        assert pq.read_schema(path) == derive.arrow_schema(table)
        assert pq.read_metadata(path).row_group(0).column(0).compression == "ZSTD"


def test_the_manifest_names_files_rows_hashes_and_version(tmp_path):
    written = write_partition(tmp_path, ZHOUKOU_2021, frames_of(ZHOUKOU_2021), "sources abc, code 1")
    assert manifest(tmp_path, ZHOUKOU_2021) == written
    assert written.data_version == "sources abc, code 1"
    assert (written.rows("requests"), written.rows("statistics")) == (2, 0)
    on_disk = json.loads((tmp_path / ZHOUKOU_2021.path / "manifest.json").read_text())
    assert on_disk["partition"] == {"city": "zhoukou-411600", "year": 2021}
    named = {file["name"] for file in on_disk["files"]} | {"manifest.json"}
    assert named == {path.name for path in (tmp_path / ZHOUKOU_2021.path).iterdir()}


def test_another_data_version_changes_the_manifest_only(tmp_path):
    frames = frames_of(ZHOUKOU_2021)
    write_partition(tmp_path, ZHOUKOU_2021, frames, "v1")
    before = folder_state(tmp_path / ZHOUKOU_2021.path)
    write_partition(tmp_path, ZHOUKOU_2021, frames, "v2")
    after = folder_state(tmp_path / ZHOUKOU_2021.path)
    assert {name for name in after if after[name] != before.get(name)} == {"manifest.json"}
    assert manifest(tmp_path, ZHOUKOU_2021).data_version == "v2"


def test_a_replacement_removes_the_files_it_does_not_name(tmp_path):
    write_partition(tmp_path, ZHOUKOU_2021, frames_of(ZHOUKOU_2021, requests=1), "v1")
    old = set(files(tmp_path, "requests"))
    new = write_partition(tmp_path, ZHOUKOU_2021, frames_of(ZHOUKOU_2021, requests=2), "v2")
    assert not old & set((tmp_path / ZHOUKOU_2021.path).iterdir())
    assert len(list((tmp_path / ZHOUKOU_2021.path).iterdir())) == len(new.files) + 1


def test_partitions_and_files_are_listed_in_order(tmp_path):
    for partition in (ZHOUKOU_2022, SUZHOU_2021, ZHOUKOU_2021):
        write_partition(tmp_path, partition, frames_of(partition), "v1")
    (tmp_path / "city=zhoukou-411600" / "year=2023").mkdir()
    (tmp_path / "city=nowhere" / "year=2021").mkdir(parents=True)
    (tmp_path / "city=nowhere" / "year=2021" / "manifest.json").write_text("{}")
    expected = (SUZHOU_2021, ZHOUKOU_2021, ZHOUKOU_2022)
    assert partitions(tmp_path) == expected
    assert tuple(one.partition for one in manifests(tmp_path)) == expected
    assert [path.parent for path in files(tmp_path, "cells")] == [tmp_path / one.path for one in expected]
    assert files(tmp_path, "statistics") == ()


def test_an_empty_store_has_no_partitions(tmp_path):
    assert partitions(tmp_path / "none") == ()
    assert files(tmp_path / "none", "cells") == ()
    assert manifest(tmp_path / "none", ZHOUKOU_2021) is None
    with pytest.raises(NoPartition, match=r"zhoukou-411600\|2021.*gongkai run"):
        read_partition(tmp_path / "none", ZHOUKOU_2021, "cells")


def test_a_partition_without_rows_is_a_partition(tmp_path):
    write_partition(tmp_path, ZHOUKOU_2021, {"requests": derive.empty("requests")}, "v1")
    assert partitions(tmp_path) == (ZHOUKOU_2021,)
    assert read_partition(tmp_path, ZHOUKOU_2021, "requests").equals(derive.empty("requests"))


@pytest.mark.parametrize("table", ["regions", "nothing"])
def test_tables_that_are_not_partitioned_are_refused(tmp_path, table):
    write_partition(tmp_path, ZHOUKOU_2021, {}, "v1")
    with pytest.raises(NoSuchTable, match="disclosures"):
        read_partition(tmp_path, ZHOUKOU_2021, table)
    with pytest.raises(NoSuchTable):
        files(tmp_path, table)


def test_a_removed_partition_is_gone(tmp_path):
    write_partition(tmp_path, ZHOUKOU_2021, frames_of(ZHOUKOU_2021), "v1")
    remove_partition(tmp_path, ZHOUKOU_2021)
    remove_partition(tmp_path, SUZHOU_2021)
    assert partitions(tmp_path) == ()
    assert not list((tmp_path / ZHOUKOU_2021.path).iterdir())


class TestInvalid:
    def refused(self, tmp_path, frames) -> InvalidPartition:
        with pytest.raises(InvalidPartition) as raised:
            write_partition(tmp_path, ZHOUKOU_2021, frames, "v1")
        assert not list(tmp_path.rglob("*"))
        return raised.value

    def test_every_problem_of_every_table_is_reported_at_once(self, tmp_path):
        frames = frames_of(ZHOUKOU_2021)
        frames["requests"] = frames["requests"].with_columns(
            outcome=pl.Series(["new_requests", "nonsense"]), cell_id=pl.Series(["gone", None])
        )
        frames["reviews"] = frames["reviews"].with_columns(report_id=pl.lit("another"))
        frames["cells"] = frames["cells"].with_columns(page=pl.lit(0, pl.Int32))
        frames["findings"] = frames["findings"].with_columns(cell_ids=pl.Series([["gone"]]))
        frames["sections"] = frames["sections"].with_columns(city=pl.lit("suzhou-320500"), year=pl.lit(2020, pl.Int32))
        frames["tables"] = derive.empty("cells")
        error = self.refused(tmp_path, frames)
        found = {(problem.table, problem.column) for problem in error.problems}
        assert found == {
            ("tables", "*"),
            ("requests", "outcome"),
            ("requests", "cell_id"),
            ("reviews", "report_id"),
            ("cells", "page"),
            ("findings", "cell_ids"),
            ("sections", "city"),
            ("sections", "year"),
        }
        assert "requests.outcome: isin([" in str(error)
        assert "found nonsense" in str(error)

    def test_a_problem_shows_its_rows_and_values(self, tmp_path):
        frames = frames_of(ZHOUKOU_2021)
        frames["cells"] = frames["cells"].with_columns(row_no=pl.Series([1, 0, -3, 4], dtype=pl.Int32))
        (problem,) = self.refused(tmp_path, frames).problems
        assert (problem.table, problem.column, problem.check) == ("cells", "row_no", "greater_than_or_equal_to(1)")
        assert (problem.count, problem.rows, problem.values) == (2, (1, 2), ("0", "-3"))

    def test_a_repeated_key_is_shown_as_the_key(self, tmp_path):
        frames = frames_of(ZHOUKOU_2021)
        frames["reviews"] = pl.concat([frames["reviews"], frames["reviews"]])
        (problem,) = self.refused(tmp_path, frames).problems
        assert problem.column == "report_id, proceeding, result"
        assert (problem.count, problem.rows) == (2, (0, 1))
        assert problem.values[0] == "411600-2021-0 | administrative_review | upheld"

    def test_many_failing_rows_are_counted_and_the_first_shown(self, tmp_path):
        rows = [(f"c{number}", "r", "zhoukou-411600", 2021) for number in range(500)]
        frame = pl.DataFrame(rows, schema=["cell_id", "report_id", "city", "year"], orient="row")
        other = derive.empty("cells").drop(frame.columns)
        frame = frame.with_columns(pl.lit(None, dtype).alias(name) for name, dtype in other.schema.items())
        frame = frame.select(derive.empty("cells").columns).cast(derive.polars_schema("cells"))
        error = self.refused(tmp_path, {"cells": frame})
        nulls = next(problem for problem in error.problems if problem.column == "raw_text")
        assert (nulls.count, len(nulls.rows)) == (500, 5)
        assert "500 rows (0, 1, 2, 3, 4, …)" in str(nulls)

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda frame: frame.drop("report_id"),
            lambda frame: frame.drop("value"),
            lambda frame: frame.with_columns(extra=pl.lit(1)),
            lambda frame: frame.select(reversed(frame.columns)),
            lambda frame: frame.with_columns(pl.col("value").cast(pl.Float64)),
            lambda frame: frame.with_columns(pl.col("year").cast(pl.Int64)),
            lambda frame: frame.with_columns(city=pl.lit(1)),
            lambda frame: frame.clear().with_columns(pl.col("year").cast(pl.Int64)),
            lambda frame: frame.clear().drop("cell_id"),
        ],
        ids=["no key", "no column", "extra", "order", "type", "width", "check on another type", "empty", "empty short"],
    )
    def test_columns_that_are_not_the_declared_ones_are_refused(self, tmp_path, spoil):
        frames = frames_of(ZHOUKOU_2021)
        frames["requests"] = spoil(frames["requests"])
        error = self.refused(tmp_path, frames)
        assert {problem.table for problem in error.problems} == {"requests"}
        assert str(error).startswith("zhoukou-411600|2021: ")

    def test_a_column_that_is_not_the_declared_one_is_named(self, tmp_path):
        frames = frames_of(ZHOUKOU_2021)
        frames["cells"] = frames["cells"].drop("page", "path").with_columns(extra=pl.lit(1))
        frames["sections"] = frames["sections"].with_columns(pl.col("chapter").cast(pl.Int8))
        assert set(map(str, self.refused(tmp_path, frames).problems)) == {
            "cells.page: column is missing",
            "cells.path: column is missing",
            "cells.extra: column is not declared",
            "sections.chapter: dtype('Int32'), found Int8",
        }

    def test_facts_without_reports_and_cells_are_refused(self, tmp_path):
        frames = {"requests": frames_of(ZHOUKOU_2021)["requests"]}
        error = self.refused(tmp_path, frames)
        assert checks(error) == {
            ("requests", "report_id", "is in reports"),
            ("requests", "cell_id", "is in cells"),
        }

    def test_a_document_may_belong_to_a_report_that_was_not_loaded(self, tmp_path):
        frames = {"documents": frames_of(ZHOUKOU_2021)["documents"]}
        assert write_partition(tmp_path, ZHOUKOU_2021, frames, "v1").rows("documents") == 1

    def test_refused_frames_leave_the_stored_partition_alone(self, tmp_path):
        write_partition(tmp_path, ZHOUKOU_2021, frames_of(ZHOUKOU_2021), "v1")
        before = folder_state(tmp_path / ZHOUKOU_2021.path)
        with pytest.raises(InvalidPartition):
            write_partition(tmp_path, ZHOUKOU_2021, frames_of(SUZHOU_2021), "v2")
        assert folder_state(tmp_path / ZHOUKOU_2021.path) == before

    def test_errors_survive_a_process_boundary(self, tmp_path):
        error = self.refused(tmp_path, frames_of(SUZHOU_2021))
        for one in (
            error,
            NoPartition(ZHOUKOU_2021),
            BrokenPartition(ZHOUKOU_2021, "reason"),
            OutdatedPartition(ZHOUKOU_2021),
            NoSuchTable("x"),
        ):
            copy = pickle.loads(pickle.dumps(one))  # noqa: S301 - our own bytes
            assert type(copy) is type(one)
            assert str(copy) == str(one)


class TestDamage:
    @pytest.fixture
    def store(self, tmp_path):
        write_partition(tmp_path, ZHOUKOU_2021, frames_of(ZHOUKOU_2021), "v1")
        return tmp_path

    def test_a_missing_file_is_named(self, store):
        (path,) = files(store, "cells")
        path.unlink()
        with pytest.raises(BrokenPartition, match=rf"{path.name} is missing"):
            read_partition(store, ZHOUKOU_2021, "cells")
        with pytest.raises(BrokenPartition):
            verify(store, manifest(store, ZHOUKOU_2021))

    def test_a_changed_file_is_named(self, store):
        (path,) = files(store, "cells")
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
        with pytest.raises(BrokenPartition, match=rf"{path.name} has SHA-256"):
            read_partition(store, ZHOUKOU_2021, "cells")

    def test_writing_again_mends_it(self, store):
        for path in files(store, "cells") + files(store, "requests"):
            path.write_bytes(b"")
        (store / ZHOUKOU_2021.path / "manifest.json").write_bytes(b"{")
        with pytest.raises(BrokenPartition, match=r"manifest\.json cannot be read"):
            manifest(store, ZHOUKOU_2021)
        write_partition(store, ZHOUKOU_2021, frames_of(ZHOUKOU_2021), "v1")
        verify(store, manifest(store, ZHOUKOU_2021))
        assert read_partition(store, ZHOUKOU_2021, "cells").height == 4

    @pytest.mark.parametrize("text", ["", "[]", "{}", '{"partition": 1}', '{"partition": "suzhou-320500|2021"}'])
    def test_a_manifest_that_says_something_else_is_damage(self, store, text):
        (store / ZHOUKOU_2021.path / "manifest.json").write_text(text)
        with pytest.raises(BrokenPartition):
            manifest(store, ZHOUKOU_2021)

    def test_the_manifest_of_another_partition_is_damage(self, store):
        write_partition(store, SUZHOU_2021, frames_of(SUZHOU_2021), "v1")
        other = store / SUZHOU_2021.path / "manifest.json"
        (store / ZHOUKOU_2021.path / "manifest.json").write_bytes(other.read_bytes())
        with pytest.raises(BrokenPartition, match="suzhou"):
            manifest(store, ZHOUKOU_2021)

    def test_a_partition_of_other_columns_is_not_mixed_in(self, store, monkeypatch):
        monkeypatch.setattr(store_module, "schema_fingerprint", lambda: "another")
        with pytest.raises(OutdatedPartition, match="gongkai run"):
            read_partition(store, ZHOUKOU_2021, "cells")
        with pytest.raises(OutdatedPartition):
            verify(store, manifest(store, ZHOUKOU_2021))


class Killed(BaseException):
    """What a signal would do: nothing handles it."""


class TestKilled:
    # requests, sections, cells and the manifest change, in this order.
    @pytest.mark.parametrize("survived", range(4))
    def test_a_writer_killed_at_any_file_leaves_the_old_partition(self, tmp_path, monkeypatch, survived):
        old, new = frames_of(ZHOUKOU_2021, requests=1), frames_of(ZHOUKOU_2021, requests=2)
        new["sections"] = new["sections"].with_columns(text=pl.lit("neu"))
        write_partition(tmp_path, ZHOUKOU_2021, old, "v1")
        written = []

        def dying(path, data):
            if len(written) == survived:
                path.with_name(f".{path.name}.part").write_bytes(data[:10])
                raise Killed
            write_durably(path, data)
            written.append(path.name)

        with monkeypatch.context() as patched:
            patched.setattr(store_module, "write_durably", dying)
            with pytest.raises(Killed):
                write_partition(tmp_path, ZHOUKOU_2021, new, "v2")
        assert len(written) == survived
        assert partitions(tmp_path) == (ZHOUKOU_2021,)
        assert manifest(tmp_path, ZHOUKOU_2021).data_version == "v1"
        for table in PARTITIONED:
            assert read_partition(tmp_path, ZHOUKOU_2021, table).equals(store_frame(old, table))
        now = write_partition(tmp_path, ZHOUKOU_2021, new, "v2")
        assert len(list((tmp_path / ZHOUKOU_2021.path).iterdir())) == len(now.files) + 1
        for table in PARTITIONED:
            assert read_partition(tmp_path, ZHOUKOU_2021, table).equals(store_frame(new, table))

    def test_leftovers_are_removed_even_where_nothing_changed(self, tmp_path):
        frames = frames_of(ZHOUKOU_2021)
        write_partition(tmp_path, ZHOUKOU_2021, frames, "v1")
        folder = tmp_path / ZHOUKOU_2021.path
        before = folder_state(folder)
        (folder / "requests-000000000000.parquet").write_bytes(b"half")
        (folder / ".manifest.json.0.part").write_bytes(b"{")
        assert read_partition(tmp_path, ZHOUKOU_2021, "requests").height == 2
        write_partition(tmp_path, ZHOUKOU_2021, frames, "v1")
        assert folder_state(folder) == before

    def test_a_first_write_that_was_killed_is_no_partition(self, tmp_path):
        folder = tmp_path / ZHOUKOU_2021.path
        folder.mkdir(parents=True)
        (folder / "requests-000000000000.parquet").write_bytes(b"half")
        assert partitions(tmp_path) == ()
        with pytest.raises(NoPartition):
            read_partition(tmp_path, ZHOUKOU_2021, "requests")
        write_partition(tmp_path, ZHOUKOU_2021, frames_of(ZHOUKOU_2021), "v1")
        assert read_partition(tmp_path, ZHOUKOU_2021, "requests").height == 2


class TestTogether:
    def test_two_writers_and_a_reader_never_see_half_a_partition(self, tmp_path):
        states = [frames_of(ZHOUKOU_2021, requests=number) for number in (1, 2)]
        write_partition(tmp_path, ZHOUKOU_2021, states[0], "v1")
        failures = []

        def write(frames, version):
            try:
                for _ in range(5):
                    write_partition(tmp_path, ZHOUKOU_2021, frames, version)
            except Exception as error:  # noqa: BLE001 - a thread's error is reported by the test
                failures.append(error)

        writers = [threading.Thread(target=write, args=(frames, f"v{number}")) for number, frames in enumerate(states)]
        for writer in writers:
            writer.start()
        seen = []
        while any(writer.is_alive() for writer in writers):
            seen.append(read_partition(tmp_path, ZHOUKOU_2021, "requests"))
        assert failures == []
        expected = [store_frame(frames, "requests") for frames in states]
        assert all(any(frame.equals(one) for one in expected) for frame in seen)
        verify(tmp_path, manifest(tmp_path, ZHOUKOU_2021))

    def test_a_reader_whose_files_were_just_replaced_reads_the_new_ones(self, tmp_path, monkeypatch):
        write_partition(tmp_path, ZHOUKOU_2021, frames_of(ZHOUKOU_2021, requests=1), "v1")
        stale = manifest(tmp_path, ZHOUKOU_2021)
        write_partition(tmp_path, ZHOUKOU_2021, frames_of(ZHOUKOU_2021, requests=2), "v2")
        read = store_module.manifest
        answers = iter([stale])
        monkeypatch.setattr(
            store_module, "manifest", lambda store, partition: next(answers, None) or read(store, partition)
        )
        found = read_partition(tmp_path, ZHOUKOU_2021, "requests")
        assert found.equals(store_frame(frames_of(ZHOUKOU_2021, requests=2), "requests"))


def test_a_partition_is_checked_before_anything_touches_the_disk():
    with pytest.raises(ValueError, match="no city slug"):
        Partition("../../etc", 2021)
