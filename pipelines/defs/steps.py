"""The eight steps of the flow, each declared once: what it works on, and what it does.

Belongs here: which plain function a step calls, on what. Does not: what a person sees of it (`shown`), nor how Dagster
runs it; `assets` and `jobs` make an asset and an op of each declaration.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from pipelines import steps
from pipelines.defs import shown
from pipelines.defs.resources import Work
from pipelines.discovery import discover
from pipelines.fetch.download import Outcome
from pipelines.jobs import Job, jobs
from pipelines.processes import in_processes
from pipelines.reading import workers
from pipelines.report.gather import report
from pipelines.report.journal import Broken, Fetched, Stored, note
from pipelines.versions import reader_version, recogniser_version, validator_version
from warehouse.layout import Home, Partition
from warehouse.store import PartitionManifest

Result = TypeVar("Result")

BATCH = 32
"""How many partitions are worked on together: memory holds the rows of so many, for each core."""
MANY = 8 * BATCH
"""From so many partitions on it is worth starting processes, which takes some seconds."""


@dataclass(frozen=True, slots=True)
class Done:
    """A partition that a step has worked on: what to show of it and what to warn of, or the error that stopped it."""

    partition: Partition
    metadata: Mapping[str, Any]
    checks: tuple[shown.Check, ...] = ()
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
    check: Callable[[Result], Iterable[shown.Check]] = lambda _: (),
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
    check: Callable[[Result], Iterable[shown.Check]] = lambda _: (),
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
    """Read partitions, their documents in worker processes."""
    report = _each(steps.read_job, shown.read)
    with workers() as pool:
        for job in steps.read_ahead(work.place, todo, pool):
            yield from report(work, [job], log)


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
        failed = tuple(shown.not_fetched(one) for one in mine if one.kind == "failed")
        yield Done(job.partition, shown.fetched(mine), warnings=failed)


def _discover(work: Work, log: logging.Logger) -> Mapping[str, Any]:
    sources = work.catalogued()
    with work.transport() as transport:
        found = discover(work.place, work.listings(), sources, transport=transport, say=log.info)
    return shown.discovered(found, sources)


def _assemble(work: Work, _: logging.Logger) -> Mapping[str, Any]:
    return shown.assembled(steps.assemble(work.place))


def _publish(work: Work, log: logging.Logger) -> Mapping[str, Any]:
    return {**shown.exported(steps.publish(work.place), work.place), **_reported(work, log)}


def _reported(work: Work, log: logging.Logger) -> Mapping[str, Any]:
    """The report of the run; what goes wrong with it never fails the run."""
    sources = (*work.catalogued(), *(source for job in work.archived() for source in job.sources))
    try:
        done = report(work.place, sources)
    except Exception as error:  # noqa: BLE001 - the data are published; only the telling failed
        problem = f"no report could be made: {type(error).__name__}: {error}"
        log.warning(problem)
        return shown.text(problem)
    for problem in done.problems:
        log.warning(f"not told: {problem}")
    return shown.reported(done)


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
        _together("recognise", steps.recognise_jobs, shown.recognised),
    ),
    PartitionedStep(
        "validate",
        frozenset({"pandera"}),
        "Typed rows that pandera accepts, with a finding for every rule that does not hold.",
        validator_version(),
        to_redo,
        _together("validate", steps.validate_jobs, shown.validated, shown.checked),
        tuple(shown.CHECKS),
    ),
    PartitionedStep(
        "store",
        frozenset({"parquet"}),
        "The validated rows as one atomic Parquet partition per city and year.",
        None,
        to_redo,
        _together("store", steps.store_jobs, shown.stored),
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
