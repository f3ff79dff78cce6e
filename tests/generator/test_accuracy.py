"""What the measure of accuracy lets pass."""

from dataclasses import replace

from tests.generator.accuracy import FLOORS, KINDS, Judged, shortfalls
from tests.generator.pdf_documents import borderless_pdf_document


def right(count):
    return [Judged(borderless_pdf_document(1))] * count


def test_every_kind_has_a_floor():
    assert FLOORS.keys() == KINDS.keys()


def test_flawless_documents_fall_short_of_nothing():
    assert shortfalls("pdf-borderless", right(3)) == []


def test_a_wrong_figure_that_nothing_tells_of_never_passes():
    silent = Judged(borderless_pdf_document(1), wrong=("reviews: 1072 read as 107",), told=False)
    assert any("no finding tells" in line for line in shortfalls("pdf-borderless", [*right(99), silent]))
    assert shortfalls("pdf-borderless", [*right(99), replace(silent, told=True)]) == []


def test_a_refused_document_passes_until_there_are_too_many():
    document = borderless_pdf_document(1)
    refused = Judged(document, missing=tuple(document.printed), failure="NoStatutoryTable")
    assert shortfalls("pdf-borderless", [*right(99), refused]) == []
    assert shortfalls("pdf-borderless", [*right(1), refused])
    assert shortfalls("pdf", [*right(99), refused])
