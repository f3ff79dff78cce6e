"""Workbooks: .xlsx by openpyxl, .xls (Excel before 2007, and .et of WPS) by xlrd.

Belongs here: opening a workbook safely and taking out what its visible sheets hold. Does not: what of it is a table
(`pipelines.read.sheets`). A place is a cell as spreadsheets write it: `'Sheet1'!B7`.
"""

import io
import re
from typing import TYPE_CHECKING, Any

from pipelines.read.document import Document
from pipelines.read.errors import DamagedFile, LockedFile, NoTextLayer, OverLimit
from pipelines.read.media import XLS, XLSX
from pipelines.read.package import Element, Package
from pipelines.read.sheets import MOST_CELLS, Sheet, SheetCell, Value, blocks, printed

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_AREA = re.compile(r"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})", re.ASCII)
_VISIBLE = 0  # of BIFF's sheet visibility


def read_xlsx(content: bytes, sha256: str) -> Document:
    """Read a workbook of Excel 2007 or later.

    Raises:
        DamagedFile: it cannot be opened as a workbook.
        LockedFile: its parts are encrypted.
        OverLimit: it would unpack to more than any report, or has more cells.
        NoTextLayer: its visible sheets print nothing.
    """
    import openpyxl  # takes half a second, which most runs need not wait for

    package = Package(content, "workbook")
    is_calculated = True
    for name in package.names:
        # Refuses what openpyxl's own parser would expand, and what would fill its memory.
        if name.endswith((".xml", ".rels")) and (root := package.tree(name)) is not None:
            _check_merged(root)
            is_calculated = is_calculated and _is_calculated(root)
    try:
        workbook = openpyxl.load_workbook(io.BytesIO(content), data_only=True, keep_links=False)
        # A program that only writes a workbook leaves its formulas without values: then they are all there is.
        written = workbook if is_calculated else openpyxl.load_workbook(io.BytesIO(content), keep_links=False)
    except Exception as error:  # openpyxl raises what it meets on damaged workbooks
        raise _damaged(error) from error
    sheets = [_sheet(sheet, written[sheet.title]) for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
    return _document(sheets, sha256, XLSX, workbook.properties.title or None)


def _check_merged(root: Element) -> None:
    """Refuse merged areas of millions of cells: openpyxl makes an object of each."""
    total = 0
    for merged in root.iter("{*}mergeCell"):
        if found := _AREA.fullmatch(merged.get("ref") or ""):
            width = abs(_column(found[3]) - _column(found[1])) + 1
            total += width * (abs(int(found[4]) - int(found[2])) + 1)
    if total > MOST_CELLS:
        raise OverLimit(
            f"workbook: a sheet has {total:,} merged cells, more than {MOST_CELLS:,}; look whether it is a report"
        )


def _is_calculated(root: Element) -> bool:
    """Whether every formula of a sheet has the value that it came to; that of one for text may be empty."""
    formulas = (cell for cell in root.iter("{*}c") if cell.find("{*}f") is not None)
    return all(cell.findtext("{*}v") or cell.get("t") == "str" for cell in formulas)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _sheet(sheet: "Worksheet", written: "Worksheet") -> Sheet:
    """What a sheet shows; `written` has the formula of a cell that has no value."""
    from openpyxl.cell.cell import MergedCell

    # The cells that exist, not the range they span: one stray cell in the last row would make a million.
    merged = {
        (area.min_row, area.min_col): (area.max_row - area.min_row + 1, area.max_col - area.min_col + 1)
        for area in sheet.merged_cells.ranges
    }
    return Sheet(
        sheet.title,
        tuple(
            SheetCell(
                row - 1,
                column - 1,
                *merged.get((row, column), (1, 1)),
                text=printed(written.cell(row, column).value if cell.value is None else cell.value, cell.number_format),
                ruled=bool(cell.border.bottom.style or cell.border.right.style),
            )
            for (row, column), cell in sheet._cells.items()
            if not isinstance(cell, MergedCell)
        ),
    )


def read_xls(content: bytes, sha256: str) -> Document:
    """Read a workbook of the format before Excel 2007; raises as `read_xlsx` does."""
    import xlrd

    try:
        with xlrd.open_workbook(file_contents=content, formatting_info=True, logfile=io.StringIO()) as book:
            sheets = [_old_sheet(book, sheet) for sheet in book.sheets() if sheet.visibility == _VISIBLE]
    except xlrd.XLRDError as error:
        if "encrypted" in str(error):
            raise LockedFile("workbook: it is locked by a password; ask the publisher for an open copy") from error
        raise _damaged(error) from error
    except Exception as error:  # xlrd raises what it meets on damaged workbooks
        raise _damaged(error) from error
    return _document(sheets, sha256, XLS, None)


def _old_sheet(book: Any, sheet: Any) -> Sheet:
    merged = {(area[0], area[2]): (area[1] - area[0], area[3] - area[2]) for area in sheet.merged_cells}
    covered = {
        (row, column)
        for top, bottom, left, right in sheet.merged_cells
        for row in range(top, min(bottom, sheet.nrows))
        for column in range(left, min(right, sheet.ncols))
    } - set(merged)
    cells = []
    for row in range(sheet.nrows):
        for column in range(sheet.row_len(row)):
            if (row, column) not in covered:
                cell = sheet.cell(row, column)
                border = book.xf_list[cell.xf_index].border
                cells.append(
                    SheetCell(
                        row,
                        column,
                        *merged.get((row, column), (1, 1)),
                        text=_old_text(book, cell),
                        ruled=bool(border.bottom_line_style or border.right_line_style),
                    )
                )
    return Sheet(sheet.name, tuple(cells))


def _old_text(book: Any, cell: Any) -> str:
    import xlrd

    value: Value | None
    match cell.ctype:
        case xlrd.XL_CELL_TEXT | xlrd.XL_CELL_NUMBER:
            value = cell.value
        case xlrd.XL_CELL_BOOLEAN:
            value = bool(cell.value)
        case xlrd.XL_CELL_DATE:
            value = _old_date(cell.value, book.datemode)
        case xlrd.XL_CELL_ERROR:
            value = xlrd.error_text_from_code.get(cell.value, "")
        case _:
            value = None
    shape = book.format_map.get(book.xf_list[cell.xf_index].format_key)
    return printed(value, shape.format_str if shape is not None else "General")


def _old_date(value: float, mode: int) -> Value:
    import xlrd

    try:
        stamp: Value = xlrd.xldate_as_datetime(value, mode)
    except (ValueError, OverflowError):
        return value
    return stamp


def _document(sheets: list[Sheet], sha256: str, kind: str, title: str | None) -> Document:
    found = tuple(blocks(sheets))
    if not found:
        raise NoTextLayer(f"workbook: {len(sheets)} visible sheets print nothing; look for another file of the report")
    return Document(
        sha256=sha256,
        media_type=kind,
        reading="docx",
        page_count=None,
        producer=None,
        title=title,
        facts=(),
        blocks=found,
    )


def _damaged(error: Exception) -> DamagedFile:
    return DamagedFile(
        f"workbook: it cannot be opened ({type(error).__name__}: {error}); open it in Excel or WPS and save it again"
    )
