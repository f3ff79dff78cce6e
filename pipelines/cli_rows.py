"""Rows on the command line: as a table for people, as CSV or JSON for programs.

Belongs here: how rows are printed. Does not: commands.
"""

import sys

import click
import polars as pl
from rich.console import Console
from rich.table import Table

format_option = click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", help="How to print rows."
)


def print_rows(rows: pl.DataFrame, form: str) -> None:
    """Print rows in a form of `format_option`."""
    match form:
        case "csv":
            click.echo(_flat(rows).write_csv(), nl=False)
        case "json":
            click.echo(rows.write_json())
        case _:
            _print_table(rows)


def console() -> Console:
    """A console as wide as the terminal; piped output is not cut."""
    return Console() if sys.stdout.isatty() else Console(width=240)


def _print_table(rows: pl.DataFrame) -> None:
    table = Table()
    for name, dtype in rows.schema.items():
        table.add_column(name, justify="right" if dtype.is_numeric() else "left", overflow="fold")
    for row in rows.iter_rows():
        table.add_row(*("" if value is None else _plain(value) for value in row))
    console().print(table)
    click.echo(f"{rows.height} rows")


def _plain(value: object) -> str:
    return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)


def _flat(rows: pl.DataFrame) -> pl.DataFrame:
    """Lists joined by spaces: CSV has no lists."""
    return rows.with_columns(pl.col(pl.List(pl.String)).list.join(" "))
