from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.discover.link import date_in, year_alone, year_named
from pipelines.discover.links import links
from pipelines.sample.site import SITE

PAGES = Path(__file__).parents[2] / "fixtures" / "listings"
BASE = "http://www.zhoukou.gov.cn/zfxxgk/nb/"


def of(name, url=BASE):
    return links((PAGES / name).read_bytes(), url)


def html(body, url=BASE):
    return links(f"<html><body>{body}</body></html>".encode(), url)


def test_a_list_with_titles_cut_off_and_dates():
    found = {link.url: link for link in of("trs.html")}
    first = found[f"{BASE}202401/t20240122_1001.html"]
    assert first.titles == (
        "周口市人民政府2023年政府信息公开工作年度报告",
        "周口市人民政府2023年政府信息公开工作年度...",
    )
    assert (first.heading, first.year, first.published_on) == ("政府信息公开年报", None, date(2024, 1, 22))
    assert "http://www.zhoukou.gov.cn/files/2023.pdf?id=7&name=a%20b" in found
    assert f"{BASE}202301/t20230116_0901.html" in found  # from a script call


def test_a_table_with_named_columns():
    by_url = {link.url.rpartition("=")[2]: link for link in of("departments.html") if "view.do?b=2&a=" in link.url}
    one, two = by_url["1"], by_url["2"]
    assert (one.titles, one.publisher, one.published_on) == (("查看",), "市财政局", date(2022, 1, 18))
    assert one.beside == ("1", "政府信息公开工作年度报告", "市财政局", "2022-01-18")
    assert (two.publisher, two.heading) == (None, "2021年部门年报")


def test_a_year_beside_a_link_is_told_from_a_date():
    (link,) = html("<table><tr><td>2022</td><td><a href='a.html'>年报</a></td><td>2023-01-05</td></tr></table>")
    assert (link.year, link.published_on) == (2022, date(2023, 1, 5))
    (link,) = html("<ul><li><a href='a.html'>年报</a><span>[2023年1月5日]</span></li></ul>")
    assert (link.year, link.published_on) == (None, date(2023, 1, 5))
    rows = "<tr><th>年度</th><th>名称</th><th>更新时间</th></tr><tr><td>2021年度</td><td><a href='a'>年报</a></td><td>2024</td></tr>"
    assert [link.year for link in html(f"<table>{rows}</table>")] == [2021]
    rows = rows.replace("年度</th>", "序号</th>")
    assert [link.year for link in html(f"<table>{rows}</table>")] == [None]


def test_a_year_above_links_is_their_heading():
    body = (
        "<div><span>2023年</span></div><p><a href='a.html'>甲</a></p><p><a href='b.html'>乙</a></p>"
        "<div>2022年度</div><p><a href='c.html'>丙</a></p><h3>其他</h3><p><a href='d.html'>丁</a></p>"
        "<h3><a href='e.html'>2021年</a></h3><p><a href='f.html'>戊</a></p>"
    )
    headings = {link.titles[0]: link.heading for link in html(body)}
    assert headings == {"甲": "2023年", "乙": "2023年", "丙": "2022年度", "丁": "其他", "2021年": "其他", "戊": "其他"}


def test_records_in_the_page_and_alone():
    found = of("jpage.html", "http://wcsxxgk.harbin.gov.cn/col/col12596/index.html")
    assert [link.url.rpartition("/")[2] for link in found] == ["index.html", "art_12596_1.html", "art_12596_2.html"]
    assert found[1].titles[0] == "五常市人民政府2021年政府信息公开工作年度报告"
    (row,) = of("jpage_proxy.xml", "http://wcsxxgk.harbin.gov.cn/module/web/jpage/dataproxy.jsp?page=1")
    assert (row.url, row.published_on) == (
        "http://wcsxxgk.harbin.gov.cn/art/2020/1/20/art_12596_3.html",
        date(2020, 1, 20),
    )


def test_json_of_articles():
    one, two, _ = of("gkmlpt.json", "http://www.gdqy.gov.cn/qynyncj/gkmlpt/api/all/2629?page=1&sid=7")
    assert (one.url, one.publisher) == (
        "http://www.gdqy.gov.cn/qynyncj/gkmlpt/content/1/1/post_1.html",
        "清远市农业农村局",
    )
    assert (one.published_on, two.published_on) == (date(2025, 1, 20), date(2024, 1, 20))


def test_json_with_other_names_and_markup_in_titles():
    first, _ = of("generic.json")
    assert (first.url, first.titles) == (
        "http://www.zhoukou.gov.cn/zfxxgk/nb/t1.html?x=1&a=2",
        ("贵阳市2022年政府信息公开年报",),
    )
    assert first.published_on == date(2023, 3, 20)


@pytest.mark.parametrize("wrap", ["{}", "callback({});", "/**/ jQuery123_4({})", "\ufeff{}"])
def test_json_as_such_and_in_a_callback(wrap):
    (link,) = links(wrap.format('[{"title": "年报", "url": "/a?b=1", "year": 2020}]').encode(), BASE)
    assert (link.url, link.titles, link.year) == ("http://www.zhoukou.gov.cn/a?b=1", ("年报",), 2020)


def test_markup_inside_json():
    (link,) = of("jpaas_unit.json", "http://www.huzhou.gov.cn/api")
    assert (link.url, link.titles[0]) == (
        "http://www.huzhou.gov.cn/art/2025/1/24/art_1229247633_1.html",
        "湖州市人民政府2024年政府信息公开工作年度报告",
    )


def test_entries_that_a_script_writes():
    script = r"""var list = ["<li><a href=\"\/a.html\">\u7532 年报<\/a><span>2021-02-03<\/span><\/li>"];
    document.write('<a href="b.html">乙<\/a>');"""
    found = html(f"<script>{script}</script>")
    assert [(link.url, link.titles) for link in found] == [
        ("http://www.zhoukou.gov.cn/a.html", ("甲 年报",)),
        (f"{BASE}b.html", ("乙",)),
    ]
    assert found[0].published_on == date(2021, 2, 3)


def test_data_for_scripts():
    data = '{"props": {"list": [{"name": "甲年报", "linkUrl": "c.html"}]}}'
    (link,) = html(f"<script type='application/json'>{data}</script>")
    assert (link.url, link.titles) == (f"{BASE}c.html", ("甲年报",))


def test_encodings_of_pages():
    text = (PAGES / "departments.html").read_text(encoding="utf-8")
    assert links(text.encode("gb18030"), BASE) == links(text.encode(), BASE)


def test_a_base_and_pictures():
    content = b"<head><base href='/other/'></head><a href='a.html'><img alt='\xe5\xb9\xb4\xe6\x8a\xa5'></a>"
    (link,) = links(content, BASE)
    assert (link.url, link.titles) == ("http://www.zhoukou.gov.cn/other/a.html", ("年报",))


@pytest.mark.parametrize("content", [b"", b"   ", b"{", b"[1, 2", b"null", b"\x00\xff\xfe", b"<datastore></datastore>"])
def test_nothing_to_find(content):
    assert links(content, BASE) == ()


def test_markup_without_an_end_costs_little():
    for piece in (b"<record>", b"<li>", b"<a href='x'>", b'{"a":', b"<div><h3>"):
        links(piece * 20_000, BASE)
    links(b"<script>" + b"<li " * 50_000 + b"<a", BASE)


@given(st.binary(max_size=300), st.sampled_from([b"<html><a href=x>", b"<datastore><record>", b'[{"url":"a","title":']))
def test_no_bytes_are_too_bad(content, start):
    for link in links(start + content, BASE):
        assert link.url.startswith("http")


def test_every_listing_of_the_sample_links_its_documents():
    linked = set()
    for page in SITE.rglob("index.html"):
        base = f"http://s.invalid/{page.relative_to(SITE).as_posix()}"
        linked |= {link.url.removeprefix("http://s.invalid/") for link in links(page.read_bytes(), base)}
    documents = {path.relative_to(SITE).as_posix() for path in SITE.rglob("*.*htm*")}
    assert documents - {"index.html"} <= linked


@pytest.mark.parametrize(
    ("text", "year"), [("2023", 2023), ("2023年度", 2023), ("（2023年）", 2023), ("2023-01", None), ("1999年", None)]
)
def test_a_year_alone(text, year):
    assert year_alone(text) == year


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2023年度部门年报", 2023),
        ("2022年、2023年", None),
        ("2023年1月5日", None),
        ("2023-01-05", None),
        ("年报", None),
    ],
)
def test_a_year_named(text, year):
    assert year_named(text) == year


def test_a_date_that_is_none():
    assert date_in("2023-13-45 2023/2/3") == date(2023, 2, 3)
    assert date_in("2023年") is None
