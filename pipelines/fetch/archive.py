"""The archive: every version of every document ever fetched, by the hash of its bytes.

Belongs here: writing bytes and the facts of their capture to disk, and reading them back. Does not: the
network, any look inside the bytes, and checking the whole of it (`verify`).

On disk, under the root:

    objects/<ab>/<sha256>                        the bytes; <ab> is the start of the hash
    captures/<ab>/<sha256 of the url>/0001.json  what was retrieved from one address, a file a version

The number of a file is the order of writing. Versions are ordered by the time of retrieval: an import can bring
older ones. Nothing is ever overwritten or removed. A file appears complete or not at all: it is written beside its
place under a temporary name, flushed to disk and renamed. Whoever writes into a folder holds the kernel's lock on
that folder, which a killed process loses; so a temporary file found under the lock is a dead writer's. It is removed,
unless it is a capture whose bytes arrived: facts are written before the bytes and named after them, so that a writer
killed in between leaves both, and the next one completes its work.
"""

import fcntl
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

UNFINISHED = ".part"
"""Suffix of a file that is still being written; one without a living writer is removed by the next."""

CAPTURES = "[0-9]*.json"
"""Pattern of the files that hold captures."""

_READ_ONLY = 0o444  # the archive is append-only, and a slip of the hand should fail


class ArchiveError(Exception):
    """Something is wrong with what the archive holds."""


class NotArchived(ArchiveError):  # noqa: N818 - the name states the situation
    """No object of that hash is in the archive."""


class DamagedObject(ArchiveError):  # noqa: N818 - the name states the situation
    """The bytes of an object no longer have the hash they are filed under."""


class DamagedCapture(ArchiveError):  # noqa: N818 - the name states the situation
    """The facts of a capture cannot be read."""


@dataclass(frozen=True, slots=True)
class Capture:
    """What was retrieved from an address at one time.

    Args:
        url: the address asked for.
        final_url: the address that answered, after redirects.
        sha256: hash of the bytes, lower-case hex.
        retrieved_at: when, in UTC.
        size_bytes: length of the bytes.
        status: HTTP status of the answer.
        headers: (lower-case name, value) of the response headers worth keeping, sorted.
        origin: where the bytes come from: `web` for the publisher's own site, `disk`, `warc`, or `made` for a page
            that was made of other captures, with the files of its pictures inside.
        hops: addresses that led from `url` to `final_url`, both left out, by redirect or meta refresh.
        request: (lower-case name, value) of the headers that asked `final_url` for the bytes, sorted.
        tls: version of TLS, with `old` where permissive settings were needed; None for plain HTTP.
        address: network address that answered, where it is known.
    """

    url: str
    final_url: str
    sha256: str
    retrieved_at: datetime
    size_bytes: int
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    origin: str = "web"
    hops: tuple[str, ...] = ()
    request: tuple[tuple[str, str], ...] = ()
    tls: str | None = None
    address: str | None = None

    def header(self, name: str) -> str | None:
        """The value of a kept response header, by its lower-case name, or None."""
        return dict(self.headers).get(name)


@dataclass(frozen=True, slots=True)
class Archive:
    """The archive under `root`; folders are made as they are needed. Safe for many threads and processes."""

    root: Path

    def add(
        self,
        url: str,
        content: bytes,
        *,
        retrieved_at: datetime,
        final_url: str | None = None,
        status: int = 200,
        headers: tuple[tuple[str, str], ...] = (),
        origin: str = "web",
        hops: tuple[str, ...] = (),
        request: tuple[tuple[str, str], ...] = (),
        tls: str | None = None,
        address: str | None = None,
    ) -> Capture:
        """Keep `content` as the newest version of `url`; return its capture.

        Bytes equal to the newest version's change nothing on disk and return the capture already there, so a
        second run over unchanged documents leaves every byte of the archive as it is.

        Raises:
            ValueError: `retrieved_at` has no time zone.
            DamagedCapture: an earlier capture of the address cannot be read.
        """
        if retrieved_at.tzinfo is None:
            raise ValueError(f"retrieved_at {retrieved_at} of {url} has no time zone; give it in UTC")
        capture = Capture(
            url=url,
            final_url=final_url or url,
            sha256=hashlib.sha256(content).hexdigest(),
            retrieved_at=retrieved_at.astimezone(UTC),
            size_bytes=len(content),
            status=status,
            headers=tuple(sorted(headers)),
            origin=origin,
            hops=hops,
            request=tuple(sorted(request)),
            tls=tls,
            address=address,
        )
        with self._versions(url) as versions:
            if versions.newest is not None and versions.newest.sha256 == capture.sha256:
                self._keep(capture.sha256, content)
                return versions.newest
            self._write(versions, capture, content)
        return capture

    def restore(self, capture: Capture, content: bytes) -> bool:
        """Keep a capture made elsewhere, at its place in time; whether it was new.

        It is not kept where the version before or after it has the same bytes: that tells nothing new.

        Raises:
            ValueError: `content` is not what the capture says.
            DamagedCapture: a capture of the address cannot be read.
        """
        found = hashlib.sha256(content).hexdigest()
        if (found, len(content)) != (capture.sha256, capture.size_bytes):
            raise ValueError(f"the bytes of {capture.url} have the hash {found}, its capture says {capture.sha256}")
        with self._versions(capture.url) as versions:
            before = [one for one in versions.known if one.retrieved_at <= capture.retrieved_at]
            after = versions.known[len(before) :]
            if capture.sha256 in {one.sha256 for one in before[-1:] + after[:1]}:
                self._keep(capture.sha256, content)
                return False
            self._write(versions, capture, content)
        return True

    def content(self, sha256: str) -> bytes:
        """The bytes of an object.

        Raises:
            NotArchived: there is no such object.
            DamagedObject: its bytes have changed on disk.
        """
        path = self._object(sha256)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise NotArchived(f"no object {sha256} in {self.root}; fetch its source first") from None
        found = hashlib.sha256(content).hexdigest()
        if found != sha256:
            raise DamagedObject(
                f"{path} holds bytes of hash {found}; restore it from a backup, or move it away and refetch"
            )
        return content

    def holds(self, sha256: str) -> bool:
        """Whether there is an object of that hash; its bytes are not looked at."""
        return self._object(sha256).exists()

    def captures(self, url: str) -> tuple[Capture, ...]:
        """The versions of an address, oldest first; empty for an address never captured.

        Raises:
            DamagedCapture: one of them cannot be read.
        """
        return tuple(_in_time(self._captures(url)))

    def latest(self, url: str) -> Capture | None:
        """The newest version of an address, or None; raises DamagedCapture as `captures` does."""
        return next(reversed(self.captures(url)), None)

    def urls(self) -> tuple[str, ...]:
        """Every address with a capture, sorted; raises DamagedCapture as `captures` does."""
        firsts = (self.root / "captures").glob("*/*/0001.json")
        return tuple(sorted(load_capture(path).url for path in firsts))

    def _write(self, versions: "_Versions", capture: Capture, content: bytes) -> None:
        """Write a capture and its bytes: facts, bytes, and last the name that makes them count."""
        prepared = _prepare(versions.place, _dump(capture))
        self._keep(capture.sha256, content)
        _publish(prepared, versions.next, versions.folder)

    def _keep(self, sha256: str, content: bytes) -> None:
        """Write an object, unless it is there."""
        target = self._object(sha256)
        if target.exists():
            return
        with _writing(target.parent) as folder:
            for leftover in target.parent.glob(f"*{UNFINISHED}"):
                leftover.unlink()
            if not target.exists():
                _publish(_prepare(target.parent, content), target, folder)

    @contextmanager
    def _versions(self, url: str) -> "Iterator[_Versions]":
        """The versions of an address, for adding one, while no one else does."""
        place = self._captures(url)
        with _writing(place) as folder:
            for leftover in place.glob(f"*{UNFINISHED}"):
                self._complete(leftover, _Versions(place, folder, []))
            yield _Versions(place, folder, _in_time(place))

    def _complete(self, leftover: Path, versions: "_Versions") -> None:
        """Finish what a killed writer left, if its bytes arrived; else remove it."""
        try:
            arrived = self.holds(load_capture(leftover).sha256)
        except DamagedCapture:
            arrived = False
        if arrived:
            leftover.chmod(_READ_ONLY)
            _publish(leftover, versions.next, versions.folder)
        else:
            leftover.unlink()

    def _object(self, sha256: str) -> Path:
        return self.root / "objects" / sha256[:2] / sha256

    def _captures(self, url: str) -> Path:
        name = captures_name(url)
        return self.root / "captures" / name[:2] / name


@dataclass(frozen=True, slots=True)
class _Versions:
    """The versions of an address, oldest first, and the locked folder that holds them."""

    place: Path
    folder: int
    known: list[Capture]

    @property
    def newest(self) -> Capture | None:
        return self.known[-1] if self.known else None

    @property
    def next(self) -> Path:
        """The file of the next version to be written."""
        last = max((int(path.stem) for path in self.place.glob(CAPTURES)), default=0)
        return self.place / f"{last + 1:04d}.json"


def captures_name(url: str) -> str:
    """Name of the folder that holds the captures of an address."""
    return hashlib.sha256(url.encode()).hexdigest()


def _in_time(place: Path) -> list[Capture]:
    # Sorting is stable: of two with the same time, the one written later is the newer.
    paths = sorted(place.glob(CAPTURES), key=lambda path: int(path.stem))
    return sorted((load_capture(path) for path in paths), key=lambda capture: capture.retrieved_at)


@contextmanager
def _writing(folder: Path) -> Iterator[int]:
    """Hold the lock on `folder`, made if need be; yield its descriptor."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _prepare(folder: Path, content: bytes) -> Path:
    """Write a new file whole under a temporary name, and flush it to disk."""
    descriptor, temporary = tempfile.mkstemp(suffix=UNFINISHED, dir=folder)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    path = Path(temporary)
    path.chmod(_READ_ONLY)
    return path


def _publish(prepared: Path, target: Path, folder: int) -> None:
    """Give a file its name, and flush the folder to disk."""
    os.replace(prepared, target)  # noqa: PTH105 - named as what it is: the atomic rename
    os.fsync(folder)


def _dump(capture: Capture) -> bytes:
    facts = asdict(capture) | {
        "retrieved_at": capture.retrieved_at.isoformat(),
        "headers": dict(capture.headers),
        "request": dict(capture.request),
    }
    return (json.dumps(facts, ensure_ascii=False, indent=1) + "\n").encode()


def load_capture(path: Path) -> Capture:
    """The capture in a file; raises DamagedCapture."""
    try:
        return capture_of(json.loads(path.read_bytes()))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise DamagedCapture(f"{path} is no capture ({error}); restore it from a backup") from error


def facts_of(capture: Capture) -> str:
    """A capture as JSON, as the archive keeps it; `capture_of` reads it."""
    return _dump(capture).decode()


def capture_of(facts: dict[str, Any]) -> Capture:
    """The capture that facts say; those written by an earlier version lack the later fields.

    Raises:
        TypeError, KeyError, ValueError, AttributeError: they are no capture's.
    """
    return replace(
        Capture(**facts),
        retrieved_at=datetime.fromisoformat(facts["retrieved_at"]),
        headers=tuple(sorted(facts["headers"].items())),
        hops=tuple(facts.get("hops", ())),
        request=tuple(sorted(facts.get("request", {}).items())),
    )
