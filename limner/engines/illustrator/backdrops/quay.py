"""A stone quay along the foot of a picture, with a kerb, joints, bollards and what the water throws up on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.backdrops.land import depth, ground_noise
from limner.engines.illustrator.backdrops.plate import Plate
from limner.engines.illustrator.pixels import Array, array, blur, mix, resize, rgb, smoothstep

if TYPE_CHECKING:
    from limner.engines.illustrator.backdrops.air import Air
    from limner.engines.illustrator.backdrops.base import View
    from limner.engines.illustrator.scene import Time

EDGE = 0.888
STONE: dict[Time, tuple[str, str]] = {
    "day": ("#8b8c92", "#c9c5be"), "golden": ("#4a3358", "#a8687c"), "night": ("#23264a", "#555a86"),
}  # fmt: skip


def quay(image: Array, view: View, air: Air, rng: np.random.Generator) -> None:
    """Lay the quay, in place: worn slabs that mirror the sky a little, wet in the rain, white in the snow."""
    top = round(EDGE * view.height)
    far = depth(view, top, 0.5)
    rough = ground_noise(view, far, 0.9, rng)
    dark, bright = (rgb(c) for c in STONE[view.time])
    lit = np.minimum(air.brightness * 1.08, 1.1) if view.time == "day" else array((1.0, 1.0, 1.0))
    slabs = mix(dark * lit, bright * lit, np.clip(rough * 1.5 - 0.25, 0, 1)[..., None])
    slabs *= (1 - np.float32(0.30) * _joints(view, far))[..., None]
    above = np.ascontiguousarray(image[max(0, top - 3 * len(far)) : top][::-1])
    seen = resize(blur(above, 0.012 * view.unit), view.width, len(far))
    wet = 0.62 if view.weather in ("rain", "storm") else 0.30
    slabs = mix(slabs, seen, (wet * smoothstep(0.80, 0.25, rough))[..., None])
    if view.weather == "snow":
        snow = rgb("#eef2ff") * np.minimum(air.brightness * 1.2 + 0.06, 1)
        slabs = mix(slabs, snow * (np.float32(0.80) + np.float32(0.3) * rough)[..., None], 0.92)
    image[top:] = slabs
    _kerb(image, view, air)


def _joints(view: View, far: Array) -> Array:
    """Find the joints between the slabs, laid in courses like bricks."""
    course = np.floor(far * np.float32(4.2))
    x = view.across() * far * np.float32(3.0) + course * np.float32(0.5)
    across = np.abs(x - np.round(x)) / (0.006 + 1.6 * far / view.unit)
    z = far * np.float32(4.2)
    along = np.abs(z - np.round(z)) / (0.012 + 4.0 * far * far / view.unit)
    return array(np.maximum(smoothstep(1.5, 0.3, across), smoothstep(1.5, 0.3, np.repeat(along, view.width, axis=1))))


def _kerb(image: Array, view: View, air: Air) -> None:
    """Set the kerb's bright edge and dark face where the quay ends, with bollards and a rope, in place."""
    plate = Plate.of(view, EDGE)
    dark, bright = (rgb(c) for c in STONE[view.time])
    lit = air.brightness if view.time == "day" else array((1.0, 1.0, 1.0))
    plate.boxes([(-9, -0.012, 9, 0.002)], dark * lit * np.float32(0.55))
    plate.boxes([(-9, -0.005, 9, 0.004)], rgb("#f0f3ff") * air.brightness if view.weather == "snow" else bright * lit)
    for k in range(-6, 7):
        x = (k + 0.5) * 0.19
        plate.boxes([(x - 0.007, -0.030, x + 0.007, 0.006)], dark * lit * np.float32(0.45))
        plate.ovals(
            [
                (x, -0.030, 0.010, 0.005),
            ],
            dark * lit * np.float32(0.70),
        )
        sag = np.linspace(-1, 1, 9)
        rope = np.stack([x + 0.095 + 0.095 * sag, -0.024 + 0.014 * (1 - sag**2)], 1)
        plate.line(rope, dark * lit * np.float32(0.40), 0.0016)
    plate.lay(image)
