"""python -m tests.bench [--documents 24] [--reports 300 3000] [--country 6000] [--json FILE] [--page FILE]"""

from pathlib import Path

import click
from rich.console import Console

from tests.bench import country, pipeline, readers
from tests.bench.measured import Measured, this_machine
from tests.bench.report import as_table, write_json, write_page

REPORTS_A_CITY_YEAR = 10
"""About 57,000 reports in 6,000 city-years."""


@click.command()
@click.option("--documents", default=24, show_default=True, help="Documents of each kind that every reader is given.")
@click.option("--scans", default=0, show_default=True, help="Scans to read; each takes tens of seconds.")
@click.option(
    "--reports", nargs=2, type=int, default=(300, 3000), show_default=True, help="Sizes of whole runs; 0 0: none."
)
@click.option("--country", "city_years", default=0, show_default=True, help="City-years of a store to be assembled.")
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Where to write the figures.")
@click.option("--page", type=click.Path(path_type=Path), help="Where to write a page with a plot: docs/benchmarks.md.")
def main(
    documents: int, scans: int, reports: tuple[int, int], city_years: int, json_path: Path | None, page: Path | None
) -> None:
    """Measure on this machine, and print what was found.

    The whole country is about --country 6000: it takes some 10 GB of disk and half an hour.
    """
    measured: list[Measured] = readers.measure(documents, scans) if documents else []
    if all(reports):
        measured += pipeline.measure(*reports)
    if city_years:
        measured += country.measure(city_years, REPORTS_A_CITY_YEAR)
    Console(width=140).print(as_table(measured))
    machine = this_machine()
    if json_path:
        write_json(json_path, machine, measured)
    if page:
        write_page(page, machine, measured)


if __name__ == "__main__":
    main()
