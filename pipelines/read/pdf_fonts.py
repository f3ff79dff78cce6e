"""What a PDF says of its fonts, as far as reading by pdfium needs to know it.

pdfium tells the name of a font and reads with it; how deep pdfminer has the type reach below the baseline, and whether
both decode it alike, stands in the file. Belongs here: font dictionaries. Does not: what a page shows in a font
(`pipelines.read.pdf_strings`), where it lies (`pipelines.read.pdfium`).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pdfminer.pdffont import FontMetricsDB
from pdfminer.pdfpage import PDFPage
from pdfminer.pdftypes import PDFObjRef, PDFStream, resolve1
from pdfminer.psparser import PSLiteral

_SUBSET = re.compile(rb"[A-Z]{6}\+")
"""Before the name of a font of which a file holds a part; pdfium leaves it out of some."""
DEEPEST = 10
"""Forms within forms beyond this are not looked into."""


@dataclass(frozen=True, slots=True)
class Font:
    """What a PDF says of a font.

    Args:
        descent: how far below the baseline it reaches, as a share of the size; 0 or negative.
        is_vertical: whether it is set from top to bottom, in one of its uses at least.
    """

    descent: float
    is_vertical: bool


class Fonts:
    """The fonts of a document, looked up once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[tuple[bytes, Font | None], ...]] = {}

    def on(self, page: PDFPage, *, is_layered: bool) -> Callable[[bytes], Font | None]:
        """From the name that pdfium gives a font of `page` to what the file says of it.

        None for a font that is not known, is told in more than one way, or that pdfium may decode otherwise than
        pdfminer does.

        Args:
            page: the page.
            is_layered: whether there are forms on it, which have fonts of their own.
        """
        found: dict[bytes, Font | None] = {}
        for reference in _fonts(page.resources, deep=0 if is_layered else DEEPEST):
            for name, font in self._entry(reference):
                known = found.get(name, font)
                found[name] = _both(known, font) if known and font else None
        return found.get

    def _entry(self, reference: object) -> tuple[tuple[bytes, Font | None], ...]:
        number = reference.objid if isinstance(reference, PDFObjRef) else None
        if number is None:
            return tuple(_described(resolve1(reference)))
        if number not in self._known:
            self._known[number] = tuple(_described(resolve1(reference)))
        return self._known[number]


def _both(one: Font, other: Font) -> Font | None:
    """What is true of two fonts of one name: parts of one, or one set level and vertically. None where they differ."""
    if one.descent != other.descent:
        return None
    return Font(one.descent, one.is_vertical or other.is_vertical)


def _fonts(resources: object, deep: int) -> Iterator[object]:
    """The fonts that a page names, and the forms on it (one level a call, from `deep`)."""
    named = resolve1(resources)
    if not isinstance(named, Mapping):
        return
    yield from _values(named.get("Font"))
    if deep >= DEEPEST:
        return
    for reference in _values(named.get("XObject")):
        stream = resolve1(reference)
        if isinstance(stream, PDFStream) and _text(stream.get("Subtype")) == "Form":
            yield from _fonts(stream.get("Resources"), deep + 1)


def _values(dictionary: object) -> Iterator[object]:
    resolved = resolve1(dictionary)
    if isinstance(resolved, Mapping):
        yield from resolved.values()


def _described(spec: object) -> Iterator[tuple[bytes, Font | None]]:
    """What a font dictionary says, under each name that pdfium may give the font."""
    if not isinstance(spec, Mapping):
        return
    descendants = resolve1(spec.get("DescendantFonts"))
    inner = resolve1(descendants[0]) if isinstance(descendants, list) and descendants else spec
    if not isinstance(inner, Mapping):
        return
    font = _font(spec, inner)
    names = {_bytes(one.get("BaseFont")) for one in (spec, inner)}
    for name in names | {_SUBSET.sub(b"", name) for name in names}:
        yield name, font


def _font(spec: Mapping[str, Any], inner: Mapping[str, Any]) -> Font | None:
    """What is known of a font; None where pdfium and pdfminer may not read it alike."""
    name = _text(spec.get("BaseFont"))
    kind = _text(spec.get("Subtype"))
    descriptor = resolve1(inner.get("FontDescriptor"))
    is_composite = kind == "Type0"
    if not is_composite:
        if kind not in ("Type1", "MMType1", "TrueType"):
            return None  # of Type 3, each sizes the boxes in its way
        if _is_standard(name):
            if "Widths" in spec or "ToUnicode" in spec or name in ("Symbol", "ZapfDingbats"):
                return None  # pdfminer keeps to the widths of the standard, and to Latin letters
            descriptor = FontMetricsDB.get_metrics(name)[0]
    if not isinstance(descriptor, Mapping):
        descriptor = {}
    if "ToUnicode" not in spec and _needs_unicode(spec, inner, descriptor, is_composite=is_composite):
        return None
    descent = resolve1(descriptor.get("Descent", 0))
    if not isinstance(descent, int | float):
        return None
    encoding = resolve1(spec.get("Encoding"))
    if isinstance(encoding, PDFStream):
        encoding = resolve1(encoding.get("CMapName"))
    if is_composite and ("W2" in inner or "DW2" in inner):
        return None  # the origins of its characters lie where pdfium does not tell
    return Font(descent=-abs(float(descent)) * 0.001, is_vertical=is_composite and _text(encoding).endswith("V"))


def _is_standard(name: str) -> bool:
    try:
        FontMetricsDB.get_metrics(name)
    except KeyError:
        return False
    return True


def _needs_unicode(
    spec: Mapping[str, Any], inner: Mapping[str, Any], descriptor: Mapping[str, Any], *, is_composite: bool
) -> bool:
    """Whether a font without a Unicode map is read by what its file holds, where each finds something else."""
    if is_composite:
        system = resolve1(inner.get("CIDSystemInfo"))
        ordering = resolve1(system.get("Ordering")) if isinstance(system, Mapping) else None
        return ordering not in (b"GB1", b"CNS1", b"Japan1", b"Korea1", b"KR")
    is_embedded = any(key in descriptor for key in ("FontFile", "FontFile2", "FontFile3"))
    return is_embedded and not isinstance(resolve1(spec.get("Encoding")), PSLiteral)


def _text(value: object) -> str:
    """A name as text, empty where it is none."""
    resolved = resolve1(value)
    if not isinstance(resolved, PSLiteral):
        return resolved if isinstance(resolved, str) else ""
    return resolved.name if isinstance(resolved.name, str) else resolved.name.decode("latin-1")


def _bytes(value: object) -> bytes:
    """A name as it stands in the file."""
    resolved = resolve1(value)
    if not isinstance(resolved, PSLiteral):
        return b""
    return resolved.name.encode() if isinstance(resolved.name, str) else resolved.name


def forms(resources: object, deep: int = 0) -> Iterator[PDFStream]:
    """The forms on a page, and those on these."""
    named = resolve1(resources)
    if not isinstance(named, Mapping) or deep >= DEEPEST:
        return
    for reference in _values(named.get("XObject")):
        stream = resolve1(reference)
        if isinstance(stream, PDFStream) and _text(stream.get("Subtype")) == "Form":
            yield stream
            yield from forms(stream.get("Resources"), deep + 1)
