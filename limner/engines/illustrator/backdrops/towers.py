"""Towers of a city: outlines that every height has one left and one right of, facets, windows, masts and snow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from limner.engines.illustrator.pixels import Array, Colour, array, mix

if TYPE_CHECKING:
    from limner.engines.illustrator.backdrops.base import View
    from limner.engines.illustrator.backdrops.plate import Plate

Outline = NDArray[np.float64]
STONES = ((1.0, 1.0, 1.0), (1.06, 0.97, 0.88), (0.90, 1.0, 1.08), (1.10, 0.88, 0.82), (0.97, 1.0, 0.94))
TODAY, TOMORROW = 8, 6
SAMPLES = np.linspace(0, 1, 160)


@dataclass(frozen=True, slots=True)
class Tower:
    """One building: its middle in units from the picture's, its size in units, its kind and its own numbers."""

    at: float
    width: float
    height: float
    kind: int
    tone: float
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """How the towers of one row look.

    `wall` and `sunny` are the faces away from and towards the light, `glass` dark windows, `lamps` lit ones and `lit`
    their share; `cell` is the width of a window with the wall around it, in units, 0 for none. `neon` are the colours
    of strips of light, if there are any.
    """

    wall: Colour
    sunny: Colour
    glass: Colour
    lamps: tuple[Colour, Colour]
    lit: float
    cell: float
    snow: Colour | None
    sun_right: bool
    neon: tuple[Colour, ...] = ()


def row_of_towers(
    view: View, count: float, heights: tuple[float, float], widths: tuple[float, float], rng: np.random.Generator,
    *, hollow: float = 0.0, future: float = 0.0, crest: float = 0.42,
) -> list[Tower]:  # fmt: skip
    """Towers from the middle outwards, `count` to a unit, until the picture is full.

    `hollow` keeps the middle free, `future` is the share of shapes nobody has built yet, `crest` how far from the
    middle the high ones reach.
    """
    half = view.width / view.unit / 2 + widths[1]
    towers = []
    for k in range(int(2 * half * count) + 2):
        place = (k // 2 + 0.5) / count * (1 if k % 2 else -1)
        a, b, c, d, e, f = rng.random(6)
        at = place + (a - 0.5) * 0.7 / count
        swell = float(np.exp(-((at / crest) ** 2))) * 0.75 + 0.45
        height = heights[0] + (heights[1] - heights[0]) * b**1.4 * swell
        width = widths[0] + (widths[1] - widths[0]) * c
        kind = TODAY + int(d * TOMORROW) if f < future else int(d * TODAY)
        if height < 1.7 * width:
            kind = (0, 1, 3, 5, 7)[kind % 5]
        seed = int(rng.integers(2**31))
        if abs(at) >= hollow and abs(at) - width < half:
            towers.append(Tower(at, width, height, kind, e, seed))
    return towers


def outline_of(kind: int) -> Outline:
    """Give a tower's outline as rows (height, left, right), from the foot up, in widths and heights of the tower."""
    stepped = [(0, -0.5, 0.5), (0.58, -0.5, 0.5), (0.58, -0.38, 0.38), (0.83, -0.38, 0.38), (0.83, -0.22, 0.22)]
    curve = np.linspace(0, 1, 14)
    shapes = {
        0: [(0, -0.5, 0.5), (1, -0.5, 0.5)],
        1: [(0, -0.5, 0.5), (0.86, -0.5, 0.5), (0.86, -0.31, 0.31), (1, -0.31, 0.31)],
        2: [(0, -0.5, 0.5), (0.90, -0.5, 0.5), (1, -0.5, -0.06)],
        3: [*stepped, (1, -0.22, 0.22)],
        4: [(0, -0.5, 0.5), (0.90, -0.5, 0.5), (1, 0, 0)],
        5: [*stepped[:2], (0.70, -0.36, 0.5), (0.70, -0.36, 0.36), (0.93, -0.36, 0.36), (0.93, -0.16, 0.16), (1, -0.16, 0.16)],
        6: [(0, -0.5, 0.5), *((0.82 + 0.18 * np.sin(np.pi / 2 * t), -0.5 * np.cos(np.pi / 2 * t), 0.5 * np.cos(np.pi / 2 * t)) for t in curve)],
        7: [(0, -0.5, 0.5), (0.94, -0.5, 0.5), (0.94, -0.44, 0.44), (0.965, -0.44, 0.44), (0.965, -0.30, 0.30), (1, -0.30, 0.30)],
        8: [(0, -0.55, 0.55), (0.45, -0.30, 0.30), (0.80, -0.11, 0.11), (1, 0, 0)],
        9: [(t, -0.5 + 0.60 * t**2.2, 0.5 - 0.28 * np.sin(1.5 * t)) for t in curve],
        10: [(0, -0.10, 0.10), (0.78, -0.06, 0.06), (0.80, -0.40, 0.40), (0.825, -0.62, 0.62), (0.85, -0.50, 0.50),
             (0.88, -0.30, 0.30), (0.92, -0.22, 0.22), (0.95, -0.05, 0.05), (1, -0.02, 0.02)],
        11: [(0, -0.5, 0.5), (0.82, -0.5, 0.5), (0.93, -0.5, 0.10), (1, -0.30, -0.10)],
        12: [(t, -0.36 - 0.14 * np.cos(4.4 * t), 0.36 + 0.14 * np.cos(4.4 * t)) for t in curve[:-1]] + [(1, -0.30, 0.30)],
        13: [(0, -0.34, 0.34), (0.70, -0.34, 0.34), *((0.70 + 0.30 * np.sin(np.pi / 2 * t), -0.34 * np.cos(np.pi / 2 * t), 0.34 * np.cos(np.pi / 2 * t)) for t in curve)],
    }  # fmt: skip
    return np.asarray(shapes[kind], dtype=np.float64)


def _corners(shape: Outline, tower: Tower, base: float) -> Outline:
    """Give the outline as corners in units: up at the left, down at the right."""
    left = np.stack([tower.at + shape[:, 1] * tower.width, base - shape[:, 0] * tower.height], 1)
    right = np.stack([tower.at + shape[:, 2] * tower.width, base - shape[:, 0] * tower.height], 1)
    return np.concatenate([left, right[::-1]])


def raise_tower(plate: Plate, tower: Tower, base: float, look: Look) -> None:
    """Draw one tower whose foot is on the row `base` (units) onto a plate."""
    rng = np.random.default_rng(tower.seed)
    shape = outline_of(tower.kind)
    tone = array((0.82 + 0.36 * tower.tone) * array(STONES[tower.seed % len(STONES)]))
    _mast(plate, tower, base, look, rng)
    plate.draw(_corners(shape, tower, base), look.wall * tone)
    _facets(plate, shape, tower, base, (look.wall * tone, look.sunny * tone), sun_right=look.sun_right, rng=rng)
    if look.cell:
        _windows(plate, shape, tower, base, look, tone, rng)
    if look.neon and tower.kind != 10:
        _neon(plate, tower, base, look, rng)
    if look.snow is not None:
        _ledges(plate, shape, tower, base, look.snow)


def _tops(shape: Outline, across: Outline) -> Outline:
    """Find how high a tower is at places across it, 0 where it is not."""
    left, right = (np.interp(SAMPLES, shape[:, 0], shape[:, k]) for k in (1, 2))
    inside = (across[:, None] >= left - 1e-6) & (across[:, None] <= right + 1e-6)
    return np.asarray(np.where(inside, SAMPLES, 0).max(axis=1))


def _facets(
    plate: Plate, shape: Outline, tower: Tower, base: float, faces: tuple[Colour, Colour], *, sun_right: bool,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """Give a tower a sunny face and upright facets of slightly different tones, a bright edge towards the light."""
    dim, bright = faces
    cuts = np.linspace(-0.5, 0.5, 6) + np.r_[0, rng.uniform(-0.07, 0.07, 4), 0]
    split, tones = int(rng.integers(2, 4)), rng.uniform(0.90, 1.10, 5)
    if tower.kind == 10:
        return
    for k in range(5):
        sunny = (k >= split) if sun_right else (k < 5 - split)
        strip = np.linspace(cuts[k], cuts[k + 1], 5)
        _strip(plate, shape, tower, base, strip, mix(dim, bright, 0.85 if sunny else 0.10) * np.float32(tones[k]))
    edge = np.linspace(0.455, 0.5, 3) * (1 if sun_right else -1)
    _strip(plate, shape, tower, base, np.sort(edge), np.minimum(bright * np.float32(1.22), 1.2))


def _strip(plate: Plate, shape: Outline, tower: Tower, base: float, strip: Outline, colour: Colour) -> None:
    tops = _tops(shape, strip)
    across = tower.at + strip * tower.width
    upper = np.stack([across, base - tops * tower.height], 1)
    if tops.max() > 0.02:
        plate.draw(np.concatenate([[(across[0], base)], upper, [(across[-1], base)]]), colour)


def _windows(
    plate: Plate, shape: Outline, tower: Tower, base: float, look: Look, tone: Colour, rng: np.random.Generator
) -> None:
    """Set rows of windows: in some towers panes, in others bands or upright slits; whole floors are lit or dark."""
    manner = rng.random(2)
    wide, high = ((0.52, 0.50), (0.80, 0.34), (0.36, 0.74))[int(manner[0] * 3)]
    columns, rows = max(2, round(tower.width / look.cell)), max(3, round(tower.height / (1.4 * look.cell)))
    draws, floors, kind = rng.random((rows, columns)), rng.random(rows), rng.random((rows, columns))
    x, y = (np.arange(columns) + 0.5) / columns - 0.5, (np.arange(rows) + 0.5) / rows
    half, tall = 0.5 * wide / columns, 0.5 * high / rows
    low, up = np.maximum(y - 2.2 * tall, 0), np.minimum(y + 2.2 * tall, 1)
    left = np.maximum(*(np.interp(t, shape[:, 0], shape[:, 1]) for t in (low, up)))
    right = np.minimum(*(np.interp(t, shape[:, 0], shape[:, 2]) for t in (low, up)))
    inside = (x[None] - 1.5 * half > left[:, None]) & (x[None] + 1.5 * half < right[:, None]) & (y < 0.97)[:, None]
    share = look.lit * (0.35 + 1.3 * manner[1]) * (0.45 + 1.1 * floors[:, None])
    centre = np.stack(np.broadcast_arrays(tower.at + x[None] * tower.width, base - y[:, None] * tower.height), 2)
    reach = np.array([half * tower.width, tall * tower.height])
    places = np.concatenate([centre - reach, centre + reach], 2)
    plate.boxes(places[inside & (draws >= share)], look.glass * tone)
    for k, lamp in enumerate(look.lamps):
        chosen = inside & (draws < share) & ((kind > 0.72) == bool(k))
        for bright, part in ((1.0, draws * 2 < share), (0.68, draws * 2 >= share)):
            plate.boxes(places[chosen & part], lamp * np.float32(bright))


def _neon(plate: Plate, tower: Tower, base: float, look: Look, rng: np.random.Generator) -> None:
    """Run a strip of light up some towers."""
    a, b, c = rng.random(3)
    if a > 0.42:
        return
    x = tower.at + (b - 0.5) * 0.30 * tower.width
    ends = [(x, base - 0.25 * tower.height), (x, base - 0.86 * tower.height)]
    plate.line(ends, look.neon[int(c * len(look.neon))], 0.0034)


def _mast(plate: Plate, tower: Tower, base: float, look: Look, rng: np.random.Generator) -> None:
    """Set an antenna on slender towers."""
    a, b, c = rng.random(3)
    if a > 0.45 or tower.kind in (2, 6, 9, 11, 12, 13) or tower.height < 2.2 * tower.width:
        return
    x, top = tower.at + (0.0 if tower.kind != 0 else (b - 0.5) * 0.5 * tower.width), base - tower.height
    high = (0.06 + 0.10 * c) * (0.4 + tower.height)
    foot, colour = 0.0022, mix(look.wall, look.sunny, 0.4)
    plate.draw([(x - foot, top + 0.02), (x, top - high), (x + foot, top + 0.02)], colour)
    if tower.kind != 8:
        plate.line([(x - 3 * foot, top - 0.25 * high), (x + 3 * foot, top - 0.25 * high)], colour, 0.001)
    if look.lit > 0.1:
        plate.ovals([(x, top - high, 0.0022, 0.0022)], (1.2, 0.25, 0.2))


def _ledges(plate: Plate, shape: Outline, tower: Tower, base: float, snow: Colour) -> None:
    """Lay snow on every ledge that faces up, and on the roof."""
    thick = 0.0028 + 0.022 * min(0.2, tower.width)
    top = shape[-1]
    edges = [((top[1], top[0]), (top[2], top[0]))]
    for k in (1, 2):
        for low, high in zip(shape[:-1], shape[1:], strict=True):
            if abs(low[k] - high[k]) * tower.width > 0.6 * (high[0] - low[0]) * tower.height:
                edges.append(((low[k], low[0]), (high[k], high[0])))
    for a, b in edges:
        ends = np.array([a, b]) * (tower.width, -tower.height) + (tower.at, base - 0.3 * thick)
        if np.abs(ends[0] - ends[1]).max() > 1e-6:
            plate.line(ends, snow, thick)
