from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.fetch.circuits import NAME, Circuits
from pipelines.fetch.limits import Limits
from pipelines.fetch.problems import FetchFailed

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
LIMITS = Limits(failures=3, rest=3600)


def circuits(folder: Path | None = None, minutes: float = 0) -> Circuits:
    return Circuits(folder, LIMITS, lambda: NOON + timedelta(minutes=minutes))


def is_open(found: Circuits, host: str = "a.cn") -> bool:
    try:
        found.check(host)
    except FetchFailed as failure:
        return (failure.problem, failure.host) == ("circuit_open", host)
    return False


def test_a_host_is_left_alone_after_so_many_failures_in_a_row() -> None:
    found = circuits()
    for _ in range(2):
        found.failed("a.cn", "it does not answer")
        assert not is_open(found)
    found.failed("a.cn", "it does not answer")
    assert is_open(found)
    assert not is_open(found, "b.cn")
    with pytest.raises(FetchFailed, match=r"left alone until 2026-03-31 13:00 UTC: it does not answer"):
        found.check("a.cn")


def test_an_answer_in_between_clears_the_record() -> None:
    found = circuits()
    for _ in range(5):
        found.failed("a.cn", "")
        found.failed("a.cn", "")
        found.answered("a.cn")
    assert not is_open(found)


def test_the_record_outlives_the_run_and_the_rest_ends(tmp_path: Path) -> None:
    first = circuits(tmp_path)
    for _ in range(3):
        first.failed("a.cn", "主机无应答")
    first.save()
    assert is_open(circuits(tmp_path, 59))
    after = circuits(tmp_path, 61)
    assert not is_open(after)
    after.failed("a.cn", "")  # one try, and it rests again
    assert is_open(after)
    better = circuits(tmp_path, 61)
    better.answered("a.cn")
    better.save()
    assert not is_open(circuits(tmp_path, 61))


def test_a_rest_that_was_asked_for_is_kept_whatever_happens() -> None:
    found = circuits()
    found.rest("a.cn", 7200, "it asked for that")
    found.answered("a.cn")
    for _ in range(3):
        found.failed("a.cn", "")
    with pytest.raises(FetchFailed, match="14:00"):
        found.check("a.cn")


def test_runs_at_the_same_time_keep_each_others_records(tmp_path: Path) -> None:
    one, other = circuits(tmp_path), circuits(tmp_path)
    one.rest("a.cn", 600, "")
    other.rest("b.cn", 600, "")
    one.save()
    other.save()
    found = circuits(tmp_path)
    assert is_open(found, "a.cn")
    assert is_open(found, "b.cn")


@pytest.mark.parametrize("text", ["", "[]", '{"a.cn": 1}', '{"a.cn": {"failures": "x"}}', "\xff"])
def test_a_memory_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_bytes(text.encode("latin-1"))
    found = circuits(tmp_path)
    assert not is_open(found)
    found.rest("a.cn", 600, "")
    found.save()
    assert is_open(circuits(tmp_path))


def test_nothing_is_written_where_nothing_changed(tmp_path: Path) -> None:
    found = circuits(tmp_path / "state")
    found.answered("a.cn")
    found.save()
    assert not (tmp_path / "state").exists()
