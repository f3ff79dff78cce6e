"""The whole pipeline over generated corpora: how much of it is reading, how it grows, and a night without changes.

Documents lie in the archive before a run begins: how fast they come is up to the hosts, which are asked slowly.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
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
from warehouse.assembler import Assembled
from warehouse.layout import Home, Partition
from warehouse.reader import open_warehouse
from warehouse.store import partitions, remove_partition

SCANS = 100
"""One report in so many is a scan as well: a scan takes as long to read as some hundred others."""
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
            hashes = fill(home, reports, reports // SCANS)
            nights = _nights(home, hashes.pop("scan", []), sorted(chain(*hashes.values())))
            found += nights.told()
            per_report[reports] = nights.but_scans / reports
            if reports == large:
                found += _assembling(home)
                found += questions(home, jobs(registered(home))[0].partition, QUERIES)
    growth = per_report[large] / per_report[small]
    note = f"cost per report of {large:,} against {small:,}, reading of scans left out"
    return [*found, Measured(GROUP, "growth", growth - 1, "of the cost per report", growth, note)]


@dataclass(frozen=True, slots=True)
class _Nights:
    """What two nights took, the first with everything to do, the second with nothing; and reading alone, in seconds."""

    reports: int
    scans: int
    texts_alone: float
    scans_alone: float
    first: Night
    second: Night

    @property
    def but_scans(self) -> float:
        """Seconds of the first night, less what the scans take to be read."""
        return self.first.seconds - self.scans_alone

    def told(self) -> Iterator[Measured]:
        """All of it, as rows."""
        first, second, alone = self.first, self.second, self.texts_alone + self.scans_alone
        every = self.reports + self.scans
        note = f"{self.reports:,} reports and {self.scans} scans"
        per_report = "seconds per report"
        yield Measured(GROUP, f"all steps, {note}", first.seconds / every, per_report, first.seconds / alone)
        yield Measured(GROUP, f"reading alone, {note}", alone / every, per_report, 1.0)
        note = f"{self.reports:,} reports"
        yield Measured(
            GROUP,
            f"all steps but reading scans, {note}",
            self.but_scans / self.reports,
            per_report,
            self.but_scans / self.texts_alone,
        )
        yield Measured(GROUP, f"reading alone, {note}", self.texts_alone / self.reports, per_report, 1.0)
        yield Measured(GROUP, f"throughput, {note}", self.reports / self.but_scans, "reports per second")
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


def _nights(home: Home, scans: Sequence[str], texts: Sequence[str]) -> _Nights:
    """A first night, in which everything is read, and a second, in which nothing is; and reading by itself before."""
    texts_alone, scans_alone = _reading_alone(home, texts), _reading_alone(home, scans)
    return _Nights(len(texts), len(scans), texts_alone, scans_alone, night(home), night(home))


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


def _reading_alone(home: Home, hashes: Sequence[str]) -> float:
    """Seconds in which the pool of workers reads archived documents, and nothing else is done."""
    archive = Archive(home.archive)
    start = time.perf_counter()
    with readers() as pool:
        for future in [pool.read(archive.content(sha256), sha256) for sha256 in hashes]:
            future.result()
    return time.perf_counter() - start


def _told(night: Night) -> str:
    return ", ".join(f"{name} {seconds:.2f} s" for name, seconds in night.steps.items())


def _assembling(home: Home) -> Iterator[Measured]:
    home.database.unlink()
    made, seconds = _assembled(home)
    facts = sum(made.rows[table] for table in ("requests", "reviews", "disclosures", "statistics"))
    what = f"{made.partitions:,} city-years, {facts:,} facts, {made.rows['cells']:,} cells"
    yield Measured(ASSEMBLING, "everything anew, with the marts", seconds, "seconds", None, what)
    yield Measured(ASSEMBLING, "size of the database", home.database.stat().st_size / 2**20, "MiB")
    remove_partition(home.store, partitions(home.store)[0])
    yield Measured(ASSEMBLING, "where one city-year has changed", _assembled(home)[1], "seconds")


def _assembled(home: Home) -> tuple[Assembled, float]:
    start = time.perf_counter()
    made = assemble(home)
    return made, time.perf_counter() - start


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
