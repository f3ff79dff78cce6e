"""What a page leads to that has the report elsewhere: in a file it attaches, or in the pictures it shows.

Belongs here: deciding from what was archived and recognised what else to fetch, making the page with its pictures
inside, and saying of a page where its report is. Does not: links and markup (`pipelines.discover.attachments`,
`pipelines.discover.pictures`), and recognising the page itself (`pipelines.documents`).
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

import httpx

from pipelines.discover.attachments import attachments, report_attachment
from pipelines.discover.pictures import page_with_pictures, pictures, with_pictures_address
from pipelines.discover.source import Source
from pipelines.documents import recognition_of
from pipelines.fetch.answers import examine_picture
from pipelines.fetch.archive import ArchiveError
from pipelines.fetch.archive_bucket import archive_of
from pipelines.fetch.ask import ask
from pipelines.fetch.download import Outcome
from pipelines.fetch.register import register, registered
from pipelines.jobs import Captured
from pipelines.read.media import HTML, media_type
from pipelines.validate.examined import Rejected
from pipelines.work import Recognition
from warehouse.layout import Home


def attached_sources(home: Home, outcomes: Sequence[Outcome]) -> list[Source]:
    """The attachments to fetch for pages that hold no report, as sources of the pages' partitions."""
    fetched = {outcome.source.url for outcome in outcomes}
    elsewhere = {source.url: (source.city, source.year) for source in registered(home)}
    found: dict[str, Source] = {}
    for outcome in outcomes:
        if outcome.capture is None:
            continue
        page = Captured(outcome.source, outcome.capture)
        try:
            url = _report_attached(home, page)
        except ArchiveError:
            continue  # its bytes are lost or damaged; the steps that read it say so
        if url is None or url in fetched:
            continue
        # What the catalogue says of an address counts, also where another page links it.
        if elsewhere.get(url, (page.source.city, page.source.year)) == (page.source.city, page.source.year):
            found[url] = replace(page.source, url=url)
    return [found[url] for url in sorted(found)]


def _report_attached(home: Home, page: Captured) -> str | None:
    """The address of the report that a captured page offers as a file and does not hold itself, or None."""
    content = archive_of(home).content(page.capture.sha256)
    if media_type(content) != HTML or not attachments(content, page.capture.final_url):
        return None
    itself = recognition_of(home, page)
    if not isinstance(itself, Rejected):
        return None
    sure = itself.status == "not_a_report"  # news and lists link many files
    offered = report_attachment(content, page.capture.final_url, page.source.year, sure=sure)
    return offered.url if offered else None


_NEVER = frozenset({"missing", "wrong_type"})
"""Problems for which a picture will not be had at another time either."""


def fetch_pictures(
    home: Home, outcomes: Sequence[Outcome], transport: httpx.AsyncBaseTransport | None, say: Callable[[str], object]
) -> tuple[Outcome, ...]:
    """Fetch the pictures of reports without tables in their text, and make each such page with them inside.

    Pictures are archived, but are no sources: by itself none of them is a report. The pages made are, and are
    registered; their outcomes follow those of the pictures.
    """
    pages: dict[str, tuple[Captured, tuple[str, ...]]] = {}
    for outcome in outcomes:
        if outcome.capture is None:
            continue
        page = Captured(outcome.source, outcome.capture)
        with suppress(ArchiveError):  # its bytes are lost or damaged; the steps that read it say so
            if found := _pictures_of(home, page):
                pages[page.source.url] = page, found
    if not pages:
        return ()
    wanted = {url: replace(page.source, url=url) for page, urls in pages.values() for url in urls}
    sources = [wanted[url] for url in sorted(wanted)]
    fetched = ask(home, archive_of(home), sources, transport=transport, say=say, examine=examine_picture)
    late = {one.source.url for one in fetched if one.capture is None and one.problem not in _NEVER}
    # Without a picture that may still come the page would be another edition, with less in it.
    made = [_made(home, page, urls) for page, urls in pages.values() if not late.intersection(urls)]
    return fetched + tuple(outcome for outcome in made if outcome is not None)


def _made(home: Home, page: Captured, pictures: Sequence[str]) -> Outcome | None:
    """Archive and register a page with its pictures inside; None where none of them can show a table."""
    archive = archive_of(home)
    captures = {url: capture for url in pictures if (capture := archive.latest(url)) is not None}
    try:
        files = {url: archive.content(capture.sha256) for url, capture in captures.items()}
        content = page_with_pictures(archive.content(page.capture.sha256), page.capture.final_url, files)
    except ArchiveError:
        return None
    if content is None:
        return None
    source = replace(page.source, url=with_pictures_address(page.source.url))
    before = archive.latest(source.url)
    newest = max(capture.retrieved_at for capture in (page.capture, *captures.values()))
    made = archive.add(
        source.url, content, retrieved_at=newest, final_url=with_pictures_address(page.capture.final_url), origin="made"
    )
    register(home, [source])
    if before is None:
        return Outcome(source, "new", made)
    return Outcome(source, "unchanged" if before == made else "changed", made)


def _pictures_of(home: Home, page: Captured) -> tuple[str, ...]:
    """The pictures of a captured page that is a report without tables in its text or a file that has them."""
    content = archive_of(home).content(page.capture.sha256)
    if page.capture.origin == "made" or media_type(content) != HTML:
        return ()
    found = pictures(content, page.capture.final_url)
    if not found:
        return ()
    itself = recognition_of(home, page)
    # News and lists show pictures too: only what says that it is a report, or says nothing at all, is followed.
    if not isinstance(itself, Rejected) or itself.status == "not_a_report" or _report_attached(home, page):
        return ()
    return found


def outcome_of(home: Home, item: Captured) -> Recognition:
    """What was recognised in a file version; a page whose report is an attachment is none, but says where it is."""
    recognition = recognition_of(home, item)
    if not isinstance(recognition, Rejected):
        return recognition
    if (url := _report_attached(home, item)) is None:
        return _in_pictures(home, item, recognition)
    if archive_of(home).latest(url) is None:
        return replace(recognition, reason=f"{recognition.reason}; its attachment {url} was not fetched: fetch again")
    return Rejected("not_a_report", f"the report is its attachment {url}")


def _in_pictures(home: Home, item: Captured, rejected: Rejected) -> Rejected:
    """Why a page without tables holds no report: it may be in its pictures."""
    wanted = _pictures_of(home, item)
    if not wanted:
        return rejected
    archive = archive_of(home)
    address = with_pictures_address(item.source.url)
    if archive.latest(address) is not None:
        return Rejected("not_a_report", f"the report is in the pictures of this page: {address}")
    missing = sum(archive.latest(url) is None for url in wanted)
    if missing:
        return replace(rejected, reason=f"{rejected.reason}; {missing} of its pictures were not fetched: fetch again")
    return replace(rejected, reason=f"{rejected.reason}; its pictures are too small or too many to be read")
