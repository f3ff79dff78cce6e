import io
import zipfile
from itertools import product

import docx as python_docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from pipelines.read.document import Document, Paragraph, Table
from pipelines.read.docx import read_docx
from pipelines.read.errors import DamagedFile, LockedFile, NoTextLayer
from tests.generator.packages import docx, p, tbl, tc, zipped

PROSE = "本年度主动公开政府信息若干条，" * 6 + "全部按时完成。"
NUMBERED = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'


def reading(body: str, **parts: str) -> Document:
    return read_docx(docx(body, parts=parts), "0" * 64)


def texts(document: Document) -> list[str]:
    return [paragraph.text for paragraph in document.paragraphs]


def grid(table: Table) -> list[tuple[int, int, int, int, str]]:
    return [(cell.row, cell.column, cell.row_span, cell.column_span, cell.text) for cell in table.cells]


def only_table(*rows: list[str]) -> list[tuple[int, int, int, int, str]]:
    (table,) = reading(tbl(*rows)).tables
    return grid(table)


# --- paragraphs ------------------------------------------------------------------------------------------------


def test_runs_make_a_paragraph_and_breaks_make_several() -> None:
    runs = "<w:p><w:r><w:t>一、总体</w:t></w:r><w:r><w:t>情况</w:t><w:br/><w:t>2023年，</w:t></w:r></w:p>"
    assert texts(reading(runs + p("  "))) == ["一、总体情况", "2023年，"]


def test_insertions_stay_and_deletions_go() -> None:
    body = (
        '<w:p><w:r><w:t>共</w:t></w:r><w:del w:id="1" w:author="a"><w:r><w:delText>12</w:delText></w:r></w:del>'
        '<w:ins w:id="2" w:author="a"><w:r><w:t>13</w:t></w:r></w:ins><w:moveFrom w:id="3"><w:r><w:t>旧</w:t></w:r>'
        '</w:moveFrom><w:moveTo w:id="4"><w:r><w:t>件</w:t></w:r></w:moveTo></w:p>'
    )
    assert texts(reading(body)) == ["共13件"]


def test_a_paragraph_whose_mark_is_deleted_runs_on() -> None:
    body = p("全年收到", '<w:rPr><w:del w:id="1" w:author="a"/></w:rPr>') + p("申请5件")
    assert texts(reading(body)) == ["全年收到申请5件"]


def test_hidden_text_and_field_instructions_are_not_printed() -> None:
    body = (
        "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>"
        '<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>共</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> SUM(ABOVE) </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>17</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r><w:fldSimple w:instr="X"><w:r><w:t>件</w:t></w:r></w:fldSimple></w:p>'
    )
    assert texts(reading(body)) == ["共17件"]


def test_a_table_of_contents_does_not_repeat_the_headings() -> None:
    field = (
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> TOC \\o "1-3" </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>一、总体情况</w:t><w:tab/><w:t>1</w:t></w:r></w:p>'
        + p("二、其他\t2")
        + '<w:p><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    )
    control = (
        '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr>'
        f"<w:sdtContent>{p('一、总体情况')}</w:sdtContent></w:sdt>"
    )
    assert texts(reading(field + control + p("一、总体情况"))) == ["一、总体情况"]


def test_content_controls_links_and_ruby_are_read_through() -> None:
    body = (
        f"<w:sdt><w:sdtContent>{p('标题')}</w:sdtContent></w:sdt>"
        "<w:p><w:hyperlink><w:smartTag><w:r><w:t>公开</w:t></w:r></w:smartTag></w:hyperlink><w:r><w:ruby><w:rt><w:r>"
        "<w:t>bao</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>报</w:t></w:r></w:rubyBase></w:ruby><w:t>告</w:t></w:r></w:p>"
        "<w:p><m:oMath><m:r><m:t>12</m:t></m:r></m:oMath></w:p>"
    )
    assert texts(reading(body)) == ["标题", "公开报告", "12"]


def test_symbols_are_the_signs_that_their_fonts_show() -> None:
    body = (
        '<w:p><w:r><w:sym w:font="Wingdings" w:char="F0FE"/><w:t>是</w:t><w:sym w:font="Wingdings 2" w:char="F0A3"/>'
        '<w:t>否</w:t><w:sym w:font="Wingdings" w:char="F081"/><w:noBreakHyphen/><w:softHyphen/></w:r></w:p>'
    )
    assert texts(reading(body)) == ["☑是□否①-"]


def test_a_text_box_is_read_once() -> None:
    box = f"<w:txbxContent>{p('某县人民政府')}{p('年度报告')}</w:txbxContent>"
    body = (
        "<w:p><w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wp:inline><wps:wsp><wps:txbx>"
        f"{box}</wps:txbx></wps:wsp></wp:inline></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox>{box}"
        "</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>" + p("一、总体情况")
    )
    assert texts(reading(body)) == ["某县人民政府", "年度报告", "一、总体情况"]


@pytest.mark.parametrize("mark", ["strike", "dstrike"])
def test_what_is_struck_out_is_no_digit_of_a_figure(mark: str) -> None:
    cell = f"<w:p><w:r><w:rPr><w:{mark}/></w:rPr><w:t>9</w:t></w:r><w:r><w:t>12</w:t></w:r></w:p>"
    document = reading(tbl([tc("总计"), tc(cell)], [tc("其他"), tc("0")]))
    assert [cell.text for cell in document.tables[0].cells] == ["总计", "12", "其他", "0"]


def test_the_raised_mark_of_a_note_is_no_digit_of_a_figure() -> None:
    high = '<w:rPr><w:vertAlign w:val="superscript"/></w:rPr>'
    cell = f"<w:p><w:r><w:t>12</w:t></w:r><w:r>{high}<w:t>3</w:t></w:r></w:p>"
    document = reading(tbl([tc("总计"), tc(cell)], [tc("其他"), tc(f"<w:p><w:r>{high}<w:t>7</w:t></w:r></w:p>")]))
    assert [cell.text for cell in document.tables[0].cells] == ["总计", "12³", "其他", "7"]


def test_a_footnote_follows_its_table_and_its_mark_is_no_digit_of_a_figure() -> None:
    cell = '<w:p><w:r><w:t>12</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r></w:p>'
    notes = f'<w:footnote w:id="1">{p("另")}</w:footnote><w:footnote w:id="2">{p("含上年结转1件")}</w:footnote>'
    document = reading(tbl([tc("总计"), tc(cell)], [tc("其他"), tc("0")]) + p("四、"), footnotes=notes)
    (table,) = document.tables
    assert [cell.text for cell in table.cells] == ["总计", "12\n含上年结转1件", "其他", "0"]
    outside = reading(p("正文") + cell + p("尾"), footnotes=notes)
    assert texts(outside) == ["正文", "12", "含上年结转1件", "尾"]
    assert outside.paragraphs[2].place.path == "word/footnotes.xml#/w:footnotes/w:footnote[2]/w:p"


def test_automatic_numbers_are_printed() -> None:
    levels = (
        '<w:abstractNum w:abstractNumId="7"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
        '<w:numFmt w:val="japaneseCounting"/><w:lvlText w:val="%1、"/></w:lvl></w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>'
    )
    body = (
        p("总体情况", NUMBERED)
        + p("正文")
        + p("主动公开情况", NUMBERED)
        + tbl([tc(p("", NUMBERED)), tc("x")], [tc("y"), tc("")])
    )
    document = reading(body, numbering=levels)
    assert texts(document) == ["一、总体情况", "正文", "二、主动公开情况"]
    assert document.tables[0].cells[0].text == "三、"


# --- tables ----------------------------------------------------------------------------------------------------


def test_cells_merged_both_ways() -> None:
    restart, more = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    two = '<w:gridSpan w:val="2"/>'
    assert only_table(
        [tc("项目", two + restart), tc("自然人")],
        [tc("", two + more), tc("1")],
        [tc("甲", restart), tc("乙"), tc("2")],
        [tc("", more), tc("丙"), tc("3")],
    ) == [
        (0, 0, 2, 2, "项目"),
        (0, 2, 1, 1, "自然人"),
        (1, 2, 1, 1, "1"),
        (2, 0, 2, 1, "甲"),
        (2, 1, 1, 1, "乙"),
        (2, 2, 1, 1, "2"),
        (3, 1, 1, 1, "丙"),
        (3, 2, 1, 1, "3"),
    ]


def test_rows_that_begin_late_or_end_early() -> None:
    row = f'<w:tr><w:trPr><w:gridBefore w:val="1"/><w:gridAfter w:val="1"/></w:trPr>{tc("中")}</w:tr>'
    document = reading(f"<w:tbl>{row}<w:tr>{tc('a')}{tc('b')}{tc('c')}</w:tr></w:tbl>")
    assert grid(document.tables[0]) == [(0, 1, 1, 1, "中"), (1, 0, 1, 1, "a"), (1, 1, 1, 1, "b"), (1, 2, 1, 1, "c")]


def test_the_old_way_to_merge_across() -> None:
    cells = [tc("总计", '<w:hMerge w:val="restart"/>'), tc("", '<w:hMerge w:val="continue"/>'), tc("1")]
    assert only_table(cells, [tc("a"), tc("b"), tc("2")])[:2] == [(0, 0, 1, 2, "总计"), (0, 2, 1, 1, "1")]


def test_a_continuation_of_another_width_is_a_cell_of_its_own() -> None:
    rows = only_table(
        [tc("甲", '<w:gridSpan w:val="2"/><w:vMerge w:val="restart"/>'), tc("1")],
        [tc("乙", "<w:vMerge/>"), tc("丙"), tc("2")],
    )
    assert rows == [(0, 0, 1, 2, "甲"), (0, 2, 1, 1, "1"), (1, 0, 1, 1, "乙"), (1, 1, 1, 1, "丙"), (1, 2, 1, 1, "2")]


def test_lines_of_a_cell_are_kept_apart() -> None:
    cell = "<w:p><w:r><w:t>商业</w:t><w:br/><w:t>企业</w:t></w:r></w:p>" + p("") + p(" 法人 ")
    assert only_table([tc(cell), tc("<w:p><w:r><w:t>1.</w:t><w:tab/><w:t>属于</w:t></w:r></w:p>")], [tc("a"), tc("b")])[
        :2
    ] == [
        (0, 0, 1, 1, "商业\n企业\n法人"),
        (0, 1, 1, 1, "1. 属于"),
    ]


@pytest.mark.parametrize("direction", ["tbRl", "tbRlV", "btLr", "lrTbV"])
def test_text_that_runs_down_a_cell_is_read_as_it_is_written(direction: str) -> None:
    down = f'<w:tc><w:tcPr><w:textDirection w:val="{direction}"/></w:tcPr>{p("（三）不予公开")}</w:tc>'
    assert only_table([down, tc("1.属于国家秘密"), tc("3")], [tc("总计"), tc("总计"), tc("3")])[0] == (
        *(0, 0, 1, 1),
        "（三）不予公开",
    )


def test_deleted_rows_go_and_inserted_ones_stay() -> None:
    gone = f'<w:tr><w:trPr><w:del w:id="1" w:author="a"/></w:trPr>{tc("旧")}{tc("1")}</w:tr>'
    new = f'<w:ins w:id="3"><w:tr><w:trPr><w:ins w:id="2" w:author="a"/></w:trPr>{tc("新")}{tc("2")}</w:tr></w:ins>'
    (table,) = reading(
        f"<w:tbl>{gone}{new}<w:tr>{tc('丙')}<w:sdt><w:sdtContent>{tc('3')}</w:sdtContent></w:sdt></w:tr></w:tbl>"
    ).tables
    assert [cell.text for cell in table.cells] == ["新", "2", "丙", "3"]


def test_a_table_in_a_cell_is_a_table_of_its_own() -> None:
    inner = tbl([tc("收到"), tc("3")], [tc("答复"), tc("2")])
    document = reading(
        tbl([tc(p("一、总体情况")), tc("")], [tc(p("前") + inner + p("后")), tc("")], [tc("项"), tc("9")])
    )
    assert [grid(table) for table in document.tables] == [
        [(0, 0, 1, 1, "收到"), (0, 1, 1, 1, "3"), (1, 0, 1, 1, "答复"), (1, 1, 1, 1, "2")],
        [(0, 0, 1, 1, "项"), (0, 1, 1, 1, "9")],
    ]
    assert "前" in texts(document)
    assert document.tables[0].cells[0].place.path == "/w:document/w:body/w:tbl/w:tr[2]/w:tc[1]/w:tbl/w:tr[1]/w:tc[1]"


def test_a_whole_report_in_one_table_comes_apart() -> None:
    wide = '<w:gridSpan w:val="2"/>'
    document = reading(
        tbl(
            [tc("某县2023年政府信息公开工作年度报告", wide)],
            [tc(PROSE, wide)],
            [tc("二、主动公开政府信息情况", wide)],
            [tc("规章"), tc("0")],
            [tc("规范性文件"), tc("3")],
            [tc("三、收到和处理申请情况", wide)],
            [tc("本年新收"), tc("5")],
        )
    )
    assert [type(block) for block in document.blocks] == [Paragraph, Paragraph, Paragraph, Table, Paragraph, Table]
    assert [cell.text for cell in document.tables[1].cells] == ["本年新收", "5"]


def test_a_note_under_a_table_does_not_take_its_head_away() -> None:
    wide = '<w:gridSpan w:val="2"/>'
    document = reading(tbl([tc("二、情况", wide)], [tc("规章"), tc("0")], [tc("注：" + PROSE, wide)]))
    assert [len(table.cells) for table in document.tables] == [3]
    assert texts(document) == ["注：" + PROSE]


@pytest.mark.parametrize("rows", [[[PROSE]], [["甲"], ["乙"], ["丙"]], [["甲", "", ""]]])
def test_a_frame_around_text_is_no_table(rows: list[list[str]]) -> None:
    document = reading(tbl(*([tc(cell) for cell in row] for row in rows)))
    assert not document.tables
    assert texts(document) == [row[0] for row in rows]


def test_bug_a_row_of_blanks_that_a_page_break_parted_was_a_line() -> None:
    (table,) = reading(tbl([tc("四、结转下年度继续办理"), *[tc("")] * 7])).tables
    assert [cell.text for cell in table.cells] == ["四、结转下年度继续办理", *[""] * 7]


def test_places_are_paths_that_resolve() -> None:
    content = docx(p("一") + tbl([tc("a"), tc("b")], [tc("c"), tc("d")]) + tbl([tc("e"), tc("f")], [tc("g"), tc("h")]))
    document = read_docx(content, "0" * 64)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        root = etree.fromstring(archive.read("word/document.xml"))
    assert document.tables[1].cells[2].place.path == "/w:document/w:body/w:tbl[2]/w:tr[2]/w:tc[1]"
    for cell in (cell for table in document.tables for cell in table.cells):
        (found,) = root.xpath(cell.place.path or "", namespaces=root.nsmap)
        assert "".join(found.itertext()) == cell.text


@st.composite
def merged_tables(draw: st.DrawFn) -> tuple[int, int, list[tuple[int, int, int, int]]]:
    """A size of at least two rows and columns, and rectangles of cells to merge that do not overlap."""
    rows, columns = draw(st.integers(2, 6)), draw(st.integers(2, 6))
    areas: list[tuple[int, int, int, int]] = []
    for _ in range(draw(st.integers(0, 5))):
        top, left = draw(st.integers(0, rows - 1)), draw(st.integers(0, columns - 1))
        bottom, right = draw(st.integers(top, rows - 1)), draw(st.integers(left, columns - 1))
        if all(bottom < a[0] or a[2] < top or right < a[1] or a[3] < left for a in areas):
            areas.append((top, left, bottom, right))
    return rows, columns, areas


@settings(max_examples=60, deadline=None)
@given(merged_tables())
def test_any_merged_table_of_python_docx_is_read_as_it_is(
    made: tuple[int, int, list[tuple[int, int, int, int]]],
) -> None:
    rows, columns, areas = made
    document = python_docx.Document()
    table = document.add_table(rows, columns)
    covered = {}
    for top, left, bottom, right in areas:
        table.cell(top, left).merge(table.cell(bottom, right))
        covered.update(dict.fromkeys(product(range(top, bottom + 1), range(left, right + 1)), (top, left)))
    expected = []
    for row, column in product(range(rows), range(columns)):
        if covered.get((row, column), (row, column)) != (row, column):
            continue
        table.cell(row, column).text = f"{row},{column}"
        area = next((a for a in areas if a[:2] == (row, column)), (row, column, row, column))
        expected.append((row, column, area[2] - row + 1, area[3] - column + 1, f"{row},{column}"))
    out = io.BytesIO()
    document.save(out)
    found = read_docx(out.getvalue(), "0" * 64)
    if len({column for _, column, *_ in expected}) == 1:
        assert not found.tables  # cells under each other only are lines
        return
    # A row that merges have emptied of cells of its own is none that Word counts differently.
    assert grid(found.tables[0]) == expected


# --- files -----------------------------------------------------------------------------------------------------


def test_title_and_main_part_by_relationship() -> None:
    content = docx(p("正文"), title=" 2023年年报 ", main="word/document2.xml")
    document = read_docx(content, "0" * 64)
    assert (document.title, document.reading, document.page_count) == ("2023年年报", "docx", None)
    assert texts(document) == ["正文"]


def test_what_is_no_word_document_says_so() -> None:
    with pytest.raises(DamagedFile, match="cannot be opened"):
        read_docx(b"PK\x03\x04broken", "0" * 64)
    with pytest.raises(DamagedFile, match="namespace None"):
        read_docx(zipped({"word/styles.xml": "<a/>"}), "0" * 64)
    with pytest.raises(DamagedFile, match="no well-formed XML"):
        read_docx(docx("<w:p>"), "0" * 64)
    with pytest.raises(NoTextLayer, match="optical character recognition"):
        read_docx(docx("<w:p/>"), "0" * 64)


def test_entities_are_not_expanded() -> None:
    bomb = (
        '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b SYSTEM "file:///etc/hostname">]>'
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r>'
        "<w:t>&a;&b;</w:t></w:r></w:p></w:body></w:document>"
    )
    with pytest.raises(DamagedFile, match="document type"):
        read_docx(zipped({"word/document.xml": bomb}), "0" * 64)


def test_locked_parts_are_named() -> None:
    content = bytearray(docx(p("x")))
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = content.find(signature)
        while start >= 0:
            content[start + at] |= 1
            start = content.find(signature, start + 4)
    with pytest.raises(LockedFile, match="password"):
        read_docx(bytes(content), "0" * 64)


def test_deep_nesting_ends_with_a_reason() -> None:
    body = p("x")
    for _ in range(60):
        body = tbl([tc(body), tc("y")])
    with pytest.raises(DamagedFile, match=r"nested|well-formed"):
        reading(body)
