"""The change report as a value: every source of a run in exactly one of four sections, proposals, and coverage.

Belongs here: what counts as failed, invalid, changed or unchanged. Does not: where the facts come from
(`pipelines.report.gather`), how they are worded (`pipelines.report.markdown`), or who is told (`notify`).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from pipelines.discover.proposals import Proposal
from pipelines.discover.source import Source
from pipelines.report.coverage import Coverage
from pipelines.report.journal import Fetched, Journal


@dataclass(frozen=True, slots=True)
class Held:
    """The newest version of an address in the warehouse.

    Args:
        status: a code of `schemas.codes.STATUS`.
        reason: why it is not loaded; None where it is.
        edition: which version of its report it is.
        retrieved_at: when these bytes were first retrieved.
        errors: the rules of severity error that its figures break, sorted.
    """

    status: str
    reason: str | None
    edition: int
    retrieved_at: datetime
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """A source in a section: what there is to say of it, and whether its bytes are new in this run."""

    source: Source
    detail: str = ""
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class ChangeReport:
    """What a run found.

    Args:
        on: the day of the run, in China.
        failed: sources that could not be had, or whose partition could not be redone.
        invalid: sources whose document is quarantined or no report, or whose figures break the form's arithmetic.
        changed: of the rest, those that are new or have other bytes than before.
        unchanged: all others.
        problems: how many addresses could not be had for which cause (`pipelines.fetch.problems`), the most first.
        received: bytes of documents that were transferred.
        redone: how many partitions were redone.
        proposed: sources newly proposed.
        waiting: how many proposals wait for a decision, with these.
        unlisted: listing pages that could not be had or read, with the reasons.
        coverage: expected against present.
    """

    on: date
    failed: tuple[Item, ...]
    invalid: tuple[Item, ...]
    changed: tuple[Item, ...]
    unchanged: tuple[Item, ...]
    problems: tuple[tuple[str, int], ...]
    received: int
    redone: int
    proposed: tuple[Proposal, ...]
    waiting: int
    unlisted: tuple[str, ...]
    coverage: Coverage

    @property
    def counts(self) -> dict[str, int]:
        """How many there are in each section, by its name."""
        return {
            "failed": len(self.failed),
            "invalid": len(self.invalid),
            "changed": len(self.changed),
            "unchanged": len(self.unchanged),
            "proposed": len(self.proposed),
        }


def change_report(
    on: date,
    sources: Iterable[Source],
    journal: Journal,
    held: Mapping[str, Held],
    waiting: Iterable[Proposal],
    coverage: Coverage,
) -> ChangeReport:
    """Sort every source of a run into its section.

    Args:
        on: the day of the run, in China.
        sources: the sources of the run: those asked for, and those archived before.
        journal: what the steps noted.
        held: what the warehouse holds of them, by address.
        waiting: the proposals that wait for a decision.
        coverage: expected against present.
    """
    whole = {source.url: source for source in sources}
    fetched = {note.url: note for note in journal.fetched}
    broken: dict[str, str] = {}
    for note in journal.broken:
        broken.setdefault(note.partition, f"{note.step}: {note.error}")
    carriers = _carriers(whole.values(), held)
    sections: dict[str, list[Item]] = {"failed": [], "invalid": [], "changed": [], "unchanged": []}
    for source in sorted(whole.values(), key=lambda each: (each.city, each.year, each.url)):
        outcome = fetched.get(source.url)
        known = held.get(source.url)
        is_new = _is_new(source, outcome.kind if outcome else None, known, journal)
        if outcome is not None and outcome.kind == "failed":
            sections["failed"].append(Item(source, outcome.reason or ""))
        elif f"{source.city}|{source.year}" in broken:
            sections["failed"].append(Item(source, broken[f"{source.city}|{source.year}"], is_new))
        elif known is not None and (problem := _problem(known, source.url in carriers)):
            sections["invalid"].append(Item(source, problem, is_new))
        elif is_new:
            sections["changed"].append(Item(source, _edition(known), is_new))
        else:
            sections["unchanged"].append(Item(source))
    waiting = tuple(waiting)
    return ChangeReport(
        on=on,
        failed=tuple(sections["failed"]),
        invalid=tuple(sorted(sections["invalid"], key=lambda item: not item.is_new)),
        changed=tuple(sections["changed"]),
        unchanged=tuple(sections["unchanged"]),
        problems=_problems(fetched.values()),
        received=sum(note.received for note in journal.fetched),
        redone=len(journal.stored),
        proposed=tuple(each for each in waiting if journal.proposed & set(each.addresses)),
        waiting=len(waiting),
        unlisted=tuple(f"{note.url}: {note.reason}" for note in journal.unlisted),
        coverage=coverage,
    )


def _problems(fetched: Iterable[Fetched]) -> tuple[tuple[str, int], ...]:
    found = Counter(note.problem for note in fetched if note.kind == "failed" and note.problem)
    return tuple(sorted(found.items(), key=lambda each: (-each[1], each[0])))


def _problem(known: Held, is_carrier: bool) -> str | None:
    if known.status == "quarantined":
        return known.reason or "quarantined"
    if known.status == "not_a_report" and not is_carrier:
        return known.reason or "no report"
    return f"breaks {', '.join(known.errors)}" if known.errors else None


def _edition(known: Held | None) -> str:
    if known is None:
        return ""
    return "first edition" if known.edition == 1 else f"edition {known.edition}"


def _carriers(sources: Iterable[Source], held: Mapping[str, Held]) -> set[str]:
    """The addresses of pages whose report is an attachment that is held as a report, and no others.

    An attachment is a source that says all that its page's does but the address.
    """
    alike: dict[tuple[object, ...], list[str]] = {}
    for source in sources:
        if source.publisher or source.title:
            said = (source.city, source.year, source.region_code, source.publisher, source.title)
            alike.setdefault(said, []).append(source.url)
    reports = {url for url, known in held.items() if known.status in ("loaded", "superseded")}
    return {url for urls in alike.values() if reports & set(urls) for url in urls}


def _is_new(source: Source, kind: str | None, known: Held | None, journal: Journal) -> bool:
    """Whether the bytes are new in this run; those that no request brought are, if they came after the run before."""
    if kind is not None:
        return kind in ("new", "changed")
    redone = f"{source.city}|{source.year}" in journal.stored
    return redone and known is not None and (journal.since is None or known.retrieved_at > journal.since)
