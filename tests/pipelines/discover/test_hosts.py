import pytest

from pipelines.discover.hosts import claim, declared_hosts, domain, is_nobodys
from schemas.regions import division

OWNERS = {"gov.example": "410000", "sub.gov.example": "411600"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("www.zhoukou.gov.cn", "zhoukou.gov.cn"),
        ("zhoukou.gov.cn", "zhoukou.gov.cn"),
        ("tjj.a.zhoukou.gov.cn", "zhoukou.gov.cn"),
        ("www.sub.gov.example", "sub.gov.example"),
        ("www.gov.example", "gov.example"),
        ("www.example.com", "www.example.com"),
        ("127.0.0.1", "127.0.0.1"),
    ],
)
def test_the_domain_of_a_host(name, expected):
    assert domain(name, OWNERS) == expected


def test_declared_domains_are_of_divisions_or_of_the_whole_country():
    for code in declared_hosts().values():
        assert not code or division(code).adcode == code


def test_a_claim_is_of_the_city_and_the_first_one_counts():
    owners = {}
    claim("http://www.hz.gov.cn/a", "320813", owners)
    claim("http://b.hz.gov.cn/a", "411600", owners)
    claim("http://127.0.0.1/a", "411600", owners)
    assert owners == {"hz.gov.cn": "320800"}


@pytest.mark.parametrize("name", ["127.0.0.2", "10.1.2.3", "::1", "localhost", "a.localhost", "x.test", "s.invalid"])
def test_hosts_of_nobody(name):
    assert is_nobodys(name)


@pytest.mark.parametrize("name", ["8.8.8.8", "example.com", "test.gov.cn", "localhost.cn"])
def test_hosts_of_somebody(name):
    assert not is_nobodys(name)
