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
    CORRECTION_BASIS,
    CORRECTION_STATE,
    CORRECTION_STATUS,
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


def column(
    zh: str,
    en: str,
    meaning: str,
    *,
    label: str = "",
    unit: str | None = None,
    codes: CodeList | None = None,
    **checks: Any,
) -> Any:
    """Declare a column.

    Args:
        zh: zh label.
        en: en description.
        meaning: zh description.
        label: en label; empty where the column's name says it.
        unit: unit of its numbers, where all have the same.
        codes: the closed list its values are from.
        checks: what else pandera checks.
    """
    if codes is not None:
        checks["isin"] = codes.values()
    metadata = {"label": label, "meaning": meaning, "unit": unit, "codes": codes.name if codes else None}
    return pa.Field(title=zh, description=en, metadata=metadata, **checks)


def report_column() -> Any:
    """`report_id` of a table whose rows belong to a report."""
    return column("报告编号", "the report", "所属报告的编号")


def city_column() -> Any:
    """`city`, the partition."""
    return column(
        "城市分区",
        "slug of the city partition",
        "城市分区名：拼音加六位代码",
        label="City partition",
        str_matches=CITY_SLUG,
    )


def year_column() -> Any:
    """`year`, the partition."""
    return column("年度", "the year the report covers", "报告所述年度", ge=FIRST_YEAR, le=LAST_YEAR)


def note_column() -> Any:
    """`note` of a figure."""
    return column("注", "a note printed in the number's cell", "与数字同格印出的说明", nullable=True)


def cell_column() -> Any:
    """`cell_id` of a figure."""
    return column("单元格", "the printed cell", "该数字所在单元格", label="Cell")


def corrected_column(counted: str, unit: str | None = None) -> Any:
    """`corrected` of a figure; `counted` says in zh what is counted."""
    return column(
        "更正值",
        "the value after an accepted correction (table `corrections`); null where there is none. "
        "`value` stays as printed: use coalesce(corrected, value)",
        f"经采纳的更正后的{counted}（见 corrections 表）；无更正则为空。数值列保留原印数字",
        unit=unit,
        nullable=True,
    )


class Regions(pa.DataFrameModel):
    """行政区划: the divisions of GB/T 2260, of now and of the past, with the city partition each belongs to."""

    adcode: str = column(
        "区划代码", "GB/T 2260 six-digit code", "GB/T 2260 六位区划代码", label="Division code", str_matches=ADCODE
    )
    name: str = column("名称", "name of the division", "行政区划名称")
    name_en: str = column(
        "拼音名称",
        "name in pinyin, words joined and capitalised",
        "名称的拼音，连写，首字母大写",
        label="Name in pinyin",
    )
    level: str = column("层级", "province, prefecture or county", "省级、地级或县级", codes=LEVEL)
    parent_adcode: str = column(
        "上级代码",
        "code of the division above; null for a province",
        "上一级区划的代码；省级为空",
        label="Code of the division above",
        nullable=True,
    )
    city_code: str = column(
        "城市代码", "code of the city partition it belongs to", "所属城市分区的代码", str_matches=ADCODE
    )
    city: str = column(
        "城市分区",
        "slug of the city partition: pinyin and code",
        "所属城市分区名：拼音加六位代码",
        label="City partition",
        str_matches=CITY_SLUG,
    )
    first_year: pl.Int32 = column(
        "起始年度",
        "the year it came to be; null where the lists do not tell",
        "设立的年份；名录未载明的为空",
        label="First year",
        nullable=True,
    )
    last_year: pl.Int32 = column(
        "终止年度",
        "the last year it was listed; null while in force",
        "最后列入名录的年份；现行区划为空",
        label="Last year",
        nullable=True,
    )
    successor_adcode: str = column(
        "后继代码",
        "code of what it became; null while in force, or where the lists do not tell",
        "变更后区划的代码；现行或名录未载明的为空",
        label="Code of the successor",
        nullable=True,
    )
    former_names: Texts = column(
        "曾用名",
        "names that the same code had before, oldest first",
        "同一代码曾用的名称，从早到晚",
        label="Former names",
    )

    class Config:
        """Key and strictness."""

        unique = ["adcode"]
        strict = True
        ordered = True


class Documents(pa.DataFrameModel):
    """文档: every archived file version, with what became of it."""

    sha256: str = column(
        "文件哈希", "SHA-256 of the archived bytes", "存档文件的 SHA-256", label="SHA-256", str_matches=SHA256
    )
    city: str = city_column()
    year: pl.Int32 = year_column()
    source_url: str = column(
        "来源地址", "where the bytes were first retrieved from", "首次取得该文件的网址", label="Source address"
    )
    retrieved_at: Utc = column("获取时间", "when these bytes were first retrieved (UTC)", "首次取得该文件的时间（UTC）")
    media_type: str = column(
        "媒体类型", "media type told from the bytes, not from the name", "由文件内容而非文件名判定的类型"
    )
    size_bytes: pl.Int64 = column(
        "大小", "size of the archived bytes", "存档文件的大小", label="Size", unit="byte", gt=0
    )
    edition: pl.Int32 = column(
        "版次",
        "1 for the first bytes seen of this report, 2 for a revision",
        "同一报告先后取得的不同版本，自 1 起",
        ge=1,
    )
    status: str = column("状态", "loaded, quarantined, not_a_report or superseded", "该文件的处理结果", codes=STATUS)
    reason: str = column(
        "原因",
        "why it is not loaded and what to do; null when loaded",
        "未入库的原因及处理办法；已入库则为空",
        nullable=True,
    )
    report_id: str = column(
        "报告编号",
        "the report it is an edition of; null when unknown",
        "该文件所属报告；未知则为空",
        label="Report",
        nullable=True,
    )
    page_count: pl.Int32 = column("页数", "pages, for paged documents", "分页文件的页数", nullable=True, ge=1)
    producer: str = column(
        "制作软件", "program that made the file, as it says itself", "文件自述的制作程序", nullable=True
    )
    reading: str = column("读取方式", "how its text was read", "正文的读取方式", nullable=True, codes=READING)
    reader_version: str = column(
        "读取器版本", "version of the reader that read it", "所用读取程序的版本", nullable=True
    )

    class Config:
        """Key and strictness."""

        unique = ["sha256", "source_url"]
        strict = True
        ordered = True


class Reports(pa.DataFrameModel):
    """报告: one row per publisher and year, the current edition."""

    report_id: str = column(
        "报告编号",
        "stable id: region code, year and a hash of the publisher",
        "稳定编号：区划代码、年度与发布机构名称的散列",
        label="Report",
    )
    city_code: str = column("城市代码", "code of the city partition", "城市分区的六位代码", str_matches=ADCODE)
    city: str = city_column()
    year: pl.Int32 = year_column()
    region_code: str = column(
        "区划代码",
        "code of the division the publisher governs or belongs to",
        "发布机构所辖或所属区划的代码",
        label="Division code",
        str_matches=ADCODE,
    )
    region: str = column(
        "区划名称", "name of that division as the report has it", "报告所用的区划名称", label="Division"
    )
    level: str = column("层级", "level of the publisher", "发布机构的层级", codes=LEVEL)
    publisher: str = column("发布机构", "the body that published the report", "发布报告的机关")
    title: str = column("标题", "title of the report", "报告标题")
    form: str = column("表式", "version of the statutory form", "法定表式的版本", codes=FORM)
    sha256: str = column(
        "文件哈希", "the document the figures were read from", "读出这些数字的文件", label="SHA-256", str_matches=SHA256
    )
    period_start: pl.Date = column(
        "统计起始", "first day of the period the report states", "报告写明的统计期首日", nullable=True
    )
    period_end: pl.Date = column(
        "统计截止", "last day of the period the report states", "报告写明的统计期末日", nullable=True
    )
    published_on: pl.Date = column(
        "发布日期",
        "date of publication the document states",
        "文件载明的发布日期",
        label="Publication date",
        nullable=True,
    )

    class Config:
        """Key and strictness."""

        unique = ["report_id"]
        strict = True
        ordered = True


class Disclosures(pa.DataFrameModel):
    """主动公开: chapter 2 of the form, one row per printed cell."""

    report_id: str = report_column()
    city: str = city_column()
    year: pl.Int32 = year_column()
    category: str = column("信息内容", "what is counted", "统计的事项（第二章的行）", codes=CATEGORY)
    measure: str = column("指标", "which figure of it", "该事项的哪一项数字（第二章的列）", codes=MEASURE)
    value: Money = column(
        "数值",
        "the number printed, in `unit`; null where the cell has none",
        "原印数字，单位见 unit；单元格无数字则为空",
        nullable=True,
    )
    corrected: Money = corrected_column("数值，单位同 unit")
    unit: str = column(
        "单位",
        "unit as printed or implied by the form",
        "原印单位，或表式默认的单位",
        isin=["件", "项", "万元", "元", "亿元"],
    )
    note: str = note_column()
    cell_id: str = cell_column()

    class Config:
        """Key and strictness."""

        unique = ["report_id", "category", "measure"]
        strict = True
        ordered = True


class Requests(pa.DataFrameModel):
    """依申请公开: chapter 3 of the form, one row per printed cell."""

    report_id: str = report_column()
    city: str = city_column()
    year: pl.Int32 = year_column()
    outcome: str = column("办理结果", "row of the form", "第三章表格的行", codes=OUTCOME)
    applicant: str = column("申请人", "column of the form", "第三章表格的列", codes=APPLICANT)
    value: pl.Int64 = column(
        "数值",
        "number of requests; null where the cell has none",
        "申请件数，原印数字；单元格无数字则为空",
        unit="件",
        nullable=True,
    )
    corrected: pl.Int64 = corrected_column("申请件数", "件")
    note: str = note_column()
    cell_id: str = cell_column()

    class Config:
        """Key and strictness."""

        unique = ["report_id", "outcome", "applicant"]
        strict = True
        ordered = True


class Reviews(pa.DataFrameModel):
    """复议诉讼: chapter 4 of the form, one row per printed cell."""

    report_id: str = report_column()
    city: str = city_column()
    year: pl.Int32 = year_column()
    proceeding: str = column("程序", "kind of proceeding", "复议或诉讼程序", codes=PROCEEDING)
    result: str = column("结果", "how it ended", "案件结果", codes=RESULT)
    value: pl.Int64 = column(
        "数值",
        "number of cases; null where the cell has none",
        "案件数，原印数字；单元格无数字则为空",
        unit="件",
        nullable=True,
    )
    corrected: pl.Int64 = corrected_column("案件数", "件")
    note: str = note_column()
    cell_id: str = cell_column()

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

    report_id: str = report_column()
    city: str = city_column()
    year: pl.Int32 = year_column()
    indicator: str = column(
        "指标代码",
        "code of the indicator (schemas.forms), or unknown",
        "指标代码（schemas.forms），不在表式中的为 unknown",
        label="Indicator",
    )
    label: str = column(
        "指标名称",
        "the label as printed; for a figure of the text the words it stands after",
        "原印指标名称；正文数字则为其前的文字",
    )
    value: Money = column(
        "数值",
        "the number printed, in `unit`; null where the cell has none",
        "原印数字，单位见 unit；单元格无数字则为空",
        nullable=True,
    )
    corrected: Money = corrected_column("数值，单位同 unit")
    unit: str = column("单位", "unit as printed or implied by the form", "原印单位，或表式默认的单位", nullable=True)
    heading: str = column(
        "栏目", "heading of the column as printed; null without one", "原印栏目标题；没有则为空", nullable=True
    )
    note: str = note_column()
    origin: str = column("出处", "whether it is read from a table or from prose", "出自表格还是正文", codes=ORIGIN)
    sentence: str = column(
        "句子", "the sentence it stands in; null for a figure of a table", "所在句子；出自表格则为空", nullable=True
    )
    cell_id: str = column(
        "单元格",
        "the printed cell, or the sentence (table 0 of `cells`)",
        "所在单元格，或所在句子（cells 中的表 0）",
        label="Cell",
    )

    class Config:
        """Key and strictness."""

        unique = ["report_id", "indicator", "cell_id"]
        strict = True
        ordered = True


class Narrative(pa.DataFrameModel):
    """正文数字: numbers that the text states, with what they count and the sentence they stand in."""

    report_id: str = report_column()
    city: str = city_column()
    year: pl.Int32 = year_column()
    cell_id: str = column("单元格", "the sentence (table 0 of `cells`)", "所在句子（cells 中的表 0）", label="Cell")
    position: pl.Int32 = column(
        "位置", "position of the number among those of the sentence, from 1", "在该句数字中的序号，自 1 起", ge=1
    )
    chapter: pl.Int32 = column("章", "the chapter it stands in, as in `sections`", "所在章，同 sections", ge=0)
    verb: str = column("动词", "what was done with the things counted, as printed", "对所计事物的动作，照原文")
    label: str = column("对象", "what the number counts, as printed", "数字所计的事物，照原文")
    value: Money = column("数值", "the number, in `unit`", "数字，单位见 unit")
    unit: str = column("单位", "counting word or unit as printed", "原文量词或单位")
    approximation: str = column("约数", "whether the number is exact", "数字是否确切", codes=APPROXIMATION)
    sentence: str = column("句子", "the sentence it stands in", "所在句子")

    class Config:
        """Key and strictness."""

        unique = ["report_id", "cell_id", "position"]
        strict = True
        ordered = True


class Sections(pa.DataFrameModel):
    """章节: the text of each chapter."""

    report_id: str = report_column()
    city: str = city_column()
    year: pl.Int32 = year_column()
    chapter: pl.Int32 = column(
        "章",
        "position of the chapter in the report; 0 is what precedes the first",
        "章在报告中的序号；0 为第一章之前的文字",
        ge=0,
    )
    topic: str = column(
        "主题", "what the chapter is about, whatever its number", "该章内容的类别，与章号无关", codes=TOPIC
    )
    heading: str = column("标题", "heading of the chapter as printed", "原印章标题")
    text: str = column(
        "正文",
        "its paragraphs, one a line, radicals normalised to ideographs",
        "各段文字，一段一行，部首字已还原为汉字",
    )

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

    cell_id: str = column("单元格", "document hash, table, row and column", "文件散列、表序、行、列", label="Cell")
    report_id: str = report_column()
    city: str = city_column()
    year: pl.Int32 = year_column()
    sha256: str = column("文件哈希", "the document", "所在文件", label="SHA-256", str_matches=SHA256)
    page: pl.Int32 = column("页", "page, from 1; null for a web page", "页码，自 1 起；网页为空", nullable=True, ge=1)
    x0: float = column(
        "左",
        "left edge of the cell on the page, from its left",
        "单元格左边到页面左边的距离",
        label="Left edge",
        unit="pt",
        nullable=True,
    )
    top: float = column(
        "上",
        "upper edge of the cell, from the page's top",
        "单元格上边到页面上边的距离",
        label="Upper edge",
        unit="pt",
        nullable=True,
    )
    x1: float = column(
        "右", "right edge of the cell", "单元格右边到页面左边的距离", label="Right edge", unit="pt", nullable=True
    )
    bottom: float = column(
        "下", "lower edge of the cell", "单元格下边到页面上边的距离", label="Lower edge", unit="pt", nullable=True
    )
    path: str = column(
        "元素路径",
        "path of the element in a web page; null for paged documents",
        "网页中元素的路径；分页文件为空",
        label="Element path",
        nullable=True,
    )
    table_no: pl.Int32 = column(
        "表序",
        "table in the document, from 1; 0 for a sentence of the text",
        "文件中第几个表，自 1 起；0 为正文句子",
        label="Table number",
        ge=0,
    )
    row_no: pl.Int32 = column(
        "行",
        "row of the table, or paragraph of the text, from 1",
        "表中的行或正文的段，自 1 起",
        label="Row number",
        ge=1,
    )
    column_no: pl.Int32 = column(
        "列",
        "column of the table, or sentence of the paragraph, from 1",
        "表中的列或段中的句，自 1 起",
        label="Column number",
        ge=1,
    )
    raw_text: str = column("原文", "the text exactly as printed", "与印出的完全一致的文字", label="Text as printed")
    state: str = column("形态", "number, blank, dash or text", "单元格中是数字、空白、横线还是文字", codes=STATE)

    class Config:
        """Key and strictness."""

        unique = ["cell_id"]
        strict = True
        ordered = True


class Findings(pa.DataFrameModel):
    """发现: every rule that did not hold, with the cells concerned."""

    report_id: str = report_column()
    city: str = city_column()
    year: pl.Int32 = year_column()
    rule: str = column("规则", "id of the rule (schemas.rules)", "规则编号（schemas.rules）")
    severity: str = column("严重程度", "error, warning or info", "错误、警告或提示", codes=SEVERITY)
    subject: str = column("对象", "the codes of the row, column or cell concerned", "所涉行、列或单元格的代码")
    expected: str = column("应为", "what the rule expects", "按规则应有的内容", nullable=True)
    actual: str = column("实为", "what is printed", "实际印出的内容", nullable=True)
    message: str = column("说明", "the finding as a sentence", "以一句话说明")
    cell_ids: Texts = column("相关单元格", "the printed cells concerned", "所涉单元格", label="Cells concerned")

    settled: bool = column(
        "已更正",
        "whether the rule holds once accepted corrections are taken into account; the finding is about the figures "
        "as printed",
        "计入经采纳的更正后，该规则是否成立；本行所述为原印数字",
    )

    class Config:
        """Key and strictness."""

        unique = ["report_id", "rule", "subject"]
        strict = True
        ordered = True


class Corrections(pa.DataFrameModel):
    """更正: every declared correction of a document of the partition, with what became of it.

    Declared in `schemas.corrections` or the home's own files. A correction never replaces what is printed: it fills
    `corrected` beside `value`. One that no longer finds what it expects has no effect and is an error finding.
    """

    correction: str = column("更正编号", "id of the entry", "更正条目的编号")
    report_id: str = column(
        "报告编号",
        "the report; null where the document is not loaded",
        "所属报告的编号；文件未入库则为空",
        label="Report",
        nullable=True,
    )
    city: str = city_column()
    year: pl.Int32 = year_column()
    sha256: str = column("文件哈希", "the document", "所更正的文件", label="SHA-256", str_matches=SHA256)
    fact_table: str = column(
        "数据表",
        "the table of the figure",
        "数字所在的表",
        isin=["disclosures", "requests", "reviews", "statistics"],
    )
    row_code: str = column("行代码", "code of the row, or indicator", "行（或指标）的代码", label="Row")
    column_code: str = column(
        "列代码",
        "code of the column; heading of a column of statistics, or empty",
        "列的代码；统计表则为栏目标题，可为空",
        label="Column",
    )
    cell_id: str = column(
        "单元格",
        "the printed cell; null where it was not found",
        "所更正的单元格；未找到则为空",
        label="Cell",
        nullable=True,
    )
    expected: str = column("预期原文", "what the entry expects to be printed", "条目预期单元格中印有的文字")
    found: str = column(
        "实际原文",
        "what is printed; null where the cell was not found",
        "单元格中实际印有的文字；未找到则为空",
        nullable=True,
    )
    corrected: Money = column("更正值", "the right value, in the unit of the figure", "正确的数值，单位与该数字相同")
    basis: str = column("依据", "what it rests on", "更正所依据的类型", codes=CORRECTION_BASIS)
    reason: str = column("理由", "why the printed value is wrong", "为何原印数字有误")
    source: str = column("来源", "where that can be looked up", "可供查证的出处")
    status: str = column("状态", "whether it is accepted", "是否已采纳", codes=CORRECTION_STATUS)
    state: str = column("结果", "what became of it in this data", "在本数据中的应用结果", codes=CORRECTION_STATE)
    problem: str = column(
        "问题",
        "why it does not match and what to do; null where it does",
        "不匹配的原因及处理办法；匹配则为空",
        nullable=True,
    )

    class Config:
        """Key and strictness."""

        unique = ["correction"]
        strict = True
        ordered = True


class Population(pa.DataFrameModel):
    """常住人口: residents of divisions, from the census and from the home's own `population.csv`."""

    region_code: str = column("区划代码", "code of the division", "行政区划代码", str_matches=ADCODE)
    year: pl.Int32 = column(
        "年度", "the year of the count or estimate", "普查或估计的年份", ge=FIRST_YEAR - 3, le=LAST_YEAR
    )
    population: pl.Int64 = column("常住人口", "residents", "常住人口数", unit="人", gt=0)
    source: str = column("来源", "where the number is from", "数据来源")

    class Config:
        """Key and strictness."""

        unique = ["region_code", "year"]
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
    "corrections": Corrections,
    "population": Population,
}
"""Every warehouse table by name, in the order of the contract."""

WHOLE: tuple[str, ...] = ("regions", "population")
"""The tables that are no part of any partition."""

PARTITIONED: tuple[str, ...] = tuple(name for name in TABLES if name not in WHOLE)
"""The tables stored by city and year."""
