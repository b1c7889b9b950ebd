"""Buildings and fittings of a farm: the red barn, the silo, a post-and-rail fence, round bales."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.backdrops.growth import Points, ground_shadow, paint
from limner.engines.illustrator.backdrops.masonry import bar, boards, soft_box, stroke
from limner.engines.illustrator.pixels import Array, Colour, add, array, blur, mix, polygon, rgb

if TYPE_CHECKING:
    from limner.engines.illustrator.backdrops.air import Air
    from limner.engines.illustrator.backdrops.base import View

RED = ("#6e1a16", "#cf3f2c")
ROOF = ("#3c3a44", "#8a8890")
TRIM = "#fbf4e8"
SNOW = "#f4f7ff"
# the gable of a gambrel roof, in shares of its width and height
GABLE = np.array([(-0.5, 0), (-0.5, 0.52), (-0.36, 0.80), (0, 1.0), (0.36, 0.80), (0.5, 0.52), (0.5, 0)])


def _white(air: Air) -> Colour:
    return array(np.minimum(rgb(SNOW) * air.brightness * 1.12, 1.06))


def barn(
    image: Array, view: View, air: Air, at: tuple[float, float], size: float, *, white: bool, rng: np.random.Generator
) -> None:
    """Build a barn `size` units tall at `at` (units, fraction), in place: gable to the viewer, its length outwards."""
    unit, tint = size * view.unit, air.brightness
    x, y = view.x(at[0]), at[1] * view.height
    back = 1 if at[0] > 0 else -1
    gable = GABLE * (0.92 * unit, -unit) + (x - back * 0.16 * unit, y)
    deep = np.array([back * 0.62 * unit, -0.05 * unit])
    sunny = (air.side) == back
    red = array(rgb(RED[0]) * tint), array(rgb(RED[1]) * tint)
    soft_box(
        image,
        np.array(
            [
                gable[0],
                gable[-1] + deep,
                gable[-1] + deep + (-back * 0.1 * unit, 0.05 * unit),
                gable[0] + (-0.1 * unit, 0.06 * unit),
            ]
        ),
        0.5,
        0.02 * unit,
    )
    k = 5 if back > 0 else 1
    wall = np.array(
        [gable[k], gable[k] + deep, gable[0 if back < 0 else 6] + deep * (1, 0.2), gable[0 if back < 0 else 6]]
    )
    shaded = (array(red[0] * 0.9), array(mix(red[0], red[1], 0.9 if sunny else 0.42)))
    boards(image, wall, shaded, 16, rng)
    front = np.array([gable[1], gable[5], gable[6], gable[0]])
    boards(image, front, red, 20, rng)
    paint(image, [gable[1:6]], [0.80 if not sunny else 0.62], *red)
    _roof(image, gable, deep, back, air, white=white, sunny=sunny)
    _doors(image, gable, unit, air, night=view.time == "night")


def _roof(image: Array, gable: Points, deep: Points, back: int, air: Air, *, white: bool, sunny: bool) -> None:
    """Lay the two planes of the roof that are seen, with their sheets, and the white edge of the gable, in place."""
    tint = air.brightness
    dark, bright = array(rgb(ROOF[0]) * tint), array(rgb(ROOF[1]) * tint)
    order = (3, 4, 5) if back > 0 else (3, 2, 1)
    wide = float(np.ptp(gable[:, 0]))
    eave = np.array([back * 0.03, 0.05]) * wide
    for (a, b), tone in zip(pairwise(order), (0.95, 0.55), strict=True):
        low = gable[b] + (eave if b == order[-1] else 0)
        plane = np.array([gable[a], gable[a] + deep, low + deep, low])
        lit = tone if sunny else tone * 0.62
        if white:
            stroke(image, [plane], mix(rgb("#8fa0c8") * tint, _white(air), lit))
            continue
        paint(image, [plane], [lit], dark, bright)
        t = np.linspace(0.06, 0.94, 12)
        seams = [bar(tuple(gable[a] + deep * k), tuple(low + deep * k), 1.0 + 0.004 * wide) for k in t]
        paint(image, seams, [lit * 0.72] * len(seams), dark, bright)
    edge = array(np.minimum(rgb(TRIM) * tint, 1.05))
    thick = 0.030 * wide
    stroke(
        image,
        [bar(tuple(p), tuple(q), thick) for p, q in pairwise(gable[1:6])],
        _white(air) if white else edge,
    )
    stroke(image, [bar(tuple(gable[k]), tuple(gable[k + 1]), 0.7 * thick) for k in (0, 5)], edge)


def _doors(image: Array, gable: Points, unit: float, air: Air, *, night: bool) -> None:
    """Hang the crossed white doors, a window above them that glows at night, in place."""
    x, y = (gable[0, 0] + gable[6, 0]) / 2, gable[0, 1]
    edge = array(np.minimum(rgb(TRIM) * air.brightness, 1.05))
    dark = array(rgb("#57120f") * air.brightness)
    bars: list[Points] = []
    for side in (-1, 1):
        inner, outer = x + side * 0.006 * unit, x + side * 0.20 * unit
        stroke(image, [np.array([(inner, y), (outer, y), (outer, y - 0.42 * unit), (inner, y - 0.42 * unit)])], dark)
        tl, tr, br, bl = (inner, y - 0.42 * unit), (outer, y - 0.42 * unit), (outer, y), (inner, y)
        bars += [bar(p, q, 0.020 * unit) for p, q in ((tl, tr), (tr, br), (br, bl), (bl, tl), (tl, br), (tr, bl))]
    stroke(image, bars, edge)
    w, top = 0.085 * unit, y - 0.78 * unit
    pane = np.array([(x - w, top), (x + w, top), (x + w, top + 1.5 * w), (x - w, top + 1.5 * w)])
    glass = array((1.25, 0.85, 0.35)) if night else array(rgb("#2c2430") * air.brightness)
    stroke(image, [pane], glass)
    corners = [tuple(p) for p in pane]
    stroke(
        image,
        [bar(corners[k], corners[(k + 1) % 4], 0.018 * unit) for k in range(4)]
        + [bar((x, top), (x, top + 1.5 * w), 0.012 * unit)],
        edge,
    )
    if night:
        halo = blur(polygon(image.shape[0], image.shape[1], pane), 0.08 * unit)
        add(image, (0.9, 0.5, 0.15), array(halo * 0.7))


def silo(image: Array, view: View, air: Air, at: tuple[float, float], size: float, *, white: bool) -> None:
    """Stand a silo `size` units tall with a domed roof, in place: bands of sheet round a cylinder."""
    unit, tint = size * view.unit, air.brightness
    x, y, half = view.x(at[0]), at[1] * view.height, 0.145 * unit
    sun = air.side
    dark, bright = array(rgb("#4c5666") * tint), array(rgb("#e4e8ec") * tint)
    edges = np.linspace(-1, 1, 15)
    turned = np.arcsin(np.clip((edges[:-1] + edges[1:]) / 2, -1, 1))
    tones = np.clip(0.42 + 0.52 * np.cos(turned - sun * 0.75), 0, 1)
    top, lip = y - 0.80 * unit, 0.03 * unit
    strips = [
        np.array([(x + a * half, top), (x + b * half, top), (x + b * half, y), (x + a * half, y)])
        for a, b in pairwise(edges)
    ]
    paint(image, strips, list(tones), dark, bright)
    hoops = [
        bar((x - half, top + k * 0.10 * unit), (x + half, top + k * 0.10 * unit), 0.008 * unit) for k in range(1, 8)
    ]
    paint(image, hoops, [0.22] * 7, dark, bright)
    turn = np.linspace(np.pi, 0, 15)
    for k in range(6):
        shift, share = sun * 0.07 * k, 1 - 0.16 * k
        dome = np.stack(
            [x + (np.cos(turn) * share + shift) * half * 1.06, top - np.sin(turn) * (0.19 - 0.012 * k) * unit], 1
        )
        tone = 0.34 + 0.11 * k
        if white:
            stroke(image, [dome], mix(rgb("#8fa0c8") * tint, _white(air), tone + 0.1))
        else:
            paint(image, [dome], [tone], array(rgb("#6a2a24") * tint), array(rgb("#d88a70") * tint))
    paint(image, [bar((x - 1.06 * half, top), (x + 1.06 * half, top), lip)], [0.8], dark, bright)


def fence(
    image: Array, view: View, air: Air, at: float, *, white: bool, gap: tuple[float, float], rng: np.random.Generator
) -> None:
    """Run a white post-and-rail fence across at the row `at` (a fraction), open between two places, in place."""
    half = max(1.0, view.width / view.unit / 2)
    step, tall, unit = 0.085, 0.062, view.unit
    dark, bright = array(rgb("#7a7484") * air.brightness), array(np.minimum(rgb(TRIM) * air.brightness * 1.02, 1.06))
    shapes: list[Points] = []
    tones: list[float] = []
    posts = [
        (k * step, at * view.height + rng.normal(0, 0.0016) * unit)
        for k in range(int(-half / step) - 2, int(half / step) + 3)
    ]
    open_at = [not gap[0] < (a[0] + step / 2) < gap[1] for a in posts]
    for ((a, ya), (b, yb)), there in zip(pairwise(posts), open_at, strict=False):
        for high in (0.40, 0.82) if there else ():
            start, end = (view.x(a), ya - high * tall * unit), (view.x(b), yb - high * tall * unit)
            shapes += [
                bar(start, end, 0.0105 * unit),
                bar((start[0], start[1] + 0.004 * unit), (end[0], end[1] + 0.004 * unit), 0.003 * unit),
            ]
            tones += [0.86, 0.25]
    post = np.array([(-1, 0), (-1, -1), (0, -1.13), (1, -1), (1, 0)]) * (0.0068 * unit, tall * unit)
    shade = np.array([(0.3, 0), (0.3, -1), (1, -1), (1, 0)]) * (0.0068 * unit, tall * unit)
    for a, y in posts:
        foot = np.array([view.x(a), y])
        shapes += [post + foot, shade + foot]
        tones += [1.0, 0.45 if air.sun_x < 0 else 0.8]
    paint(image, shapes, tones, dark, bright)
    if white:
        cap = np.array([(-0.009, 0.002 - tall), (0, -tall - 0.016), (0.009, 0.002 - tall)]) * unit
        stroke(image, [cap + np.array([view.x(a), y]) for a, y in posts], _white(air))


def bales(image: Array, view: View, air: Air, side: int, *, white: bool, rng: np.random.Generator) -> None:
    """Lay three round bales of straw on one side of the foreground, far ones first, in place."""
    half = min(0.74, view.width / view.unit / 2)
    for a, b, c in ((0.17, 0.735, 0.046), (0.02, 0.760, 0.056), (0.12, 0.800, 0.066)):
        x, y, r = view.x(side * (half - a - 0.02 * rng.random())), b * view.height, c * view.unit
        ground_shadow(image, (x - air.side * 0.7 * r, y), (1.7 * r, 0.24 * r))
        _bale(image, air, (x, y - r), r, side * 0.95 * r, rng=rng)
        if white:
            turn = np.linspace(np.pi, 2 * np.pi, 17)
            cap = np.stack([(1.275 * np.cos(turn) + side * 0.475) * r + x, 0.34 * r * np.sin(turn) + y - 1.72 * r], 1)
            stroke(image, [cap], _white(air))


def _bale(image: Array, air: Air, at: tuple[float, float], r: float, deep: float, *, rng: np.random.Generator) -> None:
    """Draw one round bale of radius r whose face is centred at `at` and whose body reaches `deep` pixels aside."""
    dark, bright = array(rgb("#6e4a1c") * air.brightness), array(rgb("#f6d880") * air.brightness)
    ring = np.linspace(0, 2 * np.pi, 34)
    face = np.stack([0.86 * r * np.cos(ring), r * np.sin(ring)], 1)
    hull = _hull(np.concatenate([face, face + np.array([deep, 0])]))
    lit = hull * (1, 0.52) - (0, 0.44 * r)
    paint(image, [hull + at, lit + at, face + at], [0.30, 0.62, 0.72], dark, bright)
    turn = np.linspace(0, 9 * np.pi, 90)
    spiral = np.stack([0.80 * np.cos(turn), 0.93 * np.sin(turn)], 1) * (r * turn / turn[-1])[:, None] + at
    paint(image, [bar(tuple(p), tuple(q), 0.040 * r) for p, q in pairwise(spiral)], [0.36] * 89, dark, bright)
    many = rng.random((70, 3))
    straws = [
        bar((at[0] + u, at[1] + v), (at[0] + u + (0.3 - w) * 0.2 * r, at[1] + v + 0.12 * r * (w - 0.5)), 0.02 * r)
        for u, v, w in (many - (0.5, 0.5, 0)) * (1.6 * r, 2 * r, 1)
        if u * u + v * v < 0.7 * r * r
    ]
    paint(image, straws, list(np.linspace(0.2, 1, len(straws))), dark, bright)


def _hull(points: Points) -> Points:
    """Give the convex hull of points (N, 2)."""
    return np.asarray(cv2.convexHull(np.asarray(points, np.float32)), np.float64).reshape(-1, 2)
