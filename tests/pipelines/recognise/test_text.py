import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.recognise.text import ideographs, match_key, tidy, without_ordinal, without_remarks

KANGXI = [chr(code) for code in range(0x2F00, 0x2FD6)]
# U+2E80 is a repetition mark and no radical; U+2E9A is unassigned.
SUPPLEMENT = [chr(code) for code in range(0x2E81, 0x2EF4) if code != 0x2E9A]


@pytest.mark.parametrize(
    ("radical", "ideograph"),
    [
        ("⼀", "一"),
        ("⽂", "文"),
        ("⾏", "行"),
        ("⺠", "民"),
        ("⻅", "见"),
        ("⻔", "门"),
        ("⼾", "户"),  # NFKC gives 戶
        ("⻓", "长"),
        ("⻋", "车"),
        ("⾃", "自"),
    ],
)
def test_radicals_become_the_ideographs_of_mainland_text(radical, ideograph):
    assert ideographs(radical) == ideograph


def test_no_radical_is_left_and_each_becomes_one_ideograph():
    found = {radical: ideographs(radical) for radical in KANGXI + SUPPLEMENT}
    assert [radical for radical, sign in found.items() if len(sign) != 1 or "\u2e80" <= sign <= "\u2fd5"] == []
    assert [sign for sign in found.values() if unicodedata.category(sign) != "Lo"] == []


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_text_without_radicals_stays_as_it_is(text):
    kept = "".join(sign for sign in text if not "\u2e80" <= sign <= "\u2fd5")
    assert ideographs(kept) == kept


@pytest.mark.parametrize(
    ("printed", "form"),
    [
        ("⾏政规范性⽂件", "行政规范性文件"),
        ("本机关不掌握相关政府\n信 息", "本机关不掌握相关政府信息"),
        ("危及“三安全一稳定”", '危及"三安全一稳定"'),
        ("１．属于国家秘密", "1.属于国家秘密"),
        ("（六）其他处理", "(六) 其他处理"),
        ("其他法律、行政法规禁止公开", "其他法律行政法规禁止公开"),
        ("自然人\u200b", "自然人"),
    ],
)
def test_labels_that_mean_the_same_have_one_key(printed, form):
    assert match_key(printed) == match_key(form)


@pytest.mark.parametrize(
    ("one", "other"), [("本年增/减", "本年增减"), ("重复申请", "反复申请"), ("1", "2"), ("", "无")]
)
def test_labels_that_differ_have_different_keys(one, other):
    assert match_key(one) != match_key(other)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_a_key_is_its_own_key(text):
    key = match_key(text)
    assert match_key(key) == key


@given(st.lists(st.sampled_from("自然人商业企业０１"), min_size=1), st.sampled_from([" ", "\n", "\u3000", "，", "。"]))
def test_what_stands_between_the_signs_does_not_count(signs, between):
    assert match_key(between.join(signs)) == match_key("".join(signs))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_tidy_text_has_single_spaces_and_no_ends(text):
    tidied = tidy(text)
    assert tidied == " ".join(tidied.split())
    assert tidy(tidied) == tidied


@pytest.mark.parametrize(
    ("printed", "number", "rest"),
    [
        ("一、本年新收", "一", "本年新收"),
        ("（六）其他处理", "六", "其他处理"),
        ("(六)、其他处理", "六", "其他处理"),
        ("1.属于国家秘密", "1", "属于国家秘密"),
        ("1．属于国家秘密", "1", "属于国家秘密"),
        ("１、属于国家秘密", "1", "属于国家秘密"),
        ("3，其他", "3", "其他"),
        ("⼀、总体情况", "一", "总体情况"),
        ("③危及“三安全一稳定”", "3", "危及“三安全一稳定”"),
        ("十一、附件", "十一", "附件"),
        ("重复申请", None, "重复申请"),
        ("2021年报告", None, "2021年报告"),
        ("一般情况", None, "一般情况"),
        ("三安全一稳定", None, "三安全一稳定"),
        ("", None, ""),
    ],
)
def test_ordinals_are_told_from_labels(printed, number, rest):
    assert without_ordinal(printed) == (number, rest)


@pytest.mark.parametrize(
    ("printed", "label"),
    [
        ("本年收费金额（单位：万元）", "本年收费金额"),
        ("本年收费金额(单位:万元)", "本年收费金额"),
        ("部分公开（区分处理的，只计这一情形）", "部分公开"),
        ("行政许可", "行政许可"),
    ],
)
def test_remarks_in_brackets_are_no_part_of_a_label(printed, label):
    assert without_remarks(printed) == label


@pytest.mark.parametrize(
    ("traditional", "label"),
    [
        ("本年新收政府信息公開申請數量", "本年新收政府信息公开申请数量"),
        ("要求行政機關確認或重新出具已獲取信息", "要求行政机关确认或重新出具已获取信息"),
        ("結轉下年度繼續辦理", "结转下年度继续办理"),
        ("行政復議", "行政复议"),
        ("現行有效件數", "现行有效件数"),
    ],
)
def test_a_label_in_traditional_signs_is_the_same_label(traditional, label):
    assert match_key(traditional) == match_key(label)
