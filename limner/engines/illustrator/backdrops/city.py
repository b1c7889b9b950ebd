"""A city behind an open square: four rows of towers in the haze, lit windows in the dark, snow when it snows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.backdrops.air import Air, air_of, light_of, tint_of
from limner.engines.illustrator.backdrops.base import Scenery, View
from limner.engines.illustrator.backdrops.distance import Gleam, far_sky
from limner.engines.illustrator.backdrops.festive import fireworks
from limner.engines.illustrator.backdrops.fronts import heap
from limner.engines.illustrator.backdrops.gloss import shine
from limner.engines.illustrator.backdrops.land import depth, ground_noise, hazed, heads, mist, outline, ridge
from limner.engines.illustrator.backdrops.plate import Plate
from limner.engines.illustrator.backdrops.snowfield import SNOW_BOUNCE, snow_ground
from limner.engines.illustrator.backdrops.towers import Look, raise_tower, row_of_towers
from limner.engines.illustrator.pixels import (
    Array,
    add,
    array,
    blur,
    discs,
    fork,
    mix,
    over,
    resize,
    rgb,
    smoothstep,
)

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Time

HORIZON = 0.64
WALLS: dict[Time, tuple[str, str, str]] = {
    # shaded face, sunny face, glass
    "day": ("#7d8798", "#f2e6d4", "#4f7ba8"),
    "golden": ("#6b5470", "#e8a878", "#8a6a80"),
    "night": ("#1a2050", "#3b4384", "#10153a"),
}
SEASONS = {"autumn": "#c9782c", "blossom": "#e9a2bc"}
LAMPS = ("#ffc661", "#bcd4ff")
LIT: dict[Time, float] = {"day": 0.02, "golden": 0.16, "night": 0.34}
ROWS = (
    # towers to a unit, heights, widths, haze, free in the middle, window size
    (20, (0.12, 0.50), (0.030, 0.062), 0.56, 0.0, 0.0),
    (15, (0.12, 0.62), (0.045, 0.090), 0.30, 0.0, 0.0075),
    (10, (0.10, 0.50), (0.062, 0.110), 0.12, 0.0, 0.0090),
    (7, (0.14, 0.52), (0.110, 0.170), 0.03, 0.36, 0.0110),
)
PAVING: dict[Time, tuple[str, str]] = {
    "day": ("#8d8f96", "#d3cfc8"), "golden": ("#7d7484", "#e6cabb"), "night": ("#5e6078", "#a6a4b2"),
}  # fmt: skip


def city(view: View) -> Scenery:
    """Paint the city; subjects stand on the square before it."""
    rng = fork(view.rng)
    air = air_of(view, fork(rng))
    white = view.weather == "snow"
    far = view.far()
    distant = far.blank()
    dusk = {"day": 0.0, "golden": 0.35, "night": 0.55}[view.time]
    gleam = Gleam(0.0, HORIZON, 0.45, "#ff9a66", dusk) if dusk else None
    far_sky(distant, far, air, HORIZON + 0.02, fork(rng), gleam=gleam)
    haze = mix(air.horizon, rgb("#b5788c"), 0.45 if view.time == "night" else 0.0)
    _rows(distant, far, air, haze, white=white, rng=fork(rng))
    if "festive" in view.details:
        fireworks(distant, far, HORIZON - 0.06, fork(rng))
    _park(distant, far, air, white=white, rng=fork(rng))
    if view.time != "day":
        _lanterns(distant, far, fork(rng))
    ground = fork(rng)
    line = ridge(far, HORIZON + 0.022, 0.020 if white else 0.0, 0.3, ground)
    (snow_ground if white else _square)(distant, far, air, line, ground)
    _dusk_on_ground(distant, far, dusk)
    image = resize(distant, view.width, view.height, smooth=True)
    light = light_of(air, SNOW_BOUNCE if white else "#a8a6a8")
    wet = view.weather in ("rain", "storm")
    front = heap(view, 0.032, 0.10) if white else shine(view, 0.24, 0.012) if wet else None
    return Scenery(image, HORIZON, (0.74, 0.92), light, "snow" if white else "ground", front)


def _rows(canvas: Array, view: View, air: Air, haze: Array, *, white: bool, rng: np.random.Generator) -> None:
    """Raise the rows of towers one before the other, each a little less lost in the haze, in place."""
    bad = 0.26 if view.weather == "fog" else 0.08 if view.weather != "clear" else 0.0
    rise = smoothstep(HORIZON - 0.42, HORIZON + 0.01, view.rows())
    for k, (count, heights, widths, hazy, hollow, cell) in enumerate(ROWS):
        look = _look(view, air, cell, (0.80 + 0.07 * k) if white else 0.0, haze)
        plate = Plate.of(view, HORIZON)
        future = 0.6 if "futuristic" in view.details else 0.0
        base = (0.010 + 0.008 * k) * view.height / view.unit
        towers = row_of_towers(view, count, heights, widths, fork(rng), hollow=hollow, future=future)
        for tower in sorted(towers, key=lambda one: -one.height):
            raise_tower(plate, tower, base, look)
        veil = np.minimum(0.95, hazy + bad + (1 - hazy - bad) * rise * (0.50, 0.42, 0.34, 0.20)[k])
        plate.lay(canvas, (array(haze), array(veil)))
    mist(canvas, view, array(haze), (HORIZON - 0.01, 0.05, 0.4), fork(rng))


def _look(view: View, air: Air, cell: float, snowy: float, haze: Array) -> Look:
    """Choose the colours of a row of towers: those of the hour, tinted by the palette and the sky."""
    wall, sunny, glass = (rgb(c) for c in WALLS[view.time])
    tint = tint_of(view.palette) * (np.float32(1.0) if view.time == "night" else np.minimum(1.05, air.brightness))
    snow = array(np.minimum(1, rgb("#eef2ff") * (air.brightness * 1.25 + 0.10)) * snowy) if snowy else None
    lit = LIT[view.time] + (0.10 if view.weather in ("rain", "storm", "fog") else 0)
    futuristic = "futuristic" in view.details and view.time != "day"
    lamps = rgb(LAMPS[0]), rgb("#59e4ff" if futuristic else LAMPS[1])
    neon = (rgb("#38f0ff") * np.float32(1.2), rgb("#ff4fd0") * np.float32(1.2)) if futuristic else ()
    cell *= 1.0 if view.fine else 1.25
    return Look(
        array(wall * tint),
        array(sunny * tint),
        mix(glass * tint, haze, 0.1),
        lamps,
        lit,
        cell,
        snow,
        air.sun_x > 0,
        neon,
    )


def _park(canvas: Array, view: View, air: Air, *, white: bool, rng: np.random.Generator) -> None:
    """Let two rows of trees stand along the far side of the square, in place."""
    top, bottom = round((HORIZON - 0.09) * view.height), round((HORIZON + 0.06) * view.height)
    down = np.arange(top, bottom, dtype=np.float32)[:, None]
    season = next((SEASONS[name] for name in ("autumn", "blossom") if name in view.details), None)
    leaf = rgb({"day": season or "#5f9248", "golden": season or "#a8702e", "night": "#26405a"}[view.time])
    for k, (base, height, dim) in enumerate(((HORIZON + 0.008, 0.034, 1.0), (HORIZON + 0.020, 0.026, 0.78))):
        own = fork(rng)
        groups = smoothstep(0.36, 0.50, outline(view, 0.13, 2, own))
        crowns = heads(view, 0.030, own) * 0.75 + heads(view, 0.012, own) * 0.30
        floor = np.full(view.width, base * view.height, np.float32)
        line = array(floor - np.sqrt(groups) * crowns * np.float32(height * view.unit))
        y = (down - line[None]) / np.float32(height * view.unit)
        tone = np.clip(1.12 - 0.75 * y, 0.35, 1.2)[..., None] * dim
        colour = hazed(leaf * tone, air, 0.22 - 0.10 * k)
        if white:
            snowy = hazed(array(rgb("#f2f5ff") * (0.85 if view.time == "night" else 1.0)), air, 0.10)
            colour = mix(colour, snowy, smoothstep(0.42, 0.16, array(y))[..., None])
        mask = np.clip(down + 0.5 - line[None], 0, 1)
        over(canvas[top:bottom], array(colour), array(mask * (groups > 0.02) * (view.rows()[top:bottom] < base + 0.03)))


def _lanterns(canvas: Array, view: View, rng: np.random.Generator) -> None:
    """Soft discs of light near the street: lamps and shop windows out of focus."""
    many = rng.random((46, 4))
    x = view.middle + (many[:, 0] - 0.5) * max(2.0, view.width / view.unit) * view.unit
    top, bottom = round((HORIZON - 0.08) * view.height), round((HORIZON + 0.03) * view.height)
    y = (HORIZON - 0.004 - 0.05 * many[:, 1] ** 2) * view.height - top
    radius = (0.004 + 0.009 * many[:, 2]) * view.unit
    for k, colour in enumerate(("#ffc070", "#ff8a66", "#9fc4ff")):
        rows = np.stack([x, y, radius, 0.15 + 0.40 * many[:, 3]], 1)[k::3]
        add(canvas[top:bottom], rgb(colour), blur(discs(bottom - top, view.width, rows), 0.0012 * view.unit))


def _square(image: Array, view: View, air: Air, line: Array, rng: np.random.Generator) -> None:
    """Paving stones in perspective, worn and a little wet, wetter in the rain."""
    top = max(1, math.floor(float(line.min())))
    far = depth(view, top, 0.16)
    worn = ground_noise(view, far, 0.8, rng)
    joint = _joints(view, far)
    dark, bright = (array(rgb(c) * np.minimum(air.brightness * 1.05, 1.1)) for c in PAVING[view.time])
    stone = mix(dark, bright, np.clip((worn - 0.5) * 1.7 + 0.5, 0, 1)[..., None]) * (1 - 0.26 * joint)[..., None]
    d = np.linspace(0, 1, len(far), dtype=np.float32)[:, None, None]
    stone = mix(stone, air.horizon, 0.45 * (1 - d) ** 4)
    wet = 0.85 if view.weather in ("rain", "storm") else 0.40 if view.time == "night" else 0.20
    image[top:] = stone
    mirrored = _mirror(image, top, len(far), view)
    share = wet * smoothstep(0.80, 0.25, worn)[..., None] * (1 - 0.45 * d)
    image[top:] = mix(stone, mirrored, share)


def _joints(view: View, far: Array) -> Array:
    """Find the joints between paving stones: lines in both directions, thinner with the distance."""
    x = view.across() * far * np.float32(3.2)
    z = far * np.float32(2.4)
    ax = np.abs(x - np.round(x)) / (0.018 + 0.9 * far / view.unit)
    az = np.abs(z - np.round(z)) / (0.020 + 2.2 * far * far / view.unit)
    lines = np.maximum(smoothstep(1.4, 0.4, ax), smoothstep(1.4, 0.4, np.repeat(az, view.width, axis=1)))
    return array(lines * smoothstep(7.5, 2.0, far))


def _mirror(image: Array, top: int, rows: int, view: View) -> Array:
    """Give what wet ground shows: the city upside down, drawn out downwards."""
    above = np.ascontiguousarray(image[max(0, top - rows) : top][::-1])
    return resize(blur(above, 0.010 * view.unit), view.width, rows)


def _dusk_on_ground(image: Array, view: View, dusk: float) -> None:
    """Lay the warmth of the lit city on the ground before it, in place."""
    if not dusk:
        return
    top = round(HORIZON * view.height)
    y = view.rows()[top:]
    fall = smoothstep(HORIZON, HORIZON + 0.03, y) * smoothstep(1.0, HORIZON, y)
    add(image[top:], rgb("#ff9a66"), array(np.exp(-((view.across() / 0.6) ** 2)) * fall * np.float32(0.28 * dusk)))
