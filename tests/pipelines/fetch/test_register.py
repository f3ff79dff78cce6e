import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.discover.source import Source
from pipelines.fetch.register import FIELDS, NAME, DamagedRegister, register, registered
from warehouse.layout import Home

ONE = Source("https://example.cn/b.html?id=1", "zhoukou-411600", 2021, "411600", "周口市人民政府", "年度报告")
OTHER = Source("https://example.cn/a.pdf", "suzhou-320500", 2022, "320500")

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)
SOURCES = st.builds(
    Source,
    url=TEXT.map(lambda path: f"https://example.cn/{path}"),
    city=st.sampled_from(["zhoukou-411600", "suzhou-320500"]),
    year=st.integers(2008, 2030),
    region_code=st.from_regex(r"[1-9][0-9]{5}", fullmatch=True),
    publisher=st.none() | TEXT,
    title=st.none() | TEXT,
)


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home")


def test_nothing_is_registered_at_first(home):
    assert registered(home) == ()
    assert not home.root.exists()


def test_what_is_registered_comes_back_sorted_by_address(home):
    register(home, [ONE])
    register(home, [OTHER])
    assert registered(home) == (OTHER, ONE)


@given(st.lists(SOURCES, max_size=6, unique_by=lambda source: source.url))
def test_every_source_comes_back_as_it_was(tmp_path_factory, sources):
    home = Home(tmp_path_factory.mktemp("home"))
    register(home, sources)
    assert registered(home) == tuple(sorted(sources, key=lambda source: source.url))


def test_what_is_said_anew_of_an_address_replaces_what_was_said(home):
    register(home, [ONE, OTHER])
    corrected = Source(ONE.url, "suzhou-320500", 2020, "320500")
    register(home, [corrected])
    assert registered(home) == (OTHER, corrected)


def test_what_is_known_already_touches_nothing(home):
    register(home, [ONE, OTHER])
    before = (home.archive / NAME).stat()
    register(home, [OTHER, ONE])
    register(home, [])
    after = (home.archive / NAME).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_it_is_a_file_that_a_person_can_read(home):
    register(home, [ONE, OTHER])
    assert (home.archive / NAME).read_text(encoding="utf-8").splitlines() == [
        ",".join(FIELDS),
        "https://example.cn/a.pdf,suzhou-320500,2022,320500,,",
        "https://example.cn/b.html?id=1,zhoukou-411600,2021,411600,周口市人民政府,年度报告",
    ]


@pytest.mark.parametrize(
    "line", ["https://example.cn/a.pdf,suzhou-320500,two thousand,320500,,", "https://example.cn/a.pdf"]
)
def test_a_damaged_line_is_named_and_nothing_is_overwritten(home, line):
    home.archive.mkdir(parents=True)
    damaged = f"{','.join(FIELDS)}\n{line}\n"
    (home.archive / NAME).write_text(damaged, encoding="utf-8")
    with pytest.raises(DamagedRegister, match=NAME):
        registered(home)
    with pytest.raises(DamagedRegister, match="restore the file"):
        register(home, [ONE])
    assert (home.archive / NAME).read_text(encoding="utf-8") == damaged


@pytest.mark.parametrize("content", ["", "url,city\nx,y\n"])
def test_a_register_without_its_columns_holds_nothing_or_is_damaged(home, content):
    home.archive.mkdir(parents=True)
    (home.archive / NAME).write_text(content, encoding="utf-8")
    if content:
        with pytest.raises(DamagedRegister):
            registered(home)
    else:
        assert registered(home) == ()
