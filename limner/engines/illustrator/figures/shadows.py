"""Shadows: what a figure keeps from the ground, soft where it is far from it and dark where it touches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.pixels import Array, array, blur

if TYPE_CHECKING:
    from limner.engines.illustrator.backdrops.base import Light

FLAT = 0.24
REDUCTION = 4
TOUCHING, NEAR = 0.06, 0.30


@dataclass(frozen=True, slots=True)
class Shade:
    """How much light is missing, 0..1 (h, w), with its upper left corner at (x, y) in the picture."""

    amount: Array
    x: int
    y: int


def _closeness(alpha: Array, reach: float) -> Array:
    """Per column, 1 where the figure comes down to the ground, falling to 0 at `reach` of its height above."""
    rows = alpha.shape[0]
    solid = alpha > 0.4
    lowest = np.where(solid.any(axis=0), rows - 1 - solid[::-1].argmax(axis=0), -rows)
    lift = (rows - 1 - lowest) / max(1.0, reach * rows)
    return array(np.clip(1 - lift, 0, 1))


def cast(alpha: Array, x: float, y: float, light: Light, *, touches_only: bool = False) -> Shade:
    """Give the shadow on level ground of a figure with its box's corner at (x, y), feet on its lowest row.

    Made at a quarter of the size. The figure's outline is laid over the ground, leaning as the light says;
    a dark seam marks where it touches. `touches_only` leaves out what is laid over.
    """
    height, width = (max(2, round(side / REDUCTION)) for side in alpha.shape)
    small = array(cv2.resize(alpha, (width, height), interpolation=cv2.INTER_AREA))
    size = max(height, width)
    reach = abs(light.shadow_lean) * height
    pad = round(0.25 * size + reach) + 3
    tall = round(FLAT * height) + 2 * round(0.14 * size) + 6
    foot = tall - round(0.14 * size) - 3
    total = np.zeros((tall, width + 2 * pad), np.float32)
    if not touches_only:
        lean = light.shadow_lean
        matrix = array([[1, -lean, lean * height + pad], [0, FLAT, foot - FLAT * height]])
        laid = array(cv2.warpAffine(small, matrix, (total.shape[1], tall), flags=cv2.INTER_LINEAR))
        total += 0.45 * blur(laid, 0.018 * size + 0.4) + 0.55 * blur(laid, 0.06 * size + 0.4)
        total *= np.float32(light.shadow)
    for reach, thick, soft, strength in (
        (TOUCHING, 0.014, 0.010, 0.30 + 0.5 * light.shadow),
        (NEAR, 0.032, 0.030, 0.25 + 0.7 * light.shadow),
    ):
        seam = np.zeros_like(total)
        half = max(1, round(thick * size))
        seam[max(0, foot - 2 * half) : foot + half, pad : pad + width] = _closeness(small, reach)
        total += np.float32(strength) * blur(seam, soft * size + 0.4)
    full = cv2.resize(np.minimum(total, 0.85), None, fx=REDUCTION, fy=REDUCTION, interpolation=cv2.INTER_LINEAR)
    return Shade(array(full), round(x - pad * REDUCTION), round(y + alpha.shape[0] - foot * REDUCTION))
