"""Rules of which a black-and-white scan left dots: drawn through where they went, and nowhere else."""

from itertools import pairwise

import pytest

pytest.importorskip("rapidocr")
import numpy as np

from pipelines.read.document import Box
from pipelines.read.scan.rules import find_rules
from pipelines.read.scan.worn import is_bilevel, mended

EM = 24.0
XS, YS = (60, 340, 480, 620, 760), (80, 120, 160, 200, 240)


def blank() -> np.ndarray:
    return np.zeros((320, 840), np.uint8)


def dotted(page: np.ndarray, x0: int, y0: int, x1: int, y1: int, share: float = 0.4, seed: int = 1) -> None:
    """Spots of a rule, one or two pixels thick, a few pixels long, here and there."""
    random = np.random.default_rng(seed + x0 + 31 * y0)
    length = max(x1 - x0, y1 - y0)
    spots = np.repeat(random.random(length // 3 + 1) < share, 3)[:length]
    if x1 > x0:
        page[y0 : y0 + 2, x0:x1][:, spots] = 255
    else:
        page[y0:y1, x0 : x0 + 2][spots] = 255


def table(share: float = 0.4) -> np.ndarray:
    page = blank()
    for y in YS:
        dotted(page, XS[0], y, XS[-1], y, share)
    for x in XS:
        dotted(page, x, YS[0], x, YS[-1], share)
    return page


def lines(page: np.ndarray, texts: tuple[Box, ...] = ()) -> tuple[list[int], list[int]]:
    """Where rules are found after mending: rows of the horizontal ones, columns of the vertical ones."""
    rules = [rule for found in find_rules(mended(page, EM, texts), EM).tables for rule in found]
    return (
        sorted({round(rule.y0) for rule in rules if not rule.is_vertical}),
        sorted({round(rule.x0) for rule in rules if rule.is_vertical}),
    )


def near(found: list[int], wanted: tuple[int, ...]) -> bool:
    return len(found) == len(wanted) and all(abs(one - other) <= 2 for one, other in zip(found, wanted, strict=True))


@pytest.mark.parametrize("share", [0.4, 0.55, 0.7])
def test_dots_in_a_row_are_a_rule(share: float) -> None:
    across, down = lines(table(share))
    assert near(across, YS)
    assert near(down, XS)


def test_specks_of_dirt_are_no_rules() -> None:
    random = np.random.default_rng(3)
    page = blank()
    for y, x in zip(random.integers(0, 318, 60), random.integers(0, 838, 60), strict=True):
        page[y : y + 2, x : x + 2] = 255
    assert (mended(page, EM, ()) == page).all()


def test_dashes_in_the_cells_of_a_row_are_no_rule() -> None:
    page = table()
    for x0, x1 in pairwise(XS[1:]):
        middle = (x0 + x1) // 2
        page[139:142, middle - 24 : middle - 1] = 255
        page[139:142, middle + 1 : middle + 24] = 255
    across, _ = lines(page)
    assert near(across, YS)


def test_dashes_in_the_narrow_cells_of_a_row_are_no_rule() -> None:
    # Report 2415 of the generator: between the dots of the rules on both sides there is little paper beside a dash.
    xs = tuple(range(60, 61 + 76 * 10, 76))
    page = blank()
    for y in YS:
        dotted(page, xs[0], y, xs[-1], y, 0.3)
    for x in xs:
        dotted(page, x, YS[0], x, YS[-1], 0.7)
        page[139:142, x : x + 2] = 255
    for x0, x1 in pairwise(xs):
        middle = (x0 + x1) // 2 + 1
        page[139:142, middle - 18 : middle - 1] = page[139:142, middle + 1 : middle + 18] = 255
    across, _ = lines(page)
    assert near(across, YS)


def test_digits_below_each_other_are_no_rule() -> None:
    page = table()
    for y0, y1 in pairwise(YS):
        middle = (y0 + y1) // 2
        page[middle - 8 : middle + 8, 409:412] = 255
    between = [row for row in range(YS[0], YS[-1]) if all(abs(row - y) > 4 for y in YS)]
    assert (mended(page, EM, ())[between, 405:416] == page[between, 405:416]).all()


def test_a_rule_pauses_at_a_merged_cell() -> None:
    page = table()
    page[YS[1] - 1 : YS[1] + 3, XS[1] + 2 : XS[3]] = 0
    across = mended(page, EM, ())[YS[1] - 1 : YS[1] + 3]
    assert not across[:, XS[1] + 8 : XS[2] - 8].any()
    assert across[:, XS[0] + 8 : XS[1] - 8].any(axis=0).all()


def test_no_rule_goes_through_the_middle_of_a_text() -> None:
    """A vertical rule above and below a heading that spans its columns."""
    page = table()
    page[YS[1] + 3 : YS[2] - 1, XS[0] + 3 : XS[-1] - 1] = 0
    text = Box(400.0, YS[1] + 4.0, 700.0, YS[2] - 4.0)
    random = np.random.default_rng(5)
    page[YS[1] + 9 : YS[2] - 9, 404:696] = np.where(random.random((22, 292)) < 0.5, 255, 0)
    found = mended(page, EM, (text,))
    before = page[YS[1] + 10 : YS[2] - 10, XS[2] - 1 : XS[2] + 3]
    assert (found[YS[1] + 10 : YS[2] - 10, XS[2] - 1 : XS[2] + 3] == before).all()


def test_ink_that_is_there_stays() -> None:
    page = table()
    assert (mended(page, EM, ()) >= page).all()


def test_paper_with_grain_is_not_of_two_colours() -> None:
    random = np.random.default_rng(1)
    white = np.full((200, 200, 3), 255, np.uint8)
    white[50:60] = 0
    assert is_bilevel(white)
    grainy = np.repeat(random.normal(235, 6, (200, 200, 1)).clip(0, 255).astype(np.uint8), 3, axis=2)
    assert not is_bilevel(grainy)


def sparse(page: np.ndarray, x0: int, y0: int, x1: int, y1: int, apart: int) -> None:
    """A spot every so many pixels, and the first not at the end."""
    for at in range(apart // 2, max(x1 - x0, y1 - y0), apart):
        x, y = (x0 + at, y0) if x1 > x0 else (x0, y0 + at)
        page[y : y + 2, x : x + 2] = 255


def test_a_rule_down_of_two_dots_a_row_is_one() -> None:
    # Report 1001 of the generator: fax paper left two dots of a grey hairline in each row.
    page = blank()
    for y in YS:
        dotted(page, XS[0], y, XS[-1], y)
    for x in (XS[0], XS[-1]):
        dotted(page, x, YS[0], x, YS[-1])
    for y0, y1 in pairwise(YS):
        page[y0 + 6 : y0 + 8, 480:482] = page[y1 - 8 : y1 - 6, 480:482] = 255
    _, down = lines(page)
    assert any(abs(x - 480) <= 2 for x in down)


def test_a_rule_across_goes_on_where_its_dots_are_fewer() -> None:
    page = table()
    page[YS[2] - 1 : YS[2] + 3, 500:700] = 0
    sparse(page, 500, YS[2], 700, YS[2], 34)
    across = mended(page, EM, ())[YS[2] - 1 : YS[2] + 3]
    assert across[:, XS[0] + 8 : XS[-1] - 8].any(axis=0).all()


def test_points_after_ordinals_are_no_rule_down() -> None:
    page = table()
    for y0, y1 in pairwise(YS):
        page[(y0 + y1) // 2 + 5 : (y0 + y1) // 2 + 8, 400:403] = 255
    found = mended(page, EM, ())
    between = [row for row in range(YS[0], YS[-1]) if all(abs(row - y) > 4 for y in YS)]
    assert (found[between, 398:406] == page[between, 398:406]).all()


def test_paper_too_grey_to_count_as_light_is_not_of_two_colours() -> None:
    # Rough report 1405 of the generator: no pixel was light, so all that were light were white.
    random = np.random.default_rng(1)
    dark = np.repeat(random.normal(170, 6, (200, 200, 1)).clip(0, 255).astype(np.uint8), 3, axis=2)
    assert not is_bilevel(dark)
    dark[:10] = 255  # what a viewer shows around the sheet
    assert not is_bilevel(dark)
