"""Corpora of distinct generated reports of the whole country, archived as if they had been fetched.

Two of three are web pages, the third a ruled PDF, as the real catalogue has them by about; scans come on top. Every
document differs from every other. The pages are of as many divisions; the PDFs are of those whose names the
committed faces can print, so that some are editions of one report.
"""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from pipelines.discover.source import Source
from pipelines.fetch.archive import Archive
from pipelines.fetch.register import register
from schemas.regions import Division, division, divisions
from tests.generator.figures import Place
from tests.generator.fonts import can_print
from tests.generator.html_documents import html_document
from tests.generator.pdf_documents import pdf_document
from tests.generator.scans import as_scan
from warehouse.layout import Home

FETCHED = datetime(2026, 1, 1, tzinfo=UTC)
KINDS = ("html", "html", "pdf")


@dataclass(frozen=True, slots=True)
class Filed:
    """A report as it lies in the archive: what it is, the source it came from and its bytes."""

    kind: str
    source: Source
    content: bytes


def fill(home: Home, reports: int, scans: int = 0) -> None:
    """Archive and register so many reports with a text layer, and so many scans."""
    archive = Archive(home.archive)
    sources = []
    for filed in corpus(reports, scans):
        archive.add(filed.source.url, filed.content, retrieved_at=FETCHED, origin="disk")
        sources.append(filed.source)
    register(home, sources)


def corpus(reports: int, scans: int = 0) -> Iterator[Filed]:
    """The reports, then the scans; the same at every call."""
    kinds = [KINDS[number % len(KINDS)] for number in range(reports)] + ["scan"] * scans
    with ProcessPoolExecutor() as pool:
        yield from pool.map(_filed, kinds, range(len(kinds)), chunksize=8)


@cache
def places() -> tuple[Place, ...]:
    """Every prefecture and county, the counties under the name of their prefecture, in an order that mixes them."""
    each = [one for one in divisions() if one.level != "province"]
    step = 1009  # a prime: neighbours in the list are of other cities
    return tuple(_place(each[number * step % len(each)]) for number in range(len(each)))


@cache
def _printable() -> tuple[Place, ...]:
    return tuple(place for place in places() if can_print(place[0]))


def _place(one: Division) -> Place:
    above = division(one.city_code)
    within = above.name if above.adcode != one.adcode else ""
    return within + one.name, one.adcode, one.city, one.name


def _filed(kind: str, number: int) -> Filed:
    among = places() if kind == "html" else _printable()
    place = among[number % len(among)]
    made = html_document(number, place) if kind == "html" else pdf_document(number, place)
    content = as_scan(made.content, number) if kind == "scan" else made.content
    said = made.report
    address = f"https://www.{said.city}.example/{said.region_code}/{number}"
    return Filed(kind, Source(address, said.city, said.year, said.region_code, said.publisher), content)
