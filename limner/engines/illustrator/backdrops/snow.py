"""Winter: mountains, firs under snow at both sides, and an untouched snowfield."""

from __future__ import annotations

import numpy as np

from limner.engines.illustrator.backdrops.air import Air, air_of, light_of, paint_sky, sun_spot
from limner.engines.illustrator.backdrops.base import Scenery, View
from limner.engines.illustrator.backdrops.crags import Range, peaks, pines, weathered_rock
from limner.engines.illustrator.backdrops.fronts import heap
from limner.engines.illustrator.backdrops.growth import Points, colour, ground_shadow
from limner.engines.illustrator.backdrops.land import hazed, lay, mist, ridge
from limner.engines.illustrator.backdrops.snowfield import SNOW_BOUNCE, snow_ground
from limner.engines.illustrator.pixels import Array, array, fork, mix, resize, rgb

HORIZON = 0.55
RANGES = (Range(0.53, 0.40, 2.1, 0.50, 0.78), Range(0.555, 0.27, 2.6, 0.30, 0.55))
ROCKS = ("#4a5878", "#9a98a0")
FIRS = (rgb("#16282f"), rgb("#4c6c6c"))


def snow(view: View) -> Scenery:
    """Paint the winter landscape; subjects stand in the snow."""
    rng = fork(view.rng)
    air = air_of(view, fork(rng))
    far = view.far()
    distant = far.blank()
    paint_sky(distant, far, air, HORIZON + 0.04, fork(rng))
    raised = distant[: round(0.60 * far.height)].copy()
    mountains = fork(rng)
    for row in RANGES:
        peaks(distant, far, air, row, rocks=ROCKS, white=False, rng=fork(mountains))
    weathered_rock(distant, far, raised, 0.60, amount=0.42, rng=fork(mountains))
    mist(distant, far, mix(air.horizon, 1, 0.15), (0.545, 0.040, 0.6), fork(rng))
    _far_woods(distant, far, air, fork(rng))
    ground = fork(rng)
    snow_ground(distant, far, air, ridge(far, 0.625, 0.05, 0.5, ground, gain=0.35), ground)
    image = resize(distant, view.width, view.height, smooth=True)
    _firs(image, view, air, fork(rng))
    return Scenery(
        image,
        HORIZON,
        (0.72, 0.92),
        light_of(air, SNOW_BOUNCE),
        "snow",
        heap(view, 0.032, 0.10),
        sun_spot(view, air, HORIZON + 0.04),
    )


def _far_woods(canvas: Array, view: View, air: Air, rng: np.random.Generator) -> None:
    """Draw two rises with firs under snow, the farther paler, in place."""
    for base, tall, many, haze in ((0.580, 0.055, 40, 0.50), (0.612, 0.085, 24, 0.26)):
        line = ridge(view, base, 0.05, 0.35, fork(rng))
        pines(canvas, view, air, line, (tall, many, haze), dense=0.6, inks=FIRS, white=True, rng=fork(rng))
        lay(canvas, array(line + 0.004 * view.unit), hazed(rgb("#e6ecfa"), air, haze * 0.6))


def _firs(image: Array, view: View, air: Air, rng: np.random.Generator) -> None:
    """Stand snow-laden firs at both sides, the near ones last, in place; the middle stays free."""
    half = min(0.50, view.width / view.unit / 2)
    many = rng.random((22, 3))
    for k, (a, b, c) in enumerate(many):
        t = (k // 2) / 10
        side, outer = (-1 if k // 2 % 2 else 1), 0.16 + 0.9 * a if k % 2 else 0.0
        x = view.x(side * (half - (0.18 - 0.10 * t) * a - 0.02 + 0.05 * t + outer))
        size = (0.15 + 0.34 * t) * (0.8 + 0.4 * b) * view.unit
        snowy_fir(image, (x, (0.645 + 0.13 * t + 0.02 * c) * view.height), size, air, 0.30 * (1 - t), rng=fork(rng))


def snowy_fir(
    image: Array, at: tuple[float, float], size: float, air: Air, haze: float, *, rng: np.random.Generator
) -> None:
    """Stand one fir `size` pixels tall under its load of snow at `at` (pixels), in place."""
    tint, sun = air.brightness, air.side
    shapes: list[Points] = []
    tones: list[float] = []
    for k in range(8):
        t = 1 - k / 8
        wide, low = size * 0.24 * t**0.9 * (1 + 0.1 * rng.normal()), at[1] - size * 0.95 * (1 - t) - 0.05 * size
        tier, load = _tier(at[0], low, wide, size * (0.10 + 0.16 * t), sun=sun, rng=rng)
        shapes += [tier, *load]
        tones += [0.18 + 0.10 * (1 - t), 0.72, 1.0]
    trunk = np.array([(-0.022, 0), (-0.018, -0.12), (0.018, -0.12), (0.022, 0)]) * size + at
    steps = [
        [
            rgb("#10252c") * tint,
            rgb("#33585a") * tint,
            rgb("#9fb0d8") * tint,
            np.minimum(rgb("#fbfcff") * tint * 1.1, 1.06),
        ]
    ]
    inks = np.stack(
        [np.stack([np.interp(v, (0, 0.4, 0.72, 1.0), np.array(steps[0])[:, c]) for c in range(3)]) for v in tones]
    )
    ground_shadow(image, (at[0] - 0.12 * sun * size, at[1]), (0.30 * size, 0.035 * size))
    colour(image, [trunk, *shapes], mix(np.concatenate([[rgb("#2c2220") * tint], inks]), air.horizon, haze))


def _tier(
    x: float, low: float, wide: float, tall: float, *, sun: float, rng: np.random.Generator
) -> tuple[Points, list[Points]]:
    """Draw one skirt of a fir, and the snow on it: what lies in the shade, and what the sun catches."""
    u = np.linspace(-1, 1, 13)
    droop = low - 0.10 * tall * (1 - np.abs(u)) + (np.arange(13) % 2) * 0.16 * tall + rng.normal(0, 0.02 * tall, 13)
    skirt = np.concatenate([[(x, low - tall)], np.stack([x + u * wide, droop], 1)])
    edge = low - 0.20 * tall - (np.arange(13) % 2) * 0.12 * tall + rng.normal(0, 0.03 * tall, 13)
    snow = np.concatenate(
        [[(x, low - 1.02 * tall)], np.stack([x + u * wide * 0.96, edge + 0.10 * tall * np.abs(u)], 1)]
    )
    lit = np.where((snow[:, 0] - x) * sun > 0, snow[:, 0], x + 0.25 * (snow[:, 0] - x))
    return skirt, [snow, np.stack([lit, snow[:, 1] - 0.02 * tall], 1)]
