"""The sample's reports: the figures that were published, and the prose written for the sample.

Belongs here: what a report says, and checking that it is said in the codes of the contract. Does not: how
a document sets it out.
"""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from schemas.codes import APPLICANT, PROCEEDING, RESULT
from schemas.forms import Form, form

HERE = Path(__file__).parent
TABLES = ("disclosures", "requests", "reviews")
"""What a chapter may hold in place of prose, in the order of the form."""


class InvalidSample(Exception):  # noqa: N818 - the name states the situation
    """A figures or prose file that does not fit the contract."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter: heading (empty for what precedes the first), paragraphs, the table it holds or None."""

    heading: str
    paragraphs: tuple[str, ...]
    table: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """A published report's figures under the contract's codes, with prose of ours.

    Args:
        name: stem of its files in `figures/` and `prose/`.
        title, publisher, region, region_code, city, year: as the contract has them.
        form: the form it is on.
        published_on: the date of publication it states, where known.
        source: where the figures come from.
        disclosures: (category, measure, text of the cell).
        requests: (outcome, applicant, number or None for a blank cell), only the outcomes it prints.
        reviews: (proceeding, result, number or None for a blank cell).
        labels: (code, wording) where it prints another wording than the form's.
        chapters: in order, the preamble first.
    """

    name: str
    title: str
    publisher: str
    region: str
    region_code: str
    city: str
    year: int
    form: Form
    published_on: date | None
    source: str
    disclosures: tuple[tuple[str, str, str], ...]
    requests: tuple[tuple[str, str, int | None], ...]
    reviews: tuple[tuple[str, str, int | None], ...]
    labels: tuple[tuple[str, str], ...]
    chapters: tuple[Chapter, ...]


def reports() -> tuple[Report, ...]:
    """Every report of the sample, by name; raises InvalidSample."""
    return tuple(_report(path) for path in sorted((HERE / "figures").glob("*.json")))


def _report(path: Path) -> Report:
    facts = json.loads(path.read_text(encoding="utf-8"))
    prose = HERE / "prose" / f"{path.stem}.txt"
    try:
        if facts["applicants"] != APPLICANT.values() or facts["results"] != RESULT.values():
            raise InvalidSample(f"{path.name}: applicants and results must be the contract's codes in its order")
        return Report(
            name=path.stem,
            title=facts["title"],
            publisher=facts["publisher"],
            region=facts["region"],
            region_code=facts["region_code"],
            city=facts["city"],
            year=facts["year"],
            form=form(facts["form"]),
            published_on=date.fromisoformat(facts["published_on"]) if facts["published_on"] else None,
            source=facts["source"],
            disclosures=_disclosures(facts["disclosures"], form(facts["form"]), path),
            requests=_figures(facts["requests"], _outcomes(facts["requests"], facts["form"]), APPLICANT.values(), path),
            reviews=_figures(facts["reviews"], PROCEEDING.values(), RESULT.values(), path),
            labels=tuple(facts["labels"].items()),
            chapters=_chapters(prose),
        )
    except KeyError as error:
        raise InvalidSample(f"{path.name} lacks {error}; see the other figures files") from error


def _disclosures(cells: dict[str, dict[str, str]], of: Form, path: Path) -> tuple[tuple[str, str, str], ...]:
    expected = {
        label.code: [measure.code for measure in block.measures] for block in of.blocks for label in block.categories
    }
    found = {category: list(measures) for category, measures in cells.items()}
    if found != expected:
        raise InvalidSample(f"{path.name}: disclosures hold {found}, the form {of.version} has {expected}")
    return tuple(
        (category, measure, text) for category, measures in cells.items() for measure, text in measures.items()
    )


def _outcomes(rows: dict[str, list[int | None]], version: str) -> list[str]:
    """The outcomes the report must print: the form's, with one wording or the other of its alternatives."""
    left_out: set[str] = set()
    for alternative in form(version).alternatives:
        left_out.update(alternative.several if alternative.one in rows else (alternative.one,))
    return [label.code for label in form(version).outcomes if label.code not in left_out]


def _figures(
    rows: dict[str, list[int | None]], codes: list[str], columns: list[str], path: Path
) -> tuple[tuple[str, str, int | None], ...]:
    if list(rows) != codes:
        raise InvalidSample(f"{path.name}: rows are {list(rows)}, expected {codes}")
    return tuple(
        (code, column, number) for code, row in rows.items() for column, number in zip(columns, row, strict=True)
    )


def _chapters(path: Path) -> tuple[Chapter, ...]:
    """Read a prose file: `# heading` begins a chapter, `[table]` is its table, other lines are paragraphs."""
    chapters: list[Chapter] = []
    heading = ""
    paragraphs: list[str] = []
    table: str | None = None
    for line in [*path.read_text(encoding="utf-8").splitlines(), "# "]:
        if line.startswith("# "):
            chapters.append(Chapter(heading, tuple(paragraphs), table))
            heading, paragraphs, table = line[2:], [], None
        elif line.startswith("["):
            table = line.strip("[]")
        elif line:
            paragraphs.append(line)
    tables = tuple(chapter.table for chapter in chapters if chapter.table)
    if tables != TABLES:
        raise InvalidSample(f"{path.name}: holds the tables {tables}, expected {TABLES}")
    return tuple(chapters)
