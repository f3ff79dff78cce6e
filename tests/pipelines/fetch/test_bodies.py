import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Sequence

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.fetch.bodies import body, opening
from pipelines.fetch.problems import FetchFailed, Passing

MIB = 2**20


class Pieces(httpx.AsyncByteStream):
    def __init__(self, pieces: Sequence[bytes]) -> None:
        self.pieces = pieces
        self.given = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            self.given += 1
            yield piece


def response(*pieces: bytes, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = httpx.Request("GET", "http://www.example.cn/a")
    return httpx.Response(200, headers=named, stream=Pieces(pieces), request=request)


def read(*pieces: bytes, most: int = 64 * MIB, ratio: float = 100, **headers: str) -> bytes:
    return asyncio.run(body(response(*pieces, **headers), most=most, ratio=ratio))


def problem_of(*pieces: bytes, **settings: object) -> str:
    with pytest.raises(FetchFailed) as caught:
        read(*pieces, **settings)  # type: ignore[arg-type]
    return caught.value.problem


def cut(content: bytes, size: int) -> list[bytes]:
    return [content[start : start + size] for start in range(0, len(content), size)]


@settings(deadline=None)
@given(content=st.binary(max_size=2000), size=st.integers(1, 300), members=st.integers(1, 3))
def test_what_was_packed_comes_out_however_it_is_cut(content: bytes, size: int, members: int) -> None:
    assert read(*cut(content, size)) == content
    packed = gzip.compress(content, mtime=0) * members
    assert read(*cut(packed, size), content_encoding="gzip") == content * members


def test_more_than_a_step_comes_out_whole() -> None:
    content = bytes(range(256)) * 8192 + b"a" * 3 * MIB
    assert read(*cut(gzip.compress(content), 65_536), content_encoding="x-gzip") == content


@pytest.mark.parametrize("coding", ["", "identity", "none", "UTF-8", "binary"])
def test_names_that_mean_nothing(coding: str) -> None:
    assert read(b"a", b"b", content_encoding=coding) == b"ab"


def test_padding_after_the_end_is_let_go() -> None:
    assert read(gzip.compress(b"report") + bytes(100), content_encoding="gzip") == b"report"


def test_what_is_declared_as_packed_and_is_not() -> None:
    assert read(b"<ht", b"ml>", content_encoding="gzip") == b"<html>"


@pytest.mark.parametrize("coding", ["gzip, gzip", "br", "zstd", "deflate", "gzip;q=1"])
def test_what_was_not_asked_for_is_not_unpacked(coding: str) -> None:
    assert problem_of(zlib.compress(b"report"), content_encoding=coding) == "undecodable"


def test_damaged_packing() -> None:
    packed = gzip.compress(b"report" * 100)
    assert problem_of(packed[:10] + b"\xff" * 50, content_encoding="gzip") == "undecodable"


@pytest.mark.parametrize("kept", [5, 12, -9, -1])
def test_packing_that_breaks_off(kept: int) -> None:
    packed = gzip.compress(b"report" * 100)
    with pytest.raises(Passing) as caught:
        read(packed[:kept], content_encoding="gzip")
    assert caught.value.problem == "truncated"


def test_less_than_was_announced() -> None:
    with pytest.raises(Passing) as caught:
        read(b"half", content_length="100")
    assert caught.value.problem == "truncated"


def test_the_limit_is_on_packed_and_unpacked_bytes() -> None:
    assert read(b"x" * 10, most=10) == b"x" * 10
    assert problem_of(b"x" * 5, b"x" * 6, most=10) == "too_large"
    assert problem_of(gzip.compress(b"x" * 2000), most=1999, content_encoding="gzip") == "too_large"
    assert read(gzip.compress(b"x" * 2000), most=2000, content_encoding="gzip") == b"x" * 2000


def test_what_is_announced_as_too_large_is_not_begun() -> None:
    found = response(b"x", content_length="11")
    with pytest.raises(FetchFailed, match="larger than 10 bytes"):
        asyncio.run(body(found, most=10, ratio=100))
    assert isinstance(found.stream, Pieces)
    assert found.stream.given == 0


def test_a_bomb_is_left_after_a_few_mib() -> None:
    bomb = gzip.compress(bytes(16 * MIB), mtime=0) * 64
    found = response(*cut(bomb, 4096), content_encoding="gzip")
    with pytest.raises(FetchFailed) as caught:
        asyncio.run(body(found, most=2**30, ratio=100))
    assert caught.value.problem == "bomb"
    assert isinstance(found.stream, Pieces)
    assert found.stream.given < 5


def test_a_page_of_white_space_is_no_bomb() -> None:
    content = b" " * 7 * MIB
    assert read(gzip.compress(content), content_encoding="gzip") == content


def test_only_the_opening_is_read() -> None:
    found = response(*[b"x" * 100] * 100)
    assert asyncio.run(opening(found, 250)) == b"x" * 250
    assert isinstance(found.stream, Pieces)
    assert found.stream.given == 3
    packed = response(*cut(gzip.compress(bytes(MIB)), 50), content_encoding="gzip")
    assert asyncio.run(opening(packed, 250)) == bytes(250)


@pytest.mark.parametrize("coding", ["gzip", "br", "gzip, gzip"])
def test_an_opening_that_is_damaged_is_as_much_as_there_is(coding: str) -> None:
    found = response(gzip.compress(b"abc")[:10] + b"\xff" * 30, content_encoding=coding)
    assert asyncio.run(opening(found, 250)) == b""


def test_a_body_in_hand_is_taken_as_it_is() -> None:
    packed = httpx.Response(
        200,
        content=gzip.compress(b"report"),
        headers={"content-encoding": "gzip"},
        request=httpx.Request("GET", "http://a.cn"),
    )
    assert asyncio.run(body(packed, most=10, ratio=100)) == b"report"
