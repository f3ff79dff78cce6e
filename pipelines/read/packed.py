"""A document as bytes: how it comes from the process that read it, and how it is kept.

The process that reads a document packs it too, so that who waits for many of them has next to nothing to do.
"""

from dataclasses import dataclass, fields, make_dataclass
from typing import Any

from pipelines.read.document import Block, Document, Paragraph, Table
from pipelines.read.packing import Packing, packing
from pipelines.read.reader import read


@dataclass(frozen=True, slots=True)
class About:
    """What is to be known of a document without unpacking it; the fields are those of `Document`.

    Args:
        media_type, reading, page_count, producer: as there.
        tables: how many it has.
        cells: how many these have.
    """

    media_type: str
    reading: str
    page_count: int | None
    producer: str | None
    tables: int
    cells: int


_OWN = tuple(field for field in fields(Document) if field.name != "blocks")
_Parted: type[Any] = make_dataclass(
    "_Parted",
    [
        *((field.name, field.type) for field in _OWN),
        ("are_tables", tuple[bool, ...]),
        ("paragraphs", tuple[Paragraph, ...]),
        ("tables", tuple[Table, ...]),
    ],
    frozen=True,
    slots=True,
)
"""A document whose blocks are told apart by where they stand: a packing takes no choice of dataclasses."""
_PARTED = packing(_Parted)


def _pack(document: Document) -> bytes:
    own = (getattr(document, field.name) for field in _OWN)
    are_tables = tuple(isinstance(block, Table) for block in document.blocks)
    return _PARTED.pack(_Parted(*own, are_tables, document.paragraphs, document.tables))


def _unpack(packed: bytes) -> Document:
    parted = _PARTED.unpack(packed)
    paragraphs, tables = iter(parted.paragraphs), iter(parted.tables)
    blocks: tuple[Block, ...] = tuple(next(tables) if is_table else next(paragraphs) for is_table in parted.are_tables)
    return Document(**{field.name: getattr(parted, field.name) for field in _OWN}, blocks=blocks)


DOCUMENT = Packing(Document, _pack, _unpack)


@dataclass(frozen=True, slots=True)
class Packed:
    """A document as bytes, and what it is."""

    about: About
    content: bytes

    @property
    def document(self) -> Document:
        """The document."""
        return DOCUMENT.unpack(self.content)


def about(document: Document) -> About:
    """What a document is."""
    return About(
        document.media_type,
        document.reading,
        document.page_count,
        document.producer,
        len(document.tables),
        sum(len(table.cells) for table in document.tables),
    )


def pack(document: Document) -> Packed:
    """A document as bytes; equal documents become equal bytes."""
    return Packed(about(document), DOCUMENT.pack(document))


def read_packed(content: bytes, sha256: str) -> Packed:
    """Read a document and pack it; raises what `pipelines.read.reader.read` raises."""
    return pack(read(content, sha256))
