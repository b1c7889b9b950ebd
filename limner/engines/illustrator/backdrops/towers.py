"""Towers of a city: outlines that every height has one left and one right of, facets, windows, masts and snow."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.backdrops.outlines import KINDS, SLENDER, TODAY, Outline, outlines, tops
from limner.engines.illustrator.pixels import Colour, array, mix

if TYPE_CHECKING:
    from limner.engines.illustrator.backdrops.base import View
    from limner.engines.illustrator.backdrops.plate import Plate

STONES = ((1.0, 1.0, 1.0), (1.06, 0.97, 0.88), (0.90, 1.0, 1.08), (1.10, 0.88, 0.82), (0.97, 1.0, 0.94))
FACETS = 5
# Towers narrower than so many pixels show no facets.
NARROW = 11
# Windows narrower than so many pixels have no bars, which would darken them.
BROAD = 7


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
        kind = TODAY + int(d * (KINDS - TODAY)) if f < future else int(d * TODAY)
        if height < 1.7 * width:
            kind = (0, 1, 3, 5, 7)[kind % 5]
        width *= 1.6 if kind == SLENDER else 1.0
        seed = int(rng.integers(2**31))
        if abs(at) >= hollow and abs(at) - width < half:
            towers.append(Tower(at, width, height, kind, e, seed))
    return towers


@dataclass(frozen=True, slots=True, eq=False)
class _Site:
    """A tower about to be drawn: on which plate, on which row (units) it stands, how it looks."""

    plate: Plate
    tower: Tower
    base: float
    look: Look
    shape: Outline
    tone: Colour

    def at(self, across: Outline, up: Outline) -> Outline:
        """Give places in units for places across and up the tower, in its widths and heights."""
        places = np.empty((*across.shape, 2))
        places[..., 0] = self.tower.at + across * self.tower.width
        places[..., 1] = self.base - up * self.tower.height
        return places


def raise_tower(plate: Plate, tower: Tower, base: float, look: Look) -> None:
    """Draw one tower whose foot is on the row `base` (units) onto a plate."""
    rng = np.random.default_rng(tower.seed)
    tone = array((0.82 + 0.36 * tower.tone) * array(STONES[tower.seed % len(STONES)]))
    site = _Site(plate, tower, base, look, outlines()[tower.kind], tone)
    _mast(site, rng)
    shape = site.shape
    left, right = site.at(shape[:, 1], shape[:, 0]), site.at(shape[:, 2], shape[:, 0])
    plate.draw(np.concatenate([left, right[::-1]]), look.wall * site.tone)
    if tower.kind != SLENDER and tower.width * plate.view.unit > NARROW:
        _facets(site, rng)
    if look.cell:
        _windows(site, rng)
    if look.neon and tower.kind != SLENDER:
        _neon(site, rng)
    if look.snow is not None:
        _ledges(site, look.snow)


def _facets(site: _Site, rng: np.random.Generator) -> None:
    """Give a tower a sunny face and upright facets of slightly different tones, a bright edge towards the light."""
    look, kind = site.look, site.tower.kind
    dim, bright = look.wall * site.tone, look.sunny * site.tone
    cuts = np.linspace(-0.5, 0.5, FACETS + 1)
    cuts[1:-1] += rng.uniform(-0.07, 0.07, FACETS - 1)
    split, tones = int(rng.integers(2, 4)), array(rng.uniform(0.90, 1.10, FACETS))
    edge = (0.455, 0.5) if look.sun_right else (-0.5, -0.455)
    starts, ends = np.array([*cuts[:-1], edge[0]]), np.array([*cuts[1:], edge[1]])
    strips = starts[:, None] + (ends - starts)[:, None] * np.linspace(0, 1, 5)[None]
    high = tops(kind, strips)
    shaded, lit = dim + (bright - dim) * np.float32(0.10), dim + (bright - dim) * np.float32(0.85)
    feet = site.at(strips[:, [0, -1]], np.zeros((FACETS + 1, 2)))
    shapes = np.concatenate([feet[:, :1], site.at(strips, high), feet[:, 1:]], 1)
    for k in np.flatnonzero(high.max(axis=1) > 0.02):
        sunny = (k >= split) if look.sun_right else (k < FACETS - split)
        edged = k == FACETS
        site.plate.draw(shapes[k], bright * np.float32(1.2) if edged else (lit if sunny else shaded) * tones[k])


def _windows(site: _Site, rng: np.random.Generator) -> None:
    """Set rows of windows: in some towers panes, in others bands or upright slits; whole floors are lit or dark."""
    tower, look, shape = site.tower, site.look, site.shape
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
    share = (
        (1.2 if site.plate.view.fine else 1.0) * look.lit * (0.35 + 1.3 * manner[1]) * (0.45 + 1.1 * floors[:, None])
    )
    centre = site.at(*np.broadcast_arrays(x[None], y[:, None]))
    reach = np.array([half * tower.width, tall * tower.height])
    places = np.concatenate([centre - reach, centre + reach], 2)
    site.plate.boxes(places[inside & (draws >= share)], look.glass * site.tone)
    for k, lamp in enumerate(look.lamps):
        chosen = inside & (draws < share) & ((kind > 0.72) == bool(k))
        for bright, part in ((1.0, draws * 2 < share), (0.68, draws * 2 >= share)):
            site.plate.boxes(places[chosen & part], lamp * np.float32(bright))
    if site.plate.view.fine:
        _mullions(site, places[inside])


def _mullions(site: _Site, places: Outline) -> None:
    """Divide the windows by a bar, light the sill below them: what only fine pictures can show."""
    unit = site.plate.view.unit
    if not len(places) or (places[0, 2] - places[0, 0]) * unit < BROAD:
        return
    x0, y0, x1, y1 = places.T
    middle, thin = (x0 + x1) / 2, 0.05 * (x1 - x0)
    wall, sunny = site.look.wall * site.tone, site.look.sunny * site.tone
    site.plate.boxes(np.stack([middle - thin, y0, middle + thin, y1], 1), mix(wall, sunny, 0.2) * np.float32(0.8))
    lip = 0.10 * (y1 - y0)
    site.plate.boxes(np.stack([x0 - thin, y1, x1 + thin, y1 + lip], 1), mix(wall, sunny, 0.7) * np.float32(1.12))


def _neon(site: _Site, rng: np.random.Generator) -> None:
    """Run a strip of light up some towers."""
    a, b, c = rng.random(3)
    if a <= 0.42:
        across = np.full(2, 0.30 * (b - 0.5))
        strips = site.look.neon
        site.plate.line(site.at(across, np.array([0.25, 0.86])), strips[int(c * len(strips))], 0.0034)


def _mast(site: _Site, rng: np.random.Generator) -> None:
    """Set an antenna on slender towers whose tops can bear one, with a red light where lamps are lit."""
    tower, look, plate = site.tower, site.look, site.plate
    a, b, c = rng.random(3)
    if a > 0.45 or tower.kind in (2, 6, 9, 11, 12, 13) or tower.height < 2.2 * tower.width:
        return
    x, top = tower.at + (0.0 if tower.kind else (b - 0.5) * 0.5 * tower.width), site.base - tower.height
    high = (0.06 + 0.10 * c) * (0.4 + tower.height)
    foot, colour = 0.0022, mix(look.wall, look.sunny, 0.4)
    plate.draw([(x - foot, top + 0.02), (x, top - high), (x + foot, top + 0.02)], colour)
    plate.line([(x - 3 * foot, top - 0.25 * high), (x + 3 * foot, top - 0.25 * high)], colour, 0.001)
    if look.lit > 0.1:
        plate.ovals([(x, top - high, 0.0022, 0.0022)], (1.2, 0.25, 0.2))


def _ledges(site: _Site, snow: Colour) -> None:
    """Lay snow on every ledge that faces up, and on the roof."""
    tower, shape = site.tower, site.shape
    thick = 0.0028 + 0.022 * min(0.2, tower.width)
    edges = [(shape[-1, [1, 0]], shape[-1, [2, 0]])]
    for low, high in pairwise(shape):
        steep = 0.6 * (high[0] - low[0]) * tower.height
        flat = [k for k in (1, 2) if abs(low[k] - high[k]) * tower.width > steep]
        edges += [(low[[k, 0]], high[[k, 0]]) for k in flat]
    for a, b in edges:
        ends = site.at(np.array([a[0], b[0]]), np.array([a[1], b[1]])) - np.array([0, 0.3 * thick])
        if np.abs(ends[0] - ends[1]).max() > 1e-6:
            site.plate.line(ends, snow, thick)
