"""A clearing in a forest: rows of trunks that fade into the haze, shafts of light, a floor of leaves and ferns."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.backdrops.air import Air, air_of, light_of, tint_of
from limner.engines.illustrator.backdrops.base import Scenery, View
from limner.engines.illustrator.backdrops.fronts import grass, heap
from limner.engines.illustrator.backdrops.growth import (
    Points,
    blade_shapes,
    dots,
    fern_shapes,
    leaf_shapes,
    paint,
    trunk_shapes,
)
from limner.engines.illustrator.backdrops.land import depth, ground_noise, lay, mist, outline
from limner.engines.illustrator.backdrops.lawn import sward
from limner.engines.illustrator.backdrops.snowfield import SNOW_BOUNCE, snow_ground
from limner.engines.illustrator.backdrops.trees import leaves
from limner.engines.illustrator.backdrops.wonders import ruin, waterfall
from limner.engines.illustrator.pixels import (
    Array,
    add,
    array,
    blur,
    bounds,
    column,
    fbm,
    fork,
    glow,
    mix,
    noise,
    over,
    polygons,
    resize,
    rgb,
    shade,
    smoothstep,
)

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Time

HORIZON = 0.60
STORM = rgb("#9aa8bc")


@dataclass(frozen=True, slots=True, eq=False)
class Wood:
    """The colours of the forest at one time: what is behind it, its haze, its light and its floor."""

    behind: tuple[str, str, str]
    haze: str
    dark: str
    leaf: str
    ray: str
    floor: tuple[str, str]
    fern: tuple[str, str]
    spark: str


WOODS: dict[Time, Wood] = {
    "day": Wood(
        ("#b9dca0", "#e4f4c4", "#cfe6a8"), "#d3ebb4", "#1f3a22", "#5f9a3c", "#fff6c4",
        ("#3b4a20", "#a3b653"), ("#16381a", "#86b944"), "#fffbe0",
    ),
    "golden": Wood(
        ("#d79a62", "#ffdf9c", "#f3b76a"), "#ffcf8a", "#33200f", "#b9722a", "#ffdc90",
        ("#4a2f18", "#d9943c"), ("#3a2a12", "#c98a34"), "#ffe9a8",
    ),
    "night": Wood(
        ("#10244a", "#467a9e", "#2a566c"), "#6899b0", "#07151f", "#1f4a58", "#b4dcf0",
        ("#0c2026", "#3f7470"), ("#061a1e", "#2f6a5c"), "#ffd873",
    ),
}  # fmt: skip
WINTERS: dict[Time, Wood] = {
    "day": Wood(
        ("#bfd3e6", "#eaf2f8", "#d4e2ee"), "#dbe7f1", "#2c3848", "#8ea4b8", "#fffdf2",
        ("#9fb0c8", "#f2f6fc"), ("#3a4a58", "#c8d6e4"), "#ffffff",
    ),
    "golden": Wood(
        ("#c79a9a", "#ffe0b8", "#f0bfa4"), "#f7d3b4", "#3a2a30", "#a87c74", "#ffe6b4",
        ("#b090a0", "#ffe8d8"), ("#4a3638", "#dcb8a4"), "#fff2d8",
    ),
    "night": Wood(
        ("#101f48", "#4c74a8", "#34548c"), "#7c9cc8", "#0a1424", "#34506e", "#cfe0ff",
        ("#3c4c80", "#a8b8ec"), ("#14243c", "#6a84b4"), "#e4ecff",
    ),
}  # fmt: skip
AUTUMNS: dict[Time, tuple[str, str, str]] = {
    # leaves, and the floor in shade and light
    "day": ("#e08a24", "#4a2a12", "#d88a34"), "golden": ("#d8681a", "#4a2410", "#e08830"),
    "night": ("#7a4a38", "#1c1420", "#6a4840"),
}  # fmt: skip
DULL = {"clear": 0.0, "snow": 0.15, "fog": 0.25}
LAYERS = (
    # trunks to a unit, width, where they stand, share of haze, free in the middle
    (13, 0.014, 0.615, 0.86, 0.00),
    (9, 0.022, 0.635, 0.66, 0.05),
    (6, 0.036, 0.665, 0.42, 0.20),
    (4, 0.058, 0.710, 0.18, 0.36),
)


def forest(view: View) -> Scenery:
    """Paint the clearing; subjects stand on its floor."""
    rng = fork(view.rng)
    air = air_of(view, fork(rng))
    white = view.weather == "snow"
    wood = WINTERS[view.time] if white else _wood(view)
    dull = DULL.get(view.weather, 0.40)
    far = view.far()
    spot = (0.20 if air.sun_x > 0 else -0.20, 0.22)
    distant = _depths(far, air, wood, spot, white=white, rng=fork(rng))
    _shafts(distant, far, wood, spot, (1.6 if "rays" in view.details else 1.0) * (1 - 0.8 * dull), rng=fork(rng))
    _floor(distant, far, wood, air, white=white, rng=fork(rng))
    _framing(distant, far, wood, spot[0], white=white, rng=fork(rng))
    image = resize(distant, view.width, view.height, smooth=True)
    if not white:
        _boughs(image, view, wood, min(0.72, view.width / view.unit / 2), fork(rng))
        _undergrowth(image[round(0.69 * view.height) :], view, wood, fork(rng))
    if not white:
        _ferns(image, view, wood, fork(rng))
    if view.weather in ("clear", "fog"):
        _sparks(image, view, wood, fork(rng))
    if dull > 0.3:
        image[:] = mix(image, image.mean(axis=2, keepdims=True) * air.horizon * 1.1, 0.40)
    if view.weather == "storm":
        image *= STORM
    image *= tint_of(view.palette)
    light = light_of(air, SNOW_BOUNCE if white else wood.floor[1])
    dark, bright = (rgb(c) for c in wood.fern)
    front = heap(view, 0.030, 0.08) if white else grass(view, dark, array(bright * 0.9))
    return Scenery(image, HORIZON, (0.76, 0.92), light, "snow" if white else "leaves", front)


def _depths(
    view: View, air: Air, wood: Wood, spot: tuple[float, float], *, white: bool, rng: np.random.Generator
) -> Array:
    """Paint the light behind the trees and their four rows; the two far ones, lost in haze, on a smaller canvas."""
    dull = DULL.get(view.weather, 0.40)
    whole, view = view, view.scaled(0.75) if view.fine else view
    hazy = view.scaled(0.7)
    canvas = _behind(hazy, air, wood, dull)
    _light(canvas, hazy, wood, spot, 1 - dull)
    for layer in LAYERS[:2]:
        _layer(canvas, hazy, wood, layer, spot[0], white=white, rng=fork(rng))
    canvas = resize(canvas, view.width, view.height)
    if "waterfall" in view.details:
        waterfall(canvas, view, air, (-1.15 * spot[0], 0.26, 0.655), 0.24, haze=0.36, rng=fork(rng))
    _layer(canvas, view, wood, LAYERS[2], spot[0], white=white, rng=fork(rng))
    if "ruins" in view.details:
        ruin(canvas, view, air, (-0.5 * spot[0], 0.685), 0.17, rng=fork(rng))
    _layer(canvas, view, wood, LAYERS[3], spot[0], white=white, rng=fork(rng))
    return resize(canvas, whole.width, whole.height, smooth=True)


def _wood(view: View) -> Wood:
    """Give the colours of the forest at this time and season."""
    wood = WOODS[view.time]
    if "autumn" in view.details:
        leaf, low, high = AUTUMNS[view.time]
        gold = tuple(_turned(c, leaf, 0.42) for c in wood.behind)
        return replace(
            wood, behind=(gold[0], gold[1], gold[2]), haze=_turned(wood.haze, leaf, 0.38), leaf=leaf,
            dark=_turned(wood.dark, low, 0.6), floor=(low, high), fern=(low, high),
        )  # fmt: skip
    if "blossom" in view.details:
        leaf, deep = ("#ffb4d0", "#7a3a5a") if view.time != "night" else ("#a88cc8", "#30204c")
        behind = tuple(_turned(c, leaf, 0.34) for c in wood.behind)
        return replace(
            wood, behind=(behind[0], behind[1], behind[2]), haze=_turned(wood.haze, leaf, 0.36), leaf=leaf,
            dark=_turned(wood.dark, deep, 0.35),
        )  # fmt: skip
    return wood


def _turned(colour: str, towards: str, share: float) -> str:
    """Mix two colours told as "#rrggbb"."""
    return "#" + "".join(f"{round(255 * v):02x}" for v in mix(rgb(colour), rgb(towards), share).tolist())


def _behind(view: View, air: Air, wood: Wood, dull: float) -> Array:
    colours = [mix(rgb(c), air.middle, dull) for c in wood.behind]
    run = column(view.height, [(0, colours[0]), (0.42, colours[1]), (0.64, colours[2]), (1, colours[2] * 0.8)])
    return np.repeat(run, view.width, axis=1)


def _light(canvas: Array, view: View, wood: Wood, spot: tuple[float, float], share: float) -> None:
    """Put the sun's or moon's light behind the trees, in place."""
    x, y, unit = view.x(spot[0]), spot[1] * view.height, view.unit
    glow(canvas, (x, y), 0.55 * unit, rgb(wood.ray), 0.9 * share)
    if view.time == "night" and share > 0.7:
        over(canvas, array((1.0, 0.98, 0.9)), dots(view.height, view.width, [(x, y, 0.062 * unit, 1)]))
        glow(canvas, (x, y), 0.20 * unit, rgb(wood.ray), 0.4)


def _stand(view: View, layer: tuple[float, ...], rng: np.random.Generator) -> list[Points]:
    """Draw the trunks of one row from the middle outwards, as many as the picture is wide."""
    count, width, base, _, hollow = layer
    shapes: list[Points] = []
    for k in range(int(view.width / view.unit * count) + 4):
        own = fork(rng)
        at = (k // 2 + 0.5) / count * (1 if k % 2 else -1) + (own.random() - 0.5) * 0.8 / count
        wide = width * (0.7 + 0.6 * own.random()) * view.unit
        if abs(at) >= hollow:
            foot = (base + 0.022 * own.random()) * view.height
            shapes += trunk_shapes(view.x(at), foot, wide, -0.05 * view.height, own)
    return shapes


def _layer(
    canvas: Array, view: View, wood: Wood, layer: tuple[float, ...], sun: float, *, white: bool,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """Paint one row of trees with the ground it stands on, its leaves above and the mist before it, in place."""
    _, width, base, haze, _ = layer
    colour = mix(rgb(wood.dark), rgb(wood.haze), haze)
    mask = polygons(view.height, view.width, _stand(view, layer, fork(rng)))
    bark = noise(view.height, view.width, 0.35 * width * view.unit, 0.09 * view.unit, rng)
    over(canvas, colour * (0.75 + 0.5 * bark)[..., None], mask)
    _edge_light(canvas, view, mask, wood, 0.45 * (1 - 0.5 * haze), sun=sun, width=width)
    line = (base - 0.012) * view.height - 0.020 * view.unit * (outline(view, 0.3, 5, rng) - 0.5)
    near = rgb("#dfe7f4") * rgb(wood.haze) if white else mix(rgb(wood.floor[0]), rgb(wood.floor[1]), 0.35)
    lay(canvas, array(line), mix(near, rgb(wood.haze), haze * 0.8))
    roof = fork(rng)
    if white or haze > 0.5:
        _canopy(canvas, view, wood, haze, white=white, rng=roof)
    else:
        _leafage(canvas, view, wood, haze, sun=sun, rng=roof)
    mist(canvas, view, rgb(wood.haze), (base - 0.035, 0.060, 0.62 * haze + 0.10), fork(rng))


def _edge_light(canvas: Array, view: View, mask: Array, wood: Wood, share: float, *, sun: float, width: float) -> None:
    """Let the light behind catch the sides of the trunks that are turned to it, in place."""
    h, w = max(2, round(0.76 * view.height)), view.width
    step = max(1, round(0.10 * width * view.unit))
    padded = np.pad(mask[:h], ((0, 0), (step, step)))
    split = int(np.clip(view.x(sun), 0, w))
    rim = mask[:h] - np.concatenate([padded[:, 2 * step : 2 * step + split], padded[:, split:w]], axis=1)
    reach = np.exp(-(((view.across() - np.float32(sun)) / 0.45) ** 2)) * 0.8 + 0.2
    add(canvas[:h], rgb(wood.ray), array(np.maximum(rim, 0) * (reach * share * smoothstep(0.75, 0.2, view.rows()[:h]))))


def _canopy(canvas: Array, view: View, wood: Wood, haze: float, *, white: bool, rng: np.random.Generator) -> None:
    """Hang the leaves of one row from the top, open around the middle, in place."""
    h = max(8, round(0.52 * view.height))
    leaves = fbm(h, view.width, 0.13 * view.unit * (1.35 - 0.5 * haze), 6, rng, gain=0.58)
    y = (np.arange(h, dtype=np.float32)[:, None] + 0.5) / view.height
    x = np.abs(view.across())
    level = leaves + (0.20 - 0.95 * y) + np.minimum(x, 0.6) * 0.42 - 0.17 + 0.06 * (1 - haze)
    mask = smoothstep(0.52, 0.60, level) * smoothstep(0.52, 0.40, y) * 0.95
    tone = smoothstep(0.50, 0.74, leaves)[..., None]
    leaf = rgb("#e6eefa") * mix(rgb(wood.haze), 1, 0.3) if white else rgb(wood.leaf)
    dark = mix(rgb(wood.dark), rgb(wood.haze), haze * 0.9)
    colour = mix(dark, mix(leaf, rgb(wood.haze), haze * 0.8), tone * 0.8)
    over(canvas[:h], colour, array(mask))


def _leafage(canvas: Array, view: View, wood: Wood, haze: float, *, sun: float, rng: np.random.Generator) -> None:
    """Hang the leaves of a near row in clouds from the top, open around the middle, in place."""
    many = rng.random((90, 2))
    x = (many[:, 0] - 0.5) * max(1.4, view.width / view.unit + 0.1)
    room = 0.03 + 0.34 * smoothstep(0.04, 0.50, np.abs(x)) * (0.45 + 0.55 * haze * 2)
    tips = np.stack([view.x(0) + x * view.unit, (many[:, 1] ** 1.5 * room - 0.02) * view.unit], 1)
    dark, leaf = (mix(rgb(c), rgb(wood.haze), 0.75 * haze) for c in (wood.dark, wood.leaf))
    inks = (dark, leaf, mix(leaf, rgb(wood.ray), 0.45))
    leaves(canvas, tips, 0.62 * view.unit, inks, sun=1.0 if sun > 0 else -1.0, fine=view.fine, rng=rng)


def _shafts(
    canvas: Array, view: View, wood: Wood, spot: tuple[float, float], share: float, *, rng: np.random.Generator
) -> None:
    """Let shafts of light fan out from the spot, in place; they are soft, so a quarter of the size is enough."""
    h, w = max(2, view.height // 4), max(2, view.width // 4)
    y = ((np.arange(h, dtype=np.float32) + 0.5) / h * view.height / view.unit)[:, None]
    x = ((np.arange(w, dtype=np.float32) + 0.5 - w / 2) / w * view.width / view.unit)[None]
    dy, dx = y - spot[1] * view.height / view.unit, x - spot[0]
    beams = np.clip(rng.random(180) * 1.9 - 0.95, 0, 1)
    angle = np.interp(np.arctan2(dy, dx), np.linspace(-np.pi, np.pi, 180), beams)
    d = np.hypot(dx, dy)
    light = angle * np.clip(1.0 - d, 0, 1) * smoothstep(0.05, 0.30, d) * smoothstep(-0.1, 0.15, dy)
    soft = blur(array(light), 0.006 * view.unit)
    add(canvas, rgb(wood.ray), cv2.resize(soft, (view.width, view.height)) * np.float32(0.36 * share))


def _floor(image: Array, view: View, wood: Wood, air: Air, *, white: bool, rng: np.random.Generator) -> None:
    """Lay the floor of the clearing with a pool of light on it, in place."""
    line = array(0.700 * view.height - 0.030 * view.unit * (outline(view, 0.35, 5, rng) - 0.5))
    if white:
        snow_ground(image, view, air, line, rng)
        return
    top = max(0, math.floor(float(line.min())) - 1)
    far = depth(view, top, 0.16)
    litter = ground_noise(view, far, 0.75, rng)
    d = np.linspace(0, 1, len(far), dtype=np.float32)[:, None]
    pool = np.exp(-((view.across() / 0.42) ** 2)) * np.exp(-(((d - 0.35) / 0.40) ** 2))
    tone = np.clip((litter - 0.5) * 1.5 + 0.26 + 0.42 * pool - 0.16 * d, 0, 1)
    dark, bright = (rgb(c) for c in wood.floor)
    colour = mix(mix(dark, bright, tone[..., None]), rgb(wood.haze), (0.30 * (1 - d) ** 2)[..., None])
    part = np.ascontiguousarray(image[top:])
    lay(part, array(line - top), shade(colour, sward(len(far), view, rng)))
    image[top:] = part


def _undergrowth(part: Array, view: View, wood: Wood, rng: np.random.Generator) -> None:
    """Scatter blades over the floor, wilder at the sides, in place."""
    dark, bright = (rgb(c) for c in wood.fern)
    many = rng.random((900 if view.fine else 520, 5))
    v = np.sort(many[:, 0])
    at = (many[:, 1] - 0.5) * max(1.2, view.width / view.unit)
    x, y = view.x(0) + at * view.unit, part.shape[0] * (0.06 + 1.0 * v)
    wild = 0.30 + 0.70 * smoothstep(0.15, 0.45, np.abs(at))
    length = view.unit * (0.010 + 0.045 * v) * (0.4 + many[:, 2]) * wild
    shapes = blade_shapes(x, y + length * 0.4, length, (many[:, 3] - 0.5) * length, 0.0012 * view.unit)
    paint(part, shapes, list(many[:, 4]), dark, bright)


def _ferns(image: Array, view: View, wood: Wood, rng: np.random.Generator) -> None:
    """Let ferns grow at both sides and over the roots of the framing trunks, the near ones last, in place."""
    dark, bright = (rgb(c) for c in wood.fern)
    many = rng.random((16, 4))
    for k, (a, b, c, d) in enumerate(many[np.argsort(many[:, 2])]):
        side = -1 if k % 2 else 1
        place = side * (min(0.54, view.width / view.unit / 2) + 0.02 - (0.10 + 0.10 * c) * b)
        size = view.unit * (0.055 + 0.085 * c) * (0.8 + 0.4 * a)
        shapes = fern_shapes(view.x(place), (0.74 + 0.30 * c) * view.height, size, fork(rng))
        tones = np.linspace(0.1, 0.55 + 0.4 * d, len(shapes))
        paint(image, shapes, list(tones), dark, bright)


def _framing(image: Array, view: View, wood: Wood, sun: float, *, white: bool, rng: np.random.Generator) -> None:
    """Stand two dark trunks at the edges, which frame the view, in place."""
    half, bark_rng = view.width / view.unit / 2, fork(rng)
    shapes: list[Points] = []
    for side in (-1, 1):
        own = fork(rng)
        x = view.x(side * (min(half, 0.72) - 0.035 + 0.02 * own.random()))
        foot = (0.86 + 0.05 * own.random()) * view.height
        shapes += trunk_shapes(x, foot, 0.105 * view.unit, -0.05 * view.height, own, bare=2)
    mask = polygons(view.height, view.width, shapes)
    bark = smoothstep(0.3, 0.9, noise(view.height, view.width, 0.012 * view.unit, 0.10 * view.unit, bark_rng))
    dark, bright = rgb(wood.dark) * 0.55, mix(rgb(wood.dark), rgb(wood.leaf), 0.35)
    for part in (slice(0, view.width // 2), slice(view.width // 2, view.width)):
        box = bounds(mask[:, part]) or (slice(0, 1), slice(0, 1))
        grain = np.ascontiguousarray(bark[:, part][box])
        over(image[:, part][box], mix(dark, bright, grain[..., None]), np.ascontiguousarray(mask[:, part][box]))
    _edge_light(image, view, mask, wood, 0.40, sun=sun, width=0.06)
    if white:
        thick = max(2, round(0.01 * view.unit))
        over(image, rgb("#e8eefb"), array(np.clip(mask - np.pad(mask, ((thick, 0), (0, 0)))[:-thick], 0, 1)))


def _boughs(image: Array, view: View, wood: Wood, half: float, rng: np.random.Generator) -> None:
    """Let leafy boughs hang into the picture from its upper corners, in place."""
    count = 420 if view.fine else 280
    many = rng.normal(0, 1, (count, 2))
    turn = rng.random((count, 3))
    side = np.where(turn[:, 0] < 0.5, -1.0, 1.0)
    bough = np.floor(turn[:, 1] * 4) / 3
    x = view.x(0) + side * view.unit * (half - 0.04 - 0.17 * bough + 0.045 * many[:, 0])
    y = view.unit * (0.10 - 0.075 * bough + 0.035 * many[:, 1] + 0.05 * turn[:, 2])
    radius = view.unit * (0.010 + 0.010 * turn[:, 2])
    shapes = leaf_shapes(x, y, radius, many[:, 1] + np.pi / 3)
    tones = np.clip(0.25 + 0.55 * turn[:, 2] ** 2 - 0.12 * many[:, 1], 0, 1)
    paint(image, shapes, list(tones), mix(rgb(wood.dark), 0, 0.25), rgb(wood.leaf))


def _sparks(image: Array, view: View, wood: Wood, rng: np.random.Generator) -> None:
    """Let fireflies (at night) or specks of dust drift in the light, in place."""
    many = rng.normal(0, 1, (40, 3))
    night = view.time == "night"
    small = view.scaled(0.5)
    radius = (0.0012 + 0.0012 * np.abs(many[:, 2])) * small.unit * (1.0 if night else 0.75)
    x, y = small.x(0) + many[:, 0] * 0.26 * small.unit, (0.52 + 0.15 * many[:, 1]) * small.height
    value = np.minimum(1, radius / 0.5) * (0.9 if night else 0.5)
    rows = np.stack([x, y, np.maximum(0.5, radius), value], 1)
    spots = dots(small.height, small.width, rows)
    light = spots + blur(spots, 0.007 * small.unit) * np.float32(3.0 if night else 1.2)
    add(image, rgb(wood.spark), resize(light, view.width, view.height))
