"""A photographer's studio: a paper sweep without a corner, lit from one side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.backdrops.base import Light, Scenery, View
from limner.engines.illustrator.backdrops.gloss import shine
from limner.engines.illustrator.colours import NAMED
from limner.engines.illustrator.pixels import (
    Array,
    Colour,
    array,
    blur,
    column,
    fbm,
    fork,
    mix,
    over,
    polygons,
    resize,
    rgb,
    shade,
    smoothstep,
)

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Time

HORIZON = 0.52
PAPERS: dict[Time, str] = {"day": "#dfe3e6", "golden": "#e7c9a4", "night": "#39415e"}
LIGHTS: dict[Time, tuple[str, str, str, str]] = {
    "day": ("#b8b4ab", "#8b9199", "#848280", "#b4bcc8"),
    "golden": ("#cfa070", "#8a7c74", "#84705c", "#ffc080"),
    "night": ("#93a0c4", "#525c80", "#3e4460", "#8c9cf0"),
}


def studio(view: View) -> Scenery:
    """Paint a calm, bright sweep with a window far out of focus; the first colour of the palette is the paper's."""
    rng = fork(view.rng)
    name = view.palette[0] if view.palette else ""
    paper = rgb(NAMED[name]) if name in NAMED else rgb(PAPERS[view.time])
    if name in NAMED and view.time == "night":
        paper = array(paper * 0.45)
    far = view.far()
    image = _sweep(far, paper, rng)
    _windows(image, far, paper, plain=name in NAMED)
    image = resize(image, view.width, view.height, smooth=True)
    if view.fine:
        _tooth(image, view, fork(rng))
    key, up, down, rim = (rgb(c) for c in LIGHTS[view.time])
    light = Light(key, (-0.56, -0.64, 0.53), up, array(down * 0.4 + paper * 0.45), rim, (0.85, -0.5), 0.1, 0.34, 0.6)
    return Scenery(image, HORIZON, (0.70, 0.90), light, "floor", shine(view, 0.34, 0.010, reach=0.7))


def _sweep(view: View, paper: Array, rng: np.random.Generator) -> Array:
    """Paint the wall that turns into the floor, with a pool of light left of the middle and the corners darker."""
    wall, glow = mix(paper * np.float32(0.72), 0.5, 0.05), np.minimum(mix(paper, 1, 0.30), 1)
    stops = [(0, wall * 0.88), (0.42, wall * 1.04), (0.60, glow * 0.90), (0.82, glow * 0.98), (1, glow * 0.92)]
    image = np.repeat(column(view.height, stops), view.width, axis=1)
    x, y = view.across(), view.rows()
    pool = np.exp(-(((x + 0.22) / 0.62) ** 2 + ((y - 0.36) / 0.42) ** 2)) * smoothstep(1.0, 0.3, y)
    fall = 1 + np.float32(0.30) * pool - np.float32(0.16) * smoothstep(-0.2, 1.0, x) * smoothstep(0.9, 0.2, y)
    fall *= 1 - np.float32(0.10) * smoothstep(0.45, 1.1, np.abs(x))
    cloth = fbm(view.height, view.width, 0.5 * view.unit, 4, rng)
    return array(image * (fall * (np.float32(0.96) + np.float32(0.08) * cloth))[..., None])


def _windows(image: Array, view: View, paper: Colour, *, plain: bool) -> None:
    """Let a tall window at the left and something green at the right be guessed on the wall, in place."""
    h, w = max(2, view.height // 6), max(2, view.width // 6)
    small = View(w, h, view.time, view.weather, view.detail, view.rng)
    unit, floor = small.unit, HORIZON * h
    panes = [_upright(small, (x, -0.60), (x + 0.17, -0.15), unit, floor) for x in (-0.50, -0.30)]
    panes += [_upright(small, (x, -0.13), (x + 0.17, -0.02), unit, floor) for x in (-0.50, -0.30)]
    light = resize(blur(polygons(h, w, panes), 0.028 * unit), view.width, view.height)
    strength = {"day": 0.55, "golden": 0.50, "night": 0.22}[view.time]
    over(image, np.minimum(mix(paper, 1, 0.75) * np.float32(1.04), 1.04), array(light * np.float32(strength)))
    if plain:
        return
    leaves = [
        _upright(small, (x, y), (x + 0.11, 0.02), unit, floor) for x, y in ((0.27, -0.36), (0.36, -0.47), (0.45, -0.30))
    ]
    green = resize(blur(polygons(h, w, leaves), 0.040 * unit), view.width, view.height)
    over(image, array(rgb("#6f9a6a") * mix(paper, 1, 0.2)), array(green * np.float32(0.36)))


def _upright(
    view: View, first: tuple[float, float], second: tuple[float, float], unit: float, floor: float
) -> list[tuple[float, float]]:
    """Give the corners in pixels of a rectangle in units from the middle and the floor."""
    (x0, y0), (x1, y1) = first, second
    return [(view.x(x), floor + y * unit) for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))]


def _tooth(image: Array, view: View, rng: np.random.Generator) -> None:
    """Give the paper its tooth, which only fine pictures can show, in place."""
    tooth = fbm(view.height, view.width, 0.0030 * view.unit, 2, rng) - np.float32(0.5)
    shade(image, array(1 + tooth * np.float32(0.024)))
