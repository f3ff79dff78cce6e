"""Publishing into a DuckLake whose catalog is a real PostgreSQL, and reading it as of a release."""

import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from debian_servers import postgres
from remote_stores import s3_store
from stored_rows import SUZHOU_2021, ZHOUKOU_2021, ZHOUKOU_2022, frames_of

from schemas import derive
from schemas.regions import frame as regions_frame
from warehouse.assembler import assemble
from warehouse.ducklake import (
    PUBLICATIONS,
    Lake,
    LakeFailed,
    NoData,
    NotPublished,
    PublishedOtherwise,
    connect,
    publish,
    snapshots,
)
from warehouse.layout import Home
from warehouse.reader import NoWarehouse
from warehouse.release.version import Version
from warehouse.store import write_partition

FIRST, SECOND = Version((2026, 1)), Version((2026, 2))


@pytest.fixture(scope="module")
def catalogs():
    """Addresses of catalogs without a lake in them, one after the other."""
    names = [f"lake{number}" for number in range(12)]
    with postgres(*names) as port:
        yield (f"host=127.0.0.1 port={port} user=gongkai dbname={name}" for name in names)


@pytest.fixture
def lake(catalogs, tmp_path: Path) -> Lake:
    return Lake(next(catalogs), str(tmp_path / "lake"))


def warehouse(folder: Path, **requests: int) -> Path:
    """A warehouse of three partitions with a figure of each."""
    home = Home(folder)
    for name, partition in (("a", ZHOUKOU_2021), ("b", ZHOUKOU_2022), ("c", SUZHOU_2021)):
        if name in requests:
            write_partition(home.store, partition, frames_of(partition, requests=requests[name]), "1")
    assemble(home, regions=regions_frame(), series_findings=derive.empty("findings"))
    return home.database


@pytest.fixture(scope="module")
def before(tmp_path_factory) -> Path:
    return warehouse(tmp_path_factory.mktemp("before"), a=7, b=8)


@pytest.fixture(scope="module")
def after(tmp_path_factory) -> Path:
    """The same with one figure changed and a city added."""
    return warehouse(tmp_path_factory.mktemp("after"), a=9, b=8, c=1)


def opened(source: Path | Lake, release: Version | None = None) -> duckdb.DuckDBPyConnection:
    if isinstance(source, Lake):
        return connect(source, release)
    connection = duckdb.connect()
    connection.execute(f"ATTACH '{source}' AS source (READ_ONLY)")
    connection.execute("USE source")
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def tables(source: Path | Lake, names: Iterable[str], release: Version | None = None) -> dict[str, list[tuple]]:
    with closing(opened(source, release)) as connection:
        return {name: connection.execute(f"FROM {name} ORDER BY ALL").fetchall() for name in names}


def rows(source: Path | Lake, table: str, release: Version | None = None) -> list[tuple]:
    return tables(source, [table], release)[table]


def test_a_release_is_one_snapshot_and_stays_readable_as_it_was(lake, before, after) -> None:
    one = publish(before, lake, FIRST)
    two = publish(after, lake, SECOND)
    assert one.is_new
    assert [(known.number, known.release) for known in snapshots(lake)] == [
        (one.snapshot, "2026.1"),
        (two.snapshot, "2026.2"),
    ]
    assert tables(lake, derive.tables(), FIRST) == tables(before, derive.tables())
    assert tables(lake, derive.tables(), SECOND) == tables(after, derive.tables())
    assert tables(lake, derive.tables()) == tables(after, derive.tables())


def test_only_the_cities_and_years_that_changed_are_written(lake, before, after) -> None:
    publish(before, lake)
    written = publish(after, lake).rows
    in_each = len(frames_of(ZHOUKOU_2021)["requests"])
    assert written["requests"] == 2 * in_each  # one changed, one new; the third is as it was
    assert "regions" not in written


def test_the_lake_says_what_every_column_means(lake, before) -> None:
    publish(before, lake)
    with closing(connect(lake)) as connection:
        silent = connection.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'lake' AND comment IS NULL"
        ).fetchall()
    assert silent == []


def test_publishing_a_release_again_changes_nothing(lake, before) -> None:
    first = publish(before, lake, FIRST)
    again = publish(before, lake, FIRST)
    assert (again.snapshot, again.is_new) == (first.snapshot, False)
    assert len(snapshots(lake)) == 1


def test_a_state_that_is_there_is_not_published_again(lake, before) -> None:
    publish(before, lake)
    assert not publish(before, lake).is_new
    assert len(snapshots(lake)) == 1


def test_a_release_never_changes(lake, before, after) -> None:
    publish(before, lake, FIRST)
    with pytest.raises(PublishedOtherwise, match=r"release 2026.1 is in the lake already.*another version"):
        publish(after, lake, FIRST)
    assert rows(lake, "requests") == rows(before, "requests")


def test_a_release_without_changes_is_found_by_its_name(lake, before) -> None:
    publish(before, lake, FIRST, message="第一版")
    publish(before, lake, SECOND)
    assert rows(lake, "requests", SECOND) == rows(before, "requests")
    assert [known.message for known in snapshots(lake)] == ["第一版", "release 2026.2"]
    assert [row[:2] for row in rows(lake, PUBLICATIONS)] == [("2026.1", "第一版"), ("2026.2", "release 2026.2")]


def test_a_table_that_has_other_columns_is_made_anew(lake, before, tmp_path: Path) -> None:
    publish(before, lake, FIRST)
    other = tmp_path / "other.duckdb"
    other.write_bytes(before.read_bytes())
    with closing(duckdb.connect(other)) as connection:
        connection.execute("ALTER TABLE requests ADD COLUMN more INTEGER DEFAULT 5")
        connection.execute("DROP TABLE narrative")
    publish(other, lake, SECOND)
    assert rows(lake, "requests") == rows(other, "requests")
    assert rows(lake, "requests", FIRST) == rows(before, "requests")
    with closing(connect(lake)) as connection, pytest.raises(duckdb.CatalogException):
        connection.execute("FROM narrative")


def test_publishers_at_once_take_turns(lake, before, after, tmp_path: Path) -> None:
    """Each in a process of its own, into a catalog in which there is nothing yet."""
    program = (
        "import sys; from pathlib import Path; from warehouse.ducklake import Lake, publish; "
        "from warehouse.release.version import Version; "
        "publish(Path(sys.argv[1]), Lake(sys.argv[2], sys.argv[3]), Version.from_text(sys.argv[4]))"
    )
    sources = [before, after, before]
    with ThreadPoolExecutor(len(sources)) as pool:
        done = pool.map(
            lambda numbered: subprocess.run(
                [sys.executable, "-c", program, numbered[1], lake.catalog, lake.data, f"2026.{numbered[0]}"],
                capture_output=True,
                text=True,
            ),
            enumerate(sources),
        )
        assert [one.stderr for one in done] == [""] * len(sources)
    assert sorted(known.release for known in snapshots(lake)) == [f"2026.{number}" for number in range(len(sources))]
    for number, source in enumerate(sources):
        some = ("requests", "cells", "city_year")
        assert tables(lake, some, Version((2026, number))) == tables(source, some), number


def test_a_lake_may_lie_in_a_bucket(catalogs, before, after, tmp_path: Path) -> None:
    with s3_store(tmp_path) as (_, access, counted):
        lake = Lake(next(catalogs), "s3://open/lake", access)
        publish(before, lake, FIRST)
        publish(after, lake, SECOND)
        assert any(path.startswith("/open/lake/main/requests/") for path in counted.paths)
        # Where it lies, the catalog knows.
        reader = Lake(lake.catalog, s3=access)
        assert rows(reader, "requests", FIRST) == rows(before, "requests")
        assert rows(reader, "requests") == rows(after, "requests")


def test_what_cannot_be_is_said_in_one_line(lake, before, tmp_path: Path) -> None:
    with pytest.raises(NoWarehouse, match="gongkai run"):
        publish(tmp_path / "nothing.duckdb", lake)
    with pytest.raises(NoData, match="say where its data shall lie"):
        connect(Lake(lake.catalog))
    publish(before, lake, FIRST)
    with pytest.raises(NotPublished, match="2026.2 is not in the lake; it has 2026.1"):
        connect(lake, SECOND)
    with pytest.raises(LakeFailed, match="check the address") as failed:
        publish(before, Lake("host=127.0.0.1 port=1 dbname=x password=secret", str(tmp_path)))
    assert "secret" not in str(failed.value)
