from collections import Counter

import pytest

from pipelines.sample.layout import Grid, disclosure_grids, figures, requests_grid, reviews_grid, stacked
from pipelines.sample.report import Report, reports


def grids(report: Report) -> list[Grid]:
    return [
        *disclosure_grids(report),
        stacked(disclosure_grids(report)),
        requests_grid(report),
        reviews_grid(report),
    ]


@pytest.mark.parametrize("report", reports(), ids=lambda report: report.name)
def test_cells_cover_every_place_of_a_grid_once(report: Report) -> None:
    for grid in grids(report):
        covered = Counter(
            (row, column)
            for cell in grid.cells
            for row in range(cell.row, cell.row + cell.row_span)
            for column in range(cell.column, cell.column + cell.column_span)
        )
        assert set(covered) == {(r, c) for r in range(grid.row_count) for c in range(len(grid.widths))}
        assert set(covered.values()) == {1}


@pytest.mark.parametrize("report", reports(), ids=lambda report: report.name)
def test_every_figure_is_printed_in_the_order_of_the_form(report: Report) -> None:
    printed = [text for row in figures(requests_grid(report)) for text in row]
    assert printed == [str(number) for _, _, number in report.requests if number is not None]
    printed = [text for row in figures(reviews_grid(report)) for text in row]
    assert printed == [str(number) for _, _, number in report.reviews if number is not None]
    printed = [text for row in figures(stacked(disclosure_grids(report))) for text in row]
    assert printed == [text for _, _, text in report.disclosures]


def test_labels_are_the_forms_with_their_numbers_and_groups() -> None:
    (report,) = (report for report in reports() if report.name == "zhoukou-2021")
    labels = [cell.text for cell in requests_grid(report).cells if cell.kind == "label"]
    assert labels[:5] == [
        "一、本年新收政府信息公开申请数量",
        "二、上年结转政府信息公开申请数量",
        "三、本年度办理结果",
        "（一）予以公开",
        "（二）部分公开（区分处理的，只计这一情形，不计其他情形）",
    ]
    assert labels[-2:] == ["（七）总计", "四、结转下年度继续办理"]
    assert "（四）无法提供" in labels
    assert "2.没有现成信息需要另行制作" in labels


def test_a_reports_own_wording_replaces_the_forms() -> None:
    (report,) = (report for report in reports() if report.name == "hongze-2023")
    texts = [cell.text for cell in requests_grid(report).cells]
    assert "2.其他法律行政止公开" in texts
    assert "（六）其他处理" in texts
    assert not any(text.startswith("3.其他") for text in texts)
