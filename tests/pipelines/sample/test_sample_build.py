"""What can be checked of the builder without Chromium and LibreOffice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("reportlab", reason="the builder's packages are an extra")
pytest.importorskip("fontTools", reason="the builder's packages are an extra")

from pipelines.sample.build import PORTALS
from pipelines.sample.fonts import RADICALS, radicals
from pipelines.sample.pdf_dates import without_dates
from pipelines.sample.pdf_ruled import on_both_pages, on_first_page
from pipelines.sample.report import reports
from pipelines.sample.site import SITE
from pipelines.sample.tools import MissingTool, ToolFailed, run

PAGES = [document for portal in PORTALS for document in portal.documents if not document.path.endswith(".pdf")]


@pytest.mark.parametrize("document", PAGES, ids=lambda document: document.report)
def test_the_committed_page_is_what_the_builder_makes(document) -> None:  # type: ignore[no-untyped-def]
    (report,) = (report for report in reports() if report.name == document.report)
    assert document.make(report, document.path) == (SITE / document.path).read_bytes()


def test_radicals_look_like_what_they_replace() -> None:
    assert radicals("周口市人民政府见门户一") == "周⼝市⼈⺠政府⻅⻔⼾⼀"
    assert radicals(RADICALS) == RADICALS


@given(
    lines=st.lists(st.text(min_size=1), min_size=1, max_size=9),
    heights=st.lists(st.floats(min_value=1, max_value=700), min_size=1, max_size=4),
)
def test_a_merged_cells_lines_all_stand_once_and_in_order(lines: list[str], heights: list[float]) -> None:
    for share in (on_both_pages, on_first_page):
        pieces = share(lines, heights)
        assert len(pieces) == len(heights)
        assert [line for piece in pieces for line in piece] == lines


def test_dates_and_identifiers_go_without_moving_a_byte() -> None:
    pdf = (
        b"%PDF-1.6\n1 0 obj<</CreationDate(D:20261123045936+08'00')>>endobj\n"
        b"xref\ntrailer\n<< /ID [ <0123456789ABCDEF0123456789abcdef> <" + b"A" * 32 + b"> ]\n"
        b"/DocChecksum /0123456789ABCDEF0123456789ABCDEF >>\nstartxref\n"
    )
    fixed = without_dates(pdf)
    assert len(fixed) == len(pdf)
    assert b"(D:20260101000000+08'00')" in fixed
    assert fixed.count(b"0" * 32) == 3
    assert without_dates(fixed) == fixed


def test_a_missing_program_and_a_failing_one_are_named() -> None:
    with pytest.raises(MissingTool, match="no-such-program"):
        run("no-such-program")
    with pytest.raises(ToolFailed, match="false ended with 1"):
        run("false")
    assert run("echo", "报告") == "报告\n"
