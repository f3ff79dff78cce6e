"""The shape of a statutory form, as data: its rows, columns, labels and known label variants.

A form version is one file beside this one that defines `FORM`; `schemas.forms` finds it. `label` is the
official wording; `variants` are other wordings that real reports print and that mean the same beyond doubt.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)  # each is declared once and is equal to itself alone
class Label:
    """A code with the wordings it is printed as.

    Args:
        code: a code of the contract.
        label: the wording of the form.
        variants: other wordings that mean the same beyond doubt.
        group: the wording of the heading it stands under, if any.
        ordinal: the number printed before it within its group, as the form prints it, if any.
    """

    code: str
    label: str
    variants: tuple[str, ...] = ()
    group: str | None = None
    ordinal: str | None = None

    def wordings(self) -> tuple[str, ...]:
        """The official wording first, then the variants."""
        return (self.label, *self.variants)


@dataclass(frozen=True, slots=True, eq=False)
class Measure(Label):
    """A column of chapter 2 with the unit that its figures have where none is printed."""

    unit: str = "件"


@dataclass(frozen=True, slots=True)
class Block:
    """A block of chapter 2: the item of article 20 of the Regulations, its columns and rows."""

    article: str
    measures: tuple[Measure, ...]
    categories: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Alternative:
    """A part of chapter 3 that is printed either as one row or as several."""

    one: str
    several: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)  # each is declared once and is equal to itself alone
class Form:
    """A version of the statutory form.

    Args:
        version: code of `schemas.codes.FORM`.
        authority: the notice that prescribes it.
        first_year: first year of reports it is meant for.
        blocks: chapter 2.
        applicants: columns of chapter 3.
        outcomes: rows of chapter 3, in order.
        alternatives: rows of chapter 3 of which only one set is printed.
        proceedings, results: chapter 4.
    """

    version: str
    authority: str
    first_year: int
    blocks: tuple[Block, ...]
    applicants: tuple[Label, ...]
    outcomes: tuple[Label, ...]
    alternatives: tuple[Alternative, ...]
    proceedings: tuple[Label, ...]
    results: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Indicator(Label):
    """A line of a statistics table: one figure, with the unit that it has where none is printed.

    Args:
        unit: the form's unit; None for a line that is a heading and has no figure.
        parent: code of the line it stands under, if any.
    """

    unit: str | None = None
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Sum:
    """A line of a statistics table that is the sum of others, as the form lists them under it."""

    whole: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)  # each is declared once and is equal to itself alone
class StatisticsForm:
    """A statistics table: rows of indicators with one or more columns of figures.

    Args:
        version: code of `schemas.codes.FORM` of a report that has this table and no chapters 2 to 4.
        authority: the notice that prescribes it.
        indicators: its lines in order, headings among them.
        sums: the totals that the form's own list implies.
    """

    version: str
    authority: str
    indicators: tuple[Indicator, ...]
    sums: tuple[Sum, ...]
