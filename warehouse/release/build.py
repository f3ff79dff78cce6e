"""Makes a release: a folder that is complete when it appears and is never written again.

    2026.1/
      README.md dictionary.html dictionary.md CHANGELOG.md                 for people
      LICENSE SOURCES.md CITATION.cff .zenodo.json                         terms and citation
      datapackage.json croissant.json SHA256SUMS                           for programs
      parquet/requests.parquet                                             one file of everything
      parquet/requests/city=zhoukou-411600/year=2021/requests.parquet      by city and year
      gongkai.duckdb changes.csv

The same warehouse, version and release before give the same bytes: no clock, no path and no random number goes in.

Belongs here: the order in which the parts are made. Does not: the parts.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from warehouse.dictionary import as_html, as_markdown
from warehouse.export import write_parquet
from warehouse.files import UNFINISHED, locked, publish, unfinished_beside
from warehouse.layout import Home
from warehouse.reader import NoWarehouse, open_warehouse
from warehouse.release import changes, citation, croissant, datapackage
from warehouse.release.changelog import CHANGELOG, changelog
from warehouse.release.changes import Difference, difference, first
from warehouse.release.database import write_database
from warehouse.release.facts import (
    DATABASE,
    PARQUET,
    Facts,
    extent,
    file_facts,
    released_on,
    software,
    table_facts,
)
from warehouse.release.notes import LICENSE, README, SOURCES, license_text, readme, sources
from warehouse.release.verify import write_checksums
from warehouse.release.version import Version, last_before

DICTIONARY = "dictionary.md"
DICTIONARY_PAGE = "dictionary.html"


class ReleaseExists(Exception):  # noqa: N818 - the name states the situation
    """A version that was released already: a release never changes."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder

    def __str__(self) -> str:
        return f"{self.folder} exists and a release is never overwritten; choose the next version"


@dataclass(frozen=True, slots=True)
class Released:
    """A release that was made.

    Args:
        folder: where it is.
        facts: what it says of itself.
        difference: from the release before.
    """

    folder: Path
    facts: Facts
    difference: Difference


def release(home: Home, version: Version, folder: Path) -> Released:
    """Release the warehouse of `home` as `folder`/`version`; the folder appears complete or not at all.

    Args:
        home: whose warehouse.
        version: of the release.
        folder: where releases lie; made if need be. The greatest version before this one is what it is compared with.

    Raises:
        NoWarehouse: there is no warehouse.
        NothingToRelease: there are no reports in it.
        ReleaseExists: this version was released already.
        InvalidEpoch: `SOURCE_DATE_EPOCH` is no time.
        DatabaseNotCopied: the DuckDB file could not be written.
    """
    target = folder / str(version)
    if not home.database.is_file():
        raise NoWarehouse(home.database, "there is no such file")
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as locks:
        # Nobody assembles meanwhile, so the Parquet files and the DuckDB file are of one state. Twice the same
        # folder would wait for itself.
        for one in sorted({folder.resolve(), home.root.resolve()}):
            locks.enter_context(locked(one))
        if target.exists():
            raise ReleaseExists(target)
        with _unfinished(target) as work:
            made = _build(home, version, last_before(folder, version), work)
            publish(work, target)
    return Released(target, *made)


@contextmanager
def _unfinished(target: Path) -> Iterator[Path]:
    """A folder beside `target` to work in; gone afterwards, as is what a killed release left."""
    for left in target.parent.glob(f".*{UNFINISHED}"):
        shutil.rmtree(left)
    work = unfinished_beside(target)
    work.mkdir()
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _build(home: Home, version: Version, previous: Version | None, work: Path) -> tuple[Facts, Difference]:
    before = work.parent / str(previous) if previous else None
    (work / PARQUET).mkdir()
    with open_warehouse(home.database) as warehouse:
        date, size = released_on(warehouse), extent(warehouse)
        for _ in write_parquet(warehouse, work / PARQUET):
            pass
    write_database(home.database, work / DATABASE)
    facts = Facts(
        version=version,
        date=date,
        previous=previous,
        extent=size,
        tables=table_facts(work),
        database=file_facts(work, work / DATABASE),
        software=software(),
    )
    found = difference(before, work) if before else first(work)
    (work / changes.NAME).write_bytes(changes.as_csv(found.changes))
    _describe(work, facts, found, (before / CHANGELOG).read_text(encoding="utf-8") if before else "")
    write_checksums(work)
    for path in work.rglob("*"):
        if path.is_file():
            path.chmod(0o444)
    return facts, found


def _describe(work: Path, facts: Facts, found: Difference, earlier: str) -> None:
    texts = {
        CHANGELOG: changelog(facts, found, earlier),
        README: readme(facts),
        DICTIONARY: as_markdown(),
        DICTIONARY_PAGE: as_html(),
        SOURCES: sources(),
        LICENSE: license_text(),
        citation.CITATION: citation.citation(facts),
        citation.ZENODO: _json(citation.zenodo(facts)),
        croissant.NAME: _json(croissant.croissant(facts)),
        datapackage.NAME: _json(datapackage.datapackage(facts, file_facts(work, work / changes.NAME))),
    }
    for name, text in texts.items():
        (work / name).write_text(text, encoding="utf-8")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
