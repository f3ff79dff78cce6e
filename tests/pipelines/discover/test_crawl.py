from pathlib import Path

from pipelines.discover.catalogue import known_domains
from pipelines.discover.crawl import MOST_PAGES, Page, crawl
from pipelines.discover.listings import Listing

PAGES = Path(__file__).parents[2] / "fixtures" / "listings"
SITE = "http://www.zhoukou.gov.cn"


def link(href, title):
    return f"<li><a href='{href}'>{title}</a></li>"


def report(href, year, body="周口市"):
    return link(href, f"{body}{year}年政府信息公开工作年度报告")


class Web:
    """Pages in memory, with the addresses that were asked for."""

    def __init__(self, pages):
        self.pages = pages
        self.asked = []

    def __call__(self, urls):
        self.asked.append(list(urls))
        return [self.answer(url) for url in urls]

    def answer(self, url):
        content = self.pages.get(url)
        if content is None:
            return Page(url, url, None, f"{url}: 404")
        return Page(url, url, content if isinstance(content, bytes) else f"<html>{content}</html>".encode())


def go(pages, *listings):
    web = Web(pages)
    return crawl(listings, web, known_domains()), web


def test_pages_and_columns_are_followed_and_each_asked_once():
    pages = {
        f"{SITE}/nb/": link("2023n/", "2023年") + link("2022n/", "2022年") + link("/", "首页"),
        f"{SITE}/nb/2023n/": report("a.html", 2023) + "<script>createPageHTML(2,0,'index','html')</script>",
        f"{SITE}/nb/2023n/index_1.html": link("b.html", "周口市统计局政府信息公开年度报告") + link("../", "返回"),
        f"{SITE}/nb/2022n/": report("c.html", 2022) + link("../2023n/", "2023年"),
    }
    found, web = go(pages, Listing(f"{SITE}/nb/", "411600"))
    assert [(each.publisher, each.year) for each in found.proposals] == [
        ("周口市人民政府", 2023),
        ("周口市统计局", 2023),
        ("周口市人民政府", 2022),
    ]
    asked = [url for urls in web.asked for url in urls]
    assert sorted(asked) == sorted(pages)
    assert (found.pages, found.failed) == (4, ())


def test_columns_named_for_bodies_name_the_publisher():
    pages = {
        f"{SITE}/nb/": link("fgw/", "市发展和改革委员会") + link("qx/", "各县区人民政府"),
        f"{SITE}/nb/fgw/": link("a.html", "2023年政府信息公开工作年度报告"),
        f"{SITE}/nb/qx/": link("b.html", "2023年政府信息公开工作年度报告"),
    }
    found, _ = go(pages, Listing(f"{SITE}/nb/", "411600"))
    assert [(each.publisher, each.reason is None) for each in found.proposals] == [
        ("周口市发展和改革委员会", True),
        (None, False),
    ]


def test_listings_advance_together_and_one_that_fails_stops_no_other():
    pages = {
        "http://a.test/nb/": report("1.html", 2023) + link("?page=2", "下一页"),
        "http://a.test/nb/?page=2": report("2.html", 2022),
        "http://b.test/nb/": report("1.html", 2023, "鹿邑县") + link("?page=2", "下一页"),
        "http://b.test/nb/?page=2": report("2.html", 2022, "鹿邑县"),
    }
    listings = [Listing(f"http://{host}.test/nb/", "411600") for host in "abc"]
    found, web = go(pages, *listings)
    assert [len(urls) for urls in web.asked] == [3, 2, 2]  # at last the guess that there is a page 3
    assert len(found.proposals) == 4
    assert [(each.url, each.reason) for each in found.failed] == [("http://c.test/nb/", "http://c.test/nb/: 404")]


def test_a_list_that_numbers_its_pages_without_end_ends():
    class Endless(Web):
        def answer(self, url):
            return Page(url, url, f"<html>{report('/a.html', 2023)}</html>".encode())

    web = Endless({})
    found = crawl([Listing("http://a.test/list?page=1", "411600")], web, known_domains())
    assert web.asked == [["http://a.test/list?page=1"], ["http://a.test/list?page=2"]]
    assert len(found.proposals) == 1


def test_a_site_that_always_shows_something_new_is_left_after_some_pages():
    class Ever(Web):
        def answer(self, url):
            number = len(self.asked)
            body = "".join(link(f"{number}-{each}/", f"栏目{number}-{each}") for each in range(50))
            return Page(url, url, f"<html>{body}<a href='?page={number}'>下一页</a></html>".encode())

    web = Ever({})
    crawl([Listing("http://a.test/nb/", "411600")], web, known_domains())
    assert sum(map(len, web.asked)) == MOST_PAGES


def test_the_forms_of_platforms_lead_to_their_data():
    gdqy = "http://www.gdqy.gov.cn/qynyncj/gkmlpt"
    harbin = "http://wcsxxgk.harbin.gov.cn"
    pages = {
        f"{gdqy}/annualreport": (PAGES / "gkmlpt.html").read_bytes(),
        f"{gdqy}/api/all/2629?page=1&sid=763012": (PAGES / "gkmlpt.json").read_bytes(),
        f"{harbin}/col/col12596/index.html": (PAGES / "jpage.html").read_bytes(),
        f"{harbin}/module/web/jpage/dataproxy.jsp?page=1&webid=149&path=http://www.wuchang.gov.cn/&columnid=12596"
        "&unitid=6793088&webname=%25E4%25BA%2594&permissiontype=0": (PAGES / "jpage_proxy.xml").read_bytes(),
    }
    found, _ = go(
        pages, Listing(f"{gdqy}/annualreport", "441800"), Listing(f"{harbin}/col/col12596/index.html", "230184")
    )
    assert [(each.publisher, each.year) for each in found.proposals] == [
        ("清远市农业农村局", 2024),
        ("清远市农业农村局", 2023),
        ("五常市人民政府", 2021),
        ("五常市人民政府", 2020),
        ("五常市人民政府", 2019),
    ]
    assert found.failed == ()  # there is no second page of the API: nothing but its number said so


def test_links_are_relative_to_the_address_that_answered():
    def moved(urls):
        return [Page(url, "https://new.test/b/", f"<html>{report('c.html', 2023)}</html>".encode()) for url in urls]

    (one,) = crawl([Listing("http://old.test/a", "411600")], moved, known_domains()).proposals
    assert (one.url, one.listing) == ("https://new.test/b/c.html", "http://old.test/a")


def test_what_is_about_reports_is_told_but_not_where_it_is_listed_as_one():
    pages = {
        "http://a.test/nb/": link("1.html", "【解读】周口市2023年政府信息公开年报") + report("2.html", 2023),
    }
    found, _ = go(pages, Listing("http://a.test/nb/", "411600"))
    assert [each.url for each in found.passed_over] == ["http://a.test/nb/1.html"]


def test_a_page_that_makes_reading_fail_is_named(monkeypatch):
    def broken(content, base_url):
        raise RuntimeError("no such thing")

    monkeypatch.setattr("pipelines.discover.crawl.links", broken)
    found, _ = go({"http://a.test/nb/": "x"}, Listing("http://a.test/nb/", "411600"))
    assert "RuntimeError: no such thing): this is a bug" in found.failed[0].reason
