"""What reads documents: processes of this machine, or of many; which, is a setting.

Belongs here: what both have in common, and the choice. Does not: reading (`pipelines.read`), nor how either works
(`pipelines.read.pool`, `pipelines.dask_workers`).
"""

import os
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from pipelines.read.packed import Packed
from pipelines.read.pool import readers

DASK_VARIABLE = "GONGKAI_DASK"
"""Names the scheduler of a Dask cluster, `tcp://host:port`; without it, documents are read on this machine."""


class Workers(Protocol):
    """Where documents are read; may be asked from any thread."""

    def read(self, content: bytes, sha256: str, answers: Path | None = None) -> "Future[Packed]":
        """Read a document somewhere else.

        Args:
            content: its bytes.
            sha256: their hash.
            answers: folder of this machine in which what recognition finds on pictures is kept, where that is possible.

        The future raises what `pipelines.read.reader.read` raises, BrokeLimits for a document that takes too much, or
        NoWorkers.
        """


class NoWorkers(Exception):  # noqa: N818 - the name states the situation
    """There is nothing to read with: no fault of a document, so that nothing is kept of it."""


@contextmanager
def workers() -> Iterator[Workers]:
    """The workers that `GONGKAI_DASK` names, else a process for each core; they end, or are let go, with the block.

    Raises:
        NoWorkers: the cluster cannot be reached, or cannot do this work; the message says what to do.
    """
    scheduler = os.environ.get(DASK_VARIABLE)
    if not scheduler:
        with readers() as local:
            yield local
        return
    from pipelines.dask_workers import dask_workers  # loads slowly, and is an extra

    with dask_workers(scheduler) as cluster:
        yield cluster
