"""Recognised reports made by hand: valid ones, and ones that differ from them in what a test names."""

from dataclasses import fields, replace
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256

from hypothesis import strategies as st

from pipelines.read.document import Box, Cell, Place
from pipelines.recognise.facts import CellRef, Disclosure, Recognised, Request, Review, Section
from pipelines.recognise.identity import Identity
from pipelines.validate.examined import Examined, Rejected
from schemas.codes import APPLICANT, OUTCOME, PROCEEDING, RESULT
from warehouse.layout import Partition

PARTITION = Partition("zhoukou-411600", 2021)
APPLICANTS = APPLICANT.values()
SIX = APPLICANTS[:-1]
OUTCOMES = [code for code in OUTCOME.values() if code != "other"]
RESULT_ROWS = [
    code for code in OUTCOMES if code not in {"new_requests", "carried_over", "total_processed", "carried_forward"}
]
KINDS = RESULT.values()[:-1]
MEASURES = (
    ("regulations", "issued", "件"),
    ("regulations", "repealed", "件"),
    ("regulations", "in_force", "件"),
    ("normative_documents", "issued", "件"),
    ("normative_documents", "repealed", "件"),
    ("normative_documents", "in_force", "件"),
    ("licensing", "decisions", "件"),
    ("penalties", "decisions", "件"),
    ("coercion", "decisions", "件"),
    ("fees", "amount", "万元"),
)

Figures = dict[tuple[str, str], int | None]


def balanced(
    results: dict[tuple[str, str], int], carried_over: dict[str, int], carried_forward: dict[str, int]
) -> Figures:
    """Chapter 3 from its free figures: everything that the form's arithmetic decides is worked out."""
    by_applicant: dict[str, dict[str, int]] = {}
    for applicant in SIX:
        column = {outcome: results.get((outcome, applicant), 0) for outcome in RESULT_ROWS}
        processed, forward = sum(column.values()), carried_forward.get(applicant, 0)
        over = min(carried_over.get(applicant, 0), processed + forward)
        by_applicant[applicant] = column | {
            "total_processed": processed,
            "carried_forward": forward,
            "carried_over": over,
            "new_requests": processed + forward - over,
        }
    figures: Figures = {}
    for outcome in OUTCOMES:
        row = [by_applicant[applicant][outcome] for applicant in SIX]
        figures |= {(outcome, applicant): value for applicant, value in zip(SIX, row, strict=True)}
        figures[outcome, "total"] = sum(row)
    return figures


REQUESTS = balanced(
    {
        ("granted", "natural_person"): 5,
        ("granted", "other_organization"): 2,
        ("denied.state_secret", "natural_person"): 1,
    },
    {"natural_person": 1},
    {"natural_person": 3},
)
"""granted 5 + 2 = 7, denied.state_secret 1, total_processed 8, carried_forward 3, carried_over 1, new_requests 10."""
REVIEWS: Figures = {
    (proceeding, result): {"upheld": 4, "corrected": 1, "other": 0, "pending": 2, "total": 7}[result]
    for proceeding in PROCEEDING.values()
    for result in RESULT.values()
}
DISCLOSURES = {(category, measure): Decimal(10) for category, measure, _ in MEASURES}

counts = st.integers(0, 50)


@st.composite
def valid_requests(draw: st.DrawFn) -> Figures:
    """Any figures of chapter 3 that satisfy the form's arithmetic."""
    results = draw(st.dictionaries(st.tuples(st.sampled_from(RESULT_ROWS), st.sampled_from(SIX)), counts, max_size=12))
    carried = st.dictionaries(st.sampled_from(SIX), counts, max_size=6)
    return balanced(results, draw(carried), draw(carried))


@st.composite
def valid_reviews(draw: st.DrawFn) -> Figures:
    """Any figures of chapter 4 that satisfy the form's arithmetic."""
    figures: Figures = {}
    for proceeding in PROCEEDING.values():
        row = {result: draw(counts) for result in KINDS}
        figures |= {(proceeding, result): value for result, value in row.items()}
        figures[proceeding, "total"] = sum(row.values())
    return figures


def identity(
    publisher: str = "周口市人民政府", year: int = 2021, city: str = "zhoukou-411600", code: str = "411600"
) -> Identity:
    """Who published it; `code` is that of the publisher's division."""
    return Identity(
        title=f"{publisher}{year}年政府信息公开工作年度报告",
        publisher=publisher,
        region_code=code,
        region="周口市",
        level="prefecture",
        city=city,
        city_code=city[-6:],
        year=year,
        period_start=None,
        period_end=None,
        published_on=None,
    )


def digest(name: str) -> str:
    """A document's hash that a test can name."""
    return sha256(name.encode()).hexdigest()


def ref(table: int, row: int, column: int, text: str) -> CellRef:
    """A printed cell."""
    box = Box(column * 50.0, row * 20.0, column * 50.0 + 50, row * 20.0 + 20)
    return CellRef(table, Cell(row, column, 1, 1, text, Place(page=1, box=box)))


def printed(value: object) -> str:
    """How a figure is printed; a blank for none."""
    return "" if value is None else str(value)


def recognised(
    requests: Figures | None = None,
    reviews: Figures | None = None,
    disclosures: dict[tuple[str, str], Decimal | None] | None = None,
    **changes: object,
) -> Recognised:
    """A report with these figures, by default valid ones; `changes` are other fields of `Recognised`."""
    units = {(category, measure): unit for category, measure, unit in MEASURES}
    asked = {
        1: DISCLOSURES if disclosures is None else disclosures,
        2: REQUESTS if requests is None else requests,
        3: REVIEWS if reviews is None else reviews,
    }
    refs = {
        (table, *codes): ref(table, position // 10, position % 10, printed(value))
        for table, figures in asked.items()
        for position, (codes, value) in enumerate(figures.items())
    }
    nothing = {field.name: () for field in fields(Recognised)}
    made = Recognised(
        **nothing
        | {
            "sha256": digest("document"),
            "identity": identity(),
            "form": "2021",
            "disclosures": tuple(
                Disclosure(*codes, value, units[codes], None, refs[1, *codes]) for codes, value in asked[1].items()
            ),
            "requests": tuple(Request(*codes, value, None, refs[2, *codes]) for codes, value in asked[2].items()),
            "reviews": tuple(Review(*codes, value, None, refs[3, *codes]) for codes, value in asked[3].items()),
            "sections": (Section(0, "preamble", "", "文字。"),),
            "tables": tuple(refs.values()),
        }
    )
    return replace(made, **changes)


def examined(
    outcome: Recognised | Rejected | None = None,
    *,
    url: str = "https://example.cn/2021.html",
    day: int = 1,
    sha: str | None = None,
) -> Examined:
    """A file version retrieved on a day of January 2022; its hash is that of the report in it, unless given."""
    made = recognised() if outcome is None else outcome
    known = sha or (made.sha256 if isinstance(made, Recognised) else digest(url))
    return Examined(
        sha256=known,
        source_url=url,
        retrieved_at=datetime(2022, 1, day, tzinfo=UTC),
        size_bytes=1000,
        media_type="application/pdf",
        page_count=3,
        producer="WPS",
        reading="text",
        outcome=made,
    )


def cell_ids(report: Recognised, table: str, *codes: tuple[str, str]) -> list[str]:
    """The ids of printed figures, sorted."""
    named = {
        "disclosures": {(one.category, one.measure): one.ref for one in report.disclosures},
        "requests": {(one.outcome, one.applicant): one.ref for one in report.requests},
        "reviews": {(one.proceeding, one.result): one.ref for one in report.reviews},
    }[table]
    start = report.sha256[:16]
    refs = [named[code] for code in codes]
    return sorted(f"{start}-t{one.table}-r{one.cell.row + 1}-c{one.cell.column + 1}" for one in refs)
