"""Generated Word documents: the XML that word processors, editors' tracked changes and templates make of a report.

Belongs here: merged cells, runs, automatic numbers, what a reader must leave out. Does not: what the report says.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape

from pipelines.read.media import DOCX
from tests.generator.choices import Choices
from tests.generator.documents import Draft, Generated, draft
from tests.generator.habits import with_habits
from tests.generator.layouts import Chapter, Grid, Spot
from tests.generator.packages import docx

KIND = "docx"
_NUMBERED_HEADING = re.compile(r"[一二三四五六七八九十]+、")
_LIST = (
    '<w:abstractNum w:abstractNumId="3"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="{}"/>'
    '<w:suff w:val="{}"/><w:lvlText w:val="%1、"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="4"><w:abstractNumId w:val="3"/></w:num>'
)


@dataclass(frozen=True, slots=True)
class _Markup:
    """How a document writes its cells and headings."""

    runs: str
    lines: str
    blank: str
    factor: int
    numbered: str
    tracked: bool
    controls: bool
    old_merge: bool


def docx_document(seed: int) -> Generated:
    """The generated Word document of this seed."""
    made = with_habits(draft(KIND, seed), KIND, seed)
    choices = made.choices
    markup = _markup(choices)
    body, parts = _body(made, choices, markup)
    return Generated(
        kind=KIND,
        seed=seed,
        content=docx(body, parts=parts, title=choices.pick("title property", ("", made.report.title))),
        media_type=DOCX,
        report=made.report,
        printed=made.layout.printed,
        places={},
        findings=made.findings(),
        choices=tuple(choices.made),
    )


def _markup(choices: Choices) -> _Markup:
    return _Markup(
        runs=choices.pick("runs", ("one", "many", "mixed"), (2, 2, 1)),
        lines=choices.pick("lines of a cell in", ("paragraphs", "breaks"), (1, 1)),
        blank=choices.pick("blank cells hold", ("", " ", "\u3000", "\u00a0"), (5, 1, 1, 1)),
        factor=choices.pick("grid columns a column", (1, 2, 3), (5, 1, 1)),
        numbered=choices.pick("numbers of chapters", ("typed", "paragraph", "style"), (3, 1, 1)),
        tracked=choices.chance("tracked changes", 0.2),
        controls=choices.chance("content controls", 0.15),
        old_merge=choices.chance("hMerge", 0.08),
    )


def _body(made: Draft, choices: Choices, markup: _Markup) -> tuple[str, dict[str, str]]:
    parts = {}
    if markup.numbered != "typed":
        shape = choices.pick("list counts in", ("chineseCounting", "japaneseCounting", "chineseCountingThousand"))
        parts["numbering"] = _LIST.format(shape, choices.pick("after the number", ("nothing", "tab", "space")))
        parts["styles"] = (
            '<w:style w:type="paragraph" w:default="1" w:styleId="a"/><w:style w:type="paragraph" w:styleId="H">'
            '<w:basedOn w:val="a"/><w:pPr><w:numPr><w:numId w:val="4"/></w:numPr></w:pPr></w:style>'
        )
    title = _paragraph(made.layout.title, choices, markup)
    if choices.chance("title in a text box", 0.15):
        box = f"<wps:txbx><w:txbxContent>{title}</w:txbxContent></wps:txbx>"
        old = f"<w:pict><v:textbox><w:txbxContent>{title}</w:txbxContent></v:textbox></w:pict>"
        title = (
            '<w:p><w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:inline>'
            f"<wps:wsp>{box}</wps:wsp></wp:inline></w:drawing></mc:Choice><mc:Fallback>{old}</mc:Fallback>"
            "</mc:AlternateContent></w:r></w:p>"
        )
    contents = _contents(made) if choices.chance("table of contents", 0.15) else ""
    chapters = [_chapter(chapter, choices, markup) for chapter in made.layout.chapters]
    if choices.chance("chapters in rows of one table", 0.08):
        rows = "".join(f"<w:tr><w:tc><w:tcPr/>{chapter or '<w:p/>'}<w:p/></w:tc></w:tr>" for chapter in chapters)
        return f"{title}{contents}<w:tbl><w:tblPr/>{rows}</w:tbl>", parts
    body = title + contents + "".join(chapters)
    if choices.chance("whole report in one cell", 0.05):
        body = f"<w:tbl><w:tblPr/><w:tr><w:tc><w:tcPr/>{body}</w:tc></w:tr></w:tbl><w:p/>"
    return body, parts


def _contents(made: Draft) -> str:
    lines = "".join(
        f"<w:p><w:r><w:t>{chapter.heading}</w:t><w:tab/><w:t>{page}</w:t></w:r></w:p>"
        for page, chapter in enumerate(made.layout.chapters, 1)
        if chapter.heading
    )
    return (
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>TOC \\o "1-2" \\h</w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r></w:p>{lines}'
        '<w:p><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    )


def _chapter(chapter: Chapter, choices: Choices, markup: _Markup) -> str:
    parts = [_heading(chapter.heading, choices, markup)] if chapter.heading else []
    parts += [_paragraph(text, choices, markup) for text in chapter.paragraphs]
    parts += [_table(grid, choices, markup) + "<w:p/>" for grid in chapter.grids]
    return "".join(parts)


def _heading(text: str, choices: Choices, markup: _Markup) -> str:
    found = _NUMBERED_HEADING.match(text)
    if markup.numbered == "typed" or found is None:
        return _paragraph(text, choices, markup)
    numbered = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="4"/></w:numPr>'
    properties = numbered if markup.numbered == "paragraph" else '<w:pStyle w:val="H"/>'
    return _paragraph(text[found.end() :], choices, markup, properties)


def _paragraph(text: str, choices: Choices, markup: _Markup, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{_runs(text, choices, markup)}</w:p>"


def _runs(text: str, choices: Choices, markup: _Markup) -> str:
    many = markup.runs == "many" or (markup.runs == "mixed" and choices.random.random() < 0.5)
    pieces = []
    at = 0
    while at < len(text):
        size = choices.random.randint(1, 5) if many else len(text)
        pieces.append(
            f'<w:r><w:rPr><w:lang w:val="en-US"/></w:rPr><w:t xml:space="preserve">{_text(text[at : at + size])}</w:t></w:r>'
        )
        at += size
    if markup.tracked and pieces and choices.random.random() < 0.3:
        last = pieces.pop()
        pieces.append(
            '<w:del w:id="1" w:author="a"><w:r><w:delText>99</w:delText></w:r></w:del>'
            f'<w:ins w:id="2" w:author="a">{last}</w:ins>'
        )
    return '<w:proofErr w:type="spellStart"/>'.join(pieces)


def _text(text: str) -> str:
    return escape(text, quote=False).replace("\n", "</w:t><w:br/><w:t>")


# --- tables -------------------------------------------------------------------------------------------------


def _table(grid: Grid, choices: Choices, markup: _Markup) -> str:
    if markup.factor > 1:
        spots = tuple(
            replace(spot, column=spot.column * markup.factor, column_span=spot.column_span * markup.factor)
            for spot in grid.spots
        )
        grid = replace(grid, spots=spots, widths=tuple(width for width in grid.widths for _ in range(markup.factor)))
    rows = [_row(grid, row, choices, markup) for row in range(grid.row_count)]
    if markup.tracked and choices.random.random() < 0.4:
        choices.tell(f"{grid.name}: a deleted row")
        cells = "".join(_cell("7", "", choices, markup) for _ in range(grid.column_count))
        deleted = f'<w:tr><w:trPr><w:del w:id="8" w:author="a"/></w:trPr>{cells}</w:tr>'
        rows.insert(choices.random.randint(1, len(rows)), deleted)
    return f"<w:tbl><w:tblPr/><w:tblGrid/>{''.join(rows)}</w:tbl>"


def _row(grid: Grid, row: int, choices: Choices, markup: _Markup) -> str:
    cells = []
    covering = sorted(
        (spot for spot in grid.spots if spot.row <= row < spot.row + spot.row_span), key=lambda spot: spot.column
    )
    for spot in covering:
        cells += _cells(spot, row, choices, markup)
    before = covering[0].column if covering else 0
    properties = f'<w:gridBefore w:val="{before}"/>' if before else ""
    if markup.controls and choices.random.random() < 0.2:
        cells = [f"<w:sdt><w:sdtPr/><w:sdtContent>{cell}</w:sdtContent></w:sdt>" for cell in cells]
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"


def _cells(spot: Spot, row: int, choices: Choices, markup: _Markup) -> Sequence[str]:
    begins = row == spot.row
    merged = ""
    if spot.row_span > 1:
        merged = (
            '<w:vMerge w:val="restart"/>'
            if begins
            else choices.random.choice(("<w:vMerge/>", '<w:vMerge w:val="continue"/>'))
        )
    text = spot.text if begins else ""
    if markup.old_merge and spot.column_span > 1 and spot.row_span == 1:
        first = _cell(text, '<w:hMerge w:val="restart"/>', choices, markup)
        return [first, *(_cell("", "<w:hMerge/>", choices, markup) for _ in range(spot.column_span - 1))]
    span = f'<w:gridSpan w:val="{spot.column_span}"/>' if spot.column_span > 1 else ""
    return [_cell(text, span + merged, choices, markup)]


def _cell(text: str, properties: str, choices: Choices, markup: _Markup) -> str:
    if not text:
        inside = _paragraph(markup.blank, choices, replace(markup, tracked=False)) if markup.blank else "<w:p/>"
    elif markup.lines == "paragraphs":
        inside = "".join(_paragraph(line, choices, markup) for line in text.split("\n"))
    else:
        inside = _paragraph(text, choices, markup)
    return f'<w:tc><w:tcPr><w:tcW w:w="900" w:type="dxa"/>{properties}</w:tcPr>{inside}</w:tc>'
