"""The archive in a bucket: bytes there alone, captures and register there and, as copies, on disk.

`GONGKAI_ARCHIVE` names the bucket; files have the same names in it as on disk, so an archive can be copied from one to
the other with any program. Bytes are put before the capture that tells of them, and each only where nothing is: what a
killed writer leaves is bytes that nothing names, which the next fetch of the address finds there.

Belongs here: what differs from the archive on disk. Does not: what a capture is (`pipelines.fetch.archive`).
"""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from pipelines.fetch.archive import Archive, Capture, DamagedObject, NotArchived, _Versions, facts_of
from warehouse.bucket import Bucket, Listed, bucket_of
from warehouse.files import write_durably
from warehouse.layout import Home

ARCHIVE_VARIABLE = "GONGKAI_ARCHIVE"
_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class BucketArchive(Archive):
    """The archive in `bucket`, with copies of its captures under `root`."""

    bucket: Bucket

    def content(self, sha256: str) -> bytes:
        """The bytes of an object; raises NotArchived and DamagedObject as an archive on disk does."""
        found = self.bucket.read(_object(sha256))
        if found is None:
            raise NotArchived(f"no object {sha256} in {self.bucket.address}; fetch its source first")
        actual = hashlib.sha256(found.data).hexdigest()
        if actual != sha256:
            raise DamagedObject(
                f"{self.bucket.address}/{_object(sha256)} holds bytes of hash {actual}; "
                "restore it from a backup, or move it away and refetch"
            )
        return found.data

    def holds(self, sha256: str) -> bool:
        """Whether there is an object of that hash; its bytes are not looked at."""
        return self.bucket.holds(_object(sha256))

    def objects(self) -> Iterator[Listed]:
        """Every object that is there, named by its hash."""
        for listed in self.bucket.list("objects"):
            yield Listed(listed.name.rpartition("/")[2], listed.size_bytes, listed.tag)

    def pull(self, folder: str = "captures") -> int:
        """Bring to disk the captures that are in the bucket and not here yet, of all addresses or one; how many."""
        missing = [one.name for one in self.bucket.list(folder) if not (self.root / one.name).exists()]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for name, kept in zip(missing, pool.map(self.bucket.read, missing), strict=True):
                if kept is not None:
                    path = self.root / name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    write_durably(path, kept.data)
        return len(missing)

    def _write(self, versions: _Versions, capture: Capture, content: bytes) -> None:
        self._keep(capture.sha256, content)
        facts = facts_of(capture).encode()
        while not self.bucket.create(versions.next.relative_to(self.root).as_posix(), facts):
            # Another machine archived a version of this address since we looked.
            self.pull(versions.place.relative_to(self.root).as_posix())
            if self.captures(capture.url)[-1].sha256 == capture.sha256:
                return
        write_durably(versions.next, facts)

    def _keep(self, sha256: str, content: bytes) -> None:
        if not self.holds(sha256):
            self.bucket.create(_object(sha256), content)

    def _complete(self, leftover: Path, versions: _Versions) -> None:  # noqa: ARG002 - as in Archive
        leftover.unlink()  # a copy that was being made of what the bucket has


def archive_of(home: Home) -> Archive:
    """The archive of a home: in the bucket that `GONGKAI_ARCHIVE` names, else on disk."""
    bucket = bucket_of(ARCHIVE_VARIABLE)
    return Archive(home.archive) if bucket is None else BucketArchive(home.archive, bucket)


def pull_archive(home: Home) -> None:
    """Bring to disk the captures that another machine has added to an archive in a bucket; not the bytes."""
    archive = archive_of(home)
    if isinstance(archive, BucketArchive):
        archive.pull()


def _object(sha256: str) -> str:
    return f"objects/{sha256[:2]}/{sha256}"
