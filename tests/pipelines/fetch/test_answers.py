from pathlib import Path

import pytest

from pipelines.fetch.answers import Answer, examine, refusal
from pipelines.fetch.problems import FetchFailed, Passing

ROOT = Path(__file__).parents[3]
DOCUMENTS = sorted(
    path
    for folder in (ROOT / ".." / "shared" / "reports", ROOT / "pipelines" / "sample" / "site")
    for path in (folder.rglob("*") if folder.exists() else ())
    if path.suffix in {".html", ".htm", ".shtml", ".pdf", ".doc", ".docx"}
)
TEXT = "本年度共收到政府信息公开申请一百二十三件，均已按期答复。" * 40


def answer(body: bytes | str, url: str = "http://www.example.cn/a", status: int = 200, **headers: str) -> Answer:
    content = body.encode() if isinstance(body, str) else body
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Answer(url, status, (("content-length", str(len(content))), *named), content)


def problem_of(found: Answer) -> str | None:
    try:
        examine(found)
    except FetchFailed as failure:
        return failure.problem
    return None


def page(body: str, head: str = "") -> str:
    return f"<!DOCTYPE html><html><head><meta charset='utf-8'>{head}</head><body>{body}</body></html>"


def test_there_are_documents_to_judge() -> None:
    assert len(DOCUMENTS) > 10


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_real_documents_pass(path: Path) -> None:
    assert examine(answer(path.read_bytes(), f"http://www.example.cn/{path.name}")) is None


CHALLENGES = {
    "瑞数": page(
        "", "<meta content='xyz' r='m'><script r='m'>var $_ts=window['$_ts'];</script><script src='/a.js'></script>"
    ),
    "加速乐": "<script>document.cookie=('_')+('_jsl_clearance_s=')+'1';location.href=location.pathname</script>",
    "加速乐 by name": "<script>var a='__jsl_clearance=';</script>",
    "阿里云": page("", "<script>var arg1='4A5B';function setCookie(n,v){}setCookie('acw_sc__v2', x);</script>"),
    "360": page("<script>window.location='/?wzwscspd=MC4wLjAuMA==';</script>WZWSREL2dr"),
    "云锁": "<script>self.location='/?security_verify_data=1';document.cookie='security_session_verify=1'</script>",
    "EdgeOne": page("<script>document.cookie='EO_Bot_Ssid=1;__tst_status=2'</script>"),
    "Cloudflare": page(
        "<h1>www.example.cn</h1><p>Checking</p><script src='/cdn-cgi/challenge-platform/x.js'></script>",
        "<title>Just a moment...</title>",
    ),
    "滑块": page("<p>请完成安全验证</p><div>请拖动下方滑块完成拼图</div><a href='/help'>帮助</a>"),
    "频繁": page("<p>您的访问过于频繁，请稍后再试</p><a href='/'>首页</a>"),
    "only script": page("<script>eval(atob('YQ=='))</script>"),
    "only script and a few words": page(
        "正在加载，请稍候……<script src='a.js'></script><a href='javascript:void(0)'>x</a>"
    ),
    "an application": page(
        "<div id='app'></div><noscript>请启用脚本</noscript><script src='/static/app.1.js'></script>"
    ),
}


@pytest.mark.parametrize("name", CHALLENGES)
def test_anti_bot_pages_are_recognised(name: str) -> None:
    assert problem_of(answer(CHALLENGES[name])) == "challenged"


@pytest.mark.parametrize("name", CHALLENGES)
def test_the_scripts_of_such_a_page_in_a_report_do_not_make_it_one(name: str) -> None:
    assert problem_of(answer(page(f"<p>{TEXT}</p>{CHALLENGES[name]}"))) is None


@pytest.mark.parametrize(
    "body",
    [
        page(
            "<p>某县2023年政府信息公开工作年度报告</p><a href='/files/a.pdf'>附件</a><script src='share.js'></script>"
        ),
        page("<iframe src='/viewer?file=a.pdf'></iframe><script src='v.js'></script>"),
        page("<table><tr><td>1</td></tr></table><script>var a</script>"),
        page("<p>年报</p>"),
        "年报",
    ],
)
def test_a_short_page_is_not_a_challenge_for_that(body: str) -> None:
    assert problem_of(answer(body)) is None


@pytest.mark.parametrize(
    ("status", "body", "problem", "passes"),
    [
        (404, "", "missing", False),
        (410, "", "missing", False),
        (403, "", "refused", False),
        (304, "", "refused", False),
        (302, "", "refused", False),
        (403, page("<script>var a='acw_sc__v2'</script>"), "challenged", False),
        (405, page("<p>请完成安全验证</p>"), "challenged", False),
        (412, "", "challenged", False),
        (521, "", "challenged", False),
        (503, page("<script src='/cdn-cgi/challenge-platform/x.js'></script>"), "challenged", False),
        (429, "", "rate_limited", True),
        (500, "", "server_error", True),
        (503, page(f"<p>{TEXT}</p>"), "server_error", True),
        (599, "", "server_error", True),
    ],
)
def test_what_other_statuses_mean(status: int, body: str, problem: str, passes: bool) -> None:
    failure = refusal(answer(body, status=status), 7)
    assert failure.problem == problem
    assert isinstance(failure, Passing) == passes
    if isinstance(failure, Passing):
        assert failure.wait == 7


def test_a_header_can_say_that_it_is_a_challenge() -> None:
    assert refusal(answer("", status=403, cf_mitigated="challenge"), 0).problem == "challenged"


@pytest.mark.parametrize(
    ("meta", "target"),
    [
        ('<meta http-equiv="refresh" content="0;url=/b.html">', "/b.html"),
        ("<META HTTP-EQUIV='REFRESH' CONTENT=\"0; URL='http://b.cn/年报.html'\">", "http://b.cn/年报.html"),
        ('<meta content="3;URL=b.html" http-equiv="Refresh">', "b.html"),
        ('<meta http-equiv="refresh" content="0.5; b.html">', "b.html"),
        ('<noscript><meta http-equiv="refresh" content="0;url=/b?x=1;y=2"></noscript>', "/b?x=1;y=2"),
        ('<meta http-equiv="refresh" content="300;url=/b.html">', None),
        ('<meta http-equiv="refresh" content="5">', None),
        ('<meta http-equiv="content-type" content="0;url=/b.html">', None),
    ],
)
def test_a_page_that_leads_on(meta: str, target: str | None) -> None:
    assert examine(answer(page("<p>页面即将跳转</p>", meta))) == target


def test_a_page_with_text_is_no_signpost() -> None:
    assert examine(answer(page(f"<p>{TEXT}</p>", '<meta http-equiv="refresh" content="0;url=/b.html">'))) is None


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_page_is_looked_at_in_its_own_encoding(encoding: str) -> None:
    assert problem_of(answer(page("<p>您访问的页面不存在</p>").encode(encoding))) == "missing"


@pytest.mark.parametrize("said", ["404 Not Found", "页面不存在", "您要查看的文章已被删除", "抱歉，找不到该页面"])
def test_a_page_that_only_says_that_there_is_none(said: str) -> None:
    assert problem_of(answer(page(f"<p>{said}</p><a href='/'>首页</a>"))) == "missing"
    assert problem_of(answer(page("<a href='/'>首页</a>", f"<title>{said}</title>"))) == "missing"
    assert problem_of(answer(page(f"<p>{said}</p><p>{TEXT}</p>"))) is None


PNG = b"\x89PNG\r\n\x1a\n" + bytes(50)


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        (answer(PNG), "wrong_type"),
        (answer(PNG, "http://a.cn/1.jpg"), None),
        (answer(b"\0\0\0\x20ftypmp42" + bytes(50), content_type="text/html"), "wrong_type"),
        (answer(b"MZ\x90\0" + bytes(50), "http://a.cn/a.exe"), "wrong_type"),
        (answer(b"body{}", content_type="text/css; charset=utf-8"), "wrong_type"),
        (answer(b"var a", content_type="application/javascript"), "wrong_type"),
        (answer(b"\x01\x02\x03", content_type="audio/mpeg"), "wrong_type"),
        (answer(b"%PDF-1.7\n%%EOF", "http://a.cn/a", content_type="image/png"), None),
        (answer(b"%PDF-1.7\n%%EOF", "http://a.cn/a.html", content_type="text/html"), None),
        (answer(page(f"<p>{TEXT}</p>"), "http://a.cn/a.PDF?x=1"), "wrong_type"),
        (answer(page(f"<p>{TEXT}</p>"), "http://a.cn/a.doc"), None),
        (answer(page(f"<p>{TEXT}</p>"), "http://a.cn/down.jsp?file=a.pdf"), None),
        (answer(b"\x01\x02\x03", content_type="application/octet-stream"), None),
        (answer(b""), "empty"),
    ],
)
def test_what_is_no_document(found: Answer, problem: str | None) -> None:
    assert problem_of(found) == problem


@pytest.mark.parametrize(
    ("content", "headers", "problem"),
    [
        (b"%PDF-1.7\n" + b"x" * 5000, (), "truncated"),
        (b"%PDF-1.7\n" + b"x" * 5000 + b"\n%%EOF\n\0\0", (), None),
        (b"%PDF-1.7\n" + b"x" * 5000, (("content-length", "5009"),), None),
        (b"%PDF-1.7\n" + b"x" * 5000, (("transfer-encoding", "chunked"),), None),
        (b"PK\x03\x04" + b"x" * 5000, (), "truncated"),
        (b"PK\x03\x04" + b"x" * 5000 + b"PK\x05\x06" + bytes(18), (), None),
        (b"<html><p>no end", (), None),
    ],
)
def test_a_file_without_end_whose_length_nobody_told(
    content: bytes, headers: tuple[tuple[str, str], ...], problem: str | None
) -> None:
    assert problem_of(Answer("http://a.cn/a", 200, headers, content)) == problem


@pytest.mark.parametrize(
    "body", [b"<html>\0<p>a\0b</p>", b"<html><p>\xff\xfe\xfa", b"<p>" * 5000, b"<!-- <p>", b"\xff\xfe<\0p\0>\0"]
)
def test_odd_bytes_are_judged_without_an_error(body: bytes) -> None:
    problem_of(answer(body))
