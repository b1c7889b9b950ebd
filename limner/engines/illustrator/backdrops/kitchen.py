"""A kitchen: tiles, a window over the sink, shelves of crockery, a stove and its hood, cupboards, a chequered floor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.backdrops.base import Light, Scenery, View
from limner.engines.illustrator.backdrops.crockery import counter_things, shelf_things, stove
from limner.engines.illustrator.backdrops.gloss import shine
from limner.engines.illustrator.backdrops.indoors import lamplight, outlook, sunbeam
from limner.engines.illustrator.backdrops.land import depth, sample, tile
from limner.engines.illustrator.backdrops.plate import Plate
from limner.engines.illustrator.backdrops.wood import Boards, boards, focus, polish
from limner.engines.illustrator.colours import NAMED
from limner.engines.illustrator.pixels import Array, Colour, array, blur, fbm, fork, mix, resize, rgb, smoothstep

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Time

FLOOR, EDGE = 0.71, 0.56
COUNTER, WORKTOP, CEILING = -0.285, 0.020, -0.66
WINDOW = (-0.29, -0.57, -0.05, -0.345)
STOVE = 0.19


@dataclass(frozen=True, slots=True)
class Hour:
    """The colours and the light of the kitchen at one time of day."""

    ambient: str
    sun: str
    sunlit: float
    lamp: float
    light: tuple[str, str, str, str]


HOURS: dict[Time, Hour] = {
    "day": Hour("#f6f2ea", "#fff0cc", 0.55, 0.12, ("#fff2dc", "#7c7e80", "#74695e", "#d8d2c8")),
    "golden": Hour("#e2b98c", "#ffb460", 0.80, 0.35, ("#ffcc90", "#74645c", "#745840", "#ffb468")),
    "night": Hour("#84705f", "#8ea8f0", 0.12, 0.95, ("#ffcc96", "#4e4e60", "#504440", "#8c9ee0")),
}
FRONTS = ("#7fa594", "#5f7f9c", "#c98f6a", "#8f9a78", "#d6c59c")


def kitchen(view: View) -> Scenery:
    """Paint the kitchen: its floor, or a worktop from close by where all that comes is small."""
    return worktop(view) if view.small else whole_kitchen(view)


def whole_kitchen(view: View) -> Scenery:
    """Paint the kitchen; subjects stand on its floor. The hour and the weather are seen through the window."""
    rng = fork(view.rng)
    hour, far = HOURS[view.time], view.far()
    ambient = rgb(hour.ambient)
    front = _front(view, rng.random(), ambient)
    image = _furnished(far, front, ambient, fork(rng))
    _floor(image, far, front, ambient, fork(rng))
    sunbeam(image, far, FLOOR, WINDOW, (hour.sun, hour.sunlit))
    _pendants(image, far, hour.lamp)
    image = resize(image, view.width, view.height, smooth=True)
    return Scenery(image, FLOOR, (0.80, 0.945), _light(view), "floor", shine(view, 0.18, 0.009))


def worktop(view: View) -> Scenery:
    """Paint the kitchen from close by, over a worktop on which small things stand; the room behind is out of focus."""
    rng = fork(view.rng)
    hour, far = HOURS[view.time], view.far()
    ambient = rgb(hour.ambient)
    front = _front(view, rng.random(), ambient)
    image = _furnished(far, front, ambient, fork(rng))
    _pendants(image, far, hour.lamp)
    image = resize(blur(image, 0.007 * far.unit), view.width, view.height, smooth=True)
    top = round(EDGE * view.height)
    dark, bright = rgb("#8a5426") * ambient, rgb("#e0aa68") * ambient
    image[top:] = boards(view, top, Boards(array(dark), array(bright), 5.0, flat=0.30), fork(rng))
    fall = 0.80 + 0.42 * np.exp(-(((view.across() + 0.15) / 0.50) ** 2))
    image[top:] *= array(fall * (1.0 if view.time != "night" else 1.15))[..., None]
    polish(image, view, top, 0.34)
    focus(image, view, EDGE, 0.14, 0.006)
    return Scenery(image, EDGE, (0.72, 0.90), _light(view), "table", shine(view, 0.18, 0.009))


def _front(view: View, pick: float, ambient: Colour) -> Colour:
    """Choose the colour of the cupboards: the palette's first, else one of a few that suit a kitchen."""
    named = [rgb(NAMED[name]) for name in view.palette if name in NAMED]
    return array((mix(named[0], 1, 0.18) if named else rgb(FRONTS[int(pick * len(FRONTS))])) * ambient)


def _furnished(view: View, front: Colour, ambient: Colour, rng: np.random.Generator) -> Array:
    """Paint the wall with all that stands before it."""
    image = _wall(view, ambient, fork(rng))
    outlook(image, view, FLOOR, WINDOW, fork(rng))
    plate = Plate.of(view, FLOOR)
    _tiles(plate, ambient, front, fork(rng))
    named = [NAMED[name] for name in view.palette[1:] if name in NAMED]
    _window(plate, ambient, rgb(named[-1] if named else "#d9654a"))
    _cupboards(plate, front, ambient)
    stove(plate, STOVE, COUNTER, ambient)
    shelf_things(plate, (0.10, CEILING + 0.08), ambient, fork(rng))
    counter_things(plate, COUNTER, ambient, fork(rng))
    plate.lay(image)
    _shade(image, view)
    return image


def _light(view: View) -> Light:
    key, up, down, rim = (rgb(c) for c in HOURS[view.time].light)
    warmth = {"day": 0.2, "golden": 0.7, "night": 0.4}[view.time]
    side = 1.0 if view.time == "night" else -1.0
    return Light(key, (side * 0.56, -0.60, 0.57), up, down, rim, (-side * 0.85, -0.45), warmth, 0.48, -side * 0.7)


def _wall(view: View, ambient: Colour, rng: np.random.Generator) -> Array:
    plaster = fbm(view.height, view.width, 0.5 * view.unit, 4, rng)[..., None]
    return array(rgb("#f1e8d8") * ambient * (np.float32(0.90) + np.float32(0.16) * plaster))


def _tiles(plate: Plate, ambient: Colour, front: Colour, rng: np.random.Generator) -> None:
    """Tile the wall over the worktop in a bond, each tile a little different, a row of coloured ones on top."""
    high, wide, top = 0.030, 0.060, -0.60
    rows, columns = round((COUNTER - top) / high), int(plate.half / wide) + 3
    x0, y0, x1, y1 = WINDOW
    around = [(-9, top, x0, COUNTER), (x1, top, 9, COUNTER), (x0, top, x1, y0), (x0, y1, x1, COUNTER)]
    plate.boxes(around, rgb("#cfc6b6") * ambient)
    i, j = np.meshgrid(np.arange(-columns, columns), np.arange(rows))
    x, y = (i + 0.5 * (j % 2)) * wide, top + j * high
    tones = rng.random((rows, 97))[j, i % 97]
    places = np.stack([x, y, x + wide - 0.003, y + high - 0.003], 2)
    inside = (x > WINDOW[2] + 0.03) | (x + wide < WINDOW[0] - 0.03) | (y > WINDOW[3] + 0.025)
    for k in range(4):
        chosen = inside & ((tones * 4).astype(int) == k) & (j > 0)
        plate.boxes(places[chosen], rgb("#f8f3e8") * ambient * np.float32(0.93 + 0.025 * k))
    plate.boxes(places[inside & (j == 0)], mix(front, rgb("#fff8ea") * ambient, 0.25))
    if plate.view.fine:
        shine_ = places[inside & (tones > 0.55)]
        a, b, c, _ = shine_.T
        plate.boxes(
            np.stack([a + 0.004, b + 0.004, c - 0.02, b + 0.0062], 1), rgb("#ffffff") * ambient * np.float32(1.03)
        )


def _window(plate: Plate, ambient: Colour, cloth: Colour) -> None:
    """Frame the window, with a sill, herbs in pots and a short checked curtain."""
    x0, y0, x1, y1 = WINDOW
    white, dim = rgb("#fbf7ee") * ambient, rgb("#bdb5a6") * ambient
    middle = (x0 + x1) / 2
    bars = [
        (x0 - 0.016, y0 - 0.016, x1 + 0.016, y0), (x0 - 0.016, y1, x1 + 0.016, y1 + 0.012), (x0 - 0.016, y0, x0, y1),
        (x1, y0, x1 + 0.016, y1), (middle - 0.005, y0, middle + 0.005, y1), (x0, y0 + 0.11, x1, y0 + 0.118),
    ]  # fmt: skip
    plate.boxes(np.array(bars) + 0.003, dim)
    plate.boxes(bars, white)
    plate.boxes([(x0 - 0.035, y1 + 0.010, x1 + 0.035, y1 + 0.026)], white)
    plate.boxes([(x0 - 0.035, y1 + 0.022, x1 + 0.035, y1 + 0.028)], dim)
    folds = np.linspace(x0 - 0.03, x1 + 0.03, 15)
    for k in range(14):
        drop = y0 + 0.052 + 0.006 * (k % 2)
        tone = array(cloth * ambient * np.float32((1.0, 0.86)[k % 2]))
        plate.draw([(folds[k], y0 - 0.028), (folds[k + 1], y0 - 0.028), (folds[k + 1], drop), (folds[k], drop)], tone)
        plate.boxes(
            [(folds[k], y0 + 0.030, folds[k + 1], y0 + 0.037)],
            rgb("#fff3e0") * ambient * np.float32((1.0, 0.88)[k % 2]),
        )
    plate.boxes([(x0 - 0.045, y0 - 0.034, x1 + 0.045, y0 - 0.027)], rgb("#7a5632") * ambient)
    for k in range(3):
        _herb(plate, (x0 + 0.045 + 0.075 * k, y1 + 0.010), ambient, k)


def _herb(plate: Plate, at: tuple[float, float], ambient: Colour, kind: int) -> None:
    x, y = at
    for t in np.linspace(-1, 1, 9 + kind):
        tip = x + 0.024 * t, y - 0.030 - 0.030 * np.cos(1.3 * t)
        tone = rgb("#5f9a48") * ambient * np.float32(0.8 + 0.25 * (t < 0))
        plate.draw(
            [
                (x - 0.003, y - 0.026),
                (tip[0] - 0.006, tip[1] + 0.010),
                tip,
                (tip[0] + 0.006, tip[1] + 0.008),
                (x + 0.003, y - 0.026),
            ],
            tone,
        )
    plate.draw(
        [(x - 0.018, y - 0.030), (x + 0.018, y - 0.030), (x + 0.013, y), (x - 0.013, y)], rgb("#b96a44") * ambient
    )
    plate.draw(
        [(x - 0.018, y - 0.030), (x - 0.004, y - 0.030), (x - 0.003, y), (x - 0.013, y)], rgb("#d78a5e") * ambient
    )


def _cupboards(plate: Plate, front: Colour, ambient: Colour) -> None:
    """Set the cupboards below the worktop: framed doors with brass handles, a plinth, the worktop of oak."""
    wide, foot = 0.17, -0.030
    count = int(plate.half / wide) + 2
    plate.boxes([(-9, COUNTER, 9, foot)], front * np.float32(0.70))
    for k in range(-count, count):
        x = STOVE - 0.085 + k * wide
        drawer = (x + 0.005, COUNTER + 0.032, x + wide - 0.005, COUNTER + 0.082)
        door = (x + 0.005, COUNTER + 0.092, x + wide - 0.005, foot - 0.006)
        for box in (drawer, door):
            plate.boxes([box], front)
            a, b, c, d = box
            plate.boxes([(a + 0.014, b + 0.012, c - 0.014, d - 0.012)], front * np.float32(0.80))
            plate.boxes([(a + 0.017, b + 0.015, c - 0.014, d - 0.012)], front * np.float32(1.06))
            plate.boxes([(a, b, c, b + 0.002)], front * np.float32(1.22))
        brass = rgb("#c79a4a") * ambient
        plate.pads([(x + wide / 2 - 0.020, COUNTER + 0.053, x + wide / 2 + 0.020, COUNTER + 0.060)], 0.003, brass)
        plate.ovals([(x + (0.024 if k % 2 else wide - 0.024), COUNTER + 0.14, 0.006, 0.006)], brass)
    plate.boxes([(-9, foot, 9, 0)], rgb("#3a302a") * ambient)
    plate.boxes([(-9, COUNTER, 9, COUNTER + WORKTOP)], rgb("#b9824c") * ambient)
    plate.boxes([(-9, COUNTER, 9, COUNTER + 0.006)], rgb("#e3b478") * ambient)
    if plate.view.fine:
        _beading(plate, front, count, (wide, foot))
    plate.boxes([(-9, COUNTER + WORKTOP, 9, COUNTER + WORKTOP + 0.010)], front * np.float32(0.52))


def _beading(plate: Plate, front: Colour, count: int, door: tuple[float, float]) -> None:
    """Groove the doors and draw the grain of the worktop: what only fine pictures can show."""
    wide, foot = door
    x = STOVE - 0.085 + (np.arange(-count, count)[:, None] * wide + np.linspace(0.034, wide - 0.034, 7)[None]).ravel()
    low, high = np.full(len(x), COUNTER + 0.112), np.full(len(x), foot - 0.022)
    plate.boxes(np.stack([x, low, x + 0.0022, high], 1), front * np.float32(0.84))
    plate.boxes(np.stack([x + 0.0022, low, x + 0.0036, high], 1), front * np.float32(1.16))
    y = COUNTER + np.linspace(0.008, WORKTOP - 0.002, 4)
    starts = np.arange(-9, 9) * 0.11
    rows = [(a + 0.031 * k, v, a + 0.031 * k + 0.07, v + 0.0011) for k, v in enumerate(y) for a in starts]
    plate.boxes(rows, rgb("#b9824c") * front.mean() * np.float32(1.45))


def _shade(image: Array, view: View) -> None:
    """Darken the wall a little towards the ceiling and the sides, in place."""
    rows = smoothstep(-0.25, FLOOR * 0.6, view.rows()) * np.float32(0.26) + np.float32(0.76)
    image *= array(rows * (1 - np.float32(0.18) * smoothstep(0.3, 0.95, np.abs(view.across()))))[..., None]


def _pendants(image: Array, view: View, lit: float) -> None:
    """Hang two enamel lamps from the ceiling and let them shine, in place."""
    plate = Plate.of(view, FLOOR)
    lamps = min(0.40, plate.half - 0.09), -min(0.42, plate.half - 0.09)
    for x in lamps:
        plate.line([(x, plate.top - 0.01), (x, -0.60)], rgb("#2c2a28"), 0.003)
        turn = np.linspace(np.pi, 2 * np.pi, 20)
        plate.draw(np.stack([x + 0.062 * np.cos(turn), -0.545 + 0.055 * np.sin(turn)], 1), rgb("#35525a"))
        plate.draw(np.stack([x - 0.016 + 0.032 * np.cos(turn), -0.550 + 0.046 * np.sin(turn)], 1), rgb("#587c84"))
        plate.ovals([(x, -0.545, 0.062, 0.010)], mix(rgb("#c9b48a"), rgb("#ffe6b0") * np.float32(1.2), lit))
        plate.ovals([(x, -0.538, 0.016, 0.014)], mix(rgb("#efe6cf"), array((1.25, 1.15, 0.9)), lit))
    plate.lay(image)
    for x in lamps:
        lamplight(image, view, (x, FLOOR * view.height / view.unit - 0.52), 0.8 * lit)


def _floor(image: Array, view: View, front: Colour, ambient: Colour, rng: np.random.Generator) -> None:
    """Lay a floor of large tiles, cream and a tone of the cupboards by turns, that shines a little, in place."""
    top = round(FLOOR * view.height)
    far = depth(view, top, 0.42)
    x, z = view.across() * far * np.float32(4.6) + np.float32(0.5), far * np.float32(5.2)
    worn = fbm(len(far), view.width, 0.06 * view.unit, 4, rng, aspect=2.0)
    pixel = far * np.float32(4.6 / view.unit)
    odd = (np.floor(x) + np.floor(z)) % 2
    edge = np.minimum(np.abs(x - np.round(x)) / (pixel + 0.012), np.abs(z - np.round(z)) / (pixel * 2.2 + 0.012))
    soft = smoothstep(0.0, 1.0, edge)
    cream, tone = rgb("#f0e6d2") * ambient, mix(front, rgb("#5a5048") * ambient, 0.35)
    colour = mix(cream, tone, array(odd * np.float32(0.86))[..., None])
    colour *= ((np.float32(0.86) + np.float32(0.26) * worn) * (np.float32(0.72) + np.float32(0.28) * soft))[..., None]
    if view.fine:
        flecks = sample(tile(1.6, 1.6, fork(rng)), view, far, 2.6, 1.7) - np.float32(0.5)
        colour *= (1 + np.float32(0.22) * flecks)[..., None]
    d = np.linspace(0.82, 1.05, len(far), dtype=np.float32)[:, None, None]
    image[top:] = colour * d
    polish(image, view, top, 0.26)
    y = (np.arange(view.height, dtype=np.float32) - top)[:, None, None] / view.unit
    image *= 1 - np.float32(0.40) * np.exp(-((y / 0.014) ** 2)) * (y > 0)
    if not view.fine:
        image[top:] = blur(image[top:], 0.0005 * view.unit)
