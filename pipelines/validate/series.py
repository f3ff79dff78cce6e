"""The rules that need more than one year of a publisher: evaluated over the whole store, before assembling.

They are no part of a partition: a partition must not have to be redone because its neighbour in time was.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipelines.validate.frames import frame
from schemas.derive import literal, quoted
from schemas.rules import CONTINUITIES, FEE_UNIT, Continuity
from warehouse.session import session
from warehouse.store import PartitionManifest, scan

FEE_RATIO = (3_000, 30_000)
"""About 10,000 times: 元 for 万元, with room for the change from one year to the next."""
FEE_YEARS = 2
"""How many years before and after count as neighbours in time."""

FIGURES = ("requests", "disclosures")
"""The tables whose figures are compared."""
COMPARED = ("reports", *FIGURES)
"""The tables that the findings follow from."""
_IS_FEE = pl.col("measure") == "amount"
_SERIES = "(region_code || '|' || publisher)"


def series_findings(store: Path, known: Sequence[PartitionManifest]) -> pl.DataFrame:
    """Findings of every rule that compares a publisher's reports of different years.

    They are about the figures as printed; those that corrected figures do not break are `settled`.

    Args:
        store: root folder of the store.
        known: its partitions.
    """
    with session() as connection:
        for table in COMPARED:
            rows = scan(store, known, table).filter(_is_compared(table)).collect()
            connection.register(f"printed_{table}", rows.to_arrow())
            connection.execute(f"CREATE TEMP VIEW {table} AS FROM printed_{table}")
        found = _compared(connection)
        if _has_corrections(connection):
            for table in FIGURES:
                connection.execute(
                    f"CREATE OR REPLACE TEMP VIEW {table} AS "  # noqa: S608 - a name of our own
                    f"SELECT * REPLACE (coalesce(corrected, value) AS value) FROM printed_{table}"
                )
            still = {_what(row) for row in _compared(connection)}
            found = [row | {"settled": _what(row) not in still} for row in found]
    return frame("findings", found)


def _is_compared(table: str) -> pl.Expr:
    """Whether any rule compares a row of the table: of ten figures, hardly one."""
    if table not in FIGURES:
        return pl.lit(value=True)
    rules = [rule for rule in CONTINUITIES if rule.table == table]
    compared = [pl.col(rule.dimension).is_in([rule.now, rule.before, *rule.plus, *rule.minus]) for rule in rules]
    return pl.any_horizontal(_IS_FEE if table == "disclosures" else pl.lit(value=False), *compared)


def _compared(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    return [*(row for rule in CONTINUITIES for row in _continuity(connection, rule)), *_fee_unit(connection)]


def _what(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["report_id"], row["rule"], row["subject"]


def _has_corrections(connection: duckdb.DuckDBPyConnection) -> bool:
    queries = [f"SELECT 1 FROM {table} WHERE corrected IS NOT NULL LIMIT 1" for table in FIGURES]  # noqa: S608 - ours
    return any(connection.execute(query).fetchone() for query in queries)


def _continuity(connection: duckdb.DuckDBPyConnection, rule: Continuity) -> list[dict[str, Any]]:
    changes = [*((code, 1) for code in rule.plus), *((code, -1) for code in rule.minus)]
    dimension, by = quoted(rule.dimension), quoted(rule.by)
    change = " + ".join(["0", *(f"({sign}) * {_figure(dimension, code)}" for code, sign in changes)])
    codes = ", ".join(literal(code) for code in (rule.now, *rule.plus, *rule.minus))
    sql = f"""
        WITH figures AS (
            SELECT {_SERIES} AS series, r.report_id, r.city, r.year, {by} AS subject,
                   {_figure(dimension, rule.now)} AS now, {_figure(dimension, rule.before)} AS carried,
                   {change} AS change, list(cell_id) FILTER ({dimension} IN ({codes})) AS cells,
                   list(cell_id) FILTER ({dimension} = {literal(rule.before)}) AS cells_before
            FROM {quoted(rule.table)} f JOIN reports r USING (report_id)
            GROUP BY ALL
        )
        SELECT y.report_id, y.city, y.year, y.subject, p.carried + y.change AS expected, y.now,
               list_concat(y.cells, p.cells_before)
        FROM figures y JOIN figures p ON p.series = y.series AND p.subject = y.subject AND p.year = y.year - 1
        WHERE p.carried + y.change <> y.now
        ORDER BY ALL
    """  # noqa: S608 - built from the declared rules alone
    found = connection.execute(sql).fetchall()
    return [
        _row(
            rule.id,
            rule.severity,
            values,
            f"{values[3]}: {rule.now} is printed as {_plain(values[5])}; "
            f"from the report on {values[2] - 1} it should be {_plain(values[4])}",
        )
        for values in found
    ]


def _figure(dimension: str, code: str) -> str:
    return f"max(value) FILTER ({dimension} = {literal(code)})"


def _fee_unit(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Fees that stand about 10,000 times over what the same publisher printed in the years around."""
    low, high = FEE_RATIO
    sql = f"""
        WITH fees AS (
            SELECT {_SERIES} AS series, r.report_id, r.city, r.year, cell_id,
                   value * CASE unit WHEN '元' THEN 1 WHEN '亿元' THEN 100000000 ELSE 10000 END AS yuan
            FROM disclosures d JOIN reports r USING (report_id)
            WHERE measure = 'amount' AND value > 0
        )
        SELECT f.report_id, f.city, f.year, 'disclosures.fees.amount', median(n.yuan)::DECIMAL(26,2), f.yuan,
               list(DISTINCT f.cell_id)
        FROM fees f JOIN fees n
          ON n.series = f.series AND n.year <> f.year AND abs(n.year - f.year) <= {FEE_YEARS}
        GROUP BY ALL
        HAVING f.yuan / median(n.yuan) BETWEEN {low} AND {high}
        ORDER BY ALL
    """  # noqa: S608 - built from the declared rules alone
    found = connection.execute(sql).fetchall()
    return [
        _row(
            FEE_UNIT.id,
            FEE_UNIT.severity,
            values,
            f"fees of {_plain(values[5])} 元 beside {_plain(values[4])} 元 in the years around: "
            "元 may be printed where the form says 万元",
        )
        for values in found
    ]


def _row(rule: str, severity: str, values: Sequence[Any], message: str) -> dict[str, Any]:
    report, city, year, subject, expected, actual, cells = values
    return {
        "report_id": report,
        "city": city,
        "year": year,
        "rule": rule,
        "severity": severity,
        "subject": subject,
        "expected": _plain(expected),
        "actual": _plain(actual),
        "message": message,
        "cell_ids": sorted(set(cells)),
        "settled": False,
    }


def _plain(value: object) -> str:
    """A number without trailing zeros."""
    text = f"{value:f}" if hasattr(value, "as_tuple") else str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text
