"""The whole pipeline over generated corpora: how much of it is reading, how it grows, and a night without changes.

Documents lie in the archive before a run begins: how fast they come is up to the hosts, which are asked slowly.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from pipelines.fetch.archive import Archive
from pipelines.fetch.register import registered
from pipelines.jobs import jobs
from pipelines.read.pool import readers
from pipelines.steps import assemble
from tests.bench.corpus import fill
from tests.bench.measured import Measured
from tests.bench.night import Night
from warehouse.layout import Home, Partition
from warehouse.reader import open_warehouse

GROUP, ASSEMBLING, QUERIES = "whole pipeline", "assembling", "queries"
ROOT = Path(__file__).parents[2]
TIMES = 20

QUESTIONS = {
    "one table of a city and year": (
        "SELECT outcome, applicant, value FROM requests WHERE city = '{city}' AND year = {year}"
    ),
    "every figure of a city with its place on the page": (
        "SELECT r.year, r.outcome, r.value, c.page, c.x0, c.raw_text FROM requests r "
        "JOIN cells c USING (cell_id, city, year) WHERE city = '{city}'"
    ),
    "requests of the country by year": (
        "SELECT year, sum(value) FROM requests WHERE outcome = 'new_requests' AND applicant = 'total' GROUP BY year"
    ),
    "every row of chapter 3 of the country by year": (
        "SELECT year, outcome, applicant, count(value), sum(value) FROM requests GROUP BY ALL"
    ),
}


def measure(small: int, large: int) -> list[Measured]:
    """What the pipeline takes for so many reports, few and many, and what it has made then answers in.

    Args:
        small, large: numbers of reports with a text layer.
    """
    found: list[Measured] = []
    per_report: dict[int, float] = {}
    for reports in (small, large):
        with TemporaryDirectory(prefix="gongkai-bench-") as folder:
            home = Home(Path(folder))
            fill(home, reports)
            of_this = list(_nights(home, reports))
            found += of_this
            per_report[reports] = next(one.value for one in of_this if one.unit == "seconds per report")
            if reports == large:
                found += _assembling(home)
                found += questions(home, jobs(registered(home))[0].partition, QUERIES)
    growth = per_report[large] / per_report[small]
    note = f"cost per report of {large:,} against {small:,}"
    return [*found, Measured(GROUP, "growth", growth - 1, "of the cost per report", growth, note)]


def _nights(home: Home, reports: int) -> Iterator[Measured]:
    """A first night, in which everything is read, and a second, in which nothing is."""
    note = f"{reports:,} reports"
    alone = _reading_alone(home)
    first, second = night(home), night(home)
    yield Measured(GROUP, f"all steps, {note}", first.seconds / reports, "seconds per report", first.seconds / alone)
    yield Measured(GROUP, f"reading alone, {note}", alone / reports, "seconds per report", 1.0)
    yield Measured(GROUP, f"throughput, {note}", reports / first.seconds, "reports per second")
    outside = 1 - first.steps["read"] / first.seconds
    yield Measured(GROUP, f"time outside the step of reading, {note}", outside, "of the run", None, _told(first))
    yield Measured(
        GROUP,
        f"a night without changes, {note}",
        second.seconds,
        "seconds",
        second.seconds / first.seconds,
        _told(second),
    )
    yield Measured(GROUP, f"peak memory of a process, {note}", first.peak_bytes / 2**20, "MiB")


def night(home: Home) -> Night:
    """A run over what is archived, in a process of its own."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.night", str(home.root)],
        cwd=ROOT,
        env=os.environ | {"DAGSTER_HOME": str(home.root / "dagster")},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
        text=True,
    )
    seconds = time.perf_counter() - start
    return replace(Night(**json.loads(done.stdout.splitlines()[-1])), seconds=seconds)


def _reading_alone(home: Home) -> float:
    """Seconds in which the pool of workers reads every archived document, and nothing else is done."""
    archive = Archive(home.archive)
    hashes = sorted(capture.sha256 for source in registered(home) for capture in archive.captures(source.url))
    start = time.perf_counter()
    with readers() as pool:
        for future in [pool.read(archive.content(sha256), sha256) for sha256 in hashes]:
            future.result()
    return time.perf_counter() - start


def _told(night: Night) -> str:
    return ", ".join(f"{name} {seconds:.2f} s" for name, seconds in night.steps.items())


def _assembling(home: Home) -> Iterator[Measured]:
    home.database.unlink()
    start = time.perf_counter()
    made = assemble(home)
    seconds = time.perf_counter() - start
    facts = sum(made.rows[table] for table in ("requests", "reviews", "disclosures", "statistics"))
    what = f"{made.partitions:,} city-years, {facts:,} facts, {made.rows['cells']:,} cells"
    yield Measured(ASSEMBLING, "everything anew, with the marts", seconds, "seconds", None, what)
    yield Measured(ASSEMBLING, "size of the database", home.database.stat().st_size / 2**20, "MiB")


def questions(home: Home, partition: Partition, group: str) -> Iterator[Measured]:
    """In what time the database answers; questions about a city and year are about the partition."""
    with open_warehouse(home.database) as warehouse:
        for what, question in QUESTIONS.items():
            sql = question.format(city=partition.city, year=partition.year)
            warehouse.query(sql)
            taken = []
            for _ in range(TIMES):
                start = time.perf_counter()
                warehouse.query(sql)
                taken.append(time.perf_counter() - start)
            yield Measured(group, what, statistics.median(taken) * 1000, "milliseconds", None, f"median of {TIMES}")
