"""Drawing with flat shapes of any colour: houses, towers, books and shelves are made of thousands of them.

A `Plate` is a transparent sheet of 8 bits a channel, colours multiplied by their cover as in Porter and Duff,
"Compositing digital images", 1984. OpenCV fills soft-edged polygons on it directly, in colour, which costs
microseconds where a float mask for each shape would cost milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.pixels import SHIFT, Array, Colour

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from limner.engines.illustrator.backdrops.base import View

# Colours up to this value can be told: light that shall bloom is above 1.
HEADROOM = 1.25
CORNERS = [0, 1, 2, 1, 2, 3, 0, 3]
# Half a round, from the left over the top to the right, between two corners.
_TURNS = np.linspace(np.pi, 2 * np.pi, 7)
ARCH = np.array([(-1.0, 0.0), *zip(np.cos(_TURNS), np.sin(_TURNS), strict=True), (1.0, 0.0)])
Haze = tuple[Colour, Array]


@dataclass(frozen=True, slots=True, eq=False)
class Plate:
    """A sheet to draw on: `pixels` uint8 (H, W, 4), cover in the last channel.

    Places are in units: x from the middle, y down from the row `origin` (pixels), which is where the floor or
    the horizon is, so that a taller picture shows more above and below it. `scale` and `corner` turn them into OpenCV's
    fixed-point numbers.
    """

    view: View
    origin: float
    pixels: NDArray[np.uint8]
    scale: float
    corner: NDArray[np.float64]

    @classmethod
    def of(cls, view: View, origin: float) -> Plate:
        """Make an empty sheet; `origin` is a fraction of the picture's height."""
        row, fine = origin * view.height, 2.0**SHIFT
        pixels = np.zeros((view.height, view.width, 4), np.uint8)
        return cls(view, row, pixels, view.unit * fine, np.array([view.middle * fine, row * fine]))

    @property
    def half(self) -> float:
        """The distance from the middle to either side, in units."""
        return self.view.width / self.view.unit / 2

    @property
    def top(self) -> float:
        """The upper edge, in units (negative)."""
        return -self.origin / self.view.unit

    @property
    def bottom(self) -> float:
        """The lower edge, in units."""
        return (self.view.height - self.origin) / self.view.unit

    def _ink(self, colour: ArrayLike) -> tuple[float, float, float, float]:
        red, green, blue = (min(255.0, max(0.0, v * 255 / HEADROOM)) for v in np.asarray(colour).tolist())
        return red, green, blue, 255.0

    def _placed(self, points: ArrayLike) -> NDArray[np.int32]:
        places: NDArray[np.int32] = np.rint(np.asarray(points) * self.scale + self.corner).astype(np.int32)
        return places

    def draw(self, points: ArrayLike, colour: ArrayLike) -> None:
        """Fill a polygon (k, 2), or many with the same number of corners (n, k, 2) that do not overlap."""
        placed = self._placed(points)
        many = [placed] if placed.ndim == 2 else list(placed)
        if many:
            cv2.fillPoly(self.pixels, many, self._ink(colour), cv2.LINE_AA, SHIFT)

    def line(self, points: ArrayLike, colour: ArrayLike, thick: float) -> None:
        """Draw a line through the points, `thick` units wide (at least a pixel), or many lines (n, k, 2)."""
        placed = self._placed(points)
        many = [placed] if placed.ndim == 2 else list(placed)
        width = max(1, round(thick * self.view.unit))
        cv2.polylines(
            self.pixels, many, isClosed=False, color=self._ink(colour), thickness=width, lineType=cv2.LINE_AA,
            shift=SHIFT,
        )  # fmt: skip

    def boxes(self, places: ArrayLike, colour: ArrayLike) -> None:
        """Fill upright rectangles, each (x0, y0, x1, y1)."""
        ends = np.asarray(places, dtype=np.float64).reshape(-1, 4)
        self.draw(ends[:, CORNERS].reshape(-1, 4, 2), colour)

    def ovals(self, places: ArrayLike, colour: ArrayLike, turn: tuple[float, float] = (0.0, 2.0)) -> None:
        """Fill ovals, each (x, y, half width, half height); `turn` is the part drawn, in half turns from the right."""
        x, y, a, b = np.asarray(places, dtype=np.float64).reshape(-1, 4, 1).transpose(1, 0, 2)
        angle = np.linspace(turn[0] * np.pi, turn[1] * np.pi, 24)[None]
        self.draw(np.stack([x + a * np.cos(angle), y + b * np.sin(angle)], 2), colour)

    def arches(self, places: ArrayLike, colour: ArrayLike) -> None:
        """Fill openings with a round top, each (middle, top, half width, bottom)."""
        given = np.asarray(places, dtype=np.float64).reshape(-1, 4)
        if not len(given):
            return
        x, top, half, bottom = given.T[:, :, None]
        shape = np.empty((len(given), len(ARCH), 2))
        shape[..., 0], shape[..., 1] = x + half * ARCH[:, 0], top + half * (1 + ARCH[:, 1])
        shape[:, [0, -1], 1] = bottom
        self.draw(shape, colour)

    def pads(self, places: ArrayLike, radius: float, colour: ArrayLike) -> None:
        """Fill rectangles with round corners, each (x0, y0, x1, y1)."""
        x0, y0, x1, y1 = np.asarray(places, dtype=np.float64).reshape(-1, 4, 1).transpose(1, 0, 2)
        angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)[None] + np.pi / 24
        across, down = np.cos(angle), np.sin(angle)
        r = np.minimum(radius, 0.5 * np.minimum(np.abs(x1 - x0), np.abs(y1 - y0)))
        x = np.where(across > 0, x1 - r, x0 + r) + r * across
        y = np.where(down > 0, y1 - r, y0 + r) + r * down
        self.draw(np.stack([x, y], 2), colour)

    def lay(self, canvas: Array, haze: Haze | None = None) -> None:
        """Lay the sheet over a canvas of its size, in place; `haze` is a colour and how much of it (rows, 1)."""
        rows = np.flatnonzero(self.pixels[..., 3].any(axis=1))
        if not len(rows):
            return
        part = slice(int(rows[0]), int(rows[-1]) + 1)
        pixels = self.pixels[part]
        if haze is not None:
            pixels = _veiled(pixels, haze[0], haze[1][part])
        there = canvas[part]
        cover = cv2.extractChannel(pixels, 3)
        keep = cv2.addWeighted(cover, -1 / 255, cover, 0, 1, dtype=cv2.CV_32F)
        cv2.multiply(there, cv2.merge([keep, keep, keep]), dst=there)
        ink = cv2.cvtColor(pixels, cv2.COLOR_RGBA2RGB).astype(np.float32)
        cv2.scaleAdd(ink, HEADROOM / 255, there, dst=there)


def _veiled(pixels: NDArray[np.uint8], colour: Colour, amount: Array) -> NDArray[np.uint8]:
    """Give what is drawn as it looks through haze of a colour, so much of it in every row."""
    cover = cv2.extractChannel(pixels, 3)
    veil = [cv2.convertScaleAbs(cover, alpha=float(v) / HEADROOM) for v in colour]
    share = np.repeat(amount.astype(np.float32), pixels.shape[1], axis=1)
    mixed = cv2.blendLinear(np.ascontiguousarray(pixels), cv2.merge([*veil, cover]), np.float32(1) - share, share)
    return np.asarray(mixed, dtype=np.uint8)
