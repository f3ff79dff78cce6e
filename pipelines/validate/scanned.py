"""What in a report read by optical character recognition must be compared with the page by a person.

Belongs here: which figures are in doubt and why. Does not: the rules that hold for every report, or reading. A
reader that guesses may be wrong in two ways that arithmetic alone does not tell: in a figure that no sum contains,
and in one it overlooked, for a blank counts as 0 and excuses a sum.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipelines.recognise.facts import CellRef, Recognised, Request, Review
from pipelines.recognise.numbers import number
from schemas.rules import IDENTITIES, Identity

SURE = 0.85
"""Confidence from which recognition counts as sure of a figure.

In 88 generated scans no sum contains 1,051 of the figures read: six were wrong, of which five were no numbers and
told for that, and one was below this bound, as were 13 right ones. Of 83 wrong figures in sums 73 broke one, and ten
were no numbers.
"""

Counted = Request | Review


@dataclass(frozen=True, slots=True)
class Doubt:
    """Figures to be compared with the page.

    Args:
        subject: the figure or the sum, as findings name it.
        message: what is doubtful, in a sentence.
        actual: the text as read; None for a sum.
        refs: the cells.
    """

    subject: str
    message: str
    actual: str | None
    refs: tuple[CellRef, ...]


def doubts(report: Recognised) -> Iterator[Doubt]:
    """The figures that recognition is not sure of and no sum confirms, and the sums that blanks excuse."""
    if not least_sure(report):
        return  # nothing of it was guessed
    confirmed = _confirmed(tuple(equations(report)))
    for subject, figure, ref in figures(report):
        confidence = ref.cell.confidence
        if confidence is None or confidence >= SURE or id(figure) in confirmed:
            continue
        read = " ".join(ref.cell.text.split())
        what = f"read as {read!r}" if read else "read as blank"
        yield Doubt(subject, f"{subject} was {what} with a confidence of {confidence:.2f}", read, (ref,))
    for equation in equations(report):
        if not equation.holds and equation.blanks and _is_read(equation.figures):
            yield Doubt(
                f"{equation.rule.id}:{equation.subject}",
                f"{equation.rule.id} does not hold for {equation.subject}, and {equation.blanks} of its cells were "
                "read as blank or no number: one may have been overlooked",
                None,
                tuple(figure.ref for figure in equation.figures),
            )


def _confirmed(sums: Sequence["Equation"]) -> frozenset[int]:
    """The unsure figures that sums confirm, by identity; what one sum confirms is sure in the others."""
    found: frozenset[int] = frozenset()
    while more := frozenset(id(figure) for equation in sums for figure in equation.confirms(found)) - found:
        found |= more
    return found


def is_sure(ref: CellRef) -> bool:
    """Whether the text of a cell is as printed, so far as its reader knows."""
    return ref.cell.confidence is None or ref.cell.confidence >= SURE


def least_sure(report: Recognised) -> dict[CellRef, float]:
    """The confidence of each figure that was guessed."""
    return {ref: ref.cell.confidence for _, _, ref in figures(report) if ref.cell.confidence is not None}


@dataclass(frozen=True, slots=True)
class Equation:
    """One sum of the form with the figures that were found for it."""

    rule: Identity
    subject: str
    left: tuple[Counted, ...]
    right: tuple[Counted, ...]

    @property
    def figures(self) -> tuple[Counted, ...]:
        """All its figures."""
        return self.left + self.right

    @property
    def blanks(self) -> int:
        """How many of them hold no number and no dash, which no number is taken for."""
        return sum(figure.value is None and number(figure.ref.cell.text).state != "dash" for figure in self.figures)

    @property
    def holds(self) -> bool:
        """Whether both sides are equal, a blank counted as 0."""
        return sum(figure.value or 0 for figure in self.left) == sum(figure.value or 0 for figure in self.right)

    def confirms(self, confirmed: frozenset[int] = frozenset()) -> Sequence[Counted]:
        """The one figure in it that is unsure, where it holds: sure ones leave no other value for it.

        Two that are unsure confirm nothing: a figure and its total share digits, and may be misread alike.

        Args:
            confirmed: figures that other sums confirm, by identity.
        """
        unsure = [
            figure
            for figure in self.figures
            if (figure.ref.cell.confidence or 0.0) < SURE and id(figure) not in confirmed
        ]
        complete = len(self.right) == len(self.rule.right)
        return unsure if self.holds and complete and len(unsure) == 1 else ()


def equations(report: Recognised) -> Iterator[Equation]:
    """The sums of the form that the report has all figures on one side of, with these."""
    chapters: dict[str, Sequence[Counted]] = {"requests": report.requests, "reviews": report.reviews}
    for rule in IDENTITIES:
        of_chapter = chapters[rule.table]
        for subject in dict.fromkeys(getattr(figure, rule.by) for figure in of_chapter):
            of_subject = [figure for figure in of_chapter if getattr(figure, rule.by) == subject]
            left = tuple(figure for figure in of_subject if getattr(figure, rule.dimension) in rule.left)
            right = tuple(figure for figure in of_subject if getattr(figure, rule.dimension) in rule.right)
            if len(right) == len(rule.right):
                yield Equation(rule, subject, left, right)


def _is_read(figures: Iterable[Counted]) -> bool:
    return any(figure.ref.cell.confidence is not None for figure in figures)


def figures(report: Recognised) -> Iterator[tuple[str, object, CellRef]]:
    """Every figure of a report: its chapter and codes, itself, and its cell."""
    for disclosure in report.disclosures:
        yield f"disclosures.{disclosure.category}.{disclosure.measure}", disclosure, disclosure.ref
    for request in report.requests:
        yield f"requests.{request.outcome}.{request.applicant}", request, request.ref
    for review in report.reviews:
        yield f"reviews.{review.proceeding}.{review.result}", review, review.ref
    for statistic in report.statistics:
        yield f"statistics.{statistic.indicator}.{statistic.heading or ''}", statistic, statistic.ref
