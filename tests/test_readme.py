"""What the README tells a newcomer to type works, as typed."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.cli import main
from schemas import derive
from schemas.rules import RULES
from warehouse.layout import Home

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line.split("  #")[0].strip()
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
    if line.startswith(".venv/bin/gongkai")
]
OFFLINE = [command for command in COMMANDS if shlex.split(command)[1] not in {"run", "ingest"}]
"""Commands that need neither the network nor files of the reader's own."""


def test_the_readme_has_commands_of_every_kind() -> None:
    assert {shlex.split(command)[1] for command in COMMANDS} >= {"run", "ingest", "status", "query", "show"}


@pytest.mark.parametrize("command", OFFLINE)
def test_a_command_of_the_readme_works(command: str, home_after_a_run: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGKAI_HOME", str(home_after_a_run.root))
    result = CliRunner().invoke(main, shlex.split(command)[1:])
    assert result.exit_code == 0, result.output
    assert result.output.strip()


def test_the_python_of_the_readme_works(home_after_a_run: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    (home_after_a_run.root.parent / "data").symlink_to(home_after_a_run.root)
    monkeypatch.chdir(home_after_a_run.root.parent)
    names: dict[str, object] = {}
    exec(code, names)  # noqa: S102 - the README is ours
    assert names["totals"].height == 12  # type: ignore[attr-defined]


def test_the_query_in_the_text_of_the_readme_works(home_after_a_run: Home) -> None:
    (sql,) = re.findall(r'`gongkai query "(SELECT column_name[^"]*)"`', README)
    result = CliRunner().invoke(main, ["query", sql, "--home", str(home_after_a_run.root)])
    assert result.exit_code == 0, result.output
    assert "办理结果" in result.output


def test_the_readme_names_every_table() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", README, re.MULTILINE)) == set(derive.tables())


def test_the_rules_the_readme_names_exist() -> None:
    named = set(re.findall(r"`((?:requests|reviews|disclosures|form|ocr|narrative|corrections)\.\w+)`", README))
    assert named <= {rule.id for rule in RULES}
    assert named
