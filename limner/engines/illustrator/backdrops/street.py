"""A street at eye level: two rows of houses that run to the far end, lamps, trees, the road between, wet or white."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.backdrops.air import Air, air_of, light_of, paint_sky, tint_of
from limner.engines.illustrator.backdrops.base import Scenery, View
from limner.engines.illustrator.backdrops.facades import EYE, FOCUS, WALL, Mood, bands, build, row_of_houses
from limner.engines.illustrator.backdrops.fronts import heap
from limner.engines.illustrator.backdrops.gloss import shine
from limner.engines.illustrator.backdrops.houses import walls_of
from limner.engines.illustrator.backdrops.land import ground_noise
from limner.engines.illustrator.backdrops.pavement import garlands, lamps, skyline_end, trees
from limner.engines.illustrator.backdrops.plate import Plate
from limner.engines.illustrator.pixels import Array, array, blur, fbm, fork, glow, mix, resize, rgb, smoothstep

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Time

HORIZON = 0.56
KERB = 3.0
LIT: dict[Time, tuple[float, float]] = {"day": (0.03, 0.25), "golden": (0.30, 0.75), "night": (0.62, 1.0)}
MODERN = ("#c9b9a4", "#b3a598", "#d8cbb8", "#a98f80", "#c4a98c", "#9aa3a8", "#b97f66")
FUTURE = ("#3a4566", "#4a4a70", "#2f3a58", "#56506e")
ROAD: dict[Time, tuple[str, str]] = {
    "day": ("#6e6d70", "#a3a09c"), "golden": ("#5e5058", "#a88878"), "night": ("#2c3044", "#5c6078"),
}  # fmt: skip


def street(view: View) -> Scenery:
    """Paint the street; subjects stand on its road."""
    rng = fork(view.rng)
    air = air_of(view, fork(rng))
    far = view.far()
    image = far.blank()
    paint_sky(image, far, air, HORIZON + 0.01, fork(rng))
    mood = _mood(view, air)
    plate = Plate.of(far, HORIZON)
    skyline_end(plate, mood, fork(rng))
    start = max(2.6, 0.86 * FOCUS * WALL / (plate.half + 0.01)) - 2.0
    for side in (-1.0, 1.0):
        for house in row_of_houses(side, mood, max(start, 1.2), fork(rng)):
            build(plate, house, mood)
    trees(plate, mood, view.details, fork(rng))
    plate.lay(image)
    _ground(image, far, air, mood, fork(rng))
    front = Plate.of(far, HORIZON)
    lights = lamps(front, mood)
    if "festive" in view.details:
        lights += garlands(front, mood, fork(rng))
    front.lay(image)
    _glows(image, far, mood, lights)
    image = resize(image, view.width, view.height, smooth=True)
    white = view.weather == "snow"
    wet = view.weather in ("rain", "storm")
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


def _ground(image: Array, view: View, air: Air, mood: Mood, rng: np.random.Generator) -> None:
    """Lay road and pavements between the houses, in place."""
    top = round(HORIZON * view.height) + 1
    down = (np.arange(top, view.height, dtype=np.float32)[:, None] + 0.5 - HORIZON * view.height) / view.unit
    z = array(FOCUS * EYE / np.maximum(down, 0.004))
    x = array(np.clip(view.across() * z / FOCUS, -40, 40))
    rough = ground_noise(view, array(z * 0.45), 0.8, rng)
    colour = _stones(view, air, mood, (x, z), rough)
    colour = mix(colour, air.horizon, np.minimum(1, 1 - np.exp(-z * mood.thick))[..., None])
    if mood.snow is not None:
        colour = _snowed(air, x, rough)
    else:
        wet = {"rain": 0.62, "storm": 0.62}.get(view.weather, {"day": 0.06, "golden": 0.12, "night": 0.26}[view.time])
        seen = _mirrored(image, view, down, rough, rng)
        colour = mix(colour, seen, (wet * smoothstep(0.85, 0.30, rough))[..., None])
    spill = np.exp(-np.clip(WALL - np.abs(x), 0, 9) / 1.5) * (mood.shops - 0.25) * smoothstep(2.0, 4.0, z)
    colour += (np.clip(spill, 0, 1) * 0.30)[..., None] * rgb("#ffb868") * np.float32(0.9)
    shade = 1 - np.float32(0.28) * np.exp(-(((WALL - np.abs(x)) / 0.25) ** 2))
    part = image[top:]
    inside = np.clip((np.float32(WALL) - np.abs(x)) * np.float32(view.unit) / z + np.float32(0.5), 0, 1)
    part[:] = mix(part, array(colour * shade[..., None]), array(inside)[..., None])


def _stones(view: View, air: Air, mood: Mood, places: tuple[Array, Array], rough: Array) -> Array:
    """Pave: cobbles in courses on an old road, else asphalt; slabs on the pavements, kerbs between."""
    dark, bright = (
        rgb(c) * np.minimum(air.brightness * 1.1 + 0.05, 1.1) * tint_of(view.palette) for c in ROAD[view.time]
    )
    x, z = places
    size = 0.21 if mood.old else 0.0
    tone = np.clip((rough - 0.5) * 1.5 + 0.42, 0, 1)
    walk = smoothstep(KERB - 0.02, KERB + 0.02, np.abs(x))
    colour = mix(dark, bright, array(tone * 0.55)[..., None])
    slab = mix(dark, bright, array(0.45 + 0.55 * tone)[..., None]) * np.float32(1.08)
    colour = mix(colour, slab, walk[..., None])
    pixel = z / np.float32(view.unit)
    for cell, where in ((size, 1 - walk), (0.62, walk)):
        if cell:
            course = np.floor(z / np.float32(cell))
            across = bands(x / np.float32(cell) + course * np.float32(0.5))
            along = bands(z / np.float32(cell))
            edge = np.minimum(
                np.minimum(across, 1 - across) / (0.05 + pixel / cell),
                np.minimum(along, 1 - along) / (0.05 + 0.6 * pixel * z / cell),
            )
            fade = smoothstep(0.9, 0.2, pixel * z * np.float32(0.6 / cell))
            colour *= (1 - np.float32(0.34) * smoothstep(1.2, 0.2, edge) * where * fade)[..., None]
    kerb = np.exp(-(((np.abs(x) - KERB) / 0.07) ** 2))
    colour = mix(colour, bright * np.float32(1.12), (kerb * 0.8)[..., None])
    if not mood.old and not mood.neon:
        stripes = (bands(x / np.float32(0.9)) < 0.5) & (np.abs(x) < KERB - 0.25)
        zebra = stripes * smoothstep(8.3, 8.4, z) * smoothstep(10.7, 10.6, z) * (0.45 + 0.5 * tone)
        colour = mix(colour, rgb("#f2f0ea") * air.brightness, array(zebra * 0.85)[..., None])
    return array(colour)


def _snowed(air: Air, x: Array, rough: Array) -> Array:
    """Cover road and pavements with snow, trodden in two tracks."""
    tracks = np.exp(-(((np.abs(x) - 0.95) / 0.34) ** 2)) * np.float32(0.32)
    tone = np.clip(0.72 + 0.75 * (rough - 0.5) - tracks - 0.10 * np.exp(-(((np.abs(x) - KERB) / 0.12) ** 2)), 0, 1)
    return array(
        mix(rgb("#8f9cc6"), rgb("#fbfcff"), array(tone)[..., None]) * np.minimum(air.brightness * 1.15 + 0.05, 1.05)
    )


def _mirrored(image: Array, view: View, down: Array, rough: Array, rng: np.random.Generator) -> Array:
    """Give what a wet ground mirrors: every column turned over at the foot of the house that stands in it."""
    foot = np.abs(view.across()) * np.float32(EYE / WALL)
    wave = (fbm(len(down), view.width, 0.03 * view.unit, 3, rng, aspect=5.0) - np.float32(0.5)) * np.float32(0.030)
    rows = (2 * foot - down * np.float32(0.92) + wave) * np.float32(view.unit) + np.float32(HORIZON * view.height)
    columns = np.arange(view.width, dtype=np.float32)[None] + (wave + (rough - 0.5) * np.float32(0.02)) * np.float32(
        0.4 * view.unit
    )
    drawn = cv2.blur(image, (max(1, round(0.004 * view.unit)), max(1, round(0.020 * view.unit))))
    seen = cv2.remap(array(drawn), array(columns), array(rows), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    return array(seen * np.float32(0.92))


def _glows(image: Array, view: View, mood: Mood, lights: list[tuple[float, float, float, str]]) -> None:
    """Let lamps and the far end of the street glow, and what is brighter than white spread, in place."""
    glow(image, (view.middle, (HORIZON - 0.03) * view.height), 0.22 * view.unit, mood.haze, 0.22)
    if mood.shops < 0.6:
        return
    for x, y, size, colour in lights:
        at = view.x(x), HORIZON * view.height + y * view.unit
        reach = round(2.2 * size * view.unit)
        box = (
            slice(max(0, int(at[1]) - reach), max(0, int(at[1]) + reach)),
            slice(max(0, int(at[0]) - reach), max(0, int(at[0]) + reach)),
        )
        part = image[box]
        if part.size:
            dx = (np.arange(part.shape[1], dtype=np.float32)[None] + box[1].start - at[0]) / reach
            dy = (np.arange(part.shape[0], dtype=np.float32)[:, None] + box[0].start - at[1]) / reach
            fall = np.clip(1 - dx * dx - dy * dy, 0, 1) ** 3
            part += (fall * np.float32(min(0.60, 1.1 * size**0.5) * (mood.shops - 0.35)))[..., None] * rgb(colour)
    small = resize(image, max(2, view.width // 3), max(2, view.height // 3))
    light = array(np.clip(small - np.float32(0.86), 0, 0.5))
    image += resize(blur(light, 0.005 * view.unit), view.width, view.height) * np.float32(1.1)
