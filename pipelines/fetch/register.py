"""The register: for every archived address, the report it is and the partition it belongs to.

A catalogue says what to fetch; the register, beside the archive, says what was fetched, from the web or from disk.
With it the archive alone is enough to redo everything. It is a CSV file that a person can read and correct.
"""

import csv
import io
from collections.abc import Iterable

from pipelines.discover.source import Source
from warehouse.files import locked, write_durably
from warehouse.layout import Home

NAME = "sources.csv"
FIELDS = ("url", "city", "year", "region_code", "publisher", "title")


class DamagedRegister(Exception):  # noqa: N818 - the name states the situation
    """The register cannot be read; the message says where."""


def registered(home: Home) -> tuple[Source, ...]:
    """Every source that was ever archived, sorted by address; raises DamagedRegister."""
    path = home.archive / NAME
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    try:
        return tuple(_source(row) for row in csv.DictReader(io.StringIO(text)))
    except (KeyError, ValueError, TypeError) as error:
        raise DamagedRegister(f"{path} cannot be read ({error}); correct the line, or restore the file") from error


def register(home: Home, sources: Iterable[Source]) -> None:
    """Add sources, or replace what is said of the same addresses; atomically, and only if something changes.

    Raises:
        DamagedRegister: the register there is cannot be read.
    """
    home.archive.mkdir(parents=True, exist_ok=True)
    with locked(home.archive):
        known = {source.url: source for source in registered(home)}
        merged = known | {source.url: source for source in sources}
        if merged != known:
            write_durably(home.archive / NAME, _csv(merged[url] for url in sorted(merged)))


def _source(row: dict[str, str]) -> Source:
    return Source(
        url=row["url"],
        city=row["city"],
        year=int(row["year"]),
        region_code=row["region_code"],
        publisher=row["publisher"] or None,
        title=row["title"] or None,
    )


def _csv(sources: Iterable[Source]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(FIELDS)
    writer.writerows([getattr(source, field) or "" for field in FIELDS] for source in sources)
    return out.getvalue().encode()
