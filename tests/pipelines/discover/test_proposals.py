import random
from datetime import date
from pathlib import Path

import pytest

from pipelines.discover.catalogue import known_domains
from pipelines.discover.link import Link
from pipelines.discover.listings import Listing
from pipelines.discover.proposals import PassedOver, Proposal, judge, merged, proposals, unknown
from pipelines.discover.source import Source

PAGES = Path(__file__).parents[2] / "fixtures" / "listings"
ZHOUKOU = Listing("http://www.zhoukou.gov.cn/zfxxgk/nb/", "411600")
GUIYANG = Listing("http://www.guiyang.gov.cn/zfxxgk/bm/", "520100", title="部门政府信息公开年报")


def of(name, listing):
    return proposals(listing, (PAGES / name).read_bytes(), known_domains())


def titled(title, listing=ZHOUKOU, **said):
    return judge(listing, Link("http://www.zhoukou.gov.cn/a.html", (title,), **said), known_domains())


def test_of_a_list_only_the_reports_are_proposed():
    found = of("trs.html", ZHOUKOU)
    assert [(each.publisher, each.year, each.region_code, each.level) for each in found] == [
        ("周口市人民政府", 2023, "411600", "prefecture"),
        ("周口市教育局", 2023, "411600", "department"),
        ("周口市统计局", 2023, "411600", "department"),
        ("周口市人民政府", 2022, "411600", "prefecture"),
    ]
    assert all(each.reason is None and each.listing == ZHOUKOU.url for each in found)
    assert found[2].url == "http://www.zhoukou.gov.cn/files/2023.pdf?id=7&name=a%20b"
    assert found[0].published_on == date(2024, 1, 22)


@pytest.mark.parametrize(
    "title",
    [
        "【文字解读】周口市2023年政府信息公开工作年度报告",
        "《周口市2023年政府信息公开工作年度报告》解读",
        "图解：周口市2023年政府信息公开年报",
        "一图读懂周口市2023年政府信息公开工作年度报告",
        "关于发布2023年政府信息公开工作年度报告的公告",
        "我市部署2023年政府信息公开年度报告编制工作",
        "周口市2023年政府信息公开工作年度报告（征求意见稿）",
        "周口市2023年政府信息公开工作年度报告（模板）",
        "周口市中心医院2023年信息公开工作年度报告",
        "周口师范学院2022-2023学年信息公开工作年度报告",
        "周口市自来水公司2023年信息公开年报",
        "2023年度某事业单位法人年度报告书",
        "周口市2023年法治政府建设年度报告",
        "2023年部门预算信息公开情况报告",
        "周口市2023年环境信息公开年度报告",
    ],
)
def test_what_is_no_report(title):
    assert isinstance(titled(title), PassedOver)


@pytest.mark.parametrize("title", ["政府信息公开指南", "周口市人民政府", "政府信息公开目录", "2023年", "下一页", ""])
def test_what_is_something_else(title):
    assert titled(title) is None


def test_a_title_that_is_cut_off_is_not_completed_where_the_whole_stands_beside_it():
    whole = "周口市2024年政府信息公开工作年度报告解读"
    page = f"<a href='/1.html' title='{whole}'>{whole[:-5]}…</a>"
    assert proposals(Listing("http://www.zhoukou.gov.cn/", "411600"), page.encode()) == ()


def test_a_name_that_is_no_body_s_is_looked_at_first():
    found = titled("数说2022年政府信息公开工作年度报告")
    assert isinstance(found, Proposal)
    assert found.reason is not None
    assert "'数说', which is no body" in found.reason
    assert titled("周口市人民政府研究室2022年政府信息公开工作年度报告").reason is None


def test_a_gateway_s_traditional_characters_are_read():
    found = titled("2024年周口市“政府信息公開工作年度報告”")
    assert isinstance(found, Proposal)
    assert (found.year, found.publisher) == (2024, "周口市人民政府")


def test_a_party_school_is_no_school():
    found = titled("周口市行政学院2023年政府信息公开工作年度报告")
    assert isinstance(found, Proposal)


@pytest.mark.parametrize(
    ("said", "year"),
    [
        ({"published_on": date(2024, 1, 20)}, None),
        ({"year": 2022, "published_on": date(2024, 1, 20)}, 2022),
        ({"heading": "2021年部门年报"}, 2021),
    ],
)
def test_the_year_is_not_told_from_dates(said, year):
    found = titled("周口市统计局政府信息公开工作年度报告", **said)
    assert found.year == year
    assert (found.reason is None) == (year is not None)


def test_the_year_is_not_told_from_the_address():
    link = Link("http://www.zhoukou.gov.cn/2023n/202401/t20240120_1.html", ("周口市统计局政府信息公开工作年度报告",))
    assert judge(ZHOUKOU, link).year is None


def test_a_listing_of_one_year_and_body_settles_what_titles_leave_open():
    listing = Listing("http://tjj.zhoukou.gov.cn/nb/2021n/", "411600", "周口市统计局", 2021, "年报")
    found = titled("政府信息公开年度报告", listing)
    assert (found.publisher, found.year, found.level, found.reason) == ("周口市统计局", 2021, "department", None)


def test_departments_by_heading_column_and_neighbour():
    found = {each.url.rpartition("/")[2]: each for each in of("departments.html", GUIYANG)}
    assert (found["2023.htm"].publisher, found["2023.htm"].year) == ("贵阳市发展和改革委员会", 2023)
    assert (found["2022.htm"].publisher, found["2022.htm"].year, found["2022.htm"].title) == (
        "贵阳市发展和改革委员会",
        2022,
        "",
    )
    viewed = found["view.do?b=2&a=1"]
    assert (viewed.publisher, viewed.year, viewed.title) == ("贵阳市财政局", 2021, "政府信息公开工作年度报告")
    assert "names no publisher" in found["view.do?b=2&a=2"].reason
    assert "names no year" in found["view.do?b=2&a=3"].reason
    cut = found["view.do?b=2&a=4"]
    assert (cut.publisher, cut.year) == ("贵阳市水利局", 2020)
    assert "cut off" in cut.reason
    assert "before the year" in found["view.do?b=2&a=5"].reason


@pytest.mark.parametrize(
    "title",
    [
        "周口市统计局2023年政府信息公开…",
        "周口市统计局2023年度政府信息公开工作年...",
        "周口市统计局2023年政府信息公开年度报…",
        "周口市统计局2023年政府信息公开工作年度报告...",
    ],
)
def test_a_title_that_is_cut_off_is_looked_at_first(title):
    found = titled(title)
    assert (found.title, found.publisher, found.year) == (title, "周口市统计局", 2023)
    assert "cut off" in found.reason


@pytest.mark.parametrize(
    "title", ["关于做好2023年政府信息公开工作年度报...", "周口市召开政府信息公开…", "图解2023年政府信息公开…"]
)
def test_news_that_is_cut_off_is_no_report(title):
    found = titled(title)
    assert isinstance(found, PassedOver) or "names no" in found.reason


def test_a_report_of_another_division_is_doubted():
    found = titled("遵义市2022年政府信息公开工作年度报告")
    assert found.region_code == "520300"
    assert "wrong host" in found.reason


def test_an_ambiguous_name_is_settled_by_the_listing_or_left_open():
    assert titled("鼓楼区2022年政府信息公开年报", Listing("http://x.test/", "320100")).region_code == "320106"
    left = titled("鼓楼区2022年政府信息公开年报", Listing("http://x.test/", "110000"))
    assert left.region_code is None
    assert "may belong to any of" in left.reason


def test_a_division_of_the_past_has_its_name_and_code_of_then():
    found = titled("广丰县2012年政府信息公开工作年度报告", Listing("http://x.test/", "361100"))
    assert (found.region_code, found.publisher) == ("361122", "广丰县人民政府")


def test_a_proposal_becomes_a_source():
    found = titled("周口市2023年政府信息公开工作年度报告")
    title = "周口市2023年政府信息公开工作年度报告"
    assert found.source() == Source(found.url, "zhoukou-411600", 2023, "411600", "周口市人民政府", title)
    with pytest.raises(ValueError, match="names no year"):
        titled("周口市政府信息公开年报").source()


def proposal(url, publisher="周口市人民政府", year=2023, **said):
    return Proposal(url, "报告", "http://l/", year, "411600", publisher, **said)


def test_the_same_report_on_several_hosts_is_one():
    gateway = "https://www.zhoukou.gov.cn/gate/big5/www.zhoukou.gov.cn/a.html?b=2&a=1"
    same = [
        proposal("http://www.henan.gov.cn/2024/zhoukou.html"),
        proposal(gateway),
        proposal("http://www.zhoukou.gov.cn/a.html?b=2&a=1"),
        proposal("https://www.zhoukou.gov.cn/a.html?b=2&a=1"),
        proposal("http://www.zhoukou.gov.cn/attached.pdf"),
    ]
    other = proposal("http://www.zhoukou.gov.cn/a.html?a=1&b=2", "周口市统计局")
    expected = merged([*same, other], known_domains())
    assert len(expected) == 2
    (one,) = [each for each in expected if each.publisher == "周口市人民政府"]
    assert one.url == "https://www.zhoukou.gov.cn/a.html?b=2&a=1"
    assert one.also_at == tuple(sorted({each.url for each in same} - {one.url}))
    mixed = [*same, other]
    for seed in range(5):
        random.Random(seed).shuffle(mixed)  # noqa: S311
        assert merged(mixed, known_domains()) == expected


def test_what_one_page_leaves_open_another_settles():
    open_one = Proposal("http://www.zhoukou.gov.cn/a.html", "报告", "http://l/1", reason="names no year")
    settled = proposal("https://zhoukou.gov.cn/a.html")
    (one,) = merged([open_one, settled], known_domains())
    assert (one.reason, one.publisher, len(one.addresses)) == (None, "周口市人民政府", 2)


def test_reports_left_open_are_not_thrown_together():
    pair = [Proposal(f"http://www.zhoukou.gov.cn/{name}.html", "报告", "http://l/", reason="open") for name in "ab"]
    assert len(merged(pair, known_domains())) == 2


def test_what_is_known_is_not_proposed():
    known = [
        Source("http://www.zhoukou.gov.cn/a.html?x=1", "zhoukou-411600", 2022, "411600", None),
        Source("http://elsewhere.test/b", "zhoukou-411600", 2023, "411600", "河南省周口市人民政府"),
    ]
    found = [
        proposal("https://zhoukou.gov.cn/a.html?x=1", year=2022),
        proposal("http://www.zhoukou.gov.cn/b.html"),
        proposal("http://www.zhoukou.gov.cn/c.html", "周口市统计局"),
        proposal("http://www.zhoukou.gov.cn/d.html", "周口市财政局", also_at=("http://m.test/d",)),
        proposal("http://www.zhoukou.gov.cn/e.html", year=2021),
    ]
    left = unknown(found, known, ["http://m.test/d"])
    assert [each.url[-6:] for each in left] == ["c.html", "e.html"]
