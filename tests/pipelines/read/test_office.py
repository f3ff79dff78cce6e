import os
import stat
from pathlib import Path

import olefile
import pytest

from pipelines.read import media, office, tools
from pipelines.read.errors import DamagedFile, LockedFile, NeedsLibreOffice, NeedsTool, UnsupportedMedia
from pipelines.read.media import media_type
from pipelines.read.office import read_doc, read_other_container, read_rtf, to_docx
from pipelines.read.tools import LIBREOFFICE

REPORT = Path(__file__).parents[3] / ".." / "shared" / "reports" / "shanghai-office-2019-doc.doc"
RTF = rb"{\rtf1\ansi\ansicpg936 {\b 2023\'c4\'ea}\par\trowd\cellx900\cellx1800 a\intbl\cell 1\cell\row\trowd\cellx900\cellx1800 b\intbl\cell 2\cell\row\pard tail\par}"

needs_libreoffice = pytest.mark.skipif(LIBREOFFICE.path is None, reason="LibreOffice is not installed")


@pytest.fixture
def old_document() -> bytes:
    if not REPORT.exists():
        pytest.skip("the shared reports are not here")
    return REPORT.read_bytes()


def program(folder: Path, script: str) -> None:
    """A LibreOffice that does what `script` says."""
    path = folder / "soffice"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def own_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


def test_old_documents_are_told_by_their_streams(old_document: bytes) -> None:
    assert media_type(old_document) == media.DOC


@needs_libreoffice
def test_an_rtf_document_is_converted() -> None:
    document = read_rtf(RTF, "0" * 64)
    assert (document.media_type, document.reading, document.producer) == (media.RTF, "docx", None)
    assert document.paragraphs[0].text == "2023年"
    assert [cell.text for cell in document.tables[0].cells] == ["a", "1", "b", "2"]


@needs_libreoffice
def test_converting_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert to_docx(RTF, media.RTF).startswith(b"PK")
    assert list(tmp_path.iterdir()) == []


def test_without_libreoffice_it_says_what_to_install(
    old_document: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NeedsLibreOffice, match="apt-get install libreoffice-writer-nogui") as raised:
        read_doc(old_document, "0" * 64)
    assert isinstance(raised.value, NeedsTool)
    assert tools.TOOLS[raised.value.tool].path is None


def test_a_conversion_that_hangs_is_ended_with_all_its_processes(
    own_program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = own_program / "pipe"
    program(own_program, f"mkfifo {pipe}\n(exec 3<>{pipe}; sleep 600) &\nsleep 600")
    monkeypatch.setattr(office, "SECONDS", 0.5)
    with pytest.raises(DamagedFile, match=r"did not finish within 0\.5 s"):
        to_docx(RTF, media.RTF)
    # The pipe ends when the last process is gone that holds it open.
    descriptor = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(descriptor, True)
    assert os.read(descriptor, 1) == b""
    os.close(descriptor)


def test_what_libreoffice_says_is_passed_on(own_program: Path) -> None:
    program(own_program, "echo Error: source file could not be loaded")
    with pytest.raises(DamagedFile, match="could not be loaded"):
        to_docx(RTF, media.RTF)


def test_it_runs_apart_from_the_users_own(own_program: Path) -> None:
    program(own_program, f'env > {own_program}/env; echo "$@" > {own_program}/arguments')
    with pytest.raises(DamagedFile):
        to_docx(RTF, media.RTF)
    environment = dict(line.split("=", 1) for line in (own_program / "env").read_text().splitlines())
    assert set(environment) <= {"PATH", "HOME", "TMPDIR", "LANG", "PWD", "SHLVL", "OLDPWD", "_"}
    assert "-env:UserInstallation=file://" in (own_program / "arguments").read_text()


def locked(content: bytes) -> bytes:
    """The document with the flag set that says it is encrypted."""
    with olefile.OleFileIO(content) as container:
        base = container.openstream("WordDocument").read(32)
    at = content.index(base)
    return content[: at + 0x0B] + bytes([content[at + 0x0B] | 1]) + content[at + 0x0C :]


def test_a_document_with_a_password_is_locked(old_document: bytes) -> None:
    with pytest.raises(LockedFile, match="password"):
        read_doc(locked(old_document), "0" * 64)


def renamed(content: bytes, stream: str, name: str) -> bytes:
    """The container with a stream called otherwise in its directory ([MS-CFB] 2.6.1)."""
    at = content.index(stream.encode("utf-16-le"))
    entry = name.encode("utf-16-le").ljust(64, b"\0") + (2 * len(name) + 2).to_bytes(2, "little")
    return content[:at] + entry + content[at + len(entry) :]


def test_other_containers_say_what_they_hold(old_document: bytes) -> None:
    other = renamed(old_document, "WordDocument", "WorkDocumenz")
    assert media_type(other) == media.OLE
    with pytest.raises(UnsupportedMedia, match="WorkDocumenz"):
        read_other_container(other, "0" * 64)
    with pytest.raises(LockedFile, match="password"):
        read_other_container(renamed(old_document, "WordDocument", "EncryptedPackage"), "0" * 64)
    with pytest.raises(DamagedFile, match="cannot be opened"):
        read_other_container(old_document[:700], "0" * 64)
