"""A river under a stone bridge: hills and woods behind, reflections, reeds on the near bank."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.backdrops.air import Air, light_of, sun_spot
from limner.engines.illustrator.backdrops.base import Scenery, Surface, View
from limner.engines.illustrator.backdrops.fronts import grass, heap, shored, waterline
from limner.engines.illustrator.backdrops.growth import Points, ground_shadow, leaf_shapes, paint, round_trees
from limner.engines.illustrator.backdrops.hillsides import country
from limner.engines.illustrator.backdrops.land import hazed, lay, mist, outline, ridge
from limner.engines.illustrator.backdrops.lawn import Greens, blades, lawn
from limner.engines.illustrator.backdrops.masonry import bridge
from limner.engines.illustrator.backdrops.snowfield import SNOW_BOUNCE, snow_ground
from limner.engines.illustrator.backdrops.trees import broad_tree, foliage
from limner.engines.illustrator.backdrops.water import water
from limner.engines.illustrator.backdrops.wonders import sail, waterfall
from limner.engines.illustrator.pixels import Array, Colour, array, fork, mix, resize, rgb

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Time

HORIZON = 0.53
WATER = 0.595
# How far down the near bank begins, how much it bends, and where one stands: beside who is in the water, or in it.
BANKS = (0.735, 0.035, (0.79, 0.93)), (0.820, 0.015, (0.87, 0.955)), (0.950, 0.010, (0.69, 0.88))
GREENS: dict[Time, tuple[str, str, str]] = {
    "day": ("#9ac09a", "#33702c", "#a9cf58"), "golden": ("#d0b48c", "#4e6c2a", "#c6cf5e"),
    "night": ("#6f93a8", "#1f4a3c", "#6f9a78"),
}  # fmt: skip
WHITES = ("#c3d2e6", "#a4b4d4", "#f2f5ff")
STREAMS: dict[Time, tuple[str, str]] = {
    "day": ("#6fb0b4", "#1f6472"), "golden": ("#9a8a84", "#3a4c5c"), "night": ("#2c4a80", "#122a54"),
}  # fmt: skip


def river(view: View) -> Scenery:
    """Paint the river; subjects stand on the near bank, which makes room for those who swim."""
    rng = fork(view.rng)
    begun = country(view, GREENS[view.time], WHITES, (HORIZON + 0.02, 0.47), rng)
    image, far, air, colours, white = begun.image, begun.far, begun.air, begun.colours, begun.white
    _far_bank(image, far, air, colours, white=white, rng=fork(rng))
    at = ((rng.random() - 0.5) * 0.24, WATER, 0.465)
    if "waterfall" in view.details:
        waterfall(image, far, air, (at[0], 0.30, WATER + 0.004), 0.34, rng=fork(rng))
    else:
        bridge(image, far, air, at, span=max(0.62, 0.5 * view.width / view.unit + 0.16), white=white, rng=fork(rng))
    stream = [mix(rgb(c), air.middle * 0.8, 0.35 if view.weather != "clear" else 0.0) for c in STREAMS[view.time]]
    water(image, far, air, round(WATER * far.height), (stream[0], stream[1]), choppy=0.42, mirror=0.80, rng=fork(rng))
    if "boat" in view.details:
        sail(image, far, air, (0.16 if air.sun_x > 0 else -0.16, 0.655), 0.15, rng=fork(rng))
    ground, near = fork(rng), fork(rng)
    line = _shore(far, ground)
    top = 0.0
    if white:
        snow_ground(image, far, air, line, ground)
    else:
        _edge(image, far, air, line)
        top = lawn(image, far, air, line, greens=(colours[1], colours[2]), rng=ground)
    image = resize(image, view.width, view.height, smooth=True)
    if not white:
        blades(image, view, top, air, (colours[1], colours[2]), rng=near)
    shore = array(cv2.resize(line[None], (view.width, 1))[0] * (view.height / far.height))
    _near_bank(image, view, air, shore, (colours[1], colours[2]), white=white, rng=fork(rng))
    light = light_of(air, SNOW_BOUNCE if white else mix(colours[1], colours[2], 0.5))
    dark, bright = (array(c * air.brightness) for c in colours[1:])
    front = heap(view, 0.030, 0.10) if white else grass(view, array(dark * 0.85), bright)
    low, bow, stage = _bank(view)
    pond = (WATER + 0.045, low - bow - 0.025)
    front = shored(view, pond[1] + 0.01, waterline(view, stream[1], air.lit), front)
    surface: Surface = "water" if view.afloat == 1 else "snow" if white else "grass"
    if surface == "water":
        front = waterline(view, stream[1], air.lit)
    return Scenery(image, HORIZON, stage, light, surface, front, sun_spot(view, air, HORIZON + 0.02), pond=pond)


def _bank(view: View) -> tuple[float, float, tuple[float, float]]:
    """Tell of the near bank what `BANKS` does."""
    return BANKS[0 if not view.afloat else 2 if view.afloat == 1 else 1]


def _shore(view: View, rng: np.random.Generator) -> Array:
    """Give the line of the near bank: low in the middle of the picture, rising to one side."""
    side = 1 if rng.random() < 0.5 else -1
    low, bend, _ = _bank(view)
    bow = bend * np.tanh(1.6 * side * view.across()[0])
    return array((low - bow) * view.height - 0.030 * view.unit * (outline(view, 0.34, 4, rng, 0.42) - 0.5))


def _far_bank(
    image: Array, view: View, air: Air, colours: tuple[Colour, ...], *, white: bool, rng: np.random.Generator
) -> None:
    """Lay the far bank with its row of trees, in place."""
    line = ridge(view, 0.560, 0.030, 0.5, fork(rng), gain=0.35)
    lay(image, line, hazed(mix(colours[1], colours[2], 0.45), air, 0.22))
    dark, _, bright = (rgb("#55647e"), rgb("#000000"), rgb("#eef2fc")) if white else foliage(view)
    many = rng.random((30, 3))
    x = view.x(0) + (many[:, 0] - 0.5) * 2.3 * view.unit
    y = line[np.clip(x, 0, view.width - 1).astype(int)] + (0.008 + 0.014 * many[:, 1]) * view.unit
    at = np.stack([x, y, (0.018 + 0.034 * many[:, 2] ** 2) * view.unit], 1)
    round_trees(image, at, hazed(dark, air, 0.24), hazed(bright, air, 0.20), sun=air.side, rng=fork(rng))
    mist(image, view, air.horizon, (0.575, 0.022, 0.30), fork(rng))


def _edge(image: Array, view: View, air: Air, line: Array) -> None:
    """Darken the water under the near bank and show a strip of bare soil, in place."""
    lay(image, array(line - 0.012 * view.unit), mix(rgb("#2a3a34") * air.brightness, air.middle * 0.4, 0.3))
    lay(image, array(line - 0.004 * view.unit), rgb("#6a5638") * air.brightness)


def reeds(
    image: Array, air: Air, at: tuple[float, float], size: tuple[float, float], *, inks: Greens,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """Let reeds and bulrushes stand around `at` (pixels); `size` is how wide and how tall, in place."""
    many = rng.random((64, 4))
    many = many[np.argsort(many[:, 1])]
    spread = (many[:, 0] - 0.5) * (1.4 - 0.6 * many[:, 2])
    x, y = at[0] + spread * size[0], at[1] + (many[:, 1] - 0.5) * 0.16 * size[1]
    tall, lean = size[1] * (0.45 + 0.55 * many[:, 2]), (many[:, 3] - 0.5) * 0.34 * size[1]
    t = np.linspace(0, 1, 6)
    shapes: list[Points] = []
    for k in range(len(many)):
        middle = np.stack([x[k] + lean[k] * t**2, y[k] - tall[k] * t], 1)
        half = np.stack([0.016 * size[1] * (1 - t) ** 0.7 + 0.15, np.zeros(6)], 1)
        shapes.append(np.concatenate([middle - half, (middle + half)[::-1]]))
    paint(image, shapes, list(0.15 + 0.8 * many[:, 3] * (0.4 + 0.6 * many[:, 1])), *inks)
    heads = [k for k in range(len(many)) if many[k, 2] > 0.66][:9]
    tips = np.array([(x[k] + lean[k] * 0.85, y[k] - tall[k] * 0.94) for k in heads]).reshape(-1, 2)
    cobs = leaf_shapes(tips[:, 0], tips[:, 1], np.full(len(tips), 0.060 * size[1]), np.full(len(tips), np.pi / 2))
    paint(
        image, cobs, [0.6] * len(cobs), array(rgb("#2c180c") * air.brightness), array(rgb("#8a5a30") * air.brightness)
    )


def _near_bank(
    image: Array, view: View, air: Air, shore: Array, greens: Greens, *, white: bool, rng: np.random.Generator
) -> None:
    """Stand a tree at one side of the near bank and reeds along it, in place; the middle stays free."""
    side = -1 if air.sun_x > 0 else 1
    half = min(0.70, view.width / view.unit / 2)
    x, size = view.x(side * (half - 0.04)), 0.62 * view.unit
    y = float(shore[int(np.clip(x, 0, view.width - 1))]) + 0.09 * view.unit
    ground_shadow(image, (x + side * 0.1 * size, y), (0.34 * size, 0.04 * size))
    broad_tree(image, view, (x, y), size, air=air, colours=None if white else foliage(view), rng=fork(rng))
    inks = (rgb("#6a6250"), rgb("#d8c8a0")) if white else (greens[0] * 0.7, mix(greens[1], rgb("#d8c070"), 0.35))
    own = array(inks[0] * air.brightness), array(inks[1] * air.brightness)
    for a, b, c in rng.random((7, 3)):
        hand = 1 if c > 0.35 else -1
        at = view.x(-side * hand * (0.20 + (half - 0.18) * a))
        foot = float(shore[int(np.clip(at, 0, view.width - 1))]) + 0.014 * view.unit
        reeds(
            image,
            air,
            (at, foot),
            ((0.05 + 0.06 * b) * view.unit, (0.09 + 0.10 * a) * view.unit),
            inks=own,
            rng=fork(rng),
        )
