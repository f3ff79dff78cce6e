"""Figures of tables without rules whose place is not clear: which ones a person must compare with the page."""

from dataclasses import replace

import pytest
from made_reports import DISCLOSURES, recognised
from test_scanned import found


def doubted(report, doubt, keys):
    """The report as if a table without rules had left the place of some figures unclear."""

    def read(figure):
        codes = tuple(getattr(figure, name) for name in figure.__slots__[:2])
        cell = replace(figure.ref.cell, doubt=doubt if codes in keys else None)
        return replace(figure, ref=replace(figure.ref, cell=cell))

    return replace(
        report,
        disclosures=tuple(map(read, report.disclosures)),
        requests=tuple(map(read, report.requests)),
        reviews=tuple(map(read, report.reviews)),
    )


@pytest.mark.parametrize("doubt", ["row", "extent", "unit"])
def test_a_figure_in_doubt_that_no_sum_contains_is_an_error(doubt):
    key = next(iter(DISCLOSURES))
    (row,) = found(doubted(recognised(), doubt, [key]))
    assert (row["rule"], row["severity"]) == ("form.incomplete", "error")
    assert row["subject"] == "disclosures." + ".".join(key)
    assert row["cell_ids"]


def test_a_sum_confirms_that_a_figure_is_whole():
    assert found(doubted(recognised(), "extent", [("granted", "natural_person")])) == []


def test_no_sum_confirms_which_row_a_figure_is_of():
    (row,) = found(doubted(recognised(), "row", [("granted", "natural_person")]))
    assert (row["severity"], row["subject"]) == ("error", "requests.granted.natural_person")
