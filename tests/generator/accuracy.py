"""How accurate the pipeline is on generated reports, by kind of document.

python -m tests.generator.accuracy --count 200 --seed 1 [--kind pdf] [--only 17]
"""

import hashlib
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import gettempdir

import click

from pipelines.read.boxes import centre, holds
from pipelines.read.document import Box
from pipelines.read.reader import read
from pipelines.recognise.facts import Recognised
from pipelines.recognise.report import recognise
from pipelines.validate.examined import Examined
from pipelines.validate.partition import validate
from schemas.rules import BLANK, UNSURE
from tests.generator.documents import Generated
from tests.generator.docx_documents import docx_document
from tests.generator.figures import Finding, Key
from tests.generator.html_documents import html_document
from tests.generator.layouts import Printed
from tests.generator.ofd_documents import ofd_document
from tests.generator.pdf_documents import borderless_pdf_document, partly_ruled_pdf_document, pdf_document
from tests.generator.scans import ROUGH, as_rough_scan, as_scan, as_spread_scan
from tests.generator.xlsx_documents import xlsx_document
from warehouse.layout import Partition


def scan_document(seed: int) -> Generated:
    """The generated PDF of this seed, printed and scanned."""
    pdf = pdf_document(seed)
    return replace(pdf, kind="scan", content=as_scan(pdf.content, seed), places={})


def rough_scan_document(seed: int) -> Generated:
    """The generated PDF of this seed, printed, treated roughly and scanned."""
    pdf = pdf_document(seed)
    treatment = ROUGH[seed % len(ROUGH)]
    content = as_rough_scan(pdf.content, seed, treatment)
    return replace(pdf, kind="scan-rough", content=content, places={}, choices=(*pdf.choices, f"scan {treatment}"))


def spread_scan_document(seed: int) -> Generated:
    """The generated PDF of this seed, printed and scanned two pages side by side; landscape pages alone."""
    pdf = pdf_document(seed)
    return replace(pdf, kind="scan-spread", content=as_spread_scan(pdf.content, seed), places={})


KINDS: dict[str, Callable[[int], Generated]] = {
    "html": html_document,
    "docx": docx_document,
    "xlsx": xlsx_document,
    "ofd": ofd_document,
    "pdf": pdf_document,
    "pdf-borderless": borderless_pdf_document,
    "pdf-partly": partly_ruled_pdf_document,
    "scan": scan_document,
    "scan-rough": rough_scan_document,
    "scan-spread": spread_scan_document,
}
"""The generator of each kind of document."""


@dataclass(frozen=True, slots=True)
class Floor:
    """What a kind must reach: the share of cells that are right, and of documents that are flawless."""

    cells: float
    documents: float


FLOORS = {kind: Floor(1.0, 1.0) for kind in ("html", "docx", "xlsx", "ofd", "pdf")} | {
    "pdf-borderless": Floor(0.97, 0.88),
    "pdf-partly": Floor(0.97, 0.88),
    "scan": Floor(0.995, 0.0),
    "scan-rough": Floor(0.98, 0.0),
    "scan-spread": Floor(0.98, 0.0),
}
"""What each kind must reach over some 40 documents; raise it when reading gets better. Where the whole of a table may be
refused for what is not clear, no floor is 1: what counts is that nobody takes a wrong figure for right."""
SLOW = ("scan", "scan-rough", "scan-spread")
"""Kinds that take a minute a document, and are measured only when asked for."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What the pipeline made of a generated document, beside what it says.

    Args:
        document: the document.
        wrong: figures read differently: expected and found as text.
        missing: figures that were not found.
        surplus: figures found that the report does not print.
        misplaced: figures whose page or box is not that of their cell.
        not_found: findings that should have been.
        unfounded: findings that should not have been.
        identity: what is wrong with publisher, year and region.
        told: whether some finding is an error, or nothing was loaded: no user takes the figures for right.
        failure: why nothing was read at all; empty otherwise.
    """

    document: Generated
    wrong: tuple[str, ...] = ()
    missing: tuple[Key, ...] = ()
    surplus: tuple[Key, ...] = ()
    misplaced: tuple[Key, ...] = ()
    not_found: tuple[Finding, ...] = ()
    unfounded: tuple[Finding, ...] = ()
    identity: tuple[str, ...] = ()
    told: bool = True
    failure: str = ""

    @property
    def silent(self) -> bool:
        """Whether figures are wrong and no finding tells that something is."""
        return bool(self.wrong or self.surplus) and not self.told

    @property
    def right(self) -> int:
        """Figures read as printed."""
        return len(self.document.printed) - len(self.wrong) - len(self.missing)

    @property
    def flawless(self) -> bool:
        """Whether all of it is as it should be."""
        return not (
            self.wrong
            or self.missing
            or self.surplus
            or self.misplaced
            or self.not_found
            or self.unfounded
            or self.identity
            or self.failure
        )

    def problems(self) -> list[str]:
        """Everything that is not as it should be, a line each."""
        named = {
            "failure": (self.failure,) if self.failure else (),
            "wrong": self.wrong,
            "missing": self.missing,
            "surplus": self.surplus,
            "misplaced": self.misplaced,
            "not found": self.not_found,
            "unfounded": self.unfounded,
            "identity": self.identity,
        }
        return [f"{name} ({len(items)}): {_some(items)}" for name, items in named.items() if items]


def _some(items: Iterable[object]) -> str:
    told = [item if isinstance(item, str) else " ".join(map(str, item)) for item in items]  # type: ignore[attr-defined]
    return "; ".join(told[:6]) + (" ..." if len(told) > 6 else "")


def judge(document: Generated) -> Judged:
    """Put the document through read, recognise and validate, and compare."""
    sha256 = hashlib.sha256(document.content).hexdigest()
    try:
        recognised = recognise(read(document.content, sha256))
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is a result here
        failure = f"{type(error).__name__}: {error}"
        return Judged(
            document, missing=tuple(document.printed), not_found=tuple(sorted(document.findings)), failure=failure
        )
    found = _figures(recognised)
    wrong, misplaced = [], []
    for key, printed in document.printed.items():
        if key not in found:
            continue
        got, page, box = found[key]
        want = Printed("", printed.value, printed.unit, printed.note)
        if got != want:
            wrong.append(f"{'.'.join(key)}: {_shown(want)} read as {_shown(got)}")
        if printed.value is not None and key in document.places and not _inside(document.places[key], page, box):
            misplaced.append(key)
    severities, quarantined = _findings(document, recognised, sha256)
    if quarantined:
        return Judged(
            document, missing=tuple(document.printed), not_found=tuple(sorted(document.findings)), failure=quarantined
        )
    findings = frozenset(severities)
    return Judged(
        document,
        wrong=tuple(wrong),
        missing=tuple(key for key in document.printed if key not in found),
        surplus=tuple(key for key in found if key not in document.printed),
        misplaced=tuple(misplaced),
        not_found=tuple(sorted(document.findings - findings)),
        unfounded=tuple(sorted(findings - document.findings - _suspected(document))),
        identity=tuple(_identity(document, recognised)),
        told="error" in severities.values(),
    )


def _shown(printed: Printed) -> str:
    value = "nothing" if printed.value is None else f"{printed.value:f}"
    return " ".join(filter(None, (value, printed.unit, printed.note)))


def _figures(recognised: Recognised) -> dict[Key, tuple[Printed, int | None, Box | None]]:
    found: dict[Key, tuple[Printed, int | None, Box | None]] = {}
    for one in recognised.disclosures:
        place = one.ref.cell.place
        # Where glyphs are set apart, a PDF does not say whether a space is meant.
        printed = Printed("", one.value, one.unit, "".join(one.note.split()) if one.note else None)
        found["disclosures", one.category, one.measure] = printed, place.page, place.box
    counts = [
        *((("requests", one.outcome, one.applicant), one) for one in recognised.requests),
        *((("reviews", one.proceeding, one.result), one) for one in recognised.reviews),
    ]
    for key, one in counts:
        value = None if one.value is None else Decimal(one.value)
        found[key] = Printed("", value), one.ref.cell.place.page, one.ref.cell.place.box
    return found


def _inside(place: tuple[int, Box], page: int | None, box: Box | None) -> bool:
    """Whether the middle of where it was printed lies in the box that was found."""
    number, printed = place
    return page == number and box is not None and holds(box, centre(printed))


def _findings(document: Generated, recognised: Recognised, sha256: str) -> tuple[dict[Finding, str], str]:
    """The findings with their severities, and why the document is not loaded; empty where it is."""
    examined = Examined(
        sha256=sha256,
        source_url="https://example.invalid/",
        retrieved_at=datetime(2026, 1, 1, tzinfo=UTC),
        size_bytes=len(document.content),
        media_type=document.media_type,
        page_count=None,
        producer=None,
        reading="text",
        outcome=recognised,
    )
    partition = Partition(recognised.identity.city, recognised.identity.year)
    frames = validate(partition, [examined], "test").frames
    (status,), (reason,) = frames["documents"]["status"], frames["documents"]["reason"]
    rows = frames["findings"].select("rule", "subject", "severity")
    found = {(rule, subject): severity for rule, subject, severity in rows.iter_rows()}
    return found, "" if status == "loaded" else f"{status}: {reason}"


def _suspected(document: Generated) -> frozenset[Finding]:
    """The findings that a scan may have besides: where blanks excuse a sum that fails, a figure may be overlooked."""
    if document.kind not in SLOW:
        return frozenset()
    return frozenset((UNSURE.id, subject) for rule, subject in document.findings if rule == BLANK.id)


def _identity(document: Generated, recognised: Recognised) -> Iterable[str]:
    for name in ("publisher", "region_code", "region", "city", "year"):
        want, got = getattr(document.report, name), getattr(recognised.identity, name)
        if want != got:
            yield f"{name}: {want} read as {got}"
    if recognised.form != document.report.form:
        yield f"form: {document.report.form} read as {recognised.form}"


@click.command()
@click.option("--count", default=100, show_default=True, help="Documents of each kind.")
@click.option("--seed", default=1, show_default=True, help="Seed of the first; the others follow.")
@click.option("--kind", type=click.Choice(list(KINDS)), help="Only this kind.")
@click.option("--only", type=int, help="One seed: tell its choices, write it to the current folder, judge it.")
def main(count: int, seed: int, kind: str | None, only: int | None) -> None:
    """Measure the accuracy of read, recognise and validate on generated reports.

    Exits with 1 if a figure is wrong and no finding tells, or if a kind is below its floor (FLOORS).

    Example: python -m tests.generator.accuracy --count 200 --seed 1 --kind pdf
    """
    kinds = [kind] if kind else [name for name in KINDS if name not in SLOW]
    if only is not None:
        for name in kinds:
            _show(name, only)
        return
    missed: list[str] = []
    for name in kinds:
        judged = []
        for number in range(seed, seed + count):
            one = judge(KINDS[name](number))
            judged.append(one)
            if not one.flawless:
                click.echo(f"{name} {number}{': wrong and nothing tells' if one.silent else ''}")
                for problem in one.problems():
                    click.echo(f"    {problem}")
        _summarise(name, judged)
        missed += shortfalls(name, judged)
    for shortfall in missed:
        click.echo(shortfall, err=True)
    sys.exit(1 if missed else 0)


def shortfalls(kind: str, judged: Sequence[Judged]) -> list[str]:
    """What the documents of a kind do not reach that they must, a line each."""
    floor = FLOORS[kind]
    cells = sum(one.right for one in judged) / sum(len(one.document.printed) for one in judged)
    documents = sum(one.flawless for one in judged) / len(judged)
    silent = [one.document.seed for one in judged if one.silent]
    found = []
    if silent:
        found.append(f"{kind}: figures are wrong and no finding tells in {', '.join(map(str, silent))}")
    if cells < floor.cells:
        found.append(f"{kind}: {cells:.4%} of the cells are right, {floor.cells:.2%} must be")
    if documents < floor.documents:
        found.append(f"{kind}: {documents:.1%} of the documents are flawless, {floor.documents:.1%} must be")
    return found


def _summarise(kind: str, judged: list[Judged]) -> None:
    cells = sum(len(one.document.printed) for one in judged)
    right = sum(one.right for one in judged)
    expected = sum(len(one.document.findings) for one in judged)
    not_found = sum(len(one.not_found) for one in judged)
    click.echo(
        f"{kind}: documents {len(judged)} (flawless {sum(one.flawless for one in judged)}), cells {cells}, "
        f"right {right} ({right / cells:.4%}), wrong {sum(len(one.wrong) for one in judged)}, "
        f"missing {sum(len(one.missing) for one in judged)}, surplus {sum(len(one.surplus) for one in judged)}; "
        f"findings expected {expected}, found {expected - not_found}, "
        f"unfounded {sum(len(one.unfounded) for one in judged)}; identities wrong "
        f"{sum(bool(one.identity) for one in judged)}; reports with a wrong cell and no error finding "
        f"{sum(one.silent for one in judged)}"
    )


def _show(kind: str, seed: int) -> None:
    document = KINDS[kind](seed)
    name = Path(gettempdir()) / f"generated-{seed}.{kind.partition('-')[0]}"
    name.write_bytes(document.content)
    click.echo(f"{name}: {document.report.title}")
    for choice in document.choices:
        click.echo(f"  {choice}")
    for problem in judge(document).problems():
        click.echo(f"    {problem}")


if __name__ == "__main__":
    main()
