"""Choosing the reader for archived bytes by what they are."""

from collections.abc import Callable, Mapping

from pipelines.read import media
from pipelines.read.archives import read_rar, read_zip
from pipelines.read.document import Document
from pipelines.read.docx import read_docx
from pipelines.read.errors import NoTextLayer, UnsupportedMedia
from pipelines.read.html.page import read_html
from pipelines.read.media import media_type
from pipelines.read.mhtml import read_mhtml
from pipelines.read.ocr import PICTURES, read_image, read_scan
from pipelines.read.ofd import read_ofd
from pipelines.read.office import read_doc, read_odt, read_other_container, read_rtf
from pipelines.read.pdf.document import read_pdf
from pipelines.read.xlsx import read_xls, read_xlsx


def read_any_pdf(content: bytes, sha256: str) -> Document:
    """Read a PDF by its text layer, or by what its pages look like where it has none that can be decoded.

    Raises:
        UnreadableDocument: as `read_pdf` and `read_scan` do.
    """
    try:
        return read_pdf(content, sha256)
    except NoTextLayer:
        return read_scan(content, sha256)


READERS: Mapping[str, Callable[[bytes, str], Document]] = {
    media.PDF: read_any_pdf,
    media.HTML: read_html,
    media.MHTML: read_mhtml,
    **dict.fromkeys(PICTURES, read_image),
    media.DOCX: read_docx,
    media.DOC: read_doc,
    media.RTF: read_rtf,
    media.ODT: read_odt,
    media.OFD: read_ofd,
    media.XLSX: read_xlsx,
    media.XLS: read_xls,
    media.OLE: read_other_container,
    media.ZIP: lambda content, sha256: read_zip(content, sha256, read),
    media.RAR: lambda content, sha256: read_rar(content, sha256, read),
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
