import shutil

import frictionless
import polars as pl
import pytest
from stored_rows import SUZHOU_2021, ZHOUKOU_2021, ZHOUKOU_2022, divisions, frames_of

import warehouse.release.build as build_module
from schemas import derive
from warehouse.assembler import assemble
from warehouse.layout import Home
from warehouse.release.build import release
from warehouse.release.changelog import line
from warehouse.release.changes import FIGURE, NEW, REMOVED, REPLACED, Change, ColumnChange, difference
from warehouse.release.version import Version
from warehouse.store import remove_partition, write_partition


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(build_module, "write_database", shutil.copyfile)


def revised():
    """周口's report of 2021 after a revision: another document, 205 for 203, a blank that is no longer one."""
    digest = "ab" * 32
    frames = frames_of(ZHOUKOU_2021, requests=205, document=digest)
    old = frames_of(ZHOUKOU_2021, requests=203)["documents"].with_columns(
        status=pl.lit("superseded"), reason=pl.lit("…")
    )
    new = frames["documents"].with_columns(edition=pl.lit(2, pl.Int32), source_url=pl.lit("https://example.cn/2.pdf"))
    carried = pl.col("outcome") == "carried_over"
    frames["requests"] = frames["requests"].with_columns(value=pl.when(carried).then(4).otherwise("value"))
    return frames | {"documents": pl.concat([old, new])}


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """Two releases: between them 周口 revises 2021 and publishes 2022, and 苏州 is gone."""
    home, out = Home(tmp_path_factory.mktemp("pair") / "home"), tmp_path_factory.mktemp("out")

    def publish(version):
        assemble(home, regions=divisions(), series_findings=derive.empty("findings"))
        return release(home, Version(version), out)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build_module, "write_database", shutil.copyfile)
        write_partition(home.store, ZHOUKOU_2021, frames_of(ZHOUKOU_2021, requests=203), "v1")
        write_partition(home.store, SUZHOU_2021, frames_of(SUZHOU_2021), "v1")
        first = publish((2026, 1))
        write_partition(home.store, ZHOUKOU_2021, revised(), "v2")
        write_partition(home.store, ZHOUKOU_2022, frames_of(ZHOUKOU_2022), "v1")
        remove_partition(home.store, SUZHOU_2021)
        return first, publish((2026, 2))


def test_the_first_release_has_only_rows_to_tell(pair):
    first, _ = pair
    assert first.difference.changes == ()
    assert {(one.table, one.after) for one in first.difference.rows} >= {("reports", 2), ("requests", 4)}
    assert "The first release." in (first.folder / "CHANGELOG.md").read_text(encoding="utf-8")


def test_a_changed_figure_is_told_with_its_edition(pair):
    _, second = pair
    told = [line(change) for change in second.difference.of_kind(FIGURE)]
    assert told == [
        "2021 周口市: requests.carried_over.total blank -> 4, edition 2",
        "2021 周口市: requests.new_requests.total 203 -> 205, edition 2",
    ]


def test_new_and_removed_reports_and_replaced_documents_are_told(pair):
    _, second = pair
    assert [(one.year, one.city) for one in second.difference.of_kind(NEW)] == [(2022, "zhoukou-411600")]
    assert [(one.year, one.city) for one in second.difference.of_kind(REMOVED)] == [(2021, "suzhou-320500")]
    (replaced,) = second.difference.of_kind(REPLACED)
    assert (replaced.year, replaced.city, replaced.after, replaced.edition) == (2021, "zhoukou-411600", "ab" * 32, 2)


def test_the_change_log_keeps_earlier_releases(pair):
    first, second = pair
    text = (second.folder / "CHANGELOG.md").read_text(encoding="utf-8")
    assert text.index("## 2026.2") < text.index("## 2026.1")
    assert text.count("# Changes in the data\n") == 1
    assert "- 2021 周口市: requests.new_requests.total 203 -> 205, edition 2\n" in text
    assert (
        "Compared with 2026.1: 1 new and 1 removed in the list of reports; 2 changed figures, in 1 of the reports"
        in text
    )
    assert "| requests | 4 | 4 |" in text
    earlier = (first.folder / "CHANGELOG.md").read_text(encoding="utf-8").partition("\n\n")[2]
    assert text.rstrip().endswith(earlier.rstrip())


def test_changes_are_also_a_table(pair):
    _, second = pair
    rows = pl.read_csv(second.folder / "changes.csv")
    assert rows.height == len(second.difference.changes) == 5
    assert rows.filter(pl.col("figure") == "requests.new_requests.total").select("before", "after").row(0) == (
        "203",
        "205",
    )


def test_money_is_told_with_its_unit_and_without_the_zeros_of_its_scale(pair, tmp_path):
    first, _ = pair
    shutil.copytree(first.folder, tmp_path / "other")
    path = tmp_path / "other" / "parquet" / "disclosures.parquet"
    path.chmod(0o644)
    fees = pl.read_parquet(path)
    unit = pl.when(city="suzhou-320500").then(pl.lit("万元")).otherwise("unit")
    value = pl.when(city="zhoukou-411600").then(pl.lit(100, pl.Decimal(20, 6))).otherwise("value")
    fees.with_columns(unit=unit, value=value).write_parquet(path)
    assert [line(change) for change in difference(first.folder, tmp_path / "other").changes] == [
        "2021 周口市: disclosures.fees.amount 73802895.9 元 -> 73802895.9 万元, edition 1",
        "2021 周口市: disclosures.fees.amount 73802895.9 元 -> 100 元, edition 1",
    ]


def test_frictionless_finds_the_table_of_changes_valid(pair):
    _, second = pair
    package = frictionless.Package(str(second.folder / "datapackage.json"))
    report = package.get_resource("changes").validate()
    assert report.flatten(["type", "message"]) == []
    assert report.tasks[0].stats["rows"] == 5


def test_the_same_data_has_no_changes(pair, tmp_path):
    first, _ = pair
    assert difference(first.folder, first.folder).changes == ()
    assert difference(first.folder, first.folder).columns == ()


def test_columns_that_come_go_or_change_are_told(pair, tmp_path):
    first, _ = pair
    shutil.copytree(first.folder, tmp_path / "other")
    parquet = tmp_path / "other" / "parquet"
    regions = pl.read_parquet(parquet / "regions.parquet")
    (parquet / "regions.parquet").chmod(0o644)
    regions.drop("name_en").with_columns(pl.col("adcode").cast(pl.Int32), extra=pl.lit(1)).write_parquet(
        parquet / "regions.parquet"
    )
    (parquet / "quality.parquet").unlink()
    assert set(difference(first.folder, tmp_path / "other").columns) == {
        ColumnChange("regions", "adcode", "String", "Int32"),
        ColumnChange("regions", "extra", "", "Int32"),
        ColumnChange("regions", "name_en", "String", ""),
        ColumnChange("quality", "*", "table", ""),
    }


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            Change(FIGURE, 2021, "c", "周口市人民政府", "r", "disclosures.fees.amount", "12 万元", "12 元", 1),
            "2021 周口市: disclosures.fees.amount 12 万元 -> 12 元, edition 1",
        ),
        (Change(FIGURE, 2021, "c", "周口市公安局", "r", "x", "1", "", None), "2021 周口市公安局: x 1 -> blank"),
        (Change(NEW, 2021, "c", "周口市人民政府", "r", "", "", "", 1), "2021 周口市, edition 1"),
    ],
)
def test_a_change_is_one_line(change, told):
    assert line(change) == told
