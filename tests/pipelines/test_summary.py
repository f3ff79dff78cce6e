from dataclasses import replace

import pytest
from PIL import Image

from pipelines.discover.source import Source
from pipelines.sample.site import sample_sources
from pipelines.summary import MOST_PICTURES, Slot, picture_findings, status, summarise
from warehouse.layout import Home
from warehouse.reader import NoWarehouse, open_warehouse

HERE = Source("https://example.cn/x", "zhoukou-411600", 2021, "411600")


def test_the_summary_counts_what_is_loaded(sample_home):
    found = summarise(sample_home)
    sources = sample_sources()
    assert found.reports == len(sources)
    assert found.cities == len({source.city for source in sources})
    assert found.years == len({source.year for source in sources})
    with open_warehouse(sample_home.database) as warehouse:
        assert found.cells == warehouse.table("cells").height
        assert sum(number for _, _, number in found.findings) == warehouse.table("findings").height
    assert found.quarantined == ()
    assert ("reviews.total", "error") in {finding[:2] for finding in found.findings}


def test_nothing_to_summarise_is_told(tmp_path):
    with pytest.raises(NoWarehouse):
        summarise(Home(tmp_path / "none"))


def test_every_city_and_year_of_the_sample_is_loaded(sample_home):
    grid = status(sample_home, sample_sources())
    assert {(slot.city, slot.year) for slot in grid} == {(source.city, source.year) for source in sample_sources()}
    assert all(slot.quarantined == slot.missing == 0 for slot in grid)
    assert sum(slot.loaded for slot in grid) == len(sample_sources())
    assert list(grid) == sorted(grid, key=lambda slot: (slot.city, slot.year))


def test_a_source_without_a_document_is_missing(sample_home):
    grid = status(sample_home, [*sample_sources(), HERE, replace(HERE, year=2022), replace(HERE, url=HERE.url + "2")])
    slots = {(slot.city, slot.year): slot for slot in grid}
    assert slots[HERE.city, 2021] == Slot(HERE.city, 2021, loaded=1, quarantined=0, missing=2)
    assert slots[HERE.city, 2022] == Slot(HERE.city, 2022, loaded=0, quarantined=0, missing=1)


def test_without_a_warehouse_all_that_is_expected_is_missing(tmp_path):
    home = Home(tmp_path / "none")
    assert status(home, [HERE]) == (Slot(HERE.city, 2021, 0, 0, 1),)
    assert status(home, []) == ()
    assert not home.root.exists()


def test_error_findings_of_paged_documents_are_pictured(home_after_a_run):
    pictures = picture_findings(home_after_a_run)
    assert 0 < len(pictures) <= MOST_PICTURES
    assert len(set(pictures)) == len(pictures)
    for path in pictures:
        assert path.parent == home_after_a_run.pictures
        with Image.open(path) as image:
            assert image.format == "PNG"
