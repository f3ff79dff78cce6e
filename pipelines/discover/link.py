"""A link as a listing page shows it: where it leads, what it is called, and what stands beside it."""

import re
from dataclasses import dataclass
from datetime import date

_YEAR_ALONE = re.compile(r"[(（\[【]?\s*(20\d\d)\s*(?:年度?)?\s*[)）\]】]?")
_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d|\s*[-/.]|\s*年\s*\d)")
_DATE = re.compile(r"(?<!\d)(20\d\d)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)")


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a listing page.

    Args:
        url: where it leads, its query as written.
        titles: what it is called, best first: its `title` attribute, its text.
        heading: the heading above it, empty where there is none.
        beside: what stands beside it in its row or list item.
        publisher: the body that a column or field names as publisher.
        year: the year that stands by itself beside it, or in a column of years. Never one of a date.
        published_on: the date of publication beside it.
    """

    url: str
    titles: tuple[str, ...]
    heading: str = ""
    beside: tuple[str, ...] = ()
    publisher: str | None = None
    year: int | None = None
    published_on: date | None = None


def year_alone(text: str) -> int | None:
    """The year that is all a text says (`2023`, `2023年度`), or None."""
    found = _YEAR_ALONE.fullmatch(text.strip())
    return int(found[1]) if found else None


def year_named(text: str) -> int | None:
    """The one year that a heading or the name of a column says (`2023年度部门年报`), or None."""
    named = {int(year) for year in _YEAR.findall(text)}
    return next(iter(named)) if len(named) == 1 else None


def date_in(text: str) -> date | None:
    """The first date in a text, or None."""
    for found in _DATE.finditer(text):
        try:
            return date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            continue
    return None


def tidy(text: str) -> str:
    """`text` with white space folded to single spaces."""
    return " ".join(text.split())
