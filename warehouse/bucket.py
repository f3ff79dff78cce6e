"""An S3-compatible store as a place for files: each appears whole, and nobody overwrites what somebody else has put.

What the kernel's lock and rename are on a disk, conditions on a request are here: `If-None-Match: *` for a file that
must be new, `If-Match` for one that must be as it was read.

Belongs here: reading and writing files in a bucket. Does not: what they are (`warehouse.store_bucket`,
`pipelines.fetch.archive_bucket`).
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from warehouse.release.storage import S3

if TYPE_CHECKING:
    from obstore.store import S3Store


class InvalidBucket(ValueError):  # noqa: N818 - the name states the situation
    """A setting that is no address of a place in an S3-compatible store."""

    def __init__(self, variable: str, text: str) -> None:
        super().__init__(variable, text)
        self.variable = variable
        self.text = text

    def __str__(self) -> str:
        return f"{self.variable} is {self.text!r}; expected s3://bucket/prefix"


class BucketFailed(Exception):  # noqa: N818 - the name states the situation
    """A store that cannot be reached, or refuses; what was being written is there whole or not at all."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(address, reason)
        self.address = address
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.address}: {self.reason}; check the address, AWS_ENDPOINT_URL and your access, and run again"


@dataclass(frozen=True, slots=True)
class Kept:
    """A file as it was read: its bytes, and the tag by which to replace just this state of it."""

    data: bytes
    tag: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A file in a listing: its name below the bucket's prefix, its size, its tag."""

    name: str
    size_bytes: int
    tag: str


@dataclass(frozen=True, slots=True)
class Bucket:
    """A place in an S3-compatible store; safe for many threads, processes and machines.

    Args:
        address: s3://bucket/prefix.
        store: the client.
    """

    address: str
    store: "S3Store" = field(repr=False, compare=False)

    def read(self, name: str) -> Kept | None:
        """A file, or None where there is none."""
        with self._errors():
            try:
                found = self.store.get(name)
                return Kept(bytes(found.bytes()), found.meta["e_tag"] or "")
            except FileNotFoundError:
                return None

    def holds(self, name: str) -> bool:
        """Whether there is a file of that name."""
        with self._errors():
            try:
                self.store.head(name)
            except FileNotFoundError:
                return False
            return True

    def create(self, name: str, data: bytes) -> bool:
        """Put a file that is not there yet; whether it was put, and not somebody else's before."""
        from obstore.exceptions import AlreadyExistsError

        with self._errors():
            try:
                self.store.put(name, data, mode="create", use_multipart=False)
            except AlreadyExistsError:
                return False
            return True

    def replace(self, name: str, data: bytes, seen: Kept | None) -> bool:
        """Put a file in place of the one that was seen, or of none; whether nobody else had replaced it meanwhile."""
        if seen is None:
            return self.create(name, data)
        from obstore.exceptions import PreconditionError

        with self._errors():
            try:
                self.store.put(name, data, mode={"e_tag": seen.tag}, use_multipart=False)
            except (PreconditionError, FileNotFoundError):
                return False
            return True

    def remove(self, names: Iterable[str]) -> None:
        """Remove files; one that is not there is no error."""
        with self._errors():
            self.store.delete(list(names))

    def list(self, prefix: str) -> Iterator[Listed]:
        """The files below a folder, in no certain order."""
        with self._errors():
            for some in self.store.list(prefix):
                for one in some:
                    yield Listed(one["path"], one["size"], one["e_tag"] or "")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        from obstore.exceptions import BaseError

        try:
            yield
        except (BaseError, FileNotFoundError) as error:
            # Of a file that may be absent, its method has taken care: here it is the bucket that is.
            raise BucketFailed(self.address, str(error).splitlines()[0]) from error


def bucket_of(variable: str) -> Bucket | None:
    """The bucket that an environment variable names, with the access that the usual variables say; None without.

    Raises:
        InvalidBucket: it names something else.
        BucketFailed: the client for it is not installed.
    """
    address = os.environ.get(variable)
    if not address:
        return None
    parts = urlsplit(address)
    if parts.scheme != "s3" or not parts.netloc or not parts.path.strip("/"):
        raise InvalidBucket(variable, address)
    return _bucket(address.rstrip("/"), S3.from_environment())


@cache
def _bucket(address: str, access: S3) -> Bucket:
    try:
        from obstore.store import S3Store
    except ModuleNotFoundError as error:
        raise BucketFailed(address, "obstore is not installed: `pip install 'gongkai[cluster]'`") from error
    parts = urlsplit(address)
    given = {
        "endpoint": access.endpoint,
        "access_key_id": access.key,
        "secret_access_key": access.secret,
        "token": access.token,
    }
    store = S3Store(
        parts.netloc,
        prefix=parts.path.strip("/"),
        region=access.region,
        skip_signature=access.key is None,
        client_options={"allow_http": (access.endpoint or "").startswith("http://")},
        **{name: value for name, value in given.items() if value is not None},  # type: ignore[arg-type]
    )
    return Bucket(address, store)
