"""Evaluating the rules of `schemas.rules` within one year's reports, set-wise over any number of them.

Each function takes frames of the contract's tables and returns a frame of findings. What a rule says stands in
`schemas.rules`; here stands only how each kind of rule is evaluated.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from pipelines.recognise.facts import CellRef, Recognised, Statistic
from pipelines.recognise.numbers import number
from pipelines.recognise.statistics import UNKNOWN
from pipelines.validate.corrections import APPLIED, UNMATCHED, Matched, as_corrected, reports_as_corrected
from pipelines.validate.editions import report_id
from pipelines.validate.frames import Frames, cell_id, frame
from pipelines.validate.placed import unclear
from pipelines.validate.scanned import doubts, is_sure, least_sure
from schemas.derive import literal, quoted
from schemas.forms import StatisticsForm, Sum, all_forms, expected_cells, statistics_forms
from schemas.rules import (
    BLANK,
    CONSISTENCY,
    EXPECTATION,
    IDENTITIES,
    INCOMPLETE,
    LABEL,
    NARRATIVE_REQUESTS,
    STATISTICS_SUM,
    UNSURE,
    Identity,
    Rule,
)
from warehouse.session import session


def findings(frames: Frames, reports: Sequence[Recognised], corrections: Sequence[Matched] = ()) -> pl.DataFrame:
    """Every finding of the reports in `frames` that can be told without another year's.

    They are about the figures as printed; those that hold once `corrections` are applied are `settled`. An unmatched
    correction is a finding of its own, and so is a sum that only the corrected figures break.
    """
    places = {
        report: {"city": city, "year": year}
        for report, city, year in frames["reports"].select("report_id", "city", "year").iter_rows()
    }
    sums = [*_sums_of_figures(frames, reports), *_narrative(frames, reports)]
    cells = [
        *_incomplete(frames),
        *_unread(frames),
        *_unread_statistics(reports),
        *_doubtful(reports),
    ]
    worse: list[dict[str, Any]] = []
    if any(match.state == APPLIED for match in corrections):
        right, rightly = as_corrected(frames), reports_as_corrected(reports, corrections)
        left = [*_sums_of_figures(right, rightly), *_narrative(right, rightly)]
        worse = _newly_broken(sums, left)
        sums = _settled_by_sums(sums, left)
        cells = _settled_by_cells(cells, corrections)
    sure = {cell_id(report.sha256, ref): one for report in reports for ref, one in least_sure(report).items()}
    told = [_with_confidence(row, sure) for row in sums]
    rows = [*told, *cells, *worse, *_unplaced(reports), *_labels(reports), *_mismatches(corrections)]
    unique = {(row["report_id"], row["rule"], row["subject"]): row for row in reversed(rows)}
    return frame("findings", (row | places[row["report_id"]] for row in unique.values()))


def finding(
    rule: Rule,
    report: str,
    subject: str,
    message: str,
    *,
    expected: object = None,
    actual: object = None,
    cells: Iterable[str] = (),
) -> dict[str, Any]:
    """One row of the findings table, but for its partition."""
    return {
        "report_id": report,
        "rule": rule.id,
        "severity": rule.severity,
        "subject": subject,
        "expected": None if expected is None else str(expected),
        "actual": None if actual is None else str(actual),
        "message": message,
        "cell_ids": sorted(set(cells)),
        "settled": False,
    }


# --- corrections ------------------------------------------------------------------------------------------------


def _what(row: dict[str, Any]) -> tuple[str, str]:
    """The report and sum that a finding is about, whether blanks are among its cells or not."""
    subject = row["subject"] if row["rule"] == BLANK.id else f"{row['rule']}:{row['subject']}"
    return row["report_id"], subject


def _settled_by_sums(printed: list[dict[str, Any]], left: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The findings about printed figures, marked where corrected figures leave none."""
    still = {_what(row) for row in left}
    return [row | {"settled": _what(row) not in still} for row in printed]


def _newly_broken(printed: list[dict[str, Any]], left: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sums that hold for the printed figures and not for the corrected ones."""
    known = {_what(row) for row in printed}
    broken = [row for row in left if _what(row) not in known and row["rule"] != NARRATIVE_REQUESTS.id]
    return [
        row
        | {
            "rule": CONSISTENCY.id,
            "severity": CONSISTENCY.severity,
            "subject": _what(row)[1],
            "message": f"with the accepted corrections {row['message']}; look at them again",
        }
        for row in broken
    ]


def _settled_by_cells(rows: list[dict[str, Any]], corrections: Sequence[Matched]) -> list[dict[str, Any]]:
    """The findings about single cells, marked where every one of the cells is corrected."""
    corrected = {match.row["cell_id"] for match in corrections if match.state == APPLIED and match.row}
    return [row | {"settled": bool(row["cell_ids"]) and corrected.issuperset(row["cell_ids"])} for row in rows]


def _mismatches(corrections: Sequence[Matched]) -> list[dict[str, Any]]:
    """Corrections that no longer find what they expect, of reports that are loaded."""
    return [
        finding(
            EXPECTATION,
            match.report_id,
            match.entry.id,
            f"correction {match.entry.id}: {match.problem}",
            expected=match.entry.printed,
            actual=match.found,
            cells=[match.row["cell_id"]] if match.row else (),
        )
        for match in corrections
        if match.state == UNMATCHED and match.report_id is not None
    ]


# --- sums -------------------------------------------------------------------------------------------------------


def _sums_of_figures(frames: Frames, reports: Sequence[Recognised]) -> list[dict[str, Any]]:
    return [
        *(row for rule in IDENTITIES for row in _identity(frames, rule)),
        *(row for report in reports for row in _sums(report)),
    ]


def _identity(frames: Frames, rule: Identity) -> list[dict[str, Any]]:
    """Sums that differ. A blank counts as 0; where blanks are among the cells, the finding is `form.blank`."""
    by, dimension = quoted(rule.by), quoted(rule.dimension)
    left, right = (", ".join(literal(code) for code in codes) for codes in (rule.left, rule.right))
    sql = f"""
        SELECT report_id, {by},
               coalesce(sum(value) FILTER ({dimension} IN ({left})), 0)::BIGINT AS parts,
               coalesce(sum(value) FILTER ({dimension} IN ({right})), 0)::BIGINT AS whole,
               count(*) FILTER (value IS NULL AND {dimension} IN ({left}, {right})) AS blanks,
               list(cell_id) FILTER ({dimension} IN ({left}, {right})) AS cells
        FROM facts
        GROUP BY report_id, {by}
        HAVING parts <> whole AND count(*) FILTER ({dimension} IN ({right})) = {len(rule.right)}
        ORDER BY ALL
    """  # noqa: S608 - built from the declared rules alone
    with session() as connection:
        connection.register("facts", frames[rule.table].to_arrow())
        broken = connection.execute(sql).fetchall()
    return [
        _unequal(rule, report, subject, parts, whole, blanks, cells)
        for report, subject, parts, whole, blanks, cells in broken
    ]


def _with_confidence(row: dict[str, Any], confidences: Mapping[str, float]) -> dict[str, Any]:
    """A finding with, where recognition read its cells, how sure it was of the least certain one."""
    known = [confidences[cell] for cell in row["cell_ids"] if cell in confidences]
    if not known:
        return row
    told = f"{row['message']} (read by optical character recognition, the least sure figure with {min(known):.2f})"
    return row | {"message": told}


def _unequal(
    rule: Identity, report: str, subject: str, parts: int, whole: int, blanks: int, cells: list[str]
) -> dict[str, Any]:
    if blanks:
        message = (
            f"{rule.id} does not hold for {subject} ({parts} against {whole}), but {blanks} of its cells are blank"
        )
        return finding(BLANK, report, f"{rule.id}:{subject}", message, expected=parts, actual=whole, cells=cells)
    left, right = " + ".join(_short(rule.left)), " + ".join(rule.right)
    message = f"{subject}: {left} is {parts}, but {right} is printed as {whole}"
    return finding(rule, report, subject, message, expected=parts, actual=whole, cells=cells)


def _short(codes: tuple[str, ...]) -> tuple[str, ...]:
    return codes if len(codes) <= 6 else (codes[0], "...", codes[-1])


# --- statistics tables ------------------------------------------------------------------------------------------


def _sums(report: Recognised) -> list[dict[str, Any]]:
    """Totals of a statistics table that the lines under them do not sum to, in each column of figures.

    Nothing is said where a line was not found, or where one that the form does not have stands among the parts or
    right after them: a province may have added it to the sum.
    """
    form = next((form for form in statistics_forms() if form.version == report.form), statistics_forms()[0])
    columns: dict[str | None, list[Statistic]] = {}
    for figure in report.statistics:
        if figure.origin == "table":
            columns.setdefault(figure.heading, []).append(figure)
    return [row for lines in columns.values() for row in _sums_of_column(report, form, lines)]


def _sums_of_column(report: Recognised, form: StatisticsForm, lines: list[Statistic]) -> list[dict[str, Any]]:
    found = []
    by_code = {line.indicator: line for line in lines}
    for rule in form.sums:
        codes = (rule.whole, *rule.parts)
        if not by_code.keys() >= set(codes) or _has_lines_of_its_own(rule, lines):
            continue
        printed = [by_code[code] for code in codes]
        whole, parts = printed[0].value or 0, sum(line.value or 0 for line in printed[1:])
        if whole == parts:
            continue
        subject = f"statistics.{rule.whole}" + (f":{lines[0].heading}" if lines[0].heading else "")
        cells = [cell_id(report.sha256, line.ref) for line in printed]
        blanks = sum(line.value is None for line in printed)
        message = f"{rule.whole}: {' + '.join(_short(rule.parts))} is {parts:f}, but it is printed as {whole:f}"
        if blanks:
            message, subject = f"{message}; {blanks} of its cells are blank", f"{STATISTICS_SUM.id}:{subject}"
        kind = BLANK if blanks else STATISTICS_SUM
        identity = report_id(report.identity)
        found.append(finding(kind, identity, subject, message, expected=parts, actual=whole, cells=cells))
    return found


def _has_lines_of_its_own(rule: Sum, lines: list[Statistic]) -> bool:
    """Whether unknown lines stand between the total and its last part, or right after it."""
    codes = [line.indicator for line in lines]
    positions = [codes.index(code) for code in (rule.whole, *rule.parts)]
    first, last = min(positions), max(positions)
    return UNKNOWN in codes[first : last + 2]


# --- completeness -----------------------------------------------------------------------------------------------

_CHAPTERS = {
    "disclosures": ("category", "measure"),
    "requests": ("outcome", "applicant"),
    "reviews": ("proceeding", "result"),
}


def _incomplete(frames: Frames) -> list[dict[str, Any]]:
    """What the form has and the report was not found to have: a chapter, a row of it, or a single cell."""
    return [row for chapter in _CHAPTERS for row in _missing(frames, chapter)]


def _missing(frames: Frames, chapter: str) -> Iterable[dict[str, Any]]:
    first, second = _CHAPTERS[chapter]
    facts = frames[chapter].select("report_id", row=first, column=second)
    several = [code for form in all_forms() for choice in form.alternatives for code in choice.several]
    printed_as_several = facts.filter(pl.col("row").is_in(several))["report_id"].unique()
    expected = (
        frames["reports"]
        .select("report_id", "form", several=pl.col("report_id").is_in(printed_as_several.implode()))
        .join(_expected(chapter), on=["form", "several"])
    )
    missing = expected.join(facts, on=["report_id", "row", "column"], how="anti")
    whole = expected.group_by("report_id").len("of_chapter")
    of_row = expected.group_by("report_id", "row").len("of_row")
    counted = (
        missing.join(whole, on="report_id")
        .join(of_row, on=["report_id", "row"])
        .with_columns(
            chapter_gone=pl.len().over("report_id") == pl.col("of_chapter"),
            row_gone=pl.len().over("report_id", "row") == pl.col("of_row"),
        )
        .sort("report_id", "position")
    )
    columns = ("report_id", "row", "column", "chapter_gone", "row_gone", "of_chapter")
    for report, row, column, chapter_gone, row_gone, cells in counted.select(columns).iter_rows():
        if chapter_gone:
            yield finding(INCOMPLETE, report, chapter, f"no table of {chapter} was found", expected=cells)
        elif row_gone:
            yield finding(INCOMPLETE, report, f"{chapter}.{row}", f"the row {row} of {chapter} was not found")
        else:
            message = f"the cell {row}, {column} of {chapter} was not found"
            yield finding(INCOMPLETE, report, f"{chapter}.{row}.{column}", message)


def _expected(chapter: str) -> pl.DataFrame:
    """The cells of a chapter in every form version: form, several, row, column, position.

    `several` tells the two ways apart in which a part of the form may be printed, as one row or as several.
    """
    rows = [
        (form.version, several, row, column, position)
        for form in all_forms()
        for several in (False, True)
        for position, (row, column) in enumerate(expected_cells(form, chapter, several))
    ]
    names = {"form": pl.String, "several": pl.Boolean, "row": pl.String, "column": pl.String, "position": pl.Int32}
    return pl.DataFrame(rows, schema=names, orient="row")


def _unread(frames: Frames) -> list[dict[str, Any]]:
    """Cells of the form that hold text which is not one number for certain."""
    texts = frames["cells"].select("cell_id", "raw_text", "state")
    found = []
    for chapter, (row, column) in _CHAPTERS.items():
        nulls = frames[chapter].filter(pl.col("value").is_null()).join(texts, on="cell_id")
        odd = nulls.filter(pl.col("state").is_in(["text", "number"]))
        for report, first, second, raw, cell in odd.select("report_id", row, column, "raw_text", "cell_id").iter_rows():
            message = f"{chapter}, {first}, {second}: {raw!r} is not one number for certain; nothing was loaded"
            subject = f"{chapter}.{first}.{second}"
            found.append(finding(INCOMPLETE, report, subject, message, actual=raw, cells=[cell]))
    return found


def _unread_statistics(reports: Sequence[Recognised]) -> list[dict[str, Any]]:
    """Lines of a statistics table that hold text which is not one number for certain."""
    return [
        finding(
            INCOMPLETE,
            report_id(report.identity),
            f"statistics.{figure.indicator}.{cell_id(report.sha256, figure.ref).partition('-')[2]}",
            f"statistics, {_one_line(figure.label)}: {figure.ref.cell.text!r} is not one number for certain; "
            "nothing was loaded",
            actual=figure.ref.cell.text,
            cells=[cell_id(report.sha256, figure.ref)],
        )
        for report in reports
        for figure in report.statistics
        if figure.value is None and number(figure.ref.cell.text).state == "text"
    ]


def _unplaced(reports: Sequence[Recognised]) -> list[dict[str, Any]]:
    return [
        finding(
            INCOMPLETE,
            report_id(report.identity),
            item.subject,
            f"a row of figures labelled {item.printed!r} fits no row of the form; its figures were not loaded",
            actual=item.printed,
            cells=[cell_id(report.sha256, ref) for ref in item.refs],
        )
        for report in reports
        for item in report.unplaced
    ]


def _labels(reports: Sequence[Recognised]) -> list[dict[str, Any]]:
    return [
        finding(
            LABEL,
            report_id(report.identity),
            odd.subject,
            f"the label of {odd.subject} is printed {_one_line(odd.printed)!r}",
            expected=odd.expected,
            actual=_one_line(odd.printed),
            cells=_cell(report, odd.ref),
        )
        for report in reports
        for odd in report.odd_labels
        if odd.ref is None or is_sure(odd.ref)  # what recognition is not sure of is no wording of the publisher's
    ]


def _doubtful(reports: Sequence[Recognised]) -> list[dict[str, Any]]:
    """Figures that a person must compare with the page.

    They were read by optical character recognition, or stand in a table that no rules part.
    """
    found = [
        (rule, report, doubt)
        for rule, doubts_of in ((UNSURE, doubts), (INCOMPLETE, unclear))
        for report in reports
        for doubt in doubts_of(report)
    ]
    return [
        finding(
            rule,
            report_id(report.identity),
            doubt.subject,
            doubt.message,
            actual=doubt.actual,
            cells=[cell_id(report.sha256, ref) for ref in doubt.refs],
        )
        for rule, report, doubt in found
    ]


def _cell(report: Recognised, ref: CellRef | None) -> list[str]:
    return [cell_id(report.sha256, ref)] if ref else []


def _one_line(text: str) -> str:
    return "".join(text.split())


def _narrative(frames: Frames, reports: Sequence[Recognised]) -> list[dict[str, Any]]:
    """Reports whose overview states a number of requests that is none of the table's sums."""
    stated = {report_id(report.identity): report.stated_requests for report in reports if report.stated_requests}
    totals = frames["requests"].filter((pl.col("applicant") == "total") & pl.col("report_id").is_in(list(stated)))
    found = []
    for (report,), rows in totals.group_by("report_id", maintain_order=True):
        values = dict(rows.select("outcome", "value").iter_rows())
        if "new_requests" not in values or (values["new_requests"] is None and set(values.values()) != {None}):
            continue
        # Of a table of blanks alone, none is what it says.
        new, carried = (values.get(code) or 0 for code in ("new_requests", "carried_over"))
        numbers = stated[str(report)]
        if {new, new + carried, values.get("total_processed")} & set(numbers):
            continue
        cells = rows.filter(pl.col("outcome") == "new_requests")["cell_id"].to_list()
        message = f"the text states {numbers[0]} requests; the table has {new} new and {carried} carried over"
        found.append(
            finding(
                NARRATIVE_REQUESTS,
                str(report),
                "requests.new_requests.total",
                message,
                expected=numbers[0],
                actual=new,
                cells=cells,
            )
        )
    return found
