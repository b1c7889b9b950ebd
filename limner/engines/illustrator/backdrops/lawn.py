"""Grass over open ground: light and shade in swells, strip behind strip of blades, flowers near the viewer."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.backdrops.growth import blade_shapes, colour, leaf_shapes, paint
from limner.engines.illustrator.backdrops.land import depth, ground_noise, lay
from limner.engines.illustrator.pixels import SHIFT, Array, Colour, array, fixed, mix, resize, rgb, shade, smoothstep

if TYPE_CHECKING:
    from limner.engines.illustrator.backdrops.air import Air
    from limner.engines.illustrator.backdrops.base import View

STRIP = (1024, 64)
KEPT = 40
FLOWERS = ("#fff6f0", "#ffd84a", "#f2678c", "#9a7cf0")
Greens = tuple[Colour, Colour]


@lru_cache(maxsize=1)
def _strip() -> tuple[Array, Array]:
    """Give one long strip of grass that continues at its own ends: where blades are, and how bright; (64, 1024)."""
    width, height = STRIP
    rng = np.random.default_rng(64)
    many = rng.random((1500, 4))
    x, length = many[:, 0] * width, height * (0.25 + 0.70 * many[:, 1] ** 1.5)
    shapes = blade_shapes(x, np.full(len(x), height + 2.0), length, (many[:, 2] - 0.45) * length * 0.7, 2.2)
    canvas = np.zeros((height, width, 3), np.uint8)
    for blade, tone in zip(shapes, many[:, 3], strict=True):
        for shift in (-width, 0, width):
            cv2.fillPoly(canvas, [fixed(blade + np.array([shift, 0]))], (255, round(255 * tone), 0), cv2.LINE_AA, SHIFT)
    mask = array(canvas[..., 0]) * np.float32(1 / 255)
    return mask, array(np.minimum(array(canvas[..., 1]) / np.maximum(array(canvas[..., 0]), 1), 1))


@lru_cache(maxsize=96)
def _resized(w: int, h: int) -> tuple[Array, Array]:
    """Give the strip of grass at another size; a lawn asks for the same fifty sizes in every picture of one format."""
    mask, tone = (resize(field, w, h) for field in _strip())
    return mask, tone


def sward(rows: int, view: View, rng: np.random.Generator) -> Array:
    """Give the factor by which standing blades brighten or darken the ground, (rows, W), strip behind strip.

    Flat strips of plants set one behind the other stand in for blades, as the layers of trees in Weber and Penn,
    "Creation and rendering of realistic trees", 1995, section 5, stand in for leaves.
    """
    factor = np.ones((rows, view.width), np.float32)
    y, tall = 0.03 * rows, 0.0
    while y < 1.1 * rows:
        tall = view.unit * (0.008 + 0.040 * (y / rows) ** 1.2)
        _stand(factor, view, y, tall, int(rng.integers(STRIP[0])))
        y += tall * 0.42
    return factor


def _stand(factor: Array, view: View, y: float, tall: float, shift: int) -> None:
    h = max(3, round(tall))
    low, high = round(y), max(0, round(y) - h)
    if high >= len(factor):
        return
    w = max(8, round(STRIP[0] * h / STRIP[1]))
    columns = (np.arange(view.width) - round(view.middle) + shift * w // STRIP[0]) % w
    cut = slice(h - (low - high), h - max(0, low - len(factor)))
    mask, tone = (np.take(field[cut], columns, 1) for field in (_resized if h <= KEPT else _resized.__wrapped__)(w, h))
    root = np.linspace(0.85, 0.45, h, dtype=np.float32)[cut, None]
    part = factor[high : high + len(mask)]
    deep, rise, dense = (0.58, 0.86, 0.74) if view.fine else (0.70, 0.62, 0.62)
    part += (deep + rise * tone * root - part) * (mask * np.float32(dense))


def seasoned(view: View, colours: tuple[Colour, ...]) -> tuple[Colour, ...]:
    """Give the colours of grass at this season: in autumn they turn to straw."""
    if "autumn" not in view.details:
        return colours
    return tuple(mix(c, rgb("#d8a848") * (0.35 + 0.65 * c.mean()), 0.42) for c in colours)


def lawn(canvas: Array, view: View, air: Air, line: Array, *, greens: Greens, rng: np.random.Generator) -> float:
    """Lay grass below a line, in place: soft swells in perspective and the blades. Gives its top as a fraction."""
    top = int(np.clip(math.floor(float(line.min())) - 1, 0, view.height - 4))
    far = depth(view, top, 0.10)
    swell = ground_noise(view, far, 0.9, rng)
    d = np.linspace(0, 1, len(far), dtype=np.float32)[:, None]
    sunny = np.exp(-(((view.across() - np.float32(air.sun_x * 0.6)) / 0.75) ** 2))
    tone = np.clip((swell - 0.5) * 1.9 + 0.50 + 0.24 * sunny - 0.26 * d**1.5, 0, 1)
    ground = mix(greens[0] * air.brightness, greens[1] * air.brightness, tone[..., None])
    ground = mix(ground, air.horizon, (0.34 * (1 - d) ** 3)[..., None])
    part = np.ascontiguousarray(canvas[top:])
    lay(part, array(line - top), shade(ground, sward(len(far), view, rng)))
    canvas[top:] = part
    return top / view.height


def blades(
    image: Array, view: View, top: float, air: Air, greens: Greens, *, path: tuple[float, float] = (0, 0),
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """Draw single blades over the lawn from `top` (a fraction) down, and flowers, in place; short in the middle.

    None grow on a path down the middle, of these half widths (units) at its far end and its near one.
    """
    count = round((1500 if view.fine else 700) * min(1.0, 0.4 + 0.6 * view.unit / 900))
    start, unit = top * view.height, view.unit
    h, span = view.height - start, max(1.3, view.width / unit)
    many = rng.random((1500, 6))[:count]
    off = np.abs(many[:, 1] - 0.5) * span > path[0] + (path[1] - path[0]) * many[:, 0] ** 0.75
    many = many[off][np.argsort(many[off, 0])]
    v = many[:, 0] ** 0.75 * 1.10
    x = view.middle + (many[:, 1] - 0.5) * span * unit
    y = start + h * (0.12 + 0.95 * v)
    calm = 0.55 + 0.45 * smoothstep(0.12, 0.5, np.abs(x - view.middle) / unit)
    length = unit * (0.006 + 0.050 * v**2) * (0.5 + many[:, 2]) * calm
    shapes = np.stack(blade_shapes(x, y + length * 0.4, length, (many[:, 3] - 0.45) * length * 0.9, 1.0))
    wide = unit * (0.0006 + 0.0018 * v**2) - 1.0
    shapes[:, :, 0] += np.array([-1, -0.7, 0, 0.7, 1]) * wide[:, None]
    dark, bright = array(greens[0] * air.brightness * 0.72), array(greens[1] * air.brightness * 1.06)
    paint(image, list(shapes), list(many[:, 4]), dark, bright)
    flowers(image, view, air, array(np.stack([x, y, v, many[:, 5]], 1)[:700:5]))


def flowers(image: Array, view: View, air: Air, at: Array, names: tuple[str, ...] = FLOWERS) -> None:
    """Let flowers bloom, in place; `at` has a row (x, y in pixels, nearness 0..1, kind 0..1) for each."""
    size = view.unit * (0.0016 + 0.0042 * at[:, 2])
    x, y = at[:, 0], at[:, 1] - view.unit * (0.004 + 0.030 * at[:, 2] ** 2)
    inks = np.stack([rgb(name) for name in names])[(at[:, 3] * len(names)).astype(int) % len(names)] * air.brightness
    petals = np.concatenate([leaf_shapes(x, y, size, np.full(len(at), turn)) for turn in (0.0, 1.05, 2.1)])
    colour(image, list(petals), array(np.tile(inks, (3, 1))))
    hearts = leaf_shapes(x, y, size * 0.38, np.zeros(len(at)))
    colour(image, hearts, array(np.tile(rgb("#ffe27a") * air.brightness, (len(at), 1))))
