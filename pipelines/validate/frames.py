"""From editions to the contract's frames, one per table, typed and in key order."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from pipelines.recognise.facts import CellRef, Disclosure, Mention, Recognised, Request, Review, Statistic
from pipelines.recognise.numbers import number
from pipelines.validate.editions import Edition, report_id
from schemas.derive import key, polars_schema
from warehouse.layout import Partition

Figure = Disclosure | Request | Review | Statistic | Mention

Frames = dict[str, pl.DataFrame]
"""The partitioned tables of the contract by name."""


def frame(table: str, rows: Iterable[dict[str, Any]]) -> pl.DataFrame:
    """Rows as a typed frame of `table`, sorted by its key."""
    return pl.DataFrame(list(rows), schema=polars_schema(table), orient="row").sort(key(table))


def build(editions: Mapping[Partition, Sequence[Edition]], reader_version: str) -> Frames:
    """The frames of partitions, without findings; each table has the rows of all of them.

    Args:
        editions: every file version, by the city and year it belongs to.
        reader_version: version of the readers, recorded with each document.
    """
    reports = [
        (recognised, _place(partition))
        for partition, known in editions.items()
        for edition in known
        if (recognised := edition.recognised) is not None
    ]
    documents = (
        _document(edition, reader_version) | _place(partition)
        for partition, known in editions.items()
        for edition in known
    )
    return {
        "documents": frame("documents", documents),
        "reports": frame("reports", (_report(report) | place for report, place in reports)),
        **{
            table: frame(table, (row | place for report, place in reports for row in rows(report)))
            for table, rows in _ROWS.items()
        },
    }


def split(frames: Frames, partitions: Iterable[Partition]) -> dict[Partition, Frames]:
    """The frames of each partition, of frames that have the rows of several."""
    parted = {
        table: rows.partition_by("city", "year", maintain_order=True, as_dict=True) for table, rows in frames.items()
    }
    return {
        partition: {
            table: parts.get((partition.city, partition.year), frames[table].clear()) for table, parts in parted.items()
        }
        for partition in partitions
    }


def _place(partition: Partition) -> dict[str, Any]:
    return {"city": partition.city, "year": partition.year}


def cell_id(sha256: str, ref: CellRef) -> str:
    """Id of a printed cell: the document's hash, its table, row and column, each from 1; table 0 is the text."""
    return f"{sha256[:16]}-t{ref.table}-r{ref.cell.row + 1}-c{ref.cell.column + 1}"


def _document(edition: Edition, reader_version: str) -> dict[str, Any]:
    item = edition.examined
    return {
        "sha256": item.sha256,
        "source_url": item.source_url,
        "retrieved_at": item.retrieved_at,
        "media_type": item.media_type,
        "size_bytes": item.size_bytes,
        "edition": edition.number,
        "status": edition.status,
        "reason": edition.reason,
        "report_id": edition.report_id,
        "page_count": item.page_count,
        "producer": item.producer,
        "reading": item.reading,
        "reader_version": reader_version if item.reading else None,
    }


def _report(report: Recognised) -> dict[str, Any]:
    identity = report.identity
    return {
        "report_id": report_id(identity),
        "city_code": identity.city_code,
        "region_code": identity.region_code,
        "region": identity.region,
        "level": identity.level,
        "publisher": identity.publisher,
        "title": identity.title,
        "form": report.form,
        "sha256": report.sha256,
        "period_start": identity.period_start,
        "period_end": identity.period_end,
        "published_on": identity.published_on,
    }


def _figures(report: Recognised, figures: Iterable[Figure], *names: str) -> Iterable[dict[str, Any]]:
    """Rows of figures: the columns `names` are those of the figure."""
    of = report_id(report.identity)
    for figure in figures:
        yield {
            "report_id": of,
            **{name: getattr(figure, name) for name in names},
            "cell_id": cell_id(report.sha256, figure.ref),
        }


def _disclosures(report: Recognised) -> Iterable[dict[str, Any]]:
    return _figures(report, report.disclosures, "category", "measure", "value", "unit", "note")


def _requests(report: Recognised) -> Iterable[dict[str, Any]]:
    return _figures(report, report.requests, "outcome", "applicant", "value", "note")


def _reviews(report: Recognised) -> Iterable[dict[str, Any]]:
    return _figures(report, report.reviews, "proceeding", "result", "value", "note")


def _statistics(report: Recognised) -> Iterable[dict[str, Any]]:
    names = ("indicator", "label", "value", "unit", "heading", "note", "origin", "sentence")
    return _figures(report, report.statistics, *names)


def _narrative(report: Recognised) -> Iterable[dict[str, Any]]:
    names = ("position", "chapter", "verb", "label", "value", "unit", "approximation", "sentence")
    return _figures(report, report.narrative, *names)


def _sections(report: Recognised) -> Iterable[dict[str, Any]]:
    of = report_id(report.identity)
    for section in report.sections:
        yield {
            "report_id": of,
            "chapter": section.chapter,
            "topic": section.topic,
            "heading": section.heading,
            "text": section.text,
        }


def _cells(report: Recognised) -> Iterable[dict[str, Any]]:
    of_prose = [
        ref
        for ref in (*(one.ref for one in report.narrative), *(one.ref for one in report.statistics))
        if ref.table == 0
    ]
    of = report_id(report.identity)
    for ref in (*report.tables, *dict.fromkeys(of_prose)):
        place = ref.cell.place
        x0, top, x1, bottom = place.box or (None, None, None, None)
        yield {
            "cell_id": cell_id(report.sha256, ref),
            "report_id": of,
            "sha256": report.sha256,
            "page": place.page,
            "x0": x0,
            "top": top,
            "x1": x1,
            "bottom": bottom,
            "path": place.path,
            "table_no": ref.table,
            "row_no": ref.cell.row + 1,
            "column_no": ref.cell.column + 1,
            "raw_text": ref.cell.text,
            "state": number(ref.cell.text).state,
        }


_ROWS: Mapping[str, Callable[[Recognised], Iterable[dict[str, Any]]]] = {
    "disclosures": _disclosures,
    "requests": _requests,
    "reviews": _reviews,
    "statistics": _statistics,
    "narrative": _narrative,
    "sections": _sections,
    "cells": _cells,
}
"""The rows of each table that a report fills, but for their partition."""
