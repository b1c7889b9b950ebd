"""A meadow between hills, with a tree at the side; under snow where it snows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.backdrops.air import Air, air_of, light_of, paint_sky, sun_spot
from limner.engines.illustrator.backdrops.base import Cover, Scenery, View
from limner.engines.illustrator.backdrops.fronts import grass, heap
from limner.engines.illustrator.backdrops.growth import blade_shapes, ground_shadow, paint
from limner.engines.illustrator.backdrops.hillsides import hill_ranges
from limner.engines.illustrator.backdrops.land import ridge
from limner.engines.illustrator.backdrops.lawn import blades, lawn, seasoned
from limner.engines.illustrator.backdrops.snowfield import SNOW_BOUNCE, snow_ground, snowdrift
from limner.engines.illustrator.backdrops.trees import broad_tree, foliage
from limner.engines.illustrator.backdrops.wonders import ruin
from limner.engines.illustrator.pixels import Array, Colour, array, fork, glow, resize, rgb

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Time

HORIZON = 0.56
GREENS: dict[Time, tuple[str, str, str]] = {
    # far hills, near meadow in the shade, near meadow in the light
    "day": ("#8fb98a", "#35702a", "#a9cf55"),
    "golden": ("#c9b088", "#4c6c2a", "#c6cf5c"),
    "night": ("#6f93a8", "#1f4a3c", "#6f9a78"),
}
WHITES = ("#c3d2e6", "#8796bb", "#f2f5ff")


def meadow(view: View) -> Scenery:
    """Paint the meadow; subjects stand in its grass."""
    rng = fork(view.rng)
    air = air_of(view, fork(rng))
    white = view.weather == "snow"
    colours = seasoned(view, tuple(rgb(c) for c in (WHITES if white else GREENS[view.time])))
    far = view.far()
    distant = far.blank()
    paint_sky(distant, far, air, HORIZON + 0.04, fork(rng))
    hill_ranges(distant, far, air, colours, trees=None if white else _woods(view), rng=fork(rng))
    ground, near = fork(rng), fork(rng)
    line = ridge(far, 0.615, 0.030, 0.7, ground, gain=0.35)
    if white:
        snow_ground(distant, far, air, line, ground)
    else:
        top = lawn(distant, far, air, line, greens=(colours[1], colours[2]), rng=ground)
    if "ruins" in view.details:
        ruin(distant, far, air, (0.20 if air.sun_x > 0 else -0.20, 0.640), 0.17, rng=fork(rng))
    image = resize(distant, view.width, view.height, smooth=True)
    if not white:
        blades(image, view, top, air, (colours[1], colours[2]), rng=near)
    _tree(
        image,
        view,
        air,
        cv2.resize(line[None], (view.width, 1))[0] * view.height / far.height,
        white=white,
        rng=fork(rng),
    )
    if air.glow > 0.3:
        glow(image, (view.x(air.sun_x), air.sun_y * (HORIZON + 0.04) * view.height), 0.5 * view.unit, air.sun, 0.22)
    light = light_of(air, SNOW_BOUNCE if white else array(colours[1] * 0.5 + colours[2] * 0.5))
    return Scenery(
        image,
        HORIZON,
        (0.70, 0.91),
        light,
        "snow" if white else "grass",
        _front(view, air, colours),
        sun_spot(view, air, HORIZON + 0.04),
    )


def _woods(view: View) -> Colour | None:
    """Give the colour of far woods where it is not that of the hills."""
    return foliage(view)[1] if view.details & {"autumn", "blossom"} else None


def _front(view: View, air: Air, colours: tuple[Colour, ...]) -> Cover:
    if view.weather == "snow":
        return heap(view, 0.030, 0.10)
    return grass(view, array(colours[1] * air.brightness * 0.85), array(colours[2] * air.brightness))


def _tree(image: Array, view: View, air: Air, line: Array, *, white: bool, rng: np.random.Generator) -> None:
    """Stand a big tree on the side away from the sun, cut by the frame."""
    side = -1 if air.sun_x > 0 else 1
    at = side * min(0.40, 0.36 * view.width / view.unit)
    x, size = view.x(at), 0.66 * view.unit
    y = float(line[int(np.clip(x, 0, view.width - 1))]) + 0.075 * view.unit
    ground_shadow(image, (x + side * 0.10 * size, y + 0.01 * size), (0.36 * size, 0.045 * size))
    broad_tree(image, view, (x, y), size, air=air, colours=None if white else foliage(view), rng=fork(rng))
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
