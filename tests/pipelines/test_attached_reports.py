"""Pages whose report is an attachment, and documents that wait for a program: from fetching to what is stored."""

import hashlib
from collections import Counter
from pathlib import Path

import httpx
import polars as pl
import pytest

from pipelines.discover.source import Source
from pipelines.fetch.archive import Archive
from pipelines.fetch.register import registered
from pipelines.jobs import Job, jobs
from pipelines.read.tools import LIBREOFFICE
from pipelines.steps import (
    data_version,
    fetch_jobs,
    is_current,
    pending,
    read_job,
    recognise_job,
    store_job,
    validate_job,
)
from pipelines.work import waiting
from tests.generator.packages import zipped
from warehouse.layout import Home

REPORTS = Path(__file__).parents[2] / ".." / "shared" / "reports"
SITE = "http://www.shuyang.test"
TITLE = "沭阳县人民政府2025年政府信息公开工作年度报告"
SOURCE = Source(f"{SITE}/nb/1.html", "suqian-321300", 2025, "321322", "沭阳县人民政府")


def page(body: str) -> bytes:
    return f"<html><head><meta charset='utf-8'><title>{TITLE}</title></head><body><h1>{TITLE}</h1>{body}</body></html>".encode()


LINK = page(f'<p>发布日期：2026-01-20</p><p>附件：<a href="/files/r.docx">{TITLE}</a></p>')


class Site:
    """Answers requests, with validators as servers do, and counts what it sends."""

    def __init__(self, pages: dict[str, bytes]) -> None:
        self.pages = pages
        self.sent: Counter[tuple[str, int]] = Counter()

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        content = self.pages.get(request.url.path)
        etag = f'"{hashlib.sha256(content).hexdigest()}"' if content is not None else ""
        if content is None:
            response = httpx.Response(404)
        elif request.headers.get("if-none-match") == etag:
            response = httpx.Response(304)
        else:
            response = httpx.Response(200, content=content, headers={"ETag": etag})
        if request.url.path != "/robots.txt":
            self.sent[request.url.path, response.status_code] += 1
        return response


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def report() -> bytes:
    source = REPORTS / "shuyang-2025-docx.docx"
    if not source.exists():
        pytest.skip("the shared reports are not here")
    return source.read_bytes()


def fetched(home: Home, site: Site, *sources: Source) -> list[tuple[str, str]]:
    outcomes = fetch_jobs(home, jobs(sources or [SOURCE]), transport=site.transport())
    return [(outcome.source.url.removeprefix(SITE), outcome.kind) for outcome in outcomes]


def everything(home: Home) -> dict[str, tuple[bytes, int]]:
    return {
        str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in home.archive.rglob("*") if path.is_file()
    }


def stored(home: Home) -> pl.DataFrame:
    """What became of each document, after all steps."""
    (job,) = jobs(registered(home))
    read_job(home, job)
    recognise_job(home, job)
    validated = validate_job(home, job)
    store_job(home, job)
    assert is_current(home, job)
    return validated.frames["documents"].select("source_url", "status", "reason").sort("source_url")


def the_job(home: Home) -> Job:
    (job,) = jobs(registered(home))
    return job


def test_the_attachment_of_a_page_without_the_report_is_fetched_and_loaded(home: Home, report: bytes) -> None:
    site = Site({"/nb/1.html": LINK, "/files/r.docx": report})
    assert fetched(home, site) == [("/nb/1.html", "new"), ("/files/r.docx", "new")]
    attached = {source.url: source for source in registered(home)}[f"{SITE}/files/r.docx"]
    assert (attached.city, attached.year, attached.publisher) == (SOURCE.city, SOURCE.year, SOURCE.publisher)
    assert stored(home).rows() == [
        (f"{SITE}/files/r.docx", "loaded", None),
        (f"{SITE}/nb/1.html", "not_a_report", f"the report is its attachment {SITE}/files/r.docx"),
    ]


def test_a_second_run_transfers_nothing_and_changes_nothing(home: Home, report: bytes) -> None:
    site = Site({"/nb/1.html": LINK, "/files/r.docx": report})
    fetched(home, site)
    before = everything(home)
    assert fetched(home, site) == [("/nb/1.html", "unchanged"), ("/files/r.docx", "unchanged")]
    assert everything(home) == before
    assert site.sent == {(path, status): 1 for path in ("/nb/1.html", "/files/r.docx") for status in (200, 304)}


def test_a_page_that_holds_the_report_needs_no_attachment(home: Home) -> None:
    source = REPORTS / "city-2025-html.html"
    if not source.exists():
        pytest.skip("the shared reports are not here")
    linked = source.read_bytes().replace(b"</body>", f'<a href="/files/r.docx">{TITLE}</a></body>'.encode())
    site = Site({"/nb/1.html": linked, "/files/r.docx": b"not asked for"})
    assert fetched(home, site) == [("/nb/1.html", "new")]


def test_an_attachment_that_cannot_be_had_leaves_the_page_quarantined(home: Home) -> None:
    assert fetched(home, Site({"/nb/1.html": LINK})) == [("/nb/1.html", "new"), ("/files/r.docx", "failed")]
    assert [source.url for source in registered(home)] == [SOURCE.url]
    ((_, status, reason),) = stored(home).rows()
    assert status in {"quarantined", "not_a_report"}
    assert f"its attachment {SITE}/files/r.docx was not fetched" in reason


def test_an_attachment_that_leads_to_a_private_address_is_not_asked_for(home: Home) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        if request.url.path == "/files/r.docx":
            return httpx.Response(302, headers={"Location": "http://10.0.0.1/secret.docx"})
        return httpx.Response(200, content=LINK) if request.url.path == "/nb/1.html" else httpx.Response(404)

    page, attached = fetch_jobs(home, jobs([SOURCE]), transport=httpx.MockTransport(answer))
    assert (page.kind, attached.kind, attached.problem) == ("new", "failed", "private_address")
    assert set(asked) == {"www.shuyang.test"}


def test_files_of_others_and_of_other_years_are_left_alone(home: Home) -> None:
    body = (
        f'<a href="http://www.other.test/r.docx">{TITLE}</a><a href="/files/2024.docx">沭阳县2024年政府信息公开年度报告</a>'
        '<a href="/files/form.doc">政府信息公开申请表</a>'
    )
    assert fetched(home, Site({"/nb/1.html": page(body)})) == [("/nb/1.html", "new")]


def test_an_address_of_the_catalogue_stays_what_the_catalogue_says(home: Home, report: bytes) -> None:
    file = Source(
        f"{SITE}/files/r.docx", SOURCE.city, SOURCE.year, SOURCE.region_code, "沭阳县人民政府", "in catalogue"
    )
    site = Site({"/nb/1.html": LINK, "/files/r.docx": report})
    assert fetched(home, site, SOURCE, file) == [("/files/r.docx", "new"), ("/nb/1.html", "new")]
    assert {source.title for source in registered(home)} == {None, "in catalogue"}
    assert stored(home)["status"].to_list() == ["loaded", "not_a_report"]
    earlier = Source(f"{SITE}/files/r.docx", SOURCE.city, 2024, SOURCE.region_code)
    assert fetched(home, site, earlier) == [("/files/r.docx", "unchanged")]
    assert fetched(home, site) == [("/nb/1.html", "unchanged")]


def test_an_attachment_in_an_archive(home: Home, report: bytes) -> None:
    packed = zipped({"年报.docx": report})
    site = Site({"/nb/1.html": LINK.replace(b"r.docx", b"r.zip"), "/files/r.zip": packed})
    fetched(home, site)
    assert stored(home)["status"].to_list() == ["loaded", "not_a_report"]


def test_a_document_that_waits_for_a_program_is_read_once_it_is_there(
    home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    source = REPORTS / "shanghai-office-2019-doc.doc"
    if not source.exists() or LIBREOFFICE.path is None:
        pytest.skip("the shared reports or LibreOffice are not here")
    content = source.read_bytes()
    shanghai = Source("http://www.shanghai.test/r.doc", "shanghai-310000", 2019, "310000")
    with monkeypatch.context() as without:
        without.setenv("PATH", str(tmp_path))
        fetch_jobs(home, jobs([shanghai]), transport=Site({"/r.doc": content}).transport())
        ((_, status, reason),) = stored(home).rows()
        assert status == "quarantined"
        assert "apt-get install libreoffice-writer-nogui" in reason
        assert waiting(home) == {hashlib.sha256(content).hexdigest(): "LibreOffice"}
        waited = data_version(home, the_job(home))
        assert pending(home, [the_job(home)]) == ()
    assert pending(home, [the_job(home)]) == (the_job(home),)
    assert stored(home)["status"].to_list() == ["loaded"]
    assert waiting(home) == {}
    read = data_version(home, the_job(home))
    assert read != waited
    with monkeypatch.context() as without:
        without.setenv("PATH", str(tmp_path))
        assert stored(home)["status"].to_list() == ["loaded"]  # what was read stays read
        assert data_version(home, the_job(home)) == read
    assert Archive(home.archive).latest(shanghai.url) is not None
