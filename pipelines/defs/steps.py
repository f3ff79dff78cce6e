"""The eight steps of the flow, each declared once: what it works on, what it does, what it reports.

Belongs here: which plain function a step calls and which numbers a person wants to see of it. Does not: how Dagster
runs it; `assets` and `jobs` make an asset and an op of each declaration.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

import dagster as dg
import polars as pl

from pipelines import steps
from pipelines.defs.resources import Work
from pipelines.discovery import discover
from pipelines.fetch.download import Outcome
from pipelines.jobs import Job, jobs
from pipelines.processes import in_processes
from pipelines.reading import workers
from pipelines.report.gather import report
from pipelines.report.journal import Broken, Fetched, Stored, note
from pipelines.report.markdown import MOST_LINES, proposal_table, safe
from pipelines.validate.partition import Validated
from pipelines.versions import reader_version, recogniser_version, validator_version
from schemas.derive import columns
from warehouse.layout import Home, Partition
from warehouse.store import PartitionManifest

Result = TypeVar("Result")

PREVIEW_ROWS = 10
READ_AHEAD = 32
"""How many partitions' documents are handed to the reading workers at once: enough to keep every core busy."""
BATCH = 32
"""How many partitions are worked on together: memory holds the rows of so many, for each core."""
MANY = 8 * BATCH
"""From so many partitions on it is worth starting processes, which takes some seconds."""
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


@dataclass(frozen=True, slots=True)
class Done:
    """A partition that a step has worked on: what to show of it and what to warn of, or the error that stopped it."""

    partition: Partition
    metadata: Mapping[str, Any]
    checks: tuple[Check, ...] = ()
    error: str | None = None
    warnings: tuple[str, ...] = ()


Run = Callable[[Work, Sequence[Job], logging.Logger], Iterator[Done]]


@dataclass(frozen=True, slots=True)
class PartitionedStep:
    """A step that works on partitions.

    Args:
        name: the verb of the flow.
        kinds: what it is done with, as Dagster shows it.
        description: what it yields.
        version: version of the code that decides what it yields.
        todo: the partitions to work on: of those asked for, or (None) of all that the run's configuration selects.
        run: does the work, reporting each partition as it is done; what takes long says to the log how far it is.
        checks: names of the asset checks it reports.
    """

    name: str
    kinds: frozenset[str]
    description: str
    version: str | None
    todo: Callable[[Work, frozenset[Partition] | None], tuple[Job, ...]]
    run: Run
    checks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WholeStep:
    """A step that works on everything at once and returns what to show of it."""

    name: str
    kinds: frozenset[str]
    description: str
    run: Callable[[Work, logging.Logger], Mapping[str, Any]] = field(repr=False)


# --- which partitions -------------------------------------------------------------------------------------------


def to_fetch(work: Work, asked: frozenset[Partition] | None) -> tuple[Job, ...]:
    """The catalogue's partitions."""
    return tuple(job for job in jobs(work.catalogued()) if asked is None or job.partition in asked)


def to_redo(work: Work, asked: frozenset[Partition] | None) -> tuple[Job, ...]:
    """The archived partitions: those asked for; else the changed ones, or all where so configured."""
    if asked is not None:
        return tuple(job for job in work.archived() if job.partition in asked)
    return work.to_redo()


# --- what is done -----------------------------------------------------------------------------------------------


def _each(step: Callable[[Home, Job], Result], describe: Callable[[Result], Mapping[str, Any]]) -> Run:
    """A run function that does a step partition by partition, here; one that fails does not stop the others."""

    def run(work: Work, todo: Sequence[Job], _: logging.Logger) -> Iterator[Done]:
        for job in todo:
            yield _alone(step.__name__.removesuffix("_job"), partial(_only, step), work, job, describe)

    return run


def _only(step: Callable[[Home, Job], Result], home: Home, batch: Sequence[Job]) -> Sequence[Result]:
    return [step(home, job) for job in batch]


def _together(
    name: str,
    step: Callable[[Home, Sequence[Job]], Sequence[Result]],
    describe: Callable[[Result], Mapping[str, Any]],
    check: Callable[[Result], Iterable[Check]] = lambda _: (),
) -> Run:
    """A run function that does a step on many partitions at a time, in all cores' processes where there are many.

    Where that fails, it is done here on each alone, so that only the one at fault is left out.
    """

    def run(work: Work, todo: Sequence[Job], _: logging.Logger) -> Iterator[Done]:
        for batch, results in _results(partial(step, work.place), todo):
            if results is None:
                for job in batch:
                    yield _alone(name, step, work, job, describe, check)
                continue
            note(work.place, [Stored(one.partition.key) for one in results if isinstance(one, PartitionManifest)])
            for job, result in zip(batch, results, strict=True):
                yield Done(job.partition, describe(result), tuple(check(result)))

    return run


def _results(
    step: Callable[[Sequence[Job]], Sequence[Result]], todo: Sequence[Job]
) -> Iterator[tuple[Sequence[Job], Sequence[Result] | None]]:
    """What a step makes of each batch; None where it failed."""
    batches = [todo[start : start + BATCH] for start in range(0, len(todo), BATCH)]
    if len(todo) >= MANY:
        for batch, future in in_processes(step, batches):
            yield batch, None if future.exception() else future.result()
        return
    for batch in batches:
        try:
            results = step(batch)
        except Exception:  # noqa: BLE001 - each is done again by itself, and says what is wrong
            yield batch, None
        else:
            yield batch, results


def _alone(
    name: str,
    step: Callable[[Home, Sequence[Job]], Sequence[Result]],
    work: Work,
    job: Job,
    describe: Callable[[Result], Mapping[str, Any]],
    check: Callable[[Result], Iterable[Check]] = lambda _: (),
) -> Done:
    """A step done on one partition; one that fails keeps its last good state."""
    try:
        (result,) = step(work.place, [job])
    except Exception as error:  # noqa: BLE001 - reported, and the partition's last good state stays
        described = f"{type(error).__name__}: {error}"
        note(work.place, [Broken(name, job.partition.key, described)])
        return Done(job.partition, {}, error=described)
    if isinstance(result, PartitionManifest):
        note(work.place, [Stored(job.partition.key)])
    return Done(job.partition, describe(result), tuple(check(result)))


def _read_documents(work: Work, todo: Sequence[Job], log: logging.Logger) -> Iterator[Done]:
    """Read partitions a few at a time, their documents in worker processes."""
    report = _each(steps.read_job, _read)
    with workers() as pool:
        for start in range(0, len(todo), READ_AHEAD):
            some = todo[start : start + READ_AHEAD]
            steps.read_ahead(work.place, some, pool)
            yield from report(work, some, log)


def _fetch(work: Work, todo: Sequence[Job], log: logging.Logger) -> Iterator[Done]:
    with work.transport() as transport:
        outcomes = steps.fetch_jobs(work.place, todo, transport=transport, say=log.info)
    note(
        work.place,
        [Fetched(one.source.url, one.kind, one.reason, one.problem, one.received) for one in outcomes],
    )
    by_partition: dict[Partition, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_partition[Partition(outcome.source.city, outcome.source.year)].append(outcome)
    for job in todo:
        mine = by_partition[job.partition]
        failed = tuple(_not_fetched(one) for one in mine if one.kind == "failed")
        yield Done(job.partition, _fetched(mine), warnings=failed)


def _not_fetched(outcome: Outcome) -> str:
    """Why a source could not be had, with its address: the reason may name another that it leads to."""
    reason = outcome.reason or ""
    of = "" if outcome.source.url in reason else f"{outcome.source.url}: "
    return f"not fetched ({outcome.problem}): {of}{reason}"


def _fetched(outcomes: list[Outcome]) -> Mapping[str, Any]:
    lines = [
        f"[{outcome.source.url}]({outcome.source.url}) {outcome.kind}"
        + (f": {outcome.reason}" if outcome.reason else "")
        for outcome in outcomes
    ]
    kinds = Counter(str(outcome.kind) for outcome in outcomes)
    return {"sources": len(outcomes), **kinds, "links": dg.MetadataValue.md(_bullets(lines))}


def _read(result: steps.Read) -> Mapping[str, Any]:
    return {
        "documents": result.documents,
        "pages": result.pages,
        "tables": result.tables,
        "cells": result.cells,
        "unreadable": dg.MetadataValue.md(_bullets(result.unreadable)),
    }


def _recognised(result: steps.Recognitions) -> Mapping[str, Any]:
    return {
        "reports": len(result.reports),
        "titles": dg.MetadataValue.md(_bullets(result.reports)),
        "rejected": dg.MetadataValue.md(_bullets(result.rejected)),
    }


def _validated(validated: Validated) -> Mapping[str, Any]:
    status = Counter(validated.frames["documents"]["status"])
    return {
        "reports": validated.count("reports"),
        "findings": validated.count("findings"),
        "quarantined": status["quarantined"],
        "findings_by_rule": dg.MetadataValue.json(dict(Counter(validated.frames["findings"]["rule"]))),
        "preview": dg.MetadataValue.md(_preview(validated.frames["requests"])),
    }


def _checked(validated: Validated) -> Iterator[Check]:
    findings = validated.frames["findings"]
    quarantined = validated.frames["documents"].filter(pl.col("status") == "quarantined")
    reasons = [f"{url}: {reason}" for url, reason in quarantined.select("source_url", "reason").iter_rows()]
    yield Check(STRUCTURE, not reasons, dg.AssetCheckSeverity.ERROR, _bullets(reasons))
    yield _by_severity(ARITHMETIC, findings, "error", dg.AssetCheckSeverity.ERROR)
    yield _by_severity(PLAUSIBILITY, findings, "warning", dg.AssetCheckSeverity.WARN)
    unmatched = validated.frames["corrections"].filter(pl.col("state") == "unmatched")
    wrong = [f"`{entry}` {problem}" for entry, problem in unmatched.select("correction", "problem").iter_rows()]
    yield Check(CORRECTIONS, not wrong, dg.AssetCheckSeverity.ERROR, _bullets(wrong))


def _by_severity(name: str, findings: pl.DataFrame, severity: str, shown: dg.AssetCheckSeverity) -> Check:
    # What a correction has settled stays a finding about what is printed, and fails no check.
    broken = findings.filter((pl.col("severity") == severity) & ~pl.col("settled"))
    lines = [f"`{rule}` {message}" for rule, message in broken.select("rule", "message").iter_rows()]
    return Check(name, not lines, shown, _bullets(lines))


def _stored(manifest: PartitionManifest) -> Mapping[str, Any]:
    return {
        "rows": sum(file.rows for file in manifest.files),
        "bytes": sum(file.size_bytes for file in manifest.files),
        "data_version": dg.MetadataValue.text(manifest.data_version),
        "tables": dg.MetadataValue.json({file.table: file.rows for file in manifest.files}),
    }


def _discover(work: Work, log: logging.Logger) -> Mapping[str, Any]:
    sources = work.catalogued()
    with work.transport() as transport:
        found = discover(work.place, work.listings(), sources, transport=transport, say=log.info)
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


def _assemble(work: Work, _: logging.Logger) -> Mapping[str, Any]:
    assembled = steps.assemble(work.place)
    return {
        "partitions": assembled.partitions,
        "reports": assembled.rows["reports"],
        "findings": assembled.rows["findings"],
        "rebuilt": dg.MetadataValue.bool(assembled.rebuilt),
        "database": dg.MetadataValue.path(str(work.place.database)),
        "rows": dg.MetadataValue.json(dict(assembled.rows)),
        "dagster/column_schema": _column_schema("requests"),
    }


def _publish(work: Work, log: logging.Logger) -> Mapping[str, Any]:
    summary = steps.publish(work.place)
    return {
        "written": summary.written,
        "unchanged": summary.unchanged,
        "removed": summary.removed,
        "parquet": dg.MetadataValue.path(str(work.place.parquet)),
        **_reported(work, log),
    }


def _reported(work: Work, log: logging.Logger) -> Mapping[str, Any]:
    """The report of the run; what goes wrong with it never fails the run."""
    sources = (*work.catalogued(), *(source for job in work.archived() for source in job.sources))
    try:
        done = report(work.place, sources)
    except Exception as error:  # noqa: BLE001 - the data are published; only the telling failed
        problem = f"no report could be made: {type(error).__name__}: {error}"
        log.warning(problem)
        return {"report": dg.MetadataValue.md(problem)}
    for problem in done.problems:
        log.warning(f"not told: {problem}")
    return {
        **{f"sources_{name}": number for name, number in done.report.counts.items()},
        "bytes_received": done.report.received,
        "partitions_redone": done.report.redone,
        "report": dg.MetadataValue.md(done.text),
        "report_file": dg.MetadataValue.path(str(done.path)),
        "not_notified": dg.MetadataValue.md(_bullets(safe(problem) for problem in done.problems)),
    }


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


FLOW: tuple[PartitionedStep | WholeStep, ...] = (
    WholeStep(
        "discover",
        frozenset({"csv", "httpx"}),
        "Which reports exist, and where: the catalogue's sources, and new ones that listing pages list.",
        _discover,
    ),
    PartitionedStep(
        "fetch",
        frozenset({"httpx"}),
        "The sources' bytes, archived by SHA-256; changed bytes become a new edition.",
        None,
        to_fetch,
        _fetch,
    ),
    PartitionedStep(
        "read",
        frozenset({"pdfplumber", "lxml"}),
        "Paragraphs and tables of every archived document, each cell with its page and box or element path.",
        reader_version(),
        to_redo,
        _read_documents,
    ),
    PartitionedStep(
        "recognise",
        frozenset({"python"}),
        "Figures by the contract's codes, told from labels, groups and order of the statutory form.",
        recogniser_version(),
        to_redo,
        _together("recognise", steps.recognise_jobs, _recognised),
    ),
    PartitionedStep(
        "validate",
        frozenset({"pandera"}),
        "Typed rows that pandera accepts, with a finding for every rule that does not hold.",
        validator_version(),
        to_redo,
        _together("validate", steps.validate_jobs, _validated, _checked),
        tuple(CHECKS),
    ),
    PartitionedStep(
        "store",
        frozenset({"parquet"}),
        "The validated rows as one atomic Parquet partition per city and year.",
        None,
        to_redo,
        _together("store", steps.store_jobs, _stored),
    ),
    WholeStep(
        "assemble",
        frozenset({"duckdb"}),
        "warehouse.duckdb, built from all partitions by one writer and published by atomic rename.",
        _assemble,
    ),
    WholeStep(
        "publish",
        frozenset({"parquet"}),
        "Parquet exports: by city and year in Hive folders, and one file per table.",
        _publish,
    ),
)
"""The flow, in order: each step depends on the one before it."""
