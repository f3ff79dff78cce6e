from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from printed import (
    APPLICANT_HEADS,
    APPLICANTS,
    ONE_OTHER,
    OUTCOMES,
    RELATION,
    figure,
    requests_body,
    requests_head,
    requests_values,
    table,
    table_rows,
)

from pipelines.recognise.grid import rows
from pipelines.recognise.requests import recognise_requests, with_copies
from schemas.forms import form

FORM = form("2021")
HEAD = requests_head()
CODES = [code for code, _, _ in OUTCOMES]


def recognise(lines, *, breaks=()):
    return recognise_requests(table_rows(lines, breaks=breaks), FORM)


def values(found):
    placed = {(one.outcome, one.applicant): one.value for one in found.figures}
    assert len(placed) == len(found.figures), "a figure was placed twice"
    return placed


def subjects(found):
    return [odd.subject for odd in found.odd_labels]


def without(lines, *positions):
    return [line for position, line in enumerate(lines) if position not in positions]


@pytest.mark.parametrize("outcomes", [OUTCOMES, ONE_OTHER], ids=["three rows", "one row"])
def test_the_form_as_it_is_comes_out_whole(outcomes):
    found = recognise([*HEAD, *requests_body(outcomes)])
    assert values(found) == requests_values(outcomes)
    assert (found.odd_labels, found.unplaced) == ((), ())


@pytest.mark.parametrize("total", ["总什", "合  计", "", "小计"])
def test_bug_the_row_of_totals_was_taken_for_the_heading_of_a_column(total):
    head = [[(total, *item[1:]) if item[0] == "总计" else item for item in line] for line in HEAD]
    found = recognise([*head, *requests_body()])
    assert values(found) == requests_values()
    assert {odd.subject for odd in found.odd_labels} <= {"requests.total"}


def test_every_figure_refers_to_its_printed_cell():
    found = recognise([*HEAD, *requests_body()])
    assert all(one.ref.cell.text == str(one.value) and one.ref.table == 1 for one in found.figures)


@pytest.mark.parametrize("code", CODES)
def test_a_row_without_its_label_is_placed_by_order_and_told(code):
    found = recognise([*HEAD, *requests_body(labels={code: ""})])
    assert values(found) == requests_values()
    assert subjects(found) == [f"requests.{code}"]
    assert found.odd_labels[0].printed == ""
    assert found.odd_labels[0].ref is None


@pytest.mark.parametrize(
    ("code", "printed"),
    [
        ("denied.prohibited_by_law", "2.其他法律行政止公开"),
        ("denied.security_stability", "3.危及三安"),
        ("unavailable.not_held", "1.本机不掌关政"),
        ("not_processed.excessive_repeat", "4.反复申请"),
        ("not_processed.duplicate", "2.申请"),
        ("partially_granted", "（二）部分公"),
        ("other.other", "3．"),
        ("carried_forward", "四、结转"),
        ("total_processed", "（七）"),
        ("new_requests", "本年新收"),
    ],
)
def test_a_damaged_label_lands_in_its_row_and_is_told_as_printed(code, printed):
    found = recognise([*HEAD, *requests_body(labels={code: printed})])
    assert values(found) == requests_values()
    assert subjects(found) == [f"requests.{code}"]
    assert found.odd_labels[0].printed == printed
    assert found.odd_labels[0].ref is not None
    assert found.odd_labels[0].ref.cell.text == printed


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([OUTCOMES, ONE_OTHER]), st.data())
def test_labels_that_lost_some_characters_still_land_in_their_rows(outcomes, data):
    """Up to four labels lose up to a third of their characters."""
    labels = {}
    for code, _, label in data.draw(st.lists(st.sampled_from(outcomes), max_size=4, unique=True)):
        lost = data.draw(st.sets(st.integers(2, len(label) - 1), max_size=len(label) // 3))
        labels[code] = "".join(sign for position, sign in enumerate(label) if position not in lost)
    found = recognise([*HEAD, *requests_body(outcomes, labels=labels)])
    assert values(found) == requests_values(outcomes)


@pytest.mark.parametrize("dropped", range(len(OUTCOMES)))
def test_where_a_row_is_not_printed_the_others_stay_in_place(dropped):
    outcomes = [*OUTCOMES[:dropped], *OUTCOMES[dropped + 1 :]]
    found = recognise([*HEAD, *requests_body(outcomes)])
    assert values(found) == requests_values(outcomes)
    assert found.unplaced == ()


@pytest.mark.parametrize("code", ["other.uncorrected_overdue", "not_processed.duplicate", "denied.internal_affairs"])
def test_reworded_labels_are_held_by_ordinal_group_and_order(code):
    found = recognise([*HEAD, *requests_body(labels={code: {"o": "1", "n": "2", "d": "5"}[code[0]] + ".（见说明）"})])
    assert values(found) == requests_values()


def test_a_row_cut_by_a_page_break_is_one_row():
    lines = [*HEAD, *requests_body()]
    cut = len(HEAD) + CODES.index("unavailable.unclear_after_correction")
    *group, (label, _, width) = lines[cut][:1]
    assert (group, label) == ([], "3.补正后申请内容仍不明确")
    upper = [("3.补正后申请", 1, width), *[""] * 7]
    lower = [("内容仍不明确", 1, width), *lines[cut][1:]]
    lines[cut : cut + 1] = [upper, lower]
    # The group's heading was printed on both pages: its span covers one row more now.
    lines = _spanning_one_more(lines, cut, "（四）无法提供", "三、本年度办理结果")
    found = recognise(lines, breaks=(cut + 1,))
    assert values(found) == requests_values()
    assert (found.odd_labels, found.unplaced) == ((), ())


@pytest.mark.parametrize("numbers_above", [True, False])
def test_of_a_row_cut_in_two_the_half_with_the_numbers_counts(numbers_above):
    lines = [*HEAD, *requests_body()]
    cut = len(HEAD) + CODES.index("denied.process_information")
    (label, _, _), *figures = lines[cut]
    blank = [""] * len(figures)
    halves = [[label[:6], *(figures if numbers_above else blank)], [label[6:], *(blank if numbers_above else figures)]]
    lines[cut : cut + 1] = halves
    lines = _spanning_one_more(lines, cut, "（三）不予公开", "三、本年度办理结果")
    found = recognise(lines, breaks=(cut + 1,))
    assert values(found) == requests_values()
    assert found.unplaced == ()


def _spanning_one_more(lines, cut, *headings):
    spanning = []
    for position, line in enumerate(lines):
        spanning.append(
            [
                (item[0], item[1] + 1, item[2])
                if isinstance(item, tuple) and item[0] in headings and position < cut
                else item
                for item in line
            ]
        )
    return spanning


def test_headings_repeated_on_the_next_page_are_not_rows():
    body = requests_body()
    half = CODES.index("unavailable.not_held")
    upper = [*HEAD, *body[:half]]
    # What spanned the break begins anew below it.
    upper = _cut_spans(upper, len(upper))
    lower = [*HEAD, [("三、本年度办理结果", len(body) - half - 1, 1), *body[half]], *body[half + 1 :]]
    found = recognise([*upper, *lower], breaks=(len(upper),))
    assert values(found) == requests_values()
    assert (found.odd_labels, found.unplaced) == ((), ())


@pytest.mark.parametrize(("code", "is_label_above"), [("other", True), ("total_processed", False)])
def test_bug_a_half_of_a_row_without_its_label_was_the_next_row_of_the_form(code, is_label_above):
    # Report 2300 of the generator: the figures of （六）其他处理, alone on the next page, were those of 3.其他; those
    # of （七）总计 in 25315, whose label stands alone on the next page.
    lines = [*HEAD, *requests_body(ONE_OTHER)]
    cut = len(HEAD) + [known for known, _, _ in ONE_OTHER].index(code)
    (label, *spans), *figures = lines[cut]
    halves = [[(label, *spans), *([""] * 7)], [("", *spans), *figures]]
    above, below = halves if is_label_above else reversed(halves)
    upper = _cut_spans([*lines[:cut], above], cut + 1)
    lower = [[("", 2, 1), *below], *lines[cut + 1 :]]
    found = recognise([*upper, *lower], breaks=(cut + 1,))
    assert values(found) == requests_values(ONE_OTHER)
    assert (found.odd_labels, found.unplaced) == ((), ())


def _cut_spans(lines, height):
    return [
        [(item[0], min(item[1], height - row), item[2]) if isinstance(item, tuple) else item for item in line]
        for row, line in enumerate(lines)
    ]


def test_parts_of_chapter_3_printed_as_two_tables_are_one():
    body = requests_body()
    half = CODES.index("unavailable.not_held")
    upper = _cut_spans([*HEAD, *body[:half]], len(HEAD) + half)
    lower = [[("三、本年度办理结果", len(body) - half - 1, 1), *body[half]], *body[half + 1 :]]
    found = recognise_requests((*rows(table(upper, number=3)), *rows(table(lower, number=4))), FORM)
    assert values(found) == requests_values()
    assert {one.ref.table for one in found.figures} == {3, 4}


@pytest.mark.parametrize("at", [0, 1, 4, 12, 24, 25])
def test_a_spacer_row_changes_nothing(at):
    lines = [*HEAD, *requests_body()]
    spacer = [("", 1, 10)]
    spaced = [*lines[: len(HEAD) + at], spacer, *lines[len(HEAD) + at :]]
    found = recognise(_longer_spans(spaced, len(HEAD) + at))
    assert values(found) == requests_values()
    assert found.unplaced == ()


def _longer_spans(lines, at):
    """Cells above row `at` that reach over it reach one row further."""
    return [
        [
            (item[0], item[1] + 1, item[2]) if isinstance(item, tuple) and row < at < row + item[1] else item
            for item in line
        ]
        for row, line in enumerate(lines)
    ]


def test_a_wrong_row_span_shifts_a_row_but_not_its_figures():
    lines = [*HEAD, *requests_body()]
    # （三）不予公开 is said to cover nine rows instead of eight: what follows is pushed to the right.
    at = len(HEAD) + CODES.index("denied.state_secret")
    lines[at] = [(item[0], 9, 1) if isinstance(item, tuple) and "不予公开" in item[0] else item for item in lines[at]]
    found = recognise(lines)
    assert values(found) == requests_values()
    assert found.unplaced == ()


def test_a_row_span_that_is_too_short_changes_no_figure():
    lines = [*HEAD, *requests_body()]
    at = len(HEAD) + CODES.index("denied.state_secret")
    lines[at] = [(item[0], 7, 1) if isinstance(item, tuple) and "不予公开" in item[0] else item for item in lines[at]]
    assert values(recognise(lines)) == requests_values()


def test_columns_printed_in_another_order_are_told_by_their_headings():
    order = [6, 0, 1, 2, 3, 4, 5]
    head = [
        [("", 3, 3), ("申请人情况", 1, 7)],
        [("总计", 2, 1), ("自然人", 2, 1), ("法人或其他组织", 1, 5)],
        ["商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他"],
    ]
    found = recognise([*head, *requests_body(figures=lambda row, column: figure(row, order[column]))])
    assert values(found) == requests_values()
    assert found.odd_labels == ()


def test_headings_that_say_nothing_plain_leave_the_form_s_order_and_are_told():
    head = [
        [("", 2, 3), ("申请人情况", 1, 7)],
        ["自然人", "商业企业", "科研", "公益", "法律", "其他", "合计"],
    ]
    found = recognise([*head, *requests_body()])
    assert values(found) == requests_values()
    assert [(odd.subject, odd.printed) for odd in found.odd_labels] == [
        ("requests.public_welfare_organization", "公益"),
        ("requests.legal_service_institution", "法律"),
    ]


def test_blanks_and_dashes_are_cells_without_a_value():
    found = recognise([*HEAD, *requests_body(figures=lambda row, column: ["", "—", 7][(row + column) % 3])])
    expected = requests_values(figures=lambda row, column: [None, None, 7][(row + column) % 3])
    assert values(found) == expected


def test_a_table_of_blanks_alone_still_has_every_cell():
    found = recognise([*HEAD, *requests_body(figures=lambda row, column: "")])
    assert values(found) == requests_values(figures=lambda row, column: None)


@pytest.mark.parametrize("printed", ["5、6", "1.5", "12½", "见附件"])
def test_text_in_a_cell_of_figures_has_no_value_and_keeps_its_neighbours(printed):
    at = (CODES.index("granted"), 2)
    found = recognise([*HEAD, *requests_body(figures=lambda row, column: printed if (row, column) == at else 3)])
    assert values(found) == requests_values(figures=lambda row, column: None if (row, column) == at else 3)


def test_a_row_of_figures_that_the_form_has_not_is_told_not_lost():
    lines = [*HEAD, *requests_body()]
    extra = len(HEAD) + CODES.index("carried_forward")
    lines.insert(extra, [("其中：网络平台提交的申请", 1, 3), *(str(900 + column) for column in range(7))])
    found = recognise(lines)
    assert values(found) == requests_values()
    assert [(one.printed, [ref.cell.text for ref in one.refs]) for one in found.unplaced] == [
        ("其中：网络平台提交的申请", [str(900 + column) for column in range(7)])
    ]


def test_a_row_with_too_few_cells_yields_no_figures():
    lines = [*HEAD, *requests_body()]
    at = len(HEAD) + CODES.index("granted")
    lines[at] = lines[at][:-2]
    expected = {key: value for key, value in requests_values().items() if key[0] != "granted"}
    assert values(recognise(lines)) == expected


def test_a_table_of_nothing_that_the_form_has_yields_nothing():
    assert recognise([["姓名", "电话"], ["张三", "1234"]]).figures == ()
    assert recognise([]).figures == ()


def test_the_applicants_are_the_form_s():
    assert tuple(label.code for label in FORM.applicants) == APPLICANTS


def test_what_a_copy_of_the_table_says_otherwise_is_told():
    printed = [*HEAD, *requests_body()]
    label, *numbers = requests_body()[0]
    other = [*HEAD, [label, *numbers[:-1], "9999"], *requests_body()[1:]]
    found = recognise(printed)
    assert with_copies(found, [recognise(printed)]) == found
    (told,) = with_copies(found, [recognise(other)]).unplaced
    assert (told.subject, told.printed) == ("requests.new_requests.total.table1", "9999")


@pytest.mark.parametrize("left_out", ["total", "research_institution", "natural_person"])
def test_a_column_that_is_not_printed_takes_no_other_with_it(left_out):
    at = APPLICANTS.index(left_out)
    head = [[(RELATION, 1, 3), *(name for name in APPLICANT_HEADS if name != APPLICANT_HEADS[at])]]
    found = recognise([*head, *([*line[:-7], *line[-7:][:at], *line[-7:][at + 1 :]] for line in requests_body())])
    assert values(found) == {key: value for key, value in requests_values().items() if key[1] != left_out}
    assert (found.odd_labels, found.unplaced) == ((), ())


def test_under_a_heading_that_cannot_be_read_nothing_is_taken_for_left_out():
    head = [[(RELATION, 1, 3), *APPLICANT_HEADS[:-1], "某某"]]
    found = recognise([*head, *requests_body()])
    assert values(found) == requests_values()
    assert subjects(found) == ["requests.total"]


def with_group_rows(cell):
    """Chapter 3 as a plain list: a row for each group over its rows."""
    lines, seen = [["项目", *APPLICANT_HEADS]], set()
    for row, (_, group, label) in enumerate(OUTCOMES):
        if group is not None and group not in seen:
            seen.add(group)
            lines.append([group, *(cell(group, column) for column in range(7))])
        lines.append([label, *(str(figure(row, column)) for column in range(7))])
    return lines


def sum_of(group, column):
    return str(sum(figure(row, column) for row, (_, other, _) in enumerate(OUTCOMES) if other == group))


@pytest.mark.parametrize("cell", [lambda group, column: "", sum_of], ids=["blank", "sums"])
def test_the_row_of_a_group_is_no_row_of_the_form_and_its_sums_say_nothing_new(cell):
    found = recognise(with_group_rows(cell))
    assert values(found) == requests_values()
    assert (found.odd_labels, found.unplaced) == ((), ())


def test_sums_of_a_group_that_are_not_those_of_its_rows_are_told():
    found = recognise(
        with_group_rows(lambda group, column: "7" if group == "（四）无法提供" else sum_of(group, column))
    )
    assert values(found) == requests_values()
    assert [one.printed for one in found.unplaced] == ["（四）无法提供"]


@pytest.mark.parametrize("at", range(7))
def test_bug_a_blank_cell_shifted_in_before_a_nought_was_taken_for_it(at):
    body = requests_body(figures=lambda row, column: 0)
    position = next(place for place, line in enumerate(body) if "2.没有现成信息需要另行制作" in str(line))
    body[position].insert(len(body[position]) - 7 + at, "")
    found = recognise([*HEAD, *body])
    assert all(one.value == 0 for one in found.figures)
    assert [one.printed for one in found.unplaced] == ["2.没有现成信息需要另行制作"]
    assert len(found.figures) == 7 * (len(OUTCOMES) - 1)


def test_a_column_beside_the_figures_that_all_rows_have_shifts_none():
    body = [[*line, "3"] for line in requests_body()]
    found = recognise([*HEAD, *body])
    assert values(found) == requests_values()
    assert found.unplaced == ()


def test_bug_a_remark_beside_the_figures_was_taken_for_the_label():
    body = [[*line, "12.5%" if place % 3 else "3"] for place, line in enumerate(requests_body())]
    head = [[*HEAD[0], ("同比", 3, 1)], *HEAD[1:]]
    found = recognise([*head, *body])
    assert values(found) == requests_values()
    assert (found.odd_labels, found.unplaced) == ((), ())


@pytest.mark.parametrize("doubt", ["row", None])
def test_bug_figures_level_with_the_end_of_a_label_left_its_row_blank(doubt):
    (text, down, right), *figures = requests_body()[0]
    body = [[(text[:-4], down, right), *[""] * 7], [(text[-4:], down, right), *figures], *requests_body()[1:]]
    printed = [
        replace(row, cells=tuple(replace(cell, doubt=doubt) for cell in row.cells))
        if row.index == len(HEAD) + 1
        else row
        for row in table_rows([*HEAD, *body])
    ]
    found = recognise_requests(tuple(printed), FORM)
    own = [one.value for one in found.figures if one.outcome == "new_requests"]
    assert (own == [int(figure) for figure in figures]) is (doubt == "row")
    assert bool(found.unplaced) is (doubt is None)
