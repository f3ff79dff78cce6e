"""The commands that publish: `gongkai release` and `gongkai export`.

Belongs here: arguments and what is printed. Does not: making releases and spreadsheets (`warehouse`).
"""
# ruff: noqa: D301 - \b is click's mark for text that must not be rewrapped

from pathlib import Path

import click

from pipelines.cli_options import home_option, one_line_errors
from warehouse.layout import Home
from warehouse.release.build import Released
from warehouse.release.build import release as make_release
from warehouse.release.changelog import line
from warehouse.release.changes import FIGURE, NEW, REMOVED
from warehouse.release.verify import verify as verify_release
from warehouse.release.version import Version

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
