"""How dark ink is against the paper around it, whatever the light, the shading of a heading or a red seal."""

import cv2
import numpy as np

from pipelines.read.scan.picture import Picture, as_picture, resized

COARSER = 4
"""Paper is looked for in a picture this many times smaller: it changes slowly."""
LARGEST = 1.2
"""What is larger than this many characters is no stroke but shading."""


def darkness(picture: Picture, em: float) -> Picture:
    """How much darker than the paper around it each pixel of an RGB picture is, 0 to 255.

    Seals and letterheads are red: in the picture's red channel they are as bright as paper.

    Args:
        picture: RGB.
        em: size of a character in pixels.
    """
    ink = np.ascontiguousarray(picture[..., 0])
    small = resized(ink, 1 / COARSER)
    reach = 2 * round(em / COARSER * LARGEST / 2) + 1
    # Closing fills what is smaller than a character, and keeps the edges of what is larger: a shaded heading.
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    paper = cv2.blur(paper, (3, 3))
    height, width = ink.shape
    return as_picture(cv2.subtract(cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR), ink))
