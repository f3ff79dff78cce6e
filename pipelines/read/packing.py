"""Records as compressed bytes, and back: how they pass between processes and lie in the work folder.

Belongs here: the format, for any dataclass. Does not: what is packed. It lies among the readers so that another format
is another version of what they make: nothing that was packed otherwise is ever taken for it.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

Record = TypeVar("Record")

_LEVEL = 1
"""Of compression: a tenth is left of it, and more work leaves hardly less."""


class Damaged(Exception):  # noqa: N818 - the name states the situation
    """Bytes that are not a packed record of the type asked for: cut off, or changed."""


@dataclass(frozen=True, slots=True)
class Packing(Generic[Record]):
    """How records of one type become bytes and come back; equal records become equal bytes.

    Args:
        kind: the type.
        pack: a record as bytes.
        unpack: the record again; raises Damaged where the bytes are none.
    """

    kind: type[Record]
    pack: Callable[[Record], bytes]
    unpack: Callable[[bytes], Record]


def packing(kind: type[Record]) -> Packing[Record]:
    """The packing of a dataclass, as compressed MessagePack: its fields may have any types but a choice of dataclasses.

    Not with pydantic, which takes three times as long to check what it wrote itself.
    """
    encoder, decoder = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(kind)

    def pack(record: Record) -> bytes:
        return zlib.compress(encoder.encode(record), _LEVEL)

    def unpack(packed: bytes) -> Record:
        try:
            return decoder.decode(zlib.decompress(packed))
        except (zlib.error, msgspec.DecodeError) as error:
            raise Damaged(f"no packed {kind.__name__}: {error}") from error

    return Packing(kind, pack, unpack)
