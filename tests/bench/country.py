"""Assembling a store as large as the whole country's: the reports of a small corpus, again for every city and year.

Each copy has its own publisher, document and cells, so that the database has as many keys, and as much text, as the
real one. Belongs here: what assembling and asking then take. Does not: the steps before (`tests.bench.pipeline`).
"""

import hashlib
import resource
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import polars as pl

from pipelines.steps import assemble, publish
from schemas.regions import cities
from schemas.tables import PARTITIONED
from tests.bench.corpus import fill
from tests.bench.measured import Measured
from tests.bench.pipeline import night, questions
from warehouse.layout import Home, Partition
from warehouse.store import Content, manifests, partitions, remove_partition, scan, write_partitions

Result = TypeVar("Result")

GROUP = "the whole country"
LAST_YEAR = 2025
BATCH = 64
MiB = 2**20


@dataclass(frozen=True, slots=True)
class Built:
    """What assembling took and made: seconds, city-years, rows by table."""

    seconds: float
    partitions: int
    rows: dict[str, int]


def measure(city_years: int, reports: int) -> list[Measured]:
    """What assembling takes with so many city-years, of so many reports each."""
    with TemporaryDirectory(prefix="gongkai-bench-") as folder:
        small, home = Home(Path(folder) / "small"), Home(Path(folder) / "country")
        fill(small, reports)
        night(small)
        _replicate(small, home, city_years)
        return [*_assembling(home), *(questions(home, Partition(cities()[7].city, LAST_YEAR), GROUP))]


def _replicate(small: Home, home: Home, city_years: int) -> None:
    model = {table: _all_of(small, table) for table in PARTITIONED}
    places = [Partition(cities()[at % len(cities())].city, LAST_YEAR - at // len(cities())) for at in range(city_years)]
    for start in range(0, len(places), BATCH):
        write_partitions(
            home.store, [Content(place, _copied(model, place), "bench") for place in places[start : start + BATCH]]
        )


def _all_of(home: Home, table: str) -> pl.DataFrame:
    return scan(home.store, manifests(home.store), table).collect()


def _copied(model: dict[str, pl.DataFrame], place: Partition) -> dict[str, pl.DataFrame]:
    """The model's reports as those of another city and year."""
    hashes = {old: hashlib.sha256(f"{old} {place.key}".encode()).hexdigest() for old in model["documents"]["sha256"]}
    short = {old[:16]: new[:16] for old, new in hashes.items()}
    code = place.city.rpartition("-")[2]
    reports = {old: f"{code}-{place.year}-{old.rpartition('-')[2]}" for old in model["reports"]["report_id"]}
    return {
        table: _renamed(_steady(table, rows), place, {"sha256": hashes, "report_id": reports}, short)
        for table, rows in model.items()
        if not rows.is_empty()
    }


def _steady(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with figures that carry on year after year: each year's copies would contradict those of the last."""
    if table == "disclosures":
        still = pl.col("measure").is_in(["issued", "repealed"])
        return rows.with_columns(value=pl.when(still).then(0).otherwise("value").cast(rows.schema["value"]))
    if table == "requests":
        forward = rows.filter(outcome="carried_forward").select("report_id", "applicant", forward="value")
        over = pl.when(outcome="carried_over").then("forward").otherwise("value")
        return rows.join(forward, on=["report_id", "applicant"], how="left").with_columns(value=over).drop("forward")
    return rows


def _renamed(
    rows: pl.DataFrame, place: Partition, names: dict[str, dict[str, str]], short: dict[str, str]
) -> pl.DataFrame:
    changed = [pl.lit(place.city).alias("city"), pl.lit(place.year, pl.Int32).alias("year")]
    changed += [pl.col(column).replace(new) for column, new in names.items() if column in rows.columns]
    # Its reports are of bodies of that city: those of different cities are no series.
    code = pl.lit(place.city.rpartition("-")[2])
    changed += [code.alias(column) for column in ("region_code", "city_code") if column in rows.columns]
    if "cell_id" in rows.columns:
        changed.append(_moved(pl.col("cell_id"), short))
    if "cell_ids" in rows.columns:
        changed.append(pl.col("cell_ids").list.eval(_moved(pl.element(), short)))
    return rows.with_columns(changed)


def _moved(cell_id: pl.Expr, short: dict[str, str]) -> pl.Expr:
    return cell_id.str.slice(0, 16).replace(short) + cell_id.str.slice(16)


def _assembling(home: Home) -> Iterator[Measured]:
    built, peak = _alone(_assembled, home)
    what = (
        f"{built.partitions:,} city-years, {built.rows['reports']:,} reports, "
        f"{sum(built.rows[table] for table in ('requests', 'reviews', 'disclosures', 'statistics')):,} facts, "
        f"{built.rows['cells']:,} cells"
    )
    yield Measured(
        GROUP, "assembling everything anew, with findings between years and marts", built.seconds, "seconds", None, what
    )
    yield Measured(GROUP, "peak memory of assembling", peak / MiB, "MiB")
    yield Measured(GROUP, "size of the database", home.database.stat().st_size / MiB, "MiB")
    again, _ = _alone(_assembled, home)
    yield Measured(GROUP, "assembling where nothing has changed", again.seconds, "seconds")
    remove_partition(home.store, partitions(home.store)[0])
    updated, _ = _alone(_assembled, home)
    yield Measured(GROUP, "assembling where one city-year has changed", updated.seconds, "seconds")
    exported, peak = _alone(_published, home)
    yield Measured(GROUP, "exporting everything as Parquet", exported, "seconds")
    yield Measured(GROUP, "peak memory of exporting", peak / MiB, "MiB")
    yield Measured(GROUP, "exporting where nothing has changed", _alone(_published, home)[0], "seconds")


def _alone(function: Callable[[Home], Result], home: Home) -> tuple[Result, int]:
    """The result of a function in a process of its own, and the most bytes that held."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(_watched, function, home).result()


def _watched(function: Callable[[Home], Result], home: Home) -> tuple[Result, int]:
    return function(home), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _assembled(home: Home) -> Built:
    start = time.perf_counter()
    made = assemble(home)
    return Built(time.perf_counter() - start, made.partitions, dict(made.rows))


def _published(home: Home) -> float:
    start = time.perf_counter()
    publish(home)
    return time.perf_counter() - start
