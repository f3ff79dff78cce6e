"""Heading rows that a page prints again: told from rows of their own, also where one was cut or read otherwise."""

from dataclasses import replace

import pytest
from printed import table

from pipelines.recognise.grid import Row, rows
from pipelines.recognise.page_breaks import without_repeated_heads

HEAD = [[("申请人情况", 2, 1), ("法人或其他组织", 1, 2)], ["科研机构", "社会公益组织"]]


def kept(lines: list, breaks: tuple[int, ...], guessed: bool = False) -> list[str]:
    """The first text of each row that is left."""
    printed = table(lines, breaks=breaks)
    cells = tuple(replace(cell, confidence=0.9 if guessed else None) for cell in printed.cells)
    found: tuple[Row, ...] = without_repeated_heads(rows(replace(printed, cells=cells)))
    return [row.own[-1].text for row in found]


def test_heading_rows_that_a_page_begins_with_are_dropped() -> None:
    lines = [*HEAD, ["新收", "1", "2"], *HEAD, ["结转", "3", "4"]]
    assert kept(lines, breaks=(3,)) == ["法人或其他组织", "社会公益组织", "2", "4"]


@pytest.mark.parametrize(("guessed", "dropped"), [(True, True), (False, False)])
def test_a_misread_sign_in_a_repeated_heading_of_a_scan_does_not_keep_it(guessed: bool, dropped: bool) -> None:
    # Report 2300 of the generator: 科研机构 was read as 料研机构 on one page.
    again = [HEAD[0], ["料研机构", "社会公益组织"]]
    found = kept([*HEAD, ["新收", "1", "2"], *again, ["结转", "3", "4"]], breaks=(3,), guessed=guessed)
    assert (found == ["法人或其他组织", "社会公益组织", "2", "4"]) is dropped


def test_heading_rows_that_a_page_break_cut_are_those_of_the_next_page() -> None:
    # Report 2300 of the generator: where the heading was cut, blank cells go on beside its lower row.
    cut = [[("申请人情况", 1, 1), ("法人或其他组织", 1, 2)], ["", "科研机构", "社会公益组织"]]
    found = kept([*cut, ["新收", "1", "2"], *HEAD, ["结转", "3", "4"]], breaks=(1, 3))
    assert found == ["法人或其他组织", "社会公益组织", "2", "4"]


def test_a_row_of_figures_is_no_repeated_heading_however_alike() -> None:
    lines = [["申请人情况一二三四五六", "数"], ["申请人情况一二三四五六", "7"]]
    assert kept(lines, breaks=(1,), guessed=True) == ["数", "7"]
