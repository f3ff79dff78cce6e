"""What reads documents, processes of this machine or of many, as whoever hands them documents sees it.

Belongs here: what both have in common. Does not: reading (`pipelines.read`), how either works (`pipelines.read.pool`,
`pipelines.dask_workers`), and which it is (`pipelines.reading`).
"""

from concurrent.futures import Future
from pathlib import Path
from typing import Protocol

from pipelines.read.packed import Packed

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
