"""Steps over many partitions in processes of this machine, one for each core, that stay until the run ends.

Belongs here: handing batches out and taking results back in order, a few ahead of who takes them. Does not: what is
done with a batch, nor reading documents, which needs limits for each (`pipelines.read.pool`).
"""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from multiprocessing import get_context
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 2
"""Batches for each process that are under way or wait to be taken: memory holds the results of so many."""


@cache
def _pool() -> ProcessPoolExecutor:
    # Not fork: the parent may hold threads and locks of Dagster and DuckDB.
    return ProcessPoolExecutor(_cores(), get_context("forkserver"))


def _cores() -> int:
    return os.cpu_count() or 1


def in_processes(
    function: Callable[[Sequence[Item]], Result], batches: Sequence[Sequence[Item]]
) -> Iterator[tuple[Sequence[Item], "Future[Result]"]]:
    """Each batch with the future of what `function` makes of it, in order.

    A future has what the function raised; or BrokenProcessPool where the process that had it, or one beside it, died:
    the batch may then be done again, here.

    Args:
        function: of a module, or a `functools.partial` of one: it travels to the processes by name.
        batches: what it is given, one after the other.
    """
    under_way: deque[tuple[Sequence[Item], Future[Result]]] = deque()
    waiting = iter(batches)
    try:
        while True:
            while len(under_way) < AHEAD * _cores() and (batch := next(waiting, None)) is not None:
                under_way.append((batch, _submitted(function, batch)))
            if not under_way:
                return
            batch, future = under_way.popleft()
            future.exception()  # waits for it
            yield batch, future
    finally:
        for _, future in under_way:
            future.cancel()


def _submitted(function: Callable[[Sequence[Item]], Result], batch: Sequence[Item]) -> "Future[Result]":
    try:
        return _pool().submit(function, batch)
    except BrokenProcessPool:  # a process of an earlier batch died, and took the pool with it
        _pool.cache_clear()
        return _pool().submit(function, batch)
