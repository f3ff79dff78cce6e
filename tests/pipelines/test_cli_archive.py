from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipelines.cli import main
from pipelines.discover.catalogue import default_catalogue
from pipelines.discover.source import Source
from pipelines.fetch.archive import Archive
from pipelines.fetch.register import register, registered
from pipelines.fetch.warc import export_warc
from pipelines.sample.site import SITE, sample_sources
from warehouse.layout import Home

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
PAGE = next(source for source in sample_sources() if source.city == "hangzhou-330100")
CONTENT = (SITE / PAGE.url.split("/", 3)[3]).read_bytes()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    add(home, PAGE, CONTENT, CONTENT + b" ")
    return home


def add(home: Home, source: Source, *contents: bytes) -> None:
    for day, content in enumerate(contents):
        Archive(home.archive).add(source.url, content, retrieved_at=NOON + timedelta(days=day))
    register(home, [source])


def run(home: Home, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--home", str(home.root)])


@pytest.mark.parametrize(
    "command", [["archive"], ["archive", "verify"], ["archive", "export"], ["archive", "import"], ["editions"]]
)
def test_every_command_has_help_and_an_example(command: list[str]) -> None:
    result = CliRunner().invoke(main, [*command, "--help"])
    assert result.exit_code == 0
    assert "Example:\n" in result.stdout


def test_a_sound_archive(home: Home) -> None:
    result = run(home, "archive", "verify")
    assert result.exit_code == 0, result.output
    assert "2 documents" in result.stdout
    assert result.stdout.strip().endswith("2 captures of 1 addresses: sound")


def test_a_damaged_archive_is_told_file_by_file(home: Home) -> None:
    path = next(path for path in home.archive.glob("objects/*/*") if path.read_bytes() == CONTENT)
    path.chmod(0o644)
    path.write_bytes(b"damaged")
    (home.archive / "notes.txt").write_text("")
    result = run(home, "archive", "verify")
    assert result.exit_code == 1
    assert f"damaged_object: {path.relative_to(home.archive)}" in result.stdout
    assert "foreign: notes.txt" in result.stdout
    assert "faults" in result.stdout.splitlines()[-1]


def test_out_and_in_again_with_what_the_captures_are(home: Home, tmp_path: Path) -> None:
    path, other = tmp_path / "a.warc.gz", Home(tmp_path / "other")
    exported = run(home, "archive", "export", str(path))
    assert exported.exit_code == 0, exported.output
    assert "2 captures, 2 different documents" in exported.stdout
    imported = run(other, "archive", "import", str(path))
    assert imported.exit_code == 0, imported.output
    assert "2 captures added, 0 known, 0 skipped" in imported.stdout
    assert registered(other) == (PAGE,)
    assert Archive(other.archive).captures(PAGE.url) == Archive(home.archive).captures(PAGE.url)
    assert "0 captures added, 2 known" in run(other, "archive", "import", str(path)).stdout
    again = run(home, "archive", "export", str(path))
    assert (again.exit_code, again.stderr) == (1, f"Error: {path} exists; name another file, or remove it\n")


def test_what_the_file_does_not_say_comes_from_the_catalogue(tmp_path: Path) -> None:
    """A file without the sources of its captures, as another program's."""
    catalogued, unknown = default_catalogue()[0], Source("http://nobody.invalid/1.html", PAGE.city, 2025, "330100")
    home, other, path = Home(tmp_path / "home"), Home(tmp_path / "other"), tmp_path / "a.warc.gz"
    add(home, catalogued, CONTENT)
    add(home, unknown, CONTENT)
    export_warc(Archive(home.archive), path)
    result = run(other, "archive", "import", str(path))
    assert result.exit_code == 0, result.output
    assert registered(other) == (catalogued,)
    assert f"kept, but in no catalogue: {unknown.url}" in result.stdout


def test_what_is_no_warc_is_one_line(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"no warc")
    result = run(home, "archive", "import", str(path))
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {path} cannot be read as WARC")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("city", ["hangzhou-330100", "hangzhou", "杭州市"])
def test_editions_of_a_city(home: Home, city: str) -> None:
    result = run(home, "editions", city, "2025")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].startswith("杭州市人民政府: ")
    assert lines[1].startswith("  edition 1, 2026-03-31 12:00 UTC, ")
    assert lines[2].startswith("  edition 2, 2026-04-01 12:00 UTC, ")
    assert lines[2].endswith("against edition 1")
    assert lines[3].strip() == "no figure and no sentence of the report changed"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("hangzhou", "2024"), "nothing is archived of hangzhou 2024"),
        (("无此地", "2025"), "nothing is archived of 无此地 2025"),
        (("朝阳区", "2025"), "names several cities"),
    ],
)
def test_a_place_that_is_not_there_or_not_clear(home: Home, arguments: tuple[str, str], said: str) -> None:
    result = run(home, "editions", *arguments)
    assert result.exit_code == 1
    assert said in result.stderr


def test_a_division_of_a_city_shows_its_own_reports_only(home: Home) -> None:
    result = run(home, "editions", "余杭区", "2025")
    assert result.exit_code == 0, result.output
    assert result.stdout == "no report of 余杭区 2025 has more than one edition\n"
