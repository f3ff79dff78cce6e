"""Dagster's history as we keep it: the same files as Dagster's own, for many threads, closed when it should be."""

from concurrent.futures import ThreadPoolExecutor

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage

from pipelines.defs.history import MOST_OPEN, EventLog
from pipelines.defs.launch import dagster_home
from warehouse.layout import Home

PARTITIONS = [f"city-{number}|2021" for number in range(12)]


@pytest.fixture
def instance(tmp_path, monkeypatch):
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    home = Home(tmp_path / "home")
    home.root.mkdir()
    monkeypatch.setenv("DAGSTER_HOME", str(dagster_home(home)))
    with dg.DagsterInstance.get() as found:
        yield found


def materialized(instance):
    return instance.get_materialized_partitions(dg.AssetKey("read"))


def report(instance, partition):
    instance.report_runless_asset_event(dg.AssetMaterialization("read", partition=partition))


def test_the_settings_name_it(instance):
    assert isinstance(instance.event_log_storage, EventLog)


def test_what_it_keeps_dagsters_own_reads(instance, tmp_path):
    report(instance, PARTITIONS[0])
    own = SqliteEventLogStorage(str(tmp_path / "home/dagster/history/runs"))
    assert own.get_materialized_partitions(dg.AssetKey("read")) == {PARTITIONS[0]}


def test_threads_do_not_disturb_each_other(instance):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda partition: report(instance, partition), PARTITIONS))
    assert materialized(instance) == set(PARTITIONS)


def test_it_keeps_few_databases_open_and_in_the_end_none(instance):
    log = instance.event_log_storage
    for number in range(MOST_OPEN + 3):
        with log.run_connection(f"run-{number}") as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM event_logs").scalar() == 0
    assert len(log._engines) == MOST_OPEN
    log.dispose()
    assert not log._engines


def test_an_event_that_fails_is_rolled_back_and_the_next_is_kept(instance):
    report(instance, PARTITIONS[0])

    def fail():
        with instance.event_log_storage.index_connection() as connection:
            connection.exec_driver_sql("DELETE FROM event_logs")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    report(instance, PARTITIONS[1])
    assert materialized(instance) == set(PARTITIONS[:2])
