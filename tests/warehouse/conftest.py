import shutil

import pytest
from stored_rows import SUZHOU_2021, ZHOUKOU_2021, ZHOUKOU_2022, divisions, frames_of, series_finding

from warehouse.assembler import assemble
from warehouse.layout import Home
from warehouse.store import write_partition


@pytest.fixture(scope="session")
def stored_home(tmp_path_factory):
    """A home with three partitions in its store and nothing assembled; copied by `home`."""
    home = Home(tmp_path_factory.mktemp("stored"))
    for partition in (ZHOUKOU_2022, SUZHOU_2021, ZHOUKOU_2021):
        write_partition(home.store, partition, frames_of(partition), "v1")
    return home


@pytest.fixture
def home(stored_home, tmp_path):
    """A home of the test's own with three partitions in its store and nothing assembled."""
    shutil.copytree(stored_home.root, tmp_path / "home")
    return Home(tmp_path / "home")


@pytest.fixture(scope="session")
def assembled_home(stored_home, tmp_path_factory):
    """The same, assembled; for tests that only read."""
    home = Home(tmp_path_factory.mktemp("assembled") / "home")
    shutil.copytree(stored_home.root, home.root)
    assemble(home, regions=divisions(), series_findings=series_finding(ZHOUKOU_2022))
    return home
