import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.fetch.archive import Archive
from pipelines.fetch.register import NAME
from pipelines.fetch.verify import Verified, verify

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
URL = "http://www.example.gov.cn/gk/年报.html?id=7"


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """Two addresses; one has two versions, and both have one in common."""
    archive = Archive(tmp_path / "archive")
    archive.add(URL, b"one", retrieved_at=NOON)
    archive.add(URL, b"two!", retrieved_at=NOON + timedelta(days=1))
    archive.add("http://b.gov.cn/", b"one", retrieved_at=NOON)
    return archive


def the(pattern: str, archive: Archive) -> Path:
    """The one file or folder that a pattern names, made writable."""
    (path,) = archive.root.glob(pattern)
    if path.is_file():
        path.chmod(0o644)
    return path


def object_of(content: bytes, archive: Archive) -> Path:
    path = next(path for path in archive.root.glob("objects/*/*") if path.read_bytes() == content)
    path.chmod(0o644)
    return path


def kinds(found: Verified) -> list[str]:
    return [fault.kind for fault in found.faults]


def test_a_whole_archive_is_sound(archive: Archive) -> None:
    read: list[int] = []
    found = verify(archive, read.append)
    assert found.is_sound
    assert (found.objects, found.size_bytes, found.captures, found.urls) == (2, 7, 3, 2)
    assert found.unreferenced == found.unfinished == found.foreign == ()
    assert read[-1] == 7


def test_an_archive_that_is_not_there_is_sound(tmp_path: Path) -> None:
    assert verify(Archive(tmp_path / "none")).is_sound


@pytest.mark.parametrize("damage", [b"tw0!", b"two", b"", b"two!!"])
def test_changed_bytes_are_found(archive: Archive, damage: bytes) -> None:
    path = object_of(b"two!", archive)
    path.write_bytes(damage)
    found = verify(archive)
    assert "damaged_object" in kinds(found)
    assert found.faults[-1].path == str(path.relative_to(archive.root))
    assert "restore it from a backup" in found.faults[-1].message


def test_a_lost_object_is_named_for_each_capture(archive: Archive) -> None:
    object_of(b"one", archive).unlink()
    found = verify(archive)
    assert kinds(found) == ["missing_object", "missing_object"]
    assert any(URL in fault.message for fault in found.faults)


@pytest.mark.parametrize("text", ["", "{}", "[]"])
def test_a_capture_that_cannot_be_read(archive: Archive, text: str) -> None:
    the("captures/*/*/0002.json", archive).write_text(text)
    found = verify(archive)
    assert kinds(found) == ["damaged_capture"]
    assert len(found.unreferenced) == 1


def test_a_capture_that_was_tampered_with(archive: Archive) -> None:
    path = the("captures/*/*/0002.json", archive)
    path.write_text(path.read_text().replace('"size_bytes": 4', '"size_bytes": 5'))
    assert kinds(verify(archive)) == ["damaged_capture"]


def test_a_version_that_is_lost(archive: Archive) -> None:
    folder = the("captures/*/*/0002.json", archive).parent
    (folder / "0001.json").unlink()
    (fault,) = verify(archive).faults
    assert fault.kind == "missing_capture"
    assert fault.path == str((folder / "0001.json").relative_to(archive.root))


def test_a_capture_in_the_place_of_another_address(archive: Archive) -> None:
    folder = the("captures/*/*/0002.json", archive).parent
    shutil.move(folder, folder.parent / ("0" * 64))
    assert kinds(verify(archive)) == ["misplaced", "misplaced"]


def test_a_version_that_is_there_twice(archive: Archive) -> None:
    path = the("captures/*/*/0002.json", archive)
    shutil.copy(path, path.with_name("0003.json"))
    assert kinds(verify(archive)) == ["duplicate"]


def test_what_a_stopped_run_leaves_is_no_fault(archive: Archive) -> None:
    (archive.root / "objects" / "ab").mkdir()
    (archive.root / "objects" / "ab" / "tmp1.part").write_bytes(b"half")
    the("captures/*/*/0002.json", archive).unlink()
    found = verify(archive)
    assert found.is_sound
    assert found.unfinished == ("objects/ab/tmp1.part",)
    assert [len(name) for name in found.unreferenced] == [64]


def test_what_is_none_of_the_archive_s_is_named(archive: Archive) -> None:
    (archive.root / NAME).write_text("url\n")
    (archive.root / "notes.txt").write_text("")
    (archive.root / "objects" / "ab").mkdir()
    (archive.root / "objects" / "ab" / "x").write_text("")
    (archive.root / "objects" / "link").symlink_to(archive.root)
    found = verify(archive)
    assert found.is_sound
    assert found.foreign == ("notes.txt", "objects/ab/x", "objects/link")
