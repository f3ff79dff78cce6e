import math
from pathlib import Path

import pytest

from pipelines.fetch.limits import (
    HOSTS,
    SETTINGS,
    HostLimits,
    InvalidHosts,
    InvalidSettings,
    Limits,
    Pace,
    default_limits,
    limits_of,
    load_hosts,
)
from pipelines.sample.site import BASE_URL

HEAD = "host,per_second,burst,at_once,loopback,note\n"


def hosts(tmp_path: Path, text: str) -> Path:
    path = tmp_path / HOSTS
    path.write_text(text, encoding="utf-8")
    return path


def test_hosts_are_polite_unless_said_otherwise() -> None:
    limits = Limits(hosts={"fast.cn": HostLimits(rate=5), "wide.cn": HostLimits(at_once=8, burst=9)})
    assert limits.pace("any.cn") == Pace(1, 3, 2)
    assert limits.pace("fast.cn") == Pace(5, 3, 2)
    assert limits.pace("wide.cn") == Pace(1, 9, 8)
    assert not limits.opens_loopback("any.cn")


def test_the_sample_is_exempt_by_the_package_s_file() -> None:
    host = BASE_URL.split("/")[2]
    assert default_limits().pace(host).rate == math.inf
    assert not default_limits().opens_loopback(host)


def test_a_home_s_own_file_comes_first(tmp_path: Path) -> None:
    assert limits_of(tmp_path) == default_limits()
    hosts(tmp_path, f"\ufeff{HEAD}www.A.cn,0.5,1,,,慢\nsample.gongkai.invalid,2,,,,\n127.0.0.1,unlimited,,,yes,")
    limits = limits_of(tmp_path)
    assert limits.pace("www.a.cn") == Pace(0.5, 1, 2)
    assert limits.pace("sample.gongkai.invalid").rate == 2
    assert limits.opens_loopback("127.0.0.1")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("a.cn,0,,,,", "per_second is '0'"),
        ("a.cn,-1,,,,", "per_second is '-1'"),
        ("a.cn,nan,,,,", "per_second is 'nan'"),
        ("a.cn,inf,,,,", "per_second is 'inf'"),
        ("a.cn,fast,,,,", "per_second is 'fast'"),
        ("a.cn,,0,,,", "burst is '0'"),
        ("a.cn,,,1.5,,", "at_once is '1.5'"),
        ("a.cn,,,,maybe,", "loopback is 'maybe'"),
        (",1,,,,", "has no host"),
        ("b.cn,1,,,,", "names b.cn a second time"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, problem: str) -> None:
    path = hosts(tmp_path, f"{HEAD}b.cn,,,,,\n{line}\n")
    with pytest.raises(InvalidHosts) as caught:
        load_hosts(path)
    assert caught.value.problems == (f"{HOSTS} line 3: {problem}" + _rest(str(caught.value), problem),)


def _rest(message: str, problem: str) -> str:
    return message.partition(problem)[2]


def test_all_wrong_lines_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(InvalidHosts) as caught:
        load_hosts(hosts(tmp_path, f"{HEAD}a.cn,x,,,,\nb.cn,,x,,,\n"))
    assert [problem.partition(":")[0] for problem in caught.value.problems] == ["hosts.csv line 2", "hosts.csv line 3"]


@pytest.mark.parametrize("head", ["", "name,rate\n", "host,speed\n"])
def test_unknown_columns_are_named(tmp_path: Path, head: str) -> None:
    with pytest.raises(InvalidHosts, match="expected the columns host, per_second"):
        load_hosts(hosts(tmp_path, head))


def test_a_home_s_own_settings_count(tmp_path: Path) -> None:
    (tmp_path / SETTINGS).write_text('rate = 2\nmax_bytes = 1000\ncontact = "https://example.org/"\nrecheck_days = 0\n')
    limits = limits_of(tmp_path)
    assert (limits.rate, limits.max_bytes, limits.contact, limits.recheck_days) == (2, 1000, "https://example.org/", 0)
    assert limits.hosts == default_limits().hosts
    assert limits.timeout == Limits().timeout


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("speed = 1", "speed is no setting; expected concurrency, per_host, rate"),
        ("hosts = 1", "hosts is no setting"),
        ("rate = 0", "rate is 0, expected a number above 0"),
        ("rate = inf", "rate is inf"),
        ("rate = nan", "rate is nan"),
        ("rate = true", "rate is True"),
        ("attempts = 1.5", "attempts is 1.5, expected a whole number above 0"),
        ("recheck_days = -1", "recheck_days is -1"),
        ('contact = "a\\nb"', "expected a text in ASCII"),
        ('contact = "周口"', "expected a text in ASCII"),
        ("rate", "it is no TOML in UTF-8"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / SETTINGS).write_text(text, encoding="utf-8")
    with pytest.raises(InvalidSettings) as caught:
        limits_of(tmp_path)
    assert problem in str(caught.value)
