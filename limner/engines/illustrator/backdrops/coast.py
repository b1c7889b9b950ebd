"""What a coast village has about it: a poster's sky and glints, a sailing boat, the beach and its parasols."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from limner.engines.illustrator.backdrops.air import tint_of
from limner.engines.illustrator.backdrops.land import outline
from limner.engines.illustrator.pixels import (
    Array,
    array,
    column,
    discs,
    fbm,
    mix,
    over,
    polygons,
    rgb,
    smoothstep,
)

if TYPE_CHECKING:
    from limner.engines.illustrator.backdrops.air import Air
    from limner.engines.illustrator.backdrops.base import View
    from limner.engines.illustrator.backdrops.houses import Paint
    from limner.engines.illustrator.backdrops.plate import Plate
    from limner.engines.illustrator.scene import Time

SKIES: dict[Time, tuple[str, str, str, str]] = {
    # above, half way, at the horizon, the sun's ring
    "day": ("#1c7ca8", "#6cbcc2", "#fae0a2", "#f9b233"),
    "golden": ("#3d3f8a", "#e5776c", "#ffd98c", "#ff8a3c"),
    "night": ("#0b1440", "#27427f", "#7d8cc0", "#c9d6ff"),
}
RAYS = 15
SUN_SIDE, SUN_HEIGHT = 0.16, 0.105
Place = NDArray[np.float64]
PARASOLS = ("#dd4331", "#f8efd8", "#1b77a0", "#e9b53f")


def ray_sky(image: Array, view: View, air: Air, horizon: float, *, side: float, rng: np.random.Generator) -> None:
    """Paint a poster's sky, in place: an even run of colours, a fan of rays and the sun with its ring."""
    h = max(2, round(view.height * horizon) + 1)
    tint = tint_of(view.palette)
    veil = 0.0 if view.weather == "clear" else 0.55
    above, half, low, ring = (mix(rgb(c) * tint, air.middle, veil) for c in SKIES[view.time])
    image[:h] = np.repeat(column(h, [(0, above), (0.55, half), (1, low)]), view.width, axis=1)
    image[h:] = low
    sun = view.x(-side * SUN_SIDE), (horizon * view.height - SUN_HEIGHT * view.unit)
    turn = np.pi * 2 * (np.arange(RAYS) + float(rng.random())) / RAYS
    reach, open_ = 4 * view.unit, np.pi * 0.5 / RAYS
    wedges = [
        [sun, *((sun[0] + reach * np.cos(a), sun[1] + reach * np.sin(a)) for a in (t - open_, t + open_))] for t in turn
    ]
    fan = polygons(h, view.width, wedges)
    x, y = np.arange(view.width, dtype=np.float32)[None] - sun[0], np.arange(h, dtype=np.float32)[:, None] - sun[1]
    fade = np.exp(np.sqrt(x * x + y * y) * np.float32(-0.95 / view.unit)) * np.float32(0.62 * (1 - veil))
    over(image[:h], mix(half, low, 0.55), array(fan * fade))
    disc = 0.084 * view.unit
    over(image[:h], ring, discs(h, view.width, [(*sun, disc, 1.0 - veil)]))
    over(image[:h], mix(low, 1, 0.62) * np.float32(1.04), discs(h, view.width, [(*sun, 0.80 * disc, 1.0 - veil)]))


def _tiles(x: Array, y: Array, half: Array, high: Array) -> Array:
    """Give flat rhombs around (x, y): glints as posters draw them, (n, 4, 2)."""
    across, down = [x - half, x, x + half, x], [y, y - high, y, y + high]
    return array(np.stack([np.stack(across, 1), np.stack(down, 1)], 2))


def glints(plate: Plate, side: float, air: Air, rng: np.random.Generator) -> None:
    """Strew glints over the sea: the sea's own all over, the sun's in a road below it."""
    many, own = rng.random((190, 4)), rng.random((130, 4))
    deep = own[:, 0] * plate.bottom
    x = (own[:, 1] - 0.5) * 2.0
    rhombs = _tiles(
        array(x), array(deep), array(0.006 + 0.045 * own[:, 0] * own[:, 2]), array(0.0006 + 0.0022 * own[:, 0])
    )
    plate.draw(rhombs, rgb("#86d6d6") * air.brightness * np.float32(0.85))
    q = many[:, 0] ** 1.5
    spread = (0.05 + 0.20 * q) * np.sqrt(-2 * np.log(1 - 0.999 * many[:, 1])) * np.cos(2 * np.pi * many[:, 2])
    half, high = (0.007 + 0.055 * q) * (0.35 + many[:, 3]), 0.0010 + 0.0042 * q
    road = _tiles(array(-side * SUN_SIDE + spread), array(q * plate.bottom + 0.004), array(half), array(high))
    plate.draw(road, mix(rgb("#ffeaae"), air.sun, 0.4) * (0.35 + 0.65 * min(1.0, air.glow * 1.3)))


def beach_strip(image: Array, view: View, air: Air, side: float, rng: np.random.Generator) -> None:
    """Lay the beach along the foot of the picture, higher on the cliff's side, with a line of foam, in place."""
    along = view.across()[0] * np.float32(side)
    shore = 0.905 - 0.045 * smoothstep(-0.35, 0.15, along) + 0.012 * (outline(view, 0.14, 3, rng) - 0.5)
    top = min(view.height - 4, int(0.82 * view.height))
    image = image[top:]
    rows = np.arange(top, view.height, dtype=np.float32)[:, None]
    down = (rows - array(shore * view.height)[None]) / np.float32(view.unit)
    grain = fbm(len(image), view.width, 0.02 * view.unit, 5 if view.fine else 4, rng, aspect=2.2)
    white = view.weather == "snow"
    dark, bright = ("#c9d0e4", "#f6f8ff") if white else ("#d8b47c", "#f6e0ae")
    wet = smoothstep(0.035, 0.0, down) * np.float32(0.30) + (0.25 if view.weather in ("rain", "storm") else 0.0)
    tone = np.clip(grain * np.float32(1.1) - np.float32(0.05) - wet, 0, 1)
    sand = mix(rgb(dark), rgb(bright), array(tone)[..., None]) * array(
        np.minimum(air.brightness * (1.28 if white else 1.04) + (0.05 if white else 0.0), 1.12)
    )
    over(image, array(sand), array(np.clip(down * np.float32(view.unit), 0, 1)))
    foam = np.exp(-(((down + np.float32(0.004)) / np.float32(0.0045)) ** 2)) * (
        0.25 + 0.9 * smoothstep(0.36, 0.60, grain)
    )
    sea = smoothstep(0.30, 0.05, along)[None]
    over(image, array(rgb("#fffaf0") * air.brightness), array(np.clip(foam * sea, 0, 0.9)))


def parasols(plate: Plate, side: float, paint: Paint, rng: np.random.Generator) -> None:
    """Set parasols along the upper beach, one by one in changing colours; none when it snows."""
    if paint.snow is not None:
        return
    tall = plate.view.height / plate.view.unit
    for k in range(22):
        a, b = rng.random(2)
        along = -0.02 + 0.052 * k + 0.012 * a
        if along > plate.half:
            return
        x, y = side * along, (0.408 + 0.016 * (k % 2) + 0.006 * b) * tall
        plate.line([(x, y - 0.016), (x, y + 0.016)], paint.of("#6b4a30"), 0.0022)
        plate.ovals([(x + 0.012, y + 0.016, 0.017, 0.0028)], paint.of("#c9a36c", 0.9))
        colour = PARASOLS[k % len(PARASOLS)]
        plate.ovals([(x, y - 0.006, 0.0165, 0.0165)], paint.of(colour), (1.0, 2.0))
        dim = [(x, y - 0.0225), (x - paint.sun * 0.006, y - 0.006), (x - paint.sun * 0.0165, y - 0.006)]
        plate.draw(dim, paint.of(colour, 0.80))


def boat(plate: Plate, at: tuple[float, float], size: float, paint: Paint) -> None:
    """Let a sailing boat lie there: striped sails, a white hull, its mirror in streaks; `at` is the waterline."""
    origin = np.array(at)

    def put(points: list[tuple[float, float]], colour: str, factor: float = 1.0) -> None:
        plate.draw(origin + np.array(points) * (size * -paint.sun, size), paint.of(colour, factor))

    for k, (half, y) in enumerate(((0.46, 0.03), (0.36, 0.08), (0.40, 0.14), (0.22, 0.20), (0.26, 0.27))):
        x = 0.05 * (-1) ** k
        put([(x - half, y), (x, y - 0.014), (x + half, y), (x, y + 0.014)], "#0c3f66" if k % 2 else "#f4e8cc", 0.85)
    put([(-0.44, -0.12), (0.50, -0.12), (0.40, 0.02), (-0.36, 0.02)], "#fbf7ec")
    put([(-0.44, -0.12), (0.50, -0.12), (0.48, -0.085), (-0.425, -0.085)], "#d8402c")
    put([(0.10, -0.12), (0.50, -0.12), (0.40, 0.02), (0.16, 0.02)], "#b9cbd2")
    put([(-0.20, -0.12), (-0.16, -0.19), (0.16, -0.19), (0.24, -0.12)], "#cfe3e6")
    put([(0.0, -0.14), (0.02, -0.14), (0.02, -1.08), (0.0, -1.08)], "#5a4636")
    for k in range(5):
        low, high = k / 5, (k + 1) / 5
        left = [(-0.44 + 0.43 * t**1.15, -0.20 - 0.86 * t) for t in (low, high)]
        put(
            [left[0], (-0.01, -0.20 - 0.86 * low), (-0.01, -0.20 - 0.86 * high), left[1]], ("#ee5a2e", "#f7a273")[k % 2]
        )
        right = [(0.40 - 0.37 * t, -0.18 - 0.80 * t) for t in (low, high)]
        put(
            [(0.035, -0.18 - 0.80 * low), right[0], right[1], (0.035, -0.18 - 0.80 * high)],
            ("#d23a24", "#ee6a48")[k % 2],
        )


def lemons(plate: Plate, side: float, paint: Paint, rng: np.random.Generator) -> None:
    """Hang a lemon branch into the upper corner over the sea, as the frame of a poster does; none when it snows."""
    if paint.snow is not None:
        return
    corner = np.array([-side * plate.half, plate.top])
    inwards = np.array([side, 1.0])
    bough = np.array([(-0.01, 0.015), (0.10, 0.030), (0.20, 0.020), (0.285, 0.045)])
    plate.line(corner + inwards * bough, paint.of("#5a4a2c"), 0.0055)
    plate.line(corner + inwards * np.array([(0.015, 0.02), (0.050, 0.11), (0.060, 0.19)]), paint.of("#5a4a2c"), 0.0045)
    places = ((0.110, 0.105), (0.205, 0.115), (0.078, 0.245))
    leaves = (
        (0.055, 0.045, 2.5), (0.145, 0.040, 0.5), (0.165, 0.045, 2.3), (0.265, 0.055, 0.3), (0.225, 0.045, 1.5),
        (0.060, 0.165, 2.7), (0.075, 0.180, 0.8), (0.115, 0.050, 1.2), (0.035, 0.085, 0.2),
    )  # fmt: skip
    for x, y, turn in leaves:
        _leaf(plate, corner + inwards * (x, y), (0.062, turn if side > 0 else np.pi - turn), paint)
    for x, y in places:
        _lemon(plate, corner + inwards * (x, y), (0.052, float(rng.uniform(-0.5, 0.5))), paint)


def _leaf(plate: Plate, at: Place, shape: tuple[float, float], paint: Paint) -> None:
    """Draw a pointed leaf from its stalk: a light and a dark half; `shape` is its length and its turn (down is +)."""
    size, turn = shape
    along = np.linspace(0, 1, 9)
    belly = 0.26 * np.sin(np.pi * along**0.8)
    axis, across = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    spine = at + size * along[:, None] * axis
    for way, colour in ((1.0, "#2c6a3e"), (-1.0, "#5d9c46")):
        rim = spine + way * size * belly[:, None] * across
        plate.draw(np.concatenate([spine, rim[::-1]]), paint.of(colour))


def _lemon(plate: Plate, at: Place, shape: tuple[float, float], paint: Paint) -> None:
    """Draw a lemon: a round body with a nipple at its end, its shaded rim and a gleam; `shape` is radius and turn."""
    radius, turn = shape
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    reach = (
        1.0
        + 0.30 * np.exp(-(((angle - np.pi / 2) / 0.30) ** 2))
        + 0.16 * np.exp(-(((angle - 1.5 * np.pi) / 0.30) ** 2))
    )
    body = np.stack([0.86 * np.cos(angle), 1.06 * np.sin(angle)], 1) * reach[:, None] * radius
    tilt = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    plate.draw(body @ tilt + at, paint.of("#e08a1e"))
    plate.draw((body * 0.93) @ tilt + at + np.array([paint.sun * 0.07, -0.05]) * radius, paint.of("#f7c11e"))
    gleam = np.stack([0.17 * np.cos(angle), 0.34 * np.sin(angle)], 1) * radius
    plate.draw(gleam @ tilt + at + np.array([paint.sun * 0.42, -0.40]) * radius, paint.of("#fdeea2"))
