"""What rooms have in common: the hour and the weather through the window, its light on the floor, lamplight."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.backdrops.air import air_of, paint_sky
from limner.engines.illustrator.backdrops.base import View
from limner.engines.illustrator.backdrops.fronts import part_of
from limner.engines.illustrator.backdrops.land import hazed, lay, ridge
from limner.engines.illustrator.backdrops.weather import RAIN, SNOW, rain, snowflakes
from limner.engines.illustrator.pixels import (
    Array,
    Colour,
    add,
    array,
    blur,
    fork,
    glow,
    over,
    polygons,
    resize,
    rgb,
)

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Weather

# In units from the middle and the floor: x0, y0, x1, y1.
Opening = tuple[float, float, float, float]
SUNSHINE: dict[Weather, float] = {"clear": 1.0, "snow": 0.40, "fog": 0.30, "rain": 0.10, "storm": 0.0}


def outlook(image: Array, view: View, floor: float, window: Opening, rng: np.random.Generator) -> None:
    """Show sky and hills through a window, out of focus, with the rain or the snow that falls there, in place."""
    left, right = (round(view.x(x)) for x in (window[0], window[2]))
    top, bottom = (round(floor * view.height + y * view.unit) for y in (window[1], window[3]))
    left, top = max(0, left - 2), max(0, top - 2)
    box = slice(top, max(top, bottom + 2)), slice(left, max(left, right + 2))
    air = air_of(view, rng)
    part = image[box]
    if not part.size:
        return
    width = max(8, round(1.7 * (window[2] - window[0]) * view.unit))
    small = View(width, max(8, part.shape[0]), view.time, view.weather, view.detail, rng, view.palette)
    scene = small.blank()
    paint_sky(scene, small, air, 0.80, fork(rng))
    white = view.weather == "snow"
    for base, colour, haze in ((0.72, "#8fb98a", 0.5), (0.84, "#4f8a3f", 0.15)):
        lay(scene, ridge(small, base, 0.16, 0.35, fork(rng)), hazed(rgb("#e4eaf6" if white else colour), air, haze))
    scene = blur(scene, 0.010 * view.unit)
    falling = fork(rng)
    if white:
        over(
            scene,
            SNOW * np.float32(0.8 if view.time == "night" else 1.0),
            snowflakes(small, 90, near=True, rng=falling),
        )
    elif view.weather in ("rain", "storm"):
        over(scene, RAIN, rain(small, 160, falling))
    start = (width - part.shape[1]) // 2
    shown = scene[: part.shape[0], max(0, start) : max(0, start) + part.shape[1]]
    image[box] = resize(np.ascontiguousarray(shown), part.shape[1], part.shape[0]) * np.float32(1.10)


def sunbeam(image: Array, view: View, floor: float, window: Opening, sun: tuple[str, float]) -> None:
    """Throw a window's light on the floor in six panes and let it hang in the air a little, in place."""
    colour, strength = sun
    strength *= SUNSHINE[view.weather]
    x0, y0, x1, y1 = window
    lean = 0.34 if x0 + x1 < 0 else -0.34
    deep = 1 - floor
    panes = []
    for i in range(2):
        for j in range(3):
            u, v = (
                np.array([i + 0.08, i + 0.92, i + 0.92, i + 0.08]) / 2,
                np.array([j + 0.07, j + 0.07, j + 0.93, j + 0.93]) / 3,
            )
            x = x0 + (x1 - x0) * (1.0 + 0.45 * v) * u + lean * (0.25 + v) + (0.0 if lean > 0 else -0.2 * v * (x1 - x0))
            panes.append(np.stack([view.x(0) + x * view.unit, (floor + deep * (0.16 + 0.52 * v)) * view.height], 1))
    top = round(floor * view.height)
    part = image[top:]
    light = blur(polygons(len(part), view.width, [p - (0, top) for p in panes]), 0.006 * view.unit)
    add(part, rgb(colour), array(part.mean(axis=2) * light * np.float32(1.15 * strength)))
    centre = view.x((x0 + x1) / 2), floor * view.height + (y0 + y1) / 2 * view.unit
    glow(image, centre, 0.40 * view.unit, rgb(colour), 0.42 * strength + 0.04)


def lamplight(image: Array, view: View, lamp: tuple[float, float], lit: float) -> None:
    """Let a lamp (units from the middle and the top) warm the wall around it and the floor below it, in place."""
    small = view.height // 8 + 2, view.width // 8 + 2
    x = (np.linspace(0, view.width, small[1], dtype=np.float32)[None] - view.x(lamp[0])) / np.float32(view.unit)
    y = (np.linspace(0, view.height, small[0], dtype=np.float32)[:, None]) / np.float32(view.unit) - np.float32(lamp[1])
    wall = np.exp(-((x / 0.38) ** 2) - ((y - 0.02) / 0.30) ** 2)
    inwards = np.float32(0.16 if lamp[0] < 0 else -0.16)
    floor = np.exp(-(((x - inwards) / 0.55) ** 2) - ((y - 0.54) / 0.20) ** 2)
    gain = array(1 + (wall * 0.95 + floor * 0.8)[..., None] * array((1.0, 0.62, 0.26)) * lit)
    cv2.multiply(image, resize(gain, view.width, view.height), dst=image)
    at = view.x(lamp[0]), (lamp[1] + 0.03) * view.unit
    glow(image, at, 0.42 * view.unit, rgb("#ffb765"), 0.50 * lit)
    glow(image, at, 0.11 * view.unit, rgb("#ffd9a0"), 0.50 * lit)


def spot(image: Array, at: tuple[float, float], reach: tuple[float, float], light: Colour) -> None:
    """Add light in a soft oval around a place (pixels), in place."""
    box = part_of(image.shape, at[0] - reach[0], at[0] + reach[0], at[1] - reach[1], at[1] + reach[1])
    if box is None:
        return
    dx = (np.arange(box[1].start, box[1].stop, dtype=np.float32)[None] - at[0]) / reach[0]
    dy = (np.arange(box[0].start, box[0].stop, dtype=np.float32)[:, None] - at[1]) / reach[1]
    image[box] += (np.clip(1 - dx * dx - dy * dy, 0, 1) ** 3)[..., None] * light
