"""How a frame becomes the bytes of a Parquet file: equal frames become equal bytes.

Belongs here: encoding and its settings, for the store and the exports. Does not: where the bytes go.
"""

import polars as pl
import pyarrow as arrow
import pyarrow.parquet

COMPRESSION = "zstd"


def to_arrow(frame: pl.DataFrame, schema: arrow.Schema) -> arrow.Table:
    """`frame` as an Arrow table of exactly `schema`, in one chunk.

    One chunk because Parquet pages end where a chunk ends, and how a frame was put together must not show.
    """
    return frame.rechunk().to_arrow().cast(schema).combine_chunks()


def encode(rows: arrow.Table) -> bytes:
    """The bytes of a Parquet file of `rows` (from `to_arrow`), in their order.

    The file carries neither time nor path, so equal rows give equal bytes under one version of pyarrow.
    """
    sink = arrow.BufferOutputStream()
    pyarrow.parquet.write_table(rows, sink, compression=COMPRESSION)
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]
