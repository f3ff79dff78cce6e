import asyncio
import ipaddress
import socket
from collections.abc import Sequence

import httpcore
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from misbehaving import Site, names, plain, running

from pipelines.fetch.limits import HostLimits, Limits
from pipelines.fetch.problems import FetchFailed
from pipelines.fetch.safety import CheckedBackend, Dns, IPAddress, check_addresses, check_url, is_public
from pipelines.fetch.transport import NetworkTransport

PRIVATE = (
    "0.0.0.0",  # noqa: S104
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.255",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b::127.0.0.1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
)
PUBLIC = ("1.1.1.1", "61.135.169.121", "172.32.0.1", "2400:da00::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8")


def nobody(_: str) -> bool:
    return False


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_that_are_not_of_the_public_internet(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_of_the_public_internet(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@settings(deadline=None)
@given(st.ip_addresses(v=4))
def test_wrapping_an_address_does_not_make_it_public(address: ipaddress.IPv4Address) -> None:
    for wrapped in (f"::ffff:{address}", f"64:ff9b::{address}"):
        assert is_public(ipaddress.ip_address(wrapped)) == is_public(address)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("ftp://example.cn/", "bad_address"),
        ("file:///etc/hostname", "bad_address"),
        ("http:///a", "bad_address"),
        ("http://user:secret@example.cn/", "bad_address"),
        ("http://127.0.0.1/", "private_address"),
        ("https://[::1]:8443/", "private_address"),
        ("http://10.0.0.1/", "private_address"),
        ("http://[::ffff:192.168.0.1]/", "private_address"),
    ],
)
def test_what_an_address_alone_says(url: str, problem: str) -> None:
    with pytest.raises(FetchFailed) as caught:
        check_url(httpx.URL(url), nobody)
    assert caught.value.problem == problem
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://example.cn/?a=1", "https://example.cn:8443/", "http://1.1.1.1/"])
def test_public_addresses_pass(url: str) -> None:
    check_url(httpx.URL(url), nobody)


def test_loopback_is_opened_by_name_and_nothing_else_with_it() -> None:
    limits = Limits(hosts={"here.test": HostLimits(loopback=True)})
    loopback, private = ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("10.0.0.1")
    check_addresses("here.test", [loopback], limits.opens_loopback)
    for host, address in (("there.test", loopback), ("here.test", private)):
        with pytest.raises(FetchFailed, match=str(address)):
            check_addresses(host, [address], limits.opens_loopback)


def connect(addresses: Sequence[str], host: str = "www.example.test", port: int = 1) -> None:
    backend = CheckedBackend(names({host: addresses}), nobody)
    asyncio.run(backend.connect_tcp(host, port, timeout=5))


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["1.1.1.1", "10.0.0.1"], ["fe80::1"]])
def test_a_name_with_any_private_address_is_not_connected_to(
    monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    async def never(*_: object, **__: object) -> None:
        raise AssertionError("a connection was made")

    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", never)
    with pytest.raises(FetchFailed) as caught:
        connect(addresses)
    assert caught.value.problem == "private_address"
    assert caught.value.host == "www.example.test"


def test_the_address_that_was_checked_is_the_one_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second answer of the DNS, to the connection itself, could be another: the name is never resolved again."""
    answers = [["1.1.1.1"], ["127.0.0.1"]]
    connected: list[str] = []

    async def resolve(host: str, port: int) -> list[IPAddress]:
        return [ipaddress.ip_address(address) for address in answers.pop(0)]

    async def record(_: object, host: str, port: int, **__: object) -> None:
        connected.append(host)

    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", record)
    asyncio.run(CheckedBackend(resolve, nobody).connect_tcp("rebinding.test", 80))
    assert connected == ["1.1.1.1"]
    assert answers == [["127.0.0.1"]]


def test_further_addresses_are_tried_and_the_first_that_answers_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[tuple[str, float | None]] = []

    async def refuse(_: object, host: str, port: int, timeout: float | None = None, **__: object) -> str:
        tried.append((host, timeout))
        if host != "1.1.1.3":
            raise httpcore.ConnectError("refused")
        return host

    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", refuse)
    connect(["1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4"])
    assert tried == [("1.1.1.1", 5 / 3), ("1.1.1.2", 5 / 3), ("1.1.1.3", 5 / 3)]
    with pytest.raises(httpcore.ConnectError):
        connect(["1.1.1.1", "1.1.1.2"])


def test_a_name_without_address_is_a_connection_that_failed() -> None:
    with pytest.raises(httpcore.ConnectError, match=r"no\.test has no address"):
        connect([], "no.test")


def test_a_name_server_that_does_not_answer_is_a_timeout() -> None:
    async def never(host: str, port: int) -> list[IPAddress]:
        await asyncio.Event().wait()
        return []

    with pytest.raises(httpcore.ConnectTimeout):
        asyncio.run(CheckedBackend(never, nobody).connect_tcp("slow.test", 80, timeout=0.01))


def test_the_system_s_names_are_resolved_without_duplicates_ipv4_first(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = ["fe80::1%eth0", "10.0.0.1", "10.0.0.1", "::1"]
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in answers]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    dns = Dns(1)
    try:
        addresses = asyncio.run(dns("www.example.test", 80))
    finally:
        dns.close()
    assert [str(address) for address in addresses] == ["10.0.0.1", "fe80::1", "::1"]


def test_names_and_numbers_that_only_the_system_takes_for_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """`http://2130706433/` and `http://127.1/` are 127.0.0.1 to the system's resolver, and checked as that."""
    limits = Limits()

    async def ask(url: str) -> None:
        transport = NetworkTransport(limits)
        try:
            await transport.handle_async_request(httpx.Request("GET", url))
        finally:
            await transport.aclose()

    with running(Site({"/": plain(b"secret")})) as site:
        for host in ("2130706433", "127.1", "0x7f.1", "localhost"):
            with pytest.raises(FetchFailed) as caught:
                asyncio.run(ask(f"http://{host}:{site.port}/"))
            assert caught.value.problem == "private_address"
        assert site.connections == 0
