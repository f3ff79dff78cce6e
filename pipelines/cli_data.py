"""Commands on what the data mean: `gongkai dictionary`, and `gongkai corrections check` and `list`.

Belongs here: arguments, what is printed, exit codes. Does not: anything a program would want to call.
"""

# ruff: noqa: D301 - \b is click's mark for text that must not be rewrapped

import sys
from pathlib import Path

import click

from pipelines.cli_options import home_option, one_line_errors
from pipelines.corrections import Standing, corrections_of, read, standings
from schemas.corrections import InvalidCorrections
from warehouse.dictionary import as_html, as_markdown
from warehouse.files import write_if_changed
from warehouse.layout import Home


@click.command("dictionary")
@click.option("--html", type=click.Path(file_okay=False, path_type=Path), help="Write index.html into this folder.")
@click.option("--markdown", type=click.Path(dir_okay=False, path_type=Path), help="Write this Markdown file.")
@one_line_errors
def dictionary_command(html: Path | None, markdown: Path | None) -> None:
    """Write the dictionary of all tables, columns and codes; without options, print it as Markdown.

    \b
    Example:
      gongkai dictionary --html data/dictionary
      gongkai dictionary --markdown docs/dictionary.md
    """
    for path, make in ((html / "index.html" if html else None, as_html), (markdown, as_markdown)):
        if path is not None:
            write_if_changed(path, make().encode())
            click.echo(path)
    if html is None and markdown is None:
        click.echo(as_markdown(), nl=False)


@click.group()
def corrections() -> None:
    """List and check the declared corrections of misprinted figures.

    Those of the package are in schemas/corrections; a home's own in corrections.toml.

    \b
    Example:
      gongkai corrections check
    """


@corrections.command("check")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@home_option
@one_line_errors
def check_command(files: tuple[Path, ...], home: Home) -> None:
    """Check correction files, and compare the entries with what is loaded; exit 1 where something is wrong.

    Without FILES, those of the package and of the home are checked.

    \b
    Example:
      gongkai corrections check
      gongkai corrections check mine.toml
    """
    try:
        entries = read(files) if files else corrections_of(home)
    except InvalidCorrections as error:
        for problem in error.problems:
            click.echo(problem)
        click.echo(f"{len(error.problems)} problems", err=True)
        sys.exit(1)
    found = standings(home, entries)
    wrong = [standing for standing in found if standing.state == "unmatched"]
    for standing in wrong:
        click.echo(f"{standing.entry.id}: {standing.problem}")
    if wrong:
        click.echo(f"{len(wrong)} of {len(found)} corrections do not match and have no effect", err=True)
        sys.exit(1)
    click.echo(f"{len(found)} corrections are valid{_counted(found)}")


@corrections.command("list")
@home_option
@one_line_errors
def list_command(home: Home) -> None:
    """List every correction with what became of it.

    `absent` is one whose document is not in this home, `waiting` one that the next run looks at.

    \b
    Example:
      gongkai corrections list
    """
    for standing in standings(home, corrections_of(home)):
        entry = standing.entry
        place = entry.cell or f"{entry.row} {entry.column}".strip()
        click.echo(
            f"{standing.state:<10} {entry.id}: {entry.table} {place}: "
            f"{entry.printed!r} -> {entry.corrected:f} ({entry.status}, {entry.basis}: {entry.reason})"
        )


def _counted(found: tuple[Standing, ...]) -> str:
    states = ("applied", "idle", "waiting", "absent")
    numbers = {state: sum(standing.state == state for standing in found) for state in states}
    return "".join(f", {number} {state}" for state, number in numbers.items() if number)
