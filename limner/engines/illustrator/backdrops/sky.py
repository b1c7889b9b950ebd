"""High in the air: the sun, heaped clouds all around, and a sea of clouds below."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from limner.engines.illustrator.backdrops.air import Air, air_of, cumulus, light_of, paint_sky, sun_spot
from limner.engines.illustrator.backdrops.base import Scenery, View
from limner.engines.illustrator.backdrops.land import heads
from limner.engines.illustrator.pixels import Array, array, blur, fbm, fork, glow, mix, over, resize, smoothstep

HORIZON = 0.66
BANKS = ((0.700, 0.045, 0.62), (0.750, 0.065, 0.40), (0.815, 0.090, 0.20), (0.900, 0.115, 0.05))


def sky(view: View) -> Scenery:
    """Paint the open sky; subjects fly or float in it, and what must stand stands on the clouds."""
    rng = fork(view.rng)
    air = air_of(view, fork(rng))
    air = replace(air, sun_y=min(0.72, air.sun_y * 0.9))
    far = view.far()
    image = far.blank()
    paint_sky(image, far, air, HORIZON + 0.06, fork(rng))
    if air.cover < 0.6:
        part = np.ascontiguousarray(image[: round(0.62 * far.height)])
        cumulus(part, far, air, fork(rng))
        image[: len(part)] = part
    banks = fork(rng)
    for bank in BANKS:
        _bank(image, far, air, bank, fork(banks))
    if air.glow > 0.2:
        glow(
            image,
            (far.x(air.sun_x), air.sun_y * (HORIZON + 0.06) * far.height),
            0.5 * far.unit,
            air.sun,
            0.25 * air.glow,
        )
    image = resize(image, view.width, view.height, smooth=True)
    return Scenery(
        image, HORIZON, (0.70, 0.90), light_of(air, air.lit), "air", None, sun_spot(view, air, HORIZON + 0.06)
    )


def _bank(canvas: Array, view: View, air: Air, bank: tuple[float, float, float], rng: np.random.Generator) -> None:
    """Lay one bank of clouds: round heads along its top, lit from the sun's side, lost in haze below, in place."""
    base, height, haze = bank
    crest = np.zeros(view.width, np.float32)
    for scale, share in ((0.26, 1.0), (0.11, 0.52), (0.045, 0.26)):
        crest += heads(view, scale * (0.6 + height * 6), rng) * np.float32(share)
    line = array(base * view.height - height * view.unit * (crest - 0.9))
    reach = 0.05 * view.unit
    top = max(0, int(line.min() - reach))
    h = view.height - top
    fray = fbm(h, view.width, 0.05 * view.unit, 7 if view.fine else 5, rng, gain=0.66) - np.float32(0.5)
    rows = np.arange(top, view.height, dtype=np.float32)[:, None]
    under = (rows - line[None]) * np.float32(1 / (view.unit * height)) + fray * np.float32(0.10 / height)
    slope = np.gradient(blur(line[None], 0.006 * view.unit)[0])[None] * (0.30 if air.sun_x > 0 else -0.30)
    sunny = 0.10 * np.exp(-(((view.across() - np.float32(air.sun_x)) / 0.5) ** 2)) + 1.0
    tone = (
        sunny - 0.50 * under + slope * np.exp(-3 * np.clip(under, 0, 9)) + fray * np.float32(2.0 if view.fine else 1.6)
    )
    lit, dark = (mix(c, air.horizon, haze) for c in (air.lit, air.shade))
    colour = mix(dark, lit, np.clip(tone, 0, 1.1)[..., None])
    over(canvas[top:], colour, smoothstep(-0.06, 0.14, under))
