"""Skins of balls: patterns on the sphere of directions, turned at random so that no seam runs along the axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.figures.solids.canvas import Canvas, Skin, blend, skin
from limner.engines.illustrator.pixels import Array, Colour, array, rgb, smoothstep

if TYPE_CHECKING:
    from numpy.typing import NDArray

GOLDEN = (1 + 5**0.5) / 2
# Distances of the faces of a truncated icosahedron from its middle, pentagons and hexagons, its corners being at 1.
PENTAGONS, HEXAGONS = 0.93929, 0.91496
POSED = (0.5, -0.35, 0.28)


def directions(canvas: Canvas, turn: tuple[float, float, float] = POSED) -> Array:
    """Give the direction of every texel from the middle of a sphere (h, w, 3), turned by angles about x, y and z."""
    polar, around = canvas.along() * np.float32(np.pi), canvas.around()
    flat = np.broadcast_arrays(np.sin(polar) * np.sin(around), np.cos(polar), np.sin(polar) * np.cos(around))
    matrix = np.eye(3)
    for axis, angle in enumerate(turn):
        one, other = (axis + 1) % 3, (axis + 2) % 3
        step = np.eye(3)
        step[one, one] = step[other, other] = np.cos(angle)
        step[one, other], step[other, one] = -np.sin(angle), np.sin(angle)
        matrix = step @ matrix
    return array(cv2.transform(cv2.merge([array(part) for part in flat]), array(matrix)))


def _faces() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the directions of a football's 12 pentagons and 20 hexagons: an icosahedron's corners and faces."""
    corners = np.array([(0, a, b * GOLDEN) for a in (-1, 1) for b in (-1, 1)])
    corners = np.vstack([np.roll(corners, k, axis=1) for k in range(3)])
    corners /= np.linalg.norm(corners[0])
    near = corners @ corners.T > 0.4
    triples = [
        corners[i] + corners[j] + corners[k]
        for i in range(12) for j in range(i) for k in range(j) if near[i, j] and near[j, k] and near[i, k]
    ]  # fmt: skip
    hexagons = np.array(triples)
    return corners, hexagons / np.linalg.norm(hexagons[0])


def football(canvas: Canvas, base: Colour) -> Skin:
    """Paint twelve black pentagons among twenty hexagons, with sunk seams."""
    where = directions(canvas)
    pentagons, hexagons = _faces()
    normals = array(np.vstack([pentagons / PENTAGONS, hexagons / HEXAGONS]))
    best, second = np.full(where.shape[:2], -2, np.float32), np.full(where.shape[:2], -2, np.float32)
    black = np.zeros(where.shape[:2], np.float32)
    for number, normal in enumerate(normals):
        reach = array(cv2.transform(where, normal[None]))
        ahead = reach > best
        second = np.where(ahead, best, np.maximum(second, reach))
        best = np.where(ahead, reach, best)
        black[ahead] = number < len(pentagons)
    gap = best - second
    seam = smoothstep(0.022, 0.004, gap)
    # on a ball of another colour than white the patches are a shade of it: a yellow ball is yellow all over
    white = float(base.min()) > 0.7
    dark = rgb("#26262b") if white else np.minimum(base * np.float32(0.62) + np.float32(0.02), 1)
    colours = blend(canvas.filled(base), dark, array(cv2.blur(black, (3, 3))))
    colours = blend(colours, dark * 0.8 + 0.12, 0.75 * seam)
    return skin(colours, array(-0.022 * smoothstep(0.05, 0.0, gap) + 0.0009 * canvas.noise(240, 120)))


def basketball(canvas: Canvas, base: Colour) -> Skin:
    """Paint pebbled leather with four black lines: two great circles and a curve to each side."""
    x, y, z = cv2.split(directions(canvas, (0.35, 0.5, 0.4)))
    sides = np.abs(np.abs(x) - (0.50 + 0.22 * y * y))
    line = np.minimum(np.minimum(np.abs(x), np.abs(y)), sides + 0 * z)
    seam = smoothstep(0.026, 0.014, line)
    pebbles = canvas.pits(14000, 0.0034)
    colours = blend(canvas.filled(base), base * 0.78, 0.35 + 0.3 * canvas.noise(8, 5))
    colours = blend(colours, np.minimum(base * 1.15 + 0.03, 1), 0.5 * pebbles)
    return skin(blend(colours, "#1c1614", seam), array(0.005 * pebbles - 0.02 * smoothstep(0.04, 0.01, line)))


def _seam(where: Array) -> tuple[Array, Array]:
    """Give the distance from a tennis ball's one closed seam, and the way along it (radians).

    The seam is where the sphere meets a saddle (a hyperbolic paraboloid).
    """
    x, y, z = (array(part) for part in cv2.split(where))
    saddle = x * x - y * y - np.float32(0.85) * z
    slope = np.sqrt(4 * (x * x + y * y) + np.float32(0.72))
    return array(saddle / slope), array(np.arctan2(y, x))


def tennis(canvas: Canvas, base: Colour) -> Skin:
    """Paint felt with one white seam."""
    away, _ = _seam(directions(canvas))
    felt = 0.6 * canvas.noise(380, 190) + 0.5 * canvas.noise(120, 60)
    colours = blend(canvas.filled(base), base * 0.8, smoothstep(-0.3, 1.0, felt) * 0.6)
    seam = smoothstep(0.06, 0.04, np.abs(away) + 0.006 * felt)
    return skin(blend(colours, "#f3f3e8", seam), array(0.004 * felt - 0.02 * smoothstep(0.09, 0.04, np.abs(away))))


def baseball(canvas: Canvas, base: Colour) -> Skin:
    """Paint white leather with red stitches in chevrons along the seam."""
    away, along = _seam(directions(canvas, (0.9, 0.3, 0.5)))
    leather = 0.5 * canvas.noise(14, 9) + 0.4 * canvas.noise(200, 110)
    colours = blend(canvas.filled(base), base * 0.9, smoothstep(0, 1.2, leather) * 0.7)
    reach = np.abs(away)
    chevron = np.abs(np.mod(along * (54 / np.pi / 2) - reach * 7.0, 1) - 0.5)
    stitch = smoothstep(0.26, 0.17, chevron) * smoothstep(0.145, 0.125, reach) * smoothstep(0.012, 0.024, reach)
    colours = blend(colours, "#c3a78a", 0.7 * smoothstep(0.016, 0.004, reach))
    return skin(blend(colours, "#c22127", stitch), array(0.010 * stitch - 0.012 * smoothstep(0.03, 0.0, reach)))


def volleyball(canvas: Canvas, base: Colour) -> Skin:
    """Paint six groups of three strips, every other one coloured."""
    where = directions(canvas, (0.5, 0.6, 0.2))
    size = np.abs(where)
    face = size.argmax(axis=2)
    longest = np.maximum(size.max(axis=2), 1e-3)
    across = np.take_along_axis(where, ((face + 1) % 3)[..., None], 2)[..., 0] / longest
    other = np.take_along_axis(where, ((face + 2) % 3)[..., None], 2)[..., 0] / longest
    strip = np.floor((across + 1) * 1.5).clip(0, 2)
    edges = np.minimum(np.abs(across * 1.5 - np.round(across * 1.5 - 0.5) - 0.5) / 1.5, 1 - np.abs(other))
    edges = np.minimum(edges, 1 - np.abs(across))
    blue, yellow = array((strip == 1) & (face != 1)), array((strip == 1) & (face == 1))
    colours = blend(canvas.filled(base), "#2a5fb4", array(cv2.blur(blue, (3, 3))))
    colours = blend(colours, "#f0b823", array(cv2.blur(yellow, (3, 3))))
    colours = blend(colours, "#5a5f6a", 0.5 * smoothstep(0.02, 0.006, edges))
    return skin(colours, array(-0.016 * smoothstep(0.05, 0.0, edges) + 0.0008 * canvas.noise(240, 120)))


def billiard(canvas: Canvas, base: Colour) -> Skin:
    """Paint a billiard ball with a white disc and an eight towards the viewer."""
    around, along = canvas.around(), canvas.along()
    x, y = np.sin(around) * np.ones_like(along), (along - 0.44) * np.float32(np.pi) * np.ones_like(around)
    front = smoothstep(-0.1, 0.1, np.cos(around)) * np.ones_like(along)
    disc = smoothstep(0.45, 0.435, np.hypot(x, y)) * front
    colours = blend(canvas.filled(base), "#f4f2ea", disc)
    for centre, radius in ((-0.115, 0.105), (0.105, 0.125)):
        ring = np.abs(np.hypot(x, y - centre) - radius)
        colours = blend(colours, "#17171a", smoothstep(0.042, 0.032, ring) * front)
    return skin(colours)
