"""Where rows live: Parquet partitions, the DuckDB file assembled from them, exports, releases, and the reader API.

    from warehouse import open_release

Belongs here: layout on disk, atomic writing, SQL. Does not: how rows come about, and Dagster.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from warehouse.release.reading import Release, Rows, open_release
    from warehouse.release.storage import S3

__all__ = ["S3", "Release", "Rows", "open_release"]

_HOMES = {
    "S3": "warehouse.release.storage",
    "Release": "warehouse.release.reading",
    "Rows": "warehouse.release.reading",
    "open_release": "warehouse.release.reading",
}


def __getattr__(name: str) -> Any:
    # Found when asked for: every part of the package passes through here, and few read releases.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
