"""The register: for every archived address, the report it is and the partition it belongs to.

A catalogue says what to fetch; the register, beside the archive, says what was fetched, from the web or from disk.
With it the archive alone is enough to redo everything. It is a CSV file that a person can read and correct.
"""

import csv
import io
from collections.abc import Iterable

from pipelines.discover.source import Source
from pipelines.fetch.archive_bucket import ARCHIVE_VARIABLE
from warehouse.bucket import Bucket, Kept, bucket_of
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

    Where the archive is in a bucket, so is the register, and the file on disk a copy of it.

    Raises:
        DamagedRegister: the register there is cannot be read.
    """
    added = {source.url: source for source in sources}
    bucket = bucket_of(ARCHIVE_VARIABLE)
    home.archive.mkdir(parents=True, exist_ok=True)
    with locked(home.archive):
        while True:
            seen = _brought_here(home, bucket)
            known = {source.url: source for source in registered(home)}
            merged = known | added
            if merged == known:
                return
            data = _csv(merged[url] for url in sorted(merged))
            if bucket is None or bucket.replace(NAME, data, seen):
                break
        write_durably(home.archive / NAME, data)


def pull_register(home: Home) -> None:
    """Bring to disk what another machine has added to a register in a bucket."""
    home.archive.mkdir(parents=True, exist_ok=True)
    with locked(home.archive):
        _brought_here(home, bucket_of(ARCHIVE_VARIABLE))


def _brought_here(home: Home, bucket: Bucket | None) -> Kept | None:
    """The register in the bucket, of which the one on disk is now a copy; None where there is none."""
    seen = bucket.read(NAME) if bucket else None
    if seen is not None:
        write_durably(home.archive / NAME, seen.data)
    return seen


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
