"""What is wrong with frames before they are written, as records that survive a process boundary.

Belongs here: running the pandera model of a table and turning its failures, and ours, into `Problem`. Does
not: rules about figures (`pipelines.validate`); a broken rule is a finding, a broken schema is a defect.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl
from pandera.errors import SchemaErrors

from schemas import derive

SHOWN = 5
"""Failing rows and values kept per problem; the count is always complete."""

_LONGEST = 80
_MISPLACED = {
    "column_in_dataframe": "column is missing",
    "column_in_schema": "column is not declared",
    "column_ordered": "column is not at its declared position",
}
"""What pandera's checks of the frame as a whole say of the column they found."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One check that failed in one column of one table.

    Args:
        table: name of the table.
        column: the column, several joined by a comma, or `*` for the frame as a whole.
        check: what should hold, or what is wrong with the column itself.
        count: failing rows; 0 where the problem is not one of rows.
        rows: positions of the first of them in the frame as given, from 0.
        values: the values at these rows, as text.
    """

    table: str
    column: str
    check: str
    count: int
    rows: tuple[int, ...]
    values: tuple[str, ...]

    def __str__(self) -> str:
        found = ", ".join(self.values)
        if not self.count:
            return f"{self.table}.{self.column}: {self.check}" + (f", found {found}" if found else "")
        noun = "row" if self.count == 1 else "rows"
        at = ", ".join(map(str, self.rows)) + (", …" if self.count > len(self.rows) else "")
        return f"{self.table}.{self.column}: {self.check} fails in {self.count} {noun} ({at}), found {found}"


def listed(problems: Iterable[Problem]) -> str:
    """The problems as text, one a line."""
    return "\n".join(f"  {problem}" for problem in problems)


def schema_problems(table: str, frame: pl.DataFrame) -> tuple[Problem, ...]:
    """Everything the pandera model of `table` has against `frame`; empty when it is valid."""
    # pandera needs 15 ms for a table however small, and has nothing to say about no rows of the right types.
    if frame.is_empty() and frame.schema == derive.polars_schema(table):
        return ()
    try:
        derive.model(table).validate(frame, lazy=True)
    except SchemaErrors as errors:
        return tuple(_problems(table, frame, errors.failure_cases))
    return ()


def row_problem(table: str, column: str, check: str, frame: pl.DataFrame, fails: pl.Expr) -> tuple[Problem, ...]:
    """A problem of the rows of `frame` where `fails` is true, showing the values of `column`; or none."""
    failing = frame.with_row_index("gongkai_row").filter(fails)
    if failing.is_empty():
        return ()
    first = failing.head(SHOWN)
    return (
        Problem(
            table,
            column,
            check,
            failing.height,
            tuple(first["gongkai_row"].to_list()),
            tuple(_shown(value) for value in first[column].to_list()),
        ),
    )


def _problems(table: str, frame: pl.DataFrame, failures: pl.DataFrame) -> Iterable[Problem]:
    """One line per row in pandera; a problem gathers the lines of one column and check."""
    for (column, check), lines in failures.group_by("column", "check", maintain_order=True):
        located = lines.filter(pl.col("index").is_not_null()).sort("index")
        if check == "multiple_fields_uniqueness":
            yield _repeated_keys(table, frame, located["index"].to_list())
            continue
        if check in _MISPLACED:
            for name in lines["failure_case"].to_list():
                yield Problem(table, str(name), _MISPLACED[str(check)], 0, (), ())
            continue
        first = (located if located.height else lines).head(SHOWN)
        yield Problem(
            table,
            str(column),
            _shown(check),
            located.height,
            tuple(first["index"].to_list()) if located.height else (),
            tuple(_shown(value) for value in first["failure_case"].to_list()),
        )


def _repeated_keys(table: str, frame: pl.DataFrame, rows: list[int]) -> Problem:
    """The whole row, which pandera shows, may hold a chapter's text; the key is what matters."""
    key = derive.key(table)
    keys = frame.select(column for column in key if column in frame.columns)[rows[:SHOWN]]
    return Problem(
        table,
        ", ".join(key),
        "is the key and must be unique",
        len(rows),
        tuple(rows[:SHOWN]),
        tuple(_shown(" | ".join(map(str, values))) for values in keys.rows()),
    )


def _shown(value: object) -> str:
    text = "null" if value is None else " ".join(str(value).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
