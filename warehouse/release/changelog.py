"""The change log of a release as Markdown: one section a release, the newest first.

Belongs here: wording. Does not: finding the changes (`warehouse.release.changes`).
"""

from collections.abc import Iterator, Sequence

from warehouse.release.changes import FIGURE, NAME, NEW, REMOVED, REPLACED, Change, Difference, RowCount
from warehouse.release.facts import Facts

CHANGELOG = "CHANGELOG.md"
_TITLE = "# Changes in the data\n"
_MOST = 1000
"""Lines of one kind in a section; all are in the CSV file."""


def changelog(facts: Facts, difference: Difference, earlier: str) -> str:
    """The change log of a release.

    Args:
        facts: of the release.
        difference: from the release before.
        earlier: the change log of the release before; empty for the first.
    """
    section = "\n".join(_section(facts, difference))
    return f"{_TITLE}\n{section}\n{earlier.removeprefix(_TITLE)}"


def line(change: Change) -> str:
    """A change as a line: `2021 周口市: requests.granted.total 203 -> 205, edition 2`."""
    # A government is called by its place, as everyone does; what else publishes keeps its name.
    report = f"{change.year} {change.publisher.removesuffix('人民政府')}"
    edition = f", edition {change.edition}" if change.edition else ""
    match change.kind:
        case "figure":
            return f"{report}: {change.figure} {change.before or 'blank'} -> {change.after or 'blank'}{edition}"
        case "document_replaced":
            return f"{report}: document {change.before[:12]} -> {change.after[:12]}{edition}"
        case _:
            return f"{report}{edition}"


def _section(facts: Facts, difference: Difference) -> Iterator[str]:
    yield f"## {facts.version} ({facts.date.isoformat()})"
    yield ""
    extent = facts.extent
    yield (
        f"{extent.reports:,} reports of {extent.cities:,} cities, {extent.first_year} to {extent.last_year}; "
        f"{facts.rows:,} rows."
    )
    if facts.previous is None:
        yield "The first release."
    else:
        yield _compared(facts, difference)
    yield ""
    yield from _list("Figures that changed", difference.of_kind(FIGURE))
    yield from _list("Documents that were replaced", difference.of_kind(REPLACED))
    yield from _list("New reports", difference.of_kind(NEW))
    yield from _list("Reports that are no longer in the data", difference.of_kind(REMOVED))
    if difference.columns:
        yield "### Columns"
        yield ""
        for one in difference.columns:
            name = one.table if one.column == "*" else f"{one.table}.{one.column}"
            yield f"- {name}: {one.before or 'new'} -> {one.after or 'removed'}"
        yield ""
    yield from _rows(difference.rows)


def _compared(facts: Facts, difference: Difference) -> str:
    changed = {change.report_id for change in difference.of_kind(FIGURE)}
    return (
        f"Compared with {facts.previous}: {len(difference.of_kind(NEW)):,} new and "
        f"{len(difference.of_kind(REMOVED)):,} removed in the list of reports; {len(difference.of_kind(FIGURE)):,} "
        f"changed figures, in {len(changed):,} of the reports that both have. All changes: `{NAME}`."
    )


def _list(heading: str, changes: Sequence[Change]) -> Iterator[str]:
    if not changes:
        return
    yield f"### {heading}"
    yield ""
    for change in changes[:_MOST]:
        yield f"- {line(change)}"
    if len(changes) > _MOST:
        yield f"- … and {len(changes) - _MOST:,} more in `{NAME}`"
    yield ""


def _rows(rows: Sequence[RowCount]) -> Iterator[str]:
    yield "### Rows"
    yield ""
    yield "| table | before | now |"
    yield "| --- | ---: | ---: |"
    for row in rows:
        before, after = ("" if one is None else f"{one:,}" for one in (row.before, row.after))
        yield f"| {row.table} | {before} | {after} |"
    yield ""
