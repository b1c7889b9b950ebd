"""What grows and drifts under water: corals, sponges, kelp, rocks, bubbles and far shoals."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.backdrops.growth import LEAF, Points, colour, dots, leaf_shapes, paint
from limner.engines.illustrator.backdrops.trees import Limb, outlines
from limner.engines.illustrator.pixels import Array, Colour, add, array, mix, rgb

if TYPE_CHECKING:
    from limner.engines.illustrator.backdrops.base import View

CORALS = ("#ff6f61", "#ff9f4a", "#e85aa8", "#b46ae8", "#ffd25e", "#46c8b0", "#ff8fb0")
RING = np.linspace(0, 2 * np.pi, 22, endpoint=False)


def _tones(hue: Colour, water: Colour, depth: float) -> tuple[Colour, Colour]:
    """Give a colour in the shade and in the light, as it looks through so much water (0..1)."""
    shade = mix(hue * 0.34, water * 0.5, 0.3)
    return mix(shade, water, depth), mix(np.minimum(hue * 1.12, 1.1), water, depth)


def branching(
    image: Array,
    at: tuple[float, float],
    size: float,
    hue: Colour,
    water: tuple[Colour, float],
    *,
    rng: np.random.Generator,
) -> None:
    """Grow a staghorn coral `size` pixels tall at `at`, in place; `water` is its colour and how much lies between."""
    limbs: list[Limb] = []

    def grow(start: Points, angle: float, length: float, half: float, left: int) -> None:
        t = np.linspace(0, 1, 6)
        turned = angle + rng.normal(0, 0.16) * t + (math.pi / 2 - angle) * 0.25 * t
        path = start + np.concatenate(
            [[(0, 0)], np.cumsum(np.stack([np.cos(turned[1:]), -np.sin(turned[1:])], 1) * length / 5, 0)]
        )
        limbs.append(Limb(path, half * (1 - 0.25 * t) * np.where(t > 0.99, 0.45, 1.0)))
        for k in range(0 if left == 0 else 2 + int(rng.random() < 0.3)):
            grow(
                path[-2 - k % 2],
                turned[-1] + (k - 0.5) * (0.75 + 0.4 * rng.random()),
                length * (0.70 + 0.2 * rng.random()),
                half * 0.78,
                left - 1,
            )

    for k in range(4):
        spread = (k - 1.5) * 0.42 + rng.normal(0, 0.08)
        grow(np.array(at), math.pi / 2 - spread, 0.36 * size, 0.045 * size, 3)
    dark, bright = _tones(hue, *water)
    pairs = zip(outlines(limbs[::-1]), outlines(limbs[::-1], 0.35, 0.42), strict=True)
    shapes, tones = [shape for pair in pairs for shape in pair], [0.30, 0.85] * len(limbs)
    paint(image, shapes, tones, dark, bright)


def brain(
    image: Array,
    at: tuple[float, float],
    size: float,
    hue: Colour,
    water: tuple[Colour, float],
    *,
    rng: np.random.Generator,
) -> None:
    """Round a brain coral with its winding furrows, in place."""
    (x, y), size = at, 0.62 * size
    dark, bright = _tones(hue, *water)
    shapes: list[Points] = []
    tones: list[float] = []
    for k in range(6):
        r = size * (1 - 0.15 * k)
        shapes.append(
            np.stack(
                [x + 0.05 * k * size + r * np.cos(RING), y - 0.28 * size - 0.05 * k * size + 0.72 * r * np.sin(RING)], 1
            )
        )
        tones.append(0.18 + 0.13 * k)
    furrows: list[Limb] = []
    for a, b, c in rng.random((46, 3)):
        turn, r = a * 2 * np.pi, size * math.sqrt(b) * 0.86
        bend = np.linspace(0, 1, 6)
        away = r + 0.10 * size * np.sin(5 * bend + 9 * c)
        angle = turn + 0.5 * bend
        line = np.stack([x + away * np.cos(angle), y - 0.28 * size + 0.72 * away * np.sin(angle)], 1)
        furrows.append(Limb(line, np.full(6, 0.012 * size)))
    shapes, tones = shapes + outlines(furrows), tones + [0.14] * len(furrows)
    paint(image, shapes, tones, dark, bright)


def tubes(
    image: Array,
    at: tuple[float, float],
    size: float,
    hue: Colour,
    water: tuple[Colour, float],
    *,
    rng: np.random.Generator,
) -> None:
    """Stand a family of tube sponges with dark mouths, in place."""
    dark, bright = _tones(hue, *water)
    many = rng.random((6, 3))
    for a, b, c in many[np.argsort(-many[:, 1])]:
        tall, half = size * (0.45 + 0.55 * b), size * (0.055 + 0.03 * c)
        x = at[0] + (a - 0.5) * 0.75 * size
        t = np.linspace(0, 1, 7)
        path = np.stack([x + (a - 0.5) * 0.35 * size * t, at[1] - tall * t], 1)
        limb = Limb(path, half * (0.8 + 0.35 * t))
        mouth = path[-1] + np.stack([1.15 * half * np.cos(RING), 0.42 * half * np.sin(RING)], 1)
        inner = path[-1] + np.stack([0.85 * half * np.cos(RING), 0.28 * half * np.sin(RING)], 1)
        paint(
            image,
            [limb.outline(), limb.outline(0.2, 0.6), limb.outline(0.4, 0.25), mouth, inner],
            [0.25, 0.5, 0.8, 0.95, 0.0],
            dark,
            bright,
        )


def fan(
    image: Array,
    at: tuple[float, float],
    size: float,
    hue: Colour,
    water: tuple[Colour, float],
    *,
    rng: np.random.Generator,
) -> None:
    """Open a sea fan: a flat lace of thin branches, in place."""
    dark, bright = _tones(hue, *water)
    ribs: list[Limb] = []
    tones: list[float] = []
    for k in range(30):
        angle = math.pi * (0.12 + 0.76 * (k + rng.random()) / 30)
        reach = size * (0.72 + 0.28 * math.sin(angle)) * (0.75 + 0.3 * rng.random())
        t = np.linspace(0, 1, 8)
        bend = angle + rng.normal(0, 0.12) * t
        path = np.array(at) + np.stack([np.cos(bend), -np.sin(bend)], 1) * (reach * t)[:, None]
        path[:, 0] += 0.02 * size * np.sin(9 * t + k)
        ribs.append(Limb(path, size * (0.022 - 0.012 * t)))
        tones.append(0.25 + 0.75 * rng.random())
    shapes = outlines(ribs)
    for k in range(4):
        turn = np.linspace(0.14, 0.86, 14) * np.pi
        r = size * (0.32 + 0.17 * k)
        shapes.append(
            Limb(np.array(at) + np.stack([np.cos(turn), -np.sin(turn)], 1) * r, np.full(14, 0.007 * size)).outline()
        )
        tones.append(0.55)
    paint(image, shapes, tones, dark, bright)


KINDS = (branching, fan, tubes, branching, brain)


def kelp(
    image: Array, at: tuple[float, float], tall: float, inks: tuple[Colour, Colour], *, rng: np.random.Generator
) -> None:
    """Let a strand of kelp sway up from `at`, in place: a thin stem with paired blades."""
    a, b, c = rng.random(3)
    n = 18
    t = np.linspace(0, 1, n)
    x = at[0] + tall * (0.06 * np.sin(t * (4 + 3 * a) + 6 * b) * (0.3 + t) + 0.10 * (c - 0.5) * t)
    y = at[1] - tall * t
    shapes = [Limb(np.stack([x, y], 1), tall * 0.008 * (1.1 - t)).outline()]
    tones = [0.2]
    size = tall * 0.075 * (1.1 - 0.7 * t)
    for side in (-1, 1):
        angle = -np.pi / 2 + side * (0.75 + 0.25 * np.sin(9 * t + side))
        lx, ly = x + np.cos(angle) * size * 0.9, y + np.sin(angle) * size * 0.9
        shapes += leaf_shapes(lx, ly, size, angle, LEAF * (1, 0.42))
        tones += list(0.25 + 0.6 * t + 0.15 * side)
    paint(image, shapes, list(np.clip(tones, 0, 1)), *inks)


def boulder(
    image: Array,
    at: tuple[float, float],
    size: tuple[float, float],
    inks: tuple[Colour, Colour],
    *,
    rng: np.random.Generator,
) -> None:
    """Lay a rock with a lit top, in place; `size` is its half width and height in pixels."""
    x, y = at
    rough = (
        1
        + 0.16 * np.cos(RING * 3 + 7 * rng.random())
        + 0.09 * np.cos(RING * 5 + 7 * rng.random())
        + rng.normal(0, 0.03, 22)
    )
    shapes: list[Points] = []
    tones: list[float] = []
    for k in range(5):
        share = 1 - 0.17 * k
        px = x + size[0] * (share * rough * np.cos(RING) + 0.03 * k)
        py = y - size[1] * (0.35 + 0.11 * k - 0.8 * share * rough * np.sin(RING))
        shapes.append(np.stack([px, py], 1))
        tones.append(0.05 + 0.20 * k)
    paint(image, shapes, tones, *inks)


def bubbles(image: Array, view: View, tint: Colour, rng: np.random.Generator) -> None:
    """Let a few columns of bubbles rise: a thin bright ring with a spark in each, in place."""
    h, w = image.shape[:2]
    rows = []
    for a, b in rng.random((5, 2)):
        many = rng.random((16, 3))
        x = view.x((a - 0.5) * 1.5) + (many[:, 0] - 0.5) * 0.06 * view.unit
        y = (0.95 - 0.85 * many[:, 1] * (0.5 + 0.5 * b)) * view.height
        rows.append(np.stack([x, y, view.unit * (0.0022 + 0.009 * many[:, 2] ** 3) * (1.1 - 0.6 * y / view.height)], 1))
    x, y, r = np.concatenate(rows).T
    one = np.ones(len(x))
    body, inner = dots(h, w, np.stack([x, y, r, one], 1)), dots(h, w, np.stack([x, y, r * 0.80, one], 1))
    spark = dots(h, w, np.stack([x - 0.3 * r, y - 0.35 * r, np.maximum(0.5, r * 0.25), one], 1))
    light = array(np.maximum(body - inner, 0) * 0.5 + inner * 0.10 + spark * 0.8)
    add(image, tint, light)


def motes(image: Array, view: View, tint: Colour, rng: np.random.Generator) -> None:
    """Let specks drift in the light, as in all living water, in place; more of them in the finest pictures."""
    many = rng.random((520, 4))[: 520 if view.fine else 130]
    x = view.x(0) + (many[:, 0] - 0.5) * max(1.8, view.width / view.unit) * view.unit
    radius = view.unit * (0.0006 + 0.0009 * many[:, 2] ** 2)
    value = (0.10 + 0.40 * many[:, 3] ** 2) * np.minimum(1, radius / 0.5)
    h, w = image.shape[:2]
    add(image, tint, dots(h, w, np.stack([x, many[:, 1] * view.height, np.maximum(0.5, radius), value], 1)))


def shoal(image: Array, view: View, ink: Colour, rng: np.random.Generator) -> None:
    """Let a far shoal of small fish pass, in place."""
    a, b, c = rng.random(3)
    many = rng.normal(0, 1, (38, 4))
    heading = 1 if c > 0.5 else -1
    x = view.x((a - 0.5) * 0.9) + many[:, 0] * 0.11 * view.unit
    y = (0.24 + 0.22 * b) * view.height + many[:, 1] * 0.035 * view.unit + 0.10 * (x - view.x(0)) * (c - 0.5)
    size = view.unit * 0.0075 * (1 + 0.25 * many[:, 2])
    shapes = []
    for px, py, s in zip(x, y, size, strict=True):
        fish = np.array(
            [
                (1, 0),
                (0.5, -0.34),
                (-0.3, -0.22),
                (-0.6, -0.06),
                (-1.1, -0.36),
                (-1.0, 0),
                (-1.1, 0.36),
                (-0.6, 0.06),
                (-0.3, 0.22),
                (0.5, 0.34),
            ]
        )
        shapes.append(fish * (s * heading, s) + (px, py))
    tone = np.clip(0.7 + 0.3 * many[:, 3], 0.3, 1)[:, None]
    colour(image, shapes, array(ink * tone))


def hues(many: int, rng: np.random.Generator) -> list[Colour]:
    """Draw colours of corals."""
    return [rgb(CORALS[k % len(CORALS)]) for k in rng.permutation(max(many, len(CORALS)))[:many]]
