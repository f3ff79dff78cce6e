"""Residents of divisions (常住人口), for indicators per head: those of the 2020 census, and how to read others.

The package has the provinces alone (第七次全国人口普查公报（第三号）). Other divisions and years come from a file
`population.csv` in the home with the columns `region_code`, `year`, `population`, `source`; its lines take the place
of the package's.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files

import polars as pl

from schemas.derive import columns, key, polars_schema
from schemas.regions import UnknownDivision, division
from schemas.tables import FIRST_YEAR, LAST_YEAR

TABLE = "population"


class InvalidPopulation(Exception):  # noqa: N818 - the name states the situation
    """A population file that is not as it should be; carries every problem with its line."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


@cache
def census() -> pl.DataFrame:
    """The package's own numbers, as `schemas.tables.Population`."""
    content = (files("schemas") / "population.csv").read_text(encoding="utf-8")
    return parse(content, "population.csv")


def parse(content: str, name: str) -> pl.DataFrame:
    """The lines of a population file, as `schemas.tables.Population`.

    Args:
        content: CSV with a heading line.
        name: what to call the file in problems.

    Raises:
        InvalidPopulation: a column is missing, a division is unknown, a number is none, a source is missing, or a
            division has two lines for a year; all problems at once.
    """
    expected = [column.name for column in columns(TABLE)]
    reader = csv.DictReader(io.StringIO(content.removeprefix("\ufeff")))
    if missing := set(expected) - set(reader.fieldnames or ()):
        raise InvalidPopulation([f"{name}: no column {', '.join(sorted(missing))}; expected {', '.join(expected)}"])
    problems: list[str] = []
    rows: dict[tuple[str, int], tuple[str, int, int, str]] = {}
    for line in reader:
        place = f"{name}, line {reader.line_num}"
        found = list(_problems({column: (line[column] or "").strip() for column in expected}))
        problems += [f"{place}: {problem}" for problem in found]
        if found:
            continue
        code, year = line["region_code"].strip(), int(line["year"])
        if (code, year) in rows:
            problems.append(f"{place}: {code} has another line for {year}")
        rows[code, year] = (code, year, int(line["population"]), line["source"].strip())
    if problems:
        raise InvalidPopulation(problems)
    return pl.DataFrame(list(rows.values()), schema=polars_schema(TABLE), orient="row").sort(key(TABLE))


def merged(first: pl.DataFrame, second: pl.DataFrame) -> pl.DataFrame:
    """Both tables in one; of a division and year in both, the line of `second`."""
    return pl.concat([first, second]).unique(key(TABLE), keep="last", maintain_order=True).sort(key(TABLE))


def _problems(line: dict[str, str]) -> Iterator[str]:
    try:
        division(line["region_code"])
    except UnknownDivision as error:
        yield f"region_code: {error}"
    year, population = line["year"], line["population"]
    # Three years before the first reports: a neighbouring year serves where a year's own number is not known.
    if not (year.isdecimal() and FIRST_YEAR - 3 <= int(year) <= LAST_YEAR):
        yield f"year {year!r}: expected a year from {FIRST_YEAR - 3} to {LAST_YEAR}"
    if not (population.isdecimal() and 0 < int(population) < 10**10):
        yield f"population {population!r}: expected a whole number of residents"
    if not line["source"]:
        yield "source is missing: say where the number is from"
