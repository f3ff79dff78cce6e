"""Pages whose tables are pictures: fetched from a server on loopback, and followed to what is stored."""

import base64
import hashlib
import io
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import polars as pl
import pypdfium2
import pytest

pytest.importorskip("rapidocr")
from pipelines import work
from pipelines.discover.pictures import page_with_pictures, pictures, with_pictures_address
from pipelines.discover.source import Source
from pipelines.fetch.archive import Archive
from pipelines.fetch.register import registered
from pipelines.fetch.warc import export_warc, import_warc
from pipelines.jobs import jobs
from pipelines.read.html.page import parse_page
from pipelines.read.ocr import answers_kept_in
from pipelines.read.reader import read
from pipelines.read.scan import engine
from pipelines.steps import fetch_jobs, is_current, read_job, recognise_job, store_job, validate_job
from tests.generator.documents import Generated
from tests.generator.pdf_documents import pdf_document
from warehouse.layout import Home

REPORT: Generated = pdf_document(9)
TITLE = REPORT.report.title
ICON = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


def page_pictures() -> list[bytes]:
    """The report's pages as an editor pastes them."""
    pdf = pypdfium2.PdfDocument(REPORT.content)
    files = []
    for page in pdf:
        target = io.BytesIO()
        page.render(scale=140 / 72).to_pil().convert("L").save(target, "PNG")
        files.append(target.getvalue())
    return files


PAGES = page_pictures()


def web_page(body: str) -> bytes:
    return (
        f"<html><head><meta charset='gb2312'><title>{TITLE}</title></head><body><div class='header'><img src='/top.png'>"
        f"</div><h1>{TITLE}</h1><div class='content'>{body}</div><div class='footer'><img src='/top.png'></div></body>"
        "</html>"
    ).encode("gb18030")


LINKED = web_page("".join(f"<p><img src='img/{at}.png' width='700px'></p>" for at in range(len(PAGES))))
FILES = {f"/nb/img/{at}.png": content for at, content in enumerate(PAGES)}


@dataclass
class Site:
    """What a server on loopback serves by path, with validators; `sent` counts its answers by path and status."""

    pages: dict[str, bytes]
    url: str = ""
    sent: Counter[tuple[str, int]] = field(default_factory=Counter)


@contextmanager
def serving(pages: Mapping[str, bytes]) -> Iterator[Site]:
    site = Site(dict(pages))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = site.pages.get(self.path)
            etag = f'"{hashlib.sha256(content or b"").hexdigest()}"'
            status = 404 if content is None else 304 if self.headers.get("If-None-Match") == etag else 200
            body = content if content is not None and status == 200 else b""
            self.send_response(status)
            self.send_header("ETag", etag)
            if status != 304:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            if self.path != "/robots.txt":
                site.sent[self.path, status] += 1

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        site.url = f"http://127.0.0.1:{server.server_port}"
        yield site
        server.shutdown()
        thread.join()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    root = tmp_path / "home"
    root.mkdir()
    (root / "hosts.csv").write_text(
        "host,per_second,burst,at_once,loopback,note\n127.0.0.1,unlimited,100,4,yes,the test's own server\n"
    )
    return Home(root)


@pytest.fixture(scope="module", autouse=True)
def answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The same pages are read by several tests: the engine need not be asked again."""
    folder = tmp_path_factory.mktemp("answers")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("pipelines.documents.recognition_answers", lambda home: folder)
        with answers_kept_in(folder):
            yield


def source(site: Site) -> Source:
    report = REPORT.report
    return Source(f"{site.url}/nb/1.html", report.city, report.year, report.region_code, report.publisher)


def fetched(home: Home, site: Site) -> list[tuple[str, str]]:
    outcomes = fetch_jobs(home, jobs([source(site)]))
    return [(outcome.source.url.removeprefix(site.url), outcome.kind) for outcome in outcomes]


def stored(home: Home) -> Mapping[str, pl.DataFrame]:
    (job,) = jobs(registered(home))
    read_job(home, job)
    recognise_job(home, job)
    validated = validate_job(home, job)
    store_job(home, job)
    assert is_current(home, job)
    return validated.frames


def statuses(home: Home, site: Site) -> dict[str, tuple[str, str | None]]:
    rows = stored(home)["documents"].select("source_url", "status", "reason").iter_rows()
    return {url.removeprefix(site.url): (status, reason) for url, status, reason in rows}


def assert_every_figure(frames: Mapping[str, pl.DataFrame]) -> None:
    """The figures of chapter 3 and 4 are those that the report prints."""
    for table, row, column in (("requests", "outcome", "applicant"), ("reviews", "proceeding", "result")):
        printed = {key[1:]: int(one.value) for key, one in REPORT.printed.items() if key[0] == table and one.value}
        read_ = {
            (one, other): value for one, other, value in frames[table].select(row, column, "value").iter_rows() if value
        }
        assert read_ == printed


def test_the_pictures_of_a_page_without_tables_are_fetched_and_read(home: Home) -> None:
    with serving({"/nb/1.html": LINKED, "/top.png": PAGES[0], **FILES}) as site:
        assert fetched(home, site) == [
            ("/nb/1.html", "new"),
            *((path, "new") for path in sorted(FILES)),
            ("/nb/1.html#pictures", "new"),
        ]
        frames = stored(home)
        assert {url.removeprefix(site.url) for url in frames["documents"]["source_url"]} == {
            "/nb/1.html",
            "/nb/1.html#pictures",
        }
        states = statuses(home, site)
    assert states["/nb/1.html#pictures"] == ("loaded", None)
    status, reason = states["/nb/1.html"]
    assert status == "not_a_report"
    assert reason is not None
    assert "the report is in the pictures of this page" in reason
    assert_every_figure(frames)
    assert set(frames["documents"].filter(status="loaded")["reading"]) == {"ocr"}


def test_a_figure_in_a_picture_traces_to_the_picture_and_the_box_in_it(home: Home) -> None:
    with serving({"/nb/1.html": LINKED, **FILES}) as site:
        fetched(home, site)
        frames = stored(home)
    sha256 = frames["reports"]["sha256"].item()
    root = parse_page(Archive(home.archive).content(sha256))
    shown = [root.xpath(path)[0] for path in frames["cells"]["path"].unique()]
    assert {element.tag for element in shown} == {"img"}
    assert {base64.b64decode(element.get("src").partition(",")[2]) for element in shown} <= set(PAGES)
    assert frames["cells"].select("x0", "top", "x1", "bottom").null_count().sum_horizontal().item() == 0


def test_a_second_run_transfers_nothing_and_changes_nothing(home: Home) -> None:
    with serving({"/nb/1.html": LINKED, **FILES}) as site:
        fetched(home, site)
        before = {path: path.read_bytes() for path in home.archive.rglob("*") if path.is_file()}
        assert {kind for _, kind in fetched(home, site)} == {"unchanged"}
        assert {status for _, status in site.sent} == {200, 304}
        assert set(site.sent.values()) == {1}
    assert {path: path.read_bytes() for path in home.archive.rglob("*") if path.is_file()} == before


def test_a_picture_that_is_replaced_makes_a_new_edition(home: Home) -> None:
    with serving({"/nb/1.html": LINKED, **FILES}) as site:
        fetched(home, site)
        site.pages["/nb/img/0.png"] = PAGES[1]
        assert ("/nb/1.html#pictures", "changed") in fetched(home, site)
        assert len(Archive(home.archive).captures(f"{site.url}/nb/1.html#pictures")) == 2


def test_a_picture_that_may_still_come_is_waited_for_and_one_that_is_gone_is_not(home: Home) -> None:
    broken = {path: content for path, content in FILES.items() if path != "/nb/img/0.png"}
    with serving({"/nb/1.html": LINKED, **broken, "/nb/img/0.png": b""}) as site:
        assert ("/nb/1.html#pictures", "new") not in fetched(home, site)
        status, reason = statuses(home, site)["/nb/1.html"]
        assert status == "quarantined"
        assert reason is not None
        assert "1 of its pictures were not fetched: fetch again" in reason
        del site.pages["/nb/img/0.png"]
        assert ("/nb/1.html#pictures", "new") in fetched(home, site)


def test_pictures_inside_the_page_are_read_where_they_are(home: Home) -> None:
    inside = page_with_pictures(
        LINKED, "http://a.test/nb/1.html", {f"http://a.test{at}": one for at, one in FILES.items()}
    )
    assert inside is not None
    with serving({"/nb/1.html": inside}) as site:
        assert fetched(home, site) == [("/nb/1.html", "new")]
        assert statuses(home, site) == {"/nb/1.html": ("loaded", None)}
        assert_every_figure(stored(home))


def test_other_code_reads_the_same_pages_without_asking_the_engine_again(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving({"/nb/1.html": LINKED, **FILES}) as site:
        fetched(home, site)
    before = stored(home)["requests"]
    monkeypatch.setattr(work, "reader_version", lambda: "other code")
    monkeypatch.setattr(engine, "_engine", lambda: pytest.fail("the engine was asked"))
    assert stored(home)["requests"].equals(before)


def test_a_page_that_prints_its_tables_keeps_its_pictures_to_itself() -> None:
    printed = web_page(
        "<table><tr><td>一、本年新收政府信息公开申请数量</td><td>3</td></tr></table><img src='chart.png'>"
    )
    assert pictures(printed, "http://a.test/1.html") == ()


def test_which_pictures_may_show_a_table() -> None:
    page = web_page(
        "<p><img src='a.png'><img src='icon.gif'><img src='b.jpg' width=16><img src='http://other.test/c.png'>"
        "<img src='blank.gif' data-original='/d.jpg'><img src='a.png'><img src='javascript:x'></p>"
    )
    assert pictures(page, "http://a.test/nb/1.html") == ("http://a.test/nb/a.png", "http://a.test/d.jpg")


def test_an_album_is_no_report() -> None:
    page = web_page("".join(f"<img src='{at}.jpg'>" for at in range(100)))
    assert pictures(page, "http://a.test/1.html") == ()


def test_small_pictures_make_no_document() -> None:
    assert page_with_pictures(LINKED, "http://a.test/nb/1.html", {"http://a.test/nb/img/0.png": ICON}) is None


def test_the_address_of_a_page_with_its_pictures_is_sent_to_no_server() -> None:
    assert with_pictures_address("http://a.test/1.html#top") == "http://a.test/1.html#pictures"


def test_pictures_are_not_read_beside_a_table_of_figures() -> None:
    inside = page_with_pictures(
        web_page(
            "<p><img src='a.png'></p><table><tr><td>受理申请</td><td>3</td></tr><tr><td>办结</td><td>4</td></tr></table>"
        ),
        "http://a.test/1.html",
        {"http://a.test/a.png": PAGES[0]},
    )
    assert inside is not None
    document = read(inside, "a" * 64)
    assert document.reading == "html"
    assert len(document.tables) == 1


def test_a_made_page_leaves_and_enters_a_web_archive_as_it_is(home: Home, tmp_path: Path) -> None:
    with serving({"/nb/1.html": LINKED, **FILES}) as site:
        fetched(home, site)
    archive, other = Archive(home.archive), Archive(tmp_path / "other")
    export_warc(archive, tmp_path / "all.warc.gz", registered(home))
    imported = import_warc(tmp_path / "all.warc.gz", other)
    address = f"{site.url}/nb/1.html#pictures"
    assert other.captures(address) == archive.captures(address)
    assert {one.url for one in imported.sources} == {f"{site.url}/nb/1.html", address}
