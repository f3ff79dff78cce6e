"""Connections: TLS new and old, certificates, and which connections are kept. No request leaves loopback."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from misbehaving import Site, names, plain, running, to

from pipelines.discover.source import Source
from pipelines.fetch.archive import Archive
from pipelines.fetch.download import Outcome, fetch_all
from pipelines.fetch.limits import HostLimits, Limits
from pipelines.fetch.transport import NetworkTransport, Tls, default_tls, permissive

x509 = pytest.importorskip("cryptography.x509")

HOST, OTHER = "www.site.test", "other.test"
LIMITS = Limits(
    timeout=60, backoff=0, attempts=2, rate=float("inf"), hosts=dict.fromkeys((HOST, OTHER), HostLimits(loopback=True))
)
PAGE = b"<html><body><p>report</p></body></html>"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for the host, signed by itself, with its key, in one file."""
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    encoding = serialization.Encoding.PEM
    secret = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(secret + made.public_bytes(encoding))
    return path


def server(certificate: Path, newest: ssl.TLSVersion | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if newest is not None:
        context = permissive(context)
        context.maximum_version = newest
    context.load_cert_chain(certificate)
    return context


def trusting(certificate: Path) -> Tls:
    normal, old = (ssl.create_default_context(cafile=str(certificate)) for _ in range(2))
    return Tls(normal, permissive(old))


def fetch(url: str, archive: Archive, tls: Tls | None = None) -> Outcome:
    transport = NetworkTransport(LIMITS, resolve=names({}), tls=tls)
    source = Source(url, "hangzhou-330100", 2025, "330100")
    now = datetime(2026, 3, 31, tzinfo=UTC)
    return fetch_all([source], archive, now=lambda: now, limits=LIMITS, transport=transport)[0]


def test_the_name_is_kept_for_tls_though_the_connection_goes_to_an_address(tmp_path: Path, certificate: Path) -> None:
    with running(Site({"/a": plain(PAGE)}), server(certificate)) as site:
        outcome = fetch(site.url(HOST, "/a", "https"), Archive(tmp_path), trusting(certificate))
    assert outcome.capture is not None
    assert outcome.capture.tls == "TLSv1.3"
    assert outcome.capture.address == "127.0.0.1"


def test_a_server_that_speaks_only_old_tls_is_asked_that_way_and_the_capture_says_so(
    tmp_path: Path, certificate: Path
) -> None:
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        context = server(certificate, ssl.TLSVersion.TLSv1)
    with running(Site({"/a": plain(PAGE)}), context) as site:
        outcome = fetch(site.url(HOST, "/a", "https"), Archive(tmp_path), trusting(certificate))
        assert len(site.documents()) == 1
    assert outcome.capture is not None, outcome.reason
    assert outcome.capture.tls == "TLSv1 old"


def test_a_certificate_that_proves_nothing_is_refused_with_old_settings_too(tmp_path: Path, certificate: Path) -> None:
    with running(Site({"/a": plain(PAGE)}), server(certificate)) as site:
        untrusted = fetch(site.url(HOST, "/a", "https"), Archive(tmp_path))
        of_another = fetch(site.url(OTHER, "/a", "https"), Archive(tmp_path), trusting(certificate))
        assert site.asked == []
    assert (untrusted.problem, of_another.problem) == ("certificate", "certificate")


def test_a_server_without_tls_is_named(tmp_path: Path, certificate: Path) -> None:
    with running(Site({"/a": plain(PAGE)})) as site:
        outcome = fetch(site.url(HOST, "/a", "https"), Archive(tmp_path), trusting(certificate))
    assert outcome.problem == "tls"


def test_from_http_to_https(tmp_path: Path, certificate: Path) -> None:
    with (
        running(Site({"/a": plain(PAGE)}), server(certificate)) as secured,
        running(Site({"/a": to(f"https://{HOST}:{secured.port}/a", 301)})) as site,
    ):
        outcome = fetch(site.url(HOST, "/a"), Archive(tmp_path), trusting(certificate))
        assert outcome.capture is not None
        assert outcome.capture.url == site.url(HOST, "/a")
        assert outcome.capture.final_url == secured.url(HOST, "/a", "https")


def test_the_permissive_settings_still_verify() -> None:
    tls = default_tls()
    assert tls.normal.minimum_version >= ssl.TLSVersion.TLSv1_2
    for context in (tls.normal, tls.old):
        assert context.verify_mode == ssl.CERT_REQUIRED
        assert context.check_hostname


def test_connections_to_many_hosts_do_not_add_up() -> None:
    hosts = [f"host{number}.test" for number in range(12)]
    limits = Limits(concurrency=4, hosts=dict.fromkeys(hosts, HostLimits(loopback=True)))

    async def ask(site: Site) -> int:
        transport = NetworkTransport(limits, resolve=names({}))
        for host in hosts:
            response = await transport.handle_async_request(httpx.Request("GET", site.url(host, "/a")))
            await response.aread()
            await response.aclose()
        kept = len(transport._hosts)
        await transport.aclose()
        return kept

    with running(Site({"/a": plain(PAGE)})) as site:
        assert asyncio.run(ask(site)) == 4
        assert len(site.asked) == 12
