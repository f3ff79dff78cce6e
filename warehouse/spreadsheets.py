"""Spreadsheets for people: wide tables with Chinese headers, as CSV files or as one Excel workbook.

A sheet looks like the printed form: a row of 依申请公开 is a report and a line of the form, and the kinds of applicant
are its columns. Numbers are as printed, blanks stay blank, and accepted corrections are told in a column of their own.

Belongs here: choosing and arranging columns, writing the files. Does not: Parquet and releases.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import xlsxwriter

from schemas import derive
from schemas.codes import APPLICANT, CATEGORY, MEASURE, OUTCOME, PROCEEDING, RESULT, SEVERITY, CodeList
from schemas.dataset import DATASET
from schemas.dictionary import dictionary
from warehouse.files import unfinished_beside, write_if_changed
from warehouse.reader import Warehouse

EXCEL_ROWS = 1_048_576
"""Rows of a sheet in Excel, the header included."""
_WIDEST = 60
_MONEY = ("元", "万元", "亿元")


class TooManyRows(Exception):  # noqa: N818 - the name states the situation
    """A sheet with more rows than Excel has."""

    def __init__(self, sheet: str, rows: int) -> None:
        super().__init__(sheet, rows)
        self.sheet = sheet
        self.rows = rows

    def __str__(self) -> str:
        return (
            f"{self.sheet} has {self.rows:,} rows and a sheet in Excel holds {EXCEL_ROWS - 1:,}; "
            "choose a --city or a --year, or export CSV"
        )


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its title, and rows under Chinese headers."""

    title: str
    rows: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Selection:
    """Which reports to export: of all or one city, of all or one year."""

    city: str | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class _Wide:
    """How the figures of a table become a sheet.

    Args:
        title: of the sheet.
        table: whose figures.
        line: the column that names the lines of the form, and its codes.
        across: the column whose codes become columns.
    """

    title: str
    table: str
    line: str
    lines: CodeList
    across: str
    columns: CodeList


_WIDE = (
    _Wide("主动公开", "disclosures", "category", CATEGORY, "measure", MEASURE),
    _Wide("依申请公开", "requests", "outcome", OUTCOME, "applicant", APPLICANT),
    _Wide("复议诉讼", "reviews", "proceeding", PROCEEDING, "result", RESULT),
)
_REPORT = ("year", "city", "region_code", "region", "publisher", "form")
"""The columns of `reports` that stand first in every sheet of figures."""


def sheets(warehouse: Warehouse, selection: Selection) -> tuple[Sheet, ...]:
    """All sheets: notes, indicators by government and year, reports, figures, findings, dictionary."""
    reports = _selected(warehouse, "reports", selection)
    return (
        Sheet("说明", _notes(reports)),
        Sheet("年度指标", _under_headers("city_year", _selected(warehouse, "city_year", selection))),
        Sheet("报告", _under_headers("reports", reports.join(_addresses(warehouse), on="sha256", how="left"))),
        *(Sheet(wide.title, _wide(_selected(warehouse, wide.table, selection), reports, wide)) for wide in _WIDE),
        Sheet("统计指标", _statistics(_selected(warehouse, "statistics", selection), reports)),
        Sheet("检查发现", _findings(_selected(warehouse, "findings", selection), reports)),
        Sheet("字段说明", _dictionary()),
    )


def write_csv(warehouse: Warehouse, folder: Path, selection: Selection) -> tuple[Path, ...]:
    """Write each sheet as a CSV file (UTF-8 with a mark, so that Excel reads it as such) into `folder`."""
    written = []
    for sheet in sheets(warehouse, selection):
        path = folder / f"{sheet.title}.csv"
        # The zeros that a fixed scale adds are not in the document.
        rows = sheet.rows.with_columns(
            pl.col(pl.Decimal).cast(pl.String).str.replace(r"(\.\d*?)0+$", "$1").str.strip_suffix(".")
        )
        write_if_changed(path, rows.write_csv(include_bom=True).encode())
        written.append(path)
    return tuple(written)


def write_excel(warehouse: Warehouse, path: Path, selection: Selection) -> tuple[Sheet, ...]:
    """Write all sheets as one workbook at `path`; equal rows give equal bytes.

    Raises:
        TooManyRows: a sheet is longer than Excel's are; nothing was written.
    """
    all_sheets = sheets(warehouse, selection)
    for sheet in all_sheets:
        if sheet.rows.height >= EXCEL_ROWS:
            raise TooManyRows(sheet.title, sheet.rows.height)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = unfinished_beside(path)
    # What a document says is text, even if it begins like a formula or an address.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    try:
        with xlsxwriter.Workbook(unfinished, options) as workbook:
            workbook.set_properties(
                {"title": DATASET.title_zh, "author": ", ".join(DATASET.authors), "created": _created(all_sheets)}
            )
            for sheet in all_sheets:
                _write_sheet(workbook, sheet)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return all_sheets


def _write_sheet(workbook: xlsxwriter.Workbook, sheet: Sheet) -> None:
    worksheet = workbook.add_worksheet(sheet.title)
    head = workbook.add_format({"bold": True, "bg_color": "#DDEBF7", "text_wrap": True, "valign": "top"})
    day = workbook.add_format({"num_format": "yyyy-mm-dd"})
    rows = sheet.rows.with_columns(pl.col(pl.Decimal).cast(pl.Float64))
    for number, name in enumerate(rows.columns):
        worksheet.write_string(0, number, name, head)
        worksheet.set_column(number, number, _width(name, rows[name]), day if rows[name].dtype == pl.Date else None)
        worksheet.write_column(1, number, rows[name].to_list())
    worksheet.freeze_panes(1, 0)
    if rows.height:
        worksheet.autofilter(0, 0, rows.height, rows.width - 1)


def _width(name: str, values: pl.Series) -> int:
    """A width in characters; an ideograph is two wide, and its UTF-8 three bytes long."""
    widest = values.cast(pl.String).str.len_bytes().max() if values.len() else 0
    longest = max(len(name.encode()), int(str(widest or 0)))
    return min(longest + 2, _WIDEST)


def _created(all_sheets: Iterable[Sheet]) -> datetime:
    """A time for the workbook's properties that depends on the rows alone: the end of the last year in them."""
    years = [sheet.rows["年度"].max() for sheet in all_sheets if "年度" in sheet.rows.columns and sheet.rows.height]
    return datetime(max((int(str(year)) for year in years), default=2000), 12, 31, tzinfo=UTC).replace(tzinfo=None)


# --- what stands in the sheets ------------------------------------------------------------------------------------


def _selected(warehouse: Warehouse, table: str, selection: Selection) -> pl.DataFrame:
    return warehouse.table(table, city=selection.city, year=selection.year)


def _addresses(warehouse: Warehouse) -> pl.DataFrame:
    """One address for each document."""
    return warehouse.query("SELECT sha256, min(source_url) AS source_url FROM documents GROUP BY sha256")


def _headers(table: str) -> dict[str, str]:
    """The Chinese header of each column of a table, with its unit; a share has none to tell."""
    return {
        column.name: f"{column.zh}（{column.unit}）" if column.unit not in {None, "1"} else column.zh
        for column in derive.columns(table)
    }


def _under_headers(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with codes in words, lists joined, and Chinese headers."""
    for column in derive.columns(table):
        if column.codes and column.name in rows.columns:
            rows = rows.with_columns(_in_words(column.name, column.codes))
    rows = rows.with_columns(
        pl.col(pl.List(pl.String)).list.join("、"),
        pl.col(pl.Boolean).replace_strict({True: "是", False: "否"}, return_dtype=pl.String),
    )
    return rows.rename({**_headers(table), **_headers("documents")}, strict=False)


def _in_words(column: str, code_list: str) -> pl.Expr:
    words = {code.code: code.zh for code in dictionary().code_list(code_list).codes}
    return pl.col(column).replace_strict(words, default=pl.col(column), return_dtype=pl.String)


def _wide(figures: pl.DataFrame, reports: pl.DataFrame, wide: _Wide) -> pl.DataFrame:
    """The figures of a chapter: a row for each report and line of the form, a column for each code across it."""
    order = {code: place for place, code in enumerate(wide.lines.values())}
    index = ["report_id", wide.line]
    across = figures.pivot(
        wide.across, on_columns=wide.columns.values(), index=index, values="value", aggregate_function="first"
    )
    money = pl.col("unit").filter(pl.col("unit").is_in(_MONEY)).first().alias("金额单位")
    told = figures.group_by(index).agg(
        *([money] if "unit" in figures.columns else []),
        _corrections(wide).alias("更正"),
        pl.col("note").drop_nulls().unique(maintain_order=True).str.join("；").alias("注"),
    )
    rows = (
        across.join(told, on=index)
        .join(reports.select("report_id", *_REPORT), on="report_id")
        .with_columns(place=pl.col(wide.line).replace_strict(order, default=len(order), return_dtype=pl.Int32))
        .sort("year", "city", "region_code", "publisher", "report_id", "place", wide.line)
    )
    headers = {column.name: column.zh for column in derive.columns(wide.table)}
    return (
        rows.with_columns(_in_words(wide.line, wide.lines.name), _in_words("form", "form"))
        .select(*_REPORT, wide.line, *wide.columns.values(), *(name for name in told.columns if name not in index))
        .with_columns(pl.col("更正", "注").replace("", None))
        .rename({**_headers("reports"), wide.line: headers[wide.line]}, strict=False)
        .rename({code: wide.columns.zh(code) for code in wide.columns.values()})
    )


def _corrections(wide: _Wide) -> pl.Expr:
    """The corrected figures of a line in words: 总计 203→205."""
    label = _in_words(wide.across, wide.columns.name)
    printed = pl.col("value").cast(pl.String).fill_null("空白")
    said = pl.format("{} {}→{}", label, printed, pl.col("corrected").cast(pl.String))
    return said.filter(pl.col("corrected").is_not_null()).str.join("；")


def _statistics(figures: pl.DataFrame, reports: pl.DataFrame) -> pl.DataFrame:
    rows = figures.select("report_id", "label", "value", "corrected", "unit", "heading", "note", "indicator", "origin")
    return _with_report("statistics", rows, reports)


def _findings(findings: pl.DataFrame, reports: pl.DataFrame) -> pl.DataFrame:
    rank = pl.col("severity").replace_strict({code: place for place, code in enumerate(SEVERITY.values())}, default=9)
    rows = findings.sort(rank, maintain_order=True)
    columns = ("severity", "rule", "subject", "expected", "actual", "message", "cell_ids")
    return _with_report("findings", rows.select("report_id", *columns), reports)


def _with_report(table: str, rows: pl.DataFrame, reports: pl.DataFrame) -> pl.DataFrame:
    """The rows of a table behind the columns that say which report they are of."""
    joined = rows.join(reports.select("report_id", *_REPORT), on="report_id", how="inner", maintain_order="left")
    columns = [column for column in rows.columns if column != "report_id"]
    in_words = joined.with_columns(_in_words("form", "form")).select(*_REPORT, *columns)
    return _under_headers(table, in_words.rename(_headers("reports"), strict=False))


def _notes(reports: pl.DataFrame) -> pl.DataFrame:
    return pl.DataFrame(list(_said(reports)), schema={"项目": pl.String, "内容": pl.String}, orient="row")


def _said(reports: pl.DataFrame) -> Iterator[tuple[str, str]]:
    yield "名称", DATASET.title_zh
    yield "内容", DATASET.description_zh
    if reports.height:
        years = reports["year"].to_list()
        cities = reports["city"].n_unique()
        yield "范围", f"{cities} 个城市，{min(years)} 至 {max(years)} 年，{reports.height} 份报告"
    yield "数字", "各表数字照原文登载；空白单元格表示原文空白或为横线，不等于 0。经采纳的更正写在“更正”一栏。"
    yield "年度指标", "该表已按更正后的数字、统一口径和统一单位（元）计算；口径不同的列见该表说明。"
    for caveat in dictionary().caveats:
        yield "注意", caveat.zh
    yield "来源", DATASET.sources_zh
    yield "许可", f"{DATASET.license.title} {DATASET.license.url}"
    yield "引用", "使用时请引用本数据集（CITATION.cff）以及所用报告的发布机构、标题、年度和网址。"


def _dictionary() -> pl.DataFrame:
    rows = [
        (table.name, table.zh, column.name, column.zh, column.type, column.unit, column.zh_text, column.en_text)
        for table in dictionary().tables
        for column in table.columns
    ]
    headers = ["表", "表名", "列", "列名", "类型", "单位", "说明", "英文说明"]
    return pl.DataFrame(rows, schema=headers, orient="row", infer_schema_length=None)
