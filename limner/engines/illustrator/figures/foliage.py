"""Trees as figures: grown branch by branch like those of the backdrops, where a drawing would look like a toy's.

A tree is painted on nothing, in colours with a fourth part, their cover, so that colours come out multiplied by it
(Porter and Duff, "Compositing digital images", 1984).
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.backdrops.trees import LEAVES, Foliage, leaves, limbs, wood
from limner.engines.illustrator.colours import NAMED
from limner.engines.illustrator.figures.relief import Figure
from limner.engines.illustrator.pixels import Array, array, bounds, fork, mix, resize, rgb

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from limner.engines.illustrator.backdrops.base import Light
    from limner.engines.illustrator.scene import Scene

TREES: dict[str, tuple[str | None, int]] = {
    "deciduous-tree": ("green", 28),
    "autumn-tree": ("autumn", 36),
    "cherry-tree": ("blossom", 44),
    "leafless-tree": (None, 58),
}
"""Drawings that a grown tree plays: how its leaves look (None for bare limbs), and the seed of a well-grown one."""
BARK = "#2c1c14", "#a07a54"
PROBE = 240
ROWS = 48
DULL = array([1.0, 1.0, 1.0])

Tone = tuple[Array, Array]
"""What dark and what bright things are multiplied by."""


def in_season(scene: Scene) -> Scene:
    """Give a scene whose broad trees look as its season has them: in autumn leaves, in blossom, bare in the snow."""
    if "autumn" in scene.details:
        seasonal = "autumn-tree"
    elif "blossom" in scene.details:
        seasonal = "cherry-tree"
    elif "snow" in (scene.weather, scene.setting):
        seasonal = "leafless-tree"
    else:
        return scene
    subjects = tuple(
        replace(one, art=seasonal) if one.art == "deciduous-tree" and one.colour is None else one
        for one in scene.subjects
    )
    return replace(scene, subjects=subjects)


def is_grown(art: str) -> bool:
    """Tell whether a tree is grown for a drawing."""
    return art in TREES


@lru_cache(maxsize=8)
def _box(art: str) -> tuple[float, float, float, float]:
    """Give the box of a tree whose foot is at (0, 0) and whose nominal height is 1: x0, y0, x1, y1, y upwards."""
    _, alpha = _grown(art, (2 * PROBE, 2 * PROBE), (PROBE, 1.8 * PROBE, PROBE), None, (DULL, DULL), sun=1, fine=False)
    rows, columns = bounds(alpha, 0.2) or (slice(0, 1), slice(0, 1))
    left, right = (columns.start - PROBE) / PROBE, (columns.stop - PROBE) / PROBE
    return left, (1.8 * PROBE - rows.stop) / PROBE, right, (1.8 * PROBE - rows.start) / PROBE


def aspect(art: str) -> float:
    """Give the width over the height of a tree."""
    x0, y0, x1, y1 = _box(art)
    return (x1 - x0) / (y1 - y0)


@lru_cache(maxsize=8)
def outline(art: str) -> NDArray[np.bool_]:
    """Give a coarse mask of a tree."""
    _, alpha = _fitted(art, (max(3, round(ROWS * aspect(art))), ROWS), None, (DULL, DULL), sun=1, fine=False)
    return np.asarray(alpha > 0.4)


def flat(art: str, size: tuple[int, int], colour: str | None) -> tuple[Figure, Array | None]:
    """Give a tree of (width, height) pixels in even light, and where its colour was asked for (H, W)."""
    return _figure(art, size, colour, (DULL, DULL), sun=1.0, fine=False)


def lit(
    art: str, size: tuple[int, int], colour: str | None, light: Light, *, fine: bool, mirrored: bool
) -> tuple[Figure, Array | None]:
    """Give a tree of (width, height) pixels as the light falls on it, and where its colour was asked for (H, W)."""
    full = np.float32(0.74) * array(light.key) + array(light.up)
    tones = array(0.45 * full + 0.55 * array(light.up)), array(np.minimum(full, 1.15))
    sun = 1.0 if (light.direction[0] >= 0) is not mirrored else -1.0
    figure, own = _figure(art, size, colour, tones, sun=sun, fine=fine)
    return (_turned(figure), None if own is None else array(own[:, ::-1])) if mirrored else (figure, own)


def _turned(figure: Figure) -> Figure:
    return Figure(np.ascontiguousarray(figure.colour[:, ::-1]), np.ascontiguousarray(figure.alpha[:, ::-1]))


def _figure(
    art: str, size: tuple[int, int], colour: str | None, tones: Tone, *, sun: float, fine: bool
) -> tuple[Figure, Array | None]:
    drawn, alpha = _fitted(art, size, colour, tones, sun=sun, fine=fine)
    if colour is None:
        return Figure(drawn, alpha), None
    brown = np.abs(drawn - drawn.mean(axis=2, keepdims=True)).max(axis=2) < 0.06
    return Figure(drawn, alpha), array(alpha * ~brown)


def _fitted(
    art: str, size: tuple[int, int], colour: str | None, tones: Tone, *, sun: float, fine: bool
) -> tuple[Array, Array]:
    """Grow a tree that fills a box of exactly `size`; small ones are grown larger and reduced."""
    x0, y0, x1, y1 = _box(art)
    tall = max(size[1], 2 * ROWS)
    scale = tall / (y1 - y0)
    whole = max(4, round((x1 - x0) * scale)), tall
    drawn, alpha = _grown(art, whole, (-x0 * scale, y1 * scale, scale), colour, tones, sun=sun, fine=fine)
    return resize(drawn, *size), resize(alpha, *size)


def _grown(
    art: str, size: tuple[int, int], place: tuple[float, float, float], colour: str | None, tones: Tone,
    *, sun: float, fine: bool,
) -> tuple[Array, Array]:  # fmt: skip
    """Paint a tree with its foot at (x, y), so many pixels tall; its colours and its cover."""
    width, height = size
    ground = np.zeros((height, width, 4), np.float32)
    _paint(ground, art, place, _foliage(art, colour, tones), tones, sun=sun, fine=fine)
    alpha = np.ascontiguousarray(np.minimum(ground[..., 3], 1))
    return array(np.clip(ground[..., :3] / np.maximum(alpha, 1e-3)[..., None], 0, 1.3)), alpha


def _paint(
    ground: Array, art: str, place: tuple[float, float, float], colours: Foliage | None, tones: Tone,
    *, sun: float, fine: bool,
) -> None:  # fmt: skip
    x, y, size = place
    rng = np.random.default_rng(TREES[art][1])
    grown, tips = limbs(x, y, size, fork(rng))
    bark = _covering(rgb(BARK[0]) * tones[0]), _covering(rgb(BARK[1]) * tones[1])
    if colours is not None:
        dark, middle, bright = colours
        inner = _covering(dark * 0.75), _covering(mix(dark, middle, 0.4)), _covering(middle)
        leaves(ground, tips[::3], size, inner, sun=sun, fine=False, rng=fork(rng))
        colours = _covering(dark), _covering(middle), _covering(bright)
    wood(ground, grown, bark, sun)
    if colours is not None:
        leaves(ground, tips, size, colours, sun=sun, fine=fine, rng=fork(rng))


def _covering(colour: Array) -> Array:
    """Give a colour that covers wholly, as four values."""
    return array(np.append(colour, 1.0))


def _foliage(art: str, colour: str | None, tones: Tone) -> Foliage | None:
    """Give the colours of the leaves: in the shade, by day, in the sun; None for a bare tree that is to stay one."""
    kind, _ = TREES[art]
    dark, bright = tones
    if colour is not None:
        plain = rgb(NAMED[colour])
        return array(plain * 0.5 * dark), array(plain * 0.92 * bright), array(mix(plain, 1.0, 0.28) * bright)
    if kind is None:
        return None
    shade, middle, sunny = (rgb(tone) for tone in LEAVES[kind]["day"])
    return array(shade * dark), array(middle * bright), array(sunny * bright)
