"""Corpora of distinct generated reports of the whole country, archived as if they had been fetched.

Two of three are web pages, the third a ruled PDF, as the real catalogue has them by about; scans come on top. Every
document differs from every other. They come city-year by city-year, about ten reports in each; the PDFs are of
those divisions whose names the committed faces can print.
"""

from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from pipelines.discover.source import Source
from pipelines.fetch.archive import Archive
from pipelines.fetch.register import register
from schemas.regions import Division, division, divisions
from tests.generator.figures import Asked, Place
from tests.generator.fonts import can_print
from tests.generator.html_documents import html_document
from tests.generator.pdf_documents import pdf_document
from tests.generator.scans import as_scan
from warehouse.layout import Home

FETCHED = datetime(2026, 1, 1, tzinfo=UTC)
KINDS = ("html", "html", "pdf")
YEARS = (2025, 2024, 2023, 2022, 2021, 2020, 2019)


@dataclass(frozen=True, slots=True)
class Filed:
    """A report as it lies in the archive: what it is, the source it came from and its bytes."""

    kind: str
    source: Source
    content: bytes


def fill(home: Home, reports: int, scans: int = 0) -> dict[str, list[str]]:
    """Archive and register so many reports with a text layer, and so many scans; their hashes by kind."""
    archive = Archive(home.archive)
    sources = []
    hashes: dict[str, list[str]] = defaultdict(list)
    for filed in corpus(reports, scans):
        capture = archive.add(filed.source.url, filed.content, retrieved_at=FETCHED, origin="disk")
        hashes[filed.kind].append(capture.sha256)
        sources.append(filed.source)
    register(home, sources)
    return hashes


def corpus(reports: int, scans: int = 0) -> Iterator[Filed]:
    """The reports, then the scans; the same at every call."""
    kinds = [KINDS[number % len(KINDS)] for number in range(reports)] + ["scan"] * scans
    with ProcessPoolExecutor() as pool:
        yield from pool.map(_filed, kinds, range(len(kinds)), chunksize=8)


@cache
def _asked(*, printed: bool) -> tuple[Asked, ...]:
    """Every prefecture and county with every year, city-year by city-year: about ten reports each, as it really is.

    Those to be printed as PDFs are the ones whose names the committed faces have.
    """
    by_city: dict[str, list[Place]] = defaultdict(list)
    for one in divisions():
        if one.level != "province" and (not printed or can_print(_place(one)[0])):
            by_city[one.city].append(_place(one))
    cities = sorted(by_city)
    step = 101  # a prime: neighbours in the list are of other provinces
    mixed = [cities[number * step % len(cities)] for number in range(len(cities))]
    return tuple(Asked(place, year) for year in YEARS for city in mixed for place in by_city[city])


def _place(one: Division) -> Place:
    above = division(one.city_code)
    within = above.name if above.adcode != one.adcode else ""
    return within + one.name, one.adcode, one.city, one.name


def _filed(kind: str, number: int) -> Filed:
    among = _asked(printed=kind != "html")
    asked = among[_rank(kind, number) % len(among)]
    made = html_document(number, asked) if kind == "html" else pdf_document(number, asked)
    content = as_scan(made.content, number) if kind == "scan" else made.content
    said = made.report
    address = f"https://www.{said.city}.example/{said.region_code}/{number}"
    return Filed(kind, Source(address, said.city, said.year, said.region_code, said.publisher), content)


def _rank(kind: str, number: int) -> int:
    """How many of that kind come before the one of that number; scans are counted from the end."""
    rounds, place = divmod(number, len(KINDS))
    return rounds * KINDS.count(kind) + KINDS[:place].count(kind) if kind in KINDS else -number
