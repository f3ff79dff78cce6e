"""Measurements as a table, as JSON, and as a page of the documentation with a plot.

Belongs here: how any list of `Measured` looks. Does not: what is measured.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

from rich.table import Table

from tests.bench.measured import Machine, Measured

ROW, BAR, NAMES, WIDTH = 18, 12, 300, 760
"""Measures of the plot, in pixels: a row, a bar in it, the column of names, the whole."""


def as_table(measured: Sequence[Measured]) -> Table:
    """All figures, group by group."""
    table = Table("", "", "times", "", title=None)
    for group, rows in _groups(measured):
        table.add_section()
        for row in rows:
            table.add_row(f"{group}: {row.what}", _figure(row), _times(row), row.note)
    return table


def write_json(path: Path, machine: Machine, measured: Sequence[Measured]) -> None:
    """All figures and the machine, for other programs."""
    content = {
        "measured_on": datetime.now(UTC).date().isoformat(),
        "machine": asdict(machine),
        "measured": [asdict(row) for row in measured],
    }
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def write_page(path: Path, machine: Machine, measured: Sequence[Measured]) -> None:
    """A page in Markdown with all figures, and a plot beside it with the same name."""
    plot = path.with_suffix(".svg")
    plot.write_text("\n".join(_plot(measured)) + "\n", encoding="utf-8")
    path.write_text("\n".join(_page(plot.name, machine, measured)) + "\n", encoding="utf-8")


def _page(plot: str, machine: Machine, measured: Sequence[Measured]) -> Iterator[str]:
    yield "# How fast it is"
    yield ""
    yield (
        "Measured by `make bench` (the whole country by `python -m tests.bench --country 6000`) on "
        f"{machine.processors} processors ({machine.architecture}, {machine.system}, Python {machine.python}), "
        f"{datetime.now(UTC):%B %Y}. Figures of one run on one machine may be compared with each "
        "other; those of another machine differ, their ratios hardly."
    )
    yield ""
    yield f"![Seconds per report]({plot})"
    yield ""
    yield "A bar is as long as the square root of its figure: a page takes milliseconds, a scan tens of seconds."
    for group, rows in _groups(measured):
        yield ""
        yield f"## {group[:1].upper()}{group[1:]}"
        yield ""
        yield "| | | times | |"
        yield "| --- | ---: | ---: | --- |"
        for row in rows:
            yield f"| {row.what} | {_figure(row)} | {_times(row)} | {row.note} |"


def _plot(measured: Sequence[Measured]) -> Iterator[str]:
    """Bars of seconds per report, each as long as its root: a page takes milliseconds, a scan tens of seconds."""
    timed = [row for row in measured if row.unit == "seconds per report"]
    groups = _groups(timed)
    height = sum((len(rows) + 2) * ROW for _, rows in groups)
    longest = max((row.value for row in timed), default=1.0)
    yield f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="sans-serif" font-size="12">'
    yield f'<rect width="{WIDTH}" height="{height}" fill="white"/>'
    y = 0
    for group, rows in groups:
        y += ROW
        yield f'<text x="8" y="{y + BAR}" font-weight="bold">{escape(group)}, seconds per report</text>'
        for row in rows:
            y += ROW
            width = max(1.0, (row.value / longest) ** 0.5 * (WIDTH - NAMES - 90))
            colour = "#2a6f97" if row.what.startswith("gongkai") else "#b8c4cc"
            yield f'<text x="{NAMES - 8}" y="{y + BAR}" text-anchor="end">{escape(row.what)}</text>'
            yield f'<rect x="{NAMES}" y="{y + 2}" width="{width:.1f}" height="{BAR}" fill="{colour}"/>'
            yield f'<text x="{NAMES + width + 6:.1f}" y="{y + BAR}">{row.value:.4g}</text>'
        y += ROW
    yield "</svg>"


def _groups(measured: Sequence[Measured]) -> list[tuple[str, list[Measured]]]:
    """The figures by group, in the order in which the groups come first."""
    order = list(dict.fromkeys(row.group for row in measured))
    ordered = sorted(measured, key=lambda row: order.index(row.group))
    return [(group, list(rows)) for group, rows in groupby(ordered, key=lambda row: row.group)]


def _figure(row: Measured) -> str:
    return f"{row.value:.4g} {row.unit}"


def _times(row: Measured) -> str:
    return "" if row.times is None else f"{row.times:.2f}"
