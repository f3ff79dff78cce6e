"""How dark ink is against the paper around it, whatever the light, the shading of a heading or a red seal."""

import cv2
import numpy as np

from pipelines.read.scan.picture import Picture, as_picture, resized

COARSER = 4
"""Paper is looked for in a picture this many times smaller: it changes slowly."""
LARGEST = 1.2
"""What is larger than this many characters is no stroke but shading."""
RED = (12, 45)
"""By how many levels red exceeds green and blue in what is a little and what is surely red; black and grey are not."""
LEAST_RED = 0.0003
"""Share of a page that is red where there is a seal on it."""
FRINGE = 0.3
"""Width of the fringe of what is red, in characters."""
PAPER = 75.0
"""Percentile of the levels of a page that are paper."""


def darkness(picture: Picture, em: float) -> Picture:
    """How much darker than the paper around it each pixel of an RGB picture is, 0 to 255.

    Seals and letterheads are red: in the picture's red channel they are nearly as bright as paper.

    Args:
        picture: RGB.
        em: size of a character in pixels.
    """
    ink = _without_red(picture, 2 * round(em * FRINGE / 2) + 1)
    small = resized(ink, 1 / COARSER)
    reach = 2 * round(em / COARSER * LARGEST / 2) + 1
    # Closing fills what is smaller than a character, and keeps the edges of what is larger: a shaded heading.
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    paper = cv2.blur(paper, (3, 3))
    height, width = ink.shape
    return as_picture(cv2.subtract(cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR), ink))


def _without_red(picture: Picture, fringe: int) -> Picture:
    """The red channel of an RGB picture, what is red made as bright as paper; black print under it stays black.

    JPEG leaves a fringe (pixels) around what is red that is dark, but no longer red.
    """
    sample = np.count_nonzero(_redness(picture[::COARSER, ::COARSER]) > RED[1])
    if sample * COARSER**2 < LEAST_RED * picture[..., 0].size:
        return np.ascontiguousarray(picture[..., 0])
    red, strength = picture[..., 0], _redness(picture)
    stamped = strength > RED[1]
    paper = float(np.percentile(red, PAPER))
    brighter = paper / max(1.0, float(np.median(red[stamped])))
    strength = as_picture(cv2.dilate(strength, np.ones((fringe, fringe), np.uint8)))
    share = np.clip((strength.astype(np.float32) - RED[0]) / (RED[1] - RED[0]), 0.0, 1.0)
    # No brighter than paper: else the paper around would be, and what is red dark against it.
    return as_picture(np.minimum(red * (1.0 + max(0.0, brighter - 1.0) * share), np.maximum(red, paper)))


def _redness(picture: Picture) -> Picture:
    """By how many levels each pixel of an RGB picture is red."""
    red, green, blue = cv2.split(np.ascontiguousarray(picture))
    return as_picture(cv2.subtract(red, cv2.max(green, blue)))
