"""Pictures as arrays and how points move when a picture is turned."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.read.document import Box

Picture = npt.NDArray[np.uint8]
"""Grey (height, width) or RGB (height, width, 3), 0 black to 255 white."""


@dataclass(frozen=True, slots=True)
class Affine:
    """x' = a x + b y + c; y' = d x + e y + f."""

    a: float
    b: float
    c: float
    d: float
    e: float
    f: float

    def __call__(self, x: float, y: float) -> tuple[float, float]:
        """Where a point goes."""
        return self.a * x + self.b * y + self.c, self.d * x + self.e * y + self.f

    def then(self, after: "Affine") -> "Affine":
        """This movement followed by another."""
        return Affine(
            after.a * self.a + after.b * self.d,
            after.a * self.b + after.b * self.e,
            after.a * self.c + after.b * self.f + after.c,
            after.d * self.a + after.e * self.d,
            after.d * self.b + after.e * self.e,
            after.d * self.c + after.e * self.f + after.f,
        )

    def inverse(self) -> "Affine":
        """The movement back."""
        determinant = self.a * self.e - self.b * self.d
        a, b = self.e / determinant, -self.b / determinant
        d, e = -self.d / determinant, self.a / determinant
        return Affine(a, b, -a * self.c - b * self.f, d, e, -d * self.c - e * self.f)

    def box(self, box: Box) -> Box:
        """The upright box around where the corners of `box` go."""
        corners = [self(x, y) for x in (box.x0, box.x1) for y in (box.top, box.bottom)]
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        return Box(min(xs), min(ys), max(xs), max(ys))

    @property
    def matrix(self) -> npt.NDArray[np.float64]:
        """The matrix as OpenCV has it."""
        return np.array([[self.a, self.b, self.c], [self.d, self.e, self.f]], dtype=np.float64)


def scaling(factor: float) -> Affine:
    """The movement that makes everything `factor` times as large."""
    return Affine(factor, 0.0, 0.0, 0.0, factor, 0.0)


def shift(across: float, down: float) -> Affine:
    """The movement by so much to the right and down."""
    return Affine(1.0, 0.0, across, 0.0, 1.0, down)


def resized(picture: Picture, factor: float) -> Picture:
    """The picture `factor` times as large."""
    if factor == 1.0:
        return picture
    how = cv2.INTER_AREA if factor < 1.0 else cv2.INTER_CUBIC
    return as_picture(cv2.resize(picture, None, fx=factor, fy=factor, interpolation=how))


def as_picture(array: object) -> Picture:
    """An array that OpenCV returned as what it is."""
    return np.asarray(array, dtype=np.uint8)
