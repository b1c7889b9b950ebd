"""No place at all: waves of colour, tiles of quarter circles, or discs and bars, for those who ask for shapes.

The tiles come from the wall hangings of the Bauhaus weavers, discs and bars from Kandinsky's "Point and Line to Plane"
(1926), whose primary forms are the circle, the square and the triangle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.backdrops.base import Light, Scenery, View
from limner.engines.illustrator.colours import NAMED
from limner.engines.illustrator.pixels import (
    Array,
    array,
    below,
    blur,
    column,
    fbm,
    fork,
    over,
    polygons,
    rgb,
    shade,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from limner.engines.illustrator.pixels import Colour

HORIZON = 0.52
# A ground and five colours that get on with each other on it.
PALETTES = (
    ("#f3ead7", "#e4572e", "#17bebb", "#ffc914", "#2e282a", "#76b041"),
    ("#10223f", "#f25f5c", "#ffe066", "#50a3a4", "#f7f4ea", "#b87fd9"),
    ("#fdf6ec", "#264653", "#2a9d8f", "#e9c46a", "#f4a261", "#e76f51"),
    ("#f7ede2", "#5f0f40", "#9a031e", "#fb8b24", "#e36414", "#0f4c5c"),
    ("#eef2f5", "#3a0ca3", "#4361ee", "#4cc9f0", "#f72585", "#ffb703"),
)
# What makes other tones of a named colour: a factor, and light added.
TONES = ((1.0, 0.0), (0.62, 0.0), (0.70, 0.30), (0.85, 0.12), (0.45, 0.02))
NIGHT = 0.55
# How many sheets of waves there are, and tiles to the unit.
WAVES = 6
TILES = 6
CIRCLE = np.linspace(0, 2 * np.pi, 97)
Points = np.ndarray


def abstract(view: View) -> Scenery:
    """Paint waves, tiles or forms in the palette asked for, or one of five; subjects stand before them."""
    rng = fork(view.rng)
    colours = _palette(view, rng)
    manner: Callable[[View, list[Colour], np.random.Generator], Array] = (_waves, _tiles, _forms)[rng.integers(3)]
    image = manner(view, colours, fork(rng))
    weave = fbm(view.height, view.width, 0.004 * view.unit, 2, fork(rng))
    shade(image, array(np.float32(0.96) + np.float32(0.08) * weave))
    if view.time == "night":
        image *= np.float32(NIGHT)
    light = Light(
        rgb("#c8c4bb"),
        (-0.56, -0.64, 0.53),
        rgb("#8b9199"),
        rgb("#848280"),
        rgb("#b4bcc8"),
        (0.85, -0.5),
        0.1,
        0.4,
        0.5,
    )
    return Scenery(image, HORIZON, (0.72, 0.90), light, "floor")


def _palette(view: View, rng: np.random.Generator) -> list[Colour]:
    """Give a ground and five colours: the named ones in three tones each, or a palette by chance."""
    chosen = PALETTES[rng.integers(len(PALETTES))]
    named = [rgb(NAMED[name]) for name in view.palette if name in NAMED]
    if not named:
        return [rgb(colour) for colour in chosen]
    tones = [array(np.clip(colour * tone + lift, 0, 1)) for tone, lift in TONES for colour in named]
    return [array(np.minimum(tones[0] * 0.25 + 0.75, 1)), *(tones * 5)[:5]]


def _waves(view: View, colours: list[Colour], rng: np.random.Generator) -> Array:
    """Lay sheets of colour one before the other, each with a wavy upper edge that throws a soft shadow."""
    ground, *sheets = colours
    image = np.repeat(column(view.height, [(0, ground), (1, ground * 0.9)]), view.width, axis=1)
    shown = np.linspace(-0.9, 0.9, 400)
    for at in range(WAVES):
        phase, pace = rng.uniform(0, 2 * np.pi), rng.uniform(2.2, 4.4)
        line = 0.16 + 0.13 * at + rng.uniform(0.03, 0.08) * np.sin(pace * shown + phase)
        line = line + 0.03 * np.sin(2.3 * pace * shown + 2 * phase)
        edge = np.interp(view.across()[0], shown, line).astype(np.float32) * np.float32(view.height)
        mask = below(view.height, edge)
        soft = blur(mask, 0.02 * view.unit)
        shade(image, array(1 - np.float32(0.35) * soft))
        tone = sheets[at % len(sheets)]
        over(image, column(view.height, [(0, np.minimum(tone * 1.12, 1)), (1, tone * 0.78)]), mask)
    return image


def _tiles(view: View, colours: list[Colour], rng: np.random.Generator) -> Array:
    """Fill a grid with quarter circles, half discs, triangles and dots, two colours to a tile."""
    side = view.unit / TILES
    image = np.tile(colours[0], (view.height, view.width, 1)).astype(np.float32)
    across = int(np.ceil(view.width / side / 2)) + 1
    # drawn from the middle outwards, so that a wider picture shows more of the same
    columns = sorted(range(-across, across), key=lambda at: (abs(at + 0.5), at))
    cells = [(at, row) for at in columns for row in range(int(np.ceil(view.height / side)))]
    painted: dict[int, list[list[Points]]] = {}
    for at, row in cells:
        back, front = (int(one) for one in rng.choice(len(colours), 2, replace=False))
        corner = np.array([view.middle + at * side, row * side])
        shape = SHAPES[rng.integers(len(SHAPES))](int(rng.integers(4)))
        painted.setdefault(back, [[], []])[0].append(_square() * side + corner)
        painted.setdefault(front, [[], []])[1].append(shape * side + corner)
    for layer in (0, 1):
        for colour, layers in painted.items():
            over(image, colours[colour], polygons(view.height, view.width, layers[layer]))
    return image


def _square() -> Points:
    return np.array([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])


def _turned(shape: Points, quarter: int) -> Points:
    """Turn a shape in the unit square by so many quarters about its middle."""
    for _ in range(quarter):
        shape = np.stack([1 - shape[:, 1], shape[:, 0]], 1)
    return shape


def _quarter(turn: int) -> Points:
    arc = np.linspace(0, np.pi / 2, 25)
    return _turned(np.concatenate([[(0.0, 0.0)], np.stack([np.cos(arc), np.sin(arc)], 1)]), turn)


def _half(turn: int) -> Points:
    arc = np.linspace(0, np.pi, 41)
    return _turned(np.stack([0.5 + 0.5 * np.cos(arc), 0.5 * np.sin(arc)], 1), turn)


def _triangle(turn: int) -> Points:
    return _turned(np.array([(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)]), turn)


def _dot(turn: int) -> Points:
    return 0.5 + (0.24 + 0.06 * turn) * np.stack([np.cos(CIRCLE), np.sin(CIRCLE)], 1)


SHAPES = (_quarter, _quarter, _half, _triangle, _dot)


def _forms(view: View, colours: list[Colour], rng: np.random.Generator) -> Array:
    """Set large discs, bars and triangles over each other, with rings, rules and small dots between them."""
    ground, *paints = colours
    image = np.repeat(column(view.height, [(0, np.minimum(ground * 1.03, 1)), (1, ground * 0.94)]), view.width, axis=1)
    lean = rng.uniform(-0.7, 0.7)
    for at in range(16):
        size = (0.27, 0.16, 0.07, 0.035)[at // 4] * rng.uniform(0.8, 1.25)
        middle = np.array([rng.uniform(-0.44, 0.44), rng.uniform(0.10, 0.90)])
        shape = (_disc, _bar, _peak, _ring)[int(rng.integers(4))](size, lean + rng.uniform(-0.2, 0.2))
        points = [(part + middle) * view.unit + (view.middle, 0) for part in shape]
        mask = polygons(view.height, view.width, points[:1])
        if len(points) > 1:
            mask -= polygons(view.height, view.width, points[1:])
        shadow = blur(np.roll(mask, round(0.012 * view.unit), (0, 1)), 0.012 * view.unit)
        shade(image, array(1 - np.float32(0.22) * shadow))
        over(image, paints[int(rng.integers(len(paints)))], array(mask * np.float32(0.80 if at < 8 else 1.0)))
    return image


def _disc(size: float, lean: float) -> list[Points]:
    del lean
    return [size * np.stack([np.cos(CIRCLE), np.sin(CIRCLE)], 1)]


def _ring(size: float, lean: float) -> list[Points]:
    return [_disc(size, lean)[0], _disc(0.72 * size, lean)[0]]


def _bar(size: float, lean: float) -> list[Points]:
    return [_leant(np.array([(-2.0, -0.16), (2.0, -0.16), (2.0, 0.16), (-2.0, 0.16)]) * size, lean)]


def _peak(size: float, lean: float) -> list[Points]:
    return [_leant(np.array([(-1.0, 0.8), (1.0, 0.8), (0.0, -1.0)]) * size, lean / 2)]


def _leant(shape: Points, lean: float) -> Points:
    turn = np.array([(np.cos(lean), np.sin(lean)), (-np.sin(lean), np.cos(lean))])
    return np.asarray(shape @ turn)
