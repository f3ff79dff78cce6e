"""Archived bytes as documents, and what is recognised in them: each made once by this code, then kept on a shelf.

Belongs here: taking from the shelves of `pipelines.work`, making what they lack, and putting any failure into words.
Does not: reading (`pipelines.read`), recognising (`pipelines.recognise`), and what a page leads to
(`pipelines.following`).
"""

from collections.abc import Callable

from pipelines.discover.source import Source
from pipelines.fetch.archive_bucket import archive_of
from pipelines.jobs import Captured
from pipelines.read.document import Document
from pipelines.read.errors import NeedsTool, UnreadableDocument
from pipelines.read.media import media_type
from pipelines.read.ocr import answers_kept_in
from pipelines.read.packed import About, Packed, about, read_packed
from pipelines.recognise.identity import NotAReport, UnidentifiedReport
from pipelines.recognise.report import NoStatutoryTable, recognise
from pipelines.validate.examined import Rejected
from pipelines.work import (
    Reading,
    Recognition,
    Unreadable,
    abouts,
    readings,
    recognition_answers,
    recognition_name,
    recognitions,
    wait_for,
    wait_no_more,
)
from pipelines.workers import NoWorkers
from warehouse.layout import Home


def about_of(home: Home, sha256: str) -> About | Unreadable:
    """What the document in archived bytes is, or why there is none; it is read if it was not.

    Raises:
        ArchiveError: it was never read, and its bytes are lost or damaged.
    """
    known = abouts(home).get(sha256)
    if known is not None:
        return known
    reading = _reading(home, sha256)
    return about(reading) if isinstance(reading, Document) else reading


def _reading(home: Home, sha256: str) -> Reading:
    shelf = readings(home)
    known = shelf.get(sha256)
    if known is not None:
        return known
    content = archive_of(home).content(sha256)
    with answers_kept_in(recognition_answers(home)):
        made = keep_reading(home, sha256, content, lambda: read_packed(content, sha256))
    return made.document if isinstance(made, Packed) else made


def keep_reading(home: Home, sha256: str, content: bytes, make: Callable[[], Packed]) -> Packed | Unreadable:
    """What reading makes of archived bytes, or why it makes nothing, kept on the shelf if it is final.

    Args:
        home: where the shelves are.
        sha256: hash of the bytes.
        content: the bytes.
        make: reads them, here or by waiting for who does; whatever it raises makes them unreadable, except that there
            is nothing to read with.

    Raises:
        NoWorkers: so says `make`; nothing is kept.
    """
    try:
        made = make()
    except NoWorkers:
        raise
    except NeedsTool as error:
        wait_for(home, sha256, error.tool)
        return Unreadable(media_type(content), str(error))  # not kept: it is read once the program is there
    except UnreadableDocument as error:
        unreadable = Unreadable(media_type(content), str(error))
    except Exception as error:  # noqa: BLE001 - one document must never take the night's run with it
        unreadable = Unreadable(media_type(content), _bug("reader", sha256, error))
    else:
        readings(home).put_packed(sha256, Document, made.content)
        abouts(home).put(sha256, made.about)
        wait_no_more(home, sha256)
        return made
    readings(home).put(sha256, unreadable)
    wait_no_more(home, sha256)
    return unreadable


def recognition_of(home: Home, item: Captured) -> Recognition:
    """What is recognised in a file version, or why it is no report that can be loaded.

    Raises:
        ArchiveError: its bytes were never read, and are lost or damaged.
    """
    shelf = recognitions(home)
    name = recognition_name(item.capture.sha256, item.source)
    known = shelf.get(name)
    if known is not None:
        return known
    reading = _reading(home, item.capture.sha256)
    if isinstance(reading, Unreadable):
        return Rejected("quarantined", reading.reason)  # the reading is kept, if it is final
    recognition = _recognise(reading, item.source)
    shelf.put(name, recognition)
    return recognition


def _recognise(reading: Document, source: Source) -> Recognition:
    try:
        return recognise(reading, source)
    except NotAReport as error:
        return Rejected("not_a_report", str(error))
    except (UnidentifiedReport, NoStatutoryTable) as error:
        return Rejected("quarantined", str(error))
    except Exception as error:  # noqa: BLE001 - one document must never take the night's run with it
        return Rejected("quarantined", _bug("recogniser", reading.sha256, error))


def _bug(step: str, sha256: str, error: Exception) -> str:
    described = f"{type(error).__name__}: {error}".splitlines()[0]
    return (
        f"the {step} failed on document {sha256[:12]} ({described}): this is a bug, please report it with the document"
    )
