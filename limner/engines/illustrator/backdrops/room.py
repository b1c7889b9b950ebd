"""A living room: boards, a panelled wall, a window with curtains, a lamp, a picture, a plant and a rug."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.backdrops.air import air_of, paint_sky
from limner.engines.illustrator.backdrops.base import Light, Scenery, View
from limner.engines.illustrator.backdrops.furniture import (
    curtains,
    house_plant,
    picture,
    rug,
    standing_lamp,
    window_frame,
)
from limner.engines.illustrator.backdrops.growth import fill
from limner.engines.illustrator.backdrops.land import hazed, lay, ridge
from limner.engines.illustrator.backdrops.wood import Boards, boards, polish
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
    polygon,
    polygons,
    resize,
    rgb,
    smoothstep,
)

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Time

FLOOR = 0.665
WINDOW = (-0.47, 0.10, -0.17, 0.47)


@dataclass(frozen=True, slots=True)
class Mood:
    """The colours and the light of the room at one time of day."""

    wall: str
    ambient: str
    boards: tuple[str, str]
    sun: str
    sunlit: float
    lamp: float
    light: tuple[str, str, str, str]


MOODS: dict[Time, Mood] = {
    "day": Mood(
        "#b9c9bd", "#f4f0e6", ("#7d5232", "#d6a570"), "#fff0cc", 0.50, 0.25,
        ("#fff0d6", "#74767a", "#705844", "#d4ccc0"),
    ),
    "golden": Mood(
        "#c9b496", "#dcb890", ("#6b3f22", "#cf9250"), "#ffb868", 0.70, 0.32,
        ("#ffcb90", "#74645c", "#74543c", "#ffb468"),
    ),
    "night": Mood(
        "#b8aa96", "#6e6474", ("#5c4038", "#b4845a"), "#8ea8f0", 0.14, 1.00,
        ("#ffc68c", "#4c4c60", "#4c3c38", "#8c9ee0"),
    ),
}  # fmt: skip


def _lowered(view: View) -> float:
    """Tell by how many units the wall's things hang lower in a tall picture, to stay at their height over the floor."""
    return FLOOR * (view.height / view.unit - 1)


def _window(view: View) -> tuple[float, float, float, float]:
    """Give the window's place in units: x0, y0, x1, y1."""
    x0, y0, x1, y1 = WINDOW
    return x0, y0 + _lowered(view), x1, y1 + _lowered(view)


def room(view: View) -> Scenery:
    """Paint the room; subjects stand on its floor. The weather is seen through the window."""
    rng = fork(view.rng)
    mood, far = MOODS[view.time], view.far()
    ambient = rgb(mood.ambient)
    image = _wall(far, _paper(view, mood), ambient, fork(rng))
    _outside(image, far, fork(rng))
    window_frame(image, far, _window(far), ambient)
    curtains(image, far, _window(far), _cloth(view, ambient), fork(rng))
    left = min(0.10, view.width / view.unit / 2 - 0.40)
    picture(image, far, (left, 0.17 + _lowered(far), left + 0.20, 0.40 + _lowered(far)), ambient, fork(rng))
    image = resize(image, view.width, view.height, smooth=True)
    _floor(image, view, mood, ambient, fork(rng))
    rug(image, view, (0.0, 0.865, 0.40, 0.085), _cloth(view, ambient), fork(rng))
    _furnish(image, view, mood, ambient, fork(rng))
    sun = {"clear": 1.0, "snow": 0.45, "fog": 0.35}.get(view.weather, 0.15)
    _sunlight(image, view, mood, sun)
    key, up, down, rim = (rgb(c) for c in mood.light)
    side = 1.0 if view.time == "night" else -1.0
    warmth = {"day": 0.2, "golden": 0.7, "night": 0.4}[view.time]
    light = Light(key, (side * 0.58, -0.58, 0.57), up, down, rim, (-side * 0.85, -0.45), warmth, 0.50, -side * 0.7)
    return Scenery(image, FLOOR, (0.77, 0.93), light, "floor", None)


def _paper(view: View, mood: Mood) -> Colour:
    """Choose the colour of the wall: a pale tone of the palette's first colour, if there is one."""
    name = view.palette[0] if view.palette else ""
    wall = rgb(mood.wall)
    return mix(wall, mix(rgb(NAMED[name]), 1, 0.35), 0.75) if name in NAMED else wall


def _cloth(view: View, ambient: Colour) -> Colour:
    """Choose the colour of curtains and rug: the palette's last colour, else a quiet terracotta."""
    name = view.palette[-1] if len(view.palette) > 1 else ""
    return array((rgb(NAMED[name]) if name in NAMED else rgb("#c96f4f")) * ambient)


def _wall(view: View, paper: Colour, ambient: Colour, rng: np.random.Generator) -> Array:
    """Paint the wall with its faint stripes, the panels below and the skirting board."""
    stops = [(0, paper * 0.78), (0.30, paper * 1.02), (FLOOR, paper * 0.92), (1, paper * 0.9)]
    image = np.repeat(column(view.height, stops), view.width, axis=1)
    stripes = 0.5 + 0.5 * np.sin(view.across() * np.float32(2 * np.pi / 0.055))
    image *= (np.float32(0.975) + np.float32(0.04) * smoothstep(0.3, 0.7, stripes))[..., None]
    cream = mix(paper, rgb("#f6f0e4"), 0.72)
    _panels(image, view, cream)
    plaster = fbm(view.height, view.width, 0.5 * view.unit, 4, rng)
    corner = 1 - np.float32(0.16) * smoothstep(0.25, 0.8, np.abs(view.across()))
    return array(image * ambient * ((0.93 + 0.14 * plaster) * corner)[..., None])


def _panels(image: Array, view: View, cream: Colour) -> None:
    """Set wooden panels along the lower wall: a rail, framed fields with a light and a dark edge, the skirting."""
    unit, floor = view.unit, FLOOR * view.height
    top = floor - 0.155 * unit
    image[max(0, round(top)) :] = cream
    for k in range(-9, 10):
        x = view.x(k * 0.21 - 0.105)
        y0, y1, w, t = top + 0.030 * unit, floor - 0.050 * unit, 0.18 * unit, 0.0045 * unit
        for grow, factor in ((t, 0.84), (0.0, 1.06), (-t, 0.955)):
            box = [
                (x - w / 2 - grow, y0 - grow),
                (x + w / 2 + grow, y0 - grow),
                (x + w / 2 + grow, y1 + grow),
                (x - w / 2 - grow, y1 + grow),
            ]
            fill(image, array(box), array(cream * factor))
    for y, h, factor in (
        (top, 0.014, 1.05),
        (top + 0.014 * unit, 0.006, 0.80),
        (floor - 0.034 * unit, 0.034, 1.02),
        (floor - 0.036 * unit, 0.004, 0.80),
    ):
        image[max(0, round(y)) : round(y + h * unit)] = cream * factor


def _outside(image: Array, view: View, rng: np.random.Generator) -> None:
    """Show the sky and a few hills through the window, out of focus, in place."""
    air = air_of(view, rng)
    scene = view.blank()
    low = (_window(view)[3] - 0.05) * view.unit / view.height
    paint_sky(scene, view, air, low, fork(rng))
    for base, colour, haze in ((low - 0.02, "#8fb98a", 0.5), (low + 0.02, "#4f8a3f", 0.15)):
        white = view.weather == "snow"
        lay(scene, ridge(view, base, 0.09, 0.16, fork(rng)), hazed(rgb("#e4eaf6" if white else colour), air, haze))
    x0, y0, x1, y1 = _window(view)
    corners = [(view.x(x), y * view.unit) for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))]
    over(image, blur(scene, 0.006 * view.unit) * np.float32(1.12), polygon(view.height, view.width, corners))


def _floor(image: Array, view: View, mood: Mood, ambient: Colour, rng: np.random.Generator) -> None:
    top = round(FLOOR * view.height)
    dark, bright = (array(rgb(c) * ambient) for c in mood.boards)
    image[top:] = boards(view, top, Boards(dark, bright, 2.6, flat=0.42, ends=True), rng)
    polish(image, view, top, 0.30)
    y = (np.arange(view.height, dtype=np.float32) - top)[:, None, None] / view.unit
    image *= 1 - np.float32(0.30) * np.exp(-((y / 0.010) ** 2)) * (y > 0)


def _furnish(image: Array, view: View, mood: Mood, ambient: Colour, rng: np.random.Generator) -> None:
    """Stand the plant at the left and the lamp at the right, and light the lamp, in place."""
    half = view.width / view.unit / 2
    lamp = min(0.41, half - 0.075), 0.30 + _lowered(view)
    house_plant(image, view, (-min(0.60, half) + 0.07, 0.80), ambient, fork(rng))
    standing_lamp(image, view, lamp, mood.lamp, ambient)
    x, y = view.x(lamp[0]), lamp[1] * view.unit + 0.03 * view.unit
    _lamplight(image, view, lamp, mood.lamp)
    glow(image, (x, y), 0.42 * view.unit, rgb("#ffb765"), 0.55 * mood.lamp)
    glow(image, (x, y), 0.11 * view.unit, rgb("#ffd9a0"), 0.55 * mood.lamp)


def _lamplight(image: Array, view: View, lamp: tuple[float, float], lit: float) -> None:
    """Let the lamp warm the wall around it and the floor before it, in place."""
    small = view.height // 8 + 2, view.width // 8 + 2
    x = (np.linspace(0, view.width, small[1], dtype=np.float32)[None] - view.x(lamp[0])) / np.float32(view.unit)
    y = (np.linspace(0, view.height, small[0], dtype=np.float32)[:, None]) / np.float32(view.unit) - np.float32(lamp[1])
    wall = np.exp(-((x / 0.34) ** 2) - ((y - 0.02) / 0.26) ** 2)
    floor = np.exp(-(((x + 0.18) / 0.55) ** 2) - ((y - 0.54) / 0.20) ** 2)
    gain = array(1 + (wall * 0.9 + floor * 0.8)[..., None] * array((1.0, 0.62, 0.26)) * lit)
    cv2.multiply(image, resize(gain, view.width, view.height), dst=image)


def _sunlight(image: Array, view: View, mood: Mood, sun: float) -> None:
    """Throw the window's light on the floor in four panes and let it hang in the air a little, in place."""
    panes = []
    for i in range(2):
        for j in range(2):
            u0, u1, v0, v1 = i * 0.5 + 0.03, i * 0.5 + 0.47, j * 0.5 + 0.03, j * 0.5 + 0.47
            corners = [(u0, v0), (u1, v0), (u1, v1), (u0, v1)]
            panes.append(
                np.array([(view.x(-0.30 + 0.34 * u + 0.30 * v), (0.725 + 0.150 * v) * view.height) for u, v in corners])
            )
    light = blur(polygons(view.height, view.width, panes), 0.006 * view.unit)
    add(image, rgb(mood.sun), array(image.mean(axis=2) * light * np.float32(1.1 * mood.sunlit * sun)))
    x0, y0, x1, y1 = _window(view)
    centre = view.x((x0 + x1) / 2), (y0 + y1) / 2 * view.unit
    glow(image, centre, 0.42 * view.unit, rgb(mood.sun), 0.45 * mood.sunlit * sun + 0.05)
