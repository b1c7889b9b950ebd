"""Media: a finished picture done over as watercolour, as a printed poster, in ink or flat; and the lens of a photo.

All work on uint8 RGB (H, W, 3) and give the same shape back, except `lens`, which blurs a float picture in place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.colours import lab
from limner.engines.illustrator.pixels import Array, array, blur, fbm, resize, rgb, smoothstep
from limner.engines.illustrator.printing.finish import Pixels, quantised

if TYPE_CHECKING:
    from limner.engines.illustrator.media.base import Proof

PAPER = "#fbf6ec"
INK = "#1d1b22"
CUBE = 32


def _softened(pixels: Pixels, rounds: int, tones: float) -> Pixels:
    """Even out areas and keep edges, at half the size (Tomasi and Manduchi, "Bilateral filtering", 1998)."""
    height, width = pixels.shape[:2]
    small = cv2.resize(pixels, (max(2, width // 2), max(2, height // 2)), interpolation=cv2.INTER_AREA)
    for _ in range(rounds):
        small = cv2.bilateralFilter(small, 7, tones, 5)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def _wobbled(pixels: Pixels, amount: float, rng: np.random.Generator) -> Pixels:
    """Outlines as an unsteady hand draws them: displaced by noise of `amount` pixels."""
    height, width = pixels.shape[:2]
    size = min(height, width)
    w, h = max(2, width // 3), max(2, height // 3)
    shifts = [(fbm(h, w, size / 54, 3, rng) - 0.5) * (4 * amount) for _ in range(2)]
    columns, rows = (resize(array(shift), width, height) for shift in shifts)
    columns += np.arange(width, dtype=np.float32)[None]
    rows += np.arange(height, dtype=np.float32)[:, None]
    return np.asarray(cv2.remap(pixels, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT), dtype=np.uint8)


def _edges(image: Array) -> Array:
    """How strongly the picture changes, about 0..1, in lines a few pixels wide."""
    grey = array(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))
    size = min(grey.shape)
    soft = blur(grey, max(0.8, size / 640))
    change = cv2.morphologyEx(soft, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    return array(np.clip(blur(array(change), max(0.6, size / 1200)) * np.float32(5 * size / 1024 + 1), 0, 1))


def watercolour(proof: Proof, rng: np.random.Generator) -> Pixels:
    """Washes on rough paper with a torn edge: pigment pools along outlines, granulates and runs back.

    `detail` (0.6 to 1) is how much fine drawing stays. Source: the layered density model of Bousseau et al.,
    "Interactive watercolor rendering with temporal coherence and abstraction", NPAR 2006.
    """
    pixels, detail = proof.pixels, proof.detail
    height, width = pixels.shape[:2]
    size = min(height, width)
    soft = _wobbled(_softened(pixels, 2, 40), size / 230, rng)
    keep = 0.55 * detail
    image = array(cv2.addWeighted(soft, 1 - keep, pixels, keep, 0)) * np.float32(1 / 255)
    image = array(1 - (1 - image) * np.float32(0.90))
    half = max(2, width // 2), max(2, height // 2)
    pigment = 1.1 * (fbm(half[1], half[0], size / 10, 4, rng) - 0.5) + 0.5 * (
        fbm(half[1], half[0], size / 60, 3, rng) - 0.5
    )
    lift = 0.16 * smoothstep(0.56, 0.74, fbm(half[1], half[0], size / 8, 4, rng))
    tooth = _tooth(height, width, rng)
    density = resize(array(pigment), width, height) + 0.6 * _edges(image) + 0.11 * tooth
    image -= (image - image * image) * density[..., None]
    image += (1 - image) * resize(array(lift), width, height)[..., None]
    image *= (1 + 0.018 * tooth)[..., None]
    return quantised(_torn(image, tooth, size, rng))


def _tooth(height: int, width: int, rng: np.random.Generator) -> Array:
    """Give the grain of rough paper, mean 0, deviation about 1."""
    scale = max(4.0, min(height, width) / 170)
    grain = fbm(height, width, scale, 2, rng) - np.float32(0.5)
    return array(np.clip(grain / max(1e-3, float(grain.std())), -2.5, 2.5))


def _torn(image: Array, tooth: Array, size: int, rng: np.random.Generator) -> Array:
    """Bare paper around a ragged wash, darker where the wash dried along its rim."""
    height, width = image.shape[:2]
    w, h = max(2, width // 2), max(2, height // 2)
    x, y = np.arange(w, dtype=np.float32)[None] * 2, np.arange(h, dtype=np.float32)[:, None] * 2
    inwards = np.minimum(np.minimum(x, width - 1 - x), np.minimum(y, height - 1 - y))
    rough = inwards + (fbm(h, w, size / 12, 6, rng, gain=0.45) - 0.5) * np.float32(0.05 * size)
    margin = np.float32(0.042 * size)
    inside = resize(smoothstep(float(margin - 0.004 * size), float(margin + 0.004 * size), rough), width, height)
    rim = resize(array(np.exp(-(((rough - margin - 0.004 * size) / (0.006 * size)) ** 2)) * 0.28), width, height)
    paper = rgb(PAPER) * (1 + np.float32(0.012) * tooth)[..., None]
    washed = image * (1 - rim)[..., None]
    return array(paper + (washed - paper) * inside[..., None])


def palette_of(pixels: Pixels, count: int) -> Array:
    """Give the `count` colours a picture is best told in, sRGB 0..1 (count, 3); k-means in L*a*b* on a thumbnail."""
    small = cv2.resize(pixels, (72, 72), interpolation=cv2.INTER_AREA).reshape(-1, 3)
    samples = lab(array(small) / np.float32(255))
    spread = np.argsort(samples[:, 0], kind="stable")
    centres = samples[spread[np.linspace(0, len(samples) - 1, count).astype(int)]]
    for _ in range(10):
        nearest = ((samples[:, None] - centres[None]) ** 2).sum(axis=2).argmin(axis=1)
        for k in range(count):
            members = samples[nearest == k]
            if len(members):
                centres[k] = members.mean(axis=0)
    return array(np.clip(cv2.cvtColor(array(centres)[None], cv2.COLOR_Lab2RGB)[0], 0, 1))


def limited(pixels: Pixels, palette: Array) -> Pixels:
    """Every pixel as the nearest colour of a palette (L*a*b* distance), through a table of 32 x 32 x 32 colours."""
    axis = (np.arange(CUBE, dtype=np.float32) + 0.5) / CUBE
    cube = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)
    colours, inks = lab(array(cube)), lab(palette)
    distance = (colours**2).sum(axis=1)[:, None] - 2 * colours @ inks.T + (inks**2).sum(axis=1)[None]
    table = np.round(palette * 255).astype(np.uint8)[distance.argmin(axis=1)]
    fine = pixels >> 3
    index = (fine[..., 0].astype(np.uint16) << 10) | (fine[..., 1].astype(np.uint16) << 5) | fine[..., 2]
    return np.asarray(table[index], dtype=np.uint8)


def poster(proof: Proof, rng: np.random.Generator) -> Pixels:
    """Make a screen print: few inks, their borders broken up as by an airbrush, a little worn."""
    pixels, detail = proof.pixels, proof.detail
    height, width = pixels.shape[:2]
    size = min(height, width)
    soft = _softened(pixels, 3, 46)
    reach = round(float(np.clip(size / 110, 2, 9)))
    spray = rng.integers(-reach, reach + 1, (height, width), dtype=np.int16)
    sprayed = np.clip(soft.astype(np.int16) + spray[..., None], 0, 255).astype(np.uint8)
    inks = palette_of(soft, round(14 + 8 * detail))
    printed = cv2.GaussianBlur(limited(sprayed, inks), (0, 0), max(0.4, size / 1600))
    worn = smoothstep(0.62, 0.74, fbm(height, width, size / 70, 4, rng)) * np.float32(0.07)
    image = array(printed) * np.float32(1 / 255)
    image += (rgb("#f3e6cb") - image) * worn[..., None]
    return quantised(image)


def flat(proof: Proof, _rng: np.random.Generator) -> Pixels:
    """Clean areas of few colours without texture, as vector drawings are."""
    pixels, detail = proof.pixels, proof.detail
    soft = _softened(_softened(pixels, 2, 50), 2, 34)
    inks = palette_of(soft, round(18 + 10 * detail))
    return np.asarray(
        cv2.GaussianBlur(limited(soft, inks), (0, 0), max(0.5, min(pixels.shape[:2]) / 1300)), dtype=np.uint8
    )


def ink(proof: Proof, rng: np.random.Generator) -> Pixels:
    """Pen lines and hatching over a pale wash.

    The lines are an extended difference of Gaussians (Winnemoeller, Kyprianidis and Olsen, 2012).
    """
    pixels, detail = proof.pixels, proof.detail
    height, width = pixels.shape[:2]
    size = min(height, width)
    soft = _wobbled(_softened(pixels, 1, 40), size / 420, rng)
    image = array(soft) * np.float32(1 / 255)
    grey = array(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))
    sigma = max(0.7, size / 760)
    sharp = blur(grey, sigma) * np.float32(19) - blur(grey, 1.6 * sigma) * np.float32(18)
    lines = np.maximum(1 - smoothstep(0.16, 0.46, sharp), 0.8 * smoothstep(0.30, 0.75, _edges(image)))
    hatching = _hatching(blur(grey, size / 160), size, detail)
    wash = 1 - (1 - image) * np.float32(0.42)
    wash *= (1 + 0.012 * _tooth(height, width, rng))[..., None] * rgb(PAPER)
    covered = np.maximum(lines * np.float32(0.92), hatching)[..., None]
    return quantised(array(wash + (rgb(INK) - wash) * covered))


def _hatching(grey: Array, size: int, detail: float) -> Array:
    """Strokes in two directions, thicker and denser where it is darker."""
    height, width = grey.shape
    pitch = size / (110 + 50 * detail)
    y, x = np.arange(height, dtype=np.float32)[:, None], np.arange(width, dtype=np.float32)[None]
    covered = np.zeros_like(grey)
    for slope, threshold in ((0.8, 0.46), (-1.1, 0.26)):
        wave = 0.5 + 0.5 * np.sin((x + slope * y) * np.float32(2 * np.pi / pitch))
        dark = np.clip((threshold - grey) / threshold, 0, 1)
        covered = np.maximum(
            covered, smoothstep(0.10, -0.10, wave - dark * np.float32(0.9)) * np.minimum(dark * 3, 0.75)
        )
    return array(covered)


def lens(canvas: Array, focus: float, strength: float) -> None:
    """Blur what is out of focus, in place: most far from the row `focus` (a fraction of the height)."""
    height, width = canvas.shape[:2]
    far = blur(canvas, strength * min(height, width))
    rows = (np.arange(height, dtype=np.float32) + 0.5) / height
    away = smoothstep(0.03, 0.24, np.abs(rows - focus) + np.maximum(focus - rows, 0) * np.float32(0.5))
    weight = np.repeat(away[:, None], width, axis=1)
    canvas[:] = cv2.blendLinear(far, canvas, weight, np.float32(1) - weight)
