"""Rows: blocks put side by side and one row behind another, as large as the picture lets them be.

The rows behind are smaller and stand higher on paper, and the nearer ones hide a little of them: the oldest ways to
show depth (Cutting and Vishton, "Perceiving layout and knowing distances", 1995).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.staging.frames import Standing

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Scene
    from limner.engines.illustrator.staging.arrangement import Plan
    from limner.engines.illustrator.staging.blocks import Block
    from limner.engines.illustrator.staging.frames import Band, Frame

Rows = list[list["Block"]]
"""The rows of a group, the nearest one first."""

ROWS = 4
PAIR = 2
HERO = 1.3
RECEDING = {"ground": 0.84, "water": 0.84, "air": 0.92}
"""How much smaller things are from row to row."""
COVERED = 0.15
"""Which share of those behind a row may hide."""
BEYOND = (0.0, 0.0, 0.4, 0.6, 0.7)
"""How much of the ground from its far line to the horizon so many rows may use."""
OFTEN = 4
"""From so many things on they stand closer."""


@dataclass(frozen=True, slots=True)
class _RowAt:
    """Which row it is, of how many, in which band; its scale, the pixels it stands on, and how far behind them.

    `loose` is a share of the height of who stands there.
    """

    band: Band
    depth: int
    deep: int
    scale: float
    foot: float
    loose: float


def filled(scene: Scene, made: Plan, band: Band, frame: Frame, rng: np.random.Generator) -> list[Standing]:
    """Put blocks into a band, in as many rows as make them largest."""
    lines = _lines(scene, made, rng)
    # Two stand side by side, or the one behind would seem to float above the other; in tall pictures they have to.
    most = 1 if len(made.blocks) <= PAIR and frame.height < 1.3 * frame.width else ROWS
    layouts = [[_in_rows(group, count) for group in lines] for count in range(1, most + 1)]
    scales = [_scale(groups, band, frame) for groups in layouts]
    sizes = [scale * _mean_size(groups, band) for scale, groups in zip(scales, layouts, strict=True)]
    best = int(np.argmax([size * 0.99**i for i, size in enumerate(sizes)]))
    return _spread(layouts[best], scales[best], band, frame, rng)


def _lines(scene: Scene, made: Plan, rng: np.random.Generator) -> list[list[Block]]:
    """Give the blocks in groups from left to right: one group for each told place, all free ones mixed in one.

    A hero among free ones gets a group to itself, with the others to both sides.
    """
    order = rng.permutation(len(made.blocks))
    last = rng.random() < 0.5
    groups: dict[int, list[Block]] = {}
    free: list[Block] = []
    for i in order:
        place = made.ranks[i]
        (free if place is None else groups.setdefault(place, [])).append(made.blocks[i])
    ordered = [groups[place] for place in sorted(groups)]
    if not ordered and _has_hero(scene, free):
        hero = next(block for block in free if block.pieces[0].subject == 0)
        others = [block for block in free if block is not hero]
        half = (len(others) + last) // 2
        return [others[:half], [hero.moved(0, 0, scale=HERO)], others[half:]]
    if free:
        ordered.insert(len(ordered) if last else 0, free)
    return ordered


def _has_hero(scene: Scene, free: list[Block]) -> bool:
    """Whether the first subject is one among several others, and not dwarfed by them."""
    if scene.subjects[0].count != 1 or not 3 <= len(free) <= 9 or all(block.pieces[0].subject for block in free):
        return False
    tallest = max(block.top for block in free)
    return any(block.pieces[0].subject == 0 and HERO * block.top >= 0.95 * tallest for block in free)


def _in_rows(blocks: list[Block], count: int) -> Rows:
    """Share blocks out to rows, the nearest row first and shortest; small blocks come forward, big ones stay behind."""
    count = min(count, len(blocks))
    weights = np.cumsum([1 + 0.28 * i for i in range(count)])
    ends = [round(float(end)) for end in weights / weights[-1] * len(blocks)]
    by_height = sorted(range(len(blocks)), key=lambda i: round(blocks[i].top, 1))
    rows = [sorted(by_height[start:end]) for start, end in zip([0, *ends[:-1]], ends, strict=True)]
    return [[blocks[i] for i in row] for row in rows if row]


def _receding(band: Band, depth: int) -> float:
    """How much smaller things look in the rows behind."""
    return float(RECEDING[band.medium] ** depth)


def _mean_size(groups: list[Rows], band: Band) -> float:
    """Give how large things are on the average, the nearest row counting as 1."""
    sizes = [_receding(band, depth) for rows in groups for depth, row in enumerate(rows) for _ in row]
    return sum(sizes) / len(sizes)


def _gap(row: list[Block]) -> float:
    return (0.16 if len(row) < OFTEN else 0.09) * float(np.mean([block.width for block in row]))


def _extent(row: list[Block]) -> float:
    return sum(block.width for block in row) + _gap(row) * (len(row) - 1)


def _breadth(rows: Rows, band: Band) -> float:
    """Give the width of the widest row of a group."""
    return max(_extent(row) * _receding(band, depth) for depth, row in enumerate(rows))


def _steps(rows: Rows, band: Band) -> list[float]:
    """Give how far every row stands behind the one before it, in spans of the nearest row; 0 for the nearest."""
    steps = [0.0]
    for depth, (near, far) in enumerate(pairwise(rows)):
        hides = max(block.top for block in near) * _receding(band, depth)
        shortest = min(block.top for block in far) * _receding(band, depth + 1)
        drop = max(block.drop for block in far) * _receding(band, depth + 1)
        steps.append(hides - COVERED * shortest + drop)
    return steps


def _scale(groups: list[Rows], band: Band, frame: Frame) -> float:
    """Give the largest scale at which groups of rows fit into the band: in width, in height and in depth."""
    blocks = [block for rows in groups for row in rows for block in row]
    wide = sum(_breadth(rows, band) for rows in groups) + 0.3 * (len(groups) - 1) * max(b.width for b in blocks)
    scale = min(band.width, 2.1 * frame.height) / wide * (0.97 if len(blocks) > OFTEN else 1.0)
    tall, drop = max(block.top + block.drop for block in blocks), max(block.drop for block in blocks)
    joined = 1.42 if any(len(block.pieces) > 1 for block in blocks) else 1.0
    scale = min(scale, band.tallest * joined / tall, (band.near - band.top) / tall)
    deep = max(len(rows) for rows in groups)
    if band.medium == "air":
        return min(scale, (band.near - band.top) / (deep * 1.06 * tall))
    if drop:
        scale = min(scale, 1.6 * (band.near - band.far) / drop)
    near, far = _reach(band, frame, deep)
    for rows in groups:
        steps = _steps(rows, band)
        depth = len(rows) - 1
        behind = max(block.top for block in rows[depth]) * _receding(band, depth)
        scale = min(scale, 0.98 * (near - band.top) / (sum(steps) + behind))
        if depth:
            scale = min(scale, (near - far) / sum(steps))
    return scale


def _reach(band: Band, frame: Frame, deep: int) -> tuple[float, float]:
    """Give the nearest and the farthest row of pixels to stand on; several rows use more of the ground than one."""
    near = max(band.near, (frame.bottom - 0.005) * frame.height) if band.medium == "ground" and deep > 1 else band.near
    # Where land meets water, both keep to their own side of the shore.
    beyond = BEYOND[min(deep, ROWS)] if frame.pond is None else 0.0
    return near, band.far - beyond * max(0.0, band.far - frame.horizon * frame.height)


def _spread(groups: list[Rows], scale: float, band: Band, frame: Frame, rng: np.random.Generator) -> list[Standing]:
    """Give every block its feet: groups from left to right, the slack shared out between and around them."""
    widths = [_breadth(rows, band) * scale for rows in groups]
    slack = band.width - sum(widths)
    gap = min(slack / (len(groups) + 0.4), 0.45 * float(np.mean(widths))) if len(groups) > 1 else 0.0
    x = (band.left + band.right - sum(widths) - gap * (len(groups) - 1)) / 2
    placed: list[Standing] = []
    for rows, wide in zip(groups, widths, strict=True):
        room = min(wide * 1.25, wide + slack / len(groups) * 0.5)
        feet = _feet(rows, scale, band, frame)
        for depth, row in enumerate(rows):
            # The hindmost row may wander where nobody stands; the others keep clear of those behind.
            loose = 0.10 if depth == len(rows) - 1 and frame.pond is None else 0.02
            at = _RowAt(band, depth, len(rows), scale * _receding(band, depth), feet[depth], loose)
            placed += _row(row, x + wide / 2, room, at, rng)
        x += wide + gap
    return placed


def _feet(rows: Rows, scale: float, band: Band, frame: Frame) -> list[float]:
    """Give the row of pixels that each of several rows stands on: as far apart as there is room, within reason."""
    near, far = _reach(band, frame, len(rows))
    steps = np.array(_steps(rows, band)) * scale
    whole = float(steps.sum())
    if not whole:
        return [near]
    stretch = float(np.clip((near - far) / whole, 1.0, 1.3))
    behind = max(block.top for block in rows[-1]) * scale * _receding(band, len(rows) - 1)
    spare = max(0.0, min(near - far, near - band.top - behind) - whole * stretch)
    return [near - 0.5 * spare - float(way) for way in np.cumsum(steps * stretch)]


def _row(row: list[Block], middle: float, room: float, at: _RowAt, rng: np.random.Generator) -> list[Standing]:
    """One row of a group around its middle, irregular in spacing and in depth."""
    extent_ = sum(block.width for block in row) * at.scale
    shares = rng.uniform(0.2, 1.8, len(row))[1:]
    spare = min(max(0.0, room - extent_), 1.8 * _gap(row) * at.scale * len(shares))
    gaps = [0.0, *(shares / max(1e-6, float(shares.sum())) * spare)]
    x = middle - (extent_ + sum(gaps)) / 2
    placed = []
    for i, block in enumerate(row):
        x += gaps[i]
        foot = _foot(block, at, rng, i=i, count=len(row))
        placed.append(Standing(block, x - block.left * at.scale, foot, at.scale, at.band.medium))
        x += block.width * at.scale
    return placed


def _foot(block: Block, at: _RowAt, rng: np.random.Generator, *, i: int, count: int) -> float:
    """Give the row of pixels a block stands on: single rows go to and fro in depth, many keep clear of each other."""
    wander, band = float(rng.uniform(-1, 1)), at.band
    zigzag = (-1.0) ** i if count > 1 else 0.0
    if band.medium == "air":
        cell = (band.near - band.top) / at.deep
        spare = max(0.0, cell - (block.top + block.drop) * at.scale)
        return band.near - at.depth * cell - spare * float(np.clip(0.5 + 0.26 * zigzag + 0.22 * wander, 0.04, 0.96))
    if at.deep > 1:
        return max(band.top + block.top * at.scale, at.foot - at.loose * block.top * at.scale * (wander + 1))
    stagger = 0.24 * zigzag if count > 2 else 0.0
    share = float(np.clip(0.66 + stagger + 0.10 * wander, 0.1, 1.0))
    return max(band.top + block.top * at.scale, band.far + (band.near - band.far) * share - 0.5 * block.drop * at.scale)
