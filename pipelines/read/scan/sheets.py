"""The pages of a scanned document as pictures: rendered PDF pages, or the pages of a picture file.

Belongs here: getting pixels and how they map to points on the page. Does not: anything about what they show.
"""

import io
from collections.abc import Container, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np
import pypdfium2
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError
from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

from pipelines.read.errors import DamagedFile
from pipelines.read.scan.picture import Picture, as_picture

LEAST_DPI, MOST_DPI = 150.0, 300.0
"""Pages are rendered at the resolution of the scan in them, but within these bounds."""
MOST_PIXELS = 16_000_000
"""A page of more is rendered smaller: A4 at 300 dpi has 8.7 million, A3 twice that."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page as a picture, or a part of one.

    Args:
        number: page, from 1.
        picture: RGB.
        pixels_per_point: of the page as a viewer shows it.
        corner: where the upper left corner of the picture lies on the page, in pixels.
        shorter: the shorter side in pixels of the page that a part shows, which was cut out a little wider or narrower.
    """

    number: int
    picture: Picture
    pixels_per_point: float
    corner: tuple[float, float] = (0.0, 0.0)
    shorter: float | None = None


def pdf_sheets(content: bytes, numbers: Container[int] | None = None) -> Iterator[Sheet]:
    """The pages of a PDF, one at a time, turned as a viewer shows them.

    Args:
        content: the PDF.
        numbers: which of its pages, from 1; all where None.

    Raises:
        DamagedFile: the bytes cannot be parsed as a PDF, or a page of it cannot be opened.
    """
    try:
        pdf = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        raise DamagedFile(f"the bytes start as a PDF but cannot be parsed ({error}); fetch it again") from error
    with closing(pdf):
        for number in range(1, len(pdf) + 1):
            if numbers is None or number in numbers:
                yield _sheet(pdf, number)


def _sheet(pdf: pypdfium2.PdfDocument, number: int) -> Sheet:
    try:
        page = pdf[number - 1]
    except pypdfium2.PdfiumError as error:
        raise DamagedFile(f"page {number} of the PDF cannot be opened ({error}); fetch it again") from error
    with closing(page):
        scale = _scale(page)
        with closing(page.render(scale=scale)) as bitmap:
            return Sheet(number, as_picture(bitmap.to_pil().convert("RGB")), scale)


def _scale(page: Any) -> float:
    """Pixels per point to render a page at: those of its largest picture."""
    width, height = page.get_size()
    scans = [
        (obj.get_px_size(), obj.get_bounds()) for obj in page.get_objects(filter=[FPDF_PAGEOBJ_IMAGE], max_depth=3)
    ]
    finest = LEAST_DPI / 72
    largest = 0.0
    for (across, _), (x0, y0, x1, y1) in scans:
        area = abs((x1 - x0) * (y1 - y0))
        if area > largest:
            largest, finest = area, across / max(abs(x1 - x0), 1.0)
    scale = min(max(finest, LEAST_DPI / 72), MOST_DPI / 72)
    return float(min(scale, (MOST_PIXELS / max(width * height, 1.0)) ** 0.5))


def image_sheets(content: bytes) -> Iterator[Sheet]:
    """The pages of a PNG, JPEG or TIFF file; a point is a pixel where the file states no resolution.

    Raises:
        DamagedFile: the bytes cannot be opened as a picture, or are cut off.
    """
    try:
        with Image.open(io.BytesIO(content)) as image:
            for number, frame in enumerate(ImageSequence.Iterator(image), start=1):
                dpi = float(frame.info.get("dpi", (72.0, 72.0))[0]) or 72.0
                picture = _flat(frame)
                shrink = min(1.0, (MOST_PIXELS / (picture.width * picture.height)) ** 0.5)
                if shrink < 1.0:
                    picture = picture.resize((round(picture.width * shrink), round(picture.height * shrink)))
                yield Sheet(number, as_picture(np.asarray(picture)), dpi / 72 * shrink)
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise DamagedFile(
            f"the bytes start as a picture but cannot be opened ({type(error).__name__}); fetch it again"
        ) from error


def _flat(frame: Image.Image) -> Image.Image:
    """A picture as RGB, what is transparent as white paper, turned as its EXIF orientation says."""
    upright = ImageOps.exif_transpose(frame)
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        layered = upright.convert("RGBA")
        paper = Image.new("RGBA", layered.size, "white")
        return Image.alpha_composite(paper, layered).convert("RGB")
    return upright.convert("RGB")
