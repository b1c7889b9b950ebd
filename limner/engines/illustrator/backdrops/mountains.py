"""Mountains: three rows of peaks behind a lake, firs on its shores, an alpine meadow before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from limner.engines.illustrator.backdrops.air import Air, air_of, light_of, paint_sky, sun_spot
from limner.engines.illustrator.backdrops.base import Cover, Scenery, Surface, View
from limner.engines.illustrator.backdrops.crags import Range, peaks, pines, weathered_rock
from limner.engines.illustrator.backdrops.fronts import grass, heap, shored, waterline
from limner.engines.illustrator.backdrops.land import hazed, lay, mist, ridge
from limner.engines.illustrator.backdrops.lawn import Greens, blades, lawn, seasoned
from limner.engines.illustrator.backdrops.snowfield import SNOW_BOUNCE, snow_ground
from limner.engines.illustrator.backdrops.water import water
from limner.engines.illustrator.backdrops.wonders import sail, waterfall
from limner.engines.illustrator.pixels import Array, Colour, array, fork, mix, resize, rgb

if TYPE_CHECKING:
    import numpy as np

    from limner.engines.illustrator.scene import Time

HORIZON = 0.54
SHORE = 0.585
# Where the meadow begins and where one stands: on it, beside who is in the lake, or in the lake.
BANKS = (0.690, (0.76, 0.92)), (0.800, (0.86, 0.95)), (0.960, (0.68, 0.885))
ROWS = (Range(0.52, 0.42, 2.0, 0.58, 0.62), Range(0.54, 0.34, 2.4, 0.34, 0.46))
ROCKS: dict[Time, tuple[str, str]] = {
    "day": ("#3d4a66", "#a9a294"), "golden": ("#43365a", "#d99a6c"), "night": ("#2c3660", "#8490b4"),
}  # fmt: skip
LAKES: dict[Time, tuple[str, str]] = {
    "day": ("#5aa4bc", "#1f6f8c"), "golden": ("#8a7a8e", "#3a4f6e"), "night": ("#2a4480", "#122a58"),
}  # fmt: skip
GREENS: dict[Time, tuple[str, str]] = {
    "day": ("#33662c", "#a2c456"), "golden": ("#486626", "#bfc956"), "night": ("#1c453c", "#6a9478"),
}  # fmt: skip
FIRS: dict[Time, tuple[str, str]] = {
    "day": ("#12302a", "#4d8052"), "golden": ("#22301f", "#9a8a3c"), "night": ("#0a2028", "#31585c"),
}  # fmt: skip


def mountains(view: View) -> Scenery:
    """Paint the mountains; subjects stand on the meadow before the lake, or swim in it."""
    rng = fork(view.rng)
    air = air_of(view, fork(rng))
    white = view.weather == "snow"
    far = view.far()
    image = far.blank()
    paint_sky(image, far, air, HORIZON + 0.02, fork(rng))
    _heights(image, far, air, white=white, rng=fork(rng))
    _lake(image, far, air, rng=fork(rng))
    if "boat" in view.details:
        sail(image, far, air, (0.10 if air.sun_x > 0 else -0.10, 0.622), 0.09, rng=fork(rng))
    return _meadow(image, view, far, air, rng=rng)


def _meadow(image: Array, view: View, far: View, air: Air, *, rng: np.random.Generator) -> Scenery:
    """Lay the meadow or the snow before the lake, with a few firs, and finish the picture at its full size."""
    ground, near = fork(rng), fork(rng)
    low, stage = BANKS[0 if not view.afloat else 2 if view.afloat == 1 else 1]
    white, pond = view.weather == "snow", (SHORE + 0.03, low - 0.025)
    line = ridge(far, low, 0.060, 0.6, ground, gain=0.35)
    _near_firs(image, far, air, line, white=white, rng=fork(rng))
    shade, sun = seasoned(view, tuple(rgb(c) for c in GREENS[view.time]))
    top = 0.0
    if white:
        snow_ground(image, far, air, line, ground)
    else:
        top = lawn(image, far, air, line, greens=(shade, sun), rng=ground)
    image = resize(image, view.width, view.height, smooth=True)
    if not white:
        blades(image, view, top, air, (shade, sun), rng=near)
    land = heap(view, 0.030, 0.10) if white else _front(view, air, (shade, sun))
    wet = waterline(view, _waters(view, air)[1], air.lit)
    surface: Surface = "water" if view.afloat == 1 else "snow" if white else "grass"
    front = wet if surface == "water" else shored(view, pond[1] + 0.01, wet, land)
    light = light_of(air, SNOW_BOUNCE if white else mix(shade, sun, 0.5))
    return Scenery(image, HORIZON, stage, light, surface, front, sun_spot(view, air, HORIZON + 0.02), pond=pond)


def _near_firs(image: Array, view: View, air: Air, line: Array, *, white: bool, rng: np.random.Generator) -> None:
    """Stand a few tall firs at both sides of the near shore, in place."""
    foot, inks = array(line + 0.006 * view.unit), _firs(view)
    pines(image, view, air, foot, (0.21, 9, 0.10), dense=0.75, inks=inks, hollow=0.34, white=white, rng=rng)


def _front(view: View, air: Air, greens: Greens) -> Cover:
    return grass(view, array(greens[0] * air.brightness * 0.85), array(greens[1] * air.brightness))


def _firs(view: View) -> tuple[Colour, Colour]:
    """Give the firs' colours; in autumn they are larches."""
    pair = ("#8a4a14", "#f0b43c") if "autumn" in view.details else FIRS[view.time]
    return rgb(pair[0]), rgb(pair[1])


def _heights(image: Array, view: View, air: Air, *, white: bool, rng: np.random.Generator) -> None:
    """Raise the three rows, the mist between them and the firs at their feet, in place."""
    sky = image[: round(SHORE * view.height)].copy()
    for row in ROWS:
        peaks(image, view, air, row, rocks=ROCKS[view.time], white=white, rng=fork(rng))
        mist(image, view, mix(air.horizon, 1, 0.1), (row.base - 0.01, 0.060, 0.60 * row.haze + 0.14), fork(rng))
    weathered_rock(image, view, sky, SHORE, amount=0.50, rng=fork(rng))
    _slopes(image, view, air, white=white, rng=fork(rng))
    if "waterfall" in view.details:
        waterfall(image, view, air, (0.25 * air.side, 0.385, SHORE), 0.15, haze=0.26, rng=fork(rng))
    shore, inks = ridge(view, SHORE - 0.012, 0.020, 0.5, fork(rng)), _firs(view)
    pines(image, view, air, shore, (0.055, 44, 0.42), dense=0.75, inks=inks, white=white, rng=fork(rng))
    near, tall = array(shore + 0.010 * view.unit), (0.080, 26, 0.26)
    pines(image, view, air, near, tall, dense=0.5, inks=inks, hollow=0.12, white=white, rng=fork(rng))
    lay(image, array(near - 0.002 * view.unit), hazed(rgb("#dfe6f4" if white else FIRS[view.time][1]), air, 0.25))


def _slopes(image: Array, view: View, air: Air, *, white: bool, rng: np.random.Generator) -> None:
    """Lay two wooded slopes with mist at their feet, in place."""
    inks = _firs(view)
    for base, height, haze in ((0.545, 0.13, 0.34), (0.570, 0.08, 0.22)):
        line = ridge(view, base, height, 0.34, fork(rng), gain=0.4)
        lay(image, line, hazed(inks[0], air, haze))
        low, small = array(line + 0.006 * view.unit), (0.036, 60, haze)
        pines(image, view, air, low, small, dense=0.95, inks=inks, white=white, rng=fork(rng))
        mist(image, view, air.horizon, (base + 0.012, 0.02, 0.35), fork(rng))


def _lake(image: Array, view: View, air: Air, *, rng: np.random.Generator) -> None:
    """Lay the lake that mirrors the heights, in place."""
    water(image, view, air, round(SHORE * view.height), _waters(view, air), choppy=0.30, mirror=0.85, rng=rng)


def _waters(view: View, air: Air) -> tuple[Colour, Colour]:
    """Give the colours of the lake far and near, pale where it snows."""
    far, near = (mix(rgb(c), air.middle, 0.35 if view.weather != "clear" else 0.0) for c in LAKES[view.time])
    if view.weather != "snow":
        return far, near
    frost = array(rgb("#dfe8f4") * air.brightness)
    return mix(far, frost, 0.5), mix(near, frost, 0.5)
