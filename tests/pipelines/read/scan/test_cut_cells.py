"""Lines cut out of cells: faint ink and the grain of the paper."""

import pytest

cv2 = pytest.importorskip("cv2")
import numpy as np  # noqa: E402

from pipelines.read.document import Box  # noqa: E402
from pipelines.read.scan.cells import lines_of, page  # noqa: E402

EM = 24.0


def darkness(noise, slash=0):
    """How dark a page with print on its left is, and on its right a cell with a faint slash, or nothing in it."""
    picture = np.abs(np.random.default_rng(7).normal(0, noise, (200, 700))).astype(np.float32)
    picture[40:160:6, 20:200] = 110
    for at in range(16):
        picture[110 - at, 500 + at // 2 : 503 + at // 2] += slash
    return picture.clip(0, 255).astype(np.uint8)


def cut(dark):
    return lines_of(Box(420, 60, 680, 150), page(dark, np.zeros_like(dark), EM))


def test_the_grain_of_a_noisy_page_is_no_faint_ink():
    # Report 1802 of the generator: blank cells were read as 日 and 379.
    assert cut(darkness(noise=15)) == []


def test_bug_grain_of_a_noisy_page_with_little_print_was_taken_for_ink():
    # Report 2915 of the generator: four figures on a page whose paper was grainy, and blank cells were read as words.
    dark = np.abs(np.random.default_rng(7).normal(0, 12, (1200, 700)))
    dark[100:116:4, 500:530] = 150
    cut_from = page(dark.clip(0, 255).astype(np.uint8), np.zeros((1200, 700), np.uint8), EM)
    assert lines_of(Box(420, 200, 680, 290), cut_from) == []
    (line,) = lines_of(Box(420, 60, 680, 150), cut_from)
    assert np.asarray(line.picture)[0].mean() > 200, "paper is nearly white"


def test_faint_ink_is_found_on_paper_with_less_grain():
    assert len(cut(darkness(noise=3, slash=55))) == 1


def test_what_is_left_of_a_rule_at_the_side_of_a_cell_is_no_one():
    # Spread 310 of the generator: the edge of a double border, two pixels wide, was read as a 1 in a blank cell.
    dark = np.zeros((200, 700), np.uint8)
    dark[40:160:6, 20:200] = 150
    dark[64:86, 674:676] = 120
    blank = np.zeros_like(dark)
    assert lines_of(Box(420, 62, 680, 88), page(dark, blank, EM)) == []
    assert len(lines_of(Box(420, 50, 680, 100), page(dark, blank, EM))) == 1, "a 1 is as high, in a higher cell"


def test_the_inner_line_of_a_double_border_below_a_digit_is_no_dash():
    # Report 1901 of the generator: 0 above it was read as 一0.
    dark = np.zeros((200, 700), np.uint8)
    dark[40:160:6, 20:200] = 150
    dark[108:124, 540:544] = dark[108:124, 550:554] = dark[108:110, 540:554] = dark[122:124, 540:554] = 150
    dark[132:135, 420:680] = 150
    dark[131, 430:450] = 150
    (line,) = lines_of(Box(420, 100, 680, 138), page(dark, np.zeros_like(dark), EM))
    assert line.mark is None
    assert line.ink.shape[0] <= 17
    assert np.asarray(line.picture).min(axis=1)[-4:].min() == 255, "nor does the line lie in what is read"


@pytest.mark.parametrize(("away", "lines"), [(60, 1), (10, 2)])
def test_pieces_of_a_rule_at_the_side_of_a_cell_are_no_line_where_its_text_is_far(away, lines):
    # Report 2106 of the generator: what JPEG left of the right border above 总计 was read as a 1 and an à.
    dark = np.zeros((200, 700), np.uint8)
    dark[40:160:6, 20:200] = 150
    dark[110:126, 680 - away - 30 : 680 - away] = 150
    dark[80:86, 676:678] = dark[90:98, 676:678] = 150
    assert len(lines_of(Box(420, 70, 680, 150), page(dark, np.zeros_like(dark), EM))) == lines
