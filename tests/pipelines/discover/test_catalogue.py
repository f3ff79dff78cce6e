import csv
import pickle
import random
from pathlib import Path

import pytest

from pipelines.discover.catalogue import (
    InvalidCatalogue,
    append,
    by_partition,
    catalogue_of,
    check_catalogue,
    default_catalogue,
    default_files,
    known_domains,
    load_catalogue,
    other_addresses,
    own_file,
    remark,
)
from pipelines.discover.hosts import wrong_host
from pipelines.discover.source import Source
from schemas.regions import division
from warehouse.layout import Home

HEADER = "url,region_code,publisher,year,title,level\n"
SHARED = Path(__file__).parents[3] / ".." / "shared" / "catalogue" / "sources.csv"


def write(folder, name, lines, header=HEADER):
    path = folder / name
    path.write_text(header + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def test_default_catalogue_is_valid_and_sorted():
    sources = default_catalogue()
    assert len(sources) > 540
    order = [(source.city, source.year, source.region_code, source.url) for source in sources]
    assert order == sorted(order)
    assert len({source.url for source in sources}) == len(sources)
    assert all(source.city == division(source.region_code).city for source in sources)


def test_default_catalogue_has_every_shared_source():
    if not SHARED.exists():
        pytest.skip("shared catalogue absent")
    with SHARED.open(encoding="utf-8-sig") as file:
        shared = list(csv.DictReader(file))
    assert {(source.url, source.year) for source in default_catalogue()} == {
        (row["url"], int(row["year"])) for row in shared
    }
    cities = {source.url: source.city for source in default_catalogue()}
    assert all(cities[row["url"]] == division(row["adcode"]).city for row in shared if row["adcode"])


@pytest.mark.parametrize(
    ("publisher", "city"),
    [
        ("石家庄经济技术开发区管委会", "shijiazhuang-130100"),
        ("熊口管理区", "qianjiang-429005"),
        ("陕西省西咸新区沣西新城管理委员会", "shaanxi-610000"),
        ("沅江路街道办事处", "huaihua-431200"),
    ],
)
def test_areas_without_a_code_lie_in_the_partition_of_the_division_around_them(publisher, city):
    assert {source.city for source in default_catalogue() if source.publisher == publisher} == {city}


def test_default_catalogue_names_divisions_as_they_were_in_the_year():
    assert [said for source in default_catalogue() if (said := remark(source))] == []
    (guangfeng,) = [source for source in default_catalogue() if source.publisher == "广丰县人民政府"]
    assert (guangfeng.region_code, guangfeng.city, guangfeng.year) == ("361122", "shangrao-361100", 2011)


def test_a_remark_on_a_division_that_came_later():
    later = Source("https://www.gfx.gov.cn/a", "shangrao-361100", 2012, "361103")
    assert remark(later) == "广丰区 (361103) in 2012 was 广丰县 (361122)"
    assert remark(Source("https://www.gfx.gov.cn/a", "shangrao-361100", 2020, "361103")) is None


def test_no_host_of_the_default_catalogue_is_wrong():
    owners = known_domains()
    wrong = [said for each in default_catalogue() if (said := wrong_host(each.url, each.region_code, owners))]
    assert wrong == []


@pytest.mark.parametrize(
    ("url", "region_code", "said"),
    [
        ("https://www.zhoukou.gov.cn/nb/1.html", "110000", "zhoukou.gov.cn belongs to 周口市 (411600), not to 北京市"),
        ("https://fgw.henan.gov.cn/nb/1.html", "130000", "henan.gov.cn belongs to 河南省"),
        ("https://news.example.com/1.html", "411600", "no government's"),
        ("https://8.8.8.8/1.html", "411600", "no government's"),
    ],
)
def test_a_wrong_host_is_named(tmp_path, url, region_code, said):
    path = write(tmp_path, "mine.csv", [f"{url},{region_code},,2021,,"])
    with pytest.raises(InvalidCatalogue) as raised:
        load_catalogue([path])
    (problem,) = raised.value.problems
    assert problem.startswith("mine.csv:2: wrong host")
    assert said in problem


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080/1.html",
        "http://localhost/1.html",
        "http://10.0.0.1/1.html",
        "http://a.test/1.html",
        "http://[::1]:80/1.html",
        "https://fgw.henan.gov.cn/1.html",
        "https://www.gov.cn/1.html",
        "https://tjj.never-seen.gov.cn/1.html",
        "http://gk.wh.cn/1.html",
    ],
)
def test_hosts_of_tests_provinces_and_governments_not_known_yet_are_taken(tmp_path, url):
    region = "340200" if "wh.cn" in url else "411600"
    (source,) = load_catalogue([write(tmp_path, "mine.csv", [f"{url},{region},,2021,,"])])
    assert source.url == url


def test_a_domain_can_be_declared_beside_a_catalogue(tmp_path):
    path = write(tmp_path, "mine.csv", ["https://gk.example.com/1,411600,,2021,,"])
    (tmp_path / "domains.csv").write_text("domain,region_code,note\nexample.com,410000,moved there\n")
    (source,) = load_catalogue([path])
    assert source.city == "zhoukou-411600"
    (tmp_path / "domains.csv").write_text("domain,region_code,note\nexample.com,420000,moved there\n")
    with pytest.raises(InvalidCatalogue, match="belongs to 湖北省"):
        load_catalogue([path])


def test_checking_gives_what_is_right_and_what_is_wrong(tmp_path):
    path = write(tmp_path, "mine.csv", ["https://x.gov.cn/a,411600,,2021,,", "https://x.gov.cn/b,000000,,2021,,"])
    right, problems = check_catalogue([path, tmp_path / "absent.csv"])
    assert [source.url for source in right] == ["https://x.gov.cn/a"]
    assert [problem.partition(": ")[0] for problem in problems] == [str(tmp_path / "absent.csv"), "mine.csv:3"]


SOURCE = Source("https://www.zhoukou.gov.cn/x?b=2&a=1", "zhoukou-411600", 2024, "411600", "周口市人民政府")


def test_a_homes_own_catalogue_is_added_to_the_default_one(tmp_path):
    home = Home(tmp_path / "home")
    assert catalogue_of(home) == default_catalogue()
    append(own_file(home), SOURCE, "prefecture", ["https://b.zhoukou.gov.cn/y"])
    with_own = catalogue_of(home)
    assert len(with_own) == len(default_catalogue()) + 1
    assert SOURCE in with_own
    assert other_addresses([*default_files(), own_file(home)]) == ("https://b.zhoukou.gov.cn/y",)


def test_of_an_address_in_both_the_homes_line_counts(tmp_path):
    home = Home(tmp_path)
    known = next(source for source in default_catalogue() if source.region_code == "411600")
    append(own_file(home), Source(known.url, known.city, 2019, known.region_code))
    assert [source.year for source in catalogue_of(home) if source.url == known.url] == [2019]


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (SOURCE, "duplicate url"),
        (Source("https://b.zhoukou.gov.cn/y", "zhoukou-411600", 2024, "411600"), "duplicate url"),
        (Source("https://z.gov.cn/y", "zhoukou-411600", 2024, "999999"), "unknown division"),
        (Source("https://www.zhoukou.gov.cn/y", "beijing-110000", 2024, "110000"), "wrong host"),
    ],
)
def test_appending_what_is_wrong_leaves_the_file_as_it_is(tmp_path, source, problem):
    path = tmp_path / "catalogue.csv"
    append(path, SOURCE, "prefecture", ["https://b.zhoukou.gov.cn/y"])
    before = path.read_bytes()
    with pytest.raises(InvalidCatalogue, match=problem):
        append(path, source)
    assert path.read_bytes() == before


def test_files_are_named_for_the_province_of_their_lines():
    folder = Path(__file__).parents[3] / "pipelines" / "discover" / "catalogue"
    for path in sorted(folder.glob("*.csv")):
        province = path.stem.rsplit("-", 1)[1]
        assert division(province).city == path.stem
        assert {source.region_code[:2] for source in load_catalogue([path])} == {province[:2]}


def test_a_catalogue_of_ones_own(tmp_path):
    path = write(
        tmp_path,
        "mine.csv",
        ["https://x.gov.cn/a?id=1, 411600 ,周口市人民政府,2021,,prefecture", "http://x.gov.cn/b,110101,,2020,,"],
    )
    first, second = load_catalogue([path])
    assert (first.city, first.year, first.publisher) == ("beijing-110000", 2020, None)
    assert (second.city, second.region_code, second.url) == (
        "zhoukou-411600",
        "411600",
        "https://x.gov.cn/a?id=1",
    )
    assert second.title is None


def test_optional_columns_may_be_missing_and_a_byte_order_mark_is_no_harm(tmp_path):
    path = write(tmp_path, "mine.csv", ["2021,411600,https://x.gov.cn/a"], header="\ufeffyear,region_code,url\n")
    (source,) = load_catalogue([path])
    assert (source.city, source.year) == ("zhoukou-411600", 2021)


def test_every_problem_is_reported_with_its_place(tmp_path):
    one = write(
        tmp_path,
        "one.csv",
        [
            "https://x.gov.cn/a,411600,,2021,,",
            "ftp://x.gov.cn/b,411600,,2021,,",
            "https://x.gov.cn/c,999999,,1999,,city",
            "https://x.gov.cn/d e,411600,,二〇二一,,",
            "https://x.gov.cn/f,411600,,2021,a,county,b",
        ],
    )
    two = write(tmp_path, "two.csv", ["https://x.gov.cn/a,411600,,2020,,", "https:///g,411600,,2021,,"])
    with pytest.raises(InvalidCatalogue) as raised:
        load_catalogue([one, two])
    found = [problem.split(":", 2)[:2] for problem in raised.value.problems]
    assert sorted(found) == sorted(
        [
            ["one.csv", "3"],
            ["one.csv", "4"],
            ["one.csv", "4"],
            ["one.csv", "4"],
            ["one.csv", "5"],
            ["one.csv", "5"],
            ["one.csv", "6"],
            ["two.csv", "2"],
            ["two.csv", "3"],
        ]
    )
    message = str(raised.value)
    for part in ("one.csv:2", "duplicate url", "unknown division '999999'", "bad year '1999'", "malformed url"):
        assert part in message
    assert str(pickle.loads(pickle.dumps(raised.value))) == message  # noqa: S301


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"url,year\n", "columns missing: region_code"),
        (b"url,region_code,year,colour\n", "unknown: colour"),
        (b"", "columns missing: url, region_code, year"),
        ("url,region_code,year,周口\n".encode("gb18030"), "is not UTF-8"),
    ],
)
def test_a_file_that_is_no_catalogue(tmp_path, content, problem):
    path = tmp_path / "mine.csv"
    path.write_bytes(content)
    with pytest.raises(InvalidCatalogue, match=problem):
        load_catalogue([path])


def test_a_file_of_another_kind(tmp_path):
    path = write(tmp_path, "mine.xlsx", [])
    with pytest.raises(InvalidCatalogue, match=r"mine\.xlsx: is no CSV"):
        load_catalogue([path])


def test_by_partition_does_not_depend_on_order():
    sources = list(default_catalogue())
    expected = by_partition(sources)
    random.Random(1).shuffle(sources)  # noqa: S311
    assert by_partition(sources) == expected
    assert list(expected) == sorted(expected)
    assert sum(map(len, expected.values())) == len(sources)
    assert all((each.city, each.year) == key for key, members in expected.items() for each in members)
