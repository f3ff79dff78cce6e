import random
from datetime import UTC, date, datetime
from itertools import chain

from pipelines.discover.proposals import Proposal
from pipelines.discover.source import Source
from pipelines.report.change import Held, change_report
from pipelines.report.coverage import Coverage
from pipelines.report.journal import Broken, Fetched, Journal, PageFailed, Proposed, Stored

BEFORE = datetime(2026, 1, 1, tzinfo=UTC)
SINCE = datetime(2026, 1, 2, tzinfo=UTC)
BEGAN = datetime(2026, 1, 3, tzinfo=UTC)


def source(name, year=2021, publisher=None):
    return Source(f"http://x.test/{name}", "zhoukou-411600", year, "411600", publisher or f"{name}局")


def held(status="loaded", reason=None, edition=1, at=BEFORE, errors=()):
    return Held(status, reason, edition, at, errors)


def report(sources, notes=(), known=(), waiting=(), since=SINCE):
    by_url = {f"http://x.test/{name}": value for name, value in dict(known).items()}
    journal = Journal(since, BEGAN, tuple(notes))
    return change_report(date(2026, 1, 3), sources, journal, by_url, waiting, Coverage((), ()))


def names(items):
    return [item.source.url.rpartition("/")[2] for item in items]


def fetched(name, kind, reason=None):
    return Fetched(f"http://x.test/{name}", kind, reason)


def test_every_source_is_in_one_section():
    sources = [source(name) for name in "abcdefgh"]
    found = report(
        sources,
        [
            fetched("a", "failed", "404"),
            fetched("b", "unchanged"),
            fetched("c", "changed"),
            fetched("d", "new"),
            fetched("e", "unchanged"),
            fetched("f", "unchanged"),
            fetched("g", "new"),
            Stored("zhoukou-411600|2021"),
        ],
        {
            "b": held("quarantined", "no table"),
            "c": held(edition=2),
            "d": held(),
            "e": held(errors=("requests.balance", "reviews.total")),
            "f": held(),
            "g": held("not_a_report", "news"),
            "h": held(),
        },
    )
    assert names(found.failed) == ["a"]
    assert [(item.detail, item.is_new) for item in found.invalid] == [
        ("news", True),
        ("no table", False),
        ("breaks requests.balance, reviews.total", False),
    ]
    assert [(item.detail, item.is_new) for item in found.changed] == [("edition 2", True), ("first edition", True)]
    assert names(found.unchanged) == ["f", "h"]
    assert found.counts == {"failed": 1, "invalid": 3, "changed": 2, "unchanged": 2, "proposed": 0}
    assert found.redone == 1


def test_causes_are_counted_and_bytes_added_up():
    notes = [
        Fetched("http://x.test/a", "failed", "404", "missing"),
        Fetched("http://x.test/b", "failed", "slow", "timeout"),
        Fetched("http://x.test/c", "failed", "slow", "timeout"),
        Fetched("http://x.test/d", "new", received=5),
        Fetched("http://x.test/e", "unchanged", received=7),
    ]
    found = report([source(name) for name in "abcde"], notes)
    assert found.problems == (("timeout", 2), ("missing", 1))
    assert found.received == 12


def test_the_order_of_sources_does_not_matter():
    sources = [source(name) for name in "abcdefgh"]
    notes = [fetched(name, "failed", "x") for name in "aceg"]
    expected = report(sources, notes)
    random.Random(1).shuffle(sources)  # noqa: S311
    assert report([*sources, *sources], notes) == expected
    assert len(list(chain(expected.failed, expected.unchanged))) == 8


def test_a_partition_that_could_not_be_redone_fails_all_its_sources():
    notes = [
        fetched("a", "changed"),
        Broken("read", "zhoukou-411600|2021", "KeyError: 1"),
        Broken("store", "zhoukou-411600|2021", "?"),
    ]
    found = report([source("a"), source("b", 2020)], notes, {"a": held()})
    assert [(item.detail, item.is_new) for item in found.failed] == [("read: KeyError: 1", True)]
    assert names(found.unchanged) == ["b"]


def test_a_page_whose_report_is_attached_is_not_invalid():
    page, attached = source("page.html", publisher="统计局"), source("a.pdf", publisher="统计局")
    known = {"page.html": held("not_a_report", "the report is its attachment"), "a.pdf": held()}
    assert names(report([page, attached], known=known).unchanged) == ["a.pdf", "page.html"]
    known["a.pdf"] = held("quarantined", "scan")
    assert names(report([page, attached], known=known).invalid) == ["a.pdf", "page.html"]


def test_another_address_of_a_report_is_not_invalid():
    assert names(report([source("a")], known={"a": held("superseded", "a newer edition is current")}).unchanged) == [
        "a"
    ]


def test_files_from_disk_are_new_once():
    known = {"a": held(at=datetime(2026, 1, 2, 12, tzinfo=UTC)), "b": held(at=BEFORE)}
    notes = [Stored("zhoukou-411600|2021")]
    assert names(report([source("a"), source("b")], notes, known).changed) == ["a"]
    assert names(report([source("a"), source("b")], notes, known, since=None).changed) == ["a", "b"]
    assert names(report([source("a"), source("b")], (), known).changed) == []


def test_proposals_and_pages_that_failed():
    waiting = [
        Proposal("http://x.test/1", "t", "http://l/", also_at=("http://m.test/1",)),
        Proposal("http://x.test/2", "t", "http://l/"),
    ]
    found = report([], [Proposed("http://m.test/1"), PageFailed("http://l/", "timeout")], waiting=waiting)
    assert [each.url for each in found.proposed] == ["http://x.test/1"]
    assert (found.waiting, found.unlisted) == (2, ("http://l/: timeout",))
