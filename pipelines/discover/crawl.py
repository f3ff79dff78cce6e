"""Going through listing pages, page after page, to the reports they list.

Belongs here: which pages to ask for next and when to stop. Does not: asking for them; whoever calls brings a
function that does, so that the whole of it can be tried on pages in memory.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from pipelines.discover.hosts import Owners
from pipelines.discover.link import Link
from pipelines.discover.links import links
from pipelines.discover.listings import Listing
from pipelines.discover.paging import Column, columns, further_pages, guessed_page
from pipelines.discover.proposals import PassedOver, Proposal, judge, merged

MOST_PAGES = 120
"""Pages asked for one listing; with columns by year and some pages each, a large city has half of them."""
_DEEPEST = 2
"""Columns below columns that are followed: departments, then years."""


@dataclass(frozen=True, slots=True)
class Page:
    """An answer to a request for a listing page.

    Args:
        url: the address asked for.
        final_url: the address that answered.
        content: what it answered; None where it could not be had.
        reason: why it could not be had; None otherwise.
    """

    url: str
    final_url: str
    content: bytes | None
    reason: str | None = None


Ask = Callable[[Sequence[str]], Sequence[Page]]
"""Asks for pages, all at once; one answer for each address, in their order."""


@dataclass(frozen=True, slots=True)
class Unlisted:
    """A listing page that could not be had or read, with the reason."""

    url: str
    reason: str


@dataclass(frozen=True, slots=True)
class Discovery:
    """What listing pages list.

    Args:
        proposals: the reports, each once, sorted.
        passed_over: links that mention reports and are none.
        pages: how many pages were read.
        failed: the pages that could not be.
    """

    proposals: tuple[Proposal, ...]
    passed_over: tuple[PassedOver, ...]
    pages: int
    failed: tuple[Unlisted, ...]


@dataclass(slots=True)
class _Progress:
    """How far a listing has been gone through: pages asked for, and documents seen on them."""

    asked: set[str]
    seen: set[str]


@dataclass(frozen=True, slots=True)
class _Visit:
    """A page to ask for.

    Args:
        root: the declared listing it belongs to.
        listing: that listing, or a column below it, at the address of the page.
        depth: how many columns below the declared one.
        is_guess: whether nothing but the number in an address says that there is such a page.
    """

    root: str
    listing: Listing
    depth: int
    is_guess: bool = False


def crawl(listings: Iterable[Listing], ask: Ask, owners: Owners) -> Discovery:
    """Go through listings, their further pages and the columns below them.

    All listings advance together, so that one `ask` has pages of many hosts. A page that shows no link that
    its listing had not shown before has no successors: lists that number their pages without end, end.
    """
    found: list[Proposal] = []
    passed: dict[str, PassedOver] = {}
    failed: list[Unlisted] = []
    pages = 0
    todo = [_Visit(listing.url, listing, 0) for listing in listings]
    progress = {visit.root: _Progress({visit.root}, set()) for visit in todo}
    while todo:
        following: list[_Visit] = []
        for visit, page in zip(todo, ask([visit.listing.url for visit in todo]), strict=True):
            if page.content is None and visit.is_guess:
                continue
            if page.content is None:
                failed.append(Unlisted(page.url, page.reason or "no answer"))
                continue
            try:
                shown, next_visits = _read(visit, page, page.content, progress[visit.root])
            except Exception as error:  # noqa: BLE001 - one page must never take the night's run with it
                failed.append(Unlisted(page.url, _bug(error)))
                continue
            pages += 1
            following += next_visits
            for link in shown:
                judged = judge(replace(visit.listing, url=page.url), link, owners)
                if isinstance(judged, Proposal):
                    found.append(judged)
                elif judged is not None:
                    passed.setdefault(judged.url, judged)
        todo = following
    reports = merged(found, owners)
    listed = {address for proposal in reports for address in proposal.addresses}
    about = sorted((each for each in passed.values() if each.url not in listed), key=lambda each: each.url)
    return Discovery(reports, tuple(about), pages, tuple(failed))


def _read(visit: _Visit, page: Page, content: bytes, progress: _Progress) -> tuple[tuple[Link, ...], list[_Visit]]:
    """The links of a page, and the pages to ask for after it."""
    # The fragment, which no server answers with, still says which column is meant.
    _, mark, fragment = page.url.partition("#")
    base = f"{page.final_url.partition('#')[0]}{mark}{fragment}"
    shown = links(content, base)
    new = {link.url for link in shown} - progress.seen
    progress.seen |= new
    following = []
    # A page without any link may be filled by calls that it tells of; one without a new link is a list's end.
    if new or not shown:
        further = further_pages(content, base)
        following += [replace(visit, listing=replace(visit.listing, url=url)) for url in _unasked(further, progress)]
        guess = guessed_page(content, base)
        following += [
            replace(visit, listing=replace(visit.listing, url=url), is_guess=True)
            for url in _unasked([guess] if guess else [], progress)
        ]
    if visit.depth < _DEEPEST:
        below = {column.url: column for column in columns(content, base)}
        following += [_below(visit, below[url]) for url in _unasked(below, progress)]
    return shown, following


def _below(visit: _Visit, column: Column) -> _Visit:
    """A column as a listing: it lists the year or body of its name, else those of the listing above."""
    listing = replace(
        visit.listing,
        url=column.url,
        year=column.year or visit.listing.year,
        publisher=column.publisher or visit.listing.publisher,
    )
    return _Visit(visit.root, listing, visit.depth + 1)


def _unasked(urls: Iterable[str], progress: _Progress) -> list[str]:
    """The addresses not asked for before, as long as the listing has pages left; they count as asked from here."""
    unasked = [url for url in urls if url not in progress.asked][: MOST_PAGES - len(progress.asked)]
    progress.asked.update(unasked)
    return unasked


def _bug(error: Exception) -> str:
    described = f"{type(error).__name__}: {error}".splitlines()[0]
    return f"reading the page failed ({described}): this is a bug, please report it with the address"
