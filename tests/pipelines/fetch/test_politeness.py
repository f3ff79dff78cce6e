import asyncio
import math
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.fetch.limits import HostLimits, Limits
from pipelines.fetch.politeness import Clock, Turns, backoff, retry_after

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


class Time:
    """A clock that moves on only when someone sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def clock(self) -> Clock:
        return Clock(lambda: self.now, self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


def moments(limits: Limits, requests: int, host: str = "www.example.cn") -> list[float]:
    """When so many requests to one host go out, in seconds from the first."""
    time = Time()
    gone: list[float] = []

    async def one(turns: Turns) -> None:
        async with turns.turn(host):
            gone.append(time.now)

    async def all_of_them() -> None:
        turns = Turns(limits, time.clock())
        await asyncio.gather(*(one(turns) for _ in range(requests)))

    asyncio.run(all_of_them())
    return [moment - gone[0] for moment in gone]


def test_after_a_burst_requests_go_out_at_the_rate() -> None:
    assert moments(Limits(rate=2, burst=3), 6) == pytest.approx([0, 0, 0, 0.5, 1, 1.5])


def test_the_default_is_one_a_second() -> None:
    assert moments(Limits(), 5)[-1] == pytest.approx(2)


@settings(deadline=None)
@given(rate=st.floats(0.1, 50), burst=st.integers(1, 10), requests=st.integers(1, 40))
def test_no_stretch_of_time_has_more_requests_than_rate_and_burst_allow(rate: float, burst: int, requests: int) -> None:
    found = moments(Limits(rate=rate, burst=burst), requests)
    for first in range(len(found)):
        for last in range(first, len(found)):
            assert last - first + 1 <= burst + rate * (found[last] - found[first]) + 1e-6


def test_a_host_can_have_a_pace_of_its_own() -> None:
    limits = Limits(rate=1, burst=1, hosts={"fast.cn": HostLimits(rate=math.inf), "slow.cn": HostLimits(rate=0.1)})
    assert moments(limits, 4, "fast.cn") == [0, 0, 0, 0]
    assert moments(limits, 3, "slow.cn") == pytest.approx([0, 10, 20])
    assert moments(limits, 3) == pytest.approx([0, 1, 2])


def test_a_pause_and_a_delay_that_the_host_asks_for() -> None:
    time = Time()

    async def run() -> list[float]:
        turns = Turns(Limits(rate=math.inf), time.clock())
        turns.pause("a.cn", 7)
        gone = []
        for host in ("b.cn", "a.cn", "a.cn"):
            async with turns.turn(host):
                gone.append(time.now - 100)
        turns.space_out("a.cn", 5)
        for _ in range(3):
            async with turns.turn("a.cn"):
                gone.append(time.now - 100)
        return gone

    assert asyncio.run(run()) == pytest.approx([0, 7, 7, 7, 12, 17])


def test_requests_under_way_are_limited_by_host_and_overall() -> None:
    most: dict[str, int] = {}
    now: dict[str, int] = {}

    async def one(turns: Turns, host: str) -> None:
        async with turns.turn(host):
            for name in (host, "all"):
                now[name] = now.get(name, 0) + 1
                most[name] = max(most.get(name, 0), now[name])
            for _ in range(5):
                await asyncio.sleep(0)
            for name in (host, "all"):
                now[name] -= 1

    async def run() -> None:
        turns = Turns(Limits(rate=math.inf, per_host=2, concurrency=5), Time().clock())
        await asyncio.gather(*(one(turns, f"{number % 4}.cn") for number in range(40)))

    asyncio.run(run())
    assert most == {"0.cn": 2, "1.cn": 2, "2.cn": 2, "3.cn": 2, "all": 5}


def test_many_hosts_share_the_places_until_they_are_few() -> None:
    """Four places and three hosts: one each, so that no host waits because another has two."""
    under_way: list[str] = []

    async def run() -> None:
        hosts = ["a.cn"] * 5 + ["b.cn", "c.cn"]
        turns = Turns(Limits(rate=math.inf, per_host=4, concurrency=4), Time().clock(), hosts)
        release = asyncio.Event()

        async def one(host: str) -> None:
            async with turns.turn(host):
                under_way.append(host)
                await release.wait()

        tasks = [asyncio.create_task(one(host)) for host in hosts]
        for _ in range(20):
            await asyncio.sleep(0)
        assert sorted(under_way) == ["a.cn", "b.cn", "c.cn"]
        turns.finished("b.cn")
        turns.finished("c.cn")
        for _ in range(20):
            await asyncio.sleep(0)
        assert sorted(under_way) == ["a.cn", "a.cn", "b.cn", "c.cn"]
        release.set()
        await asyncio.gather(*tasks)

    asyncio.run(run())
    assert len(under_way) == 7


def test_who_is_no_longer_wanted_leaves_the_queue_without_using_it_up() -> None:
    class Unwanted(Exception):  # noqa: N818
        pass

    def refuse() -> None:
        raise Unwanted

    async def run() -> float:
        time = Time()
        turns = Turns(Limits(rate=1, burst=1), time.clock())
        async with turns.turn("a.cn"):
            pass
        for _ in range(100):
            with pytest.raises(Unwanted):
                async with turns.turn("a.cn", refuse):
                    pass
        async with turns.turn("a.cn"):
            return time.now - 100

    assert asyncio.run(run()) == pytest.approx(1)


def test_a_turn_that_fails_or_is_cancelled_gives_its_place_back() -> None:
    async def run() -> None:
        turns = Turns(Limits(rate=math.inf, per_host=1, concurrency=1), Time().clock())

        async def hold() -> None:
            async with turns.turn("a.cn"):
                await asyncio.Event().wait()

        async def fail() -> None:
            async with turns.turn("b.cn"):
                raise RuntimeError

        holding, waiting = asyncio.create_task(hold()), asyncio.create_task(hold())
        await asyncio.sleep(0.01)
        waiting.cancel()
        holding.cancel()
        await asyncio.gather(holding, waiting, return_exceptions=True)
        for _ in range(3):
            with pytest.raises(RuntimeError):
                await fail()
        async with asyncio.timeout(1), turns.turn("a.cn"):
            pass

    asyncio.run(run())


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"retry-after": "120"}, 120),
        ({"retry-after": " 5 "}, 5),
        ({"retry-after": "-1"}, 0),
        ({"retry-after": "soon"}, 0),
        ({"retry-after": ""}, 0),
        ({"retry-after": "Tue, 31 Mar 2026 12:01:00 GMT"}, 60),
        ({"retry-after": "Tue, 31 Mar 2026 11:00:00 GMT"}, 0),
        ({"retry-after": "Tue, 31 Mar 2026 20:01:00 GMT", "date": "Tue, 31 Mar 2026 20:00:00 GMT"}, 60),
        ({"retry-after": "Tue, 31 Mar 2026 12:01:00"}, 60),
        ({"retry-after": "Tue, 99 Mar 2026 12:01:00 GMT"}, 0),
    ],
)
def test_how_long_a_server_asks_to_wait(headers: Mapping[str, str], seconds: float) -> None:
    assert retry_after(headers, NOON) == seconds


def test_waits_double_and_vary() -> None:
    for tries in range(1, 6):
        waits = {backoff(1, tries) for _ in range(50)}
        assert len(waits) > 1
        assert all(0.5 * 2 ** (tries - 1) <= wait <= 1.5 * 2 ** (tries - 1) for wait in waits)
    assert backoff(0, 3) == 0
