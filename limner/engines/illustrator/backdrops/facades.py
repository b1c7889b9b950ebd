"""The houses along a street in one-point perspective: walls, windows, shops with awnings, signs, gables.

Places are metres: x across from the middle of the street, y up from it, z away from the viewer. The construction is
Alberti's ("De pictura", 1435): what is twice as far off is drawn half as large.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from limner.engines.illustrator.pixels import Colour, fork, mix, rgb

if TYPE_CHECKING:
    from limner.engines.illustrator.backdrops.plate import Plate

EYE, WALL, FOCUS = 1.6, 5.0, 1.0
AWNINGS = (
    ("#c8402f", "#f7efdc"),
    ("#2f7d5b", "#f4efe0"),
    ("#2d5f94", "#f5f0e2"),
    ("#d99a2b", "#f7efdc"),
    ("#7a3b52", "#f0e2d4"),
)
SIGNS = ("#3b2a24", "#1f3f3a", "#5a2430", "#23334f", "#6a4a1e")
SHUTTERS = ("#3f6f5c", "#4a6a8c", "#8a4a3c", "#6b5a48")
# Fronts on which a metre has fewer pixels than this show no small things.
CLOSE = 15.0
NEON = ("#ff3fa4", "#2fe8ff", "#9a5bff", "#ffb52e", "#46ff9a")
Places = NDArray[np.float64]


def project(x: ArrayLike, y: ArrayLike, z: ArrayLike) -> Places:
    """Give where points (metres) are seen, in units from the middle and the horizon: (..., 2)."""
    far = np.asarray(z, dtype=np.float64)
    return np.stack(np.broadcast_arrays(FOCUS * np.asarray(x) / far, FOCUS * (EYE - np.asarray(y)) / far), -1)


@dataclass(frozen=True, slots=True, eq=False)
class Mood:
    """The light in the street: tints of the sunny and the shaded row, lamps, haze, snow; and what it is built of."""

    sunny: Colour
    shaded: Colour
    sunny_side: float
    lit: float
    shops: float
    haze: Colour
    thick: float
    snow: Colour | None
    walls: tuple[str, ...]
    old: bool
    neon: bool

    def of(self, colour: Colour | str, side: float, z: float, factor: float = 1.0) -> Colour:
        """Give a colour as it looks on one side of the street, so far off."""
        tint = self.sunny if side == self.sunny_side else self.shaded
        return mix(rgb(colour) * tint * np.float32(factor), self.haze, self.veil(z))

    def glowing(self, colour: str, z: float, strength: float) -> Colour:
        """Give the colour of a light so far off."""
        return mix(rgb(colour) * np.float32(strength), self.haze, 0.6 * self.veil(z))

    def veil(self, z: float) -> float:
        """Tell how much haze hangs before what is so far off."""
        return float(1 - np.exp(-z * self.thick))


@dataclass(frozen=True, slots=True)
class House:
    """One house of a row: its side of the street (-1 left, 1 right), from z0 to z1, its height, its own numbers."""

    side: float
    near: float
    far: float
    height: float
    seed: int

    def wall(self, z: ArrayLike, y: ArrayLike, out: ArrayLike = 0.0) -> Places:
        """Give where points of the front are seen; `out` is how far they stand out into the street."""
        return project(self.side * (WALL - np.asarray(out)), y, z)

    def panels(self, z0: ArrayLike, z1: ArrayLike, y0: ArrayLike, y1: ArrayLike, out: float = 0.0) -> Places:
        """Give upright rectangles on the front as corners, (n, 4, 2)."""
        a, b, c, d = (np.atleast_1d(np.asarray(v, dtype=np.float64)) for v in (z0, z1, y0, y1))
        a, b, c, d = np.broadcast_arrays(a, b, c, d)
        return self.wall(np.stack([a, b, b, a], -1), np.stack([c, c, d, d], -1), out)


def build(plate: Plate, house: House, mood: Mood) -> None:
    """Draw a house onto the plate."""
    rng = np.random.default_rng(house.seed)
    middle, side = (house.near + house.far) / 2, house.side
    wall = mood.walls[int(rng.random() * len(mood.walls))]
    ground = 3.1
    plate.draw(house.panels(house.near, house.far, 0, house.height), mood.of(wall, side, middle))
    plate.draw(house.panels(house.near, house.near + 0.16, 0, house.height), mood.of(wall, side, middle, 0.86))
    storeys, shop, gable, sign = (fork(rng) for _ in range(4))
    _storeys(plate, house, mood, (ground, wall), storeys)
    _shop(plate, house, mood, ground, shop)
    _gable(plate, house, mood, wall, gable)
    _cornice(plate, house, mood, wall)
    if mood.neon or (not mood.old and mood.lit > 0.3):
        _sign(plate, house, mood, ground, sign)


def _close(plate: Plate, house: House) -> bool:
    """Tell whether a house is near enough that small things on its front are seen."""
    return plate.view.unit / house.near > CLOSE


def _gable(plate: Plate, house: House, mood: Mood, wall: str, rng: np.random.Generator) -> None:
    """Top an old house with a gable towards the street, pointed or in steps, with a round window; others are flat."""
    a, b = rng.random(2)
    if not mood.old or a < 0.30:
        return
    near, far, high, z = house.near + 0.15, house.far - 0.15, house.height, (house.near + house.far) / 2
    middle, rise = (near + far) / 2, (0.30 + 0.12 * b) * (far - near)
    if a < 0.70:
        across, up = np.array([near, middle, far]), np.array([0.0, rise, 0.0])
    else:
        left = near + (middle - 0.4 - near) * np.array([0, 0, 1, 1, 2, 2]) / 2.6
        steps = rise * np.array([0, 1, 1, 2, 2, 3]) / 3
        across, up = np.concatenate([left, (near + far) - left[::-1]]), np.concatenate([steps, steps[::-1]])
    outline = house.wall(across, high + up)
    plate.draw(outline, mood.of(wall, house.side, z, 0.97))
    edge = mood.of(mood.snow if mood.snow is not None else "#f6efe2", house.side, z)
    plate.line(outline, edge, (0.30 if mood.snow is not None else 0.16) / z)
    turn = np.linspace(0, 2 * np.pi, 14)
    eye = house.wall(middle + 0.34 * np.cos(turn), high + 0.36 * rise + 0.34 * np.sin(turn))
    plate.draw(eye, mood.of("#3c5468", house.side, z))


def _cornice(plate: Plate, house: House, mood: Mood, wall: str) -> None:
    """Run a moulding along the top of the front, with its shadow below and snow on it."""
    z, high = (house.near + house.far) / 2, house.height
    plate.draw(house.panels(house.near, house.far, high - 0.55, high - 0.28), mood.of(wall, house.side, z, 0.80))
    plate.draw(house.panels(house.near, house.far, high - 0.32, high, 0.28), mood.of(wall, house.side, z, 1.10))
    if mood.snow is not None:
        plate.draw(
            house.panels(house.near, house.far, high - 0.02, high + 0.20, 0.30), mood.of(mood.snow, house.side, z)
        )


def _storeys(plate: Plate, house: House, mood: Mood, walls: tuple[float, str], rng: np.random.Generator) -> None:
    """Set the windows of the upper floors: frames, and panes lit or dark."""
    ground, wall = walls
    floors, count = max(1, int((house.height - ground - 0.5) / 2.5)), max(2, round((house.far - house.near) / 1.75))
    i, j = np.meshgrid((np.arange(count) + 0.5) / count, np.arange(floors))
    z, y = (house.near + i * (house.far - house.near)).ravel(), (ground + 0.65 + j * 2.5).ravel()
    lit, cold = rng.random(len(z)) < mood.lit * (0.5 + rng.random()), rng.random(len(z)) > 0.8
    middle, side, half, high = (house.near + house.far) / 2, house.side, 0.46, 1.55 if mood.old else 1.65
    frame = house.panels(z - half - 0.10, z + half + 0.10, y - 0.10, y + high + 0.12)
    plate.draw(frame, mood.of("#f3ece0", side, middle))
    panes = house.panels(z - half, z + half, y, y + high)
    plate.draw(panes[~lit], mood.of("#3c5468", side, middle, 0.9))
    for chosen, lamp in ((lit & ~cold, "#ffc868"), (lit & cold, "#9fe0ff" if mood.neon else "#ffe2a8")):
        plate.draw(panes[chosen], mood.glowing(lamp, middle, 1.08))
    shutter = SHUTTERS[int(rng.random() * len(SHUTTERS))]
    if _close(plate, house):
        sky = house.panels(z - half, z + half, y + 0.62 * high, y + high)[~lit]
        plate.draw(sky, mood.of("#7fa0b8", side, middle, 0.85))
        _dress(plate, house, mood, (np.asarray(z), np.asarray(y, dtype=np.float64), high), (wall, shutter))
    if plate.view.fine:
        _courses(plate, house, mood, ground, wall)


def _dress(
    plate: Plate, house: House, mood: Mood, windows: tuple[Places, Places, float], colours: tuple[str, str]
) -> None:
    """Give windows their bars and sills, on old houses shutters, and snow where it lies."""
    (z, y, high), (wall, shutter), half = windows, colours, 0.46
    middle, side = (house.near + house.far) / 2, house.side
    bar = mood.of("#efe8da", side, middle, 0.92)
    plate.draw(house.panels(z - 0.035, z + 0.035, y, y + high), bar)
    if plate.view.fine:
        plate.draw(house.panels(z - half, z + half, y + 0.60 * high, y + 0.60 * high + 0.06), bar)
    for shift in (-0.74, 0.74) if mood.old else ():
        leaf = house.panels(z + shift - 0.25, z + shift + 0.25, y - 0.05, y + high + 0.05, 0.05)
        plate.draw(leaf, mood.of(shutter, side, middle))
    sill = house.panels(z - half - 0.16, z + half + 0.16, y - 0.22, y - 0.10, 0.12)
    stone = mood.of(wall, side, middle, 0.78) if mood.snow is None else mood.of(mood.snow, side, middle)
    plate.draw(sill, stone)


def _courses(plate: Plate, house: House, mood: Mood, ground: float, wall: str) -> None:
    """Run joints of masonry along the wall between the windows, and upright ones by turns, for fine pictures."""
    middle = (house.near + house.far) / 2
    y = np.arange(ground + 0.10, house.height - 0.6, 0.26)
    y = y[(y - ground - 0.65) % 2.5 > 1.72]
    joint = mood.of(wall, house.side, middle, 0.83)
    plate.draw(house.panels(house.near, house.far, y, y + 0.04), joint)
    z, high = np.meshgrid(np.arange(house.near + 0.2, house.far - 0.1, 0.52), y)
    z = z + 0.26 * (np.arange(len(y)) % 2)[:, None]
    plate.draw(house.panels(z.ravel(), z.ravel() + 0.045, high.ravel() - 0.22, high.ravel()), joint)


def _shop(plate: Plate, house: House, mood: Mood, ground: float, rng: np.random.Generator) -> None:
    """Open a shop on the ground floor: a plinth, lit windows with goods, a door, the name's board, an awning."""
    side, z, near, far = house.side, (house.near + house.far) / 2, house.near, house.far
    front, board, kind, door = rng.random(4)
    wood = SIGNS[int(front * len(SIGNS))] if not mood.neon else "#232a44"
    plate.draw(house.panels(near + 0.2, far - 0.2, 0, ground - 0.1), mood.of(wood, side, z))
    edges = np.linspace(near + 0.4, far - 0.4, 4)
    where = int(door * 3)
    panes = [k for k in range(3) if k != where]
    glass = mood.glowing("#ffd48a" if not mood.neon else "#7fd8ff", z, 0.55 + 0.5 * mood.shops)
    day = mood.of("#6f8894", side, z)
    low = np.full(len(panes), 0.55)
    shown = house.panels(edges[panes] + 0.1, edges[[k + 1 for k in panes]] - 0.1, low, 2.35)
    plate.draw(shown, mix(day, glass, mood.shops))
    plate.draw(
        house.panels(edges[where] + 0.25, edges[where + 1] - 0.25, 0.05, 2.3),
        mix(mood.of("#2c2420", side, z), glass, 0.6 * mood.shops),
    )
    if _close(plate, house):
        _goods(plate, house, mood, edges[panes], rng)
    plate.draw(
        house.panels(near + 0.3, far - 0.3, 2.5, ground - 0.15, 0.1), mood.of(SIGNS[int(board * 5)], side, z, 1.5)
    )
    if plate.view.fine:
        letters = np.arange(near + 0.9, far - 0.9, 0.34)
        plate.draw(house.panels(letters, letters + 0.2, 2.62, ground - 0.28, 0.11), mood.of("#f2dfb0", side, z))
    if kind < 0.72:
        _awning(plate, house, mood, AWNINGS[int(kind / 0.72 * len(AWNINGS))])


def _goods(plate: Plate, house: House, mood: Mood, starts: Places, rng: np.random.Generator) -> None:
    """Put small coloured things into the shop windows."""
    z = (starts[:, None] + np.linspace(0.3, 1.0, 4)[None]).ravel()
    z = z[z < house.far - 0.6]
    high, pick = 0.25 + 0.55 * rng.random(len(z)), (rng.random(len(z)) * 3).astype(int)
    for k, name in enumerate(("#a8452e", "#2f6a70", "#c79a3c")):
        chosen = pick == k
        goods = house.panels(z[chosen] - 0.10, z[chosen] + 0.10, 0.6, 0.6 + high[chosen])
        plate.draw(goods, mix(mood.of(name, house.side, house.near), mood.glowing(name, house.near, 1.0), mood.shops))


def _awning(plate: Plate, house: House, mood: Mood, colours: tuple[str, str]) -> None:
    """Stretch a striped awning over the shop, with a scalloped edge; snow lies on it."""
    side, z = house.side, (house.near + house.far) / 2
    count = max(4, 2 * round((house.far - house.near) / 0.9))
    cuts = np.linspace(house.near + 0.35, house.far - 0.35, count + 1)
    for odd in (0, 1):
        a, b = cuts[:-1][odd::2], cuts[1:][odd::2]
        corners = np.stack([a, b, b, a], -1)
        slope = project(side * (WALL - np.array([0.1, 0.1, 1.25, 1.25])), np.array([2.95, 2.95, 2.35, 2.35]), corners)
        colour: Colour | str = colours[odd] if mood.snow is None else mood.snow
        plate.draw(slope, mood.of(colour, side, z, 1.05))
        plate.draw(house.panels(a, b, 2.12, 2.36, 1.25), mood.of(colours[odd], side, z, 0.82))


def _sign(plate: Plate, house: House, mood: Mood, ground: float, rng: np.random.Generator) -> None:
    """Hang a tall sign of light out from the front, where the street has such."""
    a, b, c, d = rng.random(4)
    if a > (0.9 if mood.neon else 0.35):
        return
    z = house.near + (house.far - house.near) * (0.15 + 0.6 * b)
    low, high = ground + 0.5 + c, min(house.height - 0.4, ground + 2.6 + 2.2 * c)
    x = house.side * np.array([WALL - 0.1, WALL - 0.95, WALL - 0.95, WALL - 0.1])
    plate.draw(project(x, np.array([low, low, high, high]), z), mood.of("#14182c", house.side, z))
    colour = mood.glowing(NEON[int(d * len(NEON))], z, 1.2)
    count = 4
    y = np.linspace(low + 0.15, high - 0.15, count + 1)
    for k in range(count):
        inner = house.side * np.array([WALL - 0.28, WALL - 0.77, WALL - 0.77, WALL - 0.28])
        span = y[k + 1] - y[k]
        plate.draw(project(inner, y[k] + span * np.array([0.15, 0.15, 0.8, 0.8]), z), colour)


def row_of_houses(side: float, mood: Mood, start: float, rng: np.random.Generator) -> list[House]:
    """Give the houses of one side from the farthest to the nearest."""
    houses, z = [], start
    while z < 62:
        a, b = rng.random(2)
        wide = 4.6 + 2.6 * a
        tall = (6.2 + 3.4 * b) if mood.old else (7.0 + 4.6 * b)
        houses.append(
            House(side, z, z + wide, float(tall * (1.0 + (0.35 if mood.neon else 0.0))), int(rng.integers(2**31)))
        )
        z += wide
    return houses[::-1]
