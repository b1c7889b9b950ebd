"""Winter: mountains, firs under snow at both sides, and an untouched snowfield."""

from __future__ import annotations

import numpy as np

from limner.engines.illustrator.backdrops.air import Air, air_of, light_of, paint_sky
from limner.engines.illustrator.backdrops.base import Scenery, View
from limner.engines.illustrator.backdrops.fronts import heap
from limner.engines.illustrator.backdrops.growth import fir_shapes, paint
from limner.engines.illustrator.backdrops.land import faces, hazed, lay, mist, outline, ridge
from limner.engines.illustrator.backdrops.snowfield import SNOW_BOUNCE, snow_ground
from limner.engines.illustrator.pixels import Array, array, blur, fbm, fork, mix, resize, rgb, smoothstep

HORIZON = 0.55
RANGES = ((0.50, 0.34, 0.30, 0.55), (0.55, 0.17, 0.24, 0.30))


def snow(view: View) -> Scenery:
    """Paint the winter landscape; subjects stand in the snow."""
    rng = fork(view.rng)
    air = air_of(view, fork(rng))
    far = view.far()
    distant = far.blank()
    paint_sky(distant, far, air, HORIZON + 0.04, fork(rng))
    mountains = fork(rng)
    for base, height, scale, haze in RANGES:
        _mountains(distant, far, air, (base, height, scale, haze), fork(mountains))
    mist(distant, far, mix(air.horizon, 1, 0.15), (0.545, 0.035, 0.5), fork(rng))
    _far_woods(distant, far, air, fork(rng))
    image = resize(blur(distant, 0.0008 * far.unit), view.width, view.height, smooth=True)
    ground = fork(rng)
    snow_ground(image, view, air, ridge(view, 0.625, 0.05, 0.5, ground, gain=0.35), ground)
    _firs(image, view, air, fork(rng))
    return Scenery(image, HORIZON, (0.72, 0.92), light_of(air, SNOW_BOUNCE), "snow", heap(view, 0.032, 0.10))


def _mountains(
    canvas: Array, view: View, air: Air, shape: tuple[float, float, float, float], rng: np.random.Generator
) -> None:
    """Raise a range with snow on its peaks, light on the faces that look to the sun, rock on the steep ones."""
    base, height, scale, haze = shape
    peaks = np.abs(outline(view, scale, 7, rng, 0.5) - 0.5) * 1.9
    line = array(base * view.height - height * view.unit * (0.78 - peaks))
    side = -1.0 if air.sun_x > 0 else 1.0
    rough = fbm(view.height, view.width, 0.10 * view.unit, 6, rng, aspect=0.8, gain=0.6)
    slope = faces(view, line, 0.9 * side, 0.004) * np.float32(side) + (rough - 0.5) * np.float32(1.3)
    lit = smoothstep(0.35, -0.35, slope)[..., None]
    snowy, shadow = rgb("#fbfcff"), rgb("#8fa3d0")
    bare = smoothstep(0.58, 0.68, rough + 0.12 * smoothstep(0.36, 0.56, view.rows()))[..., None] * 0.75
    colour = mix(mix(shadow, snowy, lit), mix(rgb("#4d5878"), rgb("#8d8a90"), lit), bare)
    rise = smoothstep(base - 0.30, base, view.rows())[..., None]
    lay(canvas, line, hazed(colour, air, np.clip(haze * (0.55 + 0.65 * rise), 0, 1)))


def _far_woods(canvas: Array, view: View, air: Air, rng: np.random.Generator) -> None:
    """Draw two lines of distant firs: a saw of narrow peaks along a ridge."""
    for base, height, haze in ((0.575, 0.030, 0.55), (0.605, 0.050, 0.28)):
        line = ridge(view, base, 0.05, 0.35, fork(rng))
        teeth = np.abs(((view.across()[0] / (height * 0.42)) % 1) - 0.5) * 2
        jitter = outline(view, height * 0.5, 2, fork(rng))
        where = smoothstep(0.40, 0.55, outline(view, 0.22, 3, fork(rng)))
        trees = line - where * (1 - teeth) * height * view.unit * (0.5 + jitter)
        lay(canvas, array(trees), hazed(rgb("#5b7488"), air, haze))
        lay(canvas, array(line + 0.004 * view.unit), hazed(rgb("#e6ecfa"), air, haze * 0.6))


def _firs(image: Array, view: View, air: Air, rng: np.random.Generator) -> None:
    """Stand snow-laden firs at both sides, the near ones last, in place; the middle stays free."""
    half = min(0.75, view.width / view.unit / 2)
    many = rng.random((9, 3))
    for k, (a, b, c) in enumerate(many):
        t = k / 8
        side = -1 if k % 2 else 1
        at = side * (half - (0.16 - 0.10 * t) * a - 0.02 + 0.04 * t)
        size = (0.14 + 0.30 * t) * (0.8 + 0.4 * b) * view.unit
        x, y = view.x(at), (0.645 + 0.12 * t + 0.02 * c) * view.height
        shapes = fir_shapes(x, y, size, fork(rng))
        tiers = len(shapes) // 2
        tint, haze = air.brightness, 0.30 * (1 - t)
        trunk = np.array(
            [
                (x - 0.02 * size, y),
                (x - 0.02 * size, y - 0.2 * size),
                (x + 0.02 * size, y - 0.2 * size),
                (x + 0.02 * size, y),
            ]
        )
        paint(image, [trunk], [0.0], array(rgb("#3a2c28") * tint), rgb("#3a2c28"))
        green = mix(array(rgb("#2c4a4c") * tint), air.horizon, haze)
        deep = mix(array(rgb("#16282f") * tint), air.horizon, haze)
        white = array(np.minimum(rgb("#f4f7ff") * tint * 1.1, 1.05))
        for tier in range(tiers):
            paint(image, [shapes[tier]], [0.25 + 0.5 * tier / tiers], deep, green)
            paint(image, [shapes[tiers + tier]], [1.0], white, mix(white, air.horizon, haze))
