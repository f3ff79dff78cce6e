import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from PIL import Image

from pipelines.cli import main
from pipelines.fetch.register import NAME, registered
from pipelines.sample.site import SITE, sample_sources
from warehouse.layout import Home
from warehouse.reader import open_warehouse

REPORT = next(source for source in sample_sources() if source.url.endswith(".htm"))
PAGE = (SITE / REPORT.url.split("/", 3)[3]).read_bytes()


def commands(group, *path):
    """The words that name each command, those of groups included."""
    for name, command in group.commands.items():
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)


COMMANDS = sorted(commands(main))
GRANTED = ("requests", "granted", "total")


def gongkai(*arguments, home=None):
    return CliRunner().invoke(main, [*map(str, arguments), *(["--home", str(home.root)] if home else [])])


def snapshot(folder):
    """Every file below a folder with its content and time."""
    return {
        path.relative_to(folder): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def home(tmp_path):
    """A home that does not exist yet."""
    return Home(tmp_path / "home")


@pytest.fixture
def folder(tmp_path):
    """Files of all kinds: one is a report."""
    folder = tmp_path / "files"
    folder.mkdir()
    for name, content in {
        "report.html": PAGE,
        "empty.pdf": b"",
        "picture.pdf": b"\x89PNG\r\n\x1a\n" + bytes(64),
        "notes.txt": "会议记录，与年度报告无关。".encode(),
        "news.html": "<html><head><title>要闻</title></head><body><p>某县召开工作会议。</p></body></html>".encode(),
        "cut.pdf": (
            SITE / next(one.url for one in sample_sources() if one.url.endswith(".pdf")).split("/", 3)[3]
        ).read_bytes()[:3000],
        "catalogue.csv": b"url,region_code,year\nhttps://example.cn/a,999999,twenty\n",
        "columns.csv": b"address\nhttps://example.cn/a\n",
    }.items():
        (folder / name).write_bytes(content)
    (folder / "none").mkdir()
    return folder


# --- help -----------------------------------------------------------------------------------------------------------


def test_the_commands_are_those_of_the_readme():
    assert set(COMMANDS) >= {("run",), ("ingest",), ("status",), ("query",), ("show",)}


@pytest.mark.parametrize("command", [(), *COMMANDS], ids=lambda command: " ".join(command))
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_every_command_has_help_with_an_example_of_itself(command, flag):
    shown = gongkai(*command, flag)
    assert shown.exit_code == 0
    _, _, examples = shown.output.partition("Example:")
    assert f"  gongkai {' '.join(command)}".rstrip() in examples


def test_the_version_is_told():
    assert re.search(r"version \d", gongkai("--version").output)


# --- what goes wrong ------------------------------------------------------------------------------------------------

WRONG = {
    "a missing file": (["ingest", "{folder}/nothing.pdf"], r"nothing\.pdf: no such file or folder"),
    "an empty file": (["ingest", "{folder}/empty.pdf"], r"empty\.pdf: the file is empty"),
    "a picture": (["ingest", "{folder}/picture.pdf"], r"picture\.pdf: .*cannot be opened"),
    "a text": (["ingest", "{folder}/notes.txt"], r"notes\.txt: "),
    "another web page": (["ingest", "{folder}/news.html"], r"news\.html: "),
    "a file cut off": (["ingest", "{folder}/cut.pdf"], r"cut\.pdf: "),
    "a folder without reports": (["ingest", "{folder}/none"], "none: no file of a known kind"),
    "nothing to ingest": (["ingest"], "Missing argument 'PATHS...'"),
    "a year before the Regulations": (["ingest", "{folder}/report.html", "--year", "1999"], "1999 is not in the range"),
    "an unknown region": (
        ["ingest", "{folder}/report.html", "--region", "亚特兰蒂斯"],
        "no division is named '亚特兰蒂斯'",
    ),
    "a region of many": (["ingest", "{folder}/report.html", "--region", "鼓楼区"], "several divisions .*320106 鼓楼区"),
    "an unknown code": (["ingest", "{folder}/report.html", "--region", "999999"], "999999"),
    "another year than the document's": (["ingest", "{folder}/report.html", "--year", "2009"], "as the options say"),
    "a partition that is none": (["run", "--sample", "--partition", "zhoukou"], "'zhoukou' is no partition key"),
    "a partition of a bad year": (["run", "--sample", "--partition", "zhoukou-411600|20x1"], "no partition key"),
    "a partition of no city": (["run", "--sample", "--partition", "Zhoukou|2021"], "no city slug"),
    "a partition without sources": (["run", "--sample", "--partition", "beijing-110000|2021"], r"beijing-110000\|2021"),
    "sample and catalogue": (["run", "--sample", "--catalogue", "{folder}/catalogue.csv"], "exclude each other"),
    "a missing catalogue": (["run", "--catalogue", "{folder}/nothing.csv"], "does not exist"),
    "a catalogue of wrong lines": (
        ["run", "--catalogue", "{folder}/catalogue.csv"],
        "catalogue.csv:2: unknown division",
    ),
    "a catalogue of wrong columns": (["run", "--catalogue", "{folder}/columns.csv"], "columns missing: url"),
    "an unknown option": (["run", "--nonsense"], "No such option.*--nonsense"),
    "an unknown command": (["nonsense"], "No such command 'nonsense'"),
    "a query without a warehouse": (["query", "SELECT 1"], "no warehouse at .*; run `gongkai run`"),
    "a cell without a warehouse": (["show", "zhoukou", "2021", *GRANTED], "no warehouse at"),
    "a cell of no year": (["show", "zhoukou", "last", *GRANTED], "'last' is not a valid integer"),
    "too few arguments": (["show", "zhoukou", "2021"], "Missing argument 'TABLE'"),
    "a grid of nothing": (["status"], "nothing is loaded yet"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_goes_wrong_is_one_line_and_writes_nothing(case, folder, home):
    arguments, says = WRONG[case]
    before = snapshot(folder)
    failed = gongkai(
        *(one.format(folder=folder) for one in arguments), home=home if arguments != ["nonsense"] else None
    )
    assert failed.exit_code not in {0, None}
    assert isinstance(failed.exception, SystemExit)
    lines = [line for line in failed.stderr.splitlines() if line.startswith("Error: ")]
    assert len(lines) == 1
    assert failed.stderr.rstrip().endswith(lines[0])
    assert re.search(says, lines[0])
    assert "Traceback" not in failed.output
    assert failed.stdout == ""
    assert not home.root.exists()
    assert snapshot(folder) == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["query", "SELEKT 1"], "syntax error"),
        (["query", "SELECT * FROM nothing"], "nothing does not exist"),
        (["query", "DROP TABLE requests"], "read-only"),
        (["query", "UPDATE requests SET value = 0"], "read-only"),
        (["query", "SELECT 1 AS a, 2 AS a"], "several columns are named a"),
        (["query", ""], "."),
        (["query", "SELECT 1", "--format", "xml"], "'xml' is not one of"),
        (["show", "zhoukou", "2021", "tables", "granted", "total"], "choose requests, reviews, disclosures"),
        (["show", "zhoukou", "2021", "requests", "refused", "total"], "no cell refused, total of requests"),
        (["show", "atlantis", "2021", *GRANTED], "no cell .* for atlantis 2021"),
        (["show", "zhoukou", "1999", *GRANTED], "for zhoukou 1999"),
        (["show", "huaian", "2023", *GRANTED], "name one with --publisher: 洪泽区人民政府, 金湖县人民政府"),
        (["show", "huaian", "2023", *GRANTED, "--publisher", "教育局"], "no cell"),
    ],
)
def test_a_question_that_cannot_be_answered_is_one_line_and_changes_nothing(sample_home, arguments, says):
    before = sample_home.database.read_bytes()
    failed = gongkai(*arguments, home=sample_home)
    assert failed.exit_code not in {0, None}
    assert isinstance(failed.exception, SystemExit)
    lines = [line for line in failed.stderr.splitlines() if line.startswith("Error: ")]
    assert len(lines) == 1
    assert re.search(says, lines[0])
    assert failed.stdout == ""
    assert sample_home.database.read_bytes() == before
    assert not sample_home.pictures.exists()


def test_a_home_that_is_a_file_is_refused(folder):
    failed = gongkai("query", "SELECT 1", "--home", folder / "notes.txt")
    assert (failed.exit_code, "Error: " in failed.stderr) == (2, True)


def test_a_home_that_cannot_be_made_is_one_line(folder, monkeypatch):
    monkeypatch.setenv("GONGKAI_HOME", str(folder / "notes.txt"))
    failed = gongkai("ingest", folder / "report.html")
    assert failed.exit_code == 1
    assert isinstance(failed.exception, SystemExit)
    assert failed.stderr.splitlines()[-1].startswith("Error: ")


def test_a_process_ends_with_one_line_and_no_traceback(tmp_path):
    ended = subprocess.run(
        [
            sys.executable,
            "-c",
            "from pipelines.cli import main; main()",
            "query",
            "SELECT 1",
            "--home",
            tmp_path / "none",
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert re.fullmatch(r"Error: no warehouse at .*\n", ended.stderr)
    assert list(tmp_path.iterdir()) == []


# --- asking ---------------------------------------------------------------------------------------------------------


def test_a_query_s_rows_come_as_a_table_csv_or_json(sample_home):
    sql = "SELECT publisher, year FROM reports WHERE city = 'zhoukou-411600' ORDER BY ALL"
    table = gongkai("query", sql, home=sample_home)
    assert table.exit_code == 0
    assert "周口市人民政府" in table.output
    assert table.output.endswith("1 rows\n")
    rows = list(csv.DictReader(io.StringIO(gongkai("query", "--format", "csv", sql, home=sample_home).output)))
    assert rows == [{"publisher": "周口市人民政府", "year": "2021"}]
    assert json.loads(gongkai("query", "--format", "json", sql, home=sample_home).output) == [
        {"publisher": "周口市人民政府", "year": 2021}
    ]


def test_lists_and_long_rows_are_printed_whole(sample_home):
    sql = "SELECT cell_ids, message FROM findings WHERE rule = 'reviews.total' ORDER BY ALL LIMIT 1"
    (row,) = csv.DictReader(io.StringIO(gongkai("query", "--format", "csv", sql, home=sample_home).output))
    assert len(row["cell_ids"].split()) == 5
    assert row["message"] in gongkai("query", sql, home=sample_home).output.replace("\n", "")


def test_a_query_without_rows_is_no_error(sample_home):
    empty = gongkai("query", "SELECT * FROM reports WHERE year = 1900", home=sample_home)
    assert (empty.exit_code, empty.output.splitlines()[-1]) == (0, "0 rows")


def test_the_home_is_the_environment_s_where_none_is_named(sample_home, monkeypatch):
    monkeypatch.setenv("GONGKAI_HOME", str(sample_home.root))
    assert gongkai("query", "SELECT count(*) AS n FROM reports").exit_code == 0


def test_the_grid_shows_what_is_loaded_quarantined_and_missing(sample_home):
    grid = gongkai("status", "--sample", home=sample_home)
    assert grid.exit_code == 0
    cities = {source.city for source in sample_sources()}
    rows = [line for line in grid.output.splitlines() if any(city in line for city in cities)]
    assert len(rows) == len(cities)
    zhoukou = next(line for line in rows if "zhoukou-411600" in line)
    assert re.findall(r"[\w·]+", zhoukou.replace("zhoukou-411600", "")).count("1") == 1
    assert " 2 " in next(line for line in rows if "huaian-320800" in line)
    assert "m" not in zhoukou.replace("zhoukou", "")


def test_the_grid_against_the_catalogue_shows_only_cities_with_documents_unless_all_are_asked(sample_home):
    short = gongkai("status", home=sample_home).output
    long = gongkai("status", "--all", home=sample_home).output
    assert "zhoukou-411600" in short
    assert "zhoukou-411600" in long
    assert len(long.splitlines()) >= len(short.splitlines())


def test_show_writes_a_picture_and_says_where_the_number_is_from(home_after_a_run):
    shown = gongkai("show", "zhoukou", "2021", *GRANTED, home=home_after_a_run)
    assert shown.exit_code == 0
    assert "周口市人民政府 2021: granted, total is printed as '203'" in shown.output
    assert re.search(r"document [0-9a-f]{64} from http", shown.output)
    assert re.search(r"page \d+, box \(", shown.output)
    path = Path(re.search(r"picture (.*\.png)", shown.output)[1])
    assert path.parent == home_after_a_run.pictures
    assert Image.open(path).format == "PNG"


def test_show_names_the_element_of_a_web_page(sample_home):
    shown = gongkai("show", "杭州", "2025", *GRANTED, home=sample_home)
    assert shown.exit_code == 0
    assert "is printed as '5548'" in shown.output
    assert re.search(r"^element .*t[dh]", shown.output, re.MULTILINE)
    assert "picture" not in shown.output


# --- loading --------------------------------------------------------------------------------------------------------


def test_ingest_loads_a_report_and_says_what_it_became(folder, home):
    done = gongkai("ingest", folder / "report.html", home=home)
    assert done.exit_code == 0, done.output
    assert f"{folder / 'report.html'}: {REPORT.publisher} {REPORT.year}, form 2021, 0 error findings" in done.stdout
    with open_warehouse(home.database) as warehouse:
        (report,) = warehouse.table("reports").rows(named=True)
        assert (report["city"], report["year"], report["region_code"]) == (REPORT.city, REPORT.year, REPORT.region_code)
        assert warehouse.table("documents")["source_url"].to_list() == [(folder / "report.html").as_uri()]
    assert (home.parquet / "requests" / f"city={REPORT.city}" / f"year={REPORT.year}").is_dir()


def test_of_a_folder_the_good_are_loaded_and_each_bad_one_is_named(folder, home):
    (folder / "catalogue.csv").unlink()
    done = gongkai("ingest", folder, home=home)
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit)
    named = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert sorted(Path(line.removeprefix("Error: ").split(": ")[0]).name for line in named) == [
        "cut.pdf",
        "empty.pdf",
        "news.html",
        "picture.pdf",
    ]
    assert [source.url for source in registered(home)] == [(folder / "report.html").as_uri()]
    with open_warehouse(home.database) as warehouse:
        assert warehouse.table("reports").height == 1
        assert warehouse.table("documents").height == 1


def test_where_nothing_is_good_nothing_is_written(folder, home):
    (folder / "report.html").unlink()
    assert gongkai("ingest", folder, home=home).exit_code == 1
    assert not home.root.exists()


def test_run_prints_progress_a_summary_and_queries_that_work(home):
    """On two partitions of the sample; the whole of it is run once for all tests."""
    done = gongkai(
        "run", "--sample", "--partition", "hangzhou-330100|2025", "--partition", "shanghai-310000|2019", home=home
    )
    assert done.exit_code == 0, done.output
    for step in ("discover", "fetch", "read", "recognise", "validate", "store", "assemble", "publish"):
        assert re.search(rf"^{step} ", done.stderr, re.MULTILINE), step
    assert "2 reports of 2 cities and 2 years" in done.stdout
    assert re.search(
        r"^this run +0 failed, .* 2 partitions redone, [\d,]+ bytes of documents received$", done.stdout, re.M
    )
    report = re.search(r"^report +(.*)$", done.stdout, re.M)
    assert Path(report[1]).parent == home.root / "reports"
    assert re.search(r"info +form\.blank +\d+", done.stdout)
    for name, path in (("database", home.database), ("parquet", home.parquet), ("pictures", home.pictures)):
        assert re.search(rf"^{name} +{re.escape(str(path))}", done.stdout, re.MULTILINE)
    _, _, examples = done.stdout.partition("try:\n")
    queries = re.findall(r'gongkai query "(.*)"', examples)
    assert examples.count("  gongkai ") == 3
    assert queries
    for sql in queries:
        assert gongkai("query", sql, home=home).exit_code == 0


def test_the_cell_that_a_run_proposes_to_show_is_there(sample_home, home_after_a_run):
    from pipelines.cli import _EXAMPLES

    assert sample_home.database.exists()
    shows = [example.split() for example in _EXAMPLES if example.startswith("show ")]
    assert shows
    for arguments in shows:
        assert gongkai(*arguments, home=home_after_a_run).exit_code == 0


@pytest.mark.parametrize(
    ("called", "on_path", "named"),
    [
        (".venv/bin/gongkai", None, ".venv/bin/gongkai"),
        ("/opt/gongkai/bin/gongkai", "/opt/gongkai/bin/gongkai", "gongkai"),
        ("/opt/gongkai/bin/gongkai", "/usr/bin/gongkai", "/opt/gongkai/bin/gongkai"),
        ("pipelines/cli.py", None, "gongkai"),
    ],
)
def test_examples_are_printed_as_the_program_was_called(monkeypatch, called, on_path, named):
    from pipelines.cli import _called

    monkeypatch.setattr("sys.argv", [called, "run"])
    monkeypatch.setattr("shutil.which", lambda _: on_path)
    assert _called() == named


def test_a_damaged_register_is_one_line(home_after_a_run):
    (home_after_a_run.archive / NAME).write_text("url,city\nx,y\n", encoding="utf-8")
    failed = gongkai("run", "--sample", home=home_after_a_run)
    assert failed.exit_code == 1
    assert isinstance(failed.exception, SystemExit)
    last = failed.stderr.splitlines()[-1]
    assert last.startswith("Error: ")
    assert NAME in last


def test_a_wrong_setting_is_one_line_before_anything_is_begun(home):
    home.root.mkdir(parents=True)
    (home.root / "fetch.toml").write_text('rate = "fast"\n', encoding="utf-8")
    failed = gongkai("run", "--sample", home=home)
    assert failed.exit_code == 1
    assert failed.stderr == "Error: correct fetch.toml: rate is 'fast', expected a number above 0\n"
    assert [path.name for path in home.root.iterdir()] == ["fetch.toml"]
