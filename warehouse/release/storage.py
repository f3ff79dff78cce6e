"""Where a release may lie: a folder, a web server, an S3-compatible store; and how each engine gets at it.

Belongs here: addresses, access to S3, reading one small file. Does not: tables.
"""

import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import duckdb
import httpx
import pyarrow as arrow
import pyarrow.fs

from schemas import derive

_TIMEOUT = 30.0


class Unreachable(Exception):  # noqa: N818 - the name states the situation
    """A file of a release that cannot be read where it should be."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(address, reason)
        self.address = address
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.address} cannot be read ({self.reason}); check the address of the release and your access to it"


class NoExtension(Exception):  # noqa: N818 - the name states the situation
    """DuckDB reads remote files through its extension httpfs, which is neither installed nor can be fetched."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"DuckDB has no httpfs extension ({self.reason}); install it with `pip install 'gongkai[remote]'`"


@dataclass(frozen=True, slots=True)
class S3:
    """Access to an S3-compatible store.

    Args:
        region: its region; most stores other than Amazon's accept any.
        endpoint: its address, such as `https://oss.example.cn`; None for Amazon's own.
        key, secret, token: credentials; without a key, requests are not signed, as public buckets want it.
    """

    region: str = "us-east-1"
    endpoint: str | None = None
    key: str | None = None
    secret: str | None = None
    token: str | None = None

    @classmethod
    def from_environment(cls) -> Self:
        """What the usual variables say: `AWS_REGION`, `AWS_ENDPOINT_URL`, `AWS_ACCESS_KEY_ID` and the like."""
        get = os.environ.get
        return cls(
            region=get("AWS_REGION") or get("AWS_DEFAULT_REGION") or "us-east-1",
            endpoint=get("AWS_ENDPOINT_URL_S3") or get("AWS_ENDPOINT_URL") or None,
            key=get("AWS_ACCESS_KEY_ID") or None,
            secret=get("AWS_SECRET_ACCESS_KEY") or None,
            token=get("AWS_SESSION_TOKEN") or None,
        )

    def __repr__(self) -> str:
        return f"S3(region={self.region!r}, endpoint={self.endpoint!r}, key={'…' if self.key else None})"


@dataclass(frozen=True, slots=True)
class Place:
    """A folder that may be anywhere.

    Args:
        root: a path, or an address that begins with http://, https:// or s3://; without a slash at its end.
        s3: access, for an address that begins with s3://.
    """

    root: str
    s3: S3

    @property
    def scheme(self) -> str:
        """`http`, `https` or `s3`; empty for a path."""
        scheme = urlsplit(self.root).scheme
        return scheme if scheme in {"http", "https", "s3"} else ""

    def file(self, name: str) -> str:
        """The address of a file in it."""
        return f"{self.root}/{name}"

    def read(self, name: str) -> bytes:
        """The bytes of a small file in it; raises Unreachable."""
        address = self.file(name)
        try:
            match self.scheme:
                case "":
                    return Path(address).read_bytes()
                case "s3":
                    return self._read_s3(address)
                case _:
                    return _read_http(address)
        except (OSError, httpx.HTTPError, arrow.ArrowException) as error:
            raise Unreachable(address, " ".join(str(error).split()) or type(error).__name__) from error

    def polars_options(self) -> dict[str, str] | None:
        """`storage_options` for polars; None where it needs none."""
        if self.scheme != "s3":
            return None
        options = {
            "aws_region": self.s3.region,
            "aws_endpoint_url": self.s3.endpoint,
            "aws_allow_http": "true" if (self.s3.endpoint or "").startswith("http://") else None,
            "aws_access_key_id": self.s3.key,
            "aws_secret_access_key": self.s3.secret,
            "aws_session_token": self.s3.token,
            "aws_skip_signature": None if self.s3.key else "true",
        }
        return {name: value for name, value in options.items() if value is not None}

    def prepare(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Let a DuckDB connection read from here; raises NoExtension."""
        if not self.scheme:
            return
        _load_httpfs(connection)
        if self.scheme == "s3":
            connection.execute(self._secret())

    def _read_s3(self, address: str) -> bytes:
        endpoint = urlsplit(self.s3.endpoint or "https://")
        store = pyarrow.fs.S3FileSystem(
            access_key=self.s3.key,
            secret_key=self.s3.secret,
            session_token=self.s3.token,
            anonymous=self.s3.key is None,
            region=self.s3.region,
            scheme=endpoint.scheme,
            endpoint_override=endpoint.netloc or None,
        )
        with store.open_input_file(address.removeprefix("s3://")) as file:
            return file.read()  # type: ignore[no-any-return]

    def _secret(self) -> str:
        endpoint = urlsplit(self.s3.endpoint or "")
        options = {
            "REGION": self.s3.region,
            "KEY_ID": self.s3.key,
            "SECRET": self.s3.secret,
            "SESSION_TOKEN": self.s3.token,
            "ENDPOINT": endpoint.netloc or None,
            "URL_STYLE": "path" if endpoint.netloc else None,
            "USE_SSL": "false" if endpoint.scheme == "http" else None,
        }
        said = ", ".join(f"{name} {derive.literal(value)}" for name, value in options.items() if value is not None)
        return f"CREATE OR REPLACE SECRET gongkai (TYPE s3, {said})"


def place(address: str | Path, s3: S3 | None = None) -> Place:
    """The place of a path or address; access to S3 is by default what the environment says."""
    text = str(address)
    root = text.rstrip("/") if "://" in text else str(Path(text).expanduser().absolute())
    return Place(root, s3 or S3.from_environment())


def _read_http(address: str) -> bytes:
    answer = httpx.get(address, timeout=_TIMEOUT, follow_redirects=True)
    answer.raise_for_status()
    return answer.content


def _load_httpfs(connection: duckdb.DuckDBPyConnection) -> None:
    try:
        wheel = find_spec("duckdb_extension_httpfs")
        if wheel and wheel.origin:
            # The extension as a package loads without a network; DuckDB's own way to install it asks its web site.
            path = Path(wheel.origin).parent / "extensions" / f"v{duckdb.__version__}" / "httpfs.duckdb_extension"
            connection.execute(f"LOAD {derive.literal(str(path))}")
            return
        _install_httpfs(connection)
    except duckdb.Error as error:
        raise NoExtension(str(error).splitlines()[0]) from error


def _install_httpfs(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("INSTALL httpfs")
    connection.execute("LOAD httpfs")
