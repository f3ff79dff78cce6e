"""Which sheets show two pages side by side; lines of text are given, the engine is not asked."""

import pytest

pytest.importorskip("rapidocr")
import numpy as np

from pipelines.read.scan.picture import scaling
from pipelines.read.scan.sheets import Sheet
from pipelines.read.scan.spread import gutter, pages_of
from pipelines.read.scan.upright import Upright

WIDTH, HEIGHT, EM = 1400, 1000, 20.0
LEFT, RIGHT = (80, 640), (760, 1320)


def sheet(texts, rules=(), shade=0, noise=4.0):
    """An upright sheet with lines of text and horizontal rules, each (left, right, top)."""
    picture = np.full((HEIGHT, WIDTH), 235.0, np.float32)
    away = np.abs(np.arange(WIDTH) - WIDTH / 2)
    picture -= shade * np.exp(-((away / 25.0) ** 2))[None, :]
    for x0, x1, top in rules:
        picture[top : top + 2, x0:x1] -= 120
    picture += np.random.default_rng(1).normal(0, noise, picture.shape)
    quads = []
    for x0, x1, top in texts:
        picture[top : top + 20, x0:x1:3] -= 150
        quads.append(np.array([(x0, top), (x1, top), (x1, top + 20), (x0, top + 20)], np.float32))
    grey = picture.clip(0, 255).astype(np.uint8)
    return Upright(np.repeat(grey[..., None], 3, axis=2), EM, EM, tuple(quads), scaling(1.0))


def prose(side, tops):
    return [(*side, top) for top in tops]


def ruled(side, tops):
    return [(*side, top) for top in tops]


def cells(xs, tops, width=40):
    return [(x, x + width, top) for x in xs for top in tops]


TOPS = range(100, 900, 50)


def test_two_pages_of_prose_are_two():
    found = gutter(sheet([*prose(LEFT, TOPS), *prose(RIGHT, TOPS)]))
    assert found == pytest.approx(WIDTH / 2, abs=20)


@pytest.mark.parametrize("shade", [0, 40, 90])
def test_a_table_and_prose_with_the_shadow_of_a_fold_between_are_two_pages(shade):
    texts = [*cells((100, 300, 500), TOPS), *prose(RIGHT, TOPS)]
    assert gutter(sheet(texts, ruled(LEFT, [top - 15 for top in TOPS]), shade)) == pytest.approx(WIDTH / 2, abs=30)


def test_a_table_that_ends_far_from_its_text_is_not_cut():
    texts = [*cells((100, 300), TOPS), *prose(RIGHT, TOPS)]
    found = gutter(sheet(texts, ruled((80, 660), [top - 15 for top in TOPS])))
    assert found is not None
    assert found > 660


@pytest.mark.parametrize("contrast", [1.0, 0.15])
def test_one_wide_table_is_one_page(contrast):
    whole = sheet(cells((100, 300, 500, 800, 1000, 1200), TOPS), ruled((80, 1320), [top - 15 for top in TOPS]))
    picture = (235 - (235 - whole.picture.astype(np.float32)) * contrast).astype(np.uint8)
    assert gutter(Upright(picture, EM, EM, whole.lines, whole.to_sheet)) is None


@pytest.mark.parametrize("noise", [0.0, 4.0])
def test_one_wide_table_without_rules_is_one_page(noise):
    # Report 4000 of the generator: a row of dashes was taken for a rule on a scan that knows only black and white.
    texts = [*cells((100,), TOPS, width=180), *cells((800, 900, 1000, 1100, 1200), TOPS)]
    assert gutter(sheet(texts, noise=noise)) is None


def test_lines_across_the_middle_are_of_one_page():
    assert gutter(sheet([*prose(LEFT, TOPS), *prose(RIGHT, TOPS), (600, 800, 40)])) is None


def test_a_page_beside_an_empty_one_stays_whole():
    assert gutter(sheet(prose(LEFT, TOPS))) is None


def test_no_page_that_is_higher_than_wide_is_two():
    tall = sheet([*prose(LEFT, TOPS), *prose(RIGHT, TOPS)])
    assert gutter(Upright(np.ascontiguousarray(tall.picture[:, ::2]), EM, EM, tall.lines, tall.to_sheet)) is None


def test_the_pages_of_a_sheet_are_parts_of_it_from_left_to_right():
    lying = sheet([*prose(LEFT, TOPS), *prose(RIGHT, TOPS)])
    left, right = pages_of(Sheet(3, lying.picture, 2.0), lying)
    assert (left.number, right.number, left.corner, right.corner[1]) == (3, 3, (0.0, 0.0), 0.0)
    x = round(right.corner[0])
    assert left.picture.shape[1] == pytest.approx(x, abs=1)
    assert (right.picture[:, 5:] == lying.picture[:, x + 5 :]).all()
