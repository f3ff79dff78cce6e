"""The store in a bucket: the same files under the same names, of which the folder on disk is a copy.

`GONGKAI_STORE` names the bucket. A partition is written on disk and then put there: its files first, whose names carry
their content's hash, and the manifest last, on condition that nobody has replaced it since it was read. What the bucket
has, counts: `pull` makes the folder what the bucket is, so that everything else reads from disk.

Belongs here: bringing partitions from disk to bucket and back. Does not: what a partition is (`warehouse.store`).
"""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from warehouse.bucket import Bucket, Kept, Listed
from warehouse.files import locked, sha256_of, write_durably
from warehouse.layout import NotAPartition, Partition
from warehouse.store import MANIFEST, BrokenPartition, PartitionManifest, partitions, remove_partition

STORE_VARIABLE = "GONGKAI_STORE"
_AT_ONCE = 16
_ATTEMPTS = 10
_ADAPTER = TypeAdapter(PartitionManifest)


def push(bucket: Bucket, store: Path, partition: Partition) -> None:
    """Put a partition that was written on disk into the bucket, in place of the one that is there.

    Whoever reads the bucket meanwhile finds the one or the other. Two who replace the same partition at once both
    succeed, one after the other, and the last counts.
    """
    folder = store / partition.path
    data = (folder / MANIFEST).read_bytes()
    files = _names(partition, data)
    manifest = f"{partition.path.as_posix()}/{MANIFEST}"
    while True:
        seen = bucket.read(manifest)
        if seen is not None and seen.data == data:
            return
        # Every time: who replaced the manifest since may have removed a file that both have.
        for name in files:
            bucket.create(f"{partition.path.as_posix()}/{name}", (folder / name).read_bytes())
        if bucket.replace(manifest, data, seen):
            break
    if seen is not None:
        # Only what this very state had: another writer may be putting files that no manifest names yet.
        left = set(_names(partition, seen.data)) - set(files)
        bucket.remove(f"{partition.path.as_posix()}/{name}" for name in sorted(left))


def pull(bucket: Bucket, store: Path) -> tuple[Partition, ...]:
    """Make the folder what the bucket is; the partitions that were fetched or removed.

    Raises:
        BrokenPartition: a partition in the bucket lacks a file that its manifest names.
    """
    there = dict(_manifests(bucket))
    gone = [partition for partition in partitions(store) if partition not in there]
    for partition in gone:
        remove_partition(store, partition)
    stale = [partition for partition, listed in there.items() if not _is_current(store, partition, listed)]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        changed = [partition for partition in pool.map(lambda one: _fetch(bucket, store, one), stale) if partition]
    return tuple(sorted((*gone, *changed)))


def _manifests(bucket: Bucket) -> Iterator[tuple[Partition, Listed]]:
    for listed in bucket.list(""):
        city, _, rest = listed.name.removeprefix("city=").partition("/year=")
        year, _, name = rest.partition("/")
        if name == MANIFEST:
            try:
                yield Partition.from_key(f"{city}|{year}"), listed
            except NotAPartition:
                continue  # a folder of another name is not ours


def _is_current(store: Path, partition: Partition, listed: Listed) -> bool:
    """Whether the manifest on disk is that in the bucket, by its tag; where tags are no MD5, it never is."""
    try:
        data = (store / partition.path / MANIFEST).read_bytes()
    except FileNotFoundError:
        return False
    return listed.tag.strip('"') == hashlib.md5(data, usedforsecurity=False).hexdigest()


def _fetch(bucket: Bucket, store: Path, partition: Partition) -> Partition | None:
    """Fetch a partition, unless the one on disk is the same."""
    folder = store / partition.path
    folder.mkdir(parents=True, exist_ok=True)
    seen: Kept | None = None
    for _ in range(_ATTEMPTS):
        now = bucket.read(f"{partition.path.as_posix()}/{MANIFEST}")
        if now is None:
            return None  # it was replaced by nothing while we looked; the next pull removes it
        if seen is not None and now.data == seen.data:
            raise BrokenPartition(partition, f"the bucket {bucket.address} lacks a file that its manifest names")
        seen = now
        with locked(folder):
            if _take(bucket, partition, folder, seen.data):
                return partition
    raise BrokenPartition(partition, f"it is being replaced again and again in {bucket.address}")


def _take(bucket: Bucket, partition: Partition, folder: Path, data: bytes) -> bool:
    """Bring the files of a manifest to disk, and it last; whether they were all there."""
    known = _manifest(partition, data)
    for file in known.files:
        path = folder / file.name
        if path.exists() and sha256_of(path) == file.sha256:
            continue
        found = bucket.read(f"{partition.path.as_posix()}/{file.name}")
        if found is None:
            return False  # replaced since the manifest was read
        write_durably(path, found.data)
    write_durably(folder / MANIFEST, data)
    named = {MANIFEST, *(file.name for file in known.files)}
    for path in folder.iterdir():
        if path.name not in named:
            path.unlink()
    return True


def _names(partition: Partition, data: bytes) -> tuple[str, ...]:
    return tuple(file.name for file in _manifest(partition, data).files)


def _manifest(partition: Partition, data: bytes) -> PartitionManifest:
    try:
        return _ADAPTER.validate_json(data)
    except ValidationError as error:
        raise BrokenPartition(partition, f"its {MANIFEST} cannot be read ({error.errors()[0]['msg']})") from error
