"""The Parquet files say the same to pandas, pyarrow, polars and DuckDB, as single files and by city and year."""

import duckdb
import pandas
import polars as pl
import pyarrow as arrow
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from schemas import derive
from schemas.tables import PARTITIONED

PLACE = arrow.schema([("city", arrow.string()), ("year", arrow.int32())])
HIVE = {"city": pl.String, "year": pl.Int32}


def by_duckdb(source: str, options: str) -> pl.DataFrame:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return pl.DataFrame(connection.execute(f"SELECT * FROM read_parquet('{source}', {options})").to_arrow_table())  # noqa: S608


SINGLE = {
    "polars": lambda path: pl.read_parquet(path, hive_partitioning=False),
    "pyarrow": lambda path: pl.DataFrame(pq.read_table(path, partitioning=None)),
    "pandas": lambda path: pl.from_pandas(pandas.read_parquet(path, dtype_backend="pyarrow", partitioning=None)),
    "duckdb": lambda path: by_duckdb(path, "hive_partitioning = false"),
}
BY_CITY_AND_YEAR = {
    "polars": lambda folder: pl.read_parquet(f"{folder}/**/*.parquet", hive_schema=HIVE),
    "pyarrow": lambda folder: pl.DataFrame(
        ds.dataset(folder, format="parquet", partitioning=ds.partitioning(PLACE, flavor="hive")).to_table()
    ),
    "pandas": lambda folder: pl.from_pandas(
        pandas.read_parquet(folder, dtype_backend="pyarrow", partitioning=ds.partitioning(PLACE, flavor="hive"))
    ),
    "duckdb": lambda folder: by_duckdb(
        f"{folder}/**/*.parquet", "hive_partitioning = true, hive_types = {'city': VARCHAR, 'year': INTEGER}"
    ),
}


def declared(frame: pl.DataFrame, table: str) -> pl.DataFrame:
    """The rows in the order of the key, with the declared columns and types; a value that does not fit fails."""
    schema = derive.polars_schema(table)
    return frame.select(list(schema)).cast(schema).sort(derive.key(table))


@pytest.mark.parametrize("table", derive.tables())
def test_every_engine_reads_the_single_file_alike(sample_release, table):
    path = str(sample_release / "parquet" / f"{table}.parquet")
    read = {engine: declared(reader(path), table) for engine, reader in SINGLE.items()}
    assert all(frame.equals(read["polars"]) for frame in read.values()), {name: one.shape for name, one in read.items()}


@pytest.mark.parametrize("table", [table for table in PARTITIONED if table not in {"statistics", "corrections"}])
def test_every_engine_reads_city_and_year_from_the_path_alike(sample_release, table):
    folder = str(sample_release / "parquet" / table)
    read = {engine: declared(reader(folder), table) for engine, reader in BY_CITY_AND_YEAR.items()}
    whole = declared(SINGLE["polars"](f"{folder}.parquet"), table)
    assert whole.height > 0
    assert all(frame.equals(whole) for frame in read.values()), {name: one.shape for name, one in read.items()}


SUM = "SELECT city, year, sum(value) FROM {} WHERE outcome = 'new_requests' AND applicant = 'total' GROUP BY ALL"


def test_every_engine_computes_the_same(sample_release):
    path = str(sample_release / "parquet" / "requests.parquet")
    wanted = {"outcome": "new_requests", "applicant": "total"}
    by_polars = (
        pl.scan_parquet(path, hive_partitioning=False)
        .filter(**wanted)
        .group_by("city", "year")
        .agg(pl.sum("value"))
        .collect()
    )
    frame = pandas.read_parquet(path, dtype_backend="pyarrow", partitioning=None)
    frame = frame[(frame.outcome == "new_requests") & (frame.applicant == "total")]
    by_pandas = frame.groupby(["city", "year"])["value"].sum()
    filtered = pq.read_table(path, partitioning=None, filters=[(key, "=", value) for key, value in wanted.items()])
    by_pyarrow = filtered.group_by(["city", "year"]).aggregate([("value", "sum")])
    with duckdb.connect() as connection:
        by_sql = connection.execute(SUM.format(f"read_parquet('{path}', hive_partitioning = false)")).fetchall()
    expected = {(city, year): value for city, year, value in by_polars.rows()}
    assert expected["zhoukou-411600", 2021] > 0
    assert {(city, year): value for city, year, value in by_sql} == expected
    assert {key: int(value) for key, value in by_pandas.items()} == expected
    assert {(row["city"], row["year"]): row["value_sum"] for row in by_pyarrow.to_pylist()} == expected
