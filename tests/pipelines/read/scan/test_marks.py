"""Dashes, slashes, minus signs, points and commas as they look, drawn here stroke by stroke."""

import pytest

cv2 = pytest.importorskip("cv2")
import numpy as np  # noqa: E402

from pipelines.read.scan.marks import (  # noqa: E402
    ellipsis,
    has_tail,
    is_one_number,
    joined_minus,
    mark,
    minus,
    shows_more,
    slants,
)

EM = 24.0


def ink(*rows):
    """Ink drawn with characters, # for ink."""
    return np.array([[sign == "#" for sign in row] for row in rows])


def strokes(*lines, size=(40, 40), thickness=2):
    """Straight strokes from (x, y) to (x, y), cut out without a margin."""
    picture = np.zeros(size, np.uint8)
    for start, end in lines:
        cv2.line(picture, start, end, 255, thickness)
    rows, columns = np.flatnonzero(picture.any(axis=1)), np.flatnonzero(picture.any(axis=0))
    return picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] > 0


def ring(width=11, height=16):
    """A nought."""
    picture = np.zeros((height + 4, width + 4), np.uint8)
    cv2.ellipse(picture, (width // 2 + 2, height // 2 + 2), (width // 2, height // 2), 0, 0, 360, 255, 2)
    return picture[picture.any(axis=1)][:, picture.any(axis=0)] > 0


SLASH = strokes(((5, 20), (12, 3)))
ONE = strokes(((8, 3), (8, 20)), ((5, 6), (8, 3)), ((5, 20), (11, 20)))
SEVEN = strokes(((3, 3), (13, 3)), ((13, 3), (7, 20)))


@pytest.mark.parametrize(("width", "read"), [(4, "-"), (8, "-"), (17, "—"), (22, "—"), (28, "——"), (44, "——")])
def test_a_flat_stroke_is_a_dash_by_its_width(width, read):
    assert mark(np.ones((3, width), bool), EM) == read


def test_a_dash_with_a_ragged_edge_is_one():
    assert mark(ink("..##......", "##########", "##########", ".......#.."), 13.0) == "—"


def test_a_point_is_no_dash():
    assert mark(np.ones((4, 4), bool), EM) is None


def test_a_slash_is_a_slash_also_where_it_is_worn():
    worn = SLASH.copy()
    worn[7:9] = False
    assert mark(SLASH, EM) == mark(worn, EM) == "/"


@pytest.mark.parametrize("digit", [ONE, SEVEN, ring()], ids=["1", "7", "0"])
def test_a_digit_is_no_slash(digit):
    assert mark(digit, EM) is None
    assert not slants(digit)


def test_a_slanting_stroke_is_less_a_1_than_a_slash():
    assert slants(SLASH)


def test_a_minus_sign_stands_before_the_digits_at_half_their_height():
    digits = np.zeros((17, 22), bool)
    digits[:, 10:12] = digits[:, 18:20] = True
    assert minus(digits, EM) == 0
    digits[8:10, :6] = True
    assert minus(digits, EM) == 10
    digits[8:10, :6] = False
    digits[15:17, :6] = True
    assert minus(digits, EM) == 0, "a stroke at the feet of digits is no sign"


def test_two_digits_show_more_than_one_and_a_thin_nought_does_not():
    two = np.hstack([ring(), np.zeros((ring().shape[0], 6), bool), ring()])
    assert shows_more(two, EM, 1)
    assert not shows_more(two, EM, 2)
    halves = ring().copy()
    halves[:3] = halves[-3:] = False
    halves[:, 5:7] = False
    assert not shows_more(halves, EM, 1)


def test_full_width_digits_are_one_number_and_those_of_two_columns_are_not():
    def apart(gap):
        return np.hstack([ring(), np.zeros((ring().shape[0], gap), bool), ring()])

    assert is_one_number(apart(12), EM)
    assert not is_one_number(apart(60), EM)


def line_of_digits(tail):
    """1?234 as a picture with a margin: three digits and a mark at their feet, with a tail or without."""
    picture = np.full((36, 60), 255, np.uint8)
    for start in (6, 26, 44):
        cv2.rectangle(picture, (start, 8), (start + 7, 24), 0, 2)
    picture[22:25, 18:21] = 0
    if tail:
        picture[25:28, 18:20] = 120
    return picture


def test_a_comma_reaches_below_the_digits_and_a_point_does_not():
    assert has_tail(line_of_digits(tail=True)) is True
    assert has_tail(line_of_digits(tail=False)) is False


def test_where_no_mark_stands_apart_nothing_is_told():
    picture = np.full((36, 30), 255, np.uint8)
    cv2.rectangle(picture, (6, 8), (13, 24), 0, 2)
    assert has_tail(picture) is None
    assert has_tail(np.full((36, 30), 255, np.uint8)) is None


def test_spots_in_a_row_at_equal_distances_are_an_ellipsis():
    spots = np.zeros((20, 60), bool)
    for x in (10, 18, 26, 34, 42, 50):
        spots[10:12, x : x + 2] = True
    assert ellipsis(spots, EM)
    assert not ellipsis(np.roll(spots, 1, axis=1) & (np.arange(60) < 20), EM), "two specks are dirt"
    spots[2:4, 50:52] = True
    assert not ellipsis(spots, EM)


def test_a_minus_sign_that_runs_into_a_four_is_told_by_its_length():
    # Report 2007 of the generator: -4 was read as 4.
    four = np.zeros((16, 12), bool)
    four[:, 8:10] = True
    four[10:12, :] = True
    for row in range(11):
        four[row, max(0, 8 - row) : 10 - row if row < 9 else 2] = True
    sign = np.zeros((16, 5), bool)
    sign[10:12] = True
    assert joined_minus(four, 24.0) is False
    assert joined_minus(np.hstack([sign, four]), 24.0) is True
    assert joined_minus(np.hstack([sign[:, :4], four]), 24.0) is None, "as short a stroke may be part of the 4"
    margin = np.zeros((len(four), 12), dtype=bool)
    assert joined_minus(np.hstack([margin, sign, four]), 24.0) is True, "bug: a margin left of it ended the reading"


def test_the_dots_of_an_ellipsis_may_be_as_large_as_strokes_and_have_specks_beside_them():
    # Report 1910 of the generator: dots five pixels high were read as • and 1, and the table was not known.
    dots = np.zeros((20, 60), bool)
    for x in (20, 27, 34):
        dots[8:13, x : x + 4] = True
    dots[2:4, 50:52] = True
    assert ellipsis(dots, EM)
    dots[4:14, 45:50] = True
    assert not ellipsis(dots, EM), "a digit beside them"


def test_a_thick_minus_sign_that_runs_into_a_four_is_one():
    # Report 1911 of the generator: worn, it was as thick as the bar of no 4 may be, and -45 was read as 45.
    worn = ink(
        ".............##.......######",
        "............####.....#######",
        "............#####...########",
        "............####....####....",
        "...........#####...#####....",
        "..........######...#######..",
        ".........#######...########.",
        ".........##..###.....######.",
        "..###...#########.......####",
        "##################.......###",
        ".#################.......###",
        "...###############.......###",
        "............#####.......####",
        ".............###..#########.",
        ".............###...#######..",
        "..............#.....#####...",
    )
    assert joined_minus(worn, EM) is True
    assert joined_minus(worn[:, 8:], EM) is False
