from dataclasses import replace

import pytest
from printed import ONE_OTHER, OUTCOMES, chapter_2, requests_body, requests_head, reviews_table, table

from pipelines.recognise.kinds import beside, is_turned, kind, turned
from schemas.forms import all_forms

FORMS = all_forms()


@pytest.mark.parametrize("outcomes", [OUTCOMES, ONE_OTHER])
def test_chapter_3_is_told_by_its_rows(outcomes):
    assert kind(table([*requests_head(), *requests_body(outcomes)]), FORMS) == "requests"
    assert kind(table(requests_body(outcomes)), FORMS) == "requests"


def test_the_lower_part_of_chapter_3_is_told_too():
    assert kind(table(requests_body(OUTCOMES[12:])), FORMS) == "requests"


def test_chapter_4_is_told_by_its_headings():
    assert kind(table(reviews_table()), FORMS) == "reviews"


@pytest.mark.parametrize("block", range(4))
def test_each_block_of_chapter_2_is_told(block):
    assert kind(table(chapter_2()[block]), FORMS) == "disclosures"


def test_the_blocks_of_chapter_2_as_one_table_are_told():
    lines = [
        [*line, *[""] * (4 - sum(item[2] if isinstance(item, tuple) else 1 for item in line))]
        for block in chapter_2()
        for line in block
    ]
    assert kind(table(lines), FORMS) == "disclosures"


@pytest.mark.parametrize(
    "lines",
    [
        [["索引号", "11370000/2024-00001"], ["发布机构", "某某县人民政府"], ["公开日期", "2024-01-30"]],
        [["单位", "总计"], ["教育局", "12"], ["公安局", "34"]],
        [["1", "2", "3"]],
        [[""]],
    ],
)
def test_other_tables_are_none_of_the_form_s(lines):
    assert kind(table(lines), FORMS) is None


def side_by_side(left, right):
    """Two tables as one; under the lower one is one blank cell a row."""
    lower = max(len(left), len(right))
    widest = max(sum(item[2] if isinstance(item, tuple) else 1 for item in line) for line in left)
    return [
        [*(left[row] if row < len(left) else [("", 1, widest)]), *(right[row] if row < len(right) else [""])]
        for row in range(lower)
    ]


def texts(part):
    return [cell.text for cell in part.cells if cell.text]


def test_bug_blocks_of_chapter_2_beside_each_other_were_read_as_one():
    first, second, third, fourth = chapter_2()
    whole = table([*side_by_side(first, second), *side_by_side(third, fourth)])
    parts = beside(whole, FORMS)
    assert sorted(map(texts, parts)) == sorted(texts(table(block)) for block in chapter_2())
    assert {cell for part in parts for cell in part.cells} == set(whole.cells)


def test_blocks_beside_each_other_are_told_though_their_figures_are_blank():
    first, second = (
        [[item if isinstance(item, tuple) or not item[0].isdigit() else "" for item in line] for line in block]
        for block in chapter_2()[:2]
    )
    parts = beside(table(side_by_side(first, second)), FORMS)
    assert sorted(map(texts, parts)) == sorted(texts(table(block)) for block in (first, second))


def test_blocks_of_chapter_2_under_each_other_are_one_table():
    whole = table([line for block in chapter_2() for line in block])
    assert beside(whole, FORMS) == (whole,)


def test_chapter_3_is_one_table_unless_its_halves_stand_beside_each_other():
    head, body = requests_head(), requests_body()
    whole = table([*head, *body])
    assert beside(whole, FORMS) == (whole,)
    upper, lower = requests_body(OUTCOMES[:12]), requests_body(OUTCOMES[12:])
    parts = beside(table([*side_by_side(head, head), *side_by_side(upper, [["", *line] for line in lower])]), FORMS)
    assert len(parts) == 2
    assert "8.属于行政查询事项" in texts(parts[0])
    assert "1.本机关不掌握相关政府信息" in texts(parts[1])


def test_bug_a_half_of_chapter_3_without_figures_lost_its_last_column_to_the_one_beside_it():
    # Report 26012 of the generator: blanks say nothing of where the left half ends, but no cell lies over its end.
    blank = [""] * 7
    head = [[("", 1, 2), "自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"]]
    left = [
        [("一、本年新收政府信息公开申请数量", 1, 2), *blank],
        [("二、上年结转政府信息公开申请数量", 1, 2), *blank],
        [("三、本年度办理结果", 1, 9)],
        [("（一）予以公开", 1, 2), *blank],
        [("（二）部分公开", 1, 2), *blank],
    ]
    right = [
        [("（五）不予处理", 5, 1), "1.信访举报投诉类申请", *blank],
        ["2.重复申请", *blank],
        ["3.要求提供公开出版物", *blank],
        ["4.无正当理由大量反复申请", *blank],
        ["5.要求行政机关确认或重新出具已获取信息", *blank],
    ]
    parts = beside(table([*side_by_side(head, head), *side_by_side(left, right)]), FORMS)
    assert [min(cell.column for cell in part.cells) for part in parts] == [0, 9]


def test_bug_the_right_half_of_chapter_3_lost_the_headings_of_its_groups_where_cells_are_not_merged():
    # Report 27162 of the generator: the left half took them, and its last rows with them.
    left = [["", "7.属于行政执法案卷", *"1234567"], ["", "8.属于行政查询事项", *"1234567"]]
    left = [["（三）不予公开", "6.属于四类过程性信息", *"1234567"], *left]
    right = [["（六）其他处理", "3.其他", *"1234567"], ["（七）总计", "", *"1234567"]]
    right += [["四、结转下年度继续办理", "", *"1234567"]]
    heads = ["", "", "自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"]
    parts = beside(table(side_by_side([heads, *left], [heads, *right])), FORMS)
    assert [min(cell.column for cell in part.cells) for part in parts] == [0, 9]


def test_chapter_3_with_its_applicants_down_the_side_is_told():
    whole = table([*requests_head(), *requests_body()])
    assert not is_turned(whole, FORMS[0])
    assert is_turned(turned(whole), FORMS[0])
    assert turned(turned(whole)) == whole


@pytest.mark.parametrize(("guessed", "said", "told"), [(True, "", "reviews"), (False, "", None), (True, "年", None)])
def test_bug_chapter_4_of_a_scan_was_unknown_where_the_rules_between_its_headings_were_lost(guessed, said, told):
    # Report 1904 of the generator: fifteen figures were not loaded.
    heads = ["行政复议 行政诉讼", "未经复议直接起诉 复议后起诉", "维持 纠正 其他 未审结 总计 维持 结果纠 其他结"]
    lines = [[("\n".join(heads).replace("起诉", f"起{said}诉"), 1, 15)], [str(number) for number in range(15)]]
    printed = table(lines)
    cells = tuple(replace(cell, confidence=0.9 if guessed else None) for cell in printed.cells)
    assert kind(replace(printed, cells=cells), FORMS) == told
