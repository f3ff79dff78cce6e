"""The catalogue: which reports are expected at which addresses, as CSV files that anyone may extend.

The default catalogue is package data in the folder `catalogue` beside this module, one file a province
(`henan-410000.csv`). To add a city or a report, add lines there, or to a file of your own (`gongkai sources add`
keeps one in the home); no code changes.

Columns: `url` (http or https, of the page or file itself), `region_code` (the division the publisher governs
or belongs to, GB/T 2260, of the time of the report; for a development zone (开发区) and other areas without a
code, the one it lies in), `year` (the one the report covers), and, where known,
`publisher`, `title`, `level` (`schemas.codes.LEVEL`) and `also_at` (other addresses of the same report,
separated by spaces). Not here: finding addresses on listing pages, fetching.
"""

import csv
import io
from collections.abc import Callable, Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path

from pipelines.discover.declared import (
    File,
    InvalidCatalogue,
    Line,
    address_problem,
    lines,
    place_problem,
    year_problem,
)
from pipelines.discover.hosts import DOMAINS, Owners, claim, declared_hosts, load_domains
from pipelines.discover.source import Source
from schemas.codes import LEVEL
from schemas.regions import division, find
from schemas.regions.gazetteer import stem
from warehouse.files import locked, write_durably
from warehouse.layout import Home

__all__ = [
    "InvalidCatalogue",
    "append",
    "by_partition",
    "catalogue_of",
    "check_catalogue",
    "default_catalogue",
    "default_files",
    "known_domains",
    "load_catalogue",
    "other_addresses",
    "own_file",
    "remark",
]

REQUIRED = ("url", "region_code", "year")
OPTIONAL = ("publisher", "title", "level", "also_at")


@cache
def default_catalogue() -> tuple[Source, ...]:
    """The sources of the package's own catalogue; see `load_catalogue`. A domain in it serves one city only."""
    return _load(default_files(), _domains_of)


def default_files() -> tuple[File, ...]:
    """The files of the package's own catalogue, by name."""
    folder = files("pipelines.discover") / "catalogue"
    return tuple(sorted(folder.iterdir(), key=lambda each: each.name))


def load_catalogue(paths: Iterable[Path]) -> tuple[Source, ...]:
    """The sources in catalogue files, by city, year, region code and address.

    A file `domains.csv` beside one declares domains of its own, as the package's does (`pipelines.discover.hosts`).

    Raises:
        InvalidCatalogue: a file lacks a column, or a line has an unknown division, a malformed address, a host
            of another division or of none, a bad year or level, or an address that another line has; all
            problems at once.
    """
    paths = tuple(paths)
    return _load(paths, lambda _: known_domains(paths))


def check_catalogue(paths: Iterable[File]) -> tuple[tuple[Source, ...], tuple[str, ...]]:
    """The valid sources in catalogue files, and what is wrong with the other lines."""
    paths = tuple(paths)
    problems: list[str] = []
    found = [line for path in paths for line in lines(path, REQUIRED, OPTIONAL, problems)]
    right = _check(found, known_domains(path for path in paths if isinstance(path, Path)), problems)
    return tuple(sorted(map(_source, right), key=_order)), tuple(problems)


def own_file(home: Home) -> Path:
    """The catalogue file of a home's own, which need not exist."""
    return home.root / "catalogue.csv"


def catalogue_of(home: Home) -> tuple[Source, ...]:
    """The default catalogue and, where it exists, the home's own; of an address in both, the home's line counts.

    Raises:
        InvalidCatalogue: as `load_catalogue`.
    """
    own = own_file(home)
    if not own.exists():
        return default_catalogue()
    merged = {source.url: source for source in (*default_catalogue(), *load_catalogue([own]))}
    return tuple(sorted(merged.values(), key=_order))


def append(path: Path, source: Source, level: str = "", also_at: Iterable[str] = ()) -> None:
    """Add a source as a line to a catalogue file, made if need be; atomically.

    Raises:
        InvalidCatalogue: the file would not be valid with it; it is left as it is.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with locked(path.parent):
        problems: list[str] = []
        known = lines(path, REQUIRED, OPTIONAL, problems) if path.exists() else []
        if problems:
            raise InvalidCatalogue(problems)
        line = {
            "url": source.url,
            "region_code": source.region_code,
            "year": str(source.year),
            "publisher": source.publisher or "",
            "title": source.title or "",
            "level": level,
            "also_at": " ".join(also_at),
        }
        added = Line("the new line", line)
        _check([*known, added], known_domains([path]), problems)
        if problems:
            raise InvalidCatalogue(problems)
        write_durably(path, _csv([each.values for each in (*known, added)]))


def by_partition(sources: Iterable[Source]) -> dict[tuple[str, int], tuple[Source, ...]]:
    """The sources by city slug and year, partitions and sources in order."""
    grouped: dict[tuple[str, int], list[Source]] = {}
    for source in sorted(sources, key=_order):
        grouped.setdefault((source.city, source.year), []).append(source)
    return {partition: tuple(members) for partition, members in grouped.items()}


def other_addresses(paths: Iterable[File]) -> tuple[str, ...]:
    """The addresses in the column `also_at` of catalogue files, as far as they can be read."""
    return tuple(
        url for path in paths for line in lines(path, REQUIRED, OPTIONAL, []) for url in line["also_at"].split()
    )


def known_domains(paths: Iterable[Path] = ()) -> dict[str, str]:
    """Whose the domains are: as declared, also beside the files, else as the default catalogue has them."""
    owners = dict(declared_hosts())
    for folder in dict.fromkeys(path.parent for path in paths):
        if (folder / DOMAINS).exists():
            owners |= load_domains(folder / DOMAINS)
    return _domains() | owners


def remark(source: Source) -> str | None:
    """That a source's division had another name or code in its year, as a sentence; None where it had not.

    A report of 2012 belongs to 广丰县, not to 广丰区, which took its place later. No error: the lists of
    divisions are dated to the year only, and the document itself is believed first.
    """
    place = division(source.region_code)
    then = find(stem(place.name), year=source.year, within=place.adcode[:2] + "0000")
    then = tuple(each for each in then if each.city == place.city and each.level == place.level)
    if len(then) != 1 or then[0].adcode == place.adcode:
        return None
    return f"{place.name} ({place.adcode}) in {source.year} was {then[0].name} ({then[0].adcode})"


@cache
def _domains() -> dict[str, str]:
    owners = dict(declared_hosts())
    for source in default_catalogue():
        claim(source.url, source.region_code, owners)
    return owners


def _domains_of(found: Iterable[Line]) -> dict[str, str]:
    """Whose the domains are, as the lines themselves have it: the first line with a domain decides."""
    owners = dict(declared_hosts())
    for line in found:
        if address_problem(line["url"], {}) is None and place_problem(line["url"], line["region_code"], {}) is None:
            claim(line["url"], line["region_code"], owners)
    return owners


def _load(paths: Iterable[File], domains: Callable[[list[Line]], Owners]) -> tuple[Source, ...]:
    """The sources of the files, sorted; `domains` tells of their lines whose the domains are."""
    problems: list[str] = []
    found = [line for path in paths for line in lines(path, REQUIRED, OPTIONAL, problems)]
    _check(found, domains(found), problems)
    if problems:
        raise InvalidCatalogue(problems)
    return tuple(sorted(map(_source, found), key=_order))


def _check(found: Iterable[Line], owners: Owners, problems: list[str]) -> list[Line]:
    """Add what is wrong with the lines, among themselves too, to `problems`; return the lines that are right."""
    seen: dict[str, str] = {}
    right: list[Line] = []
    for line in found:
        wrong = [
            address_problem(line["url"], seen),
            *(address_problem(url, seen) for url in line["also_at"].split()),
            place_problem(line["url"], line["region_code"], owners),
            year_problem(line["year"]),
            _level_problem(line["level"]),
        ]
        problems += [f"{line.place}: {problem}" for problem in wrong if problem]
        for url in (line["url"], *line["also_at"].split()):
            seen.setdefault(url, line.place)
        if not any(wrong):
            right.append(line)
    return right


def _level_problem(level: str) -> str | None:
    if not level or level in LEVEL.values():
        return None
    return f"unknown level {level!r}: expected one of {', '.join(LEVEL.values())}, or none"


def _source(line: Line) -> Source:
    return Source(
        url=line["url"],
        city=division(line["region_code"]).city,
        year=int(line["year"]),
        region_code=line["region_code"],
        publisher=line["publisher"] or None,
        title=line["title"] or None,
    )


def _order(source: Source) -> tuple[str, int, str, str]:
    return source.city, source.year, source.region_code, source.url


def _csv(rows: Iterable[dict[str, str]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, (*REQUIRED, *OPTIONAL), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()
