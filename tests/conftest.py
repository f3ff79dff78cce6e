"""Shared by all tests: nobody's own homes are touched, and one run over the sample serves every test that only reads."""

import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from warehouse.layout import HOME_VARIABLE, Home

settings.register_profile("gongkai", deadline=None)  # how fast a machine is says nothing of what is right
settings.load_profile("gongkai")

ENVIRONMENT = (HOME_VARIABLE, "GONGKAI_CATALOGUE", "DAGSTER_HOME")


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what the person running the tests has set, and undo what a run sets itself."""
    for name in ENVIRONMENT:
        # Set first: what is deleted without having been set is not put back afterwards.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home after one run over the sample, with Dagster's history in it; only to be read."""
    from pipelines.defs.launch import launch

    home = Home(tmp_path_factory.mktemp("sample") / "home")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DAGSTER_HOME", str(home.root / "dagster"))
        launch("changed", home, catalogue="sample")
    return home


@pytest.fixture(scope="session")
def sample_release(sample_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of that home, version 2026.1; only to be read."""
    from warehouse.release.build import release
    from warehouse.release.version import Version

    return release(sample_home, Version((2026, 1)), tmp_path_factory.mktemp("releases")).folder


@pytest.fixture
def home_after_a_run(sample_home: Home, tmp_path: Path) -> Home:
    """A home of the test's own in the same state."""
    shutil.copytree(sample_home.root, tmp_path / "home")
    return Home(tmp_path / "home")
