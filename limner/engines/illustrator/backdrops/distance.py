"""What is so far behind a built place that it need never be sharp."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from limner.engines.illustrator.backdrops.air import Air, paint_sky
from limner.engines.illustrator.backdrops.base import SMALLEST_FAR, View
from limner.engines.illustrator.pixels import Array, resize

if TYPE_CHECKING:
    import numpy as np

SOFT = 0.6


def softer(view: View, share: float = SOFT) -> View:
    """Give the view at a share of its size: enough for air and water behind sharp houses, however fine they are."""
    scale = min(1.0, max(share, SMALLEST_FAR / min(view.width, view.height)))
    return replace(view, width=round(view.width * scale), height=round(view.height * scale))


def far_sky(image: Array, view: View, air: Air, horizon: float, rng: np.random.Generator) -> None:
    """Paint the sky down to the horizon (a fraction of the height), in place; fine pictures too have it soft."""
    if not view.fine:
        paint_sky(image, view, air, horizon, rng)
        return
    small = softer(view)
    canvas = small.blank()
    paint_sky(canvas, small, air, horizon, rng)
    image[:] = resize(canvas, view.width, view.height, smooth=True)
