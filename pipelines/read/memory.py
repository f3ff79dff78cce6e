"""Python's own housekeeping, kept out of reading.

Belongs here: when memory is given back. Does not: what is read, or how much memory a worker may take
(`pipelines.read.pool`).
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Without the search for reference cycles, which looks through all that is read of a document again and again.

    Around a block, or as `@uncollected()` around a function. The search takes a fifth of the time of reading. What is
    not in a cycle is given back as ever, the rest when the document has been read.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
