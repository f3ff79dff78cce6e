"""Reports as a browser prints them: Chromium's PDF of a web page, with radicals in its text layer.

A browser's PDF takes the text of a glyph from the font. Where the font has one glyph for an ideograph and
for the radical that looks like it, the text may come out as the radical. Here it always does.
"""

import tempfile
from html import escape
from pathlib import Path

from pipelines.sample.fonts import SANS, SANS_BOLD, cut, radicals
from pipelines.sample.pdf_dates import without_dates
from pipelines.sample.report import Report
from pipelines.sample.tools import run
from pipelines.sample.web import PRINTED, body, fill


def printed(report: Report, *, url: str, printed_at: str) -> bytes:
    """The report as a PDF printed by Chromium, `url` and `printed_at` in its margins as a browser sets them.

    Raises MissingFont, MissingTool or ToolFailed.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        page = fill(
            "print.html",
            title=radicals(escape(report.title)),
            regular="regular.ttf",
            bold="bold.ttf",
            printed_at=printed_at,
            url=url,
            body=radicals(body(report, PRINTED)),
        )
        (folder / "page.html").write_text(page, encoding="utf-8")
        text = "".join(character for character in page if character.isprintable())
        cut(SANS, text, "Sample", folder / "regular.ttf")
        cut(SANS_BOLD, text, "SampleBold", folder / "bold.ttf")
        run(
            "chromium",
            "--headless",
            "--no-sandbox",  # the page is ours, and root in a container has no other way
            "--disable-gpu",
            "--no-pdf-header-footer",
            f"--user-data-dir={folder / 'profile'}",
            f"--print-to-pdf={folder / 'page.pdf'}",
            (folder / "page.html").as_uri(),
        )
        return without_dates((folder / "page.pdf").read_bytes())
