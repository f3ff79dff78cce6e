"""Scans made from PDFs: each page as a picture, turned a little, blurred, noisy, compressed, without a text layer.

Every wear is drawn from a seed, so that a scan can be made again. Run as a program, it measures how much of the
figures of real reports the reader gets right: `python -m tests.generator.scans ../shared/reports`.
"""

import io
from dataclasses import dataclass

import numpy as np
import pypdfium2
from PIL import Image, ImageFilter

THRESHOLD = 0.25
"""Share of full contrast by which a bilevel scan tells ink from the paper nearby."""


@dataclass(frozen=True, slots=True)
class Wear:
    """What scanning did to a page.

    Args:
        dpi: resolution of the scan.
        angle: degrees the sheet lay turned, counter-clockwise.
        turn: quarter turns (0 to 3) the sheet was fed in, counter-clockwise.
        blur: radius of the optics' blur in pixels at 150 dpi.
        noise: standard deviation of the sensor's noise, in grey levels of 255.
        ink, paper: grey levels of full ink and of empty paper.
        shade: grey levels by which one side is darker than the other.
        specks: dark specks per million pixels.
        quality: of the JPEG, or None for a bilevel picture as fax machines make.
    """

    dpi: int = 150
    angle: float = 0.0
    turn: int = 0
    blur: float = 0.4
    noise: float = 4.0
    ink: int = 30
    paper: int = 250
    shade: float = 0.0
    specks: float = 0.0
    quality: int | None = 75


def wear(random: np.random.Generator, turn: int = 0) -> Wear:
    """Some wear as office scanners leave it: 150 to 200 dpi, up to a degree and a half askew."""
    return Wear(
        dpi=int(random.choice([150, 150, 180, 200])),
        angle=float(random.uniform(0.3, 1.5) * random.choice([-1, 1])),
        turn=turn,
        blur=float(random.uniform(0.2, 0.8)),
        noise=float(random.uniform(1, 12)),
        ink=int(random.integers(10, 90)),
        paper=int(random.integers(220, 256)),
        shade=float(random.uniform(0, 25)),
        specks=float(random.choice([0, 0, 20, 60])),
        quality=None if random.random() < 0.15 else int(random.integers(45, 92)),
    )


def as_scan(content: bytes, seed: int, turn: int = 0) -> bytes:
    """A PDF as if printed and scanned, every page with its own wear.

    Args:
        content: a PDF.
        seed: decides the wear.
        turn: quarter turns every sheet was fed in, counter-clockwise.
    """
    random = np.random.default_rng(seed)
    return as_worn_scan(content, seed, wear(random, turn))


def as_worn_scan(content: bytes, seed: int, worn: Wear) -> bytes:
    """A PDF scanned with the given wear; the sheets lie a little differently each."""
    random = np.random.default_rng(seed)
    pages = []
    for image in _pages(content, worn.dpi):
        angle = worn.angle * float(random.uniform(0.6, 1.0)) * (1 if random.random() < 0.7 else -1)
        pages.append(_scanned(image, worn, angle, random))
    target = io.BytesIO()
    first, *others = pages
    compression = {} if worn.quality is None else {"quality": worn.quality}  # bilevel pages go by CCITT group 4
    first.save(target, "PDF", resolution=worn.dpi, save_all=True, append_images=others, **compression)
    return target.getvalue()


def page_image(content: bytes, page: int, worn: Wear, seed: int = 0) -> Image.Image:
    """One page (from 1) of a PDF as a scanned picture."""
    image = _pages(content, worn.dpi)[page - 1]
    return _scanned(image, worn, worn.angle, np.random.default_rng(seed))


def _pages(content: bytes, dpi: int) -> list[Image.Image]:
    pdf = pypdfium2.PdfDocument(content)
    try:
        return [page.render(scale=dpi / 72).to_pil().convert("L") for page in pdf]
    finally:
        pdf.close()


def _scanned(image: Image.Image, worn: Wear, angle: float, random: np.random.Generator) -> Image.Image:
    turned = image.rotate(angle, Image.Resampling.BICUBIC, expand=False, fillcolor=255)
    blurred = turned.filter(ImageFilter.GaussianBlur(worn.blur * worn.dpi / 150))
    levels = np.asarray(blurred, dtype=np.float32) / 255 * (worn.paper - worn.ink) + worn.ink
    height, width = levels.shape
    levels -= worn.shade * np.linspace(0, 1, width, dtype=np.float32)[None, :]
    levels += random.normal(0, worn.noise, levels.shape).astype(np.float32)
    specks = int(worn.specks * levels.size / 1e6)
    rows, columns = random.integers(0, height - 1, specks), random.integers(0, width - 1, specks)
    for row in (rows, rows + 1):
        levels[row, columns] = worn.ink
    scanned = Image.fromarray(levels.clip(0, 255).astype(np.uint8))
    if worn.turn:
        scanned = scanned.rotate(90 * worn.turn, expand=True)
    if worn.quality is None:
        return _bilevel(scanned, THRESHOLD * (worn.paper - worn.ink))
    return scanned


def _bilevel(image: Image.Image, contrast: float) -> Image.Image:
    """Black and white as copiers and fax machines make it: ink is what is darker than the paper around it.

    They compare with the paper nearby, so that neither a shaded heading nor the darker side of a page turns black.
    """
    coarse = image.resize((image.width // 8, image.height // 8), Image.Resampling.BOX)
    paper = coarse.filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.MinFilter(5)).filter(ImageFilter.BoxBlur(2))
    nearby = np.asarray(paper.resize(image.size, Image.Resampling.BILINEAR), dtype=np.float32)
    return Image.fromarray(
        np.where(nearby - np.asarray(image, dtype=np.float32) > contrast, 0, 255).astype(np.uint8)
    ).convert("1")
