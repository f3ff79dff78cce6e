from dataclasses import replace
from itertools import permutations

import pytest
from made_reports import digest, examined, identity, recognised

from pipelines.validate.editions import editions, report_id
from pipelines.validate.examined import Rejected

REPORT = report_id(identity())
HERE, THERE = "https://example.cn/2021.html", "https://example.cn/2021.pdf"
QUARANTINED = Rejected("quarantined", "no table was found")


def version(name, **changes):
    return recognised(sha256=digest(name), **changes)


def as_scan(item):
    return replace(item, reading="ocr")


def became(*items):
    """Edition number, status and report of each version, in the order given."""
    known = {(edition.examined.sha256, edition.examined.source_url): edition for edition in editions(items)}
    return [
        (edition.number, edition.status, edition.report_id)
        for edition in (known[item.sha256, item.source_url] for item in items)
    ]


def test_the_id_of_a_report_is_region_year_and_a_hash_of_the_publisher():
    assert REPORT.startswith("411600-2021-")
    assert len(REPORT) == len("411600-2021-") + 8
    others = {report_id(identity("周口市公安局")), report_id(identity(year=2022)), report_id(identity(code="411602"))}
    assert len({REPORT, *others}) == 4


def test_the_only_version_is_loaded():
    (edition,) = editions([examined()])
    assert (edition.number, edition.status, edition.reason) == (1, "loaded", None)
    assert edition.recognised is not None


def test_a_revision_is_a_new_edition_and_the_old_one_is_superseded_with_a_reason():
    first, second = examined(version("a"), day=1), examined(version("b"), day=5)
    assert became(first, second) == [(1, "superseded", REPORT), (2, "loaded", REPORT)]
    old = editions([first, second])[0]
    assert old.recognised is None
    assert old.reason == f"replaced by the edition retrieved on 2022-01-05 from {HERE}"


def test_a_new_edition_that_cannot_be_loaded_leaves_the_old_one_loaded():
    first, second = examined(version("a"), day=1), examined(QUARANTINED, day=5, sha=digest("b"))
    assert became(first, second) == [(1, "loaded", REPORT), (2, "quarantined", REPORT)]
    assert editions([first, second])[1].reason == "no table was found"


def test_a_good_edition_after_a_quarantined_one_is_loaded():
    items = [
        examined(version("a"), day=1),
        examined(QUARANTINED, day=5, sha=digest("b")),
        examined(version("c"), day=9),
    ]
    assert became(*items) == [(1, "superseded", REPORT), (2, "quarantined", REPORT), (3, "loaded", REPORT)]


@pytest.mark.parametrize("status", ["quarantined", "not_a_report"])
def test_a_document_that_names_no_report_stands_by_itself(status):
    assert became(examined(Rejected(status, "why"))) == [(1, status, None)]


def test_the_same_bytes_from_two_addresses_are_one_edition_loaded_once():
    first, second = examined(version("a"), url=HERE, day=1), examined(version("a"), url=THERE, day=2)
    assert became(first, second) == [(1, "superseded", REPORT), (1, "loaded", REPORT)]
    assert editions([first, second])[0].reason == f"the same bytes are loaded from {THERE}"


def test_versions_of_one_report_at_two_addresses_are_its_editions():
    first, second = examined(version("a"), url=HERE, day=1), examined(version("b"), url=THERE, day=2)
    assert became(first, second) == [(1, "superseded", REPORT), (2, "loaded", REPORT)]


def test_a_scan_at_another_address_does_not_replace_the_text_of_the_report():
    text, scan = examined(version("a"), url=HERE, day=1), as_scan(examined(version("b"), url=THERE, day=5))
    assert became(text, scan) == [(1, "loaded", REPORT), (2, "superseded", REPORT)]
    assert editions([text, scan])[1].reason == f"a scan of the report that is loaded as text from {HERE}"


def test_a_scan_in_place_of_the_text_is_a_revision():
    text, scan = examined(version("a"), day=1), as_scan(examined(version("b"), day=5))
    assert became(text, scan) == [(1, "superseded", REPORT), (2, "loaded", REPORT)]


def test_a_text_replaces_a_scan_retrieved_later_at_another_address():
    scan, text = as_scan(examined(version("a"), url=THERE, day=5)), examined(version("b"), url=HERE, day=9)
    assert became(scan, text) == [(1, "superseded", REPORT), (2, "loaded", REPORT)]


def test_different_reports_do_not_displace_each_other():
    first = examined(version("a"), url=HERE)
    second = examined(version("b", identity=identity("周口市公安局")), url=THERE)
    assert [(number, status) for number, status, _ in became(first, second)] == [(1, "loaded"), (1, "loaded")]


def test_bytes_that_come_back_after_a_revision_are_the_edition_they_were_and_current():
    """A publisher takes a revision back, or two servers answer by turns: A, B, A."""
    first, second = examined(version("a"), day=1), examined(version("b"), day=5)
    known = editions([first, second, examined(version("a"), day=9)])
    assert [(one.examined.sha256, one.number, one.status) for one in known] == [
        (digest("a"), 1, "loaded"),
        (digest("b"), 2, "superseded"),
    ]
    # The document is dated by when its bytes were first seen, its return by the last time.
    assert known[0].examined.retrieved_at == first.retrieved_at
    assert known[1].reason == f"replaced by the edition retrieved on 2022-01-09 from {HERE}"


def test_the_order_of_arrival_is_that_of_retrieval():
    items = [
        examined(version("a"), day=1),
        examined(QUARANTINED, day=5, sha=digest("b")),
        examined(version("c"), day=9),
        examined(version("d"), url=THERE, day=3),
        examined(replace(version("e"), identity=identity("周口市公安局")), url="https://example.cn/ga.html", day=2),
    ]
    expected = set(zip([item.sha256 for item in items], became(*items), strict=True))
    for order in permutations(items):
        assert set(zip([item.sha256 for item in order], became(*order), strict=True)) == expected


def test_nothing_gives_nothing():
    assert editions([]) == ()
