"""What kind of file some bytes are, told from the bytes: a name, an extension or a server's header may lie.

Belongs here: telling kinds apart. Does not: opening or reading any of them.
"""

import io
import re
import zipfile

import olefile

from pipelines.read.encoding import decode

PDF = "application/pdf"
HTML = "text/html"
MHTML = "multipart/related"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
ODT = "application/vnd.oasis.opendocument.text"
DOC = "application/msword"
"""Word before 2007, and WPS (.wps), which writes the same."""
XLS = "application/vnd.ms-excel"
OLE = "application/x-ole-storage"
"""The container of Office files before 2007, where it holds none of the above, and of encrypted ones since."""
OFD = "application/ofd"
"""版式文档 of GB/T 33190, China's counterpart of PDF."""
RTF = "application/rtf"
ZIP = "application/zip"
RAR = "application/vnd.rar"
SEVEN_ZIP = "application/x-7z-compressed"
PNG = "image/png"
JPEG = "image/jpeg"
TIFF = "image/tiff"
GIF = "image/gif"
JSON = "application/json"
XML = "application/xml"
TEXT = "text/plain"
UNKNOWN = "application/octet-stream"

_MAGIC = (
    (b"%PDF-", PDF),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
    (b"Rar!\x1a\x07", RAR),
    (b"7z\xbc\xaf\x27\x1c", SEVEN_ZIP),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
    (b"GIF8", GIF),
    (b"{\\rtf", RTF),
)
# The stream at the root of an OLE container that tells what it is.
_STREAMS = (("WordDocument", DOC), ("Workbook", XLS), ("Book", XLS))
# The member that tells what a zip archive is; the first that is there decides.
_MEMBERS = (("ofd.xml", OFD), ("word/", DOCX), ("xl/", XLSX), ("ppt/", PPTX), ("content.xml", ODT))
_LOCAL_HEADER = b"PK\x03\x04"

# ISO 32000-1, Annex H.3.4.1: readers accept a header that stands within the first 1024 bytes.
_PDF_HEADER_WITHIN = 1024
_OPENING = 65_536

# What may stand before the first element of a page.
_LEAD = re.compile(rb"(?:\s|\xef\xbb\xbf|<!--.*?-->|<\?.*?\?>)*", re.DOTALL)
_DOCTYPE = re.compile(rb"<!doctype\s+html\b", re.IGNORECASE)
_FIRST_TAG = re.compile(
    rb"<(?:html|head|body|title|meta|base|link|script|style|noscript|iframe|frameset|table|tbody|tr|td|div|p|br|hr"
    rb"|h[1-6]|span|font|center|b|strong|a|img|ul|ol|li|dl|form|input|section|article|main|header|nav|pre)[\s/>]",
    re.IGNORECASE,
)
_ANY_TAG = re.compile(rb"<(?:html|head|body|title|meta|script|table|div)[\s/>]", re.IGNORECASE)
_MIME_HEADER = re.compile(rb"(?:MIME-Version|From: <Saved by)", re.IGNORECASE)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def media_type(content: bytes) -> str:
    """The media type of `content`, one of this module's constants; `UNKNOWN` where nothing tells."""
    for magic, kind in _MAGIC:
        if content.startswith(magic):
            return _ole_kind(content) if kind == OLE else kind
    if content.startswith(b"PK"):
        return _zip_kind(content)
    if b"%PDF-" in content[:_PDF_HEADER_WITHIN]:
        return PDF
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _text_kind(content[:_OPENING].decode("utf-16", "ignore").encode())
    if content.startswith((b"<\0", b"\0<")):
        return _text_kind(decode(content[:_OPENING]).encode())
    return _text_kind(content)


def _ole_kind(content: bytes) -> str:
    try:
        with olefile.OleFileIO(io.BytesIO(content)) as container:
            return next((kind for stream, kind in _STREAMS if container.exists(stream)), OLE)
    except Exception:  # noqa: BLE001 - olefile raises what it meets on damaged containers; they stay what they claim
        return OLE


def _zip_kind(content: bytes) -> str:
    names = _zip_names(content)
    for member, kind in _MEMBERS:
        if any(name == member or (member.endswith("/") and name.startswith(member)) for name in names):
            return kind
    return ZIP


def _zip_names(content: bytes) -> list[str]:
    """Member names in lower case: from the directory or, in a cut-off archive, from the local headers."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return [name.lower() for name in archive.namelist()]
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        pass
    names = []
    at = content.find(_LOCAL_HEADER)
    while at >= 0:
        length = int.from_bytes(content[at + 26 : at + 28], "little")
        names.append(content[at + 30 : at + 30 + length].decode("utf-8", "replace").lower())
        at = content.find(_LOCAL_HEADER, at + 30)
    return names


def _text_kind(content: bytes) -> str:
    lead = _LEAD.match(content)
    start = lead.end() if lead else 0
    if _DOCTYPE.match(content, start) or _FIRST_TAG.match(content, start):
        return HTML
    opening = content[:_OPENING]
    if not opening.strip() or _CONTROL.search(opening):
        return UNKNOWN
    if content[start : start + 1] in (b"{", b"["):
        return JSON  # checked before tags: a content system's answer often carries a page inside
    if _MIME_HEADER.match(content, start):
        return MHTML
    if _ANY_TAG.search(opening):
        return HTML
    if opening.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<?xml"):
        return XML
    text = decode(opening)
    return TEXT if text.count("\ufffd") * 100 <= len(text) else UNKNOWN
