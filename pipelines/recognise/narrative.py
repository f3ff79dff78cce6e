"""Numbers that the text states: what was done, how many of what, in which sentence.

Precision before recall: a number counts only where a clause says in one breath what was done, what was counted and
how many (`发布政策解读类信息1012条`, `制定了12件规章`), or goes on with a list that began so (`其中，政策法规类20条`).
Plans, limits, comparisons with another year and averages are none.
"""

import re

from pipelines.recognise.facts import Mention
from pipelines.recognise.sentences import Count, Sentence, begins_among, clauses, names_another_year

_VERB = (
    r"(?:主动公开|公开发布|(?<!信息)(?<!政务)(?<!申请)公开"
    r"(?!申请|工作|条例|指南|目录|栏|专栏|平台|渠道|内容|制度|年报|事项|力度|范围|方式|日|电话|信箱|办|类|的)"
    r"|发布(?!会|厅|平台|台|工作)|公布|(?<!双)公示|制发|制定|印发|出台|制作|编印|(?<!机构)编制(?!人员)|编发|编写|刊登|刊载|刊发"
    r"|登载|推送|发送|发放|印制|(?<!政策)解读(?!材料|稿|方案|工作)|解答|回应|回复|答复|办结|办理(?!结果|情况|流程|人员)"
    r"|受理|接收|接到|接待|收到|新收|收取|征集|召开|举办|举行|开展|(?<!社会)(?<!其他)组织(?!机构|领导|部门)|参加"
    r"|培训(?!班|会)|(?<!网)上线(?!上|下)|开设|开通|新增|更新|上传|录入|转载|转发|报送|移交|移送|查阅(?!点|场所|室)"
    r"|提供|废止"
    r"|修订|修改|清理|梳理|审核|审查|备案|转办|驳回|审结|结案|保留|采纳|采用|发生|产生|引发|提起|维持|纠正|撤销|(?:宣布|自然)?失效"
    r"|结转(?:至|到)?下一?年度?(?:继续办理)?)"
)
_DOING = re.compile(rf"(?P<verb>{_VERB}(?:(?:并|和|及|且){_VERB})*)了?(?P<object>.*)$")
_NOT_DONE = re.compile(
    r"不超过|不少于|不低于|不得|不足|至少|以上|以下|以内|每|应当|应于|必须|要求|计划|力争|目标|平均|人均"
    r"|同比|环比|增长|增加|增幅|下降|减少|上年|去年|上一年|比|较|占|拟|预计|争取|确保|未|没有|排名|位列|名列|居|分别|如|若|可以|能够|需|左右"
)
_LIST_ITEM = re.compile(r"^(?:其中)?(?P<object>[\u4e00-\u9fffA-Za-z“”《》]{2,20})$")
# What goes on beside a list and is none of its things: states, averages, other doings.
_NO_ITEM = re.compile(
    r"^(?:其中)?(?:[日周月年]均|现行有效|继续有效|有效|通报|约谈|督办|抽查|发行|免费|浏览|点击|阅读|访问)"
)
_NO_OBJECT = re.compile(r"^(?:全年|本年度?|今年|共|其中|[我全][省市县区局]|一共|已|均|按时|及时|依法|按期|年度)*$")
_NOUN_END = re.compile(r"(?:信息|文件|申请|事项|材料|稿件|规章|建议|提案|数据|案件|咨询|留言|来信|诉求|舆情)$")
_WITHIN_LIST = re.compile(r"其中|约?占.*%")
_DECORATION = re.compile(r"^(?:的|各类|有关|相关|涉及)(?=.{2})")
_MEASURED = re.compile(r"(?:量|率|数|度|面积|金额)$")


def narrative(text: tuple[Sentence, ...], year: int) -> tuple[Mention, ...]:
    """The numbers that the sentences state, in order.

    Args:
        text: the sentences of the report.
        year: the year of the report; what a sentence says after it names another is left out.
    """
    found: list[Mention] = []
    for sentence in text:
        before = found[-1] if found and begins_among(sentence, found[-1].ref) else None
        found.extend(_of_sentence(sentence, year, before))
    return tuple(found)


def _of_sentence(sentence: Sentence, year: int, last: Mention | None) -> list[Mention]:
    """The numbers of a sentence; `last` is what the list that it goes on with began with, if it does."""
    found: list[Mention] = []
    for clause, count in clauses(sentence.text):
        if names_another_year(clause, year):
            break
        if count is None:
            # What goes on after other words is no longer the list that began before them.
            last = last if _WITHIN_LIST.fullmatch(clause) else None
            continue
        told = _told(count) or (_listed(count, last) if last else None)
        if told is None:
            last = None
            continue
        verb, label = told
        last = Mention(
            sentence.chapter,
            len(found) + 1,
            verb,
            label,
            count.value,
            count.unit,
            count.approximation,
            sentence.text,
            sentence.ref,
        )
        found.append(last)
    return found


def _told(count: Count) -> tuple[str, str] | None:
    """Verb and object of a clause that says both."""
    if _NOT_DONE.search(count.clause):
        return None
    doing = _DOING.search(count.before)
    if doing is None:
        return None
    # 录入并在平台公开重点项目21个: the number belongs to what was done last.
    further = _DOING.search(count.before, doing.start("object") + doing["object"].rfind("并") + 1)
    doing = further if further is not None and "并" in doing["object"] else doing
    subject = count.before[: doing.start()]
    label = _DECORATION.sub("", doing["object"] or count.after)
    if doing["object"] and count.after:
        return None  # Two things beside one number.
    if not label and _NOUN_END.search(subject):
        label = re.sub(r"^.*(?:全年|年度|本年|共|累计)", "", subject)
    return (doing["verb"], label) if _is_thing(label) else None


def _listed(count: Count, before: Mention) -> tuple[str, str] | None:
    """The next item of a list, in the same unit: the verb of the one before with its own noun, or the other way."""
    if count.after or count.unit != before.unit or _NOT_DONE.search(count.clause) or _NO_ITEM.match(count.before):
        return None
    doing = _DOING.search(count.before)
    if doing is not None and not doing["object"] and _NO_OBJECT.match(count.before[: doing.start()]):
        return doing["verb"], before.label  # 制发规章22件，其中修订16件
    item = _LIST_ITEM.match(count.before)
    if item is None or doing is not None or "公开" in item["object"]:
        return None
    label = item["object"].removeprefix("其中")
    return (before.verb, label) if _is_thing(label) and not _MEASURED.search(label) else None


def _is_thing(label: str) -> bool:
    return 2 <= len(label) <= 30 and not re.search(r"\d|□|第|年[度]?$|[的了在]$", label)
