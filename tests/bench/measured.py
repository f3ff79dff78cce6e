"""What a measurement says. Belongs here: the record. Does not: measuring or showing."""

import os
import platform
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure.

    Args:
        group: what is compared with each other: `reading ruled PDFs`.
        what: what was measured: `gongkai`, `pdfplumber`.
        value: the figure.
        unit: what it counts: `seconds per report`.
        times: the figure as a multiple of the first of its group that says 1.0; None where that means nothing.
        note: on how many documents, and what else one must know.
    """

    group: str
    what: str
    value: float
    unit: str
    times: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """What it was measured on; no names of hosts or users."""

    processors: int
    architecture: str
    system: str
    python: str


def this_machine() -> Machine:
    """The machine at hand."""
    return Machine(os.cpu_count() or 0, platform.machine(), platform.system(), platform.python_version())
