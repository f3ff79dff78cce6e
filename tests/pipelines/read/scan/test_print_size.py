"""Sizes of print from the lines of text that were found."""

import pytest

pytest.importorskip("rapidocr")
import numpy as np

from pipelines.read.scan.upright import EM_OF_LINE, line_sizes


def line(width, height):
    return np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)


def test_text_set_from_top_to_bottom_is_no_measure_of_print():
    # Report 609 of the generator: dashes of a table with such headings were told by a print three times too large.
    assert line_sizes([line(120, 24), line(24, 110), line(200, 26)]) == [EM_OF_LINE * 24, EM_OF_LINE * 26]


def test_a_lone_digit_is():
    assert line_sizes([line(120, 24), line(10, 22)]) == [EM_OF_LINE * 24, EM_OF_LINE * 22]


def test_the_usual_size_may_be_given():
    assert line_sizes([line(24, 110)], 18.0) == []
