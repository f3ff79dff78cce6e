"""Reading on a Dask cluster: each document is a task, which its worker gives to a reading process of its own.

A Dask worker never reads itself. It has a pool as `pipelines.read.pool` makes it, one process a thread, so that limits
of time and memory hold there as they do here, and a document that kills its reader does not kill the worker. What a
worker had when it was lost is read by another.

Belongs here: the scheduler, what a worker must be like, and errors of either. Does not: reading.
"""

import re
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipelines.read.packed import Packed
from pipelines.read.pool import BrokeLimits, Limits, Readers, readers
from pipelines.read.tools import TOOLS
from pipelines.versions import reader_version
from pipelines.workers import DASK_VARIABLE, NoWorkers

try:
    from distributed import Client, get_worker
    from distributed.cfexecutor import ClientExecutor
    from distributed.scheduler import KilledWorker, NoValidWorkerError, NoWorkerError
except ModuleNotFoundError as error:
    raise NoWorkers(
        f"{DASK_VARIABLE} is set, and {error.name} is not installed; run `pip install 'gongkai[cluster]'`"
    ) from error

_PATIENCE = 30.0
"""Seconds within which the scheduler must answer, and a first worker be there."""
_ADDRESS = re.compile(r"(tcp|tls)://[^/\s]+:\d+")


class InvalidScheduler(NoWorkers):
    """`GONGKAI_DASK` is no address of a scheduler."""


class NoScheduler(NoWorkers):
    """No scheduler answers at the address, or it no longer does."""


class UnfitWorker(NoWorkers):
    """A worker that would read otherwise than this machine does: it has other code or other programs."""


@dataclass(frozen=True, slots=True)
class Ability:
    """What decides how a machine reads.

    Args:
        version: that of the reader (`pipelines.versions.reader_version`).
        tools: names of the programs that are there, of `pipelines.read.tools`.
    """

    version: str
    tools: tuple[str, ...]


def ability() -> Ability:
    """What this machine reads with."""
    return Ability(reader_version(), tuple(sorted(name for name, tool in TOOLS.items() if tool.is_there)))


@dataclass(frozen=True, slots=True)
class DaskWorkers:
    """The workers of a cluster, as `pipelines.workers.Workers`."""

    executor: ClientExecutor
    limits: Limits
    needed: Ability

    def read(self, content: bytes, sha256: str, answers: Path | None = None) -> "Future[Packed]":  # noqa: ARG002
        """Read a document on some worker; raises in the future as `Workers.read` does."""
        # The bytes travel with the task, and not as data of their own, which would be lost with the worker that has it.
        inner = self.executor.submit(read_there, content, sha256, self.limits, self.needed)
        outer: Future[Packed] = Future()
        inner.add_done_callback(lambda done: _pass_on(done, outer))
        return outer


@contextmanager
def dask_workers(scheduler: str, limits: Limits | None = None, patience: float | None = None) -> Iterator[DaskWorkers]:
    """The workers of the scheduler at `tcp://host:port`; what is unread when the block ends is given up.

    Raises:
        InvalidScheduler: this is no such address.
        NoScheduler: nobody answers there, or no worker comes within `patience` seconds (by default 30).
        UnfitWorker: a worker has other code, or lacks a program that is here.
    """
    if not _ADDRESS.fullmatch(scheduler):
        raise InvalidScheduler(f"{DASK_VARIABLE} is {scheduler!r}; expected the scheduler's address, tcp://host:port")
    with ExitStack() as stack:
        client = stack.enter_context(_connected(scheduler, _PATIENCE if patience is None else patience))
        needed = ability()
        _refuse_unfit(client, needed)
        yield DaskWorkers(client.get_executor(pure=False), limits or Limits(), needed)


def _connected(scheduler: str, patience: float) -> Client:
    try:
        client = Client(scheduler, timeout=patience, set_as_default=False)
    except OSError as error:
        raise NoScheduler(
            f"no Dask scheduler answers at {scheduler}; start it with `dask scheduler`, or unset {DASK_VARIABLE} to "
            "read on this machine"
        ) from error
    try:
        client.wait_for_workers(1, timeout=patience)
    except TimeoutError as error:
        client.close()
        raise NoScheduler(
            f"the Dask scheduler at {scheduler} has no workers; start some with `dask worker {scheduler}`"
        ) from error
    return client


def _refuse_unfit(client: Client, needed: Ability) -> None:
    answers = client.run(ability, on_error="return")
    for address in sorted(answers):
        _require(address, answers[address], needed)


def _require(address: str, found: object, needed: Ability) -> None:
    if found == needed:
        return
    if not isinstance(found, Ability):
        reason = f"it cannot load gongkai ({type(found).__name__}: {found})"
    elif found.version != needed.version:
        reason = f"its reader is version {found.version}, ours is {needed.version}"
    else:
        reason = f"it has the programs {', '.join(found.tools) or 'none'}, we have {', '.join(needed.tools) or 'none'}"
    raise UnfitWorker(
        f"the Dask worker {address} would read otherwise than this machine: {reason}; install the same gongkai with "
        "the same requirements and programs there, and start it anew"
    )


def read_there(content: bytes, sha256: str, limits: Limits, needed: Ability) -> Packed:
    """Read a document in a process of the Dask worker that this is called on; raises as `Workers.read` does.

    What the worker is like is looked at each time, because one may join at any time.
    """
    worker = get_worker()
    _require(worker.address, ability(), needed)
    return _pool(worker.state.nthreads, limits).read(content, sha256).result()


_POOLS: dict[Limits, Readers] = {}
_POOLS_LOCK = threading.Lock()
_UNTIL_THE_WORKER_ENDS = ExitStack()


def _pool(processes: int, limits: Limits) -> Readers:
    """This worker's own pool, made when it is first needed; it ends with the worker."""
    with _POOLS_LOCK:
        if limits not in _POOLS:
            _POOLS[limits] = _UNTIL_THE_WORKER_ENDS.enter_context(readers(processes, limits))
        return _POOLS[limits]


def _pass_on(done: "Future[Packed]", outer: "Future[Packed]") -> None:
    """Give the task's result or error to the caller's future, the cluster's own errors in our words."""
    try:
        outer.set_result(done.result())
    except CancelledError:
        outer.set_exception(
            NoScheduler("the connection to the Dask scheduler was lost; what was read is kept, so run again")
        )
    except (NoValidWorkerError, NoWorkerError):
        outer.set_exception(NoScheduler("the Dask cluster has no workers left; start some and run again"))
    except KilledWorker as error:
        # The reader is another process: this needs a machine that ends whatever is on it.
        outer.set_exception(
            BrokeLimits(f"several Dask workers died while they read it ({error}); look whether the file is a report")
        )
    except BaseException as error:  # noqa: BLE001 - whatever it is, it belongs to who waits for the document
        outer.set_exception(error)
