"""What is so far behind a built place that it need never be sharp."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from limner.engines.illustrator.backdrops.air import Air, paint_sky
from limner.engines.illustrator.backdrops.base import SMALLEST_FAR, View
from limner.engines.illustrator.pixels import Array, glow, resize, rgb

if TYPE_CHECKING:
    import numpy as np

SOFT = 0.6


def softer(view: View, share: float = SOFT) -> View:
    """Give the view at a share of its size: enough for air and water behind sharp houses, however fine they are."""
    scale = min(1.0, max(share, SMALLEST_FAR / min(view.width, view.height)))
    return replace(view, width=round(view.width * scale), height=round(view.height * scale))


@dataclass(frozen=True, slots=True, eq=False)
class Gleam:
    """A glow in the sky: where, x in units from the middle and y a fraction of the height, its radius in units."""

    x: float
    y: float
    radius: float
    colour: str
    strength: float


def far_sky(
    image: Array, view: View, air: Air, horizon: float, rng: np.random.Generator, *, gleam: Gleam | None = None
) -> None:
    """Paint the sky down to the horizon (a fraction of the height), in place; fine pictures too have it soft."""
    small = softer(view) if view.fine else view
    canvas = small.blank() if view.fine else image
    paint_sky(canvas, small, air, horizon, rng)
    if gleam is not None:
        at = small.x(gleam.x), gleam.y * small.height
        glow(canvas, at, gleam.radius * small.unit, rgb(gleam.colour), gleam.strength)
    if view.fine:
        image[:] = resize(canvas, view.width, view.height, smooth=True)
