"""Words on pages whose tables have lost their rules."""

import pytest

cv2 = pytest.importorskip("cv2")
import numpy as np  # noqa: E402

from pipelines.read.document import Box  # noqa: E402
from pipelines.read.scan.cells import Page  # noqa: E402
from pipelines.read.scan.loose import has_lost_rules, loose_words  # noqa: E402

EM = 24.0
FIGURES = [Box(100.0 * at, 50.0, 100.0 * at + 20, 70.0) for at in range(1, 7)]
LABEL = Box(10.0, 50.0, 300.0, 70.0)


def page(*boxes):
    """A page with ink in boxes."""
    ink = np.zeros((200, 800), np.uint8)
    for box in boxes:
        ink[int(box.top) : int(box.bottom), int(box.x0) : int(box.x1)] = 255
    return Page(255 - ink, ink, ink, 0.0, EM)


def boxes_of(texts, sheet):
    return sorted(tuple(box) for box, _ in loose_words(texts, sheet))


def test_figures_outside_tables_tell_of_one_that_was_not_found():
    assert has_lost_rules([LABEL, *FIGURES], [], EM)
    assert not has_lost_rules([LABEL], [], EM)


def test_figures_in_a_table_do_not():
    assert not has_lost_rules([LABEL, *FIGURES], [Box(0.0, 0.0, 800.0, 100.0)], EM)


def test_a_digit_that_no_line_was_found_around_is_a_word():
    digits = (Box(400.0, 50.0, 412.0, 68.0), Box(416.0, 50.0, 428.0, 68.0))
    assert boxes_of([], page(*digits)) == [(400.0, 50.0, 428.0, 68.0)]


def test_specks_and_what_is_left_of_rules_are_no_words():
    assert boxes_of([], page(Box(400.0, 50.0, 403.0, 53.0), Box(10.0, 90.0, 700.0, 92.0))) == []


def test_what_stands_far_apart_in_a_line_is_two_words():
    one, other = Box(100.0, 50.0, 160.0, 72.0), Box(200.0, 50.0, 260.0, 72.0)
    assert boxes_of([Box(95.0, 45.0, 265.0, 77.0)], page(one, other)) == [tuple(one), tuple(other)]
