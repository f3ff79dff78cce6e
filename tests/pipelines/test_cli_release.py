import re
import shutil

import pytest
from click.testing import CliRunner

import warehouse.release.build as build_module
from pipelines.cli import main
from warehouse.layout import Home


def gongkai(*arguments, home=None):
    return CliRunner().invoke(main, [*map(str, arguments), *(["--home", str(home.root)] if home else [])])


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """The DuckDB file as a plain copy: no process to start."""
    monkeypatch.setattr(build_module, "write_database", shutil.copyfile)


def test_a_version_is_released_verified_and_not_released_again(sample_home, tmp_path):
    made = gongkai("release", "2026.1", "--out", tmp_path, home=sample_home)
    assert made.exit_code == 0, made.output
    assert made.output.splitlines()[0] == str(tmp_path / "2026.1")
    assert "12 reports of 6 cities, 2019 to 2025\nthe first release in this folder\n" in made.output
    checked = gongkai("release", "verify", tmp_path / "2026.1")
    assert checked.exit_code == 0
    assert re.search(r"[1-9][0-9]* files, [0-9,]+ bytes, all as released", checked.output)
    again = gongkai("release", "2026.1", "--out", tmp_path, home=sample_home)
    assert again.exit_code == 1
    assert again.stderr.startswith("Error: ")
    assert "never overwritten" in again.stderr
    second = gongkai("release", "make", "2026.2", "--out", tmp_path, home=sample_home)
    assert "compared with 2026.1: 0 reports new, 0 gone, 0 figures changed" in second.output


def test_releases_lie_in_the_home_by_default(home_after_a_run):
    made = gongkai("release", "2026.1", home=home_after_a_run)
    assert made.exit_code == 0, made.output
    assert (home_after_a_run.releases / "2026.1" / "SHA256SUMS").is_file()


def test_a_changed_release_is_told(sample_release, tmp_path):
    shutil.copytree(sample_release, tmp_path / "copy")
    (tmp_path / "copy" / "README.md").chmod(0o644)
    (tmp_path / "copy" / "README.md").write_text("other")
    found = gongkai("release", "verify", tmp_path / "copy")
    assert found.exit_code == 1
    assert "1 changed (README.md)" in found.stderr


def test_spreadsheets_are_written(sample_home, tmp_path):
    excel = gongkai("export", "excel", tmp_path / "a.xlsx", "--year", "2023", home=sample_home)
    assert excel.exit_code == 0, excel.output
    assert (tmp_path / "a.xlsx").is_file()
    assert re.search(r"^报告  [1-9]", excel.output, re.MULTILINE)
    csv = gongkai("export", "csv", tmp_path / "tables", "--city", "zhoukou-411600", home=sample_home)
    assert csv.exit_code == 0, csv.output
    assert csv.output.splitlines() == [str(path) for path in map((tmp_path / "tables").joinpath, csv_names(csv.output))]
    assert (tmp_path / "tables" / "依申请公开.csv").is_file()


def csv_names(output):
    return [line.rpartition("/")[2] for line in output.splitlines()]


WRONG = {
    "a version that is none": (["release", "v1"], "'v1' is no version; expected one to three numbers"),
    "no version": (["release", "make"], "Missing argument 'VERSION'"),
    "a release without a warehouse": (["release", "2026.1"], "no warehouse at .*; run `gongkai run`"),
    "a folder that is no release": (["release", "verify", "{folder}"], "is no release"),
    "a folder that is not there": (["release", "verify", "{folder}/none"], "is no release"),
    "an export without a warehouse": (["export", "csv", "{folder}/x"], "no warehouse at"),
    "a workbook of another kind": (["export", "excel", "{folder}/x.xls"], "must end in .xlsx"),
    "a city that is no slug": (["export", "csv", "{folder}/x", "--city", "周口"], "no city slug"),
    "a year before the Regulations": (["export", "csv", "{folder}/x", "--year", "1999"], "1999 is not in the range"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_goes_wrong_is_one_line_and_writes_nothing(case, tmp_path, sample_home):
    arguments, says = WRONG[case]
    folder = tmp_path / "folder"
    folder.mkdir()
    home = sample_home if "city" in case else Home(tmp_path / "home")
    words = [one.format(folder=folder) for one in arguments]
    failed = gongkai(*words, home=None if words[:2] == ["release", "verify"] else home)
    assert failed.exit_code not in {0, None}
    lines = [line for line in failed.stderr.splitlines() if line.startswith("Error: ")]
    assert len(lines) == 1
    assert re.search(says, lines[0])
    assert list(tmp_path.rglob("*")) == [folder]
