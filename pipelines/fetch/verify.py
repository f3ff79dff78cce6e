"""Checking that the archive is whole: every byte of it is read and hashed.

Belongs here: finding what is damaged, missing or foreign, and saying so. Does not: mending; a damaged object is
moved away by hand and fetched again, or restored from a backup.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipelines.fetch.archive import (
    CAPTURES,
    UNFINISHED,
    Archive,
    ArchiveError,
    Capture,
    DamagedCapture,
    captures_name,
    load_capture,
)
from pipelines.fetch.archive_bucket import BucketArchive
from pipelines.fetch.register import NAME as REGISTER

Kind = Literal["damaged_object", "damaged_capture", "misplaced", "missing_object", "missing_capture", "duplicate"]


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """Something that is wrong in the archive.

    Args:
        path: the file or folder, relative to the archive.
        kind: which case it is.
        message: what was found and expected, and what to do.
    """

    path: str
    kind: Kind
    message: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What checking an archive found.

    Args:
        objects: files of bytes, and `size_bytes` of them together.
        captures: facts of captures, of `urls` addresses.
        faults: what is wrong, sorted by path.
        unreferenced: objects that no capture names: a run was stopped between the two; the next fetch finds them.
        unfinished: files that a stopped run left half written; the next writer in their folder removes them.
        foreign: files that are none of the archive's.
    """

    objects: int
    size_bytes: int
    captures: int
    urls: int
    faults: tuple[Fault, ...]
    unreferenced: tuple[str, ...]
    unfinished: tuple[str, ...]
    foreign: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing is damaged or missing."""
        return not self.faults


def verify(archive: Archive, progress: Callable[[int], None] | None = None) -> Verified:
    """Read the whole archive and say what is wrong with it; nothing is changed.

    Args:
        archive: the archive; an empty or missing one is sound.
        progress: called after each object with the bytes read so far.
    """
    sizes: dict[str, int] = {}
    faults: list[Fault] = []
    unfinished: list[str] = []
    foreign: list[str] = []
    total = 0
    captures: list[tuple[Path, Capture]] = []
    for path in _files(archive.root):
        relative = path.relative_to(archive.root)
        match relative.parts:
            case _ if path.suffix == UNFINISHED:
                unfinished.append(str(relative))
            case ("objects", start, name) if name.startswith(start) and len(start) == 2 and len(name) == 64:
                size = path.stat().st_size
                total += size
                sizes[name] = size
                faults += _object_faults(path, relative)
                if progress is not None:
                    progress(total)
            case ("captures", _, _, name) if Path(name).match(CAPTURES):
                try:
                    captures.append((relative, load_capture(path)))
                except DamagedCapture as error:
                    faults.append(Fault(str(relative), "damaged_capture", str(error)))
            case (name,) if name == REGISTER:
                pass
            case _:
                foreign.append(str(relative))
    if isinstance(archive, BucketArchive):
        for listed in archive.objects():
            total += listed.size_bytes
            sizes[listed.name] = listed.size_bytes
            try:
                archive.content(listed.name)
            except ArchiveError as error:
                faults.append(Fault(f"objects/{listed.name[:2]}/{listed.name}", "damaged_object", str(error)))
            if progress is not None:
                progress(total)
    faults += _capture_faults(captures, sizes)
    named = {capture.sha256 for _, capture in captures}
    return Verified(
        objects=len(sizes),
        size_bytes=total,
        captures=len(captures),
        urls=len({capture.url for _, capture in captures}),
        faults=tuple(sorted(faults)),
        unreferenced=tuple(sorted(sizes.keys() - named)),
        unfinished=tuple(unfinished),
        foreign=tuple(foreign),
    )


def _files(root: Path) -> Iterator[Path]:
    """Every file below `root`, in a fixed order."""
    for entry in sorted(root.iterdir()) if root.is_dir() else ():
        if entry.is_dir() and not entry.is_symlink():
            yield from _files(entry)
        else:
            yield entry


def _object_faults(path: Path, relative: Path) -> Iterator[Fault]:
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        yield Fault(str(relative), "damaged_object", f"cannot be read ({error}); restore it from a backup")
        return
    if found != path.name:
        message = f"holds bytes of hash {found}; restore it from a backup, or move it away and fetch again"
        yield Fault(str(relative), "damaged_object", message)


def _capture_faults(captures: list[tuple[Path, Capture]], sizes: dict[str, int]) -> Iterator[Fault]:
    numbers: dict[Path, list[int]] = {}
    for path, capture in captures:
        numbers.setdefault(path.parent, []).append(int(path.stem))
        name = captures_name(capture.url)
        if path.parent != Path("captures", name[:2], name):
            yield Fault(str(path), "misplaced", f"is of {capture.url}, which belongs in captures/{name[:2]}/{name}")
        size = sizes.get(capture.sha256)
        if size is None:
            message = f"{capture.url} of {capture.retrieved_at:%Y-%m-%d}: its object {capture.sha256} is missing"
            yield Fault(str(path), "missing_object", f"{message}; restore it from a backup, or fetch again")
        elif size != capture.size_bytes:
            message = f"{capture.url}: its object has {size} bytes, the capture says {capture.size_bytes}"
            yield Fault(str(path), "damaged_capture", message)
    for folder, found in numbers.items():
        for number in sorted(set(range(1, max(found) + 1)) - set(found)):
            message = "versions after it are there; restore it from a backup"
            yield Fault(str(folder / f"{number:04d}.json"), "missing_capture", message)
    repeated = Counter((capture.url, capture.sha256, capture.retrieved_at) for _, capture in captures)
    for (url, sha256, at), times in repeated.items():
        if times > 1:
            name = captures_name(url)
            message = f"{url}: the version {sha256} of {at:%Y-%m-%d %H:%M} is there {times} times"
            yield Fault(f"captures/{name[:2]}/{name}", "duplicate", message)
