"""What the forms and their rows rest on: the Regulations (条例), the notices that prescribe the forms, and articles.

Only what is certain from the published texts stands here; a code without a provision simply has none stated.
A target is a table (`requests`), a column (`reports.published_on`) or a code of a list (`outcome=granted`).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from schemas.forms import all_forms


@dataclass(frozen=True, slots=True)
class Authority:
    """A regulation or notice: id, number, titles, and since when it applies, in words."""

    code: str
    number: str
    zh: str
    en: str
    since: str


@dataclass(frozen=True, slots=True)
class Provision:
    """What a target rests on: an authority and the place in it, in zh and en (empty: the whole)."""

    target: str
    authority: str
    zh: str = ""
    en: str = ""


AUTHORITIES = (
    Authority(
        "regulations-2019",
        "国令第711号",
        "中华人民共和国政府信息公开条例（2019年修订）",
        "Regulations on Open Government Information, as revised in 2019",
        "2019-05-15",
    ),
    Authority(
        "regulations-2007",
        "国令第492号",
        "中华人民共和国政府信息公开条例",
        "Regulations on Open Government Information",
        "2008-05-01",
    ),
    Authority(
        "notice-2021",
        "国办公开办函〔2021〕30号",
        "国务院办公厅政府信息与政务公开办公室关于印发《中华人民共和国政府信息公开工作年度报告格式》的通知",
        "Notice on the format of annual reports on open government information",
        "reports on 2021 and later",
    ),
    Authority(
        "notice-2019",
        "国办公开办函〔2019〕60号",
        "国务院办公厅政府信息与政务公开办公室关于政府信息公开工作年度报告有关事项的通知",
        "Notice on annual reports on open government information, with a format for trial use",
        "reports on 2019 and 2020",
    ),
    Authority(
        "notice-2014",
        "国办发〔2014〕32号",
        "国务院办公厅关于加强和规范政府信息公开情况统计报送工作的通知",
        "Notice on strengthening and standardising the statistics of open government information",
        "reports on 2014 to 2018",
    ),
)

_NEW, _OLD = "regulations-2019", "regulations-2007"
_ARTICLE_20 = {"（一）": "(1)", "（五）": "(5)", "（六）": "(6)", "（八）": "(8)", "（九）": "(9)"}

_PROVISIONS = (
    Provision("form=2021", "notice-2021"),
    Provision("form=2019", "notice-2019"),
    Provision("form=2014", "notice-2014"),
    Provision("statistics", "notice-2014", "附件：政府信息公开情况统计表", "annex: the statistics table"),
    Provision("reports", _NEW, "第五十条", "article 50"),
    Provision("disclosures", _NEW, "第五十条第一款第（一）项", "article 50 (1)"),
    Provision("requests", _NEW, "第五十条第一款第（二）项", "article 50 (2)"),
    Provision("reviews", _NEW, "第五十条第一款第（三）项", "article 50 (3)"),
    Provision("report_quality.due_on", _NEW, "第四十九条", "article 49: departments 31 January, governments 31 March"),
    Provision("report_quality.due_on", _OLD, "第三十一条", "article 31: 31 March"),
    Provision("outcome=partially_granted", _NEW, "第三十七条", "article 37"),
    Provision("outcome=denied.state_secret", _NEW, "第十四条", "article 14"),
    Provision("outcome=denied.prohibited_by_law", _NEW, "第十四条", "article 14"),
    Provision("outcome=denied.security_stability", _NEW, "第十四条", "article 14"),
    Provision("outcome=denied.third_party_rights", _NEW, "第十五条", "article 15"),
    Provision("outcome=denied.internal_affairs", _NEW, "第十六条第一款", "article 16, paragraph 1"),
    Provision("outcome=denied.process_information", _NEW, "第十六条第二款", "article 16, paragraph 2"),
    Provision("outcome=denied.enforcement_files", _NEW, "第十六条第二款", "article 16, paragraph 2"),
    Provision("outcome=denied.administrative_query", _NEW, "第三十六条第（七）项", "article 36 (7)"),
    Provision("outcome=unavailable.needs_creation", _NEW, "第三十八条", "article 38"),
    Provision("outcome=not_processed.petition_complaint", _NEW, "第三十九条第一款", "article 39, paragraph 1"),
    Provision("outcome=not_processed.duplicate", _NEW, "第三十六条第（六）项", "article 36 (6)"),
    Provision("outcome=not_processed.published_material", _NEW, "第三十九条第二款", "article 39, paragraph 2"),
    Provision("outcome=not_processed.excessive_repeat", _NEW, "第三十五条", "article 35"),
    Provision("outcome=other.uncorrected_overdue", _NEW, "第三十条", "article 30"),
    Provision("outcome=other.unpaid_fee_overdue", _NEW, "第四十二条", "article 42"),
)


def provisions(target: str) -> tuple[Provision, ...]:
    """What a table, column or code rests on, as far as it is known for certain."""
    return tuple(one for one in (*_PROVISIONS, *_chapter_2()) if one.target == target)


def targets() -> frozenset[str]:
    """Every target that a provision is stated for."""
    return frozenset(one.target for one in (*_PROVISIONS, *_chapter_2()))


def authority(code: str) -> Authority:
    """The authority of that id; raises KeyError for an unknown one."""
    for one in AUTHORITIES:
        if one.code == code:
            return one
    raise KeyError(f"no authority {code!r}; known: {', '.join(one.code for one in AUTHORITIES)}")


def _chapter_2() -> Iterator[Provision]:
    """The items of article 20 that the forms print over the blocks of chapter 2."""
    blocks = {
        category.code: block.article for form in all_forms() for block in form.blocks for category in block.categories
    }
    for category, article in blocks.items():
        item = next(en for zh, en in _ARTICLE_20.items() if zh in article)
        yield Provision(f"category={category}", _NEW, article, f"article 20 {item}")
