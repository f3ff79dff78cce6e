import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.discover.addresses import in_script, is_address, resolve, same_document

BASE = "http://www.zhoukou.gov.cn/zfxxgk/nb/index.html"


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("a.html", "http://www.zhoukou.gov.cn/zfxxgk/nb/a.html"),
        (" ./a.html\n", "http://www.zhoukou.gov.cn/zfxxgk/nb/a.html"),
        ("//x.gov.cn/b", "http://x.gov.cn/b"),
        ("/c?z=1&a=%E5%91%A8&a=2#top", "http://www.zhoukou.gov.cn/c?z=1&a=%E5%91%A8&a=2"),
        ("?page=2", "http://www.zhoukou.gov.cn/zfxxgk/nb/index.html?page=2"),
        ("a b.pdf", "http://www.zhoukou.gov.cn/zfxxgk/nb/a%20b.pdf"),
        ("javascript:void(0)", None),
        ("JavaScript:open('/a.html')", None),
        ("mailto:a@b.cn", None),
        ("#top", None),
        ("", None),
        ("http://[broken", None),
        ("ftp://x.gov.cn/a", None),
    ],
)
def test_what_a_link_leads_to(href, url):
    assert resolve(BASE, href) == url


QUERY = st.text("abz019=&%+;,/?:@-._~", max_size=30)


@given(QUERY)
def test_a_query_stays_as_it_is(query):
    url = resolve(BASE, f"/a.jsp?{query}x")
    assert url == f"http://www.zhoukou.gov.cn/a.jsp?{query}x"
    assert same_document(url).endswith(f"/a.jsp?{query}x")


@pytest.mark.parametrize(
    "url",
    [
        "http://www.beijing.gov.cn/a/b.html?x=1",
        "https://beijing.gov.cn/a/b.html?x=1",
        "http://www.beijing.gov.cn:80/a/b.html?x=1",
        "https://www.beijing.gov.cn/a/b.html?x=1#top",
        "https://www.beijing.gov.cn/gate/big5/www.beijing.gov.cn/a/b.html?x=1",
        "http://big5.www.gov.cn/gate/big5/www.beijing.gov.cn/a/b.html?x=1",
    ],
)
def test_addresses_of_the_same_document(url):
    assert same_document(url) == "beijing.gov.cn/a/b.html?x=1"


@pytest.mark.parametrize(
    "url",
    [
        "http://www.beijing.gov.cn/a/b.html",
        "http://www.beijing.gov.cn/a/b.html?x=2",
        "http://www.beijing.gov.cn:8080/a/b.html?x=1",
        "http://zfxxgk.beijing.gov.cn/a/b.html?x=1",
    ],
)
def test_addresses_of_other_documents(url):
    assert same_document(url) != "beijing.gov.cn/a/b.html?x=1"


def test_the_address_in_a_script_call():
    assert in_script("window.open('./a/b.shtml?id=1','_blank')") == "./a/b.shtml?id=1"
    assert in_script("go(3)") is None


@pytest.mark.parametrize("url", ["http://x/", "https://x.gov.cn:8080/a?b"])
def test_well_formed(url):
    assert is_address(url)


@pytest.mark.parametrize("url", ["x.gov.cn", "http://", "http://x:0/", "http://x:99999/", "http://x/a b", "file:///a"])
def test_malformed(url):
    assert not is_address(url)
