import stat
import threading

import pytest

from warehouse.files import UNFINISHED, is_locked, locked, sha256, write_durably, write_if_changed


@pytest.mark.parametrize("write", [write_durably, write_if_changed])
def test_writing_replaces_and_leaves_nothing_else(tmp_path, write):
    path = tmp_path / "file"
    write(path, b"one")
    write(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("write", [write_durably, write_if_changed])
def test_written_files_have_ordinary_permissions(tmp_path, write):
    write(tmp_path / "file", b"one")
    (tmp_path / "other").write_bytes(b"")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert len(modes) == 1


@pytest.mark.parametrize("write", [write_durably, write_if_changed])
def test_a_failing_replacement_keeps_the_old_file_and_cleans_up(tmp_path, write, monkeypatch):
    path = tmp_path / "file"
    write(path, b"one")

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write(path, b"two")
    assert path.read_bytes() == b"one"
    assert not list(tmp_path.glob(f".*{UNFINISHED}"))


def test_the_same_bytes_are_not_written_again(tmp_path):
    path = tmp_path / "new" / "file"
    assert write_if_changed(path, b"one")
    before = path.stat()
    assert not write_if_changed(path, b"one")
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert path.stat().st_ino == before.st_ino


def test_a_lock_keeps_a_second_writer_out_until_it_is_released(tmp_path):
    order = []
    entered = threading.Event()

    def second():
        entered.set()
        with locked(tmp_path):
            order.append("second")

    assert not is_locked(tmp_path)
    with locked(tmp_path):
        assert is_locked(tmp_path)
        thread = threading.Thread(target=second)
        thread.start()
        assert entered.wait(10)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]
    assert not list(tmp_path.iterdir())


def test_sha256_is_hexadecimal():
    assert sha256(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
