"""Reports as web pages, in the manners of several content systems.

Belongs here: markup. Each `Style` is one manner of marking up the same report: what the page around it is,
how headings, paragraphs and cells are written, and whether chapter 2 is one table or one a block. Page
templates are the files of `templates/`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template

from pipelines.sample.layout import Grid, Printed, disclosure_grids, requests_grid, reviews_grid, stacked
from pipelines.sample.report import Report

NOTICE = "演示页面，由 gongkai 生成；数字取自所公布的报告，文字为演示另写"
TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Style:
    """A manner of marking up a report.

    Args:
        template: file of `templates/` that is the page around it.
        encoding: of the bytes, whatever the page declares.
        heading, paragraph: markup of a chapter's heading and of a paragraph.
        table: opening tag of a table.
        cell: markup of a cell with its td or th.
        chapter_2: puts the blocks of chapter 2 together into the tables that are printed.
    """

    template: str
    encoding: str
    heading: Callable[[str], str]
    paragraph: Callable[[str], str]
    table: str
    cell: Callable[[Printed], str]
    chapter_2: Callable[[Sequence[Grid]], Sequence[Grid]]


def fill(template: str, **values: str) -> str:
    """A template of `templates/` with its `$names` filled in; raises KeyError for one without a value."""
    return substitute((TEMPLATES / template).read_text(encoding="utf-8"), **values)


def substitute(text: str, **values: str) -> str:
    """`text` with its `$names` filled in; raises KeyError for one without a value."""
    return Template(text).substitute(values)


def page(report: Report, style: Style, *, site: str, home: str, listing: str) -> bytes:
    """The report as the bytes of a web page; `home` and `listing` are links of the page around it."""
    text = fill(
        style.template,
        title=escape(report.title),
        publisher=escape(report.publisher),
        site=escape(site),
        home=home,
        listing=listing,
        index_number=f"YS-{report.region_code}/{report.year}-00001",
        published_on=report.published_on.isoformat() if report.published_on else "",
        notice=NOTICE,
        body=body(report, style),
    )
    return text.encode(style.encoding)


def body(report: Report, style: Style) -> str:
    """The report's headings, paragraphs and tables, without a page around them."""
    parts: list[str] = []
    for chapter in report.chapters:
        if chapter.heading:
            parts.append(style.heading(chapter.heading))
        parts.extend(style.paragraph(paragraph) for paragraph in chapter.paragraphs)
        parts.extend(_table(grid, style) for grid in _grids(report, chapter.table, style))
    return "\n".join(parts)


def _grids(report: Report, table: str | None, style: Style) -> Sequence[Grid]:
    if table == "disclosures":
        return style.chapter_2(disclosure_grids(report))
    if table == "requests":
        return (requests_grid(report),)
    if table == "reviews":
        return (reviews_grid(report),)
    return ()


def _table(grid: Grid, style: Style) -> str:
    rows = "\n".join(f"<tr>{''.join(style.cell(cell) for cell in row)}</tr>" for row in grid.rows())
    columns = "".join(f'<col style="width:{width:.2%}">' for width in grid.widths)
    return f"{style.table}<colgroup>{columns}</colgroup><tbody>\n{rows}\n</tbody></table>"


def _spans(cell: Printed) -> str:
    columns = f' colspan="{cell.column_span}"' if cell.column_span > 1 else ""
    rows = f' rowspan="{cell.row_span}"' if cell.row_span > 1 else ""
    return columns + rows


def _lines(text: str) -> str:
    return escape(text, quote=False).replace("\n", "<br/>")


def _plain_cell(cell: Printed) -> str:
    align = "left" if cell.kind == "label" else "center"
    return f'<td{_spans(cell)} align="{align}">{_lines(cell.text)}</td>'


def _headed_cell(cell: Printed) -> str:
    """Headings as th; text without the breaks that narrow columns need."""
    tag = "td" if cell.kind in {"label", "number"} else "th"
    return f"<{tag}{_spans(cell)}><p>{_lines(cell.text)}</p></{tag}>"


def _spanned_cell(cell: Printed) -> str:
    """Zeros wrapped otherwise than the other figures, as editors leave them."""
    if cell.text == "0":
        return f'<td{_spans(cell)}><p align="center"><span>0</span></p></td>'
    align = "left" if cell.kind == "label" else "center"
    return f'<td{_spans(cell)} style="text-align:{align}">{_lines(cell.text)}</td>'


def _blank_cell(cell: Printed) -> str:
    return f'<td{_spans(cell)} nowrap="nowrap"><p align="center">{_lines(cell.text) or "&nbsp;"}</p></td>'


def _pasted_cell(cell: Printed) -> str:
    """As pasted from a word processor: a span for every run, empty runs, the first character in its own."""
    text = cell.text.replace("\n", "")
    runs = [text[:1], text[1:]] if cell.kind in {"head", "label"} else [text]
    spans = "".join(
        f'<span style="font-size: 10.5pt"><font face="方正仿宋_GBK">{escape(run, quote=False)}</font></span>'
        for run in runs
        if run
    )
    inner = spans + '<span style="font-family: 宋体"><o:p></o:p></span>' if spans else "<span><o:p>&nbsp;</o:p></span>"
    return f'<td{_spans(cell)} valign="center"><p class="MsoNormal" align="center">{inner}</p></td>'


def _apart(grids: Sequence[Grid]) -> Sequence[Grid]:
    return grids


def _together(grids: Sequence[Grid]) -> Sequence[Grid]:
    return (stacked(grids),)


def _paragraph(text: str) -> str:
    return f"<p>{escape(text, quote=False)}</p>"


def _indented(text: str) -> str:
    """Indented by two ideographic spaces, as typed."""
    return f"<p>　　{escape(text, quote=False)}</p>"


def _pasted(text: str) -> str:
    return (
        '<p style="text-indent: 2em"><span style="font-family: 宋体"><font face="方正仿宋_GBK">'
        f"{escape(text, quote=False)}</font></span><span><o:p></o:p></span></p>"
    )


ART = Style(
    template="art.html",
    encoding="utf-8",
    heading=lambda text: f"<h2>{text}</h2>",
    paragraph=_paragraph,
    table="<table>",
    cell=_spanned_cell,
    chapter_2=_apart,
)
JCMS = Style(
    template="jcms.html",
    encoding="utf-8",
    heading=lambda text: f"<p><strong>{text}</strong></p>",
    paragraph=_paragraph,
    table='<table border="1" cellspacing="0">',
    cell=_headed_cell,
    chapter_2=_together,
)
TRS = Style(
    template="trs.html",
    encoding="utf-8",
    heading=lambda text: f"<p>　　<b>{text}</b></p>",
    paragraph=_indented,
    table='<table border="1" cellpadding="2">',
    cell=_plain_cell,
    chapter_2=_together,
)
TRS_PASTED = Style(
    template="trs.html",
    encoding="utf-8",
    heading=_pasted,
    paragraph=_pasted,
    table='<table class="MsoNormalTable" border="1" style="border-collapse:collapse">',
    cell=_pasted_cell,
    chapter_2=_apart,
)
LAYOUT_TABLE = Style(
    template="layout-table.html",
    encoding="gb18030",
    heading=lambda text: f"<p><br />{text}</p>",
    paragraph=_indented,
    table='<table class="t1" align="center" border="1" cellspacing="1">',
    cell=_blank_cell,
    chapter_2=_together,
)
PASTED = Style(
    template="pasted.html",
    encoding="utf-8",
    heading=_pasted,
    paragraph=_pasted,
    table='<table style="BORDER-COLLAPSE:collapse" cellspacing="0" bordercolor="#000000" border="1">',
    cell=_pasted_cell,
    chapter_2=_together,
)
PRINTED = Style(
    template="print.html",
    encoding="utf-8",
    heading=lambda text: f"<h2>{text}</h2>",
    paragraph=_paragraph,
    table="<table>",
    cell=_plain_cell,
    chapter_2=_together,
)
