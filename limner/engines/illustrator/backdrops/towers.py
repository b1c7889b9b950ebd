"""Houses and towers of a city: drawn one by one into their own rectangle, with faces, windows, haze and snow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.pixels import Array, Colour, array, mix, polygons, smoothstep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from limner.engines.illustrator.backdrops.base import View

STONES = ((1.0, 1.0, 1.0), (1.06, 0.97, 0.88), (0.90, 1.0, 1.08), (1.10, 0.86, 0.78), (0.97, 1.0, 0.94))


@dataclass(frozen=True, slots=True)
class Tower:
    """One building: its middle in units from the picture's, its size in units, its shape and its own numbers."""

    at: float
    width: float
    height: float
    kind: int
    tone: float
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """How the towers of one row look: colours of the two faces, of lit and dark windows, haze, snow."""

    wall: Colour
    sunny: Colour
    glass: Colour
    lamps: tuple[Colour, Colour]
    lit: float
    haze: Colour
    hazy: float
    cell: float
    snow: Colour | None
    sun_right: bool


def row_of_towers(
    view: View, count: float, heights: tuple[float, float], widths: tuple[float, float], rng: np.random.Generator,
    *, hollow: float = 0.0,
) -> list[Tower]:  # fmt: skip
    """Towers from the middle outwards, `count` to a unit, until the picture is full; `hollow` keeps the middle free."""
    half = view.width / view.unit / 2 + widths[1]
    towers = []
    for k in range(int(2 * half * count) + 2):
        place = (k // 2 + 0.5) / count * (1 if k % 2 else -1)
        a, b, c, d, e = rng.random(5)
        at = place + (a - 0.5) * 0.7 / count
        crest = float(np.exp(-((at / 0.42) ** 2))) * 0.75 + 0.45
        height = heights[0] + (heights[1] - heights[0]) * b**1.4 * crest
        width = widths[0] + (widths[1] - widths[0]) * c
        kind, seed = int(d * 5), int(rng.integers(2**31))
        if abs(at) >= hollow and abs(at) - width < half:
            towers.append(Tower(at, width, height, kind, e, seed))
    return towers


def _shapes(kind: int, w: float, h: float) -> list[NDArray[np.float64]]:
    """Give the outline of a tower in its own rectangle, as polygons; the mast may need the uppermost fifth."""
    t = 0.2 * h
    box = [(0, h), (0, t), (w, t), (w, h)]
    if kind == 1:
        crown = [(0.2 * w, t), (0.2 * w, 0.13 * h), (0.8 * w, 0.13 * h), (0.8 * w, t)]
        mast = [(0.48 * w, 0.14 * h), (0.5 * w, 0.0), (0.52 * w, 0.14 * h)]
        return [np.array(box), np.array(crown), np.array(mast)]
    if kind == 2:
        return [np.array([(0, h), (0, t + 0.08 * h), (0.4 * w, t), (w, t + 0.05 * h), (w, h)])]
    if kind == 3:
        waist, top = 0.52 * h, 0.30 * h
        steps = [(0, h), (0, waist), (0.12 * w, waist), (0.12 * w, top), (0.27 * w, top), (0.27 * w, t)]
        return [np.array(steps + [(w - x, y) for x, y in steps[::-1]])]
    if kind == 4:
        gable = [(0, h), (0, t + 0.10 * h), (0.5 * w, t), (w, t + 0.10 * h), (w, h)]
        return [np.array(gable)]
    return [np.array(box)]


def windows(w: int, h: int, on: Array) -> Array:
    """How much window is in each pixel of a wall, times the light in it (rows, columns)."""
    pane = np.zeros((6, 5), np.float32)
    pane[1:5, 1:4] = 1
    grid = np.kron(on, pane)
    shrinks = w < grid.shape[1] or h < grid.shape[0]
    return array(cv2.resize(grid, (w, h), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR))


def raise_tower(canvas: Array, view: View, tower: Tower, base: float, look: Look) -> None:
    """Draw one tower that stands on the row `base` (pixels) onto the canvas, in place."""
    unit = view.unit
    w, h = max(3, round(tower.width * unit)), max(4, round(tower.height * 1.25 * unit))
    x0, y0 = round(view.x(tower.at) - w / 2), round(base - h)
    left, right = max(0, -x0), min(w, canvas.shape[1] - x0)
    top, bottom = max(0, -y0), min(h, canvas.shape[0] - y0)
    if right <= left or bottom <= top:
        return
    mask = polygons(h, w, _shapes(tower.kind, w, h))
    colour = _wall(tower, w, h, look)
    if look.snow is not None:
        colour = _snowed(colour, mask, look.snow, max(1, round(0.006 * unit)))
    inner = slice(top, bottom), slice(left, right)
    outer = slice(y0 + top, y0 + bottom), slice(x0 + left, x0 + right)
    alpha = np.ascontiguousarray(mask[inner])
    part = np.ascontiguousarray(canvas[outer])
    canvas[outer] = cv2.blendLinear(np.ascontiguousarray(colour[inner]), part, alpha, np.float32(1) - alpha)


def _wall(tower: Tower, w: int, h: int, look: Look) -> Array:
    """Paint the two faces of a tower with their windows, and the haze that rises from the street."""
    rng = np.random.default_rng(tower.seed)
    tone = array((0.82 + 0.36 * tower.tone) * array(STONES[tower.seed % len(STONES)]))
    split = round(w * (0.30 + 0.4 * rng.random()))
    faces = np.empty((1, w, 3), np.float32)
    bright, dim = (slice(split, w), slice(0, split)) if look.sun_right else (slice(0, split), slice(split, w))
    faces[:, bright], faces[:, dim] = look.sunny * tone, look.wall * tone
    wall = np.repeat(faces, h, axis=0)
    columns = max(2, round(tower.width / look.cell))
    rows = max(3, round(tower.height * 1.25 / (1.35 * look.cell)))
    draws = rng.random((rows, columns))
    share = look.lit * (0.5 + rng.random())
    lamps = (draws < share) * (0.45 + 0.55 * rng.random((rows, columns)))
    wall = mix(wall, look.glass * tone, windows(w, h, np.ones((rows, columns), np.float32))[..., None])
    kind = (rng.random((rows, columns)) > 0.72).astype(np.float32)
    warm = windows(w, h, array(lamps * (1 - kind)))[..., None] * look.lamps[0]
    cold = windows(w, h, array(lamps * kind))[..., None] * look.lamps[1]
    fade = smoothstep(0.35, 1.0, np.linspace(0, 1, h, dtype=np.float32))[:, None, None] * 0.45
    hazed = mix(wall, look.haze, np.minimum(1, look.hazy + (1 - look.hazy) * fade))
    return array(hazed + (warm + cold) * np.float32(1 - 0.75 * look.hazy))


def _snowed(colour: Array, mask: Array, snow: Colour, thick: int) -> Array:
    """Lay snow on everything that has no building above it."""
    above = np.zeros_like(mask)
    above[thick:] = mask[:-thick]
    top = np.clip(mask - above, 0, 1)
    return mix(colour, snow, np.minimum(1, cv2.GaussianBlur(top, (0, 0), max(0.4, thick / 5)) * 1.3)[..., None])
