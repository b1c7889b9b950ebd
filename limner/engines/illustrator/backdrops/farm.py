"""A farm: a red barn with its silo, a fence, rows of crops, bales of straw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.backdrops.air import Air, light_of, sun_spot
from limner.engines.illustrator.backdrops.barn import bales, barn, fence, silo
from limner.engines.illustrator.backdrops.base import Scenery, View
from limner.engines.illustrator.backdrops.fronts import grass, heap
from limner.engines.illustrator.backdrops.growth import round_trees
from limner.engines.illustrator.backdrops.hillsides import country
from limner.engines.illustrator.backdrops.land import depth, hazed, lay, ridge
from limner.engines.illustrator.backdrops.lawn import blades, lawn
from limner.engines.illustrator.backdrops.snowfield import SNOW_BOUNCE, snow_ground
from limner.engines.illustrator.backdrops.trees import foliage
from limner.engines.illustrator.pixels import Array, Colour, array, fork, mix, resize, rgb, smoothstep

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Time

HORIZON = 0.52
GREENS: dict[Time, tuple[str, str, str]] = {
    "day": ("#9ac09a", "#3f7a2c", "#b4d456"), "golden": ("#d0b48c", "#566c2a", "#cccf5e"),
    "night": ("#6f93a8", "#1f4a3c", "#6f9a78"),
}  # fmt: skip
WHITES = ("#c3d2e6", "#a4b4d4", "#f2f5ff")
CROPS: dict[Time, tuple[str, str]] = {
    "day": ("#8a6a2c", "#f2d264"), "golden": ("#7a4a1c", "#ffc856"), "night": ("#2c3a50", "#7a86a0"),
}  # fmt: skip


def farm(view: View) -> Scenery:
    """Paint the farm; subjects stand on the grass before the barn."""
    rng = fork(view.rng)
    begun = country(view, GREENS[view.time], WHITES, (HORIZON + 0.02, 0.465), rng)
    image, far, air, colours, white = begun.image, begun.far, begun.air, begun.colours, begun.white
    side = -1 if air.sun_x > 0 else 1
    _field(image, far, air, colours, side, white=white, rng=fork(rng))
    ground, near = fork(rng), fork(rng)
    line = ridge(far, 0.668, 0.020, 0.8, ground, gain=0.35)
    top = 0.0
    if white:
        snow_ground(image, far, air, line, ground)
    else:
        top = lawn(image, far, air, line, greens=(colours[1], colours[2]), rng=ground)
    image = resize(image, view.width, view.height, smooth=True)
    if not white:
        blades(image, view, top, air, (colours[1], colours[2]), rng=near)
    _yard(image, view, air, side, white=white, rng=fork(rng))
    light = light_of(air, SNOW_BOUNCE if white else mix(colours[1], colours[2], 0.5))
    dark, bright = (array(c * air.brightness) for c in colours[1:])
    front = heap(view, 0.030, 0.10) if white else grass(view, array(dark * 0.85), bright)
    return Scenery(
        image, HORIZON, (0.77, 0.93), light, "snow" if white else "grass", front, sun_spot(view, air, HORIZON + 0.02)
    )


def _field(
    image: Array, view: View, air: Air, colours: tuple[Colour, ...], side: int, *, white: bool, rng: np.random.Generator
) -> None:
    """Lay the fields behind the fence: rows of ripe crops that run to one point, green ones beside, in place."""
    line = ridge(view, 0.570, 0.016, 0.9, fork(rng), gain=0.3)
    top = int(line.min())
    far = depth(view, top, 0.10)
    u = (view.across() + np.float32(side * 0.12)) * far
    rows = 0.5 + 0.5 * np.sin(u * np.float32(34))
    rows = rows * smoothstep(9.0, 3.5, far) + 0.5 * smoothstep(3.5, 9.0, far)
    ripe = smoothstep(-0.02, 0.02, np.float32(-side) * (view.across() + np.float32(side * 0.05) + 0 * far))
    dry = [rgb(c) for c in (("#b4c0dc", "#f4f7ff") if white else CROPS[view.time])]
    crop = mix(dry[0], dry[1], rows[..., None])
    green = mix(colours[1], colours[2], (0.25 + 0.5 * rows)[..., None])
    ground = mix(green, crop, np.broadcast_to(ripe, rows.shape)[..., None]) * air.brightness
    haze = np.linspace(0.34, 0.05, len(far), dtype=np.float32)[:, None, None]
    part = np.ascontiguousarray(image[top:])
    lay(part, array(line - top), mix(ground, air.horizon, haze))
    image[top:] = part
    leaf = (rgb("#5c6c86"), rgb("#000000"), rgb("#eef2fc")) if white else foliage(view)
    many = fork(rng).random((22, 3))
    x = view.x(0) + (many[:, 0] - 0.5) * 2.4 * view.unit
    y = line[np.clip(x, 0, view.width - 1).astype(int)] + 0.008 * view.unit
    at = np.stack([x, y, (0.014 + 0.026 * many[:, 2] ** 2) * view.unit], 1)
    round_trees(image, at, hazed(leaf[0], air, 0.30), hazed(leaf[2], air, 0.28), sun=air.side, rng=fork(rng))


def _yard(image: Array, view: View, air: Air, side: int, *, white: bool, rng: np.random.Generator) -> None:
    """Stand the barn, the silo, the fence and a few bales, in place; the barn takes the side away from the sun."""
    half = min(0.66, view.width / view.unit / 2)
    at = side * max(0.05, half - 0.235)
    silo(image, view, air, (at - side * 0.165, 0.694), 0.36, white=white)
    inner = fork(rng)
    if not any("barn" in one.art for one in view.company):
        barn(image, view, air, (at, 0.700), 0.30, white=white, rng=inner)
    fence(image, view, air, 0.712, white=white, gap=(at - 0.05, at + 0.05), rng=fork(rng))
    bales(image, view, air, -side, white=white, rng=fork(rng))
