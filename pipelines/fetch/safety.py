"""Which addresses may be asked: http and https on public addresses, and nothing else.

Belongs here: judging addresses of hosts, and connecting to exactly the address that was judged. Does not: HTTP.

A name is resolved here, every address of the answer is checked, and the connection goes to a checked address, so
that no second answer of the DNS can lead elsewhere (rebinding). TLS and the Host header keep the name. Redirects and
attachments connect the same way and so are checked like everything else.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import httpcore
import httpx

from pipelines.fetch.problems import FetchFailed

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[IPAddress]]]
"""Gives the addresses of a host and port; raises OSError where there are none."""

_TRIED = 3
"""Addresses of a host tried in turn before it counts as unreachable."""

# Python's own tables differ by version; these hold whichever it is. RFC 6890: IETF protocol assignments.
_NOT_GLOBAL = ipaddress.IPv4Network("192.0.0.0/24")
# RFC 4291: all IPv6 addresses handed out so far that a host on the internet can have.
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
# IPv6 that carries an IPv4 address which the connection in the end goes to: NAT64 (RFC 6052, RFC 8215).
_NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
_LOW_32_BITS = 0xFFFFFFFF


def is_public(address: IPAddress) -> bool:
    """Whether an address is one of the public internet, by IANA's special-purpose registries.

    An IPv6 address that only wraps an IPv4 one (mapped, 6to4, Teredo, NAT64) is judged by what it wraps.
    """
    if isinstance(address, ipaddress.IPv6Address):
        wrapped = _wrapped(address)
        if wrapped:
            return all(is_public(inner) for inner in wrapped)
        return address.is_global and address in _GLOBAL_UNICAST
    return address.is_global and not address.is_multicast and address not in _NOT_GLOBAL


def _wrapped(address: ipaddress.IPv6Address) -> tuple[ipaddress.IPv4Address, ...]:
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if address.sixtofour is not None:
        return (address.sixtofour,)
    if address.teredo is not None:
        return address.teredo
    if any(address in network for network in _NAT64):
        return (ipaddress.IPv4Address(int(address) & _LOW_32_BITS),)
    return ()


def check_url(url: httpx.URL, opens_loopback: Callable[[str], bool]) -> None:
    """Refuse an address that must not be asked, as far as it can be told without the DNS.

    Raises:
        FetchFailed: `bad_address` for another scheme than http and https or no host, `private_address` for a host
            given as an address that is not public.
    """
    if url.scheme not in {"http", "https"} or not url.host:
        raise FetchFailed("bad_address", f"{url} is no http or https address; correct it in the catalogue")
    if url.userinfo:
        raise FetchFailed("bad_address", f"{_without_user(url)} carries a user name; correct it in the catalogue")
    try:
        literal = ipaddress.ip_address(url.host)
    except ValueError:
        return
    check_addresses(url.host, [literal], opens_loopback)


def _without_user(url: httpx.URL) -> httpx.URL:
    return url.copy_with(userinfo=b"")


def check_addresses(host: str, addresses: Iterable[IPAddress], opens_loopback: Callable[[str], bool]) -> None:
    """Refuse a host of which any address is not public: a mixed answer is the mark of rebinding.

    Raises:
        FetchFailed: `private_address`.
    """
    for address in addresses:
        if is_public(address) or (address.is_loopback and opens_loopback(host)):
            continue
        raise FetchFailed(
            "private_address",
            f"{_placed(host, address)} no public address; it is not asked. If it is meant, see hosts.csv",
            host,
        )


def _placed(host: str, address: IPAddress) -> str:
    return f"{host} is" if host == str(address) else f"{host} is at {address}, which is"


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """Connects by name to public addresses only: resolves, checks every address, and connects to a checked one."""

    def __init__(self, resolve: Resolve, opens_loopback: Callable[[str], bool]) -> None:
        self._resolve = resolve
        self._opens_loopback = opens_loopback
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first of the host's addresses that answers; `timeout` seconds are for all of them."""
        addresses = await self._addresses(host, port, timeout)
        check_addresses(host, addresses, self._opens_loopback)
        tried = addresses[:_TRIED]
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in tried:
            try:
                return await self._inner.connect_tcp(
                    str(address),
                    port,
                    timeout=timeout / len(tried) if timeout else None,
                    local_address=local_address,
                    socket_options=socket_options,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def _addresses(self, host: str, port: int, timeout: float | None) -> Sequence[IPAddress]:
        try:
            async with asyncio.timeout(timeout):
                return await self._resolve(host, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"the name {host} was not resolved in {timeout:g} s") from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the name {host} has no address ({error})") from error

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class Dns:
    """The system's name resolution, in threads of its own; IPv4 first, which more of these hosts answer on."""

    def __init__(self, at_once: int) -> None:
        """Set up; no thread is started yet.

        Args:
            at_once: look-ups that may be under way at once. One that was given up still holds its thread until the
                system gives up too, so more than there are requests: else dead names use up the time of others.
        """
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="dns")

    async def __call__(self, host: str, port: int) -> Sequence[IPAddress]:
        """The addresses of a host, without duplicates; raises OSError where there are none."""
        found = await asyncio.get_running_loop().run_in_executor(self._threads, _look_up, host, port)
        return sorted(dict.fromkeys(found), key=lambda address: address.version)

    def close(self) -> None:
        """Let go of the threads; look-ups under way end on their own."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _look_up(host: str, port: int) -> list[IPAddress]:
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    # A link-local IPv6 address comes with its interface after a `%`.
    return [ipaddress.ip_address(str(place[0]).partition("%")[0]) for *_, place in answers]
