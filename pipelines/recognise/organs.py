"""Bodies: what division and level the name of a government, department or functional area tells.

Belongs here: taking a body's name apart, completing one printed short, choosing the publisher among the
bodies a report names. Does not: finding those names in a document (`pipelines.recognise.identity`).
"""

import re
from dataclasses import dataclass, replace

from pipelines.discover.source import Source
from pipelines.recognise.unidentified import UnknownPublisherRegion
from schemas.regions import Division, Located, division, divisions, find, inside, locate


@dataclass(frozen=True, slots=True)
class Organ:
    """A body: its name, the divisions it may belong to, its level, the functional area it belongs to.

    `level` is empty for the government of a division, which has the division's. `bare` where only a division
    or area was named, and the name of its government was supplied.
    """

    name: str
    candidates: tuple[Division, ...]
    level: str
    area: str = ""
    bare: bool = False


_GENERICS = tuple("省市区县州盟旗")
_GOVERNMENT = ("人民政府", "行政公署", "行署", "管理委员会", "管委会", "行政委员会")
_OFFICE_IN_BRACKETS = re.compile(r"[(（][^()（）]*(?:办公室|办公厅|政府办|委办)[)）]")
_BODY = re.compile(
    r"(?:政府|公署|行署|委|局|厅|署|院|所|站|中心|办公室|办公厅|办事处|办|处|队|社|馆|校|学|会|公司|集团|机关"
    r"|镇|乡|街道|苏木|省|市|区|县|州|旗|盟|园|城|部)(?:[(（].*[)）])?$"
)
_AREA = re.compile(
    r"(?P<stem>.{0,8}?)"
    r"(?P<area>(?:综合|经济|高新|高新技术|技术|产业|现代|工业|科技|旅游|管理|风景名胜|保税|港|国家级|循环化工|农业"
    r"|城乡一体化)*(?:实验区|试验区|开发区|高新区|经开区|新区|管理区|示范区|产业园区?|工业园区?|科技园区?|园区|保税区"
    r"|度假区|名胜区|集聚区|合作区|新城|中央商务区|岛))"
    r"(?P<rest>.*)"
)
_TOWNSHIP = re.compile(
    r"(?P<town>.{1,10}?(?:镇|乡|街道|苏木))"
    r"(?P<rest>(?:人民)?政府(?:办公室|机关)?|(?:街道)?办事处|党政(?:综合)?办公室|)"
)
_BRANCH = re.compile(r"(?P<stem>[^局院所]{2,6})(?:分局|分中心|支队|分院)$")
# 市统计局 and 市政府, but not 市场监督管理局 or 市政管理局: there the first sign is no division.
_RELATIVE = re.compile(
    r"(?P<generic>自治区|自治州|自治县|市(?!场|容|政[^府务协法研])|区(?!划|域)|县(?!域)|州|省|旗|盟)(?P<rest>.{2,})"
)
# 国家税务总局周口市税务局: an organ of the state names itself before the division that it is in.
_OF_THE_STATE = re.compile(
    r"^(?:国家[^省市区县州盟旗]{2,8}?局|中华人民共和国|中国(?:人民银行|银保监会|证监会|气象局))(?=.{4,})"
)
_ENDS = {"委": ("委员会",), "办": ("办公室", "办公厅")}
"""Organs by the last character of their short names."""


def is_body(name: str) -> bool:
    """Whether a name ends as those of bodies, divisions and areas do."""
    return _BODY.search(name) is not None


def publisher_of(named: str, stated: tuple[str, ...], year: int, source: Source | None) -> Organ:
    """The body whose report it is.

    Args:
        named: the body in the title, empty where it names none.
        stated: the bodies that the text says compiled the report, and those of the metadata, best first.
        year: the year the report covers, whose divisions are meant.
        source: what the catalogue says; its publisher comes after all that the document states.

    Raises:
        UnknownPublisherRegion: nobody is named at all. That a division is known does not make its government
            the publisher.
    """
    home = source.region_code if source is not None else None
    known = [organ(name, year, home) for name in stated]
    if source is not None and source.publisher:
        known.append(organ(source.publisher, year, home))
    if named:
        chosen = organ(named, year, home)
    elif known:
        chosen = min(known, key=lambda each: not each.candidates)
        chosen = next((each for each in known if _is_office_of(chosen, each)), chosen)
    else:
        raise UnknownPublisherRegion(
            f"the report of {year} names no publisher in title, text or metadata; give its publisher in the catalogue"
        )
    if chosen.bare and chosen.area:
        # An area has no fixed name for its administration: the text's, if it names one.
        return next((each for each in known if _governs(each, chosen)), chosen)
    if chosen.bare:
        return chosen
    full = next((each for each in known if _abbreviates(chosen, each)), chosen)
    if full.candidates:
        return full
    return _with_division(full, [division(home)] if home is not None else _contexts(known), year)


def settle(publisher: Organ, context: str, source: Source | None) -> Division:
    """The one division the body belongs to, of those its name may mean.

    Args:
        publisher: the body.
        context: folded text in which the city or province of the division meant is looked for.
        source: what the catalogue says; it decides first, since the document has not.

    Raises:
        UnknownPublisherRegion: the name means no division, or nothing tells which.
    """
    candidates = publisher.candidates
    if source is not None:
        home = division(source.region_code)
        if not candidates:
            return home
        near = tuple(each for each in candidates if inside(each, home.adcode))
        candidates = near or tuple(each for each in candidates if inside(each, home.city_code)) or candidates
    if len(candidates) > 1:
        candidates = _mentioned(candidates, context)
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        among = ", ".join(f"{each.adcode} {_city(each)}{each.name}" for each in candidates)
        problem = f"may belong to any of {among}, and neither text nor metadata tell which"
    else:
        problem = "names no division that schemas/regions knows"
    raise UnknownPublisherRegion(f"{publisher.name!r} {problem}; give its region_code in the catalogue")


def organ(name: str, year: int, home: str | None) -> Organ:
    """A body's name in its parts; without candidates where it names no division.

    `home` is the code of a division in whose province the name is looked up first.
    """
    name = _OFFICE_IN_BRACKETS.sub("", name)
    located = _located(name, year, home)
    if located is None:
        of_the_state = _OF_THE_STATE.match(name)
        branch = organ(name[of_the_state.end() :], year, home) if of_the_state else None
        if branch is not None and branch.candidates and not branch.bare:
            return replace(branch, name=name)
        return _placed("", (), name, year)
    path, outer, rest = "".join(located.path), located.candidates, located.rest
    if _is_area(outer[0]):
        # Listed for statistics under a code of its own, in most cases no division: then the city's.
        inner = located.path[-1]
        outer = tuple(each if each in divisions() else division(each.city_code) for each in outer)
        return _placed(path.removesuffix(inner), outer, inner + rest, year)
    if rest in ("", "政府"):
        # 辽宁 is short for 辽宁省; a short name that may mean several stays as printed.
        whole = path if path.endswith(_GENERICS) or len(outer) > 1 else outer[0].name
        league = whole.endswith(("盟", "地区")) and outer[0].level == "prefecture"
        return Organ(whole + ("行政公署" if league else "人民政府"), outer, "", bare=True)
    return _placed(path, outer, rest, year)


def _located(name: str, year: int, home: str | None) -> Located | None:
    province = home[:2] + "0000" if home is not None else None
    for within in dict.fromkeys((province, None)):
        located = locate(name, year=year, within=within)
        if located is not None:
            return located
        short = find(name, year=year, within=within)
        if short:
            return Located(short, (name,), "")
    return None


def _placed(path: str, outer: tuple[Division, ...], rest: str, year: int) -> Organ:
    """The body that `rest` names in the divisions of `path`."""
    if outer and rest in _GOVERNMENT:
        return Organ(path + rest, outer, "")
    area = _AREA.fullmatch(rest)
    if area is not None:
        return _area_organ(path, outer, area, year)
    town = _TOWNSHIP.fullmatch(rest)
    if town is not None:
        supplied = "" if town["rest"] else "办事处" if town["town"].endswith("街道") else "人民政府"
        return Organ(path + rest + supplied, outer, "township")
    if rest.startswith("政府办"):
        rest = "人民" + rest
    return Organ(path + rest, _branch(rest, outer, year) or outer, "department")


def _is_area(each: Division) -> bool:
    """Whether a division is a functional area that statistics list, as the 71st county of a city and on."""
    return each.adcode[4] == "7" and _AREA.fullmatch(each.name) is not None


def _area_organ(path: str, outer: tuple[Division, ...], found: re.Match[str], year: int) -> Organ:
    """The body of a functional area (开发区, 综合实验区).

    It belongs to the county that shares its short name or stands in brackets after it, else to the city or
    province named before it, or at the head of its own name.
    """
    stem, rest = found["stem"], found["rest"]
    beside = re.match(r"\((?P<name>[^()]+)\)", rest)
    counties = tuple(
        each
        for each in find(beside["name"] if beside else stem, year=year)
        if not outer or any(inside(each, one.adcode) for one in outer)
    )
    area = ("" if path.endswith(_GENERICS) else path) + stem + found["area"]
    body = rest.removeprefix(beside[0]) if beside else rest
    level = "county" if body in ("", *_GOVERNMENT) else "department"
    if _TOWNSHIP.fullmatch(body):
        level = "township"
    name = path + stem + found["area"] + (rest or "管理委员会")
    return Organ(name, counties or outer, level, area, bare=not rest)


def _branch(rest: str, outer: tuple[Division, ...], year: int) -> tuple[Division, ...]:
    """The county whose branch (揭东分局) of a city's department it is; none where no county is named."""
    found = _BRANCH.search(rest)
    if found is None:
        return ()
    for begin in range(len(found["stem"]) - 1):
        for each in outer:
            counties = find(found["stem"][begin:], year=year, within=each.adcode)
            if len(counties) == 1 and counties[0].level == "county":
                return counties
    return ()


def _is_office_of(office: Organ, government: Organ) -> bool:
    """Whether one body is the other's office (办公室), which compiles reports it does not publish."""
    return government.level == "" and office.name in (government.name + "办公室", government.name + "办公厅")


def _governs(administration: Organ, area: Organ) -> bool:
    return (administration.area, administration.level) == (area.area, area.level) and not administration.bare


def _contexts(known: list[Organ]) -> list[Division]:
    return [each.candidates[0] for each in known if len(each.candidates) == 1]


def _with_division(named: Organ, contexts: list[Division], year: int) -> Organ:
    """A body named without its division (市统计局, 审计局) with the context's; unchanged without context."""
    relative = _RELATIVE.fullmatch(named.name)
    for context in contexts:
        if relative is not None:
            for each in (context, division(context.city_code)):
                if each.name.endswith(relative["generic"]):
                    return organ(each.name + relative["rest"], year, each.adcode)
        elif named.level == "department" and not named.area and is_body(named.name):
            return organ(context.name + named.name, year, context.adcode)
    return named


def _abbreviates(short: Organ, full: Organ) -> bool:
    """Whether one name is the other with characters left out (上海市科委, 上海市科学技术委员会).

    A name that merely goes on (人民政府, 人民政府办公室) is a subordinate's. One that only has more divisions
    in front (淮安市洪泽区人民政府) is no fuller: the title's own wording stays.
    """
    if short.level != full.level or full.bare or len(short.name) >= len(full.name):
        return False
    elsewhere = short.candidates and not set(short.candidates) & set(full.candidates)
    if elsewhere or full.name.startswith(short.name) or (short.candidates and full.name.endswith(short.name)):
        return False
    ends = (short.name[-1], *_ENDS.get(short.name[-1], ()))
    rest = iter(full.name)
    return full.name.endswith(ends) and all(sign in rest for sign in short.name)


def _mentioned(candidates: tuple[Division, ...], context: str) -> tuple[Division, ...]:
    """The candidates whose city, else whose province, the context mentions; all where it mentions none."""
    for outer in (_city, _province):
        named = tuple(each for each in candidates if outer(each) in context)
        if named:
            return named
    return candidates


def _city(each: Division) -> str:
    return division(each.city_code).name


def _province(each: Division) -> str:
    return division(each.adcode[:2] + "0000").name
