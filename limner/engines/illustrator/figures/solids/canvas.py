"""A skin's canvas: the unrolled surface of a turned body, t from the upper end down, u once around."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.pixels import Array, array, mix, resize, rgb

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

WRAP = 2
PIT = 11.0


@dataclass(frozen=True, slots=True, eq=False)
class Skin:
    """A painted skin: colours uint8 (h, w, 4), sRGB and the light left in its pits; and how far it stands out (h, w).

    Heights are in shares of the body's radius.
    """

    colours: NDArray[np.uint8]
    bump: Array | None = None


@dataclass(slots=True)
class Canvas:
    """What a skin is painted on: h rows along the outline by w columns once around, and the noise to paint with."""

    h: int
    w: int
    rng: np.random.Generator
    fine: bool

    def along(self) -> Array:
        """Give the place along the outline of every row, 0..1, shape (h, 1)."""
        return array((np.arange(self.h, dtype=np.float32) + 0.5) / np.float32(self.h))[:, None]

    def around(self) -> Array:
        """Give the angle about the axis of every column, -pi..pi, shape (1, w)."""
        return array(((np.arange(self.w, dtype=np.float32) + 0.5) / np.float32(self.w) * 2 - 1) * np.pi)[None]

    def filled(self, colour: ArrayLike | str) -> Array:
        """Give the whole canvas in one colour, float32 (h, w, 3)."""
        return np.broadcast_to(rgb(colour), (self.h, self.w, 3)).astype(np.float32)

    def noise(self, around: int, along: int) -> Array:
        """Give smooth noise with so many cells around and along, about -1..1; it closes around."""
        around, along = min(around, self.w), min(along, self.h)
        # smooth noise is made small and enlarged, which is cheaper than making it large
        reduction = 4 if self.w >= 24 * around and self.h >= 24 * along else 1
        h, w = self.h // reduction, self.w // reduction
        cells = self.rng.random((along + 2, around), dtype=np.float32)
        wide = np.hstack([cells[:, -WRAP:], cells, cells[:, :WRAP]])
        edge = round(WRAP * w / around)
        size = w + 2 * edge, round(h * (along + 2) / along)
        smooth = array(cv2.resize(wide, size, interpolation=cv2.INTER_CUBIC))
        top = (size[1] - h) // 2
        return resize(array((smooth[top : top + h, edge : edge + w] - 0.5) * 1.7), self.w, self.h)

    def dots(self, count: int, size: tuple[float, float], along: tuple[float, float] = (0.06, 0.94)) -> Array:
        """Scatter dots, 0..1 (h, w): so many on the canvas, of a size in shares of its height, between two places."""
        mask = np.zeros((self.h, self.w), np.uint8)
        places = self.rng.random((count, 4))
        for u, t, share, strength in places:
            row = along[0] + (along[1] - along[0]) * t
            # a dot is a circle on the skin, and the skin's rings are shorter towards the ends
            squash = 1 / max(0.25, float(np.sin(np.pi * row)))
            radius = (size[0] + (size[1] - size[0]) * share) * self.h
            axes = max(1, round(radius * squash * 16)), max(1, round(radius * 16))
            centre = round(float(u) * self.w * 16), round(float(row) * self.h * 16)
            _ellipse(mask, centre, axes, 90 + 165 * float(strength))
        return array(mask) * np.float32(1 / 255)

    def pits(self, count: int, size: float) -> Array:
        """Scatter soft pits (or pebbles) all over, 0..1 (h, w), about so large in shares of the canvas's height."""
        dots = self.dots(count, (0.6 * size, size), (0.01, 0.99))
        return array(cv2.GaussianBlur(dots, (0, 0), max(0.5, 0.55 * size * self.h)))

    def grained(self, painted: Skin, amount: float) -> Skin:
        """Give a skin a fine grain, in colour and in height, that is only seen close by."""
        grain = 0.6 * self.noise(self.w // 3, self.h // 3) + 0.5 * self.noise(self.w // 8, self.h // 8)
        tone = 1 + np.float32(0.075 * amount) * grain
        colours = np.clip(painted.colours[..., :3] * tone[..., None], 0, 255).astype(np.uint8)
        height = np.float32(0.00022 * amount) * grain
        bump = height if painted.bump is None else painted.bump + height
        return Skin(np.asarray(cv2.merge([colours, painted.colours[..., 3]]), np.uint8), array(bump))


def _ellipse(mask: NDArray[np.uint8], centre: tuple[int, int], axes: tuple[int, int], value: float) -> None:
    middle = (centre[0] / 16, centre[1] / 16), (axes[0] / 8, axes[1] / 8), 0.0
    if max(axes) < 12:
        cv2.circle(mask, centre, max(axes), value, -1, cv2.LINE_AA, 4)
        return
    cv2.ellipse(mask, middle, value, -1, cv2.LINE_AA)


def blend(a: Array, b: ArrayLike | str, share: Array) -> Array:
    """Blend a canvas towards a colour (or another canvas) by a share per texel; shares broadcast along either axis."""
    full = np.broadcast_to(share, a.shape[:2])
    return mix(a, rgb(b) if isinstance(b, str) else b, np.ascontiguousarray(full)[..., None])


def skin(colours: Array, bump: Array | None = None) -> Skin:
    """Finish a skin from float colours."""
    painted = np.round(np.clip(colours, 0, 1) * 255).astype(np.uint8)
    left = np.full(painted.shape[:2], 255, np.uint8)
    if bump is not None:
        reach = max(3, painted.shape[0] // 12)
        deep = cv2.blur(bump, (reach, reach)) - bump
        left = np.round(np.clip(1.08 - deep * np.float32(PIT), 0.3, 1) * 255).astype(np.uint8)
    return Skin(np.asarray(cv2.merge([*cv2.split(painted), left]), np.uint8), bump)
