from email.message import EmailMessage

import pytest

from pipelines.read.errors import DamagedFile
from pipelines.read.media import MHTML, media_type
from pipelines.read.reader import read

PAGE = (
    "<html><head><meta charset=gb2312><title>年报</title></head><body><p>全年公开政府信息。</p>"
    "<table><tr><td>规章</td><td>12</td></tr></table></body></html>"
)


def archive(*parts: tuple[str, bytes]) -> bytes:
    message = EmailMessage()
    message["From"] = "<Saved by WPS>"
    message["MIME-Version"] = "1.0"
    message.make_related()
    for kind, content in parts:
        message.add_related(content, *kind.split("/"), cte="base64")
    return bytes(message)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_the_page_of_a_web_archive_is_read(encoding):
    content = archive(("text/html", PAGE.encode(encoding)), ("image/png", b"\x89PNG"))
    assert media_type(content) == MHTML
    document = read(content, "0" * 64)
    assert (document.media_type, document.paragraphs[0].text) == (MHTML, "全年公开政府信息。")
    assert [cell.text for cell in document.tables[0].cells] == ["规章", "12"]


def test_a_web_archive_without_a_page_says_so():
    with pytest.raises(DamagedFile, match="holds no page"):
        read(archive(("image/png", b"\x89PNG")), "0" * 64)
