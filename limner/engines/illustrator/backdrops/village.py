"""A steep coast village: houses stacked up a cliff over a bay, a domed church, a beach, capes in the haze.

With the detail "rays" the sky and the sea are drawn as the lithographed travel posters of the 1930s drew them (Roger
Broders, "Le Tour du Mont Blanc", 1927, and his Riviera sheets): flat bands, a fan of sun rays, glints like tiles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.backdrops.air import Air, air_of, light_of, paint_sky, tint_of
from limner.engines.illustrator.backdrops.base import Scenery, Surface, View
from limner.engines.illustrator.backdrops.coast import beach_strip, boat, glints, lemons, parasols, ray_sky
from limner.engines.illustrator.backdrops.distance import softer
from limner.engines.illustrator.backdrops.fronts import shored, waterline
from limner.engines.illustrator.backdrops.houses import Paint, church, cypress, house, walls_of
from limner.engines.illustrator.backdrops.land import hazed, lay, outline
from limner.engines.illustrator.backdrops.plate import Plate
from limner.engines.illustrator.backdrops.water import water
from limner.engines.illustrator.pixels import (
    Array,
    array,
    blur,
    fbm,
    fork,
    glow,
    mix,
    over,
    resize,
    rgb,
    smoothstep,
)

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Time

HORIZON = 0.47
STEEP = 1.61
# The share of the size at which a poster is drawn, whose edges are sharp.
CRISP = 0.8
LIT: dict[Time, float] = {"day": 0.0, "golden": 0.16, "night": 0.55}
CAPES = ((0.20, 0.66, 0.060, 0.70), (0.46, 0.60, 0.120, 0.42))


@dataclass(frozen=True, slots=True)
class Cliff:
    """The cliff's outline in units from the middle and the horizon; `side` is 1 where it stands at the right.

    It rises from (`foot_x`, `foot`) to (`top_x`, `top`), steep below and gentle above, and goes on level from there.
    """

    side: float
    foot_x: float
    top_x: float
    foot: float
    top: float

    def row(self, along: Array) -> Array:
        """Give the height of the outline at so many units towards its side."""
        share = np.clip((self.top_x - along) / (self.top_x - self.foot_x), 0, 1.3)
        return array(self.top + (self.foot - self.top) * share**STEEP - 0.10 * np.clip(along - self.top_x, 0, 9))

    def edge(self, row: float) -> float:
        """Give the place where the outline has this height."""
        share = np.clip((row - self.top) / (self.foot - self.top), 0, 1)
        return float(self.top_x - (self.top_x - self.foot_x) * share ** (1 / STEEP))


def village(view: View) -> Scenery:
    """Paint the village; subjects stand on the beach before it."""
    rng = fork(view.rng)
    air = air_of(view, fork(rng))
    side = -1.0 if air.sun_x > 0 else 1.0
    graphic = "rays" in view.details
    far = softer(view, max(view.detail, CRISP)) if graphic else view.far()
    base = far if graphic or not view.fine else softer(far)
    image = base.blank()
    if graphic:
        ray_sky(image, base, air, HORIZON, side=side, rng=fork(rng))
    else:
        paint_sky(image, base, air, HORIZON + 0.004, fork(rng))
    _capes(image, base, air, side, fork(rng))
    _sea(image, base, air, side, graphic=graphic, rng=fork(rng))
    image = resize(image, far.width, far.height, smooth=True)
    cliff, paint = _cliff(far, side), _paint(view, air)
    _slope(image, far, air, cliff, fork(rng))
    plate = Plate.of(far, HORIZON)
    if "boat" in view.details:
        boat(plate, (-side * min(0.27, 0.56 * plate.half), 0.44 * cliff.foot), 0.15, paint)
    beach_strip(image, far, air, cliff.side, fork(rng))
    _stack(plate, cliff, paint, fork(rng))
    parasols(plate, side, paint, fork(rng))
    if graphic:
        lemons(plate, side, paint, fork(rng))
    plate.lay(image)
    _air_light(image, far, air, side)
    image = resize(image, view.width, view.height, smooth=True)
    white = view.weather == "snow"
    wet = waterline(view, array(rgb("#0e4c80") * air.brightness), air.lit)
    surface: Surface = "snow" if white else "sand"
    ground = (0.885, 0.965), light_of(air, "#e3cfa6"), surface, shored(view, 0.86, wet, None)
    return Scenery(image, HORIZON, *ground, pond=(0.60, 0.82), banks=(0.0, 0.5) if side > 0 else (0.5, 1.0))


def _paint(view: View, air: Air) -> Paint:
    snow = array(np.minimum(rgb("#f3f6ff") * air.brightness * 1.08, 1.05)) if view.weather == "snow" else None
    lit = LIT[view.time] + (0.14 if view.weather in ("rain", "storm", "fog") else 0.0)
    tint = array(np.minimum(air.brightness * 1.04, 1.12))
    return Paint(tint, lit, snow, -1.0 if air.sun_x < 0 else 1.0, walls_of(view.palette))


def _cliff(view: View, side: float) -> Cliff:
    """Fit the cliff into the picture: its top at the edge of the picture, wider in a wide one."""
    half, tall = view.width / view.unit / 2, view.height / view.unit
    top_x = float(np.clip(half, 0.34, 0.9))
    width = 0.52 * (top_x / 0.5) ** 0.8
    return Cliff(side, top_x - width, top_x, 0.405 * tall, -0.37 * tall)


def _capes(image: Array, view: View, air: Air, side: float, rng: np.random.Generator) -> None:
    """Let two capes run out into the bay, the farther one paler, in place."""
    along = view.across()[0] * np.float32(side)
    for middle, reach, height, haze in CAPES:
        rough = 0.62 + 0.75 * outline(view, 0.13, 5, rng, 0.45)
        dome = np.clip(1 - ((along + np.float32(middle)) / np.float32(reach * 0.72)) ** 2, 0, 1) ** np.float32(0.62)
        line = array(HORIZON * view.height - dome * rough * np.float32(height * view.unit * 1.5))
        up = smoothstep(HORIZON * view.height, float(line.min()), np.arange(view.height, dtype=np.float32))[:, None]
        foot, crest = hazed(rgb("#9ccfb4"), air, 0.72 * haze), hazed(rgb("#1f6480"), air, 0.66 * haze)
        colour = mix(foot, crest, up[..., None])
        lay(image, np.where(dome > 0, line, np.float32(view.height)).astype(np.float32), colour)


def _sea(image: Array, view: View, air: Air, side: float, *, graphic: bool, rng: np.random.Generator) -> None:
    """Fill the bay: flat bands with tile-like glints, or water that mirrors the sky, in place."""
    top = round(HORIZON * view.height)
    tint = air.brightness * tint_of(view.palette)
    warm = 0.42 if view.time == "golden" else 0.0
    shallow = mix(rgb("#43b3bd") * tint, air.horizon, warm)
    deep = mix(rgb("#0e4c80") * tint, air.zenith * np.float32(0.7), 1.8 * warm)
    if not graphic:
        calm = {"storm": 1.5, "rain": 0.9}.get(view.weather, 0.55)
        water(image, view, air, top, (shallow, deep), choppy=calm, mirror=0.55, rng=rng)
        return
    rows = smoothstep(0, 0.92, np.linspace(0, 1, view.height - top, dtype=np.float32))[:, None]
    speck = fork(rng).random((view.height - top, view.width), dtype=np.float32) - np.float32(0.5)
    image[top:] = mix(shallow, deep, array(np.clip(rows + speck * np.float32(0.05), 0, 1))[..., None])
    plate = Plate.of(view, HORIZON)
    glints(plate, side, air, rng)
    plate.lay(image)


def _slope(image: Array, view: View, air: Air, cliff: Cliff, rng: np.random.Generator) -> None:
    """Raise the cliff: meadows, maquis and bare rock in the patches that noise cuts out, in place."""
    along = view.across()[0] * np.float32(cliff.side)
    ragged = (outline(view, 0.06, 4, rng) - 0.5) * 0.035
    line = array(HORIZON * view.height + (cliff.row(along) + ragged) * view.unit)
    line[along < cliff.foot_x - 0.03] = view.height
    columns, top = np.flatnonzero(line < view.height - 1), max(0, int(line.min()) - 1)
    if not len(columns):
        return
    box = slice(top, view.height), slice(int(columns[0]), int(columns[-1]) + 1)
    h, w = view.height - top, box[1].stop - box[1].start
    rough = fbm(h, w, 0.085 * view.unit, 6 if view.fine else 5, rng, aspect=0.7)
    dry = fbm(h, w, 0.05 * view.unit, 5, rng, aspect=0.6)
    below = np.arange(top, view.height, dtype=np.float32)[:, None] - line[None, box[1]]
    down = below / np.float32(view.unit)
    green = mix(rgb("#5d7d48"), rgb("#b3bb68"), smoothstep(0.44, 0.56, rough - 0.15 * np.clip(down, 0, 0.4))[..., None])
    colour = mix(green, rgb("#e0c193"), array(smoothstep(0.54, 0.60, dry) * smoothstep(0.1, 0.45, down))[..., None])
    colour = mix(colour, rgb("#375646"), (smoothstep(0.45, 0.38, rough) * np.float32(0.75))[..., None])
    if view.weather == "snow":
        colour = mix(colour, rgb("#f1f4fd"), smoothstep(0.62, 0.40, dry)[..., None])
    colour *= air.brightness
    over(image[box], colour, array(np.clip(below + np.float32(0.5), 0, 1)))


def _stack(plate: Plate, cliff: Cliff, paint: Paint, rng: np.random.Generator) -> None:
    """Build the rows of houses from the top down, trees between them and the church among the lower ones."""
    rows = round((cliff.foot - cliff.top) / 0.064)
    church_row = rows - 4
    for r in range(rows):
        share = (r + 1.6) / (rows + 0.8)
        y = cliff.top + (cliff.foot - cliff.top) * share
        wide = 0.044 + 0.020 * share
        _row(plate, cliff, (y, wide), paint, fork(rng))
        if r == church_row:
            church(plate, (cliff.side * (cliff.edge(y) + 0.135), y + 0.012), 0.095, paint)


def _row(plate: Plate, cliff: Cliff, place: tuple[float, float], paint: Paint, rng: np.random.Generator) -> None:
    y, wide = place
    x = cliff.edge(y) + 0.016 + 0.4 * wide * rng.random()
    while x < plate.half + wide:
        draws, seed = rng.random(5), int(rng.integers(2**31))
        w, h = wide * (0.75 + 0.5 * draws[0]), wide * (0.95 + 0.70 * draws[1])
        foot = y + 0.012 * (draws[2] - 0.5)
        if draws[3] < 0.82:
            house(plate, (x if cliff.side > 0 else -x - w, foot), (w, h), paint, seed)
            x += w * (0.92 + 0.10 * draws[4])
        else:
            cypress(plate, (cliff.side * (x + 0.3 * wide), foot), 1.1 * wide + 0.02 * draws[0], paint)
            x += 0.6 * wide


def _air_light(image: Array, view: View, air: Air, side: float) -> None:
    """Let the low sun and the damp air of the bay lie over the cliff, in place."""
    if air.glow < 0.2 or view.weather != "clear":
        return
    at = view.x(-side * 0.16 if "rays" in view.details else air.sun_x), (HORIZON - 0.08) * view.height
    glow(image, at, 0.42 * view.unit, air.sun, 0.20 * air.glow)
    if not view.fine:
        image[:] = blur(image, 0.0004 * view.unit)
