from dataclasses import replace
from datetime import date

from pipelines.discover.proposals import Proposal
from pipelines.discover.source import Source
from pipelines.report.change import ChangeReport, Item
from pipelines.report.coverage import Present, coverage
from pipelines.report.markdown import MOST_LINES, markdown, proposal_table, result, safe, subject

ON = date(2026, 2, 3)
SOURCE = Source("http://x.test/a(1)?b=2&a=1", "zhoukou-411600", 2021, "411600", "周口市人民政府")
EMPTY = ChangeReport(ON, (), (), (), (), (), 0, 0, (), 0, (), coverage([], ON))


def test_an_empty_report_has_all_its_sections():
    text = markdown(EMPTY)
    heads = [line for line in text.splitlines() if line.startswith("#")]
    assert heads == [
        "# gongkai, 2026-02-03",
        "## Failed (0)",
        "## Invalid (0)",
        "## Changed (0)",
        "## Unchanged (0)",
        "## Proposed (0 new, 0 waiting)",
        "## Coverage",
    ]
    assert "| 2025 | 2026-01-31 | 2026-03-31 |" in text
    assert result(EMPTY).endswith("; nothing changed: no document was transferred and no partition redone")
    assert subject(EMPTY) == "gongkai 2026-02-03: nothing to report"


def test_sections_name_sources_and_reasons():
    report = replace(
        EMPTY,
        failed=(Item(SOURCE, "the server answered 404"),),
        invalid=(
            Item(SOURCE, "breaks requests.balance", is_new=True),
            Item(replace(SOURCE, publisher=None), "no table"),
        ),
        changed=(Item(SOURCE, "edition 2", is_new=True),),
        unchanged=(Item(SOURCE), Item(replace(SOURCE, year=2020))),
        problems=(("missing", 1),),
        received=12_345,
        redone=3,
        proposed=(Proposal("http://x.test/p", "报告", "http://l/", 2022, "411600", "周口市统计局"),),
        waiting=4,
        unlisted=("http://l/: timeout",),
    )
    text = markdown(report)
    link = "[周口市人民政府 2021](http://x.test/a%281%29?b=2&a=1)"
    for line in (
        "1 failed, 2 invalid, 1 changed, 2 unchanged, 1 proposed; 3 partitions redone, 12,345 bytes of documents received.",
        "| `missing` | 1 | the server says that there is no such page (404, 410, or a page that says so) |",
        f"- {link}: the server answered 404",
        f"- {link}: breaks requests.balance (new)",
        "- [周口市 2021](http://x.test/a%281%29?b=2&a=1): no table",
        f"- {link}: edition 2",
        "Of 1 cities; by year 2021: 1, 2020: 1.",
        "## Proposed (1 new, 4 waiting)",
        "| 2022 | 411600 | 周口市统计局 | [报告](http://x.test/p) |  |",
        "- http://l/: timeout",
    ):
        assert line in text.splitlines()
    assert subject(report) == "gongkai 2026-02-03: 1 failed, 2 invalid, 1 changed, 2 unchanged, 1 proposed"
    assert markdown(report) == text


def test_coverage_names_what_is_missing_and_overdue():
    present = [
        Present("411600", "周口市统计局", "department", "zhoukou-411600", 2024),
        Present("330100", "杭州市人民政府", "prefecture", "hangzhou-330100", 2025),
    ]
    text = markdown(replace(EMPTY, coverage=coverage(present, ON)))
    assert "- 周口市统计局 (zhoukou-411600): 2025, due 2026-01-31" in text
    missing = next(line for line in text.splitlines() if line.startswith("Without any report on 2025"))
    assert "河南省" in missing
    assert "周口市" in missing
    assert "杭州市" not in missing


def test_text_from_outside_is_only_text():
    title = "<img src=x> | [点](javascript:x) `a`\n# 标题"
    escaped = safe(title)
    assert escaped == r"\<img src=x\> \| \[点\](javascript:x) \`a\` \# 标题"
    table = proposal_table([Proposal("http://x.test/)](b", title, "http://l/", reason=title)])
    assert len(table.splitlines()) == 3
    assert "http://x.test/%29](b" not in table.replace("](http://x.test/%29](b)", "")


def test_long_sections_are_cut():
    items = tuple(Item(replace(SOURCE, url=f"http://x.test/{number}"), "x") for number in range(MOST_LINES + 5))
    text = markdown(replace(EMPTY, failed=items))
    assert f"## Failed ({MOST_LINES + 5})" in text
    assert "… and 5 more." in text
    assert text.count("http://x.test/") == MOST_LINES
