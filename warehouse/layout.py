"""Where things lie: the folders of a gongkai home, and the city-by-year partitions by name and path.

Belongs here: names and paths. Does not: opening, reading or writing any of them.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from schemas.tables import CITY_SLUG, FIRST_YEAR, LAST_YEAR

HOME_VARIABLE = "GONGKAI_HOME"
DEFAULT_HOME = "data"


class NotAPartition(ValueError):  # noqa: N818 - the name states the situation
    """A city or year, or a key made of them, that names no partition."""


@dataclass(frozen=True, slots=True)
class Home:
    """The folder that holds everything gongkai keeps; `GONGKAI_HOME`, by default `./data`."""

    root: Path

    @classmethod
    def from_environment(cls) -> Self:
        """The home that `GONGKAI_HOME` names, or `./data`; absolute, so a later chdir does not move it."""
        named = os.environ.get(HOME_VARIABLE) or DEFAULT_HOME
        return cls(Path(named).expanduser().absolute())

    @property
    def archive(self) -> Path:
        """Archived bytes, by SHA-256; never overwritten."""
        return self.root / "archive"

    @property
    def store(self) -> Path:
        """Parquet partitions: the store (`warehouse.store`)."""
        return self.root / "store"

    @property
    def work(self) -> Path:
        """What may be deleted at any time and is made again."""
        return self.root / "work"

    @property
    def database(self) -> Path:
        """The DuckDB file readers open (`warehouse.assembler` writes it)."""
        return self.root / "warehouse.duckdb"

    @property
    def exports(self) -> Path:
        """What is published for download."""
        return self.root / "exports"

    @property
    def parquet(self) -> Path:
        """The published Parquet files (`warehouse.export` writes them)."""
        return self.exports / "parquet"

    @property
    def releases(self) -> Path:
        """Releases, one folder a version (`warehouse.release` makes them); never overwritten."""
        return self.exports / "releases"

    @property
    def pictures(self) -> Path:
        """Pictures of printed cells, cut from archived pages."""
        return self.root / "pictures"


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    """A city and a year: the unit that is redone, stored and replaced as a whole.

    Args:
        city: slug of the city partition, pinyin and six-digit code (`zhoukou-411600`).
        year: the year the reports cover.

    Raises:
        NotAPartition: for a city that is no slug or a year out of range; both become path segments.
    """

    city: str
    year: int

    def __post_init__(self) -> None:
        if not re.fullmatch(CITY_SLUG, self.city):
            raise NotAPartition(
                f"{self.city!r} is no city slug; expected pinyin and six-digit code, such as zhoukou-411600"
            )
        if not FIRST_YEAR <= self.year <= LAST_YEAR:
            raise NotAPartition(f"{self.year} is no year of a report; expected {FIRST_YEAR} to {LAST_YEAR}")

    @classmethod
    def from_key(cls, key: str) -> Self:
        """The partition a key such as `zhoukou-411600|2021` names; raises NotAPartition for another text."""
        city, bar, year = key.partition("|")
        if not bar or not re.fullmatch(r"[0-9]{4}", year):
            raise NotAPartition(f"{key!r} is no partition key; expected <city slug>|<year>: zhoukou-411600|2021")
        return cls(city, int(year))

    @property
    def key(self) -> str:
        """Its key, as Dagster's two-dimensional partitions have it: `zhoukou-411600|2021`."""
        return f"{self.city}|{self.year}"

    @property
    def path(self) -> Path:
        """Its Hive path, relative: `city=zhoukou-411600/year=2021`."""
        return partition_path(self.city, self.year)


def partition_path(city: str, year: int) -> Path:
    """The relative Hive path of a city and year: `city=<slug>/year=<yyyy>`."""
    return Path(f"city={city}") / f"year={year:04d}"
