"""One pandera model per mart: wide and harmonised tables that are computed from the others when the file is built.

As in `schemas.tables`, a column is declared here and nowhere else; the SQL that computes a mart is
`warehouse/marts/<name>.sql` and yields columns of these names. Marts take `coalesce(corrected, value)`.
"""

from typing import Any

import pandera.polars as pa
import polars as pl

from schemas.codes import COMPARABILITY, FORM, GOVERNMENT_LEVEL, KIND, LEVEL, READING
from schemas.tables import ADCODE, SHA256, Money, Texts, city_column, column, report_column, year_column


def region_column() -> Any:
    """`region_code` of a publisher."""
    return column(
        "区划代码",
        "code of the division the publisher governs or belongs to",
        "发布机构所辖或所属区划的代码",
        label="Division code",
        str_matches=ADCODE,
    )


def publisher_column() -> Any:
    """`publisher`."""
    return column("发布机构", "the body that published the report", "发布报告的机关")


def level_column() -> Any:
    """`level` of any publisher."""
    return column("层级", "level of the publisher", "发布机构的层级", codes=LEVEL)


def government_level_column() -> Any:
    """`level` of a government."""
    return column("层级", "level of the government; never mixed", "政府层级，不混合统计", codes=GOVERNMENT_LEVEL)


def kind_column() -> Any:
    """`kind` of a government."""
    return column(
        "类别",
        "government of a division, or administration of a functional area",
        "一级政府，或功能区管理机构",
        codes=KIND,
    )


def form_column() -> Any:
    """`form`."""
    return column("表式", "version of the form the figures come from", "数字所出表式的版本", codes=FORM)


def count(zh: str, en: str, meaning: str, unit: str = "件") -> Any:
    """A number of things; null where it is blank, missing or not in the form."""
    return column(zh, f"{en}; null where blank, missing or not in the form", meaning, unit=unit, nullable=True)


def share(zh: str, en: str, meaning: str) -> Any:
    """A share between 0 and 1, but for misprints; null where the denominator is 0 or a part is null."""
    return column(zh, f"{en}; null where that is 0 or a part is null", meaning, unit="1", nullable=True)


def tally(zh: str, en: str, meaning: str, unit: str | None = None) -> Any:
    """A number that is always known."""
    return column(zh, en, meaning, unit=unit, ge=0)


class Indicators(pa.DataFrameModel):
    """指标: what each indicator of the marts is made of, in every form version."""

    indicator: str = column("指标代码", "code of the indicator", "指标代码", label="Indicator")
    zh: str = column("中文名", "its zh label", "指标的中文名称", label="Label in Chinese")
    en: str = column("英文名", "its en label", "指标的英文名称", label="Label in English")
    unit: str = column("单位", "unit in the marts", "在数据集市中的单位")
    form: str = form_column()
    alternative: pl.Int32 = column(
        "组", "number of the way to print it, where a form allows several", "表式有多种印法时的序号", ge=0
    )
    fact_table: str = column("数据表", "table of the figure", "数字所在的表")
    row_code: str = column(
        "行代码", "code of its row, or indicator of `statistics`", "行代码或统计指标代码", label="Row"
    )
    column_code: str = column(
        "列代码", "code of its column; empty for `statistics`", "列代码；统计表为空", label="Column"
    )
    comparability: str = column(
        "可比性", "how it compares with the current form", "与现行表式相比的口径", codes=COMPARABILITY
    )

    class Config:
        """Key and strictness."""

        unique = ["indicator", "form", "alternative", "fact_table", "row_code", "column_code"]
        strict = True
        ordered = True


class TimeSeries(pa.DataFrameModel):
    """时间序列: one row per publisher, indicator and year, over all form versions."""

    region_code: str = region_column()
    publisher: str = publisher_column()
    indicator: str = column(
        "指标代码", "code of the indicator (table `indicators`)", "指标代码（见 indicators 表）", label="Indicator"
    )
    year: pl.Int32 = year_column()
    value: Money = column(
        "数值",
        "the value, corrected where a correction is accepted; null where a cell it needs is blank",
        "数值，有经采纳的更正则取更正值；所需单元格空白则为空",
        nullable=True,
    )
    unit: str = column("单位", "its unit; money in 元", "单位；金额一律为元")
    form: str = form_column()
    comparability: str = column(
        "可比性", "how it compares with the current form", "与现行表式相比的口径", codes=COMPARABILITY
    )
    revised: bool = column(
        "曾修订",
        "whether the report was revised after it was first archived (edition 2 or later); which figures changed, "
        "`gongkai editions` says",
        "报告在首次存档后是否曾被修订（第 2 版或以后）；哪些数字有变见 gongkai editions",
    )
    is_corrected: bool = column("已更正", "whether an accepted correction is in the value", "数值是否含经采纳的更正")
    flagged: bool = column(
        "存疑",
        "whether an error finding that corrections do not settle concerns a cell of it",
        "所用单元格是否涉及未经更正解决的错误发现",
    )
    level: str = level_column()
    city: str = city_column()
    report_id: str = report_column()

    class Config:
        """Key and strictness."""

        unique = ["region_code", "publisher", "indicator", "year"]
        strict = True
        ordered = True


class CityYear(pa.DataFrameModel):
    """政府年度指标: one row per government and year, harmonised over all form versions; no departments."""

    region_code: str = region_column()
    publisher: str = publisher_column()
    year: pl.Int32 = year_column()
    region: str = column(
        "区划名称", "name of the division as the report has it", "报告所用的区划名称", label="Division"
    )
    level: str = government_level_column()
    kind: str = kind_column()
    city: str = city_column()
    city_code: str = column("城市代码", "code of the city partition", "城市分区的六位代码", str_matches=ADCODE)
    report_id: str = report_column()
    form: str = form_column()
    counted_otherwise: Texts = column(
        "口径不同的列",
        "columns whose figure in this form is only the nearest counterpart of the current form's",
        "本表式中口径仅与现行表式相近的列",
    )
    not_in_form: Texts = column(
        "表式所无的列", "columns that are null because this form has no such figure", "因本表式没有该项数字而为空的列"
    )
    flagged: bool = column(
        "存疑",
        "whether an error finding that corrections do not settle concerns a cell of the row",
        "本行所用单元格是否涉及未经更正解决的错误发现",
    )
    is_corrected: bool = column("已更正", "whether an accepted correction is in the row", "本行是否含经采纳的更正")
    population: pl.Int64 = column(
        "常住人口",
        "residents in the nearest year known, at most 5 years away; null where none is known",
        "相距不超过五年的最近年份常住人口；未知则为空",
        unit="人",
        nullable=True,
    )
    population_year: pl.Int32 = column("人口年份", "the year of that number", "该人口数的年份", nullable=True)
    requests_received: pl.Int64 = count(
        "新收申请", "requests newly received in the year", "本年新收政府信息公开申请数量"
    )
    requests_per_100k: float = column(
        "每十万人新收申请",
        "requests_received per 100,000 residents; null where either is unknown",
        "每十万常住人口的新收申请数；任一未知则为空",
        label="Requests per 100,000",
        unit="件/10万人",
        nullable=True,
    )
    requests_carried_over: pl.Int64 = count(
        "上年结转", "requests carried over from the year before", "上年结转申请数量"
    )
    requests_processed: pl.Int64 = count(
        "办理总计", "requests processed in the year, the denominator of the shares", "本年度办理结果总计，各占比的分母"
    )
    requests_granted: pl.Int64 = count("予以公开", "requests granted in full", "予以公开的申请数量")
    granted_share: float = share("予以公开占比", "requests_granted / requests_processed", "予以公开数除以办理总计")
    requests_partially_granted: pl.Int64 = count("部分公开", "requests granted in part", "部分公开的申请数量")
    partially_granted_share: float = share(
        "部分公开占比", "requests_partially_granted / requests_processed", "部分公开数除以办理总计"
    )
    requests_denied: pl.Int64 = count("不予公开", "requests denied, for all reasons", "不予公开各项之和")
    denied_share: float = share("不予公开占比", "requests_denied / requests_processed", "不予公开数除以办理总计")
    requests_not_held: pl.Int64 = count(
        "不掌握", "requests for information the body does not hold", "本机关不掌握相关政府信息的申请数量"
    )
    not_held_share: float = share("不掌握占比", "requests_not_held / requests_processed", "不掌握数除以办理总计")
    reviews: pl.Int64 = count("行政复议", "administrative reviews", "行政复议总计")
    review_rate: float = share("复议率", "reviews / requests_processed", "行政复议总计除以办理总计")
    lawsuits: pl.Int64 = count("行政诉讼", "lawsuits, direct and after review", "行政诉讼总计（未经复议与复议后之和）")
    litigation_rate: float = share("诉讼率", "lawsuits / requests_processed", "行政诉讼总计除以办理总计")
    cases_concluded: pl.Int64 = count(
        "已审结案件",
        "reviews and lawsuits with a result: upheld, corrected, other",
        "复议、诉讼中维持、纠正与其他结果之和",
    )
    cases_corrected: pl.Int64 = count(
        "纠正案件", "reviews and lawsuits that corrected the body", "复议、诉讼中结果纠正之和"
    )
    correction_rate: float = share("纠正率", "cases_corrected / cases_concluded", "纠正案件数除以已审结案件数")
    fees_yuan: Money = count(
        "行政事业性收费", "administrative fees collected, in yuan", "本年行政事业性收费金额，单位元", "元"
    )
    other_reports: pl.Int64 = tally(
        "同区划其他报告",
        "further reports of a government of the same division and year, which are left out",
        "同一区划同一年度其他政府名称的报告数（未计入）",
    )

    class Config:
        """Key and strictness."""

        unique = ["region_code", "publisher", "year"]
        strict = True
        ordered = True


def reporting(zh: str, name: str) -> Any:
    """How many governments a sum is over."""
    return tally(f"{zh}报送数", f"governments with {name}, which the sum is over", f"有{zh}数字的政府数，即求和范围")


class NationalYear(pa.DataFrameModel):
    """全国年度合计: sums over the loaded governments of one level, kind and year, with how many reported each."""

    year: pl.Int32 = year_column()
    level: str = government_level_column()
    kind: str = kind_column()
    governments: pl.Int64 = tally("政府数", "governments with a loaded report", "已入库报告的政府数")
    governments_flagged: pl.Int64 = tally("存疑政府数", "of them, those with a flagged row", "其中存疑的政府数")
    requests_received: pl.Int64 = count("新收申请", "sum of city_year.requests_received", "新收申请数之和")
    requests_received_governments: pl.Int64 = reporting("新收申请", "requests_received")
    requests_processed: pl.Int64 = count("办理总计", "sum of city_year.requests_processed", "办理总计之和")
    requests_processed_governments: pl.Int64 = reporting("办理总计", "requests_processed")
    requests_granted: pl.Int64 = count("予以公开", "sum of city_year.requests_granted", "予以公开数之和")
    requests_granted_governments: pl.Int64 = reporting("予以公开", "requests_granted")
    granted_share: float = share(
        "予以公开占比",
        "granted / processed, over the governments that have both",
        "予以公开数除以办理总计，限两项均有的政府",
    )
    requests_denied: pl.Int64 = count("不予公开", "sum of city_year.requests_denied", "不予公开数之和")
    requests_denied_governments: pl.Int64 = reporting("不予公开", "requests_denied")
    denied_share: float = share(
        "不予公开占比",
        "denied / processed, over the governments that have both",
        "不予公开数除以办理总计，限两项均有的政府",
    )
    requests_not_held: pl.Int64 = count("不掌握", "sum of city_year.requests_not_held", "不掌握数之和")
    requests_not_held_governments: pl.Int64 = reporting("不掌握", "requests_not_held")
    reviews: pl.Int64 = count("行政复议", "sum of city_year.reviews", "行政复议总计之和")
    reviews_governments: pl.Int64 = reporting("行政复议", "reviews")
    lawsuits: pl.Int64 = count("行政诉讼", "sum of city_year.lawsuits", "行政诉讼总计之和")
    lawsuits_governments: pl.Int64 = reporting("行政诉讼", "lawsuits")
    fees_yuan: Money = count("行政事业性收费", "sum of city_year.fees_yuan", "行政事业性收费金额之和", "元")
    fees_governments: pl.Int64 = reporting("行政事业性收费", "fees_yuan")

    class Config:
        """Key and strictness."""

        unique = ["year", "level", "kind"]
        strict = True
        ordered = True


class ReportQuality(pa.DataFrameModel):
    """报告质量: one row per report: findings, completeness, timeliness."""

    report_id: str = report_column()
    region_code: str = region_column()
    publisher: str = publisher_column()
    level: str = level_column()
    city: str = city_column()
    year: pl.Int32 = year_column()
    form: str = form_column()
    sha256: str = column("文件哈希", "the document", "所据文件", label="SHA-256", str_matches=SHA256)
    reading: str = column("读取方式", "how its text was read", "正文的读取方式", nullable=True, codes=READING)
    edition: pl.Int32 = column("版次", "which edition is loaded", "已入库的版次", nullable=True, ge=1)
    errors: pl.Int64 = tally("错误", "error findings", "错误发现数")
    errors_settled: pl.Int64 = tally("已更正错误", "of them, those that corrections settle", "其中已由更正解决的")
    warnings: pl.Int64 = tally("警告", "warning findings", "警告发现数")
    infos: pl.Int64 = tally("提示", "info findings", "提示发现数")
    corrections: pl.Int64 = tally("更正", "accepted corrections applied", "已应用的更正数")
    figures: pl.Int64 = tally("数字格", "cells of figures found", "找到的数字单元格数")
    figures_blank: pl.Int64 = tally("空白格", "of them, without a number", "其中没有数字的")
    figures_expected: pl.Int64 = column(
        "应有数字格",
        "cells of figures the form has; null before 2019",
        "表式应有的数字单元格数；2019 年以前为空",
        nullable=True,
    )
    completeness: float = column(
        "完整度",
        "figures / figures_expected; null before 2019",
        "找到的与应有的单元格之比；2019 年以前为空",
        unit="1",
        nullable=True,
    )
    published_on: pl.Date = column(
        "发布日期", "date of publication the document states", "文件载明的发布日期", nullable=True
    )
    due_on: pl.Date = column(
        "法定期限",
        "last day the Regulations allow; null where they name none",
        "条例规定的最后公布日；没有规定则为空",
        nullable=True,
    )
    days_late: pl.Int64 = column(
        "逾期天数",
        "published_on - due_on; negative when early",
        "发布日期减法定期限；提前为负",
        unit="天",
        nullable=True,
    )
    on_time: bool = column(
        "按期", "whether days_late is 0 or less; null where unknown", "是否按期公布；未知则为空", nullable=True
    )

    class Config:
        """Key and strictness."""

        unique = ["report_id"]
        strict = True
        ordered = True


class Quality(pa.DataFrameModel):
    """发布机构质量: one row per publisher over all years: findings, completeness, timeliness."""

    region_code: str = region_column()
    publisher: str = publisher_column()
    level: str = column(
        "层级", "level of the publisher, in its last report", "发布机构的层级（以最近报告为准）", codes=LEVEL
    )
    city: str = city_column()
    first_year: pl.Int32 = column("首年", "year of the first loaded report", "已入库最早报告的年度")
    last_year: pl.Int32 = column("末年", "year of the last loaded report", "已入库最近报告的年度")
    reports: pl.Int64 = tally("报告数", "loaded reports", "已入库报告数")
    years_missing: pl.Int64 = tally("缺年数", "years between first and last without one", "首末年之间缺报告的年数")
    reports_with_errors: pl.Int64 = tally("有错报告数", "reports with an error finding", "有错误发现的报告数")
    errors: pl.Int64 = tally("错误", "error findings", "错误发现数")
    errors_settled: pl.Int64 = tally("已更正错误", "of them, those that corrections settle", "其中已由更正解决的")
    warnings: pl.Int64 = tally("警告", "warning findings", "警告发现数")
    figures: pl.Int64 = tally("数字格", "cells of figures found", "找到的数字单元格数")
    figures_blank: pl.Int64 = tally("空白格", "of them, without a number", "其中没有数字的")
    completeness: float = column(
        "完整度",
        "found / expected cells of its reports since 2019; null without one",
        "2019 年以来报告中找到的与应有的单元格之比；没有则为空",
        unit="1",
        nullable=True,
    )
    reports_on_time: pl.Int64 = tally("按期报告数", "reports published on time", "按期公布的报告数")
    reports_late: pl.Int64 = tally("逾期报告数", "reports published late", "逾期公布的报告数")
    reports_undated: pl.Int64 = tally(
        "期限不明报告数",
        "reports that state no date of publication, or have no statutory date",
        "未载明发布日期或没有法定期限的报告数",
    )
    revised_reports: pl.Int64 = tally(
        "修订报告数", "reports of which an edition after the first is loaded", "以修订版入库的报告数"
    )

    class Config:
        """Key and strictness."""

        unique = ["region_code", "publisher"]
        strict = True
        ordered = True


MARTS: dict[str, type[pa.DataFrameModel]] = {
    "indicators": Indicators,
    "time_series": TimeSeries,
    "city_year": CityYear,
    "national_year": NationalYear,
    "report_quality": ReportQuality,
    "quality": Quality,
}
"""Every mart by name, in the order in which they are built: each from the tables and the marts before it."""
