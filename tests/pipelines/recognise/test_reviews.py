from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from printed import PROCEEDINGS, RESULT_HEADS, RESULTS, reviews_table, table, table_rows

from pipelines.recognise.grid import rows
from pipelines.recognise.reviews import recognise_reviews
from schemas.forms import form

FORM = form("2021")
CODES = [(proceeding, result) for proceeding in PROCEEDINGS for result in RESULTS]
IN_ORDER = dict(zip(CODES, range(1, 16), strict=True))


def recognise(lines):
    found = recognise_reviews(table_rows(lines), FORM)
    return {(one.proceeding, one.result): one.value for one in found.figures}, found.odd_labels


def test_the_form_as_it_is_comes_out_whole():
    assert recognise(reviews_table()) == (IN_ORDER, ())


def test_every_figure_refers_to_its_printed_cell():
    figures = recognise_reviews(table_rows(reviews_table()), FORM).figures
    assert all(one.ref.cell.text == str(one.value) for one in figures)


@given(st.lists(st.one_of(st.integers(0, 10_000), st.sampled_from(["", "—", "/"])), min_size=15, max_size=15))
def test_blanks_and_dashes_are_cells_without_a_value(printed):
    expected = [value if isinstance(value, int) else None for value in printed]
    found, _ = recognise(reviews_table(printed))
    assert found == dict(zip(CODES, expected, strict=True))


def test_results_in_another_order_are_told_by_their_headings():
    lines = reviews_table()
    lines[2] = ["总计", *RESULT_HEADS[:4]] * 3
    found, odd = recognise(lines)
    assert found == {
        (proceeding, result): 5 * block + place + 1
        for block, proceeding in enumerate(PROCEEDINGS)
        for place, result in enumerate(("total", *RESULTS[:4]))
    }
    assert odd == ()


def test_proceedings_in_another_order_are_told_by_their_headings():
    lines = reviews_table()
    lines[:2] = [
        [("行政诉讼", 1, 10), ("行政复议", 2, 5)],
        [("未经复议直接起诉", 1, 5), ("复议后起诉", 1, 5)],
    ]
    found, odd = recognise(lines)
    assert found == dict(
        zip([(p, r) for p in (*PROCEEDINGS[1:], PROCEEDINGS[0]) for r in RESULTS], range(1, 16), strict=True)
    )
    assert odd == ()


def test_a_damaged_heading_leaves_the_form_s_order_and_is_told_once():
    lines = reviews_table()
    lines[0] = [("行政法复议", 2, 5), ("行政诉讼", 1, 10)]
    found, odd = recognise(lines)
    assert found == IN_ORDER
    assert [(one.expected, one.printed) for one in odd] == [("行政复议", "行政法复议")]


@pytest.mark.parametrize("damaged", ["", "结果", "维"])
def test_headings_that_say_nothing_plain_leave_the_form_s_order(damaged):
    lines = reviews_table()
    lines[2] = [damaged, *RESULT_HEADS[1:], *RESULT_HEADS * 2]
    found, _ = recognise(lines)
    assert found == IN_ORDER


def test_the_level_of_administrative_litigation_may_be_missing():
    lines = [
        [("行政复议", 1, 5), ("未经复议直接起诉", 1, 5), ("复议后起诉", 1, 5)],
        *reviews_table()[2:],
    ]
    assert recognise(lines) == (IN_ORDER, ())


def test_a_spacer_row_of_blanks_is_not_taken_for_the_figures():
    lines = reviews_table()
    lines.insert(3, [""] * 15)
    assert recognise(lines)[0] == IN_ORDER


def test_a_row_label_before_the_figures_changes_nothing():
    lines = reviews_table()
    lines[0].insert(0, ("", 3, 1))
    lines[3].insert(0, "数量")
    assert recognise(lines)[0] == IN_ORDER


def test_a_row_of_blanks_alone_still_has_every_cell():
    assert recognise(reviews_table([""] * 15))[0] == dict.fromkeys(CODES)


@pytest.mark.parametrize("width", [5, 10, 14])
def test_a_row_with_fewer_figures_than_the_form_yields_none(width):
    assert recognise(reviews_table(range(1, width + 1))) == ({}, ())


def test_text_among_the_figures_makes_no_row_of_figures():
    assert recognise(reviews_table([*range(1, 15), "见附件"])) == ({}, ())


def test_no_rows_yield_nothing():
    assert recognise([]) == ({}, ())


def test_a_second_row_of_figures_is_told_unless_it_is_the_same_again():
    figures = reviews_table()[-1]
    other = [str(number) for number in range(2, 17)]
    assert recognise_reviews(table_rows([*reviews_table(), figures]), FORM).unplaced == ()
    (told,) = recognise_reviews(table_rows([*reviews_table(), other]), FORM).unplaced
    assert [ref.cell.text for ref in told.refs] == other


def test_a_cell_that_recognition_garbled_does_not_take_the_others_with_it():
    # Report 900 of the generator: a slash read as an i cost fifteen figures.
    rows = table_rows(reviews_table([*range(1, 15), "i"]))
    read = tuple(
        replace(row, cells=tuple(replace(cell, confidence=0.3 if cell.text == "i" else 0.99) for cell in row.cells))
        for row in rows
    )
    found = {(one.proceeding, one.result): one.value for one in recognise_reviews(read, FORM).figures}
    assert found == IN_ORDER | {CODES[-1]: None}


HEADS = ("行政复议", "未经复议直接起诉", "复议后起诉")
FIGURES = [[str(5 * block + place + 1) for place in range(5)] for block in range(3)]
A_LINE_EACH = [["项目", "结果", "数量"]] + [
    [*([(HEADS[block], 5, 1)] if place == 0 else []), RESULT_HEADS[place], FIGURES[block][place]]
    for block in range(3)
    for place in range(5)
]
A_ROW_EACH = [["", *RESULT_HEADS], *([head, *figures] for head, figures in zip(HEADS, FIGURES, strict=True))]
STACKED = [
    *([(HEADS[0], 1, 5)], [*RESULT_HEADS], FIGURES[0], [("行政诉讼", 1, 5)]),
    *([(HEADS[1], 1, 5)], [*RESULT_HEADS], FIGURES[1]),
    *([(HEADS[2], 1, 5)], [*RESULT_HEADS], FIGURES[2]),
]
FIVE_OVER_TEN = [
    *([(HEADS[0], 1, 10)], [*((head, 1, 2) for head in RESULT_HEADS)], [*((text, 1, 2) for text in FIGURES[0])]),
    *([(HEADS[1], 1, 5), (HEADS[2], 1, 5)], [*RESULT_HEADS * 2], FIGURES[1] + FIGURES[2]),
]
SHAPES = {"a line each": A_LINE_EACH, "a row each": A_ROW_EACH, "stacked": STACKED, "five over ten": FIVE_OVER_TEN}


@pytest.mark.parametrize("lines", SHAPES.values(), ids=SHAPES)
def test_figures_in_several_rows_are_told_by_what_stands_over_and_before_them(lines):
    assert recognise(lines) == (IN_ORDER, ())


def test_bug_a_proceeding_over_stacked_figures_that_no_cell_spans_was_over_the_first_alone():
    lines = [
        line
        for head, figures in zip(HEADS, FIGURES, strict=True)
        for line in ([head, *[""] * 4], list(RESULT_HEADS), list(figures))
    ]
    assert recognise(lines) == (IN_ORDER, ())


@pytest.mark.parametrize("named", ["in the table", "above it"])
def test_the_proceedings_may_have_a_table_each(named):
    lines = [STACKED[:3], STACKED[4:7], STACKED[7:]]
    above = dict(enumerate(HEADS, 1)) if named == "above it" else {}
    parts = [table(part[1 if above else 0 :], number=number) for number, part in enumerate(lines, 1)]
    found = recognise_reviews(tuple(row for part in parts for row in rows(part)), FORM, above)
    assert {(one.proceeding, one.result): one.value for one in found.figures} == IN_ORDER
    assert [one.ref.table for one in found.figures] == [1] * 5 + [2] * 5 + [3] * 5


@pytest.mark.parametrize(
    "lines",
    [
        [*A_ROW_EACH[:3], ["复议后", *FIGURES[2]]],
        [*A_ROW_EACH, ["行政复议", "9", "9", "9", "9", "9"]],
        [*A_ROW_EACH[:3], [*A_ROW_EACH[3][:5], "见附件"]],
        [*A_ROW_EACH, ["调解", "1", "", "", "", ""]],
    ],
    ids=["a heading unknown", "a proceeding twice", "no number", "a row of other things"],
)
def test_nothing_is_taken_from_another_shape_that_is_not_wholly_told(lines):
    assert recognise(lines) == ({}, ())


def test_a_blank_column_beside_the_figures_is_none_of_them():
    assert recognise([[*line, ""] for line in A_LINE_EACH]) == (IN_ORDER, ())


def test_a_second_column_of_figures_is_not_chosen_between():
    assert recognise([[*line, "1" if position == 1 else ""] for position, line in enumerate(A_LINE_EACH)]) == ({}, ())


def test_a_garbled_cell_under_garbled_headings_is_told_by_the_order():
    # Report 1713 of the generator: 总计 was read as 总什, and a 16 as no figure.
    lines = reviews_table([*range(1, 15), "i"])
    lines[2] = [*RESULT_HEADS[:4], "总什"] * 3
    read = tuple(
        replace(row, cells=tuple(replace(cell, confidence=0.5) for cell in row.cells)) for row in table_rows(lines)
    )
    found = {(one.proceeding, one.result): one.value for one in recognise_reviews(read, FORM).figures}
    assert found == IN_ORDER | {CODES[-1]: None}


def test_bug_a_cell_too_many_shifted_the_figures_and_nothing_told():
    lines = reviews_table()
    lines[-1].insert(12, "12")
    (told,) = recognise_reviews(table_rows(lines), FORM).unplaced
    assert [ref.cell.text for ref in told.refs] == ["15"]


def test_bug_a_proceeding_over_lines_in_cells_not_merged_was_read_nowhere():
    # Reports 25228 and 27195 of the generator: rows set by styles, which merge no cells.
    lines = [
        [HEADS[block] if place == 0 else "", RESULT_HEADS[place], FIGURES[block][place]]
        for block in range(3)
        for place in range(5)
    ]
    assert recognise([["项目", "结果", "数量"], *lines]) == (IN_ORDER, ())


def test_blank_figures_say_nothing_of_those_beside_them():
    stack = [line for head in HEADS for line in ([(head, 1, 5)], [*RESULT_HEADS], ["", "", "3", "", "3"])]
    assert list(recognise(stack)[0].values()) == [None, None, 3, None, 3] * 3
