"""Versions of releases: how they are written, ordered and found in a folder.

Belongs here: names. Does not: what is in a release.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self

CHECKSUMS = "SHA256SUMS"
"""The file that makes a folder a release: names and hashes of all others."""

_NUMBER = r"(0|[1-9][0-9]*)"
# One to three numbers, as Croissant wants them, so that a version means the same in every descriptor.
_VERSION = re.compile(rf"{_NUMBER}(\.{_NUMBER}){{0,2}}")


class InvalidVersion(ValueError):  # noqa: N818 - the name states the situation
    """A text that is no version."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return f"{self.text!r} is no version; expected one to three numbers without leading zeros: 2026.1 or 1.2.0"


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A version, ordered by its numbers: 2026.2 comes before 2026.10."""

    numbers: tuple[int, ...]

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The version written as `text`; raises InvalidVersion."""
        if not _VERSION.fullmatch(text):
            raise InvalidVersion(text)
        return cls(tuple(map(int, text.split("."))))

    def __str__(self) -> str:
        return ".".join(map(str, self.numbers))


def versions(folder: Path) -> tuple[Version, ...]:
    """The versions released into `folder`, in order; what is no release is left out."""
    names = (path.parent.name for path in folder.glob(f"*/{CHECKSUMS}"))
    return tuple(sorted(Version.from_text(name) for name in names if _VERSION.fullmatch(name)))


def last_before(folder: Path, version: Version) -> Version | None:
    """The greatest version released into `folder` that comes before `version`."""
    return max((one for one in versions(folder) if one < version), default=None)
