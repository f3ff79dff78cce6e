import hashlib
import json
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.fetch.archive import (
    Archive,
    Capture,
    DamagedCapture,
    DamagedObject,
    NotArchived,
    capture_of,
    facts_of,
)

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
URL = "http://www.example.gov.cn/gk/年报.html?id=7"


def everything(root: Path) -> dict[str, tuple[bytes, int]]:
    """Every file below `root`: its bytes and when they were written."""
    return {
        str(path.relative_to(root)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in root.rglob("*")
        if path.is_file()
    }


def test_what_is_added_is_read_back(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    capture = archive.add(
        URL,
        b"report",
        retrieved_at=NOON,
        final_url="https://www.example.gov.cn/1.html",
        headers=(("etag", '"1"'), ("content-type", "text/html")),
    )
    assert capture.sha256 == hashlib.sha256(b"report").hexdigest()
    assert capture.size_bytes == 6
    assert capture.header("etag") == '"1"'
    assert capture.header("last-modified") is None
    assert archive.content(capture.sha256) == b"report"
    assert archive.captures(URL) == (capture,)
    assert archive.latest(URL) == capture
    assert archive.urls() == (URL,)


def test_the_layout_is_by_hash_of_bytes_and_of_address(tmp_path: Path) -> None:
    capture = Archive(tmp_path).add(URL, b"report", retrieved_at=NOON)
    name = hashlib.sha256(URL.encode()).hexdigest()
    assert set(everything(tmp_path)) == {
        f"objects/{capture.sha256[:2]}/{capture.sha256}",
        f"captures/{name[:2]}/{name}/0001.json",
    }


def test_the_same_bytes_again_write_nothing(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    first = archive.add(URL, b"report", retrieved_at=NOON)
    before = everything(tmp_path)
    assert archive.add(URL, b"report", retrieved_at=NOON + timedelta(days=1)) == first
    assert everything(tmp_path) == before


def test_a_revision_stands_beside_the_old_one_and_so_does_a_return_to_it(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    for day, content in enumerate([b"one", b"two", b"one"]):
        archive.add(URL, content, retrieved_at=NOON + timedelta(days=day))
    captures = archive.captures(URL)
    assert [archive.content(capture.sha256) for capture in captures] == [b"one", b"two", b"one"]
    assert captures[0].retrieved_at < captures[1].retrieved_at < captures[2].retrieved_at
    assert len(list((tmp_path / "objects").glob("*/*"))) == 2


def test_times_are_kept_in_utc(tmp_path: Path) -> None:
    beijing = timezone(timedelta(hours=8))
    capture = Archive(tmp_path).add(URL, b"report", retrieved_at=NOON.astimezone(beijing))
    assert capture.retrieved_at.isoformat() == "2026-03-31T12:00:00+00:00"
    with pytest.raises(ValueError, match="no time zone"):
        Archive(tmp_path).add(URL, b"report", retrieved_at=datetime(2026, 3, 31))


def test_a_missing_object_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotArchived, match="fetch its source"):
        Archive(tmp_path).content("0" * 64)


def test_bytes_that_changed_on_disk_are_not_returned(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    capture = archive.add(URL, b"report", retrieved_at=NOON)
    path = next((tmp_path / "objects").glob("*/*"))
    path.chmod(0o644)
    path.write_bytes(b"rep0rt")
    with pytest.raises(DamagedObject, match="restore it from a backup"):
        archive.content(capture.sha256)


def test_a_lost_object_comes_back_with_the_next_fetch(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    capture = archive.add(URL, b"report", retrieved_at=NOON)
    next((tmp_path / "objects").glob("*/*")).unlink()
    assert not archive.holds(capture.sha256)
    assert archive.add(URL, b"report", retrieved_at=NOON + timedelta(days=1)) == capture
    assert archive.content(capture.sha256) == b"report"


@pytest.mark.parametrize("facts", ["", "[]", "{}", '{"url": 1, "unheard": 2}'])
def test_a_capture_that_cannot_be_read_is_named(tmp_path: Path, facts: str) -> None:
    archive = Archive(tmp_path)
    archive.add(URL, b"report", retrieved_at=NOON)
    path = next((tmp_path / "captures").glob("*/*/*.json"))
    path.chmod(0o644)
    path.write_text(facts)
    with pytest.raises(DamagedCapture, match=r"0001\.json"):
        archive.captures(URL)


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from pipelines.fetch.archive import Archive
rename = os.replace
def replace(source, target):
    if str(target).endswith(sys.argv[2]): os.kill(os.getpid(), signal.SIGKILL)
    rename(source, target)
os.replace = replace
Archive(Path(sys.argv[1])).add(sys.argv[3], b"report", retrieved_at=datetime(2026, 1, 1, tzinfo=UTC))
"""


def killed_before_naming(root: Path, ending: str) -> None:
    """A process that dies by SIGKILL when it is about to give a file its name."""
    done = subprocess.run([sys.executable, "-c", KILLED, str(root), ending, URL], check=False)
    assert done.returncode == -signal.SIGKILL


def test_a_writer_killed_before_the_bytes_arrived_leaves_nothing_that_counts(tmp_path: Path) -> None:
    killed_before_naming(tmp_path, hashlib.sha256(b"report").hexdigest())
    assert {path.suffix for path in tmp_path.rglob("*") if path.is_file()} == {".part"}
    archive = Archive(tmp_path)
    assert archive.captures(URL) == ()
    assert archive.urls() == ()
    capture = archive.add(URL, b"report", retrieved_at=NOON)
    assert archive.captures(URL) == (capture,)
    assert capture.retrieved_at == NOON
    assert not list(tmp_path.rglob("*.part"))


def test_a_writer_killed_after_that_has_its_work_completed_by_the_next(tmp_path: Path) -> None:
    """Even if the page has changed by then: its bytes are not left without the facts of their capture."""
    killed_before_naming(tmp_path, ".json")
    archive = Archive(tmp_path)
    assert archive.captures(URL) == ()
    archive.add(URL, b"revised", retrieved_at=NOON)
    first, second = archive.captures(URL)
    assert first.retrieved_at == datetime(2026, 1, 1, tzinfo=UTC)
    assert [archive.content(one.sha256) for one in (first, second)] == [b"report", b"revised"]
    assert not list(tmp_path.rglob("*.part"))
    assert {path.stat().st_mode & 0o777 for path in tmp_path.rglob("*") if path.is_file()} == {0o444}


def test_half_a_capture_is_removed_by_the_next_writer(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    capture = archive.add(URL, b"report", retrieved_at=NOON)
    folder = next(tmp_path.glob("captures/*/*"))
    (folder / "tmp1.part").write_bytes(facts_of(capture).encode()[:50])
    assert archive.add(URL, b"report", retrieved_at=NOON) == capture
    assert archive.captures(URL) == (capture,)
    assert not list(tmp_path.rglob("*.part"))


def test_writers_of_one_address_do_not_lose_each_others_versions(tmp_path: Path) -> None:
    contents = [f"version {number}".encode() for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda content: Archive(tmp_path).add(URL, content, retrieved_at=NOON), contents))
    kept = Archive(tmp_path).captures(URL)
    assert sorted(Archive(tmp_path).content(capture.sha256) for capture in kept) == sorted(contents)
    assert not list(tmp_path.rglob("*.part"))


def test_archived_files_are_read_only(tmp_path: Path) -> None:
    Archive(tmp_path).add(URL, b"report", retrieved_at=NOON)
    modes = {path.stat().st_mode & 0o777 for path in tmp_path.rglob("*") if path.is_file()}
    assert modes == {0o444}


def test_captures_are_plain_json_with_chinese_as_it_is(tmp_path: Path) -> None:
    Archive(tmp_path).add(URL, b"report", retrieved_at=NOON)
    text = next((tmp_path / "captures").glob("*/*/*.json")).read_text()
    assert "年报" in text
    assert json.loads(text)["origin"] == "web"


@settings(deadline=None)
@given(contents=st.lists(st.binary(max_size=3), min_size=1, max_size=8))
def test_history_is_the_sequence_of_different_bytes(
    tmp_path_factory: pytest.TempPathFactory, contents: list[bytes]
) -> None:
    archive = Archive(tmp_path_factory.mktemp("archive"))
    for content in contents:
        archive.add(URL, content, retrieved_at=NOON)
    expected = [content for number, content in enumerate(contents) if number == 0 or contents[number - 1] != content]
    assert [archive.content(capture.sha256) for capture in archive.captures(URL)] == expected
    assert {path.name for path in archive.root.iterdir()} == {"captures", "objects"}


def moved(capture: Capture, days: int) -> Capture:
    return replace(capture, retrieved_at=capture.retrieved_at + timedelta(days=days))


def test_captures_of_elsewhere_come_to_their_place_in_time(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    first = archive.add(URL, b"one", retrieved_at=NOON)
    last = archive.add(URL, b"three", retrieved_at=NOON + timedelta(days=4))
    between = replace(moved(first, 2), sha256=hashlib.sha256(b"two").hexdigest(), origin="warc")
    assert archive.restore(replace(between, size_bytes=3), b"two")
    assert [archive.content(one.sha256) for one in archive.captures(URL)] == [b"one", b"two", b"three"]
    assert archive.latest(URL) == last
    assert archive.add(URL, b"three", retrieved_at=NOON + timedelta(days=5)) == last


def test_a_capture_that_tells_nothing_new_is_not_kept(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    one = archive.add(URL, b"one", retrieved_at=NOON)
    two = archive.add(URL, b"two", retrieved_at=NOON + timedelta(days=4))
    before = everything(tmp_path)
    for capture, content in [
        (one, b"one"),
        (two, b"two"),
        (moved(one, 1), b"one"),
        (moved(one, -1), b"one"),
        (moved(two, -1), b"two"),
        (moved(two, 1), b"two"),
    ]:
        assert not archive.restore(capture, content)
    assert everything(tmp_path) == before


def test_a_capture_with_other_bytes_than_it_says_is_refused(tmp_path: Path) -> None:
    capture = Archive(tmp_path / "a").add(URL, b"one", retrieved_at=NOON)
    with pytest.raises(ValueError, match=capture.sha256):
        Archive(tmp_path / "b").restore(capture, b"two")
    assert not (tmp_path / "b").exists()


def test_all_facts_of_a_capture_are_read_back_and_may_be_missing(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    capture = archive.add(
        URL,
        b"report",
        retrieved_at=NOON,
        final_url="https://b.cn/1",
        hops=("http://b.cn/1", "http://c.cn/?a=1"),
        request=(("user-agent", "gongkai"), ("accept", "*/*")),
        tls="TLSv1 old",
        address="61.135.169.121",
    )
    assert archive.captures(URL) == (capture,)
    assert capture_of(json.loads(facts_of(capture))) == capture
    facts = json.loads(facts_of(capture))
    for later in ("hops", "request", "tls", "address"):
        del facts[later]
    assert capture_of(facts) == replace(capture, hops=(), request=(), tls=None, address=None)
