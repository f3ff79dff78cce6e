"""From a document to a report: identity, chapters, and the figures of the statutory tables by code."""

from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise

from pipelines.discover.source import Source
from pipelines.read.document import Document, Paragraph, Table
from pipelines.recognise.chapters import sections, stated_requests
from pipelines.recognise.disclosures import money_units, recognise_disclosures
from pipelines.recognise.facts import CellRef, Recognised, Section
from pipelines.recognise.grid import Row, rows
from pipelines.recognise.identity import Identity, identify
from pipelines.recognise.kinds import beside, goes_on, is_turned, kind, says_again, shows_most, turned, turned_cell
from pipelines.recognise.kinds import chapters as chapters_of
from pipelines.recognise.narrative import narrative
from pipelines.recognise.page_breaks import without_repeated_heads
from pipelines.recognise.prose import statistics_of_text
from pipelines.recognise.requests import RequestsTable, recognise_requests, with_copies
from pipelines.recognise.reviews import recognise_reviews
from pipelines.recognise.sentences import sentences
from pipelines.recognise.several import check_only_one
from pipelines.recognise.statistics import goes_on as statistics_go_on
from pipelines.recognise.statistics import is_statistics, recognise_statistics
from schemas.forms import Form, all_forms, statistics_forms


class NoStatutoryTable(Exception):  # noqa: N818 - the name states the situation
    """A report in which no table of a known form was found, though it should have one; the message says what was."""


FREE = "free"
"""The form of a report without tables."""

LAST_FREE_YEAR = 2019
"""From 2020 on every report has the form's tables (国办公开办函〔2019〕60号): one without was not read whole."""

LONGEST_BETWEEN = 40
"""Characters of a line between two parts of a table: a heading, or 续表."""

LEAST_CHAPTERS, LEAST_TEXT = 2, 150
"""Chapters and characters that the text of a report has; a page with less says that the report is attached."""


def recognise(document: Document, source: Source | None = None) -> Recognised:
    """Recognise the report in a document.

    Args:
        document: the document as read.
        source: what the catalogue says of it, where it comes from there.

    Raises:
        UnidentifiedReport: it is no report, or several, or its year or publisher cannot be told.
        NoStatutoryTable: chapter 3, which every form since 2019 has, is not in it; or, for an earlier year, there
            is neither a statistics table nor the text of a report.
    """
    identity = identify(document, source)
    forms = _by_likelihood(identity.year)
    check_only_one(document, forms)
    statutory = _statutory(document, forms)
    chapters = sections(document.paragraphs)
    if not statutory.requests:
        return _before_2019(document, identity, statutory.statistics, chapters)
    requests = _requests(statutory.requests, forms[0])
    disclosures = recognise_disclosures(_rows(statutory.disclosures), forms, money_units(document.blocks))
    reviews = recognise_reviews(_rows(statutory.reviews), forms[0], _above(document))
    of_table = recognise_statistics(statutory.statistics, statistics_forms(), identity.year, _above(document))
    return Recognised(
        sha256=document.sha256,
        identity=identity,
        form=Counter(disclosures.versions).most_common(1)[0][0] if disclosures.versions else forms[0].version,
        disclosures=disclosures.figures,
        requests=requests.figures,
        reviews=reviews.figures,
        sections=chapters,
        tables=tuple(CellRef(table.number, cell) for table in statutory.all for cell in table.cells),
        odd_labels=disclosures.odd_labels + requests.odd_labels + reviews.odd_labels + of_table.odd_labels,
        unplaced=disclosures.unplaced + requests.unplaced + reviews.unplaced + of_table.unplaced,
        stated_requests=stated_requests(chapters),
        statistics=of_table.figures,
        narrative=narrative(sentences(document.paragraphs), identity.year),
    )


def _before_2019(
    document: Document, identity: Identity, statistics: tuple[Table, ...], chapters: tuple[Section, ...]
) -> Recognised:
    """A report without chapter 3's table: with a statistics table, or as text alone."""
    text = sentences(document.paragraphs)
    stated = () if statistics else statistics_of_text(text, identity.year)
    if not statistics and not _is_text_of_report(identity.year, chapters, states_figures=bool(stated)):
        raise NoStatutoryTable(
            f"{len(document.tables)} tables were found, none of them 收到和处理政府信息公开申请情况 (chapter 3) or "
            "政府信息公开情况统计表; the report may be an image or an attachment of this page"
        )
    table = recognise_statistics(statistics, statistics_forms(), identity.year, _above(document))
    return Recognised(
        sha256=document.sha256,
        identity=identity,
        form=table.version if statistics else FREE,
        disclosures=(),
        requests=(),
        reviews=(),
        sections=chapters,
        tables=tuple(CellRef(one.number, cell) for one in statistics for cell in one.cells),
        odd_labels=table.odd_labels,
        unplaced=table.unplaced,
        stated_requests=(),
        statistics=table.figures + stated,
        narrative=narrative(text, identity.year),
    )


def _is_text_of_report(year: int, chapters: tuple[Section, ...], *, states_figures: bool) -> bool:
    """Whether a document without tables is a report nevertheless, as those of years without a form are."""
    if year > LAST_FREE_YEAR:
        return False
    if states_figures or year == LAST_FREE_YEAR:
        return states_figures
    written = [chapter for chapter in chapters if chapter.chapter > 0 and chapter.text]
    return len(written) >= LEAST_CHAPTERS and sum(len(chapter.text) for chapter in written) >= LEAST_TEXT


def _by_likelihood(year: int) -> tuple[Form, ...]:
    """The forms, that of the year first; reports keep an old form for years, and a few use a new one early."""
    return tuple(sorted(all_forms(), key=lambda form: (form.first_year > year, -form.first_year)))


@dataclass(frozen=True, slots=True)
class _Statutory:
    """The document's tables by the chapter they belong to."""

    disclosures: tuple[Table, ...]
    requests: tuple[Table, ...]
    reviews: tuple[Table, ...]
    statistics: tuple[Table, ...]

    @property
    def all(self) -> tuple[Table, ...]:
        found = self.disclosures + self.requests + self.reviews + self.statistics
        return tuple(sorted(found, key=lambda table: table.number))


def _statutory(document: Document, forms: tuple[Form, ...]) -> _Statutory:
    of_kind: dict[str, list[Table]] = {"disclosures": [], "requests": [], "reviews": [], "statistics": []}
    before: str | None = None
    for block in document.blocks:
        if isinstance(block, Paragraph):
            before = before if len(block.text) <= LONGEST_BETWEEN else None
            continue
        for part in (half for whole in chapters_of(block, forms) for half in beside(whole, forms)):
            before = _kind(part, forms) or (before if before and _goes_on(part, before, forms) else None)
            if before is not None:
                of_kind[before].append(part)
    return _Statutory(*(tuple(tables) for tables in of_kind.values()))


def _above(document: Document) -> dict[int, str]:
    """The line right above each table, by the table's number."""
    pairs = pairwise(document.blocks)
    return {
        table.number: line.text
        for line, table in pairs
        if isinstance(line, Paragraph) and isinstance(table, Table) and len(line.text) <= LONGEST_BETWEEN
    }


def _goes_on(table: Table, before: str, forms: tuple[Form, ...]) -> bool:
    """Whether a table that is none by itself is the next part of the one of kind `before`."""
    if before == "statistics":
        return statistics_go_on(table, statistics_forms())
    return goes_on(table, before, forms)


def _kind(table: Table, forms: tuple[Form, ...]) -> str | None:
    return "statistics" if is_statistics(table, statistics_forms()) else kind(table, forms)


def _requests(tables: tuple[Table, ...], form: Form) -> RequestsTable:
    """Chapter 3, once where its table is printed twice: as text and as an appendix."""
    whole = [table for table in tables if shows_most(table, form.outcomes)] if len(tables) > 1 else []
    copies = [table for table in whole[1:] if says_again(table, whole[0], form.outcomes)]
    found = _requests_as_printed(tuple(table for table in tables if table not in copies), form)
    return with_copies(found, (_requests_as_printed((copy,), form) for copy in copies))


def _requests_as_printed(tables: tuple[Table, ...], form: Form) -> RequestsTable:
    """Chapter 3, also where its applicants stand down the side: figures keep the cells that they are printed in."""
    on_side = {table.number for table in tables if is_turned(table, form)}
    upright = tuple(turned(table) if table.number in on_side else table for table in tables)
    found = recognise_requests(_rows(upright), form)
    if not on_side:
        return found

    def printed(ref: CellRef) -> CellRef:
        return replace(ref, cell=turned_cell(ref.cell)) if ref.table in on_side else ref

    return RequestsTable(
        tuple(replace(figure, ref=printed(figure.ref)) for figure in found.figures),
        tuple(replace(odd, ref=odd.ref and printed(odd.ref)) for odd in found.odd_labels),
        tuple(replace(row, refs=tuple(map(printed, row.refs))) for row in found.unplaced),
    )


def _rows(tables: tuple[Table, ...]) -> tuple[Row, ...]:
    return tuple(row for table in tables for row in without_repeated_heads(rows(table)))
