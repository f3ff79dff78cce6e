"""Writing files so that a reader, a crash or a second writer never sees half of one.

Belongs here: atomic replacement, locks, hashes. Does not: what is in the files.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

UNFINISHED = ".part"
"""Suffix of a file that is still being written; one without a living writer is rubbish."""


def sha256(data: bytes) -> str:
    """The SHA-256 of `data` in lower-case hexadecimals."""
    return hashlib.sha256(data).hexdigest()


def sha256_of(path: Path) -> str:
    """The SHA-256 of the file at `path`, read piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_durably(path: Path, data: bytes) -> None:
    """Put `data` at `path` in one step; when this returns it survives a power cut."""
    unfinished = unfinished_beside(path)
    try:
        with unfinished.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        publish(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def write_if_changed(path: Path, data: bytes) -> bool:
    """Put `data` at `path` in one step unless it is there already; whether it was written.

    Not flushed to disk: for files that can be made again at any time.
    """
    with suppress(FileNotFoundError):
        if path.read_bytes() == data:
            return False
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = unfinished_beside(path)
    try:
        unfinished.write_bytes(data)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return True


def publish(finished: Path, path: Path) -> None:
    """Rename `finished` to `path` in one step and make the renaming durable."""
    finished.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def unfinished_beside(path: Path) -> Path:
    """A name of its own, in the same folder, under which to write what will become `path`."""
    # Not tempfile: its files are readable by their owner only, and would stay so under the final name.
    return path.with_name(f".{path.name}.{uuid4().hex}{UNFINISHED}")


def seen(path: str | Path) -> tuple[int, int]:
    """Size and time of a file: while both stay the same, so do its bytes, unless somebody takes pains."""
    status = os.stat(path)  # noqa: PTH116 - a path object for each of 60,000 files takes seconds
    return status.st_size, status.st_mtime_ns


def is_locked(folder: Path) -> bool:
    """Whether someone holds `folder`, which must exist, by `locked`."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold `folder`, which must exist, against other writers that ask for the same; waits for its turn.

    The lock is the kernel's, on the folder itself: it leaves no file and ends with the process that holds it.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
