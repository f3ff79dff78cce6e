import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pypdfium2
import pytest
from lxml import html

from pipelines.discover.source import Source
from pipelines.fetch.archive import Archive
from pipelines.fetch.download import fetch_all
from pipelines.sample.layout import disclosure_grids, figures, requests_grid, reviews_grid
from pipelines.sample.report import Report, reports
from pipelines.sample.site import BASE_URL, MANIFEST, SITE, sample_sources, sample_transport, serve

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


def manifest() -> list[dict[str, str]]:
    with MANIFEST.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def report_of(row: dict[str, str]) -> Report:
    return next(report for report in reports() if report.name == row["report"])


def path_of(name: str) -> Path:
    return next(SITE / row["path"] for row in manifest() if row["report"] == name)


def pages(path: Path) -> list[str]:
    with pypdfium2.PdfDocument(path) as document:
        return [page.get_textpage().get_text_range() for page in document]


def text_of(path: Path) -> str:
    """The text layer of a document, without white space."""
    if path.suffix == ".pdf":
        text = "".join(pages(path))
    else:
        content = path.read_bytes()
        encoding = "gb18030" if b"charset=gb2312" in content else "utf-8"
        text = str(html.fromstring(content.decode(encoding)).text_content())
    return "".join(text.split())


@pytest.fixture
def served() -> Iterator[httpx.Client]:
    with serve() as base, httpx.Client(base_url=base) as client:
        yield client


def test_the_manifest_has_every_report_with_what_its_figures_file_says() -> None:
    assert sorted(row["report"] for row in manifest()) == [report.name for report in reports()]
    for row in manifest():
        report = report_of(row)
        assert (row["city"], row["year"], row["region_code"], row["publisher"], row["title"]) == (
            report.city,
            str(report.year),
            report.region_code,
            report.publisher,
            report.title,
        )
        assert (SITE / row["path"]).is_file()


def test_web_pages_and_pdfs_small_enough_to_commit() -> None:
    suffixes = {Path(row["path"]).suffix for row in manifest()}
    assert suffixes == {".pdf", ".html", ".htm", ".shtml"}
    sizes = [path.stat().st_size for path in SITE.rglob("*") if path.is_file()]
    assert max(sizes) < 300_000
    assert sum(sizes) < 3_000_000


@pytest.mark.parametrize("row", manifest(), ids=lambda row: row["report"])
def test_the_text_layer_has_every_figure_row_by_row(row: dict[str, str]) -> None:
    text = text_of(SITE / row["path"])
    report = report_of(row)
    place = 0
    for grid in (*disclosure_grids(report), requests_grid(report), reviews_grid(report)):
        for figures_of_row in figures(grid):
            joined = "".join("".join(figures_of_row).split())
            place = text.find(joined, place)
            assert place >= 0, joined
            place += len(joined)


def test_the_browser_printed_pdf_has_radicals_and_margins_of_a_browser() -> None:
    text = "".join(pages(path_of("zhoukou-2021")))
    assert "周⼝市⼈⺠政府" in text
    assert {"⼀", "⽂", "⾏", "⺠", "⻅", "⻔", "⽌"} <= set(text)
    assert "人民" not in text
    assert f"{BASE_URL}zhoukou/" in text
    assert "1/3" in text


def test_the_ruled_pdfs_break_tables_where_it_hurts() -> None:
    hongze = pages(path_of("hongze-2023"))
    assert any(page.rstrip("- 0123456789\r\n").endswith("第二十条第（六）项") for page in hongze)
    shuyang = pages(path_of("shuyang-2025"))
    (before,) = (number for number, page in enumerate(shuyang) if "（四）无" in page)
    assert "法提供" not in shuyang[before]
    assert "法提供" in shuyang[before + 1]
    assert "— 2 —" in shuyang[1]


def test_the_office_suites_pdf_has_white_rectangles_behind_its_prose() -> None:
    with pypdfium2.PdfDocument(path_of("hongze-2023")) as document:
        widths = [
            round(right - left)
            for path in document[0].get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_PATH])
            for left, _, right, _ in [path.get_bounds()]
        ]
    assert len(widths) > 15
    assert set(widths) == {447}


def test_one_page_is_gb18030_and_says_gb2312() -> None:
    content = path_of("shanghai-office-2019").read_bytes()
    assert b"charset=gb2312" in content
    assert "二〇一九年" in content.decode("gb18030")
    with pytest.raises(UnicodeDecodeError):
        content.decode("gb2312")


def test_chapter_2_is_one_table_here_and_one_a_block_there() -> None:
    def tables(name: str) -> int:
        return path_of(name).read_text().count("第二十条第（一）项</td>")

    apart = html.fromstring(path_of("hangzhou-2025").read_text()).xpath('//div[@id="zoom"]/table')
    together = html.fromstring(path_of("pingtan-2023").read_text()).xpath('//div[@class="TRS_Editor"]/table')
    assert tables("hangzhou-2025") == tables("pingtan-2023") == 1
    assert (len(apart), len(together)) == (6, 3)


def test_every_link_of_the_site_leads_to_a_file_of_it(served: httpx.Client) -> None:
    seen: set[str] = set()
    waiting = [str(served.base_url)]
    while waiting:
        url = waiting.pop()
        if url in seen:
            continue
        seen.add(url)
        answer = served.get(url)
        assert answer.status_code == 200, url
        if answer.headers["content-type"] == "text/html":
            links = html.fromstring(answer.content).xpath("//a/@href")
            waiting.extend(str(httpx.URL(url).join(link)) for link in links if not link.startswith("javascript:"))
    reached = {url.removeprefix(str(served.base_url)) for url in seen}
    assert {row["path"] for row in manifest()} <= reached


def test_answers_have_types_and_validators_that_do_not_vary(served: httpx.Client) -> None:
    for row in manifest():
        first = served.get(row["path"])
        expected = "application/pdf" if row["path"].endswith(".pdf") else "text/html"
        assert first.headers["content-type"] == expected
        assert first.content == (SITE / row["path"]).read_bytes()
        assert first.headers["last-modified"] == "Thu, 01 Jan 2026 00:00:00 GMT"
        again = served.get(row["path"], headers={"If-None-Match": first.headers["etag"]})
        assert again.status_code == 304
        assert again.content == b""


def test_what_is_not_of_the_site_is_not_served(served: httpx.Client) -> None:
    for path in ("nowhere.html", "../site.py", "..%2Fsite.py", "huaian"):
        assert served.get(path).status_code == 404
    assert served.head("index.html").status_code == 200
    assert served.post("index.html").status_code == 501


def test_sources_bear_an_address_that_does_not_vary() -> None:
    assert sample_sources() == sample_sources()
    assert all(source.url.startswith("http://sample.gongkai.invalid/") for source in sample_sources())
    assert sample_sources("http://127.0.0.1:1/")[0].url.startswith("http://127.0.0.1:1/zhoukou/")


def test_fetching_the_sample_twice_changes_no_byte_of_the_archive(tmp_path: Path) -> None:
    def everything() -> dict[Path, tuple[bytes, int]]:
        files = (path for path in tmp_path.rglob("*") if path.is_file())
        return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}

    archive = Archive(tmp_path)
    with sample_transport() as transport:
        first = fetch_all(sample_sources(), archive, now=lambda: NOON, transport=transport)
        before = everything()
        second = fetch_all(sample_sources(), archive, now=lambda: NOON, transport=transport)
    with sample_transport() as transport:  # another port
        third = fetch_all(sample_sources(), archive, now=lambda: NOON, transport=transport)
    assert {outcome.kind for outcome in first} == {"new"}
    assert {outcome.kind for outcome in second + third} == {"unchanged"}
    assert everything() == before
    assert archive.urls() == tuple(sorted(source.url for source in sample_sources()))
    for outcome in first:
        assert outcome.capture is not None
        assert outcome.capture.final_url == outcome.source.url
        path = SITE / outcome.source.url.removeprefix(BASE_URL)
        assert archive.content(outcome.capture.sha256) == path.read_bytes()


def test_the_sample_reaches_for_nothing_but_its_own_host(tmp_path: Path) -> None:
    source = Source("http://www.example.com/", "hangzhou-330100", 2025, "330100")
    with sample_transport() as transport:
        (outcome,) = fetch_all([source], Archive(tmp_path), now=lambda: NOON, transport=transport)
    assert outcome.kind == "failed"
    assert outcome.reason is not None
    assert "not the sample's" in outcome.reason
