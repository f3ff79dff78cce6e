"""The SQL of the marts, and the declared facts that it joins: read by the assembler, computed by DuckDB.

`<name>.sql` beside this module is one query that yields the columns that `schemas.marts` declares for the mart of
that name, in any order. It may read every table, the marts before it, and the relations of `declared()`.
"""

from importlib.resources import files

import polars as pl

from schemas.derive import empty
from schemas.forms import all_forms, expected_cells
from schemas.indicators import indicators

CHAPTERS = ("disclosures", "requests", "reviews")


def query(mart: str) -> str:
    """The query that computes a mart; raises FileNotFoundError for an unknown one."""
    return (files("warehouse.marts") / f"{mart}.sql").read_text(encoding="utf-8")


def declared() -> dict[str, pl.DataFrame]:
    """Declarations as relations for the queries, by name.

    `declared_indicators` is what `schemas.marts.Indicators` says; `expected_figures` has, for each form with
    chapters 2 to 4, how many cells of figures it has where （六）其他处理 is printed as `several` rows or not.
    """
    made_of = [
        (
            *(one.code, one.zh, one.en, one.unit, part.form, alternative),
            *(figure.table, figure.row, figure.column, part.comparability),
        )
        for one in indicators()
        for form in dict.fromkeys(part.form for part in one.parts)
        for alternative, part in enumerate(part for part in one.parts if part.form == form)
        for figure in part.figures
    ]
    expected = [
        (form.version, several, sum(len(expected_cells(form, chapter, several)) for chapter in CHAPTERS))
        for form in all_forms()
        for several in (False, True)
    ]
    return {
        "declared_indicators": pl.DataFrame(made_of, schema=empty("indicators").schema, orient="row"),
        "expected_figures": pl.DataFrame(
            expected, schema={"form": pl.String, "several": pl.Boolean, "figures": pl.Int64}, orient="row"
        ),
    }
