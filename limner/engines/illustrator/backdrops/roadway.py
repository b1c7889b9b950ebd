"""The ground of a street: cobbles or asphalt, kerbs, pavements, a crossing; dry, mirroring in the rain, or snowed in.

All is told first as two fields, how bright the stone is and how much is left in its joints, and coloured once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.backdrops.air import Air, tint_of
from limner.engines.illustrator.backdrops.base import View
from limner.engines.illustrator.backdrops.facades import EYE, FOCUS, WALL, Mood
from limner.engines.illustrator.backdrops.land import ground_noise
from limner.engines.illustrator.pixels import Array, Colour, add, array, fbm, mix, resize, rgb, shade, smoothstep

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Time

KERB, COBBLE, SLAB = 3.0, 0.21, 0.62
CROSSING = (8.35, 10.65)
# the colours of the stone, and how much of the street it mirrors when it is dry
ROAD: dict[Time, tuple[str, str, float]] = {
    "day": ("#6e6d70", "#a8a5a0", 0.06), "golden": ("#5e5058", "#b08e7c", 0.12), "night": ("#2c3044", "#626680", 0.26),
}  # fmt: skip


def roadway(image: Array, view: View, air: Air, mood: Mood, *, horizon: float, rng: np.random.Generator) -> None:
    """Lay road and pavements between the houses from the horizon (a fraction of the height) down, in place."""
    top = round(horizon * view.height) + 1
    down = (np.arange(top, view.height, dtype=np.float32)[:, None] + 0.5 - horizon * view.height) / view.unit
    z = array(FOCUS * EYE / np.maximum(down, 0.004))
    across = array(np.clip(view.across() * z / FOCUS, -40, 40))
    aside = np.abs(across)
    rough = ground_noise(view, array(z * 0.45), 0.8, rng)
    colour = _snow(air, aside, rough) if mood.snow is not None else _stones(view, air, mood, (across, z), rough)
    if mood.snow is None:
        wet = 0.62 if view.weather in ("rain", "storm") else ROAD[view.time][2]
        seen = _mirrored(image, view, (down, horizon), rough, rng)
        share = array(wet * smoothstep(0.85, 0.30, rough))
        colour = array(cv2.blendLinear(seen, colour, share, np.float32(1) - share))
    veil = array(1 - np.exp(-z * mood.thick))
    colour *= 1 - veil[..., None]
    colour += veil[..., None] * air.horizon
    shade(colour, array(1 - np.float32(0.28) * np.exp(-(((WALL - aside) / 0.25) ** 2))))
    if mood.shops > 0.3:
        spill = np.exp(np.clip(aside - WALL, -9, 0) / np.float32(1.5)) * smoothstep(2.0, 4.0, z)
        add(colour, rgb("#ffb868"), array(spill * np.float32(0.27 * (mood.shops - 0.25))))
    inside = array(np.clip((np.float32(WALL) - aside) * (np.float32(view.unit) / z) + np.float32(0.5), 0, 1))
    image[top:] = cv2.blendLinear(colour, image[top:], inside, np.float32(1) - inside)


def _stones(view: View, air: Air, mood: Mood, places: tuple[Array, Array], rough: Array) -> Array:
    """Pave: cobbles in courses on an old road, else asphalt; slabs on the pavements, kerbs between, a crossing."""
    dark, bright = _colours(view, air)
    across, z = places
    aside = np.abs(across)
    tone = np.clip((rough - np.float32(0.5)) * np.float32(1.5) + np.float32(0.42), 0, 1)
    walk = smoothstep(KERB - 0.02, KERB + 0.02, aside)
    bright_there = tone * np.float32(0.55) + walk * np.float32(0.45)
    joints = _joints(across, z, SLAB, view.unit) * walk
    if mood.old:
        joints += _joints(across, z, COBBLE, view.unit) * (1 - walk)
    kerb = np.exp(np.abs(aside - np.float32(KERB)) * np.float32(-16))
    bright_there += kerb * (1 - bright_there)
    factor = (1 - np.float32(0.34) * joints * (1 - kerb)) * (1 + np.float32(0.08) * walk)
    colour = mix(dark, bright, array(bright_there)[..., None])
    shade(colour, array(factor))
    if not mood.old and not mood.neon:
        _crossing(colour, places, view.unit, (rgb("#f2f0ea") * air.brightness, tone))
    return colour


def _colours(view: View, air: Air) -> tuple[Colour, Colour]:
    """Give the stone's dark and bright colour under this sky."""
    light = np.minimum(air.brightness * 1.1 + 0.05, 1.1) * tint_of(view.palette)
    dark, bright, _ = ROAD[view.time]
    return array(rgb(dark) * light), array(rgb(bright) * light)


def _joints(across: Array, z: Array, cell: float, unit: float) -> Array:
    """Find the joints of stones of `cell` metres laid in courses by turns; they fade where they are too fine to see."""
    start = int(np.argmax(z[:, 0] < 0.95 * np.sqrt(unit * cell / 0.6)))
    joints = np.zeros(across.shape, np.float32)
    if not len(z[start:]):
        return joints
    far, x = z[start:], across[start:]
    pixel = far / np.float32(unit)
    course = far / np.float32(cell)
    place = x / np.float32(cell) + np.floor(course) * np.float32(0.5)
    off = np.abs(place - np.rint(place)) / (0.05 + pixel / np.float32(cell))
    along = np.abs(course - np.rint(course)) / (0.05 + 0.6 * pixel * far / np.float32(cell))
    fade = smoothstep(0.9, 0.2, pixel * far * np.float32(0.6 / cell))
    joints[start:] = smoothstep(1.2, 0.2, np.minimum(off, along)) * fade
    return joints


def _crossing(colour: Array, places: tuple[Array, Array], unit: float, paint: tuple[Colour, Array]) -> None:
    """Paint the stripes of a crossing, worn as the tone of the stone is, in place."""
    white, tone = paint
    rows = np.flatnonzero((places[1][:, 0] > CROSSING[0]) & (places[1][:, 0] < CROSSING[1]))
    if not len(rows):
        return
    part = slice(int(rows[0]), int(rows[-1]) + 1)
    x = places[0][part]
    stripe = x / np.float32(0.9)
    sharp = np.float32(0.9 * unit) / places[1][part]
    inside = np.float32(0.25) - np.abs(stripe - np.floor(stripe) - np.float32(0.25))
    there = np.clip(inside * sharp + np.float32(0.5), 0, 1) * (np.abs(x) < KERB - 0.25)
    colour[part] = mix(colour[part], white, array(there * (0.38 + 0.42 * tone[part]))[..., None])


def _snow(air: Air, aside: Array, rough: Array) -> Array:
    """Cover road and pavements with snow, trodden in two tracks."""
    tracks = np.exp(-(((aside - 0.95) / 0.34) ** 2)) * np.float32(0.32)
    edge = np.exp(-(((aside - KERB) / 0.12) ** 2)) * np.float32(0.10)
    tone = np.clip(np.float32(0.345) + np.float32(0.75) * rough - tracks - edge, 0, 1)
    light = np.minimum(air.brightness * 1.15 + 0.05, 1.05)
    return mix(rgb("#8f9cc6") * light, rgb("#fbfcff") * light, array(tone)[..., None])


def _mirrored(image: Array, view: View, ground: tuple[Array, float], rough: Array, rng: np.random.Generator) -> Array:
    """Give what a wet ground mirrors: every column turned over at the foot of the house that stands in it.

    It is rippled and drawn out downwards, so half the size holds all there is.
    """
    down, horizon = ground
    h, w = max(2, len(down) // 2), max(2, view.width // 2)
    half = View(w, max(2, view.height // 2), view.time, view.weather, view.detail, rng)
    small = resize(image, half.width, half.height)
    foot = np.abs(half.across()) * np.float32(EYE / WALL)
    below = (np.arange(h, dtype=np.float32)[:, None] + np.float32(0.5)) * np.float32(down[-1, 0] / h)
    wave = (fbm(h, w, 0.03 * half.unit, 3, rng, aspect=5.0) - np.float32(0.5)) * np.float32(0.030)
    rows = (2 * foot - below * np.float32(0.92) + wave) * np.float32(half.unit) + np.float32(horizon * half.height)
    jitter = wave + (resize(rough, w, h) - np.float32(0.5)) * np.float32(0.02)
    columns = np.arange(w, dtype=np.float32)[None] + jitter * np.float32(0.4 * half.unit)
    drawn = cv2.blur(small, (max(1, round(0.004 * half.unit)), max(1, round(0.020 * half.unit))))
    seen = cv2.remap(array(drawn), array(columns), array(rows), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    return resize(array(seen), view.width, len(down)) * np.float32(0.92)
