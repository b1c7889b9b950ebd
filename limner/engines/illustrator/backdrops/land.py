"""Land: the outlines of hills, layers in the haze, and ground seen in perspective."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.pixels import Array, Colour, array, blur, fbm, fork, mix, over, profile, smoothstep

if TYPE_CHECKING:
    from limner.engines.illustrator.backdrops.air import Air
    from limner.engines.illustrator.backdrops.base import View

TILE = 512


def outline(view: View, scale: float, octaves: int, rng: np.random.Generator, gain: float = 0.5) -> Array:
    """Give a line of fractal noise around 0.5, one value per column, with features of `scale` units.

    It is anchored in the middle of the picture, so that other formats show more or less of the same line.
    """
    cell = scale * view.unit
    before = round(max(1, math.ceil(1.6 / scale)) * cell - view.middle)
    return profile(max(0, before) + view.width, cell, octaves, rng, gain)[max(0, before) :]


def ridge(
    view: View, base: float, height: float, scale: float, rng: np.random.Generator, *, gain: float = 0.5
) -> Array:
    """Give the outline of a range of hills in pixels: `base` is a fraction of the picture, `height` in units."""
    line = outline(view, scale, 6, rng, gain)
    return array(base * view.height - height * view.unit * (line - np.float32(0.35)))


def clumps(view: View, line: Array, height: float, share: float, rng: np.random.Generator) -> Array:
    """Raise groups of tree crowns on an outline: a new line, above the old one where trees stand."""
    where = smoothstep(0.62 - 0.3 * share, 0.86 - 0.3 * share, outline(view, 0.16, 3, rng))
    crowns = heads(view, height * 0.95, rng) * 0.75 + heads(view, height * 0.40, rng) * 0.35
    return array(line - np.sqrt(where) * crowns * np.float32(height * view.unit))


def heads(view: View, scale: float, rng: np.random.Generator) -> Array:
    """Give a line of round heads side by side, 0..1, each about `scale` units wide: tree crowns, clouds."""
    bump = (outline(view, scale, 1, rng) - 0.5) * np.float32(2.2)
    return array(np.sqrt(np.clip(1 - bump * bump, 0, 1)))


def lay(canvas: Array, line: Array, colour: Array | Colour) -> None:
    """Paint everything below a line with a colour, column or image, in place; the edge is one pixel soft."""
    h = len(canvas)
    top, low = (int(np.clip(math.floor(v), 0, h)) for v in (float(line.min()) - 0.5, float(line.max()) + 1.5))
    if low > top:
        share = np.arange(top, low, dtype=np.float32)[:, None] + np.float32(0.5) - line[None]
        np.clip(share, 0, 1, out=share)
        part, ink = canvas[top:low], spread(_rows(colour, top, low), low - top, canvas.shape[1])
        part[:] = cv2.blendLinear(ink, np.ascontiguousarray(part), share, np.float32(1) - share)
    canvas[low:] = _rows(colour, low, h)


def spread(colour: Array | Colour, h: int, w: int) -> Array:
    """Give a colour, column, row or image as an image (h, w, 3)."""
    return np.ascontiguousarray(np.broadcast_to(colour, (h, w, 3)))


def _rows(colour: Array | Colour, top: int, low: int) -> Array:
    """Give the part of a colour, column, row or image that falls on some rows."""
    return colour[top:low] if colour.ndim == 3 and len(colour) > 1 else colour


def faces(view: View, line: Array, lean: float, softness: float, rows: slice | None = None) -> Array:
    """Tell for every pixel below an outline which way its slope faces: -1 falls to the left .. 1 to the right.

    The outline's own slope is carried down aslant (`lean` columns for each row), as ridges run down a mountain;
    `softness` in units smooths it first; `rows` are the ones wanted, or all.
    """
    steep = np.gradient(blur(line[None], softness * view.unit)[0])
    wanted = range(view.height)[rows] if rows else range(view.height)
    down = np.arange(wanted.start, wanted.stop, dtype=np.float32)[:, None]
    at = np.arange(view.width, dtype=np.float32)[None] + np.float32(lean) * (down - line[None])
    index = np.clip(at, 0, view.width - 1).astype(np.intp)
    return array(np.clip(np.take(steep, index), -1, 1))


def hazed(colour: Array | Colour, air: Air, amount: float) -> Array:
    """Give a colour of land as it looks through so much air (0..1): lit by the sky, then lost in the haze."""
    return mix(colour * air.brightness, air.horizon, amount)


def tile(cell_x: float, cell_y: float, rng: np.random.Generator) -> Array:
    """Value noise 0..1 on a square that continues at its own edges, for textures that repeat.

    There is one for each cell size; `rng` draws where it begins.
    """
    down, across = (int(v) for v in rng.integers(0, TILE, 2))
    return array(np.roll(_tile(cell_x, cell_y), (down, across), (0, 1)))


@lru_cache(maxsize=24)
def _tile(cell_x: float, cell_y: float) -> Array:
    rng = np.random.default_rng(round(1000 * cell_x + cell_y))
    rows, columns = max(2, round(TILE / cell_y)), max(2, round(TILE / cell_x))
    values = np.pad(rng.random((rows, columns), dtype=np.float32), 2, mode="wrap")
    size = round(TILE * (columns + 4) / columns), round(TILE * (rows + 4) / rows)
    large = cv2.resize(values, size, interpolation=cv2.INTER_CUBIC)
    left, top = (size[0] - TILE) // 2, (size[1] - TILE) // 2
    return array(np.ascontiguousarray(large[top : top + TILE, left : left + TILE]))


def depth(view: View, top: int, flat: float = 0.06) -> Array:
    """Tell how far off every row below `top` lies, (rows, 1): from about 1 / flat at `top` to 1 / (1 + flat) below."""
    rows = view.height - top
    return array(1 / ((np.arange(rows, dtype=np.float32)[:, None] + 0.5) / rows + flat))


def sample(pattern: Array, view: View, far: Array, across: float, along: float, *, step: int = 1) -> Array:
    """See a repeating pattern lying on the ground; `across` and `along` are repeats per unit of distance.

    `far` is what `depth` gave. Where the pattern is too fine for the rows it fades into its mean. Of a soft pattern
    every `step`-th column is enough.
    """
    x = array(view.across()[:, ::step] * far) * np.float32(across * TILE) + np.float32(TILE * 0.37)
    y = np.repeat(far * np.float32(along * TILE), x.shape[1], axis=1)
    seen = array(cv2.remap(pattern, x, array(y), cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP))
    crowd = np.abs(np.gradient(far[:, 0])) if len(far) > 1 else np.ones(1)
    sharp = smoothstep(60, 12, array(crowd[:, None] * along * TILE))
    together = mix(float(pattern.mean()), seen, sharp)
    return together if step == 1 else array(cv2.resize(together, (view.width, len(far))))


def ground_noise(view: View, far: Array, grain: float, rng: np.random.Generator) -> Array:
    """Give the unevenness of open ground in perspective, around 0.5; `grain` is repeats per unit of distance."""
    coarse = sample(tile(64, 64, rng), view, far, grain * 0.32, grain * 0.32, step=2)
    middle = sample(tile(22, 22, rng), view, far, grain * 0.8, grain * 0.8, step=2)
    fine = sample(tile(7, 7, rng), view, far, grain * 1.3, grain * 1.3)
    together = array(coarse * 0.45 + middle * 0.33 + fine * 0.22)
    if view.fine:
        together += (sample(tile(2.2, 2.2, rng), view, far, grain * 1.5, grain * 1.5) - np.float32(0.5)) * np.float32(
            0.30
        )
    return together


def grit(view: View, far: Array, rng: np.random.Generator) -> Array:
    """Give the grain of sand or dust around 0; in the finest pictures with the single grains."""
    grain = sample(tile(2, 2, rng), view, far, 0.9, 0.9) - np.float32(0.5)
    pattern = fork(rng)
    if view.fine:
        grain += (sample(tile(1.3, 1.3, pattern), view, far, 1.6, 1.6) - np.float32(0.5)) * np.float32(0.8)
    return grain


def slope(field: Array, step: int, gain: float) -> Array:
    """Light that grazes a field from the left: brighter (above 0.5) where it rises against the light."""
    moved = np.empty_like(field)
    moved[:, step:] = field[:, :-step]
    moved[:, :step] = field[:, :1]
    return array(np.clip((field - moved) * np.float32(gain) + np.float32(0.5), 0, 1))


def mist(
    canvas: Array, view: View, colour: Colour, where: tuple[float, float, float], rng: np.random.Generator
) -> None:
    """Let a band of mist hang, uneven and soft at its edges, in place.

    `where` is its height and thickness as fractions of the picture, and how dense it is (0..1).
    """
    at, thickness, amount = where
    band = np.exp(-(((view.rows() - at) / thickness) ** 2))
    keep = np.flatnonzero(band[:, 0] > 0.01)
    if not len(keep):
        return
    rows = slice(int(keep[0]), int(keep[-1]) + 1)
    veil = fbm(rows.stop - rows.start, view.width, 0.22 * view.unit, 3, rng, aspect=3.0)
    over(canvas[rows], colour, array(np.clip(band[rows] * (veil * 1.2 - 0.05) * amount * 1.3, 0, 1)))
