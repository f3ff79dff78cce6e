"""What a web page prints, before it is a document: lines and grids, each with the block element it stands in.

Belongs here: these values, and what one of them looks like by itself. Does not: markup, or what part of a page a
line belongs to.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from lxml import etree

Element = etree._Element

_NUMBER = re.compile(
    r"[-+−－]?\s*[\d０-９][\d０-９,，.．\s]*(?:[件项条次个人起宗例元%]|万元|亿元)?"
    r"|[-‐‑‒—–―－─━×/／…·]{1,4}|暂?[无無](?:此项)?|没有|未发生|不涉及|[零〇]|N/?A"
)
_SENTENCE_END = re.compile("[。！？；]")
CHAPTER = re.compile(r"(?:[一二三四五六七八九十]{1,3}\s*[、.．]|第[一二三四五六七八九十]{1,3}[章部])[^。]{2,38}")
PROSE = 60
"""Characters from which a cell with a full stop is prose: the forms' longest labels have no full stop."""
ESSAY = 400
"""Characters that no cell beside a figure has: such a cell is a column of the page, not of a table."""
LINK_SHARE = 0.6
"""Share of linked characters from which a text is a link and little else."""


@dataclass(slots=True, eq=False)
class Area:
    """A block element, with sums over everything printed inside it."""

    element: Element
    parent: "Area | None"
    length: int = 0
    linked: int = 0
    links: int = 0
    weight: int = 0
    weighty: int = 0
    landmarks: int = 0
    heaviest: "Area | None" = None
    inside: bool = False
    chrome: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A printed line: text between two breaks, how many of its characters are links, and how many links."""

    text: str
    area: Area
    linked: int
    links: int

    @property
    def weight(self) -> int:
        """Characters of prose: all of a line with a sentence, unless it is a link, else 0."""
        return len(self.text) if _SENTENCE_END.search(self.text) and not self.is_link else 0

    @property
    def is_link(self) -> bool:
        """Whether it is a link and little else. A full stop tells an anchor that was never closed."""
        return self.linked > len(self.text) * LINK_SHARE and "。" not in self.text

    @property
    def is_heading(self) -> bool:
        """Whether it is the heading of a chapter, and no entry of a table of contents."""
        return not self.linked and CHAPTER.fullmatch(self.text) is not None


@dataclass(frozen=True, slots=True)
class Fact:
    """Something the page states of itself."""

    name: str
    value: str


@dataclass(slots=True, eq=False)
class Slot:
    """A cell of the grid, placed by the table model, with the items printed inside it."""

    element: Element
    row_span: int
    column_span: int
    items: "list[Item]" = field(default_factory=list)
    row: int = 0
    column: int = 0
    text: str = ""

    @property
    def filled(self) -> bool:
        """Whether anything is printed in it."""
        return bool(self.items)

    @property
    def holds_table(self) -> bool:
        """Whether a grid is printed in it, or a picture that may show one."""
        return any(isinstance(item, Grid | Picture) for item in self.items)

    @property
    def is_number(self) -> bool:
        """Whether it is a figure, or a sign that stands for none."""
        return is_number(self.text)

    @property
    def is_prose(self) -> bool:
        """Whether it is a sentence longer than any label of the forms."""
        return len(self.text) >= PROSE and "。" in self.text


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of the document: some rows of a table element."""

    area: Area
    slots: tuple[Slot, ...]
    figures: bool

    @property
    def length(self) -> int:
        """Characters printed in it."""
        return sum(len(slot.text) for slot in self.slots)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that may show a part of the document: the block it stands in, and its `img`."""

    area: Area
    element: Element

    @property
    def length(self) -> int:
        """Characters that count for it: an area that holds nothing else is not empty."""
        return 1

    @property
    def figures(self) -> bool:
        """Whether it is known to be a grid of figures: what a picture shows is not known yet."""
        return False


Item = Line | Grid | Fact | Picture


def by_row(slots: Iterable[Slot]) -> Iterator[list[Slot]]:
    """The cells by the row they begin in."""
    for _, row in groupby(slots, key=lambda slot: slot.row):
        yield list(row)


def is_number(text: str) -> bool:
    """Whether a text is a figure, or a sign that stands for none."""
    return _NUMBER.fullmatch(text) is not None


def fold(text: str) -> str:
    """`text` with any white space folded to single spaces, ends trimmed."""
    return " ".join(text.split())


def unspaced(text: str) -> str:
    """`text` without white space, for comparing."""
    return "".join(text.split())
