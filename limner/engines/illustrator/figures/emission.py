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
AFTER_DARK: dict[str, tuple[float, float, float, float]] = {
    "lighthouse": (0.965, 1.0, 1.0, 0.0), "haunted-house": (0.9, 1.0, 1.0, 0.0), "log-cabin": (0.92, 1.0, 1.0, 0.0),
    "treehouse": (0.92, 1.0, 1.0, 0.0),
}  # fmt: skip
"""The same for what is lit at night only."""
DWELLINGS = frozenset({
    "house", "house-with-garden", "houses", "cottage", "windmill", "church", "school", "hotel", "shop-front",
    "office-building", "convenience-store", "department-store", "post-office", "skyscraper",
    "camper-van", "train", "bus",
})  # fmt: skip
"""Drawings whose panes are a pale blue by day, behind which somebody lights the lamps at night."""
LAMP: tuple[float, float, float] = (1.0, 0.80, 0.42)
GAIN, HEART = 1.12, 0.22
LEAST = 0.01


def shone(art: str, plain: Figure, lit: Figure, *, dark: bool) -> Figure:
    """Let the bright parts of a lit figure shine in its plain colours, after dark its windows too; of one size both.

    The figure then tells the colour of its light, by which it glows where it is laid; what does not shine is given back
    as it is.
    """
    if dark and art in DWELLINGS:
        plain, share = _lamplit(plain)
        lit = _sending(plain, lit, share, 0.006)
    told = SHINING.get(art) or (AFTER_DARK.get(art) if dark else None)
    if told is None:
        return lit
    begins, wholly, most, melting = told
    share = smoothstep(begins, wholly, array(plain.colour.max(axis=2))) * np.float32(most)
    if art in AFTER_DARK:
        # Lamps are yellow; what is white is a wall.
        share = array(share * smoothstep(0.98, 0.92, array(plain.colour[..., 2])))
    return _sending(plain, lit, share, melting)


def _lamplit(plain: Figure) -> tuple[Figure, Array]:
    """Light the lamps behind panes of pale blue glass: the figure with warm windows, and how much each pixel is one."""
    hue, colourful, bright = cv2.split(cv2.cvtColor(plain.colour, cv2.COLOR_RGB2HSV))
    bluish = smoothstep(178, 184, array(hue)) * smoothstep(222, 214, array(hue))
    glass = bluish * smoothstep(0.13, 0.20, array(colourful)) * smoothstep(0.5, 0.62, array(bright))
    warm = np.array(LAMP, np.float32) * (np.float32(0.6) + np.float32(0.45) * array(bright))[..., None]
    colour = array(cv2.blendLinear(np.minimum(warm, 1), plain.colour, glass, 1 - glass))
    return replace(plain, colour=colour), glass


def _sending(plain: Figure, lit: Figure, share: Array, melting: float) -> Figure:
    """Let a share of a lit figure send out its plain colours, which melt into each other that far."""
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
