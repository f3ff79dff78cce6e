"""The statutory tables of a report as grids of printed cells, from the form's own labels.

Belongs here: which text stands in which cell, and what the cell is. Does not: how a page draws it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from pipelines.sample.report import Report
from schemas.forms import Block, Form, Label

Kind = Literal["title", "head", "label", "number"]

UNITS = 12
"""Columns of a chapter 2 table: divisible by the 2, 3 and 4 columns that its blocks have."""

_GROUPS = {"不予公开": "（三）", "无法提供": "（四）", "不予处理": "（五）", "其他处理": "（六）"}
_RELATION = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
_SHORT = {
    "商业企业": "商业\n企业",
    "科研机构": "科研\n机构",
    "社会公益组织": "社会\n公益\n组织",
    "法律服务机构": "法律\n服务\n机构",
}


@dataclass(frozen=True, slots=True)
class Printed:
    """A cell: its upper left position from 0, its spans, its text (lines parted by newlines), what it is."""

    row: int
    column: int
    row_span: int
    column_span: int
    text: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: its cells by row and column, and the share of its width that each column takes."""

    cells: tuple[Printed, ...]
    widths: tuple[float, ...]

    @property
    def row_count(self) -> int:
        """Rows of the grid."""
        return max(cell.row + cell.row_span for cell in self.cells)

    def rows(self) -> tuple[tuple[Printed, ...], ...]:
        """The cells that begin in each row, left to right."""
        return tuple(tuple(cell for cell in self.cells if cell.row == row) for row in range(self.row_count))


def disclosure_grids(report: Report) -> tuple[Grid, ...]:
    """Chapter 2, one grid a block of the form."""
    return tuple(_block(report, block) for block in report.form.blocks)


def stacked(grids: Sequence[Grid]) -> Grid:
    """Grids of equal columns, one below the other, as one."""
    cells: list[Printed] = []
    top = 0
    for grid in grids:
        cells.extend(replace(cell, row=cell.row + top) for cell in grid.cells)
        top += grid.row_count
    return Grid(tuple(cells), grids[0].widths)


def requests_grid(report: Report) -> Grid:
    """Chapter 3."""
    cells = [Printed(0, 0, 3, 3, _RELATION, "head"), Printed(0, 3, 1, 7, "申请人情况", "head")]
    person, *organisations, total = report.form.applicants
    cells.append(Printed(1, 3, 2, 1, person.label, "head"))
    cells.append(Printed(1, 4, 1, len(organisations), "法人或其他组织", "head"))
    cells.append(Printed(1, 9, 2, 1, total.label, "head"))
    cells.extend(
        Printed(2, column, 1, 1, _SHORT.get(label.label, label.label), "head")
        for column, label in enumerate(organisations, 4)
    )
    printed = list(dict.fromkeys(outcome for outcome, _, _ in report.requests))
    labels = {label.code: label for label in report.form.outcomes}
    results = [code for code in printed if _is_result(labels[code])]
    for row, code in enumerate(printed, 3):
        label = labels[code]
        if code == results[0]:
            cells.append(Printed(row, 0, len(results), 1, "三、本年度办理结果", "label"))
        if not _is_result(label):
            cells.append(Printed(row, 0, 1, 3, f"{label.ordinal}、{_wording(report, label)}", "label"))
        elif label.group is None:
            cells.append(Printed(row, 1, 1, 2, f"{label.ordinal}{_wording(report, label)}", "label"))
        else:
            members = [other for other in printed if labels[other].group == label.group]
            if code == members[0]:
                heading = f"{_GROUPS[label.group]}{label.group}"
                cells.append(Printed(row, 1, len(members), 1, heading, "label"))
            cells.append(Printed(row, 2, 1, 1, f"{label.ordinal}.{_wording(report, label)}", "label"))
        numbers = [number for outcome, _, number in report.requests if outcome == code]
        cells.extend(Printed(row, column, 1, 1, _digits(number), "number") for column, number in enumerate(numbers, 3))
    ordered = tuple(sorted(cells, key=lambda cell: (cell.row, cell.column)))
    return Grid(ordered, (0.06, 0.11, 0.27, *(0.08,) * 7))


def reviews_grid(report: Report) -> Grid:
    """Chapter 4."""
    results = [f"{label.label[:2]}\n{label.label[2:]}".strip() for label in report.form.results]
    direct, after = report.form.proceedings[1:]
    cells = [
        Printed(0, 0, 1, 5, report.form.proceedings[0].label, "head"),
        Printed(0, 5, 1, 10, "行政诉讼", "head"),
        *(Printed(1, column, 2, 1, text, "head") for column, text in enumerate(results)),
        Printed(1, 5, 1, 5, direct.label, "head"),
        Printed(1, 10, 1, 5, after.label, "head"),
        *(Printed(2, column, 1, 1, text, "head") for column, text in enumerate(results * 2, 5)),
        *(Printed(3, column, 1, 1, _digits(number), "number") for column, (_, _, number) in enumerate(report.reviews)),
    ]
    return Grid(tuple(cells), (1 / 15,) * 15)


def figures(grid: Grid) -> tuple[tuple[str, ...], ...]:
    """The texts of the number cells of each row that has any, blank ones left out."""
    rows = (tuple(cell.text for cell in row if cell.kind == "number" and cell.text) for row in grid.rows())
    return tuple(row for row in rows if row)


def _block(report: Report, block: Block) -> Grid:
    edges = [column * UNITS // (len(block.measures) + 1) for column in range(len(block.measures) + 2)]
    spans = [(left, right - left) for left, right in pairwise(edges)]
    texts = {(category, measure): text for category, measure, text in report.disclosures}
    heads = [
        "信息内容",
        *(_measure_head(report.form, measure.label, measure.unit) for measure in block.measures),
    ]
    cells = [Printed(0, 0, 1, UNITS, block.article, "title")]
    cells.extend(Printed(1, left, 1, width, text, "head") for (left, width), text in zip(spans, heads, strict=True))
    for row, category in enumerate(block.categories, 2):
        cells.append(Printed(row, 0, 1, spans[0][1], _wording(report, category), "label"))
        cells.extend(
            Printed(row, left, 1, width, texts[category.code, measure.code], "number")
            for (left, width), measure in zip(spans[1:], block.measures, strict=True)
        )
    return Grid(tuple(cells), (1 / UNITS,) * UNITS)


def _measure_head(of: Form, label: str, unit: str) -> str:
    """The 2021 form names the unit of money in the heading; the 2019 form leaves it to the cell."""
    return f"{label}（单位：{unit}）" if of.version == "2021" and unit == "万元" else label


def _wording(report: Report, label: Label) -> str:
    return dict(report.labels).get(label.code, label.label)


def _is_result(label: Label) -> bool:
    """Whether a row of chapter 3 stands under 三、本年度办理结果, being numbered （一） or 1 and so on."""
    return label.group is not None or (label.ordinal or "").startswith("（")


def _digits(number: int | None) -> str:
    return "" if number is None else str(number)
