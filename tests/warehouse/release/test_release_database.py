"""What makes DuckDB files of equal rows differ, case by case; the rest is in `test_release_build`."""

import hashlib

import duckdb
import pytest

from warehouse.reader import open_warehouse
from warehouse.release.database import DatabaseNotCopied, write_database

ROW_GROUP = 122_880
"""Rows after which DuckDB writes to disk while a transaction is still running."""


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Three tables of more than a row group each, of all kinds of columns, and a view."""
    path = tmp_path_factory.mktemp("source") / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        for number in range(3):
            connection.execute(
                f"""
                CREATE TABLE t{number} AS
                SELECT md5((i + {number})::VARCHAR) AS id, 'city-' || (i // 5000) AS city, (i % 1000) / 7.0 AS x,
                  (i % 97)::DECIMAL(20,6) AS value, i % 3 = 0 AS flag, CASE WHEN i % 5 > 0 THEN i % 13 END AS sparse,
                  repeat(sha256((i // 300)::VARCHAR), 1 + i % 2) AS text, [i % 3, i % 7] AS list
                FROM range({ROW_GROUP + 20_000}) r(i)
                """  # noqa: S608 - a number
            )
            connection.execute(f"COMMENT ON TABLE t{number} IS '表 {number}'")
        connection.execute("CREATE VIEW joined AS SELECT t0.id, t1.value FROM t0 JOIN t1 USING (id)")
        connection.execute("COMMENT ON COLUMN joined.value IS 'it''s 值'")
    return path


def test_tables_larger_than_a_row_group_are_written_alike(source, tmp_path):
    digests = set()
    for number in range(3):
        target = tmp_path / f"{number}.duckdb"
        write_database(source, target)
        digests.add(hashlib.sha256(target.read_bytes()).hexdigest())
    assert len(digests) == 1


def test_rows_views_and_comments_are_all_there(source, tmp_path):
    write_database(source, tmp_path / "copy.duckdb")
    queries = [
        *(f"SELECT * FROM t{number} ORDER BY ALL" for number in range(3)),  # noqa: S608
        "SELECT count(*) AS rows, sum(value) AS value FROM joined",
        "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE comment IS NOT NULL ORDER BY ALL",
        "SELECT table_name, comment FROM duckdb_tables() ORDER BY ALL",
    ]
    with open_warehouse(source) as ours, open_warehouse(tmp_path / "copy.duckdb") as theirs:
        for query in queries:
            assert theirs.query(query).equals(ours.query(query)), query


def test_a_file_that_is_no_database_is_told(tmp_path):
    (tmp_path / "warehouse.duckdb").write_bytes(b"nonsense" * 1000)
    with pytest.raises(DatabaseNotCopied, match="build it anew with `gongkai run`"):
        write_database(tmp_path / "warehouse.duckdb", tmp_path / "copy.duckdb")
