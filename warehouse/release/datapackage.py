"""The Data Package descriptor of a release (Frictionless, datapackage.org): what each file and column is.

Made of the declarations in `schemas`; nothing is said here for the first time.

Belongs here: that form. Does not: Croissant and citations, which have modules of their own.
"""

from typing import Any

import polars as pl

from schemas import derive
from schemas.dataset import DATASET
from schemas.dictionary import Column, Table, dictionary
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
        "caveats": [{"code": one.code, "zh": one.zh, "en": one.en} for one in dictionary().caveats],
        "software": list(facts.software),
        "resources": [
            *(_table(table) for table in facts.tables),
            _file("database", "all tables as one DuckDB file, with comments on every column", facts.database),
            _file("changes", "what changed in the data since the release before", changes, CHANGES),
        ],
    }


def _table(table: TableFacts) -> dict[str, Any]:
    declared = dictionary().table(table.name)
    hive = {"hive": {"path": table.hive, "partitions": ["city", "year"]}} if table.hive else {}
    return {
        "profile": "data-resource",
        "name": table.name,
        "title": declared.zh,
        "description": " ".join(text for text in (declared.en, declared.text) if text),
        "type": "table",
        "path": table.file.path,
        "format": "parquet",
        "mediatype": PARQUET_TYPE,
        # Not `bytes` and `hash`: the Frictionless library counts neither when it reads Parquet, and finds them wrong.
        "size_bytes": table.file.size_bytes,
        "sha256": table.file.sha256,
        "rows": table.rows,
        **hive,
        **_background(declared),
        "schema": {
            # An empty text is a blank cell as printed; a null of a number may reach a reader as not-a-number.
            "missingValues": ["nan", "NaT"],
            "fields": [
                _field(column, source.dtype)
                for column, source in zip(declared.columns, derive.columns(table.name), strict=True)
            ],
            "primaryKey": list(declared.key),
        },
    }


def _field(column: Column, dtype: pl.DataType) -> dict[str, Any]:
    constraints: dict[str, Any] = {} if column.nullable else {"required": True}
    field: dict[str, Any] = {
        "name": column.name,
        "type": field_type(dtype),
        "title": f"{column.zh} | {column.en}",
        "description": f"{column.zh_text} | {column.en_text}",
        **_background(column),
    }
    if column.unit:
        field["unit"] = column.unit
    if column.codes:
        codes = dictionary().code_list(column.codes).codes
        constraints["enum"] = [code.code for code in codes]
        field["categories"] = [{"value": code.code, "label": f"{code.zh} | {code.en}"} for code in codes]
    if constraints:
        field["constraints"] = constraints
    return field


def _background(declared: Table | Column) -> dict[str, Any]:
    """What a table or column rests on, and the codes of its caveats, which the package spells out."""
    citations = [f"{one.zh} | {one.en}" for one in declared.citations]
    return {
        **({"citations": citations} if citations else {}),
        **({"caveats": list(declared.caveats)} if declared.caveats else {}),
    }


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
