"""What can go wrong in reading one document: each a reason for quarantine that a person can act on."""


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
