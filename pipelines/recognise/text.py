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


# The signs of the forms' labels and headings as gateways (繁體) and sites write them for readers of traditional ones.
_TRADITIONAL = """
    國国 務务 開开 關关 報报 數数 據据 請请 結结 轉转 續续 繼继 辦办 處处 機机 構构 護护 權权 屬属 類类 過过 確确 認认
    職职 業业 組组 織织 訟讼 訴诉 復复 複复 議议 維维 糾纠 審审 總总 計计 設设 費费 許许 罰罚 強强 現现 廢废 規规
    範范 對对 採采 購购 額额 單单 萬万 億亿 項项 內内 穩稳 為为 與与 獲获 執执 詢询 補补 製制 舉举 訪访 區区 縣县
    廳厅 無无 書书 條条 發发 佈布 證证 學学 質质 網网 電电 郵邮 當当 傳传 時时 應应 團团 體体 協协 會会 華华
    濟济 統统 標标 稱称 則则 檔档 號号 間间 問问 題题 進进 決决 員员 門门 領领 導导 預预 財财 劃划 專专 經经 動动
    聞闻 談谈 釋释 讀读 熱热 點点 輿舆 徵征 減减 訊讯 聯联 繫系 圍围 紀纪 錄录 們们 個个 將将 閱阅 齊齐 餘余 達达
"""


def _radicals() -> dict[int, str]:
    kangxi = {chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
    supplement = {pair[0]: pair[1] for pair in _SUPPLEMENT.split()}
    return {ord(radical): ideograph for radical, ideograph in (kangxi | supplement | _MAINLAND).items()}


_TO_IDEOGRAPH = _radicals()
_TO_SIMPLIFIED = {ord(pair[0]): pair[1] for pair in _TRADITIONAL.split()}
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
    """`text` folded for comparing labels: radicals, width, spaces, punctuation, traditional signs no longer differ.

    Keeps letters, ideographs, digits and the signs + - / that tell labels apart (本年增/减).
    """
    folded = _NOT_MATCHED.sub("", unicodedata.normalize("NFKC", ideographs(text))).lower()
    return folded if folded.isascii() else folded.translate(_TO_SIMPLIFIED)


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
