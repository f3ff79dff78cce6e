from datetime import date

import pytest

from pipelines.report.coverage import FIRST_YEAR, Present, coverage, due, newest_due
from schemas.regions import cities


def report(city, region_code, level, year, publisher="人民政府"):
    return Present(region_code, publisher, level, city, year)


@pytest.mark.parametrize(
    ("level", "year", "day"),
    [
        ("department", 2024, date(2025, 1, 31)),
        ("township", 2024, date(2025, 1, 31)),
        ("county", 2024, date(2025, 3, 31)),
        ("prefecture", 2019, date(2020, 3, 31)),
        ("department", 2019, date(2020, 1, 31)),
        ("department", 2018, date(2019, 3, 31)),
        ("province", 2010, date(2011, 3, 31)),
    ],
)
def test_statutory_dates(level, year, day):
    assert due(level, year) == day


@pytest.mark.parametrize(
    ("on", "departments", "governments"),
    [
        (date(2026, 1, 31), 2024, 2024),
        (date(2026, 2, 1), 2025, 2024),
        (date(2026, 3, 31), 2025, 2024),
        (date(2026, 4, 1), 2025, 2025),
    ],
)
def test_what_is_due_on_a_day(on, departments, governments):
    assert newest_due("department", on) == departments
    assert newest_due("prefecture", on) == governments


def test_expected_against_present():
    present = [
        report("zhoukou-411600", "411600", "prefecture", 2024),
        report("zhoukou-411600", "411600", "department", 2024, "周口市统计局"),
        report("huaian-320800", "320813", "county", 2024),
        report("beijing-110000", "110000", "province", 2024),
        report("hangzhou-330100", "330100", "department", 2023, "杭州市统计局"),
    ]
    found = coverage(present, date(2025, 6, 1))
    assert [year.year for year in found.years] == list(range(2024, FIRST_YEAR - 1, -1))
    newest, before = found.years[:2]
    mainland = [city for city in cities() if city.adcode[:2] not in ("71", "81", "82")]
    assert newest.expected == len(mainland) > 300
    assert (newest.governments, newest.others) == (2, 1)
    assert (before.governments, before.others) == (0, 1)
    assert len(newest.missing) == newest.expected - 3
    assert "hangzhou-330100" in newest.missing
    assert "taiwan-710000" not in newest.missing
    assert (newest.departments_due, newest.governments_due) == (date(2025, 1, 31), date(2025, 3, 31))


def test_a_development_zone_of_a_city_is_not_its_government():
    zone = Present("130100", "石家庄经济技术开发区管委会", "county", "shijiazhuang-130100", 2024)
    (covered,) = [year for year in coverage([zone], date(2026, 5, 1)).years if year.year == 2024]
    assert (covered.governments, covered.others) == (0, 1)


def test_a_year_is_listed_from_the_first_date_on():
    assert coverage([], date(2026, 1, 31)).years[0].year == 2024
    assert coverage([], date(2026, 2, 1)).years[0].year == 2025


def test_overdue_are_bodies_that_reported_the_year_before():
    present = [
        report("zhoukou-411600", "411600", "department", 2023, "周口市统计局"),
        report("zhoukou-411600", "411600", "department", 2023, "周口市财政局"),
        report("zhoukou-411600", "411600", "department", 2024, "河南省周口市财政局"),
        report("zhoukou-411600", "411600", "prefecture", 2023, "周口市人民政府"),
        report("zhoukou-411600", "411600", "department", 2020, "周口市教育局"),
    ]
    in_february = coverage(present, date(2025, 2, 15)).overdue
    assert [(one.publisher, one.year, one.due) for one in in_february] == [("周口市统计局", 2024, date(2025, 1, 31))]
    in_april = coverage(present, date(2025, 4, 15)).overdue
    assert [one.publisher for one in in_april] == ["周口市人民政府", "周口市统计局"]
