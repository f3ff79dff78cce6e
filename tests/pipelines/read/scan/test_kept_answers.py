"""What the engine answered is not asked again: for the same pixels, by any code, until the engine changes."""

import io

import pytest

pytest.importorskip("rapidocr")
import numpy as np
from PIL import Image, ImageDraw

from pipelines.read.ocr import answers_kept_in, read_image
from pipelines.read.scan import engine, page
from pipelines.read.scan.kept import answered, kept_answers


def picture() -> bytes:
    """A line of text and a table of two cells, as a file."""
    image = Image.new("RGB", (640, 400), "white")
    draw = ImageDraw.Draw(image)
    draw.text((60, 40), "REPORT 2024", fill="black", font_size=32)
    for x in (60, 300, 540):
        draw.line((x, 120, x, 200), fill="black", width=2)
    for y in (120, 200):
        draw.line((60, y, 540, y), fill="black", width=2)
    draw.text((90, 140), "17", fill="black", font_size=32)
    draw.text((330, 140), "806", fill="black", font_size=32)
    target = io.BytesIO()
    image.save(target, "PNG")
    return target.getvalue()


PAGE = picture()


class _Questions:
    """Counts what the real engine is asked."""

    def __init__(self, monkeypatch):
        self.asked = 0
        real = engine._engine()
        counting = self

        class Counting:
            def __call__(self, *arguments, **named):
                counting.asked += 1
                return real(*arguments, **named)

            def __getattr__(self, name):
                counting.asked += 1
                return getattr(real, name)

        monkeypatch.setattr(engine, "_engine", Counting)


@pytest.fixture
def questions(monkeypatch):
    return _Questions(monkeypatch)


def test_a_second_reading_asks_the_engine_nothing_and_is_the_same(tmp_path, questions):
    with answers_kept_in(tmp_path):
        first = read_image(PAGE, "a" * 64)
        asked = questions.asked
        assert asked >= 3  # found, turned, read
        assert read_image(PAGE, "a" * 64) == first
    assert questions.asked == asked
    assert "806" in {cell.text for cell in first.tables[0].cells}


def test_the_same_page_in_another_file_is_known(tmp_path, questions):
    with answers_kept_in(tmp_path):
        read_image(PAGE, "a" * 64)
        asked = questions.asked
        again = io.BytesIO()
        Image.open(io.BytesIO(PAGE)).save(again, "TIFF")
        read_image(again.getvalue(), "b" * 64)
    assert questions.asked == asked


def test_another_version_of_the_engine_is_asked_anew(tmp_path, questions, monkeypatch):
    with answers_kept_in(tmp_path):
        read_image(PAGE, "a" * 64)
        asked = questions.asked
        monkeypatch.setattr(page, "engine_version", lambda: "another")
        read_image(PAGE, "a" * 64)
    assert questions.asked == 2 * asked


def test_without_a_folder_nothing_is_kept(questions):
    read_image(PAGE, "a" * 64)
    asked = questions.asked
    read_image(PAGE, "a" * 64)
    assert questions.asked == 2 * asked


def test_a_file_that_was_cut_off_is_made_again(tmp_path, questions):
    with answers_kept_in(tmp_path):
        first = read_image(PAGE, "a" * 64)
        (file,) = tmp_path.rglob("*.json.gz")
        whole = file.read_bytes()
        file.write_bytes(whole[: len(whole) // 2])
        assert read_image(PAGE, "a" * 64) == first
    assert file.read_bytes() == whole


def test_only_what_is_not_known_is_asked_and_what_no_code_asks_for_is_dropped(tmp_path):
    pages = [np.full((2, 2, 3), level, np.uint8) for level in range(4)]
    asked = []

    def ask(pictures):
        asked.extend(int(one[0, 0, 0]) for one in pictures)
        return [int(one[0, 0, 0]) for one in pictures]

    for wanted, unknown in [((0, 1, 0), [0, 1]), ((1, 2), [2]), ((0, 2), [0])]:
        asked.clear()
        with kept_answers(tmp_path, "engine", pages[3]):
            assert answered("level", [pages[one] for one in wanted], ask) == list(wanted)
        assert asked == unknown


def test_questions_about_one_picture_are_told_apart(tmp_path):
    page_ = np.zeros((2, 2, 3), np.uint8)
    for _ in range(2):
        with kept_answers(tmp_path, "engine", page_):
            assert answered("one", [page_], lambda _: [1]) == [1]
            assert answered("other", [page_], lambda _: [2]) == [2]
