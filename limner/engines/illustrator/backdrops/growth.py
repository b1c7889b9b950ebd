"""Things that grow: blades of grass, flowers, trees, firs and palms, drawn from a few strokes each."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from limner.engines.illustrator.pixels import SHIFT, Array, Colour, array, fixed

if TYPE_CHECKING:
    from collections.abc import Sequence
from typing import Any

Points = NDArray[np.floating[Any]]
BYTES = 190.0
BAND = 128


def paint(
    canvas: Array, shapes: Sequence[Points], tones: Sequence[float] | Points, dark: Colour, bright: Colour
) -> None:
    """Paint polygons in colours between `dark` (tone 0) and `bright` (tone 1), in place, the later over the earlier."""
    share = np.asarray(tones, dtype=np.float32)[:, None]
    colour(canvas, shapes, dark + (bright - dark) * share)


def colour(canvas: Array, shapes: Sequence[Points], colours: Array) -> None:
    """Paint polygons, each in its own colour (N, 3), in place, on the rectangle they touch.

    OpenCV draws soft edges on bytes alone; so the rectangle is drawn on as bytes, and what changed is added to the
    picture: wherever nothing is drawn it keeps every bit.
    """
    if not len(shapes):
        return
    every = np.concatenate(shapes)
    box = _touched(canvas, every)
    if box is None:
        return
    part = canvas[box]
    after = np.empty(part.shape, np.uint8)
    for rows in bands(part):
        after[rows] = cv2.convertScaleAbs(np.maximum(part[rows], 0), alpha=BYTES)
    before = after.copy()
    inks = np.clip(array(colours) * np.float32(BYTES), 0, 255).tolist()
    points, at = fixed(every - (box[1].start, box[0].start)), 0
    for shape, ink in zip(shapes, inks, strict=True):
        cv2.fillPoly(after, [points[at : at + len(shape)]], ink, cv2.LINE_AA, SHIFT)
        at += len(shape)
    for rows in bands(part):
        change = cv2.subtract(after[rows], before[rows], dtype=cv2.CV_32F)
        part[rows] = cv2.scaleAdd(change, 1 / BYTES, np.ascontiguousarray(part[rows]))


def bands(image: Array) -> list[slice]:
    """Give the rows of an image in bands, so that what is made on the way stays small."""
    return [slice(top, top + BAND) for top in range(0, len(image), BAND)]


def _touched(canvas: Array, points: Points) -> tuple[slice, slice] | None:
    """Give the rectangle of the canvas that these points (N, 2) span, or None where they are all outside."""
    x0, y0 = (max(0, math.floor(v) - 2) for v in points.min(0))
    x1, y1 = (min(n, math.ceil(v) + 3) for n, v in zip(canvas.shape[1::-1], points.max(0), strict=True))
    return (slice(y0, y1), slice(x0, x1)) if x1 > x0 and y1 > y0 else None


def dots(h: int, w: int, circles: ArrayLike) -> Array:
    """Draw a mask of discs, each a row (x, y, radius, value 0..1), later ones over earlier ones."""
    mask = np.zeros((h, w), np.uint8)
    given = np.asarray(circles, dtype=np.float64).reshape(-1, 4)
    places, values = fixed(given[:, :3]).tolist(), (given[:, 3] * 255).tolist()
    for (x, y, radius), value in zip(places, values, strict=True):
        cv2.circle(mask, (x, y), max(1, radius), value, -1, cv2.LINE_AA, SHIFT)
    return array(mask) * np.float32(1 / 255)


def fill(canvas: Array, points: Points, colour: Colour) -> None:
    """Paint one polygon in one colour, in place, only where it is."""
    paint(canvas, [points], [1.0], colour, colour)


def blade_shapes(x: Points, y: Points, length: Points, lean: Points, width: float) -> list[Points]:
    """Bent blades of grass that grow at (x, y): five points each."""
    bend, top = x + lean * 0.35, y - length * 0.6
    rows = [
        (x - width, y), (bend - width * 0.7, top), (x + lean, y - length), (bend + width * 0.7, top), (x + width, y),
    ]  # fmt: skip
    return list(np.stack([np.stack(pair, 1) for pair in rows], 1))


def tuft(x0: float, x1: float, y: float, height: float, *, count: int, rng: np.random.Generator) -> list[Points]:
    """Draw a strip of grass from x0 to x1 at y, blades up to `height` pixels tall, the front ones last."""
    many = rng.random((count, 4))
    many = many[np.argsort(many[:, 1])]
    x = x0 + (x1 - x0) * many[:, 0]
    length = height * (0.35 + 0.65 * many[:, 2])
    lean = (many[:, 3] - 0.5) * 1.1 * length
    return blade_shapes(x, y + many[:, 1] * height * 0.35, length, lean, max(0.5, height * 0.045))


LEAF = np.array([(-1, 0), (-0.45, -0.5), (0.3, -0.5), (1, 0), (0.3, 0.5), (-0.45, 0.5)])
_turn = np.linspace(0, 2 * np.pi, 28, endpoint=False)
LARGE_LEAF = np.stack([np.cos(_turn), 0.46 * np.sin(_turn) * (1 - 0.28 * np.cos(_turn))], 1)


def leaf_shapes(x: Points, y: Points, radius: Points, angle: Points, outline: Points = LEAF) -> list[Points]:
    """Draw leaves at (x, y), turned by `angle`: six points each, or the rounder `LARGE_LEAF`."""
    c, s = np.cos(angle)[:, None], np.sin(angle)[:, None]
    ox, oy = outline[None, :, 0] * radius[:, None], outline[None, :, 1] * radius[:, None]
    return list(np.stack([x[:, None] + ox * c - oy * s, y[:, None] + ox * s + oy * c], 2))


def fern_shapes(x: float, y: float, size: float, rng: np.random.Generator) -> list[Points]:
    """Draw a fern that opens from (x, y): fronds of paired leaflets, the ones behind first."""
    shapes: list[Points] = []
    for turn in rng.permutation(7):
        angle = math.pi * (0.14 + 0.12 * turn) + rng.normal(0, 0.06)
        reach = size * (0.75 + 0.4 * rng.random())
        t = np.linspace(0.12, 1, 11)
        px = x + np.cos(angle) * reach * t
        py = y - np.sin(angle) * reach * t * (1.15 - 0.55 * t * abs(math.cos(angle)))
        leaf = 0.20 * reach * (1.02 - t)
        for side in (-1, 1):
            at = np.full(11, angle * -1 + side * 1.0)
            shapes += leaf_shapes(px + np.cos(at) * leaf * 0.6, py + np.sin(at) * leaf * 0.6, leaf * 0.62, at)
    return shapes


def trunk_shapes(
    x: float, base: float, width: float, top: float, rng: np.random.Generator, *, bare: int = 5
) -> list[Points]:
    """Draw a trunk from its roots at `base` up beyond `top`, a little crooked, with `bare` branches; pixels."""
    t = np.linspace(0, 1, 13)
    y = base + (top - base) * t
    middle = x + np.cumsum(rng.normal(0, 0.05, 13)) * width + rng.normal(0, 0.7) * width * t
    half = width * (0.5 - 0.20 * t + 0.45 * np.exp(-18 * t))
    roots = np.array([(0.8, 0.02), (0.35, 0.16), (-0.1, 0.05), (-0.5, 0.18), (-0.8, 0.03)]) * width + (x, base)
    shapes = [np.concatenate([np.stack([middle - half, y], 1), np.stack([middle + half, y], 1)[::-1], roots])]
    for a, b, c in rng.random((5, 3))[:bare]:
        k, side = int((3 if bare > 2 else 7) + a * (9 if bare > 2 else 5)), 1 if b > 0.5 else -1
        reach, thick = width * (1.4 + 2.6 * c), width * 0.13
        end = np.array([middle[k] + side * reach, y[k] - reach * (0.3 + 0.5 * b)])
        bend = np.array([middle[k] + side * reach * 0.55, y[k] - reach * 0.16])
        start = np.array([middle[k], y[k]])
        shapes.append(
            np.array(
                [start - (0, thick), bend - (0, thick * 0.5), end, bend - (0, -thick * 0.6), start - (0, -thick * 1.3)]
            )
        )
    return shapes


def ground_shadow(image: Array, at: tuple[float, float], size: tuple[float, float]) -> None:
    """Darken the ground in a soft oval, in place."""
    rows = np.arange(image.shape[0], dtype=np.float32)[:, None]
    columns = np.arange(image.shape[1], dtype=np.float32)[None]
    top, bottom = max(0, int(at[1] - 3 * size[1])), max(0, int(at[1] + 3 * size[1]))
    d = ((columns - at[0]) / size[0]) ** 2 + ((rows[top:bottom] - at[1]) / size[1]) ** 2
    image[top:bottom] *= (1 - np.float32(0.42) * np.exp(-(d**2)))[..., None]


# where each puff of a round tree lies, in radii, how large it is, and how bright
PUFFS = np.array([
    (0, -0.75, 0.95, 0.10), (-0.62, -0.62, 0.62, 0.25), (0.62, -0.62, 0.62, 0.25), (0, -1.25, 0.66, 0.42),
    (0.34, -1.30, 0.42, 0.78), (0.62, -0.88, 0.34, 0.66), (-0.1, -0.95, 0.36, 0.52),
])  # fmt: skip


def round_trees(
    canvas: Array, at: Points, dark: Colour, bright: Colour, *, sun: float, rng: np.random.Generator
) -> None:
    """Plant small round trees or bushes, in place: `at` has a row (x, y, radius) in pixels for each.

    Each is a heap of seven puffs, lit from the side `sun` (-1 left, 1 right) and from above; far ones come first.
    """
    turn = np.linspace(0, 2 * np.pi, 11, endpoint=False)
    order = at[np.argsort(at[:, 1])]
    a, b, c, d = np.moveaxis(rng.normal(0, 0.10, (len(order), len(PUFFS), 4)), 2, 0)
    size = order[:, 2:3]
    x = order[:, 0:1] + (PUFFS[:, 0] + a) * sun * size
    y = order[:, 1:2] + (PUFFS[:, 1] + b) * size
    radius = (size * PUFFS[:, 2] * (1 + c))[..., None] * (1 + 0.08 * np.cos(turn * 3 + 9 * a[..., None]))
    shapes = np.stack([x[..., None] + np.cos(turn) * radius, y[..., None] + np.sin(turn) * radius], 3)
    paint(canvas, list(shapes.reshape(-1, 11, 2)), np.clip(PUFFS[:, 3] + 0.6 * d, 0, 1).ravel(), dark, bright)
