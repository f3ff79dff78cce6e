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


@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(71, id="the last line of broken figures taken for a page number"),
        pytest.param(2, id="headings that end left of the figures of the block above"),
        pytest.param(4, id="headings of one group taken for those of another printed again"),
        pytest.param(7, id="a heading over several columns close above one of them"),
        pytest.param(14, id="a title and headings left of figures set right"),
        pytest.param(25, id="a title beside a block, between its headings and figures"),
        pytest.param(36, id="a heading over two rows beside headings of one"),
        pytest.param(39, id="a unit on the line under its number"),
        pytest.param(40, id="headings broken over pages beside whole ones"),
    ],
)
def test_a_table_without_rules_that_was_read_wrong(seed: int) -> None:
    judged = judge(borderless_pdf_document(seed))
    assert judged.flawless, "\n".join(judged.problems())


@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(1, id="dashes"),
        pytest.param(8, id="three lines"),
        pytest.param(2, id="frame and head, the head at the end of one page"),
        pytest.param(4, id="columns, and figures broken after a comma"),
        pytest.param(12, id="frame and rows"),
        pytest.param(27, id="columns of two cells"),
        pytest.param(40, id="frame and head, the head broken over pages"),
        pytest.param(64, id="columns, the unit apart from each figure"),
    ],
)
def test_a_partly_ruled_table_is_read(seed: int) -> None:
    judged = judge(partly_ruled_pdf_document(seed))
    assert judged.flawless, "\n".join(judged.problems())


@pytest.mark.parametrize("seed", [15, 34, 6013, 6024])
def test_a_figure_of_a_partly_ruled_table_is_never_wrong_without_an_error(seed: int) -> None:
    judged = judge(partly_ruled_pdf_document(seed))
    assert judged.told
    assert not judged.silent, "\n".join(judged.problems())
