"""What two readings of a line and its ink come to; the readings are given, the engine is not asked."""

import pytest

pytest.importorskip("rapidocr")
import numpy as np

from pipelines.read.document import Box
from pipelines.read.scan import figures
from pipelines.read.scan.cells import CutLine
from pipelines.read.scan.engine import Reading
from pipelines.read.scan.page import _cell
from pipelines.validate.scanned import SURE

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
    """Read one line of which both cuts, and the first one trimmed, have given readings."""

    def read_one(cut, first, second=None, third=None):
        def given(picture):
            if picture.shape != cut.picture.shape:
                return third or ("?", 0.5)
            return second if second and (picture == SECOND).all() else first

        monkeypatch.setattr(figures, "read_lines", lambda pictures: [Reading(*given(one)) for one in pictures])
        (reading,) = figures.read_cut_lines([cut])
        return reading.text, round(reading.confidence, 3)

    return read_one


def test_a_mark_told_by_its_shape_is_not_asked_for(read):
    assert read(line(mark="/"), ("1", 0.99)) == ("/", 1.0)


def test_two_readings_that_agree_are_surer_than_either(read):
    assert read(line(), ("5", 0.8), ("5", 0.7)) == ("5", 0.94)


def test_two_readings_that_differ_leave_the_better_one_in_doubt(read):
    assert read(line(), ("5", 0.99), ("6", 0.9)) == ("5", figures.DOUBTED)


def test_what_two_of_three_looks_agree_in_is_as_sure_as_the_odds_against_it_leave_it(read):
    # Report 1005 of the generator: 33 noughts were doubted because a wider cut showed them as a 3, hardly sure of it.
    text, sure = read(line(), ("0件", 1.0), ("3件", 0.6), ("0件", 0.99))
    assert (text, sure > SURE) == ("0件", True)
    text, sure = read(line(), ("5", 0.9), ("6", 0.95), ("5", 0.9))
    assert (text, sure < SURE) == ("5", True)
    text, sure = read(line(), ("5", 0.99), ("6", 0.9), ("6", 0.99))
    assert (text, sure < SURE) == ("6", True)


def test_a_comma_that_one_look_overlooked_is_no_contradiction(read):
    ink = (DIGIT, GAP, DIGIT, GAP, DIGIT, GAP, DIGIT)
    assert read(line(*ink), ("1,208", 0.99), ("1208", 1.0))[0] == "1,208"
    assert figures._value("1,208") == figures._value("1208")
    assert figures._value("1,2081") != figures._value("12081")
    assert figures._value("1.208") != figures._value("1208")


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


@pytest.mark.parametrize(
    ("text", "sure_of_sign", "tailed", "doubted"),
    [
        ("3,855", 0.99, False, False),  # Report 1702 of the generator: blur had taken the tails
        ("3,855", 0.6, False, True),
        ("3.855", 0.99, True, True),  # points of blurred serif print seem to have tails
        ("3.855", 0.99, False, True),
    ],
)
def test_looks_that_are_sure_of_commas_need_no_tails(monkeypatch, text, sure_of_sign, tailed, doubted):
    picture = np.full((36, 60), 255, np.uint8)
    for start in (6, 26, 44):
        picture[8:25, start : start + 8] = 0
    picture[22 : 28 if tailed else 25, 18:21] = 0
    sure = tuple(sure_of_sign if sign in ",." else 0.999 for sign in text)
    monkeypatch.setattr(figures, "read_lines", lambda asked: [Reading(text, min(sure), sure) for _ in asked])
    (reading,) = figures.read_cut_lines([line(picture=picture)])
    assert (reading.text, reading.confidence < SURE) == (text, doubted)


def test_nothing_seen_where_there_is_ink_is_no_confidence(read):
    assert read(line(), ("", 0.0)) == ("", 0.0)


def test_a_point_after_the_unit_or_before_it_is_a_speck(read):
    assert read(line(), ("15644项.", 0.9)) == ("15644项", 0.99)
    assert read(line(), ("265·件", 0.9)) == ("265件", 0.99)


def test_an_o_with_a_speck_above_it_is_a_nought(read):
    assert read(line(), ("ó件", 0.9))[0] == "0件"


def test_strokes_alone_are_ones_but_not_surely(read):
    assert read(line(DIGIT, GAP, DIGIT), ("II", 0.95)) == ("11", 0.51)
    assert SURE > 0.51


@pytest.mark.parametrize(("text", "paired"), [("8（其中1件)", "8（其中1件）"), ("(一）", "（一）"), ("(一)", "（一）")])
def test_brackets_around_ideographs_are_as_wide(read, text, paired):
    assert read(line(), (text, 0.9))[0] == paired


def texts_of(monkeypatch, *given):
    """What a page comes to on which both looks gave these readings, and how sure it is."""
    readings = iter([Reading(text, 0.99) for text in given] * 2)
    monkeypatch.setattr(figures, "read_lines", lambda pictures: [next(readings) for _ in pictures])
    monkeypatch.setattr(figures, "shows_more", lambda *_: False)
    return [(one.text, one.confidence) for one in figures.read_cut_lines([line() for _ in given])]


def test_points_before_each_three_digits_are_commas_where_a_page_has_no_others(monkeypatch):
    found = texts_of(monkeypatch, "8.865", "1.004件", "25.985", "17")
    assert [text for text, _ in found] == ["8,865", "1,004件", "25,985", "17"]


@pytest.mark.parametrize("other", ["1.5", "0.1234万元"])
def test_points_are_decimal_where_one_figure_has_another_number_of_decimals(monkeypatch, other):
    given = ("8.865", "1.004", "25.985", other)
    assert [text for text, _ in texts_of(monkeypatch, *given)] == list(given)


def test_two_figures_with_three_decimals_are_no_pattern(monkeypatch):
    assert [text for text, _ in texts_of(monkeypatch, "8.865", "1.004", "17")] == ["8.865", "1.004", "17"]


def test_figures_whose_commas_were_not_seen_stay_doubted(monkeypatch):
    monkeypatch.setattr(figures, "has_tail", lambda _: False)
    found = texts_of(monkeypatch, "8.865", "1.004", "25.985")
    assert [confidence for _, confidence in found] == [figures.DOUBTED] * 3


@pytest.mark.parametrize(("sure_of_point", "text"), [(0.8, "8,668"), (0.99, "8.668")])
def test_bug_commas_worn_to_points_were_points_beside_commas_with_tails(monkeypatch, sure_of_point, text):
    # Report 2902 of the generator: of the commas of a page some had lost their tails.
    given = [("3,226", 0.99), ("8.668", sure_of_point), ("1.5", 0.99)]
    readings = iter(
        [Reading(one, sure, tuple(sure if sign in ",." else 1.0 for sign in one)) for one, sure in given * 2]
    )
    tails = iter([True, False])
    monkeypatch.setattr(figures, "read_lines", lambda pictures: [next(readings) for _ in pictures])
    monkeypatch.setattr(figures, "shows_more", lambda *_: False)
    monkeypatch.setattr(figures, "has_tail", lambda _: next(tails))
    found = [(one.text, one.confidence < SURE) for one in figures.read_cut_lines([line() for _ in given])]
    assert found == [("3,226", False), (text, True), ("1.5", False)]


def test_a_figure_is_as_sure_as_what_counts_in_it():
    reading = Reading(
        "2,102件（其中修订1件）", 0.2, (0.99, 0.3, 0.98, 0.97, 0.96, 0.2, 0.2, 0.3, 0.4, 0.5, 0.5, 0.95, 0.4, 0.3)
    )
    assert figures._of_figure(reading).confidence == 0.95
    assert figures._of_figure(Reading("3万元", 0.6, (0.99, 0.6, 0.9))).confidence == 0.6
    assert figures._of_figure(Reading("12", 0.6)).confidence == 0.6


def test_commas_without_tails_are_not_doubted_where_all_figures_of_a_page_have_them(monkeypatch):
    # Report 711 of the generator: 47 figures were doubted because blur had taken the tails of all commas.
    monkeypatch.setattr(figures, "has_tail", lambda _: False)
    assert [sure > SURE for _, sure in texts_of(monkeypatch, "8,865", "1,004", "25,985")] == [True] * 3
    assert [sure > SURE for _, sure in texts_of(monkeypatch, "8,865", "1,004", "25,985", "1.5")][:3] == [False] * 3
    assert [sure > SURE for _, sure in texts_of(monkeypatch, "8,865", "1,004")] == [False] * 2


def test_a_point_before_a_figure_leaves_it_in_doubt(read):
    assert read(line(), (".9", 0.99)) == (".9", figures.DOUBTED)


def test_a_letter_is_no_figure_where_another_look_saw_one(read):
    # Report 1205 of the generator: a nought was an a in the surer of two looks.
    assert read(line(), ("a", 0.97), ("0", 0.7), ("a", 0.9)) == ("0", figures.DOUBTED)
    text, sure = read(line(), ("a", 0.97), ("a", 0.9), ("0", 0.8))
    assert (text, sure) == ("0", figures.DOUBTED)


def test_a_speck_beside_a_comma_is_no_sign_of_the_figure(read):
    # Report 1204 of the generator: one figure that was none took a row of fifteen with it.
    ink = (DIGIT, GAP, DIGIT, GAP, DIGIT, GAP, DIGIT)
    assert read(line(*ink), ("9,.978", 0.97), ("9,978", 1.0), ("9,.978", 0.9)) == ("9,978", figures.DOUBTED)


def test_a_flat_spot_far_before_the_digits_is_no_minus_sign(read):
    # Report 1206 of the generator: 762 was -762, and nothing told.
    spot = np.zeros((16, 6), bool)
    spot[8:10] = True
    far = [GAP] * 8
    assert read(line(spot, *far, DIGIT, GAP, DIGIT, GAP, DIGIT), ("762", 1.0))[0] == "762"


def test_a_one_with_serifs_read_as_a_letter_is_a_one_in_doubt(read):
    # Report 1713 of the generator: 10 and 16 were I0 and I6 at every look, and no figures at all.
    for cut, seen, meant in ((line(DIGIT, GAP, DIGIT), "I0", "10"), (line(), "I 件", "1 件")):
        text, sure = read(cut, (seen, 0.99))
        assert (text, sure < SURE) == (meant, True)
    assert read(line(), ("|142", 0.99))[0] == "|142", "what stands beside a figure may be the rest of a rule"


def test_letters_that_look_like_digits_are_digits_in_doubt(read):
    ink = (DIGIT, GAP, DIGIT)
    text, sure = read(line(*ink), ("3 S", 0.99))
    assert (text, sure < SURE) == ("35", True)
    assert read(line(*ink), ("A5", 0.99))[0] == "A5"


def test_a_figure_with_a_letter_in_it_gives_way_to_one_without(read):
    ink = (DIGIT, GAP, DIGIT)
    assert read(line(*ink), ("3 A", 0.9), ("35", 0.8), ("35", 0.9))[0] == "35"
    assert read(line(*ink), ("3A", 0.9), ("35", 0.6), ("3A", 0.9)) == ("35", figures.DOUBTED)


@pytest.mark.parametrize(("smooth", "sure"), [(("17", 0.998), False), (("37", 0.9), True)])
def test_a_figure_that_no_look_is_sure_of_is_doubted_where_a_smoother_picture_shows_another(monkeypatch, smooth, sure):
    # Report 2007 of the generator: 17, ragged in black and white, was read as 37 by two looks, and no finding told.
    looks = iter([("37", 0.699), ("37", 0.989), smooth])
    monkeypatch.setattr(figures, "read_lines", lambda pictures: [Reading(*next(looks)) for _ in pictures])
    (reading,) = figures.read_cut_lines([line()])
    assert (reading.text, reading.confidence >= SURE) == ("37", sure)


def test_a_figure_that_one_look_is_sure_of_is_not_looked_at_again(read):
    assert read(line(), ("37", 0.6), ("37", 0.999), ("17", 0.999))[1] > SURE


def test_bug_brackets_of_a_note_broken_over_two_lines_were_of_two_widths():
    # Report 2405 of the generator: （其中修订 stood on one line, 1件) on the next.
    cell = _cell(Box(0, 0, 9, 9), [Reading("1653项（其中修订", 1.0), Reading("1件)", 1.0)])
    assert cell.text == "1653项（其中修订\n1件）"
