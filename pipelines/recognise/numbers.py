"""Numbers as the tables print them: `1,234`, `１２３４`, `1 295`, `73802895.90元`, `22（其中修订16件）`, `—`.

Belongs here: the state of a cell and the number, unit and note in it. Does not: what the number counts. Nothing is
guessed: text that is not one number for certain has the state `text` and no value.
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from pipelines.recognise.text import ideographs

UNITS = ("万元", "亿元", "元", "件", "项", "宗", "条", "份", "个", "次", "人", "起", "例")

_DASH = re.compile(r"^(?:[-−–—―─－_/\\／~·.…⋯。]+|无)$")
_NUMBER = re.compile(
    r"^(?P<sign>[-−–－+]?)(?P<whole>\d{1,3}(?:[,，]\d{3})+|\d{1,3}(?: \d{3})+|\d+)(?P<fraction>\.\d+)?"
    r"\s*(?P<unit>" + "|".join(UNITS) + r")?\s*(?P<note>[(（\[【].*)?$"
)
_BROKEN_DIGITS = re.compile(r"(?<=[\d.,，])\s*\n\s*(?=[\d.,，])")


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


def number(text: str) -> Number:
    """Read the text of a cell as one number.

    A number broken over lines in a narrow cell is joined; digits parted by a space are one number only where they
    stand in groups of three. The note is kept as printed, brackets included.
    """
    folded = unicodedata.normalize("NFKC", _kept_dashes(ideographs(text))).strip()
    if not folded:
        return BLANK
    joined = re.sub(r"\s*\n\s*", " ", _BROKEN_DIGITS.sub("", folded))
    if _DASH.match(joined.replace(" ", "")):
        return DASH
    found = _NUMBER.match(re.sub(r"^([-−–－+])\s+", r"\1", joined))
    if found is None:
        return TEXT
    digits = re.sub(r"[,， ]", "", found["whole"]) + (found["fraction"] or "")
    sign = "-" if found["sign"] and found["sign"] != "+" else ""
    return Number("number", Decimal(sign + digits), found["unit"], found["note"])


def _kept_dashes(text: str) -> str:
    """NFKC turns an ellipsis into dots, which is fine, but a wave dash or a ruled line must stay one sign."""
    return text.replace("……", "…")


def count(text: str) -> Number:
    """Read a cell that counts: like `number`, but a fraction of a thing is no count."""
    found = number(text)
    if found.value is not None and (found.value != found.value.to_integral_value() or found.value < 0):
        return TEXT
    return found
