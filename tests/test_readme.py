"""What the README promises a newcomer holds, in both languages; that its commands work is in `test_docs`."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.cli import main
from schemas import derive
from schemas.rules import RULES
from warehouse.layout import Home

ROOT = Path(__file__).parents[1]
README, CHINESE = ROOT / "README.md", ROOT / "README.zh.md"
both = pytest.mark.parametrize("readme", [README, CHINESE], ids=lambda path: path.name)


@dataclass(frozen=True)
class Section:
    """A section: the level of its heading, its fenced blocks, and the other code in it."""

    level: int
    blocks: tuple[str, ...]
    code: frozenset[str]


def sections(readme: Path) -> list[Section]:
    # The comments of commands are in the reader's language.
    text = re.sub(r" +# .*$", "", readme.read_text(encoding="utf-8"), flags=re.MULTILINE)
    fenced = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
    blocks = fenced.findall(text)
    # A heading is a line outside of blocks: what is in them is put back as a mark.
    marked = fenced.sub("\0", text)
    parts = re.split(r"^(#+) .*$", marked, flags=re.MULTILINE)[1:]
    found = []
    for heading, body in zip(parts[::2], parts[1::2], strict=True):
        mine, blocks = blocks[: body.count("\0")], blocks[body.count("\0") :]
        found.append(Section(len(heading), tuple(mine), frozenset(re.findall(r"`([^`]+)`", body))))
    return found


def commands(readme: Path) -> list[str]:
    text = "\n".join(re.findall(r"```sh\n(.*?)```", readme.read_text(encoding="utf-8"), re.DOTALL))
    return [line.split("  #")[0].strip() for line in text.splitlines() if line.startswith(".venv/bin/gongkai")]


def test_both_languages_have_the_same_sections_commands_and_code() -> None:
    english, chinese = sections(README), sections(CHINESE)
    assert [section.level for section in english] == [section.level for section in chinese]
    for number, (ours, theirs) in enumerate(zip(english, chinese, strict=True)):
        assert ours.blocks == theirs.blocks, f"section {number}"
        assert ours.code == theirs.code, f"section {number}: {sorted(ours.code ^ theirs.code)}"


def test_both_languages_link_to_the_same_places() -> None:
    english, chinese = (re.findall(r"\]\(([^)]+)\)", path.read_text(encoding="utf-8")) for path in (README, CHINESE))
    swapped = {"README.zh.md": "README.md"}
    assert sorted(swapped.get(link, link) for link in english) == sorted(chinese)


def test_the_chinese_readme_is_chinese() -> None:
    prose = re.sub(r"```.*?```|`[^`]+`", "", CHINESE.read_text(encoding="utf-8"), flags=re.DOTALL)
    ideographs = len(re.findall(r"[一-鿿]", prose))
    assert ideographs > len(re.findall(r"[A-Za-z]", prose))


@both
def test_the_readme_has_commands_of_every_kind(readme: Path) -> None:
    used = {shlex.split(command)[1] for command in commands(readme)}
    assert used >= {"run", "ingest", "status", "query", "show", "release", "export"}


@both
def test_the_readme_names_every_table(readme: Path) -> None:
    rows = re.findall(r"^\| `(\w+)` \|", readme.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted(derive.tables())


@both
def test_the_rules_the_readme_names_exist(readme: Path) -> None:
    text = readme.read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:requests|reviews|disclosures|form|ocr|narrative|corrections)\.(?!toml)\w+)`", text))
    assert named <= {rule.id for rule in RULES}
    assert named


def test_a_newcomer_finds_a_figure_its_unit_its_meaning_and_its_place(
    home_after_a_run: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The section "A figure in five minutes", command by command."""
    monkeypatch.setenv("GONGKAI_HOME", str(home_after_a_run.root))
    section = README.read_text(encoding="utf-8").partition("## A figure in five minutes")[2].partition("\n## ")[0]
    words = [shlex.split(line)[1:] for line in section.splitlines() if line.startswith(".venv/bin/gongkai")]
    figure, meaning, place, against = (CliRunner().invoke(main, one).output for one in words[:4])
    assert re.search(r"granted.*\b203\b", figure)
    assert "[件]" in meaning
    assert "办理结果" in meaning
    assert "予以公开" in meaning
    assert "is printed as '203'" in place
    assert re.search(r"page \d+, box", place)
    assert re.search(r"document [0-9a-f]{64} from http", place)
    assert "reviews.total" in against
