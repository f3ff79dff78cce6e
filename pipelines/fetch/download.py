"""From sources to archived bytes: the downloader.

Belongs here: asking for addresses in parallel, following where they lead, trying again, and saying what became of
each. Does not: choosing what to fetch, and judging what the bytes mean. What is polite, safe or a document at all
is told by the modules beside this one.

What one source does never stops the others: an address that cannot be had is an outcome, with its reason.
Only what concerns the whole run, such as a full disk, is raised.
"""

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal, TypeVar

import httpx

from pipelines.discover.source import Source
from pipelines.fetch import answers, bodies
from pipelines.fetch.answers import Answer
from pipelines.fetch.archive import Archive, ArchiveError, Capture
from pipelines.fetch.circuits import Circuits
from pipelines.fetch.limits import Limits, default_limits
from pipelines.fetch.politeness import Clock, Turns, backoff, retry_after
from pipelines.fetch.problems import OF_THE_HOST, FetchFailed, Passing, Problem
from pipelines.fetch.robots import MOST, Found, Robots, rules_text
from pipelines.fetch.safety import check_url
from pipelines.fetch.transport import OLD_TLS, NetworkTransport, failed_certificate, failed_handshake
from warehouse.files import is_locked, locked

__all__ = ["Kind", "Limits", "Outcome", "Progress", "fetch_all", "user_agent"]

Kind = Literal["new", "changed", "unchanged", "failed"]
Progress = Callable[[Source, "Outcome"], None]
Examine = Callable[[Answer], str | None]
Result = TypeVar("Result")

KEPT_HEADERS = frozenset(
    {
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-length",
        "content-location",
        "content-type",
        "date",
        "etag",
        "last-modified",
        "server",
        "transfer-encoding",
    }
)
"""Response headers kept with a capture: what says when it changed, what the server took it for, and who answered."""

ACCEPT = "text/html,application/xhtml+xml,application/pdf,application/msword,*/*;q=0.8"
LANGUAGE = "zh-CN,zh;q=0.9,en;q=0.5"

_LOG = logging.getLogger("gongkai")
_REDIRECTS = 10
_REDIRECT_STATUS = frozenset({301, 302, 303, 307, 308})
_LONGEST_CONNECT = 15.0
_DISK_THREADS = 16
_NO_ANSWER: frozenset[Problem] = OF_THE_HOST | {"certificate", "private_address"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one source.

    Args:
        source: the source asked for.
        kind: `new` for the first bytes of an address, `changed` for other bytes than before, `unchanged`, or
            `failed`.
        capture: the archive's newest version of it; None where it never was fetched.
        reason: why it failed; None otherwise.
        problem: which case of failure it is, a code of `pipelines.fetch.problems`; None otherwise.
        received: bytes of documents that were transferred for it, none for one that is unmodified (304). Of sources
            that share an address the first one has them.
    """

    source: Source
    kind: Kind
    capture: Capture | None
    reason: str | None = None
    problem: Problem | None = None
    received: int = 0


@cache
def user_agent(contact: str = "") -> str:
    """The name the downloader goes by: what it is, which version, what it is for, and whom to ask about it."""
    try:
        number = version("gongkai")
    except PackageNotFoundError:  # run from a source tree that was never installed
        number = "0"
    return f"gongkai/{number} (+open data on government transparency{f'; {contact}' if contact else ''})"


def fetch_all(
    sources: Sequence[Source],
    archive: Archive,
    *,
    now: Callable[[], datetime],
    progress: Progress | None = None,
    limits: Limits | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    state: Path | None = None,
    examine: Examine = answers.examine,
) -> tuple[Outcome, ...]:
    """Fetch `sources` into `archive`; return one outcome a source, in their order.

    An address that several sources share is asked for once. One fetched before is asked for conditionally,
    so an unchanged document costs a 304 and writes nothing.

    Args:
        sources: what to fetch.
        archive: where to keep it.
        now: gives the time of retrieval, with a time zone.
        progress: called once a source, as soon as its outcome is known.
        limits: how hard and how long to try; `default_limits` where None.
        transport: carries the requests instead of `NetworkTransport`, and answers for where it connects to; used
            up by the call.
        state: folder for what is remembered between runs of hosts (robots.txt, failures); nothing where None. Of
            several processes with the same folder one fetches at a time.
        examine: accepts what may be archived, or says where a page leads; see `answers`.

    Raises:
        OSError: the archive cannot be written.
    """
    with _alone(state):
        return asyncio.run(
            _fetch_all(sources, archive, now, progress, limits or default_limits(), transport, state, examine)
        )


@contextmanager
def _alone(state: Path | None) -> Iterator[None]:
    """Wait until no other process is fetching: each would keep to the hosts' rates, but not both together."""
    if state is None:
        yield
        return
    turn = state / "turn"
    turn.mkdir(parents=True, exist_ok=True)
    if is_locked(turn):
        _LOG.warning("another run on this home is fetching: waiting until it is done")
    with locked(turn):
        yield


async def _fetch_all(
    sources: Sequence[Source],
    archive: Archive,
    now: Callable[[], datetime],
    progress: Progress | None,
    limits: Limits,
    transport: httpx.AsyncBaseTransport | None,
    state: Path | None,
    examine: Examine,
) -> tuple[Outcome, ...]:
    sharing: defaultdict[str, list[int]] = defaultdict(list)
    for position, source in enumerate(sources):
        sharing[source.url].append(position)
    outcomes: dict[int, Outcome] = {}

    with ThreadPoolExecutor(_DISK_THREADS, thread_name_prefix="fetch") as threads:
        async with aclosing(transport or NetworkTransport(limits)) as carrier:
            run = _Run(carrier, archive, now, limits, state, threads, [_host(url) for url in sharing], examine)

            async def one(url: str, positions: list[int]) -> None:
                kind, capture, failure = await run.fetch(url)
                run.turns.finished(_host(url))
                for position in positions:
                    reason, problem = (str(failure), failure.problem) if failure else (None, None)
                    received = run.received.pop(url, 0)
                    outcome = Outcome(sources[position], kind, capture, reason, problem, received)
                    outcomes[position] = outcome
                    if progress is not None:
                        progress(outcome.source, outcome)

            tasks = [asyncio.create_task(one(url, positions)) for url, positions in sharing.items()]
            try:
                await asyncio.gather(*tasks)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                run.circuits.save()
    return tuple(outcomes[position] for position in range(len(sources)))


class _Run:
    """What all sources of one call share: the connections, the turns, and what is known of hosts."""

    def __init__(
        self,
        transport: httpx.AsyncBaseTransport,
        archive: Archive,
        now: Callable[[], datetime],
        limits: Limits,
        state: Path | None,
        threads: ThreadPoolExecutor,
        hosts: Sequence[str],
        examine: Examine,
    ) -> None:
        self._transport = transport
        self._examine = examine
        self._archive = archive
        self._now = now
        self._limits = limits
        self._threads = threads
        self._clock = Clock()
        self.received: Counter[str] = Counter()
        self.turns = Turns(limits, self._clock, hosts)
        self._robots = Robots(self._ask_robots, self.turns.space_out, state, now, limits.longest_wait)
        self.circuits = Circuits(state, limits, now)

    # --- a source -------------------------------------------------------------------------------------------

    async def fetch(self, url: str) -> tuple[Kind, Capture | None, FetchFailed | None]:
        """Fetch one address; what became of it, the newest version, and why it failed."""
        try:
            before = await self._in_thread(self._archive.latest, url)
        except ArchiveError as error:
            return "failed", None, FetchFailed("damaged", str(error))
        try:
            capture = await self._try(lambda: self._follow(url, self._known(before)))
        except FetchFailed as failure:
            if failure.problem in OF_THE_HOST and failure.host:
                self.circuits.failed(failure.host, str(failure))
            return "failed", before, failure
        except ArchiveError as error:
            return "failed", before, FetchFailed("damaged", str(error))
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001 - one source must never take the night's run with it
            described = f"{type(error).__name__}: {error}"
            bug = f"{url}: {described}; this is a bug, please report it with the address"
            return "failed", before, FetchFailed("internal", bug)
        if before is None:
            return "new", capture, None
        return ("unchanged" if capture.sha256 == before.sha256 else "changed"), capture, None

    def _known(self, before: Capture | None) -> Capture | None:
        """The version to ask conditionally for; None to have the bytes sent in any case."""
        # Without the bytes in hand, "not modified" would leave us with nothing.
        if before is None or not self._archive.holds(before.sha256):
            return None
        # A server that goes by the date alone never tells of bytes that changed under the same date.
        # By the calendar: nights that begin a little earlier or later than the one before leave out no day.
        days = (self._now().astimezone(UTC).date() - before.retrieved_at.date()).days
        is_due = self._limits.recheck_days > 0 and days > 0 and days % self._limits.recheck_days == 0
        return None if is_due else before

    async def _try(self, attempt: Callable[[], Awaitable[Result]]) -> Result:
        """Try, and again after a growing wait where the failure may pass; raises the last FetchFailed."""
        tries = 1
        while True:
            try:
                return await attempt()
            except Passing as passing:
                if passing.wait > self._limits.longest_wait:
                    self._leave_alone(passing)
                    raise
                if tries >= self._limits.attempts:
                    raise FetchFailed(passing.problem, f"{passing} (tried {tries} times)", passing.host) from passing
                if passing.wait and passing.host:
                    self.turns.pause(passing.host, passing.wait)  # it asks for all its pages, not for this one
            await self._clock.sleep(backoff(self._limits.backoff, tries))
            tries += 1

    def _leave_alone(self, passing: Passing) -> None:
        if passing.host:
            self.circuits.rest(passing.host, passing.wait, f"it asked to wait for {passing.wait:g} s ({passing})")

    # --- from address to address ----------------------------------------------------------------------------

    async def _follow(self, url: str, known: Capture | None) -> Capture:
        """One attempt at `url`, through its redirects; the known capture where the server says it still holds."""
        at = _parsed(url)
        hops: list[str] = []

        async def keep(answer: Answer) -> Capture | httpx.URL:
            if answer.status == HTTPStatus.NOT_MODIFIED and known is not None:
                return known
            self.received[url] += len(answer.content)
            return await self._in_thread(self._judge_and_keep, url, answer, tuple(hops[1:-1]))

        for _ in range(_REDIRECTS + 1):
            if str(at) in hops:
                raise FetchFailed("redirect_loop", f"{url} redirects in a circle ({at}); correct it in the catalogue")
            hops.append(str(at))
            self._check(at)
            await self._robots.check(at)
            step = await self._request(at, _conditions(at, known), keep)
            if isinstance(step, Capture):
                return step
            at = step
        raise FetchFailed("redirect_loop", f"{url} redirects more than {_REDIRECTS} times; correct it in the catalogue")

    def _check(self, at: httpx.URL) -> None:
        check_url(at, self._limits.opens_loopback)
        self.circuits.check(at.host)

    def _judge_and_keep(self, url: str, answer: Answer, hops: tuple[str, ...]) -> Capture | httpx.URL:
        target = self._examine(answer)
        if target is not None:
            return _joined(httpx.URL(answer.url), target)
        return self._archive.add(
            url,
            answer.content,
            retrieved_at=self._now(),
            final_url=answer.url,
            status=answer.status,
            headers=_kept(answer.headers),
            hops=hops,
            request=answer.request,
            tls=answer.tls,
            address=answer.address,
        )

    async def _ask_robots(self, place: httpx.URL, known: Found | None) -> Found:
        """Get a robots.txt; a host that cannot be reached for it is left alone."""
        try:
            return await self._try(lambda: self._follow_robots(place, known))
        except FetchFailed as failure:
            if failure.problem in OF_THE_HOST - {"server_error"} and failure.host:
                self.circuits.rest(failure.host, self._limits.rest, str(failure))
            raise

    async def _follow_robots(self, place: httpx.URL, known: Found | None) -> Found:
        conditions = {}
        if known is not None:
            conditions = _validators(known.etag, known.last_modified)

        async def use(answer: Answer) -> Found:
            if answer.status == HTTPStatus.NOT_MODIFIED and known is not None:
                return Found(known.text, known.etag, known.last_modified, self._now())
            return Found(rules_text(answer.content), answer.header("etag"), answer.header("last-modified"), self._now())

        at = place
        for _ in range(_REDIRECTS):
            self._check(at)
            step = await self._request(at, conditions if at == place else {}, use, most=MOST)
            if isinstance(step, Found):
                return step
            at = step
        raise FetchFailed("redirect_loop", f"{place} redirects more than {_REDIRECTS} times")

    # --- one request ----------------------------------------------------------------------------------------

    async def _request(
        self,
        at: httpx.URL,
        conditions: dict[str, str],
        use: Callable[[Answer], Awaitable[Result]],
        *,
        most: int | None = None,
    ) -> Result | httpx.URL:
        """Send one request in the host's turn; what `use` makes of its answer, or where it redirects to.

        The turn lasts until the answer is used, so that no more documents are in memory than requests are allowed.
        Only the first `most` bytes are taken, if given.

        Raises:
            FetchFailed: with the host that is to blame.
        """
        async with self.turns.turn(at.host, lambda: self.circuits.check(at.host)):
            try:
                answer = await self._in_time(at, conditions, most)
                result = answer if isinstance(answer, httpx.URL) else await use(answer)
            except FetchFailed as failure:
                failure.host = failure.host or at.host
                if failure.problem not in _NO_ANSWER:
                    self.circuits.answered(at.host)
                raise
            self.circuits.answered(at.host)
            return result

    async def _in_time(self, at: httpx.URL, conditions: dict[str, str], most: int | None) -> Answer | httpx.URL:
        try:
            async with asyncio.timeout(self._limits.deadline):
                return await self._answer(at, conditions, most)
        except (OSError, httpx.HTTPError, httpx.InvalidURL) as error:  # OSError: also asyncio's and ssl's own
            raise _failure(at, error, self._limits) from error

    async def _answer(self, at: httpx.URL, conditions: dict[str, str], most: int | None) -> Answer | httpx.URL:
        request = httpx.Request(
            "GET",
            at,
            headers={
                "User-Agent": user_agent(self._limits.contact),
                "Accept": ACCEPT,
                "Accept-Encoding": bodies.ACCEPTED,
                "Accept-Language": LANGUAGE,
                **conditions,
            },
            extensions={"timeout": _timeouts(self._limits)},
        )
        response = await self._transport.handle_async_request(request)
        response.request = request
        try:
            return await self._read(response, most)
        finally:
            await response.aclose()

    async def _read(self, response: httpx.Response, most: int | None) -> Answer | httpx.URL:
        at = response.request.url
        status = response.status_code
        if status == HTTPStatus.OK and most is None:
            content = await bodies.body(response, most=self._limits.max_bytes, ratio=self._limits.max_ratio)
        else:
            # Also what is not looked at is read, within reason: the connection can then be used again.
            content = await bodies.opening(response, most or answers.OPENING)
        if status in _REDIRECT_STATUS and "location" in response.headers:
            target = _joined(at, _location(response))
            if answers.is_cookie_challenge(at, target, response.headers):
                raise FetchFailed("challenged", f"{at}: it redirects to itself with a cookie, an anti-bot check")
            return target
        answer = _answer_of(response, content)
        is_conditional = bool({"if-none-match", "if-modified-since"} & request_names(response))
        if status == HTTPStatus.OK or (status == HTTPStatus.NOT_MODIFIED and is_conditional):
            return answer
        raise answers.refusal(answer, retry_after(response.headers, self._now()))

    async def _in_thread(self, do: Callable[..., Result], *arguments: object) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: do(*arguments))


def request_names(response: httpx.Response) -> set[str]:
    """Lower-case names of the headers that asked for an answer."""
    return {name.lower() for name in response.request.headers}


def _parsed(url: str) -> httpx.URL:
    try:
        return httpx.URL(url)
    except httpx.InvalidURL as error:
        raise FetchFailed("bad_address", f"{url} is no address ({error}); correct it in the catalogue") from error


def _host(url: str) -> str:
    """The host of an address; empty where it is none."""
    try:
        return httpx.URL(url).host
    except httpx.InvalidURL:
        return ""


def _joined(at: httpx.URL, target: str) -> httpx.URL:
    try:
        return at.join(target.strip()).copy_with(fragment=None)
    except (httpx.InvalidURL, ValueError) as error:
        raise FetchFailed("bad_address", f"{at} leads to {target!r}, which is no address ({error})") from error


def _location(response: httpx.Response) -> str:
    """The Location header; bytes beyond ASCII, which servers send unescaped, are escaped as they are."""
    raw = next(value for name, value in response.headers.raw if name.lower() == b"location")
    return "".join(chr(byte) if 0x20 < byte < 0x7F else f"%{byte:02X}" for byte in raw.strip())


def _conditions(at: httpx.URL, known: Capture | None) -> dict[str, str]:
    """Conditional headers, at the address that gave the known bytes: validators mean nothing elsewhere."""
    if known is None or str(at) != known.final_url:
        return {}
    return _validators(known.header("etag"), known.header("last-modified"))


def _validators(etag: str | None, last_modified: str | None) -> dict[str, str]:
    # Not both: a server that looks at the date first would hide bytes that changed under the same date.
    if etag:
        return {"If-None-Match": etag}
    return {"If-Modified-Since": last_modified} if last_modified else {}


def _kept(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple({name: value for name, value in headers if name in KEPT_HEADERS}.items())


def _answer_of(response: httpx.Response, content: bytes) -> Answer:
    stream = response.extensions.get("network_stream")
    secured = stream.get_extra_info("ssl_object") if stream is not None else None
    peer = stream.get_extra_info("server_addr") if stream is not None else None
    tls = secured.version() if secured is not None else None
    return Answer(
        url=str(response.request.url),
        status=response.status_code,
        headers=tuple((name.lower(), value) for name, value in response.headers.multi_items()),
        content=content,
        request=tuple((name.lower(), value) for name, value in response.request.headers.multi_items()),
        tls=f"{tls} old" if tls and OLD_TLS in response.extensions else tls,
        address=peer[0] if peer else None,
    )


def _timeouts(limits: Limits) -> dict[str, float | None]:
    # No limit on waiting for a connection: there are as many as turns.
    connect = min(limits.timeout, _LONGEST_CONNECT)
    return httpx.Timeout(limits.timeout, connect=connect, pool=None).as_dict()


def _failure(at: httpx.URL, error: Exception, limits: Limits) -> FetchFailed:
    """What went wrong on the way to an answer."""
    described = f"{type(error).__name__} {error}".strip()
    match error:
        case httpx.InvalidURL() | httpx.UnsupportedProtocol() | httpx.LocalProtocolError():
            return FetchFailed("bad_address", f"{at}: {error}; correct the address in the catalogue", at.host)
        case httpx.TimeoutException():
            return Passing("timeout", f"{at}: no answer within {limits.timeout:g} s ({described})", at.host)
        case TimeoutError():
            return Passing("timeout", f"{at}: no complete answer within {limits.deadline:g} s", at.host)
        case httpx.ConnectError() if failed_certificate(error):
            return FetchFailed("certificate", f"{at}: {error}; the publisher has to renew it", at.host)
        case httpx.ConnectError() if failed_handshake(error):
            return FetchFailed("tls", f"{at}: no secure connection ({error}); open it in a browser", at.host)
        case httpx.ConnectError():
            return Passing("unreachable", f"{at}: {described}; fetch again later", at.host)
        case httpx.RemoteProtocolError() if _broke_off(error):
            return Passing("truncated", f"{at}: {error}; fetch again later", at.host)
        case httpx.RemoteProtocolError() if not _was_closed(error):
            return FetchFailed("protocol", f"{at}: {error}; open it in a browser", at.host)
        case _:
            return Passing("reset", f"{at}: {described}; fetch again later", at.host)


def _broke_off(error: Exception) -> bool:
    """Whether a body ended before its length or its last chunk; h11 tells it by its message only."""
    return "incomplete" in str(error) or "without sending complete message body" in str(error)


def _was_closed(error: Exception) -> bool:
    """Whether the connection was closed before any answer; httpcore tells it by its message only."""
    return "disconnected without sending" in str(error)
