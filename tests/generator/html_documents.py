"""Generated web pages: the markup that content systems, editors and word processors leave around the same report.

Belongs here: elements, spans and their mistakes, what stands around the report, encodings. Does not: what the
report says.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape

from tests.generator.choices import Choices
from tests.generator.documents import Draft, Generated, draft
from tests.generator.figures import Asked
from tests.generator.habits import with_habits
from tests.generator.layouts import Chapter, Grid, Layout, Spot

KIND = "html"
_ENCODINGS = (("utf-8", "utf-8"), ("utf-8", "gb2312"), ("gb18030", "gb2312"), ("gb18030", "utf-8"), ("gb18030", ""))
_BLANKS = ("", "&nbsp;", "&nbsp;&nbsp;", " ", "<p>&nbsp;</p>", "<br>", "<span></span>", "\u3000")
_STYLED = ("elements", "style of each", "style sheet", "list items")
_SHEET = "<style>.tb{display:table;width:100%}.tb .tr{display:table-row}.td{display:table-cell}</style>"


@dataclass(frozen=True, slots=True)
class _Markup:
    """How a page writes its cells and tables."""

    wrap: str
    blank: str
    header_cells: bool
    sections: str
    newlines: bool
    lost_ends: bool
    factor: int
    styled: str


def html_document(seed: int, asked: Asked | None = None) -> Generated:
    """The generated web page of this seed; of whom and on what year, if that is asked."""
    made = with_habits(draft(KIND, seed, asked=asked), KIND, seed)
    choices = made.choices
    encoding, declared = choices.pick("encoding", _ENCODINGS, (6, 1, 2, 1, 1))
    by_style = Choices(f"styles {KIND} {seed}")
    markup = replace(_markup(choices), styled=by_style.pick("tables set by", _STYLED, (30, 1, 1, 1)))
    choices.made.extend(by_style.made)
    body = _body(made.layout, choices, markup)
    page = _page(made, choices, body, declared)
    return Generated(
        kind=KIND,
        seed=seed,
        content=page.encode(encoding),
        media_type="text/html",
        report=made.report,
        printed=made.layout.printed,
        places={},
        findings=made.findings(),
        choices=tuple(choices.made),
    )


def _markup(choices: Choices) -> _Markup:
    return _Markup(
        wrap=choices.pick("cells hold", ("text", "p", "p span", "soup", "mixed"), (4, 2, 2, 2, 2)),
        blank=choices.pick("blank cells hold", _BLANKS, (6, 4, 1, 1, 1, 1, 1, 1)),
        header_cells=choices.chance("th in headings", 0.25),
        sections=choices.pick("row groups", ("", "tbody", "thead", "thead alone"), (4, 3, 2, 1)),
        newlines=choices.chance("line ends between all tags", 0.4),
        lost_ends=choices.chance("end tags of rows and cells left out", 0.08),
        factor=choices.pick("grid columns a column", (1, 2, 3), (5, 1, 1)),
        styled="elements",
    )


# --- the page -----------------------------------------------------------------------------------------------


def _page(made: Draft, choices: Choices, body: str, declared: str) -> str:
    title = made.report.title
    site = choices.pick("site in the title element", ("", "_某某市人民政府门户网站", " - 政府信息公开"), (3, 1, 1))
    charset = f'<meta charset="{declared}">' if declared else ""
    if declared and choices.chance("http-equiv", 0.3):
        charset = f'<meta http-equiv="Content-Type" content="text/html; charset={declared}">'
    metas = f'<meta name="ArticleTitle" content="{title}">' if choices.chance("article meta", 0.4) else ""
    before, after = "", ""
    if choices.chance("site around it", 0.6):
        before = (
            '<div class="header"><a href="/">首页</a> <a href="/xw/">新闻</a> <a href="/zwgk/">政务公开</a> '
            '<a href="/hd/">互动</a></div><div class="crumbs">当前位置：<a href="/">首页</a> &gt; '
            '<a href="/zwgk/">政府信息公开年报</a></div>'
        )
        after = (
            '<div class="share">分享到：<a href="#">微信</a></div><ul><li><a href="1.html">上一篇</a></li>'
            '<li><a href="2.html">下一篇</a></li></ul><div class="footer"><p>主办：某某市人民政府办公室</p>'
            "<p>某ICP备12345678号-1</p></div>"
        )
    facts = _metadata(made, choices)
    heading = choices.pick("title in", ("h1", "div", "p strong"), (3, 1, 1))
    opened, closed = _tags(heading)
    inner = f"{facts}{opened}{title}{closed}{body}"
    if choices.chance("whole report in a layout table", 0.15):
        inner = f'<table width="100%"><tbody><tr><td class="content">{inner}</td></tr></tbody></table>'
    doctype = choices.pick("doctype", ("<!DOCTYPE html>", ""), (4, 1))
    return (
        f"{doctype}<html><head>{charset}<title>{title}{site}</title>{metas}</head><body>{before}"
        f'<div class="article">{inner}</div>{after}</body></html>'
    )


def _tags(path: str) -> tuple[str, str]:
    names = path.split()
    return "".join(f"<{name}>" for name in names), "".join(f"</{name}>" for name in reversed(names))


def _metadata(made: Draft, choices: Choices) -> str:
    style = choices.pick("metadata", ("none", "table", "wide table", "line"), (3, 2, 1, 1))
    rows = [
        ("索引号", "00500/2023-00012"),
        ("发布机构", made.report.publisher),
        ("发布日期", f"{made.report.year + 1}-01-20"),
        ("信息名称", made.report.title),
    ]
    if style == "table":
        cells = "".join(f"<tr><td>{name}：</td><td>{value}</td></tr>" for name, value in rows)
        return f"<table>{cells}</table>"
    if style == "wide table":
        pairs = [rows[:2], rows[2:]]
        cells = "".join(
            f"<tr>{''.join(f'<th>{name}</th><td>{value}</td>' for name, value in pair)}</tr>" for pair in pairs
        )
        return f'<table class="xxgk">{cells}</table>'
    if style == "line":
        return f"<p>发布时间：{made.report.year + 1}-01-20 来源：{made.report.publisher} 浏览次数：12</p>"
    return ""


# --- the report ---------------------------------------------------------------------------------------------


def _body(layout: Layout, choices: Choices, markup: _Markup) -> str:
    heading = choices.pick("chapter headings in", ("h2", "p", "p strong", "div"), (2, 3, 2, 1))
    chapters = [_chapter(chapter, choices, markup, heading) for chapter in layout.chapters]
    joint = "\n" if markup.newlines else ""
    if choices.chance("chapters in rows of one table", 0.06):
        rows = joint.join(f"<tr><td>{chapter}</td></tr>" for chapter in chapters)
        return f'<table border="0">{rows}</table>'
    return joint.join(chapters)


def _chapter(chapter: Chapter, choices: Choices, markup: _Markup, heading: str) -> str:
    opened, closed = _tags(heading)
    parts = [f"{opened}{chapter.heading}{closed}"] if chapter.heading else []
    parts += [f"<p>{_text(paragraph)}</p>" for paragraph in chapter.paragraphs]
    parts += [_table(grid, choices, markup) for grid in chapter.grids]
    return ("\n" if markup.newlines else "").join(parts)


def _table(grid: Grid, choices: Choices, markup: _Markup) -> str:
    if markup.styled != "elements":
        return _styled(grid, markup.styled)
    grid = _finer(grid, markup.factor)
    if choices.chance(f"{grid.name}: an empty column at the right", 0.06):
        grid = _with_empty_column(grid)
    if choices.chance(f"{grid.name}: an empty row", 0.06):
        grid = _with_empty_row(grid, choices.random.randint(1, grid.row_count))
    if choices.chance(f"{grid.name}: a row span that is wrong", 0.06):
        grid = _with_wrong_span(grid, choices)
    rows = [[spot for spot in grid.spots if spot.row == row] for row in range(grid.row_count)]
    written = [_row(sorted(row, key=lambda spot: spot.column), choices, markup) for row in rows]
    if choices.chance(f"{grid.name}: heading rows repeated", 0.06) and grid.head_rows:
        at = choices.random.randint(grid.head_rows + 1, grid.row_count)
        if not any(spot.row < at < spot.row + spot.row_span for spot in grid.spots):
            written[at:at] = written[: grid.head_rows]
            choices.tell(f"before row {at}")
    joint = "\n" if markup.newlines else ""
    head = grid.head_rows if markup.sections.startswith("thead") else 0
    parts = [joint.join(written[:head]), joint.join(written[head:])]
    if head:
        parts[0] = f"<thead>{parts[0]}</thead>"
    if markup.sections in ("tbody", "thead"):
        parts[1] = f"<tbody>{parts[1]}</tbody>"
    style = choices.random.choice(('border="1"', 'class="MsoNormalTable" style="border-collapse:collapse"', ""))
    table = f"<table {style}>{joint}{''.join(parts)}{joint}</table>"
    return f'<div class="table-wrap">{table}</div>' if choices.random.random() < 0.2 else table


def _styled(grid: Grid, styled: str) -> str:
    """A table without table elements, its cells as single ones: styles merge none."""
    single = {
        (spot.row + down, spot.column + right): _text(spot.text) if not down and not right else ""
        for spot in grid.spots
        for down in range(spot.row_span)
        for right in range(spot.column_span)
    }
    table, row, cell = {
        "style of each": (
            'div style="display:table"',
            'div style="display: table-row"',
            'div style="display:table-cell"',
        ),
        "style sheet": ('div class="tb"', 'div class="tr"', 'div class="td"'),
        "list items": ("ul", 'li style="display:table-row"', 'span style="DISPLAY: table-cell; width: 9%"'),
    }[styled]
    rows = (
        f"<{row}>"
        + "".join(f"<{cell}>{single.get((at, column), '')}</{cell.split()[0]}>" for column in range(grid.column_count))
        + f"</{row.split()[0]}>"
        for at in range(grid.row_count)
    )
    sheet = _SHEET if styled == "style sheet" else ""
    return f"{sheet}<{table}>{''.join(rows)}</{table.split()[0]}>"


def _row(spots: list[Spot], choices: Choices, markup: _Markup) -> str:
    cells = ("\n" if markup.newlines else "").join(_cell(spot, choices, markup) for spot in spots)
    return f"<tr>{cells}" if markup.lost_ends else f"<tr>{cells}</tr>"


def _cell(spot: Spot, choices: Choices, markup: _Markup) -> str:
    tag = "th" if spot.kind == "head" and markup.header_cells else "td"
    spans = "".join(
        f' {name}="{value}"' for name, value in (("colspan", spot.column_span), ("rowspan", spot.row_span)) if value > 1
    )
    content = _content(spot, choices, markup)
    return f"<{tag}{spans}>{content}" if markup.lost_ends else f"<{tag}{spans}>{content}</{tag}>"


def _content(spot: Spot, choices: Choices, markup: _Markup) -> str:
    if not spot.text:
        return markup.blank
    text = _text(spot.text)
    wrap = choices.random.choice(("text", "p", "p span", "soup")) if markup.wrap == "mixed" else markup.wrap
    match wrap:
        case "text":
            return text
        case "p":
            return f'<p align="center">{text}</p>'
        case "p span":
            return f'<p><span style="font-size:12px">{text}</span></p>'
    return "".join(_soup(spot.text, choices))


def _soup(text: str, choices: Choices) -> Iterator[str]:
    """Word's markup: a font and a language element around every run, one word in several."""
    yield '<p class="MsoNormal" style="text-align:center"><o:p></o:p><b><font face="宋体">'
    at = 0
    while at < len(text):
        run = text[at : at + choices.random.randint(1, 6)]
        at += len(run)
        yield f'<span lang="EN-US" style="mso-bidi-font-size:12.0pt">{_text(run)}</span>'
    yield "</font></b><span>&nbsp;</span></p>" if choices.random.random() < 0.3 else "</font></b></p>"


def _text(text: str) -> str:
    return escape(text, quote=False).replace("\n", "<br/>").replace("\u00b9", "<sup>1</sup>")


# --- spans --------------------------------------------------------------------------------------------------


def _finer(grid: Grid, factor: int) -> Grid:
    """The grid with every column standing for several: pasted tables have more grid lines than one sees."""
    if factor == 1:
        return grid
    spots = tuple(
        replace(spot, column=spot.column * factor, column_span=spot.column_span * factor) for spot in grid.spots
    )
    return replace(grid, spots=spots, widths=tuple(width / factor for width in grid.widths for _ in range(factor)))


def _with_empty_column(grid: Grid) -> Grid:
    empty = tuple(Spot(row, grid.column_count, 1, 1, "", "spacer") for row in range(grid.row_count))
    return replace(grid, spots=grid.spots + empty, widths=(*grid.widths, 0.2))


def _with_empty_row(grid: Grid, at: int) -> Grid:
    """The grid with a row of blank cells before row `at`; what spans over it spans one row more."""
    spots = [
        replace(spot, row=spot.row + 1)
        if spot.row >= at
        else replace(spot, row_span=spot.row_span + (spot.row + spot.row_span > at))
        for spot in grid.spots
    ]
    covered = {
        spot.column + column
        for spot in spots
        if spot.row < at < spot.row + spot.row_span
        for column in range(spot.column_span)
    }
    empty = [Spot(at, column, 1, 1, "", "spacer") for column in range(grid.column_count) if column not in covered]
    return replace(grid, spots=(*spots, *empty), head_rows=grid.head_rows + (at < grid.head_rows))


def _with_wrong_span(grid: Grid, choices: Choices) -> Grid:
    """One label spans a row too many or too few; a browser shows the rows beside it shifted."""
    tall = [spot for spot in grid.spots if spot.kind == "label" and spot.row_span > 2]
    if not tall:
        return grid
    wrong = choices.random.choice(tall)
    by = choices.random.choice((-1, 1, 1, 30))
    choices.tell(f"{wrong.text} by {by}")
    return replace(
        grid,
        spots=tuple(replace(spot, row_span=spot.row_span + by) if spot is wrong else spot for spot in grid.spots),
    )
