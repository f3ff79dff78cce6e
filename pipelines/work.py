"""Work in progress: what one step hands to the next, kept on disk under the home so that any step can be redone.

All of it is derived: deleting `work/` costs time, never data. Everything is named by what it was made from and by,
so that a file is either right or absent; files appear by atomic rename.
"""

import gzip
import hashlib
import zlib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Generic, TypeVar

import polars as pl
from pydantic import TypeAdapter, ValidationError

from pipelines.discover.source import Source
from pipelines.read.document import Document
from pipelines.read.packed import About
from pipelines.recognise.facts import Recognised
from pipelines.validate.examined import Rejected
from pipelines.validate.frames import Frames
from pipelines.validate.partition import Validated
from pipelines.versions import reader_version, recogniser_version
from schemas.derive import empty
from schemas.tables import PARTITIONED
from warehouse.files import write_durably, write_if_changed
from warehouse.layout import Home, Partition

Value = TypeVar("Value")
WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Archived bytes that no reader could read: their media type and why."""

    media_type: str
    reason: str


Reading = Document | Unreadable
Recognition = Recognised | Rejected


@dataclass(frozen=True)
class Shelf(Generic[Value]):
    """Values of one type by name, as compressed JSON files in one folder."""

    folder: Path
    adapter: TypeAdapter[Value]

    def get(self, name: str) -> Value | None:
        """The value of that name, or None."""
        try:
            return self.adapter.validate_json(gzip.decompress(self._path(name).read_bytes()))
        except (FileNotFoundError, EOFError, gzip.BadGzipFile, zlib.error, ValidationError):
            return None  # never made, or cut off by a power failure: it is made again

    def holds(self, name: str) -> bool:
        """Whether there is a value of that name."""
        return self._path(name).exists()

    def put(self, name: str, value: Value) -> None:
        """Keep a value under a name."""
        self.put_packed(name, gzip.compress(self.adapter.dump_json(value), compresslevel=3, mtime=0))

    def put_packed(self, name: str, packed: bytes) -> None:
        """Keep a value that comes as compressed JSON."""
        write_if_changed(self._path(name), packed)

    def _path(self, name: str) -> Path:
        return self.folder / name[:2] / f"{name}.json.gz"


_READING: TypeAdapter[Reading] = TypeAdapter(Reading)
_ABOUT: TypeAdapter[About] = TypeAdapter(About)
_RECOGNITION: TypeAdapter[Recognition] = TypeAdapter(Recognition)


def readings(home: Home) -> Shelf[Reading]:
    """What the readers made of archived bytes, by their hash."""
    return Shelf(home.work / "read" / reader_version(), _READING)


def abouts(home: Home) -> Shelf[About]:
    """What the documents of `readings` are, by the hash of the bytes."""
    return Shelf(home.work / "about" / reader_version(), _ABOUT)


def recognition_answers(home: Home) -> Path:
    """The folder of what the recognition engine (OCR) answered about pages: it outlives changes of code."""
    return home.work / "ocr"


def recognitions(home: Home) -> Shelf[Recognition]:
    """What was recognised in documents, by `recognition_name`."""
    return Shelf(home.work / "recognised" / f"{reader_version()}-{recogniser_version()}", _RECOGNITION)


def recognition_name(sha256: str, source: Source) -> str:
    """Name of a recognition: the document and what its source says of it both decide the outcome."""
    said = "\0".join(str(getattr(source, field.name)) for field in fields(source))
    return f"{sha256}-{hashlib.sha256(said.encode()).hexdigest()[:8]}"


def wait_for(home: Home, sha256: str, tool: str) -> None:
    """Note that archived bytes can be read once a program is installed; `pipelines.read.tools` has it by name."""
    write_if_changed(home.work / WAITING / sha256, tool.encode())


def wait_no_more(home: Home, sha256: str) -> None:
    """Forget that archived bytes waited for a program."""
    (home.work / WAITING / sha256).unlink(missing_ok=True)


def waiting(home: Home) -> dict[str, str]:
    """Archived bytes that wait for a program: its name by their hash."""
    folder = home.work / WAITING
    return {path.name: path.read_text() for path in folder.iterdir()} if folder.is_dir() else {}


class NotValidated(Exception):  # noqa: N818 - the name states the situation
    """A partition was to be stored that was not validated first."""


def put_validated(home: Home, validated: Validated, data_version: str) -> None:
    """Keep a validated partition for the store step; the version is written last and marks it complete."""
    folder = _validated(home, validated.partition)
    folder.mkdir(parents=True, exist_ok=True)
    version = folder / "version"
    version.unlink(missing_ok=True)
    for table, rows in validated.frames.items():
        path = folder / f"{table}.arrow"
        path.unlink(missing_ok=True)
        if not rows.is_empty():
            rows.write_ipc(path)
    write_durably(version, data_version.encode())


def take_validated(home: Home, partition: Partition) -> tuple[Frames, str]:
    """A validated partition's frames and data version.

    Raises:
        NotValidated: it was not validated, or validating was cut off.
    """
    folder = _validated(home, partition)
    try:
        version = (folder / "version").read_text()
    except FileNotFoundError:
        raise NotValidated(f"{partition.key} was not validated; run the validate step for it first") from None
    return {table: _rows(folder / f"{table}.arrow", table) for table in PARTITIONED}, version


def _rows(path: Path, table: str) -> pl.DataFrame:
    """The rows of a table that were kept; a table without rows has no file."""
    try:
        return pl.read_ipc(path.read_bytes())
    except FileNotFoundError:
        return empty(table)


def _validated(home: Home, partition: Partition) -> Path:
    return home.work / "validated" / partition.path
