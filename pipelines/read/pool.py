"""Reading documents in worker processes that may hang, grow or die without taking the run with them.

Belongs here: limits of time and memory per document, and what becomes of a document that breaks them. Does not:
reading itself. Nothing on the open web can be trusted to be a well-behaved file: a PDF of a few kilobytes can keep
a parser busy for hours.
"""

import os
import resource
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooSlow
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import current_process, get_context
from pathlib import Path

from pebble import ProcessExpired, ProcessPool

from pipelines.read.errors import UnreadableDocument
from pipelines.read.ocr import answers_kept_in
from pipelines.read.packed import Packed, read_packed


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one document may take.

    Args:
        seconds: wall-clock time; a scan of a hundred pages on a slow machine stays below.
        bytes: address space of a worker, which grows no further: the parser gets a MemoryError.
        documents: a worker is replaced after this many, so that a leak stays small.
    """

    seconds: float = 600.0
    bytes: int = 8 * 2**30
    documents: int = 200


class BrokeLimits(UnreadableDocument):
    """Reading a document took too long or too much memory, or killed its worker."""


@dataclass(frozen=True, slots=True)
class Readers:
    """A pool of reading workers; `read` may be called from any thread."""

    pool: ProcessPool
    limits: Limits

    def read(self, content: bytes, sha256: str, answers: Path | None = None) -> "Future[Packed]":
        """Read a document in a worker.

        Args:
            content: its bytes.
            sha256: their hash.
            answers: folder in which what recognition found on pictures is kept.

        The future raises what `pipelines.read.reader.read` raises, or BrokeLimits.
        """
        inner = self.pool.schedule(_read, args=(content, sha256, answers), timeout=self.limits.seconds)
        outer: Future[Packed] = Future()
        inner.add_done_callback(lambda done: _pass_on(done, outer, self.limits))
        return outer


@contextmanager
def readers(workers: int | None = None, limits: Limits | None = None) -> Iterator[Readers]:
    """A pool of `workers` processes (by default one per core) that ends with the block."""
    limits = limits or Limits()
    # Celery and Dask run this in daemons, which multiprocessing forbids children, because these would be left over.
    # Ours are not: a reading process ends once nobody is there to give it anything.
    current_process().daemon = False
    pool = ProcessPool(
        max_workers=workers or os.cpu_count() or 1,
        max_tasks=limits.documents,
        initializer=_limit_memory,
        initargs=(limits.bytes,),
        # Not fork: the parent may hold threads and locks of Dagster, gRPC and DuckDB.
        context=get_context("forkserver"),
    )
    try:
        yield Readers(pool, limits)
        pool.close()
    except BaseException:
        pool.stop()
        raise
    finally:
        pool.join()


def _read(content: bytes, sha256: str, answers: Path | None) -> Packed:
    if answers is None:
        return read_packed(content, sha256)
    with answers_kept_in(answers):
        return read_packed(content, sha256)


def _limit_memory(limit: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _pass_on(done: "Future[Packed]", outer: "Future[Packed]", limits: Limits) -> None:
    """Give the worker's result or error to the caller's future, the pool's own errors in our words."""
    if done.cancelled():
        outer.cancel()
        return
    error = done.exception()
    match error:
        case None:
            outer.set_result(done.result())
        case TooSlow():
            outer.set_exception(
                BrokeLimits(f"reading was stopped after {limits.seconds:.0f} s; look whether the file is a report")
            )
        case MemoryError():
            outer.set_exception(
                BrokeLimits(f"reading took more than {limits.bytes // 2**20} MiB; look whether the file is a report")
            )
        case ProcessExpired():
            outer.set_exception(
                BrokeLimits(f"the reader died with exit code {error.exitcode}; look whether the file is a report")
            )
        case _:
            outer.set_exception(error)
