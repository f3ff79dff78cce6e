"""Whole numbers written in characters: 十二, 一百零三, 两千, 三万零五十.

Belongs here: numerals as words of a number. Does not: years and codes written digit by digit (二〇二一), which are
no numbers of anything, and colloquial forms that leave out a place (一百三), which could be read two ways.
"""

import re

SIGNS = "零〇一二两三四五六七八九十百千万亿"
"""Every character that can stand in a numeral."""

_DIGITS = "零一二三四五六七八九"
_PLACES = ((1000, "千"), (100, "百"), (10, "十"), (1, ""))
_SECTIONS = ((10**8, "亿"), (10**4, "万"), (1, ""))
_LARGEST = 10**12
_VALUE = {sign: value for value, sign in enumerate(_DIGITS)}
_PLACE = {"十": 10, "百": 100, "千": 1000}
_SECTION = {"万": 10**4, "亿": 10**8}


def numeral(text: str) -> int | None:
    """The whole number that `text` writes in full, or None where it writes none, or not for certain.

    What was read is written out again and must come out the same: that is what makes 一百三 and 二〇二一 none.
    """
    if not text or any(sign not in SIGNS for sign in text):
        return None
    plain = re.sub(r"(?<![一二三四五六七八九])十", "一十", text.replace("〇", "零").replace("两", "二"))
    if "两十" in text or ("两" in text and not re.search(r"^两$|两[百千万亿]", text)):
        return None
    value = _loosely(plain)
    return value if value < _LARGEST and written(value) == plain else None


def written(value: int) -> str:
    """`value`, from 0 to below a million millions (10**12), in characters, every place named: 一十二, 一百零三."""
    if not 0 <= value < _LARGEST:
        raise ValueError(f"{value} is written in characters only from 0 to {_LARGEST - 1}")
    if value == 0:
        return "零"
    words, gap = "", False
    for size, name in _SECTIONS:
        part, value = divmod(value, size)
        if part == 0:
            gap = bool(words)
            continue
        words += ("零" if words and (gap or part < 1000) else "") + _section(part) + name
        gap = False
    return words


def _section(value: int) -> str:
    words, gap = "", False
    for size, name in _PLACES:
        digit, value = divmod(value, size)
        if digit == 0:
            gap = bool(words)
            continue
        words += ("零" if gap else "") + _DIGITS[digit] + name
        gap = False
    return words


def _loosely(plain: str) -> int:
    total = section = digit = 0
    for sign in plain:
        if sign in _VALUE:
            digit = _VALUE[sign]
        elif sign in _PLACE:
            section += digit * _PLACE[sign]
            digit = 0
        else:
            total += (section + digit) * _SECTION[sign]
            section = digit = 0
    return total + section + digit
