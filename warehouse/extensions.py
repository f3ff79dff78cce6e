"""DuckDB's extensions: as Python packages, which load without a network, else fetched by DuckDB itself.

Belongs here: loading them. Does not: what they are for.
"""

from importlib.util import find_spec
from pathlib import Path

import duckdb

from schemas import derive


class NoExtension(Exception):  # noqa: N818 - the name states the situation
    """An extension that is neither installed nor can be fetched."""

    def __init__(self, name: str, extra: str, reason: str) -> None:
        super().__init__(name, extra, reason)
        self.name = name
        self.extra = extra
        self.reason = reason

    def __str__(self) -> str:
        remedy = f"install it with `pip install 'gongkai[{self.extra}]'`"
        return f"DuckDB has no {self.name} extension ({self.reason}); {remedy}"


def load_extension(connection: duckdb.DuckDBPyConnection, name: str, extra: str) -> None:
    """Let a connection use an extension; raises NoExtension, which names the extra of gongkai that has it."""
    try:
        wheel = find_spec(f"duckdb_extension_{name}")
        if wheel and wheel.origin:
            path = Path(wheel.origin).parent / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
            connection.execute(f"LOAD {derive.literal(str(path))}")
            return
        _install(connection, name)
    except duckdb.Error as error:
        raise NoExtension(name, extra, str(error).splitlines()[0]) from error


def _install(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    # DuckDB's own way, which asks its web site.
    connection.execute(f"INSTALL {name}")
    connection.execute(f"LOAD {name}")
