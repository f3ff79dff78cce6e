"""The text of cells and the lines of a page equal those that pdfplumber makes of the same characters."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pdfplumber.utils.text import chars_to_textmap, extract_text

from pipelines.read.document import Box
from pipelines.read.drawn import (
    Char,
    _runs_down,
    _text,
    as_pdfplumber,
    drawn_char,
    levelled,
    lines_of,
    with_marks,
    words,
)
from pipelines.read.pages import Line

PLACES = st.one_of(st.integers(0, 24).map(float), st.floats(0, 24, allow_nan=False))
TEXTS = st.sampled_from(["年", "度", "1", "0", " ", "\u3000", "，", "ﬁ", "\xa0"])


@st.composite
def characters(draw: st.DrawFn) -> Char:
    x0, top = draw(PLACES), draw(PLACES)
    width, height = draw(st.sampled_from([0.0, 3.0, 4.5])), draw(st.sampled_from([4.0, 9.0]))
    return drawn_char(
        draw(TEXTS),
        Box(x0, top, x0 + width, top + height),
        height,
        (1, 0, 0, 1, x0, -top),
        is_upright=draw(st.sampled_from([True, True, True, True, True, True, False])),
    )


@given(st.lists(characters(), max_size=14))
@settings(max_examples=200)
def test_text_is_pdfplumbers(chars: list[Char]) -> None:
    assume(not _runs_down(chars))  # columns of characters are read otherwise
    assert _text(chars) == extract_text(list(map(as_pdfplumber, chars))).strip()


@given(st.lists(characters(), min_size=1, max_size=14))
@settings(max_examples=200)
def test_lines_are_pdfplumbers(chars: list[Char]) -> None:
    textmap = chars_to_textmap(list(map(as_pdfplumber, chars)), x_tolerance=3, y_tolerance=3)
    assert list(lines_of(chars)) == [
        Line(
            line["text"].strip(),
            Box(line["x0"], line["top"], line["x1"], line["bottom"]),
            max(char["size"] for char in line["chars"]),
        )
        for line in textmap.extract_text_lines()
    ]


def _set(text: str, x: float, size: float, rise: float = 0.0) -> list[Char]:
    """Characters of a size from `x` on, raised above the line."""
    return [
        drawn_char(sign, Box(left, 100 - rise - size, left + size / 2, 100 - rise), size, (1, 0, 0, 1, left, rise))
        for place, sign in enumerate(text)
        for left in [x + place * size / 2]
    ]


@pytest.mark.parametrize(
    ("text", "mark", "size", "rise", "expected"),
    [
        ("523", "1", 7.0, 4.0, "523¹"),
        ("523", "12", 6.0, 3.0, "523¹²"),
        ("件", "2", 7.0, 4.0, "件²"),
        ("523", "1", 10.0, 4.0, "523¹"),
        ("523", "1", 12.0, 4.0, "5231"),
        ("523", "1", 7.0, 0.0, "5231"),
        ("523", "123", 7.0, 4.0, "523123"),
        ("523", "a", 7.0, 4.0, "523a"),
    ],
)
def test_bug_raised_digits_are_marks_of_notes_and_no_digits(
    text: str, mark: str, size: float, rise: float, expected: str
) -> None:
    chars = _set(text, 10.0, 12.0)
    found = with_marks(chars + _set(mark, chars[-1].x1 + 0.2, size, rise))
    assert "".join(char.text for char in found) == expected


def test_a_small_number_elsewhere_is_no_mark() -> None:
    chars = _set("523", 10.0, 12.0) + _set("1", 200.0, 7.0, 4.0)
    assert with_marks(chars) is chars


def _on_baseline(text: str, x: float, size: float, descent: float, baseline: float = 100.0) -> list[Char]:
    """Characters of a font that reaches so far (of its size) below the baseline."""
    bottom = baseline + descent * size
    return [
        drawn_char(sign, Box(left, bottom - size, left + size, bottom), size, (1, 0, 0, 1, left, -baseline))
        for place, sign in enumerate(text)
        for left in [x + place * size]
    ]


def test_bug_digits_of_another_font_stay_in_their_line_of_large_type() -> None:
    line = _on_baseline("浦东新区统计局", 10.0, 24.0, 0.0) + _on_baseline("2022", 178.0, 24.0, 0.22)
    line += _on_baseline("年度报告", 274.0, 24.0, 0.0)
    assert [one.text for one in lines_of(line)] == ["浦东新区统计局 年度报告", "2022"]  # what pdfplumber makes of it
    assert [one.text for one in lines_of(levelled(line))] == ["浦东新区统计局2022年度报告"]


def test_what_stands_on_lines_of_its_own_is_not_levelled() -> None:
    chars = _on_baseline("年度", 10.0, 12.0, 0.0) + _on_baseline("2022", 34.0, 12.0, 0.22)
    chars += _on_baseline("报告", 10.0, 24.0, 0.0, baseline=115.0)
    assert levelled(chars) == chars
    assert levelled([]) == []


def test_bug_a_mark_belongs_to_the_word_that_it_marks() -> None:
    """It stood as a figure of its own above the one it marks, and the table looked as if it lacked rules."""
    chars = _set("55", 10.0, 12.0)
    (word,) = words(with_marks(chars + _set("1", chars[-1].x1, 10.0, 4.0)))
    assert word.text == "55¹"
