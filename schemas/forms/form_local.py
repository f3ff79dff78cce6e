"""The tables of indicators that reports had before 2014: no national form, but most follow one pattern.

上海 made it for its disclosure rules of 2004, and others took it over: 定西市政府信息公开情况统计报表 (2008),
莆田 (2009). Codes are those of the 2014 table wherever the indicator is the same; a line under another heading
keeps its code, so 信息不存在 is `answers.not_existing` here too, though it stands among the refusals.
"""

from schemas.forms.form import Indicator, StatisticsForm, Sum

RECEIVED = (
    Indicator("requests.catalogue", "依申请公开信息目录数", unit="条"),
    Indicator("requests.received", "申请总数", ("收到申请总数", "申请数", "受理依申请公开信息总数"), unit="条"),
    Indicator("requests.received.in_person", "当面申请数", ordinal="1", unit="条", parent="requests.received"),
    Indicator("requests.received.fax", "传真申请数", ordinal="2", unit="条", parent="requests.received"),
    Indicator("requests.received.email", "电子邮件申请数", ordinal="3", unit="条", parent="requests.received"),
    Indicator(
        "requests.received.online", "网上申请数", ("网络申请数",), ordinal="4", unit="条", parent="requests.received"
    ),
    Indicator("requests.received.letter", "信函申请数", ordinal="5", unit="条", parent="requests.received"),
    Indicator(
        "requests.received.other",
        "其他形式申请数",
        ("其它形式申请数", "其他申请数"),
        ordinal="6",
        unit="条",
        parent="requests.received",
    ),
)

ANSWERED = (
    Indicator("answers.total", "对申请的答复总数", ("答复总数", "本年度对申请的答复总数"), unit="条"),
    Indicator("answers.granted", "同意公开答复数", ordinal="1", unit="条", parent="answers.total"),
    Indicator("answers.partially_granted", "同意部分公开答复数", ordinal="2", unit="条", parent="answers.total"),
    Indicator(
        "answers.denied",
        "否决公开答复总数",
        ("不予公开答复总数", "不同意公开答复总数"),
        ordinal="3",
        unit="条",
        parent="answers.total",
    ),
    Indicator(
        "answers.denied.not_government_information",
        "非《规定》所指政府信息数",
        ("非《条例》所指政府信息数", "非政府信息数"),
        ordinal="1",
        unit="条",
        parent="answers.denied",
    ),
    Indicator("answers.not_existing", "信息不存在数", ordinal="2", unit="条", parent="answers.denied"),
    Indicator(
        "answers.not_this_body",
        "非本部门掌握数",
        ("非本机关掌握数", "非本机关职责权限范围数"),
        ordinal="3",
        unit="条",
        parent="answers.denied",
    ),
    Indicator("answers.unclear", "申请内容不明确数", ordinal="4", unit="条", parent="answers.denied"),
    *(
        Indicator(
            f"answers.exempt_{number}",
            f"免予公开范围{number}数",
            ordinal=f"{4 + number}",
            unit="条",
            parent="answers.denied",
        )
        for number in range(1, 7)
    ),
    Indicator(
        "answers.denied.other", "其他原因", ("其它原因", "其他原因数"), ordinal="11", unit="条", parent="answers.denied"
    ),
)

STATISTICS = StatisticsForm(
    version="free",
    authority="local, after 上海市政府信息公开规定 (2004)",
    indicators=(
        Indicator("disclosure.total", "主动公开信息数", ("主动公开政府信息数",), unit="条"),
        Indicator(
            "disclosure.full_text_electronic",
            "全文电子化的主动公开信息数",
            ("全文电子化的主动公开政府信息数",),
            unit="条",
            parent="disclosure.total",
        ),
        Indicator(
            "normative_documents.published",
            "新增的行政规范性文件数",
            ("新增行政规范性文件数",),
            unit="条",
            parent="disclosure.total",
        ),
        Indicator("disclosure.website", "政府网站", ordinal="1", unit="条", parent="disclosure.total"),
        Indicator("disclosure.gazette", "政府公报", ordinal="2", unit="条", parent="disclosure.total"),
        Indicator("services.published", "提供服务类信息数", unit="条"),
        Indicator("inquiries.page_views", "网站专栏页面访问量", unit="人次"),
        Indicator("inquiries.in_person", "现场接待人数", unit="人次"),
        Indicator("inquiries.online", "网上咨询数", unit="人次"),
        Indicator("inquiries.telephone", "咨询电话接听数", unit="人次"),
        *RECEIVED,
        *ANSWERED,
        Indicator("reviews.total", "行政复议数", ("行政复议数量",), unit="件"),
        Indicator("litigation.total", "行政诉讼数", ("行政诉讼数量",), unit="件"),
        Indicator("appeals.total", "行政申诉数", ("行政申诉数量",), unit="件"),
        Indicator("appeals.first_handling", "对本部门首次处理不满意的行政申诉数", unit="件", parent="appeals.total"),
    ),
    sums=(
        Sum("requests.received", tuple(line.code for line in RECEIVED if line.parent == "requests.received")),
        Sum("answers.denied", tuple(line.code for line in ANSWERED if line.parent == "answers.denied")),
    ),
)
