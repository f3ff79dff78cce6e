"""What runs on every page, and what only looks like it."""

import pytest

from pipelines.read.document import Box
from pipelines.read.pages import Line, PageContent, without_running_lines

HEIGHT = 842.0


def line(text, top, size=10.0):
    return Line(text, Box(100.0, top, 100.0 + size * len(text), top + size), size)


def kept(*pages):
    contents = [PageContent(number, HEIGHT, lines, ()) for number, lines in enumerate(pages, 1)]
    return [[each.text for each in page.lines] for page in without_running_lines(contents)]


@pytest.mark.parametrize("number", ["2", "- 2 -", "第2页 共9页", "2/9", "2 / 9", "第 2 页"])
def test_a_page_number_is_dropped(number):
    assert kept((line("正文", 400.0), line(number, 790.0))) == [["正文"]]


def test_the_rest_of_figures_broken_over_lines_is_no_page_number():
    # 1072 and 1322 on two lines each, at the end of a page with its number under them, were once read as 107 and 132.
    rows = (line("144 106 107 132", 720.0), line("2 2", 728.0), line("2", 800.0))
    assert kept(rows) == [["144 106 107 132", "2 2"]]


def test_the_rest_of_one_figure_under_its_beginning_is_no_page_number():
    assert kept((line("107", 780.0), line("2", 791.0))) == [["107", "2"]]


def test_a_row_of_ellipses_with_one_number_is_no_page_number():
    assert kept((line("… … … … 100 … …", 60.0), line("正文", 400.0))) == [["… … … … 100 … …", "正文"]]


def test_an_edge_has_one_page_number():
    assert kept((line("正文", 400.0), line("1322", 760.0), line("2", 800.0))) == [["正文", "1322"]]


def test_rows_of_figures_at_one_height_of_two_pages_do_not_run():
    page = (line("正文", 400.0), line("0 12 3", 790.0))
    assert kept(page, page) == [["正文", "0 12 3"], ["正文", "0 12 3"]]


def test_a_footer_runs():
    page = (line("正文", 400.0), line("某某市人民政府", 790.0))
    assert kept(page, page) == [["正文"], ["正文"]]


def test_the_headings_of_a_table_printed_again_on_each_page_are_no_running_header():
    # They stand at one height on all pages that the table goes on to, and once within the page on which it begins.
    pages = ((line("正文", 100.0), line("申请人情况", 400.0)), *[(line("申请人情况", 60.0), line("正文", 400.0))] * 3)
    assert kept(*pages) == [["正文", "申请人情况"], *[["申请人情况", "正文"]] * 3]


def test_what_two_pages_amid_others_begin_with_is_no_running_header():
    heads, text = (line("申请人情况", 60.0), line("正文", 400.0)), (line("正文", 400.0),)
    assert kept(text, heads, heads, text) == [["正文"], ["申请人情况", "正文"], ["申请人情况", "正文"], ["正文"]]


def test_bug_a_page_number_close_to_a_running_footer_was_text():
    # Report 2709 of the generator: on a scan the footer stood 1 point below, and a row of a table did not go on.
    footer = line("https://www.example.gov.cn/nb.html", 801.0)
    assert kept(*[(line("正文", 400.0), line(f"·{number}·", 790.0), footer) for number in (1, 2, 3)]) == [["正文"]] * 3
    assert kept((line("正文", 400.0), line("2", 790.0), line("其中修订1件", 801.0))) == [["正文", "2", "其中修订1件"]]


def test_the_rest_of_a_figure_where_other_pages_have_their_number_is_none_of_them():
    pages = (
        (line("正文", 400.0), line("107", 780.0), line("2", 791.0)),
        *[(line("正文", 400.0), line("3", 780.0))] * 2,
    )
    assert kept(*pages)[0] == ["正文", "107", "2"]
