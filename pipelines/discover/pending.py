"""Proposals that wait for a decision: `proposals.csv` in the home.

A run adds what listing pages newly list; nothing is fetched until a person accepts it (`gongkai sources accept`),
which moves it to the home's own catalogue. A proposal stays until then, also when its page no longer lists it:
absence deletes nothing. What the catalogue has meanwhile drops out. Not here: where proposals come from.
"""

import csv
import io
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

from pipelines.discover.catalogue import append, catalogue_of, default_files, other_addresses, own_file
from pipelines.discover.declared import InvalidCatalogue, Line, lines
from pipelines.discover.hosts import Owners
from pipelines.discover.proposals import Proposal, merged, unknown
from pipelines.discover.source import Source
from schemas.regions import division
from warehouse.files import locked, write_durably
from warehouse.layout import Home

FIELDS = (
    "url",
    "region_code",
    "year",
    "publisher",
    "title",
    "level",
    "published_on",
    "listing",
    "also_at",
    "reason",
)


class NotProposed(LookupError):  # noqa: N818 - named for the situation
    """An address that no pending proposal has."""


class Unsettled(ValueError):  # noqa: N818 - named for the situation
    """A proposal that cannot be accepted as it is; the message says what to give."""


def pending_file(home: Home) -> Path:
    """The file of proposals, which need not exist."""
    return home.root / "proposals.csv"


def pending(home: Home) -> tuple[Proposal, ...]:
    """The proposals that wait, sorted; none where there is no file.

    Raises:
        InvalidCatalogue: the file cannot be read.
    """
    path = pending_file(home)
    if not path.exists():
        return ()
    problems: list[str] = []
    found = lines(path, FIELDS, (), problems)
    proposals = [_proposal(line, problems) for line in found]
    if problems:
        raise InvalidCatalogue(problems)
    return tuple(proposals)


def propose(home: Home, found: Iterable[Proposal], known: Iterable[Source], owners: Owners) -> tuple[Proposal, ...]:
    """Add proposals to those that wait; return the ones that did not wait before, sorted.

    What is known, also under another address, is not proposed and no longer waits.

    Args:
        home: where the proposals wait.
        found: what listing pages list.
        known: the sources of the run's catalogue; those of the default one and the home's own count too.
        owners: whose the domains are.

    Raises:
        InvalidCatalogue: the file, or the home's catalogue, cannot be read.
    """
    home.root.mkdir(parents=True, exist_ok=True)
    with locked(home.root):
        before = pending(home)
        # Found again counts first: a page read tonight may settle what it left open before.
        found = tuple(found)
        together = merged((*found, *_unlisted(before, found)), owners)
        whole = unknown(together, (*known, *catalogue_of(home)), _also_known(home))
        if whole != before:
            write_durably(pending_file(home), _csv(whole))
    waited = {address for proposal in before for address in proposal.addresses}
    return tuple(proposal for proposal in whole if not waited & set(proposal.addresses))


def accept(
    home: Home, url: str, *, region_code: str | None = None, year: int | None = None, publisher: str | None = None
) -> Source:
    """Move a proposal to the home's own catalogue; what is given counts before what it says.

    Raises:
        NotProposed: no proposal that waits has the address.
        Unsettled: neither it nor the arguments say region and year.
        InvalidCatalogue: the catalogue would not be valid with it; it keeps waiting.
    """
    waiting = pending(home)
    chosen = next((each for each in waiting if url in each.addresses), None)
    if chosen is None:
        raise NotProposed(
            f"{url} is not proposed; see `gongkai sources proposed`, or add it with `gongkai sources add`"
        )
    settled = replace(
        chosen,
        region_code=region_code or chosen.region_code,
        year=year or chosen.year,
        publisher=publisher or chosen.publisher,
    )
    if settled.region_code is None or settled.year is None:
        raise Unsettled(f"{url} says no region or no year ({chosen.reason}); give --region and --year")
    if chosen.reason is not None and (region_code, year, publisher) == (None, None, None):
        raise Unsettled(f"{url} is doubtful: {chosen.reason}; look at it and give --region or --year to accept it")
    append(own_file(home), settled.source(), chosen.level or "", chosen.also_at)
    drop(home, [chosen])
    return settled.source()


def drop(home: Home, unwanted: Iterable[Proposal]) -> None:
    """Take proposals off the list of those that wait."""
    urls = {proposal.url for proposal in unwanted}
    with locked(home.root):
        left = [proposal for proposal in pending(home) if proposal.url not in urls]
        write_durably(pending_file(home), _csv(left))


def _unlisted(before: Iterable[Proposal], found: Iterable[Proposal]) -> list[Proposal]:
    """The proposals of before whose addresses were not found again."""
    again = {address for proposal in found for address in proposal.addresses}
    return [proposal for proposal in before if not again & set(proposal.addresses)]


def _also_known(home: Home) -> tuple[str, ...]:
    own = own_file(home)
    return other_addresses([*default_files(), *([own] if own.exists() else [])])


def _proposal(line: Line, problems: list[str]) -> Proposal:
    try:
        if line["region_code"]:
            division(line["region_code"])
        return Proposal(
            url=line["url"],
            title=line["title"],
            listing=line["listing"],
            year=int(line["year"]) if line["year"] else None,
            region_code=line["region_code"] or None,
            publisher=line["publisher"] or None,
            level=line["level"] or None,
            published_on=date.fromisoformat(line["published_on"]) if line["published_on"] else None,
            also_at=tuple(line["also_at"].split()),
            reason=line["reason"] or None,
        )
    except (ValueError, LookupError) as error:
        problems.append(f"{line.place}: {error}; correct the line, or delete the file: the next run makes it again")
        return Proposal(line["url"], line["title"], line["listing"])


def _csv(proposals: Iterable[Proposal]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(FIELDS)
    writer.writerows([_field(proposal, name) for name in FIELDS] for proposal in proposals)
    return out.getvalue().encode()


def _field(proposal: Proposal, name: str) -> str:
    value = getattr(proposal, name)
    return " ".join(value) if isinstance(value, tuple) else "" if value is None else str(value)
