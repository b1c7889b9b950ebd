"""A living room: a papered, panelled wall, a window with curtains, a sofa under a picture, a lamp, a plant, a rug."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.backdrops.base import Light, Scenery, View
from limner.engines.illustrator.backdrops.festive import festive_tree
from limner.engines.illustrator.backdrops.furniture import (
    curtains,
    house_plant,
    picture,
    rug,
    standing_lamp,
    window_frame,
)
from limner.engines.illustrator.backdrops.gloss import shine
from limner.engines.illustrator.backdrops.growth import ground_shadow
from limner.engines.illustrator.backdrops.indoors import lamplight, outlook, spot, sunbeam
from limner.engines.illustrator.backdrops.plate import Plate
from limner.engines.illustrator.backdrops.seats import cushion, sofa
from limner.engines.illustrator.backdrops.wood import Boards, boards, polish
from limner.engines.illustrator.colours import NAMED
from limner.engines.illustrator.pixels import Array, Colour, array, column, fbm, fork, mix, resize, rgb, smoothstep

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Time

FLOOR = 0.665
WINDOW = (-0.47, -0.575, -0.17, -0.195)


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


def room(view: View) -> Scenery:
    """Paint the room; subjects stand on its floor. The hour and the weather are seen through the window."""
    rng = fork(view.rng)
    mood, far = MOODS[view.time], view.far()
    ambient, cloth = rgb(mood.ambient), _cloth(view)
    paper = _paper(view, mood)
    image = _wall(far, paper, ambient, fork(rng))
    plate = Plate.of(far, FLOOR)
    _wallpaper(plate, paper, ambient)
    _panels(plate, array(mix(paper, rgb("#f6f0e4"), 0.72) * ambient))
    plate.lay(image)
    outlook(image, far, FLOOR, WINDOW, fork(rng))
    hang = FLOOR * far.height / far.unit
    window = (WINDOW[0], WINDOW[1] + hang, WINDOW[2], WINDOW[3] + hang)
    window_frame(image, far, window, ambient)
    curtains(image, far, window, array(cloth * ambient), fork(rng))
    left = min(0.09, far.width / far.unit / 2 - 0.36)
    picture(image, far, (left, hang - 0.52, left + 0.22, hang - 0.30), ambient, fork(rng))
    _floor(image, far, mood, ambient, fork(rng))
    _furnish(image, far, mood, (ambient, cloth), fork(rng))
    sunbeam(image, far, FLOOR, WINDOW, (mood.sun, mood.sunlit))
    image = resize(image, view.width, view.height, smooth=True)
    key, up, down, rim = (rgb(c) for c in mood.light)
    side = 1.0 if view.time == "night" else -1.0
    warmth = {"day": 0.2, "golden": 0.7, "night": 0.4}[view.time]
    light = Light(key, (side * 0.58, -0.58, 0.57), up, down, rim, (-side * 0.85, -0.45), warmth, 0.50, -side * 0.7)
    return Scenery(image, FLOOR, (0.79, 0.935), light, "floor", shine(view, 0.12, 0.012))


def _paper(view: View, mood: Mood) -> Colour:
    """Choose the colour of the wall: a pale tone of the palette's first colour, if there is one."""
    name = view.palette[0] if view.palette else ""
    wall = rgb(mood.wall)
    return mix(wall, mix(rgb(NAMED[name]), 1, 0.35), 0.75) if name in NAMED else wall


def _cloth(view: View) -> Colour:
    """Choose the colour of curtains, rug and cushions: the palette's last colour, else a quiet terracotta."""
    name = view.palette[-1] if len(view.palette) > 1 else ""
    return rgb(NAMED[name]) if name in NAMED else rgb("#c96f4f")


def _wall(view: View, paper: Colour, ambient: Colour, rng: np.random.Generator) -> Array:
    """Paint the wall, a little uneven, darker above and in the corners."""
    stops = [(0, paper * 0.78), (0.30, paper * 1.02), (FLOOR, paper * 0.92), (1, paper * 0.9)]
    image = np.repeat(column(view.height, stops), view.width, axis=1)
    plaster = fbm(view.height, view.width, 0.5 * view.unit, 4, rng)
    if view.fine:
        plaster += (fbm(view.height, view.width, 0.004 * view.unit, 2, rng) - np.float32(0.5)) * np.float32(0.16)
    corner = 1 - np.float32(0.16) * smoothstep(0.25, 0.8, np.abs(view.across()))
    return array(image * ambient * ((0.93 + 0.14 * plaster) * corner)[..., None])


def _wallpaper(plate: Plate, paper: Colour, ambient: Colour) -> None:
    """Print the paper with stripes and, between them, sprigs: a rhomb with two leaves, finer in fine pictures."""
    pitch, rise = 0.056, 0.072
    i, j = np.meshgrid(np.arange(-int(plate.half / pitch) - 1, int(plate.half / pitch) + 2), np.arange(2, 34))
    x, y = ((i + 0.5) * pitch).ravel(), (-j * rise + 0.5 * rise * (i % 2)).ravel()
    low, high = array(paper * ambient * np.float32(0.86)), array(paper * ambient * np.float32(1.06))
    edges = np.arange(-int(plate.half / pitch) - 1, int(plate.half / pitch) + 2) * pitch
    tops = np.full(len(edges), plate.top)
    for shift, colour in ((0.0, high), (0.0052, low)):
        plate.boxes(np.stack([edges + shift - 0.0012, tops, edges + shift + 0.0012, np.zeros(len(edges))], 1), colour)
    leaf = np.array([(0, 0.006), (0.009, 0.0), (0.012, -0.010), (0.003, -0.004)])
    bud = np.array([(0, -0.020), (0.0045, -0.011), (0, -0.003), (-0.0045, -0.011)])
    for shape, colour in ((leaf, low), (leaf * (-1, 1), low), (bud, high)):
        plate.draw(np.stack([x, y], 1)[:, None] + shape[None], colour)
    if plate.view.fine:
        plate.draw(np.stack([x, y], 1)[:, None] + (bud * 0.45 + (0, -0.006))[None], low)
        stem = np.array([(-0.0006, 0.022), (0.0006, 0.022), (0.0006, 0.002), (-0.0006, 0.002)])
        plate.draw(np.stack([x, y], 1)[:, None] + stem[None], low)


def _panels(plate: Plate, cream: Colour) -> None:
    """Set wooden panels along the lower wall: a rail, framed fields with a light and a dark edge, the skirting."""
    top, wide = -0.155, 0.21
    plate.boxes([(-9, top, 9, 0)], cream)
    x = (np.arange(-12, 12) + 0.5) * wide - 0.09
    for grow, factor in ((0.0045, 0.84), (0.0015, 1.08), (-0.0045, 0.945), (-0.0075, 0.975)):
        fields = np.stack([x - grow, np.full(24, top + 0.030 - grow), x + 0.18 + grow, np.full(24, -0.050 + grow)], 1)
        plate.boxes(fields, cream * np.float32(factor))
    for y0, y1, factor in (
        (top, top + 0.014, 1.06),
        (top + 0.014, top + 0.020, 0.80),
        (-0.036, -0.034, 0.80),
        (-0.034, 0.0, 1.03),
    ):
        plate.boxes([(-9, y0, 9, y1)], cream * np.float32(factor))


def _floor(image: Array, view: View, mood: Mood, ambient: Colour, rng: np.random.Generator) -> None:
    top = round(FLOOR * view.height)
    dark, bright = (array(rgb(c) * ambient) for c in mood.boards)
    image[top:] = boards(view, top, Boards(dark, bright, 2.6, flat=0.42, ends=True), rng)
    polish(image, view, top, 0.30)
    foot = image[top : top + max(1, round(0.03 * view.unit))]
    y = np.arange(len(foot), dtype=np.float32)[:, None, None] / view.unit
    foot *= 1 - np.float32(0.30) * np.exp(-((y / 0.010) ** 2))


def _furnish(image: Array, view: View, mood: Mood, colours: tuple[Colour, Colour], rng: np.random.Generator) -> None:
    """Stand the sofa under the picture, the plant and the lamp beside, lay the rug, and light the lamp, in place."""
    ambient, cloth = colours
    half, hang = view.width / view.unit / 2, FLOOR * view.height / view.unit
    lamp = min(0.445, half - 0.062), hang - 0.40
    standing_lamp(image, view, lamp, mood.lamp, ambient)
    seat = min(0.185, half - 0.26)
    for x in (seat - 0.14, seat, seat + 0.14):
        ground_shadow(image, (view.x(x), (hang + 0.047) * view.unit), (0.12 * view.unit, 0.020 * view.unit))
    plate = Plate.of(view, FLOOR)
    body = array(mix(rgb("#3d7c88"), cloth, 0.06) * ambient)
    sofa(plate, (seat, 0.050), (0.45, 0.235), body, 3)
    cushion(plate, (seat - 0.125, -0.085), 0.066, array(cloth * ambient))
    cushion(plate, (seat + 0.130, -0.085), 0.066, array(rgb("#e3b860") * ambient))
    plate.lay(image)
    rug(image, view, (0.0, 0.875, 0.42, 0.080), array(cloth * ambient), fork(rng))
    brought = any(one.art == "christmas-tree" for one in view.company)
    if "festive" in view.details and not brought:
        _tree(image, view, -min(0.60, half) + 0.125, ambient, fork(rng))
    else:
        house_plant(image, view, (-min(0.60, half) + 0.07, 0.80), ambient, fork(rng))
    lamplight(image, view, lamp, mood.lamp)


def _tree(image: Array, view: View, x: float, ambient: Colour, rng: np.random.Generator) -> None:
    """Stand the decorated tree of a feast, its lights shining, in place."""
    plate = Plate.of(view, FLOOR)
    ground_shadow(image, (view.x(x), FLOOR * view.height + 0.125 * view.unit), (0.14 * view.unit, 0.022 * view.unit))
    lights = festive_tree(plate, (x, 0.125), 0.44, mix(ambient, 1, 0.15), rng)
    plate.lay(image)
    for a, b in lights:
        at = view.x(a), FLOOR * view.height + b * view.unit
        spot(image, at, (0.030 * view.unit, 0.030 * view.unit), rgb("#ffb85a") * np.float32(0.55))
