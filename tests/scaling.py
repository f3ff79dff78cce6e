"""What the steps beyond one machine cost: `PYTHONPATH=. python tests/scaling.py` prints the figures of docs/scaling.md.

Servers are real and on loopback, except that the S3-compatible store is moto, of which only the number of requests means
something.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import duckdb

sys.path += [str(Path(__file__).parent), str(Path(__file__).parent / "pipelines")]

from dask_cluster import dask_cluster
from debian_servers import postgres
from remote_stores import s3_store

from pipelines.dask_workers import dask_workers
from pipelines.defs.launch import launch
from pipelines.fetch.archive_bucket import ARCHIVE_VARIABLE, archive_of
from pipelines.read.document import Document
from pipelines.read.pool import readers
from pipelines.workers import Workers
from schemas import derive
from schemas.tables import PARTITIONED
from warehouse.bucket import bucket_of
from warehouse.ducklake import Lake, connect, publish
from warehouse.layout import Home
from warehouse.release.version import Version
from warehouse.store import partitions
from warehouse.store_bucket import STORE_VARIABLE, pull, push

COPIES = 545
"""Of the sample's 11 city-years: 5,995, as many as there are in the country."""
PASSES = 500
"""How often a page is read."""


def say(what: str, figure: str) -> None:
    print(f"{what:<72} {figure:>20}", flush=True)


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


PAGE = b"<html><title>t</title><p>p</p></html>"


def reading(pool: Workers) -> float:
    """Seconds a document, of many handed over at once that take no time to read; the worker is warm."""
    pool.read(PAGE, "0" * 64).result()
    futures: list[Future[Document]] = []
    futures_made = seconds(lambda: futures.extend(pool.read(PAGE, "0" * 64) for _ in range(PASSES)))
    return (futures_made + seconds(lambda: [future.result() for future in futures])) / PASSES


def measure_reading() -> None:
    with readers(1) as local:
        here = reading(local)
    with dask_cluster() as cluster:
        cluster.worker()
        with dask_workers(cluster.address) as spread:
            there = reading(spread)
    say("handing a document to a local process and back", f"{here * 1000:.1f} ms")
    say("to a Dask worker's process and back", f"{there * 1000:.1f} ms")


def copied(source: Path, target: Path) -> int:
    """A warehouse of many copies of the sample's partitions, each of a city of its own; its rows."""
    rows = 0
    with closing(duckdb.connect(target)) as connection:
        connection.execute(f"ATTACH '{source}' AS sample (READ_ONLY)")
        for table in derive.tables():
            for statement in derive.ddl(table):
                connection.execute(statement)
            many = table in PARTITIONED
            chosen = "* REPLACE (city || copy AS city)" if many else "*"
            copies = f"(SELECT s.*, c.copy FROM range({COPIES}) c(copy), sample.{table} s)"  # noqa: S608 - declared
            over = copies if many else f"sample.{table}"
            columns = ", ".join(derive.quoted(column.name) for column in derive.columns(table))
            connection.execute(f"INSERT INTO {table} SELECT {columns} FROM (SELECT {chosen} FROM {over})")  # noqa: S608
            rows += connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
    return rows


def measure_lake(sample: Home, folder: Path) -> None:
    source = folder / "large.duckdb"
    rows = copied(sample.database, source)
    with postgres("lake") as port:
        lake = Lake(f"host=127.0.0.1 port={port} user=gongkai dbname=lake", str(folder / "lake"))
        say(f"publishing {rows:,} rows of 5,995 city-years into a new lake", f"{_publish(source, lake, 1):.1f} s")
        size = sum(path.stat().st_size for path in (folder / "lake").rglob("*.parquet"))
        say("  which takes on disk", f"{size / 2**20:.0f} MiB")
        say("a release of the same rows", f"{_publish(source, lake, 2):.1f} s")
        with closing(duckdb.connect(source)) as connection:
            connection.execute("UPDATE requests SET note = 'changed' WHERE city LIKE '%-3301000' AND year = 2025")
        say("a release with one city-year changed", f"{_publish(source, lake, 3):.1f} s")
        grown = sum(path.stat().st_size for path in (folder / "lake").rglob("*.parquet")) - size
        say("  which takes on disk", f"{grown / 1024:.0f} KiB")
        query = "SELECT sum(value) FROM requests WHERE city = 'zhoukou-4116000' AND year = 2021"

        def ask() -> None:
            with closing(connect(lake, Version((1,)))) as connection:
                connection.execute(query).fetchall()

        say("opening the lake as of the first release, one city and year", f"{seconds(ask) * 1000:.0f} ms")


def _publish(source: Path, lake: Lake, version: int) -> float:
    return seconds(lambda: publish(source, lake, Version((version,))))


def measure_bucket(sample: Home, folder: Path) -> None:
    (folder / "nothing").mkdir()
    with s3_store(folder / "nothing") as (_, access, counted):
        os.environ |= {"AWS_ENDPOINT_URL": access.endpoint, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "a"}
        os.environ |= {ARCHIVE_VARIABLE: "s3://open/archive", STORE_VARIABLE: "s3://open/store"}
        bucket, archive = bucket_of(STORE_VARIABLE), archive_of(Home(folder / "home"))

        def requests(work: Callable[[], object]) -> int:
            counted.clear()
            work()
            return len(counted.paths)

        now = datetime(2026, 1, 1, tzinfo=UTC)
        say("requests to archive a new document", str(requests(lambda: archive.add("u", b"d", retrieved_at=now))))
        say("  to find it unchanged", str(requests(lambda: archive.add("u", b"d", retrieved_at=now))))
        say("  to read it", str(requests(lambda: archive.content(archive.latest("u").sha256))))
        every = partitions(sample.store)
        stored = requests(lambda: [push(bucket, sample.store, one) for one in every]) / len(every)
        say("requests to store a partition", f"{stored:.0f}")
        say("  to bring it to another machine", f"{requests(lambda: pull(bucket, folder / 's')) / len(every):.0f}")
        say(
            "requests to find a store of 11 unchanged (1 for 1,000 files)",
            f"{requests(lambda: pull(bucket, folder / 's'))}",
        )


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sample = Home(folder / "sample")
        os.environ["DAGSTER_HOME"] = str(sample.root / "dagster")
        launch("changed", sample, catalogue="sample")
        measure_reading()
        measure_lake(sample, folder)
        measure_bucket(sample, folder)


if __name__ == "__main__":
    main()
