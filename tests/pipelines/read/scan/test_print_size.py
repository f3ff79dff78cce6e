"""Sizes of print from the lines of text that were found."""

import pytest

pytest.importorskip("rapidocr")
import numpy as np

from pipelines.read.document import Box
from pipelines.read.scan.cells import Page
from pipelines.read.scan.page import LARGEST, _print_of
from pipelines.read.scan.picture import scaling
from pipelines.read.scan.upright import EM_OF_LINE, Upright, line_sizes


def line(width, height):
    return np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)


def test_text_set_from_top_to_bottom_is_no_measure_of_print():
    # Report 609 of the generator: dashes of a table with such headings were told by a print three times too large.
    assert line_sizes([line(120, 24), line(24, 110), line(200, 26)]) == [EM_OF_LINE * 24, EM_OF_LINE * 26]


def test_a_lone_digit_is():
    assert line_sizes([line(120, 24), line(10, 22)]) == [EM_OF_LINE * 24, EM_OF_LINE * 22]


def test_the_usual_size_may_be_given():
    assert line_sizes([line(24, 110)], 18.0) == []


PAGE_EM = 30.0


def size_of(lines, digits=None, height=11):
    """The size of print told of a table of 400 by 60 pixels with such lines of text, their ink as high as said."""
    ink = np.zeros((200, 600), np.uint8)
    for x0, top, x1, bottom in [] if digits is not None else lines:
        middle = (top + bottom) // 2
        ink[middle - height // 2 : middle - height // 2 + height, x0 + 3 : x1 - 3 : 4] = 255
    for x in digits or ():
        ink[100 : 100 + height, x : x + 6] = 255
    quads = tuple(np.array([(a, t), (b, t), (b, u), (a, u)], np.float32) for a, t, b, u in lines)
    lying = Upright(np.zeros((200, 600, 3), np.uint8), PAGE_EM, PAGE_EM, quads, scaling(1.0))
    return _print_of([Box(50, 60, 450, 120)], lying, Page(255 - ink, ink, ink, 0.0, PAGE_EM), 1.0)


def test_bug_small_print_was_taken_for_larger_by_the_boxes_around_it():
    # Report 2019 of the generator: 结果维 and 持 below it were cut as one line, and the heading was unknown.
    lines = [(60, 62, 160, 86), (60, 90, 160, 114)]
    assert size_of(lines) == pytest.approx(LARGEST * 11 / 0.92)
    assert size_of(lines, height=20) == pytest.approx(EM_OF_LINE * 24), "the ink is as high as the boxes tell"


def test_bug_a_low_row_found_as_one_line_made_its_noughts_dashes():
    # Report 2708 of the generator: a whole row of chapter 4 was read as blank, and no finding told.
    assert size_of([(55, 56, 445, 124)], digits=(80, 160, 240, 320)) == pytest.approx(LARGEST * 11 / 0.7)
    assert size_of([(55, 56, 445, 124)], digits=()) == PAGE_EM, "no digits tell"
