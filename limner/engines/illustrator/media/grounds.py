"""What media are put on: rough paper, card and canvas, and the bare border around a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.pixels import Array, array, fbm, noise, resize, rgb, smoothstep
from limner.engines.illustrator.printing.finish import quantised

if TYPE_CHECKING:
    from limner.engines.illustrator.printing.finish import Pixels

PAPER = "#fbf6ec"


def tooth(height: int, width: int, rng: np.random.Generator, coarse: float = 170.0) -> Array:
    """Give the grain of rough paper (H, W), mean 0, deviation about 1; about `coarse` grains along the shorter side."""
    scale = max(4.0, min(height, width) / coarse)
    grain = fbm(height, width, scale, 2, rng) - np.float32(0.5)
    grain *= np.float32(1 / max(1e-3, float(grain.std())))
    return array(np.clip(grain, -2.5, 2.5))


def fibres(height: int, width: int, rng: np.random.Generator) -> Array:
    """Give the fine fibres of pressed card (H, W), mean 0, deviation about 1."""
    cell = max(1.5, min(height, width) / 500)
    field = noise(height, width, 3 * cell, cell, rng) + noise(height, width, cell, 3 * cell, rng)
    field -= field.mean()
    field *= np.float32(1 / max(1e-3, float(field.std())))
    return array(field)


def inwards(height: int, width: int) -> Array:
    """Tell how far every pixel lies from the nearest side, in pixels (H, W)."""
    x, y = np.arange(width, dtype=np.float32)[None], np.arange(height, dtype=np.float32)[:, None]
    return array(np.minimum(np.minimum(x, width - 1 - x), np.minimum(y, height - 1 - y)))


def torn(image: Array, grain: Array, rng: np.random.Generator) -> Pixels:
    """Bare paper around a ragged wash, darker where the wash dried along its rim; `grain` is the paper's tooth."""
    height, width = image.shape[:2]
    size = min(height, width)
    w, h = max(2, width // 2), max(2, height // 2)
    rough = inwards(h, w) * np.float32(2) + (fbm(h, w, size / 12, 6, rng, gain=0.45) - 0.5) * np.float32(0.05 * size)
    margin = np.float32(0.042 * size)
    inside = resize(smoothstep(float(margin - 0.004 * size), float(margin + 0.004 * size), rough), width, height)
    rim = resize(array(np.exp(-(((rough - margin - 0.004 * size) / (0.006 * size)) ** 2)) * 0.28), width, height)
    factor = (1 + np.float32(0.018) * grain) * (1 - rim)
    washed = quantised(array(cv2.multiply(image, cv2.merge([factor, factor, factor]))))
    return laid(washed, sheet(grain), inside)


def sheet(grain: Array, colour: str = PAPER) -> Pixels:
    """Give a bare sheet of paper of a colour, uint8 (H, W, 3), with its tooth."""
    shade = (1 + np.float32(0.012) * grain) * np.float32(255)
    planes = [cv2.multiply(shade, float(value), dtype=cv2.CV_8U) for value in rgb(colour)]  # type: ignore[call-overload]
    return np.asarray(cv2.merge(planes), np.uint8)


def laid(pixels: Pixels, ground: Pixels, covered: Array) -> Pixels:
    """Lay a picture on a ground, opaque where `covered` (H, W) is 1."""
    covered = array(np.clip(covered, 0, 1))
    return np.asarray(cv2.blendLinear(pixels, ground, covered, np.float32(1) - covered), np.uint8)


def inked(pixels: Pixels, covered: Array, colour: str) -> Pixels:
    """Cover a picture with one ink where `covered` (H, W) says so."""
    solid = np.empty_like(pixels)
    solid[:] = np.round(rgb(colour) * 255).astype(np.uint8)
    return laid(solid, pixels, covered)


def rounded(height: int, width: int, margin: float, radius: float, uneven: Array) -> Array:
    """Draw the mask of a picture `margin` pixels inside its sheet, with corners of `radius` pixels (H, W).

    `uneven` (H, W) moves its border outwards by so many pixels.
    """
    x = np.abs(np.arange(width, dtype=np.float32) - (width - 1) / 2)[None] - np.float32(width / 2 - margin - radius)
    y = np.abs(np.arange(height, dtype=np.float32) - (height - 1) / 2)[:, None]
    y = y - np.float32(height / 2 - margin - radius)
    outside = cv2.magnitude(*(np.ascontiguousarray(np.broadcast_to(np.maximum(v, 0), (height, width))) for v in (x, y)))
    deep = np.minimum(np.maximum(x, y), 0)
    return smoothstep(0.75, -0.75, outside + deep - np.float32(radius) - uneven)
