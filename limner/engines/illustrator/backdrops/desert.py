"""A desert: table mountains in the haze, dunes with sharp crests, rippled sand, a cactus at the side."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.backdrops.air import Air, air_of, light_of, paint_sky, sun_spot
from limner.engines.illustrator.backdrops.base import Scenery, View
from limner.engines.illustrator.backdrops.beach import FROZEN
from limner.engines.illustrator.backdrops.fronts import heap
from limner.engines.illustrator.backdrops.land import (
    depth,
    faces,
    grit,
    ground_noise,
    hazed,
    lay,
    outline,
    ridge,
    sample,
    tile,
)
from limner.engines.illustrator.backdrops.plants import cactus
from limner.engines.illustrator.backdrops.wonders import ruin
from limner.engines.illustrator.pixels import Array, array, fork, mix, resize, rgb, smoothstep

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Time

HORIZON = 0.54
SANDS: dict[Time, tuple[str, str]] = {
    "day": ("#b9854f", "#f4d59c"), "golden": ("#8a4a2c", "#ffc474"), "night": ("#5a5e84", "#b9b4c4"),
}  # fmt: skip
DUNES = ((0.560, 0.05, 0.35, 0.45), (0.595, 0.07, 0.50, 0.24), (0.650, 0.085, 0.75, 0.10))


def desert(view: View) -> Scenery:
    """Paint the desert; subjects stand on the sand."""
    rng = fork(view.rng)
    air = air_of(view, fork(rng))
    air = replace(air, cover=air.cover - 0.12, horizon=mix(air.horizon, rgb("#f2c48c") * air.horizon.mean(), 0.45))
    far = view.far()
    distant = far.blank()
    paint_sky(distant, far, air, HORIZON + 0.03, fork(rng))
    dark, bright = (rgb(c) for c in (FROZEN if view.weather == "snow" else SANDS)[view.time])
    _mesas(distant, far, air, fork(rng))
    dunes = fork(rng)
    for shape in DUNES:
        _dune(distant, far, air, (dark, bright), shape, rng=fork(dunes))
    if "ruins" in view.details:
        ruin(distant, far, air, (0.20 if air.sun_x > 0 else -0.20, 0.665), 0.17, rng=fork(rng))
    _sand(distant, far, air, (dark, bright), fork(rng))
    image = resize(distant, view.width, view.height, smooth=True)
    side = -1 if air.sun_x > 0 else 1
    at = side * min(0.40, view.width / view.unit / 2 - 0.09)
    cactus(image, view, (at, 0.78), 0.36, air, rng=fork(rng))
    light = light_of(air, mix(dark, bright, 0.6))
    return Scenery(
        image,
        HORIZON,
        (0.73, 0.92),
        light,
        "snow" if view.weather == "snow" else "sand",
        heap(view, 0.020, 0.04),
        sun_spot(view, air, HORIZON + 0.03),
    )


def _mesas(canvas: Array, view: View, air: Air, rng: np.random.Generator) -> None:
    """Set flat-topped mountains on the horizon, in place."""
    for base, height, haze in ((0.555, 0.16, 0.72), (0.565, 0.11, 0.55)):
        own = fork(rng)
        table = (
            smoothstep(0.50, 0.56, outline(view, 0.24, 3, own)) * 0.75
            + smoothstep(0.60, 0.64, outline(view, 0.24, 3, own)) * 0.35
        )
        rough = outline(view, 0.03, 4, own) - 0.5
        line = array(base * view.height - view.unit * height * (table + 0.10 * rough * (table > 0.05)))
        strata = 0.92 + 0.12 * np.sin(view.rows() * np.float32(260) + rough[None] * 2)
        lay(canvas, line, hazed(array(rgb("#b0664a") * strata[..., None]), air, haze))


def _dune(
    canvas: Array, view: View, air: Air, sand: tuple[Array, Array], shape: tuple[float, ...], *,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """Lay one row of dunes with a lit and a shaded face along the crest, in place."""
    base, height, scale, haze = shape
    crest = outline(view, scale, 3, rng, 0.35)
    line = array(base * view.height - height * view.unit * (np.abs(crest - 0.5) * -3.0 + 0.75))
    side = -1.0 if air.sun_x > 0 else 1.0
    top = max(0, int(line.min()) - 1)
    face = faces(view, line, 1.6, 0.004, rows=slice(top, view.height)) * np.float32(side)
    tone = smoothstep(0.10, -0.10, face) * 0.75 + 0.2
    colour = mix(sand[0] * 0.82, sand[1], tone[..., None])
    lay(canvas[top:], array(line - top), hazed(colour, air, haze))


def _sand(image: Array, view: View, air: Air, sand: tuple[Array, Array], rng: np.random.Generator) -> None:
    """Spread the near sand with its wind ripples, in place."""
    line = ridge(view, 0.690, 0.06, 0.9, rng, gain=0.35)
    top = max(0, math.floor(float(line.min())) - 1)
    far = depth(view, top, 0.14)
    swell = ground_noise(view, far, 0.40, rng)
    bend = sample(tile(64, 64, rng), view, far, 0.22, 0.22)
    phase = (
        np.repeat(far, view.width, axis=1) * np.float32(20) + view.across() * far * np.float32(5) + bend * np.float32(9)
    )
    ripples = np.sin(phase * np.float32(2)) * smoothstep(4.2, 1.6, far)
    grain = grit(view, far, rng)
    tone = np.clip(0.60 + (swell - 0.5) * 1.5 + 0.10 * ripples + 0.10 * grain, 0, 1)
    d = np.linspace(0, 1, len(far), dtype=np.float32)[:, None, None]
    colour = mix(sand[0], sand[1], tone[..., None]) * air.brightness
    part = np.ascontiguousarray(image[top:])
    lay(part, array(line - top), mix(colour, air.horizon, 0.20 * (1 - d) ** 3))
    image[top:] = part
