"""From a home after a run to its report: reading journal and warehouse, keeping the report as a file, sending it.

Belongs here: bringing together what the other modules do. Does not: what counts as changed (`change`), wording
(`markdown`), how it is sent (`notify`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import polars as pl

from pipelines.discover.pending import pending
from pipelines.discover.source import Source
from pipelines.editions import Change, histories
from pipelines.fetch.register import registered
from pipelines.jobs import jobs
from pipelines.report.change import ChangeReport, Held, Item, change_report
from pipelines.report.coverage import Coverage, Present, coverage
from pipelines.report.journal import Ended, journal, note
from pipelines.report.markdown import markdown, result, subject
from pipelines.report.notify import Message, notifiers, tell
from warehouse.files import write_if_changed
from warehouse.layout import Home, Partition
from warehouse.reader import open_warehouse

CHINA = timezone(timedelta(hours=8))
"""The time of all of China, by which statutory dates count."""

MOST_CHANGES = 5
"""Changes of a revised report that are told; `gongkai editions` has them all."""

_HELD = """
    SELECT d.source_url, d.sha256, d.status, d.reason, d.edition, d.retrieved_at,
        list_sort(list_distinct(list(f.rule) FILTER (f.rule IS NOT NULL))) AS errors
    FROM documents d
    LEFT JOIN findings f ON f.report_id = d.report_id AND f.severity = 'error' AND d.status = 'loaded'
    GROUP BY ALL
    ORDER BY d.source_url, d.retrieved_at, d.sha256
"""


@dataclass(frozen=True, slots=True)
class Reported:
    """A report that was made: its value, its text, its file, and whom it could not be sent to and why."""

    report: ChangeReport
    text: str
    path: Path
    problems: tuple[str, ...]


def report(home: Home, sources: Iterable[Source], now: datetime | None = None) -> Reported:
    """Report the run just done: keep the report as a file, send it, and note in the journal that the run is over.

    Args:
        home: where archive, journal and warehouse lie.
        sources: the sources of the run: those asked for, and those archived before.
        now: the time, with a time zone; the present where None.

    Raises:
        OSError: the file cannot be written. A notifier that fails raises nothing; it is among the problems.
    """
    now = now or datetime.now(UTC)
    made = gather(home, sources, today(now))
    text = markdown(made)
    path = keep(home, made.on, text)
    note(home, [Ended(now.astimezone(UTC).isoformat(), result(made), str(path))])
    to, problems = notifiers(home)
    return Reported(made, text, path, (*problems, *tell(Message(subject(made), text, made.counts), to)))


def gather(home: Home, sources: Iterable[Source], on: date) -> ChangeReport:
    """The report of the run just done.

    Args:
        home: where archive, journal and warehouse lie; a warehouse that does not exist holds nothing.
        sources: the sources of the run: those asked for, and those archived before.
        on: the day of the run, in China.
    """
    known = held(home)
    made = change_report(on, sources, journal(home), known, pending(home), covered(home, on))
    new = [item.source for item in (*made.changed, *made.invalid) if item.is_new]
    told = revisions(home, [source for source in new if source.url in known and known[source.url].edition > 1])
    return replace(made, changed=_with(told, made.changed), invalid=_with(told, made.invalid))


def revisions(home: Home, sources: Sequence[Source]) -> dict[str, str]:
    """What the newest edition of each address says differently from the one before, where it has one."""
    addresses = {source.url for source in sources}
    partitions = {Partition(source.city, source.year) for source in sources}
    affected = [job for job in jobs(registered(home)) if job.partition in partitions]
    newest = {
        edition.url: edition
        for job in affected
        for history in histories(home, job)
        for edition in history.editions
        if edition.url in addresses and edition.against is not None
    }
    return {url: _changes(edition.changes) for url, edition in newest.items()}


def _changes(changes: Sequence[Change]) -> str:
    if not changes:
        return "no figure and no sentence changed"
    more = f"; and {len(changes) - MOST_CHANGES} more" if len(changes) > MOST_CHANGES else ""
    return "; ".join(change.said for change in changes[:MOST_CHANGES]) + more


def _with(told: Mapping[str, str], items: Iterable[Item]) -> tuple[Item, ...]:
    """The items, those that are revisions with what changed."""
    return tuple(
        replace(item, detail=": ".join(filter(None, (item.detail, told.get(item.source.url) if item.is_new else None))))
        for item in items
    )


def held(home: Home) -> dict[str, Held]:
    """The newest version of every address in the warehouse."""
    if not home.database.exists():
        return {}
    rows = open_warehouse(home.database).query(_HELD)
    return {
        row["source_url"]: Held(
            row["status"], row["reason"], row["edition"], row["retrieved_at"], tuple(row["errors"] or ())
        )
        for row in rows.iter_rows(named=True)
    }


def covered(home: Home, on: date) -> Coverage:
    """Expected cities and years against the reports in the warehouse."""
    rows = pl.DataFrame()
    if home.database.exists():
        rows = open_warehouse(home.database).query(
            "SELECT region_code, publisher, level, city, year FROM reports ORDER BY ALL"
        )
    return coverage((Present(**row) for row in rows.iter_rows(named=True)), on)


def today(now: datetime) -> date:
    """The day it is in China at a time."""
    return now.astimezone(CHINA).date()


def keep(home: Home, on: date, text: str) -> Path:
    """Keep a report's text as `reports/<day>.md`; a further run of a day has a file of its own (`<day>-2.md`).

    A text that the day's newest file has already is not kept again.
    """
    folder = home.root / "reports"
    number = 1
    while (newest := _file(folder, on, number)).exists() and _file(folder, on, number + 1).exists():
        number += 1
    if newest.exists() and newest.read_bytes() != text.encode():
        newest = _file(folder, on, number + 1)
    write_if_changed(newest, text.encode())
    return newest


def _file(folder: Path, on: date, number: int) -> Path:
    return folder / (f"{on.isoformat()}.md" if number == 1 else f"{on.isoformat()}-{number}.md")
