"""The 2019 form: 国办公开办函〔2019〕60号, for reports on 2019 (encouraged) and 2020, and kept by many since.

国务院办公厅政府信息与政务公开办公室 issued it after the Regulations (政府信息公开条例, 国令第711号) were revised;
chapter 2 follows article 20 of the Regulations, items (一), (五), (六), (八) and (九).
"""

from schemas.forms.form import Alternative, Block, Form, Label, Measure

REGULATIONS = Label("regulations", "规章", ("政府规章", "地方政府规章"))
NORMATIVE_DOCUMENTS = Label("normative_documents", "行政规范性文件", ("规范性文件",))
LICENSING = Label("licensing", "行政许可", ("行政许可事项",))
PENALTIES = Label("penalties", "行政处罚", ("行政处罚事项",))
COERCION = Label("coercion", "行政强制", ("行政强制事项", "行政强制措施"))
FEES = Label("fees", "行政事业性收费", ("行政事业性收费项目",))

MADE = (
    Measure("newly_made", "本年新制作数量", ("本年新制作数",)),
    Measure("newly_published", "本年新公开数量", ("本年新公开数",)),
    Measure("total_published", "对外公开总数量", ("对外公开总数",)),
)
HANDLED = (
    Measure("prior_year_items", "上一年项目数量", ("上年项目数量",), unit="项"),
    Measure("change", "本年增/减", ("本年增减", "本年增加/减少"), unit="项"),
    Measure("decisions", "处理决定数量", ("本年处理决定数量",)),
)

APPLICANTS = (
    Label("natural_person", "自然人", ("公民", "公民自然人")),
    Label("commercial_enterprise", "商业企业", ("企业", "商业")),
    Label("research_institution", "科研机构", ("科研",)),
    Label("public_welfare_organization", "社会公益组织", ("公益组织", "社会公益")),
    Label("legal_service_institution", "法律服务机构", ("法律服务", "法律服务机关")),
    Label("other_organization", "其他", ("其它", "其他组织")),
    Label("total", "总计", ("合计", "总数", "小计")),
)

DENIED = "不予公开"
UNAVAILABLE = "无法提供"
NOT_PROCESSED = "不予处理"
OTHER = "其他处理"

OUTCOMES = (
    Label("new_requests", "本年新收政府信息公开申请数量", ("本年新收政府信息公开申请数",), ordinal="一"),
    Label("carried_over", "上年结转政府信息公开申请数量", ("上年结转政府信息公开申请数",), ordinal="二"),
    Label("granted", "予以公开", ordinal="（一）"),
    Label(
        "partially_granted",
        "部分公开（区分处理的，只计这一情形，不计其他情形）",
        ("部分公开", "部分公开（区分处理的，只计这一情形）"),
        ordinal="（二）",
    ),
    Label("denied.state_secret", "属于国家秘密", ("属于国家秘密信息",), DENIED, "1"),
    Label(
        "denied.prohibited_by_law",
        "其他法律行政法规禁止公开",
        ("其他法律、行政法规禁止公开", "法律行政法规禁止公开"),
        DENIED,
        "2",
    ),
    Label("denied.security_stability", "危及“三安全一稳定”", ("危及“三安全一稳定”信息",), DENIED, "3"),
    Label("denied.third_party_rights", "保护第三方合法权益", ("保护第三方合法权益信息",), DENIED, "4"),
    Label("denied.internal_affairs", "属于三类内部事务信息", ("属于三类内部管理事务信息",), DENIED, "5"),
    Label("denied.process_information", "属于四类过程性信息", (), DENIED, "6"),
    Label("denied.enforcement_files", "属于行政执法案卷", ("属于行政执法案卷信息",), DENIED, "7"),
    Label("denied.administrative_query", "属于行政查询事项", ("属于行政查询事项信息",), DENIED, "8"),
    Label("unavailable.not_held", "本机关不掌握相关政府信息", (), UNAVAILABLE, "1"),
    Label("unavailable.needs_creation", "没有现成信息需要另行制作", (), UNAVAILABLE, "2"),
    Label("unavailable.unclear_after_correction", "补正后申请内容仍不明确", (), UNAVAILABLE, "3"),
    Label("not_processed.petition_complaint", "信访举报投诉类申请", (), NOT_PROCESSED, "1"),
    Label("not_processed.duplicate", "重复申请", (), NOT_PROCESSED, "2"),
    Label("not_processed.published_material", "要求提供公开出版物", (), NOT_PROCESSED, "3"),
    Label("not_processed.excessive_repeat", "无正当理由大量反复申请", (), NOT_PROCESSED, "4"),
    Label(
        "not_processed.confirm_or_reissue",
        "要求行政机关确认或重新出具已获取信息",
        ("要求行政机关确认或重新出具已获取政府信息",),
        NOT_PROCESSED,
        "5",
    ),
    Label("other", "其他处理", ("其它处理",), ordinal="（六）"),
    Label(
        "other.uncorrected_overdue",
        "申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请",
        (
            "申请人无正当理由逾期不补正，行政机关不再处理其政府信息公开申请",
            "申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开的申请",
        ),
        OTHER,
        "1",
    ),
    Label(
        "other.unpaid_fee_overdue",
        "申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请",
        ("申请人逾期未按收费通知要求缴纳费用，行政机关不再处理其政府信息公开申请",),
        OTHER,
        "2",
    ),
    Label("other.other", "其他", ("其它",), OTHER, "3"),
    Label("total_processed", "总计", ("合计",), ordinal="（七）"),
    Label("carried_forward", "结转下年度继续办理", ("结转下年继续办理",), ordinal="四"),
)

OTHER_ONE_OR_SEVERAL = Alternative("other", ("other.uncorrected_overdue", "other.unpaid_fee_overdue", "other.other"))

PROCEEDINGS = (
    Label("administrative_review", "行政复议"),
    Label("litigation_direct", "未经复议直接起诉", group="行政诉讼"),
    Label("litigation_after_review", "复议后起诉", group="行政诉讼"),
)
RESULTS = (
    Label("upheld", "结果维持", ("维持",)),
    Label("corrected", "结果纠正", ("纠正",)),
    Label("other", "其他结果", ("其它结果", "其他")),
    Label("pending", "尚未审结", ("未审结",)),
    Label("total", "总计", ("合计",)),
)

FORM = Form(
    version="2019",
    authority="国办公开办函〔2019〕60号",
    first_year=2019,
    blocks=(
        Block("第二十条第（一）项", MADE, (REGULATIONS, NORMATIVE_DOCUMENTS)),
        Block(
            "第二十条第（五）项",
            HANDLED,
            (LICENSING, Label("other_external_management", "其他对外管理服务事项")),
        ),
        Block("第二十条第（六）项", HANDLED, (PENALTIES, COERCION)),
        Block("第二十条第（八）项", HANDLED[:2], (FEES,)),
        Block(
            "第二十条第（九）项",
            (
                Measure("procurement_items", "采购项目数量", unit="项"),
                Measure("procurement_amount", "采购总金额", unit="万元"),
            ),
            (Label("centralized_procurement", "政府集中采购"),),
        ),
    ),
    applicants=APPLICANTS,
    outcomes=OUTCOMES,
    alternatives=(OTHER_ONE_OR_SEVERAL,),
    proceedings=PROCEEDINGS,
    results=RESULTS,
)
