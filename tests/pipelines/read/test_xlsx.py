import io
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.styles import Border, Side

from pipelines.read import media, sheets, xlsx
from pipelines.read.document import Document, Paragraph, Table
from pipelines.read.errors import DamagedFile, LockedFile, NoTextLayer, OverLimit
from pipelines.read.media import media_type
from pipelines.read.sheets import printed
from pipelines.read.xlsx import read_xls, read_xlsx
from tests.generator.packages import zipped

OLD = Path(__file__).parents[2] / "fixtures" / "office" / "statistics.xls"
PROSE = "本年度主动公开政府信息若干条，" * 6 + "全部按时完成。"


def workbook(rows: list[list[Any]], *merged: str, first: int = 1) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    sheet = book.active
    for number, row in enumerate(rows, first):
        for column, value in enumerate(row, 1):
            sheet.cell(number, column, value)
    for area in merged:
        sheet.merge_cells(area)
    return book


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def reading(rows: list[list[Any]], *merged: str) -> Document:
    return read_xlsx(saved(workbook(rows, *merged)), "0" * 64)


def grid(table: Table) -> list[tuple[int, int, int, int, str]]:
    return [(cell.row, cell.column, cell.row_span, cell.column_span, cell.text) for cell in table.cells]


def test_title_table_and_note_with_their_places() -> None:
    document = reading(
        [
            ["某县政府信息公开年报", None, None],
            [None, None, "单位：件"],
            ["项目", None, "总计"],
            ["收到", "自然人", 3],
            [None, "其他", 1295],
            ["注：截至年底", None, None],
        ],
        "A1:C1",
        "A3:B3",
        "A4:A5",
    )
    assert media_type(saved(workbook([["x"]]))) == media.XLSX
    assert [type(block) for block in document.blocks] == [Paragraph, Paragraph, Table, Paragraph]
    assert [block.text for block in document.paragraphs] == ["某县政府信息公开年报", "单位：件", "注：截至年底"]
    assert document.paragraphs[1].place.path == "'Sheet'!C2"
    (table,) = document.tables
    assert grid(table) == [
        (0, 0, 1, 2, "项目"),
        (0, 2, 1, 1, "总计"),
        (1, 0, 2, 1, "收到"),
        (1, 1, 1, 1, "自然人"),
        (1, 2, 1, 1, "3"),
        (2, 1, 1, 1, "其他"),
        (2, 2, 1, 1, "1295"),
    ]
    assert table.cells[2].place.path == "'Sheet'!A4"


def test_empty_rows_chapters_and_prose_part_tables() -> None:
    document = reading(
        [
            ["一、总体情况", None],
            [PROSE, None],
            ["规章", 0],
            ["规范性文件", 3],
            ["二、申请情况", None],
            ["第二十条第（一）项", None],
            ["收到", 5],
            ["答复", 4],
            [None, None],
            ["复议", 1],
            ["诉讼", None],
        ]
    )
    assert [type(block) for block in document.blocks] == [Paragraph, Paragraph, Table, Paragraph, Table, Table]
    assert [grid(table)[-1] for table in document.tables] == [(1, 1, 1, 1, "3"), (2, 1, 1, 1, "4"), (1, 1, 1, 1, "")]


def test_a_heading_inside_a_table_stays_a_row_of_it() -> None:
    (table,) = reading([["规章", 0], ["第二十条第（五）项", None], ["许可", 3]], "A2:B2").tables
    assert grid(table)[2] == (1, 0, 1, 2, "第二十条第（五）项")


def test_a_label_beside_blank_figures_stays_a_row() -> None:
    (table,) = reading([["一、本年新收", 0], ["二、上年结转", None], ["四、结转下年度", 3], ["其他", None]]).tables
    assert table.row_count == 4


def test_blank_cells_with_borders_are_cells() -> None:
    book = workbook([["标题"], ["复议", "诉讼"], [None, None], [None, None], ["其他", None]])
    for row in book.active["A2:B3"]:
        for cell in row:
            cell.border = Border(bottom=Side(style="thin"), right=Side(style="thin"))
    document = read_xlsx(saved(book), "0" * 64)
    assert [block.text for block in document.paragraphs] == ["标题", "其他"]
    assert grid(document.tables[0])[2:] == [(1, 0, 1, 1, ""), (1, 1, 1, 1, "")]


def test_empty_columns_around_a_table_are_none_of_it() -> None:
    book = workbook([[None, "收到", 5], [None, "答复", 4]], first=3)
    book.active["Z1048576"].number_format = "0.00"
    (table,) = read_xlsx(saved(book), "0" * 64).tables
    assert [(cell.row, cell.column) for cell in table.cells] == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_visible_sheets_in_order() -> None:
    book = workbook([["a", 1]])
    book.create_sheet("it's")["A1"] = "另一张"
    hidden = book.create_sheet("hidden")
    hidden["A1"], hidden.sheet_state = "不打印", "hidden"
    document = read_xlsx(saved(book), "0" * 64)
    assert [block.text for block in document.paragraphs] == ["另一张"]
    assert document.paragraphs[0].place.path == "'it''s'!A1"


@pytest.mark.parametrize(
    ("value", "shape", "text"),
    [
        (1234, "General", "1234"),
        (1234.0, "General", "1234"),
        (0.1 + 0.2, "General", "0.3"),
        (4068.208, "General", "4068.208"),
        (1e-7, "General", "0.0000001"),
        (73802895.9, "#,##0.00", "73,802,895.90"),
        (1234.5, "0", "1235"),
        (-3, "0_ ;[Red]\\-0", "-3"),
        (12, '0"件"', "12件"),
        (0.5, "0%", "50%"),
        (0.1234, "0.0%", "12.3%"),
        (5, "[DBNum1]General", "5"),
        (7, "@", "7"),
        (3.25, "# ?/?", "3.25"),
        ("  项目 \n 名称 ", "General", "项目\n名称"),
        (None, "General", ""),
        (True, "General", "TRUE"),
        (datetime(2018, 1, 15), "yyyy-mm-dd", "2018-01-15"),
        (datetime(2018, 1, 15, 8, 30), "yyyy-mm-dd", "2018-01-15 08:30:00"),
    ],
)
def test_values_look_as_their_formats_say(value: Any, shape: str, text: str) -> None:
    assert printed(value, shape) == text


def test_old_workbooks() -> None:
    content = OLD.read_bytes()
    assert media_type(content) == media.XLS
    document = read_xls(content, "0" * 64)
    assert document.media_type == media.XLS
    assert [block.text for block in document.paragraphs] == ["政府信息公开情况统计表"]
    (table,) = document.tables
    assert [cell.text for cell in table.cells] == [
        *("指标名称", "单位", "本年度", "历年累计"),
        *("一、主动公开", "条", "1,295", "12345"),
        *("万元", "4068.208", "0.50"),
        *("填报日期", "2018-01-15", "TRUE", ""),
    ]
    assert grid(table)[4] == (1, 0, 2, 1, "一、主动公开")


def test_what_is_damaged_empty_or_a_bomb_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DamagedFile, match="save it again"):
        read_xlsx(zipped({"xl/workbook.xml": "<a/>"}), "0" * 64)
    with pytest.raises(DamagedFile, match="save it again"):
        read_xls(OLD.read_bytes()[:2000], "0" * 64)
    with pytest.raises(NoTextLayer, match="print nothing"):
        reading([[None]])
    with pytest.raises(OverLimit, match="17,179,869,184 merged cells"):
        read_xlsx(zipped({"xl/s.xml": '<a><mergeCell ref="A1:XFD1048576"/></a>'}), "0" * 64)
    with pytest.raises(DamagedFile, match="document type"):
        read_xlsx(zipped({"xl/s.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}), "0" * 64)
    monkeypatch.setattr(sheets, "MOST_ROWS", 100)
    with pytest.raises(OverLimit, match="101 rows"):
        reading([["a", 1], *[[None, None]] * 99, ["b", 2]])


def test_a_workbook_with_a_password_is_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    import xlrd

    def refuse(**_: Any) -> None:
        raise xlrd.XLRDError("Workbook is encrypted")

    monkeypatch.setattr(xlrd, "open_workbook", refuse)
    with pytest.raises(LockedFile, match="password"):
        xlsx.read_xls(b"", "0" * 64)


def test_a_formula_that_nobody_calculated_is_shown_and_not_taken_for_blank() -> None:
    document = reading([["项目", "自然人", "总计"], ["收到", 3, "=SUM(B2:B2)"], ["答复", 2, 2]])
    assert [cell.text for cell in document.tables[0].cells][3:6] == ["收到", "3", "=SUM(B2:B2)"]
