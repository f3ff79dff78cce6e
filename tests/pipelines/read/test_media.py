import io
import zipfile

import pytest

from pipelines.read import media
from pipelines.read.media import media_type


def archive(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name in names:
            file.writestr(name, "x" * 40)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7\n", media.PDF),
        (b"\n\n\xef\xbb\xbf%PDF-1.4", media.PDF),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504, media.OLE),
        (b"Rar!\x1a\x07\x01\x00", media.RAR),
        (b"Rar!\x1a\x07\x00", media.RAR),
        (b"7z\xbc\xaf\x27\x1c\0\x04", media.SEVEN_ZIP),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", media.PNG),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", media.JPEG),
        (b"II*\0\x08\0\0\0", media.TIFF),
        (b"MM\0*\0\0\0\x08", media.TIFF),
        (b"GIF89a", media.GIF),
        (rb"{\rtf1\ansi", media.RTF),
        (archive("[Content_Types].xml", "word/document.xml"), media.DOCX),
        (archive("[Content_Types].xml", "xl/workbook.xml"), media.XLSX),
        (archive("[Content_Types].xml", "ppt/presentation.xml"), media.PPTX),
        (archive("mimetype", "content.xml"), media.ODT),
        (archive("OFD.xml", "Doc_0/Document.xml"), media.OFD),
        (archive("年报.pdf"), media.ZIP),
        (archive("报告/word/x.pdf"), media.ZIP),
        (archive(), media.ZIP),
        (b"", media.UNKNOWN),
        (b" \r\n", media.UNKNOWN),
        (b"\0\x01\x02\x03", media.UNKNOWN),
        (bytes(range(0x80, 0x100)) * 4, media.UNKNOWN),
    ],
)
def test_files_are_told_by_their_magic(content: bytes, kind: str) -> None:
    assert media_type(content) == kind


@pytest.mark.parametrize(
    "page",
    [
        b"<!DOCTYPE html><html>",
        b"<!doctype HTML PUBLIC '-//W3C//DTD HTML 4.01//EN'>",
        b"\xef\xbb\xbf\r\n  <html>",
        b"<HTML>",
        b"<!-- saved\nfrom url --> <!-- twice --><body>",
        b'<?xml version="1.0" encoding="gb2312"?>\n<!DOCTYPE html PUBLIC "x"><html>',
        b"<script>var a = 1;</script><table>",
        b"<meta charset=gb2312>",
        b"<P>\xb1\xa8\xb8\xe6",
        b"<br/>\xe6\x8a\xa5",
        "年报正文<table border=1><tr><td>".encode("gbk"),
        "﻿<html><body>年报".encode("utf-16"),
        "<html>年报".encode("utf-16"),
        "<html>年报".encode("utf-16-le"),
        "<html>年报".encode("utf-16-be"),
    ],
)
def test_web_pages_are_told_however_they_begin(page: bytes) -> None:
    assert media_type(page) == media.HTML


def test_what_looks_like_a_page_but_is_none() -> None:
    assert media_type(b'{"content": "<table><tr><td>1</td></tr></table>"}') == media.JSON
    assert media_type(b'<?xml version="1.0"?><rss><item/></rss>') == media.XML
    assert media_type(b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n<html>") == media.MHTML
    assert media_type("一、总体情况\r\n2023年，a < b。".encode("gb18030")) == media.TEXT
    assert media_type("一、总体情况\n".encode() * 9000) == media.TEXT


def test_an_archive_that_was_cut_off_still_tells_what_it_is() -> None:
    whole = archive("[Content_Types].xml", "word/document.xml")
    assert media_type(whole[: len(whole) // 2]) == media.DOCX
