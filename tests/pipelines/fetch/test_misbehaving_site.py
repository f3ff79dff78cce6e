"""Everything the open web does to a downloader, done by a site on loopback: each ends as a named outcome."""

import gzip
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from misbehaving import (
    Page,
    Site,
    endless,
    gigabyte_of_zeros,
    in_turn,
    missing,
    names,
    no_http,
    packed,
    plain,
    resetting,
    running,
    short,
    short_chunk,
    short_pdf,
    silent,
    to,
    trickling,
    validated,
)

from pipelines.discover.source import Source
from pipelines.fetch.archive import Archive
from pipelines.fetch.download import Outcome, fetch_all
from pipelines.fetch.limits import HostLimits, Limits
from pipelines.fetch.problems import PROBLEMS
from pipelines.fetch.transport import NetworkTransport
from pipelines.fetch.verify import verify
from pipelines.read.encoding import decode

NIGHT = datetime(2026, 3, 31, 2, 0, tzinfo=UTC)
SITE = "www.site.test"
HOSTS = (SITE, "closed.test", "broken-robots.test", "busy.test", "quiet.test")
LIMITS = Limits(
    timeout=30,
    deadline=60,
    backoff=0.01,
    attempts=2,
    rate=math.inf,
    per_host=8,
    max_bytes=16 * 2**20,
    hosts={host: HostLimits(loopback=True) for host in HOSTS},
)
ADDRESSES = {
    "inner.test": ["10.1.2.3"],
    "metadata.test": ["169.254.169.254"],
    "mixed.test": ["1.1.1.1", "127.0.0.1"],
    "rebound.test": ["127.0.0.1"],
    "nowhere.test": [],
}

TEXT = "二、主动公开政府信息情况。本年度收到政府信息公开申请一百二十三件。" * 40
REPORT = f"<html><head><meta charset='utf-8'><title>年报</title></head><body><p>{TEXT}</p></body></html>".encode()
GBK = f"<html><head><meta charset='utf-8'><title>年报</title></head><body><p>{TEXT}</p></body></html>".encode("gb18030")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
RIVER = (
    b"<html><head><meta content='x' r='m'><script r='m'>$_ts=window['$_ts'];if(!$_ts)$_ts={};</script></head></html>"
)
CLEARANCE = b"<script>document.cookie='__jsl_clearance_s=1;';location.href=location.pathname</script>"
SCRIPT = b"<html><body><script>eval(function(p,a,c,k,e,d){return p}('0',1,1,''))</script></body></html>"
APPLICATION = b"<html><body><div id=app></div><noscript>JavaScript</noscript><script src=a.js></script></body></html>"
GONE = "<html><head><title>页面不存在</title></head><body>您访问的页面不存在<a href='/'>首页</a></body></html>".encode()
REFRESH = b"<html><head><meta http-equiv='Refresh' content='0; URL=/good'></head><body>moved</body></html>"

PAGES: Mapping[str, tuple[Page, str]] = {
    "/good": (plain(REPORT), "new"),
    "/gbk-declared-utf-8": (plain(GBK, Content_Type="text/html; charset=utf-8"), "new"),
    "/packed": (packed(gzip.compress(REPORT)), "new"),
    "/declared-packed": (packed(REPORT), "new"),
    "/short": (short, "truncated"),
    "/short-chunk": (short_chunk, "truncated"),
    "/short.pdf": (short_pdf, "truncated"),
    "/short-gzip": (packed(gzip.compress(REPORT)[:-20]), "truncated"),
    "/broken-gzip": (packed(gzip.compress(REPORT)[:30] + b"\xff" * 200), "undecodable"),
    "/reset": (resetting, "reset"),
    "/no-http": (no_http, "protocol"),
    "/429-then-fine": (in_turn(plain(b"", 429, Retry_After="1"), plain(REPORT)), "new"),
    "/503-then-fine": (in_turn(plain(b"", 503), plain(REPORT)), "new"),
    "/503": (plain(b"", 503), "server_error"),
    "/image": (plain(PNG, Content_Type="image/png"), "wrong_type"),
    "/image-as-html": (plain(PNG, Content_Type="text/html"), "wrong_type"),
    "/video": (plain(b"\0\0\0\x20ftypisom" + bytes(100), Content_Type="video/mp4"), "wrong_type"),
    "/style": (plain(b"body { color: red }", Content_Type="text/css"), "wrong_type"),
    "/page.pdf": (plain(REPORT, Content_Type="text/html"), "wrong_type"),
    "/loop": (to("/loop-back"), "redirect_loop"),
    "/loop-back": (to("/loop", 301), "redirect_loop"),
    "/to-itself": (to("/to-itself"), "redirect_loop"),
    "/refresh-to-itself": (plain(REFRESH.replace(b"/good", b"/refresh-to-itself")), "redirect_loop"),
    "/to-loopback": (to("http://127.0.0.1:{port}/secret"), "private_address"),
    "/to-loopback-v6": (to("http://[::1]:{port}/secret"), "private_address"),
    "/to-loopback-mapped": (to("http://[::ffff:127.0.0.1]:{port}/secret"), "private_address"),
    "/to-private": (to("http://192.168.1.1/secret"), "private_address"),
    "/to-metadata": (to("http://169.254.169.254/latest/meta-data/"), "private_address"),
    "/to-private-name": (to("http://inner.test:{port}/secret"), "private_address"),
    "/to-mixed-name": (to("http://mixed.test:{port}/secret"), "private_address"),
    "/to-rebound-name": (to("http://rebound.test:{port}/secret"), "private_address"),
    "/refresh-to-private": (plain(REFRESH.replace(b"/good", b"http://10.0.0.1/")), "private_address"),
    "/to-file": (to("file:///etc/hostname"), "bad_address"),
    "/to-user": (to("http://user:secret@www.site.test:{port}/good"), "bad_address"),
    "/to-nowhere": (to("http://nowhere.test:{port}/"), "unreachable"),
    "/zeros": (packed(gigabyte_of_zeros()), "bomb"),
    "/zeros-twice": (packed(gzip.compress(gzip.compress(bytes(2**20))), "gzip, gzip"), "undecodable"),
    "/brotli": (packed(b"\x8b\x02\x80", "br"), "undecodable"),
    "/endless": (endless, "too_large"),
    "/announced-too-large": (plain(b"", Content_Length="99999999999"), "too_large"),
    "/412": (plain(RIVER, 412), "challenged"),
    "/412-as-200": (plain(RIVER), "challenged"),
    "/521": (plain(CLEARANCE, 521), "challenged"),
    "/cookie": (to("/cookie", Set_Cookie="seen=1"), "challenged"),
    "/script": (plain(SCRIPT), "challenged"),
    "/application": (plain(APPLICATION), "challenged"),
    "/empty": (plain(b""), "empty"),
    "/404": (missing, "missing"),
    "/404-as-200": (plain(GONE), "missing"),
    "/403": (plain(b"no", 403), "refused"),
    "/refresh": (plain(REFRESH), "new"),
    "/to-good": (to("/good", 301), "new"),
    "/to-chinese": (to("/年报".encode("gb18030").decode("latin-1")), "new"),
    "/%C4%EA%B1%A8": (plain(REPORT), "new"),
}
OTHER_HOSTS: Mapping[str, tuple[Page, str]] = {
    "closed.test/any": (plain(REPORT), "robots"),
    "broken-robots.test/any": (plain(REPORT), "robots_unreachable"),
    "busy.test/any": (plain(b"", 429, Retry_After="7200"), "rate_limited"),
    "quiet.test/any": (plain(REPORT), "new"),
}
ROBOTS: Mapping[str, Page] = {
    "closed.test/robots.txt": plain(b"User-agent: gongkai\nDisallow: /\n"),
    "broken-robots.test/robots.txt": plain(b"", 503),
    f"{SITE}/robots.txt": plain(b"User-agent: *\nDisallow: /admin/\n"),
}
EXPECTED = {f"{SITE}{path}": expected for path, (_, expected) in PAGES.items()} | {
    place: expected for place, (_, expected) in OTHER_HOSTS.items()
}


def source(site: Site, place: str) -> Source:
    host, _, path = place.partition("/")
    return Source(site.url(host, f"/{path}"), "hangzhou-330100", 2025, "330100")


def fetch(site: Site, archive: Archive, *places: str, limits: Limits = LIMITS, at: datetime = NIGHT) -> list[Outcome]:
    transport = NetworkTransport(limits, resolve=names(ADDRESSES))
    sources = [source(site, place) for place in places]
    return list(fetch_all(sources, archive, now=lambda: at, limits=limits, transport=transport))


@dataclass(frozen=True, slots=True)
class Night:
    """A run over everything: the site, the archive, and outcomes by place."""

    site: Site
    archive: Archive
    outcomes: Mapping[str, Outcome]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    archive = Archive(tmp_path_factory.mktemp("archive"))
    pages = {place: page for place, (page, _) in [*PAGES.items(), *OTHER_HOSTS.items()]}
    with running(Site(pages | dict(ROBOTS))) as site:
        outcomes = fetch(site, archive, *EXPECTED)
        yield Night(site, archive, dict(zip(EXPECTED, outcomes, strict=True)))


@pytest.mark.parametrize("place", EXPECTED)
def test_each_ends_as_a_named_outcome(night: Night, place: str) -> None:
    outcome = night.outcomes[place]
    expected = EXPECTED[place]
    if expected in PROBLEMS:
        assert (outcome.kind, outcome.problem) == ("failed", expected), outcome.reason
        assert outcome.reason
        assert outcome.capture is None
    else:
        assert (outcome.kind, outcome.problem, outcome.reason) == (expected, None, None)
        assert outcome.capture is not None


def test_only_documents_are_archived_and_all_of_them_as_they_came(night: Night) -> None:
    good = {place: one.capture for place, one in night.outcomes.items() if one.capture is not None}
    assert set(good) == {place for place, expected in EXPECTED.items() if expected == "new"}
    contents = {place: night.archive.content(capture.sha256) for place, capture in good.items()}
    assert contents.pop(f"{SITE}/gbk-declared-utf-8") == GBK
    assert set(contents.values()) == {REPORT}
    assert decode(GBK) == decode(REPORT)
    assert set(night.archive.urls()) == {night.outcomes[place].source.url for place in good}
    assert verify(night.archive).is_sound


def test_nothing_private_was_asked(night: Night) -> None:
    assert {one.host for one in night.site.asked} <= set(HOSTS)
    assert "/secret" not in {one.path for one in night.site.asked}


def test_where_an_address_led_is_kept(night: Night) -> None:
    for place in ("/refresh", "/to-good"):
        capture = night.outcomes[f"{SITE}{place}"].capture
        assert capture is not None
        assert capture.url == night.site.url(SITE, place)
        assert capture.final_url == night.site.url(SITE, "/good")
        assert capture.hops == ()


def test_what_passes_is_tried_again_and_what_does_not_is_not(night: Night) -> None:
    times = {one.path: 0 for one in night.site.documents()}
    for one in night.site.documents():
        times[one.path] += one.host == SITE
    assert times["/429-then-fine"] == times["/503-then-fine"] == 2
    assert times["/reset"] == times["/short"] == times["/503"] == 2
    assert times["/412"] == times["/image"] == times["/zeros"] == times["/404"] == 1


def test_robots_is_asked_once_a_host_and_first(night: Night) -> None:
    by_host = {host: [one.path for one in night.site.asked if one.host == host] for host in HOSTS}
    assert all(paths[0] == "/robots.txt" for paths in by_host.values())
    once = {host: paths.count("/robots.txt") for host, paths in by_host.items()}
    assert once == dict.fromkeys(HOSTS, 1) | {"broken-robots.test": 2}
    assert by_host["closed.test"] == ["/robots.txt"]
    assert set(by_host["broken-robots.test"]) == {"/robots.txt"}


@pytest.mark.parametrize("page", [silent, trickling])
def test_an_answer_that_does_not_come_to_an_end_is_waited_for_only_so_long(tmp_path: Path, page: Page) -> None:
    with running(Site({"/a": page})) as site:
        (outcome,) = fetch(site, Archive(tmp_path), f"{SITE}/a", limits=replace(LIMITS, timeout=0.4, deadline=0.8))
    assert outcome.problem == "timeout"


def test_connections_are_used_again(tmp_path: Path) -> None:
    pages = {f"/{number}": plain(REPORT) for number in range(30)} | {"/old": to("/0"), "/none": missing}
    with running(Site(pages)) as site:
        fetch(site, Archive(tmp_path), *(f"{SITE}{path}" for path in pages), limits=replace(LIMITS, per_host=2))
        assert len(site.documents()) == 33
        assert site.connections <= 3


# --- a second night ------------------------------------------------------------------------------------------------


def test_changed_bytes_under_the_same_date_are_a_new_edition(tmp_path: Path) -> None:
    """The server tells by its ETag, or sends the bytes whatever it is asked."""
    date = "Mon, 29 Jan 2024 00:00:00 GMT"
    changed = REPORT.replace("一百二十三".encode(), "一百二十四".encode())
    pages = {
        "/etag": in_turn(validated(REPORT, etag='"1"', modified=date), validated(changed, etag='"2"', modified=date)),
        "/date": in_turn(plain(REPORT, Last_Modified=date), plain(changed, Last_Modified=date)),
    }
    archive = Archive(tmp_path)
    with running(Site(pages)) as site:
        first = fetch(site, archive, f"{SITE}/etag", f"{SITE}/date")
        second = fetch(site, archive, f"{SITE}/etag", f"{SITE}/date", at=NIGHT + timedelta(days=1))
    assert [one.kind for one in first] == ["new", "new"]
    assert [one.kind for one in second] == ["changed", "changed"]
    for outcome in second:
        assert [archive.content(one.sha256) for one in archive.captures(outcome.source.url)] == [REPORT, changed]


def test_a_server_that_goes_by_the_date_alone_is_asked_for_everything_now_and_then(tmp_path: Path) -> None:
    date = "Mon, 29 Jan 2024 00:00:00 GMT"
    changed = REPORT.replace("一百二十三".encode(), "一百二十四".encode())
    archive = Archive(tmp_path)
    with running(Site({"/a": in_turn(validated(REPORT, modified=date), validated(changed, modified=date))})) as site:
        kinds = [
            fetch(site, archive, f"{SITE}/a", at=NIGHT + timedelta(days=day))[0].kind for day in (0, 1, 29, 30, 31)
        ]
    assert kinds == ["new", "unchanged", "unchanged", "changed", "unchanged"]


def test_nights_that_begin_earlier_or_later_leave_out_no_day(tmp_path: Path) -> None:
    """Thirty days less a minute, then thirty-one and a minute: the day to ask for everything was between them."""
    date = "Mon, 29 Jan 2024 00:00:00 GMT"
    changed = REPORT.replace("一百二十三".encode(), "一百二十四".encode())
    archive = Archive(tmp_path)
    minute = timedelta(minutes=1)
    nights = (NIGHT, NIGHT + timedelta(days=30) - minute, NIGHT + timedelta(days=31) + minute)
    with running(Site({"/a": in_turn(validated(REPORT, modified=date), validated(changed, modified=date))})) as site:
        kinds = [fetch(site, archive, f"{SITE}/a", at=night)[0].kind for night in nights]
    assert "changed" in kinds


def test_the_same_bytes_under_a_new_date_are_no_edition(tmp_path: Path) -> None:
    pages = {
        "/a": in_turn(
            validated(REPORT, etag='"1"', modified="Mon, 29 Jan 2024 00:00:00 GMT"),
            validated(REPORT, etag='"2"', modified="Tue, 30 Jan 2024 00:00:00 GMT"),
        )
    }
    archive = Archive(tmp_path)
    with running(Site(pages)) as site:
        kinds = [fetch(site, archive, f"{SITE}/a")[0].kind for _ in range(2)]
    assert kinds == ["new", "unchanged"]
    assert len(archive.captures(site.url(SITE, "/a"))) == 1


@pytest.mark.parametrize(
    "instead", [plain(RIVER, 412), plain(SCRIPT), missing, plain(GONE), plain(b""), plain(PNG), short, resetting]
)
def test_what_comes_instead_never_replaces_the_report(tmp_path: Path, instead: Page) -> None:
    archive = Archive(tmp_path)
    with running(Site({"/a": in_turn(plain(REPORT), instead)})) as site:
        (first,) = fetch(site, archive, f"{SITE}/a")
        (second,) = fetch(site, archive, f"{SITE}/a")
    assert (first.kind, second.kind) == ("new", "failed")
    assert second.capture == first.capture
    assert archive.captures(first.source.url) == (first.capture,)
