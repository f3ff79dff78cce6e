import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.read.encoding import decode

CHINESE = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0x7E)
    | st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)
    | st.characters(min_codepoint=0x3400, max_codepoint=0x4DBF)
    | st.sampled_from("，。、；：“”（）〔〕—…　·％①㈠Ⅳ𠮷")
)
DECLARED = st.sampled_from(["", "utf-8", "UTF8", "gb2312", "gbk", "GB18030", "big5", "iso-8859-1", "x-none"])


def page(text: str, declared: str) -> str:
    return (
        f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={declared}">'
        f"<title>政府信息公开工作年度报告</title></head><body><p>{text}</p></body></html>"
    )


@given(CHINESE, DECLARED, st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]))
def test_any_chinese_page_decodes_to_itself_whatever_it_declares(text: str, declared: str, sent: str) -> None:
    assert decode(page(text, declared).encode(sent)) == page(text, declared)


@given(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), DECLARED)
def test_one_ideograph_suffices_in_gb18030(ideograph: str, declared: str) -> None:
    # 一 is D2 BB, in UTF-8 a Cyrillic letter
    text = f'<meta charset="{declared}"><p>{ideograph}</p>'
    assert decode(text.encode("gb18030")) == text


def test_a_stray_byte_leaves_a_utf8_page_utf8() -> None:
    sent = page("年度报告" * 10, "utf-8").encode()
    at = sent.rindex(b"<p>") + 3
    assert decode(sent[:at] + b"\xb5" + sent[at:]) == page("\ufffd" + "年度报告" * 10, "utf-8")


def test_a_page_cut_off_within_a_character_stays_utf8() -> None:
    assert decode("<p>统计期限".encode()[:-1]) == "<p>统计期"


def test_replacement_characters_of_the_source_are_no_faults() -> None:
    text = page("\ufffd" * 50 + "年报", "utf-8")
    assert decode(text.encode() + b"\xff") == text + "\ufffd"


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b""])
def test_a_utf8_mark_before_a_gb18030_page_is_not_believed(mark: bytes) -> None:
    assert decode(mark + page("依申请公开", "gb2312").encode("gb18030")) == page("依申请公开", "gb2312")


def test_big5_where_declared_and_gb18030_gives_garbage() -> None:
    text = page("政府資訊公開年度報告，依申請公開之件數如下。", "big5").replace("政府信息公开工作", "")
    text = text.replace("年度报告", "")
    assert decode(text.encode("big5")) == text


def test_bytes_that_fit_nothing_are_replaced_not_refused() -> None:
    assert "\ufffd" in decode(b"<p>\xff\xff\xff</p>")
    assert decode(b"") == ""
