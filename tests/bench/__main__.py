"""python -m tests.bench [--documents 24] [--scans 0] [--json figures.json] [--page docs/benchmarks.md]"""

from pathlib import Path

import click
from rich.console import Console

from tests.bench import readers
from tests.bench.measured import Measured, this_machine
from tests.bench.report import as_table, write_json, write_page


@click.command()
@click.option("--documents", default=24, show_default=True, help="Documents of each kind that every reader is given.")
@click.option("--scans", default=0, show_default=True, help="Scans to read; each takes tens of seconds.")
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Where to write the figures.")
@click.option("--page", type=click.Path(path_type=Path), help="Where to write a page with a plot: docs/benchmarks.md.")
def main(documents: int, scans: int, json_path: Path | None, page: Path | None) -> None:
    """Measure on this machine, and print what was found."""
    measured: list[Measured] = readers.measure(documents, scans)
    # What else is measured adds its figures here: measured += pipeline.measure(...)
    Console(width=140).print(as_table(measured))
    machine = this_machine()
    if json_path:
        write_json(json_path, machine, measured)
    if page:
        write_page(page, machine, measured)


if __name__ == "__main__":
    main()
