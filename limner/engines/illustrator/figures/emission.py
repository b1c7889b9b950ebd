"""Things that shine: what is bright in them is its own light, not lit by another, and spills into the air around.

Relief would make a flame look like painted wood. Source for the split of a surface into what it throws back and what
it sends out itself: Kajiya, "The rendering equation", SIGGRAPH 1986.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from limner.engines.illustrator.figures.relief import BRIGHTEST, Figure
from limner.engines.illustrator.pixels import Array, array, blur, smoothstep

FLAME, SPARKS, BODY = (0.35, 0.75, 0.92, 0.020), (0.35, 0.75, 1.0, 0.0), (0.4, 0.75, 0.66, 0.0)
"""Flames melt into themselves, sparks are sharp, and a star keeps half of its roundness."""
SHINING: dict[str, tuple[float, float, float, float]] = {
    "fireworks": SPARKS, "sparkler": SPARKS, "firecracker": (0.7, 0.95, 1.0, 0.0), "fire": FLAME,
    "campfire": (0.72, 0.92, 0.92, 0.016), "heart-on-fire": (0.75, 0.95, 0.8, 0.0), "fireplace": (0.85, 0.98, 1, 0.01),
    "sun": BODY, "sun-with-face": (0.6, 0.85, 0.5, 0.0), "star": BODY, "glowing-star": BODY, "sparkles": BODY,
    "shooting-star": BODY, "comet": (0.4, 0.75, 1.0, 0.012), "meteor": (0.8, 0.98, 0.9, 0.01),
    "high-voltage": (0.35, 0.75, 0.7, 0.0), "collision": (0.4, 0.8, 0.7, 0.0), "light-bulb": (0.8, 0.98, 0.6, 0.0),
    "desk-lamp": (0.94, 1.0, 1.0, 0.0), "floor-lamp": (0.85, 0.98, 1.0, 0.0), "street-lamp": (0.85, 0.98, 1.0, 0.0),
    "lantern": (0.85, 0.98, 1.0, 0.0), "diya-lamp": (0.9, 1.0, 1.0, 0.0), "jack-o-lantern": (0.97, 1.0, 1.0, 0.0),
}  # fmt: skip
"""Drawings that shine: from which brightness (the greatest of red, green, blue) on and from which wholly, how much of
what is seen of them is their own light, and how far its colours melt into each other, in shares of the size."""
GAIN, HEART = 1.12, 0.22
LEAST = 0.01


def shines(art: str) -> bool:
    """Tell whether a drawing is of something that sends out light."""
    return art in SHINING


def shone(art: str, plain: Figure, lit: Figure) -> Figure:
    """Let the bright parts of a lit figure shine in its plain colours; both are of one size.

    The figure then tells the colour of its light, by which it glows where it is laid. Raises KeyError for what does
    not shine.
    """
    red, green, blue = cv2.split(plain.colour)
    bright = array(cv2.max(cv2.max(red, green), blue))
    begins, wholly, most, melting = SHINING[art]
    share = smoothstep(begins, wholly, bright) * np.float32(most)
    size = max(plain.alpha.shape)
    # hottest where the light has most of its own around it
    heart = blur(array(share * plain.alpha), size * 0.04) ** 2 * share
    light = blur(plain.colour, size * melting) * np.float32(GAIN)
    light += (1 - light) * (heart * np.float32(HEART))[..., None]
    colour = array(cv2.blendLinear(np.minimum(light, BRIGHTEST), lit.colour, share, 1 - share))
    cover = float((share * plain.alpha).mean())
    if cover < LEAST:
        return replace(lit, colour=colour)
    mean = cv2.mean(plain.colour, np.asarray((share * plain.alpha) > 0.4, np.uint8))[:3]
    return replace(lit, colour=colour, light=(array(mean) ** np.float32(1.6), _middle(array(share * plain.alpha))))


def _middle(share: Array) -> tuple[float, float]:
    """Give the middle of what shines, in shares of the width and the height."""
    down, across = (share.sum(axis=axis) for axis in (1, 0))
    total = float(down.sum())
    height, width = share.shape
    x = float((across * np.arange(width)).sum()) / total
    y = float((down * np.arange(height)).sum()) / total
    return (x + 0.5) / width, (y + 0.5) / height
