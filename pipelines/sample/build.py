"""Build the sample's site: `python -m pipelines.sample.build` writes `site/` from `figures/` and `prose/`.

The site is committed, so that nothing of this is needed to run the sample. To build it again: Debian's
chromium, libreoffice-writer-nogui, fontconfig and fonts-noto-cjk, and the Python packages of the extra `sample`.
The same tools give the same bytes; other versions of Chromium or LibreOffice other PDFs of the same pages.
"""

import csv
import io
import posixpath
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path

from pipelines.sample import pdf_ruled, web
from pipelines.sample.pdf_browser import printed
from pipelines.sample.pdf_ruled import ruled
from pipelines.sample.pdf_typeset import typeset
from pipelines.sample.report import Report, reports
from pipelines.sample.site import BASE_URL, MANIFEST, SITE


@dataclass(frozen=True, slots=True)
class Document:
    """A document to make.

    Args:
        report: name of the report it is.
        path: where it lies in the site.
        make: gives its bytes.
        attached_to: the page that has it as an attachment, linked from the listing in its place; or None.
    """

    report: str
    path: str
    make: Callable[[Report, str], bytes]
    attached_to: str | None = None


@dataclass(frozen=True, slots=True)
class Portal:
    """A government's site within the site: its name, its listing page and how that looks, its documents."""

    name: str
    listing: str
    template: str
    entry: str
    documents: tuple[Document, ...]


_LIST = '<li><a href="$link" title="$title" target="_blank">$title</a><span>$date</span></li>'
_ROWS = '<tr><td>$year</td><td><a href="$link">$title</a></td><td>$publisher</td></tr>'


def _page(style: web.Style, site: str, listing: str) -> Callable[[Report, str], bytes]:
    def make(report: Report, path: str) -> bytes:
        return web.page(report, style, site=site, home=_link(path, "index.html"), listing=_link(path, listing))

    return make


def _ruled(manner: pdf_ruled.Manner) -> Callable[[Report, str], bytes]:
    return lambda report, _: ruled(report, manner)


def _printed(report: Report, path: str) -> bytes:
    return printed(report, url=f"{BASE_URL}{path.removesuffix('.pdf')}.html", printed_at="2022/3/30 09:41")


def _typeset(report: Report, _: str) -> bytes:
    return typeset(report)


ZHOUKOU = "zhoukou/zwgk/zfxxgknb/index.html"
HUAIAN = "huaian/zfxxgk/gknb/index.html"
SHANGHAI = "shanghai/nw12344/index.html"
HANGZHOU = "hangzhou/col/col1229497170/index.html"
PINGTAN = "pingtan/zwgk/zfxxgk/zfxxgknb/index.html"
SHUYANG = "shuyang/xxgk/gknb/index.html"

PORTALS = (
    Portal(
        "周口市人民政府",
        ZHOUKOU,
        "listing-list.html",
        _LIST,
        (
            Document(
                "zhoukou-2021",
                "zhoukou/zwgk/zfxxgknb/2021n/article-1.pdf",
                _printed,
                attached_to="zhoukou/zwgk/zfxxgknb/2021n/article-1.html",
            ),
        ),
    ),
    Portal(
        "淮安市人民政府",
        HUAIAN,
        "listing-table.html",
        _ROWS,
        (
            Document("hongze-2023", "huaian/zfxxgk/gknb/files/hz2023.pdf", _ruled(pdf_ruled.WPS)),
            Document("jinhu-2023", "huaian/zfxxgk/gknb/art_2101_2.html", _page(web.JCMS, "金湖县人民政府", HUAIAN)),
        ),
    ),
    Portal(
        "上海市人民政府",
        SHANGHAI,
        "listing-list.html",
        _LIST,
        (
            Document("shanghai-office-2025", "shanghai/nw12344/2025/nb.pdf", _typeset),
            Document("kewei-2024", "shanghai/nw12344/2024/kw.pdf", _typeset),
            Document(
                "shanghai-office-2019",
                "shanghai/nw12344/2019/0001-12344_1.html",
                _page(web.LAYOUT_TABLE, "中国上海", SHANGHAI),
            ),
        ),
    ),
    Portal(
        "杭州市人民政府",
        HANGZHOU,
        "listing-list.html",
        _LIST,
        (
            Document(
                "hangzhou-2025",
                "hangzhou/art/art_1229497170_1.html",
                _page(web.ART, "杭州市人民政府", HANGZHOU),
            ),
        ),
    ),
    Portal(
        "平潭综合实验区管理委员会",
        PINGTAN,
        "listing-list.html",
        _LIST,
        tuple(
            Document(
                f"pingtan-{year}",
                f"pingtan/zwgk/zfxxgk/zfxxgknb/{year}n/t{year}_1.htm",
                _page(style, "平潭综合实验区", PINGTAN),
            )
            for year, style in ((2025, web.TRS), (2024, web.TRS_PASTED), (2023, web.TRS))
        ),
    ),
    Portal(
        "沭阳县人民政府",
        SHUYANG,
        "listing-table.html",
        _ROWS,
        (
            Document("shuyang-2025", "shuyang/xxgk/gknb/files/2025.pdf", _ruled(pdf_ruled.OFFICE)),
            Document(
                "shuyang-fgj-2023",
                "shuyang/sygfj/gknb/2023.shtml",
                _page(web.PASTED, "沭阳县人民政府", SHUYANG),
            ),
        ),
    ),
)


def build() -> dict[str, bytes]:
    """Every file of the site by its path, the manifest included."""
    known = {report.name: report for report in reports()}
    files: dict[str, bytes] = {}
    for portal in PORTALS:
        entries = []
        for document in portal.documents:
            report = known[document.report]
            files[document.path] = document.make(report, document.path)
            if document.attached_to is not None:
                files[document.attached_to] = _attachment_page(report, portal, document.path, document.attached_to)
            entries.append(_entry(portal, report, document.attached_to or document.path))
        files[portal.listing] = web.fill(
            portal.template,
            site=portal.name,
            home=_link(portal.listing, "index.html"),
            entries="\n".join(entries),
            notice=web.NOTICE,
        ).encode()
    files["index.html"] = _home()
    files[MANIFEST.name] = _manifest(known)
    return files


def main() -> None:
    """Replace `site/` by a newly built one and say what it holds."""
    files = build()
    shutil.rmtree(SITE, ignore_errors=True)
    for path, content in sorted(files.items()):
        target = SITE / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        print(f"{len(content):>8} {path}")
    print(f"{sum(map(len, files.values())):>8} in all")


def _attachment_page(report: Report, portal: Portal, attachment: str, path: str) -> bytes:
    return web.fill(
        "attachment.html",
        title=escape(report.title),
        site=portal.name,
        home=_link(path, "index.html"),
        listing=_link(path, portal.listing),
        attachment=_link(path, attachment),
        notice=web.NOTICE,
    ).encode()


def _entry(portal: Portal, report: Report, path: str) -> str:
    return web.substitute(
        portal.entry,
        link=_link(portal.listing, path),
        title=escape(report.title),
        publisher=escape(report.publisher),
        year=str(report.year),
        date=report.published_on.isoformat() if report.published_on else "",
    )


def _home() -> bytes:
    entries = [f'<li><a href="{portal.listing}">{portal.name}</a></li>' for portal in PORTALS]
    return web.fill("home.html", entries="\n".join(entries), notice=web.NOTICE).encode()


def _manifest(known: dict[str, Report]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["path", "report", "city", "year", "region_code", "publisher", "title"])
    for portal in PORTALS:
        for document in portal.documents:
            report = known[document.report]
            writer.writerow(
                [
                    document.path,
                    report.name,
                    report.city,
                    report.year,
                    report.region_code,
                    report.publisher,
                    report.title,
                ]
            )
    return text.getvalue().encode()


def _link(page: str, target: str) -> str:
    """`target` as a link relative to `page`, both paths within the site."""
    return posixpath.relpath(target, Path(page).parent.as_posix())


if __name__ == "__main__":
    main()
