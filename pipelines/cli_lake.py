"""The commands on a DuckLake: `gongkai publish ducklake`, `gongkai lake releases` and `gongkai lake query`.

Belongs here: arguments and what is printed. Does not: the lake itself (`warehouse.ducklake`).
"""
# ruff: noqa: D301 - \b is click's mark for text that must not be rewrapped

from collections.abc import Callable
from contextlib import closing
from typing import Any

import click
import duckdb
import polars as pl

from pipelines.cli_options import home_option, one_line_errors
from pipelines.cli_rows import format_option, print_rows
from warehouse.ducklake import Lake, connect, snapshots
from warehouse.ducklake import publish as publish_into
from warehouse.layout import Home
from warehouse.release.facts import DATABASE
from warehouse.release.version import Version

CATALOG_VARIABLE, DATA_VARIABLE = "GONGKAI_LAKE", "GONGKAI_LAKE_DATA"

_catalog_option = click.option(
    "--catalog",
    envvar=CATALOG_VARIABLE,
    required=True,
    help=f"PostgreSQL database of the lake's catalog, as libpq takes it. Default: ${CATALOG_VARIABLE}.",
)


def _version(_: click.Context, __: click.Parameter, value: str | None) -> Version | None:
    return Version.from_text(value) if value else None


def _release_option(text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.option("--release", metavar="VERSION", callback=one_line_errors(_version), help=text)


@click.group()
def publish() -> None:
    """Publish the data where others read them.

    \b
    Example:
      gongkai publish ducklake --release 2026.1
    """


@publish.command("ducklake")
@_catalog_option
@click.option(
    "--data",
    envvar=DATA_VARIABLE,
    help=f"Folder or s3://bucket/prefix of a new lake's files; the catalog remembers it. Default: ${DATA_VARIABLE}.",
)
@_release_option("Publish this release, of exports/releases in the home. Default: the warehouse as it is now.")
@click.option("--message", help="What the publication is; shown by `gongkai lake releases`.")
@home_option
@one_line_errors
def ducklake(catalog: str, data: str | None, release: Version | None, message: str | None, home: Home) -> None:
    """Publish into a DuckLake: a catalog in PostgreSQL, files in a folder or an S3-compatible store.

    Each publication is one snapshot; whoever reads meanwhile sees the one before. Only cities and years that changed
    are written. Several may publish at once: they take turns. A release that is published never changes.

    \b
    Example:
      gongkai publish ducklake --catalog "host=db dbname=lake user=gongkai" --data s3://open/gongkai --release 2026.1
    """
    source = home.releases / str(release) / DATABASE if release else home.database
    done = publish_into(source, Lake(catalog, data), release, message)
    name = f"release {done.release}" if done.release else "the warehouse"
    if not done.is_new:
        click.echo(f"{name} is snapshot {done.snapshot} already")
        return
    click.echo(f"{name} is snapshot {done.snapshot}, {sum(done.rows.values()):,} rows written")
    for table, rows in done.rows.items():
        click.echo(f"  {table:<16} {rows:>12,}")


@click.group()
def lake() -> None:
    """Read a DuckLake, as it is or as of a release.

    \b
    Example:
      gongkai lake releases
      gongkai lake query --release 2026.1 "SELECT count(*) FROM reports"
    """


@lake.command()
@_catalog_option
@one_line_errors
def releases(catalog: str) -> None:
    """List what was published, oldest first: snapshot, release, message.

    \b
    Example:
      gongkai lake releases --catalog "host=db dbname=lake user=gongkai"
    """
    for one in snapshots(Lake(catalog)):
        click.echo(f"{one.number:>6}  {one.release or '-':<10}  {one.message}")


@lake.command()
@click.argument("sql")
@_catalog_option
@_release_option("Ask the data as they were in this release. Default: as they are now.")
@format_option
@one_line_errors
def query(sql: str, catalog: str, release: Version | None, form: str) -> None:
    """Run SQL (DuckDB) on a lake, read-only.

    \b
    Example:
      gongkai lake query --release 2026.1 "SELECT publisher, year FROM reports ORDER BY ALL"
    """
    with closing(connect(Lake(catalog), release)) as connection:
        try:
            rows = connection.execute(sql).to_arrow_table()
        except duckdb.Error as error:
            raise click.ClickException(" ".join(str(error).split())) from error
    print_rows(pl.DataFrame(rows), form)
