"""What robots.txt allows (RFC 9309): asked for once a run and host, and kept for a day between runs.

Belongs here: reading the rules and what it means not to have them. Does not: sending the request.
"""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx
from protego import Protego

from pipelines.fetch.problems import OF_THE_HOST, FetchFailed, Problem
from pipelines.read import media
from pipelines.read.encoding import decode
from warehouse.files import write_if_changed

TOKEN = "gongkai"  # noqa: S105 - the product token of RFC 9309, by which robots.txt may name this program
MOST = 500 * 1024
"""Bytes of a robots.txt that are read (RFC 9309, 2.5)."""

KEPT = timedelta(hours=24)
"""How long rules are used without asking again (RFC 9309, 2.4)."""

# Without rules everything is allowed, unless the server, or the way to it, fails (RFC 9309, 2.3.1.3 and 2.3.1.4).
_FORBID: frozenset[Problem] = frozenset({"server_error", "rate_limited"})
_RAISE: frozenset[Problem] = (OF_THE_HOST - _FORBID) | {"certificate", "protocol", "circuit_open"}
# The server answered, and has none: that is kept as rules are.
_NONE: frozenset[Problem] = frozenset({"missing", "refused"})


@dataclass(frozen=True, slots=True)
class Found:
    """A robots.txt as it was found: its text, empty where there is none, its validators, and when.

    Args:
        text: the rules.
        etag, last_modified: validators of the answer, empty where it had none.
        at: when it was asked for.
    """

    text: str
    etag: str
    last_modified: str
    at: datetime


Ask = Callable[[httpx.URL, Found | None], Awaitable[Found]]
"""Gets a robots.txt, conditionally where one is known; raises FetchFailed."""


class Robots:
    """The rules of every host asked in a run."""

    def __init__(
        self,
        ask: Ask,
        space_out: Callable[[str, float], None],
        folder: Path | None,
        now: Callable[[], datetime],
        longest_wait: float,
    ) -> None:
        """Set up; nothing is asked yet.

        Args:
            ask: gets a robots.txt.
            space_out: told of a host that asks for so many seconds between requests.
            folder: where rules are kept between runs; None for nowhere.
            now: the time, with a time zone.
            longest_wait: largest Crawl-delay that is kept to, in seconds.
        """
        self._ask = ask
        self._space_out = space_out
        self._folder = folder
        self._now = now
        self._longest_wait = longest_wait
        self._rules: dict[str, asyncio.Task[Protego]] = {}

    async def check(self, url: httpx.URL) -> None:
        """Pass if the rules of the address's host allow it.

        Raises:
            FetchFailed: `robots`, `robots_unreachable`, or why the host cannot be asked at all.
        """
        place = url.copy_with(raw_path=b"/robots.txt", fragment=None)
        task = self._rules.get(str(place))
        if task is None:
            task = self._rules[str(place)] = asyncio.create_task(self._get(place))
        # Shielded: one source that gives up must not take the rules from all others of the host.
        rules = await asyncio.shield(task)
        if not rules.can_fetch(str(url), TOKEN):
            raise FetchFailed("robots", f"{url}: forbidden by {place}; ask the publisher, or drop the source")

    async def _get(self, place: httpx.URL) -> Protego:
        try:
            found = await self._current(place)
        except FetchFailed as failure:
            if failure.problem in _FORBID:
                raise FetchFailed(
                    "robots_unreachable", f"{failure}; without its rules nothing of the host is asked", place.host
                ) from failure
            if failure.problem in _RAISE:
                raise
            found = Found("", "", "", self._now())
            if failure.problem in _NONE:
                self._keep(place, found)
        rules = Protego.parse(found.text)
        delay = rules.crawl_delay(TOKEN)
        if delay:
            self._space_out(place.host, min(float(delay), self._longest_wait))
        return rules

    async def _current(self, place: httpx.URL) -> Found:
        known = self._load(place)
        if known is not None and self._now() - known.at < KEPT:
            return known
        found = await self._ask(place, known)
        self._keep(place, found)
        return found

    def _load(self, place: httpx.URL) -> Found | None:
        if self._folder is None:
            return None
        with suppress(FileNotFoundError, ValueError, TypeError, KeyError):
            facts = json.loads(self._path(self._folder, place).read_bytes())
            return replace(Found(**facts), at=datetime.fromisoformat(facts["at"]))
        return None

    def _keep(self, place: httpx.URL, found: Found) -> None:
        if self._folder is None:
            return
        facts = {
            "text": found.text,
            "etag": found.etag,
            "last_modified": found.last_modified,
            "at": found.at.isoformat(),
        }
        write_if_changed(self._path(self._folder, place), json.dumps(facts, ensure_ascii=False).encode())

    @staticmethod
    def _path(folder: Path, place: httpx.URL) -> Path:
        return folder / "robots" / f"{hashlib.sha256(str(place).encode()).hexdigest()}.json"


def rules_text(content: bytes) -> str:
    """The rules in an answer's bytes; empty for a web page, which servers send in place of a missing file."""
    if media.media_type(content) == media.HTML:
        return ""
    return decode(content)[:MOST].removeprefix("\ufeff")
