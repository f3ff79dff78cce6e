"""Text as it is matched and published: radicals become ideographs, and a key folds what print varies.

`raw_text` always stays as printed; nothing here changes what is stored as raw. A browser-printed PDF can carry
Kangxi and CJK-supplement radicals where the page shows ordinary ideographs, because the font has one glyph for
both. Unicode's compatibility normalisation (NFKC) knows only the Kangxi block and gives the traditional form where
mainland text has another.
"""

import re
import unicodedata
from functools import lru_cache

# Unicode Character Database, EquivalentUnifiedIdeograph.txt, block CJK Radicals Supplement (U+2E80 to U+2EF3).
_SUPPLEMENT = """
    ⺁厂 ⺂乛 ⺃乚 ⺄乙 ⺅亻 ⺆冂 ⺇𠘨 ⺈刀 ⺉刂 ⺊卜 ⺋㔾 ⺌小 ⺍尐 ⺎兀 ⺏尣 ⺐尢 ⺑𡯂 ⺒巳 ⺓幺 ⺔彑
    ⺕彐 ⺖忄 ⺗心 ⺘扌 ⺙攵 ⺛旡 ⺜日 ⺝月 ⺞歺 ⺟母 ⺠民 ⺡氵 ⺢氺 ⺣灬 ⺤爫 ⺥爬 ⺦丬 ⺧牛 ⺨犭 ⺩王
    ⺪𤴔 ⺫目 ⺬示 ⺭礻 ⺮𥫗 ⺯糹 ⺰纟 ⺱罓 ⺲罒 ⺳㓁 ⺴冗 ⺵𦉫 ⺶羊 ⺷𦍌 ⺸𦍋 ⺹耂 ⺺肀 ⺻聿 ⺼肉 ⺽𦥑
    ⺾艹 ⺿艺 ⻀艻 ⻁虎 ⻂衤 ⻃覀 ⻄西 ⻅见 ⻆角 ⻇𧢲 ⻈讠 ⻉贝 ⻊𧾷 ⻋车 ⻌辶 ⻍辷 ⻎辸 ⻏邑 ⻐钅 ⻑長
    ⻒镸 ⻓长 ⻔门 ⻕𨸏 ⻖阝 ⻗雨 ⻘青 ⻙韦 ⻚页 ⻛风 ⻜飞 ⻝食 ⻞𩙿 ⻟飠 ⻠饣 ⻡𩠐 ⻢马 ⻣骨 ⻤鬼 ⻥鱼
    ⻦鸟 ⻧卤 ⻨麦 ⻩黄 ⻪黾 ⻫斉 ⻬齐 ⻭歯 ⻮齿 ⻯竜 ⻰龙 ⻱龜 ⻲亀 ⻳龟
"""
# Where the font shares a glyph with mainland text and NFKC gives another form.
_MAINLAND = {"⼾": "户", "⾭": "青", "⿈": "黄"}


def _radicals() -> dict[int, str]:
    kangxi = {chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
    supplement = {pair[0]: pair[1] for pair in _SUPPLEMENT.split()}
    return {ord(radical): ideograph for radical, ideograph in (kangxi | supplement | _MAINLAND).items()}


_TO_IDEOGRAPH = _radicals()
_RADICAL = re.compile(f"[{''.join(map(chr, _TO_IDEOGRAPH))}]")
_NOT_MATCHED = re.compile(r"[^\w+/-]|_")
_SPACE = re.compile(r"\s+")
_REMARK = re.compile(r"[(（][^)）]*[)）]")
_CIRCLED = {circled: f"{value}." for value, circled in enumerate("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳", 1)}
_ORDINAL = re.compile(
    r"^[\s（(]*(?P<number>\d{1,2}|[一二三四五六七八九十]{1,3})\s*(?:[)）]\s*[、.．，,:：]?|[、.．，,:：])\s*"
)


def ideographs(text: str) -> str:
    """`text` with Kangxi and supplement radicals replaced by the ideographs they look like."""
    return text.translate(_TO_IDEOGRAPH) if _RADICAL.search(text) else text  # most have none, and to look is quicker


@lru_cache(2**16)
def match_key(text: str) -> str:
    """`text` folded for comparing labels: radicals, width, spaces and punctuation no longer differ.

    Keeps letters, ideographs, digits and the signs + - / that tell labels apart (本年增/减).
    """
    return _NOT_MATCHED.sub("", unicodedata.normalize("NFKC", ideographs(text))).lower()


def tidy(text: str) -> str:
    """`text` for publication: radicals as ideographs, white space folded to single spaces, ends trimmed."""
    return _SPACE.sub(" ", ideographs(text)).strip()


@lru_cache(2**16)
def without_ordinal(text: str) -> tuple[str | None, str]:
    """Split `3.危及…`, `③危及…` or `（六）其他` into its ordinal (`3`, `六`) and the rest; None where it has none."""
    plain = ideographs(text).lstrip()
    plain = _CIRCLED.get(plain[:1], plain[:1]) + plain[1:]
    folded = unicodedata.normalize("NFKC", plain)
    found = _ORDINAL.match(folded)
    if found is None:
        return None, folded.strip()
    return found["number"], folded[found.end() :].strip()


def without_remarks(text: str) -> str:
    """`text` without what stands in round brackets: 本年收费金额（单位：万元） is labelled 本年收费金额."""
    return _REMARK.sub("", text)
