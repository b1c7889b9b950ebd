"""A meadow between hills, with a tree at the side; under snow where it snows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.backdrops.air import Air, air_of, light_of, paint_sky
from limner.engines.illustrator.backdrops.base import Cover, Scenery, View
from limner.engines.illustrator.backdrops.fronts import grass, heap
from limner.engines.illustrator.backdrops.growth import blade_shapes, crown, leaf_shapes, paint, tree_shapes
from limner.engines.illustrator.backdrops.land import clumps, depth, ground_noise, hazed, lay, mist, ridge
from limner.engines.illustrator.backdrops.snowfield import SNOW_BOUNCE, snow_ground, snowdrift
from limner.engines.illustrator.pixels import Array, Colour, array, blur, fork, glow, mix, resize, rgb, smoothstep

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Time

HORIZON = 0.56
GREENS: dict[Time, tuple[str, str, str]] = {
    # far hills, near meadow in the shade, near meadow in the light
    "day": ("#8fb98a", "#35702a", "#a9cf55"),
    "golden": ("#c9b088", "#5c6a26", "#ecd060"),
    "night": ("#6f93a8", "#1f4a3c", "#6f9a78"),
}
WHITES = ("#c3d2e6", "#8796bb", "#f2f5ff")
CROWNS: dict[Time, tuple[str, str]] = {
    "day": ("#1d4218", "#9bc840"),
    "golden": ("#44260f", "#f6a93a"),
    "night": ("#0d1f2a", "#4f7a78"),
}
FLOWERS = ("#fff6f0", "#ffd84a", "#f2678c", "#9a7cf0")


def meadow(view: View) -> Scenery:
    """Paint the meadow; subjects stand in its grass."""
    rng = fork(view.rng)
    air = air_of(view, fork(rng))
    white = view.weather == "snow"
    colours = tuple(rgb(c) for c in (WHITES if white else GREENS[view.time]))
    far = view.far()
    distant = far.blank()
    paint_sky(distant, far, air, HORIZON + 0.04, fork(rng))
    _hills(distant, far, air, colours, fork(rng))
    image = resize(distant, view.width, view.height, smooth=True)
    ground = fork(rng)
    line = ridge(view, 0.615, 0.030, 0.7, ground, gain=0.35)
    if white:
        snow_ground(image, view, air, line, ground)
    else:
        _grass(image, view, air, line, greens=(colours[1], colours[2]), rng=ground)
    _tree(image, view, air, line, white=white, rng=fork(rng))
    if air.glow > 0.3:
        glow(image, (view.x(air.sun_x), air.sun_y * (HORIZON + 0.04) * view.height), 0.5 * view.unit, air.sun, 0.22)
    light = light_of(air, SNOW_BOUNCE if white else array(colours[1] * 0.5 + colours[2] * 0.5))
    return Scenery(image, HORIZON, (0.70, 0.91), light, "snow" if white else "grass", _front(view, air, colours))


def _front(view: View, air: Air, colours: tuple[Colour, ...]) -> Cover:
    if view.weather == "snow":
        return heap(view, 0.030, 0.10)
    return grass(view, array(colours[1] * air.brightness * 0.85), array(colours[2] * air.brightness))


def _hills(canvas: Array, view: View, air: Air, colours: tuple[Colour, ...], rng: np.random.Generator) -> None:
    """Lay five ranges from the haze to the meadow, the nearer ones with trees and the sun on their slopes."""
    for k in range(5):
        t = k / 4
        line = ridge(
            view, 0.525 + 0.075 * t**1.3, 0.20 - 0.12 * t, 0.22 + 0.30 * t, fork(rng), gain=0.48 if k < 2 else 0.36
        )
        haze = 0.82 * (1 - t**0.6) + 0.05
        base = mix(colours[0], colours[1] * 1.25, 0.75 * t)
        soft = blur(line[None], 0.02 * view.unit)[0]
        lit = np.clip(1 - np.gradient(soft) * (1.1 if air.sun_x > 0 else -1.1), 0.75, 1.3).astype(np.float32)
        if k:
            woods = clumps(view, line, 0.012 + 0.030 * t, 0.5, fork(rng))
            lay(canvas, woods, hazed(array(base * 0.55), air, haze * 0.92))
        lay(canvas, line, hazed(array(base[None, None] * lit[None, :, None]), air, haze))
        if k in (1, 3) or view.weather == "fog":
            thick = 0.6 if view.weather == "fog" else 0.30
            mist(canvas, view, air.horizon, (0.55 + 0.05 * t, 0.035, thick), fork(rng))
    canvas[:] = blur(canvas, 0.0012 * view.unit)


def _grass(
    image: Array, view: View, air: Air, line: Array, *, greens: tuple[Colour, Colour], rng: np.random.Generator
) -> None:
    """Paint the near meadow: soft swells of light and shade in perspective, then blades and flowers."""
    top = max(0, math.floor(float(line.min())) - 1)
    far = depth(view, top, 0.10)
    swell = ground_noise(view, far, 0.9, rng)
    d = np.linspace(0, 1, len(far), dtype=np.float32)[:, None]
    sunny = np.exp(-(((view.across() - np.float32(air.sun_x * 0.6)) / 0.75) ** 2))
    tone = np.clip((swell - 0.5) * 1.9 + 0.46 + 0.22 * sunny - 0.30 * d**1.5, 0, 1)
    colour = mix(greens[0], greens[1], tone[..., None]) * air.brightness
    colour = mix(colour, air.horizon, (0.34 * (1 - d) ** 3)[..., None])
    part = np.ascontiguousarray(image[top:])
    lay(part, array(line - top), colour)
    _blades(part, view, air, greens, rng)
    image[top:] = part


def _blades(part: Array, view: View, air: Air, greens: tuple[Colour, Colour], rng: np.random.Generator) -> None:
    """Blades in rows from far to near, and flowers between them; the middle keeps the shortest."""
    h, unit = part.shape[0], view.unit
    count = 2000 if view.fine else 1100
    span = max(1.3, view.width / unit)
    many = rng.random((count, 6))
    v = np.sort(many[:, 0] ** 0.75) * 1.10
    x = view.middle + (many[:, 1] - 0.5) * span * unit
    y = h * (0.12 + 0.95 * v)
    calm = 0.55 + 0.45 * smoothstep(0.12, 0.5, np.abs(x - view.middle) / unit)
    length = unit * (0.006 + 0.050 * v**2) * (0.5 + many[:, 2]) * calm
    lean = (many[:, 3] - 0.45) * length * 0.9
    shapes = blade_shapes(x, y + length * 0.4, length, lean, 1.0)
    widths = unit * (0.0006 + 0.0020 * v**2)
    for shape, width, column in zip(shapes, widths, x, strict=True):
        shape[:, 0] = column + (shape[:, 0] - column) + np.array([-1, -0.7, 0, 0.7, 1]) * (width - 1.0)
    paint(
        part,
        shapes,
        list(many[:, 4]),
        array(greens[0] * air.brightness * 0.72),
        array(greens[1] * air.brightness * 1.06),
    )
    _flowers(part, view, air, np.stack([x, y, v, many[:, 5]], 1)[::9])


def _flowers(part: Array, view: View, air: Air, at: Array) -> None:
    for k, name in enumerate(FLOWERS):
        chosen = at[(at[:, 3] * len(FLOWERS)).astype(int) == k]
        if not len(chosen):
            continue
        size = view.unit * (0.0016 + 0.0040 * chosen[:, 2])
        height = view.unit * (0.004 + 0.030 * chosen[:, 2] ** 2)
        shapes = leaf_shapes(chosen[:, 0], chosen[:, 1] - height, size, np.zeros(len(chosen)))
        colour = array(rgb(name) * air.brightness)
        paint(part, shapes, [1.0] * len(shapes), colour, colour)


def _tree(image: Array, view: View, air: Air, line: Array, *, white: bool, rng: np.random.Generator) -> None:
    """Stand a big tree on the side away from the sun, cut by the frame."""
    side = -1 if air.sun_x > 0 else 1
    at = side * min(0.47, 0.40 * view.width / view.unit)
    x, size = view.x(at), 0.60 * view.unit
    y = float(line[int(np.clip(x, 0, view.width - 1))]) + 0.055 * view.unit
    dark, bright = (rgb(c) for c in CROWNS[view.time])
    wood, tips = tree_shapes(x, y, size, fork(rng), 5)
    tint = air.brightness
    bark = array(rgb("#6a4a32") * tint)
    lift = np.array([-side * 0.0035, -0.0045]) * size
    edge = array(np.minimum(rgb("#f6f8ff") * tint * 1.2, 1.05)) if white else array(bark * 1.5 + air.rim * 0.12)
    paint(image, [shape + lift for shape in wood], [1.0] * len(wood), edge, edge)
    paint(image, wood, [0.3] * len(wood), array(bark * 0.40), array(bark * 0.9))
    leaves = fork(rng)
    if not white:
        count = 620 if view.fine else 430
        crown(image, tips, size, (array(dark * tint), array(bright * tint)), sun=-side * 1.0, count=count, rng=leaves)
    _at_root(image, view, (x, y), air, white=white, rng=fork(rng))


def _at_root(
    image: Array, view: View, at: tuple[float, float], air: Air, *, white: bool, rng: np.random.Generator
) -> None:
    """Let grass, or a drift of snow, close around the foot of the tree, in place."""
    x, y = at
    if white:
        snowdrift(image, (x, y + 0.010 * view.unit), (0.085 * view.unit, 0.030 * view.unit))
        return
    dark, bright = (array(rgb(c) * air.brightness) for c in GREENS[view.time][1:])
    count, unit = 90, view.unit
    many = rng.random((count, 3))
    length = unit * (0.012 + 0.020 * many[:, 1])
    px = x + rng.normal(0, 0.045, count) * unit
    shapes = blade_shapes(px, y + unit * 0.03 * many[:, 0], length, (many[:, 2] - 0.5) * length, 0.0014 * unit)
    paint(image, shapes, list(many[:, 0] * 0.7), array(dark * 0.8), bright)
