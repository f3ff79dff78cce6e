import pytest
from hypothesis import given
from hypothesis import strategies as st
from printed import OUTCOMES

from pipelines.recognise.labels import closest, form_ordinal, is_known, likeness, ordinal, similarity
from schemas.forms import all_forms

OF_CHAPTER_3 = all_forms()[0].outcomes
BY_CODE = {label.code: label for label in OF_CHAPTER_3}
every_outcome = pytest.mark.parametrize(("code", "group", "printed"), OUTCOMES)


@every_outcome
def test_the_form_s_own_label_is_known_and_the_closest(code, group, printed):
    assert is_known(printed, BY_CODE[code])
    assert similarity(printed, BY_CODE[code]) == 1.0


@pytest.mark.parametrize(
    ("printed", "code"),
    [
        ("２．其他法律、行政法规禁止公开", "denied.prohibited_by_law"),
        ("３、危及 “三 安 全 一 稳 定”", "denied.security_stability"),
        ("（⼆）部分公开", "partially_granted"),
        ("⼀、本年新收政府信息公开申请数量", "new_requests"),
        ("8．属于⾏政查询事项", "denied.administrative_query"),
        ("其它处理", "other"),
    ],
)
def test_ordinals_widths_spaces_radicals_and_variants_leave_a_label_known(printed, code):
    assert is_known(printed, BY_CODE[code])


@pytest.mark.parametrize("printed", ["2.其他法律行政止公开", "2.其他法律法规禁止公开的"])
def test_a_damaged_label_is_not_known_but_most_like_its_own(printed):
    label = BY_CODE["denied.prohibited_by_law"]
    assert not is_known(printed, label)
    assert closest(printed, OF_CHAPTER_3, at_least=0.6) == label


def test_what_is_like_nothing_has_no_closest_label():
    assert closest("联系电话", OF_CHAPTER_3, at_least=0.6) is None
    assert closest("联系电话", (), at_least=0.0) is None


@given(st.text(max_size=20), st.text(max_size=20))
def test_likeness_is_a_share_and_the_same_both_ways(one, other):
    assert 0.0 <= likeness(one, other) <= 1.0
    assert likeness(one, other) == pytest.approx(likeness(other, one))


def test_of_labels_alike_the_first_is_taken():
    twins = tuple(label for label in OF_CHAPTER_3 if label.code in {"total_processed", "other.other"})
    assert closest("合计", (twins[1], twins[1]), at_least=0.5) == twins[1]


@pytest.mark.parametrize(
    ("printed", "found"), [("（六）其他处理", "六"), ("3.其他", "3"), ("四、结转下年度", "四"), ("其他", None)]
)
def test_the_ordinal_printed_before_a_label(printed, found):
    assert ordinal(printed) == found


@every_outcome
def test_the_form_s_ordinals_are_those_printed(code, group, printed):
    assert form_ordinal(BY_CODE[code]) == ordinal(printed)
