"""How often a host is asked: a rate and a number of requests under way for each host, and a number overall.

Belongs here: waiting for one's turn, and reading how long a server asks to wait. Does not: what robots.txt allows
(`robots`), and leaving hosts alone that fail (`circuits`).

A request takes a place overall only at the moment it may go out: neither a slow host's queue nor one that is
waiting for its rate holds a place that another host could use.
"""

import asyncio
import math
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pipelines.fetch.limits import Limits, Pace

_INSTANT = 1e-6
"""Seconds that are no waiting: less may not even move a clock."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Time for waiting: seconds that only go forward, and a way to let some pass."""

    seconds: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


class Turns:
    """Turns of requests: at each host by its pace, and overall."""

    def __init__(self, limits: Limits, clock: Clock, hosts: Iterable[str] = ()) -> None:
        """Open all places.

        Args:
            limits: says how many there are, and the pace of each host.
            clock: the time.
            hosts: the host of each source to come; as long as there are many, none has more than its share.
        """
        self._limits = limits
        self._clock = clock
        self._overall = asyncio.Semaphore(limits.concurrency)
        self._lanes: dict[str, _Lane] = {}
        self._unfinished = Counter(hosts)

    @asynccontextmanager
    async def turn(self, host: str, check: Callable[[], None] = lambda: None) -> AsyncIterator[None]:
        """Wait for a turn at `host`, and hold its place until left.

        Args:
            host: the host.
            check: raises where it is no longer wanted; called before waiting and when the turn has come, so that a
                queue for a host that failed meanwhile is gone at once.
        """
        lane = self._lane(host)
        async with lane.starting:  # one at a time: who waits here sees what those before it used up
            check()
            await self._go(lane, check)
            lane.under_way += 1
        try:
            yield
        finally:
            lane.under_way -= 1
            lane.freed.set()
            self._overall.release()

    async def _go(self, lane: "_Lane", check: Callable[[], None]) -> None:
        while True:
            while lane.under_way >= self._share(lane):
                lane.freed.clear()
                await lane.freed.wait()
            check()
            while wait := lane.wait(self._clock.seconds()):
                await self._clock.sleep(wait)
            await self._overall.acquire()
            now = self._clock.seconds()
            if not lane.wait(now):  # the server may have asked for a pause meanwhile
                lane.spend(now)
                return
            self._overall.release()

    def _share(self, lane: "_Lane") -> int:
        """Requests that may be under way to one host: its pace's, unless other hosts would have none then."""
        return max(1, min(lane.at_once, self._limits.concurrency // max(1, len(self._unfinished))))

    def finished(self, host: str) -> None:
        """Count a source of `host` as done."""
        self._unfinished[host] -= 1
        if self._unfinished[host] <= 0:
            del self._unfinished[host]
            for lane in self._lanes.values():
                lane.freed.set()

    def pause(self, host: str, seconds: float) -> None:
        """Let no request go out to `host` for so long: it asked for that."""
        lane = self._lane(host)
        lane.closed_until = max(lane.closed_until, self._clock.seconds() + seconds)

    def space_out(self, host: str, seconds: float) -> None:
        """Let at least so long pass between requests to `host`: its robots.txt asks for that."""
        lane = self._lane(host)
        lane.rate = min(lane.rate, 1 / seconds)
        lane.burst = 1

    def _lane(self, host: str) -> "_Lane":
        if host not in self._lanes:
            self._lanes[host] = _Lane.of(self._limits.pace(host), self._clock.seconds())
        return self._lanes[host]


@dataclass(slots=True)
class _Lane:
    """Requests to one host: a bucket that fills at the rate, up to the burst, and of which each request takes one."""

    at_once: int
    rate: float
    burst: int
    ready: float
    at: float
    closed_until: float = -math.inf
    under_way: int = 0
    starting: asyncio.Lock = field(default_factory=asyncio.Lock)
    freed: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    def of(cls, pace: Pace, now: float) -> "_Lane":
        return cls(pace.at_once, pace.rate, pace.burst, pace.burst, now)

    def wait(self, now: float) -> float:
        """Seconds until the next request may go out; 0 where it may now."""
        closed = self.closed_until - now
        empty = 0 if math.isinf(self.rate) else (1 - self._filled(now)) / self.rate
        longest = max(closed, empty)
        return longest if longest > _INSTANT else 0

    def spend(self, now: float) -> None:
        """Count a request that goes out now."""
        if not math.isinf(self.rate):
            self.ready, self.at = self._filled(now) - 1, now

    def _filled(self, now: float) -> float:
        return min(self.burst, self.ready + (now - self.at) * self.rate)


def backoff(first: float, tries: int) -> float:
    """Seconds to wait after so many tries: doubling from `first`, each by up to half longer or shorter.

    What failed together must not come back together.
    """
    return first * 2.0 ** (tries - 1) * random.uniform(0.5, 1.5)  # noqa: S311 - no secret


def retry_after(headers: Mapping[str, str], now: datetime) -> float:
    """Seconds that a server asks to wait with Retry-After (RFC 9110, 10.2.3); 0 where it does not.

    A date is taken by the server's own clock, where the answer tells it.
    """
    value = headers.get("retry-after", "").strip()
    if value.isdecimal():
        return float(value)
    until = _date(value)
    if until is None:
        return 0
    return max(0, (until - (_date(headers.get("date", "")) or now)).total_seconds())


def _date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)
