"""Pictures given, as pixels: decoding, masks, and laying a new painting over an old picture."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image, ImageOps

from limner.engines.illustrator.pixels import Array, array
from limner.errors import BadRequest

if TYPE_CHECKING:
    from limner.engines.base import Given
    from limner.engines.illustrator.printing.finish import Pixels

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MOST_PIXELS = 64_000_000
FEATHER = 0.012
"""How wide the seam between old and new is, as a share of the shorter side; it lies within what may change."""
CLEAR = 128
"""Alpha below which a mask's pixel is to be changed."""
SAME_SHAPE = 0.02

Box = tuple[float, float, float, float]


def decoded(given: Given) -> Pixels:
    """Give a picture's pixels upright, uint8 (H, W, 3), or (H, W, 4) where anything of it is clear.

    Raises `BadRequest` naming `image` for what is no picture, or one too large.
    """
    image = _opened(given.data, "image")
    rgba = np.asarray(image.convert("RGBA"), np.uint8)
    return np.ascontiguousarray(rgba if rgba[..., 3].min() < 255 else rgba[..., :3])


def _opened(data: bytes, param: str) -> Image.Image:
    """Open a picture, turned as its EXIF orientation says."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(data), formats=FORMATS)
            if image.width * image.height <= MOST_PIXELS:
                image.load()
                return ImageOps.exif_transpose(image)
    except Exception as problem:  # Pillow raises a dozen sorts on damaged files
        raise BadRequest("The picture cannot be read: it must be a whole PNG, JPEG or WebP.", param=param) from problem
    raise BadRequest(f"The picture has more than {MOST_PIXELS:,} pixels.", param=param)


def area(mask: bytes, size: tuple[int, int]) -> tuple[Array, Box]:
    """Give where a mask lets a picture of `size` be changed: 0..1 (H, W), and the box around it in shares.

    The seam lies inside, so that outside not a pixel changes. Raises `BadRequest` naming `mask` for a mask without
    clear pixels, or of another shape.
    """
    image = _opened(mask, "mask")
    alpha = np.asarray(image.convert("RGBA"), np.uint8)[..., 3]
    width, height = size
    if abs(image.width / image.height - width / height) > SAME_SHAPE * width / height:
        raise BadRequest("The mask has another shape than the picture.", param="mask")
    alpha = np.asarray(cv2.resize(alpha, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    free = (alpha < CLEAR).astype(np.uint8)
    rows, columns = np.flatnonzero(free.any(axis=1)), np.flatnonzero(free.any(axis=0))
    if not rows.size:
        raise BadRequest("The mask has no clear pixels, so nothing may be changed.", param="mask")
    seam = max(1.0, FEATHER * min(size))
    soft = array(np.clip(cv2.distanceTransform(np.pad(free, 1, mode="edge"), cv2.DIST_L2, 5)[1:-1, 1:-1] / seam, 0, 1))
    box = columns[0] / width, rows[0] / height, (columns[-1] + 1) / width, (rows[-1] + 1) / height
    return soft, (float(box[0]), float(box[1]), float(box[2]), float(box[3]))


def merged(old: Pixels, new: Pixels, share: Array) -> Pixels:
    """Lay a new picture over an old one of the same size by shares (H, W); where a share is 0 the old one stays."""
    if old.shape[2] != new.shape[2]:
        old, new = _with_alpha(old), _with_alpha(new)
    mixed = old + (new.astype(np.float32) - old) * share[..., None]
    return np.asarray(np.round(mixed).clip(0, 255), np.uint8)


def _with_alpha(pixels: Pixels) -> Pixels:
    if pixels.shape[2] == 4:
        return pixels
    return np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])


def covering(pixels: Pixels, width: int, height: int) -> Pixels:
    """Bring a picture to a size, cutting off at both ends what does not fit."""
    h, w = pixels.shape[:2]
    scale = max(width / w, height / h)
    wide, high = min(w, round(width / scale)), min(h, round(height / scale))
    x, y = (w - wide) // 2, (h - high) // 2
    return scaled(pixels[y : y + max(1, high), x : x + max(1, wide)], width, height)


def scaled(pixels: Pixels, width: int, height: int) -> Pixels:
    """Bring a picture to a size: by area where it shrinks, else by Lanczos."""
    if pixels.shape[:2] == (height, width):
        return pixels
    shrinks = width <= pixels.shape[1] and height <= pixels.shape[0]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LANCZOS4
    if pixels.shape[2] == 3:
        return np.asarray(cv2.resize(pixels, (width, height), interpolation=method), np.uint8)
    # Colours are weighed by their cover, or what is clear would bleed in.
    cover = pixels[..., 3:].astype(np.float32) / 255
    parts = np.dstack([pixels[..., :3] * cover, cover])
    small = cv2.resize(array(parts), (width, height), interpolation=method)
    alpha = np.clip(small[..., 3:], 0, 1)
    colours = np.clip(small[..., :3] / np.maximum(alpha, 1e-3), 0, 255)
    return np.asarray(np.round(np.dstack([colours, alpha * 255])), np.uint8)
