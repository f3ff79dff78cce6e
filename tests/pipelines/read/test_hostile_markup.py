"""Markup that tries to read this machine's files or to reach the network through a parser: it reaches nothing."""

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.read.errors import UnreadableDocument
from pipelines.read.reader import read
from tests.generator.packages import zipped

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFD = "http://www.ofdspec.org/2016"


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A port on loopback that notices a connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret.txt"
    path.write_text("hunter2")
    return path


def hostile(root: str, path: Path, port: int) -> str:
    """A document type with entities of a file, of the network and of its own, and an element that uses them."""
    at = f"http://127.0.0.1:{port}"
    return (
        f'<?xml version="1.0"?><!DOCTYPE r SYSTEM "{at}/r.dtd" [<!ENTITY % outer SYSTEM "{at}/outer.dtd"> %outer;'
        f'<!ENTITY f SYSTEM "file://{path}"><!ENTITY n SYSTEM "{at}/n"><!ENTITY l "lol"><!ENTITY m "&l;&l;&l;">]>{root}'
    )


def word(path: Path, port: int) -> bytes:
    body = f'<w:document xmlns:w="{WORD}"><w:body><w:p><w:r><w:t>&f;&n;&m;</w:t></w:r></w:p></w:body></w:document>'
    return zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": hostile(body, path, port)})


def workbook(path: Path, port: int) -> bytes:
    strings = f'<sst xmlns="{SHEET}"><si><t>&f;&n;&m;</t></si></sst>'
    parts = {"xl/workbook.xml": f'<workbook xmlns="{SHEET}"/>', "xl/sharedStrings.xml": hostile(strings, path, port)}
    return zipped({"[Content_Types].xml": "<Types/>", **parts})


def ofd(path: Path, port: int) -> bytes:
    return zipped({"OFD.xml": hostile(f'<ofd:OFD xmlns:ofd="{OFD}">&f;&n;&m;</ofd:OFD>', path, port)})


def web_page(path: Path, port: int) -> bytes:
    at = f"http://127.0.0.1:{port}"
    body = (
        f"<html><head><base href='{at}/'><link rel='stylesheet' href='a.css'></head><body><p>&f;&n;&m; 年度报告</p>"
        f"<iframe src='file://{path}'></iframe><img src='{at}/a.png'><xi:include href='file://{path}'/></body></html>"
    )
    return hostile(body, path, port).encode()


@pytest.mark.parametrize("make", [word, workbook, ofd, web_page])
def test_nothing_is_expanded_opened_or_asked_for(make, secret: Path, listener: socket.socket) -> None:
    said = ""
    with contextlib.suppress(UnreadableDocument):
        said = repr(read(make(secret, listener.getsockname()[1]), "0" * 64))
    assert "hunter2" not in said
    assert "lollol" not in said
    with pytest.raises(BlockingIOError):  # nobody has called
        listener.accept()
