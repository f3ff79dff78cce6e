"""One pandera model per warehouse table: the only declaration of a column.

Everything else about a table derives from its model: Arrow schema, DuckDB DDL and comments (`schemas.derive`),
the dictionary, the checks. A column states its type, its zh label (`title`), its en description and, for a
quantity, its unit. `Config.unique` is the primary key and the sort order of every file of the table.
"""

from typing import Annotated, Any

import pandera.polars as pa
import polars as pl

from schemas.codes import (
    APPLICANT,
    APPROXIMATION,
    CATEGORY,
    FORM,
    LEVEL,
    MEASURE,
    ORIGIN,
    OUTCOME,
    PROCEEDING,
    READING,
    RESULT,
    SEVERITY,
    STATE,
    STATUS,
    TOPIC,
    CodeList,
)

Utc = Annotated[pl.Datetime, "us", "UTC"]
Money = Annotated[pl.Decimal, 20, 6]
Texts = Annotated[pl.List, pl.String]

SHA256 = r"^[0-9a-f]{64}$"
ADCODE = r"^\d{6}$"
CITY_SLUG = r"^[a-z]+-\d{6}$"
FIRST_YEAR, LAST_YEAR = 2003, 2100
"""The first municipal disclosure rules (广州) took effect in 2003; the Regulations (条例) in 2008."""


def column(zh: str, en: str, *, unit: str | None = None, codes: CodeList | None = None, **checks: Any) -> Any:
    """Declare a column: zh label, en description, unit of its numbers, closed code list, pandera checks."""
    if codes is not None:
        checks["isin"] = codes.values()
    return pa.Field(title=zh, description=en, metadata={"unit": unit, "codes": codes.name if codes else None}, **checks)


class Regions(pa.DataFrameModel):
    """行政区划: the divisions of GB/T 2260, of now and of the past, with the city partition each belongs to."""

    adcode: str = column("区划代码", "GB/T 2260 six-digit code", str_matches=ADCODE)
    name: str = column("名称", "name of the division")
    name_en: str = column("拼音名称", "name in pinyin, words joined and capitalised")
    level: str = column("层级", "province, prefecture or county", codes=LEVEL)
    parent_adcode: str = column("上级代码", "code of the division above; null for a province", nullable=True)
    city_code: str = column("城市代码", "code of the city partition it belongs to", str_matches=ADCODE)
    city: str = column("城市分区", "slug of the city partition: pinyin and code", str_matches=CITY_SLUG)
    first_year: pl.Int32 = column("起始年度", "the year it came to be; null where the lists do not tell", nullable=True)
    last_year: pl.Int32 = column("终止年度", "the last year it was listed; null while in force", nullable=True)
    successor_adcode: str = column(
        "后继代码",
        "code of what it became; null while in force, or where the lists do not tell",
        nullable=True,
    )
    former_names: Texts = column("曾用名", "names that the same code had before, oldest first")

    class Config:
        """Key and strictness."""

        unique = ["adcode"]
        strict = True
        ordered = True


class Documents(pa.DataFrameModel):
    """文档: every archived file version, with what became of it."""

    sha256: str = column("文件哈希", "SHA-256 of the archived bytes", str_matches=SHA256)
    city: str = column("城市分区", "slug of the city partition", str_matches=CITY_SLUG)
    year: pl.Int32 = column("年度", "the year the report covers", ge=FIRST_YEAR, le=LAST_YEAR)
    source_url: str = column("来源地址", "where the bytes were first retrieved from")
    retrieved_at: Utc = column("获取时间", "when these bytes were first retrieved (UTC)")
    media_type: str = column("媒体类型", "media type told from the bytes, not from the name")
    size_bytes: pl.Int64 = column("大小", "size of the archived bytes", unit="byte", gt=0)
    edition: pl.Int32 = column("版次", "1 for the first bytes seen of this report, 2 for a revision", ge=1)
    status: str = column("状态", "loaded, quarantined, not_a_report or superseded", codes=STATUS)
    reason: str = column("原因", "why it is not loaded and what to do; null when loaded", nullable=True)
    report_id: str = column("报告编号", "the report it is an edition of; null when unknown", nullable=True)
    page_count: pl.Int32 = column("页数", "pages, for paged documents", nullable=True, ge=1)
    producer: str = column("制作软件", "program that made the file, as it says itself", nullable=True)
    reading: str = column("读取方式", "how its text was read", nullable=True, codes=READING)
    reader_version: str = column("读取器版本", "version of the reader that read it", nullable=True)

    class Config:
        """Key and strictness."""

        unique = ["sha256", "source_url"]
        strict = True
        ordered = True


class Reports(pa.DataFrameModel):
    """报告: one row per publisher and year, the current edition."""

    report_id: str = column("报告编号", "stable id: region code, year and a hash of the publisher")
    city_code: str = column("城市代码", "code of the city partition", str_matches=ADCODE)
    city: str = column("城市分区", "slug of the city partition", str_matches=CITY_SLUG)
    year: pl.Int32 = column("年度", "the year the report covers", ge=FIRST_YEAR, le=LAST_YEAR)
    region_code: str = column(
        "区划代码", "code of the division the publisher governs or belongs to", str_matches=ADCODE
    )
    region: str = column("区划名称", "name of that division as the report has it")
    level: str = column("层级", "level of the publisher", codes=LEVEL)
    publisher: str = column("发布机构", "the body that published the report")
    title: str = column("标题", "title of the report")
    form: str = column("表式", "version of the statutory form", codes=FORM)
    sha256: str = column("文件哈希", "the document the figures were read from", str_matches=SHA256)
    period_start: pl.Date = column("统计起始", "first day of the period the report states", nullable=True)
    period_end: pl.Date = column("统计截止", "last day of the period the report states", nullable=True)
    published_on: pl.Date = column("发布日期", "date of publication the document states", nullable=True)

    class Config:
        """Key and strictness."""

        unique = ["report_id"]
        strict = True
        ordered = True


class Disclosures(pa.DataFrameModel):
    """主动公开: chapter 2 of the form, one row per printed cell."""

    report_id: str = column("报告编号", "the report")
    city: str = column("城市分区", "slug of the city partition", str_matches=CITY_SLUG)
    year: pl.Int32 = column("年度", "the year the report covers", ge=FIRST_YEAR, le=LAST_YEAR)
    category: str = column("信息内容", "what is counted", codes=CATEGORY)
    measure: str = column("指标", "which figure of it", codes=MEASURE)
    value: Money = column("数值", "the number printed, in `unit`; null where the cell has none", nullable=True)
    unit: str = column("单位", "unit as printed or implied by the form", isin=["件", "项", "万元", "元", "亿元"])
    note: str = column("注", "a note printed in the number's cell", nullable=True)
    cell_id: str = column("单元格", "the printed cell")

    class Config:
        """Key and strictness."""

        unique = ["report_id", "category", "measure"]
        strict = True
        ordered = True


class Requests(pa.DataFrameModel):
    """依申请公开: chapter 3 of the form, one row per printed cell."""

    report_id: str = column("报告编号", "the report")
    city: str = column("城市分区", "slug of the city partition", str_matches=CITY_SLUG)
    year: pl.Int32 = column("年度", "the year the report covers", ge=FIRST_YEAR, le=LAST_YEAR)
    outcome: str = column("办理结果", "row of the form", codes=OUTCOME)
    applicant: str = column("申请人", "column of the form", codes=APPLICANT)
    value: pl.Int64 = column("数值", "number of requests; null where the cell has none", unit="件", nullable=True)
    note: str = column("注", "a note printed in the number's cell", nullable=True)
    cell_id: str = column("单元格", "the printed cell")

    class Config:
        """Key and strictness."""

        unique = ["report_id", "outcome", "applicant"]
        strict = True
        ordered = True


class Reviews(pa.DataFrameModel):
    """复议诉讼: chapter 4 of the form, one row per printed cell."""

    report_id: str = column("报告编号", "the report")
    city: str = column("城市分区", "slug of the city partition", str_matches=CITY_SLUG)
    year: pl.Int32 = column("年度", "the year the report covers", ge=FIRST_YEAR, le=LAST_YEAR)
    proceeding: str = column("程序", "kind of proceeding", codes=PROCEEDING)
    result: str = column("结果", "how it ended", codes=RESULT)
    value: pl.Int64 = column("数值", "number of cases; null where the cell has none", unit="件", nullable=True)
    note: str = column("注", "a note printed in the number's cell", nullable=True)
    cell_id: str = column("单元格", "the printed cell")

    class Config:
        """Key and strictness."""

        unique = ["report_id", "proceeding", "result"]
        strict = True
        ordered = True


class Statistics(pa.DataFrameModel):
    """统计指标: indicators of the reports before 2019, one row per figure, from a table or from the text.

    `unknown` is the indicator of a line that is none of the known ones. A table may have several columns of
    figures of one year; `heading` tells them apart. Cumulated columns (历年累计) are in `cells` alone.
    """

    report_id: str = column("报告编号", "the report")
    city: str = column("城市分区", "slug of the city partition", str_matches=CITY_SLUG)
    year: pl.Int32 = column("年度", "the year the report covers", ge=FIRST_YEAR, le=LAST_YEAR)
    indicator: str = column("指标代码", "code of the indicator (schemas.forms), or unknown")
    label: str = column("指标名称", "the label as printed; for a figure of the text the words it stands after")
    value: Money = column("数值", "the number printed, in `unit`; null where the cell has none", nullable=True)
    unit: str = column("单位", "unit as printed or implied by the form", nullable=True)
    heading: str = column("栏目", "heading of the column as printed; null without one", nullable=True)
    note: str = column("注", "a note printed in the number's cell", nullable=True)
    origin: str = column("出处", "whether it is read from a table or from prose", codes=ORIGIN)
    sentence: str = column("句子", "the sentence it stands in; null for a figure of a table", nullable=True)
    cell_id: str = column("单元格", "the printed cell, or the sentence (table 0 of `cells`)")

    class Config:
        """Key and strictness."""

        unique = ["report_id", "indicator", "cell_id"]
        strict = True
        ordered = True


class Narrative(pa.DataFrameModel):
    """正文数字: numbers that the text states, with what they count and the sentence they stand in."""

    report_id: str = column("报告编号", "the report")
    city: str = column("城市分区", "slug of the city partition", str_matches=CITY_SLUG)
    year: pl.Int32 = column("年度", "the year the report covers", ge=FIRST_YEAR, le=LAST_YEAR)
    cell_id: str = column("单元格", "the sentence (table 0 of `cells`)")
    position: pl.Int32 = column("位置", "position of the number among those of the sentence, from 1", ge=1)
    chapter: pl.Int32 = column("章", "the chapter it stands in, as in `sections`", ge=0)
    verb: str = column("动词", "what was done with the things counted, as printed")
    label: str = column("对象", "what the number counts, as printed")
    value: Money = column("数值", "the number, in `unit`")
    unit: str = column("单位", "counting word or unit as printed")
    approximation: str = column("约数", "whether the number is exact", codes=APPROXIMATION)
    sentence: str = column("句子", "the sentence it stands in")

    class Config:
        """Key and strictness."""

        unique = ["report_id", "cell_id", "position"]
        strict = True
        ordered = True


class Sections(pa.DataFrameModel):
    """章节: the text of each chapter."""

    report_id: str = column("报告编号", "the report")
    city: str = column("城市分区", "slug of the city partition", str_matches=CITY_SLUG)
    year: pl.Int32 = column("年度", "the year the report covers", ge=FIRST_YEAR, le=LAST_YEAR)
    chapter: pl.Int32 = column("章", "position of the chapter in the report; 0 is what precedes the first", ge=0)
    topic: str = column("主题", "what the chapter is about, whatever its number", codes=TOPIC)
    heading: str = column("标题", "heading of the chapter as printed")
    text: str = column("正文", "its paragraphs, one a line, radicals normalised to ideographs")

    class Config:
        """Key and strictness."""

        unique = ["report_id", "chapter"]
        strict = True
        ordered = True


class Cells(pa.DataFrameModel):
    """单元格: every cell of the tables as printed, and every sentence that a number was read from, with its place.

    A sentence stands as a cell of table 0: its row is the paragraph, its column the sentence in it, its box the
    paragraph's.
    """

    cell_id: str = column("单元格", "document hash, table, row and column")
    report_id: str = column("报告编号", "the report")
    city: str = column("城市分区", "slug of the city partition", str_matches=CITY_SLUG)
    year: pl.Int32 = column("年度", "the year the report covers", ge=FIRST_YEAR, le=LAST_YEAR)
    sha256: str = column("文件哈希", "the document", str_matches=SHA256)
    page: pl.Int32 = column("页", "page, from 1; null for a web page", nullable=True, ge=1)
    x0: float = column("左", "left edge of the cell on the page, from its left", unit="pt", nullable=True)
    top: float = column("上", "upper edge of the cell, from the page's top", unit="pt", nullable=True)
    x1: float = column("右", "right edge of the cell", unit="pt", nullable=True)
    bottom: float = column("下", "lower edge of the cell", unit="pt", nullable=True)
    path: str = column("元素路径", "path of the element in a web page; null for paged documents", nullable=True)
    table_no: pl.Int32 = column("表序", "table in the document, from 1; 0 for a sentence of the text", ge=0)
    row_no: pl.Int32 = column("行", "row of the table, or paragraph of the text, from 1", ge=1)
    column_no: pl.Int32 = column("列", "column of the table, or sentence of the paragraph, from 1", ge=1)
    raw_text: str = column("原文", "the text exactly as printed")
    state: str = column("形态", "number, blank, dash or text", codes=STATE)

    class Config:
        """Key and strictness."""

        unique = ["cell_id"]
        strict = True
        ordered = True


class Findings(pa.DataFrameModel):
    """发现: every rule that did not hold, with the cells concerned."""

    report_id: str = column("报告编号", "the report")
    city: str = column("城市分区", "slug of the city partition", str_matches=CITY_SLUG)
    year: pl.Int32 = column("年度", "the year the report covers", ge=FIRST_YEAR, le=LAST_YEAR)
    rule: str = column("规则", "id of the rule (schemas.rules)")
    severity: str = column("严重程度", "error, warning or info", codes=SEVERITY)
    subject: str = column("对象", "the codes of the row, column or cell concerned")
    expected: str = column("应为", "what the rule expects", nullable=True)
    actual: str = column("实为", "what is printed", nullable=True)
    message: str = column("说明", "the finding as a sentence")
    cell_ids: Texts = column("相关单元格", "the printed cells concerned")

    class Config:
        """Key and strictness."""

        unique = ["report_id", "rule", "subject"]
        strict = True
        ordered = True


TABLES: dict[str, type[pa.DataFrameModel]] = {
    "regions": Regions,
    "documents": Documents,
    "reports": Reports,
    "disclosures": Disclosures,
    "requests": Requests,
    "reviews": Reviews,
    "statistics": Statistics,
    "narrative": Narrative,
    "sections": Sections,
    "cells": Cells,
    "findings": Findings,
}
"""Every warehouse table by name, in the order of the contract."""

PARTITIONED: tuple[str, ...] = tuple(name for name in TABLES if name != "regions")
"""The tables stored by city and year; `regions` is one file."""
