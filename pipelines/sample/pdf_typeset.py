"""Reports as a word processor typesets them: a flat OpenDocument text that LibreOffice turns into a PDF."""

import tempfile
from pathlib import Path
from xml.sax.saxutils import escape

from pipelines.sample.layout import Grid, Printed, disclosure_grids, requests_grid, reviews_grid
from pipelines.sample.pdf_dates import without_dates
from pipelines.sample.report import Report
from pipelines.sample.tools import run
from pipelines.sample.web import NOTICE, fill

_WIDTH_CM = 16.0


def typeset(report: Report) -> bytes:
    """The report as a PDF typeset by LibreOffice; raises MissingTool or ToolFailed."""
    tables = {
        "disclosures": disclosure_grids(report),
        "requests": (requests_grid(report),),
        "reviews": (reviews_grid(report),),
    }
    parts: list[str] = []
    columns: list[str] = []
    for chapter in report.chapters:
        if chapter.heading:
            parts.append(f'<text:p text:style-name="Heading">{escape(chapter.heading)}</text:p>')
        parts.extend(f'<text:p text:style-name="Prose">{escape(text)}</text:p>' for text in chapter.paragraphs)
        for grid in tables.get(chapter.table or "", ()):
            name = f"T{len(columns)}"
            columns.append(_columns(grid, name))
            parts.append(_table(grid, name))
            parts.append('<text:p text:style-name="Left"/>')
    document = fill(
        "typeset.fodt",
        title=escape(report.title),
        notice=NOTICE,
        columns="".join(columns),
        body="\n".join(parts),
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "report.fodt").write_text(document, encoding="utf-8")
        run(
            "soffice",
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--headless",
            "--convert-to",
            "pdf:writer_pdf_Export",
            "--outdir",
            str(folder),
            str(folder / "report.fodt"),
        )
        return without_dates((folder / "report.pdf").read_bytes())


def _columns(grid: Grid, name: str) -> str:
    total = sum(grid.widths)
    return "".join(
        f'<style:style style:name="{name}.{column}" style:family="table-column">'
        f'<style:table-column-properties style:column-width="{_WIDTH_CM * width / total:.3f}cm"/></style:style>'
        for column, width in enumerate(grid.widths)
    )


def _table(grid: Grid, name: str) -> str:
    columns = "".join(f'<table:table-column table:style-name="{name}.{n}"/>' for n in range(len(grid.widths)))
    beginning = {(cell.row, cell.column): cell for cell in grid.cells}
    rows = []
    for row in range(grid.row_count):
        # OpenDocument wants the places that a span covers named as well.
        cells = [
            _cell(beginning[row, column]) if (row, column) in beginning else "<table:covered-table-cell/>"
            for column in range(len(grid.widths))
        ]
        rows.append(f'<table:table-row table:style-name="Row">{"".join(cells)}</table:table-row>')
    return f'<table:table table:name="{name}" table:style-name="Table">{columns}{"".join(rows)}</table:table>'


def _cell(cell: Printed) -> str:
    style = "Left" if cell.kind == "label" else "Center"
    lines = "".join(f'<text:p text:style-name="{style}">{escape(line)}</text:p>' for line in cell.text.split("\n"))
    return (
        f'<table:table-cell table:style-name="Cell" table:number-columns-spanned="{cell.column_span}" '
        f'table:number-rows-spanned="{cell.row_span}">{lines}</table:table-cell>'
    )
