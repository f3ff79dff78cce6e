"""The DuckDB file of a release: equal rows become equal bytes.

DuckDB does not promise that. What makes its files differ, measured on 1.5.5, and what is done about it:

- rows and tables in another order: every table is written in a total order, by one thread and on its own;
- FSST compression, which learns from a random sample: it is not used, so that text takes about twice the space;
- memory that was never written and reaches the disk in the unused parts of blocks (duckdb/duckdb#23382): the file
  is written by a process of its own whose allocators, DuckDB's and the system's, clear what they hand out.

The last works where these are jemalloc and glibc: on Linux. Elsewhere the file holds the same rows, and only the
unused parts of its blocks may differ.

Belongs here: copying a warehouse. Does not: what is in it (`warehouse.assembler`).
"""

import os
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb

from schemas import derive
from warehouse.assembler import BUILD_TABLE
from warehouse.reader import sort_order

_ALLOCATORS = {
    "DUCKDB_JE_MALLOC_CONF": "zero:true",
    # The fill of glibc is the complement of the number: 255 clears. Newer versions read the second alone.
    "MALLOC_PERTURB_": "255",
    "GLIBC_TUNABLES": "glibc.malloc.perturb=255",
}
_RANDOM_COMPRESSION = "fsst,dict_fsst"
_STORAGE = "v1.0.0"
"""Every DuckDB since 1.0 reads it."""


class DatabaseNotCopied(Exception):  # noqa: N818 - the name states the situation
    """The process that writes the DuckDB file of a release failed."""

    def __init__(self, source: Path, reason: str) -> None:
        super().__init__(source, reason)
        self.source = source
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.source} could not be copied into a release: {self.reason}; build it anew with `gongkai run`"


def write_database(source: Path, target: Path) -> None:
    """Copy the warehouse at `source` to a new file `target`, in a process of its own.

    Raises:
        DatabaseNotCopied: with the last line that the process wrote.
    """
    done = subprocess.run(  # noqa: S603 - our own module
        # Safe path: a folder that happens to be called warehouse where the command is run is not this package.
        [sys.executable, "-P", "-m", __name__, str(source), str(target)],
        env={**os.environ, **_ALLOCATORS, "PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise DatabaseNotCopied(source, lines[-1])


@dataclass(frozen=True, slots=True)
class _Relation:
    """A table or view of the warehouse: the statement that makes it and its comment."""

    name: str
    sql: str
    comment: str | None


def copy(source: Path, target: Path) -> None:
    """Copy tables, rows, views and comments of the warehouse at `source` to a new file `target`.

    The table in which the assembler keeps its books is left out.
    """
    # One thread: with several, which rows lie in which block depends on who is first.
    with closing(duckdb.connect(config={"threads": 1})) as connection:
        connection.execute(f"ATTACH {derive.literal(str(source))} AS source (READ_ONLY)")
        connection.execute(f"ATTACH {derive.literal(str(target))} AS target (STORAGE_VERSION '{_STORAGE}')")
        connection.execute(f"SET disabled_compression_methods = '{_RANDOM_COMPRESSION}'")
        connection.execute("SET preserve_insertion_order = true")
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("USE target")
        for table in _relations(connection, "table"):
            name = derive.quoted(table.name)
            rows = f"INSERT INTO target.{name} SELECT * FROM source.{name} ORDER BY {_order(table.name)}"  # noqa: S608
            _make(connection, "TABLE", table, rows)
        for view in _relations(connection, "view"):
            _make(connection, "VIEW", view)


def _make(connection: duckdb.DuckDBPyConnection, kind: str, relation: _Relation, *rows: str) -> None:
    """Make a table with its rows, or a view, and bring it to disk before the next.

    A transaction that fills several tables writes them in the order of their addresses in memory.
    """
    for statement in ("BEGIN", relation.sql, *rows):
        connection.execute(statement)
    _comment(connection, kind, relation)
    connection.execute("COMMIT")
    connection.execute("CHECKPOINT target")


def _relations(connection: duckdb.DuckDBPyConnection, kind: str) -> tuple[_Relation, ...]:
    """The tables, or views, of the source in the order in which they were made, so that a view finds what it reads."""
    rows = connection.execute(
        f"SELECT {kind}_name, sql, comment FROM duckdb_{kind}s() "  # noqa: S608 - `table` or `view`
        f"WHERE database_name = 'source' AND NOT internal AND {kind}_name <> ? ORDER BY {kind}_oid",
        [BUILD_TABLE],
    ).fetchall()
    return tuple(_Relation(*row) for row in rows)


def _order(table: str) -> str:
    return ", ".join(map(derive.quoted, sort_order(table))) if table in derive.tables() else "ALL"


def _comment(connection: duckdb.DuckDBPyConnection, kind: str, relation: _Relation) -> None:
    name = derive.quoted(relation.name)
    if relation.comment is not None:
        connection.execute(f"COMMENT ON {kind} {name} IS {derive.literal(relation.comment)}")
    columns = connection.execute(
        "SELECT column_name, comment FROM duckdb_columns() "
        "WHERE database_name = 'source' AND table_name = ? AND comment IS NOT NULL ORDER BY column_index",
        [relation.name],
    ).fetchall()
    for column, comment in columns:
        connection.execute(f"COMMENT ON COLUMN {name}.{derive.quoted(column)} IS {derive.literal(comment)}")


if __name__ == "__main__":
    copy(Path(sys.argv[1]), Path(sys.argv[2]))
