"""Mountains of rock: faces that catch or miss the sun, snow on the heights, and firs at their feet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.backdrops.growth import Points, colour
from limner.engines.illustrator.backdrops.land import hazed
from limner.engines.illustrator.pixels import Array, Colour, array, fbm, fork, mix, rgb, shade, smoothstep

if TYPE_CHECKING:
    from limner.engines.illustrator.backdrops.air import Air
    from limner.engines.illustrator.backdrops.base import View

LEVELS = 16
SIDES = 8
TIERS = 9
MOST = 256
STEM = ((0.018, -0.04), (0.018, 0.0), (-0.018, 0.0), (-0.018, -0.04))


@dataclass(frozen=True, slots=True)
class Range:
    """A row of peaks: where it stands (fraction), how tall in units, peaks to a unit, share of haze, snow's share."""

    base: float
    height: float
    peaks: float
    haze: float
    snow: float


def _strips(x: float, base: float, tall: float, wide: float, rng: np.random.Generator) -> Points:
    """Give a peak's edges from its top down, (LEVELS, SIDES + 1, 2): two outlines and the ribs between them."""
    t = np.linspace(0, 1, LEVELS)[:, None]
    across = np.linspace(-1, 1, SIDES + 1)[None]
    wander = np.cumsum(rng.normal(0, 0.050, (LEVELS, SIDES + 1)), 0) * np.sqrt(t)
    lean = rng.normal(0, 0.16) * (1 - t)
    reach = (t**0.92) * (across + wander + 0.34 * (rng.random((1, SIDES + 1)) - 0.5))
    y = base - tall * (1 - t) + tall * 0.034 * rng.normal(0, 1, (LEVELS, SIDES + 1)) * (t > 0.01) * (1 - t)
    return np.stack([x + wide * (reach + lean), y], 2)


def _peak(
    canvas: Array, edges: Points, rock: tuple[Colour, Colour], snow: tuple[Colour, Colour], *, side: float,
    cap: float, rng: np.random.Generator,
) -> None:  # fmt: skip
    """Paint one peak in facets, in place: `side` is where the sun stands, `cap` how far down the snow reaches."""
    turned = -np.linspace(-1, 1, SIDES) if side < 0 else np.linspace(-1, 1, SIDES)
    sunny = smoothstep(-0.25, 0.30, turned[None] + rng.normal(0, 0.16, (LEVELS - 1, SIDES)))
    tone = np.clip(0.12 + 0.74 * sunny + rng.normal(0, 0.07, (LEVELS - 1, SIDES)), 0, 1)
    quads = np.stack([edges[:-1, :-1], edges[:-1, 1:], edges[1:, 1:], edges[1:, :-1]], 2)
    stone = mix(rock[0], rock[1], tone[..., None])
    white = mix(snow[0], snow[1], smoothstep(0.2, 0.62, tone)[..., None])
    deep = cap * (0.55 + 0.9 * rng.random(SIDES))[None]
    level = np.linspace(0, 1, LEVELS)[:-1, None]
    inks = np.where((level < deep)[..., None], white, stone)
    colour(canvas, list(quads.reshape(-1, 4, 2)), array(inks.reshape(-1, 3)))
    # tongues of snow that end in a point, and ribs of rock that break through it
    below = np.minimum(LEVELS - 2, np.ceil(deep[0] * (LEVELS - 1)).astype(int))
    tips = [np.array([*quads[k, i, 0:2], quads[k, i, 2:4].mean(0)]) for i, k in enumerate(below)]
    colour(canvas, tips, array(np.stack([white[max(0, k - 1), i] for i, k in enumerate(below)])))


def peaks(
    canvas: Array, view: View, air: Air, row: Range, *, rocks: tuple[str, str], white: bool, rng: np.random.Generator
) -> None:
    """Raise a row of peaks, in place; `white` lays snow over all but the steepest rock."""
    side = air.side
    reach = max(1.0, view.width / view.unit / 2)
    count = int(2 * reach * row.peaks) + 3
    tint = array(mix(air.brightness, air.brightness.mean(), 0.2) * 1.05)
    shades = [hazed(rgb(c), air, row.haze) for c in rocks]
    snow = (
        hazed(rgb("#8ea4d0"), air, row.haze),
        mix(np.minimum(rgb("#fdfcfa") * tint * 1.12, 1.1), air.horizon, row.haze * 0.7),
    )
    order = []
    for k in range(count):
        own = fork(rng)
        a, b, c = own.random(3)
        at = (k // 2 + 0.5 + 0.7 * (a - 0.5)) / row.peaks * (1 if k % 2 else -1)
        order.append((row.height * (0.50 + 0.62 * b), at, 0.60 + 0.5 * c, own))
    for tall, at, slim, own in sorted(order, key=lambda one: one[0], reverse=True):
        high, wide = tall * view.unit, slim * tall * 1.10 * view.unit
        edges = _strips(view.x(at), row.base * view.height + 0.04 * view.unit, high, wide, own)
        cap = 1.0 if white else row.snow * min(1.3, tall / row.height)
        _peak(canvas, edges, (shades[0], shades[1]), snow, side=side, cap=cap, rng=own)


def weathered_rock(
    canvas: Array, view: View, sky: Array, low: float, *, amount: float, rng: np.random.Generator
) -> None:
    """Roughen what was raised before the `sky` (the canvas as it was), down to `low` (a fraction), in place."""
    rows = slice(0, round(low * view.height))
    rock = np.abs(canvas[rows, :, 2] - sky[rows, :, 2]) > 1 / 256
    part = np.ascontiguousarray(canvas[rows])
    rough = fbm(part.shape[0], view.width, 0.07 * view.unit, 6 if view.fine else 5, rng, gain=0.68) - np.float32(0.5)
    shade(part, array(1 + rough * rock * np.float32(amount)))
    canvas[rows] = part


def pine_shapes(feet: Points, tall: Points, side: float, rng: np.random.Generator) -> tuple[Points, Points]:
    """Draw conifers standing at `feet` (N, 2), `tall` (N,) pixels high.

    Gives their outlines (N, 39, 2), and their boughs that the sun catches on one `side` (-1, 1): (N, TIERS, 3, 2).
    """
    n = len(feet)
    t = (np.arange(TIERS) + 1) / TIERS
    wild = rng.normal(0, 1, (2, MOST, 2, TIERS))[:, :n]
    wide = 0.205 * t**0.9 * (1 + 0.13 * wild[0])
    tip = -1 + 0.96 * t + 0.012 * wild[1]
    halves = []
    for k, hand in enumerate((1, -1)):
        outer = np.stack([hand * wide[:, k], tip[:, k]], 2)
        notch = np.stack([hand * wide[:, k] * 0.60, tip[:, k] - 0.035], 2)
        halves.append(np.stack([outer, notch], 2).reshape(n, -1, 2)[:, :-1])
    top, stem = (np.broadcast_to(np.array(p), (n, len(p), 2)) for p in ([(0.0, -1.0)], STEM))
    whole = np.concatenate([top, halves[0], stem, halves[1][:, ::-1]], 1)
    w, low = wide[:, 0 if side > 0 else 1], tip[:, 0 if side > 0 else 1]
    lit = np.stack(
        [
            np.stack([side * w * 0.12, low - 0.13 * (0.35 + 0.65 * t)], 2),
            np.stack([side * w * 0.97, low], 2),
            np.stack([side * w * 0.45, low - 0.022], 2),
        ],
        2,
    )
    size = tall[:, None, None]
    return whole * size + feet[:, None], lit * size[..., None] + feet[:, None, None]


def pines(
    canvas: Array, view: View, air: Air, line: Array, shape: tuple[float, float, float], *, dense: float = 0.7,
    inks: tuple[Colour, Colour], hollow: float = 0.0, white: bool = False, rng: np.random.Generator,
) -> None:  # fmt: skip
    """Stand a row of conifers on a line, in place.

    `shape` is their height in units, how many to a unit, and the share of haze; `inks` their colours in shade and
    sun. Nothing stands nearer to the middle than `hollow` units; `dense` is the share of places taken.
    """
    tall, many, haze = shape
    reach = max(1.0, view.width / view.unit / 2) + 0.1
    dark, bright = (hazed(ink, air, haze) for ink in inks)
    snow = mix(np.minimum(rgb("#f4f7ff") * air.brightness * 1.1, 1.05), air.horizon, haze * 0.8)
    count = min(MOST, int(2 * reach * many))
    a, b, c, d = fork(rng).random((MOST, 4))[:count].T
    order = np.arange(count)
    at = (order // 2 + a) / many * np.where(order % 2, 1, -1)
    x = view.x(0) + at * view.unit
    y = line[np.clip(x, 0, view.width - 1).astype(int)] + 0.012 * c * view.unit
    whole, lit = pine_shapes(np.stack([x, y], 1), tall * view.unit * (0.55 + 0.75 * b), air.side, rng)
    shapes: list[Points] = []
    shades: list[Colour] = []
    for k in np.argsort(y)[((d <= dense) & (np.abs(at) >= hollow * (0.8 + 0.4 * b)))[np.argsort(y)]]:
        shapes += [whole[k], *lit[k]]
        shades += [mix(dark, bright, 0.22 * c[k])] + [snow if white else mix(dark, bright, 0.55 + 0.4 * c[k])] * TIERS
    colour(canvas, shapes, array(shades))
