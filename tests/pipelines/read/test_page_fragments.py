"""What page breaks leave of tables, read as the other page has them."""

from dataclasses import replace

import pytest

from pipelines.read.aligned.fragments import with_whole_fragments
from pipelines.read.aligned.tables import with_aligned_tables
from pipelines.read.document import Box, Table
from pipelines.read.pages import Grid, GridCell, Line, PageContent, Word, blocks

SIZE = 10.0


def word(text: str, x: float, y: float) -> Word:
    return Word(text, Box(x, y, x + SIZE * len(text) * (0.5 if text.isascii() else 1.0), y + SIZE), SIZE, "")


def across(y: float) -> Box:
    return Box(50.0, y, 400.0, y)


def down(x: float, top: float, bottom: float) -> Box:
    return Box(x, top, x, bottom)


def page(number: int, words: list[Word], rules: list[Box], *rows: list[Word]) -> PageContent:
    """A page with words, rules, and a ruled grid of two columns with these rows, each 20 points high."""
    lines = tuple(Line(each.text, each.box, each.size) for each in words)
    cells = [
        GridCell(Box(x0, cells[0].box.top - 5.0, x1, cells[0].box.top + 15.0), cell.text)
        for cells in rows
        for cell, (x0, x1) in zip(cells, ((50.0, 200.0), (200.0, 400.0)), strict=True)
    ]
    held = tuple(each for cells in rows for each in cells)
    grids = (Grid(tuple(cells), held),) if rows else ()
    return PageContent(number, 800.0, lines, grids, tuple(words), tuple(rules))


def row(y: float, label: str, figure: str) -> list[Word]:
    return [word(label, 60.0, y), word(figure, 280.0, y)]


def tables(pages: list[PageContent]) -> list[Table]:
    found = blocks([replace(each, lines=()) for each in with_aligned_tables(pages)])
    return [each for each in found if isinstance(each, Table)]


HEADED = page(1, [], [], row(705.0, "信息内容", "处理决定数量"), row(725.0, "行政处罚", "12"))


def test_a_row_without_side_borders_alone_on_the_next_page_is_of_the_table() -> None:
    # One rule below it and one between its cells are too few for a table of their own.
    after = page(2, row(65.0, "行政强制", "6"), [across(80.0), down(200.0, 60.0, 80.0)])
    (table,) = tables([HEADED, after])
    assert [cell.text for cell in table.cells][-2:] == ["行政强制", "6"]


def test_a_row_without_side_borders_that_ends_the_page_before_is_of_the_table() -> None:
    before = page(1, row(745.0, "信息内容", "处理决定数量"), [across(740.0), down(200.0, 740.0, 760.0)])
    after = page(2, [], [], row(65.0, "行政处罚", "12"), row(85.0, "行政强制", "6"))
    (table,) = tables([before, after])
    assert [cell.text for cell in table.cells][:2] == ["信息内容", "处理决定数量"]


@pytest.mark.parametrize(
    "rules",
    [
        [across(80.0), down(230.0, 60.0, 80.0)],
        [across(80.0)],
        [across(70.0), across(80.0), down(200.0, 60.0, 80.0)],
    ],
)
def test_a_row_whose_rules_are_not_those_of_the_table_is_left_as_it_is(rules: list[Box]) -> None:
    pages = [HEADED, page(2, row(65.0, "行政强制", "6"), rules)]
    assert with_whole_fragments(pages) == pages


def test_headings_ruled_at_the_end_of_a_page_go_with_figures_in_a_frame_on_the_next() -> None:
    before = page(1, [], [], row(725.0, "信息内容", "处理决定数量"))
    sides = [across(58.0), across(112.0), down(50.0, 58.0, 112.0), down(400.0, 58.0, 112.0)]
    words = [*row(60.0, "行政许可", "3"), *row(80.0, "行政处罚", "12"), *row(100.0, "行政强制", "6")]
    (table,) = tables([before, page(2, words, sides)])
    assert len({cell.column for cell in table.cells if cell.text}) == 2
    assert len(table.breaks) == 1


def test_the_rows_of_a_grid_that_is_words_again_stay_apart() -> None:
    # Its rules were once taken over cell by cell, and none lay under all columns.
    before = page(1, row(700.0, "信息内容", "数量"), [down(x, 690.0, 720.0) for x in (50.0, 200.0, 400.0)])
    after = page(2, [], [], row(65.0, "规章", "—"), row(85.0, "规范性文件", "—"), row(105.0, "许可", "5"))
    (table,) = tables([before, after])
    assert [cell.text for cell in table.cells if cell.column == 0 and cell.text][-3:] == ["规章", "规范性文件", "许可"]


def test_what_lies_under_other_grids_of_the_next_page_tells_nothing_of_the_table_before() -> None:
    after = page(2, [word("第二十条第（九）项", 180.0, 700.0)], [], row(65.0, "行政强制", "6"))
    after = replace(after, rules=tuple(down(x, 690.0, 715.0) for x in (47.0, 50.0, 200.0, 400.0, 403.0)))
    assert with_whole_fragments([HEADED, after])[0] is HEADED
