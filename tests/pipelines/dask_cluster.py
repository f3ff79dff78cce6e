"""A Dask scheduler and workers as their own commands start them, on loopback."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
DASK = Path(sys.executable).parent / "dask"


def started(*command: object, until: str, environment: dict[str, str] | None = None) -> tuple[subprocess.Popen, str]:
    """A program once it has said what it says when it is ready; and what it said of it."""
    process = subprocess.Popen(
        [DASK, *map(str, command)],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
        start_new_session=True,
    )
    said = []
    for line in process.stderr:
        said.append(line)
        if found := re.search(until, line):
            # Whoever does not read on stops a program that says much.
            subprocess.Popen(["cat"], stdin=process.stderr, stdout=subprocess.DEVNULL)
            return process, found[1]
    raise AssertionError("".join(said))


@dataclass
class Cluster:
    """A scheduler's address, and the workers that it has."""

    address: str
    scheduler: subprocess.Popen
    workers: list[subprocess.Popen] = field(default_factory=list)

    def worker(self, *options: object, **environment: str) -> subprocess.Popen:
        """Start a worker of one thread; ready when this returns."""
        process, _ = started(
            *("worker", self.address, "--nthreads", 1, "--no-dashboard", *options),
            until=r"(Registered to|Start worker)",
            environment=environment,
        )
        self.workers.append(process)
        return process

    def end(self) -> None:
        """End scheduler and workers, as if their machines failed."""
        for process in (self.scheduler, *self.workers):
            end(process)


def end(process: subprocess.Popen) -> None:
    """End a program and all that it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def dask_cluster() -> Iterator[Cluster]:
    scheduler, address = started(
        "scheduler", "--host", "127.0.0.1", "--port", 0, "--no-dashboard", until=r"Scheduler at:\s+(tcp://\S+)"
    )
    cluster = Cluster(address, scheduler)
    try:
        yield cluster
    finally:
        cluster.end()
