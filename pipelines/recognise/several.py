"""That a document holds the reports of two years or of two bodies, whose figures must never be mixed.

Belongs here: telling that a second report begins. Does not: what a title says (`pipelines.recognise.titles`), which
chapter a table is (`pipelines.recognise.kinds`).

A report is one document in the contract (`documents` is keyed by the file, `reports` has its hash), so that such a
file is not loaded but named with what to do. A title alone is no second report: web pages link last year's, and
texts name it. One counts if a table of chapter 3 follows it, as one does the title before.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from pipelines.read.document import Document, Paragraph, Table
from pipelines.recognise.kinds import kind
from pipelines.recognise.labels import closest
from pipelines.recognise.titles import Title, compact, printed_titles
from pipelines.recognise.unidentified import SeveralReports
from schemas.forms import Form

FIRST_ROW = "new_requests"
"""The row of chapter 3 that each report has once, and a part of its table on a further page has not."""
ALIKE = 0.85


@dataclass(frozen=True, slots=True)
class _Begun:
    """A report that begins in a document: its title, and the page it stands on (None in a web page)."""

    title: Title
    page: int | None


def check_only_one(document: Document, forms: tuple[Form, ...]) -> None:
    """Raise SeveralReports if a second report begins in the document, or two tables of chapter 3 disagree.

    The same table printed twice (as text and as an appendix) is no second report.
    """
    firsts = [(table, row) for table in document.tables if (row := _first_row(table, forms)) is not None]
    if len(firsts) < 2:
        return
    found = list(_with_tables(document, forms))
    for before, after in pairwise(found):
        if not _same(before.title, after.title):
            raise SeveralReports(
                f"the document holds two reports, {_named(before)} and {_named(after)}, each with its table of "
                "申请情况 (chapter 3); split it into one file for each, and take them in with `gongkai ingest`"
            )
    (table, row), *others = firsts
    for other, again in others:
        if row != again:
            raise SeveralReports(
                f"the document holds two tables of 申请情况 (chapter 3) that say different things: table {table.number}"
                f"{_where(table)} and table {other.number}{_where(other)}; if they are of two reports, split it into "
                "one file for each, and take them in with `gongkai ingest`"
            )


def _with_tables(document: Document, forms: tuple[Form, ...]) -> Iterator[_Begun]:
    """The reports that begin in the document, each with a table of chapter 3 before the next begins."""
    paragraphs = [(at, block) for at, block in enumerate(document.blocks) if isinstance(block, Paragraph)]
    titles = printed_titles(tuple(compact(paragraph.text) for _, paragraph in paragraphs))
    begun = {
        paragraphs[line][0]: _Begun(title, paragraphs[line][1].place.page)
        for line, title in titles
        if title.year is not None
    }
    last: _Begun | None = None
    for at, block in enumerate(document.blocks):
        last = begun.get(at, last)
        if last is not None and isinstance(block, Table) and _first_row(block, forms) is not None:
            yield last


def _first_row(table: Table, forms: tuple[Form, ...]) -> tuple[str, ...] | None:
    """What the first row of chapter 3 says, if it is in the table: its figures by column."""
    labels = [label for form in forms for label in form.outcomes if label.code == FIRST_ROW]
    head = next((cell for cell in table.cells if closest(cell.text, labels, at_least=ALIKE) is not None), None)
    if head is None or kind(table, forms) is None:
        return None
    return tuple(cell.text for cell in table.cells if cell.row == head.row and cell.column > head.column)


def _same(one: Title, other: Title) -> bool:
    """Whether two titles may be of one report: a title may leave out the body."""
    return one.year == other.year and (one.body == other.body or not one.body or not other.body)


def _named(report: _Begun) -> str:
    return report.title.text if report.page is None else f"{report.title.text} (page {report.page})"


def _where(table: Table) -> str:
    page = table.cells[0].place.page
    return "" if page is None else f" (page {page})"
