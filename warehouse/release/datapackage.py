"""The Data Package descriptor of a release (Frictionless, datapackage.org): what each file and column is.

Made of the declarations in `schemas`; nothing is said here for the first time.

Belongs here: that form. Does not: Croissant and citations, which have modules of their own.
"""

from typing import Any

import polars as pl

from schemas import codes, derive
from schemas.codes import CodeList
from schemas.dataset import DATASET
from warehouse.release.changes import CHANGES
from warehouse.release.facts import Facts, FileFacts, TableFacts

NAME = "datapackage.json"
PARQUET_TYPE = "application/vnd.apache.parquet"

_TYPES = {
    pl.String: "string",
    pl.Boolean: "boolean",
    pl.Int32: "integer",
    pl.Int64: "integer",
    pl.Float64: "number",
    pl.Decimal: "number",
    pl.Date: "date",
    pl.Datetime: "datetime",
    # Not "array": a list of Parquet reaches some readers, the Frictionless library among them, as another sequence.
    pl.List: "any",
}


def datapackage(facts: Facts, changes: FileFacts) -> dict[str, Any]:
    """The descriptor of a release; `changes` is its file of changes."""
    return {
        "profile": "data-package",
        "name": DATASET.name,
        "title": DATASET.title,
        "description": f"{DATASET.description}\n\n{DATASET.description_zh}",
        "version": str(facts.version),
        "created": f"{facts.date.isoformat()}T00:00:00Z",
        "keywords": list(DATASET.keywords),
        "licenses": [{"name": DATASET.license.name, "title": DATASET.license.title, "path": DATASET.license.url}],
        "contributors": [{"title": author, "role": "author"} for author in DATASET.authors],
        "sources": [{"title": DATASET.sources}],
        "software": list(facts.software),
        "resources": [
            *(_table(table) for table in facts.tables),
            _file("database", "all tables as one DuckDB file, with comments on every column", facts.database),
            _file("changes", "what changed in the data since the release before", changes, CHANGES),
        ],
    }


def _table(table: TableFacts) -> dict[str, Any]:
    zh, en = derive.table_comment(table.name)
    hive = {"hive": {"path": table.hive, "partitions": ["city", "year"]}} if table.hive else {}
    return {
        "profile": "data-resource",
        "name": table.name,
        "title": zh,
        "description": en,
        "type": "table",
        "path": table.file.path,
        "format": "parquet",
        "mediatype": PARQUET_TYPE,
        # Not `bytes` and `hash`: the Frictionless library counts neither when it reads Parquet, and so finds them wrong.
        "size_bytes": table.file.size_bytes,
        "sha256": table.file.sha256,
        "rows": table.rows,
        **hive,
        "schema": {
            # An empty text is a blank cell as printed; a null of a number may reach a reader as not-a-number.
            "missingValues": ["nan", "NaT"],
            "fields": [_field(column) for column in derive.columns(table.name)],
            "primaryKey": derive.key(table.name),
        },
    }


def _field(column: derive.Column) -> dict[str, Any]:
    constraints: dict[str, Any] = {} if column.nullable else {"required": True}
    field: dict[str, Any] = {
        "name": column.name,
        "type": field_type(column.dtype),
        "title": column.zh,
        "description": column.en,
    }
    if column.unit:
        field["unit"] = column.unit
    if listed := _codes(column):
        constraints["enum"] = listed.values()
        field["categories"] = [{"value": code.code, "label": f"{code.zh} | {code.en}"} for code in listed.codes]
    if constraints:
        field["constraints"] = constraints
    return field


def _codes(column: derive.Column) -> CodeList | None:
    return getattr(codes, column.codes.upper()) if column.codes else None


def field_type(dtype: pl.DataType) -> str:
    """The Table Schema type of a declared polars type; raises TypeError for one no table uses."""
    for candidate, name in _TYPES.items():
        if dtype.base_type() is candidate:
            return name
    raise TypeError(f"no Table Schema type is declared for {dtype}; add it to warehouse.release.datapackage")


def _file(name: str, description: str, file: FileFacts, columns: dict[str, str] | None = None) -> dict[str, Any]:
    form = file.path.rpartition(".")[2]
    schema = {"fields": [{"name": key, "type": value} for key, value in columns.items()]} if columns else None
    return {
        "name": name,
        "description": description,
        "path": file.path,
        "format": form,
        "bytes": file.size_bytes,
        "hash": f"sha256:{file.sha256}",
        **({"type": "table", "mediatype": "text/csv", "encoding": "utf-8", "schema": schema} if schema else {}),
    }
