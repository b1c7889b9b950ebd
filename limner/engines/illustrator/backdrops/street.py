"""A street at eye level: two rows of houses that run to the far end, lamps, trees, the road between, wet or white."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.backdrops.air import Air, air_of, light_of
from limner.engines.illustrator.backdrops.base import Scenery, View
from limner.engines.illustrator.backdrops.distance import far_sky
from limner.engines.illustrator.backdrops.facades import EYE, FOCUS, WALL, Mood, build, row_of_houses
from limner.engines.illustrator.backdrops.fronts import heap
from limner.engines.illustrator.backdrops.gloss import shine
from limner.engines.illustrator.backdrops.houses import walls_of
from limner.engines.illustrator.backdrops.indoors import spot
from limner.engines.illustrator.backdrops.pavement import LAMP_GLOW, Lights, garlands, lamps, skyline_end, trees
from limner.engines.illustrator.backdrops.plate import Plate
from limner.engines.illustrator.backdrops.roadway import roadway
from limner.engines.illustrator.pixels import Array, array, blur, fork, glow, resize, rgb

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Time

HORIZON = 0.56
LIT: dict[Time, tuple[float, float]] = {"day": (0.03, 0.25), "golden": (0.30, 0.75), "night": (0.62, 1.0)}
MODERN = ("#c9b9a4", "#b3a598", "#d8cbb8", "#a98f80", "#c4a98c", "#9aa3a8", "#b97f66")
FUTURE = ("#3a4566", "#4a4a70", "#2f3a58", "#56506e")


def street(view: View) -> Scenery:
    """Paint the street; subjects stand on its road."""
    rng = fork(view.rng)
    air = air_of(view, fork(rng))
    white, far = view.weather == "snow", view.far()
    image = far.blank()
    far_sky(image, far, air, HORIZON + 0.01, fork(rng))
    mood = _mood(view, air)
    plate = Plate.of(far, HORIZON)
    skyline_end(plate, mood, fork(rng))
    start = max(2.6, 0.86 * FOCUS * WALL / (plate.half + 0.01)) - 2.0
    for side in (-1.0, 1.0):
        for house in row_of_houses(side, mood, max(start, 1.2), fork(rng)):
            build(plate, house, mood)
    trees(plate, mood, view.details, fork(rng))
    plate.lay(image)
    roadway(image, far, air, mood, horizon=HORIZON, rng=fork(rng))
    front = Plate.of(far, HORIZON)
    standing = lamps(front, mood)
    hanging = garlands(front, mood, fork(rng)) if "festive" in view.details else []
    front.lay(image)
    wet = view.weather in ("rain", "storm")
    _glows(image, far, mood, (standing, hanging), 0.55 if wet else 0.0 if white else 0.20)
    image = resize(image, view.width, view.height, smooth=True)
    cover = heap(view, 0.026, 0.10) if white else shine(view, 0.26, 0.012) if wet else None
    return Scenery(image, HORIZON, (0.74, 0.94), light_of(air, "#9a948c"), "snow" if white else "ground", cover)


def _mood(view: View, air: Air) -> Mood:
    """Choose what the street is made of, and its light: one row in the sun, the other in the shade."""
    neon = "futuristic" in view.details
    old = not neon and "old" in view.details
    walls = walls_of(view.palette) if old or view.palette else FUTURE if neon else MODERN
    lit, shops = LIT[view.time]
    dim = view.weather in ("rain", "storm", "fog", "snow")
    bright = np.minimum(air.brightness * 1.05, 1.1)
    snow = rgb("#f1f4fd") if view.weather == "snow" else None
    thick = {"fog": 0.055, "rain": 0.016, "snow": 0.020, "storm": 0.016}.get(view.weather, 0.009)
    return Mood(
        array(bright), array(bright * (0.86 if dim else array((0.70, 0.72, 0.80)))), -1.0 if air.sun_x > 0 else 1.0,
        min(0.9, lit + (0.20 if dim else 0)), min(1.0, shops + (0.25 if dim else 0)), air.horizon, thick, snow,
        walls, old, neon,
    )  # fmt: skip


def _glows(image: Array, view: View, mood: Mood, lights: tuple[Lights, Lights], wet: float) -> None:
    """Let lamps and the far end of the street glow, and what is brighter than white spread, in place."""
    glow(image, (view.middle, (HORIZON - 0.03) * view.height), 0.22 * view.unit, mood.haze, 0.22)
    if mood.shops < 0.6:
        return
    standing, hanging = lights
    for x, y, size, colour in standing + hanging:
        at = view.x(x), HORIZON * view.height + y * view.unit
        strength = min(0.60, 1.1 * size**0.5) * (mood.shops - 0.35)
        spot(image, at, (2.2 * size * view.unit, 2.2 * size * view.unit), rgb(colour) * np.float32(strength))
    for x, y, size, colour in standing:
        low = 2 * EYE * size / LAMP_GLOW - y
        at = view.x(x), HORIZON * view.height + low * view.unit
        spot(image, at, (0.45 * size * view.unit, 2.4 * size * view.unit), rgb(colour) * np.float32(wet))
    small = resize(image, max(2, view.width // 3), max(2, view.height // 3))
    light = array(np.clip(small - np.float32(0.86), 0, 0.5))
    image += resize(blur(light, 0.005 * view.unit), view.width, view.height) * np.float32(1.1)
