import duckdb
import polars as pl
import pyarrow as arrow
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from polars.testing import assert_frame_equal
from stored_rows import SUZHOU_2021, ZHOUKOU_2021, ZHOUKOU_2022, divisions, frames_of, series_finding, store_frame

import warehouse.export as export_module
from schemas import derive
from schemas.tables import PARTITIONED
from warehouse.assembler import assemble
from warehouse.export import export, published_order
from warehouse.layout import Home, Partition
from warehouse.reader import NoWarehouse, open_warehouse
from warehouse.store import remove_partition, write_partition

HIVE = arrow.schema([("city", arrow.string()), ("year", arrow.int32())])
WITH_ROWS = tuple(table for table in PARTITIONED if table not in {"corrections", "statistics", "narrative"})


@pytest.fixture(scope="module")
def exported(assembled_home):
    export(assembled_home)
    return assembled_home


def build(home):
    assemble(home, regions=divisions(), series_findings=series_finding(ZHOUKOU_2022))


def states(home):
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in home.parquet.rglob("*.parquet")}


def in_warehouse(home, table):
    with open_warehouse(home.database) as warehouse:
        return warehouse.table(table)


def declared(frame, table):
    """The frame with the columns and types of the table, whatever the reader made of city and year."""
    return frame.select(list(derive.polars_schema(table))).cast({"year": pl.Int32}, strict=True)


@pytest.mark.parametrize("table", WITH_ROWS)
class TestHive:
    def test_polars(self, exported, table):
        found = pl.read_parquet(exported.parquet / table)
        assert found.schema["city"] == pl.String
        assert found.schema["year"].is_integer()
        assert_frame_equal(declared(found, table), in_warehouse(exported, table), check_row_order=False)

    def test_pyarrow_dataset(self, exported, table):
        found = ds.dataset(exported.parquet / table, partitioning="hive").to_table()
        assert found.schema.field("city").type == arrow.string()
        assert found.schema.field("year").type == arrow.int32()
        expected = in_warehouse(exported, table)
        assert_frame_equal(declared(pl.DataFrame(found), table), expected, check_row_order=False)

    def test_pyarrow_read_table(self, exported, table):
        found = pl.DataFrame(pq.read_table(exported.parquet / table)).cast({"city": pl.String})
        expected = in_warehouse(exported, table)
        assert_frame_equal(declared(found, table), expected, check_row_order=False)

    def test_duckdb(self, exported, table):
        files = f"{exported.parquet / table}/*/*/*.parquet"
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            found = pl.DataFrame(connection.execute("SELECT * FROM read_parquet(?)", [files]).to_arrow_table())
        assert found.schema["city"] == pl.String
        assert found.schema["year"].is_integer()
        expected = in_warehouse(exported, table)
        assert_frame_equal(declared(found, table), expected, check_row_order=False)


def test_every_reader_selects_by_partition(exported):
    folder = exported.parquet / "cells"
    by_polars = pl.scan_parquet(folder).filter(city=ZHOUKOU_2021.city, year=2021).collect()
    wanted = (ds.field("city") == ZHOUKOU_2021.city) & (ds.field("year") == 2021)
    by_pyarrow = ds.dataset(folder, partitioning="hive").to_table(filter=wanted)
    with duckdb.connect() as connection:
        by_duckdb = connection.execute(
            "SELECT count(*) FROM read_parquet(?) WHERE city = ? AND year = ?",
            [f"{folder}/*/*/*.parquet", ZHOUKOU_2021.city, 2021],
        ).fetchone()
    assert (by_polars.height, by_pyarrow.num_rows, by_duckdb) == (4, 4, (4,))


@pytest.mark.parametrize("table", derive.tables())
def test_one_file_has_all_rows_in_order_and_all_columns(exported, table):
    path = exported.parquet / f"{table}.parquet"
    expected = in_warehouse(exported, table).sort(published_order(table))
    assert pl.read_parquet(path).equals(expected)
    assert pq.read_schema(path) == derive.arrow_schema(table)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        by_duckdb = connection.execute("SELECT * FROM read_parquet(?)", [str(path)]).to_arrow_table()
    assert pl.DataFrame(by_duckdb).equals(expected)
    assert pl.DataFrame(pq.read_table(path)).equals(expected)


@pytest.mark.parametrize("partition", [SUZHOU_2021, ZHOUKOU_2021, ZHOUKOU_2022], ids=lambda one: one.key)
def test_a_hive_file_has_the_rows_of_its_partition_without_its_name(exported, partition):
    for table in ("requests", "cells", "reports"):
        path = exported.parquet / table / partition.path / f"{table}.parquet"
        expected = store_frame(frames_of(partition), table).drop("city", "year")
        assert pl.read_parquet(path, hive_partitioning=False).equals(expected)


def test_regions_are_one_file_only(exported):
    assert not (exported.parquet / "regions").exists()
    assert pl.read_parquet(exported.parquet / "regions.parquet").height == 2


def test_exporting_again_touches_nothing(home):
    build(home)
    first = export(home)
    before = states(home)
    assert (first.written, first.unchanged, first.removed) == (len(before), 0, 0)
    again = export(home)
    assert (again.written, again.unchanged, again.removed) == (0, len(before), 0)
    assert states(home) == before


def test_only_what_changed_is_written(home):
    build(home)
    export(home)
    before = states(home)
    write_partition(home.store, ZHOUKOU_2021, frames_of(ZHOUKOU_2021, requests=8), "v2")
    build(home)
    summary = export(home)
    after = states(home)
    changed = {path.relative_to(home.parquet).as_posix() for path in after if after[path] != before.get(path)}
    assert changed == {
        "requests.parquet",
        "cells.parquet",
        "requests/city=zhoukou-411600/year=2021/requests.parquet",
        "cells/city=zhoukou-411600/year=2021/cells.parquet",
        *("time_series.parquet", "city_year.parquet", "national_year.parquet"),
    }
    assert summary.written == len(changed)


def test_partitions_that_are_no_more_are_removed(home):
    build(home)
    before = export(home)
    remove_partition(home.store, SUZHOU_2021)
    build(home)
    summary = export(home)
    assert summary.removed == len(WITH_ROWS)
    assert summary.written + summary.unchanged == before.written - summary.removed
    assert not list(home.parquet.rglob("*suzhou*"))
    assert (home.parquet / "cells" / ZHOUKOU_2021.path).exists()


def test_what_a_killed_export_left_is_removed_and_other_files_are_not(home):
    build(home)
    export(home)
    before = states(home)
    (home.parquet / ".cells.parquet.0.part").write_bytes(b"half")
    (home.parquet / "cells" / ZHOUKOU_2021.path / ".cells.parquet.0.part").write_bytes(b"half")
    (home.parquet / "README.md").write_text("mine")
    assert export(home).removed == 2
    assert states(home) == before
    assert not list(home.parquet.rglob("*.part"))
    assert (home.parquet / "README.md").exists()


def test_a_damaged_file_is_mended(home):
    build(home)
    export(home)
    before = {path: data for path, (data, _) in states(home).items()}
    for path in (home.parquet / "cells.parquet", home.parquet / "cells" / SUZHOU_2021.path / "cells.parquet"):
        path.write_bytes(b"")
    assert export(home).written == 2
    assert {path: data for path, (data, _) in states(home).items()} == before


def test_the_bytes_depend_on_the_rows_alone(exported, tmp_path):
    other = Home(tmp_path / "other")
    for partition in (ZHOUKOU_2021, ZHOUKOU_2022, SUZHOU_2021):
        write_partition(other.store, partition, frames_of(partition), "another version")
    build(other)
    export(other)
    first, second = (
        {path.relative_to(home.parquet): data for path, (data, _) in states(home).items()} for home in (exported, other)
    )
    assert first == second


@pytest.mark.parametrize(("most", "expected"), [(1, [2, 2, 2]), (100, [4, 2])])
def test_a_row_group_holds_one_year_and_whole_cities(home, monkeypatch, most, expected):
    monkeypatch.setattr(export_module, "ROW_GROUP", most)
    build(home)
    export(home)
    path = home.parquet / "requests.parquet"
    metadata = pq.read_metadata(path)
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    assert [group.num_rows for group in groups] == expected
    year = metadata.schema.names.index("year")
    assert all(group.column(year).statistics.min == group.column(year).statistics.max for group in groups)
    assert pl.read_parquet(path).equals(in_warehouse(home, "requests").sort(published_order("requests")))


def test_a_failing_export_leaves_no_half_file(home, monkeypatch):
    build(home)
    export(home)
    before = states(home)
    write_partition(home.store, ZHOUKOU_2021, frames_of(ZHOUKOU_2021, requests=8), "v2")
    build(home)

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(export_module, "write_if_changed", killed)
    with pytest.raises(KeyboardInterrupt):
        export(home)
    assert states(home) == before
    assert not list(home.parquet.rglob("*.part"))


def test_without_a_warehouse_nothing_is_exported(tmp_path):
    with pytest.raises(NoWarehouse, match="gongkai run"):
        export(Home(tmp_path))
    assert not list(tmp_path.iterdir())


def test_many_partitions(tmp_path, monkeypatch):
    home = Home(tmp_path / "home")
    monkeypatch.setattr("warehouse.store.schema_problems", lambda *_: ())  # valid, and 0.1 s each to show
    cities = [f"{name}-{code}" for code, name in enumerate(("alpha", "beta", "gamma", "delta"), 100000)]
    for city in cities:
        for year in range(2008, 2018):
            partition = Partition(city, year)
            write_partition(home.store, partition, frames_of(partition), "v1")
    build(home)
    summary = export(home)
    assert summary.written == 40 * len(WITH_ROWS) + len(derive.tables()) + 1  # the finding between years is a partition
    assert pl.read_parquet(home.parquet / "cells").height == 160
