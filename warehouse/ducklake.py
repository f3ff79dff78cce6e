"""A DuckLake: the warehouse as a shared database in which every publication stays readable as it was.

Its catalog is a PostgreSQL database; its rows are Parquet files in a folder or an S3-compatible store. A publication is
one transaction, and so one snapshot: whoever reads sees all of it or nothing. Only the cities and years whose rows
differ from those in the lake are written again. Publishers take turns, by a lock in PostgreSQL that ends with the
connection of who holds it: DuckLake alone lets two writers replace the same rows and keeps what both wrote.

Belongs here: publishing, and reading the lake as of a release. Does not: what is published (`warehouse.assembler`,
`warehouse.release`).
"""

import json
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from schemas import derive
from warehouse.extensions import load_extension
from warehouse.reader import NoWarehouse
from warehouse.release.database import Relation, relations, write_comments
from warehouse.release.storage import S3, Place, place
from warehouse.release.version import Version
from warehouse.session import session

PUBLICATIONS = "publications"
"""The lake's own table: what was published, in order."""

_LOCK = int.from_bytes(b"gongkai")
"""Key of the advisory lock in the catalog's database."""
_GROUP = ("city", "year")


class LakeFailed(Exception):  # noqa: N818 - the name states the situation
    """The catalog or the data of a lake cannot be reached, read or written; nothing was published."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"the lake cannot be used: {self.reason}; check the address of its catalog and your access to its data"


class NoData(Exception):  # noqa: N818 - the name states the situation
    """A catalog without a lake in it, and nothing said of where its data should lie."""

    def __str__(self) -> str:
        return "there is no lake in this catalog yet; say where its data shall lie, a folder or s3://bucket/prefix"


class NotPublished(Exception):  # noqa: N818 - the name states the situation
    """A release that the lake does not have."""

    def __init__(self, release: str, known: tuple[str, ...]) -> None:
        super().__init__(release, known)
        self.release = release
        self.known = known

    def __str__(self) -> str:
        return f"release {self.release} is not in the lake; it has {', '.join(self.known) or 'none'}"


class PublishedOtherwise(Exception):  # noqa: N818 - the name states the situation
    """A release that is in the lake with other rows."""

    def __init__(self, release: str, table: str) -> None:
        super().__init__(release, table)
        self.release = release
        self.table = table

    def __str__(self) -> str:
        return (
            f"release {self.release} is in the lake already, with other rows in {self.table}; "
            "a release never changes, so publish these under another version"
        )


@dataclass(frozen=True, slots=True)
class Lake:
    """Where a lake is.

    Args:
        catalog: its PostgreSQL database, as libpq takes it: `host=db dbname=lake user=gongkai`, or a postgresql://
            address. A password is better left to `PGPASSWORD` or `~/.pgpass`.
        data: folder or s3://bucket/prefix of its Parquet files; needed once, the catalog remembers it.
        s3: access to an S3-compatible store; by default what the usual variables say.
    """

    catalog: str = field(repr=False)
    data: str | None = None
    s3: S3 = field(default_factory=S3.from_environment)


@dataclass(frozen=True, slots=True)
class Published:
    """A publication.

    Args:
        snapshot: the number of its snapshot in the lake.
        release: the version it was published as, or None for a state between releases.
        is_new: whether this call published it; else the lake had it already.
        rows: rows written, by table; only tables in which something changed.
    """

    snapshot: int
    release: str | None
    is_new: bool
    rows: dict[str, int]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A publication that is in the lake: its snapshot, release and message."""

    number: int
    release: str | None
    message: str


def publish(source: Path, lake: Lake, release: Version | None = None, message: str | None = None) -> Published:
    """Publish the DuckDB file at `source` as the lake's newest snapshot; what the lake has already is not published.

    Args:
        source: the warehouse, or the database of a release.
        lake: where to; made if need be.
        release: the version to find it by later.
        message: what it is; by default that it is this release, or a state between releases.

    Raises:
        NoWarehouse: there is no database at `source`.
        NoData: the lake is new, and `lake.data` does not say where its data should lie.
        PublishedOtherwise: the lake has this release with other rows.
        LakeFailed: PostgreSQL or the store refused something.
        NoExtension: DuckDB lacks an extension for this.
    """
    if not source.is_file():
        raise NoWarehouse(source, "there is no such file")
    label = str(release) if release else None
    said = message or (f"release {label}" if label else "a state between releases")
    with _errors_in_our_words(), closing(session()) as connection:
        _attach_catalog(connection, lake)
        with _alone(connection):
            _attach_lake(connection, lake, read_only=False)
            connection.execute(f"ATTACH {derive.literal(str(source))} AS source (READ_ONLY)")
            known = next((one for one in _snapshots(connection) if label and one.release == label), None)
            if known is not None:
                _refuse_other_rows(connection, known)
                return Published(known.number, label, is_new=False, rows={})
            return _publish(connection, label, said)


def connect(lake: Lake, release: Version | None = None) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection to the tables of the lake, for reading: as of a release, else as they are now.

    Raises:
        NotPublished: the lake does not have this release.
        NoData, LakeFailed, NoExtension: as `publish` does.
    """
    connection = session()
    try:
        with _errors_in_our_words():
            _attach_catalog(connection, lake)
            _attach_lake(connection, lake, read_only=True)
            if release is not None:
                snapshot = _snapshot_of(connection, str(release)).number
                connection.execute("USE memory")
                connection.execute("DETACH lake")
                _attach_lake(connection, lake, read_only=True, snapshot=snapshot)
    except BaseException:
        connection.close()
        raise
    return connection


def snapshots(lake: Lake) -> tuple[Snapshot, ...]:
    """What was published into the lake, oldest first; raises as `connect` does."""
    with closing(connect(lake)) as connection, _errors_in_our_words():
        return _snapshots(connection)


def _attach_catalog(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    load_extension(connection, "postgres_scanner", extra="ducklake")
    load_extension(connection, "ducklake", extra="ducklake")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"ATTACH {derive.literal(lake.catalog)} AS catalog (TYPE postgres)")


def _attach_lake(
    connection: duckdb.DuckDBPyConnection, lake: Lake, *, read_only: bool, snapshot: int | None = None
) -> None:
    data = _data(connection, lake)
    data.prepare(connection)
    options = [
        f"DATA_PATH {derive.literal(data.root)}",
        # A change of a few rows is a file like any other: whoever reads the Parquet files has all of the data.
        "DATA_INLINING_ROW_LIMIT 0",
        *(["READ_ONLY"] if read_only else []),
        *([f"SNAPSHOT_VERSION {snapshot}"] if snapshot is not None else []),
    ]
    connection.execute(f"ATTACH {derive.literal(f'ducklake:postgres:{lake.catalog}')} AS lake ({', '.join(options)})")
    connection.execute("USE lake")


def _data(connection: duckdb.DuckDBPyConnection, lake: Lake) -> Place:
    """Where the data lie: as the catalog says, once there is a lake in it."""
    exists = "SELECT count(*) FROM information_schema.tables WHERE table_name = ''ducklake_metadata''"
    if _value(connection, f"SELECT * FROM postgres_query('catalog', '{exists}')"):  # noqa: S608 - a constant
        said = "SELECT value FROM ducklake_metadata WHERE key = ''data_path'' AND scope IS NULL"
        known = _value(connection, f"SELECT * FROM postgres_query('catalog', '{said}')")  # noqa: S608 - a constant
        return place(str(known), lake.s3)
    if lake.data is None:
        raise NoData
    return place(lake.data, lake.s3)


@contextmanager
def _alone(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Hold the lock on the catalog; waits for its turn."""
    # A transaction of its own: PostgreSQL lets go of the lock when it ends, however it does.
    with closing(connection.cursor()) as holder:
        holder.execute("BEGIN")
        lock = f"SELECT pg_advisory_xact_lock({_LOCK})::text"
        holder.execute("SELECT * FROM postgres_query('catalog', ?)", [lock])
        yield
        holder.execute("ROLLBACK")


def _publish(connection: duckdb.DuckDBPyConnection, label: str | None, message: str) -> Published:
    rows: dict[str, int] = {}
    connection.execute("BEGIN")
    tables = relations(connection, "table")
    for name in sorted(_tables(connection, "lake") - {table.name for table in tables} - {PUBLICATIONS}):
        connection.execute(f"DROP TABLE lake.{derive.quoted(name)}")
        rows[name] = 0
    for table in tables:
        written = _replace(connection, table)
        if written is not None:
            rows[table.name] = written
    if not rows and label is None:
        connection.execute("ROLLBACK")
        current = _value(connection, "SELECT id FROM ducklake_current_snapshot('lake')")
        return Published(int(str(current)), None, is_new=False, rows={})
    _note(connection, label, message)
    connection.execute("COMMIT")
    snapshot = _value(connection, "SELECT id FROM ducklake_last_committed_snapshot('lake')")
    return Published(int(str(snapshot)), label, is_new=True, rows=rows)


def _replace(connection: duckdb.DuckDBPyConnection, table: Relation) -> int | None:
    """Bring a table of the lake to what the source has; rows written, or None where it has just that."""
    name = derive.quoted(table.name)
    columns = _columns(connection, "source", table.name)
    if _columns(connection, "lake", table.name) != columns:
        connection.execute(f"DROP TABLE IF EXISTS lake.{name}")
        connection.execute(table.sql)
        write_comments(connection, "TABLE", table)
        if "year" in columns:
            # Not by city as well: that leaves a file for each city and year, which compaction never joins.
            connection.execute(f"ALTER TABLE lake.{name} SET PARTITIONED BY (year)")
        is_new = True
    else:
        is_new = False
    changed = _compare(connection, table.name, columns, f"lake.{name}")
    if not changed:
        return 0 if is_new else None
    where = "WHERE (city, year) IN (SELECT (city, year) FROM temp.changed)" if _by(columns) else ""
    connection.execute(f"DELETE FROM lake.{name} {where}")  # noqa: S608 - every name is quoted
    connection.execute(f"INSERT INTO lake.{name} SELECT * FROM source.{name} {where}")  # noqa: S608 - quoted
    return int(str(_value(connection, f"SELECT count(*) FROM source.{name} {where}")))  # noqa: S608 - quoted


def _compare(connection: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str], other: str) -> int:
    """In how many cities and years the rows of a table differ from those of `other`; `temp.changed` lists these."""
    names = ", ".join(map(derive.quoted, columns))
    by = ", ".join(_by(columns) or ("true AS everything",))
    # Rows as a set with repetitions: their number, and the sum of the hashes of each.
    summed = f"SELECT {by}, count(*) AS rows, sum(hash(row({names}))) AS hash FROM"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE changed AS SELECT * FROM "  # noqa: S608 - every name is quoted
        f"({summed} source.{derive.quoted(table)} GROUP BY 1{', 2' if _by(columns) else ''}) AS ours "
        f"FULL JOIN ({summed} {other} GROUP BY 1{', 2' if _by(columns) else ''}) AS theirs "
        f"USING ({', '.join(_by(columns) or ('everything',))}) "
        "WHERE ours.rows IS DISTINCT FROM theirs.rows OR ours.hash IS DISTINCT FROM theirs.hash"
    )
    return int(str(_value(connection, "SELECT count(*) FROM temp.changed")))


def _by(columns: dict[str, str]) -> tuple[str, ...]:
    return _GROUP if set(_GROUP) <= set(columns) else ()


def _refuse_other_rows(connection: duckdb.DuckDBPyConnection, known: Snapshot) -> None:
    release = known.release or ""
    for table in relations(connection, "table"):
        columns = _columns(connection, "source", table.name)
        then = f"lake.{derive.quoted(table.name)} AT (VERSION => {known.number})"
        try:
            differs = _compare(connection, table.name, columns, then)
        except (duckdb.BinderException, duckdb.CatalogException):
            differs = 1  # it had other columns, or was not there
        if differs:
            raise PublishedOtherwise(release, table.name)


def _note(connection: duckdb.DuckDBPyConnection, label: str | None, message: str) -> None:
    """Enter the publication in the lake's own table, so that one without changes is a snapshot too, and in the log."""
    table = f"lake.{derive.quoted(PUBLICATIONS)}"
    if PUBLICATIONS not in _tables(connection, "lake"):
        for statement in (
            f"CREATE TABLE {table} (release VARCHAR, message VARCHAR NOT NULL, last_retrieval TIMESTAMPTZ)",
            f"COMMENT ON TABLE {table} IS '发布记录 | what was published into this lake, in order'",
            f"COMMENT ON COLUMN {table}.release IS '版本 | the release, or null for a state between releases'",
            f"COMMENT ON COLUMN {table}.message IS '说明 | what it is'",
            f"COMMENT ON COLUMN {table}.last_retrieval IS '最近采集时间 | when the last document in it was retrieved'",
        ):
            connection.execute(statement)
    connection.execute(
        f"INSERT INTO {table} SELECT ?, ?, max(retrieved_at) FROM source.documents",  # noqa: S608 - a constant
        [label, message],
    )
    connection.execute(
        f"CALL ducklake_set_commit_message('lake', 'gongkai', {derive.literal(message)}, "
        f"extra_info => {derive.literal(json.dumps({'release': label}))})"
    )


def _snapshots(connection: duckdb.DuckDBPyConnection) -> tuple[Snapshot, ...]:
    rows = connection.execute(
        "SELECT snapshot_id, commit_extra_info ->> 'release', commit_message FROM ducklake_snapshots('lake') "
        "WHERE author = 'gongkai' ORDER BY ALL"
    ).fetchall()
    return tuple(Snapshot(*row) for row in rows)


def _snapshot_of(connection: duckdb.DuckDBPyConnection, release: str) -> Snapshot:
    known = {one.release: one for one in _snapshots(connection) if one.release}
    if release not in known:
        raise NotPublished(release, tuple(known))
    return known[release]


def _tables(connection: duckdb.DuckDBPyConnection, database: str) -> set[str]:
    rows = connection.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = ?", [database]).fetchall()
    return {name for (name,) in rows}


def _columns(connection: duckdb.DuckDBPyConnection, database: str, table: str) -> dict[str, str]:
    """The columns of a table with their types and whether they may be null, in order; none for a table that is not."""
    return {
        name: f"{kind} {nullable}"
        for name, kind, nullable in connection.execute(
            "SELECT column_name, data_type, is_nullable FROM duckdb_columns() "
            "WHERE database_name = ? AND table_name = ? ORDER BY column_index",
            [database, table],
        ).fetchall()
    }


def _value(connection: duckdb.DuckDBPyConnection, query: str) -> object:
    row = connection.execute(query).fetchone()
    return row[0] if row else None


@contextmanager
def _errors_in_our_words() -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        reason = " ".join(str(error).split())
        # DuckDB repeats the whole address.
        reason = re.sub(r"password=\S+", "password=…", re.sub(r"://[^/@\s]*@", "://…@", reason))
        raise LakeFailed(reason) from error
