"""Finding room: where somebody who comes into a finished arrangement can stand without hiding the others."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.staging.frames import Standing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from limner.engines.illustrator.staging.blocks import Block
    from limner.engines.illustrator.staging.frames import Frame, Medium

Box = tuple[float, float, float, float]

SIZES = (1.0, 0.9, 0.8)
"""How much smaller than the others somebody may be drawn, so that there is room."""
COLUMNS, ROWS = 25, 5
HIDDEN = 0.16
"""Which share of the smaller of two may lie behind the other."""
CLOSE = 0.30
"""How far from whom they are told to be beside they may be without it being a fault, as a share of the width."""
TALLEST, ALOFT = 0.42, 0.16
"""How tall somebody who comes may be, on the ground and in the air, as a share of the height."""
OVERHEAD = 0.45
"""Where the air ends over the heads of those on the ground, as a share of the height."""
SHORTER = 0.22
"""How much smaller things look on the far line."""


@dataclass(frozen=True, slots=True)
class Room:
    """What is taken and what is free, in pixels.

    `scale` is how many pixels a span is for the others, None where nobody is there; the middle of who comes lies
    between `left` and `right`, near the column `near` where one is told. `within` is a box that holds them wholly.
    `feet` are rows that others stand on.
    """

    taken: tuple[Box, ...]
    scale: float | None
    left: float
    right: float
    near: float | None
    within: Box | None
    feet: tuple[float, ...]


def place_for(block: Block, medium: Medium, room: Room, frame: Frame) -> Standing | None:
    """Find the best place for a block: large, beside the others, where it is told to be; None where there is none."""
    if room.within is not None:
        return _fitted(block, medium, room.within)
    if room.scale is None:
        return None
    best: tuple[float, Standing] | None = None
    for one, smaller in _tried(block, medium, room, frame):
        hidden = max((_overlap(_box(one), box) for box in room.taken), default=0.0)
        if hidden > HIDDEN or not _is_inside(_box(one), frame):
            continue
        cost = 4 * hidden + 2 * (1 - smaller) + _astray(one, room, frame)
        if best is None or cost < best[0]:
            best = cost, one
    return best[1] if best else None


def _fitted(block: Block, medium: Medium, box: Box) -> Standing:
    """Put a block into a box, as large as it goes, with its feet at the bottom."""
    x0, y0, x1, y1 = box
    tall = block.top + block.drop
    scale = 0.96 * min((x1 - x0) / block.width, (y1 - y0) / tall)
    slack = 0.5 if medium == "air" else 0.96
    foot = y0 + block.top * scale + slack * (y1 - y0 - tall * scale)
    return Standing(block, (x0 + x1) / 2 - block.middle * scale, foot, scale, medium)


def _tried(block: Block, medium: Medium, room: Room, frame: Frame) -> Iterator[tuple[Standing, float]]:
    """Yield a block at every place and size that is tried, with how much smaller it is there than it should be."""
    share = ALOFT if medium == "air" and frame.surface != "air" else TALLEST
    largest = min(room.scale or 1.0, share * frame.unit / max(1e-6, block.top))
    rows, columns = _rows(medium, room, frame), np.linspace(room.left, room.right, COLUMNS)
    for smaller, (foot, distance), middle in product(SIZES, rows, columns):
        scale = largest * smaller * (1 - SHORTER * distance)
        yield Standing(block, float(middle) - block.middle * scale, foot, scale, medium), smaller


def _rows(medium: Medium, room: Room, frame: Frame) -> list[tuple[float, float]]:
    """Give the rows to stand on, each with how far it is from the viewer, 0..1."""
    if medium == "air":
        bottom = 0.90 if frame.surface == "air" else OVERHEAD
        return [(float(row), 0.0) for row in np.linspace(frame.top + 0.14, bottom, ROWS + 2) * frame.height]
    far, near = frame.far * frame.height, frame.near * frame.height
    if medium == "water" and frame.pond is not None:
        far, near = frame.pond[0] * frame.height, frame.pond[1] * frame.height
    usual = [foot for foot in room.feet if far <= foot <= near]
    rows = [*usual, *np.linspace(near, far + 0.25 * (near - far), ROWS)]
    return [(float(row), float((near - row) / max(1.0, near - far))) for row in rows]


def _astray(one: Standing, room: Room, frame: Frame) -> float:
    """Tell how far from where it should be something is: beside whom it was told to be, else not far from the rest."""
    middle = one.x + one.block.middle * one.scale
    if room.near is not None:
        return max(0.0, abs(middle - room.near) / frame.width - CLOSE)
    usual = min((abs(foot - one.foot) for foot in room.feet), default=0.0) if one.medium != "air" else 0.0
    balanced = abs(middle - _counterweight(room, frame)) / frame.width
    return 0.35 * balanced + 0.5 * usual / frame.height


def _counterweight(room: Room, frame: Frame) -> float:
    """Give the column that balances what is there: as far to the other side of the middle."""
    if not room.taken:
        return frame.width / 2
    weights = [(box[2] - box[0]) * (box[3] - box[1]) for box in room.taken]
    middles = [(box[0] + box[2]) / 2 for box in room.taken]
    there = float(np.average(middles, weights=weights))
    return frame.width - there


def _box(one: Standing) -> Box:
    block, scale = one.block, one.scale
    return (
        one.x + block.left * scale,
        one.foot - block.top * scale,
        one.x + block.right * scale,
        one.foot + block.drop * scale,
    )


def _is_inside(box: Box, frame: Frame) -> bool:
    left, right = frame.sides
    loose = 0.4 * frame.margin * frame.width
    return (
        box[0] >= left - loose
        and box[2] <= right + loose
        and box[1] >= frame.top * frame.height
        and box[3] <= frame.bottom * frame.height + 1
    )


def _overlap(a: Box, b: Box) -> float:
    """Give the area that two boxes share, as a share of the smaller one's."""
    wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    smaller = min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
    return max(0.0, wide) * max(0.0, high) / max(1e-6, smaller)
