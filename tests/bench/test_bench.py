"""The benchmark runs, and what it finds is shown in every form."""

import json
from pathlib import Path

from rich.console import Console

from tests.bench.measured import Measured, this_machine
from tests.bench.readers import CONTESTS, Contest, _held, _same_cells, gongkai, lxml_alone
from tests.bench.report import as_table, write_json, write_page
from tests.generator.accuracy import KINDS


def test_every_kind_of_document_is_measured_against_its_floor() -> None:
    for contest in CONTESTS:
        assert contest.kind in KINDS
        assert next(iter(contest.tools)) == "gongkai"
        assert any(name.startswith("floor: ") for name in contest.tools)


def test_tools_are_compared_with_the_first() -> None:
    def missing(content: bytes) -> None:
        raise ImportError

    tools = {"gongkai": gongkai, "floor: lxml parses": lxml_alone, "not installed": missing}
    found = list(_held(Contest("reading web pages", "html", tools), documents=1, first_seed=1))
    assert [row.what for row in found] == ["gongkai", "floor: lxml parses"]
    assert found[0].times == 1.0
    assert 0 < found[1].value < found[0].value


def test_fast_and_slow_reading_are_compared() -> None:
    same = _same_cells(documents=1, first_seed=2)
    assert (same.value, same.note) == (1, "of 1")


def test_figures_are_shown_in_every_form(tmp_path: Path) -> None:
    measured = [
        Measured("reading", "gongkai", 0.01, "seconds per report", 1.0, "3 documents"),
        Measured("whole pipeline", "reports", 25.0, "per second"),
        Measured("reading", "a < b", 0.05, "seconds per report", 5.0),
    ]
    console = Console(record=True, width=140)
    console.print(as_table(measured))
    assert "reading: a < b" in console.export_text()
    write_json(tmp_path / "figures.json", this_machine(), measured)
    assert json.loads((tmp_path / "figures.json").read_text("utf-8"))["measured"][1]["value"] == 25.0
    write_page(tmp_path / "benchmarks.md", this_machine(), measured)
    page = (tmp_path / "benchmarks.md").read_text("utf-8")
    assert page.index("a < b") < page.index("Whole pipeline")
    assert "a &lt; b" in (tmp_path / "benchmarks.svg").read_text("utf-8")
