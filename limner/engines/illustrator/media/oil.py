"""Oil: strokes of a loaded brush along the forms, coarse ones first, lit from the side on canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.media.areas import hazed
from limner.engines.illustrator.media.contours import along, flow, grey
from limner.engines.illustrator.pixels import Array, array, noise, resize

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from limner.engines.illustrator.media.base import Proof
    from limner.engines.illustrator.printing.finish import Pixels

BENDS = 5
LAYERS = ((34.0, 0.0, 3.2), (62.0, 0.04, 3.6), (128.0, 0.075, 4.0))
"""Brushes: how many of its widths go along the shorter side, what error it corrects, its stroke's length in widths."""
BROAD = 2
FINE = 0.8
FINEST = (260.0, 0.045, 4.0)


def oil(proof: Proof, rng: np.random.Generator) -> Pixels:
    """Paint with ever finer brushes where the coarser ones left too much wrong, curved along the contours.

    Source: Hertzmann, "Painterly rendering with curved brush strokes of multiple sizes", SIGGRAPH 1998; the relief of
    the paint after his "Fast paint texture", NPAR 2002; direction by the smoothed structure tensor.
    """
    height, width = proof.owner.shape
    half = proof.half()
    direction = flow(grey(half.pixels), max(1.0, half.unit / 90))
    start = hazed(half.pixels, max(1.0, half.unit / 60))
    canvas = np.ascontiguousarray(np.dstack([start, np.full(start.shape[:2], 100, np.uint8)]))
    # What the broad brushes leave is painted over or soft anyway: they work at half the size.
    for brush in LAYERS[:BROAD]:
        _layer(canvas, half, direction, brush, rng)
    canvas = np.asarray(cv2.resize(canvas, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    for brush in LAYERS[BROAD:]:
        _layer(canvas, proof, direction, brush, rng)
    # Faces want the finest brush; the place gets it only in hd.
    _layer(canvas, proof, direction, FINEST, rng, inside=proof.figures if proof.detail <= FINE else None)
    return _lit(canvas, direction, proof, rng)


def _layer(
    canvas: Pixels,
    proof: Proof,
    direction: tuple[Array, Array],
    brush: tuple[float, float, float],
    rng: np.random.Generator,
    *,
    inside: NDArray[np.bool_] | None = None,
) -> None:
    """Lay one brush's strokes on the canvas (H, W, 4: colour and height of paint), in place, in random order.

    They start `inside` (H, W), where that is given.
    """
    per_side, error, length = brush
    breadth = proof.unit / per_side
    target = hazed(proof.pixels, max(0.6, breadth * 0.28))
    starts = _starts(canvas, target, breadth, error, rng)
    if inside is not None:
        height, width = inside.shape
        starts = starts[inside[_rows(starts, height), _columns(starts, width)]]
    paths, colours = _paths(starts, target, direction, breadth, length)
    shades = rng.normal(0, 5.0, (len(colours), 1)) + rng.normal(0, 3.0, (len(colours), 3))
    heights = rng.uniform(70, 200, (len(colours), 1))
    paint = np.clip(np.concatenate([colours + shades, heights], axis=1), 0, 255).astype(int).tolist()
    thick = max(1, round(breadth))
    for path, colour in zip(np.round(paths).astype(np.int32), paint, strict=True):
        cv2.polylines(canvas, [path], isClosed=False, color=colour, thickness=thick)


def _starts(canvas: Pixels, target: Pixels, breadth: float, error: float, rng: np.random.Generator) -> Array:
    """Strew the points (N, 2) strokes start at: one for every cell in which the canvas is too far off."""
    height, width = target.shape[:2]
    rows, columns = max(2, round(height / (0.72 * breadth))), max(2, round(width / breadth))
    jitter, order = rng.random((rows * columns, 2)), rng.permutation(rows * columns)
    cell = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1).reshape(-1, 2)
    points = array((cell + jitter) * (width / columns, height / rows))
    if error:
        off = cv2.absdiff(np.ascontiguousarray(canvas[..., :3]), target)
        wrong = cv2.resize(off, (columns, rows), interpolation=cv2.INTER_AREA).max(axis=2).ravel()
        order = order[wrong[order] > 255 * error]
    return points[order]


def _paths(
    starts: Array, target: Pixels, direction: tuple[Array, Array], breadth: float, length: float
) -> tuple[Array, Array]:
    """Let all strokes run along the flow at once, each until its colour no longer fits: (N, 5, 2) and (N, 3)."""
    height, width = target.shape[:2]
    scale = direction[0].shape[1] / width, direction[0].shape[0] / height
    colours = array(target[_rows(starts, height), _columns(starts, width)])
    paths, here = [starts], starts
    going = np.ones(len(starts), bool)
    last = np.zeros_like(starts)
    step = np.float32(breadth * length / BENDS)
    for _ in range(BENDS - 1):
        row = _rows(here * np.float32(scale[1]), direction[0].shape[0])
        column = _columns(here * np.float32(scale[0]), direction[0].shape[1])
        towards = np.stack([direction[0][row, column], direction[1][row, column]], axis=1)
        towards *= np.where((towards * last).sum(axis=1) < 0, -1, 1)[:, None]
        ahead = here + towards * step
        fits = np.abs(array(target[_rows(ahead, height), _columns(ahead, width)]) - colours).max(axis=1) < 26
        going &= fits
        here = array(np.where(going[:, None], ahead, here))
        last = towards
        paths.append(here)
    return array(np.stack(paths, axis=1)), colours


def _rows(points: Array, height: int) -> NDArray[np.intp]:
    return np.clip(points[:, 1].astype(np.intp), 0, height - 1)


def _columns(points: Array, width: int) -> NDArray[np.intp]:
    return np.clip(points[:, 0].astype(np.intp), 0, width - 1)


def _lit(canvas: Pixels, direction: tuple[Array, Array], proof: Proof, rng: np.random.Generator) -> Pixels:
    """Light the paint's relief from the upper left: ridges of strokes, marks of bristles, the weave below."""
    height, width = proof.owner.shape
    h, w = direction[0].shape
    bristles = along(noise(h, w, 1.4, 1.4, rng), direction, 1.0, 3)
    bristles = resize(array(bristles), width, height)
    paint = cv2.GaussianBlur(np.ascontiguousarray(canvas[..., 3]), (0, 0), max(0.6, proof.unit / 900))
    relief = array(paint) * np.float32(1 / 255) + bristles * np.float32(1.1)
    relief += _weave(height, width, proof.unit) * np.float32(0.06)
    slope = cv2.filter2D(relief, -1, array([[-1, -1, 0], [-1, 0, 1], [0, 1, 1]]) / 2)
    shine = np.clip(128 + slope * np.float32(95), 0, 255).astype(np.uint8)
    colour = cv2.GaussianBlur(np.ascontiguousarray(canvas[..., :3]), (0, 0), 0.6)
    lit = cv2.multiply(colour, cv2.merge([shine, shine, shine]), scale=1 / 128)
    gloss = cv2.subtract(shine, (168, 0, 0, 0))  # type: ignore[call-overload]
    return np.asarray(cv2.add(lit, cv2.merge([gloss, gloss, gloss])), np.uint8)


def _weave(height: int, width: int, unit: int) -> Array:
    """Give the plain weave of canvas (H, W), about -1..1."""
    pitch = max(3.0, unit / 220)
    x = np.sin(np.arange(width, dtype=np.float32) * np.float32(np.pi / pitch))[None]
    y = np.sin(np.arange(height, dtype=np.float32) * np.float32(np.pi / pitch))[:, None]
    return array(x * y)
