"""Ranges of hills from the haze down to the near ground, with woods on their backs and the sun on their slopes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.backdrops.air import Air, air_of, paint_sky
from limner.engines.illustrator.backdrops.land import clumps, hazed, lay, mist, ridge
from limner.engines.illustrator.backdrops.lawn import seasoned
from limner.engines.illustrator.backdrops.trees import foliage
from limner.engines.illustrator.pixels import Array, Colour, array, blur, fork, mix, rgb

if TYPE_CHECKING:
    from limner.engines.illustrator.backdrops.base import View


def hill_ranges(
    canvas: Array, view: View, air: Air, colours: tuple[Colour, ...], *, base: float = 0.525,
    trees: Colour | None = None, rng: np.random.Generator,
) -> None:  # fmt: skip
    """Lay five ranges, in place: `colours` of the farthest and the nearest; `base` is where the farthest stands.

    `trees` is the colour of the woods where it is not the hills' own in the shade. What is far is lost in the haze:
    Leonardo's aerial perspective, as in "Trattato della pittura".
    """
    for k in range(5):
        t = k / 4
        line = ridge(
            view, base + 0.075 * t**1.3, 0.20 - 0.12 * t, 0.22 + 0.30 * t, fork(rng), gain=0.48 if k < 2 else 0.36
        )
        haze = 0.82 * (1 - t**0.6) + 0.05
        own = mix(colours[0], colours[1] * 1.25, 0.75 * t)
        soft = blur(line[None], 0.02 * view.unit)[0]
        lit = np.clip(1 - np.gradient(soft) * (1.1 if air.sun_x > 0 else -1.1), 0.75, 1.3).astype(np.float32)
        if k:
            woods = clumps(view, line, 0.012 + 0.030 * t, 0.5, fork(rng))
            lay(canvas, woods, hazed(array(own * 0.55 if trees is None else trees * (0.9 - 0.2 * t)), air, haze * 0.92))
        lay(canvas, line, hazed(array(own[None, None] * lit[None, :, None]), air, haze))
        if k in (1, 3) or view.weather == "fog":
            thick = 0.6 if view.weather == "fog" else 0.30
            mist(canvas, view, air.horizon, (base + 0.025 + 0.05 * t, 0.035, thick), fork(rng))
    top, low = (round(part * view.height) for part in (max(0.0, base - 0.25), min(1.0, base + 0.16)))
    canvas[top:low] = blur(np.ascontiguousarray(canvas[top:low]), 0.0012 * view.unit)


@dataclass(frozen=True, slots=True, eq=False)
class Country:
    """Open country in the making: the canvas of what lies far, with sky and hills on it.

    `colours` are of the distance, of grass in the shade and in the sun; or of snow where the country is `white`.
    """

    image: Array
    far: View
    air: Air
    colours: tuple[Colour, ...]
    white: bool


def country(
    view: View, greens: tuple[str, str, str], whites: tuple[str, str, str], heights: tuple[float, float],
    rng: np.random.Generator,
) -> Country:  # fmt: skip
    """Begin a place in open country; `heights` are where the sky ends and where the hills stand."""
    air, white = air_of(view, fork(rng)), view.weather == "snow"
    colours = seasoned(view, tuple(rgb(c) for c in (whites if white else greens)))
    far = view.far()
    image = far.blank()
    paint_sky(image, far, air, heights[0], fork(rng))
    trees = foliage(view)[1] if view.details and not white else None
    hill_ranges(image, far, air, colours, base=heights[1], trees=trees, rng=fork(rng))
    return Country(image, far, air, colours, white)
