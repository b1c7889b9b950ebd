"""Walls of stone, brick and boards seen from the front, and a bridge of stone arches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.backdrops.growth import Points, colour, leaf_shapes, paint
from limner.engines.illustrator.pixels import Array, Colour, array, fork, mix, over, polygon, polygons, rgb

if TYPE_CHECKING:
    from limner.engines.illustrator.backdrops.air import Air
    from limner.engines.illustrator.backdrops.base import View


def stonework(h: int, w: int, course: float, rng: np.random.Generator) -> Array:
    """Give the tone (0..1) of a wall of cut stones: courses `course` pixels tall, each stone its own shade; (h, w)."""
    shades, shifts = rng.random((64, 64), dtype=np.float32), rng.random((64, 1), dtype=np.float32)
    v = (np.arange(h, dtype=np.float32)[:, None] + 0.5) / np.float32(course)
    k = v.astype(np.intp) % 64
    u = (np.arange(w, dtype=np.float32)[None] - np.float32(w / 2)) / np.float32(1.55 * course)
    u = u + np.float32(0.22) * np.sin(u * np.float32(2.6) + 2.1 * k) + 3 * shifts[k[:, 0]]
    joint = np.minimum(_joint(array(u)) * np.float32(1.55), _joint(array(v)))
    return array((0.42 + 0.40 * shades[k, np.floor(u).astype(np.intp) % 64]) * (0.35 + 0.65 * joint))


def _joint(at: Array) -> Array:
    """Tell how far a place lies from the mortar: 0 in it, 1 on the stone; whole numbers are joints."""
    part = at - np.floor(at)
    return array(np.clip(np.minimum(part, 1 - part) / np.float32(0.08), 0, 1))


# the arches of a bridge: their middles and half widths in shares of its half width, and their height in its own
ARCHES = ((0, 0.24, 0.78), (-0.53, 0.185, 0.60), (0.53, 0.185, 0.60))


def bridge(
    image: Array, view: View, air: Air, at: tuple[float, float, float], *, span: float, white: bool,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """Build a bridge of three stone arches, in place.

    `at` is the middle (units), the row of the water and the row of the roadway's crown (fractions); `span` its half
    width in units. Its foot stands exactly on the water, so that a mirror below completes the arches.
    """
    middle, base, crown = view.x(at[0]), at[1] * view.height, at[2] * view.height
    unit, half, tall = view.unit, span * view.unit, base - crown
    x = np.linspace(-1, 1, 41)
    road = np.stack([middle + x * half, crown + tall * 0.42 * x**2], 1)
    arches = [_arch(middle + c * half, base, r * half, tall * high) for c, r, high in ARCHES]
    inks = array(rgb("#4c4650") * air.brightness), array(rgb("#d0bfa4") * air.brightness)
    _walls(image, road, arches, base, 0.022 * unit, inks=inks, rng=fork(rng))
    for arch, (_, wide, _) in zip(arches, ARCHES, strict=True):
        _voussoirs(image, arch[:-2], inks, 0.030 * unit * (0.7 + wide), fork(rng))
    _parapet(image, road, 0.026 * unit, inks, white=white)
    if not white:
        _ivy(image, view, air, road, base=base, rng=fork(rng))


def _walls(
    image: Array, road: Points, arches: list[Points], base: float, course: float, *, inks: tuple[Colour, Colour],
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """Fill what is under the roadway and not in an arch with stones, darker towards the foot, in place."""
    top, low = max(0, int(road[:, 1].min()) - 2), min(len(image), int(base) + 2)
    h, w = low - top, image.shape[1]
    shift = np.array([0, top])
    wall = np.concatenate([road, [(road[-1, 0], base + 1), (road[0, 0], base + 1)]])
    holes = polygons(h, w, [arch - shift for arch in arches])
    tone = stonework(h, w, course, rng) * np.linspace(1.08, 0.72, h, dtype=np.float32)[:, None]
    over(image[top:low], mix(*inks, tone[..., None]), array(np.maximum(polygon(h, w, wall - shift) - holes, 0)))


def _arch(x: float, base: float, half: float, tall: float) -> Points:
    turn = np.linspace(np.pi, 0, 25)
    return np.concatenate(
        [
            np.stack([x + half * np.cos(turn), base - tall * np.sin(turn) ** 0.85], 1),
            [(x + half, base + 4), (x - half, base + 4)],
        ]
    )


def _voussoirs(image: Array, arch: Points, inks: tuple[Colour, Colour], thick: float, rng: np.random.Generator) -> None:
    """Set the wedge stones around an arch, and the shade of its soffit within, in place."""
    middle = np.array([arch[:, 0].mean(), arch[:, 1].max()])
    out = arch - middle
    out /= np.linalg.norm(out, axis=1, keepdims=True) + 1e-9
    outer, inner = arch + out * thick, arch - out * thick * 0.45 * (0.3 + np.abs(out[:, 1:]))
    soffit = np.concatenate([arch, inner[::-1]])
    stones = [
        np.array([arch[k], arch[k + 1] * 0.9 + arch[k] * 0.1, outer[k + 1] * 0.9 + outer[k] * 0.1, outer[k]])
        for k in range(len(arch) - 1)
    ]
    ring = np.concatenate([arch, outer[::-1]])
    paint(image, [soffit, ring], [0.10, 0.15], *inks)
    paint(image, stones, list(0.55 + 0.40 * rng.random(len(stones))), *inks)


def _parapet(image: Array, road: Points, tall: float, inks: tuple[Colour, Colour], *, white: bool) -> None:
    """Top the bridge with a parapet and its coping, snow on it where it is `white`, in place."""
    up, lip = np.array([0, -tall]), np.array([0, -0.30 * tall])
    paint(image, [np.concatenate([road, (road + up)[::-1]])], [0.55], *inks)
    paint(image, [np.concatenate([road - lip * 0.6, (road + lip * 0.2)[::-1]])], [0.20], *inks)
    cap = np.concatenate([road + up, (road + up + lip)[::-1]])
    snow = rgb("#f2f6ff") * float(inks[1].mean() * 1.5)
    paint(image, [cap], [0.95], inks[0], array(np.minimum(snow, 1.05)) if white else inks[1])
    posts = road[2:-2:4]
    shapes = [
        np.array([(x - 0.08 * tall, y), (x + 0.08 * tall, y), (x + 0.08 * tall, y - tall), (x - 0.08 * tall, y - tall)])
        for x, y in posts
    ]
    paint(image, shapes, [0.25] * len(shapes), *inks)


def _ivy(image: Array, view: View, air: Air, road: Points, *, base: float, rng: np.random.Generator) -> None:
    """Let ivy hang from the parapet in a few places, in place."""
    shapes, tones = [], []
    for a, b in rng.random((4, 2)):
        k = int(a * 36) + 2
        many = rng.random((46, 4))
        x = road[k, 0] + (many[:, 0] - 0.5) * 0.09 * view.unit
        y = (
            road[k, 1]
            - 0.012 * view.unit
            + many[:, 1] ** 1.6 * min(0.09 * view.unit, 0.7 * (base - road[k, 1])) * (0.5 + b)
        )
        shapes += leaf_shapes(x, y, view.unit * (0.005 + 0.004 * many[:, 2]), many[:, 3] * np.pi)
        tones += list(many[:, 2] * (1.1 - many[:, 1]))
    paint(
        image,
        shapes,
        list(np.clip(tones, 0, 1)),
        array(rgb("#1c3a1c") * air.brightness),
        array(rgb("#86b24a") * air.brightness),
    )


def boards(image: Array, corners: Points, inks: tuple[Colour, Colour], count: int, rng: np.random.Generator) -> None:
    """Cover a four-cornered wall (top left, top right, bottom right, bottom left) with upright boards, in place."""
    tl, tr, br, bl = (np.asarray(c, float) for c in corners)
    t = np.linspace(0, 1, count + 1)[:, None]
    tops, feet = tl + (tr - tl) * t, bl + (br - bl) * t
    shapes = [np.array([tops[k], tops[k + 1], feet[k + 1], feet[k]]) for k in range(count)]
    inner = [
        np.array([tops[k], tops[k] * 0.86 + tops[k + 1] * 0.14, feet[k] * 0.86 + feet[k + 1] * 0.14, feet[k]])
        for k in range(count)
    ]
    paint(image, shapes, list(0.62 + 0.30 * rng.random(count)), *inks)
    paint(image, inner, [0.25] * count, *inks)


def bar(a: tuple[float, float], b: tuple[float, float], thick: float) -> Points:
    """Give the outline of a straight bar from a to b, `thick` pixels wide."""
    start, end = np.asarray(a, float), np.asarray(b, float)
    along = (end - start) / (np.linalg.norm(end - start) + 1e-9)
    side = np.array([-along[1], along[0]]) * thick / 2
    return np.array([start + side, end + side, end - side, start - side])


def soft_box(image: Array, shape: Points, tone: float, sigma: float) -> None:
    """Darken a four-cornered patch of ground softly, in place: the shadow of a building."""
    mask = cv2.GaussianBlur(polygon(image.shape[0], image.shape[1], shape), (0, 0), max(0.8, sigma))
    image *= (1 - np.float32(tone) * mask)[..., None]


def stroke(image: Array, shapes: list[Points], ink: Colour) -> None:
    """Fill a few shapes in one colour, in place."""
    colour(image, shapes, np.tile(array(ink), (len(shapes), 1)))
