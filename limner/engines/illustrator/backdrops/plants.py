"""Single plants that tell a place: a cactus, a palm."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.backdrops.growth import Points, ground_shadow, leaf_shapes, paint
from limner.engines.illustrator.pixels import Array, array, rgb

if TYPE_CHECKING:
    from limner.engines.illustrator.backdrops.air import Air
    from limner.engines.illustrator.backdrops.base import View


def _limb(path: Points, width: float) -> Points:
    """Give the outline of a rounded limb of one width along a path (N, 2)."""
    along = np.gradient(path, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-9
    across = np.stack([-along[:, 1], along[:, 0]], 1) * width / 2
    turn = np.linspace(0, np.pi, 9)[1:-1, None]
    end = path[-1] + across[-1] * np.cos(turn) + along[-1] * (width / 2) * np.sin(turn)
    return np.concatenate([path + across, end, (path - across)[::-1]])


def cactus(
    image: Array, view: View, place: tuple[float, float], size: float, air: Air, *, rng: np.random.Generator
) -> None:
    """Stand a saguaro of `size` units at (x in units, y as a fraction), in place."""
    unit, x, y = size * view.unit, view.x(place[0]), place[1] * view.height
    thick = 0.15 * unit
    t = np.linspace(0, 1, 12)
    paths = [(np.stack([np.full(12, x), y - unit * t], 1), thick)]
    for side, low in ((-1, 0.42 + 0.08 * rng.random()), (1, 0.30 + 0.08 * rng.random())):
        bend = np.stack(
            [
                x + side * unit * 0.24 * np.sin(np.minimum(1, t * 2.2) * np.pi / 2),
                y - unit * (low + 0.40 * np.maximum(0, t - 0.30)),
            ],
            1,
        )
        paths.insert(0, (bend, thick * 0.68))
    dark, bright = array(rgb("#23492f") * air.brightness), array(rgb("#8db56a") * air.brightness)
    lit = 1.0 if air.sun_x > 0 else -1.0
    ground_shadow(image, (x - lit * 0.20 * unit, y), (0.34 * unit, 0.035 * unit))
    for path, width in paths:
        paint(image, [_limb(path, width)], [0.18], dark, bright)
        for k in range(4):
            shift = (k - 1.5) * 0.22 * width
            tone = 0.30 + 0.22 * (k if lit > 0 else 3 - k)
            paint(image, [_limb(path - (-shift, 0), width * 0.13)], [tone], dark, bright)
        if view.weather == "snow":
            white = array(np.minimum(rgb("#f4f7ff") * air.brightness * 1.15, 1.05))
            paint(image, [_cap(path[-1], 0.5 * width)], [1.0], white, white)


def _cap(top: Points, half: float) -> Points:
    """Draw the cap of snow on a rounded end, `half` as wide."""
    turn = np.linspace(0, 2 * np.pi, 22, endpoint=False)
    over = np.sin(turn) < 0
    return np.stack([top[0] + 1.02 * half * np.cos(turn), top[1] + half * np.where(over, 1.05, 0.30) * np.sin(turn)], 1)


def palm(
    image: Array, view: View, place: tuple[float, float], size: float, air: Air, *, rng: np.random.Generator
) -> None:
    """Stand a palm of `size` units that leans towards the middle at (x in units, y as a fraction), in place."""
    unit, x, y = size * view.unit, view.x(place[0]), place[1] * view.height
    lean = -1 if place[0] > 0 else 1
    ground_shadow(image, (x + lean * 0.06 * unit, y), (0.16 * unit, 0.022 * unit))
    t = np.linspace(0, 1, 16)
    path = np.stack([x + lean * unit * 0.30 * t**1.7, y - unit * t], 1)
    bark, pale = array(rgb("#4a3524") * air.brightness), array(rgb("#b89468") * air.brightness)
    half = unit * (0.030 - 0.014 * t + 0.03 * np.exp(-14 * t))[:, None] * (1.0, 0.0)
    paint(image, [np.concatenate([path - half, (path + half)[::-1]])], [0.25], bark, pale)
    lit = half * (0.5 if air.sun_x > 0 else -0.5)
    paint(image, [np.concatenate([path + lit - half * 0.35, (path + lit + half * 0.35)[::-1]])], [0.8], bark, pale)
    dark, bright = array(rgb("#17402a") * air.brightness), array(rgb("#8fbf4e") * air.brightness)
    frost = array(np.minimum(rgb("#f4f7ff") * air.brightness * 1.15, 1.05))
    heart = path[-1] + (0, 0.012 * unit)
    nuts = heart + np.array([(-0.030, 0.02), (0.028, 0.024), (0.0, 0.034), (0.0, 0.0)]) * unit
    sizes = np.array([0.026, 0.024, 0.024, 0.036]) * unit
    for (nx, ny), size_here in zip(nuts, sizes, strict=True):
        ring = np.linspace(0, 2 * np.pi, 20)
        paint(image, [np.stack([nx + size_here * np.cos(ring), ny + size_here * np.sin(ring)], 1)], [0.2], bark, pale)
    for k, turn in enumerate(rng.permutation(11)):
        angle = math.pi * (-0.12 + 1.24 * (turn + 0.3 * rng.random()) / 10)
        shapes = _frond(path[-1], angle, unit * (0.42 + 0.10 * rng.random()))
        tones = np.clip(np.linspace(0.15, 0.75, len(shapes)) * (0.7 + 0.05 * k), 0, 1)
        paint(image, shapes, list(tones), dark, bright)
        if view.weather == "snow":
            # Snow stays on the upper side of the leaf, along its rib.
            paint(image, [_rib(path[-1], angle, 0.46 * unit)], [1.0], frost, frost)


def _rib(top: Points, angle: float, reach: float) -> Points:
    """Draw the back of a palm's leaf, broad near the stem."""
    t = np.linspace(0.04, 0.96, 14)
    x = top[0] + np.cos(angle) * reach * t
    y = top[1] - np.sin(angle) * reach * t * 0.75 + reach * 0.50 * t**2.2
    half = 0.5 * reach * (0.07 - 0.045 * t)
    return np.concatenate([np.stack([x, y - 1.6 * half], 1), np.stack([x, y + 0.3 * half], 1)[::-1]])


def _frond(top: Points, angle: float, reach: float) -> list[Points]:
    """Draw one leaf of a palm: a drooping rib with narrow leaflets on both sides."""
    t = np.linspace(0.06, 1, 22)
    px = top[0] + np.cos(angle) * reach * t
    py = top[1] - np.sin(angle) * reach * t * 0.75 + reach * 0.50 * t**2.2
    slope = np.arctan2(np.gradient(py), np.gradient(px))
    leaf = reach * 0.26 * (1.0 - 0.75 * t) * (0.35 + 0.65 * np.minimum(1, t * 4))
    shapes: list[Points] = []
    for side in (-1, 1):
        at = slope + side * (0.9 - 0.3 * t) + 0.25
        cx, cy = px + np.cos(at) * leaf * 0.55, py + np.sin(at) * leaf * 0.55
        thin = leaf_shapes(np.zeros(22), np.zeros(22), np.ones(22), np.zeros(22))[0] * (1.0, 0.26)
        for k in range(22):
            c, s = math.cos(at[k]), math.sin(at[k])
            shapes.append(
                np.stack(
                    [
                        cx[k] + leaf[k] * 0.6 * (thin[:, 0] * c - thin[:, 1] * s),
                        cy[k] + leaf[k] * 0.6 * (thin[:, 0] * s + thin[:, 1] * c),
                    ],
                    1,
                )
            )
    return shapes
