import pytest

from pipelines.discover.catalogue import InvalidCatalogue, catalogue_of, known_domains, other_addresses, own_file
from pipelines.discover.pending import NotProposed, Unsettled, accept, pending, pending_file, propose
from pipelines.discover.proposals import Proposal
from pipelines.discover.source import Source
from warehouse.layout import Home

URL = "https://www.zhoukou.gov.cn/nb/2024.html?b=2&a=1"


def proposal(url=URL, year=2024, publisher="周口市人民政府", **said):
    said = {"region_code": "411600", "level": "prefecture"} | said
    return Proposal(url, "报告，一份", "http://l/", year, publisher=publisher, **said)


def open_one(url="https://www.zhoukou.gov.cn/nb/x.html", reason="names no year"):
    return Proposal(url, "报告", "http://l/", reason=reason)


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home")


def put(home, *found, known=()):
    return propose(home, found, known, known_domains())


def test_none_wait_at_first(home):
    assert pending(home) == ()


def test_proposals_wait_and_are_new_once(home):
    first = put(home, proposal(also_at=("http://m.zhoukou.gov.cn/1", "http://m.zhoukou.gov.cn/2")), open_one())
    assert first == pending(home)
    assert [each.reason for each in first] == [None, "names no year"]
    before = pending_file(home).read_bytes()
    assert put(home, open_one(), proposal()) == ()
    assert pending(home)[0].url == URL
    assert put(home) == ()
    assert put(home, proposal(also_at=("http://m.zhoukou.gov.cn/1", "http://m.zhoukou.gov.cn/2")), open_one()) == ()
    assert pending_file(home).read_bytes() == before


def test_absence_deletes_nothing_but_what_is_known_goes(home):
    put(home, proposal(), open_one())
    put(home, proposal("https://www.zhoukou.gov.cn/nb/2023.html", 2023))
    assert len(pending(home)) == 3
    known = Source("http://elsewhere.test/", "zhoukou-411600", 2024, "411600", "周口市人民政府")
    put(home, known=[known])
    assert [each.year for each in pending(home)] == [2023, None]


def test_a_page_read_again_settles_what_was_open(home):
    put(home, open_one(URL))
    assert put(home, proposal()) == ()
    assert [(each.year, each.reason) for each in pending(home)] == [(2024, None)]


def test_accepting_moves_a_proposal_to_the_homes_catalogue(home):
    put(home, proposal(also_at=("http://m.zhoukou.gov.cn/1",)), open_one())
    source = accept(home, URL)
    assert source == Source(URL, "zhoukou-411600", 2024, "411600", "周口市人民政府", "报告，一份")
    assert source in catalogue_of(home)
    assert other_addresses([own_file(home)]) == ("http://m.zhoukou.gov.cn/1",)
    assert len(pending(home)) == 1
    assert put(home, proposal("http://m.zhoukou.gov.cn/1", publisher=None, year=2020)) == ()


def test_what_is_open_is_settled_by_the_one_who_accepts(home):
    put(home, open_one(URL))
    with pytest.raises(Unsettled, match="names no year"):
        accept(home, URL)
    with pytest.raises(Unsettled, match="give --region and --year"):
        accept(home, URL, year=2024)
    assert accept(home, URL, region_code="411600", year=2024, publisher="周口市人民政府").year == 2024


def test_what_is_doubtful_is_accepted_only_with_a_word(home):
    put(home, proposal(reason="published before the year was over"))
    with pytest.raises(Unsettled, match="doubtful"):
        accept(home, URL)
    assert accept(home, URL, year=2023).year == 2023


def test_what_is_not_proposed_or_not_valid_is_refused(home):
    put(home, proposal(region_code="110000", reason="wrong host"))
    with pytest.raises(NotProposed, match="sources proposed"):
        accept(home, "https://x.gov.cn/")
    with pytest.raises(InvalidCatalogue, match="wrong host"):
        accept(home, URL, year=2024)
    assert len(pending(home)) == 1
    assert not own_file(home).exists()


def test_a_damaged_file_is_named(home):
    put(home, proposal())
    text = pending_file(home).read_text(encoding="utf-8")
    pending_file(home).write_text(text.replace(",2024,", ",soon,"), encoding="utf-8")
    with pytest.raises(InvalidCatalogue, match=r"proposals\.csv:2: .*delete the file"):
        pending(home)
