"""Two colours on one thing: stripes across it, dots all over it, or another colour below, as belly or skirting."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from limner.engines.illustrator.colours import NAMED
from limner.engines.illustrator.figures.relief import BRIGHTEST, Figure
from limner.engines.illustrator.pixels import Array, array, rgb, smoothstep

if TYPE_CHECKING:
    from collections.abc import Callable

    from limner.engines.illustrator.scene import Pattern

STRIPES, DOTS = 4.5, 5.5
"""How many stripes and rows of dots go into the longer side of a thing."""
DOT = 0.30
WAIST = 0.58
GREY = np.array([0.30, 0.59, 0.11], np.float32)
DARKEST = 0.08


def patterned(figure: Figure, own: Array, colours: tuple[str, str], pattern: Pattern) -> tuple[Figure, Array]:
    """Put a second named colour on a lit figure where it has the first, and give what is left of that.

    `own` (H, W) tells where the first colour is. The light on it stays, as the ratio of what is seen to what the colour
    is: a quotient image (Riklin-Raviv and Shashua, "The quotient image", PAMI 2001).
    """
    share = array(own * MADE[pattern](*own.shape))
    first, second = (rgb(NAMED[name]) for name in colours)
    light = np.minimum(figure.colour @ GREY / max(DARKEST, float(first @ GREY)), 1.5)
    painted: Any = np.minimum(light[..., None] * second, BRIGHTEST).astype(np.float32)
    colour = cv2.blendLinear(painted, np.ascontiguousarray(figure.colour), share, 1 - share)
    return replace(figure, colour=array(colour)), array(own * (1 - share))


def _places(height: int, width: int) -> tuple[Array, Array]:
    """Give rows (H, 1) and columns (1, W) from the middle, in longer sides of the thing."""
    side = max(height, width)
    rows = (np.arange(height, dtype=np.float32)[:, None] + 0.5 - height / 2) / side
    return array(rows), array((np.arange(width, dtype=np.float32)[None] + 0.5 - width / 2) / side)


def _stripes(height: int, width: int) -> Array:
    """Draw stripes across the longer side, a little bent, as on something round."""
    along, across = _places(height, width) if height >= width else reversed(_places(height, width))
    wave = np.cos(2 * np.pi * STRIPES * (along + np.float32(0.35) * across * across))
    soft = 5 * STRIPES / max(height, width)
    return smoothstep(-soft, soft, array(np.broadcast_to(wave, (height, width))))


def _dots(height: int, width: int) -> Array:
    """Draw rows of dots, every second one between those of the row before."""
    rows, columns = (at * np.float32(DOTS) for at in _places(height, width))
    row = np.round(rows)
    column = columns - np.float32(0.5) * (row % 2)
    distance = np.sqrt((rows - row) ** 2 + (column - np.round(column)) ** 2)
    soft = 1.5 * DOTS / max(height, width)
    return smoothstep(DOT + soft, DOT - soft, array(distance))


def _halves(height: int, width: int) -> Array:
    """Colour the lower part, up to a line that sags a little."""
    across = np.linspace(-1, 1, width, dtype=np.float32)[None]
    down = (np.arange(height, dtype=np.float32)[:, None] + 0.5) / height
    soft = 1.5 / height
    return smoothstep(-soft, soft, array(down - np.float32(WAIST) - np.float32(0.05) * (1 - across * across)))


MADE: dict[Pattern, Callable[[int, int], Array]] = {"stripes": _stripes, "dots": _dots, "halves": _halves}
