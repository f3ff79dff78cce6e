"""Work in progress: what one step hands to the next, kept on disk under the home so that any step can be redone.

All of it is derived: deleting `work/` costs time, never data. Everything is named by what it was made from and by,
so that a file is either right or absent; files appear by atomic rename.
"""

import hashlib
import io
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec
import polars as pl

from pipelines.discover.source import Source
from pipelines.read.document import Document
from pipelines.read.packed import DOCUMENT, About
from pipelines.read.packing import Damaged, Packing, packing
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


@dataclass(frozen=True, slots=True)
class Shelf(Generic[Value]):
    """Values by name, each a file in one folder that begins with the name of its type."""

    folder: Path
    packings: tuple[Packing[Any], ...]

    def get(self, name: str) -> Value | None:
        """The value of that name, or None."""
        try:
            kind, _, packed = self._path(name).read_bytes().partition(_ENDS)
            (unpack,) = (one.unpack for one in self.packings if one.kind.__name__.encode() == kind)
            value: Value = unpack(packed)
        except (FileNotFoundError, Damaged, ValueError):
            return None  # never made, or cut off by a power failure: it is made again
        return value

    def holds(self, name: str) -> bool:
        """Whether there is a value of that name."""
        return self._path(name).exists()

    def put(self, name: str, value: Value) -> None:
        """Keep a value under a name."""
        (pack,) = (one.pack for one in self.packings if isinstance(value, one.kind))
        self.put_packed(name, type(value), pack(value))

    def put_packed(self, name: str, kind: type[Value], packed: bytes) -> None:
        """Keep a value of a type that comes as bytes, packed as this shelf packs them."""
        write_if_changed(self._path(name), kind.__name__.encode() + _ENDS + packed)

    def _path(self, name: str) -> Path:
        return self.folder / name[:2] / f"{name}.packed"


_ENDS = b"\n"
_UNREADABLE, _ABOUT = packing(Unreadable), packing(About)
_RECOGNISED, _REJECTED = packing(Recognised), packing(Rejected)


def readings(home: Home) -> Shelf[Reading]:
    """What the readers made of archived bytes, by their hash."""
    return Shelf(home.work / "read" / reader_version(), (DOCUMENT, _UNREADABLE))


def abouts(home: Home) -> Shelf[About]:
    """What the documents of `readings` are, by the hash of the bytes."""
    return Shelf(home.work / "about" / reader_version(), (_ABOUT,))


def recognition_answers(home: Home) -> Path:
    """The folder of what the recognition engine (OCR) answered about pages: it outlives changes of code."""
    return home.work / "ocr"


def recognitions(home: Home) -> Shelf[Recognition]:
    """What was recognised in documents, by `recognition_name`."""
    return Shelf(home.work / "recognised" / f"{reader_version()}-{recogniser_version()}", (_RECOGNISED, _REJECTED))


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


@dataclass(frozen=True, slots=True)
class _Validated:
    """A validated partition as one file: its data version, and the tables that have rows as streams of Arrow."""

    data_version: str
    tables: dict[str, bytes]


_VALIDATED: msgspec.msgpack.Decoder[_Validated] = msgspec.msgpack.Decoder(_Validated)


def put_validated(home: Home, validated: Validated, data_version: str) -> None:
    """Keep a validated partition for the store step: all of it, or what was kept before."""
    tables = {table: _streamed(rows) for table, rows in validated.frames.items() if not rows.is_empty()}
    path = _validated(home, validated.partition)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_durably(path, msgspec.msgpack.encode(_Validated(data_version, tables)))


def take_validated(home: Home, partition: Partition) -> tuple[Frames, str]:
    """A validated partition's frames and data version.

    Raises:
        NotValidated: it was not validated, or what was kept of it is damaged.
    """
    try:
        kept = _VALIDATED.decode(_validated(home, partition).read_bytes())
        frames = {table: pl.read_ipc_stream(rows) for table, rows in kept.tables.items()}
    except (FileNotFoundError, msgspec.DecodeError, pl.exceptions.ComputeError):
        raise NotValidated(f"{partition.key} was not validated; run the validate step for it first") from None
    return {table: frames[table] if table in frames else empty(table) for table in PARTITIONED}, kept.data_version


def _streamed(rows: pl.DataFrame) -> bytes:
    rows.write_ipc_stream(sink := io.BytesIO())
    return sink.getvalue()


def _validated(home: Home, partition: Partition) -> Path:
    return home.work / "validated" / partition.path / "tables.msgpack"
