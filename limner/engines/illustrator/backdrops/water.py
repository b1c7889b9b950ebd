"""Open water: the mirror of what stands above it, broken by waves in perspective, with glints and a sun path."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.backdrops.land import TILE, depth, tile
from limner.engines.illustrator.pixels import Array, Colour, array, mix, smoothstep

if TYPE_CHECKING:
    from limner.engines.illustrator.backdrops.air import Air
    from limner.engines.illustrator.backdrops.base import View

# how many times finer than the first, where on the tile it starts, and its height; the last only in fine pictures
WAVES = ((1.0, 0.0, 0.9), (2.3, 0.31, 0.6), (5.1, 0.57, 0.40), (11.3, 0.83, 0.24), (23.0, 0.19, 0.30))


def waves(view: View, far: Array, choppy: float, rng: np.random.Generator) -> Array:
    """Give the height of the waves in perspective, around 0, shape (rows, W); `far` is what `land.depth` gave."""
    pattern = tile(24, 8, rng)
    x = array(view.across()[:, ::2] * far)
    total = np.zeros(x.shape, np.float32)
    # The finest pictures have more rows to show small waves farther away.
    sharp = 2.0 if view.fine else 1.0
    for scale, shift, share in WAVES if view.fine else WAVES[:-1]:
        u = x * np.float32(scale * 0.30 * TILE) + np.float32(shift * TILE)
        v = np.repeat(far * np.float32(scale * 0.22 * TILE) + np.float32(shift * 1.7 * TILE), x.shape[1], axis=1)
        layer = cv2.remap(pattern, u, array(v), cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP) - np.float32(0.5)
        total += layer * (np.float32(share) * smoothstep(55 * sharp / scale, 14 * sharp / scale, far))
    # waves are three times as long as deep: half the columns hold all there is
    return array(cv2.resize(total * np.float32(choppy), (view.width, len(far)), interpolation=cv2.INTER_LINEAR))


def water(
    canvas: Array, view: View, air: Air, top: int, colours: tuple[Colour, Colour], *, choppy: float, mirror: float,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """Fill the canvas from the row `top` down with water that mirrors what is above `top`, in place.

    `colours` are the far and the near water's own colours, `choppy` the height of the waves (1 is a fresh
    breeze), `mirror` how much is reflected. Fresnel's law is kept roughly: the farther, the more mirror.
    """
    far = depth(view, top, 0.05)
    n = waves(view, far, choppy, rng)
    rows = len(far)
    d = ((np.arange(rows, dtype=np.float32) + 0.5) / rows)[:, None]
    sky = np.ascontiguousarray(canvas[:top])
    y = (1 - d**0.85) * np.float32(top - 1) + n * ((0.22 + d) * np.float32(0.26 * top))
    x = np.arange(view.width, dtype=np.float32)[None] + n * ((0.2 + d) * np.float32(0.03 * view.unit))
    seen = array(
        cv2.remap(sky, array(x), np.clip(y, 0, top - 1, out=array(y)), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    )
    own = mix(colours[0], colours[1], smoothstep(0, 0.9, d)[..., None])
    share = np.clip(mirror * (1 - 0.58 * d) + n * np.float32(0.62), 0.04, 0.96)
    part = cv2.blendLinear(np.repeat(own, view.width, axis=1), seen, array(1 - share), array(share))
    crest = np.clip(n - np.float32(0.30), 0, 1) * np.float32(0.9)
    part += crest[..., None] * air.horizon * air.brightness
    canvas[top:] = part
    if air.glow > 0.05:
        sun_path(canvas, view, air, top, n, rng=rng)


def sun_path(canvas: Array, view: View, air: Air, top: int, n: Array, *, rng: np.random.Generator) -> None:
    """Lay the road of glints below the sun or moon, in place; `n` is the height of the waves."""
    rows = view.height - top
    d = ((np.arange(rows, dtype=np.float32) + 0.5) / rows)[:, None]
    far = depth(view, top, 0.05)
    fine = waves(view, far * np.float32(2.1), 1.0, rng)
    low = np.float32(smoothstep(0.2, 0.85, air.sun_y))
    width = (0.035 + 0.16 * d) * (1.6 - 0.7 * low)
    road = np.exp(-(((view.across() - np.float32(air.sun_x)) / width) ** 2))
    glint = smoothstep(0.16, 0.62, n * np.float32(0.6) + fine * np.float32(0.75))
    light = (
        road
        * (glint * (0.75 + 0.75 * low + 0.45 * air.stars) + np.float32(0.10 + 0.22 * low) * (1 - d))
        * np.float32(air.glow)
    )
    sparse = smoothstep(0.62, 0.85, fine) * np.float32(0.32 * air.glow)
    canvas[top:] += array(light + sparse * smoothstep(0.02, 0.2, d))[..., None] * air.sun
