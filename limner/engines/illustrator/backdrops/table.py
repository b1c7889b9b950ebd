"""A wooden table by a window: boards up to the viewer, and behind them a room out of focus."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.backdrops.air import tint_of
from limner.engines.illustrator.backdrops.base import Light, Scenery, View
from limner.engines.illustrator.backdrops.gloss import shine
from limner.engines.illustrator.backdrops.wood import Boards, boards, focus, polish
from limner.engines.illustrator.colours import NAMED
from limner.engines.illustrator.pixels import (
    Array,
    add,
    array,
    blur,
    column,
    discs,
    fbm,
    fork,
    mix,
    over,
    polygons,
    resize,
    rgb,
    smoothstep,
)

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Time

HORIZON = 0.47


@dataclass(frozen=True, slots=True)
class Kitchen:
    """The colours of the room behind the table at one time of day."""

    wall: tuple[str, str]
    window: str
    bokeh: tuple[str, ...]
    boards: tuple[str, str]
    pool: str
    light: tuple[str, str, str, str]
    sunlit: float


KITCHENS: dict[Time, Kitchen] = {
    "day": Kitchen(
        ("#a08a6c", "#d6c09c"), "#fff0d2", ("#8fb26a", "#c7d98a", "#fff3c8", "#e8c690"), ("#7d4820", "#dc9c58"),
        "#fff2d8", ("#fff0d4", "#74706c", "#7a5c40", "#d8c8b0"), 0.20,
    ),
    "golden": Kitchen(
        ("#3f2f28", "#7a5a42"), "#ffb860", ("#ffb45c", "#ff8f4a", "#ffd08a", "#d98a50"), ("#5f3519", "#cf8a46"),
        "#ffc880", ("#ffcf90", "#6e5a4e", "#744c2e", "#ffb870"), 0.95,
    ),
    "night": Kitchen(
        ("#141726", "#2b2a3c"), "#3f5590", ("#ffb45c", "#ff9a54", "#ffd08a", "#8fb0ff"), ("#2e2024", "#8a5e44"),
        "#ffb878", ("#e8b88a", "#4a4656", "#4c3a38", "#8ea8f0"), 0.10,
    ),
}  # fmt: skip


def table(view: View) -> Scenery:
    """Paint the table; subjects stand on it. The weather only dims the light from the window.

    The palette's first colour tints the wall, the others the lights far out of focus.
    """
    rng = fork(view.rng)
    kitchen = KITCHENS[view.time]
    sun = {"clear": 1.0, "fog": 0.45, "snow": 0.55}.get(view.weather, 0.25)
    far = view.far()
    image = _wall(far, kitchen, fork(rng))
    _window(image, far, kitchen, sun)
    _bokeh(image, far, kitchen, fork(rng))
    top = round(HORIZON * far.height)
    dark, bright = (rgb(c) for c in kitchen.boards)
    image[top:] = boards(far, top, Boards(dark, bright, 4.2, flat=0.34), fork(rng))
    _pool(image, far, top, kitchen, sun)
    polish(image, far, top, 0.46)
    _edge(image, far, top)
    focus(image, far, HORIZON, 0.16, 0.008)
    image = resize(image, view.width, view.height, smooth=True)
    key, up, down, rim = (rgb(c) for c in kitchen.light)
    warmth = {"day": 0.2, "golden": 0.7, "night": 0.3}[view.time]
    light = Light(key, (-0.60, -0.58, 0.55), up, down, rim, (0.85, -0.45), warmth, 0.60, 0.85)
    return Scenery(image, HORIZON, (0.63, 0.875), light, "table", shine(view, 0.20, 0.009))


def _wall(view: View, kitchen: Kitchen, rng: np.random.Generator) -> Array:
    """Paint the wall, uneven as plaster is, darker to the right and at the top."""
    tint = tint_of(view.palette) ** np.float32(1.6)
    low, high = (array(rgb(c) * tint) for c in kitchen.wall)
    run = column(view.height, [(0, low * 0.82), (HORIZON, high), (1, high)])
    wall = np.repeat(run, view.width, axis=1)
    plaster = fbm(view.height, view.width, 0.4 * view.unit, 4, rng)
    fall = 1 - 0.30 * smoothstep(-0.2, 0.8, view.across())
    return array(wall * ((0.90 + 0.20 * plaster) * fall)[..., None])


def _window(canvas: Array, view: View, kitchen: Kitchen, sun: float) -> None:
    """Throw the light of a window with nine panes on the wall at the left, soft as from a distance, in place."""
    panes = []
    for i in range(3):
        for j in range(3):
            x, y = -0.56 + 0.155 * i + 0.022 * j, -0.03 + 0.150 * j
            corners = [(x, y), (x + 0.13, y + 0.014), (x + 0.148, y + 0.140), (x + 0.018, y + 0.126)]
            panes.append(np.array([(view.x(a), b * view.unit) for a, b in corners]))
    light = blur(polygons(view.height, view.width, panes), 0.014 * view.unit)
    add(canvas, rgb(kitchen.window), light * np.float32((0.13 + 0.42 * kitchen.sunlit) * (0.35 + 0.65 * sun)))
    spill = blur(light, 0.09 * view.unit)
    add(canvas, rgb(kitchen.window), spill * np.float32(0.22 * sun))


def _bokeh(canvas: Array, view: View, kitchen: Kitchen, rng: np.random.Generator) -> None:
    """Hang soft discs of light at the right: leaves and lamps far out of focus, in place."""
    many, groups = rng.random((56, 5)), rng.random((8, 2))
    group = groups[(many[:, 4] * 97 % 8).astype(int)]
    at = 0.10 + 0.52 * group[:, 0] + 0.24 * (many[:, 0] - 0.5)
    x, y = view.x(0) + at * view.unit, (0.02 + 0.36 * group[:, 1] + 0.20 * (many[:, 1] - 0.5)) * view.height
    radius = (0.010 + 0.030 * many[:, 2]) * view.unit
    strength = (0.10 + 0.34 * many[:, 3]) * smoothstep(0.0, 0.3, at)
    half = round(0.5 * view.height)
    named = tuple(NAMED[name] for name in view.palette[1:] if name in NAMED)
    colours = (named * len(kitchen.bokeh) or kitchen.bokeh)[: len(kitchen.bokeh)]
    canvas = canvas[:half]
    for k, name in enumerate(colours):
        rows = np.stack([x, y, radius, strength], 1)[many[:, 4] * len(colours) // 1 == k]
        light = blur(discs(half, view.width, rows), 0.0058 * view.unit)
        if view.time == "day":
            over(canvas, rgb(name), light * np.float32(1.2))
        else:
            add(canvas, rgb(name), light * np.float32(0.9))


def _pool(image: Array, view: View, top: int, kitchen: Kitchen, sun: float) -> None:
    """Let the window's light lie on the boards, brightest left of the middle, in place."""
    d = np.linspace(0, 1, view.height - top, dtype=np.float32)[:, None]
    pool = np.exp(-(((view.across() + 0.12) / 0.52) ** 2)) * (0.75 + 0.25 * np.exp(-(((d - 0.35) / 0.5) ** 2)))
    low = mix(1, rgb(kitchen.pool), 0.5) * np.float32(0.62)
    high = rgb(kitchen.pool) * np.float32(0.98 + 0.22 * sun)
    image[top:] *= mix(low, high, pool[..., None])


def _edge(image: Array, view: View, top: int) -> None:
    """Lay a thin shadow on the far edge of the table, in place."""
    part = image[top : top + max(2, round(0.04 * view.unit))]
    y = np.arange(len(part), dtype=np.float32)[:, None, None] / view.unit
    part *= 1 - np.float32(0.20) * np.exp(-((y / 0.012) ** 2))
