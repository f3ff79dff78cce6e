"""Pictures of a web page that may show a table: where their files are, and which hold enough to be read.

Belongs here: single `img` elements. Does not: which of them are part of the document (`content`), fetching their
files, or reading what they show (`ocr`).
"""

import base64
import binascii
import io
import re
from urllib.parse import unquote_to_bytes

from PIL import Image, UnidentifiedImageError

from pipelines.read.html.items import Element
from pipelines.read.media import JPEG, PNG, media_type

LEAST_WIDTH, LEAST_HEIGHT = 400, 100
"""Pixels of the smallest picture in which a table of five rows and seven columns of figures can be made out."""

_DATA = re.compile(r"\s*data:image/[\w.+-]+(?P<coded>;base64)?(?:;[^,]*)?,", re.IGNORECASE)
_PIXELS = re.compile(r"\s*(\d{1,5})(?:\.\d+)?\s*(?:px)?\s*$")
# Scripts put the file's address into `src` only when a reader scrolls to the picture.
_LATER = ("data-original", "data-src", "data-lazy-src", "_src")
_SMALL_FILES = re.compile(r"\.(?:gif|svg|ico)$", re.IGNORECASE)


def embedded(image: Element) -> bytes | None:
    """The file inside a `data:` address of an `img`, if it is large enough to show a table; None otherwise."""
    source = image.get("src") or ""
    found = _DATA.match(source)
    if found is None:
        return None
    written = unquote_to_bytes(source[found.end() :])
    try:
        content = base64.b64decode(written) if found["coded"] else written
    except binascii.Error:
        return None
    return content if is_legible(content) else None


def linked(image: Element) -> str | None:
    """The address of an `img`'s file as written, if it may show a table by what the page says; None otherwise."""
    address = next((value for name in _LATER if (value := image.get(name))), None) or image.get("src") or ""
    if not address.strip() or _DATA.match(address) or _SMALL_FILES.search(address.partition("?")[0]):
        return None
    declared = (image.get("width") or "", LEAST_WIDTH // 2), (image.get("height") or "", LEAST_HEIGHT // 2)
    # A page may show a picture smaller than it is.
    if any((said := _PIXELS.match(value)) and int(said[1]) < least for value, least in declared):
        return None
    return address


def as_embedded(content: bytes) -> str:
    """The `data:` address of a picture file."""
    return f"data:{media_type(content)};base64,{base64.b64encode(content).decode()}"


def is_legible(content: bytes) -> bool:
    """Whether bytes are a picture of a kind that can be read, and large enough to show a table."""
    if media_type(content) not in (PNG, JPEG):
        return False
    try:
        with Image.open(io.BytesIO(content)) as picture:
            return picture.width >= LEAST_WIDTH and picture.height >= LEAST_HEIGHT
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return False
