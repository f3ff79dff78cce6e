"""The descriptors as the libraries of their standards see them."""

import json
import logging

import frictionless
import mlcroissant
import polars as pl
import pytest

from schemas import derive
from warehouse.release.croissant import data_type
from warehouse.release.datapackage import field_type


@pytest.fixture(scope="module")
def package(sample_release):
    return json.loads((sample_release / "datapackage.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def dataset(sample_release):
    return mlcroissant.Dataset(jsonld=str(sample_release / "croissant.json"))


def test_frictionless_finds_the_release_valid_rows_included(sample_release):
    report = frictionless.validate(str(sample_release / "datapackage.json"))
    assert report.flatten(["resourceName", "type", "message"]) == []
    assert report.valid
    rows = {task.name: task.stats.get("rows", 0) for task in report.tasks if task.type == "table"}
    assert (
        rows["cells"] == pl.scan_parquet(sample_release / "parquet" / "cells.parquet").select(pl.len()).collect().item()
    )


def test_frictionless_finds_a_wrong_row(sample_release, package, tmp_path):
    """The test above would be worth nothing if it passed for everything."""
    one = next(resource for resource in package["resources"] if resource["name"] == "requests")
    rows = pl.read_parquet(sample_release / one["path"]).with_columns(outcome=pl.lit("nonsense"))
    rows.write_parquet(tmp_path / "requests.parquet")
    resource = frictionless.Resource.from_descriptor({**one, "path": "requests.parquet"}, basepath=str(tmp_path))
    assert {error[0] for error in resource.validate().flatten(["type"])} >= {"constraint-error"}


def test_mlcroissant_has_nothing_against_the_release(sample_release, caplog):
    with caplog.at_level(logging.WARNING):
        found = mlcroissant.Dataset(jsonld=str(sample_release / "croissant.json"))
    assert not found.metadata.issues.errors
    assert not found.metadata.issues.warnings
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert found.metadata.version == "2026.1"


@pytest.mark.parametrize("table", ["reports", "requests", "disclosures", "city_year"])
def test_mlcroissant_reads_the_rows(dataset, sample_release, table):
    records = list(dataset.records(table))
    rows = pl.read_parquet(sample_release / "parquet" / f"{table}.parquet")
    assert len(records) == rows.height
    # Texts come as bytes; the first key column is enough to see that it is our row.
    key = derive.key(table)[0]
    assert [record[f"{table}/{key}"].decode() for record in records] == rows[key].to_list()


def test_the_package_describes_every_table_and_column(package):
    described = {
        resource["name"]: [field["name"] for field in resource["schema"]["fields"]]
        for resource in package["resources"]
        if resource["format"] == "parquet"
    }
    assert described == {table: [column.name for column in derive.columns(table)] for table in derive.tables()}
    for resource in package["resources"]:
        for field in resource.get("schema", {}).get("fields", []):
            if resource["format"] == "parquet":
                assert " | " in field["title"]
                assert " | " in field["description"]


def test_the_package_names_codes_units_and_keys(package):
    requests = next(resource for resource in package["resources"] if resource["name"] == "requests")
    fields = {field["name"]: field for field in requests["schema"]["fields"]}
    assert fields["value"]["unit"] == "件"
    assert {"value": "granted", "label": "予以公开 | granted"}.items() <= {
        key: value for one in fields["outcome"]["categories"] if one["value"] == "granted" for key, value in one.items()
    }.items() or any(one["value"] == "granted" for one in fields["outcome"]["categories"])
    assert requests["schema"]["primaryKey"] == derive.key("requests")


def test_hashes_and_sizes_are_those_of_the_files(package, sample_release):
    from warehouse.files import sha256_of

    for resource in package["resources"]:
        path = sample_release / resource["path"]
        assert resource.get("sha256", resource.get("hash", "").removeprefix("sha256:")) == sha256_of(path)
        assert resource.get("size_bytes", resource.get("bytes")) == path.stat().st_size


def test_every_declared_type_has_a_counterpart():
    dtypes = {column.dtype for table in derive.tables() for column in derive.columns(table)}
    assert all(field_type(dtype) and data_type(dtype) for dtype in dtypes)


@pytest.mark.parametrize("function", [field_type, data_type])
def test_an_undeclared_type_is_refused(function):
    with pytest.raises(TypeError, match="add it to warehouse.release"):
        function(pl.UInt8())
