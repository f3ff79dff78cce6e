"""Validating a partition: structure first, then the figures; what fails in structure is quarantined, not dropped."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from pipelines.recognise.facts import Recognised
from pipelines.validate.corrections import Matched, corrected, listed, matched
from pipelines.validate.editions import editions
from pipelines.validate.examined import Examined, Rejected
from pipelines.validate.frames import Frames, build, split
from pipelines.validate.rules import findings
from schemas.corrections import Correction
from schemas.derive import ddl, model
from schemas.forms import expected_cells, form, has_chapters
from schemas.rules import RULES
from schemas.tables import PARTITIONED
from warehouse.layout import Partition
from warehouse.problems import schema_problems

LEAST_SHARE = 0.5
"""Less than this share of chapter 3's cells is no table that was read, but one that was mistaken."""


@dataclass(frozen=True, slots=True)
class Validated:
    """A partition's validated frames, one per partitioned table of the contract."""

    partition: Partition
    frames: Frames

    def count(self, table: str) -> int:
        """Rows of `table`."""
        return self.frames[table].height


@dataclass(frozen=True, slots=True)
class Material:
    """What a partition is made of: every file version, and the corrections declared for them."""

    partition: Partition
    examined: tuple[Examined, ...]
    corrections: tuple[Correction, ...] = ()


def validate(
    partition: Partition, examined: Sequence[Examined], reader_version: str, corrections: Sequence[Correction] = ()
) -> Validated:
    """Validate all file versions of a partition, with the corrections declared for them; see `validate_all`."""
    (validated,) = validate_all([Material(partition, tuple(examined), tuple(corrections))], reader_version)
    return validated


def validate_all(materials: Sequence[Material], reader_version: str) -> tuple[Validated, ...]:
    """Validate partitions, in the order given; each must be given once.

    A document whose rows break a table's declaration, or that holds less than half of chapter 3, is quarantined
    with the reason; an earlier good edition of its report then stays current. Figures that break the form's
    arithmetic are kept as printed, with findings; a correction stands beside the printed figure.

    The outcome is that of validating each by itself: together because pandera and the rules take as long over one
    partition as over a hundred.
    """
    placed = {
        one.partition: [_quarantined(item, _misplaced_or_too_little(one.partition, item)) for item in one.examined]
        for one in materials
    }
    known = {partition: editions(items) for partition, items in placed.items()}
    frames = build(known, reader_version)
    if _is_broken(frames):
        if len(materials) > 1:
            half = len(materials) // 2
            return validate_all(materials[:half], reader_version) + validate_all(materials[half:], reader_version)
        known = {
            partition: editions(
                [_quarantined(item, _broken_declaration(partition, item, reader_version)) for item in items]
            )
            for partition, items in placed.items()
        }
        frames = build(known, reader_version)
    declared = frames
    reports = [recognised for one in known.values() for edition in one if (recognised := edition.recognised)]
    matches = _matches(frames, materials)
    every = [match for of_one in matches.values() for match in of_one]
    frames = corrected(frames, every)
    frames["corrections"] = listed(matches)
    frames["findings"] = findings(frames, reports, every)
    accepted: Frames = {
        table: rows if (rows := frames[table]) is declared.get(table) else _accepted(table, rows)
        for table in PARTITIONED
    }
    parts = split(accepted, known)
    return tuple(Validated(one.partition, parts[one.partition]) for one in materials)


def _matches(frames: Frames, materials: Sequence[Material]) -> dict[Partition, tuple[Matched, ...]]:
    """What becomes of the corrections of each partition that has some."""
    asked = [one for one in materials if one.corrections]
    parts = split(frames, [one.partition for one in asked])
    return {one.partition: matched(parts[one.partition], one.corrections) for one in asked}


def _is_broken(frames: Frames) -> bool:
    return any(_problems(table, rows) for table, rows in frames.items())


def _accepted(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows, which pandera accepts; raises its SchemaError where they are not as declared: that is a bug here."""
    return rows if not _problems(table, rows) else model(table).validate(rows)


def rules_version() -> str:
    """Fingerprint of what tables and rules declare: a change of either redoes every partition."""
    declared = [statement for table in PARTITIONED for statement in ddl(table)] + [repr(rule) for rule in RULES]
    return hashlib.sha256("\n".join(declared).encode()).hexdigest()[:12]


def _quarantined(item: Examined, problem: str | None) -> Examined:
    """The file version as it is, or quarantined for a structural problem."""
    return item if problem is None else replace(item, outcome=Rejected("quarantined", problem))


def _misplaced_or_too_little(partition: Partition, item: Examined) -> str | None:
    if isinstance(item.outcome, Rejected):
        return None
    return _misplaced(partition, item.outcome) or _too_little(item.outcome)


def _misplaced(partition: Partition, report: Recognised) -> str | None:
    identity = report.identity
    if (identity.city, identity.year) == (partition.city, partition.year):
        return None
    return (
        f"the document is {identity.publisher}'s report on {identity.year} ({identity.city}), but it is expected "
        f"in {partition.key}: correct the source in the catalogue"
    )


def _too_little(report: Recognised) -> str | None:
    if not has_chapters(report.form):
        return None
    expected = len(expected_cells(form(report.form), "requests", several=False))
    found = len(report.requests)
    if found >= LEAST_SHARE * expected:
        return None
    return (
        f"only {found} of {expected} cells of chapter 3 could be placed: the table is damaged or of an unknown form; "
        "look at the document and, if its form is new, add it to schemas/forms"
    )


def _broken_declaration(partition: Partition, item: Examined, reader_version: str) -> str | None:
    """What pandera objects to in the rows of one document, as one line; None if nothing."""
    alone = build({partition: editions([item])}, reader_version)
    problems = [problem for table, rows in alone.items() for problem in _problems(table, rows)]
    if not problems:
        return None
    more = f" and {len(problems) - 3} more" if len(problems) > 3 else ""
    return f"its rows break the declared tables: {'; '.join(problems[:3])}{more}"


def _problems(table: str, rows: pl.DataFrame) -> list[str]:
    return [str(problem) for problem in schema_problems(table, rows)]
