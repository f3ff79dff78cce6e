"""Turning a sheet so that its lines run from left to right: quarter turns, upside down, and the degree it lay askew.

Belongs here: how the sheet lies and how large its text is. Does not: what it says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, ceil, cos, degrees, radians, sin

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.read.scan.engine import Quad, find_lines, upside_down
from pipelines.read.scan.picture import Affine, Picture, as_picture, resized, scaling

SEARCHED = 1100
"""Pixels of the longer side at which lines of text are looked for: text of a table is 12 high there on A4."""
MOST_ENLARGED = 2.0
EM_OF_LINE = 0.72
"""Size of the characters as a share of the height of the box that the engine finds around a line."""
EM = (24.0, 40.0)
"""Pixels that a character is made large: fewer are too few to tell digits apart, more only take time."""
UPRIGHT, HIGHER = 1.5, 1.5
"""A box so many times as high as wide, and as others are high, holds characters one above the other: a lone 1 is
narrow too, but no higher than other characters."""
ORIENTING_LINES = 12
SEARCHES = ((2.0, 0.2), (0.2, 0.02))
"""Degrees to either side of the last best angle within which, and steps by which, a better one is looked for."""


@dataclass(frozen=True, slots=True)
class Upright:
    """A sheet turned upright.

    Args:
        picture: RGB.
        em: usual size of its characters in pixels.
        small: size of its smaller characters: in tables they often are.
        lines: lines of text found, four corners each, in pixels.
        to_sheet: from pixels of `picture` to pixels of the sheet as it lay.
    """

    picture: Picture
    em: float
    small: float
    lines: tuple[Quad, ...]
    to_sheet: Affine


def upright(sheet: Picture) -> Upright:
    """Turn a sheet upright and straight, its characters about as large as they are on any other sheet."""
    factor = min(SEARCHED / max(sheet.shape[:2]), MOST_ENLARGED)
    small = resized(sheet, factor)
    lines = find_lines(small)
    from_sheet = scaling(factor)
    if _runs_down(lines):
        turn = _quarter_turn(small)
        small = as_picture(cv2.rotate(small, cv2.ROTATE_90_COUNTERCLOCKWISE))
        lines = find_lines(small)
        from_sheet = from_sheet.then(turn)
    if not lines:
        return Upright(sheet, sum(EM) / 2, sum(EM) / 2, (), scaling(1.0))
    angle = _angle(small, lines)
    turning = _turning(small, angle, 1.0)
    straight = _warped(small, turning, _turned_size(small, angle, 1.0))
    if _upside_down(straight, [_moved(line, turning) for line in lines]):
        angle += 180.0
    low, usual = (float(size) for size in np.percentile(line_sizes(lines), (20, 50)))
    em = min(max(usual / factor, EM[0]), EM[1])
    # One step from the sheet's own pixels to the final ones: every resampling blurs.
    enlarging = _turning(small, angle, em / usual)
    movement = from_sheet.then(enlarging)
    picture = _warped(_smoothed(sheet, em / usual * factor), movement, _turned_size(small, angle, em / usual))
    return Upright(picture, em, low * em / usual, tuple(_moved(line, enlarging) for line in lines), movement.inverse())


def _smoothed(sheet: Picture, factor: float) -> Picture:
    """A sheet that is going to be made smaller, without the detail that would turn into noise."""
    if factor > 0.8:
        return sheet
    return as_picture(cv2.GaussianBlur(sheet, (0, 0), 0.4 / factor))


def _runs_down(lines: Sequence[Quad]) -> bool:
    """Whether most text runs along the height of the sheet."""
    along = sum(_width(line) for line in lines if _width(line) > 1.5 * _height(line))
    down = sum(_height(line) for line in lines if _height(line) > 1.5 * _width(line))
    return down > along


def _quarter_turn(picture: Picture) -> Affine:
    """The movement of a quarter turn counter-clockwise."""
    return Affine(0.0, 1.0, 0.0, -1.0, 0.0, float(picture.shape[1] - 1))


def _angle(picture: Picture, lines: Sequence[Quad]) -> float:
    """Degrees that the lines of text and the rules slope down to the right.

    The longest lines give it roughly; exact is the angle at which the ink falls into the sharpest rows.
    """
    longest = sorted(lines, key=_width)[-ORIENTING_LINES:]
    angle = float(np.median([_slope(line) for line in longest]))
    ink = _ink(picture)
    for reach, step in SEARCHES:
        angles = np.arange(angle - reach, angle + reach + step / 2, step)
        angle = float(max(angles, key=lambda one: _sharpness(ink, float(one))))
    return angle


def _ink(picture: Picture) -> Picture:
    grey = as_picture(picture.min(axis=2))
    return as_picture(cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, 20))


def _sharpness(ink: Picture, angle: float) -> float:
    """How unevenly the ink is spread over rows that slope by `angle`."""
    height, width = ink.shape
    slope = np.tan(radians(angle))
    shear = np.array([[1.0, 0.0, 0.0], [-slope, 1.0, slope * width / 2]])
    sheared = cv2.warpAffine(ink, shear, (width, height), flags=cv2.INTER_NEAREST)
    rows = np.asarray(sheared, dtype=np.float32).sum(axis=1)
    return float(np.square(np.diff(rows)).sum())


def _upside_down(straight: Picture, lines: Sequence[Quad]) -> bool:
    widest = sorted(lines, key=_width)[-ORIENTING_LINES:]
    crops = [crop for line in widest if (crop := cut(straight, line)).size]
    likely = upside_down(crops)
    return bool(likely) and sum(likely) / len(likely) > 0.5


def cut(picture: Picture, line: Quad) -> Picture:
    """The part of a straight picture that a line of text fills."""
    height, width = picture.shape[:2]
    x0, y0 = np.clip(np.floor(line.min(axis=0)), 0, (width, height)).astype(int)
    x1, y1 = np.clip(np.ceil(line.max(axis=0)), 0, (width, height)).astype(int)
    return picture[y0:y1, x0:x1]


def _turning(picture: Picture, angle: float, factor: float) -> Affine:
    """The movement that turns a picture counter-clockwise by `angle` degrees onto a sheet that holds all of it."""
    height, width = picture.shape[:2]
    across, down = _turned_size(picture, angle, factor)
    a, b = factor * cos(radians(angle)), factor * sin(radians(angle))
    middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
    return Affine(
        a, b, (across - 1) / 2 - a * middle_x - b * middle_y,
        -b, a, (down - 1) / 2 + b * middle_x - a * middle_y,
    )  # fmt: skip


def _warped(picture: Picture, movement: Affine, size: tuple[int, int]) -> Picture:
    """A picture moved onto white paper of `size` (width, height)."""
    white = (255, 255, 255)
    return as_picture(
        cv2.warpAffine(
            picture, movement.matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=white
        )
    )


def _turned_size(picture: Picture, angle: float, factor: float) -> tuple[int, int]:
    height, width = picture.shape[:2]
    a, b = abs(factor * cos(radians(angle))), abs(factor * sin(radians(angle)))
    return ceil(a * width + b * height), ceil(b * width + a * height)


def _moved(line: Quad, movement: Affine) -> Quad:
    return np.array([movement(float(x), float(y)) for x, y in line], dtype=np.float32)


def line_sizes(lines: Sequence[Quad], usual: float | None = None) -> list[float]:
    """Size of the characters of each line of text, in pixels; without those set from top to bottom.

    Args:
        lines: lines of text.
        usual: the usual size; by default what it is in lines that run across.
    """
    sizes = [EM_OF_LINE * _height(line) for line in lines]
    across = [size for line, size in zip(lines, sizes, strict=True) if _width(line) > UPRIGHT * _height(line)]
    most = HIGHER * (usual or float(np.median(across or sizes or [0.0])))
    return [
        size for line, size in zip(lines, sizes, strict=True) if size <= most or _width(line) * UPRIGHT > _height(line)
    ]


def _width(line: Quad) -> float:
    return _distance(line[0], line[1])


def _height(line: Quad) -> float:
    return _distance(line[0], line[3])


def _slope(line: Quad) -> float:
    x, y = line[1] - line[0]
    return degrees(atan2(float(y), float(x)))


def _distance(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> float:
    return float(np.hypot(*(one - other)))
