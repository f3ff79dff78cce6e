import csv
import pickle
import random
from pathlib import Path

import pytest

from pipelines.discover.catalogue import InvalidCatalogue, by_partition, default_catalogue, load_catalogue
from schemas.regions import division

HEADER = "url,region_code,publisher,year,title,level\n"
SHARED = Path(__file__).parents[3] / ".." / "shared" / "catalogue" / "sources.csv"


def write(folder, name, lines, header=HEADER):
    path = folder / name
    path.write_text(header + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def test_default_catalogue_is_valid_and_sorted():
    sources = default_catalogue()
    assert len(sources) > 500
    order = [(source.city, source.year, source.region_code, source.url) for source in sources]
    assert order == sorted(order)
    assert len({source.url for source in sources}) == len(sources)
    assert all(source.city == division(source.region_code).city for source in sources)


def test_default_catalogue_has_every_shared_source_with_a_code():
    if not SHARED.exists():
        pytest.skip("shared catalogue absent")
    with SHARED.open(encoding="utf-8-sig") as file:
        expected = {
            (row["url"], row["adcode"], int(row["year"]))
            for row in csv.DictReader(file)
            if row["adcode"] and row["year"]
        }
    assert {(source.url, source.region_code, source.year) for source in default_catalogue()} == expected


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
