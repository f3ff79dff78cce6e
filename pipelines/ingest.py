"""Reports from disk: files and folders, archived and registered like those fetched from the web."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipelines.discover.source import Source
from pipelines.fetch.archive_bucket import archive_of
from pipelines.fetch.register import register
from pipelines.read.errors import NeedsTool, UnreadableDocument
from pipelines.read.reader import read
from pipelines.recognise.identity import UnidentifiedReport, identify
from pipelines.recognise.report import NoStatutoryTable, recognise
from warehouse.files import sha256
from warehouse.layout import Home, Partition

SUFFIXES = (
    ".pdf",
    ".html",
    ".htm",
    ".shtml",
    ".mht",
    ".docx",
    ".doc",
    ".wps",
    ".ofd",
    ".zip",
    ".rar",
    ".xlsx",
    ".xls",
    ".rtf",
    ".odt",
    ".png",
    ".jpg",
    ".jpeg",
    ".tif",
    ".tiff",
)
"""What is taken from a folder; a file named on the command line is taken whatever its name."""


NO_YEAR = 0
"""Stands for a year that the options do not say: a report has it only if it does not say its year either."""


class IngestError(Exception):
    """A file that cannot be ingested; the message says which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What the command line says of the files: it fills in what the documents leave open."""

    city: str | None = None
    region_code: str | None = None
    year: int | None = None
    publisher: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that can be ingested: its bytes and the source it becomes."""

    path: Path
    content: bytes
    source: Source


def files_of(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The files named, and those of known suffixes in the folders named, sorted.

    Raises:
        IngestError: a path does not exist, or a folder holds no file of a known suffix.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.is_file() and p.suffix.lower() in SUFFIXES)
            if not inside:
                raise IngestError(f"{path}: no file of a known kind in it ({', '.join(SUFFIXES)})")
            found.extend(inside)
        elif path.is_file():
            found.append(path)
        else:
            raise IngestError(f"{path}: no such file or folder")
    return tuple(dict.fromkeys(found))


def candidate(path: Path, hints: Hints) -> Candidate:
    """Look whether a file holds an annual report, and of whom on which year; nothing is written.

    Raises:
        IngestError: it cannot be read, is no report, or its region or year cannot be told. A file that waits for a
            program to be installed is a candidate if the options say its region and year.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise IngestError(f"{path}: cannot be read ({error.strerror})") from error
    if not content:
        raise IngestError(f"{path}: the file is empty")
    address = path.resolve().as_uri()
    said = _said(address, hints)
    try:
        document = read(content, sha256(content))
        identity = identify(document, said, year=hints.year)
        if identity.year == NO_YEAR:
            raise IngestError(f"{path}: the document names no year; give the one it covers with --year")
        source = Source(
            address,
            hints.city or identity.city,
            hints.year or identity.year,
            hints.region_code or identity.region_code,
            hints.publisher or identity.publisher,
        )
        found = recognise(document, source).identity
    except NeedsTool as error:
        if said is None or said.year == NO_YEAR:
            raise IngestError(
                f"{path}: {error}; or give --region and --year, and it is archived now and read once that is done"
            ) from error
        return Candidate(path, content, said)
    except (UnreadableDocument, UnidentifiedReport, NoStatutoryTable) as error:
        raise IngestError(f"{path}: {error}") from error
    if (found.city, found.year) != (source.city, source.year):
        raise IngestError(
            f"{path}: the document is {found.publisher}'s report on {found.year} ({found.city}), not one on "
            f"{source.year} ({source.city}) as the options say; leave out --region and --year"
        )
    return Candidate(path, content, source)


def _said(address: str, hints: Hints) -> Source | None:
    """What the options say of the file, as a catalogue would; None where they do not say its region."""
    if hints.city is None or hints.region_code is None:
        return None
    return Source(address, hints.city, hints.year or NO_YEAR, hints.region_code, hints.publisher)


def ingest(home: Home, candidates: Sequence[Candidate]) -> tuple[Partition, ...]:
    """Archive and register files; return the partitions they belong to, sorted."""
    archive = archive_of(home)
    for one in candidates:
        archive.add(one.source.url, one.content, retrieved_at=datetime.now(UTC), origin="disk")
    register(home, [one.source for one in candidates])
    return tuple(sorted({Partition(one.source.city, one.source.year) for one in candidates}))
