"""Coverage: which reports are due by when, and of which cities and years there are some.

The dates are those of the Regulations (政府信息公开条例). As revised in 2019, art. 49: departments of governments
at county level and above publish by 31 January; art. 50: those governments by 31 March. As of 2008, art. 31: all
by 31 March. The revision took effect on 15 May 2019, so reports on 2019 are the first under it. For townships it
names no date; they report to their county like its departments do, and are counted with them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from schemas.regions import cities, division

FIRST_YEAR = 2008
"""The Regulations took effect on 1 May 2008."""

_REVISED = 2019
_GOVERNMENTS = frozenset(("province", "prefecture", "county"))
_WITHOUT_REGULATIONS = frozenset(("71", "81", "82"))
"""台湾, 香港 and 澳门, where the Regulations do not apply."""


@dataclass(frozen=True, slots=True)
class Present:
    """A report that is there: whose, its level (`schemas.codes.LEVEL`) and year."""

    region_code: str
    publisher: str
    level: str
    city: str
    year: int


@dataclass(frozen=True, slots=True)
class YearCovered:
    """The cities of one year.

    Args:
        year: the year the reports cover.
        departments_due: by when departments must have published.
        governments_due: by when governments must have published.
        expected: cities whose government must report.
        governments: of them, those whose government's report is there.
        others: of the rest, those with a report of a county or department only.
        missing: slugs of the cities without any report.
    """

    year: int
    departments_due: date
    governments_due: date
    expected: int
    governments: int
    others: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Overdue:
    """A body that reported on a year and has not on the next, though the date is past."""

    region_code: str
    publisher: str
    city: str
    year: int
    due: date


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which reports there are, of those that must be.

    Args:
        years: the years that are due, newest first.
        overdue: bodies with a report on the year before the newest one due to them, but none on that.
    """

    years: tuple[YearCovered, ...]
    overdue: tuple[Overdue, ...]


def due(level: str, year: int) -> date:
    """By when a report on a year must be published: by governments, or by departments (and townships)."""
    if level in _GOVERNMENTS or year < _REVISED:
        return date(year + 1, 3, 31)
    return date(year + 1, 1, 31)


def newest_due(level: str, on: date) -> int:
    """The newest year whose reports must be there on a day."""
    year = on.year - 1
    return year if due(level, year) < on else year - 1


def coverage(present: Iterable[Present], on: date) -> Coverage:
    """Expected cities and years against those present, as of a day."""
    present = tuple(present)
    expected = tuple(city.city for city in cities() if city.adcode[:2] not in _WITHOUT_REGULATIONS)
    newest = newest_due("department", on)
    by_year: dict[int, list[Present]] = {}
    for each in present:
        by_year.setdefault(each.year, []).append(each)
    years = tuple(_covered(year, expected, by_year.get(year, [])) for year in range(newest, FIRST_YEAR - 1, -1))
    return Coverage(years, _overdue(present, by_year, on))


def _covered(year: int, expected: tuple[str, ...], present: Iterable[Present]) -> YearCovered:
    governed: set[str] = set()
    any_report: set[str] = set()
    for each in present:
        any_report.add(each.city)
        # A development zone (开发区) reports under the code of the city it lies in, but at another level.
        place = division(each.region_code)
        if each.level == place.level and place.city_code == each.region_code:
            governed.add(each.city)
    return YearCovered(
        year=year,
        departments_due=due("department", year),
        governments_due=due("prefecture", year),
        expected=len(expected),
        governments=len(governed & set(expected)),
        others=len((any_report - governed) & set(expected)),
        missing=tuple(city for city in expected if city not in any_report),
    )


def _overdue(present: Iterable[Present], by_year: Mapping[int, Iterable[Present]], on: date) -> tuple[Overdue, ...]:
    found = []
    for each in present:
        year = newest_due(each.level, on)
        if each.year != year - 1:
            continue
        if not any(_is_same_body(each, other) for other in by_year.get(year, ())):
            found.append(Overdue(each.region_code, each.publisher, each.city, year, due(each.level, year)))
    return tuple(sorted(set(found), key=lambda one: (one.city, one.region_code, one.publisher)))


def _is_same_body(one: Present, other: Present) -> bool:
    """Whether two reports are the same body's, named with more or fewer divisions in front."""
    return one.region_code == other.region_code and (
        one.publisher.endswith(other.publisher) or other.publisher.endswith(one.publisher)
    )
