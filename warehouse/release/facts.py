"""What the descriptors of a release say of it: its version, date, files and extent, as one value.

Belongs here: finding these facts. Does not: the forms in which they are written down.
"""

import os
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.metadata import version as installed
from pathlib import Path

import pyarrow.parquet

from schemas import derive
from schemas.tables import PARTITIONED
from warehouse.files import sha256_of
from warehouse.reader import Warehouse
from warehouse.release.version import Version

DATABASE = "gongkai.duckdb"
PARQUET = "parquet"
_EPOCH = "SOURCE_DATE_EPOCH"


class NothingToRelease(Exception):  # noqa: N818 - the name states the situation
    """A warehouse without a single document."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return f"{self.path} has no documents, so there is nothing to release; load some with `gongkai run`"


class InvalidEpoch(ValueError):  # noqa: N818 - the name states the situation
    """`SOURCE_DATE_EPOCH` is set to something that is no time."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return f"{_EPOCH} is {self.text!r}; expected seconds since 1970, such as 1767225600, or unset it"


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A file of a release: its path in it, with slashes, its size and its hash."""

    path: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class TableFacts:
    """A table of a release: its file of everything and how many rows that has."""

    name: str
    file: FileFacts
    rows: int

    @property
    def hive(self) -> str | None:
        """The folder of its Hive files by city and year; None for a table that has none."""
        return f"{PARQUET}/{self.name}" if self.name in PARTITIONED else None


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is in the warehouse."""

    reports: int
    cities: int
    first_year: int
    last_year: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What is said of a release.

    Args:
        version: its version.
        date: the day of the last retrieval that is in it, or the one `SOURCE_DATE_EPOCH` names; never today's.
        previous: the version it was compared with.
        extent: reports, cities, years.
        tables: its tables, in the order of the contract.
        database: its DuckDB file.
        software: what it was made with; other versions make other bytes of the same rows.
    """

    version: Version
    date: date
    previous: Version | None
    extent: Extent
    tables: tuple[TableFacts, ...]
    database: FileFacts
    software: tuple[str, ...]

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for table in self.tables)


def software() -> tuple[str, ...]:
    """What decides the bytes of a release, with versions."""
    return tuple(f"{name} {installed(name)}" for name in ("gongkai", "duckdb", "pyarrow"))


def released_on(warehouse: Warehouse) -> date:
    """The date of a release made of `warehouse`: of `SOURCE_DATE_EPOCH` if set, else of the last retrieval.

    Raises:
        InvalidEpoch: `SOURCE_DATE_EPOCH` is no time.
        NothingToRelease: there are no documents.
    """
    if epoch := os.environ.get(_EPOCH):
        try:
            return datetime.fromtimestamp(int(epoch), UTC).date()
        except (ValueError, OverflowError, OSError):
            raise InvalidEpoch(epoch) from None
    last = warehouse.query("SELECT max(retrieved_at) AS last FROM documents").item()
    if last is None:
        raise NothingToRelease(warehouse.path)
    return last.astimezone(UTC).date()  # type: ignore[no-any-return]


def extent(warehouse: Warehouse) -> Extent:
    """How much is in `warehouse`; raises NothingToRelease where there is no report."""
    row = warehouse.query(
        "SELECT count(*) AS reports, count(DISTINCT city) AS cities, min(year) AS first, max(year) AS last FROM reports"
    ).row(0)
    if not row[0]:
        raise NothingToRelease(warehouse.path)
    return Extent(*row)


def file_facts(root: Path, path: Path) -> FileFacts:
    """The facts of the file at `path`, which lies below `root`."""
    return FileFacts(path.relative_to(root).as_posix(), path.stat().st_size, sha256_of(path))


def table_facts(root: Path) -> tuple[TableFacts, ...]:
    """The facts of every table whose files lie in the release at `root`."""
    paths = {table: root / PARQUET / f"{table}.parquet" for table in derive.tables()}
    return tuple(
        TableFacts(table, file_facts(root, path), pyarrow.parquet.read_metadata(path).num_rows)
        for table, path in paths.items()
    )
