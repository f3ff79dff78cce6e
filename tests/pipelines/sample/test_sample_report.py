import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.sample import report as module
from pipelines.sample.report import InvalidSample, Report, reports
from schemas.codes import APPLICANT, CATEGORY, MEASURE, OUTCOME, PROCEEDING, RESULT
from schemas.tables import ADCODE, CITY_SLUG

REFERENCE = Path(__file__).parents[3] / ".." / "shared" / "reports"
GOLD = {
    "zhoukou-2021": "zhoukou-2021-kangxi",
    "hongze-2023": "hongze-2023-wps",
    "kewei-2024": "kewei-2024-lo",
    "shanghai-office-2019": "shanghai-office-2019-gbk",
    "hangzhou-2025": "city-2025-html",
    "pingtan-2023": "pingtan-2023-html",
    "pingtan-2024": "pingtan-2024-html",
    "pingtan-2025": "pingtan-2025-docx",
    "shuyang-2025": "shuyang-2025-docx",
}


def named(name: str) -> Report:
    return next(report for report in reports() if report.name == name)


def test_the_sample_is_broad_enough_to_show_the_whole() -> None:
    assert len(reports()) == 12
    assert len({report.city for report in reports()}) == 6
    assert {report.year for report in reports()} == {2019, 2021, 2023, 2024, 2025}
    assert {report.form.version for report in reports()} == {"2019", "2021"}
    assert len({(report.publisher, report.year) for report in reports()}) == 12


def test_every_figure_is_under_a_code_of_the_contract() -> None:
    for report in reports():
        assert {category for category, _, _ in report.disclosures} <= set(CATEGORY.values())
        assert {measure for _, measure, _ in report.disclosures} <= set(MEASURE.values())
        assert {outcome for outcome, _, _ in report.requests} <= set(OUTCOME.values())
        assert {applicant for _, applicant, _ in report.requests} == set(APPLICANT.values())
        assert {proceeding for proceeding, _, _ in report.reviews} == set(PROCEEDING.values())
        assert {result for _, result, _ in report.reviews} == set(RESULT.values())


def test_every_report_says_where_it_belongs_and_where_its_figures_are_from() -> None:
    for report in reports():
        assert re.match(ADCODE, report.region_code)
        assert re.match(CITY_SLUG, report.city)
        assert str(report.year) in report.title
        assert len(report.source) > 10


def test_a_three_year_series_and_two_reports_in_one_partition() -> None:
    assert [report.year for report in reports() if report.region == "平潭综合实验区"] == [2023, 2024, 2025]
    partitions = [(report.city, report.year) for report in reports()]
    assert partitions.count(("huaian-320800", 2023)) == 2


@pytest.mark.parametrize(("name", "gold"), GOLD.items())
def test_figures_are_those_of_the_reference_collection(name: str, gold: str) -> None:
    path = REFERENCE / f"{gold}.gold.json"
    if not path.exists():
        pytest.skip("the reference collection is not here")
    expected = json.loads(path.read_text())
    report = named(name)
    assert (report.title, report.publisher, report.region_code, report.year) == (
        expected["title"],
        expected["publisher"],
        expected["adcode"],
        expected["year"],
    )
    for outcome, applicant, number in report.requests:
        assert number == expected["requests"][outcome][applicant], (outcome, applicant)
    assert {outcome for outcome, _, _ in report.requests} == set(expected["requests"])
    for proceeding, result, number in report.reviews:
        assert number == expected["reviews"][proceeding][result], (proceeding, result)
    for category, measure, text in report.disclosures:
        cells = expected["disclosure"][category]
        stated = cells.get(measure, cells.get(f"{measure}_wan", cells.get(f"{measure}_yuan")))
        assert Decimal(text.removesuffix("元")) == Decimal(str(stated)), (category, measure)


def test_the_prose_names_the_number_of_requests_that_the_table_has() -> None:
    for report in reports():
        prose = "".join(text for chapter in report.chapters for text in chapter.paragraphs)
        stated = re.findall(r"收(?:到)?政府信息公开申请(\d+)件", prose)
        (total,) = (n for outcome, who, n in report.requests if (outcome, who) == ("new_requests", "total"))
        assert stated == [str(total)], report.name


def test_every_document_says_that_it_is_a_demonstration() -> None:
    assert all("演示" in report.chapters[-1].paragraphs[-1] for report in reports())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"carried_over"', '"carried_away"'),
        ('"licensing"', '"licences"'),
        ('"litigation_direct"', '"litigation"'),
        ('"upheld"', '"held_up"'),
        ('"publisher"', '"printer"'),
    ],
)
def test_figures_under_other_codes_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str
) -> None:
    for folder in ("figures", "prose"):
        (tmp_path / folder).mkdir()
    text = (module.HERE / "figures" / "jinhu-2023.json").read_text()
    (tmp_path / "figures" / "jinhu-2023.json").write_text(text.replace(old, new))
    (tmp_path / "prose" / "jinhu-2023.txt").write_text((module.HERE / "prose" / "jinhu-2023.txt").read_text())
    monkeypatch.setattr(module, "HERE", tmp_path)
    with pytest.raises(InvalidSample, match=r"jinhu-2023\.json"):
        reports()


def test_prose_without_one_of_the_tables_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("figures", "prose"):
        (tmp_path / folder).mkdir()
    (tmp_path / "figures" / "jinhu-2023.json").write_text((module.HERE / "figures" / "jinhu-2023.json").read_text())
    (tmp_path / "prose" / "jinhu-2023.txt").write_text("# 一、总体情况\n[requests]\n")
    monkeypatch.setattr(module, "HERE", tmp_path)
    with pytest.raises(InvalidSample, match=r"jinhu-2023\.txt"):
        reports()
