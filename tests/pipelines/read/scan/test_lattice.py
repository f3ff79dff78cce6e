"""Rules in drawn pictures: text beside them, strokes that look like one, noise, page breaks."""

import pytest

cv2 = pytest.importorskip("cv2")
import numpy as np  # noqa: E402
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from pipelines.read.document import Box  # noqa: E402
from pipelines.read.scan.lattice import WORN, along, drawn  # noqa: E402
from pipelines.read.scan.rules import Rule, find_rules  # noqa: E402

EM = 24.0
XS, YS = (40, 240, 400, 560), (50, 100, 150, 200)


def sheet(level=180, noise=0.0, seed=0):
    """How dark a page is that shows a grid of 3 by 3 cells."""
    picture = np.zeros((300, 620), np.float32)
    for y in YS:
        picture[y : y + 2, XS[0] : XS[-1] + 2] = level
    for x in XS:
        picture[YS[0] : YS[-1] + 2, x : x + 2] = level
    if noise:
        picture += np.abs(np.random.default_rng(seed).normal(0, noise, picture.shape))
    return picture.clip(0, 255).astype(np.uint8)


def edges(darkness, texts=()):
    """The rules of the only table, as (vertical, place, start, end), rounded to five pixels."""
    (table,) = find_rules(darkness, EM).tables
    found = drawn(table, darkness, EM, texts)
    near = [(r.is_vertical, *((r.x0, r.y0, r.y1) if r.is_vertical else (r.y0, r.x0, r.x1))) for r in found]
    return {(v, *(5 * round(value / 5) for value in values)) for v, *values in near}


GRID = {*((False, y, XS[0], XS[-1]) for y in YS), *((True, x, YS[0], YS[-1]) for x in XS)}


@settings(deadline=None, max_examples=15)
@given(level=st.integers(30, 255), noise=st.floats(0, 4), seed=st.integers(0, 99))
def test_a_grid_is_found_however_faint_above_the_noise(level, noise, seed):
    assert edges(sheet(level, noise, seed)) == GRID


def test_a_blank_page_has_no_table():
    noise = np.abs(np.random.default_rng(1).normal(0, 6, (300, 620))).astype(np.uint8)
    assert find_rules(noise, EM).tables == ()


def test_text_that_touches_a_rule_does_not_hide_it():
    darkness = sheet()
    for top in (58, 78, 108, 128, 158, 178):
        darkness[top : top + 18 : 3, 43:90] = 200  # dense strokes right beside the left border
    assert edges(darkness, [Box(38, 52, 92, 98), Box(38, 102, 92, 148), Box(38, 152, 92, 198)]) == GRID


def test_strokes_of_text_above_each_other_are_no_rule():
    darkness = sheet()
    for y in YS[:-1]:
        darkness[y + 14 : y + 34, 480:483] = 230  # a 1 in every row
    assert edges(darkness, [Box(470, y + 10, 490, y + 38) for y in YS[:-1]]) == GRID


def test_a_stroke_as_high_as_the_text_of_a_low_row_is_no_rule():
    darkness = sheet()
    darkness[108:143, 480:483] = 230
    assert edges(darkness, [Box(470, 103, 490, 147)]) == GRID


def test_both_lines_of_a_double_border_are_rules_though_the_gap_is_grey():
    darkness = sheet()
    for at in (XS[0] - 7, XS[-1] + 7):
        darkness[YS[0] : YS[-1] + 2, at : at + 2] = 180
    darkness[YS[0] : YS[-1] + 2, XS[0] - 5 : XS[0]] += 60
    for y in YS:
        darkness[y : y + 2, XS[0] - 7 : XS[-1] + 9] = 180
    assert sum(vertical for vertical, *_ in edges(darkness)) == len(XS) + 2


def test_dashes_in_a_row_are_no_rule():
    darkness = sheet()
    for x in XS[:-1]:
        darkness[124:127, x + 50 : x + 110] = 230
    assert edges(darkness, [Box(x + 46, 116, x + 114, 134) for x in XS[:-1]]) == GRID


def test_what_a_merged_cell_leaves_out_is_not_drawn():
    darkness = sheet()
    darkness[53:149, 238:244] = 0  # one cell of two rows and two columns
    darkness[98:104, 43:399] = 0
    assert edges(darkness) == {
        *((False, y, XS[0], XS[-1]) for y in (50, 150, 200)),
        (False, 100, 400, 560),
        *((True, x, 50, 200) for x in (40, 400, 560)),
        (True, 240, 150, 200),
    }


def test_rules_that_hang_where_the_page_ends_are_found():
    darkness = sheet()
    darkness[YS[-1] - 4 :] = 0
    assert {(place, end) for vertical, place, _, end in edges(darkness) if vertical} == {(x, 195) for x in XS}


def test_the_edge_of_a_shaded_heading_is_a_rule_and_the_shading_is_none():
    darkness = sheet()
    darkness[52:100, 42:560] += 40
    assert edges(darkness) == GRID


def test_only_ink_along_rules_is_wiped():
    darkness = sheet()
    ruled = find_rules(darkness, EM)
    mask = ruled.mask.copy()
    mask[120:140, 480] = 255
    wiped = along(drawn(ruled.tables[0], darkness, EM, []), mask, EM)
    assert not wiped[120:140, 480].any()
    assert wiped[150:152, 100:200].all()


def spotted(page, x0, x1, y, seed=3):
    """What a black-and-white scan left of a rule."""
    random = np.random.default_rng(seed)
    for x in range(x0, x1, 4):
        if random.random() < 0.35:
            page[y : y + 2, x : x + 3] = 255


def worn_edges(page, rules, texts=()):
    found = drawn(rules, page, EM, texts, WORN)
    return {(r.is_vertical, *(5 * round(v / 5) for v in (r.x0, r.y0, r.x1, r.y1))) for r in found}


def gapped(fill):
    """A table with one of its rules missing between the first two columns, filled in otherwise; and its rules."""
    page = sheet(255)
    page[YS[1] : YS[1] + 2, XS[0] + 3 : XS[1]] = 0
    fill(page)
    (table,) = find_rules(sheet(255), EM).tables
    return page, table


PIECE = (False, XS[0], YS[1], XS[-1], YS[1])


def test_a_piece_of_a_rule_that_is_left_as_spots_is_drawn():
    page, table = gapped(lambda page: spotted(page, XS[0], XS[1], YS[1]))
    assert PIECE in worn_edges(page, table)


def test_a_dash_in_a_cell_over_two_rows_is_no_rule():
    def dash(page):
        page[YS[1] : YS[1] + 2, XS[1] - 60 : XS[1] - 20] = 255

    page, table = gapped(dash)
    assert PIECE not in worn_edges(page, table)


def test_a_lost_piece_of_a_rule_is_told_by_text_above_and_below_it():
    def figures(page):
        page[YS[1] : YS[1] + 2, XS[1] + 3 : XS[2]] = 0
        page[YS[1] : YS[1] + 2, XS[0] : XS[1]] = 255
        for top in (YS[0] + 15, YS[1] + 15):
            page[top : top + 20, XS[1] + 60 : XS[1] + 80] = 255

    page, table = gapped(figures)
    assert PIECE in worn_edges(page, table)
    page[YS[1] + 15 : YS[1] + 35, XS[1] + 60 : XS[1] + 80] = 0  # a cell over two rows with text in its upper part
    assert PIECE not in worn_edges(page, table)


@pytest.mark.parametrize(("left", "right"), [(True, True), (False, True), (False, False)])
def test_bug_figures_were_one_where_a_worn_rule_was_lost_between_them(left, right):
    # Report 2902 of the generator: 69 and 290 were read as 69290, and six rows were lost for such figures.
    page = sheet(255)
    rules = find_rules(page, EM).tables[0]
    for start in range(YS[0], YS[-1], 6):
        page[start + 4 : start + 6, XS[1] : XS[1] + 2] = 0  # the rule is worn all along
    page[YS[1] + 3 : YS[2], XS[1] : XS[1] + 2] = 0  # and lost in the middle row
    for at, there in ((XS[1] - 40, left), (XS[1] + 30, right)):
        page[YS[1] + 15 : YS[1] + 35, at : at + 20] = 255 * there
    assert ((True, XS[1], YS[0], XS[1], YS[-1]) in worn_edges(page, rules)) == (left and right)


def test_bug_a_piece_left_as_spots_was_lost_where_the_rest_of_the_rule_is_whole():
    # Report 2902 of the generator: two labels were one, and the figures beside the lower one were lost.
    page, table = gapped(lambda page: spotted(page, XS[0], XS[1], YS[1]))
    whole = [rule for rule in table if rule.is_vertical or abs(rule.y0 - YS[1]) > 2]
    assert PIECE in worn_edges(page, [*whole, Rule(XS[1], YS[1] + 0.5, XS[-1], YS[1] + 0.5)])


def test_the_lost_piece_of_a_border_that_goes_on_at_both_ends_is_drawn():
    # Report 2415 of the generator lost a figure: below its cell nothing was left of the last rule.
    rules = find_rules(sheet(255), EM).tables[0]
    page = sheet(255)
    for start in range(XS[0], XS[-1], 8):
        page[YS[-1] : YS[-1] + 2, start : start + 3] = 0  # dots are left of all of it
    page[YS[-1] : YS[-1] + 2, XS[1] + 3 : XS[2]] = 0
    border = (False, XS[0], YS[-1], XS[-1], YS[-1])
    assert border in worn_edges(page, rules)
    page[YS[1] : YS[1] + 2, XS[1] + 3 : XS[2]] = 0  # inside the table there may be a cell over two rows
    assert PIECE not in worn_edges(page, rules)


def test_the_border_of_a_cell_that_fills_a_page_from_break_to_break_is_of_the_table():
    # Report 716 of the generator lost its first column, and its table fell into three.
    page = sheet()
    page[YS[0] : YS[0] + 2] = 0
    page[YS[-1] : YS[-1] + 2] = 0
    page[:, : XS[1]] = 0
    page[YS[0] : YS[-1] + 2, XS[0] : XS[0] + 2] = 180
    (table,) = find_rules(page, EM).tables
    assert min(rule.x0 for rule in table) == pytest.approx(XS[0], abs=2)


def test_a_rule_that_only_lower_rows_show_is_wiped_all_along():
    # Report 1007 of the generator: rules were in no mask beside a row too low for them, and were read as ones.
    darkness = sheet()
    ruled = find_rules(darkness, EM)
    mask = ruled.mask.copy()
    mask[154:198, 236:246] = 0
    wiped = along(drawn(ruled.tables[0], darkness, EM, []), mask, EM)
    assert wiped[154:198, 239:243].all()
    assert not wiped[154:198, 250:390].any()


def test_a_rule_broken_by_text_close_to_it_is_one():
    # Report 1007 of the generator: its pieces were too short each, and with them went the rules that end at it.
    darkness = sheet()
    darkness[YS[1] + 4 : YS[1] + 20, 180:215] = darkness[YS[1] - 20 : YS[1] - 3, 180:215] = 200
    darkness[YS[1] + 4 : YS[1] + 20, 330:370] = darkness[YS[1] - 20 : YS[1] - 3, 330:370] = 200
    texts = [Box(178, YS[1] - 24, 218, YS[1] - 1), Box(328, YS[1] + 2, 372, YS[1] + 24)]
    assert (False, 100, XS[0], XS[-1]) in edges(darkness, texts)


def test_a_row_alone_on_a_page_with_open_sides_is_a_table():
    # Report 911 of the generator: one rule across and one down were too few for a table.
    darkness = np.zeros((300, 620), np.uint8)
    darkness[100:102, 20:600] = 180
    darkness[30:100, 300:302] = 180
    (table,) = find_rules(darkness, EM).tables
    assert {rule.is_vertical for rule in table} == {True, False}


def test_strokes_in_a_gap_of_a_text_are_no_worn_rule_where_the_rule_is_solid():
    # Report 1008 of the generator: a heading over several columns was cut where two characters part.
    darkness = sheet(level=255)
    darkness[53:99, 238:244] = 0  # one cell of two columns
    text = Box(180, 60, 300, 90)
    darkness[66:84, 190:236:4] = darkness[66:84, 246:292:4] = 255
    darkness[70:73, 238:242] = 255
    (table,) = find_rules(darkness, EM).tables
    found = drawn(table, darkness, EM, [text], WORN)
    assert not any(rule.is_vertical and abs(rule.x0 - 240) < 3 and rule.y0 < 90 for rule in found)


def alone(level=90, digits=True):
    """How dark a page is on which a row of a table stands that a page break cut, digits against its rules."""
    darkness = np.zeros((300, 620), np.uint8)
    darkness[150:152, XS[0] : XS[-1] + 2] = level
    for x in XS:
        darkness[98:152, x : x + 2] = level
        if digits:
            darkness[116:133, max(0, x - 10) : x : 3] = level  # the strokes of 142
            darkness[116:133, x - 2 : x] = level
    return darkness


def test_digits_that_stand_against_rules_do_not_hide_them():
    # Report 1315 of the generator: a row alone on its page, its digits against the rules, was read as ten cells.
    assert {place for vertical, place, *_ in edges(alone()) if vertical} == set(XS)


def test_a_speck_below_a_rule_makes_the_others_no_longer():
    # Report 1713 of the generator: a speck 14 pixels below one rule, and no other one reached down to it.
    darkness = alone(255)[::-1].copy()
    darkness[205:216, XS[1] : XS[1] + 2] = 255
    assert {(place, end) for vertical, place, _, end in edges(darkness) if vertical} == {(x, 200) for x in XS}


def test_a_low_row_alone_among_large_prose_is_a_table():
    # Report 1802 of the generator: a row of figures 35 pixels high on a page whose prose is as high.
    darkness = np.zeros((300, 920), np.uint8)
    for y in (100, 124):
        darkness[y : y + 2, 40:882] = 200
    for x in range(40, 881, 120):
        darkness[100:126, x : x + 2] = 200
    found = edges(darkness)
    assert {place for vertical, place, *_ in found if vertical} == set(range(40, 881, 120))


def test_a_table_with_open_sides_and_one_rule_between_its_columns_is_read():
    # Report 1700 of the generator: there was nothing between the outermost rules to look at, and OpenCV failed.
    darkness = np.zeros((300, 620), np.uint8)
    for y in YS:
        darkness[y : y + 2, XS[0] : XS[-1] + 2] = 180
    darkness[YS[0] : YS[-1] + 2, XS[1] : XS[1] + 2] = 180
    assert {place for vertical, place, *_ in edges(darkness) if vertical} == {XS[1]}


def test_a_low_row_with_open_sides_that_a_page_break_leaves_alone_is_a_table():
    # Report 2003 of the generator: one rule across and a short one down, above a row with no rule down at all.
    darkness = np.zeros((300, 920), np.uint8)
    for y in (100, 150, 200):
        darkness[y : y + 2, 40:882] = 180
    darkness[55:102, 500:502] = 180
    darkness[150:202, 500:502] = 180
    found = [drawn(rules, darkness, EM, ()) for rules in find_rules(darkness, EM).tables]
    assert sorted((rule.y0, rule.y1) for rules in found for rule in rules if rule.is_vertical)[0][1] < 110
    assert len(found) == 2


def test_both_lines_of_a_double_border_found_as_one_are_wiped():
    # Report 2019 of the generator: the inner edge of the border was read as a 1 after every total.
    darkness = sheet()
    darkness[YS[0] : YS[-1] + 2, XS[-1] - 8 : XS[-1] + 6] = 0
    for y in YS:
        darkness[y : y + 2, XS[-1] - 8 : XS[-1]] = 180
    for at in (XS[-1] - 5, XS[-1] + 3):
        darkness[YS[0] : YS[-1] + 2, at : at + 4] = 180
    (table,) = find_rules(darkness, EM).tables
    found = drawn(table, darkness, EM, ())
    wiped = along(found, find_rules(darkness, EM).mask, EM)
    border = darkness[YS[0] + 5 : YS[1] - 5, XS[-1] - 6 : XS[-1] + 8] > 0
    assert (wiped[YS[0] + 5 : YS[1] - 5, XS[-1] - 6 : XS[-1] + 8][border] > 0).all()


def test_strokes_of_two_lines_in_a_cell_of_which_one_was_found_are_no_rule():
    # Report 2017 of the generator: a row with 件 under its last figures had a column more than the others.
    darkness = sheet()
    darkness[YS[0] + 14 : YS[0] + 28, 480:483] = 200
    darkness[YS[0] + 33 : YS[0] + 46, 480:483] = 200
    darkness[YS[2] + 4 : YS[2] + 48, 480:483] = 200
    found = edges(darkness, [Box(460, YS[0] + 8, 500, YS[0] + 30), Box(460, YS[2] + 8, 500, YS[2] + 48)])
    assert not any(vertical and place == 480 and start < 90 for vertical, place, start, _ in found)


def test_a_rule_goes_on_between_columns_of_two_tables_that_lie_nearly_at_one_place():
    # Report 1901 of the generator: where chapter 3 stood right below chapter 2, half of a rule was lost, and 行政许可
    # became one cell with the heading below it.
    darkness = np.zeros((400, 620), np.uint8)
    for y in (50, 100, 150, 200, 250, 300):
        darkness[y : y + 3, 40:563] = 180
    for x in (40, 560):
        darkness[50:303, x : x + 3] = 180
    darkness[50:153, 300:303] = darkness[200:303, 306:309] = 180
    darkness[100:103, 302:306] = 0
    found = edges(darkness)
    assert (False, 100, 40, 560) in found
