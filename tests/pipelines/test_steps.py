import hashlib
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from pipelines import documents as made_documents
from pipelines import steps
from pipelines.discover.source import Source
from pipelines.fetch.archive import Archive
from pipelines.fetch.register import register, registered
from pipelines.jobs import Job, captured, jobs
from pipelines.sample.site import SITE, sample_sources
from pipelines.steps import (
    assemble,
    data_version,
    fetch_jobs,
    is_current,
    pending,
    read_job,
    recognise_job,
    store_job,
    store_jobs,
    validate_job,
    validate_jobs,
)
from pipelines.validate.partition import Validated
from pipelines.work import NotValidated, take_validated
from warehouse.layout import Home, Partition
from warehouse.store import NoPartition, manifest, read_partition

START = datetime(2026, 1, 1, tzinfo=UTC)
PAGE = next(source for source in sample_sources() if source.url.endswith((".htm", ".html", ".shtml")))
"""A report of the sample that is a web page: quick to read."""
NOTICE = "<html><head><title>关于召开会议的通知</title></head><body><p>各单位：现将有关事项通知如下。</p></body></html>"


def document(source):
    return (SITE / source.url.split("/", 3)[3]).read_bytes()


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home")


def archive(home, source, *contents):
    """Put file versions of a source into the archive, a day apart; return the job of its partition."""
    for day, content in enumerate(contents):
        Archive(home.archive).add(source.url, content, retrieved_at=START + timedelta(days=day))
    register(home, [source])
    return Job(Partition(source.city, source.year), (source,))


def redo(home, job):
    """All steps of a partition."""
    read_job(home, job)
    recognise_job(home, job)
    validated = validate_job(home, job)
    store_job(home, job)
    return validated


def documents(home, job):
    rows = read_partition(home.store, job.partition, "documents")
    return {row["sha256"]: (row["status"], row["reason"]) for row in rows.iter_rows(named=True)}


def test_jobs_are_the_partitions_of_the_sources_sorted():
    one = Source("https://example.cn/b", "zhoukou-411600", 2022, "411600")
    found = jobs([one, replace(one, url="https://example.cn/a"), replace(one, year=2021)])
    assert [(job.partition.key, [source.url[-1] for source in job.sources]) for job in found] == [
        ("zhoukou-411600|2021", ["b"]),
        ("zhoukou-411600|2022", ["a", "b"]),
    ]
    assert jobs([]) == ()


def test_a_report_goes_from_the_archive_to_the_store(home):
    job = archive(home, PAGE, document(PAGE))
    read = read_job(home, job)
    assert (read.documents, read.pages, read.unreadable) == (1, 1, ())
    assert read.cells > 250
    assert recognise_job(home, job).rejected == ()
    validated = validate_job(home, job)
    assert isinstance(validated, Validated)
    assert store_job(home, job).rows("requests") == validated.count("requests") > 0
    assert is_current(home, job)
    assert pending(home, [job]) == ()


def test_a_partition_without_anything_archived_is_stored_empty(home):
    job = Job(Partition("zhoukou-411600", 2021), ())
    assert not is_current(home, job)
    redo(home, job)
    assert read_partition(home.store, job.partition, "documents").is_empty()
    assert is_current(home, job)


def test_what_was_read_and_recognised_before_is_not_read_again(home, monkeypatch):
    job = archive(home, PAGE, document(PAGE))
    redo(home, job)

    def unexpected(*_):
        raise AssertionError("read or recognised again")

    monkeypatch.setattr(made_documents, "read_packed", unexpected)
    monkeypatch.setattr(made_documents, "recognise", unexpected)
    before = manifest(home.store, job.partition)
    redo(home, job)
    assert manifest(home.store, job.partition) == before


def test_new_bytes_new_words_of_the_source_and_new_code_change_the_data_version(home, monkeypatch):
    job = archive(home, PAGE, document(PAGE))
    versions = [data_version(home, job)]
    renamed = Job(job.partition, (replace(PAGE, title="另一标题"),))
    versions.append(data_version(home, renamed))
    archive(home, PAGE, document(PAGE), document(PAGE) + b"<!-- -->")
    versions.append(data_version(home, job))
    for version in ("reader_version", "recogniser_version", "validator_version"):
        monkeypatch.setattr(steps, version, lambda: "another")
        versions.append(data_version(home, job))
    assert len(set(versions)) == len(versions)


def test_the_data_version_is_the_same_whatever_the_time_of_retrieval(home, tmp_path):
    job = archive(home, PAGE, document(PAGE))
    elsewhere = Home(tmp_path / "elsewhere")
    Archive(elsewhere.archive).add(PAGE.url, document(PAGE), retrieved_at=START + timedelta(days=99))
    assert data_version(elsewhere, job) == data_version(home, job)


def test_bytes_that_no_reader_reads_are_quarantined_with_what_to_do(home):
    job = archive(home, PAGE, b"\x89PNG\r\n\x1a\n" + bytes(100))
    read = read_job(home, job)
    assert read.documents == 0
    assert len(read.unreadable) == 1
    redo(home, job)
    ((status, reason),) = documents(home, job).values()
    assert status == "quarantined"
    assert "cannot be opened" in reason


def test_a_page_that_is_no_report_is_told_as_such(home):
    job = archive(home, PAGE, NOTICE.encode())
    assert len(recognise_job(home, job).rejected) == 1
    redo(home, job)
    assert [status for status, _ in documents(home, job).values()] == ["not_a_report"]


@pytest.mark.parametrize("step", ["read_packed", "recognise"])
def test_a_defect_of_ours_takes_one_document_not_the_partition(home, monkeypatch, step):
    original = getattr(made_documents, step)
    broken = document(PAGE) + b"<!-- broken -->"

    def failing(first, second):
        sha256 = second if step == "read_packed" else first.sha256
        if sha256 == hashlib.sha256(broken).hexdigest():
            raise ZeroDivisionError("division\nby zero")
        return original(first, second)

    monkeypatch.setattr(made_documents, step, failing)
    job = archive(home, PAGE, document(PAGE), broken)
    redo(home, job)
    (good, bad) = sorted(documents(home, job).values())
    assert good == ("loaded", None)
    assert bad[0] == "quarantined"
    assert "ZeroDivisionError: division" in bad[1]
    assert "this is a bug" in bad[1]
    assert read_partition(home.store, job.partition, "reports").height == 1


def test_a_partition_must_be_validated_before_it_is_stored(home):
    job = archive(home, PAGE, document(PAGE))
    with pytest.raises(NotValidated):
        store_job(home, job)
    with pytest.raises(NoPartition):
        read_partition(home.store, job.partition, "reports")


def test_a_partition_that_moved_away_is_emptied(home):
    """The catalogue is corrected: the source belongs to another year now."""
    job = archive(home, PAGE, document(PAGE))
    redo(home, job)
    empty = Job(job.partition, ())
    assert pending(home, [empty]) == (empty,)
    redo(home, empty)
    assert read_partition(home.store, job.partition, "reports").is_empty()


def test_what_is_validated_is_kept_for_the_store_with_its_version(home):
    job = archive(home, PAGE, document(PAGE))
    validated = validate_job(home, job)
    frames, version = take_validated(home, job.partition)
    assert version == data_version(home, job)
    assert all(frames[table].equals(rows) for table, rows in validated.frames.items())


def test_partitions_done_together_come_out_as_each_alone(home, tmp_path):
    alone = Home(tmp_path / "alone")
    sources = [source for source in sample_sources() if source.url.endswith((".htm", ".html", ".shtml"))][:3]
    for place in (home, alone):
        for source in sources:
            archive(place, source, document(source))
    together = jobs(sources)
    validate_jobs(home, together)
    store_jobs(home, together)
    for job in together:
        redo(alone, job)
        assert manifest(home.store, job.partition) == manifest(alone.store, job.partition)


def test_years_are_compared_anew_only_where_a_figure_has_changed(home, monkeypatch):
    job = archive(home, PAGE, document(PAGE))
    redo(home, job)
    assert assemble(home).rebuilt
    monkeypatch.setattr(steps, "series_findings", None)
    assert not assemble(home).rebuilt
    (kept,) = (home.work / "series").iterdir()
    kept.write_bytes(b"")  # a power failure
    with pytest.raises(TypeError, match="not callable"):
        assemble(home)


# --- fetching -------------------------------------------------------------------------------------------------------


def answering(answers):
    """A transport that answers from a mapping of address to content; all else is not found."""

    def answer(request):
        content = answers.get(str(request.url))
        if content is None:
            return httpx.Response(404, stream=httpx.ByteStream(b""))
        return httpx.Response(200, stream=httpx.ByteStream(content))

    return httpx.MockTransport(answer)


def test_what_was_fetched_is_archived_and_registered(home):
    job = Job(Partition(PAGE.city, PAGE.year), (PAGE, replace(PAGE, url=PAGE.url + "?gone")))
    first, gone = fetch_jobs(home, [job], transport=answering({PAGE.url: document(PAGE)}))
    assert (first.kind, gone.kind) == ("new", "failed")
    assert registered(home) == (PAGE,)
    assert [item.capture.sha256 for item in captured(home, job)] == [first.capture.sha256]


def test_a_source_that_cannot_be_had_again_stays_as_it_was(home):
    job = Job(Partition(PAGE.city, PAGE.year), (PAGE,))
    fetch_jobs(home, [job], transport=answering({PAGE.url: document(PAGE)}))
    redo(home, job)
    (outcome,) = fetch_jobs(home, [job], transport=answering({}))
    assert outcome.kind == "failed"
    assert registered(home) == (PAGE,)
    assert is_current(home, job)
    assert [status for status, _ in documents(home, job).values()] == ["loaded"]


def test_changed_bytes_make_a_partition_pending(home):
    job = Job(Partition(PAGE.city, PAGE.year), (PAGE,))
    fetch_jobs(home, [job], transport=answering({PAGE.url: document(PAGE)}))
    redo(home, job)
    (outcome,) = fetch_jobs(home, [job], transport=answering({PAGE.url: document(PAGE) + b"<!-- -->"}))
    assert outcome.kind == "changed"
    assert pending(home, [job]) == (job,)
    assert len(captured(home, job)) == 2


class Slow:
    """Workers that read when they are told to, and remember what they were given."""

    def __init__(self) -> None:
        self.given: list[str] = []
        self.futures: list[Future] = []
        self.contents: list[bytes] = []

    def read(self, content, sha256, answers=None):
        self.given.append(sha256)
        self.contents.append(content)
        self.futures.append(Future())
        return self.futures[-1]

    def finish(self) -> None:
        for future, content, sha256 in zip(self.futures, self.contents, self.given, strict=True):
            if not future.done():
                future.set_result(made_documents.read_packed(content, sha256))


def test_workers_go_on_while_one_of_them_has_a_document_that_takes_long(home, monkeypatch):
    work = [
        archive(home, replace(PAGE, url=f"https://example.cn/{year}", year=year), document(PAGE) + b" " * year)
        for year in (2021, 2022, 2023)
    ]
    pool = Slow()
    ahead = steps.read_ahead(home, work, pool)
    with ThreadPoolExecutor(1) as reader:
        first = reader.submit(next, ahead)
        while len(pool.given) < 3:  # all are given before the first is taken
            assert not first.done()
        pool.finish()
        assert [first.result(), *ahead] == work
    assert all(steps.readings(home).holds(sha256) for sha256 in pool.given)
    assert list(steps.read_ahead(home, work, Slow())) == work  # and nothing is left to be given


def test_workers_are_given_no_more_than_memory_can_hold(home, monkeypatch):
    work = [
        archive(home, replace(PAGE, url=f"https://example.cn/{year}", year=year), document(PAGE) + b" " * year)
        for year in (2021, 2022, 2023)
    ]
    monkeypatch.setattr(steps, "MOST_AHEAD", 1.5 * len(document(PAGE)))
    pool = Slow()
    with ThreadPoolExecutor(1) as reader:
        first = reader.submit(next, steps.read_ahead(home, work, pool))
        while len(pool.given) < 2:
            assert not first.done()
        pool.finish()
        assert first.result() == work[0]
    assert len(pool.given) == 2
