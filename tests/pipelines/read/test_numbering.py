import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from pipelines.read.numbering import Numbering, formatted, list_of, read_numbering, read_styles

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
BRACES = f"{{{W}}}"


def element(xml: str) -> etree._Element:
    return etree.fromstring(f'<w:x xmlns:w="{W}">{xml}</w:x>')


def numbering(xml: str, styles: str = "") -> Numbering:
    return read_numbering(element(xml), element(styles), BRACES)


def level(index: int, form: str, text: str, more: str = "") -> str:
    return f'<w:lvl w:ilvl="{index}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>{more}<w:lvlText w:val="{text}"/></w:lvl>'


OUTLINE = (
    '<w:abstractNum w:abstractNumId="0">'
    + level(0, "chineseCounting", "%1、")
    + level(1, "chineseCounting", "（%2）")
    + level(2, "decimal", "%3.")
    + level(3, "decimal", "%1.%4", "<w:isLgl/>")
    + level(4, "bullet", "●")
    + "</w:abstractNum>"
)
LISTS = OUTLINE + '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'


def test_levels_count_and_begin_anew_under_a_higher_one() -> None:
    lists = numbering(LISTS)
    steps = [0, 1, 1, 2, 2, 1, 2, 0, 1, 4, 3]
    assert [lists.label("1", at) for at in steps] == [
        "一、",
        "（一）",
        "（二）",
        "1. ",
        "2. ",
        "（三）",
        "1. ",
        "二、",
        "（一）",
        "",
        "2.1 ",
    ]


def test_instances_of_one_list_count_on_unless_they_start_anew() -> None:
    lists = numbering(
        LISTS
        + '<w:num w:numId="2"><w:abstractNumId w:val="0"/></w:num>'
        + '<w:num w:numId="3"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="6"/>'
        "</w:lvlOverride></w:num>"
    )
    assert [lists.label(number, 0) for number in ("1", "2", "3", "3", "1")] == ["一、", "二、", "六、", "七、", "八、"]


def test_a_level_can_keep_counting() -> None:
    kept = level(0, "decimal", "%1") + level(1, "lowerLetter", "%2)", '<w:lvlRestart w:val="0"/>')
    lists = numbering(
        f'<w:abstractNum w:abstractNumId="5">{kept}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="5"/></w:num>'
    )
    assert [lists.label("1", at) for at in (0, 1, 0, 1)] == ["1 ", "a) ", "2 ", "b) "]


def test_a_list_may_refer_to_a_style_that_names_the_list() -> None:
    linked = (
        '<w:abstractNum w:abstractNumId="8"><w:numStyleLink w:val="S"/></w:abstractNum>'
        '<w:num w:numId="9"><w:abstractNumId w:val="8"/></w:num>'
    )
    style = '<w:style w:styleId="S"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    assert numbering(LISTS + linked, style).label("9", 0) == "一、"
    endless = style.replace('w:val="1"', 'w:val="9"')
    assert numbering(LISTS + linked, endless).label("9", 0) == ""


def paragraph(xml: str) -> etree._Element:
    return etree.fromstring(f'<w:p xmlns:w="{W}"><w:pPr>{xml}</w:pPr></w:p>')


def test_paragraphs_belong_to_lists_by_themselves_or_by_their_styles() -> None:
    lists = numbering(
        LISTS.replace(
            '<w:numFmt w:val="chineseCounting"/><w:lvlText w:val="（',
            '<w:pStyle w:val="H2"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="（',
        )
    )
    styles = read_styles(
        element(
            '<w:style w:type="paragraph" w:default="1" w:styleId="N"/>'
            '<w:style w:styleId="H1"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
            '<w:style w:styleId="H2"><w:basedOn w:val="H1"/></w:style>'
            '<w:style w:styleId="Loop"><w:basedOn w:val="Loop"/></w:style>'
        ),
        BRACES,
    )

    def place(xml: str) -> tuple[str, int] | None:
        found = list_of(paragraph(xml), styles, lists, BRACES)
        return None if found is None else (found.number, found.level)

    assert place("") is None
    assert place('<w:pStyle w:val="Loop"/>') is None
    assert place('<w:pStyle w:val="H1"/>') == ("1", 0)
    assert place('<w:pStyle w:val="H2"/>') == ("1", 1)
    assert place('<w:pStyle w:val="H1"/><w:numPr><w:ilvl w:val="2"/></w:numPr>') == ("1", 2)
    assert place('<w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr>') == ("1", 1)
    assert place('<w:pStyle w:val="H1"/><w:numPr><w:numId w:val="0"/></w:numPr>') is None


@pytest.mark.parametrize(
    ("form", "value", "printed"),
    [
        ("chineseCounting", 10, "十"),
        ("chineseCounting", 11, "十一"),
        ("chineseCountingThousand", 21, "二十一"),
        ("chineseCountingThousand", 105, "一百零五"),
        ("japaneseCounting", 110, "一百一十"),
        ("taiwaneseCountingThousand", 2020, "二千零二十"),
        ("chineseCounting", 0, "〇"),
        ("ideographDigital", 20, "二〇"),
        ("chineseLegalSimplified", 12, "壹拾贰"),
        ("ideographTraditional", 11, "甲"),
        ("ideographZodiac", 12, "亥"),
        ("decimalEnclosedCircleChinese", 20, "⑳"),
        ("decimalEnclosedCircle", 21, "21"),
        ("decimalEnclosedParen", 3, "⑶"),
        ("decimalFullWidth", 10, "１０"),
        ("decimalZero", 7, "07"),
        ("upperRoman", 1994, "MCMXCIV"),
        ("lowerLetter", 28, "bb"),
        ("neverHeardOf", 5, "5"),
    ],
)
def test_formats(form: str, value: int, printed: str) -> None:
    assert formatted(value, form) == printed


_WORDS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_UNITS = {"十": 10, "百": 100, "千": 1000}


@given(st.integers(1, 9_999))
def test_chinese_numbers_say_their_value(value: int) -> None:
    total, digit = 0, 0
    for sign in formatted(value, "chineseCounting"):
        if sign in _UNITS:
            total += (digit or 1) * _UNITS[sign]
            digit = 0
        else:
            digit = _WORDS.get(sign, 0)
    assert total + digit == value
