"""Known caveats, as a closed vocabulary: each is worded once and attached to whatever it concerns.

A target is a table (`requests`), a column (`reports.published_on`) or a code of a list (`form=2014`).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caveat:
    """A caveat: its code, its wording in zh and en, and what it concerns."""

    code: str
    zh: str
    en: str
    targets: tuple[str, ...]


CAVEATS = (
    Caveat(
        "as_printed",
        "数字照原文登载，不作修正；原文确有错误，使用前请查看 findings 表中严重程度为 error 的记录。",
        "Figures are as printed, errors included. Look at `findings` of severity error before you add them up.",
        (
            "disclosures",
            "requests",
            "reviews",
            "statistics",
            "disclosures.value",
            "requests.value",
            "reviews.value",
            "statistics.value",
        ),
    ),
    Caveat(
        "blank_is_not_zero",
        "空值表示单元格空白或为横线，不等于 0；其形态见 cells.state。",
        "Null means that the cell is blank or dashed, which is not 0; `cells.state` says which.",
        ("disclosures.value", "requests.value", "reviews.value", "statistics.value", "state=blank", "state=dash"),
    ),
    Caveat(
        "corrected_beside_printed",
        "更正不改动原印数字：取 coalesce(corrected, value)。数据集市已如此处理。",
        "A correction never replaces what is printed: take coalesce(corrected, value), as the marts do.",
        (
            "disclosures.corrected",
            "requests.corrected",
            "reviews.corrected",
            "statistics.corrected",
            "corrections",
            "time_series.value",
            "city_year.is_corrected",
        ),
    ),
    Caveat(
        "printed_unit",
        "金额保留原印单位（万元、元）；数据集市统一换算为元。表式要求万元而误填元的，见规则 disclosures.unit。",
        "Money keeps its printed unit; the marts convert to 元. Where 元 may stand for 万元, `disclosures.unit` warns.",
        (
            "disclosures.value",
            "disclosures.unit",
            "statistics.unit",
            "category=fees",
            "measure=amount",
            "measure=procurement_amount",
            "city_year.fees_yuan",
            "national_year.fees_yuan",
        ),
    ),
    Caveat(
        "chapter_2_changed",
        "第二章在 2021 年改版：2019 年表式的新制作、新公开数量与 2021 年表式的制发、现行有效件数口径不同，"
        "不可直接比较。",
        "Chapter 2 changed in 2021: what the 2019 form counts as made and published is not what the 2021 form counts "
        "as issued and in force. Do not compare them.",
        (
            "disclosures",
            "form=2019",
            "measure=issued",
            "measure=in_force",
            "measure=newly_made",
            "measure=newly_published",
            "measure=total_published",
        ),
    ),
    Caveat(
        "one_row_or_several",
        "“（六）其他处理”有的报告印为一行，有的印为三行；合计用指标 requests.other。",
        "（六）其他处理 is printed as one row or as three; the indicator `requests.other` has either.",
        (
            "outcome=other",
            "outcome=other.uncorrected_overdue",
            "outcome=other.unpaid_fee_overdue",
            "outcome=other.other",
        ),
    ),
    Caveat(
        "older_form_counts_otherwise",
        "2019 年以前的表式口径不同：例如“属于已主动公开范围”单列，不予公开的理由不同。"
        "可比性见 indicators.comparability。",
        "Forms before 2019 count otherwise: 属于已主动公开范围 is an answer of its own, and grounds of refusal differ. "
        "`indicators.comparability` says how near a figure is.",
        (
            "form=2014",
            "form=free",
            "statistics",
            "time_series",
            "time_series.comparability",
            "city_year",
            "city_year.counted_otherwise",
            "national_year",
            "comparability=near",
        ),
    ),
    Caveat(
        "no_common_table",
        "2014 年以前没有全国统一表格；数字取自各地自定表格或正文句子，宁缺毋滥。",
        "Before 2014 there was no national table; figures are from local tables or from sentences, with precision "
        "before recall.",
        ("form=free", "statistics", "narrative", "origin=prose"),
    ),
    Caveat(
        "scope_not_told",
        "表式不载明汇总范围：政府的报告有的含所属部门、下级政府和乡镇，有的只计本级机关；各政府、各年可能不一。",
        "The form does not say whose requests are counted: a government's report may include its departments, lower "
        "governments and townships or its own offices alone, and that may differ between governments and years.",
        ("requests", "reviews", "city_year", "national_year", "level=province", "level=prefecture", "level=county"),
    ),
    Caveat(
        "do_not_add_levels",
        "政府的报告可能已包含其部门和下级政府的数字：不同层级、政府与部门不可相加。",
        "A government's figures may contain those of its departments and of lower governments: never add up different "
        "levels, or governments and departments.",
        (
            "reports.level",
            "national_year",
            "national_year.level",
            "city_year.level",
            "time_series.level",
            "level=department",
        ),
    ),
    Caveat(
        "departments_in_city",
        "部门和县级政府的报告归入所属城市分区，以 region_code 与 publisher 区分。",
        "Reports of departments and counties lie in the partition of their city; `region_code` and `publisher` tell "
        "them apart.",
        ("reports", "reports.city", "time_series.city"),
    ),
    Caveat(
        "loaded_is_not_all",
        "只含已入库的报告，目录并未穷尽：合计须与报送政府数一并使用，缺年可能只是未收录。",
        "Only loaded reports are in it, and the catalogue is not complete: read a sum beside the number of governments "
        "it is over, and a missing year as not loaded rather than not published.",
        ("national_year", "quality", "quality.years_missing", "reports"),
    ),
    Caveat(
        "current_edition_only",
        "只载现行版本的数字；旧版文件仍在存档，见 documents 与 gongkai editions。",
        "Only the current edition's figures are in the tables; earlier editions stay archived (`documents`, "
        "`gongkai editions`).",
        ("reports", "documents.edition", "time_series.revised", "quality.revised_reports", "status=superseded"),
    ),
    Caveat(
        "date_as_stated",
        "发布日期以文件载明者为准，多数文件未载明；由此得出的是否按期仅供参考。",
        "The date of publication is the one the document states, and most state none; whether a report was on time "
        "rests on it.",
        (
            "reports.published_on",
            "report_quality.published_on",
            "report_quality.days_late",
            "report_quality.on_time",
            "quality.reports_on_time",
            "quality.reports_late",
            "quality.reports_undated",
        ),
    ),
    Caveat(
        "read_from_scan",
        "由扫描件识别所得的数字可能有误；不确定者见规则 ocr.confidence。",
        "Figures of scans were recognised optically and may be wrong; `ocr.confidence` lists the unsure ones.",
        ("reading=ocr", "report_quality.reading"),
    ),
    Caveat(
        "read_from_prose",
        "由句子中读出的数字，其对象和口径照原文，须连同句子使用。",
        "A number read from a sentence counts what the sentence says; use it together with the sentence.",
        ("narrative", "narrative.value", "origin=prose", "statistics.sentence"),
    ),
    Caveat(
        "several_columns",
        "统计表可能有多栏数字（如各类机关），以 heading 区分；指标有多栏时数据集市不取值。",
        "A statistics table may have several columns of figures (`heading`), of different kinds of "
        "bodies; the marts take none of them.",
        ("statistics.heading", "statistics", "time_series"),
    ),
    Caveat(
        "label_placed_by_likeness",
        "标签与表式不同的，按相似程度和次序归行，并记为 form.label。",
        "Where a label differs from the form's, its row was told from likeness and order; `form.label` lists them.",
        ("requests.outcome", "disclosures.category", "disclosures.measure", "reviews.result"),
    ),
    Caveat(
        "population_of_another_year",
        "人口取最近年份（至多相差五年），见 population_year；内置数据只有 2020 年人口普查的省级数字，"
        "可自备 population.csv。",
        "The population is that of the nearest year known, at most five years away (`population_year`). Built in are "
        "the provinces of the 2020 census; `population.csv` in the home adds others.",
        ("population", "city_year.population", "city_year.requests_per_100k"),
    ),
    Caveat(
        "share_over_one",
        "原印数字有误时占比可能超过 1，或各项之和不为 1；见 flagged。",
        "Where figures are misprinted, a share may exceed 1; see `flagged`.",
        ("city_year.granted_share", "city_year.denied_share", "city_year.review_rate", "city_year.correction_rate"),
    ),
    Caveat(
        "cases_of_other_years",
        "复议、诉讼案件与当年申请并非一一对应：案件可能源于上年申请，复议后起诉的同一争议在两处各计一次。",
        "Cases do not belong to the year's requests one to one: a case may stem from an earlier year, and a dispute "
        "that goes from review to court is counted in both.",
        ("city_year.review_rate", "city_year.litigation_rate", "city_year.cases_concluded", "reviews"),
    ),
)
"""Every caveat, in the order of the dictionary."""


def caveats(target: str) -> tuple[Caveat, ...]:
    """The caveats that concern a table, column or code."""
    return tuple(one for one in CAVEATS if target in one.targets)
