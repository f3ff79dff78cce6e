"""The divisions as data: code, name, level, parent, and the city partition each lies in.

Package data beside this module:

- `divisions.csv`: the divisions in force, 3,216 of them, with their pinyin one syllable a character.
- `pinyin.csv`: where that pinyin reads a character as it is never read in this name (漯河 as "ta he"), the
  right reading beside the wrong one. A correction whose wrong reading is no longer in `divisions.csv` is an
  error: it has gone stale.
- `historical.csv`: names and codes no longer in force, with the months (YYYYMM) they were first and last
  listed. December 2007 is where the lists begin, not where those divisions began.

Not here: looking a printed name up (`schemas.regions.names`), the table of them all (`schemas.regions.table`).
"""

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_NATIONALITIES = re.findall(
    r"\S+",
    """
    蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 水 东乡
    纳西 景颇 柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯
    鄂温克 德昂 保安 裕固 京 塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺 各
    """,
)
# Longest first, so that 土家族 is not read as 土; only names of two characters and more stand without 族.
_NATIONALITY = "|".join(
    f"{name}族?" if len(name) > 1 else f"{name}族" for name in sorted(_NATIONALITIES, key=len, reverse=True)
)
_NAME = re.compile(
    rf"(?P<stem>..+?)(?P<people>(?:{_NATIONALITY})*)"
    # 神农架 is the one forestry district; in 万柏林区 the 林 belongs to the stem.
    r"(?P<generic>自治区|自治州|自治县|自治旗|特别行政区|行政委员会|行政区|地区|(?<=神农架)林区|特区|新区|省|市|县|区|盟|旗)"
)
_PEOPLE = re.compile(_NATIONALITY)


class UnknownDivision(LookupError):  # noqa: N818 - named for the situation
    """A code that names no division, present or past."""


@dataclass(frozen=True, slots=True)
class Division:
    """A division (行政区划).

    Args:
        adcode: six-digit GB/T 2260 code.
        name: its full name (洪泽区).
        name_en: its name in pinyin after GB/T 28039 (Hongze Qu).
        level: `province`, `prefecture` or `county`.
        parent_adcode: code of the division above; None for a province.
        city_code: code of the city partition it lies in.
        city: slug of that partition (huaian-320800).
    """

    adcode: str
    name: str
    name_en: str
    level: str
    parent_adcode: str | None
    city_code: str
    city: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of the package data: a division as listed; `first` and `last` are months, 0 while in force."""

    adcode: str
    name: str
    level: str
    parent_adcode: str | None
    pinyin: tuple[str, ...]
    first: int = 0
    last: int = 0


@cache
def divisions() -> tuple[Division, ...]:
    """Every division in force, by code."""
    return tuple(_division(row, _city_code(row.adcode, row.level, row.parent_adcode)) for row in in_force().values())


def division(adcode: str) -> Division:
    """The division of `adcode`; a code no longer in force gives the division that last had it.

    Raises:
        UnknownDivision: no division ever had the code.
    """
    found = _by_code().get(adcode)
    if found is None:
        raise UnknownDivision(
            f"{adcode!r} is no code of a division in schemas/regions (divisions.csv, historical.csv): "
            "expected six digits of GB/T 2260; correct the code, or add the division there"
        )
    return found


@cache
def cities() -> tuple[Division, ...]:
    """The city partitions, by code.

    A partition is a prefecture, a province's own (which for the municipalities 北京, 天津, 上海, 重庆 holds
    all their districts), or a county directly under a province.
    """
    return tuple(each for each in divisions() if each.city_code == each.adcode)


@cache
def in_force() -> dict[str, Listed]:
    """The rows of `divisions.csv` by code, their pinyin corrected."""
    corrections = {row["adcode"]: row for row in _rows("pinyin.csv")}
    listed: dict[str, Listed] = {}
    for row in _rows("divisions.csv"):
        pinyin = row["pinyin"]
        correction = corrections.pop(row["adcode"], None)
        if correction is not None:
            if (correction["name"], correction["source"]) != (row["name"], pinyin):
                raise ValueError(
                    f"pinyin.csv corrects {correction['name']} {correction['source']!r}, "
                    f"but divisions.csv has {row['name']} {pinyin!r}: remove or renew the correction"
                )
            pinyin = correction["pinyin"]
        listed[row["adcode"]] = Listed(
            row["adcode"], row["name"], row["level"], row["parent_adcode"] or None, tuple(pinyin.split())
        )
    if corrections:
        raise ValueError(f"pinyin.csv corrects codes that divisions.csv lacks: {', '.join(corrections)}")
    return dict(sorted(listed.items()))


@cache
def no_longer_in_force() -> tuple[tuple[Listed, Division], ...]:
    """The rows of `historical.csv` with the division each was, by code and last month."""
    listed = sorted(
        (
            Listed(
                row["adcode"],
                row["name"],
                row["level"],
                _historical_parent(row["adcode"], row["level"]),
                tuple(row["pinyin"].split()),
                int(row["first_seen"]),
                int(row["last_seen"]),
            )
            for row in _rows("historical.csv")
        ),
        key=lambda row: (row.adcode, row.last, row.name),
    )
    withdrawn = {row.adcode: row for row in listed if row.level == "prefecture"}
    return tuple((row, _division(row, _successor_city(row, withdrawn))) for row in listed)


def stem(name: str) -> str:
    """The name without its generic and the peoples' names before it: 洪泽, 延边, 内蒙古.

    A name that is nothing but a people's and a generic keeps the people (东乡族自治县: 东乡).
    """
    return _parts(name)[0].removesuffix("族")


def renumbered(row: Listed) -> str | None:
    """The code in force of a division that kept name and level and only changed its code, or None.

    Within a province the name of a 市, 县 or 旗 is its alone; districts (区) share names between cities, so
    those must also keep their city.
    """
    same = [
        other.adcode
        for other in _by_name().get(row.name, ())
        if other.level == row.level
        and other.adcode != row.adcode
        and other.adcode[:2] == row.adcode[:2]
        and (not row.name.endswith("区") or other.adcode[:4] == row.adcode[:4])
    ]
    return same[0] if len(same) == 1 else None


@cache
def _by_code() -> dict[str, Division]:
    past = {row.adcode: each for row, each in no_longer_in_force()}
    return past | {each.adcode: each for each in divisions()}


@cache
def _by_name() -> dict[str, list[Listed]]:
    found: dict[str, list[Listed]] = {}
    for row in in_force().values():
        found.setdefault(row.name, []).append(row)
    return found


@cache
def _by_stem() -> dict[tuple[str, str], list[Listed]]:
    """The rows in force by province and stem."""
    found: dict[tuple[str, str], list[Listed]] = {}
    for row in in_force().values():
        found.setdefault((row.adcode[:2], stem(row.name)), []).append(row)
    return found


def _division(row: Listed, city_code: str) -> Division:
    return Division(row.adcode, row.name, _name_en(row), row.level, row.parent_adcode, city_code, _slug(city_code))


def _city_code(adcode: str, level: str, parent_adcode: str | None) -> str:
    if level != "county" or parent_adcode is None:
        return adcode
    parent = in_force()[parent_adcode]
    if parent.level == "province" and not _is_municipality(parent):
        return adcode
    return parent_adcode


def _is_municipality(row: Listed) -> bool:
    """Whether a province-level division is a municipality (直辖市)."""
    return row.level == "province" and row.name.endswith("市")


def _historical_parent(adcode: str, level: str) -> str:
    province = adcode[:2] + "0000"
    if level == "prefecture" or adcode[2:4] == "90" or _is_municipality(in_force()[province]):
        return province
    return adcode[:4] + "00"


def _successor_city(row: Listed, withdrawn: dict[str, Listed]) -> str:
    """The partition a division no longer in force lies in today.

    In turn: the city of the code that it has now; the prefecture that its code names; where that was
    withdrawn too, the city of what has its stem now, or the successor of the prefecture; last, the province.
    """
    province, prefecture = row.adcode[:2] + "0000", row.adcode[:4] + "00"
    code = renumbered(row)
    if code is not None:
        return _city_code(code, row.level, in_force()[code].parent_adcode)
    if _is_municipality(in_force()[province]):
        return province
    if prefecture in in_force():
        return prefecture
    heirs = {
        _city_code(heir.adcode, heir.level, heir.parent_adcode)
        for heir in _by_stem().get((row.adcode[:2], stem(row.name)), [])
        if heir.level != "province"
    }
    if len(heirs) == 1:
        return heirs.pop()
    if row.level == "county" and prefecture in withdrawn:
        return _successor_city(withdrawn[prefecture], withdrawn)
    return province


@cache
def _slug(adcode: str) -> str:
    """`zhoukou-411600`: the pinyin of the stem, ü as v, and the code."""
    row = in_force()[adcode]
    return "".join(row.pinyin[: len(stem(row.name))]) + "-" + adcode


def _name_en(row: Listed) -> str:
    syllables = iter(row.pinyin)
    words = ([next(syllables) for _ in part] for part in _parts(row.name))
    return " ".join(_word(word) for word in words)


def _word(syllables: list[str]) -> str:
    """Syllables as one capitalised word; an apostrophe before an inner vowel (Xi'an), ü for v."""
    joined = "".join("'" + each if number and each[0] in "aoe" else each for number, each in enumerate(syllables))
    return joined.replace("v", "ü").capitalize()


@cache
def _parts(name: str) -> tuple[str, ...]:
    """A name in its parts: stem, peoples, generic (延边 朝鲜族 自治州); at least stem and generic."""
    found = _NAME.fullmatch(name)
    if found is None:
        return name[:-1], name[-1]
    return (found["stem"], *_PEOPLE.findall(found["people"]), found["generic"])


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("schemas.regions") / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
