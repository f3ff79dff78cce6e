"""Generated workbooks: a report as someone types it into sheets.

Belongs here: merged cells, numbers as numbers or as text, what stands where on a sheet. Does not: what the report
says.
"""

import io
import re
from datetime import datetime

import openpyxl
from openpyxl.styles import Border, Side
from openpyxl.worksheet.worksheet import Worksheet

from pipelines.read.media import XLSX
from tests.generator.choices import Choices
from tests.generator.documents import Generated, draft
from tests.generator.habits import with_habits
from tests.generator.layouts import Grid

KIND = "xlsx"
_PLAIN = re.compile(r"-?(?:0|[1-9]\d{0,11})(?:\.\d*[1-9])?")
_GROUPED = re.compile(r"-?[1-9]\d{0,2}(?:,\d{3})+")


def xlsx_document(seed: int) -> Generated:
    """The generated workbook of this seed."""
    made = with_habits(draft(KIND, seed), KIND, seed)
    choices = made.choices
    typed = choices.chance("numbers typed as numbers", 0.6)
    apart = choices.chance("a sheet a chapter", 0.3)
    left = choices.whole("columns left empty", 0, 2)
    book = openpyxl.Workbook()
    # What is not set to a fixed time differs from run to run.
    book.properties.created = book.properties.modified = datetime(2026, 1, 1)
    sheet = book.active
    row = 1 + choices.whole("rows left empty", 0, 2)
    row = _line(sheet, row, left, made.layout.title, choices)
    for number, chapter in enumerate(made.layout.chapters):
        if apart and number:
            sheet, row = book.create_sheet(f"第{number}章"), 1
        for text in (chapter.heading, *chapter.paragraphs):
            if text:
                row = _line(sheet, row, left, text, choices)
        for grid in chapter.grids:
            row = _table(sheet, row + choices.random.randint(0, 1), left, grid, typed) + 1
    out = io.BytesIO()
    book.save(out)
    return Generated(
        kind=KIND,
        seed=seed,
        content=out.getvalue(),
        media_type=XLSX,
        report=made.report,
        printed=made.layout.printed,
        places={},
        findings=made.findings(),
        choices=tuple(choices.made),
    )


def _line(sheet: Worksheet, row: int, left: int, text: str, choices: Choices) -> int:
    """A line of text, merged over some columns or running over; returns the next row."""
    sheet.cell(row, left + 1, text)
    if choices.random.random() < 0.5:
        sheet.merge_cells(start_row=row, end_row=row, start_column=left + 1, end_column=left + 8)
    return row + 1


def _table(sheet: Worksheet, top: int, left: int, grid: Grid, typed: bool) -> int:
    # Zeros may be left blank: then only the borders show that there is a row.
    for row in sheet.iter_rows(top, top + grid.row_count - 1, left + 1, left + grid.column_count):
        for cell in row:
            cell.border = Border(bottom=Side(style="thin"), right=Side(style="thin"))
    for spot in grid.spots:
        row, column = top + spot.row, left + spot.column + 1
        cell = sheet.cell(row, column)
        if typed and spot.kind == "figure" and _GROUPED.fullmatch(spot.text):
            cell.value, cell.number_format = int(spot.text.replace(",", "")), "#,##0"
        elif typed and spot.kind == "figure" and _PLAIN.fullmatch(spot.text):
            cell.value = float(spot.text) if "." in spot.text else int(spot.text)
        elif spot.text:
            cell.value = spot.text
        if spot.row_span > 1 or spot.column_span > 1:
            sheet.merge_cells(
                start_row=row,
                end_row=row + spot.row_span - 1,
                start_column=column,
                end_column=column + spot.column_span - 1,
            )
    return top + grid.row_count
