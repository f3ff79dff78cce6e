"""Where rows live: Parquet partitions, the DuckDB file assembled from them, exports, releases, and the reader API.

Belongs here: layout on disk, atomic writing, SQL. Does not: how rows come about, and Dagster.
"""

from warehouse.release.reading import Release, Rows, open_release
from warehouse.release.storage import S3

__all__ = ["S3", "Release", "Rows", "open_release"]
