"""The last passes over a picture: bloom, grade, vignette and grain, which make one picture of its parts.

They work on 8 bits where they can: a matrix, a table, one product and one sum per pixel.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from limner.engines.illustrator.pixels import Array, array, resize

Pixels = NDArray[np.uint8]

LUMA = (0.30, 0.59, 0.11)
TILE = 512


@dataclass(frozen=True, slots=True)
class Grade:
    """How a picture is printed.

    `saturation` 1 leaves colours be; `contrast` 0..1 mixes in an S-curve, `lift` raises the blacks;
    `bloom` is how much bright light spills over, `vignette` how much darker the corners get, `grain` its
    amplitude in levels of 255.
    """

    saturation: float
    contrast: float
    lift: float
    bloom: float
    vignette: float
    grain: int


VIVID = Grade(saturation=1.22, contrast=0.34, lift=0.0, bloom=0.42, vignette=0.20, grain=2)
NATURAL = Grade(saturation=0.66, contrast=0.10, lift=0.035, bloom=0.25, vignette=0.14, grain=3)


def bloom(canvas: Array, strength: float, threshold: float = 0.80) -> None:
    """Let light brighter than the threshold spill over, in place; made at a sixth of the size, for it is blurred."""
    height, width = canvas.shape[:2]
    w, h = max(2, width // 6), max(2, height // 6)
    bright = np.clip(resize(canvas, w, h) - np.float32(threshold), 0, 1.2)
    sigma = min(w, h) / 60
    spill = (
        cv2.GaussianBlur(bright, (0, 0), max(0.6, sigma)) * 0.6 + cv2.GaussianBlur(bright, (0, 0), 3.2 * sigma) * 0.6
    )
    light = resize(array(np.clip(spill * (2 * strength), 0, 1)), width, height)
    np.clip(canvas, 0, 1, out=canvas)
    both = array(cv2.multiply(canvas, light))
    canvas += light
    canvas -= both


def sharpen(canvas: Array, amount: float) -> None:
    """Raise the finest detail, in place: an unsharp mask of a pixel and a half."""
    soft = cv2.GaussianBlur(canvas, (0, 0), 1.3)
    cv2.addWeighted(canvas, 1 + amount, soft, -amount, 0, dst=canvas)


def crisp(pixels: Pixels) -> Pixels:
    """Sharpen a finished picture a little, for media that have softened it."""
    soft = cv2.GaussianBlur(pixels, (0, 0), 1.2)
    return np.asarray(cv2.addWeighted(pixels, 1.45, soft, -0.45, 0), dtype=np.uint8)


def _matrix(saturation: float, warmth: float) -> Array:
    """Make a colour matrix that stretches colours away from their grey and leans to warm (above 0) or cold."""
    grey = np.tile(array(LUMA), (3, 1)) * (1 - saturation)
    gains = array([1 + 0.05 * warmth, 1, 1 - 0.06 * warmth])
    return array((grey + np.eye(3) * saturation) * gains[:, None])


def _curve(contrast: float, lift: float) -> Pixels:
    x = np.linspace(0, 1, 256)
    y = x + (x * x * (3 - 2 * x) - x) * contrast
    return np.round(255 * np.clip(lift + y * (1 - 1.6 * lift), 0, 1)).astype(np.uint8)


@lru_cache(maxsize=3)
def _vignette(width: int, height: int, strength: float) -> Pixels:
    """Weights of 255 that fall towards the corners, three times over for the colours."""
    y, x = np.linspace(-1, 1, 64, dtype=np.float32)[:, None], np.linspace(-1, 1, 64, dtype=np.float32)[None]
    weight = 1 - strength * np.clip((x * x + y * y) * 0.62 - 0.12, 0, 1.2)
    full = np.round(resize(array(weight), width, height, smooth=True) * 255).clip(0, 255).astype(np.uint8)
    return np.asarray(cv2.merge([full, full, full]), dtype=np.uint8)


@lru_cache(maxsize=2)
def _grain(amplitude: int) -> Pixels:
    """Make a tile of film grain around `amplitude`, the same for every picture."""
    field = np.random.default_rng(4).standard_normal((TILE, TILE)).astype(np.float32)
    soft = cv2.GaussianBlur(field, (0, 0), 0.7, borderType=cv2.BORDER_REFLECT_101)
    soft = soft / soft.std() * amplitude * 0.6 + amplitude
    tile = np.round(np.clip(soft, 0, 2 * amplitude)).astype(np.uint8)
    return np.asarray(cv2.merge([tile, tile, tile]), dtype=np.uint8)


def quantised(canvas: Array) -> Pixels:
    """Make a float picture as uint8."""
    return np.asarray(cv2.convertScaleAbs(np.maximum(canvas, 0), alpha=255), dtype=np.uint8)


def grade(canvas: Array, look: Grade, warmth: float, rng: np.random.Generator) -> Pixels:
    """Print a float picture (H, W, 3) as uint8 in the given look; `warmth` -1..1 leans its colours."""
    height, width = canvas.shape[:2]
    pixels = cv2.transform(quantised(canvas), _matrix(look.saturation, warmth))
    pixels = cv2.LUT(pixels, _curve(look.contrast, look.lift))
    if look.vignette:
        pixels = cv2.multiply(pixels, _vignette(width, height, look.vignette), scale=1 / 255)
    return grained(np.asarray(pixels, dtype=np.uint8), look.grain, rng)


def grained(pixels: Pixels, amplitude: int, rng: np.random.Generator) -> Pixels:
    """Lay film grain over a picture, from a place in the tile that the generator draws."""
    down, across = (int(value) for value in rng.integers(0, TILE, 2))
    if not amplitude:
        return pixels
    height, width = pixels.shape[:2]
    tile = np.roll(_grain(amplitude), (down, across), axis=(0, 1))
    field = np.tile(tile, (-(-height // TILE), -(-width // TILE), 1))[:height, :width]
    level: Any = (amplitude, amplitude, amplitude, 0)
    return np.asarray(cv2.subtract(cv2.add(pixels, field), level), dtype=np.uint8)
