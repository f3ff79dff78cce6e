"""A DuckDB session as all of ours are. Belongs here: what every session is set to. Does not: what it is asked."""

from contextlib import suppress
from pathlib import Path

import duckdb


def session(path: Path | None = None, *, threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """A connection to the database at `path`, or to one in memory; the caller closes it.

    Raises:
        duckdb.Error: the file cannot be opened.
    """
    connection = duckdb.connect(path or ":memory:", config={"threads": threads} if threads else {})
    # DuckDB draws one for every query of some seconds, also into a file; a run at night is read there.
    with suppress(duckdb.InvalidInputException):  # in a notebook without widgets it has none, and refuses
        connection.execute("SET enable_progress_bar = false")
    return connection
