"""Showing where a number is printed: the page of the archived PDF with the cell marked."""

import io
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
from PIL import ImageDraw

from pipelines.fetch.archive_bucket import archive_of
from pipelines.read.document import Box
from pipelines.read.media import PDF, media_type
from warehouse.files import write_if_changed
from warehouse.layout import Home
from warehouse.reader import open_warehouse

DPI = 144
MARK = (200, 30, 30)
"""Colour of the frame around the cell."""
DIMENSIONS = {
    "requests": ("outcome", "applicant"),
    "reviews": ("proceeding", "result"),
    "disclosures": ("category", "measure"),
}
"""The codes that name a cell of each table: its row and its column."""


class NothingToShow(Exception):  # noqa: N818 - the name states the situation
    """No such cell, or none that can be shown as a picture; the message says what there is."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A figure and the place it is printed at: page and box of a paged document, else an element path."""

    cell_id: str
    publisher: str
    sha256: str
    source_url: str
    page: int | None
    box: Box | None
    path: str | None
    raw_text: str


def find(home: Home, city: str, year: int, table: str, row: str, column: str, publisher: str | None = None) -> Printed:
    """The printed cell of a figure.

    Args:
        home: where the warehouse lies.
        city: slug of the city partition, or the start of one (`zhoukou`).
        year: the year the report covers.
        table: `requests`, `reviews` or `disclosures`.
        row: code of the contract.
        column: code of the contract.
        publisher: needed only where several reports of the partition have the cell.

    Raises:
        NothingToShow: there is no such cell, or there are several and no publisher is named.
        NoWarehouse: nothing was loaded yet.
    """
    if table not in DIMENSIONS:
        raise NothingToShow(f"no cells are kept for {table!r}; choose {', '.join(DIMENSIONS)}")
    first, second = DIMENSIONS[table]
    place = "(r.city = $city OR r.city LIKE $city || '-%' OR r.region LIKE $city || '%')"
    rows = [
        one
        for one in _printed(
            home,
            f"JOIN {table} f USING (cell_id) WHERE {place} AND r.year = $year "
            f"AND f.{first} = $row AND f.{second} = $column",
            {"city": city, "year": year, "row": row, "column": column},
        )
        if publisher is None or one.publisher == publisher
    ]
    if not rows:
        raise NothingToShow(
            f"no cell {row}, {column} of {table} for {city} {year}; "
            f'`gongkai query "SELECT DISTINCT {first}, {second} FROM {table}"` lists the codes'
        )
    publishers = sorted({one.publisher for one in rows})
    if len(publishers) > 1:
        raise NothingToShow(
            f"{len(publishers)} reports of {city} {year} have that cell; name one with --publisher: "
            + ", ".join(publishers)
        )
    return rows[0]


def cells_of_error_findings(home: Home, most: int) -> tuple[Printed, ...]:
    """The last printed cell of each error finding of a PDF, at most `most` of them."""
    found = _printed(
        home,
        """
        JOIN (SELECT unnest(cell_ids) AS cell_id, rule, subject FROM findings WHERE severity = 'error') f
        USING (cell_id) WHERE c.page IS NOT NULL AND d.media_type = 'application/pdf'
        QUALIFY row_number() OVER (
            PARTITION BY r.report_id, f.rule, f.subject ORDER BY c.row_no DESC, c.column_no DESC
        ) = 1
        """,
        {},
    )
    return tuple({one.cell_id: one for one in found}.values())[:most]


def _printed(home: Home, condition: str, parameters: dict[str, object]) -> list[Printed]:
    """The printed cells that a condition on reports r and cells c selects, in a fixed order."""
    sql = f"""
        SELECT c.cell_id, r.publisher, c.sha256, d.source_url, c.page, c.x0, c.top, c.x1, c.bottom, c.path, c.raw_text
        FROM cells c
        JOIN reports r ON r.report_id = c.report_id
        JOIN documents d ON d.sha256 = c.sha256 AND d.status = 'loaded'
        {condition}
        ORDER BY r.publisher, r.year, d.source_url, c.cell_id
    """
    with open_warehouse(home.database) as warehouse:
        found = warehouse.query(sql, parameters)
    return [
        Printed(
            values["cell_id"],
            values["publisher"],
            values["sha256"],
            values["source_url"],
            values["page"],
            None if values["x0"] is None else Box(values["x0"], values["top"], values["x1"], values["bottom"]),
            values["path"],
            values["raw_text"],
        )
        for values in found.iter_rows(named=True)
    ]


def picture(home: Home, printed: Printed) -> Path:
    """Draw the page with the cell marked; return the PNG file, named by the cell.

    Raises:
        NothingToShow: the document has no pages, or is no PDF.
        NotArchived: its bytes are not in the archive.
    """
    if printed.page is None or printed.box is None:
        raise NothingToShow(
            f"{printed.source_url} is a web page and has no page picture; the cell is at {printed.path}"
        )
    content = archive_of(home).content(printed.sha256)
    if media_type(content) != PDF:
        raise NothingToShow(
            f"{printed.source_url} is no PDF, so no picture of its pages can be drawn; the cell is on page "
            f"{printed.page} {f'of {printed.path} ' if printed.path else ''}in the box {tuple(printed.box)}"
        )
    target = home.pictures / f"{printed.cell_id}.png"
    write_if_changed(target, _marked_page(content, printed.page, printed.box))
    return target


def _marked_page(content: bytes, page: int, box: Box) -> bytes:
    """A PNG of the page (from 1) with a frame around the box."""
    scale = DPI / 72
    with pypdfium2.PdfDocument(content) as pdf:
        image = pdf[page - 1].render(scale=scale).to_pil().convert("RGB")
    draw = ImageDraw.Draw(image, "RGBA")
    frame = [edge * scale for edge in (box.x0 - 1, box.top - 1, box.x1 + 1, box.bottom + 1)]
    draw.rectangle(frame, fill=(*MARK, 40), outline=(*MARK, 255), width=3)
    out = io.BytesIO()
    image.save(out, format="PNG", optimize=True)
    return out.getvalue()
