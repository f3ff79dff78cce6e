"""The population that counts in a home: the package's numbers (`schemas.population`) and its own `population.csv`."""

from pathlib import Path

import polars as pl

from schemas.population import census, merged, parse
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
    return merged(census(), parse(own.read_text(encoding="utf-8"), str(own)))
