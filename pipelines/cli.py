"""The command line: `gongkai run`, `ingest`, `status`, `query`, `show`.

Belongs here: arguments, what is printed, exit codes. Does not: anything a program would want to call; that is in
the modules this one calls. Every error that a user can cause ends as one line and a non-zero exit.
"""

import shutil
import sys
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from pipelines.cli_archive import archive, editions
from pipelines.cli_data import corrections as corrections_group
from pipelines.cli_data import dictionary_command
from pipelines.cli_lake import lake, publish
from pipelines.cli_options import division_of, home_option, one_line_errors
from pipelines.cli_release import export, release
from pipelines.cli_rows import console, format_option, print_rows
from pipelines.cli_sources import sources as sources_group
from pipelines.corrections import corrections_of, unmatched
from pipelines.discover.catalogue import catalogue_of, load_catalogue
from pipelines.fetch.limits import limits_of
from pipelines.fetch.register import registered
from pipelines.ingest import Candidate, Hints, IngestError, candidate, files_of
from pipelines.ingest import ingest as ingest_files
from pipelines.jobs import jobs
from pipelines.population import population_of
from pipelines.report.journal import journal
from pipelines.sample.site import sample_sources
from pipelines.show import find, picture
from pipelines.steps import catch_up, pending
from pipelines.summary import Slot, picture_findings, summarise
from pipelines.summary import status as slots
from warehouse.layout import Home, Partition
from warehouse.reader import NoWarehouse, open_warehouse


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="gongkai")
def main() -> None:
    """gongkai: China's government-transparency reports (政府信息公开工作年度报告) as a warehouse.

    \b
    Example:
      gongkai run --sample
      gongkai query "SELECT city, year, value FROM requests WHERE outcome = 'granted' AND applicant = 'total'"
    """


main.add_command(archive)
main.add_command(corrections_group)
main.add_command(dictionary_command)
main.add_command(editions)
main.add_command(export)
main.add_command(lake)
main.add_command(publish)
main.add_command(release)
main.add_command(sources_group)


@main.command()
@home_option
@click.option("--sample", is_flag=True, help="Work on the embedded sample site, served on loopback; no network.")
@click.option(
    "--catalogue",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A catalogue file of your own instead of the default one.",
)
@click.option("--partition", "partitions", multiple=True, metavar="CITY|YEAR", help="Only this one; repeatable.")
@click.option("--everything", is_flag=True, help="Redo every partition, not only those that changed.")
@one_line_errors
def run(home: Home, sample: bool, catalogue: Path | None, partitions: tuple[str, ...], everything: bool) -> None:
    """Fetch, read, recognise, validate, store, assemble and publish.

    Only partitions whose bytes, code or schema changed are redone. The run appears in the history of `make dev`.

    \b
    Example:
      gongkai run --sample
      gongkai run --partition "zhoukou-411600|2021"
    """
    if sample and catalogue:
        raise click.UsageError("--sample and --catalogue exclude each other")
    limits_of(home.root)  # what is wrong with the settings is said before anything is begun
    keys = [Partition.from_key(key).key for key in partitions]
    sources = sample_sources() if sample else load_catalogue([catalogue]) if catalogue else catalogue_of(home)
    known = {job.partition.key for job in jobs((*sources, *registered(home)))}
    if unknown := [key for key in keys if key not in known]:
        raise click.UsageError(f"no source is known for {', '.join(unknown)}; add it to the catalogue")
    chosen = "sample" if sample else str(catalogue.absolute()) if catalogue else "default"
    _launch("everything" if everything else "changed", home, chosen, keys)
    _print_summary(home)
    _refuse_unmatched(home, keys)


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@home_option
@click.option("--region", help="Division the publisher belongs to: its six-digit code or its name.")
@click.option("--year", type=click.IntRange(2003, 2100), help="The year the report covers.")
@click.option("--publisher", help="The body that publishes the report.")
@one_line_errors
def ingest(home: Home, paths: tuple[Path, ...], region: str | None, year: int | None, publisher: str | None) -> None:
    """Load reports from files or folders on disk.

    Region, year and publisher come from the document, or from the options where it does not say them. A file that
    is no report, or cannot be read, is named in one line and left out; the others are loaded.

    \b
    Example:
      gongkai ingest reports/hongze-2023.pdf
      gongkai ingest scans/ --region 411600 --year 2021
    """
    hints = _hints(region, year, publisher)
    good: list[Candidate] = []
    problems: list[str] = []
    for path in files_of(paths):
        try:
            good.append(candidate(path, hints))
        except IngestError as error:
            problems.append(" ".join(str(error).split()))
    for problem in problems:
        click.echo(f"Error: {problem}", err=True)
    if good:
        partitions = ingest_files(home, good)
        _launch("changed", home, "none", [partition.key for partition in partitions])
        _print_ingested(home, good)
        _refuse_unmatched(home, [partition.key for partition in partitions])
    if problems:
        sys.exit(1)


@main.command()
@home_option
@click.option("--sample", is_flag=True, help="Compare with the embedded sample instead of the default catalogue.")
@click.option("--all", "everything", is_flag=True, help="Also cities of which nothing is loaded yet.")
@one_line_errors
def status(home: Home, sample: bool, everything: bool) -> None:
    """Show a grid of cities and years: what is loaded, quarantined, missing.

    \b
    Example:
      gongkai status
    """
    grid = slots(home, sample_sources() if sample else catalogue_of(home))
    shown = grid if everything else _with_documents(grid)
    if not shown:
        raise NoWarehouse(home.database, "nothing is loaded yet")
    _print_grid(shown)


@main.command()
@click.argument("sql")
@home_option
@format_option
@one_line_errors
def query(home: Home, sql: str, form: str) -> None:
    """Run SQL on the warehouse (DuckDB), read-only.

    \b
    Example:
      gongkai query "SELECT publisher, year, form FROM reports ORDER BY ALL"
      gongkai query --format csv "SELECT * FROM findings" > findings.csv
    """
    with open_warehouse(home.database) as warehouse:
        print_rows(warehouse.query(sql), form)


@main.command()
@click.argument("city")
@click.argument("year", type=int)
@click.argument("table")
@click.argument("row")
@click.argument("column")
@home_option
@click.option("--publisher", help="Which report, where the city has several that year.")
@one_line_errors
def show(home: Home, city: str, year: int, table: str, row: str, column: str, publisher: str | None) -> None:
    """Show where a number is printed: a picture of the page with the cell marked.

    CITY is a slug (zhoukou-411600), its start (zhoukou) or the region's name (周口市); ROW and COLUMN are codes of
    the data contract. For a web page the path of the element is printed instead.

    \b
    Example:
      gongkai show zhoukou 2021 requests granted total
      gongkai show 洪泽 2023 reviews administrative_review total
    """
    printed = find(home, city, year, table, row, column, publisher)
    click.echo(f"{printed.publisher} {year}: {row}, {column} is printed as {printed.raw_text!r}")
    click.echo(f"document {printed.sha256} from {printed.source_url}")
    if printed.page is None:
        click.echo(f"element {printed.path}")
        return
    click.echo(f"page {printed.page}, box {tuple(printed.box or ())} points from the top left")
    click.echo(f"picture {picture(home, printed)}")


def _launch(job: str, home: Home, catalogue: str, partitions: list[str]) -> None:
    """Run a job; Dagster is imported only now, so that help and queries answer at once."""
    from pipelines.defs.launch import RunFailed, launch

    catch_up(home)  # as the run does; here, what is wrong with the settings is one line
    corrections_of(home)  # a file that is not as it should be stops every partition: say so before the run
    population_of(home)
    try:
        launch(job, home, catalogue=catalogue, partitions=partitions)
    except RunFailed as error:
        raise click.ClickException(" ".join(str(error).split())) from error
    left = [one.partition.key for one in pending(home, jobs(registered(home)))]
    failed = [key for key in left if not partitions or key in partitions]
    if failed:
        raise click.ClickException(
            f"{len(failed)} partitions could not be redone and keep their last good state "
            f"({', '.join(failed[:5])}); the lines above say why"
        )


def _refuse_unmatched(home: Home, partitions: list[str]) -> None:
    """End with an error where corrections no longer match; everything else is loaded and published by then."""
    problems = unmatched(home, partitions)
    for problem in problems:
        click.echo(f"correction without effect: {problem}", err=True)
    if problems:
        raise click.ClickException(
            f"{len(problems)} corrections no longer match what is printed; `gongkai corrections check` lists them"
        )


def _hints(region: str | None, year: int | None, publisher: str | None) -> Hints:
    if region is None:
        return Hints(year=year, publisher=publisher)
    found = division_of(region)
    return Hints(found.city, found.adcode, year, publisher)


def _print_summary(home: Home) -> None:
    summary = summarise(home)
    pictures = picture_findings(home)
    click.echo()
    click.echo(
        f"{summary.reports} reports of {summary.cities} cities and {summary.years} years, {summary.cells:,} cells"
    )
    for url, reason in summary.quarantined:
        click.echo(f"  quarantined: {url}: {reason}")
    click.echo("findings by rule:")
    for rule, severity, number in summary.findings:
        click.echo(f"  {severity:<8} {rule:<24} {number:>5}")
    reported = journal(home).reported
    if reported is not None:
        click.echo(f"this run   {reported.result}")
        click.echo(f"report     {reported.path}")
    click.echo(f"database   {home.database}")
    click.echo(f"parquet    {home.parquet}")
    click.echo(f"pictures   {home.pictures} ({len(pictures)} cells of error findings)")
    click.echo("try:")
    for example in _EXAMPLES:
        click.echo(f"  {_called()} {example}")


def _called() -> str:
    """This program as a person may call it from here: by its name alone only where the shell finds it by that."""
    called = Path(sys.argv[0])
    return str(called) if called.name == "gongkai" and shutil.which("gongkai") != str(called) else "gongkai"


_EXAMPLES = (
    'query "SELECT publisher, year, value FROM requests JOIN reports USING (report_id, city, year) '
    "WHERE outcome = 'new_requests' AND applicant = 'total' ORDER BY value DESC\"",
    'query "SELECT publisher, year, rule, message FROM findings JOIN reports USING (report_id, city, year) '
    "WHERE severity = 'error'\"",
    "show zhoukou 2021 requests granted total",
)


def _print_ingested(home: Home, good: list[Candidate]) -> None:
    """One line for each ingested file: what it became."""
    with open_warehouse(home.database) as warehouse:
        for one in good:
            rows = warehouse.query(
                "SELECT d.status, d.reason, r.publisher, r.year, r.form, "
                "(SELECT count(*) FROM findings f WHERE f.report_id = d.report_id AND severity = 'error') AS errors "
                "FROM documents d LEFT JOIN reports r USING (report_id) WHERE d.source_url = $url "
                "ORDER BY d.retrieved_at DESC",
                {"url": one.source.url},
            )
            click.echo(_became(one.path, rows.row(0, named=True)))


def _became(path: Path, row: dict[str, Any]) -> str:
    if row["status"] != "loaded":
        return f"{path}: {row['status']}: {row['reason']}"
    return f"{path}: {row['publisher']} {row['year']}, form {row['form']}, {row['errors']} error findings"


def _with_documents(grid: tuple[Slot, ...]) -> tuple[Slot, ...]:
    cities = {slot.city for slot in grid if slot.loaded or slot.quarantined}
    return tuple(slot for slot in grid if slot.city in cities)


def _print_grid(grid: tuple[Slot, ...]) -> None:
    years = sorted({slot.year for slot in grid})
    table = Table(title="loaded, q quarantined, m missing", title_justify="left")
    table.add_column("city")
    for year in years:
        table.add_column(str(year), justify="right")
    by_place = {(slot.city, slot.year): slot for slot in grid}
    for city in sorted({slot.city for slot in grid}):
        table.add_row(city, *(_slot(by_place.get((city, year))) for year in years))
    console().print(table)


def _slot(slot: Slot | None) -> str:
    if slot is None:
        return "·"
    parts = [
        str(slot.loaded) if slot.loaded else "",
        f"{slot.quarantined}q" if slot.quarantined else "",
        f"{slot.missing}m" if slot.missing else "",
    ]
    return " ".join(part for part in parts if part)
