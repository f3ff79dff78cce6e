import io
import zipfile
import zlib
from pathlib import Path

import pytest

from pipelines.read import archives
from pipelines.read.archives import members
from pipelines.read.document import Document
from pipelines.read.errors import DamagedFile, LockedFile, NeedsLibreOffice, NeedsUnrar, NoReportInside, OverLimit
from pipelines.read.media import RAR, ZIP, media_type
from pipelines.read.reader import read
from tests.generator.packages import docx, p, tbl, tc, zipped

TITLE = "某县人民政府2023年政府信息公开工作年度报告"
REPORT = docx(p(TITLE) + p("一、总体情况") + tbl([tc("收到"), tc("5")], [tc("答复"), tc("4")]))
OTHER = docx(p("关于印发某办法的通知"))
OLD_WORD = Path(__file__).parents[3] / ".." / "shared" / "reports" / "shanghai-office-2019-doc.doc"
WORKBOOK = (Path(__file__).parents[2] / "fixtures" / "office" / "statistics.xls").read_bytes()

STORED, NORMAL = 0, 3


def rar(files: dict[str, bytes], method: int = STORED, encrypted: bool = False) -> bytes:
    """A RAR 5 archive; with another method than storing, its members hold what no program can unpack."""

    def number(value: int) -> bytes:
        out = b""
        while value > 0x7F:
            out += bytes([value & 0x7F | 0x80])
            value >>= 7
        return out + bytes([value])

    def block(kind: int, flags: int, fields: bytes, data: bytes = b"", extra: bytes = b"") -> bytes:
        sizes = (number(len(extra)) if extra else b"") + (number(len(data)) if flags & 2 else b"")
        header = number(kind) + number(flags | (1 if extra else 0)) + sizes + fields + extra
        whole = number(len(header)) + header
        return zlib.crc32(whole).to_bytes(4, "little") + whole + data

    out = b"Rar!\x1a\x07\x01\x00" + block(1, 0, number(0))
    lock = number(1) + number(0) + number(0) + bytes([15]) + bytes(32)
    extra = number(len(lock)) + lock if encrypted else b""
    for name, content in files.items():
        encoded = name.encode()
        fields = (
            number(4)
            + number(len(content))
            + number(0o100644)
            + zlib.crc32(content).to_bytes(4, "little")
            + number(method << 7)
            + number(1)
            + number(len(encoded))
            + encoded
        )
        out += block(2, 2, fields, content, extra)
    return out + block(5, 0, number(0))


def test_the_report_is_found_among_other_files_by_its_title() -> None:
    content = zipped(
        {"附件/说明.docx": OTHER, "附件/1.docx": REPORT, "统计表.xls": WORKBOOK, "logo.png": b"\x89PNG\r\n\x1a\n"}
    )
    assert media_type(content) == ZIP
    document = read(content, "a" * 64)
    assert (document.sha256, document.media_type, document.reading) == ("a" * 64, ZIP, "docx")
    assert document.facts == (("archive member", "附件/1.docx"),)
    assert document.paragraphs[0].text == TITLE
    assert document.paragraphs[0].place.path == "附件/1.docx!/w:document/w:body/w:p[1]"
    assert document.tables[0].cells[0].place.path == "附件/1.docx!/w:document/w:body/w:tbl/w:tr[1]/w:tc[1]"


def test_a_rar_archive_is_read_without_a_program_where_it_is_not_compressed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    content = rar({"年报.docx": REPORT, "通知.docx": OTHER})
    assert media_type(content) == RAR
    assert read(content, "a" * 64).facts == (("archive member", "年报.docx"),)


def test_a_compressed_rar_archive_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("rarfile.CURRENT_SETUP", None)
    with pytest.raises(NeedsUnrar, match="apt-get install unar"):
        read(rar({"年报.docx": REPORT}, NORMAL), "a" * 64)


def test_a_compressed_rar_archive_is_unpacked_by_the_program_there_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "unpacked").write_bytes(REPORT)
    program = tmp_path / "unrar"
    program.write_text(f'#!/bin/sh\n[ "$1" = p ] && exec cat {tmp_path}/unpacked\nexit 0\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr("rarfile.CURRENT_SETUP", None)
    assert read(rar({"年报.docx": REPORT}, NORMAL), "a" * 64).facts == (("archive member", "年报.docx"),)


def test_one_report_in_two_formats_is_one_report() -> None:
    bare = docx(p(TITLE))
    assert read(zipped({"a.docx": bare, "b.docx": REPORT}), "a" * 64).facts == (("archive member", "b.docx"),)


def test_several_reports_or_none_are_listed() -> None:
    second = docx(p("某市财政局2023年政府信息公开工作年度报告"))
    with pytest.raises(NoReportInside, match=r"2 different reports \(a\.docx、b\.docx\)"):
        read(zipped({"a.docx": REPORT, "b.docx": second}), "a" * 64)
    with pytest.raises(NoReportInside, match="no file in it has the title"):
        read(zipped({"a.docx": OTHER, "b.docx": docx(p("另一件"))}), "a" * 64)
    with pytest.raises(NoReportInside, match=r"none of its files can be read as a document \(a\.bin\)"):
        read(zipped({"a.bin": b"\0\1"}), "a" * 64)
    with pytest.raises(NoReportInside, match="no files"):
        read(zipped({}), "a" * 64)


def test_the_only_document_is_taken_whatever_it_says() -> None:
    assert read(zipped({"a.docx": OTHER, "b.txt": b"readme"}), "a" * 64).paragraphs[0].text == "关于印发某办法的通知"


def test_why_a_member_cannot_be_read_is_said_with_its_name() -> None:
    with pytest.raises(DamagedFile, match=r"^a\.docx in the archive: Word document"):
        read(zipped({"a.docx": zipped({"word/document.xml": "<a"})}), "a" * 64)


def test_a_member_that_needs_a_program_is_waited_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if not OLD_WORD.exists():
        pytest.skip("the shared reports are not here")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NeedsLibreOffice, match=r"^年报\.doc in the archive"):
        read(zipped({"年报.doc": OLD_WORD.read_bytes(), "通知.docx": OTHER}), "a" * 64)
    found = read(zipped({"年报.doc": OLD_WORD.read_bytes(), "b.docx": REPORT}), "a" * 64)
    assert found.facts == (("archive member", "b.docx"),)


def test_archives_in_archives_are_opened_but_not_for_ever() -> None:
    content = zipped({"a.docx": REPORT})
    inner = zipped({"内.zip": content, "x.rar": rar({"b.docx": OTHER})})
    assert [member.name for member in members(inner, ZIP)] == ["内.zip/a.docx", "x.rar/b.docx"]
    with pytest.raises(OverLimit, match=r"more than 3 deep \(c\.zip/b\.zip/a\.zip\)"):
        members(zipped({"c.zip": zipped({"b.zip": zipped({"a.zip": content})})}), ZIP)


def test_clutter_of_file_managers_is_left_out() -> None:
    names = {"__MACOSX/._a.docx": b"x", ".DS_Store": b"x", "~$a.docx": b"x", "a/Thumbs.db": b"x", "a/b.docx": REPORT}
    assert [member.name for member in members(zipped(names), ZIP)] == ["a/b.docx"]


def test_names_in_gbk_and_names_that_lead_out() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("../../AAAA.docx"), REPORT)
    content = out.getvalue().replace(b"AAAA", "年报".encode("gb18030"))
    assert [member.name for member in members(content, ZIP)] == ["../../年报.docx"]


def test_bombs_are_refused_before_they_are_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OverLimit, match="would unpack to"):
        members(zipped({"zeros": bytes(archives.RATIO_FROM + 1)}), ZIP)
    monkeypatch.setattr(archives, "MOST_MEMBERS", 2)
    with pytest.raises(OverLimit, match="more than 2 files"):
        members(zipped({str(number): b"" for number in range(3)}), ZIP)
    monkeypatch.setattr(archives, "MOST_BYTES", 1000)
    # What an inner archive takes counts with what the outer one did.
    with pytest.raises(OverLimit, match="1,000 bytes"):
        members(zipped({"a": b"\0\1" * 300, "b.zip": zipped({"c": b"\0\1" * 300})}), ZIP)


def test_locked_and_damaged_archives_say_so() -> None:
    content = bytearray(zipped({"a.docx": REPORT}))
    content[6] |= 1
    content[content.find(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(LockedFile, match="password"):
        members(bytes(content), ZIP)
    with pytest.raises(LockedFile, match="password"):
        members(rar({"a.docx": REPORT}, encrypted=True), RAR)
    with pytest.raises(DamagedFile, match="cannot be unpacked"):
        members(b"PK\x03\x04broken", ZIP)
    with pytest.raises(DamagedFile, match="cannot be unpacked"):
        members(b"Rar!\x1a\x07\x01\x00broken", RAR)
    damaged = bytearray(rar({"a.docx": REPORT}))
    damaged[200] ^= 0xFF
    with pytest.raises(DamagedFile, match="cannot be unpacked"):
        members(bytes(damaged), RAR)


def test_reading_is_the_callers() -> None:
    seen: list[bytes] = []

    def reader(content: bytes, sha256: str) -> Document:
        seen.append(content)
        return read(content, sha256)

    archives.read_zip(zipped({"b.docx": OTHER, "政府信息公开年报.docx": REPORT}), "a" * 64, reader)
    assert seen == [REPORT, OTHER]
