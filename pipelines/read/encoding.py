"""Bytes of a web page as text, whatever the page declares: sites often send what they do not declare.

Belongs here: telling the encoding of a page from its bytes. Does not: markup, or text inside other formats.
"""

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# The first sign of a page, `<`, in UTF-16 without a mark.
_WIDE_TAGS = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
_DECLARED = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_DECLARED_WITHIN = 4096

_REPLACEMENT = "\ufffd"
# A page of another encoding breaks at nearly every character, a damaged UTF-8 page at one in hundreds.
_CHARACTERS_PER_FAULT = 10
# What UTF-8 writes in three bytes or four: all that Chinese text is made of.
_THREE_BYTES = re.compile(r"[\u0800-\ufffc\U00010000-\U0010ffff]")

# Where Big5's bytes end up in GB18030: private use, kana, Greek and Cyrillic, of which no report is made.
_BIG5_IN_GB18030 = re.compile(r"[\ue000-\uf8ff\u3040-\u30ff\u0370-\u04ff\ufffd]")
_GARBAGE_SHARE = 0.05


def decode(content: bytes) -> str:
    """The text of a web page: its byte order mark decides, else UTF-8 if it is that, else GB18030.

    The declared charset is not believed, with one exception: Big5 where the page declares it and GB18030
    gives garbage. Bytes that do not fit come out as U+FFFD; a UTF-8 character cut off at the end is left out.
    """
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace")
    for tag, encoding in _WIDE_TAGS:
        if content.startswith(tag):
            return content.decode(encoding, "replace")
    # A GB18030 page can begin with a UTF-8 mark, from an include file: the mark alone proves nothing.
    content = content.removeprefix(codecs.BOM_UTF8)
    text = _utf8(content)
    if text is not None:
        return text
    text = content.decode("gb18030", "replace")
    if b"big5" in _declared(content) and _is_big5(text):
        return content.decode("big5hkscs", "replace")
    return text


def _utf8(content: bytes) -> str | None:
    """`content` as UTF-8, or None where it is not: a stray bad byte or a cut-off end do not matter."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(content, final=False)
    except UnicodeDecodeError:
        text = content.decode("utf-8", "replace")
        faults = text.count(_REPLACEMENT) - content.count(_REPLACEMENT.encode())
        return text if faults * _CHARACTERS_PER_FAULT <= len(_THREE_BYTES.findall(text)) else None
    # Valid, but no character of three bytes: GB18030 has two bytes a character; its `一` would be Cyrillic.
    return text if content.isascii() or _THREE_BYTES.search(text) else None


def _declared(content: bytes) -> bytes:
    found = _DECLARED.search(content, 0, _DECLARED_WITHIN)
    return found[1].lower() if found else b""


def _is_big5(as_gb18030: str) -> bool:
    characters = sum(map("\x80".__le__, as_gb18030))
    return len(_BIG5_IN_GB18030.findall(as_gb18030)) > characters * _GARBAGE_SHARE
