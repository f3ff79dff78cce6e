"""Builds `warehouse.duckdb` from the store: the only writer of DuckDB.

The file is built in a working copy, in one transaction, and takes the place of the old one by renaming; who has the
old one open keeps it. It is built only when something it is made of has changed: from nothing, or, where few
partitions have changed, from the old file, in which their rows are replaced.

Belongs here: loading declared tables, computing the marts (`warehouse.marts` has their SQL) and publishing the file.
Does not: judging figures, computing findings.
"""

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as arrow
from pydantic import TypeAdapter, ValidationError

from schemas import derive
from schemas.marts import MARTS
from schemas.tables import PARTITIONED, TABLES
from warehouse import marts
from warehouse.files import UNFINISHED, locked, publish, seen, sha256, write_if_changed
from warehouse.layout import Home, Partition
from warehouse.parquet import encode, to_arrow
from warehouse.problems import Problem, listed, schema_problems
from warehouse.reader import NoWarehouse, QueryFailed, open_warehouse, sort_order
from warehouse.session import session
from warehouse.store import BrokenPartition, PartitionManifest, manifests, scan, verify

BUILD_TABLE = "_gongkai"
"""The table in which the file says what it was built from; no part of the data."""

_KEYS_ACROSS_PARTITIONS = {
    "documents": "true",
    "reports": "true",
    "findings": "true",
    # A cell is named after its document: no other can repeat it, and of millions few are to be counted.
    "cells": "sha256 IN (SELECT sha256 FROM (SELECT DISTINCT sha256, city, year FROM cells) "
    "GROUP BY sha256 HAVING count(*) > 1)",
}
"""Tables of which two partitions may have the same keys, and which of the rows those are among; the other tables are
keyed by report first, and a partition has only figures of its own reports."""
_ATTEMPTS = 5
_MOST_ROWS = 500_000
"""Rows that are read from the store at once."""
_ROW_GROUP = 122_880
"""Rows of the pieces that are worked on side by side: DuckDB's own groups of rows."""
MOST_MEMORY = "4GiB"
"""What DuckDB may hold of the file at once; it puts the rest on disk."""
MOST_LOOSE = 0.05
"""Share of partitions whose rows may lie at the end of a table instead of in order; with more, all is built anew, so
that a city and year stay in few blocks."""
_CONTENT = 3
"""Raise it when the assembler changes what it makes of the same rows: every file is then built anew."""


@dataclass(frozen=True, slots=True)
class Assembled:
    """The warehouse as it is after assembling.

    Args:
        database: the file.
        rebuilt: whether it was built, or found to be up to date.
        partitions: how many partitions are in it.
        rows: rows by table.
        marts: rows by mart.
        repeated_keys: keys that occur in more than one partition, by table; only tables that have such. A
            partition's own keys are unique when it is written; the same document filed under two partitions
            repeats its cells. They are loaded, and joins over them multiply.
    """

    database: Path
    rebuilt: bool
    partitions: int
    rows: Mapping[str, int]
    marts: Mapping[str, int]
    repeated_keys: Mapping[str, int]


class InvalidFrame(Exception):  # noqa: N818 - the name states the situation
    """Divisions or findings that are not what the schema declares; carries every `Problem`."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        return f"not assembled; correct these rows and assemble again\n{listed(self.problems)}"


class IncompleteLoad(Exception):  # noqa: N818 - the name states the situation
    """A table that has other rows than the files it was loaded from."""

    def __init__(self, table: str, expected: int, found: int) -> None:
        super().__init__(table, expected, found)
        self.table = table
        self.expected = expected
        self.found = found

    def __str__(self) -> str:
        return (
            f"{self.table}: {self.found} rows were loaded, the store has {self.expected}; "
            "the warehouse was not replaced, redo the partitions with `gongkai run`"
        )


@dataclass(frozen=True, slots=True)
class _Inputs:
    """All that the file is made of, and hashes of it.

    Args:
        manifests: what each partition holds.
        whole: the tables that are not partitioned.
        series_findings: the findings between years.
        shape: hash of everything but rows: tables, marts, this code.
        partitions: hash of the rows of each partition, by its key.
        fingerprint: hash of all.
    """

    manifests: tuple[PartitionManifest, ...]
    whole: Mapping[str, pl.DataFrame]
    series_findings: pl.DataFrame
    shape: str
    partitions: Mapping[str, str]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class _Built:
    """What a file says it was built from: hashes as in `_Inputs`, and which partitions' rows lie out of order."""

    fingerprint: str
    shape: str
    partitions: Mapping[str, str]
    loose: tuple[str, ...]
    content: Mapping[str, Any]


_BUILT = TypeAdapter(_Built)


@dataclass(frozen=True, slots=True)
class _Change:
    """What has changed since a file was built.

    Args:
        partitions: the keys of those that are new, gone or have other rows.
        loose: the keys of those that will lie out of order, those that did so before among them.
    """

    partitions: tuple[str, ...]
    loose: tuple[str, ...]


def assemble(
    home: Home, *, regions: pl.DataFrame, series_findings: pl.DataFrame, population: pl.DataFrame | None = None
) -> Assembled:
    """Build `warehouse.duckdb` from the store, unless it is built from exactly this already.

    Args:
        home: where the store is and the file belongs.
        regions: the divisions, as `schemas.tables.Regions`.
        series_findings: findings between years, as `schemas.tables.Findings`; they join those of the store.
        population: residents by division and year, as `schemas.tables.Population`; none known by default.

    Raises:
        InvalidFrame: `regions`, `series_findings` or `population` is not what its model declares.
        BrokenPartition: a partition's files are not those its manifest names.
        OutdatedPartition: a partition was written with other columns than the tables have now.
        IncompleteLoad: a table came out with other rows than its files have.
    """
    whole = {"regions": regions, "population": derive.empty("population") if population is None else population}
    problems = (
        *(problem for table, frame in whole.items() for problem in schema_problems(table, frame)),
        *schema_problems("findings", series_findings),
    )
    if problems:
        raise InvalidFrame(problems)
    home.root.mkdir(parents=True, exist_ok=True)
    with locked(home.root):
        _remove_working_copy(home)
        return _assemble(home, whole, series_findings, _ATTEMPTS)


def _assemble(home: Home, whole: Mapping[str, pl.DataFrame], series_findings: pl.DataFrame, attempts: int) -> Assembled:
    inputs = _inputs(home, whole, series_findings)
    before = _built(home)
    if before is not None and before.fingerprint == inputs.fingerprint:
        return Assembled(home.database, rebuilt=False, **before.content)
    try:
        change = _change(home, before, inputs)
        return _build(home, inputs) if change is None else _update(home, inputs, change)
    except (BrokenPartition, OSError, pl.exceptions.PolarsError, duckdb.Error):
        # A partition replaced since the manifests were read takes its old files with it: read them again.
        if attempts == 1 or manifests(home.store) == inputs.manifests:
            raise
    finally:
        _remove_working_copy(home)
    return _assemble(home, whole, series_findings, attempts - 1)


def _inputs(home: Home, whole: Mapping[str, pl.DataFrame], series_findings: pl.DataFrame) -> _Inputs:
    known = manifests(home.store)
    shape = _hash(
        str(_CONTENT),
        *(statement for table in derive.tables() for statement in derive.ddl(table)),
        *(marts.query(mart) for mart in MARTS),
        *(f"{name} {frame.write_json()}" for name, frame in marts.declared().items()),
    )
    partitions = {
        one.partition.key: _hash(one.schema, *(f"{file.table} {file.sha256}" for file in one.files)) for one in known
    }
    frames = {**whole, "findings": series_findings}
    rows = (sha256(_encoded(table, frame)) for table, frame in frames.items())
    fingerprint = _hash(shape, *rows, *(f"{key} {of_rows}" for key, of_rows in partitions.items()))
    return _Inputs(known, whole, series_findings, shape, partitions, fingerprint)


def _hash(*parts: str) -> str:
    return sha256("\n".join(parts).encode())


def _encoded(table: str, frame: pl.DataFrame) -> bytes:
    return encode(to_arrow(frame.sort(derive.key(table)), derive.arrow_schema(table)))


def _built(home: Home) -> _Built | None:
    """What the file there is says of itself; None where there is none, or it is of another make."""
    try:
        with open_warehouse(home.database) as warehouse:
            facts = dict(warehouse.query(f"SELECT name, value FROM {derive.quoted(BUILD_TABLE)}").rows())  # noqa: S608
        return _BUILT.validate_json(facts["build"])
    except (NoWarehouse, QueryFailed, KeyError, ValidationError):
        return None


def _change(home: Home, before: _Built | None, inputs: _Inputs) -> _Change | None:
    """What is to be changed in the old file; None where it cannot be, or too many partitions would be out of order."""
    # A file that somebody has written to since may hold anything.
    if before is None or before.shape != inputs.shape or _left(home) != seen(home.database):
        return None
    old, now = before.partitions, inputs.partitions
    changed = {key for key in old.keys() | now.keys() if old.get(key) != now.get(key)}
    loose = {*before.loose, *changed}
    if len(loose) > MOST_LOOSE * len(inputs.manifests):
        return None
    return _Change(tuple(sorted(changed)), tuple(sorted(loose)))


def _build(home: Home, inputs: _Inputs) -> Assembled:
    """Build the file from nothing, its rows in order."""
    for known in inputs.manifests:
        verify(home.store, known)
    with closing(session(_working_copy(home), memory=MOST_MEMORY)) as connection:
        connection.execute("BEGIN")
        for table in TABLES:
            for statement in derive.ddl(table):
                connection.execute(statement)
        _load_partitions(connection, home, inputs.manifests)
        content = _complete(connection, home, inputs, ())
    return _put_in_place(home, content)


def _update(home: Home, inputs: _Inputs, change: _Change) -> Assembled:
    """Build the file from the old one: the rows of what has changed are deleted, and those it has now added."""
    now = tuple(known for known in inputs.manifests if known.partition.key in change.partitions)
    for known in now:
        verify(home.store, known)
    shutil.copyfile(home.database, _working_copy(home))
    with closing(session(_working_copy(home), memory=MOST_MEMORY)) as connection:
        connection.execute("BEGIN")
        connection.register("changed", _places(change.partitions))
        for table in PARTITIONED:
            if table != "findings":
                connection.execute(f"DELETE FROM {derive.quoted(table)} WHERE (city, year) IN (FROM changed)")  # noqa: S608
        connection.unregister("changed")
        for table in (*inputs.whole, "findings"):
            connection.execute(f"DELETE FROM {derive.quoted(table)}")  # noqa: S608 - quoted
        _load_partitions(connection, home, now)
        content = _complete(connection, home, inputs, change.loose)
    return _put_in_place(home, content)


def _places(keys: Iterable[str]) -> arrow.Table:
    places = [Partition.from_key(key) for key in keys]
    return arrow.table({"city": [one.city for one in places], "year": [one.year for one in places]})


def _complete(
    connection: duckdb.DuckDBPyConnection, home: Home, inputs: _Inputs, loose: tuple[str, ...]
) -> Mapping[str, Any]:
    """Load what is not loaded by partition, compute the marts, and commit; what the file then holds, in numbers."""
    for table, frame in inputs.whole.items():
        _load_frame(connection, table, frame)
    _load_frame(connection, "findings", _findings(home, inputs))
    rows = _check_rows(connection, inputs)
    repeated = _repeated_keys(connection)
    computed = _compute_marts(connection)
    content = {"partitions": len(inputs.manifests), "rows": rows, "marts": computed, "repeated_keys": repeated}
    _record(connection, _Built(inputs.fingerprint, inputs.shape, inputs.partitions, loose, content))
    connection.execute("COMMIT")
    connection.execute("CHECKPOINT")
    return content


def _put_in_place(home: Home, content: Mapping[str, Any]) -> Assembled:
    # A log left by someone who wrote to the published file belongs to that file, not to this one.
    home.database.with_name(f"{home.database.name}.wal").unlink(missing_ok=True)
    publish(_working_copy(home), home.database)
    write_if_changed(_left_at(home), json.dumps(seen(home.database)).encode())
    return Assembled(home.database, rebuilt=True, **content)


def _left_at(home: Home) -> Path:
    return home.work / "assembled.json"


def _left(home: Home) -> tuple[int, int] | None:
    """Size and time of the file as it was left, if that is known."""
    try:
        size, time = json.loads(_left_at(home).read_bytes())
    except (FileNotFoundError, TypeError, ValueError):
        return None
    return size, time


def _load_partitions(connection: duckdb.DuckDBPyConnection, home: Home, known: Sequence[PartitionManifest]) -> None:
    """Load the rows of partitions, but for their findings."""
    for table in PARTITIONED:
        if table != "findings":
            for some in _batches(known, table):
                _insert(connection, table, scan(home.store, some, table).collect())


def _batches(known: Sequence[PartitionManifest], table: str) -> Iterator[list[PartitionManifest]]:
    """Partitions in their order, as many at once as have few enough rows of the table to be held in memory."""
    some: list[PartitionManifest] = []
    rows = 0
    for one in known:
        rows += one.rows(table)
        if some and rows > _MOST_ROWS:
            yield some
            some, rows = [], one.rows(table)
        some.append(one)
    if some:
        yield some


def _findings(home: Home, inputs: _Inputs) -> pl.DataFrame:
    """The findings of the store and those between years, as one table."""
    return pl.concat([scan(home.store, inputs.manifests, "findings").collect(), inputs.series_findings])


def _load_frame(connection: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
    _insert(connection, table, frame.sort(sort_order(table)))


def _insert(connection: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
    """Add rows in their order: each file is sorted by key and the files come by city and year, so it is sort_order."""
    rows = to_arrow(frame, derive.arrow_schema(table))
    pieces = arrow.Table.from_batches(rows.to_batches(_ROW_GROUP), rows.schema)
    # Not by a name that is registered: a transaction keeps what that stands for until its end.
    connection.from_arrow(pieces).insert_into(table)


def _compute_marts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Compute every mart from the loaded tables and the marts before it; rows by mart."""
    for name, frame in marts.declared().items():
        connection.register(name, frame.to_arrow())
    rows = {}
    for mart in MARTS:
        connection.execute(f"DROP TABLE IF EXISTS {derive.quoted(mart)}")
        for statement in derive.ddl(mart):
            connection.execute(statement)
        order = ", ".join(map(derive.quoted, sort_order(mart)))
        connection.execute(
            f"INSERT INTO {derive.quoted(mart)} BY NAME SELECT * FROM (\n{marts.query(mart)}\n) ORDER BY {order}"  # noqa: S608
        )
        rows[mart] = _number(connection, f"SELECT count(*) FROM {derive.quoted(mart)}")  # noqa: S608 - quoted
    for name in marts.declared():
        connection.unregister(name)
    return rows


def _check_rows(connection: duckdb.DuckDBPyConnection, inputs: _Inputs) -> dict[str, int]:
    """Rows by table, after comparing them with what the manifests and the frames given promise."""
    given = {table: frame.height for table, frame in inputs.whole.items()} | {"findings": inputs.series_findings.height}
    rows = {}
    for table in TABLES:
        expected = given.get(table, 0) + sum(known.rows(table) for known in inputs.manifests)
        found = _number(connection, f"SELECT count(*) FROM {derive.quoted(table)}")  # noqa: S608 - quoted
        if found != expected:
            raise IncompleteLoad(table, expected, found)
        rows[table] = found
    return rows


def _repeated_keys(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Keys that occur more than once, by table; only tables that have such."""
    repeated = {}
    for table, among in _KEYS_ACROSS_PARTITIONS.items():
        key = ", ".join(map(derive.quoted, derive.key(table)))
        found = _number(
            connection,
            f"SELECT count(*) FROM (SELECT 1 FROM {derive.quoted(table)} WHERE {among} "  # noqa: S608 - quoted, or ours
            f"GROUP BY {key} HAVING count(*) > 1)",
        )
        if found:
            repeated[table] = found
    return repeated


def _record(connection: duckdb.DuckDBPyConnection, build: _Built) -> None:
    table = derive.quoted(BUILD_TABLE)
    for statement in (
        f"DROP TABLE IF EXISTS {table}",
        f"CREATE TABLE {table} (name VARCHAR NOT NULL, value VARCHAR NOT NULL)",
        f"COMMENT ON TABLE {table} IS '构建记录 | what this file was built from; no part of the data'",
        f"COMMENT ON COLUMN {table}.name IS '名称 | build: all of it'",
        f"COMMENT ON COLUMN {table}.value IS '值 | hashes of the inputs, and what is in the file, as JSON'",
    ):
        connection.execute(statement)
    connection.execute(f"INSERT INTO {table} VALUES ('build', ?)", [_BUILT.dump_json(build).decode()])  # noqa: S608


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def _working_copy(home: Home) -> Path:
    return home.root / f".{home.database.name}{UNFINISHED}"


def _remove_working_copy(home: Home) -> None:
    """Also what a killed assembler left: the file, its log, what DuckDB swapped out to disk."""
    working_copy = _working_copy(home)
    working_copy.unlink(missing_ok=True)
    working_copy.with_name(f"{working_copy.name}.wal").unlink(missing_ok=True)
    shutil.rmtree(working_copy.with_name(f"{working_copy.name}.tmp"), ignore_errors=True)
