"""A beach: the sea with an island, foam along the shore, wet and dry sand, a palm at the side."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.backdrops.air import Air, air_of, light_of, paint_sky, sun_spot
from limner.engines.illustrator.backdrops.base import Scenery, View
from limner.engines.illustrator.backdrops.fronts import heap, shored, waterline
from limner.engines.illustrator.backdrops.growth import ground_shadow
from limner.engines.illustrator.backdrops.land import depth, grit, ground_noise, hazed, lay, outline, ridge
from limner.engines.illustrator.backdrops.plants import palm
from limner.engines.illustrator.backdrops.reef import boulder
from limner.engines.illustrator.backdrops.water import water
from limner.engines.illustrator.backdrops.wonders import sail
from limner.engines.illustrator.pixels import Array, array, blur, fork, mix, over, resize, rgb, smoothstep

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Time

HORIZON = 0.42
SHORE = 0.635
POND = 0.46, 0.56
SANDS: dict[Time, tuple[str, str]] = {
    "day": ("#c39a68", "#f7e2b8"), "golden": ("#a8775a", "#ffe0b2"), "night": ("#5c6488", "#b4b4c8"),
}  # fmt: skip
FROZEN: dict[Time, tuple[str, str]] = {
    "day": ("#a9b6d2", "#f8f9ff"), "golden": ("#b8a4b4", "#fff0e4"), "night": ("#7886b8", "#d0d8f4"),
}  # fmt: skip
NORTHERN = frozenset({"lighthouse", "puffin", "seal", "walrus", "penguin", "viking", "anchor"})
# Rocks from the back to the front: how far from the picture's edge and from its top, half their width and their height.
ROCKS = (
    (0.02, 0.640, 0.150, 0.230), (0.20, 0.655, 0.070, 0.085), (0.00, 0.715, 0.130, 0.150), (0.13, 0.725, 0.055, 0.060),
    (0.05, 0.775, 0.050, 0.048), (0.17, 0.765, 0.024, 0.022),
)  # fmt: skip
WATERS: dict[Time, tuple[str, str]] = {
    "day": ("#1f93b8", "#6fd6cc"), "golden": ("#60708e", "#c99a86"), "night": ("#223e78", "#2f5a84"),
}  # fmt: skip


def beach(view: View) -> Scenery:
    """Paint the beach; subjects stand on the sand."""
    rng = fork(view.rng)
    air = air_of(view, fork(rng))
    far = view.far()
    image = far.blank()
    paint_sky(image, far, air, HORIZON, fork(rng))
    island = ridge(far, HORIZON + 0.004, 0.05, 0.30, fork(rng))
    lay(image, island, hazed(rgb("#6f9a90"), air, 0.62))
    top = round(HORIZON * far.height)
    image[:top] = blur(np.ascontiguousarray(image[:top]), 0.0015 * far.unit)
    grey = 0.0 if view.weather == "clear" else 0.45
    colours = [mix(rgb(c), air.middle * rgb(c).mean() / max(0.1, air.middle.mean()), grey) for c in WATERS[view.time]]
    water(image, far, air, top, (colours[0], colours[1]), choppy=0.62, mirror=0.55, rng=fork(rng))
    if "boat" in view.details:
        sail(image, far, air, (0.20 if air.sun_x > 0 else -0.20, HORIZON + 0.035), 0.12, rng=fork(rng))
    sand, white = fork(rng), view.weather == "snow"
    _sand(image, far, air, _shore(far, sand), sand)
    image = resize(image, view.width, view.height, smooth=True)
    side = -1 if air.sun_x > 0 else 1
    grown = fork(rng)
    if _is_northern(view):
        _rocks(image, view, side, air, grown)
    else:
        palm(image, view, (side * (min(0.56, view.width / view.unit / 2) - 0.06), 0.80), 0.66, air, rng=grown)
    light = light_of(air, sands(view)[1])
    return Scenery(
        image,
        HORIZON,
        (0.75, 0.93),
        light,
        "snow" if white else "sand",
        shored(view, POND[1] + 0.01, waterline(view, colours[0], air.lit), heap(view, 0.018, 0.05)),
        sun_spot(view, air, HORIZON),
        pond=POND,
    )


def _is_northern(view: View) -> bool:
    """Tell a rocky coast from one with palms: by its weather, and by who lives there."""
    return view.weather in ("fog", "storm", "snow") or any(one.art in NORTHERN for one in view.company)


def _rocks(image: Array, view: View, side: int, air: Air, rng: np.random.Generator) -> None:
    """Pile rocks up at one side where the sea meets the sand, with small ones before them, in place."""
    edge = min(0.56, view.width / view.unit / 2)
    inks = (array(rgb("#3d3b40") * air.brightness), array(rgb("#b3aaa0") * air.brightness))
    for inland, down, wide, tall in ROCKS:
        at = view.x(side * (edge - inland)), (down + rng.normal(0, 0.004)) * view.height
        ground_shadow(image, (at[0] - side * 0.01 * view.unit, at[1]), (1.1 * wide * view.unit, 0.018 * view.unit))
        boulder(image, at, (wide * view.unit, tall * view.unit), inks, rng=fork(rng))


def sands(view: View) -> tuple[str, str]:
    """Give the sand's colours in the shade and in the light, or those of the snow on it."""
    return FROZEN[view.time] if view.weather == "snow" else SANDS[view.time]


def _shore(view: View, rng: np.random.Generator) -> Array:
    """Give the line where the water ends, in pixels: a long bow with small bays."""
    bow = 0.055 * np.tanh(view.across()[0]) * (1 if rng.random() < 0.5 else -1)
    bays = 0.050 * (outline(view, 0.30, 4, rng, 0.45) - 0.5)
    return array(SHORE * view.height + (bow + bays) * view.unit)


def _sand(image: Array, view: View, air: Air, shore: Array, rng: np.random.Generator) -> None:
    """Spread the sand up to the shore: wet and mirroring near the water, foam on its edge, in place."""
    top = max(0, math.floor(float(shore.min()) - 0.03 * view.unit))
    far = depth(view, top, 0.20)
    swell, rows = ground_noise(view, far, 0.55, rng), len(far)
    grain = grit(view, far, rng)
    tone = np.clip(0.64 + (swell - 0.5) * 1.7 + grain * (0.30 if view.fine else 0.16), 0, 1)
    dark, bright = (array(rgb(c) * air.brightness * 1.04) for c in sands(view))
    dry = mix(dark, bright, tone[..., None])
    y = np.arange(top, top + rows, dtype=np.float32)[:, None] + np.float32(0.5)
    inland = (y - shore[None]) / np.float32(view.unit)
    wet = smoothstep(0.075, 0.020, inland + (swell - 0.5) * np.float32(0.06))
    gleam = np.ascontiguousarray(image[max(0, top - rows) : top][::-1])
    gleam = resize(blur(gleam, 0.012 * view.unit), view.width, rows)
    colour = mix(dry, mix(dark * 0.80, gleam, 0.38), wet[..., None])
    part = np.ascontiguousarray(image[top:])
    lay(part, array(shore - top), colour)
    _foam(part, view, air, inland, rng)
    image[top:] = part


def _foam(part: Array, view: View, air: Air, inland: Array, rng: np.random.Generator) -> None:
    """Lay foam along the shore and two thinner lines of breaking waves behind it, in place."""
    froth = outline(view, 0.035, 4, rng)[None]
    lace = outline(view, 0.012, 3, rng)[None]
    white = array(np.minimum(1.1, air.brightness * 1.12 + 0.04))
    for at, width, strength in ((0.004, 0.0060, 0.95), (-0.012, 0.0035, 0.50), (-0.026, 0.0028, 0.40)):
        here = inland - np.float32(at) + (froth - 0.5) * np.float32(0.012)
        line = np.exp(-((here / np.float32(width)) ** 2)) * np.clip(0.25 + 1.3 * lace, 0, 1)
        over(part, white, array(np.clip(line * strength, 0, 1)))
    shadow = np.exp(-(((inland - np.float32(0.014)) / np.float32(0.006)) ** 2)) * np.float32(0.20)
    over(part, array(white * 0.25), array(shadow))
