"""The commands that publish: `gongkai release` and `gongkai export`.

Belongs here: arguments and what is printed. Does not: making releases and spreadsheets (`warehouse`).
"""
# ruff: noqa: D301 - \b is click's mark for text that must not be rewrapped

from pathlib import Path

import click

from pipelines.cli_options import home_option, one_line_errors
from schemas.tables import FIRST_YEAR, LAST_YEAR
from warehouse.layout import Home, Partition
from warehouse.reader import open_warehouse
from warehouse.release.build import Released
from warehouse.release.build import release as make_release
from warehouse.release.changelog import line
from warehouse.release.changes import FIGURE, NEW, REMOVED
from warehouse.release.verify import verify as verify_release
from warehouse.release.version import Version
from warehouse.spreadsheets import Selection, write_csv, write_excel

_SHOWN = 20
"""Changed figures that are printed; all are in the change log."""


class _MakesByDefault(click.Group):
    """A group in which a first word that is no command is a version to release."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["make", *args]
        return super().resolve_command(ctx, args)


@click.group(cls=_MakesByDefault, subcommand_metavar="VERSION | COMMAND [ARGS]...")
def release() -> None:
    """Make a release of the data, or check one. `gongkai release VERSION` is `gongkai release make VERSION`.

    \b
    Example:
      gongkai release 2026.1
      gongkai release verify data/exports/releases/2026.1
    """


@release.command()
@click.argument("version")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of releases; the version becomes a folder in it. Default: exports/releases in the home.",
)
@home_option
@one_line_errors
def make(version: str, out: Path | None, home: Home) -> None:
    """Write an immutable, self-describing folder: Parquet, DuckDB, descriptors, checksums, change log.

    The release is compared with the one of the greatest version before it in the same folder. A version that exists
    is never overwritten. The date in it is that of the last retrieval, or SOURCE_DATE_EPOCH: the same data and version
    give the same bytes.

    \b
    Example:
      gongkai release make 2026.1
      gongkai release make 2026.2 --out /srv/releases
    """
    made = make_release(home, Version.from_text(version), (out or home.releases).absolute())
    for text in _summary(made):
        click.echo(text)


@release.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@one_line_errors
def verify(folder: Path) -> None:
    """Hold every file of a release against its checksum; nothing may be changed, missing or added.

    \b
    Example:
      gongkai release verify data/exports/releases/2026.1
    """
    found = verify_release(folder)
    click.echo(f"{found.folder}: {found.files:,} files, {found.size_bytes:,} bytes, all as released")


@click.group()
def export() -> None:
    """Write spreadsheets with Chinese headers, for Excel, WPS and the like.

    \b
    Example:
      gongkai export excel gongkai.xlsx
      gongkai export csv tables/
    """


_city_option = click.option("--city", metavar="SLUG", help="Only this city partition, such as zhoukou-411600.")
_year_option = click.option("--year", type=click.IntRange(FIRST_YEAR, LAST_YEAR), help="Only this year.")


@export.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@_city_option
@_year_option
@home_option
@one_line_errors
def csv(folder: Path, city: str | None, year: int | None, home: Home) -> None:
    """Write CSV files, one a sheet: UTF-8 with a mark, so that Excel shows the Chinese.

    \b
    Example:
      gongkai export csv tables/
      gongkai export csv tables/ --city zhoukou-411600 --year 2021
    """
    with open_warehouse(home.database) as warehouse:
        for path in write_csv(warehouse, folder, _selection(city, year)):
            click.echo(path)


@export.command()
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@_city_option
@_year_option
@home_option
@one_line_errors
def excel(path: Path, city: str | None, year: int | None, home: Home) -> None:
    """Write one workbook: notes, indicators by year, reports, figures as printed, findings, what columns mean.

    \b
    Example:
      gongkai export excel gongkai.xlsx
      gongkai export excel zhoukou.xlsx --city zhoukou-411600
    """
    if path.suffix.lower() != ".xlsx":
        raise click.UsageError(f"{path} must end in .xlsx")
    with open_warehouse(home.database) as warehouse:
        for sheet in write_excel(warehouse, path, _selection(city, year)):
            click.echo(f"{sheet.title}  {sheet.rows.height:,}")
    click.echo(path)


def _selection(city: str | None, year: int | None) -> Selection:
    if city is not None:
        Partition(city, LAST_YEAR if year is None else year)
    return Selection(city, year)


def _summary(made: Released) -> list[str]:
    extent, difference = made.facts.extent, made.difference
    figures = difference.of_kind(FIGURE)
    compared = (
        f"compared with {made.facts.previous}: {len(difference.of_kind(NEW)):,} reports new, "
        f"{len(difference.of_kind(REMOVED)):,} gone, {len(figures):,} figures changed"
        if made.facts.previous
        else "the first release in this folder"
    )
    return [
        f"{made.folder}",
        f"{extent.reports:,} reports of {extent.cities:,} cities, {extent.first_year} to {extent.last_year}",
        compared,
        *(f"  {line(change)}" for change in figures[:_SHOWN]),
        *([f"  … and {len(figures) - _SHOWN:,} more in CHANGELOG.md"] if len(figures) > _SHOWN else []),
    ]
