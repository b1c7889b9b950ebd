"""On the moon: the black sky with its stars, the earth above far mountains, and craters in grey dust."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.backdrops.base import Light, Scenery, View
from limner.engines.illustrator.backdrops.fronts import heap
from limner.engines.illustrator.backdrops.reef import boulder
from limner.engines.illustrator.backdrops.space import around, dust_ground, old_range, stars
from limner.engines.illustrator.pixels import Array, array, fbm, fork, glow, mix, over, resize, rgb, smoothstep

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Time

HORIZON = 0.60
DUSTS: dict[Time, tuple[str, str]] = {
    "day": ("#3c3e46", "#d4d2cc"), "golden": ("#453c38", "#dcc4a0"), "night": ("#161a2c", "#666e8e"),
}  # fmt: skip
# Where each range stands, how tall it is and how long its hills, and how bright it is.
RANGES = (0.615, 0.34, 0.30, 0.66), (0.655, 0.24, 0.36, 0.78), (0.695, 0.10, 0.46, 0.88)
KEYS: dict[Time, tuple[str, str, str]] = {
    "day": ("#fbf6ee", "#464c5c", "#9cb0ff"), "golden": ("#ffe0b0", "#4c4650", "#ffc890"),
    "night": ("#a8b8e8", "#3c4468", "#8aa8ff"),
}  # fmt: skip


def moon(view: View) -> Scenery:
    """Paint the moon; subjects stand in its dust. There is no weather."""
    rng = fork(view.rng)
    side = 1 if rng.random() < 0.5 else -1
    far = view.far()
    image = far.blank("#010208")
    stars(image, far, fork(rng))
    _earth(image, far, side, fork(rng))
    dark, bright = (rgb(c) for c in DUSTS[view.time])
    ranges = fork(rng)
    for shape in RANGES:
        old_range(image, far, shape, (dark, bright), side, rng=fork(ranges))
    dust_ground(image, far, (dark, bright), side, base=0.715, rng=fork(rng))
    image = resize(image, view.width, view.height, smooth=True)
    _stones(image, view, (dark, bright), fork(rng))
    key, up, rim = (rgb(c) for c in KEYS[view.time])
    light = Light(
        key, (-side * 0.62, -0.58, 0.53), up, array(bright * 0.34), rim, (side * 0.85, -0.4), -0.15, 0.66, side * 0.9
    )
    return Scenery(image, HORIZON, (0.76, 0.93), light, "ground", heap(view, 0.014, 0.05))


def _earth(image: Array, view: View, side: int, rng: np.random.Generator) -> None:
    """Hang the earth in the sky: seas, lands, whirls of cloud, its night side and its thin air, in place."""
    cx, cy, r = side * min(0.27, view.width / view.unit / 2 - 0.16), 0.235, 0.140
    glow(image, (view.x(cx), cy * view.unit), 0.26 * view.unit, (0.25, 0.45, 0.95), 0.55)
    rows, columns = around(view, (cx, cy), 1.05 * r)
    x = (view.across()[:, columns] - np.float32(cx)) / np.float32(r)
    y = (view.rows()[rows] * np.float32(view.height / view.unit) - np.float32(cy)) / np.float32(r)
    d2 = x * x + y * y
    z = np.sqrt(np.clip(1 - d2, 0, 1))
    unit = view.unit * r / 0.14
    lands = fbm(d2.shape[0], d2.shape[1], 0.15 * unit, 6, rng, gain=0.55)
    whirl = fbm(d2.shape[0], d2.shape[1], 0.07 * unit, 6, rng, aspect=2.2, gain=0.58)
    ground = mix(rgb("#123f86"), rgb("#2f86c4"), smoothstep(0.40, 0.52, lands)[..., None])
    soil = mix(rgb("#3f7a3c"), rgb("#b49a62"), smoothstep(0.56, 0.70, whirl + lands * 0.2)[..., None])
    ground = mix(ground, soil, smoothstep(0.515, 0.535, lands)[..., None])
    ground = mix(ground, 1.0, (smoothstep(0.80, 0.95, np.abs(y)) * 0.9 * np.ones_like(x))[..., None])
    ground = mix(ground, 1.05, (smoothstep(0.56, 0.74, whirl) * 0.90)[..., None])
    lit = np.clip(-side * x * 0.68 - y * 0.42 + z * 0.62, 0, 1) ** np.float32(0.75)
    edge = 1.4 / (r * view.unit)
    disc = smoothstep(1 + edge, 1 - edge, np.sqrt(d2))
    rim = np.clip(1 - z, 0, 1) ** np.float32(2.5) * lit
    over(image[rows, columns], array(ground * lit[..., None] * 1.12 + rim[..., None] * rgb("#7ab8ff") * 0.8), disc)


def _stones(image: Array, view: View, dust: tuple[Array, Array], rng: np.random.Generator) -> None:
    """Scatter a few boulders at the sides of the foreground, in place."""
    half = min(0.80, view.width / view.unit / 2)
    many = rng.random((11, 4))
    for k, (a, b, c, _) in enumerate(many[np.argsort(many[:, 2])]):
        at = (-1 if k % 2 else 1) * (half - 0.30 * a)
        size = view.unit * (0.008 + 0.030 * b * b) * (0.6 + c)
        y = (0.74 + 0.24 * c) * view.height
        boulder(image, (view.x(at), y), (size, 0.62 * size), (array(dust[0] * 0.55), dust[1]), rng=fork(rng))
