"""The air over outdoor places: colours of the sky by time and weather, sun or moon, clouds, stars and their light."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.backdrops.base import Light, View
from limner.engines.illustrator.backdrops.growth import dots
from limner.engines.illustrator.backdrops.wonders import aurora, lightning
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
    from limner.engines.illustrator.scene import Time, Weather


@dataclass(frozen=True, slots=True, eq=False)
class Air:
    """Colours and light of the sky. `sun_x` is in units from the middle, `sun_y` a fraction of the sky's height."""

    zenith: Colour
    middle: Colour
    horizon: Colour
    sun: Colour
    lit: Colour
    shade: Colour
    key: Colour
    up: Colour
    rim: Colour
    cover: float
    stars: float
    sun_x: float
    sun_y: float
    sun_size: float
    glow: float
    warmth: float
    shadow: float
    lean: float

    @property
    def side(self) -> float:
        """Which side the sun or moon stands on: -1 left, 1 right."""
        return 1.0 if self.sun_x > 0 else -1.0

    @property
    def brightness(self) -> Colour:
        """What a white surface looks like under this sky: the tint to paint the land with."""
        light = self.key * 0.66 + self.up * 0.52
        return array(np.minimum(mix(light, light.mean(), 0.18), 1.15))


def _air(colours: str, light: str, **rest: float) -> Air:
    """Make an `Air` from two lists of colours: zenith middle horizon sun lit shade, and key up rim."""
    zenith, middle, horizon, sun, lit, shade = (rgb(c) for c in colours.split())
    key, up, rim = (rgb(c) for c in light.split())
    return Air(zenith, middle, horizon, sun, lit, shade, key, up, rim, **rest)


CLOUDY, DETAILED = 480.0, 640.0
AIRS: dict[Time, Air] = {
    "day": _air(
        "#2f7fd0 #7fbdf0 #dceffa #fff2cf #ffffff #a9bfda", "#fff0cc #667489 #c8b890",
        cover=0.50, stars=0, sun_x=0.30, sun_y=0.30, sun_size=0.034, glow=0.85, warmth=0.1, shadow=0.55, lean=0.55,
    ),
    "golden": _air(
        "#4a5d9c #d98f8c #ffd795 #ffd9a0 #ffc59b #8d6a8e", "#ffb86e #6c6078 #ffb86a",
        cover=0.52, stars=0, sun_x=0.26, sun_y=0.80, sun_size=0.052, glow=1.0, warmth=0.7, shadow=0.50, lean=1.05,
    ),
    "night": _air(
        "#070d2c #182a62 #43558f #dfe8ff #56669a #1a2650", "#9fb4ea #465688 #8fa4e0",
        cover=0.46, stars=1, sun_x=0.31, sun_y=0.30, sun_size=0.046, glow=0.50, warmth=-0.5, shadow=0.40, lean=0.60,
    ),
}  # fmt: skip

VEILS: dict[Weather, tuple[str, float, float, float]] = {
    # what the sky is mixed with, how much, the cover of clouds, what is left of the sun
    "clear": ("#ffffff", 0.0, 0.0, 1.0),
    "fog": ("#cfd6da", 0.62, -0.05, 0.45),
    "rain": ("#7c868e", 0.80, 0.22, 0.12),
    "snow": ("#c3cedc", 0.72, 0.12, 0.24),
    "storm": ("#3f4854", 0.78, 0.30, 0.0),
}


VEIL_LIGHT: dict[Time, Colour] = {
    "day": array((1.0, 1.0, 1.0)), "golden": array((0.96, 0.90, 0.95)), "night": array((0.22, 0.28, 0.46)),
}  # fmt: skip


def tint_of(palette: tuple[str, ...]) -> Colour:
    """Give the factors by which a palette's first known colour tints a place; 1 where there is none."""
    for name in palette:
        if name in NAMED:
            colour = rgb(NAMED[name])
            return mix(1, colour / max(0.05, float(colour.mean())), 0.28)
    return array((1.0, 1.0, 1.0))


def _tinted(air: Air, tint: Colour) -> Air:
    zenith, middle, horizon, lit = (array(c * tint) for c in (air.zenith, air.middle, air.horizon, air.lit))
    shade, up, key = array(air.shade * tint), array(air.up * tint), array(air.key * mix(1, tint, 0.6))
    return replace(air, zenith=zenith, middle=middle, horizon=horizon, lit=lit, shade=shade, up=up, key=key)


def _darkened(air: Air, by: Colour) -> Air:
    """Give the air under clouds so thick that less of every colour is left."""
    names = ("zenith", "middle", "horizon", "lit", "shade", "key", "up", "rim")
    zenith, middle, horizon, lit, shade, key, up, rim = (array(getattr(air, name) * by) for name in names)
    return replace(air, zenith=zenith, middle=middle, horizon=horizon, lit=lit, shade=shade, key=key, up=up, rim=rim)


def air_of(view: View, rng: np.random.Generator) -> Air:
    """Give the air of the view's time under its weather; the sun's side and place are drawn."""
    side, dx, dy = (-1 if rng.random() < 0.5 else 1), rng.random() - 0.5, rng.random() - 0.5
    base = _tinted(AIRS[view.time], tint_of(view.palette))
    base = replace(base, sun_x=side * (base.sun_x + 0.12 * dx), sun_y=base.sun_y + 0.08 * dy)
    name, share, cover, sun = VEILS[view.weather]
    if not share:
        return base
    wet = view.weather in ("rain", "storm")
    veil = mix(rgb(name) * VEIL_LIGHT[view.time], base.horizon, 0.10 if wet else 0.25)
    if wet and view.time == "golden":
        # Under rain clouds the low sun does not reach the land: all is lit by the grey above.
        base = replace(base, up=mix(base.up, veil, 0.5), key=mix(base.key, base.key.mean(), 0.5))
    if view.weather == "storm":
        dim = rgb("#aab4cc" if view.time == "day" else "#c0c4d0" if view.time == "golden" else "#dfe4ee")
        base, veil = _darkened(base, dim), array(veil * dim)
    return replace(
        base,
        zenith=mix(base.zenith, veil * 0.84, share), middle=mix(base.middle, veil * 0.95, share),
        horizon=mix(base.horizon, veil, share), lit=mix(base.lit, veil * 1.1, share),
        shade=mix(base.shade, veil * 0.72, share), key=mix(base.key, mix(base.up, veil, 0.3), 0.75 * (1 - sun)),
        up=mix(base.up, veil * 0.8, share * 0.4), rim=array(base.rim * (0.35 + 0.65 * sun)), cover=base.cover + cover,
        stars=base.stars * sun, glow=base.glow * sun, warmth=base.warmth * (0.3 + 0.7 * sun),
        shadow=base.shadow * (0.45 + 0.55 * sun),
    )  # fmt: skip


def light_of(air: Air, bounce: str | Colour) -> Light:
    """Give the light that falls on subjects under this sky, over ground of the colour `bounce`."""
    side = 1.0 if air.sun_x >= 0 else -1.0
    direction = np.array([0.5 * side, -0.66, 0.56])
    direction /= np.linalg.norm(direction)
    x, y, z = (float(v) for v in direction)
    down = array(rgb(bounce) * air.brightness * 0.62)
    rim_direction = (0.85 * side, -0.5)
    return Light(air.key, (x, y, z), air.up, down, air.rim, rim_direction, air.warmth, air.shadow, -side * air.lean)


def paint_sky(canvas: Array, view: View, air: Air, horizon: float, rng: np.random.Generator) -> None:
    """Paint the sky from the top of the canvas to the horizon (a fraction of the height), in place."""
    h = max(2, round(view.height * horizon))
    canvas[h:] = air.horizon
    part = canvas[:h]
    part[:] = _vault(view, air, h)
    if air.stars:
        _stars(part, view, air, rng)
    if "aurora" in view.details:
        aurora(part, view, fork(rng))
    _sun(part, view, air, h, rng)
    clouds(part, view, air, rng)
    if air.cover < 0.6:
        cumulus(part, view, air, rng)
    if view.weather == "storm":
        lightning(part, view, air.side, fork(rng))


def _vault(view: View, air: Air, h: int) -> Array:
    """Give the bare sky with the glow around the sun, (h, W, 3), made at a quarter of the size: it has no edges."""
    small = view.scaled(0.25)
    rows = max(2, round(h / 4))
    sky = np.repeat(column(rows, [(0, air.zenith), (0.52, air.middle), (1, air.horizon)]), small.width, axis=1)
    if air.glow >= 0.2:
        at = small.x(air.sun_x), air.sun_y * rows
        glow(sky, at, 0.55 * small.unit, air.sun, 0.55 * air.glow)
        glow(sky, at, 0.16 * small.unit, air.sun, 0.5 * air.glow)
    return resize(sky, view.width, h)


def sun_spot(view: View, air: Air, horizon: float) -> tuple[float, float] | None:
    """Give the place of the sun or moon in pixels over a horizon (a fraction), or None where clouds hide it."""
    return (view.x(air.sun_x), air.sun_y * horizon * view.height) if air.glow > 0.2 else None


def _sun(part: Array, view: View, air: Air, h: int, rng: np.random.Generator) -> None:
    x, y, unit = view.x(air.sun_x), air.sun_y * h, view.unit
    shape = part.shape[0], part.shape[1]
    mottle = fbm(*shape, 0.05 * unit, 3, rng) if air.stars else None
    if air.glow < 0.2:
        return
    disc = dots(*shape, [(x, y, air.sun_size * unit, min(1, 2.0 * air.glow))])
    face = array(np.minimum(air.sun * 1.25, 1.3))
    if mottle is not None:
        over(part, face * (0.62 + 0.38 * smoothstep(0.28, 0.58, mottle))[..., None], disc)
    else:
        over(part, face, blur(disc, 0.007 * unit))


def _stars(part: Array, view: View, air: Air, rng: np.random.Generator) -> None:
    many = rng.random((420, 4))
    x = (many[:, 0] - 0.5) * max(2.2, view.width / view.unit) * view.unit + view.middle
    radius = (0.0006 + 0.0016 * many[:, 2] ** 6) * view.unit
    dim = np.minimum(1, radius / 0.5)
    y = many[:, 1] ** 1.3 * part.shape[0]
    light = dots(
        part.shape[0], part.shape[1], np.stack([x, y, np.maximum(radius, 0.5), (0.2 + 0.8 * many[:, 3]) * dim], 1)
    )
    add(part, (0.9, 0.95, 1.0), light * np.float32(air.stars))


def _perspective(n: Array, view: View) -> Array:
    """Lay a cloud field down towards the horizon: the lower, the smaller and flatter."""
    h, w = n.shape
    z = 1 / (1.30 - (np.arange(h, dtype=np.float32)[:, None] + 0.5) / h)
    x = (np.arange(w, dtype=np.float32)[None] + 0.5 - view.middle) * (z * np.float32(0.8)) + np.float32(view.middle)
    y = np.repeat((z - 0.77) * np.float32(0.95 * h), w, axis=1)
    return array(cv2.remap(n, array(x), array(y), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT))


def _clearing(view: View, air: Air, h: int) -> Array:
    """Thin the clouds before the sun or moon, so that a place keeps its light: a factor, (h, W)."""
    x = view.across() - np.float32(air.sun_x)
    y = ((np.arange(h, dtype=np.float32)[:, None] + 0.5) - np.float32(air.sun_y * h)) / np.float32(view.unit)
    share, reach = 0.80 * min(1.0, 2 * air.glow), np.float32((2.0 * air.sun_size) ** 2)
    return array(1 - np.exp(-(x * x) / reach) * (share * np.exp(-(y * y) / reach)))


def clouds(part: Array, view: View, air: Air, rng: np.random.Generator) -> None:
    """Put clouds over a sky, in place; `part` holds the sky's rows alone.

    Fractal noise over a threshold, lit by its own slope towards the sun, as in Gardner, "Visual simulation
    of clouds", 1985.
    """
    small = _soft(view)
    body, relief = _billows(small, air, max(2, round(len(part) * small.height / view.height)), rng)
    tone = resize(blur(relief, (0.0015 if view.fine else 0.003) * small.unit), view.width, len(part))
    over(part, mix(air.shade, air.lit, tone[..., None]), resize(body, view.width, len(part)))


def _soft(view: View) -> View:
    """Give the view on a canvas that is large enough for clouds."""
    return view.scaled(min(1.0, (DETAILED if view.fine else CLOUDY) / view.unit))


def _billows(view: View, air: Air, h: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Give how dense the clouds of a sky of `h` rows are, and how bright, each (h, W), 0..1."""
    n = _perspective(fbm(h, view.width, 0.34 * view.unit, 7, rng, aspect=1.9, gain=0.52), view)
    edge = 0.96 - 0.86 * air.cover
    y = (np.arange(h, dtype=np.float32)[:, None] + 0.5) / h
    share = smoothstep(1.0, 0.80, y) * (0.96 if air.cover > 0.6 else 0.55) * _clearing(view, air, h)
    step = max(1, round(0.016 * view.unit))
    shift = np.array([[1, 0, -step * air.side * 0.6], [0, 1, step]], np.float64)
    ahead = cv2.warpAffine(n, shift, (view.width, h), borderMode=cv2.BORDER_REPLICATE)
    relief = (n - array(ahead)) * np.float32(3.4) + np.float32(0.62) - (n - edge) * np.float32(0.55)
    return array(smoothstep(edge, edge + 0.20, n) * share), array(np.clip(relief, 0, 1))


def _puffs(view: View, h: int, rng: np.random.Generator) -> Array:
    """Give the round parts of nine fair-weather clouds, rows as for `dots`; the farther ones are lower and smaller."""
    many = rng.random((9, 4))
    rows = []
    for k, (a, b, c, _) in enumerate(many):
        low = 0.20 + 0.62 * (k + b) / len(many)
        size = (0.26 + 0.22 * c) * (1.12 - low) * view.unit
        x, y = view.x((a - 0.5) * 2.6), low * h
        parts = rng.random((34, 3))
        along = (parts[:, 0] - parts[:, 1] * 0.5 - 0.25) * 1.5
        dome = np.clip(1 - along**2, 0, 1) * 0.30 * size
        radius = size * (0.045 + 0.085 * np.clip(1 - np.abs(along), 0, 1) * (0.4 + 0.6 * parts[:, 2]))
        rows.append(np.stack([x + along * size * 0.66, y - dome * parts[:, 2] - radius * 0.5, radius, np.ones(34)], 1))
    return array(np.concatenate(rows))


def cumulus(part: Array, view: View, air: Air, rng: np.random.Generator) -> None:
    """Put heaped clouds of fair weather over a sky, in place: discs frayed by noise, lit on the sun's side."""
    small = _soft(view)
    mask, tone = _heaps(small, air, max(2, round(len(part) * small.height / view.height)), rng)
    mask, tone = (resize(field, view.width, len(part)) for field in (mask, tone))
    over(part, mix(air.shade, air.lit, tone[..., None]), mask)


def _heaps(view: View, air: Air, h: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Give where heaped clouds stand in a sky of `h` rows, and how bright they are, each (h, W), 0..1."""
    w, unit = view.width, view.unit
    puffs = _puffs(view, h, rng)
    away = np.array([0.20 * air.side, -0.24]) * puffs[:, 2:3]
    bright = np.concatenate([puffs[:, :2] + away, puffs[:, 2:3] * 0.80, puffs[:, 3:]], 1)
    body = blur(dots(h, w, puffs), (0.004 if view.fine else 0.006) * unit)
    light = blur(dots(h, w, bright), 0.012 * unit)
    rough = fbm(h, w, 0.042 * unit, 6 if view.fine else 5, rng, gain=0.66 if view.fine else 0.62)
    fray = (rough - np.float32(0.5)) * np.float32(0.055 * unit)
    x = np.arange(w, dtype=np.float32)[None] + fray
    y = np.arange(h, dtype=np.float32)[:, None] + fray * np.float32(0.8)
    frayed = cv2.remap(cv2.merge([body, light]), array(x), array(y), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    down = (np.arange(h, dtype=np.float32)[:, None] + 0.5) / h
    mask = smoothstep(0.20, 0.85, frayed[..., 0]) * (0.92 - 0.5 * smoothstep(0.5, 1.0, down))
    tone = np.clip(frayed[..., 1] * 0.85 + fray * np.float32(4 / unit) + 0.10, 0, 1)
    return array(mask * _clearing(view, air, h)), array(tone)
