"""A web server and an S3-compatible store on loopback that count the bytes they send.

Each runs in a process of its own: DuckDB's relations hold the interpreter's lock while they wait for an answer.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from werkzeug.exceptions import NotFound
from werkzeug.http import parse_range_header
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from warehouse import S3

COUNT = "/.count"
"""GET tells what was sent since the last DELETE."""


@dataclass(frozen=True)
class Counted:
    """A running server: its address, and what it has sent."""

    address: str

    def clear(self) -> None:
        httpx.delete(self.address + COUNT)

    @property
    def size(self) -> int:
        """Bytes of the bodies of its answers."""
        return int(self._sent()["size"])

    @property
    def paths(self) -> list[str]:
        """What was asked for."""
        return list(self._sent()["paths"])

    def _sent(self) -> dict:
        return httpx.get(self.address + COUNT).raise_for_status().json()


class Counting:
    """Counts what an application sends."""

    def __init__(self, application) -> None:
        self.application = application
        self.size = 0
        self.paths: list[str] = []

    def __call__(self, environ, start_response) -> Iterable[bytes]:
        if environ["PATH_INFO"] == COUNT:
            if environ["REQUEST_METHOD"] == "DELETE":
                self.size, self.paths = 0, []
            body = json.dumps({"size": self.size, "paths": self.paths})
            yield from Response(body, mimetype="application/json")(environ, start_response)
            return
        self.paths.append(environ["PATH_INFO"])
        for chunk in self.application(environ, start_response):
            self.size += len(chunk) if environ["REQUEST_METHOD"] == "GET" else 0
            yield chunk


class Files:
    """Serves the files of a folder, whole or in part."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, environ, start_response) -> Iterable[bytes]:
        request = Request(environ)
        path = self.folder / request.path.lstrip("/")
        if not path.is_file():
            return NotFound()(environ, start_response)
        data = path.read_bytes()
        wanted = parse_range_header(request.headers.get("Range"))
        span = wanted.range_for_length(len(data)) if wanted else None
        headers = {"Accept-Ranges": "bytes"}
        if span:
            headers["Content-Range"] = f"bytes {span[0]}-{span[1] - 1}/{len(data)}"
            data = data[span[0] : span[1]]
        return Response(data, status=206 if span else 200, headers=headers)(environ, start_response)


class Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, *_: object) -> None:
        pass


def bucket_application():
    from moto.server import DomainDispatcherApplication, create_backend_app

    return DomainDispatcherApplication(create_backend_app)


@contextmanager
def served(kind: str, folder: Path) -> Iterator[Counted]:
    """A server in a process of its own, until the block ends."""
    # -P: else `tests/warehouse` is taken for the package of that name.
    command = [sys.executable, "-P", __file__, kind, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Counted(f"http://127.0.0.1:{process.stdout.readline().strip()}")
        finally:
            process.kill()  # Dagster may have set this process, and so its children, to ignore a kinder word


@contextmanager
def web_server(folder: Path) -> Iterator[tuple[str, Counted]]:
    """Serve `folder`; yields its address and the count."""
    with served("web", folder) as counted:
        yield counted.address, counted


@contextmanager
def s3_store(folder: Path) -> Iterator[tuple[str, S3, Counted]]:
    """Serve `folder` as s3://open/data; yields that address, access to it and the count."""
    import boto3

    with served("s3", folder) as counted:
        access = S3(endpoint=counted.address, key="any", secret="any")  # noqa: S106 - no secret
        client = boto3.client(
            "s3",
            endpoint_url=access.endpoint,
            aws_access_key_id=access.key,
            aws_secret_access_key=access.secret,
            region_name=access.region,
        )
        client.create_bucket(Bucket="open")
        for path in folder.rglob("*"):
            if path.is_file():
                client.upload_file(str(path), "open", f"data/{path.relative_to(folder).as_posix()}")
        yield "s3://open/data", access, counted


if __name__ == "__main__":
    application = Files(Path(sys.argv[2])) if sys.argv[1] == "web" else bucket_application()
    server = make_server("127.0.0.1", 0, Counting(application), threaded=True, request_handler=Quiet)
    print(server.server_port, flush=True)
    server.serve_forever()


def use(monkeypatch: pytest.MonkeyPatch, access: S3) -> None:
    """Set what a person sets to reach a store that asks nobody who he is."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", access.endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "any")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
