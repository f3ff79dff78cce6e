"""What is in the warehouse, for a person at the command line: the summary after a run, and the status grid."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.discover.source import Source
from pipelines.show import cells_of_error_findings, picture
from warehouse.layout import Home
from warehouse.reader import open_warehouse

MOST_PICTURES = 12
"""How many findings get a picture after a run; any other cell's is made by `gongkai show`."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of what is loaded."""

    reports: int
    cities: int
    years: int
    cells: int
    quarantined: tuple[tuple[str, str], ...]
    findings: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """A city and year of the status grid: how many reports are loaded, quarantined, and expected but missing."""

    city: str
    year: int
    loaded: int
    quarantined: int
    missing: int


def summarise(home: Home) -> Summary:
    """Count what the warehouse holds; raises NoWarehouse where there is none."""
    warehouse = open_warehouse(home.database)
    counts = warehouse.query(
        "SELECT count(*) AS reports, count(DISTINCT city) AS cities, count(DISTINCT year) AS years, "
        "(SELECT count(*) FROM cells) AS cells FROM reports"
    ).row(0, named=True)
    quarantined = warehouse.query(
        "SELECT source_url, reason FROM documents WHERE status = 'quarantined' ORDER BY source_url"
    )
    findings = warehouse.query(
        "SELECT rule, severity, count(*) AS found FROM findings GROUP BY ALL ORDER BY severity, rule"
    )
    return Summary(**counts, quarantined=tuple(quarantined.iter_rows()), findings=tuple(findings.iter_rows()))


def status(home: Home, expected: Iterable[Source]) -> tuple[Slot, ...]:
    """Every city and year that is loaded, quarantined or expected by the catalogue, sorted.

    An expected source is missing where its address has no document in the warehouse. A home without a warehouse
    has everything missing.
    """
    documents = pl.DataFrame(schema={"city": pl.String, "year": pl.Int32, "source_url": pl.String, "status": pl.String})
    if home.database.exists():
        documents = open_warehouse(home.database).query("SELECT city, year, source_url, status FROM documents")
    present = set(documents["source_url"])
    loaded = _count(documents.filter(pl.col("status") == "loaded"))
    quarantined = _count(documents.filter(pl.col("status") == "quarantined"))
    missing: dict[tuple[str, int], int] = {}
    for source in expected:
        if source.url not in present:
            key = (source.city, source.year)
            missing[key] = missing.get(key, 0) + 1
    return tuple(
        Slot(*key, loaded.get(key, 0), quarantined.get(key, 0), missing.get(key, 0))
        for key in sorted(loaded.keys() | quarantined.keys() | missing.keys())
    )


def _count(documents: pl.DataFrame) -> dict[tuple[str, int], int]:
    counted = documents.group_by("city", "year").len()
    return {(city, year): number for city, year, number in counted.iter_rows()}


def picture_findings(home: Home) -> tuple[Path, ...]:
    """Draw the cells of the error findings of paged documents: what is printed there, for a person to judge."""
    return tuple(picture(home, cell) for cell in cells_of_error_findings(home, MOST_PICTURES))
