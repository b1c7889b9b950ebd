"""What a place may show besides: northern lights, lightning, rays of the sun, waterfalls, a sail, a ruin, leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.backdrops.growth import Points, colour, leaf_shapes, paint, round_trees
from limner.engines.illustrator.backdrops.land import hazed, outline
from limner.engines.illustrator.backdrops.trees import foliage
from limner.engines.illustrator.pixels import (
    SHIFT,
    Array,
    Colour,
    add,
    array,
    blur,
    fbm,
    fixed,
    fork,
    mix,
    over,
    rgb,
    screen,
    smoothstep,
)

if TYPE_CHECKING:
    from limner.engines.illustrator.backdrops.air import Air
    from limner.engines.illustrator.backdrops.base import View

AURORA = ("#3cf0a0", "#4ad8e8", "#9a5cf0", "#f060b0")


def aurora(sky: Array, view: View, rng: np.random.Generator) -> None:
    """Hang three curtains of northern lights in a sky (its rows alone), in place; they are made at half the size.

    A curtain is a winding line whose light streams upwards in rays and changes from green to violet, as in Lawlor
    and Genetti, "Interactive volume rendering aurora on the GPU", 2011, here as one sheet seen from the side.
    """
    h, w = max(4, sky.shape[0] // 2), max(4, sky.shape[1] // 2)
    y = ((np.arange(h, dtype=np.float32) + 0.5) / h)[:, None]
    light = np.zeros((h, w, 3), np.float32)
    scale = w / view.width
    for low, tall, wide in ((0.62, 0.62, 0.50), (0.46, 0.50, 0.36), (0.78, 0.36, 0.30)):
        own = fork(rng)
        line = cv2.resize(outline(view, wide, 3, own, 0.4)[None], (w, 1))[0]
        rays = cv2.resize(outline(view, 0.020, 4, own, 0.75)[None], (w, 1))[0]
        foot = low - 0.62 * (line - 0.5) - 0.10
        up = (foot[None] - y) / np.float32(tall)
        body = smoothstep(-0.035, 0.05, up) * np.exp(-np.clip(up, 0, 9) * (2.0 + 2.4 * rays[None]))
        fold = np.clip(
            0.30 + 1.0 * np.abs(np.gradient(cv2.blur(line[None], (max(3, round(9 * scale)), 1))[0]))[None] * w * 0.12,
            0,
            1.3,
        )
        strength = body * (0.25 + 1.15 * rays[None] ** 2) * fold
        hue = mix(
            mix(rgb(AURORA[0]), rgb(AURORA[1]), smoothstep(0.0, 0.35, up)[..., None]),
            rgb(AURORA[2]),
            smoothstep(0.25, 0.75, up)[..., None],
        )
        light += hue * strength[..., None]
    screen(
        sky, array(cv2.resize(np.clip(light * np.float32(1.7), 0, 1), sky.shape[1::-1], interpolation=cv2.INTER_CUBIC))
    )


def _bolt(x: float, y: float, length: float, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Draw the path of a bolt down from (x, y): short steps aside, now and then a long one."""
    points = [(x, y)]
    for a, b, c in rng.random((15, 3)):
        x, y = x + (a - 0.5) * length * (0.10 + 0.16 * c * c), y + length * (0.03 + 0.075 * b)
        points.append((x, y))
    return points


def lightning(sky: Array, view: View, side: float, rng: np.random.Generator) -> None:
    """Light the clouds of a sky (its rows alone) at one side (-1, 1) by a flash, with a forked bolt, in place."""
    unit, length = view.unit, 0.98 * len(sky)
    start = view.x(side * (0.28 + 0.1 * rng.random()))
    main = _bolt(start, -0.02 * view.height, length, rng)
    forks = [_bolt(*main[k], 0.35 * length, rng) for k in (5, 8)]
    mask = np.zeros((len(sky), view.width), np.uint8)
    for k, points in enumerate([main, *forks]):
        value, thick = (255, max(1, round(unit / 480))) if k == 0 else (120, max(1, round(unit / 900)))
        cv2.polylines(
            mask, [fixed(points)], isClosed=False, color=value, thickness=thick, lineType=cv2.LINE_AA, shift=SHIFT
        )
    sharp = array(mask) * np.float32(1 / 255)
    add(sky, (0.85, 0.9, 1.0), sharp)
    add(sky, (0.5, 0.55, 0.9), blur(sharp, 0.010 * unit) * np.float32(2.6))
    across = ((np.arange(view.width) - start) / (0.3 * unit)) ** 2
    flash = np.exp(-across)[None] * np.linspace(1, 0, len(sky), dtype=np.float32)[:, None]
    add(sky, (0.28, 0.30, 0.42), array(flash * 0.8))


def rays(canvas: Array, at: tuple[float, float], tint: Colour, strength: float, rng: np.random.Generator) -> None:
    """Let rays of light fan out from `at` (x, y in pixels), in place, at a quarter of the size: they have no edges.

    Source: light shafts as radial streaks, after Mitchell, "Volumetric light scattering as a post-process", 2007.
    """
    height, width = canvas.shape[:2]
    h, w = max(2, height // 4), max(2, width // 4)
    y = (np.arange(h, dtype=np.float32)[:, None] + 0.5) / h * height - at[1]
    x = (np.arange(w, dtype=np.float32)[None] + 0.5) / w * width - at[0]
    bands = fbm(1, 720, 15, 5, rng, gain=0.6)[0]
    bands[-60:] = np.linspace(bands[-60], bands[0], 60)
    turn = np.interp(np.arctan2(y, x), np.linspace(-np.pi, np.pi, 720), bands).astype(np.float32)
    d = np.hypot(x, y) / np.float32(min(height, 1.4 * width))
    light = smoothstep(0.42, 0.78, turn) * np.exp(-d / np.float32(0.62)) * smoothstep(0.02, 0.16, d)
    add(
        canvas,
        tint,
        array(cv2.resize(array(light), (width, height), interpolation=cv2.INTER_LINEAR) * np.float32(strength)),
    )


def waterfall(
    image: Array, view: View, air: Air, at: tuple[float, float, float], wide: float, *, haze: float = 0.14,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """Let water fall over a cliff, in place: `at` is x in units, and the rows it leaps from and lands at (fractions).

    The rock stands a little wider than the water, `wide` units; spray drifts around its foot.
    """
    x, top, low = view.x(at[0]), at[1] * view.height, at[2] * view.height
    unit, tall = view.unit, low - top
    rock = hazed(rgb("#39404a"), air, haze), hazed(rgb("#9a9284"), air, haze)
    leaf = foliage(view)
    bushes = (rgb("#7c8cac"), rgb("#f4f7ff")) if view.weather == "snow" else (leaf[0], leaf[1])
    leafage = hazed(bushes[0], air, haze), hazed(bushes[1], air, haze)
    _cliff(image, (x, top, low), wide * unit, inks=rock, greens=leafage, rng=fork(rng))
    t = np.linspace(0, 1, 24)
    half = wide * unit * (0.30 + 0.10 * t**1.5 + 0.03 * np.sin(t * 9))
    edge = np.stack([x - half, top + tall * t], 1)
    other = np.stack([x + half, top + tall * t], 1)
    bright = array(np.minimum(air.lit * 0.55 + 0.5 * air.brightness, 1.08))
    dark = mix(rgb("#5a86a0") * air.brightness, air.middle, 0.4)
    paint(image, [np.concatenate([edge, other[::-1]])], [0.40], dark, bright)
    shapes, tones = [], []
    for a, b, c, d in rng.random((90, 4)):
        begin, length = b * 0.9, 0.10 + 0.35 * c
        s = np.linspace(begin, min(1.0, begin + length), 7)
        spread = wide * unit * (0.28 + 0.10 * s**1.5)
        px = x + (a * 2 - 1) * spread + 0.006 * unit * np.sin(6 * s + 9 * d)
        thin = unit * 0.0022 * (0.5 + d) * np.sin(np.linspace(0.1, np.pi - 0.1, 7))
        shapes.append(
            np.concatenate([np.stack([px - thin, top + tall * s], 1), np.stack([px + thin, top + tall * s], 1)[::-1]])
        )
        tones.append(float(np.clip(0.55 + 0.55 * d - 0.2 * (c > 0.8), 0, 1)))
    paint(image, shapes, tones, dark, bright)
    _spray(image, (x, low), 1.3 * wide * unit, bright, fork(rng))


def _cliff(
    image: Array, at: tuple[float, float, float], wide: float, *, inks: tuple[Colour, Colour],
    greens: tuple[Colour, Colour], rng: np.random.Generator,
) -> None:  # fmt: skip
    """Raise the rock on both sides of a fall, with moss on its ledges and bushes on its brow, in place."""
    x, top, low = at
    for side in (-1.0, 1.0):
        facets, tones, mossy = _rock((x, top, low), wide, side, rng)
        paint(image, facets, tones, *inks)
        moss = np.array([facets[k].mean(0) for k in mossy]).reshape(-1, 2)
        tufts = leaf_shapes(
            moss[:, 0], moss[:, 1], 0.046 * wide * (0.5 + rng.random(len(moss))), 0.5 * np.ones(len(moss))
        )
        paint(image, tufts, [0.9 * tones[k] for k in mossy], mix(inks[0], greens[0], 0.6), mix(inks[1], greens[1], 0.7))
    many = rng.random((16, 3))
    sides = np.where(many[:, 0] > 0.5, 1, -1)
    places = np.stack(
        [
            x + sides * wide * (0.46 + 0.52 * many[:, 1]),
            top + (low - top) * (0.10 + 0.27 * many[:, 1] ** 2),
            wide * (0.05 + 0.06 * many[:, 2]),
        ],
        1,
    )
    round_trees(image, places, array(greens[0]), array(greens[1]), sun=1.0, rng=rng)


def _rock(
    at: tuple[float, float, float], wide: float, side: float, rng: np.random.Generator
) -> tuple[list[Points], list[float], list[int]]:
    """Give the facets of the rock at one side, how bright each is, and the numbers of those that moss grows on.

    A net of shaken points stands out in ridges at random, and every triangle of it is lit by its slope, as in the
    fractal mountains of Fournier, Fussell and Carpenter, "Computer rendering of stochastic models", 1982.
    """
    x, top, low = at
    rows, columns = 24, 17
    t, s = np.meshgrid(np.linspace(0, 1, rows), np.linspace(0, 1, columns), indexing="ij")
    brow = (0.03 + 0.07 * rng.random(columns) + 0.20 * s[0] ** 2) * (1 - 0.6 * (s[0] < 0.1))
    reach = wide * (0.74 + 0.42 * t**1.4 + 0.10 * rng.random((rows, 1)))
    across = 0.24 * wide + s * reach + rng.normal(0, 0.016 * wide, t.shape)
    down = brow * (1 - t) + 1.04 * t + rng.normal(0, 0.010, t.shape)
    height = _ridges(t.shape, rng)
    net = np.stack([x + side * across, top + (low - top) * down], 2).reshape(-1, 2)
    first = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
    upper = np.stack([first, first + 1, first + columns + 1], 1)
    lower = np.stack([first, first + columns + 1, first + columns], 1)
    three = np.stack([upper, lower], 1).reshape(-1, 3)
    a, b, c = height.ravel()[three].T
    even, deep = np.arange(len(three)) % 2 == 0, t.ravel()[three[:, 0]]
    across_slope, down_slope = side * np.where(even, b - a, b - c), np.where(even, c - b, c - a)
    tones = np.clip(0.50 + 0.42 * down_slope - 0.26 * across_slope - 0.20 * deep, 0.02, 1)
    damp = _ridges(t.shape, rng).ravel()[three[:, 0]] + 0.5 * down_slope - 0.7 * deep
    return [net[k] for k in three], [float(tone) for tone in tones], [int(k) for k in np.flatnonzero(damp > 0.55)]


def _ridges(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Give heights (H, W) of deviation about 1: broad ledges, and half as much that is rough."""
    rows, columns = shape
    broad = array(rng.normal(0, 0.8, (7, 6)))
    return array(cv2.resize(broad, (columns, rows), interpolation=cv2.INTER_CUBIC) + rng.normal(0, 0.34, shape))


def _spray(image: Array, at: tuple[float, float], size: float, ink: Colour, rng: np.random.Generator) -> None:
    """Let spray drift where the water lands, in place."""
    h, w = image.shape[:2]
    rows = slice(max(0, int(at[1] - 0.9 * size)), min(h, int(at[1] + 0.6 * size)))
    if rows.stop <= rows.start:
        return
    y = (np.arange(rows.start, rows.stop, dtype=np.float32)[:, None] - at[1]) / np.float32(0.30 * size)
    x = (np.arange(w, dtype=np.float32)[None] - at[0]) / np.float32(0.62 * size)
    drift = fbm(rows.stop - rows.start, w, 0.35 * size, 4, rng)
    over(image[rows], ink, array(np.clip(np.exp(-x * x - y * y) * (drift * 1.6 + 0.1), 0, 0.95)))


def sail(image: Array, view: View, air: Air, at: tuple[float, float], size: float, *, rng: np.random.Generator) -> None:
    """Let a sailing boat lie on the water at `at` (units, fraction), `size` units tall, with its mirror, in place."""
    x, y, unit = view.x(at[0]), at[1] * view.height, size * view.unit
    turn = 1 if rng.random() < 0.5 else -1
    shape = np.array([turn, 1.0])
    hull = np.array([(-0.42, -0.10), (0.50, -0.12), (0.34, 0.02), (-0.30, 0.02)])
    band = np.array([(-0.42, -0.10), (0.50, -0.12), (0.47, -0.075), (-0.40, -0.065)])
    t = np.linspace(0, 1, 9)
    main = np.concatenate(
        [
            np.stack([-0.02 - 0.06 * np.sin(t * np.pi) * 0 - 0.02 * t, -0.14 - 0.84 * t], 1),
            np.stack([-0.04 - 0.36 * (1 - t[::-1]) ** 0.8 - 0.04 * np.sin(np.pi * t), -0.98 + 0.80 * t], 1),
        ]
    )
    jib = np.concatenate(
        [[(0.02, -0.90)], np.stack([0.02 + 0.40 * t + 0.03 * np.sin(np.pi * t), -0.90 + 0.74 * t], 1), [(0.04, -0.20)]]
    )
    mast = np.array([(-0.008, -1.0), (0.008, -1.0), (0.010, -0.10), (-0.010, -0.10)])
    white, shade = np.minimum(rgb("#fffaf0") * air.brightness * 1.06, 1.08), rgb("#c8bca8") * air.brightness
    inks = [rgb("#3a2c28") * air.brightness, rgb("#8a3a2c") * air.brightness, white * 0.9, white, shade]
    haze = mix(np.stack(inks), air.horizon, 0.16)
    parts = [(mast, 0), (main, 3), (jib, 4), (hull, 1), (band, 2)]
    mirrored = [part * (1, -0.55) * shape * unit + (x, y + 0.03 * unit) for part, _ in parts]
    order = array(np.stack([haze[k] for _, k in parts]))
    glass = image.copy() if image.size < 64 else image[max(0, int(y)) : int(y + 0.7 * unit) + 2].copy()
    colour(image, mirrored, order)
    low = slice(max(0, int(y)), max(0, int(y)) + len(glass))
    image[low] = mix(image[low], glass[: len(image[low])], 0.62)
    colour(image, [part * shape * unit + (x, y) for part, _ in parts], order)


def _temple(side: float, rng: np.random.Generator) -> list[tuple[float, ...]]:
    """Give the stones of a ruined temple: left, right, foot and top in shares of its size, and their brightness."""
    stones = [(-0.86 + 0.05 * k, 0.86 - 0.05 * k, 0.035 * k, 0.035 * (k + 1), 0.50 + 0.12 * k) for k in range(3)]
    tall = np.array([0.86, 0.86, 0.86, 0.55, 0.86, 0.40])[rng.permutation(6)]
    at = np.linspace(-0.66, 0.66, 6)
    for place, high in zip(at, tall, strict=True):
        for j in range(6):
            lit = (0.30 + 0.62 * (j if side > 0 else 5 - j) / 5) * (0.86 if j % 2 else 1.0)
            stones.append((place - 0.070 + 0.0233 * j, place - 0.070 + 0.0233 * (j + 1), 0.10, high, lit))
        if high > 0.8:
            stones.append((place - 0.10, place + 0.10, 0.86, 0.92, 0.9))
    # Two neighbours that still stand carry a beam; among four of six there always are some.
    k = next(k for k in range(5) if tall[k] > 0.8 and tall[k + 1] > 0.8)
    return [
        *stones, (at[k] - 0.12, at[k + 1] + 0.12, 0.92, 1.02, 0.62), (at[k] - 0.14, at[k + 1] + 0.14, 1.02, 1.05, 0.95),
    ]  # fmt: skip


def ruin(image: Array, view: View, air: Air, at: tuple[float, float], size: float, *, rng: np.random.Generator) -> None:
    """Stand the columns of a ruined temple at `at` (units, fraction), `size` units tall, in place."""
    x, y, unit = view.x(at[0]), at[1] * view.height, size * view.unit
    dark, bright = array(rgb("#5c5450") * air.brightness), array(rgb("#f0e4cc") * air.brightness)
    blocks = np.array(_temple(air.side, rng))
    corners = np.stack([blocks[:, [0, 1, 1, 0]], -blocks[:, [2, 2, 3, 3]]], 2) * unit + (x, y)
    paint(image, list(corners), blocks[:, 4], dark, bright)
    many = rng.random((60, 4))
    lx, ly = x + (many[:, 0] - 0.5) * 1.8 * unit, y - (0.02 + 0.45 * many[:, 1] ** 3) * unit
    greens = foliage(view)
    paint(
        image,
        leaf_shapes(lx, ly, unit * (0.016 + 0.014 * many[:, 2]), many[:, 3] * 3),
        list(many[:, 2]),
        array(greens[0] * air.brightness),
        array(greens[1] * air.brightness),
    )


def drifting(image: Array, view: View, tint: Colour, *, rng: np.random.Generator) -> None:
    """Let leaves of autumn, or petals, drift through the air, in place; the last few are close and out of focus."""
    autumn = "autumn" in view.details
    inks = ("#d8641c", "#ffb43c", "#b83a14", "#f0d050") if autumn else ("#ffd0e2", "#ffeef4", "#f4a8c8", "#ffffff")
    many = rng.random((54, 6))
    near = np.arange(54) > 46
    x = view.x(0) + (many[:, 0] - 0.5) * max(1.6, view.width / view.unit) * view.unit
    size = view.unit * (np.where(near, 0.013, 0.0042) + np.where(near, 0.010, 0.0055) * many[:, 2] ** 2)
    shapes = np.stack(leaf_shapes(np.zeros(54), np.zeros(54), size * (1.0 if autumn else 0.75), np.zeros(54)))
    shapes[..., 1] *= (0.35 + 0.9 * many[:, 5])[:, None]
    c, s = np.cos(many[:, 3] * 6.3)[:, None], np.sin(many[:, 3] * 6.3)[:, None]
    across, down = shapes[..., 0] * c - shapes[..., 1] * s, shapes[..., 0] * s + shapes[..., 1] * c
    turned = np.stack([across + x[:, None], down + many[:, 1:2] * view.height], 2)
    own = np.stack([rgb(inks[int(k * len(inks))]) for k in many[:, 4]]) * tint
    colour(image, list(turned[~near]), array(own[~near]))
    for shape, ink in zip(turned[near], own[near], strict=True):
        _soft(image, shape, array(ink), 0.0028 * view.unit)


def _soft(image: Array, shape: Points, ink: Colour, sigma: float) -> None:
    """Paint a polygon out of focus, in place, on its own rectangle."""
    pad = 4 * sigma + 2
    x0, y0 = (int(max(0, v - pad)) for v in shape.min(0))
    x1, y1 = (int(min(n, v + pad)) for n, v in zip(image.shape[1::-1], shape.max(0), strict=True))
    if x1 <= x0 or y1 <= y0:
        return
    spot = np.zeros((y1 - y0, x1 - x0), np.uint8)
    cv2.fillConvexPoly(spot, np.round(shape - (x0, y0)).astype(np.int32), 255)
    over(image[y0:y1, x0:x1], ink, array(blur(array(spot) / np.float32(255), max(0.6, sigma)) * np.float32(0.85)))
