import csv

import pytest
from click.testing import CliRunner

from pipelines.cli_sources import sources
from pipelines.discover.catalogue import default_catalogue, known_domains
from pipelines.discover.pending import propose
from pipelines.discover.proposals import Proposal
from warehouse.layout import Home

URL = "https://www.zhoukou.gov.cn/nb/2024.html?b=2&a=1"


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


def run(home, *arguments):
    return CliRunner().invoke(sources, [arguments[0], "--home", str(home), *arguments[1:]])


def lines(path):
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_add_writes_a_line(home):
    done = run(home, "add", URL, "--region", "周口市", "--year", "2024", "--publisher", "周口市人民政府")
    assert done.exit_code == 0, done.output
    (line,) = lines(home / "catalogue.csv")
    assert (line["url"], line["region_code"], line["year"], line["publisher"]) == (
        URL,
        "411600",
        "2024",
        "周口市人民政府",
    )
    assert run(home, "list", "zhoukou", "--year", "2024").output == f"zhoukou-411600|2024  周口市人民政府  {URL}\n"


def test_add_to_another_file(home, tmp_path):
    mine = tmp_path / "mine.csv"
    title = "周口市2024年政府信息公开工作年度报告"
    assert run(home, "add", URL, "--title", title, "--file", str(mine)).exit_code == 0
    assert [(line["year"], line["title"]) for line in lines(mine)] == [("2024", title)]
    assert not (home / "catalogue.csv").exists()


def test_add_takes_the_name_a_division_had_in_the_year(home):
    done = run(home, "add", "http://www.gfx.gov.cn/a.html", "--region", "广丰县", "--year", "2012")
    assert done.exit_code == 0, done.output
    assert lines(home / "catalogue.csv")[0]["region_code"] == "361122"
    done = run(home, "add", "http://www.gfx.gov.cn/b.html", "--region", "361103", "--year", "2012")
    assert "note: 广丰区 (361103) in 2012 was 广丰县 (361122)" in done.output


@pytest.mark.parametrize(
    ("url", "region", "problem"),
    [
        (default_catalogue()[0].url, default_catalogue()[0].region_code, "duplicate url"),
        (default_catalogue()[0].url.replace("https:", "http:").replace("www.", ""), "110000", "duplicate url"),
        (URL, "999999", "no code of a division"),
        (URL, "110000", "wrong host"),
        ("https://www.example.com/a.html", "411600", "wrong host"),
        ("www.zhoukou.gov.cn/a", "411600", "malformed url"),
        (URL, "鼓楼区", "names several divisions"),
        (URL, "无此市", "no division is named"),
    ],
)
def test_add_refuses(home, url, region, problem):
    done = run(home, "add", url, "--region", region, "--year", "2024")
    assert done.exit_code != 0
    assert problem in done.output
    assert not (home / "catalogue.csv").exists()


def test_add_refuses_what_the_home_has_already(home):
    assert run(home, "add", URL, "--region", "411600", "--year", "2024").exit_code == 0
    done = run(home, "add", URL, "--region", "411600", "--year", "2023")
    assert done.exit_code == 1
    assert "duplicate url" in done.output
    assert len(lines(home / "catalogue.csv")) == 1


def test_add_says_what_to_give_where_an_address_cannot_be_asked(home):
    done = run(home, "add", "http://127.0.0.1:9/a.html")
    assert done.exit_code == 1
    assert "give --region and --year" in done.output


def test_check_of_everything(home):
    done = run(home, "check")
    assert done.exit_code == 0, done.output
    assert f"{len(default_catalogue())} sources" in done.output


def test_check_prints_problems_by_file_and_line(home, tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text(
        "url,region_code,year\nhttp://a.gov.cn/1,999999,1990\nhttp://a.gov.cn/1,411600,2020\n"
        "http://www.zhoukou.gov.cn/2,110000,2020\n",
        encoding="utf-8",
    )
    done = run(home, "check", str(bad))
    assert done.exit_code == 1
    for said in (
        "bad.csv:2: unknown division '999999'",
        "bad.csv:2: bad year '1990'",
        "bad.csv:3: duplicate url",
        "bad.csv:4: wrong host",
        "4 problems",
    ):
        assert said in done.output


def waiting(home):
    found = [
        Proposal(URL, "报告", "http://l/", 2024, "411600", "周口市人民政府", "prefecture"),
        Proposal("https://www.zhoukou.gov.cn/x.html", "年报", "http://l/", reason="names no year"),
    ]
    home.mkdir()
    propose(Home(home), found, (), known_domains())


def test_proposed_and_accept(home):
    waiting(home)
    listed = run(home, "proposed").output.splitlines()
    assert listed == [
        f"411600|2024  周口市人民政府  {URL}",
        "?|?  年报  https://www.zhoukou.gov.cn/x.html  (names no year)",
    ]
    done = run(home, "accept", "--all")
    assert done.output == f"accepted: zhoukou-411600|2024  周口市人民政府  {URL}\n"
    done = run(home, "accept", "https://www.zhoukou.gov.cn/x.html")
    assert (done.exit_code, "give --region and --year" in done.output) == (1, True)
    done = run(home, "accept", "https://www.zhoukou.gov.cn/x.html", "--region", "周口市", "--year", "2020")
    assert done.exit_code == 0, done.output
    done = run(home, "proposed")
    assert (done.stdout, "nothing is proposed" in done.stderr) == ("", True)
    assert len(lines(home / "catalogue.csv")) == 2


def test_accept_wants_addresses_or_all(home):
    assert run(home, "accept").exit_code == 2
    assert run(home, "accept", "--all", URL).exit_code == 2
    assert run(home, "accept", "--all", "--year", "2020").exit_code == 2
    assert "is not proposed" in run(home, "accept", URL).output


@pytest.mark.parametrize("command", ["add", "check", "list", "proposed", "accept"])
def test_every_command_has_help_and_an_example(command):
    done = CliRunner().invoke(sources, [command, "--help"])
    assert "Example:" in done.output
    assert f"gongkai sources {command}" in done.output
