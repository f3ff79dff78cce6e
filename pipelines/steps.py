"""The steps of the flow as plain functions over one partition: what Dagster's assets call, and tests too.

discover -> fetch -> read -> recognise -> validate -> store -> assemble -> publish. Each takes what the step before
left in the archive or in `pipelines.work`, and returns a small record of what it did.
"""

import hashlib
import io
import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass

import httpx
import polars as pl

from pipelines.corrections import corrections_for, fingerprint
from pipelines.discover.source import Source
from pipelines.documents import about_of, keep_reading
from pipelines.fetch.answers import examine
from pipelines.fetch.archive import ArchiveError
from pipelines.fetch.archive_bucket import ARCHIVE_VARIABLE, archive_of, pull_archive
from pipelines.fetch.ask import ask
from pipelines.fetch.download import Outcome
from pipelines.fetch.register import pull_register, register
from pipelines.following import attached_sources, fetch_pictures, outcome_of
from pipelines.jobs import Captured, Job, captured
from pipelines.population import population_of
from pipelines.read.memory import uncollected
from pipelines.read.packed import About, Packed
from pipelines.read.tools import TOOLS
from pipelines.validate.examined import Examined, Rejected
from pipelines.validate.partition import Material, Validated, validate_all
from pipelines.validate.series import COMPARED, series_findings
from pipelines.versions import reader_version, recogniser_version, validator_version
from pipelines.work import (
    Unreadable,
    put_validated,
    readings,
    recognition_answers,
    recognition_name,
    take_validated,
    waiting,
)
from pipelines.workers import Workers
from schemas.corrections import Correction
from schemas.regions import frame as regions_frame
from warehouse.assembler import Assembled
from warehouse.assembler import assemble as assemble_warehouse
from warehouse.bucket import bucket_of
from warehouse.export import ExportSummary, export
from warehouse.files import write_if_changed
from warehouse.layout import Home
from warehouse.store import Content, PartitionManifest, manifest, manifests, write_partitions
from warehouse.store_bucket import STORE_VARIABLE, pull, push

MOST_AHEAD = 2**26
"""Bytes of documents that the reading workers have at once, or have read and nobody has taken."""

_LOG = logging.getLogger("gongkai")


@dataclass(frozen=True, slots=True)
class Read:
    """What reading a partition did: documents by outcome, pages, tables and cells."""

    documents: int
    unreadable: tuple[str, ...]
    pages: int
    tables: int
    cells: int


@dataclass(frozen=True, slots=True)
class Recognitions:
    """What recognising a partition did: titles of the reports, and reasons why other documents hold none."""

    reports: tuple[str, ...]
    rejected: tuple[str, ...]


def fetch_jobs(
    home: Home,
    work: Sequence[Job],
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    say: Callable[[str], object] = _LOG.info,
) -> tuple[Outcome, ...]:
    """Fetch every source of the jobs into the archive, and register those that came.

    A page that holds no report, but has it as an attachment, brings the attachment as a further source of its
    partition; the outcomes of these follow those of the jobs' sources. A report without tables in its text and
    without an attachment brings the pictures in it, and a further source that is the page with these inside.

    Args:
        home: where archive and register lie.
        work: the partitions with their sources.
        transport: carries the requests instead of the network.
        say: takes a line now and then on how far it is.
    """
    outcomes = _fetched(home, [source for job in work for source in job.sources], transport, say)
    attached = attached_sources(home, outcomes)
    if attached:
        outcomes += _fetched(home, attached, transport, say)
    return outcomes + fetch_pictures(home, outcomes, transport, say)


def _fetched(
    home: Home, sources: Sequence[Source], transport: httpx.AsyncBaseTransport | None, say: Callable[[str], object]
) -> tuple[Outcome, ...]:
    outcomes = ask(home, archive_of(home), sources, transport=transport, say=say, examine=examine)
    register(home, (outcome.source for outcome in outcomes if outcome.capture is not None))
    return outcomes


def examined(home: Home, job: Job) -> tuple[Examined, ...]:
    """Every archived file version of the job's sources, read and recognised; what was done before is not done again."""
    return tuple(_examined(home, item) for item in captured(home, job))


def data_version(home: Home, job: Job) -> str:
    """What the partition would be made from and by: archived bytes, what sources say, corrections, code, schema."""
    digest = hashlib.sha256()
    for version in (reader_version(), recogniser_version(), validator_version()):
        digest.update(f"{version}\0".encode())
    missing = {sha256 for sha256, tool in waiting(home).items() if tool in TOOLS and not TOOLS[tool].is_there}
    items = captured(home, job)
    digest.update(fingerprint(_corrections(home, items)).encode())
    for item in items:
        digest.update(f"{recognition_name(item.capture.sha256, item.source)}\0".encode())
        # So that the partition is redone once the program is installed that one of its documents waits for.
        if item.capture.sha256 in missing:
            digest.update(b"waiting\0")
    return digest.hexdigest()[:16]


def is_current(home: Home, job: Job) -> bool:
    """Whether the store holds what the partition would come out as if it were redone."""
    stored = manifest(home.store, job.partition)
    return stored is not None and stored.data_version == data_version(home, job)


@dataclass(frozen=True, slots=True)
class _Given:
    """A document that the reading workers have: its hash, its bytes and what comes of it."""

    sha256: str
    content: bytes
    read: Future[Packed]


def read_ahead(home: Home, work: Iterable[Job], pool: Workers) -> Iterator[Job]:
    """Read what the jobs have unread in worker processes, each document within limits of time and memory.

    Each job is yielded once its documents are read: `read_job` then finds it done. Those after it are under way
    meanwhile, so that no worker waits for another one that has a scan. A document that hangs, grows or kills its worker
    becomes unreadable, alone.

    Raises:
        NoWorkers: the workers are gone; what they had read by then is kept.
    """
    under_way: deque[tuple[Job, tuple[_Given, ...]]] = deque()
    given: set[str] = set()
    size = 0
    for job in work:
        mine = tuple(_given(home, job, pool, given))
        under_way.append((job, mine))
        size += sum(len(one.content) for one in mine)
        while size > MOST_AHEAD:
            first, done = under_way.popleft()
            _keep(home, done)
            size -= sum(len(one.content) for one in done)
            yield first
    for first, done in under_way:
        _keep(home, done)
        yield first


def _given(home: Home, job: Job, pool: Workers, given: set[str]) -> Iterator[_Given]:
    """Give the workers what a job has unread, but for what is in `given`, to which it is added."""
    archive, shelf = archive_of(home), readings(home)
    for sha256 in sorted({item.capture.sha256 for item in captured(home, job)} - given):
        given.add(sha256)
        if shelf.holds(sha256):
            continue
        with suppress(ArchiveError):  # lost or damaged bytes: `read_job` says so of their partition
            content = archive.content(sha256)
            yield _Given(sha256, content, pool.read(content, sha256, recognition_answers(home)))


def _keep(home: Home, given: Iterable[_Given]) -> None:
    for one in given:
        keep_reading(home, one.sha256, one.content, one.read.result)


def read_job(home: Home, job: Job) -> Read:
    """Read every archived file version of the partition that was not read by this code before."""
    found = [about_of(home, item.capture.sha256) for item in captured(home, job)]
    documents = [about for about in found if isinstance(about, About)]
    return Read(
        documents=len(documents),
        unreadable=tuple(about.reason for about in found if isinstance(about, Unreadable)),
        pages=sum(about.page_count or 1 for about in documents),
        tables=sum(about.tables for about in documents),
        cells=sum(about.cells for about in documents),
    )


@uncollected()
def recognise_jobs(home: Home, batch: Sequence[Job]) -> tuple[Recognitions, ...]:
    """As `recognise_job`, for many."""
    return tuple(recognise_job(home, job) for job in batch)


def recognise_job(home: Home, job: Job) -> Recognitions:
    """Recognise every document of the partition that was not recognised by this code before."""
    found = [outcome_of(home, item) for item in captured(home, job)]
    return Recognitions(
        tuple(one.identity.title for one in found if not isinstance(one, Rejected)),
        tuple(one.reason for one in found if isinstance(one, Rejected)),
    )


def validate_job(home: Home, job: Job) -> Validated:
    """Validate the partition and keep its frames for the store step."""
    (validated,) = validate_jobs(home, [job])
    return validated


@uncollected()
def validate_jobs(home: Home, batch: Sequence[Job]) -> tuple[Validated, ...]:
    """Validate partitions together and keep their frames for the store step."""
    materials = [Material(job.partition, examined(home, job), _corrections(home, captured(home, job))) for job in batch]
    validated = validate_all(materials, reader_version())
    for job, one in zip(batch, validated, strict=True):
        put_validated(home, one, data_version(home, job))
    return validated


def store_job(home: Home, job: Job) -> PartitionManifest:
    """Replace the stored partition by the validated one, atomically; see `store_jobs`."""
    (written,) = store_jobs(home, [job])
    return written


@uncollected()
def store_jobs(home: Home, batch: Sequence[Job]) -> tuple[PartitionManifest, ...]:
    """Replace stored partitions by the validated ones, each atomically.

    Raises:
        NotValidated: the validate step did not come first.
        InvalidPartition: the frames of one are not what the schema declares; every stored partition stays.
    """
    written = write_partitions(
        home.store, [Content(job.partition, *take_validated(home, job.partition)) for job in batch]
    )
    if bucket := bucket_of(STORE_VARIABLE):
        for job in batch:
            push(bucket, home.store, job.partition)
    return written


def catch_up(home: Home) -> None:
    """Bring to disk what other machines have added to archive and store, where these lie in a bucket."""
    if bucket_of(ARCHIVE_VARIABLE):
        pull_archive(home)
        pull_register(home)
    if bucket := bucket_of(STORE_VARIABLE):
        pull(bucket, home.store)


def assemble(home: Home) -> Assembled:
    """Build `warehouse.duckdb` from the store, with the findings that compare years, and publish it by rename."""
    if bucket := bucket_of(STORE_VARIABLE):
        pull(bucket, home.store)
    return assemble_warehouse(
        home,
        regions=regions_frame(),
        series_findings=_series_findings(home),
        population=population_of(home),
    )


def _series_findings(home: Home) -> pl.DataFrame:
    """The findings that compare years, kept in the work folder until a figure or the code changes."""
    known = manifests(home.store)
    compared = [f"{one.partition.key} {file.sha256}" for one in known for file in one.files if file.table in COMPARED]
    name = hashlib.sha256("\n".join((validator_version(), *compared)).encode()).hexdigest()
    folder = home.work / "series"
    kept = folder / f"{name}.arrow"
    with suppress(OSError, pl.exceptions.ComputeError):  # not there, or cut off by a power failure: made again
        return pl.read_ipc(kept.read_bytes())
    found = series_findings(home.store, known)
    for old in folder.glob("*.arrow"):
        old.unlink()
    found.write_ipc(sink := io.BytesIO())
    write_if_changed(kept, sink.getvalue())
    return found


def publish(home: Home) -> ExportSummary:
    """Export the warehouse as Parquet files."""
    return export(home)


def _corrections(home: Home, items: Iterable[Captured]) -> tuple[Correction, ...]:
    return corrections_for(home, (item.capture.sha256 for item in items))


def pending(home: Home, work: Sequence[Job]) -> tuple[Job, ...]:
    """The jobs whose stored partition is not what it would come out as if it were redone."""
    return tuple(job for job in work if not is_current(home, job))


def _examined(home: Home, item: Captured) -> Examined:
    found = about_of(home, item.capture.sha256)
    known = found if isinstance(found, About) else None
    return Examined(
        sha256=item.capture.sha256,
        source_url=item.source.url,
        retrieved_at=item.capture.retrieved_at,
        size_bytes=item.capture.size_bytes,
        media_type=found.media_type,
        page_count=known.page_count if known else None,
        producer=known.producer if known else None,
        reading=known.reading if known else None,
        outcome=outcome_of(home, item),
    )
