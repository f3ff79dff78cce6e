"""Seconds per report for each reader: against the least it can take, and against other tools on the same files.

Every tool reads each document in turn in the same process, so that whatever else the machine does falls on all alike;
what is counted is processor time, of all threads. The documents are generated, each with other figures, words and
layout. Belongs here: the tools, and the time they take. Does not: whether they read right (`tests.generator.accuracy`),
but for one thing: that the fast way of reading PDFs finds the same cells as the slow one.
"""

import contextlib
import ctypes
import io
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import pdfplumber
import pypdfium2
import pypdfium2.raw as pdfium
from lxml import etree

from pipelines.read.document import Cell, Document, Table
from pipelines.read.pdf.document import plain_pages, read_pdf
from pipelines.read.reader import read
from tests.bench.measured import Measured
from tests.generator.accuracy import KINDS

UNIT = "seconds per report"
NO_HASH = "0" * 64
SAME = 0.02
"""Points by which boxes may differ."""

Tool = Callable[[bytes], Any]


@dataclass(frozen=True, slots=True)
class Contest:
    """Tools that read documents of one kind.

    Args:
        group: what they do.
        kind: of generated documents.
        tools: each by its name; the first is the one that the others are compared with.
        slow: those that are given only every fourth document.
    """

    group: str
    kind: str
    tools: Mapping[str, Tool]
    slow: tuple[str, ...] = ()


# --- what the least is ------------------------------------------------------------------------------------------


def pdfium_alone(content: bytes) -> None:
    """All characters with their boxes and all paths with their points, asked for one by one and thrown away."""
    document = pypdfium2.PdfDocument(content)
    box, x, y = pdfium.FS_RECTF(), ctypes.c_float(), ctypes.c_float()
    for page in document:
        text = page.get_textpage()
        for index in range(text.count_chars()):
            pdfium.FPDFText_GetUnicode(text.raw, index)
            pdfium.FPDFText_GetLooseCharBox(text.raw, index, box)
        for drawn in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH]):
            for index in range(pdfium.FPDFPath_CountSegments(drawn.raw)):
                pdfium.FPDFPathSegment_GetPoint(pdfium.FPDFPath_GetPathSegment(drawn.raw, index), x, y)
        text.close()
        page.close()
    document.close()


def lxml_alone(content: bytes) -> None:
    """The tree of a web page."""
    etree.fromstring(content, etree.HTMLParser(encoding="utf-8"))


def parts_alone(content: bytes) -> None:
    """The trees of all parts of an office document or OFD."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(archive.read(name))


# --- tools ------------------------------------------------------------------------------------------------------


def gongkai(content: bytes) -> Document:
    """The reader that the pipeline uses."""
    return read(content, NO_HASH)


def gongkai_by_pdfminer(content: bytes) -> Document:
    """The same reader on what pdfplumber reads by itself: the reference."""
    return read_pdf(content, NO_HASH, plain_pages)


def pdfplumber_alone(content: bytes) -> None:
    """pdfplumber's tables and text, as its documentation has it."""
    with pdfplumber.open(io.BytesIO(content)) as pdf:
        for page in pdf.pages:
            for table in page.find_tables():
                table.extract()
            page.extract_text()
            page.close()


def camelot_lattice(content: bytes) -> None:
    """camelot's tables by their rules."""
    import camelot

    with contextlib.redirect_stdout(io.StringIO()):
        for table in camelot.read_pdf(io.BytesIO(content), pages="all", flavor="lattice", suppress_stdout=True):
            table.data  # noqa: B018 - as the others give their cells


def pymupdf_tables(content: bytes) -> None:
    """pymupdf's tables and text."""
    import pymupdf

    with contextlib.redirect_stdout(io.StringIO()), pymupdf.open(stream=content, filetype="pdf") as document:
        for page in document:
            for table in page.find_tables().tables:
                table.extract()
            page.get_text()


_PDF: Mapping[str, Tool] = {
    "gongkai": gongkai,
    "floor: pdfium reads characters and paths": pdfium_alone,
    "gongkai on pdfminer (reference)": gongkai_by_pdfminer,
}
CONTESTS = (
    Contest(
        "reading ruled PDFs",
        "pdf",
        {**_PDF, "pdfplumber": pdfplumber_alone, "pymupdf": pymupdf_tables, "camelot (lattice)": camelot_lattice},
        slow=("pymupdf", "camelot (lattice)"),
    ),
    Contest("reading PDFs without rules", "pdf-borderless", _PDF),
    Contest("reading PDFs with some rules", "pdf-partly", _PDF),
    Contest("reading web pages", "html", {"gongkai": gongkai, "floor: lxml parses": lxml_alone}),
    Contest("reading Word documents", "docx", {"gongkai": gongkai, "floor: lxml parses": parts_alone}),
    Contest("reading spreadsheets", "xlsx", {"gongkai": gongkai, "floor: lxml parses": parts_alone}),
    Contest("reading OFD", "ofd", {"gongkai": gongkai, "floor: lxml parses": parts_alone}),
)
"""Who reads what. A tool that is not installed is left out."""
SCANS = Contest("reading scans", "scan", {"gongkai": gongkai})


def measure(documents: int, scans: int = 0, first_seed: int = 1) -> list[Measured]:
    """Seconds per report of every tool.

    Args:
        documents: how many of each kind.
        scans: how many scans, which take tens of seconds each.
        first_seed: of the first document of each kind.
    """
    found: list[Measured] = []
    for contest in CONTESTS:
        found += _held(contest, documents, first_seed)
    if scans:
        found += _held(SCANS, scans, first_seed)
    return [*found, _same_cells(documents, first_seed)]


def _held(contest: Contest, documents: int, first_seed: int) -> Iterator[Measured]:
    contents = [KINDS[contest.kind](first_seed + number).content for number in range(documents)]
    taken: dict[str, list[float]] = {name: [] for name in contest.tools if _works(contest.tools[name], contents[0])}
    for number, content in enumerate(contents):
        for name in taken:
            if name not in contest.slow or number % 4 == 0:
                taken[name].append(_seconds(contest.tools[name], content))
    first = _mean(next(iter(taken.values())))
    for name, seconds in taken.items():
        mean = _mean(seconds)
        yield Measured(contest.group, name, mean, UNIT, mean / first, f"{len(seconds)} documents")


def _works(tool: Tool, content: bytes) -> bool:
    """Whether a tool is installed; it has then been used once, and has loaded what it needs."""
    try:
        tool(content)
    except ImportError:
        return False
    return True


def _seconds(tool: Tool, content: bytes) -> float:
    """Processor time, the less of two."""
    taken = []
    for _ in range(2):
        start = time.process_time()
        tool(content)
        taken.append(time.process_time() - start)
    return min(taken)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _same_cells(documents: int, first_seed: int) -> Measured:
    """How many ruled PDFs have the same cells in the fast and in the slow way of reading."""
    contents = (KINDS["pdf"](first_seed + number).content for number in range(documents))
    same = sum(_have_same_cells(gongkai(content), gongkai_by_pdfminer(content)) for content in contents)
    what = "cells equal to the reference"
    return Measured("reading ruled PDFs", what, same, "documents", note=f"of {documents}")


def _have_same_cells(one: Document, other: Document) -> bool:
    """Whether all cells have the same places, spans and texts, and boxes that differ by less than the eye sees."""
    pairs = list(zip_longest(_cells(one), _cells(other)))
    return all(
        a is not None
        and b is not None
        and (a.row, a.column, a.row_span, a.column_span, a.text) == (b.row, b.column, b.row_span, b.column_span, b.text)
        and a.place.page == b.place.page
        and all(abs(x - y) < SAME for x, y in zip(a.place.box or (), b.place.box or (), strict=True))
        for a, b in pairs
    )


def _cells(document: Document) -> list[Cell]:
    return [cell for block in document.blocks if isinstance(block, Table) for cell in block.cells]
