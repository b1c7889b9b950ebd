"""A skyline across the water: towers in four layers against the sky, their lights mirrored, and a quay to stand on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.backdrops.air import Air, air_of, light_of, tint_of
from limner.engines.illustrator.backdrops.base import Scenery, View
from limner.engines.illustrator.backdrops.coast import boat
from limner.engines.illustrator.backdrops.distance import Gleam, far_sky
from limner.engines.illustrator.backdrops.festive import fireworks
from limner.engines.illustrator.backdrops.fronts import shored, waterline
from limner.engines.illustrator.backdrops.houses import Paint
from limner.engines.illustrator.backdrops.land import mist
from limner.engines.illustrator.backdrops.plate import Plate
from limner.engines.illustrator.backdrops.quay import quay
from limner.engines.illustrator.backdrops.towers import Look, raise_tower, row_of_towers
from limner.engines.illustrator.backdrops.water import water
from limner.engines.illustrator.pixels import (
    SHIFT,
    Array,
    Colour,
    add,
    array,
    blur,
    fixed,
    fork,
    mix,
    resize,
    rgb,
    smoothstep,
)

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Time

HORIZON = 0.69
ROWS = (
    # towers to a unit, heights, widths, haze, window size
    (26, (0.10, 0.46), (0.016, 0.040), 0.46, 0.0),
    (20, (0.10, 0.64), (0.026, 0.056), 0.20, 0.0068),
    (14, (0.10, 0.60), (0.036, 0.076), 0.07, 0.0080),
    (8, (0.05, 0.36), (0.055, 0.110), 0.02, 0.0086),
)
FACES: dict[Time, tuple[tuple[str, str], tuple[str, str]]] = {
    # the farthest row's shaded and sunny face, the nearest's
    "day": (("#8fb0cf", "#c6dcec"), ("#40566f", "#b9c3cc")),
    "golden": (("#c45c7c", "#f79a72"), ("#1a1240", "#5a2c62")),
    "night": (("#39407f", "#5a5aa0"), ("#0c1030", "#232a5c")),
}
LIT: dict[Time, float] = {"day": 0.03, "golden": 0.20, "night": 0.30}
LAMPS = ("#ffd27a", "#a8d4ff")
NEON = ("#38f0ff", "#ff4fd0", "#8a6bff")


def skyline(view: View) -> Scenery:
    """Paint the skyline; subjects fly before it or stand on the quay."""
    rng = fork(view.rng)
    air = _air(view, fork(rng))
    far = view.far()
    image = far.blank()
    far_sky(image, far, air, HORIZON, fork(rng), gleam=_gleam(view, air))
    haze = mix(air.horizon, air.sun, 0.25 * min(1.0, air.glow))
    if view.time == "night":
        haze = mix(haze, rgb("#b0628c"), 0.35)
    _city(image, far, air, haze, fork(rng))
    if "festive" in view.details:
        fireworks(image, far, HORIZON - 0.12, fork(rng))
    if "futuristic" in view.details:
        _traffic(image, far, fork(rng))
    mist(image, far, haze, (HORIZON - 0.012, 0.032, 0.45), fork(rng))
    top = round(HORIZON * far.height)
    deep = mix(rgb("#10204a"), air.zenith, 0.5) * np.minimum(air.brightness + 0.25, 1)
    calm = {"storm": 0.9, "rain": 0.7}.get(view.weather, 0.42)
    water(image, far, air, top, (mix(deep, haze, 0.5), array(deep)), choppy=calm, mirror=0.95, rng=fork(rng))
    if "boat" in view.details:
        _boat(image, far, air)
    quay(image, far, air, fork(rng))
    image = resize(image, view.width, view.height, smooth=True)
    white = view.weather == "snow"
    return Scenery(
        image,
        HORIZON,
        (0.905, 0.975),
        light_of(air, "#8a90a4"),
        "snow" if white else "ground",
        shored(view, 0.88, waterline(view, array(deep), air.lit), None),
        pond=(0.75, 0.865),
    )


def _air(view: View, rng: np.random.Generator) -> Air:
    """Give the air of the hour with a sky for a city: violet over rose over orange when the sun is low."""
    air = air_of(view, rng)
    share = {"day": 0.0, "golden": 1.0, "night": 0.35}[view.time] * (1.0 if view.weather == "clear" else 0.35)
    if not share:
        return air
    low = view.time == "golden"
    stops = ("#241a5c", "#d24a7c", "#ffc078") if low else ("#0a0d38", "#3a2470", "#b0608c")
    tint = tint_of(view.palette)
    above, half, edge = (array(rgb(c) * tint) for c in stops)
    lit, shade = mix(air.lit, rgb("#ff9a86"), 0.5 * share), mix(air.shade, rgb("#6a3a72"), 0.6 * share)
    return replace(
        air, zenith=mix(air.zenith, above, share), middle=mix(air.middle, half, share),
        horizon=mix(air.horizon, edge, share), lit=lit, shade=shade, stars=max(air.stars, 0.45 * share),
        sun_size=air.sun_size * (1.45 if low else 1.0), cover=air.cover - 0.04 * share,
    )  # fmt: skip


def _gleam(view: View, air: Air) -> Gleam | None:
    """Give what glows behind the towers: the low sun, or the city itself at night."""
    if view.time == "golden":
        return Gleam(air.sun_x, min(HORIZON - 0.02, air.sun_y * HORIZON), 0.42, "#ffb060", 0.62 * air.glow)
    return Gleam(0.0, HORIZON, 0.50, "#c86a9a", 0.42) if view.time == "night" else None


def _look(view: View, air: Air, k: int, cell: float) -> Look:
    """Choose the colours of the k-th row: from the colour of the haze to a silhouette."""
    share = (k / (len(ROWS) - 1)) ** 0.8
    tint = mix(1, tint_of(view.palette), 0.4) * (np.minimum(air.brightness, 1.1) if view.time == "day" else 1)
    wall, sunny = (array(mix(rgb(a), rgb(b), share) * tint) for a, b in zip(*FACES[view.time], strict=True))
    futuristic = "futuristic" in view.details
    lamps = rgb(LAMPS[0]), rgb("#59e4ff" if futuristic else LAMPS[1])
    glass = mix(wall, rgb("#5d8fc0") if view.time == "day" else rgb("#070920"), 0.55)
    strips = tuple(rgb(c) * np.float32(1.2) for c in NEON) if futuristic and k in (1, 2) else ()
    bright = np.float32((0.85, 0.85, 1.0, 1.12)[k])
    lit = LIT[view.time] + (0.12 if view.weather in ("rain", "storm", "fog") else 0)
    snow = array(np.minimum(rgb("#eef2ff") * air.brightness * 1.2, 1)) if view.weather == "snow" else None
    cell *= 1.0 if view.fine else 1.25
    return Look(wall, sunny, glass, (lamps[0] * bright, lamps[1] * bright), lit, cell, snow, air.sun_x > 0, strips)


def _city(image: Array, view: View, air: Air, haze: Colour, rng: np.random.Generator) -> None:
    """Raise the rows of towers, the glow of their signs around them, in place."""
    bad = 0.30 if view.weather == "fog" else 0.10 if view.weather != "clear" else 0.0
    future = 0.55 if "futuristic" in view.details else 0.04
    rise = smoothstep(HORIZON - 0.40, HORIZON, view.rows())
    for k, (count, heights, widths, hazy, cell) in enumerate(ROWS):
        plate = Plate.of(view, HORIZON)
        towers = row_of_towers(view, count, heights, widths, fork(rng), future=future, crest=0.34)
        look = _look(view, air, k, cell)
        for tower in sorted(towers, key=lambda one: -one.height):
            raise_tower(plate, tower, 0.012, look)
        veil = np.minimum(0.95, hazy + bad + (1 - hazy - bad) * rise * (0.66, 0.5, 0.36, 0.16)[k])
        plate.lay(image, (haze, array(veil)))
    if "futuristic" in view.details:
        _shine(image, view)


def _boat(image: Array, view: View, air: Air) -> None:
    """Let a sailing boat lie on the water, in place."""
    plate = Plate.of(view, HORIZON)
    sun = -1.0 if air.sun_x < 0 else 1.0
    paint = Paint(array(np.minimum(air.brightness * 1.05, 1.1)), 0.0, None, sun)
    boat(plate, (-sun * min(0.26, 0.55 * plate.half), 0.105), 0.12, paint)
    plate.lay(image)


def _shine(image: Array, view: View) -> None:
    """Let what is brighter than white spread its colour a little: signs and strips of light, in place."""
    small = resize(image, max(2, view.width // 3), max(2, view.height // 3))
    light = array(np.clip(small - np.float32(0.80), 0, 0.5))
    light *= smoothstep(0.25, 0.55, light.max(axis=2) - light.min(axis=2) + np.float32(0.2))[..., None]
    image += resize(blur(light, 0.004 * view.unit), view.width, view.height) * np.float32(1.5)


def _traffic(image: Array, view: View, rng: np.random.Generator) -> None:
    """Let flying traffic run in three curved lanes between the towers, in place."""
    mask = np.zeros((view.height, view.width), np.uint8)
    half = view.width / view.unit / 2
    for lane in range(3):
        for a, b, c in rng.random((26, 3)):
            x = (a - 0.5) * 2.2
            y = (
                HORIZON * view.height / view.unit
                - 0.30
                + 0.085 * lane
                + 0.03 * np.sin(3 * x + lane)
                + 0.006 * (b - 0.5)
            )
            if abs(x) < half:
                ends = fixed([(view.x(x), y * view.unit), (view.x(x + 0.005 + 0.010 * c), y * view.unit)]).tolist()
                cv2.line(mask, ends[0], ends[1], 255, max(1, round(0.0014 * view.unit)), cv2.LINE_AA, SHIFT)
    sharp = array(mask) * np.float32(1 / 255)
    add(image, (1.0, 0.9, 0.7), sharp * np.float32(0.9))
    add(image, (1.0, 0.8, 0.6), blur(sharp, 0.004 * view.unit) * np.float32(1.6))
