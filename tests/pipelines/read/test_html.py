import json
from collections.abc import Iterator
from pathlib import Path

import lxml.html
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.read.document import Cell, Document, Paragraph, Table
from pipelines.read.encoding import decode
from pipelines.read.errors import DamagedFile, EmptyPage, OverLimit, UnreadableDocument
from pipelines.read.html.page import parse_page, read_html

ROOT = Path(__file__).parents[3]
FIXTURES = ROOT / "tests" / "fixtures" / "html"
REPORTS = ROOT / ".." / "shared" / "reports"

# Every fixture page prints this report; only the markup differs.
PAGES = ("trs", "jcms_gb18030", "word_paste", "layout_tables_gbk", "one_table", "spans")
CHAPTERS = (
    "一、总体情况",
    "二、主动公开政府信息情况",
    "三、收到和处理政府信息公开申请情况",
    "四、政府信息公开行政复议、行政诉讼情况",
    "五、存在的主要问题及改进情况",
    "六、其他需要报告的事项",
)
PROSE = (
    "本报告由",
    "坚持以公开促落实、促规范、促服务，各项工作稳步推进。",
    "（一）主动公开。全年通过门户网站公开信息1280条，发布政策解读36条。",
    "（二）依申请公开。全年收到政府信息公开申请54件，上年结转3件，均按时办结。",
    "（三）政府信息管理。落实公文属性源头认定，清理历史规范性文件3件。",
    "一是解读形式还不够丰富；二是基层公开队伍有待加强。",
    "下一步，将增加图解和视频解读，每季度组织一次业务培训。",
    "年度本机关未收取政府信息公开信息处理费。",
)
REQUESTS = """
    一、本年新收政府信息公开申请数量 46 5 0 1 2 0 54
    二、上年结转政府信息公开申请数量 3 0 0 0 0 0 3
    （一）予以公开 17 2 0 1 0 0 20
    （二）部分公开（区分处理的，只计这一情形，不计其他情形） 6 0 0 0 0 0 6
    1.属于国家秘密 0 0 0 0 0 0 0
    2.其他法律行政法规禁止公开 1 0 0 0 0 0 1
    3.危及“三安全一稳定” 0 0 0 0 0 0 0
    4.保护第三方合法权益 0 1 0 0 0 0 1
    5.属于三类内部事务信息 0 0 0 0 0 0 0
    6.属于四类过程性信息 2 0 0 0 0 0 2
    7.属于行政执法案卷 0 0 0 0 0 0 0
    8.属于行政查询事项 1 0 0 0 0 0 1
    1.本机关不掌握相关政府信息 11 1 0 0 2 0 14
    2.没有现成信息需要另行制作 2 0 0 0 0 0 2
    3.补正后申请内容仍不明确 1 0 0 0 0 0 1
    1.信访举报投诉类申请 2 0 0 0 0 0 2
    2.重复申请 1 0 0 0 0 0 1
    3.要求提供公开出版物 0 0 0 0 0 0 0
    4.无正当理由大量反复申请 0 0 0 0 0 0 0
    5.要求行政机关确认或重新出具已获取信息 0 0 0 0 0 0 0
    1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请 1 0 0 0 0 0 1
    2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请 0 0 0 0 0 0 0
    3.其他 1 1 0 0 0 0 2
    （七）总计 46 5 0 1 2 0 54
    四、结转下年度继续办理 3 0 0 0 0 0 3
"""
REVIEWS = [*"10001", *"00011", *"20002"]
DISCLOSURES = {
    "规章": ["0", "0", "0"],
    "行政规范性文件": ["12", "3", "87"],
    "行政许可": ["2,415"],
    "行政处罚": ["318"],
    "行政强制": ["9"],
    "行政事业性收费": ["1024.5"],
}
SENTENCE = "全市各级行政机关认真贯彻落实条例，主动公开政府信息一千余条。"
FIGURES = "<table><tr><td>信息内容</td><td>本年处理决定数量</td></tr><tr><td>行政许可</td><td>97</td></tr></table>"


def read(markup: str) -> Document:
    return read_html(markup.encode(), "0" * 64)


def read_fixture(name: str) -> Document:
    return read_html((FIXTURES / f"{name}.html").read_bytes(), "0" * 64)


def rows(table: Table) -> list[list[Cell]]:
    return [[cell for cell in table.cells if cell.row == row] for row in range(table.row_count)]


def table_with(document: Document, text: str) -> Table:
    return next(table for table in document.tables if any(text in cell.text for cell in table.cells))


def texts(document: Document) -> list[str]:
    return [paragraph.text for paragraph in document.paragraphs]


def grid(markup: str) -> list[tuple[int, int, int, int, str]]:
    """The cells of the only table in `markup`: row, column, spans, text."""
    (table,) = read(markup).tables
    return [(cell.row, cell.column, cell.row_span, cell.column_span, cell.text) for cell in table.cells]


# --- one report, many markups --------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_every_figure_of_chapter_three_stands_right_of_its_label(page: str) -> None:
    table = table_with(read_fixture(page), "本年新收")
    found = []
    for row in rows(table):
        figures = [cell for cell in row if cell.column >= 3]
        labels = [cell for cell in row if cell.column < 3 and cell.text]
        if labels and len(figures) == 7:
            assert [cell.column for cell in figures] == list(range(3, 10))
            assert labels[-1].column + labels[-1].column_span == 3
            found.append(" ".join([labels[-1].text, *(cell.text or "0" for cell in figures)]))
    assert found == [line.strip() for line in REQUESTS.strip().splitlines()]


@pytest.mark.parametrize("page", PAGES)
def test_chapter_three_has_its_groups_and_applicants(page: str) -> None:
    table = table_with(read_fixture(page), "本年新收")
    where = {cell.text: (cell.row, cell.column, cell.row_span, cell.column_span) for cell in table.cells}
    assert table.column_count == 10
    assert where["申请人情况"] == (0, 3, 1, 7)
    assert where["自然人"] == (1, 3, 2, 1)
    assert where["法人或其他组织"] == (1, 4, 1, 5)
    assert where["法律服务机构"] == (2, 7, 1, 1)
    assert where["三、本年度办理结果"] == (5, 0, 22, 1)
    assert where["（三）不予公开"] == (7, 1, 8, 1)
    assert where["（六）其他处理"] == (23, 1, 3, 1)


@pytest.mark.parametrize("page", PAGES)
def test_the_other_chapters_figures(page: str) -> None:
    document = read_fixture(page)
    reviews = table_with(document, "复议后起诉")
    assert [cell.text or "0" for cell in rows(reviews)[3]] == REVIEWS
    assert [cell.column for cell in rows(reviews)[3]] == list(range(15))
    found = {}
    for table in document.tables[: document.tables.index(table_with(document, "本年新收"))]:
        found.update({row[0].text: [cell.text or "0" for cell in row[1:]] for row in rows(table)})
    assert {label: found[label] for label in DISCLOSURES} == DISCLOSURES


def test_chapter_two_comes_as_one_table_or_four_as_the_page_has_it() -> None:
    assert len(read_fixture("trs").tables) == 6
    assert len(read_fixture("jcms_gb18030").tables) == 3
    assert len(read_fixture("one_table").tables) == 3


@pytest.mark.parametrize("page", PAGES)
def test_paragraphs_are_the_report_and_nothing_of_the_site(page: str) -> None:
    document = read_fixture(page)
    found = [text for text in texts(document) if text != "表三"]
    title, *body = found
    assert title.endswith(("年政府信息公开工作年度报告", "报告[1]"))
    prose = [text for text in body if text not in CHAPTERS]
    assert [text for text in body if text in CHAPTERS] == list(CHAPTERS)
    assert len(prose) == len(PROSE)
    assert all(expected in text for expected, text in zip(PROSE, prose, strict=True))


@pytest.mark.parametrize("page", PAGES)
def test_tables_stand_in_reading_order_among_the_paragraphs(page: str) -> None:
    document = read_fixture(page)
    order = []
    for block in document.blocks:
        if isinstance(block, Table):
            order.append("table")
        elif block.text in CHAPTERS:
            order.append(block.text[0])
    assert "".join(order).replace("table", "T").replace("TTTT", "T") == "一二T三T四T五六"
    assert [table.number for table in document.tables] == list(range(1, len(document.tables) + 1))


@pytest.mark.parametrize("page", PAGES)
def test_places_resolve_in_a_fresh_parse(page: str) -> None:
    content = (FIXTURES / f"{page}.html").read_bytes()
    text = decode(content)
    # lxml refuses text with an XML declaration, which states the encoding of bytes
    fresh = lxml.html.document_fromstring(text[text.index("?>") + 2 :] if text.startswith("<?xml") else text)
    for document in (read_html(content, "0" * 64),):
        for paragraph in document.paragraphs:
            (element,) = fresh.xpath(paragraph.place.path)
            assert bare(paragraph.text) in bare(element.text_content())
        for cell in (cell for table in document.tables for cell in table.cells):
            (element,) = fresh.xpath(cell.place.path)
            assert element.tag == "td"
            assert bare(cell.text) == bare(element.text_content())


def bare(text: str) -> str:
    return "".join(text.split())


# --- what the pages say of themselves ------------------------------------------------------------


def test_meta_elements_and_the_info_line_are_facts() -> None:
    document = read_fixture("trs")
    assert document.title == "临河市2022年政府信息公开工作年度报告_政府信息公开年报_临河市人民政府"
    assert document.facts == (
        ("SiteName", "临河市人民政府"),
        ("SiteDomain", "www.example.gov.cn"),
        ("ColumnName", "政府信息公开年报"),
        ("ArticleTitle", "临河市2022年政府信息公开工作年度报告"),
        ("PubDate", "2023-01-18 16:20"),
        ("ContentSource", "市政府办公室"),
        ("发布时间", "2023-01-18 16:20"),
        ("来源", "市政府办公室"),
    )


def test_a_metadata_table_is_facts_and_no_table() -> None:
    document = read_fixture("jcms_gb18030")
    assert document.producer == "大汉版通JCMS"
    assert document.title == "㳇川县人民政府2021年政府信息公开工作年度报告"
    assert document.facts == (
        ("author", "县府办"),
        ("索引号", "11330000000000000X/2022-80001"),
        ("组配分类", "政府信息公开年报"),
        ("发布机构", "县府办"),
        ("成文日期", "2022-01-26"),
        ("有效性", "有效"),
        ("发布日期", "2022-01-26"),
        ("信息来源", "县府办"),
    )


def test_lists_of_metadata_are_facts() -> None:
    assert read_fixture("spans").facts == (
        ("索引号", "SYP-2023-0001"),
        ("公开方式", "主动公开"),
        ("发布机构", "区政府办公室"),
        ("公开日期", "2023年1月30日"),
    )


@pytest.mark.parametrize(
    ("markup", "facts"),
    [
        ("<p>2022-01-20 09:15 来源：某局</p>", [("日期", "2022-01-20 09:15"), ("来源", "某局")]),
        ("<p>发布日期：2020-01-31</p>", [("发布日期", "2020-01-31")]),
        ("<div>发布时间：2022-1-2信息来源：某局浏览次数：</div>", [("发布时间", "2022-1-2"), ("信息来源", "某局")]),
        ("<div>索引号：</div><div>A1</div>", [("索引号", "A1")]),
        (
            "<table><tr><td>索引号</td><td>A1</td><td rowspan=2><img></td></tr>"
            "<tr><td>生成日期</td><td>2022-1-1</td></tr></table>",
            [("索引号", "A1"), ("生成日期", "2022-1-1")],
        ),
        (
            "<table><tr><th>名 称：</th><td>年报</td><th>文 号</th><td></td></tr><tr><th>体裁</th><td>其他</td></tr>"
            "<tr><td>自定义项</td><td>甲</td></tr></table>",
            [("名称", "年报"), ("体裁", "其他"), ("自定义项", "甲")],
        ),
        ("<table><tr><td>文号：无</td><td>点击数：12</td></tr></table>", [("文号", "无"), ("点击数", "12")]),
    ],
)
def test_shapes_of_metadata(markup: str, facts: list[tuple[str, str]]) -> None:
    document = read(f"{markup}<p>{SENTENCE}</p>{FIGURES}")
    assert list(document.facts) == facts
    assert texts(document) == [SENTENCE]
    assert len(document.tables) == 1


def test_labels_in_the_text_are_no_metadata() -> None:
    document = read(f"<p>{SENTENCE}</p>{FIGURES}<p>数据来源：各单位报送</p><p>来源：某局</p>")
    assert document.facts == ()
    assert texts(document) == [SENTENCE, "数据来源：各单位报送", "来源：某局"]


def test_a_grid_with_metadata_words_among_its_labels_stays_a_grid() -> None:
    rows_ = ("名称 单位 数量", "规章 件 3", "来源 件 4", "公开类别 件 5")
    markup = "".join("<tr><td>" + "</td><td>".join(row.split()) + "</td></tr>" for row in rows_)
    assert [cell[4] for cell in grid(f"<table>{markup}</table>")] == " ".join(rows_).split()


# --- tables --------------------------------------------------------------------------------------


@st.composite
def tilings(draw: st.DrawFn) -> list[tuple[int, int, int, int, str]]:
    """A grid cut into cells at random, below a row with figures."""
    width = draw(st.integers(2, 7))
    height = draw(st.integers(0, 6))
    text = st.text("公开申请数量件abc0123456789 -。（）", max_size=8).map(str.strip).map(fold)
    cells = [(0, column, 1, 1, str(column) if column else "项目") for column in range(width)]
    taken: set[tuple[int, int]] = set()
    for row in range(1, height + 1):
        for column in range(width):
            if (row, column) in taken:
                continue
            free = 1
            while column + free < width and (row, column + free) not in taken:
                free += 1
            column_span = draw(st.integers(1, free))
            row_span = draw(st.integers(1, height + 1 - row))
            taken |= {(row + i, column + j) for i in range(row_span) for j in range(column_span)}
            cells.append((row, column, row_span, column_span, draw(text)))
    return cells


def fold(text: str) -> str:
    return " ".join(text.split())


def as_markup(cells: list[tuple[int, int, int, int, str]], end_tags: bool) -> str:
    height = max(row + row_span for row, _, row_span, _, _ in cells)
    lines = []
    for row in range(height):
        lines.append("<tr>")
        for at, _, row_span, column_span, text in cells:
            if at == row:
                lines.append(f"<td rowspan={row_span} colspan='{column_span}'>{text}" + "</td>" * end_tags)
        lines.append("</tr>" * end_tags)
    return "<table>" + "\n".join(lines) + "</table>"


@given(tilings(), st.booleans())
def test_any_grid_comes_back_as_it_was(cells: list[tuple[int, int, int, int, str]], end_tags: bool) -> None:
    assert grid(as_markup(cells, end_tags)) == cells


@pytest.mark.parametrize(
    ("markup", "cells"),
    [
        # a span beyond the table, to the end of the group, and a second group it must not reach
        (
            "<tbody><tr><td rowspan=9>甲</td><td>1</td></tr><tr><td>2</td></tr></tbody>"
            "<tbody><tr><td rowspan=0>乙</td><td>3</td></tr><tr><td>4</td></tr></tbody>",
            [
                (0, 0, 2, 1, "甲"),
                (0, 1, 1, 1, "1"),
                (1, 1, 1, 1, "2"),
                (2, 0, 2, 1, "乙"),
                (2, 1, 1, 1, "3"),
                (3, 1, 1, 1, "4"),
            ],
        ),
        # values that are no numbers
        (
            "<tr><td rowspan='' colspan='2px'>甲</td><td rowspan=-1 colspan=0>1</td></tr>",
            [(0, 0, 1, 2, "甲"), (0, 2, 1, 1, "1")],
        ),
        # a span of 1000 means to the edge
        (
            "<tr><td colspan=1000>题</td></tr><tr><td>甲</td><td>1</td><td>2</td></tr>",
            [(0, 0, 1, 3, "题"), (1, 0, 1, 1, "甲"), (1, 1, 1, 1, "1"), (1, 2, 1, 1, "2")],
        ),
        # cells that would overlap: the later one is cut short
        (
            "<tr><td>甲</td><td rowspan=2>1</td></tr><tr><td colspan=2>乙</td></tr>",
            [(0, 0, 1, 1, "甲"), (0, 1, 2, 1, "1"), (1, 0, 1, 1, "乙")],
        ),
        # ragged rows, a row without cells, a hidden row and a hidden cell
        (
            "<tr><td>甲</td><td>1</td><td>2</td></tr><tr></tr><tr style='DISPLAY: none'><td>旧</td><td>9</td></tr>"
            "<tr><td>乙</td><td hidden>8</td><td>3</td></tr>",
            [(0, 0, 1, 1, "甲"), (0, 1, 1, 1, "1"), (0, 2, 1, 1, "2"), (2, 0, 1, 1, "乙"), (2, 1, 1, 1, "3")],
        ),
        # an invisible cell keeps its place
        (
            "<tr><td>甲</td><td style='visibility:hidden'>1</td><td>2</td></tr>",
            [(0, 0, 1, 1, "甲"), (0, 1, 1, 1, "1"), (0, 2, 1, 1, "2")],
        ),
        # a foot that stands above the body
        (
            "<tfoot><tr><td>总计</td><td>3</td></tr></tfoot><tbody><tr><td>甲</td><td>3</td></tr></tbody>",
            [(0, 0, 1, 1, "甲"), (0, 1, 1, 1, "3"), (1, 0, 1, 1, "总计"), (1, 1, 1, 1, "3")],
        ),
        # end tags missing, cells without a row
        (
            "<td>甲<td><span>1<tr><td>乙<td><b>2",
            [(0, 0, 1, 1, "甲"), (0, 1, 1, 1, "1"), (1, 0, 1, 1, "乙"), (1, 1, 1, 1, "2")],
        ),
        # a box around a figure
        (
            "<tr><td>甲</td><td><table><tr><td>1</td></tr></table></td></tr>",
            [(0, 0, 1, 1, "甲"), (0, 1, 1, 1, "1")],
        ),
    ],
)
def test_tables_that_do_not_fit(markup: str, cells: list[tuple[int, int, int, int, str]]) -> None:
    assert grid(f"<table>{markup}</table>") == cells


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ("&nbsp;", ""),
        ("<p><o:p>&nbsp;</o:p></p>", ""),
        ("\u200b　", ""),
        ("\n   <p>\n\t0</p>\n  ", "0"),
        ("<span>73802895</span><span>.90</span><font>元</font>", "73802895.90元"),
        ("1&nbsp;295", "1\u00a0295"),
        ("商业<br/>企业", "商业\n企业"),
        ("<p>22</p><p>（其中修订\n   16件）</p>", "22\n（其中修订 16件）"),
        ("5<sup>①</sup>", "5①"),
        ("3<script>4</script><style>5</style><!-- 6 --><span style='display:none'>7</span>", "3"),
        ("<!--[if gte mso 9]><xml>8</xml><![endif]-->9<xml><w:a>8</w:a></xml><![if !vml]><![endif]>", "9"),
        ("<span style='visibility:hidden'>7</span>8", "8"),
        ("<input type=hidden value=1><select><option>2</select><button>3</button>4", "4"),
        ("&lt;5&amp;6", "<5&6"),
    ],
)
def test_a_cells_text_is_what_a_browser_prints(inside: str, text: str) -> None:
    (table,) = read(f"<table><tr><td>甲</td><td>{inside}</td><td>1</td></tr></table>").tables
    assert [cell.text for cell in table.cells] == ["甲", text, "1"]


def test_a_table_around_prose_is_no_table() -> None:
    document = read(f"<table><tr><td><p>{SENTENCE}</p><p>{SENTENCE}</p></td></tr></table>")
    assert document.tables == ()
    assert texts(document) == [SENTENCE, SENTENCE]
    beside = read(f"<table><tr><td>导航</td><td>{SENTENCE * 3}</td></tr></table>")
    assert texts(beside) == ["导航", SENTENCE * 3]
    labelled = read(f"<table><tr><td>标题：</td><td>{SENTENCE * 20}</td></tr></table>")
    assert texts(labelled) == [SENTENCE * 20]


def test_a_table_around_tables_is_no_table() -> None:
    document = read(f"<table><tr><td>一、甲</td></tr><tr><td>前{FIGURES}后</td><td>{FIGURES}</td></tr></table>")
    assert [type(block) for block in document.blocks] == [Paragraph, Paragraph, Table, Paragraph, Table]
    assert texts(document) == ["一、甲", "前", "后"]


def test_a_grid_keeps_its_rows_when_one_cell_holds_a_grid() -> None:
    document = read(
        f"<table><tr><td rowspan=2>组</td><td>甲</td><td>1</td></tr><tr><td>乙{FIGURES}</td><td>2</td></tr></table>"
    )
    outer, inner = document.tables
    assert [cell.text for cell in outer.cells] == ["组", "甲", "1", "乙", "2"]
    assert [cell.text for cell in inner.cells] == ["信息内容", "本年处理决定数量", "行政许可", "97"]


def test_a_note_under_a_grid_is_a_paragraph_and_headings_in_the_grid_stay() -> None:
    note = (
        "注：单位负责人、审核人、填报人由各单位自行填写，统计口径以国务院办公厅文件为准，"
        "表中所有数据截至当年十二月三十一日，特此说明。"
    )
    document = read(
        "<table><tr><td>统计指标</td><td>单位</td><td>统计数</td></tr><tr><td>（一）发文数</td><td>条</td><td>3</td></tr>"
        "<tr><td colspan=3>二、回应解读情况</td></tr><tr><td>（一）回应数</td><td>次</td><td>0</td></tr>"
        f"<tr><td colspan=3>{note}</td></tr></table>"
    )
    (table,) = document.tables
    assert table.row_count == 4
    assert texts(document) == [note]


def test_a_blank_form_is_still_a_table() -> None:
    assert (
        len(
            read(
                "<p>表样</p><table><tr><td>信息内容</td><td>件数</td></tr><tr><td>规章</td><td>&nbsp;</td></tr></table>"
            ).tables
        )
        == 1
    )


def test_text_outside_the_cells_of_a_table_comes_before_it() -> None:
    document = read("<table><caption>表一</caption>漏<tr><td>甲</td><td>1</td></tr></table>后")
    assert [getattr(block, "text", "") for block in document.blocks] == ["表一", "漏", "", "后"]


# --- text ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("markup", "paragraphs"),
    [
        ("<p>&nbsp;&emsp;　一、总体 \n 情况　</p><p>&nbsp;</p><p></p>", ["一、总体情况"]),
        ("<div>前<p>中</p>后</div>", ["前", "中", "后"]),
        ("甲<br>&nbsp;&nbsp;乙<br/><br/>丙", ["甲", "乙", "丙"]),
        ("<p>2023\n年1\n月</p>", ["2023 年1 月"]),
        ("<p><span>本</span><b>报</b>\n<i>告</i></p>", ["本报告"]),
        ("<p>A\n  B</p>", ["A B"]),
        ("<pre>第一行\n    第二行</pre>", ["第一行", "第二行"]),
        ("<ul><li>甲<li>乙</ul>", ["甲", "乙"]),
        ("<p>甲<!-- 注 -->乙<?php x ?>丙</p>", ["甲乙丙"]),
        ("<div hidden>隐</div><p style='color:red; display : none'>藏</p><p>见</p>", ["见"]),
        ("<form id=aspnetForm><input type=hidden value=x><p>甲</p></form>", ["甲"]),
        ("<ucapcontent><p>甲</p></ucapcontent><st1:p>乙</st1:p>", ["甲", "乙"]),
    ],
)
def test_paragraphs_are_what_a_browser_prints(markup: str, paragraphs: list[str]) -> None:
    assert texts(read(markup)) == paragraphs


def test_a_place_inside_an_element_with_a_prefix_resolves() -> None:
    markup = "<div><o:p>甲</o:p><o:wrap><p>乙</p></o:wrap><o:wrap><p>丙</p><p>丁</p></o:wrap></div>"
    fresh = lxml.html.document_fromstring(markup)
    places = [paragraph.place.path for paragraph in read(markup).paragraphs]
    assert [fresh.xpath(path)[0].text for path in places[1:]] == ["乙", "丙", "丁"]
    assert places[0] == "/html/body/div"


# --- the document and the site around it ---------------------------------------------------------


def around(body: str, before: str = "", after: str = "") -> list[str]:
    return texts(read(f"{before}<div class=m><div id=zoom>{body}</div></div>{after}"))


BODY = "".join(f"<p>{SENTENCE}</p>" for _ in range(9)) + FIGURES


@pytest.mark.parametrize(
    "chrome",
    [
        "<nav><a href=1>首页</a><a href=2>政务公开</a></nav>",
        "<div><a href=1>首页</a> | <a href=2>新闻</a> | <a href=3>公开</a></div>",
        "<ul>" + "".join(f"<li><a href={n}>某市{n}年政府信息公开工作年度报告</a>" for n in range(2015, 2022)) + "</ul>",
        "<table><tr>" + "".join(f"<td><a href={n}>栏目{n}</a></td>" for n in range(9)) + "</tr></table>",
        "<div class='footer'><p>本网站由某市人民政府办公室主办。未经许可，不得转载。</p></div>",
        "<footer>地址：某路1号</footer><aside>市长信箱。</aside>",
        "<p>您现在的位置：<a href=1>首页</a> &gt; 年报</p>",
        "<p>版权所有：某市人民政府　某ICP备00000000号</p>",
        "<p>【<a href=1>打印本页</a>】【<a href=2>关闭窗口</a>】</p>",
        "<p>分享到：</p><p>扫一扫在手机打开当前页</p><p>上一篇：没有了</p>",
        "<div>今日访问</div><span>12345</span>",
        "<select><option>省政府部门</select><button>搜索</button><textarea>留言</textarea>",
    ],
)
def test_the_site_around_a_report_is_left_out(chrome: str) -> None:
    assert around(BODY, chrome, chrome) == [SENTENCE] * 9


def test_sentences_and_menus_above_the_title_are_the_sites() -> None:
    title = "某市2022年政府信息公开工作年度报告"
    menu = "<table><tr><td>公开指南</td></tr><tr><td>公开目录</td></tr><tr><td>公开年报</td></tr></table>"
    before = f"<div>您的浏览器版本过低，请升级。</div><div>{menu}</div><div><h1>{title}</h1></div>"
    document = read(f"{before}<div class=m><div id=zoom>{BODY}</div></div>")
    assert texts(document) == [title, *[SENTENCE] * 9]
    assert len(document.tables) == 1


@pytest.mark.parametrize(
    "before",
    [
        "<div class=header><h1>某局二〇二二年公开情况</h1></div>",
        "<title>某局公开情况通报_某局</title><div class=t>某局公开情况通报</div>",
        "<meta name=ArticleTitle content=某局公开情况通报><h2><a href=1>某局公开情况通报</a></h2>",
        "<header><div>某局2022年政府信息公开年度报告</div><p><a href=1>首页</a></p></header>",
    ],
)
def test_a_title_outside_the_content_element_is_kept(before: str) -> None:
    assert len(around(BODY, before)) == 10


def test_what_a_stray_end_tag_puts_outside_the_content_element_is_kept() -> None:
    rest = "<p>五、存在的主要问题及改进情况</p><p>培训不够。</p><p>六、其他需要报告的事项</p><p>无</p>"
    found = texts(read(f"<div><div id=zoom>{BODY}</div></div>{rest}<div>版权所有</div>"))
    assert found[9:] == ["五、存在的主要问题及改进情况", "培训不够。", "六、其他需要报告的事项", "无"]


def test_prose_about_the_site_is_no_notice_of_the_site() -> None:
    lines = [
        "（四）平台建设。规范网站标识码、ICP备案和公网安备等标识。",
        "无障碍环境建设情况",
        "分享经验3次。",
        "相关信息公开3条",
    ]
    assert texts(read(f"<div>{BODY}{''.join(f'<p>{line}</p>' for line in lines)}</div>"))[9:] == lines


def test_a_report_inside_an_unclosed_header_or_anchor_is_kept() -> None:
    assert texts(read(f"<header><div>某局</div>{BODY}"))[1:] == [SENTENCE] * 9
    assert texts(read(f"<div><a href=x.doc>附件{BODY}</div>"))[1:] == [SENTENCE] * 9


def test_headings_in_boxes_with_a_sites_names_are_kept() -> None:
    document = read(f"<div class=header><h2>一、总体情况</h2></div>{BODY}<div class=header>二、公开情况</div>")
    assert texts(document) == ["一、总体情况", *[SENTENCE] * 9, "二、公开情况"]


def test_a_page_of_links_only_is_kept_rather_than_lost() -> None:
    assert texts(read("<ul><li><a href=1>甲</a><li><a href=2>乙</a><li><a href=3>丙</a></ul>")) == ["甲", "乙", "丙"]


# --- pages that cannot be read -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ((FIXTURES / "script_only.html").read_bytes(), "2 scripts build it"),
        (b"", "Fetch it again"),
        (b" \n", "Fetch it again"),
        (b"<html><body><p>&nbsp;</p></body></html>", "Fetch it again"),
        (b"<meta http-equiv=Refresh content='0;url=/b.html'>", "redirects (0;url=/b.html)"),
        (b"<frameset><frame src=a.htm></frameset>", "frame's (a.htm)"),
    ],
)
def test_a_page_that_prints_nothing_says_what_to_do(content: bytes, says: str) -> None:
    with pytest.raises(EmptyPage) as raised:
        read_html(content, "0" * 64)
    assert says in str(raised.value)


def test_elements_that_were_never_closed_do_not_hide_the_rest() -> None:
    assert len(read("<div>" + "<font>甲" * 1500 + FIGURES).tables) == 1
    with pytest.raises(DamagedFile, match="nested more than 2,048 deep"):
        read("<div>" + "<font>甲" * 5000 + FIGURES)
    assert len(read("<table><tr><td>" * 500 + FIGURES).tables) == 1


TAG_WORDS = "p div span a table tr td th tbody tfoot caption br h1 ul li form font o:p center pre xml"
TAGS = TAG_WORDS.split()
SOUP = st.lists(
    st.sampled_from([f"<{tag}>" for tag in TAGS] + [f"</{tag}>" for tag in TAGS])
    | st.sampled_from(["<a href=1>", "<td colspan=3>", "<td rowspan=2>", "<td rowspan=0>", "<div class=nav>"])
    | st.sampled_from(
        ["公开", "12", "&nbsp;", "索引号", "发布机构：某局", "\n", "一、总体情况", SENTENCE, "<!--", "-->"]
    ),
    max_size=60,
)


@settings(max_examples=300)
@given(SOUP)
def test_no_markup_breaks_the_reader(pieces: list[str]) -> None:
    markup = "".join(pieces)
    try:
        document = read(markup)
    except UnreadableDocument:
        return
    fresh = lxml.html.document_fromstring(markup)
    assert all(paragraph.text.strip() for paragraph in document.paragraphs)
    for path in paths(document):
        assert len(fresh.xpath(path)) == 1
    for table in document.tables:
        squares = [
            (cell.row + i, cell.column + j)
            for cell in table.cells
            for i in range(cell.row_span)
            for j in range(cell.column_span)
        ]
        assert len(squares) == len(set(squares))
        assert table.cells == tuple(sorted(table.cells, key=lambda cell: (cell.row, cell.column)))


def paths(document: Document) -> Iterator[str]:
    for block in document.blocks:
        for item in block.cells if isinstance(block, Table) else (block,):
            assert item.place.path is not None
            yield item.place.path


# --- real reports --------------------------------------------------------------------------------


@pytest.mark.skipif(not REPORTS.exists(), reason="the shared reports are not here")
@pytest.mark.parametrize("path", sorted(REPORTS.glob("*.html")), ids=lambda path: path.stem)
def test_the_figures_of_real_reports_are_where_their_gold_has_them(path: Path) -> None:
    gold = json.loads(path.with_name(f"{path.stem}.gold.json").read_text(encoding="utf-8"))
    document = read_html(path.read_bytes(), "0" * 64)
    requests = [row for row in rows(table_with(document, "本年新收")) if sum(c.column >= 3 for c in row) == 7]
    found = [[number(cell.text) for cell in row if cell.column >= 3] for row in requests]
    expected = [list(figures.values()) for figures in gold["requests"].values() if isinstance(figures, dict)]
    assert [row for row in found if any(figure is not None for figure in row)] == [
        row for row in expected if any(figure is not None for figure in row)
    ]
    assert gold["title"] in texts(document)
    root = parse_page(path.read_bytes())
    assert all(len(root.xpath(place)) == 1 for place in paths(document))


def number(text: str) -> int | None:
    return int(text) if text else None


@pytest.mark.parametrize(
    ("printed", "text"),
    [
        ("12<sup>3</sup>", "12³"),
        ("12<span style='vertical-align: super'>3</span>", "12³"),
        ("<sup>12</sup>", "12"),
        ("12<sup>[1]</sup>", "12[1]"),
        ("12<sup><b>1</b></sup>", "12¹"),
    ],
)
def test_the_raised_mark_of_a_note_is_no_digit_of_a_figure(printed, text):
    (table,) = read(f"<table><tr><td>规章</td><td>{printed}</td><td>5</td></tr></table>").tables
    assert [cell.text for cell in table.cells] == ["规章", text, "5"]


@pytest.mark.parametrize(
    ("printed", "text"),
    [
        ("<del>9</del>12", "12"),
        ("<s>9</s>12", "12"),
        ("<span style='text-decoration: line-through'>9</span>12", "12"),
        ("<input type='text' value='12'>", "12"),
        ("<input value='12' readonly>", "12"),
        ("12<input type='hidden' value='9'>", "12"),
    ],
)
def test_what_is_struck_out_is_no_digit_and_a_field_shows_its_value(printed, text):
    (table,) = read(f"<table><tr><td>规章</td><td>{printed}</td><td>5</td></tr></table>").tables
    assert [cell.text for cell in table.cells] == ["规章", text, "5"]


@pytest.mark.parametrize(
    ("printed", "text"),
    [
        ("<textarea>1,234</textarea>", "1,234"),
        ('<textarea style="display:none">7</textarea>', ""),
        ("<select><option>1</option><option selected>12</option></select>", "12"),
        ("<select><option>3</option><option>4</option></select>", "\ufffc"),
        ('<img src="5.gif">', "\ufffc"),
        ('<img src="blank.gif" width="1" height="20">', ""),
        ('<img src="blank.gif" style="width:1px">', ""),
        ("<p><svg><text>5</text></svg></p>", "\ufffc"),
        ("<script>document.write(count)</script>", "\ufffc"),
        ("<script>var a;</script>", ""),
        ('12<img src="note.gif">', "12"),
    ],
)
def test_bug_a_cell_that_shows_a_field_or_a_picture_was_taken_for_blank(printed, text):
    (table,) = read(f"<table><tr><td>规章</td><td>{printed}</td><td>5</td></tr></table>").tables
    assert [cell.text for cell in table.cells] == ["规章", text, "5"]


_SHEET = "<style>.tb{display:table} .tb>.tr{display:table-row} .td, .gone{display:table-cell} .f{display:flex}</style>"


@pytest.mark.parametrize(
    ("table", "row", "cell"),
    [
        ("div style='display:table'", "div style='display:table-row'", "div style='display: table-cell'"),
        ("div class='tb'", "p class='tr'", "span class='td'"),
        ("ul", "li style='display:table-row'", "span style='display:table-cell'"),
        ("div", "div class='f'", "div"),
    ],
)
def test_bug_a_table_set_by_styles_was_no_table(table, row, cell):
    lines = [["信息内容", "制发件数", "废止件数"], ["规章", "3", "0"], ["行政规范性文件", "12", "7"]]
    rows = "".join(
        f"<{row}>{''.join(f'<{cell}>{text}</{cell.split()[0]}>' for text in line)}</{row.split()[0]}>" for line in lines
    )
    (found,) = read(f"{_SHEET}<p>如下表。</p><{table}>{rows}</{table.split()[0]}><p>以上。</p>").tables
    assert [[cell.text for cell in line] for line in by_rows(found)] == lines


def test_bug_rows_set_by_styles_whose_only_figure_was_a_word_for_nothing_were_no_table():
    # Reports 27114 and 27239 of the generator: chapter 2 and the last row of chapter 3, their zeros printed 无 and 没有.
    rows = "".join(
        f"<p class='tr'><span class='td'>{label}</span><span class='td'>{text}</span></p>"
        for label, text in (("信息内容", "处理决定数量"), ("行政许可", "没有"))
    )
    (found,) = read(f"{_SHEET}<p>如下表。</p><div class='tb'>{rows}</div>").tables
    assert [cell.text for cell in found.cells] == ["信息内容", "处理决定数量", "行政许可", "没有"]


def by_rows(table: Table) -> list[list[Cell]]:
    return [[cell for cell in table.cells if cell.row == row] for row in range(table.row_count)]


@pytest.mark.parametrize(
    "markup",
    [
        "<div class='f'><div>首页</div><div>新闻</div></div><div class='f'><div>互动</div><div>12</div></div>",
        "<div style='display:table'><div style='display:table-row'><p style='display:table-cell'>年报</p></div></div>",
    ],
)
def test_styles_around_other_things_are_no_table(markup):
    assert not read(f"{_SHEET}<p>全年主动公开政府信息。</p>{markup}").tables


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (".x {display: none}", "5"),
        ("td .x {DISPLAY:NONE !important}", "5"),
        (".x {visibility:hidden}", "5"),
        (".x {text-decoration: line-through}", "5"),
        (".x {text-decoration-line: line-through red}", "5"),
        (".x:hover {display:none}", "95"),
        (".x::before {display:none}", "95"),
        ("@media print {.x {display:none}}", "95"),
        (".x {display:none} span.x {display:inline}", "95"),
        (".x {color:red}", "95"),
    ],
)
def test_bug_what_a_style_sheet_hides_or_strikes_out_was_a_digit(rule, text):
    page = f"<style>{rule}</style><table><tr><td>规章</td><td><span class='x'>9</span>5</td><td>3</td></tr></table>"
    (table,) = read(page).tables
    assert [cell.text for cell in table.cells] == ["规章", text, "3"]


def test_a_style_sheet_hides_nothing_outside_tables():
    assert texts(read("<style>.x {display:none}</style><div class='x'><p>全年公开。</p></div>")) == ["全年公开。"]


def test_a_style_sheet_raises_the_mark_of_a_note():
    page = "<style>.n {vertical-align: super}</style><table><tr><td>规章</td><td>12<i class='n'>3</i></td></tr></table>"
    assert [cell.text for cell in read(page).tables[0].cells] == ["规章", "12³"]


@pytest.mark.parametrize(
    "sheet",
    [
        ".a{display:none" + "{" * 50_000,
        ".a" + "[" * 20_000 + "{display:none}",
        ":not(" * 5_000 + ".a" + ")" * 5_000 + "{display:none}",
        " ".join(["div"] * 50) + "{display:none}",
    ],
)
def test_no_style_sheet_breaks_the_reader(sheet):
    page = f"<style>{sheet}</style><table><tr><td>规章</td><td>5</td></tr></table>"
    assert [cell.text for cell in read(page).tables[0].cells] == ["规章", "5"]


def test_an_end_tag_that_is_missing_strikes_out_no_report():
    document = read(f"<s><p>{'全年主动公开政府信息。' * 5}</p><table><tr><td>规章</td><td>5</td></tr></table>")
    assert len(document.paragraphs) == len(document.tables) == 1


def test_a_table_that_grows_without_end_is_refused():
    row = "<tr>" + '<td rowspan="1000" colspan="100">1</td>' * 20 + "</tr>"
    with pytest.raises(OverLimit, match="10,000 columns"):
        read(f"<table>{row * 1000}</table>")
