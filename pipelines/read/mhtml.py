"""Web pages saved as one file (.mht), as browsers, Word and WPS save them: a MIME message with the page in it.

Belongs here: taking the page out. Does not: reading it (`pipelines.read.html.page`), or the pictures beside it.
"""

from dataclasses import replace
from email import message_from_bytes
from email.message import Message

from pipelines.read.document import Document
from pipelines.read.errors import DamagedFile
from pipelines.read.html.page import read_html
from pipelines.read.media import HTML, MHTML


def read_mhtml(content: bytes, sha256: str) -> Document:
    """Read the first page of a web archive; an element path is of that page.

    Raises:
        DamagedFile: there is no page in it.
        EmptyPage, NeedsRecognition: as `read_html`.
    """
    page = next((_decoded(part) for part in message_from_bytes(content).walk() if part.get_content_type() == HTML), b"")
    if not page:
        raise DamagedFile("web archive: it holds no page; open it in a browser and save it as .html or PDF")
    return replace(read_html(page, sha256), media_type=MHTML)


def _decoded(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""
