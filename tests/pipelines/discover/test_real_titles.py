"""The titles of all shared reports, listed a city a page in the forms that platforms use, among what is no report."""

import csv
import html
import json
from pathlib import Path

import pytest

from pipelines.discover.catalogue import default_catalogue
from pipelines.discover.crawl import Page, crawl
from pipelines.discover.listings import Listing
from pipelines.discover.proposals import Proposal
from schemas.regions import division

SHARED = Path(__file__).parents[3] / ".." / "shared" / "catalogue" / "sources.csv"
NO_REPORTS = (
    "【工作推进】固镇县召开2023年度政府信息公开工作年报编制和发布部署会",
    "阿坝州人民政府办公室关于做好2017年政府信息公开工作年度报告编制和公布工作的通知",
    "政府信息公开工作年度报告制度",
    "国务院办公厅政府信息与政务公开办公室关于政府信息公开工作年度报告有关事项的通知",
    "周口市2024年政府信息公开工作年度报告解读",
    "《周口市2024年政府信息公开工作年度报告》政策解读",
    "一图读懂2023年政府信息公开工作年度报告",
    "图解：周口市2023年政府信息公开工作年度报告",
    "【文字解读】周口市2023年政府信息公开工作年度报告",
    "视频解读周口市2022年政府信息公开年报",
    "2023年度事业单位法人年度报告公示",
    "周口市人民医院2022年信息公开年度报告",
    "周口师范学院2021-2022学年信息公开年度报告",
    "周口市第一中学2022年信息公开工作年度报告",
    "周口水务集团有限公司2022年度信息公开年度报告",
    "2023年政府网站工作年度报表",
    "2023年法治政府建设年度报告",
    "2022年度部门决算公开",
    "2021年政务公开第三方评估报告",
    "石狮市2023年政府信息公开工作年度报告公布情况（名单）",
    "政府信息公开工作年度报告格式",
    "政府信息公开工作年度报告（模板）",
    "关于报送2023年政府信息公开工作年度报告的函",
    "2022年度企业信用信息公开年度报告",
    "周口市财政局2023年度财政预算信息公开工作报告",
    "2024年环境信息依法披露年度报告",
    "周口市公共企事业单位信息公开年度报告",
    "2023年度安全生产信息公开年度报告",
    "周口市发布2023年政府信息公开工作年度报告",
    "2022年政府信息公开工作年度报告公众意见征集",
    "政府信息公开年报问答",
)


def listed(links: list[tuple[str, str]]) -> bytes:
    """A list with titles cut off, whole in an attribute, and dates of publication of another year."""
    items = (
        f'<li><a href="{html.escape(url)}" title="{html.escape(title)}">{html.escape(title[:18])}…</a>'
        "<span>2026-01-31</span></li>"
        for url, title in links
    )
    return f"<html><meta charset=utf-8><body><ul>{''.join(items)}</ul></body></html>".encode()


def in_a_table(links: list[tuple[str, str]]) -> bytes:
    rows = (
        f'<tr><td><a href="{html.escape(url)}">{html.escape(title)}</a></td><td>2026-01-31</td></tr>'
        for url, title in links
    )
    head = "<tr><th>标题</th><th>发布日期</th></tr>"
    return f"<html><body><table>{head}{''.join(rows)}</table></body></html>".encode("gb18030")


def in_records(links: list[tuple[str, str]]) -> bytes:
    records = (
        f"<record><![CDATA[<li><a href='{html.escape(url)}' title='{html.escape(title)}'>{html.escape(title)}</a>"
        "<span>[2026-01-31]</span></li>]]></record>"
        for url, title in links
    )
    return f"<datastore><recordset>{''.join(records)}</recordset></datastore>".encode()


def as_json(links: list[tuple[str, str]]) -> bytes:
    articles = [{"title": title, "url": url, "created_at": "2026-01-31 10:00:00"} for url, title in links]
    return json.dumps({"total": len(links), "articles": articles}).encode()


def markup_as_json(links: list[tuple[str, str]]) -> bytes:
    return json.dumps({"success": True, "data": {"html": listed(links).decode()}}).encode()


@pytest.fixture(scope="module")
def cities() -> dict[str, list[tuple[str, str, int]]]:
    """Address, printed title and year of the shared reports by the code of their city."""
    if not SHARED.exists():
        pytest.skip("shared catalogue absent")
    codes = {source.url: division(source.region_code).city_code for source in default_catalogue()}
    found: dict[str, list[tuple[str, str, int]]] = {}
    with SHARED.open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            found.setdefault(codes[row["url"]], []).append((row["url"], row["title"], int(row["year"])))
    return found


@pytest.mark.parametrize("form", [listed, in_a_table, in_records, as_json, markup_as_json])
def test_every_report_is_found_with_its_year_and_nothing_else(form, cities):
    pages = {}
    for code, reports in cities.items():
        others = [(f"http://other.test/{code}/{number}.html", title) for number, title in enumerate(NO_REPORTS)]
        pages[f"http://{code}.test/"] = form([*others, *((url, title) for url, title, _ in reports)])

    def ask(urls):
        return [Page(url, url, pages.get(url), None if url in pages else "404") for url in urls]

    found = crawl([Listing(f"http://{code}.test/", code) for code in cities], ask, {})
    proposed = {url: proposal for proposal in found.proposals for url in proposal.addresses}
    expected = {url: year for reports in cities.values() for url, _, year in reports}
    assert set(proposed) == set(expected)  # all of 546 are found, none of the others is taken for one
    told = {url: proposal.year for url, proposal in proposed.items() if proposal.year is not None}
    assert len(told) >= len(expected) - 2  # two titles name no year
    assert told == {url: expected[url] for url in told}
    assert sum(map(is_settled, proposed.values())) > 0.95 * len(expected)


def is_settled(proposal: Proposal) -> bool:
    return proposal.reason is None
