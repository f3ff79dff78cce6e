"""Checksums of a release: written last, and held against the files at any time.

Belongs here: SHA256SUMS, in the form that `sha256sum --check` reads. Does not: what the files say.
"""

from dataclasses import dataclass
from pathlib import Path

from warehouse.files import sha256_of
from warehouse.release.version import CHECKSUMS

_SHOWN = 5


class NotARelease(Exception):  # noqa: N818 - the name states the situation
    """A folder without checksums, or with a file of checksums that cannot be read."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(folder, reason)
        self.folder = folder
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.folder} is no release ({self.reason}); give the folder that `gongkai release VERSION` made"


class BrokenRelease(Exception):  # noqa: N818 - the name states the situation
    """A release whose files are not those that were released."""

    def __init__(
        self, folder: Path, changed: tuple[str, ...], missing: tuple[str, ...], added: tuple[str, ...]
    ) -> None:
        super().__init__(folder, changed, missing, added)
        self.folder = folder
        self.changed = changed
        self.missing = missing
        self.added = added

    def __str__(self) -> str:
        found = {"changed": self.changed, "missing": self.missing, "added": self.added}
        parts = [f"{len(names)} {what} ({_shown(names)})" for what, names in found.items() if names]
        return f"{self.folder} is not as it was released: {', '.join(parts)}; get a fresh copy"


@dataclass(frozen=True, slots=True)
class Verified:
    """A release whose files all are as released: how many, and their bytes."""

    folder: Path
    files: int
    size_bytes: int


def write_checksums(folder: Path) -> None:
    """Write SHA256SUMS of all files below `folder`, by name."""
    lines = (f"{sha256_of(path)}  {path.relative_to(folder).as_posix()}\n" for path in _files(folder))
    (folder / CHECKSUMS).write_text("".join(lines), encoding="utf-8")


def verify(folder: Path) -> Verified:
    """Hold every file of the release at `folder` against its checksum; nothing may be missing or added.

    Raises:
        NotARelease: there are no checksums.
        BrokenRelease: with every file that is changed, missing or added.
    """
    expected = _checksums(folder)
    found = {path.relative_to(folder).as_posix(): path for path in _files(folder)}
    changed = tuple(name for name in sorted(expected.keys() & found.keys()) if sha256_of(found[name]) != expected[name])
    missing = tuple(sorted(expected.keys() - found.keys()))
    added = tuple(sorted(found.keys() - expected.keys()))
    if changed or missing or added:
        raise BrokenRelease(folder, changed, missing, added)
    return Verified(folder, len(found), sum(path.stat().st_size for path in found.values()))


def _files(folder: Path) -> list[Path]:
    """All files of a release but the checksums themselves, by name."""
    paths = (path for path in folder.rglob("*") if path.is_file() and path != folder / CHECKSUMS)
    return sorted(paths, key=lambda path: path.relative_to(folder).as_posix())


def _checksums(folder: Path) -> dict[str, str]:
    try:
        lines = (folder / CHECKSUMS).read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        raise NotARelease(folder, f"it has no {CHECKSUMS}") from None
    except UnicodeDecodeError:
        raise NotARelease(folder, f"its {CHECKSUMS} is no text") from None
    pairs = [line.partition("  ") for line in lines]
    if not pairs or any(len(digest) != 64 or not name for digest, _, name in pairs):
        raise NotARelease(folder, f"its {CHECKSUMS} has other lines than hash and name")
    return {name: digest for digest, _, name in pairs}


def _shown(names: tuple[str, ...]) -> str:
    return ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
