"""A DuckDB session as all of ours are. Belongs here: what every session is set to. Does not: what it is asked."""

from contextlib import suppress
from pathlib import Path

import duckdb


def session(
    path: Path | None = None, *, threads: int | None = None, memory: str | None = None
) -> duckdb.DuckDBPyConnection:
    """A connection to the database at `path`, or to one in memory; the caller closes it.

    Args:
        path: the file.
        threads: how many DuckDB may use; as many as there are processors by default.
        memory: how much it may hold at most, as in `4GiB`; four fifths of all there is by default.

    Raises:
        duckdb.Error: the file cannot be opened.
    """
    settings: dict[str, str | bool | int | float | list[str]] = {}
    if threads:
        settings["threads"] = threads
    if memory:
        settings["memory_limit"] = memory
    connection = duckdb.connect(path or ":memory:", config=settings)
    # DuckDB draws one for every query of some seconds, also into a file; a run at night is read there.
    with suppress(duckdb.InvalidInputException):  # in a notebook without widgets it has none, and refuses
        connection.execute("SET enable_progress_bar = false")
    return connection
