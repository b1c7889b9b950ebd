"""What is put on a turned body: stems, leaves, handles. Drawn flat, swollen round, and lit like the body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.figures.solids.turning import curve
from limner.engines.illustrator.pixels import Array, array, blur, fixed, rgb

if TYPE_CHECKING:
    from numpy.typing import NDArray

Points = tuple[tuple[float, float], ...]
Frame = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Tube:
    """A round thing along a line: a stem, a handle. Points are (x, y up) in the body's picture.

    `radii` are told at even steps along the line; `takes` says that it has the body's colour in place of its own,
    `dark` how much light it lacks at its foot, and `rough` how grainy it is.
    """

    line: Points
    radii: tuple[float, ...]
    colour: str
    takes: bool = False
    dark: float = 0.45
    rough: float = 1.0

    def shape(self) -> Array:
        """Give its outline (n, 2)."""
        middle = curve(self.line, 10)
        along = np.linspace(0, 1, len(middle))
        radius = np.interp(along, np.linspace(0, 1, len(self.radii)), self.radii)[:, None]
        step = np.gradient(middle, axis=0)
        side = np.stack([-step[:, 1], step[:, 0]], axis=1) / (np.hypot(step[:, 0], step[:, 1])[:, None] + 1e-9)
        return array(np.vstack([middle + side * radius, (middle - side * radius)[::-1]]))


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf: from a point, so long, at an angle (radians, 0 to the right), its width a share of its length."""

    at: tuple[float, float]
    length: float
    angle: float
    wide: float = 0.32
    colour: str = "#4f8a2f"
    takes: bool = False
    dark: float = 0.12

    def shape(self) -> Array:
        """Give its outline (n, 2): a bowed lens."""
        t = np.linspace(0, 1, 24)
        bow = 0.14 * np.sin(np.pi * t)
        half = self.wide / 2 * np.sin(np.pi * t**0.8) ** 0.9
        upper, lower = np.stack([t, bow + half], 1), np.stack([t, bow - half], 1)[::-1]
        turn = np.array([[np.cos(self.angle), np.sin(self.angle)], [-np.sin(self.angle), np.cos(self.angle)]])
        return array(np.vstack([upper, lower]) @ turn * self.length + np.array(self.at))


@dataclass(frozen=True, slots=True)
class Flame:
    """A flame from a point, so tall: it lights and is not lit."""

    at: tuple[float, float]
    tall: float
    takes: bool = False

    def shape(self) -> Array:
        """Give its outline (n, 2): a drop."""
        t = np.linspace(0, 1, 28)
        half = 0.20 * np.sin(np.pi * t**0.62) ** 1.2 * (1 - 0.25 * t)
        sway = 0.05 * np.sin(2.2 * t)
        right, left = np.stack([sway + half, t], 1), np.stack([sway - half, t], 1)[::-1]
        return array(np.vstack([right, left]) * self.tall + np.array(self.at))


Trimming = Tube | Leaf | Flame


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A trimming in pixels: where its rectangle is, and its alpha, normals and colours there."""

    window: tuple[slice, slice]
    alpha: Array
    normals: Array
    colours: Array
    glows: bool = False


def placed(trim: Trimming, shape: tuple[int, int], frame: Frame, base: Array, rng: np.random.Generator) -> Piece | None:
    """Draw a trimming into a picture of `shape` that shows the `frame` (left, top, right, bottom; y up)."""
    h, w = shape
    left, top, right, bottom = frame
    unit_x, unit_y = w / (right - left), h / (top - bottom)
    points = (trim.shape() - array([left, top])) * array([unit_x, -unit_y])
    x0, y0 = (max(0, int(v) - 2) for v in points.min(axis=0))
    x1, y1 = (int(v) + 3 for v in points.max(axis=0))
    x1, y1 = min(w, x1), min(h, y1)
    if x1 - x0 < 2 or y1 - y0 < 2:
        return None
    corner = array([x0, y0])
    mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
    cv2.fillPoly(mask, [fixed(points - corner - 0.5)], 255, cv2.LINE_AA, 4)
    alpha = array(mask) * np.float32(1 / 255)
    window = slice(y0, y1), slice(x0, x1)
    if isinstance(trim, Flame):
        return Piece(window, alpha, np.zeros((*alpha.shape, 3), np.float32), _fire(alpha), glows=True)
    # where each pixel is from the trimming's foot, in the picture's units
    foot = trim.line[0] if isinstance(trim, Tube) else trim.at
    yy, xx = np.indices(alpha.shape, dtype=np.float32)
    across = (xx + np.float32(x0 + 0.5)) / np.float32(unit_x) + np.float32(left - foot[0])
    upwards = np.float32(top - foot[1]) - (yy + np.float32(y0 + 0.5)) / np.float32(unit_y)
    tone = (
        _veins(trim, array(across), array(upwards)) if isinstance(trim, Leaf) else _grain(alpha.shape, rng, trim.rough)
    )
    if not trim.takes:
        # darker towards its foot, where the body keeps the light away
        reach = np.float32(0.55 * max(alpha.shape) / unit_y)
        tone *= 1 - np.float32(trim.dark) * np.clip(1 - np.hypot(across, upwards) / reach, 0, 1)
    colour = base if trim.takes else rgb(trim.colour)
    return Piece(window, alpha, _swollen(mask), array(tone[..., None] * colour))


def _grain(shape: tuple[int, ...], rng: np.random.Generator, amount: float) -> Array:
    """Give streaks of light and dark, about 1 (h, w), as strong as `amount`."""
    noise = rng.random((max(2, shape[0] // 5), max(2, shape[1] // 2)), dtype=np.float32)
    return array(
        cv2.resize(noise, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC) * (0.30 * amount) + 1 - 0.15 * amount
    )


def _veins(leaf: Leaf, across: Array, upwards: Array) -> Array:
    """Give a leaf's midrib and side veins, light on a darker blade, about 1 (h, w)."""
    c, s = np.float32(np.cos(leaf.angle) / leaf.length), np.float32(np.sin(leaf.angle) / leaf.length)
    along, aside = c * across + s * upwards, c * upwards - s * across
    aside = np.abs(aside - np.float32(0.14) * np.sin(np.float32(np.pi) * np.clip(along, 0, 1)))
    rib = np.exp(-((aside / np.float32(0.022)) ** 2))
    side = np.abs(np.mod((along - np.float32(0.9) * aside) * 9, 1) - np.float32(0.5)) * 2
    return array(0.90 + 0.30 * rib + 0.16 * np.exp(-((side / np.float32(0.22)) ** 2)) + 0.10 * (along - 0.5))


def _fire(alpha: Array) -> Array:
    """Colour a flame: white gold within, orange without, blue at its foot."""
    inner = np.clip(blur(alpha, max(1.0, 0.10 * alpha.shape[1])) * 2 - 1, 0, 1)[..., None]
    rows = np.linspace(0, 1, alpha.shape[0], dtype=np.float32)[:, None, None]
    fire = rgb("#ff8a1e") + (rgb("#fff6c8") * np.float32(1.2) - rgb("#ff8a1e")) * inner
    return array(fire + (rgb("#6f86d8") - fire) * np.clip(rows - 0.82, 0, 1) * np.float32(3.0))


def _swollen(mask: NDArray[np.uint8]) -> Array:
    """Give the normals of a shape swollen to a round section, from the distance to its outline (h, w, 3)."""
    inside = cv2.copyMakeBorder(np.asarray(mask > 100, np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    distance = array(cv2.distanceTransform(inside, cv2.DIST_L2, 5))
    thick = max(1.0, float(distance.max()))
    ridge = blur(array(cv2.dilate(distance, np.ones((3, 3), np.uint8), iterations=max(1, round(thick)))), 1.5 * thick)
    share = np.clip(distance / np.maximum(ridge, 1), 0, 1)
    height = blur(array(np.sqrt(share * (2 - share)) * ridge), max(0.5, 0.22 * thick))
    gx = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3)[1:-1, 1:-1] / 8
    gy = cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3)[1:-1, 1:-1] / 8
    length = np.sqrt(gx * gx + gy * gy + 1)
    return array(cv2.merge([array(-gx / length), array(-gy / length), array(1 / length)]))
