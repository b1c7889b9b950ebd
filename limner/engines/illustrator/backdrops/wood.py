"""Boards of wood seen in perspective, for tables and floors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.backdrops.land import TILE, depth, tile
from limner.engines.illustrator.pixels import Array, Colour, array, blur, mix, resize, smoothstep

if TYPE_CHECKING:
    from limner.engines.illustrator.backdrops.base import View

LEVELS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Boards:
    """How boards look: their two colours, how many to a unit of distance, and how deep the view goes."""

    dark: Colour
    bright: Colour
    count: float
    flat: float = 0.30
    gloss: float = 0.30
    ends: bool = False


def _grain(rng: np.random.Generator) -> Array:
    """Make the figure of the wood, along the rows, on a tile that repeats: streaks, and rings bent by the growth."""
    streaks = tile(4, 170, rng) * 0.34 + tile(2, 100, rng) * 0.34 + tile(24, 256, rng) * 0.32
    bend = tile(128, 256, rng)
    across = np.linspace(0, 2 * np.pi * 9, TILE, dtype=np.float32)[None]
    rings = np.sin(across + bend * np.float32(14))
    return array(streaks + np.float32(0.10) * rings)


def _pores(u: Array, v: Array, rng: np.random.Generator) -> Array:
    """Give the fine pores along the grain, around 0, at the places (u, v) of the tile."""
    pattern = tile(1.4, 48, rng) - np.float32(0.5)
    return array(
        cv2.remap(pattern, u * np.float32(2.3), v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP) * np.float32(0.22)
    )


def _seen(pattern: Array, u: Array, v: Array, dense: Array) -> Array:
    """See a tile at the places (u, v), softer in the rows where `dense` of its columns fall on one pixel.

    Two or three prefiltered levels, blended (Williams, "Pyramidal parametrics", 1983), across the grain alone.
    """
    level = np.clip(np.log2(np.maximum(dense[:, 0], 1.0)), 0, LEVELS - 1)
    figure = np.zeros(u.shape, np.float32)
    for k in range(LEVELS):
        weight = np.clip(1 - np.abs(level - k), 0, 1).astype(np.float32)
        rows = np.flatnonzero(weight)
        if len(rows):
            part = slice(int(rows[0]), int(rows[-1]) + 1)
            width = 2**k + (k > 0)
            soft = cv2.blur(np.tile(pattern, (1, 3)), (width, 1))[:, TILE : 2 * TILE] if k else pattern
            found = cv2.remap(
                np.ascontiguousarray(soft), u[part], v[part], cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP
            )
            figure[part] += found * weight[part, None]
    return figure


def boards(view: View, top: int, look: Boards, rng: np.random.Generator) -> Array:
    """Paint boards that run away from the viewer, for the rows from `top` down: an image (rows, W, 3)."""
    far = depth(view, top, look.flat)
    place = view.across() * far * np.float32(look.count) + np.float32(50.5)
    index = np.floor(place)
    within = array(place - index)
    shade = np.sin(index * np.float32(12.9898)) * np.float32(43758.5)
    shade = array(shade - np.floor(shade))
    u = within * np.float32(TILE * 0.46) + shade * np.float32(TILE)
    v = np.repeat(far * np.float32(0.36 * TILE), view.width, axis=1) + shade * np.float32(TILE * 3)
    figure = _seen(_grain(rng), array(u), array(v), far * np.float32(look.count * TILE * 0.46 / view.unit))
    if view.fine:
        figure = figure + _pores(array(u), array(v), rng)
    tone = np.clip(
        (figure - np.float32(0.5)) * np.float32(1.15) + np.float32(0.5) + (shade - 0.5) * np.float32(0.34), 0, 1
    )
    colour = mix(look.dark, look.bright, array(tone)[..., None])
    return array(colour * (1 - _gaps(view, far, within, shade, look))[..., None])


def _gaps(view: View, far: Array, within: Array, shade: Array, look: Boards) -> Array:
    """Find how dark the gaps between boards are; they keep about a pixel's width in the distance."""
    pixel = far * np.float32(look.count / view.unit)
    edge = np.minimum(within, 1 - within)
    gap = smoothstep(1.0, 0.0, edge / (0.012 + pixel)) * np.float32(0.62)
    gap += smoothstep(0.10, 0.0, edge) * np.float32(0.10)
    if look.ends:
        along = far * np.float32(0.85) + shade * np.float32(7)
        off = np.abs(along - np.round(along)) / (0.006 + 1.6 * far * far / view.unit)
        there = smoothstep(0.0075, 0.003, far * far / view.unit) * np.float32(0.5)
        gap = np.maximum(gap, smoothstep(1.2, 0.2, array(off)) * there)
    return array(gap * smoothstep(0.5, 0.15, pixel))


def polish(image: Array, view: View, top: int, gloss: float) -> None:
    """Let what is above the row `top` shine in the boards below it, more the farther they are, in place."""
    rows = view.height - top
    above = image[max(0, top - rows) : top][::-1]
    seen = resize(blur(np.ascontiguousarray(above), 0.020 * view.unit), view.width, rows)
    share = np.linspace(gloss, gloss * 0.14, rows, dtype=np.float32)[:, None, None]
    image[top:] = image[top:] * (1 - share * 0.6) + seen * share


def focus(image: Array, view: View, at: float, depth_of_field: float, sigma: float) -> None:
    """Blur what lies around the far edge at the height `at`: sharp again `depth_of_field` below it, in place."""
    start = max(0, round((at - 0.02) * view.height))
    stop = min(view.height, round((at + depth_of_field) * view.height))
    part = np.ascontiguousarray(image[start : max(stop, start + 2)])
    soft = blur(part, sigma * view.unit)
    share = smoothstep(1.0, 0.1, np.linspace(0, 1, len(part), dtype=np.float32))[:, None, None]
    image[start : max(stop, start + 2)] = mix(part, soft, share)
