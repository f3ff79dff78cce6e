from collections.abc import Sequence

from pipelines.discover.source import Source
from pipelines.fetch.download import Outcome
from pipelines.fetch.problems import Problem
from pipelines.fetch.progress import Log


def lines(outcomes: Sequence[tuple[float, str, Problem | None]], total: int) -> list[str]:
    """What is said of outcomes that come at given seconds, of pages on a host each."""
    now = 0.0
    said: list[str] = []
    log = Log(total, say=said.append, seconds=lambda: now)
    for number, (at, kind, problem) in enumerate(outcomes):
        now = at
        source = Source(f"http://host{number}.cn/a", "hangzhou-330100", 2025, "330100")
        log(source, Outcome(source, kind, None, problem and "", problem))  # type: ignore[arg-type]
    return said


def test_a_line_every_ten_seconds_and_one_at_the_end() -> None:
    said = lines(
        [(1, "new", None), (2, "new", None), (12, "failed", "timeout"), (13, "new", None), (14, "new", None)], 5
    )
    assert said == [
        "fetched 3 of 5 from 3 hosts: 2 new, 1 failed (1 timeout), about 8 s left",
        "fetched 5 of 5 from 5 hosts: 4 new, 1 failed (1 timeout), in 14 s",
    ]


def test_a_short_run_says_one_line() -> None:
    assert lines([(1, "unchanged", None)], 1) == ["fetched 1 of 1 from 1 hosts: 1 unchanged, in 1 s"]


def test_nothing_to_fetch_nothing_to_say() -> None:
    assert lines([], 0) == []
