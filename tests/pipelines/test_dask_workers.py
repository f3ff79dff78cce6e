"""Reading on a Dask cluster, with the real scheduler and workers: the same data, whatever becomes of a worker."""

import hashlib
import os
import shutil
import signal
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from dask_cluster import ROOT, Cluster, dask_cluster

from pipelines import steps
from pipelines.dask_workers import (
    Ability,
    DaskWorkers,
    InvalidScheduler,
    NoScheduler,
    UnfitWorker,
    _require,
    ability,
    dask_workers,
)
from pipelines.defs.launch import RunFailed, launch
from pipelines.fetch.register import registered
from pipelines.jobs import jobs
from pipelines.read.document import Document
from pipelines.read.errors import UnsupportedMedia
from pipelines.read.pool import BrokeLimits, Limits
from pipelines.reading import workers
from pipelines.sample.site import SITE
from pipelines.work import readings
from pipelines.workers import DASK_VARIABLE
from schemas.tables import TABLES
from warehouse.layout import Home
from warehouse.reader import open_warehouse

PAGE = "<html><title>页</title><p>周口市人民政府2021年政府信息公开工作年度报告</p></html>".encode()
PDF = next(path for path in sorted(SITE.rglob("*.pdf"))).read_bytes()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture(scope="module")
def cluster():
    with dask_cluster() as cluster:
        cluster.worker()
        cluster.worker("--no-nanny")
        yield cluster


@pytest.fixture(scope="module")
def working(cluster: Cluster):
    with dask_workers(cluster.address) as working:
        yield working


@pytest.fixture
def unread(sample_home: Home, tmp_path: Path) -> Home:
    """A home with the sample's archive, and nothing made of it."""
    shutil.copytree(sample_home.archive, tmp_path / "home" / "archive")
    return Home(tmp_path / "home")


def data(home: Home) -> dict[str, str]:
    """Every file of store and exports by its path, with the hash of its bytes."""
    return {
        str(path.relative_to(home.root)): sha256(path.read_bytes())
        for folder in (home.store, home.parquet)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def rows(home: Home) -> dict[str, list]:
    with open_warehouse(home.database) as warehouse:
        return {table: warehouse.query(f"SELECT * FROM {table}").rows() for table in TABLES}  # noqa: S608


def test_the_data_are_those_of_the_local_pool_byte_for_byte(cluster, sample_home, unread, monkeypatch) -> None:
    monkeypatch.setenv(DASK_VARIABLE, cluster.address)
    monkeypatch.setenv("DAGSTER_HOME", str(unread.root / "dagster"))
    launch("changed", unread, catalogue="none")
    assert data(unread) == data(sample_home)
    assert rows(unread) == rows(sample_home)


@dataclass
class Watched:
    """Workers of which someone keeps the futures, and whose documents are read `times` over, to be busy for longer."""

    inner: DaskWorkers
    times: int
    futures: list = field(default_factory=list)

    def read(self, content: bytes, sha256: str, answers=None) -> "Future[Document]":
        self.futures += [self.inner.read(content, sha256) for _ in range(self.times)]
        return self.futures[-1]


def test_killing_a_worker_in_the_middle_changes_nothing(sample_home, unread) -> None:
    with dask_cluster() as cluster:
        cluster.worker()
        victim = cluster.worker("--no-nanny")
        with dask_workers(cluster.address) as inner:
            pool = Watched(inner, times=3)
            work = jobs(registered(unread))
            address = next(
                address for address, pid in inner.executor._client.run(os.getpid).items() if pid == victim.pid
            )
            reading = _in_thread(lambda: list(steps.read_ahead(unread, work, pool)))
            while address not in held(inner) or not held(inner)[address]:
                wait(pool.futures, return_when=FIRST_COMPLETED, timeout=0.01)
            assert not all(one.done() for one in pool.futures)
            os.killpg(victim.pid, signal.SIGKILL)
            reading.result()
            assert len(pool.futures) == 3 * 12
            assert {str(one.result().document.sha256) for one in pool.futures} == {
                path.name for path in unread.archive.glob("objects/*/*")
            }
    for job in work:
        steps.recognise_job(unread, job)
        steps.validate_job(unread, job)
        steps.store_job(unread, job)
    steps.assemble(unread)
    steps.publish(unread)
    assert data(unread) == data(sample_home)
    assert rows(unread) == rows(sample_home)


def held(pool: DaskWorkers) -> dict[str, tuple]:
    """What each worker has been given and not finished."""
    return pool.executor._client.processing()


def _in_thread(function):
    from concurrent.futures import ThreadPoolExecutor

    executor = ThreadPoolExecutor(1)
    try:
        return executor.submit(function)
    finally:
        executor.shutdown(wait=False)


def test_what_the_reader_raises_arrives(working) -> None:
    with pytest.raises(UnsupportedMedia):
        working.read(b"\x00\x01\x02", "0" * 64).result()


def test_a_document_that_takes_too_long_is_its_own_problem(working) -> None:
    endless = f"<html><body><table>{'<tr><td>甲</td><td>1</td></tr>' * 300_000}</table></body></html>".encode()
    slow = replace(working, limits=Limits(seconds=0.1))
    with pytest.raises(BrokeLimits, match="stopped after"):
        slow.read(endless, sha256(endless)).result()
    assert working.read(PAGE, sha256(PAGE)).result().document.title == "页"


def test_a_worker_with_other_code_is_refused_by_name(tmp_path) -> None:
    for package in ("pipelines", "schemas", "warehouse"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "site"))
    changed = tmp_path / "pipelines" / "read" / "errors.py"
    changed.write_text(changed.read_text(encoding="utf-8") + "\nCHANGED = True\n", encoding="utf-8")
    with dask_cluster() as cluster:
        cluster.worker("--no-nanny", PYTHONPATH=str(tmp_path))
        refused = pytest.raises(UnfitWorker, match=rf"tcp://\S+ would read .* version \w+, ours is {ability().version}")
        with refused, dask_workers(cluster.address):
            pass


def test_a_worker_that_joins_later_with_other_code_reads_nothing(working, unread) -> None:
    other = replace(working, needed=Ability("another", ()))
    with pytest.raises(UnfitWorker, match="another"):
        list(steps.read_ahead(unread, jobs(registered(unread)), other))
    assert not any(readings(unread).holds(path.name) for path in unread.archive.glob("objects/*/*"))


def test_a_worker_that_lacks_a_program_is_refused_by_name() -> None:
    with pytest.raises(UnfitWorker, match=r"tcp://a:1 .* has the programs none, we have LibreOffice"):
        _require("tcp://a:1", Ability("1", ()), Ability("1", ("LibreOffice",)))


def test_a_worker_without_gongkai_is_refused_by_name() -> None:
    with pytest.raises(UnfitWorker, match=r"cannot load gongkai \(ModuleNotFoundError"):
        _require("tcp://a:1", ModuleNotFoundError("No module named 'pipelines'"), ability())


def test_without_a_scheduler_the_run_says_so_in_one_line(tmp_path, monkeypatch, unread) -> None:
    monkeypatch.setenv(DASK_VARIABLE, "tcp://127.0.0.1:1")
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "dagster"))
    monkeypatch.setattr("pipelines.dask_workers._PATIENCE", 0.2)
    with pytest.raises(RunFailed, match="no Dask scheduler answers at tcp://127.0.0.1:1; start it with `dask sch"):
        launch("changed", unread, catalogue="none")


def test_a_scheduler_without_workers_is_said_to_have_none() -> None:
    with dask_cluster() as cluster, pytest.raises(NoScheduler, match="has no workers"):
        dask_workers(cluster.address, patience=0.2).__enter__()


def test_a_scheduler_that_is_lost_ends_the_reading(unread) -> None:
    with dask_cluster() as cluster:
        cluster.worker("--no-nanny")
        with dask_workers(cluster.address, patience=5) as pool:
            pool.read(PAGE, sha256(PAGE)).result()
            future = pool.read(PDF, sha256(PDF))
            cluster.end()
            with pytest.raises(NoScheduler, match="run again"):
                future.result()


@pytest.mark.parametrize("address", ["127.0.0.1:8786", "tcp://", "tcp://host", "http://host:1"])
def test_what_is_no_address_is_refused(address, monkeypatch) -> None:
    monkeypatch.setenv(DASK_VARIABLE, address)
    with pytest.raises(InvalidScheduler, match="tcp://host:port"), workers():
        pass
