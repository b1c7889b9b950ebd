"""A table in the foreground of a room, for company that would be giants on its floor: a cup, a book, a mouse."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.backdrops.base import Scenery, View
from limner.engines.illustrator.backdrops.gloss import shine
from limner.engines.illustrator.backdrops.wood import Boards, boards, focus, polish
from limner.engines.illustrator.pixels import array, blur, fork, rgb

if TYPE_CHECKING:
    from collections.abc import Callable

EDGE = 0.60
WOOD = "#5a3820", "#c08850"
SOFT = 0.6
"""The detail that is enough for a room out of focus."""


def tabled(interior: Callable[[View], Scenery]) -> Callable[[View], Scenery]:
    """Make a room that shows a table from close by where all that comes is small, and else itself."""

    def painted(view: View) -> Scenery:
        if not view.small:
            return interior(view)
        rng = fork(view.rng)
        return _before(view, interior(replace(view, company=(), detail=min(view.detail, SOFT))), rng)

    return painted


def _before(view: View, room: Scenery, rng: np.random.Generator) -> Scenery:
    """Set a table before a room, which goes out of focus."""
    image, top = blur(room.image, 0.007 * view.unit), round(EDGE * view.height)
    tint = np.clip(np.float32(0.74) * array(room.light.key) + array(room.light.up), 0, 1.02)
    dark, bright = (array(rgb(tone) * tint) for tone in WOOD)
    image[top:] = boards(view, top, Boards(dark, bright, 5.0, flat=0.30), rng)
    polish(image, view, top, 0.34)
    focus(image, view, EDGE, 0.14, 0.006)
    return Scenery(image, EDGE, (0.74, 0.91), room.light, "table", shine(view, 0.18, 0.009))
