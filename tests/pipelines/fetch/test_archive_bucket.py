"""The archive in a bucket: bytes by their hash, versions in order, whichever machines write."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from remote_stores import s3_store, use

from pipelines import steps
from pipelines.cli import main
from pipelines.defs.launch import launch
from pipelines.discover.source import Source
from pipelines.fetch.archive import Archive, DamagedObject, NotArchived
from pipelines.fetch.archive_bucket import ARCHIVE_VARIABLE, BucketArchive, archive_of
from pipelines.fetch.register import pull_register, register, registered
from pipelines.fetch.verify import verify
from pipelines.jobs import jobs
from schemas.tables import TABLES
from warehouse.layout import Home
from warehouse.reader import open_warehouse
from warehouse.store_bucket import STORE_VARIABLE

URL = "https://www.example.gov.cn/2021.html"
START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def access(tmp_path_factory):
    with s3_store(tmp_path_factory.mktemp("nothing")) as (_, access, _counted):
        yield access


@pytest.fixture
def buckets(access, monkeypatch, request) -> None:
    """The settings of a machine whose archive and store lie in a bucket."""
    use(monkeypatch, access)
    monkeypatch.setenv(ARCHIVE_VARIABLE, f"s3://open/{request.node.name}/archive")
    monkeypatch.setenv(STORE_VARIABLE, f"s3://open/{request.node.name}/store")


@pytest.fixture
def machines(buckets, tmp_path: Path) -> tuple[BucketArchive, BucketArchive]:
    """The archive as two machines have it."""
    return archive_of(Home(tmp_path / "a")), archive_of(Home(tmp_path / "b"))


def add(archive: Archive, content: bytes, day: int = 0):
    return archive.add(URL, content, retrieved_at=START + timedelta(days=day))


def test_bytes_are_in_the_bucket_alone_and_found_by_every_machine(machines) -> None:
    one, other = machines
    capture = add(one, b"report")
    assert other.content(capture.sha256) == b"report"
    assert other.captures(URL) == ()
    assert other.pull() == 1
    assert other.captures(URL) == (capture,) == one.captures(URL)
    assert not (one.root / "objects").exists()
    assert verify(one).is_sound
    assert verify(other).objects == 1


def test_versions_of_two_machines_do_not_overwrite_each_other(machines) -> None:
    one, other = machines
    add(one, b"first", 0)
    add(other, b"second", 1)  # has not heard of the first
    one.pull()
    assert [one.content(capture.sha256) for capture in one.captures(URL)] == [b"first", b"second"]
    assert one.captures(URL) == other.captures(URL)


def test_the_same_bytes_of_two_machines_are_one_version(machines) -> None:
    one, other = machines
    add(one, b"same", 0)
    add(other, b"same", 1)
    one.pull()
    assert len(one.captures(URL)) == len(other.captures(URL)) == 1


def test_many_writers_at_once_lose_nothing(machines, tmp_path) -> None:
    contents = [b"%d" % number for number in range(12)]
    archives = [archive_of(Home(tmp_path / str(number))) for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda numbered: add(archives[numbered[0] % 4], numbered[1], numbered[0]), enumerate(contents)))
    machines[0].pull()
    assert [machines[0].content(capture.sha256) for capture in machines[0].captures(URL)] == contents
    assert verify(machines[0]).is_sound


def test_a_machine_killed_before_the_capture_leaves_what_the_next_completes(machines) -> None:
    one, other = machines
    one._keep("a" * 64, b"bytes without a capture")
    capture = add(other, b"report")
    assert other.captures(URL) == (capture,)
    assert verify(other).unreferenced == ("a" * 64,)


def test_lost_and_damaged_bytes_are_named(machines) -> None:
    one, _ = machines
    with pytest.raises(NotArchived, match="s3://open/.*; fetch its source first"):
        one.content("0" * 64)
    one._keep("a" * 64, b"other bytes")
    with pytest.raises(DamagedObject, match="restore it from a backup"):
        one.content("a" * 64)
    assert [fault.kind for fault in verify(one).faults] == ["damaged_object"]


def test_a_folder_copied_into_the_bucket_is_the_archive(machines, tmp_path) -> None:
    one, _ = machines
    local = Archive(tmp_path / "local")
    capture = add(local, b"report")
    for path in sorted(local.root.rglob("*")):
        if path.is_file():
            one.bucket.create(path.relative_to(local.root).as_posix(), path.read_bytes())
    one.pull()
    assert one.captures(URL) == (capture,)
    assert one.content(capture.sha256) == b"report"


def test_two_machines_share_the_register(buckets, tmp_path) -> None:
    homes = [Home(tmp_path / "a"), Home(tmp_path / "b")]
    sources = [Source(f"https://example.cn/{number}", "zhoukou-411600", 2021, "411600") for number in range(8)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda numbered: register(homes[numbered[0] % 2], [numbered[1]]), enumerate(sources)))
    for home in homes:
        pull_register(home)
        assert registered(home) == tuple(sources)


def rows(home: Home) -> dict[str, list]:
    with open_warehouse(home.database) as warehouse:
        return {table: warehouse.query(f"SELECT * FROM {table}").rows() for table in TABLES}  # noqa: S608


def without_time(home: Home) -> dict[str, list]:
    with open_warehouse(home.database) as warehouse:
        return {table: warehouse.table(table).drop("retrieved_at", strict=False).rows() for table in TABLES}


def test_a_run_over_buckets_gives_the_same_data_and_another_machine_goes_on_from_it(
    buckets, sample_home, tmp_path, monkeypatch
) -> None:
    one, other = Home(tmp_path / "one"), Home(tmp_path / "other")
    monkeypatch.setenv("DAGSTER_HOME", str(one.root / "dagster"))
    launch("changed", one, catalogue="sample")
    assert not (one.archive / "objects").exists()
    assert without_time(one) == without_time(sample_home)
    monkeypatch.setenv("DAGSTER_HOME", str(other.root / "dagster"))
    launch("changed", other, catalogue="none")
    assert not (other.work / "read").exists()  # nothing was left to do
    assert rows(other) == rows(one)
    # And a third that has the archive, but no store, makes the same of it.
    shutil.rmtree(other.store)
    monkeypatch.setenv(STORE_VARIABLE, os.environ[STORE_VARIABLE] + "-empty")
    launch("changed", other, catalogue="none")
    assert rows(other) == rows(one)
    assert steps.pending(other, jobs(registered(other))) == ()


@pytest.mark.parametrize(
    ("address", "said"),
    [("data/archive", "expected s3://bucket/prefix"), ("s3://nowhere/archive", "check the address, AWS_ENDPOINT_URL")],
)
def test_what_is_wrong_with_the_settings_is_one_line(buckets, tmp_path, monkeypatch, address, said) -> None:
    monkeypatch.setenv(ARCHIVE_VARIABLE, address)
    failed = CliRunner().invoke(main, ["run", "--sample", "--home", str(tmp_path / "home")])
    assert failed.exit_code == 1
    assert said in failed.stderr
    assert failed.stderr.count("\n") == 1
