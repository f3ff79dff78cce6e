"""The texts of a release for people: README, sources and licence.

Belongs here: wording. Does not: facts (`warehouse.release.facts`, `schemas.dataset`).
"""

from collections.abc import Iterator
from importlib.metadata import distribution

from schemas import derive
from schemas.dataset import DATASET
from warehouse.release.citation import CITATION, cite_as
from warehouse.release.facts import DATABASE, PARQUET, Facts
from warehouse.release.version import CHECKSUMS

README = "README.md"
SOURCES = "SOURCES.md"
LICENSE = "LICENSE"


def readme(facts: Facts) -> str:
    """What is in a release and how to read it, in English and Chinese."""
    return "\n".join(_readme(facts))


def sources() -> str:
    """Where the figures come from and on what terms."""
    return (
        f"# Sources and terms 来源与许可\n\n{DATASET.sources}\n\n{DATASET.sources_zh}\n\n"
        f"The dataset as such: {DATASET.license.title} ({DATASET.license.url}), text in `{LICENSE}`.\n"
    )


def license_text() -> str:
    """The licence that the package itself carries."""
    return distribution("gongkai").read_text(f"licenses/{LICENSE}") or f"{DATASET.license.url}\n"


def _readme(facts: Facts) -> Iterator[str]:
    extent = facts.extent
    yield f"# {DATASET.title_zh} {facts.version}"
    yield ""
    yield DATASET.description
    yield ""
    yield DATASET.description_zh
    yield ""
    yield (
        f"Version {facts.version} of {facts.date.isoformat()}: {extent.reports:,} reports of {extent.cities:,} cities, "
        f"{extent.first_year} to {extent.last_year}."
    )
    yield ""
    yield "| file | what it is |"
    yield "| --- | --- |"
    yield f"| `{DATABASE}` | all tables as one DuckDB file, with comments on every column |"
    yield f"| `{PARQUET}/<table>.parquet` | a table as one file, by year, city and key |"
    yield f"| `{PARQUET}/<table>/city=<slug>/year=<yyyy>/` | the same by city and year; the path says city and year |"
    yield "| `dictionary.html`, `dictionary.md` | what every table, column and code means, in Chinese and English |"
    yield "| `datapackage.json`, `croissant.json` | every file and column described, for programs |"
    yield "| `CHANGELOG.md`, `changes.csv` | what changed in the data since the release before |"
    yield f"| `SOURCES.md`, `{LICENSE}`, `{CITATION}` | where it comes from, on what terms, how to cite it |"
    yield f"| `{CHECKSUMS}` | `sha256sum --check {CHECKSUMS}`, or `gongkai release verify .` |"
    yield ""
    yield "| table | 表 | rows | one row per |"
    yield "| --- | --- | ---: | --- |"
    for table in facts.tables:
        zh, en = derive.table_comment(table.name)
        yield f"| `{table.name}` | {zh} | {table.rows:,} | {en.rstrip('.')} |"
    yield ""
    yield "```sql"
    yield f"-- in {DATABASE}"
    yield "SELECT publisher, year, value FROM requests JOIN reports USING (report_id, city, year)"
    yield "WHERE outcome = 'new_requests' AND applicant = 'total' ORDER BY value DESC;"
    yield "```"
    yield ""
    yield "```python"
    yield "from warehouse import open_release  # the package gongkai"
    yield ""
    yield 'requests = open_release(".").table("requests", year=2023).polars()'
    yield "```"
    yield ""
    yield f"Cite as: {cite_as(facts)}"
    yield f"Made with {', '.join(facts.software)}."
    yield ""
