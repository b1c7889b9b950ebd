"""A garden: clipped hedges, beds in bloom along a gravel path, and a rose arch or a fountain at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.backdrops.air import Air, air_of, light_of, paint_sky, sun_spot
from limner.engines.illustrator.backdrops.base import Scenery, View
from limner.engines.illustrator.backdrops.bowers import beds, fountain, rose_arch, topiary
from limner.engines.illustrator.backdrops.fronts import grass, heap
from limner.engines.illustrator.backdrops.growth import round_trees
from limner.engines.illustrator.backdrops.land import hazed, lay, outline, ridge
from limner.engines.illustrator.backdrops.lawn import blades, lawn, seasoned
from limner.engines.illustrator.backdrops.snowfield import SNOW_BOUNCE, snow_ground
from limner.engines.illustrator.backdrops.trees import foliage
from limner.engines.illustrator.pixels import Array, Colour, array, fbm, fork, mix, over, polygon, resize, rgb

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Time

HORIZON = 0.55
LAWN = 0.622
GREENS: dict[Time, tuple[str, str]] = {
    "day": ("#2f7a2c", "#9bd04e"), "golden": ("#4a6c2a", "#c2cd5a"), "night": ("#1b4a3e", "#6c9c7a"),
}  # fmt: skip
PATHS: dict[Time, str] = {"day": "#dccaa6", "golden": "#ecca98", "night": "#8c8878"}
FROST = (rgb("#66789a"), rgb("#a9b6d0"), rgb("#f4f7ff"))


def garden(view: View) -> Scenery:
    """Paint the garden; subjects stand on its path and lawn."""
    rng = fork(view.rng)
    air = air_of(view, fork(rng))
    white = view.weather == "snow"
    greens = seasoned(view, (rgb(GREENS[view.time][0]), rgb(GREENS[view.time][1])))
    leaf = FROST if white else foliage(view)
    far = view.far()
    image = far.blank()
    paint_sky(image, far, air, HORIZON + 0.03, fork(rng))
    _back(image, far, air, leaf, white=white, rng=fork(rng))
    ground, near, ends = fork(rng), fork(rng), rng.random()
    line = array(LAWN * far.height + 0 * far.across()[0])
    top = 0.0
    if white:
        snow_ground(image, far, air, line, ground)
    else:
        top = lawn(image, far, air, line, greens=(greens[0], greens[1]), rng=ground)
    _path(image, far, air, white=white, rng=fork(rng))
    image = resize(image, view.width, view.height, smooth=True)
    if not white:
        blades(image, view, top + 0.12, air, (greens[0], greens[1]), path=(0.03, 0.19), rng=near)
    end = fork(rng)
    (rose_arch if ends < 0.5 else fountain)(image, view, air, (0.0, 0.648), white=white, rng=end)
    topiary(image, view, air, leaf, fork(rng))
    beds(image, view, air, white=white, rng=fork(rng))
    light = light_of(air, SNOW_BOUNCE if white else mix(greens[0], greens[1], 0.5))
    front = (
        heap(view, 0.026, 0.10)
        if white
        else grass(view, array(greens[0] * air.brightness * 0.85), array(greens[1] * air.brightness))
    )
    sun = sun_spot(view, air, HORIZON + 0.03)
    return Scenery(image, HORIZON, (0.78, 0.92), light, "snow" if white else "grass", front, sun, 0.16)


def _back(
    image: Array, view: View, air: Air, leaf: tuple[Colour, ...], *, white: bool, rng: np.random.Generator
) -> None:
    """Close the garden with far trees and two hedges, the near one clipped, in place."""
    sun = air.side
    line = ridge(view, 0.545, 0.05, 0.4, fork(rng))
    lay(image, line, hazed(leaf[1], air, 0.62))
    for count, low, size, haze in ((34, 0.565, 0.050, 0.46), (26, 0.590, 0.042, 0.24)):
        many = fork(rng).random((count, 3))
        x = view.x(0) + (many[:, 0] - 0.5) * 2.4 * view.unit
        at = np.stack([x, (low + 0.010 * many[:, 1]) * view.height, size * (0.55 + 0.7 * many[:, 2]) * view.unit], 1)
        round_trees(
            image, at, hazed(leaf[0], air, haze), hazed(mix(leaf[1], leaf[2], 0.6), air, haze), sun=sun, rng=fork(rng)
        )
    top, foot = 0.572 * view.height, (LAWN + 0.010) * view.height
    dark, bright = (
        hazed(leaf[0] if not white else rgb("#2f4a44"), air, 0.10),
        hazed(leaf[1] if not white else rgb("#7c9488"), air, 0.10),
    )
    crest = array(top - 0.004 * view.unit * outline(view, 0.02, 3, fork(rng)))
    texture = fbm(view.height, view.width, 0.018 * view.unit, 4, fork(rng), gain=0.7)
    rows = np.arange(view.height, dtype=np.float32)[:, None]
    tone = np.clip((texture - 0.5) * 2.2 + 0.50 - 0.5 * (rows - top) / (foot - top), 0, 1)
    lay(image, crest, mix(dark * 0.75, bright, tone[..., None]))
    lit = mix(bright, air.lit, 0.55) if white else mix(bright, array(leaf[2] * air.brightness), 0.6)
    band = np.exp(-(((rows - crest[None] - 0.006 * view.unit) / (0.006 * view.unit)) ** 2)) * np.clip(
        texture * 2 - 0.3, 0, 1
    )
    over(image, lit, array(np.clip(band, 0, 1)))


def _path(image: Array, view: View, air: Air, *, white: bool, rng: np.random.Generator) -> None:
    """Lay the gravel path in perspective from the end of the garden to the viewer, in place."""
    t = np.linspace(0, 1, 20)
    y = (LAWN + 0.012 + (1.02 - LAWN) * t) * view.height
    half = (0.026 + 0.165 * t) * view.unit
    middle = view.middle + 0.03 * view.unit * np.sin(t * 3) * (1 if rng.random() > 0.5 else -1)
    left, right = np.stack([middle - half, y], 1), np.stack([middle + half, y], 1)
    tint = (rgb("#e4ebf8") if white else rgb(PATHS[view.time])) * air.brightness
    stones = fbm(view.height, view.width, 0.010 * view.unit, 3, rng, aspect=2.2, gain=0.8) - np.float32(0.5)
    swell = fbm(view.height, view.width, 0.12 * view.unit, 3, rng, aspect=3.0) - np.float32(0.5)
    texture = 1 + stones * np.float32(0.25 if white else 0.75) + swell * np.float32(0.35)
    edge = np.concatenate([left - np.array([0.010 * view.unit, 0]), (right + np.array([0.010 * view.unit, 0]))[::-1]])
    over(image, array(tint * 0.50), polygon(view.height, view.width, edge) * np.float32(0.6))
    over(image, array(tint * texture[..., None]), polygon(view.height, view.width, np.concatenate([left, right[::-1]])))
