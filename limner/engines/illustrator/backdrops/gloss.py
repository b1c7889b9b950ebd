"""Floors that shine: the mirror of whoever stands on polished wood, on paper under glass, on a wet street."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.backdrops.fronts import part_of
from limner.engines.illustrator.pixels import Array, array, mix, smoothstep

if TYPE_CHECKING:
    from limner.engines.illustrator.backdrops.base import Cover, Footing, View

SEEN = 0.03


def shine(view: View, strength: float, softness: float, reach: float = 0.55) -> Cover:
    """Mirror what stands on the floor in it: `strength` (0..1) at the feet, fading over `reach` of its height.

    The mirror image is blurred by `softness` units, more the farther from the feet, as a rough surface does
    (Blinn's microfacets, 1977, as two blurs).
    """
    unit = view.unit

    def cover(image: Array, clean: Array, feet: tuple[Footing, ...]) -> None:
        for foot in feet:
            _mirror(image, clean, foot, strength, softness * unit, reach)

    return cover


def _mirror(image: Array, clean: Array, foot: Footing, strength: float, sigma: float, reach: float) -> None:
    wide = foot.x1 - foot.x0
    deep = reach * wide
    below = part_of(image.shape, foot.x0, foot.x1, foot.y, foot.y + deep)
    if below is None or below[0].stop - below[0].start < 3:
        return
    rows = min(below[0].stop - below[0].start, below[0].start)
    if rows < 3:
        return
    under = slice(below[0].start, below[0].start + rows), below[1]
    above = slice(below[0].start - rows, below[0].start), below[1]
    there = (np.abs(image[above] - clean[above]).max(axis=2) > SEEN).astype(np.float32)[::-1]
    free = (np.abs(image[under] - clean[under]).max(axis=2) <= 3 * SEEN).astype(np.float32)
    size = max(0.6, sigma)
    colour = array(cv2.GaussianBlur(np.ascontiguousarray(image[above][::-1]), (0, 0), size))
    mask = array(cv2.GaussianBlur(np.ascontiguousarray(there), (0, 0), size))
    fade = smoothstep(rows, 0.0, np.arange(rows, dtype=np.float32))[:, None] * np.float32(strength)
    image[under] = mix(image[under], colour, array(mask * fade * cv2.blur(free, (3, 3)))[..., None])
