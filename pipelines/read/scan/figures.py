"""Reading the lines cut out of cells: marks by their shape, figures by two or three looks, and how sure all of that is.

Belongs here: what the readings of a line come to. Does not: cutting lines, or the engine. Where two looks differ a
third decides; a figure that its ink contradicts, or in which no two looks agree, keeps its best reading and loses its
confidence: nothing here repairs one.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from pipelines.read.scan.cells import CutLine
from pipelines.read.scan.engine import Reading, read_lines
from pipelines.read.scan.marks import has_tail, is_one_number, joined_minus, minus, shows_more, slants
from pipelines.read.scan.picture import Picture, as_picture

DOUBTED = 0.3
"""Confidence at most of a figure whose two readings differ, or whose ink shows more digits than were read."""

MOST_LIKELY = 0.99
"""No single look is surer than this where another contradicts it."""
HESITANT = (0.8, 0.995)
"""Of two looks that agree in a figure, one is less sure than this, and none surer than this: a third one is asked."""
TRIMMED = 0.07
"""Share of its height that the third cut of a line is trimmed by on each side."""
SURE_SIGN = 0.9
"""Probability from which a look is sure whether a sign is a comma or a point."""
ALIKE = 3
"""So many figures with points before each three digits on a page have commas there."""
MOST_ONES = 3

_NUMERIC = re.compile(r"[\s\d.,，．·+\-—－–一−]*\d[\s\d.,，．·+\-—－–一−]*")
_GROUPED = re.compile(r"-?\d{1,3}(?:[.,]\d{3})+")
_GARBLED = re.compile(r"[A-Za-z!|?\[\](){}<>]{1,2}|[.．,]\d+|.*\d[.,]{2}\d.*|(?=.*\d)(?=.*[A-Za-z])[\dA-Za-z.,]+")
_THOUSANDS = re.compile(r"-?\d{1,3}(?:,\d{3})+[^\d,.]*")
_FIGURE = re.compile(
    r"[^\d\u4e00-\u9fff]{0,2}[\d\s.,，．·]+[万亿元件项宗条份个人次起例]{0,3}\s*[.·]?\s*(?:[(（].*)?", re.DOTALL
)
_POINT_AFTER = re.compile(
    r"(?<=\d)[.·](?=\s*(?:[万亿元件项宗条份个人次起例(（]|$))|(?<=[万亿元件项宗条份个人次起例])\s*[.·](?=\s*(?:[(（]|$))"
)
_ZERO = re.compile(r"[\d.,，．\s]*[oO〇○óòô][\doO〇○óòô.,，．\s]*[万亿元件项宗条份个人次起例]{0,3}")
_ONES = re.compile(r"[1Il|]*[Il|][1Il|]*")
# A | beside a digit is rather what is left of a rule.
_LIKE_DIGITS = "IlSsZzB"
_DIGITS = str.maketrans(_LIKE_DIGITS, "1155228")
_WITH_LETTERS = re.compile(rf"[\d{_LIKE_DIGITS}][\d{_LIKE_DIGITS}.,，\s]*[万亿元件项宗条份个人次起例]{{0,3}}")
_LETTERED = re.compile(r"(?=\D*\d)[\dA-Za-z.,，\s]{2,9}[万亿元件项宗条份个人次起例]{0,3}")
_DOTTED = re.compile(r"-?\d{1,3}(?:[.．]\d{3})+[万亿元件项宗条份个人次起例]{0,3}")
_DECIMAL = re.compile(r"-?\d+[.．](?:\d{1,2}|\d{4,})[万亿元件项宗条份个人次起例]{0,3}")
_SHORT = re.compile(r"[^\u4e00-\u9fff]{1,2}")
_NARROW = re.compile(r"[(（]([^()（）]*[\u4e00-\u9fff][^()（）]*)[)）]")
_UNPAIRED = re.compile(r"（([^()（）]*)\)|\(([^()（）]*)）")
_COUNTS = re.compile(r"[^\u4e00-\u9fff,，()（）]|[万亿元]")
_DASHES = "-—－–一−"


def read_cut_lines(lines: Sequence[CutLine]) -> list[Reading]:
    """The text of each line and how sure it is; what may be a figure is read a second time from another cut."""
    unmarked = [line for line in lines if line.mark is None]
    first = read_lines([line.picture for line in unmarked])
    doubtful = [at for at, reading in enumerate(first) if _may_be_figure(reading.text)]
    once = [first[at] for at in doubtful]
    second = read_lines([unmarked[at].again for at in doubtful])
    looks = {
        at: [_plain(unmarked[at], _of_figure(one)) for one in (first[at], again)]
        for at, again in zip(doubtful, second, strict=True)
    }
    unclear = [
        at for at, (one, other) in looks.items() if _value(one.text) != _value(other.text) or _is_garbled(one.text)
    ]
    third = read_lines([_trimmed(unmarked[at].picture) for at in unclear])
    for at, reading in zip(unclear, third, strict=True):
        looks[at].append(_plain(unmarked[at], _of_figure(reading)))
    hesitant = [at for at, seen in looks.items() if len(seen) == 2 and _is_hesitant(seen)]
    smooth = read_lines([_smooth(unmarked[at].picture) for at in hesitant])
    for at, reading in zip(hesitant, smooth, strict=True):
        contrary = _plain(unmarked[at], _of_figure(reading))
        if _value(contrary.text) != _value(looks[at][0].text):
            looks[at].append(contrary)
    for at, seen in looks.items():
        first[at] = _weighed(unmarked[at], seen)
    first = [replace(reading, text=paired(reading.text)) for reading in first]
    signs = [""] * len(first)
    for at, one, again in zip(doubtful, once, second, strict=True):
        signs[at] = _sure_sign(one, again)
    first = _with_commas(_with_tails(unmarked, first, signs))
    readings = iter(first)
    return [Reading(line.mark, 1.0) if line.mark else next(readings) for line in lines]


def _sure_sign(one: Reading, other: Reading) -> str:
    """The sign that two looks at a figure are sure of between its digits, comma or point; empty where they are not.

    Of 294 figures with points in worn print of four faces none was surely read with commas, of 252 with commas one
    with points.
    """
    found = set()
    for look in (one, other):
        marks = [
            (sign, sure) for sign, sure in zip(_bare(look.text), look.characters, strict=False) if sign in ",，.．·"
        ]
        if not marks or min(sure for _, sure in marks) < SURE_SIGN:
            return ""
        found |= {"," if sign in ",，" else "." for sign, _ in marks}
    return found.pop() if len(found) == 1 else ""


def _with_tails(lines: Sequence[CutLine], readings: Sequence[Reading], signs: Sequence[str]) -> list[Reading]:
    """Readings with commas where marks before each three digits have tails, doubted where that contradicts them.

    1.234 or 1,234: the one figure is a thousand times the other. In blurred print the tails of all commas are lost: of
    many figures read with commas, on a page without decimals, none is doubted for that; nor is one whose commas both
    looks are sure of. Where another figure has commas with tails, a point that the looks are not sure of is a comma
    too; the figure stays doubted.

    Args:
        lines: the lines.
        readings: what was read of each.
        signs: what each surely has between its digits.
    """
    grouped = [bool(_NUMERIC.fullmatch(one.text) and _GROUPED.fullmatch(_folded(one.text))) for one in readings]
    commas = sum(there and "." not in one.text for there, one in zip(grouped, readings, strict=True))
    alike = commas >= ALIKE and not any(_DECIMAL.fullmatch(_bare(one.text)) for one in readings)
    tails = [has_tail(line.picture) if there else None for line, there in zip(lines, grouped, strict=True)]
    parted = any(tailed and "." not in one.text for tailed, one in zip(tails, readings, strict=True))
    found = []
    for reading, sign, there, tailed in zip(readings, signs, grouped, tails, strict=True):
        told = _with_tail(reading, sign, tailed, alike) if there else reading
        worn = there and parted and sign != "." and "," not in told.text
        found.append(replace(told, text=told.text.replace(".", ",")) if worn else told)
    return found


def _with_tail(reading: Reading, sign: str, tailed: bool | None, alike: bool) -> Reading:
    if tailed and "." in reading.text and sign != ".":
        return replace(reading, text=reading.text.replace(".", ","))
    if sign == "," and "." not in reading.text:
        return reading
    if sign == "." and tailed:
        return replace(reading, confidence=min(reading.confidence, DOUBTED))
    if not tailed and ("." in reading.text or (tailed is False and not alike)):
        return replace(reading, confidence=min(reading.confidence, DOUBTED))
    return reading


def _with_commas(readings: list[Reading]) -> list[Reading]:
    """Readings in which a point before each three digits is a comma where that is what it stands for on the page.

    In small print the tail of a comma is lost. That three figures or more have three decimals each, and none has any
    other number of them, is no accident; the figures stay doubted where the looks at them had reason to.
    """
    dotted = [reading for reading in readings if _DOTTED.fullmatch(_bare(reading.text))]
    if len(dotted) < ALIKE or any(_DECIMAL.fullmatch(_bare(reading.text)) for reading in readings):
        return readings
    return [
        replace(reading, text=re.sub("[.．]", ",", reading.text)) if _DOTTED.fullmatch(_bare(reading.text)) else reading
        for reading in readings
    ]


def _bare(text: str) -> str:
    return "".join(text.split())


def paired(text: str) -> str:
    """A text with brackets as wide as ideographs around ideographs, or where one of a pair was read so.

    Recognition hardly tells how wide a bracket is; around ideographs they are as wide.
    """
    return _UNPAIRED.sub(lambda found: f"（{found[1] or found[2] or ''}）", _NARROW.sub(r"（\1）", text))


def _of_figure(reading: Reading) -> Reading:
    """A reading of a figure with the confidence of what counts in it: not of its 件, of a comma, of words in a note.

    Of 558 figures of 45 scans that no sum contains none was wrong; of the six below SURE (`pipelines.validate.scanned`)
    four were so for the sake of such a sign alone.
    """
    bare = "".join(reading.text.split())
    counts = [sure for sign, sure in zip(bare, reading.characters, strict=False) if _COUNTS.fullmatch(sign)]
    return replace(reading, confidence=min(counts)) if counts else reading


def _may_be_figure(text: str) -> bool:
    return any(pattern.fullmatch(text) for pattern in (_FIGURE, _SHORT, _ZERO, _LETTERED))


def _weighed(line: CutLine, looks: Sequence[Reading]) -> Reading:
    """What the readings of a line, two or where these differ three, and its ink come to."""
    best = max(looks, key=lambda reading: (not _is_garbled(reading.text), reading in looks[:2], reading.confidence))
    if not best.text:
        return Reading("", 0.0)
    if len(looks) == 2:
        # Two cuts are two samples of the same ink: both being wrong alike is less likely than either.
        sure = 1 - (1 - looks[0].confidence) * (1 - looks[1].confidence)
        # A comma may be overlooked.
        best = max(looks, key=lambda reading: ("," in _folded(reading.text), reading.confidence))
    else:
        best, sure = _of_three(best, looks)
    text = best.text
    if _NUMERIC.fullmatch(text):
        if minus(line.ink, line.em):
            text = "-" + text.lstrip(_DASHES + " ")
        elif text[0] not in _DASHES and (joined := joined_minus(line.ink, line.em)) is not False:
            text, sure = "-" + text, sure if joined else min(sure, DOUBTED)
        if shows_more(line.ink, line.em, sum(sign.isdecimal() for sign in text)):
            sure = min(sure, DOUBTED)
        if text.startswith((".", "．")):
            sure = min(sure, DOUBTED)  # no figure begins with a point: it is a speck, or a digit is worn away
        if text == "1" and slants(line.ink):
            sure = min(sure, DOUBTED)
    return Reading(text, sure)


def _of_three(best: Reading, looks: Sequence[Reading]) -> tuple[Reading, float]:
    """What two of three readings agree in and how sure that is; where none agree the best, in doubt.

    Three cuts of one line are not independent: two that agree count as the mean of their odds.
    """
    alike = [one for one in looks if sum(_value(one.text) == _value(other.text) for other in looks) == 2]
    if not alike or not alike[0].text or _is_garbled(alike[0].text):
        return best, min(DOUBTED, *(one.confidence for one in looks))
    (against,) = (one for one in looks if _value(one.text) != _value(alike[0].text))
    together = (_odds(alike[0]) * _odds(alike[1])) ** 0.5
    chosen = max(alike, key=lambda reading: ("," in _folded(reading.text), reading.confidence))
    return chosen, together / (together + _odds(against) + 1)


def _is_garbled(text: str) -> bool:
    """Whether a text is neither a figure nor a mark nor a word: a letter, or two signs where a comma stands."""
    return bool(_GARBLED.fullmatch("".join(text.split())))


def _odds(reading: Reading) -> float:
    likely = min(reading.confidence, MOST_LIKELY)
    return likely / (1 - likely)


def _is_hesitant(looks: Sequence[Reading]) -> bool:
    """Whether two looks agree in a figure that one of them is hardly sure of, and neither quite sure."""
    sure = sorted(look.confidence for look in looks)
    return bool(looks[0].text) and sure[0] < HESITANT[0] and sure[-1] < HESITANT[1]


def _smooth(picture: Picture) -> Picture:
    """A line without the ragged edges that black and white leave of a slanting stroke."""
    return as_picture(cv2.medianBlur(picture, 3))


def _trimmed(picture: Picture) -> Picture:
    """A line cut out with less of a margin."""
    away = round(TRIMMED * picture.shape[0])
    return np.ascontiguousarray(picture[away:-away, away:-away]) if away else picture


def _value(text: str) -> str:
    """What a figure comes to: its signs, without the commas that part it into thousands."""
    folded = _folded(text)
    return folded.replace(",", "") if _THOUSANDS.fullmatch(folded) else folded


def _plain(line: CutLine, reading: Reading) -> Reading:
    """The reading of a figure without what the engine adds: spaces in a number, points after it, letters for digits."""
    if _ZERO.fullmatch(reading.text):
        reading = Reading(re.sub("[oO〇○óòô]", "0", reading.text), reading.confidence)
    if _ONES.fullmatch(reading.text) and len(reading.text) <= MOST_ONES:
        reading = Reading("1" * len(reading.text), min(reading.confidence, DOUBTED))
    elif _WITH_LETTERS.fullmatch(reading.text) and 0 < sum(sign in _LIKE_DIGITS for sign in reading.text) <= MOST_ONES:
        reading = Reading(reading.text.translate(_DIGITS), min(reading.confidence, DOUBTED))
    reading = Reading(_POINT_AFTER.sub("", reading.text), reading.confidence)
    if " " not in reading.text or not any(sign.isdecimal() for sign in reading.text):
        return reading
    if not is_one_number(line.ink, line.em):
        return reading
    return Reading(re.sub(r"(?<=[\d.,，．]) +(?=[\d.,，．])", "", reading.text), reading.confidence)


def _folded(text: str) -> str:
    """What counts in a figure: its signs in their plain form, without spaces."""
    return "".join(unicodedata.normalize("NFKC", text).split()).replace("，", ",")
