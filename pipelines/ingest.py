"""Reports from disk: files and folders, archived and registered like those fetched from the web."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipelines.discover.source import Source
from pipelines.fetch.archive import Archive
from pipelines.fetch.register import register
from pipelines.read.errors import UnreadableDocument
from pipelines.read.reader import read
from pipelines.recognise.identity import UnidentifiedReport, identify
from pipelines.recognise.report import NoStatutoryTable, recognise
from warehouse.files import sha256
from warehouse.layout import Home, Partition

SUFFIXES = (".pdf", ".html", ".htm", ".shtml", ".mht", ".docx", ".doc", ".wps", ".ofd", ".zip", ".rar", ".xlsx")
"""What is taken from a folder; a file named on the command line is taken whatever its name."""


class IngestError(Exception):
    """A file that cannot be ingested; the message says which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What the command line says of the files: overrides what the documents say."""

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
        IngestError: it cannot be read, is no report, or its region or year cannot be told.
    """
    content = path.read_bytes()
    if not content:
        raise IngestError(f"{path}: the file is empty")
    address = path.resolve().as_uri()
    try:
        document = read(content, sha256(content))
        if hints.city and hints.region_code and hints.year:
            source = Source(address, hints.city, hints.year, hints.region_code, hints.publisher)
            recognise(document, source)
            return Candidate(path, content, source)
        identity = identify(document)
        source = Source(
            address,
            hints.city or identity.city,
            hints.year or identity.year,
            hints.region_code or identity.region_code,
            hints.publisher or identity.publisher,
        )
        recognise(document, source)
    except (UnreadableDocument, UnidentifiedReport, NoStatutoryTable) as error:
        raise IngestError(f"{path}: {error}") from error
    return Candidate(path, content, source)


def ingest(home: Home, candidates: Sequence[Candidate]) -> tuple[Partition, ...]:
    """Archive and register files; return the partitions they belong to, sorted."""
    archive = Archive(home.archive)
    for one in candidates:
        archive.add(one.source.url, one.content, retrieved_at=datetime.now(UTC), origin="disk")
    register(home, [one.source for one in candidates])
    return tuple(sorted({Partition(one.source.city, one.source.year) for one in candidates}))
