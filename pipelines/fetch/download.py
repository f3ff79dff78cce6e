"""From sources to archived bytes: the downloader.

Belongs here: asking for addresses politely and in parallel, and saying what became of each. Does not:
choosing what to fetch, and judging what the bytes mean.

What one source does never stops the others: an address that cannot be had is an outcome, with its reason.
Only what concerns the whole run, such as a full disk, is raised.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

import httpx

from pipelines.discover.source import Source
from pipelines.fetch.archive import Archive, Capture

Kind = Literal["new", "changed", "unchanged", "failed"]
Progress = Callable[[Source, "Outcome"], None]

KEPT_HEADERS = ("content-disposition", "content-type", "etag", "last-modified")
"""Response headers kept with a capture: what says when it changed and what the server took it for."""

_REDIRECTS = 10
_RETRIED_STATUS = frozenset({429, *range(500, 600)})


class FetchFailed(Exception):  # noqa: N818 - the name states the situation
    """An address that could not be had; the message says why and what to do."""


class Refused(FetchFailed):
    """The server answered, but not with the document."""


class Unreachable(FetchFailed):
    """No complete answer came."""


class BadAddress(FetchFailed):
    """The address, or one it redirects to, is nothing that can be asked for."""


class TooLarge(FetchFailed):
    """The document is larger than the limit."""


class Empty(FetchFailed):
    """The answer has no bytes."""


class TooManyRedirects(FetchFailed):
    """The address redirects on and on."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one source.

    Args:
        source: the source asked for.
        kind: `new` for the first bytes of an address, `changed` for other bytes than before, `unchanged`, or
            `failed`.
        capture: the archive's newest version of it; None where it never was fetched.
        reason: why it failed; None otherwise.
    """

    source: Source
    kind: Kind
    capture: Capture | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How hard and how long to try.

    Args:
        concurrency: requests under way at once.
        per_host: of them, to one host.
        timeout: seconds to wait for a connection, and for each piece of an answer.
        deadline: seconds for one attempt at one document, redirects included.
        max_bytes: largest document taken.
        attempts: tries for what may pass: transport errors, 429 and 5xx answers.
        backoff: seconds before the second try; doubles with each further one.
        longest_wait: seconds waited at most where a server names a time with Retry-After.
    """

    concurrency: int = 32
    per_host: int = 4
    timeout: float = 30.0
    deadline: float = 300.0
    max_bytes: int = 64 * 2**20
    attempts: int = 3
    backoff: float = 1.0
    longest_wait: float = 60.0


@dataclass(frozen=True, slots=True)
class _Answer:
    """A complete answer with a document."""

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    content: bytes


class _Passing(Exception):  # noqa: N818 - the name states the situation
    """A failure worth another try; `wait` is how many seconds the server asks to wait."""

    def __init__(self, failure: FetchFailed, wait: float = 0) -> None:
        super().__init__(str(failure))
        self.failure = failure
        self.wait = wait


@dataclass(frozen=True, slots=True)
class _Places:
    """Places for requests under way: overall and by host."""

    overall: asyncio.Semaphore
    per_host: int
    by_host: dict[str, asyncio.Semaphore] = field(default_factory=dict)

    def host(self, url: str) -> asyncio.Semaphore:
        try:
            name = httpx.URL(url).host
        except httpx.InvalidURL as error:
            raise BadAddress(f"{url} is no address ({error}); correct it in the catalogue") from error
        return self.by_host.setdefault(name, asyncio.Semaphore(self.per_host))


def user_agent() -> str:
    """The name the downloader goes by: what it is, which version, what it is for."""
    try:
        number = version("gongkai")
    except PackageNotFoundError:  # run from a source tree that was never installed
        number = "0"
    return f"gongkai/{number} (+open data on government transparency)"


def fetch_all(
    sources: Sequence[Source],
    archive: Archive,
    *,
    now: Callable[[], datetime],
    progress: Progress | None = None,
    limits: Limits | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> tuple[Outcome, ...]:
    """Fetch `sources` into `archive`; return one outcome a source, in their order.

    An address that several sources share is asked for once. One fetched before is asked for conditionally,
    so an unchanged document costs a 304 and writes nothing.

    Args:
        sources: what to fetch.
        archive: where to keep it.
        now: gives the time of retrieval, with a time zone.
        progress: called once a source, as soon as its outcome is known.
        limits: how hard and how long to try; the defaults of `Limits` where None.
        transport: carries the requests instead of plain HTTP; used up by the call.

    Raises:
        OSError: the archive cannot be written.
        ArchiveError: an earlier capture of a source is damaged.
    """
    return asyncio.run(_fetch_all(sources, archive, now, progress, limits or Limits(), transport))


async def _fetch_all(
    sources: Sequence[Source],
    archive: Archive,
    now: Callable[[], datetime],
    progress: Progress | None,
    limits: Limits,
    transport: httpx.AsyncBaseTransport | None,
) -> tuple[Outcome, ...]:
    sharing: defaultdict[str, list[int]] = defaultdict(list)
    for position, source in enumerate(sources):
        sharing[source.url].append(position)
    outcomes: dict[int, Outcome] = {}
    places = _Places(asyncio.Semaphore(limits.concurrency), limits.per_host)

    async with httpx.AsyncClient(
        transport=transport,
        timeout=limits.timeout,
        headers={"User-Agent": user_agent()},
        limits=httpx.Limits(max_connections=limits.concurrency),
    ) as client:

        async def one(url: str, positions: list[int]) -> None:
            kind, capture, reason = await _fetch(client, url, archive, now, limits, places)
            for position in positions:
                outcome = Outcome(sources[position], kind, capture, reason)
                outcomes[position] = outcome
                if progress is not None:
                    progress(outcome.source, outcome)

        await asyncio.gather(*(one(url, positions) for url, positions in sharing.items()))
    return tuple(outcomes[position] for position in range(len(sources)))


async def _fetch(
    client: httpx.AsyncClient,
    url: str,
    archive: Archive,
    now: Callable[[], datetime],
    limits: Limits,
    places: _Places,
) -> tuple[Kind, Capture | None, str | None]:
    before = await asyncio.to_thread(archive.latest, url)
    # Without the bytes in hand, "not modified" would leave us with nothing.
    known = before if before is not None and archive.holds(before.sha256) else None

    async def attempt() -> Capture:
        # The host's place first: waiting for a slow host must not hold a place that another host could use.
        # Archiving keeps the place, so that no more documents are in memory than requests are allowed.
        async with places.host(url), places.overall:
            answer = await _ask(client, url, known, limits)
            if isinstance(answer, Capture):
                return answer
            return await asyncio.to_thread(
                archive.add,
                url,
                answer.content,
                retrieved_at=now(),
                final_url=answer.url,
                status=answer.status,
                headers=answer.headers,
            )

    try:
        capture = await _try(attempt, limits)
    except FetchFailed as failure:
        return "failed", before, str(failure)
    if before is None:
        return "new", capture, None
    return ("unchanged" if capture.sha256 == before.sha256 else "changed"), capture, None


async def _try(attempt: Callable[[], Awaitable[Capture]], limits: Limits) -> Capture:
    """Try, and again after a growing wait where the failure may pass; raises the last FetchFailed."""
    tries = 1
    while True:
        try:
            return await attempt()
        except _Passing as passing:
            if tries >= limits.attempts:
                raise type(passing.failure)(f"{passing.failure} (tried {tries} times)") from passing
            wait = max(limits.backoff * 2 ** (tries - 1), min(passing.wait, limits.longest_wait))
        await asyncio.sleep(wait)
        tries += 1


async def _ask(
    client: httpx.AsyncClient, url: str, known: Capture | None, limits: Limits
) -> _Answer | Capture:
    """One attempt at `url`, through its redirects; the known capture where the server says it still holds.

    Raises FetchFailed, or _Passing for what another try may cure.
    """
    try:
        async with asyncio.timeout(limits.deadline):
            return await _follow(client, url, known, limits)
    except TimeoutError as error:
        raise _Passing(Unreachable(f"{url}: no complete answer within {limits.deadline:g} s")) from error
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError) as error:
        raise BadAddress(f"{url}: {error}; correct the address in the catalogue") from error
    except httpx.RequestError as error:
        described = f"{type(error).__name__} {error}".strip()
        raise _Passing(Unreachable(f"{url}: {described}; fetch again later")) from error


async def _follow(
    client: httpx.AsyncClient, url: str, known: Capture | None, limits: Limits
) -> _Answer | Capture:
    at = httpx.URL(url)
    for _ in range(_REDIRECTS + 1):
        if at.scheme not in {"http", "https"}:
            raise BadAddress(f"{url} leads to {at}, neither http nor https; correct it in the catalogue")
        response = await client.send(
            client.build_request("GET", at, headers=_conditions(at, known)), stream=True
        )
        try:
            if response.next_request is None:
                return await _read(response, url, known, limits)
            at = response.next_request.url
        finally:
            await response.aclose()
    raise TooManyRedirects(f"{url} redirects more than {_REDIRECTS} times; correct it in the catalogue")


def _conditions(at: httpx.URL, known: Capture | None) -> dict[str, str]:
    """Conditional headers, at the address that gave the known bytes: validators mean nothing elsewhere."""
    if known is None or str(at) != known.final_url:
        return {}
    validators = {"If-None-Match": known.header("etag"), "If-Modified-Since": known.header("last-modified")}
    return {name: value for name, value in validators.items() if value}


async def _read(
    response: httpx.Response, url: str, known: Capture | None, limits: Limits
) -> _Answer | Capture:
    status = response.status_code
    answered = f"{url}: the server answered {status} {response.reason_phrase}".strip()
    if status == httpx.codes.NOT_MODIFIED and known is not None and _was_conditional(response.request):
        return known
    if status in _RETRIED_STATUS:
        raise _Passing(Refused(f"{answered}; fetch again later"), _retry_after(response))
    if status != httpx.codes.OK:
        raise Refused(f"{answered}, expected 200; check the address")
    too_large = TooLarge(
        f"{url}: the document is larger than {limits.max_bytes} bytes; raise max_bytes if it is the report"
    )
    if _count(response.headers.get("content-length")) > limits.max_bytes:
        raise too_large
    content = bytearray()
    async for piece in response.aiter_bytes():
        content += piece
        if len(content) > limits.max_bytes:
            raise too_large
    if not content:
        raise Empty(f"{url}: the answer has no bytes; open the address in a browser")
    headers = tuple((name, response.headers[name]) for name in KEPT_HEADERS if name in response.headers)
    return _Answer(str(response.url), status, headers, bytes(content))


def _was_conditional(request: httpx.Request) -> bool:
    return "if-none-match" in request.headers or "if-modified-since" in request.headers


def _retry_after(response: httpx.Response) -> int:
    """Seconds a server asks to wait. A date instead is left to the backoff: its clock is not ours."""
    return _count(response.headers.get("retry-after"))


def _count(value: str | None) -> int:
    return int(value) if value is not None and value.isdecimal() else 0
