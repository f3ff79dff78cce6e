"""The sample's site: which reports it has, a loopback server for it, and its lasting address.

Belongs here: what a run over the sample needs. Does not: making the documents; `pipelines.sample.build` does.

A server on the loopback interface has another port each time, but the address of a document is its identity
in the archive and in the warehouse. So the sample's documents bear the address of a host that never exists
(RFC 2606 reserves `.invalid`), and `sample_transport` carries requests for it to the server, over sockets.
"""

import csv
import hashlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx

from pipelines.discover.listings import Listing
from pipelines.discover.source import Source

BASE_URL = "http://sample.gongkai.invalid/"
"""Where the sample's documents say they are from."""

SITE = Path(__file__).parent / "site"
MANIFEST = SITE / "manifest.csv"
LISTINGS = Path(__file__).parent / "listings.csv"
_MEDIA_TYPES = {
    ".csv": "text/csv",
    ".htm": "text/html",
    ".html": "text/html",
    ".pdf": "application/pdf",
    ".shtml": "text/html",
}
_LAST_MODIFIED = "Thu, 01 Jan 2026 00:00:00 GMT"
_POLL_SECONDS = 0.05


def sample_sources(base_url: str = BASE_URL) -> tuple[Source, ...]:
    """The sample's reports as sources below `base_url`, in the order of the manifest."""
    with MANIFEST.open(encoding="utf-8", newline="") as file:
        return tuple(
            Source(
                url=base_url + row["path"],
                city=row["city"],
                year=int(row["year"]),
                region_code=row["region_code"],
                publisher=row["publisher"],
                title=row["title"],
            )
            for row in csv.DictReader(file)
        )


def sample_listings(base_url: str = BASE_URL) -> tuple[Listing, ...]:
    """The sample's listing pages below `base_url`, in the order of their file."""
    with LISTINGS.open(encoding="utf-8", newline="") as file:
        return tuple(
            Listing(url=base_url + row["path"], region_code=row["region_code"], title=row["title"])
            for row in csv.DictReader(file)
        )


@contextmanager
def serve() -> Iterator[str]:
    """Serve the site on a free port of the loopback interface; yield the address, which ends in a slash."""
    files = {path.relative_to(SITE).as_posix(): _file(path) for path in SITE.rglob("*") if path.is_file()}

    class Handler(_Handler):
        served = files

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(_POLL_SECONDS,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def sample_transport() -> Iterator[httpx.AsyncBaseTransport]:
    """Serve the site; yield what carries requests for `BASE_URL` to it, and no others, fetch after fetch."""
    with serve() as served:
        yield _ToServer(httpx.URL(served))


class _ToServer(httpx.AsyncBaseTransport):
    """Sends what is for the sample's host to a server, the request otherwise as it is."""

    def __init__(self, server: httpx.URL) -> None:
        self._server = server
        self._inner: httpx.AsyncHTTPTransport | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host != httpx.URL(BASE_URL).host:
            raise httpx.UnsupportedProtocol(f"{request.url} is not the sample's; its run asks for {BASE_URL} only")
        if self._inner is None:
            self._inner = httpx.AsyncHTTPTransport()
        forwarded = httpx.Request(
            request.method,
            request.url.copy_with(scheme=self._server.scheme, host=self._server.host, port=self._server.port),
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions,
        )
        return await self._inner.handle_async_request(forwarded)

    async def aclose(self) -> None:
        """Close the connections; the next request opens others, under whichever event loop it comes."""
        if self._inner is not None:
            await self._inner.aclose()
            self._inner = None


@dataclass(frozen=True, slots=True)
class _File:
    """A file to serve."""

    content: bytes
    media_type: str
    etag: str


def _file(path: Path) -> _File:
    content = path.read_bytes()
    return _File(
        content,
        _MEDIA_TYPES[path.suffix],
        f'"{hashlib.sha256(content).hexdigest()[:16]}"',
    )


class _Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD from files in memory, with validators that are the same on every machine."""

    protocol_version = "HTTP/1.1"
    server_version = "gongkai-sample"
    served: Mapping[str, _File] = {}

    def do_GET(self) -> None:
        file = self._answered()
        if file is not None:
            self.wfile.write(file.content)

    def do_HEAD(self) -> None:
        self._answered()

    def _answered(self) -> _File | None:
        """Send the head of the answer; return the file where its bytes are to follow."""
        path = unquote(urlsplit(self.path).path).removeprefix("/")
        file = self.served.get(f"{path}index.html" if path == "" or path.endswith("/") else path)
        if file is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        fresh = self.headers.get("If-None-Match") == file.etag
        self.send_response(HTTPStatus.NOT_MODIFIED if fresh else HTTPStatus.OK)
        self.send_header("ETag", file.etag)
        self.send_header("Last-Modified", _LAST_MODIFIED)
        if not fresh:
            self.send_header("Content-Type", file.media_type)
            self.send_header("Content-Length", str(len(file.content)))
        self.end_headers()
        return None if fresh else file

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing: a run's own log tells what was fetched."""
