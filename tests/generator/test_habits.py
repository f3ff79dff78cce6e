"""Habits of offices that were once read wrong."""

import pytest

from tests.generator.accuracy import KINDS, judge


@pytest.mark.parametrize(
    ("kind", "seed"),
    [
        pytest.param("html", 43, id="a line for each figure of chapter 4 beside a blank column"),
        pytest.param("html", 52, id="the second half of chapter 3 beside a blank column"),
        pytest.param("html", 71, id="a blank row among the stacked blocks of chapter 4"),
        pytest.param("html", 3113, id="a part of one row and a blank one"),
        pytest.param("html", 25120, id="stacked proceedings of chapter 4 without merged cells"),
        pytest.param("docx", 13, id="a column of chapter 4 that is blank in each table"),
        pytest.param("docx", 23, id="a part of one row of dashes"),
        pytest.param("docx", 5023, id="a part of one row with text in it"),
        pytest.param("docx", 26159, id="a part of one row of blanks"),
        pytest.param("ofd", 24013, id="thousands parted by wide spaces in a table with rules"),
        pytest.param("xlsx", 13, id="a table for each proceeding under its name"),
        pytest.param("xlsx", 25054, id="blocks of chapter 2 side by side, all blank"),
        pytest.param("xlsx", 3108, id="halves of chapter 3 that look like copies"),
    ],
)
def test_a_habit_that_was_read_wrong(kind: str, seed: int) -> None:
    judged = judge(KINDS[kind](seed))
    assert judged.flawless, "\n".join(judged.problems())
