import pytest
from printed import table, table_rows

from pipelines.recognise.grid import above, holds_figure, holds_number, overlaps, rows

LINES = [
    [("申请人", 2, 1), ("数量", 1, 2)],
    ["自然人", "总计"],
    [("新收", 1, 1), "1", "2"],
]


def texts(cells):
    return [cell.text for cell in cells]


def test_a_row_has_the_cells_that_reach_into_it_from_above():
    found = table_rows(LINES)
    assert [texts(row.cells) for row in found] == [
        ["申请人", "数量"],
        ["申请人", "自然人", "总计"],
        ["新收", "1", "2"],
    ]
    assert [texts(row.own) for row in found] == [["申请人", "数量"], ["自然人", "总计"], ["新收", "1", "2"]]


def test_rows_know_their_table_their_place_and_where_a_page_begins():
    found = rows(table(LINES, number=4, breaks=(2,)))
    assert [(row.table, row.index, row.begins_page) for row in found] == [
        (4, 0, False),
        (4, 1, False),
        (4, 2, True),
    ]


def test_a_table_without_cells_has_no_rows():
    assert rows(table([])) == ()


@pytest.mark.parametrize(
    ("start", "end", "found"), [(0, 1, False), (1, 2, True), (2, 3, True), (3, 4, False), (0, 9, True), (1, 1, False)]
)
def test_a_spanning_cell_overlaps_the_columns_it_covers(start, end, found):
    spanning = table(LINES).cells[1]
    assert (spanning.text, spanning.column, spanning.column_span) == ("数量", 1, 2)
    assert overlaps(spanning, start, end) is found


def test_headings_over_a_figure_come_from_the_top_down_each_once():
    found = table_rows(LINES)
    label, first, last = found[2].cells
    assert texts(above(found, 2, last)) == ["数量", "总计"]
    assert texts(above(found, 2, first)) == ["数量", "自然人"]
    assert texts(above(found, 2, label)) == ["申请人"]


@pytest.mark.parametrize(
    ("printed", "figure", "number"),
    [("5", True, True), ("", True, False), ("—", True, False), ("自然人", False, False), ("5、6", False, False)],
)
def test_what_could_stand_in_a_column_of_figures(printed, figure, number):
    cell = table([[printed]]).cells[0]
    assert holds_figure(cell) is figure
    assert holds_number(cell) is number
