"""The lathe: from the outline of half a section to what is seen of the turned body in every pixel.

A point of the outline at (r, z) becomes a ring. Seen from a height of `tilt` radians, without perspective, the ray
through the picture's point (x, y) is at the distance sqrt(x^2 + f^2) from the axis when it is at height z, with
f = (z cos(tilt) - y) / sin(tilt) the way towards the viewer. It meets the ring where x^2 = r^2 - f^2 =: B(y, ring);
so a body's outline is x = sqrt(max B), and what is seen is the crossing that lies highest. Nothing is searched for
and nothing is splatted: B is a table, read once for every body.

The view is kept on a grid of angles, not of pixels: rows and columns crowd towards the outline as the surface turns
away, so that one small grid serves every size without steps at the edge.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.pixels import Array, array, fixed

if TYPE_CHECKING:
    from collections.abc import Sequence

Outline = tuple[tuple[float, float], ...]

RINGS = 400
COARSE, FINE = (224, 64), (448, 128)
LARGE = 230
"""From how many pixels of height on a body is seen on the fine grid."""
SUBSTEPS = 12
HEIGHTS = 8192


@dataclass(frozen=True, slots=True, eq=False)
class Turned:
    """What is seen of a turned body, on a grid of angles (rows, columns) over the right half of its outline.

    `normals` (.., 3) are x right, y down, z to the viewer; `along` is the place on the outline, 0 at its upper
    end and 1 at its lower one; `around` the angle about the axis, 0 in front and pi behind. `half_widths` (rows,)
    is the outline, in the unit of the profile, from `top` down to `bottom` (y upwards).
    """

    normals: Array
    along: Array
    around: Array
    half_widths: Array
    top: float
    bottom: float

    @property
    def radius(self) -> float:
        """Half the width of the widest row."""
        return float(self.half_widths.max())

    def edge(self) -> Array:
        """Give the outline of what is seen as points (n, 2), x and y up."""
        count = len(self.half_widths)
        angle = (np.arange(count) + 0.5) * (np.pi / count)
        y = (self.top + self.bottom) / 2 + (self.top - self.bottom) / 2 * np.cos(angle)
        rows, reach = np.r_[self.top, y, self.bottom], np.r_[0, self.half_widths, 0]
        return array(np.stack([np.r_[reach, -reach[::-1]], np.r_[rows, rows[::-1]]], axis=1))


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a body is in its solid's picture, how large, and how far it leans over to the left (radians)."""

    at: tuple[float, float] = (0.0, 0.0)
    scale: float = 1.0
    lean: float = 0.0

    def moved(self, points: Array) -> Array:
        """Bring points (n, 2) of the body into the solid's picture."""
        c, s = float(np.cos(self.lean)), float(np.sin(self.lean))
        return array((points @ array([[c, s], [-s, c]])) * np.float32(self.scale) + array(self.at))


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """The points of a rectangle of pixels, as a posed body's own x (h or 1, w) and y (h, w or 1), y upwards.

    `corner` is the picture's point at the rectangle's upper left corner, `unit` pixels per unit, across and down.
    """

    x: Array
    y: Array
    pose: Pose
    corner: tuple[float, float]
    unit: tuple[float, float]

    @classmethod
    def over(cls, shape: tuple[int, int], corner: tuple[float, float], unit: tuple[float, float], pose: Pose) -> Grid:
        """Make the grid of a rectangle of `shape` (h, w) pixels."""
        x = corner[0] + (np.arange(shape[1], dtype=np.float32) + 0.5) / np.float32(unit[0]) - pose.at[0]
        y = corner[1] - (np.arange(shape[0], dtype=np.float32) + 0.5) / np.float32(unit[1]) - pose.at[1]
        x, y = x[None] / np.float32(pose.scale), y[:, None] / np.float32(pose.scale)
        if pose.lean:
            c, s = np.float32(np.cos(pose.lean)), np.float32(np.sin(pose.lean))
            x, y = c * x + s * y, c * y - s * x
        return cls(array(x), array(y), pose, corner, unit)

    def pixels(self, points: Array) -> Array:
        """Give points of the picture (n, 2) in pixels of the rectangle."""
        return (points - array(self.corner)) * array([self.unit[0], -self.unit[1]])


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A turned body in pixels: alpha, normals (h, w, 3), and places on its skin, `along` 0..1, `around` -pi..pi."""

    alpha: Array
    normals: Array
    along: Array
    around: Array


def curve(points: Sequence[tuple[float, float]], steps: int = SUBSTEPS) -> Array:
    """Draw a smooth line through points (Catmull and Rom, "A class of local interpolating splines", 1974): (n, 2).

    A point given twice is a corner.
    """
    given = np.asarray(points, dtype=np.float64)
    padded = np.vstack([2 * given[:1] - given[1:2], given, 2 * given[-1:] - given[-2:-1]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    parts = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        if (b == c).all():
            continue
        before, after = (2 * b - c if (a == b).all() else a), (2 * c - b if (d == c).all() else d)
        square, cube = 2 * before - 5 * b + 4 * c - after, 3 * b - before - 3 * c + after
        parts.append(0.5 * (2 * b + (c - before) * t + square * t**2 + cube * t**3))
    return array(np.vstack([*parts, given[-1:]]))


def _rings(outline: Outline) -> tuple[Array, Array, Array, Array]:
    """Give r, z and the outward normal (in r, z) of evenly spaced rings along an outline."""
    line = curve(outline).astype(np.float64)
    length = np.r_[0, np.cumsum(np.hypot(*np.diff(line, axis=0).T))]
    at = np.linspace(0, length[-1], RINGS)
    r, z = np.maximum(np.interp(at, length, line[:, 0]), 0), np.interp(at, length, line[:, 1])
    across, down = -np.gradient(z), np.gradient(r)
    size = np.hypot(across, down) + 1e-9
    return array(r), array(z), array(across / size), array(down / size)


@lru_cache(maxsize=64)
def turned(outline: Outline, tilt: float, *, fine: bool = False) -> Turned:
    """Turn an outline, points (r, z) from the upper end to the lower, and look at it from `tilt` radians above.

    A `fine` grid is for bodies drawn large.
    """
    r, z, normal_r, normal_z = _rings(outline)
    c, s = float(np.cos(tilt)), float(np.sin(tilt))
    top, bottom = float((z * c + r * s).max()), float((z * c - r * s).min())
    count, columns = FINE if fine else COARSE
    angle = (np.arange(count, dtype=np.float32) + 0.5) * np.float32(np.pi / count)
    y = (top + bottom) / 2 + (top - bottom) / 2 * np.cos(angle)
    table = r * r - ((z * c - y[:, None]) / s) ** 2
    widest = np.maximum(table.max(axis=1), 0)
    sideways = np.sin(np.linspace(0, np.pi / 2 - 1e-3, columns, dtype=np.float32))
    ring = _first_met(array(table), array(widest[:, None] * sideways**2), z)
    x, height = np.sqrt(widest)[:, None] * sideways, np.interp(ring, np.arange(RINGS), z)
    forward = (height * c - y[:, None]) / s
    around = np.arctan2(x, forward)
    out, up = np.interp(ring, np.arange(RINGS), normal_r), np.interp(ring, np.arange(RINGS), normal_z)
    towards = out * np.cos(around)
    normals = np.stack([out * np.sin(around), towards * s - up * c, towards * c + up * s], axis=2)
    return Turned(array(normals), array(ring / (RINGS - 1)), array(around), array(np.sqrt(widest)), top, bottom)


def _first_met(table: Array, reach: Array, z: Array) -> Array:
    """Find where each ray meets the body first: the place among the rings, with fractions, of its highest crossing."""
    ring, highest = np.zeros_like(reach), np.full_like(reach, -np.inf)
    for i in range(RINGS - 1):
        # only the rows that the two rings are seen in
        rows = np.flatnonzero(np.maximum(table[:, i], table[:, i + 1]) >= 0)
        if not len(rows):
            continue
        band = slice(int(rows[0]), int(rows[-1]) + 1)
        here = table[band, i : i + 1]
        step = table[band, i + 1 : i + 2] - here
        share = (reach[band] - here) / np.where(np.abs(step) < 1e-9, np.float32(1e-9), step)
        height = z[i] + share * (z[i + 1] - z[i])
        better = (share >= 0) & (share <= 1) & (height > highest[band])
        np.copyto(ring[band], np.float32(i) + share, where=better)
        np.copyto(highest[band], height, where=better)
    return ring


@lru_cache(maxsize=64)
def _tables(body: Turned) -> tuple[Array, Array]:
    """Give the grid's row and half the width at even heights from the bottom to the top."""
    count = len(body.half_widths)
    rows = np.arccos(np.linspace(-1, 1, HEIGHTS)) * (count / np.pi) - 0.5
    return array(rows), array(np.interp(rows, np.arange(count), body.half_widths))


def seen(body: Turned, grid: Grid) -> Seen:
    """Look at a turned body on a grid of picture points."""
    x, y, turn = grid.x, grid.y, grid.pose.lean
    height = (y - np.float32(body.bottom)) * np.float32((HEIGHTS - 1) / (body.top - body.bottom))
    place = np.clip(height, 0, HEIGHTS - 1).astype(np.intp)
    rows, reach = (table.take(place) for table in _tables(body))
    share = np.minimum(np.abs(x) / np.maximum(reach, 1e-4), 1)
    columns = array(np.arcsin(share) * np.float32((body.along.shape[1] - 1) * 2 / np.pi))
    at = columns, np.ascontiguousarray(np.broadcast_to(rows, columns.shape))
    side = np.where(x < 0, np.float32(-1), np.float32(1))
    normals = array(cv2.remap(body.normals, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
    normals[..., 0] *= side
    if turn:
        c, s = float(np.cos(turn)), float(np.sin(turn))
        normals = array(cv2.transform(normals, array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])))
    skin = cv2.remap(cv2.merge([body.along, body.around]), *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return Seen(silhouette(body, grid), normals, np.ascontiguousarray(skin[..., 0]), array(skin[..., 1] * side))


def silhouette(body: Turned, grid: Grid) -> Array:
    """Draw the outline of a body on a grid, filled, with soft edges."""
    mask = np.zeros((grid.y.shape[0], grid.x.shape[1]), np.uint8)
    points = grid.pixels(grid.pose.moved(body.edge())) - 0.5
    cv2.fillPoly(mask, [fixed(points)], 255, cv2.LINE_AA, 4)
    return array(mask) * np.float32(1 / 255)
