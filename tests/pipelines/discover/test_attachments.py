import pytest

from pipelines.discover.attachments import Attachment, attachments, report_attachment

PAGE = "http://www.zhoukou.gov.cn/zwgk/nb/content_1.html"
TITLE = "周口市2021年政府信息公开工作年度报告"


def page(body: str, head: str = "") -> bytes:
    return f"<html><head><meta charset='utf-8'>{head}</head><body>{body}</body></html>".encode()


def urls(body: str, head: str = "") -> list[str]:
    return [one.url for one in attachments(page(body, head), PAGE)]


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ('<a href="./P020.docx">附件</a>', "http://www.zhoukou.gov.cn/zwgk/nb/P020.docx"),
        ('<a href="/files/年报.WPS">附件</a>', "http://www.zhoukou.gov.cn/files/年报.WPS"),
        ('<a href="//file.zhoukou.gov.cn/a.ofd#page=1">x</a>', "http://file.zhoukou.gov.cn/a.ofd"),
        (
            '<a href="/module/download/downfile.jsp?classid=0&amp;filename=2201.pdf">x</a>',
            "http://www.zhoukou.gov.cn/module/download/downfile.jsp?classid=0&filename=2201.pdf",
        ),
        ('<a href="/attach?id=7">2021年年报.rar</a>', "http://www.zhoukou.gov.cn/attach?id=7"),
        (
            '<a href="/attach?id=8" title="2021年年报.doc"><img src="w.gif"></a>',
            "http://www.zhoukou.gov.cn/attach?id=8",
        ),
        ('<a href="/attach?id=9" download="报告.xlsx">下载</a>', "http://www.zhoukou.gov.cn/attach?id=9"),
        ("<a href=\"javascript:open('/files/a.pdf')\">下载</a>", "http://www.zhoukou.gov.cn/files/a.pdf"),
        ("<a href='#' onclick=\"down('b.zip')\">下载</a>", "http://www.zhoukou.gov.cn/zwgk/nb/b.zip"),
        ('<embed src="c.pdf">', "http://www.zhoukou.gov.cn/zwgk/nb/c.pdf"),
        ('<object data="d.pdf"></object>', "http://www.zhoukou.gov.cn/zwgk/nb/d.pdf"),
        ('<iframe src="/pdfjs/web/viewer.html?file=/files/e.pdf"></iframe>', "http://www.zhoukou.gov.cn/files/e.pdf"),
        (
            '<iframe src="/pdfjs/web/viewer.html?file=%2Ffiles%2Ff.pdf"></iframe>',
            "http://www.zhoukou.gov.cn/files/f.pdf",
        ),
    ],
)
def test_links_to_files_are_found_however_they_are_written(link: str, url: str) -> None:
    assert urls(link) == [url]


@pytest.mark.parametrize(
    "link",
    ['<a href="a.html">x</a>', '<a href="mailto:a@b.pdf">x</a>', '<a name="x.pdf"></a>', '<img src="a.pdf">', "a.pdf"],
)
def test_other_links_are_none(link: str) -> None:
    assert urls(link) == []


def test_links_are_relative_to_the_declared_base() -> None:
    assert urls('<a href="a.pdf">x</a>', '<base href="/other/">') == ["http://www.zhoukou.gov.cn/other/a.pdf"]


def test_the_likeliest_comes_first_and_each_address_once() -> None:
    body = (
        '<a href="form.doc">政府信息公开申请表</a><a href="n.pdf">附件1</a><a href="t.xls">年报统计表</a>'
        f'<a href="r.pdf"> {TITLE} </a><a href="r.docx">{TITLE}</a><a href="r.pdf">下载</a>'
    )
    found = attachments(page(body), PAGE)
    assert [one.url.rpartition("/")[2] for one in found] == ["r.docx", "r.pdf", "t.xls", "n.pdf", "form.doc"]
    assert found[1] == Attachment("http://www.zhoukou.gov.cn/zwgk/nb/r.pdf", TITLE)


def chosen(body: str, year: int = 2021, *, sure: bool = False) -> str | None:
    found = report_attachment(page(body), PAGE, year, sure=sure)
    return found.url.rpartition("/")[2] if found else None


def test_the_report_of_the_year_is_chosen() -> None:
    listed = "".join(f'<a href="{year}.pdf">周口市{year}年政府信息公开工作年度报告</a>' for year in range(2019, 2024))
    assert chosen(listed) == "2021.pdf"
    assert chosen(listed, 2018) is None


def test_the_only_file_is_the_report_whatever_it_is_called() -> None:
    assert chosen('<a href="1.pdf">附件</a><a href="form.doc">申请表</a>') == "1.pdf"
    assert chosen('<a href="1.pdf">附件1</a><a href="2.pdf">附件2</a>') is None
    assert chosen('<a href="1.pdf">附件1</a><a href="2.pdf">附件2：年度报告</a>') == "2.pdf"
    assert chosen('<a href="form.doc">政府信息公开申请表</a>') is None
    assert chosen('<a href="form.doc">《2021年政府信息公开工作年度报告》解读</a>') is None


def test_from_a_page_that_is_no_report_only_one_that_says_it_is() -> None:
    assert chosen('<a href="1.pdf">附件</a>', sure=True) is None
    assert chosen(f'<a href="1.pdf">{TITLE}</a>', sure=True) == "1.pdf"
    assert chosen('<a href="周口市2021年政府信息公开年报.pdf">附件</a>', sure=True) is not None


def test_only_files_of_the_same_government_count() -> None:
    assert chosen(f'<a href="http://oss.zhoukou.gov.cn/r.pdf">{TITLE}</a>') == "r.pdf"
    assert chosen(f'<a href="http://www.luohe.gov.cn/r.pdf">{TITLE}</a>') is None
    assert chosen(f'<a href="http://example.com/r.pdf">{TITLE}</a>') is None


def test_what_is_no_page_offers_nothing() -> None:
    assert attachments(b"", PAGE) == ()
    assert attachments(b"\0\1\2", PAGE) == ()
