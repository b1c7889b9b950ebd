"""Space seen from a moon: nebula and stars, a planet with a ring, craters in grey dust underfoot."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.backdrops.base import Light, Scenery, View
from limner.engines.illustrator.backdrops.fronts import heap
from limner.engines.illustrator.backdrops.growth import dots
from limner.engines.illustrator.backdrops.land import depth, faces, grit, lay, outline, ridge, sample, slope, tile
from limner.engines.illustrator.colours import NAMED
from limner.engines.illustrator.pixels import (
    Array,
    Colour,
    add,
    array,
    blur,
    column,
    fbm,
    fork,
    glow,
    mix,
    over,
    resize,
    rgb,
    smoothstep,
)

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Time

HORIZON = 0.70
NEBULOUS = 720.0


@dataclass(frozen=True, slots=True)
class Void:
    """The colours of space in one mood: the dark, two nebulae, the planet's two belts, the dust."""

    dark: tuple[str, str]
    clouds: tuple[str, str]
    planet: tuple[str, str]
    dust: tuple[str, str]


VOIDS: dict[Time, Void] = {
    "day": Void(("#040a24", "#16336e"), ("#2f7fd0", "#6fd0d8"), ("#2a6fc4", "#e4f0f6"), ("#4c4f5c", "#d6d2cc")),
    "golden": Void(("#140816", "#5a2038"), ("#d0562f", "#ffb050"), ("#b8602c", "#ffd9a0"), ("#4e3a38", "#dcb494")),
    "night": Void(("#03030f", "#191450"), ("#6a3ac8", "#2f8fc8"), ("#4a3f9c", "#d0a8e0"), ("#3a3c52", "#b4b4cc")),
}
KEY, UP, RIM = "#f4f0ea", "#464c6c", "#9cb0ff"


def space(view: View) -> Scenery:
    """Paint space; subjects float in it or stand on the moon's dust. There is no weather."""
    rng = fork(view.rng)
    void = VOIDS[view.time]
    side = 1 if rng.random() < 0.5 else -1
    far = view.far()
    deep = far.scaled(min(1.0, NEBULOUS / far.unit))
    image = resize(_deep(deep, void, view.palette, fork(rng)), far.width, far.height, smooth=True)
    stars(image, far, fork(rng))
    _planet(image, far, void, side, fork(rng))
    _moon(image, far, void, side, fork(rng))
    image = resize(image, view.width, view.height, smooth=True)
    direction = (-side * 0.62, -0.58, 0.53)
    light = Light(
        rgb(KEY),
        direction,
        rgb(UP),
        array(rgb(void.dust[1]) * 0.34),
        rgb(RIM),
        (side * 0.85, -0.4),
        -0.3,
        0.62,
        side * 0.9,
    )
    return Scenery(image, HORIZON, (0.78, 0.93), light, "ground", heap(view, 0.014, 0.05))


def _deep(view: View, void: Void, palette: tuple[str, ...], rng: np.random.Generator) -> Array:
    """Paint the dark with two nebulae along a slanting band."""
    low, high = (rgb(c) for c in void.dark)
    image = np.repeat(column(view.height, [(0, low), (0.72, high), (1, high)]), view.width, axis=1)
    y = (view.rows() - 0.36) * np.float32(view.height / view.unit)
    tilt = 0.55 if rng.random() < 0.5 else -0.55
    band = np.exp(-(((y + view.across() * np.float32(tilt)) / 0.26) ** 2))
    names = [name for name in palette if name in NAMED]
    for k, own in enumerate(void.clouds):
        colour = rgb(NAMED[names[k % len(names)]]) if names else rgb(own)
        folds = (
            np.abs(fbm(view.height, view.width, 0.42 * view.unit, 7, rng, aspect=1.3, gain=0.55) - np.float32(0.5)) * 2
        )
        body = fbm(view.height, view.width, 0.5 * view.unit, 6, rng)
        light = smoothstep(0.38, 0.85, body + band * 0.24 - folds * 0.30)
        add(image, colour, array(light * (0.35 + 0.65 * band) * (0.75 - 0.2 * k)))
        add(image, mix(colour, 1, 0.5), array(smoothstep(0.10, 0.0, folds) * light * band * 0.30))
    return image


def stars(image: Array, view: View, rng: np.random.Generator) -> None:
    """Scatter stars in three tints over the upper four fifths, a few of them with a halo, in place."""
    many = rng.random((700, 5))
    x = (many[:, 0] - 0.5) * max(2.2, view.width / view.unit) * view.unit + view.middle
    radius = (0.0006 + 0.0020 * many[:, 2] ** 9) * view.unit
    spots = np.stack(
        [
            x,
            many[:, 1] * 0.8 * view.height,
            np.maximum(radius, 0.5),
            (0.25 + 0.75 * many[:, 3]) * np.minimum(1, radius / 0.5),
        ],
        1,
    )
    for k, colour in enumerate(((1.0, 0.92, 0.82), (0.82, 0.90, 1.0), (1.0, 1.0, 1.0))):
        light = dots(view.height, view.width, spots[k::3])
        add(image, colour, light + blur(light, 0.0035 * view.unit) * np.float32(1.4))
    for a, b, c in rng.random((6, 3)):
        _halo(image, view, ((a - 0.5) * 1.4, b * 0.55 * view.height / view.unit), 0.012 + 0.012 * c)


def _halo(image: Array, view: View, at: tuple[float, float], radius: float) -> None:
    """Put a glow around a star, in place, as far as it can be seen; it falls off as `pixels.glow` does."""
    rows, columns = around(view, at, 5 * radius)
    x = (view.across()[:, columns] - np.float32(at[0])) / np.float32(radius)
    y = (view.rows()[rows] * np.float32(view.height / view.unit) - np.float32(at[1])) / np.float32(radius)
    fall = (1 + 3 * (x * x + y * y)) ** np.float32(-1.6) * np.float32(0.9)
    image[rows, columns] += (1 - image[rows, columns]) * fall[..., None] * rgb((0.85, 0.92, 1.0))


def _planet(image: Array, view: View, void: Void, side: int, rng: np.random.Generator) -> None:
    """Hang a striped planet with a ring in the upper corner, lit from the middle's side, in place."""
    cx, cy, r = side * min(0.30, view.width / view.unit / 2 - 0.14), 0.235, 0.135
    dark, bright = (rgb(c) for c in void.planet)
    glow(image, (view.x(cx), cy * view.unit), r * 1.5 * view.unit, mix(bright, 1, 0.2), 0.30)
    rows, columns = around(view, (cx, cy), 2.1 * r)
    part = image[rows, columns]
    x = (view.across()[:, columns] - np.float32(cx)) / np.float32(r)
    y = (view.rows()[rows] * np.float32(view.height / view.unit) - np.float32(cy)) / np.float32(r)
    d2 = x * x + y * y
    z = np.sqrt(np.clip(1 - d2, 0, 1))
    swirl = fbm(d2.shape[0], d2.shape[1], 0.09 * view.unit, 5, rng, aspect=3.0) - np.float32(0.5)
    belts = 0.5 + 0.5 * np.sin((y + x * np.float32(0.25)) * np.float32(9) + swirl * np.float32(7))
    lit = np.clip(-side * x * 0.62 - y * 0.42 + z * 0.66, 0, 1) ** np.float32(0.8)
    edge = 1.4 / (r * view.unit)
    colour = mix(dark, bright, array(belts * 0.8 + 0.1)[..., None]) * (0.03 + 1.05 * lit)[..., None]
    haze = np.clip(1 - z, 0, 1)[..., None] ** 3 * lit[..., None] * mix(bright, 1, 0.3) * np.float32(0.6)
    over(part, array(colour + haze), smoothstep(1 + edge, 1 - edge, np.sqrt(d2)))
    _ring(part, (x, y), bright, edge, side)


def around(view: View, at: tuple[float, float], reach: float) -> tuple[slice, slice]:
    """Give the rows and columns that lie within `reach` units of a place (units from the middle and from the top)."""
    x, y, r = view.x(at[0]), at[1] * view.unit, reach * view.unit + 2
    rows = slice(int(np.clip(y - r, 0, view.height - 2)), int(np.clip(y + r, 2, view.height)))
    return rows, slice(int(np.clip(x - r, 0, view.width - 2)), int(np.clip(x + r, 2, view.width)))


def _ring(image: Array, at: tuple[Array, Array], colour: Colour, edge: float, side: int) -> None:
    """Lay a tilted ring around the unit disc at `at`, hidden behind its upper half, in place."""
    x, y = at
    u, v = x + y * np.float32(0.32 * side), (y - x * np.float32(0.32 * side)) / np.float32(0.24)
    d = np.sqrt(u * u + v * v)
    band = smoothstep(1.30, 1.36, d) * smoothstep(2.02, 1.92, d) * (0.55 + 0.45 * np.sin(d * np.float32(26)))
    band *= 1 - smoothstep(0.03, 0.0, np.abs(d - 1.62)) * 0.8
    front = 1 - smoothstep(1 + edge, 1 - edge, np.sqrt(x * x + y * y)) * (v < 0)
    over(image, array(mix(colour, 1, 0.25)), array(band * front * np.float32(0.72)))


def _moon(image: Array, view: View, void: Void, side: int, rng: np.random.Generator) -> None:
    """Lay the moon's ground: two far ridges, then rolling dust, in place."""
    dark, bright = (rgb(c) for c in void.dust)
    for base, height, length, share in ((0.715, 0.22, 0.30, 0.30), (0.750, 0.13, 0.40, 0.14)):
        dust = mix(dark, rgb(void.dark[1]), share), mix(bright, rgb(void.dark[1]), share)
        old_range(image, view, (base, height, length, 0.9), dust, side, rng=fork(rng))
    dust_ground(image, view, (dark, bright), side, base=0.770, rng=rng)


def old_range(
    image: Array, view: View, shape: tuple[float, float, float, float], dust: tuple[Array, Array], side: int,
    *, rng: np.random.Generator,
) -> None:  # fmt: skip
    """Raise a range of old round mountains, lit hard from the side and pitted, in place.

    `shape` is where it stands, how tall it is, how long its hills are and how bright it is.
    """
    base, height, scale, share = shape
    top, low = (round(part * view.height) for part in (max(0.0, base - 0.20), 0.80))
    line = array((base * view.height) - height * view.unit * (outline(view, scale, 5, rng, 0.38) - 0.34))
    rough = fbm(low - top, view.width, 0.16 * view.unit, 6, rng, gain=0.46)
    turned = rough if side > 0 else rough[:, ::-1]
    graze = slope(np.ascontiguousarray(turned), max(1, round(0.006 * view.unit)), 3.2)
    graze = graze if side > 0 else graze[:, ::-1]
    slopes = blur(faces(view, line, 0.8, 0.012, slice(top, low)), 0.004 * view.unit)
    deep = np.clip((np.arange(top, low, dtype=np.float32)[:, None] - line[None]) / (0.16 * view.unit), 0, 1)
    tone = np.clip(0.50 + slopes * np.float32(1.1 * side) + (graze - 0.5) * 0.9 - 0.30 * deep, 0, 1)
    lay(image[top:low], array(line - top), mix(dust[0] * 0.5, dust[1], tone[..., None]) * np.float32(share))


def dust_ground(
    image: Array, view: View, dust: tuple[Colour, Colour], side: int, *, base: float, rng: np.random.Generator
) -> None:
    """Lay rolling dust with craters below `base` (a fraction), in place; `side` is 1 where the light is on the left."""
    dark, bright = dust
    line = ridge(view, base, 0.045, 0.6, fork(rng), gain=0.40)
    top = max(0, math.floor(float(line.min())) - 1)
    far = depth(view, top, 0.22)
    field = (
        sample(tile(96, 96, rng), view, far, 0.30, 0.36) * 0.62
        + sample(tile(14, 14, rng), view, far, 0.40, 0.45) * 0.08
    )
    field = array(field + _craters(view, far, rng))
    step = max(1, round(0.008 * view.unit))
    flipped = field if side > 0 else field[:, ::-1]
    moved = np.pad(flipped, ((0, 0), (step, 0)), mode="edge")[:, : view.width]
    graze = np.clip((flipped - moved) * np.float32(4.6) + np.float32(0.50), 0, 1)
    graze = graze if side > 0 else graze[:, ::-1]
    grain = grit(view, far, rng)
    colour = mix(dark * 0.7, bright, np.clip(graze + grain * 0.14, 0, 1)[..., None])
    part = np.ascontiguousarray(image[top:])
    lay(part, array(line - top), colour)
    image[top:] = part


def _craters(view: View, far: Array, rng: np.random.Generator) -> Array:
    """Give the height of craters on the ground: a raised rim around a bowl, in perspective."""
    field = np.zeros((len(far), view.width), np.float32)
    x, y = view.across(), (np.arange(len(far), dtype=np.float32)[:, None] + 0.5) / np.float32(view.unit)
    for k, (a, b, c) in enumerate(rng.random((15, 3))):
        t = (k + b) / 15
        cy, r = len(far) / view.unit * (0.10 + 0.88 * t), (0.012 + 0.055 * c * c) * (0.4 + 1.1 * t)
        cx = (a - 0.5) * 2.0
        box = np.abs(x[0] - cx) < 3 * r
        d = np.sqrt(
            ((x[:, box] - np.float32(cx)) / np.float32(r)) ** 2 + ((y - np.float32(cy)) / np.float32(0.36 * r)) ** 2
        )
        field[:, box] += 0.10 * np.exp(-(((d - 1) / 0.30) ** 2)) - 0.17 * np.exp(-((d / 0.85) ** 4))
    return field
