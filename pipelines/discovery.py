"""Discovering: listing pages are fetched and gone through, and what they newly list is kept as proposals.

Belongs here: bringing `pipelines.discover` and `pipelines.fetch` together, also for a single address that a person
adds. Does not: reading listing pages.

Listing pages are no documents: most change with every visit. They are kept under `work/`, apart from the archive,
so that unchanged ones are not sent again, and may be deleted at any time.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from pipelines.discover.catalogue import known_domains, own_file
from pipelines.discover.crawl import Page, Unlisted, crawl
from pipelines.discover.listings import Listing
from pipelines.discover.pending import Unsettled, pending, propose
from pipelines.discover.proposals import PassedOver, Proposal, titled_document
from pipelines.discover.source import Source
from pipelines.fetch.answers import examine, examine_listing
from pipelines.fetch.archive import Archive, ArchiveError
from pipelines.fetch.ask import ask
from pipelines.fetch.download import Examine
from pipelines.read.document import Document
from pipelines.read.errors import UnreadableDocument
from pipelines.read.reader import read
from pipelines.recognise.identity import UnidentifiedReport, identify
from pipelines.report.journal import PageFailed, Proposed, begin, note
from schemas.regions import division
from warehouse.files import sha256
from warehouse.layout import Home

_LOG = logging.getLogger("gongkai")


@dataclass(frozen=True, slots=True)
class Discovered:
    """What a run's listing pages gave.

    Args:
        listings: how many listings were gone through.
        pages: how many pages of them were read.
        listed: how many reports they list.
        proposed: the reports newly proposed as sources.
        waiting: how many proposals wait for a decision, with these.
        passed_over: links that mention reports and are none.
        failed: pages that could not be had or read.
    """

    listings: int
    pages: int
    listed: int
    proposed: tuple[Proposal, ...]
    waiting: int
    passed_over: tuple[PassedOver, ...]
    failed: tuple[Unlisted, ...]


def discover(
    home: Home,
    listings: Iterable[Listing],
    known: Iterable[Source],
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    say: Callable[[str], object] = _LOG.info,
) -> Discovered:
    """Go through listing pages, keep what they newly list, and begin the journal of a run.

    Args:
        home: where proposals and pages are kept.
        listings: the pages to begin with.
        known: the sources of the run's catalogue, which are not proposed.
        transport: carries the requests instead of the network.
        say: takes a line now and then on how far it is.

    Raises:
        InvalidCatalogue: the home's catalogue or its proposals cannot be read.
    """
    listings = tuple(listings)
    begin(home, datetime.now(UTC))
    owners = known_domains([own_file(home)])
    found = crawl(listings, lambda urls: _ask(home, urls, transport, say, examine_listing), owners)
    # Without listings nothing is to be decided, and a run of one partition leaves the proposals alone.
    proposed = propose(home, found.proposals, known, owners) if listings else ()
    note(home, [Proposed(each.url) for each in proposed])
    note(home, [PageFailed(each.url, each.reason) for each in found.failed])
    return Discovered(
        listings=len(listings),
        pages=found.pages,
        listed=len(found.proposals),
        proposed=proposed,
        waiting=len(pending(home)),
        passed_over=found.passed_over,
        failed=found.failed,
    )


def described(
    home: Home,
    url: str,
    *,
    region_code: str | None = None,
    year: int | None = None,
    publisher: str | None = None,
    title: str | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Source:
    """An address as a source; what is not given is read from the title, without a title from the document itself.

    Only the latter asks for the address, and only where region or year are not given.

    Raises:
        Unsettled: region or year are neither given nor told; the message says why and what to give.
    """
    if region_code is not None and year is not None:
        return Source(url, division(region_code).city, year, region_code, publisher, title)
    try:
        document = _titled(title, year, publisher) if title else _document_at(home, url, transport)
        # Year 0 stands for none: an identity that has it was told none by the document either.
        hint = Source(url, division(region_code).city, year or 0, region_code, publisher) if region_code else None
        identity = identify(document, hint)
    except (UnidentifiedReport, UnreadableDocument) as error:
        raise Unsettled(f"{url}: {error}; or give --region and --year") from error
    if not (year or identity.year):
        raise Unsettled(f"{url}: neither title nor text names the year; give --year")
    code = region_code or identity.region_code
    return Source(
        url,
        division(code).city,
        year or identity.year,
        code,
        publisher or identity.publisher,
        title or identity.title,
    )


def _titled(title: str, year: int | None, publisher: str | None) -> Document:
    """A title as a document; a year that is given and that it does not name stands behind it, as many print it."""
    whole = title if year is None or str(year) in title else f"{title}（{year}年）"
    return titled_document(whole, (("发布机构", publisher),) if publisher else ())


def _document_at(home: Home, url: str, transport: httpx.AsyncBaseTransport | None) -> Document:
    (page,) = _ask(home, [url], transport, _LOG.info, examine)
    if page.content is None:
        raise Unsettled(f"{url} could not be fetched ({page.reason}); give --region and --year")
    return read(page.content, sha256(page.content))


def _ask(
    home: Home,
    urls: Sequence[str],
    transport: httpx.AsyncBaseTransport | None,
    say: Callable[[str], object],
    accept: Examine,
) -> list[Page]:
    """Fetch pages like documents: as politely, and with the same refusals."""
    kept = Archive(home.work / "listings")
    # The partition of a page means nothing; a source needs one.
    outcomes = ask(home, kept, [Source(url, "", 0, "") for url in urls], transport=transport, say=say, examine=accept)
    pages = []
    for outcome in outcomes:
        url, capture = outcome.source.url, outcome.capture
        if outcome.kind == "failed" or capture is None:
            pages.append(Page(url, url, None, outcome.reason or "no answer"))
            continue
        try:
            pages.append(Page(url, capture.final_url, kept.content(capture.sha256)))
        except ArchiveError as error:
            pages.append(Page(url, url, None, str(error)))
    return pages
