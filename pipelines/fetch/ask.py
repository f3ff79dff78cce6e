"""Fetching as a home has it set: by its limits, with what it remembers of hosts, and lines on how far it is.

Belongs here: where `fetch_all` finds these in a home. Does not: fetching (`pipelines.fetch.download`), nor which
archive takes the answers, which differs between documents and listing pages.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import httpx

from pipelines.discover.source import Source
from pipelines.fetch.archive import Archive
from pipelines.fetch.download import Examine, Outcome, fetch_all
from pipelines.fetch.limits import limits_of
from pipelines.fetch.progress import Log
from warehouse.layout import Home


def ask(
    home: Home,
    archive: Archive,
    sources: Sequence[Source],
    *,
    transport: httpx.AsyncBaseTransport | None,
    say: Callable[[str], object],
    examine: Examine,
) -> tuple[Outcome, ...]:
    """Fetch sources into an archive; one outcome a source, in their order.

    Args:
        home: whose settings (`pipelines.fetch.limits`) and memory of hosts count.
        archive: where answers are kept.
        sources: what to ask for.
        transport: carries the requests instead of the network.
        say: takes a line now and then on how far it is.
        examine: accepts what may be archived, or says where a page leads; see `pipelines.fetch.answers`.

    Raises:
        InvalidHosts, InvalidSettings: the home's settings cannot be followed.
        OSError: the archive cannot be written.
    """
    return fetch_all(
        sources,
        archive,
        now=lambda: datetime.now(UTC),
        progress=Log(len(sources), say=say),
        limits=limits_of(home.root),
        transport=transport,
        state=home.work / "fetch",
        examine=examine,
    )
