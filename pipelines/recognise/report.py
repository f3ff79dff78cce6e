"""From a document to a report: identity, chapters, and the figures of the statutory tables by code."""

from collections import Counter
from dataclasses import dataclass

from pipelines.discover.source import Source
from pipelines.read.document import Document, Table
from pipelines.recognise.chapters import sections, stated_requests
from pipelines.recognise.disclosures import recognise_disclosures
from pipelines.recognise.facts import CellRef, Recognised
from pipelines.recognise.grid import Row, rows
from pipelines.recognise.identity import identify
from pipelines.recognise.kinds import kind
from pipelines.recognise.requests import recognise_requests
from pipelines.recognise.reviews import recognise_reviews
from schemas.forms import Form, all_forms


class NoStatutoryTable(Exception):  # noqa: N818 - the name states the situation
    """A report in which no table of a known form was found; the message says what was."""


RECOGNISER_VERSION = "1"
"""Raised whenever the same document would be recognised differently."""


def recognise(document: Document, source: Source | None = None) -> Recognised:
    """Recognise the report in a document.

    Args:
        document: the document as read.
        source: what the catalogue says of it, where it comes from there.

    Raises:
        UnidentifiedReport: it is no report, or its year or publisher cannot be told.
        NoStatutoryTable: chapter 3, which every form version has, is not in it.
    """
    identity = identify(document, source)
    forms = _by_likelihood(identity.year)
    statutory = _statutory(document, forms)
    if not statutory.requests:
        raise NoStatutoryTable(
            f"{len(document.tables)} tables were found, none of them 收到和处理政府信息公开申请情况 (chapter 3); "
            "the report may be an image, an attachment or of a form before 2019"
        )
    requests = recognise_requests(_rows(statutory.requests), forms[0])
    disclosures, odd_disclosures, versions = recognise_disclosures(_rows(statutory.disclosures), forms)
    reviews, odd_reviews = recognise_reviews(_rows(statutory.reviews), forms[0])
    chapters = sections(document.paragraphs)
    return Recognised(
        sha256=document.sha256,
        identity=identity,
        form=Counter(versions).most_common(1)[0][0] if versions else forms[0].version,
        disclosures=disclosures,
        requests=requests.figures,
        reviews=reviews,
        sections=chapters,
        tables=tuple(CellRef(table.number, cell) for table in statutory.all for cell in table.cells),
        odd_labels=odd_disclosures + requests.odd_labels + odd_reviews,
        unplaced=requests.unplaced,
        stated_requests=stated_requests(chapters),
    )


def _by_likelihood(year: int) -> tuple[Form, ...]:
    """The forms, that of the year first; reports keep an old form for years, and a few use a new one early."""
    return tuple(sorted(all_forms(), key=lambda form: (form.first_year > year, -form.first_year)))


@dataclass(frozen=True, slots=True)
class _Statutory:
    """The document's tables by the chapter they belong to."""

    disclosures: tuple[Table, ...]
    requests: tuple[Table, ...]
    reviews: tuple[Table, ...]

    @property
    def all(self) -> tuple[Table, ...]:
        return tuple(sorted(self.disclosures + self.requests + self.reviews, key=lambda table: table.number))


def _statutory(document: Document, forms: tuple[Form, ...]) -> _Statutory:
    kinds = [(table, kind(table, forms)) for table in document.tables]
    return _Statutory(
        *(
            tuple(table for table, found in kinds if found == name)
            for name in ("disclosures", "requests", "reviews")
        )
    )


def _rows(tables: tuple[Table, ...]) -> tuple[Row, ...]:
    return tuple(row for table in tables for row in rows(table))
