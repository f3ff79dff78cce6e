"""A site on loopback that misbehaves on purpose: any number of host names, each page answered by a function.

Belongs here: serving and remembering what was asked. Does not: what to expect of it; the tests say that.
"""

import asyncio
import gzip
import ipaddress
import socket
import ssl
import struct
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from pipelines.fetch.safety import IPAddress, Resolve


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the server saw it: host name, path with query, headers by lower-case name, and when (seconds)."""

    host: str
    path: str
    headers: Mapping[str, str]
    at: float


Page = Callable[["Exchange"], Awaitable[None]]


@dataclass(slots=True)
class Exchange:
    """One request and the means to answer it, properly or not; `nth` counts the requests for its page from 1."""

    asked: Asked
    nth: int
    site: "Site"
    _writer: asyncio.StreamWriter

    async def answer(self, status: int = 200, body: bytes = b"", **headers: str) -> None:
        """A proper answer; `_` in a header's name stands for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if status != 304:
            named.setdefault("Content-Length", str(len(body)))
        await self.head(status, **named)
        await self.send(body)

    async def head(self, status: int, **headers: str) -> None:
        lines = [f"HTTP/1.1 {status} X", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        await self._writer.drain()

    async def send(self, piece: bytes) -> None:
        self.site.body_bytes += len(piece)
        self._writer.write(piece)
        await self._writer.drain()

    def close(self) -> None:
        self._writer.close()

    def reset(self) -> None:
        """Close so that the other side gets a reset: with data unread, or with no lingering."""
        sock = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()


@dataclass(slots=True)
class Site:
    """What is served: pages by `host/path`, or by `/path` for any host; robots.txt is missing unless given.

    `asked` are the requests so far; `body_bytes` what was sent of bodies; `connections` how many there were.
    """

    pages: Mapping[str, Page]
    asked: list[Asked] = field(default_factory=list)
    body_bytes: int = 0
    connections: int = 0
    port: int = 0
    watch: Callable[[Asked], object] = str

    def url(self, host: str, path: str, scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    def documents(self) -> list[Asked]:
        """The requests for anything but robots.txt."""
        return [one for one in self.asked if one.path != "/robots.txt"]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while not writer.is_closing():
                asked = await _request(reader)
                if asked is None:
                    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                    return
                self.asked.append(asked)
                self.watch(asked)
                nth = sum((one.host, one.path) == (asked.host, asked.path) for one in self.asked)
                path = asked.path.partition("?")[0]
                page = self.pages.get(f"{asked.host}{path}") or self.pages.get(path) or self.pages.get(asked.host)
                await (page or missing)(Exchange(asked, nth, self, writer))
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()


async def _request(reader: asyncio.StreamReader) -> Asked | None:
    first = await reader.readexactly(1)
    if first == b"\x16":  # the hello of TLS, where plain HTTP is spoken
        return None
    head = first + await reader.readuntil(b"\r\n\r\n")
    line, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines if each)}
    return Asked(headers["host"].rpartition(":")[0] or headers["host"], line.split(" ")[1], headers, time.monotonic())


@contextmanager
def running(site: Site, context: ssl.SSLContext | None = None) -> Iterator[Site]:
    """Serve on a free port of loopback, in a thread of its own; `site.port` says which."""
    started = threading.Event()
    ended = asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def main() -> None:
        loops.append(asyncio.get_running_loop())
        loops[0].set_exception_handler(lambda _, __: None)  # a client that hangs up in a handshake is no news here
        server = await asyncio.start_server(site.serve, "127.0.0.1", 0, ssl=context, backlog=1000, limit=2**20)
        site.port = server.sockets[0].getsockname()[1]
        started.set()
        await ended.wait()
        server.close()

    thread = threading.Thread(target=asyncio.run, args=(main(),), daemon=True)
    thread.start()
    started.wait()
    try:
        yield site
    finally:
        loops[0].call_soon_threadsafe(ended.set)
        thread.join()


def names(known: Mapping[str, Sequence[str]], otherwise: Sequence[str] = ("127.0.0.1",)) -> Resolve:
    """A name resolution of the test's own; no question leaves the process."""

    async def resolve(host: str, _: int) -> list[IPAddress]:
        try:
            return [ipaddress.ip_address(host)]
        except ValueError:
            pass
        addresses = known.get(host, otherwise)
        if not addresses:
            raise socket.gaierror(f"no such name: {host}")
        return [ipaddress.ip_address(address) for address in addresses]

    return resolve


# --- pages --------------------------------------------------------------------------------------------------------


def plain(body: bytes, status: int = 200, **headers: str) -> Page:
    """A page that is always the same."""

    async def page(exchange: Exchange) -> None:
        await exchange.answer(status, body, **headers)

    return page


def to(target: str, status: int = 302, **headers: str) -> Page:
    """A redirect; `{port}` in it is the site's port."""

    async def page(exchange: Exchange) -> None:
        await exchange.answer(status, Location=target.format(port=exchange.site.port), **headers)

    return page


def in_turn(*pages: Page) -> Page:
    """The first page for the first request, and so on; the last one from then on."""

    async def page(exchange: Exchange) -> None:
        await pages[min(exchange.nth, len(pages)) - 1](exchange)

    return page


def validated(body: bytes, *, etag: str = "", modified: str = "") -> Page:
    """A page with validators, by which a conditional request is answered."""
    headers = ({"ETag": etag} if etag else {}) | ({"Last-Modified": modified} if modified else {})

    async def page(exchange: Exchange) -> None:
        asked = exchange.asked.headers
        known = asked.get("if-none-match") == etag if etag else asked.get("if-modified-since") == modified
        await exchange.answer(304 if known else 200, b"" if known else body, **headers)

    return page


async def missing(exchange: Exchange) -> None:
    await exchange.answer(404, b"no such page")


async def silent(_: Exchange) -> None:
    """Takes the request and never answers."""
    await asyncio.Event().wait()


async def trickling(exchange: Exchange) -> None:
    """A byte now and then, without end."""
    await exchange.head(200, Content_Length="1000000")
    while True:
        await exchange.send(b"x")
        await asyncio.sleep(0.05)


async def endless(exchange: Exchange) -> None:
    await exchange.head(200, Content_Type="text/html", Connection="close")
    while True:
        await exchange.send(b"<p>" + b"x" * 65_536)


async def resetting(exchange: Exchange) -> None:
    exchange.reset()


async def short(exchange: Exchange) -> None:
    """Less than was announced."""
    await exchange.head(200, Content_Length="1000")
    await exchange.send(b"<p>half a report")
    exchange.close()


async def short_chunk(exchange: Exchange) -> None:
    await exchange.head(200, Transfer_Encoding="chunked")
    await exchange.send(b"400\r\n<p>half a report")
    exchange.close()


async def short_pdf(exchange: Exchange) -> None:
    """Neither length nor chunks say that it is cut off."""
    await exchange.head(200, Connection="close")
    await exchange.send(b"%PDF-1.7\n" + b"x" * 5000)
    exchange.close()


async def no_http(exchange: Exchange) -> None:
    await exchange.send(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
    exchange.close()


def packed(body: bytes, coding: str = "gzip") -> Page:
    return plain(body, Content_Encoding=coding)


def gigabyte_of_zeros() -> bytes:
    """A gzip file of about a MiB that unpacks to a GiB."""
    return gzip.compress(bytes(16 * 2**20), mtime=0) * 64
