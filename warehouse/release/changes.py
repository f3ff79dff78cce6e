"""What changed in the data between two releases, told by its effect: reports, figures, columns.

Belongs here: comparing the Parquet files of two releases. Does not: how a government revised a document while it was
watched (`pipelines.editions`), and how the changes are written down (`warehouse.release.changelog`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import polars as pl

from warehouse.release.facts import PARQUET

NAME = "changes.csv"

NEW, REMOVED, REPLACED, FIGURE = "report_new", "report_removed", "document_replaced", "figure"
"""The kinds of change."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change in the data of a report.

    Args:
        kind: `report_new`, `report_removed`, `document_replaced` or `figure`.
        year, city, publisher, report_id: the report.
        figure: the table and the codes of its row and column (`requests.granted.total`); for a replaced document
            `document`; empty for a whole report.
        before, after: what each release says, with its unit where the table has several; empty where it has none.
        edition: the edition the figures are read from now; for a removed report the last one.
    """

    kind: str
    year: int
    city: str
    publisher: str
    report_id: str
    figure: str
    before: str
    after: str
    edition: int | None


CHANGES = {field.name: "integer" if field.name in {"year", "edition"} else "string" for field in fields(Change)}
"""The columns of changes.csv with their Table Schema types."""


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """A column that is new, gone or of another type; `column` is `*` where the whole table is new or gone."""

    table: str
    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RowCount:
    """Rows of a table in the release before, and now; None where there is no such table."""

    table: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Difference:
    """How a release differs from the one before it."""

    changes: tuple[Change, ...]
    columns: tuple[ColumnChange, ...]
    rows: tuple[RowCount, ...]

    def of_kind(self, kind: str) -> tuple[Change, ...]:
        """The changes of a kind, by year and publisher."""
        return tuple(change for change in self.changes if change.kind == kind)


@dataclass(frozen=True, slots=True)
class _Figures:
    """How the figures of a table are told apart within a report, and what makes their values.

    Args:
        table: its name.
        codes: the columns whose codes name a figure.
        unit: whether a value is told with its unit.
    """

    table: str
    codes: tuple[str, ...]
    unit: bool = False


_FIGURES = (
    _Figures("requests", ("outcome", "applicant")),
    _Figures("reviews", ("proceeding", "result")),
    _Figures("disclosures", ("category", "measure"), unit=True),
    _Figures("statistics", ("indicator", "label", "heading"), unit=True),
)
_VALUES = ("value", "corrected")
"""The columns of a figure that are compared; a release made before corrections has no `corrected`."""
_REPORT = ["report_id", "year", "city", "publisher"]


def difference(before: Path, after: Path) -> Difference:
    """What is different in the release at `after` from the one at `before`, both as folders.

    Changes come by kind, year, city, publisher and figure.
    """
    old, new = _reports(before), _reports(after)
    changes = [
        *_whole(NEW, new.join(old, on="report_id", how="anti")),
        *_whole(REMOVED, old.join(new, on="report_id", how="anti")),
        *_replaced(old, new),
    ]
    kept = new.join(old.select("report_id"), on="report_id")
    for figures in _FIGURES:
        changes.extend(_changed_figures(before, after, figures, kept))
    return Difference(tuple(changes), tuple(_columns(before, after)), tuple(_rows(before, after)))


def first(after: Path) -> Difference:
    """The difference of a release that has none before it: the rows it has."""
    return Difference((), (), tuple(RowCount(name, None, _height(path)) for name, path in _files(after).items()))


def as_csv(changes: Iterable[Change]) -> bytes:
    """The changes as the bytes of changes.csv."""
    types = {name: pl.Int64 if kind == "integer" else pl.String for name, kind in CHANGES.items()}
    frame = pl.DataFrame([astuple(change) for change in changes], schema=types, orient="row")
    return frame.write_csv().encode()


def _reports(release: Path) -> pl.DataFrame:
    """The reports of a release, each with the edition of its document."""
    editions = _scan(release, "documents").group_by("report_id", "sha256").agg(pl.col("edition").min())
    return (
        _scan(release, "reports")
        .join(editions, on=["report_id", "sha256"], how="left")
        .select(*_REPORT, "sha256", "edition")
        .sort("year", "city", "publisher", "report_id")
        .collect()
    )


def _whole(kind: str, reports: pl.DataFrame) -> Iterator[Change]:
    for row in reports.sort("year", "city", "publisher", "report_id").iter_rows(named=True):
        yield _change(kind, row, "", "", "")


def _replaced(old: pl.DataFrame, new: pl.DataFrame) -> Iterator[Change]:
    """Reports whose figures are now read from another document."""
    both = new.join(old.select("report_id", before="sha256"), on="report_id").filter(
        pl.col("before") != pl.col("sha256")
    )
    for row in both.sort("year", "city", "publisher", "report_id").iter_rows(named=True):
        yield _change(REPLACED, row, "document", row["before"], row["sha256"])


def _changed_figures(before: Path, after: Path, figures: _Figures, kept: pl.DataFrame) -> Iterator[Change]:
    """Figures of reports that both releases have, where they are new, gone or of another value."""
    for column in _VALUES:
        old, new = _values(before, figures, column), _values(after, figures, column)
        suffix = "" if column == "value" else f".{column}"
        key = ["report_id", *figures.codes, "nth"]
        changed = (
            old.join(new, on=key, how="full", coalesce=True, nulls_equal=True, suffix="_after")
            .filter(pl.col("printed").ne_missing(pl.col("printed_after")))
            .join(kept.lazy(), on="report_id")
            .sort("year", "city", "publisher", *key)
            .collect()
        )
        for row in changed.iter_rows(named=True):
            codes = [row[code] for code in figures.codes if row[code] is not None]
            name = ".".join([figures.table, *codes]) + (f"#{row['nth'] + 1}" if row["nth"] else "") + suffix
            yield _change(FIGURE, row, name, row["printed"] or "", row["printed_after"] or "")


def _values(release: Path, figures: _Figures, column: str) -> pl.LazyFrame:
    """Each figure of a table with its value as text; `nth` tells apart what a report prints several times.

    A figure without a value counts as none: a blank that comes or goes is no effect on the data.
    """
    scanned = _scan(release, figures.table)
    names = scanned.collect_schema().names()
    value = pl.col(column) if column in names else pl.lit(None, pl.Int64)
    unit = [pl.col("unit")] if figures.unit else []
    codes = list(figures.codes)
    return (
        scanned.select("report_id", *codes, "cell_id", *unit, number=value)
        .filter(pl.col("number").is_not_null())
        .sort("report_id", *codes, "cell_id")
        .with_columns(nth=pl.int_range(pl.len()).over("report_id", *codes))
        .select(
            "report_id",
            *codes,
            "nth",
            printed=pl.concat_str(
                # Without the zeros that a fixed scale adds; a whole number has no point, and keeps its own.
                pl.col("number").cast(pl.String).str.replace(r"(\.\d*?)0+$", "$1").str.strip_suffix("."),
                *unit,
                separator=" ",
                ignore_nulls=True,
            ),
        )
    )


def _change(kind: str, row: dict[str, object], figure: str, before: str, after: str) -> Change:
    return Change(
        kind,
        int(str(row["year"])),
        str(row["city"]),
        str(row["publisher"]),
        str(row["report_id"]),
        figure,
        before,
        after,
        None if row["edition"] is None else int(str(row["edition"])),
    )


def _columns(before: Path, after: Path) -> Iterator[ColumnChange]:
    """Tables and columns that are new, gone or of another type."""
    old, new = _files(before), _files(after)
    for table in [*new, *(name for name in old if name not in new)]:
        if table not in old or table not in new:
            yield ColumnChange(table, "*", "table" if table in old else "", "table" if table in new else "")
            continue
        was, now = _types(old[table]), _types(new[table])
        for column in [*now, *(name for name in was if name not in now)]:
            if was.get(column) != now.get(column):
                yield ColumnChange(table, column, was.get(column, ""), now.get(column, ""))


def _rows(before: Path, after: Path) -> Iterator[RowCount]:
    old, new = _files(before), _files(after)
    for table in [*new, *(name for name in old if name not in new)]:
        yield RowCount(
            table,
            _height(old[table]) if table in old else None,
            _height(new[table]) if table in new else None,
        )


def _files(release: Path) -> dict[str, Path]:
    return {path.stem: path for path in sorted((release / PARQUET).glob("*.parquet"))}


def _types(path: Path) -> dict[str, str]:
    return {name: str(dtype) for name, dtype in pl.read_parquet_schema(path).items()}


def _height(path: Path) -> int:
    return int(pl.scan_parquet(path).select(pl.len()).collect().item())


def _scan(release: Path, table: str) -> pl.LazyFrame:
    return pl.scan_parquet(release / PARQUET / f"{table}.parquet", hive_partitioning=False)
