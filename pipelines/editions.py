"""Editions of reports: who changed which figures, and when.

Belongs here: comparing what was recognised in a report's file versions. Does not: deciding which edition is current
(`pipelines.validate.editions`), and reading documents.

A government that revises a published report rarely says so. The archive keeps every version, so the difference can
be told figure by figure, by the codes of the contract rather than by lines of text.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from difflib import SequenceMatcher

from pipelines.fetch.archive import Archive
from pipelines.fetch.archive_bucket import archive_of
from pipelines.jobs import Job
from pipelines.recognise.facts import Recognised, Section
from pipelines.steps import examined
from pipelines.validate.editions import editions as numbered
from pipelines.validate.examined import Examined
from schemas.codes import APPLICANT, CATEGORY, MEASURE, OUTCOME, PROCEEDING, RESULT, CodeList
from warehouse.layout import Home


@dataclass(frozen=True, slots=True)
class Change:
    """A difference between an edition and the one before it.

    Args:
        table: the table of the contract (`requests`), `sections` for text, or `identity`.
        row, column: codes of the figure; for text the chapter's topic, for `identity` the field.
        label: what it is, in the words of the form.
        before, after: what each edition says; None where it does not have it, "" where its cell is blank.
    """

    table: str
    row: str
    column: str
    label: str
    before: str | None
    after: str | None

    @property
    def said(self) -> str:
        """It in a line: what it is, before and after; of a long text its beginning."""
        return f"{self.label}: {_said(self.before)} → {_said(self.after)}"


@dataclass(frozen=True, slots=True)
class Edition:
    """A file version of a report, at the time when it appeared.

    Args:
        number: 1 for the first bytes seen of the report; bytes that come back have their old number.
        sha256: its bytes.
        url: the address it came from.
        retrieved_at: when it was first seen there.
        last_modified: what the server said of its last change, as it said it; None where it did not.
        problem: why there is no report in it; None where there is one.
        against: number of the edition that `changes` compares it with; None for the first and for unreadable ones.
        changes: what is different.
    """

    number: int
    sha256: str
    url: str
    retrieved_at: datetime
    last_modified: str | None
    problem: str | None
    against: int | None
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class History:
    """A report with its editions, oldest first.

    Args:
        publisher: whose report it is; the address where no edition of it could be read.
        region_code: division that the publisher governs or belongs to; empty where none could be read.
        title: its title as the newest readable edition prints it; empty where there is none.
        editions: at least two.
    """

    publisher: str
    region_code: str
    title: str
    editions: tuple[Edition, ...]


_SHOWN = 60
"""Characters shown of a text that changed."""


def _said(text: str | None) -> str:
    if text is None:
        return "(none)"
    if text == "":
        return "(blank)"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def histories(home: Home, job: Job) -> tuple[History, ...]:
    """The reports of a partition that have several editions, by publisher, each with what changed.

    Versions that this code did not read before are read first.

    Args:
        home: where archive and work lie.
        job: the partition and its sources.
    """
    found = sorted(examined(home, job), key=lambda item: (item.retrieved_at, item.source_url, item.sha256))
    places = {(one.examined.sha256, one.examined.source_url): one for one in numbered(found)}
    groups: dict[str, list[tuple[int, Examined]]] = {}
    for item in found:
        place = places[item.sha256, item.source_url]
        groups.setdefault(place.report_id or item.source_url, []).append((place.number, item))
    archive = archive_of(home)
    all_of_them = (_history(archive, group) for group in groups.values())
    return tuple(sorted((one for one in all_of_them if len(one.editions) > 1), key=lambda one: one.publisher))


def differences(before: Recognised, after: Recognised) -> tuple[Change, ...]:
    """What a report says differently from an earlier edition: identity, figures by their codes, and text."""
    return (
        *_changed(_identity(before), _identity(after)),
        *_changed(_figures(before), _figures(after)),
        *_changed_text(before.sections, after.sections),
    )


def _history(archive: Archive, group: Sequence[tuple[int, Examined]]) -> History:
    editions: list[Edition] = []
    last: dict[str, tuple[int, Examined]] = {}
    readable: dict[str, tuple[int, Recognised]] = {}
    newest: tuple[int, Recognised] | None = None
    seen: set[str] = set()
    for number, item in group:
        before = last.get(item.source_url)
        last[item.source_url] = (number, item)
        if before is None and item.sha256 in seen:
            continue  # the same bytes at a further address
        seen.add(item.sha256)
        base = readable.get(item.source_url) or newest
        report = item.outcome if isinstance(item.outcome, Recognised) else None
        editions.append(_edition(archive, number, item, base if report else None))
        if report is not None:
            newest = readable[item.source_url] = (number, report)
    identity = newest[1].identity if newest else None
    return History(
        publisher=identity.publisher if identity else group[0][1].source_url,
        region_code=identity.region_code if identity else "",
        title=identity.title if identity else "",
        editions=tuple(editions),
    )


def _edition(archive: Archive, number: int, item: Examined, base: tuple[int, Recognised] | None) -> Edition:
    captures = archive.captures(item.source_url)
    capture = next((one for one in captures if one.retrieved_at == item.retrieved_at), None)
    report = item.outcome if isinstance(item.outcome, Recognised) else None
    return Edition(
        number=number,
        sha256=item.sha256,
        url=item.source_url,
        retrieved_at=item.retrieved_at,
        last_modified=capture.header("last-modified") if capture else None,
        problem=None if isinstance(item.outcome, Recognised) else item.outcome.reason,
        against=base[0] if base else None,
        changes=differences(base[1], report) if base and report else (),
    )


# --- what a report says, by what it says it of --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Key:
    """What something is said of; `nth` tells apart what a document prints several times."""

    table: str
    row: str
    column: str
    label: str
    nth: int = 0


def _changed(before: Mapping[_Key, str], after: Mapping[_Key, str]) -> Iterator[Change]:
    """Differences in the order of the later edition, what it no longer has at the end."""
    for key in [*after, *(key for key in before if key not in after)]:
        was, is_now = before.get(key), after.get(key)
        if was != is_now:
            yield Change(key.table, key.row, key.column, key.label, was, is_now)


def _counted(said: Iterable[tuple[_Key, str]]) -> dict[_Key, str]:
    found: dict[_Key, str] = {}
    for key, value in said:
        nth = 0
        while (numbered_key := _Key(key.table, key.row, key.column, key.label, nth)) in found:
            nth += 1
        found[numbered_key] = value
    return found


_FIELDS = {
    "title": "标题",
    "publisher": "发布机构",
    "region": "行政区划",
    "period_start": "统计期始",
    "period_end": "统计期止",
    "published_on": "发布日期",
}


def _identity(report: Recognised) -> dict[_Key, str]:
    said = ((field, label, getattr(report.identity, field)) for field, label in _FIELDS.items())
    found = ((_Key("identity", field, "", label), str(value)) for field, label, value in said if value is not None)
    return _counted([*found, (_Key("identity", "form", "", "表式"), report.form)])


def _figures(report: Recognised) -> dict[_Key, str]:
    return _counted(
        [
            *(
                (
                    _Key(
                        "disclosures", one.category, one.measure, _label(CATEGORY, one.category, MEASURE, one.measure)
                    ),
                    _amount(one.value, one.unit),
                )
                for one in report.disclosures
            ),
            *(
                (
                    _Key(
                        "requests", one.outcome, one.applicant, _label(OUTCOME, one.outcome, APPLICANT, one.applicant)
                    ),
                    _amount(one.value),
                )
                for one in report.requests
            ),
            *(
                (
                    _Key("reviews", one.proceeding, one.result, _label(PROCEEDING, one.proceeding, RESULT, one.result)),
                    _amount(one.value),
                )
                for one in report.reviews
            ),
            *(
                (_Key("statistics", one.indicator, one.heading or "", one.label), _amount(one.value, one.unit or ""))
                for one in report.statistics
            ),
        ]
    )


def _label(rows: CodeList, row: str, columns: CodeList, column: str) -> str:
    return f"{rows.zh(row)} × {columns.zh(column)}"


def _amount(value: Decimal | int | None, unit: str = "") -> str:
    """A figure as text, trailing zeros left out; "" where the cell holds no number."""
    if value is None:
        return ""
    number = format(value, "f") if isinstance(value, Decimal) else str(value)
    return f"{number.rstrip('0').rstrip('.') if '.' in number else number} {unit}".strip()


# --- text ---------------------------------------------------------------------------------------------------------

_SENTENCE = re.compile(r"[^。！？；\n]+[。！？；]?")


def _changed_text(before: Sequence[Section], after: Sequence[Section]) -> Iterator[Change]:
    """The sentences of each chapter that changed; white space does not count."""
    was, is_now = _chapters(before), _chapters(after)
    for key in [*is_now, *(key for key in was if key not in is_now)]:
        old, new = was.get(key), is_now.get(key)
        heading = (new or old or ("", ()))[0]
        label = heading or key[0]
        if old is None or new is None:
            yield Change("sections", key[0], "", label, old and "".join(old[1]), new and "".join(new[1]))
            continue
        for operation, i1, i2, j1, j2 in SequenceMatcher(None, old[1], new[1], autojunk=False).get_opcodes():
            if operation != "equal":
                gone, come = "".join(old[1][i1:i2]), "".join(new[1][j1:j2])
                yield Change("sections", key[0], "", label, gone or None, come or None)


def _chapters(sections: Sequence[Section]) -> dict[tuple[str, int], tuple[str, tuple[str, ...]]]:
    """Heading and sentences of each chapter, by its topic and how many of that topic came before."""
    found: dict[tuple[str, int], tuple[str, tuple[str, ...]]] = {}
    for section in sections:
        nth = sum(topic == section.topic for topic, _ in found)
        sentences = ("".join(sentence.split()) for sentence in _SENTENCE.findall(section.text))
        found[section.topic, nth] = section.heading, tuple(sentence for sentence in sentences if sentence)
    return found
