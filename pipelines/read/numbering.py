"""Automatic numbers of Word paragraphs: what Word prints before a paragraph of a numbered list.

Belongs here: number formats, levels and counters of WordprocessingML (ECMA-376 part 1, 17.9 and 17.18.59). Does not:
the paragraphs. A chapter heading often is numbered this way, and its 一、 stands nowhere in the text.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lxml import etree

Element = etree._Element

_DIGITS = "〇一二三四五六七八九"
_LEGAL_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_ROMAN = (
    (1000, "m"),
    (900, "cm"),
    (500, "d"),
    (400, "cd"),
    (100, "c"),
    (90, "xc"),
    (50, "l"),
    (40, "xl"),
    (10, "x"),
    (9, "ix"),
    (5, "v"),
    (4, "iv"),
    (1, "i"),
)
_PLACEHOLDER = re.compile(r"%([1-9])")
_LEVELS = 9
_LONGEST_STYLE_CHAIN = 50


@dataclass(frozen=True, slots=True)
class _Level:
    start: int = 1
    format: str = "decimal"
    text: str = ""
    suffix: str = "tab"
    restart: int | None = None
    legal: bool = False
    style: str | None = None


@dataclass(frozen=True, slots=True)
class _List:
    """A numbering instance: whose counters it counts with, its levels, and where it starts them anew."""

    counters: str
    levels: Mapping[int, _Level]
    starts: Mapping[int, int]


@dataclass(slots=True)
class Numbering:
    """The lists of a document, counting as its paragraphs pass; use one for one reading from start to end."""

    lists: Mapping[str, _List]
    _counts: dict[str, list[int | None]] = field(default_factory=dict)
    _started: set[tuple[str, int]] = field(default_factory=set)

    def level_of_style(self, number: str, style: str | None) -> int | None:
        """The level that is tied to a paragraph style, or None."""
        known = self.lists.get(number)
        if known is None or style is None:
            return None
        return next((index for index, level in known.levels.items() if level.style == style), None)

    def label(self, number: str, level: int) -> str:
        """What is printed before the next paragraph of the list, with the space after it; empty for none.

        Args:
            number: id of the numbering instance (`w:numId`).
            level: its level, from 0 (`w:ilvl`).
        """
        known = self.lists.get(number)
        shape = known.levels.get(level) if known else None
        if known is None or shape is None:
            return ""
        counts = self._counts.setdefault(known.counters, [None] * _LEVELS)
        if level in known.starts and (number, level) not in self._started:
            self._started.add((number, level))
            counts[level] = known.starts[level]
        else:
            before = counts[level]
            counts[level] = shape.start if before is None else before + 1
        for deeper in range(level + 1, _LEVELS):
            restart = known.levels[deeper].restart if deeper in known.levels else None
            # By default every level above starts this one anew; 0: none does; else only those above that level.
            if restart is None or level < restart:
                counts[deeper] = None
        if shape.format in {"none", "bullet"}:
            return ""
        return _spaced(self._printed(known, shape, counts), shape.suffix)

    @staticmethod
    def _printed(known: _List, shape: _Level, counts: list[int | None]) -> str:
        def one(found: re.Match[str]) -> str:
            index = int(found[1]) - 1
            level = known.levels.get(index, _Level())
            count = counts[index]
            value = level.start if count is None else count
            return formatted(value, "decimal" if shape.legal else level.format)

        return _PLACEHOLDER.sub(one, shape.text)


def _spaced(label: str, suffix: str) -> str:
    """A label with the white space after it: none after 、 or ）, which are as wide as an ideograph."""
    if not label or suffix == "nothing" or not label[-1].isascii():
        return label
    return f"{label} "


def read_numbering(part: Element | None, styles: Element | None, namespace: str) -> Numbering:
    """The lists of a document.

    Args:
        part: root of the numbering part; None for a document without lists.
        styles: root of the styles part, through which one list can refer to another.
        namespace: that of WordprocessingML in the document, in braces.
    """
    if part is None:
        return Numbering({})
    w = namespace
    abstracts = {found.get(f"{w}abstractNumId") or "": found for found in part.iterfind(f"{w}abstractNum")}
    instances = {found.get(f"{w}numId") or "": found for found in part.iterfind(f"{w}num")}

    def abstract_of(instance: Element, depth: int = 0) -> str:
        identity = _value(instance, "abstractNumId", w) or ""
        linked = _value(abstracts[identity], "numStyleLink", w) if identity in abstracts else None
        if linked is None or styles is None or depth > _LEVELS:
            return identity
        for style in styles.iterfind(f"{w}style"):
            if style.get(f"{w}styleId") == linked:
                number = _value(style, f"pPr/{w}numPr/{w}numId", w)
                if number in instances:
                    return abstract_of(instances[number], depth + 1)
        return identity

    lists = {}
    for number, instance in instances.items():
        identity = abstract_of(instance)
        levels = _levels(abstracts.get(identity), w)
        starts = {}
        for override in instance.iterfind(f"{w}lvlOverride"):
            index = _whole(override.get(f"{w}ilvl"), 0)
            if (shape := override.find(f"{w}lvl")) is not None:
                levels[index] = _level(shape, w)
            if (start := _value(override, "startOverride", w)) is not None:
                starts[index] = _whole(start, 1)
        lists[number] = _List(identity, levels, starts)
    return Numbering(lists)


def _levels(abstract: Element | None, w: str) -> dict[int, _Level]:
    if abstract is None:
        return {}
    return {_whole(one.get(f"{w}ilvl"), 0): _level(one, w) for one in abstract.iterfind(f"{w}lvl")}


def _level(element: Element, w: str) -> _Level:
    restart = _value(element, "lvlRestart", w)
    legal = element.find(f"{w}isLgl")
    return _Level(
        start=_whole(_value(element, "start", w), 0),
        format=_value(element, "numFmt", w) or "decimal",
        text=_value(element, "lvlText", w) or "",
        suffix=_value(element, "suff", w) or "tab",
        restart=None if restart is None else _whole(restart, 0),
        legal=legal is not None and legal.get(f"{w}val") not in {"0", "false", "off"},
        style=_value(element, "pStyle", w),
    )


def _value(element: Element, path: str, w: str) -> str | None:
    found = element.find(f"{w}{path}")
    return None if found is None else found.get(f"{w}val")


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text is not None and re.fullmatch(r"-?\d{1,9}", text, re.ASCII) else otherwise


@dataclass(frozen=True, slots=True)
class ParagraphList:
    """The list a paragraph belongs to: numbering instance and level."""

    number: str
    level: int


@dataclass(frozen=True, slots=True)
class Styles:
    """The list of each paragraph style that has one, its own or inherited, by style id; and the default style.

    `lists` gives numbering instance, level if stated, and the style that states them.
    """

    lists: Mapping[str, tuple[str, int | None, str]]
    default: str | None


def read_styles(part: Element | None, namespace: str) -> Styles:
    """The lists that paragraph styles belong to, from the root of the styles part."""
    if part is None:
        return Styles({}, None)
    w = namespace
    known = {style.get(f"{w}styleId") or "": style for style in part.iterfind(f"{w}style")}
    default = next(
        (
            name
            for name, style in known.items()
            if style.get(f"{w}type") == "paragraph" and style.get(f"{w}default") in {"1", "true", "on"}
        ),
        None,
    )
    lists: dict[str, tuple[str, int | None, str]] = {}
    for name in known:
        at: str | None = name
        for _ in range(_LONGEST_STYLE_CHAIN):
            if at is None or at not in known:
                break
            number = _value(known[at], f"pPr/{w}numPr/{w}numId", w)
            if number is not None:
                level = _value(known[at], f"pPr/{w}numPr/{w}ilvl", w)
                lists[name] = (number, None if level is None else _whole(level, 0), at)
                break
            at = _value(known[at], "basedOn", w)
    return Styles(lists, default)


def list_of(paragraph: Element, styles: Styles, numbering: Numbering, namespace: str) -> ParagraphList | None:
    """The list a paragraph belongs to, by its own properties or those of its style; None for none."""
    w = namespace
    number = _value(paragraph, f"pPr/{w}numPr/{w}numId", w)
    level = _value(paragraph, f"pPr/{w}numPr/{w}ilvl", w)
    style = _value(paragraph, f"pPr/{w}pStyle", w) or styles.default
    of_style = styles.lists.get(style or "")
    if number is None and of_style is None:
        return None
    if number is None and of_style is not None:
        number, stated, owner = of_style
        tied = numbering.level_of_style(number, style)
        if tied is None:
            tied = numbering.level_of_style(number, owner)
        at = tied if tied is not None else stated
    else:
        at = None
    if number is None or number == "0":  # 0 takes a paragraph out of the list of its style
        return None
    if level is not None:
        at = _whole(level, 0)
    return ParagraphList(number, min(max(at or 0, 0), _LEVELS - 1))


# --- formats -----------------------------------------------------------------------------------------------------


def formatted(value: int, form: str) -> str:
    """A number in one of the formats of `ST_NumberFormat`; in decimal for a format that is not known here."""
    if value < 0:
        return str(value)
    return _FORMATS.get(form, str)(value)


def _counting(value: int, digits: str, units: str, *, bare_ten: bool) -> str:
    """Up to 9,999 in words: 二十一, 一百零五. `bare_ten`: 10 to 19 begin with the ten itself (十五)."""
    if value == 0 or value > 9_999:
        return "".join(digits[int(digit)] for digit in str(value))
    words = ""
    gap = False
    for power in (3, 2, 1, 0):
        digit = value // 10**power % 10
        if digit == 0:
            gap = bool(words)
            continue
        words += ("零" if gap else "") + digits[digit] + (units[power - 1] if power else "")
        gap = False
    if bare_ten and 10 <= value <= 19:
        return words[1:]
    return words


def _chinese(value: int) -> str:
    return _counting(value, _DIGITS, "十百千", bare_ten=True)


def _legal(value: int) -> str:
    return _counting(value, _LEGAL_DIGITS, "拾佰仟", bare_ten=False)


def _digital(value: int) -> str:
    return "".join(_DIGITS[int(digit)] for digit in str(value))


def _from(signs: str) -> Callable[[int], str]:
    """A format that counts by a row of signs and begins anew after the last."""

    def one(value: int) -> str:
        return signs[(value - 1) % len(signs)] if value > 0 else str(value)

    return one


def _range(first: str, most: int) -> Callable[[int], str]:
    """A format with a sign of its own for each number up to `most`, in a row from `first` on; then decimal."""

    def one(value: int) -> str:
        return chr(ord(first) + value - 1) if 0 < value <= most else str(value)

    return one


def _letters(value: int) -> str:
    """Counting a to z, then aa, bb, and so on."""
    if value < 1:
        return str(value)
    turns, letter = divmod(value - 1, 26)
    return chr(ord("a") + letter) * min(turns + 1, _LEVELS)


def _roman(value: int) -> str:
    if not 0 < value < 4_000:
        return str(value)
    letters = ""
    for amount, sign in _ROMAN:
        count, value = divmod(value, amount)
        letters += sign * count
    return letters


def _full_width(value: int) -> str:
    return "".join(chr(ord(digit) + 0xFEE0) for digit in str(value))


_FORMATS: Mapping[str, Callable[[int], str]] = {
    **dict.fromkeys(
        (
            "chineseCounting",
            "chineseCountingThousand",
            "japaneseCounting",
            "taiwaneseCounting",
            "taiwaneseCountingThousand",
        ),
        _chinese,
    ),
    **dict.fromkeys(("ideographDigital", "japaneseDigitalTenThousand", "taiwaneseDigital"), _digital),
    **dict.fromkeys(("chineseLegalSimplified", "ideographLegalTraditional", "japaneseLegal"), _legal),
    **dict.fromkeys(("decimalFullWidth", "decimalFullWidth2"), _full_width),
    **dict.fromkeys(("decimalEnclosedCircle", "decimalEnclosedCircleChinese"), _range("①", 20)),
    "decimalEnclosedParen": _range("⑴", 20),
    "decimalEnclosedFullstop": _range("⒈", 20),
    "ideographEnclosedCircle": _range("㊀", 10),
    "decimalZero": lambda value: f"{value:02d}",
    "ideographTraditional": _from(_STEMS),
    "ideographZodiac": _from(_BRANCHES),
    "lowerLetter": _letters,
    "upperLetter": lambda value: _letters(value).upper(),
    "lowerRoman": _roman,
    "upperRoman": lambda value: _roman(value).upper(),
}
