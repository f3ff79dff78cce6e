from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.discover.source import Source
from pipelines.editions import Change, histories
from pipelines.fetch.archive import Archive
from pipelines.jobs import Job
from pipelines.sample.site import SITE, sample_sources
from warehouse.layout import Home, Partition

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
PAGE = next(source for source in sample_sources() if source.city == "hangzhou-330100")
CONTENT = (SITE / PAGE.url.split("/", 3)[3]).read_bytes()
ELSEWHERE = Source("http://elsewhere.invalid/1.html", PAGE.city, PAGE.year, PAGE.region_code)
RUBBISH = "<html><head><title>通知</title></head><body><p>各单位：现将有关事项通知如下。</p></body></html>".encode()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def job(home: Home, *versions: tuple[Source, bytes]) -> Job:
    """A partition whose addresses had these bytes, a day apart."""
    for day, (source, content) in enumerate(versions):
        Archive(home.archive).add(
            source.url,
            content,
            retrieved_at=NOON + timedelta(days=day),
            headers=(("last-modified", f"day {day}"),),
        )
    sources = tuple(dict.fromkeys(source for source, _ in versions))
    return Job(Partition(PAGE.city, PAGE.year), sources)


def revised(old: str, new: str) -> bytes:
    assert CONTENT.count(old.encode()) == 1, old
    return CONTENT.replace(old.encode(), new.encode())


def test_a_report_with_one_edition_has_no_history(home: Home) -> None:
    assert histories(home, job(home, (PAGE, CONTENT))) == ()
    assert histories(home, Job(Partition("zhoukou-411600", 2021), ())) == ()


def test_which_figure_changed_from_what_to_what_and_when(home: Home) -> None:
    before = figures()
    (history,) = histories(home, job(home, (PAGE, CONTENT), (PAGE, revised(before, f"{before}9"))))
    assert history.publisher == "杭州市人民政府"
    assert history.region_code == "330100"
    first, second = history.editions
    assert (first.number, first.against, first.changes) == (1, None, ())
    assert (second.number, second.against, second.problem) == (2, 1, None)
    assert second.retrieved_at == NOON + timedelta(days=1)
    assert second.last_modified == "day 1"
    assert second.changes
    (change,) = (one for one in second.changes if one.table != "sections")
    assert change.table in {"requests", "reviews", "disclosures"}
    assert (change.before, change.after) == (f"{before} 件", f"{before}9 件")
    assert "×" in change.label


def figures() -> str:
    """A number that is printed once in the page, in a cell."""
    import re
    from collections import Counter

    printed = Counter(re.findall(r"\d+", CONTENT.decode()))
    cells = re.findall(r"<td[^>]*>(?:<[^>]*>|\s)*(\d{3,})(?:<[^>]*>|\s)*</td>", CONTENT.decode())
    return next(cell for cell in cells if printed[cell] == 1 and CONTENT.count(cell.encode()) == 1)


def test_a_sentence_that_was_added_is_text_that_changed(home: Home) -> None:
    text = CONTENT.decode()
    at = text.index("。") + 1
    added = f"{text[:at]}另有一句新加的话。{text[at:]}".encode()
    (history,) = histories(home, job(home, (PAGE, CONTENT), (PAGE, added)))
    assert {change.table for change in history.editions[1].changes} == {"sections"}
    (change,) = history.editions[1].changes
    assert "另有一句新加的话。" in str(change.after)


def test_bytes_that_changed_without_changing_the_report_say_so(home: Home) -> None:
    counted = CONTENT + b"<!-- counter: 12345 -->"
    (history,) = histories(home, job(home, (PAGE, CONTENT), (PAGE, counted)))
    assert [(one.number, one.against, one.changes) for one in history.editions] == [(1, None, ()), (2, 1, ())]


def test_what_comes_instead_of_the_report_is_an_edition_without_one(home: Home) -> None:
    later = CONTENT + b" "
    (history,) = histories(home, job(home, (PAGE, CONTENT), (PAGE, RUBBISH), (PAGE, later)))
    assert [(one.number, bool(one.problem), one.against) for one in history.editions] == [
        (1, False, None),
        (2, True, None),
        (3, False, 1),
    ]


def test_a_revision_that_is_taken_back_is_told_as_such(home: Home) -> None:
    before = figures()
    found = job(home, (PAGE, CONTENT), (PAGE, revised(before, f"{before}9")), (PAGE, CONTENT))
    (history,) = histories(home, found)
    assert [(one.number, one.against) for one in history.editions] == [(1, None), (2, 1), (1, 2)]
    there, back = ([one for one in edition.changes if one.table != "sections"] for edition in history.editions[1:])
    assert back == [Change(one.table, one.row, one.column, one.label, one.after, one.before) for one in there]


def test_the_same_report_on_two_hosts_is_one_and_the_same_bytes_are_no_edition(home: Home) -> None:
    assert histories(home, job(home, (PAGE, CONTENT), (ELSEWHERE, CONTENT))) == ()
    changed = CONTENT + b" "
    (history,) = histories(home, job(home, (PAGE, CONTENT), (ELSEWHERE, CONTENT), (ELSEWHERE, changed)))
    assert [(one.number, one.url, one.against) for one in history.editions] == [
        (1, PAGE.url, None),
        (2, ELSEWHERE.url, 1),
    ]


def test_an_address_that_never_held_a_report_is_named_by_it(home: Home) -> None:
    (history,) = histories(home, job(home, (PAGE, RUBBISH), (PAGE, RUBBISH + b" ")))
    assert (history.publisher, history.region_code, history.title) == (PAGE.url, "", "")
    assert all(one.problem for one in history.editions)
