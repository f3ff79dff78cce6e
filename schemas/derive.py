"""What follows from the pandera models: empty frames, Arrow schemas, DuckDB DDL and comments.

Nothing here is a second declaration: change `schemas.tables` or `schemas.marts` and all of this changes with it.
"""

from dataclasses import dataclass
from typing import Any

import pandera.polars as pa
import polars as pl
import pyarrow as arrow
from polars.datatypes import DataTypeClass

from schemas import codes
from schemas.marts import MARTS
from schemas.tables import TABLES


@dataclass(frozen=True, slots=True)
class Column:
    """A column as declared.

    `zh` and `label` are its labels, `meaning` (zh) and `en` its descriptions.
    """

    name: str
    dtype: pl.DataType
    nullable: bool
    zh: str
    en: str
    unit: str | None
    codes: str | None
    label: str = ""
    meaning: str = ""


def tables() -> tuple[str, ...]:
    """Every declared table, the marts last."""
    return (*TABLES, *MARTS)


def model(table: str) -> type[pa.DataFrameModel]:
    """The pandera model of a table or mart; raises KeyError for an unknown one."""
    return TABLES[table] if table in TABLES else MARTS[table]


def columns(table: str) -> tuple[Column, ...]:
    """The declared columns of `table`, in order."""
    schema = model(table).to_schema()
    return tuple(_column(name, spec) for name, spec in schema.columns.items())


def _column(name: str, spec: Any) -> Column:
    metadata = spec.metadata or {}
    return Column(
        name=name,
        dtype=spec.dtype.type,
        nullable=spec.nullable,
        zh=spec.title,
        en=spec.description,
        unit=metadata.get("unit"),
        codes=metadata.get("codes"),
        label=metadata.get("label") or name.replace("_", " ").capitalize(),
        meaning=metadata.get("meaning", ""),
    )


def key(table: str) -> list[str]:
    """The primary key of `table`, which is also the sort order of its files."""
    unique = model(table).Config.unique
    return [unique] if isinstance(unique, str) else list(unique or ())


def polars_schema(table: str) -> dict[str, pl.DataType]:
    """Column names and polars types of `table`."""
    return {column.name: column.dtype for column in columns(table)}


def empty(table: str) -> pl.DataFrame:
    """A frame of `table` with no rows."""
    return pl.DataFrame(schema=polars_schema(table))


def arrow_schema(table: str) -> arrow.Schema:
    """The Arrow schema of `table`, as its Parquet files have it."""
    fields = [
        arrow.field(column.name, _arrow_type(column.dtype), nullable=column.nullable) for column in columns(table)
    ]
    return arrow.schema(fields)


def table_comment(table: str) -> tuple[str, str]:
    """The zh and en comment of `table`, from the first line of its model's docstring."""
    first = (model(table).__doc__ or "").strip().splitlines()[0]
    zh, _, en = first.partition(": ")
    return zh, en


def comment(column: Column) -> str:
    """The DuckDB comment of a column in one line: zh, en, unit, and its codes with their zh labels."""
    unit = f" [{column.unit}]" if column.unit else ""
    codes = (
        f" ({', '.join(f'{code.code} {code.zh}' for code in code_list(column.codes).codes)})" if column.codes else ""
    )
    return f"{column.zh} | {column.en}{unit}{codes}"


def code_list(name: str) -> codes.CodeList:
    """The code list of that name; raises KeyError for an unknown one."""
    found = getattr(codes, name.upper(), None)
    if not isinstance(found, codes.CodeList):
        raise KeyError(f"no code list is named {name!r}; schemas.codes declares them")
    return found


def ddl(table: str) -> list[str]:
    """DuckDB statements that create `table` with comments on itself and every column."""
    parts = [
        f"{quoted(column.name)} {duckdb_type(column.dtype)}{'' if column.nullable else ' NOT NULL'}"
        for column in columns(table)
    ]
    zh, en = table_comment(table)
    return [
        f"CREATE TABLE {quoted(table)} ({', '.join(parts)})",
        f"COMMENT ON TABLE {quoted(table)} IS {literal(f'{zh} | {en}')}",
        *(
            f"COMMENT ON COLUMN {quoted(table)}.{quoted(column.name)} IS {literal(comment(column))}"
            for column in columns(table)
        ),
    ]


def quoted(identifier: str) -> str:
    """`identifier` as a quoted SQL identifier."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """`text` as a SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def duckdb_type(dtype: pl.DataType) -> str:
    """The DuckDB type of a declared polars type; raises TypeError for one no table uses."""
    match dtype:
        case pl.Decimal(precision=precision, scale=scale):
            return f"DECIMAL({precision},{scale})"
        case pl.List():
            return f"{duckdb_type(_instance(dtype.inner))}[]"
        case pl.Datetime():
            return "TIMESTAMP WITH TIME ZONE"
    names = {
        pl.String: "VARCHAR",
        pl.Boolean: "BOOLEAN",
        pl.Int32: "INTEGER",
        pl.Int64: "BIGINT",
        pl.Float64: "DOUBLE",
        pl.Date: "DATE",
    }
    for candidate, name in names.items():
        if dtype == candidate:
            return name
    raise TypeError(f"no DuckDB type is declared for {dtype}; add it to schemas.derive")


def _instance(dtype: pl.DataType | DataTypeClass) -> pl.DataType:
    """A polars type given as class, as an instance."""
    return dtype() if isinstance(dtype, type) else dtype


def _arrow_type(dtype: pl.DataType) -> arrow.DataType:
    match dtype:
        case pl.Decimal(precision=precision, scale=scale):
            return arrow.decimal128(precision, scale)
        case pl.List():
            return arrow.list_(_arrow_type(_instance(dtype.inner)))
        case pl.Datetime():
            return arrow.timestamp("us", tz="UTC")
    types = {
        pl.String: arrow.string(),
        pl.Boolean: arrow.bool_(),
        pl.Int32: arrow.int32(),
        pl.Int64: arrow.int64(),
        pl.Float64: arrow.float64(),
        pl.Date: arrow.date32(),
    }
    for candidate, found in types.items():
        if dtype == candidate:
            return found
    raise TypeError(f"no Arrow type is declared for {dtype}; add it to schemas.derive")
