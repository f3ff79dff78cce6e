from datetime import UTC, datetime

from pipelines.report.journal import Broken, Ended, Fetched, PageFailed, Proposed, Stored, begin, journal, note
from warehouse.layout import Home

FIRST = datetime(2026, 1, 1, 2, 30, tzinfo=UTC)
SECOND = datetime(2026, 1, 2, 2, 30, tzinfo=UTC)


def test_nothing_noted(tmp_path):
    said = journal(Home(tmp_path))
    assert (said.began, said.since, said.notes, said.ended) == (None, None, (), None)


def test_notes_come_back_as_they_were(tmp_path):
    home = Home(tmp_path)
    begin(home, FIRST)
    notes = [
        Fetched("http://a/?b=2&a=1", "failed", "超时 “404”\n"),
        Fetched("http://b/", "new"),
        Broken("read", "zhoukou-411600|2021", "ValueError: x"),
        Stored("zhoukou-411600|2020"),
        Proposed("http://c/"),
        PageFailed("http://d/", "404"),
    ]
    note(home, notes[:2])
    note(home, [])
    note(home, notes[2:])
    said = journal(home)
    assert said.notes == tuple(notes)
    assert (said.began, said.since) == (FIRST, None)
    assert said.stored == {"zhoukou-411600|2020"}
    assert said.proposed == {"http://c/"}
    assert (len(said.fetched), len(said.broken), len(said.unlisted)) == (2, 1, 1)


def test_a_run_knows_when_the_one_before_was_over(tmp_path):
    home = Home(tmp_path)
    begin(home, FIRST)
    begin(home, SECOND)
    assert journal(home).since == FIRST
    note(home, [Ended("2026-01-02T03:00:00+00:00")])
    begin(home, SECOND)
    assert journal(home).since == datetime(2026, 1, 2, 3, tzinfo=UTC)
    assert journal(home).notes == ()


def test_lines_cut_off_or_unknown_are_left_out(tmp_path):
    home = Home(tmp_path)
    begin(home, FIRST)
    note(home, [Stored("a|2020")])
    with (home.work / "run.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"note": "fetched", "url"\n[]\n{"note": "later"}\n{"note": "stored"}\n{"note": "fet')
    assert journal(home).notes == (Stored("a|2020"),)
