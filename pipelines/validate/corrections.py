"""Applying declared corrections (`schemas.corrections`) to a partition's frames: beside what is printed, never over it.

An entry takes effect only where its document is loaded, its figure was found and its cell is printed as the entry
expects; any other entry that is not withdrawn is unmatched, and becomes an error finding.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from pipelines.recognise.facts import Recognised
from pipelines.validate.frames import Frames, cell_id, frame
from schemas.corrections import TABLES, Correction
from schemas.derive import columns, key
from warehouse.layout import Partition

APPLIED, IDLE, UNMATCHED = "applied", "idle", "unmatched"
_ROW_AND_COLUMN: Mapping[str, tuple[str, str]] = {
    "disclosures": ("category", "measure"),
    "requests": ("outcome", "applicant"),
    "reviews": ("proceeding", "result"),
    "statistics": ("indicator", "heading"),
}


@dataclass(frozen=True, slots=True)
class Matched:
    """An entry with what became of it.

    Args:
        entry: as declared.
        report_id: the report whose document it names, or None where that is not loaded.
        row: the figure's row of its table, where one was found.
        found: the text of its cell, where it was found.
        state: a code of `schemas.codes.CORRECTION_STATE`.
        problem: why it does not match and what to do; None where it does.
    """

    entry: Correction
    report_id: str | None
    row: Mapping[str, Any] | None
    found: str | None
    state: str
    problem: str | None


def matched(frames: Frames, entries: Sequence[Correction]) -> tuple[Matched, ...]:
    """What becomes of each entry; `frames` are those of the partition that has the entries' documents."""
    return tuple(_match(frames, entry) for entry in entries)


def corrected(frames: Frames, matches: Sequence[Matched]) -> Frames:
    """The frames with the column `corrected` filled where an entry is applied, and with the table `corrections`."""
    filled = {table: _filled(frames[table], table, matches) for table in TABLES}
    return frames | filled


def listed(partition: Partition, matches: Sequence[Matched]) -> pl.DataFrame:
    """The table `corrections` of a partition."""
    place = {"city": partition.city, "year": partition.year}
    return frame("corrections", (_listed(match) | place for match in matches))


def as_corrected(frames: Frames) -> Frames:
    """The frames with corrected values in place of printed ones, to evaluate rules on; not to be stored."""
    return frames | {table: frames[table].with_columns(value=pl.coalesce("corrected", "value")) for table in TABLES}


def reports_as_corrected(reports: Sequence[Recognised], matches: Sequence[Matched]) -> list[Recognised]:
    """The reports with corrected values in their statistics, as `as_corrected` has them in frames."""
    values = {
        (match.row["indicator"], match.row["cell_id"]): match.entry.corrected
        for match in matches
        if match.state == APPLIED and match.row is not None and match.entry.table == "statistics"
    }
    return [
        replace(
            report,
            statistics=tuple(
                replace(line, value=values.get((line.indicator, cell_id(report.sha256, line.ref)), line.value))
                for line in report.statistics
            ),
        )
        for report in reports
    ]


def _match(frames: Frames, entry: Correction) -> Matched:
    versions = frames["documents"].filter(pl.col("sha256") == entry.sha256)
    loaded = versions.filter(pl.col("status") == "loaded")
    if loaded.is_empty():
        known = set(frames["reports"]["report_id"])
        report = next((one for one in versions["report_id"] if one in known), None)
        return _unmatched(entry, _not_loaded(versions), report)
    report = str(loaded["report_id"][0])
    rows = _rows(frames, entry, report)
    if rows.height != 1:
        problem = (
            f"no figure {_named(entry)} was found in the document"
            if rows.is_empty()
            else f"{rows.height} figures of the document are {_named(entry)}: name the cell"
        )
        return _unmatched(entry, problem, report)
    row = rows.row(0, named=True)
    text = frames["cells"].filter(pl.col("cell_id") == row["cell_id"])["raw_text"].item()
    if _bare(text) != _bare(entry.printed):
        return _unmatched(entry, f"expected {entry.printed!r} to be printed, found {text!r}", report, row, text)
    return Matched(entry, report, row, text, APPLIED if entry.status == "accepted" else IDLE, None)


def _unmatched(
    entry: Correction,
    problem: str,
    report: str | None,
    row: Mapping[str, Any] | None = None,
    found: str | None = None,
) -> Matched:
    if entry.status == "withdrawn":
        return Matched(entry, report, row, found, IDLE, None)
    advice = "compare the document with the entry, then correct the entry or set its status to withdrawn"
    return Matched(entry, report, row, found, UNMATCHED, f"{problem}; {advice}")


def _not_loaded(versions: pl.DataFrame) -> str:
    if versions.is_empty():
        return "its document is not among those of the partition"
    status, reason = versions.select("status", "reason").row(0)
    return f"its document is {status} ({reason})"


def _rows(frames: Frames, entry: Correction, report: str) -> pl.DataFrame:
    of_report = frames[entry.table].filter(pl.col("report_id") == report)
    if entry.cell:
        return of_report.filter(pl.col("cell_id") == f"{entry.sha256[:16]}-{entry.cell}")
    row, column = _ROW_AND_COLUMN[entry.table]
    found = of_report.filter(pl.col(row) == entry.row)
    return found.filter(pl.col(column) == entry.column) if entry.column else found


def _named(entry: Correction) -> str:
    return f"{entry.table} {entry.cell or f'{entry.row}, {entry.column}'.rstrip(', ')}"


def _bare(text: str) -> str:
    return "".join(text.split())


def _filled(facts: pl.DataFrame, table: str, matches: Sequence[Matched]) -> pl.DataFrame:
    applied = [match for match in matches if match.state == APPLIED and match.entry.table == table]
    if not applied:
        return facts
    named = key(table)
    rows = [
        {name: match.row[name] for name in named} | {"new": match.entry.corrected} for match in applied if match.row
    ]
    schema = {name: facts.schema[name] for name in named} | {"new": pl.Decimal(20, 6)}
    values = pl.DataFrame(rows, schema=schema, orient="row")
    return (
        facts.join(values, on=named, how="left")
        .with_columns(corrected=pl.col("new").cast(facts.schema["corrected"]))
        .select(column.name for column in columns(table))
    )


def _listed(match: Matched) -> dict[str, Any]:
    entry = match.entry
    row_name, column_name = _ROW_AND_COLUMN[entry.table]
    row = match.row or {}
    return {
        "correction": entry.id,
        "report_id": match.report_id,
        "sha256": entry.sha256,
        "fact_table": entry.table,
        "row_code": row.get(row_name) or entry.row,
        "column_code": row.get(column_name) or entry.column,
        "cell_id": row.get("cell_id"),
        "expected": entry.printed,
        "found": match.found,
        "corrected": entry.corrected,
        "basis": entry.basis,
        "reason": entry.reason,
        "source": entry.source,
        "status": entry.status,
        "state": match.state,
        "problem": match.problem,
    }
