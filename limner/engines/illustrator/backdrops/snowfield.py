"""Snow on open ground: blue in the shade, bright where the light grazes it, with a few sparkling crystals."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.backdrops.growth import dots, fill
from limner.engines.illustrator.backdrops.land import depth, lay, sample, slope, tile
from limner.engines.illustrator.pixels import Array, array, mix, rgb, smoothstep

if TYPE_CHECKING:
    from limner.engines.illustrator.backdrops.air import Air
    from limner.engines.illustrator.backdrops.base import View

SNOW_BOUNCE = "#d4dcf2"


def snow_ground(image: Array, view: View, air: Air, line: Array, rng: np.random.Generator) -> None:
    """Cover everything below a line with snow, in place."""
    top = int(np.clip(math.floor(float(line.min())) - 1, 0, view.height - 4))
    far = depth(view, top, 0.12)
    drift = _drifts(view, far, rng)
    d = np.linspace(0, 1, len(far), dtype=np.float32)[:, None]
    step = max(1, round(0.012 * view.unit))
    graze = slope(drift if air.sun_x < 0 else drift[:, ::-1], step, 16.0)
    graze = graze if air.sun_x < 0 else graze[:, ::-1]
    tone = np.clip(0.46 + 0.66 * (graze - 0.5) + 0.14 * d + 0.80 * (drift - 0.5), 0, 1)
    colour = mix(rgb("#a3aed2"), rgb("#fdfdff"), tone[..., None]) * _snow_light(view, air)
    warm = np.exp(-(((view.across() - np.float32(air.sun_x)) / 0.6) ** 2)) * (0.18 * (1 - d))
    colour = mix(colour, air.horizon, (0.45 * smoothstep(0.4, 0.0, d) + warm)[..., None])
    part = np.ascontiguousarray(image[top:])
    lay(part, array(line - top), colour)
    _crystals(part, view, air, rng)
    image[top:] = part


def _snow_light(view: View, air: Air) -> Array:
    """Give the light on snow: whiter than on other ground, and at night as if the moon were full."""
    pale = mix(air.brightness, air.brightness.mean(), 0.30 if view.time == "night" else 0.0)
    return array(np.minimum(pale * (1.55 if view.time == "night" else 1.12), 1.12))


def _drifts(view: View, far: Array, rng: np.random.Generator) -> Array:
    """Heap up long, soft waves of snow that lie across the view, around 0.5."""
    long = sample(tile(128, 96, rng), view, far, 0.20, 0.30)
    middle = sample(tile(64, 36, rng), view, far, 0.26, 0.40)
    fine = sample(tile(9, 6, rng), view, far, 0.55, 0.7)
    if view.fine:
        fine = fine + (sample(tile(2.4, 2, rng), view, far, 0.9, 1.0) - np.float32(0.5)) * np.float32(0.8)
    return array(long * 0.64 + middle * 0.33 + fine * (0.032 if view.fine else 0.017))


def _crystals(part: Array, view: View, air: Air, rng: np.random.Generator) -> None:
    many = rng.random((620, 4))[: 620 if view.fine else 260]
    x = view.middle + (many[:, 0] - 0.5) * max(2.2, view.width / view.unit) * view.unit
    y = part.shape[0] * (0.15 + 0.85 * many[:, 1])
    radius = view.unit * (0.0005 + 0.0011 * many[:, 2] ** 3) * (0.4 + many[:, 1])
    spots = np.stack([x, y, np.maximum(radius, 0.4), np.minimum(1, radius / 0.4) * many[:, 3]], 1)
    part += dots(part.shape[0], part.shape[1], spots)[..., None] * array(air.brightness * 0.8)


def snowdrift(image: Array, at: tuple[float, float], size: tuple[float, float]) -> None:
    """Heap the snow that lies around a place (pixels) over the foot of what stands there, in place."""
    h, w = image.shape[:2]
    row = int(np.clip(at[1] + size[1], 0, h - 1))
    beside = [int(np.clip(at[0] + side * 2.4 * size[0], 0, w - 1)) for side in (-1, 1)]
    colour = array(np.max([image[row, column] for column in beside], axis=0) * 1.02)
    turn = np.linspace(0, 2 * np.pi, 32)
    high = np.where(np.sin(turn) < 0, 1.0, 0.7) * (1 + 0.10 * np.sin(turn * 5))
    fill(image, np.stack([at[0] + size[0] * np.cos(turn), at[1] + size[1] * high * np.sin(turn)], 1), colour)
