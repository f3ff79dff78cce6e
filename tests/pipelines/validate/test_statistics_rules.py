from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from pipelines.read.html.page import read_html
from pipelines.recognise.report import recognise
from pipelines.validate.examined import Examined
from pipelines.validate.partition import validate
from pipelines.validate.series import series_findings
from warehouse.layout import Partition
from warehouse.store import manifests, read_partition, write_partition

FIXTURES = Path(__file__).parents[2] / "fixtures"
PAGES = sorted([*(FIXTURES / "statistics").glob("*.html"), *(FIXTURES / "free").glob("*.html")])


def validated(path, *changes):
    text = path.read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    content = text.encode()
    digest = sha256(content).hexdigest()
    found = recognise(read_html(content, digest))
    item = Examined(
        digest,
        f"https://example.cn/{path.name}",
        datetime(2020, 1, 1, tzinfo=UTC),
        len(content),
        "text/html",
        None,
        None,
        "html",
        found,
    )
    return validate(Partition(found.identity.city, found.identity.year), [item], "1")


def findings(valid):
    return valid.frames["findings"].select("rule", "severity", "subject").rows()


NATIONAL = FIXTURES / "statistics" / "national-2017.html"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_reports_before_2019_are_loaded_without_an_error_and_can_be_stored(path, tmp_path):
    valid = validated(path)
    assert valid.frames["documents"]["status"].to_list() == ["loaded"]
    assert {severity for _, severity, _ in findings(valid)} <= {"info"}
    write_partition(tmp_path, valid.partition, valid.frames, "1")
    assert read_partition(tmp_path, valid.partition, "statistics").equals(valid.frames["statistics"])


def test_a_store_of_reports_before_2019_alone_has_no_findings_between_years(tmp_path):
    valid = validated(NATIONAL)
    write_partition(tmp_path, valid.partition, valid.frames, "1")
    assert series_findings(tmp_path, manifests(tmp_path)).is_empty()


def test_what_the_text_states_has_a_cell_that_is_its_sentence():
    frames = validated(FIXTURES / "free" / "requests-2012.html").frames
    cells = frames["cells"]
    assert cells["table_no"].unique().to_list() == [0]
    joined = frames["statistics"].join(cells.select("cell_id", "raw_text", "path"), on="cell_id", how="left")
    assert joined["raw_text"].to_list() == joined["sentence"].to_list()
    assert joined["path"].null_count() == 0
    assert set(frames["narrative"]["cell_id"]) <= set(cells["cell_id"])
    assert frames["narrative"]["approximation"].unique().sort().to_list() == ["about", "exact"]


@pytest.mark.parametrize(
    ("before", "after", "subject"),
    [
        ("<td>25</td>", "<td>26</td>", "statistics.requests.received:统计数"),
        ("40</td></tr>\n<tr><td>2.延期", "39</td></tr>\n<tr><td>2.延期", "statistics.requests.completed:统计数"),
        ("<td>14</td>", "<td>15</td>", "statistics.answers.total:统计数"),
        ("<td>85</td>", "<td>58</td>", "statistics.resources.staff:统计数"),
    ],
)
def test_a_total_that_its_lines_do_not_sum_to_is_found(before, after, subject):
    valid = validated(NATIONAL, (before, after))
    assert findings(valid) == [("statistics.sum", "error", subject)]
    (cells,) = valid.frames["findings"]["cell_ids"].to_list()
    assert set(cells) <= set(valid.frames["cells"]["cell_id"])


def test_a_blank_among_the_lines_is_no_error():
    valid = validated(NATIONAL, ("<td>25</td>", "<td></td>"))
    assert findings(valid) == [("form.blank", "info", "statistics.sum:statistics.requests.received:统计数")]


@pytest.mark.parametrize("place", ["3.网络申请数", "（二）申请办结数"])
def test_lines_that_a_province_adds_may_belong_to_the_sum(place):
    added = f"<tr><td>其他方式提出数</td><td>件</td><td>5</td></tr>\n<tr><td>{place}"
    valid = validated(NATIONAL, ("<td>41</td>", "<td>46</td>"), (f"<tr><td>{place}", added))
    assert {rule for rule, _, _ in findings(valid)} == {"form.label"}


def test_text_in_place_of_a_number_is_told():
    valid = validated(NATIONAL, ("<td>36</td>", "<td>见附件</td>"))
    assert [(rule, severity) for rule, severity, _ in findings(valid)] == [("form.incomplete", "error")]
