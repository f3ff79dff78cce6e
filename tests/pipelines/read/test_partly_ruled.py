"""Tables of which only some rules are drawn: what these part, and where alignment tells the rest."""

from dataclasses import replace

import pytest

from pipelines.read.aligned.regions import table_regions
from pipelines.read.aligned.rows import Figure, Level, TextLine, goes_on, paired
from pipelines.read.aligned.rules import Rules, part_columns, part_rows, table_rules
from pipelines.read.aligned.tables import with_aligned_tables
from pipelines.read.document import Box
from pipelines.read.drawn import _ByHeight, _crosses_itself, _is_cut_out, _parts_no_cells, drawn_char
from pipelines.read.drawn import words as words_of
from pipelines.read.pages import Grid, GridCell, Line, PageContent, Word, blocks

SIZE = 10.0


def word(text: str, x: float, y: float) -> Word:
    return Word(text, Box(x, y, x + SIZE * len(text) * (0.5 if text.isascii() else 1.0), y + SIZE), SIZE, "")


def across(y: float, x0: float = 50.0, x1: float = 400.0) -> Box:
    return Box(x0, y, x1, y)


def down(x: float, top: float, bottom: float) -> Box:
    return Box(x, top, x, bottom)


def page(words: list[Word], rules: list[Box], number: int = 1) -> PageContent:
    lines = tuple(Line(each.text, each.box, each.size) for each in words)
    return PageContent(number, 800.0, lines, (), tuple(words), tuple(rules))


def texts(grids: tuple[Grid, ...]) -> list[tuple[str, float, float]]:
    return [(cell.text, cell.box.x0, cell.box.top) for grid in grids for cell in grid.cells if cell.text]


def row(y: float, label: str, *figures: str) -> list[Word]:
    return [word(label, 60.0, y), *(word(figure, 200.0 + 80.0 * at, y) for at, figure in enumerate(figures))]


def test_a_rule_parts_what_lies_on_both_sides_and_nothing_else() -> None:
    rules = Rules((across(20.0),), (down(100.0, 20.0, 60.0),))
    assert rules.part(Box(60, 5, 80, 15), Box(60, 25, 80, 35))
    assert rules.part(Box(60, 25, 80, 35), Box(110, 25, 130, 35))
    assert not rules.part(Box(60, 5, 80, 15), Box(110, 5, 130, 15))
    assert rules.around(Box(60, 25, 80, 35)) == (float("-inf"), 20.0, 100.0, float("inf"))


def test_an_underline_is_no_rule() -> None:
    title = word("关于报告", 60.0, 10.0)
    underline = Box(title.box.x0, 21.0, title.box.x1, 21.0)
    assert table_rules([underline, across(40.0)], [title]).across == (across(40.0),)


def test_rules_part_rows_only_where_none_is_missing() -> None:
    levels = [[word("12", 200, y), word("7", 280, y)] for y in (10.0, 30.0, 50.0)]
    words = [each for level in levels for each in level]
    assert part_rows(Rules((across(25.0), across(45.0))), levels, words, ())
    assert not part_rows(Rules((across(25.0),)), levels, words, ())
    assert part_rows(Rules((across(25.0),)), levels, words, [46.0])
    assert not part_rows(Rules(), levels, words, ())


def test_rules_beside_figures_part_columns() -> None:
    words = [word("12", 200, y) for y in (10.0, 30.0)] + [word("7", 280, y) for y in (10.0, 30.0)]
    assert part_columns(Rules((), (down(250.0, 0.0, 60.0),)), words)
    assert not part_columns(Rules((), (down(250.0, 0.0, 20.0),)), words)


def test_rows_between_rules_hold_all_lines_between_them() -> None:
    """Lines of two labels follow each other as closely as those of one: only the rule tells."""
    words = [
        *row(10.0, "内容", "数量", "总数"),
        *row(28.0, "行政", "12", "0"),
        word("许可事项", 60.0, 40.0),
        *row(52.0, "行政", "5", "31"),
        word("处罚", 60.0, 64.0),
    ]
    ruled = page(words, [across(y) for y in (8.0, 26.0, 51.0, 76.0)])
    (found,) = with_aligned_tables([ruled])
    labels = [text for text, _, _ in texts(found.grids)]
    assert "行政\n许可事项" in labels
    assert "行政\n处罚" in labels


def test_a_heading_reaches_as_far_as_the_rules_beside_it() -> None:
    words = [
        word("内容", 60.0, 30.0),
        word("情况", 230.0, 10.0),  # over two columns, but above one of them
        *(word(text, x, 30.0) for text, x in (("新收", 195.0), ("结转", 275.0), ("总计", 355.0))),
        *(each for y in (50.0, 70.0) for each in row(y, "申请", "1", "2", "3")),
    ]
    sides = [down(x, 28.0 if x == 260.0 else 8.0, 85.0) for x in (50.0, 180.0, 260.0, 340.0, 420.0)]
    ends = [across(8.0, 50.0, 420.0), across(85.0, 50.0, 420.0)]
    (found,) = with_aligned_tables([page(words, [*sides, *ends])])
    (table,) = blocks([found])
    (heading,) = [cell for cell in table.cells if cell.text == "情况"]  # type: ignore[union-attr]
    assert heading.column_span == 2


def test_what_stands_beyond_a_page_is_not_moved_among_the_rows_of_the_next() -> None:
    first = page([*row(700.0, "甲", "1", "2"), *row(720.0, "乙", "3", "4")], [across(750.0)], 1)
    second = page([*row(60.0, "丙", "5", "6"), *row(80.0, "丁", "7", "8")], [across(40.0), across(95.0)], 2)
    (region,) = table_regions([first, second])
    heights = [rule.top for rule in region.rules.across]
    third = next(each for each in region.words if each.text == "丙")
    assert sum(at < third.box.top for at in heights) == 2


@pytest.mark.parametrize(("upper", "lower"), [("0", "28"), ("0", "5"), ("０", "１２")])
def test_a_number_that_begins_with_nothing_is_not_gone_on_with(upper: str, lower: str) -> None:
    assert not goes_on(upper, lower)


def test_the_rest_of_a_fraction_goes_on_after_a_nought() -> None:
    assert goes_on("0.", "25")


def test_a_grid_whose_rules_go_on_is_cut_out_of_a_table() -> None:
    box = Box(100.0, 100.0, 300.0, 120.0)
    assert _is_cut_out(box, [across(100.0, 50.0, 400.0)])
    assert not _is_cut_out(box, [across(100.0, 98.0, 302.0), down(100.0, 97.0, 123.0), across(60.0)])


def test_labels_stay_together_where_their_lines_are_as_close_as_all_others() -> None:
    lines = [TextLine(0.0, 0.0, 9.0, "要求行政机关确认或", 0), TextLine(1.2, 0.0, 4.0, "重新出具", 0)]
    lines += [TextLine(3.0, 0.0, 4.0, "其他处理", 0)]
    levels = [Level(at, (Figure(0, 20.0, 21.0, "5"),), 0) for at in (0.6, 3.0)]
    assert [row.lines for row in paired(lines, levels, 1.2)] == [(0, 2), (2, 3)]


def ruled_row(y: float, *cells: tuple[float, float, Word]) -> Grid:
    return Grid(
        tuple(GridCell(Box(x0, y - 5.0, x1, y + 15.0), each.text) for x0, x1, each in cells),
        tuple(each for _, _, each in cells),
    )


def alone_on_its_page(words: list[Word]) -> PageContent:
    grid = ruled_row(100.0, (50.0, 190.0, words[0]), (190.0, 400.0, words[1]))
    return replace(page([], [], 2), grids=(grid,))


def test_a_row_that_a_page_break_leaves_ruled_alone_is_read_with_its_table() -> None:
    words = [*row(700.0, "信息内容", "处理决定数量"), *row(720.0, "行政许可", "12"), *row(740.0, "行政处罚", "345")]
    before = page(words, [down(x, 690.0, 755.0) for x in (50.0, 190.0, 400.0)])
    read = with_aligned_tables([before, alone_on_its_page(row(100.0, "行政强制", "6"))])
    (table,) = list(blocks([replace(each, lines=()) for each in read]))
    assert [cell.text for cell in table.cells][-2:] == ["行政强制", "6"]


def test_a_title_across_a_ruled_table_at_the_end_of_a_page_leaves_the_next_page_as_it_is() -> None:
    # It has rules at its sides only; the table on the next page is ruled all over, and was once taken apart.
    before = page([word("第二十条第（五）项", 180.0, 700.0)], [down(x, 690.0, 715.0) for x in (50.0, 400.0)])
    after = alone_on_its_page(row(100.0, "行政许可", "6"))
    assert with_aligned_tables([before, after])[1] is after


def test_cells_that_lie_upon_each_other_are_no_ruled_table() -> None:
    upper, lower = GridCell(Box(50, 10, 200, 60), "行政复议"), GridCell(Box(100, 30, 150, 60), "结果维持")
    assert _crosses_itself(Grid((upper, lower)))
    assert not _crosses_itself(Grid((GridCell(Box(50, 10, 200, 30), "行政复议"), lower)))


def test_headings_in_the_middle_are_matched_with_figures_at_the_left_of_their_columns() -> None:
    heads = [
        word("信息内容", 60.0, 90.0),
        word("自然人", 222.0, 80.0),
        word("商业企业", 282.0, 90.0),
        word("总计", 372.0, 80.0),
    ]
    words = [*heads, *(each for y in (110.0, 130.0, 150.0) for each in row(y, "予以公开", "1", "2", "3"))]
    (read,) = with_aligned_tables([page(words, [])])
    ends = {cell.text: (cell.box.x0, cell.box.x1) for grid in read.grids for cell in grid.cells}
    assert ends["自然人"] == ends["1"]
    assert ends["商业企业"] == ends["2"]
    assert ends["总计"] == ends["3"]


def test_what_is_printed_in_place_of_a_figure_is_no_heading() -> None:
    rows = [row(90.0, "信息内容", "数量", "件数"), row(110.0, "规章", "12", "见附"), row(130.0, "文件", "3", "4")]
    (read,) = with_aligned_tables([page([each for words in rows for each in words], [])])
    ends = {cell.text: (cell.box.x0, cell.box.x1) for grid in read.grids for cell in grid.cells}
    assert ends["见附"] == ends["4"] == ends["件数"]


def test_a_text_in_the_first_column_of_figures_is_no_heading() -> None:
    rows = [row(90.0, "信息内容", "数量", "件数"), row(110.0, "规章", "见附", "12"), row(130.0, "文件", "3", "4")]
    (read,) = with_aligned_tables([page([each for words in rows for each in words], [])])
    ends = {cell.text: (cell.box.x0, cell.box.x1) for grid in read.grids for cell in grid.cells}
    assert ends["见附"] == ends["3"] == ends["数量"]


def test_fewer_figures_than_headings_are_matched_in_their_order() -> None:
    # The third column is blank: the figures of the others are nearer to their neighbours' headings than to some.
    heads = [word(text, 60.0 + 50.0 * at, 90.0) for at, text in enumerate(("甲乙", "丙丁", "戊己", "庚辛", "壬癸"))]
    figures = [word("7", 52.0 + 50.0 * at, 110.0) for at in (0, 1, 3, 4)]
    (read,) = with_aligned_tables([page([*heads, *figures], [])])
    ends = {(cell.box.x0, cell.box.x1): cell.text for grid in read.grids for cell in grid.cells if cell.text == "7"}
    heads_at = {cell.text: (cell.box.x0, cell.box.x1) for grid in read.grids for cell in grid.cells}
    assert set(ends) == {heads_at[text] for text in ("甲乙", "丙丁", "庚辛", "壬癸")}


def test_headings_between_rules_are_such_though_they_end_left_of_all_figures() -> None:
    words = [
        word("内容", 60.0, 30.0),
        *(word(text, x, 30.0) for text, x in (("自然人", 190.0), ("企业", 285.0), ("总计", 365.0))),
        *(each for y in (50.0, 70.0) for each in [word("申请", 60.0, y), *(word("1", x, y) for x in (250, 330, 410))]),
    ]
    rules = [down(x, 25.0, 85.0) for x in (50.0, 180.0, 260.0, 340.0, 420.0)]
    (found,) = with_aligned_tables([page(words, rules)])
    ends = {cell.text: (cell.box.x0, cell.box.x1) for grid in found.grids for cell in grid.cells}
    assert ends["自然人"] == pytest.approx((180.0, 260.0))
    assert ends["内容"][1] == pytest.approx(180.0)


def test_rules_down_between_words_of_a_cell_show_that_others_lack() -> None:
    chars = _ByHeight(
        [
            drawn_char(text, Box(x, 20.0, x + 10.0, 30.0), 10.0, (1, 0, 0, 1, x, -30.0))
            for text, x in (("甲", 20.0), ("乙", 120.0), ("丙", 160.0))
        ]
    )
    grid = Grid((GridCell(Box(0.0, 10.0, 100.0, 60.0), "甲"), GridCell(Box(100.0, 10.0, 200.0, 60.0), "乙丙")))
    assert _parts_no_cells(grid, [down(145.0, 15.0, 60.0)], chars)
    assert not _parts_no_cells(grid, [down(100.0, 10.0, 60.0)], chars)
    assert not _parts_no_cells(grid, [down(190.0, 15.0, 60.0)], chars)


def test_the_unit_of_a_figure_ends_its_word() -> None:
    placed = [("3", 10.0), ("件", 15.0), ("0", 27.0), ("件", 32.0)]
    chars = [
        drawn_char(text, Box(x, 0.0, x + (5.0 if text.isascii() else 10.0), 10.0), 10.0, (1, 0, 0, 1, x, -10.0))
        for text, x in placed
    ]
    assert [each.text for each in words_of(chars)] == ["3件", "0件"]


def test_a_word_over_two_columns_of_labels_is_two() -> None:
    number = word("（三）", 60.0, 110.0)
    parted = replace(
        word("（三）权益", 60.0, 110.0),
        box=Box(60.0, 110.0, 112.0, 120.0),
        parts=(number, replace(word("权益", 92.0, 110.0), box=Box(92.0, 110.0, 112.0, 120.0))),
    )
    labels = [word(text, 92.0, y) for text, y in (("1、国家", 90.0), ("2、其他", 130.0), ("3、危及", 150.0))]
    figures = [word("5", 250.0, y) for y in (90.0, 110.0, 130.0, 150.0)]
    (region,) = table_regions([page([*labels, parted, *figures], [])])
    assert {"（三）", "权益"} <= {each.text for each in region.words}


def test_what_stands_alone_under_headings_and_over_columns_is_a_row() -> None:
    words = [
        *row(70.0, "信息内容", "自然人", "总计"),
        word("三、本年度办理结果", 190.0, 90.0),
        *row(110.0, "予以公开", "1", "2"),
        *row(130.0, "部分公开", "3", "4"),
    ]
    (read,) = with_aligned_tables([page(words, [])])
    (title,) = [cell for grid in read.grids for cell in grid.cells if cell.text == "三、本年度办理结果"]
    (first,) = [cell for grid in read.grids for cell in grid.cells if cell.text == "1"]
    assert title.box.bottom <= first.box.top + 0.01


def test_a_heading_of_fewer_lines_beside_others_is_none_over_them() -> None:
    # The first column is blank. Set to the middle, the heading of a single line ends above those of two.
    heads = [word(part, 60.0 + 50.0 * at, y) for at in (0, 1, 3) for part, y in (("结果", 80.0), ("维持", 92.0))]
    heads += [word("总计", 160.0, 86.0)]
    figures = [word("7", 52.0 + 50.0 * at, 120.0) for at in (1, 2, 3)]
    (read,) = with_aligned_tables([page([*heads, *figures], [])])
    ends = {(cell.box.x0, cell.box.x1) for grid in read.grids for cell in grid.cells if cell.text == "7"}
    heads_at = [(cell.box.x0, cell.box.x1) for grid in read.grids for cell in grid.cells if cell.box.top < 90.0]
    assert len(heads_at) == 4
    assert ends == set(sorted(heads_at)[1:])


def test_the_end_of_a_note_under_the_last_row_is_of_the_table() -> None:
    words = [
        *row(90.0, "信息内容", "收费金额"),
        *row(110.0, "规章", "12"),
        *row(130.0, "文件", "3"),
        *row(150.0, "收费", "758（其中"),
        word("修订1件）", 200.0, 162.0),
        word("三、收到和处理政府信息公开申请情况的说明在此", 60.0, 200.0),
    ]
    (read,) = with_aligned_tables([page(words, [])])
    assert "758（其中\n修订1件）" in [text for text, _, _ in texts(read.grids)]
