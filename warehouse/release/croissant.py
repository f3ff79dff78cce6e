"""The Croissant descriptor of a release (MLCommons, JSON-LD): for dataset search engines and ML loaders.

Belongs here: that form. Does not: what the columns mean (`schemas.tables`).
"""

from typing import Any

import polars as pl

from schemas import derive
from schemas.dataset import DATASET
from warehouse.release.citation import cite_as
from warehouse.release.facts import Facts, FileFacts, TableFacts

NAME = "croissant.json"

_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataBiases": "cr:dataBiases",
    "dataCollection": "cr:dataCollection",
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "personalSensitiveInformation": "cr:personalSensitiveInformation",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_TYPES = {
    pl.String: "sc:Text",
    pl.Boolean: "sc:Boolean",
    pl.Int32: "cr:Int32",
    pl.Int64: "cr:Int64",
    pl.Float64: "cr:Float64",
    pl.Decimal: "sc:Float",
    pl.Date: "sc:Date",
    pl.Datetime: "sc:DateTime",
    pl.List: "sc:Text",
}


def croissant(facts: Facts) -> dict[str, Any]:
    """The descriptor of a release."""
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "name": DATASET.name,
        "alternateName": DATASET.title_zh,
        "description": f"{DATASET.description}\n\n{DATASET.description_zh}",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "license": DATASET.license.url,
        "citeAs": cite_as(facts),
        "creator": [{"@type": "sc:Organization", "name": author} for author in DATASET.authors],
        "keywords": list(DATASET.keywords),
        "datePublished": facts.date.isoformat(),
        "temporalCoverage": f"{facts.extent.first_year}/{facts.extent.last_year}",
        "version": str(facts.version),
        "isLiveDataset": False,
        "distribution": [
            *(_file_object(table.name, table.file, "application/x-parquet") for table in facts.tables),
            _file_object("database", facts.database, "application/vnd.duckdb"),
        ],
        "recordSet": [_record_set(table) for table in facts.tables if table.rows],
    }


def _file_object(name: str, file: FileFacts, encoding: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": f"{name}-file",
        "name": f"{name}-file",
        "contentUrl": file.path,
        "contentSize": f"{file.size_bytes} B",
        "encodingFormat": encoding,
        "sha256": file.sha256,
    }


def _record_set(table: TableFacts) -> dict[str, Any]:
    zh, en = derive.table_comment(table.name)
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": f"{zh} | {en}",
        "key": [{"@id": f"{table.name}/{column}"} for column in derive.key(table.name)],
        "field": [_field(table.name, column) for column in derive.columns(table.name)],
    }


def _field(table: str, column: derive.Column) -> dict[str, Any]:
    repeated = {"repeated": True} if isinstance(column.dtype, pl.List) else {}
    return {
        "@type": "cr:Field",
        "@id": f"{table}/{column.name}",
        "name": f"{table}/{column.name}",
        "description": derive.comment(column),
        "dataType": data_type(column.dtype),
        **repeated,
        "source": {"fileObject": {"@id": f"{table}-file"}, "extract": {"column": column.name}},
    }


def data_type(dtype: pl.DataType) -> str:
    """The Croissant type of a declared polars type; raises TypeError for one no table uses."""
    for candidate, name in _TYPES.items():
        if dtype.base_type() is candidate:
            return name
    raise TypeError(f"no Croissant type is declared for {dtype}; add it to warehouse.release.croissant")
