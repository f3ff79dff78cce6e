"""What the documentation tells a reader to type works as typed: every command, query and program in it.

A document is worked through from its beginning, in a folder of its own whose `data` is a home after a run over the
sample. Commands that would need the network are only checked for being understood.
"""

import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import duckdb
import pytest
from click.testing import CliRunner

from pipelines.cli import main
from pipelines.sample.site import SITE
from warehouse.layout import Home
from warehouse.reader import open_warehouse

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted(ROOT.glob("README.*.md")), *sorted((ROOT / "docs").glob("*.md"))]
LANGUAGES = {"sh", "sql", "python", "toml"}
"""Languages of fenced blocks: all are executed, but settings are only read."""
NEEDS_NETWORK = ("gongkai run",)
MAY_BE_SILENT = ("gongkai sources proposed",)
"""Commands that list what there may be none of."""
ALLOWED = {"make", "sha256sum"}
"""Programs besides gongkai that a document may use."""


@dataclass(frozen=True)
class Block:
    """A fenced block: where it begins, its language and text."""

    line: int
    language: str
    text: str


def blocks(document: Path) -> Iterator[Block]:
    text = document.read_text(encoding="utf-8")
    for found in re.finditer(r"^ *```(\w*)\n(.*?)^ *```$", text, re.DOTALL | re.MULTILINE):
        yield Block(text[: found.start()].count("\n") + 1, found[1], found[2])


def commands(block: Block) -> Iterator[str]:
    for line in block.text.splitlines():
        command = line.split("  #")[0].strip()
        if command:
            yield command


def statements(text: str) -> list[str]:
    return [part.strip() for part in text.split(";\n") if part.strip().rstrip(";")]


@pytest.fixture
def desk(home_after_a_run: Home, sample_release: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory as the documents suppose it: `data`, and a report to load in `reports`."""
    folder = home_after_a_run.root.parent / "desk"
    folder.mkdir()
    home_after_a_run.root.rename(folder / "data")
    (folder / "reports").mkdir()
    shutil.copy(SITE / "huaian/zfxxgk/gknb/files/hz2023.pdf", folder / "reports" / "hongze-2023.pdf")
    shutil.copytree(sample_release, folder / "data" / "exports" / "releases" / "2026.1")
    monkeypatch.chdir(folder)
    return folder


def understood(words: list[str]) -> None:
    """Parse a command line without running it."""
    command: click.Command = main
    context = click.Context(main, info_name="gongkai")
    while isinstance(command, click.Group):
        _, found, words = command.resolve_command(context, words)
        assert found is not None
        command = found
    command.make_context(command.name, list(words), resilient_parsing=False)


def run(command: str, desk: Path) -> None:
    words = shlex.split(command)
    program = words[0].removeprefix(".venv/bin/")
    if program == "make":
        # A dry run: that the target is there. What it does is what the other commands and these tests are.
        done = subprocess.run([*words, "-n"], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return
    if program == "sha256sum":
        folder = desk / "data" / "exports" / "releases" / "2026.1"
        assert subprocess.run(words, cwd=folder, check=False, capture_output=True).returncode == 0
        return
    assert program == "gongkai", f"{command!r}: a document may use gongkai, {', '.join(sorted(ALLOWED))}"
    called = f"gongkai {' '.join(words[1:])}"
    if called.startswith(NEEDS_NETWORK):
        understood(words[1:])
        return
    released = desk / "data" / "exports" / "releases"
    if words[1:3] == ["release", "2026.1"]:
        shutil.rmtree(released)  # the document makes it
    result = CliRunner().invoke(main, words[1:])
    assert result.exit_code == 0, f"{command}\n{result.output}"
    assert result.output.strip() or called.startswith(MAY_BE_SILENT), f"{command} says nothing"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_everything_to_type_in_a_document_works(document: Path, desk: Path) -> None:
    names: dict[str, object] = {}
    for block in blocks(document):
        where = f"{document.name}:{block.line}"
        match block.language:
            case "sh":
                for command in commands(block):
                    run(command, desk)
            case "python":
                exec(compile(block.text, where, "exec"), names)  # noqa: S102 - the documents are ours
            case "toml":
                assert tomllib.loads(block.text), where
            case "sql":
                with open_warehouse(desk / "data" / "warehouse.duckdb") as warehouse:
                    for statement in statements(block.text):
                        assert warehouse.query(statement).height > 0, f"{where}: {statement}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_queries_within_sentences_work(document: Path, sample_home: Home) -> None:
    text = document.read_text(encoding="utf-8")
    for sql in re.findall(r'`gongkai query "([^"…]*)"`', text):
        with open_warehouse(sample_home.database) as warehouse:
            assert warehouse.query(sql).height > 0, sql


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_blocks_say_their_language(document: Path) -> None:
    assert {block.language for block in blocks(document)} <= LANGUAGES


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_within_the_repository_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        assert target.startswith(("http://", "https://")) or (document.parent / target).exists(), target


RECIPES = [
    statement
    for block in blocks(ROOT / "docs" / "recipes.md")
    if block.language == "sql"
    for statement in statements(block.text)
]


@pytest.fixture(scope="module")
def over_parquet(sample_release: Path) -> duckdb.DuckDBPyConnection:
    from warehouse import open_release

    connection = open_release(sample_release).connect()
    connection.execute("SET TimeZone = 'UTC'")
    return connection


@pytest.mark.parametrize("statement", RECIPES)
def test_a_recipe_says_the_same_over_the_parquet_files_of_a_release(
    statement: str, over_parquet: duckdb.DuckDBPyConnection, sample_home: Home
) -> None:
    if "duckdb_columns" in statement:
        pytest.skip("comments are in the DuckDB file alone")
    with open_warehouse(sample_home.database) as warehouse:
        expected = warehouse.query(statement)
    assert over_parquet.execute(statement).fetchall() == expected.rows()


def test_there_are_recipes_of_all_tables() -> None:
    named = " ".join(RECIPES)
    tables = ("requests", "disclosures", "findings", "cells", "sections", "documents", "city_year", "time_series")
    assert [table for table in tables if not re.search(rf"\b{table}\b", named)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_commands_within_sentences_exist(document: Path) -> None:
    for words in re.findall(r"`gongkai ([a-z][a-z ]*)", document.read_text(encoding="utf-8")):
        command: click.Command = main
        for word in words.split():
            if isinstance(command, click.Group):
                assert word in command.commands, f"gongkai {words}"
                command = command.commands[word]
