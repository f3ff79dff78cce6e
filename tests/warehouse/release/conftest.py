import json

import numpy as np
import polars as pl
import pytest
from large_rows import CITIES, EACH, YEARS
from remote_stores import s3_store, web_server

import warehouse.export as export_module
from schemas import derive
from warehouse.release import datapackage


class Rows:
    """As much of `warehouse.reader.Warehouse` as an export asks for, over a frame."""

    def __init__(self, frame):
        self.frame = frame

    def batches(self, _):
        yield from self.frame.iter_slices(10_000)


@pytest.fixture(scope="session")
def large_release(tmp_path_factory):
    """A folder like a release, with `requests` of 128,000 rows: large enough that reading all of it shows."""
    folder = tmp_path_factory.mktemp("large")
    height = len(CITIES) * len(YEARS) * EACH
    random = np.random.default_rng(0)
    frame = pl.DataFrame(
        {
            "report_id": [f"{city}-{year}" for year in YEARS for city in CITIES for _ in range(EACH)],
            "city": [city for _ in YEARS for city in CITIES for _ in range(EACH)],
            "year": [year for year in YEARS for _ in CITIES for _ in range(EACH)],
            "outcome": ["granted"] * height,
            "applicant": ["total"] * height,
            "value": random.integers(0, 2**60, height),
            "corrected": [None] * height,
            "note": [None] * height,
            "cell_id": [f"{number:x}" for number in random.integers(0, 2**60, height)],
        },
        schema=derive.polars_schema("requests"),
    )
    (folder / "parquet").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(export_module, "ROW_GROUP", 5 * EACH)
        for _ in export_module._write_table(Rows(frame), folder / "parquet", "requests"):
            pass
    fields = [{"name": name} for name in frame.columns]
    table = {"name": "requests", "path": "parquet/requests.parquet", "format": "parquet", "schema": {"fields": fields}}
    (folder / datapackage.NAME).write_text(json.dumps({"version": "1", "resources": [table]}))
    return folder


@pytest.fixture(scope="session")
def on_the_web(large_release):
    with web_server(large_release) as served:
        yield served


@pytest.fixture(scope="session")
def in_a_bucket(large_release):
    with s3_store(large_release) as served:
        yield served
