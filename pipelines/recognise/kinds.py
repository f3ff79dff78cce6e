"""Which chapter of the form a table belongs to, by what it says rather than by the heading before it."""

from collections.abc import Iterable

from pipelines.read.document import Table
from pipelines.recognise.labels import closest
from pipelines.recognise.text import without_remarks
from schemas.forms import Form, Label

ALIKE = 0.85
LEAST = {"requests": 3, "reviews": 2, "disclosures": 2}
"""Labels of the form that a table must show to be taken for that chapter's."""


def kind(table: Table, forms: tuple[Form, ...]) -> str | None:
    """`disclosures`, `requests` or `reviews`; None for a table that is none of the form's."""
    texts = [without_remarks(cell.text) for cell in table.cells if cell.text]
    hits = {
        "requests": _hits(texts, [label for form in forms for label in _of_requests(form)]),
        "reviews": _hits(texts, [label for form in forms for label in (*form.proceedings, *_of_reviews(form))]),
        "disclosures": _hits(texts, [label for form in forms for label in _of_disclosures(form)]),
    }
    likeliest = max(hits, key=lambda name: hits[name])
    return likeliest if hits[likeliest] >= LEAST[likeliest] else None


def _of_requests(form: Form) -> Iterable[Label]:
    """The rows of chapter 3 that no other chapter shares a wording with."""
    return (label for label in form.outcomes if label.code not in {"other.other", "total_processed"})


def _of_reviews(form: Form) -> Iterable[Label]:
    return (label for label in form.results if label.code not in {"other", "total"})


def _of_disclosures(form: Form) -> Iterable[Label]:
    for block in form.blocks:
        yield from block.measures
        yield from block.categories


def _hits(texts: list[str], labels: list[Label]) -> int:
    """How many different labels the texts show."""
    found = {label.code for text in texts if (label := closest(text, labels, at_least=ALIKE)) is not None}
    return len(found)
