"""Many pages on many hosts: each host at its own rate, all at once, and none in the way of another."""

import asyncio
import ipaddress
import threading
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from misbehaving import Exchange, Site, names, plain, running, to, validated

from pipelines.discover.source import Source
from pipelines.fetch import safety
from pipelines.fetch.archive import Archive
from pipelines.fetch.download import Outcome, fetch_all
from pipelines.fetch.limits import HostLimits, Limits
from pipelines.fetch.safety import IPAddress
from pipelines.fetch.transport import NetworkTransport
from pipelines.fetch.verify import verify

NIGHT = datetime(2026, 3, 31, 2, 0, tzinfo=UTC)
HOSTS = tuple(f"www.host{number:02}.test" for number in range(40))
LOOPBACK = dict.fromkeys((*HOSTS, "slow.test", "dead.test", "busy.test"), HostLimits(loopback=True))
LIMITS = Limits(timeout=60, backoff=0.01, attempts=2, hosts=LOOPBACK)


def sources(site: Site, *places: tuple[str, str]) -> list[Source]:
    return [Source(site.url(host, path), "hangzhou-330100", 2025, "330100") for host, path in places]


def fetch(
    wanted: Sequence[Source],
    archive: Archive,
    limits: Limits = LIMITS,
    *,
    at: datetime = NIGHT,
    state: Path | None = None,
    closed: Sequence[str] = (),
) -> tuple[Outcome, ...]:
    transport = NetworkTransport(limits, resolve=names(dict.fromkeys(closed, ())))
    return fetch_all(wanted, archive, now=lambda: at, limits=limits, transport=transport, state=state)


def documents(pages: int) -> dict[str, object]:
    """A document of its own for each host and page, with validators."""

    async def page(exchange: Exchange) -> None:
        body = (
            f"<html><body><p>{exchange.asked.host}{exchange.asked.path} {'年度报告' * 300}</p></body></html>".encode()
        )
        await validated(body, etag=f'"{exchange.asked.path}"')(exchange)

    async def rules(exchange: Exchange) -> None:
        await validated(b"User-agent: *\nDisallow: /admin/\n", etag='"rules"')(exchange)

    return {f"/{number}.html": page for number in range(pages)} | {"/robots.txt": rules}


def test_two_thousand_pages_on_forty_hosts(tmp_path: Path) -> None:
    limits = replace(LIMITS, rate=10, burst=4)
    archive = Archive(tmp_path)
    places = [(host, f"/{number}.html") for number in range(50) for host in HOSTS]
    with running(Site(documents(50))) as site:
        outcomes = fetch(sources(site, *places), archive, limits)
    assert {outcome.kind for outcome in outcomes} == {"new"}
    assert archive.urls() == tuple(sorted(outcome.source.url for outcome in outcomes))
    times: defaultdict[str, list[float]] = defaultdict(list)
    for one in site.asked:
        times[one.host].append(one.at)
    assert {host: len(found) for host, found in times.items()} == dict.fromkeys(HOSTS, 51)
    for found in times.values():
        keeps_to(limits, found)
    # All hosts are busy at once: each was still being asked when the last of them began.
    assert max(found[0] for found in times.values()) < min(found[-1] for found in times.values())


def keeps_to(limits: Limits, times: list[float]) -> None:
    """No stretch of requests is faster than the rate, the burst aside; a request can only arrive late, never early."""
    for window in (10, len(times) - 1):
        for begin, end in zip(times, times[window:], strict=False):
            least = (window + 1 - limits.burst) / limits.rate
            assert end - begin > least * 0.7, (window, end - begin, least)


def snapshot(archive: Archive) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in archive.root.rglob("*") if path.is_file()}


def test_a_second_night_without_changes_transfers_no_bodies_and_writes_nothing(tmp_path: Path) -> None:
    limits = replace(LIMITS, rate=float("inf"))
    archive, state = Archive(tmp_path / "archive"), tmp_path / "state"
    places = [(host, f"/{number}.html") for number in range(5) for host in HOSTS]
    with running(Site(documents(5))) as site:
        wanted = sources(site, *places)
        first = fetch(wanted, archive, limits, state=state)
        before, sent = snapshot(archive), site.body_bytes
        site.asked.clear()
        second = fetch(wanted, archive, limits, at=NIGHT + timedelta(days=1, hours=1), state=state)
        assert site.body_bytes == sent  # those of robots.txt included
        assert len(site.asked) == len(places) + len(HOSTS)
        site.asked.clear()
        third = fetch(wanted, archive, limits, at=NIGHT + timedelta(days=1, hours=2), state=state)
        assert site.body_bytes == sent
        assert len(site.asked) == len(places)  # rules are kept for a day
    assert {outcome.kind for outcome in first} == {"new"}
    assert {outcome.kind for outcome in (*second, *third)} == {"unchanged"}
    assert [outcome.capture for outcome in second] == [outcome.capture for outcome in first]
    assert snapshot(archive) == before
    assert verify(archive).is_sound


def test_all_hosts_are_asked_at_once(tmp_path: Path) -> None:
    """Nobody gets an answer before everyone is asking: no order of hosts could do that one after the other."""
    waiting: set[str] = set()
    everyone = asyncio.Event()

    async def page(exchange: Exchange) -> None:
        waiting.add(exchange.asked.host)
        if len(waiting) == len(HOSTS):
            everyone.set()
        await everyone.wait()
        await exchange.answer(200, b"<p>report</p>")

    with running(Site({"/a": page, "/b": page})) as site:
        wanted = sources(site, *((host, path) for host in HOSTS for path in ("/a", "/b")))
        outcomes = fetch(wanted, Archive(tmp_path), replace(LIMITS, concurrency=len(HOSTS)))
    assert {outcome.kind for outcome in outcomes} == {"new"}


def test_never_more_at_once_than_allowed(tmp_path: Path) -> None:
    under_way: dict[str, int] = defaultdict(int)
    most: dict[str, int] = defaultdict(int)
    most_overall = 0

    async def page(exchange: Exchange) -> None:
        nonlocal most_overall
        host = exchange.asked.host
        under_way[host] += 1
        most[host] = max(most[host], under_way[host])
        most_overall = max(most_overall, sum(under_way.values()))
        for _ in range(5):
            await asyncio.sleep(0)
        under_way[host] -= 1
        await exchange.answer(200, b"<p>report</p>")

    pages = {f"/{number}": page for number in range(10)}
    limits = replace(LIMITS, rate=float("inf"), per_host=3, concurrency=7)
    with running(Site(pages)) as site:
        fetch(sources(site, *((host, path) for host in HOSTS[:5] for path in pages)), Archive(tmp_path), limits)
    assert max(most.values()) <= 3
    assert most_overall <= 7


def test_two_runs_at_once_keep_to_the_limits_of_one(tmp_path: Path) -> None:
    under_way, most = 0, 0

    async def page(exchange: Exchange) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        for _ in range(20):
            await asyncio.sleep(0)
        under_way -= 1
        await exchange.answer(200, b"<p>report</p>")

    limits = replace(LIMITS, rate=float("inf"), per_host=1)
    places = [(HOSTS[0], f"/{number}") for number in range(20)]
    with running(Site({path: page for _, path in places})) as site, ThreadPoolExecutor(2) as threads:
        wanted = sources(site, *places)
        nights = [
            threads.submit(fetch, wanted[half::2], Archive(tmp_path / "archive"), limits, state=tmp_path / "state")
            for half in range(2)
        ]
        assert {one.kind for night in nights for one in night.result()} == {"new"}
    assert most == 1


def test_a_host_that_does_not_answer_holds_up_nobody(tmp_path: Path) -> None:
    """The slow host answers only after all others are done, though there are fewer places than it has pages."""
    done = threading.Event()

    async def slow(exchange: Exchange) -> None:
        while not done.is_set():
            await asyncio.sleep(0.01)
        await exchange.answer(200, b"<p>late</p>")

    pages = {f"slow.test/{number}": slow for number in range(20)} | {"/a": plain(b"<p>report</p>")}
    limits = replace(LIMITS, concurrency=8)
    others: list[str] = []

    def progress(_: Source, outcome: Outcome) -> None:
        others.append(outcome.kind)
        if len(others) == 20:
            done.set()

    with running(Site(pages)) as site:
        wanted = sources(site, *((place[:9], place[9:]) for place in pages if place != "/a"))
        wanted += sources(site, *((host, "/a") for host in HOSTS[:20]))
        outcomes = fetch_all(
            wanted,
            Archive(tmp_path),
            now=lambda: NIGHT,
            limits=replace(limits, hosts=LOOPBACK | {"slow.test": HostLimits(loopback=True, rate=float("inf"))}),
            transport=NetworkTransport(limits, resolve=names({})),
            progress=progress,
        )
    assert {outcome.kind for outcome in outcomes} == {"new"}


# --- hosts that fail ---------------------------------------------------------------------------------------------


def test_a_dead_host_is_left_alone_and_the_rest_goes_on(tmp_path: Path) -> None:
    archive, state = Archive(tmp_path / "archive"), tmp_path / "state"
    limits = replace(LIMITS, rest=3600, rate=float("inf"))
    pages = {"/a": plain(b"<p>report</p>")} | {f"/{number}": plain(b"<p>back</p>") for number in range(30)}
    resolved: list[str] = []

    def night(minutes: int, *, is_dead: bool) -> list[str | None]:
        known = names({"dead.test": ()} if is_dead else {})

        async def resolve(host: str, port: int) -> Sequence[IPAddress]:
            resolved.append(host)
            return await known(host, port)

        wanted = sources(site, *(("dead.test", f"/{number}") for number in range(30)), (HOSTS[0], "/a"))
        at = NIGHT + timedelta(minutes=minutes)
        transport = NetworkTransport(limits, resolve=resolve)
        outcomes = fetch_all(wanted, archive, now=lambda: at, limits=limits, transport=transport, state=state)
        reasons.extend(str(one.reason) for one in outcomes)
        return [one.problem for one in outcomes]

    reasons: list[str] = []
    with running(Site(pages)) as site:
        assert night(0, is_dead=True) == ["unreachable"] * 30 + [None]
        assert resolved.count("dead.test") == limits.attempts  # for its robots.txt, and never again
        resolved.clear()
        reasons.clear()
        assert night(59, is_dead=False) == ["circuit_open"] * 30 + [None]
        assert "2026-03-31 03:00 UTC" in reasons[0]
        assert resolved == [HOSTS[0]]
        assert night(61, is_dead=False) == [None] * 31


def test_names_that_nobody_answers_for_hold_up_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system takes long to give such a name up, and until then the look-up cannot be called back."""
    over = threading.Event()

    def look_up(host: str, _: int) -> list[IPAddress]:
        if host.startswith("silent"):
            over.wait()
            raise OSError("no such name")
        return [ipaddress.ip_address("127.0.0.1")]

    monkeypatch.setattr(safety, "_look_up", look_up)
    silent = [f"silent{number}.test" for number in range(40)]
    limits = replace(LIMITS, concurrency=64, timeout=20, attempts=1, rate=float("inf"))
    answered: list[str] = []

    def progress(source: Source, outcome: Outcome) -> None:
        answered.append(outcome.kind)
        over.set()

    try:
        with running(Site({"/a": plain(b"<p>report</p>")})) as site:
            wanted = sources(site, *((host, "/a") for host in silent), (HOSTS[0], "/a"))
            fetch_all(wanted, Archive(tmp_path), now=lambda: NIGHT, limits=limits, progress=progress)
    finally:
        over.set()
    assert answered[0] == "new"  # the one that has a name is done before any of the others is given up
    assert answered[1:] == ["failed"] * 40


def test_a_host_without_a_name_costs_no_request(tmp_path: Path) -> None:
    with running(Site({})) as site:
        wanted = sources(site, *(("nowhere.test", f"/{number}") for number in range(5)))
        outcomes = fetch(wanted, Archive(tmp_path), closed=["nowhere.test"])
        assert site.asked == []
    assert {one.problem for one in outcomes} == {"unreachable"}


def test_a_host_that_fails_again_and_again_is_asked_no_more(tmp_path: Path) -> None:
    limits = replace(LIMITS, failures=3, attempts=2, per_host=1, rate=float("inf"))
    with running(Site({"dead.test": plain(b"", 500), "/robots.txt": plain(b"")})) as site:
        wanted = sources(site, *(("dead.test", f"/{number}") for number in range(20)))
        outcomes = fetch(wanted, Archive(tmp_path), limits)
        asked = len(site.documents())
    problems = [one.problem for one in outcomes]
    # With one request at a time, all of them try once before any tries again; what is under way is not called back.
    assert set(problems) == {"server_error", "circuit_open"}
    assert asked < 2 * len(wanted)


def test_a_host_that_asks_for_a_long_pause_gets_it(tmp_path: Path) -> None:
    state = tmp_path / "state"
    archive = Archive(tmp_path / "archive")
    with running(Site({"busy.test/a": plain(b"", 503, Retry_After="7200"), "/b": plain(b"<p>report</p>")})) as site:
        (first,) = fetch(sources(site, ("busy.test", "/a")), archive, state=state)
        site.asked.clear()
        (second,) = fetch(sources(site, ("busy.test", "/b")), archive, at=NIGHT + timedelta(hours=1), state=state)
        assert site.asked == []
        (third,) = fetch(sources(site, ("busy.test", "/b")), archive, at=NIGHT + timedelta(hours=3), state=state)
    assert [one.problem for one in (first, second, third)] == ["server_error", "circuit_open", None]


# --- robots.txt --------------------------------------------------------------------------------------------------


def test_robots_txt_of_every_host_on_the_way_counts(tmp_path: Path) -> None:
    pages = {
        f"{HOSTS[0]}/a": to(f"http://{HOSTS[1]}:{{port}}/private/a"),
        f"{HOSTS[1]}/robots.txt": plain(b"User-agent: *\nDisallow: /private/\nAllow: /private/open"),
        f"{HOSTS[1]}/private/a": plain(b"<p>report</p>"),
        f"{HOSTS[1]}/private/open.html": plain(b"<p>report</p>"),
    }
    with running(Site(pages)) as site:
        outcomes = fetch(sources(site, (HOSTS[0], "/a"), (HOSTS[1], "/private/open.html")), Archive(tmp_path))
        assert "/private/a" not in {one.path for one in site.asked}
    assert [one.problem for one in outcomes] == ["robots", None]


@pytest.mark.parametrize(
    "robots",
    [
        plain(b"<html><body><p>User-agent: * Disallow: /</p></body></html>"),
        plain(b"", 403),
        plain(b"", 404),
        plain(b"<script>document.cookie='__jsl_clearance=1'</script>", 521),
        plain(b""),
        to("/robots.txt"),
    ],
)
def test_without_rules_everything_is_allowed(tmp_path: Path, robots: object) -> None:
    with running(Site({"/robots.txt": robots, "/a": plain(b"<p>report</p>")})) as site:
        (outcome,) = fetch(sources(site, (HOSTS[0], "/a")), Archive(tmp_path), replace(LIMITS, rate=float("inf")))
    assert outcome.kind == "new"


def test_a_crawl_delay_is_kept_to(tmp_path: Path) -> None:
    pages = {f"/{number}": plain(b"<p>report</p>") for number in range(4)}
    rules = {"/robots.txt": plain(b"User-agent: *\nCrawl-delay: 0.2\n")}
    with running(Site(pages | rules)) as site:
        fetch(
            sources(site, *((HOSTS[0], path) for path in pages)), Archive(tmp_path), replace(LIMITS, rate=float("inf"))
        )
        times = [one.at for one in site.documents()]
    assert all(later - earlier > 0.1 for earlier, later in pairwise(times))
