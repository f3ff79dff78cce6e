"""A source: one report that is expected at one address."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """A report to fetch, and the partition it belongs to.

    Args:
        url: where it is; the query string is part of its identity.
        city: slug of the city partition.
        year: the year the report covers.
        region_code: division the publisher governs or belongs to.
        publisher: the body that publishes it, where known.
        title: its title, where known.
    """

    url: str
    city: str
    year: int
    region_code: str
    publisher: str | None = None
    title: str | None = None
