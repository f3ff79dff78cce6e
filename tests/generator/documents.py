"""A generated document: its bytes, what must be read from them, and how it was set out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipelines.read.document import Box
from tests.generator.choices import Choices
from tests.generator.figures import Asked, Finding, Key, Report, expected_findings, random_report
from tests.generator.layouts import ZEROS, Layout, Printed, lay_out


@dataclass(frozen=True, slots=True)
class Generated:
    """A generated document.

    Args:
        kind, seed: what it was made from: `python -m tests.generator.accuracy --kind KIND --only SEED`.
        content: the bytes.
        media_type: what they are.
        report: what it says.
        printed: every printed figure under the contract's codes.
        places: page (from 1) and box of each figure's cell, for paged documents.
        findings: every finding of the rules that one report alone can break.
        choices: how it was set out, one choice each.
    """

    kind: str
    seed: int
    content: bytes
    media_type: str
    report: Report
    printed: Mapping[Key, Printed]
    places: Mapping[Key, tuple[int, Box]]
    findings: frozenset[Finding]
    choices: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.kind} {self.seed}: {'; '.join(self.choices)}"


@dataclass(frozen=True, slots=True)
class Draft:
    """A report set out, before it becomes a document."""

    report: Report
    layout: Layout
    choices: Choices

    def findings(self) -> frozenset[Finding]:
        """What a checker must find in it."""
        read = {key: one.value for key, one in self.layout.printed.items()}
        return expected_findings(self.report, read) | self.layout.label_findings


def draft(kind: str, seed: int, zeros: Sequence[str] = ZEROS, asked: Asked | None = None) -> Draft:
    """What the document of this kind and seed says and how it words it.

    Args:
        kind, seed: what its random choices follow from.
        zeros: the ways to print nothing.
        asked: whose report it is, on which year; random by default.
    """
    choices = Choices(f"{kind} {seed}")
    report = random_report(choices, asked)
    return Draft(report, lay_out(report, choices, zeros), choices)
