"""The marts, recomputed by hand from made figures: a few reports of several forms, levels and years."""

from datetime import date
from decimal import Decimal
from hashlib import sha256

import polars as pl
import pytest
from stored_rows import divisions, frame_of

from schemas import derive
from schemas.forms import expected_cells, form
from schemas.marts import MARTS
from warehouse import marts
from warehouse.assembler import assemble
from warehouse.layout import Home, Partition
from warehouse.reader import open_warehouse
from warehouse.store import write_partition

CITY = "zhoukou-411600"


class Made:
    """A report and its rows, by table."""

    def __init__(self, year, publisher, level, version="2021", *, published=None, code="411600", region="周口市"):
        self.year = year
        self.id = f"{code}-{year}-{sha256(publisher.encode()).hexdigest()[:8]}"
        self.digest = sha256(self.id.encode()).hexdigest()
        self.report = (self.id, "411600", CITY, year, code, region, level, publisher, "年度报告", version)
        self.report += (self.digest, None, None, published)
        self.rows = {table: [] for table in ("disclosures", "requests", "reviews", "statistics", "cells", "findings")}
        self.edition = 1

    def cell(self, raw):
        number = len(self.rows["cells"]) + 1
        cell = f"{self.digest[:16]}-t1-r{number}-c1"
        place = (self.digest, 1, 0.0, 0.0, 1.0, 1.0, None, 1, number, 1)
        state = "blank" if raw is None else "number"
        self.rows["cells"].append((cell, self.id, CITY, self.year, *place, "" if raw is None else str(raw), state))
        return cell

    def requests(self, **figures):
        """The totals of chapter 3, all others 0; `new`, `processed` and the results by name with dots as __."""
        said = {name.replace("__", "."): value for name, value in figures.items()}
        for outcome, applicant in expected_cells(form("2021"), "requests", several=True):
            value = said.get(outcome, 0) if applicant == "total" else 0
            self.rows["requests"].append(
                (self.id, CITY, self.year, outcome, applicant, value, None, None, self.cell(value))
            )
        return self

    def reviews(self, *by_proceeding):
        names = ("administrative_review", "litigation_direct", "litigation_after_review")
        for proceeding, figures in zip(names, by_proceeding, strict=True):
            for result, value in zip(("upheld", "corrected", "other", "pending", "total"), figures, strict=True):
                self.rows["reviews"].append(
                    (self.id, CITY, self.year, proceeding, result, value, None, None, self.cell(value))
                )
        return self

    def fee(self, value, unit):
        self.rows["disclosures"].append(
            (self.id, CITY, self.year, "fees", "amount", value, None, unit, None, self.cell(value))
        )
        return self

    def line(self, indicator, value, heading=None, origin="table"):
        self.rows["statistics"].append(
            (
                self.id,
                CITY,
                self.year,
                indicator,
                indicator,
                value,
                None,
                "件",
                heading,
                None,
                origin,
                None,
                self.cell(value),
            )
        )
        return self

    def error(self, outcome, *, settled=False):
        (cell,) = [row[-1] for row in self.rows["requests"] if row[3:5] == (outcome, "total")]
        self.rows["findings"].append(
            (self.id, CITY, self.year, "requests.row_total", "error", outcome, "1", "2", "…", [cell], settled)
        )
        return self

    def corrected(self, outcome, value):
        rows = self.rows["requests"]
        (place,) = [number for number, row in enumerate(rows) if row[3:5] == (outcome, "total")]
        rows[place] = (*rows[place][:6], value, *rows[place][7:])
        return self

    def revised(self):
        self.edition = 2
        return self

    def document(self):
        return (
            *(self.digest, CITY, self.year, f"https://example.cn/{self.id}", date_time(), "text/html", 1, self.edition),
            *("loaded", None, self.id, None, None, "html", "1"),
        )


def date_time():
    from datetime import UTC, datetime

    return datetime(2022, 1, 1, tzinfo=UTC)


POPULATION = frame_of("population", [("411600", 2020, 9_026_015, "made")])
REPORTS = (
    Made(2021, "周口市人民政府", "prefecture", published=date(2022, 3, 31))
    .requests(new_requests=12, carried_over=1, total_processed=10, carried_forward=3, granted=6)
    .fee(Decimal("1.5"), "万元")
    .reviews((2, 1, 1, 3, 7), (1, 0, 0, 0, 1), (0, 1, 0, 0, 1)),
    Made(2021, "周口市政府", "prefecture").requests(new_requests=500, total_processed=500, granted=500),
    Made(2021, "周口市财政局", "department", published=date(2022, 2, 1)).requests(new_requests=5, total_processed=5),
    Made(2021, "川汇区人民政府", "county", code="411602", region="川汇区").requests(
        new_requests=4, total_processed=4, granted=None
    ),
    Made(2021, "沈丘县人民政府", "county", code="411624", region="沈丘县")
    .requests(new_requests=6, total_processed=6, granted=99)
    .corrected("granted", 3)
    .error("granted", settled=True)
    .revised(),
    Made(2022, "周口市人民政府", "prefecture").requests(new_requests=0).error("total_processed"),
    Made(2016, "周口市人民政府", "prefecture", "2014", published=date(2017, 4, 1))
    .line("requests.received", 20)
    .line("answers.total", 16)
    .line("answers.granted", 8)
    .line("answers.denied", 3, "市政府部门")
    .line("answers.denied", 4, "县级政府"),
)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("marts") / "home")
    for year in {made.year for made in REPORTS}:
        mine = [made for made in REPORTS if made.year == year]
        frames = {
            "reports": frame_of("reports", [made.report for made in mine]),
            "documents": frame_of("documents", [made.document() for made in mine]),
        }
        for table in REPORTS[0].rows:
            frames[table] = frame_of(table, [row for made in mine for row in made.rows[table]])
        write_partition(home.store, Partition(CITY, year), frames, "v1")
    assemble(home, regions=divisions(), series_findings=derive.empty("findings"), population=POPULATION)
    with open_warehouse(home.database) as opened:
        yield opened


def row(warehouse, mart, **where):
    (found,) = warehouse.table(mart).filter(**where).iter_rows(named=True)
    return found


@pytest.mark.parametrize("mart", MARTS)
def test_a_mart_is_what_it_is_declared_to_be(warehouse, mart):
    rows = warehouse.query(f"FROM {mart}")
    assert rows.height
    assert derive.model(mart).validate(rows, lazy=True).equals(rows)
    assert rows.equals(rows.sort(derive.key(mart)))


def test_a_city_s_indicators_are_those_worked_out_by_hand(warehouse):
    city = row(warehouse, "city_year", publisher="周口市人民政府", year=2021)
    assert (city["requests_received"], city["requests_processed"], city["requests_carried_over"]) == (12, 10, 1)
    assert city["granted_share"] == 6 / 10
    assert city["denied_share"] == city["not_held_share"] == 0
    assert city["requests_per_100k"] == pytest.approx(12 * 100_000 / 9_026_015)
    assert city["population_year"] == 2020
    assert (city["reviews"], city["lawsuits"]) == (7, 1 + 1)
    assert (city["review_rate"], city["litigation_rate"]) == (7 / 10, 2 / 10)
    assert (city["cases_concluded"], city["cases_corrected"]) == (2 + 1 + 1 + 1 + 1, 1 + 1)
    assert city["correction_rate"] == 2 / 6
    assert city["fees_yuan"] == 15_000
    assert (city["form"], city["counted_otherwise"], city["not_in_form"]) == ("2021", [], [])
    assert (city["flagged"], city["is_corrected"]) == (False, False)


def test_denials_are_added_up_over_all_reasons(warehouse):
    denied = list(marts.declared()["declared_indicators"].filter(indicator="requests.denied", form="2021")["row_code"])
    assert len(denied) == 8
    assert all(code.startswith("denied.") for code in denied)


def test_departments_are_left_out_and_a_government_counts_once(warehouse):
    rows = warehouse.table("city_year").filter(year=2021)
    assert sorted(rows["publisher"]) == sorted(["周口市人民政府", "川汇区人民政府", "沈丘县人民政府"])
    assert row(warehouse, "city_year", publisher="周口市人民政府", year=2021)["other_reports"] == 1


def test_a_blank_is_unknown_and_not_zero(warehouse):
    county = row(warehouse, "city_year", publisher="川汇区人民政府")
    assert county["requests_granted"] is None
    assert county["granted_share"] is None
    assert county["denied_share"] == 0


def test_a_share_of_nothing_is_unknown(warehouse):
    city = row(warehouse, "city_year", year=2022)
    assert city["requests_processed"] == 0
    assert city["granted_share"] is None
    assert city["flagged"]


def test_a_corrected_figure_counts_and_a_settled_error_does_not_flag(warehouse):
    county = row(warehouse, "city_year", publisher="沈丘县人民政府")
    assert (county["requests_granted"], county["granted_share"]) == (3, 0.5)
    assert (county["is_corrected"], county["flagged"]) == (True, False)
    series = row(warehouse, "time_series", publisher="沈丘县人民政府", indicator="requests.granted")
    assert (series["value"], series["is_corrected"], series["revised"]) == (3, True, True)


def test_an_older_form_joins_through_its_counterparts(warehouse):
    city = row(warehouse, "city_year", year=2016)
    assert (city["requests_received"], city["requests_processed"], city["granted_share"]) == (20, 16, 0.5)
    assert city["requests_denied"] is None  # two columns of figures, of which neither is the total
    assert "requests_granted" in city["counted_otherwise"]
    assert "requests_received" not in city["counted_otherwise"]
    assert city["not_in_form"] == ["requests_carried_over", "fees_yuan"]
    own = row(warehouse, "time_series", indicator="statistics.answers.granted")
    assert (own["value"], own["comparability"]) == (8, "own")


def test_sums_do_not_mix_levels_and_say_over_how_many(warehouse):
    counties = row(warehouse, "national_year", year=2021, level="county")
    assert (counties["governments"], counties["requests_received"]) == (2, 4 + 6)
    assert (counties["requests_granted"], counties["requests_granted_governments"]) == (3, 1)
    assert counties["granted_share"] == 3 / 6  # over the one that has both
    assert row(warehouse, "national_year", year=2021, level="prefecture")["requests_received"] == 12


def test_timeliness_is_against_the_regulations_of_the_time(warehouse):
    days = {
        (one["publisher"], one["year"]): (one["due_on"], one["days_late"], one["on_time"])
        for one in warehouse.table("report_quality").iter_rows(named=True)
    }
    assert days["周口市人民政府", 2021] == (date(2022, 3, 31), 0, True)
    assert days["周口市财政局", 2021] == (date(2022, 1, 31), 1, False)
    assert days["周口市人民政府", 2016] == (date(2017, 3, 31), 1, False)
    assert days["周口市人民政府", 2022] == (date(2023, 3, 31), None, None)


def test_quality_counts_a_publisher_s_reports(warehouse):
    city = row(warehouse, "quality", publisher="周口市人民政府")
    assert (city["first_year"], city["last_year"], city["reports"], city["years_missing"]) == (2016, 2022, 3, 4)
    assert (city["errors"], city["reports_with_errors"]) == (1, 1)
    assert (city["reports_on_time"], city["reports_late"], city["reports_undated"]) == (1, 1, 1)
    report = row(warehouse, "report_quality", publisher="周口市人民政府", year=2021)
    assert (report["figures"], report["figures_expected"]) == (175 + 15 + 1, 200)
    assert report["completeness"] == 191 / 200


def test_every_query_belongs_to_a_declared_mart():
    from importlib.resources import files

    found = {one.name.removesuffix(".sql") for one in files("warehouse.marts").iterdir() if one.name.endswith(".sql")}
    assert found == set(MARTS)


def test_the_census_adds_up_to_the_nation():
    from schemas.population import census

    assert census()["population"].sum() == 1_411_778_724 - 2_000_000  # without the armed forces
    assert isinstance(census(), pl.DataFrame)
