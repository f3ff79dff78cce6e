"""The public way to read the warehouse: polars frames out of `warehouse.duckdb`, never writing to it.

A reader sees the file as it was when it was opened, however often it is replaced meanwhile, and any number of
processes may read at once.

Belongs here: opening and asking. Does not: building the file (`warehouse.assembler`).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import polars as pl

from schemas import derive
from schemas.tables import PARTITIONED

PARTITION_COLUMNS = ("city", "year")
_BATCH = 50_000
"""Rows that `Warehouse.batches` holds at a time."""


class NoWarehouse(Exception):  # noqa: N818 - the name states the situation
    """There is no warehouse to read at this place."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"no warehouse at {self.path} ({self.reason}); run `gongkai run` to build it"


class QueryFailed(Exception):  # noqa: N818 - the name states the situation
    """A query that DuckDB refused; carries the SQL and, in one line, DuckDB's reason."""

    def __init__(self, sql: str, reason: str) -> None:
        super().__init__(sql, reason)
        self.sql = sql
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class Warehouse:
    """An open warehouse, for reading; close it, or use it in a `with` statement."""

    def __init__(self, path: Path) -> None:
        """Open the file at `path`; raises NoWarehouse where there is none or it cannot be opened."""
        if not path.is_file():
            raise NoWarehouse(path, "there is no such file")
        self.path = path
        # Attached, not connected to: within a process duckdb.connect hands out the database that is already
        # open under a path, which after a replacement is the old file.
        self._connection = duckdb.connect()
        try:
            self._connection.execute(f"ATTACH {derive.literal(str(path))} AS warehouse (READ_ONLY)")
            _settle(self._connection)
        except duckdb.Error as error:
            self._connection.close()
            raise NoWarehouse(path, _one_line(error)) from error

    def query(self, sql: str, parameters: Sequence[object] | Mapping[str, object] | None = None) -> pl.DataFrame:
        """The result of a query.

        Args:
            sql: a query in DuckDB's SQL, with `?` or `$name` for each parameter.
            parameters: values of the parameters.

        Raises:
            QueryFailed: DuckDB refused it, or its result has two columns of one name.
        """
        try:
            answer = self._connection.execute(sql, parameters)
            # What holds no statement at all, DuckDB answers with nothing at all.
            if answer is None:
                raise QueryFailed(sql, "there is no statement in it")
            result = answer.to_arrow_table()
        except duckdb.Error as error:
            raise QueryFailed(sql, _one_line(error)) from error
        repeated = sorted({name for name in result.column_names if result.column_names.count(name) > 1})
        if repeated:
            raise QueryFailed(sql, f"several columns are named {', '.join(repeated)}; give each a name with AS")
        return pl.DataFrame(result)

    def batches(self, sql: str) -> Iterator[pl.DataFrame]:
        """The result of a query, some ten thousand rows at a time, in its order; for results larger than memory.

        Raises:
            QueryFailed: DuckDB refused it.
        """
        try:
            # A cursor of its own: another query on the same one would end this result.
            with closing(self._connection.cursor()) as cursor:
                _settle(cursor)
                for batch in cursor.execute(sql).to_arrow_reader(_BATCH):
                    yield pl.DataFrame(batch)
        except duckdb.Error as error:
            raise QueryFailed(sql, _one_line(error)) from error

    def table(self, name: str, city: str | None = None, year: int | None = None) -> pl.DataFrame:
        """The rows of a table, of all or one city, of all or one year, sorted by city, year and key.

        Args:
            name: name of the table.
            city: slug of a city partition, such as `zhoukou-411600`.
            year: the year the reports cover.

        Raises:
            QueryFailed: there is no such table, or it has no such column.
        """
        wanted = {"city": city, "year": year}
        conditions = {column: value for column, value in wanted.items() if value is not None}
        where = " AND ".join(f"{derive.quoted(column)} = ?" for column in conditions)
        return self.query(
            f"SELECT * FROM {derive.quoted(name)}"  # noqa: S608 - every name is quoted
            f"{' WHERE ' + where if where else ''}{_order(name)}",
            list(conditions.values()),
        )

    def close(self) -> None:
        """Let go of the file; the warehouse answers no more queries."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def open_warehouse(path: Path) -> Warehouse:
    """Open the warehouse at `path` for reading; raises NoWarehouse where none can be opened."""
    return Warehouse(path)


def sort_order(table: str) -> tuple[str, ...]:
    """The columns by which the rows of `table` lie in the warehouse and its exports: partition, then key."""
    partition = PARTITION_COLUMNS if table in PARTITIONED else ()
    return (*partition, *derive.key(table))


def _settle(connection: duckdb.DuckDBPyConnection) -> None:
    """What every session needs, and a cursor does not inherit."""
    connection.execute("USE warehouse")
    connection.execute("SET TimeZone = 'UTC'")


def _order(name: str) -> str:
    if name not in derive.tables():
        return ""
    return f" ORDER BY {', '.join(map(derive.quoted, sort_order(name)))}"


def _one_line(error: duckdb.Error) -> str:
    # What follows LINE repeats the query with a caret below it, which makes no sense in one line.
    message, _, _ = str(error).partition("\nLINE ")
    return " ".join(message.split())
