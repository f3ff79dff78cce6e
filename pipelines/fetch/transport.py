"""Carrying requests over the network: connections that are kept, checked addresses, and old TLS where it must be.

Belongs here: what lies between a request and the socket. Does not: which address may be asked (`safety`), how often
(`politeness`), and what the answer is (`answers`).

Many government servers speak only TLS 1.0, or renegotiate in the old way, which OpenSSL refuses by default. Such a
host is asked with permissive settings, but only after the normal ones failed, and the capture says so. Certificates
are verified in both cases.
"""

import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import httpcore
import httpx

from pipelines.fetch.limits import Limits
from pipelines.fetch.safety import CheckedBackend, Dns, Resolve

KEPT_ALIVE = 15.0
"""Seconds for which an idle connection is kept; longer than the pause between two requests to a host."""

_LOOK_UPS_A_REQUEST = 4
"""Threads for looking up names: that of the try under way, and those that its earlier tries may have left behind."""

OLD_TLS = "gongkai_old_tls"
"""Extension of a response that came over a connection with permissive TLS settings."""


@dataclass(frozen=True, slots=True)
class Tls:
    """TLS settings: `normal` first, `old` for servers that fail with them."""

    normal: ssl.SSLContext
    old: ssl.SSLContext


@cache
def default_tls() -> Tls:
    """Settings that trust the authorities that httpx does."""
    return Tls(httpx.create_ssl_context(), permissive(httpx.create_ssl_context()))


def permissive(context: ssl.SSLContext) -> ssl.SSLContext:
    """The context, made to accept TLS 1.0, short keys, SHA-1 and renegotiation without RFC 5746."""
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.options |= _OP_LEGACY_SERVER_CONNECT
    return context


# ssl.OP_LEGACY_SERVER_CONNECT is named only from Python 3.12 on; the value is OpenSSL's.
_OP_LEGACY_SERVER_CONNECT = 0x4


@dataclass(slots=True)
class _Host:
    """The connections to one place, by scheme, host and port; `in_use` counts answers that are not closed yet."""

    pool: httpcore.AsyncConnectionPool
    speaks_old_tls: bool = False
    in_use: int = 0


class NetworkTransport(httpx.AsyncBaseTransport):
    """Carries requests to public addresses, with connections kept for further requests to the same host.

    Each host has a pool of its own: one for all would look through every connection at every request.
    """

    def __init__(self, limits: Limits, *, resolve: Resolve | None = None, tls: Tls | None = None) -> None:
        """Set up; nothing is connected yet.

        Args:
            limits: says how many connections are kept and which hosts may be on loopback.
            resolve: gives the addresses of a host; the system's name resolution where None.
            tls: TLS settings; `default_tls` where None.
        """
        self._limits = limits
        self._dns = Dns(_LOOK_UPS_A_REQUEST * limits.concurrency)
        self._backend = CheckedBackend(resolve or self._dns, limits.opens_loopback)
        self._tls = tls or default_tls()
        self._hosts: dict[tuple[str, str, int | None], _Host] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; raises httpx's exceptions, and FetchFailed for an address that must not be asked."""
        host = await self._host(request.url)
        try:
            return await self._send(host, request)
        except httpx.ConnectError as error:
            if host.speaks_old_tls or not failed_handshake(error):
                raise
            old = _Host(self._pool(self._tls.old), speaks_old_tls=True)
            response = await self._send(old, request)
            self._hosts[_place(request.url)] = old
            return response

    async def _send(self, host: _Host, request: httpx.Request) -> httpx.Response:
        host.in_use += 1
        try:
            with _as_httpx():
                answer = await host.pool.handle_async_request(_for_httpcore(request))
        except BaseException:
            host.in_use -= 1
            raise
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(answer, host),
            extensions={**answer.extensions, **({OLD_TLS: True} if host.speaks_old_tls else {})},
            request=request,
        )

    async def _host(self, url: httpx.URL) -> _Host:
        """The connections to the place of an address, made the most recently used."""
        place = _place(url)
        host = self._hosts.pop(place, None) or _Host(self._pool(self._tls.normal))
        self._hosts[place] = host
        if len(self._hosts) > self._limits.concurrency:
            await self._close_one()
        return host

    async def _close_one(self) -> None:
        """Close the connections to the host that was asked the longest ago, so that they do not add up."""
        for place, host in self._hosts.items():
            if not host.in_use:
                del self._hosts[place]
                await host.pool.aclose()
                return

    def _pool(self, context: ssl.SSLContext) -> httpcore.AsyncConnectionPool:
        # No limit of its own: there are as many requests as turns.
        return httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_connections=None,
            keepalive_expiry=KEPT_ALIVE,
            network_backend=self._backend,
        )

    async def aclose(self) -> None:
        """Close all connections."""
        for host in self._hosts.values():
            await host.pool.aclose()
        self._hosts.clear()
        self._dns.close()


def _place(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _for_httpcore(request: httpx.Request) -> httpcore.Request:
    return httpcore.Request(
        request.method,
        httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        ),
        headers=request.headers.raw,
        content=request.stream,
        extensions=request.extensions,
    )


def failed_handshake(error: BaseException) -> bool:
    """Whether a connection failed because both sides could not agree on TLS, certificates aside."""
    causes = list(_causes(error))
    return any(isinstance(cause, ssl.SSLError) for cause in causes) and not failed_certificate(error)


def failed_certificate(error: BaseException) -> bool:
    """Whether a connection failed because the server's certificate could not be verified."""
    return any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


class _Body(httpx.AsyncByteStream):
    """The body of an answer, piece by piece."""

    def __init__(self, answer: httpcore.Response, host: _Host) -> None:
        self._answer = answer
        self._host: _Host | None = host

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx():
            async for piece in self._answer.aiter_stream():
                yield piece

    async def aclose(self) -> None:
        if self._host is not None:
            self._host.in_use -= 1
            self._host = None
        with _as_httpx():
            await self._answer.aclose()


@contextmanager
def _as_httpx() -> Iterator[None]:
    """Turn httpcore's exceptions into those of the same name that httpx promises of a transport."""
    try:
        yield
    except _HTTPCORE_ERRORS as error:
        named = getattr(httpx, type(error).__name__, httpx.TransportError)
        raise named(str(error)) from error


_HTTPCORE_ERRORS = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
)
