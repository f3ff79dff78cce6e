"""The objects that a PDF consists of, by pikepdf: what stands in the file, as it stands there.

Reading them takes pdfminer as long as pdfium takes for all characters; pikepdf (qpdf) is a hundred times faster.

Belongs here: pages, names, streams. Does not: what they say of fonts (`fonts`) or of text (`strings`), what is
drawn (`pdfium`).
"""

import io
import logging
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeGuard

import pikepdf
from pdfminer.pdftypes import PDFStream
from pdfminer.psparser import LIT

DEEPEST = 10
"""Objects within objects beyond this are not looked into."""

Unreadable = pikepdf.exceptions.PikepdfError
"""What is raised where the file is damaged, or locked by a password."""
_NOT_OF_A_FONT = frozenset(("/CharProcs", "/Resources"))
"""What draws the characters of a font, and may name that font again; what it says of them stands elsewhere."""
_PACKING = frozenset(("/Filter", "/DecodeParms", "/Length"))
"""How a stream is packed, which it is no more."""

# What qpdf mends it tells, once for each object; whether reading goes well shows in what is read.
logging.getLogger("pikepdf").setLevel(logging.ERROR)


def opened(content: bytes) -> pikepdf.Pdf:
    """The objects of a file.

    Raises:
        Unreadable: it is damaged beyond repair, or locked by a password.
    """
    return pikepdf.open(io.BytesIO(content))


def information(content: bytes) -> Mapping[str, str]:
    """What a file says of itself, by the names of the format (Title, Producer, ...), as far as it says anything."""
    try:
        with opened(content) as file:
            said = file.trailer.get("/Info")
            texts = said.as_dict().items() if is_dictionary(said) else ()
            return {key[1:]: str(text).strip() for key, text in texts if isinstance(text, pikepdf.String)}
    except (Unreadable, UnicodeError):
        return {}


def name_of(value: Any) -> bytes:
    """A name as it stands in the file, which may be in any encoding; empty where it is none."""
    return bytes(value)[1:] if isinstance(value, pikepdf.Name) else b""


def number_of(value: Any) -> float | None:
    """A number; None where it is none."""
    return float(value) if isinstance(value, int | Decimal) else None


def is_dictionary(value: Any) -> TypeGuard[pikepdf.Object]:
    """Whether a value is a dictionary by itself, or that of a stream."""
    return isinstance(value, pikepdf.Dictionary | pikepdf.Stream)


def first_of(value: Any) -> Any:
    """The first item of an array; None where there is none."""
    return value[0] if isinstance(value, pikepdf.Array) and len(value) else None


def own_content(page: pikepdf.Page) -> bytes:
    """The operators of a page, without those of the forms on it."""
    contents = page.obj.get("/Contents")
    parts = contents.as_list() if isinstance(contents, pikepdf.Array) else [contents]
    return b" ".join(part.read_bytes() for part in parts if isinstance(part, pikepdf.Stream))


def values(dictionary: Any) -> Iterator[Any]:
    """The values of a dictionary; none where it is none."""
    if isinstance(dictionary, pikepdf.Dictionary):
        yield from dictionary.as_dict().values()


def forms(resources: Any, deep: int = 0) -> Iterator[pikepdf.Object]:
    """The forms that a page or a form names, and those that these name."""
    if not isinstance(resources, pikepdf.Dictionary) or deep >= DEEPEST:
        return
    for stream in values(resources.get("/XObject")):
        if isinstance(stream, pikepdf.Stream) and name_of(stream.get("/Subtype")) == b"Form":
            yield stream
            yield from forms(stream.get("/Resources"), deep + 1)


def as_pdfminer(value: Any, deep: int = 0, without: frozenset[str] = frozenset()) -> Any:
    """A value of a font as pdfminer has it, with all that is in it.

    Args:
        value: as pikepdf has it.
        deep: what it is in.
        without: entries that are left out, with the stroke before their names.

    Raises:
        RecursionError: it holds itself.
    """
    if not isinstance(value, pikepdf.Object):
        return float(value) if isinstance(value, Decimal) else value
    if deep > DEEPEST:
        raise RecursionError("a font within itself")
    if isinstance(value, pikepdf.Stream):
        return PDFStream(dict(_entries(value, deep, without | _PACKING)), value.read_bytes())
    if isinstance(value, pikepdf.Dictionary):
        return dict(_entries(value, deep, without))
    if isinstance(value, pikepdf.Array):
        # Most are widths, hundreds of them.
        items = value.as_list()
        return [item if isinstance(item, int) else as_pdfminer(item, deep + 1, without) for item in items]
    if isinstance(value, pikepdf.Name):
        name = name_of(value)
        try:
            return LIT(name.decode())
        except UnicodeDecodeError:
            return LIT(name)
    return bytes(value)


def _entries(dictionary: Any, deep: int, without: frozenset[str]) -> Iterator[tuple[str, Any]]:
    for key, value in dictionary.items():
        if key not in _NOT_OF_A_FONT and key not in without:
            yield key[1:], as_pdfminer(value, deep + 1, without)
