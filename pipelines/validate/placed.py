"""What in a table that no rules part must be compared with the page by a person.

Belongs here: which figures may be of another row, or may not be whole, and which of these a sum confirms. Does not:
finding rows and columns (`pipelines.read.aligned`), which tells of its doubts, or what recognition guessed (`scanned`).
"""

from collections.abc import Iterator

from pipelines.recognise.facts import Recognised
from pipelines.validate.scanned import Doubt, equations, figures

_WHY = {
    "row": "may be of the row above or below",
    "unit": "stands under no heading that could be read, and nothing tells its unit",
    "extent": "stands on several lines that may be of several figures, and no sum confirms it",
}


def unclear(report: Recognised) -> Iterator[Doubt]:
    """The figures whose place is not clear.

    A sum that holds confirms that a figure is whole, but not which row it is of: the figures of
    two rows may change places without a sum to tell.
    """
    doubtful = [found for found in figures(report) if found[2].cell.doubt]
    if not doubtful:
        return
    confirmed = {id(figure) for equation in equations(report) if equation.holds for figure in equation.figures}
    for subject, figure, ref in doubtful:
        doubt = ref.cell.doubt
        if doubt is None or (doubt == "extent" and id(figure) in confirmed):
            continue
        read = " ".join(ref.cell.text.split())
        message = f"{subject}: {read!r} {_WHY[doubt]}; compare it with the page"
        yield Doubt(subject, message, read, (ref,))
