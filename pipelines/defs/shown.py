"""What a person sees of each step in Dagster: metadata of what it did, and asset checks.

Belongs here: which numbers, lists and links are shown, and what makes a check fail. Does not: doing the step.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import dagster as dg
import polars as pl

from pipelines.discover.source import Source
from pipelines.discovery import Discovered
from pipelines.fetch.download import Outcome
from pipelines.report.gather import Reported
from pipelines.report.markdown import MOST_LINES, proposal_table, safe
from pipelines.steps import Read, Recognitions
from pipelines.validate.partition import Validated
from schemas.derive import columns
from warehouse.assembler import Assembled
from warehouse.export import ExportSummary
from warehouse.layout import Home
from warehouse.store import PartitionManifest

PREVIEW_ROWS = 10
STRUCTURE, ARITHMETIC, PLAUSIBILITY, CORRECTIONS = "structure", "arithmetic", "plausibility", "corrections"
CHECKS: Mapping[str, str] = {
    STRUCTURE: "no document of the partition is quarantined",
    ARITHMETIC: "the form's own arithmetic and completeness hold",
    PLAUSIBILITY: "the text agrees with the tables",
    CORRECTIONS: "every declared correction finds what it expects to be printed",
}
"""The asset checks of a partition, by name, with what each one asserts."""


@dataclass(frozen=True, slots=True)
class Check:
    """The result of an asset check on one partition."""

    name: str
    passed: bool
    severity: dg.AssetCheckSeverity
    findings: str


# --- of partitions ----------------------------------------------------------------------------------------------


def not_fetched(outcome: Outcome) -> str:
    """Why a source could not be had, with its address: the reason may name another that it leads to."""
    reason = outcome.reason or ""
    of = "" if outcome.source.url in reason else f"{outcome.source.url}: "
    return f"not fetched ({outcome.problem}): {of}{reason}"


def fetched(outcomes: list[Outcome]) -> Mapping[str, Any]:
    """How a partition's sources fared, with their links."""
    lines = [
        f"[{outcome.source.url}]({outcome.source.url}) {outcome.kind}"
        + (f": {outcome.reason}" if outcome.reason else "")
        for outcome in outcomes
    ]
    kinds = Counter(str(outcome.kind) for outcome in outcomes)
    return {"sources": len(outcomes), **kinds, "links": dg.MetadataValue.md(_bullets(lines))}


def read(result: Read) -> Mapping[str, Any]:
    """How much was read, and what could not be."""
    return {
        "documents": result.documents,
        "pages": result.pages,
        "tables": result.tables,
        "cells": result.cells,
        "unreadable": dg.MetadataValue.md(_bullets(result.unreadable)),
    }


def recognised(result: Recognitions) -> Mapping[str, Any]:
    """The reports by title, and what is none."""
    return {
        "reports": len(result.reports),
        "titles": dg.MetadataValue.md(_bullets(result.reports)),
        "rejected": dg.MetadataValue.md(_bullets(result.rejected)),
    }


def validated(partition: Validated) -> Mapping[str, Any]:
    """Reports and findings, and the first totals."""
    status = Counter(partition.frames["documents"]["status"])
    return {
        "reports": partition.count("reports"),
        "findings": partition.count("findings"),
        "quarantined": status["quarantined"],
        "findings_by_rule": dg.MetadataValue.json(dict(Counter(partition.frames["findings"]["rule"]))),
        "preview": dg.MetadataValue.md(_preview(partition.frames["requests"])),
    }


def checked(partition: Validated) -> Iterator[Check]:
    """The checks, each with what breaks it."""
    findings = partition.frames["findings"]
    quarantined = partition.frames["documents"].filter(pl.col("status") == "quarantined")
    reasons = [f"{url}: {reason}" for url, reason in quarantined.select("source_url", "reason").iter_rows()]
    yield Check(STRUCTURE, not reasons, dg.AssetCheckSeverity.ERROR, _bullets(reasons))
    yield _by_severity(ARITHMETIC, findings, "error", dg.AssetCheckSeverity.ERROR)
    yield _by_severity(PLAUSIBILITY, findings, "warning", dg.AssetCheckSeverity.WARN)
    unmatched = partition.frames["corrections"].filter(pl.col("state") == "unmatched")
    wrong = [f"`{entry}` {problem}" for entry, problem in unmatched.select("correction", "problem").iter_rows()]
    yield Check(CORRECTIONS, not wrong, dg.AssetCheckSeverity.ERROR, _bullets(wrong))


def _by_severity(name: str, findings: pl.DataFrame, severity: str, shown: dg.AssetCheckSeverity) -> Check:
    # What a correction has settled stays a finding about what is printed, and fails no check.
    broken = findings.filter((pl.col("severity") == severity) & ~pl.col("settled"))
    lines = [f"`{rule}` {message}" for rule, message in broken.select("rule", "message").iter_rows()]
    return Check(name, not lines, shown, _bullets(lines))


def stored(manifest: PartitionManifest) -> Mapping[str, Any]:
    """Rows and bytes of the partition."""
    return {
        "rows": sum(file.rows for file in manifest.files),
        "bytes": sum(file.size_bytes for file in manifest.files),
        "data_version": dg.MetadataValue.text(manifest.data_version),
        "tables": dg.MetadataValue.json({file.table: file.rows for file in manifest.files}),
    }


# --- of everything at once --------------------------------------------------------------------------------------


def discovered(found: Discovered, sources: Sequence[Source]) -> Mapping[str, Any]:
    """What listing pages had beside the catalogue's sources."""
    return {
        "sources": len(sources),
        "listing_pages": found.pages,
        "listing_pages_failed": len(found.failed),
        "listed": found.listed,
        "proposed": len(found.proposed),
        "waiting": found.waiting,
        "proposals": dg.MetadataValue.md(proposal_table(found.proposed) if found.proposed else "none"),
        "passed_over": dg.MetadataValue.md(
            _bullets(f"{safe(one.title)}: {safe(one.reason)}" for one in found.passed_over[:MOST_LINES])
        ),
        "failures": dg.MetadataValue.md(_bullets(f"{safe(one.url)}: {safe(one.reason)}" for one in found.failed)),
        "partitions": len({(source.city, source.year) for source in sources}),
        "hosts": len({urlsplit(source.url).hostname for source in sources}),
        "by_year": dg.MetadataValue.json(dict(Counter(str(source.year) for source in sources))),
    }


def assembled(made: Assembled) -> Mapping[str, Any]:
    """What is in the database."""
    return {
        "partitions": made.partitions,
        "reports": made.rows["reports"],
        "findings": made.rows["findings"],
        "rebuilt": dg.MetadataValue.bool(made.rebuilt),
        "database": dg.MetadataValue.path(str(made.database)),
        "rows": dg.MetadataValue.json(dict(made.rows)),
        "dagster/column_schema": _column_schema("requests"),
    }


def exported(summary: ExportSummary, place: Home) -> Mapping[str, Any]:
    """Which files were written."""
    return {
        "written": summary.written,
        "unchanged": summary.unchanged,
        "removed": summary.removed,
        "parquet": dg.MetadataValue.path(str(place.parquet)),
    }


def reported(done: Reported) -> Mapping[str, Any]:
    """The report of the run, and who could not be told."""
    return {
        **{f"sources_{name}": number for name, number in done.report.counts.items()},
        "bytes_received": done.report.received,
        "partitions_redone": done.report.redone,
        "report": dg.MetadataValue.md(done.text),
        "report_file": dg.MetadataValue.path(str(done.path)),
        "not_notified": dg.MetadataValue.md(_bullets(safe(problem) for problem in done.problems)),
    }


def text(problem: str) -> Mapping[str, Any]:
    """Why there is no report."""
    return {"report": dg.MetadataValue.md(problem)}


# --- how it looks -----------------------------------------------------------------------------------------------


def summary(metadata: Mapping[str, Any]) -> str:
    """The plain numbers of the metadata, for a log line."""
    return ", ".join(f"{value} {name}" for name, value in metadata.items() if isinstance(value, int))


def _column_schema(table: str) -> dg.TableSchema:
    """A table's columns as Dagster shows them."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(name=column.name, type=str(column.dtype), description=f"{column.zh} {column.en}")
            for column in columns(table)
        ]
    )


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines) or "none"


def _preview(rows: pl.DataFrame) -> str:
    """The first totals as a Markdown table."""
    totals = rows.filter(pl.col("applicant") == "total").select("report_id", "outcome", "value")
    head = "| report_id | outcome | value |\n| --- | --- | ---: |"
    body = [f"| {report} | {outcome} | {value} |" for report, outcome, value in totals.head(PREVIEW_ROWS).iter_rows()]
    return "\n".join([head, *body])
