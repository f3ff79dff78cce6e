"""Declarative CSV files: their lines, each with its place, and the one error that lists all that is wrong.

Belongs here: what catalogues of sources and of listing pages have in common. Does not: what their columns mean.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path

from pipelines.discover.addresses import is_address
from pipelines.discover.hosts import Owners, wrong_host
from schemas.regions import UnknownDivision, division
from schemas.tables import FIRST_YEAR, LAST_YEAR

File = Path | Traversable


class InvalidCatalogue(Exception):  # noqa: N818 - named for the situation
    """A catalogue with wrong lines; the message lists each with its file, line and problem."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        listed = "\n".join(f"  {problem}" for problem in self.problems)
        return f"the catalogue has {len(self.problems)} problem(s); correct these lines:\n{listed}"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file: its place (`henan-410000.csv:2`) and its values by column, stripped; absent ones empty."""

    place: str
    values: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.values.get(column, "")


def lines(path: File, required: Sequence[str], optional: Sequence[str], problems: list[str]) -> list[Line]:
    """The lines of a file; the file's own faults are added to `problems`."""
    if not path.name.endswith(".csv"):
        problems.append(f"{path.name}: is no CSV file; name it .csv if it is one")
        return []
    try:
        # A file saved by a spreadsheet begins with a byte order mark.
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        problems.append(f"{path}: no such file")
        return []
    except UnicodeDecodeError as error:
        problems.append(f"{path.name}: is not UTF-8 at byte {error.start}; save it as CSV UTF-8")
        return []
    reader = csv.DictReader(io.StringIO(text, newline=""), restval="")
    columns = set(reader.fieldnames or ())
    missing = [column for column in required if column not in columns]
    unknown = sorted(columns - {*required, *optional})
    if missing or unknown:
        problems.append(
            f"{path.name}:1: columns missing: {', '.join(missing) or 'none'}; unknown: "
            f"{', '.join(unknown) or 'none'}; expected {', '.join((*required, *optional))}"
        )
        return []
    found = []
    for row in reader:
        place = f"{path.name}:{reader.line_num}"
        if None in row:
            problems.append(f"{place}: has more values than columns; quote commas")
            continue
        found.append(Line(place, {name: value.strip() for name, value in row.items()}))
    return found


def columns_of(path: File) -> tuple[str, ...]:
    """The names of a file's columns; empty where it is no CSV file in UTF-8."""
    try:
        first = path.read_bytes().decode("utf-8-sig").partition("\n")[0]
    except (OSError, UnicodeDecodeError):
        return ()
    return tuple(next(csv.reader([first.strip()]), []))


def address_problem(url: str, seen: dict[str, str]) -> str | None:
    """What is wrong with an address; `seen` are those of other lines with their places."""
    if not is_address(url):
        return f"malformed url {url!r}: expected http:// or https:// with a host, no spaces"
    if url in seen:
        return f"duplicate url {url!r}: also at {seen[url]}"
    return None


def place_problem(url: str, region_code: str, owners: Owners) -> str | None:
    """What is wrong with a division, or with the host of a well-formed address for it."""
    try:
        division(region_code)
    except UnknownDivision:
        return f"unknown division {region_code!r}: expected a six-digit code of GB/T 2260"
    return wrong_host(url, region_code, owners) if is_address(url) else None


def year_problem(year: str) -> str | None:
    """What is wrong with a year."""
    if re.fullmatch(r"[0-9]{4}", year) and FIRST_YEAR <= int(year) <= LAST_YEAR:
        return None
    return f"bad year {year!r}: expected {FIRST_YEAR} to {LAST_YEAR}"
