"""What two readings of a line and its ink come to; the readings are given, the engine is not asked."""

import pytest

pytest.importorskip("rapidocr")
import numpy as np

from pipelines.read.scan import figures
from pipelines.read.scan.cells import CutLine
from pipelines.read.scan.engine import Reading

FIRST, SECOND = 1, 2
DIGIT = np.ones((16, 8), bool)
GAP = np.zeros((16, 5), bool)


def line(*ink, mark=None, picture=None):
    """A line whose two cuts can be told apart."""
    paper = np.full((30, 30), 255, np.uint8) if picture is None else picture
    strokes = np.hstack(ink) if ink else DIGIT
    return CutLine(
        np.full_like(paper, FIRST) if picture is None else paper, np.full_like(paper, SECOND), strokes, 24.0, mark
    )


@pytest.fixture
def read(monkeypatch):
    """Read one line of which both cuts have given readings."""

    def read_one(cut, first, second=None):
        given = {True: second or first, False: first}
        monkeypatch.setattr(
            figures, "read_lines", lambda pictures: [Reading(*given[bool((p == SECOND).all())]) for p in pictures]
        )
        (reading,) = figures.read_cut_lines([cut])
        return reading.text, round(reading.confidence, 3)

    return read_one


def test_a_mark_told_by_its_shape_is_not_asked_for(read):
    assert read(line(mark="/"), ("1", 0.99)) == ("/", 1.0)


def test_two_readings_that_agree_are_surer_than_either(read):
    assert read(line(), ("5", 0.8), ("5", 0.7)) == ("5", 0.94)


def test_two_readings_that_differ_leave_the_better_one_in_doubt(read):
    assert read(line(), ("5", 0.99), ("6", 0.9)) == ("5", figures.DOUBTED)


def test_labels_are_read_once(read):
    assert read(line(), ("2.重复申请", 0.9), ("另", 0.99)) == ("2.重复申请", 0.9)


def test_spaces_between_full_width_digits_are_the_engine_s(read):
    assert read(line(DIGIT, GAP, GAP, DIGIT), ("1 6", 0.9), ("16", 0.9)) == ("16", 0.99)


def test_a_number_and_another_far_from_it_stay_two(read):
    text, _ = read(line(DIGIT, *[GAP] * 12, DIGIT), ("1 6", 0.9))
    assert text == "1 6"


def test_a_minus_sign_that_the_engine_overlooks_is_read_from_the_ink(read):
    sign = np.zeros((16, 6), bool)
    sign[8:10] = True
    assert read(line(sign, GAP, DIGIT, GAP, DIGIT), ("57", 0.9)) == ("-57", 0.99)
    assert read(line(sign, GAP, DIGIT, GAP, DIGIT), ("—57", 0.9)) == ("-57", 0.99)


def test_fewer_digits_than_the_ink_shows_are_in_doubt(read):
    assert read(line(DIGIT, GAP, DIGIT), ("3", 1.0)) == ("3", figures.DOUBTED)


def test_a_lone_o_among_figures_is_a_nought(read):
    assert read(line(), ("o件", 0.9), ("0件", 0.9))[0] == "0件"


def test_a_speck_after_a_number_is_no_point(read):
    assert read(line(), ("44.件", 0.9)) == ("44件", 0.99)
    assert read(line(), ("13.（其中修订1件）", 0.9)) == ("13（其中修订1件）", 0.99)


def test_a_thousand_and_a_fraction_are_told_apart_by_the_comma_s_tail_or_in_doubt(read):
    picture = np.full((36, 60), 255, np.uint8)
    for start in (6, 26, 44):
        picture[8:25, start : start + 8] = 0
    picture[22:25, 18:21] = 0
    assert read(line(picture=picture), ("3.855", 0.99)) == ("3.855", figures.DOUBTED)
    assert read(line(picture=picture), ("3,855", 0.99)) == ("3,855", figures.DOUBTED)
    picture[25:28, 18:20] = 120
    assert read(line(picture=picture), ("3.855", 0.99))[0] == "3,855"


def test_nothing_seen_where_there_is_ink_is_no_confidence(read):
    assert read(line(), ("", 0.0)) == ("", 0.0)
