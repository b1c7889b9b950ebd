"""Broad-leaved trees: limbs that bend and thin out, and leaves in clouds that the sun models."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.backdrops.growth import Points, colour, leaf_shapes, paint
from limner.engines.illustrator.pixels import Array, Colour, array, fork, mix, rgb, smoothstep

if TYPE_CHECKING:
    from limner.engines.illustrator.backdrops.air import Air
    from limner.engines.illustrator.backdrops.base import View
    from limner.engines.illustrator.scene import Time

Foliage = tuple[Colour, Colour, Colour]
LEAVES: dict[str, dict[Time, tuple[str, str, str]]] = {
    # in the shade, by day, in the sun
    "green": {
        "day": ("#1d4218", "#4f8f2a", "#b4dc58"), "golden": ("#333f14", "#8f9230", "#f6dc6c"),
        "night": ("#0d1f2a", "#2a544f", "#6f9a94"),
    },
    "autumn": {
        "day": ("#6e2410", "#d8641c", "#ffc23c"), "golden": ("#5a1e0c", "#d4601a", "#ffb43c"),
        "night": ("#2a1420", "#7a4030", "#c48a50"),
    },
    "blossom": {
        "day": ("#a85078", "#f2a0c0", "#fff0f6"), "golden": ("#9a4a5c", "#f4a090", "#ffe6d0"),
        "night": ("#3a2a58", "#9078b0", "#dcc8ec"),
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Limb:
    """A limb of a tree: its middle line (N, 2) in pixels, and its half width at each point."""

    path: Points
    half: Points

    def outline(self, shift: float = 0.0, share: float = 1.0) -> Points:
        """Give its outline, or that of a strip of it: `shift` (-1..1) aside and `share` as wide."""
        along = np.gradient(self.path, axis=0)
        along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-9
        across = np.stack([-along[:, 1], along[:, 0]], 1) * self.half[:, None]
        middle = self.path + across * shift
        return np.concatenate([middle - across * share, (middle + across * share)[::-1]])


def outlines(limbs: list[Limb], shift: float = 0.0, share: float = 1.0) -> list[Points]:
    """Give the outlines of limbs of as many points each at once; see `Limb.outline`."""
    path, half = np.stack([limb.path for limb in limbs]), np.stack([limb.half for limb in limbs])
    along = np.gradient(path, axis=1)
    along /= np.linalg.norm(along, axis=2, keepdims=True) + 1e-9
    across = np.stack([-along[..., 1], along[..., 0]], 2) * half[..., None]
    middle = path + across * shift
    return list(np.concatenate([middle - across * share, (middle + across * share)[:, ::-1]], 1))


def foliage(view: View) -> Foliage:
    """Give the colours of leaves in this view: in the shade, by day, in the sun."""
    kind = next((kind for kind in ("autumn", "blossom") if kind in view.details), "green")
    shade, middle, sun = (rgb(c) for c in LEAVES[kind][view.time])
    return shade, middle, sun


def limbs(x: float, y: float, height: float, rng: np.random.Generator) -> tuple[list[Limb], Points]:
    """Grow the limbs of a broad tree at (x, y): thick ones first, and the tips (N, 2) where leaves hang.

    Source: the branching of Honda, "Description of the form of trees by the parameters of the tree-like body",
    1971; limbs keep Leonardo's rule that the branches' sections add up to the stem's.
    """
    grown: list[Limb] = []
    tips: list[Points] = []

    def grow(at: Points, angle: float, length: float, half: float, left: int) -> None:
        t = np.linspace(0, 1, 7)
        bend = rng.normal(0, 0.22) + (math.pi / 2 - angle) * 0.16
        turned = angle + bend * t
        steps = np.stack([np.cos(turned), -np.sin(turned)], 1) * length / 6
        path = at + np.concatenate([[(0, 0)], np.cumsum(steps[1:], 0)])
        flare = 0.9 * np.exp(-7 * t) if left == 5 else 0
        grown.append(Limb(path, half * (1 - 0.32 * t + flare)))
        if left < 3:
            tips.extend((path[3], path[-1]))
        for k in range(0 if left == 0 else 3 if left > 3 else 2):
            turn = (k - 1) * (0.50 + 0.22 * rng.random()) if left > 3 else (2 * k - 1) * (0.30 + 0.35 * rng.random())
            start = path[-1 if k != 1 or left < 5 else -2]
            grow(start, turned[-1] + turn, length * (0.66 + 0.16 * rng.random()), half * 0.66 * 0.68, left - 1)

    grow(np.array([x, y]), math.pi / 2 + rng.normal(0, 0.05), 0.30 * height, 0.040 * height, 5)
    return grown, np.array(tips)


def wood(image: Array, grown: list[Limb], bark: tuple[Colour, Colour], side: float) -> None:
    """Paint limbs with a lit edge towards `side` (-1 left, 1 right) and furrows of bark, in place."""
    dark, bright = bark
    order = grown[::-1]
    pairs = zip(outlines(order), outlines(order, -0.45 * side, 0.45), strict=True)
    shapes = [shape for pair in pairs for shape in pair]
    tones = [0.12, 0.50] * len(order)
    for shift in (-0.6, -0.2, 0.25, 0.62):
        shapes.append(grown[0].outline(shift, 0.06))
        tones.append(0.0 if shift * side < 0.5 else 1.0)
    paint(image, shapes, tones, dark, bright)


def _cloud(
    tips: Points, size: float, count: int, sun: float, rng: np.random.Generator
) -> tuple[Points, Points, Points]:
    """Scatter leaves around the tips: where they are (N, 2), how far each lies towards the sun, and their sizes."""
    at = tips[rng.integers(0, len(tips), 4000)[:count]]
    off = rng.normal(0, 1, (4000, 2))[:count]
    off /= np.maximum(1, np.linalg.norm(off, axis=1, keepdims=True) / 1.5)
    place = at + off * (0.058 * size, 0.044 * size)
    middle, spread = tips.mean(0), tips.std(0) + 1e-6
    whole = (place - middle) / spread
    lit = 0.34 * (whole @ np.array([0.55 * sun, -0.85])) + 0.46 * (off @ np.array([0.55 * sun, -0.85]))
    return place, lit, size * (0.010 + 0.012 * rng.random(4000)[:count])


def leaves(
    image: Array, tips: Points, size: float, colours: Foliage, *, sun: float, fine: bool, rng: np.random.Generator
) -> None:
    """Hang leaves around the tips, those in the shade first, in place; `sun` is -1 (from the left) or 1."""
    count = round((2600 if fine else 1500) * min(1.0, 0.32 + 1.1 * size / 900))
    place, lit, radius = _cloud(tips, size, count, sun, fork(rng))
    jitter = rng.normal(0, 0.16, 4000)[:count]
    tone = np.clip(0.44 + 0.36 * lit + jitter, 0, 1)
    order = np.argsort(lit + 0.6 * jitter)
    dark, middle, bright = colours
    inks = mix(mix(dark, middle, smoothstep(0.0, 0.55, tone)[:, None]), bright, smoothstep(0.5, 1.0, tone)[:, None])
    grown = radius * (1.75 - 0.95 * smoothstep(0.1, 0.7, tone)) * (1.0 if fine else 1.25)
    shapes = np.stack(leaf_shapes(place[:, 0], place[:, 1], grown, rng.random(4000)[:count] * np.pi))
    colour(image, list(shapes[order]), array(inks[order]))


def broad_tree(
    image: Array, view: View, at: tuple[float, float], size: float, *, air: Air, colours: Foliage | None,
    rng: np.random.Generator,
) -> Points:  # fmt: skip
    """Stand a broad tree at `at` (pixels), `size` pixels tall, in place; bare and snowed on without leaf `colours`.

    Gives the points of its lowest strong limb (N, 2), where a swing may hang.
    """
    sun = air.side
    grown, tips = limbs(*at, size, fork(rng))
    tint = air.brightness
    bark = array(rgb("#2c1c14") * tint), array(rgb("#9a7450") * tint + air.rim * 0.10)
    painter = fork(rng)
    if colours is None:
        snow = array(np.minimum(rgb("#f6f8ff") * tint * 1.2, 1.05))
        lifted = [shape + np.array([0, -0.009 * size]) for shape in outlines(grown[::-1])]
        paint(image, lifted, [1.0] * len(lifted), snow, snow)
        wood(image, grown, bark, sun)
        return grown[1].path
    lit: Foliage = (
        array(colours[0] * tint),
        array(colours[1] * tint),
        array(np.minimum(colours[2] * tint * 1.08, 1.2)),
    )
    inner = tips[::3]
    shaded: Foliage = (array(lit[0] * 0.75), array(mix(lit[0], lit[1], 0.4)), lit[1])
    leaves(image, inner, size, shaded, sun=sun, fine=False, rng=fork(painter))
    wood(image, grown, bark, sun)
    leaves(image, tips, size, lit, sun=sun, fine=view.fine, rng=fork(painter))
    return grown[1].path
