"""Divisions by printed name: full, short, colloquial or of the past.

A lookup answers with every division that fits best; more than one is an ambiguity, which the caller resolves
with what else it knows (`within`) or reports. Nothing is guessed here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from schemas.regions.gazetteer import (
    Division,
    Listed,
    divisions,
    in_force,
    no_longer_in_force,
    renumbered,
    stem,
)

_FULL, _COLLOQUIAL, _SHORT = range(3)
"""How a name names a division, best first: 延边朝鲜族自治州, 延边州, 延边."""

_LISTS_BEGIN, _LISTS_END = 200712, 202312
"""The months of the oldest and the newest dated list: what is on them may be older, or have lasted on."""

# 赤水镇 is a town somewhere, not a part of 赤水市; 城乡 and 乡村 make no township.
_TOWNSHIP = re.compile(r"^.{1,6}?(?:镇|(?<!城)乡(?!村)|街道|苏木)")


@dataclass(frozen=True, slots=True)
class Located:
    """What a text begins with: the divisions that the deepest name may mean, that name, and the rest.

    Args:
        candidates: one division, or several where the name is ambiguous.
        path: the names as printed, outer to inner (淮安市, 洪泽区).
        rest: the text after them.
    """

    candidates: tuple[Division, ...]
    path: tuple[str, ...]
    rest: str


@dataclass(frozen=True, slots=True)
class _Entry:
    """A division under one of its names; `codes` are all it ever had, `since` and `until` years of force."""

    division: Division
    kind: int
    codes: tuple[str, ...]
    in_force: bool
    since: int | None
    until: int | None

    def rank(self, year: int | None) -> tuple[bool, int]:
        """Smaller is better: in force (in `year`, where given), then named in full."""
        if year is None:
            return not self.in_force, self.kind
        early = self.since is not None and year < self.since
        late = self.until is not None and year > self.until
        return early or late, self.kind


def find(name: str, *, year: int | None = None, within: str | None = None) -> tuple[Division, ...]:
    """The divisions that `name` means best, by code; none, one, or several where it is ambiguous.

    Args:
        name: full (洪泽区), short from two characters (洪泽), or colloquial (延边州, 峨山县); of any time.
        year: prefer the divisions in force then: 广丰县 in 2012 is 361122, though 广丰区 has taken its place.
            A division that only changed its code answers with the one it has now, so that its series is one.
        within: only divisions inside this one, given by its code (as now or as then).
    """
    return _best(_named(name), year, within)


def locate(text: str, *, year: int | None = None, within: str | None = None) -> Located | None:
    """The divisions that `text` begins with, outer to inner: 淮安市洪泽区人民政府 gives 洪泽区 and 人民政府.

    Full and colloquial names count anywhere; short ones (杭州, 上海) only of prefectures and provinces, only
    in front, and not in the name of a township. `year` and `within` are as for `find`.
    """
    first = _leading(text, (_FULL, _COLLOQUIAL), year, within)
    if first is None and not _TOWNSHIP.match(text):
        first = _leading(text, (_SHORT,), year, within)
    if first is None:
        return None
    located = first
    while located.rest:
        deeper = _inner(located, year)
        if deeper is None:
            break
        located = deeper
    return located


def inside(each: Division, adcode: str) -> bool:
    """Whether a division is, or lies or once lay inside, that of code `adcode`."""
    codes = next((entry.codes for entry in _named(each.name) if entry.division == each), (each.adcode,))
    return _inside(each, codes, adcode)


def years_of_force(row: Listed) -> tuple[int | None, int | None]:
    """The first year of a division, None where the lists do not tell, and the last one, None while in force."""
    if not row.last:
        return _began(_replaced()).get(row.adcode), None
    return _since(row), row.last // 100


def successor(row: Listed) -> str | None:
    """The code in force of what a division no longer in force became, where the lists tell; else None.

    In turn: the same code, where only the name changed; a new code for the same name; the division that took
    its place.
    """
    if row.adcode in in_force():
        return row.adcode
    code = renumbered(row)
    if code is not None:
        return code
    heirs = _heirs().get(row, set())
    return next(iter(heirs)) if len(heirs) == 1 else None


def _best(entries: tuple[_Entry, ...], year: int | None, within: str | None) -> tuple[Division, ...]:
    if within is not None:
        entries = tuple(entry for entry in entries if _inside(entry.division, entry.codes, within))
    if not entries:
        return ()
    best = min(entry.rank(year) for entry in entries)
    found = {entry.division.adcode: entry.division for entry in entries if entry.rank(year) == best}
    return tuple(found[adcode] for adcode in sorted(found))


def _leading(text: str, kinds: tuple[int, ...], year: int | None, within: str | None) -> Located | None:
    """The longest name of these kinds that `text` begins with."""
    for length in range(min(len(text), _longest_name()), 1, -1):
        entries = tuple(
            entry
            for entry in _named(text[:length])
            if entry.kind in kinds and (entry.kind != _SHORT or entry.division.level != "county")
        )
        found = _best(entries, year, within)
        if found:
            return Located(found, (text[:length],), text[length:])
    return None


def _inner(outer: Located, year: int | None) -> Located | None:
    """The longest name that the rest begins with and that lies inside what was found so far."""
    for length in range(min(len(outer.rest), _longest_name()), 1, -1):
        entries = tuple(
            entry
            for entry in _named(outer.rest[:length])
            if entry.kind != _SHORT
            and any(
                entry.division != each and _inside(entry.division, entry.codes, each.adcode)
                for each in outer.candidates
            )
        )
        found = _best(entries, year, None)
        if found:
            return Located(found, (*outer.path, outer.rest[:length]), outer.rest[length:])
    return None


def _inside(each: Division, codes: tuple[str, ...], adcode: str) -> bool:
    significant = re.sub(r"(?:00){1,2}$", "", adcode)
    return each.city_code == adcode or any(code.startswith(significant) for code in codes)


def _named(name: str) -> tuple[_Entry, ...]:
    return _index().get(name, ())


@cache
def _longest_name() -> int:
    return max(map(len, _index()))


@cache
def _index() -> dict[str, tuple[_Entry, ...]]:
    """Every division under each of its names."""
    past_codes: dict[str, list[str]] = {}
    index: dict[str, list[_Entry]] = {}
    for row, each in no_longer_in_force():
        now = renumbered(row)
        if now is not None:
            past_codes.setdefault(now, []).append(row.adcode)
            continue
        _enter(index, _Entry(each, _FULL, (row.adcode,), False, _since(row), _until(row)))
    began = _began(_replaced())
    for each in divisions():
        codes = (each.adcode, *past_codes.get(each.adcode, ()))
        _enter(index, _Entry(each, _FULL, codes, True, began.get(each.adcode), None))
    return {name: tuple(entries) for name, entries in index.items()}


@cache
def _replaced() -> tuple[tuple[Listed, int], ...]:
    """The divisions that are gone, not only renumbered, each with its last year, where the lists tell it."""
    gone = (row for row, _ in no_longer_in_force() if renumbered(row) is None)
    return tuple((row, until) for row in gone if (until := _until(row)) is not None)


@cache
def _heirs() -> dict[Listed, set[str]]:
    found: dict[Listed, set[str]] = {}
    for past, _, adcode in _successions(_replaced()):
        found.setdefault(past, set()).add(adcode)
    return found


def _since(row: Listed) -> int | None:
    return row.first // 100 if row.first > _LISTS_BEGIN else None


def _until(row: Listed) -> int | None:
    return row.last // 100 if row.last < _LISTS_END else None


@cache
def _began(replaced: tuple[tuple[Listed, int], ...]) -> dict[str, int]:
    """The year in which a division in force took the place of one withdrawn, where the lists tell."""
    began: dict[str, int] = {}
    for _, until, adcode in _successions(replaced):
        began[adcode] = max(until, began.get(adcode, until))
    return began


def _successions(replaced: tuple[tuple[Listed, int], ...]) -> Iterator[tuple[Listed, int, str]]:
    """Each division withdrawn, its last year, and the code of the division in force that took its place.

    One did where the withdrawn one of its province has its stem and level (洪泽县, 洪泽区), or its very name
    at another level (铜仁市, once a county). Names of districts (区) recur in a province and tell nothing.
    """
    alike: dict[tuple[str, str], list[tuple[Listed, int]]] = {}
    for past, until in replaced:
        alike.setdefault((past.adcode[:2], stem(past.name)), []).append((past, until))
    for row in in_force().values():
        for past, until in alike.get((row.adcode[:2], stem(row.name)), ()):
            raised = past.level == row.level and past.name != row.name
            moved = past.level != row.level and past.name == row.name and not row.name.endswith("区")
            if raised or moved:
                yield past, until, row.adcode


def _enter(index: dict[str, list[_Entry]], entry: _Entry) -> None:
    for name, kind in _names(entry.division.name):
        index.setdefault(name, []).append(replace(entry, kind=kind))


def _names(name: str) -> list[tuple[str, int]]:
    """The names a division goes by, with the kind of each."""
    short = stem(name)
    names = [(name, _FULL)]
    if len(short) > 1 and short != name:
        names.append((short, _SHORT))
    autonomous = re.search(r"自治([区州县旗])$", name)
    if autonomous is not None and len(short) > 1:
        # 延边朝鲜族自治州 is also 延边自治州 and 延边州; 广西壮族自治区 is 广西自治区, but never 广西区.
        names.append((short + autonomous[0], _COLLOQUIAL))
        if autonomous[1] != "区":
            names.append((short + autonomous[1], _COLLOQUIAL))
    return [(each, kind) for each, kind in dict(reversed(names)).items()]
