"""The catalogue: which reports are expected at which addresses, as CSV files that anyone may extend.

The default catalogue is package data in the folder `catalogue` beside this module, one file a province
(`henan-410000.csv`). To add a city or a report, add lines there, or keep a file of your own; no code changes.

Columns: `url` (http or https, of the page or file itself), `region_code` (the division the publisher governs
or belongs to, GB/T 2260), `year` (the one the report covers), and, where known, `publisher`, `title` and
`level` (`schemas.codes.LEVEL`). Not here: finding addresses on listing pages, fetching.
"""

import csv
import io
import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from urllib.parse import urlsplit

from pipelines.discover.source import Source
from schemas.codes import LEVEL
from schemas.regions import UnknownDivision, division
from schemas.tables import FIRST_YEAR, LAST_YEAR

_REQUIRED = ("url", "region_code", "year")
_OPTIONAL = ("publisher", "title", "level")


class InvalidCatalogue(Exception):  # noqa: N818 - named for the situation
    """A catalogue with wrong lines; the message lists each with its file, line and problem."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        listed = "\n".join(f"  {problem}" for problem in self.problems)
        return f"the catalogue has {len(self.problems)} problem(s); correct these lines:\n{listed}"


@cache
def default_catalogue() -> tuple[Source, ...]:
    """The sources of the package's own catalogue; see `load_catalogue`."""
    folder = files("pipelines.discover") / "catalogue"
    return _load(sorted(folder.iterdir(), key=lambda each: each.name))


def load_catalogue(paths: Iterable[Path]) -> tuple[Source, ...]:
    """The sources in catalogue files, by city, year, region code and address.

    Raises:
        InvalidCatalogue: a file lacks a column, or a line has an unknown division, a malformed address, a bad
            year or level, or an address that another line has; all problems at once.
    """
    return _load(paths)


def by_partition(sources: Iterable[Source]) -> dict[tuple[str, int], tuple[Source, ...]]:
    """The sources by city slug and year, partitions and sources in order."""
    grouped: dict[tuple[str, int], list[Source]] = {}
    for source in sorted(sources, key=_order):
        grouped.setdefault((source.city, source.year), []).append(source)
    return {partition: tuple(members) for partition, members in grouped.items()}


def _load(paths: Iterable[Path | Traversable]) -> tuple[Source, ...]:
    sources: list[Source] = []
    problems: list[str] = []
    seen: dict[str, str] = {}
    for path in paths:
        if not path.name.endswith(".csv"):
            problems.append(f"{path.name}: is no CSV file; name it .csv if it is one")
            continue
        for place, row in _rows(path, problems):
            wrong = _problems(row, seen)
            problems += [f"{place}: {problem}" for problem in wrong]
            seen.setdefault(row["url"], place)
            if not wrong:
                sources.append(_source(row))
    if problems:
        raise InvalidCatalogue(problems)
    return tuple(sorted(sources, key=_order))


def _rows(path: Path | Traversable, problems: list[str]) -> list[tuple[str, dict[str, str]]]:
    """The lines of a file with their places (henan-410000.csv:2); the file's own faults are problems."""
    try:
        # A file saved by a spreadsheet begins with a byte order mark.
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problems.append(f"{path.name}: is not UTF-8 at byte {error.start}; save it as CSV UTF-8")
        return []
    reader = csv.DictReader(io.StringIO(text, newline=""), restval="")
    columns = set(reader.fieldnames or ())
    missing = [column for column in _REQUIRED if column not in columns]
    unknown = sorted(columns - {*_REQUIRED, *_OPTIONAL})
    if missing or unknown:
        problems.append(
            f"{path.name}:1: columns missing: {', '.join(missing) or 'none'}; unknown: "
            f"{', '.join(unknown) or 'none'}; expected {', '.join((*_REQUIRED, *_OPTIONAL))}"
        )
        return []
    rows = []
    for row in reader:
        if None in row:
            problems.append(f"{path.name}:{reader.line_num}: has more values than columns; quote commas")
            continue
        rows.append((f"{path.name}:{reader.line_num}", {name: value.strip() for name, value in row.items()}))
    return rows


def _problems(row: dict[str, str], seen: dict[str, str]) -> list[str]:
    """What is wrong with a line; `seen` are the addresses of other lines with their places."""
    problems = []
    if not _is_address(row["url"]):
        problems.append(f"malformed url {row['url']!r}: expected http:// or https:// with a host, no spaces")
    elif row["url"] in seen:
        problems.append(f"duplicate url {row['url']!r}: also at {seen[row['url']]}")
    try:
        division(row["region_code"])
    except UnknownDivision:
        problems.append(f"unknown division {row['region_code']!r}: expected a six-digit code of GB/T 2260")
    if not re.fullmatch(r"\d{4}", row["year"]) or not FIRST_YEAR <= int(row["year"]) <= LAST_YEAR:
        problems.append(f"bad year {row['year']!r}: expected {FIRST_YEAR} to {LAST_YEAR}")
    if row.get("level") and row["level"] not in LEVEL.values():
        problems.append(f"unknown level {row['level']!r}: expected one of {', '.join(LEVEL.values())}, or none")
    return problems


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        # Reading the port checks it.
        port = parts.port
    except ValueError:
        return False
    return (
        parts.scheme in ("http", "https")
        and bool(parts.hostname)
        and (port is None or port > 0)
        and not re.search(r"\s", url)
    )


def _source(row: dict[str, str]) -> Source:
    return Source(
        url=row["url"],
        city=division(row["region_code"]).city,
        year=int(row["year"]),
        region_code=row["region_code"],
        publisher=row.get("publisher") or None,
        title=row.get("title") or None,
    )


def _order(source: Source) -> tuple[str, int, str, str]:
    return source.city, source.year, source.region_code, source.url
