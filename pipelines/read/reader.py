"""Choosing the reader for archived bytes by what they are."""

from collections.abc import Callable, Mapping

from pipelines.read.document import Document
from pipelines.read.errors import UnsupportedMedia
from pipelines.read.html import read_html
from pipelines.read.media import media_type
from pipelines.read.pdf import read_pdf

READERS: Mapping[str, Callable[[bytes, str], Document]] = {
    "application/pdf": read_pdf,
    "text/html": read_html,
}
"""The reader for each media type that can be read."""


def read(content: bytes, sha256: str) -> Document:
    """Read archived bytes as a document.

    Args:
        content: the bytes.
        sha256: their hash, by which the archive knows them.

    Raises:
        UnsupportedMedia: no reader handles bytes of this kind.
        UnreadableDocument: the reader of this kind cannot read these.
    """
    kind = media_type(content)
    reader = READERS.get(kind)
    if reader is None:
        known = ", ".join(READERS)
        raise UnsupportedMedia(
            f"the bytes are {kind}, which this version cannot read (it reads {known}); save it as one of these"
        )
    return reader(content, sha256)
