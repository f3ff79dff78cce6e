"""Segments read at once are those that pdfium tells one by one."""

from collections.abc import Iterator
from contextlib import contextmanager

import pypdfium2  # noqa: F401 - it sets pdfium up
import pypdfium2.raw as raw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.read.pdf.pdfium import calls, segments

side = st.floats(-2000, 2000, width=32)
DRAW = {"line": (raw.FPDFPath_LineTo, 2), "curve": (raw.FPDFPath_BezierTo, 6), "move": (raw.FPDFPath_MoveTo, 2)}
drawn = st.lists(
    st.one_of(
        [st.just(("close", []))]
        + [st.tuples(st.just(name), st.lists(side, min_size=n, max_size=n)) for name, (_, n) in DRAW.items()]
    ),
    max_size=12,
)


@contextmanager
def _path(start: tuple[float, float], steps: list[tuple[str, list[float]]]) -> Iterator[int]:
    path = raw.FPDFPageObj_CreateNewPath(*start)
    try:
        for name, sides in steps:
            assert raw.FPDFPath_Close(path) if name == "close" else DRAW[name][0](path, *sides)
        yield calls.address(path)
    finally:
        raw.FPDFPageObj_Destroy(path)


@given(st.tuples(side, side), drawn, st.tuples(side, side), drawn)
def test_segments_are_the_same_at_once_and_one_by_one(
    start: tuple[float, float],
    steps: list[tuple[str, list[float]]],
    other: tuple[float, float],
    more: list[tuple[str, list[float]]],
) -> None:
    with _path(start, steps) as one, _path(other, more) as two:
        counts = list(map(calls.count_segments, (one, two)))
        found = segments.segments_of((one, two), counts)
        assert found == segments.asked((one, two), counts)
        assert len(found.points) == len(found.kinds) == len(found.closing) == sum(counts)
        assert found.points[0] == pytest.approx(start)


def test_the_pdfium_that_is_installed_keeps_segments_as_is_known() -> None:
    assert segments._are_kept_as_known(), "lines are read right, but slower: see how this pdfium keeps CFX_Path::Point"


def test_segments_kept_otherwise_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with _path((1.0, 2.0), [("line", [3.0, 4.0]), ("close", [])]) as path:
        expected = segments.asked((path,), (calls.count_segments(path),))
        segments._are_kept_as_known.cache_clear()
        monkeypatch.setattr(segments, "asked", lambda *_: None)
        assert not segments._are_kept_as_known()
        monkeypatch.undo()
        assert segments.segments_of((path,), (calls.count_segments(path),)) == expected
    segments._are_kept_as_known.cache_clear()
