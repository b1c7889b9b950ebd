"""Little houses of a coast village: two faces, tiled or round roofs, arched windows, balconies; drawn on a plate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.colours import NAMED
from limner.engines.illustrator.pixels import Array, Colour, array, mix, rgb

if TYPE_CHECKING:
    from limner.engines.illustrator.backdrops.plate import Plate

WALLS = ("#f8ecd6", "#f3b48e", "#e9876c", "#f8d687", "#f2c9b8", "#fdf6e9", "#da6f58", "#eac76c", "#f5ab93", "#fbe3b4")
ROOF, SHADE = "#c9573a", array((0.74, 0.66, 0.72))
PANES = ("#2d5a72", "#35687a", "#4b7c5e", "#3a5470")
LAMP = "#ffcf6a"
# Houses narrower than so many pixels show no windows at their side.
SMALL = 24


@dataclass(frozen=True, slots=True, eq=False)
class Paint:
    """What the light makes of colours: `tint` for all, `lit` the share of windows with a lamp, `snow` on the roofs.

    `sun` is the side the light comes from: -1 left, 1 right.
    """

    tint: Colour
    lit: float
    snow: Colour | None
    sun: float
    walls: tuple[str, ...] = WALLS

    def of(self, colour: str, factor: float | Colour = 1.0) -> Colour:
        """Give a colour in this light."""
        return array(rgb(colour) * self.tint * factor)


def walls_of(palette: tuple[str, ...]) -> tuple[str, ...]:
    """Choose the colours of the walls: pale and full tones of the palette's colours among some whites."""
    named = [rgb(NAMED[name]) for name in palette if name in NAMED]
    tones = [mix(colour, 1, share) for colour in named for share in (0.10, 0.35, 0.60)]
    hexed = tuple("#" + "".join(f"{round(float(v) * 255):02x}" for v in tone) for tone in tones)
    return (*hexed, "#f8ecd6", "#fdf6e9") if hexed else WALLS


def house(plate: Plate, at: tuple[float, float], size: tuple[float, float], paint: Paint, seed: int) -> None:
    """Build a house with its near lower left corner at `at` and so wide and high (units), the sunny face in front."""
    rng = np.random.default_rng(seed)
    (x, y), (w, h) = at, size
    colour, roof, shop = rng.random(3)
    wall = paint.walls[int(colour * len(paint.walls))]
    split = x + w * (0.70 if paint.sun < 0 else 0.30)
    front = (x, split) if paint.sun < 0 else (split, x + w)
    side = (split, x + w) if paint.sun < 0 else (x, split)
    plate.boxes([(x, y - h, x + w, y)], paint.of(wall, 1.02))
    plate.boxes([(side[0], y - h, side[1], y)], paint.of(wall, SHADE))
    _roof(plate, (x, y - h, w), (front, side), paint, kind=roof, wall=wall)
    _windows(plate, (*front, y, h), paint, rng, tall=shop < 0.35)
    if w * plate.view.unit > SMALL:
        _side_windows(plate, (*side, y, h), paint, rng)


def _roof(
    plate: Plate, place: tuple[float, float, float], faces: tuple[tuple[float, float], tuple[float, float]],
    paint: Paint, *, kind: float, wall: str,
) -> None:  # fmt: skip
    """Put the roof on: tiles that slope to the front, a barrel vault, or a terrace with a parapet."""
    (x, y, w), (front, side) = place, faces
    tile = paint.of(ROOF) if paint.snow is None else paint.snow
    if kind < 0.62:
        rise, eaves = 0.20 * w, 0.05 * w
        ridge = [(x + 0.14 * w, y - rise), (x + 0.86 * w, y - rise)]
        plate.draw([(x - eaves, y), *ridge, (x + w + eaves, y)], tile)
        middle = side[0] if paint.sun < 0 else side[1]
        shaded = [
            (middle, y),
            ridge[1] if paint.sun < 0 else ridge[0],
            (x + w + eaves if paint.sun < 0 else x - eaves, y),
        ]
        plate.draw(shaded, array(tile * SHADE))
        if plate.view.fine and paint.snow is None:
            run = np.linspace(0.1, 0.62, 6)
            low = np.stack([front[0] + run * w * 1.05, np.full(6, y - 0.004 * w)], 1)
            high = np.stack([x + w * (0.16 + run * 0.68), np.full(6, y - 0.9 * rise)], 1)
            plate.line(np.stack([low, high], 1), array(tile * 0.82), 0.0006)
        plate.boxes([(x - eaves, y, x + w + eaves, y + 0.03 * w)], paint.of(wall, 0.62))
    elif kind < 0.80:
        vault = [((front[0] + front[1]) / 2, y, 0.40 * abs(front[1] - front[0]), 0.30 * w)]
        plate.ovals(vault, paint.of(wall, 1.06) if paint.snow is None else paint.snow, (1.0, 2.0))
    else:
        plate.boxes([(x - 0.02 * w, y - 0.06 * w, x + w * 1.02, y + 0.01 * w)], paint.of(wall, 1.08))
        if paint.snow is not None:
            plate.boxes([(x - 0.02 * w, y - 0.09 * w, x + w * 1.02, y - 0.045 * w)], paint.snow)


def _grid(place: tuple[float, float, float, float], pitch: tuple[float, float]) -> tuple[Array, int]:
    """Place windows in even rows: their middles, (n, 2), and how many are in a row."""
    x0, x1, y, h = place
    across, up = max(1, round((x1 - x0) / pitch[0])), max(1, round(h / pitch[1]))
    i, j = np.meshgrid((np.arange(across) + 0.5) / across, (np.arange(up) + 0.5) / up)
    return array(np.stack([x0 + i.ravel() * (x1 - x0), y - j.ravel() * h], 1)), across


def _windows(
    plate: Plate, place: tuple[float, float, float, float], paint: Paint, rng: np.random.Generator, *, tall: bool
) -> None:
    """Set arched windows into the front, some lit, with a balcony below a few."""
    h = place[3]
    middles, across = _grid(place, (0.024, 0.036))
    half = min(0.0056, 0.27 * (place[1] - place[0]) / across)
    high = min(0.013 if tall else 0.0105, 0.30 * h / max(1, len(middles) // across))
    x, y = middles[:, 0], middles[:, 1]
    lit = rng.random(len(middles)) < paint.lit
    balcony = rng.random(len(middles)) < 0.22
    pane = PANES[int(rng.random() * len(PANES))]
    openings = np.stack([x, y - high, np.full(len(x), half), y + high * 0.8], 1)
    frames = openings + np.array([0, -0.0018, 0.0018, 0.0012])
    if plate.view.fine:
        plate.arches(frames, paint.of("#fff6e4", 0.96))
    plate.arches(openings[~lit], paint.of(pane, 0.86))
    plate.arches(openings[lit], rgb(LAMP) * np.float32(1.12))
    sills = np.stack([x - 1.7 * half, y + 0.62 * high, x + 1.7 * half, y + 0.92 * high], 1)[balcony]
    plate.boxes(sills, paint.of("#5a4638", 0.9))
    if plate.view.fine:
        bars = np.stack([np.stack([x, y - 0.8 * high], 1), np.stack([x, y + 0.75 * high], 1)], 1)
        plate.line(bars, paint.of("#e9e2d2", 0.8), 0.0006)


def _side_windows(
    plate: Plate, place: tuple[float, float, float, float], paint: Paint, rng: np.random.Generator
) -> None:
    """Set narrow windows into the shaded side."""
    x0, x1, _, _ = place
    middles, _ = _grid(place, (x1 - x0, 0.036))
    x, y, half = middles[:, 0], middles[:, 1], 0.16 * (x1 - x0)
    lit = rng.random(len(middles)) < 0.6 * paint.lit
    openings = np.stack([x, y - 0.0085, np.full(len(x), half), y + 0.007], 1)
    plate.arches(openings[~lit], paint.of("#27465a", 0.72))
    plate.arches(openings[lit], rgb(LAMP) * np.float32(0.98))


def church(plate: Plate, at: tuple[float, float], size: float, paint: Paint) -> None:
    """Build a church with a dome of green and yellow scales and a bell tower; `at` is the middle of its foot."""
    x, y = at
    lit, dim = (x - 0.5 * size, x + 0.16 * size), (x + 0.16 * size, x + 0.5 * size)
    if paint.sun > 0:
        lit, dim = (x - 0.16 * size, x + 0.5 * size), (x - 0.5 * size, x - 0.16 * size)
    plate.boxes([(x - 0.5 * size, y - 0.85 * size, x + 0.5 * size, y)], paint.of("#fdf0d8"))
    plate.boxes([(dim[0], y - 0.85 * size, dim[1], y)], paint.of("#fdf0d8", SHADE))
    plate.boxes([(x - 0.54 * size, y - 0.90 * size, x + 0.54 * size, y - 0.84 * size)], paint.of("#fff8ea"))
    middle = (lit[0] + lit[1]) / 2
    plate.arches([(middle, y - 0.34 * size, 0.09 * size, y)], paint.of("#5a3a30"))
    plate.ovals([(middle, y - 0.56 * size, 0.08 * size, 0.08 * size)], paint.of("#2d5a72"))
    _dome(plate, (x, y - 0.90 * size), 0.44 * size, paint)
    tower = x - paint.sun * 0.68 * size
    plate.boxes([(tower - 0.13 * size, y - 1.55 * size, tower + 0.13 * size, y)], paint.of("#fbe6c0"))
    shade = (tower, tower + 0.13 * size) if paint.sun < 0 else (tower - 0.13 * size, tower)
    plate.boxes([(shade[0], y - 1.55 * size, shade[1], y)], paint.of("#fbe6c0", SHADE))
    for level in (0.95, 1.32):
        plate.arches([(tower, y - (level + 0.12) * size, 0.055 * size, y - (level - 0.08) * size)], paint.of("#3a4a5c"))
    cap = [(tower - 0.16 * size, y - 1.55 * size), (tower, y - 1.86 * size), (tower + 0.16 * size, y - 1.55 * size)]
    plate.draw(cap, paint.of(ROOF) if paint.snow is None else paint.snow)


def _dome(plate: Plate, at: tuple[float, float], radius: float, paint: Paint) -> None:
    """Raise a dome from (middle, foot): scales in two colours, narrower towards its edges as on a round body."""
    x, y = at
    plate.boxes([(x - 0.9 * radius, y - 0.16 * radius, x + 0.9 * radius, y)], paint.of("#f6e2bc", 0.92))
    foot = y - 0.16 * radius
    rows = 6
    for j in range(rows):
        low, high = np.sin(np.pi / 2 * np.array([j, j + 1]) / rows)
        wide, less = np.cos(np.pi / 2 * np.array([j, j + 1]) / rows) * 0.9
        turn = np.sin(np.linspace(-np.pi / 2, np.pi / 2, 11))
        for odd, name in ((0, "#2f8f6e"), (1, "#f2c23e")):
            k = np.arange((j + odd) % 2, 10, 2)
            quads = np.stack([turn[k] * wide, turn[k + 1] * wide, turn[k + 1] * less, turn[k] * less], 1)
            down = np.array([low, low, high, high])[None] * np.ones((len(k), 1))
            plate.draw(np.stack([x + radius * quads, foot - radius * 0.95 * down], 2), paint.of(name, 1.0 - 0.05 * j))
    shade = [
        (x - paint.sun * radius * t, foot - radius * 0.95 * np.sqrt(max(0, 1 - (t / 0.9) ** 2)))
        for t in np.linspace(0.45, 0.9, 8)
    ]
    plate.draw([*shade, (x - paint.sun * radius * 0.45, foot)], paint.of("#1d5d57", 0.9))
    plate.ovals([(x, foot - 1.02 * radius, 0.07 * radius, 0.12 * radius)], paint.of("#f2c23e"))
    if paint.snow is not None:
        plate.ovals([(x, foot - 0.55 * radius, 0.72 * radius, 0.46 * radius)], paint.snow, (1.0, 2.0))


def cypress(plate: Plate, at: tuple[float, float], size: float, paint: Paint) -> None:
    """Plant a slender tree with its foot at `at`, `size` units tall, lit on one side."""
    x, y = at
    t = np.linspace(0, 1, 12)
    edge = 0.15 * size * np.sin(np.pi * t**0.75) ** 0.8
    right, left = np.stack([x + edge, y - size * t], 1), np.stack([x - edge, y - size * t], 1)
    plate.draw(np.concatenate([right, left[::-1]]), paint.of("#1f4a3c"))
    half = np.stack([x + paint.sun * edge, y - size * t], 1)
    plate.draw(
        np.concatenate([half, np.stack([x + paint.sun * edge * 0.15, y - size * t], 1)[::-1]]), paint.of("#4c7f4a")
    )
