import gzip
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import httpx
import pytest

from pipelines.discover.source import Source
from pipelines.fetch.archive import Archive
from pipelines.fetch.download import Outcome, fetch_all, user_agent
from pipelines.fetch.limits import HostLimits, Limits

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
HERE = {"127.0.0.1": HostLimits(loopback=True)}
QUICK = Limits(timeout=60, backoff=0, rate=math.inf, hosts=HERE)

Headers = dict[str, str]
Answer = tuple[int, Headers, bytes]


class Site(BaseHTTPRequestHandler):
    """Answers from `answers`, taking the next of a list each time and then staying with its last."""

    protocol_version = "HTTP/1.1"
    answers: ClassVar[dict[str, list[Answer]]]
    seen: ClassVar[list[tuple[str, Headers]]]
    under_way: ClassVar[int]
    most_under_way: ClassVar[int]
    lock: ClassVar[threading.Lock]
    gate: ClassVar[threading.Barrier | None]

    def do_GET(self) -> None:
        kind = type(self)
        if self.path == "/robots.txt" and self.path not in kind.answers:
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        with kind.lock:
            kind.seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            kind.under_way += 1
            kind.most_under_way = max(kind.most_under_way, kind.under_way)
            answers = kind.answers.get(self.path, [(404, {}, b"no such page")])
            status, headers, body = answers.pop(0) if len(answers) > 1 else answers[0]
        if kind.gate is not None:
            kind.gate.wait(10)
        # Counted as done before the last byte leaves: the client may ask on as soon as it has it.
        with kind.lock:
            kind.under_way -= 1
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Content-Length" not in headers and "Transfer-Encoding" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        if "Content-Length" in headers:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep the test's output clean."""


class Server:
    """A running site: its handler class and its base address."""

    def __init__(self, site: type[Site], base: str) -> None:
        self.site = site
        self.base = base

    def source(self, path: str) -> Source:
        return Source(f"{self.base}{path}", "hangzhou-330100", 2025, "330100")


@contextmanager
def running(**answers: list[Answer]) -> Iterator[Server]:
    class Here(Site):
        pass

    Here.answers = {f"/{name}": list(value) for name, value in answers.items()}
    Here.seen = []
    Here.under_way = Here.most_under_way = 0
    Here.lock = threading.Lock()
    Here.gate = None
    with ThreadingHTTPServer(("127.0.0.1", 0), Here) as http:
        http.daemon_threads = True
        thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield Server(Here, f"http://127.0.0.1:{http.server_address[1]}")
        finally:
            http.shutdown()
            thread.join()


def fetch(server: Server, archive: Archive, *paths: str, limits: Limits = QUICK) -> tuple[Outcome, ...]:
    return fetch_all([server.source(path) for path in paths], archive, now=lambda: NOON, limits=limits)


def kinds(outcomes: tuple[Outcome, ...]) -> list[str]:
    return [outcome.kind for outcome in outcomes]


def test_new_then_unchanged_then_changed(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    with running(a=[(200, {}, b"one"), (200, {}, b"one"), (200, {}, b"two")]) as server:
        outcomes = [fetch(server, archive, "/a")[0] for _ in range(3)]
    assert [outcome.kind for outcome in outcomes] == ["new", "unchanged", "changed"]
    assert [outcome.received for outcome in outcomes] == [3, 3, 3]
    assert all(outcome.reason is None for outcome in outcomes)
    captures = archive.captures(outcomes[0].source.url)
    assert [archive.content(capture.sha256) for capture in captures] == [b"one", b"two"]
    assert outcomes[2].capture == captures[1]
    assert captures[0].retrieved_at == NOON


def test_the_headers_that_matter_are_kept(tmp_path: Path) -> None:
    headers = {"Content-Type": "text/html", "ETag": '"1"', "Last-Modified": "Mon, 29 Jan 2024 00:00:00 GMT"}
    with running(a=[(200, headers | {"X-Noise": "1", "Set-Cookie": "session=1"}, b"one")]) as server:
        (outcome,) = fetch(server, Archive(tmp_path), "/a")
    assert outcome.capture is not None
    kept = dict(outcome.capture.headers)
    assert {name: kept[name.lower()] for name in headers} == headers
    assert set(kept) == {"content-length", "content-type", "date", "etag", "last-modified", "server"}
    assert dict(outcome.capture.request)["user-agent"] == user_agent()
    assert outcome.capture.address == "127.0.0.1"
    assert outcome.capture.tls is None


def test_it_says_who_it_is(tmp_path: Path) -> None:
    with running(a=[(200, {}, b"one")]) as server:
        fetch(server, Archive(tmp_path), "/a")
        assert server.site.seen[0][1]["user-agent"] == user_agent()
    assert user_agent().startswith("gongkai/")
    assert "+open data on government transparency" in user_agent()


def test_it_says_whom_to_ask_where_that_is_set(tmp_path: Path) -> None:
    with running(a=[(200, {}, b"one")]) as server:
        fetch(server, Archive(tmp_path), "/a", limits=replace(QUICK, contact="https://example.org/gongkai"))
        assert server.site.seen[0][1]["user-agent"].endswith("; https://example.org/gongkai)")


def test_what_was_fetched_is_asked_for_conditionally(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    headers = {"ETag": '"1"', "Last-Modified": "Mon, 29 Jan 2024 00:00:00 GMT"}
    with running(a=[(200, headers, b"one"), (304, {}, b"")]) as server:
        fetch(server, archive, "/a")
        before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
        (outcome,) = fetch(server, archive, "/a")
        assert outcome.received == 0
        asked = server.site.seen[1][1]
    assert asked["if-none-match"] == '"1"'
    assert "if-modified-since" not in asked  # a server that goes by the date would hide bytes changed under it
    assert outcome.kind == "unchanged"
    assert outcome.capture == archive.latest(outcome.source.url)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_no_condition_without_the_bytes_in_hand(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    with running(a=[(200, {"ETag": '"1"'}, b"one")]) as server:
        (first,) = fetch(server, archive, "/a")
        next((tmp_path / "objects").glob("*/*")).unlink()
        (second,) = fetch(server, archive, "/a")
        assert "if-none-match" not in server.site.seen[1][1]
    assert second.kind == "unchanged"
    assert first.capture is not None
    assert archive.content(first.capture.sha256) == b"one"


def test_validators_are_shown_only_to_the_address_that_gave_them(tmp_path: Path) -> None:
    """An address that now leads elsewhere must not get "not modified" for another document's date."""
    archive = Archive(tmp_path)
    moved = [(302, {"Location": "/old"}, b""), (302, {"Location": "/new"}, b"")]
    with running(a=moved, old=[(200, {"ETag": '"1"'}, b"old")], new=[(200, {"ETag": '"1"'}, b"new")]) as server:
        outcomes = [fetch(server, archive, "/a")[0] for _ in range(2)]
        conditional = [path for path, headers in server.site.seen if "if-none-match" in headers]
        base = server.base
    assert [outcome.kind for outcome in outcomes] == ["new", "changed"]
    assert conditional == []
    assert [capture.final_url for capture in archive.captures(f"{base}/a")] == [f"{base}/old", f"{base}/new"]


def test_a_redirected_address_is_asked_conditionally_where_it_led(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    with running(a=[(301, {"Location": "/b"}, b"")], b=[(200, {"ETag": '"1"'}, b"one"), (304, {}, b"")]) as server:
        outcomes = [fetch(server, archive, "/a")[0] for _ in range(2)]
        assert [path for path, headers in server.site.seen if "if-none-match" in headers] == ["/b"]
    assert [outcome.kind for outcome in outcomes] == ["new", "unchanged"]


def test_one_failure_does_not_stop_the_others(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    with running(a=[(200, {}, b"one")], b=[(200, {}, b"two")]) as server:
        outcomes = fetch(server, archive, "/a", "/gone", "/b")
    assert kinds(outcomes) == ["new", "failed", "new"]
    assert outcomes[1].capture is None
    assert outcomes[1].reason is not None
    assert "answered 404" in outcomes[1].reason
    assert "check the address" in outcomes[1].reason


def test_a_document_that_goes_missing_keeps_its_last_version(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    with running(a=[(200, {}, b"one"), (404, {}, b"gone")]) as server:
        (first,), (second,) = fetch(server, archive, "/a"), fetch(server, archive, "/a")
    assert second.kind == "failed"
    assert second.capture == first.capture
    assert archive.captures(first.source.url) == (first.capture,)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_may_pass_is_tried_again(tmp_path: Path, status: int) -> None:
    busy = (status, {"Retry-After": "1"}, b"later")
    with running(a=[busy, (status, {}, b"later"), (200, {}, b"one")]) as server:
        (outcome,) = fetch(server, Archive(tmp_path), "/a")
        assert len(server.site.seen) == 3
    assert outcome.kind == "new"


def test_and_given_up_in_the_end(tmp_path: Path) -> None:
    with running(a=[(503, {}, b"later")]) as server:
        (outcome,) = fetch(server, Archive(tmp_path), "/a", limits=replace(QUICK, attempts=2, backoff=0))
        assert len(server.site.seen) == 2
    assert outcome.kind == "failed"
    assert outcome.reason is not None
    assert "tried 2 times" in outcome.reason


@pytest.mark.parametrize("status", [204, 403, 404, 410])
def test_what_will_not_pass_is_asked_once(tmp_path: Path, status: int) -> None:
    with running(a=[(status, {}, b"")]) as server:
        (outcome,) = fetch(server, Archive(tmp_path), "/a")
        assert len(server.site.seen) == 1
    assert outcome.kind == "failed"


def test_a_truncated_answer_is_not_archived(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    with running(a=[(200, {"Content-Length": "100"}, b"half a rep")]) as server:
        (outcome,) = fetch(server, archive, "/a", limits=replace(QUICK, attempts=2, backoff=0))
        assert len(server.site.seen) == 2
    assert outcome.kind == "failed"
    assert archive.urls() == ()


def test_nobody_listening_is_a_reason(tmp_path: Path) -> None:
    with running() as server:
        pass
    (outcome,) = fetch(server, Archive(tmp_path), "/a", limits=replace(QUICK, attempts=1))
    assert outcome.kind == "failed"
    assert outcome.reason is not None
    assert "ConnectError" in outcome.reason


@pytest.mark.parametrize("declared", [True, False])
def test_a_document_above_the_limit_is_not_taken(tmp_path: Path, declared: bool) -> None:
    body = b"x" * 2000
    chunked = b"7d0\r\n" + body + b"\r\n0\r\n\r\n"
    answer = (200, {}, body) if declared else (200, {"Transfer-Encoding": "chunked"}, chunked)
    archive = Archive(tmp_path)
    with running(a=[answer]) as server:
        (outcome,) = fetch(server, archive, "/a", limits=replace(QUICK, max_bytes=1999))
        assert kinds(fetch(server, archive, "/a", limits=replace(QUICK, max_bytes=2000))) == ["new"]
    assert outcome.kind == "failed"
    assert outcome.reason is not None
    assert "larger than 1999 bytes" in outcome.reason


def test_the_limit_is_on_the_bytes_unpacked(tmp_path: Path) -> None:
    packed = gzip.compress(b"\0" * 100_000, mtime=0)
    with running(a=[(200, {"Content-Encoding": "gzip"}, packed)]) as server:
        (outcome,) = fetch(server, Archive(tmp_path), "/a", limits=replace(QUICK, max_bytes=50_000))
    assert outcome.kind == "failed"


def test_an_empty_answer_is_no_document(tmp_path: Path) -> None:
    with running(a=[(200, {}, b"")]) as server:
        (outcome,) = fetch(server, Archive(tmp_path), "/a")
    assert outcome.kind == "failed"
    assert outcome.reason is not None
    assert "no bytes" in outcome.reason


@pytest.mark.parametrize("target", ["ftp://127.0.0.1/a", "file:///etc/hostname", "javascript:alert(1)"])
def test_redirects_lead_to_http_only(tmp_path: Path, target: str) -> None:
    with running(a=[(302, {"Location": target}, b"")]) as server:
        (outcome,) = fetch(server, Archive(tmp_path), "/a", limits=replace(QUICK, attempts=1))
    assert outcome.kind == "failed"


def test_a_circle_of_redirects_ends(tmp_path: Path) -> None:
    with running(a=[(302, {"Location": "/a"}, b"")]) as server:
        (outcome,) = fetch(server, Archive(tmp_path), "/a")
        assert len(server.site.seen) == 1
    assert outcome.problem == "redirect_loop"


def test_a_chain_of_redirects_that_does_not_end_is_left(tmp_path: Path) -> None:
    chain = {f"p{number}": [(302, {"Location": f"/p{number + 1}"}, b"")] for number in range(20)}
    with running(**chain) as server:
        (outcome,) = fetch(server, Archive(tmp_path), "/p0")
        assert len(server.site.seen) == 11
    assert outcome.problem == "redirect_loop"
    assert outcome.reason is not None
    assert "redirects more than 10 times" in outcome.reason


@pytest.mark.parametrize("url", ["", "年报.html", "ftp://example.com/a", "http://", "http://[::1"])
def test_what_is_no_address_is_a_reason(tmp_path: Path, url: str) -> None:
    source = Source(url, "hangzhou-330100", 2025, "330100")
    (outcome,) = fetch_all([source], Archive(tmp_path), now=lambda: NOON, limits=QUICK)
    assert outcome.kind == "failed"
    assert outcome.reason is not None
    assert "correct" in outcome.reason


def test_outcomes_come_in_the_order_of_the_sources_and_progress_hears_each(tmp_path: Path) -> None:
    heard: list[str] = []
    with running(**{f"p{number}": [(200, {}, f"{number}".encode())] for number in range(20)}) as server:
        sources = [server.source(f"/p{number}") for number in range(20)]
        outcomes = fetch_all(
            sources,
            Archive(tmp_path),
            now=lambda: NOON,
            progress=lambda source, outcome: heard.append(f"{source.url} {outcome.kind}"),
            limits=QUICK,
        )
    assert [outcome.source for outcome in outcomes] == sources
    assert sorted(heard) == sorted(f"{source.url} new" for source in sources)


def test_an_address_that_two_sources_share_is_asked_for_once(tmp_path: Path) -> None:
    with running(a=[(200, {}, b"one")]) as server:
        first = server.source("/a")
        second = Source(first.url, first.city, 2024, first.region_code)
        outcomes = fetch_all([first, second], Archive(tmp_path), now=lambda: NOON, limits=QUICK)
        assert len(server.site.seen) == 1
    assert [outcome.source for outcome in outcomes] == [first, second]
    assert kinds(outcomes) == ["new", "new"]
    assert [outcome.received for outcome in outcomes] == [3, 0]


def test_requests_go_out_together_but_never_more_to_one_host_than_allowed(tmp_path: Path) -> None:
    with running(**{f"p{number}": [(200, {}, b"one")] for number in range(12)}) as server:
        server.site.gate = threading.Barrier(3)  # opens only when three are under way at once
        outcomes = fetch(server, Archive(tmp_path), *(f"/p{n}" for n in range(12)), limits=replace(QUICK, per_host=3))
        assert server.site.most_under_way == 3
    assert set(kinds(outcomes)) == {"new"}


def test_a_full_disk_is_not_blamed_on_the_source(tmp_path: Path) -> None:
    (tmp_path / "objects").write_text("a file where the folder should be")
    with running(a=[(200, {}, b"one")]) as server, pytest.raises(OSError, match="objects"):
        fetch(server, Archive(tmp_path), "/a")


def test_a_transport_can_carry_the_requests(tmp_path: Path) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, text=f"from {request.url.host}"))
    source = Source("http://www.hangzhou.gov.cn/a", "hangzhou-330100", 2025, "330100")
    archive = Archive(tmp_path)
    (outcome,) = fetch_all([source], archive, now=lambda: NOON, transport=transport)
    assert outcome.capture is not None
    assert archive.content(outcome.capture.sha256) == b"from www.hangzhou.gov.cn"


def test_no_sources_no_outcomes(tmp_path: Path) -> None:
    assert fetch_all([], Archive(tmp_path), now=lambda: NOON) == ()
