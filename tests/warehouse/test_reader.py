import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal

import polars as pl
import pytest
from stored_rows import SUZHOU_2021, ZHOUKOU_2021, ZHOUKOU_2022

from schemas import derive
from schemas.tables import TABLES
from warehouse.reader import NoWarehouse, QueryFailed, open_warehouse, sort_order


@pytest.fixture
def warehouse(assembled_home):
    with open_warehouse(assembled_home.database) as warehouse:
        yield warehouse


def test_a_query_with_parameters(warehouse):
    query = "SELECT year, value FROM requests WHERE city = ? AND outcome = ? ORDER BY year"
    found = warehouse.query(query, [ZHOUKOU_2021.city, "new_requests"])
    assert found.rows() == [(2021, 7), (2022, 7)]
    named = warehouse.query("SELECT count(*) AS n FROM cells WHERE year = $year", {"year": 2022})
    assert named.item() == 4


def test_values_come_with_their_types(warehouse):
    (fee,) = warehouse.table("disclosures", city=SUZHOU_2021.city).rows(named=True)
    assert (fee["value"], fee["note"]) == (Decimal("73802895.900000"), "其中1件")
    (document,) = warehouse.table("documents", city=SUZHOU_2021.city).rows(named=True)
    assert document["retrieved_at"] == datetime(2022, 1, 31, 9, tzinfo=UTC)
    (finding,) = warehouse.table("findings", city=SUZHOU_2021.city).rows(named=True)
    assert len(finding["cell_ids"]) == 1


@pytest.mark.parametrize("table", TABLES)
def test_a_table_has_its_declared_types_and_order(warehouse, table):
    found = warehouse.table(table)
    assert found.schema == derive.polars_schema(table)
    assert found.equals(found.sort(sort_order(table)))


def test_a_table_of_one_city_and_year(warehouse):
    everything = warehouse.table("cells")
    city = warehouse.table("cells", city=ZHOUKOU_2021.city)
    year = warehouse.table("cells", year=2021)
    both = warehouse.table("cells", city=ZHOUKOU_2021.city, year=2021)
    assert (everything.height, city.height, year.height, both.height) == (12, 8, 8, 4)
    assert city.equals(everything.filter(city=ZHOUKOU_2021.city))
    assert both.equals(city.filter(year=2021))
    assert warehouse.table("cells", city="nowhere-000000").is_empty()


@pytest.mark.parametrize(
    ("sql", "part"),
    [
        ("SELECT * FROM request", "Table with name request does not exist"),
        ("SELECT nothing FROM requests", 'column "nothing" not found'),
        ("SELEKT 1", "syntax error"),
        ("SELECT 1 AS a, 2 AS a", "several columns are named a"),
        ("DELETE FROM requests", "read-only"),
        ("SELECT * FROM requests WHERE year = ?", "parameter"),
    ],
)
def test_a_query_that_fails_says_why_in_one_line(warehouse, sql, part):
    with pytest.raises(QueryFailed) as raised:
        warehouse.query(sql)
    assert part in str(raised.value)
    assert "\n" not in str(raised.value)
    assert raised.value.sql == sql
    assert warehouse.query("SELECT 1 AS one").item() == 1


def test_an_unknown_table_or_column_fails_by_name(warehouse):
    with pytest.raises(QueryFailed, match="nothing"):
        warehouse.table("nothing")
    with pytest.raises(QueryFailed, match="year"):
        warehouse.table("regions", year=2021)
    with pytest.raises(QueryFailed):
        warehouse.table('requests"; SELECT 1; --')


def test_where_there_is_no_warehouse_the_error_says_what_to_run(tmp_path):
    with pytest.raises(NoWarehouse, match=r"none\.duckdb .*run `gongkai run`"):
        open_warehouse(tmp_path / "none.duckdb")
    with pytest.raises(NoWarehouse):
        open_warehouse(tmp_path)
    (tmp_path / "rubbish.duckdb").write_bytes(b"rubbish" * 1000)
    with pytest.raises(NoWarehouse, match="not a valid DuckDB"):
        open_warehouse(tmp_path / "rubbish.duckdb")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rubbish.duckdb"]


def test_a_path_with_a_quote_in_it(assembled_home, tmp_path):
    path = tmp_path / "it's.duckdb"
    path.write_bytes(assembled_home.database.read_bytes())
    with open_warehouse(path) as warehouse:
        assert warehouse.table("regions").height == 2


def _count(path):
    with open_warehouse(path) as warehouse:
        return warehouse.table("requests").height


def test_several_processes_read_at_once(assembled_home):
    with (
        open_warehouse(assembled_home.database) as warehouse,
        ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool,
    ):
        assert list(pool.map(_count, [assembled_home.database] * 2)) == [6, 6]
        assert warehouse.table("requests", city=ZHOUKOU_2022.city, year=2022).height == 2


def test_a_result_is_a_frame_of_its_own(assembled_home):
    with open_warehouse(assembled_home.database) as warehouse:
        found = warehouse.table("requests")
    assert found.select(pl.col("value").sum()).item() == 21


def test_errors_survive_a_process_boundary(tmp_path):
    for error in (NoWarehouse(tmp_path, "reason"), QueryFailed("SELECT", "reason")):
        copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
        assert str(copy) == str(error)
        assert type(copy) is type(error)


def test_batches_are_the_result_of_the_query_in_its_order(assembled_home, monkeypatch):
    monkeypatch.setattr("warehouse.reader._BATCH", 2)
    with open_warehouse(assembled_home.database) as warehouse:
        sql = "SELECT * FROM cells ORDER BY year DESC, cell_id"
        batches = list(warehouse.batches(sql))
        assert len(batches) > 1
        assert pl.concat(batches).equals(warehouse.query(sql))


def test_other_queries_do_not_end_batches(assembled_home, monkeypatch):
    monkeypatch.setattr("warehouse.reader._BATCH", 2)
    with open_warehouse(assembled_home.database) as warehouse:
        rows = sum(batch.height + 0 * warehouse.table("reports").height for batch in warehouse.batches("FROM cells"))
        assert rows == warehouse.table("cells").height


def test_batches_of_a_query_that_is_none_are_refused(assembled_home):
    with open_warehouse(assembled_home.database) as warehouse, pytest.raises(QueryFailed, match="nothing"):
        list(warehouse.batches("SELECT * FROM nothing"))
