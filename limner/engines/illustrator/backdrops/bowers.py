"""What a garden is made of: beds in bloom, clipped trees, a rose arch, a fountain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.backdrops.growth import Points, colour, ground_shadow, leaf_shapes, paint, round_trees
from limner.engines.illustrator.backdrops.trees import Limb
from limner.engines.illustrator.pixels import Array, Colour, add, array, blur, fork, mix, polygons, rgb

if TYPE_CHECKING:
    from limner.engines.illustrator.backdrops.air import Air
    from limner.engines.illustrator.backdrops.base import View

BLOOMS = ("#ff5a78", "#ffd23c", "#ff8fc0", "#a97cf0", "#ffffff", "#ff7a3c", "#e0407a", "#6f9cf8")
RING = np.linspace(0, 2 * np.pi, 26, endpoint=False)


def _oval(x: float, y: float, rx: float, ry: float) -> Points:
    return np.stack([x + rx * np.cos(RING), y + ry * np.sin(RING)], 1)


def blooms(image: Array, at: Points, size: Points, hue: Points) -> None:
    """Open flowers of five petals at `at` (N, 2), `size` pixels each, in the colours `hue` (N, 3), in place."""
    n = len(at)
    turn = np.arange(n) * 0.7
    shapes: list[Points] = []
    inks = []
    for k in range(5):
        a = turn + k * 2 * np.pi / 5
        x, y = at[:, 0] + np.cos(a) * size * 0.62, at[:, 1] + np.sin(a) * size * 0.55
        shapes += leaf_shapes(x, y, size * 0.62, a)
        inks.append(hue * (0.84 + 0.16 * (np.sin(a) < 0))[:, None])
    shapes += leaf_shapes(at[:, 0], at[:, 1], size * 0.34, turn)
    inks.append(np.tile(rgb("#ffe070"), (n, 1)) * hue.max(axis=1, keepdims=True))
    colour(image, shapes, array(np.concatenate(inks)))


def beds(image: Array, view: View, air: Air, *, white: bool, rng: np.random.Generator) -> None:
    """Plant the beds on both sides of the path, far ones first: mounds of leaves with flowers of one kind, in place."""
    half = view.width / view.unit / 2
    tint = air.brightness
    dark, bright = (rgb("#4a6058"), rgb("#eef3ff")) if white else (rgb("#1c4420"), rgb("#78b048"))
    kinds = rng.permutation(len(BLOOMS))
    for k in range(22):
        own = fork(rng)
        t = (k // 2 / 10) ** 1.25
        side = -1 if k % 2 else 1
        place = side * (0.080 + 0.36 * t + 0.03 * own.random())
        size = (0.016 + 0.050 * t) * (0.8 + 0.4 * own.random()) * view.unit
        if abs(place) > half + 0.08:
            continue
        x, y = view.x(place), (0.655 + 0.31 * t) * view.height
        at = np.stack(
            [
                x + np.array([-0.8, 0.7, 0.0]) * size,
                y + np.array([-0.1, 0.0, 0.3]) * size,
                np.array([0.8, 0.8, 0.9]) * size,
            ],
            1,
        )
        ground_shadow(image, (x, y + 0.3 * size), (1.9 * size, 0.4 * size))
        round_trees(image, at, array(dark * tint), array(bright * tint), sun=air.side, rng=own)
        if white:
            continue
        many = own.random((26 if view.fine else 18, 4))
        px = x + (many[:, 0] - 0.5) * 3.0 * size
        py = y - (0.15 + 1.45 * many[:, 1] * (1 - 0.7 * np.abs(many[:, 0] - 0.5) * 2)) * size
        hue = rgb(BLOOMS[kinds[(k // 2 + 3 * (k % 2)) % len(BLOOMS)]]) * (0.78 + 0.30 * many[:, 2:3]) * tint
        blooms(image, np.stack([px, py], 1), size * (0.13 + 0.07 * many[:, 3]), np.minimum(hue, 1.1))


def topiary(image: Array, view: View, air: Air, leaf: tuple[Colour, ...], rng: np.random.Generator) -> None:
    """Stand clipped yews, cones and balls on stems, in a row on both sides, far ones first, in place."""
    half = min(0.80, view.width / view.unit / 2)
    sun = air.side
    dark, bright = array(leaf[0] * air.brightness * 0.9), array(mix(leaf[1], leaf[2], 0.35) * air.brightness)
    ball = rng.random() < 0.5
    for k in range(6):
        t = k // 2 / 2
        side = -1 if k % 2 else 1
        x, y = view.x(side * (0.20 + (half - 0.25) * t)), (0.650 + 0.085 * t) * view.height
        tall = (0.13 + 0.15 * t) * view.unit
        ground_shadow(image, (x - sun * 0.16 * tall, y), (0.34 * tall, 0.05 * tall))
        own = fork(rng)
        if ball:
            trunk = Limb(np.array([(x, y), (x, y - 0.25 * tall), (x, y - 0.5 * tall)]), np.full(3, 0.03 * tall))
            paint(
                image,
                [trunk.outline()],
                [0.4],
                array(rgb("#33241a") * air.brightness),
                array(rgb("#8a6a48") * air.brightness),
            )
            _clipped(image, (x, y - 0.70 * tall), (0.27 * tall, 0.27 * tall), (dark, bright), sun=sun, rng=own)
        else:
            _cone(image, (x, y), tall, (dark, bright), sun=sun, rng=own)


def _clipped(
    image: Array, at: tuple[float, float], size: tuple[float, float], inks: tuple[Colour, Colour], *, sun: float,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    shapes = [
        _oval(
            at[0] + sun * 0.07 * k * size[0],
            at[1] - 0.07 * k * size[1],
            size[0] * (1 - 0.15 * k),
            size[1] * (1 - 0.15 * k),
        )
        for k in range(6)
    ]
    paint(image, shapes, list(np.linspace(0.10, 0.66, 6)), *inks)
    many = rng.random((150, 4))
    r, turn = np.sqrt(many[:, 0]), many[:, 1] * 2 * np.pi
    x, y = at[0] + r * np.cos(turn) * size[0], at[1] + r * np.sin(turn) * size[1]
    lit = 0.42 + 0.40 * (r * np.cos(turn) * sun * 0.7 - r * np.sin(turn) * 0.8) + 0.3 * (many[:, 2] - 0.5)
    paint(
        image,
        leaf_shapes(x, y, size[0] * (0.05 + 0.03 * many[:, 3]), many[:, 3] * np.pi),
        list(np.clip(lit, 0, 1)),
        *inks,
    )


def _cone(
    image: Array,
    at: tuple[float, float],
    tall: float,
    inks: tuple[Colour, Colour],
    *,
    sun: float,
    rng: np.random.Generator,
) -> None:
    """Stand a clipped cone, in place."""
    (x, y), t = at, np.linspace(0, 1, 12)
    half = 0.26 * tall * t**0.85
    shapes, tones = [], []
    for k in range(5):
        shift, share = sun * 0.10 * k * half, 1 - 0.19 * k
        left, right = x + shift - half * share, x + shift + half * share
        shapes.append(
            np.concatenate([np.stack([left, y - tall * (1 - t)], 1), np.stack([right, y - tall * (1 - t)], 1)[::-1]])
        )
        tones.append(0.10 + 0.15 * k)
    paint(image, shapes, tones, *inks)
    many = rng.random((170, 4))
    v = np.sqrt(many[:, 0])
    u = (many[:, 1] - 0.5) * 2
    px, py = x + u * 0.26 * tall * v**0.85, y - tall * (1 - v)
    lit = np.clip(0.40 + 0.42 * u * sun + 0.34 * (many[:, 2] - 0.5), 0, 1)
    paint(image, leaf_shapes(px, py, tall * (0.010 + 0.008 * many[:, 3]), many[:, 3] * np.pi), list(lit), *inks)


def rose_arch(
    image: Array, view: View, air: Air, at: tuple[float, float], *, white: bool, rng: np.random.Generator
) -> None:
    """Set a white arch over the end of the path, overgrown with roses, in place."""
    x, y, unit, tint = view.x(at[0]), at[1] * view.height, view.unit, air.brightness
    turn = np.linspace(np.pi, 0, 22)
    dark, bright = array(rgb("#8a8a94") * tint), array(np.minimum(rgb("#fbf8f0") * tint * 1.06, 1.08))
    for wide in (0.072 * unit, 0.088 * unit):
        bow = np.stack([x + wide * np.cos(turn), y - 0.115 * unit - wide * np.sin(turn)], 1)
        path = np.concatenate([[(x - wide, y)], bow, [(x + wide, y)]])
        rail = Limb(path, np.full(len(path), 0.0042 * unit))
        paint(image, [rail.outline(), rail.outline(0.3, 0.5)], [0.3, 1.0], dark, bright)
    rung = np.array([(-0.5, 0), (0.5, 0), (0.5, -0.19), (-0.5, -0.19)]) * 0.016
    places = [(side * 0.080, -high) for side in (-1, 1) for high in np.linspace(0.01, 0.11, 6)]
    paint(image, [(rung + place) * unit + (x, y) for place in places], [0.8] * len(places), dark, bright)
    _roses(image, (x, y), unit, tint, white=white, rng=rng)


def _roses(
    image: Array, at: tuple[float, float], unit: float, tint: Colour, *, white: bool, rng: np.random.Generator
) -> None:
    """Let roses climb over an arch that stands at `at` (pixels), in place; snowed on where it is `white`."""
    x, y = at
    many = rng.random((230, 4))
    t = many[:, 0] * 1.24 - 0.12
    r = (0.080 + 0.022 * (many[:, 1] - 0.5)) * unit
    px = np.where(t < 0, x - r, np.where(t > 1, x + r, x - r * np.cos(np.clip(t, 0, 1) * np.pi)))
    py = np.where(
        (t < 0) | (t > 1), y - many[:, 2] * 0.115 * unit, y - 0.115 * unit - r * np.sin(np.clip(t, 0, 1) * np.pi)
    )
    inks = (rgb("#6a7a80"), rgb("#f4f8ff")) if white else (rgb("#1c4420"), rgb("#86bc50"))
    tones = np.clip(many[:, 3] * 0.6 + (y - py) / (0.4 * unit), 0, 1)
    paint(
        image,
        leaf_shapes(px, py, unit * (0.006 + 0.005 * many[:, 3]), many[:, 2] * np.pi),
        list(tones),
        array(inks[0] * tint),
        array(inks[1] * tint),
    )
    if not white:
        hue = rgb(BLOOMS[(0, 2, 6, 4)[int(rng.random() * 4)]]) * (0.8 + 0.25 * many[:60, 1:2]) * tint
        blooms(image, np.stack([px, py], 1)[:60], unit * (0.0055 + 0.003 * many[:60, 3]), np.minimum(hue, 1.1))


def fountain(
    image: Array, view: View, air: Air, at: tuple[float, float], *, white: bool, rng: np.random.Generator
) -> None:
    """Build a fountain of two bowls with falling water; still and snowed on where it is `white`, in place."""
    x, y, unit, tint = view.x(at[0]), (at[1] + 0.012) * view.height, view.unit, air.brightness
    dark, bright = array(rgb("#5c5a64") * tint), array(rgb("#e6ddcc") * tint)
    sun = air.side
    pool = array(mix(air.middle * 0.7, rgb("#3f8a9c") * tint, 0.5)) if not white else array(rgb("#e8eefb") * tint)
    ground_shadow(image, (x, y), (0.17 * unit, 0.026 * unit))
    basin = np.concatenate(
        [_half(x, y, 0.150 * unit, 0.034 * unit), _half(x, y - 0.036 * unit, 0.155 * unit, 0.034 * unit)[::-1]]
    )
    paint(image, [basin, _lit(basin, x, sun)], [0.42, 0.68], dark, bright)
    paint(image, [_oval(x, y - 0.036 * unit, 0.155 * unit, 0.032 * unit)], [0.95], dark, bright)
    paint(image, [_oval(x, y - 0.034 * unit, 0.138 * unit, 0.025 * unit)], [1.0], pool, pool)
    for low, wide, high in ((0.036, 0.020, 0.105), (0.105, 0.013, 0.175)):
        stem = Limb(
            np.stack([np.full(6, x), y - unit * np.linspace(low, high, 6)], 1),
            unit * wide * np.array([1.2, 0.7, 0.5, 0.5, 0.7, 1.1]),
        )
        paint(image, [stem.outline(), stem.outline(-0.4 * sun, 0.4)], [0.40, 0.85], dark, bright)
        bowl = np.concatenate(
            [
                _half(x, y - high * unit, wide * 4.2 * unit, wide * 1.7 * unit),
                [(x - wide * 4.2 * unit, y - high * unit)],
            ]
        )
        paint(
            image,
            [bowl, _lit(bowl, x, sun), _oval(x, y - high * unit, wide * 4.3 * unit, wide * 0.80 * unit)],
            [0.38, 0.62, 0.95],
            dark,
            bright,
        )
        paint(image, [_oval(x, y - high * unit, wide * 3.8 * unit, wide * 0.60 * unit)], [1.0], pool, pool)
    if not white:
        _spray(image, (x, y), unit, array(air.lit * 0.6 + 0.4 * tint), rng)


def _half(x: float, y: float, rx: float, ry: float) -> Points:
    turn = np.linspace(np.pi, 0, 20)
    return np.stack([x + rx * np.cos(turn), y + ry * np.sin(turn)], 1)


def _lit(shape: Points, x: float, sun: float) -> Points:
    """Give the part of a round body that the sun catches: the body, narrowed towards the sun's side."""
    return np.stack([x + (shape[:, 0] - x) * 0.5 + sun * 0.22 * np.ptp(shape[:, 0]), shape[:, 1]], 1)


def _spray(image: Array, at: tuple[float, float], unit: float, light: Colour, rng: np.random.Generator) -> None:
    """Let the water leap from the top and fall from bowl to bowl in thin threads, in place."""
    x, y = at
    threads: list[Points] = []
    for k in range(26):
        a, b = rng.random(2)
        side = -1 if k % 2 else 1
        t = np.linspace(0, 1, 10)
        if k < 12:
            reach, top, high, low = (0.008 + 0.052 * a), 0.175, 0.045 + 0.02 * b, 0.105
        else:
            reach, top, high, low = (0.085 + 0.04 * a), 0.108, 0.004, 0.036
        start = 0.0 if k < 12 else 0.078
        px = x + side * unit * (start + (reach - start) * t)
        py = y - unit * (top + (low - top) * t**2 + high * 4 * t * (1 - t))
        threads.append(Limb(np.stack([px, py], 1), np.full(10, max(0.5, 0.0011 * unit))).outline())
    mask = polygons(image.shape[0], image.shape[1], threads)
    add(image, light, array(mask * 0.42 + blur(mask, 0.004 * unit) * 0.5))
