"""Numbers as the tables print them: `1,234`, `１２３４`, `1 295`, `73802895.90元`, `22（其中修订16件）`, `—`.

Also `十二件`, `约120`, `3000余`, `1.2万件` (12,000 of them) and `12①`, `12*` with the mark of a footnote.

Belongs here: the state of a cell and the number, unit and note in it. Does not: what the number counts. Nothing is
guessed: text that is not one number for certain has the state `text` and no value.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from pipelines.recognise.numerals import SIGNS, numeral
from pipelines.recognise.text import ideographs, tidy

UNITS = (
    *("万元", "亿元", "元", "件", "项", "宗", "条", "份", "个", "人次", "次", "人", "起", "例"),
    *("篇", "期", "场", "批", "家", "名", "册"),
)

MOST_DIGITS = 14
"""Digits before the point that the contract's DECIMAL(20,6) has; what is longer is several numbers run together."""

_BRACKETS = "([【〔〈"
# Signs for nothing, as many as people type them, and the words for it.
_DASH = re.compile(
    r"^(?:[-−‐‑‒–—―─━ー_/\\~〜·.…⋯。×]+|(?:暂?[无無](?:此项|数据)?|没有|未发生|不涉及|N/A|NA|NIL|NULL)。?)$",
    re.IGNORECASE,
)
_ZERO = re.compile(r"[零〇○]")
_FOOTNOTE = r"[*※#⁎∗★☆▲△\u2460-\u2473\u00b9\u00b2\u00b3\u2070-\u2079]"
# 22，其中修订16件 and 22注①: words that begin a note without a bracket.
_REMARKS = r"(?:[,;]\s*(?:其中|包括|包含|含|另)|注|备注|详?见)"
_TIMES = {"万": 10_000, "亿": 100_000_000}
# 1.2万元 has the unit 万元; in 1.2万件, 万 is part of the number. 1.2万 alone could be either.
_NUMBER = re.compile(
    r"^(?P<hedge>大约|将近|超过|约|近|逾)?\s*(?P<sign>[-−–+]?)"
    r"(?:(?P<whole>\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d+)(?P<fraction>\.\d+)?|(?P<numeral>[" + SIGNS + r"]+))"
    r"\s*(?P<more>[余多])?(?P<times>[万亿](?=[余多]?\s*(?:" + "|".join(UNITS[2:]) + r"))(?!元))?(?P<over>[余多])?"
    r"\s*(?P<unit>"
    + "|".join(UNITS)
    + r")?\s*(?P<note>(?:["
    + re.escape(_BRACKETS)
    + r"]|"
    + _REMARKS
    + r").*|"
    + _FOOTNOTE
    + r"+)?$"
)
_DIRECTION = re.compile(r"(?:(?P<up>增加?|上升|↑|▲)|减少?|下降|↓|▼|—)\s*(?=\d)")
_BROKEN_DIGITS = re.compile(r"(?<=[\d.,])\s*\n\s*(?=[\d.,])")
_BROKEN_UNIT = re.compile(r"(?<=[\d ][万亿]) +(?=元)")


@dataclass(frozen=True, slots=True)
class Number:
    """What a cell holds: a code of `schemas.codes.STATE` and, where it is a number, its parts."""

    state: str
    value: Decimal | None = None
    unit: str | None = None
    note: str | None = None


BLANK = Number("blank")
DASH = Number("dash")
TEXT = Number("text")
ZERO = Number("number", Decimal(0))


@lru_cache(2**16)  # a table holds the same few numbers many times, and each is looked at more than once
def number(text: str) -> Number:
    """Read the text of a cell as one number.

    A number broken over lines in a narrow cell is joined; digits parted by a space are one number only where they
    stand in groups of three. The note is kept as printed, brackets included.
    """
    folded = "".join(_folded(sign) for sign in ideographs(text)).strip()
    if not folded:
        return BLANK
    joined = _BROKEN_UNIT.sub("", re.sub(r"\s*\n\s*", " ", _BROKEN_DIGITS.sub("", folded)))
    if _DASH.match(joined.replace(" ", "")):
        return DASH
    if _ZERO.fullmatch(joined):
        return ZERO
    found = _NUMBER.match(re.sub(r"^([-−–+])\s+", r"\1", joined))
    if found is None:
        return TEXT
    value = _value(found)
    if value is None:
        return TEXT
    hedges = [word for word in (found["hedge"], found["more"], found["over"]) if word]
    notes = [*hedges, _note(text)] if found["note"] else hedges
    return Number("number", value, found["unit"], " ".join(notes) or None)


def _value(found: re.Match[str]) -> Decimal | None:
    """The number that was matched; None where it has too many digits or is no numeral for certain."""
    if found["numeral"]:
        written = numeral(found["numeral"])
        # A sign by itself may be an ordinal, and 一 a dash: many type it for one, and recognition (OCR) reads it so.
        if written is None or len(found[0]) == 1:
            return None
        whole, fraction = str(written), ""
    else:
        whole, fraction = re.sub(r"[, ]", "", found["whole"]), found["fraction"] or ""
    if len(whole) > MOST_DIGITS:
        return None
    sign = "-" if found["sign"] and found["sign"] != "+" else ""
    value = Decimal(sign + whole + fraction) * _TIMES.get(found["times"], 1)
    return value if abs(value) < 10**MOST_DIGITS else None


def _folded(sign: str) -> str:
    """A sign in its plain form: full-width as ordinary, what takes no space (U+200B, U+FEFF) as nothing.

    A superscript or a circled digit is the mark of a footnote: NFKC alone would make 121 of 12①.
    """
    category = unicodedata.category(sign)
    if category == "Cf":
        return ""
    return sign if category == "No" else unicodedata.normalize("NFKC", sign)


def _note(text: str) -> str:
    """What follows the number from the first bracket, mark of a footnote or word of a note on, as printed."""
    start = next(
        position
        for position, sign in enumerate(text)
        if unicodedata.normalize("NFKC", sign) in _BRACKETS
        or re.match(_FOOTNOTE, _folded(sign))
        or re.match(_REMARKS, "".join(map(_folded, text[position : position + 8])))
    )
    return tidy(text[start:].replace("\n", ""))


def count(text: str) -> Number:
    """Read a cell that counts: like `number`, but a fraction of a thing is no count."""
    found = number(text)
    if found.value is not None and (found.value != found.value.to_integral_value() or found.value < 0):
        return TEXT
    return found


def change(text: str) -> Number:
    """Read a cell that states a change: like `number`, and `增加5`, `↑5`, `减少3`, `—3` by their direction."""
    found = number(text)
    if found.state != "text":
        return found
    folded = "".join(map(_folded, text)).strip()
    direction = _DIRECTION.match(folded)
    size = number(folded[direction.end() :]) if direction else TEXT
    if direction is None or size.value is None or size.value < 0:
        return TEXT
    return size if direction["up"] else replace(size, value=-size.value)
