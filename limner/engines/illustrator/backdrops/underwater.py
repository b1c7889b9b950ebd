"""Under water: light that falls through the waves in shafts and dances on the sand, corals, kelp and bubbles."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.backdrops.base import Light, Scenery, View
from limner.engines.illustrator.backdrops.fronts import heap
from limner.engines.illustrator.backdrops.land import depth, grit, ground_noise, lay, outline, sample, tile
from limner.engines.illustrator.backdrops.reef import KINDS, boulder, bubbles, hues, kelp, motes, shoal
from limner.engines.illustrator.pixels import (
    Array,
    add,
    array,
    blur,
    column,
    fbm,
    fork,
    glow,
    mix,
    resize,
    rgb,
    smoothstep,
)

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Time

HORIZON = 0.60
BED = 0.74


@dataclass(frozen=True, slots=True)
class Deep:
    """The colours under water at one time: surface, middle and depth, the light, the sand, and what lights subjects."""

    water: tuple[str, str, str]
    ray: str
    sand: tuple[str, str]
    light: tuple[str, str, str]
    glow: float


DEEPS: dict[Time, Deep] = {
    "day": Deep(
        ("#8fe6ee", "#2aa4c8", "#0e5f96"), "#eafff4", ("#5f9a9a", "#f0e6bc"), ("#f2fff0", "#4a8496", "#bff4f0"), 1.0,
    ),
    "golden": Deep(
        ("#ffd9a0", "#5a9aa0", "#1f4f78"), "#ffe2a8", ("#7a8078", "#f2d8a4"), ("#ffe0b0", "#50788a", "#ffe0a8"), 0.9,
    ),
    "night": Deep(
        ("#3a66b0", "#142e6e", "#060f34"), "#a8c8ff", ("#22386e", "#7a94c8"), ("#a4bcf0", "#34508a", "#8ab0f0"), 0.55,
    ),
}  # fmt: skip


def underwater(view: View) -> Scenery:
    """Paint the sea from below; subjects swim and float freely over the sand."""
    rng = fork(view.rng)
    deep = DEEPS[view.time]
    dull = 0.0 if view.weather in ("clear", "fog") else 0.45
    spot = (rng.random() - 0.5) * 0.5
    far = view.far()
    image = _water(far, deep, dull)
    _surface(image, far, deep, spot, rng=fork(rng))
    water = mix(rgb(deep.water[1]), rgb(deep.water[2]), 0.35 + 0.4 * dull)
    _distance(image, far, water, fork(rng))
    _bed(image, far, deep, water, dull, rng=fork(rng))
    _shafts(image, far, deep, spot, 1 - dull, rng=fork(rng))
    _forest(image, far, water, fork(rng))
    image = resize(image, view.width, view.height, smooth=True)
    _reef(image, view, water, fork(rng))
    bubbles(image, view, rgb(deep.ray) * 0.7, fork(rng))
    motes(image, view, rgb(deep.ray), fork(rng))
    key, up, rim = (rgb(c) for c in deep.light)
    down = array(rgb(deep.sand[1]) * rgb(deep.light[1]) * 0.8)
    light = Light(
        key,
        (0.22 if spot > 0 else -0.22, -0.86, 0.46),
        up,
        down,
        rim,
        (0.4 if spot > 0 else -0.4, -0.9),
        -0.15,
        0.35,
        0.1,
    )
    return Scenery(image, HORIZON, (0.80, 0.94), light, "air", heap(view, 0.018, 0.05))


def _water(view: View, deep: Deep, dull: float) -> Array:
    top, middle, low = (rgb(c) * (1 - 0.35 * dull) for c in deep.water)
    run = column(view.height, [(0, top), (0.16, mix(top, middle, 0.55)), (0.42, middle), (0.86, low), (1, low)])
    return np.repeat(run, view.width, axis=1)


def _surface(image: Array, view: View, deep: Deep, spot: float, *, rng: np.random.Generator) -> None:
    """Let the surface shimmer overhead, seen from below: the sun's patch within Snell's window, in place."""
    h = max(4, round(0.22 * view.height))
    far = array(1 / (1.02 - (np.arange(h, dtype=np.float32)[:, None] + 0.5) / h * 0.92))
    web = _web(view, far[::1], 0.50, rng)
    fade = smoothstep(1.0, 0.15, (np.arange(h, dtype=np.float32)[:, None] + 0.5) / h)
    near = np.exp(-(((view.across() - np.float32(spot)) / 0.55) ** 2)) * 0.75 + 0.25
    part = np.ascontiguousarray(image[:h])
    add(part, rgb(deep.ray), array(web * fade * near * np.float32(0.85 * deep.glow)))
    image[:h] = part
    glow(image, (view.x(spot), -0.03 * view.height), 0.50 * view.unit, rgb(deep.ray), 0.75 * deep.glow)


def _web(view: View, far: Array, grain: float, rng: np.random.Generator) -> Array:
    """Give the net of bright lines that waves focus on a plane, 0..1: the crests of two ridged noises.

    A look-alike of the caustics of Stam, "Random caustics: natural textures and wave theory revisited", 1996.
    """
    one = np.abs(sample(tile(26, 26, rng), view, far, grain, grain) - np.float32(0.5))
    two = np.abs(sample(tile(17, 17, rng), view, far, grain * 1.1, grain * 1.1) - np.float32(0.5))
    lines = np.maximum(1 - one * np.float32(7.0), 0) ** 2 + np.maximum(1 - two * np.float32(8.0), 0) ** 2 * 0.7
    return array(np.clip(lines, 0, 1.2))


def _distance(image: Array, view: View, water: Array, rng: np.random.Generator) -> None:
    """Set three rows of far reefs in the blue, with kelp on them and a shoal before them, in place."""
    for base, height, share in ((0.60, 0.15, 0.80), (0.68, 0.17, 0.60), (0.74, 0.15, 0.40)):
        own = fork(rng)
        line = outline(view, 0.34, 5, own)
        sides = 0.6 + 1.1 * smoothstep(0.10, 0.55, np.abs(view.across()[0]))
        top = array((base * view.height) - height * view.unit * sides * smoothstep(0.40, 0.85, line))
        ink = mix(rgb("#123848") * (0.4 + water), water, share)
        rows = np.arange(view.height, dtype=np.float32)[:, None]
        lit = np.exp(-np.clip((rows - top[None]) / (0.03 * view.unit), 0, 9))
        lay(image, top, mix(ink, mix(ink, 1, 0.25), array(lit)[..., None] * (1 - share) * 1.2))
        for a, b, c in own.random((7, 3)):
            at = (a - 0.5) * 1.8
            column_at = int(np.clip(view.x(at), 0, view.width - 1))
            foot = (view.x(at), float(top[column_at]) + 0.02 * view.unit)
            kelp(image, foot, (0.14 + 0.20 * b) * view.unit, (ink * 0.9, mix(ink, 1, 0.10 * c)), rng=own)
    shoal(image, view, mix(rgb("#0c2c48"), water, 0.45), fork(rng))
    image[:] = blur(image, 0.0016 * view.unit)


def _bed(image: Array, view: View, deep: Deep, water: Array, dull: float, *, rng: np.random.Generator) -> None:
    """Spread the sand with its ripples and the web of light on it, in place."""
    line = array(BED * view.height - 0.03 * view.unit * (outline(view, 0.5, 4, rng) - 0.5))
    top = max(0, math.floor(float(line.min())) - 1)
    far = depth(view, top, 0.22)
    swell = ground_noise(view, far, 0.5, rng)
    bend = sample(tile(64, 64, rng), view, far, 0.22, 0.22)
    ripples = np.sin(np.repeat(far, view.width, axis=1) * np.float32(26) + bend * np.float32(13)) * smoothstep(
        4.4, 1.8, far
    )
    web = _web(view, far, 0.62, rng) * np.float32((1 - dull) * deep.glow)
    grains = grit(view, far, fork(rng)) * np.float32(0.30) if view.fine else np.float32(0)
    tone = np.clip(0.42 + grains + (swell - 0.5) * 1.3 + 0.09 * ripples + 0.42 * web, 0, 1.3)
    dark, bright = (rgb(c) for c in deep.sand)
    d = np.linspace(0, 1, len(far), dtype=np.float32)[:, None]
    sand = mix(dark, bright, tone[..., None])
    part = np.ascontiguousarray(image[top:])
    lay(part, array(line - top), mix(sand, water, (0.85 * (1 - d) ** 1.5 + 0.06)[..., None]))
    image[top:] = part


def _shafts(image: Array, view: View, deep: Deep, spot: float, share: float, *, rng: np.random.Generator) -> None:
    """Let shafts of light fan down from the sun's patch, in place, at a quarter of the size: they have no edges."""
    h, w = max(2, view.height // 4), max(2, view.width // 4)
    y = ((np.arange(h, dtype=np.float32) + 0.5) / h)[:, None]
    x = ((np.arange(w, dtype=np.float32) + 0.5 - w / 2) / w * view.width / view.unit)[None]
    angle = np.arctan((x - spot) / (y * np.float32(view.height / view.unit) + 0.55))
    bands = fbm(1, 512, 22, 4, rng)[0]
    light = smoothstep(0.50, 0.78, np.interp(angle, np.linspace(-1.2, 1.2, 512), bands).astype(np.float32))
    fall = smoothstep(1.0, 0.0, y) ** np.float32(0.8) * np.exp(-((angle / 0.55) ** 2))
    soft = cv2.resize(array(light * fall), (view.width, view.height), interpolation=cv2.INTER_CUBIC)
    add(image, rgb(deep.ray), np.maximum(soft, 0) * np.float32(0.42 * share * deep.glow))


def _forest(image: Array, view: View, water: Array, rng: np.random.Generator) -> None:
    """Let tall kelp sway at both sides, in place."""
    half = min(0.78, view.width / view.unit / 2)
    kelp_inks = mix(rgb("#0f4a34"), water, 0.25), mix(rgb("#9ac04a"), water, 0.25)
    for a, b in rng.random((7, 2)):
        side = 1 if b > 0.5 else -1
        at = view.x(side * (half - 0.02 - 0.16 * a)), (0.80 + 0.06 * a) * view.height
        kelp(image, at, (0.42 + 0.30 * b) * view.unit, kelp_inks, rng=fork(rng))


def _reef(image: Array, view: View, water: Array, rng: np.random.Generator) -> None:
    """Build the reef at both sides, far things first; the middle stays free, in place."""
    half = min(0.78, view.width / view.unit / 2)
    many = rng.random((12, 4))
    many = many[np.argsort(many[:, 2])]
    for hue, (a, b, c, d), k in zip(hues(12, fork(rng)), many, range(12), strict=False):
        own, near = fork(rng), 0.25 + 0.75 * c
        place = (-1 if k % 2 else 1) * (half + 0.03 - (0.06 + 0.17 * a) * near)
        at, size = (view.x(place), (0.79 + 0.20 * c) * view.height), view.unit * (0.085 + 0.075 * b) * (0.6 + 0.7 * c)
        stone = mix(rgb("#1f3a4c"), water, 0.35), mix(rgb("#7a9aa4"), water, 0.25)
        boulder(image, (at[0], at[1] + 0.12 * size), (0.8 * size, 0.42 * size), stone, rng=own)
        KINDS[int(d * len(KINDS)) % len(KINDS)](image, at, size, hue, (water, 0.34 * (1 - c) + 0.05), rng=own)
