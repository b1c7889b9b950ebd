"""What falls and drifts through the air: snow, rain, fog and the dark of a storm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.backdrops.base import Backdrop, Clean, Cover, Footing, Front, Haze, Scenery, View
from limner.engines.illustrator.backdrops.fronts import part_of
from limner.engines.illustrator.backdrops.growth import dots
from limner.engines.illustrator.backdrops.land import depth, sample, tile
from limner.engines.illustrator.backdrops.wonders import drifting, rays
from limner.engines.illustrator.pixels import (
    SHIFT,
    Array,
    Colour,
    add,
    array,
    blur,
    fbm,
    fixed,
    fork,
    over,
    rgb,
    smoothstep,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from limner.engines.illustrator.scene import Weather


SNOW, RAIN = rgb("#f4f7ff"), rgb("#ccd8e4")
HAZES: dict[Weather, tuple[float, float]] = {
    # what is lost in the haze on the horizon, and close by
    "clear": (0.30, 0.0), "fog": (0.85, 0.06), "rain": (0.42, 0.03), "snow": (0.45, 0.04), "storm": (0.42, 0.03),
}  # fmt: skip


def snowflakes(view: View, count: int, *, near: bool, rng: np.random.Generator) -> Array:
    """Draw falling snow as a mask: small sharp flakes, or (near) large ones out of focus."""
    many = rng.random((count, 4))
    x = view.middle + (many[:, 0] - 0.5) * max(1.8, view.width / view.unit) * view.unit
    low, high = (0.004, 0.009) if near else (0.0009, 0.0036)
    radius = (low + (high - low) * many[:, 2] ** 2) * view.unit
    value = (0.16 + 0.25 * many[:, 3]) if near else (0.35 + 0.6 * many[:, 3])
    dim = np.minimum(1.0, radius / 0.7)
    spots = dots(
        view.height, view.width, np.stack([x, many[:, 1] * view.height, np.maximum(radius, 0.7), value * dim], 1)
    )
    return blur(spots, 0.0025 * view.unit) if near else spots


def rain(view: View, count: int, rng: np.random.Generator) -> Array:
    """Draw streaks of rain as a mask, slanting a little, more in a storm."""
    mask = np.zeros((view.height, view.width), np.uint8)
    many = rng.random((count, 4))
    slant = -0.16 if view.weather == "rain" else -0.34
    for a, b, c, d in many:
        x = view.middle + (a - 0.5) * max(1.8, view.width / view.unit) * view.unit
        y, length = b * 1.1 * view.height, (0.02 + 0.05 * c) * view.unit
        ends = fixed([(x, y), (x + slant * length, y - length)])
        cv2.line(
            mask, ends[0].tolist(), ends[1].tolist(), 40 + 120 * d, max(1, round(view.unit / 900)), cv2.LINE_AA, SHIFT
        )
    soft = blur(array(mask) * np.float32(1 / 255), 0.0006 * view.unit)
    return array(soft * np.float32(0.38 if view.time == "night" else 0.55))


def fog(image: Array, view: View, horizon: float, rng: np.random.Generator) -> None:
    """Veil the distance: thickest at the horizon, thin overhead and before the viewer's feet, in place."""
    h, w = max(2, view.height // 4), max(2, view.width // 4)
    y = ((np.arange(h, dtype=np.float32) + 0.5) / h)[:, None]
    band = smoothstep(horizon - 0.42, horizon - 0.02, y) * smoothstep(horizon + 0.34, horizon - 0.02, y)
    drift = fbm(h, w, 0.09 * view.unit, 4, rng, aspect=2.6)
    veil = array(np.clip(band * (0.55 + 0.75 * drift) * 0.8, 0, 0.9))
    bright = {"day": 1.0, "golden": 0.92, "night": 0.40}[view.time]
    colour = rgb({"day": "#d9dfe2", "golden": "#f0cfa8", "night": "#8ea4ee"}[view.time]) * bright
    large = cv2.resize(veil, (view.width, view.height), interpolation=cv2.INTER_LINEAR)[..., None]
    image += (colour - image) * large


def puddles(image: Array, view: View, top: float, reach: float, rng: np.random.Generator) -> None:
    """Wet the open ground below `top` (a fraction), in place: it darkens, and puddles mirror what stands above it.

    They lie within `reach` units of the middle.
    """
    row = round(top * view.height)
    h = view.height - row
    part = image[row:]
    far = depth(view, row, 0.16)
    pools = (
        sample(tile(40, 40, rng), view, far, 0.30, 0.42) * 0.7 + sample(tile(11, 11, rng), view, far, 0.30, 0.42) * 0.3
    )
    pools = pools - np.float32(0.3) * smoothstep(reach - 0.08, reach, np.abs(view.across()))
    wet = smoothstep(0.60, 0.64, pools)
    mirror = cv2.GaussianBlur(image[max(0, row - h) : row][::-1], (0, 0), max(0.8, 0.004 * view.unit))
    mirror = np.asarray(cv2.resize(mirror, (view.width, h), interpolation=cv2.INTER_LINEAR), np.float32)
    part *= np.float32(0.90)
    rim = smoothstep(0.56, 0.60, pools) * (1 - wet)
    part *= (1 - np.float32(0.28) * rim)[..., None]
    over(part, array(mirror * np.float32(0.92)), array(wet * np.float32(0.62)))


def rings(image: Array, view: View, top: float, rng: np.random.Generator) -> None:
    """Let drops draw rings on water or wet ground below `top` (a fraction), in place."""
    light = np.zeros((view.height, view.width), np.uint8)
    for a, b, c in rng.random((110, 3)):
        near = b**0.8
        x = view.middle + (a - 0.5) * max(1.6, view.width / view.unit) * view.unit
        y = (top + (1 - top) * near) * view.height
        r = (0.003 + 0.020 * near) * (0.4 + 0.8 * c) * view.unit
        at, size = fixed((x, y)).tolist(), fixed((r, 0.32 * r)).tolist()
        cv2.ellipse(light, at, size, 0, 0, 360, 70 + 110 * (1 - c), 1, cv2.LINE_AA, SHIFT)
    add(image, (0.55, 0.60, 0.66), array(light) * np.float32(0.7 / 255 * (0.5 if view.time == "night" else 1.0)))


def _falling(view: View, made: Scenery, rng: np.random.Generator) -> None:
    image = made.image
    if view.weather == "snow":
        over(image, SNOW * _dim(view), snowflakes(view, 420, near=False, rng=rng))
    elif view.weather == "fog":
        fog(image, view, made.horizon, rng)
    elif view.weather == "rain":
        over(image, RAIN * _dim(view), rain(view, 420, rng))
    elif view.weather == "storm":
        over(image, RAIN * _dim(view), rain(view, 520, rng))


def _dim(view: View) -> np.float32:
    return np.float32(0.78 if view.time == "night" else 1.0)


def _near(view: View, rng: np.random.Generator) -> tuple[Array, Colour] | None:
    """Draw the weather that falls between the viewer and the subjects: a mask and its colour, or None."""
    if view.weather == "snow":
        sharp, soft = snowflakes(view, 70, near=False, rng=rng), snowflakes(view, 26, near=True, rng=rng)
        return array(np.maximum(sharp, soft)), array(SNOW * _dim(view))
    if view.weather in ("rain", "storm"):
        return rain(view, 130, rng), RAIN
    return None


def _before(cover: Cover | None, clean: Clean | Array, near: tuple[Array, Colour] | None) -> Front | None:
    """Join what covers the feet with the weather that falls before the subjects."""
    if cover is None and near is None:
        return None

    def front(image: Array, feet: tuple[Footing, ...]) -> None:
        if cover:
            cover(image, clean, feet)
        for foot in feet if near else ():
            wide = 1.1 * (foot.x1 - foot.x0)
            box = part_of(image.shape, foot.x0, foot.x1, foot.y - 4 * wide, foot.y + wide)
            if near and box:
                changed = np.abs(image[box] - clean[box]).max(axis=2) > 0.02
                over(image[box], near[1], array(near[0][box] * changed))

    return front


def haze_of(view: View, image: Array, made: Scenery) -> Haze:
    """Tell the haze of a finished place: its colour is what the picture shows around the horizon."""
    row = int(np.clip(made.horizon * view.height, 1, view.height - 1))
    band = image[max(0, row - max(2, view.height // 40)) : row + 1]
    thick, thin = HAZES[view.weather]
    return Haze(array(np.minimum(band.mean(axis=(0, 1)), 1)), made.horizon, made.ground[1], thick, thin)


def _wet(view: View, made: Scenery, rng: np.random.Generator) -> None:
    """Let the rain lie on the ground and ring on the water, in place."""
    if made.surface in ("grass", "sand", "leaves"):
        puddles(made.image, view, made.ground[0] - 0.02, made.open, fork(rng))
    if made.surface in ("grass", "sand", "leaves", "water"):
        rings(made.image, view, made.ground[0] - 0.02, fork(rng))


def weathered(place: Callable[[View], Scenery]) -> Callable[[View], Backdrop]:
    """Make a backdrop of an open place, with its weather behind the subjects and before them."""

    def painted(view: View) -> Backdrop:
        rng = fork(view.rng)
        made = place(view)
        extra = fork(rng)
        if view.weather in ("rain", "storm"):
            _wet(view, made, fork(extra))
        if "rays" in view.details and made.sun:
            rays(made.image, made.sun, array(made.light.key * made.light.key), 0.30, fork(extra))
        _falling(view, made, rng)
        near = _near(view, rng)
        haze = haze_of(view, made.image, made)
        if near:
            over(made.image, near[1], near[0])
        if view.details & {"autumn", "blossom"} and made.surface in ("grass", "leaves"):
            drifting(made.image, view, array(made.light.key * 0.7 + made.light.up * 0.6), rng=fork(extra))
        front = _before(made.cover, Clean.of(made.image), near)
        return _finished(made, front, haze)

    return painted


def sheltered(place: Callable[[View], Scenery]) -> Callable[[View], Backdrop]:
    """Make a backdrop of a place that no weather reaches."""

    def painted(view: View) -> Backdrop:
        made = place(view)
        front = _before(made.cover, Clean.of(made.image), None) if made.cover else None
        return _finished(made, front, None)

    return painted


def _finished(made: Scenery, front: Front | None, haze: Haze | None) -> Backdrop:
    ground = made.horizon, made.ground, made.light, made.surface
    return Backdrop(made.image, *ground, front, haze, made.pond, made.banks)
