"""Listing pages: where governments list their annual reports, as CSV files beside the catalogue's.

The default ones are package data in the folder `listings` beside this module, one file a province; a home may
have its own, `listings.csv`. Columns: `url`, `region_code` (the division whose reports it lists, or its
departments'), and, where known, `publisher` (the one body all its reports are of), `year` (the one year they
all cover), `title` (what the page calls itself) and `note`. Not here: what such a page says (`links`, `paging`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from pipelines.discover.catalogue import known_domains
from pipelines.discover.declared import (
    File,
    InvalidCatalogue,
    Line,
    address_problem,
    lines,
    place_problem,
    year_problem,
)
from schemas.regions import division
from warehouse.layout import Home

REQUIRED = ("url", "region_code")
OPTIONAL = ("publisher", "year", "title", "note")


@dataclass(frozen=True, slots=True)
class Listing:
    """A page that lists annual reports, or one of its further pages.

    Args:
        url: where it is. A fragment counts for platforms that choose the list in the browser (`#2629`).
        region_code: the division whose reports, or whose departments' reports, it lists.
        publisher: the one body whose reports it lists, where it lists no other's.
        year: the year that all its reports cover, where they do.
        title: what it calls itself, where known.
    """

    url: str
    region_code: str
    publisher: str | None = None
    year: int | None = None
    title: str | None = None

    @property
    def city(self) -> str:
        """Slug of the city partition its division lies in."""
        return division(self.region_code).city


@cache
def default_listings() -> tuple[Listing, ...]:
    """The package's own listing pages; see `load_listings`."""
    return load_listings(default_listing_files())


def default_listing_files() -> tuple[File, ...]:
    """The files of the package's own listing pages, by name."""
    folder = files("pipelines.discover") / "listings"
    return tuple(sorted(folder.iterdir(), key=lambda each: each.name))


def load_listings(paths: Iterable[File]) -> tuple[Listing, ...]:
    """The listing pages declared in files, by region code and address.

    Raises:
        InvalidCatalogue: as `pipelines.discover.catalogue.load_catalogue`.
    """
    right, problems = check_listings(paths)
    if problems:
        raise InvalidCatalogue(problems)
    return right


def check_listings(paths: Iterable[File]) -> tuple[tuple[Listing, ...], tuple[str, ...]]:
    """The valid listing pages in files, and what is wrong with the other lines."""
    paths = tuple(paths)
    problems: list[str] = []
    found = [line for path in paths for line in lines(path, REQUIRED, OPTIONAL, problems)]
    owners = known_domains(path for path in paths if isinstance(path, Path))
    seen: dict[str, str] = {}
    right: list[Listing] = []
    for line in found:
        wrong = [
            address_problem(line["url"], seen),
            place_problem(line["url"], line["region_code"], owners),
            year_problem(line["year"]) if line["year"] else None,
        ]
        problems += [f"{line.place}: {problem}" for problem in wrong if problem]
        seen.setdefault(line["url"], line.place)
        if not any(wrong):
            right.append(_listing(line))
    return tuple(sorted(right, key=lambda each: (each.region_code, each.url))), tuple(problems)


def listings_of(home: Home) -> tuple[Listing, ...]:
    """The default listing pages and, where it exists, those of the home's `listings.csv`, which count first.

    Raises:
        InvalidCatalogue: as `load_listings`.
    """
    own = home.root / "listings.csv"
    if not own.exists():
        return default_listings()
    merged = {listing.url: listing for listing in (*default_listings(), *load_listings([own]))}
    return tuple(sorted(merged.values(), key=lambda each: (each.region_code, each.url)))


def _listing(line: Line) -> Listing:
    return Listing(
        url=line["url"],
        region_code=line["region_code"],
        publisher=line["publisher"] or None,
        year=int(line["year"]) if line["year"] else None,
        title=line["title"] or None,
    )
