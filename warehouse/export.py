"""Publishes the warehouse as Parquet: per table one Hive folder by city and year, and one file of everything.

    exports/parquet/requests/city=zhoukou-411600/year=2021/requests.parquet
    exports/parquet/requests.parquet

The Hive files leave out city and year, which their path says: kept in both, `pyarrow.parquet.read_table` and
pandas refuse the folder (a text column and the dictionary made of the path do not merge). The single file has
all columns and lies by year, then city: a row group holds one year and a range of cities, so its statistics let
a reader skip nearly all of them whether it wants a year, a city or both. By city first, a year would touch every
row group of the file.

Belongs here: from `warehouse.duckdb` to Parquet. Does not: the store, which has its own files.
"""

import filecmp
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
import pyarrow as arrow
import pyarrow.parquet
from pydantic import TypeAdapter, ValidationError

from schemas import derive
from schemas.tables import PARTITIONED
from warehouse.files import UNFINISHED, locked, seen, unfinished_beside, write_if_changed
from warehouse.layout import Home, partition_path
from warehouse.parquet import COMPRESSION, encode, to_arrow
from warehouse.reader import PARTITION_COLUMNS, Warehouse, open_warehouse

_CONTENT = 1
"""Raise it when the export writes other files of the same database: everything is then exported anew."""

ROW_GROUP = 50_000
"""Rows after which the single file begins a new row group, at the next city; a year always begins one."""


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


@dataclass(frozen=True, slots=True)
class _Exported:
    """What an export was made of and left: the database and every file by its path, each with its size and time.

    `content` is that of the code that wrote them (`_CONTENT`).
    """

    content: int
    database: tuple[int, int]
    files: dict[str, tuple[int, int]]


_EXPORTED = TypeAdapter(_Exported)


def export(home: Home) -> ExportSummary:
    """Bring `exports/parquet` to the state of `warehouse.duckdb`; every file is replaced in one step.

    Files whose content is the same are not touched; where neither the database nor a file has changed since the
    last export, nothing is read at all. The files are not flushed to disk: after a power cut, the next export
    replaces what was lost.

    Raises:
        NoWarehouse: there is no warehouse to export.
    """
    with open_warehouse(home.database) as warehouse:
        home.parquet.mkdir(parents=True, exist_ok=True)
        with locked(home.parquet):
            found = _found(home)
            if found == _exported(home):
                return ExportSummary(home.parquet, 0, len(found.files), 0)
            current = dict(write_parquet(warehouse, home.parquet))
            removed = _remove_stale(home.parquet, set(current))
            # The database may have been replaced since it was opened; the next export then sees another.
            done = replace(_found(home), database=found.database)
            write_if_changed(home.work / "exported.json", _EXPORTED.dump_json(done))
    written = sum(current.values())
    return ExportSummary(home.parquet, written, len(current) - written, removed)


def _exported(home: Home) -> _Exported | None:
    try:
        return _EXPORTED.validate_json((home.work / "exported.json").read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def _found(home: Home) -> _Exported:
    """The database and what lies below the exports, as they are now."""
    files = {}
    for folder, _, names in os.walk(home.parquet):
        for name in names:
            path = os.path.join(folder, name)  # noqa: PTH118 - a path object for each of 60,000 files takes seconds
            files[os.path.relpath(path, home.parquet)] = seen(path)
    return _Exported(_CONTENT, seen(home.database), files)


def write_parquet(warehouse: Warehouse, folder: Path) -> Iterator[tuple[Path, bool]]:
    """Write every table below `folder`, which must exist; yields each file with whether it was new or has changed."""
    for table in derive.tables():
        yield from _write_table(warehouse, folder, table)


def published_order(table: str) -> tuple[str, ...]:
    """The columns by which the rows of the single file of `table` lie: year, city, then key, as far as it has them."""
    return (*_place(table), *(column for column in derive.key(table) if column not in _place(table)))


def _place(table: str) -> tuple[str, ...]:
    """Year and city, of a table that has both; nothing of another."""
    has = set(PARTITION_COLUMNS) <= {column.name for column in derive.columns(table)}
    return tuple(reversed(PARTITION_COLUMNS)) if has else ()


def _write_table(warehouse: Warehouse, folder: Path, table: str) -> Iterator[tuple[Path, bool]]:
    """Write the files of one table.

    Partition by partition, so that memory holds few of them, and so that the row groups of the single file depend
    on the rows alone, not on how DuckDB hands them out.
    """
    schema = derive.arrow_schema(table)
    path = folder / f"{table}.parquet"
    unfinished = unfinished_beside(path)
    try:
        with pyarrow.parquet.ParquetWriter(
            unfinished, schema, compression=COMPRESSION, write_page_index=True
        ) as writer:
            waiting: list[arrow.Table] = []
            last: int | None = None
            for year, city, frame in _partitions(warehouse, table):
                rows = to_arrow(frame, schema)
                if city is not None and year is not None and table in PARTITIONED:
                    hive = folder / table / partition_path(city, year) / f"{table}.parquet"
                    yield hive, write_if_changed(hive, encode(rows.drop_columns(list(PARTITION_COLUMNS))))
                if year != last or sum(one.num_rows for one in waiting) >= ROW_GROUP:
                    _write_row_group(writer, waiting)
                last = year
                waiting.append(rows)
            _write_row_group(writer, waiting)
        yield path, _publish_if_changed(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def _partitions(warehouse: Warehouse, table: str) -> Iterator[tuple[int | None, str | None, pl.DataFrame]]:
    """The rows of a table by year and city, each sorted by key; of a table that has not both, in one piece."""
    if not _place(table):
        yield None, None, warehouse.table(table)
        return
    order = ", ".join(map(derive.quoted, published_order(table)))
    pending: list[pl.DataFrame] = []
    last: tuple[int, str] | None = None
    for batch in warehouse.batches(f"SELECT * FROM {derive.quoted(table)} ORDER BY {order}"):  # noqa: S608 - quoted
        for rows in batch.partition_by("year", "city", maintain_order=True):
            place = (rows.item(0, "year"), rows.item(0, "city"))
            if last is not None and place != last:
                yield *last, pl.concat(pending)
                pending.clear()
            last = place
            pending.append(rows)
    if last is not None:
        yield *last, pl.concat(pending)


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
