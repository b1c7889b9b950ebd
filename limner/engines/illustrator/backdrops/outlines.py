"""Outlines of towers: for every height an edge at the left and one at the right, in widths and heights of the tower."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Outline = NDArray[np.float64]
Row = tuple[float, float, float]

SAMPLES = np.linspace(0, 1, 120)
# The kinds below this number stand in every city; the others nobody has built yet.
TODAY, KINDS = 8, 14
SLENDER = 10


def _even(*rows: tuple[float, float]) -> list[Row]:
    """Give rows (height, half width) of a tower that is the same at both sides."""
    return [(height, -half, half) for height, half in rows]


def _round(foot: float, half: float) -> list[Row]:
    """Give the rows of a round top that begins at the height `foot`."""
    turns = np.linspace(0, np.pi / 2, 12)
    return _even(*((foot + (1 - foot) * float(np.sin(t)), half * float(np.cos(t))) for t in turns))


def _sail(t: float) -> Row:
    """Give a row of a tower like a sail: bent at one side, bellied at the other."""
    return t, -0.5 + 0.60 * t**2.2, 0.5 - 0.28 * float(np.sin(1.5 * t))


@lru_cache(maxsize=1)
def outlines() -> tuple[Outline, ...]:
    """Give the outlines of all kinds, each rows (height, left, right) from the foot up."""
    steps = ((0, 0.5), (0.58, 0.5), (0.58, 0.38), (0.83, 0.38), (0.83, 0.22), (1, 0.22))
    disc = (
        (0, 0.10),
        (0.78, 0.06),
        (0.80, 0.40),
        (0.825, 0.62),
        (0.85, 0.50),
        (0.88, 0.30),
        (0.92, 0.22),
        (0.95, 0.05),
    )
    curve = [float(t) for t in np.linspace(0, 1, 14)]
    waist = ((t, 0.36 + 0.14 * float(np.cos(4.4 * t))) for t in curve[:-1])
    kinds: list[list[Row]] = [
        _even((0, 0.5), (1, 0.5)),
        _even((0, 0.5), (0.86, 0.5), (0.86, 0.31), (1, 0.31)),
        [(0, -0.5, 0.5), (0.90, -0.5, 0.5), (1, -0.5, -0.06)],
        _even(*steps),
        _even((0, 0.5), (0.90, 0.5), (1, 0)),
        _even((0, 0.5), (0.70, 0.5), (0.70, 0.36), (0.93, 0.36), (0.93, 0.16), (1, 0.16)),
        [(0, -0.5, 0.5), *_round(0.82, 0.5)],
        _even((0, 0.5), (0.94, 0.5), (0.94, 0.44), (0.965, 0.44), (0.965, 0.30), (1, 0.30)),
        _even((0, 0.55), (0.45, 0.30), (0.80, 0.11), (1, 0)),
        [_sail(t) for t in curve],
        _even(*disc, (1, 0.02)),
        [(0, -0.5, 0.5), (0.82, -0.5, 0.5), (0.93, -0.5, 0.10), (1, -0.30, -0.10)],
        _even(*waist, (1, 0.30)),
        [(0, -0.34, 0.34), *_round(0.70, 0.34)],
    ]  # fmt: skip
    return tuple(np.asarray(rows, dtype=np.float64) for rows in kinds)


@lru_cache(maxsize=KINDS)
def _edges(kind: int) -> tuple[Outline, Outline]:
    shape = outlines()[kind]
    return np.interp(SAMPLES, shape[:, 0], shape[:, 1]), np.interp(SAMPLES, shape[:, 0], shape[:, 2])


def tops(kind: int, across: Outline) -> Outline:
    """Find how high a tower is at places across it (-0.5 to 0.5), 0 where it is not."""
    left, right = _edges(kind)
    inside = (across[..., None] >= left - 1e-6) & (across[..., None] <= right + 1e-6)
    return np.asarray(np.where(inside, SAMPLES, 0).max(axis=-1))
