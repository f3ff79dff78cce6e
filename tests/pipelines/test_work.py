import zlib
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.discover.source import Source
from pipelines.read.document import Box, Cell, Document, Paragraph, Place, Table
from pipelines.validate.examined import Rejected
from pipelines.validate.partition import Validated
from pipelines.work import (
    NotValidated,
    Unreadable,
    put_validated,
    readings,
    recognition_name,
    recognitions,
    take_validated,
)
from schemas.derive import empty
from schemas.tables import PARTITIONED
from warehouse.layout import Home, Partition

SHA = "ab" * 32
SOURCE = Source("https://example.cn/a.html", "zhoukou-411600", 2021, "411600", "周口市人民政府")
PARTITION = Partition("zhoukou-411600", 2021)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
SIZES = st.floats(0, 1000, allow_nan=False)
PLACES = st.one_of(
    st.builds(Place, page=st.integers(1, 99), box=st.builds(Box, SIZES, SIZES, SIZES, SIZES)),
    st.builds(Place, path=TEXT),
)
NUMBERS = st.integers(0, 50)
CELLS = st.builds(Cell, NUMBERS, NUMBERS, NUMBERS, NUMBERS, TEXT, PLACES)
TABLES = st.builds(
    Table, st.integers(1, 9), st.lists(CELLS, max_size=4).map(tuple), st.lists(NUMBERS, max_size=2).map(tuple)
)
DOCUMENTS = st.builds(
    Document,
    sha256=st.just(SHA),
    media_type=TEXT,
    reading=st.sampled_from(["text", "html"]),
    page_count=st.none() | st.integers(1, 99),
    producer=st.none() | TEXT,
    title=st.none() | TEXT,
    facts=st.lists(st.tuples(TEXT, TEXT), max_size=2).map(tuple),
    blocks=st.lists(st.builds(Paragraph, TEXT, PLACES) | TABLES, max_size=4).map(tuple),
)


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home")


@given(DOCUMENTS | st.builds(Unreadable, TEXT, TEXT))
def test_a_reading_comes_back_as_it_was(tmp_path_factory, reading):
    home = Home(tmp_path_factory.mktemp("home"))
    readings(home).put(SHA, reading)
    assert readings(home).get(SHA) == reading
    assert readings(home).holds(SHA)


def test_a_recognition_comes_back_with_its_numbers_and_dates_exact(home, sample_recognition):
    name = recognition_name(SHA, SOURCE)
    for recognition in (sample_recognition, Rejected("quarantined", "no table")):
        recognitions(home).put(name, recognition)
        assert recognitions(home).get(name) == recognition


@pytest.fixture(scope="module")
def sample_recognition(sample_home):
    """What was recognised in a report of the sample, with a long decimal and a date."""
    from pipelines.fetch.register import registered
    from pipelines.jobs import captured, jobs

    job = jobs(registered(sample_home))[0]
    (item,) = captured(sample_home, job)
    known = recognitions(sample_home).get(recognition_name(item.capture.sha256, item.source))
    first = replace(known.disclosures[0], value=Decimal("4166.241619"))
    return replace(
        known,
        disclosures=(first, *known.disclosures[1:]),
        identity=replace(known.identity, published_on=date(2024, 1, 30)),
    )


def test_what_was_never_made_is_none(home):
    assert readings(home).get(SHA) is None
    assert not readings(home).holds(SHA)


@pytest.mark.parametrize(
    "damage",
    [b"", b"Unread", b"Unreadable\nno zlib", b"Unreadable\n" + zlib.compress(b""), b"Other\n" + zlib.compress(b"\xc0")],
)
def test_what_a_power_failure_left_is_as_if_never_made(home, damage):
    shelf = readings(home)
    shelf.put(SHA, Unreadable("text/html", "why"))
    (path,) = home.work.rglob("*.packed")
    whole = path.read_bytes()
    for left in (damage, whole[:-5], whole[:20] + b"\0" * 20):
        path.write_bytes(left)
        assert shelf.get(SHA) is None
    shelf.put(SHA, Unreadable("text/html", "why"))
    assert shelf.get(SHA) == Unreadable("text/html", "why")


def test_what_other_code_made_is_not_taken(home, monkeypatch):
    readings(home).put(SHA, Unreadable("text/html", "why"))
    monkeypatch.setattr("pipelines.work.reader_version", lambda: "another")
    assert readings(home).get(SHA) is None


def test_the_same_value_is_not_written_twice(home):
    shelf = readings(home)
    shelf.put(SHA, Unreadable("text/html", "why"))
    (path,) = home.work.rglob("*.packed")
    before = path.stat()
    shelf.put(SHA, Unreadable("text/html", "why"))
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize(
    "other",
    [
        replace(SOURCE, year=2022),
        replace(SOURCE, publisher=None),
        replace(SOURCE, title="年度报告"),
        replace(SOURCE, city="suzhou-320500"),
    ],
)
def test_a_recognition_is_named_by_the_document_and_by_all_that_its_source_says(other):
    assert recognition_name(SHA, SOURCE) != recognition_name(SHA, other)
    assert recognition_name(SHA, SOURCE) != recognition_name("cd" * 32, SOURCE)
    assert recognition_name(SHA, SOURCE).startswith(SHA)


def validated():
    return Validated(PARTITION, {table: empty(table) for table in PARTITIONED})


def test_a_validated_partition_comes_back_with_its_version(home):
    put_validated(home, validated(), "v1")
    frames, version = take_validated(home, PARTITION)
    assert version == "v1"
    assert all(rows.equals(empty(table)) for table, rows in frames.items())
    assert set(frames) == set(PARTITIONED)


def test_a_partition_that_was_not_validated_is_refused(home):
    with pytest.raises(NotValidated, match=r"zhoukou-411600\|2021 was not validated; run the validate step"):
        take_validated(home, PARTITION)


def test_validating_that_was_cut_off_leaves_what_was_there(home, monkeypatch):
    put_validated(home, validated(), "v1")

    def cut_off(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("pipelines.work.write_durably", cut_off)
        with pytest.raises(KeyboardInterrupt):
            put_validated(home, validated(), "v2")
    assert take_validated(home, PARTITION)[1] == "v1"


@pytest.mark.parametrize("kept", [0.0, 0.5, 0.99])
def test_what_a_power_failure_left_of_a_validated_partition_is_refused(home, sample_home, kept):
    from warehouse.store import partitions

    at = partitions(sample_home.store)[0]
    frames, version = take_validated(sample_home, at)
    put_validated(home, Validated(at, frames), version)
    (path,) = (home.work / "validated").rglob("*.msgpack")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(kept * len(whole))])
    with pytest.raises(NotValidated):
        take_validated(home, at)
