"""Where documents are read: in processes of this machine, or on a cluster; which, is a setting."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from pipelines.read.pool import readers
from pipelines.workers import DASK_VARIABLE, Workers


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
