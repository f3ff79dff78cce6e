"""Rules that drown in the grain of the paper: drawn through where they are, and nowhere else."""

import pytest

pytest.importorskip("rapidocr")
import numpy as np

from pipelines.read.document import Box
from pipelines.read.scan.faint import _gapless, drawn_through
from pipelines.read.scan.marks import runs
from pipelines.read.scan.rules import are_faint, find_rules

EM = 24.0
XS, YS = (100, 400, 560, 720, 880), (80, 140, 200, 260, 320)


def page(level: float, noise: float = 9.0, seed: int = 1) -> np.ndarray:
    """How dark a page with a grid is, the rules as much darker than the paper as said, blurred and grainy."""
    sheet = np.zeros((600, 1000), np.float32)
    for y in YS:
        sheet[y - 1 : y + 2, XS[0] : XS[-1] + 1] = level
    for x in XS:
        sheet[YS[0] : YS[-1] + 1, x - 1 : x + 2] = level
    sheet += np.random.default_rng(seed).normal(6, noise, sheet.shape)
    return sheet.clip(0, 255).astype(np.uint8)


def grid(darkness: np.ndarray, texts: tuple[Box, ...] = ()) -> tuple[set[int], set[int]]:
    """The places of the rules of all tables, rounded to four pixels."""
    rules = [rule for table in find_rules(drawn_through(darkness, EM, texts), EM).tables for rule in table]
    down = {4 * round(rule.x0 / 4) for rule in rules if rule.is_vertical}
    return {4 * round(rule.y0 / 4) for rule in rules if not rule.is_vertical}, down


@pytest.mark.parametrize("seed", range(4))
def test_rules_no_darker_than_grain_are_found(seed: int) -> None:
    # Report 1018 of the generator: not one rule of a page was found, and nothing was loaded.
    assert grid(page(14, seed=seed)) == (set(YS), set(XS))


@pytest.mark.parametrize("seed", range(4))
def test_grain_alone_is_no_rule(seed: int) -> None:
    assert not drawn_through(page(0, seed=seed), EM, ()).any()


def test_print_is_no_rule() -> None:
    darkness = page(14)
    random = np.random.default_rng(3)
    for y in range(360, 580, 40):
        darkness[y : y + 22, 100:880] = np.where(random.random((22, 780)) < 0.4, 180, darkness[y : y + 22, 100:880])
    texts = tuple(Box(98.0, y - 4.0, 882.0, y + 26.0) for y in range(360, 580, 40))
    assert not drawn_through(darkness, EM, texts)[340:].any()


def test_rules_end_at_those_they_meet() -> None:
    darkness = page(20)
    rng = np.random.default_rng(2)
    darkness[202:258, 398:403] = rng.normal(6, 9, (56, 5)).clip(0, 255)  # a merged cell below a row
    found = drawn_through(darkness, EM, ())
    assert not found[206:254, 390:410].any()
    assert found[100:130, 398:403].any(axis=1).all()


def test_rules_that_stand_out_of_the_grain_are_told_from_those_that_hardly_do() -> None:
    for level, faint in ((24, True), (150, False)):
        darkness = page(level)
        tables = find_rules(darkness, EM).tables
        assert tables
        assert are_faint(tables, darkness, EM) is faint


def test_bug_grain_as_dark_as_ink_is_no_traceback() -> None:
    # A scan with flipped bytes: noise of black and white.
    noise = 255 * np.random.default_rng(1).integers(0, 2, (600, 1000), dtype=np.uint8)
    assert find_rules(noise, EM).tables == ()


def test_a_rule_between_two_texts_that_were_found_as_one_is_drawn_through() -> None:
    # Report 2102 of the generator: 结果维持 and 结果纠正 in narrow cells were found as one line, and were one cell.
    darkness, random = page(14), np.random.default_rng(3)
    darkness[142:322, 398:403] = random.normal(6, 9, (180, 5)).clip(0, 255)  # merged but for the first row
    for x in (360, 412):
        darkness[92:128, x : x + 28] = np.where(random.random((36, 28)) < 0.4, 180, darkness[92:128, x : x + 28])
    found = drawn_through(darkness, EM, (Box(358.0, 86.0, 442.0, 134.0),))
    assert found[100:120, 398:403].any(axis=1).all()
    assert not found[100:120, 404:440].any()


def test_gaps_between_characters_are_no_place_for_rules() -> None:
    text = np.zeros((24, 200), bool)
    text[:, 10:32] = text[:, 36:58] = text[:, 80:102] = True
    assert runs(_gapless(text, EM)) == [(10, 58), (80, 102)]


@pytest.mark.parametrize("box", [Box(100.0, 90.0, 102.0, 120.0), Box(990.0, 90.0, 1030.0, 120.0)])
def test_bug_a_text_no_wider_than_its_sides_ended_the_reading(box: Box) -> None:
    # Report 2915 of the generator.
    assert grid(page(14), (box,)) == grid(page(14))
