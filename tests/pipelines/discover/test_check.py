from pipelines.discover.catalogue import append, default_catalogue, own_file
from pipelines.discover.check import check_all, check_files
from pipelines.discover.source import Source
from warehouse.layout import Home


def test_the_packages_own_files_are_right(tmp_path):
    found = check_all(Home(tmp_path))
    assert (found.sources, found.problems, found.remarks) == (len(default_catalogue()), (), ())
    assert found.listings > 10


def test_a_homes_files_are_checked_too(tmp_path):
    home = Home(tmp_path)
    append(own_file(home), Source("https://www.zhoukou.gov.cn/a", "zhoukou-411600", 2020, "411600"))
    (tmp_path / "listings.csv").write_text("url,region_code\nhttps://x.gov.cn/,1\n", encoding="utf-8")
    found = check_all(home)
    assert found.sources == len(default_catalogue()) + 1
    assert [problem.partition(": ")[0] for problem in found.problems] == ["listings.csv:2"]


def test_files_are_told_apart_by_their_columns(tmp_path):
    sources, pages = tmp_path / "a.csv", tmp_path / "b.csv"
    sources.write_text("url,region_code,year\nhttps://x.gov.cn/1,411600,2020\n", encoding="utf-8")
    pages.write_text("url,region_code,year,note\nhttps://x.gov.cn/2,411600,,seen\n", encoding="utf-8")
    found = check_files([sources, pages])
    assert (found.sources, found.listings, found.problems) == (1, 1, ())


def test_what_may_be_meant_so_is_a_remark(tmp_path):
    known = default_catalogue()[0]
    path = tmp_path / "mine.csv"
    lines = [f"{known.url},{known.region_code},{known.year}", "http://www.gfx.gov.cn/1,361103,2012"]
    path.write_text("url,region_code,year\n" + "\n".join(lines), encoding="utf-8")
    found = check_files([path])
    assert found.problems == ()
    assert sorted(said.partition(": ")[2] for said in found.remarks) == [
        "the default catalogue has it too",
        "广丰区 (361103) in 2012 was 广丰县 (361122)",
    ]
