"""The steps of the flow as plain functions over one partition: what Dagster's assets call, and tests too.

discover -> fetch -> read -> recognise -> validate -> store -> assemble -> publish. Each takes what the step before
left in the archive or in `pipelines.work`, and returns a small record of what it did.
"""

import hashlib
import io
import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import httpx
import polars as pl

from pipelines.corrections import corrections_for, fingerprint
from pipelines.discover.attachments import attachments, report_attachment
from pipelines.discover.pictures import page_with_pictures, pictures, with_pictures_address
from pipelines.discover.source import Source
from pipelines.fetch.answers import Answer, examine, examine_picture
from pipelines.fetch.archive import ArchiveError, Capture
from pipelines.fetch.archive_bucket import ARCHIVE_VARIABLE, archive_of, pull_archive
from pipelines.fetch.download import Outcome, fetch_all
from pipelines.fetch.limits import limits_of
from pipelines.fetch.progress import Log as FetchLog
from pipelines.fetch.register import pull_register, register, registered
from pipelines.population import population_of
from pipelines.read.document import Document
from pipelines.read.errors import NeedsTool, UnreadableDocument
from pipelines.read.media import HTML, media_type
from pipelines.read.memory import uncollected
from pipelines.read.ocr import answers_kept_in
from pipelines.read.packed import About, Packed, about, read_packed
from pipelines.read.tools import TOOLS
from pipelines.recognise.identity import NotAReport, UnidentifiedReport
from pipelines.recognise.report import NoStatutoryTable, recognise
from pipelines.validate.examined import Examined, Rejected
from pipelines.validate.partition import Material, Validated, validate_all
from pipelines.validate.series import COMPARED, series_findings
from pipelines.versions import reader_version, recogniser_version, validator_version
from pipelines.work import (
    Reading,
    Recognition,
    Unreadable,
    abouts,
    put_validated,
    readings,
    recognition_answers,
    recognition_name,
    recognitions,
    take_validated,
    wait_for,
    wait_no_more,
    waiting,
)
from pipelines.workers import NoWorkers, Workers
from schemas.corrections import Correction
from schemas.regions import frame as regions_frame
from warehouse.assembler import Assembled
from warehouse.assembler import assemble as assemble_warehouse
from warehouse.bucket import bucket_of
from warehouse.export import ExportSummary, export
from warehouse.files import write_if_changed
from warehouse.layout import Home, Partition
from warehouse.store import Content, PartitionManifest, manifest, manifests, write_partitions
from warehouse.store_bucket import STORE_VARIABLE, pull, push

_LOG = logging.getLogger("gongkai")


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


def jobs(sources: Iterable[Source]) -> tuple[Job, ...]:
    """The partitions that the sources belong to, sorted, each with its sources."""
    grouped: dict[Partition, list[Source]] = {}
    for source in sources:
        grouped.setdefault(Partition(source.city, source.year), []).append(source)
    return tuple(
        Job(partition, tuple(sorted(grouped[partition], key=lambda source: source.url)))
        for partition in sorted(grouped)
    )


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
    attached = _attached_sources(home, outcomes)
    if attached:
        outcomes += _fetched(home, attached, transport, say)
    return outcomes + _pictured(home, outcomes, transport, say)


def _fetched(
    home: Home, sources: Sequence[Source], transport: httpx.AsyncBaseTransport | None, say: Callable[[str], object]
) -> tuple[Outcome, ...]:
    outcomes = _asked(home, sources, transport, say, examine)
    register(home, (outcome.source for outcome in outcomes if outcome.capture is not None))
    return outcomes


def _asked(
    home: Home,
    sources: Sequence[Source],
    transport: httpx.AsyncBaseTransport | None,
    say: Callable[[str], object],
    accept: Callable[[Answer], str | None],
) -> tuple[Outcome, ...]:
    return fetch_all(
        sources,
        archive_of(home),
        now=lambda: datetime.now(UTC),
        progress=FetchLog(len(sources), say=say),
        limits=limits_of(home.root),
        transport=transport,
        state=home.work / "fetch",
        examine=accept,
    )


def _attached_sources(home: Home, outcomes: Sequence[Outcome]) -> list[Source]:
    """The attachments to fetch for pages that hold no report, as sources of the pages' partitions."""
    fetched = {outcome.source.url for outcome in outcomes}
    elsewhere = {source.url: (source.city, source.year) for source in registered(home)}
    found: dict[str, Source] = {}
    for outcome in outcomes:
        if outcome.capture is None:
            continue
        page = Captured(outcome.source, outcome.capture)
        try:
            url = _report_attached(home, page)
        except ArchiveError:
            continue  # its bytes are lost or damaged; the steps that read it say so
        if url is None or url in fetched:
            continue
        # What the catalogue says of an address counts, also where another page links it.
        if elsewhere.get(url, (page.source.city, page.source.year)) == (page.source.city, page.source.year):
            found[url] = replace(page.source, url=url)
    return [found[url] for url in sorted(found)]


def _report_attached(home: Home, page: Captured) -> str | None:
    """The address of the report that a captured page offers as a file and does not hold itself, or None."""
    content = archive_of(home).content(page.capture.sha256)
    if media_type(content) != HTML or not attachments(content, page.capture.final_url):
        return None
    itself = _recognition(home, page)
    if not isinstance(itself, Rejected):
        return None
    sure = itself.status == "not_a_report"  # news and lists link many files
    offered = report_attachment(content, page.capture.final_url, page.source.year, sure=sure)
    return offered.url if offered else None


_NEVER = frozenset({"missing", "wrong_type"})
"""Problems for which a picture will not be had at another time either."""


def _pictured(
    home: Home, outcomes: Sequence[Outcome], transport: httpx.AsyncBaseTransport | None, say: Callable[[str], object]
) -> tuple[Outcome, ...]:
    """Fetch the pictures of reports without tables in their text, and make each such page with them inside.

    Pictures are archived, but are no sources: by itself none of them is a report.
    """
    pages: dict[str, tuple[Captured, tuple[str, ...]]] = {}
    for outcome in outcomes:
        if outcome.capture is None:
            continue
        page = Captured(outcome.source, outcome.capture)
        with suppress(ArchiveError):  # its bytes are lost or damaged; the steps that read it say so
            if found := _pictures_of(home, page):
                pages[page.source.url] = page, found
    if not pages:
        return ()
    wanted = {url: replace(page.source, url=url) for page, urls in pages.values() for url in urls}
    fetched = _asked(home, [wanted[url] for url in sorted(wanted)], transport, say, examine_picture)
    late = {one.source.url for one in fetched if one.capture is None and one.problem not in _NEVER}
    # Without a picture that may still come the page would be another edition, with less in it.
    made = [_made(home, page, urls) for page, urls in pages.values() if not late.intersection(urls)]
    return fetched + tuple(outcome for outcome in made if outcome is not None)


def _made(home: Home, page: Captured, pictures: Sequence[str]) -> Outcome | None:
    """Archive and register a page with its pictures inside; None where none of them can show a table."""
    archive = archive_of(home)
    captures = {url: capture for url in pictures if (capture := archive.latest(url)) is not None}
    try:
        files = {url: archive.content(capture.sha256) for url, capture in captures.items()}
        content = page_with_pictures(archive.content(page.capture.sha256), page.capture.final_url, files)
    except ArchiveError:
        return None
    if content is None:
        return None
    source = replace(page.source, url=with_pictures_address(page.source.url))
    before = archive.latest(source.url)
    newest = max(capture.retrieved_at for capture in (page.capture, *captures.values()))
    made = archive.add(
        source.url, content, retrieved_at=newest, final_url=with_pictures_address(page.capture.final_url), origin="made"
    )
    register(home, [source])
    if before is None:
        return Outcome(source, "new", made)
    return Outcome(source, "unchanged" if before == made else "changed", made)


def _pictures_of(home: Home, page: Captured) -> tuple[str, ...]:
    """The pictures of a captured page that is a report without tables in its text or a file that has them."""
    content = archive_of(home).content(page.capture.sha256)
    if page.capture.origin == "made" or media_type(content) != HTML:
        return ()
    found = pictures(content, page.capture.final_url)
    if not found:
        return ()
    itself = _recognition(home, page)
    # News and lists show pictures too: only what says that it is a report, or says nothing at all, is followed.
    if not isinstance(itself, Rejected) or itself.status == "not_a_report" or _report_attached(home, page):
        return ()
    return found


def captured(home: Home, job: Job) -> tuple[Captured, ...]:
    """Every archived file version of the job's sources, oldest first per address."""
    archive = archive_of(home)
    return tuple(Captured(source, capture) for source in job.sources for capture in archive.captures(source.url))


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


def read_ahead(home: Home, work: Sequence[Job], pool: Workers) -> None:
    """Read what the jobs have unread in worker processes, each document within limits of time and memory.

    `read_job` then finds it done. A document that hangs, grows or kills its worker becomes unreadable, alone.

    Raises:
        NoWorkers: the workers are gone; what they had read by then is kept.
    """
    archive, shelf = archive_of(home), readings(home)
    unread = sorted({item.capture.sha256 for job in work for item in captured(home, job)})
    scheduled = []
    for sha256 in unread:
        if shelf.holds(sha256):
            continue
        with suppress(ArchiveError):  # lost or damaged bytes: `read_job` says so of their partition
            content = archive.content(sha256)
            scheduled.append((sha256, content, pool.read(content, sha256, recognition_answers(home))))
    for sha256, content, future in scheduled:
        _kept_reading(home, sha256, content, future.result)


def read_job(home: Home, job: Job) -> Read:
    """Read every archived file version of the partition that was not read by this code before."""
    found = [_about(home, item.capture.sha256) for item in captured(home, job)]
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
    found = [_outcome(home, item) for item in captured(home, job)]
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
    compared = [
        f"{known.partition.key} {file.sha256}"
        for known in manifests(home.store)
        for file in known.files
        if file.table in COMPARED
    ]
    name = hashlib.sha256("\n".join((validator_version(), *compared)).encode()).hexdigest()
    folder = home.work / "series"
    kept = folder / f"{name}.arrow"
    with suppress(OSError, pl.exceptions.ComputeError):  # not there, or cut off by a power failure: made again
        return pl.read_ipc(kept.read_bytes())
    found = series_findings(home.store)
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


def _reading(home: Home, sha256: str) -> Reading:
    shelf = readings(home)
    known = shelf.get(sha256)
    if known is not None:
        return known
    content = archive_of(home).content(sha256)
    with answers_kept_in(recognition_answers(home)):
        made = _kept_reading(home, sha256, content, lambda: read_packed(content, sha256))
    return made.document if isinstance(made, Packed) else made


def _about(home: Home, sha256: str) -> About | Unreadable:
    """What the document in archived bytes is, or why there is none; it is read if it was not."""
    known = abouts(home).get(sha256)
    if known is not None:
        return known
    reading = _reading(home, sha256)
    return about(reading) if isinstance(reading, Document) else reading


def _kept_reading(home: Home, sha256: str, content: bytes, make: Callable[[], Packed]) -> Packed | Unreadable:
    """What reading makes of archived bytes, or why it makes nothing, kept on the shelf if it is final."""
    try:
        made = make()
    except NoWorkers:
        raise
    except NeedsTool as error:
        wait_for(home, sha256, error.tool)
        return Unreadable(media_type(content), str(error))  # not kept: it is read once the program is there
    except UnreadableDocument as error:
        unreadable = Unreadable(media_type(content), str(error))
    except Exception as error:  # noqa: BLE001 - one document must never take the night's run with it
        unreadable = Unreadable(media_type(content), _bug("reader", sha256, error))
    else:
        readings(home).put_packed(sha256, made.content)
        abouts(home).put(sha256, made.about)
        wait_no_more(home, sha256)
        return made
    readings(home).put(sha256, unreadable)
    wait_no_more(home, sha256)
    return unreadable


def _recognition(home: Home, item: Captured) -> Recognition:
    shelf = recognitions(home)
    name = recognition_name(item.capture.sha256, item.source)
    known = shelf.get(name)
    if known is not None:
        return known
    reading = _reading(home, item.capture.sha256)
    if isinstance(reading, Unreadable):
        return Rejected("quarantined", reading.reason)  # the reading is kept, if it is final
    recognition = _recognise(reading, item.source)
    shelf.put(name, recognition)
    return recognition


def _outcome(home: Home, item: Captured) -> Recognition:
    """What was recognised in a file version; a page whose report is an attachment is none, but says where it is."""
    recognition = _recognition(home, item)
    if not isinstance(recognition, Rejected):
        return recognition
    if (url := _report_attached(home, item)) is None:
        return _in_pictures(home, item, recognition)
    if archive_of(home).latest(url) is None:
        return replace(recognition, reason=f"{recognition.reason}; its attachment {url} was not fetched: fetch again")
    return Rejected("not_a_report", f"the report is its attachment {url}")


def _in_pictures(home: Home, item: Captured, rejected: Rejected) -> Rejected:
    """Why a page without tables holds no report: it may be in its pictures."""
    wanted = _pictures_of(home, item)
    if not wanted:
        return rejected
    archive = archive_of(home)
    address = with_pictures_address(item.source.url)
    if archive.latest(address) is not None:
        return Rejected("not_a_report", f"the report is in the pictures of this page: {address}")
    missing = sum(archive.latest(url) is None for url in wanted)
    if missing:
        return replace(rejected, reason=f"{rejected.reason}; {missing} of its pictures were not fetched: fetch again")
    return replace(rejected, reason=f"{rejected.reason}; its pictures are too small or too many to be read")


def _recognise(reading: Document, source: Source) -> Recognition:
    try:
        return recognise(reading, source)
    except NotAReport as error:
        return Rejected("not_a_report", str(error))
    except (UnidentifiedReport, NoStatutoryTable) as error:
        return Rejected("quarantined", str(error))
    except Exception as error:  # noqa: BLE001 - one document must never take the night's run with it
        return Rejected("quarantined", _bug("recogniser", reading.sha256, error))


def _bug(step: str, sha256: str, error: Exception) -> str:
    described = f"{type(error).__name__}: {error}".splitlines()[0]
    return (
        f"the {step} failed on document {sha256[:12]} ({described}): this is a bug, please report it with the document"
    )


def _examined(home: Home, item: Captured) -> Examined:
    found = _about(home, item.capture.sha256)
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
        outcome=_outcome(home, item),
    )
