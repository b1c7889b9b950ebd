"""The pixel toolbox: blur, noise, gradients, masks and compositing, written to be cheap on one core.

Images are float32 arrays of shape (H, W, 3), sRGB values 0..1 (above 1 is light that blooms
later); masks are float32 (H, W), 0..1. Positions are pixels, x to the right, y down.

Nothing here depends on the size of the picture except through the lengths it is given: noise is
read from one fixed lattice at an offset drawn from the generator, so that the same generator and
lengths in proportion to the picture give the same composition at every size.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float32]
Colour = NDArray[np.float32]
Stops = Sequence[tuple[float, "str | ArrayLike"]]

LATTICE = 512
OCTAVES = 12
SHIFT = 4
FINEST_CELL = 1.5
LARGE = 4096


def array(values: ArrayLike) -> Array:
    """Give the values as float32, without a copy where they are that already."""
    return np.asarray(values, dtype=np.float32)


def rgb(colour: str | ArrayLike) -> Colour:
    """Turn "#rrggbb" (or anything that is a colour already) into three float32 values in 0..1."""
    if not isinstance(colour, str):
        return array(colour)
    digits = colour.lstrip("#")
    return array([int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)])


def mix(a: ArrayLike, b: ArrayLike, t: ArrayLike) -> Array:
    """Blend linearly from `a` (t = 0) to `b` (t = 1); shapes broadcast."""
    start, end, share = array(a), array(b), array(t)
    if share.ndim == 3 and share.shape[2] == 1 and share.size > LARGE:
        return _mix_large(start, end, np.ascontiguousarray(share[..., 0]))
    return array(start + (end - start) * share)


def _mix_large(start: Array, end: Array, share: Array) -> Array:
    """Blend two colours or images by a field (H, W) without the temporaries of numpy: about 5 times faster."""
    h, w = share.shape
    if start.ndim == 1 and end.ndim == 1:
        return array(cv2.merge([share * (e - s) + s for s, e in zip(start, end, strict=True)]))
    if any(given.shape[-1:] != (3,) for given in (start, end)):
        return array(start + (end - start) * share[..., None])
    return array(cv2.blendLinear(_spread(start, h, w), _spread(end, h, w), np.float32(1) - share, share))


def smoothstep(a: float, b: float, x: ArrayLike) -> Array:
    """Rise smoothly from 0 at `a` to 1 at `b` (Hermite, as in the RenderMan shading language); `a` may exceed `b`."""
    t = np.subtract(array(x), np.float32(a), dtype=np.float32)
    t *= np.float32(1 / (b - a))
    t = np.clip(t, 0, 1, out=t) if isinstance(t, np.ndarray) else array(np.clip(t, 0, 1))
    return array(t * t * (3 - 2 * t))


def resize(image: Array, width: int, height: int, *, smooth: bool = False) -> Array:
    """Bring an image to another size: by area when it shrinks, else linear, or cubic where `smooth`."""
    if (width, height) == (image.shape[1], image.shape[0]):
        return image
    shrinks = width < image.shape[1] and height < image.shape[0]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC if smooth else cv2.INTER_LINEAR
    return array(cv2.resize(image, (max(1, width), max(1, height)), interpolation=method))


def blur(image: Array, sigma: float) -> Array:
    """Blur with a Gaussian of `sigma` pixels; a wide one is done on a reduced copy, about 30 times faster.

    Source: the image pyramid of Burt and Adelson, "The Laplacian pyramid as a compact image code", 1983.
    """
    if sigma <= 0.3:
        return image
    if sigma < 4:
        return array(cv2.GaussianBlur(image, (0, 0), sigma))
    height, width = image.shape[:2]
    reduction = sigma / 2.2
    small = resize(image, max(2, round(width / reduction)), max(2, round(height / reduction)))
    small = array(cv2.GaussianBlur(small, (0, 0), max(0.4, sigma * small.shape[0] / height)))
    return array(
        cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC if reduction < 6 else cv2.INTER_LINEAR)
    )


def fork(rng: np.random.Generator) -> np.random.Generator:
    """Draw an independent generator, so that one part may draw as much as it likes and move no other part."""
    return np.random.default_rng(int(rng.integers(0, 2**62)))


@lru_cache(maxsize=1)
def _lattice() -> Array:
    """Give the one field of random values in 0..1 that all noise reads; it wraps around."""
    return np.random.default_rng(20_000).random((LATTICE, LATTICE), dtype=np.float32)


def _patch(rows: int, columns: int, origin: NDArray[np.int64]) -> Array:
    """Give a copy of rows x columns lattice values from `origin` on, wrapping."""
    down = (np.arange(rows) + int(origin[0])) % LATTICE
    across = (np.arange(columns) + int(origin[1])) % LATTICE
    return np.ascontiguousarray(_lattice()[down[:, None], across[None, :]])


def _value_noise(h: int, w: int, cell_x: float, cell_y: float, origin: NDArray[np.int64]) -> Array:
    rows, columns = int(np.ceil(h / cell_y)) + 1, int(np.ceil(w / cell_x)) + 1
    size = max(w, round(columns * cell_x)), max(h, round(rows * cell_y))
    return array(cv2.resize(_patch(rows, columns, origin), size, interpolation=cv2.INTER_CUBIC)[:h, :w])


def noise(h: int, w: int, cell_x: float, cell_y: float, rng: np.random.Generator) -> Array:
    """Smooth value noise, about 0..1, with one random value in every cell of cell_x by cell_y pixels."""
    origin = rng.integers(0, LATTICE, 2)
    return _value_noise(h, w, max(cell_x, 1), max(cell_y, 1), origin)


def fbm(
    h: int, w: int, scale: float, octaves: int, rng: np.random.Generator, *, aspect: float = 1.0, gain: float = 0.5
) -> Array:
    """Fractal noise around 0.5: octaves of ever finer value noise, the first with cells of `scale` pixels.

    `aspect` stretches the cells sideways; `gain` is what is left of the amplitude from octave to
    octave. Octaves finer than a pixel are left out, coarse ones are made small and enlarged.
    Source: Perlin, "An image synthesizer", 1985; Musgrave in "Texturing and Modeling", ch. 16.
    """
    origins = rng.integers(0, LATTICE, (OCTAVES, 2))
    amplitudes = gain ** np.arange(max(1, octaves))
    amplitudes /= amplitudes.sum()
    kept = [k for k in range(len(amplitudes)) if k == 0 or scale / 2**k >= FINEST_CELL]
    total = np.zeros((1, 1), np.float32)
    for k in kept:
        reduction = max(1.0, min(4.0 * 2 ** (kept[-1] - k), scale / 2**k / 6)) if k < kept[-1] else 1.0
        size = max(2, round(w / reduction)), max(2, round(h / reduction))
        cell = max(1.0, scale / 2**k)
        fine = _value_noise(size[1], size[0], cell * aspect * size[0] / w, cell * size[1] / h, origins[k % OCTAVES])
        fine -= 0.5
        fine *= np.float32(amplitudes[k])
        total = fine if k == 0 else array(cv2.add(cv2.resize(total, size, interpolation=cv2.INTER_CUBIC), fine))
    total = resize(total, w, h, smooth=True)
    total += 0.5
    return total


def profile(w: int, scale: float, octaves: int, rng: np.random.Generator, gain: float = 0.5) -> Array:
    """One line of fractal noise, shape (w,), around 0.5: the outline of hills, clouds of trees, a shore."""
    origins = rng.integers(0, LATTICE, (OCTAVES, 2))
    x = np.arange(w, dtype=np.float64)
    amplitudes = gain ** np.arange(max(1, octaves))
    line = np.full(w, 0.5)
    for k, amplitude in enumerate(amplitudes / amplitudes.sum()):
        cell = max(1.0, scale / 2**k)
        values = _patch(1, int(np.ceil(w / cell)) + 3, origins[k % OCTAVES])[0]
        t = x / cell
        i = t.astype(np.intp)
        f = t - i
        line += amplitude * (values[i] + (values[i + 1] - values[i]) * f * f * (3 - 2 * f) - 0.5)
    return array(line)


def column(h: int, stops: Stops) -> Array:
    """Make a vertical run of colours, (h, 1, 3); `stops` are (0..1 from the top, colour), rounded at the corners."""
    at = np.linspace(0, 1, 513)
    positions = [position for position, _ in stops]
    colours = np.stack([rgb(colour) for _, colour in stops])
    table = np.stack([np.interp(at, positions, colours[:, c]) for c in range(3)], 1).astype(np.float32)
    table = array(cv2.GaussianBlur(table[:, None], (1, 0), sigmaX=0.1, sigmaY=9, borderType=cv2.BORDER_REPLICATE))
    return resize(table.reshape(513, 1, 3), 1, h)


def gradient(h: int, w: int, stops: Stops) -> Array:
    """Make a vertical gradient as an image (h, w, 3); see `column` for the stops."""
    return np.repeat(column(h, stops), w, axis=1)


def bounds(mask: Array, threshold: float = 1 / 512) -> tuple[slice, slice] | None:
    """Give the rows and columns that a mask touches at all, or None where it is empty."""
    rows = np.flatnonzero(cv2.reduce(mask, 1, cv2.REDUCE_MAX).ravel() > threshold)
    if not len(rows):
        return None
    across = slice(int(rows[0]), int(rows[-1]) + 1)
    columns = np.flatnonzero(cv2.reduce(mask[across], 0, cv2.REDUCE_MAX).ravel() > threshold)
    return across, slice(int(columns[0]), int(columns[-1]) + 1)


def _spread(colour: ArrayLike, h: int, w: int) -> Array:
    """Give a colour, a column of colours or an image as a contiguous image (h, w, 3)."""
    given = array(colour)
    if given.ndim == 1:
        return np.repeat(np.tile(given, w).reshape(1, w, 3), h, axis=0)
    if given.shape[:2] == (h, 1):
        return np.repeat(given, w, axis=1)
    return np.ascontiguousarray(np.broadcast_to(given, (h, w, 3)))


def _within(colour: ArrayLike, box: tuple[slice, slice]) -> Array:
    """Give the part of a colour, column, row or image that falls into the box."""
    given = array(colour)
    if given.ndim == 3:
        given = given[box[0] if given.shape[0] > 1 else slice(None), box[1] if given.shape[1] > 1 else slice(None)]
    return _spread(given, box[0].stop - box[0].start, box[1].stop - box[1].start)


def over(canvas: Array, colour: ArrayLike, mask: Array) -> Array:
    """Paint `colour` (one colour, a column (H, 1, 3) or an image) over the canvas through the mask, in place.

    Only the rectangle that the mask touches is worked on. Source: Porter and Duff, "Compositing digital images", 1984.
    """
    box = bounds(mask)
    if box is None:
        return canvas
    alpha = np.ascontiguousarray(mask[box])
    part = np.ascontiguousarray(canvas[box])
    canvas[box] = cv2.blendLinear(_within(colour, box), part, alpha, np.float32(1) - alpha)
    return canvas


def add(canvas: Array, colour: ArrayLike, mask: Array) -> Array:
    """Add light of one colour (or a column or image of it) where the mask is, in place, on the touched rectangle."""
    box = bounds(mask)
    if box is None:
        return canvas
    alpha, given = mask[box], array(colour)
    if given.ndim == 1:
        light = array(cv2.merge([array(alpha * value) for value in given]))
    else:
        light = array(cv2.multiply(_within(given, box), cv2.merge([alpha, alpha, alpha])))
    canvas[box] += light
    return canvas


def shade(canvas: Array, factor: Array) -> Array:
    """Multiply the canvas by a factor per pixel (H, W) or per pixel and channel, in place."""
    if factor.ndim == 2:
        factor = array(cv2.merge([factor, factor, factor]))
    cv2.multiply(canvas, factor, dst=canvas)
    return canvas


def screen(canvas: Array, light: Array) -> Array:
    """Add light that saturates: 1 - (1 - canvas)(1 - light), in place; `light` is an image of the same shape."""
    both = array(cv2.multiply(canvas, light))
    canvas += light
    canvas -= both
    return canvas


def glow(canvas: Array, at: tuple[float, float], radius: float, colour: ArrayLike, strength: float) -> Array:
    """Put a soft glow around `at` (x, y) on the canvas, in place; half as bright at about half the radius.

    The fall-off 1 / (1 + 3 d^2)^1.6 has the long tail of scattered light (a Moffat profile, 1969); it is made at a
    sixth of the size, for it has no edges.
    """
    height, width = canvas.shape[:2]
    h, w = max(2, height // 6), max(2, width // 6)
    down = ((np.arange(h, dtype=np.float32) + 0.5) * (height / h) - at[1])[:, None] / radius
    across = ((np.arange(w, dtype=np.float32) + 0.5) * (width / w) - at[0])[None] / radius
    fall = (1 + 3 * (down * down + across * across)) ** np.float32(-1.6) * np.float32(strength)
    light = np.clip(fall[..., None] * rgb(array(colour)), 0, 1)
    return screen(canvas, array(cv2.resize(array(light), (width, height), interpolation=cv2.INTER_LINEAR)))


def fixed(points: ArrayLike) -> NDArray[np.int32]:
    """Points in the fixed-point form OpenCV draws with (4 fractional bits)."""
    scaled: NDArray[np.int32] = np.round(np.asarray(points, dtype=np.float64) * 2**SHIFT).astype(np.int32)
    return scaled


def polygons(h: int, w: int, shapes: Sequence[ArrayLike]) -> Array:
    """Draw a mask of many polygons, each a list of (x, y), filled with soft edges."""
    mask = np.zeros((h, w), np.uint8)
    for points in shapes:
        cv2.fillPoly(mask, [fixed(points)], 255, cv2.LINE_AA, SHIFT)
    return array(mask) * np.float32(1 / 255)


def polygon(h: int, w: int, points: ArrayLike) -> Array:
    """Draw a mask of one polygon, filled with soft edges."""
    return polygons(h, w, [points])


def below(h: int, line: Array) -> Array:
    """Draw a mask of everything below a line, given as one y per column; the edge is one pixel soft."""
    return array(np.clip(np.arange(h, dtype=np.float32)[:, None] + np.float32(0.5) - line[None, :], 0, 1))


def discs(h: int, w: int, circles: ArrayLike) -> Array:
    """Draw a mask of discs, each (x, y, radius, value 0..1); where they overlap the later one stands."""
    mask = np.zeros((h, w), np.uint8)
    for x, y, radius, value in np.asarray(circles, dtype=np.float64).reshape(-1, 4):
        centre, size = fixed((x, y)), max(1, round(radius * 2**SHIFT))
        cv2.circle(mask, (int(centre[0]), int(centre[1])), size, value * 255, -1, cv2.LINE_AA, SHIFT)
    return array(mask) * np.float32(1 / 255)
