"""Commands on the archive: `gongkai archive verify`, `export`, `import`, and `gongkai editions`.

Belongs here: arguments, what is printed, exit codes. Does not: anything a program would want to call.
"""
# ruff: noqa: D301 - \b is click's mark for text that must not be rewrapped

import sys
from pathlib import Path

import click

from pipelines.cli_options import home_option, one_line_errors
from pipelines.discover.catalogue import default_catalogue
from pipelines.editions import Edition, History, histories
from pipelines.fetch.archive_bucket import archive_of
from pipelines.fetch.register import register, registered
from pipelines.fetch.verify import Verified, verify
from pipelines.fetch.warc import export_warc, import_warc
from pipelines.jobs import Job, jobs
from schemas.regions import find
from warehouse.layout import Home


@click.group()
def archive() -> None:
    """Check the archive, and exchange it as WARC.

    \b
    Example:
      gongkai archive verify
      gongkai archive export gongkai-2026.warc.gz
    """


@archive.command("verify")
@home_option
@one_line_errors
def verify_command(home: Home) -> None:
    """Read every byte of the archive and say what is damaged or missing; exit 1 if anything is.

    \b
    Example:
      gongkai archive verify
    """
    with click.progressbar(length=_size(home), label="reading", file=sys.stderr) as bar:
        found = verify(archive_of(home), lambda read: bar.update(read - bar.pos))
    _print_verified(home, found)
    if not found.is_sound:
        sys.exit(1)


@archive.command("export")
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@home_option
@one_line_errors
def export_command(path: Path, home: Home) -> None:
    """Write the archive to a gzipped WARC file, with the facts of every capture.

    \b
    Example:
      gongkai archive export gongkai-2026.warc.gz
    """
    written = export_warc(archive_of(home), path, registered(home))
    click.echo(
        f"{path}: {written.captures} captures, {written.bodies} different documents, {written.size_bytes:,} bytes"
    )


@archive.command("import")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@home_option
@one_line_errors
def import_command(path: Path, home: Home) -> None:
    """Add the captures of a WARC file to the archive; those it has already change nothing.

    Which report a capture is comes from the file, or from the catalogue for files of other programs.

    \b
    Example:
      gongkai archive import gongkai-2026.warc.gz
    """
    found = import_warc(path, archive_of(home))
    stated = {source.url for source in found.sources}
    added = {capture.url for capture in found.added} - stated
    register(home, [*found.sources, *(source for source in default_catalogue() if source.url in added)])
    known = {source.url for source in registered(home)}
    click.echo(f"{path}: {len(found.added)} captures added, {found.known} known, {len(found.skipped)} skipped")
    for url, why in found.skipped:
        click.echo(f"  skipped: {url}: {why}")
    for url in sorted({capture.url for capture in found.added} - known):
        click.echo(f"  kept, but in no catalogue: {url}")


@click.command()
@click.argument("city")
@click.argument("year", type=int)
@home_option
@one_line_errors
def editions(city: str, year: int, home: Home) -> None:
    """Show which reports of a city and year were revised: who changed which figures, and when.

    CITY is a slug (zhoukou-411600), its start (zhoukou), or the name of the city or of a division in it (洪泽区).

    \b
    Example:
      gongkai editions zhoukou 2021
    """
    job, region = _job(home, city, year)
    found = [one for one in histories(home, job) if region is None or not one.region_code or one.region_code == region]
    if not found:
        click.echo(f"no report of {city} {year} has more than one edition")
    for history in found:
        _print_history(history)


def _size(home: Home) -> int:
    return sum(path.stat().st_size for path in home.archive.glob("objects/*/*"))


def _print_verified(home: Home, found: Verified) -> None:
    for fault in found.faults:
        click.echo(f"{fault.kind}: {fault.path}: {fault.message}")
    for path in found.foreign:
        click.echo(f"foreign: {path}: is none of the archive's; look whether it is needed, and move it away")
    if found.unreferenced:
        click.echo(f"{len(found.unreferenced)} documents without a capture: a run was stopped; the next completes it")
    if found.unfinished:
        click.echo(f"{len(found.unfinished)} files half written: a run was stopped; they do no harm")
    click.echo(
        f"{home.archive}: {found.objects} documents of {found.size_bytes:,} bytes, {found.captures} captures of "
        f"{found.urls} addresses: {'sound' if found.is_sound else f'{len(found.faults)} faults'}"
    )


def _job(home: Home, city: str, year: int) -> tuple[Job, str | None]:
    """The partition that is meant, and the division in it, where one of its counties is named.

    Raises:
        ClickException: nothing is archived of it, or the name is that of several.
    """
    known = [job for job in jobs(registered(home)) if job.partition.year == year]
    chosen = [job for job in known if job.partition.city == city or job.partition.city.rpartition("-")[0] == city]
    if len(chosen) == 1:
        return chosen[0], None
    named = find(city, year=year)
    for division in named:
        of_it = [job for job in known if job.partition.city == division.city]
        if of_it and len(named) == 1:
            return of_it[0], None if division.adcode == division.city_code else division.adcode
    slugs = [job.partition.city for job in chosen] or sorted({division.city for division in named})
    if len(slugs) > 1:
        raise click.ClickException(f"{city} names several cities ({', '.join(slugs)}); give the slug")
    raise click.ClickException(f"nothing is archived of {city} {year}; see `gongkai status` for what is")


def _print_history(history: History) -> None:
    click.echo(f"{history.publisher}: {history.title}" if history.title else history.publisher)
    seen: set[int] = set()
    for edition in history.editions:
        click.echo(f"  {_head(edition, is_back=edition.number in seen)}")
        seen.add(edition.number)
        for change in edition.changes:
            click.echo(f"      {change.table:<12} {change.said}")
        if edition.against is not None and not edition.changes:
            click.echo("      no figure and no sentence of the report changed")
        if edition.problem:
            click.echo(f"      no report: {edition.problem}")


def _head(edition: Edition, *, is_back: bool) -> str:
    parts = [
        f"edition {edition.number}{' again' if is_back else ''}",
        f"{edition.retrieved_at:%Y-%m-%d %H:%M} UTC",
        edition.sha256[:12],
        edition.url,
        f"last modified {edition.last_modified}" if edition.last_modified else "",
        f"against edition {edition.against}" if edition.against is not None else "",
    ]
    return ", ".join(part for part in parts if part)
