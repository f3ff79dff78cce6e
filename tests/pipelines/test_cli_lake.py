import json

import pytest
from click.testing import CliRunner
from debian_servers import postgres

from pipelines.cli import main


def gongkai(*arguments: object):
    return CliRunner().invoke(main, [*map(str, arguments)])


@pytest.fixture(scope="module")
def catalog():
    with postgres("lake") as port:
        yield f"host=127.0.0.1 port={port} user=gongkai dbname=lake"


def test_a_release_is_published_listed_and_asked(
    catalog, home_after_a_run, sample_release, tmp_path, monkeypatch
) -> None:
    releases = home_after_a_run.releases
    releases.mkdir(parents=True)
    (releases / "2026.1").symlink_to(sample_release)
    monkeypatch.setenv("GONGKAI_LAKE", catalog)
    made = gongkai(
        *("publish", "ducklake", "--data", tmp_path / "lake", "--release", "2026.1", "--message", "第一版"),
        *("--home", home_after_a_run.root),
    )
    assert made.exit_code == 0, made.output
    assert made.output.startswith("release 2026.1 is snapshot 1, ")
    again = gongkai("publish", "ducklake", "--release", "2026.1", "--home", home_after_a_run.root)
    assert again.output == "release 2026.1 is snapshot 1 already\n"
    now = gongkai("publish", "ducklake", "--home", home_after_a_run.root)
    assert now.output == "the warehouse is snapshot 1 already\n"  # which is what the release was made of
    assert gongkai("lake", "releases").output.split() == ["1", "2026.1", "第一版"]
    asked = gongkai("lake", "query", "--release", "2026.1", "--format", "json", "SELECT count(*) AS n FROM reports")
    assert json.loads(asked.output) == [{"n": 12}]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("lake", "query", "--release", "2026.9", "SELECT 1"),
            "Error: release 2026.9 is not in the lake; it has 2026.1",
        ),
        (("lake", "query", "--release", "x", "SELECT 1"), "Error: 'x' is no version"),
        (("lake", "query", "SELEKT"), "Error: Parser Error: syntax error"),
        (("lake", "releases", "--catalog", "host=127.0.0.1 port=1"), "Error: the lake cannot be used"),
    ],
)
def test_what_goes_wrong_is_one_line(catalog, monkeypatch, arguments, said) -> None:
    monkeypatch.setenv("GONGKAI_LAKE", catalog)
    failed = gongkai(*arguments)
    assert failed.exit_code == 1
    assert failed.stderr.startswith(said)
    assert failed.stderr.count("\n") == 1
