"""Partitions with their sources, and the archived file versions of these: what every step of the flow works on.

Belongs here: which sources and versions make a partition. Does not: what is done with them (`pipelines.steps`), nor
Dagster's jobs (`pipelines.defs.jobs`).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pipelines.discover.source import Source
from pipelines.fetch.archive import Capture
from pipelines.fetch.archive_bucket import archive_of
from warehouse.layout import Home, Partition


@dataclass(frozen=True, slots=True)
class Job:
    """A partition with its sources: the unit of work of every step."""

    partition: Partition
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Captured:
    """A file version in the archive, with the source it was fetched for."""

    source: Source
    capture: Capture


def jobs(sources: Iterable[Source]) -> tuple[Job, ...]:
    """The partitions that the sources belong to, sorted, each with its sources."""
    grouped: dict[Partition, list[Source]] = {}
    for source in sources:
        grouped.setdefault(Partition(source.city, source.year), []).append(source)
    return tuple(
        Job(partition, tuple(sorted(grouped[partition], key=lambda source: source.url)))
        for partition in sorted(grouped)
    )


def captured(home: Home, job: Job) -> tuple[Captured, ...]:
    """Every archived file version of the job's sources, oldest first per address."""
    archive = archive_of(home)
    return tuple(Captured(source, capture) for source in job.sources for capture in archive.captures(source.url))
