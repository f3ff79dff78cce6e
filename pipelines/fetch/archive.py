"""The archive: every version of every document ever fetched, by the hash of its bytes.

Belongs here: writing bytes and the facts of their capture to disk, and reading them back. Does not: the
network, and any look inside the bytes.

On disk, under the root:

    objects/<ab>/<sha256>                        the bytes; <ab> is the start of the hash
    captures/<ab>/<sha256 of the url>/0001.json  what was retrieved from one address, a file a version

Nothing is ever overwritten or removed. A file appears complete or not at all: it is written beside its place
under a temporary name, flushed to disk and renamed. Whoever writes into a folder holds the kernel's lock on
that folder, which a killed process loses; so a temporary file found under the lock is a dead writer's and is
removed.
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

_TEMPORARY = ".part"
_CAPTURE = "[0-9]*.json"


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
        origin: where the bytes come from: `web` for the publisher's own site.
    """

    url: str
    final_url: str
    sha256: str
    retrieved_at: datetime
    size_bytes: int
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    origin: str = "web"

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
        )
        # The object first: a capture never names bytes that are not there.
        target = self._object(capture.sha256)
        if not target.exists():
            with _writing(target.parent) as folder:
                if not target.exists():
                    _write(target, content, folder)
        with _writing(self._captures(url)) as folder:
            newest = self._newest(url)
            if newest is None:
                number = 1
            elif (latest := _load(newest)).sha256 == capture.sha256:
                return latest
            else:
                number = int(newest.stem) + 1
            _write(self._captures(url) / f"{number:04d}.json", _dump(capture), folder)
        return capture

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
        return tuple(_load(path) for path in sorted(self._captures(url).glob(_CAPTURE)))

    def latest(self, url: str) -> Capture | None:
        """The newest version of an address, or None; raises DamagedCapture as `captures` does."""
        newest = self._newest(url)
        return _load(newest) if newest else None

    def urls(self) -> tuple[str, ...]:
        """Every address with a capture, sorted; raises DamagedCapture as `captures` does."""
        firsts = (self.root / "captures").glob("*/*/0001.json")
        return tuple(sorted(_load(path).url for path in firsts))

    def _newest(self, url: str) -> Path | None:
        return max(self._captures(url).glob(_CAPTURE), default=None)

    def _object(self, sha256: str) -> Path:
        return self.root / "objects" / sha256[:2] / sha256

    def _captures(self, url: str) -> Path:
        name = hashlib.sha256(url.encode()).hexdigest()
        return self.root / "captures" / name[:2] / name


@contextmanager
def _writing(folder: Path) -> Iterator[int]:
    """Hold the lock on `folder`, made if need be and free of dead writers' files; yield its descriptor."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        for leftover in folder.glob(f"*{_TEMPORARY}"):
            leftover.unlink()
        yield descriptor
    finally:
        os.close(descriptor)


def _write(target: Path, content: bytes, folder: int) -> None:
    """Write a new file whole: temporary file beside it, flush, rename, flush the folder."""
    descriptor, temporary = tempfile.mkstemp(suffix=_TEMPORARY, dir=target.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    Path(temporary).chmod(0o444)  # read-only: the archive is append-only, and a slip of the hand should fail
    os.replace(temporary, target)  # noqa: PTH105 - named as what it is: the atomic rename
    os.fsync(folder)


def _dump(capture: Capture) -> bytes:
    facts = asdict(capture) | {
        "retrieved_at": capture.retrieved_at.isoformat(),
        "headers": dict(capture.headers),
    }
    return (json.dumps(facts, ensure_ascii=False, indent=1) + "\n").encode()


def _load(path: Path) -> Capture:
    try:
        facts = json.loads(path.read_bytes())
        capture = Capture(**facts)
        return replace(
            capture,
            retrieved_at=datetime.fromisoformat(facts["retrieved_at"]),
            headers=tuple(sorted(facts["headers"].items())),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise DamagedCapture(f"{path} is no capture ({error}); restore it from a backup") from error
