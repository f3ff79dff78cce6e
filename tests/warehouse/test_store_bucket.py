"""The store in a bucket: what is atomic on disk is atomic there, whoever writes and whoever is killed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from remote_stores import s3_store, use
from stored_rows import SUZHOU_2021, ZHOUKOU_2021, frames_of

from warehouse.bucket import Bucket, BucketFailed, InvalidBucket, Kept, bucket_of
from warehouse.store import MANIFEST, BrokenPartition, manifest, partitions, read_partition, write_partition
from warehouse.store_bucket import STORE_VARIABLE, pull, push

KEY = f"{ZHOUKOU_2021.path.as_posix()}/"


@pytest.fixture(scope="module")
def access(tmp_path_factory):
    with s3_store(tmp_path_factory.mktemp("nothing")) as (_, access, _counted):
        yield access


@pytest.fixture
def bucket(access, monkeypatch, request) -> Bucket:
    use(monkeypatch, access)
    monkeypatch.setenv(STORE_VARIABLE, f"s3://open/{request.node.name}")
    return bucket_of(STORE_VARIABLE)


def write(bucket: Bucket, store: Path, figure: int, partition=ZHOUKOU_2021) -> None:
    write_partition(store, partition, frames_of(partition, requests=figure), str(figure))
    push(bucket, store, partition)


def figure(store: Path) -> int:
    return read_partition(store, ZHOUKOU_2021, "requests")["value"].max()


def files(store: Path) -> dict[str, bytes]:
    return {path.relative_to(store).as_posix(): path.read_bytes() for path in store.rglob("*") if path.is_file()}


def kept(bucket: Bucket) -> dict[str, bytes]:
    return {one.name: bucket.read(one.name).data for one in bucket.list("")}


def test_another_machine_gets_the_same_bytes_under_the_same_names(bucket, tmp_path) -> None:
    write(bucket, tmp_path / "a", 7)
    write(bucket, tmp_path / "a", 8, SUZHOU_2021)
    assert pull(bucket, tmp_path / "b") == (SUZHOU_2021, ZHOUKOU_2021)
    assert files(tmp_path / "b") == files(tmp_path / "a") == kept(bucket)
    assert pull(bucket, tmp_path / "b") == ()


def test_only_what_another_machine_changed_is_fetched(bucket, tmp_path) -> None:
    write(bucket, tmp_path / "a", 7)
    write(bucket, tmp_path / "a", 7, SUZHOU_2021)
    pull(bucket, tmp_path / "b")
    write(bucket, tmp_path / "a", 9)
    assert pull(bucket, tmp_path / "b") == (ZHOUKOU_2021,)
    assert files(tmp_path / "b") == files(tmp_path / "a") == kept(bucket)


def test_what_the_bucket_has_counts(bucket, tmp_path) -> None:
    """A machine killed between writing to its disk and to the bucket has done nothing; it does it again."""
    write(bucket, tmp_path / "a", 7)
    write_partition(tmp_path / "a", ZHOUKOU_2021, frames_of(ZHOUKOU_2021, requests=9), "9")
    write_partition(tmp_path / "a", SUZHOU_2021, frames_of(SUZHOU_2021), "1")
    assert pull(bucket, tmp_path / "a") == (SUZHOU_2021, ZHOUKOU_2021)
    assert figure(tmp_path / "a") == 7
    assert partitions(tmp_path / "a") == (ZHOUKOU_2021,)


class Killed(Exception):  # noqa: N818
    pass


@dataclass(frozen=True)
class Interrupted(Bucket):
    """A bucket before whose every manifest something happens."""

    happens: Callable[[], object] = lambda: None

    def replace(self, name: str, data: bytes, seen: Kept | None) -> bool:
        self.happens()
        return Bucket.replace(self, name, data, seen)


def test_a_writer_killed_before_the_manifest_has_changed_nothing(bucket, tmp_path) -> None:
    write(bucket, tmp_path / "a", 7)

    def dies():
        raise Killed

    with pytest.raises(Killed):
        write(Interrupted(bucket.address, bucket.store, dies), tmp_path / "a", 9)
    pull(bucket, tmp_path / "b")
    assert figure(tmp_path / "b") == 7
    write(bucket, tmp_path / "a", 9)
    pull(bucket, tmp_path / "b")
    assert figure(tmp_path / "b") == 9


@pytest.mark.parametrize("first", [7, None], ids=["replaced", "new"])
def test_a_writer_overtaken_by_another_leaves_one_whole_state(bucket, tmp_path, first) -> None:
    if first:
        write(bucket, tmp_path / "before", first)
    others = iter([8, 7, 8])  # the last of them removes files that the first is putting

    def overtaken():
        for other in others:
            write(bucket, tmp_path / f"other{other}", other)
            return

    write(Interrupted(bucket.address, bucket.store, overtaken), tmp_path / "a", 7)
    pull(bucket, tmp_path / "b")
    assert figure(tmp_path / "b") == 7
    assert files(tmp_path / "b") == kept(bucket)


def test_writers_at_once_leave_one_whole_state(bucket, tmp_path) -> None:
    with ThreadPoolExecutor(4) as pool:
        for _ in pool.map(lambda number: write(bucket, tmp_path / str(number), number % 3), range(12)):
            pass
    pull(bucket, tmp_path / "all")
    assert figure(tmp_path / "all") in {0, 1, 2, 5}
    known = manifest(tmp_path / "all", ZHOUKOU_2021)
    assert {KEY + file.name for file in known.files} <= set(kept(bucket))


def test_a_file_that_is_missing_there_is_named(bucket, tmp_path) -> None:
    write(bucket, tmp_path / "a", 7)
    lost = manifest(tmp_path / "a", ZHOUKOU_2021).files[0].name
    bucket.remove([KEY + lost])
    with pytest.raises(BrokenPartition, match="lacks a file that its manifest names"):
        pull(bucket, tmp_path / "b")


def test_a_damaged_manifest_is_named(bucket, tmp_path) -> None:
    bucket.create(KEY + MANIFEST, b"{")
    with pytest.raises(BrokenPartition, match="cannot be read"):
        pull(bucket, tmp_path / "b")


def test_a_file_is_created_once_and_replaced_only_as_it_was_seen(bucket) -> None:
    assert bucket.create("a", b"1")
    assert not bucket.create("a", b"2")
    seen = bucket.read("a")
    assert seen.data == b"1"
    assert bucket.replace("a", b"3", seen)
    assert not bucket.replace("a", b"4", seen)
    assert not bucket.replace("a", b"4", None)
    assert bucket.read("a").data == b"3"
    assert bucket.read("b") is None
    assert not bucket.replace("b", b"5", replace(seen, tag="of one that is gone"))


@pytest.mark.parametrize("text", ["data/store", "s3://bucket", "https://bucket/prefix", "s3:///prefix"])
def test_what_is_no_address_is_refused(monkeypatch, text) -> None:
    monkeypatch.setenv(STORE_VARIABLE, text)
    with pytest.raises(InvalidBucket, match="expected s3://bucket/prefix"):
        bucket_of(STORE_VARIABLE)


def test_a_store_that_refuses_is_named(bucket, monkeypatch) -> None:
    monkeypatch.setenv(STORE_VARIABLE, "s3://nowhere/store")
    with pytest.raises(BucketFailed, match="s3://nowhere/store: .*; check the address"):
        bucket_of(STORE_VARIABLE).create("a", b"1")
