from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.tables import CITY_SLUG, FIRST_YEAR, LAST_YEAR
from warehouse.layout import Home, NotAPartition, Partition, partition_path

SLUGS = st.from_regex(CITY_SLUG.replace(r"\d", "[0-9]"), fullmatch=True)
YEARS = st.integers(FIRST_YEAR, LAST_YEAR)


@given(SLUGS, YEARS)
def test_a_key_names_its_partition(city, year):
    partition = Partition(city, year)
    assert Partition.from_key(partition.key) == partition
    assert partition.key == f"{city}|{year}"
    assert partition.path == partition_path(city, year)


def test_partitions_sort_by_city_then_year():
    first, second, third = (Partition("suzhou-320500", 2022), *(Partition("zhoukou-411600", y) for y in (2020, 2021)))
    assert sorted([third, first, second]) == [first, second, third]


def test_hive_path():
    assert partition_path("zhoukou-411600", 2021).as_posix() == "city=zhoukou-411600/year=2021"


@pytest.mark.parametrize(
    "key",
    [
        "",
        "zhoukou-411600",
        "zhoukou|2021",
        "zhoukou-411600|",
        "zhoukou-411600|21",
        "zhoukou-411600|2021|1",
        "zhoukou-411600|２０２１",
        "zhoukou-411600|1999",
        "../zhoukou-411600|2021",
        "zhoukou-411600\n|2021",
        "周口-411600|2021",
    ],
)
def test_what_names_no_partition_is_refused_by_name(key):
    with pytest.raises(NotAPartition):
        Partition.from_key(key)


def test_home_is_where_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.setenv("GONGKAI_HOME", str(tmp_path / "elsewhere"))
    assert Home.from_environment().root == tmp_path / "elsewhere"


@pytest.mark.parametrize("value", [None, ""])
def test_home_is_data_by_default_and_does_not_move(monkeypatch, tmp_path, value):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GONGKAI_HOME", raising=False)
    if value is not None:
        monkeypatch.setenv("GONGKAI_HOME", value)
    home = Home.from_environment()
    assert home.root == Path.cwd() / "data"
    assert home.root.is_absolute()


def test_everything_lies_below_the_home(tmp_path):
    home = Home(tmp_path)
    places = [home.archive, home.store, home.work, home.database, home.exports, home.parquet, home.pictures]
    assert all(place.is_relative_to(tmp_path) for place in places)
    assert len(set(places)) == len(places)
    assert home.database.name == "warehouse.duckdb"
    assert home.parquet == home.exports / "parquet"
