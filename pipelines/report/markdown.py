"""The change report in Markdown: what a person reads in the morning, in Dagster, in a file or in a message.

Text from the web is escaped: a title cannot bring markup or links of its own. The same report gives the same text.
"""

import re
from collections.abc import Callable, Iterable, Sequence

from pipelines.discover.proposals import Proposal
from pipelines.fetch.problems import PROBLEMS
from pipelines.report.change import ChangeReport, Item
from pipelines.report.coverage import Coverage, Overdue, YearCovered
from schemas.regions import division

MOST_LINES = 200
"""Lines of a section at most; the warehouse has them all."""

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#])")


def markdown(report: ChangeReport) -> str:
    """The whole report."""
    parts = [
        f"# gongkai, {report.on.isoformat()}",
        f"{result(report)}.",
        _section("Failed", report.failed, _line) + _causes(report),
        _section("Invalid", report.invalid, _judged),
        _section("Changed", report.changed, _line) + _how_to_compare(report),
        f"## Unchanged ({len(report.unchanged)})\n\n{_unchanged(report.unchanged)}",
        _proposals(report),
        _coverage(report.coverage),
    ]
    return "\n\n".join(parts) + "\n"


def result(report: ChangeReport) -> str:
    """What the run did, in a line without a stop; that nothing had changed is said in so many words."""
    counts = ", ".join(f"{number} {name}" for name, number in report.counts.items())
    if report.redone or report.received or report.changed:
        return f"{counts}; {report.redone} partitions redone, {report.received:,} bytes of documents received"
    return f"{counts}; nothing changed: no document was transferred and no partition redone"


def subject(report: ChangeReport) -> str:
    """The report in a line."""
    counts = ", ".join(f"{number} {name}" for name, number in report.counts.items() if number)
    return f"gongkai {report.on.isoformat()}: {counts or 'nothing to report'}"


def safe(text: str) -> str:
    """A text from outside as Markdown that shows it and does nothing else, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def proposal_table(proposals: Sequence[Proposal]) -> str:
    """Proposals as a table."""
    rows = [
        (
            str(each.year or "?"),
            safe(each.region_code or "?"),
            safe(each.publisher or "?"),
            _link(each.url, each.title),
            safe(each.reason or ""),
        )
        for each in proposals[:MOST_LINES]
    ]
    return _table(("year", "region", "publisher", "report", "to settle"), rows) + _more(len(proposals))


def _section(title: str, items: Sequence[Item], line: Callable[[Item], str]) -> str:
    body = "\n".join(line(item) for item in items[:MOST_LINES]) or "None."
    return f"## {title} ({len(items)})\n\n{body}{_more(len(items))}"


def _causes(report: ChangeReport) -> str:
    """How many addresses could not be had for which cause."""
    if not report.problems:
        return ""
    lines = "\n".join(f"| `{code}` | {number} | {_meaning(code)} |" for code, number in report.problems)
    return f"\n\n| cause | addresses | meaning |\n| --- | --- | --- |\n{lines}"


def _meaning(code: str) -> str:
    return next((meaning for name, meaning in PROBLEMS.items() if name == code), "")


def _how_to_compare(report: ChangeReport) -> str:
    return "\n\n`gongkai editions CITY YEAR` shows everything that a new edition changed." if report.changed else ""


def _line(item: Item) -> str:
    source = item.source
    named = f"{source.publisher or division(source.region_code).name} {source.year}"
    detail = f": {safe(item.detail)}" if item.detail else ""
    return f"- {_link(source.url, named)}{detail}"


def _judged(item: Item) -> str:
    """A line that says whether it is so since tonight, or was before."""
    return f"{_line(item)} (new)" if item.is_new else _line(item)


def _unchanged(items: Iterable[Item]) -> str:
    """Only numbers: nobody reads a list of what is as it was."""
    years: dict[int, int] = {}
    cities = set()
    for item in items:
        years[item.source.year] = years.get(item.source.year, 0) + 1
        cities.add(item.source.city)
    if not years:
        return "None."
    listed = ", ".join(f"{year}: {years[year]}" for year in sorted(years, reverse=True))
    return f"Of {len(cities)} cities; by year {listed}."


def _proposals(report: ChangeReport) -> str:
    head = f"## Proposed ({len(report.proposed)} new, {report.waiting} waiting)"
    parts = [head, proposal_table(report.proposed) if report.proposed else "None new."]
    if report.waiting:
        parts.append("`gongkai sources proposed` lists them all, `gongkai sources accept` takes them in.")
    if report.unlisted:
        pages = "\n".join(f"- {safe(line)}" for line in report.unlisted[:MOST_LINES])
        parts.append(f"Listing pages that could not be read:\n\n{pages}{_more(len(report.unlisted))}")
    return "\n\n".join(parts)


def _coverage(coverage: Coverage) -> str:
    rows = [_year(year) for year in coverage.years]
    columns = ("year", "departments due", "governments due", "cities", "their government's", "only others'", "none")
    parts = ["## Coverage", "Cities with reports, against the dates of the Regulations.", _table(columns, rows)]
    if coverage.overdue:
        lines = "\n".join(_overdue(one) for one in coverage.overdue[:MOST_LINES])
        parts.append(
            f"Overdue: {len(coverage.overdue)} bodies with a report on the year before.\n\n"
            f"{lines}{_more(len(coverage.overdue))}"
        )
    newest = next((year for year in coverage.years if year.missing), None)
    if newest is not None:
        parts.append(f"Without any report on {newest.year}: {_missing(newest)}")
    return "\n\n".join(parts)


def _year(year: YearCovered) -> tuple[str, ...]:
    return (
        str(year.year),
        year.departments_due.isoformat(),
        year.governments_due.isoformat(),
        str(year.expected),
        str(year.governments),
        str(year.others),
        str(len(year.missing)),
    )


def _missing(year: YearCovered) -> str:
    """The cities missing, by province."""
    provinces: dict[str, list[str]] = {}
    for slug in year.missing:
        code = slug[-6:]
        provinces.setdefault(division(f"{code[:2]}0000").name, []).append(division(code).name)
    return "; ".join(f"{province} ({len(names)}): {'、'.join(names)}" for province, names in provinces.items()) + "."


def _overdue(one: Overdue) -> str:
    return f"- {safe(one.publisher)} ({one.city}): {one.year}, due {one.due.isoformat()}"


def _link(url: str, text: str) -> str:
    """A link whose address cannot end it early."""
    return f"[{safe(text) or 'untitled'}]({re.sub(r'[()<>]', lambda sign: f'%{ord(sign[0]):02X}', url)})"


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _more(number: int) -> str:
    return f"\n\n… and {number - MOST_LINES} more." if number > MOST_LINES else ""
