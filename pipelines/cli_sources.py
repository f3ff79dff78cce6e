"""Commands on the catalogue: `gongkai sources add`, `check`, `list`, `proposed`, `accept`.

Belongs here: arguments, what is printed, exit codes. Does not: anything a program would want to call.
"""

# ruff: noqa: D301 - \b is click's mark for text that must not be rewrapped

import sys
from pathlib import Path

import click

from pipelines.cli_options import division_of, home_option, one_line_errors
from pipelines.discover.addresses import is_address, same_document
from pipelines.discover.catalogue import InvalidCatalogue, append, catalogue_of, own_file, remark
from pipelines.discover.check import check_all, check_files
from pipelines.discover.pending import NotProposed, Unsettled, accept, pending
from pipelines.discover.proposals import Proposal
from pipelines.discover.source import Source
from pipelines.discovery import described
from warehouse.layout import Home

region_option = click.option("--region", help="Division the publisher belongs to: its six-digit code or its name.")
year_option = click.option("--year", type=click.IntRange(2003, 2100), help="The year the report covers.")
publisher_option = click.option("--publisher", help="The body that publishes the report.")


@click.group()
def sources() -> None:
    """Add, check and list the addresses of reports; accept what listing pages newly list.

    \b
    Example:
      gongkai sources add https://www.zhoukou.gov.cn/nb/2024.html --region 周口市 --year 2024
      gongkai sources check
    """


@sources.command("add")
@click.argument("url")
@home_option
@region_option
@year_option
@publisher_option
@click.option("--title", help="The title of the report.")
@click.option(
    "--file",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The catalogue file to add a line to. Default: catalogue.csv in the home.",
)
@one_line_errors
def add_command(
    url: str,
    home: Home,
    region: str | None,
    year: int | None,
    publisher: str | None,
    title: str | None,
    path: Path | None,
) -> None:
    """Add the address of a report to the catalogue; the next run fetches it.

    Region, year and publisher come from the options, else from the title, else from the document at the address.

    \b
    Example:
      gongkai sources add https://www.zhoukou.gov.cn/nb/2024.html --region 周口市 --year 2024
      gongkai sources add https://www.zhoukou.gov.cn/nb/2024.html --title 周口市2024年政府信息公开工作年度报告
    """
    if not is_address(url):
        raise InvalidCatalogue([f"malformed url {url!r}: expected http:// or https:// with a host, no spaces"])
    _refuse_known(home, url)
    code = division_of(region, year).adcode if region else None
    source = described(home, url, region_code=code, year=year, publisher=publisher, title=title)
    target = path or own_file(home)
    append(target, source)
    click.echo(f"added to {target}: {_line(source)}")
    said = remark(source)
    if said:
        click.echo(f"note: {said}", err=True)


@sources.command("check")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@home_option
@one_line_errors
def check_command(files: tuple[Path, ...], home: Home) -> None:
    """Check catalogue files and files of listing pages; print what is wrong, by file and line, and exit 1.

    Without FILES, those of the package and of the home are checked.

    \b
    Example:
      gongkai sources check
      gongkai sources check mine.csv
    """
    found = check_files(files) if files else check_all(home)
    for problem in found.problems:
        click.echo(problem)
    for said in found.remarks:
        click.echo(f"note: {said}", err=True)
    if found.problems:
        click.echo(f"{len(found.problems)} problems", err=True)
        sys.exit(1)
    click.echo(f"{found.sources} sources and {found.listings} listing pages are valid")


@sources.command("list")
@click.argument("city", default="")
@home_option
@click.option("--year", type=int, help="Only reports on this year.")
@one_line_errors
def list_command(city: str, home: Home, year: int | None) -> None:
    """List the sources of the catalogue, the home's own included; of a CITY (slug or its start), or all.

    \b
    Example:
      gongkai sources list zhoukou --year 2021
    """
    found = [each for each in catalogue_of(home) if each.city.startswith(city) and year in (None, each.year)]
    for source in found:
        click.echo(_line(source))
    if not found:
        click.echo("no such source is in the catalogue; `gongkai sources add` adds one", err=True)


@sources.command("proposed")
@home_option
@one_line_errors
def proposed_command(home: Home) -> None:
    """List what listing pages list and the catalogue does not have; with what is to be settled, where it is.

    \b
    Example:
      gongkai sources proposed
    """
    waiting = pending(home)
    for proposal in waiting:
        click.echo(_proposal_line(proposal))
    if not waiting:
        click.echo("nothing is proposed: each run goes through the listing pages again", err=True)


@sources.command("accept")
@click.argument("urls", nargs=-1)
@home_option
@click.option("--all", "every", is_flag=True, help="Every proposal that has nothing left to settle.")
@region_option
@year_option
@publisher_option
@one_line_errors
def accept_command(
    urls: tuple[str, ...], home: Home, every: bool, region: str | None, year: int | None, publisher: str | None
) -> None:
    """Take proposals into the home's catalogue; the next run fetches them.

    The options settle what a proposal leaves open, or correct it.

    \b
    Example:
      gongkai sources accept --all
      gongkai sources accept https://www.zhoukou.gov.cn/nb/2024.html --year 2024
    """
    if bool(urls) == every:
        raise click.UsageError("give addresses, or --all")
    if every and (region or year or publisher):
        raise click.UsageError("--region, --year and --publisher settle single proposals, not --all")
    chosen = [each.url for each in pending(home) if each.reason is None] if every else list(urls)
    code = division_of(region, year).adcode if region else None
    failed = False
    for url in chosen:
        try:
            source = accept(home, url, region_code=code, year=year, publisher=publisher)
        except (InvalidCatalogue, NotProposed, Unsettled) as error:
            click.echo(f"Error: {' '.join(str(error).split())}", err=True)
            failed = True
        else:
            click.echo(f"accepted: {_line(source)}")
    if failed:
        sys.exit(1)


def _refuse_known(home: Home, url: str) -> None:
    """An address the catalogue has, also written otherwise (https, www), is not added a second time."""
    known = next((each for each in catalogue_of(home) if same_document(each.url) == same_document(url)), None)
    if known is not None:
        raise InvalidCatalogue([f"duplicate url {url!r}: the catalogue has {_line(known)}"])


def _line(source: Source) -> str:
    named = source.publisher or source.title or source.region_code
    return f"{source.city}|{source.year}  {named}  {source.url}"


def _proposal_line(proposal: Proposal) -> str:
    named = proposal.publisher or proposal.title or "?"
    to_settle = f"  ({proposal.reason})" if proposal.reason else ""
    return f"{proposal.region_code or '?'}|{proposal.year or '?'}  {named}  {proposal.url}{to_settle}"
