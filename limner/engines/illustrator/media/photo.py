"""Photographs: the lens, before the subjects stand in the place, and the film, after all is lit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.pixels import Array, array, blur, resize, smoothstep

if TYPE_CHECKING:
    from limner.engines.illustrator.media.base import Proof
    from limner.engines.illustrator.printing.finish import Pixels

HIGHLIGHT = 0.86


def lens(canvas: Array, focus: float, strength: float) -> None:
    """Blur what is out of focus, in place: most far from the row `focus` (a fraction of the height).

    `strength` is the radius of the blur as a share of the shorter side. Lights grow to discs, as they do behind a
    round aperture. Source: the circle of confusion of Potmesil and Chakravarty, "A lens and aperture camera model for
    synthetic image generation", SIGGRAPH 1981.
    """
    height, width = canvas.shape[:2]
    near, far = _discs(canvas, 0.35 * strength), _discs(canvas, strength)
    rows = (np.arange(height, dtype=np.float32) + 0.5) / height
    away = np.abs(rows - focus) + np.maximum(focus - rows, 0) * np.float32(0.5)
    for blurred, start, full in ((near, 0.03, 0.14), (far, 0.14, 0.30)):
        weight = np.repeat(smoothstep(start, full, away)[:, None], width, axis=1)
        canvas[:] = cv2.blendLinear(blurred, canvas, weight, np.float32(1) - weight)


def _discs(canvas: Array, strength: float) -> Array:
    """Blur with a disc of `strength` times the shorter side, at a third of the size; highlights count more."""
    height, width = canvas.shape[:2]
    w, h = max(2, width // 3), max(2, height // 3)
    small = resize(canvas, w, h)
    radius = strength * min(w, h)
    if radius < 0.8:
        return blur(canvas, max(0.4, strength * min(height, width)))
    bright = array(np.clip(small.max(axis=2) - np.float32(HIGHLIGHT), 0, 0.5) * 14 + 1)
    weights = cv2.merge([bright, bright, bright])
    kernel = _aperture(radius)
    light, weight = cv2.filter2D(small * weights, -1, kernel), cv2.filter2D(bright, -1, kernel)
    return resize(array(light / weight[..., None]), width, height, smooth=True)


def _aperture(radius: float) -> Array:
    """Make the kernel of a round aperture, soft at its rim."""
    reach = int(np.ceil(radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1)
    return array(disc / disc.sum())


def photo(proof: Proof, _rng: np.random.Generator) -> Pixels:
    """Roll highlights off and open the shadows a little, as negative film does (Hurter and Driffield, 1890)."""
    x = np.arange(256) / 255
    y = np.where(x < 0.7, x, 0.7 + 0.27 * (1 - np.exp(-(x - 0.7) / 0.27)) / (1 - np.exp(-1.0 / 0.9)) * 0.98)
    y = 0.016 + y * 0.984
    return np.asarray(cv2.LUT(proof.pixels, np.round(np.clip(y, 0, 1) * 255).astype(np.uint8)), np.uint8)
