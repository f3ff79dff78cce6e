import json

import httpx
import pytest

from pipelines.defs.resources import Work
from pipelines.discover.catalogue import append, default_catalogue, own_file
from pipelines.discover.listings import Listing, default_listings
from pipelines.discover.pending import Unsettled, accept, pending
from pipelines.discover.source import Source
from pipelines.discovery import described, discover
from pipelines.report.journal import journal
from pipelines.sample.site import BASE_URL, sample_listings, sample_sources, sample_transport
from warehouse.layout import Home

URL = "https://www.zhoukou.gov.cn/a.html"


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home")


def files(home):
    return {path: path.read_bytes() for path in (home.work / "listings").rglob("*") if path.is_file()}


def test_the_sample_lists_what_its_manifest_knows(home):
    with sample_transport() as transport:
        found = discover(home, sample_listings(), sample_sources(), transport=transport)
    assert (found.listings, found.pages, found.listed) == (6, 6, 12)
    assert (found.proposed, found.waiting, found.failed) == ((), 0, ())
    assert not (home.root / "proposals.csv").exists()


def test_what_the_catalogue_does_not_have_is_proposed_once_and_can_be_accepted(home):
    known = [source for source in sample_sources() if source.city != "shanghai-310000"]
    with sample_transport() as transport:
        first = discover(home, sample_listings(), known, transport=transport)
        kept = files(home)
        again = discover(home, sample_listings(), known, transport=transport)
        assert [(each.publisher, each.year) for each in first.proposed] == [
            ("上海市人民政府办公厅", 2025),
            ("上海市科委", 2024),
            ("上海市人民政府办公厅", 2019),
        ]
        assert (again.proposed, again.waiting) == ((), 3)
        assert files(home) == kept  # unchanged pages are not sent again
        source = accept(home, first.proposed[0].url)
        assert source.url == f"{BASE_URL}shanghai/nw12344/2025/nb.pdf"
        assert discover(home, sample_listings(), known, transport=transport).waiting == 2
    assert len(pending(home)) == 2


def test_a_run_begins_a_journal_with_what_is_new_and_what_failed(home):
    absent = [*sample_listings(), sample_listings(f"{BASE_URL}absent/")[0]]
    with sample_transport() as transport:
        discover(home, absent, (), transport=transport)
        said = journal(home)
        assert (said.since, len(said.proposed)) == (None, 12)
        assert [note.url for note in said.unlisted] == [f"{BASE_URL}absent/zhoukou/zwgk/zfxxgknb/index.html"]
        discover(home, (), ())
    assert (journal(home).since, journal(home).notes) == (said.began, ())


def test_a_list_that_only_scripts_fill_is_read_from_its_data(home):
    """As Guangdong's platform does: a page without a word, and data that are declared to be script."""
    site = "http://www.gdqy.gov.cn/qynyncj/gkmlpt"
    page = (
        "<html><head><title>政府信息公开年报</title></head><body><div id=app></div><script>window._CONFIG = {SID: '763012',"
        'TREE: [{"id":2629,"parent_id":0,"name":"政府信息公开年度报告","children":[]}] };</script></body></html>'
    )
    report = {"title": "清远市农业农村局2024年政府信息公开工作年度报告", "url": f"{site}/content/1/1/post_1.html"}
    pages = {
        f"{site}/annualreport": (page, "text/html"),
        f"{site}/api/all/2629?page=1&sid=763012": (
            json.dumps({"total": 1, "articles": [report]}),
            "application/javascript",
        ),
    }

    def answer(request):
        text, kind = pages.get(str(request.url), (None, ""))
        return httpx.Response(404) if text is None else httpx.Response(200, text=text, headers={"Content-Type": kind})

    found = discover(home, [Listing(f"{site}/annualreport", "441800")], (), transport=httpx.MockTransport(answer))
    assert found.failed == ()
    assert [(each.publisher, each.year) for each in found.proposed] == [("清远市农业农村局", 2024)]


def test_the_archive_keeps_no_listing_page(home):
    with sample_transport() as transport:
        discover(home, sample_listings(), (), transport=transport)
    assert not home.archive.exists()


def test_an_address_is_described_by_what_is_given(home):
    source = described(home, URL, region_code="411600", year=2020, publisher="周口市人民政府")
    assert source == Source(URL, "zhoukou-411600", 2020, "411600", "周口市人民政府", None)


def test_an_address_is_described_by_its_title(home):
    source = described(home, URL, title="周口市2021年政府信息公开工作年度报告")
    assert (source.year, source.region_code, source.publisher) == (2021, "411600", "周口市人民政府")
    assert described(home, URL, title="周口市政府信息公开年报", year=2020).year == 2020
    with pytest.raises(Unsettled, match="names no year|names the year"):
        described(home, URL, title="周口市政府信息公开年报")
    with pytest.raises(Unsettled, match="give --year"):
        described(home, URL, title="政府信息公开年报", region_code="411600", publisher="周口市人民政府")
    with pytest.raises(Unsettled, match="names no publisher"):
        described(home, URL, title="2021年政府信息公开年报")


def test_an_address_is_described_by_the_document_there(home):
    url = f"{BASE_URL}hangzhou/art/art_1229497170_1.html"
    with sample_transport() as transport:
        source = described(home, url, transport=transport)
        assert (source.year, source.region_code, source.publisher) == (2025, "330100", "杭州市人民政府")
        with pytest.raises(Unsettled, match="could not be fetched .*give --region and --year"):
            described(home, f"{BASE_URL}absent.html", transport=transport)
        with pytest.raises(Unsettled, match="or give --region and --year"):
            described(home, BASE_URL, transport=transport)


def test_a_run_of_the_default_catalogue_takes_the_homes_own_in(home):
    source = Source(URL, "zhoukou-411600", 2020, "411600")
    append(own_file(home), source)
    work = Work(home=str(home.root))
    assert set(work.catalogued()) == {*default_catalogue(), source}
    assert Work(home=str(home.root), partitions=["zhoukou-411600|2020"]).catalogued()[-1].city == "zhoukou-411600"


def test_a_run_looks_at_the_listing_pages_of_its_catalogue_and_cities(home):
    def of(**said):
        return Work(home=str(home.root), **said).listings()

    assert of() == default_listings()
    assert of(catalogue="sample") == sample_listings()
    assert of(catalogue="none") == of(catalogue="/some/file.csv") == ()
    assert {listing.city for listing in of(partitions=["guiyang-520100|2021"])} == {"guiyang-520100"}
    assert of(partitions=["zhoukou-411600|2021"]) == ()
