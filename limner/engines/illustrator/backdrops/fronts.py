"""What comes in front of feet: grass, heaps of snow or sand, the waterline, leaves.

Each function here makes a `Cover`. From the clean picture of the place it takes what it lays over the
subjects, so that it always fits the ground around.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.backdrops.growth import paint, tuft
from limner.engines.illustrator.pixels import Array, Colour, array, mix, profile, smoothstep

if TYPE_CHECKING:
    from limner.engines.illustrator.backdrops.base import Clean, Cover, Footing, View

Box = tuple[slice, slice]


def part_of(shape: tuple[int, ...], x0: float, x1: float, y0: float, y1: float) -> Box | None:
    """Give the part of a picture between these places, or None where nothing of it is inside."""
    left, right = max(0, round(x0)), min(shape[1], round(x1))
    top, bottom = max(0, round(y0)), min(shape[0], round(y1))
    return (slice(top, bottom), slice(left, right)) if right > left and bottom > top else None


def _grid(box: Box) -> tuple[Array, Array]:
    rows = np.arange(box[0].start, box[0].stop, dtype=np.float32)[:, None] + np.float32(0.5)
    columns = np.arange(box[1].start, box[1].stop, dtype=np.float32)[None] + np.float32(0.5)
    return array(rows), array(columns)


def _blend(image: Array, box: Box, colour: Array, mask: Array) -> None:
    image[box] = mix(image[box], colour, mask[..., None])


def grass(view: View, dark: Colour, bright: Colour) -> Cover:
    """Blades of grass that stand before the feet, between the two colours."""
    seed = int(view.rng.integers(2**62))
    unit = view.unit

    def cover(image: Array, clean: Clean | Array, feet: tuple[Footing, ...]) -> None:
        rng = np.random.default_rng(seed)
        for foot in feet:
            height = unit * (0.018 + 0.030 * foot.y / view.height)
            wide = foot.x1 - foot.x0
            count = int(np.clip(wide / (0.0035 * unit), 12, 260))
            x0, x1 = foot.x0 - 0.08 * wide, foot.x1 + 0.08 * wide
            blades = tuft(x0, x1, foot.y + 0.16 * height, height, count=count, rng=rng)
            ground = _ground_colour(clean, foot)
            paint(image, blades, list(rng.random(count) ** 1.3), mix(dark, ground, 0.2), mix(bright, ground, 0.3))

    return cover


def _ground_colour(clean: Clean | Array, foot: Footing) -> Colour:
    """Give the mean colour of the ground under the feet, as the fog or the night leaves it."""
    box = part_of(clean.shape, foot.x0, foot.x1, foot.y - 3, foot.y + 3)
    return array(clean[box].mean(axis=(0, 1))) if box else array((0.3, 0.3, 0.3))


def heap(view: View, height: float, lift: float) -> Cover:
    """Heap some of the ground itself (snow, sand) before the feet, `height` units tall and `lift` brighter on top."""
    seed, unit = int(view.rng.integers(2**62)), view.unit

    def cover(image: Array, clean: Clean | Array, feet: tuple[Footing, ...]) -> None:
        rng = np.random.default_rng(seed)
        for foot in feet:
            wide, tall = foot.x1 - foot.x0, height * unit * (0.5 + 0.7 * foot.y / view.height)
            box = part_of(
                image.shape, foot.x0 - 0.3 * wide, foot.x1 + 0.3 * wide, foot.y - 1.2 * tall, foot.y + 1.6 * tall
            )
            bumps = profile(view.width, 0.05 * unit, 4, rng)
            if box is None:
                continue
            rows, columns = _grid(box)
            centred = (columns - (foot.x0 + foot.x1) / 2) / max(1.0, 0.56 * wide)
            swell = np.exp(-(centred**8))
            top = foot.y + 0.55 * tall - swell * tall * (0.35 + 0.9 * bumps[None, box[1]])
            mask = (
                smoothstep(-1.2, 1.2, rows - top) * swell * smoothstep(foot.y + 1.6 * tall, foot.y + 0.5 * tall, rows)
            )
            crest = np.exp(-(((rows - top) / (0.30 * tall)) ** 2)) * lift
            _blend(image, box, array(clean[box] * (1 + crest[..., None])), mask)

    return cover


def shored(view: View, row: float, wet: Cover, dry: Cover | None) -> Cover:
    """Cover feet above a row (a fraction of the height) as water does, the others as land does, if it does at all."""

    def cover(image: Array, clean: Clean | Array, feet: tuple[Footing, ...]) -> None:
        wet(image, clean, tuple(foot for foot in feet if foot.y <= row * view.height))
        if dry:
            dry(image, clean, tuple(foot for foot in feet if foot.y > row * view.height))

    return cover


def _free(width: int, foot: Footing, feet: tuple[Footing, ...]) -> Array:
    """Give 1 for the columns where nobody stands nearer to the viewer than `foot`, 0 where somebody does."""
    free = np.ones(width, np.float32)
    for other in feet:
        if other.y > foot.y:
            free[max(0, round(other.x0)) : max(0, round(other.x1))] = 0
    return free


def waterline(view: View, deep: Colour, foam: Colour) -> Cover:
    """Draw the water back over what is below the waterline, with foam along it and rings around."""
    seed, unit = int(view.rng.integers(2**62)), view.unit

    def cover(image: Array, clean: Clean | Array, feet: tuple[Footing, ...]) -> None:
        rng = np.random.default_rng(seed)
        for foot in feet:
            _wade(image, clean, foot, (deep, foam), unit=unit, free=_free(view.width, foot, feet), rng=rng)

    return cover


def _wade(
    image: Array, clean: Clean | Array, foot: Footing, colours: tuple[Colour, Colour], *, unit: float,
    free: Array, rng: np.random.Generator,
) -> None:  # fmt: skip
    wide = max(2.0, foot.x1 - foot.x0)
    wobble = profile(image.shape[1], 0.07 * unit, 4, rng) - 0.5
    streaks = profile(image.shape[1], 0.02 * unit, 3, rng)
    box = part_of(image.shape, foot.x0 - 0.7 * wide, foot.x1 + 0.7 * wide, foot.y - 0.10 * wide, foot.y + 4 * wide)
    if box is None:
        return
    rows, columns = _grid(box)
    phase = (columns - foot.x0) / wide * 26
    line = foot.y + (np.sin(phase) * 0.003 + wobble[None, box[1]] * 0.022) * wide
    under = smoothstep(-1.5, 1.5, rows - line)
    own = smoothstep(0.56, 0.50, np.abs(columns - (foot.x0 + foot.x1) / 2) / wide) * free[None, box[1]]
    sunk = under * smoothstep(-0.04 * wide, 0.24 * wide, rows - line) * own
    touched = np.abs(image[box] - clean[box]).max(axis=2) > 0.02
    there = array(cv2.blur(touched.astype(np.float32), (5, 5)))
    tinted = mix(image[box] * np.float32(0.45), colours[0], 0.30)
    _blend(image, box, tinted, array(under * there * own * 0.85))
    _blend(image, box, clean[box], array(np.clip(sunk * 1.05, 0, 1)))
    froth = np.exp(-(((rows - line) / max(1.0, 0.008 * wide)) ** 2)) * there * (0.35 + 0.9 * streaks[None, box[1]])
    _blend(image, box, colours[1], array(np.clip(froth * own, 0, 0.85)))
    _rings(image, box, foot, colours[1], wobble * free)


def _rings(image: Array, box: Box, foot: Footing, foam: Colour, wobble: Array) -> None:
    """Rings that run out from the body over the water, fading with the distance."""
    rows, columns = _grid(box)
    half = max(2.0, (foot.x1 - foot.x0) * 0.52)
    x, y = (columns - (foot.x0 + foot.x1) / 2) / half, (rows - foot.y - 0.02 * half) / (0.24 * half)
    d = np.sqrt(x * x + y * y)
    wave = np.sin((d - 1) * 15 - wobble[None, box[1]] * 9)
    fade = (
        np.exp(-np.clip(d - 1, 0, 9) * 1.8) * smoothstep(0.95, 1.1, d) * smoothstep(0.0, 0.25, 1.65 - np.abs(x) * 1.2)
    )
    fade = fade * smoothstep(-0.05 * half, 0.03 * half, rows - foot.y)
    image[box] += (np.clip(wave - 0.2, 0, 1) * fade * 0.35)[..., None] * foam
    image[box] *= 1 - (np.clip(-wave - 0.2, 0, 1) * fade * 0.16)[..., None]
