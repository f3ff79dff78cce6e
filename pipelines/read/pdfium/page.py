"""What is drawn on a page, by pdfium.

Belongs here: the page as a whole. Does not: its characters (`chars`), its lines (`paths`).
"""

import pypdfium2
from pdfplumber.page import Page

from pipelines.read.drawn import Char
from pipelines.read.pdf_fonts import Fonts
from pipelines.read.pdf_strings import Typefaces
from pipelines.read.pdfium.chars import chars_on
from pipelines.read.pdfium.layers import layers_of, times, turned
from pipelines.read.pdfium.paths import ruling_edges
from pipelines.read.pdfium.runs import Types
from pipelines.read.pdfium.strings import Strings, said
from pipelines.read.ruling import Edge


def drawn_on(
    page: Page, document: pypdfium2.PdfDocument, fonts: Fonts, typefaces: Typefaces
) -> tuple[list[Char], list[Edge]]:
    """The characters of a page, and the lines on it that may rule a table.

    Args:
        page: the page as pdfplumber has opened it.
        document: the file as pdfium has opened it.
        fonts: what is known of its fonts.
        typefaces: those that texts are read in by their strings.

    Raises:
        BeyondPdfium: it does not tell all.
    """
    read = document[page.page_number - 1]
    try:
        to = turned(page)
        layers = layers_of(read)
        found: list[Char] = []
        if any(layer.texts for layer in layers):
            known = said(fonts.on, page.page_obj, is_layered=len(layers) > 1)
            strings = Strings(page.page_obj, layers, typefaces, to)
            found = chars_on(read, layers, to, Types(to, known), strings)
        edges = [
            edge for layer in layers for edge in ruling_edges(layer.paths, times(layer.outer, to.matrix), to.height)
        ]
        return found, edges
    finally:
        read.close()  # until here it must live: what it holds dies with it
