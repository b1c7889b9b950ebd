"""Relighting: swell a flat drawing into a relief and light it as the picture's own light falls.

The relief is made at a reduced size, for it is smooth; only the drawing's colours and its fur are
worked at full size. Source: the idea of inflating a drawing is Igarashi's "Teddy" (1999) and
Johnston's "Lumo" (2002); here the height is a sum of blurred outlines, which needs no solver.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.figures.fur import strands
from limner.engines.illustrator.figures.materials import STRENGTH, SURFACES, Material, Surface, lit_sphere, roughen
from limner.engines.illustrator.pixels import Array, array, blur, fbm, fork, resize, smoothstep

if TYPE_CHECKING:
    from limner.engines.illustrator.backdrops.base import Light

WORKING = {"low": 192, "standard": 384, "hd": 576}
SCALES = ((0.010, 1.0), (0.022, 1.0), (0.05, 0.8), (0.11, 0.5), (0.20, 0.30))
EDGE = 1600.0
BLACK = 0.27
BRIGHTEST = np.float32(1.25)

__all__ = ("SURFACES", "Figure", "Material", "relight", "swelling")


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing as it stands in the picture: colours float32 (H, W, 3), alpha float32 (H, W).

    `light` is for what shines: the colour of its light, and where it comes from in shares of its width and height.
    """

    colour: Array
    alpha: Array
    light: tuple[Array, tuple[float, float]] | None = None

    @property
    def height(self) -> int:
        """Rows."""
        return int(self.alpha.shape[0])

    @property
    def width(self) -> int:
        """Columns."""
        return int(self.alpha.shape[1])


def _levels(image: Array, count: int) -> list[Array]:
    """Give the image and `count` halvings of it (Burt and Adelson's pyramid, 1983)."""
    levels = [image]
    for _ in range(count):
        levels.append(array(cv2.pyrDown(levels[-1], borderType=cv2.BORDER_REFLECT_101)))
    return levels


def swelling(alpha: Array) -> Array:
    """Give the height of a shape blown up like a cushion, in shares of its longer side, zero at the outline.

    Wide blurs are made on halved copies and brought back by halves, so that even the slopes are smooth:
    a single enlargement shows as facets in the light.
    """
    size = max(alpha.shape)
    edge = max(2, round(size * 0.2))
    padded = array(cv2.copyMakeBorder(alpha, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=0))
    steps = [max(0, int(np.log2(max(1.0, scale * size / 2.4)))) for scale, _ in SCALES]
    levels = _levels(padded, max(steps))
    total = np.zeros_like(levels[-1])
    for level in range(len(levels) - 1, -1, -1):
        if level < len(levels) - 1:
            h, w = levels[level].shape
            total = array(cv2.pyrUp(total, dstsize=(w, h)))
        for (scale, weight), step in zip(SCALES, steps, strict=True):
            if step == level:
                soft = array(cv2.GaussianBlur(levels[level], (0, 0), max(0.5, scale * size / 2**level)))
                total += np.float32(scale * weight) * np.maximum(2 * soft - 1, 0)
    return np.ascontiguousarray(total[edge:-edge, edge:-edge])


def _creases(lightness: Array, colours: Array, alpha: Array) -> Array:
    """Height of the parts between a drawing's own edges: each part a low cushion of its own."""
    size = max(alpha.shape)
    soft = array(cv2.GaussianBlur(colours, (0, 0), max(0.8, size / 300)))
    edges = np.zeros_like(lightness)
    for dx, dy in ((1, 0), (0, 1)):
        slope = array(cv2.Sobel(soft, cv2.CV_32F, dx, dy))
        edges += array(cv2.transform(cv2.multiply(slope, slope), np.ones((1, 3), np.float32)))
    wall = np.asarray((edges < EDGE) & (alpha > 0.5), np.uint8)
    # where there is no edge at all the distance is the largest number there is
    far = np.minimum(array(cv2.distanceTransform(wall, cv2.DIST_L2, 3)), size) / np.float32(0.06 * size)
    near = np.minimum(far, 1)
    return blur(array(np.sqrt(near * (2 - near)) * 0.06), size * 0.008)


def _height(colours: Array, alpha: Array, surface: Surface, rng: np.random.Generator) -> tuple[Array, Array, Array]:
    """Give the relief of a drawing in working pixels; the detail in it; and the plain cushion under it, in shares."""
    size = max(alpha.shape)
    tones = array(cv2.cvtColor(colours, cv2.COLOR_RGB2Lab))
    lightness = np.ascontiguousarray(tones[..., 0]) / np.float32(100)
    cushion = swelling(alpha)
    detail = _creases(lightness, tones, alpha) * np.float32(surface.inner)
    detail += np.float32(0.022 * surface.relief) * (blur(lightness, size * 0.006) - blur(lightness, size * 0.03))
    if surface.grain:
        grain = fbm(alpha.shape[0], alpha.shape[1], size / 34, 4, rng) - np.float32(0.5)
        detail += grain * np.float32(0.010 * surface.grain)
    detail *= np.float32(size * surface.depth)
    return cushion * np.float32(3.0 * size * surface.depth) + detail, detail, cushion


def _facing(height: Array, detail: Array) -> Array:
    """Give x and y of the relief's normals, and the light left in its hollows, as one (h, w, 3)."""
    size = max(height.shape)
    gx = array(cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3, scale=-1 / 8))
    gy = array(cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3, scale=-1 / 8))
    inverse = 1 / np.sqrt(gx * gx + gy * gy + 1)
    hollow = np.clip(1 - (blur(detail, size * 0.02) - detail) / (size * 0.022), 0.55, 1.1)
    return array(cv2.merge([gx * inverse, gy * inverse, array(hollow)]))


def relight(
    colour: Array, alpha: Array, material: Material, light: Light, *, quality: str, rng: np.random.Generator
) -> Figure:
    """Light a drawing (float32 colours (H, W, 3) and alpha (H, W)) as a rounded thing of a material.

    The generator moves only textures: grain, roughness and hair.
    """
    surface, rng = SURFACES[material], fork(rng)
    h, w = alpha.shape
    scale = min(1.0, WORKING[quality] / max(h, w))
    small = max(4, round(w * scale)), max(4, round(h * scale))
    tones, shape = resize(colour, *small), resize(alpha, *small)
    height, detail, cushion = _height(tones, shape, surface, rng)
    facing = _facing(height, detail)
    rough = surface.bite * STRENGTH[quality] > 0
    if rough or quality == "hd":
        facing = resize(facing, w, h, smooth=True)
    across, down, hollow = (array(part) for part in cv2.split(facing))
    if rough:
        roughen(across, down, surface, quality, fork(rng))
    factor, added = lit_sphere(light, surface).seen(across, down)
    factor = resize(array(cv2.multiply(factor, cv2.merge([hollow, hollow, hollow]))), w, h)
    added = resize(added, w, h)
    if surface.hair:
        colour, alpha, glint = _comb(colour, alpha, resize(cushion, w, h), surface.hair, quality=quality, rng=rng)
        added = array(cv2.multiply(added, cv2.merge([glint, glint, glint])))
    lit = array(cv2.multiply(colour, factor))
    lit += added
    return Figure(array(np.minimum(lit, BRIGHTEST, out=lit)), alpha)


def _coat(colour: Array, alpha: Array) -> Array:
    """Tell where hair grows: all but dark eyes and noses, and thinner on white. Made at half the size."""
    height, width = colour.shape[:2]
    half = max(2, width // 2), max(2, height // 2)
    solid = resize(alpha, *half)
    red, green, blue = cv2.split(resize(colour, *half))
    top, bottom = array(cv2.max(cv2.max(red, green), blue)), array(cv2.min(cv2.min(red, green), blue))
    # a black coat is hairy all over: eyes and nose cannot be told from it
    few, own = top[::4, ::4], solid[::4, ::4] > 0.9
    usual = float(np.median(few[own])) if own.any() else 1.0
    least, most = (0.16, 0.28) if usual > BLACK else (0.02, 0.05)
    coat = smoothstep(least, most, top) * (1 - 0.65 * smoothstep(0.90, 0.98, bottom))
    coat = blur(array(cv2.erode(coat, np.ones((2, 2), np.uint8))), max(0.5, max(height, width) / 400))
    return resize(coat, width, height)


def _comb(
    colour: Array, alpha: Array, cushion: Array, amount: float, *, quality: str, rng: np.random.Generator
) -> tuple[Array, Array, Array]:
    """Draw strands into a coat, off the eyes and the nose, fainter on white, and roughen its outline with them.

    Gives the colours, the outline, and how much of the highlights single strands throw back.
    """
    size = max(alpha.shape)
    hair, clumps = strands(cushion, quality, rng)
    coat = _coat(colour, alpha)
    strength = {"low": 0.10, "standard": 0.13, "hd": 0.19}[quality] * amount
    factor = 1 + coat * (hair * np.float32(strength) + clumps * np.float32(0.22 * amount))
    combed = array(cv2.multiply(colour, cv2.merge([factor, factor, factor])))
    edge = blur(alpha, max(0.7, size * 0.004))
    rough = smoothstep(0.30, 0.70, edge + hair * np.float32(0.16 * amount))
    glint = np.maximum(1 + coat * hair * np.float32(0.55 * amount), 0)
    return combed, array(np.minimum(rough, 1)), array(glint)
