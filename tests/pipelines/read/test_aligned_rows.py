"""Rows of tables that no rules part: which lines are one label, which figures one number."""

from hypothesis import given
from hypothesis import strategies as st

from pipelines.read.aligned.rows import Figure, Level, TextLine, goes_on, is_broken_off, is_put_together, paired
from pipelines.read.aligned.words import is_ordinal


def line(height, text, band=0):
    return TextLine(height, 0.0, float(len(text)), text, band)


def level(height, *texts, band=0):
    return Level(
        height, tuple(Figure(at, 20.0 * at, 20.0 * at + len(text) / 2, text) for at, text in enumerate(texts)), band
    )


@given(st.integers(min_value=1000, max_value=10**9), st.data())
def test_a_number_broken_anywhere_goes_on(number, data):
    printed = f"{number:,}"
    at = data.draw(st.integers(min_value=1, max_value=len(printed) - 1))
    assert goes_on(printed[:at], printed[at:])


@given(st.integers(min_value=1000, max_value=10**9), st.integers(min_value=0, max_value=9999))
def test_a_number_whose_thousands_are_whole_is_never_lengthened(number, other):
    assert not goes_on(f"{number:,}", str(other))
    assert not is_broken_off(f"{number:,}")


@given(st.integers(min_value=1000, max_value=10**9))
def test_a_number_that_ends_within_its_thousands_is_broken_off(number):
    printed = f"{number:,}"
    for missing in (1, 2, 3):
        assert is_broken_off(printed[:-missing])


def test_full_width_digits_and_commas_are_broken_off_too():
    assert is_broken_off("３１，６６")
    assert goes_on("３１，６６", "７")


def test_a_dash_does_not_go_on_a_number():
    assert not goes_on("107", "—")
    assert not goes_on("—", "2")


def test_the_figures_of_two_close_rows_stay_two_figures():
    rows = paired([line(0.0, "行政处罚"), line(1.2, "行政强制")], [level(0.0, "35,150"), level(1.2, "50")])
    assert [(row.lines, row.levels) for row in rows] == [((0, 1), (0, 1)), ((1, 2), (1, 2))]


def test_a_figure_over_two_lines_is_one_row_with_its_label():
    rows = paired([line(0.6, "（七）总计")], [level(0.0, "90,88"), level(1.2, "8")])
    assert [(row.lines, row.levels) for row in rows] == [((0, 1), (0, 2))]


def test_a_unit_under_its_figure_is_of_it():
    (row,) = paired([], [level(0.0, "428", "0件"), level(1.2, "件")])
    assert row.levels == (0, 2)


def test_a_label_at_the_height_of_its_figures_is_not_doubtful():
    rows = paired([line(0.0, "1.属于国家秘密"), line(3.0, "2.属于行政查询")], [level(0.0, "1"), level(3.0, "2")])
    assert not any(row.doubtful for row in rows)


def test_a_label_off_the_height_of_its_figures_is_doubtful():
    rows = paired([line(0.0, "1.属于国家秘密"), line(3.0, "2.属于行政查询")], [level(0.5, "1"), level(3.0, "2")])
    assert any(row.doubtful for row in rows)


def test_a_number_is_put_together_where_only_its_place_shows_it():
    assert is_put_together(["107", "2"])
    assert not is_put_together(["31,66", "7"])
    assert not is_put_together(["428", "件"])
    assert not is_put_together(["1072"])


def test_a_number_over_three_lines_with_a_zero_on_the_second_is_one():
    # １, ０ and ０ under each other: taken two by two, 00 is no number, and its row once lost its label.
    def alone(height, text):
        return Level(height, (Figure(1, 20.0, 20.5, text),), 0)

    levels = [alone(0.0, "１"), level(1.2, "0", "０"), alone(2.4, "０")]
    (row,) = paired([line(1.2, "7、属于行政执法案卷")], levels, 1.2)
    assert (row.lines, row.levels) == ((0, 1), (0, 3))


def test_a_whole_row_of_figures_broken_over_lines_is_one_row():
    levels = [level(0.0, "119", "819", "130"), level(1.2, "926", "0", "94")]
    (row,) = paired([line(1.2, "一、本年新收")], levels, 1.2)
    assert row.levels == (0, 2)


def test_thousands_parted_by_spaces_go_on_as_those_parted_by_commas():
    assert is_broken_off("138 7")
    assert goes_on("138 7", "72")
    assert not goes_on("9 582", "1")


def test_an_ordinal_is_one_whichever_way_it_is_printed():
    assert all(map(is_ordinal, ("（一）予以公开", "( 二 )部分公开", "（三", "⼀、本年", "10.其他", "2、没有")))
    assert not any(map(is_ordinal, ("规章", "三级", "12件", "（其中修订1件）")))
