"""How a report is worded and its tables are set out: grids of printed cells, from the forms' own wording.

Belongs here: which text stands in which cell (labels and their variants, notation of numbers), which cells span
what, how many tables chapter 2 is. Does not: markup, lines and pages.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from schemas.codes import PROCEEDING, RESULT
from schemas.forms import Block, Label, Measure, form
from tests.generator.choices import Choices
from tests.generator.figures import Finding, Key, Report, outcomes, results

Kind = Literal["title", "head", "label", "figure", "spacer"]


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell to be printed: upper left position from 0, spans, text, what it is, whose figure it holds."""

    row: int
    column: int
    row_span: int
    column_span: int
    text: str
    kind: Kind
    key: Key | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: its spots, the share of its width each column takes, how many rows at its head may repeat."""

    name: str
    spots: tuple[Spot, ...]
    widths: tuple[float, ...]
    head_rows: int = 0

    @property
    def row_count(self) -> int:
        """Rows of the grid."""
        return max(spot.row + spot.row_span for spot in self.spots)

    @property
    def column_count(self) -> int:
        """Columns of the grid."""
        return len(self.widths)


@dataclass(frozen=True, slots=True)
class Printed:
    """A figure as printed: the cell's text, and the value, unit and note that it states."""

    text: str
    value: Decimal | None
    unit: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter: heading, paragraphs, the tables after them."""

    heading: str
    paragraphs: tuple[str, ...]
    grids: tuple[Grid, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """A report set out: title, chapters (the preamble first), figures as printed, findings on its labels."""

    title: str
    chapters: tuple[Chapter, ...]
    printed: Mapping[Key, Printed]
    label_findings: frozenset[Finding]


MONEY = ("amount", "procurement_amount")


ZEROS = ("0", "", "/", "-", "—", "——", "…", "０")
"""What stands in a cell for nothing; the first two are the commonest."""


def lay_out(report: Report, choices: Choices, zeros: Sequence[str] = ZEROS) -> Layout:
    """Set out a report; `zeros` are the ways to print nothing."""
    wording = _Wording(report, choices)
    figures = _notation(report, choices, zeros)
    printed = {key: _printed(report, key, figures) for key in report.values}
    printed = {key: one for key, one in printed.items() if key[:2] not in report.left_out}
    wording.head_unit = figures.head_unit
    chapters = _chapters(report, choices, wording, printed)
    return Layout(report.title, chapters, printed, frozenset(wording.findings))


# --- numbers ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Notation:
    """How a report prints its numbers."""

    zero: str
    number: Callable[[Decimal], str]
    unit_in_cell: str
    money: str
    head_unit: str
    money_in_cell: bool
    noted: frozenset[Key]


def _notation(report: Report, choices: Choices, zeros: Sequence[str]) -> _Notation:
    money = "元" if choices.chance("money in 元", 0.25) else "万元"
    # The form of 2021 names 万元 in the heading; a report that counts in 元 must say so somewhere.
    in_head = choices.chance("unit of money in its heading", 0.6 if report.form == "2021" else 0.3)
    in_cell = choices.chance("unit of money in its cell", 0.25)
    in_head = in_head or (money == "元" and (report.form == "2021" or not in_cell))
    head_unit = choices.pick("heading's unit", ("（单位：{}）", "(单位:{})", "（{}）", "\n（单位：{}）"), (6, 1, 1, 1))
    countable = [key for key in sorted(report.values) if key[0] == "disclosures" and report.values[key] > 0]
    some = choices.random.sample(countable, min(len(countable), 2))
    return _Notation(
        zero=choices.pick("zero", zeros, [{"0": 12, "": 2, "/": 2}.get(zero, 1) for zero in zeros]),
        number=choices.pick("number", (_plain, _thousands, _wide_thousands, _grouped, _full_width), (6, 2, 1, 1, 1)),
        unit_in_cell=choices.pick("unit of counts", ("", "件", " 件"), (6, 1, 1)),
        money=money,
        head_unit=head_unit.format(money) if in_head else "",
        money_in_cell=in_cell,
        noted=frozenset(some if choices.chance("notes in cells", 0.2) else ()),
    )


def _plain(value: Decimal) -> str:
    return f"{value:f}"


def _thousands(value: Decimal) -> str:
    return f"{value:,f}"


def _wide_thousands(value: Decimal) -> str:
    return f"{value:,f}".replace(",", "，")


def _grouped(value: Decimal) -> str:
    return f"{value:,f}".replace(",", " ")


def _full_width(value: Decimal) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) for sign in f"{value:f}")


def _printed(report: Report, key: Key, notation: _Notation) -> Printed:
    money = key[2] in MONEY
    unit = _unit(report, key)
    if money and notation.head_unit:
        unit = notation.money
    if key in report.unreadable:
        return Printed(report.unreadable[key], None, unit)
    if key in report.blanked:
        return Printed("", None, unit)
    value = report.values[key]
    if value == 0 and notation.zero not in ("0", "０"):
        return Printed(notation.zero, None, unit)
    text = notation.number(value) if value else notation.zero
    if money and notation.money_in_cell:
        unit = notation.money
        text += unit
    elif notation.unit_in_cell and not money:
        text += notation.unit_in_cell.replace("件", unit or "件")
    note = "（其中修订1件）" if key in notation.noted else None
    return Printed(text + (note or ""), value, unit, note)


def _unit(report: Report, key: Key) -> str | None:
    if key[0] != "disclosures":
        return None
    return next(
        measure.unit
        for block in form(report.form).blocks
        for measure in block.measures
        if measure.code == key[2] and any(category.code == key[1] for category in block.categories)
    )


# --- labels -------------------------------------------------------------------------------------------------

_WIDE_PUNCTUATION = str.maketrans("（），、“”", '(),，""')
_ORDINAL_SIGNS = ("1.", "1．", "1、", "1. ", "(1)")
_BRACKETS = {"（一）": str, "(一)": lambda text: text.translate(_WIDE_PUNCTUATION), "（ 一 ）": " ".join}


class _Wording:
    """The labels as this report prints them, and the findings that damaged ones must lead to."""

    def __init__(self, report: Report, choices: Choices) -> None:
        self.report = report
        self.form = form(report.form)
        self.findings: set[Finding] = set()
        self.head_unit = ""
        self._choices = choices
        self._ordinal = choices.pick("ordinals", _ORDINAL_SIGNS, (4, 2, 2, 1, 1))
        self._bracket = choices.pick("brackets", tuple(_BRACKETS), (6, 2, 1))
        self._narrow = choices.chance("half-width punctuation", 0.2)
        self._spaced = choices.chance("spaces in labels", 0.2)
        self._variants = choices.chance("label variants", 0.3)
        self._no_ordinals = choices.chance("labels without ordinals", 0.05)

    def outcome(self, code: str) -> str:
        """The label of a row of chapter 3, with its ordinal."""
        label = next(each for each in self.form.outcomes if each.code == code)
        text = self._text("requests", label)
        if label.ordinal is None or self._no_ordinals:
            return text
        if label.ordinal.isdigit():
            return self._ordinal.replace("1", label.ordinal) + text
        if label.ordinal.startswith("（"):
            return _BRACKETS[self._bracket](label.ordinal) + text
        return f"{label.ordinal}、{text}"

    def group(self, code: str, ordinal: str) -> str:
        """The heading of a group of rows of chapter 3."""
        return _BRACKETS[self._bracket](ordinal) + self._styled(code)

    def category(self, label: Label) -> str:
        return self._text("disclosures", label)

    def applicant(self, label: Label) -> str:
        """The heading of a column of chapter 3."""
        return self._text("requests", label)

    def plain(self, label: Label) -> str:
        """A heading that is never damaged."""
        return self._styled(self._wording(label))

    def measure(self, measure: Measure) -> str:
        """The heading of a column of chapter 2, with the unit of money where the report names it."""
        return self.plain(measure) + (self.head_unit if measure.code in MONEY else "")

    def _text(self, table: str, label: Label) -> str:
        text = self._wording(label)
        if (table, label.code) in self.report.damaged:
            text = _damaged(text, label, self._choices)
            if _letters(text) not in map(_letters, label.wordings()):
                self.findings.add(("form.label", f"{table}.{label.code}"))
        return self._styled(text)

    def _wording(self, label: Label) -> str:
        return self._choices.random.choice(label.wordings()) if self._variants else label.label

    def _styled(self, text: str) -> str:
        if self._narrow:
            text = text.translate(_WIDE_PUNCTUATION)
        if self._spaced and len(text) < 5:
            return "　".join(text) if self._choices.random.random() < 0.5 else " ".join(text)
        if self._spaced and self._choices.random.random() < 0.3:
            at = self._choices.random.randrange(1, len(text))
            return f"{text[:at]} {text[at:]}"
        return text


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, text))


def _damaged(text: str, label: Label, choices: Choices) -> str:
    """The label with a few characters missing or wrong, never so many that only its place tells it."""
    letters = [position for position, sign in enumerate(text) if sign.isalpha()]
    if len(letters) < 6:
        return text
    at = choices.random.sample(letters, choices.random.randint(1, max(1, len(letters) // 5)))
    sign = choices.random.choice(("", "", "某"))
    damaged = "".join(sign if position in at else each for position, each in enumerate(text))
    choices.tell(f"{label.code} printed {damaged}")
    return damaged


# --- chapter 2 ----------------------------------------------------------------------------------------------


def _disclosure_grids(
    report: Report, choices: Choices, wording: _Wording, printed: Mapping[Key, Printed]
) -> tuple[Grid, ...]:
    blocks = form(report.form).blocks
    parts = choices.pick("tables of chapter 2", (1, 2, len(blocks)), (5, 1, 2))
    columns = choices.pick("columns of chapter 2", ("twelfths", "stretched", "ragged"), (3, 2, 1))
    titles = choices.pick("items of article 20", ("row", "none", "side"), (10, 1, 1))
    split = {1: [blocks], 2: [blocks[:1], blocks[1:]]}.get(parts, [(block,) for block in blocks])
    sides = [choices.random.choice(("first", "last")) for _ in blocks]
    grids = []
    for part in split:
        spots: list[Spot] = []
        width = 12 if columns == "twelfths" else max(len(block.measures) + 1 for block in part)
        for block in part:
            top = max((spot.row + spot.row_span for spot in spots), default=0)
            edges = _block_edges(len(block.measures) + 1, width, columns, sides[blocks.index(block)])
            spots += _block(block, top, edges, width, titles == "row", wording, printed)
            if titles == "side":
                spots = _with_side(spots, top, block.article)
        if titles == "side":
            spots = [replace(spot, column=spot.column + (spot.kind != "title")) for spot in spots]
        shares = tuple(1 + choices.random.random() * 0.4 for _ in range(width))
        side = (sum(shares) / 5,) if titles == "side" else ()
        grids.append(Grid("disclosures", tuple(spots), side + shares))
    return tuple(grids)


def _with_side(spots: list[Spot], top: int, article: str) -> list[Spot]:
    bottom = max(spot.row + spot.row_span for spot in spots)
    return [*spots, Spot(top, 0, bottom - top, 1, article, "title")]


def _block_edges(cells: int, width: int, columns: str, side: str) -> list[int]:
    """Column edges of a row of so many cells in a table of `width` columns."""
    if columns == "twelfths":
        return [width * cell // cells for cell in range(cells + 1)]
    if columns == "ragged":
        return list(range(cells + 1))
    more = width - cells
    if side == "first":
        return [0, *(1 + more + cell for cell in range(cells))]
    return [*range(cells), width]


def _block(
    block: Block,
    top: int,
    edges: list[int],
    width: int,
    titled: bool,
    wording: _Wording,
    printed: Mapping[Key, Printed],
) -> Iterator[Spot]:
    row = top
    if titled:
        yield Spot(row, 0, 1, width, block.article, "title")
        row += 1
    spans = [(left, right - left) for left, right in pairwise(edges)]
    rest = range(edges[-1], width)
    heads = ["信息内容", *(wording.measure(each) for each in block.measures)]
    yield from (Spot(row, left, 1, span, text, "head") for (left, span), text in zip(spans, heads, strict=True))
    yield from (Spot(row, column, 1, 1, "", "spacer") for column in rest)
    for category in block.categories:
        row += 1
        yield Spot(row, 0, 1, spans[0][1], wording.category(category), "label")
        for (left, span), measure in zip(spans[1:], block.measures, strict=True):
            key = ("disclosures", category.code, measure.code)
            yield Spot(row, left, 1, span, printed[key].text, "figure", key)
        yield from (Spot(row, column, 1, 1, "", "spacer") for column in rest)


# --- chapter 3 ----------------------------------------------------------------------------------------------

_RELATION = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
_GROUPS = {"不予公开": "（三）", "无法提供": "（四）", "不予处理": "（五）", "其他处理": "（六）"}


def _requests_grid(report: Report, choices: Choices, wording: _Wording, printed: Mapping[Key, Printed]) -> Grid:
    applicants = form(report.form).applicants
    head = choices.pick("heading rows of chapter 3", (3, 2, 1), (6, 1, 1))
    flat = choices.chance("办理结果 as a row of its own", 0.1)
    lead = 2 if flat else 3
    spots = list(_applicant_heads(applicants, head, lead, wording))
    rows = [code for code in outcomes(report.several) if ("requests", code) not in report.left_out]
    groups = {label.code: label.group for label in form(report.form).outcomes}
    of_results = results(rows)
    row = head
    for code in rows:
        if code in (of_results[0], "total_processed"):
            if code == of_results[0] and flat:
                spots.append(Spot(row, 0, 1, lead + 7, "三、本年度办理结果", "label"))
                row += 1
            elif code == of_results[0]:
                spots.append(Spot(row, 0, len(of_results) + 1, 1, "三、本年度办理结果", "label"))
        inner = code in of_results or code == "total_processed"
        left = 1 if inner and not flat else 0
        group = groups[code]
        if group is not None:
            members = [other for other in rows if groups[other] == group]
            if code == members[0]:
                text = wording.group(group, _GROUPS[group])
                spots.append(Spot(row, left, len(members), 1, text, "label"))
            left += 1
        spots.append(Spot(row, left, 1, lead - left, wording.outcome(code), "label"))
        for column, applicant in enumerate(applicants, lead):
            key = ("requests", code, applicant.code)
            spots.append(Spot(row, column, 1, 1, printed[key].text, "figure", key))
        row += 1
    lead_widths = (2.4, 5.5) if flat else (1.2, 2, 5)
    figure = choices.between("width of a column of figures", 1.1, 2.2)
    return Grid("requests", tuple(spots), (*lead_widths, *(figure,) * 7), head)


def _applicant_heads(applicants: tuple[Label, ...], rows: int, lead: int, wording: _Wording) -> Iterator[Spot]:
    yield Spot(0, 0, rows, lead, _RELATION, "head")
    top = 0
    if rows == 3:
        yield Spot(0, lead, 1, 7, "申请人情况", "head")
        top = 1
    first, *organisations, total = applicants
    below = rows - top
    yield Spot(top, lead, below, 1, wording.applicant(first), "head")
    if below == 2:
        yield Spot(top, lead + 1, 1, 5, "法人或其他组织", "head")
    yield Spot(top, lead + 6, below, 1, wording.applicant(total), "head")
    for column, label in enumerate(organisations, lead + 1):
        yield Spot(rows - 1, column, 1, 1, wording.applicant(label), "head")


# --- chapter 4 ----------------------------------------------------------------------------------------------


def _reviews_grid(report: Report, choices: Choices, wording: _Wording, printed: Mapping[Key, Printed]) -> Grid:
    review, *litigation = form(report.form).proceedings
    all_results = form(report.form).results
    spots: list[Spot] = []
    below = choices.pick("heading rows of chapter 4", (3, 2), (6, 1)) - 1
    spots.append(Spot(0, 0, 1, 5, wording.plain(review), "head"))
    if below == 2:
        spots.append(Spot(0, 5, 1, 10, "行政诉讼", "head"))
        spots += [Spot(1, column, 2, 1, wording.plain(each), "head") for column, each in enumerate(all_results)]
    else:
        spots += [Spot(1, column, 1, 1, wording.plain(each), "head") for column, each in enumerate(all_results)]
    for left, proceeding in zip((5, 10), litigation, strict=True):
        spots.append(Spot(below - 1, left, 1, 5, wording.plain(proceeding), "head"))
        spots += [
            Spot(below, column, 1, 1, wording.plain(each), "head") for column, each in enumerate(all_results, left)
        ]
    keys = [("reviews", row, column) for row in PROCEEDING.values() for column in RESULT.values()]
    spots += [Spot(below + 1, column, 1, 1, printed[key].text, "figure", key) for column, key in enumerate(keys)]
    return Grid("reviews", tuple(spots), (1.0,) * 15, below + 1)


# --- chapters -----------------------------------------------------------------------------------------------

_HEADINGS = {
    "overview": ("总体情况", "总体情况", "总体情况"),
    "priorities": ("重点领域工作", "重点工作推进", "重点领域工作"),
    "disclosures": ("主动公开政府信息情况", "主动公开政府信息情况", "主动公开政府信息"),
    "requests": ("收到和处理政府信息公开申请情况", "收到和处理政府信息公开申请情况", "收到和处理政府信息公开申请"),
    "reviews": (
        "政府信息公开行政复议、行政诉讼情况",
        "因政府信息公开工作被申请行政复议、提起行政诉讼情况",
        "政府信息公开行政复议、行政诉讼",
    ),
    "problems": ("存在的主要问题及改进情况", "政府信息公开工作存在的主要问题及改进情况", "存在的主要问题及改进"),
    "other": ("其他需要报告的事项", "其他需要报告的事项", "需要报告的其他事项"),
}
_NUMERALS = "一二三四五六七八九"
_FILLER = (
    "坚持以公开为常态、不公开为例外，及时回应社会关切，稳步提升公开质量。",
    "健全信息发布审核机制，落实先审查、后公开的要求，做到依法公开、规范公开。",
    "进一步畅通渠道，优化办理流程，加强与申请人的沟通，保障公众依法获取政府信息。",
    "加强平台建设，完善专栏内容，做好栏目的日常维护，方便公众查询。",
    "组织业务培训，开展监督检查，通报存在的问题并督促整改落实。",
)


def _chapters(
    report: Report, choices: Choices, wording: _Wording, printed: Mapping[Key, Printed]
) -> tuple[Chapter, ...]:
    length = choices.whole("paragraphs a chapter of prose", 1, 9)
    renumbered = choices.chance("chapters renumbered", 0.15)
    in_table = choices.chance("headings in the first row of tables", 0.12)
    bare = choices.chance("headings without 情况", 0.15)
    note = choices.chance("a note above tables", 0.15)
    grids = {
        "disclosures": _disclosure_grids(report, choices, wording, printed),
        "requests": (_requests_grid(report, choices, wording, printed),),
        "reviews": (_reviews_grid(report, choices, wording, printed),),
    }
    chapters = [Chapter("", (_opening(report),))]
    names = [name for name in _HEADINGS if renumbered or name != "priorities"]
    for number, name in enumerate(names):
        words = _HEADINGS[name][2 if bare else choices.random.randrange(2)]
        heading = f"{_NUMERALS[number]}、{words}"
        tables = grids.get(name, ())
        prose = _prose(report, choices, name, length) if not tables else (("单位：件",) if note else ())
        if tables and in_table:
            chapters.append(Chapter("", prose, (_headed(tables[0], heading), *tables[1:])))
        else:
            chapters.append(Chapter(heading, prose, tables))
    return tuple(chapters)


def _headed(grid: Grid, heading: str) -> Grid:
    """The table with its chapter's heading as its first row."""
    spots = [replace(spot, row=spot.row + 1) for spot in grid.spots]
    head = Spot(0, 0, 1, grid.column_count, heading, "title")
    return replace(grid, spots=(head, *spots), head_rows=0)


def _opening(report: Report) -> str:
    return (
        f"本报告由{report.publisher}按照《中华人民共和国政府信息公开条例》和有关要求编制。"
        f"本报告中所列数据的统计期限为{report.year}年1月1日至{report.year}年12月31日。"
    )


def _prose(report: Report, choices: Choices, name: str, length: int) -> tuple[str, ...]:
    lines = ["".join(choices.random.choices(_FILLER, k=choices.random.randint(1, 3))) for _ in range(length)]
    if name == "overview":
        stated = f"全年共收到政府信息公开申请{report.stated}件，均在法定期限内答复。"
        lines.insert(choices.random.randint(0, len(lines)), f"（二）依申请公开。{stated}")
    return tuple(lines)
