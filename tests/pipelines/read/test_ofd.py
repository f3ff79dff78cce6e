import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.read.document import Document, Table
from pipelines.read.errors import DamagedFile, LockedFile, NoTextLayer
from pipelines.read.media import OFD, media_type
from pipelines.read.ofd import POINTS_PER_MM, read_ofd
from tests.generator.packages import OfdLine, OfdText, ofd, ofd_content, path_object, zipped

TEXT = OfdText(30, 250, 5, "本报告由某县人民政府办公室根据条例编制，电子版可以下载。")


def reading(*pages: str, **more: str) -> Document:
    return read_ofd(ofd(pages, **more), "0" * 64)


def grid(table: Table) -> list[tuple[int, int, int, int, str]]:
    return [(cell.row, cell.column, cell.row_span, cell.column_span, cell.text) for cell in table.cells]


def lattice(xs: list[float], ys: list[float]) -> list[OfdLine]:
    """The lines of a grid."""
    return [OfdLine(xs[0], y, xs[-1], y) for y in ys] + [OfdLine(x, ys[0], x, ys[-1]) for x in xs]


def test_text_lines_and_places() -> None:
    content = ofd(
        [
            ofd_content(
                [
                    *lattice([20, 60, 100], [30, 40, 50]),
                    OfdText(22, 36, 4, "总计"),
                    OfdText(62, 36, 4, "1 295"),
                    OfdText(22, 46, 4, "其他"),
                    TEXT,
                ]
            )
        ],
        title="某县年报",
    )
    assert media_type(content) == OFD
    document = read_ofd(content, "0" * 64)
    assert (document.title, document.producer, document.page_count, document.reading) == (
        "某县年报",
        "WPS OFD",
        1,
        "text",
    )
    (table,) = document.tables
    assert grid(table) == [(0, 0, 1, 1, "总计"), (0, 1, 1, 1, "1 295"), (1, 0, 1, 1, "其他"), (1, 1, 1, 1, "")]
    place = table.cells[0].place
    assert place.page == 1
    assert place.box == pytest.approx([value * POINTS_PER_MM for value in (20, 30, 60, 40)], abs=0.01)
    assert [paragraph.text for paragraph in document.paragraphs] == [TEXT.text]


def test_merged_cells_are_those_without_a_line_between() -> None:
    lines = [line for line in lattice([20, 60, 100], [30, 40, 50]) if (line.x0, line.x1) != (60, 60)]
    lines += [OfdLine(60, 40, 60, 50)]
    (table,) = reading(
        ofd_content([*lines, OfdText(50, 36, 4, "申请人情况"), OfdText(22, 46, 4, "自然人"), TEXT])
    ).tables
    assert grid(table) == [(0, 0, 1, 2, "申请人情况"), (1, 0, 1, 1, "自然人"), (1, 1, 1, 1, "")]


def test_bug_thousands_parted_by_a_wide_space_in_cells_were_taken_for_figures_under_each_other() -> None:
    thousands = [
        OfdText(x + shift, y, 4, text)
        for x, y in ((62, 36), (102, 36), (62, 46), (102, 46))
        for shift, text in ((0, "12"), (6, "820"))
    ]
    lines = lattice([20, 60, 100, 140], [30, 40, 50])
    labels = [OfdText(22, 36, 4, "行政许可"), OfdText(22, 46, 4, "行政处罚")]
    (table,) = reading(ofd_content([*lines, *labels, *thousands, TEXT])).tables
    assert grid(table) == [
        (0, 0, 1, 1, "行政许可"),
        (0, 1, 1, 1, "12 820"),
        (0, 2, 1, 1, "12 820"),
        (1, 0, 1, 1, "行政处罚"),
        (1, 1, 1, 1, "12 820"),
        (1, 2, 1, 1, "12 820"),
    ]
    assert all(cell.doubt is None for cell in table.cells)
    assert table.cells[1].place.box == pytest.approx([value * POINTS_PER_MM for value in (60, 30, 100, 40)], abs=0.01)


def test_a_table_goes_on_over_a_page_break() -> None:
    above = [*lattice([20, 60, 100], [260, 270, 280]), OfdText(22, 266, 4, "甲"), OfdText(22, 276, 4, "乙")]
    below = [*lattice([20, 60, 100], [20, 30]), OfdText(22, 26, 4, "丙"), OfdText(62, 26, 4, "3"), TEXT]
    (table,) = reading(ofd_content([OfdText(30, 20, 5, TEXT.text), *above]), ofd_content(below)).tables
    assert [cell.text for cell in table.cells] == ["甲", "", "乙", "", "丙", "3"]
    assert table.breaks == (2,)
    assert table.cells[4].place.page == 2


def test_lines_drawn_as_thin_boxes_or_by_a_template_rule_too() -> None:
    boxes = "".join(
        f'<ofd:PathObject ID="{number}" Boundary="{x} {y} {width} {height}" Fill="true" Stroke="false">'
        '<ofd:FillColor Value="0 0 0"/>'
        f"<ofd:AbbreviatedData>M 0 0 L {width} 0 L {width} {height} L 0 {height} C</ofd:AbbreviatedData></ofd:PathObject>"
        for number, (x, y, width, height) in enumerate(
            [(20, 30, 80, 0.2), (20, 50, 80, 0.2), (20, 30, 0.2, 20), (100, 30, 0.2, 20)]
        )
    )
    inner = ofd_content([OfdLine(60, 30, 60, 50)])
    (table,) = reading(
        ofd_content([OfdText(22, 40, 4, "甲"), OfdText(62, 40, 4, "7"), TEXT]) + inner, template=boxes
    ).tables
    assert [cell.text for cell in table.cells] == ["甲", "7"]


@pytest.mark.parametrize(
    "drawn",
    [
        '<ofd:PathObject ID="5" Boundary="0 0 210 297" LineWidth="0.2"><ofd:StrokeColor Value="255 255 255"/>{0}</ofd:PathObject>',
        '<ofd:PathObject ID="5" Boundary="0 0 210 297" LineWidth="0.2"><ofd:StrokeColor Value="0 0 0" Alpha="0"/>{0}</ofd:PathObject>',
        '<ofd:PathObject ID="5" Boundary="0 0 210 297" LineWidth="0.2" DrawParam="4">{0}</ofd:PathObject>',
        '<ofd:PathObject ID="5" Boundary="0 0 210 297" Stroke="false" Fill="true"><ofd:FillColor Value="200 200 200"/>{0}</ofd:PathObject>',
        '<ofd:PathObject ID="5" Boundary="0 0 210 297" Visible="false">{0}</ofd:PathObject>',
    ],
)
def test_what_cannot_be_seen_and_backgrounds_rule_nothing(drawn: str) -> None:
    box = "<ofd:AbbreviatedData>M 20 30 L 100 30 L 100 50 L 20 50 C M 60 30 L 60 50</ofd:AbbreviatedData>"
    white = (
        '<ofd:DrawParams><ofd:DrawParam ID="4"><ofd:StrokeColor Value="255 255 255"/></ofd:DrawParam></ofd:DrawParams>'
    )
    assert not reading(drawn.format(box) + ofd_content([TEXT]), resources=white).tables


def test_matrices_page_blocks_and_composite_objects_place_what_they_hold() -> None:
    unit = (
        '<ofd:CompositeGraphicUnits><ofd:CompositeGraphicUnit ID="7" Width="80" Height="20"><ofd:Content>'
        "<ofd:PageBlock>"
        + "".join(path_object(number, line) for number, line in enumerate(lattice([0, 20, 40], [0, 5, 10])))
        + "</ofd:PageBlock></ofd:Content></ofd:CompositeGraphicUnit></ofd:CompositeGraphicUnits>"
    )
    scaled = '<ofd:CompositeObject ID="6" ResourceID="7" Boundary="20 30 80 20" CTM="2 0 0 2 0 0"/>'
    # As converters from PDF write it: the text in points, the matrix takes it to millimetres.
    text = (
        '<ofd:TextObject ID="9" Boundary="20 30 80 20" CTM="0.3528 0 0 0.3528 0 0" Font="1" Size="12">'
        '<ofd:TextCode X="4" Y="20" DeltaX="g 1 12">总计</ofd:TextCode><ofd:TextCode X="120">5</ofd:TextCode></ofd:TextObject>'
    )
    (table,) = reading(scaled + text + ofd_content([TEXT]), resources=unit).tables
    assert grid(table) == [(0, 0, 1, 1, "总计"), (0, 1, 1, 1, "5"), (1, 0, 1, 1, ""), (1, 1, 1, 1, "")]
    assert table.cells[0].place.box == pytest.approx([value * POINTS_PER_MM for value in (20, 30, 60, 40)], abs=0.01)


def test_text_drawn_twice_is_bold_and_steps_may_be_missing() -> None:
    text = '<ofd:TextObject ID="{0}" Boundary="20 30 80 20" Size="5"><ofd:TextCode X="0" Y="5">年度报告2023</ofd:TextCode></ofd:TextObject>'
    document = reading(text.format(1) + text.format(2) + ofd_content([TEXT]))
    assert document.paragraphs[0].text == "年度报告2023"


def test_characters_below_each_other_are_read_downwards() -> None:
    text = '<ofd:TextObject ID="1" Boundary="22 30 8 30" Size="5"><ofd:TextCode X="0" Y="6" DeltaY="g 2 6">自然人</ofd:TextCode></ofd:TextObject>'
    (table,) = reading(text + ofd_content([*lattice([20, 30, 60], [30, 60]), OfdText(35, 45, 4, "3"), TEXT])).tables
    assert [cell.text.replace("\n", "") for cell in table.cells] == ["自然人", "3"]


def test_a_page_box_that_begins_elsewhere_shifts_the_page() -> None:
    (table,) = reading(
        ofd_content([*lattice([20, 60, 100], [30, 50]), OfdText(22, 40, 4, "甲"), TEXT]), box="10 20 210 297"
    ).tables
    assert table.cells[0].place.box == pytest.approx([value * POINTS_PER_MM for value in (10, 10, 50, 30)], abs=0.01)


def test_what_lies_beside_the_sheet_is_not_printed() -> None:
    far = '<ofd:TextObject ID="1" Boundary="1e308 1e308 8 30" Size="1e308"><ofd:TextCode X="0" Y="6">远</ofd:TextCode></ofd:TextObject>'
    line = '<ofd:PathObject ID="2" Boundary="1e308 0 1 1"><ofd:AbbreviatedData>M 1e308 0 L 1e308 9</ofd:AbbreviatedData></ofd:PathObject>'
    document = reading(far + line + ofd_content([OfdText(215, 50, 5, "旁"), TEXT]))
    assert [paragraph.text for paragraph in document.paragraphs] == [TEXT.text]


def test_pictures_of_pages_have_no_text() -> None:
    with pytest.raises(NoTextLayer, match="1 pages hold 2 characters"):
        reading(ofd_content([OfdText(20, 20, 5, "封面")]))


def test_what_is_damaged_or_locked_says_so() -> None:
    with pytest.raises(DamagedFile, match=r"OFD\.xml is missing"):
        read_ofd(zipped({"Doc_0/Document.xml": "<a/>"}), "0" * 64)
    with pytest.raises(DamagedFile, match="no pages"):
        reading()
    with pytest.raises(LockedFile, match="encrypted"):
        read_ofd(ofd([""], extra={"Encryptions.xml": "<a/>"}), "0" * 64)
    whole = ofd([ofd_content([TEXT])])
    with pytest.raises(DamagedFile, match=r"page 1 \(Doc_0/Pages/Page_0/Content.xml\) is missing"):
        read_ofd(whole.replace(b"Page_0/Content", b"Page_1/Content"), "0" * 64)


@settings(max_examples=40, deadline=None)
@given(
    widths=st.lists(st.floats(12, 40), min_size=2, max_size=5),
    heights=st.lists(st.floats(8, 20), min_size=2, max_size=8),
    figures=st.lists(st.integers(0, 99999), min_size=40, max_size=40),
)
def test_any_lattice_is_read_cell_by_cell(widths: list[float], heights: list[float], figures: list[int]) -> None:
    xs, ys = [15.0], [20.0]
    for width in widths:
        xs.append(xs[-1] + width)
    for height in heights:
        ys.append(ys[-1] + height)
    texts = [str(figure) for figure in figures[: len(widths) * len(heights)]]
    places = [(x, y) for y in ys[:-1] for x in xs[:-1]]
    items = [OfdText(x + 1, y + 5, 3, text) for (x, y), text in zip(places, texts, strict=True)]
    (table,) = reading(ofd_content([*lattice(xs, ys), *items, OfdText(30, 280, 5, TEXT.text)])).tables
    assert [cell.text for cell in table.cells] == texts
