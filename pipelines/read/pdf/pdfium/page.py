"""What is drawn on a page, by pdfium.

Belongs here: the page as a whole. Does not: its characters (`chars`), its lines (`paths`).
"""

from collections.abc import Callable
from functools import cache

import pikepdf
import pypdfium2

from pipelines.read.drawn import Char, DrawnPage
from pipelines.read.pdf.fonts import Font, Fonts
from pipelines.read.pdf.pdfium.chars import chars_on
from pipelines.read.pdf.pdfium.layers import layers_of, times, turned
from pipelines.read.pdf.pdfium.paths import ruling_edges
from pipelines.read.pdf.pdfium.runs import Types
from pipelines.read.pdf.pdfium.strings import Strings, said
from pipelines.read.pdf.strings import Typefaces


def drawn_on(number: int, page: pikepdf.Page, read: pypdfium2.PdfPage, fonts: Fonts, typefaces: Typefaces) -> DrawnPage:
    """The characters of a page, and the lines on it that may rule a table.

    Args:
        number: of the page, from 1.
        page: the page as it stands in the file.
        read: the page as pdfium has it.
        fonts: what is known of the fonts of the file.
        typefaces: those that texts are read in by their strings.

    Raises:
        BeyondPdfium: pdfium does not tell all.
    """
    to = said(turned, page, read.get_rotation())
    layers = layers_of(read)
    found: list[Char] = []
    if any(layer.texts for layer in layers):
        strings = Strings(page, layers, typefaces, to)
        types = Types(to, _by_name(page, fonts, is_layered=len(layers) > 1))
        found = chars_on(read, layers, to, types, strings)
    edges = [edge for layer in layers for edge in ruling_edges(layer.paths, times(layer.outer, to.matrix), to.height)]
    return DrawnPage(number, to.height, found, edges)


def _by_name(page: pikepdf.Page, fonts: Fonts, *, is_layered: bool) -> Callable[[bytes], Font | None]:
    """What the file says of a font of a page, by its name; looked up when the first is asked for.

    Nothing is known of one without a name: browsers have hundreds of these (Type 3), and pdfium does not tell which.
    """
    known = cache(lambda: said(fonts.on, page, is_layered=is_layered))
    return lambda name: known()(name) if name else None
