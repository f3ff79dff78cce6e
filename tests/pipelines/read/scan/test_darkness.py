"""How dark ink is: under a seal, and where rules cross."""

import pytest

cv2 = pytest.importorskip("cv2")
import numpy as np  # noqa: E402

from pipelines.read.document import Box  # noqa: E402
from pipelines.read.scan.cells import lines_of, page  # noqa: E402
from pipelines.read.scan.darkness import darkness  # noqa: E402

EM = 24.0


def paper():
    return np.full((300, 300, 3), 245, np.uint8)


def test_a_red_seal_is_as_bright_as_paper_and_print_under_it_stays():
    sheet = paper()
    cv2.circle(sheet, (150, 150), 90, (210, 60, 60), 6)
    sheet[140:160, 58:62] = 30
    dark = darkness(sheet, EM)
    assert dark[146:154, 59:61].min() > 150
    dark[138:162, 55:65] = 0
    assert dark.max() < 10


def test_faint_print_beside_black_rules_is_told_from_paper():
    # The crossings of thick rules stayed, and print was compared with their black: slashes lost their ends.
    dark = np.zeros((400, 400), np.uint8)
    rules = np.zeros_like(dark)
    for at in range(20, 400, 40):
        dark[at : at + 5] = dark[:, at : at + 5] = 240
        rules[at : at + 5] = rules[:, at : at + 5] = 255
    for y in range(20, 400, 40):
        for x in range(20, 400, 40):
            rules[y - 2 : y + 7, x - 2 : x + 7] = 0
    dark[36:50, 43:46] = 60
    ink = page(dark, rules, EM).ink
    assert ink[38:48, 44].all()
    assert not ink[20:25, 20:25].any()


def test_what_is_left_of_a_rule_under_a_figure_is_no_dash():
    # Report 727 of the generator: 0 with a worn rule below it was read as 0 and a dash, which is no number.
    dark = np.zeros((90, 120), np.uint8)
    dark[20:40, 40:52] = dark[60:63, 36:56] = 200
    (line,) = lines_of(Box(0.0, 0.0, 120.0, 90.0), page(dark, np.zeros_like(dark), EM))
    assert line.mark is None
    dark[20:40] = 0
    (dash,) = lines_of(Box(0.0, 0.0, 120.0, 90.0), page(dark, np.zeros_like(dark), EM))
    assert dash.mark == "—"


def slash(dark, x, y, level):
    """A slash of 13 by 5 pixels, blurred, so many levels dark."""
    stroke = np.zeros((21, 13), np.float32)
    for row in range(4, 17):
        stroke[row, 8 - (row - 4) // 3] = 1.0
    dark[y : y + 21, x : x + 13] = np.maximum(
        dark[y : y + 21, x : x + 13], cv2.GaussianBlur(stroke, (0, 0), 1.0) * level
    )


def test_a_slash_much_fainter_than_the_print_of_the_page_is_seen():
    # Report 900 of the generator: thin slashes were read as ones or as nothing, and a chapter was lost with them.
    dark = np.random.default_rng(1).normal(4, 2, (200, 600)).clip(0, 255).astype(np.uint8)
    dark[20:40, 20:560:3] = 160  # print
    slash(dark, 100, 100, 150)
    cut_from = page(dark, np.zeros_like(dark), EM)
    (line,) = lines_of(Box(60, 80, 150, 150), cut_from)
    assert line.mark == "/"
    assert lines_of(Box(260, 80, 350, 150), cut_from) == []


def test_print_that_shows_through_is_no_faint_ink():
    dark = np.zeros((200, 600), np.uint8)
    dark[20:40, 20:560:3] = 200
    slash(dark, 100, 100, 60)
    assert lines_of(Box(60, 80, 150, 150), page(dark, np.zeros_like(dark), EM)) == []


def test_a_speck_in_a_blank_cell_is_no_faint_ink():
    dark = np.zeros((200, 600), np.uint8)
    dark[20:40, 20:560:3] = 160
    dark[110:113, 100:103] = 150
    assert lines_of(Box(60, 80, 150, 150), page(dark, np.zeros_like(dark), EM)) == []


def test_grain_that_lies_flat_is_no_part_of_a_line():
    # Reports 1206 and 1221 of the generator: 762 became -762, and a dash among grain was read as an ideograph.
    dark = np.zeros((200, 600), np.uint8)
    dark[20:40, 20:560:3] = 160
    dark[100:104, 300:340] = 150  # a dash
    for x, y in ((220, 96), (260, 120), (380, 90)):
        dark[y : y + 2, x : x + 5] = 70
    (line,) = lines_of(Box(200, 80, 420, 150), page(dark, np.zeros_like(dark), EM))
    assert line.mark in ("—", "——")


def test_a_hyphen_alone_and_a_minus_sign_stay():
    dark = np.zeros((200, 600), np.uint8)
    dark[20:40, 20:560:3] = 160
    dark[108:110, 300:306] = 150
    (line,) = lines_of(Box(200, 80, 420, 150), page(dark, np.zeros_like(dark), EM))
    assert line.mark == "-"
    dark[100:118, 312:316] = 150
    (line,) = lines_of(Box(200, 80, 420, 150), page(dark, np.zeros_like(dark), EM))
    assert line.ink.shape[1] == 16
