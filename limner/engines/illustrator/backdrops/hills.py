"""Rolling hills: ranges into the haze, patchwork fields, a path that winds down to the viewer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.backdrops.air import Air, light_of, sun_spot
from limner.engines.illustrator.backdrops.base import Scenery, View
from limner.engines.illustrator.backdrops.fronts import grass, heap
from limner.engines.illustrator.backdrops.growth import ground_shadow, round_trees
from limner.engines.illustrator.backdrops.hillsides import country
from limner.engines.illustrator.backdrops.land import hazed, lay, mist, outline
from limner.engines.illustrator.backdrops.lawn import blades, lawn
from limner.engines.illustrator.backdrops.snowfield import SNOW_BOUNCE, snow_ground
from limner.engines.illustrator.backdrops.trees import broad_tree, foliage
from limner.engines.illustrator.backdrops.wonders import ruin
from limner.engines.illustrator.pixels import Array, Colour, array, fork, mix, over, polygon, resize, rgb, smoothstep

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Time

HORIZON = 0.47
GREENS: dict[Time, tuple[str, str, str]] = {
    "day": ("#9cc49a", "#3a7a2c", "#b0d45a"), "golden": ("#d0b48c", "#526c2a", "#c8cf60"),
    "night": ("#6f93a8", "#1f4a3c", "#6f9a78"),
}  # fmt: skip
WHITES = ("#c3d2e6", "#a8b8d8", "#f2f5ff")
SWELLS = ((0.535, 0.085, 0.62, 0.34), (0.590, 0.105, 0.80, 0.20), (0.655, 0.110, 1.00, 0.08))
PATHS: dict[Time, str] = {"day": "#e2cfa0", "golden": "#f0cf98", "night": "#7f86a4"}


def hills(view: View) -> Scenery:
    """Paint the hills; subjects stand on the nearest one."""
    rng = fork(view.rng)
    begun = country(view, GREENS[view.time], WHITES, (HORIZON + 0.03, 0.44), rng)
    image, far, air, colours, white = begun.image, begun.far, begun.air, begun.colours, begun.white
    swells, path = fork(rng), float(fork(rng).random())
    for k, swell in enumerate(SWELLS):
        line = _swell(image, far, air, colours, (swell, k), white=white, rng=fork(swells))
        _path(image, far, air, line, path, white=white)
        if k == 1 and "ruins" in view.details:
            ruin(image, far, air, (0.24 if air.sun_x > 0 else -0.24, 0.585), 0.12, rng=fork(swells))
    ground, near = fork(rng), fork(rng)
    bow = np.clip(1 - (far.across()[0] / 1.3) ** 2, 0, 1)
    line = array(0.730 * far.height - far.unit * (0.035 * bow + 0.02 * (outline(far, 0.9, 2, ground) - 0.5)))
    top = 0.0
    if white:
        snow_ground(image, far, air, line, ground)
    else:
        top = lawn(image, far, air, line, greens=(colours[1], colours[2]), rng=ground)
    image = resize(image, view.width, view.height, smooth=True)
    if not white:
        blades(image, view, top, air, (colours[1], colours[2]), rng=near)
    _tree(image, view, air, white=white, rng=fork(rng))
    light = light_of(air, SNOW_BOUNCE if white else mix(colours[1], colours[2], 0.5))
    dark, bright = (array(c * air.brightness) for c in colours[1:])
    front = heap(view, 0.030, 0.10) if white else grass(view, array(dark * 0.85), bright)
    return Scenery(
        image, HORIZON, (0.78, 0.93), light, "snow" if white else "grass", front, sun_spot(view, air, HORIZON + 0.03)
    )


def _swell(
    image: Array, view: View, air: Air, colours: tuple[Colour, ...], shape: tuple[tuple[float, ...], int], *,
    white: bool, rng: np.random.Generator,
) -> Array:  # fmt: skip
    """Lay one rounded hill with the stripes of its fields and hedges of small trees, in place; gives its line."""
    (base, height, scale, haze), k = shape
    line = array(base * view.height - height * view.unit * (outline(view, scale, 2, rng, 0.3) - 0.5) * 2.4)
    top = max(0, int(line.min()) - 1)
    rows = np.arange(top, view.height, dtype=np.float32)[:, None]
    down = (rows - line[None]) / np.float32(view.unit)
    slope = cv2.blur(np.gradient(line)[None], (max(3, round(0.06 * view.unit)), 1))
    sunny = np.clip(0.56 + slope * (-1.5 if air.sun_x > 0 else 1.5), 0.1, 1)
    tone = sunny + 0.30 * np.exp(-np.clip(down, 0, 1) / np.float32(0.02)) - 1.5 * np.clip(down, 0, 0.3)
    field = smoothstep(0.50, 0.56, outline(view, 0.30, 2, rng))[None] * smoothstep(0.0, 0.012, down)
    if not white:
        furrow = (view.across() * np.float32(1 + k % 2) + down * np.float32(2.4 - 3 * (k % 2))) * np.float32(
            60 - 14 * k
        )
        tone += (0.10 + 0.07 * np.sin(furrow)) * field
    ground = mix(colours[1] * 0.9, colours[2], np.clip(tone, 0, 1)[..., None])
    lay(image[top:], array(line - top), hazed(ground, air, haze))
    trees = foliage(view)
    _hedges(
        image,
        view,
        air,
        line,
        (rgb("#5a6a86"), rgb("#f2f5ff")) if white else (trees[0], trees[1]),
        row=(k, haze),
        rng=rng,
    )
    if view.weather == "fog" or k == 0:
        mist(image, view, air.horizon, (base + 0.015, 0.03, 0.55 if view.weather == "fog" else 0.20), rng)
    return line


def _hedges(
    image: Array, view: View, air: Air, line: Array, inks: tuple[Colour, Colour], *, row: tuple[int, float],
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """Plant small round trees along a hill, in groups, in place."""
    k, haze = row
    at = (rng.random(26) - 0.5) * 2.2 + 0.05 * np.repeat(rng.random(13), 2)
    size = (0.013 + 0.006 * k) * (0.7 + 0.7 * rng.random(26)) * view.unit
    x = view.x(0) + at * view.unit
    y = line[np.clip(x, 0, view.width - 1).astype(int)] + (0.004 + 0.03 * rng.random(26) ** 2) * view.unit
    dark, bright = (hazed(c, air, haze) for c in inks)
    round_trees(image, np.stack([x, y, size], 1), dark, bright, sun=air.side, rng=rng)


def _path(image: Array, view: View, air: Air, line: Array, turn: float, *, white: bool) -> None:
    """Wind a path over the hill below `line`, in place: one long S for all hills that narrows with the distance.

    Each hill shows its own piece of it, from its crest down to where the next hill hides it; `turn` is drawn (0..1).
    """
    s = np.linspace(0, 1.15, 90)
    y = (0.50 + 0.24 * s) * view.height
    x = view.x(0) + view.unit * (0.10 + (0.10 + 0.10 * s) * np.sin(7.5 * s + 6.3 * turn))
    half = view.unit * (0.0016 + 0.023 * s**1.8)
    crest = line[np.clip(x, 0, view.width - 1).astype(int)]
    shown = np.flatnonzero(y > crest)
    if len(shown) < 3:
        return
    k = slice(int(shown[0]), None)
    edge = np.concatenate([np.stack([x[k] - half[k], y[k]], 1), np.stack([x[k] + half[k], y[k]], 1)[::-1]])
    tone = rgb("#dce4f4") if white else rgb(PATHS[view.time])
    away = 0.34 - 0.26 * float(np.clip(s[k][0], 0, 1))
    over(image, hazed(tone, air, away), polygon(view.height, view.width, edge) * np.float32(0.85))


def _tree(image: Array, view: View, air: Air, *, white: bool, rng: np.random.Generator) -> None:
    """Stand one tree on the near hill, on the side away from the sun, in place."""
    side = -1 if air.sun_x > 0 else 1
    at = side * min(0.36, 0.34 * view.width / view.unit)
    x, y, size = view.x(at), 0.752 * view.height, 0.40 * view.unit
    ground_shadow(image, (x + side * 0.14 * size, y), (0.34 * size, 0.04 * size))
    broad_tree(image, view, (x, y), size, air=air, colours=None if white else foliage(view), rng=rng)
