from pathlib import Path

import pytest

from pipelines.discover.paging import Column, columns, further_pages, guessed_page

PAGES = Path(__file__).parents[2] / "fixtures" / "listings"
BASE = "http://www.zhoukou.gov.cn/zfxxgk/nb/"


def of(name, url=BASE):
    return further_pages((PAGES / name).read_bytes(), url)


def guess(name, url):
    return guessed_page((PAGES / name).read_bytes(), url)


def html(body, url=BASE):
    return further_pages(f"<html><body>{body}</body></html>".encode(), url)


def test_trs_numbers_from_the_second_page():
    assert of("trs.html") == (f"{BASE}index_1.html", f"{BASE}index_2.html")


@pytest.mark.parametrize(
    ("call", "names"),
    [
        ("createPageHTML(3,0,'list','shtml')", ["list_1.shtml", "list_2.shtml"]),
        ('createPageHTML("page_div", 3, 1, "fg", "shtml", 89)', ["fg_2.shtml", "fg_3.shtml"]),
        ("var countPage = 2//共多少页\nvar currentPage = 0;", ["index_1.html"]),
        ("createPageHTML(1, 0, 'index', 'html')", []),
        ("createPageHTML(x)", []),
    ],
)
def test_variants_of_the_trs_script(call, names):
    assert html(f"<script>{call}</script>") == tuple(f"{BASE}{name}" for name in names)


def test_trs_takes_the_name_of_the_page_where_the_call_has_none():
    assert html("<script>createPageHTML(2,0)</script>", f"{BASE}nb.htm") == (f"{BASE}nb_1.htm",)


def test_a_further_page_of_trs_announces_none():
    assert html('<script>createPageHTML(9, 1, "index", "html")</script>', f"{BASE}index_1.html") == ()


def test_no_page_announces_pages_without_end():
    assert len(html('<script>createPageHTML(99999999, 0, "index", "html")</script>')) < 300


def test_links_to_the_next_page_and_by_number():
    assert of("departments.html") == (f"{BASE}?page=2",)
    body = "<a href='list_2.html'>下页</a><a href='list_3.html'>3</a><a href='/x/4.html'>4</a><a href='javascript:go(5)'>5</a>"
    assert html(body, f"{BASE}list.html") == (f"{BASE}list_2.html", f"{BASE}list_3.html")
    assert html("<a href='http://other.gov.cn/2.html'>下一页</a>") == ()


def test_the_query_of_a_next_page_stays_as_it_is():
    url = "http://x.gov.cn/list.aspx?z=1&PageIndex=3&a=%E5%91%A8&z=2"
    assert guessed_page(b"<html><p>x</p></html>", url) == "http://x.gov.cn/list.aspx?z=1&PageIndex=4&a=%E5%91%A8&z=2"


def test_no_page_is_guessed_where_the_page_links_its_pages():
    url = "http://x.gov.cn/list.aspx?page=3"
    for pager in ("<a href='?page=2'>上一页</a>", "<a href='?page=1'>1</a>", "<a href='?page=1'>首页</a>"):
        assert guessed_page(f"<html>{pager}</html>".encode(), url) is None
    assert guessed_page(b"<html><a href='a.html'>x</a></html>", "http://x.gov.cn/list.aspx") is None
    assert guessed_page(b"", url) is None


def test_a_frame_is_a_page_of_the_listing():
    assert html("<iframe src='inner.html'></iframe><iframe src='http://ads.example.com/'></iframe>") == (
        f"{BASE}inner.html",
    )


def test_jpage_follows_the_next_group():
    (page,) = of("jpage.html", "http://wcsxxgk.harbin.gov.cn/col/col12596/index.html")
    assert page == (
        "http://wcsxxgk.harbin.gov.cn/module/web/jpage/dataproxy.jsp?page=1&webid=149&path=http://www.wuchang.gov.cn/"
        "&columnid=12596&unitid=6793088&webname=%25E4%25BA%2594&permissiontype=0"
    )
    assert of("jpage_proxy.xml", page) == ()
    assert guess("jpage_proxy.xml", page) is None


def test_jpage_without_a_next_group_is_asked_by_numbers_of_records():
    text = (PAGES / "jpage.html").read_text(encoding="utf-8")
    start, end = text.index("<nextgroup>"), text.index("</nextgroup>") + len("</nextgroup>")
    content = (text[:start] + text[end:]).replace("totalRecord: 100", "totalRecord: 10").encode()
    proxy = "http://wcsxxgk.harbin.gov.cn/module/jpage/dataproxy.jsp"
    said = "&columnid=12596&unitid=6793088&webname=%E4%BA%94%E5%B8%B8%E5%B8%82"
    assert further_pages(content, "http://wcsxxgk.harbin.gov.cn/col/col12596/index.html") == (
        f"{proxy}?startrecord=3&endrecord=8&perpage=2{said}",
        f"{proxy}?startrecord=9&endrecord=14&perpage=2{said}",
    )


def test_jpaas_asks_for_the_unit_and_its_pages():
    (unit,) = of("jpaas.html", "http://www.huzhou.gov.cn/col/col1229247633/index.html")
    assert unit == (
        "http://www.huzhou.gov.cn/api-gateway/jpaas-publish-server/front/page/build/unit?parseType=bulidstatic"
        "&webId=2764&tplSetId=n4Zo&pageType=column&tagId=%E5%8F%B3%E4%BE%A7%E5%88%97%E8%A1%A8&editType=null"
        "&pageId=1229247633"
    )
    second = guess("jpaas_unit.json", unit)
    assert second == f"{unit}&paramJson=%7B%22pageNo%22%3A2%2C%22pageSize%22%3A15%7D"
    third = guess("jpaas_unit.json", second)
    assert third == f"{unit}&paramJson=%7B%22pageNo%22%3A3%2C%22pageSize%22%3A15%7D"


def test_gkmlpt_finds_its_list_by_the_name_of_the_column_or_the_address():
    page = "http://www.gdqy.gov.cn/qynyncj/gkmlpt/annualreport"
    api = "http://www.gdqy.gov.cn/qynyncj/gkmlpt/api/all"
    assert of("gkmlpt.html", page) == (f"{api}/2629?page=1&sid=763012",)
    assert of("gkmlpt.html", f"{page}#77") == (f"{api}/77?page=1&sid=763012",)
    assert guess("gkmlpt.json", f"{api}/2629?page=1&sid=763012") == f"{api}/2629?page=2&sid=763012"
    assert guess("gkmlpt.json", f"{api}/2629?page=2&sid=763012") is None


@pytest.mark.parametrize(
    ("answer", "is_last"),
    [
        ('{"totalPages": 2, "list": [1]}', True),
        ('{"data": {"pages": 3, "list": [1]}}', False),
        ('{"total": 4, "rows": [1, 2]}', True),
        ('{"total": 5, "rows": [1, 2]}', False),
        ('{"rows": [1, 2]}', False),
    ],
)
def test_the_last_page_of_json(answer, is_last):
    assert (guessed_page(answer.encode(), "http://x.gov.cn/api?page=2") is None) == is_last


def test_columns_below_a_listing():
    body = (
        "<a href='2023n/'>2023年</a><a href='2022n/index.html'>2022年度部门年报</a><a href='fgw/'>市发展和改革委员会</a>"
        "<a href='bm/'>市政府部门</a><a href='202401/t1.html'>一篇</a><a href='/zfxxgk/'>上级</a>"
        "<a href='/col/col77/index.html'>2021年</a><a href='/col/col78/index.html'>要闻</a><a href='./'>本栏</a>"
    )
    assert columns(f"<html>{body}</html>".encode(), BASE) == (
        Column(f"{BASE}2023n/", 2023, None),
        Column(f"{BASE}2022n/index.html", 2022, None),
        Column(f"{BASE}fgw/", None, "市发展和改革委员会"),
        Column(f"{BASE}bm/", None, None),
        Column("http://www.zhoukou.gov.cn/col/col77/index.html", 2021, None),
    )


def test_a_listing_at_the_root_has_no_columns_below():
    content = "<html><a href='/a/'>甲</a><a href='/b/'>2020年</a></html>".encode()
    assert columns(content, "http://www.qqhr.gov.cn/News_toNdbg.action") == (
        Column("http://www.qqhr.gov.cn/b/", 2020, None),
    )
