"""A photographer's studio: a paper sweep without a corner, lit from one side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.backdrops.base import Light, Scenery, View
from limner.engines.illustrator.colours import NAMED
from limner.engines.illustrator.pixels import Array, array, column, fbm, fork, mix, rgb, smoothstep

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
    """Paint a calm, bright sweep; the first colour of the palette is the paper's."""
    rng = fork(view.rng)
    name = view.palette[0] if view.palette else ""
    paper = rgb(NAMED[name]) if name in NAMED else rgb(PAPERS[view.time])
    if name in NAMED and view.time == "night":
        paper = array(paper * 0.45)
    image = _sweep(view, paper, rng)
    key, up, down, rim = (rgb(c) for c in LIGHTS[view.time])
    light = Light(key, (-0.56, -0.64, 0.53), up, array(down * 0.4 + paper * 0.45), rim, (0.85, -0.5), 0.1, 0.34, 0.6)
    return Scenery(image, HORIZON, (0.70, 0.90), light, "floor", None)


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
