"""What a PDF says of its fonts, as far as reading by pdfium needs to know it.

pdfium tells the name of a font and reads with it; how deep pdfminer has the type reach below the baseline, and whether
both decode it alike, stands in the file. Belongs here: font dictionaries. Does not: what a page shows in a font
(`pipelines.read.pdf.strings`), where it lies (`pipelines.read.pdf.pdfium`).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pikepdf
from pdfminer.pdffont import FontMetricsDB

from pipelines.read.pdf.objects import first_of, forms, is_dictionary, name_of, number_of, values

_SUBSET = re.compile(rb"[A-Z]{6}\+")
"""Before the name of a font of which a file holds a part; pdfium leaves it out of some."""
_KINDS = frozenset((b"Type1", b"MMType1", b"TrueType"))
_COLLECTIONS = frozenset((b"GB1", b"CNS1", b"Japan1", b"Korea1", b"KR"))


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
        self._known: dict[tuple[int, int], tuple[tuple[bytes, Font | None], ...]] = {}

    def on(self, page: pikepdf.Page, *, is_layered: bool) -> Callable[[bytes], Font | None]:
        """From the name that pdfium gives a font of `page` to what the file says of it.

        None for a font that is not known, is told in more than one way, or that pdfium may decode otherwise than
        pdfminer does.

        Args:
            page: the page.
            is_layered: whether there are forms on it, which have fonts of their own.
        """
        found: dict[bytes, Font | None] = {}
        for spec in _fonts(page, is_layered=is_layered):
            for name, font in self._entry(spec):
                known = found.get(name, font)
                found[name] = _both(known, font) if known and font else None
        return found.get

    def _entry(self, spec: Any) -> tuple[tuple[bytes, Font | None], ...]:
        if not is_dictionary(spec):
            return ()
        if not spec.is_indirect:
            return tuple(_described(spec))
        if spec.objgen not in self._known:
            self._known[spec.objgen] = tuple(_described(spec))
        return self._known[spec.objgen]


def _both(one: Font, other: Font) -> Font | None:
    """What is true of two fonts of one name: parts of one, or one set level and vertically. None where they differ."""
    if one.descent != other.descent:
        return None
    return Font(one.descent, one.is_vertical or other.is_vertical)


def _fonts(page: pikepdf.Page, *, is_layered: bool) -> Iterator[Any]:
    """The fonts that a page names, and the forms on it."""
    resources = page.resources
    for named in (resources, *(form.get("/Resources") for form in forms(resources))) if is_layered else (resources,):
        if is_dictionary(named):
            yield from values(named.get("/Font"))


def _described(spec: Any) -> Iterator[tuple[bytes, Font | None]]:
    """What a font dictionary says, under each name that pdfium may give the font."""
    inner = first_of(spec.get("/DescendantFonts"))
    if not is_dictionary(inner):
        inner = spec
    font = _font(spec, inner)
    names = {name_of(one.get("/BaseFont")) for one in (spec, inner)}
    for name in names | {_SUBSET.sub(b"", name) for name in names}:
        yield name, font


def _font(spec: Any, inner: Any) -> Font | None:
    """What is known of a font; None where pdfium and pdfminer may not read it alike."""
    kind = name_of(spec.get("/Subtype"))
    descriptor = inner.get("/FontDescriptor")
    is_composite = kind == b"Type0"
    told = number_of(descriptor.get("/Descent", 0)) if is_dictionary(descriptor) else 0.0
    if not is_composite:
        if kind not in _KINDS:
            return None  # of Type 3, each sizes the boxes in its way
        name = name_of(spec.get("/BaseFont"))
        standard = _standard(name)
        if standard is not None:
            if "/Widths" in spec or "/ToUnicode" in spec or name in (b"Symbol", b"ZapfDingbats"):
                return None  # pdfminer keeps to the widths of the standard, and to Latin letters
            told, descriptor = standard["Descent"], None
    if "/ToUnicode" not in spec and _needs_unicode(spec, inner, descriptor, is_composite=is_composite):
        return None
    if told is None:
        return None
    encoding = spec.get("/Encoding")
    if isinstance(encoding, pikepdf.Stream):
        encoding = encoding.get("/CMapName")
    if is_composite and ("/W2" in inner or "/DW2" in inner):
        return None  # the origins of its characters lie where pdfium does not tell
    return Font(descent=-abs(told) * 0.001, is_vertical=is_composite and name_of(encoding).endswith(b"V"))


def _standard(name: bytes) -> Mapping[str, Any] | None:
    """The measures of a font that every reader has; None for another."""
    try:
        return FontMetricsDB.get_metrics(name.decode("latin-1"))[0]
    except KeyError:
        return None


def _needs_unicode(spec: Any, inner: Any, descriptor: Any, *, is_composite: bool) -> bool:
    """Whether a font without a Unicode map is read by what its file holds, where each finds something else."""
    if is_composite:
        system = inner.get("/CIDSystemInfo")
        ordering = system.get("/Ordering") if is_dictionary(system) else None
        return not isinstance(ordering, pikepdf.String) or bytes(ordering) not in _COLLECTIONS
    is_embedded = is_dictionary(descriptor) and any(
        key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3")
    )
    return is_embedded and not isinstance(spec.get("/Encoding"), pikepdf.Name)
