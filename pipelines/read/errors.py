"""What can go wrong in reading one document: each a reason for quarantine that a person can act on."""

from typing import ClassVar


class UnreadableDocument(Exception):  # noqa: N818 - the name states the situation
    """A document that no reader can turn into paragraphs and tables; the message says what to do next."""


class UnsupportedMedia(UnreadableDocument):
    """The bytes are of a kind that no reader handles."""


class NoTextLayer(UnreadableDocument):
    """A PDF whose pages are images or whose text cannot be decoded."""


class DamagedFile(UnreadableDocument):
    """The bytes claim a format but cannot be parsed as it."""


class EmptyPage(UnreadableDocument):
    """A web page whose markup shows no text: scripts build it, it redirects, or nothing was sent."""


class LockedFile(UnreadableDocument):
    """A document that opens only with a password."""


class OverLimit(UnreadableDocument):
    """A package, archive or page that would unfold to more than a report ever has."""


class NoReportInside(UnreadableDocument):
    """An archive in which no report is found, or several; the message lists what is."""


class NeedsTool(UnreadableDocument):
    """A document that is read with the help of a program that is not installed; it can be read once it is.

    `tool` is the name of the program, one of `pipelines.read.tools`.
    """

    tool: ClassVar[str]


class NeedsLibreOffice(NeedsTool):
    """A document of a word processor's old format, with no LibreOffice to convert it."""

    tool = "LibreOffice"


class NeedsUnrar(NeedsTool):
    """A compressed RAR archive, with no program that unpacks it."""

    tool = "unar"


class NeedsRecognition(NeedsTool):
    """Pages that are pictures, with no engine installed that reads pictures: the extra `ocr`, a Python package."""

    tool = "RapidOCR"
