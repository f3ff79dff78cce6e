"""Workers that hang, grow or die: each document's own problem, and nobody else's."""

import hashlib
import os
import signal
import time
from concurrent.futures import Future
from pathlib import Path

import pytest
from pebble import ProcessPool

from pipelines.read.document import Document
from pipelines.read.errors import NeedsLibreOffice, NeedsTool, UnreadableDocument
from pipelines.read.pool import BrokeLimits, Limits, Readers, _pass_on, readers
from pipelines.read.tools import LIBREOFFICE

PAGE = "<html><title>页</title><p>周口市人民政府2021年政府信息公开工作年度报告</p></html>".encode()


def _hang() -> Document:
    time.sleep(3600)  # the worker is stopped long before
    raise AssertionError


def _die() -> Document:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def _grow() -> Document:
    raise MemoryError


def _needs_libreoffice() -> Document:
    raise NeedsLibreOffice("install LibreOffice")


def _scheduled(pool: ProcessPool, function, seconds: float) -> "Future[Document]":
    outer: Future[Document] = Future()
    limits = Limits(seconds=seconds)
    pool.schedule(function, timeout=seconds).add_done_callback(lambda done: _pass_on(done, outer, limits))
    return outer


@pytest.fixture(scope="module")
def working() -> Readers:
    with readers(workers=1, limits=Limits(seconds=60)) as pool:
        yield pool


def test_a_page_is_read_in_a_worker(working: Readers) -> None:
    document = working.read(PAGE, hashlib.sha256(PAGE).hexdigest()).result().document
    assert document.title == "页"
    assert document.paragraphs[-1].text == "周口市人民政府2021年政府信息公开工作年度报告"


def test_what_the_reader_raises_arrives(working: Readers) -> None:
    with pytest.raises(UnreadableDocument):
        working.read(b"\x00\x01\x02", "0" * 64).result()


def test_what_waits_for_a_program_arrives_with_its_name(working: Readers) -> None:
    outer: Future[Document] = Future()
    inner = working.pool.schedule(_needs_libreoffice)
    inner.add_done_callback(lambda done: _pass_on(done, outer, working.limits))
    with pytest.raises(NeedsTool, match="install") as raised:
        outer.result()
    assert raised.value.tool == LIBREOFFICE.name


@pytest.mark.parametrize(
    ("function", "seconds", "said"),
    [(_hang, 0.2, "stopped after"), (_die, 60, "died with exit code"), (_grow, 60, "took more than")],
)
def test_a_worker_that_misbehaves_is_the_documents_problem(working: Readers, function, seconds, said) -> None:
    with pytest.raises(BrokeLimits, match=said):
        _scheduled(working.pool, function, seconds).result()
    assert working.read(PAGE, "0" * 64).result().document.title == "页"


def test_memory_of_a_worker_is_bounded(tmp_path: Path) -> None:
    with readers(workers=1, limits=Limits(bytes=4 * 2**30)) as pool, pytest.raises(BrokeLimits, match="4096 MiB"):
        _scheduled_allocation(pool).result()


def _allocate() -> Document:
    block = bytearray(6 * 2**30)
    raise AssertionError(len(block))


def _scheduled_allocation(pool: Readers) -> "Future[Document]":
    outer: Future[Document] = Future()
    pool.pool.schedule(_allocate).add_done_callback(lambda done: _pass_on(done, outer, pool.limits))
    return outer
