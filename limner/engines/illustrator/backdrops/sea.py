"""The open sea: sky, far islands in the haze, and water up to the viewer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from limner.engines.illustrator.backdrops.air import Air, air_of, light_of, paint_sky, sun_spot
from limner.engines.illustrator.backdrops.base import Scenery, View
from limner.engines.illustrator.backdrops.fronts import waterline
from limner.engines.illustrator.backdrops.land import hazed, lay, ridge
from limner.engines.illustrator.backdrops.water import water
from limner.engines.illustrator.backdrops.wonders import sail
from limner.engines.illustrator.pixels import Array, Colour, array, blur, fork, resize, rgb

if TYPE_CHECKING:
    import numpy as np

    from limner.engines.illustrator.scene import Time

HORIZON = 0.36
COLOURS: dict[Time, tuple[str, str]] = {
    "day": ("#3aa0b8", "#0b4f78"),
    "golden": ("#7a8296", "#153f5e"),
    "night": ("#33508a", "#081a3c"),
}
ISLANDS = (("#a9c4c8", 0.17, 0.80), ("#7fa6a6", 0.11, 0.60), ("#5c8a80", 0.05, 0.42))


def sea(view: View) -> Scenery:
    """Paint the sea with its sky; subjects swim or float on it."""
    rng = fork(view.rng)
    air = air_of(view, fork(rng))
    far = view.far()
    image = far.blank()
    paint_sky(image, far, air, HORIZON, fork(rng))
    _islands(image, far, air, fork(rng))
    colours = _water_colours(view, air)
    choppy = 1.6 if view.weather == "storm" else 0.85 if view.weather == "fog" else 1.0
    water(image, far, air, round(far.height * HORIZON), colours, choppy=choppy, mirror=0.72, rng=fork(rng))
    if "boat" in view.details:
        sail(image, far, air, (0.27 if air.sun_x < 0 else -0.27, HORIZON + 0.030), 0.15, rng=fork(rng))
    image = resize(image, view.width, view.height, smooth=True)
    light = light_of(air, mix_down(colours))
    return Scenery(
        image, HORIZON, (0.50, 0.90), light, "water", waterline(view, colours[1], air.lit), sun_spot(view, air, HORIZON)
    )


def mix_down(colours: tuple[Colour, Colour]) -> Colour:
    """Give the light that comes back out of water of these two colours."""
    return array((colours[0] + colours[1]) * 0.75)


def _water_colours(view: View, air: Air) -> tuple[Colour, Colour]:
    """Give the far and near water; a grey sky takes the colour out of it."""
    pair = [rgb(c) for c in COLOURS[view.time]]
    grey = 0.0 if view.weather == "clear" else 0.45
    far, near = (array(c * (1 - grey) + air.middle * c.mean() / max(0.05, air.middle.mean()) * grey) for c in pair)
    return far, near


def _islands(canvas: Array, view: View, air: Air, rng: np.random.Generator) -> None:
    top = round(view.height * HORIZON)
    for colour, height, haze in ISLANDS:
        line = ridge(view, HORIZON + 0.004, height, 0.26, fork(rng))
        lay(canvas, line, hazed(rgb(colour), air, haze))
    canvas[:top] = blur(canvas[:top].copy(), 0.0022 * view.unit)
    canvas[top:] = canvas[top - 1 : top]
