"""The picture while it is painted: light so far, who is seen where, and in clear pictures how much is covered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.pixels import Array, array, blur, glow, over, resize, smoothstep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from limner.engines.illustrator.figures.relief import Figure
    from limner.engines.illustrator.figures.shadows import Shade

Window = tuple[slice, slice]
POLISH = 0.30
# How far what shines glows, in shares of its size, and how brightly.
GLOW, GLOWING = 0.95, 0.62
SHADOW_TINT = (0.95, 0.94, 0.90)


@dataclass(slots=True)
class Easel:
    """A picture in the making.

    `canvas` is float32 (H, W, 3), multiplied by the cover where there is one; `owner` (H, W) holds for every pixel
    the number of the figure seen there, 0 for none; `tinted` how far its colour is one that was asked for.
    """

    canvas: Array
    owner: NDArray[np.uint16]
    tinted: Array
    cover: Array | None = None

    @classmethod
    def on(cls, image: Array) -> Easel:
        """Make an easel with a picture of the place on it, which it paints over."""
        h, w = image.shape[:2]
        return cls(image, np.zeros((h, w), np.uint16), np.zeros((h, w), np.float32))

    @classmethod
    def clear(cls, width: int, height: int) -> Easel:
        """Make an easel with nothing on it."""
        empty = np.zeros((height, width), np.float32)
        return cls(np.zeros((height, width, 3), np.float32), np.zeros((height, width), np.uint16), empty, empty.copy())

    def window(self, x: int, y: int, w: int, h: int) -> tuple[Window, Window] | None:
        """Give the part of a (w, h) image at (x, y) that is inside: as slices of the picture and of the image."""
        height, width = self.owner.shape
        x0, y0, x1, y1 = max(0, x), max(0, y), min(width, x + w), min(height, y + h)
        if x1 <= x0 or y1 <= y0:
            return None
        return (slice(y0, y1), slice(x0, x1)), (slice(y0 - y, y1 - y), slice(x0 - x, x1 - x))

    def shade(self, shade: Shade) -> None:
        """Take light away from the ground; a clear picture gets a dark veil instead."""
        found = self.window(shade.x, shade.y, shade.amount.shape[1], shade.amount.shape[0])
        if found is None:
            return
        here, there = found
        amount = np.ascontiguousarray(shade.amount[there])
        keep = [array(1 - amount * np.float32(tint)) for tint in SHADOW_TINT]
        self.canvas[here] = cv2.multiply(np.ascontiguousarray(self.canvas[here]), cv2.merge(keep))
        if self.cover is not None:
            self.cover[here] += (1 - self.cover[here]) * amount

    def lay(self, figure: Figure, x: int, y: int, number: int, changed: Array | None) -> None:
        """Paint a figure with its corner at (x, y) over what is there, and note that it is seen there."""
        found = self.window(x, y, figure.width, figure.height)
        if found is None:
            return
        here, there = found
        if figure.light is not None and self.cover is None:
            colour, (across, down) = figure.light
            reach = GLOW * max(figure.width, figure.height)
            glow(self.canvas, (x + across * figure.width, y + down * figure.height), reach, colour, GLOWING)
        alpha = np.ascontiguousarray(figure.alpha[there])
        over(self.canvas[here], figure.colour[there], alpha)
        if self.cover is not None:
            self.cover[here] += (1 - self.cover[here]) * alpha
        self.owner[here][alpha > 0.5] = number
        tint = changed[there] * alpha if changed is not None else np.float32(0)
        self.tinted[here] = np.where(alpha > 0.02, tint, self.tinted[here])

    def mirror(self, figure: Figure, x: int, y: int, waterline: int, number: int) -> None:
        """Paint a figure's reflection on water, from the waterline down, broken by ripples and fading."""
        above = min(figure.height, waterline - y)
        deep = round(above * 0.55)
        found = self.window(x, waterline, figure.width, deep)
        if found is None or deep < 4:
            return
        here, there = found
        size = max(figure.width, above)
        colour = blur(resize(np.ascontiguousarray(figure.colour[:above][::-1]), figure.width, deep), size / 90)
        alpha = blur(resize(np.ascontiguousarray(figure.alpha[:above][::-1]), figure.width, deep), size / 90)
        rows = np.arange(deep, dtype=np.float32)[:, None]
        ripple = np.sin(rows * np.float32(60 / (deep + 8)) + 0.006 * rows * rows / max(1, deep) * 40) * (0.02 * size)
        columns = np.arange(figure.width, dtype=np.float32)[None] + ripple * (0.2 + rows / deep)
        place = array(columns), array(np.repeat(rows, figure.width, axis=1))
        alpha = array(cv2.remap(alpha, *place, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT))
        alpha *= 0.42 * smoothstep(deep, 0, rows) * smoothstep(0, deep * 0.06 + 1, rows)
        shown = np.ascontiguousarray(alpha[there]) * np.isin(self.owner[here], (0, number))
        over(self.canvas[here], colour[there] * np.float32(0.62), array(shown))

    def polish(self, figure: Figure, x: int, y: int) -> None:
        """Paint what a varnished table mirrors of a figure that stands on it: its lowest part, upside down, blurred.

        It fades with the distance from the foot, as Fresnel's mirror does on what is looked at from above.
        """
        deep = round(0.42 * figure.height)
        found = self.window(x, y + figure.height - 2, figure.width, deep)
        if found is None or deep < 4:
            return
        here, there = found
        lowest = slice(figure.height - deep, figure.height)
        soft = max(0.6, 0.012 * figure.height)
        colour = blur(np.ascontiguousarray(figure.colour[lowest][::-1]), soft)
        alpha = blur(np.ascontiguousarray(figure.alpha[lowest][::-1]), soft)
        fade = np.linspace(POLISH, 0, deep, dtype=np.float32)[:, None]
        over(self.canvas[here], colour[there], np.ascontiguousarray((alpha * fade)[there]))

    def straight(self) -> Array:
        """Give the canvas with the cover divided out, ready to be graded; opaque pictures as they are."""
        if self.cover is None:
            return self.canvas
        return array(self.canvas / np.maximum(self.cover, 1 / 512)[..., None])
