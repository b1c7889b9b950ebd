"""The last passes over a picture: crispness, bloom, grade, vignette and grain, which make one picture of its parts.

All but the first look at the light are done on bytes: a screen, a matrix, a table, one product and one sum per pixel.
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

AROUND = np.ones((3, 3), np.uint8)
OVERSHOOT: Any = (14, 14, 14, 0)
LUMA = (0.30, 0.59, 0.11)
TILE = 512
THUMB = 64
# The mean chroma (CIE L*a*b*) that no grade goes beyond, and how far a grade may stretch or calm colours on the way.
FULLEST = 50.0
RICHER = 1.24
STRETCH = 0.25, 1.75


@dataclass(frozen=True, slots=True)
class Grade:
    """How a picture is printed.

    `chroma` is how full its colours are to be, 1 for as full as they may well be; `contrast` 0..1 mixes in an S-curve,
    `lift` raises the blacks; `bloom` is how much bright light spills over, `vignette` how much darker the corners
    get, `grain` its amplitude in levels of 255.
    """

    chroma: float
    contrast: float
    lift: float
    bloom: float
    vignette: float
    grain: int


VIVID = Grade(chroma=1.0, contrast=0.34, lift=0.0, bloom=0.42, vignette=0.20, grain=2)
NATURAL = Grade(chroma=0.58, contrast=0.12, lift=0.03, bloom=0.25, vignette=0.14, grain=3)


def printed(canvas: Array, look: Grade, warmth: float, rng: np.random.Generator, *, crispness: float = 0.0) -> Pixels:
    """Print a float picture (H, W, 3) as uint8 in the given look.

    `warmth` -1..1 leans its colours; `crispness` raises its finest detail.
    """
    pixels = quantised(canvas)
    if crispness:
        pixels = crisp(pixels, crispness)
    if look.bloom:
        pixels = screened(pixels, spill(canvas, look.bloom))
    return grade(pixels, look, warmth, rng)


def quantised(canvas: Array) -> Pixels:
    """Make a float picture as uint8; what is below 0 or above 1 is cut off."""
    scale: Any = (255.0, 255.0, 255.0, 0.0) if canvas.ndim == 3 else 255.0
    return np.asarray(cv2.multiply(canvas, scale, dtype=cv2.CV_8U), dtype=np.uint8)


def crisp(pixels: Pixels, amount: float = 0.45) -> Pixels:
    """Raise the finest detail: an unsharp mask of a pixel and a half (Spiegler and Juris, 1931).

    No pixel leaves the range of its neighbours by more than `OVERSHOOT` levels, or hard outlines would get halos.
    """
    soft = cv2.GaussianBlur(pixels, (9, 9), 1.5)
    sharp = cv2.addWeighted(pixels, 1 + amount, soft, -amount, 0)
    least, most = cv2.erode(pixels, AROUND), cv2.dilate(pixels, AROUND)
    return np.asarray(cv2.max(cv2.min(sharp, cv2.add(most, OVERSHOOT)), cv2.subtract(least, OVERSHOOT)), np.uint8)


def spill(light: Array | Pixels, strength: float, threshold: float = 0.80) -> Pixels:
    """Give the light that spills over from what is brighter than the threshold, at a sixth of the size.

    `light` is a float picture, whose light may exceed 1, or bytes. Source: the glare of Spencer et al.,
    "Physically-based glare effects for digital images", SIGGRAPH 1995, as two Gaussians.
    """
    height, width = light.shape[:2]
    w, h = max(2, width // 6), max(2, height // 6)
    small = array(cv2.resize(light, (w, h), interpolation=cv2.INTER_AREA))
    if light.dtype == np.uint8:
        small *= np.float32(1 / 255)
    bright = np.clip(small - np.float32(threshold), 0, 1.2)
    sigma = min(w, h) / 60
    near, far = cv2.GaussianBlur(bright, (0, 0), max(0.6, sigma)), cv2.GaussianBlur(bright, (0, 0), 3.2 * sigma)
    return quantised(array((near + far) * np.float32(1.2 * strength)))


def screened(pixels: Pixels, light: Pixels) -> Pixels:
    """Add light that saturates, from a smaller picture of it: 1 - (1 - pixels)(1 - light)."""
    height, width = pixels.shape[:2]
    dark = cv2.bitwise_not(cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR))
    return np.asarray(cv2.bitwise_not(cv2.multiply(cv2.bitwise_not(pixels), dark, scale=1 / 255)), dtype=np.uint8)


def grade(pixels: Pixels, look: Grade, warmth: float, rng: np.random.Generator) -> Pixels:
    """Lead a picture's colours and tones to the given look, and lay vignette and grain over it."""
    height, width = pixels.shape[:2]
    curve = _curve(look.contrast, look.lift)
    pixels = _graded(pixels, _matrix(_stretch(pixels, look, curve, warmth), warmth), curve)
    if look.vignette:
        pixels = np.asarray(cv2.multiply(pixels, _vignette(width, height, look.vignette), scale=1 / 255), np.uint8)
    return grained(pixels, look.grain, rng)


def _graded(pixels: Pixels, matrix: Array, curve: Pixels) -> Pixels:
    return np.asarray(cv2.LUT(cv2.transform(pixels, matrix), curve), dtype=np.uint8)


def fullness(pixels: Pixels) -> float:
    """Give a picture's mean chroma in CIE L*a*b*."""
    small = cv2.resize(pixels, (THUMB, THUMB), interpolation=cv2.INTER_AREA)
    lab = array(cv2.cvtColor(array(small) * np.float32(1 / 255), cv2.COLOR_RGB2Lab))
    return float(np.hypot(lab[..., 1], lab[..., 2]).mean())


def _stretch(pixels: Pixels, look: Grade, curve: Pixels, warmth: float) -> float:
    """Find how far to stretch colours from their grey for the picture to become as full as the look wants it.

    Pale pictures are stretched more than those full already, as the "vibrance" of raw converters does: a sunset needs
    no help. The aim bends towards `FULLEST` as film's response bends towards its densest (Hurter and Driffield, 1890).
    """
    small = np.asarray(cv2.resize(pixels, (THUMB, THUMB), interpolation=cv2.INTER_AREA), np.uint8)
    aim = look.chroma * FULLEST * float(np.tanh(RICHER * fullness(small) / FULLEST))
    stretch = 1.0
    for _ in range(3):
        reached = fullness(_graded(small, _matrix(stretch, warmth), curve))
        stretch = float(np.clip(stretch * aim / max(reached, 0.5), *STRETCH))
    return stretch


def _matrix(saturation: float, warmth: float) -> Array:
    """Make a colour matrix that stretches colours away from their grey and leans to warm (above 0) or cold."""
    grey = np.tile(array(LUMA), (3, 1)) * (1 - saturation)
    gains = array([1 + 0.05 * warmth, 1, 1 - 0.06 * warmth])
    return array((grey + np.eye(3) * saturation) * gains[:, None])


@lru_cache(maxsize=16)
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
