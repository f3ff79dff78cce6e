"""The table `regions`: every division by its code, those of the past among them.

A code stands once, for the division that has it now or had it last, so that a report of any year joins exactly one
row by its `region_code`. Not here: the facts (`schemas.regions.gazetteer`), what became of what (`names`).
"""

from collections import defaultdict
from functools import cache

import pandera.typing.polars as pt
import polars as pl

from schemas.derive import polars_schema
from schemas.regions.gazetteer import Division, Listed, divisions, in_force, no_longer_in_force
from schemas.regions.names import successor, years_of_force
from schemas.tables import Regions


@cache
def frame() -> pt.DataFrame[Regions]:
    """The divisions of now and of the past as the table `regions`, by code."""
    before: defaultdict[str, list[Listed]] = defaultdict(list)
    gone: dict[str, tuple[Listed, Division]] = {}
    for row, each in no_longer_in_force():  # by code and last month: of a code given twice the last one stays
        if row.adcode in gone:
            before[row.adcode].append(gone[row.adcode][0])
        gone[row.adcode] = row, each
    now = {each.adcode: (in_force()[each.adcode], each) for each in divisions()}
    for adcode in gone.keys() & now.keys():
        before[adcode].append(gone[adcode][0])
    rows = [_row(*found, before[adcode]) for adcode, found in sorted((gone | now).items())]
    return Regions.validate(pl.DataFrame(rows, schema=polars_schema("regions"), orient="row"))


def _row(row: Listed, each: Division, before: list[Listed]) -> tuple[object, ...]:
    since, until = years_of_force(row)
    return (
        each.adcode,
        each.name,
        each.name_en,
        each.level,
        each.parent_adcode,
        each.city_code,
        each.city,
        since,
        until,
        successor(row) if row.last else None,
        [past.name for past in before if past.name != row.name],
    )
