"""Scans made from PDFs: each page as a picture, turned a little, blurred, noisy, compressed, without a text layer.

Every wear is drawn from a seed, so that a scan can be made again. Run as a program, it measures how much of the
figures of real reports the reader gets right: `python -m tests.generator.scans ../shared/reports`.
"""

import io
from dataclasses import dataclass, replace

import numpy as np
import pypdfium2
from PIL import Image, ImageChops, ImageDraw, ImageFilter

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
        keystone: share of its width by which one edge of a page is shorter than the other: photographed, not scanned.
        through: grey levels by which the print of the page behind shows through.
        seals: red seals on a page.
        ticks: strokes of a pen on a page.
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
    keystone: float = 0.0
    through: float = 0.0
    seals: int = 0
    ticks: int = 0


ROUGH = ("turned", "keystone", "through", "sealed", "ticked", "grey", "artefacts")
"""The kinds of rough treatment beside the wear of an office scanner."""


def rough_wear(random: np.random.Generator, treatment: str) -> Wear:
    """Some wear of one kind that careful scanning avoids, on top of that of an office scanner."""
    usual = replace(wear(random), quality=int(random.integers(60, 92)), ink=int(random.integers(10, 60)))
    match treatment:
        case "turned":
            return replace(usual, turn=int(random.integers(1, 4)))
        case "keystone":
            return replace(usual, keystone=float(random.uniform(0.01, 0.03)), dpi=200)
        case "through":
            return replace(usual, through=float(random.uniform(15, 40)))
        case "sealed":
            return replace(usual, seals=1)
        case "ticked":
            return replace(usual, ticks=2)
        case "grey":
            return replace(usual, paper=int(random.integers(150, 200)), ink=int(random.integers(10, 40)))
        case _:
            return replace(usual, quality=int(random.integers(20, 40)))


def as_rough_scan(content: bytes, seed: int, treatment: str) -> bytes:
    """A PDF as if printed, treated roughly (one of ROUGH) and scanned."""
    return as_worn_scan(content, seed, rough_wear(np.random.default_rng(seed), treatment))


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
    images = _pages(content, worn.dpi)
    for image, behind in zip(images, [*images[1:], images[0]], strict=True):
        angle = worn.angle * float(random.uniform(0.6, 1.0)) * (1 if random.random() < 0.7 else -1)
        pages.append(_scanned(_shown_through(image, behind, worn.through), worn, angle, random))
    target = io.BytesIO()
    first, *others = pages
    compression = {} if worn.quality is None else {"quality": worn.quality}  # bilevel pages go by CCITT group 4
    first.save(target, "PDF", resolution=worn.dpi, save_all=True, append_images=others, **compression)
    return target.getvalue()


def as_spread_scan(content: bytes, seed: int) -> bytes:
    """A PDF as if printed and laid on the scanner two pages at a time: an open booklet, or two pages on one side.

    Landscape pages stay alone, and so does the last of an odd number: beside it lies a blank page.
    """
    random = np.random.default_rng(seed)
    worn = replace(wear(random), quality=int(random.integers(60, 92)), ink=int(random.integers(10, 60)))
    # Pages reduced to half a sheet are scanned finer, or nobody could read them.
    reduced = bool(random.random() < 0.4)
    fold = 0.0 if reduced else float(random.choice([0.0, random.uniform(20, 90)]))
    images = _pages(content, worn.dpi)
    upright = all(image.width < image.height for image in images)
    sheets = [images[at : at + 2] for at in range(0, len(images), 2)] if upright else [[image] for image in images]
    pages = []
    for sheet in sheets:
        if not upright:
            pages.append(_scanned(sheet[0], worn, worn.angle, random))
            continue
        # Each page of a booklet lies a little differently.
        angles = random.uniform(-0.4, 0.4, 2) * (not reduced)
        lying = [
            image.rotate(float(a), Image.Resampling.BICUBIC, fillcolor=255)
            for image, a in zip(sheet, angles, strict=False)
        ]
        both = Image.new("L", (2 * sheet[0].width, sheet[0].height), 255)
        for at, image in enumerate(lying):
            both.paste(image, (at * sheet[0].width, 0))
        pages.append(
            _scanned(_folded(both, fold, worn.dpi), worn, worn.angle * float(random.uniform(0.2, 0.7)), random)
        )
    target = io.BytesIO()
    compression = {} if worn.quality is None else {"quality": worn.quality}
    # Reduced pages are as many pixels on less paper.
    resolution = worn.dpi * (1.414 if reduced else 1.0)
    pages[0].save(target, "PDF", resolution=resolution, save_all=True, append_images=pages[1:], **compression)
    return target.getvalue()


def _folded(image: Image.Image, levels: float, dpi: int) -> Image.Image:
    """Two pages side by side with the shadow of the fold between them."""
    if not levels:
        return image
    away = np.abs(np.arange(image.width) - image.width / 2) / dpi * 25.4  # millimetres
    shadow = levels * np.exp(-((away / 4.0) ** 2))[None, :]
    return Image.fromarray((np.asarray(image, dtype=np.float32) - shadow).clip(0, 255).astype(np.uint8))


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
    turned = _keystoned(turned, worn.keystone, random)
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
    if worn.seals or worn.ticks:
        scanned = _marked(scanned.convert("RGB"), worn, random)
    if worn.turn:
        scanned = scanned.rotate(90 * worn.turn, expand=True)
    if worn.quality is None:
        return _bilevel(scanned, THRESHOLD * (worn.paper - worn.ink))
    return scanned


def _shown_through(image: Image.Image, behind: Image.Image, levels: float) -> Image.Image:
    """A page with the print of the page behind it, mirrored."""
    if not levels:
        return image
    back = behind.resize(image.size).transpose(Image.Transpose.FLIP_LEFT_RIGHT).filter(ImageFilter.GaussianBlur(1.5))
    shadow = (255 - np.asarray(back, dtype=np.float32)) / 255 * levels
    return Image.fromarray((np.asarray(image, dtype=np.float32) - shadow).clip(0, 255).astype(np.uint8))


def _keystoned(image: Image.Image, share: float, random: np.random.Generator) -> Image.Image:
    """A page as a camera sees it from one side: one of its edges is shorter."""
    if not share:
        return image
    width, height = image.size
    inset = share * width / 2 * float(random.uniform(0.7, 1.0))
    # Where the corners of the picture come from: upper left, lower left, lower right, upper right.
    corners = [
        (-inset, 0.0, 0.0, height, width, height, width + inset, 0.0),
        (0.0, -inset, 0.0, height + inset, width, height, width, 0.0),
    ][int(random.integers(0, 2))]
    target = [(0.0, 0.0), (0.0, height), (width, height), (width, 0.0)]
    source = list(zip(corners[::2], corners[1::2], strict=True))
    rows = [row for (x, y), (u, v) in zip(target, source, strict=True) for row in _equations(x, y, u, v)]
    values = [value for u, v in source for value in (u, v)]
    found = np.linalg.solve(np.array(rows), np.array(values))
    return image.transform(
        image.size, Image.Transform.PERSPECTIVE, found.tolist(), Image.Resampling.BICUBIC, fillcolor=255
    )


def _equations(x: float, y: float, u: float, v: float) -> tuple[list[float], list[float]]:
    """What a perspective's eight coefficients must satisfy for (x, y) to come from (u, v)."""
    return [x, y, 1.0, 0.0, 0.0, 0.0, -u * x, -u * y], [0.0, 0.0, 0.0, x, y, 1.0, -v * x, -v * y]


def _marked(image: Image.Image, worn: Wear, random: np.random.Generator) -> Image.Image:
    """A page with red seals and strokes of a pen, which let what is printed below them show."""
    over = Image.new("RGB", image.size, "white")
    draw = ImageDraw.Draw(over)
    unit = worn.dpi / 25.4  # pixels of a millimetre
    for _ in range(worn.seals):
        x, y = (float(random.uniform(0.2, 0.7)) * length for length in image.size)
        ring = [x, y, x + 40 * unit, y + 40 * unit]  # the usual size of a department's seal
        draw.ellipse(ring, outline=(215, 60, 60), width=round(1.2 * unit))
        star = [(x + 20 * unit + r * np.sin(a), y + 20 * unit - r * np.cos(a)) for a, r in _star(7 * unit)]
        draw.polygon(star, fill=(215, 60, 60))
    for _ in range(worn.ticks):
        x, y = (float(random.uniform(0.15, 0.85)) * length for length in image.size)
        points = [(x, y), (x + 2 * unit, y + 3 * unit), (x + 7 * unit, y - 5 * unit)]
        draw.line(points, fill=(40, 40, 120), width=max(2, round(0.5 * unit)), joint="curve")
    return ImageChops.multiply(image, over)


def _star(radius: float) -> list[tuple[float, float]]:
    """Angle and distance from the middle of the corners of a five-pointed star."""
    return [(np.pi / 5 * at, radius if at % 2 == 0 else 0.38 * radius) for at in range(10)]


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
