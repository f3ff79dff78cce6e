import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from pipelines.fetch.problems import FetchFailed, Problem
from pipelines.fetch.robots import Found, Robots, rules_text

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


class Server:
    """Gives rules, or fails, and remembers what it was asked."""

    def __init__(self, text: str = "", problem: Problem | None = None) -> None:
        self.text = text
        self.problem = problem
        self.asked: list[tuple[str, Found | None]] = []
        self.spaced: list[tuple[str, float]] = []

    async def ask(self, place: httpx.URL, known: Found | None) -> Found:
        self.asked.append((str(place), known))
        if self.problem:
            raise FetchFailed(self.problem, "as told", place.host)
        return Found(self.text, '"1"', "", NOON)

    def robots(self, folder: Path | None = None, at: datetime = NOON) -> Robots:
        return Robots(self.ask, lambda host, seconds: self.spaced.append((host, seconds)), folder, lambda: at, 60)


def allowed(server: Server, *urls: str, folder: Path | None = None, at: datetime = NOON) -> list[str | None]:
    async def run() -> list[str | None]:
        robots = server.robots(folder, at)
        found: list[str | None] = []
        for url in urls:
            try:
                await robots.check(httpx.URL(url))
                found.append(None)
            except FetchFailed as failure:
                found.append(failure.problem)
        return found

    return asyncio.run(run())


def test_the_rules_for_this_program_come_before_those_for_all() -> None:
    rules = "User-agent: *\nDisallow: /\n\nUser-agent: Gongkai\nDisallow: /private/\n"
    urls = ["http://a.cn/nb/1.html", "http://a.cn/private/1.html"]
    assert allowed(Server(rules), *urls) == [None, "robots"]
    assert allowed(Server("User-agent: *\nDisallow: /private/"), *urls) == [None, "robots"]
    assert allowed(Server("User-agent: baiduspider\nDisallow: /"), *urls) == [None, None]


def test_the_longest_rule_counts_and_patterns_do(tmp_path: Path) -> None:
    rules = "User-agent: *\nDisallow: /gk/\nAllow: /gk/nb/\nDisallow: /*.jsp$\n"
    urls = ["http://a.cn/gk/1.html", "http://a.cn/gk/nb/1.html", "http://a.cn/x.jsp", "http://a.cn/x.jsp?id=1"]
    assert allowed(Server(rules), *urls) == ["robots", None, "robots", None]


def test_a_host_is_asked_once_and_each_port_and_scheme_is_one() -> None:
    server = Server()
    allowed(server, "http://a.cn/1", "http://a.cn/2?x=1", "https://a.cn/1", "http://a.cn:8080/1")
    assert [place for place, _ in server.asked] == [
        "http://a.cn/robots.txt",
        "https://a.cn/robots.txt",
        "http://a.cn:8080/robots.txt",
    ]


@pytest.mark.parametrize(
    ("problem", "outcome"),
    [
        ("missing", None),
        ("refused", None),
        ("challenged", None),
        ("redirect_loop", None),
        ("truncated", None),
        ("private_address", None),
        ("server_error", "robots_unreachable"),
        ("rate_limited", "robots_unreachable"),
        ("timeout", "timeout"),
        ("unreachable", "unreachable"),
        ("reset", "reset"),
        ("tls", "tls"),
        ("certificate", "certificate"),
        ("circuit_open", "circuit_open"),
    ],
)
def test_what_it_means_not_to_have_rules(problem: Problem, outcome: str | None) -> None:
    server = Server(problem=problem)
    assert allowed(server, "http://a.cn/1", "http://a.cn/2") == [outcome, outcome]
    assert len(server.asked) == 1


def test_a_crawl_delay_is_passed_on_within_reason() -> None:
    server = Server("User-agent: *\nCrawl-delay: 5")
    allowed(server, "http://a.cn/1", "http://a.cn/2")
    longest = Server("User-agent: *\nCrawl-delay: 86400")
    allowed(longest, "http://a.cn/1")
    assert server.spaced == [("a.cn", 5)]
    assert longest.spaced == [("a.cn", 60)]


def test_rules_are_kept_for_a_day_and_then_asked_for_conditionally(tmp_path: Path) -> None:
    server = Server("User-agent: *\nDisallow: /")
    for hours in (0, 23, 25):
        assert allowed(server, "http://a.cn/1", folder=tmp_path, at=NOON + timedelta(hours=hours)) == ["robots"]
    assert [known and known.etag for _, known in server.asked] == [None, '"1"']


def test_that_there_are_none_is_kept_too_but_no_failure(tmp_path: Path) -> None:
    gone, broken = Server(problem="missing"), Server(problem="server_error")
    for server in (gone, broken):
        for _ in range(2):
            allowed(server, f"http://{server.problem}.cn/1", folder=tmp_path)
    assert (len(gone.asked), len(broken.asked)) == (1, 2)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"text": 1, "etag": "", "last_modified": "", "at": "?"}'])
def test_a_memory_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    server = Server("User-agent: *\nDisallow: /")
    allowed(server, "http://a.cn/1", folder=tmp_path)
    (kept,) = (tmp_path / "robots").iterdir()
    kept.write_text(text)
    assert allowed(server, "http://a.cn/1", folder=tmp_path) == ["robots"]
    assert len(server.asked) == 2


def test_rules_are_read_from_any_bytes() -> None:
    assert rules_text(b"\xef\xbb\xbfUser-agent: *\n") == "User-agent: *\n"
    assert "公开" in rules_text("# 政府信息公开\nUser-agent: *\n".encode("gb18030"))
    assert rules_text(b"<!DOCTYPE html><html>User-agent: *\nDisallow: /</html>") == ""
    assert rules_text(b"\x00\xff\x00") != ""
