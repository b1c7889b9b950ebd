"""A library: walls of books around a tall window, a ladder, a reading chair under a lamp, a rug."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.backdrops.base import Light, Scenery, View
from limner.engines.illustrator.backdrops.furniture import rug, standing_lamp
from limner.engines.illustrator.backdrops.gloss import shine
from limner.engines.illustrator.backdrops.growth import ground_shadow
from limner.engines.illustrator.backdrops.indoors import Opening, lamplight, outlook, sunbeam
from limner.engines.illustrator.backdrops.plate import Plate
from limner.engines.illustrator.backdrops.seats import sofa
from limner.engines.illustrator.backdrops.wood import Boards, boards, polish
from limner.engines.illustrator.colours import NAMED
from limner.engines.illustrator.pixels import Array, Colour, array, fork, mix, resize, rgb, smoothstep

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Time

FLOOR = 0.70
BAY, SHELF = 0.235, 0.088
SPINES = ("#7a2e26", "#2f4f46", "#27405f", "#8a5a2c", "#5a3350", "#b08a4a", "#3d3a38", "#94402c", "#5f6f4a", "#d2bd93")


@dataclass(frozen=True, slots=True)
class Hour:
    """The colours and the light of the library at one time of day."""

    ambient: str
    wood: tuple[str, str]
    boards: tuple[str, str]
    sun: str
    sunlit: float
    lamp: float
    light: tuple[str, str, str, str]


HOURS: dict[Time, Hour] = {
    "day": Hour(
        "#efe6d8", ("#5a3820", "#8a5c36"), ("#6a4328", "#b98450"), "#fff0cc", 0.55, 0.45,
        ("#fff0d6", "#706c68", "#6a5040", "#d4c8b4"),
    ),
    "golden": Hour(
        "#dcae80", ("#583218", "#94602f"), ("#623a1e", "#bd7e40"), "#ffb460", 0.85, 0.55,
        ("#ffca8c", "#6e5a50", "#704c34", "#ffb468"),
    ),
    "night": Hour(
        "#7c6a62", ("#4c2e1c", "#7e5230"), ("#4e3224", "#98683e"), "#8ea8f0", 0.12, 1.00,
        ("#ffc68c", "#4a4656", "#4c3830", "#8c9ee0"),
    ),
}  # fmt: skip


def library(view: View) -> Scenery:
    """Paint the library; subjects stand on its floor. The hour and the weather are seen through the window."""
    rng = fork(view.rng)
    hour, far = HOURS[view.time], view.far()
    ambient = rgb(hour.ambient)
    side = -1.0 if rng.random() < 0.5 else 1.0
    image = far.blank("#2a1c14")
    window = _window(far, side)
    outlook(image, far, FLOOR, window, fork(rng))
    plate = Plate.of(far, FLOOR)
    _walls(plate, window, hour, ambient, rng=fork(rng))
    _ladder(plate, -side * min(0.30, plate.half - 0.10), window, hour, ambient)
    plate.lay(image)
    _shelf_shade(image, far)
    top = round(FLOOR * far.height)
    dark, bright = (array(rgb(c) * ambient) for c in hour.boards)
    image[top:] = boards(far, top, Boards(dark, bright, 2.9, flat=0.40, ends=True), fork(rng))
    polish(image, far, top, 0.34)
    cloth = rgb(NAMED[view.palette[-1]]) if view.palette and view.palette[-1] in NAMED else rgb("#8f2f2a")
    rug(image, far, (0.0, 0.885, 0.43, 0.075), array(cloth * ambient), fork(rng))
    _corner(image, far, -side, hour, ambient)
    sunbeam(image, far, FLOOR, window, (hour.sun, hour.sunlit))
    image = resize(image, view.width, view.height, smooth=True)
    key, up, down, rim = (rgb(c) for c in hour.light)
    warmth = {"day": 0.3, "golden": 0.7, "night": 0.5}[view.time]
    lit_from = side if view.time != "night" else -side
    light = Light(
        key, (lit_from * 0.58, -0.58, 0.57), up, down, rim, (-lit_from * 0.85, -0.45), warmth, 0.5, -lit_from * 0.7
    )
    return Scenery(image, FLOOR, (0.80, 0.945), light, "floor", shine(view, 0.13, 0.012))


def _window(view: View, side: float) -> tuple[float, float, float, float]:
    """Place the window between two bays, in units from the middle and the floor."""
    del view
    middle = side * 0.5 * BAY
    return middle - 0.098, -0.60, middle + 0.098, -0.13


def _bays(half: float, window: Opening) -> list[float]:
    """Give the left edges of all bays but the window's, from the middle outwards."""
    first = window[0] - 0.0195
    count = int(half / BAY) + 3
    order = sorted(range(-count, count), key=lambda k: (abs(k), k))
    return [first + k * BAY for k in order if k != 0]


def _walls(
    plate: Plate, window: Opening, hour: Hour, ambient: Colour, *, rng: np.random.Generator
) -> None:  # fmt: skip
    """Fill the wall with bookcases around the window."""
    dark, wood = (array(rgb(c) * ambient) for c in hour.wood)
    spines = [rgb(NAMED[name]) for name in plate.view.palette if name in NAMED]
    colours = [array(c * ambient) for c in (*(rgb(s) for s in SPINES), *spines, *spines, *spines)]
    shelves = int(-plate.top / SHELF) + 2
    books: list[list[tuple[float, float, float, float]]] = [[] for _ in colours]
    for left in _bays(plate.half, window):
        bay = fork(rng)
        if left > plate.half or left + BAY < -plate.half:
            continue
        plate.boxes([(left, plate.top, left + BAY, 0)], dark * np.float32(0.34))
        for k in range(shelves):
            _stand_books(books, (left + 0.008, -0.05 - k * SHELF), bay)
    for colour, places in zip(colours, books, strict=True):
        _spines(plate, np.array(places).reshape(-1, 4), colour)
    _timber(plate, window, (dark, wood), shelves)
    _window_bay(plate, window, wood, ambient)


def _stand_books(
    books: list[list[tuple[float, float, float, float]]], at: tuple[float, float], rng: np.random.Generator
) -> None:
    """Fill a shelf: books of all widths side by side, with a gap or a lying pile here and there."""
    x, y = at
    end = x + BAY - 0.016
    many = rng.random((30, 4))
    for a, b, c, d in many:
        wide = 0.0065 + 0.0115 * a
        if x + wide > end:
            return
        if d < 0.035:
            x += 0.014
            continue
        if d > 0.965 and x + 0.05 < end:
            for layer in range(3):
                lift = 0.012 * layer
                books[int((c * 7 + layer) % len(books))].append((x, y - lift - 0.011, x + 0.046, y - lift))
            x += 0.05
            continue
        books[int(c * len(books))].append((x, y - SHELF * (0.52 + 0.32 * b), x + wide - 0.0008, y))
        x += wide


def _spines(plate: Plate, places: Array, colour: Colour) -> None:
    """Draw books of one colour: backs, the light on one edge, gilt bands."""
    if not len(places):
        return
    plate.boxes(places, colour)
    x0, y0, x1, y1 = places.T
    plate.boxes(np.stack([x0 + 0.68 * (x1 - x0), y0, x1, y1], 1), colour * np.float32(0.70))
    upright = (y1 - y0) > (x1 - x0)
    x0, y0, x1, y1 = places[upright].T
    gilt = mix(colour, rgb("#e2c27a") * np.float32(max(0.35, float(colour.max()) + 0.15)), 0.7)
    for share in (0.16, 0.80) if plate.view.fine else (0.18,):
        y = y0 + share * (y1 - y0)
        plate.boxes(np.stack([x0, y, x1, y + 0.0022], 1), gilt)
    if plate.view.fine:
        plate.boxes(
            np.stack([x0 + 0.1 * (x1 - x0), y0, x0 + 0.24 * (x1 - x0), y1], 1), np.minimum(colour * np.float32(1.3), 1)
        )
        label = places[upright][::3]
        a, b, c, d = label.T
        plate.boxes(
            np.stack([a + 0.15 * (c - a), b + 0.30 * (d - b), c - 0.15 * (c - a), b + 0.44 * (d - b)], 1),
            gilt * np.float32(0.86),
        )


def _timber(plate: Plate, window: Opening, woods: tuple[Colour, Colour], shelves: int) -> None:
    """Set the uprights, the boards of the shelves and the base of the bookcases."""
    dark, wood = woods
    lefts = _bays(plate.half, window)
    for k in range(shelves):
        y = -0.05 - k * SHELF
        boards_ = np.array([(x, y, x + BAY, y + 0.010) for x in lefts])
        plate.boxes(boards_, wood)
        plate.boxes(boards_ + np.array([0, 0.0072, 0, 0]), dark * np.float32(0.8))
        plate.boxes(boards_ + np.array([0, 0.010, 0, 0.006]), dark * np.float32(0.22))
    edges = np.array(sorted({round(x, 5) for left in lefts for x in (left, left + BAY)}))
    for x0, x1, tone in ((-0.010, 0.010, 1.0), (-0.010, -0.006, 1.25), (0.005, 0.010, 0.62)):
        plate.boxes(
            np.stack([edges + x0, np.full(len(edges), plate.top), edges + x1, np.zeros(len(edges))], 1),
            wood * np.float32(tone),
        )
    plate.boxes([(-9, -0.042, 9, 0.0)], wood * np.float32(0.82))
    plate.boxes([(-9, -0.042, 9, -0.036)], wood * np.float32(1.2))
    plate.boxes([(-9, -0.006, 9, 0.0)], dark * np.float32(0.5))


def _window_bay(plate: Plate, window: Opening, wood: Colour, ambient: Colour) -> None:
    """Panel the bay around the window: the wall above and below it, the frame, the bars and a seat under it."""
    x0, y0, x1, y1 = window
    left, right = x0 - 0.0095, x1 + 0.0095
    arch = np.linspace(np.pi, 2 * np.pi, 25)
    a, middle = (x1 - x0) / 2, (x0 + x1) / 2
    crown = np.stack([middle + a * np.cos(arch), y0 + a + a * np.sin(arch)], 1)
    for edge, curve in ((left, crown[12::-1]), (right, crown[12:])):
        side = curve[-1, 0]
        plate.draw(
            [(edge, plate.top), (middle, plate.top), *curve.tolist(), (side, y1), (edge, y1)], wood * np.float32(0.92)
        )
    plate.boxes([(left, y1, right, -0.02)], wood * np.float32(0.86))
    for x in (x0 + 0.03, middle + 0.006):
        plate.boxes([(x, y1 + 0.03, x + a - 0.036, -0.055)], wood * np.float32(0.70))
        plate.boxes([(x + 0.003, y1 + 0.034, x + a - 0.036, -0.055)], wood * np.float32(0.95))
    frame = rgb("#e9dcc4") * ambient
    plate.line(crown, frame, 0.010)
    for x in (x0, middle, x1):
        plate.boxes([(x - 0.0045, y0 + (a if x != middle else 0), x + 0.0045, y1)], frame)
    rows = np.linspace(y0 + a, y1, 4)
    plate.boxes([(x0, y - 0.003, x1, y + 0.003) for y in rows], frame)
    plate.boxes([(left - 0.012, y1 - 0.004, right + 0.012, y1 + 0.014)], wood * np.float32(1.22))
    plate.boxes([(left - 0.012, y1 + 0.011, right + 0.012, y1 + 0.016)], wood * np.float32(0.5))


def _ladder(plate: Plate, x: float, window: Opening, hour: Hour, ambient: Colour) -> None:
    """Lean a ladder against the shelves, with its rail and its shadow on the books."""
    wood = array(rgb("#b07a42") * ambient)
    lean, high, half = 0.035, 0.585, 0.034
    rails = [(-9, -high + 0.012, window[0] - 0.02, -high + 0.019), (window[2] + 0.02, -high + 0.012, 9, -high + 0.019)]
    plate.boxes(rails, rgb("#b9924e") * ambient)
    steps = np.linspace(0.06, 0.95, 9)
    for shift, colour in ((0.014, rgb(hour.wood[0]) * np.float32(0.22)), (0.0, wood)):
        for side in (-half, half):
            plate.line([(x + side - lean + shift, 0.02), (x + side + lean + shift, -high)], colour, 0.0085)
        for t in steps:
            y, at = 0.02 - t * (high + 0.02), x - lean + 2 * lean * t + shift
            plate.boxes([(at - half, y - 0.004, at + half, y + 0.004)], colour * np.float32(0.9))
    for side in (-half, half):
        plate.line([(x + side - lean - 0.003, 0.02), (x + side + lean - 0.003, -high)], wood * np.float32(1.25), 0.0018)


def _shelf_shade(image: Array, view: View) -> None:
    """Darken the wall towards the ceiling and the sides, in place."""
    rows = smoothstep(-0.1, FLOOR * 0.7, view.rows()) * np.float32(0.42) + np.float32(0.58)
    across = 1 - np.float32(0.30) * smoothstep(0.30, 0.95, np.abs(view.across()))
    image *= array(rows * across)[..., None]


def _corner(image: Array, view: View, side: float, hour: Hour, ambient: Colour) -> None:
    """Stand the reading chair with the lamp behind it at one side, and let the lamp shine, in place."""
    half = view.width / view.unit / 2
    chair = side * min(0.40, half - 0.125)
    plate = Plate.of(view, FLOOR)
    lamp = side * min(0.44, half - 0.078), FLOOR * view.height / view.unit - 0.44
    standing_lamp(image, view, lamp, hour.lamp, ambient)
    ground_shadow(
        image, (view.x(chair), FLOOR * view.height + 0.068 * view.unit), (0.13 * view.unit, 0.022 * view.unit)
    )
    sofa(plate, (chair, 0.068), (0.215, 0.245), array(rgb("#3f6350") * mix(ambient, 1, 0.15)), 1)
    plate.lay(image)
    lamplight(image, view, lamp, hour.lamp)
