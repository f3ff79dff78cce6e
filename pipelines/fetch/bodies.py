"""The bytes of an answer, unpacked as they come, so that no answer can fill the memory.

Belongs here: size limits, content encodings, broken-off bodies. Does not: what the bytes are.

httpx would unpack a piece in one go, and as many codings as a server names; a few KiB can become gigabytes that way.
"""

import zlib
from collections.abc import AsyncIterator, Iterator
from typing import Protocol

import httpx

from pipelines.fetch.problems import FetchFailed, Passing

ACCEPTED = "gzip"
"""What is asked for in Accept-Encoding."""

_STEP = 256 * 1024
_FREE = 8 * 2**20
"""Bytes up to which any growth is fine: a page of white space packs well too."""

# What servers name that means the bytes as they are.
_PLAIN = frozenset({"", "identity", "none", "binary", "8bit", "utf-8"})
_MAGIC = b"\x1f\x8b"
_GZIP = 16 + zlib.MAX_WBITS


async def body(response: httpx.Response, *, most: int, ratio: float) -> bytes:
    """The whole body of an answer, unpacked.

    Args:
        response: an answer whose body was not read yet.
        most: largest number of bytes, packed and unpacked.
        ratio: largest growth beyond 8 MiB.

    Raises:
        FetchFailed: `too_large`, `bomb`, `undecodable`, or `truncated` (which may pass).
        httpx.TransportError: the connection failed.
    """
    url = response.request.url
    too_large = FetchFailed(
        "too_large",
        f"{url}: the document is larger than {most} bytes; if it is the report, raise max_bytes in fetch.toml",
    )
    declared = _length(response)
    if declared is not None and declared > most:
        raise too_large
    unpacker = _unpacker(response)
    content = bytearray()
    taken = 0
    try:
        async for piece in _pieces(response):
            taken += len(piece)
            if taken > most:
                raise too_large
            for part in unpacker.feed(piece):
                content += part
                if len(content) > most:
                    raise too_large
                if len(content) > max(_FREE, ratio * taken):
                    raise FetchFailed(
                        "bomb",
                        f"{url}: {taken} bytes unpack to more than {len(content)}; no report does, so it is not taken",
                    )
    except zlib.error as error:
        raise FetchFailed(
            "undecodable", f"{url}: the answer cannot be unpacked ({error}); fetch again later"
        ) from error
    if (declared is not None and taken < declared) or not unpacker.complete:
        raise Passing("truncated", f"{url}: the answer broke off after {taken} bytes; fetch again later")
    return bytes(content)


async def opening(response: httpx.Response, most: int) -> bytes:
    """The first `most` bytes of a body, unpacked; what follows is not looked at, and damage ends it early.

    Raises:
        httpx.TransportError: the connection failed.
    """
    try:
        unpacker = _unpacker(response)
    except FetchFailed:
        return b""
    content = bytearray()
    try:
        async for piece in _pieces(response):
            for part in unpacker.feed(piece):
                content += part
                if len(content) >= most:
                    return bytes(content[:most])
    except zlib.error:
        pass
    return bytes(content)


async def _pieces(response: httpx.Response) -> AsyncIterator[bytes]:
    """The body as it comes over the network, or whole where a transport has it in hand, unpacked."""
    if response.is_stream_consumed:
        yield response.content
        return
    async for piece in response.aiter_raw():
        yield piece


class _Unpacker(Protocol):
    """Takes packed pieces and gives unpacked ones of bounded size; `complete` says whether it saw the end."""

    @property
    def complete(self) -> bool: ...

    def feed(self, piece: bytes) -> Iterator[bytes]: ...


class _Plain:
    """Gives what it takes."""

    complete = True

    def feed(self, piece: bytes) -> Iterator[bytes]:
        yield piece


class _Gunzip:
    """Unpacks gzip, of any number of members, in steps."""

    def __init__(self) -> None:
        self._inflater: zlib._Decompress | None = None
        self._plain = False

    @property
    def complete(self) -> bool:
        return self._inflater is None or self._inflater.eof

    def feed(self, piece: bytes) -> Iterator[bytes]:
        while piece and not self._plain:
            if self._inflater is None:
                if not piece.startswith(_MAGIC[: len(piece)]):
                    self._plain = True  # declared as packed, but it is not: servers do that
                    break
                self._inflater = zlib.decompressobj(_GZIP)
            inflater = self._inflater
            unpacked = inflater.decompress(piece, _STEP)
            while unpacked:
                yield unpacked
                unpacked = inflater.decompress(inflater.unconsumed_tail, _STEP)
            if not inflater.eof:
                return
            # Another member, or padding, which is let go.
            piece = inflater.unused_data
            if not piece.startswith(_MAGIC):
                return
            self._inflater = None
        if piece:
            yield piece


def _unpacker(response: httpx.Response) -> _Unpacker:
    coding = response.headers.get("content-encoding", "").strip().lower()
    if coding in _PLAIN or response.is_stream_consumed:
        return _Plain()
    if coding in {"gzip", "x-gzip"}:
        return _Gunzip()
    raise FetchFailed(
        "undecodable", f"{response.request.url}: the answer is packed as {coding!r}, asked for was {ACCEPTED}"
    )


def _length(response: httpx.Response) -> int | None:
    if response.is_stream_consumed:
        return None
    value = response.headers.get("content-length", "")
    return int(value) if value.isdecimal() else None
