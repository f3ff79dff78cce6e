"""The population that counts in a home: the package's numbers (`schemas.population`) and its own `population.csv`."""

from pathlib import Path

import polars as pl

from schemas.population import InvalidPopulation, census, merged, parse
from warehouse.layout import Home


def own_file(home: Home) -> Path:
    """The population file of a home's own, which need not exist."""
    return home.root / "population.csv"


def population_of(home: Home) -> pl.DataFrame:
    """Residents by division and year, as `schemas.tables.Population`; of both files, the home's line counts.

    Raises:
        InvalidPopulation: the home's file is not as it should be.
    """
    own = own_file(home)
    if not own.exists():
        return census()
    try:
        content = own.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidPopulation([f"{own}: not UTF-8; save it as CSV UTF-8"]) from None
    return merged(census(), parse(content, str(own)))
