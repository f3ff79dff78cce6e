"""What the sheets of a workbook print, as paragraphs and tables: one sheet after the other.

Belongs here: which rows of a sheet are a table and which are lines above, below and between tables; how a number
looks under its number format. Does not: opening a workbook (`pipelines.read.xlsx` and `pipelines.read.xls`).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from pipelines.read.document import Block, Cell, Paragraph, Place, Table
from pipelines.read.errors import OverLimit

MOST_CELLS = 200_000
"""Filled cells of a sheet; no report has a hundredth of it."""
MOST_COLUMNS = 500
MOST_ROWS = 20_000

# Rows of chapter 3 are numbered like chapters, but are called otherwise.
_CHAPTER = re.compile(r"[一二三四五六七八九十]{1,3}\s*[、.．](?=.*(?:情况|问题|事项|概述))[^。]{2,38}")
_NOTE = re.compile(r"[（(]?(?:备?注|说明|填[表报]|单位负责人|审核人|联系)")
_PROSE = 60
"""Characters from which a cell with a full stop is prose: the forms' longest labels have no full stop."""
_DECIMALS = re.compile(r"0\.(0+)")
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|\[[^\]]*\]|_.|\*.')
_EXACT = Decimal("0.000000001")
"""Binary fractions are rounded here: 0.1 + 0.2 is printed as 0.3."""

Value = str | bool | int | float | datetime | date | time | timedelta


@dataclass(frozen=True, slots=True)
class SheetCell:
    """A cell of a sheet: position from 0, spans, text as printed (empty for none), whether it has a border."""

    row: int
    column: int
    row_span: int
    column_span: int
    text: str
    ruled: bool = False

    @property
    def shows(self) -> bool:
        """Whether anything of it can be seen: a cell with a border is one of a table, text or not."""
        return bool(self.text) or self.ruled


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its name and its cells, without those that are merged into others."""

    name: str
    cells: tuple[SheetCell, ...]


def blocks(sheets: Iterable[Sheet]) -> Iterator[Block]:
    """The paragraphs and tables of the sheets, in order.

    An empty row parts tables. A row of which only one cell shows anything is a line of text above or below a table: a
    title, a note; inside a table it is one of its headings, unless it is a chapter's or prose.

    Raises:
        OverLimit: a sheet has more rows, columns or cells than any report.
    """
    number = 0
    for sheet in sheets:
        for part in _parts(_rows(sheet)):
            if isinstance(part, SheetCell):
                text = " ".join(part.text.split())
                yield Paragraph(text, _place(sheet, part))
            else:
                number += 1
                yield _table(number, sheet, part)


def _place(sheet: Sheet, cell: SheetCell) -> Place:
    """A place as spreadsheets write it: `'Sheet1'!B7`."""
    quoted = sheet.name.replace("'", "''")
    return Place(path=f"'{quoted}'!{_letters(cell.column)}{cell.row + 1}")


def _letters(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


_Row = list[SheetCell]


def _rows(sheet: Sheet) -> list[_Row]:
    """The cells by row, empty cells filled in between the first and last column used; empty lists for empty rows."""
    used = [cell for cell in sheet.cells if cell.shows]
    if not any(cell.text for cell in used):
        return []
    left = min(cell.column for cell in used)
    right = max(cell.column + cell.column_span for cell in used)
    top = min(cell.row for cell in used)
    bottom = max(cell.row + cell.row_span for cell in used)
    if len(used) > MOST_CELLS or right - left > MOST_COLUMNS or bottom - top > MOST_ROWS:
        raise OverLimit(
            f"workbook: the sheet {sheet.name!r} has {bottom - top:,} rows, {right - left:,} columns and {len(used):,}"
            f" filled cells, more than {MOST_ROWS:,}, {MOST_COLUMNS:,} or {MOST_CELLS:,}; look whether it is a report"
        )
    rows: list[_Row] = [[] for _ in range(top, bottom)]
    covered: set[tuple[int, int]] = set()
    for cell in sorted(sheet.cells, key=lambda cell: (cell.row, cell.column)):
        # A merged area with nothing in it outside the used range is formatting.
        if cell.column >= right or cell.column < left or not top <= cell.row < bottom:
            continue
        rows[cell.row - top].append(cell)
        covered.update(
            (row, column)
            for row in range(cell.row, min(cell.row + cell.row_span, bottom))
            for column in range(cell.column, min(cell.column + cell.column_span, right))
        )
    reached = {row for row, _ in covered}
    for index, row in enumerate(rows, top):
        if index in reached:
            row += [
                SheetCell(index, column, 1, 1, "") for column in range(left, right) if (index, column) not in covered
            ]
            row.sort(key=lambda cell: cell.column)
    return rows


def _parts(rows: Sequence[_Row]) -> Iterator[SheetCell | list[_Row]]:
    """Lines of text and tables, in order."""
    for run in _runs(rows):
        tied = _tied(run)
        begun = False
        table: list[_Row] = []
        for row, is_tied in zip(run, tied, strict=True):
            cell = _lone(row)
            if is_tied or cell is None or (begun and not _is_text(row, cell)):
                begun = True
                table.append(row)
                continue
            if table:
                yield _trimmed(table)
                table = []
            yield cell
        if table:
            yield _trimmed(table)


def _runs(rows: Sequence[_Row]) -> Iterator[list[_Row]]:
    """Rows between rows that print nothing, except where a cell from above reaches into such a row."""
    run: list[_Row] = []
    below = 0
    for row in rows:
        filled = [cell for cell in row if cell.shows]
        if not filled and run and (not row or row[0].row >= below):
            yield run
            run = []
        elif filled or run:
            run.append(row)
        below = max([below, *(cell.row + cell.row_span for cell in filled)])
    if run:
        yield run


def _tied(rows: Sequence[_Row]) -> list[bool]:
    """For every row, whether a cell spans it together with another."""
    tied = [False] * len(rows)
    for at, row in enumerate(rows):
        for cell in row:
            if cell.text and cell.row_span > 1:
                tied[at : at + cell.row_span] = [True] * len(tied[at : at + cell.row_span])
    return tied


def _lone(row: _Row) -> SheetCell | None:
    """The only cell of a row that shows anything, if it prints text."""
    filled = [cell for cell in row if cell.shows]
    return filled[0] if len(filled) == 1 and filled[0].text else None


def _is_text(row: _Row, cell: SheetCell) -> bool:
    """Whether the only text of a row under the head of a table is no row of it: a chapter's heading, prose, a note.

    Other such rows are labels beside figures left blank, or headings inside the table.
    """
    if row[0] is not cell:
        return False
    text = cell.text
    is_prose = len(text) >= _PROSE and "。" in text
    return is_prose or _CHAPTER.fullmatch(text) is not None or _NOTE.match(text) is not None


def _trimmed(rows: list[_Row]) -> list[_Row]:
    """The rows without columns at the edges in which none of them prints anything."""
    used = [cell for row in rows for cell in row if cell.shows]
    left = min(cell.column for cell in used)
    right = max(cell.column + cell.column_span for cell in used)
    return [[cell for cell in row if left <= cell.column < right] for row in rows]


def _table(number: int, sheet: Sheet, rows: list[_Row]) -> Table:
    cells = [cell for row in rows for cell in row]
    top = min(cell.row for cell in cells)
    left = min(cell.column for cell in cells)
    return Table(
        number,
        tuple(
            Cell(
                row=cell.row - top,
                column=cell.column - left,
                row_span=cell.row_span,
                column_span=cell.column_span,
                text=cell.text,
                place=_place(sheet, cell),
            )
            for cell in cells
        ),
    )


# --- values ------------------------------------------------------------------------------------------------------


def printed(value: Value | None, number_format: str) -> str:
    """A value as a spreadsheet shows it: digits by its number format where that is a plain one, text as it is.

    Args:
        value: what the cell holds; for a formula, what it last came to.
        number_format: its format code, such as `General`, `#,##0.00` or `0%`.
    """
    match value:
        case None:
            return ""
        case str():
            return "\n".join(line.strip() for line in value.splitlines() if line.strip())
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float():
            return _number(value, number_format)
        case datetime() if (value.hour, value.minute, value.second) == (0, 0, 0):
            return value.date().isoformat()
        case _:
            return str(value)


def _number(value: int | float, number_format: str) -> str:
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return str(value)
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    shape = number_format.split(";")[0]
    suffix = "".join(found[1] or found[2] or "" for found in _LITERAL.finditer(shape))
    digits = _LITERAL.sub("", shape)
    if "%" in digits:
        exact, suffix = exact * 100, f"{suffix}%"
    if digits in {"General", "@", ""} or not set(digits) <= set("0#,.% ?-+()¥$") or "0" not in digits:
        text = _plain(exact)
        return f"{text}%" if "%" in digits else text
    decimals = _DECIMALS.search(digits)
    places = len(decimals[1]) if decimals else 0
    if "." in digits and decimals is None:
        return _plain(exact) + suffix
    rounded = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return (f"{rounded:,f}" if "," in digits else f"{rounded:f}") + suffix


def _plain(value: Decimal) -> str:
    if abs(value) < 10**15:
        value = value.quantize(_EXACT, rounding=ROUND_HALF_UP)
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
