import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.recognise.numerals import SIGNS, numeral, written

numbers = st.integers(0, 10**12 - 1) | st.integers(0, 20_000)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("零", 0),
        ("〇", 0),
        ("一", 1),
        ("两", 2),
        ("十", 10),
        ("十二", 12),
        ("二十", 20),
        ("一百零三", 103),
        ("一百〇三", 103),
        ("一百一十", 110),
        ("一百十二", 112),
        ("两百", 200),
        ("两千零一十", 2010),
        ("一万零五十", 10050),
        ("一万二千", 12000),
        ("十万零五百", 100500),
        ("二十万五千", 205000),
        ("三亿零二万", 300020000),
    ],
)
def test_numerals_in_full(text, value):
    assert numeral(text) == value


@pytest.mark.parametrize(
    "text",
    ["", "百", "万", "一百三", "一千五", "二〇二一", "一二三", "两十", "十两", "零五", "一百三百", "12", "一件"],
)
def test_what_is_no_numeral_for_certain(text):
    assert numeral(text) is None


@given(numbers)
def test_a_number_written_out_is_read_back(value):
    assert numeral(written(value)) == value


@given(numbers)
def test_the_everyday_way_of_writing_is_read_too(value):
    everyday = written(value).replace("零", "〇").removeprefix("一十")
    if written(value).startswith("一十"):
        assert numeral("十" + everyday) == value
    else:
        assert numeral(everyday) == value


@given(st.text(SIGNS, max_size=8))
def test_any_run_of_signs_is_a_number_that_is_written_so_or_none(text):
    value = numeral(text)
    if value is not None:
        plain = text.replace("〇", "零").replace("两", "二")
        assert written(value).replace("一十", "十") == plain.replace("一十", "十")


@pytest.mark.parametrize("value", [-1, 10**12])
def test_what_cannot_be_written_is_refused(value):
    with pytest.raises(ValueError, match="only from 0"):
        written(value)
