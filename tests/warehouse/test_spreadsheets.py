from zipfile import ZipFile

import polars as pl
import pytest
from openpyxl import load_workbook
from stored_rows import ZHOUKOU_2021, divisions, frames_of

import warehouse.spreadsheets as spreadsheets
from schemas import derive
from schemas.codes import APPLICANT, OUTCOME
from warehouse.assembler import assemble
from warehouse.layout import Home
from warehouse.reader import open_warehouse
from warehouse.spreadsheets import Selection, TooManyRows, write_csv, write_excel
from warehouse.store import write_partition

TITLES = ("说明", "年度指标", "报告", "主动公开", "依申请公开", "复议诉讼", "统计指标", "检查发现", "字段说明")


@pytest.fixture(scope="module")
def sample(sample_home):
    with open_warehouse(sample_home.database) as warehouse:
        yield warehouse


@pytest.fixture(scope="module")
def sheets(sample):
    return {sheet.title: sheet.rows for sheet in spreadsheets.sheets(sample, Selection())}


def test_there_is_a_sheet_for_each_chapter_and_notes_and_meanings(sheets):
    assert tuple(sheets) == TITLES


def test_every_header_is_chinese(sheets):
    for title, rows in sheets.items():
        for name in rows.columns:
            assert any("一" <= character <= "鿿" for character in name), (title, name)


def test_a_row_is_a_report_and_a_line_of_the_form(sheets, sample):
    rows = sheets["依申请公开"]
    zhoukou = rows.filter(pl.col("年度") == 2021, pl.col("发布机构").str.contains("周口"))
    granted = zhoukou.row(by_predicate=pl.col("办理结果") == OUTCOME.zh("granted"), named=True)
    printed = sample.table("requests", city="zhoukou-411600", year=2021).filter(outcome="granted")
    assert granted["总计"] == 203
    assert {
        APPLICANT.zh(row["applicant"]): row["value"] for row in printed.iter_rows(named=True)
    }.items() <= granted.items()
    assert granted["表式"] == "国办公开办函〔2021〕30号"


def test_no_figure_is_lost_or_added(sheets, sample):
    for title, table, columns in (("依申请公开", "requests", APPLICANT), ("复议诉讼", "reviews", spreadsheets.RESULT)):
        wide = sheets[title].select(columns.zh(code) for code in columns.values())
        values = sample.table(table)["value"]
        assert sum(series.sum() for series in wide) == values.sum()
        assert sum(series.count() for series in wide) == values.count()


def test_lines_are_in_the_order_of_the_form(sheets):
    rows = sheets["依申请公开"].filter(pl.col("年度") == 2021)["办理结果"].to_list()
    order = [OUTCOME.zh(code) for code in OUTCOME.values()]
    assert rows == [line for line in order if line in rows]


def test_money_says_its_unit(sheets):
    fees = sheets["主动公开"].filter(pl.col("信息内容") == "行政事业性收费", pl.col("本年收费金额").is_not_null())
    assert fees.height > 0
    assert set(fees["金额单位"]) <= {"元", "万元"}


def test_indicators_are_those_of_the_mart(sheets, sample):
    assert sheets["年度指标"].height == sample.table("city_year").height
    assert "新收申请（件）" in sheets["年度指标"].columns


def test_a_selection_has_its_city_and_year_alone(sample):
    found = {sheet.title: sheet.rows for sheet in spreadsheets.sheets(sample, Selection("suqian-321300", 2023))}
    for title in ("报告", "依申请公开", "主动公开"):
        assert set(found[title]["城市分区"]) == {"suqian-321300"}
        assert set(found[title]["年度"]) == {2023}


def test_csv_opens_in_excel_and_in_polars(sample, tmp_path):
    paths = write_csv(sample, tmp_path / "tables", Selection())
    assert [path.stem for path in paths] == list(TITLES)
    assert all(path.read_bytes().startswith(b"\xef\xbb\xbf") for path in paths)
    fees = pl.read_csv(tmp_path / "tables" / "主动公开.csv", infer_schema=False)["本年收费金额"].drop_nulls()
    assert fees.len() > 0
    assert not fees.str.contains(r"\.\d*0$").any()


def test_excel_has_the_same_rows_with_filters_and_a_frozen_header(sample, sheets, tmp_path):
    path = tmp_path / "new" / "gongkai.xlsx"
    write_excel(sample, path, Selection())
    book = load_workbook(path)
    assert tuple(book.sheetnames) == TITLES
    sheet = book["依申请公开"]
    assert [cell.value for cell in sheet[1]] == sheets["依申请公开"].columns
    assert sheet.max_row == sheets["依申请公开"].height + 1
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref.startswith("A1:")
    values = [row[sheets["依申请公开"].columns.index("总计")] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert values == sheets["依申请公开"]["总计"].to_list()
    codes = {row[2] for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert "411600" in codes


def test_excel_is_the_same_bytes_twice(sample, tmp_path):
    for name in ("a.xlsx", "b.xlsx"):
        write_excel(sample, tmp_path / name, Selection())
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_more_rows_than_excel_has_are_refused(sample, tmp_path, monkeypatch):
    monkeypatch.setattr(spreadsheets, "EXCEL_ROWS", 100)
    with pytest.raises(TooManyRows, match="--city or a --year, or export CSV"):
        write_excel(sample, tmp_path / "a.xlsx", Selection())
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def odd(tmp_path):
    """A report with a correction, a note and a text that looks like a formula."""
    home = Home(tmp_path / "home")
    frames = frames_of(ZHOUKOU_2021)
    first = pl.col("outcome") == "new_requests"
    frames["requests"] = frames["requests"].with_columns(
        corrected=pl.when(first).then(pl.lit(9, pl.Int64)), note=pl.when(first).then(pl.lit("=1+1"))
    )
    write_partition(home.store, ZHOUKOU_2021, frames, "v1")
    assemble(home, regions=divisions(), series_findings=derive.empty("findings"))
    with open_warehouse(home.database) as warehouse:
        yield warehouse


def test_a_correction_stands_beside_what_is_printed(odd):
    rows = next(sheet.rows for sheet in spreadsheets.sheets(odd, Selection()) if sheet.title == "依申请公开")
    assert rows.select("总计", "更正").row(0) == (7, "总计 7→9")
    assert rows.select("总计", "更正").row(1) == (None, None)


def test_a_text_is_never_a_formula(odd, tmp_path):
    write_excel(odd, tmp_path / "a.xlsx", Selection())
    assert "=1+1" in {cell.value for cell in load_workbook(tmp_path / "a.xlsx")["依申请公开"][2]}
    with ZipFile(tmp_path / "a.xlsx") as book:
        assert not [name for name in book.namelist() if "worksheets/" in name and b"<f>" in book.read(name)]
