"""Lines: where a picture has contours, which way its forms run, and the tremor of the hand that follows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from limner.engines.illustrator.pixels import Array, array, blur, fbm, resize, smoothstep
from limner.engines.illustrator.printing.finish import quantised

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from limner.engines.illustrator.printing.finish import Pixels

CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.uint8)


def wobbled(pixels: Pixels, amount: float, rng: np.random.Generator) -> Pixels:
    """Outlines as an unsteady hand draws them: displaced by smooth noise of `amount` pixels."""
    height, width = pixels.shape[:2]
    size = min(height, width)
    w, h = max(2, width // 3), max(2, height // 3)
    shifts = [(fbm(h, w, size / 54, 3, rng) - 0.5) * (4 * amount) for _ in range(2)]
    columns, rows = (resize(array(shift), width, height) for shift in shifts)
    columns += np.arange(width, dtype=np.float32)[None]
    rows += np.arange(height, dtype=np.float32)[:, None]
    return np.asarray(cv2.remap(pixels, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT), dtype=np.uint8)


def ramp(low: float, high: float, field: Array) -> Array:
    """Rise from 0 at `low` to 1 at `high` as `smoothstep` does, for fields within 0..1: through a table of bytes."""
    table = smoothstep(low, high, np.arange(256, dtype=np.float32) / np.float32(255))
    return array(cv2.LUT(quantised(field), table))


def shifted(image: Array | Pixels, across: float, down: float) -> NDArray[Any]:
    """Move a picture by a part of a pixel or more, right and down; its border is drawn out."""
    move = np.array([(1.0, 0.0, across), (0.0, 1.0, down)], np.float32)
    return np.asarray(cv2.warpAffine(image, move, image.shape[1::-1], borderMode=cv2.BORDER_REPLICATE))


def grey(pixels: Pixels) -> Array:
    """Give the luma of a picture, 0..1 (H, W)."""
    return array(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)) * np.float32(1 / 255)


def edges(image: Array) -> Array:
    """How strongly a picture of luma changes, about 0..1, in lines a few pixels wide."""
    size = min(image.shape[:2])
    soft = blur(image, max(0.8, size / 640))
    change = cv2.morphologyEx(soft, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    return array(np.clip(blur(array(change), max(0.6, size / 1200)) * np.float32(5 * size / 1024 + 1), 0, 1))


def outlines(owner: NDArray[np.uint16], width: float) -> Array:
    """Give soft lines of about `width` pixels, 0..1 (H, W), wherever a figure ends."""
    change = np.asarray(cv2.morphologyEx(owner, cv2.MORPH_GRADIENT, CROSS) > 0, np.uint8) * np.uint8(255)
    reach = max(1, round(width / 2))
    if reach > 1:
        change = np.asarray(cv2.dilate(change, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach * 2 - 1,) * 2)))
    return array(cv2.GaussianBlur(change, (0, 0), max(0.6, width / 5))) * np.float32(1 / 255)


def pen(luma: Array, sigma: float, sharpness: float = 18.0, level: float = 0.31, softness: float = 0.15) -> Array:
    """Draw the dark contours of a luma picture, 0..1 (H, W): 1 is a line, or an area too dark to be anything else.

    Source: Winnemoeller, Kyprianidis and Olsen, "XDoG: an extended difference-of-Gaussians compendium", 2012.
    """
    sharp = cv2.addWeighted(blur(luma, sigma), 1 + sharpness, blur(luma, 1.6 * sigma), -sharpness, 0)
    return ramp(level + softness, level - softness, array(sharp))


def traced(luma: Array, sigma: float, strength: float = 12.0) -> Array:
    """Draw lines alone along dark valleys and borders, 0..1 (H, W), whatever the tone around them.

    Source: the difference of Gaussians of Marr and Hildreth, "Theory of edge detection", 1980.
    """
    valley = cv2.subtract(blur(luma, 1.6 * sigma), blur(luma, sigma))
    return array(np.clip((valley - np.float32(0.006)) * np.float32(strength), 0, 1))


def flow(luma: Array, sigma: float) -> tuple[Array, Array]:
    """Tell which way forms run: unit vectors (x, y) along the contours, smooth over `sigma` pixels.

    Source: the smoothed structure tensor of Kyprianidis and Doellner, "Image abstraction by structure adaptive
    filtering", 2008, after Brox et al., "Adaptive structure tensors", 2006.
    """
    dx, dy = cv2.Sobel(luma, cv2.CV_32F, 1, 0), cv2.Sobel(luma, cv2.CV_32F, 0, 1)
    tensor = array(cv2.merge([dx * dx, dy * dy, dx * dy]))
    xx, yy, xy = (array(plane) for plane in cv2.split(blur(tensor, sigma)))
    # Where the picture is flat there is no form to follow; a hand then strokes level, a little downhill.
    angle = 0.5 * cv2.phase(xx - yy - np.float32(2e-5), 2 * xy + np.float32(6e-6)) + np.float32(np.pi / 2)
    return array(np.cos(angle)), array(np.sin(angle))


def along(field: Array, direction: tuple[Array, Array], step: float, steps: int) -> Array:
    """Smear noise along a flow, `steps` steps of `step` pixels either way: bristles, pencil strokes.

    Each round doubles the reach of the last. Source: Cabral and Leedom, "Imaging vector fields using line integral
    convolution", SIGGRAPH 1993.
    """
    height, width = field.shape
    x, y = np.arange(width, dtype=np.float32)[None], np.arange(height, dtype=np.float32)[:, None]
    for k in range(steps):
        reach = np.float32(step * 2**k)
        ahead = cv2.remap(field, x + direction[0] * reach, y + direction[1] * reach, cv2.INTER_LINEAR, borderMode=4)
        behind = cv2.remap(field, x - direction[0] * reach, y - direction[1] * reach, cv2.INTER_LINEAR, borderMode=4)
        field = array(cv2.addWeighted(field, 0.4, cv2.add(ahead, behind), 0.3, 0))
    return field
