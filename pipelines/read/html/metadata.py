"""What a web page states of itself beside its text: rows, lines and lists of label and value.

Belongs here: telling metadata from text. Does not: what a label means.
"""

import re
from collections.abc import Iterator

from pipelines.read.html.items import ESSAY, Fact, Item, Line, Slot, by_row, fold, unspaced

# What sites call the metadata beside a page's text.
_LABEL_WORDS = """
    索引号 信息索引 信息索引号 统一索引号 索取号 发布机构 发布机关 发布单位 发布部门 发布人 发文机关 发文单位
    制发机关 制定机关 公开机构 公开单位 公开主体 公开责任部门 责任部门 责任单位 责任编辑 编辑 作者
    信息来源 来源 文章来源 稿件来源 栏目 所属栏目
    发布日期 发布时间 发文日期 发文时间 成文日期 成文时间 印发日期 生成日期 形成日期 产生日期 公开日期
    公开时间 公布日期 更新日期 更新时间 日期 时间 有效性 信息有效性 有效期 时效性 时效状态 文件状态 是否有效
    生效日期 生效时间 实施日期 废止日期 失效日期 失效时间
    名称 信息名称 文件名称 标题 文号 发文字号 文件编号 公文种类 文种 体裁 体裁分类 语种 记录形式 信息格式
    载体 载体类型 主题 主题词 主题分类 信息分类 信息类别 信息公开类别 分类 类别 所属分类 组配分类
    服务对象 服务对象分类 公开方式 公开形式 公开类别 公开类型 公开范围 公开时限 公开属性 公开程序
    关键词 关键字 内容概述 内容摘要 摘要
    点击数 点击率 点击量 浏览次数 浏览量 浏览数 阅读 阅读次数 阅读量 访问次数 访问量
"""
_LABELS = frozenset(_LABEL_WORDS.split())
_LABEL_EDGES = " \t\n\u00a0\u3000【】[]［］（(：:|｜，,；;"
_ANY_LABEL = "|".join(r"\s*".join(label) for label in sorted(_LABELS, key=len, reverse=True))
_INLINE_LABEL = re.compile(rf"(?P<label>{_ANY_LABEL})\s*[：:]")
_DATE = re.compile(r"\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?(?:\s*\d{1,2}:\d{2}(?::\d{2})?)?")
_CONTROLS = re.compile(r"[【\[（(|｜]?\s*(?:我要)?(?:打印|关闭|分享|字体|字号|收藏|保存|扫一扫|视力保护)")
_FACTS_LINE = 200
"""Characters up to which a line can be metadata."""


def _label(text: str) -> str | None:
    """The metadata label that `text` is, spelt without spaces (`索 引 号：` is 索引号), or None."""
    bare = unspaced(text.strip(_LABEL_EDGES))
    return bare if bare in _LABELS else None


def pairs(texts: list[str]) -> list[Fact]:
    """A row of label and value cells as facts; none where it has no known label or holds anything else."""
    if any(len(text) >= ESSAY for text in texts):
        return []
    facts: list[Fact] = []
    known = False
    at = 0
    while at < len(texts):
        text = texts[at]
        following = texts[at + 1] if at + 1 < len(texts) else ""
        at += 1
        if name := _label(text):
            known = True
            if not _label(following):
                facts.append(Fact(name, fold(following)))
                at += 1
        elif inline := inline_facts(text):
            known = True
            facts.extend(inline)
        elif text.endswith(("：", ":")):
            facts.append(Fact(text.strip(_LABEL_EDGES), fold(following)))
            at += 1
        elif text:
            return []
    return facts if known else []


def facts_of(group: list[Slot]) -> list[Item]:
    """The facts of a metadata table's rows: known labels with their values, else the cells two by two."""
    facts: list[Fact] = []
    for row in by_row(group):
        texts = [slot.text for slot in row]
        two_by_two = zip(texts[::2], texts[1::2], strict=False)
        facts += pairs(texts) or [Fact(fold(name).strip(_LABEL_EDGES), fold(value)) for name, value in two_by_two]
    return [fact for fact in facts if fact.name and fact.value]


def inline_facts(text: str) -> list[Fact]:
    """The facts of a line like `2022-01-20 来源：某局 浏览次数：12 打印`; none where it is anything else."""
    if len(text) > _FACTS_LINE or "。" in text:
        return []
    found = list(_INLINE_LABEL.finditer(text))
    if not found:
        return []
    facts = []
    if before := text[: found[0].start()].strip(_LABEL_EDGES):
        if not _DATE.fullmatch(before):
            return []
        facts.append(Fact("日期", fold(before)))
    ends = [*(match.start() for match in found[1:]), len(text)]
    for match, end in zip(found, ends, strict=True):
        value = _CONTROLS.split(text[match.end() : end])[0].strip(_LABEL_EDGES)
        facts.append(Fact(unspaced(match["label"]), fold(value)))
    return facts


def with_facts(items: list[Item]) -> Iterator[Item]:
    """`items` with the lines that state metadata turned into facts."""
    label: Line | None = None
    for item in items:
        if not isinstance(item, Line):
            yield item
        elif label is not None and _is_value_of(label, item):
            yield Fact(_label(label.text) or "", fold(item.text))
            label = None
        elif _is_label_line(item):
            label = item
        elif facts := inline_facts(item.text):
            yield from (fact for fact in facts if fact.value)
        else:
            yield item


def _is_label_line(line: Line) -> bool:
    if _label(line.text) is None:
        return False
    return line.area.element.tag == "dt" or line.text.endswith(("：", ":"))


def _is_value_of(label: Line, line: Line) -> bool:
    if _label(line.text) or len(line.text) > _FACTS_LINE:
        return False
    return label.area.element.getnext() is line.area.element
