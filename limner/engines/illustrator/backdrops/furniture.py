"""What stands and hangs in a room. Places are in units: x from the middle, y from the top (of the wall)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.backdrops.growth import LARGE_LEAF, fill, ground_shadow, leaf_shapes, paint
from limner.engines.illustrator.pixels import (
    Array,
    Colour,
    add,
    array,
    blur,
    fbm,
    mix,
    over,
    polygon,
    profile,
    rgb,
    smoothstep,
)

if TYPE_CHECKING:
    from limner.engines.illustrator.backdrops.base import View

Rectangle = tuple[float, float, float, float]


def _box(view: View, place: Rectangle, grow: float = 0.0) -> Array:
    """Give the corners in pixels of a rectangle (x0, y0, x1, y1) in units, wider by `grow` units all around."""
    x0, y0, x1, y1 = place
    left, right, top, bottom = x0 - grow, x1 + grow, y0 - grow, y1 + grow
    return array([(view.x(x), y * view.unit) for x, y in ((left, top), (right, top), (right, bottom), (left, bottom))])


def _shadow(image: Array, view: View, corners: Array, shift: tuple[float, float], strength: float) -> None:
    """Throw a soft shadow of a flat shape on the wall behind it, in place."""
    points = corners + array(shift) * view.unit
    reach = 0.03 * view.unit
    x0, y0 = (max(0, int(v - reach)) for v in points.min(axis=0))
    x1, y1 = (max(0, int(v + reach)) for v in points.max(axis=0))
    part = image[y0:y1, x0:x1]
    if part.size:
        mask = blur(polygon(part.shape[0], part.shape[1], points - array((x0, y0))), 0.008 * view.unit)
        part *= (1 - mask * np.float32(strength))[..., None]


def window_frame(image: Array, view: View, place: Rectangle, ambient: Colour) -> None:
    """Set a white frame with one upright and one cross bar around a window, and a sill below, in place."""
    x0, y0, x1, y1 = place
    white, dim = array(rgb("#f7f3ea") * ambient * 1.02), array(rgb("#c2bdb2") * ambient)
    middle, cross = (x0 + x1) / 2, y0 + (y1 - y0) * 0.42
    bars = [
        (x0 - 0.02, y0 - 0.02, x1 + 0.02, y0), (x0 - 0.02, y1, x1 + 0.02, y1 + 0.02), (x0 - 0.02, y0, x0, y1),
        (x1, y0, x1 + 0.02, y1), (middle - 0.006, y0, middle + 0.006, y1), (x0, cross - 0.006, x1, cross + 0.006),
    ]  # fmt: skip
    shapes = [_box(view, bar) for bar in bars]
    for colour, shift in ((dim, array((0.003, 0.004)) * view.unit), (white, array((0, 0)))):
        for shape in shapes:
            fill(image, shape + shift, colour)
    sill = (x0 - 0.05, y1 + 0.02, x1 + 0.05, y1 + 0.042)
    _shadow(image, view, _box(view, sill), (0.0, 0.014), 0.35)
    fill(image, _box(view, sill), white)
    fill(image, _box(view, (sill[0], sill[3] - 0.006, sill[2], sill[3])), dim)


def curtains(image: Array, view: View, place: Rectangle, colour: Colour, rng: np.random.Generator) -> None:
    """Hang a curtain in folds at both sides of a window, from a rod, in place."""
    x0, y0, x1, y1 = place
    rod = (x0 - 0.10, y0 - 0.055, x1 + 0.10, y0 - 0.045)
    fill(image, _box(view, rod), array(rgb("#6b4a2c")))
    folds = profile(view.width, 0.045 * view.unit, 2, rng)
    wave = np.sin(view.across()[0] * np.float32(2 * np.pi / 0.030) + folds * 5)
    tone = array(0.80 + 0.24 * wave)[None, :, None]
    for left, right in ((x0 - 0.09, x0 + 0.035), (x1 - 0.035, x1 + 0.09)):
        top, bottom, lean = y0 - 0.05, y1 + 0.13, 0.012
        corners = [(left, top), (right, top), (right + lean, bottom), (left - lean, bottom)]
        points = array([(view.x(x), y * view.unit) for x, y in corners])
        _shadow(image, view, points, (0.012, 0.004), 0.30)
        over(image, np.repeat(colour * tone, view.height, axis=0), polygon(view.height, view.width, points))


def picture(image: Array, view: View, place: Rectangle, ambient: Colour, rng: np.random.Generator) -> None:
    """Hang a framed landscape on the wall, in place."""
    h, w = view.height, view.width
    _shadow(image, view, _box(view, place, 0.014), (0.008, 0.012), 0.45)
    fill(image, _box(view, place, 0.014), array(rgb("#8a6136") * ambient))
    fill(image, _box(view, place, 0.009), array(rgb("#c79a5c") * ambient))
    fill(image, _box(view, place, 0.002), array(rgb("#f4efe3") * ambient))
    x0, y0, x1, y1 = place
    inner = (x0 + 0.018, y0 + 0.018, x1 - 0.018, y1 - 0.018)
    mask = polygon(h, w, _box(view, inner))
    over(image, array(rgb("#bcd8e4") * ambient), mask)
    for k, name in enumerate(("#8fb0b8", "#6f9a86", "#d8a860")):
        hills = (inner[3] - 0.11 + 0.034 * k) * view.unit - (
            profile(w, 0.07 * view.unit, 4, rng) - 0.4
        ) * 0.05 * view.unit
        rows = np.arange(h, dtype=np.float32)[:, None]
        over(image, array(rgb(name) * ambient), array(mask * np.clip(rows - hills[None], 0, 1)))


def rug(image: Array, view: View, place: Rectangle, colour: Colour, rng: np.random.Generator) -> None:
    """Lay an oval rug on the floor: (x, y as a fraction, half width, half height in units), in place."""
    x, y, a, b = place
    reach = 1.3 * b * view.unit / view.height
    top, bottom = round(max(0.0, y - reach) * view.height), round(min(1.0, y + reach) * view.height)
    image = image[top:bottom]
    dx = (view.across() - np.float32(x)) / np.float32(a)
    dy = (view.rows()[top:bottom] - np.float32(y)) * np.float32(view.height / view.unit / b)
    weave = fbm(len(image), view.width, 0.012 * view.unit, 3, rng, aspect=1.5) - np.float32(0.5)
    d = np.sqrt(dx * dx + dy * dy) + weave * np.float32(0.02)
    soft = 1.2 / (b * view.unit)
    mask = smoothstep(1 + soft, 1 - soft, d)
    shadow = smoothstep(1.10, 0.94, np.sqrt(dx * dx + (dy - np.float32(0.07)) ** 2)) * (1 - mask)
    image *= (1 - shadow * np.float32(0.35))[..., None]
    bands = smoothstep(0.03, 0.015, np.abs(d - 0.86)) + smoothstep(0.02, 0.01, np.abs(d - 0.74)) * 0.8
    pale = mix(colour, colour.mean() * 1.5, 0.55)
    tint = mix(colour, np.minimum(pale, 1), np.clip(bands + 0.25 * (d < 0.74), 0, 1)[..., None])
    over(image, tint * (0.97 + 0.30 * weave)[..., None], mask)


def house_plant(
    image: Array, view: View, place: tuple[float, float], ambient: Colour, rng: np.random.Generator
) -> None:
    """Stand a plant with large leaves in a pot; `place` is x in units and the foot as a fraction, in place."""
    unit, x, y = view.unit, view.x(place[0]), place[1] * view.height
    ground_shadow(image, (x, y), (0.07 * unit, 0.018 * unit))
    angles = np.linspace(0.10, 0.90, 13) * np.pi + rng.normal(0, 0.07, 13)
    reach = (0.14 + 0.15 * rng.random(13)) * unit * (0.65 + 0.35 * np.sin(angles))
    px, py = x + np.cos(angles) * reach, y - 0.10 * unit - np.sin(angles) * reach * 1.15
    root = y - 0.09 * unit
    stems = [np.array([(x - 1, root), tip, (x + 0.006 * unit, root)]) for tip in zip(px, py, strict=True)]
    dark, bright = array(rgb("#1d4027") * ambient), array(rgb("#86bf63") * ambient)
    paint(image, stems, [0.3] * 13, dark, bright)
    size = (0.055 + 0.035 * rng.random(13)) * unit
    turn = -angles + 0.4 * np.cos(angles)
    for share, low in ((1.0, 0.25), (0.66, 0.5)):
        offset = size * 0.12 * (share < 1)
        shapes = leaf_shapes(px - offset, py - offset, size * share, turn, LARGE_LEAF)
        paint(image, shapes, list(low + 0.5 * rng.random(13)), dark, bright)
    _pot(image, view, (x, y), array(rgb("#b8683f") * ambient))


def _pot(image: Array, view: View, at: tuple[float, float], clay: Colour) -> None:
    """Set a clay pot with its foot at `at` (pixels), lit from the left, in place."""
    unit, corner = view.unit, array(at)
    body = corner + array([(-0.055, -0.095), (0.055, -0.095), (0.040, 0), (-0.040, 0)]) * unit
    lit = corner + array([(-0.055, -0.095), (-0.012, -0.095), (-0.008, 0), (-0.040, 0)]) * unit
    rim = corner + array([(-0.062, -0.108), (0.062, -0.108), (0.060, -0.088), (-0.060, -0.088)]) * unit
    fill(image, body, clay)
    fill(image, lit, array(clay * 1.22))
    fill(image, rim, array(clay * 1.12))


def standing_lamp(image: Array, view: View, place: tuple[float, float], lit: float, ambient: Colour) -> None:
    """Stand a lamp with a cloth shade on the floor; `place` is the shade's top, `lit` how bright it is (0..1)."""
    h, w, (x, y), foot = view.height, view.width, place, 0.735 * view.height / view.unit
    brass = array(rgb("#b58a4a") * ambient * 0.9)
    fill(image, _box(view, (x - 0.004, y + 0.08, x + 0.004, foot)), brass)
    ground_shadow(image, (view.x(x), foot * view.unit), (0.06 * view.unit, 0.014 * view.unit))
    turn = np.linspace(0, 2 * np.pi, 40)
    base = np.stack([view.x(x) + 0.045 * view.unit * np.cos(turn), (foot + 0.010 * np.sin(turn)) * view.unit], 1)
    fill(image, base, array(brass * 0.8))
    corners = [(x - 0.038, y), (x + 0.038, y), (x + 0.068, y + 0.115), (x - 0.068, y + 0.115)]
    mask = polygon(h, w, array([(view.x(a), b * view.unit) for a, b in corners]))
    cloth = array(mix(rgb("#e9d9b8") * ambient, rgb("#ffdf9e"), lit * 0.9))
    round_ = 1 - np.float32(0.35) * np.clip(np.abs(view.across() - np.float32(x)) / 0.068, 0, 1) ** 2
    over(image, cloth * np.repeat(round_, h, axis=0)[..., None], mask)
    add(image, rgb("#ffb04a"), mask * np.float32(0.30 * lit))
