"""Pictures of a picture under way: its sketch, and its flat colours; what shows it lit is the canvas itself.

Both are made at half the size, for they are looked at for a second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.pixels import Array, array, blur, mix, over, resize, rgb, smoothstep
from limner.engines.illustrator.printing.finish import Pixels, quantised

if TYPE_CHECKING:
    from collections.abc import Sequence

    from limner.engines.illustrator.figures.relief import Figure
    from limner.engines.illustrator.printing.sheet import Sheet

PAPER, GRAPHITE = "#faf6ee", "#3d3a40"
SCALE = 0.5

Placed = tuple["Figure", int, int]
"""A figure in its flat colours at `SCALE`, and the column and row of its corner there."""


def flat(place: Array, figures: Sequence[Placed]) -> Array:
    """Lay unlit figures on a place (H, W, 3); float32 at `SCALE` of its size."""
    height, width = place.shape[:2]
    canvas = resize(np.minimum(place, 1), max(2, round(width * SCALE)), max(2, round(height * SCALE))).copy()
    for figure, x, y in figures:
        x0, y0 = max(0, x), max(0, y)
        x1, y1 = min(canvas.shape[1], x + figure.width), min(canvas.shape[0], y + figure.height)
        if x1 > x0 and y1 > y0:
            part = slice(y0 - y, y1 - y), slice(x0 - x, x1 - x)
            over(canvas[y0:y1, x0:x1], figure.colour[part], np.ascontiguousarray(figure.alpha[part]))
    return canvas


def sketch(canvas: Array) -> Array:
    """Draw a picture's outlines in pencil on paper, with a breath of its colour; the same shape.

    Lines are the darker side of edges in any colour (difference of Gaussians, Marr and Hildreth 1980).
    """
    size = min(canvas.shape[:2])
    change = (blur(canvas, max(1.4, size / 220)) - blur(canvas, max(0.6, size / 800))).max(axis=2)
    line = smoothstep(0.015, 0.11, change)[..., None]
    paper = rgb(PAPER) + (canvas - rgb(PAPER)) * np.float32(0.14)
    return array(paper + (rgb(GRAPHITE) - paper) * line * np.float32(0.8))


def laid(canvas: Array, cover: Array | None) -> Array:
    """Lay a cut-out (H, W, 3) on paper by its cover (H, W); without a cover it is whole already."""
    if cover is None:
        return canvas
    return mix(np.broadcast_to(rgb(PAPER), canvas.shape), np.minimum(canvas, 1), cover[..., None])


def mounted(canvas: Array, sheet: Sheet) -> Pixels:
    """Give a canvas of any size as it lies on its sheet: uint8 (H, W, 3) at the sheet's size, paper around it."""
    whole = np.empty((sheet.height, sheet.width, 3), np.uint8)
    whole[:] = np.round(rgb(PAPER) * 255).astype(np.uint8)
    x0, y0, x1, y1 = sheet.picture
    whole[y0:y1, x0:x1] = quantised(resize(array(np.minimum(canvas, 1)), x1 - x0, y1 - y0))
    return whole
