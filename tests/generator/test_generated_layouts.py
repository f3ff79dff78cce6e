"""Layouts that were once read wrong, and tables without rules: never a wrong figure that no finding tells of."""

import pytest

from tests.generator.accuracy import judge
from tests.generator.ofd_documents import ofd_document
from tests.generator.pdf_documents import borderless_pdf_document, partly_ruled_pdf_document


@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(114, id="a heading row ends the page and a blank row begins the next"),
        pytest.param(396, id="the left columns of a fragment are open at both page breaks"),
    ],
)
def test_an_ofd_layout_that_was_read_wrong(seed: int) -> None:
    judged = judge(ofd_document(seed))
    assert judged.flawless, "\n".join(judged.problems())


@pytest.mark.parametrize("seed", [1, 3, 5, 8])
def test_tables_without_rules_are_read(seed: int) -> None:
    judged = judge(borderless_pdf_document(seed))
    assert judged.flawless, "\n".join(judged.problems())


@pytest.mark.parametrize("seed", [1, 8])
def test_dashed_tables_and_those_of_three_lines_are_read(seed: int) -> None:
    judged = judge(partly_ruled_pdf_document(seed))
    assert judged.flawless, "\n".join(judged.problems())


@pytest.mark.parametrize("seed", [4, 9, 15, 27])
def test_a_figure_of_a_partly_ruled_table_is_never_wrong_without_an_error(seed: int) -> None:
    judged = judge(partly_ruled_pdf_document(seed))
    assert judged.told or not judged.wrong, "\n".join(judged.problems())
