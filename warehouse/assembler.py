"""Builds `warehouse.duckdb` from the store: the only writer of DuckDB.

The file is built anew in a working copy, in one transaction, and takes the place of the old one by renaming;
who has the old one open keeps it. It is built only when something it is made of has changed.

Belongs here: loading declared tables, computing the marts (`warehouse.marts` has their SQL) and publishing the file.
Does not: judging figures, computing findings.
"""

import json
import shutil
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from schemas import derive
from schemas.marts import MARTS
from schemas.tables import PARTITIONED, TABLES
from warehouse import marts
from warehouse.files import UNFINISHED, locked, publish, sha256
from warehouse.layout import Home
from warehouse.parquet import encode, to_arrow
from warehouse.problems import Problem, listed, schema_problems
from warehouse.reader import NoWarehouse, QueryFailed, open_warehouse, sort_order
from warehouse.store import BrokenPartition, PartitionManifest, manifests, paths, verify

BUILD_TABLE = "_gongkai"
"""The table in which the file says what it was built from; no part of the data."""

_KEYS_ACROSS_PARTITIONS = ("documents", "reports", "cells", "findings")
"""The other tables are keyed by report first, and a partition has only figures of its own reports."""
_ATTEMPTS = 5
_CONTENT = 2
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
    """All that the file is made of, and the hash of it."""

    manifests: tuple[PartitionManifest, ...]
    whole: Mapping[str, pl.DataFrame]
    series_findings: pl.DataFrame
    fingerprint: str


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
    current = _current(home, inputs.fingerprint)
    if current is not None:
        return current
    try:
        return _build(home, inputs)
    except (BrokenPartition, OSError, duckdb.Error):
        # A partition replaced since the manifests were read takes its old files with it: read them again.
        if attempts == 1 or manifests(home.store) == inputs.manifests:
            raise
    finally:
        _remove_working_copy(home)
    return _assemble(home, whole, series_findings, attempts - 1)


def _inputs(home: Home, whole: Mapping[str, pl.DataFrame], series_findings: pl.DataFrame) -> _Inputs:
    known = manifests(home.store)
    frames = {**whole, "findings": series_findings}
    parts = [
        str(_CONTENT),
        *(statement for table in derive.tables() for statement in derive.ddl(table)),
        *(marts.query(mart) for mart in MARTS),
        *(f"{name} {frame.write_json()}" for name, frame in marts.declared().items()),
        *(sha256(_encoded(table, frame)) for table, frame in frames.items()),
        *(f"{one.partition.key} {one.schema}" for one in known),
        *(f"{one.partition.key} {file.table} {file.sha256}" for one in known for file in one.files),
    ]
    return _Inputs(known, whole, series_findings, sha256("\n".join(parts).encode()))


def _encoded(table: str, frame: pl.DataFrame) -> bytes:
    return encode(to_arrow(frame.sort(derive.key(table)), derive.arrow_schema(table)))


def _current(home: Home, fingerprint: str) -> Assembled | None:
    """The file there is, if it was built from what has this fingerprint; otherwise None."""
    try:
        with open_warehouse(home.database) as warehouse:
            facts = dict(warehouse.query(f"SELECT name, value FROM {derive.quoted(BUILD_TABLE)}").rows())  # noqa: S608
    except (NoWarehouse, QueryFailed):
        return None
    if facts.get("inputs") != fingerprint:
        return None
    return Assembled(home.database, rebuilt=False, **json.loads(facts["content"]))


def _build(home: Home, inputs: _Inputs) -> Assembled:
    for known in inputs.manifests:
        verify(home.store, known)
    working_copy = _working_copy(home)
    with closing(duckdb.connect(working_copy)) as connection:
        connection.execute("BEGIN")
        for table in TABLES:
            for statement in derive.ddl(table):
                connection.execute(statement)
        for table in PARTITIONED:
            if table != "findings":
                _load_files(connection, table, _files(home, inputs, table))
        for table, frame in inputs.whole.items():
            _load_frame(connection, table, frame)
        _load_frame(connection, "findings", _findings(home, inputs))
        rows = _check_rows(connection, inputs)
        repeated = _repeated_keys(connection)
        computed = _compute_marts(connection)
        content = {"partitions": len(inputs.manifests), "rows": rows, "marts": computed, "repeated_keys": repeated}
        _record(connection, inputs.fingerprint, json.dumps(content))
        connection.execute("COMMIT")
        connection.execute("CHECKPOINT")
    # A log left by someone who wrote to the published file belongs to that file, not to this one.
    home.database.with_name(f"{home.database.name}.wal").unlink(missing_ok=True)
    publish(working_copy, home.database)
    return Assembled(home.database, True, len(inputs.manifests), rows, computed, repeated)


def _files(home: Home, inputs: _Inputs, table: str) -> list[Path]:
    return [path for known in inputs.manifests for path in paths(home.store, known, table)]


def _findings(home: Home, inputs: _Inputs) -> pl.DataFrame:
    """The findings of the store and those between years, as one table."""
    files = _files(home, inputs, "findings")
    if not files:
        return inputs.series_findings
    return pl.concat([pl.scan_parquet(files, glob=False, hive_partitioning=False).collect(), inputs.series_findings])


def _load_files(connection: duckdb.DuckDBPyConnection, table: str, files: list[Path]) -> None:
    if not files:
        return
    names = ", ".join(derive.quoted(column.name) for column in derive.columns(table))
    # Each file is sorted by key and the files come by city and year, so the order of insertion is sort_order.
    connection.execute("SET preserve_insertion_order = true")
    # City and year stand in the files with their declared types; from the path, DuckDB would guess them.
    connection.execute(
        f"INSERT INTO {derive.quoted(table)} SELECT {names} "  # noqa: S608 - every name is quoted
        "FROM read_parquet(?, hive_partitioning = false)",
        [[str(path) for path in files]],
    )


def _load_frame(connection: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
    connection.register("incoming", to_arrow(frame.sort(sort_order(table)), derive.arrow_schema(table)))
    connection.execute(f"INSERT INTO {derive.quoted(table)} SELECT * FROM incoming")  # noqa: S608 - quoted
    connection.unregister("incoming")


def _compute_marts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Compute every mart from the loaded tables and the marts before it; rows by mart."""
    for name, frame in marts.declared().items():
        connection.register(name, frame.to_arrow())
    rows = {}
    for mart in MARTS:
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
    for table in _KEYS_ACROSS_PARTITIONS:
        key = ", ".join(map(derive.quoted, derive.key(table)))
        found = _number(
            connection,
            f"SELECT count(*) FROM (SELECT 1 FROM {derive.quoted(table)} "  # noqa: S608 - every name is quoted
            f"GROUP BY {key} HAVING count(*) > 1)",
        )
        if found:
            repeated[table] = found
    return repeated


def _record(connection: duckdb.DuckDBPyConnection, fingerprint: str, content: str) -> None:
    table = derive.quoted(BUILD_TABLE)
    for statement in (
        f"CREATE TABLE {table} (name VARCHAR NOT NULL, value VARCHAR NOT NULL)",
        f"COMMENT ON TABLE {table} IS '构建记录 | what this file was built from; no part of the data'",
        f"COMMENT ON COLUMN {table}.name IS '名称 | inputs: a hash of all of them; content: what is in it'",
        f"COMMENT ON COLUMN {table}.value IS '值 | the hash, or JSON'",
    ):
        connection.execute(statement)
    connection.execute(
        f"INSERT INTO {table} VALUES ('inputs', ?), ('content', ?)",  # noqa: S608 - quoted
        [fingerprint, content],
    )


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
