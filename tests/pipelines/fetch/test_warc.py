import gzip
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipelines.discover.source import Source
from pipelines.fetch.archive import Archive, DamagedObject
from pipelines.fetch.verify import verify
from pipelines.fetch.warc import WarcError, export_warc, import_warc

NOON = datetime(2026, 3, 31, 12, 0, 0, 123, tzinfo=UTC)
URL = "http://www.example.gov.cn/gk/年报.html?b=2&a=%E7%94%B2"
DISK = "file:///home/someone/年报 1.pdf"
SOURCE = Source(URL, "hangzhou-330100", 2025, "330100", "杭州市人民政府", "年报")


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    archive = Archive(tmp_path / "archive")
    for day, content in enumerate([b"<html>one</html>", b"<html>two</html>", b"<html>one</html>"]):
        archive.add(
            URL,
            content,
            retrieved_at=NOON + timedelta(days=day),
            headers=(
                ("content-disposition", "attachment; filename=年报.html"),
                ("content-encoding", "gzip"),
                ("content-length", "7"),
                ("content-type", "text/html"),
            ),
            request=(("host", "www.example.gov.cn"), ("user-agent", "gongkai")),
            address="61.135.169.121",
        )
    archive.add(
        "http://b.gov.cn/x",
        b"<html>two</html>",
        retrieved_at=NOON,
        final_url="https://b.gov.cn/y",
        hops=("http://b.gov.cn/z",),
        tls="TLSv1 old",
    )
    archive.add(DISK, b"%PDF-1.7 \x00\xff\r\n\r\nWARC/1.1\r\n", retrieved_at=NOON, origin="disk")
    return archive


def everything(archive: Archive) -> dict[str, bytes]:
    return {
        str(path.relative_to(archive.root)): path.read_bytes() for path in archive.root.rglob("*") if path.is_file()
    }


def test_there_and_back_again(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "out" / "all.warc.gz"
    exported = export_warc(archive, path, (SOURCE,))
    assert (exported.captures, exported.size_bytes) == (5, path.stat().st_size)
    other = Archive(tmp_path / "other")
    imported = import_warc(path, other)
    assert everything(other) == everything(archive)
    assert verify(other).is_sound
    assert imported.sources == (SOURCE,)
    assert (len(imported.added), imported.known, imported.skipped) == (5, 0, ())
    again = import_warc(path, other)
    assert (again.added, again.known) == ((), 5)
    assert everything(other) == everything(archive)


def test_the_same_archive_gives_the_same_file(archive: Archive, tmp_path: Path) -> None:
    paths = [tmp_path / name / "a.warc.gz" for name in ("1", "2")]
    for path in paths:
        export_warc(archive, path)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_other_programs_can_read_it(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    export_warc(archive, path)
    assert Checker(type("Command", (), {"inputs": [str(path)], "verbose": False})()).process_all() == 0
    with path.open("rb") as file:
        records = [
            (record.rec_type, record.rec_headers.get_header("WARC-Target-URI"), record.content_stream().read())
            for record in ArchiveIterator(file)
        ]
    kinds = [kind for kind, *_ in records]
    assert kinds[0] == "warcinfo"
    assert kinds.count("response") == 2
    assert kinds.count("revisit") == 2
    assert kinds.count("resource") == 1
    assert kinds.count("request") == 3
    bodies = [content for kind, _, content in records if kind in {"response", "resource"}]
    assert sorted(bodies) == sorted(
        {archive.content(one.sha256) for url in archive.urls() for one in archive.captures(url)}
    )
    assert all(uri is None or uri.isascii() for _, uri, _ in records)


def test_a_file_that_exists_is_not_overwritten(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"precious")
    with pytest.raises(WarcError, match="exists"):
        export_warc(archive, path)
    assert path.read_bytes() == b"precious"


def test_a_damaged_archive_is_not_exported_and_leaves_no_file(archive: Archive, tmp_path: Path) -> None:
    damaged = next(archive.root.glob("objects/*/*"))
    damaged.chmod(0o644)
    damaged.write_bytes(b"damaged")
    with pytest.raises(DamagedObject):
        export_warc(archive, tmp_path / "out" / "a.warc.gz")
    assert list((tmp_path / "out").iterdir()) == []


def test_versions_come_to_their_place_in_time(archive: Archive, tmp_path: Path) -> None:
    """The other archive has a version between the first and the second, and one after all."""
    path = tmp_path / "a.warc.gz"
    export_warc(archive, path)
    other = Archive(tmp_path / "other")
    other.add(URL, b"<html>own</html>", retrieved_at=NOON + timedelta(hours=12))
    other.add(URL, b"<html>new</html>", retrieved_at=NOON + timedelta(days=9))
    import_warc(path, other)
    contents = [other.content(capture.sha256)[6:9] for capture in other.captures(URL)]
    assert contents == [b"one", b"own", b"two", b"one", b"new"]
    assert other.latest(URL) == other.captures(URL)[-1]
    assert verify(other).is_sound


def test_a_file_cut_off_in_the_middle_is_named_and_what_came_is_kept(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    export_warc(archive, path)
    for part in (0.3, 0.6, 0.9):
        cut = tmp_path / f"{part}.warc.gz"
        cut.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])
        other = Archive(tmp_path / str(part))
        try:
            import_warc(cut, other)
        except WarcError as error:
            assert cut.name in str(error)  # noqa: PT017 - a cut between two records is no fault
        assert verify(other).is_sound
        assert set(everything(other)) <= set(everything(archive))


@pytest.mark.parametrize("content", [b"", b"no warc", gzip.compress(b"no warc")])
def test_what_is_no_warc_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(content)
    archive = Archive(tmp_path / "archive")
    if content:
        with pytest.raises(WarcError, match=r"a\.warc\.gz cannot be read"):
            import_warc(path, archive)
    else:
        assert import_warc(path, archive).added == ()
    assert not archive.root.exists()


def test_bytes_that_are_not_what_their_facts_say_are_left_out(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    export_warc(archive, path)
    plain = gzip.decompress(path.read_bytes())
    forged = tmp_path / "forged.warc"
    forged.write_bytes(plain.replace(b"<html>two</html>", b"<html>2wo</html>"))
    other = Archive(tmp_path / "other")
    imported = import_warc(forged, other)
    assert verify(other).is_sound
    assert {url for url, _ in imported.skipped} >= {"https://b.gov.cn/y"}
    assert all(b"2wo" not in content for content in everything(other).values())


# --- of other programs --------------------------------------------------------------------------------------------


def foreign(path: Path, *records: tuple[str, str, str, bytes]) -> Path:
    """A WARC file as crawlers write it: (address, status, content type, body)."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=path.suffix == ".gz")
        for url, status, kind, body in records:
            http = StatusAndHeaders(status, [("Content-Type", kind), ("Set-Cookie", "a=1")], protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record(
                    url,
                    "response",
                    payload=io.BytesIO(body),
                    length=len(body),
                    http_headers=http,
                    warc_headers_dict={"WARC-Date": "2024-01-29T08:00:00Z"},
                )
            )
            writer.write_record(writer.create_warc_record(url, "metadata", payload=io.BytesIO(b"a: b"), length=4))
    return path


PAGE = f"<html><body><p>{'年度报告' * 100}</p></body></html>".encode()


@pytest.mark.parametrize("name", ["crawl.warc", "crawl.warc.gz"])
def test_documents_of_another_crawler_are_taken_and_the_rest_is_named(tmp_path: Path, name: str) -> None:
    path = foreign(
        tmp_path / name,
        ("http://a.gov.cn/1.html", "200 OK", "text/html", PAGE),
        ("http://a.gov.cn/gone.html", "404 Not Found", "text/html", PAGE),
        ("http://a.gov.cn/a.css", "200 OK", "text/css", b"body {}"),
        ("http://a.gov.cn/moved.html", "200 OK", "text/html", b"<meta http-equiv=refresh content='0;url=/1.html'>"),
    )
    archive = Archive(tmp_path / "archive")
    imported = import_warc(path, archive)
    assert archive.urls() == ("http://a.gov.cn/1.html",)
    (capture,) = imported.added
    assert capture.origin == "warc"
    assert capture.retrieved_at == datetime(2024, 1, 29, 8, tzinfo=UTC)
    assert dict(capture.headers) == {"content-type": "text/html"}
    assert archive.content(capture.sha256) == PAGE
    assert [url.rpartition("/")[2] for url, _ in imported.skipped] == ["gone.html", "a.css", "moved.html"]


def test_a_repeated_body_is_found_in_the_same_file_or_named(tmp_path: Path) -> None:
    path = foreign(tmp_path / "a.warc", ("http://a.gov.cn/1.html", "200 OK", "text/html", PAGE))
    with path.open("rb") as file:
        digest = next(iter(ArchiveIterator(file))).rec_headers.get_header("WARC-Payload-Digest")
    with path.open("ab") as file:
        writer = WARCWriter(file, gzip=False)
        for url, named in (("http://b.gov.cn/1.html", digest), ("http://c.gov.cn/1.html", "sha1:AAAA")):
            http = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
            dates = {"WARC-Date": "2024-02-01T00:00:00Z"}
            writer.write_record(
                writer.create_revisit_record(url, named, "http://a.gov.cn/1.html", "2024-01-29T08:00:00Z", http, dates)
            )
    archive = Archive(tmp_path / "archive")
    imported = import_warc(path, archive)
    assert archive.urls() == ("http://a.gov.cn/1.html", "http://b.gov.cn/1.html")
    assert [url for url, _ in imported.skipped] == ["http://c.gov.cn/1.html"]


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        (("Transfer-Encoding", "chunked"), b"%x\r\n" % len(PAGE) + PAGE + b"\r\n0\r\n\r\n"),
        (("Content-Encoding", "gzip"), gzip.compress(PAGE)),
    ],
)
def test_a_body_as_it_came_over_the_wire_is_unpacked(tmp_path: Path, coding: tuple[str, str], body: bytes) -> None:
    path = tmp_path / "a.warc.gz"
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        http = StatusAndHeaders("200 OK", [("Content-Type", "text/html"), coding], protocol="HTTP/1.1")
        writer.write_record(
            writer.create_warc_record(
                "http://a.gov.cn/1.html", "response", payload=io.BytesIO(body), length=len(body), http_headers=http
            )
        )
    archive = Archive(tmp_path / "archive")
    (capture,) = import_warc(path, archive).added
    assert archive.content(capture.sha256) == PAGE
