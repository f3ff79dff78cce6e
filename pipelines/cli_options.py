"""What all commands of the command line share: the option that names the home, and errors as one line.

Belongs here: what is used by more than one module of commands. Does not: commands.
"""

import re
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from pipelines.discover.catalogue import InvalidCatalogue
from pipelines.discover.pending import NotProposed, Unsettled
from pipelines.fetch.archive import ArchiveError
from pipelines.fetch.limits import InvalidHosts, InvalidSettings
from pipelines.fetch.register import DamagedRegister
from pipelines.fetch.warc import WarcError
from pipelines.ingest import IngestError
from pipelines.show import NothingToShow
from schemas.corrections import InvalidCorrections
from schemas.population import InvalidPopulation
from schemas.regions import Division, UnknownDivision, division, find
from warehouse.layout import HOME_VARIABLE, Home, NotAPartition
from warehouse.reader import NoWarehouse, QueryFailed
from warehouse.release.build import ReleaseExists
from warehouse.release.database import DatabaseNotCopied
from warehouse.release.facts import InvalidEpoch, NothingToRelease
from warehouse.release.verify import BrokenRelease, NotARelease
from warehouse.release.version import InvalidVersion
from warehouse.spreadsheets import TooManyRows

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

EXPECTED = (
    ArchiveError,
    BrokenRelease,
    DatabaseNotCopied,
    DamagedRegister,
    IngestError,
    InvalidCatalogue,
    InvalidCorrections,
    InvalidEpoch,
    InvalidHosts,
    InvalidSettings,
    InvalidPopulation,
    InvalidVersion,
    NoWarehouse,
    NotAPartition,
    NotARelease,
    NotProposed,
    NothingToRelease,
    NothingToShow,
    QueryFailed,
    ReleaseExists,
    TooManyRows,
    UnknownDivision,
    Unsettled,
    WarcError,
)
"""Errors that a user or a document causes: shown as one line, without a traceback. So are those of the disk."""


def one_line_errors(command: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Turn expected errors of a command into one line on standard error and exit code 1."""

    @wraps(command)
    def wrapped(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        try:
            return command(*args, **kwargs)
        except BrokenPipeError:
            raise  # the reader of our output has had enough: click ends quietly
        except (*EXPECTED, OSError) as error:
            raise click.ClickException(" ".join(str(error).split())) from error

    return wrapped


def division_of(region: str, year: int | None = None) -> Division:
    """The division of a code or name, in a year; a name shared by several is refused with the codes to choose from."""
    if re.fullmatch(r"\d{6}", region):
        return division(region)
    named = find(region, year=year)
    if len(named) == 1:
        return named[0]
    if not named:
        raise click.UsageError(f"no division is named {region!r}; give its six-digit code")
    codes = ", ".join(f"{one.adcode} {one.name}" for one in named)
    raise click.UsageError(f"{region!r} names several divisions ({codes}); give the code")


def _home(_: click.Context, __: click.Parameter, value: Path | None) -> Home:
    return Home(value.absolute()) if value else Home.from_environment()


home_option = click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    callback=_home,
    help=f"Folder of archive, store and warehouse. Default: ${HOME_VARIABLE}, else ./data.",
)
