"""The notebook runs on the sample and shows what it yields."""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from warehouse.layout import Home

NOTEBOOK = Path(__file__).parents[1] / "docs" / "notebook.ipynb"


@pytest.fixture
def desk(sample_home: Home, sample_release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a release where the notebook looks for it."""
    (tmp_path / "data" / "exports" / "releases").mkdir(parents=True)
    (tmp_path / "data" / "exports" / "releases" / "2026.1").symlink_to(sample_release)
    root = str(Path(__file__).parents[1])
    monkeypatch.setenv("PYTHONPATH", root)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    return tmp_path


def shown(notebook: nbformat.NotebookNode) -> list[str]:
    """What the cells show, as text."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [output["text"] if output.output_type == "stream" else output["data"]["text/plain"] for output in outputs]


def test_the_notebook_runs_and_shows_what_it_yields(desk: Path) -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    committed = shown(notebook)
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(desk)}}).execute()
    assert shown(notebook) == committed, "run docs/notebook.ipynb on the sample and commit what it shows"
    assert any("203" in text for text in committed)


def test_the_notebook_is_valid_and_says_nothing_of_a_machine() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    assert not re.search(r"/(tmp|home|root|work)/", NOTEBOOK.read_text(encoding="utf-8"))
