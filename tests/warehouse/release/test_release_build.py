import json
import os
import re
import shutil
import stat
import subprocess
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest
import yaml
from stored_rows import SUZHOU_2021, ZHOUKOU_2021, ZHOUKOU_2022, divisions, frames_of, series_finding

import warehouse.release.build as build_module
from schemas import derive
from schemas.dataset import DATASET
from schemas.tables import PARTITIONED
from warehouse.assembler import BUILD_TABLE, assemble
from warehouse.layout import Home
from warehouse.reader import NoWarehouse, open_warehouse
from warehouse.release.build import ReleaseExists, release
from warehouse.release.facts import DATABASE, InvalidEpoch, NothingToRelease
from warehouse.release.verify import BrokenRelease, NotARelease, verify
from warehouse.release.version import CHECKSUMS, Version

V1, V2 = Version((2026, 1)), Version((2026, 2))


@pytest.fixture(scope="module")
def released(assembled_home, tmp_path_factory):
    return release(assembled_home, V1, tmp_path_factory.mktemp("released"))


@pytest.fixture
def quick(monkeypatch):
    """The DuckDB file as a plain copy, where it is not what is tested: no process to start."""
    monkeypatch.setattr(build_module, "write_database", shutil.copyfile)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def writable_copy(folder: Path, target: Path) -> Path:
    shutil.copytree(folder, target)
    for path in target.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return target


def test_a_release_has_all_its_parts(released):
    names = {path.name for path in released.folder.iterdir()}
    assert names == {
        *("README.md", "CHANGELOG.md", "LICENSE", "SOURCES.md", "CITATION.cff", ".zenodo.json"),
        *("dictionary.html", "dictionary.md"),
        *("datapackage.json", "croissant.json", "SHA256SUMS", "changes.csv", "gongkai.duckdb", "parquet"),
    }
    assert {path.name for path in (released.folder / "parquet").glob("*.parquet")} == {
        f"{table}.parquet" for table in derive.tables()
    }


def test_the_same_warehouse_gives_the_same_bytes(assembled_home, released, tmp_path):
    again = release(assembled_home, V1, tmp_path / "elsewhere")
    assert contents(again.folder) == contents(released.folder)


def test_the_same_rows_assembled_anew_give_the_same_bytes(released, tmp_path):
    home = Home(tmp_path / "another-home")
    from warehouse.store import write_partition

    for partition in (ZHOUKOU_2021, SUZHOU_2021, ZHOUKOU_2022):
        write_partition(home.store, partition, frames_of(partition), "another data version")
    assemble(home, regions=divisions(), series_findings=series_finding(ZHOUKOU_2022))
    assert contents(release(home, V1, tmp_path / "out").folder) == contents(released.folder)


def test_a_release_of_the_sample_is_the_same_twice(sample_home, sample_release, tmp_path):
    again = release(sample_home, V1, tmp_path)
    assert contents(again.folder) == contents(sample_release)


def test_the_database_has_the_rows_comments_and_no_bookkeeping(assembled_home, released):
    with open_warehouse(assembled_home.database) as ours, open_warehouse(released.folder / DATABASE) as theirs:
        for table in derive.tables():
            assert theirs.table(table).equals(ours.table(table)), table
        comments = "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE table_name <> ? ORDER BY ALL"
        assert theirs.query(comments, [BUILD_TABLE]).equals(ours.query(comments, [BUILD_TABLE]))
        assert BUILD_TABLE not in theirs.query("SELECT table_name FROM duckdb_tables()")["table_name"].to_list()
    with duckdb.connect(str(released.folder / DATABASE), read_only=True) as plain:
        assert plain.sql("SELECT count(*) FROM requests").fetchone() == (6,)


def test_files_cannot_be_written(released):
    for path in released.folder.rglob("*"):
        assert path.is_dir() or stat.S_IMODE(path.stat().st_mode) == 0o444


def test_a_version_is_never_overwritten(assembled_home, released):
    before = contents(released.folder)
    with pytest.raises(ReleaseExists, match="never overwritten; choose the next version"):
        release(assembled_home, V1, released.folder.parent)
    assert contents(released.folder) == before


def test_a_folder_of_that_name_is_left_alone_even_if_it_is_no_release(assembled_home, tmp_path):
    (tmp_path / "2026.1").mkdir()
    (tmp_path / "2026.1" / "notes.txt").write_text("mine")
    with pytest.raises(ReleaseExists):
        release(assembled_home, V1, tmp_path)
    assert contents(tmp_path) == {"2026.1/notes.txt": b"mine"}


def test_a_release_that_fails_leaves_nothing(assembled_home, tmp_path, monkeypatch, quick):
    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(build_module, "write_checksums", killed)
    with pytest.raises(KeyboardInterrupt):
        release(assembled_home, V1, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_release_left_is_removed(assembled_home, tmp_path, quick):
    left = tmp_path / ".2026.1.0123.part"
    left.mkdir()
    (left / "half").write_bytes(b"")
    release(assembled_home, V1, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["2026.1"]


def test_a_release_into_the_home_itself_does_not_wait_for_itself(assembled_home, tmp_path, quick):
    home = Home(tmp_path / "home")
    shutil.copytree(assembled_home.root, home.root)
    assert release(home, V1, home.root).folder == home.root / "2026.1"


def test_without_a_warehouse_nothing_is_released(tmp_path):
    with pytest.raises(NoWarehouse, match="gongkai run"):
        release(Home(tmp_path / "home"), V1, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_warehouse_without_reports_is_not_released(tmp_path, quick):
    home = Home(tmp_path / "home")
    assemble(home, regions=divisions(), series_findings=derive.empty("findings"))
    with pytest.raises(NothingToRelease, match="nothing to release"):
        release(home, V1, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


# --- dates ----------------------------------------------------------------------------------------------------------


def test_the_date_is_that_of_the_last_retrieval(released):
    assert released.facts.date == date(2022, 1, 31)
    assert yaml.safe_load((released.folder / "CITATION.cff").read_text())["date-released"] == date(2022, 1, 31)


def test_the_date_can_be_given(assembled_home, tmp_path, monkeypatch, quick):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    made = release(assembled_home, V1, tmp_path)
    assert json.loads((made.folder / "datapackage.json").read_text())["created"] == "2026-01-01T00:00:00Z"


@pytest.mark.parametrize("epoch", ["yesterday", "99999999999999999999"])
def test_a_date_that_is_none_is_refused(assembled_home, tmp_path, monkeypatch, epoch, quick):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    with pytest.raises(InvalidEpoch, match="seconds since 1970"):
        release(assembled_home, V1, tmp_path)


# --- descriptors ----------------------------------------------------------------------------------------------------


def test_what_the_readme_of_a_release_shows_works(sample_release, monkeypatch):
    text = (sample_release / "README.md").read_text(encoding="utf-8")
    (sql,) = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
    with open_warehouse(sample_release / DATABASE) as database:
        assert database.query(sql).height == 12
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    monkeypatch.chdir(sample_release)
    names = {}
    exec(code, names)  # noqa: S102 - our own
    assert names["requests"].height > 0
    named = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert [name for name in named if name != CHECKSUMS] == list(derive.tables())


def test_the_citation_of_the_repository_says_the_same(released):
    ours = yaml.safe_load((Path(__file__).parents[3] / "CITATION.cff").read_text(encoding="utf-8"))
    theirs = yaml.safe_load((released.folder / "CITATION.cff").read_text(encoding="utf-8"))
    for key in ("cff-version", "message", "title", "type", "authors", "license", "keywords"):
        assert ours[key] == theirs[key], key
    assert theirs["version"] == "2026.1"


def test_zenodo_gets_what_it_requires(released):
    deposit = json.loads((released.folder / ".zenodo.json").read_text(encoding="utf-8"))
    assert deposit["upload_type"] == "dataset"
    assert deposit["creators"] == [{"name": author} for author in DATASET.authors]
    assert deposit["publication_date"] == "2022-01-31"
    assert {"title", "description", "license", "version", "access_right"} <= deposit.keys()


def test_hive_files_and_single_files_have_the_same_rows(released):
    for table in PARTITIONED:
        folder = released.folder / "parquet" / table
        whole = pl.read_parquet(folder.with_suffix(".parquet"))
        if not folder.exists():
            assert whole.is_empty()
            continue
        by_city = pl.read_parquet(folder, hive_schema={"city": pl.String, "year": pl.Int32}).select(whole.columns)
        key = derive.key(table)
        assert by_city.sort(key).equals(whole.sort(key)), table


def test_row_groups_say_which_cities_and_years_they_have(sample_release):
    metadata = pq.read_metadata(sample_release / "parquet" / "cells.parquet")
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    names = metadata.schema.names
    for group in groups:
        year, city = (group.column(names.index(name)) for name in ("year", "city"))
        assert year.statistics.min == year.statistics.max
        assert city.statistics.has_min_max
        assert year.compression == city.compression == "ZSTD"
    assert len(groups) == 5


# --- checksums ------------------------------------------------------------------------------------------------------


def test_an_untouched_release_is_verified(released):
    found = verify(released.folder)
    assert found.files == len(contents(released.folder)) - 1


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="no sha256sum on this machine")
def test_sha256sum_reads_the_checksums(released):
    done = subprocess.run(["sha256sum", "--check", "--strict", "--quiet", CHECKSUMS], cwd=released.folder, check=False)
    assert done.returncode == 0


def test_every_change_to_a_release_is_found(released, tmp_path):
    copy = writable_copy(released.folder, tmp_path / "copy")
    (copy / "changes.csv").write_bytes(b"")
    (copy / "README.md").unlink()
    (copy / "parquet" / "extra.txt").write_text("mine")
    with pytest.raises(BrokenRelease) as found:
        verify(copy)
    assert (found.value.changed, found.value.missing, found.value.added) == (
        ("changes.csv",),
        ("README.md",),
        ("parquet/extra.txt",),
    )
    assert "1 changed (changes.csv), 1 missing (README.md), 1 added (parquet/extra.txt)" in str(found.value)


@pytest.mark.parametrize("text", [None, b"", b"nonsense\n", b"\xff\xfe"])
def test_a_folder_without_checksums_is_no_release(tmp_path, text):
    if text is not None:
        (tmp_path / CHECKSUMS).write_bytes(text)
    with pytest.raises(NotARelease, match="is no release"):
        verify(tmp_path)


def test_the_environment_of_the_caller_is_not_changed(assembled_home, tmp_path):
    before = dict(os.environ)
    release(assembled_home, V2, tmp_path)
    assert dict(os.environ) == before
