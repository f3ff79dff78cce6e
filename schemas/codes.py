"""The contract's code lists: every code with the label it has on the printed form.

One declaration for pandera's checks, the dictionary and the recognisers. The labels of a particular form
version, with their known variants, stand in `schemas.forms`; here stands what a code means in all of them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """A code of the data contract with its Chinese and English label."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class CodeList:
    """An ordered list of codes, in the order in which the form prints them."""

    name: str
    codes: tuple[Code, ...]

    def values(self) -> list[str]:
        """The bare codes, in form order."""
        return [code.code for code in self.codes]

    def zh(self, code: str) -> str:
        """The Chinese label of `code`; raises KeyError for an unknown code."""
        return self._find(code).zh

    def _find(self, code: str) -> Code:
        for candidate in self.codes:
            if candidate.code == code:
                return candidate
        raise KeyError(f"{code!r} is not in the code list {self.name}: {', '.join(self.values())}")


CATEGORY = CodeList(
    "category",
    (
        Code("regulations", "规章", "government regulations"),
        Code("normative_documents", "行政规范性文件", "administrative normative documents"),
        Code("licensing", "行政许可", "administrative licensing"),
        Code("other_external_management", "其他对外管理服务事项", "other external management and service items"),
        Code("penalties", "行政处罚", "administrative penalties"),
        Code("coercion", "行政强制", "administrative coercion"),
        Code("fees", "行政事业性收费", "administrative fees"),
        Code("centralized_procurement", "政府集中采购", "centralized government procurement"),
    ),
)

MEASURE = CodeList(
    "measure",
    (
        Code("issued", "本年制发件数", "issued this year"),
        Code("repealed", "本年废止件数", "repealed this year"),
        Code("in_force", "现行有效件数", "in force at year end"),
        Code("newly_made", "本年新制作数量", "newly made this year (2019 form)"),
        Code("newly_published", "本年新公开数量", "newly published this year (2019 form)"),
        Code("total_published", "对外公开总数量", "published in total (2019 form)"),
        Code("prior_year_items", "上一年项目数量", "items in the prior year (2019 form)"),
        Code("change", "本年增/减", "increase or decrease this year, may be negative (2019 form)"),
        Code("decisions", "处理决定数量", "decisions made this year"),
        Code("amount", "本年收费金额", "amount collected this year"),
        Code("procurement_items", "采购项目数量", "procurement items (2019 form)"),
        Code("procurement_amount", "采购总金额", "procurement amount (2019 form)"),
    ),
)

APPLICANT = CodeList(
    "applicant",
    (
        Code("natural_person", "自然人", "natural persons"),
        Code("commercial_enterprise", "商业企业", "commercial enterprises"),
        Code("research_institution", "科研机构", "research institutions"),
        Code("public_welfare_organization", "社会公益组织", "public welfare organizations"),
        Code("legal_service_institution", "法律服务机构", "legal service institutions"),
        Code("other_organization", "其他", "other legal persons or organizations"),
        Code("total", "总计", "total"),
    ),
)

OUTCOME = CodeList(
    "outcome",
    (
        Code("new_requests", "本年新收政府信息公开申请数量", "requests newly received this year"),
        Code("carried_over", "上年结转政府信息公开申请数量", "requests carried over from last year"),
        Code("granted", "予以公开", "granted"),
        Code("partially_granted", "部分公开", "partially granted"),
        Code("denied.state_secret", "属于国家秘密", "denied: state secret"),
        Code("denied.prohibited_by_law", "其他法律行政法规禁止公开", "denied: prohibited by other law"),
        Code("denied.security_stability", "危及“三安全一稳定”", "denied: endangers security or stability"),
        Code("denied.third_party_rights", "保护第三方合法权益", "denied: third-party rights"),
        Code("denied.internal_affairs", "属于三类内部事务信息", "denied: internal affairs"),
        Code("denied.process_information", "属于四类过程性信息", "denied: process information"),
        Code("denied.enforcement_files", "属于行政执法案卷", "denied: enforcement case files"),
        Code("denied.administrative_query", "属于行政查询事项", "denied: administrative query matter"),
        Code("unavailable.not_held", "本机关不掌握相关政府信息", "unavailable: not held"),
        Code("unavailable.needs_creation", "没有现成信息需要另行制作", "unavailable: would have to be created"),
        Code("unavailable.unclear_after_correction", "补正后申请内容仍不明确", "unavailable: unclear after correction"),
        Code("not_processed.petition_complaint", "信访举报投诉类申请", "not processed: petition or complaint"),
        Code("not_processed.duplicate", "重复申请", "not processed: duplicate request"),
        Code("not_processed.published_material", "要求提供公开出版物", "not processed: published material"),
        Code("not_processed.excessive_repeat", "无正当理由大量反复申请", "not processed: excessive repeats"),
        Code(
            "not_processed.confirm_or_reissue",
            "要求行政机关确认或重新出具已获取信息",
            "not processed: asks to confirm or reissue information already obtained",
        ),
        Code("other", "其他处理", "other handling, where the form has one row"),
        Code(
            "other.uncorrected_overdue",
            "申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请",
            "other: not corrected in time",
        ),
        Code(
            "other.unpaid_fee_overdue",
            "申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请",
            "other: fee not paid in time",
        ),
        Code("other.other", "其他", "other: other"),
        Code("total_processed", "总计", "total processed this year"),
        Code("carried_forward", "结转下年度继续办理", "carried forward to next year"),
    ),
)

PROCEEDING = CodeList(
    "proceeding",
    (
        Code("administrative_review", "行政复议", "administrative review"),
        Code("litigation_direct", "未经复议直接起诉", "litigation without prior review"),
        Code("litigation_after_review", "复议后起诉", "litigation after review"),
    ),
)

RESULT = CodeList(
    "result",
    (
        Code("upheld", "结果维持", "upheld"),
        Code("corrected", "结果纠正", "corrected"),
        Code("other", "其他结果", "other result"),
        Code("pending", "尚未审结", "pending"),
        Code("total", "总计", "total"),
    ),
)

FORM = CodeList(
    "form",
    (
        Code("2021", "国办公开办函〔2021〕30号", "the form for reports on 2021 and later"),
        Code("2019", "国办公开办函〔2019〕60号", "the form for reports on 2019 and 2020"),
        Code("2014", "政府信息公开情况统计表", "the statistics table after 国办发〔2014〕32号"),
        Code("free", "无统一格式", "no statutory form"),
    ),
)

STATUS = CodeList(
    "status",
    (
        Code("loaded", "已入库", "its figures are in the warehouse"),
        Code("quarantined", "隔离", "structurally unreadable; the reason says what to do"),
        Code("not_a_report", "不是年度报告", "a document, but no annual report"),
        Code("superseded", "已被新版取代", "an earlier edition of a report that was revised"),
    ),
)

READING = CodeList(
    "reading",
    (
        Code("text", "文本层", "the text layer of a PDF"),
        Code("ocr", "文字识别", "optical character recognition"),
        Code("html", "网页", "a web page"),
        Code("docx", "办公文档", "an office document (Word, Excel)"),
    ),
)

STATE = CodeList(
    "state",
    (
        Code("number", "数字", "the cell holds a number"),
        Code("blank", "空白", "the cell is blank"),
        Code("dash", "横线", "the cell holds a dash, slash or ellipsis"),
        Code("text", "文字", "the cell holds other text"),
    ),
)

ORIGIN = CodeList(
    "origin",
    (
        Code("table", "表格", "read from a cell of a table"),
        Code("prose", "正文", "read from a sentence of the text"),
    ),
)

APPROXIMATION = CodeList(
    "approximation",
    (
        Code("exact", "确数", "the number as such"),
        Code("about", "约", "about so many"),
        Code("nearly", "近", "nearly so many"),
        Code("over", "余", "so many and more"),
    ),
)

SEVERITY = CodeList(
    "severity",
    (
        Code("error", "错误", "the form's own arithmetic or completeness is broken"),
        Code("warning", "警告", "implausible beside another year or the text"),
        Code("info", "提示", "good to know, nothing is wrong"),
    ),
)

LEVEL = CodeList(
    "level",
    (
        Code("province", "省级", "province, autonomous region or municipality"),
        Code("prefecture", "地级", "prefecture-level city, prefecture, league"),
        Code("county", "县级", "county, district, county-level city, banner"),
        Code("department", "部门", "a department of a government of any level"),
        Code("township", "乡级", "township, town or subdistrict"),
    ),
)

GOVERNMENT_LEVEL = CodeList("government_level", LEVEL.codes[:3])
"""The levels of governments, as against departments and townships."""

TOPIC = CodeList(
    "topic",
    (
        Code("overview", "总体情况", "overview"),
        Code("disclosure", "主动公开政府信息情况", "proactive disclosure"),
        Code("requests", "收到和处理政府信息公开申请情况", "requests received and handled"),
        Code("reviews", "政府信息公开行政复议、行政诉讼情况", "administrative review and litigation"),
        Code("problems", "存在的主要问题及改进情况", "main problems and improvements"),
        Code("other_matters", "其他需要报告的事项", "other matters to report"),
        Code("preamble", "前言", "what stands before the first chapter"),
        Code("unclassified", "未分类", "a chapter of another heading"),
    ),
)

CORRECTION_BASIS = CodeList(
    "correction_basis",
    (
        Code("arithmetic", "表内勾稽", "the form's own arithmetic leaves one value only"),
        Code("text", "报告正文", "the text of the same report states it"),
        Code("other_report", "其他年度报告", "another report of the same publisher states it"),
        Code("publisher", "发布机构", "the publisher stated it elsewhere"),
        Code("unit", "计量单位", "the number is printed in another unit than the form's"),
    ),
)

CORRECTION_STATUS = CodeList(
    "correction_status",
    (
        Code("accepted", "已采纳", "reviewed; it takes effect"),
        Code("proposed", "待审", "noted, waits for review; without effect"),
        Code("withdrawn", "已撤回", "kept for the record; without effect"),
    ),
)

CORRECTION_STATE = CodeList(
    "correction_state",
    (
        Code("applied", "已应用", "the cell is printed as expected, and the corrected value stands beside it"),
        Code("idle", "未应用", "the cell is printed as expected, but the entry is not accepted"),
        Code("unmatched", "不再匹配", "the cell is not there or is printed otherwise; without effect"),
    ),
)

COMPARABILITY = CodeList(
    "comparability",
    (
        Code("same", "口径一致", "the same thing is counted as in the current form"),
        Code("near", "口径相近", "the nearest counterpart in an older form; it counts somewhat otherwise"),
        Code("own", "本表式特有", "a line of one older form alone; compare it within that form"),
    ),
)

KIND = CodeList(
    "kind",
    (
        Code("government", "人民政府", "the government of a division"),
        Code(
            "functional_area",
            "功能区",
            "the administration of a development zone or other area, which is no division of its own",
        ),
    ),
)
