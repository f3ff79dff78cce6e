"""Corrections of a home: which partitions they redo, and how one that no longer matches makes itself heard."""

from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from pipelines.cli import main
from pipelines.corrections import corrections_of, own_file, standings, unmatched
from pipelines.fetch.archive import Archive
from pipelines.fetch.register import register
from pipelines.jobs import captured, jobs
from pipelines.population import own_file as population_file
from pipelines.population import population_of
from pipelines.sample.site import SITE, sample_sources
from pipelines.steps import assemble, is_current, recognise_job, store_job, validate_job
from schemas.corrections import InvalidCorrections
from schemas.population import InvalidPopulation
from warehouse.layout import Home
from warehouse.reader import open_warehouse
from warehouse.store import read_partition

PAGES = [source for source in sample_sources() if source.url.endswith(".htm")][:2]


def redo(home, work):
    for job in work:
        recognise_job(home, job)
        validate_job(home, job)
        store_job(home, job)


@pytest.fixture
def loaded(tmp_path):
    """A home with two reports of the sample in two partitions, and their jobs."""
    home = Home(tmp_path / "home")
    for source in PAGES:
        content = (SITE / source.url.split("/", 3)[3]).read_bytes()
        Archive(home.archive).add(source.url, content, retrieved_at=datetime(2026, 1, 1, tzinfo=UTC))
    register(home, PAGES)
    work = jobs(PAGES)
    redo(home, work)
    return home, work


def declare(home, job, printed, corrected="1", sha256=None):
    digest = sha256 or captured(home, job)[0].capture.sha256
    own_file(home).write_text(
        f'[[correction]]\nid = "made"\nsha256 = "{digest}"\ntable = "requests"\nrow = "granted"\ncolumn = "total"\n'
        f'printed = "{printed}"\ncorrected = "{corrected}"\nbasis = "text"\nreason = "made"\nsource = "made"\n'
        'status = "accepted"\n',
        encoding="utf-8",
    )


def granted(home, job):
    rows = read_partition(home.store, job.partition, "requests").filter(outcome="granted", applicant="total")
    return rows.select("value", "corrected").row(0)


def check(home):
    return CliRunner().invoke(main, ["corrections", "check", "--home", str(home.root)])


def test_only_the_partition_of_the_document_is_redone(loaded):
    home, (first, second) = loaded
    printed, _ = granted(home, first)
    declare(home, first, printed)
    assert (is_current(home, first), is_current(home, second)) == (False, True)
    assert [one.state for one in standings(home, corrections_of(home))] == ["waiting"]
    redo(home, [first])
    assert granted(home, first) == (printed, 1)
    assert is_current(home, first)
    assert check(home).output == "1 corrections are valid, 1 applied\n"
    own_file(home).unlink()
    assert (is_current(home, first), is_current(home, second)) == (False, True)


def test_marts_take_the_corrected_value(loaded):
    home, (first, _) = loaded
    declare(home, first, granted(home, first)[0], corrected="7")
    redo(home, [first])
    assemble(home)
    with open_warehouse(home.database) as warehouse:
        series = warehouse.table("time_series").filter(indicator="requests.granted", year=first.partition.year)
        (listed,) = warehouse.table("corrections").iter_rows(named=True)
    assert (int(series["value"].item()), series["is_corrected"].item()) == (7, True)
    assert listed["state"] == "applied"


def test_an_entry_that_no_longer_matches_is_loud_and_blocks_nothing(loaded):
    home, work = loaded
    declare(home, work[0], "99999")
    redo(home, work)
    (problem,) = unmatched(home)
    assert "expected '99999' to be printed" in problem
    assert granted(home, work[0])[1] is None
    result = check(home)
    assert result.exit_code == 1
    assert "made: expected '99999'" in result.output
    findings = read_partition(home.store, work[0].partition, "findings")
    assert findings.filter(rule="corrections.expectation")["severity"].to_list() == ["error"]
    assert granted(home, work[1])[0] is not None


def test_an_entry_of_a_document_that_is_not_here_is_no_error(loaded):
    home, work = loaded
    declare(home, work[0], "1", sha256="0" * 64)
    assert all(is_current(home, job) for job in work)
    result = check(home)
    assert (result.exit_code, result.output) == (0, "1 corrections are valid, 1 absent\n")
    listed = CliRunner().invoke(main, ["corrections", "list", "--home", str(home.root)]).output
    assert listed.startswith("absent     made: requests granted total: '1' -> 1 (accepted, text: made)")


@pytest.mark.parametrize("content", [b"[[correction]]\nid = 3\n", "更正".encode("gb18030"), b"nonsense"])
def test_a_damaged_file_is_named_without_a_traceback(loaded, content):
    home, _ = loaded
    own_file(home).write_bytes(content)
    with pytest.raises(InvalidCorrections, match=r"corrections\.toml"):
        corrections_of(home)
    result = check(home)
    assert result.exit_code == 1
    assert "corrections.toml" in result.output
    assert isinstance(result.exception, SystemExit)


def test_a_home_s_own_population_takes_the_place_of_the_package_s(tmp_path):
    home = Home(tmp_path)
    assert population_of(home).height == 31
    population_file(home).write_text(
        "region_code,year,population,source\n411600,2021,8850000,made\n410000,2020,1,made\n", encoding="utf-8"
    )
    rows = {(code, year): number for code, year, number, _ in population_of(home).rows()}
    assert (len(rows), rows["411600", 2021], rows["410000", 2020]) == (32, 8_850_000, 1)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("999999,2021,1,made", "line 2: region_code"),
        ("411600,21,1,made", "year '21'"),
        ("411600,2021,8.8万,made", "population '8.8万'"),
        ("411600,2021,1,", "source is missing"),
        ("411600,2021", "population ''"),
    ],
)
def test_a_wrong_line_of_a_population_file_is_named(tmp_path, line, said):
    population_file(Home(tmp_path)).write_text(f"region_code,year,population,source\n{line}\n", encoding="utf-8")
    with pytest.raises(InvalidPopulation, match="population.csv") as caught:
        population_of(Home(tmp_path))
    assert said in str(caught.value)
