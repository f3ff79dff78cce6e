import csv
from pathlib import Path

import pytest

from pipelines.discover.catalogue import InvalidCatalogue
from pipelines.discover.listings import Listing, default_listings, listings_of, load_listings
from schemas.regions import division
from warehouse.layout import Home

SHARED = Path(__file__).parents[3] / ".." / "shared" / "catalogue" / "listings.csv"
HEADER = "url,region_code,publisher,year,title,note\n"


def test_default_listings_are_valid_and_sorted():
    listings = default_listings()
    assert listings
    assert list(listings) == sorted(listings, key=lambda each: (each.region_code, each.url))


def test_default_listings_have_every_shared_one():
    if not SHARED.exists():
        pytest.skip("shared catalogue absent")
    with SHARED.open(encoding="utf-8-sig") as file:
        expected = {(row["url"], row["adcode"]) for row in csv.DictReader(file)}
    assert {(listing.url, listing.region_code) for listing in default_listings()} == expected


def test_files_are_named_for_the_province_of_their_lines():
    folder = Path(__file__).parents[3] / "pipelines" / "discover" / "listings"
    for path in sorted(folder.glob("*.csv")):
        province = path.stem.rsplit("-", 1)[1]
        assert division(province).city == path.stem
        assert {listing.region_code[:2] for listing in load_listings([path])} == {province[:2]}


def test_a_line_of_ones_own(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(f"{HEADER}https://x.gov.cn/nb/#2629,411600,周口市统计局,2021,年报,seen\n", encoding="utf-8")
    (listing,) = load_listings([path])
    assert listing == Listing("https://x.gov.cn/nb/#2629", "411600", "周口市统计局", 2021, "年报")
    assert listing.city == "zhoukou-411600"


def test_every_problem_is_reported_with_its_place(tmp_path):
    path = tmp_path / "mine.csv"
    lines = [
        "https://x.gov.cn/a,411600,,,,",
        "https://x.gov.cn/a,000000,,,,",
        "x,411600,,21,,",
        "http://a.com/,411600,,,,",
    ]
    path.write_text(HEADER + "\n".join(lines), encoding="utf-8")
    with pytest.raises(InvalidCatalogue) as raised:
        load_listings([path])
    assert [problem.split(" ")[0] for problem in raised.value.problems] == [
        "mine.csv:3:",
        "mine.csv:3:",
        "mine.csv:4:",
        "mine.csv:4:",
        "mine.csv:5:",
    ]


def test_a_homes_own_listings_are_added_and_count_first(tmp_path):
    home = Home(tmp_path)
    assert listings_of(home) == default_listings()
    known = default_listings()[0]
    (tmp_path / "listings.csv").write_text(
        f"url,region_code,publisher\n{known.url},{known.region_code},某局\nhttps://x.gov.cn/a,411600,\n",
        encoding="utf-8",
    )
    found = listings_of(home)
    assert len(found) == len(default_listings()) + 1
    assert next(each for each in found if each.url == known.url).publisher == "某局"
