"""Where rows live: Parquet partitions, the DuckDB file assembled from them, exports, and the reader API.

Belongs here: layout on disk, atomic writing, SQL. Does not: how rows come about, and Dagster.
"""
