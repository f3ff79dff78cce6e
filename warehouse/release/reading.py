"""Reading a release, wherever it lies: tables for polars, pandas, Arrow and DuckDB.

    from warehouse import open_release

    release = open_release("https://example.org/gongkai/2026.1")    # or a folder, or s3://bucket/gongkai/2026.1
    rows = release.table("requests", city="zhoukou-411600", year=2021)
    rows.polars()      # or .lazy(), .arrow(), .pandas(), .duckdb()

Nothing is read but the descriptor until a method asks for rows, and then only the row groups and columns it needs.

Belongs here: choosing rows of a release. Does not: the warehouse at home (`warehouse.reader`).
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import polars as pl
import pyarrow as arrow

from schemas import derive
from warehouse.layout import Partition
from warehouse.release import datapackage
from warehouse.release.storage import S3, Place, place
from warehouse.release.version import InvalidVersion, Version
from warehouse.session import session

if TYPE_CHECKING:
    import pandas

_ANY_YEAR = 2021
"""A valid year, where only a city is checked."""


class NoRelease(Exception):  # noqa: N818 - the name states the situation
    """There is a descriptor at this place, but not that of a release."""

    def __init__(self, root: str, reason: str) -> None:
        super().__init__(root, reason)
        self.root = root
        self.reason = reason

    def __str__(self) -> str:
        return f"no release at {self.root} ({self.reason}); give the folder that has {datapackage.NAME} in it"


class UnknownTable(KeyError):  # noqa: N818 - the name states the situation
    """A name that is none of the release's tables."""

    def __init__(self, table: str, known: tuple[str, ...]) -> None:
        super().__init__(table, known)
        self.table = table
        self.known = known

    def __str__(self) -> str:
        return f"{self.table!r} is no table of this release; it has {', '.join(self.known)}"


class NotSelectable(ValueError):  # noqa: N818 - the name states the situation
    """A table that has no such column to choose rows by."""

    def __init__(self, table: str, column: str) -> None:
        super().__init__(table, column)
        self.table = table
        self.column = column

    def __str__(self) -> str:
        return f"{self.table} has no column {self.column}; read the table without it"


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a table of a release, all or those of a city, a year or both; read when a method asks for them.

    Args:
        table: the table.
        place: where the release lies.
        path: the table's Parquet file in the release.
        city: slug of the city partition; None for all.
        year: the year the reports cover; None for all.
    """

    table: str
    place: Place
    path: str
    city: str | None
    year: int | None

    def lazy(self) -> pl.LazyFrame:
        """A polars query to go on with: what it does not need is not read."""
        rows = pl.scan_parquet(
            self.place.file(self.path),
            storage_options=self.place.polars_options(),
            credential_provider=None,
            hive_partitioning=False,
            glob=False,
        )
        for column, value in self._wanted().items():
            rows = rows.filter(pl.col(column) == value)
        return rows

    def polars(self) -> pl.DataFrame:
        """A polars frame."""
        return self.lazy().collect()

    def arrow(self) -> arrow.Table:
        """An Arrow table, with the types that the Parquet file has."""
        frame = self.polars()
        schema = derive.arrow_schema(self.table) if self.table in derive.tables() else None
        rows = frame.to_arrow()
        return rows.cast(schema) if schema is not None and schema.names == rows.column_names else rows

    def pandas(self) -> "pandas.DataFrame":
        """A pandas frame with Arrow types, so that a blank stays a blank and a number keeps its precision.

        Raises:
            ModuleNotFoundError: pandas, an extra, is not installed.
        """
        try:
            import pandas
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError("pandas is not installed; run `pip install 'gongkai[pandas]'`") from error
        return self.arrow().to_pandas(types_mapper=pandas.ArrowDtype)  # type: ignore[no-any-return]

    def duckdb(self, connection: duckdb.DuckDBPyConnection | None = None) -> duckdb.DuckDBPyRelation:
        """A DuckDB relation to go on with, in `connection` or one of its own.

        Raises:
            NoExtension: the release is remote and DuckDB cannot read remote files.
        """
        if connection is None:
            connection = session()
        self.place.prepare(connection)
        file = derive.literal(self.place.file(self.path))
        wanted = {
            derive.quoted(column): derive.literal(value) if isinstance(value, str) else str(value)
            for column, value in self._wanted().items()
        }
        where = " AND ".join(f"{column} = {value}" for column, value in wanted.items())
        return connection.sql(
            f"SELECT * FROM read_parquet({file}, hive_partitioning = false)"  # noqa: S608 - all is quoted
            f"{' WHERE ' + where if where else ''}"
        )

    def _wanted(self) -> dict[str, str | int]:
        wanted = {"city": self.city, "year": self.year}
        return {column: value for column, value in wanted.items() if value is not None}


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    path: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Release:
    """An opened release.

    Args:
        place: where it lies.
        version: its version.
    """

    place: Place
    version: Version
    _tables: tuple[_Table, ...]

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of its tables."""
        return tuple(table.name for table in self._tables)

    def table(self, name: str, *, city: str | None = None, year: int | None = None) -> Rows:
        """Rows of a table, of all or one city, of all or one year, by year, city and key.

        Args:
            name: name of the table.
            city: slug of a city partition, such as `zhoukou-411600`.
            year: the year the reports cover.

        Raises:
            UnknownTable: there is no such table.
            NotSelectable: the table has no column `city` or `year`, and one was given.
            NotAPartition: `city` is no slug, or `year` no year of a report.
        """
        found = next((table for table in self._tables if table.name == name), None)
        if found is None:
            raise UnknownTable(name, self.tables)
        for column, value in (("city", city), ("year", year)):
            if value is not None and column not in found.columns:
                raise NotSelectable(name, column)
        if city is not None or year is not None:
            Partition(city or "any-000000", _ANY_YEAR if year is None else year)
        return Rows(name, self.place, found.path, city, year)

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A DuckDB connection with a view for each table: SQL straight on the Parquet files.

        Raises:
            NoExtension: the release is remote and DuckDB cannot read remote files.
        """
        connection = session()
        self.place.prepare(connection)
        for table in self._tables:
            connection.execute(
                f"CREATE VIEW {derive.quoted(table.name)} AS SELECT * "  # noqa: S608 - name and path are quoted
                f"FROM read_parquet({derive.literal(self.place.file(table.path))}, hive_partitioning = false)"
            )
        return connection


def open_release(address: str | Path, s3: S3 | None = None) -> Release:
    """Open a release for reading.

    Args:
        address: its folder, or its address on a web server or in an S3-compatible store:
            `releases/2026.1`, `https://example.org/gongkai/2026.1`, `s3://bucket/gongkai/2026.1`.
        s3: access to the store; by default what the environment says (`S3.from_environment`).

    Raises:
        Unreachable: its descriptor cannot be read.
        NoRelease: what is there is no descriptor of a release.
    """
    where = place(address, s3)
    try:
        descriptor = json.loads(where.read(datapackage.NAME))
        version = Version.from_text(descriptor["version"])
        tables = tuple(
            _Table(one["name"], one["path"], tuple(field["name"] for field in one["schema"]["fields"]))
            for one in descriptor["resources"]
            if one["format"] == "parquet"
        )
    except (ValueError, KeyError, TypeError, InvalidVersion) as error:
        raise NoRelease(where.root, f"its {datapackage.NAME} cannot be understood: {error}") from error
    return Release(where, version, tables)
