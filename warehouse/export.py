"""Publishes the warehouse as Parquet: per table one Hive folder by city and year, and one file of everything.

    exports/parquet/requests/city=zhoukou-411600/year=2021/requests.parquet
    exports/parquet/requests.parquet

The Hive files leave out city and year, which their path says: kept in both, `pyarrow.parquet.read_table` and
pandas refuse the folder (a text column and the dictionary made of the path do not merge). The single file has
all columns.

Belongs here: from `warehouse.duckdb` to `exports/parquet`. Does not: the store, which has its own files.
"""

import filecmp
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as arrow
import pyarrow.parquet

from schemas import derive
from schemas.tables import PARTITIONED
from warehouse.files import UNFINISHED, locked, unfinished_beside, write_if_changed
from warehouse.layout import Home, partition_path
from warehouse.parquet import COMPRESSION, encode, to_arrow
from warehouse.reader import PARTITION_COLUMNS, Warehouse, open_warehouse

ROW_GROUP = 100_000
"""Rows after which the single file begins a new row group, at the next city."""


@dataclass(frozen=True, slots=True)
class ExportSummary:
    """What an export did.

    Args:
        folder: where the files are.
        written: files that are new or have changed.
        unchanged: files that were left alone.
        removed: files of partitions that are no more, or left by an export that was killed.
    """

    folder: Path
    written: int
    unchanged: int
    removed: int


def export(home: Home) -> ExportSummary:
    """Bring `exports/parquet` to the state of `warehouse.duckdb`; every file is replaced in one step.

    Files whose content is the same are not touched. The files are not flushed to disk: after a power cut, the
    next export replaces what was lost.

    Raises:
        NoWarehouse: there is no warehouse to export.
    """
    with open_warehouse(home.database) as warehouse:
        home.parquet.mkdir(parents=True, exist_ok=True)
        with locked(home.parquet):
            current = {path: changed for table in derive.tables() for path, changed in _export(warehouse, home, table)}
            removed = _remove_stale(home.parquet, set(current))
    written = sum(current.values())
    return ExportSummary(home.parquet, written, len(current) - written, removed)


def _export(warehouse: Warehouse, home: Home, table: str) -> Iterator[tuple[Path, bool]]:
    """Export one table; yields each of its files with whether it was written.

    City by city, so that memory holds few cities' rows, and so that the row groups of the single file depend
    on the rows alone, not on how DuckDB hands them out.
    """
    schema = derive.arrow_schema(table)
    path = home.parquet / f"{table}.parquet"
    unfinished = unfinished_beside(path)
    try:
        with pyarrow.parquet.ParquetWriter(unfinished, schema, compression=COMPRESSION) as writer:
            waiting: list[arrow.Table] = []
            for frame in _cities(warehouse, table):
                rows = to_arrow(frame, schema)
                if table in PARTITIONED:
                    yield from _export_partitions(home, table, frame, rows)
                waiting.append(rows)
                if sum(one.num_rows for one in waiting) >= ROW_GROUP:
                    _write_row_group(writer, waiting)
            _write_row_group(writer, waiting)
        yield path, _publish_if_changed(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def _cities(warehouse: Warehouse, table: str) -> Iterator[pl.DataFrame]:
    """The rows of a table, city by city."""
    if table not in PARTITIONED:
        yield warehouse.table(table)
        return
    cities = warehouse.query(f"SELECT DISTINCT city FROM {derive.quoted(table)} ORDER BY city")  # noqa: S608
    for city in cities["city"]:
        yield warehouse.table(table, city=city)


def _export_partitions(home: Home, table: str, frame: pl.DataFrame, rows: arrow.Table) -> Iterator[tuple[Path, bool]]:
    """Export the Hive files of one city, whose rows are sorted by year."""
    rows = rows.drop_columns(list(PARTITION_COLUMNS))
    start = 0
    years = frame.group_by(PARTITION_COLUMNS, maintain_order=True).len()
    for city, year, count in years.rows():
        path = home.parquet / table / partition_path(city, year) / f"{table}.parquet"
        yield path, write_if_changed(path, encode(rows.slice(start, count)))
        start += count


def _write_row_group(writer: pyarrow.parquet.ParquetWriter, waiting: list[arrow.Table]) -> None:
    """Write the waiting tables as one row group, and wait for others."""
    if waiting:
        rows = arrow.concat_tables(waiting).combine_chunks()
        writer.write_table(rows, row_group_size=max(rows.num_rows, 1))
    waiting.clear()


def _publish_if_changed(finished: Path, path: Path) -> bool:
    if path.exists() and filecmp.cmp(finished, path, shallow=False):
        return False
    finished.replace(path)
    return True


def _remove_stale(folder: Path, current: set[Path]) -> int:
    """Remove files below the tables' folders that are not `current`, empty folders, and unfinished files."""
    stale = [path for table in PARTITIONED for path in (folder / table).rglob("*") if path.is_file()]
    stale += folder.glob(f".*{UNFINISHED}")
    removed = [path for path in stale if path not in current]
    for path in removed:
        path.unlink()
    for table in PARTITIONED:
        # Deepest first: a folder is empty only when those in it are gone.
        for below in sorted((folder / table).rglob("*"), reverse=True):
            if below.is_dir() and not any(below.iterdir()):
                below.rmdir()
    return len(removed)
