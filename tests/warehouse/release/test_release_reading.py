import json
import sys
from dataclasses import FrozenInstanceError

import duckdb
import pandas
import polars as pl
import pyarrow as arrow
import pytest
from large_rows import CITIES, EACH, YEARS

from schemas import derive
from warehouse import S3, open_release
from warehouse.layout import NotAPartition
from warehouse.reader import open_warehouse
from warehouse.release.reading import NoRelease, NotSelectable, UnknownTable
from warehouse.release.storage import NoExtension, Unreachable

CITY, YEAR = CITIES[7], 2019


@pytest.fixture(scope="module")
def sample(sample_release):
    return open_release(sample_release)


def test_a_release_says_what_it_is(sample):
    assert str(sample.version) == "2026.1"
    assert sample.tables == derive.tables()
    with pytest.raises(FrozenInstanceError):
        sample.version = None


@pytest.mark.parametrize("table", derive.tables())
def test_a_table_has_the_rows_of_the_warehouse(sample, sample_home, table):
    with open_warehouse(sample_home.database) as warehouse:
        expected = warehouse.table(table)
    key = derive.key(table)
    assert sample.table(table).polars().sort(key).equals(expected.sort(key))


def test_the_figure_of_the_issue(sample):
    rows = sample.table("requests", city="zhoukou-411600", year=2021)
    granted = (pl.col("outcome") == "granted") & (pl.col("applicant") == "total")
    assert rows.polars().filter(granted)["value"].to_list() == [203]


@pytest.mark.parametrize(
    "selection", [{}, {"city": "zhoukou-411600"}, {"year": 2023}, {"city": "suqian-321300", "year": 2023}]
)
def test_every_library_gets_the_same_rows(sample, selection):
    rows = sample.table("disclosures", **selection)
    frame = rows.polars()
    assert frame.height > 0
    assert {key: set(frame[key]) for key in selection} == {key: {value} for key, value in selection.items()}
    assert rows.lazy().collect().equals(frame)
    table = rows.arrow()
    assert isinstance(table, arrow.Table)
    assert table.schema == derive.arrow_schema("disclosures")
    assert pl.DataFrame(table).equals(frame)
    relation = rows.duckdb()
    assert isinstance(relation, duckdb.DuckDBPyRelation)
    assert pl.DataFrame(relation.to_arrow_table()).equals(frame)
    in_pandas = rows.pandas()
    assert isinstance(in_pandas, pandas.DataFrame)
    assert pl.from_pandas(in_pandas).cast(dict(frame.schema)).equals(frame)


def test_pandas_keeps_a_blank_a_blank_and_a_count_a_count(sample):
    values = sample.table("requests").pandas()["value"]
    assert values.dtype == pandas.ArrowDtype(arrow.int64())
    assert values.isna().any()


def test_sql_goes_over_all_tables(sample):
    found = sample.connect().execute(
        "SELECT region, value FROM requests JOIN reports USING (report_id, city, year) "
        "WHERE outcome = 'granted' AND applicant = 'total' AND year = 2021"
    )
    assert found.fetchall() == [("周口市", 203)]


def test_a_relation_can_join_others_in_a_connection_of_ones_own(sample):
    connection = duckdb.connect()
    reports = sample.table("reports").duckdb(connection).set_alias("a")
    requests = sample.table("requests", year=2021).duckdb(connection).set_alias("b")
    assert reports.join(requests, "a.report_id = b.report_id").aggregate("count(*)").fetchone() == (175,)


# --- from afar ------------------------------------------------------------------------------------------------------


def from_the_web(request):
    address, sent = request.getfixturevalue("on_the_web")
    return open_release(f"{address}/"), sent


def from_a_bucket(request):
    address, access, sent = request.getfixturevalue("in_a_bucket")
    return open_release(address, s3=access), sent


@pytest.fixture(params=[from_the_web, from_a_bucket], ids=lambda one: one.__name__)
def remote(request):
    release, sent = request.param(request)
    sent.clear()
    return release, sent


ENGINES = {
    "polars": lambda rows: rows.polars().height,
    "arrow": lambda rows: rows.arrow().num_rows,
    "pandas": lambda rows: len(rows.pandas()),
    "duckdb": lambda rows: len(rows.duckdb().fetchall()),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("selection", "height", "share"),
    [
        ({"city": CITY, "year": YEAR}, EACH, 0.13),
        ({"year": YEAR}, EACH * len(CITIES), 0.2),
        ({"city": CITY}, EACH * len(YEARS), 0.4),
    ],
    ids=["city and year", "year", "city"],
)
def test_only_a_fraction_is_transferred(remote, large_release, engine, selection, height, share):
    release, sent = remote
    size = (large_release / "parquet" / "requests.parquet").stat().st_size
    assert ENGINES[engine](release.table("requests", **selection)) == height
    assert 0 < sent.size < share * size


def test_only_the_columns_that_are_asked_for_are_transferred(remote, large_release):
    release, sent = remote
    rows = release.table("requests", year=YEAR)
    assert rows.lazy().select(pl.col("value").is_null().sum()).collect().item() == 0
    some = sent.size
    sent.clear()
    rows.polars()
    assert some < sent.size


def test_opening_reads_the_descriptor_alone(on_the_web):
    address, sent = on_the_web
    sent.clear()
    open_release(address)
    assert sent.paths == ["/datapackage.json"]


def test_sql_over_a_remote_release(remote):
    release, _ = remote
    count = "SELECT count(*) FROM requests WHERE city = ? AND year = ?"
    assert release.connect().execute(count, [CITY, YEAR]).fetchone() == (EACH,)


# --- what goes wrong ------------------------------------------------------------------------------------------------


def test_an_unknown_table_is_refused_with_those_there_are(sample):
    with pytest.raises(UnknownTable, match=r"'request' is no table of this release; it has regions, documents"):
        sample.table("request")


def test_a_table_without_years_cannot_be_asked_for_one(sample):
    with pytest.raises(NotSelectable, match="regions has no column year"):
        sample.table("regions", year=2021)


@pytest.mark.parametrize("selection", [{"city": "zhoukou"}, {"city": "周口市"}, {"year": 21}, {"city": "x' OR 1=1"}])
def test_a_city_that_is_no_slug_finds_nothing_but_an_error(sample, selection):
    with pytest.raises(NotAPartition, match="expected"):
        sample.table("requests", **selection)


def test_a_folder_that_is_no_release_is_refused(tmp_path):
    with pytest.raises(Unreachable, match="check the address"):
        open_release(tmp_path)
    for text in ("", "[]", "{}", json.dumps({"version": "x", "resources": []})):
        (tmp_path / "datapackage.json").write_text(text)
        with pytest.raises(NoRelease, match=r"no release at .*datapackage\.json"):
            open_release(tmp_path)


def test_an_address_without_a_release_is_refused(on_the_web, in_a_bucket):
    address, _ = on_the_web
    with pytest.raises(Unreachable, match="404"):
        open_release(f"{address}/nowhere")
    with pytest.raises(Unreachable, match="check the address"):
        open_release("http://127.0.0.1:1")
    bucket, access, _ = in_a_bucket
    with pytest.raises(Unreachable, match="nowhere"):
        open_release(f"{bucket}/nowhere", s3=access)


def test_a_missing_extension_is_named_with_the_remedy(on_the_web, monkeypatch):
    address, _ = on_the_web
    monkeypatch.setattr("warehouse.release.storage.find_spec", lambda _: None)
    monkeypatch.setenv("HOME", "/nonexistent")

    def offline(*_):
        raise duckdb.IOException("Failed to download extension\nmore")

    monkeypatch.setattr("warehouse.release.storage._install_httpfs", offline)
    with pytest.raises(NoExtension, match=r"gongkai\[remote\]"):
        open_release(address).table("requests").duckdb()


def test_access_to_s3_comes_from_the_usual_variables(monkeypatch):
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "k")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://oss.example.cn")
    assert S3.from_environment() == S3(endpoint="https://oss.example.cn", key="k", secret="s")  # noqa: S106


def test_a_secret_is_not_shown():
    assert "hidden" not in repr(S3(key="hidden", secret="hidden", token="hidden"))  # noqa: S106


def test_the_api_is_imported_from_the_package():
    assert sys.modules["warehouse"].open_release is open_release


def test_all_names_of_the_package_are_there_and_no_others():
    package = sys.modules["warehouse"]
    assert [name for name in package.__all__ if not callable(getattr(package, name))] == []
    with pytest.raises(AttributeError, match="no attribute 'open_warehouses'"):
        _ = package.open_warehouses
