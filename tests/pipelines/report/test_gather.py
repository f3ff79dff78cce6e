"""A run over a partition of the sample, on loopback, step by step as Dagster calls them, and what it reports."""

import logging
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pipelines.defs.resources import Work
from pipelines.defs.steps import FLOW, WholeStep
from pipelines.report.coverage import FIRST_YEAR
from pipelines.report.gather import covered, gather, held, keep, report, today
from pipelines.report.journal import Broken, Fetched, begin, journal, note
from pipelines.sample.site import sample_sources
from warehouse.layout import Home

LOG = logging.getLogger("test")
KEY = "huaian-320800|2023"
PARTITION = [source for source in sample_sources() if f"{source.city}|{source.year}" == KEY]


def run(work):
    """Every step of the flow; what the steps say of themselves."""
    said = {}
    for step in FLOW:
        if isinstance(step, WholeStep):
            said[step.name] = dict(step.run(work, LOG))
        else:
            said[step.name] = [done.error for done in step.run(work, step.todo(work, None), LOG)]
    return said


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A home after two runs, with what each said and a digest of what must not change."""
    root = tmp_path_factory.mktemp("home")
    (root / "notify.toml").write_text('[[notify]]\nkind = "webhook"\nurl = "http://127.0.0.1:9/secret"\n')
    first = run(Work(home=str(root), catalogue="sample", partitions=[KEY]))
    kept = {path: path.read_bytes() for path in published(root)}
    second = run(Work(home=str(root), catalogue="sample", partitions=[KEY]))
    return Home(root), first, second, kept


def published(root):
    folders = (root / name for name in ("archive", "store", "exports"))
    return sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())


def counts(said):
    return {name: said["publish"][f"sources_{name}"] for name in ("failed", "invalid", "changed", "unchanged")}


def test_the_first_run_finds_all_new(runs):
    home, first, _, _ = runs
    assert len(PARTITION) == sum(counts(first).values()) == 2
    assert counts(first)["unchanged"] == 0
    text = (home.root / "reports" / f"{today(datetime.now(UTC))}.md").read_text(encoding="utf-8")
    assert "; 1 partitions redone, " in text
    assert first["publish"]["report"].md_str == text


def test_the_second_run_finds_none_new_and_changes_no_published_byte(runs):
    home, _, second, kept = runs
    assert counts(second)["changed"] == 0
    assert counts(second)["invalid"] + counts(second)["unchanged"] == 2
    assert {path: path.read_bytes() for path in published(home.root)} == kept
    assert second["store"] == []
    assert (second["publish"]["bytes_received"], second["publish"]["partitions_redone"]) == (0, 0)
    reported = journal(home).reported
    assert reported.result.endswith("; nothing changed: no document was transferred and no partition redone")
    assert Path(reported.path).read_text(encoding="utf-8").splitlines()[2] == f"{reported.result}."
    assert len(list((home.root / "reports").glob("*.md"))) == 2


def test_a_notifier_that_fails_is_told_and_fails_nothing(runs):
    _, first, _, _ = runs
    assert "Webhook failed" in first["publish"]["not_notified"].md_str
    assert "secret" not in first["publish"]["not_notified"].md_str


def test_discovering_is_shown(runs):
    _, first, _, _ = runs
    assert (first["discover"]["listing_pages"], first["discover"]["listed"]) == (1, 2)
    assert (first["discover"]["proposed"], first["discover"]["proposals"].md_str) == (0, "none")


def test_what_the_warehouse_holds(runs):
    home = runs[0]
    known = held(home)
    assert set(known) == {source.url for source in PARTITION}
    assert {each.status for each in known.values()} == {"loaded"}
    coverage = covered(home, date(2024, 6, 1))
    assert (coverage.years[0].year, coverage.years[0].others) == (2023, 1)


def test_a_home_without_anything(tmp_path):
    home = Home(tmp_path)
    made = gather(home, PARTITION, date(2024, 6, 1))
    assert made.counts == {"failed": 0, "invalid": 0, "changed": 0, "unchanged": 2, "proposed": 0}
    assert made.coverage.years[-1].year == FIRST_YEAR
    assert held(home) == {}


def test_a_report_is_kept_sent_and_ends_the_run(tmp_path, monkeypatch):
    monkeypatch.setenv("GONGKAI_NOTIFY_FILE", str(tmp_path / "latest.md"))
    home = Home(tmp_path / "home")
    night = datetime(2026, 1, 2, 18, 40, tzinfo=UTC)  # the next day in China
    begin(home, night)
    note(home, [Fetched(PARTITION[0].url, "failed", "404"), Broken("read", "x|2020", "?")])
    done = report(home, PARTITION, night)
    assert done.path == home.root / "reports" / "2026-01-03.md"
    assert done.path.read_text(encoding="utf-8") == done.text == (tmp_path / "latest.md").read_text(encoding="utf-8")
    assert (done.problems, done.report.counts["failed"]) == ((), 1)
    assert journal(home).ended == night
    assert report(home, PARTITION, night).text == done.text


def test_a_day_keeps_all_its_different_reports(tmp_path):
    home, on = Home(tmp_path), date(2026, 1, 3)
    names = [keep(home, on, text).name for text in ("a", "a", "b", "b", "c", "a")]
    assert names == [
        "2026-01-03.md",
        "2026-01-03.md",
        "2026-01-03-2.md",
        "2026-01-03-2.md",
        "2026-01-03-3.md",
        "2026-01-03-4.md",
    ]
    assert (tmp_path / "reports" / "2026-01-03.md").read_text() == "a"
