"""Valid frames for a partition: a small fixed set, and any that hypothesis can think of."""

from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256

import polars as pl
from hypothesis import strategies as st

from schemas import codes, derive
from schemas.tables import PARTITIONED
from warehouse.layout import Partition

ZHOUKOU_2021 = Partition("zhoukou-411600", 2021)
ZHOUKOU_2022 = Partition("zhoukou-411600", 2022)
SUZHOU_2021 = Partition("suzhou-320500", 2021)


def frame_of(table, rows):
    return pl.DataFrame(rows, schema=derive.polars_schema(table), orient="row")


def frames_of(partition: Partition, *, requests: int = 7, document: str | None = None) -> dict[str, pl.DataFrame]:
    """One report with two request cells, a review, a fee, a chapter and a finding.

    `requests` is the figure in the first cell; `document` the hash of the file, by default one of its own.
    """
    city, year = partition.city, partition.year
    code = city[-6:]
    report, digest = f"{code}-{year}-0", document or sha256(partition.key.encode()).hexdigest()
    cells = [f"{digest[:16]}-{number}" for number in range(4)]
    place = (digest, 1, 72.5, 100.25, 120.0, 118.125, None, 1)
    return {
        "documents": frame_of(
            "documents",
            [
                (
                    digest,
                    city,
                    year,
                    "https://example.cn/1.pdf",
                    datetime(2022, 1, 31, 9, tzinfo=UTC),
                    "application/pdf",
                    1234,
                    1,
                    "loaded",
                    None,
                    report,
                    5,
                    "WPS 文字",
                    "text",
                    "1",
                ),
            ],
        ),
        "reports": frame_of(
            "reports",
            [
                (
                    report,
                    code,
                    city,
                    year,
                    code,
                    "周口市",
                    "prefecture",
                    "周口市人民政府",
                    "年度报告",
                    "2021",
                    digest,
                    date(year, 1, 1),
                    date(year, 12, 31),
                    None,
                ),
            ],
        ),
        "disclosures": frame_of(
            "disclosures",
            [(report, city, year, "fees", "amount", Decimal("73802895.900000"), None, "元", "其中1件", cells[2])],
        ),
        "requests": frame_of(
            "requests",
            [
                (report, city, year, "new_requests", "total", requests, None, None, cells[0]),
                (report, city, year, "carried_over", "total", None, None, None, cells[1]),
            ],
        ),
        "reviews": frame_of(
            "reviews", [(report, city, year, "administrative_review", "upheld", 3, None, None, cells[3])]
        ),
        "sections": frame_of("sections", [(report, city, year, 1, "overview", "一、总体情况", "正文\n第二段")]),
        "cells": frame_of(
            "cells",
            [
                (cells[0], report, city, year, *place, 1, 1, f"{requests}", "number"),
                (cells[1], report, city, year, *place, 2, 1, "—", "dash"),
                (cells[2], report, city, year, *place, 3, 1, "73802895.90元", "number"),
                (cells[3], report, city, year, *place, 4, 1, "３", "number"),
            ],
        ),
        "findings": frame_of(
            "findings",
            [(report, city, year, "form.blank", "info", "carried_over", "0", None, "blank", [cells[1]], False)],
        ),
    }


def divisions() -> pl.DataFrame:
    return frame_of(
        "regions",
        [
            ("411600", "周口市", "Zhoukou", "prefecture", "410000", "411600", "zhoukou-411600", None, None, None, []),
            ("320500", "苏州市", "Suzhou", "prefecture", "320000", "320500", "suzhou-320500", None, None, None, []),
        ],
    )


def series_finding(partition: Partition) -> pl.DataFrame:
    report = f"{partition.city[-6:]}-{partition.year}-0"
    return frame_of(
        "findings",
        [(report, partition.city, partition.year, "requests.continuity", "warning", "total", "1", "2", "…", [], False)],
    )


def store_frame(frames: dict[str, pl.DataFrame], table: str) -> pl.DataFrame:
    """What the store should hold of a table."""
    return frames.get(table, derive.empty(table)).sort(derive.key(table))


_BY_NAME = {
    "sha256": st.from_regex(r"[0-9a-f]{64}", fullmatch=True),
    "city_code": st.from_regex(r"[0-9]{6}", fullmatch=True),
    "region_code": st.from_regex(r"[0-9]{6}", fullmatch=True),
}
_BY_TYPE = {
    pl.String: st.text(max_size=12),
    pl.Boolean: st.booleans(),
    pl.Int32: st.integers(1, 2**31 - 1),
    pl.Int64: st.integers(1, 2**63 - 1),
    pl.Float64: st.floats(allow_nan=False, allow_infinity=False),
    pl.Decimal: st.decimals(min_value=-(10**13), max_value=10**13, places=6),
    pl.Datetime: st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    pl.Date: st.dates(date(1990, 1, 1), date(2100, 1, 1)),
}


def _values(column: derive.Column):
    """Any valid value of a declared column."""
    if column.codes:
        values = st.sampled_from(getattr(codes, column.codes.upper()).values())
    elif column.name == "unit":
        values = st.sampled_from(["件", "项", "万元", "元", "亿元"])
    elif column.name == "fact_table":
        values = st.sampled_from(["disclosures", "requests", "reviews", "statistics"])
    elif column.name in _BY_NAME:
        values = _BY_NAME[column.name]
    else:
        values = _BY_TYPE[type(column.dtype) if column.dtype in (pl.Decimal, pl.Datetime) else column.dtype]
    return st.none() | values if column.nullable else values


@st.composite
def any_frames(draw, partition: Partition):
    """Frames of a partition that the schema allows, whatever they say."""
    frames = {}
    reports, cells = [], []
    # Reports and cells first: the others refer to them.
    for table in sorted(PARTITIONED, key=lambda name: (name != "reports", name != "cells")):
        columns = {column.name: _values(column) for column in derive.columns(table) if column.name != "cell_ids"}
        columns |= {"city": st.just(partition.city), "year": st.just(partition.year)}
        if table not in {"reports", "documents"}:
            if not reports:
                continue
            columns["report_id"] = st.sampled_from(reports)
        if "cell_id" in columns and table != "cells":
            if not cells:
                continue
            columns["cell_id"] = st.sampled_from(cells)
        if table == "findings":
            columns["cell_ids"] = st.lists(st.sampled_from(cells), max_size=3) if cells else st.just([])
        key = derive.key(table)
        rows = draw(
            st.lists(
                st.fixed_dictionaries(columns),
                max_size=4,
                unique_by=lambda row, key=key: tuple(row[name] for name in key),
            )
        )
        if rows or draw(st.booleans()):
            frames[table] = pl.DataFrame(rows, schema=derive.polars_schema(table))
        if table == "reports":
            reports = [row["report_id"] for row in rows]
        if table == "cells":
            cells = [row["cell_id"] for row in rows]
    return frames
