"""The store: Parquet partitions by city and year, each replaced as a whole or not at all.

A partition is a folder `city=<slug>/year=<yyyy>` with one file per table that has rows and a `manifest.json`
that names them. File names carry their content's hash, so a new state is written beside the old one and the
replacement of the manifest is the moment it becomes true. What no manifest names does not exist.

Belongs here: writing, reading and listing partitions. Does not: DuckDB, and how rows come about.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl
from pydantic import TypeAdapter, ValidationError

from schemas import derive
from schemas.tables import PARTITIONED
from warehouse.files import locked, sha256, write_durably
from warehouse.layout import NotAPartition, Partition
from warehouse.parquet import encode, to_arrow
from warehouse.problems import Problem, listed, row_problem, schema_problems

MANIFEST = "manifest.json"
WRITERS = 8
"""Partitions written at once."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a partition: the rows of one table."""

    table: str
    name: str
    rows: int
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class PartitionManifest:
    """What a partition holds.

    Args:
        partition: city and year.
        data_version: what the rows were made from and by, in the words of who wrote them.
        schema: fingerprint of the columns they were written with (`schema_fingerprint`).
        files: one per table that has rows, in the order of `schemas.tables.PARTITIONED`.
    """

    partition: Partition
    data_version: str
    schema: str
    files: tuple[StoredFile, ...]

    def rows(self, table: str) -> int:
        """How many rows of `table` it holds."""
        return sum(file.rows for file in self.files if file.table == table)


_ADAPTER = TypeAdapter(PartitionManifest)


class InvalidPartition(Exception):  # noqa: N818 - the name states the situation
    """Frames that are not what the schema declares; carries every `Problem`. Nothing was written."""

    def __init__(self, partition: Partition, problems: tuple[Problem, ...]) -> None:
        super().__init__(partition, problems)
        self.partition = partition
        self.problems = problems

    def __str__(self) -> str:
        noun = "problem" if len(self.problems) == 1 else "problems"
        return (
            f"{self.partition.key}: {len(self.problems)} {noun}, nothing was written; "
            f"correct what made these rows and write again\n{listed(self.problems)}"
        )


class NoPartition(Exception):  # noqa: N818 - the name states the situation
    """A partition that was never written."""

    def __init__(self, partition: Partition) -> None:
        super().__init__(partition)
        self.partition = partition

    def __str__(self) -> str:
        return f"{self.partition.key} is not in the store; run `gongkai run` for it first"


class BrokenPartition(Exception):  # noqa: N818 - the name states the situation
    """A partition whose files are not those its manifest names."""

    def __init__(self, partition: Partition, reason: str) -> None:
        super().__init__(partition, reason)
        self.partition = partition
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.partition.key}: {self.reason}; redo this partition with `gongkai run`"


class OutdatedPartition(Exception):  # noqa: N818 - the name states the situation
    """A partition written when its tables had other columns."""

    def __init__(self, partition: Partition) -> None:
        super().__init__(partition)
        self.partition = partition

    def __str__(self) -> str:
        return (
            f"{self.partition.key} was written when the tables had other columns; "
            "redo this partition with `gongkai run`"
        )


class NoSuchTable(ValueError):  # noqa: N818 - the name states the situation
    """A name that is none of the partitioned tables."""

    def __init__(self, table: str) -> None:
        super().__init__(table)
        self.table = table

    def __str__(self) -> str:
        return f"{self.table!r} is no table of the store; it has {', '.join(PARTITIONED)}"


@dataclass(frozen=True, slots=True)
class Content:
    """What a partition is to hold.

    Args:
        partition: city and year, which every row must have.
        frames: rows by table name, in any order; a table that is missing has no rows.
        data_version: what the rows were made from and by; kept in the manifest.
    """

    partition: Partition
    frames: Mapping[str, pl.DataFrame]
    data_version: str


def write_partition(
    store: Path, partition: Partition, frames: Mapping[str, pl.DataFrame], data_version: str
) -> PartitionManifest:
    """Replace a partition by `frames`, atomically; touch nothing where it holds exactly these already.

    As `write_partitions`, for one.
    """
    (written,) = write_partitions(store, [Content(partition, frames, data_version)])
    return written


def write_partitions(store: Path, contents: Sequence[Content]) -> tuple[PartitionManifest, ...]:
    """Replace partitions, each atomically; touch nothing of one that holds exactly these rows already.

    All are checked before the first is written: together, because pandera takes as long over one as over a hundred.

    Args:
        store: root folder of the store; made if need be.
        contents: the partitions, each given once.

    Raises:
        InvalidPartition: of the first that is not as declared, with every problem of every frame: what its pandera
            model has against it, rows of another partition, reports and cells that are referred to but not there.
    """
    declared = _are_as_declared(contents)
    for content in contents:
        if problems := _problems(content, declared=declared):
            raise InvalidPartition(content.partition, problems)
    with ThreadPoolExecutor(WRITERS) as pool:  # flushing to disk is waiting
        return tuple(pool.map(lambda content: _write(store, content), contents))


def _write(store: Path, content: Content) -> PartitionManifest:
    partition = content.partition
    contents = _contents(content.frames)
    files = tuple(file for file, _ in contents)
    wanted = PartitionManifest(partition, content.data_version, schema_fingerprint(), files)
    folder = store / partition.path
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder):
        for file, data in contents:
            if not _holds(folder / file.name, data):
                write_durably(folder / file.name, data)
        text = _to_json(wanted)
        if not _holds(folder / MANIFEST, text):
            write_durably(folder / MANIFEST, text)
        _remove_unnamed(folder, wanted)
    return wanted


def remove_partition(store: Path, partition: Partition) -> None:
    """Remove a partition, manifest first; nothing happens where there is none.

    The empty folder stays, because another writer may be waiting for it.
    """
    folder = store / partition.path
    if not folder.exists():
        return
    with locked(folder):
        (folder / MANIFEST).unlink(missing_ok=True)
        for path in folder.iterdir():
            path.unlink()


def read_partition(store: Path, partition: Partition, table: str) -> pl.DataFrame:
    """The rows of `table` in a partition, sorted by the table's key, with the declared types.

    Raises:
        NoSuchTable: `table` is none of `schemas.tables.PARTITIONED`.
        NoPartition: the partition was never written.
        BrokenPartition: a file it names is missing or was changed.
        OutdatedPartition: it was written with other columns than the tables have now.
    """
    _require_table(table)
    known = manifest(store, partition)
    while known is not None:
        try:
            return _read_table(store, known, table)
        except BrokenPartition:
            # A writer may have replaced the partition since the manifest was read.
            now = manifest(store, partition)
            if now == known:
                raise
            known = now
    raise NoPartition(partition)


def manifest(store: Path, partition: Partition) -> PartitionManifest | None:
    """What a partition holds, or None where it was never written.

    Raises:
        BrokenPartition: its manifest is damaged.
    """
    try:
        data = (store / partition.path / MANIFEST).read_bytes()
    except FileNotFoundError:
        return None
    return _from_json(partition, data)


def manifests(store: Path) -> tuple[PartitionManifest, ...]:
    """What every partition holds, in the order of the partitions.

    Raises:
        BrokenPartition: a manifest is damaged.
    """
    found = (manifest(store, partition) for partition in partitions(store))
    return tuple(one for one in found if one is not None)


def partitions(store: Path) -> tuple[Partition, ...]:
    """The partitions that were written, sorted by city and year."""
    return tuple(sorted(_partitions(store)))


def files(store: Path, table: str) -> tuple[Path, ...]:
    """The files of `table`, in the order of the partitions; each sorted by the table's key.

    Raises:
        NoSuchTable: `table` is none of `schemas.tables.PARTITIONED`.
        BrokenPartition: a manifest is damaged.
    """
    return _files(store, manifests(store), table)


def scan(store: Path, known: Iterable[PartitionManifest], table: str) -> pl.LazyFrame:
    """The rows of `table` in partitions, in the order of these; read when they are asked for, and not verified.

    Thousands of small files are read ten times faster than by DuckDB.

    Raises:
        NoSuchTable: `table` is none of `schemas.tables.PARTITIONED`.
    """
    found = _files(store, known, table)
    if not found:
        return derive.empty(table).lazy()
    return pl.scan_parquet(list(found), schema=derive.polars_schema(table), glob=False, hive_partitioning=False)


def _files(store: Path, known: Iterable[PartitionManifest], table: str) -> tuple[Path, ...]:
    """The files of `table` that manifests name: of each one, or none where it has no rows."""
    _require_table(table)
    return tuple(store / one.partition.path / file.name for one in known for file in one.files if file.table == table)


def verify(store: Path, known: PartitionManifest) -> None:
    """Check the files a manifest names, byte for byte.

    Raises:
        BrokenPartition: one is missing or was changed.
        OutdatedPartition: they were written with other columns than the tables have now.
    """
    if known.schema != schema_fingerprint():
        raise OutdatedPartition(known.partition)
    for file in known.files:
        _read_file(store, known.partition, file)


@cache
def schema_fingerprint() -> str:
    """A hash of names, types and nullability of all stored columns: files with another do not mix."""
    declared = [
        [table, [(column.name, str(column.dtype), column.nullable) for column in derive.columns(table)]]
        for table in PARTITIONED
    ]
    return sha256(json.dumps(declared).encode())[:12]


def _are_as_declared(contents: Sequence[Content]) -> bool:
    """Whether pandera has nothing against the rows of all partitions taken together.

    If it has, it may be something that one alone has not: a document filed under two repeats its cells.
    """
    for table in PARTITIONED:
        frames = [content.frames[table] for content in contents if table in content.frames]
        if any(frame.schema != derive.polars_schema(table) for frame in frames):
            return False
        if frames and schema_problems(table, pl.concat(frames)):
            return False
    return True


def _problems(content: Content, *, declared: bool) -> tuple[Problem, ...]:
    return (
        *(
            Problem(name, "*", f"expected one of {', '.join(PARTITIONED)}", 0, (), (name,))
            for name in content.frames
            if name not in PARTITIONED
        ),
        *(
            problem
            for table in PARTITIONED
            if table in content.frames
            for problem in (
                *(() if declared else schema_problems(table, content.frames[table])),
                *_reference_problems(content, table),
            )
        ),
    )


def _reference_problems(content: Content, table: str) -> Iterator[Problem]:
    """Rows of another partition, or that refer to reports and cells that are not there."""
    frame = content.frames[table]
    # Where a column is missing or of another type, pandera has said so, and the rest cannot be asked.
    if frame.is_empty() or frame.schema != derive.polars_schema(table):
        return
    fails = list(_misfits(content, table))
    broken = frame.select(expr.any().alias(str(at)) for at, (_, _, expr) in enumerate(fails)).row(0)
    for (column, check, expr), is_broken in zip(fails, broken, strict=True):
        if is_broken:
            yield from row_problem(table, column, check, frame, expr)


def _misfits(content: Content, table: str) -> Iterator[tuple[str, str, pl.Expr]]:
    """What no row of the table may be: the column, what should hold of it, and what is true where it does not."""
    partition, frames = content.partition, content.frames
    yield "city", f"city is {partition.city}", pl.col("city") != partition.city
    yield "year", f"year is {partition.year}", pl.col("year") != partition.year
    # A document may belong to a report that could not be loaded; every other row belongs to one that was.
    if table not in {"documents", "reports"}:
        yield "report_id", "is in reports", ~pl.col("report_id").is_in(_ids(frames, "reports", "report_id"))
    if table != "cells" and "cell_id" in frames[table].columns:
        yield "cell_id", "is in cells", ~pl.col("cell_id").is_in(_ids(frames, "cells", "cell_id"))
    if "cell_ids" in frames[table].columns:
        known = _ids(frames, "cells", "cell_id")
        yield "cell_ids", "are all in cells", ~pl.col("cell_ids").list.eval(pl.element().is_in(known)).list.all()


def _ids(frames: Mapping[str, pl.DataFrame], table: str, column: str) -> list[str]:
    frame = frames.get(table)
    if frame is None or frame.schema.get(column) != pl.String:
        return []
    return frame[column].to_list()


def _contents(frames: Mapping[str, pl.DataFrame]) -> list[tuple[StoredFile, bytes]]:
    """The files of a partition with their bytes; a table without rows has none."""
    contents = []
    for table in PARTITIONED:
        frame = frames.get(table)
        if frame is None or frame.is_empty():
            continue
        data = encode(to_arrow(frame.sort(derive.key(table)), derive.arrow_schema(table)))
        digest = sha256(data)
        name = f"{table}-{digest[:12]}.parquet"
        contents.append((StoredFile(table, name, frame.height, len(data), digest), data))
    return contents


def _holds(path: Path, data: bytes) -> bool:
    """Whether the file at `path` is exactly `data`; its name says so, but a disk may have lost it."""
    try:
        return path.read_bytes() == data
    except FileNotFoundError:
        return False


def _remove_unnamed(folder: Path, wanted: PartitionManifest) -> None:
    named = {MANIFEST, *(file.name for file in wanted.files)}
    for path in folder.iterdir():
        if path.name not in named:
            path.unlink()


def _partitions(store: Path) -> Iterator[Partition]:
    for path in store.glob(f"city=*/year=*/{MANIFEST}"):
        city = path.parent.parent.name.removeprefix("city=")
        year = path.parent.name.removeprefix("year=")
        # A folder of another name is not ours.
        with suppress(NotAPartition):
            yield Partition.from_key(f"{city}|{year}")


def _require_table(table: str) -> None:
    if table not in PARTITIONED:
        raise NoSuchTable(table)


def _read_table(store: Path, known: PartitionManifest, table: str) -> pl.DataFrame:
    if known.schema != schema_fingerprint():
        raise OutdatedPartition(known.partition)
    for file in known.files:
        if file.table == table:
            return pl.read_parquet(_read_file(store, known.partition, file))
    return derive.empty(table)


def _read_file(store: Path, partition: Partition, file: StoredFile) -> bytes:
    try:
        data = (store / partition.path / file.name).read_bytes()
    except FileNotFoundError:
        raise BrokenPartition(partition, f"{file.name} is missing, its manifest names it") from None
    if sha256(data) != file.sha256:
        raise BrokenPartition(partition, f"{file.name} has SHA-256 {sha256(data)}, its manifest says {file.sha256}")
    return data


def _to_json(known: PartitionManifest) -> bytes:
    return _ADAPTER.dump_json(known, indent=1) + b"\n"


def _from_json(partition: Partition, data: bytes) -> PartitionManifest:
    try:
        known = _ADAPTER.validate_json(data)
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise BrokenPartition(partition, f"its {MANIFEST} cannot be read ({reason})") from error
    if known.partition != partition:
        raise BrokenPartition(partition, f"its {MANIFEST} is that of {known.partition.key}")
    return known
