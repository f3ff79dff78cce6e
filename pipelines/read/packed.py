"""A document as bytes: how it comes from the process that read it, and how it is kept.

The process that reads a document packs it too, so that who waits for many of them has next to nothing to do.
"""

import gzip
from dataclasses import dataclass

from pydantic import TypeAdapter

from pipelines.read.document import Document
from pipelines.read.reader import read

_ADAPTER: TypeAdapter[Document] = TypeAdapter(Document)
_LEVEL = 3


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


@dataclass(frozen=True, slots=True)
class Packed:
    """A document as compressed JSON, and what it is."""

    about: About
    content: bytes

    @property
    def document(self) -> Document:
        """The document."""
        return _ADAPTER.validate_json(gzip.decompress(self.content))


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
    return Packed(about(document), gzip.compress(_ADAPTER.dump_json(document), compresslevel=_LEVEL, mtime=0))


def read_packed(content: bytes, sha256: str) -> Packed:
    """Read a document and pack it; raises what `pipelines.read.reader.read` raises."""
    return pack(read(content, sha256))
