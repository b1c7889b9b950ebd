"""Floors that shine: the mirror of whoever stands on polished wood, on paper under glass, on a wet street."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.backdrops.fronts import part_of
from limner.engines.illustrator.pixels import Array, array, mix, smoothstep

if TYPE_CHECKING:
    from limner.engines.illustrator.backdrops.base import Clean, Cover, Footing, View

SEEN = 0.03


def shine(view: View, strength: float, softness: float, reach: float = 0.55) -> Cover:
    """Mirror what stands on the floor in it: `strength` (0..1) at the feet, fading over `reach` of its height.

    The mirror image is blurred by `softness` units, more the farther from the feet, as a rough surface does
    (Blinn's microfacets, 1977, as two blurs).
    """
    unit = view.unit

    def cover(image: Array, clean: Clean | Array, feet: tuple[Footing, ...]) -> None:
        for foot in feet:
            _mirror(image, clean, foot, (strength, softness * unit, reach))

    return cover


def _mirror(image: Array, clean: Clean | Array, foot: Footing, manner: tuple[float, float, float]) -> None:
    strength, sigma, reach = manner
    wide = foot.x1 - foot.x0
    below = part_of(image.shape, foot.x0, foot.x1, foot.y, foot.y + reach * wide)
    if below is None:
        return
    rows = min(below[0].stop - below[0].start, below[0].start)
    if rows < 3:
        return
    under = slice(below[0].start, below[0].start + rows), below[1]
    above = slice(below[0].start - rows, below[0].start), below[1]
    there = np.ascontiguousarray(_stood(image[above], clean[above], wide)[::-1])
    free = 1 - _stood(image[under], clean[under], 0.0)
    size = max(0.6, sigma)
    colour = array(cv2.GaussianBlur(np.ascontiguousarray(image[above][::-1]), (0, 0), size))
    across = np.abs(np.linspace(-1, 1, there.shape[1], dtype=np.float32))[None]
    mask = array(cv2.GaussianBlur(there, (0, 0), size)) * smoothstep(1.0, 0.90, across)
    fade = smoothstep(rows, 0.0, np.arange(rows, dtype=np.float32))[:, None] * np.float32(strength)
    image[under] = mix(image[under], colour, array(mask * fade * cv2.blur(free, (3, 3)))[..., None])


def _stood(image: Array, clean: Array, wide: float) -> Array:
    """Tell where somebody stands: what is neither the clean floor nor the floor in a shadow, holes closed, 0 or 1.

    A shadow dims all channels nearly alike; `wide` is how wide the figure is, 0 to leave holes open.
    """
    ratio = (image + np.float32(0.02)) / (clean + np.float32(0.02))
    low, high = ratio.min(axis=2), ratio.max(axis=2)
    shadow = (high - low < 0.13) & (high < 1.06) & (low > 0.42)
    changed = np.abs(image - clean).max(axis=2) > SEEN
    mask = (changed & ~shadow).astype(np.uint8)
    size = max(3, round(0.08 * wide)) | 1
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((size, size), np.uint8)) if wide else mask
    return closed.astype(np.float32)
